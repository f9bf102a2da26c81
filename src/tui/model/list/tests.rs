//! The list pane as somebody uses it, arranged at once or elsewhere.

use proptest::prelude::*;

use super::*;
use crate::domain::entry::Entry;

fn inventory(ids: &[&str]) -> Inventory {
    let entry = |id: &&str| {
        let id = EntryId::new(*id);
        let entry = Entry::new(id, "a", "none", "s", Timestamp::UNIX_EPOCH);
        Arc::new(entry)
    };
    Inventory {
        entries: ids.iter().map(entry).collect(),
        ..Inventory::default()
    }
}

fn selected(list: &ListPane) -> &str {
    list.selected.as_ref().map_or("", EntryId::as_str)
}

#[test]
fn the_selection_stays_with_its_entry_and_goes_to_a_neighbour_when_it_is_gone() {
    let now = Timestamp::UNIX_EPOCH;
    let mut list = ListPane::default();
    list.refill(&inventory(&["b", "c", "d"]), now);
    list.step(1);
    assert_eq!(selected(&list), "c");
    list.refill(&inventory(&["a", "b", "c", "d"]), now);
    assert_eq!((selected(&list), list.cursor), ("c", 2));
    list.refill(&inventory(&["a", "b", "d"]), now);
    assert_eq!(selected(&list), "d");
    list.refill(&inventory(&["a"]), now);
    assert_eq!(selected(&list), "a");
    list.refill(&inventory(&[]), now);
    assert_eq!((list.selected.is_none(), list.cursor), (true, 0));
}

#[test]
fn the_window_follows_the_cursor_and_leaves_no_gap_at_the_end() {
    let ids: Vec<String> = (100..200).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut list = ListPane::default();
    list.refill(&inventory(&ids), Timestamp::UNIX_EPOCH);
    list.step(99);
    list.scroll_to_cursor(10);
    assert_eq!((list.cursor, list.offset), (99, 90));
    list.step(-200);
    list.scroll_to_cursor(10);
    assert_eq!((list.cursor, list.offset), (0, 0));
    list.step(95);
    list.scroll_to_cursor(10);
    list.scroll_to_cursor(50);
    assert_eq!(list.offset, 50);
}

fn entry(id: &str, name: &str) -> Arc<Entry> {
    let mut entry = Entry::new(EntryId::new(id), "a", "none", "s", Timestamp::UNIX_EPOCH);
    entry.names = vec![name.to_owned()];
    Arc::new(entry)
}

fn named(names: &[(&str, &str)]) -> Inventory {
    Inventory {
        entries: names.iter().map(|(id, name)| entry(id, name)).collect(),
        ..Inventory::default()
    }
}

/// Does all work that is waited for.
fn settle(list: &mut ListPane) {
    while let Some(work) = list.take_work() {
        list.take_over(work.run());
    }
}

/// A long list with these entries, arranged.
fn long(inventory: &Inventory) -> ListPane {
    let mut list = ListPane::with_at_once(0);
    list.refill(inventory, Timestamp::UNIX_EPOCH);
    settle(&mut list);
    list
}

fn shown(list: &ListPane) -> Vec<String> {
    let ids = (0..list.visible.len()).filter_map(|at| list.entry_at(at));
    ids.map(|id| id.to_string()).collect()
}

fn type_in(list: &mut ListPane, filter: &str) {
    list.filter = Input::new(filter.to_owned());
    list.search();
}

#[test]
fn a_long_list_stays_as_it_is_until_the_answer_comes() {
    let inventory = named(&[("a", "one"), ("b", "two"), ("c", "three")]);
    let mut list = ListPane::with_at_once(0);
    list.refill(&inventory, Timestamp::UNIX_EPOCH);
    assert!(list.is_waiting() && list.rows.is_empty());
    let work = list.take_work().unwrap();
    assert!(list.take_work().is_none(), "one after the other");
    list.take_over(work.run());
    assert_eq!((shown(&list).len(), list.is_waiting()), (3, false));

    list.step(2);
    type_in(&mut list, "tw");
    let work = list.take_work().unwrap();
    assert_eq!(
        (shown(&list).len(), list.is_waiting()),
        (3, true),
        "usable meanwhile"
    );
    list.take_over(work.run());
    assert_eq!(
        (shown(&list), list.is_waiting()),
        (vec!["b".to_owned()], false)
    );
}

#[test]
fn an_answer_that_nobody_waits_for_any_more_is_dropped() {
    let inventory = named(&[("a", "one"), ("b", "two"), ("c", "three")]);
    let mut list = long(&inventory);
    type_in(&mut list, "t");
    let stale = list.take_work().unwrap();
    let stop = Arc::clone(&stale.stop);
    type_in(&mut list, "th");
    assert!(stop.load(Ordering::Relaxed), "it need not go on");
    assert!(list.take_work().is_none(), "it has not answered yet");
    // It was done before it heard of that.
    stale.stop.store(false, Ordering::Relaxed);
    list.take_over(stale.run());
    assert_eq!(shown(&list).len(), 3, "its answer is not shown");
    settle(&mut list);
    assert_eq!(shown(&list), ["c"]);
}

