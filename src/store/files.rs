//! The snapshot and the journal on the disk, and the state read from them.
//!
//! It loads, catches up, and appends; it takes no lock and decides nothing about entries. What
//! repairs and swaps files is in `mend` and `compact`. Only `Store` calls it, writing calls only
//! while it holds the lock.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::damage::{Damage, Harm};
use super::disk::{Disk, DiskFile, How, Kind};
use super::error::{StoreError, failed};
use super::image::{First, INVENTORY, Image, JOURNAL, Sheet};
use super::line::{SEAL, pieces};
use super::lock::read_mark;
use super::record::{INVENTORY_FORMAT, JOURNAL_FORMAT, VERSION};

/// How often a load is begun again because another process swapped the files meanwhile.
const LOAD_TRIES: usize = 8;

/// An open file and who it is, so that one that was swapped is noticed. While it is held open its
/// identity cannot be given to another file.
#[derive(Debug)]
pub(crate) struct HeldFile {
    pub(crate) file: Box<dyn DiskFile>,
    identity: (u64, u64),
}

/// What a writer has to put right before it may append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Nothing.
    Whole,
    /// The snapshot has taken in the journal, which was not moved away yet.
    Absorbed,
    /// One header is lost, or the snapshot is: a new snapshot cures it.
    Headless,
    /// No header is left, so nobody knows what version wrote this: it must not be written to.
    Nameless,
    /// Snapshot and journal belong to two different stores: neither may be written to, and the
    /// journal is not read.
    Mixed,
}

/// Snapshot and journal, and the state read from them.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    read_only: bool,
    pub(crate) image: Image,
    pub(crate) torn: Option<Damage>,
    /// Damage that was put aside in this session and is no longer in the files.
    pub(crate) remembered: Vec<Damage>,
    pub(crate) snapshot: Option<HeldFile>,
    pub(crate) journal: Option<HeldFile>,
    /// The highest generation that a header names.
    pub(crate) generation: u64,
    /// How many lines of transactions the journal has.
    pub(crate) lines: u64,
    /// How many bytes of the journal are intact, counted from its beginning.
    pub(crate) length: u64,
    /// The last checksum in them, to notice a line that was taken back.
    seal: Vec<u8>,
    /// Whether they lack a newline at their end.
    open_ended: bool,
    /// The last transaction that the lock file says was acknowledged.
    pub(crate) mark: u64,
    pub(crate) shape: Shape,
    /// The store's name, from its headers.
    pub(crate) store: Option<String>,
    /// What is on the disk may be ahead of what is known here, since a call failed half-way.
    pub(crate) unsure: bool,
}

impl Files {
    /// Reads the store at `dir`.
    pub(crate) fn load(
        disk: Arc<dyn Disk>,
        dir: &Path,
        read_only: bool,
    ) -> Result<Self, StoreError> {
        let mut files = Self::blank(disk, dir, read_only);
        for _ in 0..LOAD_TRIES {
            files.load_once()?;
            // A swap between the two reads would pair an old snapshot with a new journal.
            if files.identity(INVENTORY)? == files.snapshot.as_ref().map(|held| held.identity) {
                break;
            }
        }
        Ok(files)
    }

    fn blank(disk: Arc<dyn Disk>, dir: &Path, read_only: bool) -> Self {
        Self {
            disk,
            dir: dir.to_owned(),
            read_only,
            image: Image::default(),
            torn: None,
            remembered: Vec::new(),
            snapshot: None,
            journal: None,
            generation: 0,
            lines: 0,
            length: 0,
            seal: Vec::new(),
            open_ended: false,
            mark: 0,
            shape: Shape::Whole,
            store: None,
            unsure: false,
        }
    }

    /// Reads everything anew; on an error what was known before stays.
    pub(crate) fn reload(&mut self) -> Result<(), StoreError> {
        let fresh = Self::load(Arc::clone(&self.disk), &self.dir, self.read_only)?;
        let old = std::mem::replace(self, fresh);
        self.recall(old);
        Ok(())
    }

    /// Keeps saying for this session what was found before and is put aside by now.
    fn recall(&mut self, old: Self) {
        let aside = |damage: &Damage| damage.aside.is_some();
        self.remembered = old.remembered;
        self.store = self.store.take().or(old.store);
        for damage in old.image.damage.into_iter().filter(aside) {
            match self.image.damage.iter_mut().find(|held| held.is(&damage)) {
                Some(held) => held.aside = damage.aside,
                None => self.remembered.push(damage),
            }
        }
        self.remembered
            .retain(|damage| !self.image.damage.iter().any(|held| held.is(damage)));
    }

