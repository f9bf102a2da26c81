//! Opening a PKCS #12 file.
//!
//! Such a file says itself how much work a passphrase is, so that is looked at before anything is
//! tried. May not: guess passphrases.

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use secrecy::{ExposeSecret as _, SecretString};

use crate::pki::certificate::{self, Certificate};
use crate::pki::der::{self, Element, Elements};
use crate::pki::key::PrivateKey;

/// So many rounds of hashing are done for one file, in all. Today's tools write some ten thousand
/// for each part, careful people a million; one of a million takes about half a second.
const MOST_ROUNDS: u64 = 10_000_000;
/// Where elements lie deeper in one another than this, it is no PKCS #12 file.
const DEEPEST: usize = 12;
/// Version 3, which all have.
const VERSION: &[u8] = &[3];
/// `id-data` (RFC 5652 section 4).
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];

/// What lies in a file.
#[derive(Debug, Default)]
pub struct Opened {
    /// The certificates, in their order.
    pub certificates: Vec<Certificate>,
    /// The private keys of kinds that certdeck knows.
    pub keys: Vec<PrivateKey>,
    /// What could not be read, in sentences.
    pub problems: Vec<String>,
}

/// Why a file cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum P12Error {
    /// The passphrase is not the right one, or bytes are damaged: nobody can tell these apart.
    #[error("the passphrase does not open this PKCS #12 file; give the one that it was made with")]
    WrongPassphrase,
    /// No passphrase was given, and an empty one is not the right one.
    #[error(
        "a passphrase protects it; give it with --passphrase-file FILE, or at the terminal when you are asked"
    )]
    NeedsPassphrase,
    /// It is encrypted with something that is not spoken here.
    #[error(
        "this PKCS #12 file is encrypted in a way that certdeck does not speak; make another one with: openssl pkcs12 -legacy -in FILE -nodes | openssl pkcs12 -export -out NEW"
    )]
    Unsupported,
    /// It asks for more work than is reasonable.
    #[error(
        "this PKCS #12 file asks for {rounds} rounds of hashing, and certdeck does {MOST_ROUNDS} at most; make it again with fewer"
    )]
    TooMuchWork {
        /// How many.
        rounds: u64,
    },
    /// The structure is not that of such a file.
    #[error("this PKCS #12 file is damaged: {why}; export it again")]
    Damaged {
        /// What is wrong.
        why: String,
    },
}

/// Whether bytes begin as a PKCS #12 file does.
#[must_use]
pub fn is_p12(bytes: &[u8]) -> bool {
    // The length may be that of a file that is cut off, so that only the beginning counts.
    let header = 2 + match bytes.get(1) {
        Some(length @ 0x81..=0x84) => usize::from(length & 0x7f),
        _ => 0,
    };
    let starts = bytes.get(header..).unwrap_or_default();
    bytes.first() == Some(&der::SEQUENCE)
        && starts.starts_with(&[der::INTEGER, 1, 3, der::SEQUENCE])
}

/// Opens a file with a passphrase; an empty one is one, too.
///
/// # Errors
/// [`P12Error`]; then nothing of it is known.
pub fn open(bytes: &[u8], passphrase: &SecretString) -> Result<Opened, P12Error> {
    let rounds = rounds(bytes)?;
    if rounds > MOST_ROUNDS {
        return Err(P12Error::TooMuchWork { rounds });
    }
    let archive = Pkcs12Archive::from_pkcs12(bytes, passphrase.expose_secret())
        .map_err(|error| said(&error))?;
    let mut opened = Opened::default();
    for bag in &archive.certs {
        match certificate::read(bag.cert.as_der()) {
            Ok(certificate) => opened.certificates.push(certificate),
            Err(error) => opened.problems.push(error.to_string()),
        }
    }
    for bag in &archive.keys {
        match PrivateKey::from_der(bag.key.as_der()) {
            Ok(key) => opened.keys.push(key),
            Err(error) => opened.problems.push(error.to_string()),
        }
    }
    Ok(opened)
}

