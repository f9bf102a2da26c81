//! `certdeck account` as people and scripts use it: by flags, by questions, and by files that they
//! write themselves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use certdeck::pki::ca::SandboxCa;
use common::pty::Panel;
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), "store = \"store\"\n").unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn env(&self) -> [(&'static str, String); 2] {
        let text = |path: &Path| path.display().to_string();
        [
            ("HOME", text(self.0.path())),
            ("CERTDECK_CONFIG", text(&self.path("config.toml"))),
        ]
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_certdeck"));
        command.args(arguments).env_clear().envs(self.env());
        command.current_dir(self.0.path()).output().unwrap()
    }

    /// What is printed, having ended with that code.
    fn out(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}\n{out}\n{err}"
        );
        if code == 0 { out } else { out + &err }
    }

    fn json(&self, arguments: &[&str], code: i32) -> Value {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A folder with one certificate.
    fn certificates(&self, name: &str) {
        let ca = SandboxCa::generate("test", Timestamp::now()).unwrap();
        fs::create_dir_all(self.path(name)).unwrap();
        fs::write(self.path(name).join("one.pem"), ca.root().to_pem()).unwrap();
    }

    fn account<'v>(list: &'v Value, name: &str) -> &'v Value {
        let accounts = list["accounts"].as_array().unwrap();
        let found = accounts.iter().find(|account| account["name"] == name);
        found.unwrap_or_else(|| panic!("{name}: {list:#}"))
    }
}

#[test]
fn by_flags_an_account_is_added_listed_checked_and_removed() {
    let desk = Desk::new();
    desk.certificates("certs");
    let line = [
        "account", "add", "mine", "--kind", "files", "--path", "certs",
    ];
    let told = desk.out(&line, 0);
    assert!(told.contains("1 certificate is in the list now"), "{told}");
    let list = desk.json(&["account", "list", "--json"], 0);
    let mine = Desk::account(&list, "mine");
    assert_eq!(
        (&mine["kind"], &mine["entries"]),
        (&"files".into(), &1.into())
    );
    let file = desk.path("accounts/mine.toml");
    assert_eq!(mine["file"], file.display().to_string());
    let text = fs::read_to_string(&file).unwrap();
    let absolute = desk.path("certs").display().to_string();
    assert!(
        text.contains(&absolute),
        "it means the same from anywhere: {text}"
    );
    let check = desk.json(&["account", "check", "mine", "--json"], 0);
    assert!(
        check
            .to_string()
            .contains("1 fitting file, 1 with 1 certificate"),
        "{check:#}"
    );

    let asked = desk.out(&["account", "remove", "mine"], 2);
    assert!(asked.contains("add --yes"), "{asked}");
    assert!(file.exists());
    let removed = desk.json(&["account", "remove", "mine", "--yes", "--json"], 0);
    assert_eq!(removed["archived"], 1);
    let aside = desk.path("accounts/removed/mine.toml");
    assert_eq!(removed["file"], aside.display().to_string());
    assert_eq!(fs::read_to_string(&aside).unwrap(), text);
    let listed = desk.out(&["list", "--archived"], 0);
    assert!(listed.contains("mine (not configured)"), "{listed}");
    // Who adds it again has its certificate again.
    let told = desk.out(&line, 0);
    assert!(
        told.contains("1 certificate of before is in the list again."),
        "{told}"
    );
    assert!(!told.contains("No new certificate"), "{told}");
}

#[test]
fn what_is_missing_or_wrong_is_named_by_its_flag_and_nothing_is_written() {
    let desk = Desk::new();
    let cases: [(&[&str], &str); 6] = [
        (&[], "NAME, --kind"),
        (&["mine", "--kind", "files"], "--path or --host"),
        (&["mine", "--kind", "by-hnad"], "--kind: there is no kind"),
        (&["mine", "--kind", "by-hand", "--panel", "x"], "--panel: "),
        (&["sandbox", "--kind", "by-hand"], "is built in"),
        (
            &["mine", "--kind", "files", "--host", "a:0", "--every", "1s"],
            "--every: ",
        ),
    ];
    for (flags, expected) in cases {
        let told = desk.out(&[&["account", "add"][..], flags].concat(), 2);
        assert!(told.contains(expected), "{flags:?}: {told}");
    }
    assert!(!desk.path("accounts").exists());
}

#[test]
fn a_file_of_ones_own_is_used_as_it_stands_and_never_rewritten() {
    let desk = Desk::new();
    desk.certificates("certs");
    desk.certificates("accounts/beside");
    let own = "# mine\nkind = \"files\"\npaths = [\"~/certs\", \"beside\"]  # two\n";
    fs::write(desk.path("accounts/files.toml"), own).unwrap();
    let told = desk.out(&["config", "check"], 0);
    assert!(
        told.contains("account files: files, files, watches 2 places"),
        "{told}"
    );
    desk.out(&["sync"], 0);
    let check = desk.json(&["account", "check", "files", "--json"], 0);
    for folder in ["certs", "accounts/beside"] {
        let folder = desk.path(folder).display().to_string();
        let findings = check["accounts"][0]["findings"].as_array().unwrap();
        assert!(
            findings
                .iter()
                .any(|found| found["what"] == folder && found["fine"] == true),
            "{folder}: {check:#}"
        );
    }
    desk.out(&["account", "add", "other", "--kind", "by-hand"], 0);
    let told = desk.out(&["account", "remove", "files", "--yes"], 2);
    assert!(told.contains("built in"), "{told}");
    assert_eq!(
        fs::read_to_string(desk.path("accounts/files.toml")).unwrap(),
        own
    );
}

