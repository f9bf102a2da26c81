//! Certificate revocation lists (RFC 5280 section 5), of any length.
//!
//! Such a list may name a million serial numbers, so they are not made into a million values: the
//! list stays the bytes that it is, beside four bytes for each serial number, sorted, and one is
//! found by halving. May not: judge which certificate is meant; whoever asks compares the issuer
//! and checks the signature ([`Crl::is_signed_by`]). Called by `bundle`, import and the findings.

use jiff::Timestamp;
use x509_parser::asn1_rs::BitString;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::{ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::verify::verify_signature;
use x509_parser::x509::{AlgorithmIdentifier, X509Name};

use super::certificate::{self, Certificate};
use super::der::{self, Element, Elements};
use super::{dn, hash, labels, pem};

/// A revocation list.
#[derive(Clone, PartialEq, Eq)]
pub struct Crl {
    /// The list itself; everything else is read from it.
    pub der: Vec<u8>,
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub sha256: String,
    /// The issuer in the manner of RFC 4514.
    pub issuer: String,
    /// The issuer's common name.
    pub issuer_common_name: Option<String>,
    /// The encoded issuer, for comparing with a certificate's byte by byte.
    pub issuer_der: Vec<u8>,
    /// The number of the list in lower-case hexadecimal; later lists have higher ones.
    pub number: Option<String>,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next one is there at the latest.
    pub next_update: Option<Timestamp>,
    /// The name of the signature algorithm, or its dotted identifier.
    pub signature_algorithm: String,
    /// The key identifier of who signed it.
    pub authority_key_id: Option<String>,
    /// Whether it says only what changed since another list, or speaks of some certificates of its
    /// issuer only: then a serial number that is missing proves nothing.
    pub is_partial: bool,
    /// Where each entry begins in the DER, sorted by serial number.
    entries: Vec<u32>,
}

impl std::fmt::Debug for Crl {
    /// Without its bytes, of which there may be millions.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crl")
            .field("issuer", &self.issuer)
            .field("sha256", &self.sha256)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// What a list says of one serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Since when; nothing where the date cannot be read.
    pub at: Option<Timestamp>,
    /// Why, by its name in RFC 5280 section 5.3.1; nothing where the list does not say it.
    pub reason: Option<&'static str>,
}

/// Why bytes are no revocation list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// The structure is not that of a list.
    #[error(
        "it cannot be read as a revocation list: {part} is missing or broken; download it again"
    )]
    Unreadable {
        /// The part at which reading stopped.
        part: &'static str,
    },
}

/// Why nobody can say that a certificate's key signed a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureDoubt {
    /// Another name.
    #[error("it was issued by {list:?}, and the certificate is {given:?}")]
    OtherIssuer {
        /// The list's issuer.
        list: String,
        /// The certificate's subject.
        given: String,
    },
    /// The certificate may not sign lists (RFC 5280 section 4.2.1.3).
    #[error("{0:?} is not allowed to sign revocation lists")]
    MayNot(String),
    /// The signature was not made with that key.
    #[error("its signature was not made with the key of {0:?}; do not believe it")]
    Wrong(String),
    /// The algorithm is not known here.
    #[error("its signature ({0}) cannot be checked here; use openssl crl -CAfile")]
    Unknown(String),
}

/// The parts of a list that every reader needs.
struct Skeleton<'a> {
    signed: Element<'a>,
    algorithm: Element<'a>,
    signature: Element<'a>,
    issuer: Element<'a>,
    this_update: Element<'a>,
    next_update: Option<Element<'a>>,
    revoked: Option<Element<'a>>,
    extensions: Option<Element<'a>>,
}

/// Reads a list from DER.
///
/// # Errors
/// [`CrlError`] when it is none.
pub fn read(der: &[u8]) -> Result<Crl, CrlError> {
    let parts = skeleton(der)?;
    let wrong = |part| CrlError::Unreadable { part };
    let (_, issuer) = X509Name::from_der(parts.issuer.raw).map_err(|_| wrong("its issuer"))?;
    let (_, algorithm) =
        AlgorithmIdentifier::from_der(parts.algorithm.raw).map_err(|_| wrong("its algorithm"))?;
    let this_update = moment(parts.this_update).ok_or(wrong("its date"))?;
    let mut crl = Crl {
        sha256: hash::sha256_hex(der),
        issuer: dn::to_text(&issuer),
        issuer_common_name: dn::value_of(&issuer, dn::COMMON_NAME),
        issuer_der: parts.issuer.raw.to_vec(),
        number: None,
        this_update,
        next_update: parts.next_update.and_then(moment),
        signature_algorithm: labels::signature_algorithm(&labels::dotted(&algorithm.algorithm)),
        authority_key_id: None,
        is_partial: false,
        entries: index(der, parts.revoked).ok_or(wrong("one of its entries"))?,
        der: der.to_vec(),
    };
    if let Some(extensions) = parts.extensions {
        crl.take_extensions(extensions);
    }
    Ok(crl)
}

