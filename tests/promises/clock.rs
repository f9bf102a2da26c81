//! Promise 7: the clock of the machine leaps by years, forward or back, and comes right again: there
//! is no storm of renewals, nothing wrong stays behind in the store, everything in it is UTC, and
//! people are told that the clock looks wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use certdeck::domain::account::AccountKind;
use certdeck::domain::clock_doubt::Doubt;
use certdeck::domain::entry::{Entry, EntryId};
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{Command, Done, OrderForm};
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use jiff::{SignedDuration, Timestamp};

use crate::fake::{Desk, Way, form, only, order};

const YEARS: i64 = 10 * 365 * 86_400;

/// An engine on the desk's store and clock where the sandboxes are played by the real one.
fn played(desk: &Desk) -> Engine {
    let clock = std::sync::Arc::clone(&desk.clock);
    let account = |name| AccountSettings::usual(name, AccountKind::Sandbox, "netcup");
    Engine::open(EngineSettings {
        clock: std::sync::Arc::new(move || *clock.lock().unwrap()),
        accounts: vec![account("first"), account("second")],
        ..EngineSettings::usual(desk.store.clone(), Lifecycles::built_in().unwrap(), "test")
    })
    .unwrap()
}

async fn order_from(engine: &Engine, account: &str) -> EntryId {
    let form = OrderForm {
        account: account.to_owned(),
        ..form()
    };
    match engine.run(Command::Order(form)).await.unwrap() {
        Done::Ordered { entry, .. } => entry,
        other => panic!("an order answers Ordered, not {other:?}"),
    }
}

fn now(desk: &Desk) -> Timestamp {
    *desk.clock.lock().unwrap()
}

fn shown(engine: &Engine, account: &str) -> Timestamp {
    engine.inventory().time_of(account, engine.now())
}

