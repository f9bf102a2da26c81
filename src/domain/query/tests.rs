//! The filter language against a small inventory, and what holds for any text.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::account::AccountKind;
use crate::domain::entry::{CertificateRecord, Entry, EntryId, Role, Trouble};
use crate::domain::inventory::{Account, Inventory};
use crate::domain::lifecycle::Lifecycles;
use crate::domain::row::Row;
use crate::domain::rows::Rows;
use crate::domain::time;

const NOW: &str = "2026-11-22T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn days(count: i64) -> Timestamp {
    time::later(now(), time::days(count))
}

fn entry(id: &str, account: &str, lifecycle: &str, state: &str, names: &str) -> Entry {
    let mut entry = Entry::new(EntryId::new(id), account, lifecycle, state, now());
    entry.names = names.split(' ').map(str::to_owned).collect();
    entry
}

fn certificate(from: i64, to: i64) -> CertificateRecord {
    CertificateRecord {
        sha256: "5f".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: String::new(),
        issuer: "CN=GeoTrust DV".to_owned(),
        serial: "4a:01:77".to_owned(),
        not_before: days(from),
        not_after: days(to),
        key: "RSA 2048".to_owned(),
        spki_sha256: String::new(),
        is_ca: false,
    }
}

fn account(name: &str, kind: AccountKind, lifecycle: &str) -> (String, Account) {
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
}

/// a1 issued and fine, b2 waits for its invoice, c3 a due file, d4 an expired file in trouble,
/// e5 put away, f6 a CA's own, g7 of an unknown state.
fn inventory() -> Inventory {
    let mut a1 = entry(
        "a1",
        "play",
        "netcup",
        "issued",
        "Shop.example.com www.shop.example.com",
    );
    a1.product.name = "Wildcard DV".to_owned();
    a1.product.paid_until = Some(days(120));
    a1.certificates = vec![certificate(-10, 180)];
    a1.note = "Ask Ms Gönül".to_owned();
    let mut b2 = entry(
        "b2",
        "hand",
        "netcup",
        "outstanding-invoice",
        "mail.example.org",
    );
    b2.product.name = "Single DV".to_owned();
    let mut c3 = entry("c3", "disk", "files", "valid", "*.xn--bcher-kva.example");
    c3.certificates = vec![certificate(-80, 10)];
    let mut d4 = entry("d4", "disk", "files", "valid", "old.example.net");
    d4.certificates = vec![certificate(-100, -5)];
    d4.trouble = Some(Trouble {
        why: "it is gone".to_owned(),
        since: days(-1),
        last_good: days(-2),
    });
    let mut e5 = entry("e5", "disk", "files", "valid", "away.example.net");
    e5.archived = true;
    let mut f6 = entry("f6", "disk", "files", "valid", "Root");
    f6.certificates = vec![CertificateRecord {
        is_ca: true,
        ..certificate(-9, 20)
    }];
    let g7 = entry("g7", "gone", "nowhere", "NEW THING", "strange.example");
    let entries = [a1, b2, c3, d4, e5, f6, g7].map(Arc::new);
    Inventory {
        last_written: None,
        store_trouble: None,
        entries: entries.into_iter().collect(),
        accounts: BTreeMap::from([
            account("play", AccountKind::Sandbox, "netcup"),
            account("hand", AccountKind::ByHand, "netcup"),
            account("disk", AccountKind::Files, "files"),
        ]),
        lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
        seq: 1,
    }
}

fn found_in(inventory: &Inventory, filter: &str) -> String {
    let rows = inventory.rows(now());
    let query = Query::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let found = Search::of(inventory, &rows).find(&rows, &query);
    let ids: Vec<_> = found
        .iter()
        .map(|index| rows.id(*index).unwrap().to_string())
        .collect();
    ids.join(" ")
}

