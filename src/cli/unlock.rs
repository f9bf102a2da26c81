//! Opening encrypted private keys for a headless command: with what was given, or by asking.
//!
//! May not: keep a passphrase; it goes to the engine and nowhere else.

use secrecy::SecretString;

use super::error::CliError;
use super::output::say;
use super::passphrase;
use crate::engine::command::{Command, Lock};
use crate::engine::{Engine, EngineError};

/// How often a wrong passphrase may be typed.
const TRIES: usize = 3;
/// How it is given where nobody can be asked.
const HOW: &str = "--passphrase-file FILE or --passphrase-fd N";

/// Gets the passphrase and hands it over.
///
/// # Errors
/// When it does not open what is locked, or nobody can be asked.
pub(super) async fn unlock(
    engine: &Engine,
    given: Option<SecretString>,
    lock: Lock,
) -> Result<(), CliError> {
    if let Some(passphrase) = given {
        engine.run(Command::Unlock { passphrase, lock }).await?;
        return Ok(());
    }
    let mut tries = 1;
    loop {
        let passphrase = match lock {
            Lock::New => passphrase::ask_for_new("New passphrase for private keys: ", HOW)?,
            Lock::Brought { .. } => {
                passphrase::ask_for("Passphrase of the private key that was given: ", HOW)?
            }
            Lock::Stored { .. } | Lock::Keep => {
                passphrase::ask_for("Passphrase of the private keys: ", HOW)?
            }
        };
        let lock = lock.clone();
        match engine.run(Command::Unlock { passphrase, lock }).await {
            Err(EngineError::WrongPassphrase(what)) if tries < TRIES => {
                say(&format!("This passphrase does not open {what}; try again."));
                tries += 1;
            }
            other => return Ok(other.map(drop)?),
        }
    }
}
