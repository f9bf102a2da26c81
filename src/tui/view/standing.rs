//! The head of the tab General: where the entry stands on each of its tracks, what that means, who
//! moves next, whether it is ready, what is open, and what came of the last request.
//!
//! Draws only. Nothing here claims that a provider said something.

use ratatui::text::Span;

use super::general::{capitalised, since};
use super::place;
use super::sheet::Sheet;
use crate::domain::action::{self, ADOPT, GIVE_UP, SEND_AGAIN};
use crate::domain::entry::{Entry, StateRef};
use crate::domain::gate;
use crate::domain::inventory::Account;
use crate::domain::lifecycle::{Lifecycle, Readiness, State, effective_track};
use crate::domain::row::{self, Row};
use crate::domain::time;
use crate::tui::actions_menu::key_of;
use crate::tui::keymap::Keymap;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// Fills the head of the page.
pub(super) fn fill(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry, row: &Row) {
    let table = model.inventory.lifecycle_of(entry).map(AsRef::as_ref);
    status(sheet, model, entry, row);
    gone(sheet, entry, table);
    // Until that is settled, what its state means may not be true of it.
    outcome(sheet, entry, &model.settings.keymap);
    if row.superseded {
        sheet.field("", "A successor serves in its place.");
    }
    ready(sheet, row);
    match table {
        None => without_table(sheet, entry),
        Some(table) if table.tracks.len() > 1 => tracks(sheet, model, entry, table),
        Some(table) => only_track(sheet, model, entry, table),
    }
    zone(sheet, model, entry, table);
    place::trouble(sheet, model, entry);
    place::by_hand(sheet, model, entry);
    said(sheet, entry, table);
    if let Some(reminder) = row.reminder.as_ref().filter(|_| row.unsettled().is_none()) {
        sheet.field_in("Reminder", &capitalised(reminder), Role::Warn);
    }
    request(sheet, entry, table);
}

fn status(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry, row: &Row) {
    let now = model.time_of(entry);
    let (sign, role) = sheet.look.phase(row.phase);
    let since = if entry.tracks.len() > 1 {
        Some(row.since)
    } else {
        since(model, entry, now)
    };
    let since = span(sheet, since, now);
    // The signs of the screen may know nothing but ASCII.
    let dot = format!(" {} ", sheet.look.symbols.separator);
    let state = row.state.replace(" · ", &dot);
    sheet.field_in("Status", &format!("{sign} {state}{since}"), role);
}

/// ` · for 3 d`.
fn span(sheet: &Sheet<'_>, since: Option<jiff::Timestamp>, now: jiff::Timestamp) -> String {
    let dot = sheet.look.symbols.separator;
    match since.map(|since| time::span(since.duration_until(now))) {
        None => String::new(),
        Some(span) if span == "now" => format!(" {dot} since just now"),
        Some(span) => format!(" {dot} for {span}"),
    }
}

fn gone(sheet: &mut Sheet<'_>, entry: &Entry, table: Option<&Lifecycle>) {
    let Some(gone) = entry.gone else { return };
    let whose = table.map_or("its provider", |table| table.provider.as_str());
    let says = format!(
        "deleted at {whose}, {}; what was kept of it is here",
        time::minute(gone)
    );
    sheet.field_in("Gone", &says, Role::Warn);
}

fn ready(sheet: &mut Sheet<'_>, row: &Row) {
    let Some(ready) = &row.ready else { return };
    let signs = sheet.look.symbols;
    let (sign, role) = match ready {
        Readiness::Yes => (signs.live, Role::Good),
        Readiness::No(_) => (signs.failed, Role::Warn),
        Readiness::Unknown(_) => ("?", Role::Dim),
    };
    let why = ready
        .reason()
        .map_or(String::new(), |why| format!(": {why}"));
    sheet.field_in("Ready", &format!("{sign} {}{why}", ready.word()), role);
}

fn without_table(sheet: &mut Sheet<'_>, entry: &Entry) {
    let says = format!(
        "The lifecycle table {:?} is not there, so nobody can say what this state means.",
        entry.lifecycle
    );
    sheet.field_in("Meaning", &says, Role::Warn);
}

fn only_track(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry, table: &Lifecycle) {
    let now = model.time_of(entry);
    let stands = (table.tracks.first())
        .and_then(|track| effective_track(entry, &track.id, table, now))
        .unwrap_or_else(|| StateRef::unknown("no state"));
    meaning(sheet, entry, table.find(&stands));
}

/// Each track under its own title.
fn tracks(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry, table: &Lifecycle) {
    let now = model.time_of(entry);
    for track in &table.tracks {
        sheet.heading(&track.title);
        let Some(stands) = effective_track(entry, &track.id, table, now) else {
            sheet.field_in("Status", "none: it was made without one", Role::Dim);
            continue;
        };
        let known = table.find(&stands);
        let (sign, role) = sheet.look.phase(known.map(|state| state.phase));
        let since = span(sheet, row::since(entry, &track.id, table, now), now);
        let says = format!("{sign} {}{since}", table.label(&stands));
        sheet.field_in("Status", &says, role);
        meaning(sheet, entry, known);
    }
    sheet.gap();
}

