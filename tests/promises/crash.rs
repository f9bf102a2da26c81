//! Promises 1 and 2 against a model: the machine stops at any call of any story, and the store is
//! the old one or the new one.
//!
//! A story is random and played once, on a disk that keeps every moment at which it could stop.
//! Each moment then comes to several ends: what was not synced is there, gone, cut, zeros or full
//! of holes. Of each end it is asked whether the store is what the model allows, and of some,
//! whether it still is when the machine stops a second time while it recovers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use certdeck::domain::entry::{CertificateRecord, Entry, Role};
use certdeck::store::{Harm, OpenOptions, Store, StoreError};
use secrecy::{ExposeSecret as _, SecretString};

use super::broken_disk::{BrokenDisk, Dice};
use super::stock::{at, entries, entry, noted, options};

/// Two levels below the root, so that folders above the store are made as well.
const DIR: &str = "/data/store";
/// How many stories are played.
const STORIES: u64 = 36;
/// How many ends each moment comes to.
const ENDS: u64 = 3;

/// Every entry, by id.
type State = BTreeMap<String, Entry>;

fn open(disk: &BrokenDisk, read_only: bool) -> Result<Store, StoreError> {
    let options = OpenOptions {
        read_only,
        ..options()
    };
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options)
}

fn name(number: usize) -> String {
    format!("{number:064x}")
}

fn key(number: usize) -> SecretString {
    SecretString::from(format!("the private key {number}"))
}

fn certificate(number: usize) -> String {
    format!("BEGIN {number} END\n")
}

fn record(number: usize) -> CertificateRecord {
    CertificateRecord {
        sha256: name(number),
        chain: Vec::new(),
        role: Role::Serving,
        subject: format!("CN={number}"),
        issuer: "CN=issuer".to_owned(),
        serial: number.to_string(),
        not_before: at(1),
        not_after: at(2),
        key: "P-256".to_owned(),
        spki_sha256: name(number),
        is_ca: false,
    }
}

/// What must be there after a crash.
#[derive(Clone, Debug, Default)]
struct Sure {
    state: State,
    /// How many transactions were acknowledged.
    seq: u64,
    keys: BTreeSet<usize>,
    certificates: BTreeSet<usize>,
}

/// A moment at which the machine may stop, and what must and what may be there then.
struct Moment {
    disk: BrokenDisk,
    sure: Arc<Sure>,
    /// The state with the change that was on its way.
    perhaps: Option<Arc<State>>,
}

/// Somebody who works on a store, and the model beside it.
struct Player {
    dice: Dice,
    disk: BrokenDisk,
    /// Two writers, as two processes have them.
    writers: [Store; 2],
    reader: Store,
    sure: Arc<Sure>,
    moments: Vec<Moment>,
    numbers: usize,
}

impl Player {
    fn begin(seed: u64) -> Self {
        let disk = BrokenDisk::new(seed);
        disk.watch();
        let writers = [0, 1].map(|_| open(&disk, false).unwrap());
        let mut player = Self {
            dice: Dice(seed),
            reader: open(&disk, true).unwrap(),
            disk,
            writers,
            sure: Arc::default(),
            moments: Vec::new(),
            numbers: 0,
        };
        player.keep(None);
        player
    }

    /// Notes the moments that went by, while `perhaps` was on its way.
    fn keep(&mut self, perhaps: Option<&Arc<State>>) {
        for disk in self.disk.moments() {
            self.moments.push(Moment {
                disk,
                sure: Arc::clone(&self.sure),
                perhaps: perhaps.cloned(),
            });
        }
    }

    fn step(&mut self) {
        match self.dice.below(16) {
            0..=4 => self.change(1),
            5 | 6 => self.change(12),
            7 => self.vault(true),
            8 => self.vault(false),
            9..=11 => self.order(),
            12 => self.compact(),
            13 => self.reopen(),
            _ => self.writers.swap(0, 1),
        }
        self.reader.catch_up().unwrap();
        let seen = self.reader.snapshot();
        assert_eq!(entries(&seen), self.sure.state, "what a reader sees");
        assert_eq!(seen.warnings, []);
    }

    /// One transaction over up to so many entries.
    fn change(&mut self, most: usize) {
        let count = 1 + self.dice.below(most);
        let changes: Vec<Entry> = (0..count).map(|_| self.some_entry()).collect();
        self.commit(changes);
    }

