//! An import whose disk fails, or whose machine stops, at any call: the place is as it was, or the
//! whole store is there. And exports of a store that another process writes to meanwhile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use certdeck::store::archive::{self, ArchiveError, ExportPlan, Imported, OpenArchive};
use certdeck::store::{Disk, RealDisk, Store, StoreError};
use secrecy::SecretString;

use super::broken_disk::{BrokenDisk, EIO, ENOSPC, Fault};
use super::{at, entry, fresh, noted, notes, open, options};

const PLACE: &str = "/home/store";

fn plan() -> ExportPlan {
    ExportPlan {
        made_at: at(9),
        passphrase: None,
        without_keys: false,
        config: Vec::new(),
    }
}

fn pair(store: &Store, note: &str) {
    store
        .transact(|tx| {
            for id in ["left", "right"] {
                tx.put_entry(entry(id, note));
                tx.event(noted(id, note));
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn export(disk: &Arc<dyn Disk>, dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    archive::export(disk, dir, &plan(), &mut bytes).unwrap();
    bytes
}

/// An archive with something in each folder.
fn an_archive() -> Vec<u8> {
    an_archive_of(1)
}

/// An archive with so many certificates.
fn an_archive_of(certificates: usize) -> Vec<u8> {
    let disk = BrokenDisk::new(0);
    let dir = Path::new("/from");
    let store = Store::open_on(Arc::new(disk.clone()), dir, options()).unwrap();
    pair(&store, "old");
    let key = SecretString::from("a key");
    store.put_key(&key, &"1".repeat(64)).unwrap();
    for number in 0..certificates {
        let name = format!("{number:064x}");
        store.put_certificate("one", &name).unwrap();
    }
    store.compact().unwrap();
    pair(&store, "new");
    let disk: Arc<dyn Disk> = Arc::new(disk);
    export(&disk, dir)
}

fn import(disk: &BrokenDisk, bytes: &[u8]) -> Result<Imported, ArchiveError> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let archive = OpenArchive::begin(bytes)?;
    archive::import(&disk, Path::new(PLACE), archive, None, &options())
}

/// What lies in the store's place.
fn in_place(disk: &BrokenDisk) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = disk.everything();
    files.retain(|path, _| path.starts_with(PLACE));
    files
}

/// A disk with nothing in the place, or an empty store.
fn a_disk(seed: u64, with_empty_store: bool) -> BrokenDisk {
    let disk = BrokenDisk::new(seed);
    disk.make_folder(Path::new("/home")).unwrap();
    disk.sync_folder(Path::new("/")).unwrap();
    if with_empty_store {
        drop(Store::open_on(Arc::new(disk.clone()), Path::new(PLACE), options()).unwrap());
        disk.sync_folder(Path::new("/home")).unwrap();
    }
    disk
}

/// The place holds everything, or a store in which nothing ever happened, which can be used.
fn assert_old_or_new(disk: &BrokenDisk, whole: &BTreeMap<PathBuf, Vec<u8>>, context: &str) -> bool {
    let found = in_place(disk);
    if &found == whole {
        return true;
    }
    let opened = Store::open_on(Arc::new(disk.clone()), Path::new(PLACE), options());
    let store = opened.unwrap_or_else(|error| panic!("{context}: {error}"));
    assert_eq!(store.snapshot().entries.len(), 0, "{context}");
    assert_eq!(store.snapshot().seq, 0, "{context}");
    let vault = found
        .keys()
        .filter(|path| path.extension() == Some("pem".as_ref()));
    assert_eq!(vault.count(), 0, "{context}: a part is there");
    pair(&store, "afterwards");
    assert_eq!(notes(&store.snapshot())["left"], "afterwards", "{context}");
    false
}

#[test]
fn an_import_on_a_disk_that_fails_at_any_call_is_whole_or_leaves_the_place_as_it_was() {
    let archive = an_archive();
    for with_empty_store in [false, true] {
        let disk = a_disk(0, with_empty_store);
        let before = disk.calls();
        let imported = import(&disk, &archive).unwrap();
        assert_eq!((imported.entries, imported.head.seq), (2, 2));
        let (calls, whole) = (disk.calls() - before, in_place(&disk));
        assert!(calls > 40 && whole.len() == 6, "{calls} calls");
        let mut ends = [0, 0];
        for call in 0..calls {
            for fault in [Fault::Once(ENOSPC), Fault::Once(EIO), Fault::From(EIO)] {
                let context = format!("call {call}, {fault:?}, {with_empty_store}");
                let disk = a_disk(call as u64, with_empty_store);
                disk.breaks_at(call, fault);
                let done = import(&disk, &archive).is_ok();
                disk.cure();
                let is_whole = in_place(&disk) == whole;
                assert!(is_whole || !done, "{context}");
                // Only names that could not be synced are told of where the store is in place.
                ends[usize::from(assert_old_or_new(&disk, &whole, &context))] += 1;
            }
        }
        assert!(ends[0] > 80 && ends[1] > 0, "{ends:?}");
    }
}

#[test]
fn an_import_that_is_killed_at_any_call_is_whole_or_leaves_the_place_as_it_was() {
    let archive = an_archive();
    for with_empty_store in [false, true] {
        let disk = a_disk(0, with_empty_store);
        disk.watch();
        import(&disk, &archive).unwrap();
        let whole = in_place(&disk);
        let moments = disk.moments();
        assert!(moments.len() > 20, "{}", moments.len());
        let mut ends = [0, 0];
        for (number, moment) in moments.iter().enumerate() {
            for seed in 0..20 {
                let context = format!("moment {number}, seed {seed}, {with_empty_store}");
                let after = moment.after_crash(seed);
                let is_new = assert_old_or_new(&after, &whole, &context);
                let is_done = number + 1 == moments.len();
                assert!(
                    is_new || !is_done,
                    "{context}: what was acknowledged is gone"
                );
                ends[usize::from(is_new)] += 1;
            }
        }
        assert!(ends[0] > 100 && ends[1] >= 20, "{ends:?}");
    }
}

#[test]
fn an_import_of_many_files_syncs_them_at_once_and_is_whole_or_not_there() {
    let many = 80;
    let archive = an_archive_of(many);
    let disk = a_disk(0, false);
    disk.watch();
    let before = disk.calls();
    import(&disk, &archive).unwrap();
    let (calls, whole) = (disk.calls() - before, in_place(&disk));
    assert_eq!(whole.len(), many + 5);
    // Made and written, and no more than that for each of them.
    assert!(calls < 2 * many + 60, "{calls}");
    let moments = disk.moments();
    let mut ends = [0, 0];
    for (number, moment) in moments.iter().enumerate() {
        for seed in 0..3 {
            let context = format!("moment {number}, seed {seed}");
            let is_new = assert_old_or_new(&moment.after_crash(seed), &whole, &context);
            let is_done = number + 1 == moments.len();
            assert!(is_new || !is_done, "{context}: it was acknowledged");
            ends[usize::from(is_new)] += 1;
        }
    }
    assert!(ends[0] > 100 && ends[1] >= 3, "{ends:?}");
    for call in calls - 40..calls {
        let context = format!("call {call}");
        let disk = a_disk(call as u64, false);
        disk.breaks_at(call, Fault::Once(EIO));
        let done = import(&disk, &archive).is_ok();
        disk.cure();
        let is_whole = assert_old_or_new(&disk, &whole, &context);
        assert!(is_whole || !done, "{context}");
    }
}

#[test]
fn exports_while_others_write_hold_one_state_each() {
    let (home, dir, store) = fresh();
    pair(&store, "0");
    let disk: Arc<dyn Disk> = Arc::new(RealDisk { passing: true });
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for turn in 1..400 {
                pair(&store, &turn.to_string());
                let name = format!("{turn:064x}");
                store.put_certificate("certificate", &name).unwrap();
                if turn % 20 == 0 {
                    store.compact().unwrap();
                }
            }
        });
        let mut seqs = Vec::new();
        while !writer.is_finished() || seqs.is_empty() {
            let mut bytes = Vec::new();
            match archive::export(&disk, &dir, &plan(), &mut bytes) {
                Ok(_) => {}
                Err(ArchiveError::Restless { .. }) => continue,
                Err(other) => panic!("{other}"),
            }
            let to = home.path().join(format!("copy-{}", seqs.len()));
            let archive = OpenArchive::begin(&bytes[..]).unwrap();
            let imported = archive::import(&disk, &to, archive, None, &options()).unwrap();
            assert_eq!(imported.warnings, Vec::<String>::new());
            let copy = open(&to);
            let loaded = copy.snapshot();
            assert_eq!(loaded.seq, imported.head.seq);
            let notes = notes(&loaded);
            assert_eq!(notes["left"], notes["right"]);
            // One transaction each, the first one is number 1.
            assert_eq!(notes["left"], (loaded.seq - 1).to_string());
            let events = copy.history_all(usize::MAX).unwrap();
            assert_eq!(events.len() as u64, 2 * loaded.seq, "the history is whole");
            seqs.push(loaded.seq);
        }
        assert!(seqs.is_sorted(), "{seqs:?}");
    });
}

#[test]
fn who_waited_for_the_lock_of_an_empty_store_writes_to_the_imported_one() {
    let (home, _, _store) = fresh();
    let dir = home.path().join("place");
    // A panel that was opened on the empty store, and has its files open.
    let waiting = open(&dir);
    let disk: Arc<dyn Disk> = Arc::new(RealDisk { passing: true });
    let bytes = an_archive();
    let archive = OpenArchive::begin(&bytes[..]).unwrap();
    archive::import(&disk, &dir, archive, None, &options()).unwrap();
    assert!(waiting.catch_up().unwrap());
    assert_eq!(notes(&waiting.snapshot())["left"], "new");
    pair(&waiting, "newest");
    assert_eq!(notes(&open(&dir).snapshot())["right"], "newest");
    assert_eq!(open(&dir).snapshot().seq, 3);
}
