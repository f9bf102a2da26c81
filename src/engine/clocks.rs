//! The sandboxes' clocks: reading them, setting them, writing them down.
//!
//! A sandbox's clock runs only while a panel lives; headless commands find it where it stood.
//! It is written down with every transaction of its account, when it is set, and at the end.

use jiff::{SignedDuration, Timestamp};

use super::command::{ClockChange, Done, SPEEDS};
use super::error::EngineError;
use super::settings::USUAL_SPEED;
use super::{Inner, hold};
use crate::domain::account::{AccountKind, AccountRecord, SandboxClock};
use crate::domain::inventory::RunningClock;
use crate::store::{StoreError, Transaction};

/// A picture whose clocks were read longer ago is published anew: what it shows stands still
/// after two minutes; see [`RunningClock::at`].
const FRESH_SECONDS: i64 = 30;
/// Nobody watches more than this many days go by in a second.
const FASTEST: u32 = 31 * 86_400;

impl Inner {
    /// Takes up the clocks as they were written down. Called at the start, and when another
    /// process may have set them.
    pub(super) fn adopt_clocks(&self) {
        let loaded = self.store.snapshot();
        let system = self.now();
        let mut clocks = hold(&self.clocks);
        for account in self
            .accounts()
            .values()
            .filter(|a| a.kind == AccountKind::Sandbox)
        {
            let stored = loaded
                .accounts
                .get(&account.name)
                .and_then(|record| record.clock);
            let known = clocks.get(&account.name).map(|clock| clock.at(system));
            let reading = match (stored, known) {
                // Speed and pause are written down at once by whoever sets them; but a running
                // clock is ahead of what was written down last.
                (Some(stored), Some(known)) => SandboxClock {
                    at: stored.at.max(known),
                    ..stored
                },
                (Some(stored), None) => stored,
                (None, Some(_)) => continue,
                (None, None) => SandboxClock {
                    at: system,
                    speed: account.speed.unwrap_or(USUAL_SPEED),
                    paused: false,
                },
            };
            let taken = self.is_live().then_some(system);
            clocks.insert(account.name.clone(), RunningClock { reading, taken });
        }
    }

    /// Lets the clocks run from now on.
    pub(super) fn start_clocks(&self) {
        let system = self.now();
        for clock in hold(&self.clocks).values_mut() {
            clock.taken = Some(system);
        }
    }

    /// Reads the running clocks anew, so that no gap grows long; see [`RunningClock::at`].
    pub(super) fn read_clocks(&self) {
        let system = self.now();
        for clock in hold(&self.clocks).values_mut() {
            clock.reading.at = clock.at(system);
            clock.taken = clock.taken.map(|_| system);
        }
    }

    /// Whether the clocks that everybody sees were read too long ago, or in what is the future
    /// since the system's clock was set back.
    pub(super) fn shown_clocks_are_old(&self) -> bool {
        let system = self.now();
        let is_old = |clock: &RunningClock| {
            let age = clock.taken.map(|taken| taken.duration_until(system));
            !clock.reading.paused
                && age.is_some_and(|age| !(0..FRESH_SECONDS).contains(&age.as_secs()))
        };
        let shown = self.published.borrow();
        shown
            .accounts
            .values()
            .any(|account| account.clock.as_ref().is_some_and(is_old))
    }

    /// The time of an account.
    pub(super) fn time_of(&self, account: &str) -> Timestamp {
        let system = self.now();
        hold(&self.clocks)
            .get(account)
            .map_or(system, |clock| clock.at(system))
    }

    /// Puts what an account's clock shows now into a transaction. It never goes back, and speed
    /// and pause stay as whoever set them last wrote them down.
    pub(super) fn write_clock(&self, transaction: &mut Transaction, account: &str) {
        self.write_reading(transaction, account, false);
    }

    fn write_reading(&self, transaction: &mut Transaction, account: &str, set: bool) {
        let system = self.now();
        let Some(clock) = hold(&self.clocks).get(account).copied() else {
            return;
        };
        let record = transaction.account(account).cloned();
        let mut record = record.unwrap_or_else(|| AccountRecord::new(account));
        let own = SandboxClock {
            at: clock.at(system),
            ..clock.reading
        };
        record.clock = Some(match record.clock {
            Some(stored) => {
                let at = own.at.max(stored.at);
                if set {
                    SandboxClock { at, ..own }
                } else {
                    SandboxClock { at, ..stored }
                }
            }
            None => own,
        });
        transaction.put_account(record);
    }

    /// Writes all clocks down.
    pub(super) fn keep_clocks(&self) -> Result<(), EngineError> {
        let names: Vec<String> = hold(&self.clocks).keys().cloned().collect();
        let known = self.store.snapshot().accounts;
        self.store.transact(|transaction| {
            // An account that was never used has no clock worth a line in the journal.
            for name in names.iter().filter(|name| known.contains_key(*name)) {
                self.write_clock(transaction, name);
            }
            Ok(())
        })
    }

    /// Sets the clock of one sandbox, or of all.
    pub(super) fn set_clocks(
        &self,
        account: Option<&str>,
        change: ClockChange,
    ) -> Result<Done, EngineError> {
        let names = self.clock_names(account)?;
        if self.settings.read_only {
            let dir = self.store.dir().to_owned();
            return Err(StoreError::ReadOnly { dir }.into());
        }
        // What another process set last is what a toggle or a step starts from.
        if self.store.catch_up()? {
            self.adopt_clocks();
        }
        for name in &names {
            self.set_clock(name, change)?;
        }
        self.store.transact(|transaction| {
            for name in &names {
                self.write_reading(transaction, name, true);
            }
            Ok::<(), EngineError>(())
        })?;
        self.publish();
        self.woken.notify_one();
        let clocks = hold(&self.clocks);
        let readings = names.into_iter().filter_map(|name| {
            let reading = clocks.get(&name)?.reading;
            Some((name, reading))
        });
        Ok(Done::Clocks(readings.collect()))
    }

