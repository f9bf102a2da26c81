//! What the benches share: stores of realistic entries.

use std::path::Path;

use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Method, Price, Role, mint,
};
use certdeck::store::{OpenOptions, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

const SERVICES: [&str; 12] = [
    "www", "api", "shop", "mail", "login", "cdn", "git", "status", "blog", "files", "vpn", "pay",
];
const PRODUCTS: [&str; 4] = ["Single DV", "Wildcard DV", "Multi-domain DV", "Single OV"];

/// Fills a new store with so many entries of the sandbox, most of them issued, and none of them
/// moving: their accounts' clocks stand still.
#[allow(dead_code, reason = "each bench takes what it needs")]
pub(crate) fn fill(folder: &Path, count: u64) -> Result<(), StoreError> {
    let store = Store::open(folder, OpenOptions::default())?;
    let now = Timestamp::now();
    let mut done = 0;
    while done < count {
        let until = (done + 10_000).min(count);
        store.transact(|transaction| {
            for number in done..until {
                transaction.put_entry(entry(number, now));
            }
            Ok::<_, StoreError>(())
        })?;
        done = until;
    }
    store.compact()
}

/// An entry as people have them; the number decides everything about it.
pub(crate) fn entry(number: u64, now: Timestamp) -> Entry {
    let pick = |choices: u64| number.wrapping_mul(0x9E37_79B9).rotate_left(17) % choices;
    let id: EntryId = mint(number, |_| false);
    let state = match pick(20) {
        0 => "outstanding-invoice",
        1 => "registration",
        2 => "verification",
        3 => "additional-information",
        4 => "cancelled",
        _ => "issued",
    };
    let service = SERVICES[usize::try_from(pick(12)).unwrap_or_default()];
    let mut entry = Entry::new(id, "archive", "netcup", state, now);
    entry.names = vec![format!("{service}.customer-{number}.example.com")];
    PRODUCTS[usize::try_from(pick(4)).unwrap_or_default()].clone_into(&mut entry.product.name);
    entry.product.price = Some(Price {
        cents: 1900 + pick(90) * 100,
        currency: "EUR".to_owned(),
    });
    entry.order.csr_by = Some(CsrBy::Provider);
    entry.order.method = Some(Method::Dns);
    if state == "issued" {
        entry
            .certificates
            .push(certificate(number, &entry.names[0], now));
    }
    entry
}

fn certificate(number: u64, name: &str, now: Timestamp) -> CertificateRecord {
    let age = SignedDuration::from_hours(i64::try_from(number % 4_900).unwrap_or_default());
    let not_before = now - age;
    CertificateRecord {
        sha256: format!("{number:064x}"),
        chain: vec![format!("{:064x}", 1), format!("{:064x}", 2)],
        role: Role::Serving,
        subject: format!("CN={name}"),
        issuer: "certdeck sandbox intermediate".to_owned(),
        serial: format!("{number:032x}"),
        not_before,
        not_after: not_before + SignedDuration::from_hours(199 * 24),
        key: "P-256".to_owned(),
        spki_sha256: format!("{:064x}", number + 7),
        is_ca: false,
    }
}
