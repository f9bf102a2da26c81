//! The one door from the command line to the panel.
//!
//! May not: know anything of the panel but how it is opened.

use super::error::CliError;
use crate::config::Config;
use crate::engine::Engine;

/// What the panel is opened with.
pub(super) struct Opening {
    /// The settings: theme, ASCII, mouse, bell, read-only.
    pub(super) config: Config,
    /// Whether it is the demo.
    pub(super) demo: bool,
    /// What should be told at once, in sentences.
    pub(super) told: Vec<String>,
}

/// Opens the panel, and comes back when it was left.
// STUB: the panel is put in here.
pub(super) async fn open(engine: Engine, opening: Opening) -> Result<(), CliError> {
    let Opening { config, demo, told } = opening;
    let asked = format!("{} {demo} {}", config.theme, told.len());
    std::future::ready(()).await;
    drop(engine);
    Err(CliError::Failed(format!(
        "the panel is not there yet ({asked})"
    )))
}
