//! What is packed is read, and whatever is wrong with it costs nothing.

use std::fs;
use std::os::unix::fs::FileExt as _;

use jiff::Timestamp;

use super::super::disk::RealDisk;
use super::super::{OpenOptions, StoreError};
use super::*;
use crate::domain::entry::{Entry, EntryId, Link, LinkKind};
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Lifecycles;
use crate::domain::query::{SortKey, in_order};

const FILLED: &str = "2026-11-22T12:00:00Z";

fn open(dir: &Path) -> Store {
    Store::open(dir, OpenOptions::default()).unwrap()
}

fn entry(id: &str) -> Entry {
    let at = FILLED.parse().unwrap();
    let mut entry = Entry::new(EntryId::new(id), "sandbox", "netcup", "issued", at);
    entry.names = vec![format!("{id}.example"), format!("Www.{id}.Example")];
    entry
}

/// A store with a long snapshot, with entries that are packed, two that are held whole, ties, and an
/// account.
fn filled() -> (tempfile::TempDir, Store) {
    filled_with("n")
}

/// The same with other notes, as long.
fn filled_with(letter: &str) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let filled: Result<(), StoreError> = store.transact(|tx| {
        for number in 0..9 {
            let mut long = entry(&format!("long{number}"));
            long.note = letter.repeat(1 << 20);
            tx.put_entry(long);
        }
        let mut said = entry("said");
        said.gone = Some(Timestamp::UNIX_EPOCH);
        tx.put_entry(said);
        let mut tied = entry("tied");
        tied.links.push(Link {
            kind: LinkKind::Renews,
            entry: EntryId::new("long3"),
        });
        tx.put_entry(tied);
        tx.put_account(AccountRecord::new("sandbox"));
        Ok(())
    });
    filled.unwrap();
    store.compact().unwrap();
    (folder, store)
}

fn everything(store: &Store) -> String {
    let loaded = store.snapshot();
    let entries: Vec<_> = loaded.entries.iter().collect();
    let ids: Vec<_> = loaded.entries.ids().collect();
    let called: Vec<_> = ids
        .iter()
        .map(|id| loaded.entries.named(&format!("www.{id}.example")))
        .collect();
    let inventory = Inventory {
        entries: loaded.entries.clone(),
        lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
        ..Inventory::default()
    };
    let rows = inventory.rows(FILLED.parse().unwrap());
    let shown: Vec<_> = rows.iter().collect();
    let orders = [SortKey::Name, SortKey::Urgency].map(|key| in_order(&rows, key, false));
    format!(
        "{entries:?} {ids:?} {called:?} {shown:?} {orders:?} {:?} {:?} {}",
        loaded.accounts, loaded.warnings, loaded.seq
    )
}

/// What is read with the help of what is packed.
fn unpacked(dir: &Path) -> Option<Unpacked> {
    let disk = RealDisk::default();
    let file: Arc<dyn DiskFile> = Arc::from(disk.open(&dir.join(INVENTORY), How::Read).unwrap());
    let identity = file.look().unwrap().identity;
    let head = Head::read(file.as_ref(), INVENTORY_FORMAT).unwrap();
    let snapshot = HeldSnapshot { file, identity };
    load(&disk, dir, &snapshot, &head, &Reading::default()).unwrap()
}

#[test]
fn what_is_packed_is_read_and_everything_is_as_without_it() {
    let (folder, store) = filled();
    let dir = folder.path().join("store");
    let before = everything(&store);
    assert!(unpacked(&dir).is_none());
    assert!(store.keep_packed().unwrap());
    assert!(!store.keep_packed().unwrap(), "it is there already");
    assert_eq!(fit(&RealDisk::default(), &dir), Some(Fit::Current));
    let read = unpacked(&dir).expect("it is read");
    assert_eq!((read.base.len(), read.accounts.len()), (11, 1));
    let again = open(&dir);
    assert_eq!(everything(&again), before);
    assert!(
        !again.keep_packed().unwrap(),
        "who read it need not write it"
    );
}

