//! The plan of the drawing: the usual path as stations, and beside each what branches off there.
//!
//! Pure: a table, a course and what can be done now come in; nodes and ways come out, and know
//! nothing of columns or colours. `drawing` puts them into lines.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::course::Course;
use super::tree::Tree;
use crate::domain::entry::StateRef;
use crate::domain::lifecycle::{Edge, Lifecycle, State, Target};

/// What the plan is made from.
pub(super) struct Scene<'a> {
    /// The table.
    pub(super) table: &'a Lifecycle,
    /// The track that is drawn.
    pub(super) track: &'a str,
    /// What the entry has been through on it.
    pub(super) course: &'a Course,
    /// The words of a step, and whether it starts where the entry stands.
    pub(super) step: &'a dyn Fn(&Edge<'_>, bool) -> Step,
    /// Whether everything is drawn, not only what is near.
    pub(super) everything: bool,
}

/// Where a state lies, seen from where the entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It has been there.
    Passed,
    /// It stands there.
    Here,
    /// It may come there.
    Ahead,
    /// It lies behind, and nobody saw the entry there.
    Skipped,
}

/// A state in the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// What the provider's panel shows.
    pub(super) label: String,
    /// Where it lies.
    pub(super) place: Place,
    /// When the entry came there, the oldest first.
    pub(super) visits: Vec<Timestamp>,
    /// Whether it is the entry's own state or next to it.
    pub(super) near: bool,
    /// A word about it: that it is the end, that nobody knows the way on.
    pub(super) remark: Option<&'static str>,
    /// What branches off.
    pub(super) ways: Vec<Way>,
    /// The steps to the next station of the path.
    pub(super) on: Vec<Step>,
    /// The steps back to where it branched off.
    pub(super) back: Vec<Step>,
}

/// What branches off a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// Where it leads.
    pub(super) to: Goal,
    /// The steps that lead there.
    pub(super) steps: Vec<Step>,
}

/// Where a way leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// To a state that is drawn right here.
    Branch(Node),
    /// To a state that is drawn elsewhere, or to none: in words.
    Words(String),
}

/// A step from one state to another, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// The key that takes it, where it can be taken now.
    pub(super) key: Option<String>,
    /// What happens.
    pub(super) label: String,
    /// Who does it, and when, as far as that is known.
    pub(super) says: Vec<String>,
    /// Whether it can happen now, from where the entry stands.
    pub(super) open: bool,
}

/// The whole drawing of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// What is drawn above the path: where the entry stands, if nothing leads there.
    pub(super) above: Vec<Node>,
    /// The stations of the path.
    pub(super) stations: Vec<Node>,
    /// What is drawn below: other beginnings.
    pub(super) below: Vec<Node>,
    /// How many states are left out.
    pub(super) left_out: usize,
}

impl Plan {
    /// The plan of a scene.
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let spine = scene.table.spine(scene.track);
        let tree = Tree::of(scene.table, scene.track, scene.course, &spine);
        let planner = Planner {
            turn: turn(scene, &tree, &spine),
            over: scene
                .table
                .find(&scene.course.here)
                .is_some_and(|here| here.terminal),
            scene,
            tree,
            spine,
        };
        let mut plan = planner.draw();
        if !scene.everything {
            plan.left_out = planner.states_on_track() - plan.states();
        }
        plan
    }

    /// How many states of the table it shows.
    fn states(&self) -> usize {
        let nodes = self.above.iter().chain(&self.stations).chain(&self.below);
        nodes.map(Node::states).sum()
    }
}

impl Node {
    fn states(&self) -> usize {
        let branches = self.ways.iter().map(|way| match &way.to {
            Goal::Branch(node) => node.states(),
            Goal::Words(_) => 0,
        });
        let own = usize::from(self.remark != Some(UNKNOWN));
        own + branches.sum::<usize>()
    }

    /// Whether the entry stands or stood here or on a branch of it.
    fn is_on_the_way(&self) -> bool {
        let of_way = |way: &Way| matches!(&way.to, Goal::Branch(node) if node.is_on_the_way());
        self.place != Place::Ahead || self.ways.iter().any(of_way)
    }
}

/// Said of a state that the table does not know.
pub(super) const UNKNOWN: &str = "a state that the table does not know";

/// Said of a state beside the path that an entry may begin in.
const BEGINNING: &str = "an entry may begin here";

/// Said of a state that nothing follows.
pub(super) const THE_END: &str = "the end";

/// Up to which station of the path the entry has come, if it has come to any: its own, or the one
/// that it branched off from.
fn turn(scene: &Scene<'_>, tree: &Tree<'_>, spine: &[&State]) -> Option<usize> {
    let here = scene.course.here.as_str();
    let at = match scene.table.find(&scene.course.here) {
        Some(_) => here,
        None => scene.course.came_from(here)?,
    };
    let root = root(scene, tree, spine, at)?;
    spine.iter().position(|state| state.id == root)
}

