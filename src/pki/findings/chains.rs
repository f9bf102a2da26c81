//! Where a certificate leads to: over which others, and to which root.

use super::{Case, Finding, Kind, Severity};
use crate::pki::belong::some_of;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{ChainError, check_links, issuer_among, order_chain};
use crate::pki::roots;

/// Where the path upwards ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At a root that browsers know.
    Public {
        /// Its name.
        root: String,
    },
    /// At a root that is known here.
    Own {
        /// Its name.
        root: String,
    },
    /// At a CA whose certificate a person brought here by itself.
    Imported {
        /// Its name.
        root: String,
    },
    /// At itself.
    Itself,
    /// At a root that nobody here knows.
    Unknown {
        /// Its name.
        root: String,
    },
    /// At a certificate whose issuer is not there.
    Open {
        /// The name of the last certificate.
        last: String,
        /// The name of the issuer that is missing.
        issuer: String,
        /// Where that certificate lies, as the last one says.
        at: Option<String>,
        /// Whether it is here, though not beside the others.
        here: bool,
    },
}

/// The part of the path upwards that clients look at: they stop at a root that they know, however
/// it was signed by others as well.
pub(super) fn path_below_root<'a>(
    certificate: &'a Certificate,
    chain: &'a [Certificate],
) -> Vec<&'a Certificate> {
    let path = order_chain(certificate, chain).into_iter().enumerate();
    path.take_while(|(depth, above)| *depth == 0 || !roots::is_public(above))
        .map(|(_, above)| above)
        .collect()
}

/// Where the path upwards from a certificate ends.
#[must_use]
pub fn anchor_of(case: &Case<'_>) -> Anchor {
    let path = order_chain(case.certificate, case.chain);
    // A root that browsers know may stand in the middle, where another one signed it, too.
    for certificate in &path {
        if roots::is_public(certificate) {
            let root = certificate.display_name();
            return Anchor::Public { root };
        }
        if let Some(root) = roots::public_issuer(certificate) {
            return Anchor::Public { root };
        }
        if let Some(root) = own_root(certificate, case.own_roots) {
            return Anchor::Own { root };
        }
    }
    if let Some(root) = imported_root(case, &path) {
        return Anchor::Imported { root };
    }
    let last = path.last().copied().unwrap_or(case.certificate);
    if last.sha256 == case.certificate.sha256 && last.is_self_issued {
        return Anchor::Itself;
    }
    if last.is_self_issued {
        let root = last.display_name();
        return Anchor::Unknown { root };
    }
    let issuer = last.issuer_common_name.as_ref().unwrap_or(&last.issuer);
    Anchor::Open {
        last: last.display_name(),
        issuer: issuer.clone(),
        at: last.aia_issuers.first().cloned(),
        here: issuer_among(last, case.imported).is_some(),
    }
}

/// The first CA on the way that a person brought here: one of those above, or the root above all. One
/// that is not a root and stands in no chain does not end the way: servers have to send it.
fn imported_root(case: &Case<'_>, path: &[&Certificate]) -> Option<String> {
    let is_known = |above: &&&Certificate| {
        let same = |known: &Certificate| known.sha256 == above.sha256;
        case.imported.iter().any(same)
    };
    if let Some(above) = path.iter().skip(1).find(is_known) {
        return Some(above.display_name());
    }
    let last = path.last().filter(|last| !last.is_self_issued)?;
    let root = issuer_among(last, case.imported).filter(|issuer| issuer.is_self_issued)?;
    Some(root.display_name())
}

fn own_root(certificate: &Certificate, own: &[Certificate]) -> Option<String> {
    let same = own.iter().find(|root| root.sha256 == certificate.sha256);
    let root = same.or_else(|| issuer_among(certificate, own))?;
    Some(root.display_name())
}

/// What is wrong with the way to the root.
pub(super) fn chain(case: &Case<'_>, anchor: &Anchor) -> Vec<Finding> {
    let path = order_chain(case.certificate, case.chain);
    let mut findings = Vec::new();
    findings.extend(broken(&path_below_root(case.certificate, case.chain)));
    findings.extend(end(case, anchor));
    findings.extend(order(case, &path));
    findings.extend(strays(case, &path));
    findings
}

