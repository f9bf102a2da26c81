//! Every overlay on every small screen: it may say little, it never panics.

use crate::desk::Desk;
use crate::fixtures;

#[test]
fn no_size_is_too_small() {
    for (name, overlay) in fixtures::all() {
        let desk = Desk::with(overlay);
        for width in 0..=20 {
            for height in 0..=20 {
                let lines = desk.screen(width, height).lines().count();
                assert!(lines <= usize::from(height), "{name}");
            }
        }
    }
}

#[test]
fn what_has_the_focus_is_in_sight_on_a_small_screen() {
    let mut desk = Desk::with(fixtures::form());
    for label in [
        "Product",
        "Names",
        "Key",
        "Key at rest",
        "CSR made by",
        "CSR says",
        "Verification",
        "[> Review",
    ] {
        let screen = desk.screen(40, 12);
        assert!(screen.contains(label), "no {label} in\n{screen}");
        desk.press("tab");
    }
}

#[test]
fn ten_thousand_names_are_harmless() {
    let mut entry = fixtures::entry("issued");
    entry.names = (0..10_000)
        .map(|n| format!("host{n}.example.org"))
        .collect();
    let mut copy = Desk::with(fixtures::copy(&entry));
    copy.sees("10000 names, one to a line");
    copy.press("G");
    Desk::with(fixtures::support(&entry)).sees("www.example".trim_start_matches("www."));
    let mut form = Desk::with(fixtures::form());
    form.press("tab");
    form.paste(&entry.names.join("\n"));
    form.sees("That was more than 64 KiB");
}
