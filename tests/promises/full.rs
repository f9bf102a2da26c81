//! Promise 3: the disk is full or fails at any single call, and the store is the old one or the new
//! one, says why, and works again as soon as the disk does, in the same session.

use std::path::Path;
use std::sync::Arc;

use certdeck::store::{Harm, Loaded, Store, StoreError};
use secrecy::{ExposeSecret as _, SecretString};

use super::broken_disk::{BrokenDisk, EIO, ENOSPC, EROFS, Fault};
use super::stock::{entry, noted, notes, options};

const DIR: &str = "/store";

/// One step of the story that is broken at every call.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Two entries get the same note in one transaction, so that a mix of old and new shows.
    Pair(&'static str),
    Key(u8),
    Certificate(u8),
    /// Several at once, one of them known already.
    Certificates([u8; 3]),
    Compact,
}

const STORY: [Step; 13] = [
    Step::Pair("one"),
    Step::Key(b'1'),
    Step::Pair("two"),
    Step::Certificate(b'2'),
    Step::Compact,
    Step::Pair("three"),
    Step::Certificates(*b"425"),
    Step::Key(b'3'),
    Step::Compact,
    Step::Compact,
    Step::Pair("four"),
    Step::Key(b'1'),
    Step::Pair("five"),
];

fn name(digit: u8) -> String {
    String::from_utf8(vec![digit; 64]).unwrap()
}

fn key(digit: u8) -> SecretString {
    SecretString::from(format!("key {}", char::from(digit)))
}

fn open(disk: &BrokenDisk) -> Result<Store, StoreError> {
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options())
}

fn take(store: &Store, step: Step) -> Result<(), StoreError> {
    match step {
        Step::Pair(note) => store.transact(|tx| {
            for id in ["left", "right"] {
                tx.put_entry(entry(id, note));
                tx.event(noted(id, note));
            }
            Ok(())
        }),
        Step::Key(digit) => store.put_key(&key(digit), &name(digit)),
        Step::Certificate(digit) => store.put_certificate("certificate", &name(digit)),
        Step::Certificates(digits) => {
            let pem = |digit| ("certificate".to_owned(), name(digit));
            store.put_certificates(&digits.map(pem))
        }
        Step::Compact => store.compact(),
    }
}

/// What the store may hold: the note that was acknowledged last, and those that nobody knows of.
#[derive(Debug, Default)]
struct Model {
    sure: Option<&'static str>,
    perhaps: Vec<&'static str>,
    keys: Vec<u8>,
    certificates: Vec<u8>,
}

impl Model {
    fn learn(&mut self, step: Step, result: &Result<(), StoreError>) {
        match (step, result) {
            (Step::Pair(note), Ok(())) => {
                self.sure = Some(note);
                self.perhaps.clear();
            }
            (Step::Pair(note), Err(_)) => self.perhaps.push(note),
            (Step::Key(digit), Ok(())) => self.keys.push(digit),
            (Step::Certificate(digit), Ok(())) => self.certificates.push(digit),
            (Step::Certificates(digits), Ok(())) => self.certificates.extend(digits),
            _ => {}
        }
    }

    fn check(&self, store: &Store, context: &str) {
        self.check_notes(store, context);
        for digit in &self.keys {
            let held = store.key(&name(*digit)).unwrap().unwrap();
            assert_eq!(
                held.expose_secret(),
                key(*digit).expose_secret(),
                "{context}"
            );
        }
        for digit in &self.certificates {
            let held = store.certificate(&name(*digit)).unwrap();
            assert_eq!(held.as_deref(), Some("certificate"), "{context}");
        }
    }

    fn check_notes(&self, store: &Store, context: &str) {
        let loaded = store.snapshot();
        let notes = notes(&loaded);
        let left = notes.get("left").map(String::as_str);
        assert_eq!(
            left,
            notes.get("right").map(String::as_str),
            "a mix, {context}"
        );
        let known = left == self.sure || left.is_some_and(|left| self.perhaps.contains(&left));
        assert!(
            known,
            "{left:?} is neither old nor new, {context}: {self:?}"
        );
    }
}

fn only_torn(loaded: &Loaded) -> bool {
    loaded
        .warnings
        .iter()
        .all(|damage| damage.harm == Harm::TornTail)
}

