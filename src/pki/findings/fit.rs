//! Whether a certificate fits what it is wanted for: its names, its key, and whether its issuer
//! still stands by it.

use super::{Case, Finding, Kind, Revocation, Severity};
use crate::pki::CertName;
use crate::pki::belong::{date, names_of, short, some_of, uncovered};
use crate::pki::certificate::Certificate;
use crate::pki::describe::AltName;

/// What a revocation list said.
pub(super) fn revoked(case: &Case<'_>) -> Option<Finding> {
    let revoked = case.revoked?;
    let says = format!("Its issuer revoked it{}", since(&revoked));
    let advice = if revoked.reason == Some("certificateHold") {
        "ask the CA why it is on hold; until then clients may refuse it"
    } else if revoked.reason == Some("keyCompromise") {
        "make a new key and get a new certificate; never use this key again"
    } else {
        "get a new certificate and put it in place; clients may refuse this one"
    };
    Some(Finding::new(Kind::Revoked, Severity::Fault, says, advice))
}

/// What a revocation list said of a certificate above it.
#[must_use]
pub fn revoked_above(above: &Certificate, revoked: Revocation<'_>) -> Finding {
    let says = format!(
        "{}, above it, was revoked{}",
        above.display_name(),
        since(&revoked)
    );
    let advice = "get a new certificate with another chain; clients may refuse this one";
    Finding::new(Kind::Revoked, Severity::Fault, says, advice)
}

/// Since when and why, and who says so.
fn since(revoked: &Revocation<'_>) -> String {
    let at = revoked
        .at
        .map_or_else(String::new, |at| format!(" on {}", date(at)));
    let why = revoked
        .reason
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("{at}{why}, says the list of {}", date(revoked.list))
}

/// The names that it is wanted for and does not protect.
pub(super) fn names(case: &Case<'_>) -> Option<Finding> {
    // A CA's own certificate, or a person's, protects no server.
    if !case.certificate.serves() || !may_serve(case) {
        return None;
    }
    let wanted: Vec<String> = case
        .names
        .iter()
        .filter(|name| is_host(name))
        .cloned()
        .collect();
    let missing = uncovered(case.certificate, &wanted);
    if missing.is_empty() {
        return None;
    }
    let has: Vec<String> = names_of(case.certificate)
        .iter()
        .map(AltName::text)
        .collect();
    let says = format!(
        "It does not protect {}; it protects {}",
        some_of(&missing),
        some_of(&has)
    );
    let advice = "get one with all the names, or take the others off this entry";
    let finding = Finding::new(Kind::NameNotCovered, Severity::Fault, says, advice);
    Some(finding)
}

/// Whether it may be a server's: it says so, or says nothing.
fn may_serve(case: &Case<'_>) -> bool {
    let usages = &case.certificate.extended_key_usages;
    usages.is_empty()
        || usages
            .iter()
            .any(|usage| usage == "serverAuth" || usage == "any")
}

/// Whether a name is one that a client could ask for, and no person's.
fn is_host(name: &str) -> bool {
    CertName::parse(name).is_ok_and(|name| name.ip().is_some() || name.ascii().contains('.'))
}

/// Whether it was made for the key that it is wanted for.
pub(super) fn key(case: &Case<'_>) -> Option<Finding> {
    let wanted = case.key?;
    if wanted.eq_ignore_ascii_case(&case.certificate.spki_sha256) {
        return None;
    }
    let says = format!(
        "It was made for another key: its public key is {}, the one it belongs with is {}",
        short(&case.certificate.spki_sha256),
        short(wanted)
    );
    let advice = "use the key that it was made for, or get a certificate for this key";
    Some(Finding::new(
        Kind::KeyMismatch,
        Severity::Fault,
        says,
        advice,
    ))
}
