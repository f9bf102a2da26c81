//! What the dialog of the accounts shows, as of one moment.
//!
//! Plain data made of the inventory and the list's rows; the panel makes a new one whenever either
//! changes. Draws nothing.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::account::AccountKind;
use crate::domain::inventory::{Account, Inventory};
use crate::domain::rows::Rows;
use crate::domain::time;
use crate::tui::view::grouped;

/// The accounts at one moment.
#[derive(Clone, Debug)]
pub struct AccountsNow {
    /// What there is.
    pub(super) inventory: Arc<Inventory>,
    /// The accounts by name, with what their entries come to.
    pub(super) lines: Vec<AccountLine>,
    /// The system's time.
    pub(super) at: Timestamp,
    /// Whether nothing may be changed.
    pub(super) read_only: bool,
}

/// One account, and how many entries it has.
#[derive(Clone, Debug)]
pub(super) struct AccountLine {
    pub(super) account: Account,
    /// The entries that are not archived.
    pub(super) entries: usize,
    /// How many of them need someone.
    pub(super) needing: usize,
}

impl AccountsNow {
    /// The accounts of an inventory. `rows` are the rows of all its entries, `at` is the system's
    /// time, `read_only` says whether certdeck was started so that nothing can be changed.
    #[must_use]
    pub fn of(inventory: Arc<Inventory>, rows: &Rows, at: Timestamp, read_only: bool) -> Self {
        let counts = rows.by_account();
        let lines = inventory.accounts.values().map(|account| {
            let counted = counts.get(account.name.as_str()).copied();
            let counted = counted.unwrap_or_default();
            AccountLine {
                account: account.clone(),
                entries: counted.entries,
                needing: counted.needs_someone,
            }
        });
        Self {
            lines: lines.collect(),
            inventory,
            at,
            read_only,
        }
    }

    pub(super) fn line(&self, name: &str) -> Option<&AccountLine> {
        self.lines.iter().find(|line| line.account.name == name)
    }

    /// How long ago something was: `just now`, `2 min ago`.
    pub(super) fn ago(&self, at: Timestamp) -> String {
        time::ago(self.at, at)
    }
}

impl AccountLine {
    /// The kind of the account in words.
    pub(super) fn kind(&self) -> &'static str {
        match self.account.kind {
            AccountKind::Sandbox => "sandbox",
            AccountKind::ByHand => "by hand",
            AccountKind::Files if self.account.watched.is_some() => "watched",
            AccountKind::Files => "imported",
        }
    }

    /// How many of its places cannot be read now.
    pub(super) fn troubles(&self) -> usize {
        let watched = self.account.watched.as_ref();
        watched.map_or(0, |watched| watched.trouble.len())
    }

    /// When it was looked at last, in words; nothing where it watches nothing.
    pub(super) fn looked(&self, now: &AccountsNow) -> Option<String> {
        let watched = self.account.watched.as_ref()?;
        Some(watched.looked.map_or_else(
            || "not looked at yet".to_owned(),
            |at| format!("looked {}", now.ago(at)),
        ))
    }

    /// How many entries, and how many of them need someone.
    pub(super) fn counted(&self) -> String {
        let entries = match self.entries {
            0 => "no entries".to_owned(),
            1 => "1 entry".to_owned(),
            count => format!("{} entries", grouped(count)),
        };
        match self.needing {
            0 => entries,
            1 => format!("{entries}, 1 needs someone"),
            count => format!("{entries}, {} need someone", grouped(count)),
        }
    }
}
