//! A request of which nobody knows what came: a person chooses what becomes of it.
//!
//! `actions` begins it once the gate has let it through; what the provider holds comes back as the
//! answer of a job.

use super::actions::{ask, run};
use crate::domain::action::{ADOPT, ActionSpec};
use crate::domain::entry::Entry;
use crate::engine::command::{Candidates, Command, Tone};
use crate::tui::dialog::CandidateMenu;
use crate::tui::message::Effect;
use crate::tui::model::{Layer, Model};
use crate::tui::overlay::Overlay;

/// Begins one of the three ways on.
pub(super) fn begin(model: &mut Model, spec: &ActionSpec, entry: &Entry) -> Vec<Effect> {
    if spec.id == ADOPT {
        let entry = entry.id.clone();
        model
            .toasts
            .plain(model.now, "Asking what arrived…".to_owned());
        return run(model, Command::Candidates { entry }, false);
    }
    ask(model, spec, entry, None)
}

/// Opens the list of what the provider holds, unless somebody has gone on to something else.
pub(super) fn choose(model: &mut Model, candidates: &Candidates) {
    let Some(entry) = model.inventory.get(&candidates.entry) else {
        return;
    };
    let Some(menu) = CandidateMenu::of(&entry, candidates, &model.inventory) else {
        let says = format!(
            "{}: nothing is listed there that nobody has; send it again, or say that it never \
             arrived",
            entry.name()
        );
        model.toasts.push(model.now, Tone::Warning, says);
        return;
    };
    if model.layer.is_none() {
        model.layer = Some(Layer::Overlay(Overlay::Candidates(menu)));
    }
}
