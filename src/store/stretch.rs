//! Reading a file stretch by stretch, each of them whole lines, so that no file is ever held in
//! memory as a whole.
//!
//! It reads through [`DiskFile`] and knows nothing of what lines mean. Loading, following, swapping
//! and the history call it.

use std::io;
use std::ops::Range;

use memchr::memchr;

use super::disk::DiskFile;

/// How much is read at once: little enough to stay in the processor's cache while it is read.
pub(crate) const BLOCK: u64 = 512 * 1024;
/// Beyond the end of a block, where its last line ends; more is read where that is not enough.
const SLACK: usize = 16 * 1024;

/// The bytes of a file that were read last. Used again and again, it grows with the longest line.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    filled: usize,
}

/// Whole lines, one after the other; the last one may lack its newline where the file ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch<'a> {
    /// Where it begins in the file.
    pub(crate) offset: u64,
    pub(crate) bytes: &'a [u8],
}

impl Stretch<'_> {
    /// Where it ends in the file.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }
}

impl Buffer {
    /// The lines that begin in `span` of a file. Unless it is known that one begins where the span
    /// does (`begins`), they are looked for from the first newline on.
    pub(crate) fn lines(
        &mut self,
        file: &dyn DiskFile,
        span: Range<u64>,
        begins: bool,
    ) -> io::Result<Stretch<'_>> {
        // The byte before the span says whether a line begins with it.
        let from = span.start - u64::from(!begins);
        let length = usize::try_from(span.end.saturating_sub(from)).map_err(io::Error::other)?;
        self.filled = 0;
        let mut ended = self.read(file, from, length + SLACK)?;
        let last = length.saturating_sub(1);
        let first = if begins {
            Some(0)
        } else {
            let within = &self.bytes[..last.min(self.filled)];
            memchr(b'\n', within).map(|newline| newline + 1)
        };
        let Some(first) = first.filter(|first| *first < self.filled) else {
            let bytes = &[];
            return Ok(Stretch {
                offset: span.start,
                bytes,
            });
        };
        let mut searched = last.min(self.filled);
        let end = loop {
            match memchr(b'\n', &self.bytes[searched..self.filled]) {
                Some(newline) => break searched + newline + 1,
                None if ended => break self.filled,
                None => {}
            }
            searched = self.filled;
            ended = self.read(file, from, self.filled.max(SLACK))?;
        };
        Ok(Stretch {
            offset: from + first as u64,
            bytes: &self.bytes[first..end],
        })
    }

    /// Reads so many bytes more of what follows `from`; whether the file ends with them.
    fn read(&mut self, file: &dyn DiskFile, from: u64, more: usize) -> io::Result<bool> {
        let wanted = self.filled + more;
        if self.bytes.is_empty() {
            self.bytes = vec![0; wanted];
        } else if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        let into = &mut self.bytes[self.filled..wanted];
        let read = file.read_at(from + self.filled as u64, into)?;
        self.filled += read;
        Ok(read < more)
    }
}

/// So many bytes of a file from `offset` on; fewer where it ends before.
pub(crate) fn part(file: &dyn DiskFile, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    let read = file.read_at(offset, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Hands on the first `length` bytes of a file, a block at a time; an error if it has fewer.
pub(crate) fn each_block(
    file: &dyn DiskFile,
    length: u64,
    mut each: impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut at = 0;
    while at < length {
        let bytes = part(file, at, BLOCK.min(length - at))?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        each(at, &bytes)?;
        at += bytes.len() as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::disk::Look;
    use super::*;

    #[derive(Debug)]
    struct Bytes(Vec<u8>);

    impl DiskFile for Bytes {
        fn look(&self) -> io::Result<Look> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
            let from = usize::try_from(offset).unwrap().min(self.0.len());
            let count = into.len().min(self.0.len() - from);
            into[..count].copy_from_slice(&self.0[from..from + count]);
            Ok(count)
        }

        fn read_from(&mut self, _: u64) -> io::Result<Vec<u8>> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn write_at(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn cut(&mut self, _: u64) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn sync(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    #[test]
    fn stretches_of_any_width_are_the_file_cut_between_lines() {
        let long = vec![b'x'; 3 * SLACK];
        let files: [&[u8]; 6] = [
            b"",
            b"\n",
            b"one\ntwo\n\nfour",
            b"no newline",
            &[b"a\n".as_slice(), &long, b"\nb\n"].concat(),
            &[&long[..], b"\n\n"].concat(),
        ];
        for bytes in files {
            let length = bytes.len() as u64;
            let file = Bytes(bytes.to_vec());
            for width in [1, 2, 3, 5, 8, 1_000, 100_000] {
                let mut buffer = Buffer::default();
                let (mut at, mut seen) = (0, Vec::new());
                // Narrow ones read a long file too often to be worth it.
                let width = width.max(length / 64);
                while at < length {
                    let span = at..(at + width).min(length);
                    let stretch = buffer.lines(&file, span, at == 0).unwrap();
                    if !stretch.bytes.is_empty() {
                        assert_eq!(stretch.offset, seen.len() as u64);
                        let before = seen.last();
                        assert!(before.is_none_or(|byte| *byte == b'\n'));
                    }
                    seen.extend_from_slice(stretch.bytes);
                    at += width;
                }
                assert_eq!(seen, bytes, "width {width}");
            }
        }
    }
}
