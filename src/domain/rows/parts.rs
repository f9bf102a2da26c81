//! What is drawn of rows, without making every row: for whoever measures texts.
//!
//! Pure. What many rows share is told once, by number.

use super::{Rows, Seen};
use crate::domain::account::AccountKind;
use crate::domain::lifecycle::Readiness;
use crate::domain::probed::Served;
use crate::domain::row::Row;

/// The texts that many rows share.
#[derive(Clone, Debug, Default)]
pub struct Shared<'a> {
    /// The products.
    pub products: Vec<&'a str>,
    /// The accounts, as they are shown.
    pub accounts: Vec<String>,
    /// What is shown of the states, and whether that is ready for production.
    pub states: Vec<(String, Option<Readiness>)>,
}

/// What is drawn of a row.
#[derive(Clone, Debug)]
pub enum Parts<'a> {
    /// Of one that shares its texts with others.
    Shared {
        /// The name that it is called by; raw.
        name: &'a str,
        /// Whether it protects more names.
        more_names: bool,
        /// The product, by number.
        product: usize,
        /// The account, by number.
        account: usize,
        /// The state, by number.
        state: usize,
        /// What its servers were last seen to serve.
        served: Option<Served>,
        /// Whether a successor serves in its place.
        superseded: bool,
    },
    /// The whole row, where it has texts of its own.
    Whole(Box<Row>),
}

impl Rows {
    /// The texts that rows share.
    #[must_use]
    pub fn shared(&self) -> Shared<'_> {
        let shared = self.base().shared();
        let accounts = shared.accounts.iter();
        Shared {
            products: shared.products.iter().map(String::as_str).collect(),
            accounts: accounts
                .map(|name| self.inventory.account_words(name))
                .collect(),
            states: self.by_code((String::new(), None), |judged| {
                (judged.label.clone(), judged.ready.clone())
            }),
        }
    }

    /// Whether the row says that nobody knows what came of a request.
    #[must_use]
    pub fn is_unsettled(&self, number: usize) -> bool {
        self.held(number)
            .is_some_and(|held| held.row.unsettled().is_some())
    }

    /// What is drawn of a row.
    #[must_use]
    pub fn parts(&self, number: usize) -> Option<Parts<'_>> {
        let Some(Seen::Packed(slim)) = self.seen(number) else {
            return self.row(number).map(|row| Parts::Whole(Box::new(row)));
        };
        let account = self.inventory.accounts.get(self.base().account(slim));
        if account.is_some_and(|account| account.kind == AccountKind::ByHand) {
            // It may be reminded of something.
            return self.row(number).map(|row| Parts::Whole(Box::new(row)));
        }
        let mut names = self.base().names_of(number);
        let first = names.next();
        Some(Parts::Shared {
            more_names: names.next().is_some(),
            name: first.unwrap_or_else(|| self.base().id_text(number)),
            product: usize::from(slim.product),
            account: usize::from(slim.account),
            state: usize::from(self.code(number)),
            served: self.base().kind(slim).served,
            superseded: self.columns.superseded.get(number),
        })
    }
}
