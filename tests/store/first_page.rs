//! The first page of a long store: shown at once, of exactly the state that the store is in, and never
//! instead of it.

use std::path::Path;
use std::sync::Arc;

use certdeck::domain::entry::EntryId;
use certdeck::store::{Disk, DiskFile, How, OpenOptions, Store, StoreError};

use super::broken_disk::BrokenDisk;
use super::{entry, notes, options, put};

const DIR: &str = "/store";
const PAGE: &str = "/store/first-page.jsonl";
const JOURNAL: &str = "/store/journal.jsonl";

fn open(disk: &BrokenDisk) -> Store {
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options()).unwrap()
}

fn open_at_first_page(disk: &BrokenDisk, read_only: bool) -> Store {
    let options = OpenOptions {
        read_only,
        ..options()
    };
    Store::open_at_first_page_on(Arc::new(disk.clone()), Path::new(DIR), options).unwrap()
}

/// Nine entries of a megabyte each in the snapshot, and small ones.
fn long() -> (BrokenDisk, Store) {
    let disk = BrokenDisk::new(0);
    let store = open(&disk);
    let filled: Result<(), StoreError> = store.transact(|tx| {
        for number in 0..9 {
            tx.put_entry(entry(&format!("long{number}"), &"n".repeat(1 << 20)));
        }
        tx.put_entry(entry("a", "one"));
        tx.put_entry(entry("b", "two"));
        Ok(())
    });
    filled.unwrap();
    store.compact().unwrap();
    (disk, store)
}

fn ids(given: &[&str]) -> Vec<EntryId> {
    given.iter().map(|id| EntryId::new(*id)).collect()
}

fn shown(store: &Store) -> Vec<String> {
    notes(&store.snapshot()).into_keys().collect()
}

#[test]
fn a_long_store_shows_its_first_page_and_then_everything() {
    let (disk, store) = long();
    assert!(store.wants_first_page());
    let seq = store.snapshot().seq;
    assert!(store.keep_first_page(seq, &ids(&["b", "a"])).unwrap());
    assert!(!store.wants_first_page());

    let staged = open_at_first_page(&disk, false);
    assert!(staged.snapshot().entries.is_first_page());
    assert_eq!(shown(&staged), ["a", "b"]);
    assert_eq!(staged.snapshot().seq, seq);
    staged.load().unwrap();
    assert!(!staged.snapshot().entries.is_first_page());
    assert_eq!(staged.snapshot().entries, store.snapshot().entries);
}

#[test]
fn a_page_of_another_state_is_not_shown() {
    let (disk, store) = long();
    let seq = store.snapshot().seq;
    store.keep_first_page(seq, &ids(&["a"])).unwrap();
    put(&store, "a", "changed").unwrap();
    let staged = open_at_first_page(&disk, true);
    assert!(
        staged.snapshot().entries.is_first_page(),
        "it is not read yet"
    );
    assert_eq!(shown(&staged), [""; 0]);
    assert!(store.wants_first_page());
    assert!(
        !store.keep_first_page(seq, &ids(&["a"])).unwrap(),
        "too late"
    );

    store.keep_first_page(seq + 1, &ids(&["a"])).unwrap();
    assert_eq!(shown(&open_at_first_page(&disk, true)), ["a"]);
    store.compact().unwrap();
    assert_eq!(shown(&open_at_first_page(&disk, true)), [""; 0]);
}

#[test]
fn a_change_of_a_store_that_is_not_read_yet_reads_it_first() {
    let (disk, store) = long();
    let seq = store.snapshot().seq;
    store.keep_first_page(seq, &ids(&["a"])).unwrap();
    let staged = open_at_first_page(&disk, false);
    staged
        .transact(|tx| {
            assert_eq!(tx.entry(&EntryId::new("b")).unwrap().note, "two");
            tx.put_entry(entry("b", "three"));
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert!(!staged.snapshot().entries.is_first_page());
    store.catch_up().unwrap();
    assert_eq!(staged.snapshot().entries, store.snapshot().entries);
    assert_eq!(store.snapshot().entries.len(), 11);
}

#[test]
fn a_damaged_page_or_an_unfinished_line_shows_nothing_wrong() {
    let (disk, store) = long();
    let seq = store.snapshot().seq;
    store.keep_first_page(seq, &ids(&["a", "b"])).unwrap();
    let page = disk.content(PAGE).unwrap();
    for at in (0..page.len()).step_by(7) {
        let mut damaged = page.clone();
        damaged[at] ^= 4;
        for bytes in [&damaged[..], &page[..at]] {
            disk.plant(Path::new(PAGE), bytes);
            let seen = shown(&open_at_first_page(&disk, true));
            // The newline before a line is not a part of it.
            let is_well = seen.is_empty() || (seen == ["a", "b"] && page[at] == b'\n');
            assert!(is_well || at + 1 >= page.len(), "byte {at}: {seen:?}");
        }
    }
    disk.plant(Path::new(PAGE), &page);
    assert_eq!(shown(&open_at_first_page(&disk, true)), ["a", "b"]);
    let mut journal: Box<dyn DiskFile> = Disk::open(&disk, Path::new(JOURNAL), How::Write).unwrap();
    let length = journal.look().unwrap().length;
    journal.write_at(length, b"{\"seq\":").unwrap();
    assert_eq!(shown(&open_at_first_page(&disk, true)), [""; 0]);
}

#[test]
fn a_short_store_is_read_at_once() {
    let disk = BrokenDisk::new(0);
    let store = open(&disk);
    put(&store, "a", "one").unwrap();
    assert!(!store.wants_first_page());
    assert!(!store.keep_first_page(1, &ids(&["a"])).unwrap());
    let staged = open_at_first_page(&disk, false);
    assert!(!staged.snapshot().entries.is_first_page());
    assert_eq!(shown(&staged), ["a"]);
}
