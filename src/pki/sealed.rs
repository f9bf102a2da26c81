//! Private keys at rest, encrypted with a passphrase: PKCS#8 with PBES2 (RFC 5958, RFC 8018).
//!
//! Written is one form: PBKDF2 with HMAC-SHA256 and AES-256 in CBC mode, which OpenSSL 1.1 and
//! later open; read is whatever PBES2 allows, within bounds that keep a strange file from taking
//! minutes or gigabytes. CBC proves nothing about who wrote it: that the right key came out is
//! checked by its public half. May not: keep a passphrase, or quote anything of key or passphrase.
//! Called by the engine (keys of the store) and the doctor.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, EncryptionContext,
    PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{pbkdf2, rand};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode as _, Encode as _};
use pkcs8::pkcs5::EncryptionScheme as Scheme;
use pkcs8::pkcs5::pbes2::{EncryptionScheme as Cipher, Kdf, Parameters, Pbkdf2Params, Pbkdf2Prf};
use pkcs8::{EncryptedPrivateKeyInfo, EncryptedPrivateKeyInfoRef};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::key::{PrivateKey, is_key_label};
use super::pem::{self, Block, Item};

/// How often the passphrase is hashed: what OWASP's Password Storage Cheat Sheet (2023) asks for
/// with HMAC-SHA256.
pub const ITERATIONS: u32 = 600_000;
/// What is used here: the tests of this crate open very many keys.
const ROUNDS: u32 = if cfg!(test) { 10 } else { ITERATIONS };
/// More than that is no protection but a trap: it would take many seconds.
const MOST_ITERATIONS: u32 = 10_000_000;
/// The memory that scrypt may take, in bytes; OpenSSL's own limit is 32 MiB.
const MOST_MEMORY: u64 = 64 << 20;
/// How many times over scrypt may take it.
const MOST_PASSES: u16 = 8;
const SALT: usize = 16;
const BLOCK: usize = 16;
/// The label of an encrypted key (RFC 7468 section 11).
const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Why a key was not encrypted or did not come out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is no encrypted key.
    #[error(
        "there is no encrypted private key here; expected a block that begins with -----BEGIN ENCRYPTED PRIVATE KEY-----"
    )]
    Missing,
    /// The old encryption of OpenSSL, in the header lines of the block.
    #[error(
        "this private key is encrypted in OpenSSL's old way (DEK-Info), which is easily guessed; bring it into PKCS#8 with: openssl pkcs8 -topk8 -in KEY.pem -out NEW.pem"
    )]
    OldForm,
    /// A structure that is broken.
    #[error("the encrypted private key cannot be read: {why}; put it back from a backup")]
    Damaged {
        /// What is wrong.
        why: String,
    },
    /// An encryption that is not supported.
    #[error(
        "this private key is encrypted in a way that is not supported ({what}); bring it into another with: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY.pem -out NEW.pem"
    )]
    Unsupported {
        /// Which.
        what: &'static str,
    },
    /// It would take too much time or memory.
    #[error(
        "opening this private key would take too much time or memory ({what}); write it anew with: openssl pkcs8 -topk8 -in KEY.pem -out NEW.pem"
    )]
    TooMuch {
        /// What of it.
        what: String,
    },
    /// The passphrase does not open it.
    #[error("this passphrase does not open the private key; try again")]
    WrongPassphrase,
    /// The library or the random source refused.
    #[error("encrypting the private key failed; try again")]
    Refused,
}

/// Whether a text holds a private key that is encrypted, in either way.
#[must_use]
pub fn is_sealed(pem: &str) -> bool {
    pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || pem.contains("Proc-Type: 4,ENCRYPTED")
}

/// Encrypts a key; the result is PEM.
///
/// # Errors
/// [`SealError::Refused`] where the system gives no random bytes.
pub fn seal(key: &PrivateKey, passphrase: &SecretString) -> Result<SecretString, SealError> {
    let der = key.to_pkcs8_der().ok_or(SealError::Refused)?;
    let (mut salt, mut iv) = ([0; SALT], [0; BLOCK]);
    rand::fill(&mut salt).map_err(|_| SealError::Refused)?;
    rand::fill(&mut iv).map_err(|_| SealError::Refused)?;
    let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv)
        .map_err(|_| SealError::Refused)?;
    let Kdf::Pbkdf2(kdf) = &parameters.kdf else {
        return Err(SealError::Refused);
    };
    let derived = derive(kdf, passphrase, AES_256_BYTES);
    let sealed = encrypt(&der, &derived, iv).ok_or(SealError::Refused)?;
    let data = OctetStringRef::new(&sealed).map_err(|_| SealError::Refused)?;
    let info = EncryptedPrivateKeyInfo {
        encryption_algorithm: Scheme::Pbes2(parameters),
        encrypted_data: data,
    };
    let der = info.to_der().map_err(|_| SealError::Refused)?;
    Ok(SecretString::from(pem::encode(LABEL, &der)))
}

