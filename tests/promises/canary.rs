//! Promise 9: what is in the private keys is in `keys/` and nowhere else: not in what the program
//! wrote, said, drew, was called with, or left behind when it failed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use certdeck::pki::{KeyType, PrivateKey};
use certdeck::store::{OpenOptions, Store};
use secrecy::ExposeSecret as _;

use super::audit;
use super::home::{Home, Said};
use super::killed::copy;
use super::pty::{Key, Panel};

/// Pieces of each key that say something of its secret: in hexadecimal, and of its PEM, such as a
/// line break there does not cut.
fn canaries(keys: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in audit::names(keys) {
        let text = fs::read_to_string(keys.join(format!("{name}.pem"))).unwrap();
        found.extend(secrets(&text));
    }
    found
}

fn secrets(pem: &str) -> [String; 4] {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let body: String = lines.collect();
    let der = data_encoding::BASE64.decode(body.as_bytes()).unwrap();
    // The secret number of a P-256 key in PKCS#8 is its bytes 36 to 67.
    let hexadecimal = data_encoding::HEXLOWER.encode(&der[36..68]);
    let piece = |from: usize| body[from..from + 24].to_owned();
    [hexadecimal, piece(40), piece(52), piece(64)]
}

/// Everything that was said or written, with where.
#[derive(Default)]
struct Heard(Vec<(String, Vec<u8>)>);

impl Heard {
    fn note(&mut self, place: &str, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.to_owned(), bytes.into()));
    }

    /// Runs a command that may fail, with all that it may tell of itself.
    fn run(&mut self, home: &Home, line: &str) -> Said {
        let mut command = home.command(line);
        let child = command.env("RUST_BACKTRACE", "1").spawn().unwrap();
        for what in ["cmdline", "environ", "comm"] {
            let process = format!("/proc/{}/{what}", child.id());
            self.note(
                &format!("{line}: {what}"),
                fs::read(process).unwrap_or_default(),
            );
        }
        let said = Said::of(child.wait_with_output().unwrap());
        self.note(&format!("{line}: output"), said.out.as_bytes());
        self.note(&format!("{line}: errors"), said.err.as_bytes());
        said
    }

    /// Every file below a folder but the keys themselves.
    fn read(&mut self, folder: &Path) {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() && path.file_name().unwrap() != "keys" {
                self.read(&path);
            } else if path.is_file() {
                self.note(&path.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }

    #[track_caller]
    fn is_free_of(&self, canaries: &BTreeSet<String>) {
        assert!(canaries.len() > 10, "{}", canaries.len());
        let heard: usize = self.0.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(heard > 20_000, "only {heard} bytes were looked at");
        for (place, bytes) in &self.0 {
            for canary in canaries {
                let found = memchr::memmem::find(bytes, canary.as_bytes()).is_some();
                assert!(!found, "{place} holds a part of a private key");
            }
        }
    }
}

/// A file of somebody's own with a key in it.
fn own_key(home: &Home) -> std::path::PathBuf {
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let path = home.path("own.pem");
    fs::write(&path, key.to_pkcs8_pem().expose_secret()).unwrap();
    path
}

#[test]
fn promise_09_no_private_key_is_anywhere_but_in_its_file() {
    let home = Home::new(21);
    let id = home.due("canary.example");
    let mut heard = Heard::default();
    let own = own_key(&home);
    for line in [
        format!("renew {id} --yes"),
        "order --account mine --product Wildcard --name *.canary.example --json".to_owned(),
        format!("show {id} --json"),
        format!("show {id} --pem"),
        format!("import {}", own.display()),
        "order --product acme-dv --name fails.example --csr /dev/null --yes".to_owned(),
        format!(
            "order --product acme-dv --name fails.example --csr {} --yes",
            own.display()
        ),
        format!("act revoke {id}"),
        "history --json".to_owned(),
        "list --json".to_owned(),
        "check --json".to_owned(),
        "sandbox clock --json".to_owned(),
        format!("archive {id}"),
    ] {
        heard.run(&home, &line);
    }
    // Only the one command that is asked for the key says it, to whom it was asked by.
    let revealed = home.run(&format!("reveal-key {id}"));
    assert!(revealed.out.contains("BEGIN PRIVATE KEY"), "{revealed:?}");
    heard.note("reveal-key: errors", revealed.err.as_bytes());
    damaged_key(&home, &mut heard);
    heard.note("a failing program", failing(&home));
    heard.note("the panel", panel(&home, "canary.example"));
    let writer = Store::open(&home.store(), OpenOptions::default()).unwrap();
    writer.compact().unwrap();
    drop(writer);
    heard.run(&home, &format!("note {id} later"));
    heard.read(&home.store());
    let mut canaries = canaries(&home.store().join("keys"));
    let is_told = |said: &str| canaries.iter().any(|canary| said.contains(canary));
    assert!(is_told(&revealed.out), "a key that is told is noticed");
    canaries.extend(secrets(&fs::read_to_string(&own).unwrap()));
    heard.is_free_of(&canaries);
}

/// A key file that somebody damaged is spoken of, and not shown.
fn damaged_key(home: &Home, heard: &mut Heard) {
    let kept = home.path("kept");
    copy(&home.store(), &kept);
    for name in audit::names(&home.store().join("keys")) {
        let path = home.store().join(format!("keys/{name}.pem"));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("-----END", "?????END")).unwrap();
    }
    let said = heard.run(home, "order --product acme-dv --name damaged.example --yes");
    assert_ne!(said.code, Some(0), "{said:?}");
    heard.run(home, "sandbox advance 2h");
    fs::remove_dir_all(home.store()).unwrap();
    fs::rename(&kept, home.store()).unwrap();
}

/// What a program says that fails with everything in its hands.
fn failing(home: &Home) -> Vec<u8> {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["canary::child_fails", "--exact", "--ignored", "--nocapture"]);
    let child = child
        .envs(home.env())
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null());
    let output = child.output().unwrap();
    assert!(!output.status.success());
    let said = [output.stdout, output.stderr].concat();
    assert!(memchr::memmem::find(&said, b"everything at once").is_some());
    said
}

#[test]
#[ignore = "a child of promise_09_no_private_key_is_anywhere_but_in_its_file"]
fn child_fails() {
    let Some(dir) = std::env::var_os("CERTDECK_STORE") else {
        return;
    };
    let store = Store::open(Path::new(&dir), OpenOptions::default()).unwrap();
    let names = audit::names(&Path::new(&dir).join("keys"));
    let keys: Vec<_> = names
        .iter()
        .map(|name| store.key(name).unwrap().unwrap())
        .collect();
    let read: Vec<_> = keys
        .iter()
        .map(|key| PrivateKey::from_pem(key).unwrap())
        .collect();
    let taken = store.put_key(&keys[0], names.last().unwrap());
    panic!(
        "everything at once: {keys:?} {read:?} {taken:?} {store:?} {:?}",
        store.snapshot()
    );
}

/// What the panel draws, titles included, while somebody looks at an entry and its masked key.
fn panel(home: &Home, name: &str) -> Vec<u8> {
    let env = home
        .env()
        .map(|(key, path)| (key, path.display().to_string()));
    let env: Vec<_> = env
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let mut panel = Panel::start(&[], (30, 100), &env);
    panel.wait_for(name);
    panel.press_key(Key::Enter);
    for (tab, sign) in [("2", "[Product]"), ("5", "[History]"), ("3", "••••••••")] {
        panel.press(tab);
        panel.wait_for(sign);
    }
    let drawn = panel.bytes().to_vec();
    panel.press_key(Key::Ctrl('c'));
    panel.wait_end();
    drawn
}