/// The station that a state branches off from, or is.
fn root<'a>(
    scene: &Scene<'_>,
    tree: &'a Tree<'_>,
    spine: &[&State],
    state: &'a str,
) -> Option<&'a str> {
    let mut at = state;
    // A tree has no circles; but nobody should have to believe that.
    for _ in 0..=scene.table.states.len() {
        if spine.iter().any(|station| station.id == at) {
            return Some(at);
        }
        at = tree.parent(at)?;
    }
    None
}

/// What the provider's panel shows; where it shows the same for another state, with the word that
/// tells them apart.
pub(super) fn label(table: &Lifecycle, state: &State) -> String {
    if table.shares_its_label(state) {
        format!("{} [{}]", state.label, state.short)
    } else {
        state.label.clone()
    }
}

struct Planner<'a> {
    scene: &'a Scene<'a>,
    tree: Tree<'a>,
    spine: Vec<&'a State>,
    turn: Option<usize>,
    /// Whether nothing follows where the entry stands.
    over: bool,
}

impl<'a> Planner<'a> {
    fn states_on_track(&self) -> usize {
        let states = self.scene.table.states.iter();
        states
            .filter(|state| state.track == self.scene.track)
            .count()
    }

    /// What is drawn, all in all.
    fn draw(&self) -> Plan {
        let stations = self.spine.iter().enumerate();
        let mut stations: Vec<Node> = stations
            .map(|(index, state)| self.node(state, self.spine.get(index + 1).copied(), None))
            .collect();
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for root in self.tree.other_roots() {
            let mut node = self.node(root, None, None);
            let points = &self.scene.table.entry_points;
            if points.iter().any(|point| point.state == root.id) {
                node.remark = node.remark.or(Some(BEGINNING));
            }
            if node.is_on_the_way() {
                above.push(node);
            } else if self.scene.everything || self.turn.is_none() {
                below.push(node);
            }
        }
        if let StateRef::Unknown { unknown } = &self.scene.course.here {
            let node = self.unknown(unknown);
            match self.turn.and_then(|turn| stations.get_mut(turn)) {
                Some(station) => station.ways.insert(
                    0,
                    Way {
                        to: Goal::Branch(node),
                        steps: Vec::new(),
                    },
                ),
                None => above.push(node),
            }
        }
        Plan {
            above,
            stations,
            below,
            left_out: 0,
        }
    }

    fn unknown(&self, raw: &str) -> Node {
        Node {
            label: raw.to_owned(),
            place: Place::Here,
            visits: self.scene.course.visits_of(raw).to_vec(),
            near: true,
            remark: Some(UNKNOWN),
            ways: Vec::new(),
            on: Vec::new(),
            back: Vec::new(),
        }
    }

    fn node(&self, state: &'a State, next: Option<&State>, parent: Option<&State>) -> Node {
        let place = self.place(state);
        let is_here = |state: &State| self.scene.course.here.as_str() == state.id;
        let near = is_here(state) || parent.is_some_and(is_here) || self.is_next(state);
        let mut node = Node {
            label: label(self.scene.table, state),
            place,
            visits: self.scene.course.visits_of(&state.id).to_vec(),
            near,
            remark: remark(state),
            ways: Vec::new(),
            on: Vec::new(),
            back: Vec::new(),
        };
        self.lead_on(&mut node, state, next, parent);
        for child in self.tree.children(&state.id) {
            // It came there although no row leads there: that was seen, or corrected by hand.
            if !leads_to(self.scene.table, state, child) {
                let to = Goal::Branch(self.node(child, None, Some(state)));
                let steps = Vec::new();
                node.ways.push(Way { to, steps });
            }
        }
        self.fold(&mut node, state);
        node
    }

    /// Sorts the steps that lead from a state by where they lead.
    fn lead_on(
        &self,
        node: &mut Node,
        state: &'a State,
        next: Option<&State>,
        parent: Option<&State>,
    ) {
        let here = self.scene.course.here.as_str() == state.id;
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for edge in self.scene.table.edges_from(state) {
            let step = (self.scene.step)(&edge, here);
            let same = |other: Option<&State>| {
                other.is_some_and(|other| edge.state().is_some_and(|to| to.id == other.id))
            };
            if same(next) {
                add(&mut node.on, step);
                continue;
            }
            let came_from = self.scene.course.came_from(&state.id);
            let goes_back = edge.to == Target::Previous
                && parent.is_some_and(|parent| came_from.is_none_or(|from| from == parent.id));
            if same(parent) || goes_back {
                add(&mut node.back, step);
                continue;
            }
            let key = key(&edge);
            if let Some(way) = places.get(&key).and_then(|index| node.ways.get_mut(*index)) {
                add(&mut way.steps, step);
                continue;
            }
            places.insert(key, node.ways.len());
            node.ways.push(Way {
                to: self.goal(&edge, state),
                steps: vec![step],
            });
        }
    }

