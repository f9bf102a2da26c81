//! Changes, and what is done with a store as a whole: one durable change, a thousand at once, a new
//! snapshot with another writer beside it, and the commands doctor, export and import.
//!
//! `cargo bench --bench store [-- COUNT…]`. What a sync alone costs is measured in the same run on
//! the same file system, between the changes. Export, import and doctor are whole processes, on
//! stores whose certificates lie there as files; beyond 100,000 they are passed over.

mod support;

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use certdeck::domain::entry::{Entry, EntryId};
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::Command as Order;
use certdeck::engine::{Engine, EngineSettings};
use certdeck::store::{self, Store, StoreError, Transaction};
use support::panel::PROGRAM;
use support::table::{Table, Unit};

const CHANGES: usize = 200;
const BULKS: usize = 5;
const AT_ONCE: usize = 1_000;
const SNAPSHOTS: usize = 3;
/// How often each command is run; once where an import writes very many files.
const COMMANDS: usize = 3;
const MANY: u64 = 10_000;
/// Beyond this many entries, files of certificates are too many to be made for a bench.
const MOST_WITH_FILES: u64 = 100_000;

fn main() {
    let counts = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let mut counts: Vec<u64> = counts.collect();
    if counts.is_empty() {
        counts = vec![1_000, 100_000];
    }
    for count in counts {
        let mut table = Table::default();
        changes_of(count, &mut table);
        table.print(&format!("{count} entries"));
        if count <= MOST_WITH_FILES {
            let mut table = Table::default();
            commands_on(count, &mut table);
            table.print(&format!(
                "{count} entries, and the files of their certificates"
            ));
        }
    }
}

fn changes_of(count: u64, table: &mut Table) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = folder.path().join("store");
    support::write_store(&dir, count).expect("the store is filled");
    let store = open(&dir);
    let ids = some_ids(&store);
    single(&store, &ids, &folder.path().join("bare"), table);
    bulk(&store, &ids, table);
    through_the_engine(&dir, &ids, table);
    for _ in 0..SNAPSHOTS {
        snapshot(&store, &dir, &ids, table);
    }
}

fn open(dir: &Path) -> Store {
    Store::open(dir, store::OpenOptions::default()).expect("the store opens")
}

/// Entries from everywhere in the list.
fn some_ids(store: &Store) -> Vec<EntryId> {
    let entries = store.snapshot().entries;
    let step = (entries.len() / AT_ONCE).max(1);
    let ids = entries.iter().step_by(step).map(|entry| entry.id.clone());
    ids.take(AT_ONCE).collect()
}

fn note(entry: &mut Entry, note: usize) {
    entry.note = format!("Note number {note:08}");
}

fn change(transaction: &mut Transaction, id: &EntryId, number: usize) {
    let mut entry = transaction.entry(id).expect("the entry").as_ref().clone();
    note(&mut entry, number);
    transaction.who("bench");
    transaction.put_entry(entry);
}

/// One change after the other, and after each the same number of bytes, bare.
fn single(store: &Store, ids: &[EntryId], bare: &Path, table: &mut Table) {
    let journal = store.dir().join("journal.jsonl");
    let mut bare = append_to(bare);
    let mut length = length_of(&journal);
    for (number, id) in ids.iter().cycle().take(CHANGES).enumerate() {
        let began = Instant::now();
        changed(store, |transaction| change(transaction, id, number));
        table.take("one durable change", Unit::Millis, millis(began.elapsed()));
        let now = length_of(&journal);
        let bytes = vec![b'x'; usize::try_from(now - length).unwrap_or_default()];
        length = now;
        let began = Instant::now();
        bare.write_all(&bytes).expect("writing");
        bare.sync_data().expect("a sync");
        let label = "  of that, append and sync alone";
        table.take(label, Unit::Millis, millis(began.elapsed()));
    }
}

fn bulk(store: &Store, ids: &[EntryId], table: &mut Table) {
    for number in 0..BULKS {
        let began = Instant::now();
        changed(store, |transaction| {
            for id in ids {
                change(transaction, id, number);
            }
        });
        let label = format!("{} changes in one transaction", ids.len());
        table.take(&label, Unit::Millis, millis(began.elapsed()));
    }
}

