//! What `show` says of a certificate beyond what the list keeps of it.
//!
//! Pure. `show` calls it.

use super::table::Sheet;
use crate::domain::time;
use crate::engine::command::Details;
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
    for oddity in &certificate.oddities {
        sheet.field("Odd", oddity);
    }
}
