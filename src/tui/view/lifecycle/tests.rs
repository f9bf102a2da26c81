//! The drawing holds for every table that there is, wherever an entry stands and came from.

use jiff::Timestamp;

use super::course::Course;
use super::drawing;
use super::plan::{Goal, Node, Place, Plan, Scene, Step};
use crate::domain::entry::{Entry, EntryId, StateRef, Track};
use crate::domain::event::{Cause, Event, What};
use crate::domain::lifecycle::{Lifecycle, Lifecycles};
use crate::engine::command::HistoryLine;
use crate::tui::keymap::Keymap;
use crate::tui::look::Look;
use crate::tui::symbols;
use crate::tui::theme::Theme;

const EVERY_FEATURE: &str = include_str!("../../../../tests/fixtures/every_feature.toml");

fn tables() -> Vec<Lifecycle> {
    let mut set = Lifecycles::built_in().unwrap();
    set.add("every_feature.toml", EVERY_FEATURE).unwrap();
    set.iter().map(|table| table.as_ref().clone()).collect()
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + hours * 3600).unwrap()
}

/// An entry on one track that took these turns, one an hour, and its history.
fn course(table: &Lifecycle, track: &str, turns: &[&str]) -> Course {
    let mut entry = Entry::new(EntryId::new("a"), "sandbox", &table.id, turns[0], at(0));
    entry.tracks.clear();
    let mut history = Vec::new();
    for (index, pair) in turns.windows(2).enumerate() {
        let at = at(i64::try_from(index).unwrap() + 1);
        let what = What::Moved {
            track: track.to_owned(),
            from: StateRef::known(pair[0]),
            to: StateRef::known(pair[1]),
            by: Cause::Observed,
        };
        history.push(HistoryLine {
            seq: 1,
            at,
            who: "test".to_owned(),
            event: Event {
                entry: entry.id.clone(),
                at,
                what,
            },
        });
    }
    history.reverse();
    let stands = Track {
        state: StateRef::known(turns[turns.len() - 1]),
        since: history.first().map_or(at(0), |line| line.at),
        previous: None,
    };
    entry.tracks.insert(track.to_owned(), stands);
    Course::of(&entry, table, track, Some(&history), at(99)).unwrap()
}

fn plan(table: &Lifecycle, track: &str, turns: &[&str], everything: bool) -> Plan {
    let course = course(table, track, turns);
    Plan::of(&Scene {
        table,
        track,
        course: &course,
        step: &|edge, _| Step {
            label: edge.label(table),
            says: vec!["by somebody".to_owned()],
            ..Step::default()
        },
        everything,
    })
}

/// Every node of a plan.
fn nodes(plan: &Plan) -> Vec<&Node> {
    fn below<'a>(node: &'a Node, all: &mut Vec<&'a Node>) {
        all.push(node);
        for way in &node.ways {
            if let Goal::Branch(branch) = &way.to {
                below(branch, all);
            }
        }
    }
    let mut all = Vec::new();
    let roots = plan.above.iter().chain(&plan.stations).chain(&plan.below);
    roots.for_each(|root| below(root, &mut all));
    all
}

fn labels(plan: &Plan, place: Place) -> Vec<&str> {
    let nodes = nodes(plan).into_iter().filter(|node| node.place == place);
    nodes.map(|node| node.label.as_str()).collect()
}

#[test]
fn every_state_has_one_place_wherever_an_entry_stands_and_came_from() {
    for table in tables() {
        for track in &table.tracks {
            let states: Vec<_> = table
                .states
                .iter()
                .filter(|s| s.track == track.id)
                .collect();
            let pairs = states
                .iter()
                .flat_map(|a| states.iter().map(move |b| (a, b)));
            // One pair in three: all of them together take seconds.
            for (here, from) in pairs.step_by(3) {
                let turns = [from.id.as_str(), here.id.as_str()];
                let whole = plan(&table, &track.id, &turns, true);
                let context = format!("{}: {turns:?}", table.id);
                assert_eq!(nodes(&whole).len(), states.len(), "{context}");
                assert_eq!(labels(&whole, Place::Here).len(), 1, "{context}");
                let near = plan(&table, &track.id, &turns, false);
                assert_eq!(labels(&near, Place::Here).len(), 1, "{context}");
                let shown = nodes(&near).len();
                assert_eq!(shown + near.left_out, states.len(), "{context}");
            }
        }
    }
}

