//! What stories begin with: the tables, an entry that the sandbox can work with, a sandbox.

use std::sync::{Arc, OnceLock};

use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Method, Role, StateRef, Track,
};
use certdeck::domain::lifecycle::{Circumstances, Lifecycle, Lifecycles};
use certdeck::pki::ca::SandboxCa;
use certdeck::pki::{CertName, KeyType, PrivateKey, csr};
use certdeck::providers::sandbox::Sandbox;
use jiff::Timestamp;

/// Every embedded lifecycle, and the made-up one that uses the whole format.
pub(crate) fn lifecycles() -> &'static [Arc<Lifecycle>] {
    static ALL: OnceLock<Vec<Arc<Lifecycle>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut set = Lifecycles::built_in().expect("the embedded tables are right");
        set.add(
            "every_feature.toml",
            include_str!("../fixtures/every_feature.toml"),
        )
        .expect("the fixture is right");
        set.iter().cloned().collect()
    })
}

pub(crate) fn start() -> Timestamp {
    "2026-11-22T14:30:00Z".parse().expect("a timestamp")
}

/// One sandbox for all stories: its key takes its time, and it remembers nothing.
pub(crate) fn sandbox() -> Arc<Sandbox> {
    static ONE: OnceLock<Arc<Sandbox>> = OnceLock::new();
    Arc::clone(ONE.get_or_init(|| {
        let ca = SandboxCa::generate("stories", start()).expect("a CA");
        Arc::new(Sandbox::new(7, ca))
    }))
}

/// A CSR for the name of all stories, and the fingerprint of its key.
fn request() -> &'static (String, String) {
    static ONE: OnceLock<(String, String)> = OnceLock::new();
    ONE.get_or_init(|| {
        let key = PrivateKey::generate(KeyType::P256).expect("a key");
        let names = [CertName::parse("a.example").expect("a name")];
        (csr::make(&key, &names).expect("a CSR"), key.spki_sha256())
    })
}

/// A new entry that stands on each track where this entry point has it, or where it usually begins.
pub(crate) fn begun(lifecycle: &Lifecycle, point: &str, without: &[String]) -> Entry {
    let mut entry = Entry::new(EntryId::new("e1"), "shop", &lifecycle.id, point, start());
    let chosen = [point.to_owned()];
    let begins = lifecycle.beginnings(&chosen, without, Circumstances::default());
    entry.tracks = begins
        .into_iter()
        .map(|id| {
            let state = lifecycle.state(id).expect("a state of the table");
            let stands = Track {
                state: StateRef::known(id),
                since: start(),
                previous: None,
            };
            (state.track.clone(), stands)
        })
        .collect();
    entry.names = vec!["a.example".to_owned()];
    entry.order.csr_by = Some(CsrBy::Certdeck);
    entry.order.csr = Some(request().0.clone());
    entry.order.spki_sha256 = Some(request().1.clone());
    entry.order.key_held = true;
    entry.order.method = Some(Method::Dns);
    entry
}

pub(crate) fn certificate(begins: Timestamp, ends: Timestamp) -> CertificateRecord {
    CertificateRecord {
        sha256: format!("{:064x}", 7),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=a.example".to_owned(),
        issuer: "a CA".to_owned(),
        serial: "01".to_owned(),
        not_before: begins,
        not_after: ends,
        key: "P-256".to_owned(),
        spki_sha256: "aa".repeat(32),
        is_ca: false,
    }
}
