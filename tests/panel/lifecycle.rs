//! The Lifecycle tab: where entries of each kind of lifecycle stand, what they passed and what can
//! come, as people see it at every size and without colours.

use std::sync::Arc;

use certdeck::domain::entry::{CertificateRecord, Entry, Role, StateRef, Track};
use certdeck::domain::event::{Cause, Event, What};
use certdeck::domain::inventory::Inventory;
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{Details, HistoryLine};
use certdeck::tui::message::Message;
use jiff::{SignedDuration, Timestamp};

use crate::driver::{Panel, settings};
use crate::fixture::{self, NOW, at, id};
use crate::screens::keep;

/// A made-up table with everything that a table can have.
const EVERY_FEATURE: &str = include_str!("../fixtures/every_feature.toml");

/// A move: so many hours ago, on this track, from there to there.
type Move = (i64, &'static str, &'static str, &'static str);

fn hours_ago(hours: i64) -> Timestamp {
    at(NOW) - SignedDuration::from_hours(hours)
}

/// An entry that took these moves; what it is called is what it is there for.
fn entry(name: &str, lifecycle: &str, moves: &[Move]) -> (Entry, Vec<HistoryLine>) {
    let (_, _, begun, _) = moves[0];
    let created = hours_ago(moves[0].0 + 12);
    let mut entry = Entry::new(id(name), "sandbox", lifecycle, begun, created);
    entry.names = vec![format!("{name}.example")];
    entry.tracks.clear();
    let mut history = Vec::new();
    for (index, (hours, track, from, to)) in moves.iter().enumerate() {
        let at = hours_ago(*hours);
        let stands = Track {
            state: StateRef::known(*to),
            since: at,
            previous: Some(StateRef::known(*from)),
        };
        entry.tracks.insert((*track).to_owned(), stands);
        history.push(HistoryLine {
            seq: index as u64,
            at,
            who: "sandbox".to_owned(),
            event: Event {
                entry: entry.id.clone(),
                at,
                what: What::Moved {
                    track: (*track).to_owned(),
                    from: StateRef::known(*from),
                    to: StateRef::known(*to),
                    by: Cause::Observed,
                },
            },
        });
    }
    history.reverse();
    (entry, history)
}

/// The same with a certificate from and until so many days from now.
fn valid(
    (mut entry, history): (Entry, Vec<HistoryLine>),
    from: i64,
    to: i64,
) -> (Entry, Vec<HistoryLine>) {
    entry.certificates = vec![CertificateRecord {
        sha256: "5f".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=a".to_owned(),
        issuer: "CN=b".to_owned(),
        serial: "4a".to_owned(),
        not_before: hours_ago(-24 * from),
        not_after: hours_ago(-24 * to),
        key: "P-256".to_owned(),
        spki_sha256: "77".repeat(32),
        is_ca: false,
    }];
    (entry, history)
}

const NETCUP: [Move; 2] = [
    (60, "main", "outstanding-invoice", "registration"),
    (50, "main", "registration", "verification"),
];

fn netcup(name: &str, more: &[Move]) -> (Entry, Vec<HistoryLine>) {
    entry(name, "netcup", &[&NETCUP, more].concat())
}

fn huawei(name: &str, more: &[Move]) -> (Entry, Vec<HistoryLine>) {
    let first = ("pending-application", "pending-domain-verification");
    entry(
        name,
        "huawei-ssl",
        &[&[(60, "main", first.0, first.1)], more].concat(),
    )
}

/// Every entry that is looked at here.
fn all() -> Vec<(Entry, Vec<HistoryLine>)> {
    let asked = (40, "main", "verification", "additional-information");
    let answered = (20, "main", "additional-information", "verification");
    let issued = (30, "main", "verification", "issued");
    let long_ago: Vec<Move> = [&NETCUP[..], &[issued]].concat();
    let long_ago = long_ago
        .iter()
        .map(|(hours, track, from, to)| (hours + 24 * 200, *track, *from, *to));
    let long_ago = entry("over", "netcup", &long_ago.collect::<Vec<_>>());
    let mut unknown = netcup("unknown", &[]);
    let track = unknown.0.tracks.get_mut("main").unwrap();
    *track = Track {
        state: StateRef::unknown("BRAND_NEW"),
        since: hours_ago(4),
        previous: Some(track.state.clone()),
    };
    let names = (
        24,
        "main",
        "pending-organization-verification",
        "verifying-withdrawal",
    );
    let organization = (
        48,
        "main",
        "pending-domain-verification",
        "pending-organization-verification",
    );
    let hostname: [Move; 3] = [
        (90, "hostname", "hostname-pending", "hostname-active"),
        (95, "certificate", "initializing", "pending-validation"),
        (
            3,
            "certificate",
            "pending-validation",
            "validation-timed-out",
        ),
    ];
    let mut bare = entry("bare", "cloudflare-hostname", &hostname[..1]);
    bare.0.tracks.remove("certificate");
    vec![
        netcup("verifying", &[asked, answered]),
        netcup("asked", &[asked]),
        netcup("cancelled", &[(20, "main", "verification", "cancelled")]),
        valid(long_ago, -200, -3),
        valid(netcup("serving", &[issued]), -2, 198),
        unknown,
        huawei("withdrawing", &[organization, names]),
        huawei(
            "withdrawn",
            &[
                (
                    24,
                    "main",
                    "pending-domain-verification",
                    "verifying-withdrawal",
                ),
                (20, "main", "verifying-withdrawal", "pending-application"),
            ],
        ),
        valid(
            huawei(
                "adding",
                &[
                    (40, "main", "pending-domain-verification", "to-be-issued"),
                    (30, "main", "to-be-issued", "issued"),
                    (5, "main", "issued", "verifying-addition"),
                    (
                        2,
                        "main",
                        "verifying-addition",
                        "verifying-addition-withdrawal",
                    ),
                ],
            ),
            -1,
            364,
        ),
        entry("hostname", "cloudflare-hostname", &hostname),
        bare,
        entry(
            "edge",
            "cloudflare-edge",
            &[(9, "main", "initializing", "pending-validation")],
        ),
        entry(
            "leaving",
            "every-feature",
            &[
                (9, "certificate", "waiting", "checking-names"),
                (4, "certificate", "checking-names", "leaving"),
            ],
        ),
    ]
}

fn inventory(entries: &[(Entry, Vec<HistoryLine>)]) -> Arc<Inventory> {
    let mut inventory = fixture::inventory().as_ref().clone();
    let mut tables = Lifecycles::built_in().unwrap();
    tables.add("every_feature.toml", EVERY_FEATURE).unwrap();
    inventory.lifecycles = Arc::new(tables);
    let entries = entries.iter();
    let entries = entries.map(|(entry, _)| Arc::new(entry.clone()));
    inventory.entries = entries.collect();
    Arc::new(inventory)
}

/// The tab of one entry, with its history.
fn panel(name: &str, theme: &str, (columns, rows): (u16, u16)) -> Panel {
    let entries = all();
    let look = settings(theme, theme == "mono");
    let mut panel = Panel::over(inventory(&entries), look, columns, rows);
    panel.walk_to(name).press("enter 4");
    let (entry, history) = entries
        .into_iter()
        .find(|(entry, _)| entry.id == id(name))
        .unwrap();
    let details = Details {
        history,
        ..Details::default()
    };
    panel.say(Message::Details(entry.id, Ok(Box::new(details))));
    panel
}

/// What is drawn in all, on a screen that is high enough for it.
fn drawn(name: &str, columns: u16) -> String {
    panel(name, "dark", (columns, 130)).screen()
}

/// The details alone: the lines from their title on, and of those what is right of the list.
fn details(screen: &str) -> String {
    let lines = screen
        .lines()
        .skip_while(|line| !line.contains("[Lifecycle]"));
    let lines: Vec<&str> = lines.collect();
    let beside = lines[0]
        .find("┐┌")
        .map_or(0, |at| lines[0][..at].chars().count() + 1);
    // A wide letter of the list takes two columns, so the frame says where it ends.
    let right = |line: &&str| line.chars().skip(beside).collect::<String>() + "\n";
    lines.iter().map(right).collect()
}

#[test]
fn what_comes_next_says_who_does_it_and_when() {
    for (name, says) in [
        ("serving", "by time alone, on 2027-06-08"),
        ("serving", "Renew, by you, not now"),
        ("over", "r Renew, by you"),
        ("over", "not reached"),
        ("asked", "Information given, up to you"),
        ("verifying", "before that 2026-11-20 10:00"),
        ("unknown", "a state that the table does not know"),
        ("withdrawing", "back to Pending application"),
        ("withdrawn", "was there 2026-11-20 00:00"),
        ("adding", "not seen there"),
        ("bare", "This entry has none."),
        ("hostname", "up to your customer"),
    ] {
        let screen = drawn(name, 120);
        assert!(screen.contains(says), "{name}: {says}\n{screen}");
    }
}

#[test]
fn an_entry_that_the_provider_deleted_says_so_over_its_drawing() {
    let mut entries = all();
    entries.retain(|(entry, _)| entry.id == id("asked"));
    entries[0].0.gone = Some(hours_ago(2));
    let mut panel = Panel::over(inventory(&entries), settings("dark", false), 80, 40);
    panel.press("enter 4");
    panel.sees("Gone at netcup since 2026-11-22 10:00");
    panel.sees("not reached");
}

#[test]
fn keys_of_two_presses_stand_clear_of_what_they_do() {
    let screen = panel("adding", "dark", (80, 50)).screen();
    assert!(screen.contains("│a l Download "), "{screen}");
    assert!(screen.contains("│y   Copy "), "{screen}");
}

#[test]
fn every_kind_of_course_looks_as_it_should() {
    for name in [
        "verifying",
        "asked",
        "cancelled",
        "over",
        "serving",
        "unknown",
        "withdrawing",
        "withdrawn",
        "adding",
        "hostname",
        "bare",
        "edge",
        "leaving",
    ] {
        let screen = panel(name, "dark", (80, 50)).screen();
        keep(&format!("course-{name}-80x50"), &details(&screen));
    }
}

#[test]
fn at_every_size_and_without_colours() {
    for name in ["verifying", "asked", "withdrawing", "hostname"] {
        for (theme, size) in [
            ("dark", (200, 50)),
            ("dark", (60, 40)),
            ("dark", (40, 12)),
            ("mono", (80, 24)),
        ] {
            let screen = panel(name, theme, size).screen();
            assert!(theme == "dark" || screen.is_ascii(), "{screen}");
            keep(
                &format!("course-{name}-{theme}-{}x{}", size.0, size.1),
                &details(&screen),
            );
        }
    }
}

#[test]
fn everything_is_drawn_when_it_is_asked_for() {
    let mut panel = panel("withdrawing", "dark", (100, 130));
    panel.sees("x draws all");
    panel.press("x");
    panel.sees_not("x draws all");
    let screen = panel.screen();
    let table = panel
        .model
        .inventory
        .lifecycles
        .get("huawei-ssl")
        .unwrap()
        .clone();
    for state in &table.states {
        assert!(screen.contains(&state.label), "{}:\n{screen}", state.label);
    }
    keep("course-everything-100x130", &details(&screen));
}
