//! The first page: the entries that the panel's list begins with, kept beside a long snapshot so that
//! they can be shown before all of it is read.
//!
//! It holds for exactly one state of the store: that of its generation and its last transaction, which
//! the journal's last line names. It is a copy and nothing is lost with it: whoever cannot read it
//! does without. The engine has it written; [`Store::open_at_first_page`] reads it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use crate::domain::entries::Entries;
use crate::domain::entry::EntryId;

use super::disk::{Disk, DiskFile, How, Kind};
use super::error::StoreError;
use super::files::Files;
use super::head::Head;
use super::image::{Accounts, First, INVENTORY, JOURNAL, meaning};
use super::line::{pieces, seal};
use super::mend::replace;
use super::record::{
    FIRST_PAGE_FORMAT, Header, INVENTORY_FORMAT, JOURNAL_FORMAT, ReadSnapshotLine, SnapshotLine,
};
use super::stretch::part;
use super::{Loaded, OpenOptions, Store, hold};

/// Where it lies, relative to the store.
pub(crate) const FIRST_PAGE: &str = "first-page.jsonl";
/// A snapshot that is shorter (bytes) is read as quickly as a page of it.
const LONG_SNAPSHOT: u64 = 8 * 1024 * 1024;
/// A page is never longer (bytes); what is, is none.
const LONGEST_PAGE: u64 = 4 * 1024 * 1024;
/// The last line of a journal is looked for in so many bytes, and then in so many.
const TAILS: [u64; 3] = [16 * 1024, 256 * 1024, 8 * 1024 * 1024];

/// Of which state of the store a page is.
#[derive(Clone, Debug)]
struct State {
    generation: u64,
    seq: u64,
    store: Option<String>,
}

/// The number of a journal's line.
#[derive(Deserialize)]
struct Numbered {
    seq: u64,
}

impl Store {
    /// Opens a store for whoever wants to show something at once: one with a long snapshot is not
    /// read yet, and holds only its first page, or nothing where none fits. [`Store::load`] reads it,
    /// and so does every change. Another one is opened as [`Store::open`] does.
    ///
    /// # Errors
    /// As [`Store::open`]; what is wrong with a store that is not read yet is said by
    /// [`Store::load`].
    pub fn open_at_first_page(dir: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let disk: Arc<dyn Disk> = Arc::new(super::RealDisk {
            passing: options.passing,
        });
        Self::open_at_first_page_on(disk, dir, options)
    }

    /// The same on another file system: what tests break things with.
    ///
    /// # Errors
    /// As [`Store::open_at_first_page`].
    pub fn open_at_first_page_on(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: OpenOptions,
    ) -> Result<Self, StoreError> {
        super::check_root(disk.as_ref(), dir, options.read_only)?;
        let is_long = is_wanted(disk.as_ref(), dir);
        let store = Self::unread(disk, dir, options);
        if is_long {
            let mut page = read(store.disk(), dir).unwrap_or_default();
            page.entries = page.entries.as_first_page();
            *hold(&store.0.shown) = page;
        } else {
            store.load()?;
        }
        Ok(store)
    }

    /// Keeps the entries with these ids as the first page of the state that the store is in, if its
    /// snapshot is long enough to be worth it. `false` if there is nothing to keep, or if another
    /// change came first.
    ///
    /// # Errors
    /// What the file system said; nothing is lost with that.
    pub fn keep_first_page(&self, seq: u64, ids: &[EntryId]) -> Result<bool, StoreError> {
        self.need_writable()?;
        let _turn = hold(&self.0.turn);
        let _lock = self.lock()?;
        let mut files = hold(&self.0.files);
        if !files.only_grew()? {
            return Ok(false);
        }
        files.read_on()?;
        if !files.has_long_snapshot() || files.image.seq != seq || files.next_seq() != seq + 1 {
            return Ok(false);
        }
        let bytes = files.first_page(ids)?;
        replace(self.disk(), &self.dir().join(FIRST_PAGE), &bytes)?;
        Ok(true)
    }

