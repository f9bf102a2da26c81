//! The way of an order to the states in which the demo shows it: the shortest one along its table.
//!
//! Pure. Only rows that can be taken at any time are used: nothing that waits for a date, for a
//! successor or for an answer to a request. `demo` plays what comes out.

use std::collections::{BTreeSet, VecDeque};

use jiff::SignedDuration;

use super::script::{ScriptOrder, ScriptStep};
use crate::domain::lifecycle::{Circumstances, Condition, EventRow, Lifecycle};
use crate::providers::Offer;

/// A row by which a state is left, without its time.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Deed {
    Event(String),
    Action(String),
}

/// What decides which rows can be taken.
#[derive(Clone, Copy)]
struct Land<'a> {
    table: &'a Lifecycle,
    around: Circumstances,
    level: Option<&'a str>,
}

/// A row with where it leads, also for other tracks.
#[derive(Clone, Debug)]
struct WayOut {
    deed: Deed,
    to: String,
    also: Vec<String>,
}

/// Everything that followed an order, with its times: first the way to its states, then the
/// single steps.
///
/// # Errors
/// A state that is not there, or that cannot be reached.
pub(super) fn steps(
    order: &ScriptOrder,
    offer: &Offer,
    table: &Lifecycle,
    around: Circumstances,
) -> Result<Vec<ScriptStep>, String> {
    let begins = table.beginnings(&offer.begins, &offer.without, around);
    let mut at: Vec<String> = begins.into_iter().map(str::to_owned).collect();
    let land = Land {
        table,
        around,
        level: offer.level.as_deref(),
    };
    let mut deeds = Vec::new();
    for goal in &order.to {
        deeds.extend(way_to(goal, &mut at, land)?);
    }
    let since = order.since.unwrap_or(order.ago);
    let mut steps = in_time(deeds, order.ago, since);
    steps.extend(order.then.iter().cloned());
    Ok(steps)
}

/// The shortest way from where the goal's track is to the goal, which is where it is then.
fn way_to(goal: &str, at: &mut [String], land: Land<'_>) -> Result<Vec<Deed>, String> {
    let table = land.table;
    let missing = || format!("{}: there is no state {goal:?}", table.id);
    let track = &table.state(goal).ok_or_else(missing)?.track;
    let here = at.iter_mut().find(|state| {
        table
            .state(state)
            .is_some_and(|state| state.track == *track)
    });
    let here = here.ok_or_else(|| format!("{}: no track {track:?} to {goal:?}", table.id))?;
    let mut seen = BTreeSet::from([here.clone()]);
    let mut open: VecDeque<(String, Vec<WayOut>)> = VecDeque::from([(here.clone(), Vec::new())]);
    while let Some((state, way)) = open.pop_front() {
        if state == goal {
            *here = state;
            go_along(&way, at, table);
            return Ok(way.into_iter().map(|out| out.deed).collect());
        }
        for out in ways_out(&state, land) {
            if seen.insert(out.to.clone()) {
                let mut longer = way.clone();
                longer.push(out.clone());
                open.push_back((out.to, longer));
            }
        }
    }
    Err(format!("{}: no way to {goal:?}", table.id))
}

/// Other tracks that went along are where that took them.
fn go_along(way: &[WayOut], at: &mut [String], table: &Lifecycle) {
    let along = way.iter().flat_map(|out| &out.also);
    for to in along.filter_map(|id| table.state(id)) {
        let of_track = |state: &&mut String| {
            table
                .state(state)
                .is_some_and(|state| state.track == to.track)
        };
        if let Some(stands) = at.iter_mut().find(of_track) {
            stands.clone_from(&to.id);
        }
    }
}

/// What can happen or be done in a state, the provider's usual course first.
fn ways_out(state: &str, land: Land<'_>) -> Vec<WayOut> {
    let table = land.table;
    let here = |from: &[String]| from.iter().any(|from| from == state);
    let events = table.events.iter().filter(|row| here(&row.from));
    let mut events: Vec<&EventRow> = events
        .filter(|row| row.answers.is_none() && row.condition_holds(land.around))
        .filter(|row| is_free(row, land.level))
        .collect();
    events.sort_by_key(|row| row.sandbox.is_none_or(|timing| timing.chance.is_some()));
    let events = events.into_iter().map(|row| WayOut {
        deed: Deed::Event(row.id.clone()),
        to: row.to.clone(),
        also: row.also.clone(),
    });
    let actions = table.actions.iter();
    let actions = actions.filter(|row| here(&row.from) && row.makes.is_none());
    let actions = actions.filter_map(|row| {
        Some(WayOut {
            deed: Deed::Action(row.id.clone()),
            to: row.to.clone()?,
            also: row.also.clone(),
        })
    });
    let known = |out: &WayOut| table.state(&out.to).is_some();
    events.chain(actions).filter(known).collect()
}

/// Whether an event waits for nothing that the demo would have to bring about first.
fn is_free(row: &EventRow, level: Option<&str>) -> bool {
    let is_dv = level == Some("DV");
    match row.when {
        None | Some(Condition::ZoneActive | Condition::ZoneNotActive) => true,
        Some(Condition::LevelDv) => is_dv,
        Some(Condition::LevelOvEv) => !is_dv,
        Some(_) => false,
    }
}

/// The steps with their times: the last `since` ago, those before evenly after the order.
fn in_time(deeds: Vec<Deed>, ago: SignedDuration, since: SignedDuration) -> Vec<ScriptStep> {
    let count = i32::try_from(deeds.len()).unwrap_or(i32::MAX).max(1);
    let span = (ago - since) / count;
    let timed = deeds.into_iter().zip(1..).map(|(deed, number)| {
        let (event, action) = match deed {
            Deed::Event(id) => (Some(id), None),
            Deed::Action(id) => (None, Some(id)),
        };
        ScriptStep {
            event,
            action,
            successor: false,
            new_names: Vec::new(),
            ago: if number == count {
                since
            } else {
                ago - span * number
            },
        }
    });
    timed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lifecycle::Lifecycles;

    fn way(goal: &str, from: &str) -> Result<Vec<Deed>, String> {
        let tables = Lifecycles::built_in().unwrap();
        let table = tables.get("netcup").unwrap();
        let mut at = [from.to_owned()];
        let land = Land {
            table,
            around: Circumstances::default(),
            level: None,
        };
        way_to(goal, &mut at, land)
    }

    #[test]
    fn the_shortest_way_is_taken() {
        let event = |id: &str| Deed::Event(id.to_owned());
        let to_issued = ["invoice-paid", "registered", "issued"].map(event);
        assert_eq!(way("issued", "outstanding-invoice").unwrap(), to_issued);
        assert_eq!(
            way("cancelled", "verification").unwrap(),
            [event("cancelled")]
        );
        assert_eq!(way("issued", "issued").unwrap(), []);
    }

    #[test]
    fn what_cannot_be_reached_is_said() {
        for (goal, from, says) in [
            ("gone", "issued", "no state"),
            ("issued", "cancelled", "no way"),
            ("expired", "issued", "no way"),
        ] {
            assert!(way(goal, from).unwrap_err().contains(says), "{goal}");
        }
    }

    #[test]
    fn the_last_step_is_where_it_is_wanted_and_the_others_lie_between() {
        let hours = SignedDuration::from_hours;
        let deeds = ["a", "b", "c"].map(|id| Deed::Event(id.to_owned()));
        let steps = in_time(deeds.to_vec(), hours(10), hours(1));
        let times: Vec<_> = steps.iter().map(|step| step.ago).collect();
        assert_eq!(times, [hours(7), hours(4), hours(1)]);
    }
}
