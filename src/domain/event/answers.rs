//! What a person said for an action, where the table asks for it.
//!
//! Plain data: it goes from the faces through the engine to the provider, and into the journal.

use serde::{Deserialize, Serialize};

use super::What;
use crate::domain::entry::{Entry, Method};

/// What a person said for an action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Answers {
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// All names of the certificate; those that it has where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The names to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_names: Vec<String>,
    /// How the names are verified; as before where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The mailbox that is asked, with verification by e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
}

impl Answers {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What they change about the order of an entry.
    #[must_use]
    pub fn changes(&self, entry: &Entry) -> Vec<What> {
        let mut happened = Vec::new();
        if !self.names.is_empty() && self.names != entry.names {
            let names = self.names.clone();
            happened.push(What::Renamed { names });
        }
        if !self.new_names.is_empty() {
            let names = self.new_names.clone();
            happened.push(What::NamesAsked { names });
        }
        if let Some(method) = self.method {
            let mailbox = self.mailbox.clone();
            happened.push(What::MethodChosen { method, mailbox });
        }
        happened
    }
}