/// Opens an encrypted key.
///
/// # Errors
/// [`SealError`]; [`SealError::WrongPassphrase`] also where what comes out is no key.
pub fn open(pem: &SecretString, passphrase: &SecretString) -> Result<PrivateKey, SealError> {
    let der = only_block(pem.expose_secret())?;
    let (parameters, data) = parameters(&der)?;
    let cipher = cipher_of(&parameters.encryption);
    let plain = if let (Kdf::Pbkdf2(kdf), Some((algorithm, length, iv))) = (&parameters.kdf, cipher)
    {
        decrypt(data, algorithm, &derive(kdf, passphrase, length), iv)
    } else {
        // What aws-lc-rs does not have.
        let plain = parameters.decrypt(passphrase.expose_secret(), data);
        plain.ok().map(Zeroizing::new)
    };
    let plain = plain.ok_or(SealError::WrongPassphrase)?;
    PrivateKey::from_der(&plain).map_err(|_| SealError::WrongPassphrase)
}

/// Says what is wrong with an encrypted key as far as that can be seen without its passphrase.
///
/// # Errors
/// [`SealError`].
pub fn inspect(pem: &SecretString) -> Result<(), SealError> {
    let der = only_block(pem.expose_secret())?;
    let (parameters, data) = parameters(&der)?;
    let is_whole = cipher_of(&parameters.encryption).is_none() || data.len() % BLOCK == 0;
    if data.is_empty() || !is_whole {
        let why = "its encrypted part is cut off".to_owned();
        return Err(SealError::Damaged { why });
    }
    Ok(())
}

const AES_256_BYTES: usize = 32;

fn only_block(text: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let items = pem::scan(text.as_bytes());
    for item in &items {
        if let Item::Broken { label, why, .. } = item
            && is_key_label(label)
        {
            return Err(SealError::Damaged { why: why.clone() });
        }
    }
    let is_old = |block: &Block<'_>| is_key_label(block.label) && block.is_encrypted();
    let mut blocks = items.iter().filter_map(|item| match item {
        Item::Block(block) => Some(block),
        Item::Broken { .. } => None,
    });
    if blocks
        .clone()
        .any(|block| block.label != LABEL && is_old(block))
    {
        return Err(SealError::OldForm);
    }
    let block = blocks.find(|block| block.label == LABEL);
    let block = block.ok_or(SealError::Missing)?;
    block.decode().map_err(|why| SealError::Damaged { why })
}

/// The parameters of PBES2, within their bounds, and what is encrypted.
fn parameters(der: &[u8]) -> Result<(Parameters, &[u8]), SealError> {
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| SealError::Damaged {
        why: "it is no PKCS#8 with an encryption that is known".to_owned(),
    })?;
    let data = info.encrypted_data.as_bytes();
    match info.encryption_algorithm {
        Scheme::Pbes2(parameters) => {
            within_bounds(&parameters.kdf)?;
            Ok((parameters, data))
        }
        _ => Err(SealError::Unsupported { what: "PBES1" }),
    }
}

fn within_bounds(kdf: &Kdf) -> Result<(), SealError> {
    let what = match kdf {
        // aws-lc-rs has none, and what came out of another one would look like a wrong passphrase.
        Kdf::Pbkdf2(kdf) if kdf.prf == Pbkdf2Prf::HmacWithSha224 => {
            let what = "PBKDF2 with SHA-224";
            return Err(SealError::Unsupported { what });
        }
        Kdf::Pbkdf2(kdf) if kdf.iteration_count > MOST_ITERATIONS => {
            format!("{} rounds of PBKDF2", kdf.iteration_count)
        }
        Kdf::Scrypt(kdf) => {
            let memory = 128_u64
                .saturating_mul(kdf.cost_parameter)
                .saturating_mul(u64::from(kdf.block_size));
            if memory <= MOST_MEMORY && kdf.parallelization <= MOST_PASSES {
                return Ok(());
            }
            format!(
                "scrypt with {} MiB, {} times",
                memory >> 20,
                kdf.parallelization
            )
        }
        _ => return Ok(()),
    };
    Err(SealError::TooMuch { what })
}

/// The cipher with its key's length in bytes, where aws-lc-rs has it.
fn cipher_of(cipher: &Cipher) -> Option<(&'static Algorithm, usize, [u8; BLOCK])> {
    match cipher {
        Cipher::Aes128Cbc { iv } => Some((&AES_128, 16, *iv)),
        Cipher::Aes192Cbc { iv } => Some((&AES_192, 24, *iv)),
        Cipher::Aes256Cbc { iv } => Some((&AES_256, AES_256_BYTES, *iv)),
        _ => None,
    }
}

fn derive(kdf: &Pbkdf2Params, passphrase: &SecretString, length: usize) -> Zeroizing<Vec<u8>> {
    let algorithm = match kdf.prf {
        Pbkdf2Prf::HmacWithSha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Pbkdf2Prf::HmacWithSha384 => pbkdf2::PBKDF2_HMAC_SHA384,
        Pbkdf2Prf::HmacWithSha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        // SHA-224 was refused before.
        _ => pbkdf2::PBKDF2_HMAC_SHA256,
    };
    let rounds = NonZeroU32::new(kdf.iteration_count).unwrap_or(NonZeroU32::MIN);
    let mut derived = Zeroizing::new(vec![0; length]);
    let passphrase = passphrase.expose_secret().as_bytes();
    pbkdf2::derive(
        algorithm,
        rounds,
        kdf.salt.as_bytes(),
        passphrase,
        &mut derived,
    );
    derived
}

