//! Lifecycles: which states an entry can be in, what can be done there and what can happen.
//!
//! A lifecycle is a table (`assets/lifecycles/*.toml`) that a person can check line by line
//! against the provider's own documentation. Pure: text comes in, a checked table or errors with
//! file, line and key come out. The gate, the sandbox and the faces read it.

mod beginning;
mod check;
mod check_rows;
mod effective;
mod error;
mod graph;
mod guard;
mod load;
mod load_state;
mod outcome;
mod possible;
mod raw;
mod readiness;
mod rows;
#[cfg(test)]
mod sample;
mod set;
mod standing;
mod state;
mod wire;
mod words;

use serde::{Deserialize, Serialize};

use super::entry::StateRef;

pub use effective::{Stay, effective, effective_track, stays};
pub use error::LifecycleError;
pub use graph::{By, Edge, Mover, Target};
pub use guard::{Days, Guard};
pub use possible::{Circumstances, due_at, possible_events};
pub use readiness::Readiness;
pub use rows::{
    ActionRow, Ask, Bring, Condition, Confirm, EntryPoint, EventRow, Makes, Refusal, SandboxTiming,
    Setting, Via,
};
pub use set::{Embedded, Lifecycles, embedded};
pub use standing::{Standing, standing};
pub use state::{Phase, State, Who};
pub use wire::{Qualifier, QualifierKind, Wire};

/// The word in `to` that means: back to where it was before the request.
pub const PREVIOUS: &str = "@previous";

/// The word in `to` that means: the provider has deleted it.
pub const GONE: &str = "@gone";

/// A checked lifecycle table.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Whether its entries live in a zone of the account.
    pub zone: bool,
    /// What the list says where several events lead to what is seen, and nobody can tell which.
    pub not_stated: Option<String>,
    /// How the proofs are named that the sandbox asks for.
    pub records: RecordNames,
    /// What must hold so that it is ready for production, where the provider says so.
    pub ready: Option<Ready>,
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

/// How the proofs are named that the sandbox asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecordNames {
    /// The label before the name, for a record in the DNS.
    #[serde(default = "usual_label")]
    pub dns: String,
    /// The path on the web server, for a file.
    #[serde(default = "usual_path")]
    pub file: String,
}

impl Default for RecordNames {
    fn default() -> Self {
        Self {
            dns: usual_label(),
            file: usual_path(),
        }
    }
}

fn usual_label() -> String {
    "_certdeck-sandbox".to_owned()
}

fn usual_path() -> String {
    "/.well-known/pki-validation/certdeck-sandbox.txt".to_owned()
}

/// What must hold so that an entry is ready for production.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// The state in which each track must stand; one for each track.
    pub states: Vec<String>,
    /// Whether the name's DNS must point to the account's target as well.
    pub dns: bool,
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
