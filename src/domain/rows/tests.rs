//! Rows, order, filter and counts are the same wherever entries lie, and however they came to be
//! as they are.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::domain::account::{AccountKind, SandboxClock};
use crate::domain::entries::{BaseBuilder, Entries, Place, Shelf, Thin};
use crate::domain::entry::{
    CertificateRecord, Entry, EntryId, Invoice, Link, LinkKind, Method, OpenRequest, Price, Role,
    StateRef, Track, Trouble,
};
use crate::domain::inventory::{Account, Inventory, RunningClock};
use crate::domain::lifecycle::Lifecycles;
use crate::domain::probed::{Probed, Served};
use crate::domain::query::{Query, Search, SortKey, first, in_order, sort, sort_reversed};
use crate::domain::rows::{Bits, Rows};
use crate::domain::time;

#[derive(Debug)]
struct Held(Vec<Entry>);

impl Shelf for Held {
    fn read(&self, place: Place) -> Result<Arc<Entry>, String> {
        let at = usize::try_from(place.offset).unwrap();
        let held = self.0.get(at).cloned().map(Arc::new);
        held.ok_or("lost".to_owned())
    }
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00.25Z".parse().unwrap()
}

fn account(name: &str, kind: AccountKind) -> (String, Account) {
    let clock = (kind == AccountKind::Sandbox).then(|| RunningClock {
        reading: SandboxClock {
            at: time::later(now(), time::days(3)),
            speed: 3_600,
            paused: false,
        },
        taken: Some(now()),
    });
    let account = Account {
        deploys: false,
        probes_wildcards: false,
        name: name.to_owned(),
        kind,
        lifecycles: vec!["netcup".to_owned()],
        read_only: false,
        clock,
        seed: None,
        zone: None,
        panel: None,
        watched: None,
    };
    (name.to_owned(), account)
}

fn inventory(entries: Entries, lifecycles: &Arc<Lifecycles>) -> Inventory {
    Inventory {
        last_written: None,
        store_trouble: None,
        entries,
        accounts: [
            account("play", AccountKind::Sandbox),
            account("hand", AccountKind::ByHand),
            account("disk", AccountKind::Files),
        ]
        .into(),
        lifecycles: Arc::clone(lifecycles),
        seq: 1,
    }
}

/// Numbers from which an entry is made.
type Dice = (
    (usize, usize, usize, usize),
    (i64, i64, i64, i64),
    (u8, u8, u8, u8),
);

/// Which entry was made in place of which other one, and whether to renew it.
type Ties = [(usize, usize, bool)];

fn dice() -> impl Strategy<Value = Dice> {
    (
        (0..9_usize, 0..40_usize, 0..40_usize, 0..5_usize),
        (-300..300_i64, 0..300_i64, -20..20_i64, -40..40_i64),
        (0..8_u8, 0..6_u8, 0..8_u8, any::<u8>()),
    )
}