/// Lets a panel's engine live until it has looked around under the clock as it is now.
async fn live_for_a_look(desk: &Desk, engine: &Engine) {
    let living = tokio::spawn({
        let engine = engine.clone();
        async move { engine.live().await }
    });
    // It sees what another process writes as soon as it has looked around.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let seq = engine.inventory().seq;
    let other = played(desk);
    let entry = other.inventory().entries.iter().next().unwrap().id.clone();
    let note = format!("at {}", now(desk));
    other.run(Command::Note { entry, note }).await.unwrap();
    let mut watched = engine.watch();
    let looked = watched.wait_for(|inventory| inventory.seq > seq);
    tokio::time::timeout(Duration::from_secs(20), looked)
        .await
        .unwrap()
        .unwrap();
    // And once more, so that all of what is due was played.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    living.abort();
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_07_the_sandbox_does_not_leap_with_the_clock() {
    for leap in [YEARS, -YEARS] {
        let desk = Desk::new();
        let engine = played(&desk);
        order_from(&engine, "first").await;
        let before = shown(&engine, "first");
        let living = engine.clone();
        let task = tokio::spawn(async move { living.live().await });
        tokio::time::sleep(Duration::from_millis(200)).await;
        desk.turn_clock(leap);
        live_for_a_look(&desk, &engine).await;
        task.abort();
        // A leap counts two minutes of the system's, at a minute in each second.
        let passed = before.duration_until(shown(&engine, "first"));
        let most = SignedDuration::from_hours(5);
        assert!(
            passed >= SignedDuration::ZERO && passed < most,
            "{leap}: {passed}"
        );
        drop(engine);
        // Right again: nothing of it stays.
        desk.turn_clock(-leap);
        let again = played(&desk);
        let passed = before.duration_until(shown(&again, "first"));
        assert!(
            passed >= SignedDuration::ZERO && passed < most,
            "{leap}: {passed}"
        );
    }
}

#[tokio::test]
async fn promise_07_what_time_alone_makes_is_never_stored() {
    let desk = Desk::new();
    let engine = played(&desk);
    let files = desk.store.with_file_name("certificates");
    std::fs::create_dir_all(&files).unwrap();
    let id = order_from(&engine, "first").await;
    let ca = engine.inventory();
    assert!(ca.get(&id).is_some());
    let certs = std::fs::read_dir(desk.store.join("certs")).unwrap();
    for (count, file) in certs.enumerate() {
        let to = files.join(format!("{count}.pem"));
        std::fs::copy(file.unwrap().path(), to).unwrap();
    }
    let import = Command::Import {
        paths: vec![files],
        hosts: Vec::new(),
        passphrase: None,
        keys: false,
    };
    engine.run(import).await.unwrap();
    let picture = |engine: &Engine| {
        let inventory = engine.inventory();
        let rows = inventory.entries.iter().map(|entry| {
            let row = inventory.row(&entry, engine.now());
            (entry.id.clone(), row.state)
        });
        rows.collect::<BTreeMap<EntryId, String>>()
    };
    let everything = |engine: &Engine| {
        let inventory = engine.inventory();
        let all: Vec<Entry> = inventory
            .entries
            .iter()
            .map(|it| it.as_ref().clone())
            .collect();
        (inventory.seq, all)
    };
    let (before, stored) = (picture(&engine), everything(&engine));
    assert!(before.len() > 1, "{before:?}");
    for leap in [4 * YEARS, -3 * YEARS] {
        desk.turn_clock(leap);
        let wrong = played(&desk);
        wrong.settle_interrupted().await.unwrap();
        assert_ne!(picture(&wrong), before, "the clock decides what is shown");
        assert_eq!(everything(&wrong), stored, "and nothing of that is written");
        desk.turn_clock(-leap);
        assert_eq!(picture(&played(&desk)), before);
    }
}

#[tokio::test]
async fn promise_07_a_clock_that_was_set_back_is_said_and_not_believed() {
    let desk = Desk::new();
    order_from(&played(&desk), "first").await;
    assert_eq!(played(&desk).clock_doubt(), None);
    let written = now(&desk);
    desk.turn_clock(-86_400 * 30);
    let back = played(&desk);
    let Some(Doubt::Back { last_written, .. }) = back.clock_doubt() else {
        panic!(
            "a clock that was set back is doubted: {:?}",
            back.clock_doubt()
        );
    };
    assert_eq!(last_written, written);
    let says = back.clock_doubt().unwrap().to_string();
    assert!(
        says.contains("the clock looks wrong: it shows 2026-10-23"),
        "{says}"
    );
    assert!(says.contains("last written at 2026-11-22"), "{says}");
    assert!(!back.inventory().trusts_clock(back.now()));
    // A sandbox that is used for the first time now does not begin in the past.
    order_from(&back, "second").await;
    assert!(
        shown(&back, "second") >= written,
        "{}",
        shown(&back, "second")
    );
    // What this very process has written meanwhile hides nothing.
    assert!(back.clock_doubt().is_some());
    desk.turn_clock(86_400 * 30);
    assert_eq!(played(&desk).clock_doubt(), None);
}

#[tokio::test]
async fn promise_07_nothing_is_renewed_by_itself_under_a_clock_that_leapt_ahead() {
    let desk = Desk::new();
    let engine = played(&desk);
    order_from(&engine, "first").await;
    let inventory = engine.inventory();
    let later = |seconds| engine.now() + SignedDuration::from_secs(seconds);
    assert!(inventory.trusts_clock(later(0)));
    assert!(
        inventory.trusts_clock(later(86_400 * 200)),
        "off for half a year"
    );
    assert!(!inventory.trusts_clock(later(YEARS)));
    assert!(!inventory.trusts_clock(later(-YEARS)));
}

#[tokio::test]
async fn promise_07_a_wrong_clock_sends_nothing_twice() {
    for leap in [YEARS, -YEARS] {
        let desk = Desk::new();
        let engine = desk.open();
        desk.fake.goes(Way::BreaksAfter);
        desk.fake.books().mute = true;
        order(&engine).await.unwrap_err();
        desk.fake.books().mute = false;
        desk.fake.goes(Way::Answered);
        desk.turn_clock(leap);
        let wrong = desk.open();
        wrong.settle_interrupted().await.unwrap();
        desk.turn_clock(-leap);
        let right = desk.open();
        right.settle_interrupted().await.unwrap();
        assert_eq!(desk.fake.sold(), 1, "{leap}");
        let adopt = Command::Adopt {
            entry: only(&right).id.clone(),
            candidate: None,
        };
        right.run(adopt).await.unwrap();
        assert_eq!((only(&right).request.as_ref(), desk.fake.sold()), (None, 1));
    }
}

#[tokio::test]
async fn promise_07_everything_in_the_store_is_utc() {
    let desk = Desk::new();
    order_from(&played(&desk), "first").await;
    let text = std::fs::read_to_string(desk.store.join("journal.jsonl")).unwrap();
    let mut times = 0;
    for part in text.split('"').filter(|part| is_time(part)) {
        assert!(part.ends_with('Z'), "{part}");
        times += 1;
    }
    assert!(times > 5, "{times} times in {text}");
}

fn is_time(text: &str) -> bool {
    let shape = |at: usize, sign| text.as_bytes().get(at) == Some(&sign);
    shape(4, b'-') && shape(7, b'-') && shape(10, b'T') && shape(13, b':')
}
