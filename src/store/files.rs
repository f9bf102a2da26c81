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
use super::head::Head;
use super::image::{First, INVENTORY, Image, JOURNAL};
use super::line::SEAL;
use super::lock::read_mark;
use super::packed::{self, Source};
use super::reading::Reading;
use super::record::{INVENTORY_FORMAT, JOURNAL_FORMAT, VERSION};
use super::replay::Known;
use super::shelf::FileShelf;
use super::snapshot;
use super::stretch::part;

/// How often the files are opened again because another process swapped them meanwhile.
const OPEN_TRIES: usize = 8;

/// An open file and who it is, so that one that was swapped is noticed. While it is held open its
/// identity cannot be given to another file.
#[derive(Debug)]
pub(crate) struct HeldFile<F> {
    pub(crate) file: F,
    pub(crate) identity: (u64, u64),
}

/// A snapshot is only read, also by those who ask for single entries of it.
pub(crate) type HeldSnapshot = HeldFile<Arc<dyn DiskFile>>;
pub(crate) type HeldJournal = HeldFile<Box<dyn DiskFile>>;

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
    /// Damage that was put aside in this session and is no longer in the files.
    pub(crate) remembered: Vec<Damage>,
    pub(crate) snapshot: Option<HeldSnapshot>,
    pub(crate) journal: Option<HeldJournal>,
    /// How much of the journal is known.
    pub(crate) known: Known,
    /// The highest generation that a header names.
    pub(crate) generation: u64,
    /// The last transaction that the lock file says was acknowledged.
    pub(crate) mark: u64,
    pub(crate) shape: Shape,
    /// By what the snapshot is known; nothing where it is not well.
    pub(crate) source: Option<Source>,
    /// The store's name, from its headers.
    pub(crate) store: Option<String>,
    /// What is on the disk may be ahead of what is known here, since a call failed half-way.
    pub(crate) unsure: bool,
    /// How far reading has come.
    reading: Arc<Reading>,
}

impl Files {
    /// Reads the store at `dir`.
    pub(crate) fn load(
        disk: Arc<dyn Disk>,
        dir: &Path,
        read_only: bool,
        reading: Arc<Reading>,
    ) -> Result<Self, StoreError> {
        let mut files = Self::blank(disk, dir, read_only, reading);
        // Before the journal: read after it, it could name a line written meanwhile.
        files.mark = read_mark(files.disk.as_ref(), dir);
        files.open_both()?;
        let snapshot = files.head(INVENTORY, INVENTORY_FORMAT)?;
        let journal = files.head(JOURNAL, JOURNAL_FORMAT)?;
        files.refuse_newer(INVENTORY, &snapshot.first)?;
        files.refuse_newer(JOURNAL, &journal.first)?;
        files.weigh_headers(&snapshot.first, &journal.first);
        files.load_both(&snapshot, journal)?;
        Ok(files)
    }

    /// What is known before anything is read; the first refresh reads it.
    pub(crate) fn blank(
        disk: Arc<dyn Disk>,
        dir: &Path,
        read_only: bool,
        reading: Arc<Reading>,
    ) -> Self {
        Self {
            disk,
            dir: dir.to_owned(),
            read_only,
            image: Image::default(),
            remembered: Vec::new(),
            snapshot: None,
            journal: None,
            known: Known::default(),
            generation: 0,
            mark: 0,
            shape: Shape::Whole,
            source: None,
            store: None,
            unsure: true,
            reading,
        }
    }

    /// Reads everything anew; on an error what was known before stays.
    pub(crate) fn reload(&mut self) -> Result<(), StoreError> {
        let (disk, reading) = (Arc::clone(&self.disk), Arc::clone(&self.reading));
        let fresh = Self::load(disk, &self.dir, self.read_only, reading)?;
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
        all.chain(&self.known.torn).cloned().collect()
    }

