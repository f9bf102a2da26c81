//! `certdeck order`: a new certificate.

use std::fmt::Write as _;
use std::path::Path;

use super::args::OrderArguments;
use super::ask::{self, Wanted};
use super::by_hand::is_by_hand;
use super::error::CliError;
use super::order_by_hand;
use super::output;
use super::session::{Session, unexpected};
use super::shapes::OrderedShape;
use crate::config::nearest;
use crate::domain::entry::Method;
use crate::domain::inventory::Inventory;
use crate::domain::text::sanitise;
use crate::engine::command::{Command, CsrChoice, Done, Offer, OrderForm};
use crate::engine::{EngineError, order};
use crate::files::{self, FileError};

/// Checks the order, asks, and places it.
pub(super) async fn run(session: &Session, arguments: &OrderArguments) -> Result<(), CliError> {
    let (inventory, _) = session.look();
    let account = account(session, arguments.account.as_deref(), &inventory)?;
    if is_by_hand(&inventory, &account) {
        return order_by_hand::run(session, account, arguments).await;
    }
    only_by_hand(arguments, &account)?;
    let offers = session.engine.offers(&account);
    let offer = offer(&offers, arguments.product.as_deref(), &account)?;
    let form = OrderForm {
        account,
        product: offer.id.clone(),
        names: arguments.names.clone(),
        key_type: arguments.key,
        csr: csr_choice(&arguments.csr)?,
        method: method(arguments, offer)?,
        mailbox: arguments.mailbox.clone(),
        wishes: arguments.subject.wishes(arguments.encrypt_key),
    };
    let wrong = order::check(&form, &inventory, &offers);
    if !wrong.is_empty() {
        return Err(EngineError::Order(wrong).into());
    }
    if !arguments.yes {
        let text = summary(&form, offer, &inventory);
        ask::confirm(&text, "Place this order?", &Wanted::Yes)?;
    }
    place(session, form, arguments.json).await
}

/// What only a person can know is not typed where a provider says it.
fn only_by_hand(arguments: &OrderArguments, account: &str) -> Result<(), CliError> {
    let mut given = arguments.panel.given();
    given.extend((!arguments.shows.is_empty()).then_some("--shows"));
    given.extend(arguments.lifecycle.as_ref().map(|_| "--lifecycle"));
    given.extend((!arguments.without.is_empty()).then_some("--without"));
    if given.is_empty() {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "{} is for accounts that are kept by hand, and {account:?} is none; name one with --account",
        given.join(", ")
    )))
}

async fn place(session: &Session, form: OrderForm, json: bool) -> Result<(), CliError> {
    match session.run(Command::Order(form)).await? {
        Done::Ordered { entry, says } if json => {
            output::print_json(&OrderedShape { id: entry, says })
        }
        Done::Ordered { entry, says } => {
            let says = sanitise(&says);
            output::print(&format!(
                "{entry}: {says} `certdeck show {entry}` follows it.\n"
            ))
        }
        other => Err(unexpected(&other)),
    }
}

/// How control is verified: as was said, or as the product's first way.
fn method(arguments: &OrderArguments, offer: &Offer) -> Result<Method, CliError> {
    if !offer.methods.is_empty() {
        let usual = offer.methods.first().copied();
        return Ok(arguments.method.or(usual).unwrap_or(Method::Dns));
    }
    let given = [
        (arguments.method.is_some(), "--method"),
        (arguments.mailbox.is_some(), "--mailbox"),
    ];
    match given.iter().find(|(is_given, _)| *is_given) {
        None => Ok(Method::Dns),
        Some((_, flag)) => Err(CliError::Usage(format!(
            "nobody verifies anything of the product {:?}; leave {flag} away",
            offer.id
        ))),
    }
}

/// The account that was named, or the only one that sells anything.
fn account(
    session: &Session,
    given: Option<&str>,
    inventory: &Inventory,
) -> Result<String, CliError> {
    let known = || inventory.accounts.keys().map(String::as_str);
    if let Some(given) = given {
        if inventory.accounts.contains_key(given) {
            return Ok(given.to_owned());
        }
        let meant = nearest(given, known()).map(|meant| format!(" Did you mean {meant:?}?"));
        return Err(CliError::Usage(format!(
            "no account is called {given:?}.{} The accounts are {}",
            meant.unwrap_or_default(),
            known().collect::<Vec<_>>().join(", ")
        )));
    }
    let mut selling: Vec<&str> = known()
        .filter(|name| !session.engine.offers(name).is_empty())
        .collect();
    match (selling.pop(), selling.is_empty()) {
        (Some(only), true) => Ok(only.to_owned()),
        (Some(last), false) => {
            selling.push(last);
            Err(CliError::Usage(format!(
                "several accounts sell certificates: {}; name one with --account",
                selling.join(", ")
            )))
        }
        (None, _) => Err(CliError::Usage(
            "no account sells certificates; `certdeck products` lists what there is".to_owned(),
        )),
    }
}

