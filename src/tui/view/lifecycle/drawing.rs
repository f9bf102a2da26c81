//! A plan as lines: stations on a rail from top to bottom, what branches off beside it, and on the
//! right what leads there and who does it.
//!
//! Pure. Everything is made harmless and fits the columns that it is given, also in ASCII; where
//! there are few columns, what stands on the right goes below.

use ratatui::text::{Line, Span};

use super::plan::{Goal, Node, Place, Plan, Step, Way};
use crate::domain::text;
use crate::domain::time;
use crate::domain::wrap::wrap;
use crate::tui::look::Look;
use crate::tui::symbols::Symbols;
use crate::tui::theme::Role;

/// From this width on, states stand on the left and what leads there on the right.
const WIDE: usize = 56;

/// The lines of a plan, at most so many columns wide; `now` is the account's time.
pub(super) fn lines(
    plan: &Plan,
    look: Look<'_>,
    width: usize,
    now: jiff::Timestamp,
) -> Vec<Line<'static>> {
    let mut ink = Ink {
        signs: look.symbols,
        wide: width >= WIDE,
        now,
        rows: Vec::new(),
    };
    for node in &plan.above {
        ink.trunk(node, true);
    }
    for (index, node) in plan.stations.iter().enumerate() {
        ink.trunk(node, index + 1 == plan.stations.len());
    }
    for node in &plan.below {
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

/// One row of the drawing; it goes over several lines where it must.
struct Row {
    /// The rails and the sign in front.
    rails: String,
    /// How bright the sign is, which is the last part of the rails.
    role: Role,
    /// The rails on the lines below.
    below: String,
    /// The state, or where a way leads.
    label: String,
    /// What is said of it.
    notes: Vec<Note>,
}

/// What is said of a state or a way.
struct Note {
    key: Option<String>,
    says: String,
    role: Role,
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
            self.steps(format!("{} ", signs.rail), &node.on);
        }
    }

    /// Rails with nothing but steps beside them.
    fn steps(&mut self, rails: String, steps: &[Step]) {
        let below: String = rails.chars().map(|sign| self.continued(sign)).collect();
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
        let goes_on = [self.signs.rail, self.signs.rail_branch];
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
        let mut notes: Vec<Note> = steps
            .iter()
            .filter_map(|step| note(step, &node.label))
            .collect();
        if !node.is_close() {
            notes.truncate(1);
        }
        if let Some(first) = notes.first_mut()
            && !node.back.is_empty()
        {
            first.says.push_str("; and back");
        }
        notes.extend(self.said_of(node));
        notes
    }

    /// When the entry came to a state, and what else is to be said of it.
    fn said_of(&self, node: &Node) -> Vec<Note> {
        let mut says: Vec<String> = Vec::new();
        match (node.place, node.visits.last()) {
            (Place::Here, Some(since)) => {
                let span = time::span(since.duration_until(self.now));
                let span = if span == "now" {
                    "since just now".to_owned()
                } else {
                    format!("for {span}")
                };
                says.push(format!("here {span}, since {}", self.moment(*since)));
            }
            (Place::Here, None) => says.push("here".to_owned()),
            (Place::Passed, Some(at)) => says.push(self.moment(*at)),
            (Place::Ahead, Some(at)) => says.push(format!("was there {}", self.moment(*at))),
            (Place::Skipped, _) => says.push("not seen there".to_owned()),
            (Place::Passed | Place::Ahead, None) => {}
        }
        let earlier = node.visits.len().saturating_sub(1);
        if let (Some(said), true) = (says.last_mut(), earlier > 0) {
            said.push_str(&format!(" (visit {})", earlier + 1));
        }
        says.extend(node.remark.map(str::to_owned));
        let role = match node.place {
            Place::Here => Role::Accent,
            _ => Role::Dim,
        };
        if says.is_empty() {
            return Vec::new();
        }
        vec![Note {
            key: None,
            says: says.join("; "),
            role,
        }]
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

/// Puts rows into lines of so many columns.
struct Press<'a> {
    look: Look<'a>,
    width: usize,
    /// Where the notes begin, where they have a column of their own.
    column: Option<usize>,
}

