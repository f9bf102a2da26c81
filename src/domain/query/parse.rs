//! Reading a filter as people type it.
//!
//! Pure: a text goes in, terms or the first mistake come out. `Query::parse` calls it.

use std::net::Ipv6Addr;

use super::error::QueryError;
use super::keys::{self, Fact, Key, Needs, Probe, Ready, TABLE, TextKey, TimeKey};
use super::term::{Asks, Term};
use super::text::{Pattern, fold};
use super::when::{Bound, EXPECTED, Side};
use crate::domain::lifecycle::Phase;
use crate::domain::nearest::nearest;

/// How to look for a text that reads like something else.
const QUOTES: &str = "to look for the text itself, put it in quotes";

/// The word for a state that no table knows.
pub(super) const UNKNOWN_PHASE: &str = "unknown";

/// Reads a whole filter.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, QueryError> {
    let mut reader = Reader { text, at: 0 };
    let mut terms = Vec::new();
    loop {
        reader.skip_blanks();
        if reader.rest().is_empty() {
            return Ok(terms);
        }
        let start = reader.at;
        let term = reader.term();
        terms.extend(term.map_err(|problem| reader.error(start, problem))?);
    }
}

/// What has been read of a text, in bytes.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// What stands here up to the next blank; nothing is taken.
    fn bare(&self) -> &'a str {
        self.rest().split(char::is_whitespace).next().unwrap_or("")
    }

    fn error(&self, start: usize, problem: String) -> QueryError {
        // The whole word, however far it was read.
        let read = self.text[start..].split(char::is_whitespace).next();
        let read = read.map_or(0, str::len).max(self.at.saturating_sub(start));
        QueryError {
            word: self.text[start..start + read].trim_end().to_owned(),
            at: self.text[..start].chars().count() + 1,
            problem,
        }
    }

    /// One term; nothing for a lone `!` and for quotes around nothing, which ask for nothing.
    fn term(&mut self) -> Result<Option<Term>, String> {
        let negated = self.rest().starts_with('!');
        self.at += usize::from(negated);
        let asks = if self.rest().starts_with('"') {
            Asks::word(&self.quoted()?)
        } else {
            self.bare_term()?
        };
        let is_empty = matches!(&asks, Asks::Word(word) if word.is_empty());
        Ok((!is_empty).then_some(Term { negated, asks }))
    }

    /// A word, or a key with its value.
    fn bare_term(&mut self) -> Result<Asks, String> {
        let bare = self.bare();
        let Some((name, sign)) = key_in(bare) else {
            self.at += bare.len();
            return Ok(match bare {
                keys::ARCHIVED => Asks::YesNo(Fact::Archived, true),
                word => Asks::word(word),
            });
        };
        self.at += name.len() + 1;
        let value = if self.rest().starts_with('"') {
            self.quoted()?
        } else {
            let value = self.bare();
            self.at += value.len();
            value.to_owned()
        };
        let name = name.to_ascii_lowercase();
        let key = keys::find(&name).ok_or_else(|| unknown_key(&name))?;
        read(&name, key, sign, &value)
    }

    /// A text in quotes; `\"` and `\\` stand for a quote and a backslash.
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let mut letters = self.rest().char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at += at + 1;
                    return self.nothing_follows().map(|()| text);
                }
                '\\' if matches!(letters.peek(), Some((_, '"' | '\\'))) => {
                    text.extend(letters.next().map(|(_, letter)| letter));
                }
                // What is searched has one line for each text.
                blank if blank.is_whitespace() => text.push(' '),
                letter => text.push(letter),
            }
        }
        // All the rest was read as quoted.
        self.at = self.text.len();
        Err("this quote is not closed; expected another \" at its end".to_owned())
    }

    fn nothing_follows(&self) -> Result<(), String> {
        if self.bare().is_empty() {
            return Ok(());
        }
        Err(
            "after the closing quote a blank is expected; a quote within quotes is written \\\""
                .to_owned(),
        )
    }
}