/// The product that was named, or the only one.
fn offer<'a>(
    offers: &'a [Offer],
    given: Option<&str>,
    account: &str,
) -> Result<&'a Offer, CliError> {
    let ids = || {
        offers
            .iter()
            .map(|offer| offer.id.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (given, offers) {
        (_, []) => Err(CliError::Usage(format!(
            "nothing can be ordered through the account {account:?}; `certdeck products` lists what can"
        ))),
        (None, [only]) => Ok(only),
        (None, _) => Err(CliError::Usage(format!(
            "name a product with --product; {account} sells {}",
            ids()
        ))),
        (Some(given), _) => offers
            .iter()
            .find(|offer| offer.id == given)
            .ok_or_else(|| {
                let meant = nearest(given, offers.iter().map(|offer| offer.id.as_str()));
                let meant = meant
                    .map(|meant| format!(" Did you mean {meant:?}?"))
                    .unwrap_or_default();
                CliError::Usage(format!(
                    "no product of {account} is called {given:?}.{meant} It sells {}",
                    ids()
                ))
            }),
    }
}

/// Where the CSR comes from.
pub(super) fn csr_choice(given: &str) -> Result<CsrChoice, CliError> {
    match given {
        "certdeck" => Ok(CsrChoice::Certdeck),
        "provider" => Ok(CsrChoice::Provider),
        file => files::read_text(Path::new(file))
            .map(CsrChoice::Own)
            .map_err(|error| {
                let instead = match error {
                    FileError::NotText => format!(
                        "; if it is a request in DER, turn it into PEM with: openssl req -inform \
                         DER -in {file}"
                    ),
                    _ => " (or say --csr certdeck, or --csr provider)".to_owned(),
                };
                CliError::Usage(format!("--csr {file}: {error}{instead}"))
            }),
    }
}

/// What is about to be ordered.
fn summary(form: &OrderForm, offer: &Offer, inventory: &Inventory) -> String {
    let mut text = String::new();
    let csr = match form.csr {
        CsrChoice::Certdeck => "generated by certdeck; the key stays on this machine",
        CsrChoice::Provider => "generated by the provider, with the key",
        CsrChoice::Own(_) => "your own",
    };
    let key = match form.csr {
        CsrChoice::Own(_) => "as the CSR says".to_owned(),
        _ => form.key_type.label().to_owned(),
    };
    let verified = match &form.mailbox {
        _ if offer.methods.is_empty() => "nobody; nothing is verified here".to_owned(),
        Some(mailbox) => format!("{}, {mailbox}", form.method.words()),
        None => form.method.words().to_owned(),
    };
    let lines = [
        ("Account", inventory.account_words(&form.account)),
        ("Product", offer.title()),
        ("Names", form.names.join(", ")),
        ("Key", key),
        ("CSR", csr.to_owned()),
        ("Subject", form.wishes.subject.words()),
        ("Verified by", verified),
        ("Price", offer.price_words()),
    ];
    for (name, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "  {name:<12} {}", sanitise(&value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::{Price, ProductKind};
    use crate::pki::KeyType;

    fn offers() -> Vec<Offer> {
        let offer = |id: &str| Offer {
            id: id.to_owned(),
            name: "Wildcard DV".to_owned(),
            level: Some("DV".to_owned()),
            kind: ProductKind::Wildcard,
            price: Price {
                cents: 4900,
                currency: "EUR".to_owned(),
            },
            term_months: Some(12),
            lifecycle: None,
            brand: None,
            hosted: false,
            auto_renew: false,
            name_limit: None,
            methods: Method::ALL.to_vec(),
            lifetime_days: None,
            private: false,
            begins: Vec::new(),
            without: Vec::new(),
        };
        vec![offer("single-dv"), offer("wildcard-dv")]
    }

    #[test]
    fn a_product_is_found_guessed_or_listed() {
        let offers = offers();
        assert_eq!(
            offer(&offers, Some("wildcard-dv"), "sandbox").unwrap().id,
            "wildcard-dv"
        );
        assert_eq!(
            offer(&offers[..1], None, "sandbox").unwrap().id,
            "single-dv"
        );
        let error = offer(&offers, Some("wildcard-dc"), "sandbox")
            .unwrap_err()
            .to_string();
        assert!(error.contains("Did you mean \"wildcard-dv\"?"), "{error}");
        let error = offer(&offers, None, "sandbox").unwrap_err().to_string();
        assert!(error.contains("sells single-dv, wildcard-dv"), "{error}");
        let error = offer(&[], None, "files").unwrap_err().to_string();
        assert!(error.contains("nothing can be ordered"), "{error}");
    }

    #[test]
    fn the_summary_says_what_it_costs_and_where_the_key_lies() {
        let form = OrderForm {
            account: "sandbox".to_owned(),
            product: "wildcard-dv".to_owned(),
            names: vec!["*.a.example".to_owned()],
            key_type: KeyType::P256,
            csr: CsrChoice::Certdeck,
            method: Method::Dns,
            mailbox: None,
            wishes: crate::engine::command::Wishes::default(),
        };
        let text = summary(&form, &offers()[1], &Inventory::default());
        assert!(text.contains("49.00 EUR for 12 months"), "{text}");
        assert!(text.contains("the key stays on this machine"), "{text}");
    }

    #[test]
    fn a_csr_that_cannot_be_read_names_the_file() {
        assert_eq!(csr_choice("provider").unwrap(), CsrChoice::Provider);
        let error = csr_choice("/no/such.csr").unwrap_err().to_string();
        assert!(
            error.starts_with("--csr /no/such.csr: opening failed"),
            "{error}"
        );
    }

    #[test]
    fn a_csr_in_der_is_told_how_to_become_pem() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.csr");
        std::fs::write(&file, [0x30, 0x82, 0xff]).unwrap();
        let error = csr_choice(file.to_str().unwrap()).unwrap_err().to_string();
        assert!(error.contains("openssl req -inform DER -in"), "{error}");
    }
}
