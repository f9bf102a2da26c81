//! What is wrong with a lifecycle table, with the place and the way to mend it.
//!
//! Pure. `load` and `check` make these, the faces print them.

use std::fmt;
use std::ops::Range;

use super::super::text::line_at;

/// One thing that is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The key, as far as it can be named.
    pub key: String,
    /// What is wrong and what is expected instead.
    pub problem: String,
}

impl fmt::Display for LifecycleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.file, self.line, self.key, self.problem
        )
    }
}

impl std::error::Error for LifecycleError {}

/// Turns places in the text into lines, and collects what is wrong.
pub(super) struct Complaints<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<LifecycleError>,
}

impl<'a> Complaints<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    /// Notes that something is wrong at this place.
    pub(super) fn add(&mut self, span: &Range<usize>, key: &str, problem: impl Into<String>) {
        let line = line_at(self.text, span.start);
        let (file, key) = (self.file.to_owned(), key.to_owned());
        self.found.push(LifecycleError {
            file,
            line,
            key,
            problem: problem.into(),
        });
    }

    /// Notes what the TOML reader said.
    pub(super) fn add_toml(&mut self, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        let place = key_at(self.text, span.start);
        let key = match missing_field(error.message()) {
            Some(field) if is_whole(&span) => field.to_owned(),
            Some(field) => format!("{place}.{field}"),
            None => place,
        };
        self.add(&span, &key, error.message().trim().replace('\n', "; "));
    }

    /// Whether nothing was found so far.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All that was found, in the order of the file.
    pub(super) fn into_errors(mut self) -> Vec<LifecycleError> {
        self.found.sort_by_key(|error| error.line);
        self.found
    }
}

/// The key that the reader misses, if that is what it complains of.
fn missing_field(message: &str) -> Option<&str> {
    let (_, field) = message.split_once("missing field `")?;
    field.split('`').next()
}

/// Whether a place is the whole file, for which the reader has no place.
fn is_whole(span: &Range<usize>) -> bool {
    *span == (0..0)
}

/// The key of the line at this place: what stands before its `=`, or its table's name.
fn key_at(text: &str, offset: usize) -> String {
    let line = text
        .lines()
        .nth(line_at(text, offset) - 1)
        .unwrap_or_default();
    let key = line.split('=').next().unwrap_or_default().trim();
    let key = key.trim_matches(['[', ']']);
    if key.is_empty() {
        "the table".to_owned()
    } else {
        key.to_owned()
    }
}
