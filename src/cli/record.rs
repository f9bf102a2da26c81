//! `certdeck record`: what happened in a provider's own panel.

use super::args::RecordArguments;
use super::error::CliError;
use super::session::Session;

pub(super) async fn run(session: &Session, arguments: &RecordArguments) -> Result<(), CliError> {
    let _ = (session.engine.now(), arguments);
    std::future::ready(()).await;
    Err(CliError::Failed("not there yet".to_owned()))
}
