//! The order of urgency over all kinds of accounts, as one table that a person can read: the most
//! urgent first. The rule stands in `domain::urgency`; `check` says the same in words.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entries::Entries;
use certdeck::domain::entry::{
    CertificateRecord, Entry, EntryId, Link, LinkKind, Role, StateRef, Trouble,
};
use certdeck::domain::inventory::{Account, Inventory};
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::domain::need;
use certdeck::domain::query::{SortKey, sort};
use certdeck::domain::row::Row;
use certdeck::domain::time;
use jiff::{SignedDuration, Timestamp};

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn hours(count: i64) -> Timestamp {
    time::later(now(), SignedDuration::from_hours(count))
}

fn days(count: i64) -> Timestamp {
    hours(24 * count)
}

/// An entry whose id says what it is there for, in a state since so many days.
fn entry(id: &str, account: &str, state: &str, since: i64) -> Entry {
    let lifecycle = if account == "files" {
        "files"
    } else {
        "netcup"
    };
    let mut entry = Entry::new(EntryId::new(id), account, lifecycle, state, days(-since));
    entry.names = vec!["www.example.com".to_owned()];
    entry
}

/// With a certificate from and until so many days from now.
fn valid(mut entry: Entry, from: i64, to: i64) -> Entry {
    entry.certificates.push(CertificateRecord {
        sha256: "5f".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: String::new(),
        issuer: String::new(),
        serial: String::new(),
        not_before: days(from),
        not_after: days(to),
        key: String::new(),
        spki_sha256: String::new(),
        is_ca: false,
    });
    entry
}

fn renewed_by(mut entry: Entry, successor: &str) -> Entry {
    entry.links.push(Link {
        kind: LinkKind::RenewedBy,
        entry: EntryId::new(successor),
    });
    entry
}

fn changed(mut entry: Entry, change: impl FnOnce(&mut Entry)) -> Entry {
    change(&mut entry);
    entry
}

fn lost(entry: Entry, since: i64) -> Entry {
    changed(entry, |entry| {
        entry.origin = Some("/etc/ssl/www.pem".to_owned());
        entry.trouble = Some(Trouble {
            why: "it is gone; put it back".to_owned(),
            since: days(-since),
            last_good: days(-since - 1),
        });
    })
}

fn unknown(entry: Entry) -> Entry {
    changed(entry, |entry| {
        let track = entry.tracks.get_mut("main").unwrap();
        track.state = StateRef::unknown("NEW THING");
    })
}

fn inventory(entries: Vec<Entry>) -> Inventory {
    let account = |name: &str, kind, lifecycle: &str| {
        let account = Account {
            deploys: false,
            probes_wildcards: false,
            name: name.to_owned(),
            kind,
            lifecycles: vec![lifecycle.to_owned()],
            read_only: false,
            clock: None,
            seed: None,
            zone: None,
            panel: None,
            watched: None,
        };
        (name.to_owned(), account)
    };
    let count = entries.len();
    let entries: Entries = entries.into_iter().map(Arc::new).collect();
    assert_eq!(entries.len(), count, "every id once");
    Inventory {
        last_written: None,
        store_trouble: None,
        entries,
        accounts: BTreeMap::from([
            account("sandbox", AccountKind::Sandbox, "netcup"),
            account("mine", AccountKind::ByHand, "netcup"),
            account("files", AccountKind::Files, "files"),
        ]),
        lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
        seq: 1,
    }
}

/// Every row, the most urgent first: what it is, its class, since or until when.
fn table(inventory: &Inventory) -> String {
    let rows = inventory.rows(now());
    let mut order: Vec<usize> = (0..rows.len()).collect();
    sort(&mut order, &rows, SortKey::Urgency);
    let mut table = String::new();
    for row in order.into_iter().filter_map(|index| rows.row(index)) {
        let at = Some(row.urgency.at).filter(|at| *at != Timestamp::MAX);
        let at = at.map_or_else(|| "-".to_owned(), |at| time::relative(now(), at));
        let class = format!("{:?}", row.urgency.class);
        writeln!(table, "{class:<8} {at:>9}  {}", row.id).unwrap();
    }
    table
}

fn old(id: &str) -> Entry {
    valid(entry(id, "sandbox", "issued", 200), -203, -3)
}

/// Failed or expired, and nothing serves in its place.
fn broken() -> Vec<Entry> {
    vec![
        old("expired in the sandbox"),
        valid(
            entry("expired in a file, longest ago", "files", "valid", 2),
            -100,
            -40,
        ),
        entry("a file that holds no certificate", "files", "unreadable", 8),
        renewed_by(
            old("expired, its successor waits for an invoice"),
            "successor that waits",
        ),
        valid(
            unknown(entry(
                "unknown state, certificate expired",
                "mine",
                "issued",
                90,
            )),
            -90,
            -1,
        ),
    ]
}