/// What a state means and who moves next.
fn meaning(sheet: &mut Sheet<'_>, entry: &Entry, known: Option<&State>) {
    let Some(known) = known else {
        let says = "The provider said this word for word; the lifecycle table does not know it.";
        sheet.field_in("Meaning", says, Role::Warn);
        return;
    };
    progress(sheet, known);
    sheet.field("Meaning", known.says_with(entry.order.method));
    let who = known.who_with(entry.order.method);
    let role = if who.is_ours() {
        Role::Accent
    } else {
        Role::Text
    };
    sheet.field_in("Moves next", who.words(), role);
    if let Some(assumed) = &known.assumed {
        sheet.field_in("Assumed", assumed, Role::Dim);
    }
}

/// How far the provider says it is, drawn and in percent.
fn progress(sheet: &mut Sheet<'_>, known: &State) {
    const CELLS: usize = 20;
    let Some(percent) = known.progress else {
        return;
    };
    let says = format!("{percent} %");
    let (_, role) = sheet.look.phase(Some(known.phase));
    if sheet.value_width() < CELLS + 2 + says.len() {
        return sheet.field_in("Progress", &says, role);
    }
    let full = CELLS * usize::from(percent.min(100)) / 100;
    let signs = sheet.look.symbols;
    let bar = signs.bar_full.repeat(full) + &signs.bar_empty.repeat(CELLS - full);
    let style = sheet.look.style(role);
    let spans = vec![
        Span::styled(bar, style),
        Span::styled(format!("  {says}"), style),
    ];
    sheet.field_line("Progress", spans);
}

/// How the account's zone stands, where the entry lives in one.
fn zone(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry, table: Option<&Lifecycle>) {
    if !table.is_some_and(|table| table.zone) {
        return;
    }
    let account = model.inventory.accounts.get(&entry.account);
    let known = account.and_then(|account| account.zone);
    let says = match known {
        Some(zone) => {
            let since = span(sheet, Some(zone.since), model.time_of(entry));
            format!("{}{since}", zone.status.label())
        }
        None if account.and_then(Account::zone_is_active) == Some(true) => "Active".to_owned(),
        None => "how the account's zone stands is not known".to_owned(),
    };
    let active = known.is_none_or(|zone| zone.status.id() == "active");
    let role = if active { Role::Text } else { Role::Warn };
    sheet.field_in("Zone", &says, role);
}

/// What came of a request, or what the provider said last.
fn said(sheet: &mut Sheet<'_>, entry: &Entry, table: Option<&Lifecycle>) {
    let Some(said) = &entry.said else { return };
    let is_result = table.is_some_and(|table| table.is_result(said));
    let label = if is_result { "Result" } else { "It was said" };
    sheet.field_in(label, said, Role::Warn);
}

/// That nobody knows what came of a request, and the keys with which a person settles it.
fn outcome(sheet: &mut Sheet<'_>, entry: &Entry, keymap: &Keymap) {
    let open = entry.request.as_ref();
    let Some(request) = open.filter(|_| gate::is_of_unknown_outcome(entry)) else {
        return;
    };
    let (title, sent) = (action::title(&request.action), time::minute(request.since));
    let says = format!("Unknown: nobody knows what came of {title:?}, sent {sent} UTC");
    sheet.field_in("Outcome", &says, Role::Warn);
    let way = |action: &str, words: &str| {
        let key = key_of(action, keymap);
        key.map_or_else(|| words.to_owned(), |key| format!("{key} {words}"))
    };
    let ways = [
        way(ADOPT, "adopts what arrived"),
        way(SEND_AGAIN, "sends it again"),
        way(GIVE_UP, "says that it never arrived"),
    ];
    sheet.field_in("To do", &ways.join(", "), Role::Accent);
}

/// The request that is open; in the table's words once the provider has accepted it.
fn request(sheet: &mut Sheet<'_>, entry: &Entry, table: Option<&Lifecycle>) {
    let open = entry.request.as_ref();
    let Some(request) = open.filter(|_| !gate::is_of_unknown_outcome(entry)) else {
        return;
    };
    let what = action::spec(&request.action).map_or(request.action.as_str(), |spec| spec.title);
    let sent = time::minute(request.since);
    if request.accepted {
        let says = gate::open_request(entry, table).unwrap_or_default();
        let says = format!("{} (sent {sent} UTC)", capitalised(&says));
        return sheet.field_in("Submitted", &says, Role::Warn);
    }
    let says = format!("{what}: sent at {sent} UTC, not answered yet");
    sheet.field_in("Request", &says, Role::Warn);
}
