//! One planted fault after the other, each with the finding that it has to make: kind, level,
//! place, and whether `--fix` mends it. Nothing is written while it is looked for.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use certdeck::store::doctor::{Kind, Level};

use crate::stage::{Stage, edited, wrong};

/// A fault, and what has to be said of it.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) plant: fn(&Stage),
    pub(crate) kind: Kind,
    pub(crate) level: Level,
    /// What the file's name begins with.
    pub(crate) file: &'static str,
    /// 0 where no line is meant.
    pub(crate) line: u64,
    pub(crate) fixable: bool,
}

fn loosen(stage: &Stage, path: &str, mode: u32) {
    fs::set_permissions(stage.path(path), Permissions::from_mode(mode)).unwrap();
}

/// The first key that an order made here, and the first certificate.
fn first(stage: &Stage, folder: &str) -> String {
    format!("{folder}/{}", stage.names(folder)[0])
}

/// What a private key's or certificate's file is called while it is written, by a process that
/// cannot exist.
fn unfinished() -> String {
    format!("{}.4194999-1.new", "ab".repeat(32))
}

pub(crate) const FAULTS: &[Fault] = &[
    Fault {
        name: "a journal line with a flipped byte",
        plant: |stage| stage.change("journal.jsonl", |lines| flip(&mut lines[1])),
        kind: Kind::Line,
        level: Level::Broken,
        file: "journal.jsonl",
        line: 2,
        fixable: false,
    },
    Fault {
        name: "a journal cut between two lines",
        plant: |stage| stage.change("journal.jsonl", |lines| drop(lines.pop())),
        kind: Kind::TransactionsMissing,
        level: Level::Broken,
        file: "journal.jsonl",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a last line that was never finished",
        plant: |stage| {
            let mut bytes = stage.read("journal.jsonl");
            bytes.extend(b"{\"seq\":4711,\"at\":\"2026-11-");
            stage.write("journal.jsonl", bytes);
        },
        kind: Kind::TornTail,
        level: Level::Look,
        file: "journal.jsonl",
        line: 4,
        fixable: true,
    },
    Fault {
        name: "a snapshot of which nothing is left",
        plant: |stage| stage.write("inventory.jsonl", Vec::new()),
        kind: Kind::Header,
        level: Level::Broken,
        file: "inventory.jsonl",
        line: 1,
        fixable: false,
    },
    Fault {
        name: "a snapshot line with a flipped byte",
        plant: |stage| stage.change("inventory.jsonl", |lines| flip(&mut lines[2])),
        kind: Kind::Line,
        level: Level::Broken,
        file: "inventory.jsonl",
        line: 3,
        fixable: true,
    },
    Fault {
        name: "an account's line with a flipped byte",
        plant: |stage| {
            stage.change("inventory.jsonl", |lines| {
                assert!(lines[1].starts_with("{\"account\""), "{}", lines[1]);
                flip(&mut lines[1]);
            });
        },
        kind: Kind::Lost,
        level: Level::Broken,
        file: "inventory.jsonl",
        line: 0,
        fixable: true,
    },
    Fault {
        name: "a snapshot line that was taken out",
        plant: |stage| stage.change("inventory.jsonl", |lines| drop(lines.remove(2))),
        kind: Kind::Count,
        level: Level::Broken,
        file: "inventory.jsonl",
        line: 0,
        fixable: true,
    },
    Fault {
        name: "an entry that stands twice",
        plant: |stage| {
            stage.change("inventory.jsonl", |lines| {
                let line = lines.last().unwrap().clone();
                lines.push(line);
                let count = lines.len() - 1;
                let (from, to) = (
                    format!("\"count\":{}", count - 1),
                    format!("\"count\":{count}"),
                );
                lines[0] = edited(&lines[0], &from, &to);
            });
        },
        kind: Kind::Twice,
        level: Level::Broken,
        file: "inventory.jsonl",
        line: 5,
        fixable: false,
    },
    Fault {
        name: "a snapshot without a header",
        plant: |stage| stage.change("inventory.jsonl", |lines| flip(&mut lines[0])),
        kind: Kind::Header,
        level: Level::Broken,
        file: "inventory.jsonl",
        line: 1,
        fixable: true,
    },
    Fault {
        name: "a journal without a header",
        plant: |stage| stage.change("journal.jsonl", |lines| flip(&mut lines[0])),
        kind: Kind::Header,
        level: Level::Broken,
        file: "journal.jsonl",
        line: 1,
        fixable: true,
    },
    Fault {
        name: "no header at all",
        plant: |stage| {
            stage.change("journal.jsonl", |lines| flip(&mut lines[0]));
            stage.change("inventory.jsonl", |lines| flip(&mut lines[0]));
        },
        kind: Kind::Header,
        level: Level::Broken,
        file: "inventory.jsonl",
        line: 1,
        fixable: false,
    },
    Fault {
        name: "a snapshot that is gone",
        plant: |stage| fs::remove_file(stage.path("inventory.jsonl")).unwrap(),
        kind: Kind::FileMissing,
        level: Level::Broken,
        file: "inventory.jsonl",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a journal that is gone",
        plant: |stage| fs::remove_file(stage.path("journal.jsonl")).unwrap(),
        kind: Kind::FileMissing,
        level: Level::Broken,
        file: "journal.jsonl",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a crash between a new snapshot and the move of its journal",
        plant: |stage| {
            // The last journal of the history is still the journal, and the snapshot has it.
            fs::rename(stage.path("history/003.jsonl"), stage.path("journal.jsonl")).unwrap();
            fs::remove_file(stage.path("lock")).unwrap();
        },
        kind: Kind::Absorbed,
        level: Level::Look,
        file: "journal.jsonl",
        line: 0,
        fixable: true,
    },
    Fault {
        name: "a key that is gone",
        plant: |stage| fs::remove_file(stage.path(&first(stage, "keys"))).unwrap(),
        kind: Kind::KeyMissing,
        level: Level::Broken,
        file: "keys/",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a key under another's name",
        plant: |stage| {
            let names = stage.names("keys");
            let other = stage.read(&format!("keys/{}", names[1]));
            stage.write(&format!("keys/{}", names[0]), other);
        },
        kind: Kind::KeyWrong,
        level: Level::Broken,
        file: "keys/",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a key that is garbage",
        plant: |stage| stage.write(&first(stage, "keys"), "-----BEGIN PRIVATE KEY-----\nAAAA\n"),
        kind: Kind::KeyWrong,
        level: Level::Broken,
        file: "keys/",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a certificate that is gone",
        plant: |stage| fs::remove_file(stage.path(&first(stage, "certs"))).unwrap(),
        kind: Kind::CertificateMissing,
        level: Level::Broken,
        file: "certs/",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a certificate under another's name",
        plant: |stage| {
            let names = stage.names("certs");
            let other = stage.read(&format!("certs/{}", names[1]));
            stage.write(&format!("certs/{}", names[0]), other);
        },
        kind: Kind::CertificateWrong,
        level: Level::Broken,
        file: "certs/",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a certificate that is cut off",
        plant: |stage| {
            let file = first(stage, "certs");
            let bytes = stage.read(&file);
            stage.write(&file, &bytes[..bytes.len() / 2]);
        },
        kind: Kind::CertificateWrong,
        level: Level::Broken,
        file: "certs/",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a folder that others may look into",
        plant: |stage| loosen(stage, "keys", 0o755),
        kind: Kind::Loose,
        level: Level::Look,
        file: "keys",
        line: 0,
        fixable: true,
    },
    Fault {
        name: "the store's own folder likewise",
        plant: |stage| loosen(stage, "", 0o750),
        kind: Kind::Loose,
        level: Level::Look,
        file: "/",
        line: 0,
        fixable: true,
    },
    Fault {
        name: "a key that others may read",
        plant: |stage| loosen(stage, &first(stage, "keys"), 0o640),
        kind: Kind::Loose,
        level: Level::Look,
        file: "keys/",
        line: 0,
        fixable: true,
    },
    Fault {
        name: "a journal of the history that others may write",
        plant: |stage| loosen(stage, "history/002.jsonl", 0o602),
        kind: Kind::Loose,
        level: Level::Look,
        file: "history/002.jsonl",
        line: 0,
        fixable: true,
    },
    Fault {
        name: "a key that is a link",
        plant: |stage| {
            let file = stage.path(&first(stage, "keys"));
            let elsewhere = stage.home.path().join("elsewhere.pem");
            fs::rename(&file, &elsewhere).unwrap();
            symlink(elsewhere, file).unwrap();
        },
        kind: Kind::Planted,
        level: Level::Broken,
        file: "keys/",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a folder that is a link",
        plant: |stage| {
            let elsewhere = stage.home.path().join("elsewhere");
            fs::rename(stage.path("certs"), &elsewhere).unwrap();
            symlink(elsewhere, stage.path("certs")).unwrap();
        },
        kind: Kind::Planted,
        level: Level::Broken,
        file: "certs",
        line: 0,
        fixable: false,
    },
    Fault {
        name: "a snapshot that was never finished",
        plant: |stage| stage.write("inventory.jsonl.new", "{\"format\":\"certdeck-in"),
        kind: Kind::Leftover,
        level: Level::Look,
        file: "inventory.jsonl.new",
        line: 0,
        fixable: true,
    },
    Fault {
        name: "a key that was never finished",
        plant: |stage| stage.write(&format!("keys/{}", unfinished()), "-----BEGIN PRIV"),
        kind: Kind::Leftover,
        level: Level::Look,
        file: "keys/abab",
        line: 0,
        fixable: true,
    },
];

