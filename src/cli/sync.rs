//! `certdeck sync`: one look at what watched accounts watch.

use std::fmt::Write as _;

use super::args::SyncArguments;
use super::error::CliError;
use super::exit::Exit;
use super::output::{self, say};
use super::progress;
use super::session::{Session, unexpected};
use super::shapes::{PlaceTroubleShape, SyncShape, SyncedShape};
use crate::domain::text::sanitise;
use crate::engine::command::{Command, Done, SyncReport};

/// Looks once and says what was seen; what cannot be read goes to standard error.
pub(super) async fn run(session: &Session, arguments: &SyncArguments) -> Result<(), CliError> {
    let account = arguments.account.clone();
    let command = Command::Sync { account };
    let reports = match progress::shown(session, session.run(command)).await? {
        Done::Synced(reports) => reports,
        other => return Err(unexpected(&other)),
    };
    if arguments.json {
        output::print_json(&shape(&reports))?;
    } else {
        for (place, why) in reports.iter().flat_map(|report| &report.trouble) {
            say(&format!("certdeck: {}: {}", sanitise(place), sanitise(why)));
        }
        output::print(&summary(&reports))?;
    }
    match exit(&reports) {
        Exit::Done => Ok(()),
        exit => Err(CliError::Told(exit)),
    }
}

/// Where something could not be read: "some of several" if anything else could, else a failure.
fn exit(reports: &[SyncReport]) -> Exit {
    if reports.iter().all(|report| report.trouble.is_empty()) {
        return Exit::Done;
    }
    let some = |report: &SyncReport| report.looked > report.trouble.len();
    if reports.iter().any(some) {
        Exit::Partly
    } else {
        Exit::Failed
    }
}

fn summary(reports: &[SyncReport]) -> String {
    if reports.is_empty() {
        return "no account watches anything; `certdeck account add --kind files` adds one that \
                does\n"
            .to_owned();
    }
    let mut text = String::new();
    for report in reports {
        let _ = writeln!(
            text,
            "{}: {} looked at, {} new ({} renewals), {} moved, {} lost, {} found again, {} \
             unreadable",
            sanitise(&report.account),
            report.looked,
            report.new,
            report.renewed,
            report.moved,
            report.lost,
            report.found_again,
            report.trouble.len()
        );
    }
    text
}

fn shape(reports: &[SyncReport]) -> SyncShape<'_> {
    let account = |report| SyncedShape::of(report);
    SyncShape {
        accounts: reports.iter().map(account).collect(),
    }
}

impl<'a> SyncedShape<'a> {
    fn of(report: &'a SyncReport) -> Self {
        let trouble = report.trouble.iter();
        let trouble = trouble.map(|(place, why)| PlaceTroubleShape { place, why });
        Self {
            account: &report.account,
            looked: report.looked,
            new: report.new,
            renewed: report.renewed,
            moved: report.moved,
            lost: report.lost,
            found_again: report.found_again,
            trouble: trouble.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(looked: usize, unreadable: usize) -> SyncReport {
        let bad = |number| (format!("/{number}.pem"), "it is cut off".to_owned());
        SyncReport {
            account: "certs".to_owned(),
            looked,
            trouble: (0..unreadable).map(bad).collect(),
            ..SyncReport::default()
        }
    }

    #[test]
    fn the_exit_says_whether_all_some_or_nothing_could_be_read() {
        assert_eq!(exit(&[]), Exit::Done);
        assert_eq!(exit(&[report(0, 0)]), Exit::Done);
        assert_eq!(exit(&[report(3, 0)]), Exit::Done);
        assert_eq!(exit(&[report(3, 1)]), Exit::Partly);
        assert_eq!(exit(&[report(1, 1)]), Exit::Failed);
        assert_eq!(exit(&[report(1, 1), report(2, 0)]), Exit::Partly);
    }

    #[test]
    fn the_summary_counts_everything() {
        assert_eq!(
            summary(&[report(3, 1)]),
            "certs: 3 looked at, 0 new (0 renewals), 0 moved, 0 lost, 0 found again, 1 unreadable\n"
        );
    }
}
