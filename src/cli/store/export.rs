//! `certdeck store export FILE`: the whole store in one file.
//!
//! May not: write over a file, write an archive to a terminal, or write private keys in the clear
//! without a yes.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "the moment at which an archive is made is asked where the program starts"
    )
)]

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::Ground;
use super::shapes::{ArchiveShape, ExportShape};
use crate::cli::args::ExportArguments;
use crate::cli::ask::{self, Wanted};
use crate::cli::error::CliError;
use crate::cli::output::{self, say};
use crate::cli::passphrase;
use crate::engine::archive::{self, ExportPlan, Exported, ITERATIONS};

/// Exports and says what came of it.
pub(super) fn run(ground: &Ground, arguments: &ExportArguments) -> Result<(), CliError> {
    let to_stdout = arguments.file == Path::new("-");
    check(arguments, to_stdout)?;
    let encrypted = arguments.encrypt || passphrase::is_given(&arguments.passphrase);
    let keys = archive::keys_held(&ground.store)?;
    if !encrypted && !arguments.without_keys && keys > 0 && !arguments.yes {
        let question = format!(
            "Write {} into a file that is not encrypted?",
            counted(keys as u64, "private key", "private keys")
        );
        let text = "Whoever can read the archive has the private keys in it. --encrypt asks for a \
                    passphrase, --without-keys leaves them out.";
        ask::confirm(text, &question, &Wanted::Yes)?;
    }
    let passphrase = if encrypted {
        Some(passphrase::to_encrypt(&arguments.passphrase)?)
    } else {
        None
    };
    let plan = ExportPlan {
        made_at: jiff::Timestamp::now(),
        passphrase,
        without_keys: arguments.without_keys,
        config: archive::read_config(&ground.places.config)?,
    };
    if to_stdout {
        let exported = archive::export_to(&ground.store, &plan, &mut io::stdout().lock())?;
        say(&summary("the archive", &exported));
        return Ok(());
    }
    let exported = archive::export_to_file(&ground.store, &plan, &arguments.file)?;
    let file = arguments.file.display().to_string();
    if arguments.json {
        return output::print_json(&ExportShape {
            archive: ArchiveShape::of(&exported.head),
            left_out: exported.left_out,
            lacks: &exported.lacks,
            file,
        });
    }
    let file = crate::domain::text::sanitise(&file);
    output::print(&(summary(&file, &exported) + "\n"))
}

fn check(arguments: &ExportArguments, to_stdout: bool) -> Result<(), CliError> {
    if to_stdout && output::goes_to_terminal() {
        return Err(CliError::Usage(
            "an archive is nothing for a terminal; name a file, or send the output elsewhere"
                .to_owned(),
        ));
    }
    if to_stdout && arguments.json {
        return Err(CliError::Usage(
            "the archive goes to standard output, and so could the JSON not; name a file"
                .to_owned(),
        ));
    }
    // Before anybody is asked for anything; it is asked again when the file gets its name.
    if !to_stdout && crate::files::watch::is_there(&arguments.file) {
        return Err(CliError::Usage(format!(
            "{} is there already, and nothing is written over it; name another file",
            arguments.file.display()
        )));
    }
    Ok(())
}

fn summary(file: &str, exported: &Exported) -> String {
    let head = &exported.head;
    let mut text = format!(
        "{file}: {}, {}, {} as of change {}, {}",
        counted(head.counts.entries, "entry", "entries"),
        counted(head.counts.certificates, "certificate", "certificates"),
        if head.without_keys {
            "without the private keys".to_owned()
        } else {
            counted(head.counts.keys, "private key", "private keys")
        },
        head.seq,
        if head.encrypted {
            "encrypted"
        } else {
            "not encrypted"
        }
    );
    if head.counts.config > 0 {
        let files = counted(head.counts.config, "file", "files");
        let _ = write!(text, ", with {files} of the configuration");
    }
    if head.counts.damaged_lines > 0 {
        let lines = counted(head.counts.damaged_lines, "damaged line", "damaged lines");
        let _ = write!(text, "\n{lines} of the store in it, not mended");
    }
    if !exported.lacks.is_empty() {
        let lacks = exported.lacks.join("; ");
        let _ = write!(
            text,
            "\nCareful, neither the store nor the archive is whole: {lacks}; `certdeck doctor` \
             says what to do"
        );
    }
    if exported.left_out > 0 {
        let files = counted(exported.left_out, "file", "files");
        let _ = write!(
            text,
            "\n{files} in the store's folders belong to nothing (a crash leaves such), and stayed out"
        );
    }
    let open = if head.encrypted {
        format!(
            "openssl enc -d -aes-256-cbc -pbkdf2 -iter {ITERATIONS} -md sha256 -in FILE | tar tf -"
        )
    } else {
        "tar tf FILE".to_owned()
    };
    let _ = write!(text, "\nReadable without certdeck: {open}");
    text
}

/// A number with its word.
pub(super) fn counted(number: u64, one: &str, several: &str) -> String {
    let word = if number == 1 { one } else { several };
    format!("{number} {word}")
}
