//! What happens without a key: time, published changes, answers, news.

use std::sync::Arc;

use secrecy::SecretString;
use tui_input::Input as Edit;

use crate::domain::entry::EntryId;
use crate::domain::inventory::Inventory;
use crate::engine::command::{Command, Done, Exported, ImportReport, Notice, Tone};
use crate::tui::keymap::Scope;
use crate::tui::message::{Effect, Failure, JobId, Message};
use crate::tui::model::{ARCHIVED, CLEARED, Job, Layer, Loaded, Model, Purpose, Tab, kept_by_hand};
use crate::tui::overlay::{Input, Overlay};
use crate::tui::ui_action::UiAction;
use crate::tui::view::clock_speed;

/// Takes in what is neither key nor paste.
pub(super) fn handle(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Tick(now) => return tick(model, now),
        Message::Published(inventory) => published(model, inventory),
        Message::Details(entry, details) => {
            let loaded = Loaded {
                entry,
                details,
                csr: None,
                outdated: false,
            };
            super::details::arrived(model, loaded);
        }
        Message::Arranged(arranged) => {
            model.list.take_over(*arranged);
            count_what_waits(model);
        }
        Message::Progress(progress) => model.progress = progress,
        Message::Finished(id, outcome) => return finished(model, id, outcome),
        Message::Notice(notice) => return news(model, notice),
        Message::LinkCopied(says) | Message::LinkOpened(says) => {
            model.toasts.plain(model.now, says);
        }
        Message::NotSuspended(says) => model.toasts.push(model.now, Tone::Warning, says),
        _ => {}
    }
    Vec::new()
}

/// Time has passed: toasts go, and where a sandbox's clock runs or ages are told, rows move.
fn tick(model: &mut Model, now: jiff::Timestamp) -> Vec<Effect> {
    model.now = now;
    model.stale |= model.toasts.expire(now);
    if model.inventory.sandbox_is_running() || model.watches_something() {
        model.list.refill(&model.inventory, now);
        model.stale = true;
    }
    super::accounts::tell_overlay(model);
    clear_clipboard(model)
}

/// Takes a private key off the clipboard once it was there long enough.
fn clear_clipboard(model: &mut Model) -> Vec<Effect> {
    if model.clipboard.is_none_or(|until| until > model.now) {
        return Vec::new();
    }
    model.clipboard = None;
    model.stale = true;
    let says = "The private key was taken off the clipboard";
    model.toasts.plain(model.now, says);
    vec![Effect::Copy(SecretString::from(CLEARED))]
}

/// Tells what waits for you as soon as a long list is there as a whole.
fn count_what_waits(model: &mut Model) {
    if !model.counts_later || model.list.rows.is_first_page() {
        return;
    }
    model.counts_later = false;
    if let Some(says) = kept_by_hand(&model.inventory, &model.list) {
        model.toasts.plain(model.now, says);
    }
}

fn published(model: &mut Model, inventory: Arc<Inventory>) {
    let before = model.inventory.seq;
    model.take_over(inventory);
    model.list.refill(&model.inventory, model.now);
    count_what_waits(model);
    let there = &model.inventory;
    model.marks.retain(|id| there.entries.contains(id));
    super::bulk::refresh(model);
    // Not every transaction changes the entry that it is about: that a key was looked at is
    // history alone.
    if model.inventory.seq != before {
        // An answer that is on its way was made before this change.
        model.details.awaited = None;
        if let Some(loaded) = &mut model.details.loaded {
            loaded.outdated = true;
        }
    }
    super::accounts::tell_overlay(model);
}

fn finished(model: &mut Model, id: JobId, outcome: Result<Done, Failure>) -> Vec<Effect> {
    let Some(job) = model.jobs.end(id) else {
        return Vec::new();
    };
    let asked = model.asked.remove(&id);
    let mut effects = match super::bulk::arrived(model, id, outcome, asked.as_ref()) {
        None => Vec::new(),
        Some(Ok(done)) => succeeded(model, &job, done),
        Some(Err(failure)) => failed(model, &job, failure, asked),
    };
    if model.leaving && model.jobs.holding_the_exit().is_none() {
        effects.push(Effect::Quit);
    }
    effects
}

