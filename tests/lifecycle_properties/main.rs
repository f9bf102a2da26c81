//! Properties of the lifecycles: whatever happens in whatever order, nothing panics, time leaves
//! no trace, every change is explained by one row, and a refused action changes nothing.

mod explain;
mod made;
mod story;

use std::collections::BTreeSet;

use certdeck::domain::action::{CATALOGUE, Kind};
use certdeck::domain::entry::{Entry, EntryId, OpenRequest, StateRef};
use certdeck::domain::lifecycle::{Embedded, Lifecycle, effective_track, embedded};
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use made::{begun, certificate, lifecycles, start};
use story::{Step, Story, step};

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_story_is_explained_row_by_row(
        which in any::<Index>(),
        point in any::<Index>(),
        bare in any::<bool>(),
        steps in vec(step(), 1..60),
    ) {
        let lifecycle = which.get(lifecycles());
        let point = &point.get(&lifecycle.entry_points).state;
        let optional = lifecycle.tracks.iter().filter(|track| track.optional && bare);
        let without: Vec<String> = optional.map(|track| track.id.clone()).collect();
        let mut story = Story::begin(lifecycle, point, &without);
        for step in &steps {
            story.take(step)?;
        }
    }

    #[test]
    fn time_is_read_and_never_stored(
        which in any::<Index>(),
        state in any::<Index>(),
        begins in -5_000i64..5_000,
        lives in -10i64..5_000,
        look in -1_000_000i64..1_000_000,
    ) {
        let lifecycle = which.get(lifecycles());
        let state = state.get(&lifecycle.states);
        let hours = |count: i64| SignedDuration::from_hours(count);
        let not_before = start() + hours(begins);
        let mut entry = Entry::new(EntryId::new("e1"), "shop", &lifecycle.id, &state.id, start());
        let track = entry.tracks.remove("main").expect("a new entry has its track");
        entry.tracks.insert(state.track.clone(), track);
        entry.certificates.push(certificate(not_before, not_before + hours(lives)));
        let before = entry.clone();
        let later = start().saturating_add(hours(look)).expect("a span of hours");
        let first = effective_track(&entry, &state.track, lifecycle, start());
        let moved = effective_track(&entry, &state.track, lifecycle, later);
        let back = effective_track(&entry, &state.track, lifecycle, start());
        prop_assert_eq!(&entry, &before);
        prop_assert_eq!(first, back, "a clock that jumps and comes back leaves no trace");
        let known = matches!(&moved, Some(StateRef::Known(id)) if lifecycle.state(id).is_some());
        prop_assert!(known, "{:?}", moved);
    }

    #[test]
    fn a_string_of_the_api_is_a_state_or_itself(which in any::<Index>(), raw in ".{0,24}") {
        let lifecycle = which.get(lifecycles());
        for track in &lifecycle.tracks {
            match lifecycle.resolve(&track.id, &raw, &[]) {
                StateRef::Known(id) => prop_assert!(lifecycle.state(&id).is_some()),
                StateRef::Unknown { unknown } => prop_assert_eq!(&unknown, &raw),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_table_or_an_error_with_a_place(
        from in any::<Index>(), length in 0usize..40, put in ".{0,20}",
    ) {
        for Embedded { file, text, .. } in embedded() {
            let chars: Vec<char> = text.chars().collect();
            let cut = from.index(chars.len());
            let rest = chars.iter().skip(cut + length);
            let broken: String = chars[..cut].iter().copied().chain(put.chars()).chain(rest.copied()).collect();
            if let Err(errors) = Lifecycle::parse(file, &broken) {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(error.line >= 1 && error.line <= broken.lines().count().max(1), "{}", error);
                    prop_assert!(!error.key.is_empty() && !error.problem.is_empty());
                }
            }
        }
    }
}

// --- the stories get somewhere ------------------------------------------------------------------

/// The stories above must get somewhere, or they prove nothing: here are some by fixed chances.
#[test]
fn stories_carry_out_actions_and_events_of_every_lifecycle() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    for lifecycle in lifecycles() {
        let mut runner = TestRunner::deterministic();
        let (mut acted, mut happened) = (0, 0);
        for point in lifecycle.entry_points.iter().cycle().take(48) {
            let mut story = Story::begin(lifecycle, &point.state, &[]);
            let steps = vec(step(), 40).new_tree(&mut runner).expect("steps");
            let steps = steps
                .current()
                .into_iter()
                .filter(|step| !is_a_hindrance(step));
            for step in steps {
                story.take(&step).expect("a step that is explained");
            }
            acted += story.acted;
            happened += story.happened;
        }
        let can_act = lifecycle.actions.iter().any(|row| {
            CATALOGUE
                .iter()
                .any(|spec| spec.id == row.id && spec.kind == Kind::Provider)
        });
        assert!(!can_act || acted > 3, "{}: {acted}", lifecycle.id);
        assert!(happened > 0, "{}", lifecycle.id);
    }
}

