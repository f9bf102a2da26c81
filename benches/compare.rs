//! The same rows in certdeck and in common programs: csvlens in a pseudo-terminal, jq over the
//! store's own file, sqlite3 with the rows in a table; taken in turn in one run.
//!
//! `benches/compare [COUNT…]` installs what is missing and runs this. Nothing here is a race
//! between equals: what of each pair is not the same work is printed beside it. A program that is
//! not there is named and left out.

mod support;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use certdeck::domain::entry::EntryId;
use certdeck::store::{OpenOptions, Store, StoreError};
use support::Written;
use support::panel::{PROGRAM, Panel};
use support::sqlite::Sqlite;
use support::table::Unit::{MiB, Millis};
use support::versus::Versus;
use support::viewer::Viewer;

const PROCESSES: usize = 5;
const KEYS: usize = 10;
const CHANGES: usize = 100;
const FILTER: &str = "sho";

const FIRST: &str = "exec to first rows";
const COMPLETE: &str = "exec to complete list";
const MEMORY: &str = "memory, list complete";
const CURSOR: &str = "key to frame, cursor";
const FOUND: &str = "last key to all that is found";
const MEMORY_AFTER: &str = "memory, after the filter";
const READ: &str = "all lines of inventory.jsonl";
const COLUMNS: &str = "all columns of all rows";
const FIRST_OF: &str = "the first 50 by expiry";
const CHANGE: &str = "one durable change";

fn main() {
    let counts = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let mut counts: Vec<u64> = counts.collect();
    if counts.is_empty() {
        counts = vec![1_000, 100_000];
    }
    let peers = Peers::find();
    for count in counts {
        let stage = Stage::prepare(count, &peers);
        let mut versus = announced();
        // The first time warms everything.
        stage.round(&peers, &mut announced());
        for _ in 0..PROCESSES {
            stage.round(&peers, &mut versus);
        }
        stage.changes(&peers, &mut versus);
        let all = stage.written.all;
        versus.print(&format!(
            "{all} entries, {PROCESSES} processes of each, warm"
        ));
    }
}

/// What is compared, and what is not the same about it.
fn announced() -> Versus {
    let mut versus = Versus::default();
    versus.pair(
        FIRST,
        "csvlens",
        Millis,
        "in order; as in the file, drawn at a tick of 250 ms",
    );
    let differs = "checked, held and in order; rows counted, told at a tick of 250 ms";
    versus.pair(COMPLETE, "csvlens", Millis, differs);
    let differs = "certdeck holds what the list needs, csvlens reads rows when they are in sight";
    versus.pair(MEMORY, "csvlens", MiB, differs);
    versus.pair(
        CURSOR,
        "csvlens",
        Millis,
        "certdeck also draws the entry's details",
    );
    let differs = "letter by letter in names, ids, accounts, products and states; a regular \
        expression over all columns, after Enter";
    versus.pair(FOUND, "csvlens", Millis, differs);
    versus.pair(MEMORY_AFTER, "csvlens", MiB, "as above");
    let differs = "`list --limit 1`, checked and in order; `jq -c .`, all of it printed to nowhere";
    versus.pair(READ, "jq", Millis, differs);
    let differs = "exec to complete list, drawn; SELECT over every column of an open table";
    versus.pair(COLUMNS, "sqlite3", Millis, differs);
    let differs = "exec to first rows, drawn; SELECT by an index, in a new process";
    versus.pair(FIRST_OF, "sqlite3", Millis, differs);
    let differs = "one append and sync, with the lock of all processes; UPDATE, WAL, \
        synchronous=FULL, told through a pipe";
    versus.pair(CHANGE, "sqlite3", Millis, differs);
    versus
}

/// The programs that are there.
struct Peers {
    csvlens: Option<PathBuf>,
    jq: bool,
    sqlite: bool,
}

impl Peers {
    fn find() -> Self {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/bin/csvlens");
        let csvlens = [peers, PathBuf::from("csvlens")];
        let csvlens = csvlens.into_iter().find(|path| version(path).is_some());
        let (jq, sqlite) = (version(Path::new("jq")), version(Path::new("sqlite3")));
        let said = csvlens.as_deref().and_then(version);
        for (name, version) in [("csvlens", &said), ("jq", &jq), ("sqlite3", &sqlite)] {
            match version {
                Some(version) => println!("{name}: {version}"),
                None => println!("{name}: not here, left out"),
            }
        }
        Self {
            csvlens,
            jq: jq.is_some(),
            sqlite: sqlite.is_some(),
        }
    }
}

/// What a program says that it is; nothing where there is none.
fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    Some(said.lines().next().unwrap_or_default().to_owned())
}

/// The same rows in every form.
struct Stage {
    folder: tempfile::TempDir,
    written: Written,
}

impl Stage {
    fn prepare(count: u64, peers: &Peers) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let written = support::write_store(&folder.path().join("store"), count);
        let written = written.expect("the store is filled");
        let stage = Self { folder, written };
        let rows = File::create(stage.rows()).expect("a file");
        // All rows, those that are put away among them.
        let mut list = stage.certdeck(&["list", "--csv", "--archived"]);
        let listed = list.stdout(rows).status().expect("certdeck lists");
        assert!(listed.success(), "certdeck list --csv failed");
        if peers.sqlite {
            stage.fill_database();
        }
        stage
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn rows(&self) -> PathBuf {
        self.folder.path().join("rows.csv")
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("rows.sqlite")
    }

