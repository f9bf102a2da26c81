//! The tab Lifecycle: the usual path and where the entry stands on it, what can happen next and who
//! does it, and what can be done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::general;
use super::list::padded;
use super::sheet::Sheet;
use crate::domain::entry::{Entry, StateRef};
use crate::domain::event::What;
use crate::domain::lifecycle::{Bring, EventRow, Lifecycle, Phase, State, Who, effective};
use crate::domain::text;
use crate::domain::time;
use crate::tui::actions_menu;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// Where one state of the path lies, seen from where the entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Passed,
    Here,
    Ahead,
}

/// Fills the page.
pub(super) fn fill<'a>(sheet: &mut Sheet<'a>, model: &'a Model, entry: &'a Entry) {
    let Some(table) = model.inventory.lifecycle_of(entry) else {
        let says = format!("The lifecycle table {:?} is not there.", entry.lifecycle);
        sheet.text(&says, Role::Warn);
        return;
    };
    let now = model.time_of(entry);
    let state = effective(entry, table, now);
    sheet.text(&format!("{}, step by step", table.title), Role::Heading);
    sheet.gap();
    way(sheet, model, entry, table, &state);
    next(sheet, entry, table, &state);
    possible(sheet, model, entry);
    footnotes(sheet, table);
}

/// The path on two lines, where there is room for it.
pub(super) fn path(sheet: &mut Sheet<'_>, entry: &Entry, table: &Lifecycle, state: &StateRef) {
    let steps: Vec<&State> = table
        .order
        .iter()
        .filter_map(|id| table.state(id))
        .collect();
    let widest = steps
        .iter()
        .map(|step| text::width(&step.short))
        .max()
        .unwrap_or(0);
    let cell = widest + 2;
    if steps.len() < 2 || cell * steps.len() > sheet.width() {
        return;
    }
    let places = places(&steps, entry, table, state);
    let look = sheet.look;
    let (mut signs, mut words) = (Line::default(), Line::default());
    for (index, (step, place)) in steps.iter().zip(&places).enumerate() {
        let (sign, role) = sign(sheet, *place);
        let last = index + 1 == steps.len();
        let line = if last { 0 } else { cell - 1 };
        signs.push_span(Span::styled(sign, look.style(role)));
        signs.push_span(Span::styled(
            look.symbols.track_line.repeat(line),
            look.style(Role::Dim),
        ));
        words.push_span(Span::styled(padded(&step.short, cell), look.style(role)));
    }
    sheet.gap();
    sheet.push(signs);
    sheet.push(words);
    if !places.contains(&Place::Here) {
        // It stands beside the usual path, or at its end.
        let (sign, role) = sign(sheet, Place::Here);
        let label = table
            .find(state)
            .map_or(state.as_str(), |state| &state.short);
        sheet.text(&format!("{sign} {label}"), role);
    }
    sheet.gap();
}

fn sign(sheet: &Sheet<'_>, place: Place) -> (&'static str, Role) {
    let signs = sheet.look.symbols;
    match place {
        Place::Passed => (signs.track_passed, Role::Text),
        Place::Here => (signs.track_here, Role::Accent),
        Place::Ahead => (signs.track_ahead, Role::Dim),
    }
}

/// Everything up to where the entry stands is passed. Off the path, that is where it left it.
fn places(steps: &[&State], entry: &Entry, table: &Lifecycle, state: &StateRef) -> Vec<Place> {
    let position = |id: &str| steps.iter().position(|step| step.id == id);
    let here = position(state.as_str());
    let stored = entry.main().map(|track| track.state.as_str());
    let previous = entry.main().and_then(|track| track.previous.as_ref());
    let left_at = stored
        .and_then(position)
        .or_else(|| previous.and_then(|previous| position(previous.as_str())));
    let over = table
        .find(state)
        .is_some_and(|state| state.phase == Phase::Failed);
    let passed = match (here, left_at) {
        (Some(here), _) => here,
        // What is expired was issued; what was called off went no further than it stood.
        (None, Some(left_at)) => left_at + 1,
        (None, None) if over && !entry.certificates.is_empty() => steps.len(),
        (None, None) => 0,
    };
    let place = |index: usize| match index {
        index if Some(index) == here => Place::Here,
        index if index < passed => Place::Passed,
        _ => Place::Ahead,
    };
    (0..steps.len()).map(place).collect()
}

/// The path from top to bottom, with the times at which each state began.
fn way(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry, table: &Lifecycle, state: &StateRef) {
    let steps: Vec<&State> = table
        .order
        .iter()
        .filter_map(|id| table.state(id))
        .collect();
    let places = places(&steps, entry, table, state);
    let mut began = began(model, entry);
    if entry.origin.is_some() {
        // When a file was read says nothing of when its certificate's states began.
        began.clear();
        let since = general::since(model, entry, model.time_of(entry));
        began.extend(since.map(|since| (state.as_str().to_owned(), since)));
    }
    let off_path = steps.iter().all(|step| step.id != state.as_str());
    let turn = places.iter().rposition(|place| *place == Place::Passed);
    if off_path && turn.is_none() {
        stand(sheet, table, state, &began, entry);
    }
    for (index, (step, place)) in steps.iter().zip(&places).enumerate() {
        let at = began
            .get(&step.id)
            .copied()
            .filter(|_| *place != Place::Ahead);
        station(sheet, &step.label, *place, at);
        if off_path && turn == Some(index) {
            stand(sheet, table, state, &began, entry);
        }
    }
}

