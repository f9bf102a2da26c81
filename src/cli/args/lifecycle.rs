//! The grammar of `lifecycle`.
//!
//! May not: do anything.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct LifecycleArguments {
    /// The lifecycle, by its id; without one, all of them are listed
    pub(in crate::cli) id: Option<String>,
    /// How it is printed
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        help = "How it is printed: table, mermaid (a state diagram, of one lifecycle) or json"
    )]
    pub(in crate::cli) format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(in crate::cli) json: bool,
}

const AFTER_HELP: &str = "A table of your own is a file NAME.toml in the folder lifecycles beside \
                          the configuration; `certdeck config path` says where that is.";

/// How a lifecycle is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// As text.
    #[default]
    Table,
    /// As a state diagram in Mermaid's language.
    Mermaid,
    /// As JSON.
    Json,
}

impl LifecycleArguments {
    /// The format that is wanted.
    pub(in crate::cli) fn wanted(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}
