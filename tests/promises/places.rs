//! Promises 3 and 8 in bad places: a store that is read-only, somebody else's, a link, a file. Each
//! time the program says what is wrong and ends with a code of its own, and nothing is written.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::home::{Home, Said};
use super::killed::COMPACTS;

/// A user whom nobody is.
const NOBODY: u32 = 65_534;

/// A home with an entry in its store.
fn filled() -> Home {
    let home = Home::new(2);
    home.done("order --product acme-dv --name there.example --yes");
    home
}

/// Every file below a folder, with its bytes and its mode; links as what they say.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let mut all = BTreeMap::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        let mode = metadata.permissions().mode();
        if metadata.is_dir() {
            all.extend(everything(&path));
        }
        let bytes = if metadata.is_file() {
            fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        all.insert(path, (bytes, mode));
    }
    all
}

/// Runs all kinds of commands, none of which may change a byte; each must end with this code and
/// say this.
#[track_caller]
fn refused(home: &Home, run: impl Fn(&str) -> Said, code: i32, says: &str) {
    let before = everything(&home.path("."));
    for line in [
        "list",
        "note there.example hello",
        "order --product acme-dv --name new.example --yes",
        "sandbox advance 1h",
    ] {
        let said = run(line);
        assert_eq!(said.code, Some(code), "{line}: {}", said.err);
        assert!(said.err.contains(says), "{line}: {}", said.err);
        assert!(!said.err.contains("panicked"), "{}", said.err);
    }
    let after = everything(&home.path("."));
    let differ = |path: &&PathBuf| before.get(*path) != after.get(*path);
    let changed: Vec<_> = before.keys().chain(after.keys()).filter(differ).collect();
    assert!(changed.is_empty(), "{changed:?}");
}

/// A store that is moved elsewhere, with something else in its place.
fn moved() -> (Home, PathBuf) {
    let home = filled();
    let elsewhere = home.path("elsewhere");
    fs::rename(home.store(), &elsewhere).unwrap();
    (home, elsewhere)
}

#[test]
fn promise_08_a_store_that_is_a_file_or_a_link_to_none_is_refused() {
    let (home, _) = moved();
    fs::write(home.store(), "a letter").unwrap();
    refused(
        &home,
        |line| home.run(line),
        5,
        "store is a file, where the store needs a folder",
    );
    let read_only = |line: &str| home.run(&format!("--read-only {line}"));
    assert_eq!(read_only("list").code, Some(5));

    let (home, _) = moved();
    fs::write(home.path("letter"), "a letter").unwrap();
    symlink(home.path("letter"), home.store()).unwrap();
    refused(
        &home,
        |line| home.run(line),
        5,
        "store is a symbolic link to a file",
    );

    let (home, _) = moved();
    symlink(home.path("nowhere"), home.store()).unwrap();
    refused(
        &home,
        |line| home.run(line),
        5,
        "a symbolic link that leads nowhere",
    );
    let said = home.run("--read-only list");
    assert_eq!(
        said.code,
        Some(5),
        "an empty list would be a lie: {}",
        said.out
    );
}

#[test]
fn promise_08_a_store_inside_a_file_or_behind_a_circle_is_refused() {
    let (home, _) = moved();
    fs::write(home.store(), "a letter").unwrap();
    let inside = home.store().join("deeper/store");
    let run = |line: &str| home.run(&format!("--store {} {line}", inside.display()));
    refused(
        &home,
        run,
        5,
        "store is a file, where the store needs a folder",
    );
    for line in ["doctor", "doctor --fix"] {
        let said = run(line);
        assert_eq!(said.code, Some(5), "{}", said.err);
        assert!(said.out.contains("is a file"), "{}", said.out);
    }
    for line in ["store export archive --yes", "store import archive"] {
        assert_ne!(run(line).code, Some(0));
    }
    assert_eq!(fs::read(home.store()).unwrap(), b"a letter");
    assert!(!home.path("archive").exists());

    let (home, _) = moved();
    symlink(home.store(), home.store()).unwrap();
    let run = |line: &str| home.run(line);
    refused(&home, run, 5, "a symbolic link that leads in a circle");
    assert!(run("doctor").out.contains("leads in a circle"));
}