    /// What the sandboxes' clocks show now.
    pub(super) fn clock_names(&self, account: Option<&str>) -> Result<Vec<String>, EngineError> {
        let clocks = hold(&self.clocks);
        match account {
            None => Ok(clocks.keys().cloned().collect()),
            Some(name) if clocks.contains_key(name) => Ok(vec![name.to_owned()]),
            Some(name) => Err(EngineError::Usage(format!(
                "{name:?} is no sandbox account; the sandboxes are: {}",
                clocks.keys().cloned().collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    fn set_clock(&self, name: &str, change: ClockChange) -> Result<(), EngineError> {
        if let ClockChange::Advance(span) = change {
            return self.advance(name, span);
        }
        let system = self.now();
        let mut clocks = hold(&self.clocks);
        let Some(clock) = clocks.get_mut(name) else {
            return Ok(());
        };
        clock.reading.at = clock.at(system);
        clock.taken = clock.taken.map(|_| system);
        let reading = &mut clock.reading;
        match change {
            ClockChange::TogglePause => reading.paused = !reading.paused,
            ClockChange::Pause => reading.paused = true,
            ClockChange::Resume => reading.paused = false,
            ClockChange::NextSpeed => reading.speed = next_speed(reading.speed),
            ClockChange::Speed(speed) if (1..=FASTEST).contains(&speed) => reading.speed = speed,
            ClockChange::Speed(speed) => {
                return Err(EngineError::Usage(format!(
                    "a speed is 1 to {FASTEST} sandbox seconds in each second, not {speed}"
                )));
            }
            ClockChange::Advance(_) => {}
        }
        Ok(())
    }

    /// Forward by a span, letting happen what happens in it.
    fn advance(&self, name: &str, span: SignedDuration) -> Result<(), EngineError> {
        if span <= SignedDuration::ZERO {
            let says = "a sandbox's clock goes forward only; give a span like 2h or 90m";
            return Err(EngineError::Usage(says.to_owned()));
        }
        let until = crate::domain::time::later(self.time_of(name), span);
        self.play_until(name, until)?;
        self.put_clock_forward(name, until);
        Ok(())
    }

    /// Sets a clock forward; a fast one may have run past that moment meanwhile.
    fn put_clock_forward(&self, name: &str, at: Timestamp) {
        let system = self.now();
        if let Some(clock) = hold(&self.clocks).get_mut(name) {
            clock.reading.at = clock.at(system).max(at);
            clock.taken = clock.taken.map(|_| system);
        }
    }

    /// Sets what a clock shows, in this process; also back, which only the demo's story wants.
    pub(super) fn put_clock_at(&self, name: &str, at: Timestamp) {
        let system = self.now();
        if let Some(clock) = hold(&self.clocks).get_mut(name) {
            clock.reading.at = at;
            clock.taken = clock.taken.map(|_| system);
        }
    }
}

fn next_speed(speed: u32) -> u32 {
    SPEEDS
        .into_iter()
        .find(|usual| *usual > speed)
        .unwrap_or(SPEEDS[0])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::super::Engine;
    use super::super::stage::{START, Stage, settings};
    use super::*;

    #[test]
    fn the_clock_that_people_see_runs_on_when_nothing_happens_for_long() {
        let stage = Stage::new();
        let inner = &stage.engine.0;
        inner.sandbox("sandbox").unwrap();
        inner.go_live();
        for _ in 0..10 {
            stage.turn_clock(60);
            inner.pulse().unwrap();
        }
        let shown = stage.engine.inventory().time_of("sandbox", inner.now());
        assert_eq!(shown.to_string(), "2026-11-22T22:00:00Z");
        // A system clock that was set back stops nothing either.
        stage.turn_clock(-86_400);
        inner.pulse().unwrap();
        stage.turn_clock(10);
        let shown = stage.engine.inventory().time_of("sandbox", inner.now());
        assert_eq!(shown.to_string(), "2026-11-22T22:10:00Z");
    }

    #[test]
    fn advancing_a_clock_that_runs_fast_never_turns_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let start: Timestamp = START.parse().unwrap();
        let ticks = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&ticks);
        // Every look at this clock takes a second.
        let slow = Arc::new(move || {
            let passed = counted.fetch_add(1, Ordering::Relaxed);
            crate::domain::time::later(start, SignedDuration::from_secs(passed))
        });
        let engine = Engine::open(settings(&folder.path().join("store"), slow)).unwrap();
        let inner = &engine.0;
        inner.go_live();
        let speed = ClockChange::Speed(86_400);
        inner.set_clocks(None, speed).unwrap();
        let looks = ticks.load(Ordering::Relaxed);
        let before = inner.time_of("sandbox");
        let advance = ClockChange::Advance(SignedDuration::from_secs(1));
        inner.set_clocks(None, advance).unwrap();
        let passed = before.duration_until(inner.time_of("sandbox"));
        let looks = ticks.load(Ordering::Relaxed) - looks;
        assert!(looks > 3);
        let least = SignedDuration::from_hours(24 * (looks - 1));
        assert!(passed >= least, "{passed} after {looks} looks");
    }

    #[test]
    fn the_speeds_go_round_from_wherever_one_is() {
        assert_eq!(next_speed(1), 60);
        assert_eq!(next_speed(100), 3_600);
        assert_eq!(next_speed(86_400), 1);
        assert_eq!(next_speed(1_000_000), 1);
    }
}