/// A note as a person writes one: the gate is asked, and everybody sees the new list.
fn through_the_engine(dir: &Path, ids: &[EntryId], table: &mut Table) {
    let lifecycles = Lifecycles::built_in().expect("the embedded tables");
    let settings = EngineSettings::usual(dir.to_owned(), lifecycles, "bench");
    let engine = Engine::open(settings).expect("the engine opens");
    let runtime = tokio::runtime::Builder::new_multi_thread().build();
    let runtime = runtime.expect("a runtime");
    for (number, id) in ids.iter().cycle().take(CHANGES).enumerate() {
        let order = Order::Note {
            entry: id.clone(),
            note: format!("Through the engine: {number}"),
        };
        let began = Instant::now();
        runtime.block_on(engine.run(order)).expect("it is kept");
        let label = "a note through the engine";
        table.take(label, Unit::Millis, millis(began.elapsed()));
    }
}

/// A new snapshot, while another process's handle goes on changing entries.
fn snapshot(store: &Store, dir: &Path, ids: &[EntryId], table: &mut Table) {
    changed(store, |transaction| {
        for id in ids {
            change(transaction, id, 0);
        }
    });
    let alone = Instant::now();
    store.compact().expect("a new snapshot");
    table.take(
        "a new snapshot, alone",
        Unit::Millis,
        millis(alone.elapsed()),
    );
    let other = open(dir);
    let (goes, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let waits = std::thread::scope(|scope| {
        let writer = scope.spawn(|| write_until(&other, ids, &goes, &over));
        while !goes.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        let began = Instant::now();
        store.compact().expect("a new snapshot");
        let label = "a new snapshot, others writing";
        table.take(label, Unit::Millis, millis(began.elapsed()));
        over.store(true, Ordering::Release);
        writer.join().expect("it writes")
    });
    let most = waits.iter().max().copied().unwrap_or_default();
    table.take("  longest change meanwhile", Unit::Millis, millis(most));
    for wait in waits {
        table.take("  every change meanwhile", Unit::Millis, millis(wait));
    }
}

/// Makes changes until somebody is done; gives how long each took.
fn write_until(
    store: &Store,
    ids: &[EntryId],
    goes: &AtomicBool,
    over: &AtomicBool,
) -> Vec<Duration> {
    let mut waits = Vec::new();
    for (number, id) in ids.iter().cycle().enumerate() {
        let last = over.load(Ordering::Acquire);
        let began = Instant::now();
        changed(store, |transaction| change(transaction, id, number));
        // The first one tells that it goes.
        if goes.swap(true, Ordering::Release) {
            waits.push(began.elapsed());
        }
        // The one after the swap is among them: it reads the new generation.
        if last {
            return waits;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    waits
}

fn changed(store: &Store, work: impl FnOnce(&mut Transaction)) {
    let done = store.transact(|transaction| {
        work(transaction);
        Ok::<_, StoreError>(())
    });
    done.expect("the change is kept");
}

fn commands_on(count: u64, table: &mut Table) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (home, dir) = (folder.path(), folder.path().join("store"));
    support::write_store_with_files(&dir, count).expect("the store is filled");
    // Whatever a store has that was opened once.
    drop(open(&dir));
    File::open(&dir)
        .and_then(|dir| dir.sync_all())
        .expect("a sync");
    let times = if count > MANY { 1 } else { COMMANDS };
    for number in 0..times {
        let (archive, to) = (home.join(format!("{number}.tar")), home.join("copy"));
        let [archive, to] = [archive, to].map(|path| path.display().to_string());
        // It finds that these stores have no past, and says so with its code; all else is well.
        let doctor = command(&dir, &["doctor"], &[11]);
        let export = command(&dir, &["store", "export", "--yes", &archive], &[0]);
        let import = command(Path::new(&to), &["store", "import", &archive], &[0]);
        let bytes = length_of(Path::new(&archive));
        std::fs::remove_file(&archive).expect("the archive is there");
        std::fs::remove_dir_all(&to).expect("the copy is there");
        table.take("certdeck doctor", Unit::Millis, millis(doctor));
        table.take("certdeck store export", Unit::Millis, millis(export));
        table.take("certdeck store import", Unit::Millis, millis(import));
        let mib = u32::try_from(bytes / 1024).map_or(f64::NAN, f64::from) / 1024.0;
        table.take("  the archive", Unit::MiB, mib);
    }
}

/// How long certdeck takes with these arguments, and it must end with one of these codes.
fn command(store: &Path, arguments: &[&str], codes: &[i32]) -> Duration {
    let mut command = Command::new(PROGRAM);
    command.arg("--store").arg(store).args(arguments);
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    let took = began.elapsed();
    let code = output.status.code().unwrap_or(-1);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(codes.contains(&code), "{arguments:?}: {code}: {said}");
    took
}

fn append_to(path: &Path) -> File {
    let mut options = OpenOptions::new();
    let opened = options.append(true).create(true).open(path);
    opened.expect("a file")
}

fn length_of(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
