//! `timeline` as people and scripts meet it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

#[path = "common/shelf.rs"]
#[expect(dead_code, reason = "its other users need the rest")]
mod shelf;

use serde_json::Value;
use shelf::Shelf;

fn filled() -> Shelf {
    let shelf = Shelf::new();
    let mut away = shelf.valid(shelf.entry("away", "files", "valid", 9), -9, 81);
    away.archived = true;
    shelf.put([
        shelf.valid(shelf.entry("fresh", "files", "valid", 1), -1, 89),
        shelf.valid(shelf.entry("due", "files", "valid", 80), -80, 10),
        shelf.valid(shelf.entry("over", "files", "valid", 200), -203, -3),
        shelf.valid(shelf.entry("long", "files", "valid", 9), -9, 800),
        away,
    ]);
    shelf
}

fn json(shelf: &Shelf, filter: &[&str]) -> Value {
    let said = shelf.run(&[&["timeline", "--json"], filter].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn everything_that_serves_is_counted_once() {
    let shelf = filled();
    let line = json(&shelf, &[]);
    let count = |key: &str| line[key].as_u64().unwrap();
    assert_eq!(count("certificates"), 4, "what is put away does not count");
    let counts = ["expired", "due_already", "later"].map(count);
    assert_eq!(counts, [1, 1, 1]);
    let sum = |key: &str| {
        let weeks = line["weeks"].as_array().unwrap();
        weeks
            .iter()
            .map(|week| week[key].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(line["weeks"].as_array().unwrap().len(), 53);
    assert_eq!((sum("due"), sum("ends")), (1, 2), "{line}");
    let years: Vec<u64> = line["renewals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["a_year"].as_u64().unwrap())
        .collect();
    assert!(years[0] < years[1] && years[1] < years[2], "{years:?}");
}

#[test]
fn a_filter_chooses_what_counts_and_text_says_the_same() {
    let shelf = filled();
    assert_eq!(json(&shelf, &["name:fresh"])["certificates"], 1);
    let said = shelf.run(&["timeline"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for expected in [
        "week of",
        "4 certificates: 1 expired, 1 due already, 1 end after that year",
        "from 2027-03-15 on, at most 100 days:",
        "from 2029-03-15 on, at most 47 days:",
    ] {
        assert!(said.out.contains(expected), "{expected}\n{}", said.out);
    }
    let wrong = shelf.run(&["timeline", "expries<3d"]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
}
