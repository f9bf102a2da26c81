//! `certdeck store import FILE`: a store out of an archive.
//!
//! May not: touch a store in which anything happened, or write over a file of the configuration.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::Ground;
use super::export::counted;
use super::shapes::{ArchiveShape, ImportShape, PlacedShape};
use crate::cli::args::ImportStoreArguments;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::passphrase;
use crate::domain::text::sanitise;
use crate::engine::archive::{self, Imported, Outcome, Placed};

/// Imports and says what came of it.
pub(super) fn run(ground: &Ground, arguments: &ImportStoreArguments) -> Result<(), CliError> {
    if ground.config.read_only {
        return Err(CliError::Usage(
            "--read-only, or the setting read-only, says to change nothing, so nothing is imported; \
             leave it away"
                .to_owned(),
        ));
    }
    // Before anybody is asked for a passphrase.
    archive::check_place(&ground.store)?;
    let from_stdin = arguments.file == Path::new("-");
    let incoming = if from_stdin {
        if arguments.passphrase.passphrase_stdin {
            return Err(CliError::Usage(
                "standard input cannot be both the archive and the passphrase; give the passphrase \
                 with --passphrase-file FILE"
                    .to_owned(),
            ));
        }
        archive::open_stream(Box::new(io::stdin()))?
    } else {
        archive::open_file(&arguments.file)?
    };
    let wanted = incoming.is_encrypted() || passphrase::is_given(&arguments.passphrase);
    let passphrase = if wanted {
        Some(passphrase::to_decrypt(&arguments.passphrase, from_stdin)?)
    } else {
        None
    };
    let timeout = ground.config.lock_timeout;
    let imported = archive::import(&ground.store, incoming, passphrase.as_ref(), timeout)?;
    let placed = if arguments.without_config {
        Vec::new()
    } else {
        archive::place_config(&ground.places.config, &imported.config)
    };
    tell(ground, arguments.json, &imported, &placed)?;
    if !imported.warnings.is_empty() {
        return Err(CliError::Told(Exit::Store));
    }
    let failed = |placed: &Placed| matches!(placed.outcome, Outcome::Failed(_));
    if placed.iter().any(failed) {
        return Err(CliError::Told(Exit::Partly));
    }
    Ok(())
}

fn tell(
    ground: &Ground,
    json: bool,
    imported: &Imported,
    placed: &[Placed],
) -> Result<(), CliError> {
    if json {
        return output::print_json(&ImportShape {
            store: ground.store.display().to_string(),
            archive: ArchiveShape::of(&imported.head),
            config: placed.iter().map(shape).collect(),
            warnings: &imported.warnings,
            leftovers: imported.leftovers.iter().map(|path| shown(path)).collect(),
        });
    }
    output::print(&summary(ground, imported, placed))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn shape(placed: &Placed) -> PlacedShape {
    let (outcome, beside, why) = match &placed.outcome {
        Outcome::InPlace => ("in-place", None, None),
        Outcome::Same => ("same", None, None),
        Outcome::Beside { path, why } => ("beside", Some(shown(path)), Some((*why).to_owned())),
        Outcome::Failed(why) => ("failed", None, Some(why.clone())),
    };
    PlacedShape {
        place: shown(&placed.place),
        outcome,
        beside,
        why,
    }
}

fn summary(ground: &Ground, imported: &Imported, placed: &[Placed]) -> String {
    let head = &imported.head;
    let harmless = |path: &Path| sanitise(&shown(path)).into_owned();
    let mut text = format!(
        "{}: {}, {}, {} as of change {}, from an archive of {}\n",
        harmless(&ground.store),
        counted(imported.entries as u64, "entry", "entries"),
        counted(head.counts.certificates, "certificate", "certificates"),
        if head.without_keys {
            "no private keys, which were left out of the archive".to_owned()
        } else {
            counted(head.counts.keys, "private key", "private keys")
        },
        head.seq,
        head.made_at
    );
    for placed in placed {
        let place = harmless(&placed.place);
        let _ = match &placed.outcome {
            Outcome::InPlace => writeln!(text, "{place}: put in place"),
            Outcome::Same => writeln!(text, "{place}: there already, the same"),
            Outcome::Beside { path, why } => writeln!(
                text,
                "{place}: not touched, because {why}; look at {} and take over what you want",
                harmless(path)
            ),
            Outcome::Failed(why) => writeln!(text, "{place}: {}", sanitise(why)),
        };
    }
    for warning in &imported.warnings {
        let _ = writeln!(
            text,
            "damaged already when it was exported: {}",
            sanitise(warning)
        );
    }
    for left in &imported.leftovers {
        let _ = writeln!(
            text,
            "{}: left by an import that was cut off, with copies of private keys; nothing needs it",
            harmless(left)
        );
    }
    text
}
