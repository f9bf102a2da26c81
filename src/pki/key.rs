//! Private keys: made, read from PEM, written as PKCS#8.
//!
//! May not: store, print or log a key; every form of it that leaves this module is a secret type.
//! Called by the store (key archive), the sandbox provider, the order form and `csr` and `ca`.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair,
};
use rcgen::{KeyPair, PublicKeyData, RsaKeySize};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::{Zeroize, Zeroizing};

use super::describe::KeyDescription;
use super::hash::sha256_hex;
use super::pem::{self, Block, Item};

/// The kinds of keys that certdeck makes: those that public CAs sign (Baseline Requirements 6.1.5),
/// and Ed25519 (RFC 8410), which private CAs sign and public ones do not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyType {
    /// RSA with 2048 bits.
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// RSA with 3072 bits.
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    /// RSA with 4096 bits.
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    /// ECDSA on the curve P-256.
    #[serde(rename = "p-256")]
    P256,
    /// ECDSA on the curve P-384.
    #[serde(rename = "p-384")]
    P384,
    /// Ed25519.
    #[serde(rename = "ed25519")]
    Ed25519,
}

/// A name that is no [`KeyType`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given:?} is no key type; use one of rsa-2048, rsa-3072, rsa-4096, p-256, p-384 and ed25519"
)]
pub struct UnknownKeyType {
    given: String,
}

impl KeyType {
    /// All key types in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::P256,
        Self::P384,
        Self::Ed25519,
    ];

    /// The name for people, as [`KeyDescription::label`] writes it too.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA 2048",
            Self::Rsa3072 => "RSA 3072",
            Self::Rsa4096 => "RSA 4096",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// The name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa-2048",
            Self::Rsa3072 => "rsa-3072",
            Self::Rsa4096 => "rsa-4096",
            Self::P256 => "p-256",
            Self::P384 => "p-384",
            Self::Ed25519 => "ed25519",
        }
    }
}

impl fmt::Display for KeyType {
    /// The name in files and on the command line, the one that [`FromStr`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyType {
    type Err = UnknownKeyType;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| given.eq_ignore_ascii_case(kind.name()))
            .ok_or_else(|| UnknownKeyType {
                given: given.to_owned(),
            })
    }
}

/// Why there is no key. Messages never quote key material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The random source or the library refused.
    #[error("making a {kind} key failed: {why}; try again, or choose another key type")]
    Generate {
        /// Which kind was asked for.
        kind: &'static str,
        /// What the library said.
        why: String,
    },
    /// The key is protected by a passphrase.
    #[error(
        "this private key is encrypted, and no passphrase that is known here opens it; give the passphrase, or decrypt it first with: openssl pkey -in KEY.pem -out PLAIN.pem"
    )]
    Encrypted,
    /// No block with a private key.
    #[error(
        "there is no private key here; expected a block that begins with -----BEGIN PRIVATE KEY-----{found}"
    )]
    Missing {
        /// What was found instead, with a comma in front, or nothing.
        found: String,
    },
    /// More than one key.
    #[error("there are {count} private keys here; keep the one that is meant")]
    Several {
        /// How many.
        count: usize,
    },
    /// A block that cannot be decoded.
    #[error(
        "the private key that begins in line {line} cannot be read: {why}; copy it again, whole"
    )]
    Damaged {
        /// Line of the block's beginning, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A key of a kind that is not supported, or a broken one.
    #[error(
        "this private key is not understood; RSA of 2048 to 8192 bits, P-256, P-384, P-521 and Ed25519 in PKCS#8, PKCS#1 or SEC1 form are, and openssl pkey -check says whether the key is whole"
    )]
    NotUnderstood,
}

/// A private key. Its memory is wiped when it is dropped and its `Debug` form says nothing of it.
pub struct PrivateKey {
    pair: KeyPair,
}

