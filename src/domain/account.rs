//! Accounts, as far as decisions and the store need them: their kinds, and what changes while
//! certdeck runs and is no setting.
//!
//! Plain data without I/O. The settings of an account live in its own TOML file; the record here
//! lives beside the entries, so that it changes in the same transaction as they do. The sandbox
//! fills it, the store keeps it, the gate asks for the kind.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The kinds of accounts that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountKind {
    /// The embedded provider, which plays any lifecycle.
    Sandbox,
    /// A provider without an API: people record what its panel shows.
    ByHand,
    /// Certificates in files and on servers, which are watched.
    Files,
}

impl AccountKind {
    /// Every kind, in the order in which help lists them.
    pub const ALL: [Self; 3] = [Self::Sandbox, Self::ByHand, Self::Files];

    /// Whether a remote system moves the states, so that only what it offers is possible.
    #[must_use]
    pub fn is_remote(self) -> bool {
        match self {
            Self::Sandbox | Self::ByHand | Self::Files => false,
        }
    }

    /// The kind, as files and commands write it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::ByHand => "by-hand",
            Self::Files => "files",
        }
    }
}

/// What the store remembers of one account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AccountRecord {
    /// The account's name, unique in its store.
    pub name: String,
    /// The account's own clock, where it has one (the sandbox).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<SandboxClock>,
    /// The account's own certification authority, where it has one (the sandbox).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<CaRecord>,
    /// What the sandbox's chances are drawn from, so that a run can be repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How the account's zone stands, where it has one and that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// Whatever else a provider remembers, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, serde_json::Value>,
}

impl AccountRecord {
    /// An account of which nothing but the name is remembered yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// How the zone of an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Zone {
    /// Its status.
    pub status: ZoneStatus,
    /// Since when, in the account's time.
    pub since: Timestamp,
}

/// The status of a zone. Source: Cloudflare API, zones, `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneStatus {
    /// It is being set up.
    Initializing,
    /// Its name servers do not point to the provider yet.
    Pending,
    /// The provider answers for it.
    Active,
    /// Its name servers do not point to the provider any more.
    Moved,
}

impl ZoneStatus {
    /// Every status, in the order in which menus list them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Pending, Self::Moved, Self::Initializing];

    /// The status as the provider's panel shows it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Initializing => "Initializing",
            Self::Pending => "Pending",
            Self::Active => "Active",
            Self::Moved => "Moved",
        }
    }

    /// The status as commands and the provider's API write it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Moved => "moved",
        }
    }
}

/// The clock of a sandbox account. It stands still while certdeck is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SandboxClock {
    /// What it showed when it was stored.
    pub at: Timestamp,
    /// How many of its seconds pass in one second of the system's.
    pub speed: u32,
    /// Whether it stands still.
    pub paused: bool,
}

/// The built-in certification authority of a sandbox account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CaRecord {
    /// SHA-256 of the root certificate, lower-case hexadecimal: its name in the store.
    pub root: String,
    /// SHA-256 of the intermediate certificate, lower-case hexadecimal: its name in the store.
    pub intermediate: String,
    /// SHA-256 of the intermediate's public key: the name of its private key in the store.
    pub key: String,
}
