//! The roots that browsers know: Mozilla's list, as the crate `webpki-roots` carries it.
//!
//! It is as old as this build; a root that came later is not in it, and whoever says so has to say
//! that, too. May not: trust anything for a connection. Called by the findings.

use std::collections::HashMap;
use std::sync::LazyLock;

use webpki_roots::TLS_SERVER_ROOTS;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use super::certificate::Certificate;
use super::{der, dn};

/// A root as the list has it: its name and its key, both encoded.
struct Root {
    subject: Vec<u8>,
    spki: Vec<u8>,
}

/// The roots by their encoded names, of which each may have several keys.
static ROOTS: LazyLock<HashMap<Vec<u8>, Vec<Root>>> = LazyLock::new(|| {
    let mut roots: HashMap<Vec<u8>, Vec<Root>> = HashMap::new();
    for anchor in TLS_SERVER_ROOTS {
        // The list leaves the outermost tag and length out.
        let subject = der::element(der::SEQUENCE, &anchor.subject);
        let spki = der::element(der::SEQUENCE, &anchor.subject_public_key_info);
        let known = roots.entry(subject.clone()).or_default();
        known.push(Root { subject, spki });
    }
    roots
});

/// Whether this is the certificate of a root that browsers know: name and key are the same, however
/// it was signed.
#[must_use]
pub fn is_public(certificate: &Certificate) -> bool {
    let same_key = |root: &Root| super::hash::sha256_hex(&root.spki) == certificate.spki_sha256;
    let known = ROOTS.get(&certificate.subject_der);
    known.is_some_and(|roots| roots.iter().any(same_key))
}

/// The name of the root, among those that browsers know, that signed this certificate.
#[must_use]
pub fn public_issuer(certificate: &Certificate) -> Option<String> {
    let known = ROOTS.get(&certificate.issuer_der)?;
    let (_, parsed) = X509Certificate::from_der(&certificate.der).ok()?;
    let has_signed = |root: &&Root| {
        SubjectPublicKeyInfo::from_der(&root.spki)
            .is_ok_and(|(_, key)| parsed.verify_signature(Some(&key)).is_ok())
    };
    known.iter().find(has_signed).map(Root::name)
}

impl Root {
    fn name(&self) -> String {
        X509Name::from_der(&self.subject).map_or_else(
            |_| String::new(),
            |(_, name)| dn::value_of(&name, dn::COMMON_NAME).unwrap_or_else(|| dn::to_text(&name)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::read;
    use crate::pki::fixtures::self_signed;

    #[test]
    fn every_root_of_the_list_has_a_name_and_a_key_that_can_be_read() {
        let roots: Vec<&Root> = ROOTS.values().flatten().collect();
        assert!(roots.len() > 100, "{}", roots.len());
        for root in roots {
            assert!(!root.name().is_empty());
            assert!(SubjectPublicKeyInfo::from_der(&root.spki).is_ok());
        }
    }

    #[test]
    fn a_name_alone_makes_no_root() {
        let certificate = read(&self_signed("ISRG Root X1", &[])).unwrap();
        assert!(!is_public(&certificate));
        assert_eq!(public_issuer(&certificate), None);
    }
}
