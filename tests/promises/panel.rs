//! Promises 3 and 4 where people meet them: a panel on a full disk, and a panel beside a cron job.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command as Program;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use certdeck::domain::inventory::Inventory;
use certdeck::engine::command::Command;
use certdeck::tui::keymap::Keymap;
use certdeck::tui::model::{Model, Settings};
use certdeck::tui::theme::Theme;
use certdeck::tui::view::view;
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::broken_disk::{BrokenDisk, ENOSPC, Fault};
use crate::fake::{Desk, NAME, only, order};
use crate::pty::Panel;

/// What the panel shows of what there is.
fn screen(inventory: Arc<Inventory>, now: Timestamp) -> String {
    let settings = Settings {
        keymap: Keymap::embedded().unwrap(),
        theme: Theme::named("dark").unwrap(),
        ascii: false,
        read_only: false,
        bell: false,
        clear_clipboard: jiff::SignedDuration::from_secs(30),
        greeting: None,
    };
    let mut model = Model::new(settings, inventory, now);
    model.size = (120, 30);
    let mut terminal = Terminal::new(TestBackend::new(120, 30)).unwrap();
    terminal.draw(|frame| view(&model, frame)).unwrap();
    terminal.backend().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_03_a_panel_on_a_full_disk_says_so_and_works_again_by_itself() {
    let broken = BrokenDisk::new(3);
    let desk = Desk::on(Path::new("/store"), Some(Arc::new(broken.clone())));
    let engine = desk.open();
    let id = order(&engine).await.unwrap();
    let living = engine.clone();
    let living = tokio::spawn(async move { living.live().await });
    let mut watched = engine.watch();
    broken.breaks_at(0, Fault::From(ENOSPC));
    let note = |text: &str| Command::Note {
        entry: id.clone(),
        note: text.to_owned(),
    };
    let refused = engine.run(note("lost")).await.unwrap_err().to_string();
    assert!(refused.contains("make room"), "{refused}");
    let patience = Duration::from_secs(20);
    let full = watched.wait_for(|inventory| inventory.store_trouble.is_some());
    let full = tokio::time::timeout(patience, full)
        .await
        .unwrap()
        .unwrap()
        .clone();
    let shown = screen(full, engine.now());
    assert!(shown.contains("the store cannot be written"), "{shown}");
    // Everything stays readable.
    assert!(
        shown.contains(NAME) && shown.contains("Outstanding invoice"),
        "{shown}"
    );
    assert_eq!(only(&engine).note, "");

    broken.cure();
    let well = watched.wait_for(|inventory| inventory.store_trouble.is_none());
    let well = tokio::time::timeout(patience, well)
        .await
        .unwrap()
        .unwrap()
        .clone();
    assert!(!screen(well, engine.now()).contains("cannot be written"));
    engine.run(note("kept")).await.unwrap();
    assert_eq!(only(&engine).note, "kept");
    let left = broken.everything();
    assert!(
        left.keys().all(|path| !path.ends_with("room")),
        "{:?}",
        left.keys()
    );
    living.abort();
}

#[test]
fn promise_07_the_panel_says_that_the_clock_looks_wrong() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let written = |text: &str| {
        let last_written = Some(text.parse().unwrap());
        let inventory = Inventory {
            last_written,
            ..Inventory::default()
        };
        screen(Arc::new(inventory), now)
    };
    assert!(written("2029-03-15T00:00:00Z").contains("the clock looks wrong"));
    assert!(!written("2026-11-22T11:00:00Z").contains("clock looks wrong"));
}

/// A home with a store in it.
struct Home(tempfile::TempDir);

impl Home {
    fn run(&self, arguments: &[&str]) {
        let said = Program::new(env!("CARGO_BIN_EXE_certdeck"))
            .args(["--store", &self.store()])
            .args(arguments)
            .env("HOME", self.0.path())
            .output()
            .unwrap();
        let says = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.status.success(), "{arguments:?}: {says}");
    }

    fn store(&self) -> String {
        self.0.path().join("store").display().to_string()
    }

    /// Every file of the store, as it is now.
    fn files(&self) -> BTreeMap<PathBuf, (u64, SystemTime)> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.0.path().join("store")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let about = path.metadata().unwrap();
                if about.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path, (about.len(), about.modified().unwrap()));
                }
            }
        }
        files
    }
}

#[test]
fn promise_04_the_panel_shows_what_another_process_changed_within_a_second() {
    let home = Home(tempfile::tempdir().unwrap());
    home.run(&["order", "--product", "single-dv", "--name", NAME, "--yes"]);
    home.run(&["sandbox", "pause"]);
    let (store, own) = (home.store(), home.0.path().display().to_string());
    let mut panel = Panel::start(&["--store", &store], (40, 120), &[("HOME", &own)]);
    panel.wait_for(NAME);
    let mut took = Vec::new();
    for round in 0..5 {
        let note = format!("written by process {round}");
        home.run(&["note", NAME, &note]);
        let written = Instant::now();
        panel.wait_for(&note);
        took.push(written.elapsed());
    }
    // A second, and what a busy machine needs to draw.
    let slowest = took.iter().max().unwrap();
    assert!(*slowest < Duration::from_millis(2_500), "{took:?}");

    // Watching costs no write.
    let before = home.files();
    assert!(before.len() > 3, "{before:?}");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(home.files(), before, "an idle panel writes nothing");
    panel.press("q");
    assert_eq!(panel.exit_code(), 0);
}
