//! The ids and names of all entries of a base, in one piece of memory.
//!
//! Pure. An entry's part is its id and its names as certificates carry them, then its names as
//! people read them where that differs, each with a newline behind it and all in small letters, so
//! that a word is found in all of them at once. How a name is written where that is otherwise is
//! held beside it.

use std::collections::BTreeMap;

use memchr::memchr;

use super::thin::Thin;
use crate::domain::name;

/// What ends each text. No text that is kept here has a control character in it.
const END: char = '\n';
/// What stands before a name as people read it.
const READ: char = '\u{1}';

/// The text of the parts, one behind the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    text: String,
    /// The names of those that are not written in small letters, by number, each with its newline.
    written: BTreeMap<u32, Box<str>>,
}

impl Names {
    pub(super) fn with_room(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// Those of a text that has all parts, and of the names that are not written in small letters.
    pub(super) fn of(text: String, written: BTreeMap<u32, Box<str>>) -> Self {
        Self { text, written }
    }

    /// The names of those that are not written in small letters, by number.
    pub(super) fn written(&self) -> &BTreeMap<u32, Box<str>> {
        &self.written
    }

    /// All parts, for searching.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where the next part begins.
    pub(super) fn end(&self) -> usize {
        self.text.len()
    }

    /// Adds the id alone.
    pub(super) fn add_id(&mut self, id: &str) {
        self.text.push_str(id);
        self.text.push(END);
    }

    /// Adds the part of the entry with this number.
    pub(super) fn add(&mut self, number: u32, thin: &Thin<'_>) {
        self.add_id(&thin.id);
        let mut is_small = true;
        for name in &thin.names {
            is_small &= self.add_folded(&name.0);
        }
        if !is_small {
            let mut written = String::new();
            for name in &thin.names {
                written.push_str(&name.0);
                written.push(END);
            }
            self.written.insert(number, written.into_boxed_str());
        }
        for name in &thin.names {
            let read = name::unicode(&name.0);
            // The same once more would cost memory and time at every letter that is typed.
            if read != name.0.as_ref() {
                self.text.push(READ);
                self.add_folded(&read);
            }
        }
    }

    /// Adds a text in small letters; whether it is in small letters already.
    fn add_folded(&mut self, text: &str) -> bool {
        let is_small = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
        let small = text.bytes().all(is_small);
        if small {
            self.text.push_str(text);
        } else {
            self.text.extend(text.chars().flat_map(char::to_lowercase));
        }
        self.text.push(END);
        small
    }

    /// The id of the part that begins there.
    pub(super) fn id(&self, start: usize) -> &str {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == END as u8);
        let end = start + end.unwrap_or(rest.len());
        self.text.get(start..end).unwrap_or_default()
    }

    /// The names of a part, as they are written.
    pub(super) fn names(
        &self,
        number: u32,
        part: std::ops::Range<usize>,
    ) -> impl Iterator<Item = &str> + Clone {
        let written = if self.written.is_empty() {
            None
        } else {
            self.written.get(&number)
        };
        let part = written.map_or_else(|| self.folded(part), AsRef::as_ref);
        part.split_terminator(END)
            .take_while(|name| !name.starts_with(READ))
    }

    /// Where the first name of a part lies; nothing where it has none, or where it is not written in
    /// small letters.
    pub(super) fn first_at(&self, number: u32, part: std::ops::Range<usize>) -> Option<usize> {
        let bytes = self.text.as_bytes().get(part.clone())?;
        let first = part.start + memchr(END as u8, bytes)? + 1;
        let is_written = !self.written.is_empty() && self.written.contains_key(&number);
        (first < part.end && !is_written).then_some(first)
    }

    /// Everything that a part is called, in small letters, as certificates carry it and as people
    /// read it.
    pub(super) fn called(&self, part: std::ops::Range<usize>) -> impl Iterator<Item = &str> {
        let names = self.folded(part).split_terminator(END);
        names.map(|name| name.strip_prefix(READ).unwrap_or(name))
    }

    /// A part without its id.
    fn folded(&self, part: std::ops::Range<usize>) -> &str {
        let part = self.text.get(part).unwrap_or_default();
        part.split_once(END).map_or("", |(_, names)| names)
    }

    /// Adds all parts of another one, whose numbers begin at `first` here.
    pub(super) fn append(&mut self, other: Self, first: u32) {
        self.text.push_str(&other.text);
        let written = other.written.into_iter();
        self.written
            .extend(written.map(|(at, names)| (first + at, names)));
    }

    /// Adds a part of another one under another number.
    pub(super) fn copy(&mut self, other: &Self, part: std::ops::Range<usize>, from: u32, to: u32) {
        self.text.push_str(other.text.get(part).unwrap_or_default());
        if let Some(written) = other.written.get(&from) {
            self.written.insert(to, written.clone());
        }
    }

    /// How many bytes of memory it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.text.capacity()
    }

    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
    }
}
