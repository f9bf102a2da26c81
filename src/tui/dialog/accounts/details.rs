//! The sheet of one account: what it is, what it plays or watches, and how that goes.
//!
//! Draws only; `draw` asks for it.

use super::Accounts;
use super::draw::Fields;
use super::now::AccountLine;
use crate::config::BUILT_IN_ACCOUNTS;
use crate::domain::account::AccountKind;
use crate::domain::inventory::Account;
use crate::domain::time;
use crate::tui::look::{Body, Look};
use crate::tui::theme::Role;

impl Accounts {
    pub(super) fn details(&self, line: &AccountLine, look: &Look<'_>, columns: usize) -> Body {
        let account = &line.account;
        let mut fields = Fields::new(look, columns);
        fields.add("Kind", line.kind(), Role::Text);
        if account.kind != AccountKind::Files {
            self.lifecycles(account, &mut fields);
        }
        self.sandbox(account, &mut fields);
        fields.add("Entries", &line.counted(), Role::Text);
        if let Some(panel) = &account.panel {
            fields.add("Panel", panel, Role::Link);
        }
        if account.read_only {
            let says = "nothing can be changed through it";
            fields.add("Read-only", says, Role::Warn);
        }
        fields.add("File", &file(&account.name), Role::Text);
        if let Some(watched) = &account.watched {
            for (index, place) in watched.places.iter().enumerate() {
                let label = if index == 0 { "Watches" } else { "" };
                fields.add(label, place, Role::Text);
            }
            let looked = watched.looked.map_or_else(
                || "not yet".to_owned(),
                |at| format!("{} ({} UTC)", self.now.ago(at), time::minute(at)),
            );
            fields.add("Last looked", &looked, Role::Text);
            for (place, why) in &watched.trouble {
                let label = format!("{} Trouble", look.symbols.trouble);
                fields.add(&label, &format!("{place}: {why}"), Role::Warn);
            }
        }
        fields.body
    }

    /// The lifecycles by title, one to a line, the usual one first.
    fn lifecycles(&self, account: &Account, fields: &mut Fields<'_, '_>) {
        let known = &self.now.inventory.lifecycles;
        for (index, id) in account.lifecycles.iter().enumerate() {
            let title = known.get(id).map_or(id.as_str(), |table| &table.title);
            fields.add(if index == 0 { "Lifecycle" } else { "" }, title, Role::Text);
        }
    }

    /// The sandbox's clock, its seed and its zone.
    fn sandbox(&self, account: &Account, fields: &mut Fields<'_, '_>) {
        if account.kind != AccountKind::Sandbox {
            return;
        }
        let clock = account.clock.map_or_else(
            || "begins with the first order".to_owned(),
            |clock| {
                let reading = clock.reading;
                let runs = if reading.paused { ", paused" } else { "" };
                let at = time::minute(clock.at(self.now.at));
                format!("{at} UTC, {} s in each second{runs}", reading.speed)
            },
        );
        fields.add("Clock", &clock, Role::Text);
        let seed = account.seed.map_or_else(
            || "drawn from with the first order".to_owned(),
            |seed| format!("{seed} (what its chances hang on)"),
        );
        fields.add("Seed", &seed, Role::Text);
        if self.now.inventory.has_zone(account) {
            fields.add("Zone", &account.zone_words(), Role::Text);
        }
    }
}

/// Where the file of an account lies.
fn file(name: &str) -> String {
    let built_in = BUILT_IN_ACCOUNTS.iter().any(|(known, _)| *known == name);
    if built_in {
        return format!("none needed: it is built in; accounts/{name}.toml changes its settings");
    }
    format!("accounts/{name}.toml, beside config.toml")
}
