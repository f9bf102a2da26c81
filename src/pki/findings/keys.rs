//! Keys that can be broken, and signatures that can be forged.
//!
//! Sources: Baseline Requirements 6.1.5 (key sizes) and 7.1.3.2 (signature algorithms); NIST
//! SP 800-57 part 1, table 2, for what has too little strength.

use super::chains::path_below_root;
use super::{Case, Finding, Kind, Severity};
use crate::pki::certificate::Certificate;
use crate::pki::csr::SMALLEST_RSA;
use crate::pki::describe::KeyDescription;

/// Common TLS libraries take no larger RSA keys (OpenSSL: 16384 at most, Go and webpki: 8192).
const LARGEST_RSA: u32 = 8_192;
/// Fewer bits of an elliptic curve are less than RSA 3072 (SP 800-57 part 1, table 2).
const SMALLEST_CURVE: u32 = 256;

/// What is wrong with the key of a certificate.
pub(super) fn weak_key(certificate: &Certificate) -> Option<Finding> {
    let advice = "make a new key, P-256 or RSA 2048, and get a certificate for it";
    weak(&certificate.key, advice)
}

/// What is wrong with a key, and what to do about it where it is used.
pub(super) fn weak(key: &KeyDescription, advice: &str) -> Option<Finding> {
    let found = |severity, says: String| Some(Finding::new(Kind::WeakKey, severity, says, advice));
    let is_rsa = matches!(key.algorithm.as_str(), "RSA" | "RSA-PSS");
    let label = key.label();
    if key.bits == 0 {
        None
    } else if is_rsa && key.bits < SMALLEST_RSA {
        let says = format!("Its key, {label}, can be broken; {SMALLEST_RSA} bits are the least");
        found(Severity::Fault, says)
    } else if is_rsa && key.bits > LARGEST_RSA {
        let says = format!("Its key, {label}, is larger than many clients take, and slow");
        found(Severity::Warning, says)
    } else if key.algorithm == "DSA" {
        let says = format!("Its key, {label}, is of a kind that TLS clients refuse");
        found(Severity::Fault, says)
    } else if !is_rsa && key.bits < SMALLEST_CURVE {
        let says = format!("Its key, {label}, is on a curve that is too small");
        found(Severity::Fault, says)
    } else {
        None
    }
}

/// What is wrong with its signature, and with those of the certificates above it.
pub(super) fn weak_signatures(case: &Case<'_>) -> Option<Finding> {
    let signed_weakly = |certificate: &&Certificate| {
        // Nobody looks at the signature of a root: clients have its key.
        let is_root = certificate.is_self_issued && certificate.is_ca;
        !is_root && is_weak(&certificate.signature_algorithm)
    };
    let path = path_below_root(case.certificate, case.chain);
    let weak = path.into_iter().find(signed_weakly)?;
    let whose = if weak.sha256 == case.certificate.sha256 {
        "It".to_owned()
    } else {
        format!("{}, above it,", weak.display_name())
    };
    let says = format!(
        "{whose} is signed with {}, which can be forged",
        weak.signature_algorithm
    );
    let advice = "get one that is signed with SHA-256; clients refuse this one";
    let finding = Finding::new(Kind::WeakSignature, Severity::Fault, says, advice);
    Some(finding)
}

/// Whether signatures of this algorithm can be forged, by its name in `labels`.
fn is_weak(algorithm: &str) -> bool {
    ["MD2", "MD4", "MD5", "SHA-1"]
        .iter()
        .any(|digest| algorithm.split(' ').any(|word| word == *digest))
}
