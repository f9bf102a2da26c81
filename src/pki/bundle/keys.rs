//! The private keys of a file themselves, for whoever was asked to take them in.
//!
//! [`super::read`] only says that they are there. May not: print or log one, or try passphrases
//! without an end. What was protected stays protected: a key that came encrypted is handed out as it
//! came, one out of a PKCS #12 file encrypted with the passphrase of that file.

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::pki::key::{PrivateKey, is_key_label};
use crate::pki::p12::{self, P12Error};
use crate::pki::pem::{self, Block, Item};
use crate::pki::sealed::{self, SealError};
use crate::pki::seen;

/// Each encrypted key takes up to some seconds to open, and no file of a server has several.
const MOST_SEALED: usize = 8;
/// RFC 7468 section 11.
const SEALED: &str = "ENCRYPTED PRIVATE KEY";

/// A private key that lies in a file.
#[derive(Debug)]
pub enum BroughtKey {
    /// It lies there open.
    Plain(PrivateKey),
    /// It is protected, and stays so.
    Sealed {
        /// SHA-256 of its public key info, lower-case hexadecimal.
        spki_sha256: String,
        /// The encrypted key: PKCS#8 with PBES2, which `sealed` opens.
        pem: SecretString,
    },
}

impl BroughtKey {
    /// SHA-256 of its public key info, lower-case hexadecimal.
    #[must_use]
    pub fn spki_sha256(&self) -> String {
        match self {
            Self::Plain(key) => key.spki_sha256(),
            Self::Sealed { spki_sha256, .. } => spki_sha256.clone(),
        }
    }
}

/// Why a private key cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLeft {
    /// Whether a passphrase, or another one, may open it.
    pub locked: bool,
    /// Why, and what to do, as a clause without a full stop.
    pub why: String,
}

impl From<String> for KeyLeft {
    fn from(why: String) -> Self {
        let locked = false;
        Self { locked, why }
    }
}

impl From<SealError> for KeyLeft {
    fn from(error: SealError) -> Self {
        Self {
            locked: error == SealError::WrongPassphrase,
            why: error.to_string(),
        }
    }
}

impl From<P12Error> for KeyLeft {
    fn from(error: P12Error) -> Self {
        Self {
            locked: matches!(error, P12Error::WrongPassphrase | P12Error::NeedsPassphrase),
            why: error.to_string(),
        }
    }
}

/// A private key, or why it cannot be taken.
type Met = Result<BroughtKey, KeyLeft>;

/// The private keys in the bytes of a file, each or why it cannot be taken. An encrypted key is
/// opened with the passphrase, to know whose it is.
#[must_use]
pub fn keys(bytes: &[u8], passphrase: Option<&SecretString>) -> Vec<Met> {
    let Some(text) = pem::decode_utf16(bytes).map(Zeroizing::new) else {
        return keys_in(bytes, passphrase);
    };
    keys_in(text.as_bytes(), passphrase)
}

fn keys_in(bytes: &[u8], passphrase: Option<&SecretString>) -> Vec<Met> {
    let items = pem::scan(bytes);
    if items.is_empty() {
        return keys_in_der(bytes, passphrase);
    }
    let mut tried = 0;
    let blocks = items.iter().filter_map(|item| match item {
        Item::Block(block) if is_key_label(block.label) => Some(block),
        _ => None,
    });
    blocks
        .map(|block| {
            tried += usize::from(is_sealed(block));
            if tried > MOST_SEALED {
                let why = format!(
                    "it is one of more than {MOST_SEALED} encrypted keys in its file; cut the \
                     file into pieces"
                );
                return Err(why.into());
            }
            in_block(block, passphrase)
        })
        .collect()
}

fn is_sealed(block: &Block<'_>) -> bool {
    block.label == SEALED || block.is_encrypted()
}

fn in_block(block: &Block<'_>, passphrase: Option<&SecretString>) -> Met {
    if block.label != SEALED && block.is_encrypted() {
        return Err(SealError::OldForm.into());
    }
    let der = block.decode()?;
    if block.label == SEALED {
        return opened(&der, passphrase);
    }
    plain(&der)
}

fn plain(der: &[u8]) -> Met {
    let key = PrivateKey::from_der(der).map_err(|error| error.to_string())?;
    Ok(BroughtKey::Plain(key))
}

