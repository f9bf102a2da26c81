//! How wide the list's columns are, and which of them there is room for.

/// Signs in front of the name: selection, mark, phase, a blank.
const SIGNS: usize = 4;
/// `12 min ago`.
const EXPIRY: usize = 10;
/// How many cells of a life's bar.
const BAR: usize = 4;

/// The widths of the columns; nothing for one that is left out. Between two there is a blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) name: usize,
    pub(super) product: usize,
    pub(super) account: usize,
    pub(super) state: usize,
    pub(super) bar: usize,
    pub(super) expiry: usize,
}

impl Columns {
    /// Name and state always; then expiry, its bar, the account and the product, as the width
    /// allows.
    pub(super) fn for_width(width: usize) -> Self {
        let mut columns = Self {
            name: 0,
            product: if width >= 92 { product_width(width) } else { 0 },
            account: if width >= 76 { 13 } else { 0 },
            state: 0,
            bar: if width >= 62 { BAR } else { 0 },
            expiry: if width >= 46 { EXPIRY } else { 0 },
        };
        let taken: usize = [
            columns.product,
            columns.account,
            columns.bar,
            columns.expiry,
        ]
        .into_iter()
        .filter(|column| *column > 0)
        .map(|column| column + 1)
        .sum();
        let rest = width.saturating_sub(SIGNS + taken + 1);
        columns.state = (rest * 9 / 20).min(40);
        columns.name = rest - columns.state;
        columns
    }
}

fn product_width(width: usize) -> usize {
    if width >= 120 { 22 } else { 17 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_fill_the_width_and_drop_by_priority() {
        for width in 0..300 {
            let columns = Columns::for_width(width);
            let Columns {
                name,
                product,
                account,
                state,
                bar,
                expiry,
            } = columns;
            let used: usize = [product, account, bar, expiry]
                .into_iter()
                .filter(|column| *column > 0)
                .map(|column| column + 1)
                .sum();
            assert!(
                width < 5 || used + SIGNS + name + 1 + state == width,
                "{width}: {columns:?}"
            );
            assert!(product == 0 || account > 0);
            assert!(account == 0 || bar > 0);
            assert!(bar == 0 || expiry > 0);
            assert!(
                width < 30 || (name >= 10 && state >= 10),
                "{width}: {columns:?}"
            );
        }
    }
}
