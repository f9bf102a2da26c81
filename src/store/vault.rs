//! Private keys and certificates: files that are written once, named by fingerprint, and never
//! overwritten.
//!
//! Whoever calls [`Store::put_key`] may let the key's CSR leave this machine as soon as it
//! returned: the key is on the disk by then. Key bytes are wiped from memory and appear in no
//! error. This module does not look into what it keeps; `pki` does. The engine calls it.

mod lists;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::{Zeroize as _, Zeroizing};

use super::disk::{Disk, DiskFile, How, Kind};
use super::error::{StoreError, failed};
use super::files::planted;
use super::mend::{CERTS, KEYS, need_folder, sync_parent, write_new};
use super::{Store, hold};

/// How many certificates are written before their content is synced; each is an open file
/// meanwhile, of which a process may have few (256 on macOS).
const AT_ONCE: usize = 64;
/// How many of them are synced at the same time.
const SIDE_BY_SIDE: usize = 16;
/// Tells the temporary names of one process apart.
static TURN: AtomicU64 = AtomicU64::new(0);

impl Store {
    /// Keeps a private key (PEM, PKCS#8) under the SHA-256 of its public key (lower-case
    /// hexadecimal). When this returns, the key is on the disk. The same key again is well.
    ///
    /// # Errors
    /// [`StoreError::Taken`] if another key has that name, [`StoreError::BadName`] if the name is
    /// no fingerprint, [`StoreError::ReadOnly`], or what the file system said.
    pub fn put_key(&self, pem: &SecretString, spki_sha256: &str) -> Result<(), StoreError> {
        let same = |held: &[u8]| held == pem.expose_secret().as_bytes();
        self.noted(self.put(KEYS, spki_sha256, pem.expose_secret().as_bytes(), same))
    }

    /// A private key by the SHA-256 of its public key; `None` where it is not held here.
    ///
    /// # Errors
    /// [`StoreError::BadName`], [`StoreError::NotText`], or what the file system said.
    pub fn key(&self, spki_sha256: &str) -> Result<Option<SecretString>, StoreError> {
        Ok(self
            .get(KEYS, spki_sha256)?
            .map(|text| SecretString::from(text.as_str())))
    }

    /// Puts another form of the same private key in its place: encrypted, decrypted, or encrypted
    /// with another passphrase. The new form is on the disk before the old one goes, in one step:
    /// after a crash at any point the file is the one or the other. The caller has made sure that
    /// both hold the same key; `held` is what it read, and where something else lies there by now,
    /// nothing is changed.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the file is not what was read, [`StoreError::BadName`],
    /// [`StoreError::ReadOnly`], [`StoreError::Locked`], or what the file system said; the old form
    /// is in place then.
    pub fn replace_key(
        &self,
        spki_sha256: &str,
        held: &SecretString,
        new: &SecretString,
    ) -> Result<(), StoreError> {
        let path = self.vault_path(KEYS, spki_sha256)?;
        let home = self.home(KEYS)?;
        let disk = self.disk();
        let new = new.expose_secret().as_bytes();
        let temporary = write_temporary(disk, &home, spki_sha256, new)?;
        let swapped = self.swap_key(&path, held, &temporary);
        if swapped.is_err() {
            // It never had a name that anybody knew; the old form is in place.
            let _ = disk.remove(&temporary);
        }
        self.noted(swapped)?;
        sync_parent(disk, &path)
    }

    /// Destroys a private key: the one file of a person's that is ever deleted. What a crash left of
    /// the same key beside it goes first. Whether it was there.
    ///
    /// # Errors
    /// [`StoreError::BadName`], [`StoreError::Planted`] where something else lies in its place,
    /// [`StoreError::ReadOnly`], or what the file system said; the key may be there or gone then, and
    /// the same again is well.
    pub fn destroy_key(&self, spki_sha256: &str) -> Result<bool, StoreError> {
        let path = self.vault_path(KEYS, spki_sha256)?;
        let home = self.home(KEYS)?;
        let disk = self.disk();
        let found = disk.look(&path).map_err(failed("look at", &path))?;
        if let Some(look) = found.as_ref().filter(|look| look.kind != Kind::File) {
            return Err(planted(&path, look.kind, "a regular file"));
        }
        let names = disk.names(&home).map_err(failed("list", &home))?;
        let remains = names
            .iter()
            .filter(|name| name.starts_with(spki_sha256) && name.strip_suffix(".new").is_some());
        for name in remains {
            let path = home.join(name);
            self.noted(disk.remove(&path).map_err(failed("remove", &path)))?;
        }
        if found.is_some() {
            self.noted(disk.remove(&path).map_err(failed("remove", &path)))?;
        }
        sync_parent(disk, &path)?;
        Ok(found.is_some())
    }

    /// Under the lock, so that of two processes one finds what the other left.
    fn swap_key(&self, path: &Path, held: &SecretString, new: &Path) -> Result<(), StoreError> {
        let _turn = hold(&self.0.turn);
        let _lock = self.lock()?;
        let disk = self.disk();
        let found = read(disk, path)?;
        if found.is_none_or(|found| *found != held.expose_secret().as_bytes()) {
            let path = path.to_owned();
            return Err(StoreError::Taken { path });
        }
        disk.rename(new, path).map_err(failed("replace", path))
    }

