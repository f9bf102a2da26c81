//! `certdeck history`: what happened, the newest first.

use super::args::HistoryArguments;
use super::error::CliError;
use super::output::{self, say};
use super::session::{Session, entry_words};
use super::shapes::{HistoryLineShape, HistoryShape};
use super::table::Table;
use crate::domain::event::Event;
use crate::domain::history;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::time;
use crate::engine::command::HistoryLine;

/// Prints the history of one entry, or of all.
pub(super) async fn run(session: &Session, arguments: &HistoryArguments) -> Result<(), CliError> {
    let (inventory, _) = session.look();
    let entry = match &arguments.id {
        Some(given) => Some(session.resolve(given)?.id.clone()),
        None => None,
    };
    let lines = session.engine.history(entry).await?;
    if arguments.json {
        return output::print_json(&shape(&lines, &inventory));
    }
    if lines.is_empty() {
        say("Nothing has happened yet.");
    }
    session.output.table(&table(&lines, &inventory))
}

fn lifecycle_of<'a>(event: &Event, inventory: &'a Inventory) -> Option<&'a Lifecycle> {
    let entry = inventory.get(&event.entry)?;
    inventory.lifecycle_of(&entry).map(AsRef::as_ref)
}

fn table(lines: &[HistoryLine], inventory: &Inventory) -> Table {
    let mut table = Table::new(&["WHEN", "ENTRY", "WHO", "WHAT"]);
    for line in lines {
        let event = &line.event;
        let name = inventory
            .get(&event.entry)
            .map(|entry| entry.name().to_owned());
        let name = name.unwrap_or_else(|| event.entry.to_string());
        let says = history::sentence(&event.what, lifecycle_of(event, inventory));
        table.push([
            time::moment(event.at).as_str(),
            &entry_words(&name, &event.entry),
            &line.who,
            &says,
        ]);
    }
    table
}

fn shape<'a>(lines: &'a [HistoryLine], inventory: &Inventory) -> HistoryShape<'a> {
    let one = |line: &'a HistoryLine| HistoryLineShape {
        seq: line.seq,
        written: line.at,
        who: &line.who,
        says: history::sentence(&line.event.what, lifecycle_of(&line.event, inventory)),
        event: &line.event,
    };
    HistoryShape {
        events: lines.iter().map(one).collect(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::entry::EntryId;
    use crate::domain::event::What;

    #[test]
    fn an_event_is_a_line_and_a_document() {
        let lines = [HistoryLine {
            seq: 3,
            at: Timestamp::UNIX_EPOCH,
            who: "command".to_owned(),
            event: Event {
                entry: EntryId::new("a1"),
                at: Timestamp::UNIX_EPOCH,
                what: What::KeyRevealed,
            },
        }];
        let inventory = Inventory::default();
        let text = table(&lines, &inventory).render(None, '…');
        assert!(
            text.contains("1970-01-01 00:00:00 UTC  a1     command  Private key revealed"),
            "{text}"
        );
        let json = serde_json::to_string(&shape(&lines, &inventory)).unwrap();
        assert_eq!(
            json,
            r#"{"events":[{"seq":3,"written":"1970-01-01T00:00:00Z","who":"command","says":"Private key revealed","entry":"a1","at":"1970-01-01T00:00:00Z","what":{"kind":"key-revealed"}}]}"#
        );
    }
}
