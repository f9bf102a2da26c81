//! What is wrong with a certificate where it is used, each with what to do about it.
//!
//! Pure: the certificate, its chain, the names that it is wanted for, what revocation lists said,
//! the roots of one's own and the moment are passed in. Whatever depends on the moment alone is
//! [`dates`], so that a face can say it anew whenever it draws. May not: refuse anything, or look
//! something up. The sentences quote certificates raw: draw them harmlessly. Called by the details
//! of an entry, by import and by what servers show.

mod chains;
mod dates;
mod fit;
mod keys;
mod lists;
mod public;
mod requests;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::certificate::Certificate;

pub use chains::{Anchor, anchor_of};
pub use dates::dates;
pub use fit::revoked_above;
pub use lists::{ListHere, overdue};
pub use requests::of_request;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Clients refuse it, or should.
    Fault,
    /// Some clients refuse it, or will.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word for people and scripts: `fault`, `warning`, `note`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is over.
    Expired,
    /// It has not begun.
    NotYetValid,
    /// A certificate above it is over, or not valid yet.
    ChainDates,
    /// Its key can be broken, or is refused.
    WeakKey,
    /// It, or one above it, is signed with something that can be forged.
    WeakSignature,
    /// It, a request, was not signed with its own key, or nobody here can tell.
    BadSignature,
    /// It does not protect a name that it is wanted for.
    NameNotCovered,
    /// It was made for another key.
    KeyMismatch,
    /// Its issuer took it back.
    Revoked,
    /// The revocation list that is here should have been followed by another one.
    ListOverdue,
    /// An intermediate certificate is missing.
    ChainIncomplete,
    /// The certificates above it are not in the order in which servers send them.
    ChainOrder,
    /// Among those above it are some that have nothing to do with it.
    ChainStray,
    /// A certificate above it may not issue others, or did not issue it.
    ChainBroken,
    /// It leads to a root that browsers do not know.
    UnknownRoot,
    /// It leads to a root that a person brought here.
    ImportedRoot,
    /// It signed itself.
    SelfSigned,
    /// It lives longer than public CAs may let it.
    LifetimeTooLong,
    /// It has no alternative name.
    MissingSan,
    /// It does not say that it is for servers.
    MissingServerAuth,
    /// It does not say which key of its issuer signed it.
    MissingAuthorityKeyId,
}

impl Kind {
    /// The name that scripts read.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::ChainDates => "chain-dates",
            Self::WeakKey => "weak-key",
            Self::WeakSignature => "weak-signature",
            Self::BadSignature => "bad-signature",
            Self::NameNotCovered => "name-not-covered",
            Self::KeyMismatch => "key-mismatch",
            Self::Revoked => "revoked",
            Self::ListOverdue => "list-overdue",
            Self::ChainIncomplete => "chain-incomplete",
            Self::ChainOrder => "chain-order",
            Self::ChainStray => "chain-stray",
            Self::ChainBroken => "chain-broken",
            Self::UnknownRoot => "unknown-root",
            Self::ImportedRoot => "imported-root",
            Self::SelfSigned => "self-signed",
            Self::LifetimeTooLong => "lifetime-too-long",
            Self::MissingSan => "missing-san",
            Self::MissingServerAuth => "missing-server-auth",
            Self::MissingAuthorityKeyId => "missing-authority-key-id",
        }
    }
}

/// One thing that is wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a sentence without a full stop.
    pub says: String,
    /// What to do, in a sentence without a full stop.
    pub advice: String,
}

impl Finding {
    fn new(
        kind: Kind,
        severity: Severity,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let (says, advice) = (says.into(), advice.into());
        Self {
            kind,
            severity,
            says,
            advice,
        }
    }
}

/// What a revocation list said of a certificate; its signature was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation<'a> {
    /// Since when; nothing where the list does not say it.
    pub at: Option<Timestamp>,
    /// Why, by its name in RFC 5280 section 5.3.1.
    pub reason: Option<&'a str>,
    /// When the list was made.
    pub list: Timestamp,
}

/// A certificate where it is used.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// The certificates beside it, in the order in which they are kept or were sent.
    pub chain: &'a [Certificate],
    /// Roots that are known here beside those of browsers: of the sandbox, of one's own.
    pub own_roots: &'a [Certificate],
    /// Certificates of CAs that a person brought here by themselves.
    pub imported: &'a [Certificate],
    /// The names that it is wanted for, in ASCII.
    pub names: &'a [String],
    /// SHA-256 of the public key that it is wanted for, in hexadecimal, where that is known.
    pub key: Option<&'a str>,
    /// What a revocation list said of it.
    pub revoked: Option<Revocation<'a>>,
}

/// Everything about the case that does not change with time, the worst first.
#[must_use]
pub fn judge(case: &Case<'_>) -> Vec<Finding> {
    let anchor = anchor_of(case);
    let mut findings = Vec::new();
    findings.extend(fit::revoked(case));
    findings.extend(keys::weak_key(case.certificate));
    findings.extend(keys::weak_signatures(case));
    findings.extend(fit::names(case));
    findings.extend(fit::key(case));
    findings.extend(chains::chain(case, &anchor));
    if matches!(anchor, Anchor::Public { .. }) && case.certificate.serves() {
        findings.extend(public::rules(case.certificate));
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// The same at a moment, with what depends on it.
#[must_use]
pub fn judge_at(case: &Case<'_>, at: Timestamp) -> Vec<Finding> {
    with_dates(&judge(case), case.certificate, case.chain, at)
}

/// Adds what depends on the moment to what does not, the worst first.
#[must_use]
pub fn with_dates(
    lasting: &[Finding],
    certificate: &Certificate,
    chain: &[Certificate],
    at: Timestamp,
) -> Vec<Finding> {
    let mut findings = dates(certificate, chain, at);
    findings.extend_from_slice(lasting);
    findings.sort_by_key(|finding| finding.severity);
    findings
}
