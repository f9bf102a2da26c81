//! A swap while others write: nobody waits for it, nothing is lost, and a crash anywhere leaves the
//! old or the new.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use certdeck::store::{Disk, DiskFile, DiskOver, How, Store};

use super::broken_disk::BrokenDisk;
use super::{notes, options, put};

const DIR: &str = "/store";
/// How many ends each moment comes to.
const ENDS: u64 = 6;

type Work = Box<dyn FnOnce() + Send>;

/// A disk on which something happens as soon as a new snapshot is begun.
struct Busy {
    disk: BrokenDisk,
    meanwhile: Mutex<Option<Work>>,
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.disk.fmt(f)
    }
}

impl DiskOver for Busy {
    fn below(&self) -> &dyn Disk {
        &self.disk
    }

    fn opening(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        let work = if how == How::New && path.ends_with("inventory.jsonl.next.new") {
            self.meanwhile.lock().unwrap().take()
        } else {
            None
        };
        if let Some(work) = work {
            work();
        }
        self.disk.open(path, how)
    }
}

fn open(disk: &BrokenDisk) -> Store {
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options()).unwrap()
}

/// A store on a disk where `work` happens in the middle of the next swap.
fn busy(disk: &BrokenDisk, work: impl FnOnce() + Send + 'static) -> Store {
    let disk = Busy {
        disk: disk.clone(),
        meanwhile: Mutex::new(Some(Box::new(work))),
    };
    Store::open_on(Arc::new(disk), Path::new(DIR), options()).unwrap()
}

fn filled() -> (BrokenDisk, Store) {
    let disk = BrokenDisk::new(0);
    let store = open(&disk);
    for (id, note) in [("a", "1"), ("b", "2"), ("d", "3")] {
        put(&store, id, note).unwrap();
    }
    store.compact().unwrap();
    put(&store, "b", "4").unwrap();
    put(&store, "e", "5").unwrap();
    (disk, store)
}

/// Everything that was said of an entry, oldest first.
fn seqs(store: &Store) -> Vec<u64> {
    let lines = store.history_all(usize::MAX).unwrap();
    lines.iter().map(|line| line.seq).collect()
}

