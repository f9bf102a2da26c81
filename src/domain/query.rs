//! Finding and ordering rows.
//!
//! Pure. Rows go in, an index permutation comes out, so that nothing is moved or copied. The
//! panel and `list` ask it.

use memchr::memmem::Finder;

use super::row::Row;

/// What a person looks for: words that must all be found, or not (`!word`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    text: String,
    negated: bool,
}

impl Query {
    /// Reads what a person typed; every text is a query.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let words = text.split_whitespace().filter_map(|word| {
            let (negated, bare) = match word.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, word),
            };
            (!bare.is_empty()).then(|| Word {
                text: bare.to_lowercase(),
                negated,
            })
        });
        Self {
            words: words.collect(),
        }
    }

    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// What words are looked for in: name, id, account, product and status of every row, in small
/// letters, one after the other in one piece of memory.
#[derive(Clone, Debug, Default)]
pub struct Haystack {
    text: String,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl Haystack {
    /// Gathers the words of all rows.
    #[must_use]
    pub fn of(rows: &[Row]) -> Self {
        let mut haystack = Self::default();
        for row in rows {
            let unicode = super::name::unicode(&row.name);
            for field in [
                &row.name,
                // The same once more is found once more, and costs next to nothing.
                unicode.as_ref(),
                row.id.as_str(),
                &row.account,
                &row.product,
                &row.state,
            ] {
                haystack
                    .text
                    .extend(field.chars().flat_map(char::to_lowercase));
                // Words hold no white space, so none can be found across two fields.
                haystack.text.push('\n');
            }
            haystack.ends.push(haystack.text.len());
        }
        haystack
    }

    /// The rows that a query lets through, in their own order.
    #[must_use]
    pub fn find(&self, query: &Query) -> Vec<usize> {
        let mut fits = vec![true; self.ends.len()];
        for word in &query.words {
            let found = self.rows_with(&word.text);
            for (fit, found) in fits.iter_mut().zip(found) {
                *fit &= found != word.negated;
            }
        }
        fits.iter()
            .enumerate()
            .filter(|(_, fit)| **fit)
            .map(|(index, _)| index)
            .collect()
    }

    fn rows_with(&self, word: &str) -> Vec<bool> {
        let mut found = vec![false; self.ends.len()];
        let finder = Finder::new(word.as_bytes());
        let mut from = 0;
        while let Some(hit) = finder.find(&self.text.as_bytes()[from..]) {
            let row = self.ends.partition_point(|end| *end <= from + hit);
            let Some(end) = self.ends.get(row) else { break };
            found[row] = true;
            // One hit is enough for a row.
            from = *end;
        }
        found
    }
}

/// What the list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// The most urgent first.
    #[default]
    Urgency,
    /// By name.
    Name,
    /// By product.
    Product,
    /// By account.
    Account,
    /// By status.
    State,
    /// The soonest expiry first.
    Expiry,
}

impl SortKey {
    /// Every key, in the order in which `s` goes through them.
    pub const ALL: [Self; 6] = [
        Self::Urgency,
        Self::Expiry,
        Self::Name,
        Self::State,
        Self::Account,
        Self::Product,
    ];

    /// The key in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Name => "name",
            Self::Product => "product",
            Self::Account => "account",
            Self::State => "status",
            Self::Expiry => "expiry",
        }
    }

    /// The next key.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL
            .iter()
            .position(|key| *key == self)
            .unwrap_or_default();
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// Orders the rows that `indices` name; ties keep urgency, then name, then id.
pub fn sort(indices: &mut [usize], rows: &[Row], key: SortKey) {
    indices.sort_by(|left, right| {
        let (left, right) = (&rows[*left], &rows[*right]);
        let first = match key {
            SortKey::Urgency => left.urgency.cmp(&right.urgency),
            SortKey::Name => left.name.cmp(&right.name),
            SortKey::Product => left.product.cmp(&right.product),
            SortKey::Account => left.account.cmp(&right.account),
            SortKey::State => (left.phase, &left.state).cmp(&(right.phase, &right.state)),
            SortKey::Expiry => {
                let ends = |row: &Row| row.validity.map_or((true, row.now), |(_, to)| (false, to));
                ends(left).cmp(&ends(right))
            }
        };
        let rest =
            || (left.urgency, &left.name, &left.id).cmp(&(right.urgency, &right.name, &right.id));
        first.then_with(rest)
    });
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::entry::{Entry, EntryId};

    fn row(id: &str, name: &str, product: &str) -> Row {
        let mut entry = Entry::new(
            EntryId::new(id),
            "sandbox",
            "netcup",
            "issued",
            Timestamp::UNIX_EPOCH,
        );
        entry.names = vec![name.to_owned()];
        product.clone_into(&mut entry.product.name);
        Row::of(&entry, None, Timestamp::UNIX_EPOCH, false)
    }

    fn find(rows: &[Row], query: &str) -> Vec<String> {
        let found = Haystack::of(rows).find(&Query::parse(query));
        found
            .into_iter()
            .map(|index| rows[index].id.to_string())
            .collect()
    }

    #[test]
    fn words_must_all_be_found_somewhere_in_the_row() {
        let rows = [
            row("a1", "Shop.example.com", "Wildcard DV"),
            row("b2", "mail.example.com", "Single DV"),
            row("c3", "shop.example.org", "Single OV"),
        ];
        assert_eq!(find(&rows, "shop"), ["a1", "c3"]);
        assert_eq!(find(&rows, "SHOP dv"), ["a1"]);
        assert_eq!(find(&rows, "example !shop"), ["b2"]);
        assert_eq!(find(&rows, "b2"), ["b2"]);
        assert_eq!(find(&rows, "  ! "), ["a1", "b2", "c3"]);
        assert!(find(&rows, "shop.example.comwildcard").is_empty());
        assert!(find(&rows, "nothing").is_empty());
        let rows = [row("a1", "*.xn--bcher-kva.example", "DV")];
        assert_eq!(
            find(&rows, "BÜCHER"),
            ["a1"],
            "names are found as people read them"
        );
    }

    #[test]
    fn sorting_by_name_orders_the_indices_and_moves_nothing() {
        let rows = [
            row("a", "c.example", ""),
            row("b", "a.example", ""),
            row("c", "b.example", ""),
        ];
        let mut indices = vec![0, 1, 2];
        sort(&mut indices, &rows, SortKey::Name);
        assert_eq!(indices, [1, 2, 0]);
    }

    #[test]
    fn the_keys_go_round() {
        let mut key = SortKey::default();
        for _ in SortKey::ALL {
            key = key.next();
        }
        assert_eq!(key, SortKey::default());
    }

    proptest! {
        #[test]
        fn the_arena_finds_what_looking_at_each_row_finds(
            names in prop::collection::vec("[a-c.é]{0,6}", 0..12),
            word in "[a-c.é]{1,3}",
        ) {
            let rows: Vec<Row> =
                names.iter().enumerate().map(|(i, name)| row(&format!("id{i}"), name, "DV")).collect();
            let found = Haystack::of(&rows).find(&Query::parse(&word));
            let expected: Vec<usize> = rows
                .iter()
                .enumerate()
                .filter(|(_, row)| {
                    [&row.name, row.id.as_str(), &row.account, &row.product, &row.state]
                        .iter()
                        .any(|field| field.to_lowercase().contains(&word))
                })
                .map(|(index, _)| index)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
