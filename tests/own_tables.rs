//! People's own lifecycle tables and the real program: a right one is picked up, each wrong one is
//! left out and told with file, line, key and the way to mend it, and the program starts all the
//! same.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A right table of one's own; the wrong ones differ from it in one place.
const RIGHT: &str = r#"id       = "mine"
title    = "certificate of our own CA"
provider = "our CA"
source   = "our handbook"
order    = ["asked", "issued"]

[[entry]]
state = "asked"

[state.asked]
label = "Asked for"
phase = "in-progress"
who   = "ca"
says  = "The CA looks at it."
wire  = [{ is = "ASKED" }]

[state.issued]
label    = "Issued"
phase    = "live"
who      = "nobody"
says     = "It serves."
terminal = true
wire     = [{ is = "ISSUED" }]

[[action]]
id     = "renew"
from   = ["issued"]
guards = [{ is = "within-days-of-expiry", days = 30 }]
makes  = { state = "asked", link = "renews" }

[[event]]
id      = "issued"
label   = "Issued"
from    = ["asked"]
to      = "issued"
brings  = ["certificate"]
sandbox = { after = "10m" }
"#;

/// What is wrong: the file's name, what stands instead of what, and the line, the key and a piece of
/// the advice that has to be told.
const WRONG: &[(&str, &str, &str, usize, &str, &str)] = &[
    (
        "unknown-state",
        "to      = \"issued\"",
        "to      = \"done\"",
        35,
        "event.to",
        "expected one of asked, issued",
    ),
    (
        "unreachable",
        "[[action]]",
        "[state.lost]\nlabel = \"Lost\"\nphase = \"ended\"\nwho = \"nobody\"\nsays = \"Lost.\"\nterminal = true\n\n[[action]]",
        25,
        "state.lost",
        "add the row that does",
    ),
    (
        "same-wire",
        "{ is = \"ISSUED\" }",
        "{ is = \"ASKED\" }",
        23,
        "state.issued.wire",
        "tell them apart by `when`",
    ),
    (
        "wrong-guard",
        "days = 30",
        "days = 0",
        28,
        "action.guards",
        "takes 1 to 3650 days",
    ),
    (
        "no-way-out",
        "terminal = true\n",
        "",
        17,
        "state.issued",
        "add a row, or `terminal = true`",
    ),
    (
        "taken",
        "id       = \"mine\"",
        "id       = \"netcup\"",
        1,
        "id",
        "choose another",
    ),
    (
        "same-as",
        "says  = \"The CA looks at it.\"",
        "same-as = \"theirs/asked\"",
        14,
        "same-as",
        "expected TABLE/STATE",
    ),
    (
        "answers",
        "brings  = [\"certificate\"]",
        "answers = \"renew\"",
        36,
        "event.answers",
        "`opens` a request",
    ),
    (
        "also",
        "brings  = [\"certificate\"]",
        "also = [\"asked\"]",
        36,
        "event.also",
        "a state of another track",
    ),
    (
        "sets",
        "days = 30 }]",
        "days = 30 }]\nsets = \"fire\"",
        29,
        "sets",
        "expected one of",
    ),
    (
        "danger",
        "days = 30 }]",
        "days = 30 }]\ndanger = \"much\"",
        29,
        "danger",
        "expected one of",
    ),
    (
        "asks",
        "days = 30 }]",
        "days = 30 }]\nasks = [\"why\"]",
        29,
        "asks",
        "expected one of",
    ),
];

/// The program with a configuration folder that holds these tables.
fn certdeck(home: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certdeck"));
    command
        .env_clear()
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .arg("--config")
        .arg(home.path().join("config.toml"))
        .arg("--store")
        .arg(home.path().join("store"))
        .args(arguments);
    command.output().unwrap()
}