#[test]
fn changes_that_come_while_a_snapshot_is_written_are_neither_held_up_nor_lost() {
    let (disk, other) = filled();
    let writer = other.clone();
    let store = busy(&disk, move || {
        put(&writer, "a", "6").unwrap();
        put(&writer, "c", "7").unwrap();
    });
    store.compact().unwrap();
    let expected = [("a", "6"), ("b", "4"), ("c", "7"), ("d", "3"), ("e", "5")];
    let expected: BTreeMap<_, _> = expected
        .map(|(id, note)| (id.to_owned(), note.to_owned()))
        .into();
    other.catch_up().unwrap();
    for seen in [&store, &other, &open(&disk)] {
        assert_eq!(notes(&seen.snapshot()), expected);
        assert_eq!(seen.snapshot().seq, 7);
        assert_eq!(seen.snapshot().warnings, []);
        assert_eq!(seqs(seen), [1, 2, 3, 4, 5, 6, 7]);
    }
    let history = disk.content("/store/history/002.jsonl").unwrap();
    let history = String::from_utf8(history).unwrap();
    assert!(history.contains("\"seq\":5,") && !history.contains("\"seq\":6,"));
    put(&other, "a", "8").unwrap();
    store.compact().unwrap();
    assert_eq!(seqs(&open(&disk)), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(notes(&open(&disk).snapshot())["a"], "8");
}

#[test]
fn of_two_that_write_a_snapshot_at_once_one_gives_up() {
    let (disk, other) = filled();
    let store = busy(&disk, move || other.compact().unwrap());
    store.compact().unwrap();
    assert_eq!(seqs(&store), [1, 2, 3, 4, 5]);
    assert!(disk.content("/store/history/002.jsonl").is_some());
    assert!(disk.content("/store/history/003.jsonl").is_none());
    assert_eq!(open(&disk).snapshot().warnings, []);
}

#[test]
fn a_swap_that_came_too_late_leaves_everything_as_it_is() {
    let (disk, other) = filled();
    // As another certdeck would that lost the right to do so, for example over a network.
    let copy = disk.clone();
    let store = busy(&disk, move || {
        Disk::remove(&copy, Path::new("/store/compacting")).unwrap();
        other.compact().unwrap();
        put(&other, "a", "new").unwrap();
    });
    store.compact().unwrap();
    assert_eq!(notes(&store.snapshot())["a"], "new");
    assert_eq!(open(&disk).snapshot().warnings, []);
    assert_eq!(seqs(&open(&disk)), [1, 2, 3, 4, 5, 6]);
    let leftovers = disk.everything().into_keys();
    let leftovers: Vec<_> = leftovers
        .filter(|path| path.to_str().unwrap().ends_with("new"))
        .collect();
    assert_eq!(leftovers, Vec::<std::path::PathBuf>::new());
}

/// A moment at which the machine may stop, and the notes of `a` that may be there then.
type Moments = Arc<Mutex<Vec<(BrokenDisk, [&'static str; 2])>>>;

fn keep(disk: &BrokenDisk, moments: &Moments, may_be: [&'static str; 2]) {
    let passed = disk.moments().into_iter().map(|moment| (moment, may_be));
    moments.lock().unwrap().extend(passed);
}

#[test]
fn a_crash_anywhere_in_a_swap_with_changes_in_it_loses_nothing() {
    let (disk, other) = filled();
    disk.watch();
    let moments = Moments::default();
    let (on, passed) = (disk.clone(), Arc::clone(&moments));
    let store = busy(&disk, move || {
        keep(&on, &passed, ["1", "1"]);
        put(&other, "a", "6").unwrap();
        keep(&on, &passed, ["1", "6"]);
        put(&other, "a", "7").unwrap();
        keep(&on, &passed, ["6", "7"]);
    });
    store.compact().unwrap();
    keep(&disk, &moments, ["7", "7"]);
    put(&store, "a", "8").unwrap();
    keep(&disk, &moments, ["7", "8"]);
    store.compact().unwrap();
    keep(&disk, &moments, ["8", "8"]);
    let moments = moments.lock().unwrap();
    assert!(moments.len() > 40, "{} moments", moments.len());
    for (at, (moment, may_be)) in moments.iter().enumerate() {
        for end in 0..ENDS {
            let context = format!("moment {at}, end {end}");
            let after = moment.after_crash((at as u64) << 8 | end);
            let seen = open(&after);
            check(&seen, *may_be, &context);
            put(&seen, "z", "after").unwrap();
            check(&open(&after), *may_be, &context);
            check_once(&after, &context);
            seen.compact().unwrap();
            check(&open(&after), *may_be, &context);
        }
    }
}

fn check(store: &Store, may_be: [&str; 2], context: &str) {
    let loaded = store.snapshot();
    let mut notes = notes(&loaded);
    let a = notes.remove("a").unwrap();
    assert!(may_be.contains(&a.as_str()), "{a}, {context}");
    let rest: Vec<_> = notes.keys().map(String::as_str).collect();
    assert!(rest.starts_with(&["b", "d", "e"]), "{rest:?}, {context}");
    // All that ever happened is in the history, once, whichever file it is in by now.
    let seqs = seqs(store);
    let all: Vec<u64> = (1..=loaded.seq).collect();
    assert_eq!(seqs, all, "{context}");
}

/// Each transaction is in one file of journal and history, and in one only.
fn check_once(disk: &BrokenDisk, context: &str) {
    let mut seen = Vec::new();
    for (path, bytes) in disk.everything() {
        let is_journal = path.ends_with("journal.jsonl") || path.starts_with("/store/history");
        // What a crash left half-written has no name of its own yet.
        if !is_journal || path.extension().is_some_and(|end| end == "new") {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let numbers = text.lines().filter_map(|line| {
            let rest = line.strip_prefix("{\"seq\":")?;
            rest.split(',').next()?.parse::<u64>().ok()
        });
        seen.extend(numbers);
    }
    seen.sort_unstable();
    let all: Vec<u64> = (1..=seen.len() as u64).collect();
    assert_eq!(seen, all, "{context}");
}
