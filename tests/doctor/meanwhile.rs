//! The real program examines and mends a store while other processes write to it, compact it and
//! prune it, over and over: it finds nothing wrong, and mends nothing.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use certdeck::domain::entry::{Entry, EntryId};
use certdeck::store::prune::{Which, plan, prune};
use certdeck::store::{OpenOptions, RealDisk, Store, StoreError};
use jiff::Timestamp;

use crate::stage::Stage;

/// Where a child process finds the store that it works on.
const STORE: &str = "CERTDECK_TEST_STORE";
/// How often the doctor looks, without mending and with it.
const ROUNDS: usize = 40;

/// A child process that ends with the test.
struct Helping(Child);

impl Helping {
    /// This test binary again, running one of the tests below that are for children alone.
    fn start(test: &str, dir: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([&format!("meanwhile::{test}"), "--exact", "--ignored"])
            .env(STORE, dir)
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn is_at_work(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Helping {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn of_child() -> Option<Store> {
    let dir = std::env::var_os(STORE)?;
    Some(Store::open(Path::new(&dir), options()).unwrap())
}

fn options() -> OpenOptions {
    OpenOptions {
        lock_timeout: Duration::from_secs(60),
        ..OpenOptions::default()
    }
}

fn is_there(store: &Store) -> bool {
    // The test takes its folder away at the end, however it ends.
    store.dir().is_dir()
}

#[test]
#[ignore = "a child of the test below"]
fn child_writes() {
    let Some(store) = of_child() else {
        return;
    };
    for turn in 0_u32.. {
        let written = store.transact(|transaction| {
            let id = EntryId::new(format!("w{}", turn % 40));
            let now = Timestamp::now();
            let mut entry = Entry::new(id, "sandbox", "netcup", "issued", now);
            entry.names = vec!["w.example.com".to_owned()];
            entry.note = "n".repeat(4_000);
            transaction.put_entry(entry);
            Ok::<_, StoreError>(())
        });
        if !is_there(&store) {
            return;
        }
        written.unwrap();
        // Whoever writes without a breath keeps the lock from everybody else.
        while is_there(&store) && is_long(&store) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Whether the journal waits for being made short.
fn is_long(store: &Store) -> bool {
    let look = std::fs::metadata(store.dir().join("journal.jsonl"));
    look.is_ok_and(|look| look.len() > 100_000)
}

#[test]
#[ignore = "a child of the test below"]
fn child_compacts() {
    let Some(store) = of_child() else {
        return;
    };
    while is_there(&store) {
        let done = store.compact().and_then(|()| prune_all_but_a_few(&store));
        assert!(done.is_ok() || !is_there(&store), "{done:?}");
    }
}

/// So that the history, which the doctor reads, stays short.
fn prune_all_but_a_few(store: &Store) -> Result<(), StoreError> {
    let disk = RealDisk::default();
    let oldest = plan(&disk, store.dir(), Which::AllBut(3))?;
    match prune(&disk, store.dir(), &options(), &oldest) {
        // The other one was faster.
        Err(StoreError::Damaged { .. }) => Ok(()),
        done => done,
    }
}

/// How many snapshots came and went.
fn generation(stage: &Stage) -> u64 {
    let numbers = stage.names("history").into_iter();
    let numbers = numbers.filter_map(|name| name.strip_suffix(".jsonl")?.parse().ok());
    numbers.max().unwrap_or(0)
}

fn look_over_and_over(stage: &Stage, helping: &mut [Helping]) {
    let before = generation(stage);
    let deadline = Instant::now() + Duration::from_secs(240);
    let mut rounds = 0;
    while rounds < ROUNDS || generation(stage) < before + 20 {
        assert!(Instant::now() < deadline, "after {rounds} rounds");
        for flags in [&[][..], &["--fix"]] {
            let json = stage.doctor(flags);
            let findings = json["findings"].as_array().unwrap().iter();
            let wrong: Vec<_> = findings
                .filter(|finding| finding["level"] != "note" || finding["fixable"] == true)
                .collect();
            assert!(wrong.is_empty(), "round {rounds}, {flags:?}: {wrong:#?}");
            let mended = json["mended"].as_array().unwrap();
            assert!(mended.is_empty(), "round {rounds}, {flags:?}: {mended:#?}");
        }
        rounds += 1;
        for child in &mut *helping {
            assert!(child.is_at_work(), "round {rounds}");
        }
    }
}

#[test]
fn doctor_beside_processes_that_write_and_compact_finds_nothing_and_mends_nothing() {
    let stage = Stage::new();
    let mut helping = [
        Helping::start("child_writes", &stage.store()),
        Helping::start("child_compacts", &stage.store()),
        Helping::start("child_compacts", &stage.store()),
    ];
    look_over_and_over(&stage, &mut helping);
    drop(helping);
    assert!(!stage.path("damaged").exists());
}
