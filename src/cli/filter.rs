//! The filter of `list` and `check`: the language of the panel, on the command line.
//!
//! Pure. Both commands ask it; the grammar takes its help from here.

use std::fmt::Write as _;

use super::error::CliError;
use crate::domain::query::{EXAMPLES, Query, keys};

/// Reads the words of a command line as one filter.
pub(super) fn read(words: &[String]) -> Result<Query, CliError> {
    Query::parse(&words.join(" ")).map_err(|error| {
        CliError::Usage(format!("{error}; `certdeck list --help` explains filters"))
    })
}

/// The language in short, for the help of a command.
pub(super) fn help() -> String {
    let mut help = "Filters (quote them for the shell: 'expires<30d !phase:ended'):\n".to_owned();
    for entry in EXAMPLES.into_iter().chain(keys()) {
        let _ = writeln!(help, "  {:<28} {}", entry.example, entry.says);
    }
    help
}

#[cfg(test)]
mod tests {
    use super::super::exit::Exit;
    use super::*;

    #[test]
    fn the_words_of_a_command_line_are_one_filter() {
        let words = ["shop", "expires<30d"].map(str::to_owned);
        assert_eq!(read(&words).unwrap().to_string(), "shop expires<30d");
        let error = read(&["shop".to_owned(), "expries<30d".to_owned()]).unwrap_err();
        assert_eq!(Exit::of(&error), Exit::Usage);
        let says = error.to_string();
        assert!(says.contains("\"expries<30d\" (character 6)"), "{says}");
        assert!(says.contains("did you mean \"expires\""), "{says}");
    }

    #[test]
    fn help_lists_every_key() {
        let help = help();
        for entry in keys() {
            assert!(help.contains(entry.example), "{help}");
        }
    }
}
