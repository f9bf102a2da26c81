//! `certdeck list`: the list, the most urgent first.

use super::args::ListArguments;
use super::error::CliError;
use super::output::{self, say};
use super::session::Session;
use super::shapes::{ListShape, RowShape};
use super::table::Table;
use crate::domain::inventory::Inventory;
use crate::domain::query::{self, Haystack, Query};
use crate::domain::row::Row;
use crate::domain::time;

/// Prints the entries that fit.
pub(super) fn run(session: &Session, arguments: &ListArguments) -> Result<(), CliError> {
    let (inventory, system) = session.look();
    let rows = inventory.rows(system);
    let shown = select(&rows, arguments);
    if arguments.json {
        return output::print_json(&shape(&shown, &inventory));
    }
    if shown.is_empty() {
        say(if rows.is_empty() {
            "There is nothing here yet: `certdeck order` orders, `certdeck import PATH` reads files."
        } else {
            "No entry fits. Without words, and with --archived, everything is listed."
        });
        return Ok(());
    }
    session.output.table(&table(&shown))
}

/// The rows that are asked for, in order.
fn select<'a>(rows: &'a [Row], arguments: &ListArguments) -> Vec<&'a Row> {
    let query = Query::parse(&arguments.filter.join(" "));
    let mut found = Haystack::of(rows).find(&query);
    found.retain(|index| arguments.archived || !rows[*index].archived);
    query::sort(&mut found, rows, arguments.sort);
    found.into_iter().map(|index| &rows[index]).collect()
}

fn shape<'a>(shown: &[&'a Row], inventory: &'a Inventory) -> ListShape<'a> {
    let one = |row: &&'a Row| {
        let entry = inventory.get(&row.id)?;
        let sandbox = Session::is_sandbox(inventory, &row.account);
        Some(RowShape::of(row, entry, sandbox))
    };
    ListShape {
        entries: shown.iter().filter_map(one).collect(),
    }
}

fn table(shown: &[&Row]) -> Table {
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
    if row.needs_someone() {
        words.push("needs you".to_owned());
    }
    if let Some(request) = &row.request {
        words.push(format!("{request} under way"));
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
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
            (entry.id.clone(), Arc::new(entry))
        };
        let entries = BTreeMap::from([
            entry("a1", "a.example", "registration", false),
            entry("b2", "b\u{202e}.example", "outstanding-invoice", false),
            entry("c3", "c.example", "cancelled", true),
        ]);
        Inventory {
            entries: Arc::new(entries),
            lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
            ..Inventory::default()
        }
    }

    fn arguments(filter: &[&str], archived: bool) -> ListArguments {
        ListArguments {
            filter: filter.iter().map(|&word| word.to_owned()).collect(),
            json: false,
            sort: SortKey::Urgency,
            archived,
        }
    }

    #[test]
    fn what_needs_someone_comes_first_and_archived_entries_are_left_out() {
        let inventory = inventory();
        let rows = inventory.rows(Timestamp::UNIX_EPOCH);
        let shown = select(&rows, &arguments(&[], false));
        insta::assert_snapshot!(table(&shown).render(None, '…'), @r"
        ID  NAME               PRODUCT    ACCOUNT                STATUS               EXPIRES  IN  WHY
        b2  b\u{202e}.example  Single DV  shop (not configured)  Outstanding invoice  -        -   needs you
        a1  a.example          Single DV  shop (not configured)  Registration         -        -
        ");
        let ids = |filter: &[&str], archived| -> Vec<String> {
            let shown = select(&rows, &arguments(filter, archived));
            shown.iter().map(|row| row.id.to_string()).collect()
        };
        assert_eq!(ids(&[], true), ["b2", "a1", "c3"]);
        assert_eq!(ids(&["example", "!registration"], false), ["b2"]);
    }
}
