//! Rows: where an entry may begin, what can be done, what can happen, and why something cannot.
//!
//! Pure data. `load` makes them from the table; the gate, the sandbox and the faces read them.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Guard;
use crate::domain::action::{ActionSpec, Danger};
use crate::domain::entry::LinkKind;

/// A state where an entry may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    /// The state.
    pub state: String,
    /// Its track.
    pub track: String,
    /// Under which condition; always where there is none.
    pub when: Option<Condition>,
    /// What comes with it.
    pub brings: Vec<Bring>,
    /// How an order is placed in the provider's panel, step by step.
    pub steps: Vec<String>,
    /// Why this entry point is certdeck's assumption, where no document states it.
    pub assumed: Option<String>,
}

/// A row that makes an action possible.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionRow {
    /// The action, from the catalogue.
    pub id: String,
    /// The provider's own word for it.
    pub label: Option<String>,
    /// The track that it works on.
    pub track: String,
    /// The states that allow it.
    pub from: Vec<String>,
    /// What else must hold.
    pub guards: Vec<Guard>,
    /// Where the track goes once the provider accepted; a state, [`PREVIOUS`] or [`GONE`].
    ///
    /// [`PREVIOUS`]: super::PREVIOUS
    /// [`GONE`]: super::GONE
    pub to: Option<String>,
    /// Where other tracks go with it, by state.
    pub also: Vec<String>,
    /// What comes with the provider's acceptance.
    pub brings: Vec<Bring>,
    /// Keeps the request open until an event answers it, and says meanwhile why nothing else can
    /// be asked for.
    pub opens: Option<String>,
    /// What changes beside the state.
    pub sets: Option<Setting>,
    /// How much it can break here, where that differs from the catalogue.
    pub danger: Option<Danger>,
    /// The successor that it makes.
    pub makes: Option<Makes>,
    /// What a live account can do.
    pub via: Via,
    /// Where the provider's panel offers it.
    pub link: Option<String>,
    /// What to do in the provider's panel for it, step by step.
    pub steps: Vec<String>,
    /// What the dialog asks.
    pub confirm: Option<Confirm>,
    /// The provider's own words when it accepted.
    pub done: Option<String>,
    /// What a person has to say for it.
    pub asks: Vec<Ask>,
    /// Why this row is certdeck's assumption, where no document states it.
    pub assumed: Option<String>,
}

impl ActionRow {
    /// How much the action can break here: by the table, else by the catalogue. `spec` is the
    /// catalogue's row of the same action.
    #[must_use]
    pub fn danger(&self, spec: &ActionSpec) -> Danger {
        self.danger.unwrap_or(spec.danger)
    }
}

/// The successor that an action makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Makes {
    /// The state in which it begins.
    pub state: String,
    /// What it is to the entry that it was made from.
    pub link: LinkKind,
}

/// What a live account can do; the sandbox plays everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The provider's API does it.
    #[default]
    Api,
    /// Only the provider's own panel does it.
    Dashboard,
    /// Nothing does it.
    None,
}

/// The dialog before an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Confirm {
    /// Its title, in the provider's words.
    pub title: String,
    /// What will happen.
    pub text: String,
    /// The button that does it.
    pub submit: String,
    /// The button that does not; the default.
    pub keep: String,
}

/// What a person has to say for an action; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// A reason, for the provider; it may be left out.
    Reason,
    /// All names of the certificate; filled in with those that it has.
    Names,
    /// Names to add, at least one.
    NewNames,
    /// A validation method; filled in with the one that it has.
    Method,
}

/// What an action changes beside the state; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// The provider renews it by itself from now on.
    AutoRenewOn,
    /// The provider does not renew it by itself any more.
    AutoRenewOff,
    /// The provider may not use the applicant's data any more.
    PrivacyCancelled,
    /// The account's zone was looked at again and found active.
    ZoneActive,
}

