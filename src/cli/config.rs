//! `certdeck config`: where everything lies, a first configuration, and what is wrong with it.
//!
//! The one place that writes a configuration, and only where there is none.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "writing the first configuration is this module's work"
    )
)]

use std::fmt::Write as _;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::args::{ConfigVerb, Flags};
use super::error::CliError;
use super::output;
use super::shapes::PathsShape;
use super::start::{Places, Setup, environment, store_folder};
use crate::config::{Config, EXAMPLE, Partial};

/// Answers without opening the store.
pub(super) fn run(flags: &Flags, verb: &ConfigVerb) -> Result<(), CliError> {
    let places = Places::find(flags)?;
    match verb {
        ConfigVerb::Path { json } => path(flags, &places, *json),
        ConfigVerb::Init => {
            changes_allowed(flags)?;
            write(&places.config)?;
            output::print(&format!("{}\n", places.config.display()))
        }
        ConfigVerb::Check => check(flags, &places),
    }
}

/// Says where everything lies, also with a configuration that is wrong: finding it is the first
/// step to mending it.
fn path(flags: &Flags, places: &Places, json: bool) -> Result<(), CliError> {
    let store = if let Ok(setup) = Setup::read(flags, places) {
        setup.store
    } else {
        let environment = environment().unwrap_or_default();
        let layers = Config::merge(&flags.layer(), &environment, &Partial::default());
        store_folder(&layers)?
    };
    let shown = |path: &Path| path.display().to_string();
    let paths = PathsShape {
        config: shown(&places.config),
        config_exists: places.config.exists(),
        accounts: shown(&places.accounts),
        lifecycles: shown(&places.lifecycles),
        store: shown(&store),
    };
    if json {
        return output::print_json(&paths);
    }
    let there = if paths.config_exists {
        ""
    } else {
        "  (not there; `certdeck config init` writes it)"
    };
    output::print(&format!(
        "config      {}{there}\naccounts    {}\nlifecycles  {}\nstore       {}\n",
        paths.config, paths.accounts, paths.lifecycles, paths.store
    ))
}

fn check(flags: &Flags, places: &Places) -> Result<(), CliError> {
    let setup = Setup::read(flags, places)?;
    if !setup.skipped.is_empty() {
        let wrong = [setup.skipped, setup.bereft].concat();
        return Err(CliError::Usage(wrong.join("\n")));
    }
    let mut text = if places.config.exists() {
        format!("{} is right.\n", places.config.display())
    } else {
        "There is no configuration, and none is needed.\n".to_owned()
    };
    for account in &setup.accounts {
        let places = account.watch.paths.len() + account.watch.hosts.len();
        let watches = match places {
            0 => String::new(),
            1 => ", watches 1 place".to_owned(),
            several => format!(", watches {several} places"),
        };
        let lifecycles = match account.lifecycles.as_slice() {
            [] => "every lifecycle".to_owned(),
            named => named.join(" and "),
        };
        let _ = writeln!(
            text,
            "account {}: {}, {}{watches}",
            account.name,
            account.kind.id(),
            lifecycles
        );
    }
    let lifecycles: Vec<_> = setup
        .lifecycles
        .iter()
        .map(|table| table.id.as_str())
        .collect();
    let _ = writeln!(text, "lifecycles: {}", lifecycles.join(", "));
    output::print(&text)
}

/// Who asked that nothing be changed means this file, too.
fn changes_allowed(flags: &Flags) -> Result<(), CliError> {
    let environment = environment().map_err(CliError::Config)?;
    let layers = Config::merge(&flags.layer(), &environment, &Partial::default());
    if layers.read_only {
        return Err(CliError::Usage(
            "--read-only, or CERTDECK_READ_ONLY, says to change nothing, so no configuration is \
             written; leave it away"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Writes the example, readable for its owner alone; never over a file that is there.
fn write(path: &Path) -> Result<(), CliError> {
    let failed = |error: &std::io::Error| {
        let path = path.display();
        CliError::Failed(match error.kind() {
            ErrorKind::AlreadyExists => format!("{path} is there already; nothing was changed"),
            _ => format!(
                "writing {path} failed: {error}; check the folder, or name another with --config"
            ),
        })
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| failed(&error))?;
    }
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let written = file.and_then(|mut file| file.write_all(EXAMPLE.as_bytes()));
    written.map_err(|error| failed(&error))
}
