//! Promise 5: damaged files: at most what the damage covers is lost, it is said, and nothing is overwritten.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use certdeck::domain::entry::Entry;
use certdeck::store::{Harm, Loaded, OpenOptions, Store, StoreError};
use proptest::prelude::*;

use super::broken_disk::BrokenDisk;
use super::stock::{entries, entry, notes, options};

const DIR: &str = "/store";
const INVENTORY: &str = "/store/inventory.jsonl";
const JOURNAL: &str = "/store/journal.jsonl";

fn open(disk: &BrokenDisk, read_only: bool) -> Result<Store, StoreError> {
    let options = OpenOptions {
        read_only,
        ..options()
    };
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options)
}

/// A small store, everything that was ever written to it, and its state after each transaction.
struct Sample {
    disk: BrokenDisk,
    written: Vec<Entry>,
    states: Vec<Loaded>,
    /// How many transactions the snapshot holds.
    through: usize,
}

fn sample() -> Sample {
    let disk = BrokenDisk::new(0);
    let store = open(&disk, false).unwrap();
    let mut sample = Sample {
        disk,
        written: Vec::new(),
        states: vec![store.snapshot()],
        through: 4,
    };
    let changes: [&[(&str, &str)]; 8] = [
        &[("a", "1")],
        &[("b", "2"), ("c", "2")],
        &[("d", "3")],
        &[("a", "4")],
        &[("b", "5")],
        &[("e", "6"), ("a", "6")],
        &[("c", "7")],
        &[("b", "8")],
    ];
    for (done, change) in changes.iter().enumerate() {
        if done == sample.through {
            store.compact().unwrap();
        }
        let entries = change.iter().map(|(id, note)| entry(id, note));
        let entries: Vec<_> = entries.collect();
        sample.written.extend(entries.clone());
        put_all(&store, entries).unwrap();
        sample.states.push(store.snapshot());
    }
    sample
}

fn put_all(store: &Store, entries: Vec<Entry>) -> Result<(), StoreError> {
    store.transact(|tx| {
        for entry in entries {
            tx.put_entry(entry);
        }
        Ok(())
    })
}

impl Sample {
    fn whole(&self) -> &Loaded {
        self.states.last().unwrap()
    }

    fn damaged(&self, file: &str, bytes: &[u8]) -> BrokenDisk {
        let disk = self.disk.copy();
        disk.plant(Path::new(file), bytes);
        disk
    }

    /// Whatever was loaded was written once, and a difference is said.
    fn check_honest(&self, loaded: &Loaded, context: &str) {
        for entry in entries(loaded).values() {
            assert!(
                self.written.contains(entry),
                "made up, {context}: {entry:?}"
            );
        }
        let whole = self.whole();
        let same = entries(loaded) == entries(whole) && loaded.seq == whole.seq;
        assert!(same || !loaded.warnings.is_empty(), "silent, {context}");
    }

    fn lost(&self, loaded: &Loaded) -> BTreeSet<String> {
        let (then, now) = (notes(self.whole()), notes(loaded));
        then.into_iter()
            .filter(|(id, note)| now.get(id) != Some(note))
            .map(|(id, _)| id)
            .collect()
    }
}

/// A writer goes on with what a reader saw, and keeps the damaged bytes.
fn check_writing(disk: &BrokenDisk, seen: &Loaded, context: &str) {
    let before: Vec<(PathBuf, Vec<u8>)> = disk.everything().into_iter().collect();
    let store = open(disk, false).unwrap();
    put_all(&store, vec![entry("z", "new")]).unwrap();
    for damage in store
        .snapshot()
        .warnings
        .iter()
        .filter(|damage| damage.length > 0)
    {
        let aside = damage
            .aside
            .as_ref()
            .unwrap_or_else(|| panic!("{context}: {damage} is not kept"));
        let kept = disk.content(&format!("{DIR}/{aside}")).unwrap();
        let file = before
            .iter()
            .find(|(path, _)| path.ends_with(&damage.file))
            .unwrap();
        let from = usize::try_from(damage.offset).unwrap();
        let to = from + usize::try_from(damage.length).unwrap();
        assert_eq!(kept, file.1[from..to], "{context}");
    }
    let again = open(disk, true).unwrap().snapshot();
    let mut expected = notes(seen);
    expected.insert("z".to_owned(), "new".to_owned());
    assert_eq!(notes(&again), expected, "{context}");
    assert!(
        again.seq > seen.seq.max(8),
        "a number was given twice, {context}"
    );
}

