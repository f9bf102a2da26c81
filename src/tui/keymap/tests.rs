//! The key table as people meet it: what keys do, and what a mistake in the table says.

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEventKind, KeyModifiers};
use proptest::prelude::*;

use super::*;

/// Actions that have no key on purpose. None today; a new one wants its reason beside it.
const UNBOUND: [UiAction; 0] = [];

fn press(character: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE)
}

fn ctrl(character: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(character), KeyModifiers::CONTROL)
}

fn embedded() -> Keymap {
    Keymap::embedded().unwrap()
}

fn complaint(text: &str) -> String {
    Keymap::load(text, "keys.toml").unwrap_err().to_string()
}

fn row(keys: &str, action: &str, scope: &str) -> String {
    format!("[[bind]]\nkeys = {keys}\naction = \"{action}\"\nscope = {scope}\nsays = \"x\"\n")
}

#[test]
fn every_action_has_a_key_or_is_known_to_have_none() {
    let keymap = embedded();
    for action in UiAction::all() {
        let bound = keymap.key_label(action).is_some();
        assert_ne!(bound, UNBOUND.contains(&action), "{}", action.id());
    }
}

#[test]
fn help_by_scopes_shows_every_row_with_a_sentence() {
    let keymap = embedded();
    let shown: Vec<_> = Scope::ALL
        .iter()
        .flat_map(|&(scope, _)| keymap.for_scope(scope))
        .collect();
    assert_eq!(shown.len(), keymap.rows.len());
    let actions: BTreeSet<_> = shown.iter().map(|row| row.action).collect();
    assert_eq!(actions.len(), UiAction::all().count() - UNBOUND.len());
    assert!(shown.iter().all(|row| row.says.len() > 3));
}

#[test]
fn the_same_letter_means_what_the_scope_says() {
    let keymap = embedded();
    let q = press('q');
    assert_eq!(keymap.lookup(Scope::List, q), Some(UiAction::Quit));
    assert_eq!(keymap.lookup(Scope::Details, q), Some(UiAction::Back));
    assert_eq!(
        keymap.lookup(Scope::Dialog, q),
        Some(UiAction::DialogCancel)
    );
    assert_eq!(
        keymap.lookup(Scope::Menu, press('r')),
        Some(UiAction::Do("renew"))
    );
}

#[test]
fn global_keys_work_everywhere_but_never_eat_text() {
    let keymap = embedded();
    for (scope, _) in Scope::ALL {
        if scope != Scope::Global {
            assert_eq!(
                keymap.lookup(scope, ctrl('c')),
                Some(UiAction::Quit),
                "{scope:?}"
            );
            assert_eq!(
                keymap.lookup(scope, ctrl('z')),
                Some(UiAction::Suspend),
                "{scope:?}"
            );
        }
        let asked = keymap.lookup(scope, press('?'));
        assert_eq!(asked.is_none(), scope.takes_text(), "{scope:?}");
    }
}

proptest! {
    #[test]
    fn every_character_can_be_typed_into_a_form_and_a_filter(character in any::<char>()) {
        let keymap = embedded();
        for scope in [Scope::Form, Scope::Filter] {
            for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
                let event = KeyEvent::new(KeyCode::Char(character), modifiers);
                prop_assert_eq!(keymap.lookup(scope, event), None);
            }
        }
    }
}

#[test]
fn capitals_and_small_letters_are_different_keys() {
    let keymap = embedded();
    let shift_g = KeyEvent::new(KeyCode::Char('g'), KeyModifiers::SHIFT);
    assert_eq!(keymap.lookup(Scope::List, press('g')), Some(UiAction::Top));
    assert_eq!(
        keymap.lookup(Scope::List, press('G')),
        Some(UiAction::Bottom)
    );
    assert_eq!(keymap.lookup(Scope::List, shift_g), Some(UiAction::Bottom));
}

#[test]
fn letting_a_key_go_does_nothing() {
    let mut released = press('q');
    released.kind = KeyEventKind::Release;
    assert_eq!(embedded().lookup(Scope::List, released), None);
}

#[test]
fn enter_never_confirms_by_the_letter_y() {
    let action = embedded().lookup(Scope::Dialog, press('y'));
    assert_eq!(action, Some(UiAction::DialogCopyLink));
}

#[test]
fn labels_are_the_keys_as_written() {
    let keymap = embedded();
    assert_eq!(
        keymap.key_label(UiAction::FormSubmit).as_deref(),
        Some("ctrl-s")
    );
    assert_eq!(keymap.key_label(UiAction::Mark).as_deref(), Some("space"));
    let back = |scope| keymap.key_label_in(scope, UiAction::Back);
    assert_eq!(back(Scope::Details).as_deref(), Some("esc"));
    assert_eq!(back(Scope::Form), None);
    assert_eq!(
        keymap.key_label_in(Scope::List, UiAction::Help).as_deref(),
        Some("?")
    );
}

