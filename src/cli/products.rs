//! `certdeck products`: what accounts sell.

use super::args::ProductsArguments;
use super::error::CliError;
use super::output::{self, say};
use super::session::Session;
use super::shapes::{ProductShape, ProductsShape};
use super::table::Table;
use crate::engine::command::Offer;

/// Prints the products of one account, or of all.
pub(super) fn run(session: &Session, arguments: &ProductsArguments) -> Result<(), CliError> {
    let (inventory, _) = session.look();
    if let Some(given) = &arguments.account
        && !inventory.accounts.contains_key(given)
    {
        let known: Vec<&str> = inventory.accounts.keys().map(String::as_str).collect();
        let known = known.join(", ");
        return Err(CliError::Usage(format!(
            "no account is called {given:?}; the accounts are {known}"
        )));
    }
    let asked = |name: &&String| {
        arguments
            .account
            .as_ref()
            .is_none_or(|given| given == *name)
    };
    let offers: Vec<(&str, Vec<Offer>)> = inventory
        .accounts
        .keys()
        .filter(asked)
        .map(|name| (name.as_str(), session.engine.offers(name)))
        .collect();
    if arguments.json {
        return output::print_json(&shape(&offers));
    }
    if offers.iter().all(|(_, offers)| offers.is_empty()) {
        say("Nothing is sold here.");
        return Ok(());
    }
    let mut table = Table::new(&[
        "ACCOUNT",
        "LIFECYCLE",
        "PRODUCT",
        "NAME",
        "LEVEL",
        "PROTECTS",
        "PRICE",
    ]);
    for (account, offer) in each(&offers) {
        table.push([
            inventory.account_words(account).as_str(),
            offer.lifecycle.as_deref().unwrap_or("-"),
            &offer.id,
            &offer.name,
            offer.level.as_deref().unwrap_or("-"),
            offer.kind.words(),
            &offer.price_words(),
        ]);
    }
    session.output.table(&table)
}

fn each<'a>(offers: &'a [(&'a str, Vec<Offer>)]) -> impl Iterator<Item = (&'a str, &'a Offer)> {
    offers
        .iter()
        .flat_map(|(account, offers)| offers.iter().map(|offer| (*account, offer)))
}

fn shape<'a>(offers: &'a [(&'a str, Vec<Offer>)]) -> ProductsShape<'a> {
    let one = |(account, offer): (&'a str, &'a Offer)| ProductShape {
        account,
        id: &offer.id,
        name: &offer.name,
        lifecycle: offer.lifecycle.as_deref(),
        level: offer.level.as_deref(),
        brand: offer.brand.as_deref(),
        name_limit: offer.name_limit,
        methods: &offer.methods,
        kind: offer.kind,
        price: &offer.price,
        term_months: offer.term_months,
    };
    ProductsShape {
        products: each(offers).map(one).collect(),
    }
}
