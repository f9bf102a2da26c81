//! A person at the keyboard with one overlay in front of them: keys go through the real key table,
//! exactly as the panel does it.

use certdeck::tui::keymap::Keymap;
use certdeck::tui::look::Look;
use certdeck::tui::overlay::{Input, Outcome, Overlay};
use certdeck::tui::symbols::{ASCII, Symbols, UNICODE};
use certdeck::tui::theme::Theme;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

pub(crate) struct Desk {
    pub(crate) overlay: Overlay,
    keymap: Keymap,
    theme: Theme,
    symbols: &'static Symbols,
}

impl Desk {
    pub(crate) fn with(overlay: Overlay) -> Self {
        Self {
            overlay,
            keymap: Keymap::embedded().unwrap(),
            theme: Theme::named("dark").unwrap(),
            symbols: &UNICODE,
        }
    }

    pub(crate) fn in_ascii(mut self) -> Self {
        self.symbols = &ASCII;
        self.theme = Theme::named("mono").unwrap();
        self
    }

    /// One key, written as in the key table.
    pub(crate) fn press(&mut self, key: &str) -> Outcome {
        self.event(event(key))
    }

    pub(crate) fn event(&mut self, key: KeyEvent) -> Outcome {
        let action = self.keymap.lookup(self.overlay.scope(), key);
        self.overlay
            .handle(&action.map_or(Input::Text(key), Input::Action))
    }

    /// Several keys, of which only the last may lead anywhere.
    pub(crate) fn keys(&mut self, keys: &str) -> Outcome {
        let mut last = Outcome::Stay;
        for key in keys.split_whitespace() {
            assert!(matches!(last, Outcome::Stay), "{last:?} before {key}");
            last = self.press(key);
        }
        last
    }

    pub(crate) fn write(&mut self, text: &str) {
        for letter in text.chars() {
            let outcome = self.event(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
            assert!(matches!(outcome, Outcome::Stay), "{outcome:?} at {letter}");
        }
    }

    pub(crate) fn paste(&mut self, text: &str) {
        let outcome = self.overlay.handle(&Input::Paste(text.to_owned()));
        assert!(matches!(outcome, Outcome::Stay), "{outcome:?}");
    }

    /// What is on a screen of this size, without the blanks at line ends.
    pub(crate) fn screen(&self, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let look = Look {
            theme: &self.theme,
            symbols: self.symbols,
            keymap: &self.keymap,
        };
        terminal
            .draw(|frame| self.overlay.view(frame, frame.area(), &look))
            .unwrap();
        let buffer = terminal.backend().buffer();
        let mut lines = Vec::new();
        for y in 0..height {
            let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
            lines.push(line.trim_end().to_owned());
        }
        lines.join("\n")
    }

    pub(crate) fn sees(&self, text: &str) {
        let screen = self.screen(80, 24);
        assert!(screen.contains(text), "no {text:?} in\n{screen}");
    }

    pub(crate) fn does_not_see(&self, text: &str) {
        let screen = self.screen(100, 60);
        assert!(!screen.contains(text), "{text:?} in\n{screen}");
    }
}

pub(crate) fn event(key: &str) -> KeyEvent {
    let (modifiers, name) = match key.strip_prefix("ctrl-") {
        Some(rest) => (KeyModifiers::CONTROL, rest),
        None => (KeyModifiers::NONE, key),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "back-tab" => KeyCode::BackTab,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "page-down" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "space" => KeyCode::Char(' '),
        letter => KeyCode::Char(letter.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

/// A screen as it is kept: how many bytes a certificate takes hangs on its signature, which no two
/// runs have in common, so the digits before ` bytes` are zeros.
pub(crate) fn steady(screen: &str) -> String {
    let mut kept = String::new();
    for (index, piece) in screen.split(" bytes").enumerate() {
        if index > 0 {
            kept.push_str(" bytes");
        }
        let is_size = |letter: char| letter.is_ascii_digit() || letter == ',';
        let size = piece.len() - piece.trim_end_matches(is_size).len();
        let (words, size) = piece.split_at(piece.len() - size);
        kept.push_str(words);
        kept.extend(
            size.chars()
                .map(|letter| if letter == ',' { ',' } else { '0' }),
        );
    }
    kept
}

/// Keeps a snapshot at the two sizes that every screen must work at.
macro_rules! snapshots {
    ($desk:expr, $name:literal) => {
        insta::assert_snapshot!(
            concat!($name, "_80x24"),
            crate::desk::steady(&$desk.screen(80, 24))
        );
        insta::assert_snapshot!(
            concat!($name, "_40x12"),
            crate::desk::steady(&$desk.screen(40, 12))
        );
    };
}
pub(crate) use snapshots;
