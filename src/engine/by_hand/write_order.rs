//! Writing down an order that was placed in a provider's own panel, with a key and a CSR where
//! certdeck makes them.
//!
//! A key is in the vault before anything names it. May not: ask a provider. The commands come here.

use jiff::Timestamp;

use super::material;
use super::order::{self, OrderPlan};
use super::words::is_now;
use crate::domain::entry::Entry;
use crate::engine::command::{CsrChoice, Done, HandOrder};
use crate::engine::settle::happen;
use crate::engine::{EngineError, Inner};
use crate::pki::CertName;

impl Inner {
    /// Writes down an order that was placed in the provider's own panel, or is about to be.
    pub(in crate::engine) fn order_by_hand(&self, order: &HandOrder) -> Result<Done, EngineError> {
        self.store.catch_up()?;
        let planned =
            order::plan(order, &self.picture(), self.now()).map_err(EngineError::Order)?;
        let mut draft = planned.draft(&order.account);
        self.keep_material(&planned.material)?;
        if let Some(kind) = planned.makes_key {
            let names = cert_names(&draft.names)?;
            self.make_key_and_csr(&mut draft.order, kind, &names, &order.wishes)?;
        }
        let now = self.time_of(&order.account);
        let entry = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = self.begin(transaction, &draft, now)?;
            let id = entry.id.clone();
            let happened = planned.events(&draft, &entry);
            happen(transaction, entry, happened, now);
            let written = transaction.entry(&id);
            written.ok_or_else(|| EngineError::Failed("the new entry is gone".to_owned()))
        })?;
        self.publish();
        Ok(Done::Recorded {
            says: self.says_of_order(&planned, order, &entry, now),
            entry: entry.id.clone(),
            successor: None,
        })
    }

    fn says_of_order(
        &self,
        planned: &OrderPlan,
        order: &HandOrder,
        entry: &Entry,
        now: Timestamp,
    ) -> String {
        let stands = self
            .lifecycles
            .get(&entry.lifecycle)
            .map(|lifecycle| is_now(entry, lifecycle, now))
            .unwrap_or_default();
        let csr = match (planned.makes_key, &order.csr) {
            (Some(_), _) => {
                " certdeck made its CSR, for the order form of the provider's panel; the private \
                 key stays here."
            }
            (None, CsrChoice::Certdeck) => {
                " certdeck made no CSR for it: an order that is under way has its own."
            }
            _ => "",
        };
        let left_out = material::left_out(&planned.material);
        format!(
            "Recorded: the order of {}. {stands}{csr}{left_out}",
            entry.name()
        )
    }
}

fn cert_names(names: &[String]) -> Result<Vec<CertName>, EngineError> {
    let parsed = names.iter().map(|name| CertName::parse(name));
    parsed
        .collect::<Result<_, _>>()
        .map_err(|error| EngineError::Failed(error.to_string()))
}
