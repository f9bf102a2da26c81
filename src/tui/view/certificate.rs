//! The tab CSR / Certificate: the private key where it is held here, the CSR, the certificate and
//! its chain.
//!
//! The key is masked until a person asks for it, and asking is journaled by the engine.

use secrecy::{ExposeSecret, SecretString};

use super::sheet::Sheet;
use super::{details, expanded, findings, general};
use crate::domain::entry::{CsrBy, Entry};
use crate::domain::lifecycle::Phase;
use crate::domain::time;
use crate::pki::certificate::Certificate;
use crate::pki::csr::CsrInfo;
use crate::pki::findings::of_request;
use crate::tui::actions_menu::key_of;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// How many signs stand for a masked key: never as many as it has characters.
const MASK: usize = 24;

/// Fills the page.
pub(super) fn fill<'a>(sheet: &mut Sheet<'a>, model: &'a Model, entry: &'a Entry) {
    private_key(sheet, model, entry);
    request(sheet, model, entry);
    let loaded = model.details.details_of(&entry.id);
    match loaded.and_then(|loaded| loaded.certificate.as_ref()) {
        Some(certificate) => {
            findings::all(sheet, &findings::of(model, entry));
            sheet.heading("Certificate");
            full(sheet, certificate);
        }
        None => no_certificate(sheet, model, entry),
    }
    if let Some(loaded) = loaded {
        expanded::fill(sheet, &loaded.expanded);
        chain(sheet, &loaded.chain);
    }
}

fn private_key(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    sheet.heading("Private key");
    if let Some(key) = model.details.revealed_of(&entry.id) {
        revealed(sheet, key);
        return;
    }
    if !entry.order.key_held {
        sheet.text(&why_not_here(model, entry), Role::Dim);
        return;
    }
    let key = key_of("reveal-key", sheet.look.keymap).unwrap_or_default();
    sheet.field_in(
        "Held here",
        &sheet.look.symbols.masked.repeat(MASK),
        Role::Secret,
    );
    let says = format!("{key} shows it until you leave this tab; the history remembers that");
    sheet.field_in("", &says, Role::Dim);
}

fn revealed(sheet: &mut Sheet<'_>, key: &SecretString) {
    sheet.text(key.expose_secret().trim_end(), Role::Secret);
    let key = key_of("reveal-key", sheet.look.keymap).unwrap_or_default();
    sheet.text(
        &format!("{key} or leaving this tab hides it again."),
        Role::Dim,
    );
}

/// The gate's own words, so that page and menu never disagree.
fn why_not_here(model: &Model, entry: &Entry) -> String {
    let verdict = model.inventory.verdict("reveal-key", entry, model.now);
    let reason = verdict.reason().map(ToString::to_string);
    reason.map_or_else(String::new, |reason| {
        format!("{}.", general::capitalised(&reason))
    })
}

fn request<'a>(sheet: &mut Sheet<'a>, model: &'a Model, entry: &'a Entry) {
    sheet.heading("CSR");
    if let Some(by) = entry.order.csr_by {
        let who = if by == CsrBy::You {
            "you, elsewhere"
        } else {
            by.words()
        };
        sheet.field("Made by", who);
    }
    let Some(pem) = &entry.order.csr else {
        let says = if entry.origin.is_some() {
            "None: a certificate from a file comes without the request that led to it."
        } else {
            "None yet."
        };
        sheet.text(says, Role::Dim);
        return;
    };
    match model
        .details
        .of(&entry.id)
        .and_then(|loaded| loaded.csr.as_ref())
    {
        Some(Ok(csr)) => csr_fields(sheet, csr),
        Some(Err(why)) => sheet.field_in("Unreadable", why, Role::Bad),
        None => {}
    }
    sheet.block("PEM", pem, Role::Text);
}

