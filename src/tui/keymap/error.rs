//! What can be wrong with a key table, told so that it can be put right.

use std::fmt;

use thiserror::Error;

use super::super::place::Place;

/// A key table that cannot be used. Every message begins with file and line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeymapError {
    /// Not TOML, or a column missing, misspelt or of the wrong kind.
    #[error("{place}: cannot read the key table: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the reader says.
        message: String,
    },
    /// `action` names nothing that certdeck can do.
    #[error(
        "{place}: `action = \"{found}\"`: there is no such action; expected one of: {expected}"
    )]
    UnknownAction {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
        /// Every action.
        expected: String,
    },
    /// `scope` names no part of the screen.
    #[error("{place}: `scope = \"{found}\"`: there is no such scope; expected one of: {expected}")]
    UnknownScope {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
        /// Every scope.
        expected: String,
    },
    /// `keys` holds something that is not a key.
    #[error(
        "{place}: `keys` holds \"{found}\", which is no key; expected a character such as \"j\" or \
         \"?\", a name such as \"enter\", \"space\", \"page-up\" or \"f5\", either with ctrl-, alt- \
         or shift- before it, or several of these with spaces between"
    )]
    UnknownKey {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
    },
    /// A new row does not say what it is for.
    #[error("{place}: `says` is missing: expected a sentence for help about `{action}`")]
    SaysMissing {
        /// Where.
        place: Place,
        /// The row's action.
        action: String,
    },
    /// One key, or the beginning of several, for two things in one place.
    #[error("{}: `keys`: {here} collides with {other} ({}); give one of them another key",
        here.place, other.place)]
    Collision {
        /// The later of the two.
        here: Box<Use>,
        /// The earlier.
        other: Box<Use>,
    },
}

/// What a key is used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The key, as it is written.
    pub key: String,
    /// The id of the action.
    pub action: String,
    /// The name of the scope.
    pub scope: &'static str,
    /// Where it says so.
    pub place: Place,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key, action, scope, ..
        } = self;
        write!(f, "\"{key}\" for `{action}` in scope `{scope}`")
    }
}
