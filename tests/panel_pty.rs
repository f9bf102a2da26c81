//! The real program in a real pseudo-terminal: walked with the keyboard alone, resized, suspended,
//! killed, and left behind as it found its terminal.

mod common;

use std::path::Path;

use common::pty::{Key, Panel, Size};
use rustix::process::Signal;

const SIZE: Size = (30, 100);

/// The demo, with its clock standing still and everything of a person's own out of the way.
fn demo(home: &Path, size: Size) -> Panel {
    let home = home.display().to_string();
    let mut panel = Panel::start(&["demo", "--paused"], size, &[("HOME", &home)]);
    panel.wait_for("shop.example.com");
    panel
}

/// Leaves one entry in the list.
fn find(panel: &mut Panel, name: &str, state: &str) {
    panel.press("/");
    for _ in 0..60 {
        panel.press_key(Key::Backspace);
    }
    panel.press(name);
    panel.press_key(Key::Enter);
    panel.wait_for(state);
}

/// Looks at a tab of the details, and leaves it again.
fn look(panel: &mut Panel, tab: &str, text: &str) {
    panel.press(tab);
    panel.wait_for(text);
}

#[test]
fn the_story_of_two_minutes_with_the_keyboard_alone() {
    let home = tempfile::tempdir().unwrap();
    let mut panel = demo(home.path(), (40, 120));

    // Pays an invoice and follows the order until it is issued.
    find(&mut panel, "*.shop.example.net", "Outstanding invoice");
    panel.press("i");
    panel.wait_for("Pay (sandbox)");
    panel.press_key(Key::Right);
    panel.press_key(Key::Right);
    panel.press_key(Key::Enter);
    panel.wait_for("Registration");
    for (event, state) in [
        ("Registered with the CA", "Verification is performed"),
        ("Verified and issued", "Certificate issued"),
    ] {
        panel.press("n");
        panel.wait_for(event);
        choose(&mut panel, event);
        // The menu names the state, too; what counts is that the entry has it.
        panel.wait_gone("Let it happen");
        panel.wait_for(state);
    }

    // Reads its details and reveals its key.
    look(&mut panel, "2", "[Product]");
    look(&mut panel, "1", "[General]");
    panel.wait_for("Paid until");
    look(&mut panel, "2", "49.00 EUR");
    look(&mut panel, "3", "••••••••");
    let masked = !panel.screen().contains("PRIVATE KEY-----");
    assert!(masked, "the key is masked until asked for");
    panel.press("K");
    panel.wait_for("BEGIN PRIVATE KEY-----");
    look(&mut panel, "5", "Private key revealed");

    // Sees why it cannot be renewed yet.
    panel.press("r");
    panel.wait_for("possible within 30 days of expiry");

    // Renews an expired one and sees the new order linked to it.
    find(&mut panel, "shop.example.com", "Expired");
    panel.press("r");
    panel.wait_for("Order the renewal");
    panel.press_key(Key::Left);
    panel.press_key(Key::Enter);
    panel.wait_for("Outstanding invoice");
    look(&mut panel, "1", "Renews       shop.example.com");

    quit(&mut panel);
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}

/// Moves down in an open menu until the cursor is on a line, and does it.
fn choose(panel: &mut Panel, line: &str) {
    for _ in 0..20 {
        let marked = |row: &str| row.contains('▌') && row.contains(line);
        if panel.screen().lines().any(marked) {
            return panel.press_key(Key::Enter);
        }
        let before = panel.screen();
        panel.press_key(Key::Down);
        panel.wait_until("the cursor moves", |now| now.shown() != before);
    }
    panic!("{line:?} cannot be reached:\n{}", panel.screen());
}

/// From wherever one is.
fn quit(panel: &mut Panel) {
    panel.press_key(Key::Ctrl('c'));
}

#[test]
fn the_safe_button_is_the_default_and_a_pasted_newline_confirms_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut panel = demo(home.path(), SIZE);
    find(&mut panel, "shop.example.com", "Expired");
    panel.press("r");
    panel.wait_for("Order the renewal");
    panel.paste("\n\n");
    panel.wait_for("Order the renewal");
    panel.press_key(Key::Enter);
    panel.wait_gone("Order the renewal");
    assert!(
        !panel.screen().contains("Outstanding invoice"),
        "{}",
        panel.screen()
    );
    quit(&mut panel);
    assert_eq!(panel.exit_code(), 0);
}

#[test]
fn any_size_can_be_had_and_taken_back() {
    let home = tempfile::tempdir().unwrap();
    let mut panel = demo(home.path(), (24, 80));
    for size in [(1, 1), (2, 8), (8, 20), (50, 200), (12, 40), (24, 80)] {
        panel.resize(size);
    }
    panel.wait_for("shop.example.com");
    panel.press("?");
    panel.wait_for("Help");
    panel.resize((8, 20));
    panel.resize((24, 80));
    panel.wait_for("Help");
    quit(&mut panel);
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}

