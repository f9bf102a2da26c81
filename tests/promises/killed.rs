//! Promises 1 and 2 with the real program: killed with SIGKILL in the middle of real work, over and
//! over, one store for all of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use certdeck::domain::lifecycle::Lifecycles;
use certdeck::domain::time;
use certdeck::engine::{Engine, EngineSettings, system_clock};
use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{KeyType, PrivateKey, ValidationLevel};
use certdeck::store::{OpenOptions, Store};
use jiff::{SignedDuration, Timestamp};

use super::audit;
use super::broken_disk::Dice;
use super::home::{EVENTS, Home, Said};
use super::stock::entries;

const ROUNDS: usize = 80;
const DEADLINE: Duration = Duration::from_secs(120);

/// What is asked of the program.
#[derive(Clone, Debug)]
enum Deed {
    Order(String),
    Note(String, String),
    Advance,
    Play(&'static str, String),
    Renew,
    Archive(String),
    Restore(String),
    Import(PathBuf),
    OrderByHand(String),
    Paid(String),
    Compact,
}

/// The one of the tests below that a child plays.
pub(crate) const COMPACTS: &str = "killed::child_compacts --exact --ignored";

impl Deed {
    fn line(&self) -> String {
        match self {
            Self::Order(name) => format!("order --product acme-dv --name {name} --yes --json"),
            Self::Note(id, note) => format!("note {id} {note}"),
            Self::Advance => "sandbox advance 9d".to_owned(),
            Self::Play(event, id) => format!("sandbox play {event} {id}"),
            Self::Renew => "renew --due --yes".to_owned(),
            Self::Archive(id) => format!("archive {id}"),
            Self::Restore(id) => format!("restore {id}"),
            Self::Import(path) => format!("import {} --json", path.display()),
            Self::OrderByHand(name) => format!(
                "order --account mine --product Wildcard --name {name} --price 49,00€ --json"
            ),
            Self::Paid(id) => format!("record invoice-paid {id}"),
            Self::Compact => String::new(),
        }
    }

    /// The program, or this test binary where the program has no command of its own for it.
    fn start(&self, home: &Home) -> Child {
        if !matches!(self, Self::Compact) {
            return home.start(&self.line());
        }
        let mut child = home.started_by(
            std::process::Command::new(std::env::current_exe().unwrap()),
            COMPACTS,
        );
        child.spawn().unwrap()
    }
}

#[test]
#[ignore = "a child of promise_02_a_program_killed_in_the_middle_of_its_work_loses_nothing"]
fn child_compacts() {
    let Some(dir) = std::env::var_os("CERTDECK_STORE") else {
        return;
    };
    let store = Store::open(Path::new(&dir), OpenOptions::default()).unwrap();
    store.compact().unwrap();
}

/// What a round came to.
#[derive(Debug, Default)]
struct Tally {
    /// Done before the signal came.
    acknowledged: usize,
    killed: usize,
    /// Killed when they had written something.
    in_the_middle: usize,
}

/// What was acknowledged, and what may have happened without being acknowledged.
#[derive(Debug, Default)]
struct Known {
    /// The entries that are sure to be there, with their names.
    ids: BTreeMap<String, String>,
    /// What each entry's note may be.
    notes: BTreeMap<String, Vec<String>>,
    /// Whether each entry may be archived, and may not be.
    archived: BTreeMap<String, Vec<bool>>,
    /// Imported names.
    imported: Vec<String>,
}

fn set<T>(known: &mut BTreeMap<String, Vec<T>>, id: &str, value: T, is_sure: bool) {
    let values = known.entry(id.to_owned()).or_default();
    if is_sure {
        values.clear();
    }
    values.push(value);
}

impl Known {
    fn learn(&mut self, deed: &Deed, said: &Said) {
        let is_sure = said.code == Some(0);
        match deed {
            Deed::Order(name) | Deed::OrderByHand(name) if is_sure => {
                let id = said.member("id");
                self.notes.insert(id.clone(), vec![String::new()]);
                self.archived.insert(id.clone(), vec![false]);
                self.ids.insert(id, name.clone());
            }
            Deed::Note(id, note) => set(&mut self.notes, id, note.clone(), is_sure),
            Deed::Archive(id) => set(&mut self.archived, id, true, is_sure),
            Deed::Restore(id) => set(&mut self.archived, id, false, is_sure),
            Deed::Import(path) if is_sure => {
                let name = path.file_stem().unwrap().to_str().unwrap();
                self.imported.push(name.to_owned());
            }
            _ => {}
        }
    }

