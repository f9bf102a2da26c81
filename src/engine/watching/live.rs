//! Watching while the panel is open, and one look for who has no panel.
//!
//! The panel's task calls `watch_files` beside the pulse; `sync` looks once.

use std::time::Duration;

use tokio::time::Instant;

use crate::engine::command::SyncReport;
use crate::engine::error::EngineError;
use crate::engine::{Engine, Inner};

/// How often files are looked at: what changed shows within a few seconds.
const EVERY: Duration = Duration::from_secs(2);
/// Looking takes at most this part of the time, however many files there are: one fiftieth.
const SHARE: u32 = 50;

impl Engine {
    /// Looks at the files of all accounts again and again; ends only when it is dropped.
    pub(in crate::engine) async fn watch_files(&self) {
        loop {
            let began = Instant::now();
            for name in self.0.accounts_with_files() {
                let account = name.clone();
                let looked = self
                    .aside(move |inner| inner.look_at_files(&account, true))
                    .await;
                self.0.heard_of(&name, looked);
            }
            let took = began.elapsed();
            tokio::time::sleep(EVERY.max(took.saturating_mul(SHARE))).await;
        }
    }

    /// One look at the files of an account; where some are being written, a second one when that
    /// should be over.
    pub(super) async fn sync_files(&self, account: &str) -> Result<SyncReport, EngineError> {
        let look = |account: String| self.aside(move |inner| inner.look_at_files(&account, false));
        let first = look(account.to_owned()).await?;
        if !first.unfinished {
            return Ok(first.report);
        }
        tokio::time::sleep(EVERY).await;
        let second = look(account.to_owned()).await?;
        Ok(together(&first.report, second.report))
    }
}

/// Two looks as one: what the first one wrote down, and what cannot be read after the second.
fn together(first: &SyncReport, second: SyncReport) -> SyncReport {
    SyncReport {
        new: first.new + second.new,
        renewed: first.renewed + second.renewed,
        moved: first.moved + second.moved,
        lost: first.lost + second.lost,
        found_again: first.found_again + second.found_again,
        ..second
    }
}

impl Inner {
    fn accounts_with_files(&self) -> Vec<String> {
        let accounts = self.accounts();
        let watching = accounts
            .values()
            .filter(|account| !account.watch.paths.is_empty());
        watching.map(|account| account.name.clone()).collect()
    }
}
