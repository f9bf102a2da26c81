//! Writing down what came of a request: first the keys and certificates, then one transaction.

use std::sync::Arc;

use jiff::Timestamp;

use super::Inner;
use super::error::EngineError;
use crate::domain::entry::{Entry, EntryId, OpenRequest};
use crate::domain::event::{self, Event, What};
use crate::domain::gate::Verdict;
use crate::domain::inventory::{Inventory, Unresolved, descendants};
use crate::domain::lifecycle::{ActionRow, Lifecycle, standing};
use crate::pki;
use crate::providers::Answer;
use crate::store::Transaction;

/// What the gate let through.
pub(super) struct Decision {
    pub(super) entry: Arc<Entry>,
    /// Nothing if its table is missing; what is local is possible all the same.
    pub(super) lifecycle: Option<Arc<Lifecycle>>,
    pub(super) row: Option<ActionRow>,
}

impl Inner {
    /// Keeps the keys and certificates of an answer; only then may anything name them.
    pub(super) fn keep(&self, answer: &Answer) -> Result<(), EngineError> {
        for key in &answer.keys {
            self.keep_key_of_provider(&key.pem, &key.spki_sha256)?;
        }
        for pem in &answer.certificates {
            let certificate = pki::read_certificate(pem).map_err(EngineError::Failed)?;
            self.store.put_certificate(pem, &certificate.sha256)?;
        }
        Ok(())
    }

    /// Asks the gate, under the lock, on what is in the store now.
    pub(super) fn decide(
        &self,
        transaction: &Transaction,
        id: &EntryId,
        action: &str,
    ) -> Result<Decision, EngineError> {
        let entry = entry_in(transaction, id)?;
        let inventory = self.around(transaction, &entry);
        let verdict = inventory.verdict(action, &entry, self.now());
        let lifecycle = inventory.lifecycle_of(&entry).cloned();
        match verdict {
            Verdict::Possible { row } => {
                let row = row.and_then(|index| lifecycle.as_ref()?.actions.get(index).cloned());
                Ok(Decision {
                    entry,
                    lifecycle,
                    row,
                })
            }
            Verdict::Refused(reason) => Err(EngineError::Refused {
                action: lifecycle.map_or_else(|| action.to_owned(), |l| l.action_title(action)),
                name: entry.name().to_owned(),
                reason,
            }),
        }
    }

    /// An inventory of an entry and what came after it: what the gate needs, and no more.
    pub(super) fn around(&self, transaction: &Transaction, entry: &Arc<Entry>) -> Inventory {
        let later = descendants(entry, |id| transaction.entry(id));
        let entries = std::iter::once(Arc::clone(entry)).chain(later);
        Inventory {
            entries: entries.collect(),
            ..self.frame(&self.store.snapshot())
        }
    }

    /// The entry has not moved since the person looked at it.
    pub(super) fn unmoved(
        &self,
        decision: &Decision,
        seen: Option<&str>,
    ) -> Result<(), EngineError> {
        let Some(seen) = seen else { return Ok(()) };
        let Decision {
            entry, lifecycle, ..
        } = decision;
        let Some(lifecycle) = lifecycle else {
            return Ok(());
        };
        let stands = standing(entry, lifecycle, self.time_of(&entry.account));
        if stands.key() == seen {
            return Ok(());
        }
        let then: Vec<&str> = seen.split('+').collect();
        let now: Vec<&str> = stands
            .tracks
            .iter()
            .map(|(_, state)| state.as_str())
            .collect();
        let alike = labels(&then, lifecycle, false) == labels(&now, lifecycle, false);
        Err(EngineError::Moved {
            name: entry.name().to_owned(),
            seen: labels(&then, lifecycle, alike),
            now: labels(&now, lifecycle, alike),
        })
    }
}

/// States as the provider's panel shows them; where that does not tell two of them apart, with their
/// ids in the table.
fn labels(ids: &[&str], lifecycle: &Lifecycle, with_id: bool) -> String {
    let label = |id: &&str| match lifecycle.state(id) {
        Some(state) if with_id => format!("{} [{id}]", state.label),
        Some(state) => state.label.clone(),
        None => (*id).to_owned(),
    };
    ids.iter().map(label).collect::<Vec<_>>().join(" · ")
}

/// The entry of an id, as the transaction has it.
pub(super) fn entry_in(transaction: &Transaction, id: &EntryId) -> Result<Arc<Entry>, EngineError> {
    let found = transaction.entry(id);
    found.ok_or_else(|| Unresolved::Nothing(id.as_str().to_owned()).into())
}

/// The entry, if it still waits for the answer to this very request. Another process may have
/// taken the request for interrupted and settled it; then a late answer must change nothing.
pub(super) fn awaiting(
    transaction: &Transaction,
    id: &EntryId,
    sent: &OpenRequest,
) -> Result<Arc<Entry>, EngineError> {
    let entry = entry_in(transaction, id)?;
    // What the provider has accepted already is answered, also where it stays open.
    let is_same = |open: &OpenRequest| {
        !open.accepted && open.action == sent.action && open.since == sent.since
    };
    if entry.request.as_ref().is_some_and(is_same) {
        return Ok(entry);
    }
    Err(EngineError::Failed(format!(
        "the answer to {:?} for {} came when that request was settled already, so it changed \
         nothing; look at the entry's history and decide again",
        sent.action,
        entry.name()
    )))
}

/// Applies what happened to an entry and puts the result and the events into the transaction; gives
/// the entry as it is then.
pub(super) fn happen(
    transaction: &mut Transaction,
    mut entry: Entry,
    happened: impl IntoIterator<Item = What>,
    at: Timestamp,
) -> Entry {
    for what in happened {
        let event = Event {
            entry: entry.id.clone(),
            at,
            what,
        };
        event::apply(&mut entry, &event);
        transaction.event(event);
    }
    transaction.put_entry(entry.clone());
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_states_of_one_label_are_told_apart() {
        let text = include_str!("../../tests/fixtures/every_feature.toml");
        let table = Lifecycle::parse("every_feature.toml", text).unwrap();
        let (one, other) = ("checking-names", "checking-organization");
        let plain = |id| labels(&[id], &table, false);
        assert_eq!(plain(one), plain(other), "the table gives both one label");
        let long = |id| labels(&[id], &table, true);
        assert_eq!(long(one), "Checking [checking-names]");
        assert_ne!(long(one), long(other));
    }
}
