//! Every screen at every silly size.

use certdeck::tui::message::Message;

use crate::driver::draw;
use crate::screens::{SCREENS, panel};

#[test]
fn every_screen_survives_every_size() {
    for screen in SCREENS {
        let mut panel = panel(screen, "dark", (80, 24));
        for columns in 0..=20 {
            for rows in 0..=20 {
                // The window shrinks between update and draw.
                draw(&panel.model, columns, rows);
                // Being told is dearer, so not every width is.
                if columns % 4 != 0 {
                    continue;
                }
                panel.say(Message::Resize(columns, rows));
                assert_eq!(panel.screen().lines().count(), usize::from(rows));
                panel.say(Message::Resize(80, 24));
            }
        }
    }
}

#[test]
fn a_screen_that_is_too_small_says_so() {
    let mut panel = panel(&SCREENS[0], "dark", (80, 24));
    panel.say(Message::Resize(40, 3));
    panel.sees("certdeck needs 16x4");
}
