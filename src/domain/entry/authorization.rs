//! The authorizations inside an ACME order, with the challenge that proves each.
//!
//! Plain data. Source: RFC 8555, sections 7.1.4, 7.1.5 and 7.1.6 (authorization and challenge
//! objects, their status values).

use serde::{Deserialize, Serialize};

/// How far the proof for one name of an ACME order is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Authorization {
    /// The name.
    pub name: String,
    /// The authorization's status: `pending`, `valid`, `invalid`, `deactivated`, `expired`,
    /// `revoked`, or what the server says instead.
    pub status: String,
    /// The challenge's type: `http-01`, `dns-01`, `tls-alpn-01`, or what the server says instead.
    pub challenge: String,
    /// The challenge's status: `pending`, `processing`, `valid`, `invalid`, or what the server
    /// says instead.
    pub challenge_status: String,
    /// What the server complains of, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
