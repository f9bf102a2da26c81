//! Where an entry comes from, on the tab General: the place that is watched, how long ago it was
//! read, what stands in the way; and who keeps it where there is no place.
//!
//! Draws only. Nothing here claims that a provider said something.

use super::sheet::Sheet;
use crate::domain::account::AccountKind;
use crate::domain::entry::Entry;
use crate::domain::inventory::Account;
use crate::domain::time;
use crate::tui::actions_menu::key_of;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// The kind of an account, in words.
pub(super) fn kind_words(account: &Account) -> &'static str {
    match account.kind {
        AccountKind::Sandbox => "sandbox",
        AccountKind::ByHand => "by hand",
        AccountKind::Files if account.watched.is_some() => "watched",
        AccountKind::Files => "imported",
    }
}

/// Why the place cannot be read any more, and how old is what is shown.
pub(super) fn trouble(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    let Some(trouble) = &entry.trouble else {
        return;
    };
    let place = entry.origin.as_deref().unwrap_or("its place");
    let says = format!(
        "{} {place} cannot be read since {} UTC: {}. Shown is what was read {}.",
        sheet.look.symbols.trouble,
        time::minute(trouble.since),
        trouble.why.trim_end_matches('.'),
        time::ago(model.now, trouble.last_good),
    );
    sheet.field_in("Watched", &says, Role::Warn);
}

/// That a person keeps it, and from what.
pub(super) fn by_hand(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    let account = model.inventory.accounts.get(&entry.account);
    let Some(account) = account.filter(|account| account.kind == AccountKind::ByHand) else {
        return;
    };
    let table = model.inventory.lifecycle_of(entry);
    let provider = table.map_or(entry.lifecycle.as_str(), |table| table.provider.as_str());
    let link = account.panel.as_ref();
    let link = link.map_or_else(String::new, |link| format!(" ({link})"));
    let key = key_of("record", sheet.look.keymap);
    let key = key.map_or_else(String::new, |key| format!("; {key} records it"));
    let says = format!("you record what {provider}'s panel{link} shows{key}");
    sheet.field("Kept by hand", &says);
}

/// The file or server that it was read from.
pub(super) fn origin(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    let Some(origin) = entry.origin.as_deref() else {
        return;
    };
    let account = model.inventory.accounts.get(&entry.account);
    let Some(watched) = account.and_then(|account| account.watched.as_ref()) else {
        return sheet.field("File", origin);
    };
    if entry.trouble.is_some() {
        // It was named above, with the trouble.
        return;
    }
    let says = match watched.looked {
        Some(at) => format!("{origin}, last read {}", time::ago(model.now, at)),
        None => format!("{origin}, not read again yet"),
    };
    sheet.field("Watched", &says);
}