/// A row that says what can happen.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Its id.
    pub id: String,
    /// What happened, for people: `Invoice paid`.
    pub label: String,
    /// The track that it moves.
    pub track: String,
    /// Where it can happen.
    pub from: Vec<String>,
    /// Where it leads; a state, [`PREVIOUS`] or [`GONE`].
    ///
    /// [`PREVIOUS`]: super::PREVIOUS
    /// [`GONE`]: super::GONE
    pub to: String,
    /// Where other tracks go with it, by state.
    pub also: Vec<String>,
    /// The action whose open request it answers; it can happen only while that is open.
    pub answers: Option<String>,
    /// What came of a request, for the row of the list.
    pub result: Option<String>,
    /// What a CA may complain of, where it brings validation errors; `{name}` stands for a name.
    pub errors: Vec<String>,
    /// Under which condition.
    pub when: Option<Condition>,
    /// What comes with it.
    pub brings: Vec<Bring>,
    /// Where the provider's panel shows it, or what to do there so that it happens.
    pub steps: Vec<String>,
    /// What the provider or the CA says with it.
    pub says: Option<String>,
    /// Whether people are told at once.
    pub notify: bool,
    /// When the sandbox lets it happen.
    pub sandbox: Option<SandboxTiming>,
    /// Why this row is certdeck's assumption, where no document states it.
    pub assumed: Option<String>,
}

impl EventRow {
    /// Whether it is time alone that makes it happen; then it is computed and never stored.
    #[must_use]
    pub fn is_made_by_time(&self) -> bool {
        self.when.is_some_and(Condition::is_time)
    }
}

/// What comes with an event or an entry point; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bring {
    /// A bill.
    Invoice,
    /// The bill is paid.
    Receipt,
    /// What to publish or look at for the validation.
    ValidationRecords,
    /// What was to be published does not count any more.
    RecordsVoid,
    /// A question that has to be answered.
    Question,
    /// The certificate.
    Certificate,
    /// What the CA complains of.
    ValidationErrors,
    /// What proves that the name is its owner's, beside the records for the certificate.
    OwnershipRecords,
    /// The names that were asked for belong to it now.
    NamesAdded,
    /// The names that were asked for do not come.
    NamesDropped,
    /// Its DNS points to the account's target.
    DnsPoints,
    /// Its DNS points elsewhere.
    DnsElsewhere,
    /// Its authorizations wait for proof.
    AuthorizationsPending,
    /// The CA looks at the proof.
    AuthorizationsProcessing,
    /// Its authorizations hold.
    AuthorizationsValid,
    /// An authorization failed.
    AuthorizationsInvalid,
    /// Its authorizations were given up.
    AuthorizationsDeactivated,
}

/// A condition of an event or an entry point; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The account's zone is active.
    ZoneActive,
    /// The account's zone is not active.
    ZoneNotActive,
    /// The successor serves.
    SuccessorLive,
    /// The certificate is not valid yet.
    NotBefore,
    /// The certificate is not valid any more.
    NotAfter,
    /// The certificate is due for renewal.
    RenewalWindow,
    /// The certificate is due for renewal, and the provider does something about it.
    CertificateDue,
    /// The names that were asked for are in the certificate.
    NamesAdded,
    /// The certificate's names are what they were.
    NamesUnchanged,
    /// The name's DNS does not point to the account's target, as far as anybody knows.
    DnsElsewhere,
    /// The CA verifies the names alone: the level is DV.
    LevelDv,
    /// The CA verifies the organization too: the level is OV or EV.
    LevelOvEv,
}

impl Condition {
    /// Whether the clock alone decides it.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::NotBefore | Self::NotAfter | Self::RenewalWindow)
    }

    /// Whether it speaks of something beside the entry: its zone, or what came after it.
    #[must_use]
    pub fn looks_around(self) -> bool {
        matches!(
            self,
            Self::ZoneActive | Self::ZoneNotActive | Self::SuccessorLive
        )
    }
}

/// When the sandbox lets an event happen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SandboxTiming {
    /// How long after the state began, in sandbox time; the sandbox varies it by a quarter.
    pub after: SignedDuration,
    /// How likely it is, where it is a race; certain if there is none.
    pub chance: Option<f64>,
}

/// Why an action that people look for does not exist here, or not from some states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The action.
    pub action: String,
    /// The states that it speaks of; all of them where there are none.
    pub from: Vec<String>,
    /// The reason.
    pub says: String,
}
