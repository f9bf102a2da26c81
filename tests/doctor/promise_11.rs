//! Promise 11: accidental loss or edits in the middle of the history are found, by sequence
//! numbers and checksums.

use certdeck::store::doctor::{Finding, Kind, Level};

use crate::stage::{Stage, edited, sealed, wrong};

const HISTORY: [&str; 3] = [
    "history/001.jsonl",
    "history/002.jsonl",
    "history/003.jsonl",
];

/// The number of the transaction in a line.
fn seq(line: &str) -> u64 {
    let (_, rest) = line.split_once("{\"seq\":").unwrap();
    rest.split(',').next().unwrap().parse().unwrap()
}

#[test]
fn promise_11_a_flipped_byte_anywhere_in_the_history_is_found_with_its_line() {
    let stage = Stage::new();
    let mut looked = 0;
    for file in HISTORY {
        let bytes = stage.read(file);
        let mut at = 3;
        while at < bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            stage.write(file, &flipped);
            let examination = stage.examine();
            let found = examination.findings.sorted();
            // A damaged newline alone loses nothing, and the lines around it are read.
            if bytes[at] != b'\n' {
                let line = bytes[..at].split(|byte| *byte == b'\n').count() as u64;
                let here = |found: &Finding| {
                    found.file == file && (found.line == line || found.line == line + 1)
                };
                assert!(
                    found.iter().any(|found| here(found)),
                    "{file}, byte {at}: {found:?}"
                );
                // A header there says nothing that the lines do not.
                let level = if line == 1 {
                    Level::Note
                } else {
                    Level::Broken
                };
                assert_eq!(found[0].level, level, "{file}, byte {at}");
                looked += 1;
            }
            at += 61;
        }
        stage.write(file, &bytes);
    }
    assert!(looked > 100, "{looked}");
    assert_eq!(wrong(&stage.examine()), []);
}

#[test]
fn promise_11_a_line_that_is_cut_out_is_found_with_its_transaction() {
    for file in HISTORY {
        for cut in 1..Stage::new().lines(file).len() {
            let stage = Stage::new();
            let gone = seq(&stage.lines(file)[cut]);
            stage.change(file, |lines| drop(lines.remove(cut)));
            let found = wrong(&stage.examine());
            assert_eq!(found.len(), 1, "{file}, line {}: {found:?}", cut + 1);
            assert_eq!(found[0].kind, Kind::TransactionsMissing);
            assert_eq!(found[0].level, Level::Broken);
            assert_eq!(found[0].transactions, Some((gone, gone)));
        }
    }
}

#[test]
fn promise_11_a_file_that_is_gone_is_found_with_its_transactions() {
    for (at, file) in HISTORY.into_iter().enumerate() {
        let stage = Stage::new();
        let lines = stage.lines(file);
        let (first, last) = (seq(&lines[1]), seq(lines.last().unwrap()));
        std::fs::remove_file(stage.path(file)).unwrap();
        let found = wrong(&stage.examine());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].transactions, Some((first, last)), "{found:?}");
        // The last one has no number behind it that would show which file it was.
        if at < 2 {
            assert_eq!((found[0].kind, &*found[0].file), (Kind::FileMissing, file));
        } else {
            assert_eq!(found[0].kind, Kind::TransactionsMissing);
        }
    }
    let stage = Stage::new();
    for file in HISTORY {
        std::fs::remove_file(stage.path(file)).unwrap();
    }
    let found = wrong(&stage.examine());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].level, Level::Broken);
    assert_eq!(found[0].transactions.unwrap().0, 1);
}

#[test]
fn promise_11_lines_that_come_twice_or_in_another_order_are_found() {
    let stage = Stage::new();
    stage.change(HISTORY[0], |lines| {
        let line = lines[2].clone();
        lines.insert(4, line);
    });
    let found = wrong(&stage.examine());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].kind, found[0].line), (Kind::Twice, 5));
    let stage = Stage::new();
    stage.change(HISTORY[1], |lines| lines.swap(1, 2));
    let found = wrong(&stage.examine());
    let kinds: Vec<_> = found.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [Kind::TransactionsMissing, Kind::Twice], "{found:?}");
}

