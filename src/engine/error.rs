//! What can stand in the way of a command.
//!
//! Both faces turn these into a sentence; the headless one also into an exit code.

use std::path::PathBuf;

use thiserror::Error;

use super::command::{FieldError, Lock};
use crate::domain::entry::EntryId;
use crate::domain::gate::Reason;
use crate::domain::inventory::Unresolved;
use crate::store::StoreError;

/// Why a command was not carried out.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The gate refused it.
    #[error("{action} is not possible for {name}: {reason}")]
    Refused {
        /// The action's title.
        action: String,
        /// The entry's name.
        name: String,
        /// Why.
        reason: Reason,
    },
    /// The entry has moved since the person looked at it.
    #[error("{name} is {now} now, no longer {seen}; look again and decide again")]
    Moved {
        /// The entry's name.
        name: String,
        /// The label that the person saw.
        seen: String,
        /// The label that it has now.
        now: String,
    },
    /// The provider refused it.
    #[error("{provider} refused {action} for {name}: {says}")]
    Provider {
        /// The provider.
        provider: String,
        /// The action's title.
        action: String,
        /// The entry's name.
        name: String,
        /// The provider's own words.
        says: String,
    },
    /// Nobody knows whether the provider took it.
    #[error(transparent)]
    OutcomeUnknown(Box<UnknownOutcome>),
    /// The order is not right yet.
    #[error("the order cannot be placed: {}", sentences(.0))]
    Order(Vec<FieldError>),
    /// What a person said for an action is not right yet.
    #[error("{action} cannot be asked for {name} so: {}", sentences(.fields))]
    Answers {
        /// The action's title.
        action: String,
        /// The entry's name.
        name: String,
        /// What is wrong, missing or not asked for.
        fields: Vec<FieldError>,
    },
    /// What a person wrote down is not right yet.
    #[error("it cannot be written down: {}", sentences(.0))]
    Record(Vec<FieldError>),
    /// An account cannot be added so.
    #[error("the account cannot be added: {}", sentences(.0))]
    Account(Vec<FieldError>),
    /// The provider has to be asked in its own panel.
    #[error("{name} is kept by hand: {says}")]
    ByHand {
        /// The entry's name.
        name: String,
        /// What to do there, and how to write it down.
        says: String,
    },
    /// A private key is needed, or shall be kept, and its passphrase is not known here.
    #[error("{0}")]
    Locked(Lock),
    /// A passphrase that opens nothing.
    #[error("this passphrase does not open {0}; nothing was done")]
    WrongPassphrase(String),
    /// Files are there already, and were not to be written over.
    #[error("{} there already, and certdeck writes over nothing unasked", there(.0))]
    InTheWay(Vec<PathBuf>),
    /// No single entry is meant.
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that was asked for does not exist, or cannot be used so.
    #[error("{0}")]
    Usage(String),
    /// Something failed on this machine.
    #[error("{0}")]
    Failed(String),
}

/// A request of which nobody knows what came, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "nobody knows what came of {action} for {name}: {why}; {found}; look into the panel of \
     {provider}, then adopt what arrived, send it again, or say that it never arrived"
)]
pub struct UnknownOutcome {
    /// The entry.
    pub id: EntryId,
    /// The provider.
    pub provider: String,
    /// The action's title.
    pub action: String,
    /// The entry's name.
    pub name: String,
    /// What went wrong.
    pub why: String,
    /// What the provider lists of it, in words.
    pub found: String,
}

fn there(paths: &[PathBuf]) -> String {
    let names = paths.iter().map(|path| path.display().to_string());
    let verb = if paths.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.collect::<Vec<_>>().join(", "))
}

fn sentences(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
