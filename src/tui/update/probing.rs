//! Probing from the panel: begun with a key, called off with the same key, told when it is over.
//!
//! Pure, like all of `update`; the engine looks and keeps, the list shows what is kept.

use super::actions;
use crate::domain::entry::EntryId;
use crate::domain::probed::Served;
use crate::engine::command::{Command, ProbeForm, ProbeReport, Tone};
use crate::tui::message::Effect;
use crate::tui::model::{Model, Purpose};
use crate::tui::view::grouped;

/// Looks at the servers of all marked entries, or of the selected one; calls off what is under
/// way.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    if is_under_way(model) {
        return actions::run(model, Command::StopProbing, false);
    }
    let marked: Vec<EntryId> = model.marks.iter().cloned().collect();
    let entries = if marked.is_empty() {
        model.list.selected.iter().cloned().collect()
    } else {
        marked
    };
    if entries.is_empty() {
        actions::nothing_selected(model);
        return Vec::new();
    }
    let form = Box::new(ProbeForm::of_entries(entries));
    actions::run(model, Command::Probe(form), false)
}

/// Whether servers are being looked at.
pub(super) fn is_under_way(model: &Model) -> bool {
    model.jobs.iter().any(|job| job.purpose == Purpose::Probing)
}

/// What a job of probing is called.
pub(super) fn label(form: &ProbeForm, named: impl Fn(&EntryId) -> String) -> String {
    use crate::engine::command::Probing;
    match &form.what {
        Probing::Entries(entries) => match entries.as_slice() {
            [only] => format!("Probe {}", named(only)),
            several => format!("Probe {} entries", grouped(several.len())),
        },
        Probing::Hosts(hosts) => format!("Probe {} servers", grouped(hosts.len())),
    }
}

/// Says what was seen.
pub(super) fn told(model: &mut Model, report: &ProbeReport) {
    let bad = report.count(Served::Old) + report.count(Served::Other);
    let tone = match (bad + report.silent, report.places) {
        (_, 0) => Tone::Plain,
        (0, _) => Tone::Good,
        _ => Tone::Warning,
    };
    model.toasts.push(model.now, tone, words(report));
}

/// The whole in a sentence or two.
fn words(report: &ProbeReport) -> String {
    let mut parts = Vec::new();
    if report.stopped {
        parts.push("Probing was called off".to_owned());
    }
    match (report.places, report.entries) {
        (0, _) if report.stopped => {}
        (0, _) => parts.push("There was nothing to look at".to_owned()),
        (_, 1) => {}
        (_, entries) => {
            let counts = Served::ALL.into_iter();
            let counts = counts.filter(|served| report.count(*served) > 0);
            let counts: Vec<String> = counts
                .map(|served| format!("{} {}", grouped(report.count(served)), served.words()))
                .collect();
            parts.push(format!(
                "Probed {} entries: {}",
                grouped(entries),
                counts.join(", ")
            ));
        }
    }
    let is_worth_it = report.entries == 1 || report.silent > 0 || report.has_wrong_ones();
    parts.extend(report.worst.clone().filter(|_| is_worth_it));
    match report.passed_over {
        0 => {}
        1 => parts.push("1 wildcard was passed over: it says no name to look at".to_owned()),
        more => parts.push(format!(
            "{} wildcards were passed over: they say no name to look at",
            grouped(more)
        )),
    }
    parts.join(". ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_is_told_in_its_own_words_and_many_are_counted() {
        let one = ProbeReport {
            entries: 1,
            places: 1,
            worst: Some("Probed: a.example:443: serves this certificate".to_owned()),
            counts: [1, 0, 0, 0, 0],
            ..ProbeReport::default()
        };
        assert_eq!(
            words(&one),
            "Probed: a.example:443: serves this certificate"
        );
        let many = ProbeReport {
            entries: 1_200,
            places: 1_300,
            silent: 3,
            worst: Some("Probed: b.example:443: still serves the old one".to_owned()),
            counts: [1_196, 0, 3, 0, 1],
            passed_over: 2,
            ..ProbeReport::default()
        };
        assert_eq!(
            words(&many),
            "Probed 1,200 entries: 1,196 served, 3 no answer, 1 old one. Probed: b.example:443: \
             still serves the old one. 2 wildcards were passed over: they say no name to look at"
        );
    }
}
