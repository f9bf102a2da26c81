//! A text that is pasted or read from a file and never drawn: a certificate, a private key.
//!
//! It is held in memory that is wiped, and only how long it is is ever told. Letters that are typed
//! are the path of a file, unless they begin like PEM: so does a paste in a terminal that does not
//! mark its pastes. Called by the form's fields.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::tui::form::text_input::TextLine;

/// As much as a file may have that is read for a field, in bytes.
const LONGEST: usize = 64 * 1024;
/// The beginning of everything in PEM (RFC 7468 section 2).
const PEM: &str = "-----";

/// The text, and the path that is being typed.
#[derive(Clone, Default)]
pub(in crate::tui) struct Document {
    text: Zeroizing<String>,
    path: TextLine,
    /// Whether letters go into the text, since they began like PEM.
    typing: bool,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} bytes)", self.text.len())
    }
}

impl Document {
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The path that is being typed.
    pub(super) fn path(&self) -> &TextLine {
        &self.path
    }

    /// The path that Enter reads now.
    pub(super) fn path_to_read(&self) -> Option<String> {
        let path = self.path.value().trim();
        (!path.is_empty() && !path.starts_with(PEM)).then(|| path.to_owned())
    }

    pub(super) fn secret(&self) -> Option<SecretString> {
        (!self.is_empty()).then(|| SecretString::from(self.text.as_str()))
    }

    /// How long it is: `27 lines, 1,704 bytes`.
    pub(super) fn size(&self) -> String {
        let text = self.text.trim();
        let lines = line_breaks(text) + usize::from(!text.is_empty());
        let noun = if lines == 1 { "line" } else { "lines" };
        format!("{lines} {noun}, {} bytes", thousands(text.len()))
    }

    /// Takes a key; `false` when it does nothing here.
    pub(super) fn key(&mut self, key: KeyEvent) -> bool {
        let plain = !key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter if self.typing => self.append("\n"),
            KeyCode::Enter if self.path.value().starts_with(PEM) => self.begin_typing(),
            KeyCode::Char(letter) if self.typing && plain => {
                self.append(letter.encode_utf8(&mut [0; 4]))
            }
            KeyCode::Backspace | KeyCode::Delete if self.path.is_empty() => self.clear(),
            KeyCode::Enter => false,
            _ => self.path.key(key),
        }
    }

    /// Puts pasted text in the place of what is there; what was typed as a path is dropped.
    /// `false` when it was too long.
    pub(super) fn put(&mut self, text: &str) -> bool {
        self.clear();
        self.append(text)
    }

    /// A first line of PEM that was typed becomes the beginning of the text.
    fn begin_typing(&mut self) -> bool {
        let first = Zeroizing::new(format!("{}\n", self.path.value()));
        let taken = self.put(&first);
        self.typing = true;
        taken
    }

    /// Takes everything away; `false` when there was nothing.
    fn clear(&mut self) -> bool {
        let had = !self.text.is_empty();
        *self = Self::default();
        had
    }

    /// Adds at the end without leaving a copy behind where the text grows.
    fn append(&mut self, more: &str) -> bool {
        let mut end = LONGEST.saturating_sub(self.text.len()).min(more.len());
        while !more.is_char_boundary(end) {
            end -= 1;
        }
        if self.text.len() + end > self.text.capacity() {
            let mut larger = Zeroizing::new(String::with_capacity(LONGEST));
            larger.push_str(&self.text);
            self.text = larger;
        }
        self.text.push_str(&more[..end]);
        end == more.len()
    }
}

/// How many lines end: terminals send a carriage return for each line end of a paste.
fn line_breaks(text: &str) -> usize {
    let pairs = text.matches("\r\n").count();
    text.matches(['\r', '\n']).count() - pairs
}

/// A number with a comma at the thousands: `1,704`; texts here stay far below a million.
fn thousands(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(document: &mut Document, code: KeyCode) -> bool {
        document.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn typed(document: &mut Document, text: &str) {
        for letter in text.chars() {
            press(
                document,
                match letter {
                    '\n' => KeyCode::Enter,
                    other => KeyCode::Char(other),
                },
            );
        }
    }

    #[test]
    fn what_is_typed_is_a_path_and_what_is_pasted_the_text() {
        let mut document = Document::default();
        typed(&mut document, "~/a.pem");
        assert_eq!(document.path_to_read().as_deref(), Some("~/a.pem"));
        assert!(document.is_empty());
        document.put("one\ntwo\n");
        assert_eq!(document.path_to_read(), None);
        assert_eq!(document.size(), "2 lines, 7 bytes");
    }

    #[test]
    fn lines_are_counted_however_the_terminal_ends_them() {
        let mut document = Document::default();
        for ends in ["a\nb\nc\n", "a\rb\rc\r", "a\r\nb\r\nc"] {
            document.put(ends);
            assert!(document.size().starts_with("3 lines,"), "{ends:?}");
        }
    }

    #[test]
    fn pem_that_arrives_key_by_key_is_no_path() {
        let mut document = Document::default();
        typed(&mut document, "-----BEGIN X-----\nAAAA\n-----END X-----\n");
        assert_eq!(document.path_to_read(), None);
        assert_eq!(document.size(), "3 lines, 38 bytes");
        assert!(document.path().is_empty());
    }

    #[test]
    fn backspace_empties_it_and_debug_tells_nothing() {
        let mut document = Document::default();
        document.put("canary");
        assert!(!format!("{document:?}").contains("canary"));
        assert!(press(&mut document, KeyCode::Backspace));
        assert!(document.is_empty());
        assert!(!press(&mut document, KeyCode::Backspace));
    }

    #[test]
    fn what_is_too_long_is_said() {
        let mut document = Document::default();
        assert!(document.put(&"a".repeat(LONGEST)));
        assert!(!document.put(&"ü".repeat(LONGEST)));
        assert_eq!(document.size(), "1 line, 65,536 bytes");
    }
}
