//! A small inventory with fixed times, and every overlay made from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::action::Danger;
use certdeck::domain::entry::{
    CertificateRecord, Entry, EntryId, Invoice, Price, ProductKind, Role, ValidationRecord,
};
use certdeck::domain::inventory::{Account, Inventory};
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{Command, Details, Offer};
use certdeck::pki::{CertName, KeyType, PrivateKey, csr};
use certdeck::tui::dialog::{
    Confirm, CopyMenu, EventMenu, Help, InvoiceDialog, NotePrompt, Question, SupportMail,
};
use certdeck::tui::form::OrderFormScreen;
use certdeck::tui::keymap::Keymap;
use certdeck::tui::overlay::Overlay;
use certdeck::tui::symbols::UNICODE;
use jiff::Timestamp;

use crate::hands;

pub(crate) fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub(crate) fn inventory() -> Inventory {
    let account = |name: &str, kind| Account {
        deploys: false,
        probes_wildcards: false,
        panel: None,
        watched: None,
        name: name.to_owned(),
        kind,
        lifecycles: vec!["netcup".to_owned()],
        read_only: false,
        clock: None,
        seed: None,
        zone: None,
    };
    let accounts = [
        account("netcup-sandbox", AccountKind::Sandbox),
        account("files", AccountKind::Files),
    ];
    Inventory {
        accounts: accounts.map(|a| (a.name.clone(), a)).into(),
        lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
        ..Inventory::default()
    }
}

fn offer(id: &str, name: &str, kind: ProductKind, cents: u64) -> Offer {
    Offer {
        id: id.to_owned(),
        name: name.to_owned(),
        level: Some("DV".to_owned()),
        kind,
        price: Price {
            cents,
            currency: "EUR".to_owned(),
        },
        term_months: Some(12),
        lifecycle: None,
        brand: None,
        hosted: false,
        auto_renew: false,
        name_limit: None,
        methods: certdeck::domain::entry::Method::ALL.to_vec(),
        lifetime_days: None,
        private: false,
        begins: Vec::new(),
        without: Vec::new(),
    }
}

pub(crate) fn offers() -> BTreeMap<String, Vec<Offer>> {
    let offers = vec![
        offer("dv", "DV", ProductKind::Single, 1_900),
        offer("wildcard-dv", "Wildcard DV", ProductKind::Wildcard, 9_900),
        offer(
            "multi-dv",
            "Multi-domain DV",
            ProductKind::MultiDomain,
            4_900,
        ),
    ];
    BTreeMap::from([("netcup-sandbox".to_owned(), offers)])
}

pub(crate) fn form() -> Overlay {
    let form = OrderFormScreen::new(Arc::new(inventory()), offers());
    Overlay::Order(Box::new(form))
}

pub(crate) fn entry(state: &str) -> Entry {
    let at = now();
    let mut entry = Entry::new(
        EntryId::new("k3v9ab"),
        "netcup-sandbox",
        "netcup",
        state,
        at,
    );
    entry.names = vec![
        "www.example.org".to_owned(),
        "xn--mnchen-3ya.example".to_owned(),
    ];
    "Wildcard DV".clone_into(&mut entry.product.name);
    entry.product.order_number = Some("O-4711".to_owned());
    entry.product.invoice = Some(Invoice {
        number: "RE-2026-1182".to_owned(),
        amount: Price {
            cents: 9_900,
            currency: "EUR".to_owned(),
        },
        link: Some("https://sandbox.invalid/invoice/RE-2026-1182?a=1&b=2".to_owned()),
        paid_at: None,
    });
    entry
}

/// An entry with everything that can be copied: it has a certificate, and is verified for the next.
pub(crate) fn rich_entry() -> Entry {
    let mut entry = entry("verification");
    entry.records.push(ValidationRecord::Dns {
        name: "www.example.org".to_owned(),
        record: "_dnsauth.www.example.org".to_owned(),
        kind: "TXT".to_owned(),
        value: "token\u{1b}[31m".to_owned(),
    });
    entry.order.csr = Some("-----BEGIN CERTIFICATE REQUEST-----\n".to_owned());
    entry.order.key_held = true;
    entry.certificates.push(CertificateRecord {
        sha256: "ab".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=www.example.org".to_owned(),
        issuer: "certdeck sandbox".to_owned(),
        serial: "01:02".to_owned(),
        not_before: now(),
        not_after: now() + jiff::SignedDuration::from_hours(24 * 90),
        key: "P-256".to_owned(),
        spki_sha256: "cd".repeat(32),
        is_ca: false,
    });
    entry
}

pub(crate) fn invoice(entry: &Entry) -> Overlay {
    Overlay::Invoice(InvoiceDialog::of(entry, &inventory(), now()).unwrap())
}

pub(crate) fn support(entry: &Entry) -> Overlay {
    Overlay::Support(SupportMail::of(entry, &inventory(), now()).unwrap())
}

pub(crate) fn copy(entry: &Entry) -> Overlay {
    Overlay::Copy(CopyMenu::of(
        entry,
        Some(&Details::default()),
        &inventory(),
        now(),
    ))
}

pub(crate) fn note(entry: &Entry) -> Overlay {
    Overlay::Note(NotePrompt::of(entry, &inventory()))
}

pub(crate) fn events(entry: &Entry) -> Overlay {
    Overlay::Events(EventMenu::of(entry, &inventory(), now()))
}

pub(crate) fn help() -> Overlay {
    Overlay::Help(Help::new(&Keymap::embedded().unwrap(), &UNICODE))
}

pub(crate) fn confirm(danger: Danger) -> Overlay {
    let question = Question {
        title: "Renew certificate".to_owned(),
        text: "A new order with the same names and the same product is placed, and a new invoice \
               comes with it. The certificate that serves now stays until it expires; this entry \
               is linked to the new one."
            .to_owned(),
        submit: "Order the renewal".to_owned(),
        keep: "Do not renew now".to_owned(),
        sandbox: true,
        danger,
        name: "xn--mnchen-3ya.example".to_owned(),
    };
    let command = Command::Act {
        entry: EntryId::new("k3v9ab"),
        action: "renew".to_owned(),
        with: certdeck::domain::event::Answers::default(),
        seen_state: Some("issued".to_owned()),
    };
    Overlay::Confirm(Box::new(Confirm::new(question, command)))
}

/// Every overlay, by name.
pub(crate) fn all() -> Vec<(&'static str, Overlay)> {
    let mut all = crate::accounts_fixtures::all();
    all.extend(vec![
        ("form", form()),
        ("answers", crate::answers::form("add-domain")),
        ("confirm", confirm(Danger::Asks)),
        ("confirm by name", confirm(Danger::WantsTheName)),
        ("invoice", invoice(&entry("outstanding-invoice"))),
        ("support", support(&entry("additional-information"))),
        ("copy", copy(&rich_entry())),
        ("note", note(&entry("issued"))),
        ("events", events(&entry("verification"))),
        ("help", help()),
        ("record menu", hands::menu(&hands::entry("registration"))),
        (
            "issued",
            hands::form(&hands::entry("verification"), "record: Verified and").overlay,
        ),
        ("describe", hands::describing(&hands::entry("issued"))),
        ("by hand", hands::guidance(&hands::due())),
        ("order where", hands::order_where()),
        ("order by hand", hands::order()),
    ]);
    all
}

/// A real request for these names.
pub(crate) fn request(names: &[&str]) -> String {
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let names: Vec<_> = names
        .iter()
        .map(|name| CertName::parse(name).unwrap())
        .collect();
    csr::make(&key, &names).unwrap()
}
