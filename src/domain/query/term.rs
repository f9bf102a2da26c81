//! One term of a filter: what it asks, and how it is written.
//!
//! Pure data. The parser makes terms, the search asks them, `Display` writes them so that reading
//! gives the same again.

use std::fmt;

use super::keys::{self, Fact, Key, Needs, Probe, Ready, TextKey, TimeKey};
use super::parse::UNKNOWN_PHASE;
use super::text::{Pattern, fold};
use super::when::{Bound, Side};
use crate::domain::lifecycle::Phase;

/// What must hold, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) negated: bool,
    pub(super) asks: Asks,
}

/// What a term asks of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// Whether this is found anywhere; in small letters.
    Word(String),
    /// Whether this text is like that.
    Text(TextKey, Pattern),
    /// Whether this time is known.
    Known(TimeKey),
    /// Whether this time lies on that side of a bound.
    Time(TimeKey, Side, Bound),
    /// Whether this is so, or is not.
    YesNo(Fact, bool),
    /// Whether it is in this phase; nothing for a state that no table knows.
    Phase(Option<Phase>),
    /// Whom it needs.
    Needs(Needs),
    /// Whether it is ready for production.
    Ready(Ready),
    /// What its servers were last seen to serve.
    Probe(Probe),
}

impl Asks {
    pub(super) fn word(text: &str) -> Self {
        Self::Word(fold(text))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        let (key, sign, value) = match &self.asks {
            Asks::Word(word) => return f.write_str(&written_word(word)),
            Asks::Text(key, pattern) => (Key::Text(*key), ':', written(pattern.as_str())),
            Asks::Known(key) => (Key::Time(*key), ':', String::new()),
            Asks::Time(key, side, bound) => {
                let sign = match side {
                    Side::Before => '<',
                    Side::Within => ':',
                    Side::After => '>',
                };
                (Key::Time(*key), sign, bound.as_str().to_owned())
            }
            Asks::YesNo(fact, yes) => {
                let word = if *yes { "yes" } else { "no" };
                (Key::YesNo(*fact), ':', word.to_owned())
            }
            Asks::Phase(phase) => {
                let id = phase.map_or(UNKNOWN_PHASE, Phase::id);
                (Key::Phase, ':', id.to_owned())
            }
            Asks::Needs(needs) => {
                let word = Needs::ALL.iter().find(|(known, _)| known == needs);
                let word = word.map_or("", |(_, word)| word);
                (Key::Needs, ':', word.to_owned())
            }
            Asks::Ready(ready) => {
                let word = Ready::ALL.iter().find(|(known, _)| known == ready);
                let word = word.map_or("", |(_, word)| word);
                (Key::Ready, ':', word.to_owned())
            }
            Asks::Probe(probe) => {
                let word = Probe::ALL.iter().find(|(known, _)| known == probe);
                let word = word.map_or("", |(_, word)| word);
                (Key::Probe, ':', word.to_owned())
            }
        };
        write!(f, "{}{sign}{value}", keys::name_of(key))
    }
}

/// A value, in quotes where it would not be read as it is.
fn written(value: &str) -> String {
    let is_plain = !value.starts_with('"') && !value.contains(char::is_whitespace);
    // Two slashes behind a colon would make a link of it.
    if is_plain && !value.starts_with("//") {
        value.to_owned()
    } else {
        quoted(value)
    }
}

/// A word, in quotes where it would be read as something else.
fn written_word(word: &str) -> String {
    let same = Term {
        negated: false,
        asks: Asks::Word(word.to_owned()),
    };
    match super::parse::terms(word).as_deref() {
        Ok([term]) if *term == same => word.to_owned(),
        _ => quoted(word),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
