//! The tar in an archive: POSIX ustar in exactly one form, written and read.
//!
//! Pure over `Write` and `Read`. The reader takes nothing but what the writer would have written,
//! to the byte: every header is made anew from path, length and time, and compared. So there is no
//! link, no device, no second spelling of a path and no byte between the members that could say
//! something else, and a flipped one anywhere is found. Any other tar reads it (POSIX.1-1988,
//! "ustar"). Export and import call it.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};

use super::error::ArchiveError;

/// Headers and contents are padded to this many bytes.
pub(crate) const BLOCK: usize = 512;
/// The largest member: eleven octal digits.
const LARGEST: u64 = 0o777_7777_7777;
/// How long a name may be, and how long the folders before it, in bytes.
const NAME: usize = 100;
const PREFIX: usize = 155;

/// One header.
pub(crate) type Block = [u8; BLOCK];

/// The header of a file, or of a folder where the path ends with a slash.
pub(crate) fn header(path: &str, length: u64, seconds: u64) -> Result<Block, ArchiveError> {
    let is_folder = path.ends_with('/');
    let (prefix, name) = split(path).ok_or_else(|| ArchiveError::name(path))?;
    if length > LARGEST || seconds > LARGEST {
        return Err(ArchiveError::name(path));
    }
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &str| {
        block[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    put(0, name);
    put(100, if is_folder { "0000700" } else { "0000600" });
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{length:011o}"));
    put(136, &format!("{seconds:011o}"));
    // The sum is taken with blanks in its own place.
    put(148, "        ");
    put(156, if is_folder { "5" } else { "0" });
    put(257, "ustar");
    put(263, "00");
    put(329, "0000000");
    put(337, "0000000");
    put(345, prefix);
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

/// A path as prefix and name; nothing where it does not fit.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= NAME {
        return Some(("", path));
    }
    let (prefix, name) = path.rsplit_once('/')?;
    let fits = prefix.len() <= PREFIX && name.len() <= NAME && !name.is_empty();
    fits.then_some((prefix, name))
}

/// How many bytes fill a content of this length up to whole blocks.
fn padding(length: u64) -> usize {
    let over = usize::try_from(length % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}

/// Which folders have had their header: each comes once, before the first thing in it.
#[derive(Debug, Default)]
struct Folders(BTreeSet<String>);

impl Folders {
    /// The folders that `path` needs and that have not come yet, outermost first.
    fn fresh(&mut self, path: &str) -> Vec<String> {
        let ends = path.match_indices('/').map(|(at, _)| &path[..=at]);
        let fresh: Vec<String> = ends
            .filter(|folder| !self.0.contains(*folder))
            .map(str::to_owned)
            .collect();
        self.0.extend(fresh.iter().cloned());
        fresh
    }
}

/// Writes members one after the other.
pub(crate) struct TarWriter<W> {
    out: W,
    seconds: u64,
    folders: Folders,
}

impl<W: Write> TarWriter<W> {
    /// A tar whose members all bear this time, in seconds since 1970.
    pub(crate) fn new(out: W, seconds: u64) -> Self {
        Self {
            out,
            seconds,
            folders: Folders::default(),
        }
    }

    /// Writes one member; `content` is handed the place to write exactly `length` bytes to.
    pub(crate) fn member(
        &mut self,
        path: &str,
        length: u64,
        content: impl FnOnce(&mut dyn Write) -> Result<u64, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        for folder in self.folders.fresh(path) {
            self.write(&header(&folder, 0, self.seconds)?)?;
        }
        self.write(&header(path, length, self.seconds)?)?;
        if content(&mut self.out)? != length {
            return Err(ArchiveError::Changed {
                path: path.to_owned(),
            });
        }
        self.write(&[0; BLOCK][..padding(length)])
    }

    /// Ends the tar; gives back what it was written to.
    pub(crate) fn finish(mut self) -> Result<W, ArchiveError> {
        self.write(&[0; 2 * BLOCK])?;
        Ok(self.out)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.out.write_all(bytes).map_err(ArchiveError::writing)
    }
}

/// Reads members one after the other, each against what it has to be.
pub(crate) struct TarReader<R> {
    input: R,
    seconds: u64,
    folders: Folders,
}

impl<R: Read> TarReader<R> {
    /// Reads the first header, which has to be that of `path`; gives the length of its content.
    /// Where it is another, `not` says why.
    pub(crate) fn begin(
        mut input: R,
        path: &str,
        not: impl FnOnce() -> ArchiveError,
    ) -> Result<(Self, u64), ArchiveError> {
        let mut block = [0; BLOCK];
        input
            .read_exact(&mut block)
            .map_err(|error| cut_off(path, error))?;
        let fields = octal(&block[124..135]).zip(octal(&block[136..147]));
        let Some((length, seconds)) = fields else {
            return Err(not());
        };
        if header(path, length, seconds)? != block {
            return Err(not());
        }
        let reader = Self {
            input,
            seconds,
            folders: Folders::default(),
        };
        Ok((reader, length))
    }

    /// The time that all members bear, in seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
    }

    /// Reads the header of a member that has to be `path` with `length` bytes.
    pub(crate) fn next(&mut self, path: &str, length: u64) -> Result<(), ArchiveError> {
        for folder in self.folders.fresh(path) {
            self.need(&header(&folder, 0, self.seconds)?, path)?;
        }
        self.need(&header(path, length, self.seconds)?, path)
    }

    /// Reads a part of the content of the member `path`.
    pub(crate) fn read(&mut self, buffer: &mut [u8], path: &str) -> Result<(), ArchiveError> {
        self.input
            .read_exact(buffer)
            .map_err(|error| cut_off(path, error))
    }

    /// Reads what fills the content of `path` up, which has to be zeros.
    pub(crate) fn pad(&mut self, path: &str, length: u64) -> Result<(), ArchiveError> {
        self.need(&[0; BLOCK][..padding(length)], path)
    }

    /// Reads the end, after which nothing may come.
    pub(crate) fn finish(mut self) -> Result<(), ArchiveError> {
        const END: &str = "the end of the tar";
        self.need(&[0; 2 * BLOCK], END)?;
        let mut more = [0];
        loop {
            return match self.input.read(&mut more) {
                Ok(0) => Ok(()),
                Ok(_) => Err(ArchiveError::damaged(END)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(cut_off(END, error)),
            };
        }
    }

    fn need(&mut self, wanted: &[u8], path: &str) -> Result<(), ArchiveError> {
        let mut found = vec![0; wanted.len()];
        self.read(&mut found, path)?;
        if found == wanted {
            return Ok(());
        }
        Err(ArchiveError::damaged(path))
    }
}

fn octal(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    u64::from_str_radix(text, 8).ok()
}

/// What a read that came to no good end means.
fn cut_off(path: &str, error: io::Error) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::Short {
            path: path.to_owned(),
        },
        io::ErrorKind::InvalidData => ArchiveError::damaged(path),
        _ => ArchiveError::Reading { source: error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar() -> Vec<u8> {
        let mut tar = TarWriter::new(Vec::new(), 1_795_000_000);
        for (path, text) in [("a.txt", "hello"), ("b/c/d.txt", ""), ("b/e.txt", "world")] {
            let write = |out: &mut dyn Write| {
                out.write_all(text.as_bytes()).unwrap();
                Ok(text.len() as u64)
            };
            tar.member(path, text.len() as u64, write).unwrap();
        }
        tar.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<String, ArchiveError> {
        let not = || ArchiveError::NotAnArchive;
        let (mut reader, length) = TarReader::begin(bytes, "a.txt", not)?;
        let mut all = String::new();
        let mut content = |reader: &mut TarReader<&[u8]>, path: &str, length: u64| {
            let mut text = vec![0; usize::try_from(length).unwrap().min(10)];
            reader.read(&mut text, path)?;
            all.push_str(&String::from_utf8_lossy(&text));
            reader.pad(path, length)
        };
        content(&mut reader, "a.txt", length)?;
        for (path, length) in [("b/c/d.txt", 0), ("b/e.txt", 5)] {
            reader.next(path, length)?;
            content(&mut reader, path, length)?;
        }
        reader.finish()?;
        Ok(all)
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&tar()).unwrap(), "helloworld");
        // Three files, two folders, two contents, two blocks at the end.
        assert_eq!(tar().len(), 9 * BLOCK);
    }

    #[test]
    fn any_flipped_bit_outside_of_the_contents_shows_and_so_does_any_cut() {
        let whole = tar();
        for at in 0..whole.len() {
            assert!(read(&whole[..at]).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                let found = read(&flipped);
                let changed = found.as_ref().map(|text| text != "helloworld");
                assert!(changed.unwrap_or(true), "byte {at}, bit {bit}: {found:?}");
            }
        }
        let longer = [whole, vec![0]].concat();
        assert!(read(&longer).is_err());
    }

    #[test]
    fn a_long_path_is_split_and_one_that_is_too_long_refused() {
        let long = format!("store/damaged/{}", "x".repeat(100));
        let block = header(&long, 1, 0).unwrap();
        assert_eq!(&block[..100], "x".repeat(100).as_bytes());
        assert_eq!(&block[345..358], b"store/damaged");
        assert!(header(&format!("{long}x"), 1, 0).is_err());
        assert!(header("a", LARGEST + 1, 0).is_err());
    }
}
