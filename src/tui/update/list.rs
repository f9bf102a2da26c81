//! What happens in the list: the cursor, the filter, the order, the marks.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

use crate::tui::layout::Focus;
use crate::tui::message::Effect;
use crate::tui::model::Model;
use crate::tui::ui_action::UiAction;

/// An action in the list.
pub(super) fn act(model: &mut Model, action: UiAction) -> Vec<Effect> {
    match action {
        UiAction::Open if model.list.selected.is_some() => model.focus = Focus::Details,
        UiAction::Mark => mark(model),
        UiAction::Sort => sort(model),
        UiAction::Back => back(model),
        UiAction::Expand => model.details.expanded = !model.details.expanded,
        _ => move_cursor(model, action),
    }
    Vec::new()
}

fn move_cursor(model: &mut Model, action: UiAction) {
    let rows = usize::from(model.screen().list_inside().height).max(1);
    let page = isize::try_from(rows).unwrap_or(1);
    match action {
        UiAction::CursorDown => model.list.step(1),
        UiAction::CursorUp => model.list.step(-1),
        UiAction::PageDown => model.list.step(page),
        UiAction::PageUp => model.list.step(-page),
        UiAction::HalfPageDown => model.list.step((page / 2).max(1)),
        UiAction::HalfPageUp => model.list.step(-(page / 2).max(1)),
        UiAction::Top => model.list.select(0),
        UiAction::Bottom => model.list.select(usize::MAX),
        _ => {}
    }
}

fn mark(model: &mut Model) {
    let Some(id) = model.list.selected.clone() else {
        return;
    };
    if !model.marks.remove(&id) {
        model.marks.insert(id);
    }
    model.list.step(1);
}

fn sort(model: &mut Model) {
    model.list.sort = model.list.sort.next();
    model.list.arrange();
    let says = format!("Ordered by {}", model.list.sort.words());
    model.toasts.plain(model.now, says);
}

/// Undoes one thing at a time: the marks, then the filter.
fn back(model: &mut Model) {
    if model.marks.is_empty() {
        clear_filter(model);
    } else {
        model.marks.clear();
    }
}

fn clear_filter(model: &mut Model) {
    model.list.filter.reset();
    model.list.typing = false;
    model.list.arrange();
}

/// Shows what a filter finds, as if it had been typed.
pub(super) fn show_filtered(model: &mut Model, filter: String) -> Vec<Effect> {
    model.focus = Focus::List;
    model.list.filter = Input::new(filter);
    model.list.typing = false;
    show_found(model);
    Vec::new()
}

/// Opens the line in which the filter is typed.
pub(super) fn begin_filter(model: &mut Model) -> Vec<Effect> {
    model.focus = Focus::List;
    model.list.typing = true;
    Vec::new()
}

/// An action while the filter is typed.
pub(super) fn while_typing(model: &mut Model, action: UiAction) -> Vec<Effect> {
    match action {
        // What is wrong is not kept: it stays to be mended, and the line says what is expected.
        UiAction::FilterKeep => model.list.typing = model.list.problem.is_some(),
        UiAction::FilterClear => clear_filter(model),
        UiAction::Help => return super::overlay::open_help(model),
        _ => move_cursor(model, action),
    }
    Vec::new()
}

/// A key that types, moves or deletes in the filter.
pub(super) fn type_filter(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if let Some(request) = edit_of(event) {
        let changed = model.list.filter.handle(request);
        if changed.is_some_and(|change| change.value) {
            show_found(model);
        }
    }
    Vec::new()
}

/// Filters anew; the cursor goes to the first that is found, as whoever searches expects.
fn show_found(model: &mut Model) {
    model.list.search();
}

/// Pasted text goes into the filter as one line.
pub(super) fn paste_filter(model: &mut Model, text: &str) {
    for c in text.chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if !c.is_control() {
            model.list.filter.handle(InputRequest::InsertChar(c));
        }
    }
    show_found(model);
}

fn edit_of(event: KeyEvent) -> Option<InputRequest> {
    let with_ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let with_alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(match event.code {
        KeyCode::Char('w') if with_ctrl => InputRequest::DeletePrevWord,
        KeyCode::Char('u') if with_ctrl => InputRequest::DeleteLine,
        KeyCode::Char('k') if with_ctrl => InputRequest::DeleteTillEnd,
        KeyCode::Char('a') if with_ctrl => InputRequest::GoToStart,
        KeyCode::Char('e') if with_ctrl => InputRequest::GoToEnd,
        KeyCode::Char(_) if with_ctrl || with_alt => return None,
        KeyCode::Char(c) => InputRequest::InsertChar(c),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    })
}
