//! Finding and ordering rows: the filter language and the order of the list.
//!
//! Pure. Rows go in, positions come out, so that nothing is moved or copied. The panel, `list` and
//! `check` ask it, all with the same language:
//!
//! ```text
//! filter = term …            every term must hold
//! term   = [!] word          found in the names, id, account, product or status
//!        | [!] key:value     what the key stands for holds the value
//!        | [!] key<value | [!] key>value      before or after it
//! ```
//!
//! A value or a word in quotes may hold blanks; [`keys()`] lists the keys.

mod error;
mod haystack;
mod keys;
mod parse;
mod search;
mod sort;
mod term;
mod text;
mod when;

use std::fmt;

pub use error::QueryError;
pub use keys::{ARCHIVED, EXAMPLES, KeyHelp, keys};
pub use search::Search;
pub use sort::{SortKey, first, in_order, keep_in_order, place, sort, sort_reversed};

use keys::Fact;
use term::{Asks, Term};

/// What a person looks for. Its `Display` writes it so that reading gives the same again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

impl Query {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// The first thing that is wrong with it: what was read, where, and what is expected.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::terms(text).map(|terms| Self { terms })
    }

    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it says itself what is to become of what was put away, so that nothing of it may be
    /// hidden without being asked.
    #[must_use]
    pub fn asks_for_archived(&self) -> bool {
        let asks = |term: &Term| matches!(term.asks, Asks::YesNo(Fact::Archived, _));
        self.terms.iter().any(asks)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            let gap = if index > 0 { " " } else { "" };
            write!(f, "{gap}{term}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