#[test]
fn promise_11_an_edit_with_a_right_checksum_is_found_where_history_and_snapshot_disagree() {
    // In the history: the last line that wrote the entry.
    let stage = Stage::new();
    let last = stage.lines(HISTORY[2]).len();
    let mut edits = 0;
    stage.change(HISTORY[2], |lines| {
        for line in &mut lines[1..] {
            if line.contains("\"note\":\"the second\",\"created\"") {
                *line = edited(
                    line,
                    "\"note\":\"the second\",\"created\"",
                    "\"note\":\"the 2nd\",\"created\"",
                );
                edits += 1;
            }
        }
    });
    assert!(edits > 0, "none of {last} lines has the note");
    let found = wrong(&stage.examine());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].kind, &*found[0].file),
        (Kind::Changed, "inventory.jsonl")
    );
    assert!(found[0].entry.is_some() && found[0].line > 1, "{found:?}");

    // In the snapshot.
    let stage = Stage::new();
    stage.change("inventory.jsonl", |lines| {
        let line = lines
            .iter_mut()
            .find(|line| line.contains("\"the second\""))
            .unwrap();
        *line = edited(line, "\"the second\"", "\"the third\"");
    });
    let json = stage.doctor(&[]);
    assert_eq!(json["exit"], 11);
    assert_eq!(json["findings"][0]["kind"], "changed", "{json:#}");
    assert_eq!(
        json["findings"][0]["fixable"], false,
        "nobody knows which of the two is right"
    );
}

#[test]
fn promise_11_an_entry_that_no_transaction_wrote_is_found() {
    let stage = Stage::new();
    stage.change("inventory.jsonl", |lines| {
        let line = lines
            .iter()
            .find(|line| line.starts_with("{\"entry\""))
            .unwrap();
        let id = line.split('"').nth(5).unwrap().to_owned();
        let added = edited(line, &format!("\"id\":\"{id}\""), "\"id\":\"zzzzzz\"");
        lines.push(added);
        let count = lines.len() - 1;
        lines[0] = edited(
            &lines[0],
            &format!("\"count\":{}", count - 1),
            &format!("\"count\":{count}"),
        );
    });
    let found = wrong(&stage.examine());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].kind, Kind::Unknown);
    assert_eq!(found[0].entry.as_ref().unwrap().as_str(), "zzzzzz");
}

#[test]
fn promise_11_the_halves_of_two_stores_are_found() {
    for (file, wanted) in [
        ("inventory.jsonl", Kind::Unknown),
        ("journal.jsonl", Kind::Generation),
    ] {
        let stage = Stage::new();
        let other = Stage::new();
        // The other one went on by itself, as a copy does that was taken for a backup.
        let said = other.run(&[
            "order",
            "--product",
            "single-dv",
            "--name",
            "c.example.com",
            "--yes",
        ]);
        assert_eq!(said.code, 0, "{}", said.err);
        let store =
            certdeck::store::Store::open(&other.store(), certdeck::store::OpenOptions::default());
        store.unwrap().compact().unwrap();
        stage.write(file, other.read(file));
        let found = wrong(&stage.examine());
        assert!(!found.is_empty(), "{file}");
        assert_eq!(found[0].level, Level::Broken, "{found:?}");
        assert!(
            found
                .iter()
                .any(|found| found.kind == wanted || found.kind == Kind::TransactionsMissing),
            "{file}: {found:?}"
        );
    }
}

#[test]
fn promise_11_garbage_between_lines_is_found_and_said_to_have_cost_nothing() {
    let stage = Stage::new();
    stage.change(HISTORY[1], |lines| lines.insert(2, "a poem\n".to_owned()));
    let found = wrong(&stage.examine());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].level, found[0].kind, found[0].line),
        (Level::Look, Kind::Line, 3)
    );
    let stage = Stage::new();
    stage.change(HISTORY[1], |lines| {
        lines.insert(2, sealed("{\"say\":\"hello\"}"));
    });
    let found = wrong(&stage.examine());
    assert!(found[0].says.contains("no meaning"), "{found:?}");
}