    /// All damage that is to be said.
    pub(crate) fn warnings(&self) -> Vec<Damage> {
        let all = self.image.damage.iter().chain(&self.remembered);
        all.chain(&self.torn).cloned().collect()
    }

    fn load_once(&mut self) -> Result<(), StoreError> {
        *self = Self::blank(Arc::clone(&self.disk), &self.dir, self.read_only);
        // Before the journal: read after it, it could name a line written meanwhile.
        self.mark = read_mark(self.disk.as_ref(), &self.dir);
        let (snapshot, snapshot_bytes) = self.slurp(INVENTORY, How::Read)?;
        let how = if self.read_only {
            How::Read
        } else {
            How::Write
        };
        let (journal, journal_bytes) = self.slurp(JOURNAL, how)?;
        self.snapshot = snapshot;
        self.journal = journal;
        let snapshot = Sheet::read(&snapshot_bytes, INVENTORY_FORMAT);
        let journal = Sheet::read(&journal_bytes, JOURNAL_FORMAT);
        self.refuse_newer(INVENTORY, &snapshot.first)?;
        self.refuse_newer(JOURNAL, &journal.first)?;
        self.weigh_headers(&snapshot.first, &journal.first);
        self.load_sheets(&snapshot, &journal);
        Ok(())
    }

    fn weigh_headers(&mut self, snapshot: &First, journal: &First) {
        let generations =
            [snapshot, journal].map(|first| first.header().map(|header| header.generation));
        self.generation = generations.into_iter().flatten().max().unwrap_or(0);
        let anything = self.snapshot.is_some() || self.journal.is_some();
        let journal_lost = self.journal.is_some() && generations[1].is_none();
        let names = [snapshot, journal]
            .map(|first| first.header().and_then(|header| header.store.as_ref()));
        let mixed = matches!(names, [Some(one), Some(other)] if one != other);
        self.store = names.into_iter().flatten().next().cloned();
        self.shape = match generations {
            _ if mixed => Shape::Mixed,
            [None, None] if anything => Shape::Nameless,
            [None, _] if anything => Shape::Headless,
            _ if journal_lost => Shape::Headless,
            [Some(snapshot), Some(journal)] if journal < snapshot => Shape::Absorbed,
            _ => Shape::Whole,
        };
    }

    fn load_sheets(&mut self, snapshot: &Sheet<'_>, journal: &Sheet<'_>) {
        if self.snapshot.is_some() {
            self.image.load_snapshot(snapshot);
        } else if self.journal.is_some() || self.mark > 0 {
            self.image.damage.push(Damage::whole(INVENTORY, Harm::Gone));
        }
        if self.shape == Shape::Mixed {
            self.image
                .damage
                .push(Damage::whole(JOURNAL, Harm::Stranger));
            return;
        }
        if self.journal.is_some() {
            let known = snapshot.first.header().is_some();
            self.image.meet_journal(&journal.first, known);
            self.load_journal(journal);
        }
        if self.mark > self.image.seq {
            let harm = Harm::Missing {
                from: self.image.seq + 1,
                to: self.mark,
            };
            self.image.damage.push(Damage::whole(JOURNAL, harm));
        }
        // A line beyond the snapshot must not be moved out of the way with its journal.
        if self.shape == Shape::Absorbed && self.image.seq != self.image.through {
            self.shape = Shape::Whole;
        }
    }

    fn load_journal(&mut self, sheet: &Sheet<'_>) {
        if let Some(head) = sheet.head {
            self.length = head.end as u64;
            self.open_ended = head.end == head.text_end;
            let seal = head.text_end.checked_sub(SEAL).filter(|_| head.intact);
            self.seal =
                seal.map_or_else(Vec::new, |from| sheet.bytes[from..head.text_end].to_vec());
        }
        let replayed = self
            .image
            .replay(sheet.bytes, &sheet.rest, 0, sheet.skipped);
        self.lines = replayed.lines;
        self.torn = replayed.torn;
        if let Some(seal) = replayed.seal {
            self.length = replayed.used as u64;
            self.seal = seal;
            self.open_ended = replayed.open_ended;
        }
    }

    fn refuse_newer(&self, file: &str, first: &First) -> Result<(), StoreError> {
        let First::Newer(version) = *first else {
            return Ok(());
        };
        Err(StoreError::Newer {
            path: self.dir.join(file),
            version,
            known: VERSION,
        })
    }

