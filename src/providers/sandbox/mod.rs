//! The sandbox: the embedded provider, which plays any lifecycle table.
//!
//! It is deterministic: what happens when hangs on its seed, the entry and its state alone, so
//! that a run can be repeated. It keeps nothing itself: the store's entries are its whole truth
//! (and those of its answers that it was told to lose, which hang on its seed alone), and its clock
//! is the account's. Its certificates are real X.509 by a CA of its own that nobody
//! trusts. Only the engine calls it.

mod authorizations;
mod bring;
mod chance;
mod lose;
mod products;
mod proof;
mod schedule;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Answer, Answering, Holding, Listed, Provider, ProviderError, Request, Sought};
use crate::domain::entry::{Entry, StateRef};
use crate::domain::event::{self, Cause, Event, What};
use crate::domain::lifecycle::{
    ActionRow, Bring, Circumstances, EntryPoint, EventRow, GONE, Lifecycle, PREVIOUS,
    effective_track,
};
use crate::pki::ca::SandboxCa;

use bring::Scene;

pub use products::offers;
pub use schedule::Due;

pub use crate::domain::entry::ORDER;

/// A sandbox account.
pub struct Sandbox {
    seed: u64,
    ca: SandboxCa,
    /// How many of a thousand answers get lost.
    loses: u32,
}

impl Sandbox {
    /// A sandbox with this seed and this CA.
    #[must_use]
    pub fn new(seed: u64, ca: SandboxCa) -> Self {
        Self { seed, ca, loses: 0 }
    }

    /// The same, and so many of a thousand requests get no answer: half of these never arrive, the
    /// other half are carried out, and the answer is lost. For seeing what certdeck does then.
    #[must_use]
    pub fn losing(self, per_mille: u32) -> Self {
        let loses = per_mille.min(1_000);
        Self { loses, ..self }
    }

    /// What happens next to an entry by itself, and when; nothing if somebody has to act.
    #[must_use]
    pub fn next<'a>(
        &self,
        entry: &Entry,
        lifecycle: &'a Lifecycle,
        around: Circumstances,
    ) -> Option<Due<'a>> {
        schedule::next(self.seed, entry, lifecycle, around)
    }

    /// Lets an event happen at `at`.
    ///
    /// # Errors
    /// When what the event brings cannot be made, in a sentence.
    pub fn play(
        &self,
        entry: &Entry,
        lifecycle: &Lifecycle,
        event: &EventRow,
        at: Timestamp,
    ) -> Result<Answer, ProviderError> {
        let mut answer = Answer {
            says: event.says.clone().or_else(|| event.result.clone()),
            ..Answer::default()
        };
        let by = Cause::Event {
            event: event.id.clone(),
        };
        let answered = event.answers.clone();
        answer
            .happened
            .extend(answered.map(|action| What::Answered { action }));
        let moves = Moves {
            entry,
            lifecycle,
            from: &event.from,
            by: &by,
            at,
        };
        let moves = moves.of(&event.track, &event.to, &event.also);
        answer.happened.extend(moves);
        let scene = Scene {
            entry,
            lifecycle,
            event: Some(event),
            at,
        };
        self.bring_all(&event.brings, &scene, &mut answer)?;
        let result = event.result.clone();
        answer
            .happened
            .extend(result.map(|says| What::Told { says }));
        Ok(answer)
    }

    /// What comes with a row, one after the other: each sees what came before it.
    fn bring_all(
        &self,
        brings: &[Bring],
        scene: &Scene<'_>,
        answer: &mut Answer,
    ) -> Result<(), ProviderError> {
        let mut entry = scene.entry.clone();
        for bring in brings {
            let before = answer.happened.len();
            let seen = Scene {
                entry: &entry,
                ..*scene
            };
            self.bring(*bring, &seen, answer)?;
            learn(&mut entry, &answer.happened[before..], scene.at);
        }
        Ok(())
    }

    fn accept_order(&self, request: &Request) -> Result<Answer, ProviderError> {
        let (entry, lifecycle) = (&request.entry, &request.lifecycle);
        let mut answer = Answer::default();
        let says = format!("The order for {} was accepted.", entry.name());
        answer.says = Some(says.clone());
        answer.happened.push(What::Accepted {
            action: ORDER.to_owned(),
            says: Some(says),
            open: false,
        });
        bring::make_csr(entry, &mut answer)?;
        let begun = |point: &&EntryPoint| {
            let track = entry.tracks.get(&point.track);
            track.is_some_and(|track| track.state.as_str() == point.state)
        };
        let points = lifecycle.entry_points.iter().filter(begun);
        let brings: Vec<Bring> = points.flat_map(|point| point.brings.clone()).collect();
        self.bring_all(&brings, &scene_of(request), &mut answer)?;
        Ok(answer)
    }

    fn accept_action(&self, request: &Request, row: &ActionRow) -> Result<Answer, ProviderError> {
        let (entry, lifecycle) = (&request.entry, &request.lifecycle);
        let done = row.done.clone();
        let says = Some(done.unwrap_or_else(|| "The request was accepted.".to_owned()));
        let mut answer = Answer {
            says: says.clone(),
            ..Answer::default()
        };
        answer.happened.push(What::Accepted {
            action: row.id.clone(),
            says,
            open: row.opens.is_some(),
        });
        let said = request.with.changes(entry);
        // What comes with it is made for what was asked: new names, another method.
        let mut asked = entry.as_ref().clone();
        learn(&mut asked, &said, request.now);
        answer.happened.extend(said);
        let set = row.sets.map(|setting| What::Set { setting });
        answer.happened.extend(set);
        let by = Cause::Action {
            action: row.id.clone(),
        };
        let moves = Moves {
            entry,
            lifecycle,
            from: &row.from,
            by: &by,
            at: request.now,
        };
        let to = row.to.as_deref();
        let moves = to.map(|to| moves.of(&row.track, to, &row.also));
        answer.happened.extend(moves.into_iter().flatten());
        let scene = Scene {
            entry: &asked,
            ..scene_of(request)
        };
        self.bring_all(&row.brings, &scene, &mut answer)?;
        Ok(answer)
    }
}

