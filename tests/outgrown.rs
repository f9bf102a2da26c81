//! Whoever only ever runs headless commands has a journal that stays short: the command that finds it
//! too long makes a new snapshot, once its own work is done, and whatever happens to that changes
//! nothing about the command.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

#[expect(dead_code, reason = "other tests need all of it")]
#[path = "common/shelf.rs"]
mod shelf;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use certdeck::store::{OpenOptions, Store};
use shelf::{Said, Shelf};

/// How long a note is of which a few make a journal too long.
const LONG: usize = 1 << 20;

/// A store whose journal has outgrown its bound, and some entries in it.
fn outgrown(entries: usize) -> Shelf {
    let shelf = Shelf::new();
    shelf.put((0..entries).map(|number| {
        let mut entry = shelf.entry(&format!("e{number}"), "mine", "issued", 3);
        entry.note = "n".repeat(LONG);
        entry
    }));
    assert!(journal(&shelf) > 4 << 20);
    shelf
}

fn journal(shelf: &Shelf) -> u64 {
    let look = fs::metadata(shelf.store().join("journal.jsonl"));
    look.unwrap().len()
}

fn history(shelf: &Shelf) -> Vec<String> {
    let names = fs::read_dir(shelf.store().join("history")).unwrap();
    let names = names.map(|item| item.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names
        .filter(|name| name != "journal.jsonl.next.new")
        .collect();
    names.sort();
    names
}

fn note(shelf: &Shelf, text: &str) -> Said {
    shelf.run(&["note", "e0", text])
}

fn note_of(shelf: &Shelf) -> String {
    let options = OpenOptions {
        read_only: true,
        ..OpenOptions::default()
    };
    let store = Store::open(&shelf.store(), options).unwrap();
    let loaded = store.snapshot();
    assert_eq!(loaded.warnings, []);
    let entry = loaded
        .entries
        .iter()
        .find(|entry| entry.id.as_str() == "e0");
    entry.unwrap().note.clone()
}

#[test]
fn a_command_that_writes_leaves_a_short_journal_behind() {
    let shelf = outgrown(6);
    let listed = shelf.run(&["list"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(journal(&shelf) > 4 << 20, "who only looks writes nothing");

    let said = note(&shelf, "looked at");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(journal(&shelf) < 1 << 20);
    assert_eq!(history(&shelf), ["001.jsonl"]);
    assert_eq!(note_of(&shelf), "looked at");
    // A journal that is short stays as it is.
    assert_eq!(note(&shelf, "again").code, 0);
    assert_eq!(history(&shelf), ["001.jsonl"]);
    assert_eq!(note_of(&shelf), "again");
}

#[test]
fn a_command_that_fails_or_may_not_write_fails_as_it_did_before() {
    let shelf = outgrown(6);
    let said = shelf.run(&["note", "nobody", "x"]);
    assert_eq!(said.code, 2, "{}", said.err);
    let said = shelf.run(&["--read-only", "note", "e0", "x"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(history(&shelf).is_empty());
    assert!(journal(&shelf) > 4 << 20);
}

#[test]
fn trouble_with_the_new_snapshot_is_a_warning_and_the_command_has_done_its_work() {
    let shelf = outgrown(6);
    let planted = shelf.store().join("inventory.jsonl.next.new");
    fs::create_dir(&planted).unwrap();
    let said = note(&shelf, "kept");
    assert_eq!(said.code, 0, "{}", said.err);
    let told = "certdeck: the journal was not made shorter, which changes nothing else: ";
    assert!(said.err.starts_with(told), "{}", said.err);
    assert!(
        said.err.contains("inventory.jsonl.next.new"),
        "{}",
        said.err
    );
    assert_eq!(note_of(&shelf), "kept");
    assert!(history(&shelf).is_empty());
    fs::remove_dir(&planted).unwrap();
    assert_eq!(note(&shelf, "later").err, "");
    assert_eq!(history(&shelf), ["001.jsonl"]);
}

#[test]
fn while_another_process_writes_a_snapshot_the_command_leaves_it_to_that() {
    let shelf = outgrown(6);
    let path = shelf.store().join("compacting");
    let other = File::create(&path).unwrap();
    other.try_lock().unwrap();
    let said = note(&shelf, "meanwhile");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(history(&shelf).is_empty());
    drop(other);
    assert_eq!(note(&shelf, "after it").code, 0);
    assert_eq!(history(&shelf), ["001.jsonl"]);
}

/// A command that is about to write a new snapshot, at the moment when it does.
fn met_in_the_middle(shelf: &Shelf, text: &str) -> Child {
    let temporary: PathBuf = shelf.store().join("inventory.jsonl.next.new");
    // What the one before left is not taken for this one's.
    let _ = fs::remove_file(&temporary);
    let mut child = Command::new(env!("CARGO_BIN_EXE_certdeck"))
        .env_clear()
        .env("HOME", shelf.store().parent().unwrap())
        .args(["--store".as_ref(), shelf.store().as_os_str()])
        .args(["--config".as_ref(), shelf.config().as_os_str()])
        .args(["note", "e0", text])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !temporary.exists() {
        assert!(Instant::now() < deadline, "it never began");
        assert_eq!(child.try_wait().unwrap(), None, "it was not seen to begin");
        std::thread::yield_now();
    }
    child
}

#[test]
fn a_command_killed_while_it_writes_the_snapshot_has_done_its_work() {
    let shelf = outgrown(40);
    for round in 0..4 {
        let text = format!("round {round}");
        let mut child = met_in_the_middle(&shelf, &text);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(note_of(&shelf), text);
    }
    let said = shelf.run(&["doctor"]);
    assert!(!said.out.contains("Broken"), "{}", said.out);
    let said = note(&shelf, "at last");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(note_of(&shelf), "at last");
    assert_eq!(history(&shelf).len(), 1);
    assert!(journal(&shelf) < 4 << 20);
    let said = shelf.run(&["doctor"]);
    assert!(
        said.out.starts_with("Notes") || said.out.starts_with("Nothing is wrong"),
        "{}",
        said.out
    );
}
