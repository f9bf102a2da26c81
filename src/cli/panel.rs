//! The one door from the command line to the panel.
//!
//! May not: know anything of the panel but how it is opened.

use super::error::CliError;
use super::exit::Exit;
use crate::config::{Config, ThemeName};
use crate::engine::Engine;
use crate::tui::keymap::Keymap;
use crate::tui::model::Settings;
use crate::tui::runtime::{self, PanelSettings};
use crate::tui::theme::Theme;

/// What the panel is opened with.
pub(super) struct Opening {
    /// The settings: theme, ASCII, mouse, bell, read-only.
    pub(super) config: Config,
    /// Whether it is the demo.
    pub(super) demo: bool,
    /// What should be told at once, in sentences.
    pub(super) told: Vec<String>,
}

/// Opens the panel, and comes back when it was left.
pub(super) async fn open(engine: Engine, opening: Opening) -> Result<(), CliError> {
    engine.settle_interrupted().await?;
    let settings = settings(&engine, opening)?;
    let ended = runtime::run(engine, settings).await;
    match ended.map_err(|error| CliError::Failed(error.to_string()))? {
        0 => Ok(()),
        code => Err(CliError::Told(Exit::Code(code))),
    }
}

fn settings(engine: &Engine, opening: Opening) -> Result<PanelSettings, CliError> {
    let Opening { config, demo, told } = opening;
    let broken = |error: &dyn std::fmt::Display| CliError::Failed(error.to_string());
    let look = Settings {
        keymap: Keymap::embedded().map_err(|error| broken(&error))?,
        theme: Theme::named(theme(config.theme)).map_err(|error| broken(&error))?,
        ascii: config.ascii,
        read_only: config.read_only,
        bell: config.bell,
        greeting: greeting(engine, demo, told),
    };
    Ok(PanelSettings {
        look,
        mouse: config.mouse,
    })
}

/// What is said at the start: what is wrong first, then where one is.
fn greeting(engine: &Engine, demo: bool, told: Vec<String>) -> Option<String> {
    let mut said = engine.warnings();
    said.extend(told);
    if demo {
        said.push(
            "This is the demo: a throw-away store, played by the sandbox. Everything is possible, \
             nothing is real, and it is gone when you quit."
                .to_owned(),
        );
    }
    (!said.is_empty()).then(|| said.join(" · "))
}

fn theme(theme: ThemeName) -> &'static str {
    match theme {
        ThemeName::Auto | ThemeName::Dark => "dark",
        ThemeName::Light => "light",
        ThemeName::Mono => "mono",
    }
}
