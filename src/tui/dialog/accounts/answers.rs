//! What the dialog of the accounts makes of answers: each is shown where it was asked for, and told
//! in a line where that page was left meanwhile.
//!
//! Called by the dialog.

use super::words::{self, Finding, synced_words};
use super::{Accounts, Page, Reporting, add};
use crate::engine::command::{Command, Discoveries, Done, FieldError, SyncReport};
use crate::tui::overlay::Outcome;

impl Accounts {
    /// Whether it shows this answer.
    #[must_use]
    pub fn wants(&self, done: &Done) -> bool {
        matches!(
            done,
            Done::AccountAdded(_)
                | Done::AccountRemoved(_)
                | Done::AccountChecked(_)
                | Done::Synced(_)
                | Done::Discovered(_)
        )
    }

    pub(super) fn answer(&mut self, done: &Done) -> Outcome {
        match done {
            Done::AccountAdded(added) => return self.added(&added.name),
            Done::AccountRemoved(removed) => {
                if matches!(self.page, Page::Removing) {
                    self.page = Page::List;
                }
                let says = format!("The account {} is removed.", removed.name);
                self.said = Some(Ok(says));
            }
            Done::AccountChecked(check) => {
                let says = words::checked_words(check);
                let findings = words::checked(check);
                self.reported(Reporting::Check, Some(&check.name), findings, says);
            }
            Done::Synced(reports) => self.looked(reports),
            Done::Discovered(discovered) => {
                if let Page::Found(found) = &mut self.page {
                    found.arrived(discovered.clone());
                }
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn looked(&mut self, reports: &[SyncReport]) {
        let only = match reports {
            [only] => Some(only.account.as_str()),
            _ => None,
        };
        let (_, says) = synced_words(reports);
        self.reported(Reporting::Look, only, words::looked(reports), says);
    }

    /// A check or a look is done: its page shows it; where that was left, a line does.
    fn reported(
        &mut self,
        kind: Reporting,
        account: Option<&str>,
        findings: Vec<Finding>,
        says: String,
    ) {
        match &mut self.page {
            Page::Report(report)
                if report.kind == kind
                    && (report.account.is_none() || report.account.as_deref() == account) =>
            {
                report.findings = Some(findings);
            }
            _ => self.said = Some(Ok(says)),
        }
    }

    /// An account is there: the next one is added, or the first look at it begins.
    fn added(&mut self, name: &str) -> Outcome {
        self.selected = Some(name.to_owned());
        if let Page::Found(found) = &mut self.page {
            let next = found.settled(Ok(name.to_owned()));
            return match next {
                Some(draft) => add(draft),
                None => self.found_added(),
            };
        }
        self.said = Some(Ok(format!("The account {name} is there.")));
        // A form that was opened after the one that asked goes on undisturbed.
        let Page::New(form) = &self.page else {
            return Outcome::Stay;
        };
        if !form.is_sent() {
            return Outcome::Stay;
        }
        if form.watches() {
            return self.look_at(Some(name.to_owned()));
        }
        self.page = Page::List;
        Outcome::Stay
    }

    /// Everything that was marked is settled: what is watched now is looked at for the first time.
    fn found_added(&mut self) -> Outcome {
        let Page::Found(found) = &mut self.page else {
            return Outcome::Stay;
        };
        let added = std::mem::take(&mut found.added);
        let stays = found.has_refusals();
        let account = match added.as_slice() {
            [] => return Outcome::Stay,
            [only] => Some(only.clone()),
            _ => None,
        };
        if stays {
            return Outcome::RunHere(Command::Sync { account });
        }
        self.look_at(account)
    }

    pub(super) fn failed(&mut self, fields: &[FieldError], says: &str) -> Outcome {
        match &mut self.page {
            Page::New(form) if form.is_sent() => form.refuse(fields, says),
            Page::Report(report) if report.findings.is_none() => {
                report.findings = Some(vec![(String::new(), Err(says.to_owned()))]);
            }
            Page::Found(found) if found.is_adding() => {
                let next = found.settled(Err(says.to_owned()));
                return match next {
                    Some(draft) => add(draft),
                    None => self.found_added(),
                };
            }
            Page::Found(found) if found.is_waiting() => {
                found.arrived(Discoveries::default());
                self.said = Some(Err(says.to_owned()));
            }
            Page::Removing => {
                self.page = Page::List;
                self.said = Some(Err(says.to_owned()));
            }
            _ => self.said = Some(Err(says.to_owned())),
        }
        Outcome::Stay
    }
}
