//! A small inventory of an account that is kept by hand, with certificates of a CA made for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{
    CertificateRecord, Entry, EntryId, Invoice, OpenRequest, Price, Role, StateRef,
};
use certdeck::domain::inventory::Inventory;
use certdeck::engine::command::{Command, HandOrder, Record};
use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{CertName, KeyType, PrivateKey, ValidationLevel};
use certdeck::tui::dialog::{ByHandDialog, OrderWhere, RecordMenu, describe};
use certdeck::tui::overlay::{Outcome, Overlay};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use crate::desk::Desk;
use crate::fixtures;

pub(crate) const NAME: &str = "www.example.com";

fn days(count: i64) -> Timestamp {
    fixtures::now() + SignedDuration::from_hours(24 * count)
}

pub(crate) fn entry(state: &str) -> Entry {
    let id = EntryId::new("h4nd01");
    let mut entry = Entry::new(id, "netcup-main", "netcup", state, days(-3));
    entry.names = vec![NAME.to_owned()];
    "Wildcard DV".clone_into(&mut entry.product.name);
    entry.product.level = Some("DV".to_owned());
    entry.product.order_number = Some("O-4711".to_owned());
    entry.product.invoice = Some(Invoice {
        number: "RE-2026-1182".to_owned(),
        amount: Price {
            cents: 4_900,
            currency: "EUR".to_owned(),
        },
        link: None,
        paid_at: None,
    });
    if let Some(track) = entry.tracks.get_mut("main") {
        track.previous = Some(StateRef::known("registration"));
    }
    entry
}

/// An entry whose certificate ends soon, so that it can be renewed.
pub(crate) fn due() -> Entry {
    let mut entry = entry("issued");
    entry.certificates.push(CertificateRecord {
        sha256: "ab".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: format!("CN={NAME}"),
        issuer: "CN=an issuer".to_owned(),
        serial: "01:02".to_owned(),
        not_before: days(-80),
        not_after: days(10),
        key: "P-256".to_owned(),
        spki_sha256: "cd".repeat(32),
        is_ca: false,
    });
    entry
}

pub(crate) fn inventory(entry: &Entry) -> Arc<Inventory> {
    let mut inventory = fixtures::inventory();
    let mut account = inventory.accounts["netcup-sandbox"].clone();
    "netcup-main".clone_into(&mut account.name);
    account.kind = AccountKind::ByHand;
    account.panel = Some("https://www.customercontrolpanel.de".to_owned());
    inventory.accounts.insert(account.name.clone(), account);
    inventory.entries = std::iter::once(Arc::new(entry.clone())).collect();
    Arc::new(inventory)
}

pub(crate) fn menu(entry: &Entry) -> Overlay {
    Overlay::Records(RecordMenu::of(entry, &inventory(entry), fixtures::now()))
}

/// A custom hostname on both of its tracks.
pub(crate) fn hostname() -> Entry {
    let tracks = [
        ("hostname", "hostname-active"),
        ("certificate", "pending-validation"),
    ];
    let id = EntryId::new("h4nd02");
    let mut entry = Entry::on_tracks(id, "netcup-main", "cloudflare-hostname", tracks, days(-3));
    entry.names = vec!["shop.customer.example".to_owned()];
    entry
}

/// A certificate of Huawei Cloud whose deletion was submitted.
pub(crate) fn deleting() -> Entry {
    let mut entry = due();
    "huawei-ssl".clone_into(&mut entry.lifecycle);
    entry.request = Some(OpenRequest {
        action: "delete".to_owned(),
        since: days(-1),
        unknown_outcome: false,
        accepted: true,
    });
    entry
}

pub(crate) fn guidance(entry: &Entry) -> Overlay {
    let dialog = ByHandDialog::of("renew", "Renew", entry, &inventory(entry), fixtures::now());
    Overlay::ByHand(Box::new(dialog))
}

pub(crate) fn describing(entry: &Entry) -> Overlay {
    describe(&entry.id, &inventory(entry), fixtures::now()).unwrap()
}

/// What `o` opens where there is a sandbox, too.
pub(crate) fn order_where() -> Overlay {
    let inventory = inventory(&entry("issued"));
    OrderWhere::begin(&inventory, fixtures::offers(), fixtures::now()).unwrap()
}

/// What `o` opens where there is nothing but the account by hand.
pub(crate) fn order() -> Overlay {
    let inventory = inventory(&entry("issued"));
    OrderWhere::begin(&inventory, BTreeMap::new(), fixtures::now()).unwrap()
}

/// The form for what is chosen in the record menu by its words.
pub(crate) fn form(entry: &Entry, line: &str) -> Desk {
    let mut desk = Desk::with(menu(entry));
    choose(&mut desk, line);
    desk
}

/// Goes to a line of the menu and chooses it; what opens then is in front.
pub(crate) fn choose(desk: &mut Desk, line: &str) {
    let wanted = format!("▌ {line}");
    for _ in 0..30 {
        if desk.screen(90, 50).contains(&wanted) {
            let Outcome::Ask(next) = desk.press("enter") else {
                panic!("{line} leads nowhere");
            };
            desk.overlay = *next;
            return;
        }
        desk.press("down");
    }
    panic!("no {line} in\n{}", desk.screen(90, 50));
}

/// From the first field to the one called so.
pub(crate) fn go_to(desk: &mut Desk, label: &str) {
    let wanted = format!("▌{label}");
    for _ in 0..30 {
        if desk.screen(90, 70).contains(&wanted) {
            return;
        }
        desk.press("tab");
    }
    panic!("no {label} in\n{}", desk.screen(90, 70));
}

pub(crate) fn recorded(outcome: Outcome) -> Record {
    match outcome {
        Outcome::RunHere(Command::Record(record)) | Outcome::Run(Command::Record(record)) => {
            *record
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) fn ordered(outcome: Outcome) -> HandOrder {
    let Outcome::RunHere(Command::OrderByHand(order)) = outcome else {
        panic!("{outcome:?}");
    };
    *order
}

/// A certificate with its chain and its key, each as PEM.
pub(crate) struct Papers {
    pub(crate) leaf: String,
    pub(crate) chain: String,
    pub(crate) key: String,
}

/// For these names, from ten days ago until `end` days from now.
pub(crate) fn papers(names: &str, end: i64) -> Papers {
    let ca = SandboxCa::generate("of the test", days(-30)).unwrap();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let names = CertName::parse_list(names).into_iter();
    let request = IssueRequest {
        names: names.map(Result::unwrap).collect(),
        not_before: days(-10),
        not_after: days(end),
        serial: [1; 16],
        level: ValidationLevel::Dv,
        organization: None,
    };
    let issued = ca.issue(&key.spki_der(), &request).unwrap();
    Papers {
        leaf: issued.leaf_pem,
        chain: issued.chain_pem.concat(),
        key: key.to_pkcs8_pem().expose_secret().to_owned(),
    }
}
