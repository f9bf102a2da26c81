//! The first line of a snapshot or journal, and where the content begins.
//!
//! It reads that line alone. `files` calls it before anything else of a file is read.

use std::io;

use super::disk::DiskFile;
use super::image::{First, meaning};
use super::line::{Piece, SEAL, pieces};
use super::stretch::Buffer;

/// What the beginning of a file says.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) first: First,
    /// Where the content begins.
    pub(crate) content: u64,
    /// How many lines stand before it.
    pub(crate) lines: u64,
    /// The checksum of the header, where it is intact.
    pub(crate) seal: Vec<u8>,
    /// Whether the header lacks its newline.
    pub(crate) open_ended: bool,
}

impl Head {
    /// That of a file that is not there, or is empty.
    pub(crate) fn none() -> Self {
        Self {
            first: First::Unreadable,
            content: 0,
            lines: 0,
            seal: Vec::new(),
            open_ended: false,
        }
    }

    /// Reads the beginning of a file of this format.
    pub(crate) fn read(file: &dyn DiskFile, format: &str) -> io::Result<Self> {
        let mut buffer = Buffer::default();
        let line = buffer.lines(file, 0..1, true)?;
        let found = pieces(line.bytes);
        Ok(match found.first() {
            Some(piece) => Self::of(line.bytes, *piece, format),
            None => Self::none(),
        })
    }

    fn of(bytes: &[u8], piece: Piece, format: &str) -> Self {
        let text = &bytes[piece.start..piece.text_end];
        let first = meaning(text, piece.intact, format);
        // A first line that is intact and no header belongs to the content: the header was lost.
        if first == First::Unreadable && piece.intact {
            return Self::none();
        }
        let seal = text.len().checked_sub(SEAL).filter(|_| piece.intact);
        Self {
            first,
            content: piece.end as u64,
            lines: 1,
            seal: seal.map_or_else(Vec::new, |from| text[from..].to_vec()),
            open_ended: piece.end == piece.text_end,
        }
    }
}
