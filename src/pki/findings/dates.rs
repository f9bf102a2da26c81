//! What is wrong at a moment: the certificate, or one that it hangs on, is over or has not begun.

use jiff::Timestamp;

use super::chains::path_below_root;
use super::{Finding, Kind, Severity};
use crate::pki::belong::date;
use crate::pki::certificate::Certificate;

/// What is wrong with the dates of a certificate and of those above it.
#[must_use]
pub fn dates(certificate: &Certificate, chain: &[Certificate], at: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    if at > certificate.not_after {
        let says = format!("It expired on {}", date(certificate.not_after));
        let advice = "renew it, and put the new one where this one serves";
        findings.push(Finding::new(Kind::Expired, Severity::Fault, says, advice));
    } else if at < certificate.not_before {
        let says = format!("It is valid only from {}", date(certificate.not_before));
        let advice = "keep the old one in place until then; if it should be valid already, look at this machine's clock";
        let finding = Finding::new(Kind::NotYetValid, Severity::Fault, says, advice);
        findings.push(finding);
    }
    // Signatures are checked for a chain alone: the usual one has good dates.
    if chain.iter().any(|above| !above.is_valid_at(at)) {
        findings.extend(above(certificate, chain, at));
    }
    findings
}

fn above(certificate: &Certificate, chain: &[Certificate], at: Timestamp) -> Option<Finding> {
    let path = path_below_root(certificate, chain);
    let wrong = path
        .into_iter()
        .skip(1)
        .find(|above| !above.is_valid_at(at))?;
    let name = wrong.display_name();
    let says = if at > wrong.not_after {
        format!("{name}, above it, expired on {}", date(wrong.not_after))
    } else {
        format!(
            "{name}, above it, is valid only from {}",
            date(wrong.not_before)
        )
    };
    // Clients know roots by themselves, and most do not look at their dates.
    let severity = if wrong.is_self_issued {
        Severity::Note
    } else {
        Severity::Fault
    };
    let advice = "put the chain in place that the CA offers today";
    Some(Finding::new(Kind::ChainDates, severity, says, advice))
}
