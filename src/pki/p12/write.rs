//! Writing PKCS#12: AES-256 in PBES2 for key and certificates, HMAC-SHA256 over the whole, as
//! OpenSSL 3 and Java 17 write it, and all since OpenSSL 1.1 and Java 8u301 read it.
//!
//! May not: keep a password, or quote anything of key or password. Called by the export.

use p12_keystore::{Certificate as P12Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry};
use p12_keystore::{MacAlgorithm, PrivateKey as P12Key, PrivateKeyChain};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::pki::{Certificate, PrivateKey};

/// How often the password is hashed: what Java and OpenSSL do at least, times ten. Each reader does
/// it three times.
const ITERATIONS: u32 = if cfg!(test) { 1_000 } else { 100_000 };

/// Why there is no PKCS#12.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A password that some readers do not take.
    #[error(
        "a password with characters outside of the Basic Multilingual Plane, such as emoji, is read differently by each program; choose another"
    )]
    Password,
    /// The key belongs to something else.
    #[error("the private key does not belong to the certificate, so no server could use the two")]
    Mismatch,
    /// The library refused.
    #[error("writing PKCS#12 failed: {why}; export PEM instead")]
    Library {
        /// What it said.
        why: String,
    },
}

/// What goes into the file.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// What the key is called in it: `friendlyName` for OpenSSL, the alias for Java.
    pub alias: &'a str,
    /// The key.
    pub key: &'a PrivateKey,
    /// Its certificate.
    pub leaf: &'a Certificate,
    /// What stands above it, the issuer first.
    pub chain: &'a [Certificate],
}

/// Writes a PKCS#12 file (DER).
///
/// # Errors
/// [`WriteError`].
pub fn write(
    content: Content<'_>,
    password: &SecretString,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let password = password.expose_secret();
    if password.chars().any(|letter| u32::from(letter) > 0xffff) {
        return Err(WriteError::Password);
    }
    let spki = content.key.spki_sha256();
    if spki != content.leaf.spki_sha256 {
        return Err(WriteError::Mismatch);
    }
    let der = content
        .key
        .to_pkcs8_der()
        .ok_or_else(|| WriteError::Library {
            why: "the key has no PKCS#8 form".to_owned(),
        })?;
    let key = P12Key::from_der(&der).map_err(failed)?;
    let all = std::iter::once(content.leaf).chain(content.chain);
    let certificates = all
        .map(|certificate| P12Certificate::from_der(&certificate.der))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    // OpenSSL uses the certificate's SHA-1; it only has to be equal for key and certificate.
    let local_key_id = content.leaf.sha1.as_bytes();
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new(local_key_id, key, certificates);
    store.add_entry(content.alias, KeyStoreEntry::PrivateKeyChain(chain));
    let written = store
        .writer(password)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .encryption_iterations(ITERATIONS)
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .mac_iterations(ITERATIONS)
        .write();
    written.map(Zeroizing::new).map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn failed(error: p12_keystore::error::Error) -> WriteError {
    WriteError::Library {
        why: error.to_string(),
    }
}
