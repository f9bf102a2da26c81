//! What goes to standard output and standard error, and whether a person sits there.
//!
//! May not: use colour, or draw. Results go to standard output, whole and in one piece;
//! everything else to standard error. Every headless command writes through it.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use serde::Serialize;

use super::error::CliError;
use super::table::Table;
use crate::domain::text;

/// How wide results may be, and how they are cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    /// The columns of the terminal; nothing where the output goes elsewhere.
    columns: Option<usize>,
    /// What marks a text that was cut.
    cut_mark: char,
}

impl Output {
    /// Looks at where the output goes.
    pub(super) fn look(ascii: bool) -> Self {
        let size = || crossterm::terminal::size().ok();
        let columns = goes_to_terminal().then(size).flatten();
        Self {
            columns: columns.map(|(columns, _)| usize::from(columns)),
            cut_mark: if ascii { '~' } else { '…' },
        }
    }

    /// How wide running text is: as the terminal, but no wider than is read with ease.
    pub(super) fn text_columns(self) -> usize {
        self.columns.map_or(80, |columns| columns.clamp(40, 100))
    }

    /// Prints a table, cut to the terminal where there is one.
    pub(super) fn table(self, table: &Table) -> Result<(), CliError> {
        print(&table.render(self.columns, self.cut_mark))
    }
}

/// Prints a text as it is; it ends with its own newline.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => CliError::ReaderLeft,
        _ => CliError::Failed(format!(
            "writing the output failed: {error}; see where standard output goes"
        )),
    })
}

/// Prints one JSON document.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), CliError> {
    let json = serde_json::to_string_pretty(value);
    let json = json.map_err(|error| {
        CliError::Failed(format!("turning the answer into JSON failed: {error}"))
    })?;
    print(&(harmless(&json) + "\n"))
}

/// Whether standard output is a terminal.
pub(super) fn goes_to_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Says something beside the results, made harmless line by line since it may quote a stranger.
/// Nobody is told if even that fails.
pub(super) fn say(lines: &str) {
    let mut err = io::stderr().lock();
    for line in lines.lines() {
        let _ = writeln!(err, "{}", text::sanitise(line));
    }
}

/// Escapes in a JSON document what would do something to a terminal. JSON itself escapes only
/// C0 controls; the rest can stand in texts alone, where `\u` means the same.
fn harmless(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for letter in json.chars() {
        let fine = matches!(letter, '\n' | ' '..='~')
            // A mark needs a letter to stand on.
            || (!letter.is_ascii() && text::is_clean(&format!("a{letter}")));
        if fine {
            safe.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_harmless_on_a_terminal_and_means_the_same() {
        let nasty = "a\u{9b}31m\u{202e}b\u{7f}ü\u{e0041}\u{1b}[0m 🦀 e\u{301}";
        let json = harmless(&serde_json::to_string(nasty).unwrap());
        assert!(text::is_clean(&json), "{json}");
        assert!(json.contains('ü') && json.contains('🦀'), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), nasty);
    }
}