#[test]
fn promise_05_a_file_cut_at_any_byte_loses_only_what_was_cut_off_and_says_so() {
    let sample = sample();
    let journal = sample.disk.content(JOURNAL).unwrap();
    for cut in 0..journal.len() {
        let context = format!("journal cut at {cut}");
        let disk = sample.damaged(JOURNAL, &journal[..cut]);
        let loaded = open(&disk, true).unwrap().snapshot();
        sample.check_honest(&loaded, &context);
        // A line that lacks nothing but its newline is whole; the first one is the header.
        let mut left = journal[..cut].to_vec();
        left.extend((journal[cut] == b'\n').then_some(b'\n'));
        let lines = left.split(|byte| *byte == b'\n').count() - 1;
        let expected = &sample.states[sample.through + lines.saturating_sub(1)];
        assert_eq!(entries(&loaded), entries(expected), "{context}");
        if cut % 3 == 0 {
            check_writing(&disk, &loaded, &context);
        }
    }
    let inventory = sample.disk.content(INVENTORY).unwrap();
    for cut in 0..inventory.len() {
        let context = format!("snapshot cut at {cut}");
        let disk = sample.damaged(INVENTORY, &inventory[..cut]);
        let loaded = open(&disk, true).unwrap().snapshot();
        sample.check_honest(&loaded, &context);
        let there = entries(&loaded);
        let journal_has = ["a", "b", "c", "e"].map(|id| there.contains_key(id));
        assert_eq!(journal_has, [true; 4], "{context}");
        if cut % 3 != 0 {
            continue;
        }
        // The newline of a header may be missing.
        if cut < inventory.iter().position(|byte| *byte == b'\n').unwrap() {
            check_refusing(&disk, &context);
        } else {
            check_writing(&disk, &loaded, &context);
        }
    }
}

/// Nothing is written over a snapshot of which nothing can be read: a backup of it would not fit to
/// what follows any more.
fn check_refusing(disk: &BrokenDisk, context: &str) {
    let before = disk.everything();
    let store = open(disk, false).unwrap();
    let said: Vec<_> = store
        .snapshot()
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    let says = said.join("; ");
    assert!(
        says.contains("nothing of it can be read"),
        "{context}: {says}"
    );
    let refused = put_all(&store, vec![entry("z", "new")]).unwrap_err();
    assert!(refused.is_locked_or_damaged(), "{context}: {refused}");
    let says = refused.to_string();
    assert!(
        says.contains("nothing of it can be read"),
        "{context}: {says}"
    );
    assert!(store.compact().is_err(), "{context}");
    assert_eq!(disk.everything(), before, "{context}");
}

#[test]
fn promise_05_a_snapshot_in_ruins_can_be_put_back_from_a_backup() {
    let sample = sample();
    let backup = sample.disk.content(INVENTORY).unwrap();
    for ruins in [&b""[..], b"\n", &[0; 4096], b"<html>\n<body>404</body>\n"] {
        let disk = sample.damaged(INVENTORY, ruins);
        check_refusing(&disk, &format!("{:?}", String::from_utf8_lossy(ruins)));
        disk.plant(Path::new(INVENTORY), &backup);
        let store = open(&disk, false).unwrap();
        assert_eq!(store.snapshot().warnings, []);
        assert_eq!(entries(&store.snapshot()), entries(sample.whole()));
        put_all(&store, vec![entry("z", "new")]).unwrap();
    }
}

#[test]
fn promise_05_a_flipped_byte_costs_at_most_its_own_line_and_is_said() {
    let sample = sample();
    for file in [INVENTORY, JOURNAL] {
        let bytes = sample.disk.content(file).unwrap();
        for at in 0..bytes.len() {
            let values = [
                bytes[at] ^ (1 << (at % 8)),
                [0, b'\n', 0xC3, b'"', b'7'][at % 5],
            ];
            for value in values.into_iter().filter(|value| *value != bytes[at]) {
                let context = format!("{file}, byte {at} is {value}");
                let mut flipped = bytes.clone();
                flipped[at] = value;
                let disk = sample.damaged(file, &flipped);
                let loaded = open(&disk, true).unwrap().snapshot();
                sample.check_honest(&loaded, &context);
                let lost = sample.lost(&loaded);
                assert!(lost.len() <= 2, "{context}: lost {lost:?}");
                assert!(
                    bytes[at] == b'\n' || !loaded.warnings.is_empty(),
                    "silent, {context}"
                );
                if at % 5 == 0 {
                    check_writing(&disk, &loaded, &context);
                }
            }
        }
    }
}

