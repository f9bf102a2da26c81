//! Entries as Huawei Cloud would have them: of this product, this age and this state; and what the
//! gate answers for one.

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Invoice, MAIN_TRACK, Price, ProductKind, Role,
    StateRef,
};
use certdeck::domain::gate::{AccountFacts, Context, gate};
use jiff::{SignedDuration, Timestamp};

use crate::stage::{ACCOUNT, table};

pub(crate) fn now() -> Timestamp {
    "2026-11-22T14:30:00Z".parse().unwrap()
}

/// So many days from now; before it, if negative.
pub(crate) fn days(count: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * count)
}

/// What the gate knows of an account of this kind, besides its entries.
pub(crate) fn context(kind: AccountKind) -> Context<'static> {
    Context {
        now: now(),
        account: AccountFacts {
            deploys: false,
            probes_wildcards: false,
            name: ACCOUNT,
            kind,
            configured: true,
            read_only: false,
            zone_active: None,
            quota_left: None,
        },
        successor: None,
        successor_live: None,
    }
}

/// A certificate that was issued so many days ago and ends in so many.
pub(crate) fn certificate(age: i64, left: i64) -> CertificateRecord {
    CertificateRecord {
        sha256: "5e".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=www.example.com".to_owned(),
        issuer: "a CA".to_owned(),
        serial: "01".to_owned(),
        not_before: days(-age),
        not_after: days(left),
        key: "RSA 2048".to_owned(),
        spki_sha256: "aa".repeat(32),
        is_ca: false,
    }
}

/// A paid certificate of `GeoTrust` for one name, in a state in which nothing was issued yet.
pub(crate) fn bought(state: &str) -> Entry {
    let at = days(-3);
    let mut entry = Entry::new(EntryId::new("e1"), ACCOUNT, "huawei-ssl", state, at);
    entry.names = vec!["www.example.com".to_owned()];
    entry.product.kind = Some(ProductKind::Single);
    entry.product.brand = Some("GeoTrust".to_owned());
    entry.product.term_months = Some(12);
    entry.product.invoice = Some(Invoice {
        number: "CS-1".to_owned(),
        amount: Price {
            cents: 8900,
            currency: "EUR".to_owned(),
        },
        link: None,
        paid_at: Some(days(-3)),
    });
    entry.order.csr_by = Some(CsrBy::Provider);
    entry
}

/// The same, issued so many days ago, for so many days still.
pub(crate) fn issued(age: i64, left: i64) -> Entry {
    let mut entry = bought("issued");
    entry.certificates = vec![certificate(age, left)];
    entry
}

pub(crate) fn in_state(state: &str) -> Entry {
    let mut entry = issued(10, 190);
    let track = entry.tracks.get_mut(MAIN_TRACK).unwrap();
    track.state = StateRef::known(state);
    entry
}

pub(crate) fn free(mut entry: Entry) -> Entry {
    entry.product.free = true;
    entry
}

pub(crate) fn hosted(mut entry: Entry) -> Entry {
    entry.product.hosted = true;
    entry
}

pub(crate) fn for_several(mut entry: Entry, limit: u32) -> Entry {
    entry.product.kind = Some(ProductKind::MultiDomain);
    entry.product.name_limit = Some(limit);
    entry
}

pub(crate) fn of_brand(mut entry: Entry, brand: &str) -> Entry {
    entry.product.brand = Some(brand.to_owned());
    entry
}

pub(crate) fn paid_before(mut entry: Entry, age: i64) -> Entry {
    entry.product.invoice.as_mut().unwrap().paid_at = Some(days(-age));
    entry
}

pub(crate) fn with(mut entry: Entry, edit: impl FnOnce(&mut Entry)) -> Entry {
    edit(&mut entry);
    entry
}

/// The answer: an empty one means that it is possible.
pub(crate) fn answer(action: &str, entry: &Entry) -> String {
    let verdict = gate(action, entry, &table(), &context(AccountKind::Sandbox));
    verdict
        .reason()
        .map(ToString::to_string)
        .unwrap_or_default()
}
