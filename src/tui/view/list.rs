//! The list: one line for each entry, and only the lines that are in sight.

mod columns;
mod served;
mod state;
mod window;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph};

use super::greeting;
use super::sheet::grouped;
use crate::domain::renewal;
use crate::domain::row::Row;
use crate::domain::time;
use crate::tui::layout::{Arrangement, Focus, Screen};
use crate::tui::look::Look;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use columns::Columns;
pub(super) use served::words as served_words;
pub(crate) use window::position_at;

/// Draws the pane.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, screen: &Screen, look: &Look<'_>) {
    if screen.list.area() == 0 {
        return;
    }
    let focused = model.focus == Focus::List;
    frame.render_widget(block(model, screen, focused, look), screen.list);
    let inside = screen.list_inside();
    if inside.area() == 0 {
        return;
    }
    if model.list.visible.is_empty() {
        greeting::empty(model, frame, inside, look);
    } else {
        rows(model, frame, inside, focused, look);
    }
    filter_problem(model, frame, inside, look);
    if model.list.typing {
        place_cursor(model, frame, screen.list);
    }
}

fn block(model: &Model, screen: &Screen, focused: bool, look: &Look<'_>) -> Block<'static> {
    let sides = match screen.arrangement {
        Arrangement::Stacked => Borders::TOP | Borders::LEFT | Borders::RIGHT,
        _ => Borders::ALL,
    };
    let role = if focused {
        Role::BorderFocused
    } else {
        Role::Border
    };
    let room = usize::from(screen.list.width).saturating_sub(2);
    let filter = filter_title(model, room, look);
    let left = room.saturating_sub(filter.width());
    Block::new()
        .borders(sides)
        .border_set(look.symbols.border)
        .border_style(look.style(role))
        .title(title(model, left, look))
        .title(filter.right_aligned())
}

fn title(model: &Model, room: usize, look: &Look<'_>) -> Line<'static> {
    let list = &model.list;
    let (shown, all) = (list.visible.len(), list.rows.len());
    let at = if shown == 0 { 0 } else { list.cursor + 1 };
    let dot = look.symbols.separator;
    let mut text = format!(" {}/{}", grouped(at), grouped(shown));
    if shown < all {
        text = format!("{text} of {}", grouped(all));
    }
    if model.list.rows.is_first_page() {
        text = format!(" the first {} {dot} loading", grouped(all));
    }
    // What is shown is not yet what was asked for.
    let waits = if list.is_waiting() {
        look.symbols.ellipsis
    } else {
        ""
    };
    text = format!("{text} {dot} by {}{waits} ", list.sort.words());
    if !model.marks.is_empty() {
        text = format!("{text}{dot} {} marked ", grouped(model.marks.len()));
    }
    look.line(&text, room, Role::Title)
}

fn filter_title(model: &Model, room: usize, look: &Look<'_>) -> Line<'static> {
    let list = &model.list;
    let typed = list.filter.value();
    if typed.is_empty() && !list.typing {
        return look.line(" / filter ", room, Role::Dim);
    }
    let half = room.saturating_sub(4) / 2;
    let role = match (&list.problem, list.typing) {
        (Some(_), _) => Role::Bad,
        (None, true) => Role::FieldFocused,
        (None, false) => Role::Accent,
    };
    let start = list.filter.visual_scroll(half.saturating_sub(2));
    let seen: String = typed.chars().skip(start).collect();
    look.line(&format!(" / {seen} "), half + 4, role)
}

/// Puts the text cursor behind what is typed in the border.
fn place_cursor(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let room = usize::from(area.width).saturating_sub(2);
    let half = room.saturating_sub(4) / 2;
    let line = filter_title(model, room, &model.look());
    let input = &model.list.filter;
    let scrolled = input.visual_scroll(half.saturating_sub(2));
    let column = 3 + input.visual_cursor().saturating_sub(scrolled);
    let left = usize::from(area.right()).saturating_sub(1 + line.width());
    let x = u16::try_from(left + column).unwrap_or(area.x);
    frame.set_cursor_position(Position::new(x.min(area.right().saturating_sub(1)), area.y));
}

/// What is wrong with the filter, over the last lines of the pane: the rows stay where they are.
fn filter_problem(model: &Model, frame: &mut Frame<'_>, inside: Rect, look: &Look<'_>) {
    let Some(problem) = &model.list.problem else {
        return;
    };
    let says = format!("! {:?}: {}", problem.word, problem.problem);
    let mut lines = look.paragraph(&says, usize::from(inside.width), Role::Bad);
    lines.truncate(usize::from(inside.height));
    let height = u16::try_from(lines.len()).unwrap_or(inside.height);
    let place = Rect {
        y: inside.bottom().saturating_sub(height),
        height,
        ..inside
    };
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines), place);
}

fn rows(model: &Model, frame: &mut Frame<'_>, inside: Rect, focused: bool, look: &Look<'_>) {
    let list = &model.list;
    let width = usize::from(inside.width);
    let columns = Columns::for_width(width, list.widest);
    let mut lines = Vec::new();
    for (position, below) in window::of(list, inside, &columns) {
        let Some(row) = list.row(position) else {
            continue;
        };
        let selected = position == list.cursor;
        let style = match (selected, focused) {
            (true, true) => Some(look.style(Role::Selection)),
            (true, false) => Some(look.style(Role::SelectionUnfocused)),
            (false, _) => None,
        };
        lines.push(line(model, &row, selected, &columns, look));
        if below {
            lines.push(state::below(&row, width, selected, look));
        }
        let from = lines.len() - if below { 2 } else { 1 };
        if let Some(style) = style {
            for line in &mut lines[from..] {
                *line = std::mem::take(line).style(style);
            }
        }
    }
    frame.render_widget(Paragraph::new(lines), inside);
}

fn line(
    model: &Model,
    row: &Row,
    selected: bool,
    columns: &Columns,
    look: &Look<'_>,
) -> Line<'static> {
    let (sign, phase_role) = look.phase(row.phase);
    let faded = row.superseded || row.archived || row.gone.is_some();
    let role = if faded { Role::Dim } else { Role::Text };
    let phase_role = if faded { Role::Dim } else { phase_role };
    let marked = model.marks.contains(&row.id);
    let mut line = Line::from(vec![
        Span::raw(if selected { look.symbols.selected } else { " " }),
        look.span(
            if marked { look.symbols.marked } else { " " },
            1,
            Role::Mark,
        ),
        Span::styled(sign, look.style(phase_role)),
        Span::raw(" "),
    ]);
    // Where there is no column for the state, the sign stands before the name.
    let in_name = row.trouble && columns.state == 0 && columns.name > 2;
    if in_name {
        line.push_span(trouble_sign(look, faded));
    }
    let room = columns.name - if in_name { 2 } else { 0 };
    line.push_span(Span::styled(name(row, room, look), look.style(role)));
    let cells = [
        (columns.product, row.product.as_str(), role),
        (columns.account, row.account_words.as_str(), role),
    ];
    for (width, text, role) in cells {
        push_cell(&mut line, columns.gap, width, text, role, look);
    }
    push_state(&mut line, row, columns, (phase_role, faded), look);
    let (text, served_role) = served::words(row.served, look);
    let served_role = if faded { Role::Dim } else { served_role };
    push_cell(
        &mut line,
        columns.gap,
        columns.served,
        &text,
        served_role,
        look,
    );
    push_expiry(&mut line, row, columns, look);
    line
}

