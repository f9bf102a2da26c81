//! Which rows of the list are in sight, where some take two lines.
//!
//! Pure arithmetic over what is in sight and a little before it; never over all rows.

use ratatui::layout::Rect;

use super::columns::Columns;
use super::state;
use crate::tui::model::{ListPane, Model};

/// The positions in sight, each with whether it has a second line; the selected one is among them.
pub(super) fn of(list: &ListPane, inside: Rect, columns: &Columns) -> Vec<(usize, bool)> {
    let height = usize::from(inside.height);
    let is_below = |position: usize| {
        list.has_remark(position)
            && (list.row(position)).is_some_and(|row| state::is_below(&row, columns.state))
    };
    window(list, height, is_below)
}

fn window(list: &ListPane, height: usize, is_below: impl Fn(usize) -> bool) -> Vec<(usize, bool)> {
    let lines = |position: usize| 1 + usize::from(is_below(position));
    // The window may have shrunk since the model last scrolled.
    let mut first = list.offset.max((list.cursor + 1).saturating_sub(height));
    let mut taken: usize = (first..=list.cursor).map(lines).sum();
    while taken > height && first < list.cursor {
        taken -= lines(first);
        first += 1;
    }
    let mut left = height;
    let mut shown = Vec::new();
    for position in first..list.visible.len() {
        if left == 0 {
            break;
        }
        // A row at the end stays without its second line rather than out of sight.
        let below = left > 1 && is_below(position);
        left -= 1 + usize::from(below);
        shown.push((position, below));
    }
    shown
}

/// The position of the row that is drawn on a line of the pane, counted from its first.
pub(crate) fn position_at(model: &Model, line: usize) -> Option<usize> {
    let inside = model.screen().list_inside();
    let columns = Columns::for_width(usize::from(inside.width), model.list.widest);
    let shown = of(&model.list, inside, &columns);
    let lines = shown
        .into_iter()
        .flat_map(|(position, below)| std::iter::repeat_n(position, 1 + usize::from(below)));
    lines.into_iter().nth(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: usize, cursor: usize, offset: usize) -> ListPane {
        let mut list = ListPane::default();
        list.visible = (0..u32::try_from(rows).unwrap()).collect();
        (list.cursor, list.offset) = (cursor, offset);
        list
    }

    #[test]
    fn the_selected_row_is_in_sight_and_no_line_too_many_is_drawn() {
        for rows in 0..12 {
            for height in 0..9 {
                for cursor in 0..rows.max(1) {
                    for every in 1..4 {
                        let below = |position: usize| position.is_multiple_of(every);
                        let shown = window(&list(rows, cursor, 0), height, below);
                        let lines: usize = shown.iter().map(|(_, two)| 1 + usize::from(*two)).sum();
                        assert!(lines <= height, "{shown:?}");
                        let seen = shown.iter().any(|(position, _)| *position == cursor);
                        assert!(seen || rows == 0 || height == 0, "{cursor}: {shown:?}");
                        let full =
                            lines == height || shown.last().map(|last| last.0 + 1) == Some(rows);
                        assert!(full || rows == 0, "no room is left over: {shown:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_stands_on_two_lines_keeps_both_where_it_is_selected() {
        let shown = window(&list(10, 4, 0), 5, |position| position == 4);
        assert_eq!(shown.last(), Some(&(4, true)), "{shown:?}");
        let shown = window(&list(10, 0, 0), 1, |_| true);
        assert_eq!(shown, [(0, false)]);
    }
}
