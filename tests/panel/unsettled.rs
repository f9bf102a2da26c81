//! A request of which nobody knows what came: the row, the details, the menu, and the three ways on.

use std::sync::Arc;

use certdeck::domain::entry::{Entry, OpenRequest};
use certdeck::domain::inventory::Inventory;
use certdeck::engine::command::{Candidate, Candidates, Command, Done, Progress};
use certdeck::tui::message::Message;

use crate::driver::{Panel, settings};
use crate::fixture::{self, at, id};

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 50)];

/// An order, and the renewal of an entry that has expired: of neither is known what came.
fn lost(name: &str, state: &str, action: &str) -> Entry {
    let now = at(fixture::NOW);
    let mut entry = Entry::new(id(name), "sandbox", "netcup", state, now);
    entry.names = vec![format!("{name}.example")];
    "Single DV".clone_into(&mut entry.product.name);
    entry.request = Some(OpenRequest {
        action: action.to_owned(),
        since: at("2026-11-22T11:48:00Z"),
        unknown_outcome: true,
        accepted: false,
    });
    entry
}

fn inventory() -> Arc<Inventory> {
    let mut inventory = fixture::inventory().as_ref().clone();
    let others = ["invoice", "issued"].map(|name| inventory.entries.get(&id(name)).unwrap());
    let order = lost("ordered", "outstanding-invoice", "order");
    let renewal = lost("renewed", "expired", "renew");
    let lost = [Arc::new(order), Arc::new(renewal)];
    inventory.entries = others.into_iter().chain(lost).collect();
    Arc::new(inventory)
}

fn open((columns, rows): (u16, u16), ascii: bool) -> Panel {
    let mut panel = Panel::over(inventory(), settings("dark", ascii), columns, rows);
    panel.walk_to("ordered");
    panel
}

fn candidate(id: &str, objection: Option<&str>, taken: bool) -> Candidate {
    Candidate {
        id: id.to_owned(),
        names: vec!["ordered.example".to_owned()],
        product: "Single DV".to_owned(),
        made: at("2026-11-22T11:48:01Z"),
        state: "outstanding-invoice".to_owned(),
        objection: objection.map(str::to_owned),
        taken,
    }
}

fn listed(list: Vec<Candidate>) -> Done {
    let entry = id("ordered");
    Done::Candidates(Candidates { entry, list })
}

/// The menu of what can be adopted.
fn adopting(size: (u16, u16)) -> Panel {
    let mut panel = open(size, false);
    panel.press("a T");
    let asked = panel.answer(Ok(listed(vec![
        candidate("NC-7", Some("older than the request"), false),
        candidate("NC-8", None, false),
        candidate("NC-9", None, true),
    ])));
    assert!(matches!(asked, Command::Candidates { .. }), "{asked:?}");
    panel
}

fn shot(name: &str, (columns, rows): (u16, u16), panel: &Panel) {
    insta::assert_snapshot!(format!("unsettled_{name}_{columns}x{rows}"), panel.screen());
}

#[test]
fn the_row_and_the_details_say_that_nobody_knows_and_which_keys_settle_it() {
    for size in SIZES {
        let panel = open(size, false);
        panel.sees("outcome unknown: nobody knows what came of \"Order\"");
        panel.sees("a T adopts what arrived");
        shot("row", size, &panel);
    }
    shot("row_ascii", (80, 24), &open((80, 24), true));
    // Where there is hardly room for a name, the words are there all the same.
    open((40, 12), false).sees("outcome unknown");
    open((20, 8), false).sees("outcome unk");
}

#[test]
fn the_menu_offers_the_three_ways_on_and_says_why_nothing_else_can_be_sent() {
    for size in SIZES {
        let mut panel = open(size, false);
        panel.walk_to("renewed").press("a");
        panel.sees("Adopt what arrived…").sees("Send again…");
        panel.sees("It never arrived…");
        panel.sees("nobody knows what came of \"Renew\"");
        shot("menu", size, &panel);
    }
}

#[test]
fn what_fits_is_adopted_after_a_question_and_what_is_taken_is_not_offered() {
    for size in SIZES {
        let mut panel = adopting(size);
        panel.sees("NC-8").sees("NC-7").sees_not("NC-9");
        shot("adopt", size, &panel);
        panel.press("enter").sees("Takes NC-8");
        shot("adopt_question", size, &panel);
        panel.press("enter");
        assert!(panel.commands.is_empty(), "the safe button is the default");
        let mut panel = adopting(size);
        panel.press("enter left enter");
        let (_, command) = panel.commands.remove(0);
        let Command::Adopt { entry, candidate } = command else {
            panic!("{command:?}");
        };
        assert_eq!((entry, candidate.as_deref()), (id("ordered"), Some("NC-8")));
    }
}

#[test]
fn whatever_does_not_fit_says_so_once_more() {
    let mut panel = adopting((80, 24));
    panel.press("down enter").sees("Takes NC-7");
    panel.sees("It does not fit what was asked for");
}

#[test]
fn where_nothing_is_listed_the_other_ways_are_named() {
    let mut panel = open((80, 24), false);
    panel.press("a T");
    panel.answer(Ok(listed(Vec::new())));
    panel.sees("nothing is listed there");
    assert!(panel.model.layer.is_none());
}

#[test]
fn sending_again_and_giving_up_ask_first_and_keep_by_default() {
    for size in SIZES {
        let mut panel = open(size, false);
        panel.press("a F");
        shot("never", size, &panel);
        panel.press("enter");
        assert!(panel.commands.is_empty(), "the safe button is the default");
        panel.press("a F left enter");
        let (_, command) = panel.commands.remove(0);
        assert!(matches!(command, Command::GiveUp { .. }), "{command:?}");

        // It may be bought twice, so the name is wanted.
        let mut panel = open(size, false);
        panel.press("a 2");
        shot("again", size, &panel);
        panel.press("tab enter");
        assert!(panel.commands.is_empty(), "nothing without the name");
        panel.press("esc a 2").type_text("ordered.example");
        panel.press("enter enter");
        let (_, command) = panel.commands.remove(0);
        assert!(matches!(command, Command::SendAgain { .. }), "{command:?}");
    }
}

#[test]
fn a_long_read_shows_how_far_it_is_drawn_and_in_numbers() {
    let mut panel = open((120, 24), false);
    let progress = |done| {
        Message::Progress(Some(Progress {
            what: "Loading entries".to_owned(),
            done,
            total: Some(10_000),
            since: at(fixture::NOW),
        }))
    };
    panel.say(progress(3_200));
    panel.sees("Loading entries ▇▇▇▁▁▁▁▁▁▁ 3,200 of 10,000");
    panel.say(progress(10_000));
    panel.sees("Loading entries ▇▇▇▇▇▇▇▇▇▇ 10,000 of 10,000");
    let mut ascii = open((120, 24), true);
    ascii.say(progress(3_200));
    ascii.sees("Loading entries ###_______");
    let mut narrow = open((80, 24), false);
    narrow.say(progress(3_200));
    narrow.sees("3,200 of 10,000");
}