fn entry(number: usize, dice: &Dice, ties: &Ties, lifecycles: &Lifecycles) -> Entry {
    let ((table, state, other, account), days, (flags, method, unusual, half)) = dice;
    let tables: Vec<_> = lifecycles.iter().collect();
    let day = |days: i64| {
        time::later(
            now(),
            time::days(days) + SignedDuration::from_hours(days % 7),
        )
    };
    let whole = |at: Timestamp| time::whole_second(at);
    let table = tables.get(*table);
    let accounts = ["play", "hand", "disk", "lost", "play"];
    let account = accounts[*account];
    let id = EntryId::new(format!("e{number:02}"));
    let lifecycle = table.map_or("nowhere", |table| &table.id);
    let created = if account == "hand" {
        whole(day(days.2))
    } else {
        day(days.2)
    };
    let mut entry = Entry::on_tracks(id, account, lifecycle, [], created);
    stand(
        &mut entry,
        table.map(AsRef::as_ref),
        (*state, *other),
        created,
    );
    entry.changed = created;
    entry.names = match half % 6 {
        0 => Vec::new(),
        1 => vec!["Www.Shop.example".to_owned(), "x.example".to_owned()],
        2 => vec!["*.xn--bcher-kva.example".to_owned()],
        3 => vec!["bücher.example".to_owned()],
        _ => vec![
            format!("www{}.shop.example", half % 3),
            "b.example".to_owned(),
        ],
    };
    entry.product.name = ["", "Wildcard DV", "Single DV"][usize::from(half % 3)].to_owned();
    entry.product.paid_until = (half % 4 == 0).then(|| whole(day(days.3)));
    entry.order.method = [None, Some(Method::Dns), Some(Method::Email)][usize::from(method % 3)];
    entry.order.key_type = (method % 2 == 0).then(|| "p-256".to_owned());
    entry.dns_points = [None, Some(true), Some(false)][usize::from(half % 3)];
    entry.archived = *flags == 7;
    if half % 8 != 0 {
        let mut certificate = certificate(whole(day(days.0)), days.1, half % 5);
        certificate.is_ca = *flags == 6;
        entry.certificates.push(certificate);
    }
    make_unusual(&mut entry, *unusual, created);
    entry.links = links(number, ties);
    entry
}

/// The links of an entry; both ends of a tie know of it, as the store keeps them.
fn links(number: usize, ties: &Ties) -> Vec<Link> {
    let link = |(old, new, renewed): &(usize, usize, bool)| {
        let kind = if *renewed {
            LinkKind::RenewedBy
        } else {
            LinkKind::ReplacedBy
        };
        let (kind, other) = match number {
            _ if old == new => return None,
            number if number == *old => (kind, new),
            number if number == *new => (kind.reversed(), old),
            _ => return None,
        };
        let entry = EntryId::new(format!("e{other:02}"));
        Some(Link { kind, entry })
    };
    ties.iter().filter_map(link).collect()
}

/// Puts an entry on each of its tracks.
fn stand(
    entry: &mut Entry,
    table: Option<&crate::domain::lifecycle::Lifecycle>,
    (state, other): (usize, usize),
    at: Timestamp,
) {
    let mut put = |track: &str, state: StateRef, since: Timestamp| {
        let track_state = Track {
            state,
            since,
            previous: None,
        };
        entry.tracks.insert(track.to_owned(), track_state);
    };
    let Some(table) = table else {
        put("main", StateRef::known("strange"), at);
        return;
    };
    for (index, track) in table.tracks.iter().enumerate() {
        let states: Vec<_> = table
            .states
            .iter()
            .filter(|state| state.track == track.id)
            .collect();
        let pick = if index == 0 { state } else { other };
        if pick == 39 {
            put(&track.id, StateRef::unknown("NEW THING"), at);
        } else if !(track.optional && pick % 5 == 0) {
            let state = &states[pick % states.len()].id;
            let since = time::later(
                at,
                SignedDuration::from_hours(i64::try_from(index).unwrap()),
            );
            put(&track.id, StateRef::known(state), since);
        }
    }
}

fn certificate(from: Timestamp, days: i64, issuer: u8) -> CertificateRecord {
    let life = time::days(days) + SignedDuration::from_secs(days % 3);
    CertificateRecord {
        sha256: "5f".repeat(32),
        chain: Vec::new(),
        role: if issuer == 4 {
            Role::Pending
        } else {
            Role::Serving
        },
        subject: String::new(),
        issuer: format!("CN=CA {issuer}"),
        serial: format!("4a:{issuer:02}"),
        not_before: from,
        not_after: if days == 299 {
            Timestamp::MAX
        } else {
            time::later(from, life)
        },
        key: "RSA 2048".to_owned(),
        spki_sha256: String::new(),
        is_ca: false,
    }
}

