//! `certdeck store`: the store as a whole.
//!
//! May not: open the panel's engine; an export reads the store as it lies there, an import makes
//! one where none is.

mod export;
mod import;
mod prune;
mod shapes;

use super::args::{Flags, StoreArguments, StoreVerb};
use super::error::CliError;
use super::start::Places;

/// Where everything lies and what the settings are, for who needs no engine.
struct Ground {
    places: Places,
    config: crate::config::Config,
    store: std::path::PathBuf,
}

impl Ground {
    /// Reads the configuration's own file, and no account: a store can be saved while one is wrong.
    fn of(flags: &Flags, places: Places) -> Result<Self, CliError> {
        let config = super::start::read_config(flags, &places)?;
        let store = super::start::store_folder(&config)?;
        Ok(Self {
            places,
            config,
            store,
        })
    }
}

/// Does what was asked.
pub(super) fn run(flags: &Flags, arguments: &StoreArguments) -> Result<(), CliError> {
    let places = Places::find(flags)?;
    match &arguments.verb {
        StoreVerb::Export(arguments) => export::run(&Ground::of(flags, places)?, arguments),
        StoreVerb::Import(arguments) => {
            let places = places.even_without_a_file();
            import::run(&Ground::of(flags, places)?, arguments)
        }
        StoreVerb::Prune(arguments) => prune::run(flags, arguments),
    }
}
