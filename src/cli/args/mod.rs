//! The command line's grammar: flags, commands, and their help.
//!
//! May not: do anything. `cli::run` parses with it and hands each command its arguments.

mod account;
mod act;
mod check;
mod doctor;
mod hand_over;
mod keys;
mod lifecycle;
mod probe;
mod prune;
mod record;
mod sandbox;
mod store;
mod subject;
mod timeline;

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::exit::Exit;
use super::filter;
use crate::config::{Partial, ThemeName, VARIABLES};
use crate::domain::entry::Method;
use crate::domain::query::SortKey;
use crate::pki::KeyType;
pub(in crate::cli) use account::{AccountArguments, AccountVerb, AddArguments, SyncArguments};
pub(in crate::cli) use act::{ActArguments, IdsArguments, RenewArguments, elsewhere};
pub(in crate::cli) use check::CheckArguments;
pub(in crate::cli) use doctor::DoctorArguments;
pub(in crate::cli) use hand_over::{DeployArguments, HandOverArguments};
pub(in crate::cli) use keys::{
    ChangeArguments, KeysArguments, KeysVerb, RevealArguments, Source, UnlockArguments,
};
pub(in crate::cli) use lifecycle::{Format, LifecycleArguments};
pub(in crate::cli) use probe::ProbeArguments;
pub(in crate::cli) use prune::PruneArguments;
pub(in crate::cli) use record::{PanelArguments, RecordArguments};
pub(in crate::cli) use sandbox::{SandboxArguments, SandboxVerb};
pub(in crate::cli) use store::{
    ExportArguments, ImportStoreArguments, PassphraseArguments, StoreArguments, StoreVerb,
};
pub(in crate::cli) use timeline::TimelineArguments;

/// One panel for every TLS certificate you have. Without a command it opens the panel.
#[derive(Debug, Parser)]
#[command(name = "certdeck", version, after_help = after_help())]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) flags: Flags,
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
}

/// The flags that every command takes.
#[derive(Debug, Default, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Flags {
    /// The folder of the store
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) store: Option<PathBuf>,
    /// The configuration file; accounts/ and lifecycles/ lie beside it
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The panel's colours: auto, dark, light or mono
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) theme: Option<ThemeName>,
    /// Draw with ASCII only
    #[arg(long, global = true)]
    pub(super) ascii: bool,
    /// Listen to the mouse
    #[arg(long, global = true, overrides_with = "no_mouse")]
    pub(super) mouse: bool,
    /// Leave the mouse to the terminal
    #[arg(long, global = true, overrides_with = "mouse")]
    pub(super) no_mouse: bool,
    /// Change nothing
    #[arg(long, global = true)]
    pub(super) read_only: bool,
}

