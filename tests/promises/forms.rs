//! Promise 1 where a private key gets another form (encrypted, decrypted, another passphrase): the
//! machine stops, or the disk fails, at any call, and one whole form of the key is there.

use std::path::Path;
use std::sync::Arc;

use certdeck::store::{Store, StoreError};
use secrecy::{ExposeSecret as _, SecretString};

use super::broken_disk::{BrokenDisk, EIO, ENOSPC, EROFS, Fault};
use super::stock::{notes, options, put};

const DIR: &str = "/store";
const NAME: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// The forms of one key, one after the other; of different lengths, so that a mix shows.
const FORMS: [&str; 4] = [
    "the key, plain\n",
    "the key, encrypted with one passphrase, which is longer\n",
    "the key, encrypted with another one\n",
    "the key, plain\n",
];
/// How many ends each moment comes to.
const ENDS: u64 = 12;

fn form(index: usize) -> SecretString {
    SecretString::from(FORMS[index])
}

fn open(disk: &BrokenDisk) -> Result<Store, StoreError> {
    Store::open_on(Arc::new(disk.clone()), Path::new(DIR), options())
}

/// A disk on which the first form lies.
fn begun(seed: u64) -> (BrokenDisk, Store) {
    let disk = BrokenDisk::new(seed);
    let store = open(&disk).unwrap();
    put(&store, "entry", "before").unwrap();
    store.put_key(&form(0), NAME).unwrap();
    (disk, store)
}

fn replace(store: &Store, to: usize) -> Result<(), StoreError> {
    store.replace_key(NAME, &form(to - 1), &form(to))
}

/// The form that lies there, by number; one that is no form at all stops the test.
#[track_caller]
fn lies(store: &Store, context: &str) -> String {
    let held = store.key(NAME).unwrap();
    let held = held.unwrap_or_else(|| panic!("{context}: there is no key at all"));
    let held = held.expose_secret().to_owned();
    assert!(FORMS.contains(&held.as_str()), "{context}: {held:?}");
    held
}

#[test]
fn promise_01_after_a_crash_at_any_call_the_key_has_its_old_form_or_the_new_one() {
    let (mut old, mut new) = (0, 0);
    for to in 1..FORMS.len() {
        let (disk, store) = begun(to as u64);
        (1..to).for_each(|before| replace(&store, before).unwrap());
        disk.watch();
        replace(&store, to).unwrap();
        let moments = disk.moments();
        assert!(moments.len() > 5, "{} are too few", moments.len());
        let last = moments.len() - 1;
        for (at, moment) in moments.iter().enumerate() {
            for end in 0..ENDS {
                let context = format!("to form {to}, moment {at} of {last}, end {end}");
                let after = moment.after_crash(end);
                let again = open(&after).unwrap();
                let found = lies(&again, &context);
                let expected = [FORMS[to - 1], FORMS[to]];
                assert!(expected.contains(&found.as_str()), "{context}: {found:?}");
                let is_new = found == FORMS[to];
                assert!(is_new || at < last, "{context}: it was acknowledged");
                old += usize::from(!is_new);
                new += usize::from(is_new);
                assert_eq!(notes(&again.snapshot())["entry"], "before", "{context}");
                if !is_new {
                    replace(&again, to).unwrap();
                    assert_eq!(lies(&again, &context), FORMS[to], "{context}");
                }
            }
        }
    }
    assert!(old > 20 && new > 20, "both ends are seen: {old}, {new}");
}

#[test]
fn promise_01_an_error_at_any_call_leaves_one_form_and_it_can_be_asked_for_again() {
    let (disk, store) = begun(0);
    let before = disk.calls();
    replace(&store, 1).unwrap();
    let calls = disk.calls() - before;
    assert!(calls > 5, "{calls} calls are too few");
    for call in 0..calls {
        for fault in [
            Fault::Once(ENOSPC),
            Fault::Once(EIO),
            Fault::From(ENOSPC),
            Fault::From(EIO),
            Fault::From(EROFS),
        ] {
            let context = format!("call {call}, {fault:?}");
            let (disk, store) = begun(call as u64);
            disk.breaks_at(call, fault);
            let result = replace(&store, 1);
            assert!(disk.broke(), "{context}: the fault never happened");
            disk.cure();
            let found = lies(&store, &context);
            assert!(
                result.is_err() || found == FORMS[1],
                "{context}: it was acknowledged"
            );
            if let Err(error) = result {
                assert!(
                    !error.to_string().contains("the key,"),
                    "{context}: {error}"
                );
            }
            // Also where nothing of it was written through.
            for end in 0..ENDS {
                lies(&open(&disk.after_crash(end)).unwrap(), &context);
            }
            if found == FORMS[0] {
                replace(&store, 1).unwrap();
            }
            assert_eq!(lies(&open(&disk).unwrap(), &context), FORMS[1]);
        }
    }
}

#[test]
fn promise_01_a_form_that_somebody_else_wrote_meanwhile_stays() {
    let (disk, store) = begun(0);
    replace(&open(&disk).unwrap(), 1).unwrap();
    let error = replace(&store, 1).unwrap_err();
    assert!(matches!(error, StoreError::Taken { .. }), "{error}");
    assert_eq!(lies(&store, "meanwhile"), FORMS[1]);
    let keys = disk.everything().into_keys();
    let keys = keys.filter(|path| path.starts_with("/store/keys"));
    assert_eq!(keys.count(), 1, "no temporary file stays");
}