#[test]
fn what_changes_while_work_is_under_way_is_where_it_belongs_afterwards() {
    let mut inventory = named(&[("a", "one"), ("b", "two"), ("c", "three")]);
    let mut list = long(&inventory);
    type_in(&mut list, "name:t");
    let work = list.take_work().unwrap();
    inventory.entries.insert(entry("a", "ten"));
    inventory.entries.insert(entry("b", "zero"));
    inventory.entries.insert(entry("d", "twelve"));
    list.refill(&inventory, Timestamp::UNIX_EPOCH);
    list.take_over(work.run());
    assert_eq!(shown(&list), ["a", "c", "d"]);

    // The same while all rows are made anew.
    let mut fewer = named(&[("a", "ten"), ("b", "zero")]);
    list.refill(&fewer, Timestamp::UNIX_EPOCH);
    let work = list.take_work().unwrap();
    fewer.entries.insert(entry("b", "to"));
    list.refill(&fewer, Timestamp::UNIX_EPOCH);
    list.take_over(work.run());
    settle(&mut list);
    assert_eq!(shown(&list), ["a", "b"]);
    assert!(list.rows.number_of(&EntryId::new("c")).is_none());
}

#[test]
fn whoever_moves_on_is_not_taken_back_to_the_first_that_is_found() {
    let inventory = named(&[("a", "one"), ("b", "two"), ("c", "three")]);
    let mut list = long(&inventory);
    list.step(2);
    type_in(&mut list, "name:e");
    settle(&mut list);
    assert_eq!(
        (selected(&list), shown(&list)),
        ("a", vec!["a".to_owned(), "c".to_owned()])
    );
    type_in(&mut list, "");
    list.step(2);
    settle(&mut list);
    assert_eq!(selected(&list), "c", "the last of the two that were there");
    list.wanted = Some(EntryId::new("a"));
    type_in(&mut list, "o");
    settle(&mut list);
    assert_eq!(selected(&list), "a");
}

/// Something that happens to a list.
#[derive(Clone, Debug)]
enum Happens {
    Typed(&'static str),
    Sorted,
    Changed(usize, usize),
    Passed(i64),
    Moved(isize),
    Done,
}

fn happens() -> impl Strategy<Value = Happens> {
    const FILTERS: [&str; 8] = [
        "",
        "name:t",
        "name:th",
        "!name:o",
        "one",
        "id:b",
        "expires<1d",
        "note:",
    ];
    prop_oneof![
        proptest::sample::select(&FILTERS[..]).prop_map(Happens::Typed),
        Just(Happens::Sorted),
        (0..6_usize, 0..5_usize).prop_map(|(at, name)| Happens::Changed(at, name)),
        (-2..4_i64).prop_map(Happens::Passed),
        (-3..4_isize).prop_map(Happens::Moved),
        Just(Happens::Done),
        Just(Happens::Done),
    ]
}

proptest! {
    #[test]
    fn a_long_list_ends_up_as_a_short_one(story in proptest::collection::vec(happens(), 0..24)) {
        const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        const NAMES: [&str; 5] = ["one", "two", "three", "four", "a much longer name"];
        let mut inventory = named(&[("a", "one"), ("c", "three")]);
        let mut now = Timestamp::UNIX_EPOCH;
        let mut lists = [ListPane::default(), long(&inventory)];
        lists[0].refill(&inventory, now);
        for step in story {
            for list in &mut lists {
                match &step {
                    Happens::Typed(filter) => type_in(list, filter),
                    Happens::Sorted => {
                        list.sort = list.sort.next();
                        list.arrange();
                    }
                    Happens::Moved(by) => list.step(*by),
                    Happens::Done => {
                        if let Some(work) = list.take_work() {
                            list.take_over(work.run());
                        }
                    }
                    Happens::Changed(..) | Happens::Passed(_) => {}
                }
            }
            match step {
                Happens::Changed(at, name) => {
                    inventory.entries.insert(entry(IDS[at], NAMES[name]));
                }
                Happens::Passed(seconds) => now += jiff::SignedDuration::from_secs(seconds),
                _ => continue,
            }
            for list in &mut lists {
                list.refill(&inventory, now);
            }
        }
        let [short, mut long] = lists;
        settle(&mut long);
        prop_assert_eq!(shown(&short), shown(&long));
        prop_assert_eq!(short.widest, long.widest);
        prop_assert_eq!(&short.problem, &long.problem);
        prop_assert!(!long.is_waiting());
        let there = long.visible.is_empty() || shown(&long).contains(&selected(&long).to_owned());
        prop_assert!(there);
    }
}
