//! The beginnings of some of a base's ids, so that any id is found with few looks at its texts, which
//! lie far apart.
//!
//! Pure. `finish` makes them, `base` asks them.

use std::ops::Range;

use super::base::Base;

/// One of so many ids has one.
const APART: usize = 32;

/// The beginning of every 32nd id, as a number; those of the first entry, the 33rd, and so on.
#[derive(Clone, Debug, Default)]
pub(super) struct Milestones(Vec<u64>);

impl Milestones {
    /// Those of a base, whose ids are in order.
    pub(super) fn of(base: &Base) -> Self {
        let some = (0..base.len()).step_by(APART);
        Self(some.map(|at| beginning(base.id_text(at))).collect())
    }

    /// Between which numbers of `count` the first one lies whose id is not before this one.
    pub(super) fn around(&self, id: &str, count: usize) -> Range<usize> {
        let beginning = beginning(id);
        let before = self.0.partition_point(|known| *known < beginning);
        let equal = self.0[before..].partition_point(|known| *known <= beginning);
        let known = if self.0.is_empty() {
            count
        } else {
            (before + equal) * APART
        };
        before.saturating_sub(1) * APART..known.min(count)
    }
}

/// The first eight bytes of an id as a number: in the order of numbers they are in that of ids, but
/// for ids that begin alike.
pub(super) fn beginning(id: &str) -> u64 {
    let mut eight = [0; 8];
    for (into, byte) in eight.iter_mut().zip(id.bytes()) {
        *into = byte;
    }
    u64::from_be_bytes(eight)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::super::tests::Nothing;
    use super::super::{BaseBuilder, Place};
    use crate::domain::entry::{Entry, EntryId};

    #[test]
    fn ids_are_found_however_many_begin_alike_and_others_are_not() {
        let mut ids: Vec<String> = (0..200)
            .map(|number| format!("samebegin{number:03}"))
            .collect();
        ids.extend((0..300).map(|number| format!("{:03}", number * 3)));
        ids.extend([String::new(), "z".to_owned(), "same".to_owned()]);
        ids.sort();
        for count in [0, 1, 31, 32, 33, 64, 65, ids.len()] {
            let mut builder = BaseBuilder::default();
            for id in &ids[..count] {
                let id = EntryId::new(id.as_str());
                let entry = Entry::new(id, "a", "none", "s", Timestamp::UNIX_EPOCH);
                let place = Place {
                    offset: 0,
                    length: 1,
                };
                builder.keep(&Arc::new(entry), place);
            }
            let base = builder.finish(Arc::new(Nothing));
            let others = ["0", "001x", "samebegin", "samebegin0005", "zz", "\u{7f}"];
            let others = others.into_iter().map(str::to_owned);
            for id in ids.iter().cloned().chain(others) {
                let expected = ids[..count].partition_point(|known| *known < id);
                let there = ids[..count].get(expected) == Some(&id);
                let id = EntryId::new(id);
                assert_eq!(base.first_from(&id), expected, "{id} of {count}");
                assert_eq!(base.find(&id), there.then_some(expected), "{id} of {count}");
            }
        }
    }
}
