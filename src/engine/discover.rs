//! Certificates that other programs keep on this machine.

use std::path::PathBuf;

use super::Inner;
use super::command::Done;
use super::error::EngineError;

impl Inner {
    pub(super) fn discover(&self, roots: &[PathBuf]) -> Result<Done, EngineError> {
        let _ = (self.now(), roots);
        Err(EngineError::Failed("not there yet".to_owned()))
    }
}
