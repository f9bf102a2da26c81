//! An entry: one row of the list, that is an order and the certificates that came of it.
//!
//! Plain data as it is stored. It decides nothing: the gate decides, events change it
//! (`domain::event`). Everybody reads it.

mod authorization;
mod certificate;
mod id;
mod order;
mod request;
mod revocation;
mod tracks;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::probed::Probed;

pub use authorization::Authorization;
pub use certificate::{CertificateRecord, Role};
pub use id::{EntryId, mint};
pub use order::{CsrBy, Invoice, Method, Order, Price, Product, ProductKind, ValidationRecord};
pub use request::{ORDER, OpenRequest, Sending, Successor};
pub use revocation::Revocation;
pub use tracks::Tracks;

/// The id of the one track that most lifecycles have.
pub const MAIN_TRACK: &str = "main";

/// One row of the list: an order and the certificates that came of it, none to several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Short, stable, unique in its store.
    pub id: EntryId,
    /// The account that it belongs to, by name.
    pub account: String,
    /// The lifecycle that it follows, by id.
    pub lifecycle: String,
    /// The names that it protects, in ASCII (IDN as punycode); the first one names the entry.
    pub names: Vec<String>,
    /// Where each track stands; normally one, called [`MAIN_TRACK`].
    pub tracks: Tracks,
    /// What was bought.
    #[serde(default)]
    pub product: Product,
    /// How it was ordered: key, CSR, validation method.
    #[serde(default)]
    pub order: Order,
    /// The certificates that came of it, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateRecord>,
    /// What revocation lists said of them and of their chains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocations: Vec<Revocation>,
    /// Its ties to other entries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The request that was sent and is not answered yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<OpenRequest>,
    /// What goes with that request until it is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<Box<Sending>>,
    /// What has to be published, answered or read for the validation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<ValidationRecord>,
    /// The authorizations inside an ACME order, one for each name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorizations: Vec<Authorization>,
    /// What the CA complains of, where it looked for the proof in vain; in its own words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation_errors: Vec<String>,
    /// Names that were asked to be added and are not there yet, in ASCII.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adding: Vec<String>,
    /// Whether its DNS points to the account's target; nothing where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_points: Option<bool>,
    /// When the provider deleted it, in the account's time; what is here is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
    /// The last thing the provider said that belongs on the row: a refusal, a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The file or server that an imported or watched certificate was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Why the place that it was read from cannot be read any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// That its certificate was to be deployed and is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undeployed: Option<Undeployed>,
    /// What its servers were last seen to serve; nothing where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probed: Option<Box<Probed>>,
    /// A person's own note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Put away by a person: kept, but out of the list unless asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// When it came into being, in the account's time.
    pub created: Timestamp,
    /// When it last changed, in the account's time.
    pub changed: Timestamp,
}

/// Where one track of an entry stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// The state that was last stored; states that only time makes are computed when read.
    pub state: StateRef,
    /// Since when, in the account's time.
    pub since: Timestamp,
    /// Where it was before, for `@previous`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<StateRef>,
}

/// A state, or the verbatim string of one that no table knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StateRef {
    /// A state of the entry's lifecycle, by id.
    Known(String),
    /// What the provider said, word for word, where the lifecycle has no such state.
    Unknown {
        /// The provider's string.
        unknown: String,
    },
}

impl StateRef {
    /// A state of the lifecycle.
    #[must_use]
    pub fn known(id: impl Into<String>) -> Self {
        Self::Known(id.into())
    }

    /// A string that the lifecycle does not know.
    #[must_use]
    pub fn unknown(raw: impl Into<String>) -> Self {
        Self::Unknown {
            unknown: raw.into(),
        }
    }

    /// The state's id, or the provider's string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(id) => id,
            Self::Unknown { unknown } => unknown,
        }
    }
}

/// Why the place of a watched certificate cannot be read any more; the entry shows what was read
/// last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trouble {
    /// What stands in the way and what to do.
    pub why: String,
    /// Since when, in the system's time.
    pub since: Timestamp,
    /// When it was read well for the last time, in the system's time.
    pub last_good: Timestamp,
}

