//! The sandbox: the embedded provider, which plays any lifecycle table.
//!
//! It is deterministic: what happens when hangs on its seed, the entry and its state alone, so
//! that a run can be repeated. It keeps nothing itself: the store's entries are its whole truth,
//! and its clock is the account's. Its certificates are real X.509 by a CA of its own that nobody
//! trusts. Only the engine calls it.

mod bring;
mod chance;
mod products;
mod schedule;

use std::sync::Arc;

use jiff::Timestamp;

use super::{Answer, Answering, Offer, Provider, ProviderError, Request};
use crate::domain::entry::{Entry, StateRef};
use crate::domain::event::{Cause, What};
use crate::domain::lifecycle::{ActionRow, EventRow, Lifecycle, PREVIOUS};
use crate::pki::ca::SandboxCa;

pub use products::offers;
pub use schedule::{Due, Facts};

/// The action id under which an order is written down.
pub const ORDER: &str = "order";

/// A sandbox account.
pub struct Sandbox {
    seed: u64,
    ca: SandboxCa,
}

impl Sandbox {
    /// A sandbox with this seed and this CA.
    #[must_use]
    pub fn new(seed: u64, ca: SandboxCa) -> Self {
        Self { seed, ca }
    }

    /// What happens next to an entry by itself, and when; nothing if somebody has to act.
    #[must_use]
    pub fn next<'a>(
        &self,
        entry: &Entry,
        lifecycle: &'a Lifecycle,
        facts: Facts,
    ) -> Option<Due<'a>> {
        schedule::next(self.seed, entry, lifecycle, facts)
    }

    /// Lets an event happen at `at`.
    ///
    /// # Errors
    /// When what the event brings cannot be made, in a sentence.
    pub fn play(
        &self,
        entry: &Entry,
        event: &EventRow,
        at: Timestamp,
    ) -> Result<Answer, ProviderError> {
        let mut answer = Answer {
            says: event.says.clone(),
            ..Answer::default()
        };
        let by = Cause::Event {
            event: event.id.clone(),
        };
        answer
            .happened
            .extend(move_to(entry, &event.track, &event.to, by));
        for bring in &event.brings {
            self.bring(*bring, entry, event.says.as_deref(), at, &mut answer)?;
        }
        Ok(answer)
    }

    fn accept_order(&self, request: &Request) -> Result<Answer, ProviderError> {
        let (entry, lifecycle) = (&request.entry, &request.lifecycle);
        let mut answer = Answer::default();
        let says = format!("The order for {} was accepted.", entry.name());
        answer.says = Some(says.clone());
        answer.happened.push(What::Accepted {
            action: ORDER.to_owned(),
            says: Some(says),
        });
        bring::make_csr(entry, &mut answer)?;
        let stands = entry.main().map(|track| track.state.as_str());
        let begun = lifecycle
            .entry_points
            .iter()
            .find(|point| Some(point.state.as_str()) == stands);
        for bring in begun
            .map(|point| point.brings.as_slice())
            .unwrap_or_default()
        {
            self.bring(*bring, entry, None, request.now, &mut answer)?;
        }
        Ok(answer)
    }
}

impl Provider for Sandbox {
    fn offers(&self) -> Vec<Offer> {
        offers()
    }

    /// Everything is: the sandbox's truth is the store, so an unanswered request never happened.
    fn is_repeatable(&self, _action: &str) -> bool {
        true
    }

    fn order(self: Arc<Self>, request: Request) -> Answering {
        Box::pin(aside(move || self.accept_order(&request)))
    }

    fn act(self: Arc<Self>, request: Request, row: ActionRow) -> Answering {
        Box::pin(aside(move || Ok(accept_action(&request.entry, &row))))
    }
}

/// Keys take their time to generate, so the work is done where it holds up nobody.
async fn aside(
    work: impl FnOnce() -> Result<Answer, ProviderError> + Send + 'static,
) -> Result<Answer, ProviderError> {
    let stopped = |_| ProviderError::OutcomeUnknown {
        why: "the sandbox stopped".to_owned(),
    };
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

fn accept_action(entry: &Entry, row: &ActionRow) -> Answer {
    let done = row.done.clone();
    let says = Some(done.unwrap_or_else(|| "The request was accepted.".to_owned()));
    let mut happened = vec![What::Accepted {
        action: row.id.clone(),
        says: says.clone(),
    }];
    if let Some(to) = &row.to {
        let by = Cause::Action {
            action: row.id.clone(),
        };
        happened.extend(move_to(entry, &row.track, to, by));
    }
    Answer {
        says,
        happened,
        ..Answer::default()
    }
}

/// The move of a track to a state of the table, or back to where it was.
fn move_to(entry: &Entry, track: &str, to: &str, by: Cause) -> Option<What> {
    let stands = entry.tracks.get(track)?;
    let to = match to {
        PREVIOUS => stands.previous.clone()?,
        state => StateRef::known(state),
    };
    Some(What::Moved {
        track: track.to_owned(),
        from: stands.state.clone(),
        to,
        by,
    })
}
