//! What is said of accounts: what came of a look, a check, a removal.
//!
//! Pure text. Called by the dialog and by the panel's messages.

use crate::engine::command::{AccountCheck, SyncReport, Tone};
use crate::tui::view::grouped;

/// What a check or a look found: of what, and a sentence, good or bad.
pub(super) type Finding = (String, Result<String, String>);

/// What came of looking at watched accounts, in one sentence.
#[must_use]
pub(in crate::tui) fn synced_words(reports: &[SyncReport]) -> (Tone, String) {
    if reports.is_empty() {
        let says = "No account watches anything, so there was nothing to look at";
        return (Tone::Plain, says.to_owned());
    }
    let sentences: Vec<_> = reports.iter().map(one).collect();
    let in_trouble = reports.iter().any(|report| !report.trouble.is_empty());
    let tone = if in_trouble {
        Tone::Warning
    } else {
        Tone::Plain
    };
    (tone, sentences.join("; "))
}

fn one(report: &SyncReport) -> String {
    let mut parts = vec![format!(
        "{}: {} looked at",
        report.account,
        grouped(report.looked)
    )];
    let counts = [
        (report.new, "new"),
        (report.renewed, "renewed"),
        (report.moved, "moved"),
        (report.lost, "lost"),
        (report.found_again, "readable again"),
    ];
    let changed: Vec<_> = counts.into_iter().filter(|(count, _)| *count > 0).collect();
    if changed.is_empty() {
        parts.push("nothing changed".to_owned());
    }
    parts.extend(
        changed
            .iter()
            .map(|(count, what)| format!("{} {what}", grouped(*count))),
    );
    if !report.trouble.is_empty() {
        parts.push(format!("{} cannot be read", grouped(report.trouble.len())));
    }
    parts.join(", ")
}

/// A number with its noun.
pub(super) fn many(count: usize, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{} {several}", grouped(count)),
    }
}

/// What a look found, for the dialog: the sum first, then what is wrong.
pub(super) fn looked(reports: &[SyncReport]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for report in reports {
        let says = one(report);
        findings.push((String::new(), Ok(says)));
        let trouble = report.trouble.iter().cloned();
        findings.extend(trouble.map(|(place, why)| (place, Err(why))));
    }
    if findings.is_empty() {
        findings.push((String::new(), Ok("There is nothing to look at.".to_owned())));
    }
    findings
}

/// What a check found; a check that had nothing to look at says so.
pub(super) fn checked(check: &AccountCheck) -> Vec<Finding> {
    if check.findings.is_empty() {
        let says = "There is nothing that could be wrong with it.".to_owned();
        return vec![(String::new(), Ok(says))];
    }
    check.findings.clone()
}

/// The same in a few words.
pub(super) fn checked_words(check: &AccountCheck) -> String {
    let bad = check.findings.iter().filter(|(_, found)| found.is_err());
    match bad.count() {
        0 => format!("{} can be used", check.name),
        count => format!(
            "{}: {}",
            check.name,
            many(count, "thing is wrong", "things are wrong")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_summed_up_without_what_did_not_happen() {
        let mut report = SyncReport {
            account: "edge".to_owned(),
            looked: 1_200,
            ..SyncReport::default()
        };
        let says = |report: &SyncReport| synced_words(std::slice::from_ref(report));
        let quiet = "edge: 1,200 looked at, nothing changed";
        assert_eq!(says(&report), (Tone::Plain, quiet.to_owned()));
        (report.new, report.renewed) = (2, 1);
        report.trouble = vec![("/etc".to_owned(), "permission denied".to_owned())];
        let (tone, says) = says(&report);
        assert_eq!(tone, Tone::Warning);
        assert_eq!(
            says,
            "edge: 1,200 looked at, 2 new, 1 renewed, 1 cannot be read"
        );
        assert!(synced_words(&[]).1.contains("nothing to look at"));
    }
}