#[test]
fn each_key_finds_what_it_says() {
    let inventory = inventory();
    let cases = [
        // Words: in all names, id, account, product, status; in any case, both forms of a name.
        ("", "a1 b2 c3 d4 e5 f6 g7"),
        ("EXAMPLE !com", "b2 c3 d4 e5 g7"),
        ("www.shop", "a1"),
        ("BÜCHER", "c3"),
        ("play", "a1"),
        ("sandbox", "a1"),
        ("b2", "b2"),
        ("wildcard issued", "a1"),
        ("\"certificate issued\"", "a1"),
        ("\"issued certificate\"", ""),
        ("shop.example.comwww", ""),
        // Texts.
        ("name:shop", "a1"),
        ("name:www", ""),
        ("san:www", "a1"),
        ("san:*.example.com", "a1"),
        ("san:*.bücher.example", "c3"),
        ("!san:*.example.*", "c3 f6 g7"),
        ("account:disk", "c3 d4 e5 f6"),
        ("provider:netcup", "a1 b2"),
        ("provider:sandbox", "a1"),
        ("provider:by-hand", "b2"),
        ("provider:files", "c3 d4 e5 f6"),
        ("provider:nowhere", "g7"),
        ("lifecycle:net", "a1 b2"),
        ("status:\"certificate issued\"", "a1"),
        ("status:due", "c3"),
        ("status:\"new thing\"", "g7"),
        ("product:dv", "a1 b2"),
        ("issuer:geotrust", "a1 c3 d4 f6"),
        ("key:rsa", "a1 c3 d4 f6"),
        ("serial:4A0177", "a1 c3 d4 f6"),
        ("serial:4a:01", "a1 c3 d4 f6"),
        ("id:a", "a1"),
        ("note:gönül", "a1"),
        ("note:", "a1"),
        ("!product:", "c3 d4 e5 f6 g7"),
        // Closed sets.
        ("phase:live", "a1 e5 f6"),
        ("phase:action-needed", "b2 c3"),
        ("phase:failed", "d4"),
        ("phase:unknown", "g7"),
        ("!phase:live !phase:unknown", "b2 c3 d4"),
        // Times.
        ("expires<30d", "c3 d4 f6"),
        ("expires<30d !expired:", "c3 f6"),
        ("expires>5mo", "a1"),
        ("expires<-3d", "d4"),
        ("expires>-6d expires<0d", "d4"),
        ("expires<2026-12-01", "d4"),
        ("expires:2026-12", "c3 f6"),
        ("expires:", "a1 c3 d4 f6"),
        ("!expires:", "b2 e5 g7"),
        ("paid>90d", "a1"),
        ("paid<90d", ""),
        ("!paid:", "b2 c3 d4 e5 f6 g7"),
        // Facts.
        ("due:", "c3 d4"),
        ("due:no", "a1 b2 e5 f6 g7"),
        ("expired:", "d4"),
        ("ca:", "f6"),
        ("trouble:", "d4"),
        ("superseded:", ""),
        ("archived:", "e5"),
        ("archived", "e5"),
        ("!archived", "a1 b2 c3 d4 f6 g7"),
        ("\"archived\"", ""),
        ("needs:", "b2 c3 d4"),
        ("needs:you", "b2 c3 d4"),
        ("needs:nothing", "a1 e5 f6 g7"),
        ("!needs:", "a1 e5 f6 g7"),
        // Together.
        ("provider:netcup status:invoice !phase:live", "b2"),
        ("example provider:files expires<30d", "c3 d4"),
    ];
    for (filter, expected) in cases {
        assert_eq!(found_in(&inventory, filter), expected, "{filter}");
    }
}

#[test]
fn what_was_put_away_is_asked_for_by_its_key_alone() {
    for (filter, asks) in [
        ("archived", true),
        ("!archived:", true),
        ("archived:no", true),
        ("\"archived\"", false),
        ("name:archived", false),
        ("", false),
    ] {
        assert_eq!(
            Query::parse(filter).unwrap().asks_for_archived(),
            asks,
            "{filter}"
        );
    }
}

#[test]
fn waiting_for_a_customer_needs_someone_and_not_you() {
    let mut inventory = inventory();
    let crate::domain::lifecycle::Embedded { file, text, .. } =
        crate::domain::lifecycle::embedded()[0];
    let text = text
        .replace("\"netcup\"", "\"shop\"")
        .replace("who   = \"you\"", "who   = \"customer\"");
    Arc::make_mut(&mut inventory.lifecycles)
        .add(file, &text)
        .unwrap();
    let entries = &mut inventory.entries;
    let mut waiting = entries.get(&EntryId::new("b2")).unwrap();
    Arc::make_mut(&mut waiting).lifecycle = "shop".to_owned();
    entries.insert(waiting);
    assert_eq!(found_in(&inventory, "needs:someone"), "b2 c3 d4");
    assert_eq!(found_in(&inventory, "needs:you"), "c3 d4");
}

#[test]
fn times_are_judged_by_the_clock_of_the_account() {
    let mut inventory = inventory();
    let play = inventory.accounts.get_mut("play").unwrap();
    play.clock = Some(crate::domain::inventory::RunningClock {
        reading: crate::domain::account::SandboxClock {
            at: days(170),
            speed: 1,
            paused: true,
        },
        taken: None,
    });
    assert_eq!(found_in(&inventory, "name:shop expires<30d due:"), "a1");
}

