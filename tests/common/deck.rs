//! A home folder with a sandbox of its own seed, the real program on it: at the command line, and in a
//! terminal beside it.
//!
//! The clocks stand still unless a test moves them, so that only what it asks for happens.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its own part of it, and a fixture that cannot be made fails the test"
)]

use std::cell::Cell;
use std::fs;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::pty::{Panel, Size};

/// A home folder with a sandbox of its own seed.
pub(crate) struct Deck {
    home: TempDir,
    /// Whether its clock stands still already.
    stopped: Cell<bool>,
}

impl Deck {
    /// A folder whose sandbox has this seed, and plays every lifecycle.
    pub(crate) fn new(seed: u64) -> Self {
        let deck = Self {
            home: tempfile::tempdir().unwrap(),
            stopped: Cell::new(false),
        };
        let accounts = deck.home.path().join("accounts");
        fs::create_dir(&accounts).unwrap();
        fs::write(deck.home.path().join("config.toml"), "").unwrap();
        let text = format!("kind = \"sandbox\"\nseed = {seed}\n");
        fs::write(accounts.join("sandbox.toml"), text).unwrap();
        deck
    }

    fn env(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.home.path().join(name).display().to_string();
        vec![
            ("HOME", self.home.path().display().to_string()),
            ("CERTDECK_CONFIG", path("config.toml")),
            ("CERTDECK_STORE", path("store")),
        ]
    }

    /// Runs a command, which must succeed; what it printed.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_certdeck"));
        command.args(arguments).stdin(Stdio::null());
        let said = command.envs(self.env()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let err = text(&said.stderr);
        assert!(said.status.success(), "{arguments:?}: {err}");
        text(&said.stdout)
    }

    /// Orders something at a moment at which the account's clock stands still already.
    #[track_caller]
    pub(crate) fn order(&self, product: &str, name: &str) {
        if !self.stopped.replace(true) {
            // Its clock is there with its first order, and can be stopped then.
            let first = [
                "order",
                "--product",
                product,
                "--name",
                "first.example",
                "--yes",
            ];
            self.run(&first);
            self.run(&["sandbox", "pause"]);
            self.run(&["act", "archive", "first.example", "--yes"]);
        }
        self.run(&["order", "--product", product, "--name", name, "--yes"]);
    }

    /// Does something without a question.
    #[track_caller]
    pub(crate) fn act(&self, action: &str, name: &str) -> String {
        self.run(&["act", action, name, "--yes"])
    }

    /// Lets so much of the sandbox's time pass.
    #[track_caller]
    pub(crate) fn advance(&self, span: &str) {
        self.run(&["sandbox", "advance", span]);
    }

    /// Lets one event happen.
    #[track_caller]
    pub(crate) fn play(&self, event: &str, name: &str) {
        self.run(&["sandbox", "play", event, name]);
    }

    /// The panel in a terminal.
    pub(crate) fn panel(&self, size: Size) -> Panel {
        let env = self.env();
        let env: Vec<_> = env
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Panel::start(&[], size, &env)
    }
}
