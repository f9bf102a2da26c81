//! What a certificate that was found somewhere becomes: its names, its product, its chain.
//!
//! Pure. Whoever settles looks and imports calls it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::entry::{CertificateRecord, Role};
use crate::pki::{AltName, Certificate, chain};
use crate::providers::record_of;

/// A certificate that stands for itself, with the chain that lay beside it.
#[derive(Clone)]
pub(in crate::engine) struct Find {
    /// The certificate.
    pub(in crate::engine) leaf: Certificate,
    /// The certificates above it, its issuer first.
    pub(in crate::engine) chain: Vec<Certificate>,
    /// The file or server.
    pub(in crate::engine) place: String,
}

/// What lies in one place.
#[derive(Default)]
pub(in crate::engine) struct Sorted {
    /// The certificates that stand for themselves.
    pub(in crate::engine) finds: Vec<Find>,
    /// The fingerprints of those that only stand above one of them.
    pub(in crate::engine) above: BTreeSet<String>,
    /// How many of those there are, each as often as it lies there.
    pub(in crate::engine) chained: usize,
}

/// Which certificates of one place stand for themselves, and which only above one of them.
pub(in crate::engine) fn sort_out(certificates: Vec<Certificate>, place: &str) -> Sorted {
    let certificates: Vec<_> = certificates.into_iter().map(as_it_is_meant).collect();
    let mut sorted = Sorted::default();
    let mut chains = BTreeMap::new();
    let issuers = issuers_among(&certificates);
    for leaf in certificates.iter().filter(|certificate| !certificate.is_ca) {
        let chain = chain::order_chain(leaf, &issuers);
        let chain: Vec<Certificate> = chain.into_iter().skip(1).cloned().collect();
        let above = chain.iter().map(|certificate| certificate.sha256.clone());
        sorted.above.extend(above);
        chains.insert(leaf.sha256.clone(), chain);
    }
    for leaf in certificates {
        if sorted.above.contains(&leaf.sha256) {
            sorted.chained += 1;
            continue;
        }
        let chain = chains.get(&leaf.sha256).cloned().unwrap_or_default();
        let place = place.to_owned();
        sorted.finds.push(Find { leaf, chain, place });
    }
    sorted
}

/// What serves is no CA's here, whatever it says of itself: its end is as urgent as any other's.
fn as_it_is_meant(mut certificate: Certificate) -> Certificate {
    certificate.is_ca = !certificate.serves();
    certificate
}

/// The certificates that others of the same place name as their issuer: few, where a file holds
/// thousands of leaves.
fn issuers_among(certificates: &[Certificate]) -> Vec<Certificate> {
    let named: BTreeSet<&str> = certificates
        .iter()
        .map(|certificate| certificate.issuer.as_str())
        .collect();
    certificates
        .iter()
        .filter(|certificate| named.contains(certificate.subject.as_str()))
        .cloned()
        .collect()
}

impl Find {
    /// What the entry remembers of it.
    pub(super) fn record(&self) -> CertificateRecord {
        let chain = self.chain.iter();
        let chain = chain.map(|certificate| certificate.sha256.clone());
        record_of(&self.leaf, chain.collect(), Role::Serving)
    }
}

/// The names that a certificate protects, or whatever it is called.
pub(super) fn names_of(certificate: &Certificate) -> Vec<String> {
    let protects = certificate.names.iter().filter_map(|name| match name {
        AltName::Dns(_) | AltName::Ip(_) => Some(name.text()),
        _ => None,
    });
    let mut names: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in protects.chain(
        certificate
            .subject_common_name
            .clone()
            .filter(|_| !certificate.is_ca),
    ) {
        if seen.insert(name.to_lowercase()) {
            names.push(name);
        }
    }
    // A person looks for the name that the certificate calls itself by.
    if let Some(own) = certificate.subject_common_name.as_ref()
        && let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case(own))
    {
        names[..=at].rotate_right(1);
    }
    if names.is_empty() {
        names.push(certificate.display_name());
    }
    names
}

/// What the list calls a certificate of which nobody knows what was bought.
pub(super) fn product_of(certificate: &Certificate) -> String {
    match (certificate.is_ca, certificate.is_self_issued) {
        (true, true) => "Root CA".to_owned(),
        (true, false) => "Intermediate CA".to_owned(),
        (false, true) => "Self-signed".to_owned(),
        (false, false) => certificate
            .validation_level
            .map_or("Certificate", |level| level.label())
            .to_owned(),
    }
}

/// A place as an entry is called that stands for it: a file's name, or the server.
pub(super) fn name_of_place(place: &str) -> String {
    let name = Path::new(place).file_name();
    name.map_or_else(
        || place.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Whether a place is a file; otherwise it is a server.
pub(super) fn is_file(place: &str) -> bool {
    place.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::ca::{IssueRequest, SandboxCa};
    use crate::pki::{KeyType, PrivateKey, ValidationLevel, read_certificate};

    #[test]
    fn what_signed_itself_and_protects_names_serves_whatever_it_says() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let ca = SandboxCa::generate("test", now).unwrap();
        let request = IssueRequest {
            names: vec!["nas.example.com".parse().unwrap()],
            not_before: now,
            not_after: now + jiff::SignedDuration::from_hours(24),
            serial: [1; 16],
            level: ValidationLevel::Dv,
            organization: None,
        };
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let issued = ca.issue(&key.spki_der(), &request).unwrap();
        let mut made_by_hand = read_certificate(&issued.leaf_pem).unwrap();
        made_by_hand.is_self_issued = true;
        made_by_hand.is_ca = true;
        let sorted = sort_out(vec![made_by_hand.clone()], "/etc/ssl/nas.pem");
        assert!(!sorted.finds[0].leaf.is_ca);
        assert_eq!(product_of(&sorted.finds[0].leaf), "Self-signed");
        // A CA's own certificate has no names to protect.
        made_by_hand.names.clear();
        let sorted = sort_out(vec![made_by_hand], "/etc/ssl/root.pem");
        assert!(sorted.finds[0].leaf.is_ca);
    }
}
