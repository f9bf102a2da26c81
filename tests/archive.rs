//! `certdeck store export` and `store import`: the real program, and the common tools that read
//! what it writes.
//!
//! `openssl`, `tar` and `sha256sum` have to be there; without `jq` its part is left out, unless
//! `CERTDECK_REQUIRE_PEERS` is set.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::pty::{Key, Panel};
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse battery staple";

/// A home with a configuration and a store.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("etc")).unwrap();
        Self { folder }
    }

    /// One with two orders in its store.
    fn furnished() -> Self {
        let home = Self::new();
        fs::create_dir(home.path("etc/accounts")).unwrap();
        fs::write(home.path("etc/config.toml"), "theme = \"mono\"\n").unwrap();
        let account = "kind = \"sandbox\"\nseed = 7\n";
        fs::write(home.path("etc/accounts/trial.toml"), account).unwrap();
        for name in ["one.example.com", "two.example.com"] {
            let order = ["order", "--account", "trial", "--product", "single-dv"];
            home.done(&[&order[..], &["--name", name, "--yes"]].concat());
        }
        fs::write(home.path("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn env(&self) -> [(&'static str, String); 3] {
        let path = |name: &str| self.path(name).display().to_string();
        [
            ("HOME", path("")),
            ("CERTDECK_CONFIG", path("etc/config.toml")),
            ("CERTDECK_STORE", path("store")),
        ]
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(self.env())
            .current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_certdeck"), arguments);
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// Runs something that has to succeed; gives what it printed.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        said(&self.run(arguments), true)
    }

    /// Runs something that has to end with this exit code; gives what it said about it.
    #[track_caller]
    fn refused(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let says = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {says}");
        says
    }

    /// Runs another program, which has to succeed.
    #[track_caller]
    fn tool(&self, program: &str, arguments: &[&str]) -> String {
        said(&self.command(program, arguments).output().unwrap(), true)
    }

    fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        everything(&self.path("store"))
    }
}

#[track_caller]
fn said(output: &Output, done: bool) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), done, "{err}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn everything(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for item in fs::read_dir(dir).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            let inside = everything(&path).into_iter();
            let name = PathBuf::from(path.file_name().unwrap());
            found.extend(inside.map(|(below, bytes)| (name.join(below), bytes)));
        } else {
            let name = path.file_name().unwrap();
            found.insert(name.into(), fs::read(&path).unwrap());
        }
    }
    found
}

