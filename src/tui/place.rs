//! Where in a TOML file something stands, so that every complaint can name file and line.
//!
//! Pure; used by the key table and the themes.

use std::fmt;
use std::ops::Range;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name as the person knows it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

impl Place {
    /// The line of `text` in which `span` (byte offsets) begins; the first line without a span.
    #[must_use]
    pub fn of(file: &str, text: &str, span: Option<Range<usize>>) -> Self {
        let start = span.map_or(0, |span| span.start).min(text.len());
        let before = text.as_bytes().iter().take(start);
        Self {
            file: file.to_owned(),
            line: 1 + before.filter(|&&byte| byte == b'\n').count(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        let text = "a\nb\nc";
        for (start, line) in [(0, 1), (1, 1), (2, 2), (4, 3), (99, 3)] {
            assert_eq!(Place::of("f", text, Some(start..start)).line, line);
        }
        assert_eq!(
            Place::of("keys.toml", text, None).to_string(),
            "keys.toml:1"
        );
    }
}
