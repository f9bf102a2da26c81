//! Nobody waits for the lock while somebody reads a long snapshot: a writer catches up with a new
//! one before it takes the lock, also where several come one after the other.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use certdeck::domain::entry::EntryId;
use certdeck::store::{Disk, DiskFile, DiskFileOver, DiskOver, How, Store, StoreError};

use super::broken_disk::BrokenDisk;
use super::{entry, notes, options, put};

const DIR: &str = "/store";
const SNAPSHOT: &str = "inventory.jsonl";
const MANY: usize = 300;

type Work = Box<dyn FnMut() + Send>;
type Deed = fn(&Store);

/// What was read of snapshots through a disk.
#[derive(Default)]
struct Read {
    /// Whether the store's lock is held through it.
    locked: bool,
    /// Bytes, while it held the lock.
    waited_for: u64,
    /// Bytes, while it did not.
    aside: u64,
}

/// A disk that knows when the lock is held, and on which something happens before each snapshot that
/// is opened without it.
#[derive(Clone)]
struct Watchful {
    disk: BrokenDisk,
    read: Arc<Mutex<Read>>,
    meanwhile: Arc<Mutex<Work>>,
}

impl Watchful {
    fn on(disk: &BrokenDisk) -> Self {
        Self {
            disk: disk.clone(),
            read: Arc::default(),
            meanwhile: Arc::new(Mutex::new(Box::new(|| ()))),
        }
    }

    /// Opens the store, and forgets what was read for that.
    fn open(&self) -> Store {
        let store = Store::open_on(Arc::new(self.clone()), Path::new(DIR), options()).unwrap();
        *self.read.lock().unwrap() = Read::default();
        store
    }

    /// How many bytes of snapshots others had to wait for, and how many were read aside.
    fn bytes(&self) -> (u64, u64) {
        let read = self.read.lock().unwrap();
        assert!(!read.locked, "the lock was let go");
        (read.waited_for, read.aside)
    }

    fn file(&self, path: &Path, file: Box<dyn DiskFile>, is_lock: bool) -> Box<dyn DiskFile> {
        let is_snapshot = path.ends_with(SNAPSHOT);
        Box::new(WatchfulFile {
            file,
            is_snapshot,
            is_lock,
            read: Arc::clone(&self.read),
        })
    }
}

impl fmt::Debug for Watchful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.disk.fmt(f)
    }
}

struct WatchfulFile {
    file: Box<dyn DiskFile>,
    is_snapshot: bool,
    is_lock: bool,
    read: Arc<Mutex<Read>>,
}

impl fmt::Debug for WatchfulFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.fmt(f)
    }
}

impl Drop for WatchfulFile {
    fn drop(&mut self) {
        if self.is_lock {
            self.read.lock().unwrap().locked = false;
        }
    }
}

impl DiskFileOver for WatchfulFile {
    fn below(&self) -> &dyn DiskFile {
        self.file.as_ref()
    }

    fn below_mut(&mut self) -> &mut dyn DiskFile {
        self.file.as_mut()
    }

    fn was_read(&self, bytes: usize) {
        if self.is_snapshot {
            let mut read = self.read.lock().unwrap();
            if read.locked {
                read.waited_for += bytes as u64;
            } else {
                read.aside += bytes as u64;
            }
        }
    }
}

impl DiskOver for Watchful {
    fn below(&self) -> &dyn Disk {
        &self.disk
    }

    fn opening(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        let file = self.disk.open(path, how)?;
        if path.ends_with(SNAPSHOT) && !self.read.lock().unwrap().locked {
            // What was opened is old by the time that it is read.
            (self.meanwhile.lock().unwrap())();
        }
        Ok(self.file(path, file, false))
    }

    fn locking(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
        let Some(file) = self.disk.try_lock(path)? else {
            return Ok(None);
        };
        let is_lock = path.ends_with("lock");
        if is_lock {
            self.read.lock().unwrap().locked = true;
        }
        Ok(Some(self.file(path, file, is_lock)))
    }
}

fn open(disk: &BrokenDisk) -> Store {
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options()).unwrap()
}

/// A store with a snapshot that takes a while.
fn filled() -> (BrokenDisk, Store) {
    let disk = BrokenDisk::new(5);
    let store = open(&disk);
    let filled = store.transact(|tx| {
        for number in 0..MANY {
            tx.put_entry(entry(&format!("e{number:03}"), "as it was"));
        }
        Ok::<_, StoreError>(())
    });
    filled.unwrap();
    store.compact().unwrap();
    put(&store, "a", "1").unwrap();
    (disk, store)
}

fn length(disk: &BrokenDisk) -> u64 {
    disk.content("/store/inventory.jsonl").unwrap().len() as u64
}

/// A change that looks at everything it needs, as the ones of the engine do.
fn add_one(store: &Store) -> Result<(), StoreError> {
    store.transact(|tx| {
        let id = EntryId::new("a");
        let mut entry = tx.entry(&id).unwrap().as_ref().clone();
        let number: u64 = entry.note.parse().unwrap();
        entry.note = (number + 1).to_string();
        tx.put_entry(entry);
        Ok(())
    })
}

