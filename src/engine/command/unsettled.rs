//! What a provider holds that may have come of a request of an unknown outcome.
//!
//! Plain data. The engine lists it, both faces show it and let a person choose.

use jiff::Timestamp;

use crate::domain::entry::EntryId;

/// What a provider holds that may have come of the request of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// The entry.
    pub entry: EntryId,
    /// What it holds.
    pub list: Vec<Candidate>,
}

/// One thing that a provider holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The provider's own id of it; raw, like all that follows.
    pub id: String,
    /// The names that it protects.
    pub names: Vec<String>,
    /// What was bought; empty where the provider does not say.
    pub product: String,
    /// When it was made or last changed, in UTC.
    pub made: Timestamp,
    /// Where it stands: a state by id, or the provider's own word.
    pub state: String,
    /// What speaks against its having come of the request.
    pub objection: Option<String>,
    /// Whether another entry has it, so that it cannot be adopted.
    pub taken: bool,
}
