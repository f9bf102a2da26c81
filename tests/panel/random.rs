//! Whatever is pressed, in whatever order.

use certdeck::engine::command::Command;
use certdeck::tui::message::{Effect, Message};
use certdeck::tui::model::Layer;
use certdeck::tui::overlay::Overlay;
use certdeck::tui::update::update;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;

use crate::driver::{Panel, draw};
use crate::fixture;

fn key() -> impl Strategy<Value = KeyEvent> {
    let chars = "jkgGaoirwvyexpuszZnmKNA?/q12345 -cfR"
        .chars()
        .collect::<Vec<_>>();
    let plain = prop::sample::select(chars).prop_map(KeyCode::Char);
    let named = prop::sample::select(vec![
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageDown,
        KeyCode::PageUp,
        KeyCode::Backspace,
    ]);
    let ctrl = prop::sample::select(vec!['d', 'u', 's', 'l', 'c', 'w']);
    prop_oneof![
        6 => plain.prop_map(|code| KeyEvent::new(code, KeyModifiers::NONE)),
        4 => named.prop_map(|code| KeyEvent::new(code, KeyModifiers::NONE)),
        1 => ctrl.prop_map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)),
    ]
}

/// What is on the screen just before accounts are added or removed.
fn is_told(before: &str, command: &Command) -> bool {
    match command {
        Command::RemoveAccount { .. } => before.contains("[> Remove <]"),
        Command::AddAccount(_) => before.contains("New account") || before.contains(" marked"),
        _ => true,
    }
}

fn asks_first(panel: &Panel) -> bool {
    matches!(panel.model.layer, Some(Layer::Overlay(Overlay::Confirm(_))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_key_sequence_breaks_the_panel_or_sends_anything_unasked(
        keys in prop::collection::vec(key(), 1..60),
        size in prop::sample::select(vec![(80, 24), (200, 50), (40, 12), (10, 3)]),
    ) {
        let mut panel = Panel::open(size.0, size.1);
        for (pressed, key) in keys.into_iter().enumerate() {
            let asked = asks_first(&panel);
            let before = draw(&panel.model, 100, 40);
            for effect in update(&mut panel.model, Message::Key(key)) {
                match effect {
                    Effect::Run(_, Command::Act { .. } | Command::Archive { .. }) => {
                        prop_assert!(asked, "sent without a question");
                    }
                    Effect::Run(_, command) => {
                        prop_assert!(is_told(&before, &command), "{before}");
                    }
                    Effect::LoadOffers => panel.say(Message::Offers(fixture::offers())),
                    _ => {}
                }
            }
            let list = &panel.model.list;
            prop_assert!(list.visible.is_empty() || list.cursor < list.visible.len());
            let row = list.entry_at(list.cursor);
            prop_assert_eq!(&row, &list.selected);
            if pressed % 4 == 0 {
                panel.screen();
            }
        }
        panel.screen();
    }
}
