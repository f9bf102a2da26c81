//! The store, as its callers see it: what is written is read, by whoever opens it.
//!
//! What it promises where disks, machines and people fail is in `tests/promises`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod archive;
mod broken_disk;
mod doctor;
mod doctor_meanwhile;
mod first_page;
mod long;
mod meanwhile;
mod waiting;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use certdeck::domain::account::AccountRecord;
use certdeck::domain::entry::{Entry, EntryId};
use certdeck::domain::event::{Event, What};
use certdeck::store::{Loaded, OpenOptions, Store, StoreError};
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn options() -> OpenOptions {
    OpenOptions {
        lock_timeout: Duration::from_secs(20),
        clock: Arc::new(|| at(1_795_000_000)),
        ..OpenOptions::default()
    }
}

fn open(dir: &Path) -> Store {
    Store::open(dir, options()).unwrap()
}

fn read(dir: &Path) -> Result<Store, StoreError> {
    let options = OpenOptions {
        read_only: true,
        ..options()
    };
    Store::open(dir, options)
}

fn fresh() -> (TempDir, PathBuf, Store) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("store");
    let store = open(&dir);
    (home, dir, store)
}

fn entry(id: &str, note: &str) -> Entry {
    let mut entry = Entry::new(EntryId::new(id), "sandbox", "netcup", "issued", at(7));
    entry.names = vec![format!("{id}.example")];
    note.clone_into(&mut entry.note);
    entry
}

fn noted(id: &str, note: &str) -> Event {
    let what = What::Noted {
        note: note.to_owned(),
    };
    Event {
        entry: EntryId::new(id),
        at: at(7),
        what,
    }
}

fn put(store: &Store, id: &str, note: &str) -> Result<(), StoreError> {
    store.transact(|tx| {
        tx.who("tester");
        tx.put_entry(entry(id, note));
        tx.event(noted(id, note));
        Ok(())
    })
}

fn notes(loaded: &Loaded) -> BTreeMap<String, String> {
    let notes = loaded
        .entries
        .iter()
        .map(|entry| (entry.id.to_string(), entry.note.clone()));
    notes.collect()
}

