//! The grammar of `store`.
//!
//! May not: do anything.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::prune::PruneArguments;

#[derive(Debug, Args)]
pub(in crate::cli) struct StoreArguments {
    #[command(subcommand)]
    pub(in crate::cli) verb: StoreVerb,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StoreVerb {
    /// Write the whole store into one file, to back it up or move it; also while others write
    Export(ExportArguments),
    /// Make a store of such a file; only where there is none, or an empty one
    Import(ImportStoreArguments),
    /// Remove the oldest part of the history, for good
    Prune(PruneArguments),
}

/// What an archive or a file is encrypted with. Never an argument or a variable: other programs read those.
#[derive(Debug, Args)]
pub(in crate::cli) struct PassphraseArguments {
    /// The file whose first line is the passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_stdin")]
    pub(in crate::cli) passphrase_file: Option<PathBuf>,
    /// Read the passphrase from the first line of standard input
    #[arg(long)]
    pub(in crate::cli) passphrase_stdin: bool,
}

#[derive(Debug, Args)]
#[command(after_help = EXPORT_HELP)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(in crate::cli) struct ExportArguments {
    /// The file to write, which must not be there yet; - for standard output
    pub(in crate::cli) file: PathBuf,
    /// Encrypt it with a passphrase, asked for at the terminal where none is given below
    #[arg(long)]
    pub(in crate::cli) encrypt: bool,
    #[command(flatten)]
    pub(in crate::cli) passphrase: PassphraseArguments,
    /// Leave the private keys out
    #[arg(long)]
    pub(in crate::cli) without_keys: bool,
    /// Write private keys that are not encrypted without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = IMPORT_HELP)]
pub(in crate::cli) struct ImportStoreArguments {
    /// The file that `store export` wrote; - for standard input
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) passphrase: PassphraseArguments,
    /// Leave the configuration that is in it alone
    #[arg(long)]
    pub(in crate::cli) without_config: bool,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

const EXPORT_HELP: &str = "\
The file is a tar with entries, history, certificates, private keys, and the configuration with its
accounts and lifecycles. Encrypted, it is what this decrypts, with or without certdeck:
  openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -md sha256 -in FILE -out store.tar";

const IMPORT_HELP: &str = "\
Every byte is checked before anything counts: the store is there whole afterwards, or nothing is.
Two stores are not merged: into one that has entries nothing is imported. Files of the configuration
are put in place where there are none; others are put beside them, under names ending in .imported.";
