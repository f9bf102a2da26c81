//! The short path on General: the usual path on two lines, for each track of the entry.
//!
//! Draws alone. General calls it.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::course::Course;
use super::drawing::sign;
use super::plan::{Goal, Node, Place, Plan, Scene, Step};
use crate::domain::entry::Entry;
use crate::domain::lifecycle::{Lifecycle, State};
use crate::domain::text;
use crate::tui::theme::Role;
use crate::tui::view::list::padded;
use crate::tui::view::sheet::Sheet;

/// The path of each track on two lines, where there is room for it.
pub(in crate::tui::view) fn path(
    sheet: &mut Sheet<'_>,
    entry: &Entry,
    table: &Lifecycle,
    now: Timestamp,
) {
    let (several, before) = (entry.tracks.len() > 1, sheet.height());
    for track in &table.tracks {
        let Some(course) = Course::of(entry, table, &track.id, None, now) else {
            continue;
        };
        let spine = table.spine(&track.id);
        let title = several.then_some(track.title.as_str());
        one(sheet, table, &track.id, &course, &spine, title);
    }
    if sheet.height() > before {
        sheet.gap();
    }
}

fn one(
    sheet: &mut Sheet<'_>,
    table: &Lifecycle,
    track: &str,
    course: &Course,
    spine: &[&State],
    title: Option<&str>,
) {
    let widest = spine.iter().map(|state| text::width(&state.short)).max();
    let cell = widest.unwrap_or(0) + 2;
    if spine.len() < 2 || cell * spine.len() > sheet.width() {
        return;
    }
    let scene = Scene {
        table,
        track,
        course,
        step: &|_, _| Step::default(),
        everything: true,
    };
    let plan = Plan::of(&scene);
    let look = sheet.look;
    let (mut signs, mut words) = (Line::default(), Line::default());
    for (index, (state, node)) in spine.iter().zip(&plan.stations).enumerate() {
        let (sign, role) = sign(look.symbols, node.place);
        let last = index + 1 == spine.len();
        let line = if last { 0 } else { cell - 1 };
        let line = look.symbols.track_line.repeat(line);
        signs.push_span(Span::styled(sign, look.style(role)));
        signs.push_span(Span::styled(line, look.style(Role::Dim)));
        words.push_span(Span::styled(padded(&state.short, cell), look.style(role)));
    }
    sheet.gap();
    if let Some(title) = title {
        sheet.text(title, Role::Dim);
    }
    sheet.push(signs);
    sheet.push(words);
    if plan.stations.iter().all(|node| node.place != Place::Here) {
        beside(sheet, table, course, &plan);
    }
}

/// It stands beside the usual path, or at its end.
fn beside(sheet: &mut Sheet<'_>, table: &Lifecycle, course: &Course, plan: &Plan) {
    let (sign, role) = sign(sheet.look.symbols, Place::Here);
    let known = table.find(&course.here);
    let label = known.map_or(course.here.as_str(), |state| &state.short);
    let left = plan.stations.iter().find(|node| holds(node));
    let left = left.map_or_else(String::new, |node| format!(", after {}", node.label));
    sheet.text(&format!("{sign} {label}{left}"), role);
}

/// Whether the entry stands on a branch of this one.
fn holds(node: &Node) -> bool {
    node.ways.iter().any(|way| match &way.to {
        Goal::Branch(branch) => branch.place == Place::Here || holds(branch),
        Goal::Words(_) => false,
    })
}