/// An encrypted key, once it is known whose it is.
fn opened(der: &[u8], passphrase: Option<&SecretString>) -> Met {
    let pem = SecretString::from(pem::encode(SEALED, der));
    let Some(passphrase) = passphrase else {
        sealed::inspect(&pem)?;
        let why = "it is encrypted; give its passphrase with --passphrase-file FILE, or at the \
                   terminal when you are asked";
        return Err(KeyLeft {
            locked: true,
            why: why.to_owned(),
        });
    };
    let key = sealed::open(&pem, passphrase)?;
    let spki_sha256 = key.spki_sha256();
    Ok(BroughtKey::Sealed { spki_sha256, pem })
}

fn keys_in_der(bytes: &[u8], passphrase: Option<&SecretString>) -> Vec<Met> {
    if p12::is_p12(bytes) {
        return in_p12(bytes, passphrase);
    }
    match seen::look_at(bytes) {
        Some(key) if key.encrypted => vec![opened(bytes, passphrase)],
        Some(_) => vec![plain(bytes)],
        None => Vec::new(),
    }
}

fn in_p12(bytes: &[u8], passphrase: Option<&SecretString>) -> Vec<Met> {
    let (opened, used) = match p12::open_with(bytes, passphrase) {
        Ok(opened) => opened,
        Err(error) => return vec![Err(error.into())],
    };
    let keys = opened.keys.into_iter().map(|key| {
        let Some(passphrase) = used else {
            return Ok(BroughtKey::Plain(key));
        };
        let spki_sha256 = key.spki_sha256();
        let pem = sealed::seal(&key, passphrase)?;
        Ok(BroughtKey::Sealed { spki_sha256, pem })
    });
    keys.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::KeyType;
    use secrecy::ExposeSecret as _;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn plain_and_encrypted_keys_are_found_beside_anything() {
        let (one, two) = (
            PrivateKey::generate(KeyType::P256).unwrap(),
            PrivateKey::generate(KeyType::Ed25519).unwrap(),
        );
        let sealed = sealed::seal(&two, &secret("a")).unwrap();
        let file = format!(
            "junk\n{}{}{}",
            one.to_pkcs8_pem().expose_secret(),
            pem::encode("CERTIFICATE", b"x"),
            sealed.expose_secret()
        );
        let found = keys(file.as_bytes(), Some(&secret("a")));
        let [
            Ok(BroughtKey::Plain(first)),
            Ok(BroughtKey::Sealed { spki_sha256, pem }),
        ] = found.as_slice()
        else {
            panic!("two keys: {found:?}");
        };
        assert_eq!(first.spki_sha256(), one.spki_sha256());
        assert_eq!(*spki_sha256, two.spki_sha256());
        assert_eq!(pem.expose_secret(), sealed.expose_secret());
        assert!(!format!("{found:?}").contains("BEGIN"));
        for (passphrase, why) in [(None, "--passphrase-file"), (Some("b"), "does not open")] {
            let found = keys(file.as_bytes(), passphrase.map(secret).as_ref());
            let told = found[1].as_ref().unwrap_err();
            assert!(told.locked && told.why.contains(why), "{told:?}");
        }
    }

    #[test]
    fn a_file_full_of_encrypted_keys_is_not_opened_to_its_end() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let sealed = sealed::seal(&key, &secret("a")).unwrap();
        let found = keys(
            sealed.expose_secret().repeat(MOST_SEALED + 2).as_bytes(),
            Some(&secret("a")),
        );
        assert_eq!(found.iter().filter(|one| one.is_ok()).count(), MOST_SEALED);
        let told = found[MOST_SEALED].as_ref().unwrap_err();
        assert!(told.why.contains("cut the file into pieces"), "{told:?}");
    }

    #[test]
    fn what_is_no_key_or_one_that_is_not_understood_is_told() {
        assert!(keys(b"hello", None).is_empty());
        let strange = pem::encode("PRIVATE KEY", b"strange");
        let found = keys(strange.as_bytes(), None);
        assert!(
            found[0]
                .as_ref()
                .unwrap_err()
                .why
                .contains("not understood")
        );
    }
}
