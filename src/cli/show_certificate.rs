//! What `show` says of a certificate beyond what the list keeps of it.
//!
//! Pure. `show` calls it.

use super::table::Sheet;
use crate::domain::time;
use crate::engine::command::Details;
use crate::pki::csr::CsrInfo;
use crate::pki::findings::Finding;
use crate::pki::{Certificate, ValidationLevel};

/// So many addresses and promises are listed of each kind; `--json` has them all.
const SHOWN: usize = 5;

/// Adds everything that a person may look for.
pub(super) fn fill(sheet: &mut Sheet, certificate: &Certificate, details: &Details) {
    sheet.field("SHA-1", &certificate.sha1);
    sheet.field("Key SHA-256", &certificate.spki_sha256);
    sheet.field("Key pin", &certificate.spki_pin());
    sheet.field("Signature", &certificate.signature_algorithm);
    sheet.field("Usage", &certificate.key_usages.join(", "));
    sheet.field("For", &certificate.extended_key_usages.join(", "));
    let level = certificate.validation_level.map(ValidationLevel::label);
    sheet.optional("Validation", level);
    let policies = certificate.policies.iter().take(SHOWN).cloned();
    sheet.field("Policies", &policies.collect::<Vec<_>>().join(", "));
    if certificate.is_ca {
        let below = certificate
            .path_len
            .map(|count| format!(", {count} CAs below it at most"));
        sheet.field("CA", &format!("yes{}", below.unwrap_or_default()));
    }
    sheet.optional("Own key id", certificate.subject_key_id.as_deref());
    sheet.optional("Issuer key id", certificate.authority_key_id.as_deref());
    for (label, places) in [
        ("OCSP", &certificate.aia_ocsp),
        ("Issuer at", &certificate.aia_issuers),
        ("CRL", &certificate.crl_points),
    ] {
        places
            .iter()
            .take(SHOWN)
            .for_each(|place| sheet.field(label, place));
    }
    for one in details.expanded.timestamps.iter().take(SHOWN) {
        sheet.field(
            "Logged",
            &format!("{} by {}", time::moment(one.at), one.log),
        );
    }
    for list in &details.lists {
        let next = list
            .next
            .map(|next| format!(", the next one due {}", time::date(next)));
        let made = time::date(list.made);
        let says = format!("{} of {made}{}", list.issuer, next.unwrap_or_default());
        sheet.field("CRL here", &says);
    }
    for oddity in &certificate.oddities {
        sheet.field("Odd", oddity);
    }
}

/// Adds what the request says, and what is wrong with it.
pub(super) fn fill_request(sheet: &mut Sheet, request: &CsrInfo, findings: &[Finding]) {
    sheet.field("CSR subject", &request.subject);
    sheet.field("CSR key", &request.key.label());
    for finding in findings {
        let (severity, says) = (finding.severity.word(), &finding.says);
        sheet.field("CSR", &format!("{severity}: {says}; {}", finding.advice));
    }
}
