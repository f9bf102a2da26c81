//! Promises 1, 8 and 9 in one process: keys and certificates, what stands in their way, and where their bytes must never be.

use std::os::unix::fs::symlink;
use std::path::Path;

use certdeck::store::{Store, StoreError};
use secrecy::{ExposeSecret as _, SecretString};

use super::stock::{fresh, notes, open, options, put};

const NAME: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const CANARY: &str = "canary-f3b1c0";

fn key() -> SecretString {
    SecretString::from(CANARY)
}

#[test]
fn promise_01_a_key_is_kept_and_never_overwritten() {
    let (_home, dir, store) = fresh();
    assert!(!store.has_key(NAME));
    assert!(store.key(NAME).unwrap().is_none());
    store.put_key(&key(), NAME).unwrap();
    store.put_key(&key(), NAME).unwrap();
    let error = store
        .put_key(&SecretString::from("another"), NAME)
        .unwrap_err();
    assert!(matches!(error, StoreError::Taken { .. }), "{error}");
    assert!(error.to_string().contains("never overwritten"), "{error}");
    let again = open(&dir);
    assert!(again.has_key(NAME));
    assert_eq!(again.key(NAME).unwrap().unwrap().expose_secret(), CANARY);
    let names: Vec<_> = std::fs::read_dir(dir.join("keys")).unwrap().collect();
    assert_eq!(names.len(), 1, "no temporary file stays: {names:?}");
}

#[test]
fn a_certificate_is_kept_under_its_fingerprint() {
    let (_home, dir, store) = fresh();
    store.put_certificate("BEGIN\nabc\nEND\n", NAME).unwrap();
    store
        .put_certificate("BEGIN\r\nabc\r\nEND\r\n", NAME)
        .unwrap();
    assert!(store.put_certificate("BEGIN\nxyz\nEND\n", NAME).is_err());
    assert_eq!(
        open(&dir).certificate(NAME).unwrap().unwrap(),
        "BEGIN\nabc\nEND\n"
    );
}

#[test]
fn a_name_that_is_no_fingerprint_is_refused() {
    let (home, _dir, store) = fresh();
    for name in [
        "",
        "../../escaped",
        &NAME.to_uppercase(),
        &NAME[1..],
        &format!("{}é", &NAME[2..]),
    ] {
        let error = store.put_key(&key(), name).unwrap_err();
        assert!(
            matches!(error, StoreError::BadName { .. }),
            "{name}: {error}"
        );
        assert!(!store.has_key(name));
    }
    assert!(!home.path().join("escaped.pem").exists());
}

#[test]
fn promise_09_no_key_ends_in_journal_error_or_debug() {
    let (_home, dir, store) = fresh();
    store.put_key(&key(), NAME).unwrap();
    put(&store, "a", "one").unwrap();
    let error = store
        .put_key(&SecretString::from("canary-other"), NAME)
        .unwrap_err();
    store.compact().unwrap();
    put(&store, "a", "two").unwrap();
    let said = format!(
        "{error} {error:?} {store:?} {:?} {:?}",
        store.snapshot(),
        store.key(NAME)
    );
    assert!(!said.contains("canary"), "{said}");
    let mut looked = 0;
    for file in [
        "inventory.jsonl",
        "journal.jsonl",
        "history/001.jsonl",
        "lock",
    ] {
        let text = std::fs::read_to_string(dir.join(file)).unwrap();
        assert!(!text.contains("canary"), "{file}");
        looked += text.len();
    }
    assert!(looked > 1_000, "there was something to look at");
}

#[test]
fn promise_08_planted_links_and_files_are_refused_and_not_followed() {
    let (home, dir, store) = fresh();
    put(&store, "a", "one").unwrap();
    drop(store);
    let elsewhere = home.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::remove_dir(dir.join("keys")).unwrap();
    symlink(&elsewhere, dir.join("keys")).unwrap();
    let error = Store::open(&dir, options()).unwrap_err();
    assert!(
        error.to_string().contains("keys is a symbolic link"),
        "{error}"
    );
    std::fs::remove_file(dir.join("keys")).unwrap();

    let store = open(&dir);
    symlink(
        elsewhere.join("stolen"),
        dir.join("keys").join(format!("{NAME}.pem")),
    )
    .unwrap();
    let error = store.put_key(&key(), NAME).unwrap_err();
    assert!(matches!(error, StoreError::Planted { .. }), "{error}");
    assert!(
        std::fs::read_dir(&elsewhere).unwrap().next().is_none(),
        "nothing was written there"
    );

    std::fs::rename(dir.join("lock"), dir.join("lock.old")).unwrap();
    symlink(elsewhere.join("lock"), dir.join("lock")).unwrap();
    assert!(put(&store, "a", "two").is_err());
    assert!(!elsewhere.join("lock").exists());
    std::fs::rename(dir.join("lock.old"), dir.join("lock")).unwrap();

    std::fs::rename(dir.join("journal.jsonl"), elsewhere.join("journal")).unwrap();
    symlink(elsewhere.join("journal"), dir.join("journal.jsonl")).unwrap();
    let error = Store::open(&dir, options()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("journal.jsonl is a symbolic link"),
        "{error}"
    );
}

#[test]
fn promise_08_a_file_in_the_store_s_place_is_said_and_a_link_to_a_folder_is_followed() {
    let (home, dir, store) = fresh();
    put(&store, "a", "one").unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "a letter").unwrap();
    let error = Store::open(&file, options()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is a file, where the store needs a folder"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a letter");
    let link = home.path().join("link");
    symlink(&dir, &link).unwrap();
    assert_eq!(notes(&open(&link).snapshot())["a"], "one");
    let error = Store::open(Path::new("/proc/certdeck"), options()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("could not make the folder /proc/certdeck"),
        "{error}"
    );
}