/// Every file but the half-written temporary ones has one content under its name for ever.
fn check_vault(disk: &BrokenDisk, context: &str) {
    for (path, bytes) in disk.everything() {
        let text = path.to_str().unwrap();
        if !text.starts_with("/store/keys/") || path.extension().is_some_and(|end| end == "new") {
            continue;
        }
        let digit = path.file_name().unwrap().as_encoded_bytes()[0];
        assert_eq!(
            bytes,
            key(digit).expose_secret().as_bytes(),
            "{text}, {context}"
        );
    }
}

fn calls_of_the_story() -> usize {
    let disk = BrokenDisk::new(0);
    let store = open(&disk).unwrap();
    for step in STORY {
        take(&store, step).unwrap();
        // As the tests look, since what was read once need not be read again.
        disk.well(|| notes(&store.snapshot()));
    }
    disk.calls()
}

/// Plays the story on a disk that breaks at one call; tells what the store may hold then, and gives
/// the handle that has seen all of it.
fn play(disk: &BrokenDisk, each: impl Fn(&Store, &Model)) -> (Model, Option<Store>) {
    let mut model = Model::default();
    let Ok(store) = open(disk) else {
        return (model, None);
    };
    for step in STORY {
        let result = take(&store, step);
        model.learn(step, &result);
        each(&store, &model);
    }
    (model, Some(store))
}

#[test]
fn promise_03_an_error_at_any_call_leaves_the_old_or_the_new_and_memory_agrees_with_the_disk() {
    let calls = calls_of_the_story();
    assert!(calls > 100, "{calls} calls are too few to mean anything");
    let mut broken = 0;
    for call in 0..calls {
        for fault in [
            Fault::Once(ENOSPC),
            Fault::Once(EIO),
            Fault::From(ENOSPC),
            Fault::From(EIO),
            Fault::From(EROFS),
        ] {
            let context = format!("call {call}, {fault:?}");
            let disk = BrokenDisk::new(call as u64);
            disk.breaks_at(call, fault);
            let (model, store) = play(&disk, |store, model| {
                if matches!(fault, Fault::Once(_)) && disk.broke() {
                    store.catch_up().unwrap();
                    model.check(store, &context);
                }
                // What is shown is what was acknowledged, however broken the disk was meanwhile.
                disk.well(|| model.check_notes(store, &context));
            });
            broken += usize::from(disk.broke());
            disk.cure();
            assert_works_again(&disk.copy(), &model, None, &context);
            assert_works_again(&disk, &model, store, &context);
        }
    }
    assert_eq!(broken, calls * 5, "every fault must have happened");
}

/// Goes on with the disk cured: with the handle that saw it broken, if there is one, or else as
/// who comes later.
fn assert_works_again(disk: &BrokenDisk, model: &Model, held: Option<Store>, context: &str) {
    let store = held.unwrap_or_else(|| open(disk).unwrap());
    store.catch_up().unwrap();
    model.check(&store, context);
    check_vault(disk, context);
    assert!(
        only_torn(&store.snapshot()),
        "{context}: {:?}",
        store.snapshot().warnings
    );
    take(&store, Step::Pair("after")).unwrap();
    take(&store, Step::Key(b'9')).unwrap();
    store.compact().unwrap();
    let again = open(disk).unwrap();
    let notes = notes(&again.snapshot());
    assert_eq!(notes.len(), 2, "{context}");
    assert!(notes.values().all(|note| note == "after"), "{context}");
    assert!(again.has_key(&name(b'9')), "{context}");
    assert_eq!(again.snapshot().warnings, [], "{context}");
}

#[test]
fn promise_03_a_store_that_fails_is_still_readable_and_says_why() {
    let disk = BrokenDisk::new(0);
    let store = open(&disk).unwrap();
    take(&store, Step::Pair("one")).unwrap();
    disk.breaks_at(0, Fault::From(ENOSPC));
    let error = take(&store, Step::Pair("two")).unwrap_err();
    assert!(error.to_string().contains("make room"), "{error}");
    assert_eq!(notes(&store.snapshot())["left"], "one");
    disk.cure();
    take(&store, Step::Pair("three")).unwrap();
    assert_eq!(notes(&store.snapshot())["left"], "three");
}