#[test]
fn sorting_moves_nothing_and_keeps_what_has_no_value_last() {
    let inventory = inventory();
    let rows = inventory.rows(now());
    let ids = |order: fn(&mut Vec<usize>, &Rows, SortKey), key| {
        let mut indices: Vec<usize> = (0..rows.len()).collect();
        order(&mut indices, &rows, key);
        let ids: Vec<_> = indices
            .iter()
            .map(|index| rows.id(*index).unwrap().to_string())
            .collect();
        ids.join(" ")
    };
    let cases = [
        (SortKey::Id, "a1 b2 c3 d4 e5 f6 g7", "g7 f6 e5 d4 c3 b2 a1"),
        (
            SortKey::Name,
            "c3 f6 a1 e5 b2 d4 g7",
            "g7 d4 b2 e5 a1 f6 c3",
        ),
        (
            SortKey::Account,
            "d4 c3 e5 f6 g7 b2 a1",
            "a1 b2 g7 d4 c3 e5 f6",
        ),
        (
            SortKey::Expiry,
            "d4 c3 f6 a1 b2 g7 e5",
            "a1 f6 c3 d4 b2 g7 e5",
        ),
        (
            SortKey::Issued,
            "d4 c3 a1 f6 b2 g7 e5",
            "f6 a1 c3 d4 b2 g7 e5",
        ),
        (
            SortKey::Paid,
            "a1 d4 c3 b2 g7 e5 f6",
            "a1 d4 c3 b2 g7 e5 f6",
        ),
        (
            SortKey::Urgency,
            "d4 c3 b2 g7 a1 e5 f6",
            "f6 e5 a1 g7 b2 c3 d4",
        ),
    ];
    for (key, forward, backward) in cases {
        assert_eq!(ids(sort, key), forward, "{key:?}");
        assert_eq!(ids(sort_reversed, key), backward, "{key:?} reversed");
    }
}

#[test]
fn the_keys_go_round_those_that_are_shown() {
    let mut key = SortKey::default();
    for expected in SortKey::SHOWN.iter().skip(1).chain([&SortKey::Urgency]) {
        key = key.next();
        assert_eq!(key, *expected);
    }
    assert_eq!(SortKey::Paid.next(), SortKey::Urgency);
}

/// Texts that are near to filters.
fn filters() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("!".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just(" ".to_owned()),
        Just("archived".to_owned()),
        prop::sample::select(vec![":", "<", ">", "*", "//", "::"]).prop_map(str::to_owned),
        prop::sample::select(
            keys()
                .map(|help| help.example.to_owned())
                .collect::<Vec<_>>()
        ),
        prop::sample::select(vec![
            "name", "expires", "phase", "ca", "30d", "2027-01", "yes", "live"
        ])
        .prop_map(str::to_owned),
        "[a-cÀİΣσß\u{2003}\n0-9.]{0,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_a_filter_or_an_error_and_what_is_written_is_read_again(text in filters()) {
        match Query::parse(&text) {
            Ok(query) => {
                let written = query.to_string();
                prop_assert_eq!(Query::parse(&written), Ok(query), "written {:?}", written);
            }
            Err(error) => {
                prop_assert!(text.contains(&error.word), "{:?}", error);
                prop_assert!(error.at <= text.chars().count(), "{:?}", error);
                prop_assert!(error.problem.len() > 10);
            }
        }
    }

    #[test]
    fn the_arena_finds_what_looking_at_each_row_finds(
        names in prop::collection::vec("[a-c.éΣσ]{0,6}", 0..12),
        word in "[a-c.éΣ]{1,3}",
    ) {
        let entries = names.iter().enumerate().map(|(index, name)| {
            let entry = entry(&format!("id{index:02}"), "play", "netcup", "issued", name);
            Arc::new(entry)
        });
        let inventory = Inventory { entries: entries.collect(), ..Inventory::default() };
        let rows = inventory.rows(now());
        let found = Search::of(&inventory, &rows).find(&rows, &Query::parse(&word).unwrap());
        let small = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
        let holds = |row: &Row| {
            [&row.name, row.id.as_str(), &row.account_words, &row.state]
                .iter()
                .any(|field| small(field).contains(&small(&word)))
        };
        let expected: Vec<usize> = (0..rows.len()).filter(|index| holds(&rows.row(*index).unwrap())).collect();
        prop_assert_eq!(found, expected);
    }
}