    /// The private keys that lie here, by the SHA-256 of their public keys, in order.
    ///
    /// # Errors
    /// What the file system said.
    pub fn key_names(&self) -> Result<Vec<String>, StoreError> {
        self.names_in(KEYS)
    }

    /// The names of one of the vault's folders, in order.
    fn names_in(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let home = self.dir().join(folder);
        let disk = self.disk();
        if disk
            .look(&home)
            .map_err(failed("look at", &home))?
            .is_none()
        {
            return Ok(Vec::new());
        }
        let names = disk.names(&home).map_err(failed("list", &home))?;
        let names = names.iter().filter_map(|name| name.strip_suffix(".pem"));
        let is_ours = |name: &&str| self.vault_path(folder, name).is_ok();
        let mut names: Vec<String> = names.filter(is_ours).map(str::to_owned).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Whether a private key is held here. A key that cannot be read counts: it is there.
    #[must_use]
    pub fn has_key(&self, spki_sha256: &str) -> bool {
        let path = self.vault_path(KEYS, spki_sha256);
        let look = path
            .ok()
            .and_then(|path| self.disk().look(&path).ok().flatten());
        look.is_some_and(|look| look.kind == Kind::File)
    }

    /// Keeps a certificate (PEM) under the SHA-256 of its DER form (lower-case hexadecimal). The
    /// same one again is well, also with other line breaks.
    ///
    /// # Errors
    /// [`StoreError::Taken`] if another content has that name, [`StoreError::BadName`],
    /// [`StoreError::ReadOnly`], or what the file system said.
    pub fn put_certificate(&self, pem: &str, sha256: &str) -> Result<(), StoreError> {
        let same = |held: &[u8]| is_same_pem(held, pem);
        self.put(CERTS, sha256, pem.as_bytes(), same)
    }

    /// Keeps many certificates, each PEM with its name as for [`Store::put_certificate`]. When this
    /// returns, all are on the disk; their folder is synced once. After an error some may be there.
    ///
    /// # Errors
    /// As [`Store::put_certificate`], the first one.
    pub fn put_certificates(&self, certificates: &[(String, String)]) -> Result<(), StoreError> {
        if certificates.is_empty() {
            return Ok(());
        }
        let home = self.home(CERTS)?;
        for group in certificates.chunks(AT_ONCE) {
            self.put_group(&home, group)?;
        }
        // An earlier call may have been cut off between a name and its sync, so that this is
        // needed also where all of them are there.
        let disk = self.disk();
        disk.sync_folder(&home)
            .map_err(failed("sync the folder", &home))
    }

    /// Writes some certificates, syncs their content, and only then gives them their names.
    fn put_group(&self, home: &Path, group: &[(String, String)]) -> Result<(), StoreError> {
        let mut written: Vec<Written<'_>> = Vec::new();
        let outcome = self
            .write_group(home, group, &mut written)
            .and_then(|()| sync_all(&mut written))
            .and_then(|()| {
                let disk = self.disk();
                written.iter().try_for_each(|written| {
                    let same = |held: &[u8]| is_same_pem(held, written.pem);
                    place(disk, &written.temporary, &written.path, same)
                })
            });
        if outcome.is_err() {
            // Those that have their names already are no longer there; the others are of no use.
            for written in &written {
                let _ = self.disk().remove(&written.temporary);
            }
        }
        outcome
    }

    fn write_group<'a>(
        &self,
        home: &Path,
        group: &'a [(String, String)],
        written: &mut Vec<Written<'a>>,
    ) -> Result<(), StoreError> {
        let disk = self.disk();
        for (pem, name) in group {
            let path = self.vault_path(CERTS, name)?;
            match read(disk, &path)? {
                Some(held) if is_same_pem(&held, pem) => continue,
                Some(_) => return Err(StoreError::Taken { path }),
                None => {}
            }
            let temporary = free_name(disk, home, name)?;
            let mut file = disk
                .open(&temporary, How::New)
                .map_err(failed("create", &temporary))?;
            let content = file.write_at(0, pem.as_bytes());
            let content = content.map_err(failed("write", &temporary));
            written.push(Written {
                file,
                temporary,
                path,
                pem,
            });
            content?;
        }
        Ok(())
    }

    /// A folder of the vault, made where it is missing.
    fn home(&self, folder: &str) -> Result<PathBuf, StoreError> {
        self.need_writable()?;
        // A key for which no change can be written down would be left alone for ever.
        hold(&self.0.files).refuse_hopeless()?;
        let home = self.dir().join(folder);
        need_folder(self.disk(), &home)?;
        Ok(home)
    }

