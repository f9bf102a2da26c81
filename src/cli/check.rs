//! `certdeck check`: what needs someone, one line each, for monitoring. The exit code says how
//! badly.
//!
//! May not: change anything, or send anything.

use super::args::CheckArguments;
use super::check_shapes::{CheckShape, CountsShape, NeedShape};
use super::error::CliError;
use super::exit::Exit;
use super::filter;
use super::output;
use super::session::{Session, entry_words};
use super::table::Table;
use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;
use crate::domain::need::{self, Reason, Severity};
use crate::domain::query::{self, Search, SortKey};
use crate::domain::row::Row;
use crate::domain::rows::Rows;

/// An entry that needs someone.
struct Need {
    row: Row,
    severity: Severity,
    reasons: Vec<Reason>,
}

/// Says what needs someone.
pub(super) fn run(session: &Session, arguments: &CheckArguments) -> Result<(), CliError> {
    let (inventory, system) = session.look();
    let rows = inventory.rows(system);
    let query = filter::read(&arguments.filter)?;
    let mut found = Search::of(&inventory, &rows).find(&rows, &query);
    let all = query.asks_for_archived();
    found.retain(|index| all || !rows.is_archived(*index));
    let needs = needs(&inventory, &rows, &found, system);
    let exit = exit(&needs, session);
    if arguments.json {
        output::print_json(&shape(&inventory, &needs, &found, exit))?;
    } else if !arguments.quiet {
        say(session, &needs, &rows, &found)?;
    }
    match exit {
        Exit::Done => Ok(()),
        other => Err(CliError::Told(other)),
    }
}

/// Those of the rows that need someone, the most urgent first.
fn needs(
    inventory: &Inventory,
    rows: &Rows,
    found: &[usize],
    system: jiff::Timestamp,
) -> Vec<Need> {
    let needs_someone = |index: &&usize| rows.needs_someone(**index);
    let mut urgent: Vec<usize> = found.iter().filter(needs_someone).copied().collect();
    query::sort(&mut urgent, rows, SortKey::Urgency);
    let needs = urgent.into_iter().filter_map(|index| rows.row(index));
    needs
        .filter_map(|row| {
            let entry = inventory.get(&row.id)?;
            Some(Need {
                severity: need::severity(&row)?,
                reasons: reasons(inventory, &entry, &row, system),
                row,
            })
        })
        .collect()
}

fn reasons(
    inventory: &Inventory,
    entry: &Entry,
    row: &Row,
    system: jiff::Timestamp,
) -> Vec<Reason> {
    let table = inventory.lifecycle_of(entry).map(AsRef::as_ref);
    let mut reasons = need::reasons(entry, row, table);
    if let Some(successor) = inventory.context(entry, system).successor {
        reasons.push(Reason {
            since: None,
            says: format!("a successor is under way: {successor}"),
        });
    }
    reasons
}

/// A store of which not everything could be read is the worst: what needs someone may be missing.
fn exit(needs: &[Need], session: &Session) -> Exit {
    if session.engine.has_lost_something() {
        return Exit::Store;
    }
    let worst = needs.iter().map(|need| need.severity).min();
    worst.map_or(Exit::Done, |severity| match severity {
        Severity::Failed | Severity::Expired => Exit::Broken,
        Severity::NeedsYou => Exit::NeedsSomeone,
    })
}

fn say(session: &Session, needs: &[Need], rows: &Rows, found: &[usize]) -> Result<(), CliError> {
    if needs.is_empty() {
        return output::print(&nothing(rows.len(), found.len()));
    }
    session.output.table(&table(needs))
}

/// That nothing needs anyone; and where nothing was looked at, that.
fn nothing(all: usize, found: usize) -> String {
    match (all, found) {
        (0, _) => "Nothing needs you: there is no entry.\n".to_owned(),
        (_, 0) => "No entry fits the filter, so nothing was checked.\n".to_owned(),
        (_, 1) => "Nothing needs you: one entry was checked.\n".to_owned(),
        (_, count) => format!("Nothing needs you: {count} entries were checked.\n"),
    }
}

fn table(needs: &[Need]) -> Table {
    let mut table = Table::bare();
    for need in needs {
        let row = &need.row;
        let name = entry_words(&row.name, &row.id);
        let says: Vec<_> = need.reasons.iter().map(|reason| &*reason.says).collect();
        table.push([
            need.severity.words(),
            &name,
            &row.account_words,
            &row.state,
            &says.join("; "),
        ]);
    }
    table
}

fn shape<'a>(
    inventory: &Inventory,
    needs: &'a [Need],
    found: &[usize],
    exit: Exit,
) -> CheckShape<'a> {
    let count = |severity| {
        needs
            .iter()
            .filter(|need| need.severity == severity)
            .count()
    };
    CheckShape {
        exit: exit.code(),
        counts: CountsShape {
            checked: found.len(),
            failed: count(Severity::Failed),
            expired: count(Severity::Expired),
            needs_you: count(Severity::NeedsYou),
        },
        needs: needs
            .iter()
            .map(|need| {
                let sandbox = Session::is_sandbox(inventory, &need.row.account);
                NeedShape::of(&need.row, sandbox, need.severity, &need.reasons)
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_nothing_needs_anyone_is_said_in_one_line() {
        for (all, found, expected) in [
            (0, 0, "there is no entry"),
            (7, 0, "nothing was checked"),
            (7, 1, "one entry was"),
            (7, 7, "7 entries were"),
        ] {
            let says = nothing(all, found);
            assert!(
                says.contains(expected) && says.lines().count() == 1,
                "{says}"
            );
        }
    }
}
