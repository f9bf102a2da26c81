//! What lies in the texts that people paste: certificates, a CSR and a key, wherever they stand.
//!
//! Pure. May not: judge whether they belong together (`belong` does), or keep anything that it does
//! not hand out.

use secrecy::{ExposeSecret as _, SecretString};

use super::{Part, Pasted, Problem};
use crate::pki::bundle::{self, Found};
use crate::pki::certificate::Certificate;
use crate::pki::csr::{self, CsrInfo};
use crate::pki::key::PrivateKey;

/// Everything that was found.
#[derive(Debug)]
pub(super) struct Heap {
    /// The certificates of the certificate's text, in their order.
    pub(super) certificates: Vec<Certificate>,
    /// The certificates of the chain's text.
    pub(super) above: Vec<Certificate>,
    pub(super) csr: Option<CsrInfo>,
    /// The field in which the CSR stood.
    pub(super) csr_from: Part,
    pub(super) key: Option<PrivateKey>,
    /// The field in which the key stood.
    pub(super) key_from: Part,
}

/// Reads every text.
pub(super) fn read(pasted: Pasted<'_>) -> Result<Heap, Vec<Problem>> {
    let mut heap = Heap {
        certificates: Vec::new(),
        above: Vec::new(),
        csr: None,
        csr_from: Part::Csr,
        key: None,
        key_from: Part::Key,
    };
    let mut problems = Vec::new();
    // First the fields of their own, so that what stands in the certificate's text is compared
    // with them.
    if let Some(text) = given(pasted.key) {
        match PrivateKey::from_pem(text) {
            Ok(key) => heap.key = Some(key),
            Err(error) => problems.push(Problem::new(Part::Key, error.to_string())),
        }
    }
    if let Some(text) = given(pasted.csr) {
        match csr::read(text.expose_secret().as_bytes()) {
            Ok(csr) => heap.csr = Some(csr),
            Err(error) => problems.push(Problem::new(Part::Csr, error.to_string())),
        }
    }
    for (text, part) in [
        (pasted.certificate, Part::Certificate),
        (pasted.chain, Part::Chain),
    ] {
        if let Some(text) = given(text) {
            problems.extend(take(&mut heap, text, part));
        }
    }
    if problems.is_empty() {
        Ok(heap)
    } else {
        Err(problems)
    }
}

/// A text with something in it.
fn given(text: Option<&SecretString>) -> Option<&SecretString> {
    text.filter(|text| !text.expose_secret().trim().is_empty())
}

/// Takes everything out of one text.
fn take(heap: &mut Heap, text: &SecretString, part: Part) -> Vec<Problem> {
    let found = bundle::read(text.expose_secret().as_bytes());
    let mut problems = Vec::new();
    let mut certificates = Vec::new();
    let mut has_key = false;
    for found in &found {
        match found {
            Found::Certificate(certificate) => certificates.push(certificate.as_ref().clone()),
            Found::Csr(csr) => problems.extend(take_csr(heap, csr, part)),
            Found::PrivateKey(_) => has_key = true,
            Found::Crl(_) | Found::Locked { .. } | Found::Other { .. } => {}
            Found::Unreadable { what, line, why } => {
                problems.push(Problem::new(part, unreadable(what, *line, why)));
            }
        }
    }
    if has_key {
        problems.extend(take_key(heap, text, part));
    }
    if certificates.is_empty() && problems.is_empty() {
        problems.push(Problem::new(part, no_certificate(&found)));
    }
    match part {
        Part::Certificate => heap.certificates.extend(certificates),
        _ => heap.above.extend(certificates),
    }
    problems
}

fn unreadable(what: &str, line: Option<usize>, why: &str) -> String {
    match line {
        Some(line) => format!(
            "the {what} block that begins in line {line} cannot be read: {why}; copy it again, whole"
        ),
        None => format!(
            "it is no certificate: {why}; paste it from -----BEGIN CERTIFICATE----- to its end"
        ),
    }
}

fn take_csr(heap: &mut Heap, csr: &CsrInfo, part: Part) -> Option<Problem> {
    if let Some(doubt) = &csr.doubt {
        return Some(Problem::new(part, doubt.to_string()));
    }
    match &heap.csr {
        Some(known) if known.spki_sha256 != csr.spki_sha256 => {
            let says = "there is another CSR in this text than in its own field; give one of them";
            Some(Problem::new(part, says))
        }
        Some(_) => None,
        None => {
            heap.csr = Some(csr.clone());
            heap.csr_from = part;
            None
        }
    }
}

fn take_key(heap: &mut Heap, text: &SecretString, part: Part) -> Option<Problem> {
    let key = match PrivateKey::from_pem(text) {
        Ok(key) => key,
        Err(error) => return Some(Problem::new(part, error.to_string())),
    };
    match &heap.key {
        Some(known) if known.spki_sha256() != key.spki_sha256() => {
            let says = "there is another private key in this text than in its own field; give one \
                        of them";
            Some(Problem::new(part, says))
        }
        Some(_) => None,
        None => {
            heap.key = Some(key);
            heap.key_from = part;
            None
        }
    }
}

/// What to say of a text without a certificate, by what is there instead.
fn no_certificate(found: &[Found]) -> String {
    let says = found.iter().find_map(|found| match found {
        Found::PrivateKey(_) => Some(
            "this is a private key, not a certificate; it belongs into its own field, and the \
             certificate here"
                .to_owned(),
        ),
        Found::Csr(csr) => Some(format!(
            "this is a CSR ({}), not a certificate; paste what the CA made of it, which begins \
             with -----BEGIN CERTIFICATE-----",
            csr.subject
        )),
        Found::Crl(_) => Some(other("revocation list")),
        Found::Locked { label, .. } | Found::Other { label } => Some(other(label)),
        _ => None,
    });
    says.unwrap_or_else(|| {
        "there is no certificate in it; paste it from -----BEGIN CERTIFICATE----- to its end"
            .to_owned()
    })
}

fn other(label: &str) -> String {
    let how = match label {
        "PKCS #12 file" => "openssl pkcs12 -in FILE.p12 -nodes",
        "PKCS7" | "PKCS #7 bundle" => "openssl pkcs7 -print_certs -in FILE.p7b",
        _ => {
            return format!(
                "this is a {label} block, not a certificate; paste the block that begins with \
                 -----BEGIN CERTIFICATE-----"
            );
        }
    };
    format!("this is {label}, not a certificate; take the certificate out of it with: {how}")
}
