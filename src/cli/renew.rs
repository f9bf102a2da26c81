//! `certdeck renew`: some entries, or everything that is due.

use std::sync::Arc;

use jiff::Timestamp;

use super::act::{self, Manner};
use super::args::RenewArguments;
use super::by_hand::{is_by_hand, lines};
use super::error::CliError;
use super::output::{self, say};
use super::session::{Session, entry_words};
use super::shapes::ResultsShape;
use crate::domain::action;
use crate::domain::entry::Entry;
use crate::domain::gate::Verdict;
use crate::domain::inventory::Inventory;
use crate::domain::renewal::window_opens;
use crate::domain::row::Row;
use crate::domain::text::sanitise;
use crate::domain::time;
use crate::engine::by_hand::guidance;

/// Renews.
pub(super) async fn run(session: &Session, arguments: &RenewArguments) -> Result<(), CliError> {
    let entries = if arguments.due {
        due(session)
    } else {
        session.resolve_all(&arguments.ids)?
    };
    if entries.is_empty() {
        return nothing_due(arguments.json);
    }
    let spec = action::spec("renew")
        .ok_or_else(|| CliError::Failed("the catalogue has no action \"renew\"".to_owned()))?;
    let manner = Manner {
        yes: arguments.yes,
        json: arguments.json,
        ..Manner::default()
    };
    act::with_entries(session, spec, entries, &manner).await
}

fn nothing_due(json: bool) -> Result<(), CliError> {
    if json {
        let results = Vec::new();
        return output::print_json(&ResultsShape { results });
    }
    output::print("Nothing is due that certdeck can renew.\n")
}

/// Everything that is due and can be renewed now. What is due and cannot be is named with its
/// reason; it is no failure, since a file in the list must not fail a cron job for ever.
fn due(session: &Session) -> Vec<Arc<Entry>> {
    let (inventory, system) = session.look();
    let mut due = Vec::new();
    let rows = inventory.rows(system);
    let ids = rows.iter().filter(is_due).map(|row| row.id);
    for entry in ids.filter_map(|id| inventory.get(&id)) {
        if let Some(why) = implausible(&inventory, &entry, system) {
            let name = entry_words(entry.name(), &entry.id);
            say(&format!("Left out: {name}: {why}"));
            continue;
        }
        match inventory.verdict("renew", &entry, system) {
            Verdict::Possible { .. } if is_by_hand(&inventory, &entry.account) => {
                let name = entry_words(entry.name(), &entry.id);
                let guidance = guidance("renew", &entry, &inventory);
                let id = &entry.id;
                say(&format!(
                    "Left out: {name} is kept by hand: {}Then write it down: certdeck record renew {id}",
                    lines(&guidance)
                ));
            }
            Verdict::Possible { .. } => due.push(entry),
            Verdict::Refused(reason) => {
                let name = entry_words(entry.name(), &entry.id);
                say(&format!(
                    "Left out: {name}: {}",
                    sanitise(&reason.to_string())
                ));
            }
        }
    }
    latest(&inventory, &due)
}

/// Why what is due by the clock is not renewed by itself: that clock cannot be believed. What a
/// sandbox's own clock has made due is; and whoever names an entry means it.
fn implausible(inventory: &Inventory, entry: &Entry, system: Timestamp) -> Option<String> {
    let account = inventory.accounts.get(&entry.account);
    let has_own_clock = account.is_some_and(|account| account.clock.is_some());
    if has_own_clock || inventory.trusts_clock(system) {
        return None;
    }
    let shows = time::moment(system);
    let written = inventory
        .last_written
        .map_or_else(String::new, time::moment);
    Some(format!(
        "the clock looks wrong: it shows {shows}, and the store was last written on {written}; if \
         it is right, name the entry: certdeck renew {}",
        entry.id
    ))
}

/// Without those that another one of them follows: what came after an entry is renewed, and not
/// the entry once more beside it.
fn latest(inventory: &Inventory, due: &[Arc<Entry>]) -> Vec<Arc<Entry>> {
    let mut latest = Vec::new();
    for entry in due {
        let Some(follower) = inventory.follower_among(entry, due) else {
            latest.push(Arc::clone(entry));
            continue;
        };
        let name = entry_words(entry.name(), &entry.id);
        let follower = follower.id.as_str();
        say(&format!(
            "Left out: {name}: {follower} followed it, and is renewed instead"
        ));
    }
    latest
}

/// Whether the certificate's renewal window is open, or its end has passed, and nothing serves in
/// its place.
fn is_due(row: &Row) -> bool {
    let counts = !(row.archived || row.superseded || row.is_ca);
    let open = |(from, to)| row.now >= window_opens(from, to);
    counts && row.validity.is_some_and(open)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::entry::{CertificateRecord, EntryId, Role};

    fn row(now: &str) -> Row {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut entry = Entry::new(
            EntryId::new("a1"),
            "shop",
            "netcup",
            "issued",
            at("2026-01-01T00:00:00Z"),
        );
        entry.certificates.push(CertificateRecord {
            sha256: "aa".to_owned(),
            chain: Vec::new(),
            role: Role::Serving,
            subject: String::new(),
            issuer: String::new(),
            serial: String::new(),
            not_before: at("2026-01-01T00:00:00Z"),
            not_after: at("2026-04-01T00:00:00Z"),
            key: String::new(),
            spki_sha256: String::new(),
            is_ca: false,
        });
        Row::of(&entry, None, at(now), false)
    }

    #[test]
    fn due_is_the_last_third_of_its_life_and_what_comes_after() {
        assert!(!is_due(&row("2026-02-28T00:00:00Z")));
        assert!(is_due(&row("2026-03-03T00:00:00Z")));
        assert!(is_due(&row("2026-05-01T00:00:00Z")));
        let mut archived = row("2026-05-01T00:00:00Z");
        archived.archived = true;
        assert!(!is_due(&archived));
    }
}
