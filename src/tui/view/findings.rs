//! What is wrong with the certificate of an entry, with a sign and a word for how bad it is.
//!
//! Pure. The tabs General and CSR / Certificate call it.

use super::sheet::Sheet;
use crate::domain::entry::Entry;
use crate::pki::findings::{Finding, Kind, Severity};
use crate::tui::model::Model;
use crate::tui::symbols::Symbols;
use crate::tui::theme::Role;

/// Everything that is wrong now, the worst first; nothing before the details are loaded.
pub(super) fn of(model: &Model, entry: &Entry) -> Vec<Finding> {
    let details = model.details.details_of(&entry.id);
    // The sandbox's clock may run: what depends on the time is said anew.
    let now = model.time_of(entry);
    details.map_or_else(Vec::new, |details| details.findings_at(now))
}

/// All of it, with what to do.
pub(super) fn all(sheet: &mut Sheet<'_>, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    sheet.heading("Findings");
    each(sheet, findings);
}

/// The same without a heading, below what it is about.
pub(super) fn each(sheet: &mut Sheet<'_>, findings: &[Finding]) {
    for finding in findings {
        one(sheet, finding);
        sheet.field_in("", &finding.advice, Role::Dim);
    }
}

/// What cannot wait until somebody opens the tab with the certificate; its own dates stand on the
/// page anyway.
pub(super) fn grave(sheet: &mut Sheet<'_>, findings: &[Finding]) {
    let is_said = |kind| matches!(kind, Kind::Expired | Kind::NotYetValid);
    let grave = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Fault && !is_said(finding.kind));
    for finding in grave {
        one(sheet, finding);
    }
}

fn one(sheet: &mut Sheet<'_>, finding: &Finding) {
    let sign = sign(finding.severity, sheet.look.symbols);
    let label = format!("{sign} {}", finding.severity.word());
    let role = match finding.severity {
        Severity::Fault => Role::Bad,
        Severity::Warning => Role::Warn,
        Severity::Note => Role::Text,
    };
    sheet.field_in(&label, &finding.says, role);
}

fn sign(severity: Severity, symbols: &Symbols) -> &'static str {
    match severity {
        Severity::Fault => symbols.failed,
        Severity::Warning => symbols.trouble,
        Severity::Note => symbols.separator,
    }
}
