//! Reading an archive into a folder of its own, and checking every byte of it on the way.
//!
//! It writes into that folder only, makes each file new and never follows what a path says: where
//! things go is decided by `MemberPath`. What it has written is on the disk when it returns.
//! `import` calls it.

use std::io::{Cursor, Read};
use std::path::Path;

use aws_lc_rs::digest;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::crypt::{Decrypting, MAGIC, Prover};
use super::cut::CHUNK;
use super::error::ArchiveError;
use super::export::ConfigFile;
use super::manifest::{
    self, ArchiveHead, MANIFEST, MANIFEST_HMAC, MANIFEST_SUM, ManifestReader, Member, finished,
};
use super::path::MemberPath;
use super::tar::TarReader;
use crate::store::disk::{Disk, DiskFile, How, SyncTogether};
use crate::store::error::{StoreError, failed};
use crate::store::mend::{CERTS, DAMAGED, HISTORY, KEYS, LISTS};

/// How many small files are written before their content is synced; each is an open file
/// meanwhile, of which a process may have few (256 on macOS). More of them than these are synced all
/// at once in the end, where the system can do that.
const AT_ONCE: usize = 64;
/// How many of them are synced at the same time.
const SIDE_BY_SIDE: usize = 16;
/// A file of the configuration is held in memory until the store is in place.
const LARGEST_CONFIG: u64 = 4 * 1024 * 1024;

/// An archive whose first bytes were read.
pub struct OpenArchive<R> {
    input: std::io::Chain<Cursor<Vec<u8>>, R>,
    encrypted: bool,
}

impl<R: Read> OpenArchive<R> {
    /// Looks whether it is encrypted, without a passphrase.
    ///
    /// # Errors
    /// [`ArchiveError::Reading`].
    pub fn begin(mut input: R) -> Result<Self, ArchiveError> {
        let mut first = Vec::new();
        let read = input
            .by_ref()
            .take(MAGIC.len() as u64)
            .read_to_end(&mut first);
        read.map_err(|source| ArchiveError::Reading { source })?;
        let encrypted = first == MAGIC;
        Ok(Self {
            input: Cursor::new(first).chain(input),
            encrypted,
        })
    }

    /// Whether a passphrase is needed.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }
}

/// What was unpacked.
pub(crate) struct Unpacked {
    pub(crate) head: ArchiveHead,
    pub(crate) config: Vec<ConfigFile>,
}

/// Unpacks an archive into the folder `to`, which has to be there and empty.
pub(crate) fn unpack<R: Read>(
    disk: &dyn Disk,
    to: &Path,
    archive: OpenArchive<R>,
    passphrase: Option<&SecretString>,
) -> Result<Unpacked, ArchiveError> {
    let mut input = archive.input;
    match (archive.encrypted, passphrase) {
        (true, None) => Err(ArchiveError::NeedsPassphrase),
        (false, Some(_)) => Err(ArchiveError::NotEncrypted),
        (false, None) => {
            let not = || ArchiveError::NotAnArchive;
            let (tar, length) = TarReader::begin(input, MANIFEST, not)?;
            Unpacking::new(disk, to, tar).run(length, None)
        }
        (true, Some(passphrase)) => {
            let mut magic = MAGIC;
            let begun = input
                .read_exact(&mut magic)
                .and_then(|()| Decrypting::begin(input, passphrase));
            let begun = begun.map_err(|_| ArchiveError::Short {
                path: "its first bytes".to_owned(),
            })?;
            let prover = begun.prover();
            let (tar, length) = begin_encrypted(begun)?;
            Unpacking::new(disk, to, tar).run(length, Some(prover))
        }
    }
}

/// Another passphrase gives other bytes, and at the end of a short file a wrong padding.
fn begin_encrypted<R: Read>(
    input: Decrypting<R>,
) -> Result<(TarReader<Decrypting<R>>, u64), ArchiveError> {
    let wrong = || ArchiveError::WrongPassphrase;
    TarReader::begin(input, MANIFEST, wrong).map_err(|error| match error {
        ArchiveError::Damaged { .. } => ArchiveError::WrongPassphrase,
        other => other,
    })
}

