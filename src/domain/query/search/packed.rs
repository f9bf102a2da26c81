//! What a term asks, answered for entries that lie packed in the base.
//!
//! Pure. What many entries share is asked once for all of them; nothing is read.

use jiff::Timestamp;

use super::{is_name_like, is_ready, is_state_like};
use crate::domain::account::AccountKind;
use crate::domain::entries::{Base, Slim};
use crate::domain::query::haystack;
use crate::domain::query::keys::{Fact, Needs, TextKey, TimeKey};
use crate::domain::query::term::Asks;
use crate::domain::query::text::Pattern;
use crate::domain::renewal;
use crate::domain::rows::{Bits, Judged, Rows};

/// A question to one row.
pub(super) type Test<'a> = Box<dyn Fn(usize, &Slim) -> bool + 'a>;

/// What questions are asked of.
pub(super) struct Packed<'a> {
    rows: &'a Rows,
    base: &'a Base,
    /// The time of each account.
    times: Vec<Timestamp>,
    /// Whether each account is kept by hand.
    by_hand: Vec<bool>,
}

impl<'a> Packed<'a> {
    pub(super) fn new(rows: &'a Rows) -> Self {
        let base = rows.base();
        let accounts = base.shared().accounts.iter();
        let by_hand = accounts.map(|name| {
            let account = rows.inventory().accounts.get(name);
            account.is_some_and(|account| account.kind == AccountKind::ByHand)
        });
        Self {
            rows,
            base,
            times: rows.times(),
            by_hand: by_hand.collect(),
        }
    }

    fn now(&self, slim: &Slim) -> Timestamp {
        self.times[usize::from(slim.account)]
    }

    /// A term as a question to one row.
    pub(super) fn test<'t>(&'t self, asks: &'t Asks) -> Test<'t> {
        match asks {
            // Words are looked for elsewhere.
            Asks::Word(_) => Box::new(|_, _| true),
            Asks::Text(key, pattern) => self.text(*key, pattern),
            Asks::Known(key) => {
                let key = *key;
                Box::new(move |number, slim| self.time(key, number, slim).is_some())
            }
            Asks::Time(key, side, bound) => {
                let key = *key;
                Box::new(move |number, slim| {
                    let at = self.time(key, number, slim);
                    at.is_some_and(|at| bound.has(*side, at, self.now(slim)))
                })
            }
            Asks::YesNo(fact, yes) => {
                let (fact, yes) = (*fact, *yes);
                Box::new(move |number, slim| self.is(fact, number, slim) == yes)
            }
            Asks::Phase(phase) => self.judged(|judged| judged.phase == *phase),
            Asks::Needs(needs) => {
                let needs = *needs;
                Box::new(move |number, slim| self.needs(needs, number, slim))
            }
            Asks::Ready(ready) => {
                self.judged(|judged| judged.ready.as_ref().is_some_and(|is| is_ready(*ready, is)))
            }
            Asks::Probe(probe) => {
                let kinds = self.base.shared().kinds.iter();
                let answers: Vec<bool> = kinds.map(|kind| probe.fits(kind.served)).collect();
                Box::new(move |_, slim| answers[usize::from(slim.kind)])
            }
        }
    }

    /// A question about names or ids, asked only where a part of the pattern is found at all.
    fn among<'t>(&'t self, pattern: &Pattern, fits: impl Fn(usize) -> bool + 't) -> Test<'t> {
        let part = pattern.part();
        if part.is_empty() {
            return Box::new(move |at, _| fits(at));
        }
        let mut hits = Bits::all(self.rows.len(), false);
        haystack::in_names(self.rows, part, &mut hits);
        Box::new(move |at, _| hits.get(at) && fits(at))
    }

