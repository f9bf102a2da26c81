//! `certdeck note` and `certdeck reveal-key`: small things with one entry.

use secrecy::ExposeSecret as _;

use super::args::{NoteArguments, RevealArguments};
use super::error::CliError;
use super::output;
use super::session::{Session, unexpected};
use crate::engine::command::{Command, Done};

/// Keeps a note.
pub(super) async fn note(session: &Session, arguments: NoteArguments) -> Result<(), CliError> {
    let entry = session.resolve(&arguments.id)?.id.clone();
    let note = arguments.text;
    match session.run(Command::Note { entry, note }).await? {
        Done::Kept => Ok(()),
        other => Err(unexpected(&other)),
    }
}

/// Prints the private key, and nothing else, so that it can be piped.
pub(super) async fn reveal_key(
    session: &Session,
    arguments: &RevealArguments,
) -> Result<(), CliError> {
    let entry = session.resolve(&arguments.id)?.id.clone();
    match session.run(Command::RevealKey { entry }).await? {
        Done::Key(key) => output::print(key.expose_secret()),
        other => Err(unexpected(&other)),
    }
}
