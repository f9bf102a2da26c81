//! What is done to entries: the gate is asked, then a dialog, then the engine.
//!
//! An action that is not possible says why; it never does nothing silently.

use std::sync::Arc;

use super::overlay::purpose_of;
use super::{bulk, overlay, probing, unsettled};
use crate::domain::account::AccountKind;
use crate::domain::action::{self, ActionSpec, Danger, Kind, PROBE};
use crate::domain::bulk::is_for_several;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::gate::Verdict;
use crate::domain::key_need;
use crate::domain::lifecycle::ActionRow;
use crate::engine::command::Answers;
use crate::engine::command::{ClockChange, Command, Tone};
use crate::tui::actions_menu::{ActionsMenu, title};
use crate::tui::dialog::{
    self, ByHandDialog, Confirm, CopyMenu, EventMenu, ExportDialog, InvoiceDialog, NotePrompt,
    Question, RecordMenu, SupportMail, about,
};
use crate::tui::form::AnswerForm;
use crate::tui::message::Effect;
use crate::tui::model::{Job, Layer, Model};
use crate::tui::overlay::Overlay;
use crate::tui::ui_action::UiAction;

/// Opens the menu of actions.
pub(super) fn open_menu(model: &mut Model) -> Vec<Effect> {
    if !model.marks.is_empty() {
        return bulk::open_menu(model);
    }
    match model.selected() {
        Some(entry) => {
            let menu = ActionsMenu::of(&entry, &model.inventory, model.now);
            model.layer = Some(Layer::Actions(menu));
        }
        None => nothing_selected(model),
    }
    Vec::new()
}

/// An action while the menu is open.
pub(super) fn in_menu(model: &mut Model, action: UiAction) -> Vec<Effect> {
    let Some(Layer::Actions(menu)) = &mut model.layer else {
        return Vec::new();
    };
    match action {
        UiAction::CursorDown => menu.step(1),
        UiAction::CursorUp => menu.step(-1),
        UiAction::Top => menu.cursor = 0,
        UiAction::Bottom => menu.step(isize::MAX),
        UiAction::Back => model.layer = None,
        UiAction::Help => return overlay::open_help(model),
        UiAction::Open => return menu.action().map_or_else(Vec::new, |id| chosen(model, id)),
        UiAction::Do(id) => return by_key(model, id),
        UiAction::Copy => return chosen(model, "copy"),
        UiAction::NextEvent => {
            let next = next_event(model);
            return chosen(model, next);
        }
        _ => {}
    }
    Vec::new()
}

/// A line of the menu was chosen; where it is not possible, the menu stays.
fn chosen(model: &mut Model, id: &str) -> Vec<Effect> {
    let menu = model.layer.take();
    let effects = perform(model, id);
    if effects.is_empty() && model.layer.is_none() && !model.selected_allows(id) {
        model.layer = menu;
    }
    effects
}

/// What brings the next event: the sandbox lets it happen, by hand a person writes it down.
pub(super) fn next_event(model: &Model) -> &'static str {
    let entry = model.selected();
    let by_hand = entry.is_some_and(|entry| about::is_by_hand(&entry, &model.inventory));
    if by_hand { "record" } else { "play-event" }
}

/// An action's own key: the one for archiving also brings back.
pub(super) fn by_key(model: &mut Model, id: &'static str) -> Vec<Effect> {
    let archived = model.selected().is_some_and(|entry| entry.archived);
    let id = if id == "archive" && archived {
        "restore"
    } else {
        id
    };
    if matches!(model.layer, Some(Layer::Actions(_))) {
        return chosen(model, id);
    }
    perform(model, id)
}

/// Does an action to the selected entry, or to all marked ones where it can be done to several.
pub(super) fn perform(model: &mut Model, id: &str) -> Vec<Effect> {
    let Some(spec) = action::spec(id) else {
        return Vec::new();
    };
    if spec.id == PROBE && (!model.marks.is_empty() || probing::is_under_way(model)) {
        return probing::toggle(model);
    }
    if !model.marks.is_empty() && is_for_several(spec) {
        return bulk::ask(model, spec);
    }
    let Some(entry) = model.selected() else {
        nothing_selected(model);
        return Vec::new();
    };
    match model.inventory.verdict(id, &entry, model.now) {
        Verdict::Refused(reason) => {
            let title = title(&entry, &model.inventory, id);
            let says = format!("{title}: {reason}");
            model.toasts.push(model.now, Tone::Warning, says);
            Vec::new()
        }
        Verdict::Possible { row } => carry_out(model, spec, &entry, row),
    }
}

