//! A store's worth of entries with fixed times: every state of netcup, every state of files, and
//! what strangers write into certificates.

use std::collections::BTreeMap;
use std::sync::Arc;

use certdeck::domain::account::{AccountKind, SandboxClock};
use certdeck::domain::entries::Entries;
use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Invoice, Link, LinkKind, Method, Price, Product,
    ProductKind, Role, StateRef, ValidationRecord,
};
use certdeck::domain::event::{Cause, Event, What};
use certdeck::domain::inventory::{Account, Inventory, RunningClock};
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{Details, HistoryLine, Offer};
use certdeck::pki::certificate::Certificate;
use certdeck::pki::{AltName, KeyDescription};
use jiff::{SignedDuration, Timestamp};

/// The system's time in every test.
pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";

const CSR: &str = "-----BEGIN CERTIFICATE REQUEST-----
MIIBFzCBvQIBADAbMRkwFwYDVQQDDBBtYWlsLmV4YW1wbGUuY29tMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAETv4epPzMQgP2LwpIsoM1M/0RVkoRlBQ1c/N+EVEy
fkkpxCHUQtKAFWV9t92kay2dUhBZ/pnKR7Clk5Btzbl9QqBAMD4GCSqGSIb3DQEJ
DjExMC8wLQYDVR0RBCYwJIIQbWFpbC5leGFtcGxlLmNvbYIQc210cC5leGFtcGxl
LmNvbTAKBggqhkjOPQQDAgNJADBGAiEAxEIm83aOhCUwKVg3LwWxEk/Wog/oT2Kt
x814txrN+nACIQD91uZvtFdDFKhbNMuQYua2U0dY0lVCUH9OpBRawY8R4A==
-----END CERTIFICATE REQUEST-----
";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn days(from_now: i64) -> Timestamp {
    at(NOW)
        .checked_add(SignedDuration::from_hours(24 * from_now))
        .unwrap()
}

fn hours_ago(hours: i64) -> Timestamp {
    at(NOW)
        .checked_sub(SignedDuration::from_hours(hours))
        .unwrap()
}

pub(crate) fn id(text: &str) -> EntryId {
    EntryId::new(text)
}

/// A netcup order in the sandbox.
fn order(name: &str, text: &str, state: &str, since_hours: i64) -> Entry {
    let mut entry = Entry::new(id(name), "sandbox", "netcup", state, hours_ago(since_hours));
    entry.created = hours_ago(since_hours + 30);
    entry.names = text.split(' ').map(str::to_owned).collect();
    entry.product = Product {
        name: "Wildcard DV".to_owned(),
        brand: Some("GeoTrust".to_owned()),
        level: Some("DV".to_owned()),
        kind: Some(ProductKind::Wildcard),
        term_months: Some(12),
        price: Some(price()),
        order_number: Some(format!("NC-{name}")),
        invoice: Some(Invoice {
            number: "RE-2026-1182".to_owned(),
            amount: price(),
            link: Some("https://www.customercontrolpanel.de/invoice/1182".to_owned()),
            paid_at: (state != "outstanding-invoice").then(|| hours_ago(since_hours + 1)),
        }),
        ..Product::default()
    };
    entry.order.method = Some(Method::Dns);
    entry.order.csr_by = Some(CsrBy::Certdeck);
    entry.order.key_held = true;
    entry.order.csr = Some(CSR.to_owned());
    if let Some(track) = entry.tracks.get_mut("main") {
        track.previous = Some(StateRef::known("registration"));
    }
    entry
}

fn price() -> Price {
    Price {
        cents: 4_900,
        currency: "EUR".to_owned(),
    }
}

fn record(name: &str, from: i64, to: i64) -> CertificateRecord {
    CertificateRecord {
        sha256: "5f".repeat(32),
        chain: vec!["a1".repeat(32)],
        role: Role::Serving,
        subject: format!("CN={name}"),
        issuer: "CN=certdeck sandbox issuing CA".to_owned(),
        serial: "4a:01:77:03".to_owned(),
        not_before: days(from),
        not_after: days(to),
        key: "P-256".to_owned(),
        spki_sha256: "77".repeat(32),
        is_ca: false,
    }
}

fn issued(entry_id: &str, name: &str, from: i64, to: i64) -> Entry {
    let mut entry = order(
        entry_id,
        name,
        "issued",
        from.unsigned_abs().cast_signed() * 24,
    );
    entry.certificates = vec![record(name, from, to)];
    entry.product.paid_until = Some(days(to + 20));
    entry
}

