//! What people see: a store that is whole, one that is not, one that cannot be used, the clock,
//! requests without an answer, and a store that somebody is writing to meanwhile.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use certdeck::domain::entry::{Entry, EntryId, OpenRequest};
use certdeck::domain::event::{Event, What};
use certdeck::domain::time;
use certdeck::store::doctor::{Level, examine};
use certdeck::store::{OpenOptions, RealDisk, Store, StoreError};
use jiff::Timestamp;

use crate::stage::{Stage, edited, sealed, wrong};

fn put(store: &Store, entry: Entry) {
    let put = store.transact(|transaction| {
        transaction.put_entry(entry);
        Ok::<_, StoreError>(())
    });
    put.unwrap();
}

fn entry(id: &str) -> Entry {
    let now = Timestamp::now();
    let mut entry = Entry::new(EntryId::new(id), "sandbox", "netcup", "issued", now);
    entry.names = vec![format!("{id}.example.com")];
    entry
}

#[test]
fn a_whole_store_is_quiet_and_doctor_writes_nothing() {
    let stage = Stage::new();
    let before = stage.everything();
    let said = stage.run(&["doctor"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.starts_with("Nothing is wrong. Looked at "), "{words}");
    for count in ["5 files", "2 entries", "3 keys", "4 certificates"] {
        assert!(words.contains(count), "{count}: {words}");
    }
    assert_eq!(stage.everything(), before);
    let json = stage.doctor(&[]);
    assert_eq!(json["findings"].as_array().unwrap().len(), 0, "{json:#}");
    assert!(json["looked_at"]["transactions"].as_u64().unwrap() > 10);
    // With nothing to mend, --fix writes nothing, either.
    assert_eq!(stage.doctor(&["--fix"])["exit"], 0);
    assert_eq!(stage.everything(), before);
}

#[test]
fn what_is_wrong_is_said_with_its_place_how_bad_it_is_and_what_to_do() {
    let stage = Stage::new();
    stage.change("history/001.jsonl", |lines| {
        lines[3] = lines[3].replacen("\"who\":", "\"Who\":", 1);
    });
    fs::set_permissions(stage.path("keys"), Permissions::from_mode(0o755)).unwrap();
    let before = stage.everything();
    let said = stage.run(&["doctor"]);
    assert_eq!(said.code, 11);
    let (broken, look) = said.out.split_once("To look at").unwrap();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words(broken).starts_with(
            "Broken history/001.jsonl, line 4: this line does not match its checksum; what \
             transaction 3 did is lost. Now: put the file back from a backup"
        ),
        "{}",
        said.out
    );
    assert!(
        words(look)
            .contains("keys: others than its owner may look at it or change it: its mode is 0755"),
        "{}",
        said.out
    );
    assert!(
        words(look).ends_with("1 broken, 1 to look at; `certdeck doctor --fix` mends 1."),
        "{}",
        said.out
    );
    assert!(
        said.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        said.out
    );
    assert_eq!(stage.everything(), before);
}

#[test]
fn stores_that_cannot_be_used_are_said_and_left_alone() {
    type Plant = fn(&Stage);
    let cases: [(&str, Plant, &str); 5] = [
        (
            "absent",
            |stage| fs::remove_dir_all(stage.store()).unwrap(),
            "there is no store here",
        ),
        (
            "absent",
            |stage| {
                fs::remove_dir_all(stage.store()).unwrap();
                fs::create_dir(stage.store()).unwrap();
            },
            "there is no store in this folder",
        ),
        (
            "planted",
            |stage| {
                fs::remove_dir_all(stage.store()).unwrap();
                fs::write(stage.store(), "a poem").unwrap();
            },
            "it is a regular file, where the store needs a folder",
        ),
        (
            "newer",
            |stage| {
                stage.change("inventory.jsonl", |lines| {
                    lines[0] = edited(&lines[0], "\"version\":1", "\"version\":7");
                });
            },
            "it has format version 7, and this certdeck knows versions up to 1",
        ),
        (
            "newer",
            |stage| {
                let header =
                    r#"{"format":"certdeck-journal","version":2,"generation":1,"through_seq":0}"#;
                stage.write("journal.jsonl", sealed(header));
            },
            "it has format version 2",
        ),
    ];
    for (kind, plant, says) in cases {
        let stage = Stage::new();
        plant(&stage);
        let exists = stage.store().exists();
        let before = exists.then(|| stage.everything());
        for flags in [&[][..], &["--fix"]] {
            let json = stage.doctor(flags);
            assert_eq!(json["exit"], 5, "{json:#}");
            let first = &json["findings"][0];
            assert_eq!(
                (&first["level"], &first["kind"]),
                (&"unusable".into(), &kind.into())
            );
            assert!(
                first["says"].as_str().unwrap().starts_with(says),
                "{json:#}"
            );
        }
        assert_eq!(exists.then(|| stage.everything()), before, "{kind}");
        assert_eq!(stage.store().exists(), exists, "{kind}");
    }
}

