//! Writing an archive: once through everything for lengths and digests, once more to copy it.
//!
//! It may not write to the store or take its lock. What changes between the two is found: the
//! digest of what was copied has to be the one that the manifest names. The engine calls it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest;
use jiff::Timestamp;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::crypt::{Encrypting, Prover};
use super::cut::{Cut, Held, hold, names};
use super::error::ArchiveError;
use super::manifest::{
    self, ArchiveHead, Counts, MANIFEST, MANIFEST_HMAC, MANIFEST_SUM, Member, Sum, finished,
};
use super::path::{MemberPath, fingerprint, is_config};
use super::tar::TarWriter;
use crate::store::disk::Disk;
use crate::store::error::StoreError;
use crate::store::mend::{KEYS, look_at_place};

/// How to read an archive, for whoever finds one.
const README_TEXT: &str = include_str!("../../../assets/archive-readme.txt");

/// A file of the configuration.
#[derive(Debug)]
pub struct ConfigFile {
    /// Where it lies below the folder of the configuration: `accounts/shop.toml`.
    pub path: String,
    /// Its content; there may be secrets in it.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// What is to be exported, and how.
#[derive(Debug)]
pub struct ExportPlan {
    /// Now.
    pub made_at: Timestamp,
    /// What it is encrypted with; nothing leaves it open to everybody who can read the file.
    pub passphrase: Option<SecretString>,
    /// Whether the private keys stay where they are.
    pub without_keys: bool,
    /// What lies beside the store.
    pub config: Vec<ConfigFile>,
}

/// What was exported.
#[derive(Clone, Debug)]
pub struct Exported {
    /// What the archive says of itself.
    pub head: ArchiveHead,
    /// How many files of the store's folders are not in it: a crash left them, or a person.
    pub left_out: u64,
    /// What is missing from the store, and from the archive with it, one half-sentence each.
    pub lacks: Vec<String>,
}

/// How many private keys the store at `dir` holds.
///
/// # Errors
/// What the file system said.
pub fn keys_in(disk: &dyn Disk, dir: &Path) -> Result<usize, StoreError> {
    look_at_place(disk, dir)?;
    let names = names(disk, &dir.join(KEYS))?;
    let keys = names.iter().filter(|name| fingerprint(name).is_some());
    Ok(keys.count())
}

/// Writes an archive of the store at `dir` to `out`. When this returns, everything was handed to
/// `out`; whether it is on a disk is for whoever made `out` to see to.
///
/// # Errors
/// [`ArchiveError::Store`] if the store cannot be read, [`ArchiveError::Writing`], or
/// [`ArchiveError::Changed`] and [`ArchiveError::Restless`] if others got in the way. What was
/// written by then is no archive.
pub fn export(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    plan: &ExportPlan,
    out: &mut dyn Write,
) -> Result<Exported, ArchiveError> {
    let mut export = Export {
        cut: Cut::take(disk, dir)?,
        plan,
        lock: Vec::new(),
    };
    export.lock = export.cut.lock_line()?;
    let listing = export.cut.list(!plan.without_keys)?;
    let members = export.measure(listing.paths)?;
    let head = export.head(&members);
    match &plan.passphrase {
        None => export.write(&head, &members, None, &mut *out).map(|_| ())?,
        Some(passphrase) => {
            let sealing =
                Encrypting::begin(&mut *out, passphrase).map_err(ArchiveError::writing)?;
            let prover = sealing.prover();
            let sealing = export.write(&head, &members, Some(prover), sealing)?;
            sealing.finish().map_err(ArchiveError::writing)?;
        }
    }
    out.flush().map_err(ArchiveError::writing)?;
    Ok(Exported {
        left_out: listing.left_out + plan.config.len() as u64 - head.counts.config,
        lacks: export.cut.lacks(),
        head,
    })
}

struct Export<'a> {
    cut: Cut,
    plan: &'a ExportPlan,
    lock: Vec<u8>,
}

