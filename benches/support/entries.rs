//! Entries as an operator has them whose customers bring their own names: most are hostnames with
//! two tracks, the rest orders, ACME certificates and files; some were renewed, some put away.

use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Link, LinkKind, Method, OpenRequest, Price, Role,
    mint,
};
use jiff::{SignedDuration, Timestamp};

/// The accounts, each with its lifecycle.
pub(crate) const ACCOUNTS: [(&str, &str); 6] = [
    ("cloudflare-eu", "cloudflare-hostname"),
    ("cloudflare-us", "cloudflare-hostname"),
    ("shop", "netcup"),
    ("huawei", "huawei-ssl"),
    ("letsencrypt", "acme"),
    ("servers", "files"),
];

const SERVICES: [&str; 12] = [
    "www", "api", "shop", "mail", "login", "cdn", "git", "status", "blog", "files", "vpn", "pay",
];
const FIRST: [&str; 16] = [
    "north", "blue", "green", "happy", "old", "city", "river", "alpine", "royal", "rapid", "urban",
    "sunny", "clever", "silver", "golden", "wild",
];
const SECOND: [&str; 16] = [
    "bakery", "garage", "clinic", "studio", "market", "hotel", "school", "works", "farm", "cycles",
    "books", "coffee", "travel", "music", "dental", "design",
];
const ENDS: [&str; 4] = ["example", "de.example", "co.example", "example"];
const PRODUCTS: [&str; 4] = ["Single DV", "Wildcard DV", "Multi-domain DV", "Single OV"];

/// The numbers of so many entries, in the order of their ids.
pub(crate) fn in_order(count: u64) -> Vec<u64> {
    let mut numbers: Vec<(EntryId, u64)> = (0..count).map(|number| (id(number), number)).collect();
    numbers.sort();
    // Two numbers may lead to one id; the second is left out.
    numbers.dedup_by(|later, earlier| later.0 == earlier.0);
    numbers.into_iter().map(|(_, number)| number).collect()
}

fn id(number: u64) -> EntryId {
    mint(number, |_| false)
}

/// Draws from what a number decides.
struct Draw(u64);

impl Draw {
    /// splitmix64, the public-domain generator by Sebastiano Vigna.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let at = self.below(choices.len() as u64);
        choices[usize::try_from(at).unwrap_or_default()]
    }
}

/// An entry as people have them; the number decides everything about it but the time.
pub(crate) fn entry(number: u64, now: Timestamp) -> Entry {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let mut draw = Draw(number);
    let account = match draw.below(20) {
        0..7 => 0,
        7..13 => 1,
        13..15 => 2,
        15 => 3,
        16..19 => 4,
        _ => 5,
    };
    let (account, lifecycle) = ACCOUNTS[account];
    let age =
        SignedDuration::from_secs(i64::try_from(draw.below(400 * 86_400)).unwrap_or_default());
    let created = now - age;
    let states = states(lifecycle, &mut draw);
    let tracks = if lifecycle == "cloudflare-hostname" {
        vec![("hostname", states.0), ("certificate", states.1)]
    } else {
        vec![("main", states.0)]
    };
    let mut entry = Entry::on_tracks(id(number), account, lifecycle, tracks, created);
    entry.names = names(number, lifecycle, &mut draw);
    buy(&mut entry, &mut draw);
    if !matches!(
        states.0,
        "outstanding-invoice" | "pending" | "pending-application" | "verification"
    ) && states.1 != "pending-validation"
    {
        let certificate = certificate(number, lifecycle, &entry.names[0], now, &mut draw);
        entry.certificates.push(certificate);
    }
    if lifecycle == "cloudflare-hostname" {
        entry.dns_points = Some(draw.below(10) > 0);
    }
    tie(&mut entry, number);
    make_unusual(&mut entry, &mut draw);
    entry
}

/// The states of both tracks; most serve.
fn states(lifecycle: &str, draw: &mut Draw) -> (&'static str, &'static str) {
    let rare = draw.below(20);
    match (lifecycle, rare) {
        ("cloudflare-hostname", 0) => ("hostname-pending", "pending-validation"),
        ("cloudflare-hostname", 1) => ("hostname-active", "pending-deployment"),
        ("cloudflare-hostname", 2) => ("hostname-moved", "active"),
        ("cloudflare-hostname", _) => ("hostname-active", "active"),
        ("netcup", 0) => ("outstanding-invoice", ""),
        ("netcup", 1) => ("verification", ""),
        ("netcup", 2) => ("cancelled", ""),
        ("huawei-ssl", 0) => ("pending-application", ""),
        ("netcup" | "huawei-ssl", _) => ("issued", ""),
        ("acme", 0) => ("pending", ""),
        _ => ("valid", ""),
    }
}