#[test]
fn a_store_of_somebody_else_is_said() {
    if !rustix_is_root() {
        return;
    }
    let stage = Stage::new();
    std::os::unix::fs::chown(stage.store(), Some(4711), None).unwrap();
    let json = stage.doctor(&[]);
    assert_eq!(json["exit"], 5, "{json:#}");
    assert_eq!(json["findings"][0]["kind"], "owner", "{json:#}");
}

/// Whether files can be given away here.
fn rustix_is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let probe = tempfile::tempdir().unwrap();
    fs::metadata(probe.path()).unwrap().uid() == 0
}

#[test]
fn a_clock_that_was_put_back_is_said_with_both_times() {
    let stage = Stage::new();
    let ahead = time::later(Timestamp::now(), time::days(400));
    let options = OpenOptions {
        clock: Arc::new(move || ahead),
        ..OpenOptions::default()
    };
    let store = Store::open(&stage.store(), options).unwrap();
    put(&store, entry("late"));
    let json = stage.doctor(&[]);
    assert_eq!(json["exit"], 10, "{json:#}");
    let finding = &json["findings"][0];
    assert_eq!(finding["kind"], "clock");
    let says = finding["says"].as_str().unwrap();
    assert!(
        says.starts_with("the clock looks wrong: it shows "),
        "{says}"
    );
    assert!(says.contains(&time::moment(ahead)), "{says}");
}