/// Spoils a byte in the middle of a line.
fn flip(line: &mut String) {
    let at = line.len() / 2;
    let letter = if &line[at..=at] == "x" { "y" } else { "x" };
    line.replace_range(at..=at, letter);
}

#[test]
fn every_planted_fault_is_found_with_its_place_and_nothing_is_written() {
    for fault in FAULTS {
        let stage = Stage::new();
        (fault.plant)(&stage);
        let before = stage.everything();
        let json = stage.doctor(&[]);
        assert_eq!(
            stage.everything(),
            before,
            "{}: something was written",
            fault.name
        );
        let findings = json["findings"].as_array().unwrap();
        let found = findings.iter().find(|found| {
            found["kind"] == fault.kind.id()
                && found["file"]
                    .as_str()
                    .unwrap_or_default()
                    .starts_with(fault.file)
                && found["line"].as_u64().unwrap_or(0) == fault.line
        });
        let found = found.unwrap_or_else(|| panic!("{}: {json:#}", fault.name));
        assert_eq!(
            found["level"],
            fault.level.id(),
            "{}: {found:#}",
            fault.name
        );
        assert_eq!(found["fixable"], fault.fixable, "{}: {found:#}", fault.name);
        assert!(!found["advice"].as_str().unwrap().is_empty(), "{found:#}");
        let expected = if fault.level == Level::Broken { 11 } else { 10 };
        assert_eq!(json["exit"], expected, "{}: {json:#}", fault.name);
    }
}