    fn check(&self, store: &Store, context: &str) {
        let there = entries(&store.snapshot());
        for (id, name) in &self.ids {
            let entry = there.get(id);
            let entry = entry.unwrap_or_else(|| panic!("{id} is lost, {context}"));
            assert_eq!(entry.names, std::slice::from_ref(name), "{context}");
            let notes = &self.notes[id];
            assert!(notes.contains(&entry.note), "{id}: {notes:?}, {context}");
            let archived = &self.archived[id];
            assert!(archived.contains(&entry.archived), "{id}, {context}");
        }
        for name in &self.imported {
            let found = there.values().any(|entry| entry.names.contains(name));
            assert!(found, "{name} is lost, {context}");
        }
    }

    fn some(&self, dice: &mut Dice) -> Option<String> {
        let at = dice.below(self.ids.len().max(1));
        self.ids.keys().nth(at).cloned()
    }
}

/// What the next round does.
fn next(home: &Home, known: &Known, round: usize, dice: &mut Dice) -> Deed {
    let name = format!("n{round}.example");
    let Some(id) = known.some(dice).filter(|_| round > 3) else {
        return Deed::Order(name);
    };
    match dice.below(21) {
        0..=3 => Deed::Order(name),
        4 | 5 => Deed::Note(id, format!("note-{round}")),
        6 => Deed::Advance,
        7 | 8 => Deed::Renew,
        9..=14 => Deed::Play(EVENTS[dice.below(EVENTS.len())], id),
        15 => Deed::Archive(id),
        16 => Deed::Restore(id),
        17 => Deed::Import(certificate_file(home, &format!("i{round}.example"))),
        18 => Deed::OrderByHand(name),
        19 => Deed::Paid(id),
        _ => Deed::Compact,
    }
}

/// A file with a certificate of its own and its key.
fn certificate_file(home: &Home, name: &str) -> PathBuf {
    let now = Timestamp::now();
    let ca = SandboxCa::generate("killed", now).unwrap();
    let wanted = IssueRequest {
        names: vec![name.parse().unwrap()],
        not_before: now,
        not_after: now + SignedDuration::from_hours(24 * 90),
        serial: [5; 16],
        level: ValidationLevel::Dv,
        organization: None,
    };
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let issued = ca.issue(&key.spki_der(), &wanted).unwrap();
    let path = home.path(&format!("{name}.pem"));
    fs::write(&path, issued.leaf_pem).unwrap();
    path
}

/// How often a child's store may change before the child is killed, or how long it may live.
#[derive(Clone, Copy, Debug)]
enum Until {
    Changes(usize),
    Time(Duration),
    /// It is left alone.
    Done,
}

impl Until {
    fn random(dice: &mut Dice, usual: Duration) -> Self {
        match dice.below(6) {
            0 => return Self::Done,
            1..=4 => return Self::Changes(1 + dice.below(8)),
            _ => {}
        }
        let thousandths = u32::try_from(300 + dice.below(900)).unwrap();
        Self::Time(usual * thousandths / 1000)
    }
}

/// All that changes while the program works: names, lengths, and when they were written.
fn trace(store: &Path) -> Vec<(String, u64, Option<std::time::SystemTime>)> {
    let mut seen = Vec::new();
    for folder in ["", "keys", "certs", "history", "damaged"] {
        let files = fs::read_dir(store.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        for file in files {
            let Ok(metadata) = file.metadata() else {
                continue;
            };
            let name = format!("{folder}/{}", file.file_name().display());
            seen.push((name, metadata.len(), metadata.modified().ok()));
        }
    }
    seen.sort();
    seen
}

/// Kills a child at its time, unless it is done before.
fn kill(mut child: Child, store: &Path, until: Until) -> Said {
    let begun = Instant::now();
    let mut last = trace(store);
    let mut changes = 0;
    while child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < DEADLINE, "the child does not end");
        let now = trace(store);
        changes += usize::from(now != last);
        last = now;
        let is_time = match until {
            Until::Changes(count) => changes >= count,
            Until::Time(time) => begun.elapsed() >= time,
            Until::Done => false,
        };
        if is_time {
            child.kill().unwrap();
            break;
        }
    }
    Said::of(child.wait_with_output().unwrap())
}

