//! What must hold of any store that only certdeck wrote to, whatever ended the programs.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use certdeck::domain::entry::Entry;
use certdeck::pki::{PrivateKey, read_certificate};
use certdeck::store::{Harm, Store};

use super::stock::entries;

/// The store loads whole but for a last line that was never finished, and every entry that speaks
/// of a key or of certificates finds them.
#[track_caller]
pub(crate) fn sound(store: &Store, context: &str) {
    let loaded = store.snapshot();
    for damage in &loaded.warnings {
        assert_eq!(damage.harm, Harm::TornTail, "{context}: {damage}");
    }
    for entry in entries(&loaded).values() {
        has_its_key(store, entry, context);
        has_its_certificates(store, entry, context);
    }
    vault_is_whole(store.dir(), context);
}

#[track_caller]
fn has_its_key(store: &Store, entry: &Entry, context: &str) {
    let Some(name) = entry
        .order
        .spki_sha256
        .as_deref()
        .filter(|_| entry.order.key_held)
    else {
        return;
    };
    let held = store.key(name).unwrap();
    let held = held.unwrap_or_else(|| panic!("{} lost its key, {context}", entry.id));
    let key = PrivateKey::from_pem(&held).unwrap();
    assert_eq!(key.spki_sha256(), name, "{context}");
}

#[track_caller]
fn has_its_certificates(store: &Store, entry: &Entry, context: &str) {
    for record in &entry.certificates {
        for name in record.chain.iter().chain([&record.sha256]) {
            let held = store.certificate(name).unwrap();
            assert!(held.is_some(), "{} lost {name}, {context}", entry.id);
        }
        let made_here = entry.order.spki_sha256.as_ref() == Some(&record.spki_sha256);
        assert!(
            !made_here || !entry.order.key_held || store.has_key(&record.spki_sha256),
            "{context}"
        );
    }
}

/// Each file of the vault that has its name is what its name says.
#[track_caller]
fn vault_is_whole(dir: &Path, context: &str) {
    for name in names(&dir.join("keys")) {
        let text = std::fs::read_to_string(dir.join("keys").join(format!("{name}.pem"))).unwrap();
        let key = PrivateKey::from_pem(&text.into()).unwrap();
        assert_eq!(key.spki_sha256(), name, "{context}");
    }
    for name in names(&dir.join("certs")) {
        let text = std::fs::read_to_string(dir.join("certs").join(format!("{name}.pem"))).unwrap();
        let certificate = read_certificate(&text).unwrap();
        assert_eq!(certificate.sha256, name, "{context}");
    }
}

/// The fingerprints in a folder of the vault.
pub(crate) fn names(folder: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name());
    let names = files.filter_map(|file| Some(file.to_str()?.strip_suffix(".pem")?.to_owned()));
    names.collect()
}

/// Every key and certificate is read by OpenSSL, and belongs together where an entry says so.
#[track_caller]
pub(crate) fn openssl_agrees(store: &Store) -> usize {
    let mut pairs = 0;
    for name in names(&store.dir().join("keys")) {
        public_key(store, "pkey -pubout", "keys", &name);
    }
    for entry in entries(&store.snapshot())
        .values()
        .filter(|entry| entry.order.key_held)
    {
        for record in &entry.certificates {
            let certificate = public_key(store, "x509 -noout -pubkey", "certs", &record.sha256);
            let key = public_key(store, "pkey -pubout", "keys", &record.spki_sha256);
            assert_eq!(certificate, key, "{}", entry.id);
            pairs += 1;
        }
    }
    pairs
}

#[track_caller]
fn public_key(store: &Store, line: &str, folder: &str, name: &str) -> String {
    let path = store.dir().join(folder).join(format!("{name}.pem"));
    let output = Command::new("openssl")
        .args(line.split_whitespace())
        .arg("-in")
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", path.display());
    String::from_utf8(output.stdout).unwrap()
}
