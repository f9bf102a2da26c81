//! `certdeck account list`: the accounts, and how each is doing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::error::CliError;
use super::super::output;
use super::super::session::Session;
use super::super::table::Table;
use super::shapes::{AccountShape, AccountsShape, TroubleShape, WatchedShape};
use crate::domain::account::ZoneStatus;
use crate::domain::inventory::{Account, Inventory, Watched};
use crate::domain::rows::Count;
use crate::domain::time;

/// Prints the accounts, and what is left of accounts that are not there any more.
pub(super) fn run(session: &Session, json: bool) -> Result<(), CliError> {
    let (inventory, system) = session.look();
    let file = |name: &str| {
        let file = session.engine.account_file(name)?;
        Some(file.display().to_string())
    };
    let accounts = accounts(&inventory, system, file);
    if json {
        return output::print_json(&AccountsShape { accounts });
    }
    session.output.table(&table(&accounts, system))
}

fn accounts(
    inventory: &Inventory,
    system: Timestamp,
    file: impl Fn(&str) -> Option<String>,
) -> Vec<AccountShape> {
    let mut counts: BTreeMap<String, Count> = inventory.rows(system).by_account();
    for name in inventory.accounts.keys() {
        counts.entry(name.clone()).or_default();
    }
    let shape = |(name, count): (String, Count)| {
        let account = inventory.accounts.get(&name);
        let file = account.and_then(|_| file(&name));
        let zone = account.filter(|account| inventory.has_zone(account));
        AccountShape {
            zone: zone.and_then(Account::zone_status).map(ZoneStatus::id),
            ..shape(name, account, count, file)
        }
    };
    counts.into_iter().map(shape).collect()
}

fn shape(
    name: String,
    account: Option<&Account>,
    count: Count,
    file: Option<String>,
) -> AccountShape {
    AccountShape {
        name,
        kind: account.map(|account| account.kind.id()),
        lifecycle: account.map(|account| account.usual_lifecycle().to_owned()),
        lifecycles: account.map_or_else(Vec::new, |account| account.lifecycles.clone()),
        configured: account.is_some(),
        read_only: account.is_none_or(|account| account.read_only),
        entries: count.entries,
        needs_someone: count.needs_someone,
        panel: account.and_then(|account| account.panel.clone()),
        seed: account.and_then(|account| account.seed),
        zone: None,
        watched: account.and_then(|account| account.watched.as_ref().map(watched)),
        file,
    }
}

fn watched(watched: &Watched) -> WatchedShape {
    WatchedShape {
        places: watched.places.clone(),
        looked: watched.looked,
        trouble: TroubleShape::all(&watched.trouble),
    }
}

fn table(accounts: &[AccountShape], system: Timestamp) -> Table {
    let mut table = Table::new(&[
        "NAME",
        "KIND",
        "LIFECYCLE",
        "ENTRIES",
        "NEED YOU",
        "SEED",
        "ZONE",
        "WATCHED",
        "FILE",
    ]);
    for account in accounts {
        let kind = account.kind.unwrap_or("(not configured)");
        let entries = account.entries.to_string();
        let needs = account.needs_someone.to_string();
        let watched = account.watched.as_ref();
        let watched = watched.map_or_else(|| "-".to_owned(), |watched| words(watched, system));
        let file = match (&account.file, account.configured) {
            (Some(file), _) => file.as_str(),
            (None, true) => "built in",
            (None, false) => "-",
        };
        let lifecycle = lifecycles(account);
        let name = account.name.as_str();
        let seed = account
            .seed
            .map_or_else(|| "-".to_owned(), |seed| seed.to_string());
        let zone = account.zone.unwrap_or("-");
        table.push([
            name, kind, &lifecycle, &entries, &needs, &seed, zone, &watched, file,
        ]);
    }
    table
}

/// The usual lifecycle, and how many more there are.
fn lifecycles(account: &AccountShape) -> String {
    match (&account.lifecycle, account.lifecycles.len()) {
        (None, _) => "-".to_owned(),
        (Some(usual), 0 | 1) => usual.clone(),
        (Some(usual), several) => format!("{usual} +{}", several - 1),
    }
}

/// How watching goes, in a few words.
fn words(watched: &WatchedShape, system: Timestamp) -> String {
    let places = match watched.places.len() {
        1 => "1 place".to_owned(),
        several => format!("{several} places"),
    };
    let looked = match watched.looked {
        Some(at) => format!("looked {}", time::relative(system, at)),
        None => "not looked at yet".to_owned(),
    };
    match watched.trouble.len() {
        0 => format!("{places}, {looked}"),
        trouble => format!("{places}, {looked}, {trouble} in trouble"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::account::AccountKind;
    use crate::domain::entry::{Entry, EntryId};
    use crate::domain::lifecycle::Lifecycles;

    #[test]
    fn accounts_are_listed_with_what_is_left_of_removed_ones() {
        let at = Timestamp::UNIX_EPOCH;
        let entry = |id: &str, account: &str, state: &str| {
            let entry = Entry::new(EntryId::new(id), account, "netcup", state, at);
            Arc::new(entry)
        };
        let account = |name: &str, kind, watched| {
            let account = Account {
                deploys: false,
                probes_wildcards: false,
                name: name.to_owned(),
                kind,
                lifecycles: match kind {
                    AccountKind::Files => vec!["files".to_owned()],
                    _ => vec!["netcup".to_owned()],
                },
                read_only: false,
                clock: None,
                seed: None,
                zone: None,
                panel: None,
                watched,
            };
            (name.to_owned(), account)
        };
        let watched = Watched {
            places: vec!["/etc/letsencrypt/live".to_owned()],
            looked: Some(at - jiff::SignedDuration::from_mins(2)),
            trouble: vec![("/a".to_owned(), "gone".to_owned())],
        };
        let inventory = Inventory {
            last_written: None,
            store_trouble: None,
            entries: [
                entry("a1", "main", "outstanding-invoice"),
                entry("a2", "main", "registration"),
                entry("b1", "gone", "registration"),
            ]
            .into_iter()
            .collect(),
            accounts: BTreeMap::from([
                account("main", AccountKind::ByHand, None),
                account("certbot", AccountKind::Files, Some(watched)),
                account("sandbox", AccountKind::Sandbox, None),
            ]),
            lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
            seq: 0,
        };
        let file = |name: &str| (name != "sandbox").then(|| format!("/c/accounts/{name}.toml"));
        let accounts = accounts(&inventory, at, file);
        insta::assert_snapshot!(table(&accounts, at).render(None, '…'), @r"
        NAME     KIND              LIFECYCLE  ENTRIES  NEED YOU  SEED  ZONE  WATCHED                                  FILE
        certbot  files             files      0        0         -     -     1 place, looked 2 min ago, 1 in trouble  /c/accounts/certbot.toml
        gone     (not configured)  -          1        0         -     -     -                                        -
        main     by-hand           netcup     2        1         -     -     -                                        /c/accounts/main.toml
        sandbox  sandbox           netcup     0        0         -     -     -                                        built in
        ");
    }
}