    fn some_entry(&mut self) -> Entry {
        let id = format!("e{}", self.dice.below(20));
        let length = [0, 3, 80, 700][self.dice.below(4)];
        let note = format!("{} {}", self.dice.below(1_000_000), "n".repeat(length));
        let held = self.sure.state.get(&id).cloned();
        let mut entry = held.unwrap_or_else(|| entry(&id, ""));
        entry.note = note;
        entry
    }

    fn commit(&mut self, changes: Vec<Entry>) {
        let mut next = Sure::clone(&self.sure);
        for entry in &changes {
            next.state.insert(entry.id.to_string(), entry.clone());
        }
        next.seq += 1;
        let perhaps = Arc::new(next.state.clone());
        write(&self.writers[0], changes).unwrap();
        self.keep(Some(&perhaps));
        self.sure = Arc::new(next);
    }

    /// A key, or several certificates at once, that no entry speaks of.
    fn vault(&mut self, is_key: bool) {
        self.numbers += 1;
        let first = self.numbers;
        if is_key {
            self.writers[0].put_key(&key(first), &name(first)).unwrap();
        } else {
            self.numbers += self.dice.below(3);
            let group: Vec<_> = (first..=self.numbers)
                .map(|n| (certificate(n), name(n)))
                .collect();
            self.writers[0].put_certificates(&group).unwrap();
        }
        self.keep(None);
        let known = Arc::make_mut(&mut self.sure);
        if is_key {
            known.keys.insert(first);
        } else {
            known.certificates.extend(first..=self.numbers);
        }
    }

    /// As the engine orders: the key, the intent that names it, the certificate, the entry with it.
    fn order(&mut self) {
        self.vault(true);
        let number = self.numbers;
        let mut ordered = self.some_entry();
        ordered.order.spki_sha256 = Some(name(number));
        ordered.order.key_held = true;
        self.commit(vec![ordered.clone()]);
        self.writers[0]
            .put_certificate(&certificate(number), &name(number))
            .unwrap();
        self.keep(None);
        Arc::make_mut(&mut self.sure).certificates.insert(number);
        ordered.certificates.push(record(number));
        let successor = self.some_entry();
        self.commit(vec![ordered, successor]);
    }

    fn compact(&mut self) {
        self.writers[0].compact().unwrap();
        self.keep(None);
    }

    fn reopen(&mut self) {
        self.writers[0] = open(&self.disk, false).unwrap();
        self.reader = open(&self.disk, true).unwrap();
        self.keep(None);
    }
}

fn write(store: &Store, changes: Vec<Entry>) -> Result<(), StoreError> {
    store.transact(|tx| {
        for entry in changes {
            tx.event(noted(entry.id.as_str(), &entry.note));
            tx.put_entry(entry);
        }
        Ok(())
    })
}

/// Opens what a crash left and compares it with what must be there; gives what is there.
fn check(disk: &BrokenDisk, sure: &Sure, perhaps: Option<&State>, context: &str) -> Sure {
    let store = open(disk, false).unwrap_or_else(|error| panic!("{context}: {error}"));
    let loaded = store.snapshot();
    let (state, seq) = (entries(&loaded), loaded.seq);
    let is_old = state == sure.state;
    let is_new = perhaps.is_some_and(|perhaps| state == *perhaps);
    // A change may leave all as it was, so that the number alone tells.
    assert!(
        is_old || is_new,
        "neither old nor new, {context}: {state:?}"
    );
    let expected = [(is_old, sure.seq), (is_new, sure.seq + 1)];
    assert!(expected.contains(&(true, seq)), "{seq}, {context}");
    for damage in &loaded.warnings {
        assert_eq!(damage.harm, Harm::TornTail, "{context}: {damage}");
    }
    check_vault(&store, disk, sure, context);
    check_history(&store, seq, context);
    let mut found = sure.clone();
    (found.state, found.seq) = (state, seq);
    found
}

