//! One action on all marked entries: a menu of what applies to how many, one question, and a list
//! of what came of it for each.

use std::sync::Arc;

use super::{actions, probing};
use crate::domain::action::{ActionSpec, Danger, Kind, PROBE};
use crate::domain::bulk::{self, Bulk, Fit, LeftOut};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::lifecycle::Confirm as Words;
use crate::engine::command::{Command, Done, Tone};
use crate::tui::bulk_menu::{self, BulkMenu};
use crate::tui::dialog::{Confirm, Question, about};
use crate::tui::message::{Effect, Failure, JobId, RefusedBy};
use crate::tui::model::{Came, Layer, Model, OutcomeLine, Outcomes, Plan};
use crate::tui::overlay::Overlay;
use crate::tui::ui_action::UiAction;
use crate::tui::view::capitalised;

/// How many names a question lists.
const NAMED: usize = 6;

/// Opens the menu over all marked entries.
pub(super) fn open_menu(model: &mut Model) -> Vec<Effect> {
    let menu = BulkMenu::of(
        &model.marks,
        &model.inventory,
        &model.settings.keymap,
        model.now,
    );
    model.layer = Some(Layer::Bulk(menu));
    Vec::new()
}

/// The menu as of now, after something has changed; gone where nothing is marked any more.
pub(super) fn refresh(model: &mut Model) {
    let Some(Layer::Bulk(menu)) = &model.layer else {
        return;
    };
    let keymap = &model.settings.keymap;
    let again = menu.again(&model.marks, &model.inventory, keymap, model.now);
    model.layer = (again.marked > 0).then_some(Layer::Bulk(again));
}

/// An action while the menu is open.
pub(super) fn in_menu(model: &mut Model, action: UiAction) -> Vec<Effect> {
    let Some(Layer::Bulk(menu)) = &mut model.layer else {
        return Vec::new();
    };
    match action {
        UiAction::CursorDown => menu.step(1),
        UiAction::CursorUp => menu.step(-1),
        UiAction::Top => menu.cursor = 0,
        UiAction::Bottom => menu.step(isize::MAX),
        UiAction::Back => model.layer = None,
        UiAction::Help => return super::overlay::open_help(model),
        UiAction::Open => return menu.action().map_or_else(Vec::new, |id| chosen(model, id)),
        UiAction::Do(id) => return chosen(model, id),
        _ => {}
    }
    Vec::new()
}

/// A line of the menu was chosen; where it applies to none, the menu stays.
fn chosen(model: &mut Model, id: &str) -> Vec<Effect> {
    let Some(spec) = crate::domain::action::spec(id).filter(|spec| bulk::is_for_several(spec))
    else {
        let says = "That is done with one entry at a time; drop the marks with esc first";
        model.toasts.push(model.now, Tone::Warning, says);
        return Vec::new();
    };
    if spec.id == PROBE {
        model.layer = None;
        return probing::toggle(model);
    }
    let spec = towards_the_list(model, spec);
    let menu = model.layer.take();
    let effects = ask(model, spec);
    if model.layer.is_none() {
        model.layer = menu;
    }
    effects
}

/// The key for archiving also brings back, where everything that is marked is archived.
fn towards_the_list(model: &Model, spec: &'static ActionSpec) -> &'static ActionSpec {
    let mut marked = model.marks.iter().filter_map(|id| model.inventory.get(id));
    if spec.id == "archive" && marked.all(|entry| entry.archived) {
        return crate::domain::action::spec("restore").unwrap_or(spec);
    }
    spec
}

/// Asks once for all marked entries.
pub(super) fn ask(model: &mut Model, spec: &'static ActionSpec) -> Vec<Effect> {
    let judged = bulk::judge(spec, &model.marks, &model.inventory, model.now);
    let title = bulk_menu::title(spec, &judged, &model.inventory);
    let commands: Vec<_> = judged
        .fits
        .iter()
        .filter_map(|fit| {
            let entry = model.inventory.get(&fit.entry)?;
            let command = actions::command_for(model, spec, &entry);
            Some((line(&entry, Came::UnderWay), command))
        })
        .collect();
    let Some((_, first)) = commands.first() else {
        let why = bulk_menu::left_out(&judged).join("; ");
        let marked = judged.count();
        let says = format!("{title}: not possible for any of the {marked} marked entries; {why}");
        model.toasts.push(model.now, Tone::Warning, says);
        return Vec::new();
    };
    let confirm =
        Confirm::new(question(model, spec, &judged, &title), first.clone()).about_several();
    model.plan = Some(Plan {
        title,
        commands,
        left_out: left_out(model, &judged),
    });
    model.layer = Some(Layer::Overlay(Overlay::Confirm(Box::new(confirm))));
    Vec::new()
}

fn line(entry: &Entry, came: Came) -> OutcomeLine {
    OutcomeLine {
        entry: entry.id.clone(),
        name: entry.name().to_owned(),
        came,
    }
}

fn left_out(model: &Model, judged: &Bulk) -> Vec<OutcomeLine> {
    let one = |left: &LeftOut| {
        let entry = model.inventory.get(&left.entry)?;
        Some(line(&entry, Came::LeftOut(left.why.clone())))
    };
    judged.left_out.iter().filter_map(one).collect()
}

/// Entries about which a provider asks in the same words.
struct Group<'a> {
    own: Option<&'a Words>,
    provider: String,
    entries: Vec<Arc<Entry>>,
}

