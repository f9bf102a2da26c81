//! Promise 12: whatever is asked for, no key, no certificate, no line of the history and no entry
//! is ever deleted or changed behind one's back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::broken_disk::Dice;
use super::home::{EVENTS, Home};
use super::killed::COMPACTS;
use super::stock::entries;

/// What must stay: files with their bytes, and the ids of entries.
#[derive(Debug, Default)]
struct Kept {
    files: BTreeMap<PathBuf, Vec<u8>>,
    ids: BTreeSet<String>,
    events: usize,
}

impl Kept {
    fn see(&mut self, home: &Home, context: &str) {
        for folder in ["keys", "certs", "history", "damaged"] {
            self.see_folder(&home.store().join(folder), context);
        }
        for (path, bytes) in &self.files {
            let now = fs::read(path)
                .unwrap_or_else(|error| panic!("{}: {error}, {context}", path.display()));
            assert!(now == *bytes, "{} changed, {context}", path.display());
        }
        let store = home.look();
        let now: BTreeSet<_> = entries(&store.snapshot()).into_keys().collect();
        assert!(
            self.ids.is_subset(&now),
            "{:?} and {now:?}, {context}",
            self.ids
        );
        self.ids = now;
        let events = store.history_all(usize::MAX).unwrap().len();
        assert!(
            events >= self.events,
            "the history has become shorter, {context}"
        );
        self.events = events;
    }

    fn see_folder(&mut self, folder: &Path, context: &str) {
        for file in fs::read_dir(folder).into_iter().flatten() {
            let path = file.unwrap().path();
            let is_left_over = path.extension().is_some_and(|end| end == "new");
            assert!(!is_left_over, "{} was left, {context}", path.display());
            let bytes = fs::read(&path).unwrap();
            self.files.entry(path).or_insert(bytes);
        }
    }
}

/// Some command, sensible or not, on some entry.
fn some_line(dice: &mut Dice, kept: &Kept, turn: usize) -> String {
    let id = kept.ids.iter().nth(dice.below(kept.ids.len().max(1)));
    let id = id.map_or("nothing", String::as_str);
    let event = EVENTS[dice.below(EVENTS.len())];
    match dice.below(18) {
        0 | 1 => format!("order --product acme-dv --name n{turn}.example --yes"),
        2 => format!("order --product huawei-dv-single --name h{turn}.example --yes"),
        3 => format!("order --account mine --product W --name m{turn}.example"),
        4..=7 => format!("sandbox play {event} {id}"),
        8 => "sandbox advance 20d".to_owned(),
        9 => format!("renew {id} --yes"),
        10 => "renew --due --yes".to_owned(),
        11 => format!("archive {id}"),
        12 => format!("restore {id}"),
        13 => format!("withdraw {id} --yes"),
        14 => format!("act revoke {id} --yes"),
        15 => format!("act delete {id} --yes"),
        16 => format!("record invoice-paid {id}"),
        _ => "compact".to_owned(),
    }
}

#[test]
fn promise_12_nothing_is_deleted_whatever_is_asked_for() {
    let home = Home::new(31);
    let mut dice = Dice(31);
    let mut kept = Kept::default();
    home.due("kept.example");
    kept.see(&home, "at the beginning");
    let mut done = 0;
    for turn in 0..110 {
        let line = some_line(&mut dice, &kept, turn);
        let code = if line == "compact" {
            let itself = Command::new(std::env::current_exe().unwrap());
            home.started_by(itself, COMPACTS)
                .output()
                .unwrap()
                .status
                .code()
        } else {
            home.run(&line).code
        };
        done += usize::from(code == Some(0));
        kept.see(&home, &format!("turn {turn}, {line}"));
    }
    // Removing an account puts its entries away, too.
    let removed = home.run("account remove sandbox --yes");
    kept.see(&home, &format!("the account removed: {removed:?}"));
    let old = kept
        .files
        .keys()
        .filter(|path| path.starts_with(home.store().join("history")));
    assert!(old.count() >= 2 && done >= 40, "{done} commands were done");
}
