//! What a term asks, answered for one entry that is at hand.
//!
//! Pure.

use super::{is_name_like, is_ready, is_state_like};
use crate::domain::account::AccountKind;
use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{Lifecycle, Phase};
use crate::domain::name;
use crate::domain::query::keys::{Fact, Needs, TextKey, TimeKey};
use crate::domain::query::parse::digits;
use crate::domain::query::term::{Asks, Term};
use crate::domain::query::text::{Pattern, fold};
use crate::domain::row::Row;
use crate::domain::rows::waits_for_customer;

/// One entry with what belongs to it.
pub(super) struct Subject<'a> {
    entry: &'a Entry,
    row: &'a Row,
    inventory: &'a Inventory,
}

impl<'a> Subject<'a> {
    pub(super) fn new(entry: &'a Entry, row: &'a Row, inventory: &'a Inventory) -> Self {
        Self {
            entry,
            row,
            inventory,
        }
    }

    /// Whether all terms that are no words hold.
    pub(super) fn fits<'t>(&self, terms: impl IntoIterator<Item = &'t Term>) -> bool {
        let mut terms = terms
            .into_iter()
            .filter(|term| !matches!(term.asks, Asks::Word(_)));
        terms.all(|term| self.answers(&term.asks) != term.negated)
    }

    /// Whether a word, in small letters, is found in it.
    pub(super) fn holds(&self, word: &str) -> bool {
        let holds = |text: &str| fold(text).contains(word);
        let row = self.row;
        let fields = [
            row.id.as_str(),
            &row.account_words,
            &row.product,
            &row.state,
        ];
        let mut names = self.entry.names.iter();
        fields.into_iter().any(holds)
            || names.any(|name| holds(name) || holds(&name::unicode(name)))
    }

    fn lifecycle(&self) -> Option<&Lifecycle> {
        self.inventory.lifecycle_of(self.entry).map(AsRef::as_ref)
    }

    fn kind(&self) -> Option<AccountKind> {
        let account = self.inventory.accounts.get(&self.entry.account);
        account.map(|account| account.kind)
    }

    fn answers(&self, asks: &Asks) -> bool {
        match asks {
            // Words are looked for elsewhere.
            Asks::Word(_) => true,
            Asks::Text(key, pattern) => self.is_like(*key, pattern),
            Asks::Known(key) => self.time(*key).is_some(),
            Asks::Time(key, side, bound) => {
                let at = self.time(*key);
                at.is_some_and(|at| bound.has(*side, at, self.row.now))
            }
            Asks::YesNo(fact, yes) => self.is(*fact) == *yes,
            Asks::Phase(phase) => self.row.phase == *phase,
            Asks::Needs(needs) => self.needs(*needs),
            Asks::Ready(ready) => self
                .row
                .ready
                .as_ref()
                .is_some_and(|is| is_ready(*ready, is)),
            Asks::Probe(probe) => probe.fits(self.row.served),
        }
    }

    fn is_like(&self, key: TextKey, pattern: &Pattern) -> bool {
        let (entry, row) = (self.entry, self.row);
        match key {
            TextKey::Name => is_name_like(entry.name(), pattern),
            TextKey::San => entry.names.iter().any(|name| is_name_like(name, pattern)),
            TextKey::Account => pattern.fits(&row.account),
            TextKey::Provider => self.is_provided_by(pattern),
            TextKey::Lifecycle => pattern.fits(&entry.lifecycle),
            TextKey::Status => is_state_like(&row.state, &row.state_ids, pattern),
            TextKey::Product => pattern.fits(&row.product),
            TextKey::Issuer => entry
                .serving()
                .is_some_and(|held| pattern.fits(&held.issuer)),
            TextKey::Key => {
                let ordered = || entry.order.key_type.as_deref();
                let serving = entry.serving().map(|held| held.key.as_str());
                let key = serving.or_else(ordered);
                key.is_some_and(|key| pattern.fits(key))
            }
            TextKey::Serial => entry
                .serving()
                .is_some_and(|held| pattern.fits(&digits(&held.serial))),
            TextKey::Id => pattern.fits(row.id.as_str()),
            TextKey::Note => pattern.fits(&entry.note),
        }
    }

    /// The provider by its lifecycle and by the kind of account: either is what people call it.
    fn is_provided_by(&self, pattern: &Pattern) -> bool {
        let provider = self.lifecycle().map(|table| table.provider.as_str());
        pattern.fits(provider.unwrap_or(&self.entry.lifecycle))
            || self.kind().is_some_and(|kind| pattern.fits(kind.id()))
    }

    fn time(&self, key: TimeKey) -> Option<jiff::Timestamp> {
        match key {
            TimeKey::Expires => self.row.validity.map(|(_, to)| to),
            TimeKey::Renewal => self.row.renewal_opens(),
            TimeKey::Paid => self.row.paid_until,
        }
    }

    fn is(&self, fact: Fact) -> bool {
        match fact {
            Fact::Due => self.row.is_due(),
            Fact::Archived => self.row.archived,
            Fact::Superseded => self.row.superseded,
            Fact::Ca => self.row.is_ca,
            Fact::Expired => self.row.has_expired(),
            Fact::Trouble => self.entry.trouble.is_some(),
        }
    }

    fn needs(&self, needs: Needs) -> bool {
        let someone = self.row.needs_someone();
        match needs {
            Needs::Someone => someone,
            Needs::Nothing => !someone,
            Needs::You => someone && !self.waits_for_customer_alone(),
        }
    }

    /// Whether nothing but a customer's move is missing.
    fn waits_for_customer_alone(&self) -> bool {
        let (entry, row) = (self.entry, self.row);
        if row.phase != Some(Phase::ActionNeeded) || row.is_due() || row.reminder.is_some() {
            return false;
        }
        let Some(table) = self.lifecycle() else {
            return false;
        };
        entry.trouble.is_none() && waits_for_customer(table, entry, row.now)
    }
}
