//! What plain words are looked for in: one piece of memory for all entries.
//!
//! Pure. The search builds it once for each new set of rows.

use memchr::memmem::Finder;

use crate::domain::entries::Entries;
use crate::domain::name;
use crate::domain::row::Row;

/// All names, id, account, product and status of every entry, in small letters, one after the
/// other in one piece of memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Haystack {
    text: String,
    /// Where each entry ends.
    ends: Vec<usize>,
}

impl Haystack {
    /// Gathers the words of all rows. Rows and entries are in the same order, that of the ids.
    pub(super) fn of(entries: &Entries, rows: &[Row]) -> Self {
        let mut haystack = Self::default();
        for (entry, row) in entries.iter().zip(rows) {
            for name in &entry.names {
                haystack.add(name);
                // The same once more would cost memory and time at every letter that is typed.
                let read = name::unicode(name);
                if read != name.as_str() {
                    haystack.add(&read);
                }
            }
            for field in [
                entry.id.as_str(),
                &row.account_words,
                &row.product,
                &row.state,
            ] {
                haystack.add(field);
            }
            haystack.ends.push(haystack.text.len());
        }
        haystack
    }

    fn add(&mut self, field: &str) {
        if field.is_ascii() {
            let from = self.text.len();
            self.text.push_str(field);
            self.text[from..].make_ascii_lowercase();
        } else {
            let small = field.chars().flat_map(char::to_lowercase);
            self.text.extend(small);
        }
        // Words hold no such thing, so none can be found across two fields.
        self.text.push('\n');
    }

    /// For each row, whether the word, in small letters, is found in it.
    pub(super) fn rows_with(&self, word: &str) -> Vec<bool> {
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
