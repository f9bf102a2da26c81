//! The request that is open on an entry, and what has to be known of it until it is answered.
//!
//! Plain data as it is stored. Events open and settle requests (`domain::event`), the gate says
//! what may not happen meanwhile, the engine sends and reconciles them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entry, LinkKind};
use crate::domain::event::Answers;

/// The action id under which an order is written down.
pub const ORDER: &str = "order";

/// A request that was written down before it was sent, and has no answer yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRequest {
    /// The action that was asked for.
    pub action: String,
    /// When it was written down, in the system's time.
    pub since: Timestamp,
    /// Whether it was sent and nobody can say what came of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown_outcome: bool,
    /// Whether the provider accepted it and has still to carry it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accepted: bool,
}

/// What goes with an open request until it is answered: enough to send the same again, and to know
/// it again in what a provider lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sending {
    /// What a person said for it.
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    pub with: Answers,
    /// The successor that it orders, as it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Successor>,
    /// When it had been sent before and nobody learned what came of it, in the system's time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Timestamp>,
}

impl Sending {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An entry that a request orders beside the one that it is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Successor {
    /// What it is to the entry that it follows.
    pub link: LinkKind,
    /// The new entry, with its key and CSR, which lie on the disk already.
    pub entry: Box<Entry>,
}
