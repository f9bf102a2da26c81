//! The demo's script, read from `assets/demo.toml`.
//!
//! Pure shapes; only the demo reads them.

use jiff::SignedDuration;
use serde::Deserialize;

use crate::domain::account::ZoneStatus;
use crate::domain::entry::Method;
use crate::engine::settings::SANDBOX_ACCOUNT;
use crate::pki::KeyType;

const EMBEDDED: &str = include_str!("../../../assets/demo.toml");

/// Everything that the demo shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    pub(super) account: Vec<ScriptAccount>,
    pub(super) order: Vec<ScriptOrder>,
    pub(super) file: Vec<ScriptFile>,
    pub(super) watched: Vec<ScriptFile>,
    pub(super) hand: Vec<ScriptHand>,
}

/// A sandbox account beside the built-in one, and how its zone stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptAccount {
    pub(super) name: String,
    pub(super) lifecycles: Vec<String>,
    #[serde(default)]
    pub(super) zone: Option<ScriptZone>,
}

/// How a zone stands, and since when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptZone {
    pub(super) is: ZoneStatus,
    pub(super) ago: SignedDuration,
}

/// An order and what followed: the states that it came to by the shortest way, then single steps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptOrder {
    #[serde(default = "usual_account")]
    pub(super) account: String,
    pub(super) names: Vec<String>,
    pub(super) product: String,
    #[serde(default)]
    pub(super) csr: CsrFrom,
    #[serde(default)]
    pub(super) key: Option<KeyType>,
    #[serde(default)]
    pub(super) method: Option<Method>,
    #[serde(default)]
    pub(super) mailbox: Option<String>,
    pub(super) ago: SignedDuration,
    /// States on its tracks, in the order in which it came to them.
    #[serde(default)]
    pub(super) to: Vec<String>,
    /// How long ago it came to the last of them.
    #[serde(default)]
    pub(super) since: Option<SignedDuration>,
    #[serde(default)]
    pub(super) then: Vec<ScriptStep>,
}

fn usual_account() -> String {
    SANDBOX_ACCOUNT.to_owned()
}

/// Who generates the CSR.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CsrFrom {
    #[default]
    Certdeck,
    Provider,
    Own,
}

/// Something that followed an order: an event or an action.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ScriptStep {
    #[serde(default)]
    pub(super) event: Option<String>,
    #[serde(default)]
    pub(super) action: Option<String>,
    /// Whether it followed the order's successor rather than the order itself.
    #[serde(default)]
    pub(super) successor: bool,
    /// Names to add, for an action that asks for them.
    #[serde(default)]
    pub(super) new_names: Vec<String>,
    pub(super) ago: SignedDuration,
}

/// An order that is kept by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ScriptHand {
    pub(super) names: Vec<String>,
    pub(super) product: String,
    pub(super) order_number: String,
    pub(super) invoice: String,
    pub(super) price: String,
    /// For how long it is paid, from the demo's start.
    #[serde(default)]
    pub(super) paid_for: Option<SignedDuration>,
    /// The events that are recorded.
    #[serde(default)]
    pub(super) then: Vec<String>,
    /// Whether the last of them brings the certificate.
    #[serde(default)]
    pub(super) issued: bool,
}

/// A file that is imported or watched.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptFile {
    pub(super) name: String,
    #[serde(default)]
    pub(super) names: Vec<String>,
    /// Hours from the demo's start.
    #[serde(default)]
    pub(super) from: i64,
    /// Hours from the demo's start.
    #[serde(default)]
    pub(super) to: i64,
    #[serde(default)]
    pub(super) broken: bool,
}

impl Script {
    /// The embedded script.
    pub(super) fn embedded() -> Result<Self, String> {
        toml::from_str(EMBEDDED).map_err(|error| format!("assets/demo.toml: {error}"))
    }
}
