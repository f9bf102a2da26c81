//! Bytes without PEM: certificates one after the other, or one of the containers and lists that are
//! known by their first bytes.

use secrecy::SecretString;

use super::{Found, other, read_crl};
use crate::pki::certificate;
use crate::pki::crl;
use crate::pki::csr;
use crate::pki::p12::{self, P12Error};
use crate::pki::pkcs7;
use crate::pki::seen::{self, SeenKey};

/// Whatever the bytes are.
pub(super) fn read_der(bytes: &[u8], passphrase: Option<&SecretString>) -> Vec<Found> {
    if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return other("Java keystore");
    }
    if p12::is_p12(bytes) {
        return read_p12(bytes, passphrase);
    }
    if let Some(found) = read_bundle(bytes) {
        return found;
    }
    let certificates = certificates(bytes);
    if certificates.is_empty() {
        vec![read_single(bytes)]
    } else {
        certificates
    }
}

/// Certificates that lie behind one another.
fn certificates(bytes: &[u8]) -> Vec<Found> {
    let mut certificates = Vec::new();
    let mut rest = bytes;
    if bytes.first() != Some(&0x30) {
        return certificates;
    }
    while let Ok((certificate, extra)) = certificate::read_first(rest) {
        certificates.push(Found::Certificate(Box::new(certificate)));
        rest = rest.get(rest.len() - extra..).unwrap_or_default();
    }
    if !certificates.is_empty() && !rest.iter().all(u8::is_ascii_whitespace) {
        let why = format!("{} bytes behind the last certificate are none", rest.len());
        certificates.push(Found::unreadable("file", None, why));
    }
    certificates
}

/// What lies in a PKCS #7 bundle, one after the other; nothing where the bytes are none.
pub(super) fn read_bundle(bytes: &[u8]) -> Option<Vec<Found>> {
    let bundle = pkcs7::read(bytes)?;
    let certificates = bundle.certificates.iter().map(|der| {
        certificate::read(der).map_or_else(
            |error| Found::unreadable("PKCS #7 bundle", None, error.to_string()),
            |certificate| Found::Certificate(Box::new(certificate)),
        )
    });
    let lists = bundle.lists.iter().map(|der| {
        read_crl(der, "").unwrap_or_else(|why| Found::unreadable("PKCS #7 bundle", None, why))
    });
    let found: Vec<Found> = certificates.chain(lists).collect();
    if found.is_empty() {
        return Some(other("PKCS #7 bundle"));
    }
    Some(found)
}

fn read_p12(bytes: &[u8], passphrase: Option<&SecretString>) -> Vec<Found> {
    const LABEL: &str = "PKCS #12 file";
    let label = || LABEL.to_owned();
    let opened = p12::open_with(bytes, passphrase);
    match opened {
        Ok((opened, _)) => {
            let certificates = opened.certificates.into_iter();
            let certificates = certificates.map(|one| Found::Certificate(Box::new(one)));
            let keys = opened.keys.iter();
            let keys = keys.map(|key| Found::PrivateKey(SeenKey::of(key)));
            let problems = opened.problems.iter();
            let problems = problems.map(|why| Found::unreadable(LABEL, None, why.as_str()));
            let found: Vec<Found> = certificates.chain(keys).chain(problems).collect();
            if found.is_empty() {
                return other(LABEL);
            }
            found
        }
        Err(error @ (P12Error::NeedsPassphrase | P12Error::WrongPassphrase)) => {
            let (label, why) = (label(), error.to_string());
            vec![Found::Locked { label, why }]
        }
        Err(error) => vec![Found::unreadable(LABEL, None, error.to_string())],
    }
}

fn read_single(bytes: &[u8]) -> Found {
    if !starts_like_der(bytes) {
        let why = "it holds neither PEM, which begins with -----BEGIN, nor DER";
        return Found::unreadable("file", None, why);
    }
    if let Ok(info) = csr::look_at_der(bytes) {
        return Found::Csr(Box::new(info));
    }
    if let Some(key) = seen::look_at(bytes) {
        return Found::PrivateKey(key);
    }
    if let Ok(list) = crl::read(bytes) {
        return Found::Crl(Box::new(list));
    }
    let why = match certificate::read(bytes) {
        Err(error) => error.to_string(),
        Ok(_) => "it changed while it was read".to_owned(),
    };
    Found::unreadable("file", None, why)
}

/// A sequence whose length has two or three bytes, as every certificate's does.
pub(super) fn starts_like_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x81..=0x83, ..])
}
