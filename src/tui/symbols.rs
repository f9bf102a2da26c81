//! The signs on the screen, and their stand-ins for terminals that know nothing but ASCII.
//!
//! Every sign is one cell wide. The signs of the phases differ from each other, so that no state
//! is told by colour alone. Pure data; the views read it.

use ratatui::symbols::border;

/// One set of signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbols {
    /// Phase `failed`, and anything expired.
    pub failed: &'static str,
    /// Phase `action-needed`.
    pub action_needed: &'static str,
    /// Phase `in-progress`.
    pub in_progress: &'static str,
    /// Phase `live`.
    pub live: &'static str,
    /// Phase `winding-down`.
    pub winding_down: &'static str,
    /// Phase `ended`.
    pub ended: &'static str,
    /// In front of what cannot be read or reached.
    pub trouble: &'static str,
    /// In front of the selected row.
    pub selected: &'static str,
    /// In front of a marked row.
    pub marked: &'static str,
    /// A part of life that is left.
    pub bar_full: &'static str,
    /// A part of life that is gone.
    pub bar_empty: &'static str,
    /// A column of a chart, from nothing to a whole line in eight steps.
    pub column: &'static [&'static str; 9],
    /// A column that hangs from the axis, from nothing to a whole line in two steps.
    pub hanging: &'static [&'static str; 3],
    /// A state that was passed, on the track of states.
    pub track_passed: &'static str,
    /// The state we are in.
    pub track_here: &'static str,
    /// A state that may come.
    pub track_ahead: &'static str,
    /// Between two states.
    pub track_line: &'static str,
    /// From one state down to the next.
    pub rail: &'static str,
    /// A branch leaves the rail, or comes back to it.
    pub rail_branch: &'static str,
    /// The last branch leaves the rail, which ends there.
    pub rail_end: &'static str,
    /// A branch turns down, away from the rail.
    pub rail_out: &'static str,
    /// A branch turns back to the rail.
    pub rail_back: &'static str,
    /// Where text was cut short.
    pub ellipsis: &'static str,
    /// Between things on one line.
    pub separator: &'static str,
    /// From one thing to another.
    pub arrow: &'static str,
    /// The Enter key.
    pub enter: &'static str,
    /// More above.
    pub up: &'static str,
    /// More below.
    pub down: &'static str,
    /// In the place of every character of a secret.
    pub masked: &'static str,
    /// In the place of a character that must not reach the terminal.
    pub replaced: &'static str,
    /// No value.
    pub none: &'static str,
    /// One sign after the other while something is under way.
    pub spinner: &'static [&'static str],
    /// The frames of panes.
    pub border: border::Set<'static>,
}

/// For terminals and fonts of today.
pub const UNICODE: Symbols = Symbols {
    failed: "✗",
    action_needed: "●",
    in_progress: "◐",
    live: "✓",
    winding_down: "◔",
    ended: "○",
    trouble: "⚠",
    selected: "▌",
    marked: "◆",
    bar_full: "▇",
    bar_empty: "▁",
    column: &[" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    hanging: &[" ", "▀", "█"],
    track_passed: "●",
    track_here: "◉",
    track_ahead: "○",
    track_line: "─",
    rail: "│",
    rail_branch: "├",
    rail_end: "╰",
    rail_out: "╮",
    rail_back: "╯",
    ellipsis: "…",
    separator: "·",
    arrow: "→",
    enter: "⏎",
    up: "↑",
    down: "↓",
    masked: "•",
    replaced: "\u{fffd}",
    none: "–",
    spinner: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
    border: border::PLAIN,
};

/// For everything else.
pub const ASCII: Symbols = Symbols {
    failed: "x",
    action_needed: "!",
    in_progress: "~",
    live: "+",
    winding_down: "-",
    ended: "o",
    trouble: "%",
    selected: ">",
    marked: "*",
    bar_full: "#",
    bar_empty: "_",
    column: &[" ", ".", ".", ":", ":", "|", "|", "#", "#"],
    hanging: &[" ", "'", "x"],
    track_passed: "*",
    track_here: "@",
    track_ahead: "o",
    track_line: "-",
    rail: "|",
    rail_branch: "|",
    rail_end: "`",
    rail_out: ".",
    rail_back: "'",
    ellipsis: "~",
    separator: "|",
    arrow: ">",
    enter: "<",
    up: "^",
    down: "v",
    masked: "*",
    replaced: "?",
    none: "-",
    spinner: &["|", "/", "-", "\\"],
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

impl Symbols {
    /// The signs of the phases: action-needed, in-progress, live, winding-down, ended, failed.
    #[must_use]
    pub fn phases(&self) -> [&'static str; 6] {
        [
            self.action_needed,
            self.in_progress,
            self.live,
            self.winding_down,
            self.ended,
            self.failed,
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn all(set: &Symbols) -> Vec<&'static str> {
        let border = set.border;
        let mut signs = vec![
            set.trouble,
            set.selected,
            set.marked,
            set.bar_full,
            set.bar_empty,
            set.track_passed,
            set.track_here,
            set.track_ahead,
            set.track_line,
            set.rail,
            set.rail_branch,
            set.rail_end,
            set.rail_out,
            set.rail_back,
            set.ellipsis,
            set.separator,
            set.arrow,
            set.enter,
            set.up,
            set.down,
            set.masked,
            set.replaced,
            set.none,
            border.top_left,
            border.top_right,
            border.bottom_left,
            border.bottom_right,
            border.vertical_left,
            border.vertical_right,
            border.horizontal_top,
            border.horizontal_bottom,
        ];
        signs.extend(set.phases());
        signs.extend(set.spinner);
        signs.extend(set.column);
        signs.extend(set.hanging);
        signs
    }

    #[test]
    fn every_sign_is_one_cell_wide() {
        for set in [UNICODE, ASCII] {
            for sign in all(&set) {
                assert_eq!(sign.width(), 1, "{sign}");
            }
        }
    }

    #[test]
    fn phases_are_told_apart_without_colour() {
        for set in [UNICODE, ASCII] {
            let mut signs = BTreeSet::from(set.phases());
            assert_eq!(signs.len(), 6);
            assert!(signs.insert(set.trouble), "trouble is no phase");
        }
    }

    #[test]
    fn the_ascii_set_is_ascii() {
        assert!(all(&ASCII).iter().all(|sign| sign.is_ascii()));
    }
}
