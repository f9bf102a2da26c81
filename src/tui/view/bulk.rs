//! The menu over marked entries, and the list of what came of an action for each of them.
//!
//! Draws only. Both are windowed: no more is made than is in sight.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::list::padded;
use super::sheet::grouped;
use crate::domain::text;
use crate::tui::bulk_menu::{BulkLine, BulkMenu};
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Look, split_bottom, wrap};
use crate::tui::model::{Came, OutcomeLine, Outcomes};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

/// The menu's width, where there is room for it.
const WIDTH: u16 = 78;
/// No list of what came of it is wider than this.
const WIDEST: u16 = 118;
/// Selection, blank, key, blanks.
const BEFORE_TITLE: usize = 5;
/// How many lines the words of the selected entry may take.
const WORDS: usize = 6;

/// Draws the menu in the middle.
pub(super) fn menu(menu: &BulkMenu, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    let width = WIDTH.min(area.width);
    let room = usize::from(width).saturating_sub(4).max(1);
    let titles = menu.lines.iter().map(|line| text::width(&line.title));
    let widest = titles.max().unwrap_or(0);
    let mut body = Body::default();
    for (index, line) in menu.lines.iter().enumerate() {
        let first = body.lines.len();
        let selected = index == menu.cursor;
        push_line(&mut body, menu, line, selected, (room, widest), look);
        if selected {
            body.focus_from(first);
        }
    }
    let height = u16::try_from(body.lines.len() + 2).unwrap_or(u16::MAX);
    let dot = look.symbols.separator;
    let title = format!("Actions {dot} {} marked entries", grouped(menu.marked));
    let inner = look.dialog(frame, area, (width, height), &title);
    look.scrolled(frame, inner, &body);
}

fn push_line(
    body: &mut Body,
    menu: &BulkMenu,
    line: &BulkLine,
    selected: bool,
    (room, widest): (usize, usize),
    look: &Look<'_>,
) {
    let applies = line.fits > 0;
    let (role, key_role) = if applies {
        (Role::Text, Role::Key)
    } else {
        (Role::Disabled, Role::Disabled)
    };
    let pointer = if selected { look.symbols.selected } else { " " };
    let key = line.key.as_deref().unwrap_or(" ");
    let count = match line.fits {
        0 => "for none".to_owned(),
        fits => format!("for {} of {}", grouped(fits), grouped(menu.marked)),
    };
    let title = padded(&look.fit(&line.title, room), widest);
    let title = look.fit(&title, room.saturating_sub(BEFORE_TITLE + 2 + count.len()));
    let mut drawn = Line::from(vec![
        Span::raw(format!("{pointer} ")),
        look.span(&padded(key, 3), 3, key_role),
        Span::styled(title, look.style(role)),
        Span::raw("  "),
        Span::styled(count, look.style(role)),
    ]);
    if !selected {
        // Why in full is said of the line with the cursor; of the others, as much as fits.
        let left = room.saturating_sub(drawn.width() + 2);
        if let Some(why) = line.left_out.first().filter(|_| left >= 16) {
            drawn.push_span(Span::raw("  "));
            drawn.push_span(look.span(why, left, Role::Disabled));
        }
        body.push(drawn);
        return;
    }
    body.push(super::menu::styled(drawn, selected, look));
    let indent = " ".repeat(BEFORE_TITLE + 2);
    let beside = room.saturating_sub(indent.len()).max(1);
    for why in line.left_out.iter().flat_map(|why| wrap(why, beside)) {
        let text = format!("{indent}{why}");
        body.push(Line::styled(text, look.style(Role::Disabled)));
    }
}

