//! Promise 4: several real processes and threads on one real store.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use certdeck::domain::entry::EntryId;
use certdeck::store::{Harm, OpenOptions, Store, StoreError};

use super::stock::{entry, fresh, in_memory, notes, open, options};

/// Where a child process finds the store it shall work on.
pub(crate) const STORE: &str = "CERTDECK_TEST_STORE";
const TURNS: usize = 700;

/// This test binary again, running one of the tests below that are for children alone.
fn child(test: &str, dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--ignored"])
        .env(STORE, dir)
        .stdout(Stdio::null());
    command
}

fn store_of_child() -> Option<Store> {
    std::env::var_os(STORE).map(|dir| open(Path::new(&dir)))
}

fn count_up(store: &Store) {
    store
        .transact(|tx| {
            let held = tx.entry(&EntryId::new("counter"));
            let count = held.map_or(0, |entry| entry.note.parse::<usize>().unwrap());
            tx.put_entry(entry("counter", &(count + 1).to_string()));
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
#[ignore = "a child of promise_04_two_processes_and_two_threads_lose_no_update"]
fn child_counts() {
    let Some(store) = store_of_child() else {
        return;
    };
    for turn in 0..TURNS {
        count_up(&store);
        if turn % 50 == 49 {
            store.compact().unwrap();
        }
    }
}

#[test]
fn promise_04_two_processes_and_two_threads_lose_no_update() {
    let home = in_memory();
    let dir = home.path().join("store");
    let store = open(&dir);
    let child = child("processes::child_counts", &dir).spawn().unwrap();
    let threads = [store.clone(), open(&dir)]
        .map(|store| thread::spawn(move || (0..TURNS).for_each(|_| count_up(&store))));
    follow(&dir, || threads.iter().all(thread::JoinHandle::is_finished));
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(wait(child));
    store.catch_up().unwrap();
    let expected = (3 * TURNS).to_string();
    assert_eq!(notes(&store.snapshot())["counter"], expected);
    let again = open(&dir).snapshot();
    assert_eq!(notes(&again)["counter"], expected);
    assert_eq!(again.seq, 3 * TURNS as u64);
    assert_eq!(again.warnings, []);
}

/// Somebody who only looks, as a panel does: what is seen is whole, and never older than before.
fn follow(dir: &Path, is_over: impl Fn() -> bool) {
    let reader = Store::open(
        dir,
        OpenOptions {
            read_only: true,
            ..options()
        },
    );
    let reader = reader.unwrap();
    let (mut seen, mut changes) = (0, 0);
    while !is_over() {
        changes += usize::from(reader.catch_up().unwrap());
        let now = reader.snapshot();
        assert!(now.seq >= seen, "{} after {seen}", now.seq);
        seen = now.seq;
        let count = notes(&now).remove("counter");
        assert_eq!(count.unwrap_or_else(|| "0".to_owned()), seen.to_string());
        // A line that is being written now is no damage.
        let mut harms = now.warnings.iter().map(|damage| &damage.harm);
        assert!(
            harms.all(|harm| *harm == Harm::TornTail),
            "{:?}",
            now.warnings
        );
    }
    assert!(changes > 10, "the reader saw only {changes} changes");
}

fn wait(mut child: Child) -> bool {
    child.wait().unwrap().success()
}

#[test]
#[ignore = "a child of promise_04_a_killed_holder_of_the_lock_blocks_nobody"]
fn child_holds_the_lock() {
    let Some(store) = store_of_child() else {
        return;
    };
    let held: Result<(), StoreError> = store.transact(|_| {
        std::fs::write(store.dir().join("held"), "").unwrap();
        loop {
            thread::park();
        }
    });
    held.unwrap();
}

#[test]
fn promise_04_a_killed_holder_of_the_lock_blocks_nobody() {
    let (_home, dir, store) = fresh();
    let mut child = child("processes::child_holds_the_lock", &dir)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !dir.join("held").exists() {
        assert!(Instant::now() < deadline, "the child never got the lock");
        thread::yield_now();
    }
    child.kill().unwrap();
    count_up(&store);
    child.wait().unwrap();
    assert_eq!(notes(&store.snapshot())["counter"], "1");
}

#[test]
#[ignore = "a child of promise_02_a_killed_writer_leaves_every_acknowledged_change"]
fn child_counts_for_ever() {
    let Some(store) = store_of_child() else {
        return;
    };
    loop {
        count_up(&store);
        let seq = store.snapshot().seq;
        std::fs::write(store.dir().join("acknowledged.new"), seq.to_string()).unwrap();
        std::fs::rename(
            store.dir().join("acknowledged.new"),
            store.dir().join("acknowledged"),
        )
        .unwrap();
        if seq % 7 == 0 {
            store.compact().unwrap();
        }
    }
}

#[test]
fn promise_02_a_killed_writer_leaves_every_acknowledged_change() {
    let (_home, dir, _store) = fresh();
    let acknowledged = || {
        let text = std::fs::read_to_string(dir.join("acknowledged")).unwrap_or_default();
        text.parse().unwrap_or(0_u64)
    };
    for round in 1..=8_u64 {
        let goal = acknowledged() + 5 + round;
        let mut child = child("processes::child_counts_for_ever", &dir)
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while acknowledged() < goal {
            assert!(Instant::now() < deadline, "the child does not get on");
            thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let loaded = open(&dir).snapshot();
        assert!(loaded.seq >= acknowledged(), "round {round}");
        assert_eq!(notes(&loaded)["counter"], loaded.seq.to_string());
    }
}

#[test]
#[ignore = "a child of promise_08_folders_and_files_are_private_whatever_the_umask"]
fn child_fills_a_store() {
    let Some(store) = store_of_child() else {
        return;
    };
    count_up(&store);
    let name = "a".repeat(64);
    store.put_key(&"key".to_owned().into(), &name).unwrap();
    store.put_certificate("certificate", &name).unwrap();
    store.compact().unwrap();
    let journal = store.dir().join("journal.jsonl");
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes.extend_from_slice(b"half a li");
    std::fs::write(&journal, bytes).unwrap();
    count_up(&store);
}

#[test]
fn promise_08_folders_and_files_are_private_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;

    for umask in ["000", "777"] {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("store");
        let program = std::env::current_exe().unwrap();
        let script =
            format!("umask {umask}; exec \"$0\" processes::child_fills_a_store --exact --ignored");
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(script)
            .arg(program)
            .env(STORE, &dir)
            .stdout(Stdio::null());
        assert!(wait(shell.spawn().unwrap()));
        let mut seen = Vec::new();
        let mut folders = vec![dir];
        while let Some(folder) = folders.pop() {
            let mode = folder.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o700, "{}", folder.display());
            for item in std::fs::read_dir(&folder).unwrap() {
                let path = item.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let mode = path.metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o7777, 0o600, "{}", path.display());
                seen.push(path);
            }
        }
        // Snapshot, journal, both locks, an old journal, a key, a certificate, the torn line.
        assert_eq!(seen.len(), 8, "{seen:?}");
    }
}
