//! The zone of an account: how it stands, and how the sandbox lets it move.
//!
//! A sandbox's zone is active unless somebody says otherwise; one that is pending becomes active
//! by itself after some hours of its time, one that has moved stays so until somebody brings it
//! back. The commands, `play` and `pulse` call it.

use jiff::{SignedDuration, Timestamp};

use super::Inner;
use super::command::Done;
use super::error::EngineError;
use crate::domain::account::{AccountKind, AccountRecord, Zone, ZoneStatus};
use crate::domain::time;
use crate::store::Transaction;

/// How long a sandbox's zone is pending before its name servers are found right.
const PENDING_FOR: SignedDuration = SignedDuration::from_hours(6);

/// Writes down how an account's zone stands from `now` on.
pub(super) fn write(
    transaction: &mut Transaction,
    account: &str,
    status: ZoneStatus,
    now: Timestamp,
) {
    let record = transaction.account(account).cloned();
    let mut record = record.unwrap_or_else(|| AccountRecord::new(account));
    if record.zone.is_none_or(|zone| zone.status != status) {
        record.zone = Some(Zone { status, since: now });
        transaction.put_account(record);
    }
}

impl Inner {
    /// Whether the zone of an account is active, where that is known.
    pub(super) fn zone_is_active(&self, account: &str) -> Option<bool> {
        self.picture().accounts.get(account)?.zone_is_active()
    }

    /// Puts the zone of a sandbox account where a person wants it.
    pub(super) fn set_zone(&self, account: &str, status: ZoneStatus) -> Result<Done, EngineError> {
        let accounts = self.accounts();
        let Some(settings) = accounts.get(account) else {
            return Err(EngineError::Usage(format!(
                "there is no account {account:?}"
            )));
        };
        if settings.kind != AccountKind::Sandbox {
            return Err(EngineError::Usage(format!(
                "the zone of {account:?} is not the sandbox's, so nobody can move it from here"
            )));
        }
        // Its clock is there before anything is written down with its time.
        self.sandbox(account)?;
        self.store.transact(|transaction| {
            transaction.who(&self.who);
            let now = self.time_of(account);
            write(transaction, account, status, now);
            self.write_clock(transaction, account);
            Ok::<_, EngineError>(())
        })?;
        self.publish();
        self.woken.notify_one();
        Ok(Done::Zone {
            account: account.to_owned(),
            status,
        })
    }

    /// When the zone of a sandbox account becomes active by itself.
    pub(super) fn zone_due(&self, account: &str) -> Option<Timestamp> {
        becomes_active_at(self.store.snapshot().accounts.get(account)?.zone?)
    }

    /// Lets the zone become active at its moment, if that has come.
    pub(super) fn play_zone(&self, account: &str, until: Timestamp) -> Result<(), EngineError> {
        let Some(due) = self.zone_due(account).filter(|due| *due <= until) else {
            return Ok(());
        };
        self.store.transact(|transaction| {
            transaction.who("sandbox");
            // A person, or another process, may have moved it meanwhile.
            let zone = transaction.account(account).and_then(|record| record.zone);
            if zone.and_then(becomes_active_at) == Some(due) {
                write(transaction, account, ZoneStatus::Active, due);
            }
            Ok::<_, EngineError>(())
        })?;
        self.publish();
        Ok(())
    }
}

/// When a zone becomes active by itself, if it does.
fn becomes_active_at(zone: Zone) -> Option<Timestamp> {
    let waits = matches!(zone.status, ZoneStatus::Pending | ZoneStatus::Initializing);
    waits.then(|| time::later(zone.since, PENDING_FOR))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;

    use super::super::Engine;
    use super::super::stage::{START, Stage, settings};
    use super::*;
    use crate::domain::entry::{EntryId, StateRef};

    const ACCOUNT: &str = "sandbox";

    /// Another process on the same store.
    fn other(stage: &Stage) -> Engine {
        let start: Timestamp = START.parse().unwrap();
        let dir = stage.engine.0.store.dir().to_path_buf();
        Engine::open(settings(&dir, Arc::new(move || start))).unwrap()
    }

    fn status(stage: &Stage) -> ZoneStatus {
        let record = stage.engine.0.store.snapshot().accounts[ACCOUNT].clone();
        record.zone.unwrap().status
    }

    fn state(stage: &Stage, id: &EntryId) -> StateRef {
        stage.entry(id).main().unwrap().state.clone()
    }

    #[tokio::test]
    async fn a_zone_that_another_process_moved_does_not_become_active_by_itself() {
        let stage = Stage::new();
        stage.order().await;
        let inner = &stage.engine.0;
        inner.set_zone(ACCOUNT, ZoneStatus::Pending).unwrap();
        let due = inner.zone_due(ACCOUNT).unwrap();
        let other = other(&stage);
        other.0.set_zone(ACCOUNT, ZoneStatus::Moved).unwrap();
        assert_eq!(status(&stage), ZoneStatus::Pending, "not heard of yet");
        inner.play_zone(ACCOUNT, due).unwrap();
        assert_eq!(status(&stage), ZoneStatus::Moved);

        inner.set_zone(ACCOUNT, ZoneStatus::Pending).unwrap();
        let due = inner.zone_due(ACCOUNT).unwrap();
        inner.play_zone(ACCOUNT, due).unwrap();
        assert_eq!(status(&stage), ZoneStatus::Active);
    }

    #[tokio::test]
    async fn nothing_is_deployed_to_a_zone_that_another_process_moved() {
        let stage = Stage::new();
        let id = stage.order().await;
        stage.edit(&id, |entry| {
            entry.lifecycle = "cloudflare-custom".to_owned();
            let track = entry.tracks.get_mut("main").unwrap();
            track.state = StateRef::known("holding-deployment");
        });
        let inner = &stage.engine.0;
        inner.set_zone(ACCOUNT, ZoneStatus::Active).unwrap();
        let soon = time::later(inner.time_of(ACCOUNT), SignedDuration::from_mins(10));
        let other = other(&stage);
        other.0.set_zone(ACCOUNT, ZoneStatus::Moved).unwrap();
        inner.play_until(ACCOUNT, soon).unwrap();
        assert_eq!(state(&stage, &id), StateRef::known("holding-deployment"));

        inner.set_zone(ACCOUNT, ZoneStatus::Active).unwrap();
        inner.play_until(ACCOUNT, soon).unwrap();
        assert_eq!(state(&stage, &id), StateRef::known("active"));
    }
}