impl PrivateKey {
    /// Makes a new key. RSA takes up to a few seconds: do it off the thread that draws.
    ///
    /// # Errors
    /// [`KeyError::Generate`] when the library refuses.
    pub fn generate(kind: KeyType) -> Result<Self, KeyError> {
        let rsa = |size| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
        let made = match kind {
            KeyType::Rsa2048 => rsa(RsaKeySize::_2048),
            KeyType::Rsa3072 => rsa(RsaKeySize::_3072),
            KeyType::Rsa4096 => rsa(RsaKeySize::_4096),
            KeyType::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            KeyType::P384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            KeyType::Ed25519 => return Self::generate_ed25519(),
        };
        made.map(|pair| Self { pair })
            .map_err(|error| KeyError::Generate {
                kind: kind.label(),
                why: error.to_string(),
            })
    }

    /// Its library writes a form with the public key in it, which OpenSSL 3.0 does not read.
    fn generate_ed25519() -> Result<Self, KeyError> {
        let failed = |why: String| KeyError::Generate {
            kind: KeyType::Ed25519.label(),
            why,
        };
        let made = KeyPair::generate_for(&rcgen::PKCS_ED25519);
        let made = made.map_err(|error| failed(error.to_string()))?;
        let kept = Self::from_der(made.serialized_der());
        kept.map_err(|error| failed(error.to_string()))
    }

    /// Reads a key from PEM: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) or SEC1 (RFC 5915). Other blocks,
    /// such as certificates or `EC PARAMETERS`, may stand beside it.
    ///
    /// # Errors
    /// [`KeyError`], one for each thing people do: an encrypted key, no key, several, a damaged one.
    pub fn from_pem(pem: &SecretString) -> Result<Self, KeyError> {
        let items = pem::scan(pem.expose_secret().as_bytes());
        let block = only_key(&items)?;
        if block.label == "ENCRYPTED PRIVATE KEY" || block.is_encrypted() {
            return Err(KeyError::Encrypted);
        }
        let der = block.decode().map_err(|why| KeyError::Damaged {
            line: block.line,
            why,
        })?;
        Self::from_der(&der)
    }

    /// Reads a key from DER in any of the three forms.
    ///
    /// # Errors
    /// [`KeyError::NotUnderstood`] when it is no key of a supported kind.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let pkcs8 = to_pkcs8(der).ok_or(KeyError::NotUnderstood)?;
        KeyPair::try_from(pkcs8.as_slice())
            .map(|pair| Self { pair })
            .map_err(|_| KeyError::NotUnderstood)
    }

    /// The key as PKCS#8 PEM, the form that OpenSSL 3 writes too.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> SecretString {
        SecretString::from(pem::encode("PRIVATE KEY", self.pair.serialized_der()))
    }

    /// The key as PKCS#8 DER in version 1, which everything can read.
    pub(super) fn to_pkcs8_der(&self) -> Option<Zeroizing<Vec<u8>>> {
        to_pkcs8(self.pair.serialized_der())
    }

    /// The public half as DER of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    #[must_use]
    pub fn spki_der(&self) -> Vec<u8> {
        self.pair.subject_public_key_info()
    }

    /// SHA-256 of [`PrivateKey::spki_der`] in lower-case hexadecimal. A key, a request and a
    /// certificate belong together when theirs are equal.
    #[must_use]
    pub fn spki_sha256(&self) -> String {
        sha256_hex(&self.spki_der())
    }

    /// Algorithm and size.
    #[must_use]
    pub fn description(&self) -> KeyDescription {
        let der = self.spki_der();
        match SubjectPublicKeyInfo::from_der(&der) {
            Ok((_, spki)) => KeyDescription::of(&spki),
            Err(_) => KeyDescription {
                algorithm: "unknown".to_owned(),
                bits: 0,
            },
        }
    }

    /// The kind, if it is one of those that certdeck makes.
    #[must_use]
    pub fn key_type(&self) -> Option<KeyType> {
        let label = self.description().label();
        KeyType::ALL.into_iter().find(|kind| kind.label() == label)
    }

    /// For the makers of requests and certificates beside this file.
    pub(super) fn pair(&self) -> &KeyPair {
        &self.pair
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey([redacted])")
    }
}

