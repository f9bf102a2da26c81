//! The doctor mends, and `prune` removes, while the disk fails or the machine stops at every single
//! call: nothing is lost by it, and the next attempt brings it to its end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use certdeck::store::doctor::{Examination, Finding, Level, examine, mend};
use certdeck::store::prune::{Which, plan, prune};
use certdeck::store::{Disk, Store, StoreError};
use jiff::Timestamp;

use super::broken_disk::{BrokenDisk, EIO, ENOSPC, Fault};
use super::{at, notes, options, put};

const DIR: &str = "/store";
/// What goes wrong, and whether everything ends there.
const FAULTS: [(Fault, bool); 3] = [
    (Fault::From(EIO), true),
    (Fault::Once(EIO), false),
    (Fault::From(ENOSPC), false),
];

fn now() -> Timestamp {
    at(1_795_000_000)
}

fn look(disk: &BrokenDisk) -> Examination {
    examine(disk, Path::new(DIR), now())
}

fn wrong(disk: &BrokenDisk) -> Vec<Finding> {
    let examination = look(disk);
    let sorted = examination.findings.sorted();
    let wrong = sorted.into_iter().filter(|found| found.level < Level::Note);
    wrong.cloned().collect()
}

fn open(disk: &BrokenDisk) -> Store {
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options()).unwrap()
}

/// A store with three journals in its history, a snapshot and a journal.
fn whole() -> BrokenDisk {
    let disk = BrokenDisk::new(7);
    let store = open(&disk);
    for turn in 0..4 {
        for id in ["a", "b", "c"] {
            put(
                &store,
                &format!("{id}{}", turn % 2),
                &format!("turn {turn}"),
            )
            .unwrap();
        }
        if turn < 3 {
            store.compact().unwrap();
        }
    }
    assert_eq!(wrong(&disk), []);
    disk
}

/// The same with everything that can be mended at once.
fn ill() -> BrokenDisk {
    let disk = whole().copy();
    let mut journal = disk.content("/store/journal.jsonl").unwrap();
    journal.extend(b"{\"seq\":13,\"at\":\"20");
    disk.plant(Path::new("/store/journal.jsonl"), &journal);
    let mut inventory = disk.content("/store/inventory.jsonl").unwrap();
    let at = inventory.len() / 3;
    inventory[at] ^= 1;
    disk.plant(Path::new("/store/inventory.jsonl"), &inventory);
    disk.plant(Path::new("/store/inventory.jsonl.new"), b"half a snaps");
    disk
}

fn heal(disk: &BrokenDisk) -> Result<(), StoreError> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    mend(&shared, Path::new(DIR), &options(), &look(disk)).1
}

fn state(disk: &BrokenDisk) -> BTreeMap<String, String> {
    notes(&open(disk).snapshot())
}

/// A disk on which `deed` was broken off at its `call`th call, as it is found afterwards; nothing
/// once `deed` needs fewer calls.
fn broken_off(
    disk: &BrokenDisk,
    call: usize,
    (fault, crash): (Fault, bool),
    deed: impl Fn(&BrokenDisk) -> Result<(), StoreError>,
) -> Option<BrokenDisk> {
    let disk = disk.copy();
    disk.breaks_at(call, fault);
    let done = deed(&disk);
    if !disk.broke() {
        done.unwrap();
        return None;
    }
    disk.cure();
    Some(if crash {
        disk.after_crash(call as u64)
    } else {
        disk
    })
}

#[test]
fn mending_that_is_broken_off_anywhere_loses_nothing_and_is_done_the_next_time() {
    let (whole, ill) = (state(&whole()), ill());
    let mut broken = 0;
    for fault in FAULTS {
        for call in 0.. {
            let Some(disk) = broken_off(&ill, call, fault, heal) else {
                break;
            };
            broken += 1;
            let context = format!("{fault:?} at {call}");
            for (id, note) in state(&disk) {
                assert_eq!(whole.get(&id), Some(&note), "{context}: {id}");
            }
            heal(&disk).unwrap();
            assert_eq!(wrong(&disk), [], "{context}");
            assert_eq!(state(&disk), whole, "{context}");
            let kept = disk.everything();
            let torn = kept
                .values()
                .any(|bytes| bytes.starts_with(b"{\"seq\":13,\"at\":\"20"));
            assert!(torn, "the torn line is kept, {context}");
        }
    }
    assert!(broken > 200, "{broken}");
}

#[test]
fn a_prune_that_is_broken_off_anywhere_loses_nothing_else_and_is_done_the_next_time() {
    let store = whole();
    let before = state(&store);
    let deed = |disk: &BrokenDisk| {
        let plan = plan(disk, Path::new(DIR), Which::AllBut(1))?;
        prune(disk, Path::new(DIR), &options(), &plan)
    };
    let mut broken = 0;
    for fault in FAULTS {
        for call in 0.. {
            let Some(disk) = broken_off(&store, call, fault, deed) else {
                break;
            };
            broken += 1;
            let context = format!("{fault:?} at {call}");
            assert_eq!(state(&disk), before, "{context}");
            let found = wrong(&disk);
            let lost = found.iter().any(|found| found.level < Level::Look);
            assert!(!lost, "{context}: {found:?}");
            deed(&disk).unwrap();
            heal(&disk).unwrap();
            assert_eq!(wrong(&disk), [], "{context}");
            assert_eq!(state(&disk), before, "{context}");
        }
    }
    assert!(broken > 60, "{broken}");
}
