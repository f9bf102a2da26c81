//! The question before an action: what will happen, for whom, and with which answers.
//!
//! May not: do anything but ask. What an action asks for is checked before anybody is asked, so
//! that nobody confirms what cannot be sent. Called by `act`.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;

use super::ask::{self, Wanted};
use super::error::CliError;
use super::session::entry_words;
use crate::domain::action::{self, ActionSpec, Danger, Kind, is_settling};
use crate::domain::entry::{Entry, Method};
use crate::domain::gate::{Verdict, open_request};
use crate::domain::inventory::Inventory;
use crate::domain::key_need;
use crate::domain::lifecycle::ActionRow;
use crate::domain::text::sanitise;
use crate::engine::EngineError;
use crate::engine::answers;
use crate::engine::command::Answers;

/// An entry and what the gate says of the action for it.
pub(super) struct Judged {
    pub(super) entry: Arc<Entry>,
    pub(super) verdict: Verdict,
}

impl Judged {
    /// The row of its table that allows the action.
    fn row<'a>(&self, inventory: &'a Inventory) -> Option<&'a ActionRow> {
        let Verdict::Possible { row: Some(row) } = &self.verdict else {
            return None;
        };
        inventory.lifecycle_of(&self.entry)?.actions.get(*row)
    }

    fn danger(&self, spec: &ActionSpec, inventory: &Inventory) -> Danger {
        self.row(inventory)
            .map_or(spec.danger, |row| row.danger(spec))
    }
}

/// Whether what was said fits what the action asks for, for each entry that it is possible for.
///
/// # Errors
/// What is wrong, missing or not asked for; then nothing is to be done with any of them.
pub(super) fn check(
    spec: &ActionSpec,
    possible: &[&Judged],
    given: &Answers,
    inventory: &Inventory,
) -> Result<(), CliError> {
    if spec.kind == Kind::Local {
        return if given.is_empty() {
            Ok(())
        } else {
            let says = format!("{:?} asks for nothing; leave the answers out", spec.id);
            Err(CliError::Usage(says))
        };
    }
    let mut wrong: Vec<EngineError> = Vec::new();
    for judged in possible {
        if let Some(row) = judged.row(inventory)
            && let Err(error) = answers::check(given, row, &judged.entry)
        {
            wrong.push(error);
        }
    }
    match wrong.len() {
        0 => Ok(()),
        1 => Err(wrong.remove(0).into()),
        _ => {
            let lines: Vec<_> = wrong.iter().map(ToString::to_string).collect();
            let says = format!("{}\nNothing was done.", lines.join("\n"));
            Err(CliError::Usage(says))
        }
    }
}

/// Says what will happen in the provider's own words, and asks; what can break nothing is done
/// unasked.
///
/// # Errors
/// When the answer is no, and when nobody can be asked.
pub(super) fn ask_first(
    spec: &ActionSpec,
    possible: &[&Judged],
    all: &[Judged],
    given: &Answers,
    (inventory, system): (&Inventory, Timestamp),
) -> Result<(), CliError> {
    let dangers = possible.iter().map(|judged| judged.danger(spec, inventory));
    let Some((first, danger)) = possible.first().zip(dangers.max()) else {
        return Ok(());
    };
    let can_be_undone = danger != Danger::WantsTheName;
    let is_harmless = spec.kind == Kind::Local && !is_settling(spec) && can_be_undone;
    if is_harmless || danger == Danger::Calm {
        return Ok(());
    }
    let text = text(spec, possible, all, given, (inventory, system));
    let dialog = first.row(inventory).and_then(|row| row.confirm.as_ref());
    let question = match (possible.len(), dialog) {
        (1, Some(confirm)) => format!("{}?", confirm.submit),
        (1, None) => format!("{}?", spec.title),
        (count, _) => format!("{} for these {count} entries?", spec.title),
    };
    let name = sanitise(first.entry.name());
    // Nobody types the names of several: their number shows that they were counted.
    let count = possible.len().to_string();
    let wanted = match danger {
        Danger::WantsTheName if possible.len() == 1 => Wanted::Name(&name),
        Danger::WantsTheName => Wanted::Name(&count),
        Danger::Asks | Danger::Calm => Wanted::Yes,
    };
    ask::confirm(text.trim_end(), &question, &wanted)
}

fn text(
    spec: &ActionSpec,
    possible: &[&Judged],
    all: &[Judged],
    given: &Answers,
    (inventory, system): (&Inventory, Timestamp),
) -> String {
    let mut text = String::new();
    for judged in possible {
        let name = entry_words(judged.entry.name(), &judged.entry.id);
        let _ = writeln!(text, "{}: {name}", spec.title);
        if is_settling(spec) {
            let open = open_request(&judged.entry, None).unwrap_or_default();
            let _ = writeln!(text, "  {}\n  {}", spec.says, sanitise(&open));
        }
        if spec.id == action::DESTROY_KEY {
            let now = inventory.time_of(&judged.entry.account, system);
            let breaks = key_need::what_breaks(&judged.entry, now);
            let _ = writeln!(text, "  {}", sanitise(&breaks));
        }
        let row = judged.row(inventory);
        if let Some(confirm) = row.and_then(|row| row.confirm.as_ref()) {
            let _ = writeln!(text, "  {}", sanitise(&confirm.text));
        }
    }
    for line in said(given) {
        let _ = writeln!(text, "  {}", sanitise(&line));
    }
    for judged in all {
        if let Verdict::Refused(reason) = &judged.verdict {
            let name = entry_words(judged.entry.name(), &judged.entry.id);
            let _ = writeln!(text, "Left out: {name}: {}", sanitise(&reason.to_string()));
        }
    }
    text
}

/// The answers in words, a line for each.
fn said(given: &Answers) -> Vec<String> {
    let list = |what: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
    };
    let method = given.method.map(Method::words);
    let lines = [
        given
            .reason
            .as_ref()
            .map(|reason| format!("Reason: {reason}")),
        list("Names from now on", &given.names),
        list("New names", &given.new_names),
        method.map(|method| format!("Verification: {method}")),
        given
            .mailbox
            .as_ref()
            .map(|mailbox| format!("Mailbox: {mailbox}")),
    ];
    lines.into_iter().flatten().collect()
}
