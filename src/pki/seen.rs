//! What a private key says of itself without being used: its form, its kind, its public half.
//!
//! Bundles often hold the key of their certificate. Whether the two belong together can be told from
//! the public half, which stands in most keys in the open; making a key of it would take a
//! thousand times as long for RSA. May not: keep or hand out anything but the public half. Called by
//! `bundle`.

use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::der::{self, Elements};
use super::describe::KeyDescription;
use super::hash::sha256_hex;
use super::key::PrivateKey;

/// `rsaEncryption` (RFC 8017 appendix A.1) with its parameters, which are null.
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// `id-ecPublicKey` (RFC 5480 section 2.1.1).
const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// `id-PBES2` and what is older: the algorithms that an encrypted key names begin alike
/// (`pkcs-5` and `pkcs-12PbeIds`).
const ENCRYPTIONS: [&[u8]; 2] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01],
];

/// A private key that was seen and not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenKey {
    /// Its form, for people: `private key (PKCS #8)`.
    pub form: &'static str,
    /// Whether a passphrase protects it.
    pub encrypted: bool,
    /// Algorithm and size, where they stand in the open.
    pub description: Option<KeyDescription>,
    /// SHA-256 of its public key info, lower-case hexadecimal, where that can be told.
    pub spki_sha256: Option<String>,
}

impl SeenKey {
    /// A key of which no more can be told.
    pub(super) fn unknown() -> Self {
        Self {
            form: "private key",
            encrypted: false,
            description: None,
            spki_sha256: None,
        }
    }

    /// A key that is encrypted.
    pub(super) fn encrypted() -> Self {
        Self {
            form: "encrypted private key",
            encrypted: true,
            ..Self::unknown()
        }
    }

    /// A key that was opened.
    pub(super) fn of(key: &PrivateKey) -> Self {
        Self::known("private key", &key.spki_der())
    }

    fn known(form: &'static str, spki: &[u8]) -> Self {
        let parsed = SubjectPublicKeyInfo::from_der(spki).ok();
        Self {
            form,
            encrypted: false,
            description: parsed.map(|(_, spki)| KeyDescription::of(&spki)),
            spki_sha256: Some(sha256_hex(spki)),
        }
    }
}

/// What a key in DER says of itself; nothing where it is none.
pub(super) fn look_at(der: &[u8]) -> Option<SeenKey> {
    let mut outer = Elements::of(der);
    let key = outer.one(der::SEQUENCE)?;
    let mut parts = Elements::of(key.content);
    // Only an encrypted one begins with an algorithm instead of a version.
    if let Some(algorithm) = parts.one(der::SEQUENCE) {
        let oid = Elements::of(algorithm.content).one(der::OBJECT_IDENTIFIER)?;
        let is_encryption = ENCRYPTIONS
            .iter()
            .any(|known| oid.content.starts_with(known));
        parts.one(der::OCTET_STRING)?;
        return is_encryption.then(SeenKey::encrypted);
    }
    let version = parts.one(der::INTEGER)?;
    let first = parts.next()?;
    match first.tag {
        der::SEQUENCE => {
            let inner = parts.one(der::OCTET_STRING)?;
            let known = in_pkcs8(first.raw, inner.content);
            Some(seen("private key (PKCS #8)", known, der))
        }
        // PKCS #1: the modulus comes first.
        der::INTEGER => Some(seen("RSA private key (PKCS #1)", rsa(key.content), der)),
        // SEC1: the key itself, then the curve and the public half.
        der::OCTET_STRING if version.content == [1] => {
            Some(seen("EC private key (SEC1)", ec(key.content, None), der))
        }
        _ => None,
    }
}

/// Where the public half does not stand in the open, it is calculated, if the kind is known.
fn seen(form: &'static str, spki: Option<Vec<u8>>, der: &[u8]) -> SeenKey {
    let calculated = || PrivateKey::from_der(der).ok().map(|key| key.spki_der());
    match spki.or_else(calculated) {
        Some(spki) => SeenKey::known(form, &spki),
        None => SeenKey {
            form,
            ..SeenKey::unknown()
        },
    }
}

fn in_pkcs8(algorithm: &[u8], inner: &[u8]) -> Option<Vec<u8>> {
    let inner = Elements::of(inner).one(der::SEQUENCE)?;
    if algorithm == RSA {
        return rsa(inner.content);
    }
    let is_ec = Elements::of(algorithm)
        .one(der::SEQUENCE)?
        .content
        .starts_with(EC);
    is_ec.then(|| ec(inner.content, Some(algorithm))).flatten()
}

/// The public key info of what RFC 8017 appendix A.1.2 writes: version, modulus, exponent, …
fn rsa(content: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Elements::of(content);
    parts.one(der::INTEGER)?;
    let modulus = parts.one(der::INTEGER)?;
    let exponent = parts.one(der::INTEGER)?;
    // A key whose other half is missing is none.
    parts.one(der::INTEGER)?;
    let key = der::element(der::SEQUENCE, &[modulus.raw, exponent.raw].concat());
    Some(public_key_info(RSA, &key))
}

/// The public key info of what RFC 5915 section 3 writes: version, key, curve, public half.
fn ec(content: &[u8], algorithm: Option<&[u8]>) -> Option<Vec<u8>> {
    const CONTEXT_1: u8 = 0xa1;
    let mut parts = Elements::of(content);
    parts.one(der::INTEGER)?;
    parts.one(der::OCTET_STRING)?;
    let curve = parts.one(der::CONTEXT_0);
    let public = parts.one(CONTEXT_1)?;
    let bits = Elements::of(public.content).one(der::BIT_STRING)?;
    let point = bits.content.strip_prefix(&[0])?;
    let of_curve = || Some(der::element(der::SEQUENCE, &[EC, curve?.content].concat()));
    let algorithm = algorithm.map(<[u8]>::to_vec).or_else(of_curve)?;
    Some(public_key_info(&algorithm, point))
}

fn public_key_info(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    // No bit of the last byte is unused.
    let bits = der::element(der::BIT_STRING, &[&[0], key].concat());
    der::element(der::SEQUENCE, &[algorithm, &bits].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::key::KeyType;
    use crate::pki::pem;
    use secrecy::ExposeSecret as _;

    fn der_of(key: &PrivateKey) -> Vec<u8> {
        let pem = key.to_pkcs8_pem();
        let items = pem::scan(pem.expose_secret().as_bytes());
        let [pem::Item::Block(block)] = items.as_slice() else {
            panic!("one block");
        };
        block.decode().unwrap().to_vec()
    }

    #[test]
    fn the_public_half_is_the_one_that_using_the_key_would_give() {
        for kind in [KeyType::Rsa2048, KeyType::P256, KeyType::P384] {
            let key = PrivateKey::generate(kind).unwrap();
            let seen = look_at(&der_of(&key)).unwrap();
            assert_eq!(seen.spki_sha256, Some(key.spki_sha256()), "{kind}");
            assert_eq!(seen.description, Some(key.description()), "{kind}");
            assert!(!seen.encrypted);
        }
    }

    #[test]
    fn what_is_cut_off_anywhere_is_no_other_key() {
        let key = PrivateKey::generate(KeyType::Rsa2048).unwrap();
        let der = der_of(&key);
        for length in 0..der.len() {
            assert_eq!(look_at(&der[..length]), None, "{length}");
        }
    }
}
