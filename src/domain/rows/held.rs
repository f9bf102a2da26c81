//! The rows of entries that are held in memory.
//!
//! Pure. They are few: what changed since the last snapshot, and what is out of the ordinary.

use crate::domain::entry::Entry;
use crate::domain::name;
use crate::domain::row::Row;

/// A row, and what words are looked for in.
#[derive(Clone, Debug)]
pub(in crate::domain) struct Held {
    pub(in crate::domain) row: Row,
    /// All names, id, account, product and status in small letters, each with a newline behind it.
    pub(in crate::domain) words: Box<str>,
}

impl Held {
    pub(super) fn of(entry: &Entry, row: Row) -> Self {
        let mut words = String::new();
        let mut add = |field: &str| {
            words.extend(field.chars().flat_map(char::to_lowercase));
            // Words hold no such thing, so none can be found across two fields.
            words.push('\n');
        };
        for name in &entry.names {
            add(name);
            add(&name::unicode(name));
        }
        for field in [
            entry.id.as_str(),
            &row.account_words,
            &row.product,
            &row.state,
        ] {
            add(field);
        }
        Self {
            row,
            words: words.into_boxed_str(),
        }
    }
}
