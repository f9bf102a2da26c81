//! What is remembered is what is so, and an idle sandbox reads nothing.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::super::stage::{START, Stage, settings};
use super::super::{Engine, Inner};
use crate::domain::entry::{Entry, EntryId, Link, LinkKind, StateRef};
use crate::domain::time;
use crate::store::{
    Disk, DiskFile, DiskFileOver, DiskOver, How, OpenOptions, RealDisk, Store, StoreError,
};

/// The machine's disk, which counts how often the snapshot is read.
#[derive(Clone, Debug, Default)]
struct Counting {
    disk: RealDisk,
    reads: Arc<AtomicUsize>,
}

struct Counted {
    file: Box<dyn DiskFile>,
    reads: Arc<AtomicUsize>,
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.fmt(f)
    }
}

impl DiskFileOver for Counted {
    fn below(&self) -> &dyn DiskFile {
        self.file.as_ref()
    }

    fn below_mut(&mut self) -> &mut dyn DiskFile {
        self.file.as_mut()
    }

    fn was_read(&self, _: usize) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }
}

impl DiskOver for Counting {
    fn below(&self) -> &dyn Disk {
        &self.disk
    }

    fn opening(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        let file = self.disk.open(path, how)?;
        if !path.ends_with("inventory.jsonl") {
            return Ok(file);
        }
        let reads = Arc::clone(&self.reads);
        Ok(Box::new(Counted { file, reads }))
    }
}

const MANY: usize = 2_000;

/// A sandbox with so many orders, all of them on the disk, and one of them.
async fn crowd() -> (Stage, EntryId) {
    let stage = Stage::new();
    let id = stage.order().await;
    let store = &stage.engine.0.store;
    let filled = store.transact(|transaction| {
        let first = transaction.entry(&id).map(|entry| entry.as_ref().clone());
        for number in 0..MANY {
            let mut other = first.clone().unwrap();
            other.id = EntryId::new(format!("other{number}"));
            other.archived = number % 4 == 0;
            transaction.put_entry(other);
        }
        Ok::<_, StoreError>(())
    });
    filled.unwrap();
    store.compact().unwrap();
    (stage, id)
}

/// Another process on the same store, and how often it has read the snapshot.
fn another(stage: &Stage) -> (Engine, Arc<AtomicUsize>) {
    let dir = stage.engine.0.store.dir();
    let disk = Counting::default();
    let reads = Arc::clone(&disk.reads);
    let store = Store::open_on(Arc::new(disk), dir, OpenOptions::default()).unwrap();
    let now: Timestamp = START.parse().unwrap();
    (
        Engine::on(store, settings(dir, Arc::new(move || now))),
        reads,
    )
}

#[tokio::test]
async fn an_idle_sandbox_with_many_entries_reads_none_of_them() {
    let (stage, id) = crowd().await;
    let (engine, reads) = another(&stage);
    let inner = &engine.0;
    inner.go_live();
    inner.pulse().unwrap();
    let first = reads.swap(0, Ordering::Relaxed);
    assert!(first > MANY, "each is read once: {first}");
    for _ in 0..20 {
        inner.pulse().unwrap();
    }
    assert_eq!(reads.load(Ordering::Relaxed), 0);

    // What another process does costs what it did.
    stage.edit(&id, |entry| entry.note = "looked at".to_owned());
    inner.pulse().unwrap();
    assert!(reads.load(Ordering::Relaxed) < 10);
    assert_eq!(inner.next_due("sandbox").unwrap(), afresh(inner));
}

/// When something happens next, without anything that is remembered.
fn afresh(inner: &Inner) -> Option<Timestamp> {
    let known = std::mem::take(&mut *super::hold(&inner.dues));
    let next = inner.next_due("sandbox").unwrap();
    *super::hold(&inner.dues) = known;
    next
}

fn assert_remembered_well(inner: &Inner, context: &str) {
    assert_eq!(
        inner.next_due("sandbox").unwrap(),
        afresh(inner),
        "{context}"
    );
}

#[tokio::test]
async fn what_is_remembered_is_what_would_be_reckoned_anew() {
    let (stage, id) = crowd().await;
    let inner = &stage.engine.0;
    assert_remembered_well(inner, "at the start");
    stage.edit(&id, |entry| entry.archived = true);
    assert_remembered_well(inner, "one was put away");
    stage.edit(&id, |entry| entry.archived = false);
    assert_remembered_well(inner, "and is back");
    for days in 1..8 {
        let until = time::later(
            inner.time_of("sandbox"),
            SignedDuration::from_hours(24 * days),
        );
        inner.play_until("sandbox", until).unwrap();
        assert_remembered_well(inner, &format!("after {days} days"));
    }
    inner.store.compact().unwrap();
    assert_remembered_well(inner, "after a new snapshot");
}

#[tokio::test]
async fn what_waits_for_a_successor_goes_once_that_serves() {
    let stage = Stage::new();
    let (old, new) = (stage.order().await, stage.order().await);
    let inner = &stage.engine.0;
    let stand = |entry: &mut Entry, state: &str| {
        entry.lifecycle = "cloudflare-custom".to_owned();
        let track = entry.tracks.get_mut("main").unwrap();
        track.state = StateRef::known(state);
    };
    stage.edit(&old, |entry| {
        stand(entry, "active");
        entry.links.push(Link {
            kind: LinkKind::ReplacedBy,
            entry: new.clone(),
        });
    });
    stage.edit(&new, |entry| stand(entry, "initializing"));
    inner.store.compact().unwrap();
    assert_remembered_well(inner, "before");
    for state in ["pending-deployment", "active", "deleted", "active"] {
        stage.edit(&new, |entry| stand(entry, state));
        assert_remembered_well(inner, state);
    }
}
