//! The manifest of an archive: what is in it, and the length and digest of each.
//!
//! Pure. One JSON document whose first line says everything but the members and whose following
//! lines are one member each, so that a million of them are written and read without being held as
//! text. The first line keeps this form in every version to come. Export and import call it.

use std::io::{self, Write};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::ArchiveError;
use super::path::MemberPath;

/// What the manifest says it is.
const FORMAT: &str = "certdeck-archive";
/// The one version that this certdeck writes and reads.
pub const ARCHIVE_VERSION: u32 = 2;
/// What an archive without revocation lists is written as: who knows only that reads it.
const WITHOUT_LISTS: u32 = 1;

/// The manifest itself, the first member.
pub(crate) const MANIFEST: &str = "MANIFEST.json";
/// Its digest, the second one.
pub(crate) const MANIFEST_SUM: &str = "MANIFEST.sha256";
/// Its HMAC, the third one of an encrypted archive.
pub(crate) const MANIFEST_HMAC: &str = "MANIFEST.hmac";

/// What stands between the head and the first member, and after the last one.
const MEMBERS: &str = ",\"members\":[\n";
const END: &str = "\n]}\n";
/// No head is longer; a stranger's file may be one endless line.
const LONGEST_LINE: usize = 64 * 1024;

/// A SHA-256.
pub(crate) type Sum = [u8; 32];

/// What a digest came to.
pub(crate) fn finished(context: digest::Context) -> Sum {
    let mut sum = [0; 32];
    sum.copy_from_slice(context.finish().as_ref());
    sum
}

/// What an archive says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveHead {
    format: String,
    version: u32,
    /// The version of the certdeck that wrote it.
    pub certdeck: String,
    /// When.
    pub made_at: Timestamp,
    /// The last transaction that is in it.
    pub seq: u64,
    /// Whether it was encrypted.
    pub encrypted: bool,
    /// Whether the private keys that the store had were left out.
    pub without_keys: bool,
    /// How much there is of what.
    pub counts: Counts,
}

/// How much there is of what in an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Entries, archived ones included.
    pub entries: u64,
    /// Private keys.
    pub keys: u64,
    /// Files with a certificate.
    pub certificates: u64,
    /// Revocation lists; not named where there are none, as in archives of version 1.
    #[serde(default, skip_serializing_if = "is_none")]
    pub lists: u64,
    /// Journals that a snapshot has taken in, and what else lies with them.
    pub history: u64,
    /// Files with bytes that could not be read and were put aside.
    pub damaged: u64,
    /// Files of the configuration.
    pub config: u64,
    /// Lines of the store that are damaged; they are in the archive as they are.
    pub damaged_lines: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl ArchiveHead {
    /// The head of an archive that is made now.
    pub(crate) fn new(made_at: Timestamp, seq: u64, encrypted: bool, counts: Counts) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: if counts.lists > 0 {
                ARCHIVE_VERSION
            } else {
                WITHOUT_LISTS
            },
            certdeck: env!("CARGO_PKG_VERSION").to_owned(),
            // Whole seconds, as the headers of the tar have them.
            made_at: Timestamp::from_second(made_at.as_second().max(0)).unwrap_or_default(),
            seq,
            encrypted,
            without_keys: false,
            counts,
        }
    }

    /// The time that each member bears, in seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        u64::try_from(self.made_at.as_second()).unwrap_or(0)
    }
}

/// What every version has.
#[derive(Deserialize)]
struct Named {
    format: String,
    version: u32,
}

/// One member: its place, length and digest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) path: MemberPath,
    pub(crate) bytes: u64,
    pub(crate) sha256: Sum,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberLine {
    path: String,
    bytes: u64,
    sha256: String,
}

/// Writes a manifest.
pub(crate) fn write(out: &mut dyn Write, head: &ArchiveHead, members: &[Member]) -> io::Result<()> {
    let head = serde_json::to_string(head)?;
    // Its closing brace comes after the members.
    out.write_all(&head.as_bytes()[..head.len() - 1])?;
    out.write_all(MEMBERS.as_bytes())?;
    for (at, member) in members.iter().enumerate() {
        if at > 0 {
            out.write_all(b",\n")?;
        }
        let line = MemberLine {
            path: member.path.to_string(),
            bytes: member.bytes,
            sha256: HEXLOWER.encode(&member.sha256),
        };
        serde_json::to_writer(&mut *out, &line)?;
    }
    out.write_all(END.as_bytes())
}

/// Reads a manifest that is handed over in pieces.
#[derive(Default)]
pub(crate) struct ManifestReader {
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    head: Option<ArchiveHead>,
    members: Vec<Member>,
    ended: bool,
}