fn encrypt(plain: &[u8], derived: &[u8], iv: [u8; BLOCK]) -> Option<Vec<u8>> {
    let key = UnboundCipherKey::new(&AES_256, derived).ok()?;
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).ok()?;
    // Room for the padding, so that the plain key is never moved and left behind.
    let mut buffer = Vec::with_capacity(plain.len() + BLOCK);
    buffer.extend_from_slice(plain);
    // "Less safe" where an IV could come twice with one key: both are drawn anew each time.
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(&mut buffer, context).ok()?;
    Some(buffer)
}

fn decrypt(
    data: &[u8],
    algorithm: &'static Algorithm,
    derived: &[u8],
    iv: [u8; BLOCK],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = UnboundCipherKey::new(algorithm, derived).ok()?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
    let mut buffer = Zeroizing::new(data.to_vec());
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let length = key.decrypt(&mut buffer, context).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::KeyType;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn every_kind_of_key_comes_back_and_only_with_its_passphrase() {
        for kind in [
            KeyType::Rsa2048,
            KeyType::P256,
            KeyType::P384,
            KeyType::Ed25519,
        ] {
            let key = PrivateKey::generate(kind).unwrap();
            let sealed = seal(&key, &secret("zwölf Bäume")).unwrap();
            assert!(is_sealed(sealed.expose_secret()));
            assert_eq!(inspect(&sealed), Ok(()));
            let again = open(&sealed, &secret("zwölf Bäume")).unwrap();
            assert_eq!(again.spki_sha256(), key.spki_sha256());
            let wrong = open(&sealed, &secret("zwölf Baume")).unwrap_err();
            assert_eq!(wrong, SealError::WrongPassphrase);
        }
    }

    #[test]
    fn the_same_key_is_never_encrypted_twice_alike() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let one = seal(&key, &secret("a")).unwrap();
        let other = seal(&key, &secret("a")).unwrap();
        assert_ne!(one.expose_secret(), other.expose_secret());
    }

    #[test]
    fn what_is_damaged_is_told_without_a_passphrase_and_never_opens() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let sealed = seal(&key, &secret("a")).unwrap();
        let text = sealed.expose_secret();
        let half = secret(&text[..text.len() / 2]);
        assert!(matches!(inspect(&half), Err(SealError::Damaged { .. })));
        let plain = key.to_pkcs8_pem();
        assert_eq!(inspect(&plain), Err(SealError::Missing));
        let der = only_block(text).unwrap();
        for at in 0..der.len() {
            let mut changed = der.to_vec();
            changed[at] ^= 0x41;
            let changed = secret(&pem::encode(LABEL, &changed));
            if let Ok(opened) = open(&changed, &secret("a")) {
                // Padding and a curve's spare bits may be changed; the key is the same then.
                assert_eq!(opened.spki_sha256(), key.spki_sha256(), "byte {at}");
            }
        }
    }

    #[test]
    fn a_key_that_would_take_minutes_to_open_is_refused() {
        let parameters =
            Parameters::generate_pbkdf2_sha256_aes256cbc(50_000_000, &[1; 8], [2; 16]).unwrap();
        let info = EncryptedPrivateKeyInfo {
            encryption_algorithm: Scheme::Pbes2(parameters),
            encrypted_data: OctetStringRef::new(&[0; 32]).unwrap(),
        };
        let text = pem::encode(LABEL, &info.to_der().unwrap());
        let error = open(&secret(&text), &secret("a")).unwrap_err().to_string();
        assert!(error.contains("50000000 rounds"), "{error}");
    }

    #[test]
    fn a_hash_that_is_not_supported_is_no_wrong_passphrase() {
        let mut parameters =
            Parameters::generate_pbkdf2_sha256_aes256cbc(10, &[1; 8], [2; 16]).unwrap();
        if let Kdf::Pbkdf2(kdf) = &mut parameters.kdf {
            kdf.prf = Pbkdf2Prf::HmacWithSha224;
        }
        let info = EncryptedPrivateKeyInfo {
            encryption_algorithm: Scheme::Pbes2(parameters),
            encrypted_data: OctetStringRef::new(&[0; 32]).unwrap(),
        };
        let text = pem::encode(LABEL, &info.to_der().unwrap());
        let error = open(&secret(&text), &secret("a")).unwrap_err().to_string();
        assert!(error.contains("SHA-224"), "{error}");
    }

    #[test]
    fn the_old_encryption_is_told_apart() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert!(is_sealed(text));
        let told = open(&secret(text), &secret("a")).unwrap_err().to_string();
        assert!(told.contains("openssl pkcs8 -topk8"), "{told}");
    }
}
