//! Accounts, as far as decisions and lists need them.
//!
//! Pure data. What a person configures of an account lies in `config`; what must survive in the
//! store is `AccountRecord`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The kinds of accounts that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountKind {
    /// The embedded provider, which plays any lifecycle.
    Sandbox,
    /// Certificates in files.
    Files,
}

impl AccountKind {
    /// Whether a remote system moves the states.
    #[must_use]
    pub fn is_remote(self) -> bool {
        false
    }

    /// The kind, as files and commands write it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Files => "files",
        }
    }
}

/// What the store keeps of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Its name.
    pub name: String,
    /// The sandbox's own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<SandboxClock>,
    /// The sandbox's built-in CA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<CaRecord>,
    /// What the sandbox's chances hang on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// The sandbox's own clock, as it stood when it was last written down. It stands still while
/// certdeck is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxClock {
    /// What it shows.
    pub at: Timestamp,
    /// How many sandbox seconds pass in one second.
    pub speed: u32,
    /// Whether it stands still.
    pub paused: bool,
}

/// The sandbox's built-in CA: certificates by fingerprint, the signing key by public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaRecord {
    /// The root certificate.
    pub root: String,
    /// The intermediate certificate, which signs.
    pub intermediate: String,
    /// The intermediate's key.
    pub key: String,
}
