//! Passphrases of private keys: what is locked, and what can be done with the keys at rest.
//!
//! Plain data.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::{Field, FieldError};
use crate::pki::Subject;
use crate::pki::subject::Part;

/// What is wished of a private key and its CSR that certdeck makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// What the CSR says of its subject beyond the names.
    pub subject: Box<Subject>,
    /// Whether the key is encrypted, also where others are not.
    pub encrypt: bool,
}

impl Wishes {
    /// What is wrong with them; `made_here` says whether certdeck makes the CSR at all.
    #[must_use]
    pub fn problems(&self, made_here: bool) -> Vec<FieldError> {
        if !made_here {
            let mut said = Part::ALL.into_iter();
            let said = said.find(|part| !self.subject.part(*part).is_empty());
            let says =
                "only a CSR that certdeck makes says so; leave it away, or let certdeck make it";
            let stray = said.map(|part| FieldError {
                field: Field::Subject(part),
                says: says.to_owned(),
            });
            return stray.into_iter().collect();
        }
        let problems = self.subject.problems().into_iter();
        problems
            .map(|(part, says)| FieldError {
                field: Field::Subject(part),
                says,
            })
            .collect()
    }
}

/// What a passphrase is needed for.
#[derive(Clone, Debug)]
pub enum Lock {
    /// To use a private key of the store.
    Stored {
        /// SHA-256 of its public key.
        spki_sha256: String,
    },
    /// To read a private key that a person brought.
    Brought {
        /// The key as it was brought, encrypted.
        pem: SecretString,
    },
    /// To encrypt a key as others are here already.
    Keep,
    /// To encrypt the first key; nothing can say yet whether a passphrase is right, so it is asked
    /// for twice.
    New,
}

impl PartialEq for Lock {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Stored { spki_sha256: one }, Self::Stored { spki_sha256: other }) => {
                one == other
            }
            (Self::Brought { pem: one }, Self::Brought { pem: other }) => {
                one.expose_secret() == other.expose_secret()
            }
            (Self::Keep, Self::Keep) | (Self::New, Self::New) => true,
            _ => false,
        }
    }
}

impl Eq for Lock {}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stored { .. } => "the private key is encrypted, and its passphrase is needed",
            Self::Brought { .. } => {
                "the private key that was given is encrypted, and its passphrase is needed"
            }
            Self::Keep => "private keys are encrypted here, and their passphrase is needed",
            Self::New => {
                "private keys are to be encrypted here, and a passphrase for them is needed"
            }
        })
    }
}

/// What is done with the private keys at rest.
#[derive(Clone, Debug)]
pub enum KeyChange {
    /// Encrypt those that are not.
    Encrypt,
    /// Decrypt those that are encrypted.
    Decrypt,
    /// Encrypt those that are encrypted with another passphrase.
    Passphrase(SecretString),
}

/// What became of the private keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysReport {
    /// How many were written anew.
    pub changed: usize,
    /// How many were so already.
    pub already: usize,
    /// How many belong to sandboxes, whose certificates nobody trusts; they are never encrypted.
    pub sandboxes: usize,
    /// Those that were left as they are: SHA-256 of the public key, and why.
    pub left: Vec<(String, String)>,
}
