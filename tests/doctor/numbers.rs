//! Numbers that nobody can count with, in lines whose checksum is right: damage like any other, and
//! never a reason to stop.

use super::stage::{Said, Stage, edited};

const TOO_HIGH: u64 = u64::MAX;

/// A store in one of whose lines the first number after `key` is too high.
fn forged(file: &str, line: usize, key: &str) -> Stage {
    let stage = Stage::new();
    stage.change(file, |lines| {
        let line = &mut lines[line];
        let (_, rest) = line.split_once(key).unwrap();
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        *line = edited(line, &format!("{key}{digits}"), &format!("{key}{TOO_HIGH}"));
    });
    stage
}

fn is_calm(said: &Said, what: &str) {
    assert!(!said.err.contains("panicked"), "{what}: {}", said.err);
    assert!(
        [0, 5, 10, 11].contains(&said.code),
        "{what}: {}\n{}",
        said.code,
        said.err
    );
}

#[test]
fn promise_05_numbers_that_nobody_counts_with_are_told_and_stop_nothing() {
    for (file, line, key) in [
        ("journal.jsonl", 0, "\"generation\":"),
        ("journal.jsonl", 0, "\"through_seq\":"),
        ("journal.jsonl", 1, "\"seq\":"),
        ("inventory.jsonl", 0, "\"generation\":"),
        ("inventory.jsonl", 0, "\"through_seq\":"),
        ("history/001.jsonl", 1, "\"seq\":"),
    ] {
        let stage = forged(file, line, key);
        let what = format!("{file} {key}");
        let found = stage.run(&["doctor", "--json"]);
        is_calm(&found, &what);
        assert_ne!(found.code, 0, "{what}: it is told\n{}", found.out);
        for arguments in [&["list", "--json"][..], &["history"], &["doctor", "--fix"]] {
            is_calm(&stage.run(arguments), &format!("{what} {arguments:?}"));
        }
        let id = "a.example.com";
        is_calm(&stage.run(&["note", id, "looked at"]), &what);
    }
}

#[test]
fn a_file_of_the_history_with_a_number_too_high_is_none_of_certdecks() {
    let stage = Stage::new();
    stage.write(&format!("history/{TOO_HIGH}.jsonl"), "{}\n");
    is_calm(&stage.run(&["doctor"]), "doctor");
    let store = stage.store();
    let options = certdeck::store::OpenOptions::default();
    let store = certdeck::store::Store::open(&store, options).unwrap();
    store.compact().unwrap();
    assert!(stage.path(&format!("history/{TOO_HIGH}.jsonl")).exists());
}