    /// A question that the table answers.
    fn judged(&self, asks: impl Fn(&Judged) -> bool) -> Test<'_> {
        let answers = self.rows.by_code(false, asks);
        Box::new(move |number, _| answers.get(usize::from(self.rows.code(number))) == Some(&true))
    }

    fn text<'t>(&'t self, key: TextKey, pattern: &'t Pattern) -> Test<'t> {
        let shared = self.base.shared();
        let answers = |texts: &[String]| -> Vec<bool> {
            texts.iter().map(|text| pattern.fits(text)).collect()
        };
        match key {
            TextKey::Name => self.among(pattern, |at| is_name_like(self.base.name(at), pattern)),
            TextKey::San => self.among(pattern, |at| {
                self.base
                    .names_of(at)
                    .any(|name| is_name_like(name, pattern))
            }),
            TextKey::Id => self.among(pattern, |at| pattern.fits(self.base.id_text(at))),
            TextKey::Account => {
                let answers = answers(&shared.accounts);
                Box::new(move |_, slim| answers[usize::from(slim.account)])
            }
            TextKey::Product => {
                let answers = answers(&shared.products);
                Box::new(move |_, slim| answers[usize::from(slim.product)])
            }
            TextKey::Status => {
                self.judged(|judged| is_state_like(&judged.label, &judged.ids, pattern))
            }
            TextKey::Lifecycle => {
                let kinds = shared.kinds.iter();
                let answers: Vec<bool> = kinds.map(|kind| pattern.fits(&kind.lifecycle)).collect();
                Box::new(move |_, slim| answers[usize::from(slim.kind)])
            }
            TextKey::Provider => self.provider(pattern),
            TextKey::Issuer => {
                let makes = shared.makes.iter();
                let answers: Vec<bool> = makes.map(|make| pattern.fits(&make.issuer)).collect();
                Box::new(move |_, slim| slim.has_certificate() && answers[usize::from(slim.make)])
            }
            TextKey::Key => {
                let makes = shared.makes.iter();
                let known = |key: &str| !key.is_empty();
                let answers: Vec<(bool, bool)> = makes
                    .map(|make| (pattern.fits(&make.key), known(&make.key)))
                    .collect();
                Box::new(move |_, slim| {
                    let (fits, known) = answers[usize::from(slim.make)];
                    fits && (known || slim.has_certificate())
                })
            }
            // Only the whole entry knows.
            TextKey::Serial | TextKey::Note => Box::new(|_, _| true),
        }
    }

    /// The provider by its lifecycle and by the kind of account: either is what people call it.
    fn provider<'t>(&'t self, pattern: &'t Pattern) -> Test<'t> {
        let (inventory, shared) = (self.rows.inventory(), self.base.shared());
        let kinds = shared.kinds.iter().map(|kind| {
            let table = inventory.lifecycles.get(&kind.lifecycle);
            pattern.fits(table.map_or(&kind.lifecycle, |table| &table.provider))
        });
        let kinds: Vec<bool> = kinds.collect();
        let accounts = shared.accounts.iter().map(|name| {
            let account = inventory.accounts.get(name);
            account.is_some_and(|account| pattern.fits(account.kind.id()))
        });
        let accounts: Vec<bool> = accounts.collect();
        Box::new(move |_, slim| {
            kinds[usize::from(slim.kind)] || accounts[usize::from(slim.account)]
        })
    }

    fn is(&self, fact: Fact, number: usize, slim: &Slim) -> bool {
        match fact {
            Fact::Due => self.is_due(number, slim),
            Fact::Archived => self.base.kind(slim).archived,
            Fact::Superseded => self.rows.is_superseded(number),
            Fact::Ca => self.base.kind(slim).is_ca,
            Fact::Expired => self.rows.has_ended(number),
            // What is in trouble is held whole.
            Fact::Trouble => false,
        }
    }

    fn is_due(&self, number: usize, slim: &Slim) -> bool {
        self.is_renewed(number, slim) && self.rows.window_is_open(number)
    }

    /// Whether somebody will renew it.
    fn is_renewed(&self, number: usize, slim: &Slim) -> bool {
        let kind = self.base.kind(slim);
        !(kind.archived || kind.is_ca || self.rows.is_superseded(number))
    }

    fn time(&self, key: TimeKey, number: usize, slim: &Slim) -> Option<Timestamp> {
        match key {
            TimeKey::Expires => slim.ends.at(),
            TimeKey::Renewal if !self.is_renewed(number, slim) => None,
            TimeKey::Renewal => {
                let (from, to) = (slim.begins.at()?, slim.ends.at()?);
                Some(renewal::window_opens(from, to))
            }
            TimeKey::Paid => slim.paid.at(),
        }
    }

    fn needs(&self, needs: Needs, number: usize, slim: &Slim) -> bool {
        let someone = self.rows.needs_someone(number);
        match needs {
            Needs::Someone => someone,
            Needs::Nothing => !someone,
            Needs::You => someone && !self.waits_for_customer_alone(number, slim),
        }
    }

    /// Whether somebody is reminded of it, as of what is kept by hand.
    fn is_reminded(&self, number: usize) -> bool {
        self.rows
            .row(number)
            .is_some_and(|row| row.reminder.is_some())
    }

    fn waits_for_customer_alone(&self, number: usize, slim: &Slim) -> bool {
        use crate::domain::lifecycle::Phase;
        let judged = self.rows.judged(number);
        let waits = judged.is_some_and(|judged| {
            judged.phase == Some(Phase::ActionNeeded) && judged.waits_for_customer
        });
        waits
            && !self.is_due(number, slim)
            && !(self.by_hand[usize::from(slim.account)] && self.is_reminded(number))
    }
}