/// What keeps a story from going on, or takes it where no row leads.
fn is_a_hindrance(step: &Step) -> bool {
    use story::Around;
    matches!(
        step,
        Step::Observe(..)
            | Step::Around(
                Around::ReadOnly(true) | Around::Archived(true) | Around::Successor(true)
            )
    )
}

/// Playing event after event from everywhere meets all states but those that actions or time make.
#[test]
fn events_lead_to_every_state_that_no_action_makes() {
    for lifecycle in lifecycles() {
        let mut met: BTreeSet<String> = BTreeSet::new();
        let mut todo: Vec<String> = lifecycle
            .entry_points
            .iter()
            .map(|p| p.state.clone())
            .collect();
        let by_action = lifecycle.actions.iter();
        todo.extend(by_action.flat_map(|row| row.to.iter().chain(&row.also).cloned()));
        while let Some(state) = todo.pop() {
            if story::named(&state).is_none() || !met.insert(state.clone()) {
                continue;
            }
            let track = lifecycle.state(&state).map(|state| state.track.clone());
            let rows = lifecycle.events_from(track.as_deref().unwrap_or_default(), &state);
            for row in rows {
                if row.is_made_by_time() || row.answers.is_some() {
                    todo.push(row.to.clone());
                    continue;
                }
                let mut story = Story::begin(lifecycle, &state, &[]);
                story.happen(row).expect("an event that its row explains");
                todo.extend(
                    story
                        .entry
                        .tracks
                        .values()
                        .map(|t| t.state.as_str().to_owned()),
                );
            }
        }
        let all: BTreeSet<String> = lifecycle.states.iter().map(|s| s.id.clone()).collect();
        assert_eq!(met, all, "{}", lifecycle.id);
    }
}

#[test]
fn an_open_request_without_an_answer_holds_everything_back() {
    for lifecycle in lifecycles() {
        for state in &lifecycle.states {
            let mut story = Story::begin(lifecycle, &state.id, &[]);
            story.entry.request = Some(OpenRequest {
                action: "renew".to_owned(),
                since: start(),
                unknown_outcome: true,
                accepted: false,
            });
            for spec in CATALOGUE.iter().filter(|spec| spec.kind == Kind::Provider) {
                let verdict = story.verdict(spec.id);
                assert!(
                    !verdict.is_possible(),
                    "{} {} {}",
                    lifecycle.id,
                    state.id,
                    spec.id
                );
            }
        }
    }
}

/// A new entry has a state on every track, unless the product leaves an optional one out.
#[test]
fn every_track_begins_whatever_the_zone_and_whatever_is_left_out() {
    use certdeck::domain::lifecycle::Circumstances;
    for lifecycle in lifecycles() {
        let all: Vec<&str> = lifecycle.tracks.iter().map(|t| t.id.as_str()).collect();
        for zone_active in [None, Some(true), Some(false)] {
            let around = Circumstances {
                zone_active,
                ..Circumstances::default()
            };
            let begins = lifecycle.beginnings(&[], &[], around);
            let tracks = begins.iter().filter_map(|id| lifecycle.state(id));
            let tracks: Vec<&str> = tracks.map(|state| state.track.as_str()).collect();
            assert_eq!(tracks, all, "{} with a zone {zone_active:?}", lifecycle.id);
        }
        for point in &lifecycle.entry_points {
            let entry = begun(lifecycle, &point.state, &[]);
            assert_eq!(entry.tracks[&point.track].state.as_str(), point.state);
            assert_eq!(entry.tracks.len(), all.len());
        }
    }
}
