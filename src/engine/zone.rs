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
        let zone = self.store.snapshot().accounts.get(account)?.zone?;
        let waits = matches!(zone.status, ZoneStatus::Pending | ZoneStatus::Initializing);
        waits.then(|| time::later(zone.since, PENDING_FOR))
    }

    /// Lets the zone become active at its moment, if that has come.
    pub(super) fn play_zone(&self, account: &str, until: Timestamp) -> Result<(), EngineError> {
        let Some(due) = self.zone_due(account).filter(|due| *due <= until) else {
            return Ok(());
        };
        self.store.transact(|transaction| {
            transaction.who("sandbox");
            write(transaction, account, ZoneStatus::Active, due);
            Ok::<_, EngineError>(())
        })?;
        self.publish();
        Ok(())
    }
}
