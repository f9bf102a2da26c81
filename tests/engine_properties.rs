//! Whatever is asked of the engine, in whatever order: what is refused changes nothing, every move
//! is one of the table's rows, links have two ends, keys belong to certificates, and the store
//! says the same after a new start.

use std::path::Path;
use std::sync::Arc;

use certdeck::domain::action::CATALOGUE;
use certdeck::domain::entries::Entries;
use certdeck::domain::entry::{Entry, EntryId, Method, StateRef};
use certdeck::domain::event::{Cause, What};
use certdeck::domain::inventory::Inventory;
use certdeck::domain::lifecycle::{
    Circumstances, Lifecycle, Lifecycles, PREVIOUS, possible_events,
};
use certdeck::engine::command::{ClockChange, Command, CsrChoice, OrderForm};
use certdeck::engine::{Engine, EngineError, EngineSettings};
use certdeck::pki::KeyType;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// One thing that somebody asks; entries are meant by their place in the list.
#[derive(Clone, Debug)]
enum Ask {
    Order {
        name: u8,
        provider_makes_csr: bool,
        product: usize,
    },
    Act {
        entry: usize,
        action: usize,
    },
    Play {
        entry: usize,
        event: usize,
    },
    Reveal {
        entry: usize,
    },
    Note {
        entry: usize,
    },
    Archive {
        entry: usize,
    },
    Restore {
        entry: usize,
    },
    Advance {
        hours: i64,
    },
}

fn ask() -> impl Strategy<Value = Ask> {
    let entry = 0..4_usize;
    prop_oneof![
        3 => (0..4_u8, any::<bool>(), 0..3_usize).prop_map(|(name, provider_makes_csr, product)| {
            Ask::Order { name, provider_makes_csr, product }
        }),
        4 => (entry.clone(), 0..CATALOGUE.len()).prop_map(|(entry, action)| Ask::Act { entry, action }),
        8 => (entry.clone(), 0..12_usize).prop_map(|(entry, event)| Ask::Play { entry, event }),
        1 => entry.clone().prop_map(|entry| Ask::Reveal { entry }),
        1 => entry.clone().prop_map(|entry| Ask::Note { entry }),
        1 => entry.clone().prop_map(|entry| Ask::Archive { entry }),
        1 => entry.prop_map(|entry| Ask::Restore { entry }),
        2 => (1..6_000_i64).prop_map(|hours| Ask::Advance { hours }),
    ]
}

fn open(store: &Path) -> Engine {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
    Engine::open(EngineSettings {
        clock: Arc::new(move || now),
        ..EngineSettings::usual(
            store.to_owned(),
            Lifecycles::built_in().expect("the embedded tables"),
            "test",
        )
    })
    .expect("the store opens")
}

/// The command, if there is an entry to ask it for.
fn command(engine: &Engine, ask: &Ask) -> Option<Command> {
    let inventory = engine.inventory();
    let entries: Vec<Arc<Entry>> = inventory.entries.iter().collect();
    let meant = |index: usize| {
        entries
            .get(index % entries.len().max(1))
            .map(|entry| entry.id.clone())
    };
    Some(match ask {
        Ask::Order {
            name,
            provider_makes_csr,
            product,
        } => Command::Order(form(*name, *provider_makes_csr, *product)),
        Ask::Act { entry, action } => Command::Act {
            entry: meant(*entry)?,
            action: CATALOGUE[*action].id.to_owned(),
            with: certdeck::domain::event::Answers::default(),
            seen_state: None,
        },
        Ask::Play { entry, event } => Command::Play {
            entry: meant(*entry)?,
            event: an_event(&inventory, &meant(*entry)?, *event)?,
        },
        Ask::Reveal { entry } => Command::RevealKey {
            entry: meant(*entry)?,
        },
        Ask::Note { entry } => Command::Note {
            entry: meant(*entry)?,
            note: "seen".to_owned(),
        },
        Ask::Archive { entry } => Command::Archive {
            entry: meant(*entry)?,
        },
        Ask::Restore { entry } => Command::Restore {
            entry: meant(*entry)?,
        },
        Ask::Advance { hours } => {
            let change = ClockChange::Advance(SignedDuration::from_hours(*hours));
            Command::Clock {
                account: None,
                change,
            }
        }
    })
}

