//! A clock that cannot be right, with the real program: what is due by it is left alone, and people
//! are told, at the command line and in the panel's header.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod common;
#[path = "common/shelf.rs"]
#[allow(dead_code, reason = "each test file uses its own part of it")]
mod shelf;

use std::fs;

use common::pty::{Key, Panel};
use jiff::{SignedDuration, Timestamp};
use shelf::Shelf;

/// A store with a certificate that is due, of an account that goes by the machine's clock.
fn due() -> Shelf {
    let shelf = Shelf::new();
    let entry = shelf.entry("due", "mine", "issued", 300);
    shelf.put([shelf.valid(entry, -190, 9)]);
    shelf
}

/// Says of the last transaction that it was written so many days from now, as a clock that was
/// wrong then would have.
fn written(shelf: &Shelf, days: i64) {
    let path = shelf.store().join("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let (before, last) = text.trim_end().rsplit_once('\n').unwrap();
    let (content, _) = last.rsplit_once(",\"crc\":").unwrap();
    let (head, rest) = content.split_once("\"at\":\"").unwrap();
    let (_, tail) = rest.split_once('"').unwrap();
    let at = Timestamp::now() + SignedDuration::from_hours(24 * days);
    let content = format!("{head}\"at\":\"{at}\"{tail}");
    let sum = crc32fast::hash(format!("{content}}}").as_bytes());
    let line = format!("{content},\"crc\":\"{sum:08x}\"}}");
    fs::write(&path, format!("{before}\n{line}\n")).unwrap();
}

#[test]
fn promise_07_renewing_what_is_due_does_nothing_under_a_clock_that_looks_wrong() {
    let shelf = due();
    let right = shelf.run(&["renew", "--due", "--yes"]);
    assert!(!right.err.contains("clock"), "{}", right.err);
    assert!(right.err.contains("due.example.com"), "{}", right.err);
    for days in [400, -500] {
        written(&shelf, days);
        let journal = || fs::read_to_string(shelf.store().join("journal.jsonl")).unwrap();
        let before = journal();
        let said = shelf.run(&["renew", "--due", "--yes"]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.contains("Nothing is due"), "{}", said.out);
        let left_out = said.err.lines().find(|line| line.starts_with("Left out"));
        let left_out = left_out.unwrap_or_default();
        for part in [
            "due.example.com",
            "the clock looks wrong",
            "certdeck renew due",
        ] {
            assert!(left_out.contains(part), "{part} in {}", said.err);
        }
        let json = shelf.run(&["renew", "--due", "--yes", "--json"]);
        let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!(value["results"], serde_json::json!([]), "{days}");
        assert_eq!(journal(), before, "{days}");
    }
}

#[test]
fn promise_07_every_command_and_the_doctor_say_that_the_clock_was_set_back() {
    let shelf = due();
    written(&shelf, 400);
    for line in [&["list"][..], &["check"], &["show", "due"]] {
        let said = shelf.run(line);
        assert!(said.err.contains("the clock looks wrong"), "{}", said.err);
    }
    let said = shelf.run(&["doctor"]);
    let words: Vec<_> = said.out.split_whitespace().collect();
    assert!(
        words.join(" ").to_lowercase().contains("clock"),
        "{}",
        said.out
    );
}

#[test]
fn promise_07_the_header_of_the_open_panel_says_that_the_clock_looks_wrong() {
    let shelf = due();
    let open = |size| {
        let (store, config) = (shelf.store(), shelf.config());
        let home = store.parent().unwrap().display().to_string();
        let (store, config) = (store.display().to_string(), config.display().to_string());
        let arguments = ["--store", store.as_str(), "--config", config.as_str()];
        let mut panel = Panel::start(&arguments, size, &[("HOME", &home)]);
        panel.wait_for("due.example.com");
        panel.wait_until("the frame is whole", Panel::is_whole);
        panel
    };
    let header = |panel: &mut Panel| panel.screen().lines().next().unwrap().to_owned();
    let mut right = open((24, 80));
    assert!(!header(&mut right).contains("clock"));
    right.press_key(Key::Ctrl('c'));
    assert_eq!(right.exit_code(), 0);

    written(&shelf, 400);
    for (size, says) in [
        ((24, 80), "the clock looks wrong"),
        ((50, 200), "the clock looks wrong"),
        ((12, 40), "clock"),
    ] {
        let mut panel = open(size);
        let header = header(&mut panel);
        assert!(header.contains(says), "{size:?}: {header}");
        panel.press_key(Key::Ctrl('c'));
        assert_eq!(panel.exit_code(), 0);
        panel.assert_as_found();
    }
}
