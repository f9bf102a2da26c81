//! What a provider lists of an account, and which of it can have come of a request.
//!
//! Plain data and one pure comparison. Providers make holdings; the engine compares them with a
//! request of which nobody knows what came, and both faces show them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::entry::{Entry, StateRef};
use crate::domain::time;

/// The clocks of two machines may differ by so much, so a thing that was made that much before it
/// was asked for may still have come of it.
const SKEW: SignedDuration = SignedDuration::from_mins(2);

/// One thing that a provider holds of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// The provider's own id of it.
    pub id: String,
    /// The names that it protects, in ASCII.
    pub names: Vec<String>,
    /// What was bought, by the product's name; empty where the provider does not say.
    pub product: String,
    /// When it was made or last changed, in UTC.
    pub made: Timestamp,
    /// Where it stands: a state of the lifecycle, or the provider's own word.
    pub state: StateRef,
}

/// What a provider lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// What it holds.
    pub holdings: Vec<Holding>,
    /// Whether what is not listed certainly never arrived. Few providers can say so: most show what
    /// they accepted only after a while. Whoever chooses is told; nothing is sent again for it.
    pub complete: bool,
}

/// What a request that nobody answered would have made or changed.
#[derive(Clone, Debug)]
pub struct Sought {
    /// The entry that it was asked for.
    pub entry: Arc<Entry>,
    /// The action.
    pub action: String,
    /// The names of what it makes or changes, in ASCII.
    pub names: Vec<String>,
    /// The product, by its name.
    pub product: String,
    /// Whether it makes something new; else it changes what is there.
    pub makes_new: bool,
    /// The states in which that would stand then; nothing where no state tells it.
    pub leads_to: Vec<String>,
    /// When it was sent, the first time first; in UTC.
    pub sent: Vec<Timestamp>,
}

/// Why a holding cannot have come of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It has other names.
    Names,
    /// It is another product.
    Product,
    /// It was there before.
    TooOld,
    /// It stands elsewhere.
    State,
    /// Another entry has it.
    Taken,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Names => "other names",
            Self::Product => "another product",
            Self::TooOld => "older than the request",
            Self::State => "not where the request leads",
            Self::Taken => "another entry's",
        })
    }
}

impl Sought {
    /// Why a holding cannot have come of this; nothing where it can.
    #[must_use]
    pub fn objection(&self, holding: &Holding) -> Option<Unfit> {
        let set = |names: &[String]| -> BTreeSet<String> {
            names.iter().map(|name| name.to_ascii_lowercase()).collect()
        };
        if set(&self.names) != set(&holding.names) {
            return Some(Unfit::Names);
        }
        let is_named = !holding.product.is_empty() && !self.product.is_empty();
        if is_named && holding.product != self.product {
            return Some(Unfit::Product);
        }
        let first = self.sent.iter().min();
        if first.is_some_and(|sent| time::later(holding.made, SKEW) < *sent) {
            return Some(Unfit::TooOld);
        }
        // What is new may have gone on since; what was there is told by its number and its state.
        if self.makes_new {
            return None;
        }
        let number = self.entry.product.order_number.as_ref();
        if number.is_some_and(|number| *number != holding.id) {
            return Some(Unfit::Taken);
        }
        let stands = holding.state.as_str();
        let leads_there = self.leads_to.iter().any(|to| to == stands);
        (!leads_there).then_some(Unfit::State)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::EntryId;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn sought(makes_new: bool, leads_to: &[&str]) -> Sought {
        let sent = at("2026-11-22T12:00:00Z");
        let id = EntryId::new("a1");
        Sought {
            entry: Arc::new(Entry::new(
                id,
                "shop",
                "netcup",
                "outstanding-invoice",
                sent,
            )),
            action: "order".to_owned(),
            names: vec!["a.example".to_owned(), "b.example".to_owned()],
            product: "Wildcard DV".to_owned(),
            makes_new,
            leads_to: leads_to.iter().map(|state| (*state).to_owned()).collect(),
            sent: vec![at("2026-11-22T12:30:00Z"), sent],
        }
    }

    fn holding() -> Holding {
        Holding {
            id: "X-1".to_owned(),
            names: vec!["B.example".to_owned(), "a.example".to_owned()],
            product: "Wildcard DV".to_owned(),
            made: at("2026-11-22T12:00:01Z"),
            state: StateRef::known("registration"),
        }
    }

    #[test]
    fn what_fits_has_the_names_the_product_and_the_time() {
        let sought = sought(true, &[]);
        let says = |change: fn(&mut Holding)| {
            let mut holding = holding();
            change(&mut holding);
            sought.objection(&holding)
        };
        assert_eq!(says(|_| {}), None);
        assert_eq!(
            says(|it| it.product.clear()),
            None,
            "not said, not against it"
        );
        assert_eq!(says(|it| it.names.truncate(1)), Some(Unfit::Names));
        let other = says(|it| "DV".clone_into(&mut it.product));
        assert_eq!(other, Some(Unfit::Product));
        let skewed = says(|it| it.made = at("2026-11-22T11:58:30Z"));
        assert_eq!(skewed, None, "clocks differ a little");
        let before = says(|it| it.made = at("2026-11-22T11:00:00Z"));
        assert_eq!(before, Some(Unfit::TooOld));
    }

    #[test]
    fn an_action_that_makes_nothing_is_known_by_where_it_leads() {
        assert_eq!(sought(false, &["registration"]).objection(&holding()), None);
        for leads_to in [&["revoked"][..], &[]] {
            let elsewhere = sought(false, leads_to).objection(&holding());
            assert_eq!(elsewhere, Some(Unfit::State));
        }
        let mut other = sought(false, &["registration"]);
        Arc::make_mut(&mut other.entry).product.order_number = Some("X-2".to_owned());
        assert_eq!(other.objection(&holding()), Some(Unfit::Taken));
    }
}