    /// Opens snapshot and journal of one generation: a swap between the two would pair an old
    /// snapshot with a new journal.
    fn open_both(&mut self) -> Result<(), StoreError> {
        for _ in 0..OPEN_TRIES {
            let snapshot = self.open(INVENTORY, How::Read)?;
            self.snapshot = snapshot.map(|held| HeldFile {
                file: Arc::from(held.file),
                identity: held.identity,
            });
            let how = if self.read_only {
                How::Read
            } else {
                How::Write
            };
            self.journal = self.open(JOURNAL, how)?;
            if self.identity(INVENTORY)? == self.snapshot.as_ref().map(|held| held.identity) {
                break;
            }
        }
        Ok(())
    }

    /// The beginning of a file.
    pub(crate) fn head(&self, name: &str, format: &str) -> Result<Head, StoreError> {
        let Some(file) = self.file(name) else {
            return Ok(Head::none());
        };
        Head::read(file, format).map_err(failed("read", &self.dir.join(name)))
    }

    /// Snapshot or journal, as it is held open.
    pub(crate) fn file(&self, name: &str) -> Option<&dyn DiskFile> {
        if name == JOURNAL {
            self.journal.as_ref().map(|held| held.file.as_ref())
        } else {
            self.snapshot.as_ref().map(|held| held.file.as_ref())
        }
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

    fn load_both(&mut self, snapshot: &Head, journal: Head) -> Result<(), StoreError> {
        if self.snapshot.is_some() {
            self.load_snapshot(snapshot)?;
        } else if self.journal.is_some() || self.mark > 0 {
            self.image.damage.push(Damage::whole(INVENTORY, Harm::Gone));
        }
        self.unsure = false;
        if self.shape == Shape::Mixed {
            self.image
                .damage
                .push(Damage::whole(JOURNAL, Harm::Stranger));
            return Ok(());
        }
        if self.journal.is_some() {
            let known = snapshot.first.header().is_some();
            self.image.meet_journal(&journal.first, known);
            self.load_journal(journal)?;
        }
        if self.mark > self.image.seq {
            let harm = Harm::Missing {
                from: self.image.seq + 1,
                to: self.mark,
            };
            self.image.damage.push(Damage::whole(JOURNAL, harm));
        }
        Ok(())
    }

    fn load_snapshot(&mut self, begins: &Head) -> Result<(), StoreError> {
        let Some(snapshot) = &self.snapshot else {
            return Ok(());
        };
        let path = self.dir.join(INVENTORY);
        let header = begins.first.header();
        let count = header.and_then(|header| header.count);
        let file = snapshot.file.as_ref();
        let (disk, reading) = (self.disk.as_ref(), &self.reading);
        if self.has_long_snapshot() {
            let unpacked = packed::load(disk, &self.dir, snapshot, begins, reading);
            if let Some(unpacked) = unpacked.map_err(failed("read", &path))? {
                self.source = Some(unpacked.source.clone());
                self.image.load_unpacked(header, unpacked);
                return Ok(());
            }
        }
        let content = snapshot::read(file, begins.content, begins.lines, count, &self.reading)
            .map_err(failed("read", &path))?;
        let lines = FileShelf::new(Arc::clone(&snapshot.file), path);
        self.source = content.source();
        self.image.load_snapshot(header, content, Arc::new(lines));
        Ok(())
    }

    /// Reads the journal that is held open, which begins so.
    pub(crate) fn load_journal(&mut self, begins: Head) -> Result<(), StoreError> {
        self.known = Known {
            length: begins.content,
            seal: begins.seal,
            open_ended: begins.open_ended,
            absorbed: begins.content,
            ..Known::default()
        };
        self.follow(begins.lines).map(|_| ())
    }

    /// Reads on in the journal, whose header has so many lines; `true` if that changed the state.
    fn follow(&mut self, header_lines: u64) -> Result<bool, StoreError> {
        let Some(journal) = &self.journal else {
            return Ok(false);
        };
        let file = journal.file.as_ref();
        let followed = self.known.follow(file, header_lines, &mut self.image);
        // What was taken in before it failed is well; what is behind it is read the next time.
        followed.map_err(failed("read", &self.dir.join(JOURNAL)))
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

    /// A file's handle; nothing where there is none.
    pub(crate) fn open(&self, name: &str, how: How) -> Result<Option<HeldJournal>, StoreError> {
        let path = self.dir.join(name);
        let Some(look) = self.disk.look(&path).map_err(failed("look at", &path))? else {
            return Ok(None);
        };
        if look.kind != Kind::File {
            return Err(planted(&path, look.kind, "a regular file"));
        }
        let file = self.disk.open(&path, how).map_err(failed("open", &path))?;
        let identity = file.look().map_err(failed("look at", &path))?.identity;
        Ok(Some(HeldFile { file, identity }))
    }

    fn identity(&self, name: &str) -> Result<Option<(u64, u64)>, StoreError> {
        let path = self.dir.join(name);
        let look = self.disk.look(&path).map_err(failed("look at", &path))?;
        Ok(look.map(|look| look.identity))
    }

    /// Who snapshot and journal are now. That one of them is missing which was there is an error:
    /// what is known must not give way to a store that looks empty.
    pub(crate) fn identities(&self) -> Result<[Option<(u64, u64)>; 2], StoreError> {
        let found = [self.identity(INVENTORY)?, self.identity(JOURNAL)?];
        let gone = |at: usize, was_there: bool| was_there && found[at].is_none();
        let gone = [
            gone(0, self.snapshot.is_some()),
            gone(1, self.journal.is_some()),
        ];
        let path = match gone {
            [false, false] => return Ok(found),
            [true, true] => self.dir.clone(),
            [true, false] => self.dir.join(INVENTORY),
            [false, true] => self.dir.join(JOURNAL),
        };
        Err(StoreError::Vanished { path })
    }

    /// Reads what was appended since; `true` if that changed the state.
    pub(crate) fn refresh(&mut self) -> Result<bool, StoreError> {
        if self.only_grew()? {
            return self.read_on();
        }
        self.reload()?;
        Ok(true)
    }

    /// Whether only what was appended is news: everything else means reading all of it anew, which
    /// takes seconds where the snapshot is long.
    pub(crate) fn only_grew(&mut self) -> Result<bool, StoreError> {
        let [snapshot, journal] = self.identities()?;
        let swapped = snapshot != self.snapshot.as_ref().map(|held| held.identity)
            || journal != self.journal.as_ref().map(|held| held.identity);
        if swapped || self.unsure {
            return Ok(false);
        }
        Ok(self.shape == Shape::Mixed || self.is_continued()?)
    }

    /// Reads what was appended, where only that is news; `true` if it changed the state.
    pub(crate) fn read_on(&mut self) -> Result<bool, StoreError> {
        if self.shape == Shape::Mixed {
            return Ok(false);
        }
        let head_lines = 1;
        self.follow(head_lines)
    }

    /// Whether what is known of the journal is still there, so that only what follows it is news.
    fn is_continued(&mut self) -> Result<bool, StoreError> {
        let path = self.dir.join(JOURNAL);
        let Some(held) = &self.journal else {
            return Ok(true);
        };
        let file = held.file.as_ref();
        let length = file.look().map_err(failed("look at", &path))?.length;
        if length < self.known.length {
            return Ok(false);
        }
        // The byte in a newline's place may be damaged; the checksum before it is what counts.
        let newline = u64::from(!self.known.open_ended && !self.known.seal.is_empty());
        let seal = self.known.seal.len() as u64;
        let from = self.known.length.saturating_sub(seal + newline);
        let found = part(file, from, seal).map_err(failed("read", &path))?;
        if self.known.open_ended {
            let next = part(file, self.known.length, 1).map_err(failed("read", &path))?;
            if next == b"\n" {
                self.known.close();
            }
        }
        Ok(found == self.known.seal)
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
        if self.known.open_ended {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(line);
        let written = held
            .file
            .write_at(self.known.length, &bytes)
            .and_then(|()| held.file.sync());
        if let Err(error) = written {
            let undone = held
                .file
                .cut(self.known.length)
                .and_then(|()| held.file.sync());
            self.unsure = undone.is_err();
            return Err(failed("append to", &path)(error));
        }
        let text = line.len() - 1;
        self.known.length += bytes.len() as u64;
        self.known.lines += 1;
        self.known.open_ended = false;
        self.known.seal = line[text - SEAL..text].to_vec();
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
