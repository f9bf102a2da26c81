//! Keys become actions here and nowhere else, and each action goes to its part of the screen.

use crossterm::event::KeyEvent;

use super::{accounts, actions, bulk, details, list, overlay, timeline};
use crate::tui::keymap::{Key, Resolution, Scope};
use crate::tui::layout::Focus;
use crate::tui::message::Effect;
use crate::tui::model::{Layer, Model};
use crate::tui::overlay::Input;
use crate::tui::ui_action::UiAction;

/// A key was pressed; letting one go means nothing.
pub(super) fn press(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    let Some(key) = Key::from_event(event) else {
        return Vec::new();
    };
    model.pressed.push(key);
    let scope = model.scope();
    let mut resolution = model.settings.keymap.resolve(scope, &model.pressed);
    if resolution == Resolution::Unbound && model.pressed.len() > 1 {
        // The sequence came to nothing; the last key may be the beginning of something else.
        model.pressed = vec![key];
        resolution = model.settings.keymap.resolve(scope, &model.pressed);
    }
    match resolution {
        Resolution::Pending => Vec::new(),
        Resolution::Action(action) => {
            model.pressed.clear();
            act(model, action)
        }
        Resolution::Unbound => {
            model.pressed.clear();
            unbound(model, event)
        }
    }
}

/// A key that means nothing here is text, where text is typed.
fn unbound(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    match &model.layer {
        Some(Layer::Overlay(_)) => overlay::input(model, &Input::Text(event)),
        Some(Layer::Actions(_) | Layer::Bulk(_)) => in_menu_as_in_list(model, event),
        None if model.list.typing => list::type_filter(model, event),
        Some(Layer::Outcomes) | None => Vec::new(),
    }
}

/// The menu shows the keys that actions have in the list, so they work in it, too.
fn in_menu_as_in_list(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    let asked = model.settings.keymap.lookup(Scope::List, event);
    match asked {
        Some(action @ (UiAction::Copy | UiAction::NextEvent | UiAction::Do(_))) => {
            in_menu(model, action)
        }
        _ => Vec::new(),
    }
}

fn in_menu(model: &mut Model, action: UiAction) -> Vec<Effect> {
    match &model.layer {
        Some(Layer::Bulk(_)) => bulk::in_menu(model, action),
        _ => actions::in_menu(model, action),
    }
}

/// Something was asked for by key or click.
pub(super) fn act(model: &mut Model, action: UiAction) -> Vec<Effect> {
    match action {
        UiAction::Quit => return quit(model),
        UiAction::Suspend => return vec![Effect::Suspend],
        UiAction::Redraw => return vec![Effect::Redraw],
        _ => {}
    }
    match &model.layer {
        Some(Layer::Overlay(_)) => overlay::input(model, &Input::Action(action)),
        Some(Layer::Actions(_) | Layer::Bulk(_)) => in_menu(model, action),
        Some(Layer::Outcomes) => bulk::in_outcomes(model, action),
        None if model.list.typing => list::while_typing(model, action),
        None => in_panes(model, action),
    }
}

fn in_panes(model: &mut Model, action: UiAction) -> Vec<Effect> {
    if action == UiAction::Back {
        model.toasts.dismiss();
    }
    match action {
        UiAction::Help => overlay::open_help(model),
        UiAction::Order => actions::order(model),
        UiAction::Accounts => accounts::open(model),
        UiAction::Filter => list::begin_filter(model),
        UiAction::Actions => actions::open_menu(model),
        UiAction::Copy => actions::perform(model, "copy"),
        UiAction::NextEvent => {
            let next = actions::next_event(model);
            actions::perform(model, next)
        }
        UiAction::Do(id) => actions::by_key(model, id),
        UiAction::ClockPause | UiAction::ClockSpeed => actions::clock(model, action),
        UiAction::Timeline => timeline::open(model),
        UiAction::Refresh => accounts::refresh(model),
        UiAction::Predecessor | UiAction::Successor => details::follow(model, action),
        UiAction::NextPane | UiAction::PreviousPane => {
            model.focus = match model.focus {
                Focus::List => Focus::Details,
                Focus::Details => Focus::List,
            };
            Vec::new()
        }
        _ if action.tab_index().is_some() => details::show_tab(model, action),
        _ => match model.focus {
            Focus::List => list::act(model, action),
            Focus::Details => details::act(model, action),
        },
    }
}

/// Closes the panel, unless an answer must be waited for; asked twice, it closes all the same.
fn quit(model: &mut Model) -> Vec<Effect> {
    let Some(job) = model.jobs.holding_the_exit() else {
        return vec![Effect::Quit];
    };
    if model.leaving {
        return vec![Effect::Quit];
    }
    let says = format!(
        "Waiting for the answer to {:?} before closing; quit once more to leave without it",
        job.label
    );
    model.leaving = true;
    model.toasts.plain(model.now, says);
    Vec::new()
}