/// The state, and in front of it the sign that the row's place cannot be read any more.
fn push_state(
    line: &mut Line<'static>,
    row: &Row,
    columns: &Columns,
    (role, faded): (Role, bool),
    look: &Look<'_>,
) {
    let (mut gap, mut width) = (columns.gap, columns.state);
    if row.trouble && width > 2 {
        line.push_span(Span::raw(" ".repeat(gap)));
        line.push_span(trouble_sign(look, faded));
        (gap, width) = (0, width - 2);
    }
    let state = state::fitted(row, width, look);
    push_cell(line, gap, width, &state, role, look);
}

fn trouble_sign(look: &Look<'_>, faded: bool) -> Span<'static> {
    let role = if faded { Role::Dim } else { Role::Warn };
    Span::styled(format!("{} ", look.symbols.trouble), look.style(role))
}

fn push_cell(
    line: &mut Line<'static>,
    gap: usize,
    width: usize,
    text: &str,
    role: Role,
    look: &Look<'_>,
) {
    if width > 0 {
        line.push_span(Span::raw(" ".repeat(gap)));
        let cell = padded(&look.fit(text, width), width);
        line.push_span(Span::styled(cell, look.style(role)));
    }
}

/// The name, and how many more there are: the number is never cut.
fn name(row: &Row, width: usize, look: &Look<'_>) -> String {
    if row.more_names == 0 {
        return padded(&look.fit(&row.name, width), width);
    }
    let more = format!(" +{}", row.more_names);
    let fitted = look.fit(&row.name, width.saturating_sub(more.len()));
    padded(&look.fit(&format!("{fitted}{more}"), width), width)
}

fn push_expiry(line: &mut Line<'static>, row: &Row, columns: &Columns, look: &Look<'_>) {
    if columns.expiry == 0 {
        return;
    }
    let gap = " ".repeat(columns.gap);
    let Some((from, to)) = row.validity else {
        let bar = if columns.bar > 0 {
            columns.bar + columns.gap
        } else {
            0
        };
        let blank = columns.expiry + bar;
        let none = format!("{gap}{:>blank$}", look.symbols.none);
        line.push_span(Span::styled(none, look.style(Role::Dim)));
        return;
    };
    let style = look.style(expiry_role(row, from, to));
    if columns.bar > 0 {
        let bar = bar(row, from, to, columns.bar, look);
        line.push_span(Span::raw(gap.clone()));
        line.push_span(Span::styled(bar, style));
    }
    let relative = look.fit(&time::relative(row.now, to), columns.expiry);
    let text = format!("{gap}{relative:>width$}", width = columns.expiry);
    line.push_span(Span::styled(text, style));
}

/// By the renewal window and the end of life, never by a fixed number of days.
fn expiry_role(row: &Row, from: jiff::Timestamp, to: jiff::Timestamp) -> Role {
    if row.superseded || row.archived || row.is_ca {
        Role::Dim
    } else if row.now > to {
        Role::Bad
    } else if row.now >= renewal::window_opens(from, to) {
        Role::Warn
    } else {
        Role::Good
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the share lies between 0 and 1 and the bar has a few cells"
)]
fn bar(
    row: &Row,
    from: jiff::Timestamp,
    to: jiff::Timestamp,
    cells: usize,
    look: &Look<'_>,
) -> String {
    let left = renewal::fraction_left(from, to, row.now);
    let full = (left * cells as f64).ceil() as usize;
    let full = full.min(cells);
    let signs = look.symbols;
    format!(
        "{}{}",
        signs.bar_full.repeat(full),
        signs.bar_empty.repeat(cells - full)
    )
}

/// The text with blanks up to `width` columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(crate::domain::text::width(text));
    format!("{text}{}", " ".repeat(missing))
}