#[test]
fn what_is_packed_of_another_snapshot_is_not_read() {
    let (folder, store) = filled();
    let dir = folder.path().join("store");
    store.keep_packed().unwrap();
    let old = fs::read(dir.join(PACKED)).unwrap();
    let put: Result<(), StoreError> = store.transact(|tx| {
        tx.put_entry(entry("new"));
        Ok(())
    });
    put.unwrap();
    let with_journal = everything(&store);
    assert_eq!(
        everything(&open(&dir)),
        with_journal,
        "the journal goes before"
    );
    store.compact().unwrap();
    assert!(unpacked(&dir).is_none());
    assert_eq!(fit(&RealDisk::default(), &dir), Some(Fit::Other));
    let after = everything(&store);
    assert_eq!(everything(&open(&dir)), after);
    assert!(store.keep_packed().unwrap());
    assert!(unpacked(&dir).is_some());
    // The same generation of another store does not fit either.
    let (other, stranger) = filled_with("m");
    let other_dir = other.path().join("store");
    let expected = everything(&stranger);
    fs::write(other_dir.join(PACKED), old).unwrap();
    assert!(unpacked(&other_dir).is_none());
    assert_eq!(everything(&open(&other_dir)), expected);
}

#[test]
fn a_strange_file_in_its_place_is_not_read_to_its_end() {
    let (folder, store) = filled();
    let dir = folder.path().join("store");
    let before = everything(&store);
    let file = fs::File::create(dir.join(PACKED)).unwrap();
    // So much fits into no memory; none of it is on the disk.
    file.set_len(1 << 42).unwrap();
    assert_eq!(everything(&open(&dir)), before);
    assert_eq!(fit(&RealDisk::default(), &dir), Some(Fit::Unreadable));
    assert!(store.keep_packed().unwrap());
    assert!(unpacked(&dir).is_some());
}

#[test]
fn damage_to_what_is_packed_costs_nothing_and_is_mended() {
    let (folder, store) = filled();
    let dir = folder.path().join("store");
    store.keep_packed().unwrap();
    let before = everything(&store);
    let whole = fs::read(dir.join(PACKED)).unwrap();
    let disk = RealDisk::default();
    let mut read = 0;
    for at in (0..whole.len()).step_by(whole.len() / 17) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x20;
        fs::write(dir.join(PACKED), &flipped).unwrap();
        // What cannot be seen yet is seen when the order of the names is asked for.
        read += usize::from(unpacked(&dir).is_some());
        assert_eq!(fit(&disk, &dir), Some(Fit::Unreadable), "byte {at}");
        assert_eq!(everything(&open(&dir)), before, "byte {at}");
        fs::write(dir.join(PACKED), &whole[..at]).unwrap();
        assert_eq!(fit(&disk, &dir), Some(Fit::Unreadable), "cut at {at}");
        assert_eq!(everything(&open(&dir)), before, "cut at {at}");
    }
    assert!(read < 9, "{read}");
    assert!(store.keep_packed().unwrap());
    assert_eq!(fit(&disk, &dir), Some(Fit::Current));
    assert_eq!(fs::read(dir.join(PACKED)).unwrap(), whole);
}

#[test]
fn damage_to_the_snapshot_is_seen_as_without_what_is_packed() {
    let (folder, store) = filled();
    let dir = folder.path().join("store");
    store.keep_packed().unwrap();
    drop(store);
    let length = fs::metadata(dir.join(INVENTORY)).unwrap().len();
    let mut options = fs::File::options();
    let file = options.read(true).write(true).open(dir.join(INVENTORY));
    let file = file.unwrap();
    let header = 200;
    for at in (header..length).step_by(usize::try_from(length / 9).unwrap()) {
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 1], at).unwrap();
        assert!(unpacked(&dir).is_none(), "byte {at}");
        let read_only = OpenOptions {
            read_only: true,
            ..OpenOptions::default()
        };
        let store = Store::open(&dir, read_only).unwrap();
        assert_eq!(
            store.snapshot().warnings.len(),
            2,
            "byte {at}: a line, and the count"
        );
        assert_eq!(store.snapshot().entries.len(), 10, "byte {at}");
        file.write_all_at(&byte, at).unwrap();
    }
    assert!(unpacked(&dir).is_some());
}
