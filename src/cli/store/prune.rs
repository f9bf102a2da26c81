//! `certdeck store prune`: says what of the history would be lost, asks, and removes it.
//!
//! May not: remove anything unasked, unless told so.

use std::fmt::Write as _;

use super::super::args::{Flags, PruneArguments};
use super::super::ask::{self, Wanted};
use super::super::error::CliError;
use super::super::output;
use super::super::start::{Places, Setup};
use crate::domain::time;
use crate::engine::prune::{Plan, Proposal, propose, prune};

/// Who acts, for the journal.
const WHO: &str = "command";

/// Removes the oldest journals of the history.
pub(super) fn run(flags: &Flags, arguments: &PruneArguments) -> Result<(), CliError> {
    let setup = Setup::read(flags, &Places::find(flags)?)?;
    let settings = setup.settings(WHO);
    if settings.read_only && !arguments.dry_run {
        return Err(CliError::Usage(
            "--read-only says to change nothing, so nothing is removed; leave it away, or add \
             --dry-run"
                .to_owned(),
        ));
    }
    let proposal = propose(&settings, arguments.which())?;
    if proposal.plan.files.is_empty() {
        return output::print(&nothing(&proposal));
    }
    if arguments.dry_run {
        return output::print(&(would(&proposal) + "Nothing was removed.\n"));
    }
    if !arguments.yes {
        ask::confirm(&would(&proposal), "Remove it for good?", &Wanted::Yes)?;
    }
    prune(&settings, &proposal.plan)?;
    output::print(&format!(
        "Removed {}. What the entries are now is not touched.\n",
        files(&proposal.plan)
    ))
}

fn nothing(proposal: &Proposal) -> String {
    let stays = match proposal.plan.left {
        0 => "the history has no journal that a snapshot has taken in".to_owned(),
        1 => "the one journal in the history stays".to_owned(),
        left => format!("all {left} journals in the history stay"),
    };
    format!("Nothing is to be removed: {stays}.\n{}", unused(proposal))
}

/// What would be lost.
fn would(proposal: &Proposal) -> String {
    let plan = &proposal.plan;
    let mut text = format!("This removes {}:\n", files(plan));
    let span = plan.written.map_or_else(String::new, |(from, to)| {
        format!(
            ", written from {} to {} UTC",
            time::minute(from),
            time::minute(to)
        )
    });
    let _ = writeln!(
        text,
        "  {} in {}{span}.",
        several(plan.events, "event"),
        several(plan.transactions, "transaction")
    );
    text.push_str(
        "What the entries are now stays. What happened to them then is not shown by `certdeck \
         history` any more,\nand nothing that is lost later can be brought back from it.\n",
    );
    text + &unused(proposal)
}

/// What nobody names is said, and never removed.
fn unused(proposal: &Proposal) -> String {
    let (keys, certificates) = (proposal.keys_unused, proposal.certificates_unused);
    if keys + certificates == 0 {
        return String::new();
    }
    format!(
        "{} and {} that no entry names stay where they are; `certdeck doctor` names them.\n",
        several(keys as u64, "private key"),
        several(certificates as u64, "certificate")
    )
}

fn files(plan: &Plan) -> String {
    let kilobytes = plan.bytes.div_ceil(1024);
    match plan.files.as_slice() {
        [] => "nothing".to_owned(),
        [only] => format!("{only} ({kilobytes} KiB)"),
        [first, .., last] => {
            let count = plan.files.len();
            format!("{first} to {last} ({count} files, {kilobytes} KiB)")
        }
    }
}

fn several(count: u64, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}
