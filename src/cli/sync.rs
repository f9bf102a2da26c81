//! `certdeck sync`: a look at what watched accounts watch.

use super::args::SyncArguments;
use super::error::CliError;
use super::session::Session;

pub(super) async fn run(session: &Session, arguments: &SyncArguments) -> Result<(), CliError> {
    let _ = (session.engine.now(), arguments);
    std::future::ready(()).await;
    Err(CliError::Failed("not there yet".to_owned()))
}