fn stand(
    sheet: &mut Sheet<'_>,
    table: &Lifecycle,
    state: &StateRef,
    began: &BTreeMap<String, Timestamp>,
    entry: &Entry,
) {
    let since = entry.main().map(|track| track.since);
    let at = began.get(state.as_str()).copied().or_else(|| {
        // A state that time alone made began when the certificate's life said so.
        let stored = entry.main().is_some_and(|track| &track.state == state);
        if stored {
            since
        } else {
            entry.serving().map(|held| held.not_after)
        }
    });
    station(sheet, table.label(state), Place::Here, at);
}

fn station(sheet: &mut Sheet<'_>, label: &str, place: Place, at: Option<Timestamp>) {
    let (sign, role) = sign(sheet, place);
    let when = at.map(time::minute).unwrap_or_default();
    let look = sheet.look;
    let room = sheet.width().saturating_sub(2);
    let here = if place == Place::Here && text::width(label) + 8 <= room {
        "  (here)"
    } else {
        ""
    };
    let label = look.fit(&format!("{label}{here}"), room);
    let mut line = Line::from(vec![
        Span::styled(format!("{sign} "), look.style(role)),
        Span::styled(label.clone(), look.style(role)),
    ]);
    let missing = room.saturating_sub(text::width(&label));
    if !when.is_empty() && missing > when.len() {
        let air = (40_usize.saturating_sub(text::width(&label))).clamp(1, missing - when.len());
        line.push_span(Span::raw(" ".repeat(air)));
        line.push_span(Span::styled(when, look.style(Role::Dim)));
    } else if !when.is_empty() {
        sheet.push(line);
        line = look.line(&format!("  {when}"), sheet.width(), Role::Dim);
    }
    sheet.push(line);
}

/// When each state began for the last time, as far as the history tells.
fn began(model: &Model, entry: &Entry) -> BTreeMap<String, Timestamp> {
    let mut began = BTreeMap::new();
    let history = model
        .details
        .details_of(&entry.id)
        .map(|details| &details.history);
    for line in history.into_iter().flatten().rev() {
        if let What::Moved { from, to, .. } = &line.event.what {
            began
                .entry(from.as_str().to_owned())
                .or_insert(entry.created);
            began.insert(to.as_str().to_owned(), line.event.at);
        }
    }
    if let Some(track) = entry.main() {
        began.insert(track.state.as_str().to_owned(), track.since);
    }
    began
}

fn next(sheet: &mut Sheet<'_>, entry: &Entry, table: &Lifecycle, state: &StateRef) {
    sheet.heading("What can happen next");
    let Some(known) = table.find(state) else {
        sheet.text(
            "Nobody can say: the table does not know this state.",
            Role::Warn,
        );
        return;
    };
    let arrow = sheet.look.symbols.arrow;
    let mut none = true;
    for event in table.events_from(&known.track, &known.id) {
        none = false;
        let to = StateRef::known(&event.to);
        let who = by_whom(event, known, entry, table);
        let who = who.map_or_else(String::new, |who| format!(", by {who}"));
        let label = table.label(&to);
        // Some events are called like the state that they lead to.
        let how = if label == event.label {
            String::new()
        } else {
            format!(": {}", event.label)
        };
        let says = format!("{arrow} {label}{how}{who}");
        sheet.text(&says, Role::Text);
    }
    if let Some(why) = &known.dead_end {
        sheet.text(why, Role::Dim);
    } else if none {
        sheet.text("Nothing by itself: it stays like this.", Role::Dim);
    }
}

/// Who brings an event about, as far as the table lets one tell. That an order is called off, any
/// of them can do; the event's own label says it.
fn by_whom(
    event: &EventRow,
    state: &State,
    entry: &Entry,
    table: &Lifecycle,
) -> Option<&'static str> {
    let brings = |what: Bring| event.brings.contains(&what);
    let ends = |phase: Phase| matches!(phase, Phase::Ended | Phase::Failed);
    if event.is_made_by_time() {
        return Some("time alone");
    }
    if brings(Bring::Receipt) {
        return Some(Who::You.words());
    }
    if brings(Bring::Certificate) || brings(Bring::Question) {
        return Some(Who::Ca.words());
    }
    if table.state(&event.to).is_some_and(|to| ends(to.phase)) {
        return None;
    }
    match state.who_with(entry.order.method) {
        Who::Nobody => Some("time alone"),
        who => Some(who.words()),
    }
}

fn possible(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    sheet.heading("What you can do");
    let keymap = &model.settings.keymap;
    let lines = actions_menu::lines(entry, &model.inventory, keymap, model.now);
    for line in lines.iter().filter(|line| line.reason.is_none()) {
        let key = line.key.as_deref().unwrap_or(" ");
        let spans = vec![
            sheet.look.span(&padded(key, 3), 3, Role::Key),
            sheet
                .look
                .span(&line.title, sheet.width().saturating_sub(3), Role::Text),
        ];
        sheet.push(Line::from(spans));
    }
    let key = keymap
        .key_label(crate::tui::ui_action::UiAction::Actions)
        .unwrap_or_default();
    sheet.text(
        &format!("{key} lists every action, and why not where not."),
        Role::Dim,
    );
}

fn footnotes(sheet: &mut Sheet<'_>, table: &Lifecycle) {
    if !table.assumptions.is_empty() {
        sheet.heading("What no document says and certdeck assumes");
    }
    for assumption in &table.assumptions {
        sheet.text(assumption, Role::Dim);
    }
    sheet.gap();
    sheet.text(&format!("Source: {}", table.source), Role::Dim);
}
