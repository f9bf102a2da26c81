//! One key and its frame inside the process: `update`, then `view` into a buffer of 200 by 50.
//!
//! `cargo bench --bench frames`. Without the terminal's own costs; `whole` measures those too. Of a
//! long list the work that is done beside the loop is done in between, so that what is measured is
//! the time until the answer is on the screen.

mod support;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use certdeck::domain::inventory::Inventory;
use certdeck::tui::keymap::Keymap;
use certdeck::tui::message::{Effect, Message};
use certdeck::tui::model::{Model, Settings};
use certdeck::tui::theme::Theme;
use certdeck::tui::update::update;
use certdeck::tui::view::view;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use divan::Bencher;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::Arc;

const COUNTS: [u64; 3] = [1_000, 100_000, 1_000_000];

fn main() {
    divan::main();
}

/// An inventory of so many entries, made once.
fn inventory(count: u64) -> (Inventory, Timestamp) {
    static MADE: Mutex<BTreeMap<u64, (Inventory, Timestamp)>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let one = made.entry(count).or_insert_with(|| {
        let now = Timestamp::now();
        (support::inventory(count, now), now)
    });
    one.clone()
}

fn panel(count: u64) -> (Model, Terminal<TestBackend>) {
    let (inventory, now) = inventory(count);
    let settings = Settings {
        keymap: Keymap::embedded().expect("the embedded keys"),
        theme: Theme::named("dark").expect("an embedded theme"),
        ascii: false,
        read_only: false,
        bell: false,
        clear_clipboard: jiff::SignedDuration::from_secs(30),
        greeting: None,
    };
    let mut model = Model::new(settings, Arc::new(inventory), now);
    say(&mut model, Message::Resize(200, 50));
    let terminal = Terminal::new(TestBackend::new(200, 50)).expect("a test terminal");
    (model, terminal)
}

/// Gives the panel a message and does the work that comes of it.
fn say(model: &mut Model, message: Message) {
    let mut messages = vec![message];
    while let Some(message) = messages.pop() {
        for effect in update(model, message) {
            if let Effect::Arrange(work) = effect {
                messages.push(Message::Arranged(Box::new(work.run())));
            }
        }
    }
}

fn press(model: &mut Model, terminal: &mut Terminal<TestBackend>, code: KeyCode) {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    say(model, Message::Key(event));
    terminal.draw(|frame| view(model, frame)).expect("a frame");
}

/// Types one letter, and then deletes it, over and over.
fn letters(bencher: Bencher<'_, '_>, count: u64, before: &str, letter: char) {
    let (mut model, mut terminal) = panel(count);
    for letter in before.chars() {
        press(&mut model, &mut terminal, KeyCode::Char(letter));
    }
    let mut types = true;
    bencher.bench_local(|| {
        let code = if types {
            KeyCode::Char(letter)
        } else {
            KeyCode::Backspace
        };
        types = !types;
        press(&mut model, &mut terminal, code);
    });
}

#[divan::bench(args = COUNTS)]
fn cursor(bencher: Bencher, count: u64) {
    let (mut model, mut terminal) = panel(count);
    bencher.bench_local(|| press(&mut model, &mut terminal, KeyCode::Char('j')));
}

#[divan::bench(args = COUNTS)]
fn page(bencher: Bencher, count: u64) {
    let (mut model, mut terminal) = panel(count);
    bencher.bench_local(|| press(&mut model, &mut terminal, KeyCode::PageDown));
}

/// The first letter of a filter, and backspace.
#[divan::bench(args = COUNTS)]
fn filter_first_letter(bencher: Bencher, count: u64) {
    letters(bencher, count, "/", 's');
}

/// A later letter, and backspace.
#[divan::bench(args = COUNTS)]
fn filter_next_letter(bencher: Bencher, count: u64) {
    letters(bencher, count, "/shop.nor", 't');
}

/// A letter of a value: every row is asked, not the words of all of them.
#[divan::bench(args = COUNTS)]
fn filter_key(bencher: Bencher, count: u64) {
    letters(bencher, count, "/provider:net expires<9d issuer:g", 'e');
}

#[divan::bench(args = COUNTS)]
fn sort(bencher: Bencher, count: u64) {
    let (mut model, mut terminal) = panel(count);
    bencher.bench_local(|| press(&mut model, &mut terminal, KeyCode::Char('s')));
}

/// All rows anew, as at the start and when certificates turn.
#[divan::bench(args = COUNTS)]
fn rows(bencher: Bencher, count: u64) {
    let (model, _) = panel(count);
    bencher.bench_local(|| model.inventory.rows(model.now));
}

/// The clock moves on by a second.
#[divan::bench(args = COUNTS)]
fn tick(bencher: Bencher, count: u64) {
    let (mut model, _) = panel(count);
    let mut now = model.now;
    bencher.bench_local(|| {
        now += SignedDuration::from_secs(1);
        say(&mut model, Message::Tick(now));
    });
}

/// One entry changes, and the list is in order again.
#[divan::bench(args = COUNTS)]
fn change(bencher: Bencher, count: u64) {
    let (mut model, mut terminal) = panel(count);
    let mut inventory = model.inventory.as_ref().clone();
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 77) % inventory.entries.len();
        let entry = inventory.entries.base().entry(at).expect("it is made anew");
        let mut entry = entry.as_ref().clone();
        entry.note.push('!');
        inventory.entries.insert(Arc::new(entry));
        inventory.seq += 1;
        say(&mut model, Message::Published(Arc::new(inventory.clone())));
        terminal.draw(|frame| view(&model, frame)).expect("a frame");
    });
}
