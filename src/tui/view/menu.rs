//! The menu of actions: what is possible is bright, what is not says why.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::list::padded;
use crate::tui::actions_menu::{ActionsMenu, MenuLine, lines};
use crate::tui::dialog::about;
use crate::tui::look::{Body, Look, wrap};
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// The menu's width, where there is room for it.
const WIDTH: u16 = 78;
/// What stands above the actions that such an entry never has.
const NEVER: &str = "Not with such an entry";
/// Selection, blank, key, blanks.
const BEFORE_TITLE: usize = 5;

/// Draws the menu in the middle.
pub(super) fn draw(
    model: &Model,
    menu: &ActionsMenu,
    frame: &mut Frame<'_>,
    area: Rect,
    look: &Look<'_>,
) {
    let Some(entry) = model.inventory.get(&menu.entry) else {
        return;
    };
    let width = WIDTH.min(area.width);
    let room = usize::from(width).saturating_sub(4).max(1);
    let items = lines(&entry, &model.inventory, look.keymap, model.now);
    let body = body(&items, menu.cursor, room, look);
    let height = u16::try_from(body.lines.len() + 2).unwrap_or(u16::MAX);
    let inner = look.dialog(frame, area, (width, height), &title(model, menu, look));
    look.scrolled(frame, inner, &body);
}

fn title(model: &Model, menu: &ActionsMenu, look: &Look<'_>) -> String {
    let dot = look.symbols.separator;
    let rows = &model.list.rows;
    let row = rows.number_of(&menu.entry).and_then(|at| rows.row(at));
    let (name, state, account) = row.map_or_else(Default::default, |row| {
        (row.name, row.state, row.account_words)
    });
    let entry = model.inventory.get(&menu.entry);
    let by_hand = entry.is_some_and(|entry| about::is_by_hand(&entry, &model.inventory));
    let how = if by_hand {
        format!(" {dot} by hand")
    } else {
        String::new()
    };
    format!("Actions {dot} {name} {dot} {state} {dot} {account}{how}")
}

fn body(items: &[MenuLine], cursor: usize, room: usize, look: &Look<'_>) -> Body {
    let mut body = Body::default();
    let titles = items
        .iter()
        .map(|item| crate::domain::text::width(&item.title));
    let widest = titles.max().unwrap_or(0);
    for (index, item) in items.iter().enumerate() {
        if item.never && (index == 0 || !items[index - 1].never) {
            body.push(Line::default());
            body.push(look.line(NEVER, room, Role::Heading));
        }
        let first = body.lines.len();
        push_item(&mut body, item, index == cursor, room, widest, look);
        if index == cursor {
            body.focus_from(first);
        }
    }
    body
}

fn push_item(
    body: &mut Body,
    item: &MenuLine,
    selected: bool,
    room: usize,
    widest: usize,
    look: &Look<'_>,
) {
    let possible = item.reason.is_none();
    let role = if possible { Role::Text } else { Role::Disabled };
    let key = item.menu_key.as_deref().unwrap_or(" ");
    let pointer = if selected { look.symbols.selected } else { " " };
    let head = [
        Span::raw(format!("{pointer} ")),
        look.span(
            &padded(key, 3),
            3,
            if possible { Role::Key } else { Role::Disabled },
        ),
    ];
    let beside = room.saturating_sub(BEFORE_TITLE + widest + 2);
    // Where the reason has no room beside the title, it stands below it.
    let (reason_room, indent) = if beside >= 24 {
        (beside, BEFORE_TITLE + widest + 2)
    } else {
        (
            room.saturating_sub(BEFORE_TITLE + 2).max(1),
            BEFORE_TITLE + 2,
        )
    };
    let mut reasons = item
        .reason
        .as_deref()
        .map(|why| wrap(why, reason_room))
        .unwrap_or_default();
    let title = look.fit(&item.title, room.saturating_sub(BEFORE_TITLE));
    let mut line = Line::from_iter(head);
    line.push_span(Span::styled(title.clone(), look.style(role)));
    if beside >= 24 && !reasons.is_empty() {
        let air = " ".repeat(widest + 2 - crate::domain::text::width(&title));
        let reason = format!("{air}{}", reasons.remove(0));
        line.push_span(Span::styled(reason, look.style(Role::Disabled)));
    }
    body.push(styled(line, selected, look));
    for reason in reasons {
        let text = format!("{}{reason}", " ".repeat(indent));
        body.push(Line::styled(text, look.style(Role::Disabled)));
    }
}

pub(super) fn styled(line: Line<'static>, selected: bool, look: &Look<'_>) -> Line<'static> {
    if selected {
        line.style(look.style(Role::Selection))
    } else {
        line
    }
}
