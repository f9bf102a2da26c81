//! A person at a panel, and an engine that answers when it is told to.

use std::sync::Arc;

use certdeck::domain::inventory::Inventory;
use certdeck::engine::command::{Command, Done};
use certdeck::tui::keymap::Keymap;
use certdeck::tui::message::{Effect, Failure, JobId, Message};
use certdeck::tui::model::{Model, Settings};
use certdeck::tui::theme::Theme;
use certdeck::tui::update::update;
use certdeck::tui::view::view;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::fixture;

/// A panel, what it asked to be done, and which commands wait for an answer.
pub(crate) struct Panel {
    pub(crate) model: Model,
    pub(crate) commands: Vec<(JobId, Command)>,
    pub(crate) copied: Vec<String>,
    pub(crate) links: Vec<String>,
    pub(crate) rang: usize,
    pub(crate) quit: bool,
}

/// How a panel looks in tests.
pub(crate) fn settings(theme: &str, ascii: bool) -> Settings {
    Settings {
        keymap: Keymap::embedded().unwrap(),
        theme: Theme::named(theme).unwrap(),
        ascii,
        read_only: false,
        bell: true,
        clear_clipboard: jiff::SignedDuration::from_secs(30),
        greeting: None,
    }
}

impl Panel {
    /// The panel over the whole fixture.
    pub(crate) fn open(columns: u16, rows: u16) -> Self {
        Self::over(fixture::inventory(), settings("dark", false), columns, rows)
    }

    pub(crate) fn over(
        inventory: Arc<Inventory>,
        settings: Settings,
        columns: u16,
        rows: u16,
    ) -> Self {
        let model = Model::new(settings, inventory, fixture::at(fixture::NOW));
        let mut panel = Self {
            model,
            commands: Vec::new(),
            copied: Vec::new(),
            links: Vec::new(),
            rang: 0,
            quit: false,
        };
        panel.say(Message::Resize(columns, rows));
        panel
    }

    /// Gives the panel a message and does what comes of it, as the runtime would.
    pub(crate) fn say(&mut self, message: Message) {
        let mut messages = vec![message];
        while let Some(message) = messages.pop() {
            for effect in update(&mut self.model, message) {
                messages.extend(self.carry_out(effect));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Message> {
        use secrecy::ExposeSecret;
        match effect {
            Effect::Run(job, command) => self.commands.push((job, command)),
            Effect::LoadDetails(entry) => {
                let details = self
                    .model
                    .inventory
                    .get(&entry)
                    .map(|entry| fixture::details(&entry));
                let details = details.map(Box::new).ok_or_else(|| "it is gone".to_owned());
                return Some(Message::Details(entry, details));
            }
            Effect::Arrange(work) => return Some(Message::Arranged(Box::new(work.run()))),
            Effect::Count(work) => return Some(Message::Counted(Arc::new(work.run()))),
            Effect::LoadOffers => return Some(Message::Offers(fixture::offers())),
            Effect::Copy(text) => self.copied.push(text.expose_secret().to_owned()),
            Effect::OpenLink(link) => self.links.push(link),
            Effect::Bell => self.rang += 1,
            Effect::Quit => self.quit = true,
            Effect::ReadFile(_) => {
                return Some(Message::File(Err("cannot read it".to_owned())));
            }
            Effect::Suspend | Effect::Redraw => {}
        }
        None
    }

    /// Presses keys, written with blanks between them: `j j enter ctrl-d`.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.say(Message::Key(event(key)));
        }
        self
    }

    /// Types a text, one key after the other.
    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.say(Message::Key(KeyEvent::new(
                KeyCode::Char(c),
                KeyModifiers::NONE,
            )));
        }
        self
    }

    /// Selects an entry as a person would: by walking to it.
    pub(crate) fn walk_to(&mut self, entry: &str) -> &mut Self {
        self.press("g");
        for _ in 0..100 {
            if self.model.list.selected == Some(fixture::id(entry)) {
                return self;
            }
            self.press("j");
        }
        panic!("{entry} is not in the list:\n{}", self.screen());
    }

    /// The engine answers the oldest open command.
    pub(crate) fn answer(&mut self, outcome: Result<Done, &str>) -> Command {
        assert!(
            !self.commands.is_empty(),
            "nothing was asked:\n{}",
            self.screen()
        );
        let (job, command) = self.commands.remove(0);
        let outcome = outcome.map_err(|says| Failure {
            says: says.to_owned(),
            fields: Vec::new(),
            refused_by: None,
            locked: None,
        });
        self.say(Message::Finished(job, outcome));
        command
    }

    /// So many seconds pass.
    pub(crate) fn wait(&mut self, seconds: i64) -> &mut Self {
        let now: Timestamp = self.model.now + SignedDuration::from_secs(seconds);
        self.say(Message::Tick(now));
        self
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> String {
        let (columns, rows) = self.model.size;
        draw(&self.model, columns, rows)
    }

    /// Fails with the screen if the text is not on it. Blanks at line ends do not count.
    pub(crate) fn sees(&self, text: &str) -> &Self {
        assert!(
            self.screen().contains(text),
            "{text:?} is not there:\n{}",
            self.screen()
        );
        self
    }

    pub(crate) fn sees_not(&self, text: &str) -> &Self {
        assert!(
            !self.screen().contains(text),
            "{text:?} is there:\n{}",
            self.screen()
        );
        self
    }
}

/// Draws a model on a screen of any size.
pub(crate) fn draw(model: &Model, columns: u16, rows: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view(model, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for y in 0..rows {
        let mut line = String::new();
        let mut hidden = 0;
        for x in 0..columns {
            let symbol = buffer[(x, y)].symbol();
            if hidden == 0 {
                line.push_str(symbol);
            }
            hidden = usize::max(hidden, certdeck::domain::text::width(symbol)).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn event(key: &str) -> KeyEvent {
    if let Some(rest) = key.strip_prefix("ctrl-") {
        return KeyEvent::new(event(rest).code, KeyModifiers::CONTROL);
    }
    let code = match key {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "back-tab" => KeyCode::BackTab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "page-down" => KeyCode::PageDown,
        "page-up" => KeyCode::PageUp,
        "backspace" => KeyCode::Backspace,
        single => {
            let mut chars = single.chars();
            let c = chars.next().unwrap();
            assert_eq!(chars.next(), None, "no key is called {key:?}");
            KeyCode::Char(c)
        }
    };
    KeyEvent::new(code, KeyModifiers::NONE)
}
