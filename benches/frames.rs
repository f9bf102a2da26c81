//! One key and its frame inside the process: `update`, then `view` into a buffer of 200 by 50.
//!
//! `cargo bench --bench frames`. Without the terminal's own costs; `whole` measures those too.

mod support;

use std::sync::Arc;

use certdeck::domain::inventory::Inventory;
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::tui::keymap::Keymap;
use certdeck::tui::message::Message;
use certdeck::tui::model::{Model, Settings};
use certdeck::tui::theme::Theme;
use certdeck::tui::update::update;
use certdeck::tui::view::view;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use divan::Bencher;
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const COUNTS: [u64; 2] = [1_000, 100_000];

fn main() {
    divan::main();
}

fn panel(count: u64) -> (Model, Terminal<TestBackend>) {
    let now = Timestamp::now();
    let entries = (0..count).map(|number| {
        let entry = support::entry(number, now);
        Arc::new(entry)
    });
    let inventory = Inventory {
        entries: entries.collect(),
        lifecycles: Arc::new(Lifecycles::built_in().expect("the embedded tables")),
        ..Inventory::default()
    };
    let settings = Settings {
        keymap: Keymap::embedded().expect("the embedded keys"),
        theme: Theme::named("dark").expect("an embedded theme"),
        ascii: false,
        read_only: false,
        bell: false,
        greeting: None,
    };
    let mut model = Model::new(settings, Arc::new(inventory), now);
    let _ = update(&mut model, Message::Resize(200, 50));
    let terminal = Terminal::new(TestBackend::new(200, 50)).expect("a test terminal");
    (model, terminal)
}

fn press(model: &mut Model, terminal: &mut Terminal<TestBackend>, code: KeyCode) {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    let _ = update(model, Message::Key(event));
    terminal.draw(|frame| view(model, frame)).expect("a frame");
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

#[divan::bench(args = COUNTS)]
fn filter_letter(bencher: Bencher, count: u64) {
    let (mut model, mut terminal) = panel(count);
    press(&mut model, &mut terminal, KeyCode::Char('/'));
    let mut letter = true;
    bencher.bench_local(|| {
        let code = if letter {
            KeyCode::Char('s')
        } else {
            KeyCode::Backspace
        };
        letter = !letter;
        press(&mut model, &mut terminal, code);
    });
}

/// A letter of a value: every row is asked, not the words of all of them.
#[divan::bench(args = COUNTS)]
fn filter_key(bencher: Bencher, count: u64) {
    let (mut model, mut terminal) = panel(count);
    for letter in "/provider:net expires<9d issuer:s".chars() {
        press(&mut model, &mut terminal, KeyCode::Char(letter));
    }
    let mut letter = true;
    bencher.bench_local(|| {
        let code = if letter {
            KeyCode::Char('a')
        } else {
            KeyCode::Backspace
        };
        letter = !letter;
        press(&mut model, &mut terminal, code);
    });
}

#[divan::bench(args = COUNTS)]
fn sort(bencher: Bencher, count: u64) {
    let (mut model, mut terminal) = panel(count);
    bencher.bench_local(|| press(&mut model, &mut terminal, KeyCode::Char('s')));
}

/// All rows anew, as after every change and at every second of a running sandbox clock.
#[divan::bench(args = COUNTS)]
fn rows(bencher: Bencher, count: u64) {
    let (model, _) = panel(count);
    bencher.bench_local(|| model.inventory.rows(model.now));
}