/// A link whose issuer may not issue.
fn broken(path: &[&Certificate]) -> Option<Finding> {
    let says = match check_links(path) {
        Err(ChainError::NotACa { subject }) => {
            format!("{subject}, above it, is no CA and may not issue certificates")
        }
        Err(ChainError::TooDeep {
            subject,
            allowed,
            found,
        }) => format!("{subject} allows {allowed} CA certificates below it, and there are {found}"),
        // The others cannot be in a path, or are no fault of it.
        _ => return None,
    };
    let advice = "do not use it; get the chain from the CA again";
    let finding = Finding::new(Kind::ChainBroken, Severity::Fault, says, advice);
    Some(finding)
}

fn end(case: &Case<'_>, anchor: &Anchor) -> Option<Finding> {
    let is_ca = !case.certificate.serves();
    match anchor {
        Anchor::Public { .. } | Anchor::Own { .. } => None,
        // A root leads to nothing but itself.
        Anchor::Itself if is_ca => None,
        Anchor::Itself => {
            let says = "It signed itself: only clients that were given it take it";
            let advice = "give it to them, or get one from a CA";
            let finding = Finding::new(Kind::SelfSigned, Severity::Warning, says, advice);
            Some(finding)
        }
        Anchor::Unknown { root } => {
            let says = format!("It leads to {root}, which is none of the roots that browsers know");
            let advice = "fine for a CA of your own: clients need its root; otherwise ask the CA for its chain to a public root";
            let finding = Finding::new(Kind::UnknownRoot, Severity::Note, says, advice);
            Some(finding)
        }
        Anchor::Imported { root } => {
            let says = format!("It leads to {root}, which you imported; browsers do not know it");
            let advice = "fine for a CA of your own: give its root to the clients";
            let finding = Finding::new(Kind::ImportedRoot, Severity::Note, says, advice);
            Some(finding)
        }
        Anchor::Open {
            last,
            issuer,
            at,
            here,
        } => {
            let at = at.as_deref().filter(|_| !here);
            Some(open(last, issuer, at, *here, is_ca))
        }
    }
}

fn open(last: &str, issuer: &str, at: Option<&str>, here: bool, is_ca: bool) -> Finding {
    let (place, advice) = if here {
        let advice = "that one was imported by itself: put it behind the others".to_owned();
        ("beside it", advice)
    } else if let Some(at) = at {
        let advice = format!("get the missing one from {at} (DER), and put it behind the others");
        ("here", advice)
    } else {
        let advice = "get the certificates above it from the CA, and put them behind it";
        ("here", advice.to_owned())
    };
    let says = format!("Its chain ends at {last}: {issuer}, which issued that, is not {place}");
    let severity = if is_ca {
        Severity::Note
    } else {
        Severity::Warning
    };
    Finding::new(Kind::ChainIncomplete, severity, says, advice)
}

/// RFC 8446 section 4.4.2: each certificate should certify the one before it.
fn order(case: &Case<'_>, path: &[&Certificate]) -> Option<Finding> {
    let position = |certificate: &Certificate| {
        let same = |other: &Certificate| other.sha256 == certificate.sha256;
        case.chain.iter().position(same)
    };
    let positions: Vec<usize> = path
        .iter()
        .skip(1)
        .filter_map(|one| position(one))
        .collect();
    if positions.is_sorted() {
        return None;
    }
    let names: Vec<String> = path.iter().map(|one| one.display_name()).collect();
    let says = "The certificates above it are not in order; some clients give up on that";
    let advice = format!("put them in this order: {}", names.join(", "));
    let finding = Finding::new(Kind::ChainOrder, Severity::Warning, says, advice);
    Some(finding)
}

fn strays(case: &Case<'_>, path: &[&Certificate]) -> Option<Finding> {
    let on_path = |certificate: &&Certificate| {
        let same = |other: &&Certificate| other.sha256 == certificate.sha256;
        path.iter().any(same)
    };
    let strays = case.chain.iter().filter(|one| !on_path(one));
    let names: Vec<String> = strays.map(Certificate::display_name).collect();
    if names.is_empty() {
        return None;
    }
    let says = format!(
        "With it come certificates that lead nowhere: {}",
        some_of(&names)
    );
    let advice = "leave them out; every visitor downloads them";
    let finding = Finding::new(Kind::ChainStray, Severity::Note, says, advice);
    Some(finding)
}