fn make_unusual(entry: &mut Entry, unusual: u8, at: Timestamp) {
    let seen = Served::ALL.get(usize::from(unusual % 8)).copied();
    entry.probed = seen.map(|served| Box::new(Probed::known_as(served)));
    match unusual {
        0 => entry.gone = Some(at),
        1 => entry.said = Some("no".to_owned()),
        2 => {
            entry.request = Some(OpenRequest {
                action: "withdraw".to_owned(),
                since: at,
                unknown_outcome: false,
                accepted: true,
            });
        }
        3 => {
            entry.trouble = Some(Trouble {
                why: "away".to_owned(),
                since: at,
                last_good: at,
            });
        }
        4 => entry.note = "Ask Ms Gönül".to_owned(),
        5 => {
            entry.product.invoice = Some(Invoice {
                number: "RE-1".to_owned(),
                amount: Price {
                    cents: 1,
                    currency: "EUR".to_owned(),
                },
                link: None,
                paid_at: None,
            });
        }
        _ => {}
    }
}

/// The entries on a shelf, through their lines as a store reads them.
fn shelved(entries: &[Entry]) -> Entries {
    let half = entries.len() / 2;
    let gather = |from: usize, entries: &[Entry]| {
        let mut builder = BaseBuilder::with_room(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let line = serde_json::to_string(entry).unwrap();
            let thin: Thin<'_> = serde_json::from_str(&line).unwrap();
            assert_eq!(thin.is_enough(), Thin::of(entry).is_enough());
            let place = Place {
                offset: (from + at) as u64,
                length: 1,
            };
            if thin.is_enough() {
                builder.add(&thin, place);
            } else {
                builder.keep(&Arc::new(entry.clone()), place);
            }
        }
        builder
    };
    let mut builder = gather(0, &entries[..half]);
    builder.append(gather(half, &entries[half..]));
    Entries::of(Arc::new(builder.finish(Arc::new(Held(entries.to_vec())))))
}

const FILTERS: [&str; 40] = [
    "",
    "e",
    "shop",
    "!shop",
    "BÜCHER",
    "e0",
    "dv",
    "play",
    "sandbox",
    "issued",
    "active wildcard",
    "san:b.*",
    "name:www*",
    "account:hand",
    "lifecycle:netcup",
    "provider:sandbox",
    "status:pending",
    "phase:live",
    "phase:unknown",
    "product:wild",
    "issuer:\"CA 1\"",
    "key:rsa",
    "key:p-256",
    "serial:4a01",
    "note:",
    "!note:gönül",
    "expires<30d",
    "paid>1d",
    "due:",
    "needs:you",
    "needs:nothing",
    "ready:no",
    "superseded: expired:",
    "archived: ca:no trouble:no",
    "renewal:",
    "renewal<30d",
    "renewal>0s expires:",
    "probe:",
    "probe:old",
    "!probe:same probe:never",
];

fn found(rows: &Rows, inventory: &Inventory, filter: &str) -> Vec<EntryId> {
    let query = Query::parse(filter).unwrap();
    let found = Search::of(inventory, rows).find(rows, &query);
    let mut ids: Vec<_> = found.iter().filter_map(|number| rows.id(*number)).collect();
    ids.sort();
    ids
}

fn ordered(rows: &Rows, key: SortKey, reversed: bool) -> Vec<EntryId> {
    let mut numbers: Vec<usize> = (0..rows.len()).collect();
    let order = if reversed { sort_reversed } else { sort };
    order(&mut numbers, rows, key);
    numbers
        .into_iter()
        .filter_map(|number| rows.id(number))
        .collect()
}

