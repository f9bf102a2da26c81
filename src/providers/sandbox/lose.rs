//! Answers that the sandbox was told to lose, so that people see what comes of that.
//!
//! Whether a request arrives and whether its answer does hangs on the seed, the entry, the action
//! and the moment at which it was written down, and on nothing else. So the sandbox knows after a
//! crash, too, what it carried out without anybody's having heard of it. Called by the sandbox alone.

use jiff::Timestamp;

use super::Sandbox;
use super::chance::{fraction, token};
use crate::domain::entry::{Entry, EntryId, StateRef};
use crate::providers::{Answer, Holding, Listing, ProviderError, Request, Sought};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is answered.
    Answered,
    /// It is carried out, and the answer is lost.
    Unheard,
    /// It never arrives.
    Lost,
}

/// Whether doing an action twice is the same as doing it once, and costs nothing.
pub(super) fn is_harmless(action: &str) -> bool {
    matches!(
        action,
        "recheck" | "check-zone" | "download" | "auto-renew-on" | "auto-renew-off"
    )
}

impl Sandbox {
    fn fate(&self, entry: &EntryId, action: &str, sent: Timestamp) -> Fate {
        let sent = sent.to_string();
        let draw = |what: &str| fraction(self.seed, &[what, entry.as_str(), action, &sent]);
        if draw("answer") * 1_000.0 >= f64::from(self.loses) {
            Fate::Answered
        } else if draw("arrival") < 0.5 {
            Fate::Unheard
        } else {
            Fate::Lost
        }
    }

    /// The answer, unless it gets lost. What was not written down as a request of its own is part
    /// of another one, and goes with it.
    pub(super) fn answered(
        &self,
        request: &Request,
        answer: Answer,
    ) -> Result<Answer, ProviderError> {
        let Some(sent) = &request.entry.request else {
            return Ok(answer);
        };
        match self.fate(&request.entry.id, &sent.action, sent.since) {
            Fate::Answered => Ok(answer),
            Fate::Unheard | Fate::Lost => Err(ProviderError::OutcomeUnknown {
                why: "the sandbox lost its answer, as lose-answers of its account wants it"
                    .to_owned(),
            }),
        }
    }

    /// What it carried out of a request without anybody's having heard of it. One that loses
    /// nothing says for certain that what was never answered never happened.
    pub(super) fn holds(&self, sought: &Sought) -> Listing {
        let entry = &sought.entry;
        let unheard =
            |sent: &&Timestamp| self.fate(&entry.id, &sought.action, **sent) == Fate::Unheard;
        let holdings = sought.sent.iter().filter(unheard);
        Listing {
            holdings: holdings.map(|sent| self.holding(sought, *sent)).collect(),
            complete: self.loses == 0,
        }
    }

    fn holding(&self, sought: &Sought, sent: Timestamp) -> Holding {
        let purpose = ["holding", sought.entry.id.as_str(), &sent.to_string()];
        let number = token(self.seed, &purpose);
        Holding {
            id: format!("SBX-{}", number.get(..8).unwrap_or(&number)),
            names: sought.names.clone(),
            product: sought.product.clone(),
            made: sent,
            state: stands(&sought.entry, &sought.leads_to),
        }
    }
}

fn stands(entry: &Entry, leads_to: &[String]) -> StateRef {
    match (leads_to.first(), entry.main()) {
        (Some(state), _) => StateRef::known(state),
        (None, Some(track)) => track.state.clone(),
        (None, None) => StateRef::unknown("unknown"),
    }
}
