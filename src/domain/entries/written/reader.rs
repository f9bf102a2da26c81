//! A place in a line of JSON without blanks, and what goes on from it.
//!
//! Pure. Everything gives nothing where what stands there is not what was asked for.

use std::borrow::Cow;

use memchr::memchr2;
use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, Error};

use super::super::thin::{Present, Time, plain_second};

/// Values inside of values, as deep as this; certdeck writes none deeper.
const DEPTH: u8 = 16;
/// How long a whole second is, with its quotation marks.
const SECOND: usize = 22;

/// A place in a text without control characters.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// At the beginning of a text; nothing where it has control characters.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        // Without a way out in the middle many bytes are looked at in one step.
        let looked = |odd, byte: &u8| odd | u8::from(*byte < b' ');
        let has_controls = text.as_bytes().iter().fold(0, looked) != 0;
        (!has_controls).then_some(Self { text, at: 0 })
    }

    /// What follows.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    pub(super) fn take(&mut self, wanted: u8) -> Option<()> {
        let there = self.peek()? == wanted;
        self.at += usize::from(there);
        there.then_some(())
    }

    #[inline]
    pub(super) fn take_word(&mut self, word: &str) -> Option<()> {
        let there = self.bytes().starts_with(word.as_bytes());
        self.at += if there { word.len() } else { 0 };
        there.then_some(())
    }

    /// A text without escapes.
    pub(super) fn text(&mut self) -> Option<Cow<'a, str>> {
        self.string().map(Cow::Borrowed)
    }

    #[inline]
    fn string(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let length = special(self.bytes())?;
        let string = self.text.get(self.at..self.at + length)?;
        self.at += length;
        self.take(b'"')?;
        Some(string)
    }

    /// What stands between two brackets, separated by commas.
    pub(super) fn between(
        &mut self,
        [open, close]: [u8; 2],
        mut each: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.take(open)?;
        if self.take(close).is_some() {
            return Some(());
        }
        loop {
            each(self)?;
            if self.take(close).is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    pub(super) fn array<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut all = Vec::with_capacity(1);
        self.between(*b"[]", |reader| {
            all.push(read(reader)?);
            Some(())
        })?;
        Some(all)
    }

    /// Goes past a value of any kind.
    fn skip(&mut self, depth: u8) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' => {
                let depth = depth.checked_sub(1)?;
                self.between(*b"{}", |reader| {
                    reader.skip_string()?;
                    reader.take(b':')?;
                    reader.skip(depth)
                })
            }
            b'[' => {
                let depth = depth.checked_sub(1)?;
                self.between(*b"[]", |reader| reader.skip(depth))
            }
            b't' => self.take_word("true"),
            b'f' => self.take_word("false"),
            b'n' => self.take_word("null"),
            _ => self.skip_whole_number(),
        }
    }

    /// Goes past a text; the escapes of PEM and of quotations are known.
    fn skip_string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            self.at += memchr2(b'"', b'\\', self.bytes())?;
            if self.take(b'"').is_some() {
                return Some(());
            }
            self.take(b'\\')?;
            matches!(self.peek()?, b'n' | b'"' | b'\\' | b't' | b'r').then_some(())?;
            self.at += 1;
        }
    }

    /// Goes past digits, no more of them than any reader takes for a whole number.
    fn skip_whole_number(&mut self) -> Option<()> {
        let rest = self.bytes();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let fits = (1..=18).contains(&digits) && (digits == 1 || rest[0] != b'0');
        self.at += digits;
        fits.then_some(())
    }

    pub(super) fn bool(&mut self) -> Option<bool> {
        let is_true = self.take_word("true").is_some();
        (is_true || self.take_word("false").is_some()).then_some(is_true)
    }

    /// A value, or nothing where `null` stands.
    #[expect(
        clippy::option_option,
        reason = "the outer one says whether it could be read"
    )]
    pub(super) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.peek()? == b'n' {
            return self.take_word("null").map(|()| None);
        }
        read(self).map(Some)
    }

    #[inline]
    pub(super) fn time(&mut self) -> Option<Time> {
        // Most have one length, so that nobody need look for their end.
        if let Some((text, _)) = self.bytes().split_first_chunk::<SECOND>()
            && let [b'"', text @ .., b'"'] = text
            && let Some(at) = plain_second(text)
        {
            self.at += SECOND;
            return Some(Time(at));
        }
        self.string()?.parse().ok().map(Time)
    }

    /// One of the words that a type knows.
    pub(super) fn word<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let written = BorrowedStrDeserializer::<Error>::new(self.string()?);
        T::deserialize(written).ok()
    }
}

/// Where the first quotation mark or backslash stands, looking at eight bytes at a time: most texts
/// are so short that asking for more at once costs more than it brings.
#[inline]
fn special(text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = ONES << 7;
    // A byte that is 0 gets its highest bit; above the first of those other bytes may get theirs.
    let zeros = |eight: u64| eight.wrapping_sub(ONES) & !eight & HIGHEST;
    let (eights, rest) = text.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let marks = zeros(eight ^ (ONES * u64::from(b'"')));
        let escapes = zeros(eight ^ (ONES * u64::from(b'\\')));
        let found = marks | escapes;
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    Some(eights.len() * 8 + found)
}

/// The members of an object, in the order in which they are written; each may be missing.
pub(super) struct Members {
    /// What stands before the next one.
    before: u8,
}

impl Members {
    pub(super) fn new() -> Self {
        Self { before: b'{' }
    }

    /// Goes past the name of a member, given as it is written with its colon; whether it is the one
    /// that stands here.
    // Inlined, so that names are compared as numbers.
    #[inline]
    fn next(&mut self, reader: &mut Reader<'_>, name: &str) -> bool {
        let Some((before, rest)) = reader.bytes().split_first() else {
            return false;
        };
        let is_next = *before == self.before && rest.starts_with(name.as_bytes());
        if is_next {
            reader.at += 1 + name.len();
            self.before = b',';
        }
        is_next
    }

    /// Goes past the name of one that must not be missing.
    #[inline]
    pub(super) fn must(&mut self, reader: &mut Reader<'_>, name: &str) -> Option<()> {
        self.next(reader, name).then_some(())
    }

    /// Goes past one that nobody asks for, where it is there.
    #[inline]
    pub(super) fn skip(&mut self, reader: &mut Reader<'_>, name: &str) -> Option<()> {
        if self.next(reader, name) {
            return reader.skip(DEPTH);
        }
        Some(())
    }

    /// Goes past one of which it counts only whether it is there.
    #[inline]
    pub(super) fn present(&mut self, reader: &mut Reader<'_>, name: &str) -> Option<Present> {
        self.value(reader, name, |reader| {
            let there = reader.peek()? != b'n';
            reader.skip(DEPTH)?;
            Some(Present(there))
        })
    }

    /// The value of one that may be missing.
    #[inline]
    pub(super) fn value<'a, T: Default>(
        &mut self,
        reader: &mut Reader<'a>,
        name: &str,
        read: impl FnOnce(&mut Reader<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.next(reader, name) {
            read(reader)
        } else {
            Some(T::default())
        }
    }

    /// Goes past the end of the object.
    pub(super) fn end(&self, reader: &mut Reader<'_>) -> Option<()> {
        if self.before == b'{' {
            reader.take(b'{')?;
        }
        reader.take(b'}')
    }
}
