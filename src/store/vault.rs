//! Private keys and certificates: files that are written once, named by fingerprint, and never
//! overwritten.
//!
//! Whoever calls [`Store::put_key`] may let the key's CSR leave this machine as soon as it
//! returned: the key is on the disk by then. Key bytes are wiped from memory and appear in no
//! error. This module does not look into what it keeps; `pki` does. The engine calls it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::{Zeroize as _, Zeroizing};

use super::Store;
use super::disk::{Disk, How, Kind};
use super::error::{StoreError, failed};
use super::files::planted;
use super::mend::{CERTS, KEYS, check_folder, sync_parent, write_new};

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
        self.put(KEYS, spki_sha256, pem.expose_secret().as_bytes(), same)
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
        let same = |held: &[u8]| {
            let held = held.iter().filter(|byte| !byte.is_ascii_whitespace());
            held.eq(pem
                .as_bytes()
                .iter()
                .filter(|byte| !byte.is_ascii_whitespace()))
        };
        self.put(CERTS, sha256, pem.as_bytes(), same)
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
        self.need_writable()?;
        let disk = self.disk();
        let home = self.dir().join(folder);
        if !check_folder(disk, &home)? {
            disk.make_folder(&home)
                .map_err(failed("make the folder", &home))?;
        }
        match read(disk, &path)? {
            // An earlier call may have been cut off between the name and its sync.
            Some(held) if same(&held) => return sync_parent(disk, &path),
            Some(_) => return Err(StoreError::Taken { path }),
            None => {}
        }
        let temporary = write_temporary(disk, &home, name, bytes)?;
        let placed = disk.rename_new(&temporary, &path);
        if let Err(error) = placed {
            // It never had a name that anybody knew; its content is still the caller's.
            let _ = disk.remove(&temporary);
            if error.kind() != std::io::ErrorKind::AlreadyExists {
                return Err(failed("put in place", &path)(error));
            }
            // Another process was quicker; that is well if it wrote the same.
            if !read(disk, &path)?.is_some_and(|held| same(&held)) {
                return Err(StoreError::Taken { path });
            }
        }
        sync_parent(disk, &path)
    }
}

/// Writes and syncs a file under a name that no other call uses.
fn write_temporary(
    disk: &dyn Disk,
    home: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<PathBuf, StoreError> {
    loop {
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let path = home.join(format!("{name}.{}-{turn}.new", std::process::id()));
        // A crash may have left one under this process id.
        if disk
            .look(&path)
            .map_err(failed("look at", &path))?
            .is_some()
        {
            continue;
        }
        let written = write_new(disk, &path, bytes);
        if written.is_err() {
            // Half a file is of no use to anybody.
            let _ = disk.remove(&path);
        }
        return written.map(|()| path);
    }
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
