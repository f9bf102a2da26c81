//! What `--fix` mends, and that it loses nothing: whatever stood in a file before stands somewhere
//! afterwards, and the list shows the same or more.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use certdeck::store::{OpenOptions, Store};

use crate::faults::FAULTS;
use crate::stage::{Everything, Stage, is_whole, wrong};

/// Every line of every file.
fn lines(everything: &Everything) -> BTreeSet<Vec<u8>> {
    let files = everything.values().map(|(bytes, ..)| bytes);
    let lines = files.flat_map(|bytes| bytes.split(|byte| *byte == b'\n'));
    lines.map(<[u8]>::to_vec).collect()
}

/// What a new snapshot or a new mark says anew: whole lines of an old snapshot, whose values are in
/// the list or in the history, headers, and the lock's own line.
fn is_superseded(line: &str) -> bool {
    let is_mark = line.starts_with("{\"seq\":") && line.len() < 40;
    let values = ["{\"entry\":", "{\"account\":", "{\"format\":"];
    let of_snapshot = values.iter().any(|begins| line.starts_with(begins));
    is_mark || of_snapshot && is_whole(line)
}

#[test]
fn what_can_be_mended_is_and_a_second_look_is_quiet() {
    let whole = Stage::new().list();
    for fault in FAULTS.iter().filter(|fault| fault.fixable) {
        let stage = Stage::new();
        (fault.plant)(&stage);
        let before = stage.everything();
        let json = stage.doctor(&["--fix"]);
        assert_eq!(json["exit"], 0, "{}: {json:#}", fault.name);
        assert!(
            !json["mended"].as_array().unwrap().is_empty(),
            "{}: {json:#}",
            fault.name
        );
        assert_eq!(wrong(&stage.examine()), [], "{}", fault.name);
        let after = stage.everything();
        let missing: Vec<_> = lines(&before)
            .difference(&lines(&after))
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .filter(|line| !is_superseded(line))
            .collect();
        assert_eq!(missing, Vec::<String>::new(), "{}", fault.name);
        if fault.name != "a crash between a new snapshot and the move of its journal" {
            assert_eq!(stage.list(), whole, "{}", fault.name);
        }
        let said = stage.run(&["note", "a.example.com", "and it goes on"]);
        assert_eq!(said.code, 0, "{}: {}", fault.name, said.err);
        assert_eq!(wrong(&stage.examine()), [], "{}: afterwards", fault.name);
    }
}

#[test]
fn what_cannot_be_mended_stays_as_it_is_and_is_said_again() {
    for fault in FAULTS.iter().filter(|fault| !fault.fixable) {
        let stage = Stage::new();
        (fault.plant)(&stage);
        let before = stage.everything();
        let json = stage.doctor(&["--fix"]);
        assert_ne!(json["exit"], 0, "{}: {json:#}", fault.name);
        assert!(
            json["findings"]
                .as_array()
                .unwrap()
                .iter()
                .any(|found| found["kind"] == fault.kind.id()),
            "{}: {json:#}",
            fault.name
        );
        let after = stage.everything();
        let gone: Vec<_> = lines(&before).difference(&lines(&after)).cloned().collect();
        assert_eq!(gone, Vec::<Vec<u8>>::new(), "{}", fault.name);
    }
}

#[test]
fn an_entry_that_only_the_history_has_comes_back() {
    let stage = Stage::new();
    let whole = stage.list();
    stage.change("inventory.jsonl", |lines| {
        lines.truncate(1);
    });
    assert!(stage.list() != whole, "the entries are gone");
    let json = stage.doctor(&["--fix"]);
    assert_eq!(json["exit"], 0, "{json:#}");
    assert_eq!(stage.list(), whole);
    let history = stage.run(&["history", "a.example.com"]);
    assert_eq!(history.code, 0, "{}", history.err);
}

