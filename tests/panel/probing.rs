//! Probing from the panel: what is asked of the engine, what is told, what list and details show.

use certdeck::domain::probed::{Flaw, Probed, ProbedPlace, Served};
use certdeck::engine::command::{Command, Done, ProbeReport, Probing};
use certdeck::tui::message::Message;

use crate::driver::{Panel, settings};
use crate::fixture::{self, id};
use crate::screens::keep;

/// What was seen at one place, told so many days before its end.
fn place(served: Served, place: &str, days: i64, flaws: Vec<Flaw>) -> ProbedPlace {
    let now = fixture::at(fixture::NOW);
    ProbedPlace {
        place: place.to_owned(),
        served,
        says: match served {
            Served::Nothing => "the connection was refused: nothing listens there".to_owned(),
            _ => "www.example by R12, serial 03:af".to_owned(),
        },
        until: (served != Served::Nothing)
            .then(|| certdeck::domain::time::later(now, certdeck::domain::time::days(days))),
        flaws,
    }
}

/// A panel whose issued entry was probed with this result.
fn panel_with(places: Vec<ProbedPlace>, skipped: Vec<String>, size: (u16, u16)) -> Panel {
    let mut panel = Panel::open(size.0, size.1);
    let at = fixture::at("2026-11-22T11:48:00Z");
    let probed = Probed::of(at, places, skipped);
    panel.say(Message::Published(fixture::changed("issued", |entry| {
        entry.probed = Some(Box::new(probed));
    })));
    panel.walk_to("issued");
    panel
}

#[test]
fn a_key_probes_the_entry_under_the_cursor_and_tells_what_was_seen() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("issued").press("p");
    panel.sees("waiting: Probe");
    let report = ProbeReport {
        entries: 1,
        places: 1,
        counts: [0, 0, 0, 0, 1],
        worst: Some("Probed: www.example:443: still serves the old one".to_owned()),
        ..ProbeReport::default()
    };
    let command = panel.answer(Ok(Done::Probed(Box::new(report))));
    let Command::Probe(form) = command else {
        panic!("{command:?}");
    };
    assert_eq!(form.what, Probing::Entries(vec![id("issued")]));
    panel.sees("still serves the old one");
}

#[test]
fn the_menu_has_it_and_says_why_not_where_there_is_no_name_to_look_at() {
    let mut panel = Panel::open(100, 60);
    panel.walk_to("issued").press("a").sees("p  Probe");
    panel.press("p");
    assert!(matches!(
        panel.commands.last(),
        Some((_, Command::Probe(_)))
    ));
    // An entry that has nothing but a wildcard: where its account says none, there is no place.
    let mut panel = Panel::open(100, 60);
    panel.say(Message::Published(fixture::changed("issued", |entry| {
        entry.names = vec!["*.shop.example".to_owned()];
    })));
    panel.walk_to("issued").sees_not("p probe");
    panel.press("p").sees("a wildcard says no name to look at");
    assert!(panel.commands.is_empty(), "nothing is asked for");
    panel.press("a").sees("a wildcard says no name to look at");
}

#[test]
fn what_is_served_is_found_and_sorted_by() {
    let places = vec![place(Served::Old, "www.example:443", 3, Vec::new())];
    let mut panel = panel_with(places, Vec::new(), (120, 30));
    panel.press("/").type_text("probe:old").press("enter");
    let shown = |panel: &Panel| -> Vec<String> {
        let list = &panel.model.list;
        let ids = list
            .visible
            .iter()
            .filter_map(|at| list.rows.id(*at as usize));
        ids.map(|id| id.as_str().to_owned()).collect()
    };
    assert_eq!(shown(&panel), ["issued"]);
    panel
        .press("esc")
        .press("/")
        .type_text("probe:")
        .press("enter");
    assert_eq!(shown(&panel), ["issued"], "somebody looked");
    panel.press("esc");
    for _ in 0..6 {
        panel.press("s");
    }
    assert_eq!(panel.model.list.sort.words(), "probe");
    assert_eq!(shown(&panel)[0], "issued", "the worst first");
}

#[test]
fn marked_entries_are_probed_in_one_go() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("issued").press("space");
    panel.walk_to("expired").press("space p");
    let (_, command) = &panel.commands[0];
    let Command::Probe(form) = command else {
        panic!("{command:?}");
    };
    let mut expected = vec![id("issued"), id("expired")];
    expected.sort();
    assert_eq!(form.what, Probing::Entries(expected));
    panel.sees("Probe 2 entries");
}

#[test]
fn the_same_key_calls_it_off() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("issued").press("p p");
    assert!(matches!(panel.commands[1].1, Command::StopProbing));
    let stopped = ProbeReport {
        stopped: true,
        ..ProbeReport::default()
    };
    panel.answer(Ok(Done::Probed(Box::new(stopped))));
    panel.answer(Ok(Done::Kept));
    panel.sees("Probing was called off").sees_not("done");
}

#[test]
fn nothing_under_the_cursor_is_nothing_to_probe() {
    let mut panel = Panel::over(fixture::empty(), settings("dark", false), 80, 24);
    panel.press("p");
    assert!(panel.commands.is_empty());
    panel.sees("No entry is selected");
}

#[test]
fn read_only_looks_all_the_same() {
    let mut look = settings("dark", false);
    look.read_only = true;
    let mut panel = Panel::over(fixture::inventory(), look, 80, 24);
    panel.walk_to("issued").press("p");
    assert_eq!(panel.commands.len(), 1, "it changes nothing of the entry");
}

#[test]
fn the_list_has_a_column_where_there_is_room_and_somebody_looked() {
    let old = || vec![place(Served::Old, "www.example:443", 3, Vec::new())];
    let wide = panel_with(old(), Vec::new(), (120, 30));
    wide.sees("old one");
    keep("list-probed-dark-120x30", &wide.screen());
    let narrow = panel_with(old(), Vec::new(), (60, 14));
    narrow.sees_not("old one");
    Panel::open(120, 30).sees_not("no answer");
    for served in Served::ALL {
        let places = vec![place(served, "www.example:443", 30, Vec::new())];
        panel_with(places, Vec::new(), (120, 30)).sees(served.words());
    }
}

#[test]
fn the_details_tell_each_place_the_worst_first() {
    let places = vec![
        place(Served::Same, "a.example:443", 40, Vec::new()),
        place(Served::Nothing, "b.example:443", 0, Vec::new()),
        place(Served::Old, "c.example:443", 3, vec![Flaw::SelfSigned]),
        place(Served::Same, "d.example:443", 40, Vec::new()),
    ];
    let mut panel = panel_with(places, vec!["*.example".to_owned()], (80, 60));
    panel.press("enter 1");
    panel
        .sees("old one (12 min ago) · the worst of 4 places")
        .sees("c.example:443: still serves the old one")
        .sees("expires in 3 d, self-signed")
        .sees("b.example:443: the connection was refused")
        .sees("and 1 more; x shows them")
        .sees("passed over: *.example")
        .sees_not("d.example:443");
    panel
        .press("x")
        .sees("d.example:443: serves this certificate");
}
