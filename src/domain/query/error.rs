//! What is wrong with a filter: what was read, where it stands, what is expected.
//!
//! Pure. `list` and `check` print it whole, the panel shows the problem beside what is typed.

use thiserror::Error;

/// Why a text is no filter.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("in the filter, at {word:?} (character {at}): {problem}")]
pub struct QueryError {
    /// The word that is wrong, as it was typed; raw.
    pub word: String,
    /// Where it begins, counted in characters from 1.
    pub at: usize,
    /// What is wrong with it and what is expected.
    pub problem: String,
}