#[test]
fn keys_after_each_other_wait_for_the_last() {
    let keymap = Keymap::load(&row("[\"g g\"]", "cursor.top", "\"list\""), "k").unwrap();
    let g = Key::parse("g").unwrap();
    assert_eq!(keymap.resolve(Scope::List, &[g]), Resolution::Pending);
    let both = keymap.resolve(Scope::List, &[g, g]);
    assert_eq!(both, Resolution::Action(UiAction::Top));
    let j = Key::parse("j").unwrap();
    assert_eq!(keymap.resolve(Scope::List, &[g, j]), Resolution::Unbound);
}

#[test]
fn a_row_of_ones_own_replaces_the_built_in_one_and_keeps_its_words() {
    let own = "[[bind]]\nkeys = [\"Q\"]\naction = \"quit\"\nscope = \"list\"\n";
    let keymap = embedded().overridden_by(own, "mine.toml").unwrap();
    assert_eq!(keymap.lookup(Scope::List, press('Q')), Some(UiAction::Quit));
    assert_eq!(keymap.lookup(Scope::List, press('q')), None);
    let says = |keymap: &Keymap| {
        let mut rows = keymap.for_scope(Scope::List);
        rows.find(|row| row.action == UiAction::Quit)
            .map(|row| row.says.clone())
    };
    assert_eq!(says(&keymap), says(&embedded()));
}

#[test]
fn an_empty_list_unbinds() {
    let own =
        "[[bind]]\nkeys = []\naction = \"do.revoke\"\nscope = [\"list\", \"details\", \"menu\"]\n";
    let keymap = embedded().overridden_by(own, "mine.toml").unwrap();
    assert_eq!(keymap.key_label(UiAction::Do("revoke")), None);
}

#[test]
fn an_own_key_that_is_taken_names_both_rows() {
    let own = "# mine\n[[bind]]\nkeys = [\"r\"]\naction = \"refresh\"\nscope = \"list\"\n";
    let said = embedded()
        .overridden_by(own, "mine.toml")
        .unwrap_err()
        .to_string();
    assert!(
        said.starts_with("mine.toml:4: `keys`: \"r\" for `refresh`"),
        "{said}"
    );
    assert!(
        said.contains("`do.renew`") && said.contains("built-in keymap.toml:"),
        "{said}"
    );
}

#[test]
fn a_global_key_is_not_to_be_used_otherwise() {
    let table = row("[\"?\"]", "help", "\"global\"") + &row("[\"?\"]", "sort", "\"list\"");
    let said = complaint(&table);
    assert!(
        said.starts_with("keys.toml:8:") && said.contains("keys.toml:3"),
        "{said}"
    );
}

#[test]
fn a_key_that_begins_a_sequence_collides_with_it() {
    let table = row("[\"g\"]", "sort", "\"list\"") + &row("[\"g g\"]", "cursor.top", "\"list\"");
    assert!(complaint(&table).contains("\"g g\" for `cursor.top`"));
}

#[test]
fn mistakes_name_file_line_key_and_what_is_expected() {
    for (table, line, says) in [
        (
            row("[\"j\"]", "cursor.dwn", "\"list\""),
            3,
            "expected one of: cursor.up",
        ),
        (
            row("[\"j\"]", "cursor.down", "\"lst\""),
            4,
            "expected one of: list",
        ),
        (
            row("[\"j\", \"dwn\"]", "cursor.down", "\"list\""),
            2,
            "\"dwn\", which is no key",
        ),
        (
            row("7", "cursor.down", "\"list\""),
            2,
            "expected a sequence",
        ),
        (
            row("[]", "cursor.down", "7"),
            4,
            "expected the name of a scope",
        ),
        (
            "\n[[bind]]\nkey = []\n".to_owned(),
            3,
            "unknown field `key`",
        ),
        ("\n\nbind = [\n".to_owned(), 3, "cannot read the key table"),
        (
            "[[bind]]\nkeys = []\naction = \"sort\"\nscope = \"list\"".to_owned(),
            3,
            "`says` is missing",
        ),
    ] {
        let said = complaint(&table);
        assert!(said.starts_with(&format!("keys.toml:{line}: ")), "{said}");
        assert!(said.contains(says), "{said}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = Keymap::load(&text, "keys.toml");
        let _ = Keymap::load(&row(&format!("['{text}']"), "sort", "\"list\""), "keys.toml");
    }
}
