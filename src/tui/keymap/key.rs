//! One key, the same however the terminal reports it, and how it is written in the key table.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key with its modifiers, brought to one form: shift is part of a character (`G`, never
/// shift-g), and shift-tab is back-tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// The keys that are written by a name.
const NAMES: [(&str, KeyCode); 19] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("space", KeyCode::Char(' ')),
    ("minus", KeyCode::Char('-')),
    ("tab", KeyCode::Tab),
    ("back-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("null", KeyCode::Null),
    ("menu", KeyCode::Menu),
];

const MODIFIERS: [(&str, KeyModifiers); 3] = [
    ("ctrl-", KeyModifiers::CONTROL),
    ("alt-", KeyModifiers::ALT),
    ("shift-", KeyModifiers::SHIFT),
];

impl Key {
    /// The key of an event; `None` when it was let go, which is nothing that anyone asked for.
    #[must_use]
    pub fn from_event(event: KeyEvent) -> Option<Self> {
        (event.kind != KeyEventKind::Release).then(|| Self::new(event.code, event.modifiers))
    }

    /// A key brought to its one form.
    #[must_use]
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let unshifted = modifiers - KeyModifiers::SHIFT;
        match code {
            // With ctrl held, most terminals cannot tell the cases apart.
            KeyCode::Char(character) if modifiers.contains(KeyModifiers::CONTROL) => Self {
                code: KeyCode::Char(character.to_ascii_lowercase()),
                modifiers: unshifted,
            },
            KeyCode::Char(character) => Self {
                code: KeyCode::Char(shifted(character, modifiers)),
                modifiers: unshifted,
            },
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => Self {
                code: KeyCode::BackTab,
                modifiers: unshifted,
            },
            KeyCode::BackTab => Self {
                code,
                modifiers: unshifted,
            },
            _ => Self { code, modifiers },
        }
    }

    /// Reads a key as it is written in the table: `j`, `G`, `ctrl-d`, `back-tab`, `f5`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((after, modifier)) = strip_modifier(rest) {
            modifiers |= modifier;
            rest = after;
        }
        code(rest).map(|code| Self::new(code, modifiers))
    }

    /// Reads keys to be pressed one after the other: `g g`. `None` when one of them is unknown
    /// or there is none.
    #[must_use]
    pub fn parse_sequence(text: &str) -> Option<Vec<Self>> {
        let keys: Option<Vec<_>> = text.split_whitespace().map(Self::parse).collect();
        keys.filter(|keys| !keys.is_empty())
    }

    /// Whether pressing it types a character into a text field.
    #[must_use]
    pub fn types_text(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }
}

fn shifted(character: char, modifiers: KeyModifiers) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) if modifiers.contains(KeyModifiers::SHIFT) => single,
        _ => character,
    }
}

/// The rest after a modifier. A modifier with nothing behind it is none.
fn strip_modifier(text: &str) -> Option<(&str, KeyModifiers)> {
    MODIFIERS.iter().find_map(|&(name, modifier)| {
        text.strip_prefix(name)
            .filter(|rest| !rest.is_empty())
            .map(|rest| (rest, modifier))
    })
}

fn code(name: &str) -> Option<KeyCode> {
    if let Some(&(_, code)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(code);
    }
    let mut characters = name.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) if !only.is_control() => Some(KeyCode::Char(only)),
        (Some('f'), Some(_)) => function_key(name.strip_prefix('f')?),
        _ => None,
    }
}

fn function_key(digits: &str) -> Option<KeyCode> {
    let number: u8 = digits.parse().ok()?;
    ((1..=12).contains(&number) && !digits.starts_with(['0', '+'])).then_some(KeyCode::F(number))
}

impl fmt::Display for Key {
    /// As it is written in the table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, modifier) in MODIFIERS {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(character) => write!(f, "{character}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyEventState;
    use proptest::prelude::*;

    use super::*;

    fn event(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn a_capital_is_the_same_however_it_is_reported() {
        let written = Key::parse("G");
        for (character, modifiers) in [
            ('G', KeyModifiers::NONE),
            ('G', KeyModifiers::SHIFT),
            ('g', KeyModifiers::SHIFT),
        ] {
            let pressed = Key::from_event(event(KeyCode::Char(character), modifiers));
            assert_eq!(pressed, written, "{character} {modifiers:?}");
        }
        assert_eq!(Key::parse("shift-g"), written);
        assert_ne!(Key::parse("g"), written);
    }

    #[test]
    fn shift_tab_is_back_tab_however_it_is_reported() {
        let written = Key::parse("back-tab");
        let as_tab = Key::from_event(event(KeyCode::Tab, KeyModifiers::SHIFT));
        let as_back_tab = Key::from_event(event(KeyCode::BackTab, KeyModifiers::SHIFT));
        assert_eq!((as_tab, as_back_tab), (written, written));
    }

    #[test]
    fn letting_a_key_go_is_no_key_but_holding_it_is() {
        let with_kind = |kind| {
            let mut pressed = event(KeyCode::Char('j'), KeyModifiers::NONE);
            pressed.kind = kind;
            Key::from_event(pressed)
        };
        assert_eq!(with_kind(KeyEventKind::Release), None);
        assert_eq!(with_kind(KeyEventKind::Repeat), Key::parse("j"));
    }

    #[test]
    fn caps_lock_changes_nothing_but_the_character() {
        let mut pressed = event(KeyCode::Char('j'), KeyModifiers::NONE);
        pressed.state = KeyEventState::CAPS_LOCK;
        assert_eq!(Key::from_event(pressed), Key::parse("j"));
    }

    #[test]
    fn only_plain_characters_type_text() {
        for (text, types) in [("q", true), ("G", true), ("space", true), ("ctrl-c", false)] {
            assert_eq!(Key::parse(text).unwrap().types_text(), types, "{text}");
        }
        assert!(!Key::parse("f1").unwrap().types_text());
    }

    #[test]
    fn what_is_no_key_is_not_read_as_one() {
        for text in [
            "",
            "ctrl-",
            "controll-d",
            "f0",
            "f13",
            "f+1",
            "f01",
            "gg",
            "Enter",
        ] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
        assert_eq!(Key::parse_sequence("g nope"), None);
        assert_eq!(Key::parse_sequence("  "), None);
        assert_eq!(Key::parse_sequence("g g").unwrap().len(), 2);
    }

    proptest! {
        #[test]
        fn reading_what_was_written_gives_the_same_key(
            ctrl in any::<bool>(), alt in any::<bool>(), shift in any::<bool>(), which in 0..40_usize,
        ) {
            let code = match which {
                0..19 => NAMES[which].1,
                19..31 => KeyCode::F(u8::try_from(which - 18).unwrap()),
                _ => KeyCode::Char("aZ?-/1äßé".chars().nth(which - 31).unwrap()),
            };
            let mut modifiers = KeyModifiers::NONE;
            modifiers.set(KeyModifiers::CONTROL, ctrl);
            modifiers.set(KeyModifiers::ALT, alt);
            modifiers.set(KeyModifiers::SHIFT, shift);
            let key = Key::new(code, modifiers);
            prop_assert_eq!(Key::parse(&key.to_string()), Some(key));
        }
    }
}
