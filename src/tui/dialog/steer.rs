//! What keys come to in a dialog or menu, whichever scope they were looked up in.
//!
//! Dialogs with a text field are looked up in the form's scope, those without in the dialog's,
//! menus in the menu's; arrows that are bound nowhere arrive as they are. This brings all of it to
//! a handful of moves. Called by the dialogs beside it.

use crossterm::event::{KeyCode, KeyEventKind};

use crate::tui::overlay::Input;
use crate::tui::ui_action::UiAction;

/// A move in a dialog or menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Move {
    /// To what comes next: the button to the right, the next field.
    Next,
    /// To what came before.
    Previous,
    /// A line down.
    Down,
    /// A line up.
    Up,
    /// Several lines down.
    FarDown,
    /// Several lines up.
    FarUp,
    /// To the first line.
    Top,
    /// To the last line.
    Bottom,
    /// Press what has the focus.
    Press,
    /// Away, nothing happens.
    Cancel,
}

/// The move that an input asks for, if it is one. A paste never is.
pub(in crate::tui) fn steer(input: &Input) -> Option<Move> {
    match input {
        Input::Action(action) => by_action(*action),
        Input::Text(key) if key.kind != KeyEventKind::Release => by_key(key.code),
        _ => None,
    }
}

fn by_action(action: UiAction) -> Option<Move> {
    match action {
        UiAction::DialogRight | UiAction::FormNextField | UiAction::NextPane => Some(Move::Next),
        UiAction::DialogLeft | UiAction::FormPreviousField | UiAction::PreviousPane => {
            Some(Move::Previous)
        }
        UiAction::CursorDown => Some(Move::Down),
        UiAction::CursorUp => Some(Move::Up),
        UiAction::PageDown | UiAction::HalfPageDown => Some(Move::FarDown),
        UiAction::PageUp | UiAction::HalfPageUp => Some(Move::FarUp),
        UiAction::Top => Some(Move::Top),
        UiAction::Bottom => Some(Move::Bottom),
        UiAction::DialogConfirm | UiAction::Open => Some(Move::Press),
        UiAction::DialogCancel | UiAction::FormCancel | UiAction::Back => Some(Move::Cancel),
        _ => None,
    }
}

fn by_key(code: KeyCode) -> Option<Move> {
    match code {
        KeyCode::Right | KeyCode::Tab => Some(Move::Next),
        KeyCode::Left | KeyCode::BackTab => Some(Move::Previous),
        KeyCode::Down => Some(Move::Down),
        KeyCode::Up => Some(Move::Up),
        KeyCode::PageDown => Some(Move::FarDown),
        KeyCode::PageUp => Some(Move::FarUp),
        KeyCode::Home => Some(Move::Top),
        KeyCode::End => Some(Move::Bottom),
        KeyCode::Enter => Some(Move::Press),
        KeyCode::Esc => Some(Move::Cancel),
        _ => None,
    }
}

/// Where a cursor over `count` lines goes.
pub(in crate::tui) fn line_after(at: usize, count: usize, step: Move) -> usize {
    const FAR: usize = 10;
    let last = count.saturating_sub(1);
    match step {
        Move::Down | Move::Next => at.saturating_add(1).min(last),
        Move::Up | Move::Previous => at.saturating_sub(1),
        Move::FarDown => at.saturating_add(FAR).min(last),
        Move::FarUp => at.saturating_sub(FAR),
        Move::Top => 0,
        Move::Bottom => last,
        Move::Press | Move::Cancel => at,
    }
}