struct Unpacking<'a, R> {
    disk: &'a dyn Disk,
    to: &'a Path,
    tar: TarReader<R>,
    /// Files that are written and not synced.
    written: Vec<Box<dyn DiskFile>>,
    /// What syncs all files at once, where there are many.
    together: Option<SyncTogether>,
    config: Vec<ConfigFile>,
}

/// The folders that not every store has.
fn further_folders(head: &ArchiveHead) -> impl Iterator<Item = &'static str> + use<> {
    let counts = head.counts;
    [(LISTS, counts.lists), (DAMAGED, counts.damaged)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(folder, _)| folder)
}

impl<'a, R: Read> Unpacking<'a, R> {
    fn new(disk: &'a dyn Disk, to: &'a Path, tar: TarReader<R>) -> Self {
        Self {
            disk,
            to,
            tar,
            written: Vec::new(),
            together: None,
            config: Vec::new(),
        }
    }

    fn run(mut self, length: u64, prover: Option<Prover>) -> Result<Unpacked, ArchiveError> {
        let encrypted = prover.is_some();
        let (head, members) = self.manifest(length, prover)?;
        if head.seconds() != self.tar.seconds() || head.encrypted != encrypted {
            return Err(ArchiveError::damaged(MANIFEST));
        }
        for folder in [HISTORY, KEYS, CERTS] {
            self.make_folder(folder)?;
        }
        for folder in further_folders(&head) {
            self.make_folder(folder)?;
        }
        if members.len() > AT_ONCE {
            let together = self.disk.sync_together(self.to);
            self.together = together.map_err(failed("open the folder", self.to))?;
        }
        for member in &members {
            self.member(member)?;
        }
        let Self {
            disk,
            to,
            tar,
            mut written,
            together,
            config,
        } = self;
        tar.finish()?;
        if let Some(sync) = together {
            sync().map_err(failed("sync the files in", to))?;
        }
        sync_all(to, &mut written)?;
        let further = further_folders(&head);
        for folder in [HISTORY, KEYS, CERTS].into_iter().chain(further) {
            let path = to.join(folder);
            disk.sync_folder(&path)
                .map_err(failed("sync the folder", &path))?;
        }
        disk.sync_folder(to)
            .map_err(failed("sync the folder", to))?;
        Ok(Unpacked { head, config })
    }

    fn make_folder(&self, folder: &str) -> Result<(), StoreError> {
        let path = self.to.join(folder);
        self.disk
            .make_folder(&path)
            .map_err(failed("make the folder", &path))
    }

    /// The manifest, with digest and HMAC; nothing of it is believed before they are right.
    fn manifest(
        &mut self,
        length: u64,
        mut prover: Option<Prover>,
    ) -> Result<(ArchiveHead, Vec<Member>), ArchiveError> {
        let mut reader = ManifestReader::default();
        let mut sum = digest::Context::new(&digest::SHA256);
        self.content(MANIFEST, length, &mut |bytes| {
            sum.update(bytes);
            if let Some(prover) = &mut prover {
                prover.update(bytes);
            }
            reader.update(bytes)
        })?;
        self.text(MANIFEST_SUM, &manifest::sum_line(&finished(sum)))?;
        if let Some(prover) = prover {
            let wanted = manifest::hmac_line(&prover.tag());
            self.text(MANIFEST_HMAC, &wanted)
                .map_err(|error| match error {
                    ArchiveError::Damaged { .. } => ArchiveError::Forged,
                    other => other,
                })?;
        }
        reader.finish()
    }

    /// A member that has to have this content.
    fn text(&mut self, path: &str, wanted: &str) -> Result<(), ArchiveError> {
        self.tar.next(path, wanted.len() as u64)?;
        let mut same = true;
        let mut rest = wanted.as_bytes();
        self.content(path, wanted.len() as u64, &mut |bytes| {
            let (now, later) = rest.split_at(bytes.len());
            same &= now == bytes;
            rest = later;
            Ok(())
        })?;
        if same {
            Ok(())
        } else {
            Err(ArchiveError::damaged(path))
        }
    }