#[test]
fn what_is_written_is_there_after_reopening_also_after_a_swap() {
    let (_home, dir, store) = fresh();
    put(&store, "a", "one").unwrap();
    put(&store, "b", "two").unwrap();
    put(&store, "a", "three").unwrap();
    let mut account = AccountRecord::new("sandbox");
    account.seed = Some(7);
    store
        .transact(|tx| {
            tx.put_account(account.clone());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let before = store.snapshot();
    assert_eq!(before.seq, 4);
    for round in 0..3 {
        let again = open(&dir).snapshot();
        assert_eq!(again.entries, before.entries, "round {round}");
        assert_eq!(again.accounts["sandbox"], account);
        assert_eq!(again.seq, 4);
        assert_eq!(again.warnings, []);
        store.compact().unwrap();
    }
    let history = store.history(&EntryId::new("a")).unwrap();
    let seqs: Vec<_> = history
        .iter()
        .map(|line| (line.seq, line.who.as_str()))
        .collect();
    assert_eq!(seqs, [(1, "tester"), (3, "tester")]);
    assert_eq!(history[1].at, at(1_795_000_000));
    assert_eq!(store.history_all(2).unwrap().len(), 2);
}

#[test]
fn a_change_that_fails_or_changes_nothing_writes_nothing() {
    let (_home, dir, store) = fresh();
    put(&store, "a", "one").unwrap();
    let before = std::fs::read(dir.join("journal.jsonl")).unwrap();
    let failed = store.transact(|tx| {
        tx.put_entry(entry("a", "two"));
        Err::<(), _>(StoreError::BadName {
            name: "no".to_owned(),
        })
    });
    assert!(failed.is_err());
    store
        .transact(|tx| {
            tx.put_entry(entry("a", "two"));
            assert_eq!(tx.entry(&EntryId::new("a")).unwrap().note, "two");
            tx.put_entry(entry("a", "one"));
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(notes(&store.snapshot())["a"], "one");
    assert_eq!(std::fs::read(dir.join("journal.jsonl")).unwrap(), before);
}

#[test]
fn a_transaction_sees_its_own_changes_among_the_others() {
    let (_home, _dir, store) = fresh();
    for id in ["a", "c", "e"] {
        put(&store, id, "old").unwrap();
    }
    let seen = store.transact(|tx| {
        for id in ["b", "c", "f"] {
            tx.put_entry(entry(id, "new"));
        }
        let seen = tx.entries();
        let seen = seen
            .iter()
            .map(|entry| format!("{}:{}", entry.id, entry.note));
        Ok::<_, StoreError>(seen.collect::<Vec<_>>().join(" "))
    });
    assert_eq!(seen.unwrap(), "a:old b:new c:new e:old f:new");
}

#[test]
fn a_snapshot_that_somebody_keeps_does_not_change() {
    let (_home, _dir, store) = fresh();
    put(&store, "a", "one").unwrap();
    let kept = store.snapshot();
    put(&store, "a", "two").unwrap();
    assert_eq!(notes(&kept)["a"], "one");
    assert_eq!(notes(&store.snapshot())["a"], "two");
}

#[test]
fn a_read_only_store_reads_follows_and_refuses() {
    let (home, dir, store) = fresh();
    let reader = read(&dir).unwrap();
    put(&store, "a", "one").unwrap();
    assert!(reader.catch_up().unwrap());
    assert!(!reader.catch_up().unwrap());
    store.compact().unwrap();
    put(&store, "a", "two").unwrap();
    assert!(reader.catch_up().unwrap());
    assert_eq!(notes(&reader.snapshot())["a"], "two");
    let refused = put(&reader, "a", "three").unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused}");
    let absent = read(&home.path().join("nowhere")).unwrap_err();
    assert!(absent.to_string().contains("there is no store"), "{absent}");
    assert!(!home.path().join("nowhere").exists());
}

#[test]
fn whoever_finds_the_lock_held_waits_so_long_and_says_so() {
    let (_home, dir, store) = fresh();
    let patient = OpenOptions {
        lock_timeout: Duration::from_millis(30),
        ..options()
    };
    let other = Store::open(&dir, patient).unwrap();
    store
        .transact(|_| {
            let error = put(&other, "a", "one").unwrap_err();
            assert!(error.is_locked_or_damaged());
            assert!(
                error.to_string().contains("for more than 0.03 s"),
                "{error}"
            );
            Ok::<_, StoreError>(())
        })
        .unwrap();
    put(&other, "a", "one").unwrap();
}

#[test]
fn a_long_journal_asks_for_a_swap_and_a_swap_satisfies_it() {
    let store = Store::open_on(
        Arc::new(broken_disk::BrokenDisk::new(0)),
        Path::new("/store"),
        options(),
    );
    let store = store.unwrap();
    let note = "n".repeat(1 << 20);
    for turn in 0..5 {
        assert!(!store.needs_compaction(), "after {turn} MiB");
        put(&store, "a", &format!("{note}{turn}")).unwrap();
        if turn == 1 {
            // The event carries the note a second time.
            break;
        }
    }
    assert!(store.needs_compaction());
    store.compact().unwrap();
    assert!(!store.needs_compaction());
    assert_eq!(store.history(&EntryId::new("a")).unwrap().len(), 2);
}

#[test]
fn a_change_that_panics_leaves_the_store_usable() {
    let (_home, dir, store) = fresh();
    let panicking = store.clone();
    let thread = std::thread::spawn(move || {
        let _: Result<(), StoreError> = panicking.transact(|tx| {
            tx.put_entry(entry("a", "half"));
            panic!("on purpose");
        });
    });
    assert!(thread.join().is_err());
    put(&store, "b", "whole").unwrap();
    assert_eq!(
        notes(&open(&dir).snapshot()),
        BTreeMap::from([("b".into(), "whole".into())])
    );
}

/// What may be done to a store, in any order.
#[derive(Clone, Debug)]
enum Deed {
    Put(Vec<(u8, u16)>),
    Fail(u8),
    Reopen,
    Compact,
    OtherHandle,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => proptest::collection::vec((0..12_u8, any::<u16>()), 1..5).prop_map(Deed::Put),
        1 => any::<u8>().prop_map(Deed::Fail),
        1 => Just(Deed::Reopen),
        1 => Just(Deed::Compact),
        1 => Just(Deed::OtherHandle),
    ]
}

fn put_many(store: &Store, changes: &[(u8, u16)], fail: bool) -> Result<(), StoreError> {
    store.transact(|tx| {
        for (id, note) in changes {
            tx.put_entry(entry(&format!("e{id}"), &note.to_string()));
        }
        if fail {
            return Err(StoreError::BadName {
                name: "no".to_owned(),
            });
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_series_of_changes_leaves_what_a_map_would_hold(deeds in proptest::collection::vec(deed(), 1..40)) {
        let disk = Arc::new(broken_disk::BrokenDisk::new(0));
        let open = || Store::open_on(disk.clone(), Path::new("/store"), options()).unwrap();
        let (mut store, mut other) = (open(), open());
        let mut model = BTreeMap::new();
        for deed in deeds {
            match deed {
                Deed::Put(changes) => {
                    put_many(&store, &changes, false).unwrap();
                    let changes = changes.iter().map(|(id, note)| (format!("e{id}"), note.to_string()));
                    model.extend(changes);
                }
                Deed::Fail(id) => prop_assert!(put_many(&store, &[(id, 1)], true).is_err()),
                Deed::Reopen => store = open(),
                Deed::Compact => store.compact().unwrap(),
                Deed::OtherHandle => std::mem::swap(&mut store, &mut other),
            }
            store.catch_up().unwrap();
            other.catch_up().unwrap();
            prop_assert_eq!(notes(&store.snapshot()), model.clone());
            prop_assert_eq!(notes(&other.snapshot()), model.clone());
            prop_assert_eq!(store.snapshot().warnings, []);
        }
    }
}
