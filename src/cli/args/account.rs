//! The grammar of `account` and `sync`.
//!
//! May not: do anything.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(in crate::cli) struct AccountArguments {
    #[command(subcommand)]
    pub(in crate::cli) verb: AccountVerb,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AccountVerb {
    /// Add an account: by flags, by questions, or for what other programs keep here
    Add(Box<AddArguments>),
    /// List the accounts
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say whether an account can be used; changes nothing
    Check {
        /// The account; every one where there is none
        name: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove an account: archive its entries and put its file away
    Remove {
        /// The account
        name: String,
        /// Remove without asking
        #[arg(long)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl AccountVerb {
    /// Whether it may change something.
    pub(in crate::cli) fn may_change_things(&self) -> bool {
        match self {
            Self::Add(arguments) => !arguments.dry_run,
            Self::Remove { .. } => true,
            Self::List { .. } | Self::Check { .. } => false,
        }
    }
}

#[derive(Debug, Default, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(in crate::cli) struct AddArguments {
    /// Its name, like netcup-main
    #[arg(conflicts_with = "discover")]
    pub(in crate::cli) name: Option<String>,
    /// What it is: by-hand, files or sandbox
    #[arg(long, value_name = "KIND", conflicts_with = "discover")]
    pub(in crate::cli) kind: Option<String>,
    /// Which lifecycle its entries follow, for by-hand and sandbox: netcup, …; several are possible
    #[arg(long = "lifecycle", value_name = "ID", num_args = 1.., conflicts_with = "discover")]
    pub(in crate::cli) lifecycles: Vec<String>,
    /// The link of the provider's own panel, for by-hand
    #[arg(long, value_name = "LINK", conflicts_with = "discover")]
    pub(in crate::cli) panel: Option<String>,
    /// A file or folder to watch; several are possible
    #[arg(long = "path", value_name = "PATH", num_args = 1.., conflicts_with = "discover")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// A pattern of the files to watch in folders: '*.pem'
    #[arg(long, value_name = "PATTERN", num_args = 1.., conflicts_with = "discover")]
    pub(in crate::cli) include: Vec<String>,
    /// A pattern of the files to leave out
    #[arg(long, value_name = "PATTERN", num_args = 1.., conflicts_with = "discover")]
    pub(in crate::cli) exclude: Vec<String>,
    /// A server to watch: HOST, HOST:PORT or NAME@HOST:PORT; several are possible
    #[arg(long = "host", value_name = "HOST", num_args = 1.., conflicts_with = "discover")]
    pub(in crate::cli) hosts: Vec<String>,
    /// How often servers are looked at: 5m
    #[arg(long, value_name = "SPAN", conflicts_with = "discover")]
    pub(in crate::cli) every: Option<String>,
    /// Let nothing be changed through it, ever; --read-only is about this one command
    #[arg(
        id = "account_read_only",
        long = "account-read-only",
        conflicts_with = "discover"
    )]
    pub(in crate::cli) read_only: bool,
    /// Look for what certbot, lego, acme.sh, Caddy and nginx keep: here, or at the usual places
    #[arg(long, value_name = "DIR", num_args = 0..)]
    pub(in crate::cli) discover: Option<Vec<PathBuf>>,
    /// With --discover: list what is found and add nothing
    #[arg(long, requires = "discover")]
    pub(in crate::cli) dry_run: bool,
    /// Do not look at what is watched at once
    #[arg(long)]
    pub(in crate::cli) no_sync: bool,
    /// Add without asking anything
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SyncArguments {
    /// The account; every watched one where there is none
    pub(in crate::cli) account: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Arguments, Verb};
    use super::*;

    fn add(line: &str) -> Result<AddArguments, clap::Error> {
        let arguments = Arguments::try_parse_from(line.split_whitespace())?;
        match arguments.verb {
            Some(Verb::Account(AccountArguments {
                verb: AccountVerb::Add(arguments),
            })) => Ok(*arguments),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_question_has_a_flag() {
        let line = "certdeck account add mine --kind files --path /a /b --path /c --include *.pem \
                    --exclude *.old --host a.example --every 5m --account-read-only --yes --no-sync --json";
        let given = add(line).unwrap();
        assert_eq!(given.name.as_deref(), Some("mine"));
        assert_eq!(given.paths.len(), 3);
        assert!(given.read_only && given.yes && given.no_sync && given.json);
    }

    #[test]
    fn discovering_takes_folders_and_nothing_else() {
        assert_eq!(
            add("certdeck account add --discover").unwrap().discover,
            Some(Vec::new())
        );
        let given = add("certdeck account add --discover /a /b --yes").unwrap();
        assert_eq!(given.discover.unwrap().len(), 2);
        for line in [
            "certdeck account add mine --discover",
            "certdeck account add --discover --kind files",
        ] {
            assert!(add(line).is_err(), "{line}");
        }
    }
}
