//! The store's lock: one writer at a time, for one transaction or one swap, never for a session.
//!
//! The kernel releases it with the process, so a dead holder blocks nobody. The lock file also
//! holds the number of the last acknowledged transaction: the only way to notice that a journal
//! was cut exactly at the end of a line. It is written after the journal is synced and is a hint:
//! losing it loses no data. Only `Store` calls this.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "waiting for another process has a deadline of its own"
    )
)]

use std::path::Path;
use std::time::Duration;

use super::disk::{Disk, DiskFile, How};
use super::error::{StoreError, failed};
use super::line::{is_intact, seal};
use super::record::Mark;

/// Where the lock lies, relative to the store.
pub(crate) const LOCK: &str = "lock";

const FIRST_WAIT: Duration = Duration::from_millis(1);
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// The lock, held until it is dropped.
#[must_use]
#[derive(Debug)]
pub(crate) struct Held(Box<dyn DiskFile>);

/// Takes the lock, or gives up after `timeout`. The time is what was slept, so no clock is asked.
pub(crate) fn take(disk: &dyn Disk, dir: &Path, timeout: Duration) -> Result<Held, StoreError> {
    let path = dir.join(LOCK);
    let mut waited = Duration::ZERO;
    let mut wait = FIRST_WAIT;
    loop {
        let tried = disk
            .try_lock(&path)
            .map_err(failed("take the lock", &path))?;
        if let Some(file) = tried {
            if is_still_there(disk, file.as_ref(), &path)? {
                return Ok(Held(file));
            }
            // An import has put another store in this one's place: its lock is the one that counts.
            continue;
        }
        if waited >= timeout {
            return Err(StoreError::Locked { path, waited });
        }
        let pause = wait.min(timeout.saturating_sub(waited));
        std::thread::sleep(pause);
        waited += pause;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Whether the file that was locked is still the one that everybody finds.
fn is_still_there(disk: &dyn Disk, file: &dyn DiskFile, path: &Path) -> Result<bool, StoreError> {
    let held = file.look().map_err(failed("look at", path))?;
    let found = disk.look(path).map_err(failed("look at", path))?;
    Ok(found.is_some_and(|found| found.identity == held.identity))
}

impl Held {
    /// Notes that transaction `seq` is on the disk. A failure is left alone: the transaction is
    /// safe without it.
    pub(crate) fn mark(&mut self, seq: u64) {
        if let Ok(line) = seal(&Mark { seq }) {
            // Not worth an error, see above.
            let _ = self.0.write_at(0, &line);
        }
    }
}

/// The last transaction that was acknowledged, as far as the lock file knows; else 0.
pub(crate) fn read_mark(disk: &dyn Disk, dir: &Path) -> u64 {
    let read = disk
        .open(&dir.join(LOCK), How::Read)
        .and_then(|mut file| file.read_from(0));
    let bytes = read.unwrap_or_default();
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let mark = is_intact(line).then(|| serde_json::from_slice::<Mark>(line).ok());
    mark.flatten().map_or(0, |mark| mark.seq)
}