/// The key that a word begins with, and the sign behind it; nothing where the word is a word.
fn key_in(word: &str) -> Option<(&str, char)> {
    let at = word.find([':', '<', '>'])?;
    let (name, rest) = word.split_at(at);
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    if !is_name || is_address(word, name, &rest[1..]) {
        return None;
    }
    rest.chars().next().map(|sign| (name, sign))
}

/// Whether the word is an address rather than a key with a value: IPv6, a fingerprint or serial
/// number, `localhost:443`, a link.
fn is_address(word: &str, name: &str, value: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = word.matches(':').count();
    let is_port = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    word.parse::<Ipv6Addr>().is_ok()
        || (pairs > 1 && word.split(':').all(is_hex))
        || (is_port
            && word[name.len()..].starts_with(':')
            && keys::find(&name.to_ascii_lowercase()).is_none())
        || value.starts_with("//")
}

fn unknown_key(name: &str) -> String {
    let known: Vec<&str> = TABLE.iter().map(|(name, _, _)| *name).collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("there is no key {name:?}; did you mean {near:?}? ({QUOTES})"),
        None => format!(
            "there is no key {name:?}; expected one of {} ({QUOTES})",
            known.join(", ")
        ),
    }
}

fn read(name: &str, key: Key, sign: char, value: &str) -> Result<Asks, String> {
    if let Key::Time(key) = key {
        return time(name, key, sign, value);
    }
    if sign != ':' {
        return Err(format!(
            "{name:?} cannot be compared; write {name}:{value} (expires, renewal and paid can)"
        ));
    }
    match key {
        Key::Text(TextKey::Serial) => Ok(Asks::Text(TextKey::Serial, Pattern::new(&digits(value)))),
        Key::Text(key) => Ok(Asks::Text(key, Pattern::new(value))),
        Key::YesNo(fact) => yes_or_no(name, value).map(|yes| Asks::YesNo(fact, yes)),
        Key::Phase => phase(value).map(Asks::Phase),
        Key::Needs => needs(value).map(Asks::Needs),
        Key::Ready => ready(value).map(Asks::Ready),
        Key::Probe => probe(value).map(Asks::Probe),
        Key::Time(key) => time(name, key, sign, value),
    }
}

/// A serial number without what stands between its digits.
pub(super) fn digits(serial: &str) -> String {
    serial.chars().filter(|c| !matches!(c, ':' | ' ')).collect()
}

fn time(name: &str, key: TimeKey, sign: char, value: &str) -> Result<Asks, String> {
    let side = match sign {
        '<' => Side::Before,
        '>' => Side::After,
        _ if value.is_empty() => return Ok(Asks::Known(key)),
        _ => Side::Within,
    };
    let bound =
        Bound::parse(value).ok_or_else(|| format!("{value:?} is no time; expected {EXPECTED}"))?;
    if side == Side::Within && !bound.is_period() {
        return Err(format!(
            "a span is compared: write {name}<{value} or {name}>{value}; {name}: takes a date"
        ));
    }
    Ok(Asks::Time(key, side, bound))
}

fn yes_or_no(name: &str, value: &str) -> Result<bool, String> {
    match fold(value).as_str() {
        "" | "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!(
            "{value:?} is no answer to {name}:; expected yes or no ({QUOTES})"
        )),
    }
}

fn phase(value: &str) -> Result<Option<Phase>, String> {
    let given = fold(value);
    if given == UNKNOWN_PHASE {
        return Ok(None);
    }
    let found = Phase::ALL.into_iter().find(|phase| phase.id() == given);
    found.map(Some).ok_or_else(|| {
        let known = Phase::ALL.map(Phase::id);
        let near = nearest(&given, known)
            .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        format!(
            "{value:?} is no phase{near}; expected one of {}, {UNKNOWN_PHASE}",
            known.join(", ")
        )
    })
}

fn needs(value: &str) -> Result<Needs, String> {
    let given = fold(value);
    if matches!(given.as_str(), "" | "yes") {
        return Ok(Needs::Someone);
    }
    if given == "no" {
        return Ok(Needs::Nothing);
    }
    let found = Needs::ALL.into_iter().find(|(_, word)| *word == given);
    found.map(|(needs, _)| needs).ok_or_else(|| {
        format!("{value:?} is no answer to needs:; expected you, someone or nothing")
    })
}

