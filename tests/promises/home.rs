//! A home folder with a configuration and a store, and the real program in it.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use certdeck::store::{OpenOptions, Store};
use tempfile::TempDir;

use super::stock::in_memory;

/// What leads from an order at an ACME CA to its certificate.
pub(crate) const EVENTS: [&str; 4] = ["responded", "authorizations-valid", "finalized", "issued"];

/// A home folder: a sandbox with a seed, and an account by hand called `mine`.
pub(crate) struct Home {
    folder: TempDir,
}

/// What a command said, and how it ended; no code where a signal ended it.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// One member of the JSON object that was printed.
    pub(crate) fn member(&self, name: &str) -> String {
        let value: serde_json::Value = serde_json::from_str(&self.out).unwrap();
        value[name].as_str().unwrap().to_owned()
    }
}

impl Home {
    /// In memory where there is such a place, since nothing here is to outlast the machine.
    pub(crate) fn new(seed: u64) -> Self {
        Self::within(in_memory(), seed)
    }

    /// On a disk, for which a program waits: there it can be met in the middle of its work.
    pub(crate) fn on_disk(seed: u64) -> Self {
        Self::within(tempfile::tempdir().unwrap(), seed)
    }

    fn within(folder: TempDir, seed: u64) -> Self {
        let home = Self { folder };
        let accounts = home.path("accounts");
        fs::create_dir(&accounts).unwrap();
        fs::write(home.path("config.toml"), "").unwrap();
        let sandbox = format!("kind = \"sandbox\"\nseed = {seed}\n");
        fs::write(accounts.join("sandbox.toml"), sandbox).unwrap();
        let mine = "kind = \"by-hand\"\nlifecycle = \"netcup\"\n";
        fs::write(accounts.join("mine.toml"), mine).unwrap();
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path("store")
    }

    /// The store, to look at.
    pub(crate) fn look(&self) -> Store {
        let options = OpenOptions {
            read_only: true,
            ..OpenOptions::default()
        };
        Store::open(&self.store(), options).unwrap()
    }

    /// Where the program finds everything, for whoever starts it in another way.
    pub(crate) fn env(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("HOME", self.folder.path().to_owned()),
            ("CERTDECK_CONFIG", self.path("config.toml")),
            ("CERTDECK_STORE", self.store()),
        ]
    }

    /// The program with the words of a line, not yet started.
    pub(crate) fn command(&self, line: &str) -> Command {
        self.started_by(Command::new(env!("CARGO_BIN_EXE_certdeck")), line)
    }

    /// Another program that starts ours with the words of a line.
    pub(crate) fn started_by(&self, mut program: Command, line: &str) -> Command {
        program
            .env_clear()
            .envs(self.env())
            .args(line.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        program
    }

    pub(crate) fn start(&self, line: &str) -> Child {
        self.command(line).spawn().unwrap()
    }

    pub(crate) fn run(&self, line: &str) -> Said {
        Said::of(self.command(line).output().unwrap())
    }

    /// Runs what must succeed, and without a word on the error output.
    #[track_caller]
    pub(crate) fn done(&self, line: &str) -> Said {
        let said = self.run(line);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{line}");
        said
    }

    /// An entry of the sandbox for this name whose certificate was issued and is due; its clock
    /// stands still.
    #[track_caller]
    pub(crate) fn due(&self, name: &str) -> String {
        let order = format!("order --product acme-dv --name {name} --yes --json");
        let id = self.done(&order).member("id");
        self.done("sandbox pause");
        self.issue(&id);
        self.done("sandbox advance 65d");
        id
    }

    /// Lets happen what leads from an order to its certificate.
    #[track_caller]
    pub(crate) fn issue(&self, id: &str) {
        for event in EVENTS {
            self.done(&format!("sandbox play {event} {id}"));
        }
    }
}
