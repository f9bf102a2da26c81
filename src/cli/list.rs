//! `certdeck list`: the list, the most urgent first.

use std::sync::Arc;

use super::args::ListArguments;
use super::error::CliError;
use super::output::{self, say};
use super::session::Session;
use super::shapes::{ListShape, RowShape};
use super::table::Table;
use super::{csv_list, filter, unsettled};
use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Readiness;
use crate::domain::query::{self, Search};
use crate::domain::row::Row;
use crate::domain::rows::Rows;
use crate::domain::time;

/// Prints the entries that fit.
pub(super) fn run(session: &Session, arguments: &ListArguments) -> Result<(), CliError> {
    let (inventory, system) = session.look();
    let rows = inventory.rows(system);
    let shown = select(&inventory, &rows, arguments)?;
    if arguments.json {
        let entries = entries(&shown, &inventory);
        return output::print_json(&shape(&shown, &entries, &inventory));
    }
    if arguments.csv {
        return output::print(&csv_list::render(&shown)?);
    }
    if shown.is_empty() {
        say(if !rows.is_empty() {
            "No entry fits. Without a filter, and with --archived, everything is listed."
        } else if session.engine.has_lost_something() {
            "No entry can be read; `certdeck doctor` says what is wrong with the store."
        } else {
            "There is nothing here yet: `certdeck order` orders, `certdeck import PATH` reads files."
        });
        return Ok(());
    }
    session.output.table(&table(&shown))?;
    if let Some(advice) = settling(&shown) {
        say(&advice);
    }
    Ok(())
}

/// How what is listed of an unknown outcome is settled; nothing where there is none. It stands below
/// the table, since in a narrow one nobody could read it.
fn settling(shown: &[Row]) -> Option<String> {
    let mut unsettled = shown.iter().filter(|row| row.unsettled().is_some());
    let first = unsettled.next()?;
    let (id, says) = match unsettled.count() {
        0 => (
            first.id.as_str(),
            "The outcome of one request is unknown".to_owned(),
        ),
        more => (
            "ID",
            format!("The outcome of {} requests is unknown", more + 1),
        ),
    };
    let commands = unsettled::commands(id);
    Some(format!("{says}; a person settles it: {commands}."))
}

/// The rows that are asked for, in order, at most as many as are wanted.
fn select(
    inventory: &Inventory,
    rows: &Rows,
    arguments: &ListArguments,
) -> Result<Vec<Row>, CliError> {
    let query = filter::read(&arguments.filter)?;
    let mut found = Search::of(inventory, rows).find(rows, &query);
    let all = arguments.archived || query.asks_for_archived();
    found.retain(|index| all || !rows.is_archived(*index));
    let order = if arguments.reverse {
        query::sort_reversed
    } else {
        query::sort
    };
    order(&mut found, rows, arguments.sort);
    found.truncate(arguments.limit.unwrap_or(usize::MAX));
    Ok(found
        .into_iter()
        .filter_map(|index| rows.row(index))
        .collect())
}

/// The entries of rows; nothing for one that cannot be read.
fn entries(shown: &[Row], inventory: &Inventory) -> Vec<Option<Arc<Entry>>> {
    shown.iter().map(|row| inventory.get(&row.id)).collect()
}

fn shape<'a>(
    shown: &'a [Row],
    entries: &'a [Option<Arc<Entry>>],
    inventory: &'a Inventory,
) -> ListShape<'a> {
    let one = |(row, entry): (&'a Row, &'a Option<Arc<Entry>>)| {
        let entry = entry.as_deref()?;
        let sandbox = Session::is_sandbox(inventory, &row.account);
        let table = inventory.lifecycle_of(entry).map(AsRef::as_ref);
        Some(RowShape::of(row, entry, table, sandbox))
    };
    ListShape {
        entries: shown.iter().zip(entries).filter_map(one).collect(),
    }
}

fn table(shown: &[Row]) -> Table {
    let mut table = Table::new(&[
        "ID", "NAME", "PRODUCT", "ACCOUNT", "STATUS", "EXPIRES", "IN", "WHY",
    ]);
    for row in shown {
        let name = match row.more_names {
            0 => row.name.clone(),
            more => format!("{} +{more}", row.name),
        };
        let account = row.account_words.as_str();
        let (expires, left) = row.validity.map_or_else(
            || ("-".to_owned(), "-".to_owned()),
            |(_, to)| (time::date(to), time::relative(row.now, to)),
        );
        let why = why(row);
        table.push([
            row.id.as_str(),
            &name,
            &row.product,
            account,
            &row.state,
            &expires,
            &left,
            &why,
        ]);
    }
    table
}