impl Drop for PrivateKey {
    fn drop(&mut self) {
        self.pair.zeroize();
    }
}

/// `true` for every label under which private keys are written.
pub(super) fn is_key_label(label: &str) -> bool {
    label.ends_with("PRIVATE KEY")
}

fn only_key<'a, 'b>(items: &'b [Item<'a>]) -> Result<&'b Block<'a>, KeyError> {
    for item in items {
        if let Item::Broken { label, line, why } = item
            && is_key_label(label)
        {
            let (line, why) = (*line, why.clone());
            return Err(KeyError::Damaged { line, why });
        }
    }
    let blocks = || {
        items.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Broken { .. } => None,
        })
    };
    let keys: Vec<&Block<'_>> = blocks().filter(|block| is_key_label(block.label)).collect();
    match keys.as_slice() {
        [one] => Ok(one),
        [] => Err(KeyError::Missing {
            found: blocks()
                .next()
                .map(|block| format!(", found a {}", block.label))
                .unwrap_or_default(),
        }),
        several => Err(KeyError::Several {
            count: several.len(),
        }),
    }
}

/// Brings a key of any supported form into PKCS#8 version 1, which everything can read.
fn to_pkcs8(der: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let keep = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
    for curve in [
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &ECDSA_P384_SHA384_ASN1_SIGNING,
        &ECDSA_P521_SHA512_ASN1_SIGNING,
    ] {
        if let Ok(key) = EcdsaKeyPair::from_private_key_der(curve, der) {
            return key
                .to_pkcs8v1()
                .ok()
                .map(|document| keep(document.as_ref()));
        }
    }
    if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        return key
            .to_pkcs8v1()
            .ok()
            .map(|document| keep(document.as_ref()));
    }
    let key = RsaKeyPair::from_pkcs8(der)
        .or_else(|_| RsaKeyPair::from_der(der))
        .ok()?;
    let document: Pkcs8V1Der<'_> = key.as_der().ok()?;
    Some(keep(document.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_key_types_are_read_back() {
        for kind in KeyType::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert_eq!("P-256".parse(), Ok(KeyType::P256));
        let error = "rsa-1024".parse::<KeyType>().unwrap_err().to_string();
        assert!(error.contains("rsa-1024") && error.contains("p-384"));
    }

    #[test]
    fn a_key_survives_its_pem_form() {
        for kind in [
            KeyType::Rsa2048,
            KeyType::P256,
            KeyType::P384,
            KeyType::Ed25519,
        ] {
            let key = PrivateKey::generate(kind).unwrap();
            let again = PrivateKey::from_pem(&key.to_pkcs8_pem()).unwrap();
            assert_eq!(again.spki_sha256(), key.spki_sha256());
            assert_eq!(again.key_type(), Some(kind));
            assert_eq!(again.description().label(), kind.label());
        }
    }

    #[test]
    fn a_key_may_be_made_on_another_thread() {
        fn may_travel<T: Send + Sync>() {}
        may_travel::<PrivateKey>();
    }

    #[test]
    fn debug_says_nothing() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        assert_eq!(format!("{key:?}"), "PrivateKey([redacted])");
        assert!(!format!("{:?}", key.to_pkcs8_pem()).contains("BEGIN"));
    }

    #[test]
    fn every_mistake_has_its_sentence() {
        let key = PrivateKey::generate(KeyType::P256).unwrap().to_pkcs8_pem();
        let plain = key.expose_secret();
        let half = &plain[..plain.len() / 2];
        for (pem, said) in [
            (String::new(), "no private key"),
            (pem::encode("CERTIFICATE", b"x"), "found a CERTIFICATE"),
            (format!("{plain}{plain}"), "2 private keys"),
            (pem::encode("ENCRYPTED PRIVATE KEY", b"x"), "openssl pkey"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----".to_owned(),
                "encrypted",
            ),
            (half.to_owned(), "line 1"),
            (pem::encode("PRIVATE KEY", b"not a key"), "not understood"),
        ] {
            let error = PrivateKey::from_pem(&SecretString::from(pem)).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