/// The note of `a`, and that all the others are as they were.
fn note_of_a(store: &Store) -> String {
    let mut notes = notes(&store.snapshot());
    let a = notes.remove("a").unwrap();
    let all: BTreeMap<_, _> = (0..MANY)
        .map(|number| (format!("e{number:03}"), "as it was".to_owned()))
        .collect();
    assert!(notes == all, "{} of {MANY}", notes.len());
    assert_eq!(store.snapshot().warnings, []);
    a
}

#[test]
fn a_new_snapshot_is_read_before_the_lock_is_taken() {
    let (disk, other) = filled();
    let deeds: [(&str, Deed); 3] = [
        ("a change", |store| add_one(store).unwrap()),
        ("a snapshot", |store| store.compact().unwrap()),
        ("a first page", |store| {
            store.keep_first_page(99, &[]).map(drop).unwrap();
        }),
    ];
    for (name, deed) in deeds {
        let watchful = Watchful::on(&disk);
        let store = watchful.open();
        add_one(&other).unwrap();
        other.compact().unwrap();
        let whole = length(&disk);
        deed(&store);
        let (waited_for, aside) = watchful.bytes();
        assert!(waited_for < whole / 4, "{name}: {waited_for} of {whole}");
        if name == "a change" {
            assert!(aside >= whole, "{name}: {aside} of {whole}");
        }
        other.catch_up().unwrap();
        assert_eq!(note_of_a(&open(&disk)), note_of_a(&other), "{name}");
    }
    assert_eq!(note_of_a(&open(&disk)), "5");
}

#[test]
fn whoever_has_read_nothing_but_the_first_page_reads_before_it_takes_the_lock() {
    let (disk, other) = filled();
    let long = "long ".repeat(1_800_000);
    put(&other, "long", &long).unwrap();
    other.compact().unwrap();
    let watchful = Watchful::on(&disk);
    let on = Arc::new(watchful.clone());
    let store = Store::open_at_first_page_on(on, Path::new(DIR), options()).unwrap();
    assert_eq!(watchful.bytes().1, 0, "nothing is read yet");
    add_one(&store).unwrap();
    let (waited_for, aside) = watchful.bytes();
    assert!(waited_for < length(&disk) / 4, "{waited_for}");
    assert!(aside >= length(&disk), "{aside}");
}

#[test]
fn a_swap_that_a_crash_cut_off_is_finished_and_read_without_the_lock() {
    let (disk, other) = filled();
    disk.watch();
    other.compact().unwrap();
    let mut cut_off = 0;
    for moment in disk.moments() {
        let after = moment.copy();
        let generation = |path: &str| {
            let content = String::from_utf8(after.content(path)?).unwrap();
            let (_, rest) = content.split_once("\"generation\":")?;
            Some(rest.chars().next()?.to_owned())
        };
        let both = [SNAPSHOT, "journal.jsonl"].map(|name| generation(&format!("{DIR}/{name}")));
        if both[0] == both[1] {
            continue;
        }
        cut_off += 1;
        let watchful = Watchful::on(&after);
        let store = watchful.open();
        add_one(&store).unwrap();
        let (waited_for, aside) = watchful.bytes();
        let whole = length(&after);
        assert!(waited_for < whole / 4, "{waited_for} of {whole}");
        assert!(aside >= whole, "{aside} of {whole}");
        for seen in [&store, &open(&after)] {
            assert_eq!(note_of_a(seen), "2");
        }
    }
    assert!(cut_off > 1, "{cut_off}");
}

#[test]
fn whoever_is_overtaken_by_one_snapshot_after_the_other_gets_its_turn_at_last() {
    for times in [1, 2, 1_000] {
        let (disk, other) = filled();
        let watchful = Watchful::on(&disk);
        let store = watchful.open();
        let swap = move || {
            add_one(&other).unwrap();
            other.compact().unwrap();
        };
        swap();
        let (left, swapped) = (Arc::new(Mutex::new(times)), Arc::new(Mutex::new(1)));
        let counted = Arc::clone(&swapped);
        *watchful.meanwhile.lock().unwrap() = Box::new(move || {
            let mut left = left.lock().unwrap();
            if *left > 0 {
                *left -= 1;
                swap();
                *counted.lock().unwrap() += 1;
            }
        });
        add_one(&store).unwrap();
        let swapped = *swapped.lock().unwrap();
        assert!(swapped > 1, "{times}: {swapped}");
        let (waited_for, _) = watchful.bytes();
        if times < 1_000 {
            assert!(waited_for < length(&disk) / 4, "{times}: {waited_for}");
        } else {
            assert!(swapped < times, "it does not try for ever: {swapped}");
        }
        let expected = (1 + swapped + 1).to_string();
        assert_eq!(note_of_a(&store), expected);
        assert_eq!(note_of_a(&open(&disk)), expected);
    }
}