impl Export<'_> {
    /// Length and digest of everything.
    fn measure(&mut self, paths: Vec<MemberPath>) -> Result<Vec<Member>, ArchiveError> {
        let config = self.plan.config.iter().filter(|file| is_config(&file.path));
        let config = config.map(|file| MemberPath::Config(file.path.as_str().into()));
        let first = std::iter::once(MemberPath::Readme);
        let paths: Vec<_> = first.chain(paths).chain(config).collect();
        let mut members = Vec::with_capacity(paths.len());
        for path in paths {
            let mut context = digest::Context::new(&digest::SHA256);
            let bytes = self.copy(&path, &mut |bytes| {
                context.update(bytes);
                Ok(())
            })?;
            let sha256 = finished(context);
            members.push(Member {
                path,
                bytes,
                sha256,
            });
        }
        Ok(members)
    }

    fn head(&self, members: &[Member]) -> ArchiveHead {
        let tally = &self.cut.tally;
        let mut counts = Counts {
            entries: tally.entries(),
            damaged_lines: tally.damaged_lines,
            ..Counts::default()
        };
        for member in members {
            match member.path {
                MemberPath::Key(_) => counts.keys += 1,
                MemberPath::Certificate(_) => counts.certificates += 1,
                MemberPath::List(_) => counts.lists += 1,
                MemberPath::History(_) => counts.history += 1,
                MemberPath::Damaged(_) => counts.damaged += 1,
                MemberPath::Config(_) => counts.config += 1,
                MemberPath::Readme
                | MemberPath::Inventory
                | MemberPath::Journal
                | MemberPath::Lock => {}
            }
        }
        let encrypted = self.plan.passphrase.is_some();
        let mut head = ArchiveHead::new(self.plan.made_at, tally.seq, encrypted, counts);
        head.without_keys = self.plan.without_keys;
        head
    }

    /// Hands out the content of one member; gives its length.
    fn copy(
        &mut self,
        path: &MemberPath,
        each: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<u64, ArchiveError> {
        let bytes = match path {
            MemberPath::Readme => README_TEXT.as_bytes(),
            MemberPath::Lock => &self.lock,
            MemberPath::Config(name) => {
                let files = &self.plan.config;
                let file = files.iter().find(|file| file.path == **name);
                file.map_or(&[][..], |file| &file.bytes)
            }
            _ => return self.copy_file(path, each),
        };
        each(bytes)?;
        Ok(bytes.len() as u64)
    }

    fn copy_file(
        &mut self,
        path: &MemberPath,
        each: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<u64, ArchiveError> {
        let place = self.cut.dir.join(path.below_store().unwrap_or_default());
        let mut opened;
        let held: Option<&mut Held> = match path {
            MemberPath::Inventory => self.cut.inventory.as_mut(),
            MemberPath::Journal => self.cut.journal.as_mut(),
            _ => {
                opened = hold(self.cut.disk.as_ref(), &place)?;
                opened.as_mut()
            }
        };
        let held = held.ok_or_else(|| ArchiveError::Changed {
            path: path.to_string(),
        })?;
        held.copy(&place, each)
    }

    /// Writes the whole tar; gives back what it was written to.
    fn write<W: Write>(
        &mut self,
        head: &ArchiveHead,
        members: &[Member],
        prover: Option<Prover>,
        out: W,
    ) -> Result<W, ArchiveError> {
        let mut tar = TarWriter::new(out, head.seconds());
        let mut meter = Meter::new(prover);
        manifest::write(&mut meter, head, members).map_err(ArchiveError::writing)?;
        let Meter {
            length,
            sum,
            prover,
        } = meter;
        tar.member(MANIFEST, length, |out| {
            let mut counted = Counted { out, length: 0 };
            manifest::write(&mut counted, head, members).map_err(ArchiveError::writing)?;
            Ok(counted.length)
        })?;
        text_member(&mut tar, MANIFEST_SUM, &manifest::sum_line(&finished(sum)))?;
        if let Some(prover) = prover {
            text_member(&mut tar, MANIFEST_HMAC, &manifest::hmac_line(&prover.tag()))?;
        }
        for member in members {
            self.member(&mut tar, member)?;
        }
        tar.finish()
    }

    fn member<W: Write>(
        &mut self,
        tar: &mut TarWriter<W>,
        member: &Member,
    ) -> Result<(), ArchiveError> {
        let path = member.path.to_string();
        let mut sum: Option<Sum> = None;
        tar.member(&path, member.bytes, |out| {
            let mut context = digest::Context::new(&digest::SHA256);
            let copied = self.copy(&member.path, &mut |bytes| {
                context.update(bytes);
                out.write_all(bytes).map_err(ArchiveError::writing)
            })?;
            sum = Some(finished(context));
            Ok(copied)
        })?;
        if sum == Some(member.sha256) {
            return Ok(());
        }
        Err(ArchiveError::Changed { path })
    }
}

fn text_member<W: Write>(
    tar: &mut TarWriter<W>,
    path: &str,
    text: &str,
) -> Result<(), ArchiveError> {
    tar.member(path, text.len() as u64, |out| {
        out.write_all(text.as_bytes())
            .map_err(ArchiveError::writing)?;
        Ok(text.len() as u64)
    })
}

/// Takes length, digest and HMAC of what is written to it.
struct Meter {
    length: u64,
    sum: digest::Context,
    prover: Option<Prover>,
}

impl Meter {
    fn new(prover: Option<Prover>) -> Self {
        Self {
            length: 0,
            sum: digest::Context::new(&digest::SHA256),
            prover,
        }
    }
}

impl Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.length += bytes.len() as u64;
        self.sum.update(bytes);
        if let Some(prover) = &mut self.prover {
            prover.update(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Counts what goes through it.
struct Counted<'a> {
    out: &'a mut dyn Write,
    length: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