    fn certdeck(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--store").arg(self.store()).args(arguments);
        command
    }

    fn fill_database(&self) {
        let mut sqlite = Sqlite::open(&self.database());
        let rows = self.rows().display().to_string();
        sqlite.run("PRAGMA journal_mode=WAL;");
        sqlite.run(&format!(".import --csv '{rows}' rows"));
        sqlite.run("CREATE UNIQUE INDEX by_id ON rows(id);");
        sqlite.run("CREATE INDEX by_expiry ON rows(not_after);");
        sqlite.run("PRAGMA wal_checkpoint(TRUNCATE);");
        sqlite.close();
    }

    /// Everything once, one program after the other.
    fn round(&self, peers: &Peers, versus: &mut Versus) {
        let (first, complete) = self.panel(versus);
        versus.ours(COLUMNS, complete);
        versus.ours(FIRST_OF, first);
        if let Some(csvlens) = &peers.csvlens {
            self.viewer(csvlens, versus);
        }
        versus.ours(READ, timed(&mut self.certdeck(&["list", "--limit", "1"])));
        if peers.jq {
            let mut jq = Command::new("jq");
            jq.args(["-c", "."])
                .arg(self.store().join("inventory.jsonl"));
            versus.theirs(READ, timed(&mut jq));
        }
        if peers.sqlite {
            let mut select = self.select(&self.every_column());
            versus.theirs(COLUMNS, timed(&mut select));
            let statement = "SELECT * FROM rows WHERE not_after <> '' ORDER BY not_after LIMIT 50;";
            versus.theirs(FIRST_OF, timed(&mut self.select(statement)));
        }
    }

    /// Gives the milliseconds until the first rows and until the complete list.
    fn panel(&self, versus: &mut Versus) -> (f64, f64) {
        let mut panel = Panel::start(&self.store());
        let first = millis(panel.first_page());
        let complete = millis(panel.complete(self.written));
        versus.ours(FIRST, first);
        versus.ours(COMPLETE, complete);
        versus.ours(MEMORY, panel.0.peak_mib());
        panel.0.settle();
        for _ in 0..KEYS {
            versus.ours(CURSOR, millis(panel.key(b"j", "").done));
        }
        panel.0.write(b"/");
        panel.0.settle();
        let mut last = Duration::ZERO;
        for letter in FILTER.chars() {
            last = panel.key(letter.to_string().as_bytes(), "").done;
        }
        versus.ours(FOUND, millis(last));
        versus.ours(MEMORY_AFTER, panel.0.peak_mib());
        panel.0.write(b"\r");
        panel.0.settle();
        panel.0.leave(b"q");
        (first, complete)
    }

    fn viewer(&self, program: &Path, versus: &mut Versus) {
        let mut viewer = Viewer::start(program, &self.rows());
        versus.theirs(FIRST, millis(viewer.first_page()));
        versus.theirs(COMPLETE, millis(viewer.complete(self.written.all)));
        versus.theirs(MEMORY, viewer.0.peak_mib());
        viewer.settle();
        for _ in 0..KEYS {
            let moved = viewer.key(b"j").expect("the cursor moves");
            versus.theirs(CURSOR, millis(moved));
        }
        versus.theirs(FOUND, millis(viewer.filter(FILTER)));
        versus.theirs(MEMORY_AFTER, viewer.0.peak_mib());
        viewer.0.leave(b"q");
    }

    /// A statement that has to look at every column of every row, and prints one number.
    fn every_column(&self) -> String {
        let mut header = csv::Reader::from_path(self.rows()).expect("the rows");
        let columns = header.headers().expect("a header").iter();
        let lengths: Vec<_> = columns
            .map(|column| format!("length(\"{column}\")"))
            .collect();
        format!("SELECT sum({}) FROM rows;", lengths.join(" + "))
    }

    fn select(&self, statement: &str) -> Command {
        let mut command = Command::new("sqlite3");
        command.arg("-batch").arg(self.database()).arg(statement);
        command
    }

    /// One durable change after the other, in turn.
    fn changes(&self, peers: &Peers, versus: &mut Versus) {
        if !peers.sqlite {
            return;
        }
        let store = Store::open(&self.store(), OpenOptions::default()).expect("the store opens");
        let mut sqlite = Sqlite::open(&self.database());
        sqlite.run("PRAGMA synchronous=FULL;");
        let ids = store.snapshot().entries;
        let step = (ids.len() / CHANGES).max(1);
        let ids: Vec<EntryId> = ids.iter().step_by(step).map(|row| row.id.clone()).collect();
        for (number, id) in ids.iter().enumerate() {
            let note = format!("Note number {number}");
            let began = Instant::now();
            let done = store.transact(|transaction| {
                let mut entry = transaction.entry(id).expect("the entry").as_ref().clone();
                entry.note.clone_from(&note);
                transaction.put_entry(entry);
                Ok::<_, StoreError>(())
            });
            done.expect("the change is kept");
            versus.ours(CHANGE, millis(began.elapsed()));
            let update = format!("UPDATE rows SET said = '{note}' WHERE id = '{id}';");
            versus.theirs(CHANGE, millis(sqlite.run(&update)));
        }
        sqlite.close();
    }
}

/// How many milliseconds a process takes that writes to nowhere.
fn timed(command: &mut Command) -> f64 {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null());
    let began = Instant::now();
    let ended = command.status().expect("it runs");
    let took = millis(began.elapsed());
    assert!(ended.success(), "{command:?} failed");
    took
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
