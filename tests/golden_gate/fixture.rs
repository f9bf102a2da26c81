//! The entries that the golden table asks about: in each state one that has what usually came with
//! the way there, and nothing else.

use std::collections::BTreeSet;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Invoice, Price, ProductKind, Role, StateRef, Track,
};
use certdeck::domain::gate::{AccountFacts, Context};
use certdeck::domain::lifecycle::{Bring, Condition, Lifecycle, PREVIOUS, Phase, State};
use jiff::Timestamp;

/// What every answer is given at.
pub(crate) fn now() -> Timestamp {
    at("2026-11-22T14:30:00Z")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp of this file")
}

fn certificate(not_before: &str, not_after: &str) -> CertificateRecord {
    CertificateRecord {
        sha256: "5e".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=www.example.net".to_owned(),
        issuer: "a CA".to_owned(),
        serial: "01".to_owned(),
        not_before: at(not_before),
        not_after: at(not_after),
        key: "P-256".to_owned(),
        spki_sha256: "aa".repeat(32),
        is_ca: false,
    }
}

/// Begins tomorrow.
fn young() -> CertificateRecord {
    certificate("2026-11-23T00:00:00Z", "2027-06-10T00:00:00Z")
}

/// Far from its end, on the day of the answers.
pub(crate) fn fresh() -> CertificateRecord {
    certificate("2026-11-01T00:00:00Z", "2027-05-20T00:00:00Z")
}

/// Twenty days before its end.
pub(crate) fn ageing() -> CertificateRecord {
    certificate("2026-05-26T00:00:00Z", "2026-12-12T00:00:00Z")
}

/// Ended ten days ago.
pub(crate) fn ended() -> CertificateRecord {
    certificate("2026-04-26T00:00:00Z", "2026-11-12T00:00:00Z")
}

pub(crate) fn invoice(paid: Option<&str>) -> Invoice {
    Invoice {
        number: "RE-2026-1182".to_owned(),
        amount: Price {
            cents: 4_900,
            currency: "EUR".to_owned(),
        },
        link: None,
        paid_at: paid.map(at),
    }
}

/// An entry that stands in a state with what usually comes with it. Its other tracks, where the
/// lifecycle has several, stand where they serve.
pub(crate) fn entry_in(lifecycle: &Lifecycle, state: &State) -> Entry {
    let begun = at("2026-05-24T00:00:00Z");
    let id = EntryId::new("e1");
    let mut entry = Entry::new(id, "shop", &lifecycle.id, &state.id, begun);
    entry.tracks.clear();
    for track in &lifecycle.tracks {
        let serves = |other: &&State| other.track == track.id && other.phase == Phase::Live;
        let stands = if track.id == state.track {
            Some(state)
        } else {
            lifecycle.states.iter().find(serves)
        };
        let stands = stands.map(|state| Track {
            state: StateRef::known(&state.id),
            since: begun,
            previous: None,
        });
        entry
            .tracks
            .extend(stands.map(|stands| (track.id.clone(), stands)));
    }
    entry.names = vec!["www.example.net".to_owned()];
    entry.certificates = certificate_in(lifecycle, state).into_iter().collect();
    describe(&mut entry, lifecycle, state);
    entry
}

fn describe(entry: &mut Entry, lifecycle: &Lifecycle, state: &State) {
    if lifecycle.id == "files" {
        return;
    }
    entry.order.csr_by = Some(CsrBy::Certdeck);
    entry.order.key_held = true;
    entry.product.kind = Some(ProductKind::Single);
    entry.product.term_months = Some(12);
    match lifecycle.id.as_str() {
        "netcup" => {
            let is_first = lifecycle.order.first() == Some(&state.id);
            entry.product.invoice = Some(invoice((!is_first).then_some("2026-05-25T00:00:00Z")));
        }
        "huawei-ssl" => {
            entry.product.level = Some("OV".to_owned());
            entry.product.kind = Some(ProductKind::MultiDomain);
            entry.product.hosted = state.id == "hosted";
            entry.product.invoice = Some(invoice(Some("2026-11-20T00:00:00Z")));
            entry.order.csr_by = Some(CsrBy::Provider);
        }
        _ => {}
    }
}

/// The certificate of an entry in a state: none where one can come without one, and of the age
/// that the state speaks of where time makes it.
fn certificate_in(lifecycle: &Lifecycle, state: &State) -> Option<CertificateRecord> {
    if without_certificate(lifecycle).contains(state.id.as_str()) {
        return None;
    }
    let mut made_by = lifecycle.events.iter().filter(|row| row.to == state.id);
    let made_by = made_by.find_map(|row| row.when.filter(|_| row.is_made_by_time()));
    Some(match made_by {
        Some(Condition::NotBefore) => young(),
        Some(Condition::NotAfter) => ended(),
        Some(Condition::RenewalWindow) => ageing(),
        _ => fresh(),
    })
}

/// Every state that can be come to while no certificate is there.
fn without_certificate(lifecycle: &Lifecycle) -> BTreeSet<&str> {
    let brings_it = |brings: &[Bring]| brings.contains(&Bring::Certificate);
    let begun = lifecycle
        .entry_points
        .iter()
        .filter(|point| !brings_it(&point.brings))
        .map(|point| point.state.as_str());
    let mut todo: Vec<&str> = begun.collect();
    let mut met = BTreeSet::new();
    while let Some(state) = todo.pop() {
        if state.starts_with('@') || !met.insert(state) {
            continue;
        }
        let from = |from: &[String]| from.iter().any(|from| from == state);
        let events = lifecycle.events.iter().filter(|row| {
            let by_age = matches!(
                row.when,
                Some(Condition::NotAfter | Condition::RenewalWindow)
            );
            from(&row.from) && !brings_it(&row.brings) && !by_age
        });
        todo.extend(events.map(|row| row.to.as_str()));
        let actions = lifecycle.actions.iter().filter(|row| from(&row.from));
        todo.extend(actions.filter_map(|row| row.to.as_deref()));
    }
    debug_assert!(!met.contains(PREVIOUS));
    met
}

pub(crate) fn context(lifecycle: &Lifecycle) -> Context<'static> {
    let kind = match lifecycle.id.as_str() {
        "files" => AccountKind::Files,
        _ => AccountKind::Sandbox,
    };
    let account = AccountFacts {
        deploys: true,
        probes_wildcards: false,
        name: "shop",
        kind,
        configured: true,
        read_only: false,
        zone_active: None,
        quota_left: Some(5),
    };
    Context {
        now: now(),
        account,
        successor: None,
        successor_live: None,
    }
}
