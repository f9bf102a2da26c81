//! `certdeck keys`: private keys at rest, encrypted or not.
//!
//! May not: know a passphrase for longer than it takes to hand it over.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::{ChangeArguments, KeysVerb};
use super::ask::{self, Wanted};
use super::error::CliError;
use super::exit::Exit;
use super::output::{self, say};
use super::passphrase;
use super::session::{Session, unexpected};
use crate::engine::command::{Command, Done, KeyChange, KeysReport};

/// Where a new passphrase comes from when nobody can be asked.
const HOW_NEW: &str = "--new-passphrase-file FILE or --new-passphrase-fd N";

/// Changes all keys and says what came of it.
pub(super) async fn run(session: &Session, verb: &KeysVerb) -> Result<(), CliError> {
    let (change, how, arguments) = match verb {
        KeysVerb::Encrypt(arguments) => (KeyChange::Encrypt, "encrypted", arguments),
        KeysVerb::Decrypt(arguments) => {
            confirm_decryption(arguments)?;
            (KeyChange::Decrypt, "decrypted", arguments)
        }
        KeysVerb::Passphrase(arguments) => {
            let new = match passphrase::given(arguments.source())? {
                Some(new) => new,
                None => passphrase::ask_for_new("New passphrase: ", HOW_NEW)?,
            };
            let how = "encrypted with the new passphrase";
            (KeyChange::Passphrase(new), how, &arguments.change)
        }
    };
    match session.run(Command::ChangeKeys(change)).await? {
        Done::KeysChanged(report) => tell(&report, how, arguments.json),
        other => Err(unexpected(&other)),
    }
}

fn confirm_decryption(arguments: &ChangeArguments) -> Result<(), CliError> {
    if arguments.yes {
        return Ok(());
    }
    let text = "Whoever can read the files of the store can use the private keys in it then.";
    ask::confirm(text, "Decrypt all private keys?", &Wanted::Yes)
}

/// `keys … --json`.
#[derive(Serialize)]
struct KeysShape<'a> {
    /// How many keys were written anew.
    changed: usize,
    /// How many were so already.
    already: usize,
    /// How many belong to sandboxes and are never encrypted.
    sandboxes: usize,
    /// Those that were left as they are.
    left: Vec<LeftShape<'a>>,
}

#[derive(Serialize)]
struct LeftShape<'a> {
    /// SHA-256 of the public key, the name of the key's file.
    key: &'a str,
    /// Why.
    why: &'a str,
}

fn tell(report: &KeysReport, how: &str, json: bool) -> Result<(), CliError> {
    if json {
        let left = report.left.iter();
        output::print_json(&KeysShape {
            changed: report.changed,
            already: report.already,
            sandboxes: report.sandboxes,
            left: left.map(|(key, why)| LeftShape { key, why }).collect(),
        })?;
    } else {
        output::print(&words(report, how))?;
        for (key, why) in &report.left {
            say(&format!(
                "certdeck: keys/{key}.pem was left as it is: {why}"
            ));
        }
    }
    match (report.left.is_empty(), report.changed) {
        (true, _) => Ok(()),
        (false, 0) => Err(CliError::Told(Exit::Failed)),
        (false, _) => Err(CliError::Told(Exit::Partly)),
    }
}

fn words(report: &KeysReport, how: &str) -> String {
    let keys = |count: usize| match count {
        1 => "1 private key".to_owned(),
        count => format!("{count} private keys"),
    };
    let mut text = format!("{} {how}", keys(report.changed));
    if report.already > 0 {
        let _ = write!(text, ", {} left as they were", report.already);
    }
    text.push_str(".\n");
    if report.sandboxes > 0 {
        let of = keys(report.sandboxes);
        let _ = writeln!(
            text,
            "{of} of sandboxes stay plain: nobody trusts what they sign."
        );
    }
    if report.changed > 0 && how != "decrypted" {
        text.push_str(
            "Backups and archives that were made before hold the keys as they were; so may the \
             disk, for a while.\n",
        );
    }
    text
}
