//! Every screen, as it looks.

use crate::driver::{Panel, settings};
use crate::fixture;

/// The screens: a name, the entry to stand on, and the keys that lead there.
pub(crate) const SCREENS: &[(&str, &str, &str)] = &[
    ("list", "", ""),
    ("general-invoice", "invoice", "enter 1"),
    ("general-verification", "verify", "enter 1"),
    ("general-asked", "asked", "enter 1"),
    ("general-issued", "issued", "enter 1"),
    ("general-expired", "expired", "enter 1"),
    ("general-renewed", "old", "enter 1"),
    ("general-hostile", "hostile", "enter 1"),
    ("general-file", "file-bad", "enter 1"),
    ("product-invoice", "invoice", "enter 2"),
    ("product-verification", "verify", "enter 2"),
    ("certificate-issued", "issued", "enter 3"),
    ("certificate-none", "cancelled", "enter 3"),
    ("lifecycle-verification", "verify", "enter 4"),
    ("lifecycle-asked", "asked", "enter 4"),
    ("lifecycle-expired", "expired", "enter 4"),
    ("history", "issued", "enter 5"),
    ("many-names", "wide", "enter 1"),
    ("actions-issued", "issued", "a"),
    ("actions-expired", "expired", "a"),
    ("confirm-renew", "expired", "r"),
    ("invoice", "invoice", "i"),
    ("support", "asked", "m"),
    ("copy", "issued", "y"),
    ("note", "issued", "N"),
    ("events", "verify", "n"),
    ("timeline", "", "t"),
    ("help", "", "?"),
    ("order", "", "o"),
    ("filter", "", "/ e x a m"),
    ("refused", "issued", "r"),
];

/// A panel on one of the screens.
pub(crate) fn panel(screen: &(&str, &str, &str), theme: &str, size: (u16, u16)) -> Panel {
    let look = settings(theme, theme == "mono");
    let mut panel = Panel::over(fixture::inventory(), look, size.0, size.1);
    let (_, entry, keys) = screen;
    if !entry.is_empty() {
        panel.walk_to(entry);
    }
    if !keys.is_empty() {
        panel.press(keys);
    }
    panel
}

fn look_at(theme: &str, size: (u16, u16)) {
    for screen in SCREENS {
        let name = format!("{}-{theme}-{}x{}", screen.0, size.0, size.1);
        keep(&name, &panel(screen, theme, size).screen());
    }
}

pub(crate) fn keep(name: &str, screen: &str) {
    insta::with_settings!({
        snapshot_path => "../snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, screen);
    });
}

#[test]
fn at_80x24() {
    look_at("dark", (80, 24));
}

#[test]
fn at_200x50() {
    look_at("dark", (200, 50));
}

#[test]
fn at_40x12() {
    look_at("dark", (40, 12));
}

#[test]
fn in_ascii_without_colours() {
    look_at("mono", (80, 24));
}

#[test]
fn an_empty_store_greets() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        let panel = Panel::over(fixture::empty(), settings("dark", false), columns, rows);
        keep(&format!("empty-dark-{columns}x{rows}"), &panel.screen());
    }
}

#[test]
fn ascii_screens_are_ascii() {
    for screen in SCREENS {
        let text = panel(screen, "mono", (80, 24)).screen();
        assert!(text.is_ascii(), "{}:\n{text}", screen.0);
    }
}

/// Zero-width and bidirectional controls.
const STRANGE: [std::ops::RangeInclusive<char>; 3] = [
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
];

#[test]
fn nothing_of_a_strangers_reaches_the_terminal_raw() {
    for screen in SCREENS {
        let text = panel(screen, "dark", (200, 50)).screen();
        let raw = |c: char| {
            c != '\n' && (c.is_control() || STRANGE.iter().any(|range| range.contains(&c)))
        };
        assert!(!text.contains(raw), "{}:\n{text:?}", screen.0);
    }
}
