//! The local store: every entry, account, key and certificate, kept so that nothing is lost.
//!
//! It keeps what it is given and decides nothing: what an entry means is `domain`'s, when it
//! changes is the engine's, and the engine alone calls it. It may do I/O, through [`Disk`] only.
//!
//! # On the disk
//! ```text
//! inventory.jsonl   the last snapshot: a header, then one account or entry per line
//! journal.jsonl     what happened since: a header, then one transaction per line
//! history/NNN.jsonl what snapshots took in of journals, oldest first
//! history/pruned.jsonl which of them were removed, where somebody asked for that (see `prune`)
//! first-page.jsonl  the entries that the list begins with, as a copy, where a snapshot is long
//! inventory.packed  what the list keeps of a long snapshot, as a copy, so that it is read quickly
//! keys/<sha256 of the public key>.pem   private keys
//! certs/<sha256 of the DER form>.pem    certificates
//! damaged/          bytes that could not be read, put aside before the next write
//! lock              held by whoever writes, for one transaction or one swap; its one line names
//!                   the last acknowledged transaction
//! compacting        held by the one process that writes a new snapshot
//! ```
//! Folders are 0700 and files 0600 from creation.
//!
//! Every line is a JSON object whose last member is `"crc"`: the CRC-32 (the one of gzip and
//! zlib) as eight lower-case hexadecimal digits, over the line's bytes without that member and
//! its comma, and without the newline. To check a file with common tools:
//! ```text
//! python3 -c 'import re, sys, zlib
//! for n, line in enumerate(open(sys.argv[1], "rb"), 1):
//!     m = re.fullmatch(rb"(.*),\"crc\":\"([0-9a-f]{8})\"\}\n?", line)
//!     if not m or zlib.crc32(m[1] + b"}") != int(m[2], 16): print("line", n)' journal.jsonl
//! ```
//! - Headers: `{"format":"certdeck-inventory","version":1,"generation":G,"through_seq":S,
//!   "count":N,"store":ID,"crc":…}` and `{"format":"certdeck-journal","version":1,"generation":G,
//!   "through_seq":S,"store":ID,"crc":…}`. `count` is the number of lines that follow; the
//!   journal's lines come after transaction `S`. `store` is made up once for each store, so that
//!   the halves of two are never read as one; headers that are older lack it. The header line
//!   keeps this form in every version to come.
//! - `first-page.jsonl` has a header of the format `certdeck-first-page`, whose `generation` and
//!   `through_seq` name the one state of the store that it belongs to, and snapshot lines.
//! - `inventory.packed` is the one file that is not lines of JSON; `packed` says what is in it.
//! - Snapshot lines: `{"entry":{…},"crc":…}` or `{"account":{…},"crc":…}`.
//! - Journal lines: `{"seq":…,"at":…,"who":…,"events":[…],"entries":[…],"accounts":[…],"crc":…}`,
//!   one transaction each, with the whole resulting entries and accounts. Replay skips what the
//!   snapshot holds (`seq <= through_seq`), so replaying twice is the same as once.
//!
//! # In memory
//! Of the snapshot only what the list needs is held, and where each line lies; a line is read when
//! somebody asks for its entry. Entries that changed since are held whole. The file of a generation
//! stays open as long as anybody reads from it.
//!
//! # A new snapshot
//! It is written beside the old one while others go on writing; the lock is held to see what there
//! is, and again to swap. What the new snapshot took in of the journal was copied for the history
//! meanwhile; what came later begins the new journal. The order of the swap: snapshot, history,
//! journal. A journal whose generation is older than the snapshot's shows the next writer that a
//! crash came between, and it finishes the swap.
//!
//! # Damage
//! Reading never changes a file: what is damaged is left out and named in [`Loaded::warnings`].
//! The next writer copies the damaged bytes to `damaged/` before it does anything else. It cuts
//! an incomplete last line off after that, and appends behind other damage, which stays where it
//! is until a swap moves the whole journal into the history (a damaged snapshot is kept whole in
//! `damaged/` before a swap replaces it). One lost header is made up for from the other file's,
//! by a swap; when both are lost nobody knows the version, and writing is refused. What is wrong
//! with a store, and what to do, is said by `doctor`, which reads all of it and changes nothing.

