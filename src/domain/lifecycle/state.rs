//! States: what each means, whose move it is, which class it has.
//!
//! Pure data. `load` makes them from the table, everybody reads them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Wire;
use crate::domain::entry::Method;

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
    /// Why its place or its meaning is certdeck's assumption, where no document states it.
    pub assumed: Option<String>,
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
