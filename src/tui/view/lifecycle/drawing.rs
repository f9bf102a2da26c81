//! A plan as lines: stations on a rail from top to bottom, what branches off beside it, and on the
//! right what leads there and who does it.
//!
//! Pure. Everything is made harmless and fits the columns that it is given, also in ASCII; where
//! there are few columns, what stands on the right goes below.

use ratatui::text::Line;

use super::plan::{Goal, Node, Place, Plan, Step, THE_END, Way};
use super::press::{self, Note, Press, Row};
use crate::domain::time;
use crate::tui::look::Look;
use crate::tui::symbols::Symbols;
use crate::tui::theme::Role;

/// The lines of a plan, at most so many columns wide; `now` is the account's time.
pub(super) fn lines(
    plan: &Plan,
    look: Look<'_>,
    width: usize,
    now: jiff::Timestamp,
) -> Vec<Line<'static>> {
    let mut ink = Ink {
        signs: look.symbols,
        wide: width >= press::WIDE,
        now,
        rows: Vec::new(),
    };
    for node in &plan.above {
        ink.trunk(node, true);
        ink.gap();
    }
    for (index, node) in plan.stations.iter().enumerate() {
        ink.trunk(node, index + 1 == plan.stations.len());
    }
    for node in &plan.below {
        ink.gap();
        ink.trunk(node, true);
    }
    Press::of(look, width, &ink.rows).print(&ink.rows)
}

/// The sign of a place, and how bright it is.
pub(super) fn sign(signs: &Symbols, place: Place) -> (&'static str, Role) {
    match place {
        Place::Passed => (signs.track_passed, Role::Text),
        Place::Here => (signs.track_here, Role::Accent),
        Place::Ahead => (signs.track_ahead, Role::Dim),
        Place::Skipped => (signs.rail, Role::Dim),
    }
}

/// Collects the rows.
struct Ink<'a> {
    signs: &'a Symbols,
    wide: bool,
    now: jiff::Timestamp,
    rows: Vec<Row>,
}