fn carry_out(
    model: &mut Model,
    spec: &ActionSpec,
    entry: &Arc<Entry>,
    row: Option<usize>,
) -> Vec<Effect> {
    if spec.kind == Kind::Provider && about::is_by_hand(entry, &model.inventory) {
        return by_hand(model, spec.id, entry);
    }
    if action::is_settling(spec) {
        return unsettled::begin(model, spec, entry);
    }
    if spec.kind == Kind::Provider || spec.danger > Danger::Calm {
        return before_it(model, spec, entry, row);
    }
    let id = entry.id.clone();
    match spec.id {
        PROBE => probing::toggle(model),
        "reveal-key" => reveal(model, &id),
        "restore" => run(model, Command::Restore { entry: id }, false),
        other => open_dialog(model, other, entry),
    }
}

/// Nobody can be asked: says what to do in the provider's own panel instead.
fn by_hand(model: &mut Model, id: &str, entry: &Entry) -> Vec<Effect> {
    let title = title(entry, &model.inventory, id);
    let dialog = ByHandDialog::of(id, &title, entry, &model.inventory, model.now);
    model.layer = Some(Layer::Overlay(Overlay::ByHand(Box::new(dialog))));
    Vec::new()
}

fn open_dialog(model: &mut Model, id: &str, entry: &Entry) -> Vec<Effect> {
    let (inventory, now) = (&model.inventory, model.now);
    let overlay = match id {
        "open-invoice" => InvoiceDialog::of(entry, inventory, now).map(Overlay::Invoice),
        "contact-support" => SupportMail::of(entry, inventory, now).map(Overlay::Support),
        "play-event" => Some(Overlay::Events(EventMenu::of(entry, inventory, now))),
        "copy" => {
            let details = model.details.details_of(&entry.id);
            Some(Overlay::Copy(CopyMenu::of(entry, details, inventory, now)))
        }
        "export" => Some(Overlay::Export(Box::new(ExportDialog::of(
            entry, inventory, now,
        )))),
        "record" => Some(Overlay::Records(RecordMenu::of(entry, inventory, now))),
        "describe" => dialog::describe(&entry.id, inventory, now),
        "note" => Some(Overlay::Note(NotePrompt::of(entry, inventory))),
        _ => None,
    };
    if let Some(overlay) = overlay {
        model.layer = Some(Layer::Overlay(overlay));
    } else {
        let title = title(entry, inventory, id);
        let says = format!("There is nothing to show for {title:?} here");
        model.toasts.plain(now, says);
    }
    Vec::new()
}

/// What comes before something that is sent, costs or changes something: what has to be said for
/// it, a question, or nothing where it can break nothing and the provider asks nothing either.
fn before_it(
    model: &mut Model,
    spec: &ActionSpec,
    entry: &Arc<Entry>,
    row: Option<usize>,
) -> Vec<Effect> {
    let found = row_at(model, entry, row).cloned();
    let Some(found) = found else {
        return ask(model, spec, entry, row);
    };
    if !found.asks.is_empty() {
        let question = question(model, spec, entry, row);
        let seen = model.inventory.standing_key(entry, model.now);
        let form = AnswerForm::new(question, entry, &found, seen);
        model.layer = Some(Layer::Overlay(Overlay::Answers(Box::new(form))));
        return Vec::new();
    }
    if found.danger(spec) == Danger::Calm && found.confirm.is_none() {
        let command = command_for(model, spec, entry);
        return run(model, command, false);
    }
    ask(model, spec, entry, row)
}

/// The row of the entry's table that allows an action.
fn row_at<'a>(model: &'a Model, entry: &Entry, row: Option<usize>) -> Option<&'a ActionRow> {
    model.inventory.lifecycle_of(entry)?.actions.get(row?)
}

/// Asks before something is sent, costs or changes something.
pub(super) fn ask(
    model: &mut Model,
    spec: &ActionSpec,
    entry: &Entry,
    row: Option<usize>,
) -> Vec<Effect> {
    let question = question(model, spec, entry, row);
    let command = command_for(model, spec, entry);
    model.plan = None;
    let confirm = Confirm::new(question, command);
    model.layer = Some(Layer::Overlay(Overlay::Confirm(Box::new(confirm))));
    Vec::new()
}

