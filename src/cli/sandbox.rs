//! `certdeck sandbox`: the sandbox's clock and story.

use super::args::{SandboxArguments, SandboxVerb};
use super::error::CliError;
use super::output::{self, Output, say};
use super::session::{Session, entry_words, unexpected};
use super::shapes::{ClockShape, ClocksShape};
use super::table::Table;
use crate::domain::account::SandboxClock;
use crate::domain::time;
use crate::engine::command::{ClockChange, Command, Done};

/// Looks at the clocks, moves them, or plays an event.
pub(super) async fn run(session: &Session, arguments: SandboxArguments) -> Result<(), CliError> {
    let account = arguments.account;
    let change = match arguments.verb {
        SandboxVerb::Clock { json } => return show(session, account.as_deref(), json),
        SandboxVerb::Play { event, id } => return play(session, event, &id).await,
        SandboxVerb::Pause => ClockChange::Pause,
        SandboxVerb::Resume => ClockChange::Resume,
        SandboxVerb::Speed { seconds } => ClockChange::Speed(seconds),
        SandboxVerb::Advance { span } => ClockChange::Advance(span),
    };
    match session.run(Command::Clock { account, change }).await? {
        Done::Clocks(clocks) => print(session.output, &clocks, false),
        other => Err(unexpected(&other)),
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
        _ => print(session.output, &clocks, json),
    }
}

fn print(output: Output, clocks: &[(String, SandboxClock)], json: bool) -> Result<(), CliError> {
    if json {
        return output::print_json(&shape(clocks));
    }
    if clocks.is_empty() {
        say("There is no sandbox account.");
        return Ok(());
    }
    let mut table = Table::new(&["SANDBOX ACCOUNT", "CLOCK", "SPEED", "RUNS"]);
    for (account, clock) in clocks {
        let runs = if clock.paused {
            "no, paused"
        } else {
            "while certdeck is open"
        };
        let speed = format!("{} s in each second", clock.speed);
        table.push([account.as_str(), &time::moment(clock.at), &speed, runs]);
    }
    output.table(&table)
}

fn shape(clocks: &[(String, SandboxClock)]) -> ClocksShape<'_> {
    ClocksShape {
        clocks: clocks
            .iter()
            .map(|(account, clock)| ClockShape {
                account,
                at: clock.at,
                speed: clock.speed,
                paused: clock.paused,
            })
            .collect(),
    }
}
