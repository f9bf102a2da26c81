//! What revocation lists said of the certificates of an entry.
//!
//! Plain data, filled by whoever read a list and checked its signature.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// That a certificate was revoked, as a list of its issuer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Revocation {
    /// SHA-256 of the certificate's DER form, lower-case hexadecimal: the entry's own, or one of its
    /// chain.
    pub sha256: String,
    /// Since when; nothing where the list does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Why, by its name in RFC 5280 section 5.3.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the list was made that says so.
    pub list: Timestamp,
}
