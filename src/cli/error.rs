//! What can stop a headless command.
//!
//! Pure. Commands return these, `cli::run` prints them and ends with their exit code.

use thiserror::Error;

use super::exit::Exit;
use super::unsettled;
use crate::config::ConfigError;
use crate::engine::EngineError;

/// Why a command did not end well.
#[derive(Debug, Error)]
pub(super) enum CliError {
    /// The engine said why.
    #[error("{}", with_commands(.0))]
    Engine(#[from] EngineError),
    /// The command cannot be meant so.
    #[error("{0}")]
    Usage(String),
    /// The configuration is wrong.
    #[error("{}", lines(.0))]
    Config(Vec<ConfigError>),
    /// Something failed on this machine.
    #[error("{0}")]
    Failed(String),
    /// Everything was said already; only the exit code is left.
    #[error("not everything was done")]
    Told(Exit),
    /// Whoever read the output went away.
    #[error("the reader of the output went away")]
    ReaderLeft,
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::Config(vec![error])
    }
}

/// What the engine said; where a person has to settle something, with the commands for it.
fn with_commands(error: &EngineError) -> String {
    match error {
        EngineError::OutcomeUnknown(unknown) => {
            format!("{error} ({})", unsettled::commands(unknown.id.as_str()))
        }
        other => other.to_string(),
    }
}

fn lines(errors: &[ConfigError]) -> String {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