/// Somebody waits for you.
fn waiting() -> Vec<Entry> {
    vec![
        entry("successor that waits", "sandbox", "outstanding-invoice", 5),
        entry("invoice by hand, longer", "mine", "outstanding-invoice", 9),
        entry(
            "more information asked, just now",
            "sandbox",
            "additional-information",
            0,
        ),
        entry("registration by hand, forgotten", "mine", "registration", 6),
        lost(
            valid(entry("a file that is gone", "files", "valid", 4), -10, 80),
            4,
        ),
    ]
}

/// The renewal window is open: since when decides, not how long is left.
fn due() -> Vec<Entry> {
    vec![
        valid(
            entry("window of 90 days, open for 20", "sandbox", "issued", 80),
            -80,
            10,
        ),
        valid(
            entry("window of 90 days, open for 1", "files", "valid", 50),
            -61,
            29,
        ),
        valid(
            entry("window of 398 days, open for 30", "mine", "issued", 290),
            -296,
            102,
        ),
        valid(
            entry("window of 6 days, open for 1", "files", "valid", 4),
            -4,
            2,
        ),
    ]
}

/// Somebody else is at it, or nobody knows.
fn moving() -> Vec<Entry> {
    vec![
        entry(
            "registration in the sandbox, as old",
            "sandbox",
            "registration",
            6,
        ),
        entry("registration by hand, yesterday", "mine", "registration", 1),
        valid(
            entry("a file whose validity has not begun", "files", "valid", 3),
            2,
            92,
        ),
        unknown(entry(
            "unknown state without a certificate",
            "sandbox",
            "issued",
            7,
        )),
    ]
}

/// It serves: the one that is due next is first.
fn serving() -> Vec<Entry> {
    vec![
        valid(
            entry("six days, of the first day", "sandbox", "issued", 1),
            -1,
            5,
        ),
        valid(
            entry("ninety days, half of them left", "files", "valid", 45),
            -45,
            45,
        ),
        valid(entry("a year ahead", "mine", "issued", 1), -1, 397),
    ]
}

/// Never urgent; the failed ones with a live successor last of all.
fn never() -> Vec<Entry> {
    vec![
        entry("cancelled", "sandbox", "cancelled", 70),
        changed(old("expired and put away"), |entry| entry.archived = true),
        changed(
            valid(entry("a CA's own, due", "files", "valid", 9), -3_000, 30),
            |entry| {
                entry.certificates[0].is_ca = true;
            },
        ),
        renewed_by(
            valid(entry("due, but renewed", "files", "valid", 80), -80, 10),
            "successor that serves",
        ),
        valid(entry("successor that serves", "files", "valid", 5), -5, 85),
        renewed_by(old("expired, renewed twice"), "expired, renewed once"),
        renewed_by(
            valid(
                entry("expired, renewed once", "files", "valid", 60),
                -120,
                -30,
            ),
            "successor that is due",
        ),
        valid(
            entry("successor that is due", "files", "valid", 30),
            -65,
            25,
        ),
    ]
}

