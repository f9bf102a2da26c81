//! Actions that ask for something, actions that ask for nothing, and the menu that lists what a
//! lifecycle knows, in the whole panel.

use std::sync::Arc;

use certdeck::domain::action::{CATALOGUE, Kind};
use certdeck::domain::entry::{Entry, StateRef};
use certdeck::domain::inventory::Inventory;
use certdeck::engine::command::{Command, Done};
use certdeck::tui::message::Message;

use crate::driver::{Panel, settings};
use crate::fixture::{self, at, id};

const ASKING: &str = include_str!("../fixtures/asking.toml");

/// An entry of a lifecycle of one's own whose actions ask for something.
fn asking() -> Entry {
    let now = at(fixture::NOW);
    let mut entry = Entry::new(id("asking"), "sandbox", "asking", "open", now);
    entry.names = vec!["asks.example".to_owned()];
    entry
}

fn inventory() -> Arc<Inventory> {
    let mut inventory = fixture::inventory().as_ref().clone();
    let lifecycles = Arc::make_mut(&mut inventory.lifecycles);
    lifecycles.add("asking.toml", ASKING).unwrap();
    let entries = &mut inventory.entries;
    entries.insert(Arc::new(asking()));
    Arc::new(inventory)
}

fn open(columns: u16, rows: u16) -> Panel {
    let mut panel = Panel::over(inventory(), settings("dark", false), columns, rows);
    panel.walk_to("asking");
    panel
}

fn done() -> Done {
    Done::Acted {
        entry: id("asking"),
        says: "The new names are looked at.".to_owned(),
        successor: None,
    }
}

#[test]
fn the_menu_lists_what_the_table_speaks_of_and_nothing_else() {
    let mut panel = open(100, 60);
    panel.press("a");
    panel.sees("Add a name…").sees("nothing is withdrawn here");
    panel.sees("Write to support").sees("Archive");
    panel
        .sees_not("Push to staging")
        .sees_not("offers no such action");
    panel.sees_not("Renew");
}

#[test]
fn names_are_added_by_one_key_in_the_menu_and_the_answers_go_along() {
    let mut panel = open(80, 24);
    panel.press("a +").sees("Add Additional Domain Name");
    panel.type_text("new.example").press("ctrl-s");
    panel.sees("New names: new.example");
    assert!(
        panel.commands.is_empty(),
        "nothing is sent before the question"
    );
    panel.press("left enter").sees("the answer is awaited");
    let command = panel.answer(Ok(done()));
    let Command::Act {
        action,
        with,
        seen_state,
        ..
    } = command
    else {
        panic!("{command:?}");
    };
    assert_eq!(action, "add-domain");
    assert_eq!(with.new_names, ["new.example"]);
    assert_eq!(seen_state.as_deref(), Some("open"));
    panel.sees("The new names are looked at.");
    assert!(panel.model.layer.is_none(), "the form is closed");
}

#[test]
fn what_is_refused_comes_back_into_the_form() {
    let mut panel = open(80, 24);
    panel.press("a +").type_text("new.example");
    panel.press("ctrl-s left enter");
    panel.answer(Err("Asking refused Add a name: not today"));
    panel.sees("not today").sees("new.example");
    panel.press("ctrl-s left enter");
    assert_eq!(panel.commands.len(), 1, "it can be tried again");
}

#[test]
fn the_form_stays_while_news_comes_and_carries_what_was_seen() {
    let mut panel = open(80, 24);
    panel.press("a +").type_text("new.example");
    let mut moved = (*inventory()).clone();
    let mut entry = asking();
    entry.tracks.get_mut("main").unwrap().state = StateRef::known("adding");
    moved.entries.insert(Arc::new(entry));
    moved.seq += 1;
    panel.say(Message::Published(Arc::new(moved)));
    panel.sees("new.example");
    panel.press("ctrl-s left enter");
    let (_, command) = panel.commands.remove(0);
    // The engine compares this with what is so and asks again.
    assert!(
        matches!(&command, Command::Act { seen_state: Some(seen), .. } if seen == "open"),
        "{command:?}"
    );
}

#[test]
fn what_can_break_nothing_happens_at_once() {
    let mut panel = open(80, 24);
    panel.press("a c");
    let command = panel.answer(Ok(Done::Acted {
        entry: id("asking"),
        says: "The CA looks at once.".to_owned(),
        successor: None,
    }));
    assert!(
        matches!(&command, Command::Act { action, .. } if action == "recheck"),
        "{command:?}"
    );
    panel.sees("The CA looks at once.");
}

#[test]
fn the_row_says_how_dangerous_it_is() {
    let mut panel = open(80, 24);
    panel.press("a X").sees("Delete: asks.example");
    panel.sees_not("Type asks.example");
    panel.press("esc");
    panel.press("a U").sees("Type asks.example to go on");
}

#[test]
fn every_key_of_the_menu_does_its_action_or_says_why_not() {
    for spec in CATALOGUE.iter().filter(|spec| spec.kind == Kind::Provider) {
        let mut panel = open(100, 60);
        panel.press("a");
        let key = certdeck::tui::actions_menu::key_in_menu(spec.id, &panel.model.settings.keymap);
        panel.press(&key.unwrap());
        let happened = !panel.commands.is_empty();
        let asked = matches!(
            panel.model.layer,
            Some(certdeck::tui::model::Layer::Overlay(_))
        );
        let table = panel.model.inventory.lifecycles.get("asking").unwrap();
        let title = format!("{}:", table.action_title(spec.id));
        let told = panel.screen().contains(&title);
        assert!(
            happened || asked || told,
            "{}:\n{}",
            spec.id,
            panel.screen()
        );
    }
}

#[test]
fn the_menu_scrolls_and_wraps_at_small_sizes() {
    for (columns, rows, name) in [(80, 24, "asking_menu_80x24"), (40, 12, "asking_menu_40x12")] {
        let mut panel = open(columns, rows);
        panel.press("a G").sees("Order and product");
        panel.press("g");
        insta::assert_snapshot!(name, panel.screen());
    }
}