#[test]
fn requests_without_an_answer_and_what_is_not_configured_are_said() {
    let stage = Stage::new();
    let store = Store::open(&stage.store(), OpenOptions::default()).unwrap();
    let since = time::earlier(Timestamp::now(), time::days(2));
    for (id, unknown_outcome) in [("sent", true), ("asked", false)] {
        let mut entry = entry(id);
        entry.request = Some(OpenRequest {
            action: "renew".to_owned(),
            since,
            unknown_outcome,
            accepted: false,
        });
        put(&store, entry);
    }
    let mut orphan = entry("orphan");
    orphan.account = "gone".to_owned();
    orphan.lifecycle = "house-ca".to_owned();
    put(&store, orphan);
    let json = stage.doctor(&[]);
    assert_eq!(json["exit"], 10, "{json:#}");
    for (kind, level, entry, says) in [
        (
            "outcome-unknown",
            "look",
            Some("sent"),
            "nobody can say what came of it",
        ),
        ("request-open", "look", Some("asked"), "no answer came"),
        (
            "account-missing",
            "note",
            None,
            "account gone is not configured, and one entry",
        ),
        (
            "lifecycle-missing",
            "note",
            None,
            "no lifecycle table house-ca, and one entry",
        ),
    ] {
        let findings = json["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["kind"] == kind);
        let found = found.unwrap_or_else(|| panic!("{kind}: {json:#}"));
        assert_eq!(found["level"], level, "{found:#}");
        assert_eq!(found["entry"].as_str(), entry, "{found:#}");
        assert!(found["says"].as_str().unwrap().contains(says), "{found:#}");
        assert!(!found["advice"].as_str().unwrap().is_empty(), "{found:#}");
    }
}

#[test]
fn a_wrong_configuration_keeps_nobody_from_the_store() {
    let stage = Stage::new();
    let accounts = stage.home.path().join("config/accounts");
    fs::create_dir(&accounts).unwrap();
    fs::write(accounts.join("shop.toml"), "kind = \"cloud\"\n").unwrap();
    let json = stage.doctor(&[]);
    assert_eq!(json["exit"], 10, "{json:#}");
    let finding = &json["findings"][0];
    assert_eq!(finding["kind"], "configuration");
    assert!(
        finding["says"]
            .as_str()
            .unwrap()
            .contains("shop.toml:1: kind"),
        "{json:#}"
    );
    assert_eq!(json["looked_at"]["entries"], 2);
    // What others may read is a note.
    let note = &json["findings"][1];
    assert_eq!(
        (&note["level"], &note["kind"]),
        (&"note".into(), &"configuration".into())
    );
}

#[test]
fn what_strangers_wrote_does_nothing_to_the_terminal() {
    let stage = Stage::new();
    fs::write(stage.path("evil\u{1b}[31m\u{202e}.txt"), "x").unwrap();
    let said = stage.run(&["doctor"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("this is not certdeck's"), "{}", said.out);
    assert!(!said.out.contains(['\u{1b}', '\u{202e}']), "{:?}", said.out);
}

#[test]
fn doctor_says_nothing_of_a_store_that_is_being_written_to() {
    let stage = Stage::new();
    let (dir, done) = (stage.store(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            write_much(&dir);
            done.store(true, Ordering::SeqCst);
        });
        let mut looks = 0;
        while !done.load(Ordering::SeqCst) || looks < 3 {
            let examination = examine(&RealDisk::default(), &dir, Timestamp::now());
            assert_eq!(wrong(&examination), [], "look {looks}");
            looks += 1;
        }
    });
    let examination = stage.examine();
    assert_eq!(
        examination
            .findings
            .worst()
            .filter(|worst| *worst < Level::Note),
        None
    );
    assert_eq!(examination.present.entries, 2 + 40);
}

/// Transactions and swaps, as a panel and a cron job make them.
fn write_much(dir: &Path) {
    let store = Store::open(dir, OpenOptions::default()).unwrap();
    for turn in 0..200 {
        let id = format!("e{}", turn % 40);
        let written = store.transact(|transaction| {
            let mut entry = entry(&id);
            entry.note = format!("turn {turn}");
            let event = Event {
                entry: entry.id.clone(),
                at: entry.changed,
                what: What::Noted {
                    note: entry.note.clone(),
                },
            };
            transaction.event(event);
            transaction.put_entry(entry);
            Ok::<_, StoreError>(())
        });
        written.unwrap();
        if turn % 20 == 19 {
            store.compact().unwrap();
        }
    }
}

#[test]
fn json_has_the_shape_that_help_says() {
    let stage = Stage::new();
    for number in 0..150 {
        stage.write(&format!("stranger-{number:03}"), "x");
    }
    stage.change("history/001.jsonl", |lines| drop(lines.remove(3)));
    let json = stage.doctor(&[]);
    let help = stage.run(&["doctor", "--help"]).out;
    let (_, shape) = help.split_once("With --json:").unwrap();
    let mut keys = Vec::new();
    for (key, value) in json.as_object().unwrap() {
        keys.push(key.clone());
        let inner = value.as_object().cloned().unwrap_or_default();
        keys.extend(inner.keys().cloned());
        for item in value.as_array().unwrap_or(&Vec::new()) {
            keys.extend(item.as_object().unwrap().keys().cloned());
        }
    }
    for key in keys {
        assert!(shape.contains(&key), "{key} is not in the help: {shape}");
    }
    let expected = serde_json::json!([{ "level": "note", "kind": "stranger", "count": 50 }]);
    assert_eq!(json["left_off"], expected);
    assert_eq!(json["counts"]["note"], 150);
    let text = stage.run(&["doctor"]).out;
    assert!(
        text.contains("… and 50 more of this kind: stranger"),
        "{text}"
    );
}