    /// Whether a first page is worth its while and is not there yet.
    #[must_use]
    pub fn wants_first_page(&self) -> bool {
        let files = hold(&self.0.files);
        let state = State {
            generation: files.generation,
            seq: files.image.seq,
            store: files.store.clone(),
        };
        files.has_long_snapshot()
            && kept(self.disk(), self.dir()).is_none_or(|kept| !kept.is(&state))
    }
}

impl Files {
    pub(super) fn has_long_snapshot(&self) -> bool {
        let look = self.file(INVENTORY).and_then(|file| file.look().ok());
        look.is_some_and(|look| look.length >= LONG_SNAPSHOT)
    }

    /// The content of a page with these entries.
    fn first_page(&self, ids: &[EntryId]) -> Result<Vec<u8>, StoreError> {
        let (generation, seq) = (self.generation, self.image.seq);
        let accounts = self.image.accounts.values().map(SnapshotLine::Account);
        let entries = ids.iter().filter_map(|id| self.image.entries.get(id));
        let entries: Vec<_> = entries.collect();
        let entries = entries.iter().map(|entry| SnapshotLine::Entry(entry));
        let (mut content, mut count) = (Vec::new(), 0);
        for line in accounts.chain(entries) {
            let line = seal(&line).map_err(|source| StoreError::Encode { source })?;
            if (content.len() + line.len()) as u64 > LONGEST_PAGE / 2 {
                // It is to be read at once: what does not fit is shown with the rest.
                break;
            }
            content.extend(line);
            count += 1;
        }
        let mut bytes = self.header(FIRST_PAGE_FORMAT, generation, seq, Some(count))?;
        bytes.extend(content);
        Ok(bytes)
    }
}

/// The page, if there is one of the state that the store is in.
fn read(disk: &dyn Disk, dir: &Path) -> Option<Loaded> {
    let bytes = page_bytes(disk, dir)?;
    let (page, content) = of_bytes(&bytes)?;
    if !state_now(disk, dir)?.is(&page) {
        return None;
    }
    let (mut entries, mut accounts) = (Entries::default(), Accounts::new());
    for text in content {
        match serde_json::from_slice(text).ok()? {
            ReadSnapshotLine {
                entry: Some(entry),
                account: None,
            } => entries.insert(Arc::new(entry)),
            ReadSnapshotLine {
                entry: None,
                account: Some(account),
            } => drop(accounts.insert(account.name.clone(), account)),
            ReadSnapshotLine { .. } => return None,
        }
    }
    Some(Loaded {
        entries,
        accounts: Arc::new(accounts),
        seq: page.seq,
        ..Loaded::default()
    })
}

/// What a page is worth that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is shown at the next start.
    Current,
    /// Of an earlier state of the store.
    Older {
        /// The last transaction that is in it.
        page: u64,
        /// The last one that is in the store.
        store: u64,
    },
    /// Of another store.
    Foreign,
    /// Not a page at all, or not whole.
    Damaged,
}

/// What the page is worth; nothing where there is none, or where the store itself is not well enough
/// to say.
pub(crate) fn fit(disk: &dyn Disk, dir: &Path) -> Option<Fit> {
    disk.look(&dir.join(FIRST_PAGE)).ok()??;
    let Some(page) = kept(disk, dir) else {
        return Some(Fit::Damaged);
    };
    let now = state_now(disk, dir)?;
    Some(if now.is(&page) {
        Fit::Current
    } else if now.is_of(&page) {
        let (page, store) = (page.seq, now.seq);
        Fit::Older { page, store }
    } else {
        Fit::Foreign
    })
}

/// Whether a snapshot is so long that a page is shown before all of it is read.
pub(crate) fn is_wanted(disk: &dyn Disk, dir: &Path) -> bool {
    let look = disk.look(&dir.join(INVENTORY)).ok().flatten();
    look.is_some_and(|look| look.length >= LONG_SNAPSHOT)
}

