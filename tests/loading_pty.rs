//! A store with very many entries in a real terminal: its first page is there at once and can be
//! looked at while the rest is read, providers are asked nothing until then, and it is told how far
//! reading has come.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

#[path = "../benches/support/mod.rs"]
mod benches;
mod common;

use std::fs;
use std::path::Path;

use common::pty::{Key, Panel};

/// So many that reading them takes a build without optimisation longer than a person takes for some
/// keys.
const MANY: u64 = 60_000;

const SIZE: (u16, u16) = (24, 120);

/// A home with a sandbox for each account of the generator, and its entries.
fn filled(home: &Path) {
    fs::create_dir(home.join("accounts")).unwrap();
    fs::write(home.join("config.toml"), "").unwrap();
    for (name, lifecycle) in benches::ACCOUNTS {
        if lifecycle == "files" {
            continue;
        }
        let text = format!("kind = \"sandbox\"\nlifecycle = \"{lifecycle}\"\n");
        fs::write(home.join(format!("accounts/{name}.toml")), text).unwrap();
    }
    benches::write_store(&home.join("store"), MANY).unwrap();
}

fn open(home: &Path) -> Panel {
    let path = |name: &str| home.join(name).display().to_string();
    let (folder, config, store) = (
        home.display().to_string(),
        path("config.toml"),
        path("store"),
    );
    let env = [
        ("HOME", folder.as_str()),
        ("CERTDECK_CONFIG", config.as_str()),
        ("CERTDECK_STORE", store.as_str()),
    ];
    Panel::start(&[], SIZE, &env)
}

fn quit(mut panel: Panel) {
    panel.press_key(Key::Ctrl('c'));
    panel.wait_end();
    panel.assert_as_found();
}

/// The line of the list with the cursor.
fn selected(screen: &str) -> Option<&str> {
    screen.lines().find(|line| line.contains('▌'))
}

#[test]
fn the_first_page_can_be_looked_at_while_the_rest_is_read() {
    let home = tempfile::tempdir().unwrap();
    filled(home.path());

    // The first time there is no page yet; how far reading has come is told all the same.
    let mut panel = open(home.path());
    panel.wait_until("it is told how many of how many", |now| {
        let shown = now.shown();
        let header = shown.lines().next().unwrap_or_default();
        let told = header.split_once("Loading entries ");
        told.is_some_and(|(_, rest)| rest.contains(" of ") && rest.starts_with(['▇', '▁']))
    });
    panel.wait_for("1/5");
    panel.wait_gone("oading");
    quit(panel);

    // It left its page behind.
    let mut panel = open(home.path());
    panel.wait_until("rows and the word are there together", |now| {
        now.is_whole() && now.shown().contains("loading") && selected(&now.shown()).is_some()
    });
    let screen = panel.screen();
    assert!(screen.contains("the first"), "{screen}");
    assert!(screen.matches(".example").count() > 3, "{screen}");
    let before = selected(&screen).unwrap().to_owned();

    // The cursor moves already.
    panel.press("j");
    panel.wait_until("the cursor moves", |now| {
        now.is_whole() && selected(&now.shown()).is_some_and(|line| line != before)
    });
    assert!(panel.shown().contains("loading"), "{}", panel.shown());

    // A provider is asked nothing, and the reason is said.
    panel.press("a");
    panel.wait_for("still loading");
    panel.press_key(Key::Esc);
    panel.wait_gone("still loading");

    // Then all of it is there, and the word is gone.
    panel.wait_gone("oading");
    panel.wait_for("2/5");
    panel.press("a");
    panel.wait_for("Write to support");
    assert!(!panel.screen().contains("still loading"));
    quit(panel);
}
