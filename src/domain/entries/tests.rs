//! A collection with a part on a shelf behaves like one map of all entries.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

/// A shelf whose lines are held by number.
#[derive(Debug)]
struct Held(Vec<Entry>);

impl Shelf for Held {
    fn read(&self, place: Place) -> Result<Arc<Entry>, String> {
        let at = usize::try_from(place.offset).unwrap();
        let held = self.0.get(at).cloned().map(Arc::new);
        held.ok_or("lost".to_owned())
    }
}

/// A shelf from which nothing is read.
#[derive(Debug)]
pub(super) struct Nothing;

impl Shelf for Nothing {
    fn read(&self, _: Place) -> Result<Arc<Entry>, String> {
        Err("nothing is here".to_owned())
    }
}

fn entry(id: &str, note: &str) -> Entry {
    let mut entry = Entry::new(EntryId::new(id), "a", "none", "s", Timestamp::UNIX_EPOCH);
    note.clone_into(&mut entry.note);
    entry
}

fn base(entries: &[Entry]) -> Arc<Base> {
    let mut builder = BaseBuilder::with_room(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let line = serde_json::to_string(entry).unwrap();
        let thin: Thin<'_> = serde_json::from_str(&line).unwrap();
        let place = Place {
            offset: at as u64,
            length: 1,
        };
        builder.add(&thin, place);
    }
    Arc::new(builder.finish(Arc::new(Held(entries.to_vec()))))
}

#[test]
fn what_cannot_be_read_is_said_and_not_taken_for_missing() {
    let mut builder = BaseBuilder::default();
    let line = serde_json::to_string(&entry("b", "")).unwrap();
    let place = Place {
        offset: 7,
        length: 1,
    };
    builder.add(&serde_json::from_str(&line).unwrap(), place);
    let entries = Entries::of(Arc::new(builder.finish(Arc::new(Held(Vec::new())))));
    let id = EntryId::new("b");
    assert!(entries.contains(&id));
    let unreadable = entries.read(&id).unwrap_err();
    assert_eq!((unreadable.id, unreadable.why.as_str()), (id, "lost"));
    assert_eq!(entries.read(&EntryId::new("c")), Ok(None));
}

#[test]
fn lines_out_of_order_are_put_in_order_and_the_last_of_an_id_counts() {
    let lines = [entry("c", "1"), entry("a", "2"), entry("c", "3")];
    let entries = Entries::of(base(&lines));
    let notes: Vec<_> = entries.iter().map(|entry| entry.note.clone()).collect();
    assert_eq!(notes, ["2", "3"]);
}

proptest! {
    #[test]
    fn a_base_with_changes_over_it_is_one_map(
        below in proptest::collection::btree_map("[a-d]{1,2}", "[x-z]", 0..8),
        above in proptest::collection::vec(("[a-d]{1,2}", "[x-z]"), 0..8),
        prefix in "[a-e]{0,1}",
    ) {
        let lines: Vec<Entry> = below.iter().map(|(id, note)| entry(id, note)).collect();
        let mut entries = Entries::of(base(&lines));
        let mut model = below;
        for (id, note) in above {
            entries.insert(Arc::new(entry(&id, &note)));
            model.insert(id, note);
        }
        let seen: BTreeMap<_, _> = entries.iter()
            .map(|entry| (entry.id.to_string(), entry.note.clone())).collect();
        prop_assert_eq!(&seen, &model);
        prop_assert_eq!(entries.len(), model.len());
        let ids: Vec<_> = entries.ids().map(|id| id.to_string()).collect();
        prop_assert_eq!(&ids, &model.keys().cloned().collect::<Vec<_>>());
        let begun: Vec<_> = entries.beginning_with(&prefix).map(|id| id.to_string()).collect();
        let expected: Vec<_> = model.keys().filter(|id| id.starts_with(&prefix)).cloned().collect();
        prop_assert_eq!(begun, expected);
        for (id, note) in &model {
            prop_assert_eq!(&entries.get(&EntryId::new(id.as_str())).unwrap().note, note);
        }
    }
}
