//! Strings that are safe to draw: everything that comes from a certificate, a provider or a file
//! passes through [`sanitise`] before it reaches a terminal, and through [`fit`] to its column.
//!
//! May not: know colours, widgets or where the text goes. Called by both faces, and by whoever
//! writes a sentence that quotes a stranger.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many zero-width marks may follow one another. Real writing (Vietnamese, Hebrew, Thai) needs
/// up to three; piled-up marks smear over the neighbouring rows.
const MARKS_IN_A_ROW: usize = 4;

/// Ranges of characters that draw nothing, reorder their neighbours, or mean something only to
/// those who agreed on it. Cf, Zl, Zp and Co of the Unicode Character Database 16, the fillers
/// that look like nothing, the non-characters of the first plane, and the plane of tags.
const UNSAFE_RANGES: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{fdd0}', '\u{fdef}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
    ('\u{f0000}', '\u{10ffff}'),
];

/// Makes any string safe to draw on one line of a terminal.
///
/// Control characters (C0, C1, DEL, among them newline and tab), bidirectional controls, zero-width
/// and other format characters, line separators, tags, private-use and non-characters, and a
/// zero-width mark that has nothing to stand on or is one of too many become visible escapes like
/// `\u{1b}`. Text that is clean already is borrowed.
#[must_use]
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut marks = MarkCounter::default();
    let Some((first_bad, _)) = text.char_indices().find(|&(_, c)| marks.refuses(c)) else {
        return Cow::Borrowed(text);
    };
    Cow::Owned(escape_from(text, first_bad))
}

/// `true` when [`sanitise`] would leave the text as it is.
#[must_use]
pub fn is_clean(text: &str) -> bool {
    matches!(sanitise(text), Cow::Borrowed(_))
}

/// How many columns of a terminal the text takes, counted by grapheme cluster as it is drawn.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Cuts the text to at most `columns` columns; what was cut is marked with `…`.
///
/// A cluster that is wider than what is left is left out whole, so the result may be a column
/// short, never one too long. Sanitise first: this function does not look for controls.
#[must_use]
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    fit_with(text, columns, '…')
}

/// Like [`fit`], with the mark of one's choice: `~` where only ASCII may be drawn.
#[must_use]
pub fn fit_with(text: &str, columns: usize, mark: char) -> Cow<'_, str> {
    // No character is wider than it has bytes, so this is the common, cheap way out.
    if text.len() <= columns {
        return Cow::Borrowed(text);
    }
    match cut_at(text, columns, mark.width().unwrap_or(1)) {
        None => Cow::Borrowed(text),
        Some(Cut { end, with_mark }) => {
            let kept = text.get(..end).unwrap_or_default();
            let mut cut = String::with_capacity(kept.len() + 4);
            cut.push_str(kept);
            if with_mark {
                cut.push(mark);
            }
            Cow::Owned(cut)
        }
    }
}

/// Where a text ends that is too wide, and whether there is room for the mark.
struct Cut {
    end: usize,
    with_mark: bool,
}

/// Finds the cut without looking further into the text than the columns reach; `None`: it fits.
fn cut_at(text: &str, columns: usize, mark_width: usize) -> Option<Cut> {
    let room = columns.checked_sub(mark_width);
    let mut used = 0;
    let mut end = 0;
    for (start, cluster) in text.grapheme_indices(true) {
        used += cluster.width();
        if used > columns {
            return Some(Cut {
                end,
                with_mark: room.is_some(),
            });
        }
        if room.is_some_and(|room| used <= room) {
            end = start + cluster.len();
        }
    }
    None
}

