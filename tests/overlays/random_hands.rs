//! Any keys and pastes over what is kept by hand: nothing is recorded but by its own button, and no
//! key that was pasted is ever drawn or told.

use certdeck::engine::command::Command;
use certdeck::tui::overlay::{Outcome, Overlay};
use proptest::prelude::*;

use crate::desk::Desk;
use crate::hands;
use crate::random::{Step, is_enter, steps, take};

/// Stands for the bytes of a private key.
const CANARY: &str = "Q0FOQVJZ";

fn forms() -> Vec<Overlay> {
    let form = |state: &str, line: &str| hands::form(&hands::entry(state), line).overlay;
    vec![
        form("verification", "record: Verified and issued"),
        form("registration", "record: Registered"),
        form("registration", "record: Cancelled"),
        form("issued", "Certificate issued"),
        hands::describing(&hands::entry("issued")),
        hands::order(),
        hands::menu(&hands::entry("registration")),
        hands::guidance(&hands::due()),
        hands::order_where(),
    ]
}

fn has_button(screen: &str) -> bool {
    ["[> Record it <]", "[> Write the order down <]"]
        .iter()
        .any(|button| screen.contains(button))
}

fn key_in_pem() -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_recorded_but_by_its_own_button(which in 0_usize..9, steps in steps()) {
        let mut desk = Desk::with(forms().swap_remove(which));
        for step in &steps {
            let before = desk.screen(80, 70);
            for outcome in take(&mut desk, step) {
                let command = match outcome {
                    Outcome::RunHere(command) | Outcome::Run(command) => command,
                    // What a menu leads to is in front then.
                    Outcome::Ask(next) => {
                        desk.overlay = *next;
                        continue;
                    }
                    _ => continue,
                };
                let ours = matches!(command, Command::Record(_) | Command::OrderByHand(_));
                // The sandbox's form has its own property.
                prop_assume!(ours || matches!(command, Command::Order(_)));
                let sent = matches!(step, Step::Key("ctrl-s"));
                prop_assert!(!ours || sent || is_enter(step), "{step:?}");
                prop_assert!(!ours || sent || has_button(&before), "{before}");
            }
            desk.screen(40, 12);
            desk.screen(7, 5);
        }
    }

    #[test]
    fn a_pasted_key_is_drawn_nowhere(which in 0_usize..9, steps in steps(), every in 1_usize..6) {
        let mut desk = Desk::with(forms().swap_remove(which));
        for (count, step) in steps.iter().enumerate() {
            if count % every == 0 {
                take(&mut desk, &Step::Paste(key_in_pem()));
                take(&mut desk, &Step::File(Ok(key_in_pem())));
            }
            for outcome in take(&mut desk, step) {
                prop_assert!(!format!("{outcome:?}").contains(CANARY), "{outcome:?}");
            }
            for (width, height) in [(100, 70), (40, 12)] {
                let screen = desk.screen(width, height);
                prop_assert!(!screen.contains(CANARY), "{screen}");
            }
            let told = format!("{:?}", desk.overlay);
            prop_assert!(!told.contains(CANARY), "{told}");
        }
    }
}
