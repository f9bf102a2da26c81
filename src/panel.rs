//! Opening the panel with what the command line found out.
//!
//! May not: do anything else. `main` hands it to the command line.

use jiff::SignedDuration;

use crate::cli::{Opened, Opening};
use crate::config::ThemeName;
use crate::engine::Engine;
use crate::tui::keymap::Keymap;
use crate::tui::model::Settings;
use crate::tui::runtime::{self, PanelSettings};
use crate::tui::theme::Theme;

/// Opens the panel; the future ends when it is closed.
#[must_use]
pub fn open(engine: Engine, opening: Opening) -> Opened {
    Box::pin(async move {
        let mut opening = opening;
        // What is not read yet is settled when it is.
        if !engine.is_loading()
            && let Err(error) = engine.settle_interrupted().await
        {
            // The panel opens all the same: in it people see what is wrong.
            let says = format!("What was interrupted before could not be settled: {error}.");
            opening.told.push(says);
        }
        let settings = settings(&engine, opening)?;
        runtime::run(engine, settings)
            .await
            .map_err(|error| error.to_string())
    })
}

fn settings(engine: &Engine, opening: Opening) -> Result<PanelSettings, String> {
    let Opening { config, demo, told } = opening;
    let look = Settings {
        keymap: Keymap::embedded().map_err(|error| error.to_string())?,
        theme: Theme::named(theme(config.theme)).map_err(|error| error.to_string())?,
        ascii: config.ascii,
        read_only: config.read_only,
        bell: config.bell,
        clear_clipboard: SignedDuration::try_from(config.keys.clear_clipboard)
            .unwrap_or(SignedDuration::MAX),
        greeting: greeting(engine, demo, told),
    };
    Ok(PanelSettings {
        look,
        mouse: config.mouse,
        has_screen: has_screen(),
    })
}

/// Whether a browser could show a link here: over ssh it could not.
#[cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "whether there is a screen stands in the environment and nowhere else"
    )
)]
fn has_screen() -> bool {
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || named("WAYLAND_DISPLAY") || named("DISPLAY")
}

/// What is said at the start: what is wrong first, then where one is.
fn greeting(engine: &Engine, demo: bool, told: Vec<String>) -> Option<String> {
    let mut said = engine.warnings();
    said.extend(told);
    let doubt = engine.clock_doubt();
    said.extend(doubt.map(|doubt| format!("Careful: {doubt}; {}.", doubt.advice())));
    if demo {
        said.push(
            "This is the demo: a throw-away store, played by the sandbox. Everything is possible, \
             nothing is real, and it is gone when you quit."
                .to_owned(),
        );
    }
    (!said.is_empty()).then(|| said.join(" "))
}

fn theme(theme: ThemeName) -> &'static str {
    match theme {
        ThemeName::Auto | ThemeName::Dark => "dark",
        ThemeName::Light => "light",
        ThemeName::Mono => "mono",
    }
}
