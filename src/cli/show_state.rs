//! Where an entry stands, as `certdeck show` says it: track by track, who moves next, whether it is
//! ready, what is open, what the CA complains of.
//!
//! May not: decide anything. `show` calls it.

use super::shapes_of_states::StateShape;
use super::table::Sheet;
use super::unsettled;
use crate::domain::action;
use crate::domain::entry::{Authorization, Entry};
use crate::domain::gate;
use crate::domain::lifecycle::{Lifecycle, Readiness};
use crate::domain::row::Row;
use crate::domain::time;

/// That the applicant forbade the provider to go on using its data.
pub(super) const PRIVACY: &str = "the authorization to use the applicant's data is cancelled";

/// The states with their meaning, and whether it is ready.
pub(super) fn fill(
    sheet: &mut Sheet,
    entry: &Entry,
    row: &Row,
    states: &[StateShape<'_>],
    table: Option<&Lifecycle>,
) {
    if let Some(gone) = row.gone {
        let whose = table.map_or("the provider", |table| table.provider.as_str());
        let since = time::moment(gone);
        sheet.field(
            "Gone",
            &format!("deleted at {whose}, {since}; what was kept is here"),
        );
    }
    if table.is_none() {
        let missing = format!(
            "nobody can say: the lifecycle table {:?} is not there; `certdeck config check` says why",
            entry.lifecycle
        );
        sheet.field("Means", &missing);
    }
    let several = states.len() > 1;
    for state in states {
        if several {
            sheet.field(&state.title, &state.status);
        }
        progress(sheet, state);
        sheet.optional("Means", state.means);
        sheet.optional("Next moves", state.who);
        let since = state.since.map(time::moment);
        sheet.optional("Since", since.as_deref());
        sheet.optional("Assumed", state.assumed);
    }
    if states.is_empty()
        && let Some(track) = entry.main()
    {
        sheet.field("Since", &time::moment(track.since));
    }
    ready(sheet, row);
}

fn progress(sheet: &mut Sheet, state: &StateShape<'_>) {
    if let Some(percent) = state.progress {
        sheet.field("Progress", &format!("{percent} %"));
    }
}

fn ready(sheet: &mut Sheet, row: &Row) {
    let says = match &row.ready {
        None => return,
        Some(Readiness::Yes) => "yes".to_owned(),
        Some(Readiness::No(why)) => format!("no: {why}"),
        Some(Readiness::Unknown(why)) => format!("unknown: {why}"),
    };
    sheet.field("Ready", &says);
}

/// What came of a request, or what the provider said last.
pub(super) fn said(sheet: &mut Sheet, entry: &Entry, table: Option<&Lifecycle>) {
    let Some(said) = &entry.said else { return };
    let is_result = table.is_some_and(|table| table.is_result(said));
    sheet.field(if is_result { "Result" } else { "Said" }, said);
}

/// The request that is open, in the words of the table once the provider has accepted it.
pub(super) fn request(sheet: &mut Sheet, entry: &Entry, row: &Row, table: Option<&Lifecycle>) {
    if let Some(open) = &entry.request
        && gate::is_of_unknown_outcome(entry)
    {
        let title = action::title(&open.action);
        let sent = time::minute(open.since);
        let says = format!("unknown: nobody knows what came of {title:?}, sent {sent} UTC");
        sheet.field("Outcome", &says);
        let how = unsettled::explained(&entry.id);
        sheet.field(
            "To do",
            &format!("look into the provider's own panel whether it arrived; {how}"),
        );
        return;
    }
    let accepted = gate::open_request(entry, table).filter(|_| row.accepted);
    sheet.optional("Under way", accepted.as_deref().or(row.request.as_deref()));
}

/// What the CA complains of, who has to act, and how far each authorization is.
pub(super) fn verification(sheet: &mut Sheet, entry: &Entry, states: &[StateShape<'_>]) {
    for error in &entry.validation_errors {
        sheet.field("The CA says", error);
    }
    let asks = |state: &&StateShape<'_>| matches!(state.who, Some("you" | "your customer"));
    if let Some(who) = states.iter().find(asks).and_then(|state| state.who)
        && !entry.validation_errors.is_empty()
    {
        sheet.field(
            "To do",
            &format!("{who} must act: publish what is below, then check again"),
        );
    }
    for authorization in &entry.authorizations {
        sheet.field(&authorization.name, &words(authorization));
    }
}

/// How far one authorization is, with its challenge and what the server complains of.
fn words(authorization: &Authorization) -> String {
    let Authorization {
        status,
        challenge,
        challenge_status,
        error,
        ..
    } = authorization;
    let error = error
        .as_ref()
        .map_or_else(String::new, |error| format!(": {error}"));
    format!("{status} ({challenge} {challenge_status}{error})")
}
