//! Files full of certificates: PEM bundles with anything in them, and raw DER.
//!
//! May not: fail. Whatever the bytes are, the answer is a list of what was found, in its order; a
//! damaged block loses only itself, and a private key is seen but never copied. Linear in the size
//! of the input. Called by the file reader (`files`) and by import.

mod keys;
mod raw;
#[cfg(test)]
mod tests;

use memchr::memmem;
use secrecy::SecretString;

use super::certificate::{self, Certificate};
use super::crl::{self, Crl};
use super::csr::{self, CsrInfo, is_certificate_label, is_request_label};
use super::key::is_key_label;
use super::pem::{self, Block, Item};
use super::seen::{self, SeenKey};
pub use keys::{BroughtKey, KeyLeft, keys};
use raw::{read_bundle, read_der, starts_like_der};

/// `ENCRYPTED PRIVATE KEY-----` and its like.
const LONGEST_KEY_LABEL: usize = 32;

/// One thing that lies in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A certificate.
    Certificate(Box<Certificate>),
    /// A request; whether anybody would sign it, it says itself ([`CsrInfo::doubt`]).
    Csr(Box<CsrInfo>),
    /// A revocation list. Its signature was not checked: that takes its issuer.
    Crl(Box<Crl>),
    /// A private key; its content is not here.
    PrivateKey(SeenKey),
    /// Something that a passphrase protects, and the right one was not given.
    Locked {
        /// What it is, for people.
        label: String,
        /// Why it did not open and what to do, as a clause without a full stop.
        why: String,
    },
    /// Something that certdeck knows of but does not read here.
    Other {
        /// What it is, for people.
        label: String,
    },
    /// Something that should have been readable.
    Unreadable {
        /// What it claims to be: the block's label, or `file`.
        what: String,
        /// Line of the block's beginning, from 1.
        line: Option<usize>,
        /// What is wrong, as a clause without a full stop.
        why: String,
    },
}

impl Found {
    fn unreadable(what: &str, line: Option<usize>, why: impl Into<String>) -> Self {
        Self::Unreadable {
            what: what.to_owned(),
            line,
            why: why.into(),
        }
    }
}

/// Finds everything in the bytes of one file. Never empty: a file without anything yields one
/// [`Found::Unreadable`] that says so.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<Found> {
    read_with(bytes, None)
}

/// The same, with a passphrase for what needs one.
#[must_use]
pub fn read_with(bytes: &[u8], passphrase: Option<&SecretString>) -> Vec<Found> {
    if bytes.is_empty() {
        return vec![Found::unreadable("file", None, "it is empty")];
    }
    match pem::decode_utf16(bytes) {
        Some(text) => read_bytes(text.as_bytes(), passphrase),
        None => read_bytes(bytes, passphrase),
    }
}

/// Whether a file is worth reading, judged by its bytes and its name, without parsing it: a
/// certificate's PEM label, or a name that promises a certificate, whatever is in it: one that
/// breaks its promise has to be told of.
#[must_use]
pub fn looks_like_certificate(bytes: &[u8], file_name: &str) -> bool {
    if let Some(text) = pem::decode_utf16(bytes) {
        return has_certificate_label(text.as_bytes());
    }
    let named = |extensions: &[&str]| has_extension(file_name, extensions);
    has_certificate_label(bytes)
        || named(&["der", "cer", "crt"])
        || (named(&["pem"]) && starts_like_der(bytes))
}

/// Whether a private key in PEM may lie in the bytes, judged without parsing them.
#[must_use]
pub fn has_key_label(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"-----BEGIN ").any(|start| {
        let label = bytes.get(start + 11..).unwrap_or_default();
        let label = label.get(..LONGEST_KEY_LABEL).unwrap_or(label);
        memmem::find(label, b"PRIVATE KEY-----").is_some()
    })
}

fn read_bytes(bytes: &[u8], passphrase: Option<&SecretString>) -> Vec<Found> {
    let items = pem::scan(bytes);
    if items.is_empty() {
        return read_der(bytes, passphrase);
    }
    items.iter().flat_map(read_item).collect()
}

fn read_item(item: &Item<'_>) -> Vec<Found> {
    match item {
        Item::Block(block) => read_block(block)
            .unwrap_or_else(|why| vec![Found::unreadable(block.label, Some(block.line), why)]),
        Item::Broken { label, line, why } => {
            vec![Found::unreadable(label, Some(*line), why.as_str())]
        }
    }
}

fn read_block(block: &Block<'_>) -> Result<Vec<Found>, String> {
    let label = block.label;
    if is_key_label(label) {
        return Ok(vec![Found::PrivateKey(read_key(block))]);
    }
    let one = |read: fn(&[u8], &str) -> Result<Found, String>| {
        let der = block.decode()?;
        read(&der, label).map(|found| vec![found])
    };
    if is_certificate_label(label) {
        one(read_certificate)
    } else if is_request_label(label) {
        one(read_request)
    } else if label == "X509 CRL" {
        one(read_crl)
    } else if matches!(label, "PKCS7" | "CMS") {
        let der = block.decode()?;
        Ok(read_bundle(&der).unwrap_or_else(|| other(label)))
    } else {
        Ok(other(label))
    }
}

fn other(label: &str) -> Vec<Found> {
    let label = label.to_owned();
    vec![Found::Other { label }]
}

/// What a key says of itself. One of another program's own form, or a damaged one, is a key all the
/// same: nothing of it is taken.
fn read_key(block: &Block<'_>) -> SeenKey {
    if block.label == "ENCRYPTED PRIVATE KEY" || block.is_encrypted() {
        return SeenKey::encrypted();
    }
    let der = block.decode().ok();
    let seen = der.and_then(|der| seen::look_at(&der));
    seen.unwrap_or_else(SeenKey::unknown)
}

fn read_certificate(der: &[u8], label: &str) -> Result<Found, String> {
    let (certificate, extra) = certificate::read_first(der).map_err(|error| error.to_string())?;
    // OpenSSL writes trust settings behind the certificate of a TRUSTED CERTIFICATE.
    if extra > 0 && label != "TRUSTED CERTIFICATE" {
        return Err(certificate::CertificateError::Trailing { extra }.to_string());
    }
    Ok(Found::Certificate(Box::new(certificate)))
}

fn read_request(der: &[u8], _label: &str) -> Result<Found, String> {
    csr::look_at_der(der)
        .map(|info| Found::Csr(Box::new(info)))
        .map_err(|error| error.to_string())
}

fn read_crl(der: &[u8], _label: &str) -> Result<Found, String> {
    crl::read(der)
        .map(|list| Found::Crl(Box::new(list)))
        .map_err(|error| error.to_string())
}

fn has_certificate_label(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"-----BEGIN ").any(|start| {
        let label = bytes.get(start + 11..).unwrap_or_default();
        [
            &b"CERTIFICATE-----"[..],
            b"X509 CERTIFICATE-----",
            b"TRUSTED CERTIFICATE-----",
        ]
        .iter()
        .any(|known| label.starts_with(known))
    })
}

fn has_extension(file_name: &str, extensions: &[&str]) -> bool {
    file_name.rsplit_once('.').is_some_and(|(_, extension)| {
        extensions
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}
