//! Every extension of a certificate and the promises of logs: folded to a line each, and whole when
//! somebody expands the page. Bytes that nobody knows are made into text only where they are in
//! sight.
//!
//! Pure. The tab CSR / Certificate calls it.

use super::sheet::Sheet;
use crate::domain::time;
use crate::pki::expanded::{Expanded, Extension};
use crate::tui::theme::Role;

/// Fills this part of the page.
pub(super) fn fill<'a>(sheet: &mut Sheet<'a>, expanded: &'a Expanded) {
    timestamps(sheet, expanded);
    if expanded.extensions.is_empty() {
        return;
    }
    if !sheet.is_expanded() {
        let count = expanded.extensions.len();
        let says = format!("{count}; x shows each with its value");
        sheet.field_in("Extensions", &says, Role::Dim);
        return;
    }
    sheet.heading("Extensions");
    for extension in &expanded.extensions {
        one(sheet, extension);
    }
}

fn timestamps<'a>(sheet: &mut Sheet<'a>, expanded: &'a Expanded) {
    let timestamps = &expanded.timestamps;
    // The id of a log fills a line of its own.
    sheet.many("Logged", 2 * timestamps.len(), |index| {
        let one = &timestamps[index / 2];
        match index % 2 {
            0 => format!("{} by the log", time::moment(one.at)),
            _ => one.log.clone(),
        }
    });
}

fn one<'a>(sheet: &mut Sheet<'a>, extension: &'a Extension) {
    let critical = if extension.critical { ", critical" } else { "" };
    let says = match extension.name {
        Some(name) => format!("{name} ({}){critical}", extension.oid),
        None => format!("{}{critical}", extension.oid),
    };
    sheet.text(&says, Role::Text);
    sheet.many("", extension.lines(), |index| extension.line(index));
}