/// A certificate that the account's deploy command was to take further, and has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Undeployed {
    /// Since when, in the account's time.
    pub since: Timestamp,
    /// Why; raw.
    pub why: String,
}

/// A tie from this entry to another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What this entry is to the other.
    pub kind: LinkKind,
    /// The other entry.
    pub entry: EntryId,
}

/// What an entry is to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// This one was made to renew the other.
    Renews,
    /// The other one was made to renew this one.
    RenewedBy,
    /// This one takes the other's place.
    Replaces,
    /// The other one takes this one's place.
    ReplacedBy,
}

impl LinkKind {
    /// The same tie, seen from the other entry.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Renews => Self::RenewedBy,
            Self::RenewedBy => Self::Renews,
            Self::Replaces => Self::ReplacedBy,
            Self::ReplacedBy => Self::Replaces,
        }
    }

    /// The word before the other entry's name.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Renews => "renews",
            Self::RenewedBy => "renewed by",
            Self::Replaces => "replaces",
            Self::ReplacedBy => "replaced by",
        }
    }

    /// Whether the other entry comes after this one.
    #[must_use]
    pub fn is_successor(self) -> bool {
        matches!(self, Self::RenewedBy | Self::ReplacedBy)
    }
}

impl Entry {
    /// A new entry that stands in `state` on its only track.
    #[must_use]
    pub fn new(id: EntryId, account: &str, lifecycle: &str, state: &str, at: Timestamp) -> Self {
        Self::on_tracks(id, account, lifecycle, [(MAIN_TRACK, state)], at)
    }

    /// A new entry that stands in these states, track by track.
    #[must_use]
    pub fn on_tracks<'a>(
        id: EntryId,
        account: &str,
        lifecycle: &str,
        tracks: impl IntoIterator<Item = (&'a str, &'a str)>,
        at: Timestamp,
    ) -> Self {
        let stands = |state: &str| Track {
            state: StateRef::known(state),
            since: at,
            previous: None,
        };
        let tracks = tracks.into_iter();
        Self {
            id,
            account: account.to_owned(),
            lifecycle: lifecycle.to_owned(),
            names: Vec::new(),
            tracks: tracks
                .map(|(id, state)| (id.to_owned(), stands(state)))
                .collect(),
            product: Product::default(),
            order: Order::default(),
            certificates: Vec::new(),
            revocations: Vec::new(),
            links: Vec::new(),
            request: None,
            sending: None,
            records: Vec::new(),
            authorizations: Vec::new(),
            validation_errors: Vec::new(),
            adding: Vec::new(),
            dns_points: None,
            gone: None,
            said: None,
            origin: None,
            trouble: None,
            undeployed: None,
            probed: None,
            note: String::new(),
            archived: false,
            created: at,
            changed: at,
        }
    }

    /// The name that people call it by: its first name, or its id.
    #[must_use]
    pub fn name(&self) -> &str {
        self.names.first().map_or(self.id.as_str(), String::as_str)
    }

    /// Its first track: the only one, or the one that the lifecycle lists first.
    #[must_use]
    pub fn main(&self) -> Option<&Track> {
        self.tracks
            .get(MAIN_TRACK)
            .or_else(|| self.tracks.values().next())
    }

    /// The certificate that serves now, or the newest one.
    #[must_use]
    pub fn serving(&self) -> Option<&CertificateRecord> {
        let serving = self
            .certificates
            .iter()
            .rev()
            .find(|held| held.role == Role::Serving);
        serving.or_else(|| self.certificates.last())
    }

    /// What a revocation list said of one of its certificates, or of their chains.
    #[must_use]
    pub fn revocation_of(&self, sha256: &str) -> Option<&Revocation> {
        self.revocations.iter().find(|one| one.sha256 == sha256)
    }

    /// The entries that came after this one.
    pub fn successors(&self) -> impl Iterator<Item = &EntryId> {
        self.links
            .iter()
            .filter(|link| link.kind.is_successor())
            .map(|link| &link.entry)
    }
}
