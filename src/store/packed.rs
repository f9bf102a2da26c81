//! What the list keeps of a long snapshot, packed beside it, so that a start need not take a million
//! lines apart.
//!
//! `inventory.packed` begins with one line of JSON that says of which snapshot it is, by what the
//! checksums of that snapshot's lines add up to. Behind it lie the columns of the base, then the order
//! of its names, each with a checksum of four bytes at its end; numbers are little-endian. At a start
//! every line of the snapshot is still looked at (`scan`), and only what adds up is believed: a
//! snapshot that was damaged, changed or swapped is read line by line. It is a copy and nothing is
//! lost with it. `files` reads it; the engine has it written, beside everything else and never under
//! the lock.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::account::AccountRecord;
use crate::domain::entries::{Base, Columns, PACKED_VERSION, Packed, Ranks};

use super::compact::{GATHERED, alone};
use super::disk::{Disk, DiskFile, How, Kind};
use super::error::{StoreError, failed};
use super::files::{Files, HeldSnapshot};
use super::head::Head;
use super::image::INVENTORY;
use super::line::{pieces, seal};
use super::mend::discard;
use super::reading::Reading;
use super::record::{INVENTORY_FORMAT, PACKED_FORMAT, VERSION, number};
use super::scan::{Held, Scanned, Sum, scan};
use super::shelf::FileShelf;
use super::snapshot::Content;
use super::stretch::{Buffer, part};
use super::{Store, hold};

/// Where it lies, relative to the store.
pub(crate) const PACKED: &str = "inventory.packed";
/// The program whose packing it is: another one may read other things from a line.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// How many bytes the checksum of a part takes.
const CHECK: usize = size_of::<u32>();

/// By what a snapshot is known whose lines are all well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    /// What the lines add up to.
    sum: String,
    /// How many lines there are behind the first.
    #[serde(deserialize_with = "number")]
    lines: u64,
    /// Where the lines of accounts begin.
    accounts: Vec<u64>,
}

/// The first line of what is packed.
#[derive(Serialize, Deserialize)]
struct PackedHeader {
    format: String,
    version: u32,
    packing: u32,
    program: String,
    #[serde(deserialize_with = "number")]
    generation: u64,
    snapshot: Source,
    base: Packed,
}

/// What is packed, as it lies there.
#[derive(Debug)]
pub(crate) struct PackedFile {
    file: Box<dyn DiskFile>,
    /// Where the columns begin.
    columns: u64,
    /// How many bytes they take.
    length: u64,
}

/// What was read of a snapshot with the help of what is packed of it.
pub(crate) struct Unpacked {
    pub(crate) base: Base,
    pub(crate) accounts: Vec<AccountRecord>,
    pub(crate) source: Source,
}

impl Content {
    /// By what these lines are known; nothing where one of them is not well.
    pub(crate) fn source(&self) -> Option<Source> {
        self.damage.is_empty().then(|| Source {
            sum: in_digits(self.sum),
            lines: self.found,
            accounts: self.account_lines.clone(),
        })
    }
}

fn in_digits(sum: Sum) -> String {
    format!("{:016x}", sum.0)
}

impl Source {
    /// How many lines there are behind the first.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// Whether this is what was seen.
    fn is(&self, scanned: &Scanned) -> bool {
        self.lines == scanned.lines && self.sum == in_digits(scanned.sum)
    }
}

/// Reads a snapshot with the help of what is packed of it; nothing where that is not there, or where
/// it is not of this snapshot as it lies there.
pub(crate) fn load(
    disk: &dyn Disk,
    dir: &Path,
    snapshot: &HeldSnapshot,
    begins: &Head,
    reading: &Reading,
) -> io::Result<Option<Unpacked>> {
    let generation = begins.first.header().map(|header| header.generation);
    let kept = find(disk, dir).filter(|(header, _)| Some(header.generation) == generation);
    let Some((header, packed)) = kept else {
        return Ok(None);
    };
    let numbers: BTreeMap<u64, u32> = (header.base.whole())
        .map(|(number, offset)| (offset, number))
        .collect();
    let mut wanted: Vec<u64> = header.snapshot.accounts.clone();
    wanted.extend(numbers.keys());
    wanted.sort_unstable();
    let file = snapshot.file.as_ref();
    reading.begin(file.look()?.length, header.snapshot.lines);
    let columns = || packed.columns(header.base);
    let scanned = scan(file, begins.content, &wanted, reading, columns);
    reading.end();
    let (Some(columns), Some(scanned)) = scanned? else {
        return Ok(None);
    };
    if !header.snapshot.is(&scanned) {
        return Ok(None);
    }
    let shelf = FileShelf::new(Arc::clone(&snapshot.file), dir.join(INVENTORY));
    let shelf = Arc::new(shelf.with_ranks(packed));
    let (mut accounts, mut whole) = (BTreeMap::new(), BTreeMap::new());
    for (offset, line) in scanned.found {
        match (line, numbers.get(&offset)) {
            (Held::Account(account), None) => drop(accounts.insert(offset, *account)),
            (Held::Entry(entry), Some(number)) => drop(whole.insert(*number, entry)),
            _ => return Ok(None),
        }
    }
    if accounts.len() != header.snapshot.accounts.len() {
        return Ok(None);
    }
    Ok(columns.base(whole, shelf).map(|base| Unpacked {
        base,
        accounts: accounts.into_values().collect(),
        source: header.snapshot,
    }))
}

