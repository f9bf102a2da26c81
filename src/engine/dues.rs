//! When something happens next to each entry of a sandbox, remembered, so that a look around costs
//! what has changed since the last one, and not what there is.
//!
//! Of an entry on the disk a moment and its place are held, sixteen bytes or so; those that changed
//! since are held by id. A moment is a hint: whoever lets something happen reads the entry and asks
//! again. All of it is reckoned anew when a new snapshot, the zone or the accounts came. `play` asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard};

use jiff::Timestamp;

use super::settings::AccountSettings;
use super::{Inner, hold};
use crate::domain::account::Zone;
use crate::domain::entries::Entries;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::providers::sandbox::Sandbox;

/// The accounts that were asked for so far.
pub(super) type All = BTreeMap<String, Dues>;

/// What is remembered of one account.
pub(super) struct Dues {
    /// What it was reckoned from.
    entries: Entries,
    around: Around,
    /// The moments of entries on the disk and their places there, the soonest first.
    on_disk: Vec<(Timestamp, u32)>,
    /// How many of those are known by id by now.
    passed: usize,
    /// The moments of those that changed since; nothing for those to which nothing happens by itself.
    changed: BTreeMap<EntryId, Option<Timestamp>>,
    /// The same, the soonest first.
    soon: BTreeSet<(Timestamp, EntryId)>,
    /// Which entries look at another one, since that comes after them.
    before: BTreeMap<EntryId, Vec<EntryId>>,
}

/// What decides beside the entries; where any of it is another, everything is.
struct Around {
    zone: Option<Zone>,
    sandbox: Arc<Sandbox>,
    /// The accounts, which decide whether it is known what serves.
    accounts: Arc<BTreeMap<String, AccountSettings>>,
}

impl Around {
    fn is(&self, other: &Self) -> bool {
        self.zone == other.zone
            && Arc::ptr_eq(&self.accounts, &other.accounts)
            && Arc::ptr_eq(&self.sandbox, &other.sandbox)
    }
}

/// Reckons the moment of one entry.
struct Reckoner<'a> {
    inner: &'a Inner,
    inventory: &'a Inventory,
    account: &'a str,
    sandbox: &'a Sandbox,
    system: Timestamp,
}

impl Reckoner<'_> {
    fn moment(&self, entry: &Entry) -> Option<Timestamp> {
        let lifecycle = self.inventory.lifecycle_of(entry)?;
        let around = self.inventory.circumstances(entry, self.system);
        let due = self.sandbox.next(entry, lifecycle, around)?;
        // What cannot happen stays due for ever, and is not waited for.
        let key = (entry.id.clone(), due.event.id.clone());
        (!hold(&self.inner.stuck).contains(&key)).then_some(due.at)
    }
}

impl Dues {
    /// Reckons everything.
    fn reckon(reckoner: &Reckoner<'_>, around: Around) -> Self {
        let entries = reckoner.inventory.entries.clone();
        let mut dues = Self {
            entries: entries.clone(),
            around,
            on_disk: Vec::new(),
            passed: 0,
            changed: BTreeMap::new(),
            soon: BTreeSet::new(),
            before: BTreeMap::new(),
        };
        let (base, over) = (entries.base(), entries.over());
        for at in 0..base.len() {
            if !base.may_be_of(at, reckoner.account) {
                continue;
            }
            let Ok(entry) = base.entry(at) else {
                continue;
            };
            if entry.account != reckoner.account || over.contains(&entry.id) {
                continue;
            }
            dues.link(&entry);
            let place = u32::try_from(at).ok();
            dues.on_disk.extend(reckoner.moment(&entry).zip(place));
        }
        dues.on_disk.sort_unstable();
        dues.on_disk.shrink_to_fit();
        for entry in over {
            dues.put(reckoner, entry);
        }
        dues
    }

    /// Reckons what has changed; `false` if that cannot be told.
    fn follow(&mut self, reckoner: &Reckoner<'_>, around: &Around) -> bool {
        let entries = &reckoner.inventory.entries;
        if !self.around.is(around) || !Arc::ptr_eq(self.entries.base(), entries.base()) {
            return false;
        }
        let Some(changed) = entries.over().differing(self.entries.over()) else {
            return false;
        };
        for entry in changed {
            self.put(reckoner, entry);
            for earlier in self.all_before(&entry.id) {
                if let Some(earlier) = entries.get(&earlier) {
                    self.put(reckoner, &earlier);
                }
            }
        }
        self.entries = entries.clone();
        true
    }

    /// Takes up an entry as it is now.
    fn put(&mut self, reckoner: &Reckoner<'_>, entry: &Entry) {
        if entry.account == reckoner.account {
            self.link(entry);
            self.set(&entry.id, reckoner.moment(entry));
        }
    }

