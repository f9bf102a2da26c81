//! Revocation lists that were imported and believed: one for each issuer and key, the newest.
//!
//! They are public, and anybody can fetch them again, so that a newer one takes the place of an older
//! one; it does so in one step, and a file that is no list any more is left alone. Nothing is judged
//! here: whoever puts one has checked its signature and says which of two is newer. The engine calls
//! it.

use super::super::error::{StoreError, failed};
use super::super::mend::{LISTS, sync_parent};
use super::super::{Store, hold};
use super::{read, write_temporary};

impl Store {
    /// Keeps a list (PEM) under the name of its issuer and key (`pki::crl`, lower-case hexadecimal).
    /// `is_newer` hears what is held under that name, and says whether the new one takes its place;
    /// nothing where that is no list. Gives whether it was kept: then it is on the disk.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where something else has that name, [`StoreError::BadName`],
    /// [`StoreError::ReadOnly`], [`StoreError::Locked`], or what the file system said; what was held
    /// is in place then.
    pub fn put_list(
        &self,
        name: &str,
        pem: &str,
        is_newer: impl Fn(&str) -> Option<bool>,
    ) -> Result<bool, StoreError> {
        let path = self.vault_path(LISTS, name)?;
        let home = self.home(LISTS)?;
        let disk = self.disk();
        let temporary = write_temporary(disk, &home, name, pem.as_bytes())?;
        let swapped = (|| {
            // Under the lock, so that of two processes the one with the older list finds the newer.
            let _turn = hold(&self.0.turn);
            let _lock = self.lock()?;
            if let Some(held) = read(disk, &path)? {
                let held = std::str::from_utf8(&held).ok();
                match held.and_then(&is_newer) {
                    Some(true) => {}
                    Some(false) => return Ok(false),
                    None => return Err(StoreError::Taken { path: path.clone() }),
                }
            }
            let put = disk.rename(&temporary, &path);
            put.map_err(failed("put in place", &path)).map(|()| true)
        })();
        if !matches!(swapped, Ok(true)) {
            // It never had a name that anybody knew.
            let _ = disk.remove(&temporary);
        }
        let kept = self.noted(swapped)?;
        // An earlier call may have been cut off between the name and its sync.
        sync_parent(disk, &path).map(|()| kept)
    }

    /// The names of the lists that are kept.
    ///
    /// # Errors
    /// What the file system said.
    pub fn list_names(&self) -> Result<Vec<String>, StoreError> {
        self.names_in(LISTS)
    }

    /// The list that is kept under this name; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError::BadName`], [`StoreError::NotText`], or what the file system said.
    pub fn list(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.get(LISTS, name)?.map(|text| text.as_str().to_owned()))
    }
}