/// What it is worth that lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is read at the next start.
    Current,
    /// Of another snapshot.
    Other,
    /// Not whole, or not packed by this certdeck.
    Unreadable,
}

/// What it is worth; nothing where it is not there, or where the snapshot itself is not well enough to
/// say.
pub(crate) fn fit(disk: &dyn Disk, dir: &Path) -> Option<Fit> {
    disk.look(&dir.join(PACKED)).ok()??;
    let Some((header, packed)) = find(disk, dir) else {
        return Some(Fit::Unreadable);
    };
    let snapshot = dir.join(INVENTORY);
    let snapshot = disk.open(&snapshot, How::Read).ok()?;
    let head = Head::read(snapshot.as_ref(), INVENTORY_FORMAT).ok()?;
    let generation = head.first.header()?.generation;
    Some(if generation != header.generation {
        Fit::Other
    } else if packed.is_whole(&header.base) {
        Fit::Current
    } else {
        Fit::Unreadable
    })
}

/// What is packed, if it is there, whole as far as its length tells, and of this program.
fn find(disk: &dyn Disk, dir: &Path) -> Option<(PackedHeader, PackedFile)> {
    let path = dir.join(PACKED);
    let look = disk.look(&path).ok()??;
    let file = (look.kind == Kind::File).then(|| disk.open(&path, How::Read).ok())??;
    // A strange file may be long, and have no line's end.
    let begins = format!("{{\"format\":\"{PACKED_FORMAT}\",");
    if part(file.as_ref(), 0, begins.len() as u64).ok()? != begins.as_bytes() {
        return None;
    }
    let mut buffer = Buffer::default();
    let first = buffer.lines(file.as_ref(), 0..1, true).ok()?;
    let piece = *pieces(first.bytes).first().filter(|piece| piece.intact)?;
    let text = &first.bytes[piece.start..piece.text_end];
    let header: PackedHeader = serde_json::from_slice(text).ok()?;
    let is_ours =
        (header.version, header.packing) == (VERSION, PACKED_VERSION) && header.program == PROGRAM;
    let packed = PackedFile {
        columns: piece.end as u64,
        length: header.base.columns(),
        file,
    };
    let has_columns = packed.ranks_begin() <= packed.file.look().ok()?.length;
    (is_ours && has_columns).then_some((header, packed))
}

impl PackedFile {
    /// The columns; nothing where they are not as they were written.
    fn columns(&self, base: Packed) -> Option<Columns> {
        let mut part = Part::at(self.file.as_ref(), self.columns);
        let columns = base.columns_from(|into| part.fill(into)).ok()??;
        part.adds_up().then_some(columns)
    }

    /// Whether every part is as it was written.
    fn is_whole(&self, base: &Packed) -> bool {
        let mut columns = Part::at(self.file.as_ref(), self.columns);
        let mut left = self.length;
        let mut bytes = vec![0; GATHERED];
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(GATHERED).min(GATHERED);
            if columns.fill(&mut bytes[..now]).is_err() {
                return false;
            }
            left -= now as u64;
        }
        columns.adds_up() && self.ranks(base.entries()).is_some()
    }

    fn ranks_begin(&self) -> u64 {
        self.columns + self.length + CHECK as u64
    }

    /// The order of the names of so many entries; nothing where it is not as it was written.
    pub(crate) fn ranks(&self, entries: usize) -> Option<Ranks> {
        let mut part = Part::at(self.file.as_ref(), self.ranks_begin());
        let ranks = Ranks::from_packed(entries, |into| part.fill(into)).ok()??;
        part.adds_up().then_some(ranks)
    }
}

/// A part of the file that is read from its beginning to its checksum.
struct Part<'a> {
    file: &'a dyn DiskFile,
    at: u64,
    sum: crc32fast::Hasher,
}

impl<'a> Part<'a> {
    fn at(file: &'a dyn DiskFile, at: u64) -> Self {
        let sum = crc32fast::Hasher::new();
        Self { file, at, sum }
    }

