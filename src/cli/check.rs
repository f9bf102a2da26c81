//! `certdeck check`: what needs someone, for monitoring.

use super::args::CheckArguments;
use super::error::CliError;
use super::session::Session;

pub(super) async fn run(session: &Session, arguments: &CheckArguments) -> Result<(), CliError> {
    let _ = (session.engine.now(), arguments);
    std::future::ready(()).await;
    Err(CliError::Failed("not there yet".to_owned()))
}