pub mod archive;
mod blocks;
mod clock;
mod compact;
mod damage;
mod disk;
pub mod doctor;
mod error;
mod files;
mod first_page;
mod head;
mod history;
mod image;
mod line;
mod lock;
mod mend;
mod packed;
pub mod prune;
mod reading;
mod record;
mod replay;
mod scan;
mod shelf;
mod snapshot;
mod stretch;
mod together;
mod transaction;
mod trouble;
mod turn;
mod vault;
mod write_down;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use clock::{Clock, system_clock};
pub use damage::{Damage, Harm};
pub use disk::{Disk, DiskFile, DiskFileOver, DiskOver, How, Kind, Look, RealDisk, SyncTogether};
pub use error::StoreError;
pub use history::HistoryLine;
pub use image::Accounts;
pub use transaction::Transaction;

use crate::domain::entries::Entries;
use jiff::Timestamp;

use error::failed;
use files::{Files, planted};
use mend::{CERTS, HISTORY, KEYS, check_folder, check_link, look_at_place, need_folder};
use reading::Reading;
use record::JournalLine;
use write_down::Temporary;

/// How a store is opened.
#[derive(Clone)]
pub struct OpenOptions {
    /// Nothing is created or changed; changes are refused.
    pub read_only: bool,
    /// How long to wait for another process that writes.
    pub lock_timeout: Duration,
    /// What the journal's times are taken from.
    pub clock: Clock,
    /// Nothing of it is to outlast a loss of power: nothing waits for the disk. Only for stores
    /// that are thrown away.
    pub passing: bool,
}

impl Default for OpenOptions {
    /// For writing, with five seconds of patience and the system's clock.
    fn default() -> Self {
        Self {
            read_only: false,
            lock_timeout: Duration::from_secs(5),
            clock: system_clock(),
            passing: false,
        }
    }
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOptions")
            .field("read_only", &self.read_only)
            .field("lock_timeout", &self.lock_timeout)
            .finish_non_exhaustive()
    }
}

/// The state of the store at one moment. Cloning it copies no entry.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Every entry, by id.
    pub entries: Entries,
    /// Every account's record, by name.
    pub accounts: Arc<Accounts>,
    /// The last transaction that is in it; it grows with every change.
    pub seq: u64,
    /// When the last transaction was written, by the clock of then; nothing where none is in the
    /// journal since the last snapshot.
    pub last_written: Option<Timestamp>,
    /// What of the store could not be read.
    pub warnings: Vec<Damage>,
}

/// A handle to an open store folder. Clones share one state; threads may share them.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    options: OpenOptions,
    /// Whose turn it is to write in this process; taken before the lock of all processes.
    turn: Mutex<()>,
    /// Held while reading or writing a file, never while waiting for the lock.
    files: Mutex<Files>,
    /// Whether the journal is so long that a swap is worth its while.
    wants_swap: AtomicBool,
    reading: Arc<Reading>,
    /// What everybody sees; held for a moment only, never during I/O.
    shown: Mutex<Loaded>,
    /// Why the last write failed.
    trouble: Mutex<Option<String>>,
}

