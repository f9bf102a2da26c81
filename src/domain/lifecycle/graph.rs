//! A lifecycle as a graph: which row leads from where to where, and who takes that step.
//!
//! Pure. What draws a lifecycle asks here: the panel's Lifecycle tab and `certdeck lifecycle`.

use super::{ActionRow, Bring, EventRow, GONE, Lifecycle, Makes, PREVIOUS, Phase, State, Who};
use crate::domain::entry::Method;

/// One step from a state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge<'a> {
    /// Where it begins.
    pub from: &'a State,
    /// Where it leads.
    pub to: Target<'a>,
    /// The row that makes it.
    pub by: By<'a>,
}

/// Where a step leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target<'a> {
    /// To a state of the same track.
    State(&'a State),
    /// Back to where it was before.
    Previous,
    /// Nowhere: the provider has deleted it.
    Gone,
    /// The entry stays, and a new one begins elsewhere.
    Successor(&'a Makes),
}

/// The row behind a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By<'a> {
    /// Something happens.
    Event(&'a EventRow),
    /// Somebody does something.
    Action(&'a ActionRow),
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// Somebody.
    Somebody(Who),
    /// Time alone.
    Time,
}

impl<'a> Edge<'a> {
    /// What the step is called.
    #[must_use]
    pub fn label(&self, table: &Lifecycle) -> String {
        match self.by {
            By::Event(row) => row.label.clone(),
            By::Action(row) => row
                .label
                .clone()
                .unwrap_or_else(|| table.action_title(&row.id)),
        }
    }

    /// The state of the same track that it leads to, if it leads to one.
    #[must_use]
    pub fn state(&self) -> Option<&'a State> {
        match self.to {
            Target::State(state) => Some(state),
            _ => None,
        }
    }

    /// Who takes it, with this validation method, as far as the table lets one tell. That an order
    /// is called off, any of them can do; the event's own label says it.
    #[must_use]
    pub fn mover(&self, method: Option<Method>) -> Option<Mover> {
        let row = match self.by {
            By::Action(_) => return Some(Mover::Somebody(Who::You)),
            By::Event(row) => row,
        };
        let brings = |what: Bring| row.brings.contains(&what);
        if row.is_made_by_time() {
            return Some(Mover::Time);
        }
        if brings(Bring::Receipt) {
            return Some(Mover::Somebody(Who::You));
        }
        if row.answers.is_some() {
            // What was asked for is with the provider.
            return Some(Mover::Somebody(Who::Provider));
        }
        let of_ca = [Bring::Certificate, Bring::Question, Bring::ValidationErrors];
        if of_ca.into_iter().any(brings) {
            return Some(Mover::Somebody(Who::Ca));
        }
        let ends = |state: &State| matches!(state.phase, Phase::Ended | Phase::Failed);
        if self.state().is_none_or(ends) && self.to != Target::Previous {
            return None;
        }
        match self.from.who_with(method) {
            Who::Nobody => None,
            who => Some(Mover::Somebody(who)),
        }
    }
}

impl Lifecycle {
    /// Every step that leads from a state somewhere, events first, in the table's order.
    #[must_use]
    pub fn edges_from<'a>(&'a self, from: &'a State) -> Vec<Edge<'a>> {
        let events = self.events_from(&from.track, &from.id).map(|row| Edge {
            from,
            to: self.target(&row.to),
            by: By::Event(row),
        });
        let leaves = |row: &&ActionRow| row.from.contains(&from.id);
        let actions = self.actions.iter().filter(leaves).filter_map(|row| {
            let moved = row.to.as_deref().map(|to| self.target(to));
            let to = moved.or_else(|| row.makes.as_ref().map(Target::Successor))?;
            let by = By::Action(row);
            Some(Edge { from, to, by })
        });
        events.chain(actions).collect()
    }

    fn target<'a>(&'a self, to: &str) -> Target<'a> {
        match to {
            PREVIOUS => Target::Previous,
            GONE => Target::Gone,
            // A checked table names no state that it does not have.
            id => self.state(id).map_or(Target::Gone, Target::State),
        }
    }

    /// Where [`Target::Previous`] can lead from a state: wherever a step leads to it from.
    #[must_use]
    pub fn origins<'a>(&'a self, state: &State) -> Vec<&'a State> {
        let leads_here = |edge: &Edge<'_>| edge.state().is_some_and(|to| to.id == state.id);
        let others = self.states.iter().filter(|from| from.id != state.id);
        others
            .filter(|from| self.edges_from(from).iter().any(leads_here))
            .collect()
    }

    /// The usual path on a track: those states of `order` that lie on it, or where it names none,
    /// the shortest way from where entries begin to a state that serves.
    #[must_use]
    pub fn spine(&self, track: &str) -> Vec<&State> {
        let ordered = self.order.iter().filter_map(|id| self.state(id));
        let ordered: Vec<&State> = ordered.filter(|state| state.track == track).collect();
        if ordered.is_empty() {
            self.shortest(track)
        } else {
            ordered
        }
    }

    /// The shortest way from the track's first entry point to a state that serves, or that entry
    /// point alone.
    fn shortest(&self, track: &str) -> Vec<&State> {
        let points = self.entry_points.iter();
        let begins = points.filter_map(|point| self.state(&point.state));
        let Some(first) = begins.into_iter().find(|state| state.track == track) else {
            return Vec::new();
        };
        // Ways in the order of their length, none through a state twice.
        let mut ways = std::collections::VecDeque::from([vec![first]]);
        let mut seen = std::collections::BTreeSet::from([first.id.as_str()]);
        while let Some(way) = ways.pop_front() {
            let Some(last) = way.last().copied() else {
                continue;
            };
            if last.phase == Phase::Live {
                return way;
            }
            for next in self.edges_from(last).iter().filter_map(Edge::state) {
                if seen.insert(&next.id) {
                    ways.push_back([way.as_slice(), &[next]].concat());
                }
            }
        }
        vec![first]
    }

    /// Whether another state of the same track has the same label.
    #[must_use]
    pub fn shares_its_label(&self, state: &State) -> bool {
        let same = |other: &State| other.label == state.label && other.track == state.track;
        let others = self.states.iter().filter(|other| other.id != state.id);
        others.into_iter().any(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Lifecycle {
        let text = include_str!("../../../tests/fixtures/every_feature.toml");
        Lifecycle::parse("every_feature.toml", text).unwrap()
    }

    fn ids<'a>(states: &[&'a State]) -> Vec<&'a str> {
        states.iter().map(|state| state.id.as_str()).collect()
    }

    #[test]
    fn the_path_is_the_tables_or_the_shortest_to_what_serves() {
        let table = table();
        assert_eq!(
            ids(&table.spine("certificate")),
            ["waiting", "checking-names", "serving"]
        );
        assert_eq!(ids(&table.spine("activation")), ["inactive", "active"]);
        assert!(table.spine("nowhere").is_empty());
    }

    #[test]
    fn what_leads_back_leads_to_where_one_can_come_from() {
        let table = table();
        let leaving = table.state("leaving").unwrap();
        assert_eq!(
            ids(&table.origins(leaving)),
            ["checking-names", "checking-organization"]
        );
        let back = table.edges_from(leaving);
        assert!(back.iter().any(|edge| edge.to == Target::Previous));
    }

    #[test]
    fn a_step_says_what_it_is_and_who_takes_it() {
        let lifecycles = super::super::Lifecycles::built_in().unwrap();
        let table = lifecycles.get("netcup").unwrap();
        let steps = |id: &str| {
            let state = table.state(id).unwrap();
            let edges = table.edges_from(state);
            let say = |edge: &Edge<'_>| (edge.label(table), edge.mover(None));
            edges.iter().map(say).collect::<Vec<_>>()
        };
        let named = |label: &str, mover| (label.to_owned(), mover);
        let (you, ca) = (Mover::Somebody(Who::You), Mover::Somebody(Who::Ca));
        assert_eq!(
            steps("verification"),
            [
                named("The CA asks for more", Some(ca)),
                named("Verified and issued", Some(ca)),
                named("Cancelled by netcup or the CA", None),
            ]
        );
        assert_eq!(
            steps("issued"),
            [
                named("Expired", Some(Mover::Time)),
                named("Renew", Some(you))
            ]
        );
        assert_eq!(steps("outstanding-invoice")[0].1, Some(you));
    }

    #[test]
    fn states_that_share_a_label_are_known() {
        let table = table();
        let shares = |id: &str| table.shares_its_label(table.state(id).unwrap());
        assert!(shares("checking-names") && shares("checking-organization"));
        assert!(!shares("serving"));
        let mut twins = table.clone();
        for state in &mut twins.states {
            "The same".clone_into(&mut state.label);
        }
        twins
            .states
            .retain(|state| ["serving", "active"].contains(&state.id.as_str()));
        let state = twins.state("active").unwrap();
        assert!(
            !twins.shares_its_label(state),
            "its twin is on another track"
        );
    }
}
