//! What people configure: plain data, layered flags > environment > file > defaults.
//!
//! May not: read files, the environment or a clock; texts and variables are handed in, and what
//! is wrong with them comes out with file, line, key and what is expected. Called by the start of
//! the program (`cli::start`) and by `certdeck config`.

mod account;
mod deploy;
mod document;
mod environment;
mod error;
mod nearest;
mod probing;
mod settings;
mod starttls;
mod watch;

pub use account::{
    AccountFile, BUILT_IN_ACCOUNTS, DEFAULT_LIFECYCLE, check_account_name, from_home,
    parse_absolute_path, parse_every, parse_kind, parse_lifecycle, parse_panel, parse_pattern,
    parse_watched_path, with_built_in,
};
pub use deploy::Deploy;
pub use environment::{CONFIG_VARIABLE, VARIABLES, from_environment};
pub use error::ConfigError;
pub use nearest::nearest;
pub use probing::ProbeSettings;
pub use settings::{
    Config, KeySettings, PROBE_PARALLEL, Partial, SandboxDefaults, ThemeName, parse_span,
};
pub use starttls::StartTls;
pub use watch::{Target, USUAL_EVERY, USUAL_PORT, Watch};

/// The configuration that `certdeck config init` writes: every key, commented out, with its
/// default.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");
