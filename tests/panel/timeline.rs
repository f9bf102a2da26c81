//! The timeline: opened with a key, walked through by weeks, left with a filter.

use certdeck::domain::timeline::{Happens, Timeline};
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
fn weeks_are_walked_through_and_halves_chosen() {
    let mut panel = Panel::open(80, 24);
    panel.press("t l l right");
    panel.sees("Week of 2026-12-07:");
    panel.press("h").sees("Week of 2026-11-30:");
    panel.press("page-down").sees("Week of 2026-12-28:");
    panel.press("G").sees("Week of 2027-11-15:");
    panel.press("g").sees("Week of 2026-11-16:");
    let chosen = |panel: &Panel| {
        let screen = panel.screen();
        let (_, after) = screen.split_once('▌').unwrap();
        after.split(' ').nth(1).unwrap().to_owned()
    };
    assert!(chosen(&panel).starts_with("renewal"));
    panel.press("down");
    assert!(chosen(&panel).starts_with("certificate"));
    panel.press("k");
    assert!(chosen(&panel).starts_with("renewal"));
}

#[test]
fn what_is_listed_of_a_week_is_what_is_counted_in_it() {
    let mut panel = Panel::open(80, 24);
    let line = Timeline::of(&panel.model.list.rows, None);
    for (what, half) in [(Happens::Due, "k"), (Happens::Ends, "j")] {
        let counts: Vec<usize> = line.weeks.iter().map(|week| week.count(what)).collect();
        let (empty, full) = ([0, 1, 2, 3], counts.iter().enumerate());
        let full: Vec<(usize, usize)> = full
            .filter(|(_, count)| **count > 0)
            .map(|(number, count)| (number, *count))
            .collect();
        assert!(full.len() > 1, "{counts:?}");
        for (number, count) in full {
            panel.press("t g").press(half);
            for _ in 0..number {
                panel.press("l");
            }
            panel.press("enter");
            assert_eq!(panel.model.focus, Focus::List);
            assert_eq!(panel.model.list.problem, None);
            let filter = panel.model.list.filter.value().to_owned();
            assert_eq!(panel.model.list.visible.len(), count, "{filter}");
            panel.press("esc");
            assert_eq!(panel.model.list.filter.value(), "");
        }
        // Where nothing is counted, nothing is listed, and the timeline says so.
        let number = empty
            .into_iter()
            .find(|number| counts[*number] == 0)
            .unwrap();
        panel.press("t g").press(half);
        for _ in 0..number {
            panel.press("l");
        }
        panel.press("enter").sees("in that week;");
        panel.press("t");
    }
}

#[test]
fn it_counts_what_the_filter_shows_and_keeps_that_filter() {
    let mut panel = Panel::open(100, 30);
    panel.press("/").type_text("zzz-nobody").press("enter t");
    panel.sees("of zzz-nobody").sees("0 certificates");
    panel
        .press("l enter")
        .sees("Nothing becomes due in that week");
    panel.press("j enter").sees("Nothing ends in that week");
    panel.press("l").sees_not("Nothing ends");
    let line = Timeline::of(&panel.model.list.rows, None);
    let number = line.weeks.iter().position(|week| week.ends > 0).unwrap();
    let mut panel = Panel::open(100, 30);
    panel.press("/").type_text("!zzz").press("enter t j");
    for _ in 0..number {
        panel.press("l");
    }
    panel.press("enter");
    let filter = panel.model.list.filter.value();
    let expected = line.filter(number, Happens::Ends).unwrap();
    assert_eq!(filter, format!("!zzz {expected}"));
}

#[test]
fn it_is_readable_at_any_size() {
    let mut panel = Panel::open(20, 8);
    panel.press("t");
    keep("timeline-dark-20x8", &panel.screen());
    for rows in [0, 1, 2, 3, 4, 5, 6, 9, 11, 20] {
        let mut panel = Panel::open(70, rows.max(4));
        panel.press("t G j enter");
        for columns in 0..70 {
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