impl Ink<'_> {
    /// A state on the rail, what branches off it, and the steps to the next one.
    fn trunk(&mut self, node: &Node, last: bool) {
        let signs = self.signs;
        let (sign, role) = sign(signs, node.place);
        let goes_on = !last || !node.ways.is_empty();
        let below = if goes_on { signs.rail } else { " " };
        self.rows.push(Row {
            rails: format!("{sign} "),
            role: brightness(node, role),
            below: format!("{below} "),
            label: node.label.clone(),
            notes: self.said_of(node),
        });
        for (index, way) in node.ways.iter().enumerate() {
            let end = last && index + 1 == node.ways.len();
            self.way("", way, node.place == Place::Here, end);
        }
        if !last && !node.on.is_empty() {
            self.steps(format!("{} ", signs.down), &node.on);
        }
    }

    /// An empty line.
    fn gap(&mut self) {
        self.rows.push(Row {
            rails: String::new(),
            role: Role::Text,
            below: String::new(),
            label: String::new(),
            notes: Vec::new(),
        });
    }

    /// Rails with nothing but steps beside them.
    fn steps(&mut self, rails: String, steps: &[Step]) {
        let below = rails.chars().map(|sign| self.continued(sign)).collect();
        self.rows.push(Row {
            role: Role::Dim,
            below,
            label: String::new(),
            notes: steps.iter().filter_map(|step| note(step, "")).collect(),
            rails,
        });
    }

    /// What stands below a sign of the rails.
    fn continued(&self, sign: char) -> char {
        let rail = self.signs.rail.chars().next().unwrap_or(' ');
        let goes_on = [self.signs.rail, self.signs.rail_branch, self.signs.down];
        if goes_on.iter().any(|known| known.starts_with(sign)) {
            rail
        } else {
            ' '
        }
    }

    /// What branches off a state that has such rails before it. `end`: the rail ends here.
    fn way(&mut self, rails: &str, way: &Way, from_here: bool, end: bool) {
        let signs = self.signs;
        let tee = if end {
            signs.rail_end
        } else {
            signs.rail_branch
        };
        let bar = if end { " " } else { signs.rail };
        match &way.to {
            Goal::Words(words) => self.rows.push(Row {
                rails: format!("{rails}{tee}{} ", signs.arrow),
                role: if from_here { Role::Text } else { Role::Dim },
                below: format!("{rails}{bar}  "),
                label: words.clone(),
                notes: way
                    .steps
                    .iter()
                    .filter_map(|step| note(step, words))
                    .collect(),
            }),
            Goal::Branch(node) if !node.back.is_empty() && node.is_close() => {
                self.circle(rails, node, &way.steps, tee);
            }
            Goal::Branch(node) => {
                let (sign, role) = sign(signs, node.place);
                self.rows.push(Row {
                    rails: format!("{rails}{tee}{}{sign} ", signs.track_line),
                    role: brightness(node, role),
                    below: format!("{rails}{bar}   "),
                    label: node.label.clone(),
                    notes: self.said_of_branch(node, &way.steps),
                });
                self.ways_of(&format!("{rails}{bar} "), node);
            }
        }
    }

    fn ways_of(&mut self, rails: &str, node: &Node) {
        for (index, way) in node.ways.iter().enumerate() {
            let end = index + 1 == node.ways.len();
            self.way(rails, way, node.place == Place::Here, end);
        }
    }

    /// A branch that leaves the rail and comes back to it.
    fn circle(&mut self, rails: &str, node: &Node, out: &[Step], tee: &str) {
        let signs = self.signs;
        let branch = signs.rail_branch;
        if out.is_empty() {
            self.rows.push(Row {
                rails: format!("{rails}{branch}{}{}", signs.track_line, signs.rail_out),
                role: Role::Dim,
                below: String::new(),
                label: String::new(),
                notes: Vec::new(),
            });
        } else {
            self.steps(
                format!("{rails}{branch}{}{} ", signs.track_line, signs.rail_out),
                out,
            );
        }
        let (sign, role) = sign(signs, node.place);
        let inner = format!("{rails}{} ", signs.rail);
        self.rows.push(Row {
            rails: format!("{inner}{sign} "),
            role: brightness(node, role),
            below: format!("{inner}{} ", signs.rail),
            label: node.label.clone(),
            notes: self.said_of(node),
        });
        for way in &node.ways {
            self.way(&inner, way, node.place == Place::Here, false);
        }
        self.steps(
            format!("{rails}{tee}{}{} ", signs.track_line, signs.rail_back),
            &node.back,
        );
    }

    /// What is said of a branch on one line: how one comes there, or when the entry did.
    fn said_of_branch(&self, node: &Node, steps: &[Step]) -> Vec<Note> {
        if node.place != Place::Ahead {
            return self.said_of(node);
        }
        let notes = steps.iter().filter_map(|step| note(step, &node.label));
        let mut notes: Vec<Note> = notes.collect();
        if !node.is_close() {
            notes.truncate(1);
        }
        let back = (!node.back.is_empty()).then_some("and back");
        for word in back.into_iter().chain(node.remark) {
            match notes.last_mut() {
                Some(last) => last.says = format!("{}; {word}", last.says),
                None => notes.push(Note::of(word.to_owned(), Role::Dim)),
            }
        }
        notes.extend(self.moments(node).map(|says| Note::of(says, Role::Dim)));
        notes
    }

    /// When the entry came to a state, and what else is to be said of it.
    fn said_of(&self, node: &Node) -> Vec<Note> {
        let role = match node.place {
            Place::Here => Role::Accent,
            _ => Role::Dim,
        };
        let mut notes: Vec<Note> = Vec::new();
        notes.extend(self.moments(node).map(|says| Note::of(says, role)));
        if let [earlier @ .., _] = node.visits.as_slice()
            && !earlier.is_empty()
        {
            notes.push(Note::of(self.earlier(earlier), Role::Dim));
        }
        let known = node.place != Place::Here || node.remark != Some(THE_END);
        let remark = node.remark.filter(|_| known);
        notes.extend(remark.map(|says| Note::of(says.to_owned(), Role::Dim)));
        notes
    }

    /// When it came there the last time.
    fn moments(&self, node: &Node) -> Option<String> {
        let last = node.visits.last().copied();
        let moment = last.map(|at| self.moment(at));
        match (node.place, last, moment) {
            (Place::Here, Some(since), Some(moment)) => {
                let span = time::span(since.duration_until(self.now));
                Some(match span.as_str() {
                    "now" => format!("here just now, {moment}"),
                    span => format!("here for {span} since {moment}"),
                })
            }
            (Place::Here, ..) => Some("here".to_owned()),
            (Place::Passed, _, moment) => moment,
            (Place::Ahead, _, moment) => moment.map(|moment| format!("was there {moment}")),
            (Place::Skipped, ..) => Some("not seen there".to_owned()),
        }
    }

    /// The visits before the last one, the latest first.
    fn earlier(&self, visits: &[jiff::Timestamp]) -> String {
        const SHOWN: usize = 2;
        let shown = visits.iter().rev().take(SHOWN).map(|at| self.moment(*at));
        let shown: Vec<String> = shown.collect();
        let more = visits.len().saturating_sub(SHOWN);
        let more = if more > 0 {
            format!(", and {more} times more")
        } else {
            String::new()
        };
        format!("before that {}{more}", shown.join(", "))
    }

    /// A moment, without its hour where there is little room.
    fn moment(&self, at: jiff::Timestamp) -> String {
        if self.wide {
            time::minute(at)
        } else {
            time::date(at)
        }
    }
}

impl Node {
    /// Whether it is drawn with all that leads there and back.
    fn is_close(&self) -> bool {
        self.near || self.place != Place::Ahead
    }
}

fn brightness(node: &Node, role: Role) -> Role {
    match node.place {
        Place::Ahead if node.near => Role::Text,
        _ => role,
    }
}

/// The words of a step; those that the state beside it says already are left out.
fn note(step: &Step, beside: &str) -> Option<Note> {
    let label = (step.label != beside).then_some(step.label.as_str());
    let says = step.says.iter().map(String::as_str);
    let says: Vec<&str> = label.into_iter().chain(says).collect();
    let role = if step.open { Role::Text } else { Role::Dim };
    let note = Note {
        key: step.key.clone(),
        says: says.join(", "),
        role,
    };
    (!says.is_empty()).then_some(note)
}