#[test]
fn signals_end_it_with_their_code_and_a_clean_terminal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let home = tempfile::tempdir().unwrap();
        let mut panel = demo(home.path(), SIZE);
        panel.signal(signal);
        assert_eq!(panel.exit_code(), code, "{signal:?}");
        panel.assert_as_found();
    }
}

#[test]
fn ctrl_c_ends_it_like_q() {
    let home = tempfile::tempdir().unwrap();
    let mut panel = demo(home.path(), SIZE);
    panel.press_key(Key::Ctrl('c'));
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}

#[test]
fn suspended_and_brought_back_under_a_shell() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().display().to_string();
    let arguments = ["--norc", "--noprofile", "-i"];
    let environment = [("PS1", "prompt> "), ("HOME", folder.as_str())];
    let mut panel = Panel::start_program("bash", &arguments, SIZE, &environment);
    panel.wait_for("prompt>");
    panel.press(concat!(env!("CARGO_BIN_EXE_certdeck"), " demo --paused\r"));
    panel.wait_for("shop.example.com");
    panel.press_key(Key::Ctrl('z'));
    panel.wait_for("Stopped");
    assert!(
        !panel.modes().alternate_screen(),
        "the shell has its screen back"
    );
    panel.press("fg\r");
    panel.wait_for("shop.example.com");
    panel.press("?");
    panel.wait_for("Help");
    quit(&mut panel);
    // What is typed before the shell reads again may be thrown away with the panel.
    panel.wait_until("the shell asks again", |now| {
        now.shown().matches("prompt>").count() == 3
    });
    panel.press("exit\r");
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}

#[test]
fn the_throw_away_store_goes_away_with_the_demo_also_when_it_is_killed_politely() {
    for signal in [None, Some(Signal::TERM)] {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().display().to_string();
        let environment = [("HOME", folder.as_str()), ("TMPDIR", folder.as_str())];
        let mut panel = Panel::start(&["demo", "--paused"], SIZE, &environment);
        panel.wait_for("shop.example.com");
        let stores = || {
            let names = std::fs::read_dir(home.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name());
            names
                .filter(|name| name.to_string_lossy().contains("certdeck-demo"))
                .count()
        };
        assert_eq!(stores(), 1);
        match signal {
            Some(signal) => panel.signal(signal),
            None => panel.press("q"),
        }
        panel.wait_end();
        assert_eq!(stores(), 0, "{signal:?}");
    }
}

#[test]
fn an_empty_store_greets_with_the_ways_in_and_a_broken_one_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("store");
    let (place, folder) = (
        store.display().to_string(),
        home.path().display().to_string(),
    );
    let environment = [("HOME", folder.as_str())];
    let mut panel = Panel::start(&["--store", &place], SIZE, &environment);
    panel.wait_for("import");
    panel.wait_for("order");
    panel.press("q");
    assert_eq!(panel.exit_code(), 0);

    // Its journal's header, as a version of years to come would write it.
    let journal = store.join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let (header, _) = text.split_once('\n').unwrap();
    let (content, _) = header.split_once(",\"crc\":").unwrap();
    let content = content.replace("\"version\":1", "\"version\":99");
    let crc = crc32fast::hash(format!("{content}}}").as_bytes());
    let newer = format!("{content},\"crc\":\"{crc:08x}\"}}\n");
    std::fs::write(&journal, &newer).unwrap();
    let mut panel = Panel::start(&["--store", &place], SIZE, &environment);
    panel.wait_for("version");
    assert_eq!(panel.exit_code(), 5);
    panel.assert_as_found();
    assert_eq!(
        std::fs::read_to_string(&journal).unwrap(),
        newer,
        "it was not touched"
    );
}

#[test]
fn a_headless_change_shows_in_the_open_panel() {
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join("store").display().to_string();
    let folder = home.path().display().to_string();
    let environment = [("HOME", folder.as_str())];
    let mut panel = Panel::start(&["--store", &place], SIZE, &environment);
    panel.wait_for("import");
    let mut order = std::process::Command::new(env!("CARGO_BIN_EXE_certdeck"));
    order.args([
        "--store",
        &place,
        "order",
        "--product",
        "single-dv",
        "--name",
        "late.example.com",
    ]);
    order.args([
        "--csr", "certdeck", "--key", "p-256", "--method", "dns", "--yes",
    ]);
    let output = order.env("HOME", &folder).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    panel.wait_for("late.example.com");
    panel.press("q");
    assert_eq!(panel.exit_code(), 0);
}