fn names(number: u64, lifecycle: &str, draw: &mut Draw) -> Vec<String> {
    let customer = format!(
        "{}-{}{}.{}",
        draw.one_of(&FIRST),
        draw.one_of(&SECOND),
        spelled(number / 3),
        draw.one_of(&ENDS)
    );
    let first = format!("{}.{customer}", draw.one_of(&SERVICES));
    let more = match lifecycle {
        "cloudflare-hostname" => 0,
        _ => draw.below(2),
    };
    let more = (0..more).map(|_| format!("{}.{customer}", draw.one_of(&SERVICES)));
    std::iter::once(first)
        .chain(more.collect::<Vec<_>>())
        .collect()
}

/// A number in few letters.
fn spelled(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = String::new();
    while number > 0 {
        let digit = usize::try_from(number % 36).unwrap_or_default();
        text.push(char::from(DIGITS[digit]));
        number /= 36;
    }
    text
}

fn buy(entry: &mut Entry, draw: &mut Draw) {
    if matches!(entry.account.as_str(), "shop" | "huawei") {
        draw.one_of(&PRODUCTS).clone_into(&mut entry.product.name);
        entry.product.price = Some(Price {
            cents: 1900 + draw.below(90) * 100,
            currency: "EUR".to_owned(),
        });
        let days = i64::try_from(draw.below(700)).unwrap_or_default() - 20;
        entry.product.paid_until = Some(entry.created + SignedDuration::from_hours(24 * days));
    } else if entry.lifecycle == "cloudflare-hostname" {
        "Custom hostname".clone_into(&mut entry.product.name);
    }
    entry.order.csr_by = Some(CsrBy::Provider);
    entry.order.method = Some(if draw.below(3) == 0 {
        Method::File
    } else {
        Method::Dns
    });
}

fn certificate(
    number: u64,
    lifecycle: &str,
    name: &str,
    now: Timestamp,
    draw: &mut Draw,
) -> CertificateRecord {
    let (days, issuer) = match lifecycle {
        "netcup" | "huawei-ssl" => (199, "CN=GeoTrust TLS RSA CA G1,O=DigiCert Inc,C=US"),
        "acme" => (90, "CN=R12,O=Let's Encrypt,C=US"),
        _ => (90, "CN=WE1,O=Google Trust Services,C=US"),
    };
    // A few have ended, some are due.
    let life = days * 86_400;
    let age =
        i64::try_from(draw.below(u64::try_from(life).unwrap_or(1) * 101 / 100)).unwrap_or_default();
    let not_before = now - SignedDuration::from_secs(age);
    CertificateRecord {
        sha256: format!(
            "{:064x}",
            u128::from(number) << 64 | u128::from(draw.next())
        ),
        chain: vec![format!("{:064x}", 1), format!("{:064x}", 2)],
        role: Role::Serving,
        subject: format!("CN={name}"),
        issuer: issuer.to_owned(),
        serial: format!("{:032x}", draw.next()),
        not_before,
        not_after: not_before + SignedDuration::from_secs(life),
        key: if draw.below(3) == 0 {
            "RSA 2048"
        } else {
            "P-256"
        }
        .to_owned(),
        spki_sha256: format!("{:064x}", draw.next()),
        is_ca: false,
    }
}

/// Two of ten numbers are an order and the one that renewed it.
fn tie(entry: &mut Entry, number: u64) {
    let (kind, other) = match number % 10 {
        0 => (LinkKind::RenewedBy, number + 1),
        1 => (LinkKind::Renews, number - 1),
        _ => return,
    };
    let entry_id = id(other);
    entry.links.push(Link {
        kind,
        entry: entry_id,
    });
}

/// What list and memory hold whole: one of five hundred.
fn make_unusual(entry: &mut Entry, draw: &mut Draw) {
    match draw.below(1_000) {
        0 => entry.said = Some("The CA asks for a phone call.".to_owned()),
        1 => {
            entry.request = Some(OpenRequest {
                action: "recheck".to_owned(),
                since: entry.created,
                unknown_outcome: false,
                accepted: true,
            });
        }
        2..30 => "Ask Ms Gönül before it is renewed.".clone_into(&mut entry.note),
        30..60 => entry.archived = true,
        _ => {}
    }
}
