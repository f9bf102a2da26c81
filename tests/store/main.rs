//! The store, as its callers see it: what is written is read, by whoever opens it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod broken_disk;
mod damage;
mod faults;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use certdeck::domain::account::AccountRecord;
use certdeck::domain::entry::{Entry, EntryId};
use certdeck::domain::event::{Event, What};
use certdeck::store::{Harm, Loaded, OpenOptions, Store, StoreError};
use jiff::Timestamp;
use proptest::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

const FINGERPRINT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

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
    entry.note = note.to_owned();
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
        .values()
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
