//! How wide the list's columns are, and which of them there is room for.

use crate::tui::model::Widest;

/// Signs in front of the name: selection, mark, phase, a blank.
const SIGNS: usize = 4;
/// `12 min ago`.
const EXPIRY: usize = 10;
/// On less than this, the name and the sign of the phase are all there is room for.
const WITH_STATE: usize = 26;
/// A sign, a blank and the longest word of what is served.
pub(super) const SERVED: usize = 11;
/// From so many columns on there is room for that.
const WITH_SERVED: usize = 76;
/// How many cells of a life's bar.
const BAR: usize = 4;

/// The widths of the columns; nothing for one that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) name: usize,
    pub(super) product: usize,
    pub(super) account: usize,
    pub(super) state: usize,
    pub(super) served: usize,
    pub(super) bar: usize,
    pub(super) expiry: usize,
    /// Blanks between two columns.
    pub(super) gap: usize,
}

impl Columns {
    /// The name always, and the state wherever both can be told; then expiry, the account, the bar, what is served and the product, as the width
    /// allows. A state that can be read whole is worth more than the last four of them. What the
    /// texts do not need goes to the name.
    pub(super) fn for_width(width: usize, widest: Widest) -> Self {
        let mut columns = Self::as_wide_as_it_goes(width, widest);
        let optional: [fn(&mut Self); 4] = [
            |columns| columns.product = 0,
            |columns| columns.served = 0,
            |columns| columns.bar = 0,
            |columns| columns.account = 0,
        ];
        for leave_out in optional {
            if columns.state >= widest.state || width < WITH_STATE {
                break;
            }
            leave_out(&mut columns);
            columns.share(width, widest);
        }
        columns
    }

    fn as_wide_as_it_goes(width: usize, widest: Widest) -> Self {
        let mut columns = Self {
            name: 0,
            product: if width >= 92 {
                at_most(widest.product, 22)
            } else {
                0
            },
            account: if width >= 70 {
                at_most(widest.account, 14)
            } else {
                0
            },
            state: 0,
            served: if width >= WITH_SERVED && widest.served > 0 {
                SERVED
            } else {
                0
            },
            bar: if width >= 62 { BAR } else { 0 },
            expiry: if width >= 46 { EXPIRY } else { 0 },
            gap: if width >= 62 { 2 } else { 1 },
        };
        columns.share(width, widest);
        columns
    }

    /// What the other columns leave is shared by name and state.
    fn share(&mut self, width: usize, widest: Widest) {
        let others = [
            self.product,
            self.account,
            self.served,
            self.bar,
            self.expiry,
        ];
        let taken: usize = others
            .into_iter()
            .filter(|column| *column > 0)
            .map(|column| column + self.gap)
            .sum();
        if width < WITH_STATE {
            (self.name, self.state) = (width.saturating_sub(SIGNS), 0);
            return;
        }
        let rest = width.saturating_sub(SIGNS + taken + self.gap);
        self.state = state_width(rest, widest);
        self.name = rest - self.state;
    }
}

/// A column for texts so wide; even a short one keeps the eye in line.
fn at_most(wanted: usize, most: usize) -> usize {
    if wanted == 0 {
        0
    } else {
        wanted.clamp(6, most)
    }
}

/// The state gets what it wants, at most two thirds, and less where the names need it; the
/// smaller half is always its own.
fn state_width(rest: usize, widest: Widest) -> usize {
    let own = rest * 9 / 20;
    let beside_the_names = rest.saturating_sub(widest.name).min(rest * 2 / 3);
    widest.state.max(8).min(own.max(beside_the_names)).min(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_fill_the_width_and_drop_by_priority() {
        let wishes = [(0, 0), (12, 8), (20, 40), (48, 48)];
        for width in 0..300 {
            for (name, state) in wishes {
                let widest = Widest {
                    name,
                    product: 11,
                    account: 7,
                    state,
                    served: if state == 40 { 9 } else { 0 },
                };
                check(width, Columns::for_width(width, widest));
            }
        }
    }

    fn check(width: usize, columns: Columns) {
        let Columns {
            name,
            product,
            account,
            state,
            served,
            bar,
            expiry,
            gap,
        } = columns;
        let used: usize = [product, account, served, bar, expiry, state]
            .into_iter()
            .filter(|column| *column > 0)
            .map(|column| column + gap)
            .sum();
        let whole = used + SIGNS + name;
        assert!(width < 4 || whole == width, "{width}: {columns:?}");
        assert!(product == 0 || (bar > 0 && account > 0));
        assert!((account == 0 && bar == 0) || expiry > 0);
        assert!(
            width < 26 || (name >= 9 && state >= 8),
            "{width}: {columns:?}"
        );
    }

    #[test]
    fn what_the_name_does_not_need_goes_to_the_state() {
        let widest = Widest {
            name: 20,
            product: 11,
            account: 7,
            state: 30,
            served: 0,
        };
        let columns = Columns::for_width(118, widest);
        assert_eq!(
            (columns.state, columns.name >= 20, columns.product),
            (30, true, 11),
            "{columns:?}"
        );
    }

    #[test]
    fn a_state_that_can_be_read_whole_is_worth_more_than_product_bar_and_account() {
        let widest = Widest {
            name: 20,
            product: 15,
            account: 7,
            state: "Additional information required".len(),
            served: 0,
        };
        // inner width, whether there is a product, a bar, an account
        for (width, product, bar, account) in [
            (118, true, true, true),
            (98, false, true, true),
            (78, false, false, true),
            (70, false, false, false),
        ] {
            let columns = Columns::for_width(width, widest);
            assert!(columns.state >= widest.state, "{width}: {columns:?}");
            assert_eq!(
                (columns.product > 0, columns.bar > 0, columns.account > 0),
                (product, bar, account),
                "{width}: {columns:?}"
            );
        }
    }
}
