//! The tab History: what happened to the entry, the newest first.

use super::details;
use super::sheet::Sheet;
use crate::domain::entry::Entry;
use crate::domain::history::sentence;
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
