//! STUB: fills a throw-away store with entries of every state.

use super::{Engine, EngineError};

/// STUB: fills the engine's store.
///
/// # Errors
/// When the store cannot be written.
pub async fn fill(engine: &Engine) -> Result<(), EngineError> {
    let _ = engine;
    std::future::ready(Ok(())).await
}
