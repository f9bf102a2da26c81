//! What an import says beside what came in: what is wrong with it, revocation lists, private keys.
//!
//! Pure; `import` prints it.

use std::fmt::Write as _;

use super::shapes_of_certificates::FindingShape;
use super::shapes_of_imports::{
    ImportedShape, ListImportShape, PlaceFindingShape, UnreadableShape,
};
use crate::domain::text::sanitise;
use crate::domain::time;
use crate::engine::command::{ImportReport, ListReport};
use crate::pki::findings::Severity;

/// So many findings are printed; `show` has them all.
const SHOWN: usize = 20;

/// All of it as text, nothing where there is nothing to say.
pub(super) fn beside(report: &ImportReport, takes_keys: bool) -> String {
    let mut text = String::new();
    wrong(report, &mut text);
    report.lists.iter().for_each(|list| said(list, &mut text));
    if takes_keys {
        keys(report, &mut text);
    } else if report.keys_seen > 0 {
        let count = keys_in_words(report.keys_seen);
        let _ = writeln!(text, "{count} in the files; nothing of that was taken");
    }
    text
}

/// What became of the private keys.
fn keys(report: &ImportReport, text: &mut String) {
    for taken in report.keys_taken.iter().take(SHOWN) {
        let (name, file) = (sanitise(&taken.name), sanitise(&taken.file));
        let _ = writeln!(
            text,
            "private key of {name} ({}) taken from {file}",
            taken.entry
        );
    }
    let more = report.keys_taken.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(text, "… and {} taken", keys_in_words(more));
    }
    for (file, why) in report.keys_left.iter().take(SHOWN) {
        let (file, why) = (sanitise(file), sanitise(why));
        let _ = writeln!(text, "private key left in {file}: {why}");
    }
    let more = report.keys_left.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(text, "… and {} left", keys_in_words(more));
    }
    if report.keys_of_nobody > 0 {
        let count = keys_in_words(report.keys_of_nobody);
        let _ = writeln!(text, "{count} of nothing that is here, so not taken");
    }
    if report.keys_closed > 0 {
        let count = keys_in_words(report.keys_closed);
        let _ = writeln!(
            text,
            "{count} in the folders, encrypted: name the file and give its passphrase to take one"
        );
    }
}

fn keys_in_words(count: usize) -> String {
    if count == 1 {
        "1 private key".to_owned()
    } else {
        format!("{count} private keys")
    }
}

/// The private keys that were taken, for programs.
pub(super) fn keys_taken(report: &ImportReport) -> Vec<ImportedShape<'_>> {
    let taken = report.keys_taken.iter();
    taken
        .map(|taken| ImportedShape {
            id: &taken.entry,
            file: &taken.file,
        })
        .collect()
}

/// Those that were not, for programs.
pub(super) fn keys_left(report: &ImportReport) -> Vec<UnreadableShape<'_>> {
    let left = report.keys_left.iter();
    left.map(|(file, why)| UnreadableShape { file, why })
        .collect()
}

/// Faults and warnings; what is only good to know has its place in `show`.
fn wrong(report: &ImportReport, text: &mut String) {
    let listed = &report.findings.listed;
    let grave = listed
        .iter()
        .filter(|(_, finding)| finding.severity != Severity::Note);
    let count = grave.clone().count() + report.findings.more;
    for (file, finding) in grave.take(SHOWN) {
        let (word, file) = (finding.severity.word(), sanitise(file));
        let (says, advice) = (sanitise(&finding.says), sanitise(&finding.advice));
        let _ = writeln!(text, "{word}: {file}: {says}; {advice}");
    }
    if count > SHOWN {
        let more = count - SHOWN;
        let _ = writeln!(text, "… and {more} more; `certdeck show ID` says them");
    }
}

fn said(list: &ListReport, text: &mut String) {
    let number = list.number.as_ref();
    let number = number.map_or_else(String::new, |number| format!(" {number}"));
    let _ = write!(
        text,
        "{}: revocation list{number} of {} by {}, which revokes {}: ",
        sanitise(&list.file),
        time::date(list.made),
        sanitise(&list.issuer),
        certificates(list.count)
    );
    if let Some(doubt) = &list.doubt {
        let _ = writeln!(text, "not believed: {}", sanitise(doubt));
        return;
    }
    if let Some(newer) = list.newer {
        let newer = time::date(newer);
        let _ = writeln!(
            text,
            "older than the list of {newer} that is here, so it says nothing new"
        );
        return;
    }
    let revoked: Vec<String> = list
        .revoked
        .iter()
        .take(SHOWN)
        .map(|(id, name)| format!("{} ({id})", sanitise(name)))
        .collect();
    let more = list.revoked.len().saturating_sub(revoked.len());
    let revoked = match (revoked.as_slice(), more) {
        ([], _) => format!("none of the {} of this issuer here", list.known),
        (some, 0) => some.join(", "),
        (some, more) => format!("{} and {more} more", some.join(", ")),
    };
    let lifted = match list.lifted {
        0 => String::new(),
        count => format!("; {} revoked no longer", certificates(count)),
    };
    let kept = match (&list.trouble, list.kept) {
        (Some(why), _) => format!("; not kept: {}", sanitise(why)),
        (None, true) => "; kept".to_owned(),
        (None, false) => "; not kept, since it speaks of some certificates only".to_owned(),
    };
    let _ = writeln!(text, "{revoked}{lifted}{kept}");
}

fn certificates(count: usize) -> String {
    if count == 1 {
        "1 certificate".to_owned()
    } else {
        format!("{count} certificates")
    }
}

/// What is wrong, for programs.
pub(super) fn findings(report: &ImportReport) -> Vec<PlaceFindingShape<'_>> {
    let mut shapes = Vec::with_capacity(report.findings.listed.len());
    for (file, finding) in &report.findings.listed {
        let finding = FindingShape::of(finding);
        shapes.push(PlaceFindingShape { file, finding });
    }
    shapes
}

/// The lists, for programs.
pub(super) fn lists(report: &ImportReport) -> Vec<ListImportShape<'_>> {
    report.lists.iter().map(ListImportShape::of).collect()
}

impl<'a> ListImportShape<'a> {
    fn of(list: &'a ListReport) -> Self {
        Self {
            file: &list.file,
            issuer: &list.issuer,
            number: list.number.as_deref(),
            made: list.made,
            next: list.next,
            count: list.count,
            known: list.known,
            revoked: list.revoked.iter().map(|(id, _)| id).collect(),
            lifted: list.lifted,
            kept: list.kept,
            newer: list.newer,
            doubt: list.doubt.as_deref(),
        }
    }
}
