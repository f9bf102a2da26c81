//! A home with the real program, and `openssl` beside it.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder for one test.
pub(crate) struct Stage {
    folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), "").unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn env(&self) -> [(&'static str, String); 3] {
        let path = |name: &str| self.path(name).display().to_string();
        [
            ("HOME", path("")),
            ("CERTDECK_CONFIG", path("config.toml")),
            ("CERTDECK_STORE", path("store")),
        ]
    }

    /// Runs certdeck, with nobody at the terminal.
    pub(crate) fn certdeck<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_certdeck"));
        command.args(arguments).envs(self.env());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        Said::of(command.output().unwrap())
    }

    /// Runs certdeck and reads the JSON that it prints, however it ends.
    pub(crate) fn json<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Value {
        let said = self.certdeck(arguments);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }

    /// Runs openssl with the words of the line as its arguments; it has to succeed.
    #[track_caller]
    pub(crate) fn openssl(&self, line: &str) -> String {
        let mut command = Command::new("openssl");
        command.args(line.split_whitespace());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        let said = Said::of(command.output().unwrap());
        assert_eq!(said.code, 0, "openssl {line}: {said:?}");
        said.out
    }
}

/// What came of a program.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}
