//! What is under way: commands that were handed to the engine and are not answered yet.

use std::collections::BTreeMap;

use crate::domain::entry::EntryId;
use crate::tui::message::JobId;

/// One command that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it is, for people: `Renew www.example.net`.
    pub label: String,
    /// The entry that it is about.
    pub entry: Option<EntryId>,
    /// Whether it costs something or cannot be undone, so that its answer is waited for.
    pub holds_the_exit: bool,
    /// What its answer is for.
    pub purpose: Purpose,
    /// Whether the form that asked for it waits for the answer.
    pub form_waits: bool,
}

/// What the answer of a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be told.
    Tell,
    /// To show the private key.
    ShowKey,
    /// To copy the private key.
    CopyKey,
    /// To go to the entry that was ordered.
    GoToOrder,
    /// To go to the order by hand that was written down.
    GoToHandOrder {
        /// Whether certdeck made the CSR, which has to get into the provider's panel.
        csr_here: bool,
    },
    /// To close the form of the record.
    Recorded,
    /// To go to the successor that was made.
    GoToSuccessor,
    /// To tell how the deploy command ended.
    Deployed,
    /// To go on with what needed a passphrase.
    Unlock,
    /// To close the dialog of the export.
    Exported,
    /// To be told as what was seen of servers.
    Probing,
    /// Another job tells what came of it.
    Nothing,
    /// To be shown among the accounts, where they are still open.
    OfAccounts,
}

/// All jobs that are under way.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    last: u64,
    under_way: BTreeMap<JobId, Job>,
}

impl Jobs {
    /// Starts a job and gives it a number.
    pub fn start(&mut self, job: Job) -> JobId {
        self.last += 1;
        let id = JobId(self.last);
        self.under_way.insert(id, job);
        id
    }

    /// Ends a job; nothing if it was not under way.
    pub fn end(&mut self, id: JobId) -> Option<Job> {
        self.under_way.remove(&id)
    }

    /// The jobs, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Job> {
        self.under_way.values()
    }

    /// Whether the deploy command runs for this entry.
    #[must_use]
    pub fn deploys(&self, entry: &EntryId) -> bool {
        self.iter()
            .any(|job| job.purpose == Purpose::Deployed && job.entry.as_ref() == Some(entry))
    }

    /// The first job whose answer must be waited for before the panel closes.
    #[must_use]
    pub fn holding_the_exit(&self) -> Option<&Job> {
        self.iter().find(|job| job.holds_the_exit)
    }

    /// Whether a job about this entry with this label is under way already.
    #[must_use]
    pub fn has(&self, entry: Option<&EntryId>, label: &str) -> bool {
        self.iter()
            .any(|job| job.entry.as_ref() == entry && job.label == label)
    }
}
