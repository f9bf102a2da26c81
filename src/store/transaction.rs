//! A transaction: what one change reads and writes, before it becomes one line of the journal.
//!
//! It only collects; `Store::transact` makes it durable. The engine fills it, under the lock.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::account::AccountRecord;
use crate::domain::entries::{Entries, Unreadable};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::event::Event;

use super::image::{Accounts, Image};

/// Who a journal line names when nobody said otherwise.
const NOBODY_SAID: &str = "certdeck";

/// The current state, and the changes that shall be made to it together.
#[derive(Debug)]
pub struct Transaction {
    base_entries: Entries,
    base_accounts: Arc<Accounts>,
    seq: u64,
    pub(crate) who: String,
    pub(crate) events: Vec<Event>,
    pub(crate) entries: BTreeMap<EntryId, Arc<Entry>>,
    pub(crate) accounts: BTreeMap<String, AccountRecord>,
    /// An entry that was asked for and could not be read.
    unreadable: OnceCell<Unreadable>,
}

impl Transaction {
    pub(crate) fn new(image: &Image, seq: u64) -> Self {
        Self {
            base_entries: image.entries.clone(),
            base_accounts: Arc::clone(&image.accounts),
            seq,
            who: NOBODY_SAID.to_owned(),
            events: Vec::new(),
            entries: BTreeMap::new(),
            accounts: BTreeMap::new(),
            unreadable: OnceCell::new(),
        }
    }

    /// The sequence number that this transaction gets if it changes anything.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// An entry, as this transaction leaves it so far. One that is there and cannot be read counts
    /// as missing, and then this transaction is not written: see [`Store::transact`](super::Store).
    #[must_use]
    pub fn entry(&self, id: &EntryId) -> Option<Arc<Entry>> {
        if let Some(changed) = self.entries.get(id) {
            return Some(Arc::clone(changed));
        }
        match self.base_entries.read(id) {
            Ok(found) => found,
            Err(unreadable) => {
                // The first one is enough to say.
                let _ = self.unreadable.set(unreadable);
                None
            }
        }
    }

    /// Whether there is an entry with this id.
    #[must_use]
    pub fn has(&self, id: &EntryId) -> bool {
        self.entries.contains_key(id) || self.base_entries.contains(id)
    }

    /// All entries, as this transaction leaves them so far.
    #[must_use]
    pub fn entries(&self) -> Entries {
        let mut entries = self.base_entries.clone();
        entries.extend(self.entries.values().cloned());
        entries
    }

    /// An account's record, as this transaction leaves it so far.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<&AccountRecord> {
        self.accounts
            .get(name)
            .or_else(|| self.base_accounts.get(name))
    }

    /// Writes an entry, a new one or in place of the one with its id. One that is equal to what
    /// is there is no change.
    pub fn put_entry(&mut self, entry: Entry) {
        let before = self.base_entries.get(&entry.id);
        if before.is_some_and(|held| *held == entry) {
            self.entries.remove(&entry.id);
        } else {
            self.entries.insert(entry.id.clone(), Arc::new(entry));
        }
    }

    /// Writes an account's record, a new one or in place of the one with its name. One that is
    /// equal to what is there is no change.
    pub fn put_account(&mut self, account: AccountRecord) {
        if self.base_accounts.get(&account.name) == Some(&account) {
            self.accounts.remove(&account.name);
        } else {
            self.accounts.insert(account.name.clone(), account);
        }
    }

    /// Notes what happened, for the history.
    pub fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Says who does this: a person's login, `sandbox`, `sync`, and so on.
    pub fn who(&mut self, who: &str) {
        who.clone_into(&mut self.who);
    }

    /// The changed values; what the state before shared with it is let go of.
    pub(crate) fn into_changes(
        self,
    ) -> (
        impl Iterator<Item = Arc<Entry>>,
        impl Iterator<Item = AccountRecord>,
    ) {
        (self.entries.into_values(), self.accounts.into_values())
    }

    /// An entry that was asked for and could not be read: what was decided without it must not be
    /// written down.
    pub(crate) fn unreadable(&mut self) -> Option<Unreadable> {
        self.unreadable.take()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.entries.is_empty() && self.accounts.is_empty()
    }
}
