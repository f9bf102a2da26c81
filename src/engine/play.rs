//! Playing the sandbox: which events are due, letting them happen, and letting one happen because
//! a person wants it to.
//!
//! What an event brings is worked out and kept first; then one transaction writes down what
//! happened, to entries that are still as they were. `pulse`, the clocks and the commands call it.

use std::sync::Arc;

use jiff::Timestamp;

use super::command::{Done, Notice, Tone};
use super::error::EngineError;
use super::settle::happen;
use super::{Inner, hold};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::gate::Verdict;
use crate::domain::lifecycle::{Condition, EventRow, Lifecycle, Phase, possible_events};
use crate::providers::Answer;
use crate::providers::sandbox::{Due, Sandbox};
use crate::store::Transaction;

/// How often everything that is due is looked for at one go. A table of somebody's own may let
/// things happen in a circle for ever; the rest then waits for the next look.
const MOST_ROUNDS: usize = 2_000;

/// An event that is about to happen to an entry.
struct Play {
    entry: Arc<Entry>,
    lifecycle: Arc<Lifecycle>,
    event: EventRow,
    at: Timestamp,
}

impl Inner {
    /// Lets happen everything that is due in an account until `until`, each at its own moment.
    pub(super) fn play_until(&self, account: &str, until: Timestamp) -> Result<(), EngineError> {
        // What happens before the zone becomes active happens without it.
        if let Some(due) = self.zone_due(account).filter(|due| *due <= until) {
            self.play_entries_until(account, due)?;
            self.play_zone(account, due)?;
        }
        self.play_entries_until(account, until)
    }

    fn play_entries_until(&self, account: &str, until: Timestamp) -> Result<(), EngineError> {
        for _ in 0..MOST_ROUNDS {
            let due = self.due(account, until)?;
            if due.is_empty() || self.play_all(account, due)? == 0 {
                break;
            }
        }
        Ok(())
    }

    fn due(&self, account: &str, until: Timestamp) -> Result<Vec<Play>, EngineError> {
        let Some(sandbox) = self.sandbox_if_used(account)? else {
            return Ok(Vec::new());
        };
        let inventory = self.picture();
        let system = self.now();
        let entries = self.due_entries(account, &sandbox, &inventory, until);
        let plays = entries.into_iter().filter_map(|entry| {
            let lifecycle = Arc::clone(inventory.lifecycle_of(&entry)?);
            let around = inventory.circumstances(&entry, system);
            let Due { at, event } = sandbox.next(&entry, &lifecycle, around)?;
            let event = event.clone();
            (at <= until).then_some(Play {
                entry,
                lifecycle,
                event,
                at,
            })
        });
        let mut plays: Vec<Play> = plays.collect();
        // Those of one moment in the order of their ids.
        plays.sort_by(|one, other| (one.at, &one.entry.id).cmp(&(other.at, &other.entry.id)));
        Ok(plays)
    }

    /// When the next event happens. One that cannot happen is not waited for: it stays due for
    /// ever, and waiting for it would be no wait at all.
    pub(super) fn next_due(&self, account: &str) -> Result<Option<Timestamp>, EngineError> {
        let Some(sandbox) = self.sandbox_if_used(account)? else {
            return Ok(None);
        };
        let next = self.next_moment(account, &sandbox).into_iter();
        Ok(next.chain(self.zone_due(account)).min())
    }

    /// The sandbox of an account; nothing if it was never used, since a mere look makes no CA.
    fn sandbox_if_used(&self, account: &str) -> Result<Option<Arc<Sandbox>>, EngineError> {
        let loaded = self.store.snapshot();
        let record = loaded.accounts.get(account);
        if record.is_none_or(|record| record.ca.is_none()) {
            return Ok(None);
        }
        self.sandbox(account).map(Some)
    }

    /// Plays a batch in one transaction; says how many of it happened.
    fn play_all(&self, account: &str, plays: Vec<Play>) -> Result<usize, EngineError> {
        let mut ready = Vec::new();
        for play in plays {
            match self.rehearse(&play) {
                Ok(answer) => ready.push((play, answer)),
                Err(error) => self.give_up(&play, &error),
            }
        }
        let (mut told, mut deploys) = (Vec::new(), Vec::new());
        let count = self.store.transact(|transaction| {
            transaction.who("sandbox");
            let mut count = 0;
            for (play, answer) in ready {
                if !self.still_fits(transaction, &play) {
                    continue;
                }
                told.extend(notice(&play, &answer));
                let due = self.due_to_deploy(account, &answer.happened);
                deploys.extend(due.is_some().then(|| play.entry.id.clone()));
                happen(
                    transaction,
                    play.entry.as_ref().clone(),
                    answer.happened.into_iter().chain(due),
                    play.at,
                );
                count += 1;
            }
            if count > 0 {
                self.write_clock(transaction, account);
            }
            Ok::<_, EngineError>(count)
        })?;
        if count > 0 {
            self.publish();
        }
        for notice in told {
            self.tell(notice);
        }
        for entry in deploys {
            self.queue_deploy(&entry);
        }
        Ok(count)
    }