    /// A file's handle and content; nothing where there is none.
    fn slurp(&self, name: &str, how: How) -> Result<(Option<HeldFile>, Vec<u8>), StoreError> {
        let path = self.dir.join(name);
        let Some(look) = self.disk.look(&path).map_err(failed("look at", &path))? else {
            return Ok((None, Vec::new()));
        };
        if look.kind != Kind::File {
            return Err(planted(&path, look.kind, "a regular file"));
        }
        let mut file = self.disk.open(&path, how).map_err(failed("open", &path))?;
        let identity = file.look().map_err(failed("look at", &path))?.identity;
        let bytes = file.read_from(0).map_err(failed("read", &path))?;
        Ok((Some(HeldFile { file, identity }), bytes))
    }

    fn identity(&self, name: &str) -> Result<Option<(u64, u64)>, StoreError> {
        let path = self.dir.join(name);
        let look = self.disk.look(&path).map_err(failed("look at", &path))?;
        Ok(look.map(|look| look.identity))
    }

    /// Reads what was appended since; `true` if that changed the state.
    pub(crate) fn refresh(&mut self) -> Result<bool, StoreError> {
        let swapped = self.identity(INVENTORY)? != self.snapshot.as_ref().map(|held| held.identity)
            || self.identity(JOURNAL)? != self.journal.as_ref().map(|held| held.identity);
        if swapped || self.unsure {
            self.reload()?;
            return Ok(true);
        }
        if self.shape == Shape::Mixed {
            return Ok(false);
        }
        if let Some(news) = self.read_news()? {
            return Ok(self.follow(&news));
        }
        self.reload()?;
        Ok(true)
    }

    /// The bytes behind what is known of the journal; `None` if what is known is no longer there.
    fn read_news(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.dir.join(JOURNAL);
        let Some(held) = &mut self.journal else {
            return Ok(Some(Vec::new()));
        };
        let mut known = self.seal.clone();
        if !self.open_ended && !known.is_empty() {
            known.push(b'\n');
        }
        let from = self.length.saturating_sub(known.len() as u64);
        let length = held.file.look().map_err(failed("look at", &path))?.length;
        if length < self.length {
            return Ok(None);
        }
        let bytes = held.file.read_from(from).map_err(failed("read", &path))?;
        // The byte in a newline's place may be damaged; the checksum before it is what counts.
        let same = bytes.get(..self.seal.len()) == Some(&known[..self.seal.len()]);
        Ok(same.then(|| bytes[known.len().min(bytes.len())..].to_vec()))
    }

    fn follow(&mut self, news: &[u8]) -> bool {
        let mut news = news;
        if self.open_ended && news.first() == Some(&b'\n') {
            news = &news[1..];
            self.length += 1;
            self.open_ended = false;
        }
        let head_lines = 1;
        let replayed = self
            .image
            .replay(news, &pieces(news), self.length, self.lines + head_lines);
        self.length += replayed.used as u64;
        self.lines += replayed.lines;
        self.torn = replayed.torn;
        if let Some(seal) = replayed.seal {
            self.seal = seal;
            self.open_ended = replayed.open_ended;
        }
        replayed.changed
    }

    /// The number of the next transaction: never one that was acknowledged before.
    pub(crate) fn next_seq(&self) -> u64 {
        self.image.seq.max(self.mark) + 1
    }

    /// Appends one sealed line and syncs it. On an error the journal is cut back to what it was.
    pub(crate) fn append(&mut self, line: &[u8]) -> Result<(), StoreError> {
        let path = self.dir.join(JOURNAL);
        let Some(held) = &mut self.journal else {
            let what = "it is missing".to_owned();
            return Err(StoreError::Damaged { path, what });
        };
        let mut bytes = Vec::with_capacity(line.len() + 1);
        if self.open_ended {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(line);
        let written = held
            .file
            .write_at(self.length, &bytes)
            .and_then(|()| held.file.sync());
        if let Err(error) = written {
            let undone = held.file.cut(self.length).and_then(|()| held.file.sync());
            self.unsure = undone.is_err();
            return Err(failed("append to", &path)(error));
        }
        self.length += bytes.len() as u64;
        self.lines += 1;
        self.open_ended = false;
        let text = line.len() - 1;
        self.seal = line[text - SEAL..text].to_vec();
        Ok(())
    }
}

/// The error for something that stands where a file or folder of the store belongs.
pub(crate) fn planted(path: &Path, kind: Kind, needed: &'static str) -> StoreError {
    let found = match kind {
        Kind::File => "a file",
        Kind::Folder => "a folder",
        Kind::Link => "a symbolic link",
        Kind::Other => "a device, pipe or socket",
    };
    StoreError::Planted {
        path: path.to_owned(),
        found,
        needed,
    }
}
