//! What must hold for a table as a whole: every state is reached and left, every string of the
//! API means one state, whoever has to act is told so.
//!
//! Pure. `load` calls it once the rows are read.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Complaints;
use super::raw::RawLifecycle;
use super::{ActionRow, Lifecycle, Phase, State, check_rows};

pub(super) fn check(lifecycle: &Lifecycle, raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    if lifecycle.entry_points.is_empty() {
        let problem = "expected at least one [[entry]] table with the state where an entry begins";
        complaints.add(&raw.id.span(), "entry", problem);
    }
    let reached = reached(lifecycle);
    for state in &lifecycle.states {
        let Some(placed) = raw.state.get(&state.id) else {
            continue;
        };
        let key = format!("state.{}", state.id);
        let mut complain = |problem: String| complaints.add(&placed.span(), &key, problem);
        if !reached.contains(state.id.as_str()) {
            complain("nothing leads here from an [[entry]]; add the row that does".to_owned());
        }
        if !has_way_out(lifecycle, state) {
            complain(
                "nothing leads away from here; add a row, or `terminal = true`, or say in \
                 `dead-end` why nobody knows"
                    .to_owned(),
            );
        }
        if let Some(problem) = phase_problem(state) {
            let phase = placed.get_ref().phase.as_ref();
            let span = phase.map_or_else(|| placed.span(), toml::Spanned::span);
            complaints.add(&span, &key, problem);
        }
    }
    check_wires(lifecycle, raw, complaints);
    check_answers(lifecycle, raw, complaints);
    check_rows::check(lifecycle, raw, complaints);
}

/// What an event answers is kept open by an action, and what an action keeps open is answered.
fn check_answers(lifecycle: &Lifecycle, raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    for answers in raw.event.iter().filter_map(|row| row.answers.as_ref()) {
        let action = answers.get_ref();
        if !lifecycle.rows_of(action).any(|row| row.opens.is_some()) {
            let problem = format!("no row of the action {action:?} `opens` a request to answer");
            complaints.add(&answers.span(), "event.answers", problem);
        }
    }
    for row in raw.action.iter().filter(|row| row.opens.is_some()) {
        let id = row.id.get_ref();
        let answered = |event: &super::EventRow| event.answers.as_deref() == Some(id);
        if !lifecycle.events.iter().any(answered) {
            let problem =
                format!("no event answers {id:?}, so its request would stay open for ever");
            complaints.add(&row.id.span(), "action.opens", problem);
        }
    }
}

/// Every state that an entry can come to.
fn reached(lifecycle: &Lifecycle) -> BTreeSet<&str> {
    let made = lifecycle
        .actions
        .iter()
        .filter_map(|row| row.makes.as_ref());
    let begun = lifecycle
        .entry_points
        .iter()
        .map(|point| point.state.as_str());
    let mut todo: Vec<&str> = begun
        .chain(made.map(|makes| makes.state.as_str()))
        .collect();
    let mut reached = BTreeSet::new();
    while let Some(state) = todo.pop() {
        if reached.insert(state) {
            todo.extend(steps_from(lifecycle, state));
        }
    }
    reached
}

/// Where one step leads; back to the previous state is nowhere new.
fn steps_from<'a>(lifecycle: &'a Lifecycle, state: &str) -> Vec<&'a str> {
    let leaves = |from: &[String]| from.iter().any(|from| from == state);
    let events = lifecycle
        .events
        .iter()
        .filter(|row| leaves(&row.from))
        .map(|row| row.to.as_str());
    let actions = lifecycle.actions.iter().filter(|row| leaves(&row.from));
    let actions = actions.filter_map(|row| row.to.as_deref());
    let also = also_from(lifecycle, state);
    events
        .chain(actions)
        .chain(also)
        .filter(|to| !to.starts_with('@'))
        .collect()
}

/// Where other tracks are taken along.
fn also_from<'a>(lifecycle: &'a Lifecycle, state: &str) -> Vec<&'a str> {
    let leaves = |from: &[String]| from.iter().any(|from| from == state);
    let actions = lifecycle.actions.iter().filter(|row| leaves(&row.from));
    let events = lifecycle.events.iter().filter(|row| leaves(&row.from));
    let by_action = actions.flat_map(|row| &row.also);
    by_action
        .chain(events.flat_map(|row| &row.also))
        .map(String::as_str)
        .collect()
}

fn has_way_out(lifecycle: &Lifecycle, state: &State) -> bool {
    // A row that leads to where it begins leads nowhere.
    let leaves = |from: &[String], to: &str| from.contains(&state.id) && to != state.id;
    let by_action = |row: &ActionRow| row.to.as_deref().is_some_and(|to| leaves(&row.from, to));
    state.terminal
        || state.dead_end.is_some()
        || lifecycle
            .events
            .iter()
            .any(|row| leaves(&row.from, &row.to))
        || lifecycle.actions.iter().any(by_action)
}

/// `action-needed` stands exactly where you or your customer move next.
fn phase_problem(state: &State) -> Option<String> {
    let ours = state.who.is_ours() || state.who_by.values().any(|who| who.is_ours());
    let asks = state.phase == Phase::ActionNeeded;
    match (ours, asks) {
        (true, false) => {
            Some("`who` says that you move next, so `phase` is \"action-needed\"".into())
        }
        (false, true) => Some("\"action-needed\" wants `who` to be you or your customer".into()),
        _ => None,
    }
}

/// One string of the API with one qualifier means one state of a track.
fn check_wires(lifecycle: &Lifecycle, raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    let mut owners: BTreeMap<_, &str> = BTreeMap::new();
    for state in &lifecycle.states {
        let Some(placed) = raw.state.get(&state.id) else {
            continue;
        };
        let own = placed.get_ref().wire.as_deref().unwrap_or_default();
        for (index, wire) in state.wire.iter().enumerate() {
            let Some(owner) = owners.insert((&state.track, wire), &state.id) else {
                continue;
            };
            let problem = format!(
                "{:?} already means the state {owner:?}; tell them apart by `when`",
                wire.is
            );
            let key = format!("state.{}.wire", state.id);
            // What was taken over from another table has its place there.
            let span = own
                .get(index)
                .map_or_else(|| placed.span(), |wire| wire.is.span());
            complaints.add(&span, &key, problem);
        }
    }
}