#[test]
fn promise_02_a_program_killed_in_the_middle_of_its_work_loses_nothing_acknowledged() {
    let home = Home::on_disk(11);
    let begun = Instant::now();
    home.due("first.example");
    let usual = begun.elapsed() / 4;
    let (mut dice, mut known) = (Dice(20_261_122), Known::default());
    let mut tally = Tally::default();
    for round in 0..ROUNDS {
        let deed = next(&home, &known, round, &mut dice);
        let until = Until::random(&mut dice, usual);
        let context = format!("round {round}, {deed:?}, {until:?}");
        let before = trace(&home.store());
        let said = kill(deed.start(&home), &home.store(), until);
        let changed = trace(&home.store()) != before;
        match said.code {
            Some(0) => tally.acknowledged += 1,
            None => {
                tally.killed += 1;
                tally.in_the_middle += usize::from(changed);
            }
            // The gate refuses, or something waits for its answer: that is no loss.
            Some(code) => assert!([2, 3, 6].contains(&code), "{context}: {said:?}"),
        }
        known.learn(&deed, &said);
        let store = home.look();
        known.check(&store, &context);
        audit::sound(&store, &context);
    }
    println!("{tally:?}");
    assert!(
        tally.in_the_middle >= 8 && tally.acknowledged >= 8,
        "{tally:?}"
    );
    assert!(audit::openssl_agrees(&home.look()) >= 1);
    home.done("list --archived");
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// What others lose: the key of the certificate that a killed renewal leaves.
#[tokio::test]
async fn promise_01_a_killed_renewal_leaves_the_old_pair_and_no_certificate_without_its_key() {
    let home = Home::on_disk(7);
    let old = home.due("renewed.example");
    let begin = home.path("begin");
    copy(&home.store(), &begin);
    let before = entries(&home.look().snapshot())[&old].clone();
    let mut middle = 0;
    for round in 0..10 {
        fs::remove_dir_all(home.store()).unwrap();
        copy(&begin, &home.store());
        let until = Until::Changes(1 + round);
        let context = format!("round {round}, {until:?}");
        let child = home.start(&format!("renew {old} --yes"));
        let said = kill(child, &home.store(), until);
        middle += usize::from(said.code.is_none());
        let store = home.look();
        audit::sound(&store, &context);
        let now = entries(&store.snapshot())[&old].clone();
        assert_eq!(now.certificates, before.certificates, "{context}");
        assert_eq!(now.order.spki_sha256, before.order.spki_sha256);
        goes_on(&home, &old, &context).await;
    }
    assert!(
        middle >= 3,
        "only {middle} were killed before they were done"
    );
}

/// Later somebody looks again: the renewal is there, or it waits for a person to say what came of it
/// and can be asked for again; it comes to its end with a pair that belongs together.
async fn goes_on(home: &Home, old: &str, context: &str) {
    settle(home).await;
    if entries(&home.look().snapshot())[old].request.is_some() {
        home.done(&format!("act give-up {old} --yes"));
    }
    let successors = |home: &Home| {
        let all = entries(&home.look().snapshot());
        all.len() - 1
    };
    if successors(home) == 0 {
        home.done(&format!("renew {old} --yes"));
    }
    assert_eq!(successors(home), 1, "{context}");
    let all = entries(&home.look().snapshot());
    let new = all.keys().find(|id| *id != old).unwrap();
    home.issue(new);
    let store = home.look();
    audit::sound(&store, context);
    assert_eq!(audit::openssl_agrees(&store), 2, "{context}");
}

/// What a certdeck does first that is started some minutes later.
async fn settle(home: &Home) {
    let now = system_clock();
    let engine = Engine::open(EngineSettings {
        clock: std::sync::Arc::new(move || time::later(now(), SignedDuration::from_mins(5))),
        ..EngineSettings::usual(home.store(), Lifecycles::built_in().unwrap(), "test")
    });
    engine.unwrap().settle_interrupted().await.unwrap();
}
