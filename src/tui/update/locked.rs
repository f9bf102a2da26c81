//! What needs a passphrase: it is asked for, and then what needed it goes on.
//!
//! A form that waits lies below meanwhile, with all that was typed into it.

use super::{actions, overlay};
use crate::engine::command::{Command, Lock};
use crate::tui::dialog::PassphraseDialog;
use crate::tui::message::Effect;
use crate::tui::model::{Layer, Model};
use crate::tui::overlay::{Input, Overlay};

/// Asks for the passphrase that a command needs.
pub(super) fn ask(model: &mut Model, lock: Lock, command: Command, form_waits: bool) {
    let below = model.layer.take();
    // A menu or a question that came in between has nothing to do with it.
    model.behind = below.filter(|_| form_waits);
    let dialog = PassphraseDialog::new(lock, command, form_waits);
    model.layer = Some(Layer::Overlay(Overlay::Passphrase(Box::new(dialog))));
}

/// Asks once for the passphrase that an action on several entries needs; whether it is asked for, or
/// was already. The list of what came of it lies below.
pub(super) fn ask_for_several(model: &mut Model, lock: &Lock, command: &Command) -> bool {
    if are_several_locked(model) {
        return true;
    }
    if !matches!(model.layer, None | Some(Layer::Outcomes)) {
        return false;
    }
    model.behind = Some(Layer::Outcomes);
    let dialog = PassphraseDialog::new(lock.clone(), command.clone(), false);
    model.layer = Some(Layer::Overlay(Overlay::Passphrase(Box::new(dialog))));
    true
}

fn are_several_locked(model: &Model) -> bool {
    let outcomes = model.outcomes.as_ref();
    outcomes.is_some_and(crate::tui::model::Outcomes::is_locked)
}

/// It opened what was locked: what needed it goes on.
pub(super) fn go_on(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Overlay(Overlay::Passphrase(dialog))) = model.layer.take() else {
        return Vec::new();
    };
    model.layer = model.behind.take();
    if are_several_locked(model) {
        return super::bulk::send_held_back(model);
    }
    let (command, form_waits) = dialog.waiting();
    actions::run(model, command, form_waits)
}

/// The passphrase was not given: a form below hears that nothing was done.
pub(super) fn closed(model: &mut Model) -> Vec<Effect> {
    let Some(behind) = model.behind.take() else {
        return Vec::new();
    };
    model.layer = Some(behind);
    let says = "the passphrase was not given, so nothing was done".to_owned();
    if are_several_locked(model) {
        super::bulk::drop_held_back(model, &says);
        return Vec::new();
    }
    let fields = Vec::new();
    overlay::input(model, &Input::Failed { fields, says })
}
