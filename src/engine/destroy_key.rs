//! Destroying a private key: the one thing of a person's that certdeck ever deletes, because that
//! person typed the name.
//!
//! May not: destroy a key that any entry still needs. It is written down for every entry that names
//! the key before the file goes, so that a crash in between leaves a file too many, never an entry
//! that counts on a key that is gone.

use std::sync::Arc;

use super::Inner;
use super::command::Done;
use super::error::EngineError;
use super::settle::{entry_in, happen};
use crate::domain::action;
use crate::domain::entries::Entries;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::event::What;
use crate::domain::gate::Reason;
use crate::domain::key_need;
use crate::store::Transaction;

const DESTROY: &str = action::DESTROY_KEY;

impl Inner {
    /// Destroys the private key of an entry.
    pub(super) fn destroy_key(&self, id: &EntryId) -> Result<Done, EngineError> {
        self.may_write_down(id, DESTROY)?;
        self.store.catch_up()?;
        let loaded = self.store.snapshot();
        let spki = loaded.entries.get(id);
        let spki = spki.and_then(|entry| entry.order.spki_sha256.clone());
        // Everything is read for it, which may take a second: not while others wait to write.
        let known = (loaded.seq, sharers(&loaded.entries, id, spki.as_deref()));
        let spki = self.store.transact(|transaction| {
            transaction.who(&self.who);
            self.write_destruction(transaction, id, known)
        })?;
        self.publish();
        let file = self.store.dir().join("keys").join(format!("{spki}.pem"));
        self.store.destroy_key(&spki).map_err(|error| {
            EngineError::Failed(format!(
                "the history says that the private key was destroyed, and its file is still there: \
                 {error}; remove {} yourself",
                file.display()
            ))
        })?;
        Ok(Done::KeyDestroyed { entry: id.clone() })
    }

    /// Asks the gate, asks for everybody else who has the key, and writes it down for all of them.
    fn write_destruction(
        &self,
        transaction: &mut Transaction,
        id: &EntryId,
        (seen, known): (u64, Vec<EntryId>),
    ) -> Result<String, EngineError> {
        let entry = self.decide(transaction, id, DESTROY)?.entry;
        let Some(spki) = entry.order.spki_sha256.clone() else {
            let says = format!("the private key of {} is not held here", entry.name());
            return Err(EngineError::Failed(says));
        };
        let others = if transaction.seq() == seen + 1 {
            known
        } else {
            sharers(&transaction.entries(), id, Some(&spki))
        };
        let others: Vec<_> = others
            .iter()
            .map(|other| entry_in(transaction, other))
            .collect::<Result<_, _>>()?;
        for other in &others {
            self.refuse_for(&entry, other, &spki)?;
        }
        for holder in std::iter::once(&entry).chain(&others) {
            let now = self.time_of(&holder.account);
            let spki_sha256 = spki.clone();
            let what = What::KeyDestroyed { spki_sha256 };
            happen(transaction, holder.as_ref().clone(), [what], now);
        }
        Ok(spki)
    }

    /// Refuses it where another entry needs the same key.
    fn refuse_for(&self, entry: &Entry, other: &Arc<Entry>, spki: &str) -> Result<(), EngineError> {
        let now = self.time_of(&other.account);
        let why = match self.lifecycles.get(&other.lifecycle) {
            Some(table) => key_need::still_needed(other, Some(spki), table, now),
            None => Some("its lifecycle table is missing, so that nobody can tell".to_owned()),
        };
        let Some(why) = why else { return Ok(()) };
        Err(EngineError::Refused {
            action: self.title_of(entry, DESTROY),
            name: entry.name().to_owned(),
            reason: Reason::new(format!(
                "{} ({}) has the same key: {why}",
                other.name(),
                other.id
            )),
        })
    }
}

/// The other entries that name a key.
fn sharers(entries: &Entries, id: &EntryId, spki: Option<&str>) -> Vec<EntryId> {
    let Some(spki) = spki else { return Vec::new() };
    let names_it = |entry: &Arc<Entry>| {
        let mut of_certificates = entry.certificates.iter();
        entry.order.spki_sha256.as_deref() == Some(spki)
            || of_certificates.any(|known| known.spki_sha256 == spki)
    };
    let others = entries.iter().filter(|entry| entry.id != *id);
    others
        .filter(names_it)
        .map(|entry| entry.id.clone())
        .collect()
}