    /// Another process, or a person, may have moved the entry meanwhile; its zone or what came
    /// after it too, also in this very batch.
    fn still_fits(&self, transaction: &Transaction, play: &Play) -> bool {
        if transaction.entry(&play.entry.id).as_ref() != Some(&play.entry) {
            return false;
        }
        // Only these conditions speak of something beside the entry.
        let looks_around = play.event.when.is_some_and(Condition::looks_around);
        !looks_around || {
            let inventory = self.around(transaction, &play.entry);
            let around = inventory.circumstances(&play.entry, self.now());
            play.event.condition_holds(around)
        }
    }

    /// Works out what an event brings, and keeps its keys and certificates.
    fn rehearse(&self, play: &Play) -> Result<Answer, EngineError> {
        let sandbox = self.sandbox(&play.entry.account)?;
        let answer = sandbox
            .play(&play.entry, &play.lifecycle, &play.event, play.at)
            .map_err(|error| EngineError::Failed(error.to_string()))?;
        self.keep(&answer)?;
        Ok(answer)
    }

    /// An event that cannot happen is said once and not tried again until the next start.
    fn give_up(&self, play: &Play, error: &EngineError) {
        let key = (play.entry.id.clone(), play.event.id.clone());
        let is_new = hold(&self.stuck).insert(key);
        self.forget_moment(&play.entry);
        if is_new {
            let says = format!(
                "{}: {:?} cannot happen: {error}",
                play.entry.name(),
                play.event.label
            );
            self.tell(Notice {
                entry: Some(play.entry.id.clone()),
                tone: Tone::Bad,
                says,
            });
        }
    }

    /// Lets an event happen now because a person wants it to.
    pub(super) fn play(&self, id: &EntryId, event: &str) -> Result<Done, EngineError> {
        self.store.catch_up()?;
        let play = self.playable(id, event)?;
        let label = play.event.label.clone();
        let account = play.entry.account.clone();
        let name = play.entry.name().to_owned();
        let answer = self.rehearse(&play)?;
        let told = notice(&play, &answer);
        let due = self.due_to_deploy(&account, &answer.happened);
        let deploys = due.is_some();
        self.store.transact(|transaction| {
            transaction.who(&self.who);
            if !self.still_fits(transaction, &play) {
                let says = format!("{name} has moved meanwhile; look again");
                return Err(EngineError::Usage(says));
            }
            happen(
                transaction,
                play.entry.as_ref().clone(),
                answer.happened.into_iter().chain(due),
                play.at,
            );
            self.write_clock(transaction, &account);
            Ok(())
        })?;
        self.publish();
        self.woken.notify_one();
        if let Some(notice) = told {
            self.tell(notice);
        }
        if deploys {
            self.queue_deploy(id);
        }
        Ok(Done::Played {
            entry: id.clone(),
            label,
        })
    }

    /// The event, if it can happen to the entry now.
    fn playable(&self, id: &EntryId, event: &str) -> Result<Play, EngineError> {
        let inventory = self.picture();
        let entry = inventory.resolve(id.as_str())?;
        if let Verdict::Refused(reason) = inventory.verdict("play-event", &entry, self.now()) {
            let (action, name) = ("Playing an event".to_owned(), entry.name().to_owned());
            return Err(EngineError::Refused {
                action,
                name,
                reason,
            });
        }
        let lifecycle = inventory.lifecycle_of(&entry);
        let at = inventory.time_of(&entry.account, self.now());
        let possible: Vec<EventRow> = lifecycle
            .map(|lifecycle| {
                let around = inventory.circumstances(&entry, self.now());
                possible_events(&entry, lifecycle, at, around)
                    .cloned()
                    .collect()
            })
            .unwrap_or_default();
        let found = possible.iter().find(|row| row.id == event).cloned();
        match (found, lifecycle) {
            (Some(event), Some(lifecycle)) => {
                let lifecycle = Arc::clone(lifecycle);
                Ok(Play {
                    entry,
                    lifecycle,
                    event,
                    at,
                })
            }
            _ => Err(EngineError::Usage(format!(
                "{event:?} cannot happen to {} now; what can: {}",
                entry.name(),
                names_of(&possible)
            ))),
        }
    }
}

fn names_of(events: &[EventRow]) -> String {
    if events.is_empty() {
        return "nothing".to_owned();
    }
    events
        .iter()
        .map(|row| row.id.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// What people are told of an event, if they are.
fn notice(play: &Play, answer: &Answer) -> Option<Notice> {
    if !play.event.notify {
        return None;
    }
    let phase = play
        .lifecycle
        .state(&play.event.to)
        .map(|state| state.phase);
    let tone = match phase {
        Some(Phase::Live) => Tone::Good,
        Some(Phase::ActionNeeded) => Tone::Warning,
        Some(Phase::Ended | Phase::Failed) => Tone::Bad,
        _ => Tone::Plain,
    };
    let said = answer.says.as_deref().unwrap_or(&play.event.label);
    let says = format!("{}: {said}", play.entry.name());
    Some(Notice {
        entry: Some(play.entry.id.clone()),
        tone,
        says,
    })
}
