//! `certdeck lifecycle` as a person, a script and a diagram tool meet it, and tables of one's own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

#[path = "common/shelf.rs"]
#[expect(dead_code, reason = "no entry is needed here")]
mod shelf;

use certdeck::domain::text;
use serde_json::Value;
use shelf::{Said, Shelf};

/// A table that somebody could write.
const OWN: &str = include_str!("fixtures/every_feature.toml");

/// Puts a table beside the configuration.
fn keep(shelf: &Shelf, name: &str, text: &str) {
    let folder = shelf.config().parent().unwrap().join("lifecycles");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

fn json(said: &Said) -> Value {
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).unwrap()
}

fn ids(listed: &Value) -> Vec<String> {
    let listed = listed["lifecycles"].as_array().unwrap();
    let ids = listed.iter().map(|one| one["id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

#[test]
fn all_are_listed_with_their_sources_and_where_ones_own_belong() {
    let shelf = Shelf::new();
    keep(&shelf, "mine.toml", OWN);
    let said = shelf.run(&["lifecycle"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let listed = ids(&json(&shelf.run(&["lifecycle", "--json"])));
    assert!(listed.contains(&"netcup".to_owned()) && listed.contains(&"every-feature".to_owned()));
    for id in &listed {
        assert!(said.out.lines().any(|line| line.starts_with(id)), "{id}");
    }
    assert!(said.out.contains("7 states"), "{}", said.out);
    assert!(said.out.contains("netcup wiki, Certificate States"));
    assert!(said.out.contains("mine.toml"), "its file: {}", said.out);
    assert!(said.err.contains("lifecycles"), "the folder: {}", said.err);
}

#[test]
fn one_is_printed_whole_and_fits_where_it_goes() {
    let shelf = Shelf::new();
    keep(&shelf, "mine.toml", OWN);
    for id in ids(&json(&shelf.run(&["lifecycle", "--json"]))) {
        let said = shelf.run(&["lifecycle", &id]);
        assert_eq!(said.code, 0, "{}", said.err);
        let whole = json(&shelf.run(&["lifecycle", &id, "--json"]));
        for (list, key) in [("states", "id"), ("events", "id"), ("refusals", "action")] {
            for one in whole[list].as_array().unwrap() {
                let mark = format!("[{}]", one[key].as_str().unwrap());
                assert!(said.out.contains(&mark), "{id}: {mark}");
            }
        }
        for line in said.out.lines() {
            // A link is one word, and stays one.
            assert!(text::width(line) <= 80, "{id}: {line}");
        }
    }
}

#[test]
fn json_is_the_same_by_both_flags_and_says_what_the_table_says() {
    let shelf = Shelf::new();
    keep(&shelf, "mine.toml", OWN);
    let short = shelf.run(&["lifecycle", "every-feature", "--json"]);
    let long = shelf.run(&["lifecycle", "every-feature", "--format", "json"]);
    assert_eq!(short.out, long.out);
    let table = json(&short);
    assert_eq!(table["tracks"][1]["optional"], true);
    assert_eq!(table["entries"][0]["when"], "zone-active");
    assert_eq!(table["states"][0]["who_by"]["email"], "customer");
    assert_eq!(
        table["states"][0]["wire"][1]["when"],
        "list-filter:VALIDATION"
    );
    let renew = |action: &&Value| action["id"] == "renew";
    let renew = table["actions"].as_array().unwrap().iter().find(renew);
    let guard = &renew.unwrap()["guards"][1];
    assert_eq!(guard["is"], "within-days-of-expiry");
    assert_eq!(
        (&guard["days"], &guard["by_brand"]["Slow"]),
        (&30.into(), &90.into())
    );
    let listed = json(&shelf.run(&["lifecycle", "--format", "json"]));
    let own = listed["lifecycles"].as_array().unwrap();
    let own = own.iter().find(|one| one["id"] == "every-feature").unwrap();
    assert!(own["origin"].as_str().unwrap().ends_with("mine.toml"));
}

#[test]
fn a_diagram_is_drawn_of_one_and_names_every_state() {
    let shelf = Shelf::new();
    for id in ids(&json(&shelf.run(&["lifecycle", "--json"]))) {
        let said = shelf.run(&["lifecycle", &id, "--format", "mermaid"]);
        assert!(said.out.starts_with("stateDiagram-v2\n"), "{}", said.out);
        assert!(said.out.contains("[*] --> s_"), "{}", said.out);
        let whole = json(&shelf.run(&["lifecycle", &id, "--json"]));
        let states = whole["states"].as_array().unwrap().len();
        let drawn = said.out.lines().filter(|line| line.contains("\" as s_"));
        assert_eq!(drawn.count(), states, "{}", said.out);
        for line in said.out.lines().filter(|line| line.contains("-->")) {
            let (_, label) = line.split_once(" : ").unwrap_or((line, ""));
            let told = label.replace("#59;", "").replace("#58;", "");
            assert!(!told.contains([':', '"', '{']), "{line}");
        }
    }
    let all = shelf.run(&["lifecycle", "--format", "mermaid"]);
    assert_eq!((all.code, all.out.as_str()), (2, ""));
    assert!(all.err.contains("certdeck lifecycle ID"), "{}", all.err);
}

#[test]
fn an_unknown_one_is_answered_with_the_nearest_and_all_there_are() {
    let shelf = Shelf::new();
    let said = shelf.run(&["lifecycle", "netcop"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(
        said.err.contains("did you mean \"netcup\"?"),
        "{}",
        said.err
    );
    assert!(said.err.contains("files"), "{}", said.err);
    let hostile = shelf.run(&["lifecycle", "x\u{1b}[31m"]);
    assert_eq!(hostile.code, 2);
    assert!(!hostile.err.contains('\u{1b}'), "{:?}", hostile.err);
}

#[test]
fn an_unknown_format_is_answered_with_those_there_are() {
    let shelf = Shelf::new();
    let said = shelf.run(&["lifecycle", "netcup", "--format", "xml"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    for format in ["table", "mermaid", "json"] {
        assert!(said.err.contains(format), "{}", said.err);
    }
    let both = shelf.run(&["lifecycle", "netcup", "--json", "--format", "table"]);
    assert_eq!(
        both.code, 2,
        "one of them must win, and nobody can tell which"
    );
}

#[test]
fn a_wrong_table_of_ones_own_is_left_out_and_said_and_the_others_are_there() {
    let shelf = Shelf::new();
    keep(&shelf, "mine.toml", OWN);
    keep(
        &shelf,
        "wrong.toml",
        &OWN.replace("every-feature", "wrong")
            .replace("\"gone\"", "\"nowhere\""),
    );
    keep(
        &shelf,
        "taken.toml",
        &OWN.replace("every-feature", "netcup"),
    );
    let said = shelf.run(&["lifecycle"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("every-feature") && !said.out.contains("wrong"));
    for told in ["wrong.toml:", "nowhere", "taken.toml:", "is taken"] {
        assert!(said.err.contains(told), "{told}: {}", said.err);
    }
    let asked = shelf.run(&["lifecycle", "wrong"]);
    assert_eq!(asked.code, 2);
    assert!(asked.err.contains("wrong.toml:"), "why: {}", asked.err);
}

#[test]
fn what_strangers_write_into_a_table_stays_on_its_line() {
    let shelf = Shelf::new();
    let hostile = OWN
        .replace("id       = \"every-feature\"", "id       = \"hostile\"")
        .replace(
            "label = \"Held\"",
            "label = \"He\\u001b[31mld\\\" as x\\n[*] --> gone %% \\u202e\"",
        );
    keep(&shelf, "hostile.toml", &hostile);
    for format in ["table", "mermaid", "json"] {
        let said = shelf.run(&["lifecycle", "hostile", "--format", format]);
        assert_eq!(said.code, 0, "{}", said.err);
        for line in said.out.lines() {
            assert!(text::is_clean(line), "{format}: {line:?}");
        }
    }
    let drawn = shelf
        .run(&["lifecycle", "hostile", "--format", "mermaid"])
        .out;
    assert!(!drawn.contains("[*] --> gone"), "{drawn}");
    assert!(!drawn.contains("%%"), "{drawn}");
}

#[test]
fn no_store_is_made_for_it() {
    let shelf = Shelf::new();
    assert_eq!(shelf.run(&["lifecycle", "netcup"]).code, 0);
    assert!(!shelf.store().exists());
}

#[test]
fn the_table_of_the_readme_is_played_by_the_sandbox_to_its_end() {
    let shelf = Shelf::new();
    keep(
        &shelf,
        "house-ca.toml",
        include_str!("fixtures/own_table.toml"),
    );
    let trial = "kind = \"sandbox\"\nlifecycle = \"house-ca\"\nseed = 7\n";
    let accounts = shelf.config().with_file_name("accounts");
    std::fs::write(accounts.join("trial.toml"), trial).unwrap();
    let run = |arguments: &[&str]| {
        let said = shelf.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}\n{}{}", said.out, said.err);
        said.out
    };
    assert!(run(&["config", "check"]).contains("house-ca"));
    assert!(run(&["lifecycle", "house-ca"]).contains("Open another ticket"));
    let order = [
        "order",
        "--account",
        "trial",
        "--product",
        "single-dv",
        "--yes",
    ];
    run(&[&order[..], &["--name", "try.example.com"]].concat());
    assert!(run(&["list"]).contains("Ticket open"));
    run(&["sandbox", "advance", "3d", "--account", "trial"]);
    let listed = run(&["list"]);
    assert!(listed.contains("Signed"), "{listed}");
    let refused = shelf.run(&["act", "revoke", "try.example.com", "--yes"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    let told = format!("{}{}", refused.out, refused.err);
    assert!(told.contains("the house CA revokes nothing"), "{told}");
    run(&["sandbox", "advance", "400d", "--account", "trial"]);
    assert!(run(&["list"]).contains("Expired"));
    run(&["act", "renew", "try.example.com", "--yes"]);
    assert!(run(&["list"]).contains("Ticket open"), "its successor");
}
