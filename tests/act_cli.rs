//! `certdeck act` of the real program: every action of the catalogue, and what actions ask for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::process::{Command, Output, Stdio};

use certdeck::domain::action::CATALOGUE;
use tempfile::TempDir;

const ASKING: &str = include_str!("fixtures/asking.toml");

/// A home whose account `asking` plays the lifecycle of the fixture in the sandbox.
struct Home(TempDir);

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn home() -> Home {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config/certdeck");
    fs::create_dir_all(config.join("accounts")).unwrap();
    fs::create_dir_all(config.join("lifecycles")).unwrap();
    fs::write(config.join("lifecycles/asking.toml"), ASKING).unwrap();
    let account = "kind = \"sandbox\"\nlifecycle = \"asking\"\n";
    fs::write(config.join("accounts/asking.toml"), account).unwrap();
    Home(home)
}

impl Home {
    fn run(&self, arguments: &[&str]) -> Said {
        let output: Output = Command::new(env!("CARGO_BIN_EXE_certdeck"))
            .env_clear()
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path().join("config"))
            .env("XDG_DATA_HOME", self.0.path().join("data"))
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

    /// Runs the words of a line.
    fn line(&self, line: &str) -> Said {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// An order of a product for several names; its id.
    fn order(&self, name: &str) -> String {
        let listed = self.line("products asking --json");
        let products: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
        let text = products.to_string();
        let multi = text.contains("multi-dv");
        assert!(multi, "no product for several names: {text}");
        let ordered = self.line(&format!(
            "order --account asking --product multi-dv --name {name} --yes --json"
        ));
        assert_eq!(ordered.code, 0, "{}", ordered.err);
        let ordered: serde_json::Value = serde_json::from_str(&ordered.out).unwrap();
        ordered["id"].as_str().unwrap().to_owned()
    }

    fn shown(&self, id: &str) -> String {
        self.line(&format!("show {id} --json")).out
    }
}

impl Said {
    #[track_caller]
    fn ends(&self, code: i32, says: &str) {
        let all = format!("{}{}", self.out, self.err);
        assert_eq!(self.code, code, "{all}");
        assert!(all.contains(says), "no {says:?} in {all}");
    }
}

#[test]
fn every_action_of_the_catalogue_works_or_says_why_not() {
    let home = home();
    for spec in CATALOGUE {
        let id = home.order(&format!("{}.example.com", spec.id));
        let said = home.line(&format!("act {} {id} --yes", spec.id));
        assert!([0, 2, 3].contains(&said.code), "{}: {}", spec.id, said.err);
        let told = if said.code == 0 { &said.out } else { &said.err };
        assert!(told.trim().len() > 10, "{} says nothing: {told}", spec.id);
        assert!(!told.contains("panicked"), "{told}");
        let before = home.shown(&id).contains("\"Open\"");
        assert!(
            said.code == 0 || before,
            "{} was refused and moved",
            spec.id
        );
    }
}

#[test]
fn names_are_added_and_what_is_wrong_changes_nothing() {
    let home = home();
    let id = home.order("shop.example.com");
    let act = |rest: &str| home.line(&format!("act add-domain {id} --yes {rest}"));
    act("").ends(2, "new-name: give at least one name");
    act("--new-name shop.example.com").ends(2, "in the certificate already");
    act("--new-name one").ends(2, "has no dot");
    act("--new-name b.example.com --reason because").ends(2, "it asks for new-name");
    assert!(home.shown(&id).contains("\"Open\""));
    act("--new-name b.example.com --new-name Müller.example").ends(0, "looked at");
    let shown = home.shown(&id);
    assert!(shown.contains("Adding"), "{shown}");
    home.line("sandbox advance 3h").ends(0, "");
    let shown = home.shown(&id);
    assert!(shown.contains("xn--mller-kva.example"), "{shown}");
    // What is not possible now is refused for that, whatever was said for it.
    home.line(&format!("act unsubscribe {id} --yes"))
        .ends(0, "");
    act("").ends(3, "possible while Open");
}

#[test]
fn a_method_a_mailbox_and_a_reason_go_where_they_are_asked_for() {
    let home = home();
    let id = home.order("shop.example.com");
    let act = |action: &str, rest: &[&str]| {
        let mut line = vec!["act", action, &id, "--yes"];
        line.extend(rest);
        home.run(&line)
    };
    act("change-method", &[]).ends(2, "which method is wanted");
    act("change-method", &["--method", "email"]).ends(2, "mailbox: give the mailbox");
    act(
        "change-method",
        &["--method", "file", "--mailbox", "admin@example.com"],
    )
    .ends(2, "only with verification by e-mail");
    act(
        "change-method",
        &["--method", "email", "--mailbox", "admin@example.com"],
    )
    .ends(0, "accepted");
    assert!(home.shown(&id).contains("admin@example.com"));
    act("archive", &["--reason", "old"]).ends(2, "asks for nothing");
    let long = "x".repeat(64);
    act("revoke", &["--reason", &long]).ends(2, "at most 63 characters");
    act("revoke", &["--reason", "the key was lost"]).ends(0, "accepted");
    let told = home.line(&format!("history {id} --json")).out;
    assert!(told.contains("the key was lost"), "{told}");
}

#[test]
fn several_entries_are_left_alone_where_an_answer_fits_one_of_them_not() {
    let home = home();
    let one = home.order("a.example.com");
    let other = home.order("b.example.com");
    let line = format!("act add-domain {one} {other} --yes --new-name b.example.com");
    home.line(&line).ends(2, "in the certificate already");
    for id in [one, other] {
        assert!(home.shown(&id).contains("\"Open\""), "{id} moved");
    }
}

#[test]
fn the_rows_own_danger_decides_whether_anybody_is_asked() {
    let home = home();
    let id = home.order("shop.example.com");
    home.line(&format!("act recheck {id}"))
        .ends(0, "The CA looks at once.");
    home.line(&format!("act unsubscribe {id}")).ends(2, "--yes");
    home.line(&format!("act download {id}"))
        .ends(0, &format!("`certdeck show {id} --pem`"));
}

#[test]
fn the_help_of_act_lists_the_catalogue() {
    let said = home().line("act --help");
    for spec in CATALOGUE {
        said.ends(0, &format!("  {} ", spec.id));
    }
}

/// What the sandbox refuses, the provider whose table it plays has never heard of.
#[test]
fn a_refusal_of_the_sandbox_is_its_own_and_no_providers() {
    let home = home();
    let ordered =
        home.line("order --product cf-custom --name www.example.com --yes --account sandbox");
    ordered.ends(0, "accepted");
    // Further than the sandbox's CA lives, so that it can issue nothing.
    home.line("sandbox advance 9000d --account sandbox")
        .ends(0, "sandbox");
    let refused =
        home.line("order --product cf-custom --name new.example.com --yes --account sandbox");
    refused.ends(4, "the sandbox refused");
    assert!(
        !refused.err.contains("Cloudflare refused"),
        "{}",
        refused.err
    );
}

/// Two entries of one line of renewals may both have expired; only the last is renewed.
#[test]
fn what_is_due_is_renewed_once_in_each_line_of_renewals() {
    let home = home();
    let id_of = |said: &Said| -> String {
        let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        json["id"].as_str().unwrap().to_owned()
    };
    let ordered = home
        .line("order --account sandbox --product single-dv --name www.example.com --yes --json");
    let first = id_of(&ordered);
    let issue = |id: &str| {
        for event in ["invoice-paid", "registered", "issued"] {
            home.line(&format!("sandbox play {event} {id}")).ends(0, "");
        }
    };
    issue(&first);
    home.line("sandbox pause").ends(0, "");
    home.line("sandbox advance 190d --account sandbox")
        .ends(0, "");
    let renewed = home.line("renew --due --yes --json");
    assert_eq!(renewed.code, 0, "{}", renewed.err);
    let entries = || -> Vec<String> {
        let listed = home.line("list --json name:www.example.com");
        let listed: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
        let entries = listed["entries"].as_array().unwrap().iter();
        entries
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let second = entries().into_iter().find(|id| *id != first).unwrap();
    issue(&second);
    home.line("sandbox advance 400d --account sandbox")
        .ends(0, "");
    let renewed = home.line("renew --due --yes");
    renewed.ends(0, &second);
    let left_out = format!("({first}): {second} followed it, and is renewed instead");
    assert!(renewed.err.contains(&left_out), "{}", renewed.err);
    assert_eq!(entries().len(), 3, "{:?}", entries());
}
