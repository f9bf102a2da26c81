//! Where the parts of the screen stand, by its size and by what has the focus.
//!
//! Pure: a size goes in, rectangles come out, and they never reach beyond the size. `update` asks
//! it how much fits, `view` where to draw; both get the same answer.

use ratatui::layout::Rect;

/// The smallest screen on which the panel makes sense: columns, rows.
pub const SMALLEST: (u16, u16) = (16, 4);
/// From so many columns on, list and details stand side by side.
const SIDE_BY_SIDE: u16 = 140;
/// From so many columns and rows on, list and details stand above each other.
const STACKED: (u16, u16) = (60, 18);

/// The rows that the list keeps above the details, with its border.
const LEAST_LIST: u16 = 7;

/// Which pane has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The list of entries.
    #[default]
    List,
    /// The details of the selected one.
    Details,
}

/// How the panes stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// There is no room for anything but one sentence.
    TooSmall,
    /// One pane at a time: the one with the focus.
    One,
    /// The list above the details, with a shared border.
    Stacked,
    /// The list to the left of the details.
    SideBySide,
}

/// Where everything stands. A part that is not shown has no area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// How the panes stand to each other.
    pub arrangement: Arrangement,
    /// The counts and clocks at the top.
    pub header: Rect,
    /// The list with its border.
    pub list: Rect,
    /// The details with their border.
    pub details: Rect,
    /// The hints at the bottom.
    pub footer: Rect,
}

impl Screen {
    /// The inside of the list's border.
    #[must_use]
    pub fn list_inside(&self) -> Rect {
        let bottom = u16::from(self.arrangement != Arrangement::Stacked);
        inside(self.list, bottom)
    }

    /// The inside of the details' border.
    #[must_use]
    pub fn details_inside(&self) -> Rect {
        inside(self.details, 1)
    }
}

fn inside(area: Rect, bottom: u16) -> Rect {
    Rect {
        x: area.x.saturating_add(1).min(area.right()),
        y: area.y.saturating_add(1).min(area.bottom()),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1 + bottom),
    }
}

/// Divides the screen. What a list of so many rows does not need goes to the details below it.
#[must_use]
pub fn arrange(area: Rect, focus: Focus, rows: usize) -> Screen {
    let nothing = Rect::new(area.x, area.y, 0, 0);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return Screen {
            arrangement: Arrangement::TooSmall,
            header: nothing,
            list: nothing,
            details: nothing,
            footer: nothing,
        };
    }
    let body = Rect::new(area.x, area.y + 1, area.width, area.height - 2);
    let (arrangement, list, details) = panes(body, focus, rows);
    Screen {
        arrangement,
        header: Rect::new(area.x, area.y, area.width, 1),
        list,
        details,
        footer: Rect::new(area.x, area.bottom() - 1, area.width, 1),
    }
}

fn panes(body: Rect, focus: Focus, rows: usize) -> (Arrangement, Rect, Rect) {
    if body.width >= SIDE_BY_SIDE {
        let left = body.width / 2;
        let list = Rect {
            width: left,
            ..body
        };
        let details = Rect {
            x: body.x + left,
            width: body.width - left,
            ..body
        };
        return (Arrangement::SideBySide, list, details);
    }
    if body.width >= STACKED.0 && body.height + 2 >= STACKED.1 {
        let upper = upper_share(body.height, focus, rows);
        let list = Rect {
            height: upper,
            ..body
        };
        let details = Rect {
            y: body.y + upper,
            height: body.height - upper,
            ..body
        };
        return (Arrangement::Stacked, list, details);
    }
    let nothing = Rect {
        width: 0,
        height: 0,
        ..body
    };
    match focus {
        Focus::List => (Arrangement::One, body, nothing),
        Focus::Details => (Arrangement::One, nothing, body),
    }
}

/// How many rows the list gets above the details: the pane with the focus gets more.
fn upper_share(height: u16, focus: Focus, rows: usize) -> u16 {
    let most = match focus {
        Focus::List => height / 2,
        Focus::Details => (height / 4).max(4),
    };
    // Its border and some rows, so that it does not shrink to nothing where little is found.
    let needed = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(1);
    most.min(needed.max(LEAST_LIST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panes_stand_as_the_size_allows() {
        use Arrangement::{One, SideBySide, Stacked, TooSmall};
        // columns, rows, focus, arrangement, rows in the list, rows in the details
        let cases = [
            (0, 0, Focus::List, TooSmall, 0, 0),
            (15, 50, Focus::List, TooSmall, 0, 0),
            (200, 3, Focus::Details, TooSmall, 0, 0),
            (20, 8, Focus::List, One, 4, 0),
            (24, 6, Focus::List, One, 2, 0),
            (24, 6, Focus::Details, One, 0, 2),
            (40, 12, Focus::List, One, 8, 0),
            (40, 12, Focus::Details, One, 0, 8),
            (59, 60, Focus::List, One, 56, 0),
            (80, 24, Focus::List, Stacked, 10, 9),
            (80, 24, Focus::Details, Stacked, 4, 15),
            (139, 50, Focus::List, Stacked, 23, 22),
            (140, 50, Focus::List, SideBySide, 46, 46),
            (200, 6, Focus::Details, SideBySide, 2, 2),
        ];
        for (columns, rows, focus, arrangement, in_list, in_details) in cases {
            let screen = arrange(Rect::new(0, 0, columns, rows), focus, 1_000);
            let heights = (screen.list_inside().height, screen.details_inside().height);
            assert_eq!(
                (screen.arrangement, heights),
                (arrangement, (in_list, in_details)),
                "{columns}x{rows} {focus:?}"
            );
        }
    }

    #[test]
    fn nothing_overlaps_and_nothing_reaches_beyond_the_screen() {
        for columns in 0..220 {
            for rows in 0..60 {
                for focus in [Focus::List, Focus::Details] {
                    let area = Rect::new(0, 0, columns, rows);
                    let screen = arrange(area, focus, usize::from(columns));
                    let parts = [screen.header, screen.list, screen.details, screen.footer];
                    for (index, part) in parts.iter().enumerate() {
                        assert_eq!(part.intersection(area).area(), part.area());
                        for other in &parts[index + 1..] {
                            assert_eq!(part.intersection(*other).area(), 0, "{columns}x{rows}");
                        }
                    }
                }
            }
        }
    }
}
