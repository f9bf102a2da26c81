//! A transaction: what one change reads and writes, before it becomes one line of the journal.
//!
//! It only collects; `Store::transact` makes it durable. The engine fills it, under the lock.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::account::AccountRecord;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::event::Event;

use super::image::{Accounts, Entries, Image};

/// Who a journal line names when nobody said otherwise.
const NOBODY_SAID: &str = "certdeck";

/// The current state, and the changes that shall be made to it together.
#[derive(Debug)]
pub struct Transaction {
    base_entries: Arc<Entries>,
    base_accounts: Arc<Accounts>,
    seq: u64,
    pub(crate) who: String,
    pub(crate) events: Vec<Event>,
    pub(crate) entries: BTreeMap<EntryId, Arc<Entry>>,
    pub(crate) accounts: BTreeMap<String, AccountRecord>,
}

impl Transaction {
    pub(crate) fn new(image: &Image, seq: u64) -> Self {
        Self {
            base_entries: Arc::clone(&image.entries),
            base_accounts: Arc::clone(&image.accounts),
            seq,
            who: NOBODY_SAID.to_owned(),
            events: Vec::new(),
            entries: BTreeMap::new(),
            accounts: BTreeMap::new(),
        }
    }

    /// The sequence number that this transaction gets if it changes anything.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// An entry, as this transaction leaves it so far.
    #[must_use]
    pub fn entry(&self, id: &EntryId) -> Option<&Arc<Entry>> {
        self.entries.get(id).or_else(|| self.base_entries.get(id))
    }

    /// Every entry, as this transaction leaves it so far, by id.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let untouched = self
            .base_entries
            .iter()
            .filter(|(id, _)| !self.entries.contains_key(*id));
        let mut untouched = untouched.peekable();
        let mut touched = self.entries.iter().peekable();
        std::iter::from_fn(move || {
            let first = match (untouched.peek(), touched.peek()) {
                (Some((left, _)), Some((right, _))) => left < right,
                (left, _) => left.is_some(),
            };
            let next = if first {
                untouched.next()
            } else {
                touched.next()
            };
            next.map(|(_, entry)| entry)
        })
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
        if self
            .base_entries
            .get(&entry.id)
            .is_some_and(|held| **held == entry)
        {
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

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.entries.is_empty() && self.accounts.is_empty()
    }
}
