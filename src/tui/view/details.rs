//! The details of the selected entry: the frame with its five tabs, and the part of the page that
//! is in sight.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

use super::sheet::Sheet;
use super::{certificate, general, history, lifecycle, product};
use crate::domain::entry::Entry;
use crate::domain::text;
use crate::tui::layout::{Arrangement, Focus, Screen};
use crate::tui::look::Look;
use crate::tui::model::{Model, Tab};
use crate::tui::theme::Role;

/// Draws the pane.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, screen: &Screen, look: &Look<'_>) {
    let area = screen.details;
    if area.area() == 0 {
        return;
    }
    let focused = model.focus == Focus::Details;
    let role = if focused {
        Role::BorderFocused
    } else {
        Role::Border
    };
    let room = usize::from(area.width).saturating_sub(2);
    let inside = screen.details_inside();
    let sheet = content(model, usize::from(inside.width));
    let top = clamped(model.details.scroll, &sheet, inside.height);
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(look.symbols.border)
        .border_style(look.style(role))
        .title(title(model, room, look))
        .title_bottom(position(&sheet, top, inside, look).right_aligned());
    frame.render_widget(block, area);
    if screen.arrangement == Arrangement::Stacked {
        join_borders(frame, area, look);
    }
    if inside.area() > 0 {
        let lines = sheet.lines(top, usize::from(inside.height));
        frame.render_widget(Paragraph::new(lines), inside);
    }
}

/// The page of the tab that is shown, so many columns wide.
pub(crate) fn content(model: &Model, width: usize) -> Sheet<'_> {
    let mut sheet = Sheet::new(model.look(), width, model.details.expanded);
    let Some(entry) = model.shown() else {
        sheet.text("No entry is selected.", Role::Dim);
        return sheet;
    };
    match model.details.tab {
        Tab::General => general::fill(&mut sheet, model, entry),
        Tab::Product => product::fill(&mut sheet, model, entry),
        Tab::Certificate => certificate::fill(&mut sheet, model, entry),
        Tab::Lifecycle => lifecycle::fill(&mut sheet, model, entry),
        Tab::History => history::fill(&mut sheet, model, entry),
    }
    sheet
}

/// Says that what has to be read from the store is not there yet, or why it will not be.
pub(super) fn not_loaded(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    match model.details.of(&entry.id).map(|loaded| &loaded.details) {
        None => sheet.text("Reading the store …", Role::Dim),
        Some(Err(why)) => sheet.text(why, Role::Bad),
        Some(Ok(details)) => {
            for problem in &details.problems {
                sheet.text(problem, Role::Warn);
            }
        }
    }
}

fn clamped(scroll: usize, sheet: &Sheet<'_>, height: u16) -> usize {
    scroll.min(sheet.height().saturating_sub(usize::from(height)))
}

/// Which lines are in sight, where not all are.
fn position(sheet: &Sheet<'_>, top: usize, inside: Rect, look: &Look<'_>) -> Line<'static> {
    let (height, all) = (usize::from(inside.height), sheet.height());
    if all <= height || height == 0 {
        return Line::default();
    }
    let up = if top > 0 { look.symbols.up } else { " " };
    let last = (top + height).min(all);
    let down = if last < all { look.symbols.down } else { " " };
    let text = format!(" {up}{down} {}-{last}/{all} ", top + 1);
    look.line(&text, usize::from(inside.width), Role::Accent)
}

/// The name and the tabs; where there is no room for all their titles, the others' keys.
fn title(model: &Model, room: usize, look: &Look<'_>) -> Line<'static> {
    let long = tabs(model, look, false);
    let name_wanted = 12;
    let tabs = if long.width() + name_wanted + 2 <= room {
        long
    } else {
        tabs(model, look, true)
    };
    let left = room.saturating_sub(tabs.width());
    let mut line = Line::default();
    if left >= 5 {
        let name = model.shown().map_or("", |entry| entry.name());
        line.push_span(look.span(
            &format!(" {}", look.fit(name, left - 3)),
            left - 1,
            Role::Title,
        ));
        line.push_span(Span::raw(" "));
    }
    line.extend(tabs.spans);
    line
}

fn tabs(model: &Model, look: &Look<'_>, short: bool) -> Line<'static> {
    let mut line = Line::default();
    for (index, tab) in Tab::ALL.into_iter().enumerate() {
        let shown = model.details.tab == tab;
        let title = match (shown, short) {
            (true, _) => format!("[{}]", tab.title()),
            (false, false) => format!(" {} ", tab.title()),
            (false, true) => format!(" {} ", index + 1),
        };
        let role = if shown { Role::Tab } else { Role::Dim };
        line.push_span(Span::styled(
            text::fit(&title, 40).into_owned(),
            look.style(role),
        ));
    }
    line
}

/// Where the panes share a border, its ends join the frame.
fn join_borders(frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    let plain = look.symbols.border.top_left == "┌";
    let (left, right) = if plain { ("├", "┤") } else { ("+", "+") };
    let buffer = frame.buffer_mut();
    for (x, sign) in [(area.x, left), (area.right().saturating_sub(1), right)] {
        if let Some(cell) = buffer.cell_mut(Position::new(x, area.y)) {
            cell.set_symbol(sign);
        }
    }
}