fn file(entry_id: &str, name: &str, state: &str, life: Option<(i64, i64)>) -> Entry {
    let mut entry = Entry::new(id(entry_id), "files", "files", state, hours_ago(50));
    entry.names = vec![name.to_owned()];
    entry.origin = Some(format!("/etc/ssl/{entry_id}.pem"));
    entry.certificates = life
        .map(|(from, to)| record(name, from, to))
        .into_iter()
        .collect();
    entry
}

/// Every entry, by what it is there for.
fn entries() -> Vec<Entry> {
    let mut all = netcup();
    all.extend(files());
    all.extend(strange());
    all
}

fn netcup() -> Vec<Entry> {
    let mut verification = order(
        "verify",
        "example.org www.example.org *.example.org",
        "verification",
        3,
    );
    verification.records = vec![ValidationRecord::Dns {
        name: "example.org".to_owned(),
        record: "_dnsauth.example.org".to_owned(),
        kind: "TXT".to_owned(),
        value: "202611221200abcdefghijklmnopqrstuvwxyz0123456789".to_owned(),
    }];
    let mut asked = order("asked", "firma.example", "additional-information", 9);
    asked.said = Some("Please send a current extract from the commercial register.".to_owned());
    let mut provider_key = issued("issued", "mail.example.com", -100, 100);
    provider_key.names.push("smtp.example.com".to_owned());
    let mut old = issued("old", "renewed.example", -220, -20);
    old.links = vec![Link {
        kind: LinkKind::RenewedBy,
        entry: id("successor"),
    }];
    let mut successor = issued("successor", "renewed.example", -25, 175);
    successor.links = vec![Link {
        kind: LinkKind::Renews,
        entry: id("old"),
    }];
    let mut cancelled = order("cancelled", "gone.example", "cancelled", 70);
    cancelled.order.csr_by = Some(CsrBy::You);
    cancelled.order.key_held = false;
    vec![
        order("invoice", "www.example.net", "outstanding-invoice", 5),
        order("register", "api.example.io", "registration", 1),
        verification,
        asked,
        provider_key,
        cancelled,
        issued("expired", "shop.example.com", -203, -3),
        issued("due", "soon.example", -180, 20),
        old,
        successor,
    ]
}

fn files() -> Vec<Entry> {
    let mut archived = file("away", "archived.example", "valid", Some((-10, 80)));
    archived.archived = true;
    vec![
        file("file-ok", "valid.example", "valid", Some((-10, 80))),
        file("file-due", "due.example", "valid", Some((-80, 10))),
        file("file-out", "out.example", "valid", Some((-100, -10))),
        file("file-not", "future.example", "valid", Some((2, 92))),
        file("file-bad", "unreadable.pem", "unreadable", None),
        archived,
    ]
}

/// What a stranger can put into names, states and sentences.
fn strange() -> Vec<Entry> {
    let mut hostile = order(
        "hostile",
        "evil\u{1b}[31m\u{202e}moc.elpmaxe\u{7}",
        "verification",
        2,
    );
    hostile.said = Some("line\none\u{9b}31m\u{200b}".to_owned());
    "\u{1f469}\u{200d}\u{1f4bb} 日本語 עברית".clone_into(&mut hostile.note);
    if let Some(track) = hostile.tracks.get_mut("main") {
        track.state = StateRef::unknown("NEW_\u{1b}THING");
    }
    let mut wide = issued("wide", "日本語日本語日本語日本語.example", -10, 190);
    wide.names
        .extend((1..10_000).map(|n| format!("n{n}.wide.example")));
    let mut stray = order("stray", "stray.example", "somewhere", 4);
    "missing".clone_into(&mut stray.lifecycle);
    vec![hostile, wide, stray]
}

/// Everything that there is.
pub(crate) fn inventory() -> Arc<Inventory> {
    let entries = entries();
    let entries = entries.into_iter().map(Arc::new);
    Arc::new(Inventory {
        last_written: None,
        store_trouble: None,
        entries: entries.collect(),
        accounts: accounts(),
        lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
        seq: 7,
    })
}

/// The same without any entry.
pub(crate) fn empty() -> Arc<Inventory> {
    let mut inventory = (*inventory()).clone();
    inventory.entries = Entries::default();
    Arc::new(inventory)
}

/// The same with one entry changed.
pub(crate) fn changed(entry_id: &str, change: impl FnOnce(&mut Entry)) -> Arc<Inventory> {
    let mut inventory = (*inventory()).clone();
    let mut entries = inventory.entries.clone();
    let mut entry = (*entries.get(&id(entry_id)).unwrap()).clone();
    change(&mut entry);
    entries.insert(Arc::new(entry));
    inventory.entries = entries;
    Arc::new(inventory)
}