impl Flags {
    /// The flags as a layer of settings.
    pub(super) fn layer(&self) -> Partial {
        let mouse = match (self.mouse, self.no_mouse) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        Partial {
            store: self.store.clone(),
            theme: self.theme,
            ascii: self.ascii.then_some(true),
            mouse,
            read_only: self.read_only.then_some(true),
            ..Partial::default()
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Open the panel on a throw-away store that the sandbox fills and moves
    Demo(DemoArguments),
    /// List entries, the most urgent first
    List(ListArguments),
    /// Show everything about one entry
    Show(ShowArguments),
    /// Order a certificate
    Order(OrderArguments),
    /// Do an action with entries, if it is possible now
    Act(ActArguments),
    /// Withdraw an application; short for `act withdraw`
    Withdraw(IdsArguments),
    /// Renew entries; short for `act renew`
    Renew(RenewArguments),
    /// Say what needs someone, for monitoring; the exit code says how badly
    Check(CheckArguments),
    /// Write down what happened in a provider's own panel, for entries kept by hand
    Record(RecordArguments),
    /// Add, list, check and remove accounts
    Account(AccountArguments),
    /// Look at what watched accounts watch, now
    Sync(SyncArguments),
    /// Read certificates from files, folders and servers
    Import(ImportArguments),
    /// Look at what servers really serve, and compare it with what is here
    Probe(ProbeArguments),
    /// Show what ends and what is due in the next twelve months
    Timeline(TimelineArguments),
    /// Show what happened
    History(HistoryArguments),
    /// List lifecycles, or print one: its states, actions and events
    Lifecycle(LifecycleArguments),
    /// List what accounts sell
    Products(ProductsArguments),
    /// Look at and move the sandbox's clock and story
    Sandbox(SandboxArguments),
    /// Keep a note with an entry; an empty text takes it away
    Note(NoteArguments),
    /// Put an entry away, kept with everything it has
    Archive(IdsArguments),
    /// Take an archived entry back into the list
    Restore(IdsArguments),
    /// Print an entry's private key; the history remembers it
    RevealKey(RevealArguments),
    /// Write certificate, chain or key into files, ready for a server
    Export(HandOverArguments),
    /// Run the account's deploy command with the certificate, its chain and its key
    Deploy(DeployArguments),
    /// Encrypt and decrypt the private keys that are here
    Keys(KeysArguments),
    /// Say what is wrong with the store, and mend what can be mended without loss
    Doctor(DoctorArguments),
    /// Export and import the whole store, and remove the oldest part of its history
    Store(StoreArguments),
    /// Find, write and check the configuration
    Config(ConfigArguments),
}

impl Verb {
    /// What opens encrypted private keys, for the commands that may need one.
    pub(super) fn unlock(&self) -> UnlockArguments {
        let given = match self {
            Self::Order(arguments) => &arguments.unlock,
            Self::Act(arguments) => &arguments.unlock,
            Self::Renew(arguments) => &arguments.unlock,
            Self::Record(arguments) => &arguments.unlock,
            Self::RevealKey(arguments) => &arguments.unlock,
            Self::Export(arguments) => &arguments.unlock,
            Self::Deploy(arguments) => &arguments.unlock,
            Self::Keys(arguments) => arguments.verb.unlock(),
            _ => return UnlockArguments::default(),
        };
        given.clone()
    }

    /// Whether it encrypts the private keys that come of it, whatever the configuration says.
    pub(super) fn encrypts_keys(&self) -> bool {
        matches!(self, Self::Order(arguments) if arguments.encrypt_key)
    }

    /// Whether it may change something in the store; the others only look.
    pub(super) fn may_change_things(&self) -> bool {
        match self {
            Self::List(_)
            | Self::Check(_)
            | Self::Show(_)
            | Self::History(_)
            | Self::Timeline(_)
            | Self::Lifecycle(_)
            | Self::Products(_)
            | Self::Demo(_)
            | Self::Doctor(_)
            | Self::Store(_)
            | Self::Config(_) => false,
            Self::Account(arguments) => arguments.verb.may_change_things(),
            Self::Sandbox(arguments) => arguments.may_change_things(),
            // Servers that are no entry's are only looked at.
            Self::Probe(arguments) => arguments.hosts.is_empty(),
            _ => true,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// How many of the sandbox's seconds pass in one of yours
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) speed: Option<u32>,
    /// Begin with the clock standing still
    #[arg(long)]
    pub(super) paused: bool,
    /// What the sandbox's chances hang on
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
}

#[derive(Debug, Args)]
#[command(after_help = filter::help())]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(super) struct ListArguments {
    /// Words and key:value terms that must all hold; below is the whole language
    pub(super) filter: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Print CSV with a header
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    /// Order by urgency, expiry, name, status, account, product, issued, created, paid or id
    #[arg(long, value_name = "KEY", default_value = "urgency", value_parser = parse_sort)]
    pub(super) sort: SortKey,
    /// The other way round
    #[arg(long)]
    pub(super) reverse: bool,
    /// List at most so many
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
    /// Show archived entries, too
    #[arg(long)]
    pub(super) archived: bool,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The entry: its id, the beginning of it, or its exact name
    pub(super) id: String,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["pem", "csr"])]
    pub(super) json: bool,
    /// Print the certificate and its chain as PEM, and nothing else
    #[arg(long, conflicts_with = "csr")]
    pub(super) pem: bool,
    /// Print the CSR as PEM, and nothing else
    #[arg(long)]
    pub(super) csr: bool,
}

