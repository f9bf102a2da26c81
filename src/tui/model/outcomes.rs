//! What came of one action on several entries: a line for each of them.
//!
//! Plain data. `update` fills it as answers arrive, `view` draws it.

use std::collections::BTreeMap;

use crate::domain::entry::EntryId;
use crate::engine::command::Command;
use crate::tui::message::JobId;

/// What is asked with a question for several entries, and begins when it is answered with yes.
#[derive(Debug)]
pub struct Plan {
    /// The action's title.
    pub title: String,
    /// One command for each entry that the action applies to.
    pub commands: Vec<(OutcomeLine, Command)>,
    /// The others.
    pub left_out: Vec<OutcomeLine>,
}

/// What came of it so far.
#[derive(Debug)]
pub struct Outcomes {
    /// The action's title.
    pub title: String,
    /// One line for each marked entry: first those that were asked for, then those left out.
    pub lines: Vec<OutcomeLine>,
    /// Which line the cursor is on.
    pub cursor: usize,
    /// The lines that wait for the answer of a job.
    waiting: BTreeMap<JobId, usize>,
    /// What is sent again once the passphrase is known, each with its line.
    held_back: Vec<(usize, Command)>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeLine {
    /// The entry.
    pub entry: EntryId,
    /// Its name; raw.
    pub name: String,
    /// What came of it.
    pub came: Came,
}

/// What came of an action with one entry; words are raw, since they may be a provider's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// The answer is awaited.
    UnderWay,
    /// It needs a private key whose passphrase is asked for.
    Locked,
    /// It was done; in the provider's own words.
    Done(String),
    /// The gate did not let it through when it was sent.
    RefusedByGate(String),
    /// The provider refused it; in its own words.
    RefusedByProvider(String),
    /// Something failed.
    Failed(String),
    /// It did not apply.
    LeftOut(String),
}

impl Came {
    /// The outcome in a few words.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::UnderWay => "under way",
            Self::Locked => "waiting for the passphrase",
            Self::Done(_) => "done",
            Self::RefusedByGate(_) => "not possible any more",
            Self::RefusedByProvider(_) => "refused by the provider",
            Self::Failed(_) => "failed",
            Self::LeftOut(_) => "left out",
        }
    }

    /// In which order outcomes are counted.
    fn rank(&self) -> u8 {
        match self {
            Self::UnderWay | Self::Locked => 0,
            Self::Done(_) => 1,
            Self::RefusedByProvider(_) => 2,
            Self::RefusedByGate(_) => 3,
            Self::Failed(_) => 4,
            Self::LeftOut(_) => 5,
        }
    }

    /// What was said.
    #[must_use]
    pub fn says(&self) -> &str {
        match self {
            Self::UnderWay | Self::Locked => "",
            Self::Done(says)
            | Self::RefusedByGate(says)
            | Self::RefusedByProvider(says)
            | Self::Failed(says)
            | Self::LeftOut(says) => says,
        }
    }
}

impl Outcomes {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(title: String, lines: Vec<OutcomeLine>) -> Self {
        Self {
            title,
            lines,
            cursor: 0,
            waiting: BTreeMap::new(),
            held_back: Vec::new(),
        }
    }

    /// What the job was to do waits for the passphrase.
    pub fn hold_back(&mut self, job: JobId, command: Command) {
        let Some(at) = self.waiting.remove(&job) else {
            return;
        };
        if let Some(line) = self.lines.get_mut(at) {
            line.came = Came::Locked;
        }
        self.held_back.push((at, command));
    }

    /// Whether anything waits for the passphrase.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        !self.held_back.is_empty()
    }

    /// What is sent now that the passphrase is known, each with its line.
    pub fn take_held_back(&mut self) -> Vec<(usize, Command)> {
        let held_back = std::mem::take(&mut self.held_back);
        for (at, _) in &held_back {
            if let Some(line) = self.lines.get_mut(*at) {
                line.came = Came::UnderWay;
            }
        }
        held_back
    }

    /// The line waits for the answer of this job.
    pub fn wait_for(&mut self, job: JobId, line: usize) {
        self.waiting.insert(job, line);
    }

    /// What came of the job goes to its line; gives it back if it is none of these.
    ///
    /// # Errors
    /// With what was given, where no line waits for the job.
    pub fn arrived(&mut self, job: JobId, came: Came) -> Result<(), Came> {
        let line = self.waiting.remove(&job);
        match line.and_then(|line| self.lines.get_mut(line)) {
            Some(line) => {
                line.came = came;
                Ok(())
            }
            None => Err(came),
        }
    }

    /// Whether a line waits for this job.
    #[must_use]
    pub fn awaits(&self, job: JobId) -> bool {
        self.waiting.contains_key(&job)
    }

    /// Whether every answer is there.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.held_back.is_empty()
    }

    /// Whether everything that was asked for was done.
    #[must_use]
    pub fn all_done(&self) -> bool {
        let fine = |line: &OutcomeLine| matches!(line.came, Came::Done(_) | Came::LeftOut(_));
        self.lines.iter().all(fine)
    }

    /// `3 done, 1 refused by the provider, 1 left out`.
    #[must_use]
    pub fn counts(&self) -> String {
        let mut counts: BTreeMap<(u8, &str), usize> = BTreeMap::new();
        for line in &self.lines {
            *counts
                .entry((line.came.rank(), line.came.word()))
                .or_insert(0) += 1;
        }
        let words = counts
            .iter()
            .map(|((_, word), count)| format!("{count} {word}"));
        words.collect::<Vec<_>>().join(", ")
    }

    /// Moves the cursor by so many lines, not beyond the ends.
    pub fn step(&mut self, by: isize) {
        let last = self.lines.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_go_to_their_lines_and_are_counted() {
        let line = |id: &str, came: Came| OutcomeLine {
            entry: EntryId::new(id),
            name: format!("{id}.example"),
            came,
        };
        let left = Came::LeftOut("possible while Issued".to_owned());
        let mut outcomes = Outcomes::new(
            "Withdraw".to_owned(),
            vec![
                line("a", Came::UnderWay),
                line("b", Came::UnderWay),
                line("c", left),
            ],
        );
        outcomes.wait_for(JobId(7), 0);
        outcomes.wait_for(JobId(8), 1);
        assert_eq!(outcomes.counts(), "2 under way, 1 left out");
        let done = || Came::Done("Submitted.".to_owned());
        assert_eq!(outcomes.arrived(JobId(9), done()), Err(done()));
        assert_eq!(outcomes.arrived(JobId(8), done()), Ok(()));
        assert!(outcomes.awaits(JobId(7)) && !outcomes.is_over());
        let refused = Came::RefusedByProvider("Too late.".to_owned());
        assert_eq!(outcomes.arrived(JobId(7), refused), Ok(()));
        assert!(outcomes.is_over() && !outcomes.all_done());
        assert_eq!(
            outcomes.counts(),
            "1 done, 1 refused by the provider, 1 left out"
        );
        assert_eq!(outcomes.lines[0].came.says(), "Too late.");
    }
}
