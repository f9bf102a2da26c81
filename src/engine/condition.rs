//! How the machine is: whether its clock can be right, and whether the store can be written.
//!
//! Both faces say it; nothing is refused because of a doubt alone. `frame` puts it into what is
//! published, the pulse looks after it.

use jiff::Timestamp;

use super::{Engine, Inner, hold};
use crate::domain::clock_doubt::Doubt;
use crate::store::{Damage, Harm, Loaded};

impl Engine {
    /// Why the clock looks wrong; nothing where it does not.
    #[must_use]
    pub fn clock_doubt(&self) -> Option<Doubt> {
        self.inventory().clock_doubt(self.now())
    }
}

/// Damage in sentences, the first ones; nobody reads more before everything else.
pub(super) fn damage_words(all: &[Damage]) -> Vec<String> {
    const SAID: usize = 16;
    let mut said: Vec<_> = all.iter().take(SAID).map(ToString::to_string).collect();
    if let Some(more) = all.len().checked_sub(SAID).filter(|more| *more > 0) {
        said.push(format!(
            "{more} more places of the store are damaged; `certdeck doctor` names them all"
        ));
    }
    said
}

impl Inner {
    /// Tells of damage that came since the last time. A last line that is not finished may be one
    /// that another process writes just now.
    pub(super) fn tell_new_damage(&self) {
        let now = self.store.snapshot().warnings;
        let mut told = hold(&self.damage);
        let is_new = |damage: &&Damage| {
            damage.harm != Harm::TornTail && !told.iter().any(|known| known.is(damage))
        };
        let new: Vec<Damage> = now.iter().filter(is_new).cloned().collect();
        *told = now;
        drop(told);
        for says in damage_words(&new) {
            self.send_trouble(&says);
        }
    }

    /// The latest time at which the store is known to have been written. Within one process it
    /// never goes back: what is written under a clock that was set back must not hide that.
    pub(super) fn last_written(&self, loaded: &Loaded) -> Option<Timestamp> {
        let mut known = hold(&self.written);
        *known = (*known).max(loaded.last_written);
        *known
    }

    /// Where the sandbox of an account begins when it is first used: now, or, while the clock is
    /// doubted, when the store was last written. Its own time stays wrong for ever otherwise.
    pub(super) fn sandbox_begins(&self) -> Timestamp {
        let now = self.now();
        let last = *hold(&self.written);
        let is_doubted = crate::domain::clock_doubt::doubt(now, last).is_some();
        last.filter(|_| is_doubted).unwrap_or(now)
    }

    /// Publishes that the store cannot be written, or can be again; where it could not, that is
    /// tried.
    pub(super) fn look_after_store(&self) {
        if self.settings.read_only {
            return;
        }
        if self.store.trouble().is_some() {
            // What came back is in the store's own words already.
            let _ = self.store.try_writing();
        }
        let shown = self.published.borrow().store_trouble.clone();
        if shown != self.store.trouble() {
            self.publish();
        }
    }
}
