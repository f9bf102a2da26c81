//! A line that a person types a passphrase into: shown as dots, wiped from memory.
//!
//! Knows keys that edit text and nothing else. What was typed leaves as a secret only. Called by
//! the dialogs that ask for passphrases and passwords.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use secrecy::SecretString;
use zeroize::{Zeroize as _, Zeroizing};

use crate::engine::keyring::LONGEST_PASSPHRASE;

/// One line that nobody sees.
#[derive(Clone)]
pub(in crate::tui) struct SecretLine {
    text: Zeroizing<String>,
}

impl Default for SecretLine {
    fn default() -> Self {
        // Room for all of it: growing would leave parts of it behind.
        let text = Zeroizing::new(String::with_capacity(LONGEST_PASSPHRASE + 4));
        Self { text }
    }
}

/// Says nothing of what was typed, not even how long it is.
impl fmt::Debug for SecretLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretLine(..)")
    }
}

impl SecretLine {
    /// What was typed.
    pub(in crate::tui) fn secret(&self) -> SecretString {
        SecretString::from(self.text.as_str())
    }

    /// Whether nothing was typed.
    pub(in crate::tui) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether the same was typed into another line.
    pub(in crate::tui) fn is_same(&self, other: &Self) -> bool {
        *self.text == *other.text
    }

    /// Forgets what was typed.
    pub(in crate::tui) fn clear(&mut self) {
        self.text.zeroize();
    }

    /// Takes a key; `false` when it edits nothing.
    pub(in crate::tui) fn key(&mut self, key: KeyEvent) -> bool {
        if key.kind == KeyEventKind::Release {
            return false;
        }
        let plain = !(key.modifiers - KeyModifiers::SHIFT)
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER);
        match key.code {
            KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL => self.clear(),
            KeyCode::Char(letter) if plain => self.push(letter),
            KeyCode::Backspace => {
                self.text.pop();
            }
            _ => return false,
        }
        true
    }

    /// Takes pasted text, without the line's end.
    pub(in crate::tui) fn paste(&mut self, pasted: &str) {
        for letter in pasted.trim_end_matches(['\r', '\n']).chars() {
            self.push(letter);
        }
    }

    fn push(&mut self, letter: char) {
        if self.text.len() + letter.len_utf8() <= LONGEST_PASSPHRASE {
            self.text.push(letter);
        }
    }

    /// What is drawn: a sign for each character, the end of them where there are many.
    pub(in crate::tui) fn shown(&self, columns: usize, sign: &str) -> String {
        let count = self.text.chars().count();
        sign.repeat(count.min(columns.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn it_takes_what_is_typed_and_says_nothing_of_it() {
        let mut line = SecretLine::default();
        for letter in "zwölf".chars() {
            let shift = KeyModifiers::SHIFT;
            assert!(line.key(KeyEvent::new(KeyCode::Char(letter), shift)));
        }
        line.paste(" Bäume\n");
        assert_eq!(line.secret().expose_secret(), "zwölf Bäume");
        assert_eq!(line.shown(80, "*"), "*".repeat(11));
        assert_eq!(line.shown(5, "*"), "****");
        assert_eq!(format!("{line:?}"), "SecretLine(..)");
        assert!(line.key(KeyEvent::from(KeyCode::Backspace)));
        assert_eq!(line.secret().expose_secret(), "zwölf Bäum");
        assert!(!line.key(KeyEvent::from(KeyCode::Tab)));
        line.paste(&"a".repeat(10_000));
        assert_eq!(line.secret().expose_secret().len(), LONGEST_PASSPHRASE);
        assert!(line.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
        assert!(line.is_empty());
    }
}