fn groups<'a>(model: &'a Model, judged: &Bulk) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let fits = judged.fits.iter().filter_map(|fit: &Fit| {
        let entry = model.inventory.get(&fit.entry)?;
        Some((entry, fit.row(&model.inventory)))
    });
    for (entry, row) in fits {
        let own = row.and_then(|row| row.confirm.as_ref());
        let table = model.inventory.lifecycle_of(&entry);
        let provider = table
            .map_or(&entry.lifecycle, |table| &table.provider)
            .clone();
        let same = |group: &&mut Group<'_>| group.own == own && group.provider == provider;
        match groups.iter_mut().find(same) {
            Some(group) => group.entries.push(entry),
            None => groups.push(Group {
                own,
                provider,
                entries: vec![entry],
            }),
        }
    }
    groups
}

/// The question in the words of each provider, said once, and why entries are left out.
fn question(model: &Model, spec: &ActionSpec, judged: &Bulk, title: &str) -> Question {
    let groups = groups(model, judged);
    let (count, marked) = (judged.fits.len(), judged.count());
    let mut text = format!("For {count} of {marked} marked entries.");
    for group in &groups {
        let says = group.own.map_or(spec.says, |own| own.text.as_str());
        text = format!("{text}\n\n{}\n{says}", heading(model, spec, group));
    }
    let why = bulk_menu::left_out(judged);
    if !why.is_empty() {
        text = format!("{text}\n\n{}.", why.join("\n"));
    }
    // Buttons in a provider's words where all have the same.
    let own = match groups.as_slice() {
        [only] => only.own,
        _ => None,
    };
    let is_sandbox = |entry: &Arc<Entry>| about::is_sandbox(entry, &model.inventory);
    let mut entries = groups.iter().flat_map(|group| &group.entries);
    let shown = own.map_or(title, |own| own.title.as_str());
    Question {
        title: format!("{shown} ({count} entries)"),
        text,
        submit: own.map_or_else(|| title.to_owned(), |own| own.submit.clone()),
        keep: own.map_or_else(
            || "Leave them as they are".to_owned(),
            |own| own.keep.clone(),
        ),
        sandbox: entries.all(is_sandbox),
        danger: judged.danger(spec, &model.inventory).max(Danger::Asks),
        // Nobody types the names of several: how many they are shows that they were counted.
        name: count.to_string(),
    }
}

/// `Huawei Cloud, 2 entries: shop.example, api.example`; what is the sandbox's says so.
fn heading(model: &Model, spec: &ActionSpec, group: &Group<'_>) -> String {
    let name = |entry: &Arc<Entry>| {
        if about::is_sandbox(entry, &model.inventory) {
            format!("{} (sandbox)", entry.name())
        } else {
            entry.name().to_owned()
        }
    };
    let mut names: Vec<String> = group.entries.iter().take(NAMED).map(name).collect();
    let more = group.entries.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    let count = match group.entries.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let names = names.join(", ");
    match spec.kind {
        Kind::Provider => format!("{}, {count}: {names}", capitalised(&group.provider)),
        Kind::Local => format!("{count}: {names}"),
    }
}

/// The question was answered with yes: everything is sent, and what comes of it is listed.
pub(super) fn begin(model: &mut Model, plan: Plan) -> Vec<Effect> {
    if model.settings.read_only {
        return actions::refuse_changes(model);
    }
    let Plan {
        title,
        commands,
        left_out,
    } = plan;
    let (lines, commands): (Vec<OutcomeLine>, Vec<Command>) = commands.into_iter().unzip();
    let mut outcomes = Outcomes::new(title, lines);
    let mut effects = Vec::new();
    for (index, command) in commands.into_iter().enumerate() {
        let sent = actions::run(model, command, false);
        if let Some(Effect::Run(job, _)) = sent.first() {
            outcomes.wait_for(*job, index);
        } else {
            let says = "it was not sent: the same is under way already".to_owned();
            outcomes.lines[index].came = Came::Failed(says);
        }
        effects.extend(sent);
    }
    outcomes.lines.extend(left_out);
    model.outcomes = Some(outcomes);
    model.layer = Some(Layer::Outcomes);
    effects
}

