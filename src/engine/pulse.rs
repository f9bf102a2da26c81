//! Keeping the sandbox alive: letting happen what is due, and picking up other processes' changes.

use std::time::Duration;

use super::error::EngineError;
use super::{Engine, Inner, hold};
use crate::domain::account::AccountKind;

/// How often other processes' changes are looked for: they show within a second.
const LOOK_AROUND: Duration = Duration::from_millis(900);
/// Even at the greatest speed the sandbox takes a breath between two looks.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);

impl Engine {
    /// Keeps the sandbox's clocks going, lets happen what is due, picks up what other processes
    /// change, and looks at what accounts watch; ends only when it is dropped.
    pub async fn live(&self) {
        self.0.go_live();
        // None of them ends: whoever drops this ends all.
        tokio::join!(
            self.keep_pulse(),
            self.keep_settling(),
            self.watch_files(),
            self.watch_servers(),
            self.keep_deploying()
        );
    }

    async fn keep_pulse(&self) {
        loop {
            let wait = self.aside(Inner::pulse).await;
            let wait = self.0.heard(wait).unwrap_or(LOOK_AROUND);
            self.compact_beside();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.0.woken.notified() => {}
            }
        }
    }
}

impl Inner {
    pub(super) fn is_sandbox(&self, account: &str) -> bool {
        self.accounts()
            .get(account)
            .is_some_and(|account| account.kind == AccountKind::Sandbox)
    }

    /// One look around; says how long until the next.
    pub(super) fn pulse(&self) -> Result<Duration, EngineError> {
        self.look_after_store();
        // An account in trouble keeps the clocks of none of the others waiting.
        let followed = self.follow_accounts();
        if self.store.catch_up()? {
            self.adopt_clocks();
            self.publish();
        }
        self.tell_new_damage();
        self.read_clocks();
        if self.shown_clocks_are_old() {
            self.publish();
        }
        let mut wait = LOOK_AROUND;
        if self.settings.read_only {
            return followed.map(|()| wait);
        }
        let mut first_trouble = followed;
        for account in self.clock_names(None)? {
            // An account in trouble keeps none of the others waiting.
            match self.pulse_of(&account) {
                Ok(next) => wait = wait.min(next),
                Err(error) => first_trouble = first_trouble.and(Err(error)),
            }
        }
        first_trouble.map(|()| wait.max(SHORTEST_WAIT))
    }

    /// Plays what is due in one account; says how long until the next.
    fn pulse_of(&self, account: &str) -> Result<Duration, EngineError> {
        let clock = hold(&self.clocks).get(account).copied();
        let Some(clock) = clock.filter(|clock| !clock.reading.paused) else {
            self.forget_moments(account);
            return Ok(LOOK_AROUND);
        };
        let now = clock.at(self.now());
        self.play_until(account, now)?;
        let Some(due) = self.next_due(account)? else {
            return Ok(LOOK_AROUND);
        };
        let ahead = now.duration_until(due).as_secs_f64() / f64::from(clock.reading.speed.max(1));
        Ok(Duration::try_from_secs_f64(ahead.max(0.0)).unwrap_or(LOOK_AROUND))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::stage::Stage;
    use super::*;
    use crate::domain::entry::OpenRequest;
    use crate::domain::time;

    #[tokio::test]
    async fn an_event_that_cannot_happen_is_told_once_and_not_waited_for() {
        let stage = Stage::new();
        let id = stage.order().await;
        for event in ["invoice-paid", "registered"] {
            stage.play(&id, event).await.unwrap();
        }
        stage.edit(&id, |entry| entry.order.csr = Some("damaged".to_owned()));
        let mut notices = stage.engine.notices();
        let inner = &stage.engine.0;
        let far = time::later(inner.now(), SignedDuration::from_hours(240));
        inner.put_clock_at("sandbox", far);
        for _ in 0..3 {
            assert_eq!(inner.pulse_of("sandbox").unwrap(), LOOK_AROUND);
        }
        let heard = std::iter::from_fn(|| notices.try_recv().ok());
        let told = heard.filter(|notice| notice.says.contains("cannot happen"));
        assert_eq!(told.count(), 1);
    }

    #[tokio::test]
    async fn nothing_is_played_for_what_was_put_away_or_waits_for_an_answer() {
        let stage = Stage::new();
        let id = stage.order().await;
        stage.edit(&id, |entry| entry.archived = true);
        let refused = stage.play(&id, "invoice-paid").await.unwrap_err();
        assert!(refused.contains("restore it first"), "{refused}");
        let since = stage.engine.now();
        stage.edit(&id, |entry| {
            entry.archived = false;
            entry.request = Some(OpenRequest {
                action: "renew".to_owned(),
                since,
                unknown_outcome: false,
                accepted: false,
            });
        });
        let refused = stage.play(&id, "invoice-paid").await.unwrap_err();
        assert!(refused.contains("under way"), "{refused}");
    }

    #[tokio::test]
    async fn a_sandbox_that_lost_its_key_is_said() {
        let stage = Stage::new();
        stage.order().await;
        let inner = &stage.engine.0;
        let record = inner.store.snapshot().accounts["sandbox"].clone();
        let key = format!("keys/{}.pem", record.ca.unwrap().key);
        std::fs::remove_file(inner.store.dir().join(key)).unwrap();
        hold(&inner.sandboxes).clear();
        let error = inner.pulse().unwrap_err().to_string();
        assert!(error.contains("signing key"), "{error}");
    }
}
