//! Looking at every line of a snapshot without taking it apart: whether it is well, and what all of
//! them add up to.
//!
//! It believes checksums and nothing else. `packed` calls it, who knows what it ought to come to;
//! `snapshot` adds up the same while it reads.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::domain::account::AccountRecord;
use crate::domain::entry::Entry;

use super::blocks::Blocks;
use super::disk::DiskFile;
use super::hold;
use super::line::pieces;
use super::reading::Reading;
use super::record::ReadSnapshotLine;
use super::stretch::Stretch;

/// What the checksums of lines add up to, each with the place where its line begins. It is the same
/// in whatever order they are added. Lines that were written otherwise, or elsewhere, come to
/// another one: by accident they do not in some 10^19 tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum(pub(crate) u64);

impl Sum {
    /// Adds a line, whose checksum is known to match.
    pub(crate) fn add(&mut self, text: &[u8], offset: u64) {
        // The digits of the checksum, and what closes the line.
        let end = text.last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
        let before = text
            .split_last_chunk::<8>()
            .map_or(&[][..], |(before, _)| before);
        let before = before
            .last_chunk()
            .map_or(0, |end| u64::from_le_bytes(*end));
        self.add_all(Self(mixed(
            mixed(offset) ^ mixed(end.rotate_left(32) ^ before),
        )));
    }

    /// Adds what others add up to.
    pub(crate) fn add_all(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

/// Spreads every bit of a number over all of it (Stafford's thirteenth variant of the finalizer of
/// `MurmurHash3`, as `SplitMix64` has it).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// What was seen of a snapshot whose lines are all well.
#[derive(Default)]
pub(crate) struct Scanned {
    /// How many lines there are.
    pub(crate) lines: u64,
    /// What they add up to.
    pub(crate) sum: Sum,
    /// Those that were asked for, with where they begin, in no order.
    pub(crate) found: Vec<(u64, Held)>,
}

/// What a line holds.
pub(crate) enum Held {
    Account(Box<AccountRecord>),
    Entry(Arc<Entry>),
}

/// Looks at the lines of a file from byte `from` on, and takes those apart that begin at one of the
/// `wanted` places, which are in order. Does `before` on this thread meanwhile. Nothing was seen where
/// a line is not well.
pub(crate) fn scan<T>(
    file: &dyn DiskFile,
    from: u64,
    wanted: &[u64],
    reading: &Reading,
    before: impl FnOnce() -> T,
) -> io::Result<(T, Option<Scanned>)> {
    let blocks = Blocks::new(file, from, file.look()?.length, reading);
    let all = Mutex::new(Scanned::default());
    let is_well = AtomicBool::new(true);
    let came = blocks.each(before, |_, stretch| {
        if let Some(scanned) = Scanned::of(stretch, wanted) {
            hold(&all).append(scanned);
        } else {
            is_well.store(false, Ordering::Relaxed);
            blocks.leave();
        }
    })?;
    let all = all.into_inner();
    let all = all.unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok((came, is_well.into_inner().then_some(all)))
}

impl Held {
    fn read(text: &[u8]) -> Option<Self> {
        let line: ReadSnapshotLine = serde_json::from_slice(text).ok()?;
        match (line.account, line.entry) {
            (Some(account), None) => Some(Self::Account(Box::new(account))),
            (None, Some(entry)) => Some(Self::Entry(Arc::new(entry))),
            _ => None,
        }
    }
}

impl Scanned {
    fn of(stretch: Stretch<'_>, wanted: &[u64]) -> Option<Self> {
        let first = wanted.partition_point(|at| *at < stretch.offset);
        let mut wanted = wanted[first..].iter().copied().peekable();
        let mut scanned = Self::default();
        for piece in pieces(stretch.bytes) {
            if !piece.intact {
                return None;
            }
            let offset = stretch.offset + piece.start as u64;
            let text = &stretch.bytes[piece.start..piece.text_end];
            scanned.lines += 1;
            scanned.sum.add(text, offset);
            if wanted.next_if_eq(&offset).is_some() {
                scanned.found.push((offset, Held::read(text)?));
            }
        }
        Some(scanned)
    }

    fn append(&mut self, other: Self) {
        self.lines += other.lines;
        self.sum.add_all(other.sum);
        self.found.extend(other.found);
    }
}