fn home(tables: &[(&str, String)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("config.toml"), "").unwrap();
    let folder = home.path().join("lifecycles");
    fs::create_dir(&folder).unwrap();
    for (name, text) in tables {
        fs::write(folder.join(format!("{name}.toml")), text).unwrap();
    }
    home
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn wrong_tables_are_left_out_and_told_and_the_program_starts_without_them() {
    let mut tables = vec![("right", RIGHT.to_owned())];
    for (name, out, put, ..) in WRONG {
        assert_eq!(RIGHT.matches(out).count(), 1, "{name}: the edit fits once");
        let id = format!("id       = \"{name}\"");
        let wrong = RIGHT.replacen(out, put, 1);
        tables.push((name, wrong.replacen("id       = \"mine\"", &id, 1)));
    }
    let home = home(&tables);
    let output = certdeck(&home, &["list"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    for (name, _, _, line, key, advice) in WRONG {
        let place = format!("lifecycles/{name}.toml:{line}: {key}: ");
        let about = told.lines().find(|told| told.contains(&place));
        let about = about.unwrap_or_else(|| panic!("{place:?} is missing in\n{told}"));
        assert!(about.contains(advice), "{about}");
    }
    assert!(!told.contains("right.toml"), "{told}");

    let output = certdeck(&home, &["lifecycle"]);
    let listed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{listed}");
    assert!(listed.contains("mine"), "{listed}");
    for (name, ..) in WRONG.iter().filter(|(name, ..)| *name != "taken") {
        let is_there = |line: &str| line.split_whitespace().next() == Some(name);
        assert!(!listed.lines().any(is_there), "{name} in\n{listed}");
    }
}

#[test]
fn a_table_of_ones_own_is_played_in_the_sandbox() {
    let home = home(&[("right", RIGHT.to_owned())]);
    fs::create_dir(home.path().join("accounts")).unwrap();
    let account = "kind = \"sandbox\"\nlifecycle = \"mine\"\nseed = 3\n";
    fs::write(home.path().join("accounts/own.toml"), account).unwrap();
    let order = [
        "order",
        "--account",
        "own",
        "--product",
        "single-dv",
        "--name",
        "www.example.com",
        "--yes",
    ];
    let output = certdeck(&home, &order);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let list = || text(&certdeck(&home, &["list"]).stdout);
    assert!(list().contains("Asked for"), "{}", list());
    let output = certdeck(&home, &["sandbox", "advance", "1d", "--account", "own"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(list().contains("Issued"), "{}", list());
}

#[test]
fn an_account_whose_table_is_wrong_stops_nothing_and_what_it_has_comes_back_with_the_table() {
    let home = home(&[("mine", RIGHT.to_owned())]);
    let run = |arguments: &str| {
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let output = certdeck(&home, &arguments);
        let (said, told) = (text(&output.stdout), text(&output.stderr));
        (output.status.code().unwrap(), said, told)
    };
    fs::create_dir(home.path().join("accounts")).unwrap();
    let account = |kind: &str| format!("kind = \"{kind}\"\nlifecycle = \"mine\"\n");
    for (name, kind) in [("own", "sandbox"), ("desk", "by-hand")] {
        let file = home.path().join(format!("accounts/{name}.toml"));
        fs::write(file, account(kind)).unwrap();
        let order = format!("order --account {name} --name {name}.example.com --yes");
        let product = ["", " --product single-dv"][usize::from(kind == "sandbox")];
        let (code, _, told) = run(&(order + product));
        assert_eq!(code, 0, "{told}");
    }
    let table = home.path().join("lifecycles/mine.toml");
    fs::write(&table, RIGHT.replace("days = 30", "days = 0")).unwrap();

    let (code, listed, told) = run("list");
    assert_eq!(code, 0, "{told}");
    assert!(
        told.contains("lifecycles/mine.toml:28: action.guards: "),
        "{told}"
    );
    for name in ["own", "desk"] {
        assert!(listed.contains(&format!("{name}.example.com")), "{listed}");
        let place = format!("accounts/{name}.toml:2: lifecycle: ");
        assert!(told.contains(&place), "{told}");
    }
    let (code, shown, _) = run("show own.example.com");
    assert_eq!(code, 0);
    assert!(
        shown.contains("the lifecycle table \"mine\" is not there"),
        "{shown}"
    );
    let keys = || {
        fs::read_dir(home.path().join("store/keys"))
            .unwrap()
            .count()
    };
    let before = keys();
    for (order, expected) in [
        (
            "order --account own --product single-dv --name b.example.com --yes",
            1,
        ),
        ("order --account desk --name b.example.com --yes", 2),
    ] {
        let (code, _, told) = run(order);
        assert_eq!(code, expected, "{told}");
        assert!(told.contains("wants the lifecycle \"mine\""), "{told}");
    }
    assert_eq!(keys(), before, "no key is made for an order that cannot be");
    assert_eq!(run("renew own.example.com --yes").0, 3);
    assert_eq!(run("record issued desk.example.com").0, 3);
    assert_eq!(run("sandbox advance 1d").0, 0);
    let (code, _, told) = run("config check");
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("accounts/own.toml:2: lifecycle: "), "{told}");

    fs::write(&table, RIGHT).unwrap();
    assert_eq!(run("sandbox advance 1d").0, 0);
    let (_, listed, told) = run("list");
    assert!(!told.contains("left out"), "{told}");
    assert!(
        listed.contains("Issued") && listed.contains("Asked for"),
        "{listed}"
    );
}

#[test]
fn a_table_that_is_far_too_long_is_refused_at_once() {
    let long = format!("{RIGHT}# {}\n", "x".repeat(5_000_000));
    let home = home(&[("long", long)]);
    let output = certdeck(&home, &["list"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let place = "lifecycles/long.toml:1: the file: it has 4883 KiB";
    assert!(told.contains(place), "{told}");
}