fn names(dir: &Path) -> Vec<String> {
    let items = fs::read_dir(dir).unwrap();
    let names = items.map(|item| item.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

const SEALED: [&str; 5] = [
    "store",
    "export",
    "archive",
    "--passphrase-file",
    "passphrase",
];

#[test]
fn a_store_moves_to_another_machine_with_its_configuration() {
    let home = Home::furnished();
    let says = home.done(&SEALED);
    for part in ["2 entries", "private keys", ", encrypted", "-iter 600000"] {
        assert!(says.contains(part), "{part}: {says}");
    }
    let mode = fs::metadata(home.path("archive"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = fs::read(home.path("archive")).unwrap();
    assert!(!bytes.windows(11).any(|part| part == b"PRIVATE KEY"));

    let other = Home::new();
    for name in ["archive", "passphrase"] {
        fs::copy(home.path(name), other.path(name)).unwrap();
    }
    let import = [
        "store",
        "import",
        "archive",
        "--passphrase-file",
        "passphrase",
    ];
    let says = other.done(&import);
    assert!(
        says.contains("2 entries") && says.contains("put in place"),
        "{says}"
    );
    assert_eq!(other.everything(), home.everything());
    assert_eq!(
        other.done(&["list", "--json"]),
        home.done(&["list", "--json"])
    );
    assert_eq!(
        other.done(&["history", "--json"]),
        home.done(&["history", "--json"])
    );
    let account = "etc/accounts/trial.toml";
    assert_eq!(
        fs::read(other.path(account)).unwrap(),
        fs::read(home.path(account)).unwrap()
    );
    // Once more: the store is in use now.
    let says = other.refused(&import, 2);
    assert!(says.contains("has 2 entries"), "{says}");
}

#[test]
fn an_archive_of_a_store_that_is_not_whole_says_so_when_it_is_made() {
    for (file, says) in [
        ("inventory.jsonl", "inventory.jsonl is missing"),
        ("journal.jsonl", "journal.jsonl is missing; change "),
    ] {
        let home = Home::furnished();
        assert!(
            !home
                .done(&["store", "export", "well.tar", "--yes"])
                .contains("Careful")
        );
        fs::remove_file(home.path("store").join(file)).unwrap();
        let said = home.done(&["store", "export", "some.tar", "--yes"]);
        assert!(
            said.contains(&format!("the archive is whole: {says}")),
            "{said}"
        );
        let said = home.done(&["store", "export", "json.tar", "--yes", "--json"]);
        assert!(
            said.contains("\"lacks\"") && said.contains(" is missing"),
            "{said}"
        );
    }
}

#[test]
fn common_tools_read_it_years_later() {
    let home = Home::furnished();
    home.done(&SEALED);
    let decrypt = "enc -d -aes-256-cbc -pbkdf2 -iter 600000 -md sha256 -in archive -out store.tar \
                   -pass file:passphrase";
    home.tool("openssl", &decrypt.split_whitespace().collect::<Vec<_>>());
    let listed = home.tool("tar", &["tf", "store.tar"]);
    for name in [
        "MANIFEST.json",
        "MANIFEST.hmac",
        "README.txt",
        "store/journal.jsonl",
    ] {
        assert!(listed.lines().any(|line| line == name), "{name}: {listed}");
    }
    fs::create_dir(home.path("out")).unwrap();
    home.tool("tar", &["xf", "store.tar", "-C", "out"]);
    assert_eq!(everything(&home.path("out/store")), home.everything());
    let check = "cd out && sha256sum -c MANIFEST.sha256";
    assert!(home.tool("sh", &["-c", check]).contains("OK"));
    // What was unpacked is a store.
    let listed = home.done(&["list", "--store", "out/store", "--json"]);
    assert_eq!(listed, home.done(&["list", "--json"]));
    let readme = fs::read_to_string(home.path("out/README.txt")).unwrap();
    assert!(
        readme.contains("openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -md sha256"),
        "{readme}"
    );
    check_with_jq(&home);
}

fn check_with_jq(home: &Home) {
    if home.command("jq", &["--version"]).output().is_err() {
        let says = "jq is not installed";
        assert!(
            std::env::var_os("CERTDECK_REQUIRE_PEERS").is_none(),
            "{says}"
        );
        println!("skipped: {says}");
        return;
    }
    // The line of README.txt.
    let sums = "cd out && jq -r '.members[] | .sha256 + \"  \" + .path' MANIFEST.json \
                | sha256sum -c";
    let checked = home.tool("sh", &["-c", sums]);
    assert!(
        checked.lines().count() > 5 && checked.lines().all(|line| line.ends_with("OK")),
        "{checked}"
    );
    let names = ["-r", ".entries[]? | .names[]", "out/store/journal.jsonl"];
    let names = home.tool("jq", &names);
    assert!(names.contains("two.example.com"), "{names}");
}

#[test]
fn nothing_is_written_over_and_keys_are_not_written_in_the_clear_unasked() {
    let home = Home::furnished();
    let says = home.refused(&["store", "export", "open"], 2);
    assert!(
        says.contains("private key") && says.contains("--yes"),
        "{says}"
    );
    assert!(!home.path("open").exists());
    home.done(&["store", "export", "open", "--yes"]);
    let says = home.refused(&["store", "export", "open", "--yes"], 2);
    assert!(says.contains("is there already"), "{says}");
    let without = ["store", "export", "without", "--without-keys", "--json"];
    let json: serde_json::Value = serde_json::from_str(&home.done(&without)).unwrap();
    assert_eq!(json["archive"]["without_keys"], true);
    assert_eq!(json["archive"]["keys"], 0);
    assert!(!fs::read(home.path("without")).unwrap().is_empty());
    let listed = home.tool("tar", &["tf", "without"]);
    assert!(!listed.contains("store/keys/"), "{listed}");
    let says = home.refused(&["store", "export", "no/such/folder", "--yes"], 2);
    assert!(says.contains("folder that is there"), "{says}");
    assert_eq!(
        names(home.folder.path()),
        ["etc", "open", "passphrase", "store", "without"]
    );
}

#[test]
fn wrong_passphrases_and_other_files_are_told_and_leave_nothing() {
    let home = Home::furnished();
    home.done(&SEALED);
    fs::write(home.path("wrong"), "another one, just as long\n").unwrap();
    fs::write(home.path("letter"), "x".repeat(5000)).unwrap();
    let import = |file: &str, more: &[&str], code: i32| {
        let arguments = [&["--store", "new", "store", "import", file], more].concat();
        let says = home.refused(&arguments, code);
        assert!(!home.path("new").exists(), "{says}");
        says
    };
    let says = import("archive", &["--passphrase-file", "wrong"], 1);
    assert!(says.contains("passphrase does not open"), "{says}");
    assert!(!says.contains("just as long"), "{says}");
    let says = import("archive", &[], 2);
    assert!(says.contains("--passphrase-file"), "{says}");
    let says = import("letter", &[], 1);
    assert!(says.contains("no archive of certdeck"), "{says}");
    let says = import("missing", &[], 2);
    assert!(says.contains("missing"), "{says}");
    let says = import(
        "archive",
        &["--passphrase-file", "passphrase", "--read-only"],
        2,
    );
    assert!(says.contains("--read-only"), "{says}");
    assert_eq!(
        names(home.folder.path()),
        ["archive", "etc", "letter", "passphrase", "store", "wrong"]
    );
}

/// Changes the header of one member of a tar, and its checksum with it.
fn forge(archive: &[u8], member: &str, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut bytes = archive.to_vec();
    let begins = |block: &[u8]| block.starts_with(member.as_bytes()) && block[member.len()] == 0;
    let at = bytes.chunks(512).position(begins).unwrap() * 512;
    let header = &mut bytes[at..at + 512];
    change(header);
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    bytes
}

fn rename(to: &str) -> impl Fn(&mut [u8]) {
    move |header| {
        header[..100].fill(0);
        header[..to.len()].copy_from_slice(to.as_bytes());
    }
}

#[test]
fn archives_that_would_write_elsewhere_are_refused_and_write_nowhere() {
    let home = Home::furnished();
    home.done(&["store", "export", "archive", "--yes"]);
    let archive = fs::read(home.path("archive")).unwrap();
    let outside = home.path("outside");
    let link = |kind: u8| {
        move |header: &mut [u8]| {
            header[156] = kind;
            header[157..257].fill(0);
            header[157..168].copy_from_slice(b"/etc/passwd");
        }
    };
    let absolute = outside.to_str().unwrap();
    let forged = [
        ("up", forge(&archive, "store/lock", rename("../outside"))),
        (
            "far-up",
            forge(&archive, "store/lock", rename("store/../../outside")),
        ),
        ("absolute", forge(&archive, "store/lock", rename(absolute))),
        ("symbolic", forge(&archive, "store/lock", link(b'2'))),
        ("hard", forge(&archive, "store/lock", link(b'1'))),
        ("device", forge(&archive, "store/lock", link(b'3'))),
        ("cut", archive[..archive.len() / 2].to_vec()),
        ("first", archive[..300].to_vec()),
        ("empty", Vec::new()),
        ("longer", [&archive[..], b"more"].concat()),
    ];
    for (name, bytes) in forged {
        fs::write(home.path("forged"), bytes).unwrap();
        let before = names(home.folder.path());
        let says = home.refused(&["--store", "new", "store", "import", "forged"], 1);
        assert!(
            says.contains("archive") && says.contains("nothing was imported"),
            "{name}: {says}"
        );
        assert_eq!(names(home.folder.path()), before, "{name}");
        assert!(!outside.exists(), "{name}");
    }
    // The one that all of them were made from is well.
    home.done(&["--store", "new", "store", "import", "archive"]);
}

#[test]
fn it_goes_through_a_pipe() {
    let home = Home::furnished();
    let program = env!("CARGO_BIN_EXE_certdeck");
    let line = format!(
        "{program} store export - --yes | {program} --store piped store import - --without-config"
    );
    home.tool("sh", &["-c", &line]);
    assert_eq!(everything(&home.path("piped")), home.everything());
    let line = format!("{program} store export sealed --passphrase-stdin < passphrase");
    home.tool("sh", &["-c", &line]);
    let sealed = [
        "--store",
        "sealed-store",
        "store",
        "import",
        "sealed",
        "--passphrase-file",
        "passphrase",
    ];
    home.done(&sealed);
    assert_eq!(everything(&home.path("sealed-store")), home.everything());
}

#[test]
fn on_a_full_disk_nothing_half_is_left() {
    let home = Home::furnished();
    home.done(&["store", "export", "whole", "--yes"]);
    let before = names(home.folder.path());
    let program = env!("CARGO_BIN_EXE_certdeck");
    // Files end at 4 KiB; who ignores the signal gets an error, as on a full disk.
    for verb in [
        "store export full --yes".to_owned(),
        format!(
            "store export full --passphrase-file {}",
            home.path("passphrase").display()
        ),
        "--store full store import whole".to_owned(),
    ] {
        let line = format!("trap '' XFSZ; ulimit -f 8; exec {program} {verb}");
        let output = home.command("sh", &["-c", &line]).output().unwrap();
        let says = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{verb}: {says}");
        assert!(says.contains("File too large"), "{verb}: {says}");
        assert_eq!(names(home.folder.path()), before, "{verb}");
    }
}

/// Waits for a condition, without sleeping through the test's end.
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::yield_now();
    }
}

#[test]
fn an_import_that_is_killed_leaves_the_place_as_it_was_and_the_next_one_says_so() {
    let home = Home::furnished();
    home.done(&["store", "export", "whole", "--yes"]);
    let whole = fs::read(home.path("whole")).unwrap();
    let arguments = ["--store", "new", "store", "import", "-"];
    let mut command = home.command(env!("CARGO_BIN_EXE_certdeck"), &arguments);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&whole[..whole.len() - 3000]).unwrap();
    input.flush().unwrap();
    let hidden = || {
        let mut names = names(home.folder.path());
        names.retain(|name| name.starts_with(".new.importing-"));
        names
    };
    let keys = |name: &String| home.path(name).join("keys").is_dir();
    wait_until("the folder beside", || hidden().iter().any(keys));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!home.path("new").exists());
    assert_eq!(hidden().len(), 1);
    let says = home.done(&["--store", "new", "store", "import", "whole"]);
    assert!(says.contains("an import that was cut off"), "{says}");
    assert_eq!(everything(&home.path("new")), home.everything());
}

#[test]
fn the_passphrase_is_asked_for_without_being_shown() {
    let home = Home::furnished();
    let env = home.env();
    let env: Vec<_> = env
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let archive = home.path("asked").display().to_string();
    let mut terminal = Panel::start(&["store", "export", &archive, "--encrypt"], (24, 100), &env);
    terminal.wait_for("Passphrase for the archive:");
    terminal.press("correct horsx");
    terminal.press_key(Key::Backspace);
    terminal.press("e battery staple");
    terminal.press_key(Key::Enter);
    terminal.wait_for("The same once more:");
    terminal.press(PASSPHRASE);
    terminal.press_key(Key::Enter);
    terminal.wait_for("encrypted");
    let screen = terminal.screen();
    assert!(!screen.contains("horse"), "{screen}");
    assert_eq!(terminal.exit_code(), 0);
    terminal.assert_as_found();
    let import = [
        "--store",
        "new",
        "store",
        "import",
        "asked",
        "--passphrase-file",
        "passphrase",
    ];
    home.done(&import);
    assert_eq!(everything(&home.path("new")), home.everything());
}