fn escape_from(text: &str, first_bad: usize) -> String {
    let (clean, rest) = text.split_at(first_bad);
    let mut safe = String::with_capacity(text.len() + 16);
    safe.push_str(clean);
    let mut marks = MarkCounter::default();
    for c in clean.chars() {
        marks.refuses(c);
    }
    for c in rest.chars() {
        if marks.refuses(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Walks over a text and remembers how many zero-width marks stand in a row.
struct MarkCounter {
    in_a_row: usize,
}

impl Default for MarkCounter {
    /// At the start of a text there is nothing a mark could stand on.
    fn default() -> Self {
        Self {
            in_a_row: MARKS_IN_A_ROW,
        }
    }
}

impl MarkCounter {
    fn refuses(&mut self, c: char) -> bool {
        if is_unsafe(c) {
            // Its escape is drawn with letters, on which a mark may stand.
            self.in_a_row = 0;
            return true;
        }
        if c.width() != Some(0) {
            self.in_a_row = 0;
            return false;
        }
        if self.in_a_row >= MARKS_IN_A_ROW {
            return true;
        }
        self.in_a_row += 1;
        false
    }
}

fn is_unsafe(c: char) -> bool {
    if c.is_control() {
        return true;
    }
    if c.is_ascii() {
        return false;
    }
    // The last two code points of every plane are non-characters.
    (u32::from(c) & 0xfffe) == 0xfffe
        || UNSAFE_RANGES
            .binary_search_by(|&(first, last)| {
                if last < c {
                    std::cmp::Ordering::Less
                } else if first > c {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .is_ok()
}

/// The line, counted from 1, on which the byte at `offset` stands. What is missing at the end of a
/// text is missing on its last line, since an editor shows no line behind it.
#[must_use]
pub fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    line.min(text.lines().count().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ranges_are_in_order() {
        assert!(UNSAFE_RANGES.iter().all(|(first, last)| first <= last));
        assert!(UNSAFE_RANGES.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn what_would_move_the_cursor_or_the_eye_becomes_visible() {
        for (raw, shown) in [
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("bell\u{7}", "bell\\u{7}"),
            (
                "two\nlines\tand a tab\r",
                "two\\u{a}lines\\u{9}and a tab\\u{d}",
            ),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{7f}", "\\u{7f}"),
            ("gnp.\u{202e}exe", "gnp.\\u{202e}exe"),
            ("a\u{2066}b\u{2069}", "a\\u{2066}b\\u{2069}"),
            ("\u{200e}\u{200f}\u{61c}", "\\u{200e}\\u{200f}\\u{61c}"),
            ("pay\u{200b}pal\u{feff}", "pay\\u{200b}pal\\u{feff}"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
            ("\u{e0041}", "\\u{e0041}"),
            ("\u{e000}\u{f8ff}", "\\u{e000}\\u{f8ff}"),
            ("\u{ffff}\u{1fffe}", "\\u{ffff}\\u{1fffe}"),
            ("\u{301}a", "\\u{301}a"),
        ] {
            assert_eq!(sanitise(raw), shown);
        }
    }

    #[test]
    fn what_people_write_stays_and_is_borrowed() {
        for text in [
            "",
            "example.org",
            "Größe Straße",
            "例え.jp",
            "עברית",
            "e\u{301}te\u{301}",
            "👍🏽",
            "❤\u{fe0f}",
        ] {
            assert!(
                matches!(sanitise(text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }

    #[test]
    fn piled_up_marks_stop_at_four() {
        let piled = format!("a{}", "\u{301}".repeat(6));
        let shown = sanitise(&piled);
        assert_eq!(
            shown,
            format!("a{}\\u{{301}}\\u{{301}}", "\u{301}".repeat(4))
        );
    }

    #[test]
    fn a_cut_is_marked_and_keeps_to_its_columns() {
        for (text, columns, cut) in [
            ("example.org", 20, "example.org"),
            ("example.org", 11, "example.org"),
            ("example.org", 8, "example…"),
            ("example.org", 1, "…"),
            ("example.org", 0, ""),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("日本語", 2, "…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
        ] {
            assert_eq!(fit(text, columns), cut, "{text} in {columns}");
        }
        assert_eq!(fit_with("example.org", 8, '~'), "example~");
    }

    #[test]
    fn a_mark_that_is_wider_than_the_room_is_left_out() {
        assert_eq!(fit_with("example", 1, '日'), "");
    }

    #[test]
    fn a_very_long_text_is_cut_without_being_read_whole() {
        let long = "é".repeat(4_000_000);
        for _ in 0..10_000 {
            assert_eq!(width(&fit(&long, 10)), 10);
        }
    }

    proptest! {
        #[test]
        fn no_unsafe_character_survives(text in any::<String>()) {
            let shown = sanitise(&text);
            prop_assert!(!shown.chars().any(is_unsafe));
            prop_assert!(is_clean(&shown), "sanitising twice changes nothing");
        }

        #[test]
        fn any_char_alone_is_safe_afterwards(c in any::<char>()) {
            let text = c.to_string();
            let shown = sanitise(&text).into_owned();
            prop_assert!(!shown.chars().any(char::is_control));
            prop_assert!(width(&shown) > 0);
        }

        #[test]
        fn the_width_is_never_exceeded(text in any::<String>(), columns in 0_usize..40) {
            prop_assert!(width(&fit(&text, columns)) <= columns);
            let clean = sanitise(&text);
            prop_assert!(width(&fit(&clean, columns)) <= columns);
            prop_assert!(width(&fit_with(&clean, columns, '~')) <= columns);
        }

        #[test]
        fn what_fits_is_borrowed(text in any::<String>()) {
            let columns = width(&text);
            prop_assert!(matches!(fit(&text, columns), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_place_is_on_a_line_that_there_is() {
        let text = "one\ntwo\n";
        let lines = [0, 3, 4, 7, 8, 99].map(|offset| line_at(text, offset));
        assert_eq!(lines, [1, 1, 2, 2, 2, 2]);
        assert_eq!(line_at("", 0), 1);
    }
}
