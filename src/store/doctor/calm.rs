//! Telling what a crash left half-way from what somebody does right now.
//!
//! Both look the same; but what a crash left is still there while nobody holds the lock. So the lock
//! is taken for an instant, where something looks half-way and the lock's file is there already, and
//! given back at once. It changes nothing. `doctor` and its checks ask.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "another process that is in the middle of something needs a moment"
    )
)]

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use crate::store::compact::COMPACTING;
use crate::store::disk::{Disk, DiskFile, Kind as DiskKind};
use crate::store::lock::LOCK;

/// How long is waited in between at first and at last; a quarter of a second altogether.
const FIRST_WAIT: Duration = Duration::from_millis(1);
const LONGEST_WAIT: Duration = Duration::from_millis(128);

/// What became of something half-way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Whoever was at it has brought it to its end.
    Nothing,
    /// A crash left it: nobody is at work.
    ByCrash,
    /// Somebody is still at work.
    Busy,
}

/// Patience with others, enough for one examination.
pub(super) struct Calm<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) dir: &'a Path,
    /// Whether whoever examines holds the lock, so that nobody else is at work.
    alone: bool,
    /// How long is waited the next time.
    pause: Cell<Duration>,
}

/// What trying to take a lock came to.
enum Tried {
    /// Nobody has it as long as this is kept; nothing where it cannot be told.
    Free(#[expect(dead_code, reason = "it is held")] Option<Box<dyn DiskFile>>),
    Held,
}

impl<'a> Calm<'a> {
    pub(super) fn new(disk: &'a dyn Disk, dir: &'a Path, alone: bool) -> Self {
        Self {
            disk,
            dir,
            alone,
            pause: Cell::new(FIRST_WAIT),
        }
    }

    /// What became of something that is only ever half-way while somebody holds the store's lock.
    pub(super) fn judge(&self, mut is_half_way: impl FnMut() -> bool) -> Left {
        loop {
            let tried = if self.alone {
                Tried::Free(None)
            } else {
                self.try_lock(LOCK)
            };
            if !is_half_way() {
                return Left::Nothing;
            }
            if matches!(tried, Tried::Free(_)) {
                return Left::ByCrash;
            }
            if !self.wait() {
                return Left::Busy;
            }
        }
    }

    /// What became of something that is there while a new snapshot is written; that takes long, so
    /// nobody waits for it.
    pub(super) fn judge_compacting(&self, is_half_way: impl FnOnce() -> bool) -> Left {
        let tried = self.try_lock(COMPACTING);
        if !is_half_way() {
            return Left::Nothing;
        }
        match tried {
            Tried::Free(_) => Left::ByCrash,
            Tried::Held => Left::Busy,
        }
    }

    fn try_lock(&self, name: &str) -> Tried {
        let path = self.dir.join(name);
        // Only where it is there already: whoever looks makes nothing.
        let there = matches!(self.disk.look(&path), Ok(Some(look)) if look.kind == DiskKind::File);
        if !there {
            return Tried::Free(None);
        }
        match self.disk.try_lock(&path) {
            Ok(None) => Tried::Held,
            Ok(taken) => Tried::Free(taken),
            // Where one must not write nobody can be asked, as on a disk that is read-only.
            Err(_) => Tried::Free(None),
        }
    }

    /// Waits a moment; `false` once all patience is used up.
    fn wait(&self) -> bool {
        let pause = self.pause.get();
        if pause > LONGEST_WAIT {
            return false;
        }
        std::thread::sleep(pause);
        self.pause.set(pause * 2);
        true
    }
}