/// Opens a file with the passphrase that is given, or with none: many are written without one, and
/// Java's trust stores can be read without. Also gives the passphrase that it took, if any.
///
/// # Errors
/// [`P12Error`], as [`open`]; [`P12Error::NeedsPassphrase`] where none was given and it takes one.
pub fn open_with<'a>(
    bytes: &[u8],
    passphrase: Option<&'a SecretString>,
) -> Result<(Opened, Option<&'a SecretString>), P12Error> {
    let given = passphrase.map(|passphrase| open(bytes, passphrase));
    match (given, passphrase) {
        (Some(Ok(opened)), used) => {
            let used = used.filter(|used| !used.expose_secret().is_empty());
            Ok((opened, used))
        }
        // Of several files that are read with one passphrase, some may have none.
        (Some(Err(P12Error::WrongPassphrase)), _) => {
            let opened = open(bytes, &SecretString::default());
            opened
                .map(|opened| (opened, None))
                .map_err(|_| P12Error::WrongPassphrase)
        }
        (Some(Err(error)), _) => Err(error),
        (None, _) => match open(bytes, &SecretString::default()) {
            Err(P12Error::WrongPassphrase) => Err(P12Error::NeedsPassphrase),
            other => other.map(|opened| (opened, None)),
        },
    }
}

fn said(error: &Error) -> P12Error {
    match error {
        // Without the first one, the rest is what a wrong passphrase comes to in a file that does
        // not say whether it was right.
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => P12Error::WrongPassphrase,
        Error::UnsupportedEncryptionScheme
        | Error::UnsupportedMacAlgorithm
        | Error::UnsupportedContentType => P12Error::Unsupported,
        other => P12Error::Damaged {
            why: other.to_string(),
        },
    }
}

/// How many rounds of hashing the parts of a file ask for that can be seen from outside.
fn rounds(bytes: &[u8]) -> Result<u64, P12Error> {
    let damaged = |why: &str| P12Error::Damaged {
        why: why.to_owned(),
    };
    let mut outer = Elements::of(bytes);
    let file = outer.one(der::SEQUENCE);
    let file = file.ok_or_else(|| damaged("it is cut off, or written in a form other than DER"))?;
    if !outer.rest().is_empty() {
        return Err(damaged("something follows its end"));
    }
    let mut parts = Elements::of(file.content);
    let version = parts.one(der::INTEGER).map(|version| version.content);
    if version != Some(VERSION) {
        return Err(damaged("its version is not 3"));
    }
    let safe = parts.one(der::SEQUENCE);
    let safe = safe.ok_or_else(|| damaged("its content is missing"))?;
    let mac = parts.one(der::SEQUENCE).map_or(0, largest_number);
    let content = data_of(safe).and_then(|data| Elements::of(data).one(der::SEQUENCE));
    let content = content.ok_or_else(|| damaged("its content is not data"))?;
    let sum = Elements::of(content.content).map(rounds_of_part);
    Ok(sum.fold(mac, u64::saturating_add))
}

/// What a part asks for: encrypted as a whole, or data with encrypted keys in it.
fn rounds_of_part(part: Element<'_>) -> u64 {
    let Some(bags) = data_of(part) else {
        return largest_number(part);
    };
    let Some(bags) = Elements::of(bags).one(der::SEQUENCE) else {
        return 0;
    };
    Elements::of(bags.content)
        .map(largest_number)
        .fold(0, u64::saturating_add)
}

/// The bytes of a content info of the type data (RFC 5652 sections 3 and 4).
fn data_of(info: Element<'_>) -> Option<&[u8]> {
    let mut parts = Elements::of(info.content);
    if parts.one(der::OBJECT_IDENTIFIER)?.content != DATA {
        return None;
    }
    let content = parts.one(der::CONTEXT_0)?;
    let bytes = Elements::of(content.content).one(der::OCTET_STRING)?;
    Some(bytes.content)
}

/// The largest integer anywhere below an element: of the few in the parameters of an encryption,
/// the number of rounds is by far the largest.
fn largest_number(element: Element<'_>) -> u64 {
    let mut largest = 0;
    let mut open = vec![(element, 0)];
    while let Some((element, depth)) = open.pop() {
        if element.tag == der::INTEGER {
            largest = largest.max(number(element.content));
        }
        // Constructed elements hold others.
        if element.tag & 0x20 != 0 && depth < DEEPEST {
            let inner = Elements::of(element.content);
            open.extend(inner.map(|inner| (inner, depth + 1)));
        }
    }
    largest
}

/// A large or negative number is as good as the largest: nobody means it.
fn number(bytes: &[u8]) -> u64 {
    let significant: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    if significant.len() > 8 || bytes.first().is_some_and(|first| first & 0x80 != 0) {
        return u64::MAX;
    }
    significant
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests;