    /// How the place is drawn that a step leads to.
    fn goal(&self, edge: &Edge<'a>, state: &'a State) -> Goal {
        let table = self.scene.table;
        Goal::Words(match edge.to {
            Target::State(to) if to.id == state.id => "stays here".to_owned(),
            Target::State(to) if self.tree.parent(&to.id) == Some(&state.id) => {
                return Goal::Branch(self.node(to, None, Some(state)));
            }
            Target::State(to) => self.called(state, to),
            Target::Previous => self.back_words(state),
            Target::Gone => format!("gone at {}", table.provider),
            Target::Successor(makes) => format!("a new entry, {} this one", makes.link.words()),
        })
    }

    /// A state that is drawn elsewhere.
    fn called(&self, from: &State, to: &State) -> String {
        let label = label(self.scene.table, to);
        let station = |id: &str| self.spine.iter().position(|state| state.id == id);
        let behind = self.root(&from.id).and_then(station) >= station(&to.id);
        match self.place(to) {
            Place::Here => format!("{label}, where it stands"),
            _ if behind && station(&to.id).is_some() => format!("back to {label}"),
            _ => label,
        }
    }

    /// The station that a state branches off from, or is.
    fn root<'b>(&'b self, state: &'b str) -> Option<&'b str> {
        root(self.scene, &self.tree, &self.spine, state)
    }

    /// Where "back to where it was" leads: known for where the entry stands, open for others.
    fn back_words(&self, state: &State) -> String {
        let from = self.scene.course.came_from(&state.id);
        let from = from.and_then(|id| self.scene.table.state(id));
        from.map_or_else(
            || "back to where it was before".to_owned(),
            |from| {
                let label = label(self.scene.table, from);
                format!("back to {label}, where it was before")
            },
        )
    }

    fn place(&self, state: &State) -> Place {
        if self.scene.course.here.as_str() == state.id {
            return Place::Here;
        }
        let visited = !self.scene.course.visits_of(&state.id).is_empty();
        let station = self.spine.iter().position(|known| known.id == state.id);
        match (station, self.turn) {
            (Some(index), Some(turn)) if index > turn => Place::Ahead,
            (Some(_), None) if !visited => Place::Ahead,
            (Some(_), _) if visited || !self.scene.course.recorded => Place::Passed,
            (Some(_), _) => Place::Skipped,
            (None, _) if visited => Place::Passed,
            (None, _) => Place::Ahead,
        }
    }

    /// Whether a state is the next station.
    fn is_next(&self, state: &State) -> bool {
        let next = self.turn.map_or(0, |turn| turn + 1);
        self.spine
            .get(next)
            .is_some_and(|station| station.id == state.id)
    }

    /// Leaves out what is far from where the entry stands and was: the branches of what it passed,
    /// and where those lead on that it may come to.
    fn fold(&self, node: &mut Node, state: &State) {
        if self.scene.everything || node.place == Place::Here {
            return;
        }
        let passed = self.over || matches!(node.place, Place::Passed | Place::Skipped);
        let near = node.near;
        node.ways.retain(|way| match &way.to {
            Goal::Branch(branch) => branch.is_on_the_way() || !passed,
            Goal::Words(_) => near && !passed,
        });
        let turn = self.turn.and_then(|turn| self.spine.get(turn));
        if self.over || passed && turn.is_none_or(|turn| turn.id != state.id) {
            node.on.clear();
        }
    }
}

/// Adds a step, unless another row says the same; then the one counts that can be taken now.
fn add(steps: &mut Vec<Step>, step: Step) {
    match steps.iter_mut().find(|known| known.label == step.label) {
        Some(known) if step.open && !known.open => *known = step,
        Some(known) if known.open || known.says == step.says => {}
        _ => steps.push(step),
    }
}

/// A name for the place that a step leads to; steps to one place are drawn together.
fn key(edge: &Edge<'_>) -> String {
    match edge.to {
        Target::State(to) => to.id.clone(),
        Target::Previous => "@previous".to_owned(),
        Target::Gone => "@gone".to_owned(),
        Target::Successor(makes) => format!("@successor {}", makes.link.words()),
    }
}

fn leads_to(table: &Lifecycle, from: &State, to: &State) -> bool {
    let edges = table.edges_from(from);
    edges
        .iter()
        .any(|edge| edge.state().is_some_and(|state| state.id == to.id))
}

fn remark(state: &State) -> Option<&'static str> {
    if state.dead_end.is_some() {
        Some("no document says what follows")
    } else if state.terminal {
        Some(THE_END)
    } else {
        None
    }
}