#[test]
fn nothing_is_wider_than_there_is_room() {
    let (theme, keymap) = (Theme::named("dark").unwrap(), Keymap::embedded().unwrap());
    for table in tables() {
        let track = &table.tracks[0].id;
        let spine = table.spine(track);
        let turns: Vec<&str> = spine.iter().map(|state| state.id.as_str()).collect();
        for signs in [&symbols::UNICODE, &symbols::ASCII] {
            let look = Look {
                theme: &theme,
                symbols: signs,
                keymap: &keymap,
            };
            let plan = plan(&table, track, &turns, true);
            for width in (0..30).chain([38, 55, 56, 78, 120]) {
                for line in drawing::lines(&plan, look, width, at(99)) {
                    assert!(line.width() <= width, "{width}: {line}");
                }
            }
        }
    }
}

#[test]
fn what_was_passed_what_was_not_and_what_comes_are_told_apart() {
    let netcup = &tables()
        .into_iter()
        .find(|table| table.id == "netcup")
        .unwrap();
    let around = [
        "outstanding-invoice",
        "registration",
        "verification",
        "additional-information",
        "verification",
    ];
    let plan = plan(netcup, "main", &around, false);
    assert_eq!(labels(&plan, Place::Here), ["Verification is performed"]);
    assert_eq!(
        labels(&plan, Place::Passed),
        [
            "Outstanding invoice",
            "Registration",
            "Additional information required"
        ]
    );
    let here = &plan.stations[2];
    assert_eq!(here.visits.len(), 2, "it was there twice");
    assert_eq!(here.on[0].label, "Verified and issued");

    let seen = super::tests::plan(netcup, "main", &["outstanding-invoice", "issued"], false);
    assert_eq!(
        labels(&seen, Place::Skipped),
        ["Registration", "Verification is performed"]
    );
}

#[test]
fn a_branch_that_comes_back_is_drawn_as_a_circle_and_one_that_ends_is_not() {
    let netcup = &tables()
        .into_iter()
        .find(|table| table.id == "netcup")
        .unwrap();
    let plan = plan(netcup, "main", &["registration", "verification"], false);
    let ways = plan.stations[2]
        .ways
        .iter()
        .filter_map(|way| match &way.to {
            Goal::Branch(node) => Some((node.label.as_str(), node.back.len())),
            Goal::Words(_) => None,
        });
    let ways: Vec<_> = ways.collect();
    assert_eq!(
        ways,
        [("Additional information required", 1), ("Cancelled", 0)]
    );
}

#[test]
fn back_to_where_it_was_names_the_state_only_where_the_entry_came_from_one() {
    let table = &tables()
        .into_iter()
        .find(|table| table.id == "every-feature")
        .unwrap();
    let track = "certificate";
    // It was seen there, and nobody saw where it came from.
    let lost = plan(table, track, &["leaving"], false);
    assert_eq!(lost.above[0].place, Place::Here);
    let back =
        |way: &super::plan::Way| way.to == Goal::Words("back to where it was before".to_owned());
    assert!(lost.above[0].ways.iter().any(back), "{lost:?}");
    assert!(
        labels(&lost, Place::Passed).is_empty(),
        "nothing is claimed"
    );

    let taken = plan(
        table,
        track,
        &["waiting", "checking-names", "leaving"],
        false,
    );
    assert!(taken.above.is_empty());
    let Goal::Branch(leaving) = &taken.stations[1].ways[0].to else {
        panic!("{taken:?}");
    };
    assert_eq!((leaving.place, leaving.back.len()), (Place::Here, 1));
}

#[test]
fn where_nothing_follows_nothing_more_is_drawn() {
    let netcup = &tables()
        .into_iter()
        .find(|table| table.id == "netcup")
        .unwrap();
    let turns = ["outstanding-invoice", "cancelled"];
    let over = plan(netcup, "main", &turns, false);
    let ahead = over
        .stations
        .iter()
        .filter(|node| node.place == Place::Ahead);
    assert!(ahead.clone().count() > 0);
    assert!(
        ahead
            .into_iter()
            .all(|node| node.ways.is_empty() && node.on.is_empty())
    );
}
