//! The demo's throw-away store: every state of every lifecycle is in it, and it moves.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use certdeck::domain::account::AccountKind;
use certdeck::domain::lifecycle::{Lifecycles, standing};
use certdeck::domain::row::Row;
use certdeck::engine::command::{ClockChange, Command};
use certdeck::engine::{AccountSettings, Engine, EngineSettings, demo};
use jiff::SignedDuration;
use tempfile::TempDir;

struct Stage {
    engine: Engine,
    _folder: TempDir,
}

fn accounts(watched: PathBuf) -> Vec<AccountSettings> {
    let mut web = AccountSettings::usual("web-server", AccountKind::Files, "files");
    web.watch.paths = vec![watched];
    let hand = AccountSettings::usual(demo::HAND_ACCOUNT, AccountKind::ByHand, "netcup");
    let sandboxes = demo::sandbox_accounts().unwrap().into_iter();
    let sandboxes = sandboxes.map(|(name, lifecycles)| AccountSettings {
        lifecycles,
        speed: Some(demo::SPEED),
        ..AccountSettings::usual(&name, AccountKind::Sandbox, "")
    });
    sandboxes.chain([web, hand]).collect()
}

async fn filled() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let [files, watched] = ["files", "watched"].map(|name| folder.path().join(name));
    for folder in [&files, &watched] {
        std::fs::create_dir(folder).unwrap();
    }
    let store = folder.path().join("store");
    let engine = Engine::open(EngineSettings {
        accounts: accounts(watched.clone()),
        passing: true,
        ..EngineSettings::usual(store, Lifecycles::built_in().unwrap(), "test")
    });
    let engine = engine.unwrap();
    demo::fill(&engine, &files, &watched).await.unwrap();
    Stage {
        engine,
        _folder: folder,
    }
}

/// Every state in which an entry of the list stands, as `lifecycle/state`.
fn shown(engine: &Engine) -> BTreeSet<String> {
    let (inventory, system) = (engine.inventory(), engine.now());
    let listed = inventory.entries.iter().filter(|entry| !entry.archived);
    let mut shown = BTreeSet::new();
    for entry in listed {
        let Some(table) = inventory.lifecycle_of(&entry) else {
            continue;
        };
        let now = inventory.time_of(&entry.account, system);
        let stands = standing(&entry, table, now);
        let states = stands.tracks.iter().map(|(_, state)| state.as_str());
        shown.extend(states.map(|state| format!("{}/{state}", table.id)));
    }
    shown
}

fn missing(engine: &Engine) -> Vec<String> {
    let shown = shown(engine);
    let inventory = engine.inventory();
    let tables = inventory.lifecycles.iter();
    let all = tables.flat_map(|table| {
        let states = table.states.iter();
        states.map(|state| format!("{}/{}", table.id, state.id))
    });
    all.filter(|state| !shown.contains(state)).collect()
}

#[tokio::test]
async fn the_demo_shows_every_state_of_every_lifecycle_and_then_moves() {
    let stage = filled().await;
    let engine = &stage.engine;
    assert_eq!(missing(engine), [] as [String; 0]);
    let rows = engine.inventory().rows(engine.now());
    for (account, state) in [
        (demo::HAND_ACCOUNT, "Certificate issued"),
        ("web-server", "Due"),
    ] {
        let is_so = |row: &Row| row.account == account && row.state == state;
        assert!(rows.iter().any(|row| is_so(&row)), "{account}: {state}");
    }
    // What was due before the demo began happens at its beginning, and takes no state away.
    let change = ClockChange::Advance(SignedDuration::from_millis(1));
    engine
        .run(Command::Clock {
            account: None,
            change,
        })
        .await
        .unwrap();
    assert_eq!(missing(engine), [] as [String; 0]);

    let mut changes = engine.watch();
    let before = engine.inventory().seq;
    let live = {
        let engine = engine.clone();
        tokio::spawn(async move { engine.live().await })
    };
    let moved = tokio::time::timeout(Duration::from_secs(60), async {
        while engine.inventory().seq == before {
            changes.changed().await.unwrap();
        }
    });
    moved.await.expect("the demo moves while one looks");
    live.abort();
}