fn same(one: (&Rows, &Inventory), other: (&Rows, &Inventory)) -> Result<(), TestCaseError> {
    let ids: Vec<EntryId> = one.1.entries.ids().collect();
    prop_assert_eq!(one.0.len(), other.0.len());
    for id in &ids {
        let row = |rows: &Rows| {
            rows.number_of(id)
                .and_then(|number| rows.row(number))
                .unwrap()
        };
        let (left, right) = (row(one.0), row(other.0));
        prop_assert_eq!(&left, &right);
        let number = other.0.number_of(id).unwrap();
        prop_assert_eq!(
            other.0.urgency(number),
            super::pack(left.urgency),
            "{:?}",
            left
        );
        prop_assert_eq!(other.0.is_archived(number), left.archived);
        prop_assert_eq!(other.0.said(number), left.said.as_deref());
    }
    prop_assert_eq!(one.0.tally(), other.0.tally());
    prop_assert_eq!(one.0.by_account(), other.0.by_account());
    for key in SortKey::ALL {
        for reversed in [false, true] {
            let (left, right) = (
                ordered(one.0, key, reversed),
                ordered(other.0, key, reversed),
            );
            prop_assert_eq!(left, right, "{:?} {}", key, reversed);
        }
    }
    let listed = |number: &usize| !other.0.is_archived(*number);
    let mut shown = Bits::all(other.0.len(), true);
    other.0.without_archived(&mut shown);
    let expected: Vec<usize> = (0..other.0.len()).filter(listed).collect();
    prop_assert_eq!(shown.iter().collect::<Vec<_>>(), expected);
    let all = in_order(other.0, SortKey::default(), false);
    let all = all.into_iter().map(|number| number as usize).filter(listed);
    let all: Vec<usize> = all.collect();
    for count in 0..4 {
        let few = first(other.0, SortKey::default(), count, |number| listed(&number));
        let few: Vec<usize> = few.into_iter().map(|number| number as usize).collect();
        prop_assert_eq!(&few, &all[..count.min(all.len())]);
    }
    for filter in FILTERS {
        prop_assert_eq!(
            found(one.0, one.1, filter),
            found(other.0, other.1, filter),
            "{}",
            filter
        );
        let query = Query::parse(filter).unwrap();
        let search = Search::of(other.1, other.0);
        let numbers = (0..other.0.len()).filter(|at| search.lets_through(other.0, &query, *at));
        let mut singly: Vec<_> = numbers.filter_map(|at| other.0.id(at)).collect();
        singly.sort();
        prop_assert_eq!(found(one.0, one.1, filter), singly, "{}", filter);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn rows_are_the_same_wherever_their_entries_lie(
        below in proptest::collection::vec(dice(), 1..12),
        above in proptest::collection::vec((0..14_usize, dice()), 0..6),
        ties in proptest::collection::vec((0..14_usize, 0..14_usize, any::<bool>()), 0..8),
        later in prop_oneof![Just(0_i64), Just(1), Just(61), Just(86_400), 0..9_000_000_i64],
    ) {
        let lifecycles = Arc::new(Lifecycles::built_in().unwrap());
        let lines: Vec<Entry> = below.iter().enumerate()
            .map(|(number, dice)| entry(number, dice, &ties, &lifecycles)).collect();
        let in_memory: Entries = lines.iter().cloned().map(Arc::new).collect();
        let mut plain = inventory(in_memory, &lifecycles);
        let mut packed = inventory(shelved(&lines), &lifecycles);
        let (mut one, mut other) = (plain.rows(now()), packed.rows(now()));
        same((&one, &plain), (&other, &packed))?;

        // Changes, one after the other, and then all at once after a while.
        for (number, dice) in above {
            let changed = Arc::new(entry(number, &dice, &ties, &lifecycles));
            plain.entries.insert(Arc::clone(&changed));
            packed.entries.insert(changed);
            one = plain.rows(now());
            prop_assert!(other.renew(&packed, now()).is_some());
            same((&one, &plain), (&other, &packed))?;
        }
        let then = time::later(now(), SignedDuration::from_secs(later));
        one = plain.rows(then);
        if other.renew(&packed, then).is_none() {
            other = packed.rows(then);
        }
        same((&one, &plain), (&other, &packed))?;
    }
}