    /// A certificate (PEM) by the SHA-256 of its DER form; `None` where it is not held here.
    ///
    /// # Errors
    /// [`StoreError::BadName`], [`StoreError::NotText`], or what the file system said.
    pub fn certificate(&self, sha256: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .get(CERTS, sha256)?
            .map(|text| text.as_str().to_owned()))
    }

    fn vault_path(&self, folder: &str, name: &str) -> Result<PathBuf, StoreError> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        // Also what keeps a name from leading out of the folder.
        if name.len() != 64 || !name.bytes().all(digit) {
            return Err(StoreError::BadName {
                name: name.to_owned(),
            });
        }
        Ok(self.dir().join(folder).join(format!("{name}.pem")))
    }

    fn get(&self, folder: &str, name: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
        let path = self.vault_path(folder, name)?;
        let Some(bytes) = read(self.disk(), &path)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned()));
        text.map(Some).map_err(|_| StoreError::NotText { path })
    }

    fn put(
        &self,
        folder: &str,
        name: &str,
        bytes: &[u8],
        same: impl Fn(&[u8]) -> bool,
    ) -> Result<(), StoreError> {
        let path = self.vault_path(folder, name)?;
        let home = self.home(folder)?;
        let disk = self.disk();
        match read(disk, &path)? {
            // An earlier call may have been cut off between the name and its sync.
            Some(held) if same(&held) => return sync_parent(disk, &path),
            Some(_) => return Err(StoreError::Taken { path }),
            None => {}
        }
        let temporary = write_temporary(disk, &home, name, bytes)?;
        place(disk, &temporary, &path, same)?;
        sync_parent(disk, &path)
    }
}

/// A certificate that is written and has not its name yet.
struct Written<'a> {
    file: Box<dyn DiskFile>,
    temporary: PathBuf,
    path: PathBuf,
    pem: &'a str,
}

impl Written<'_> {
    fn sync(&mut self) -> Result<(), StoreError> {
        self.file.sync().map_err(failed("sync", &self.temporary))
    }
}

/// Syncs files side by side: a file system brings what waits at the same time to the disk together,
/// so that many cost hardly more than one.
fn sync_all(written: &mut [Written<'_>]) -> Result<(), StoreError> {
    let share = written.len().div_ceil(SIDE_BY_SIDE).max(1);
    if share >= written.len() {
        return written.iter_mut().try_for_each(Written::sync);
    }
    std::thread::scope(|scope| {
        let syncing: Vec<_> = written
            .chunks_mut(share)
            .map(|part| scope.spawn(|| part.iter_mut().try_for_each(Written::sync)))
            .collect();
        let mut outcome = Ok(());
        for part in syncing {
            let synced = part
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome = outcome.and(synced);
        }
        outcome
    })
}

/// Whether a file holds this certificate, perhaps with other line breaks.
fn is_same_pem(held: &[u8], pem: &str) -> bool {
    let letters = |bytes: &[u8]| -> Vec<u8> {
        let letters = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
        letters.copied().collect()
    };
    letters(held) == letters(pem.as_bytes())
}

/// Gives a file that is written and synced its name, unless that is taken: by the same content is
/// well.
fn place(
    disk: &dyn Disk,
    temporary: &Path,
    path: &Path,
    same: impl Fn(&[u8]) -> bool,
) -> Result<(), StoreError> {
    let Err(error) = disk.rename_new(temporary, path) else {
        return Ok(());
    };
    // It never had a name that anybody knew; its content is still the caller's.
    let _ = disk.remove(temporary);
    if error.kind() != std::io::ErrorKind::AlreadyExists {
        return Err(failed("put in place", path)(error));
    }
    // Another process was quicker; that is well if it wrote the same.
    if read(disk, path)?.is_some_and(|held| same(&held)) {
        return Ok(());
    }
    Err(StoreError::Taken {
        path: path.to_owned(),
    })
}

/// A temporary name that no other call uses.
fn free_name(disk: &dyn Disk, home: &Path, name: &str) -> Result<PathBuf, StoreError> {
    loop {
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let path = home.join(format!("{name}.{}-{turn}.new", std::process::id()));
        // A crash may have left one under this process id.
        if disk
            .look(&path)
            .map_err(failed("look at", &path))?
            .is_none()
        {
            return Ok(path);
        }
    }
}

/// Writes and syncs a file under a name that no other call uses.
fn write_temporary(
    disk: &dyn Disk,
    home: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<PathBuf, StoreError> {
    let path = free_name(disk, home, name)?;
    let written = write_new(disk, &path, bytes);
    if written.is_err() {
        // Half a file is of no use to anybody.
        let _ = disk.remove(&path);
    }
    written.map(|()| path)
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let Some(look) = disk.look(path).map_err(failed("look at", path))? else {
        return Ok(None);
    };
    if look.kind != Kind::File {
        return Err(planted(path, look.kind, "a regular file"));
    }
    let mut file = disk.open(path, How::Read).map_err(failed("open", path))?;
    let mut bytes = Zeroizing::new(Vec::new());
    let read = file.read_from(0).map(|content| *bytes = content);
    if let Err(error) = read {
        bytes.zeroize();
        return Err(failed("read", path)(error));
    }
    Ok(Some(bytes))
}
