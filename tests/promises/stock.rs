//! What the promises are tried on: small entries, accounts of what happened, and options.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use certdeck::domain::entry::{Entry, EntryId};
use certdeck::domain::event::{Event, What};
use certdeck::store::{Loaded, OpenOptions, Store, StoreError};
use jiff::Timestamp;
use tempfile::TempDir;

/// A moment.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// For writing, patient, at a fixed time.
pub(crate) fn options() -> OpenOptions {
    OpenOptions {
        lock_timeout: Duration::from_secs(20),
        clock: Arc::new(|| at(1_795_000_000)),
        ..OpenOptions::default()
    }
}

/// An entry with a note.
pub(crate) fn entry(id: &str, note: &str) -> Entry {
    let mut entry = Entry::new(EntryId::new(id), "sandbox", "netcup", "issued", at(7));
    entry.names = vec![format!("{id}.example")];
    note.clone_into(&mut entry.note);
    entry
}

/// What the history says of it.
pub(crate) fn noted(id: &str, note: &str) -> Event {
    let what = What::Noted {
        note: note.to_owned(),
    };
    Event {
        entry: EntryId::new(id),
        at: at(7),
        what,
    }
}

/// Every entry, by id.
pub(crate) fn entries(loaded: &Loaded) -> BTreeMap<String, Entry> {
    let each = loaded.entries.iter();
    each.map(|entry| (entry.id.to_string(), Entry::clone(&entry)))
        .collect()
}

/// The note of each entry, by id.
pub(crate) fn notes(loaded: &Loaded) -> BTreeMap<String, String> {
    let each = entries(loaded).into_iter();
    each.map(|(id, entry)| (id, entry.note)).collect()
}

/// A folder in memory where there is such a place: for what need not outlast the machine.
pub(crate) fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.unwrap()
}

/// Opens the store in a folder.
pub(crate) fn open(dir: &Path) -> Store {
    Store::open(dir, options()).unwrap()
}

/// A new store, and the folder that goes with the test.
pub(crate) fn fresh() -> (TempDir, PathBuf, Store) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("store");
    let store = open(&dir);
    (home, dir, store)
}

/// One change to one entry.
pub(crate) fn put(store: &Store, id: &str, note: &str) -> Result<(), StoreError> {
    store.transact(|tx| {
        tx.who("tester");
        tx.put_entry(entry(id, note));
        tx.event(noted(id, note));
        Ok(())
    })
}