fn failed(model: &mut Model, job: &Job, failure: Failure, asked: Option<Command>) -> Vec<Effect> {
    if let Failure {
        locked: Some(lock), ..
    } = &failure
        && let Some(command) = asked
        && can_ask(model, job)
    {
        super::locked::ask(model, lock.clone(), command, job.form_waits);
        return Vec::new();
    }
    if form_waits(model, job) {
        let Failure { says, fields, .. } = failure;
        return super::overlay::input(model, &Input::Failed { fields, says });
    }
    model.toasts.push(model.now, Tone::Bad, failure.says);
    Vec::new()
}

/// Whether a passphrase can be asked for now: nothing else lies over the panel than the form that
/// waits for what needs it.
fn can_ask(model: &Model, job: &Job) -> bool {
    model.layer.is_none() || form_waits(model, job)
}

/// Whether the form that sent the command is still open and waits for the answer.
fn form_waits(model: &Model, job: &Job) -> bool {
    let Some(Layer::Overlay(overlay)) = &model.layer else {
        return false;
    };
    let its_own = match overlay {
        Overlay::Order(_) => job.purpose == Purpose::GoToOrder,
        Overlay::HandOrder(_) => matches!(job.purpose, Purpose::GoToHandOrder { .. }),
        Overlay::Record(_) => job.purpose == Purpose::Recorded,
        Overlay::Answers(_) => job.purpose == Purpose::GoToSuccessor,
        Overlay::Note(_) => job.purpose == Purpose::Tell,
        Overlay::Accounts(_) => job.purpose == Purpose::OfAccounts,
        Overlay::Export(_) => job.purpose == Purpose::Exported,
        Overlay::Passphrase(_) => job.purpose == Purpose::Unlock,
        _ => false,
    };
    job.form_waits && its_own
}

/// Hands the answer to the overlay that asked and goes on with it; what else there is to say of it
/// is said as well.
fn answered(model: &mut Model, done: Done) -> Vec<Effect> {
    super::accounts::say(model, &done, true);
    super::overlay::input(model, &Input::Answer(done))
}

fn succeeded(model: &mut Model, job: &Job, done: Done) -> Vec<Effect> {
    if matches!(done, Done::Unlocked) && form_waits(model, job) {
        return super::locked::go_on(model);
    }
    if form_waits(model, job) {
        match &model.layer {
            Some(Layer::Overlay(overlay)) if overlay.wants(&done) => return answered(model, done),
            _ => model.layer = None,
        }
    }
    let now = model.now;
    match done {
        Done::Key(key) => return key_arrived(model, job, key),
        Done::KeyDestroyed { entry } => {
            if model.details.revealed_of(&entry).is_some() {
                model.details.revealed = None;
            }
            let says = "The private key is destroyed; the history remembers that";
            model.toasts.push(now, Tone::Warning, says);
        }
        Done::Ordered { entry, says } => {
            model.toasts.push(now, Tone::Good, says);
            go_to(model, &entry);
        }
        Done::Acted {
            says, successor, ..
        } => acted(model, job, says, successor),
        Done::Candidates(candidates) => super::unsettled::choose(model, &candidates),
        Done::Played { label, .. } => model.toasts.plain(now, format!("sandbox: {label}")),
        Done::Zone { account, status } => {
            let says = format!("sandbox: the zone of {account} is {}", status.label());
            model.toasts.plain(now, says);
        }
        Done::Imported(report) => model.toasts.plain(now, told(&report)),
        Done::Clocks(clocks) => {
            if let Some((_, clock)) = clocks.first() {
                model
                    .toasts
                    .plain(now, format!("sandbox clock: {}", clock_speed(clock)));
            }
        }
        Done::Recorded {
            entry,
            says,
            successor,
        } => {
            recorded(model, job, says);
            let is_order = matches!(job.purpose, Purpose::GoToHandOrder { .. });
            let ordered = is_order.then_some(entry);
            if let Some(there) = successor.or(ordered) {
                go_to(model, &there);
            }
        }
        Done::AccountAdded(_)
        | Done::AccountRemoved(_)
        | Done::AccountChecked(_)
        | Done::Synced(_)
        | Done::Discovered(_) => super::accounts::say(model, &done, false),
        Done::Exported(exported) => {
            model.toasts.push(now, Tone::Good, written(&exported));
            if let Some(entry) = exported.deploy {
                let exported = exported.files.into_iter().map(|(path, _)| path).collect();
                return super::actions::run(model, Command::Deploy { entry, exported }, false);
            }
        }
        Done::Deployed(deployed) => told_of_deploying(model, job, deployed.failure),
        Done::Probed(report) => super::probing::told(model, &report),
        Done::Kept if job.purpose == Purpose::Nothing => {}
        Done::Unlocked | Done::KeysChanged(_) | Done::Kept => {
            model.toasts.plain(now, format!("{}: done", job.label));
        }
    }
    Vec::new()
}

