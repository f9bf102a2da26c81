//! One action on all marked entries: one question, which says whom it is for and whom not.

use super::actions;
use crate::domain::action::{ActionSpec, Danger, Kind};
use crate::domain::entry::Entry;
use crate::domain::gate::Verdict;
use crate::engine::command::{Command, Tone};
use crate::tui::dialog::{Confirm, Question, about};
use crate::tui::message::Effect;
use crate::tui::model::{Layer, Model};
use crate::tui::overlay::Overlay;

/// How many names a question lists.
const NAMED: usize = 6;

/// Whether an action makes sense for several entries at once. What wants the name typed is asked
/// for one by one.
pub(super) fn is_possible(spec: &ActionSpec) -> bool {
    let provider = spec.kind == Kind::Provider && spec.danger < Danger::WantsTheName;
    provider || matches!(spec.id, "archive" | "restore")
}

/// What the gate says of every marked entry.
#[derive(Default)]
struct Sorted {
    commands: Vec<Command>,
    names: Vec<String>,
    left_out: Vec<String>,
    first: Option<Question>,
}

/// Asks once for all marked entries.
pub(super) fn ask(model: &mut Model, spec: &ActionSpec) -> Vec<Effect> {
    let sorted = sort(model, spec);
    let marked = model.marks.len();
    let Some(first) = sorted.first else {
        let why = sorted.left_out.first().map_or("", String::as_str);
        let says = format!(
            "{}: not possible for any of the {marked} marked entries; {why}",
            spec.title
        );
        model.toasts.push(model.now, Tone::Warning, says);
        return Vec::new();
    };
    let count = sorted.names.len();
    let mut text = format!(
        "{}\n\nFor {count} of {marked} marked entries: {}.",
        first.text,
        list(&sorted.names)
    );
    if !sorted.left_out.is_empty() {
        text = format!("{text}\n\nLeft out: {}.", list(&sorted.left_out));
    }
    let question = Question {
        title: format!("{} ({count} entries)", spec.title),
        text,
        ..first
    };
    let mut commands = sorted.commands.into_iter();
    let Some(command) = commands.next() else {
        return Vec::new();
    };
    model.along = commands.collect();
    let confirm = Confirm::new(question, command);
    model.layer = Some(Layer::Overlay(Overlay::Confirm(Box::new(confirm))));
    Vec::new()
}

fn sort(model: &Model, spec: &ActionSpec) -> Sorted {
    let mut sorted = Sorted::default();
    let marked = model.marks.iter().filter_map(|id| model.inventory.get(id));
    for entry in marked {
        if spec.kind == Kind::Provider && about::is_by_hand(entry, &model.inventory) {
            let name = entry.name();
            let says = format!("{name} (kept by hand; it is done in the provider's own panel)");
            sorted.left_out.push(says);
            continue;
        }
        match model.inventory.verdict(spec.id, entry, model.now) {
            Verdict::Possible { row } => take_in(&mut sorted, model, spec, entry, row),
            Verdict::Refused(reason) => {
                sorted.left_out.push(format!("{} ({reason})", entry.name()));
            }
        }
    }
    sorted
}

fn take_in(
    sorted: &mut Sorted,
    model: &Model,
    spec: &ActionSpec,
    entry: &Entry,
    row: Option<usize>,
) {
    sorted
        .first
        .get_or_insert_with(|| actions::question(model, spec, entry, row));
    sorted
        .commands
        .push(actions::command_for(model, spec, entry));
    sorted.names.push(entry.name().to_owned());
}

fn list(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMED {
        text = format!("{text} and {} more", names.len() - NAMED);
    }
    text
}
