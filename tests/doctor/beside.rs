//! Copies that nobody needs: the first page of a long store, and what an import left that was killed.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use certdeck::domain::entry::{Entry, EntryId};
use certdeck::store::{OpenOptions, Store, StoreError};
use jiff::Timestamp;
use serde_json::Value;

use crate::stage::{Stage, edited};

const PAGE: &str = "first-page.jsonl";
const PACKED: &str = "inventory.packed";

/// A store that is long enough for a first page, with one that fits.
fn long() -> Stage {
    let stage = Stage::new();
    let store = Store::open(&stage.store(), OpenOptions::default()).unwrap();
    let mut entry = Entry::new(
        EntryId::new("long"),
        "sandbox",
        "netcup",
        "issued",
        Timestamp::now(),
    );
    entry.note = "n".repeat(9 << 20);
    let put = store.transact(|transaction| {
        transaction.put_entry(entry);
        Ok::<_, StoreError>(())
    });
    put.unwrap();
    store.compact().unwrap();
    keep_page(&store);
    assert_eq!(page_finding(&stage.doctor(&[])), None);
    stage
}

fn keep_page(store: &Store) {
    let ids: Vec<_> = store.snapshot().entries.ids().collect();
    let small = ids.iter().filter(|id| id.as_str() != "long");
    let small: Vec<_> = small.cloned().collect();
    assert!(store.keep_first_page(store.snapshot().seq, &small).unwrap());
}