/// The question in the provider's own words, or in the catalogue's.
pub(super) fn question(
    model: &Model,
    spec: &ActionSpec,
    entry: &Entry,
    row: Option<usize>,
) -> Question {
    if spec.id == "run-deploy" && model.jobs.deploys(&entry.id) {
        return stop_deploying(model, entry);
    }
    let row = row_at(model, entry, row);
    let title = title(entry, &model.inventory, spec.id);
    let own = row.and_then(|row| row.confirm.as_ref());
    let account = model.inventory.accounts.get(&entry.account);
    Question {
        title: own.map_or_else(
            || format!("{title}: {}", entry.name()),
            |own| format!("{}: {}", own.title, entry.name()),
        ),
        text: own.map_or_else(|| usual_text(model, spec, entry), |own| own.text.clone()),
        submit: own.map_or_else(|| title.clone(), |own| own.submit.clone()),
        keep: own.map_or_else(|| keep_words(spec).to_owned(), |own| own.keep.clone()),
        sandbox: account.is_some_and(|account| account.kind == AccountKind::Sandbox),
        danger: row.map_or(spec.danger, |row| row.danger(spec)),
        name: entry.name().to_owned(),
    }
}

/// What happens, where the provider has no words of its own for it.
fn usual_text(model: &Model, spec: &ActionSpec, entry: &Entry) -> String {
    if spec.id == action::DESTROY_KEY {
        let now = model.inventory.time_of(&entry.account, model.now);
        return key_need::what_breaks(entry, now);
    }
    spec.says.to_owned()
}

fn keep_words(spec: &ActionSpec) -> &'static str {
    match spec.id {
        action::DESTROY_KEY => "Keep the key",
        _ => "Leave it as it is",
    }
}

/// A deploy command that is running is stopped by the key that started it.
fn stop_deploying(model: &Model, entry: &Entry) -> Question {
    Question {
        title: format!("Stop the deploy command: {}", entry.name()),
        text:
            "The command is told to end, with all that it started. What it has done by then stays \
               done, and the entry stays marked as not deployed."
                .to_owned(),
        submit: "Stop it".to_owned(),
        keep: "Let it go on".to_owned(),
        sandbox: about::is_sandbox(entry, &model.inventory),
        danger: Danger::Asks,
        name: entry.name().to_owned(),
    }
}

/// The command that an action comes to; it carries the state that the person saw.
pub(super) fn command_for(model: &Model, spec: &ActionSpec, entry: &Entry) -> Command {
    let id = entry.id.clone();
    match spec.id {
        action::DESTROY_KEY => Command::DestroyKey { entry: id },
        "archive" => Command::Archive { entry: id },
        "restore" => Command::Restore { entry: id },
        "run-deploy" if model.jobs.deploys(&id) => Command::CancelDeploy { entry: id },
        "run-deploy" => Command::Deploy {
            entry: id,
            exported: Vec::new(),
        },
        action::SEND_AGAIN => Command::SendAgain { entry: id },
        action::GIVE_UP => Command::GiveUp { entry: id },
        action => Command::Act {
            entry: id,
            action: action.to_owned(),
            with: Answers::default(),
            seen_state: model.inventory.standing_key(entry, model.now),
        },
    }
}

/// Shows the private key; asked again, hides it.
fn reveal(model: &mut Model, id: &EntryId) -> Vec<Effect> {
    if model.details.revealed_of(id).is_some() {
        model.details.revealed = None;
        return Vec::new();
    }
    run(model, Command::RevealKey { entry: id.clone() }, false)
}

/// Asks what is sold, so that the order form can be opened.
pub(super) fn order(model: &mut Model) -> Vec<Effect> {
    if model.settings.read_only {
        read_only(model);
        return Vec::new();
    }
    vec![Effect::LoadOffers]
}

/// Stops, starts or speeds up the sandbox's clocks.
pub(super) fn clock(model: &mut Model, action: UiAction) -> Vec<Effect> {
    let has_sandbox = model
        .inventory
        .accounts
        .values()
        .any(|account| account.clock.is_some());
    if !has_sandbox {
        let says = "There is no sandbox here, so there is no clock to stop or to speed up";
        model.toasts.push(model.now, Tone::Warning, says);
        return Vec::new();
    }
    let change = match action {
        UiAction::ClockPause => ClockChange::TogglePause,
        _ => ClockChange::NextSpeed,
    };
    let account = None;
    run(model, Command::Clock { account, change }, false)
}

/// Hands a command to the engine. The same one is not sent twice at once.
pub(super) fn run(model: &mut Model, command: Command, form_waits: bool) -> Vec<Effect> {
    if model.settings.read_only && !only_looks(&command) {
        read_only(model);
        return Vec::new();
    }
    let job = describe(model, &command, form_waits);
    if job.holds_the_exit && model.jobs.has(job.entry.as_ref(), &job.label) {
        let says = format!("{} is under way already", job.label);
        model.toasts.plain(model.now, says);
        return Vec::new();
    }
    let id = model.jobs.start(job);
    // A passphrase is not asked for a second time, and stays nowhere.
    if !matches!(command, Command::Unlock { .. }) {
        model.asked.insert(id, command.clone());
    }
    vec![Effect::Run(id, command)]
}