fn ready(value: &str) -> Result<Ready, String> {
    let given = fold(value);
    if given.is_empty() {
        return Ok(Ready::Yes);
    }
    let found = Ready::ALL.into_iter().find(|(_, word)| *word == given);
    found
        .map(|(ready, _)| ready)
        .ok_or_else(|| format!("{value:?} is no answer to ready:; expected yes, no or unknown"))
}

fn probe(value: &str) -> Result<Probe, String> {
    let given = fold(value);
    let found = Probe::ALL.into_iter().find(|(_, word)| *word == given);
    found.map(|(probe, _)| probe).ok_or_else(|| {
        let known = Probe::ALL.map(|(_, word)| word);
        let near = nearest(&given, known.into_iter().filter(|word| !word.is_empty()))
            .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        format!(
            "{value:?} is nothing that servers serve{near}; expected one of same, newer, \
             unreachable, other, old, never"
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::query::Query;

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_what_is_expected() {
        let cases = [
            (
                "shop expries<30d",
                "\"expries<30d\" (character 6)",
                "did you mean \"expires\"",
            ),
            (
                "colour:red",
                "\"colour:red\" (character 1)",
                "expected one of name, san",
            ),
            ("ü expires<soon", "(character 3)", "2027-01-31"),
            ("expires<", "expires<", "a span from now"),
            ("expires:30d", "expires:30d", "write expires<30d"),
            ("paid>12", "paid>12", "a span from now"),
            ("!phase:lve", "\"!phase:lve\"", "did you mean \"live\""),
            ("phase:", "phase:", "action-needed, in-progress"),
            ("due:maybe", "due:maybe", "expected yes or no"),
            ("needs:him", "needs:him", "you, someone or nothing"),
            ("name<b", "name<b", "write name:b"),
            ("probe:sam", "probe:sam", "did you mean \"same\""),
            ("probe<old", "probe<old", "write probe:old"),
            (
                "a name:\"x y",
                "\"name:\\\"x y\" (character 3)",
                "not closed",
            ),
            ("\"", "(character 1)", "not closed"),
            ("\"a\"b", "\"a\\\"b\"", "a blank is expected"),
            ("ab:cd", "ab:cd", "put it in quotes"),
            ("ca:fe", "ca:fe", "put it in quotes"),
        ];
        for (filter, place, problem) in cases {
            let error = Query::parse(filter).unwrap_err().to_string();
            assert!(error.contains(place), "{filter}: {error}");
            assert!(error.contains(problem), "{filter}: {error}");
        }
    }

    #[test]
    fn addresses_are_words_and_not_keys() {
        for word in [
            "2001:db8::1",
            "::1",
            "fe80::1",
            "dead:beef::1",
            "dead:beef:1",
            "4a:01:77",
            "ab:cd:ef",
            "www.example.com:443",
            "localhost:443",
            "https://a.example/x",
            "[::1]:443",
            "192.0.2.1:8443",
            "a.b:c",
            "<3",
            ":x",
            "5\"",
            "c:\\certs:1",
        ] {
            let query = Query::parse(word);
            let expected = Query::parse(&format!(
                "\"{}\"",
                word.replace('\\', "\\\\").replace('"', "\\\"")
            ));
            if word.starts_with("c:") {
                assert!(query.is_err(), "{word}");
            } else {
                assert_eq!(query, expected, "{word}");
            }
        }
    }

    #[test]
    fn several_ways_to_write_the_same() {
        for (one, other) in [
            ("archived", "archived:yes"),
            ("archived:", "archived:YES"),
            ("needs:", "needs:someone"),
            ("needs:no", "needs:nothing"),
            ("NAME:Shop", "name:shop"),
            ("\"Shop\"", "shop"),
            ("name:\"a\"", "name:a"),
            ("serial:4A:01:77", "serial:4a0177"),
            ("  ! \"\" ", ""),
        ] {
            assert_eq!(
                Query::parse(one).unwrap(),
                Query::parse(other).unwrap(),
                "{one}"
            );
        }
        assert_ne!(
            Query::parse("\"archived\"").unwrap(),
            Query::parse("archived").unwrap()
        );
    }
}
