//! A line and an area of text that a person types into, over `tui-input`.
//!
//! Knows keys that edit text and nothing else: which key leaves a field is the key table's
//! business. Called by the order form and by the dialogs that ask for text.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::{Input as Edit, InputRequest};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::text;

/// More than anyone types, less than would make drawing slow.
const LONGEST_LINE: usize = 16 * 1024;
/// As much as a file may have that is read for a field.
const LONGEST_AREA: usize = 64 * 1024;

/// One line of text.
#[derive(Clone, Default)]
pub(in crate::tui) struct TextLine {
    edit: Edit,
}

/// Says how long the text is, never what: somebody may have typed a private key.
impl fmt::Debug for TextLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextLine({} bytes)", self.value().len())
    }
}

/// A piece of a line that fits its field, and the column of the cursor in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Window {
    pub(in crate::tui) shown: String,
    pub(in crate::tui) cursor: usize,
}

impl TextLine {
    /// A line that holds this already; the cursor stands at its end.
    pub(in crate::tui) fn with(value: &str) -> Self {
        Self {
            edit: Edit::new(value.to_owned()),
        }
    }

    /// What was typed.
    pub(in crate::tui) fn value(&self) -> &str {
        self.edit.value()
    }

    /// Whether nothing was typed.
    pub(in crate::tui) fn is_empty(&self) -> bool {
        self.value().is_empty()
    }

    /// Takes a key; `false` when it edits nothing.
    pub(in crate::tui) fn key(&mut self, key: KeyEvent) -> bool {
        let Some(request) = request(key) else {
            return false;
        };
        let full = self.value().len() >= LONGEST_LINE;
        if !(full && matches!(request, InputRequest::InsertChar(_))) {
            self.edit.handle(request);
        }
        true
    }

    /// Takes pasted text as one line: line breaks and other controls become blanks.
    pub(in crate::tui) fn paste(&mut self, pasted: &str) {
        let flat: String = pasted
            .trim()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        self.insert(&flat);
    }

    fn insert(&mut self, piece: &str) {
        let (before, after) = self.halves();
        let mut room = LONGEST_LINE.saturating_sub(self.value().len());
        let fits = piece.chars().take_while(|c| {
            let enough = c.len_utf8() <= room;
            room = room.saturating_sub(c.len_utf8());
            enough
        });
        let piece: String = fits.collect();
        let cursor = before.chars().count() + piece.chars().count();
        let whole = format!("{before}{piece}{after}");
        self.edit = Edit::new(whole).with_cursor(cursor);
    }

    /// What stands before the cursor and what behind it.
    fn halves(&self) -> (&str, &str) {
        let value = self.value();
        let byte = value
            .char_indices()
            .nth(self.edit.cursor())
            .map_or(value.len(), |(byte, _)| byte);
        value.split_at(byte)
    }

    fn go_to(&mut self, cursor: usize) {
        self.edit.handle(InputRequest::SetCursor(cursor));
    }

    /// What of the line fits into `columns` around the cursor, harmless to draw.
    pub(in crate::tui) fn window(&self, columns: usize, mark: &str) -> Window {
        let (before, after) = self.halves();
        let before = tail(&text::sanitise(before), columns.saturating_sub(1), mark);
        let cursor = text::width(&before);
        let mark = mark.chars().next().unwrap_or('~');
        let after = text::sanitise(after);
        let after = text::fit_with(&after, columns.saturating_sub(cursor), mark);
        Window {
            shown: format!("{before}{after}"),
            cursor,
        }
    }
}

/// The end of a text, at most so wide; a mark says that something stands before it.
fn tail(clean: &str, columns: usize, mark: &str) -> String {
    if text::width(clean) <= columns {
        return clean.to_owned();
    }
    let mut room = columns.saturating_sub(text::width(mark));
    let mut kept = Vec::new();
    for cluster in clean.graphemes(true).rev() {
        let wide = text::width(cluster);
        if wide > room {
            break;
        }
        room -= wide;
        kept.push(cluster);
    }
    kept.push(if columns == 0 { "" } else { mark });
    kept.reverse();
    kept.concat()
}

