//! Reading a file of lines piece by piece, so that a long one never lies in memory as a whole.
//!
//! It reads and judges nothing. The checks beside it call it, and `prune`.

use std::path::Path;

use memchr::memrchr;

use crate::store::disk::{Disk, DiskFile, How, Kind};
use crate::store::error::{StoreError, failed};
use crate::store::files::planted;
use crate::store::line::pieces;
use crate::store::stretch::part;

/// How much is read at once (bytes).
const PART: usize = 1024 * 1024;
/// A longer line (bytes) cannot be certdeck's: it is cut, and each part of it is damage.
const LONGEST: usize = 512 * 1024 * 1024;

/// A file that is open, as long as it was when it was opened.
#[derive(Debug)]
pub(crate) struct Lines {
    file: Box<dyn DiskFile>,
    path: std::path::PathBuf,
    pub(crate) length: u64,
    pub(crate) identity: (u64, u64),
}

/// One line, or what is left of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Where it begins (bytes).
    pub(crate) offset: u64,
    /// Without its newline.
    pub(crate) text: &'a [u8],
    /// Whether its checksum matches.
    pub(crate) intact: bool,
}

impl Lines {
    /// Opens a regular file; nothing where there is none.
    pub(crate) fn open(disk: &dyn Disk, path: &Path) -> Result<Option<Self>, StoreError> {
        let Some(look) = disk.look(path).map_err(failed("look at", path))? else {
            return Ok(None);
        };
        if look.kind != Kind::File {
            return Err(planted(path, look.kind, "a regular file"));
        }
        let file = disk.open(path, How::Read).map_err(failed("open", path))?;
        let look = file.look().map_err(failed("look at", path))?;
        Ok(Some(Self {
            file,
            path: path.to_owned(),
            length: look.length,
            identity: look.identity,
        }))
    }

    /// Hands over every line, from the beginning.
    pub(crate) fn each(&mut self, mut take: impl FnMut(Line<'_>)) -> Result<(), StoreError> {
        let (mut held, mut held_at, mut number) = (Vec::new(), 0, 0);
        loop {
            let at = held_at + held.len() as u64;
            let most = usize::try_from(self.length - at).unwrap_or(PART).min(PART);
            let read = part(self.file.as_ref(), at, most as u64);
            let read = read.map_err(failed("read", &self.path))?;
            let ended = read.is_empty();
            // What is held has no newline; looking through it again and again would take for ever
            // where a line is very long.
            let before = held.len();
            held.extend_from_slice(&read);
            let whole = match memrchr(b'\n', &read) {
                _ if ended || held.len() > LONGEST => held.len(),
                Some(newline) => before + newline + 1,
                None => 0,
            };
            for piece in pieces(&held[..whole]) {
                number += 1;
                take(Line {
                    number,
                    offset: held_at + piece.start as u64,
                    text: &held[piece.start..piece.text_end],
                    intact: piece.intact,
                });
            }
            held_at += whole as u64;
            held.drain(..whole);
            if ended {
                return Ok(());
            }
        }
    }

    /// The first line alone; nothing in an empty file.
    pub(crate) fn first(&mut self) -> Result<Option<(Vec<u8>, bool)>, StoreError> {
        // A header is short; a first line that is longer is none.
        let most = usize::try_from(self.length).unwrap_or(PART).min(64 * 1024);
        let bytes = part(self.file.as_ref(), 0, most as u64);
        let bytes = bytes.map_err(failed("read", &self.path))?;
        let first = pieces(&bytes).first().copied();
        Ok(first.map(|piece| (bytes[piece.start..piece.text_end].to_vec(), piece.intact)))
    }

    /// What stands behind `offset` now, also what was added since it was opened.
    pub(crate) fn tail(&mut self, offset: u64) -> Result<Vec<u8>, StoreError> {
        let tail = self.file.read_from(offset);
        tail.map_err(failed("read", &self.path))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::RealDisk;
    use crate::store::line::seal;

    #[test]
    fn lines_longer_than_a_part_are_read_whole_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        let long = "a".repeat(PART * 2 + 17);
        let texts = ["one", &long, "three"];
        let mut bytes = Vec::new();
        for text in texts {
            bytes.extend(seal(&BTreeMap::from([("say", text)])).unwrap());
        }
        bytes.extend(b"half a li");
        std::fs::write(&path, &bytes).unwrap();
        let disk = RealDisk::default();
        let mut lines = Lines::open(&disk, &path).unwrap().unwrap();
        let mut seen = Vec::new();
        lines
            .each(|line| seen.push((line.number, line.offset, line.text.len(), line.intact)))
            .unwrap();
        assert_eq!(seen.len(), 4);
        assert_eq!(seen[0], (1, 0, 30, true));
        assert_eq!(seen[1].1, 31);
        assert_eq!(seen[1].2, long.len() + 27);
        assert!(seen[1].3 && seen[2].3);
        assert_eq!(seen[3], (4, bytes.len() as u64 - 9, 9, false));
        assert_eq!(lines.tail(bytes.len() as u64 - 4).unwrap(), b"a li");
        assert!(lines.first().unwrap().unwrap().1);
    }

    #[test]
    fn an_empty_file_has_no_line_and_a_missing_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        let disk = RealDisk::default();
        assert!(Lines::open(&disk, &path).unwrap().is_none());
        std::fs::write(&path, "").unwrap();
        let mut lines = Lines::open(&disk, &path).unwrap().unwrap();
        lines.each(|line| panic!("{line:?}")).unwrap();
        assert_eq!(lines.first().unwrap(), None);
    }
}