#[test]
fn the_most_urgent_is_first_whatever_account_it_belongs_to() {
    let groups = [broken(), waiting(), due(), moving(), serving(), never()];
    let inventory = inventory(groups.concat());
    insta::assert_snapshot!(table(&inventory), @r"
    Broken    40 d ago  expired in a file, longest ago
    Broken     8 d ago  a file that holds no certificate
    Broken     3 d ago  expired in the sandbox
    Broken     3 d ago  expired, its successor waits for an invoice
    Broken     1 d ago  unknown state, certificate expired
    NeedsYou  30 d ago  window of 398 days, open for 30
    NeedsYou  20 d ago  window of 90 days, open for 20
    NeedsYou   9 d ago  invoice by hand, longer
    NeedsYou   6 d ago  registration by hand, forgotten
    NeedsYou   5 d ago  successor that is due
    NeedsYou   5 d ago  successor that waits
    NeedsYou   4 d ago  a file that is gone
    NeedsYou   1 d ago  window of 6 days, open for 1
    NeedsYou   1 d ago  window of 90 days, open for 1
    NeedsYou       now  more information asked, just now
    Moving     7 d ago  unknown state without a certificate
    Moving     6 d ago  registration in the sandbox, as old
    Moving     3 d ago  a file whose validity has not begun
    Moving     1 d ago  registration by hand, yesterday
    Serving        2 d  six days, of the first day
    Serving       15 d  ninety days, half of them left
    Serving       55 d  successor that serves
    Serving      264 d  a year ahead
    Never     70 d ago  cancelled
    Never         10 d  due, but renewed
    Never         30 d  a CA's own, due
    Never            -  expired and put away
    Never            -  expired, renewed once
    Never            -  expired, renewed twice
    ");
}

#[test]
fn ties_are_by_name_and_then_by_id() {
    let named = |id: &str, name: &str| {
        changed(entry(id, "mine", "outstanding-invoice", 3), |entry| {
            entry.names = vec![name.to_owned()];
        })
    };
    let inventory = inventory(vec![
        named("c", "a.example"),
        named("a", "b.example"),
        named("b", "b.example"),
    ]);
    let table = table(&inventory);
    let ids: Vec<_> = table
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .collect();
    assert_eq!(ids, ["c", "a", "b"], "{table}");
}

#[test]
fn a_life_of_six_days_is_not_urgent_on_its_first_days_and_one_of_a_year_is_in_its_last_third() {
    // life in hours, hours that have passed, whether it needs someone
    let cases = [
        (6 * 24, 1, false),
        (6 * 24, 71, false),
        (6 * 24, 73, true),
        (90 * 24, 59 * 24, false),
        (90 * 24, 61 * 24, true),
        (398 * 24, 265 * 24, false),
        (398 * 24, 266 * 24, true),
        (1, 0, false),
        (2, 1, true),
    ];
    for (life, passed, expected) in cases {
        for account in ["sandbox", "mine", "files"] {
            let state = if account == "files" {
                "valid"
            } else {
                "issued"
            };
            let entry = changed(valid(entry("one", account, state, 0), 0, 0), |entry| {
                entry.certificates[0].not_before = hours(-passed);
                entry.certificates[0].not_after = hours(life - passed);
            });
            let row = inventory(vec![entry]).rows(now()).row(0).unwrap();
            assert_eq!(
                row.needs_someone(),
                expected,
                "{life} h, {passed} h passed, {account}"
            );
        }
    }
}

#[test]
fn whatever_needs_someone_has_a_reason_and_a_severity_and_nothing_else_has() {
    let entries = vec![
        valid(entry("expired", "sandbox", "issued", 200), -203, -3),
        entry("unreadable", "files", "unreadable", 8),
        entry("invoice", "mine", "outstanding-invoice", 0),
        entry("forgotten", "mine", "registration", 6),
        lost(valid(entry("gone", "files", "valid", 4), -10, 80), 4),
        valid(entry("due", "mine", "issued", 80), -80, 10),
        valid(unknown(entry("unknown", "mine", "issued", 90)), -90, -1),
        valid(entry("fine", "sandbox", "issued", 1), -1, 200),
        changed(entry("away", "mine", "outstanding-invoice", 9), |entry| {
            entry.archived = true;
        }),
    ];
    let inventory = inventory(entries);
    let mut said = String::new();
    for row in inventory.rows(now()).iter() {
        let entry = inventory.get(&row.id).unwrap();
        let reasons = need::reasons(
            &entry,
            &row,
            inventory.lifecycle_of(&entry).map(AsRef::as_ref),
        );
        assert_eq!(
            need::severity(&row).is_some(),
            row.needs_someone(),
            "{row:?}"
        );
        assert!(!row.needs_someone() || !reasons.is_empty(), "{row:?}");
        if let Some(severity) = need::severity(&row) {
            let says: Vec<_> = reasons.iter().map(|reason| reason.says.as_str()).collect();
            writeln!(said, "{} {}: {}", severity.words(), row.id, says.join("; ")).unwrap();
        }
    }
    insta::assert_snapshot!(said, @r"
    needs you due: renewal window open since 2026-11-02, expires 2026-12-02 (in 10 d)
    expired expired: expired since 2026-11-19 (3 d ago); The certificate has expired. It can be renewed
    needs you forgotten: nothing was recorded since 2026-11-16; look into netcup's panel whether it moved
    needs you gone: /etc/ssl/www.pem cannot be read since 2026-11-18 12:00, read last 2026-11-17 12:00: it is gone; put it back
    needs you invoice: since 2026-11-22: Pay the invoice; registration is then requested from the CA by itself
    expired unknown: expired since 2026-11-21 (1 d ago)
    failed unreadable: since 2026-11-14: A certificate is meant to be here, and none can be read. Mend that: what is watched is read again by itself, what was imported when it is imported again
    ");
}

#[test]
fn a_reminder_lifts_what_is_kept_by_hand_and_leaves_alone_what_is_over() {
    let row = |entry: Entry| -> Row { inventory(vec![entry]).rows(now()).row(0).unwrap() };
    let paid = |entry: Entry, until: i64| {
        changed(entry, |entry| entry.product.paid_until = Some(days(until)))
    };
    let ends_soon = paid(valid(entry("one", "mine", "issued", 9), -9, 300), 20);
    let row_of_mine = row(ends_soon.clone());
    assert!(row_of_mine.needs_someone());
    assert!(
        row_of_mine
            .reminder
            .unwrap()
            .contains("paid only until 2026-12-12")
    );
    let played = row(changed(ends_soon.clone(), |entry| {
        "sandbox".clone_into(&mut entry.account);
    }));
    assert!(!played.needs_someone(), "the sandbox needs no reminder");
    let away = row(changed(ends_soon, |entry| entry.archived = true));
    assert_eq!((away.needs_someone(), away.reminder), (false, None));
    let waits_since_days = row(entry("one", "mine", "verification", 9));
    assert_eq!(waits_since_days.urgency.at, days(-9));
}
