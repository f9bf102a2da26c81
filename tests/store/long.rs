//! A snapshot of many blocks: read by several threads as by one, damage named where it is, entries
//! read from it later, whoever has replaced it meanwhile.

use std::path::Path;
use std::sync::Arc;

use certdeck::domain::entry::EntryId;
use certdeck::store::{Harm, OpenOptions, Store, StoreError};

use super::broken_disk::BrokenDisk;
use super::{entry, options, put};

const DIR: &str = "/store";
const INVENTORY: &str = "/store/inventory.jsonl";
const COUNT: usize = 2_600;

fn open(disk: &BrokenDisk, read_only: bool) -> Store {
    let options = OpenOptions {
        read_only,
        ..options()
    };
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options).unwrap()
}

fn id(number: usize) -> EntryId {
    EntryId::new(format!("e{number:05}"))
}

/// About two and a half megabytes: several blocks.
fn long() -> (BrokenDisk, Store) {
    let disk = BrokenDisk::new(0);
    let store = open(&disk, false);
    let filled: Result<(), StoreError> = store.transact(|tx| {
        for number in 0..COUNT {
            let note = "n".repeat(300 + number * 7 % 900);
            tx.put_entry(entry(id(number).as_str(), &note));
        }
        Ok(())
    });
    filled.unwrap();
    store.compact().unwrap();
    (disk, store)
}

#[test]
fn a_long_snapshot_is_read_whole_and_its_entries_when_they_are_asked_for() {
    let (disk, store) = long();
    let again = open(&disk, true).snapshot();
    assert_eq!(again.warnings, []);
    assert_eq!(again.entries.len(), COUNT);
    assert_eq!(again.entries.base().len(), COUNT, "none is held in memory");
    assert_eq!(again.entries, store.snapshot().entries);
    let ids: Vec<_> = again.entries.ids().collect();
    assert_eq!(ids, (0..COUNT).map(id).collect::<Vec<_>>());
}

#[test]
fn damage_in_any_block_is_named_by_its_line_and_costs_that_line() {
    let (disk, _) = long();
    let bytes = disk.content(INVENTORY).unwrap();
    let mut starts: Vec<usize> = vec![0];
    starts.extend(memchr::memchr_iter(b'\n', &bytes).map(|newline| newline + 1));
    for block in 0..5 {
        // Around the places where one block ends and the next begins.
        let near = (block * 512 * 1024 + 200).min(bytes.len() - 2_000);
        let line = starts.partition_point(|start| *start <= near);
        for at in [starts[line], starts[line] + 40, starts[line + 1] - 2] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            let harmed = disk.copy();
            harmed.plant(Path::new(INVENTORY), &damaged);
            let loaded = open(&harmed, true).snapshot();
            let [first, second] = &loaded.warnings[..] else {
                panic!("{:?}", loaded.warnings);
            };
            assert_eq!(first.line, line as u64 + 1, "byte {at}");
            assert_eq!(first.offset, starts[line] as u64);
            assert_eq!(first.length, (starts[line + 1] - starts[line]) as u64);
            assert!(matches!(second.harm, Harm::Count { .. }), "{second}");
            assert_eq!(loaded.entries.len(), COUNT - 1);
            assert!(!loaded.entries.contains(&id(line - 1)), "line {line}");
        }
    }
}

#[test]
fn two_lines_that_a_damaged_newline_joined_are_both_read_in_any_block() {
    let (disk, _) = long();
    let bytes = disk.content(INVENTORY).unwrap();
    for (at, byte) in bytes.iter().enumerate() {
        let is_near = (at + 1_500) % (512 * 1024) < 3_000;
        if *byte != b'\n' || !is_near || at + 1 == bytes.len() {
            continue;
        }
        let mut damaged = bytes.clone();
        damaged[at] = b'*';
        let harmed = disk.copy();
        harmed.plant(Path::new(INVENTORY), &damaged);
        let loaded = open(&harmed, true).snapshot();
        assert_eq!(loaded.entries.len(), COUNT, "byte {at}");
    }
}

#[test]
fn who_reads_an_older_generation_goes_on_reading_it() {
    let (disk, store) = long();
    let reader = open(&disk, true);
    let before = reader.snapshot();
    for number in [3, 1_700] {
        put(&store, id(number).as_str(), "new").unwrap();
    }
    store.compact().unwrap();
    assert!(before.entries.get(&id(3)).unwrap().note.starts_with('n'));
    assert_ne!(before.entries.get(&id(1_700)).unwrap().note, "new");
    assert!(reader.catch_up().unwrap());
    assert_eq!(reader.snapshot().entries.get(&id(3)).unwrap().note, "new");
    assert_eq!(store.snapshot().entries, reader.snapshot().entries);
    let held = store.snapshot().entries;
    assert!(
        held.over().is_empty(),
        "the writer holds what it wrote as lines"
    );
}

#[test]
fn a_line_that_was_damaged_since_is_said_and_nothing_is_decided_on_it() {
    let (disk, store) = long();
    drop(store);
    let store = open(&disk, false);
    let place = store.snapshot().entries.base().place(7);
    let mut file =
        certdeck::store::Disk::open(&disk, Path::new(INVENTORY), certdeck::store::How::Write)
            .unwrap();
    file.write_at(place.offset + 30, b"#").unwrap();
    let says = store.snapshot().entries.read(&id(7)).unwrap_err();
    assert!(says.to_string().contains("damaged"), "{says}");
    let refused = store.transact(|tx| {
        assert!(tx.entry(&id(7)).is_none());
        tx.put_entry(entry("other", "new"));
        Ok::<_, StoreError>(())
    });
    let says = refused.unwrap_err().to_string();
    assert!(
        says.contains("e00007") && says.contains("nothing was changed"),
        "{says}"
    );
    // A swap does not copy it, and finds it out for good.
    assert!(store.compact().is_err());
    store.compact().unwrap();
    let loaded = store.snapshot();
    assert_eq!(loaded.entries.len(), COUNT - 1);
    assert!(loaded.warnings[0].aside.is_some(), "{:?}", loaded.warnings);
    let kept = disk.everything().into_keys();
    let kept = kept.filter(|path| path.starts_with("/store/damaged"));
    assert_eq!(kept.count(), 2, "the line and the whole file");
}
