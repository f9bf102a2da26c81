//! What is wrong with a certificate request: a key that no CA takes, a signature that does not fit.
//!
//! An order refuses such a request (`csr::read`); here it is shown, with what to do.

use super::{Finding, Kind, Severity, keys};
use crate::pki::csr::{CsrError, CsrInfo};

/// What is wrong with a request, the worst first.
#[must_use]
pub fn of_request(request: &CsrInfo) -> Vec<Finding> {
    let advice = "make a new key, P-256 or RSA 2048, and a new request with it";
    let mut findings: Vec<Finding> = keys::weak(&request.key, advice).into_iter().collect();
    findings.extend(request.doubt.as_ref().and_then(signature));
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn signature(doubt: &CsrError) -> Option<Finding> {
    let found = |severity, says: String, advice: &str| {
        Some(Finding::new(Kind::BadSignature, severity, says, advice))
    };
    match doubt {
        CsrError::Signature => {
            let says = "Its signature does not fit its own key: it was changed after it was made";
            let advice = "make it again; no CA takes it as it is";
            found(Severity::Fault, says.to_owned(), advice)
        }
        CsrError::SignatureAlgorithm { algorithm } => {
            let says = format!("Its signature ({algorithm}) cannot be checked here");
            let advice = "check it with openssl req -verify, or make it again with SHA-256";
            found(Severity::Warning, says, advice)
        }
        // A key that is too weak is said of the key.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::csr;
    use crate::pki::{CertName, KeyType, PrivateKey};

    #[test]
    fn a_good_request_has_nothing_and_a_changed_one_its_fault() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let name = CertName::parse("www.example.org").unwrap();
        let pem = csr::make(&key, &[name]).unwrap();
        let mut info = csr::look(pem.as_bytes()).unwrap();
        assert_eq!(of_request(&info), []);
        info.doubt = Some(CsrError::Signature);
        info.key.algorithm = "RSA".to_owned();
        info.key.bits = 1024;
        let kinds: Vec<_> = of_request(&info).iter().map(|one| one.kind.id()).collect();
        assert_eq!(kinds, ["weak-key", "bad-signature"]);
    }
}