/// What was found of the first page, after it was seen that nothing hangs on it.
fn page_finding(json: &Value) -> Option<String> {
    assert_eq!(json["exit"], 0, "{json:#}");
    let findings = json["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|found| found["kind"] == "first-page")?;
    assert_eq!(found["file"], PAGE);
    assert_eq!(found["level"], "note");
    assert_eq!(found["fixable"], true);
    Some(found["says"].as_str().unwrap().to_owned())
}

fn assert_made_anew(stage: &Stage, context: &str) {
    let list = stage.list();
    let json = stage.doctor(&["--fix"]);
    assert_eq!(json["mended"].as_array().unwrap().len(), 1, "{json:#}");
    assert_eq!(json["mended"][0]["file"], PAGE, "{context}");
    assert_eq!(page_finding(&json), None, "{context}");
    assert_eq!(stage.list(), list, "{context}");
    assert!(!stage.path("damaged").exists(), "{context}");
}

#[test]
fn a_first_page_that_is_of_no_use_is_told_and_made_anew() {
    let stage = long();
    let store = Store::open(&stage.store(), OpenOptions::default()).unwrap();
    assert_eq!(stage.run(&["note", "b.example.com", "later"]).code, 0);
    let says = page_finding(&stage.doctor(&[])).unwrap();
    assert!(
        says.starts_with("it shows the list as it was after transaction"),
        "{says}"
    );
    assert_made_anew(&stage, "older");

    stage.change(PAGE, |lines| {
        let middle = lines.len() / 2;
        lines[middle] = lines[middle].replacen("\"id\"", "\"Id\"", 1);
    });
    let says = page_finding(&stage.doctor(&[])).unwrap();
    assert!(says.starts_with("it cannot be read"), "{says}");
    assert_made_anew(&stage, "damaged");

    let name = stage.lines(PAGE)[0].split("\"store\":\"").nth(1).unwrap()[..32].to_owned();
    stage.change(PAGE, |lines| {
        lines[0] = edited(&lines[0], &name, &"0".repeat(32));
    });
    let says = page_finding(&stage.doctor(&[])).unwrap();
    assert!(says.starts_with("it is of another store"), "{says}");
    assert_made_anew(&stage, "foreign");
    drop(store);
}

#[test]
fn what_is_packed_and_of_no_use_is_told_and_packed_anew() {
    let stage = long();
    let store = Store::open(&stage.store(), OpenOptions::default()).unwrap();
    assert!(store.keep_packed().unwrap());
    let found = |json: &Value| {
        assert_eq!(json["exit"], 0, "{json:#}");
        let findings = json["findings"].as_array().unwrap();
        let mut found = findings.iter().filter(|found| found["kind"] == "packed");
        found.next().map(|found| {
            assert_eq!(found["file"], PACKED);
            assert_eq!(
                (&found["level"], &found["fixable"]),
                (&"note".into(), &true.into())
            );
            found["says"].as_str().unwrap().to_owned()
        })
    };
    assert_eq!(found(&stage.doctor(&[])), None);
    let list = stage.list();
    for (what, says) in [
        ("damaged", "it is damaged, or another certdeck packed it"),
        ("of another snapshot", "it is of another snapshot"),
    ] {
        if what == "damaged" {
            let mut bytes = stage.read(PACKED);
            let middle = bytes.len() - 9;
            bytes[middle] ^= 1;
            stage.write(PACKED, bytes);
        } else {
            store.compact().unwrap();
        }
        let said = found(&stage.doctor(&[])).unwrap();
        assert!(said.starts_with(says), "{said}");
        assert_eq!(stage.list(), list, "{what}");
        let json = stage.doctor(&["--fix"]);
        let mended = json["mended"].as_array().unwrap();
        assert!(mended.iter().any(|one| one["file"] == PACKED), "{json:#}");
        assert_eq!(found(&json), None, "{what}");
        assert_eq!(stage.list(), list, "{what}");
    }
    stage.write("inventory.packed.new", "cut off");
    assert_eq!(stage.list(), list);
}

#[test]
fn a_first_page_that_nothing_needs_is_left_alone() {
    let stage = Stage::new();
    stage.write(PAGE, "no page");
    let json = stage.doctor(&["--fix"]);
    assert_eq!(
        (&json["exit"], json["mended"].as_array().unwrap().len()),
        (&0.into(), 0)
    );
    let found = &json["findings"][0];
    assert_eq!(found["kind"], "first-page", "{json:#}");
    assert_eq!(found["fixable"], false, "{json:#}");
    assert_eq!(stage.read(PAGE), b"no page");
}

/// A folder beside the store as an import makes one, with a key in it.
fn importing(stage: &Stage, process: u32) -> PathBuf {
    let folder = stage
        .home
        .path()
        .join(format!(".store.importing-{process}-1"));
    fs::DirBuilder::new().mode(0o700).create(&folder).unwrap();
    fs::write(folder.join("key.pem"), "a key").unwrap();
    folder
}

#[test]
fn what_a_killed_import_left_is_told_with_its_place_and_left_alone() {
    let stage = Stage::new();
    // The greatest number that Linux gives a process is 4,194,304.
    let folder = importing(&stage, 4_194_305);
    for flags in [&[][..], &["--fix"]] {
        let json = stage.doctor(flags);
        assert_eq!(json["exit"], 10, "{json:#}");
        let found = &json["findings"][0];
        assert_eq!(found["file"], folder.to_str().unwrap(), "{json:#}");
        assert_eq!(found["kind"], "leftover");
        assert_eq!(found["fixable"], false);
        let says = found["says"].as_str().unwrap();
        assert!(says.contains("copies of private keys"), "{says}");
        let advice = found["advice"].as_str().unwrap();
        assert!(advice.contains("delete this folder yourself"), "{advice}");
        assert_eq!(fs::read(folder.join("key.pem")).unwrap(), b"a key");
    }
    // Also where no store was there yet.
    fs::remove_dir_all(stage.store()).unwrap();
    let json = stage.doctor(&[]);
    let kinds = json["findings"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.map(|found| found["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["absent", "leftover"], "{json:#}");
}

#[test]
fn an_import_that_is_under_way_is_no_leftover() {
    let stage = Stage::new();
    importing(&stage, std::process::id());
    let json = stage.doctor(&[]);
    assert_eq!(json["exit"], 0, "{json:#}");
    let says = json["findings"][0]["says"].as_str().unwrap();
    assert!(says.contains("being imported there just now"), "{says}");
}

#[test]
fn what_tried_whether_there_is_room_and_was_killed_is_a_leftover() {
    let stage = Stage::new();
    stage.write("room.4194305.new", [0; 100]);
    let json = stage.doctor(&[]);
    assert_eq!(json["findings"][0]["kind"], "leftover", "{json:#}");
    let json = stage.doctor(&["--fix"]);
    assert_eq!(json["exit"], 0, "{json:#}");
    assert!(stage.path("damaged/room.4194305.new").exists());
}
