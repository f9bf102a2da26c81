//! The lines of the record menu, part by part: what happened, what was submitted, what the panel shows
//! on each track, that it is gone, that a request is over, how the zone stands.
//!
//! Words alone; the menu beside it moves and asks. What is possible is the engine's to say.

use super::about;
use super::menu::{Item, MenuList};
use crate::domain::account::ZoneStatus;
use crate::domain::entry::Entry;
use crate::domain::lifecycle::Lifecycle;
use crate::engine::by_hand::{
    Recordable, RecordableAction, RecordableEvent, RecordableState, RecordableZone,
};
use crate::engine::command::Recorded;

/// One thing that can be recorded, with the words for it.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) what: Recorded,
    /// What the form or the question is called.
    pub(super) title: String,
    /// What it comes to.
    pub(super) says: String,
}

/// A line of the menu and what it leads to.
type MenuLine = (Item, Choice);

/// What the words of the lines need.
pub(super) struct Parts<'a> {
    pub(super) entry: &'a Entry,
    pub(super) provider: &'a str,
    pub(super) table: Option<&'a Lifecycle>,
}

impl Parts<'_> {
    /// The menu: what may have happened first, then what the panel may show.
    pub(super) fn menu(&self, found: Recordable) -> (MenuList, Vec<Choice>) {
        let mut menu = Menu::default();
        if let Some(open) = &found.open {
            menu.headings.push((0, open.clone()));
        }
        let table = self.table;
        menu.add(found.events.into_iter().map(|event| of_event(event, table)));
        menu.add(found.submitted.into_iter().map(of_action));
        let mut track: Option<Option<String>> = None;
        for state in found.states {
            if track.as_ref() != Some(&state.track_title) {
                menu.say(self.panel_shows(state.track_title.as_deref()));
                track = Some(state.track_title.clone());
            }
            menu.add([of_state(state, self.provider)]);
        }
        let is_open = self
            .entry
            .request
            .as_ref()
            .is_some_and(|open| open.accepted);
        if found.gone || is_open {
            menu.say("beside its states:".to_owned());
        }
        menu.add(found.gone.then(|| self.of_gone()));
        menu.add(is_open.then(|| self.of_closed()));
        if !found.zones.is_empty() {
            menu.say(format!(
                "the zone of {}, for all in it:",
                self.entry.account
            ));
        }
        menu.add(found.zones.into_iter().map(|zone| self.of_zone(zone)));
        let mut list = MenuList::new(menu.items);
        for (line, says) in &menu.headings {
            list = list.with_heading(*line, says);
        }
        (list, menu.choices)
    }

    fn panel_shows(&self, track: Option<&str>) -> String {
        let provider = self.provider;
        match track {
            Some(track) => format!("{provider}'s panel now shows, {track}:"),
            None => format!("{provider}'s panel now shows:"),
        }
    }

    fn of_gone(&self) -> MenuLine {
        let provider = self.provider;
        let choice = Choice {
            what: Recorded::Gone,
            title: "it is gone".to_owned(),
            says: format!(
                "{provider}'s panel does not have it any more. The entry is kept with all it has, \
                 marked gone, and put away."
            ),
        };
        line("it is gone", "no longer listed", choice)
    }

    fn of_closed(&self) -> MenuLine {
        let open = self.entry.request.as_ref();
        let action = open
            .map(|request| request.action.as_str())
            .unwrap_or_default();
        let title = self
            .table
            .map_or_else(|| action.to_owned(), |table| table.action_title(action));
        let choice = Choice {
            what: Recorded::Closed,
            title: format!("{title} came to nothing"),
            says: format!(
                "{title} is not open at {} any more, and nothing came of it.",
                self.provider
            ),
        };
        line(
            &format!("{title} came to nothing"),
            "not open any more",
            choice,
        )
    }

    fn of_zone(&self, zone: RecordableZone) -> MenuLine {
        let account = &self.entry.account;
        let RecordableZone { status, is_now } = zone;
        let label = ZoneStatus::label(status);
        let detail = if is_now { "as it is kept now" } else { "" };
        let choice = Choice {
            what: Recorded::Zone(status),
            title: format!("the zone is {label}"),
            says: format!(
                "The zone of {account} is {label} from now on, for everything in it. No entry moves \
                 by that."
            ),
        };
        line(&format!("the zone is {label}"), detail, choice)
    }
}

/// The menu as it grows.
#[derive(Default)]
struct Menu {
    items: Vec<Item>,
    choices: Vec<Choice>,
    headings: Vec<(usize, String)>,
}

impl Menu {
    fn add(&mut self, lines: impl IntoIterator<Item = MenuLine>) {
        for (item, choice) in lines {
            self.items.push(item);
            self.choices.push(choice);
        }
    }

    /// Something said above what is added next.
    fn say(&mut self, says: String) {
        self.headings.push((self.items.len(), says));
    }
}

fn line(label: &str, detail: &str, choice: Choice) -> MenuLine {
    let item = Item {
        label: label.to_owned(),
        detail: detail.to_owned(),
    };
    (item, choice)
}

fn of_event(event: RecordableEvent, table: Option<&Lifecycle>) -> MenuLine {
    let mut says = steps_of(&event.id, table);
    says.push(then(&event.leads_to));
    let item = Item {
        label: format!("record: {}", event.label),
        detail: format!("to: {}", event.leads_to),
    };
    let choice = Choice {
        what: Recorded::Event(event.id),
        title: event.label,
        says: says.join("\n"),
    };
    (item, choice)
}

fn of_action(action: RecordableAction) -> MenuLine {
    let (detail, says) = match (action.makes_successor, action.leads_to) {
        (true, _) => (
            "a new entry follows".to_owned(),
            "A new entry follows and is linked to this one; give what is known of its order."
                .to_owned(),
        ),
        (false, Some(to)) => (format!("to: {to}"), then(&to)),
        (false, None) => (String::new(), String::new()),
    };
    let title = format!("{} submitted", action.title);
    let label = format!("record: {title}");
    let what = Recorded::Submitted(action.id);
    (Item { label, detail }, Choice { what, title, says })
}

fn then(leads_to: &str) -> String {
    format!("The entry is {leads_to:?} then.")
}

fn of_state(state: RecordableState, provider: &str) -> MenuLine {
    // The word that tells two labels apart stands where it is not cut off.
    let (label, word) = match &state.word {
        Some(word) => {
            let end = format!(" ({word})");
            let label = state.label.strip_suffix(&end).unwrap_or(&state.label);
            (label.to_owned(), word.as_str())
        }
        None => (state.label.clone(), ""),
    };
    let now = if state.is_now {
        "as it is kept now"
    } else {
        ""
    };
    let said = [word, now].into_iter().filter(|said| !said.is_empty());
    let detail = said.collect::<Vec<_>>().join(", ");
    let choice = Choice {
        title: format!("the panel shows {}", state.label),
        says: format!(
            "This is a correction: the entry is {:?} from now on, as {provider}'s panel shows it.",
            state.label
        ),
        what: Recorded::Shows {
            track: state.track,
            state: state.id,
        },
    };
    let item = Item { label, detail };
    (item, choice)
}

/// Where it is seen in the provider's own panel, as far as the table says so.
fn steps_of(event: &str, table: Option<&Lifecycle>) -> Vec<String> {
    let mut rows = table.into_iter().flat_map(|table| &table.events);
    let row = rows.find(|row| row.id == event);
    row.map_or_else(Vec::new, |row| about::numbered(&row.steps))
}
