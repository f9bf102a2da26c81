//! The tab History: what happened to the entry, the newest first.

use super::details;
use super::sheet::Sheet;
use crate::domain::action;
use crate::domain::entry::{Entry, StateRef};
use crate::domain::event::{Cause, What};
use crate::domain::lifecycle::Lifecycle;
use crate::domain::time;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// How many lines a page of history has at most while it is folded.
const SHOWN: usize = 200;

/// Fills the page.
pub(super) fn fill<'a>(sheet: &mut Sheet<'a>, model: &'a Model, entry: &'a Entry) {
    let Some(loaded) = model.details.details_of(&entry.id) else {
        details::not_loaded(sheet, model, entry);
        return;
    };
    let table = model.inventory.lifecycle_of(entry).map(AsRef::as_ref);
    let shown = if sheet.is_expanded() {
        usize::MAX
    } else {
        SHOWN
    };
    for line in loaded.history.iter().take(shown) {
        let when = time::minute(line.event.at);
        let says = sentence(&line.event.what, table);
        if sheet.width() >= 60 {
            sheet.field_wide(&format!("{when}  {:<8}", line.who), &says);
        } else {
            sheet.text(&format!("{when}  {}", line.who), Role::Dim);
            sheet.text(&format!("  {says}"), Role::Text);
        }
    }
    let hidden = loaded.history.len().saturating_sub(shown);
    if hidden > 0 {
        sheet.text(&format!("… and {hidden} more; x shows them all"), Role::Dim);
    }
    if loaded.history.is_empty() {
        sheet.text("Nothing happened yet.", Role::Dim);
    }
    details::not_loaded(sheet, model, entry);
}

/// What happened, in one sentence. The words of others in it are raw: draw them harmlessly.
#[must_use]
pub fn sentence(what: &What, table: Option<&Lifecycle>) -> String {
    match what {
        What::Ordered { product } => format!("Ordered: {product}"),
        What::Imported { from } => format!("Imported from {from}"),
        What::Requested { action, .. } => format!("{}: asked for", title(action, table)),
        What::Accepted { action, says } => {
            let says = says.as_deref().unwrap_or("accepted");
            format!("{}: {says}", title(action, table))
        }
        What::Refused { action, says } => format!("{}: refused: {says}", title(action, table)),
        What::OutcomeUnknown { action } => {
            format!("{}: nobody can say what came of it", title(action, table))
        }
        What::Moved { from, to, by, .. } => {
            format!(
                "{} to {} ({})",
                label(from, table),
                label(to, table),
                cause(by, table)
            )
        }
        What::InvoiceSent { invoice } => {
            format!("Invoice {} over {}", invoice.number, invoice.amount)
        }
        What::InvoicePaid { number, paid_until } => {
            let until = paid_until
                .map_or_else(String::new, |at| format!("; paid until {}", time::date(at)));
            format!("Invoice {number} paid{until}")
        }
        What::ValidationAsked { records } => {
            format!("Validation asked for: {} to prove", records.len())
        }
        What::Asked { says } => format!("Asked: {says}"),
        What::CsrReady { by, key_held, .. } => {
            let key = if *key_held {
                "; the private key is held here"
            } else {
                ""
            };
            format!("CSR made by {}{key}", by.words())
        }
        What::Issued { certificate } => {
            format!(
                "Certificate {} until {}",
                certificate.serial,
                time::date(certificate.not_after)
            )
        }
        other => aside(other),
    }
}

/// What people did with the entry, not what became of it.
fn aside(what: &What) -> String {
    match what {
        What::Linked { link, to } => format!("Linked: {} {to}", link.words()),
        What::KeyRevealed => "Private key shown".to_owned(),
        What::KeyCopied => "Private key copied".to_owned(),
        What::Noted { note } if note.is_empty() => "Note taken away".to_owned(),
        What::Noted { note } => format!("Note: {note}"),
        What::Archived => "Archived".to_owned(),
        What::Restored => "Taken back into the list".to_owned(),
        _ => String::new(),
    }
}

fn title(id: &str, table: Option<&Lifecycle>) -> String {
    let shared = || action::spec(id).map_or(id, |spec| spec.title).to_owned();
    table.map_or_else(shared, |table| table.action_title(id))
}

fn label<'a>(state: &'a StateRef, table: Option<&'a Lifecycle>) -> &'a str {
    table.map_or(state.as_str(), |table| table.label(state))
}

fn cause(by: &Cause, table: Option<&Lifecycle>) -> String {
    match by {
        Cause::Action { action } => title(action, table),
        Cause::Event { event } => {
            let row = table.and_then(|table| table.events.iter().find(|row| &row.id == event));
            row.map_or_else(|| event.clone(), |row| row.label.clone())
        }
        Cause::Observed => "seen at the provider".to_owned(),
        Cause::Corrected => "corrected by hand".to_owned(),
    }
}
