//! The doctor looks while others write, at every single call of either: it never finds anything wrong
//! with a store that is whole, and has nothing to mend there.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use certdeck::store::doctor::{Examination, Level, examine, mend};
use certdeck::store::prune::{Which, plan, prune};
use certdeck::store::{Disk, DiskFile, How, Look, OpenOptions, Store, StoreError};

use super::broken_disk::BrokenDisk;
use super::{at, options, put};

const DIR: &str = "/store";

type Step = Box<dyn FnMut() + Send>;

/// A disk on which something happens before each call that goes through it.
#[derive(Clone)]
struct Stepping {
    disk: BrokenDisk,
    step: Arc<Mutex<Step>>,
}

impl Stepping {
    fn new(disk: &BrokenDisk, step: impl FnMut() + Send + 'static) -> Self {
        Self {
            disk: disk.clone(),
            step: Arc::new(Mutex::new(Box::new(step))),
        }
    }

    fn step(&self) {
        // What happens in a step goes through another disk.
        (self.step.lock().unwrap())();
    }
}

impl fmt::Debug for Stepping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.disk.fmt(f)
    }
}

#[derive(Debug)]
struct SteppingFile {
    disk: Stepping,
    file: Box<dyn DiskFile>,
}

impl DiskFile for SteppingFile {
    fn look(&self) -> io::Result<Look> {
        self.disk.step();
        self.file.look()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        self.disk.step();
        self.file.read_at(offset, into)
    }

    fn read_from(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        self.disk.step();
        self.file.read_from(offset)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        // A reader may see any part of what is being written.
        let half = bytes.len() / 2;
        self.disk.step();
        self.file.write_at(offset, &bytes[..half])?;
        self.disk.step();
        self.file.write_at(offset + half as u64, &bytes[half..])
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.disk.step();
        self.file.cut(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.step();
        self.file.sync()
    }
}

impl Disk for Stepping {
    fn look(&self, path: &Path) -> io::Result<Option<Look>> {
        self.step();
        self.disk.look(path)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step();
        self.disk.make_folder(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.step();
        self.disk.names(path)
    }

    fn open(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        self.step();
        let file = self.disk.open(path, how)?;
        let disk = self.clone();
        Ok(Box::new(SteppingFile { disk, file }))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step();
        self.disk.remove_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step();
        self.disk.rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step();
        self.disk.rename_new(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step();
        self.disk.remove(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step();
        self.disk.sync_folder(path)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.step();
        let locked = self.disk.try_lock(path)?;
        let disk = self.clone();
        Ok(locked.map(|file| Box::new(SteppingFile { disk, file }) as Box<dyn DiskFile>))
    }

    fn user(&self) -> u32 {
        self.disk.user()
    }
}

/// Whoever finds the lock taken goes on without.
fn hasty() -> OpenOptions {
    OpenOptions {
        lock_timeout: Duration::ZERO,
        ..options()
    }
}

fn look(disk: &dyn Disk) -> Examination {
    examine(disk, Path::new(DIR), at(1_795_000_000))
}

fn assert_well(examination: &Examination, context: &str) {
    let findings = &examination.findings;
    let sorted = findings.sorted();
    let wrong: Vec<_> = sorted
        .into_iter()
        .filter(|found| found.level < Level::Note)
        .collect();
    assert!(wrong.is_empty(), "{context}: {wrong:#?}");
    assert_eq!(findings.fixable(), 0, "{context}: {findings:?}");
}

fn open_on(disk: impl Disk + 'static, options: OpenOptions) -> Store {
    Store::open_on(Arc::new(disk), Path::new(DIR), options).unwrap()
}

/// A store with two journals in its history, a snapshot and a journal.
fn filled() -> BrokenDisk {
    let disk = BrokenDisk::new(3);
    let store = open_on(disk.clone(), options());
    for turn in 0..3 {
        for id in ["a", "b", "c"] {
            put(&store, id, &format!("turn {turn}")).unwrap();
        }
        if turn < 2 {
            store.compact().unwrap();
        }
    }
    assert_well(&look(&disk), "before anything");
    disk
}

/// Everything that others do to a store, as they do it.
fn all_that_others_do(disk: &dyn Disk, store: &Store) -> Result<(), StoreError> {
    put(store, "a", "one")?;
    store.compact()?;
    put(store, "d", "two")?;
    put(store, "a", "three")?;
    let dir = Path::new(DIR);
    let oldest = plan(disk, dir, Which::AllBut(2))?;
    prune(disk, dir, &hasty(), &oldest)?;
    store.compact()?;
    put(store, "e", "four")
}

#[test]
fn the_doctor_finds_nothing_wrong_at_any_moment_of_what_others_do() {
    let disk = filled();
    let looks = Arc::new(Mutex::new(0));
    let (on, count) = (disk.clone(), Arc::clone(&looks));
    let stepping = Stepping::new(&disk, move || {
        let mut count = count.lock().unwrap();
        *count += 1;
        assert_well(&look(&on), &format!("look {count}"));
    });
    let store = open_on(stepping.clone(), options());
    all_that_others_do(&stepping, &store).unwrap();
    assert!(*looks.lock().unwrap() > 200, "{looks:?}");
    assert_well(&look(&disk), "after everything");
}

/// What the doctor found and mended while `others` did what they do right before its `call`th call;
/// nothing once it needs fewer calls.
fn meanwhile(call: usize, others: fn(&BrokenDisk)) -> Option<(Examination, Vec<String>)> {
    let disk = filled();
    let calls = Arc::new(Mutex::new(0));
    let (on, count) = (disk.clone(), Arc::clone(&calls));
    let stepping = Stepping::new(&disk, move || {
        let mut count = count.lock().unwrap();
        *count += 1;
        if *count == call {
            others(&on);
        }
    });
    let examination = look(&stepping);
    let shared: Arc<dyn Disk> = Arc::new(stepping);
    let (mended, done) = mend(&shared, Path::new(DIR), &options(), &examination);
    done.unwrap();
    let mended = mended.into_iter().map(|mended| mended.says).collect();
    let reached = *calls.lock().unwrap() >= call;
    reached.then_some((examination, mended))
}

#[test]
fn what_others_do_between_two_calls_of_the_doctor_is_no_finding() {
    let deeds: [fn(&BrokenDisk); 3] = [
        |disk| {
            let store = open_on(disk.clone(), hasty());
            all_that_others_do(disk, &store).unwrap();
        },
        |disk| {
            let store = open_on(disk.clone(), hasty());
            store.compact().unwrap();
        },
        |disk| {
            let oldest = plan(disk, Path::new(DIR), Which::AllBut(0)).unwrap();
            prune(disk, Path::new(DIR), &hasty(), &oldest).unwrap();
        },
    ];
    for (number, others) in deeds.into_iter().enumerate() {
        let mut calls = 0;
        for call in 1.. {
            let Some((examination, mended)) = meanwhile(call, others) else {
                break;
            };
            calls = call;
            let context = format!("deed {number} before call {call}");
            assert_well(&examination, &context);
            assert_eq!(mended, Vec::<String>::new(), "{context}");
        }
        assert!(calls > 30, "{calls}");
    }
}
