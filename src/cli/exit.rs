//! Exit codes, and what leads to which: the one place.
//!
//! Pure. `cli::run` ends with it.

use super::error::CliError;
use crate::engine::EngineError;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// The command or the configuration was wrong.
    Usage,
    /// The gate refused.
    Refused,
    /// The provider refused.
    Provider,
    /// The store could not be used.
    Store,
    /// Some of several were done.
    Partly,
    /// `check`: something needs someone; `doctor`: something is to be looked at.
    NeedsSomeone,
    /// `check`: something failed or expired; `doctor`: something is broken.
    Broken,
    /// The panel was ended by a signal, or by its own fault; the code says which.
    Code(u8),
}

impl Exit {
    /// All of them, for the help.
    pub(super) const ALL: [Self; 9] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Refused,
        Self::Provider,
        Self::Store,
        Self::Partly,
        Self::NeedsSomeone,
        Self::Broken,
    ];

    /// The number that the shell sees.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Provider => 4,
            Self::Store => 5,
            Self::Partly => 6,
            Self::NeedsSomeone => 10,
            Self::Broken => 11,
            Self::Code(code) => code,
        }
    }

    /// What it means, for the help.
    pub(super) fn says(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "wrong usage or configuration",
            Self::Refused => "not possible now; the reason is printed",
            Self::Provider => "refused by the provider",
            Self::Store => "the store is locked or damaged",
            Self::Partly => "some of several are done, some are not; each is named",
            Self::NeedsSomeone => {
                "check: something needs someone; probe: what is served does; doctor: something to look at"
            }
            Self::Broken => {
                "check: failed or expired, and nothing serves in its place; probe: expired; doctor: broken"
            }
            Self::Code(_) => "ended by a signal (128 and its number) or by a fault (101)",
        }
    }

    /// What an error ends with.
    pub(super) fn of(error: &CliError) -> Self {
        match error {
            CliError::Engine(error) => Self::of_engine(error),
            CliError::Usage(_) | CliError::Config(_) => Self::Usage,
            CliError::Failed(_) => Self::Failed,
            CliError::Told(exit) => *exit,
            // Whoever read the output has seen enough: `certdeck list | head` did what it should.
            CliError::ReaderLeft => Self::Done,
        }
    }

    fn of_engine(error: &EngineError) -> Self {
        match error {
            EngineError::Refused { .. }
            | EngineError::Moved { .. }
            | EngineError::InTheWay(_)
            | EngineError::ByHand { .. } => Self::Refused,
            EngineError::Provider { .. } => Self::Provider,
            EngineError::Order(_)
            | EngineError::Answers { .. }
            | EngineError::Record(_)
            | EngineError::Account(_)
            | EngineError::Unresolved(_)
            | EngineError::Locked(_)
            | EngineError::Usage(_) => Self::Usage,
            EngineError::Store(error) if error.is_locked_or_damaged() => Self::Store,
            EngineError::Store(_)
            | EngineError::Failed(_)
            | EngineError::WrongPassphrase(_)
            | EngineError::OutcomeUnknown(_) => Self::Failed,
        }
    }

    /// How several attempts end together, from how each ended.
    pub(super) fn of_several(each: &[Self]) -> Self {
        let failed = || each.iter().filter(|exit| **exit != Self::Done);
        match (failed().next(), failed().count()) {
            (None, _) => Self::Done,
            (Some(first), count) if count == each.len() => *first,
            _ => Self::Partly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::Unresolved;

    #[test]
    fn every_error_has_the_code_of_the_table() {
        let unresolved = EngineError::Unresolved(Unresolved::Nothing("x".to_owned()));
        let moved = EngineError::Moved {
            name: "a".to_owned(),
            seen: "b".to_owned(),
            now: "c".to_owned(),
        };
        let provider = EngineError::Provider {
            provider: "netcup".to_owned(),
            action: "Renew".to_owned(),
            name: "a".to_owned(),
            says: "no".to_owned(),
        };
        let answers = EngineError::Answers {
            action: "Revoke".to_owned(),
            name: "a".to_owned(),
            fields: Vec::new(),
        };
        let cases = [
            (CliError::Engine(answers), 2),
            (CliError::Engine(unresolved), 2),
            (CliError::Engine(moved), 3),
            (CliError::Engine(provider), 4),
            (CliError::Engine(EngineError::Failed("disk".to_owned())), 1),
            (CliError::Engine(EngineError::Usage("what".to_owned())), 2),
            (CliError::Engine(EngineError::Order(Vec::new())), 2),
            (CliError::Usage("what".to_owned()), 2),
            (CliError::Config(Vec::new()), 2),
            (CliError::Failed("disk".to_owned()), 1),
            (CliError::Told(Exit::Store), 5),
            (CliError::ReaderLeft, 0),
        ];
        for (error, code) in cases {
            assert_eq!(Exit::of(&error).code(), code, "{error:?}");
        }
    }

    #[test]
    fn several_end_as_one_only_where_all_ended_so() {
        use Exit::{Done, Partly, Provider, Refused};
        assert_eq!(Exit::of_several(&[]), Done);
        assert_eq!(Exit::of_several(&[Done, Done]), Done);
        assert_eq!(Exit::of_several(&[Refused]), Refused);
        assert_eq!(Exit::of_several(&[Done, Provider]), Partly);
        assert_eq!(Exit::of_several(&[Refused, Refused]), Refused);
    }
}
