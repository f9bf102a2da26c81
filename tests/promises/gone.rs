//! Promises 3 and 5 while a store is open: its folder or one of its files is moved away under it.
//! What was read stays, it is said, nothing is written beside it, and all goes on once it is back.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use certdeck::domain::inventory::Inventory;
use certdeck::engine::command::Command;
use certdeck::store::{Loaded, OpenOptions, Store, StoreError};

use crate::fake::{Desk, NAME, only, order};
use crate::stock::entry;

const PATIENCE: Duration = Duration::from_secs(20);

/// A store with a snapshot and a journal that goes on from it.
fn filled(dir: &Path) -> Store {
    let store = Store::open(dir, OpenOptions::default()).unwrap();
    add(&store, "a1").unwrap();
    store.compact().unwrap();
    add(&store, "b2").unwrap();
    store
}

fn add(store: &Store, id: &str) -> Result<(), StoreError> {
    store.transact(|transaction| {
        transaction.put_entry(entry(id, ""));
        Ok(())
    })
}

fn ids(loaded: &Loaded) -> Vec<String> {
    let ids = loaded.entries.iter().map(|entry| entry.id.to_string());
    ids.collect()
}

/// Every file below a folder.
fn files(folder: &Path) -> usize {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    found
        .map(|found| {
            let is_folder = found.file_type().unwrap().is_dir();
            if is_folder { files(&found.path()) } else { 1 }
        })
        .sum()
}

#[test]
fn promise_05_what_was_read_stays_where_a_file_vanishes_from_an_open_store() {
    for (what, read_only) in [
        ("", false),
        ("inventory.jsonl", false),
        ("journal.jsonl", false),
        ("", true),
        ("journal.jsonl", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("store");
        let writer = filled(&dir);
        let options = OpenOptions {
            read_only,
            ..OpenOptions::default()
        };
        let store = Store::open(&dir, options).unwrap();
        let (place, away) = (dir.join(what), folder.path().join("away"));
        let place = if what.is_empty() { dir.clone() } else { place };
        fs::rename(&place, &away).unwrap();
        let before = files(folder.path());

        let says = store.catch_up().unwrap_err().to_string();
        assert!(says.contains("is not there any more"), "{what}: {says}");
        assert!(says.contains(place.to_str().unwrap()), "{what}: {says}");
        assert_eq!(ids(&store.snapshot()), ["a1", "b2"], "{what}");
        assert_eq!(store.snapshot().warnings, [], "{what}");
        assert!(add(&store, "c3").is_err(), "{what}");
        assert!(store.compact().is_err(), "{what}");
        // The lock of a store of which a file is missing may have been made; nothing else.
        let made = files(folder.path()) - before;
        assert!(made <= usize::from(!what.is_empty()), "{what}: {made}");
        assert_eq!(ids(&store.snapshot()), ["a1", "b2"], "{what}");

        fs::rename(&away, &place).unwrap();
        assert!(!store.catch_up().unwrap(), "{what}");
        add(&writer, "d4").unwrap();
        assert!(store.catch_up().unwrap(), "{what}");
        assert_eq!(ids(&store.snapshot()), ["a1", "b2", "d4"], "{what}");
        assert_eq!(add(&store, "e5").is_ok(), !read_only, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_03_an_open_panel_keeps_what_it_shows_when_the_store_is_moved_away_and_says_so() {
    let desk = Desk::new();
    let engine = desk.open();
    let id = order(&engine).await.unwrap();
    let mut notices = engine.notices();
    let living = engine.clone();
    let living = tokio::spawn(async move { living.live().await });
    let mut watched = engine.watch();
    let away = desk.store.with_extension("away");
    fs::rename(&desk.store, &away).unwrap();

    let told = tokio::time::timeout(PATIENCE, notices.recv()).await;
    let told = told.unwrap().unwrap().says;
    assert!(told.contains("is not there any more"), "{told}");
    let gone = wait_for(&mut watched, |it| it.store_trouble.is_some()).await;
    assert_eq!(gone.entries.iter().next().unwrap().name(), NAME);
    let note = || Command::Note {
        entry: id.clone(),
        note: "kept".to_owned(),
    };
    engine.run(note()).await.unwrap_err();
    assert!(!desk.store.exists(), "nothing is made in its place");

    fs::rename(&away, &desk.store).unwrap();
    wait_for(&mut watched, |it| it.store_trouble.is_none()).await;
    engine.run(note()).await.unwrap();
    assert_eq!(only(&engine).note, "kept");
    living.abort();
}

async fn wait_for(
    watched: &mut tokio::sync::watch::Receiver<Arc<Inventory>>,
    condition: impl FnMut(&Arc<Inventory>) -> bool,
) -> Arc<Inventory> {
    let reached = tokio::time::timeout(PATIENCE, watched.wait_for(condition)).await;
    Arc::clone(&reached.unwrap().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_05_damage_that_comes_while_a_panel_is_open_is_told() {
    let desk = Desk::new();
    let engine = desk.open();
    let id = order(&engine).await.unwrap();
    for text in ["one", "two"] {
        let (entry, note) = (id.clone(), text.to_owned());
        engine.run(Command::Note { entry, note }).await.unwrap();
    }
    let mut notices = engine.notices();
    let living = engine.clone();
    let living = tokio::spawn(async move { living.live().await });
    // As an editor would: another file takes its place.
    let journal = desk.store.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let (kept, last) = text.trim_end().rsplit_once('\n').unwrap();
    let damaged = format!("{}\n{last}\n", kept.replacen("one", "eno", 1));
    assert_ne!(damaged, text);
    let edited = desk.store.join("edited");
    fs::write(&edited, damaged).unwrap();
    fs::rename(&edited, &journal).unwrap();

    let told = async {
        loop {
            let says = notices.recv().await.unwrap().says;
            if says.contains("does not match its checksum") {
                return says;
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await.unwrap();
    assert!(told.contains("journal.jsonl"), "{told}");
    assert_eq!(only(&engine).note, "two");
    living.abort();
}
