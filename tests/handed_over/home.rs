//! A home with a sandbox account, the real program in it, and what it said.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
pub(crate) const PASSWORD: &str = "canary of a password";
pub(crate) const NAME: &str = "www.example.com";

/// A home with a sandbox account that deploys, and files with a passphrase and a password.
pub(crate) struct Home {
    folder: TempDir,
    /// Everything that was said, but for what hands a key out.
    heard: std::cell::RefCell<String>,
}

pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new(account: &str) -> Self {
        let home = Self {
            folder: tempfile::tempdir().unwrap(),
            heard: std::cell::RefCell::default(),
        };
        fs::create_dir(home.path("accounts")).unwrap();
        home.write("config.toml", "");
        let account = format!("kind = \"sandbox\"\nlifecycle = \"acme\"\nseed = 1\n{account}\n");
        home.write("accounts/shop.toml", &account);
        home.write("passphrase", PASSPHRASE);
        home.write("password", PASSWORD);
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Runs a shell line in the home, `certdeck` being the program.
    pub(crate) fn run(&self, line: &str) -> Said {
        let script = format!("certdeck() {{ \"$CERTDECK\" \"$@\"; }}; {line}");
        let output = Command::new("/bin/sh")
            .args(["-c", &script])
            .env("CERTDECK", env!("CARGO_BIN_EXE_certdeck"))
            .env("HOME", self.folder.path())
            .env("CERTDECK_CONFIG", self.path("config.toml"))
            .env("CERTDECK_STORE", self.path("store"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = Said::of(&output);
        if !line.contains("reveal-key") {
            let mut heard = self.heard.borrow_mut();
            let _ = writeln!(heard, "{}{}", said.out, said.err);
        }
        said
    }

    #[track_caller]
    pub(crate) fn fine(&self, line: &str) -> String {
        let said = self.run(line);
        assert_eq!(said.code, Some(0), "{line}: {}{}", said.out, said.err);
        said.out
    }

    /// Orders a certificate and has it issued; gives its id.
    pub(crate) fn issued(&self, flags: &str) -> String {
        self.fine(&format!(
            "certdeck order --account shop --product acme-known --name {NAME} --yes {flags}"
        ));
        self.fine("certdeck sandbox advance 1h --account shop");
        let list: serde_json::Value =
            serde_json::from_str(&self.fine("certdeck list --json")).unwrap();
        let id = list["entries"][0]["id"].as_str();
        id.unwrap().to_owned()
    }

    /// The encrypted keys of the store.
    pub(crate) fn sealed(&self) -> Vec<PathBuf> {
        let keys = fs::read_dir(self.path("store/keys")).unwrap();
        let keys = keys.map(|key| key.unwrap().path());
        let is_sealed = |path: &PathBuf| {
            let text = fs::read_to_string(path).unwrap();
            text.contains("BEGIN ENCRYPTED PRIVATE KEY")
        };
        keys.filter(is_sealed).collect()
    }

    /// Neither passphrase nor password nor any key is in what was said or in the store's own lines.
    #[track_caller]
    pub(crate) fn keeps_secrets(&self, key: &str) {
        let mut all = self.heard.borrow().clone();
        for place in ["store/inventory.jsonl", "store/journal.jsonl"] {
            all += &fs::read_to_string(self.path(place)).unwrap_or_default();
        }
        assert!(all.len() > 500, "{all}");
        let lines = key.lines().filter(|line| !line.starts_with("-----"));
        for secret in lines.chain([PASSPHRASE, PASSWORD]) {
            assert!(!all.contains(secret), "{secret:?} was said or written");
        }
    }
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