#[test]
fn promise_05_a_damaged_lock_file_raises_no_alarm() {
    let sample = sample();
    let lock = sample.disk.content("/store/lock").unwrap();
    assert!(
        lock.starts_with(b"{\"seq\":8,"),
        "the last transaction is marked"
    );
    for at in 0..lock.len() {
        let mut flipped = lock.clone();
        flipped[at] ^= 1 << (at % 8);
        let disk = sample.damaged("/store/lock", &flipped);
        let store = open(&disk, false).unwrap();
        put_all(&store, vec![entry("z", "new")]).unwrap();
        assert_eq!(
            open(&disk, true).unwrap().snapshot().warnings,
            [],
            "byte {at}"
        );
    }
}

#[test]
fn promise_05_the_warning_names_file_line_and_loss() {
    let sample = sample();
    let mut bytes = sample.disk.content(JOURNAL).unwrap();
    let second_line = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    bytes[second_line + 9] ^= 1;
    let disk = sample.damaged(JOURNAL, &bytes);
    let warnings = open(&disk, true).unwrap().snapshot().warnings;
    let said: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert!(
        said[0].starts_with("journal.jsonl, line 2 (bytes "),
        "{said:?}"
    );
    assert!(said[0].contains("does not match its checksum"), "{said:?}");
    assert!(said[1].contains("transaction 5 is missing"), "{said:?}");
}

#[test]
fn promise_05_damage_is_said_until_the_store_is_closed_and_a_damaged_snapshot_is_kept_once() {
    let sample = sample();
    let mut bytes = sample.disk.content(INVENTORY).unwrap();
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    let disk = sample.damaged(INVENTORY, &bytes);
    let store = open(&disk, false).unwrap();
    store.compact().unwrap();
    store.compact().unwrap();
    let warnings = store.snapshot().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].aside.is_some());
    assert_eq!(open(&disk, true).unwrap().snapshot().warnings, []);
    let everything = disk.everything();
    let kept: Vec<_> = everything
        .iter()
        .filter(|(path, _)| path.starts_with("/store/damaged"))
        .collect();
    assert_eq!(kept.len(), 2, "the line and the whole file: {kept:?}");
    assert!(kept.iter().any(|(_, content)| **content == bytes));
}

#[test]
fn promise_05_a_lost_file_is_said_and_not_written_over() {
    for (file, said) in [(INVENTORY, "inventory.jsonl"), (JOURNAL, "journal.jsonl")] {
        let sample = sample();
        let disk = sample.disk.copy();
        certdeck::store::Disk::remove(&disk, Path::new(file)).unwrap();
        let loaded = open(&disk, true).unwrap().snapshot();
        assert!(
            loaded.warnings[0].to_string().contains(said),
            "{:?}",
            loaded.warnings
        );
        let before = disk.everything();
        let store = open(&disk, false).unwrap();
        let error = put_all(&store, vec![entry("z", "new")]).unwrap_err();
        assert!(
            error.is_locked_or_damaged() && error.to_string().contains(said),
            "{error}"
        );
        assert_eq!(disk.everything(), before);
    }
}

#[test]
fn promise_06_a_newer_store_is_refused_and_not_touched() {
    for (file, format) in [
        (INVENTORY, "certdeck-inventory"),
        (JOURNAL, "certdeck-journal"),
    ] {
        let body = format!(
            r#"{{"format":"{format}","version":2,"generation":1,"through_seq":0,"new":1}}"#
        );
        let sum = crc32fast::hash(body.as_bytes());
        let line = body.replace("1}", &format!("1,\"crc\":\"{sum:08x}\"}}\n"));
        let disk = sample().damaged(file, line.as_bytes());
        let before = disk.everything();
        for read_only in [true, false] {
            let error = open(&disk, read_only).unwrap_err();
            assert!(
                matches!(
                    error,
                    StoreError::Newer {
                        version: 2,
                        known: 1,
                        ..
                    }
                ),
                "{error}"
            );
        }
        assert_eq!(disk.everything(), before);
    }
}

#[test]
fn promise_05_the_halves_of_two_stores_are_noticed_and_not_written_to() {
    let (one, other) = (sample(), sample());
    let disk = one.damaged(JOURNAL, &other.disk.content(JOURNAL).unwrap());
    let before = disk.everything();
    let loaded = open(&disk, true).unwrap().snapshot();
    assert_eq!(entries(&loaded), entries(&one.states[one.through]));
    let said: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert!(
        said[0].contains("journal.jsonl: it belongs to another store") && said.len() == 1,
        "{said:?}"
    );
    let store = open(&disk, false).unwrap();
    for _ in 0..2 {
        let error = put_all(&store, vec![entry("z", "new")]).unwrap_err();
        assert!(
            matches!(error, StoreError::Damaged { .. }) && error.to_string().contains("put the"),
            "{error}"
        );
        assert!(!store.catch_up().unwrap());
    }
    assert!(store.compact().is_err());
    assert_eq!(disk.everything(), before);
    // The right half back: all is well, in the same session.
    disk.plant(Path::new(JOURNAL), &one.disk.content(JOURNAL).unwrap());
    assert!(store.catch_up().unwrap());
    put_all(&store, vec![entry("z", "new")]).unwrap();
    assert_eq!(store.snapshot().warnings, []);
}