/// An answer arrived; gives it back where it is for something else.
pub(super) fn arrived(
    model: &mut Model,
    job: JobId,
    outcome: Result<Done, Failure>,
    asked: Option<&Command>,
) -> Option<Result<Done, Failure>> {
    if model.outcomes.as_ref().is_none_or(|all| !all.awaits(job)) {
        return Some(outcome);
    }
    if let Err(failure) = &outcome
        && let (Some(lock), Some(command)) = (&failure.locked, asked)
        && super::locked::ask_for_several(model, lock, command)
    {
        model.outcomes.as_mut()?.hold_back(job, command.clone());
        return None;
    }
    let outcomes = model.outcomes.as_mut()?;
    let _ = outcomes.arrived(job, came(outcome));
    if outcomes.is_over() && !matches!(model.layer, Some(Layer::Outcomes)) {
        // Whoever has closed the list hears of its end.
        let (tone, says) = ending(outcomes);
        model.toasts.push(model.now, tone, says);
    }
    None
}

/// The passphrase is known: what waited for it is sent again.
pub(super) fn send_held_back(model: &mut Model) -> Vec<Effect> {
    let held_back = model.outcomes.as_mut().map(Outcomes::take_held_back);
    let mut effects = Vec::new();
    for (at, command) in held_back.unwrap_or_default() {
        let sent = actions::run(model, command, false);
        if let (Some(outcomes), Some(Effect::Run(job, _))) = (&mut model.outcomes, sent.first()) {
            outcomes.wait_for(*job, at);
        }
        effects.extend(sent);
    }
    effects
}

/// The passphrase was not given: what waited for it was not done.
pub(super) fn drop_held_back(model: &mut Model, says: &str) {
    let Some(outcomes) = &mut model.outcomes else {
        return;
    };
    for (at, _) in outcomes.take_held_back() {
        if let Some(line) = outcomes.lines.get_mut(at) {
            line.came = Came::Failed(says.to_owned());
        }
    }
}

fn came(outcome: Result<Done, Failure>) -> Came {
    match outcome {
        Ok(Done::Acted { says, .. }) => Came::Done(says),
        Ok(_) => Came::Done(String::new()),
        Err(Failure {
            says, refused_by, ..
        }) => match refused_by {
            Some(RefusedBy::Gate) => Came::RefusedByGate(says),
            Some(RefusedBy::Provider) => Came::RefusedByProvider(says),
            None => Came::Failed(says),
        },
    }
}

fn ending(outcomes: &Outcomes) -> (Tone, String) {
    let tone = if outcomes.all_done() {
        Tone::Good
    } else {
        Tone::Bad
    };
    let bad = outcomes.lines.iter().filter(|line| {
        let fine = matches!(line.came, Came::Done(_) | Came::LeftOut(_));
        !fine
    });
    let named: Vec<String> = bad
        .take(NAMED)
        .map(|line| format!("{}: {}", line.name, line.came.says()))
        .collect();
    let mut says = format!("{}: {}", outcomes.title, outcomes.counts());
    if !named.is_empty() {
        says = format!("{says}; {}", named.join("; "));
    }
    (tone, says)
}

/// An action while the list of what came of it is open.
pub(super) fn in_outcomes(model: &mut Model, action: UiAction) -> Vec<Effect> {
    let Some(outcomes) = &mut model.outcomes else {
        model.layer = None;
        return Vec::new();
    };
    match action {
        UiAction::CursorDown => outcomes.step(1),
        UiAction::CursorUp => outcomes.step(-1),
        UiAction::Top => outcomes.cursor = 0,
        UiAction::Bottom => outcomes.step(isize::MAX),
        UiAction::Back => close(model),
        UiAction::Open => {
            let at = outcomes.lines.get(outcomes.cursor);
            let entry: Option<EntryId> = at.map(|line| line.entry.clone());
            close(model);
            if let Some(entry) = entry {
                super::background::go_to(model, &entry);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Closes the list; what is not answered yet is told when it is.
fn close(model: &mut Model) {
    model.layer = None;
    if model.outcomes.as_ref().is_some_and(Outcomes::is_over) {
        model.outcomes = None;
    }
}