#[test]
fn fix_makes_modes_private_and_follows_no_link() {
    let stage = Stage::new();
    let elsewhere = stage.home.path().join("elsewhere");
    fs::write(&elsewhere, "mine").unwrap();
    let public = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(&elsewhere, public).unwrap();
    let planted = stage.path(&format!("certs/{}.pem", "cd".repeat(32)));
    std::os::unix::fs::symlink(&elsewhere, planted).unwrap();
    for path in ["keys", "journal.jsonl", "history/001.jsonl", ""] {
        let loose = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        fs::set_permissions(stage.path(path), loose).unwrap();
    }
    let json = stage.doctor(&["--fix"]);
    assert_eq!(json["mended"].as_array().unwrap().len(), 4, "{json:#}");
    for (path, mode) in [("keys", 0o700), ("journal.jsonl", 0o600), ("", 0o700)] {
        let now = fs::metadata(stage.path(path)).unwrap().mode() & 0o777;
        assert_eq!(now, mode, "{path}");
    }
    assert_eq!(fs::metadata(&elsewhere).unwrap().mode() & 0o777, 0o644);
    assert_eq!(json["exit"], 11, "the link is still said: {json:#}");
}

#[test]
fn fix_is_refused_where_nothing_may_be_changed_and_waits_for_whoever_writes() {
    let stage = Stage::new();
    stage.write("inventory.jsonl.new", "half");
    let loose = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(stage.path("keys"), loose).unwrap();
    let said = stage.run(&["doctor", "--fix", "--read-only"]);
    assert_eq!(said.code, 2, "{}", said.err);

    let store = Store::open(&stage.store(), OpenOptions::default()).unwrap();
    let held = store.transact(|_| {
        let said = stage.run(&["doctor", "--fix"]);
        assert!(
            said.err.contains("another process has held"),
            "{}",
            said.err
        );
        assert_eq!(said.code, 10, "{}", said.out);
        // Whoever only looks waits for nobody, and takes nothing for a crash's that may be at work.
        let json = stage.doctor(&[]);
        assert_eq!(json["exit"], 10);
        let findings = json["findings"].as_array().unwrap().iter();
        let left = findings.filter(|found| found["kind"] == "leftover");
        let left: Vec<_> = left
            .map(|found| (&found["level"], &found["fixable"]))
            .collect();
        assert_eq!(left, [(&"note".into(), &false.into())], "{json:#}");
        Ok::<_, certdeck::store::StoreError>(())
    });
    held.unwrap();
    assert!(stage.path("inventory.jsonl.new").exists());
    assert_eq!(stage.doctor(&["--fix"])["exit"], 0);
    assert!(!stage.path("inventory.jsonl.new").exists());
    assert_eq!(
        fs::read(stage.path("damaged/inventory.jsonl.new")).unwrap(),
        b"half"
    );
}

#[test]
fn a_store_whose_own_place_is_a_link_is_mended_too() {
    let stage = Stage::new();
    let elsewhere = stage.home.path().join("elsewhere");
    fs::rename(stage.store(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, stage.store()).unwrap();
    assert_eq!(stage.doctor(&[])["exit"], 0);
    let loose = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&elsewhere, loose).unwrap();
    assert_eq!(stage.doctor(&[])["exit"], 10);
    let json = stage.doctor(&["--fix"]);
    assert_eq!(json["exit"], 0, "{json:#}");
    assert_eq!(fs::metadata(&elsewhere).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn what_was_mended_is_said_also_where_the_rest_cannot_be() {
    // A snapshot that is gone: no writer touches that store, not even its torn last line.
    let stage = Stage::new();
    fs::remove_file(stage.path("inventory.jsonl")).unwrap();
    stage.change("journal.jsonl", |lines| {
        lines.push("{\"seq\":4711".to_owned());
    });
    let loose = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(stage.path("certs"), loose).unwrap();
    let said = stage.run(&["doctor", "--fix"]);
    assert_eq!(said.code, 11, "{}", said.out);
    assert!(
        said.out.contains("Mended\n  certs: it is private now."),
        "{}",
        said.out
    );
    assert!(
        said.err.contains("not everything was mended"),
        "{}",
        said.err
    );
    assert!(said.err.contains("inventory.jsonl"), "{}", said.err);
}