#[test]
fn what_nobody_needs_and_what_is_not_certdecks_is_noted() {
    let stage = Stage::new();
    stage.write("todo.txt", "buy milk");
    stage.write("history/001.jsonl.bak", "a copy");
    // A certificate that no entry names: taken from another store.
    let other = include_bytes!("../fixtures/own_table.toml");
    stage.write("certs/notes.toml", other);
    let key = certdeck::pki::PrivateKey::generate(certdeck::pki::KeyType::P256).unwrap();
    let pem = secrecy::ExposeSecret::expose_secret(&key.to_pkcs8_pem()).to_owned();
    stage.write(&format!("keys/{}.pem", key.spki_sha256()), pem);
    let examination = stage.examine();
    assert_eq!(wrong(&examination), []);
    let mut notes: Vec<_> = examination
        .findings
        .sorted()
        .iter()
        .map(|found| (found.kind, found.file.clone()))
        .collect();
    notes.sort();
    let expected = [
        (Kind::KeyUnused, format!("keys/{}.pem", key.spki_sha256())),
        (Kind::Stranger, "certs/notes.toml".to_owned()),
        (Kind::Stranger, "history/001.jsonl.bak".to_owned()),
        (Kind::Stranger, "todo.txt".to_owned()),
    ];
    assert_eq!(notes, expected);
    assert_eq!(stage.doctor(&[])["exit"], 0);
}

#[test]
fn a_key_that_another_process_writes_right_now_is_no_leftover() {
    let stage = Stage::new();
    let name = format!("keys/{}.{}-1.new", "ab".repeat(32), std::process::id());
    stage.write(&name, "-----BEGIN PRIV");
    for flags in [&[][..], &["--fix"]] {
        let json = stage.doctor(flags);
        assert_eq!(json["exit"], 0, "{json:#}");
        assert_eq!(json["findings"][0]["level"], "note", "{json:#}");
    }
    assert!(stage.path(&name).exists());
}

#[test]
fn every_key_that_was_made_here_is_missed_the_sandboxs_own_too() {
    let stage = Stage::new();
    let mut missed = 0;
    for name in stage.names("keys") {
        let bytes = stage.read(&format!("keys/{name}"));
        fs::remove_file(stage.path(&format!("keys/{name}"))).unwrap();
        let found = wrong(&stage.examine());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].kind, Kind::KeyMissing);
        missed += 1;
        stage.write(&format!("keys/{name}"), bytes);
    }
    assert_eq!(missed, 3);
}
