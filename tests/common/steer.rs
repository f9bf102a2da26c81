//! Steering the panel in a terminal: menus, forms and questions, each waited for until it is drawn.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use super::pty::{Key, Panel};

/// Moves down in an open menu until the cursor is on a line, and does it.
#[track_caller]
pub(crate) fn choose(panel: &mut Panel, line: &str) {
    // The hints are drawn last, and each kind of overlay has its own.
    panel.wait_for("enter do it");
    walk(panel, &["▌"], line, Key::Down);
    panel.press_key(Key::Enter);
}

/// Goes to a field of an open form.
#[track_caller]
pub(crate) fn go_to(panel: &mut Panel, label: &str) {
    panel.wait_for("tab next field");
    walk(panel, &["▌"], label, Key::Tab);
}

/// Goes through the choices of a field until this one is chosen.
#[track_caller]
pub(crate) fn pick(panel: &mut Panel, choice: &str) {
    panel.wait_for("tab next field");
    walk(panel, &["(x)"], choice, Key::Right);
}

/// Presses a button of a question.
#[track_caller]
pub(crate) fn answer(panel: &mut Panel, button: &str) {
    panel.wait_for("other button");
    walk(panel, &["[>"], button, Key::Left);
    panel.press_key(Key::Enter);
}

/// Types into a field, and waits until it is there.
#[track_caller]
pub(crate) fn write(panel: &mut Panel, text: &str) {
    panel.press(text);
    panel.wait_for(text);
}

/// Presses a key until the words stand behind one of these signs.
#[track_caller]
pub(crate) fn walk(panel: &mut Panel, signs: &[&str], words: &str, key: Key) {
    for _ in 0..30 {
        panel.wait_until("the frame is whole", Panel::is_whole);
        let before = behind(&panel.shown(), signs);
        if before.iter().any(|(_, _, rest)| rest.starts_with(words)) {
            return;
        }
        panel.press_key(key);
        panel.wait_until("the sign moves", |now| {
            now.is_whole() && behind(&now.shown(), signs) != before
        });
    }
    panic!("{words:?} cannot be reached:\n{}", panel.screen());
}

/// Where one of the signs stands (line and column), and the words behind it.
fn behind(screen: &str, signs: &[&str]) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    for (row, line) in screen.lines().enumerate() {
        for (at, sign) in signs.iter().flat_map(|sign| line.match_indices(sign)) {
            // A label or a choice, without what is typed beside it.
            let rest = line[at + sign.len()..].trim_start();
            let words = rest.split("  ").next().unwrap_or_default().to_owned();
            found.push((row, line[..at].chars().count(), words));
        }
    }
    found
}
