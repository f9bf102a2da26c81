//! Writing down what a person saw or did: planned under the store's lock against the entry as it
//! is then, and one transaction with everything that comes of it.
//!
//! A key is in the vault before anything names it. May not: ask a provider. The commands come here.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::plan::{Objection, Plan, Successor, plan};
use super::typed_csr;
use crate::domain::entry::Entry;
use crate::domain::event::What;
use crate::domain::inventory::Inventory;
use crate::engine::EngineError;
use crate::engine::Inner;
use crate::engine::command::{Done, Record};
use crate::engine::place::{Draft, begun};
use crate::engine::settle::{Decision, entry_in, happen};
use crate::engine::zone;
use crate::pki::belong::Material;
use crate::store::Transaction;

impl Inner {
    /// Writes down what a person saw in the provider's own panel, or did there.
    pub(in crate::engine) fn record(&self, record: &Record) -> Result<Done, EngineError> {
        self.store.catch_up()?;
        let record = &self.with_opened_key(record)?;
        // First without the lock: whatever is wrong is said before anything is kept.
        let picture = self.picture();
        let entry = picture.resolve(record.entry.as_str())?;
        let Plan {
            material,
            successor,
            ..
        } = self.judge(record, &entry, &picture)?;
        self.keep_material(&material)?;
        let draft = successor
            .map(|successor| self.draft_of(&entry, successor, record))
            .transpose()?;
        let (done, deploys) = self.store.transact(|transaction| {
            transaction.who(&self.who);
            self.write_record(transaction, record, draft.as_ref())
        })?;
        self.publish();
        if deploys {
            self.queue_deploy(&record.entry);
        }
        Ok(done)
    }

    /// The same, its private key opened where it is encrypted.
    fn with_opened_key(&self, record: &Record) -> Result<Record, EngineError> {
        let mut record = record.clone();
        if let Some(key) = &record.with.key {
            record.with.key = Some(self.open_brought(key)?);
        }
        Ok(record)
    }

    /// What it would write down, or what is in its way.
    fn judge(
        &self,
        record: &Record,
        entry: &Arc<Entry>,
        inventory: &Inventory,
    ) -> Result<Plan, EngineError> {
        let seen = Decision {
            entry: Arc::clone(entry),
            lifecycle: inventory.lifecycle_of(entry).cloned(),
            row: None,
        };
        self.unmoved(&seen, record.seen_state.as_deref())?;
        plan(record, entry, inventory, self.now()).map_err(|objection| match objection {
            Objection::Refused(error) => *error,
            Objection::Fields(errors) => EngineError::Record(errors),
        })
    }

    /// Key first, then certificates: only then may anything name them.
    pub(super) fn keep_material(&self, material: &Material) -> Result<(), EngineError> {
        if let Some(key) = &material.key {
            self.can_keep_brought(key)?;
            self.keep_key(key)?;
        }
        for certificate in material.leaf.iter().chain(&material.chain) {
            let pem = certificate.to_pem();
            self.store.put_certificate(&pem, &certificate.sha256)?;
        }
        Ok(())
    }

    /// The successor's order; where certdeck made the key, it makes a new one now.
    fn draft_of(
        &self,
        entry: &Entry,
        successor: Successor,
        record: &Record,
    ) -> Result<(Draft, Option<What>), EngineError> {
        let Successor { makes, facts } = successor;
        let mut predecessor = entry.clone();
        predecessor.names.clone_from(&facts.names);
        predecessor.order.method = facts.method;
        predecessor.order.mailbox.clone_from(&facts.mailbox);
        if let Some(csr) = &record.with.csr
            && !csr.expose_secret().trim().is_empty()
        {
            let names = &facts.names;
            predecessor.order = typed_csr(csr, names, &predecessor.order)
                .map_err(|error| EngineError::Record(vec![error]))?;
        }
        let mut draft = self.successor_of(&predecessor, &makes)?;
        let invoice = facts.product.invoice.clone();
        draft.product = facts.product;
        draft.product.invoice = None;
        Ok((draft, invoice.map(|invoice| What::InvoiceSent { invoice })))
    }

    /// What is so now, and whether it is to be deployed.
    fn write_record(
        &self,
        transaction: &mut Transaction,
        record: &Record,
        draft: Option<&(Draft, Option<What>)>,
    ) -> Result<(Done, bool), EngineError> {
        let entry = entry_in(transaction, &record.entry)?;
        let around = self.around(transaction, &entry);
        let plan = self.judge(record, &entry, &around)?;
        if plan.successor.is_some() != draft.is_some() {
            return Err(EngineError::Failed(format!(
                "{} changed while this was being written down, so nothing was; look at it and \
                 record it again",
                entry.name()
            )));
        }
        // The same as before the lock, unless the entry has changed since: whatever is named now
        // has to lie on the disk.
        self.keep_material(&plan.material)?;
        let now = self.time_of(&entry.account);
        if let Some(status) = plan.zone {
            zone::write(transaction, &entry.account, status, now);
        }
        let mut happened = plan.happened;
        let mut made = None;
        if let Some((draft, invoice)) = draft {
            let new = self.begin(transaction, draft, now)?;
            made = Some(new.id.clone());
            let link = draft.follows.as_ref().map(|(link, _)| link.reversed());
            happened.extend(link.map(|link| What::Linked {
                link,
                to: new.id.clone(),
            }));
            let begun = begun(draft).into_iter().chain(invoice.clone());
            happen(transaction, new, begun, now);
        }
        let due = self.due_to_deploy(&entry.account, &happened);
        let deploys = due.is_some();
        happened.extend(due);
        if !happened.is_empty() {
            happen(transaction, entry.as_ref().clone(), happened, now);
        }
        let done = Done::Recorded {
            entry: entry.id.clone(),
            says: plan.says,
            successor: made,
        };
        Ok((done, deploys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountKind;
    use crate::domain::entry::EntryId;
    use crate::domain::lifecycle::Lifecycles;
    use crate::engine::command::{Particulars, Recorded};
    use crate::engine::settings::AccountSettings;
    use crate::engine::{Engine, EngineSettings};

    #[test]
    fn what_comes_to_something_else_than_was_planned_is_not_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let lifecycles = Lifecycles::built_in().unwrap();
        let shop = AccountSettings::usual("shop", AccountKind::ByHand, "netcup");
        let engine = Engine::open(EngineSettings {
            accounts: vec![shop],
            ..EngineSettings::usual(folder.path().join("store"), lifecycles, "test")
        })
        .unwrap();
        let inner = &engine.0;
        let id = EntryId::new("a1");
        let mut entry = Entry::new(id.clone(), "shop", "netcup", "expired", inner.now());
        entry.names = vec!["www.example.com".to_owned()];
        let record = Record {
            entry: id,
            what: Recorded::Submitted("renew".to_owned()),
            with: Particulars::default(),
            seen_state: None,
        };
        // Planned as an action that makes no successor, while another process moved the entry.
        let written = inner.store.transact(|transaction| {
            transaction.put_entry(entry);
            inner.write_record(transaction, &record, None)
        });
        let refused = written.unwrap_err().to_string();
        assert!(refused.contains("changed while"), "{refused}");
    }
}
