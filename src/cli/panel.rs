//! The one door from the command line to the panel: what it is opened with, and how it ended.
//!
//! May not: know the panel. `main` hands in what opens it, so that a face never knows the other.

use std::pin::Pin;

use super::error::CliError;
use super::exit::Exit;
use crate::config::Config;
use crate::engine::Engine;

/// What the panel is opened with.
#[derive(Debug)]
pub struct Opening {
    /// The settings: theme, ASCII, mouse, bell, read-only.
    pub config: Config,
    /// Whether it is the demo.
    pub demo: bool,
    /// What should be told at once, in sentences.
    pub told: Vec<String>,
}

/// The panel while it is open: in the end the exit code, or why it could not go on.
pub type Opened = Pin<Box<dyn Future<Output = Result<u8, String>>>>;

/// What opens the panel.
pub type OpenPanel = fn(Engine, Opening) -> Opened;

/// Opens the panel, and comes back when it was left.
pub(super) async fn open(
    panel: OpenPanel,
    engine: Engine,
    opening: Opening,
) -> Result<(), CliError> {
    match panel(engine, opening).await.map_err(CliError::Failed)? {
        0 => Ok(()),
        code => Err(CliError::Told(Exit::Code(code))),
    }
}
