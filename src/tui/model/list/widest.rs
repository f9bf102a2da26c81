//! How many columns the list's texts want.
//!
//! Pure. Measured once for all rows, and kept in step with those that change.

use crate::domain::lifecycle::Readiness;
use crate::domain::probed::Served;
use crate::domain::row::Row;
use crate::domain::rows::{Parts, Rows};
use crate::domain::text;

/// A sign, a blank, and ` (unreadable)`: what stands beside the state of an entry in trouble.
const TROUBLE: usize = 15;
/// `gone (was )`: what stands around the state of an entry that the provider has deleted.
const GONE: usize = 11;
/// ` +123`: what stands beside a name where there are more.
const MORE: usize = 5;
/// No column is made wider for a single long text than this.
const WIDEST: usize = 48;

/// How many columns the texts of each kind want, so that the list shares its width well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Widest {
    /// The names, with the number of further ones.
    pub name: usize,
    /// The products.
    pub product: usize,
    /// The accounts.
    pub account: usize,
    /// The states.
    pub state: usize,
    /// What is served; 0 where nobody looked.
    pub served: usize,
}

/// The texts of all rows by their width: of names, products, accounts, states and what is served.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured([Widths; 5]);

impl Measured {
    /// Measures all rows.
    pub(super) fn of(rows: &Rows) -> Self {
        let shared = rows.shared();
        let products: Vec<usize> = shared.products.iter().map(|text| width(text)).collect();
        let accounts: Vec<usize> = shared.accounts.iter().map(|text| width(text)).collect();
        let states: Vec<_> = (shared.states.iter())
            .map(|(label, ready)| (width(label), ready.as_ref().map_or(0, beside_ready)))
            .collect();
        let mut measured = Self::default();
        for number in 0..rows.len() {
            match rows.parts(number) {
                Some(Parts::Shared {
                    name,
                    more_names,
                    product,
                    account,
                    state,
                    served,
                    superseded,
                }) => {
                    let (label, beside) = states.get(state).copied().unwrap_or_default();
                    measured.add([
                        width(name) + if more_names { MORE } else { 0 },
                        products[product],
                        accounts[account],
                        label + beside.max(usize::from(superseded)),
                        wide(served),
                    ]);
                }
                Some(Parts::Whole(row)) => measured.add(wanted(&row)),
                None => {}
            }
        }
        measured
    }

    fn add(&mut self, wanted: [usize; 5]) {
        for (widths, wanted) in self.0.iter_mut().zip(wanted) {
            widths.add(wanted);
        }
    }

    /// Takes a row in.
    pub(super) fn add_row(&mut self, row: &Row) {
        self.add(wanted(row));
    }

    /// Leaves a row out that was measured.
    pub(super) fn remove_row(&mut self, row: &Row) {
        for (widths, wanted) in self.0.iter_mut().zip(wanted(row)) {
            widths.remove(wanted);
        }
    }

    /// What the texts want.
    pub(super) fn widest(&self) -> Widest {
        let [name, product, account, state, served] = &self.0;
        Widest {
            name: name.enough(),
            product: product.most(),
            account: account.most(),
            state: state.most(),
            served: served.most(),
        }
    }
}

/// What a row's texts want.
fn wanted(row: &Row) -> [usize; 5] {
    let more = if row.more_names > 0 { MORE } else { 0 };
    [
        width(&row.name) + more,
        width(&row.product),
        width(&row.account_words),
        width(&row.state) + beside_state(row),
        wide(row.served),
    ]
}

/// A sign, a blank and the word; nothing where nobody looked.
fn wide(served: Option<Served>) -> usize {
    served.map_or(0, |served| 2 + served.words().len())
}

/// How much room the state wants beside itself: for what must be read with it, and for a sign that
/// there is more. What was said stands on a line of its own.
fn beside_state(row: &Row) -> usize {
    if row.trouble {
        return TROUBLE;
    }
    let ready = row.ready.as_ref().map_or(0, beside_ready);
    let accepted = row.request_words().filter(|_| row.accepted);
    let accepted = accepted.map_or(0, |words| 3 + words.len());
    let gone = row.gone.map_or(0, |_| GONE);
    let more = row.superseded || row.request.is_some() || row.reminder.is_some();
    (ready + accepted + gone).max(usize::from(more))
}

fn beside_ready(ready: &Readiness) -> usize {
    3 + ready_word(ready).len()
}

/// Whether it is ready for production, in a word or two.
pub(crate) fn ready_word(ready: &Readiness) -> &'static str {
    match ready {
        Readiness::Yes => "ready",
        Readiness::No(_) => "not ready",
        Readiness::Unknown(_) => "ready?",
    }
}

/// How many texts there are of each width.
#[derive(Clone, Debug)]
struct Widths([usize; WIDEST + 1]);

impl Default for Widths {
    fn default() -> Self {
        Self([0; WIDEST + 1])
    }
}

impl Widths {
    fn add(&mut self, width: usize) {
        self.0[width.min(WIDEST)] += 1;
    }

    fn remove(&mut self, width: usize) {
        let count = &mut self.0[width.min(WIDEST)];
        *count = count.saturating_sub(1);
    }

    /// The greatest width.
    fn most(&self) -> usize {
        self.0.iter().rposition(|count| *count > 0).unwrap_or(0)
    }

    /// The width that is enough for four of five texts, so that some long names do not take the
    /// room of all the others.
    fn enough(&self) -> usize {
        let all: usize = self.0.iter().sum();
        let mut seen = 0;
        let mut widths = self.0.iter().enumerate();
        let enough = widths.find(|(_, count)| {
            seen += **count;
            seen * 5 >= all * 4
        });
        enough.map_or(0, |(width, _)| width)
    }
}

/// The width of a text as it is drawn, without looking further than a column can be.
fn width(raw: &str) -> usize {
    if raw.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        // Each of these is drawn as it is, in one column.
        return raw.len().min(WIDEST);
    }
    let fitted = text::fit(raw, WIDEST);
    text::width(&text::sanitise(&fitted)).min(WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_wide_as_it_is_drawn() {
        let long = "x".repeat(90);
        for raw in [
            "",
            "www.example.com",
            "bücher",
            "日本",
            "a\u{1b}[31m",
            &long,
        ] {
            let fitted = text::fit(raw, WIDEST);
            let drawn = text::width(&text::sanitise(&fitted)).min(WIDEST);
            assert_eq!(width(raw), drawn, "{raw:?}");
        }
    }
}
