//! Lifecycles: which states an entry can be in, what can be done there and what can happen.
//!
//! A lifecycle is a table (`assets/lifecycles/*.toml`) that a person can check line by line
//! against the provider's own documentation. Pure: text comes in, a checked table or errors with
//! file, line and key come out. The gate, the sandbox and the faces read it.

mod check;
mod effective;
mod error;
mod graph;
mod guard;
mod load;
mod raw;
mod set;
mod wire;
mod words;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::entry::{LinkKind, Method, StateRef};

pub use effective::{effective, effective_track};
pub use error::LifecycleError;
pub use graph::{By, Edge, Mover, Target};
pub use guard::{Days, Guard};
pub use set::{Lifecycles, embedded};
pub use wire::{Qualifier, QualifierKind, Wire};

/// The word in `to` that means: back to where it was before the request.
pub const PREVIOUS: &str = "@previous";

/// A checked lifecycle table.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifecycle {
    /// Its id, for example `netcup`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Who provides it, for sentences: `netcup`.
    pub provider: String,
    /// The documents that it was written from.
    pub source: String,
    /// What no document says and certdeck assumes.
    pub assumptions: Vec<String>,
    /// Where support can be written to, if the provider has a mailbox for it.
    pub support: Option<Support>,
    /// The happy path, by state, that the Lifecycle tab draws.
    pub order: Vec<String>,
    /// Its tracks; at least one.
    pub tracks: Vec<TrackDefinition>,
    /// Where an entry may begin.
    pub entry_points: Vec<EntryPoint>,
    /// Its states, in the table's order.
    pub states: Vec<State>,
    /// What can be done.
    pub actions: Vec<ActionRow>,
    /// What can happen.
    pub events: Vec<EventRow>,
    /// Why an action that people look for does not exist here.
    pub refusals: Vec<Refusal>,
}

/// Where the provider's support is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Support {
    /// Its mailbox.
    pub mail: String,
    /// Where its panel is.
    #[serde(default)]
    pub link: Option<String>,
}

/// One line of states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrackDefinition {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Whether an entry may be without it.
    #[serde(default)]
    pub optional: bool,
}

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
}

/// One state.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its id.
    pub id: String,
    /// Exactly what the provider's panel shows; two states may share a label.
    pub label: String,
    /// One word for drawings of the whole path.
    pub short: String,
    /// Its track.
    pub track: String,
    /// Its provider-independent class.
    pub phase: Phase,
    /// Who moves next.
    pub who: Who,
    /// Who moves next with a certain validation method, where that differs.
    pub who_by: BTreeMap<Method, Who>,
    /// What it means and what to do.
    pub says: String,
    /// The same with a certain validation method, where that differs.
    pub says_by: BTreeMap<Method, String>,
    /// What the provider's API calls it.
    pub wire: Vec<Wire>,
    /// How far the provider says it is, in percent.
    pub progress: Option<u8>,
    /// Whether nothing follows, or nothing is documented to follow.
    pub terminal: bool,
    /// Why there is no way out, where no document names one.
    pub dead_end: Option<String>,
}

impl State {
    /// Who moves next, with this validation method.
    #[must_use]
    pub fn who_with(&self, method: Option<Method>) -> Who {
        method
            .and_then(|method| self.who_by.get(&method))
            .copied()
            .unwrap_or(self.who)
    }

    /// What it means, with this validation method.
    #[must_use]
    pub fn says_with(&self, method: Option<Method>) -> &str {
        method
            .and_then(|method| self.says_by.get(&method))
            .unwrap_or(&self.says)
    }
}

/// The provider-independent class of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// You or your customer must do something.
    ActionNeeded,
    /// The provider or the CA is at it.
    InProgress,
    /// It serves.
    Live,
    /// It is on its way out.
    WindingDown,
    /// It is over, as somebody wanted.
    Ended,
    /// It is over, as nobody wanted.
    Failed,
}

impl Phase {
    /// Every phase, in the order that counts and help list them.
    pub const ALL: [Self; 6] = [
        Self::ActionNeeded,
        Self::InProgress,
        Self::Live,
        Self::WindingDown,
        Self::Ended,
        Self::Failed,
    ];