/// Draws what came of an action for each entry.
pub(super) fn outcomes(outcomes: &Outcomes, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    // Words of others are long, so it takes more room where there is some.
    let width = area.width.saturating_sub(2).min(WIDEST);
    let lines = outcomes.lines.len();
    let selected = outcomes.lines.get(outcomes.cursor);
    let columns = usize::from(width).saturating_sub(4).max(1);
    let mut words = selected.map_or_else(Vec::new, |line| words(line, columns, look));
    words.truncate(WORDS);
    let below = u16::try_from(words.len()).unwrap_or(u16::MAX);
    let height = u16::try_from(lines)
        .unwrap_or(u16::MAX)
        .saturating_add(below + 4);
    let dot = look.symbols.separator;
    let title = format!("{} {dot} {}", outcomes.title, outcomes.counts());
    let inner = look.dialog(frame, area, (width, height), &title);
    let (inner, hints) = split_bottom(inner, u16::from(inner.height > 3));
    let (inner, said) = split_bottom(inner, below.min(inner.height.saturating_sub(1)));
    let (list, _) = split_bottom(inner, u16::from(inner.height > 2));
    frame.render_widget(Paragraph::new(words), said);
    frame.render_widget(Paragraph::new(hint(usize::from(hints.width), look)), hints);
    let height = usize::from(list.height);
    // The selected line in the middle, as far as there are lines on both sides.
    let top = outcomes.cursor.saturating_sub(height / 2);
    let top = top.min(lines.saturating_sub(height));
    let shown = (top..lines).take(height).map(|index| {
        let line = &outcomes.lines[index];
        one(
            line,
            index == outcomes.cursor,
            usize::from(list.width),
            look,
        )
    });
    frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()), list);
}

/// What the keys do here.
fn hint(columns: usize, look: &Look<'_>) -> Line<'static> {
    let keys = [
        (UiAction::Open, "goes to the entry"),
        (UiAction::Back, "close"),
    ];
    let mut line = Line::default();
    for (action, says) in keys {
        let Some(key) = look.keymap.key_label_in(Scope::Menu, action) else {
            continue;
        };
        let room = columns.saturating_sub(line.width());
        line.push_span(look.span(&key, room, Role::Key));
        let room = columns.saturating_sub(line.width());
        line.push_span(look.span(&format!(" {says}  "), room, Role::Hint));
    }
    line
}

/// One entry on one line.
fn one(line: &OutcomeLine, selected: bool, columns: usize, look: &Look<'_>) -> Line<'static> {
    let (sign, role) = sign(&line.came, look);
    let pointer = if selected { look.symbols.selected } else { " " };
    let room = columns.saturating_sub(4);
    let name_room = (room / 2).clamp(8.min(room), 32);
    let name = padded(&look.fit(&line.name, name_room), name_room.min(room));
    let says = match (line.came.word(), line.came.says()) {
        (word, "") => word.to_owned(),
        (word, says) => format!("{word}: {says}"),
    };
    let left = room.saturating_sub(text::width(&name) + 1);
    let drawn = Line::from(vec![
        Span::raw(format!("{pointer} ")),
        Span::styled(format!("{sign} "), look.style(role)),
        Span::raw(format!("{name} ")),
        look.span(&says, left, role),
    ]);
    super::menu::styled(drawn, selected, look)
}

/// The selected entry's outcome in full.
fn words(line: &OutcomeLine, columns: usize, look: &Look<'_>) -> Vec<Line<'static>> {
    let (_, role) = sign(&line.came, look);
    let says = match line.came.says() {
        "" => format!("{}: {}", line.name, line.came.word()),
        says => format!("{}: {}: {says}", line.name, line.came.word()),
    };
    look.paragraph(&says, columns, role)
}

fn sign(came: &Came, look: &Look<'_>) -> (&'static str, Role) {
    let signs = look.symbols;
    match came {
        Came::UnderWay | Came::Locked => (signs.in_progress, Role::PhaseInProgress),
        Came::Done(_) => (signs.live, Role::Good),
        Came::RefusedByGate(_) => (signs.action_needed, Role::Warn),
        Came::RefusedByProvider(_) | Came::Failed(_) => (signs.failed, Role::Bad),
        Came::LeftOut(_) => (signs.none, Role::Dim),
    }
}
