//! One field of a form: what it is called, what it expects, and what is filled in.
//!
//! Knows the keys that change it, and nothing of what it is for. Called by the form.

use crossterm::event::{KeyCode, KeyEvent};

use super::document::Document;
use crate::engine::command::Field;
use crate::tui::form::text_input::{TextArea, TextLine};

/// A field.
#[derive(Clone, Debug)]
pub(in crate::tui) struct FormField {
    /// Which field it is, for problems and for asking what is in it.
    pub(in crate::tui) field: Field,
    /// What it is called.
    pub(in crate::tui) label: &'static str,
    /// What it expects; shown while it is empty.
    pub(in crate::tui) hint: String,
    /// What is filled in.
    pub(in crate::tui) kind: FieldKind,
    /// Whether it is there at all.
    pub(super) shown: bool,
    /// What it began with.
    began: Began,
}

/// What is filled in.
#[derive(Clone, Debug)]
pub(in crate::tui) enum FieldKind {
    /// A line of text.
    Line(TextLine),
    /// Several lines of text.
    Area(TextArea),
    /// A text that is pasted or read from a file, and never drawn.
    Document(Document),
    /// One of several.
    Choice {
        /// What can be chosen.
        options: Vec<String>,
        /// Which one is, counted from 0.
        at: usize,
    },
}

/// What a field began with, to know whether anybody changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Began {
    Text(String),
    At(usize),
    Empty,
}

impl FormField {
    fn new(field: Field, label: &'static str, hint: &str, kind: FieldKind) -> Self {
        let mut made = Self {
            field,
            label,
            hint: hint.to_owned(),
            kind,
            shown: true,
            began: Began::Empty,
        };
        made.began = made.now();
        made
    }

    /// A line of text, filled with `value`.
    pub(in crate::tui) fn line(field: Field, label: &'static str, hint: &str, value: &str) -> Self {
        Self::new(field, label, hint, FieldKind::Line(TextLine::with(value)))
    }

    /// Several lines of text, filled with `value`.
    pub(in crate::tui) fn area(field: Field, label: &'static str, hint: &str, value: &str) -> Self {
        let mut area = TextArea::default();
        area.replace(value);
        Self::new(field, label, hint, FieldKind::Area(area))
    }

    /// A text that is pasted or read from a file, and never drawn.
    pub(in crate::tui) fn document(field: Field, label: &'static str, hint: &str) -> Self {
        let kind = FieldKind::Document(Document::default());
        Self::new(field, label, hint, kind)
    }

    /// One of several; `at` is chosen at first.
    pub(in crate::tui) fn choice(
        field: Field,
        label: &'static str,
        options: Vec<String>,
        at: usize,
    ) -> Self {
        let at = at.min(options.len().saturating_sub(1));
        Self::new(field, label, "", FieldKind::Choice { options, at })
    }

    fn now(&self) -> Began {
        match &self.kind {
            FieldKind::Line(line) => Began::Text(line.value().trim().to_owned()),
            FieldKind::Area(area) => Began::Text(area.value()),
            FieldKind::Document(document) if document.is_empty() => Began::Empty,
            // Which text it is does not matter: a document never begins with one.
            FieldKind::Document(_) => Began::At(0),
            FieldKind::Choice { at, .. } => Began::At(*at),
        }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.now() != self.began
    }

    pub(super) fn text(&self) -> Option<String> {
        match &self.kind {
            FieldKind::Line(line) => Some(line.value().trim().to_owned()),
            FieldKind::Area(area) => Some(area.value()),
            _ => None,
        }
    }

    /// Whether what is in it can be seen on the screen.
    pub(super) fn is_drawn(&self) -> bool {
        !matches!(self.kind, FieldKind::Document(_))
    }

    pub(super) fn takes_text(&self) -> bool {
        !matches!(self.kind, FieldKind::Choice { .. })
    }

    pub(super) fn path_to_read(&self) -> Option<String> {
        match &self.kind {
            FieldKind::Document(document) => document.path_to_read(),
            _ => None,
        }
    }

    /// Takes a key; `false` when it changes nothing here.
    pub(super) fn key(&mut self, key: KeyEvent) -> bool {
        match &mut self.kind {
            FieldKind::Line(line) => line.key(key),
            FieldKind::Area(area) => area.key(key),
            FieldKind::Document(document) => document.key(key),
            FieldKind::Choice { options, at } => turn(key.code, options.len(), at),
        }
    }

    /// Takes a paste whole; `false` when it was too long and its end is missing.
    pub(super) fn paste(&mut self, pasted: &str) -> bool {
        match &mut self.kind {
            FieldKind::Line(line) => {
                line.paste(pasted);
                true
            }
            FieldKind::Area(area) => area.paste(pasted),
            FieldKind::Document(document) => document.put(pasted),
            FieldKind::Choice { .. } => true,
        }
    }

    /// Takes the text of a file; `false` when it was too long.
    pub(super) fn take_file(&mut self, text: &str) -> bool {
        match &mut self.kind {
            FieldKind::Document(document) => document.put(text),
            _ => true,
        }
    }
}

/// Left, right and space go through the choices.
fn turn(code: KeyCode, count: usize, at: &mut usize) -> bool {
    let forward = match code {
        KeyCode::Right | KeyCode::Char(' ') => true,
        KeyCode::Left => false,
        _ => return false,
    };
    if count < 2 {
        return false;
    }
    *at = (*at + if forward { 1 } else { count - 1 }) % count;
    true
}
