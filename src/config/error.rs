//! What is wrong with a configuration, with the place and the way to mend it.
//!
//! Pure. The readers of this module make these, the faces print them.

use std::ops::Range;

use thiserror::Error;

use crate::domain::text::line_at;

/// One thing that is wrong with what people configured.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// In a file.
    #[error("{file}:{line}: {key}: {problem}")]
    File {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The key, as far as it can be named.
        key: String,
        /// What is wrong and what is expected instead.
        problem: String,
    },
    /// In the environment.
    #[error("environment variable {name}: {problem}")]
    Environment {
        /// The variable.
        name: &'static str,
        /// What is wrong and what is expected instead.
        problem: String,
    },
}

/// Turns places in a file's text into lines, and collects what is wrong.
pub(super) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<ConfigError>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        let found = Vec::new();
        Self { file, text, found }
    }

    /// Notes that something is wrong at this place.
    pub(super) fn add(&mut self, span: &Range<usize>, key: &str, problem: impl Into<String>) {
        self.found.push(ConfigError::File {
            file: self.file.to_owned(),
            line: self.line_of(span.start),
            key: key.to_owned(),
            problem: problem.into(),
        });
    }

    /// Notes what the TOML reader said.
    pub(super) fn add_toml(&mut self, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        let key = self.key_at(span.start);
        let said = error.message().trim().replace('\n', "; ");
        self.add(&span, &key, format!("this is no valid TOML: {said}"));
    }

    /// All that was found, in the order of the file.
    pub(super) fn into_errors(mut self) -> Vec<ConfigError> {
        self.found.sort_by_key(|error| match error {
            ConfigError::File { line, .. } => *line,
            ConfigError::Environment { .. } => 0,
        });
        self.found
    }

    fn line_of(&self, offset: usize) -> usize {
        line_at(self.text, offset)
    }

    /// What stands before the `=` of the line at this place.
    fn key_at(&self, offset: usize) -> String {
        let line = self.text.lines().nth(self.line_of(offset) - 1);
        let key = line.unwrap_or_default().split('=').next();
        match key.unwrap_or_default().trim() {
            "" => "the file".to_owned(),
            key => key.to_owned(),
        }
    }
}
