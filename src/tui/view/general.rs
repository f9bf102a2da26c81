//! The tab General: what it is, how it stands, who moves next, until when it is valid.

use ratatui::text::Span;

use super::sheet::Sheet;
use super::{details, findings, lifecycle, place, probed, records, standing};
use crate::domain::account::AccountKind;
use crate::domain::entry::{CertificateRecord, Entry};
use crate::domain::lifecycle::effective;
use crate::domain::renewal;
use crate::domain::row::{Row, turn_before};
use crate::domain::time;
use crate::pki::CertName;
use crate::tui::actions_menu::key_of;
use crate::tui::dialog::about;
use crate::tui::keymap::Scope;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

/// Fills the page.
pub(super) fn fill<'a>(sheet: &mut Sheet<'a>, model: &'a Model, entry: &'a Entry) {
    let row = model.inventory.row(entry, model.now);
    standing::fill(sheet, model, entry, &row);
    if let Some(table) = model.inventory.lifecycle_of(entry) {
        lifecycle::path(sheet, entry, table, model.time_of(entry));
    }
    invoice(sheet, entry);
    records::errors(sheet, model, entry);
    records::fill(sheet, about::awaited(entry, &model.inventory, model.now));
    findings::grave(sheet, &findings::of(model, entry));
    validity(sheet, model, entry);
    probed::fill(sheet, model, entry);
    settings(sheet, entry);
    names(sheet, entry);
    issued(sheet, model, entry);
    ties(sheet, model, entry);
    bookkeeping(sheet, model, entry);
}

/// Since when the state holds: as stored, or where time alone made it, as the certificate says.
pub(super) fn since(model: &Model, entry: &Entry, now: jiff::Timestamp) -> Option<jiff::Timestamp> {
    let track = entry.main()?;
    if entry.origin.is_some() {
        // Nobody moved it there: its dates did, whenever it was read.
        return entry.serving().and_then(|held| turn_before(held, now));
    }
    let state = match model.inventory.lifecycle_of(entry) {
        Some(table) => effective(entry, table, now),
        None => return Some(track.since),
    };
    if state == track.state {
        return Some(track.since);
    }
    let held = entry.serving()?;
    turn_before(held, now).filter(|turn| *turn != held.not_before)
}

fn invoice(sheet: &mut Sheet<'_>, entry: &Entry) {
    let Some(invoice) = &entry.product.invoice else {
        return;
    };
    if invoice.paid_at.is_some() {
        return;
    }
    let dot = sheet.look.symbols.separator;
    let key = key_of("open-invoice", sheet.look.keymap).unwrap_or_default();
    let says = format!(
        "{} {dot} {} {dot} {key} opens it",
        invoice.number, invoice.amount
    );
    sheet.field_in("Invoice", &says, Role::Accent);
}

fn validity(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    let now = model.time_of(entry);
    if let Some(held) = entry.serving() {
        let relative = time::relative(now, held.not_after);
        let word = if now > held.not_after {
            "ended"
        } else {
            "left"
        };
        let relative = if now > held.not_after {
            format!("{word} {relative}")
        } else {
            format!("{relative} {word}")
        };
        sheet.field(
            "Valid",
            &format!(
                "{} to {}",
                time::minute(held.not_before),
                time::minute(held.not_after)
            ),
        );
        life(sheet, held, now, &relative);
        let opens = renewal::window_opens(held.not_before, held.not_after);
        if now < opens {
            sheet.field(
                "Due",
                &format!(
                    "from {} on ({})",
                    time::date(opens),
                    time::relative(now, opens)
                ),
            );
        }
    }
    if let Some(until) = entry.product.paid_until {
        sheet.field(
            "Paid until",
            &format!("{} ({})", time::date(until), time::relative(now, until)),
        );
    }
}

/// What holds beside the state.
pub(super) fn settings(sheet: &mut Sheet<'_>, entry: &Entry) {
    if entry.product.auto_renew {
        sheet.field("Renewal", "the provider renews it by itself");
    }
    if entry.product.privacy_cancelled {
        let says = "the authorization to use the applicant's data is cancelled";
        sheet.field("Privacy", says);
    }
}