/// Every acknowledged key and certificate is there, and those of which entries speak; what has its
/// name has its content.
fn check_vault(store: &Store, disk: &BrokenDisk, sure: &Sure, context: &str) {
    let loaded = entries(&store.snapshot());
    let ordered = loaded
        .values()
        .filter_map(|entry| entry.order.spki_sha256.as_deref());
    let mut keys: BTreeSet<_> = ordered.map(number_of).collect();
    keys.extend(&sure.keys);
    for number in keys {
        let held = store.key(&name(number)).unwrap();
        let held = held.unwrap_or_else(|| panic!("the key {number} is lost, {context}"));
        assert_eq!(
            held.expose_secret(),
            key(number).expose_secret(),
            "{context}"
        );
    }
    let issued = loaded.values().flat_map(|entry| &entry.certificates);
    let mut certificates: BTreeSet<_> = issued.map(|held| number_of(&held.sha256)).collect();
    certificates.extend(&sure.certificates);
    for number in certificates {
        let held = store.certificate(&name(number)).unwrap();
        assert_eq!(held, Some(certificate(number)), "{context}");
    }
    for (path, bytes) in disk.everything() {
        let folder = path.parent().unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let text = match folder.to_str().unwrap() {
            "/data/store/keys" => key(number_of(&stem[..64])).expose_secret().to_owned(),
            "/data/store/certs" => certificate(number_of(&stem[..64])),
            _ => continue,
        };
        let is_named = path.extension().is_some_and(|end| end == "pem");
        assert!(
            !is_named || bytes == text.as_bytes(),
            "{}, {context}",
            path.display()
        );
    }
}

fn number_of(name: &str) -> usize {
    usize::from_str_radix(name, 16).unwrap()
}

/// Each transaction is in the history, in its place.
fn check_history(store: &Store, seq: u64, context: &str) {
    let history = store.history_all(usize::MAX).unwrap();
    let mut told: Vec<u64> = history.iter().map(|line| line.seq).collect();
    assert!(told.is_sorted(), "{context}");
    told.dedup();
    assert_eq!(told, (1..=seq).collect::<Vec<_>>(), "{context}");
}

/// Goes on with the store, and lets the machine stop a second time meanwhile.
fn stop_again(disk: &BrokenDisk, found: &Sure, seed: u64, context: &str) {
    disk.watch();
    let store = open(disk, false).unwrap();
    let mut next = found.state.clone();
    next.insert("after".to_owned(), entry("after", "the crash"));
    write(&store, vec![entry("after", "the crash")]).unwrap();
    let moments = disk.moments();
    let mut dice = Dice(seed);
    let at = dice.below(moments.len());
    let after = moments[at].after_crash(seed);
    check(
        &after,
        found,
        Some(&next),
        &format!("{context}, again at {at}"),
    );
    let last = moments.last().unwrap();
    let done = Sure {
        state: next,
        seq: found.seq + 1,
        ..found.clone()
    };
    check(
        &last.after_crash(seed),
        &done,
        None,
        &format!("{context}, afterwards"),
    );
}

/// How many moments a story had, and how many ends they came to.
fn play(seed: u64) -> [usize; 3] {
    let mut player = Player::begin(seed);
    let steps = 6 + player.dice.below(10);
    (0..steps).for_each(|_| player.step());
    let moments = std::mem::take(&mut player.moments);
    let mut counts = [moments.len(), 0, 0];
    for (at, moment) in moments.iter().enumerate() {
        for end in 0..ENDS {
            let outcome = seed ^ (at as u64) << 20 ^ end << 50;
            let context = format!("story {seed}, moment {at}, end {end}");
            let after = moment.disk.after_crash(outcome);
            let found = check(&after, &moment.sure, moment.perhaps.as_deref(), &context);
            counts[1] += 1;
            if (at as u64 + end).is_multiple_of(5) {
                stop_again(&after, &found, outcome, &context);
                counts[2] += 2;
            }
        }
    }
    counts
}

#[test]
fn promise_02_after_a_crash_at_any_call_the_store_is_the_old_or_the_new() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let totals = std::thread::scope(|scope| {
        let shares: Vec<_> = (0..threads)
            .map(|share| {
                scope.spawn(move || {
                    (share..STORIES)
                        .step_by(usize::try_from(threads).unwrap())
                        .map(play)
                        .fold([0; 3], add)
                })
            })
            .collect();
        shares
            .into_iter()
            .map(|share| share.join().unwrap())
            .fold([0; 3], add)
    });
    let [moments, ends, second] = totals;
    println!("{moments} moments, {ends} ends, {second} of a second crash");
    assert!(ends >= 10_000, "{ends} crash points are too few");
}

fn add(left: [usize; 3], right: [usize; 3]) -> [usize; 3] {
    [left[0] + right[0], left[1] + right[1], left[2] + right[2]]
}
