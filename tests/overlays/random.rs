//! Any keys and pastes whatever: nothing panics, and nothing dangerous comes out by accident.

use certdeck::domain::action::Danger;
use certdeck::engine::command::Command;
use certdeck::tui::overlay::{Input, Outcome, Overlay};
use crossterm::event::{KeyCode, KeyEvent};
use proptest::prelude::*;

use crate::accounts_fixtures;
use crate::desk::Desk;
use crate::fixtures;

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Key(&'static str),
    Write(String),
    Paste(String),
    File(Result<String, String>),
}

const KEYS: [&str; 20] = [
    "enter",
    "esc",
    "tab",
    "back-tab",
    "left",
    "right",
    "up",
    "down",
    "home",
    "end",
    "page-down",
    "backspace",
    "delete",
    "space",
    "ctrl-s",
    "ctrl-u",
    "ctrl-w",
    "h",
    "l",
    "q",
];

fn step() -> impl Strategy<Value = Step> {
    let pasted = prop_oneof![
        any::<String>(),
        "[a-z*.\n, ]{0,40}",
        Just(
            "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----"
                .to_owned()
        ),
        Just("xn--mnchen-3ya.example\n\n".to_owned()),
    ];
    prop_oneof![
        8 => proptest::sample::select(KEYS.to_vec()).prop_map(Step::Key),
        2 => "[a-zü*.@ -]{1,12}".prop_map(Step::Write),
        2 => pasted.clone().prop_map(Step::Paste),
        1 => proptest::result::maybe_ok(pasted, any::<String>()).prop_map(Step::File),
    ]
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 0..40)
}

/// Does one step; gives back all that came of it.
pub(crate) fn take(desk: &mut Desk, step: &Step) -> Vec<Outcome> {
    match step {
        Step::Key(key) => vec![desk.press(key)],
        Step::Write(text) => text
            .chars()
            .map(|letter| desk.event(KeyEvent::from(KeyCode::Char(letter))))
            .collect(),
        Step::Paste(text) => vec![desk.overlay.handle(&Input::Paste(text.clone()))],
        Step::File(answer) => vec![desk.overlay.handle(&Input::File(answer.clone()))],
    }
}

pub(crate) fn is_enter(step: &Step) -> bool {
    matches!(step, Step::Key("enter"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_order_is_placed_only_from_its_summary(steps in steps(), filled in any::<bool>()) {
        let mut desk = Desk::with(fixtures::form());
        if filled {
            desk.press("tab");
            desk.write("www.example.org");
            desk.press("ctrl-s");
        }
        for step in &steps {
            let before = desk.screen(80, 30);
            for outcome in take(&mut desk, step) {
                if let Outcome::RunHere(command) = outcome {
                    prop_assert!(matches!(command, Command::Order(_)));
                    prop_assert!(is_enter(step), "{step:?}");
                    prop_assert!(before.contains("[> Place the order <]"), "{before}");
                } else {
                    prop_assert!(!matches!(outcome, Outcome::Run(_)));
                }
            }
            desk.screen(40, 12);
            desk.screen(7, 5);
        }
    }

    #[test]
    fn a_command_comes_only_from_its_own_button(steps in steps(), by_name in any::<bool>()) {
        let danger = if by_name { Danger::WantsTheName } else { Danger::Asks };
        let mut desk = Desk::with(fixtures::confirm(danger));
        for step in &steps {
            let before = desk.screen(80, 30);
            for outcome in take(&mut desk, step) {
                if matches!(outcome, Outcome::Run(_)) {
                    prop_assert!(is_enter(step), "{step:?}");
                    prop_assert!(before.contains("[> Order the renewal <]"), "{before}");
                    let typed = before.matches("xn--mnchen-3ya.example").count();
                    prop_assert!(!by_name || typed >= 2, "{before}");
                }
            }
        }
    }

    #[test]
    fn nothing_panics_and_no_key_is_copied_unasked(which in 0_usize..20, steps in steps()) {
        let (_, overlay) = fixtures::all().swap_remove(which);
        let mut desk = Desk::with(overlay);
        for step in &steps {
            let before = desk.screen(80, 40);
            for outcome in take(&mut desk, step) {
                if matches!(outcome, Outcome::CopyKey { .. }) {
                    prop_assert!(before.contains("[> Copy the private key <]"), "{before}");
                }
                let is_note = matches!(desk.overlay, Overlay::Note(_));
                let notes = matches!(outcome, Outcome::RunHere(Command::Note { .. }));
                prop_assert!(is_note || !notes);
            }
            desk.screen(19, 7);
        }
    }

    #[test]
    fn accounts_come_and_go_only_as_somebody_said(
        steps in steps(),
        began in proptest::sample::select(vec!["", "n", "n right", "R", "j j R", "f"]),
        found in any::<bool>(),
    ) {
        let answer = found.then(accounts_fixtures::discovered);
        let mut desk = accounts_fixtures::on_page(began, answer);
        for step in &steps {
            let before = desk.screen(80, 40);
            for outcome in take(&mut desk, step) {
                match outcome {
                    Outcome::RunHere(Command::RemoveAccount { .. }) => {
                        prop_assert!(is_enter(step), "{step:?}");
                        prop_assert!(before.contains("[> Remove <]"), "{before}");
                    }
                    Outcome::RunHere(Command::AddAccount(draft)) => {
                        let sent = is_enter(step) || matches!(step, Step::Key("ctrl-s"));
                        prop_assert!(sent, "{step:?}");
                        let said = before.contains(" marked") || before.contains(&draft.name);
                        prop_assert!(said, "{before}");
                    }
                    Outcome::Run(_) => prop_assert!(false, "the dialog stays open"),
                    _ => {}
                }
            }
            desk.screen(40, 12);
            desk.screen(7, 5);
        }
    }
}