/// Of which state the page is that is there.
fn kept(disk: &dyn Disk, dir: &Path) -> Option<State> {
    of_bytes(&page_bytes(disk, dir)?).map(|(state, _)| state)
}

fn page_bytes(disk: &dyn Disk, dir: &Path) -> Option<Vec<u8>> {
    let file = open(disk, dir, FIRST_PAGE)?;
    let length = file.look().ok()?.length;
    let bytes = part(file.as_ref(), 0, length.min(LONGEST_PAGE)).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}

/// The state that a page names, and its lines; nothing if any of it is not well.
fn of_bytes(bytes: &[u8]) -> Option<(State, Vec<&[u8]>)> {
    let mut lines = pieces(bytes).into_iter().map(|piece| {
        let text = &bytes[piece.start..piece.text_end];
        piece.intact.then_some(text)
    });
    let header = meaning(lines.next()??, true, FIRST_PAGE_FORMAT);
    let header = header.header()?.clone();
    let content: Vec<&[u8]> = lines.collect::<Option<_>>()?;
    let is_whole = header.count == Some(content.len() as u64);
    is_whole.then_some((State::of(&header, header.through_seq), content))
}

impl State {
    fn of(header: &Header, seq: u64) -> Self {
        Self {
            generation: header.generation,
            seq,
            store: header.store.clone(),
        }
    }

    /// Whether the other one is the same state. A store whose files were written before stores had
    /// names gets one that only later files carry.
    fn is(&self, other: &Self) -> bool {
        self.is_of(other) && (self.generation, self.seq) == (other.generation, other.seq)
    }

    /// Whether the other one is a state of the same store.
    fn is_of(&self, other: &Self) -> bool {
        self.store.is_none() || other.store.is_none() || self.store == other.store
    }
}

/// The state that the store is in, from the beginning of its snapshot and the end of its journal.
fn state_now(disk: &dyn Disk, dir: &Path) -> Option<State> {
    let snapshot = open(disk, dir, INVENTORY)?;
    let journal = open(disk, dir, JOURNAL)?;
    let head = Head::read(snapshot.as_ref(), INVENTORY_FORMAT).ok()?;
    let journal_head = Head::read(journal.as_ref(), JOURNAL_FORMAT).ok()?;
    let (First::Header(header), First::Header(follows)) = (head.first, journal_head.first) else {
        return None;
    };
    let belongs = State::of(&header, 0).is(&State::of(&follows, 0));
    if !belongs {
        return None;
    }
    let last = last_seq(journal.as_ref(), journal_head.content).ok()??;
    Some(State::of(&header, last.max(header.through_seq)))
}

/// The number of the last transaction of a journal, 0 where it has none; nothing where its end is not
/// well.
fn last_seq(journal: &dyn DiskFile, content: u64) -> io::Result<Option<u64>> {
    let length = journal.look()?.length;
    if length == content {
        return Ok(Some(0));
    }
    for tail in TAILS {
        let from = length.saturating_sub(tail).max(content);
        let bytes = part(journal, from, length - from)?;
        let Some(text) = bytes.strip_suffix(b"\n") else {
            return Ok(None);
        };
        let before = memchr::memrchr(b'\n', text);
        if before.is_none() && from > content {
            continue;
        }
        let line = &text[before.map_or(0, |newline| newline + 1)..];
        let numbered = super::line::is_intact(line)
            .then(|| serde_json::from_slice::<Numbered>(line).ok())
            .flatten();
        return Ok(numbered.map(|numbered| numbered.seq));
    }
    Ok(None)
}

fn open(disk: &dyn Disk, dir: &Path, name: &str) -> Option<Box<dyn DiskFile>> {
    let path = dir.join(name);
    let look = disk.look(&path).ok()??;
    (look.kind == Kind::File).then(|| disk.open(&path, How::Read).ok())?
}
