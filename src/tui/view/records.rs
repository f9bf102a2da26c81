//! What has to be published or looked at so that the CA can verify the names.

use super::general::capitalised;
use super::sheet::Sheet;
use crate::domain::entry::{Authorization, Entry, ValidationRecord};
use crate::domain::lifecycle::{Phase, Who, standing};
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// What the CA complains of, in its own words, and who has to act.
pub(super) fn errors(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    if entry.validation_errors.is_empty() {
        return;
    }
    sheet.heading("What the CA complains of");
    for error in &entry.validation_errors {
        let says = format!("{} {error}", sheet.look.symbols.failed);
        sheet.text(&says, Role::Bad);
    }
    let says = match whose_move(model, entry) {
        Some(who) => format!(
            "{} must act: mend this and publish what is shown below.",
            capitalised(who.words())
        ),
        None => "You or your customer may need to act; the state says what comes next.".to_owned(),
    };
    sheet.text(&says, Role::Accent);
    sheet.gap();
}

/// Who of this side has to act on one of the tracks.
fn whose_move(model: &Model, entry: &Entry) -> Option<Who> {
    let table = model.inventory.lifecycle_of(entry)?;
    let stands = standing(entry, table, model.time_of(entry));
    let states = stands.tracks.iter();
    states
        .filter_map(|(_, state)| table.find(state))
        .filter(|state| state.phase == Phase::ActionNeeded)
        .map(|state| state.who_with(entry.order.method))
        .find(|who| who.is_ours())
}

/// How far the proof for each name of an ACME order is.
pub(super) fn authorizations(sheet: &mut Sheet<'_>, all: &[Authorization]) {
    if all.is_empty() {
        return;
    }
    sheet.heading("Authorizations");
    for one in all {
        let dot = sheet.look.symbols.separator;
        let (sign, role) = sheet.look.phase(phase_of(one));
        let says = format!(
            "{sign} {} {dot} {} {}",
            one.status, one.challenge, one.challenge_status
        );
        sheet.field("For", &one.name);
        sheet.field_in("Stands", &says, role);
        if let Some(error) = &one.error {
            sheet.field_in("Error", error, Role::Bad);
        }
    }
}

/// The class of an authorization's status. Source: RFC 8555, section 7.1.6.
fn phase_of(one: &Authorization) -> Option<Phase> {
    match one.status.as_str() {
        "pending" if one.challenge_status == "processing" => Some(Phase::InProgress),
        "pending" => Some(Phase::ActionNeeded),
        "valid" => Some(Phase::Live),
        "invalid" => Some(Phase::Failed),
        "deactivated" | "expired" | "revoked" => Some(Phase::Ended),
        _ => None,
    }
}

/// Adds what to do, record by record.
pub(super) fn fill(sheet: &mut Sheet<'_>, records: &[ValidationRecord]) {
    if records.is_empty() {
        return;
    }
    sheet.heading("To prove that the names are yours (y copies each value)");
    for record in records {
        one(sheet, record);
    }
    sheet.gap();
}

fn one(sheet: &mut Sheet<'_>, record: &ValidationRecord) {
    match record {
        ValidationRecord::Email { name, mailbox } => {
            sheet.field("For", name);
            sheet.field("Mailbox", mailbox);
            sheet.field("Do", "open the link in the mail that the CA sent there");
        }
        ValidationRecord::Dns {
            name,
            record,
            kind,
            value,
        } => {
            sheet.field("For", name);
            sheet.field(kind, record);
            sheet.field("Value", value);
        }
        ValidationRecord::File { name, url, content } => {
            sheet.field("For", name);
            sheet.field("Serve at", url);
            sheet.field("Content", content);
        }
    }
}