/// A header as it was written before stores had names.
fn without_name(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let (body, _) = head.split_once(",\"store\":").unwrap();
    let sum = crc32fast::hash(format!("{body}}}").as_bytes());
    format!("{body},\"crc\":\"{sum:08x}\"}}\n{rest}").into_bytes()
}

#[test]
fn promise_06_a_store_without_a_name_is_accepted_and_gets_one_with_the_next_swap() {
    let sample = sample();
    let disk = sample.disk.copy();
    for file in [INVENTORY, JOURNAL] {
        let nameless = without_name(&disk.content(file).unwrap());
        disk.plant(Path::new(file), &nameless);
    }
    let store = open(&disk, false).unwrap();
    assert_eq!(entries(&store.snapshot()), entries(sample.whole()));
    assert_eq!(store.snapshot().warnings, []);
    put_all(&store, vec![entry("z", "new")]).unwrap();
    store.compact().unwrap();
    let name = |file| {
        let text = String::from_utf8(disk.content(file).unwrap()).unwrap();
        let (_, rest) = text.split_once("\"store\":\"").unwrap();
        rest[..32].to_owned()
    };
    assert_eq!(name(INVENTORY), name(JOURNAL));
    let first = name(INVENTORY);
    open(&disk, false).unwrap().compact().unwrap();
    assert_eq!(name(INVENTORY), first, "it is made up once");
}

#[test]
fn promise_05_without_any_header_nothing_is_written() {
    let sample = sample();
    let disk = sample.damaged(INVENTORY, b"a poem\n");
    disk.plant(Path::new(JOURNAL), b"");
    let before = disk.everything();
    let store = open(&disk, false).unwrap();
    let error = put_all(&store, vec![entry("z", "new")]).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(disk.everything(), before);
}

#[test]
fn a_reader_follows_a_writer_through_a_half_written_line() {
    let sample = sample();
    let journal = sample.disk.content(JOURNAL).unwrap();
    let last = journal[..journal.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    let disk = sample.damaged(JOURNAL, &journal[..last]);
    let reader = open(&disk, true).unwrap();
    let mut file =
        certdeck::store::Disk::open(&disk, Path::new(JOURNAL), certdeck::store::How::Write)
            .unwrap();
    for end in last..=journal.len() {
        file.write_at(last as u64, &journal[last..end]).unwrap();
        reader.catch_up().unwrap();
        let state = reader.snapshot();
        let torn = state
            .warnings
            .iter()
            .any(|damage| damage.harm == Harm::TornTail);
        let whole = end >= journal.len() - 1;
        assert_eq!(torn, end > last && !whole, "at {end}");
        assert_eq!(state.seq, if whole { 8 } else { 7 }, "at {end}");
    }
    // A line that its writer takes back and replaces by another of the same length.
    let mut other = notes(&reader.snapshot());
    file.cut(last as u64).unwrap();
    let writer = open(&disk, false).unwrap();
    put_all(&writer, vec![entry("b", "9")]).unwrap();
    other.insert("b".to_owned(), "9".to_owned());
    assert!(reader.catch_up().unwrap());
    assert_eq!(notes(&reader.snapshot()), other);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promise_05_garbage_never_panics_and_never_becomes_an_entry(
        inventory in proptest::collection::vec(any::<u8>(), 0..300),
        journal in r#"([{}",:a-z0-9\n]|,"crc":"|\{"seq":1){0,60}"#,
        keep in any::<bool>(),
    ) {
        let sample = sample();
        let disk = sample.damaged(JOURNAL, journal.as_bytes());
        if !keep {
            disk.plant(Path::new(INVENTORY), &inventory);
        }
        let loaded = open(&disk, true).unwrap().snapshot();
        sample.check_honest(&loaded, &journal);
        prop_assert!(!loaded.warnings.is_empty());
        if let Ok(store) = open(&disk, false) {
            let _ = put_all(&store, vec![entry("z", "new")]);
        }
    }
}