/// What else a person should know of the row, in a few words.
fn why(row: &Row) -> String {
    let mut words = Vec::new();
    if let Some(fact) = row.unsettled() {
        words.push(fact.to_owned());
    } else if let Some(reminder) = &row.reminder {
        words.push(reminder.clone());
    } else if row.needs_someone() {
        words.push("needs you".to_owned());
    }
    if let Some(request) = &row.request
        && row.unsettled().is_none()
    {
        let accepted = row.request_words().filter(|_| row.accepted);
        words.push(accepted.unwrap_or_else(|| format!("{request} under way")));
    }
    if let Some(gone) = row.gone {
        words.push(format!("gone since {}", time::date(gone)));
    }
    if let Some(ready) = &row.ready {
        words.push(ready_words(ready));
    }
    words.extend(row.said.clone());
    let facts = [
        (row.superseded, "superseded"),
        (row.archived, "archived"),
        (row.is_ca, "CA"),
    ];
    words.extend(
        facts
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| (*word).to_owned()),
    );
    words.join(", ")
}

/// Whether it is ready for production, and what is missing.
fn ready_words(ready: &Readiness) -> String {
    match ready {
        Readiness::Yes => "ready".to_owned(),
        Readiness::No(why) => format!("not ready ({why})"),
        Readiness::Unknown(why) => format!("ready is unknown ({why})"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::domain::entry::{Entry, EntryId};
    use crate::domain::lifecycle::Lifecycles;
    use crate::domain::query::SortKey;

    fn inventory() -> Inventory {
        let entry = |id: &str, name: &str, state: &str, archived: bool| {
            let at = Timestamp::UNIX_EPOCH;
            let mut entry = Entry::new(EntryId::new(id), "shop", "netcup", state, at);
            entry.names = vec![name.to_owned()];
            entry.product.name = "Single DV".to_owned();
            entry.archived = archived;
            Arc::new(entry)
        };
        let entries = [
            entry("a1", "a.example", "registration", false),
            entry("b2", "b\u{202e}.example", "outstanding-invoice", false),
            entry("c3", "c.example", "cancelled", true),
        ];
        Inventory {
            entries: entries.into_iter().collect(),
            lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
            ..Inventory::default()
        }
    }

    fn arguments(filter: &[&str], archived: bool) -> ListArguments {
        ListArguments {
            filter: filter.iter().map(|&word| word.to_owned()).collect(),
            json: false,
            csv: false,
            sort: SortKey::Urgency,
            reverse: false,
            limit: None,
            archived,
        }
    }

    #[test]
    fn what_needs_someone_comes_first_and_archived_entries_are_left_out() {
        let inventory = inventory();
        let rows = inventory.rows(Timestamp::UNIX_EPOCH);
        let shown = select(&inventory, &rows, &arguments(&[], false)).unwrap();
        insta::assert_snapshot!(table(&shown).render(None, '…'), @r"
        ID  NAME               PRODUCT    ACCOUNT                STATUS               EXPIRES  IN  WHY
        b2  b\u{202e}.example  Single DV  shop (not configured)  Outstanding invoice  -        -   needs you
        a1  a.example          Single DV  shop (not configured)  Registration         -        -
        ");
        let ids = |filter: &[&str], archived| -> Vec<String> {
            let shown = select(&inventory, &rows, &arguments(filter, archived)).unwrap();
            shown.iter().map(|row| row.id.to_string()).collect()
        };
        assert_eq!(ids(&[], true), ["b2", "a1", "c3"]);
        assert_eq!(ids(&["example", "!registration"], false), ["b2"]);
        assert_eq!(ids(&["status:invoice"], false), ["b2"]);
        assert_eq!(ids(&["archived:"], false), ["c3"], "asked for");
        let mut backwards = arguments(&[], true);
        (backwards.reverse, backwards.limit) = (true, Some(2));
        let shown = select(&inventory, &rows, &backwards).unwrap();
        let ids: Vec<_> = shown.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["c3", "a1"]);
        assert!(select(&inventory, &rows, &arguments(&["due:soon"], false)).is_err());
    }
}
