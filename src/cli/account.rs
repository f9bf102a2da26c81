//! `certdeck account`: accounts are added, listed, checked and removed.

use super::args::AccountArguments;
use super::error::CliError;
use super::session::Session;

pub(super) async fn run(session: &Session, arguments: &AccountArguments) -> Result<(), CliError> {
    let _ = (session.engine.now(), arguments);
    std::future::ready(()).await;
    Err(CliError::Failed("not there yet".to_owned()))
}