/// Says what the provider said, and goes to the successor where the panel still stands there.
fn acted(model: &mut Model, job: &Job, says: String, successor: Option<EntryId>) {
    model.toasts.push(model.now, Tone::Good, says);
    let still_there = model.list.selected == job.entry;
    if let Some(successor) = successor.filter(|_| still_there && model.marks.is_empty()) {
        go_to(model, &successor);
    }
}

/// Says how the deploy command ended.
fn told_of_deploying(model: &mut Model, job: &Job, failure: Option<String>) {
    let (tone, how) = match failure {
        None => (Tone::Good, "done".to_owned()),
        Some(why) => (Tone::Bad, why),
    };
    let says = format!("{}: {how}", job.label);
    model.toasts.push(model.now, tone, says);
}

/// Says what is written down, and after an order what has to be done with its CSR.
fn recorded(model: &mut Model, job: &Job, says: String) {
    let keymap = &model.settings.keymap;
    let says = match keymap.key_label_in(Scope::List, UiAction::Copy) {
        Some(key) if job.purpose == (Purpose::GoToHandOrder { csr_here: true }) => {
            format!("{says} {key} copies the CSR.")
        }
        _ => says,
    };
    model.toasts.push(model.now, Tone::Good, says);
}

fn key_arrived(model: &mut Model, job: &Job, key: SecretString) -> Vec<Effect> {
    if job.purpose == Purpose::CopyKey {
        let after = model.settings.clear_clipboard;
        let says = format!(
            "Copied the private key; the history remembers it. It is taken off the clipboard in \
             {} s, and when the panel is closed",
            after.as_secs()
        );
        model.toasts.push(model.now, Tone::Warning, says);
        model.clipboard = Some(crate::domain::time::later(model.now, after));
        return vec![Effect::Copy(key)];
    }
    // Whoever has gone on to another entry does not want to see this key any more.
    if let Some(entry) = job
        .entry
        .clone()
        .filter(|id| model.list.selected.as_ref() == Some(id))
    {
        model.details.show(Tab::Certificate);
        model.details.revealed = Some((entry, key));
        model.focus = crate::tui::layout::Focus::Details;
    }
    Vec::new()
}

/// The files that were written, and what goes where.
fn written(exported: &Exported) -> String {
    let files = exported.files.iter();
    let files: Vec<_> = files.map(|(path, _)| path.display().to_string()).collect();
    format!("Wrote {}. {}", files.join(", "), exported.says)
}

fn told(report: &ImportReport) -> String {
    format!(
        "{} imported, {} there already, {} not readable",
        report.imported.len(),
        report.duplicates,
        report.unreadable.len()
    )
}

fn news(model: &mut Model, notice: Notice) -> Vec<Effect> {
    model.toasts.push(model.now, notice.tone, notice.says);
    if model.settings.bell && notice.tone != Tone::Plain {
        return vec![Effect::Bell];
    }
    Vec::new()
}

/// Selects an entry now or as soon as it is there; a filter that hides it is dropped.
pub(super) fn go_to(model: &mut Model, id: &EntryId) {
    if model.list.select_entry(id) {
        return;
    }
    model.list.wanted = Some(id.clone());
    let archived = model.inventory.get(id).is_some_and(|entry| entry.archived);
    model.list.filter = Edit::new(if archived { ARCHIVED } else { "" }.to_owned());
    model.list.typing = false;
    model.list.arrange();
}