/// Mostly an event that can happen to the entry, sometimes any of the table's.
fn an_event(inventory: &Inventory, id: &EntryId, choice: usize) -> Option<String> {
    let entry = inventory.get(id)?;
    let table = inventory.lifecycle_of(&entry)?;
    let now = inventory.time_of("sandbox", Timestamp::UNIX_EPOCH);
    let possible: Vec<_> = possible_events(&entry, table, now, Circumstances::default()).collect();
    let row = if possible.is_empty() || choice.is_multiple_of(4) {
        &table.events[choice % table.events.len()]
    } else {
        possible[choice % possible.len()]
    };
    Some(row.id.clone())
}

/// An order that is right, or one whose product does not fit its name.
fn form(name: u8, provider_makes_csr: bool, product: usize) -> OrderForm {
    let star = if name == 3 { "*." } else { "" };
    OrderForm {
        account: "sandbox".to_owned(),
        product: ["single-dv", "wildcard-dv", "multi-dv"][product].to_owned(),
        names: vec![format!("{star}host{name}.example.com")],
        key_type: KeyType::P256,
        csr: if provider_makes_csr {
            CsrChoice::Provider
        } else {
            CsrChoice::Certdeck
        },
        method: Method::Dns,
        mailbox: None,
        wishes: certdeck::engine::command::Wishes::default(),
    }
}

/// Whether one row of the table leads from here to there for this cause.
fn is_explained(table: &Lifecycle, from: &StateRef, to: &StateRef, by: &Cause) -> bool {
    let leads = |rows_from: &[String], target: Option<&str>| {
        rows_from.iter().any(|row| row == from.as_str())
            && target.is_some_and(|target| target == PREVIOUS || target == to.as_str())
    };
    match by {
        Cause::Action { action } | Cause::Submitted { action } => table
            .rows_of(action)
            .any(|row| leads(&row.from, row.to.as_deref())),
        Cause::Event { event } | Cause::Recorded { event } => {
            let mut rows = table.events.iter().filter(|row| row.id == *event);
            rows.any(|row| leads(&row.from, Some(&row.to)))
        }
        Cause::Observed | Cause::Corrected => false,
    }
}

fn check_links_and_keys(entries: &Entries) {
    for entry in entries.iter() {
        for link in &entry.links {
            let other = entries.get(&link.entry).expect("it is there");
            let back = other
                .links
                .iter()
                .any(|end| end.entry == entry.id && end.kind == link.kind.reversed());
            assert!(back, "{} is tied to {} one way only", entry.id, other.id);
        }
        if let Some(serving) = entry.serving() {
            assert_eq!(Some(&serving.spki_sha256), entry.order.spki_sha256.as_ref());
        }
        assert_eq!(entry.request, None, "every request was answered");
    }
}

async fn live_through(asks: &[Ask]) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let engine = open(&store);
    for ask in asks {
        let Some(command) = command(&engine, ask) else {
            continue;
        };
        let before = engine.inventory();
        if let Err(error) = engine.run(command).await {
            let refused = matches!(
                error,
                EngineError::Refused { .. }
                    | EngineError::Usage(_)
                    | EngineError::Order(_)
                    | EngineError::Answers { .. }
            );
            assert!(refused, "{ask:?} failed otherwise: {error}");
            let after = engine.inventory();
            assert_eq!(
                after.entries, before.entries,
                "{ask:?} was refused and changed something"
            );
            assert_eq!(
                after.seq, before.seq,
                "{ask:?} was refused and wrote something"
            );
        }
    }
    let inventory = engine.inventory();
    check_links_and_keys(&inventory.entries);
    let table = inventory
        .lifecycles
        .get("netcup")
        .expect("the embedded table");
    for line in engine.history(None).await.expect("the history") {
        if let What::Moved { from, to, by, .. } = &line.event.what {
            assert!(
                is_explained(table, from, to, by),
                "no row explains {:?}",
                line.event
            );
        }
    }
    let again = open(&store);
    assert_eq!(
        again.inventory().entries,
        inventory.entries,
        "a new start sees the same"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_the_engine_keeps_its_promises(asks in prop::collection::vec(ask(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(live_through(&asks));
    }
}
