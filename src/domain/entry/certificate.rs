//! What an entry remembers of each of its certificates; the certificate itself lies in the store
//! under its fingerprint.
//!
//! Plain data, filled by whoever read the certificate.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A certificate that came of an order, as far as list and details need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// SHA-256 of its DER form, lower-case hexadecimal: its name in the store.
    pub sha256: String,
    /// The fingerprints of the chain above it, the issuer first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// Whether it serves now.
    pub role: Role,
    /// Its subject as one line; raw, so the faces sanitise it.
    pub subject: String,
    /// Its issuer's name; raw, so the faces sanitise it.
    pub issuer: String,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// Its key in words, for example `P-256`.
    pub key: String,
    /// SHA-256 of its public key (`SubjectPublicKeyInfo`), lower-case hexadecimal: the name of
    /// the private key's file, where the key is held here.
    pub spki_sha256: String,
    /// Whether it belongs to a certification authority.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ca: bool,
}

/// What a certificate is to its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It serves now.
    Serving,
    /// It was issued and does not serve yet.
    Pending,
    /// It served before.
    Past,
}