/// The same without one entry.
pub(crate) fn without(entry_id: &str) -> Arc<Inventory> {
    let mut inventory = (*inventory()).clone();
    let others = inventory.entries.iter();
    inventory.entries = others.filter(|entry| entry.id != id(entry_id)).collect();
    Arc::new(inventory)
}

fn accounts() -> BTreeMap<String, Account> {
    let clock = RunningClock {
        reading: SandboxClock {
            at: at(NOW),
            speed: 3_600,
            paused: true,
        },
        taken: None,
    };
    let account = |name: &str, kind, lifecycle: &str, clock| Account {
        deploys: false,
        probes_wildcards: false,
        panel: None,
        watched: None,
        name: name.to_owned(),
        kind,
        lifecycles: vec![lifecycle.to_owned()],
        read_only: false,
        clock,
        seed: None,
        zone: None,
    };
    let sandbox = account("sandbox", AccountKind::Sandbox, "netcup", Some(clock));
    let files = account("files", AccountKind::Files, "files", None);
    BTreeMap::from([("sandbox".to_owned(), sandbox), ("files".to_owned(), files)])
}

/// What the engine would load of an entry.
pub(crate) fn details(entry: &Entry) -> Details {
    let certificate = entry.serving().map(|held| certificate(entry, held));
    let chain = certificate.as_ref().map(|_| issuer()).into_iter().collect();
    Details {
        certificate,
        chain,
        history: history(entry),
        ..Details::default()
    }
}

fn certificate(entry: &Entry, held: &CertificateRecord) -> Certificate {
    let names = entry.names.iter().map(|name| AltName::Dns(name.clone()));
    Certificate {
        subject: held.subject.clone(),
        subject_common_name: Some(entry.name().to_owned()),
        names: names.collect(),
        not_before: held.not_before,
        not_after: held.not_after,
        ..issuer()
    }
}

fn issuer() -> Certificate {
    Certificate {
        der: (0..=99).collect(),
        sha256: "5f".repeat(32),
        sha1: "3c".repeat(20),
        spki_sha256: "77".repeat(32),
        serial: "4a:01:77:03".to_owned(),
        version: 3,
        subject: "CN=certdeck sandbox issuing CA,O=certdeck".to_owned(),
        issuer: "CN=certdeck sandbox root,O=certdeck".to_owned(),
        subject_common_name: Some("certdeck sandbox issuing CA".to_owned()),
        subject_organization: None,
        issuer_common_name: None,
        issuer_organization: None,
        not_before: days(-300),
        not_after: days(3_000),
        names: Vec::new(),
        key: KeyDescription {
            algorithm: "P-256".to_owned(),
            bits: 256,
        },
        signature_algorithm: "ECDSA with SHA-256".to_owned(),
        is_ca: false,
        path_len: None,
        key_usages: vec!["digitalSignature"],
        extended_key_usages: vec!["serverAuth".to_owned()],
        policies: Vec::new(),
        validation_level: None,
        aia_ocsp: vec!["http://ocsp.sandbox.invalid".to_owned()],
        aia_issuers: Vec::new(),
        crl_points: Vec::new(),
        authority_key_id: None,
        subject_key_id: None,
        is_self_issued: false,
        subject_der: Vec::new(),
        issuer_der: Vec::new(),
        oddities: Vec::new(),
    }
}

fn history(entry: &Entry) -> Vec<HistoryLine> {
    let line = |seq: u64, who: &str, at: Timestamp, what: What| HistoryLine {
        seq,
        at,
        who: who.to_owned(),
        event: Event {
            entry: entry.id.clone(),
            at,
            what,
        },
    };
    let product = entry.product.name.clone();
    let mut lines = vec![line(1, "panel", entry.created, What::Ordered { product })];
    if let (Some(invoice), Some(track)) = (&entry.product.invoice, entry.main()) {
        let invoice = invoice.clone();
        lines.push(line(
            1,
            "sandbox",
            entry.created,
            What::InvoiceSent { invoice },
        ));
        if track.state != StateRef::known("outstanding-invoice") {
            let moved = What::Moved {
                track: "main".to_owned(),
                from: StateRef::known("outstanding-invoice"),
                to: StateRef::known("registration"),
                by: Cause::Event {
                    event: "invoice-paid".to_owned(),
                },
            };
            lines.push(line(2, "sandbox", track.since, moved));
        }
    }
    lines.reverse();
    lines
}

/// What the sandbox sells.
pub(crate) fn offers() -> BTreeMap<String, Vec<Offer>> {
    let offer = Offer {
        id: "dv-wildcard".to_owned(),
        name: "Wildcard DV".to_owned(),
        level: Some("DV".to_owned()),
        kind: ProductKind::Wildcard,
        price: price(),
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
    BTreeMap::from([("sandbox".to_owned(), vec![offer])])
}