/// What a key does in a text: the keys of every line editor.
fn request(key: KeyEvent) -> Option<InputRequest> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    match key.code {
        KeyCode::Backspace if alt || ctrl => Some(InputRequest::DeletePrevWord),
        KeyCode::Backspace => Some(InputRequest::DeletePrevChar),
        KeyCode::Delete => Some(InputRequest::DeleteNextChar),
        KeyCode::Left if ctrl || alt => Some(InputRequest::GoToPrevWord),
        KeyCode::Right if ctrl || alt => Some(InputRequest::GoToNextWord),
        KeyCode::Left => Some(InputRequest::GoToPrevChar),
        KeyCode::Right => Some(InputRequest::GoToNextChar),
        KeyCode::Home => Some(InputRequest::GoToStart),
        KeyCode::End => Some(InputRequest::GoToEnd),
        KeyCode::Char(letter) if ctrl && !alt => controlled(letter),
        // AltGr arrives as ctrl and alt together and types a character.
        KeyCode::Char(letter) if ctrl == alt && !letter.is_control() => {
            Some(InputRequest::InsertChar(letter))
        }
        _ => None,
    }
}

fn controlled(letter: char) -> Option<InputRequest> {
    match letter {
        'a' => Some(InputRequest::GoToStart),
        'e' => Some(InputRequest::GoToEnd),
        'h' => Some(InputRequest::DeletePrevChar),
        'k' => Some(InputRequest::DeleteTillEnd),
        'u' => Some(InputRequest::DeleteFromStart),
        'w' => Some(InputRequest::DeletePrevWord),
        _ => None,
    }
}

/// Several lines of text; at least one.
#[derive(Clone, Debug)]
pub(in crate::tui) struct TextArea {
    lines: Vec<TextLine>,
    row: usize,
}

impl Default for TextArea {
    fn default() -> Self {
        Self {
            lines: vec![TextLine::default()],
            row: 0,
        }
    }
}

impl TextArea {
    /// The whole text, lines separated by line feeds.
    pub(in crate::tui) fn value(&self) -> String {
        let lines: Vec<_> = self.lines.iter().map(TextLine::value).collect();
        lines.join("\n")
    }

    /// Whether nothing but blanks was typed.
    pub(in crate::tui) fn is_blank(&self) -> bool {
        self.lines.iter().all(|line| line.value().trim().is_empty())
    }

    /// The lines; never none.
    pub(in crate::tui) fn lines(&self) -> &[TextLine] {
        &self.lines
    }

    /// The line with the cursor, counted from 0.
    pub(in crate::tui) fn row(&self) -> usize {
        self.row
    }

    /// Puts a whole text in the place of what is there.
    /// `false` when it was too long.
    pub(in crate::tui) fn replace(&mut self, value: &str) -> bool {
        *self = Self::default();
        self.paste(value)
    }

    /// Takes a key; `false` when it edits nothing and moves nowhere.
    pub(in crate::tui) fn key(&mut self, key: KeyEvent) -> bool {
        if key.kind == KeyEventKind::Release {
            return false;
        }
        match key.code {
            KeyCode::Enter => self.split(),
            KeyCode::PageUp | KeyCode::Up => return self.up(),
            KeyCode::PageDown | KeyCode::Down => return self.down(),
            KeyCode::Backspace if self.at_start() => self.join_with_previous(),
            KeyCode::Delete if self.at_end() => {
                if self.down() {
                    self.current().go_to(0);
                    self.join_with_previous();
                }
            }
            KeyCode::Left if self.at_start() => {
                self.up();
                self.current().go_to(usize::MAX);
            }
            KeyCode::Right if self.at_end() => {
                if self.down() {
                    self.current().go_to(0);
                }
            }
            _ => return self.current().key(key),
        }
        true
    }

    /// Takes pasted text with its line breaks; `false` when it was too long and its end is missing.
    pub(in crate::tui) fn paste(&mut self, pasted: &str) -> bool {
        let room = LONGEST_AREA.saturating_sub(self.value().len());
        let mut end = room.min(pasted.len());
        while !pasted.is_char_boundary(end) {
            end -= 1;
        }
        let whole = end == pasted.len();
        let pasted = pasted[..end].replace("\r\n", "\n").replace('\r', "\n");
        for (index, line) in pasted.split('\n').enumerate() {
            if index > 0 {
                self.split();
            }
            let clean: String = line
                .chars()
                .map(|c| if c == '\t' { ' ' } else { c })
                .collect();
            self.current().insert(&clean);
        }
        whole
    }

