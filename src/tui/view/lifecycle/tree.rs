//! Where each state beside the path is drawn: under the state that one comes to it from.
//!
//! Pure. A graph has many ways to a state and a drawing has one place for it: where the entry came
//! from, if it was there; else next to where it stands; else at the first station that leads there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::course::Course;
use crate::domain::lifecycle::{Edge, Lifecycle, State};

/// The place of each state.
pub(super) struct Tree<'a> {
    table: &'a Lifecycle,
    /// The state under which each state beside the path is drawn.
    parents: BTreeMap<&'a str, &'a str>,
    /// What is drawn under nothing and is no station of the path, in the table's order.
    others: Vec<&'a State>,
}

impl<'a> Tree<'a> {
    pub(super) fn of(
        table: &'a Lifecycle,
        track: &str,
        course: &Course,
        spine: &[&'a State],
    ) -> Self {
        let stations: BTreeSet<&str> = spine.iter().map(|state| state.id.as_str()).collect();
        let usual = grow(table, spine.iter().copied(), &stations, BTreeMap::new());
        let mut fixed = BTreeMap::new();
        for (to, from) in course.turns() {
            fix(table, &stations, &usual, &mut fixed, (to, from));
        }
        let here = table
            .find(&course.here)
            .filter(|here| !stations.contains(here.id.as_str()));
        let placed = here.is_none_or(|here| fixed.contains_key(here.id.as_str()));
        if let Some(here) = here
            && !placed
            && table.origins(here).len() == 1
            && let Some(from) = usual.get(here.id.as_str()).copied()
        {
            fix(table, &stations, &usual, &mut fixed, (&here.id, from));
        }
        // Where it came from cannot be told, so no way there is drawn.
        let lost = here.filter(|here| !fixed.contains_key(here.id.as_str()));
        let mut roots = stations.clone();
        roots.extend(lost.map(|here| here.id.as_str()));
        let tops = fixed.values().filter(|top| !fixed.contains_key(*top));
        roots.extend(tops.copied());
        let first = table
            .find(&course.here)
            .into_iter()
            .chain(spine.iter().copied());
        let parents = grow(table, first, &roots, fixed);
        let mut tree = Self {
            table,
            parents,
            others: Vec::new(),
        };
        tree.others = tree.rest(track, &stations, lost);
        tree
    }

    /// The state under which another is drawn.
    pub(super) fn parent(&self, state: &str) -> Option<&str> {
        self.parents.get(state).copied()
    }

    /// The states that are drawn under another, in the table's order.
    pub(super) fn children(&self, state: &str) -> impl Iterator<Item = &'a State> {
        let states = self.table.states.iter();
        states.filter(move |child| self.parent(&child.id) == Some(state))
    }

    /// What is drawn under nothing and is no station of the path.
    pub(super) fn other_roots(&self) -> impl Iterator<Item = &'a State> {
        self.others.iter().copied()
    }

    /// What nothing leads to from the path: other beginnings, and what only they lead to.
    fn rest(
        &mut self,
        track: &str,
        stations: &BTreeSet<&str>,
        lost: Option<&'a State>,
    ) -> Vec<&'a State> {
        let mut others: Vec<&State> = lost.into_iter().collect();
        let table = self.table;
        let begins = table
            .entry_points
            .iter()
            .filter_map(|point| table.state(&point.state));
        let candidates = begins
            .chain(&table.states)
            .filter(|state| state.track == track);
        for state in candidates {
            let id = state.id.as_str();
            let known = |id: &str| others.iter().any(|other| other.id == id);
            if stations.contains(id) || self.parents.contains_key(id) || known(id) {
                continue;
            }
            others.push(state);
            let mut roots = stations.clone();
            roots.extend(others.iter().map(|other| other.id.as_str()));
            let parents = std::mem::take(&mut self.parents);
            self.parents = grow(table, std::iter::once(state), &roots, parents);
        }
        others
    }
}

/// Gives each state that has no place yet the first one from which a step leads to it, near ones
/// first. `roots` get none.
fn grow<'a>(
    table: &'a Lifecycle,
    from: impl Iterator<Item = &'a State>,
    roots: &BTreeSet<&str>,
    mut parents: BTreeMap<&'a str, &'a str>,
) -> BTreeMap<&'a str, &'a str> {
    let mut todo: VecDeque<&State> = from.collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(state) = todo.pop_front() {
        if !seen.insert(&state.id) {
            continue;
        }
        for to in table.edges_from(state).iter().filter_map(Edge::state) {
            if roots.contains(to.id.as_str()) || to.id == state.id {
                continue;
            }
            parents.entry(&to.id).or_insert(&state.id);
            todo.push_back(to);
        }
    }
    parents
}

/// Draws a state under the one that the entry came from, together with all that lies between that
/// one and the path; unless that would be a circle.
fn fix<'a>(
    table: &'a Lifecycle,
    stations: &BTreeSet<&str>,
    usual: &BTreeMap<&'a str, &'a str>,
    fixed: &mut BTreeMap<&'a str, &'a str>,
    (to, from): (&str, &str),
) {
    let (Some(to), Some(from)) = (table.state(to), table.state(from)) else {
        return;
    };
    if stations.contains(to.id.as_str()) || to.track != from.track {
        return;
    }
    let mut chain = vec![(to.id.as_str(), from.id.as_str())];
    let mut at = from.id.as_str();
    while !stations.contains(at) {
        let Some(above) = fixed.get(at).or_else(|| usual.get(at)).copied() else {
            break;
        };
        if above == to.id || chain.iter().any(|(below, _)| *below == above) {
            return;
        }
        chain.push((at, above));
        at = above;
    }
    for (below, above) in chain {
        fixed.entry(below).or_insert(above);
    }
}