    /// The phase as tables and filters write it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::ActionNeeded => "action-needed",
            Self::InProgress => "in-progress",
            Self::Live => "live",
            Self::WindingDown => "winding-down",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }
}

/// Who moves next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// The person at the keyboard.
    You,
    /// The person's customer.
    Customer,
    /// The provider.
    Provider,
    /// The certification authority.
    Ca,
    /// Nobody has to.
    Nobody,
}

impl Who {
    /// Who, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Customer => "your customer",
            Self::Provider => "the provider",
            Self::Ca => "the CA",
            Self::Nobody => "nobody",
        }
    }

    /// Whether a person on this side must act.
    #[must_use]
    pub fn is_ours(self) -> bool {
        matches!(self, Self::You | Self::Customer)
    }
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
    /// Where the track goes once the provider accepted; a state or [`PREVIOUS`].
    pub to: Option<String>,
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
    /// A reason.
    Reason,
    /// Names.
    Names,
    /// A validation method.
    Method,
    /// A CSR.
    Csr,
    /// A product.
    Product,
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
    /// Where it leads; a state or [`PREVIOUS`].
    pub to: String,
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
    /// A question that has to be answered.
    Question,
    /// The certificate.
    Certificate,
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
}

impl Condition {
    /// Whether the clock alone decides it.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::NotBefore | Self::NotAfter | Self::RenewalWindow)
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

impl Lifecycle {
    /// A state by id.
    #[must_use]
    pub fn state(&self, id: &str) -> Option<&State> {
        self.states.iter().find(|state| state.id == id)
    }

    /// The state that a reference means, if the table knows it.
    #[must_use]
    pub fn find(&self, state: &StateRef) -> Option<&State> {
        match state {
            StateRef::Known(id) => self.state(id),
            StateRef::Unknown { .. } => None,
        }
    }

    /// What the provider's panel shows: the label, or the provider's string word for word.
    #[must_use]
    pub fn label<'a>(&'a self, state: &'a StateRef) -> &'a str {
        self.find(state)
            .map_or(state.as_str(), |state| &state.label)
    }

    /// Every state that a string of the API can mean, whatever the qualifier.
    pub fn candidates<'a>(&'a self, raw: &'a str) -> impl Iterator<Item = &'a State> {
        self.states
            .iter()
            .filter(move |state| state.wire.iter().any(|wire| wire.is == raw))
    }

    /// The state that a string of the API means under these qualifiers; kept verbatim where the
    /// table does not know it, or where it fits several.
    #[must_use]
    pub fn resolve(&self, track: &str, raw: &str, seen: &[Qualifier]) -> StateRef {
        let on_track = || self.states.iter().filter(|state| state.track == track);
        let means =
            |wire: &Wire, when: Option<&Qualifier>| wire.is == raw && wire.when.as_ref() == when;
        let qualified = on_track().find(|state| {
            seen.iter()
                .any(|q| state.wire.iter().any(|wire| means(wire, Some(q))))
        });
        let plain = on_track().find(|state| state.wire.iter().any(|wire| means(wire, None)));
        qualified.or(plain).map_or_else(
            || StateRef::unknown(raw),
            |state| StateRef::known(&state.id),
        )
    }

    /// The rows of an action, in the table's order.
    pub fn rows_of<'a>(&'a self, action: &'a str) -> impl Iterator<Item = &'a ActionRow> {
        self.actions.iter().filter(move |row| row.id == action)
    }

    /// Whether the table speaks of an action at all, be it to refuse it.
    #[must_use]
    pub fn mentions(&self, action: &str) -> bool {
        self.rows_of(action).next().is_some()
            || self.refusals.iter().any(|refusal| refusal.action == action)
    }

    /// The provider's word for an action, or the catalogue's.
    #[must_use]
    pub fn action_title(&self, action: &str) -> String {
        let own = self.rows_of(action).find_map(|row| row.label.clone());
        let shared = || super::action::spec(action).map(|spec| spec.title.to_owned());
        own.or_else(shared).unwrap_or_else(|| action.to_owned())
    }

    /// What can happen to a track in this state.
    pub fn events_from<'a>(
        &'a self,
        track: &'a str,
        state: &'a str,
    ) -> impl Iterator<Item = &'a EventRow> {
        self.events
            .iter()
            .filter(move |row| row.track == track && row.from.iter().any(|from| from == state))
    }
}
