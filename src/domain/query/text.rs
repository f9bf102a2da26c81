//! How texts are compared: as parts and without regard to case, or whole where `*` stands for
//! anything.
//!
//! Pure. The terms of a query hold patterns, the haystack folds with the same rule.

use std::borrow::Cow;

/// The text in small letters, letter by letter, so that the same letters always become the same.
#[must_use]
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// What a text is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// In small letters.
    text: String,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self { text: fold(text) }
    }

    /// The pattern as it can be typed again.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The longest part that every text has in it, in small letters, that fits; empty where there is
    /// none.
    pub(super) fn part(&self) -> &str {
        let parts = self.text.split('*');
        parts.max_by_key(|part| part.len()).unwrap_or_default()
    }

    /// Whether the text holds it; with a `*` in it, whether the whole text is like it. Without
    /// anything to look for, whether there is a text at all.
    pub(super) fn fits(&self, text: &str) -> bool {
        if self.text.is_empty() {
            return !text.is_empty();
        }
        if self.text.contains('*') {
            return is_like(&folded(text), &self.text);
        }
        if text.is_ascii() && self.text.is_ascii() {
            let (text, part) = (text.as_bytes(), self.text.as_bytes());
            return text
                .windows(part.len())
                .any(|window| window.eq_ignore_ascii_case(part));
        }
        folded(text).contains(&self.text)
    }
}

/// In small letters; borrowed where it is already.
fn folded(text: &str) -> Cow<'_, str> {
    let is_small = |c: char| c.is_ascii() && !c.is_ascii_uppercase();
    if text.chars().all(is_small) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(fold(text))
    }
}

/// Whether the whole text is like the pattern, in which `*` stands for anything, also for nothing.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        // The earliest place leaves the most room for what follows.
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_stars_stand_for_anything() {
        let cases = [
            ("dv", "Wildcard DV", true),
            ("Wild", "Wildcard DV", true),
            ("ov", "Wildcard DV", false),
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "*.Example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "www.example.com.evil", false),
            ("w*.com", "www.example.com", true),
            ("w*w*w*w", "www", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("BÜCHER", "bücher.example", true),
            ("b*r", "BÜCHER", true),
            ("", "something", true),
            ("", "", false),
            ("longer than the text", "short", false),
        ];
        for (pattern, text, fits) in cases {
            assert_eq!(
                Pattern::new(pattern).fits(text),
                fits,
                "{pattern} in {text}"
            );
        }
    }
}
