//! `check` as a monitoring system meets it: exit codes, one line each, JSON.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

#[path = "common/shelf.rs"]
mod shelf;

use serde_json::Value;
use shelf::Shelf;

/// a fine one, one that waits, one that is due, one that expired, one put away.
fn filled() -> Shelf {
    let shelf = Shelf::new();
    let mut away = shelf.entry("away", "mine", "outstanding-invoice", 90);
    away.archived = true;
    shelf.put([
        shelf.valid(shelf.entry("fine", "sandbox", "issued", 1), -1, 199),
        shelf.entry("invoice", "mine", "outstanding-invoice", 2),
        shelf.valid(shelf.entry("due", "files", "valid", 80), -80, 10),
        shelf.valid(shelf.entry("over", "sandbox", "issued", 200), -203, -3),
        away,
    ]);
    shelf
}

#[test]
fn the_exit_code_says_how_badly_it_is_needed() {
    let shelf = filled();
    for (filter, code, lines) in [
        (&[][..], 11, 3),
        (&["!expired:"], 10, 2),
        (&["provider:by-hand"], 10, 1),
        (&["expired:"], 11, 1),
        (&["name:fine"], 0, 1),
        (&["name:nobody"], 0, 1),
        (&["archived:"], 0, 1),
    ] {
        let arguments = [&["check"], filter].concat();
        let said = shelf.run(&arguments);
        assert_eq!(said.code, code, "{filter:?}\n{}{}", said.out, said.err);
        assert_eq!(said.out.lines().count(), lines, "{filter:?}\n{}", said.out);
        let quiet = shelf.run(&[&arguments[..], &["--quiet"]].concat());
        assert_eq!((quiet.code, quiet.out.as_str()), (code, ""), "{filter:?}");
        let json: Value =
            serde_json::from_str(&shelf.run(&[&arguments[..], &["--json"]].concat()).out).unwrap();
        assert_eq!(json["exit"], code, "{json}");
    }
}

#[test]
fn the_most_urgent_is_first_and_each_line_says_what_where_since_when_and_why() {
    let shelf = filled();
    shelf.put([
        shelf.lost(
            shelf.valid(shelf.entry("gone", "files", "valid", 9), -9, 81),
            4,
        ),
        shelf.entry("forgotten", "mine", "registration", 6),
    ]);
    let said = shelf.run(&["check"]);
    let lines: Vec<_> = said.out.lines().collect();
    let date = |days| certdeck::domain::time::date(shelf.days(days));
    let expected = [
        vec![
            "expired ".to_owned(),
            "over".to_owned(),
            "sandbox".to_owned(),
            format!("expired since {} (3 d ago)", date(-3)),
        ],
        vec![
            "needs you ".to_owned(),
            "due".to_owned(),
            format!("renewal window open since {}", date(-20)),
            format!("expires {}", date(10)),
        ],
        vec![
            "needs you ".to_owned(),
            "forgotten".to_owned(),
            format!("nothing was recorded since {}", date(-6)),
            "netcup's panel".to_owned(),
        ],
        vec![
            "needs you ".to_owned(),
            "gone".to_owned(),
            format!("/srv/tls/gone.pem cannot be read since {}", date(-4)),
            format!("read last {}", date(-5)),
            "the file is gone; put it back".to_owned(),
        ],
        vec![
            "needs you ".to_owned(),
            "invoice".to_owned(),
            "mine".to_owned(),
            "Outstanding invoice".to_owned(),
            format!("waits for you since {}", date(-2)),
            "Pay the invoice".to_owned(),
        ],
    ];
    assert_eq!(lines.len(), expected.len(), "{}", said.out);
    for (line, words) in lines.iter().zip(expected) {
        assert!(line.starts_with(&words[0]), "{line}");
        for word in words {
            assert!(line.contains(&word), "{word:?} is missing in\n{line}");
        }
    }
}