fn csr_fields<'a>(sheet: &mut Sheet<'a>, csr: &'a CsrInfo) {
    sheet.field("Subject", &or_none(&csr.subject));
    sheet.field("Key", &csr.key.label());
    sheet.field("Key SHA-256", &csr.spki_sha256);
    sheet.many("Names", csr.names.len(), |index| csr.names[index].text());
    findings::each(sheet, &of_request(csr));
}

fn no_certificate(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    sheet.heading("Certificate");
    if entry.certificates.is_empty() {
        let phase = model.inventory.row(entry, model.now).phase;
        let says = match phase {
            Some(Phase::Ended | Phase::Failed) => "None came of it.",
            _ => "None yet: it comes when the CA has issued it.",
        };
        sheet.text(says, Role::Dim);
    } else {
        details::not_loaded(sheet, model, entry);
    }
}

fn full<'a>(sheet: &mut Sheet<'a>, certificate: &'a Certificate) {
    sheet.field("Subject", &or_none(&certificate.subject));
    sheet.field("Issuer", &or_none(&certificate.issuer));
    sheet.field("Serial", &certificate.serial);
    sheet.field("Not before", &time::moment(certificate.not_before));
    sheet.field("Not after", &time::moment(certificate.not_after));
    sheet.field("Key", &certificate.key.label());
    sheet.field("Signature", &certificate.signature_algorithm);
    let names = &certificate.names;
    sheet.many("Names", names.len(), |index| names[index].text());
    sheet.field_if("Usage", Some(&certificate.key_usages.join(", ")));
    sheet.field_if("For", Some(&certificate.extended_key_usages.join(", ")));
    if let Some(level) = certificate.validation_level {
        sheet.field("Validation", level.label());
    }
    if certificate.is_ca {
        let depth = certificate
            .path_len
            .map_or_else(String::new, |n| format!(", {n} more below it"));
        sheet.field("CA", &format!("yes{depth}"));
    }
    sheet.field("SHA-256", &certificate.sha256);
    sheet.field("SHA-1", &certificate.sha1);
    sheet.field("Key SHA-256", &certificate.spki_sha256);
    sheet.field("Key pin", &certificate.spki_pin());
    sheet.field_if("Own key id", certificate.subject_key_id.as_deref());
    sheet.field_if("Issuer key", certificate.authority_key_id.as_deref());
    for (label, places) in [
        ("Policies", &certificate.policies),
        ("OCSP", &certificate.aia_ocsp),
        ("Issuer at", &certificate.aia_issuers),
        ("CRL", &certificate.crl_points),
    ] {
        sheet.many(label, places.len(), |index| places[index].clone());
    }
    for oddity in &certificate.oddities {
        sheet.field_in("Odd", oddity, Role::Warn);
    }
    pem(sheet, certificate);
}

/// The PEM is made only when it is shown.
fn pem(sheet: &mut Sheet<'_>, certificate: &Certificate) {
    if sheet.is_expanded() {
        sheet.text("PEM", Role::Dim);
        sheet.text(certificate.to_pem().trim_end(), Role::Text);
    } else {
        let says = format!(
            "{} bytes of DER; x shows the PEM, y copies it",
            certificate.der.len()
        );
        sheet.field_in("PEM", &says, Role::Dim);
    }
}

fn chain(sheet: &mut Sheet<'_>, chain: &[Certificate]) {
    if chain.is_empty() {
        return;
    }
    sheet.heading("Chain, the issuer first");
    for certificate in chain {
        sheet.field("Certificate", &certificate.display_name());
        sheet.field("Issuer", &or_none(&certificate.issuer));
        sheet.field("Not after", &time::moment(certificate.not_after));
        sheet.field("SHA-256", &certificate.sha256);
        if sheet.is_expanded() {
            sheet.text(certificate.to_pem().trim_end(), Role::Text);
        }
        sheet.gap();
    }
}

fn or_none(text: &str) -> String {
    if text.is_empty() {
        "(empty)".to_owned()
    } else {
        text.to_owned()
    }
}
