//! A store with some entries of each kind of account, and the real program on it.

use std::path::Path;
use std::process::{Command, Stdio};

use certdeck::domain::entry::{CertificateRecord, Entry, EntryId, Role, Trouble};
use certdeck::domain::time;
use certdeck::store::{OpenOptions, Store, StoreError};
use jiff::Timestamp;
use tempfile::TempDir;

/// A home folder with a configuration, an account by hand called `mine`, and a store.
pub(crate) struct Shelf {
    home: TempDir,
    /// When it was filled; all times are reckoned from here.
    pub(crate) now: Timestamp,
}

/// What a command said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let accounts = home.path().join("config/accounts");
        std::fs::create_dir_all(&accounts).unwrap();
        std::fs::write(accounts.join("mine.toml"), "kind = \"by-hand\"\n").unwrap();
        std::fs::write(home.path().join("config/config.toml"), "").unwrap();
        Self {
            home,
            now: Timestamp::now(),
        }
    }

    pub(crate) fn store(&self) -> std::path::PathBuf {
        self.home.path().join("store")
    }

    pub(crate) fn config(&self) -> std::path::PathBuf {
        self.home.path().join("config/config.toml")
    }

    /// Puts entries into the store.
    pub(crate) fn put(&self, entries: impl IntoIterator<Item = Entry>) {
        let store = Store::open(&self.store(), OpenOptions::default()).unwrap();
        let put = store.transact(|transaction| {
            for entry in entries {
                transaction.put_entry(entry);
            }
            Ok::<_, StoreError>(())
        });
        put.unwrap();
    }

    /// So many days from now.
    pub(crate) fn days(&self, count: i64) -> Timestamp {
        time::later(self.now, time::days(count))
    }

    /// An entry in a state since so many days.
    pub(crate) fn entry(&self, id: &str, account: &str, state: &str, since: i64) -> Entry {
        let lifecycle = if account == "files" {
            "files"
        } else {
            "netcup"
        };
        let since = self.days(-since);
        let mut entry = Entry::new(EntryId::new(id), account, lifecycle, state, since);
        entry.names = vec![format!("{id}.example.com")];
        entry
    }

    /// The same with a certificate from and until so many days from now.
    pub(crate) fn valid(&self, mut entry: Entry, from: i64, to: i64) -> Entry {
        entry.certificates.push(CertificateRecord {
            sha256: format!("{:0>64}", entry.certificates.len()),
            chain: Vec::new(),
            role: Role::Serving,
            subject: format!("CN={}", entry.name()),
            issuer: "CN=GeoTrust DV".to_owned(),
            serial: "4a:01:77".to_owned(),
            not_before: self.days(from),
            not_after: self.days(to),
            key: "RSA 2048".to_owned(),
            spki_sha256: String::new(),
            is_ca: false,
        });
        entry
    }

    /// The same, whose file has been gone for so many days.
    pub(crate) fn lost(&self, mut entry: Entry, since: i64) -> Entry {
        entry.origin = Some(format!("/srv/tls/{}.pem", entry.id));
        entry.trouble = Some(Trouble {
            why: "the file is gone; put it back".to_owned(),
            since: self.days(-since),
            last_good: self.days(-since - 1),
        });
        entry
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_certdeck"))
            .env_clear()
            .env("HOME", self.home.path())
            .args([Path::new("--store"), &self.store()])
            .args([Path::new("--config"), &self.config()])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