/// Reads the one list in a PEM text that certdeck wrote ([`Crl::to_pem`]); nothing where it is none.
#[must_use]
pub fn read_pem(text: &str) -> Option<Crl> {
    let items = pem::scan(text.as_bytes());
    let [pem::Item::Block(block)] = items.as_slice() else {
        return None;
    };
    let der = (block.label == "X509 CRL").then(|| block.decode().ok());
    read(&der.flatten()?).ok()
}

/// The name under which the list is kept that speaks of certificates of this issuer (its encoded
/// name) and key (its identifier, where that is known): lower-case hexadecimal.
#[must_use]
pub fn kept_as(issuer_der: &[u8], key_id: Option<&str>) -> String {
    let key_id = key_id.unwrap_or_default().as_bytes();
    hash::sha256_hex(&[issuer_der, key_id].concat())
}

impl Crl {
    /// The name under which it is kept.
    #[must_use]
    pub fn kept_as(&self) -> String {
        kept_as(&self.issuer_der, self.authority_key_id.as_deref())
    }

    /// Whether it was made after another one of the same issuer: by its number where both have one
    /// (RFC 5280 section 5.2.3), else by its date.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        let numbers = (&self.number, &other.number);
        let by_number = match numbers {
            (Some(own), Some(other)) => order(
                own.trim_start_matches('0').as_bytes(),
                other.trim_start_matches('0').as_bytes(),
            ),
            _ => std::cmp::Ordering::Equal,
        };
        by_number
            .then(self.this_update.cmp(&other.this_update))
            .is_gt()
    }

    /// How many certificates it revokes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The list as PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode("X509 CRL", &self.der)
    }

    /// What it says of a certificate of its issuer; nothing where it does not name it.
    #[must_use]
    pub fn find(&self, certificate: &Certificate) -> Option<Revoked> {
        self.find_serial(&certificate.serial_bytes())
    }

    /// What it says of a serial number.
    #[must_use]
    pub fn find_serial(&self, serial: &[u8]) -> Option<Revoked> {
        let wanted = significant(serial);
        let at = self
            .entries
            .binary_search_by(|entry| order(self.serial_at(*entry), wanted));
        let (entry, _) = der::first(self.from(*self.entries.get(at.ok()?)?))?;
        let mut parts = Elements::of(entry.content);
        parts.next();
        let at = parts.next().and_then(moment);
        let reason = parts.next().and_then(|extensions| reason(extensions));
        Some(Revoked { at, reason })
    }

    /// Whether the key of this certificate signed it.
    ///
    /// # Errors
    /// Why nobody can say so.
    pub fn is_signed_by(&self, issuer: &Certificate) -> Result<(), SignatureDoubt> {
        if self.issuer_der != issuer.subject_der {
            return Err(SignatureDoubt::OtherIssuer {
                list: self.issuer.clone(),
                given: issuer.subject.clone(),
            });
        }
        let name = || issuer.display_name();
        if !issuer.key_usages.is_empty() && !issuer.key_usages.contains(&"cRLSign") {
            return Err(SignatureDoubt::MayNot(name()));
        }
        self.check_signature(issuer).map_err(|error| match error {
            Some(X509Error::SignatureUnsupportedAlgorithm) => {
                SignatureDoubt::Unknown(self.signature_algorithm.clone())
            }
            _ => SignatureDoubt::Wrong(name()),
        })
    }

    fn check_signature(&self, issuer: &Certificate) -> Result<(), Option<X509Error>> {
        let parts = skeleton(&self.der).map_err(|_| None)?;
        let (_, algorithm) =
            AlgorithmIdentifier::from_der(parts.algorithm.raw).map_err(|_| None)?;
        let (_, signature) = BitString::from_der(parts.signature.raw).map_err(|_| None)?;
        let (_, issuer) = X509Certificate::from_der(&issuer.der).map_err(|_| None)?;
        verify_signature(
            issuer.public_key(),
            &algorithm,
            &signature,
            parts.signed.raw,
        )
        .map_err(Some)
    }

    fn take_extensions(&mut self, extensions: Element<'_>) {
        let Some((list, _)) = der::first(extensions.content) else {
            return;
        };
        for one in Elements::of(list.content) {
            let Ok((_, extension)) = X509Extension::from_der(one.raw) else {
                continue;
            };
            match extension.parsed_extension() {
                ParsedExtension::CRLNumber(_) => {
                    self.number = Elements::of(extension.value)
                        .one(der::INTEGER)
                        .map(|number| data_encoding::HEXLOWER.encode(number.content));
                }
                ParsedExtension::AuthorityKeyIdentifier(key) => {
                    let id = key.key_identifier.as_ref();
                    self.authority_key_id = id.map(|id| data_encoding::HEXLOWER.encode(id.0));
                }
                ParsedExtension::IssuingDistributionPoint(point) => {
                    self.is_partial |= point.only_contains_user_certs
                        || point.only_contains_ca_certs
                        || point.only_contains_attribute_certs
                        || point.indirect_crl
                        || point.only_some_reasons.is_some()
                        || point.distribution_point.is_some();
                }
                // RFC 5280 section 5.2.4: a delta list.
                _ if labels::dotted(&extension.oid) == "2.5.29.27" => self.is_partial = true,
                _ => {}
            }
        }
    }

    fn from(&self, offset: u32) -> &[u8] {
        self.der.get(offset as usize..).unwrap_or_default()
    }

    fn serial_at(&self, offset: u32) -> &[u8] {
        serial_of(self.from(offset)).unwrap_or_default()
    }
}