/// A thread that panicked while it held one of the mutexes left nothing half-done in memory that
/// the next refresh does not put right.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// Opens the store at `dir` and makes it where there is none yet.
    ///
    /// # Errors
    /// [`StoreError::Absent`] if there is none and it may only be read; [`StoreError::Newer`],
    /// [`StoreError::Planted`], [`StoreError::Foreign`] or [`StoreError::Damaged`] if it cannot be
    /// used, and nothing was touched then; [`StoreError::Locked`] if it has to be made and
    /// another process writes; else what the file system said.
    pub fn open(dir: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let disk = RealDisk {
            passing: options.passing,
        };
        Self::open_on(Arc::new(disk), dir, options)
    }

    /// Opens a store on another file system: what tests break things with.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_on(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: OpenOptions,
    ) -> Result<Self, StoreError> {
        check_root(disk.as_ref(), dir, options.read_only)?;
        let store = Self::unread(disk, dir, options);
        store.load()?;
        Ok(store)
    }

    /// A handle to a store that nothing was read of.
    fn unread(disk: Arc<dyn Disk>, dir: &Path, options: OpenOptions) -> Self {
        let reading = Arc::new(Reading::default());
        let (on, read) = (Arc::clone(&disk), Arc::clone(&reading));
        let files = Files::blank(on, dir, options.read_only, read);
        Self(Arc::new(Inner {
            disk,
            dir: dir.to_owned(),
            options,
            turn: Mutex::new(()),
            wants_swap: AtomicBool::new(false),
            reading,
            files: Mutex::new(files),
            shown: Mutex::default(),
            trouble: Mutex::default(),
        }))
    }

    /// Reads all of a store that was opened at its first page.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn load(&self) -> Result<(), StoreError> {
        let fresh = {
            let mut files = hold(&self.0.files);
            // Before anything is made: a store of a newer version is not touched.
            files.refresh()?;
            files.snapshot.is_none() && files.journal.is_none()
        };
        if !self.0.options.read_only {
            make_folders(self.disk(), self.dir())?;
            if fresh {
                let _turn = hold(&self.0.turn);
                let _lock = self.lock()?;
                hold(&self.0.files).prepare()?;
            }
        }
        self.show(&hold(&self.0.files));
        Ok(())
    }

    /// The folder that it lies in.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// The state as it was last read or written here. It never waits for a file.
    #[must_use]
    pub fn snapshot(&self) -> Loaded {
        hold(&self.0.shown).clone()
    }

    /// Reads what other processes changed since; `true` if something did. Cheap when nothing did.
    ///
    /// # Errors
    /// [`StoreError::Newer`] if a newer certdeck took the store over, [`StoreError::Vanished`] if
    /// somebody moved it away, else what the file system said; the state stays as it was then.
    pub fn catch_up(&self) -> Result<bool, StoreError> {
        let mut files = hold(&self.0.files);
        let changed = self.noted_if_gone(files.refresh())?;
        self.show(&files);
        Ok(changed)
    }

    /// Makes one change: catches up with other processes, takes the lock, runs `change` on the
    /// current state, and writes what it left in the transaction as one line of the journal.
    /// When this returns, the change is on the disk. If `change` fails, or changes nothing,
    /// nothing is written. `change` must not start another transaction.
    ///
    /// # Errors
    /// What `change` said; [`StoreError::ReadOnly`]; [`StoreError::Locked`] after the lock's
    /// timeout; [`StoreError::Damaged`] or [`StoreError::Newer`] if the store cannot be written;
    /// else what the file system said, and the state is the one before.
    pub fn transact<T, E>(
        &self,
        change: impl FnOnce(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.need_writable()?;
        let _turn = hold(&self.0.turn);
        let mut lock = self.noted(self.lock_when_current())?;
        let mut transaction = self.begin();
        let result = change(&mut transaction);
        if let Some(unreadable) = transaction.unreadable() {
            return Err(StoreError::Unreadable(unreadable).into());
        }
        let result = result?;
        if !transaction.is_empty() {
            lock.mark(self.noted(self.commit(transaction))?);
            self.is_well();
        }
        Ok(result)
    }

    /// Whether the journal has grown so long that [`Store::compact`] is worth its while. It never
    /// waits for a file.
    #[must_use]
    pub fn needs_compaction(&self) -> bool {
        self.0.wants_swap.load(Ordering::Relaxed)
    }

    /// How many entries of how many were read, while a snapshot is read; else nothing.
    #[must_use]
    pub fn reading(&self) -> Option<(usize, usize)> {
        self.0.reading.so_far()
    }

    /// Writes a new snapshot and moves what it took in of the journal into the history. The state
    /// stays the same. Everybody can go on writing meanwhile: the lock is held only to see what
    /// there is, and to swap. If another process does the same, this one leaves it to that.
    ///
    /// # Errors
    /// As [`Store::transact`]; whatever step failed, the state is still the same.
    pub fn compact(&self) -> Result<(), StoreError> {
        self.need_writable()?;
        let Some(_alone) = compact::alone(self.disk(), self.dir())? else {
            return Ok(());
        };
        let temporary = Temporary::beside(self.dir());
        let plan = self.under_the_lock(|files| files.plan(temporary))?;
        let written = plan.write();
        if matches!(written, Err(StoreError::Damaged { .. })) {
            // Something was damaged since it was read: it is looked for before the next change.
            hold(&self.0.files).unsure = true;
        }
        let written = written?;
        self.under_the_lock(|files| files.put_in_place(written))
    }

    /// Works on files that are ready to be written, while nobody else writes.
    fn under_the_lock<T>(
        &self,
        work: impl FnOnce(&mut Files) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _turn = hold(&self.0.turn);
        let _lock = self.lock_when_current()?;
        let mut files = hold(&self.0.files);
        let done = work(&mut files);
        self.show(&files);
        done
    }

    fn disk(&self) -> &dyn Disk {
        self.0.disk.as_ref()
    }

    fn need_writable(&self) -> Result<(), StoreError> {
        if self.0.options.read_only {
            return Err(StoreError::ReadOnly {
                dir: self.0.dir.clone(),
            });
        }
        Ok(())
    }

    fn lock(&self) -> Result<lock::Held, StoreError> {
        lock::take(self.disk(), self.dir(), self.0.options.lock_timeout)
    }

    /// A change of the state as it is, under the lock.
    fn begin(&self) -> Transaction {
        let files = hold(&self.0.files);
        Transaction::new(&files.image, files.next_seq())
    }

    /// Makes a transaction durable; gives its number.
    fn commit(&self, transaction: Transaction) -> Result<u64, StoreError> {
        let seq = transaction.seq();
        let at = (self.0.options.clock)();
        let line = line::seal(&JournalLine {
            seq,
            at,
            who: &transaction.who,
            events: &transaction.events,
            entries: transaction.entries.values().map(AsRef::as_ref).collect(),
            accounts: transaction.accounts.values().collect(),
        });
        let line = line.map_err(|source| StoreError::Encode { source })?;
        let (entries, accounts) = transaction.into_changes();
        let mut files = hold(&self.0.files);
        files.append(&line)?;
        files.image.take(seq, entries, accounts);
        files.image.written = Some(at);
        self.show(&files);
        Ok(seq)
    }

    fn show(&self, files: &Files) {
        let wants_swap = files.wants_swap();
        self.0.wants_swap.store(wants_swap, Ordering::Relaxed);
        *hold(&self.0.shown) = loaded(files);
    }
}