/// The life that is left, drawn and in words.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 of twenty cells"
)]
fn life(sheet: &mut Sheet<'_>, held: &CertificateRecord, now: jiff::Timestamp, relative: &str) {
    const CELLS: usize = 20;
    let left = renewal::fraction_left(held.not_before, held.not_after, now);
    let full = ((left * 20.0).ceil() as usize).min(CELLS);
    let signs = sheet.look.symbols;
    let bar = format!(
        "{}{}",
        signs.bar_full.repeat(full),
        signs.bar_empty.repeat(CELLS - full)
    );
    let role = if now > held.not_after {
        Role::Bad
    } else if now >= renewal::window_opens(held.not_before, held.not_after) {
        Role::Warn
    } else {
        Role::Good
    };
    let style = sheet.look.style(role);
    if sheet.value_width() < CELLS + 2 + relative.len() {
        sheet.field_in("", relative, role);
        return;
    }
    let spans = vec![
        Span::styled(bar, style),
        Span::styled(format!("  {relative}"), style),
    ];
    sheet.field_line("", spans);
}

fn names<'a>(sheet: &mut Sheet<'a>, entry: &'a Entry) {
    let label = if entry.names.len() > 1 {
        "Names"
    } else {
        "Name"
    };
    sheet.many(label, entry.names.len(), |index| {
        for_people(&entry.names[index])
    });
    if !entry.adding.is_empty() {
        sheet.many("Being added", entry.adding.len(), |index| {
            for_people(&entry.adding[index])
        });
    }
}

/// The name, and beside punycode the form that people read.
fn for_people(name: &str) -> String {
    if !name.contains("xn--") {
        return name.to_owned();
    }
    let shown = CertName::parse(name).map(|parsed| parsed.display());
    match shown {
        Ok(shown) if shown != name => format!("{name} ({shown})"),
        _ => name.to_owned(),
    }
}

fn issued(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    let Some(held) = entry.serving() else {
        return;
    };
    sheet.field("Issuer", &held.issuer);
    sheet.field("Serial", &held.serial);
    sheet.field("Key", &held.key);
    sheet.field("SHA-256", &held.sha256);
    let details = model.details.details_of(&entry.id);
    if let Some(certificate) = details.and_then(|details| details.certificate.as_ref()) {
        sheet.field("SHA-1", &certificate.sha1);
    }
    let older = entry.certificates.len().saturating_sub(1);
    if older > 0 {
        sheet.field("Before it", &format!("{older} more came of this entry"));
    }
}

fn ties(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    for link in &entry.links {
        let other = model.inventory.get(&link.entry);
        let row: Option<Row> = other.map(|other| model.inventory.row(&other, model.now));
        let says = row.map_or_else(
            || format!("{}, which is not in this store", link.entry),
            |row| {
                let key = sheet
                    .look
                    .keymap
                    .key_label_in(Scope::Details, UiAction::towards(link.kind));
                let key = key.map_or_else(String::new, |key| format!("; {key} goes there"));
                format!("{} ({}, {}){key}", row.name, link.entry, row.state)
            },
        );
        sheet.field_in(&capitalised(link.kind.words()), &says, Role::Link);
    }
}

fn bookkeeping(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    let account = model.inventory.accounts.get(&entry.account);
    let kind = account.map_or("without configuration", place::kind_words);
    let sandbox = account.is_some_and(|account| account.kind == AccountKind::Sandbox);
    let role = if sandbox { Role::Sandbox } else { Role::Text };
    sheet.field_in("Account", &format!("{} ({kind})", entry.account), role);
    place::origin(sheet, model, entry);
    sheet.field_if("Note", Some(&entry.note));
    if entry.archived {
        sheet.field("Archived", "kept, but out of the list");
    }
    sheet.field("Id", entry.id.as_str());
    sheet.field("Known since", &time::minute(entry.created));
    if let Some(loaded) = model.details.of(&entry.id)
        && (loaded.details.is_err()
            || loaded
                .details
                .as_ref()
                .is_ok_and(|details| !details.problems.is_empty()))
    {
        sheet.gap();
        details::not_loaded(sheet, model, entry);
    }
}

/// The text with its first letter as a capital.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}
