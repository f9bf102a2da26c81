//! Promise 6: a store of every version of the format, as it was written then.
//!
//! There has been one version so far. Nothing older than it exists, so that nothing is migrated
//! yet; whoever makes version 2 adds its store here, and shows with `v1` that it is migrated with a
//! backup. The stores of later versions are refused as a whole.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use certdeck::store::{OpenOptions, Store};

use super::audit;
use super::home::Home;
use super::killed::{COMPACTS, copy};
use super::stock::entries;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/stores")
        .join(name)
}

/// A home whose store is a copy of a fixture.
fn with(name: &str) -> Home {
    let home = Home::new(1);
    copy(&fixture(name), &home.store());
    home
}

/// All that a store holds, in lines, in the words of the format and not in those of the program.
fn told(store: &Store) -> String {
    let loaded = store.snapshot();
    let mut text = format!("transaction {}\n", loaded.seq);
    for entry in entries(&loaded).values() {
        writeln!(text, "{}", serde_json::to_string(entry).unwrap()).unwrap();
    }
    for (name, account) in loaded.accounts.iter() {
        writeln!(text, "{name}: {}", serde_json::to_string(account).unwrap()).unwrap();
    }
    for line in store.history_all(usize::MAX).unwrap() {
        let event = serde_json::to_string(&line.event).unwrap();
        writeln!(text, "{} {} {} {event}", line.seq, line.at, line.who).unwrap();
    }
    text
}

#[test]
fn promise_06_a_store_of_version_1_loads_with_all_it_has_and_goes_on() {
    let home = with("v1");
    let store = home.look();
    let text = told(&store);
    let expected = fixture("v1.txt");
    if std::env::var_os("CERTDECK_BLESS").is_some() {
        fs::write(&expected, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(&expected).unwrap());
    assert_eq!(store.snapshot().warnings, []);
    audit::sound(&store, "v1");
    assert_eq!(audit::openssl_agrees(&store), 2);
    let entries_then = entries(&store.snapshot());
    home.done("note jy0rzn still");
    let writer = Store::open(&home.store(), OpenOptions::default()).unwrap();
    writer.compact().unwrap();
    assert_eq!(entries(&home.look().snapshot()).len(), entries_then.len());
    home.done("list");
    assert_eq!(home.look().snapshot().warnings, []);
}

/// Every file with its bytes and when it was written.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut all = BTreeMap::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        let written = path.metadata().unwrap().modified().unwrap();
        if path.is_dir() {
            all.extend(everything(&path));
            all.insert(path, (Vec::new(), written));
        } else {
            all.insert(path.clone(), (fs::read(&path).unwrap(), written));
        }
    }
    all
}

#[test]
fn promise_06_a_store_of_a_later_version_is_refused_and_not_touched() {
    let home = with("later");
    let before = everything(&home.store());
    assert!(before.len() > 3);
    for line in [
        "list",
        "--read-only list",
        "check",
        "note first.example x",
        "sandbox advance 1h",
    ] {
        let said = home.run(line);
        assert_eq!(said.code, Some(5), "{line}: {}", said.err);
        assert!(
            said.err.contains("has format version 2"),
            "{line}: {}",
            said.err
        );
        assert!(
            said.err.contains("use the newer certdeck"),
            "{line}: {}",
            said.err
        );
        assert_eq!(said.out, "", "{line}");
    }
    let itself = std::process::Command::new(std::env::current_exe().unwrap());
    let compacted = home.started_by(itself, COMPACTS).output().unwrap();
    assert!(!compacted.status.success());
    assert_eq!(everything(&home.store()), before);
}