#[test]
fn promise_08_a_store_behind_a_link_to_its_folder_is_used() {
    let (home, elsewhere) = moved();
    symlink(&elsewhere, home.store()).unwrap();
    home.done("note there.example linked");
    assert!(home.done("show there.example").out.contains("linked"));
    assert!(home.store().symlink_metadata().unwrap().is_symlink());
}

#[test]
fn promise_05_the_halves_of_two_stores_are_refused_and_left_alone() {
    let (home, other) = (filled(), filled());
    let itself = Command::new(std::env::current_exe().unwrap());
    let compacted = home.started_by(itself, COMPACTS).output().unwrap();
    assert!(compacted.status.success());
    fs::copy(
        other.store().join("journal.jsonl"),
        home.store().join("journal.jsonl"),
    )
    .unwrap();
    refused(
        &home,
        |line| home.run(line),
        5,
        "it belongs to another store",
    );
}

/// The program as another user, who may read and change what everybody may.
fn as_nobody(home: &Home, line: &str) -> Said {
    let mut setpriv = Command::new("setpriv");
    let id = NOBODY.to_string();
    setpriv.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
    setpriv.arg(env!("CARGO_BIN_EXE_certdeck"));
    Said::of(home.started_by(setpriv, line).output().unwrap())
}

/// Whether this test may become somebody else; says so where not.
fn can_become_nobody(home: &Home) -> bool {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can become somebody else");
        return false;
    }
    let said = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        as_nobody(home, "--version")
    }));
    let can = said.is_ok_and(|said| said.code == Some(0));
    if !can {
        let says = "setpriv is missing, or the program lies where nobody else may run it";
        assert!(
            std::env::var_os("CERTDECK_REQUIRE_PEERS").is_none(),
            "{says}"
        );
        println!("skipped: {says}");
    }
    can
}

fn set_modes(folder: &Path, folders: u32, files: u32) {
    for path in everything(folder)
        .keys()
        .map(PathBuf::as_path)
        .chain([folder])
    {
        let mode = if path.is_dir() { folders } else { files };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn promise_08_somebody_elses_store_is_refused_and_can_be_looked_at_where_they_allow_it() {
    let home = filled();
    fs::set_permissions(home.path("."), fs::Permissions::from_mode(0o755)).unwrap();
    if !can_become_nobody(&home) {
        return;
    }
    let run = |line: &str| as_nobody(&home, line);
    refused(
        &home,
        run,
        5,
        "belongs to user 0, and certdeck runs as user 65534",
    );
    set_modes(&home.store(), 0o777, 0o666);
    refused(
        &home,
        run,
        5,
        "belongs to user 0, and certdeck runs as user 65534",
    );
    let listed = run("--read-only list");
    assert_eq!(listed.code, Some(0), "{}", listed.err);
    assert!(listed.out.contains("there.example"));
}

#[test]
fn promise_03_a_store_that_must_not_be_written_to_says_how_it_can_be_looked_at() {
    let home = filled();
    fs::set_permissions(home.path("."), fs::Permissions::from_mode(0o755)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    if is_root && !can_become_nobody(&home) {
        return;
    }
    if is_root {
        for path in everything(&home.store()).keys().chain([&home.store()]) {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let run = |line: &str| {
        if is_root {
            as_nobody(&home, line)
        } else {
            home.run(line)
        }
    };
    set_modes(&home.store(), 0o500, 0o400);
    refused(&home, run, 1, "--read-only is enough");
    let listed = run("--read-only list");
    assert_eq!(listed.code, Some(0), "{}", listed.err);
    assert!(listed.out.contains("there.example"));
    set_modes(&home.store(), 0o700, 0o600);
    assert_eq!(run("note there.example again").code, Some(0));
}
