//! Entries of several lifecycles with fixed times: two tracks, results, what is open, what is gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use certdeck::domain::account::{AccountKind, Zone, ZoneStatus};
use certdeck::domain::entry::{
    Authorization, CertificateRecord, Entry, Method, OpenRequest, Role, ValidationRecord,
};
use certdeck::domain::inventory::{Account, Inventory};
use certdeck::domain::lifecycle::Lifecycles;
use jiff::{SignedDuration, Timestamp};

use crate::fixture::{NOW, at, id};

fn hours(from_now: i64) -> Timestamp {
    at(NOW)
        .checked_add(SignedDuration::from_hours(from_now))
        .unwrap()
}

fn certificate(name: &str) -> CertificateRecord {
    CertificateRecord {
        sha256: "5f".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: format!("CN={name}"),
        issuer: "CN=certdeck sandbox issuing CA".to_owned(),
        serial: "4a:01".to_owned(),
        not_before: hours(-240),
        not_after: hours(24 * 190),
        key: "P-256".to_owned(),
        spki_sha256: "77".repeat(32),
        is_ca: false,
    }
}

fn hostname(entry_id: &str, name: &str, tracks: [(&str, &str); 2]) -> Entry {
    let tracks = tracks.into_iter().filter(|(_, state)| !state.is_empty());
    let mut entry = Entry::on_tracks(
        id(entry_id),
        "cf-shop",
        "cloudflare-hostname",
        tracks,
        hours(-50),
    );
    entry.names = vec![name.to_owned()];
    entry.order.method = Some(Method::Dns);
    entry
}

fn hostnames() -> Vec<Entry> {
    let pending = [
        ("hostname", "hostname-active"),
        ("certificate", "pending-validation"),
    ];
    let mut pending = hostname("pending", "shop.customer.example", pending);
    pending.tracks.get_mut("certificate").unwrap().since = hours(-2);
    pending.dns_points = Some(true);
    pending.validation_errors =
        vec!["CAA record of shop.customer.example forbids issuance by the CA".to_owned()];
    let txt = |record: &str| ValidationRecord::Dns {
        name: "shop.customer.example".to_owned(),
        record: format!("{record}.shop.customer.example"),
        kind: "TXT".to_owned(),
        value: "0e2d5a7f-ownership".to_owned(),
    };
    pending.records = vec![txt("_acme-challenge"), txt("_cf-custom-hostname")];
    let both = [("hostname", "hostname-active"), ("certificate", "active")];
    let mut ready = hostname("ready", "www.customer.example", both);
    ready.certificates = vec![certificate("www.customer.example")];
    ready.dns_points = Some(true);
    let mut unknown = hostname("unknown", "blog.customer.example", both);
    unknown.certificates = vec![certificate("blog.customer.example")];
    let bare = hostname(
        "bare",
        "bare.customer.example",
        [("hostname", "hostname-active"), ("", "")],
    );
    vec![pending, ready, unknown, bare]
}

fn huawei(entry_id: &str, account: &str, state: &str) -> Entry {
    let mut entry = Entry::new(id(entry_id), account, "huawei-ssl", state, hours(-30));
    entry.names = vec![format!("{entry_id}.example.org")];
    "GeoTrust OV".clone_into(&mut entry.product.name);
    entry.order.method = Some(Method::Dns);
    entry
}

/// The sentence with which the table says that a withdrawal was too late.
pub(crate) const LOST: &str = "The withdrawal failed: the CA had already approved the \
                               application, and the certificate was issued.";

fn of_huawei() -> Vec<Entry> {
    let mut lost = huawei("lost", "huawei", "issued");
    lost.certificates = vec![certificate("lost.example.org")];
    lost.said = Some(LOST.to_owned());
    let mut won = huawei("won", "huawei", "pending-application");
    won.said = Some(
        "The application was withdrawn. To get the certificate, apply again and do domain \
         ownership and organization verification again."
            .to_owned(),
    );
    let mut deleting = huawei("deleting", "huawei", "issued");
    deleting.certificates = vec![certificate("deleting.example.org")];
    deleting.request = Some(OpenRequest {
        action: "delete".to_owned(),
        since: hours(-1),
        unknown_outcome: false,
        accepted: true,
    });
    let mut gone = huawei("gone", "huawei", "issued");
    gone.certificates = vec![certificate("gone.example.org")];
    gone.gone = Some(hours(-5));
    gone.archived = true;
    let mut adding = huawei("adding", "huawei", "verifying-addition");
    adding.adding = vec![
        "new.example.org".to_owned(),
        "xn--bcher-kva.example".to_owned(),
    ];
    adding.product.auto_renew = true;
    adding.product.privacy_cancelled = true;
    let organization = huawei(
        "organization",
        "huawei",
        "pending-organization-verification",
    );
    let domain = huawei("domain", "huawei", "pending-domain-verification");
    let by_hand = huawei("by-hand", "mine", "pending-domain-verification");
    vec![
        lost,
        won,
        deleting,
        gone,
        adding,
        organization,
        domain,
        by_hand,
    ]
}

fn acme() -> Entry {
    let mut entry = Entry::new(id("acme"), "le", "acme", "pending", hours(-3));
    entry.names = vec!["a.example.net".to_owned(), "b.example.net".to_owned()];
    entry.order.method = Some(Method::Dns);
    let one =
        |name: &str, status: &str, challenge_status: &str, error: Option<&str>| Authorization {
            name: name.to_owned(),
            status: status.to_owned(),
            challenge: "dns-01".to_owned(),
            challenge_status: challenge_status.to_owned(),
            error: error.map(str::to_owned),
        };
    entry.authorizations = vec![
        one("a.example.net", "valid", "valid", None),
        one(
            "b.example.net",
            "invalid",
            "invalid",
            Some("no TXT record found at _acme-challenge.b.example.net"),
        ),
    ];
    entry
}

/// Everything that there is.
pub(crate) fn inventory() -> Arc<Inventory> {
    let mut entries = hostnames();
    entries.extend(of_huawei());
    entries.push(acme());
    let entries = entries.into_iter().map(Arc::new);
    Arc::new(Inventory {
        last_written: None,
        store_trouble: None,
        entries: entries.collect(),
        accounts: accounts(),
        lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
        seq: 3,
    })
}

fn accounts() -> BTreeMap<String, Account> {
    let account = |name: &str, kind, lifecycle: &str| Account {
        deploys: false,
        probes_wildcards: false,
        name: name.to_owned(),
        kind,
        lifecycles: vec![lifecycle.to_owned()],
        read_only: false,
        clock: None,
        seed: None,
        zone: None,
        panel: None,
        watched: None,
    };
    let mut shop = account("cf-shop", AccountKind::Sandbox, "cloudflare-hostname");
    shop.zone = Some(Zone {
        status: ZoneStatus::Pending,
        since: hours(-26),
    });
    let all = [
        shop,
        account("huawei", AccountKind::Sandbox, "huawei-ssl"),
        account("le", AccountKind::Sandbox, "acme"),
        account("mine", AccountKind::ByHand, "huawei-ssl"),
    ];
    all.into_iter()
        .map(|account| (account.name.clone(), account))
        .collect()
}