    /// Hands out the content of the member whose header was read.
    fn content(
        &mut self,
        path: &str,
        length: u64,
        each: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let room = usize::try_from(length).unwrap_or(CHUNK).min(CHUNK);
        let mut buffer = Zeroizing::new(vec![0; room]);
        let mut left = length;
        while left > 0 {
            let piece = usize::try_from(left).unwrap_or(room).min(room);
            self.tar.read(&mut buffer[..piece], path)?;
            each(&buffer[..piece])?;
            left -= piece as u64;
        }
        self.tar.pad(path, length)
    }

    fn member(&mut self, member: &Member) -> Result<(), ArchiveError> {
        let path = member.path.to_string();
        self.tar.next(&path, member.bytes)?;
        let mut sum = digest::Context::new(&digest::SHA256);
        match (&member.path, member.path.below_store()) {
            (_, Some(place)) => self.file(&path, &place, member.bytes, &mut sum)?,
            (MemberPath::Config(name), None) => self.hold(&path, name, member.bytes, &mut sum)?,
            (_, None) => self.content(&path, member.bytes, &mut |bytes| {
                sum.update(bytes);
                Ok(())
            })?,
        }
        if finished(sum) == member.sha256 {
            return Ok(());
        }
        Err(ArchiveError::damaged(&path))
    }

    /// Writes one file of the store.
    fn file(
        &mut self,
        path: &str,
        place: &str,
        length: u64,
        sum: &mut digest::Context,
    ) -> Result<(), ArchiveError> {
        let place = self.to.join(place);
        let file = self.disk.open(&place, How::New);
        let mut file = file.map_err(|error| match error.kind() {
            // A manifest that names a member twice.
            std::io::ErrorKind::AlreadyExists => ArchiveError::damaged(path),
            _ => failed("create", &place)(error).into(),
        })?;
        let mut at = 0;
        self.content(path, length, &mut |bytes| {
            sum.update(bytes);
            file.write_at(at, bytes).map_err(failed("write", &place))?;
            at += bytes.len() as u64;
            Ok(())
        })?;
        if self.together.is_some() {
            return Ok(());
        }
        self.written.push(file);
        if self.written.len() == AT_ONCE {
            sync_all(self.to, &mut self.written)?;
        }
        Ok(())
    }

    /// Keeps one file of the configuration in memory.
    fn hold(
        &mut self,
        path: &str,
        name: &str,
        length: u64,
        sum: &mut digest::Context,
    ) -> Result<(), ArchiveError> {
        let twice = self.config.iter().any(|held| held.path == name);
        if length > LARGEST_CONFIG || twice {
            return Err(ArchiveError::damaged(path));
        }
        // In one piece, so that no part of a secret is left behind by a growing buffer.
        let room = usize::try_from(length).unwrap_or(0);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        self.content(path, length, &mut |piece| {
            sum.update(piece);
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        self.config.push(ConfigFile {
            path: name.to_owned(),
            bytes,
        });
        Ok(())
    }
}

/// Syncs files side by side, and lets go of them: what waits at the same time is brought to the
/// disk together.
fn sync_all(folder: &Path, written: &mut Vec<Box<dyn DiskFile>>) -> Result<(), StoreError> {
    let share = written.len().div_ceil(SIDE_BY_SIDE).max(1);
    let synced = std::thread::scope(|scope| {
        let parts: Vec<_> = written
            .chunks_mut(share)
            .map(|part| scope.spawn(|| part.iter_mut().try_for_each(|file| file.sync())))
            .collect();
        let mut outcome = Ok(());
        for part in parts {
            let synced = part
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome = outcome.and(synced);
        }
        outcome
    });
    written.clear();
    synced.map_err(failed("sync the files in", folder))
}