    fn set(&mut self, id: &EntryId, moment: Option<Timestamp>) {
        if let Some(Some(before)) = self.changed.insert(id.clone(), moment) {
            self.soon.remove(&(before, id.clone()));
        }
        self.soon.extend(moment.map(|moment| (moment, id.clone())));
    }

    fn link(&mut self, entry: &Entry) {
        for successor in entry.successors() {
            let before = self.before.entry(successor.clone()).or_default();
            if !before.contains(&entry.id) {
                before.push(entry.id.clone());
            }
        }
    }

    /// Everything that looks at an entry, and at what looks at it.
    fn all_before(&self, id: &EntryId) -> Vec<EntryId> {
        let mut found: Vec<EntryId> = self.before.get(id).cloned().unwrap_or_default();
        let mut next = 0;
        while let Some(earlier) = found.get(next).cloned() {
            next += 1;
            let more = self.before.get(&earlier).into_iter().flatten();
            let more: Vec<_> = more.filter(|id| !found.contains(id)).cloned().collect();
            found.extend(more);
        }
        found
    }

    /// When something happens next.
    fn next(&mut self) -> Option<Timestamp> {
        let base = self.entries.base();
        while let Some((_, at)) = self.on_disk.get(self.passed) {
            if !self.changed.contains_key(&base.id(*at as usize)) {
                break;
            }
            self.passed += 1;
        }
        let on_disk = self.on_disk.get(self.passed).map(|(moment, _)| *moment);
        let soon = self.soon.first().map(|(moment, _)| *moment);
        on_disk.into_iter().chain(soon).min()
    }

    /// The entries to which something happens until then.
    fn until(&self, until: Timestamp) -> Vec<EntryId> {
        let base = self.entries.base();
        let on_disk = self.on_disk[self.passed..].iter();
        let on_disk = on_disk.take_while(|(moment, _)| *moment <= until);
        let on_disk = on_disk.map(|(_, at)| base.id(*at as usize));
        let on_disk = on_disk.filter(|id| !self.changed.contains_key(id));
        let soon = self.soon.iter();
        let soon = soon.take_while(|(moment, _)| *moment <= until);
        on_disk.chain(soon.map(|(_, id)| id.clone())).collect()
    }
}

impl Inner {
    /// When something happens next to an entry of an account that the sandbox plays.
    pub(super) fn next_moment(&self, account: &str, sandbox: &Arc<Sandbox>) -> Option<Timestamp> {
        let inventory = self.picture();
        let mut all = self.followed(account, sandbox, &inventory);
        all.get_mut(account)?.next()
    }

    /// The entries of an account to which something happens until then, as far as is remembered. One
    /// to which nothing does after all is remembered so.
    pub(super) fn due_entries(
        &self,
        account: &str,
        sandbox: &Arc<Sandbox>,
        inventory: &Inventory,
        until: Timestamp,
    ) -> Vec<Arc<Entry>> {
        let mut all = self.followed(account, sandbox, inventory);
        let Some(dues) = all.get_mut(account) else {
            return Vec::new();
        };
        let reckoner = self.reckoner(account, sandbox, inventory);
        let ids = dues.until(until).into_iter();
        let entries = ids.filter_map(|id| {
            let entry = inventory.entries.get(&id);
            // Time alone may have changed it; and what cannot be read is not asked for again.
            let moment = entry.as_ref().and_then(|entry| reckoner.moment(entry));
            dues.set(&id, moment);
            entry.filter(|_| moment.is_some_and(|moment| moment <= until))
        });
        entries.collect()
    }

    /// Lets go of what is remembered of an account that stands still.
    pub(super) fn forget_moments(&self, account: &str) {
        hold(&self.dues).remove(account);
    }

    /// That what was to happen to an entry cannot.
    pub(super) fn forget_moment(&self, entry: &Entry) {
        if let Some(dues) = hold(&self.dues).get_mut(&entry.account) {
            dues.set(&entry.id, None);
        }
    }

    fn reckoner<'a>(
        &'a self,
        account: &'a str,
        sandbox: &'a Sandbox,
        inventory: &'a Inventory,
    ) -> Reckoner<'a> {
        Reckoner {
            inner: self,
            inventory,
            account,
            sandbox,
            system: self.now(),
        }
    }

    /// What is remembered, brought up to an inventory.
    fn followed(
        &self,
        account: &str,
        sandbox: &Arc<Sandbox>,
        inventory: &Inventory,
    ) -> MutexGuard<'_, All> {
        let around = Around {
            zone: inventory.accounts.get(account).and_then(|found| found.zone),
            sandbox: Arc::clone(sandbox),
            accounts: self.accounts(),
        };
        let reckoner = self.reckoner(account, sandbox, inventory);
        let mut all = hold(&self.dues);
        let known = all.get_mut(account);
        if !known.is_some_and(|dues| dues.follow(&reckoner, &around)) {
            all.insert(account.to_owned(), Dues::reckon(&reckoner, around));
        }
        all
    }
}

#[cfg(test)]
mod tests;