fn skeleton(der: &[u8]) -> Result<Skeleton<'_>, CrlError> {
    let wrong = |part| CrlError::Unreadable { part };
    let mut outer = Elements::of(der);
    let list = outer.one(der::SEQUENCE).ok_or(wrong("its beginning"))?;
    if !outer.rest().is_empty() {
        return Err(wrong("its end"));
    }
    let mut outer = Elements::of(list.content);
    let signed = outer.one(der::SEQUENCE).ok_or(wrong("what is signed"))?;
    let algorithm = outer.one(der::SEQUENCE).ok_or(wrong("its algorithm"))?;
    let signature = outer.one(der::BIT_STRING).ok_or(wrong("its signature"))?;
    let mut inner = Elements::of(signed.content);
    let is_time = |tag| tag == der::UTC_TIME || tag == der::GENERALIZED_TIME;
    // The version stands there from version 2 on.
    inner.one(der::INTEGER);
    inner.one(der::SEQUENCE).ok_or(wrong("its algorithm"))?;
    let issuer = inner.one(der::SEQUENCE).ok_or(wrong("its issuer"))?;
    let this_update = inner.one_if(is_time).ok_or(wrong("its date"))?;
    let parts = Skeleton {
        signed,
        algorithm,
        signature,
        issuer,
        this_update,
        next_update: inner.one_if(is_time),
        revoked: inner.one(der::SEQUENCE),
        extensions: inner.one(der::CONTEXT_0),
    };
    if inner.rest().is_empty() {
        Ok(parts)
    } else {
        Err(wrong("its end"))
    }
}

/// Where the entries begin, sorted by serial number; nothing where one of them is none.
fn index(der: &[u8], revoked: Option<Element<'_>>) -> Option<Vec<u32>> {
    let Some(revoked) = revoked else {
        return Some(Vec::new());
    };
    let mut entries = Vec::new();
    let mut walk = Elements::of(revoked.content);
    let end = revoked.content.as_ptr_range().end as usize - der.as_ptr() as usize;
    while !walk.rest().is_empty() {
        let offset = end - walk.rest().len();
        walk.one(der::SEQUENCE)?;
        serial_of(der.get(offset..)?)?;
        entries.push(u32::try_from(offset).ok()?);
    }
    let serial = |offset: u32| serial_of(der.get(offset as usize..).unwrap_or_default());
    entries.sort_unstable_by(|one, other| {
        order(
            serial(*one).unwrap_or_default(),
            serial(*other).unwrap_or_default(),
        )
    });
    entries.shrink_to_fit();
    Some(entries)
}

fn serial_of(entry: &[u8]) -> Option<&[u8]> {
    let (entry, _) = der::first(entry)?;
    let serial = Elements::of(entry.content).one(der::INTEGER)?;
    Some(significant(serial.content))
}

/// Some CAs wrote zeros in front of a number that others left out.
fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

fn order(one: &[u8], other: &[u8]) -> std::cmp::Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

fn moment(time: Element<'_>) -> Option<Timestamp> {
    let (_, time) = ASN1Time::from_der(time.raw).ok()?;
    Some(certificate::moment(time))
}

/// RFC 5280 section 5.3.1. The code 7 is not used.
fn reason(extensions: Element<'_>) -> Option<&'static str> {
    /// `id-ce-cRLReasons`.
    const REASON: &[u8] = &[0x55, 0x1d, 0x15];
    const ENUMERATED: u8 = 0x0a;
    for extension in Elements::of(extensions.content) {
        let mut parts = Elements::of(extension.content);
        if parts.one(der::OBJECT_IDENTIFIER)?.content != REASON {
            continue;
        }
        let value = parts.find(|part| part.tag == der::OCTET_STRING)?;
        let code = Elements::of(value.content).one(ENUMERATED)?;
        return match code.content {
            [0] => Some("unspecified"),
            [1] => Some("keyCompromise"),
            [2] => Some("cACompromise"),
            [3] => Some("affiliationChanged"),
            [4] => Some("superseded"),
            [5] => Some("cessationOfOperation"),
            [6] => Some("certificateHold"),
            [8] => Some("removeFromCRL"),
            [9] => Some("privilegeWithdrawn"),
            [10] => Some("aACompromise"),
            _ => None,
        };
    }
    None
}

#[cfg(test)]
mod tests;