#[test]
fn the_exit_of_a_check_says_whether_all_some_or_nothing_can_be_used() {
    let desk = Desk::new();
    desk.certificates("certs");
    let add = |name: &str, paths: &[&str]| {
        let line = [
            "account",
            "add",
            name,
            "--kind",
            "files",
            "--no-sync",
            "--path",
        ];
        desk.out(&[&line[..], paths].concat(), 0);
    };
    add("good", &["certs"]);
    add("half", &["certs", "gone"]);
    add("bad", &["gone"]);
    for (name, code) in [("good", 0), ("half", 6), ("bad", 1)] {
        let told = desk.out(&["account", "check", name], code);
        assert_eq!(told.contains("WRONG"), code != 0, "{told}");
    }
    desk.out(&["account", "check"], 6);
    let told = desk.out(&["account", "check", "godo"], 2);
    assert!(told.contains("Did you mean \"good\"?"), "{told}");
}

#[test]
fn wrong_files_of_accounts_are_told_all_at_once() {
    let desk = Desk::new();
    fs::create_dir(desk.path("accounts")).unwrap();
    let put = |name: &str, text: &str| fs::write(desk.path("accounts").join(name), text).unwrap();
    put("a.toml", "kind = \"by-hand\"\npanel = \"http://x\"\n");
    put(
        "b.toml",
        "kind = \"files\"\n\nhosts = [\"a b\"]\nevery = \"1s\"\n",
    );
    let told = desk.out(&["config", "check"], 2);
    for expected in [
        "a.toml:2: panel: ",
        "b.toml:3: hosts: ",
        "b.toml:4: every: ",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn a_search_in_a_folder_that_is_not_there_fails_and_one_that_finds_nothing_does_not() {
    let desk = Desk::new();
    let told = desk.out(&["account", "add", "--discover", "gone", "--yes"], 1);
    assert!(told.contains("/gone: looking at it failed"), "{told}");
    desk.certificates("certs");
    let told = desk.out(&["account", "add", "--discover", "certs", "--yes"], 0);
    assert!(told.contains("Nothing of certbot, lego"), "{told}");
    assert!(!desk.path("accounts").exists());
}

/// Starts certdeck in a terminal, where it can ask.
fn ask(desk: &Desk, arguments: &[&str]) -> Panel {
    let env = desk.env();
    let env: Vec<(&str, &str)> = env
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    Panel::start(arguments, (30, 120), &env)
}

fn answer(panel: &mut Panel, question: &str, answer: &str) {
    panel.wait_for(question);
    panel.press(answer);
    panel.press("\r");
}

#[test]
fn in_a_terminal_one_question_comes_after_the_other_and_is_checked_at_once() {
    let desk = Desk::new();
    let mut panel = ask(&desk, &["account", "add"]);
    answer(&mut panel, "What is it? [by-hand]:", "by-hnad");
    panel.wait_for("Did you mean \"by-hand\"?");
    panel.press("\r");
    answer(
        &mut panel,
        "Which lifecycle do its entries follow? [netcup]:",
        "",
    );
    answer(&mut panel, "What is it called? [netcup]:", "my shop");
    panel.wait_for("is no name for an account");
    panel.press("main\r");
    answer(&mut panel, "[https://www.customercontrolpanel.de]:", "");
    panel.wait_for("main: added");
    assert_eq!(panel.exit_code(), 0);
    let text = fs::read_to_string(desk.path("accounts/main.toml")).unwrap();
    assert!(text.contains("kind = \"by-hand\""), "{text}");

    let mut panel = ask(&desk, &["account", "remove", "main"]);
    answer(&mut panel, "Remove the account main? [y/N]", "");
    panel.wait_for("nothing was done");
    assert_eq!(panel.exit_code(), 1);
    assert!(desk.path("accounts/main.toml").exists());
    let mut panel = ask(&desk, &["account", "remove", "main"]);
    answer(&mut panel, "Remove the account main? [y/N]", "y");
    panel.wait_for("The account main is removed");
    assert_eq!(panel.exit_code(), 0);
}

#[test]
fn in_a_terminal_a_watched_account_asks_what_to_watch() {
    let desk = Desk::new();
    desk.certificates("certs");
    let mut panel = ask(&desk, &["account", "add", "--kind", "files"]);
    answer(&mut panel, "What is it called? [watched]:", "");
    answer(&mut panel, "A file or folder to watch", "certs");
    panel.wait_for("starts nowhere");
    panel.press("~/certs\r\r");
    answer(&mut panel, "A server to watch", "");
    answer(&mut panel, "A pattern of the files", "*.pem");
    panel.press("\r");
    panel.wait_for("1 certificate is in the list now");
    assert_eq!(panel.exit_code(), 0);
}