impl<'a> Press<'a> {
    fn of(look: Look<'a>, width: usize, rows: &[Row]) -> Self {
        let with_notes = rows.iter().filter(|row| !row.notes.is_empty());
        let widths = with_notes.map(|row| text::width(&row.rails) + text::width(&row.label));
        let widest = widths.filter(|needed| *needed + 2 <= width / 2 + 4).max();
        let column = (width >= WIDE).then(|| widest.unwrap_or(0).max(16) + 2);
        Self {
            look,
            width,
            column,
        }
    }

    fn print(&self, rows: &[Row]) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for row in rows {
            self.row(row, &mut lines);
        }
        lines
    }

    fn row(&self, row: &Row, lines: &mut Vec<Line<'static>>) {
        let notes = self.notes(row);
        let mut left = self.left(row);
        let at = self.column.unwrap_or(0);
        let mut notes = notes.into_iter();
        // The first note stands beside the state where there is room for it.
        if let (Some(last), Some(first)) = (left.pop(), notes.as_slice().first()) {
            let gap = if row.label.is_empty() { 0 } else { 2 };
            let begins = at.max(last.width() + gap);
            let beside = last.width() + gap <= at.max(1) || self.column.is_none();
            if beside && begins + first.width() <= self.width {
                left.push(joined(last, begins, notes.next().unwrap_or_default()));
            } else {
                left.push(last);
            }
        }
        lines.append(&mut left);
        let below = self.look.fit(&row.below, self.width);
        for note in notes {
            let rails = Line::from(Span::styled(below.clone(), self.look.style(Role::Dim)));
            let begins = at.max(rails.width());
            lines.push(joined(rails, begins, note));
        }
    }

    /// The rails, the sign and the state.
    fn left(&self, row: &Row) -> Vec<Line<'static>> {
        let room = self.width.saturating_sub(text::width(&row.rails)).max(1);
        let (rails, sign) = split(&row.rails);
        let mut lines = Vec::new();
        for (index, label) in wrap(&row.label, room).into_iter().enumerate() {
            let mut line = Line::default();
            if index == 0 {
                line.push_span(Span::styled(rails.to_owned(), self.look.style(Role::Dim)));
                line.push_span(Span::styled(sign.to_owned(), self.look.style(row.role)));
            } else {
                line.push_span(Span::styled(row.below.clone(), self.look.style(Role::Dim)));
            }
            line.push_span(Span::styled(label, self.look.style(row.role)));
            lines.push(line);
        }
        lines
    }

    /// The notes, in lines that fit where they stand.
    fn notes(&self, row: &Row) -> Vec<Line<'static>> {
        let indent = self.column.unwrap_or_else(|| text::width(&row.below));
        let room = self.width.saturating_sub(indent).max(1);
        let mut lines = Vec::new();
        for note in &row.notes {
            let key = note
                .key
                .as_deref()
                .map(|key| format!("{key} "))
                .unwrap_or_default();
            let key = self.look.fit(&key, room.saturating_sub(4));
            let room = room.saturating_sub(text::width(&key)).max(1);
            for (index, says) in wrap(&note.says, room).into_iter().enumerate() {
                let before = if index == 0 {
                    key.clone()
                } else {
                    " ".repeat(text::width(&key))
                };
                lines.push(Line::from(vec![
                    Span::styled(before, self.look.style(Role::Key)),
                    Span::styled(says, self.look.style(note.role)),
                ]));
            }
        }
        lines
    }
}

/// The rails without the last sign, and that sign with what follows it.
fn split(rails: &str) -> (&str, &str) {
    let trimmed = rails.trim_end();
    let last = trimmed.char_indices().next_back();
    rails.split_at(last.map_or(0, |(at, _)| at))
}

/// A line and another one that begins at a column.
fn joined(mut left: Line<'static>, at: usize, right: Line<'static>) -> Line<'static> {
    let air = at.saturating_sub(left.width());
    left.push_span(Span::raw(" ".repeat(air)));
    left.extend(right.spans);
    left
}
