//! A writer's turn: the lock, and files that are current and ready for an append.
//!
//! Reading what was appended meanwhile takes no time; reading a snapshot that another process has put
//! in place may take seconds, in which nobody else could write. So the lock is let go for that, and
//! taken again. `Store` and the doctor come here before they write.

use super::error::StoreError;
use super::files::Files;
use super::{Store, hold, lock};

/// How often the lock is let go for those who wait; after that, who is overtaken by one snapshot after
/// the other reads the next one under it.
pub(crate) const LET_GO: usize = 3;

impl Store {
    /// Takes the lock, with everything read that was written before it.
    ///
    /// To be called by whoever's turn it is in this process.
    pub(super) fn lock_when_current(&self) -> Result<lock::Held, StoreError> {
        for _ in 0..LET_GO {
            let held = self.lock()?;
            if self.get_ready(Files::prepare_at_once)? {
                return Ok(held);
            }
            drop(held);
            self.catch_up()?;
        }
        let held = self.lock()?;
        self.get_ready(Files::prepare)?;
        Ok(held)
    }

    fn get_ready<T>(
        &self,
        prepare: impl FnOnce(&mut Files) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut files = hold(&self.0.files);
        let ready = prepare(&mut files);
        self.show(&files);
        ready
    }
}