    /// One line up, if there is one.
    pub(in crate::tui) fn up(&mut self) -> bool {
        self.step(self.row.checked_sub(1))
    }

    /// One line down, if there is one.
    pub(in crate::tui) fn down(&mut self) -> bool {
        self.step(Some(self.row + 1).filter(|&row| row < self.lines.len()))
    }

    fn step(&mut self, row: Option<usize>) -> bool {
        let Some(row) = row else { return false };
        let column = self.current().edit.cursor();
        self.row = row;
        self.current().go_to(column);
        true
    }

    fn current(&mut self) -> &mut TextLine {
        // There is always at least one line, and `row` points at one of them.
        self.row = self.row.min(self.lines.len().saturating_sub(1));
        if self.lines.is_empty() {
            self.lines.push(TextLine::default());
        }
        &mut self.lines[self.row]
    }

    fn at_start(&self) -> bool {
        let line = self.lines.get(self.row);
        line.is_none_or(|line| line.edit.cursor() == 0)
    }

    fn at_end(&self) -> bool {
        let line = self.lines.get(self.row);
        line.is_none_or(|line| line.halves().1.is_empty())
    }

    fn split(&mut self) {
        let (before, after) = self.current().halves();
        let (before, after) = (TextLine::with(before), before_cursor(after));
        self.lines[self.row] = before;
        self.row += 1;
        self.lines.insert(self.row, after);
    }

    fn join_with_previous(&mut self) {
        if self.row == 0 {
            return;
        }
        let tail = self.lines.remove(self.row);
        self.row -= 1;
        let line = self.current();
        let cursor = line.value().chars().count();
        let whole = format!("{}{}", line.value(), tail.value());
        line.edit = Edit::new(whole).with_cursor(cursor);
    }
}

/// A line with the cursor in front of its text.
fn before_cursor(value: &str) -> TextLine {
    TextLine {
        edit: Edit::new(value.to_owned()).with_cursor(0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn press(code: KeyCode) -> KeyEvent {
        KeyEvent::new(code, KeyModifiers::NONE)
    }

    fn typed(area: &mut TextArea, text: &str) {
        for letter in text.chars() {
            area.key(press(KeyCode::Char(letter)));
        }
    }

    #[test]
    fn an_area_is_edited_over_its_line_ends() {
        let mut area = TextArea::default();
        typed(&mut area, "one");
        area.key(press(KeyCode::Enter));
        typed(&mut area, "two");
        assert_eq!(area.value(), "one\ntwo");
        area.key(press(KeyCode::Home));
        area.key(press(KeyCode::Backspace));
        assert_eq!(area.value(), "onetwo");
        area.key(press(KeyCode::Enter));
        area.key(press(KeyCode::Left));
        area.key(press(KeyCode::Delete));
        assert_eq!(area.value(), "onetwo");
    }

    #[test]
    fn a_paste_lands_at_the_cursor_and_keeps_its_lines() {
        let mut area = TextArea::default();
        typed(&mut area, "ad");
        area.key(press(KeyCode::Left));
        area.paste("b\r\nc\r");
        assert_eq!(area.value(), "ab\nc\nd");
        assert_eq!(area.row(), 2);
    }

    #[test]
    fn a_paste_into_a_line_has_no_line_breaks() {
        let mut line = TextLine::with("say ");
        line.paste("a\nb\u{1b}c\n");
        assert_eq!(line.value(), "say a b c");
    }

    #[test]
    fn the_window_follows_the_cursor_and_is_harmless() {
        let mut line = TextLine::with("abcdefghij");
        let window = line.window(5, "…");
        assert_eq!(window.shown, "…hij");
        assert_eq!(window.cursor, 4);
        line.key(press(KeyCode::Home));
        assert_eq!(line.window(5, "…").shown, "abcd…");
        assert_eq!(
            TextLine::with("a\u{202e}").window(20, "…").shown,
            "a\\u{202e}"
        );
    }

    proptest! {
        #[test]
        fn a_window_never_exceeds_its_columns(text in any::<String>(), columns in 0_usize..30, back in 0_usize..20) {
            let mut line = TextLine::with(&text);
            for _ in 0..back {
                line.key(press(KeyCode::Left));
            }
            let window = line.window(columns, "…");
            prop_assert!(text::width(&window.shown) <= columns);
            prop_assert!(window.cursor <= columns);
        }
    }
}