#[derive(Debug, Args)]
pub(super) struct OrderArguments {
    /// The account to order through; not needed where only one sells anything
    #[arg(long, value_name = "NAME")]
    pub(super) account: Option<String>,
    /// The product, by its id (see `products`); not needed where there is only one. By hand its name
    #[arg(long, value_name = "ID")]
    pub(super) product: Option<String>,
    /// A name to protect; several are possible
    #[arg(long = "name", value_name = "NAME", required = true, num_args = 1..)]
    pub(super) names: Vec<String>,
    /// The kind of key: rsa-2048, rsa-3072, rsa-4096, p-256, p-384 or ed25519
    #[arg(long, value_name = "KIND", default_value = "p-256")]
    pub(super) key: KeyType,
    /// Who makes the CSR: certdeck, provider, or a file with your own
    #[arg(long, value_name = "WHO|FILE", default_value = "certdeck")]
    pub(super) csr: String,
    /// How the names are verified: dns (where nothing is said), email or file
    #[arg(long, value_name = "METHOD", value_parser = parse_method)]
    pub(super) method: Option<Method>,
    /// The mailbox for verification by e-mail
    #[arg(long, value_name = "ADDRESS")]
    pub(super) mailbox: Option<String>,
    /// The state that the provider's own panel shows, by its id or its label, for an account kept
    /// by hand; one for each track, where it begins where nothing is said
    #[arg(long, value_name = "STATE")]
    pub(super) shows: Vec<String>,
    /// The lifecycle that the order follows, by its id, for an account kept by hand with several
    #[arg(long, value_name = "ID")]
    pub(super) lifecycle: Option<String>,
    /// A track that the order is without, by its id, for an account kept by hand: certificate, for
    /// a custom hostname without one
    #[arg(long, value_name = "TRACK")]
    pub(super) without: Vec<String>,
    /// Encrypt the private key that certdeck makes for it, or that the provider makes, with the
    /// passphrase of the keys that are encrypted already
    #[arg(long)]
    pub(super) encrypt_key: bool,
    #[command(flatten)]
    pub(super) subject: subject::SubjectArguments,
    /// Order without asking
    #[arg(long)]
    pub(super) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) panel: PanelArguments,
    #[command(flatten)]
    pub(super) unlock: UnlockArguments,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// Files, folders and servers (HOST:PORT, NAME@HOST:PORT)
    #[arg(required = true, value_name = "PATH|HOST:PORT")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) passphrase: PassphraseArguments,
    /// Leave private keys where they lie; otherwise the key of what is imported is kept in the store
    #[arg(long)]
    pub(super) without_keys: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    /// The entry; everything where there is none
    pub(super) id: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ProductsArguments {
    /// The account; all of them where there is none
    pub(super) account: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct NoteArguments {
    /// The entry
    pub(super) id: String,
    /// The note
    pub(super) text: String,
}

#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    #[command(subcommand)]
    pub(super) verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigVerb {
    /// Say where everything lies
    Path {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a configuration with every key, commented out
    Init,
    /// Say what is wrong with configuration, accounts and lifecycles
    Check,
}

fn parse_sort(given: &str) -> Result<SortKey, String> {
    let key = SortKey::ALL.into_iter().find(|key| key.words() == given);
    key.ok_or_else(|| {
        let known = SortKey::ALL.map(SortKey::words).join(", ");
        format!("expected one of {known}")
    })
}

fn parse_method(given: &str) -> Result<Method, String> {
    match given {
        "dns" => Ok(Method::Dns),
        "email" | "e-mail" => Ok(Method::Email),
        "file" => Ok(Method::File),
        _ => Err("expected one of dns, email, file".to_owned()),
    }
}

fn after_help() -> String {
    let mut help =
        "An ID is an entry's id, a unique beginning of it, or its exact name.\n".to_owned();
    help.push_str("\nVariables (a flag counts before them, they count before the file):\n");
    for (name, says) in VARIABLES {
        let _ = writeln!(help, "  {name:<22} {says}");
    }
    help.push_str("\nExit codes:\n");
    for exit in Exit::ALL {
        let _ = writeln!(help, "  {:<2} {}", exit.code(), exit.says());
    }
    help
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_grammar_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_and_after_the_command() {
        for line in [
            "certdeck --store /s --read-only list --json",
            "certdeck list --json --store /s --read-only",
        ] {
            let flags = parse(line).unwrap().flags.layer();
            assert_eq!(flags.store, Some(PathBuf::from("/s")));
            assert_eq!(flags.read_only, Some(true));
            assert_eq!(flags.mouse, None);
        }
        let last = parse("certdeck --mouse --no-mouse").unwrap().flags.layer();
        assert_eq!(last.mouse, Some(false));
    }

    #[test]
    fn renew_wants_entries_or_due_and_not_both() {
        assert!(parse("certdeck renew").is_err());
        assert!(parse("certdeck renew --due a1").is_err());
        assert!(parse("certdeck renew --due --yes").is_ok());
        assert!(parse("certdeck renew a1 b2").is_ok());
    }

    #[test]
    fn looking_changes_nothing() {
        for (line, changes) in [
            ("certdeck list", false),
            ("certdeck show a1", false),
            ("certdeck sandbox", false),
            ("certdeck sandbox clock", false),
            ("certdeck sandbox zone pending", true),
            ("certdeck sandbox advance 3d", true),
            ("certdeck order --name a.example", true),
        ] {
            let verb = parse(line).unwrap().verb.unwrap();
            assert_eq!(verb.may_change_things(), changes, "{line}");
        }
    }

    #[test]
    fn wrong_values_say_what_is_expected() {
        let cases = [
            (
                "certdeck list --sort color",
                "expected one of urgency, expiry, name",
            ),
            (
                "certdeck order --name a.example --method fax",
                "expected one of dns, email, file",
            ),
            (
                "certdeck order --name a.example --key dsa",
                "rsa-2048, rsa-3072",
            ),
            ("certdeck --theme pink", "auto, dark, light, mono"),
            ("certdeck sandbox advance soon", "no time span"),
            (
                "certdeck sandbox zone gone",
                "active, pending, moved, initializing",
            ),
            ("certdeck order", "--name"),
            ("certdeck lst", "list"),
        ];
        for (line, expected) in cases {
            let error = parse(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
            assert!(error.to_string().contains(expected), "{line}: {error}");
        }
    }

    #[test]
    fn the_help_names_every_variable_and_exit_code() {
        let help = Arguments::command().render_long_help().to_string();
        for (name, _) in VARIABLES {
            assert!(help.contains(name), "{name}");
        }
        for exit in Exit::ALL {
            assert!(help.contains(exit.says()), "{}", exit.says());
        }
    }
}
