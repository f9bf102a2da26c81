//! `store prune`: what somebody asks for is removed and nothing else, what is lost is said before,
//! and the doctor knows afterwards that the history begins later.

use std::fs;

use certdeck::domain::time;
use certdeck::store::doctor::Kind;
use certdeck::store::{OpenOptions, RealDisk, Store, prune};
use jiff::Timestamp;

use crate::stage::{Everything, Stage, edited, wrong};

/// Everything but what prune is about.
fn beside_the_history(stage: &Stage) -> Everything {
    let mut all = stage.everything();
    all.retain(|path, _| !path.starts_with(stage.path("history")));
    // Whoever removes something holds the lock, and leaves it as it was.
    all.remove(&stage.path("lock"));
    all
}

fn compact(stage: &Stage) {
    let store = Store::open(&stage.store(), OpenOptions::default()).unwrap();
    store.compact().unwrap();
}

#[test]
fn the_oldest_journals_go_and_the_doctor_knows_that_the_history_begins_later() {
    let stage = Stage::new();
    let (list, before) = (stage.list(), beside_the_history(&stage));
    let said = stage.run(&["store", "prune", "--keep", "1", "--yes"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out
            .starts_with("Removed history/001.jsonl to history/002.jsonl (2 files, "),
        "{}",
        said.out
    );
    assert_eq!(stage.names("history"), ["003.jsonl", "pruned.jsonl"]);
    assert_eq!(beside_the_history(&stage), before);
    assert_eq!(stage.list(), list);

    let json = stage.doctor(&[]);
    assert_eq!(json["exit"], 0, "{json:#}");
    assert_eq!(json["findings"][0]["kind"], "pruned", "{json:#}");
    assert_eq!(json["findings"].as_array().unwrap().len(), 1, "{json:#}");

    // What is left is watched as before.
    stage.change("history/003.jsonl", |lines| drop(lines.remove(2)));
    assert_eq!(wrong(&stage.examine())[0].kind, Kind::TransactionsMissing);
}

#[test]
fn the_numbers_of_files_go_on_also_after_all_were_removed() {
    let stage = Stage::new();
    let said = stage.run(&["store", "prune", "--keep", "0", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(stage.names("history"), ["pruned.jsonl"]);
    compact(&stage);
    assert_eq!(stage.names("history"), ["004.jsonl", "pruned.jsonl"]);
    assert_eq!(wrong(&stage.examine()), []);
    // And once more: the marker keeps both times.
    let said = stage.run(&["store", "prune", "--keep", "0", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(stage.lines("history/pruned.jsonl").len(), 2);
    assert_eq!(wrong(&stage.examine()), []);
    let said = stage.run(&["note", "a.example.com", "it goes on"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(wrong(&stage.examine()), []);
}

#[test]
fn an_edit_after_what_was_removed_is_still_found() {
    let stage = Stage::new();
    stage.run(&["store", "prune", "--keep", "1", "--yes"]);
    stage.change("inventory.jsonl", |lines| {
        let line = lines
            .iter_mut()
            .find(|line| line.contains("\"the second\""));
        let line = line.unwrap();
        *line = edited(line, "\"the second\"", "\"the third\"");
    });
    assert_eq!(wrong(&stage.examine())[0].kind, Kind::Changed);
    // Once nothing contradicts it any more, it is believed.
    let said = stage.run(&["store", "prune", "--keep", "0", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(wrong(&stage.examine()), []);
}

#[test]
fn what_would_be_lost_is_said_and_nothing_goes_unasked() {
    let stage = Stage::new();
    let before = stage.everything();
    let said = stage.run(&["store", "prune", "--keep", "2"]);
    assert_eq!(said.code, 2, "nobody can be asked here: {}", said.err);
    assert!(said.err.contains("add --yes"), "{}", said.err);
    let said = stage.run(&["store", "prune", "--keep", "2", "--dry-run"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let today = time::date(Timestamp::now());
    for words in [
        "history/001.jsonl (",
        " events in ",
        "written from ",
        &today,
        "Nothing was removed",
    ] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    let refused = stage.run(&["store", "prune", "--keep", "2", "--yes", "--read-only"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert_eq!(
        stage.run(&["store", "prune", "--yes"]).code,
        2,
        "one of the two is needed"
    );
    assert_eq!(stage.everything(), before);
}

#[test]
fn a_day_keeps_every_journal_that_is_younger_in_any_part() {
    let stage = Stage::new();
    let day = |days: i64| time::date(time::later(Timestamp::now(), time::days(days)));
    let said = stage.run(&["store", "prune", "--before", &day(-1), "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out
            .starts_with("Nothing is to be removed: all 3 journals"),
        "{}",
        said.out
    );
    let said = stage.run(&["store", "prune", "--before", &day(2), "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(stage.names("history"), ["pruned.jsonl"]);
}

#[test]
fn nothing_is_removed_while_the_history_is_all_that_is_left_of_something() {
    let stage = Stage::new();
    stage.change("inventory.jsonl", |lines| drop(lines.pop()));
    let before = stage.everything();
    let said = stage.run(&["store", "prune", "--keep", "0", "--yes"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert!(said.err.contains("`certdeck doctor`"), "{}", said.err);
    assert_eq!(stage.everything(), before);
    assert_eq!(stage.doctor(&["--fix"])["exit"], 0);
    assert_eq!(
        stage.run(&["store", "prune", "--keep", "0", "--yes"]).code,
        0
    );
}

#[test]
fn a_damaged_part_of_the_history_can_be_let_go_of() {
    let stage = Stage::new();
    stage.change("history/001.jsonl", |lines| {
        lines[4] = "a poem\n".to_owned();
    });
    assert_eq!(stage.doctor(&[])["exit"], 11);
    let said = stage.run(&["store", "prune", "--keep", "2", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(stage.doctor(&[])["exit"], 0);
}

#[test]
fn a_prune_that_was_interrupted_is_said_and_goes_on() {
    let stage = Stage::new();
    let whole: Vec<_> = ["001", "002"]
        .map(|number| stage.read(&format!("history/{number}.jsonl")))
        .into();
    assert_eq!(
        stage.run(&["store", "prune", "--keep", "1", "--yes"]).code,
        0
    );
    for gone in 0..2 {
        // As if the crash had come after `gone` of the two files.
        for (at, bytes) in whole.iter().enumerate().skip(gone) {
            stage.write(&format!("history/{:03}.jsonl", at + 1), bytes);
        }
        let found = wrong(&stage.examine());
        assert_eq!(found.len(), 2 - gone, "{found:?}");
        assert!(
            found.iter().all(|found| found.kind == Kind::Leftover),
            "{found:?}"
        );
        assert!(found[0].advice.contains("same command"), "{found:?}");
        assert_eq!(
            stage.run(&["store", "prune", "--keep", "1", "--yes"]).code,
            0
        );
        assert_eq!(wrong(&stage.examine()), []);
    }
}

#[test]
fn a_history_that_changed_since_it_was_shown_is_left_alone() {
    let stage = Stage::new();
    let disk = RealDisk::default();
    let plan = prune::plan(&disk, &stage.store(), prune::Which::AllBut(1)).unwrap();
    fs::remove_file(stage.path("history/001.jsonl")).unwrap();
    let before = beside_the_history(&stage);
    let error = prune::prune(&disk, &stage.store(), &OpenOptions::default(), &plan).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("somebody else changed the history"),
        "{error}"
    );
    assert_eq!(beside_the_history(&stage), before);
    assert_eq!(stage.names("history"), ["002.jsonl", "003.jsonl"]);
}

#[test]
fn a_damaged_marker_is_said() {
    let stage = Stage::new();
    assert_eq!(
        stage.run(&["store", "prune", "--keep", "1", "--yes"]).code,
        0
    );
    stage.change("history/pruned.jsonl", |lines| {
        lines[0] = lines[0].replace("through", "thruogh");
    });
    let found = wrong(&stage.examine());
    let kinds: Vec<_> = found.iter().map(|found| found.kind).collect();
    assert!(
        kinds.contains(&Kind::Line) && kinds.contains(&Kind::FileMissing),
        "{found:?}"
    );
}
