//! `certdeck order` with an account kept by hand: the order is written down, and said how to place
//! it in the provider's own panel.
//!
//! Nothing is bought here, so nobody is asked first. `order` comes here.

use std::fmt::Write as _;
use std::path::PathBuf;

use secrecy::ExposeSecret as _;

use super::args::OrderArguments;
use super::by_hand::{lines, particulars, state};
use super::by_hand_shapes::RecordedShape;
use super::error::CliError;
use super::order::csr_choice;
use super::output;
use super::session::{Session, unexpected};
use crate::domain::entry::Entry;
use crate::domain::inventory::{Account, Inventory};
use crate::domain::text::sanitise;
use crate::engine::by_hand::order_guidance;
use crate::engine::command::{Command, CsrChoice, Done, HandOrder, Particulars};

/// Writes the order down.
pub(super) async fn run(
    session: &Session,
    account: String,
    arguments: &OrderArguments,
) -> Result<(), CliError> {
    let (inventory, _) = session.look();
    let mut with = with(arguments)?;
    let csr = match with.csr.take() {
        Some(own) => CsrChoice::Own(own.expose_secret().to_owned()),
        None => csr_choice(&arguments.csr)?,
    };
    let order = HandOrder {
        lifecycle: arguments.lifecycle.clone(),
        states: shown(&account, arguments, &inventory)?,
        without: arguments.without.clone(),
        with,
        csr,
        key_type: arguments.key,
        wishes: arguments.subject.wishes(arguments.encrypt_key),
        account: account.clone(),
    };
    let done = session.run(Command::OrderByHand(Box::new(order))).await?;
    let Done::Recorded { entry, says, .. } = done else {
        return Err(unexpected(&done));
    };
    let inventory = session.engine.inventory();
    let Some(entry) = inventory.get(&entry) else {
        return output::print(&format!("{entry}: {}\n", sanitise(&says)));
    };
    tell(&inventory, &entry, says, arguments.json)
}

/// The states that the panel shows, by id.
fn shown(
    account: &str,
    arguments: &OrderArguments,
    inventory: &Inventory,
) -> Result<Vec<String>, CliError> {
    let account = inventory.accounts.get(account);
    let usual = account.map(Account::usual_lifecycle);
    let id = arguments.lifecycle.as_deref().or(usual);
    let table = id.and_then(|id| inventory.lifecycles.get(id));
    let Some(table) = table else {
        // The engine says that the table is missing.
        return Ok(arguments.shows.clone());
    };
    let ids = arguments.shows.iter().map(|given| state(given, table));
    ids.map(|found| found.map(|(_, id)| id)).collect()
}

fn with(arguments: &OrderArguments) -> Result<Particulars, CliError> {
    // A CSR of one's own from standard input competes with the other files for it.
    let own = Some(PathBuf::from("-")).filter(|_| arguments.csr == "-");
    let read = particulars(&arguments.panel, own.as_deref())?;
    Ok(Particulars {
        names: Some(arguments.names.clone()),
        product: arguments.product.clone(),
        method: arguments.method,
        mailbox: arguments.mailbox.clone(),
        ..read
    })
}

/// What is so now, what to do in the provider's panel, and the CSR to paste there.
fn tell(inventory: &Inventory, entry: &Entry, says: String, json: bool) -> Result<(), CliError> {
    let table = inventory.lifecycle_of(entry);
    let stands = entry.main().map(|track| track.state.as_str().to_owned());
    let begins = table.is_some_and(|table| {
        let mut points = table.entry_points.iter();
        points.any(|point| Some(&point.state) == stands.as_ref())
    });
    let guidance =
        begins.then(|| order_guidance(&entry.account, Some(&entry.lifecycle), inventory));
    let made_here = entry.order.key_held && begins;
    let csr = entry.order.csr.clone().filter(|_| made_here);
    let id = entry.id.clone();
    if json {
        let (steps, link) = guidance
            .map(|guidance| (guidance.steps, guidance.link))
            .unwrap_or_default();
        return output::print_json(&RecordedShape {
            id,
            says,
            successor: None,
            csr,
            steps,
            link,
        });
    }
    let mut text = format!("{id}: {}\n", sanitise(&says));
    if let Some(guidance) = &guidance {
        text.push_str(&lines(guidance));
    }
    if let Some(csr) = &csr {
        text.push_str(csr);
    }
    let _ = writeln!(
        text,
        "`certdeck record --what {id}` lists what can be recorded of it next."
    );
    output::print(&text)
}
