//! What will be ordered and what will happen then, before anything is sent.
//!
//! Sentences from the draft, the account's lifecycle and the offer. Called by the form's pages.

use super::draft::Draft;
use crate::domain::entry::{CsrBy, Method};
use crate::domain::inventory::{Account, Inventory};
use crate::domain::lifecycle::Circumstances;
use crate::pki::CertName;
use crate::tui::look::{Body, Look};
use crate::tui::theme::Role;

/// More names are counted, not listed.
const NAMES_SHOWN: usize = 12;

/// Headings with their texts.
pub(super) fn sections(draft: &Draft, inventory: &Inventory) -> Vec<(&'static str, String)> {
    vec![
        ("Product", product(draft)),
        ("Names", names(&draft.read_names)),
        ("Key and CSR", key(draft)),
        ("Verification", verification(draft)),
        ("What happens then", then(draft, inventory)),
    ]
}

/// The summary, drawn.
pub(super) fn body(
    draft: &Draft,
    inventory: &Inventory,
    look: &Look<'_>,
    columns: usize,
    top: usize,
) -> Body {
    let mut body = Body {
        top,
        ..Body::default()
    };
    for (heading, text) in sections(draft, inventory) {
        body.push(look.line(heading, columns, Role::Heading));
        body.lines
            .extend(look.paragraph(&text, columns, Role::Text));
    }
    body
}

fn product(draft: &Draft) -> String {
    let account = draft.shop().map_or("", |shop| shop.name.as_str());
    let Some(offer) = draft.offer() else {
        return String::new();
    };
    format!(
        "{} ({}), {}, through the account {account}. No real money moves: the sandbox plays this \
         order.",
        offer.title(),
        offer.kind.words(),
        offer.price_words(),
    )
}

fn names(names: &[CertName]) -> String {
    let shown: Vec<_> = names.iter().take(NAMES_SHOWN).map(both_forms).collect();
    let mut text = shown.join(", ");
    if let Some(more @ 1..) = names.len().checked_sub(NAMES_SHOWN) {
        text = format!("{text} and {more} more");
    }
    text
}

/// A name as people write it, with its ASCII form where that differs.
pub(super) fn both_forms(name: &CertName) -> String {
    let display = name.display();
    if display == name.ascii() {
        display
    } else {
        format!("{display} ({})", name.ascii())
    }
}

fn key(draft: &Draft) -> String {
    let key = draft.key().label();
    match draft.maker() {
        CsrBy::Certdeck => {
            let encrypted = if draft.at_rest > 0 { ", encrypted" } else { "" };
            let subject = draft.wishes().subject.words();
            let subject = if subject.is_empty() {
                subject
            } else {
                format!(" The CSR says: {subject}.")
            };
            format!(
                "certdeck makes the private key ({key}) and the CSR; the key stays \
                 here{encrypted}.{subject}"
            )
        }
        CsrBy::Provider => format!(
            "The provider makes the private key ({key}) and the CSR, and hands both out here."
        ),
        CsrBy::You => {
            let own = draft.request.as_ref();
            let key = own.map_or_else(String::new, |request| request.key.label());
            format!("Your own CSR ({key}) is sent; its private key stays where you made it.")
        }
    }
}

fn verification(draft: &Draft) -> String {
    if draft.methods().is_empty() {
        return "Nobody verifies anything for this product.".to_owned();
    }
    match draft.procedure() {
        Method::Dns => "You publish a DNS record that the CA asks for.".to_owned(),
        Method::File => "You serve a file that the CA asks for on the web server.".to_owned(),
        Method::Email => {
            let mailbox = draft.order().mailbox.unwrap_or_default();
            format!("You open the link in a mail that the CA sends to {mailbox}.")
        }
    }
}

/// Where the order begins, in the provider's own words.
fn then(draft: &Draft, inventory: &Inventory) -> String {
    let unknown = || "The order is sent to the provider.".to_owned();
    let Some((offer, shop)) = draft.offer().zip(draft.shop()) else {
        return unknown();
    };
    let account = inventory.accounts.get(&shop.name);
    let usual = account.map(Account::usual_lifecycle);
    let lifecycle = offer.lifecycle.as_deref().or(usual);
    let Some(table) = lifecycle.and_then(|id| inventory.lifecycles.get(id)) else {
        return unknown();
    };
    let around = Circumstances {
        zone_active: account.and_then(Account::zone_is_active),
        ..Circumstances::default()
    };
    let begins = table.beginnings(&offer.begins, &offer.without, around);
    let begins = begins.into_iter().filter_map(|id| table.state(id));
    let says: Vec<_> = begins
        .map(|state| format!("The order begins as \"{}\". {}", state.label, state.says))
        .collect();
    if says.is_empty() {
        unknown()
    } else {
        says.join(" ")
    }
}