/// Applies to an entry what happened to it.
fn learn(entry: &mut Entry, happened: &[What], at: Timestamp) {
    for what in happened {
        let news = Event {
            entry: entry.id.clone(),
            at,
            what: what.clone(),
        };
        event::apply(entry, &news);
    }
}

impl Provider for Sandbox {
    /// What looks, fetches or sets something to a value.
    fn is_repeatable(&self, action: &str) -> bool {
        lose::is_harmless(action)
    }

    /// It answers as soon as its keys are made.
    fn patience(&self) -> SignedDuration {
        SignedDuration::from_secs(20)
    }

    fn order(self: Arc<Self>, request: Request) -> Answering {
        Box::pin(aside(move || {
            let answer = self.accept_order(&request)?;
            self.answered(&request, answer)
        }))
    }

    fn act(self: Arc<Self>, request: Request, row: ActionRow) -> Answering {
        Box::pin(aside(move || {
            let answer = self.accept_action(&request, &row)?;
            self.answered(&request, answer)
        }))
    }

    fn list(self: Arc<Self>, sought: Sought) -> Listed {
        Box::pin(std::future::ready(Ok(self.holds(&sought))))
    }

    fn recall(
        self: Arc<Self>,
        request: Request,
        row: Option<ActionRow>,
        _holding: Holding,
    ) -> Answering {
        Box::pin(aside(move || match &row {
            Some(row) => self.accept_action(&request, row),
            None => self.accept_order(&request),
        }))
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

fn scene_of(request: &Request) -> Scene<'_> {
    Scene {
        entry: &request.entry,
        lifecycle: &request.lifecycle,
        event: None,
        at: request.now,
    }
}

/// What moves with a row: an entry, from where the row leads, by what, and when.
struct Moves<'a> {
    entry: &'a Entry,
    lifecycle: &'a Lifecycle,
    from: &'a [String],
    by: &'a Cause,
    at: Timestamp,
}

impl Moves<'_> {
    /// The move of a row's track, and of the other tracks that go with it.
    fn of(&self, track: &str, to: &str, also: &[String]) -> Vec<What> {
        let others = also.iter().filter_map(|id| self.lifecycle.state(id));
        let others = others.filter_map(|state| self.one(&state.track, &state.id));
        let own = match to {
            GONE => Some(What::Gone),
            to => self.one(track, to),
        };
        own.into_iter().chain(others).collect()
    }

    /// The move of a track to a state of the table, or back to where it was.
    fn one(&self, track: &str, to: &str) -> Option<What> {
        let stands = self.entry.tracks.get(track)?;
        let to = match to {
            PREVIOUS => stands.previous.clone()?,
            state => StateRef::known(state),
        };
        Some(What::Moved {
            track: track.to_owned(),
            from: self.stood(track).unwrap_or_else(|| stands.state.clone()),
            to,
            by: self.by.clone(),
        })
    }

    /// Where time has taken a track, if the row leads on from there.
    fn stood(&self, track: &str) -> Option<StateRef> {
        let stood = effective_track(self.entry, track, self.lifecycle, self.at)?;
        let leads_on = self.from.iter().any(|from| from == stood.as_str());
        leads_on.then_some(stood)
    }
}
