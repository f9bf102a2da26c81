//! The grammar of `keys`, and of passphrases and passwords wherever they are given.
//!
//! May not: do anything. None of them is ever an argument or a variable: other programs read those.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

/// Where a passphrase or a password is read from.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Source<'a> {
    /// A file; its first line counts.
    pub(in crate::cli) file: Option<&'a Path>,
    /// The number of a file that the shell has opened; its first line counts.
    pub(in crate::cli) descriptor: Option<u32>,
}

/// What opens encrypted private keys.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where private keys are encrypted")]
pub(in crate::cli) struct UnlockArguments {
    /// The file whose first line is their passphrase; asked for at the terminal without it
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_fd")]
    pub(in crate::cli) passphrase_file: Option<PathBuf>,
    /// The number of an open file whose first line is their passphrase, as in `3<FILE`
    #[arg(long, value_name = "N")]
    pub(in crate::cli) passphrase_fd: Option<u32>,
}

impl UnlockArguments {
    /// Where it is read from.
    pub(in crate::cli) fn source(&self) -> Source<'_> {
        Source {
            file: self.passphrase_file.as_deref(),
            descriptor: self.passphrase_fd,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RevealArguments {
    /// The entry
    pub(in crate::cli) id: String,
    #[command(flatten)]
    pub(in crate::cli) unlock: UnlockArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct KeysArguments {
    #[command(subcommand)]
    pub(in crate::cli) verb: KeysVerb,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeysVerb {
    /// Encrypt every private key that is here and is not encrypted yet
    Encrypt(ChangeArguments),
    /// Decrypt every private key that is here
    Decrypt(ChangeArguments),
    /// Encrypt the encrypted ones with another passphrase
    Passphrase(PassphraseChangeArguments),
}

impl KeysVerb {
    /// What opens the keys.
    pub(in crate::cli) fn unlock(&self) -> &UnlockArguments {
        match self {
            Self::Encrypt(arguments) | Self::Decrypt(arguments) => &arguments.unlock,
            Self::Passphrase(arguments) => &arguments.change.unlock,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeArguments {
    /// Do it without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) unlock: UnlockArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PassphraseChangeArguments {
    /// The file whose first line is the new passphrase; asked for at the terminal without it
    #[arg(long, value_name = "FILE", conflicts_with = "new_passphrase_fd")]
    new_passphrase_file: Option<PathBuf>,
    /// The number of an open file whose first line is the new passphrase
    #[arg(long, value_name = "N")]
    new_passphrase_fd: Option<u32>,
    #[command(flatten)]
    pub(in crate::cli) change: ChangeArguments,
}

impl PassphraseChangeArguments {
    /// Where the new passphrase is read from.
    pub(in crate::cli) fn source(&self) -> Source<'_> {
        Source {
            file: self.new_passphrase_file.as_deref(),
            descriptor: self.new_passphrase_fd,
        }
    }
}
