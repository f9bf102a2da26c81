//! The timeline: opened with a key, walked through by weeks, left with a filter.

use certdeck::tui::layout::Focus;

use crate::driver::{Panel, draw, settings};
use crate::fixture;
use crate::screens::keep;

#[test]
fn a_key_opens_it_and_three_close_it() {
    for key in ["t", "q", "esc"] {
        let mut panel = Panel::open(80, 24);
        panel.press("t");
        panel
            .sees("the next twelve months")
            .sees("Week of 2026-11-16:")
            .sees("2027-03-15")
            .sees("renewals a year");
        panel.press(key).sees_not("the next twelve months");
    }
}

#[test]
fn weeks_are_walked_through_and_enter_lists_what_ends_in_one() {
    let mut panel = Panel::open(80, 24);
    panel.press("t l l right");
    panel.sees("Week of 2026-12-07:");
    panel.press("h").sees("Week of 2026-11-30:");
    panel.press("page-down").sees("Week of 2026-12-28:");
    panel.press("G").sees("Week of 2027-11-15:");
    panel.press("g l");
    panel.press("enter").sees_not("the next twelve months");
    let filter = panel.model.list.filter.value().to_owned();
    assert_eq!(filter, "expires>2026-11-22 expires<2026-11-30");
    assert_eq!(panel.model.focus, Focus::List);
    assert_eq!(panel.model.list.problem, None);
}

#[test]
fn it_counts_what_the_filter_shows_and_keeps_that_filter() {
    let mut panel = Panel::open(100, 30);
    panel.press("/").type_text("zzz-nobody").press("enter t");
    panel.sees("of zzz-nobody").sees("0 certificates");
    panel.press("l enter");
    let filter = panel.model.list.filter.value();
    assert_eq!(filter, "zzz-nobody expires>2026-11-22 expires<2026-11-30");
}

#[test]
fn the_weeks_of_the_chart_are_those_of_the_entries() {
    let mut panel = Panel::open(80, 24);
    let issued = panel.model.inventory.get(&fixture::id("issued")).unwrap();
    let ends = issued.serving().unwrap().not_after;
    panel.press("t");
    for _ in 0..60 {
        let screen = panel.screen();
        let line = screen
            .lines()
            .find(|line| line.contains("Week of"))
            .unwrap();
        let monday = line.split("Week of ").nth(1).unwrap()[..10].to_owned();
        let from: jiff::Timestamp = format!("{monday}T00:00:00Z").parse().unwrap();
        let is_its = from <= ends && ends < from + jiff::SignedDuration::from_hours(7 * 24);
        if is_its {
            assert!(!line.contains(" 0 certificates end"), "{line}");
            panel.press("enter");
            let shown = &panel.model.list;
            let ids = shown
                .visible
                .iter()
                .filter_map(|at| shown.rows.id(*at as usize));
            assert!(ids.into_iter().any(|id| id == fixture::id("issued")));
            return;
        }
        panel.press("l");
    }
    panic!("{ends} is in no week:\n{}", panel.screen());
}

#[test]
fn it_is_readable_at_any_size() {
    let mut panel = Panel::open(20, 8);
    panel.press("t");
    keep("timeline-dark-20x8", &panel.screen());
    for columns in 0..70 {
        for rows in [0, 1, 2, 3, 4, 5, 6, 9, 11, 20] {
            let mut panel = Panel::open(columns.max(16), rows.max(4));
            panel.press("t G");
            draw(&panel.model, columns, rows);
        }
    }
}

#[test]
fn an_empty_store_has_an_empty_year() {
    let mut panel = Panel::over(fixture::empty(), settings("mono", true), 60, 16);
    panel.press("t");
    panel.sees("0: 0 expired");
    assert!(panel.screen().is_ascii());
}
