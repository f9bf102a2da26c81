//! One TOML table, read key by key, with a place for everything that is wrong.
//!
//! Pure. Every key that is read is taken out; what is left at the end is unknown, and the error
//! lists what is known. The readers of settings and accounts use it.

use std::fmt::Write as _;
use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problems;
use super::nearest::nearest;

/// A table that is being read.
pub(super) struct Document<'t> {
    /// What stands before its keys in errors: nothing, or `sandbox.`.
    prefix: &'static str,
    table: DeTable<'t>,
}

impl<'t> Document<'t> {
    /// The whole file; empty, with a problem noted, if it is no TOML.
    pub(super) fn parse(text: &'t str, problems: &mut Problems<'_>) -> Self {
        let table = DeTable::parse(text).map(Spanned::into_inner);
        let table = table.unwrap_or_else(|error| {
            problems.add_toml(&error);
            DeTable::new()
        });
        Self { prefix: "", table }
    }

    /// The table under `key`, with the prefix for its own keys.
    pub(super) fn section(
        &mut self,
        key: &str,
        prefix: &'static str,
        problems: &mut Problems<'_>,
    ) -> Option<Self> {
        let (value, span) = self.take(key)?;
        match value {
            DeValue::Table(table) => Some(Self { prefix, table }),
            other => self.wrong(
                key,
                &span,
                &other,
                "a table, [sandbox] on a line of its own",
                problems,
            ),
        }
    }

    /// A text that means something; `parse` says what is expected where it does not.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, String>,
        problems: &mut Problems<'_>,
    ) -> Option<T> {
        let (value, span) = self.take(key)?;
        let DeValue::String(text) = value else {
            return self.wrong(key, &span, &value, expected, problems);
        };
        let parsed = parse(&text);
        parsed
            .map_err(|problem| problems.add(&span, &self.named(key), problem))
            .ok()
    }

    pub(super) fn switch(&mut self, key: &str, problems: &mut Problems<'_>) -> Option<bool> {
        let (value, span) = self.take(key)?;
        match value {
            DeValue::Boolean(on) => Some(on),
            other => self.wrong(key, &span, &other, "true or false", problems),
        }
    }

    pub(super) fn number(
        &mut self,
        key: &str,
        range: RangeInclusive<u64>,
        problems: &mut Problems<'_>,
    ) -> Option<u64> {
        let (value, span) = self.take(key)?;
        let number = value
            .as_integer()
            .and_then(|digits| u64::from_str_radix(digits.as_str(), digits.radix()).ok());
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return Some(number);
        }
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.wrong(key, &span, &value, &expected, problems)
    }

    pub(super) fn texts(&mut self, key: &str, problems: &mut Problems<'_>) -> Option<Vec<String>> {
        let expected = "a list of texts, [\"like\", \"this\"]";
        let (value, span) = self.take(key)?;
        let DeValue::Array(values) = &value else {
            return self.wrong(key, &span, &value, expected, problems);
        };
        let mut texts = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::String(text) => texts.push(text.clone().into_owned()),
                other => return self.wrong(key, &value.span(), other, expected, problems),
            }
        }
        Some(texts)
    }

    /// A list of texts that each mean something; `parse` says what is expected where one does not.
    pub(super) fn parsed_list<T>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, String>,
        problems: &mut Problems<'_>,
    ) -> Option<Vec<T>> {
        let (value, span) = self.take(key)?;
        let DeValue::Array(values) = &value else {
            let expected = "a list of texts, [\"like\", \"this\"]";
            return self.wrong(key, &span, &value, expected, problems);
        };
        let mut parsed = Vec::new();
        for value in values {
            let DeValue::String(text) = value.get_ref() else {
                let (place, value) = (value.span(), value.get_ref());
                self.wrong::<()>(key, &place, value, "a text in quotes", problems);
                continue;
            };
            match parse(text) {
                Ok(one) => parsed.push(one),
                Err(problem) => problems.add(&value.span(), &self.named(key), problem),
            }
        }
        Some(parsed)
    }

    /// One text, or a list of at least one, each another one; `parse` as in [`Self::parsed_list`].
    pub(super) fn parsed_one_or_more<T: PartialEq>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, String>,
        problems: &mut Problems<'_>,
    ) -> Option<Vec<T>> {
        let is_list = matches!(self.table.get(key)?.get_ref(), DeValue::Array(_));
        if !is_list {
            let expected = "a text in quotes, or a list of such";
            return Some(vec![self.parsed(key, expected, parse, problems)?]);
        }
        let place = self.place(key)?;
        let parsed = self.parsed_list(key, parse, problems)?;
        let twice = |index: &usize| parsed[..*index].contains(&parsed[*index]);
        if (0..parsed.len()).any(|index| twice(&index)) {
            let problem = "the same is there twice; name each once".to_owned();
            problems.add(&place, &self.named(key), problem);
        }
        if parsed.is_empty() {
            let problem = "the list is empty; name at least one, or leave the key away".to_owned();
            problems.add(&place, &self.named(key), problem);
        }
        Some(parsed)
    }

    /// Says of every key that nobody has read that it is unknown.
    pub(super) fn finish(self, known: &[&str], problems: &mut Problems<'_>) {
        for key in self.table.keys() {
            let given = key.get_ref();
            let mut problem = "there is no such key. ".to_owned();
            if let Some(meant) = nearest(given, known.iter().copied()) {
                let _ = write!(problem, "Did you mean {meant:?}? ");
            }
            let _ = write!(problem, "The keys here are {}", known.join(", "));
            problems.add(&key.span(), &self.named(given), problem);
        }
    }

    /// Where a key stands that has not been read yet.
    pub(super) fn place(&self, key: &str) -> Option<Range<usize>> {
        self.table.get(key).map(Spanned::span)
    }

    fn take(&mut self, key: &str) -> Option<(DeValue<'t>, Range<usize>)> {
        let value = self.table.remove(key)?;
        let span = value.span();
        Some((value.into_inner(), span))
    }

    fn named(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn wrong<T>(
        &self,
        key: &str,
        span: &Range<usize>,
        value: &DeValue<'_>,
        expected: &str,
        problems: &mut Problems<'_>,
    ) -> Option<T> {
        let problem = format!("expected {expected}, found {}", found(value));
        problems.add(span, &self.named(key), problem);
        None
    }
}

/// A value in the words of an error.
fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {text:?}"),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Datetime(at) => format!("the date {at}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
