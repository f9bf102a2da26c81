//! `certdeck sandbox`: the sandbox's clock, zone and story.

use super::args::{SandboxArguments, SandboxVerb};
use super::error::CliError;
use super::output::{self, Output, say};
use super::session::{Session, entry_words, unexpected};
use super::shapes::{ClockShape, ClocksShape};
use super::table::Table;
use crate::domain::account::{AccountKind, SandboxClock, ZoneStatus};
use crate::domain::inventory::{Account, Inventory};
use crate::domain::time;
use crate::engine::command::{ClockChange, Command, Done};

/// Looks at the clocks, moves them, moves a zone, or plays an event.
pub(super) async fn run(session: &Session, arguments: SandboxArguments) -> Result<(), CliError> {
    let account = arguments.account;
    let Some(verb) = arguments.verb else {
        return show(session, account.as_deref(), arguments.json);
    };
    let change = match verb {
        SandboxVerb::Clock { json } => {
            return show(session, account.as_deref(), json || arguments.json);
        }
        SandboxVerb::Zone { status } => return zone(session, account, status).await,
        SandboxVerb::Play { event, id } => return play(session, event, &id).await,
        SandboxVerb::Pause => ClockChange::Pause,
        SandboxVerb::Resume => ClockChange::Resume,
        SandboxVerb::Speed { seconds } => ClockChange::Speed(seconds),
        SandboxVerb::Advance { span } => ClockChange::Advance(span),
    };
    match session.run(Command::Clock { account, change }).await? {
        Done::Clocks(clocks) => {
            let (inventory, _) = session.look();
            print(session.output, &inventory, &clocks, false)
        }
        other => Err(unexpected(&other)),
    }
}

async fn zone(
    session: &Session,
    account: Option<String>,
    status: ZoneStatus,
) -> Result<(), CliError> {
    let (inventory, _) = session.look();
    let account = match account {
        Some(account) => account,
        None => the_only_zone(&inventory)?,
    };
    match session.run(Command::Zone { account, status }).await? {
        Done::Zone { account, status } => {
            let stands = status.label();
            output::print(&format!("{account}: its zone is {stands} (sandbox)\n"))
        }
        other => Err(unexpected(&other)),
    }
}

/// The sandbox account that is meant where none is named: the only one with a zone.
fn the_only_zone(inventory: &Inventory) -> Result<String, CliError> {
    let sandboxes = inventory.accounts.values();
    let with_zone =
        |account: &&Account| account.kind == AccountKind::Sandbox && inventory.has_zone(account);
    let found: Vec<&str> = sandboxes
        .filter(with_zone)
        .map(|account| account.name.as_str())
        .collect();
    match found.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(CliError::Usage(
            "no sandbox account plays a lifecycle with a zone".to_owned(),
        )),
        several => Err(CliError::Usage(format!(
            "several sandbox accounts have a zone: {}; name one with --account",
            several.join(", ")
        ))),
    }
}

async fn play(session: &Session, event: String, id: &str) -> Result<(), CliError> {
    let entry = session.resolve(id)?;
    let name = entry_words(entry.name(), &entry.id);
    let entry = entry.id.clone();
    match session.run(Command::Play { entry, event }).await? {
        Done::Played { label, .. } => output::print(&format!("{name}: {label} (sandbox)\n")),
        other => Err(unexpected(&other)),
    }
}

fn show(session: &Session, account: Option<&str>, json: bool) -> Result<(), CliError> {
    let (inventory, system) = session.look();
    let asked = |name: &str| account.is_none_or(|given| given == name);
    let clocks: Vec<(String, SandboxClock)> = inventory
        .accounts
        .values()
        .filter(|known| asked(&known.name))
        .filter_map(|known| {
            let clock = known.clock?;
            let at = clock.at(system);
            Some((
                known.name.clone(),
                SandboxClock {
                    at,
                    ..clock.reading
                },
            ))
        })
        .collect();
    match account {
        Some(given) if clocks.is_empty() => Err(CliError::Usage(format!(
            "{given:?} is no sandbox account; `certdeck sandbox clock` lists them"
        ))),
        _ => print(session.output, &inventory, &clocks, json),
    }
}

fn print(
    output: Output,
    inventory: &Inventory,
    clocks: &[(String, SandboxClock)],
    json: bool,
) -> Result<(), CliError> {
    let clocks = shape(inventory, clocks);
    if json {
        return output::print_json(&ClocksShape { clocks });
    }
    if clocks.is_empty() {
        say("There is no sandbox account that was used yet.");
        return Ok(());
    }
    let mut table = Table::new(&["SANDBOX ACCOUNT", "CLOCK", "SPEED", "RUNS", "SEED", "ZONE"]);
    for one in clocks {
        let runs = if one.paused {
            "no, paused"
        } else {
            "while certdeck is open"
        };
        let speed = format!("{} s in each second", one.speed);
        let drawn_from = one
            .seed
            .map_or_else(|| "-".to_owned(), |seed| seed.to_string());
        let (at, zone) = (time::moment(one.at), one.zone.unwrap_or("-"));
        table.push([one.account, &at, &speed, runs, &drawn_from, zone]);
    }
    output.table(&table)
}

fn shape<'a>(inventory: &Inventory, clocks: &'a [(String, SandboxClock)]) -> Vec<ClockShape<'a>> {
    let one = |(account, clock): &'a (String, SandboxClock)| {
        let known = inventory.accounts.get(account);
        let zone = known.filter(|known| inventory.has_zone(known));
        ClockShape {
            account,
            at: clock.at,
            speed: clock.speed,
            paused: clock.paused,
            seed: known.and_then(|known| known.seed),
            zone: zone.and_then(Account::zone_status).map(ZoneStatus::id),
        }
    };
    clocks.iter().map(one).collect()
}