    fn fill(&mut self, into: &mut [u8]) -> io::Result<()> {
        if self.file.read_at(self.at, into)? < into.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.sum.update(into);
        self.at += into.len() as u64;
        Ok(())
    }

    /// Whether the checksum that stands there is that of what was read.
    fn adds_up(self) -> bool {
        let mut check = [0; CHECK];
        let read = self.file.read_at(self.at, &mut check);
        read.is_ok_and(|read| read == check.len())
            && u32::from_le_bytes(check) == self.sum.finalize()
    }
}

impl Store {
    /// Packs what the list keeps of the snapshot beside it, if the snapshot is long and that is not
    /// there yet. `false` if there was nothing to do, or if another process writes beside it just
    /// now. It is not under the lock, and nobody waits for it.
    ///
    /// # Errors
    /// What the file system said; nothing is lost with that.
    pub fn keep_packed(&self) -> Result<bool, StoreError> {
        self.need_writable()?;
        // Whoever changes something need not wait until what is there was looked through.
        let packing = hold(&self.0.files).packing();
        let (disk, dir) = (self.disk(), self.dir());
        let Some(packing) = packing.filter(|packing| !packing.is_there(disk, dir)) else {
            return Ok(false);
        };
        let Some(_alone) = alone(disk, dir)? else {
            return Ok(false);
        };
        packing.write(disk, dir)?;
        Ok(true)
    }
}

impl Files {
    /// What is to be packed; nothing where that is not worth its while.
    fn packing(&self) -> Option<Packing> {
        let source = self.source.clone().filter(|_| self.has_long_snapshot())?;
        Some(Packing {
            base: Arc::clone(self.image.entries.base()),
            source,
            generation: self.generation,
        })
    }
}

/// What is to be packed.
struct Packing {
    base: Arc<Base>,
    source: Source,
    generation: u64,
}

impl Packing {
    /// Whether it lies there already, whole.
    fn is_there(&self, disk: &dyn Disk, dir: &Path) -> bool {
        find(disk, dir).is_some_and(|(header, packed)| {
            header.generation == self.generation
                && header.snapshot == self.source
                && packed.is_whole(&header.base)
        })
    }

    /// Writes it beside what is there and puts it in its place. It is not synced: what a crash leaves
    /// of it does not add up, and is not read.
    fn write(self, disk: &dyn Disk, dir: &Path) -> Result<(), StoreError> {
        let path = dir.join(PACKED);
        let temporary = dir.join(format!("{PACKED}.new"));
        discard(disk, &temporary)?;
        let written = self.write_at(disk, &temporary).and_then(|()| {
            let placed = disk.rename(&temporary, &path);
            placed.map_err(failed("put in place", &path))
        });
        if written.is_err() {
            // Best effort: the next one begins with it.
            let _ = disk.remove(&temporary);
        }
        written
    }

    fn write_at(self, disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
        let header = PackedHeader {
            format: PACKED_FORMAT.to_owned(),
            version: VERSION,
            packing: PACKED_VERSION,
            program: PROGRAM.to_owned(),
            generation: self.generation,
            snapshot: self.source,
            base: self.base.packed(),
        };
        let header = seal(&header).map_err(|source| StoreError::Encode { source })?;
        let file = disk.open(path, How::New).map_err(failed("create", path))?;
        let mut writer = Writer::of(file);
        let written = writer.put(&header).and_then(|()| {
            writer.begin();
            self.base.pack(|bytes| writer.put(bytes))?;
            writer.check()?;
            writer.begin();
            self.base.pack_ranks(|bytes| writer.put(bytes))?;
            writer.check()?;
            writer.write()
        });
        written.map_err(failed("write", path))
    }
}

/// Writes a file piece by piece.
struct Writer {
    file: Box<dyn DiskFile>,
    at: u64,
    gathered: Vec<u8>,
    sum: crc32fast::Hasher,
}

impl Writer {
    fn of(file: Box<dyn DiskFile>) -> Self {
        Self {
            file,
            at: 0,
            gathered: Vec::with_capacity(GATHERED),
            sum: crc32fast::Hasher::new(),
        }
    }

    /// Begins a part with a checksum of its own.
    fn begin(&mut self) {
        self.sum = crc32fast::Hasher::new();
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.update(bytes);
        for bytes in bytes.chunks(GATHERED) {
            if self.gathered.len() + bytes.len() > GATHERED {
                self.write()?;
            }
            self.gathered.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Puts the checksum of the part behind it.
    fn check(&mut self) -> io::Result<()> {
        let sum = self.sum.clone().finalize();
        self.put(&sum.to_le_bytes())
    }

    fn write(&mut self) -> io::Result<()> {
        self.file.write_at(self.at, &self.gathered)?;
        self.at += self.gathered.len() as u64;
        self.gathered.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
