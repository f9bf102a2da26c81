//! How a person settles at the command line what came of a request that nobody answered.
//!
//! Words only: `act` does it. Errors, notices, `list` and `show` say them.

use crate::domain::entry::EntryId;

/// The three commands for an entry by its id, in a few words.
pub(super) fn commands(id: &str) -> String {
    format!("`certdeck act adopt {id}`, or `send-again` or `give-up` in place of `adopt`")
}

/// The three commands, each with what it does.
pub(super) fn explained(id: &EntryId) -> String {
    format!(
        "`certdeck act adopt {id}` takes what arrived, `certdeck act send-again {id}` sends it once \
         more, `certdeck act give-up {id}` says that it never arrived"
    )
}