impl ManifestReader {
    /// Takes the next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() > LONGEST_LINE {
                return Err(ArchiveError::damaged(MANIFEST));
            }
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.take(&line)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, line: &[u8]) -> Result<(), ArchiveError> {
        let damaged = || ArchiveError::damaged(MANIFEST);
        let line = std::str::from_utf8(line).map_err(|_| damaged())?;
        if self.ended {
            return Err(damaged());
        }
        if self.head.is_none() {
            self.head = Some(read_head(line)?);
        } else if line == &END[1..] {
            self.ended = true;
        } else {
            let line = line.trim_end_matches(",\n").trim_end_matches('\n');
            let member = read_member(line)?.ok_or_else(damaged)?;
            self.members.push(member);
        }
        Ok(())
    }

    /// What was read, once the end was.
    pub(crate) fn finish(self) -> Result<(ArchiveHead, Vec<Member>), ArchiveError> {
        match self.head {
            Some(head) if self.ended && self.line.is_empty() => Ok((head, self.members)),
            _ => Err(ArchiveError::damaged(MANIFEST)),
        }
    }
}

fn read_head(line: &str) -> Result<ArchiveHead, ArchiveError> {
    let damaged = || ArchiveError::damaged(MANIFEST);
    let object = line.strip_suffix(MEMBERS).ok_or_else(damaged)?.to_owned() + "}";
    let named: Named = serde_json::from_str(&object).map_err(|_| damaged())?;
    if named.format != FORMAT {
        return Err(ArchiveError::NotAnArchive);
    }
    if named.version > ARCHIVE_VERSION {
        return Err(ArchiveError::Newer {
            version: named.version,
            known: ARCHIVE_VERSION,
        });
    }
    serde_json::from_str(&object).map_err(|_| damaged())
}

/// One member; nothing where the line is not one.
fn read_member(line: &str) -> Result<Option<Member>, ArchiveError> {
    let Ok(line) = serde_json::from_str::<MemberLine>(line) else {
        return Ok(None);
    };
    let Ok(sum) = HEXLOWER.decode(line.sha256.as_bytes()) else {
        return Ok(None);
    };
    let path = MemberPath::parse(&line.path)?;
    Ok(Sum::try_from(sum).ok().map(|sha256| Member {
        path,
        bytes: line.bytes,
        sha256,
    }))
}

/// The line that `sha256sum --check` reads.
pub(crate) fn sum_line(sum: &Sum) -> String {
    format!("{}  {MANIFEST}\n", HEXLOWER.encode(sum))
}

/// The HMAC as a line.
pub(crate) fn hmac_line(tag: &[u8; 32]) -> String {
    format!("{}\n", HEXLOWER.encode(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> ArchiveHead {
        let made_at = "2026-11-22T10:00:00.5Z".parse().unwrap();
        ArchiveHead::new(made_at, 7, true, Counts::default())
    }

    fn member(path: &str, bytes: u64) -> Member {
        let path = MemberPath::parse(path).unwrap();
        let sha256 = finished(digest::Context::new(&digest::SHA256));
        Member {
            path,
            bytes,
            sha256,
        }
    }

    fn read(bytes: &[u8], step: usize) -> Result<(ArchiveHead, Vec<Member>), ArchiveError> {
        let mut reader = ManifestReader::default();
        for piece in bytes.chunks(step) {
            reader.update(piece)?;
        }
        reader.finish()
    }

    #[test]
    fn what_is_written_is_json_and_read_whatever_the_pieces() {
        let key = format!("store/keys/{}.pem", "ab".repeat(32));
        for members in [
            vec![],
            vec![member("README.txt", 3)],
            vec![member("store/lock", 9), member(&key, 1)],
        ] {
            let mut bytes = Vec::new();
            write(&mut bytes, &head(), &members).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(json["members"].as_array().unwrap().len(), members.len());
            assert_eq!(json["made_at"], "2026-11-22T10:00:00Z");
            if members.is_empty() {
                // No export is without a member, so that this form needs no reader.
                continue;
            }
            for step in [1, 7, bytes.len()] {
                let (read_head, read_members) = read(&bytes, step).unwrap();
                assert_eq!((read_head, &read_members), (head(), &members));
            }
            for cut in 0..bytes.len() {
                assert!(read(&bytes[..cut], 100).is_err(), "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_newer_one_is_told_apart_from_a_damaged_one() {
        let newer = "{\"format\":\"certdeck-archive\",\"version\":3,\"more\":1,\"members\":[\n";
        let error = read(newer.as_bytes(), 9).unwrap_err();
        assert!(matches!(error, ArchiveError::Newer { version: 3, .. }));
        let other = "{\"format\":\"else\",\"version\":1,\"members\":[\n";
        let error = read(other.as_bytes(), 9).unwrap_err();
        assert!(matches!(error, ArchiveError::NotAnArchive), "{error}");
        let endless = vec![b'x'; LONGEST_LINE + 1];
        assert!(read(&endless, 1000).is_err());
    }
}