/// Whether a command changes nothing, so that it is possible also where nothing may be changed.
fn only_looks(command: &Command) -> bool {
    matches!(
        command,
        Command::CheckAccount { .. }
            | Command::Discover { .. }
            | Command::Probe(_)
            | Command::StopProbing
    )
}

fn describe(model: &Model, command: &Command, form_waits: bool) -> Job {
    let named = |id: &EntryId| {
        let entry = model.inventory.get(id);
        entry.map_or_else(|| id.to_string(), |entry| entry.name().to_owned())
    };
    let (label, entry) = match command {
        Command::Order(form) => {
            let name = form.names.first().map_or("", String::as_str);
            (format!("Order {name}"), None)
        }
        Command::Act { entry, action, .. } => {
            let shown = model.inventory.get(entry);
            let title =
                shown.map_or_else(|| action.clone(), |e| title(&e, &model.inventory, action));
            (format!("{title} {}", named(entry)), Some(entry))
        }
        Command::Candidates { entry } => (format!("Look for {}", named(entry)), Some(entry)),
        Command::Adopt { entry, .. } => (format!("Adopt {}", named(entry)), Some(entry)),
        Command::SendAgain { entry } => (format!("Send again {}", named(entry)), Some(entry)),
        Command::GiveUp { entry } => (format!("Give up {}", named(entry)), Some(entry)),
        Command::Play { entry, event } => {
            (format!("Sandbox: {event} {}", named(entry)), Some(entry))
        }
        Command::RevealKey { entry } | Command::CopyKey { entry } => {
            (format!("Private key of {}", named(entry)), Some(entry))
        }
        Command::DestroyKey { entry } => (
            format!("Destroy the private key of {}", named(entry)),
            Some(entry),
        ),
        Command::Unlock { .. } | Command::ChangeKeys(_) => ("Private keys".to_owned(), None),
        Command::Export(export) => (
            format!("Export {}", named(&export.entry)),
            Some(&export.entry),
        ),
        Command::Deploy { entry, .. } => (format!("Deploy {}", named(entry)), Some(entry)),
        Command::CancelDeploy { entry } => {
            (format!("Stop deploying {}", named(entry)), Some(entry))
        }
        Command::Note { entry, .. } => (format!("Note {}", named(entry)), Some(entry)),
        Command::Archive { entry } => (format!("Archive {}", named(entry)), Some(entry)),
        Command::Restore { entry } => (format!("Restore {}", named(entry)), Some(entry)),
        Command::Import { .. } => ("Import".to_owned(), None),
        Command::OrderByHand(_) => ("Order by hand".to_owned(), None),
        Command::Record(record) => (
            format!("Record {}", named(&record.entry)),
            Some(&record.entry),
        ),
        Command::AddAccount(draft) => (format!("Add account {}", draft.name), None),
        Command::RemoveAccount { name } => (format!("Remove account {name}"), None),
        Command::CheckAccount { name } => (format!("Check account {name}"), None),
        Command::Sync { .. } => ("Look at what is watched".to_owned(), None),
        Command::Discover { .. } => ("Find certificates".to_owned(), None),
        Command::Probe(form) => (super::probing::label(form, named), None),
        Command::StopProbing => ("Call off probing".to_owned(), None),
        Command::Clock { .. } => ("Sandbox clock".to_owned(), None),
        Command::Zone { account, .. } => (format!("Zone of {account}"), None),
    };
    Job {
        label,
        entry: entry.cloned(),
        holds_the_exit: matches!(
            command,
            Command::Order(_)
                | Command::Act { .. }
                | Command::SendAgain { .. }
                | Command::Export(_)
                | Command::DestroyKey { .. }
                | Command::Deploy { .. }
        ),
        purpose: purpose_of(command),
        form_waits,
    }
}

/// Says that nothing can be changed.
pub(super) fn refuse_changes(model: &mut Model) -> Vec<Effect> {
    read_only(model);
    Vec::new()
}

fn read_only(model: &mut Model) {
    let says =
        "certdeck was started read-only: nothing can be changed; start it without --read-only";
    model.toasts.push(model.now, Tone::Warning, says);
}

pub(super) fn nothing_selected(model: &mut Model) {
    let says = "No entry is selected; order one with o, or drop the filter with esc";
    model.toasts.push(model.now, Tone::Warning, says);
}