#[test]
fn scripts_read_counts_and_reasons() {
    let shelf = filled();
    let json: Value = serde_json::from_str(&shelf.run(&["check", "--json"]).out).unwrap();
    let counts = serde_json::json!({"checked": 4, "failed": 0, "expired": 1, "needs_you": 2});
    assert_eq!(json["counts"], counts, "what was put away is not counted");
    let first = &json["needs"][0];
    assert_eq!(first["id"], "over");
    assert_eq!(first["severity"], "expired");
    assert_eq!(first["sandbox"], true);
    // Rows know times to the second.
    let since = certdeck::domain::time::whole_second(shelf.days(-3));
    assert_eq!(first["since"], since.to_string());
    assert!(
        first["reasons"][0]["says"]
            .as_str()
            .unwrap()
            .contains("expired since")
    );
}

#[test]
fn a_live_successor_makes_an_expired_one_no_concern_and_one_on_its_way_is_named() {
    use certdeck::domain::entry::{EntryId, Link, LinkKind};
    let shelf = filled();
    let renewed = |mut entry: certdeck::domain::entry::Entry| {
        entry.links.push(Link {
            kind: LinkKind::RenewedBy,
            entry: EntryId::new("new"),
        });
        entry
    };
    let old = renewed(shelf.valid(shelf.entry("over", "sandbox", "issued", 200), -203, -3));
    shelf.put([old, shelf.entry("new", "sandbox", "registration", 0)]);
    let said = shelf.run(&["check", "expired:"]);
    assert_eq!(said.code, 11);
    assert!(
        said.out
            .contains("a successor is under way: new (Registration)"),
        "{}",
        said.out
    );
    shelf.put([shelf.valid(shelf.entry("new", "sandbox", "issued", 0), 0, 199)]);
    let said = shelf.run(&["check", "expired:"]);
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn a_damaged_store_is_worse_than_anything_in_it() {
    let shelf = filled();
    let journal = shelf.store().join("journal.jsonl");
    let mut text = std::fs::read_to_string(&journal).unwrap();
    shelf.put([shelf.entry("more", "mine", "outstanding-invoice", 2)]);
    let whole = std::fs::read_to_string(&journal).unwrap();
    // A line in the middle that is none.
    text.push_str("{\"broken\n");
    text.push_str(whole.lines().last().unwrap());
    text.push('\n');
    std::fs::write(&journal, text).unwrap();
    let said = shelf.run(&["check"]);
    assert_eq!(said.code, 5, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("over"),
        "what could be read is told:\n{}",
        said.out
    );
    assert!(!said.err.is_empty());
}

#[test]
fn a_wrong_filter_is_wrong_usage_and_names_the_word() {
    let shelf = filled();
    let said = shelf.run(&["check", "name:over", "expries<30d"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(
        said.err.contains("\"expries<30d\" (character 11)"),
        "{}",
        said.err
    );
    assert!(
        said.err.contains("did you mean \"expires\""),
        "{}",
        said.err
    );
}

#[test]
fn nothing_of_a_stranger_reaches_the_terminal_raw() {
    let shelf = Shelf::new();
    let mut nasty = shelf.lost(shelf.entry("nasty", "files", "valid", 1), 1);
    nasty.names = vec!["e\u{1b}[31m\u{202e}vil".to_owned()];
    nasty.said = Some("\u{9b}2Jgone".to_owned());
    if let Some(trouble) = &mut nasty.trouble {
        trouble.why = "a\u{7}b".to_owned();
    }
    shelf.put([nasty]);
    for arguments in [
        &["check"][..],
        &["check", "--json"],
        &["list", "--csv"],
        &["list"],
    ] {
        let said = shelf.run(arguments);
        let raw = ['\u{1b}', '\u{202e}', '\u{9b}', '\u{7}'];
        assert!(said.out.contains("vil"), "{arguments:?}: {}", said.out);
        assert!(!said.out.contains(raw), "{arguments:?}: {:?}", said.out);
    }
}