fn loaded(files: &Files) -> Loaded {
    Loaded {
        entries: files.image.entries.clone(),
        accounts: Arc::clone(&files.image.accounts),
        seq: files.image.seq,
        last_written: files.image.written,
        warnings: files.warnings(),
    }
}

/// Whether the store's own folder is there and may be used.
fn check_root(disk: &dyn Disk, dir: &Path, read_only: bool) -> Result<(), StoreError> {
    let look = look_at_place(disk, dir)?;
    match look.map(|look| look.kind) {
        None if read_only => Err(StoreError::Absent {
            dir: dir.to_owned(),
        }),
        None => Ok(()),
        // The store's own place may be a link that its owner made.
        Some(Kind::Link) => check_link(disk, dir),
        Some(Kind::Folder) if read_only => Ok(()),
        Some(Kind::Folder) => check_folder(disk, dir).map(|_| ()),
        Some(kind) => Err(planted(dir, kind, "a folder")),
    }
}

/// Makes what is missing of the store's folders.
fn make_folders(disk: &dyn Disk, dir: &Path) -> Result<(), StoreError> {
    let look = disk.look(dir).map_err(failed("look at", dir))?;
    if look.is_none() {
        need_folder(disk, dir)?;
    }
    for folder in [KEYS, CERTS, HISTORY] {
        need_folder(disk, &dir.join(folder))?;
    }
    Ok(())
}
