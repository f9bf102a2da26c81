//! What the servers of an entry were last seen to serve, on the tab General.
//!
//! Draws only: what was seen is told as it was seen, with its age.

use super::list::served_words;
use super::sheet::Sheet;
use crate::domain::entry::Entry;
use crate::domain::probed::{Probed, Served};
use crate::domain::time;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// How many places are told one by one unless everything is asked for.
const SHOWN: usize = 3;

/// Fills in what was seen; nothing where nobody looked.
pub(super) fn fill(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    let Some(probed) = entry.probed.as_deref() else {
        return;
    };
    let (words, role) = served_words(Some(probed.served), &sheet.look);
    let age = time::ago(model.now, probed.at);
    let many = match probed.places.len() {
        0 | 1 => String::new(),
        several => format!(
            " {} the worst of {several} places",
            sheet.look.symbols.separator
        ),
    };
    sheet.field_in("Served", &format!("{words} ({age}){many}"), role);
    places(sheet, model, probed);
    skipped(sheet, probed);
}

fn places(sheet: &mut Sheet<'_>, model: &Model, probed: &Probed) {
    let most = if model.details.expanded {
        usize::MAX
    } else {
        SHOWN
    };
    // What is wrong first: of many places that are right, few need be told.
    let mut places: Vec<_> = probed.places.iter().collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.served));
    for place in places.iter().take(most) {
        let says = format!("{}: {}", place.place, place.sentence(model.now));
        let role = match place.served {
            Served::Same | Served::Newer => Role::Text,
            Served::Nothing | Served::Other | Served::Old => Role::Warn,
        };
        sheet.field_in("", &says, role);
    }
    if places.len() > most {
        let rest = places.len() - most;
        sheet.field_in("", &format!("and {rest} more; x shows them"), Role::Dim);
    }
}

fn skipped(sheet: &mut Sheet<'_>, probed: &Probed) {
    let says = match probed.skipped.as_slice() {
        [] => return,
        [one] => format!("passed over: {one}, which says no name to look at"),
        [one, rest @ ..] => format!("passed over: {one} and {} more wildcards", rest.len()),
    };
    sheet.field_in("", &says, Role::Dim);
}
