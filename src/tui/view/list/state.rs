//! What a row says of its state: the state itself, what is awaited, whether it is ready; and below
//! the row what came of a request or what the provider said.

use ratatui::text::{Line, Span};

use crate::domain::lifecycle::Readiness;
use crate::domain::row::Row;
use crate::domain::text;
use crate::tui::look::Look;
use crate::tui::model::ready_word;
use crate::tui::theme::Role;

/// Selection, mark, phase, blanks: the text below a row begins under its name.
const INDENT: usize = 4;

/// The state with what belongs to it. Where there is no room for all of it, the state alone stays
/// whole, with a sign that there is more.
pub(super) fn fitted(row: &Row, columns: usize, look: &Look<'_>) -> String {
    let whole = whole(row, columns, look);
    let state = drawn(row, look);
    if wide(&whole) <= columns || wide(&whole) == wide(&state) {
        return whole;
    }
    // Some words of the rest are worth showing only where more than one or two fit.
    match columns.checked_sub(wide(&state)) {
        Some(0) => state,
        Some(1..8) => format!("{state}{}", look.symbols.ellipsis),
        _ => whole,
    }
}

/// What belongs to the row and may be long: that nobody knows what came of a request, since only a
/// person can settle that; else what was said.
fn remark(row: &Row) -> Option<&str> {
    row.unsettled().or(row.said.as_deref())
}

/// Whether the remark needs a line of its own below the row.
pub(super) fn is_below(row: &Row, columns: usize) -> bool {
    remark(row).is_some_and(|remark| wide(&row.state) + 2 + wide(remark) > columns)
}

/// The remark, below the row.
pub(super) fn below(row: &Row, width: usize, selected: bool, look: &Look<'_>) -> Line<'static> {
    let remark = remark(row).unwrap_or_default();
    let faded = row.superseded || row.archived;
    let role = if faded { Role::Dim } else { Role::Warn };
    let pointer = if selected { look.symbols.selected } else { " " };
    let indent = " ".repeat(INDENT - 1);
    Line::from(vec![
        Span::raw(format!("{pointer}{indent}")),
        look.span(remark, width.saturating_sub(INDENT), role),
    ])
}

fn wide(raw: &str) -> usize {
    text::width(&text::sanitise(raw))
}

/// The states of the tracks with a sign between them that the screen can draw.
fn drawn(row: &Row, look: &Look<'_>) -> String {
    let state = row
        .state
        .replace(" · ", &format!(" {} ", look.symbols.separator));
    match row.gone {
        // Whatever it was, it is not that any more.
        Some(_) => format!("gone (was {state})"),
        None => state,
    }
}

fn whole(row: &Row, columns: usize, look: &Look<'_>) -> String {
    let mut text = drawn(row, look);
    if let Some(ready) = &row.ready {
        let with = format!("{text} {} {}", ready_sign(ready, look), ready_word(ready));
        // Half of `not ready` says something else; where it has no room, the details say it.
        if wide(&with) <= columns {
            text = with;
        }
    }
    if row.trouble {
        text.push_str(" (unreadable)");
    }
    if row.superseded {
        text.push_str(" (renewed)");
    }
    // The remark names the request as well.
    if let Some(request) = row.request_words()
        && row.unsettled().is_none()
    {
        text = format!("{text} ({request})");
    }
    // What was asked comes before what nobody has recorded yet.
    let added = match remark(row) {
        Some(remark) => Some(remark).filter(|_| !is_below(row, columns)),
        None => row.reminder.as_deref(),
    };
    if let Some(added) = added {
        text = format!("{text}: {added}");
    }
    text
}

fn ready_sign(ready: &Readiness, look: &Look<'_>) -> &'static str {
    match ready {
        Readiness::Yes => look.symbols.live,
        Readiness::No(_) => look.symbols.failed,
        Readiness::Unknown(_) => "?",
    }
}
