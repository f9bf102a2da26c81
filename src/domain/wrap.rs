//! Breaking text into lines that fit.
//!
//! Pure. Both faces call it; it makes harmless what strangers wrote, line by line.

use super::text;

/// Breaks text into lines of at most `columns` columns, at blanks where it can, within words where
/// it must. Line breaks of the text stay; everything else in it is made harmless.
#[must_use]
pub fn wrap(raw: &str, columns: usize) -> Vec<String> {
    if columns == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for paragraph in raw.split('\n') {
        wrap_paragraph(
            &text::sanitise(paragraph.trim_end_matches('\r')),
            columns,
            &mut lines,
        );
    }
    lines
}

fn wrap_paragraph(paragraph: &str, columns: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in paragraph.split(' ') {
        let needed = text::width(&line) + usize::from(!line.is_empty()) + text::width(word);
        if needed <= columns {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line = break_word(word, columns, lines);
    }
    lines.push(line);
}

/// Breaks a word that is too long for a line; gives back its last piece.
fn break_word(word: &str, columns: usize, lines: &mut Vec<String>) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    let mut piece = String::new();
    for cluster in word.graphemes(true) {
        if text::width(&piece) + text::width(cluster) > columns && !piece.is_empty() {
            lines.push(std::mem::take(&mut piece));
        }
        // A cluster that is wider than the whole line cannot be shown at all.
        if text::width(cluster) <= columns {
            piece.push_str(cluster);
        }
    }
    piece
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_breaks_at_blanks_and_within_words_only_where_it_must() {
        for (raw, columns, lines) in [
            ("one two three", 7, vec!["one two", "three"]),
            ("abcdefgh ij", 3, vec!["abc", "def", "gh", "ij"]),
            ("a\n\nb\r\n", 9, vec!["a", "", "b", ""]),
            ("a\u{1b}b", 9, vec!["a\\u{1b}b"]),
            ("日本", 1, vec![""]),
            ("anything", 0, vec![]),
        ] {
            assert_eq!(wrap(raw, columns), lines, "{raw:?} in {columns}");
        }
    }

    proptest! {
        #[test]
        fn wrapped_lines_keep_to_their_columns(text in any::<String>(), columns in 0_usize..30) {
            for line in wrap(&text, columns) {
                prop_assert!(text::width(&line) <= columns, "{line:?}");
                prop_assert!(!line.contains(char::is_control), "{line:?}");
            }
        }
    }
}
