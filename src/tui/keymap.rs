//! What every key does where: the key table (`assets/keymap.toml`), and a person's own over it.
//!
//! The one place where keys become actions. Help, hint bar and menus read the same rows, so that
//! none of them can say something else than what happens. Pure: it gets text, not files.

mod error;
mod key;
mod read;

use crossterm::event::KeyEvent;

use super::place::Place;
use super::ui_action::UiAction;
pub use error::{KeymapError, Use};
pub use key::Key;

/// The table that certdeck comes with.
const EMBEDDED: &str = include_str!("../../assets/keymap.toml");
/// What complaints call it.
const EMBEDDED_NAME: &str = "the built-in keymap.toml";

/// Which part of the screen has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere.
    Global,
    /// The list of entries.
    List,
    /// The details of an entry.
    Details,
    /// A menu.
    Menu,
    /// A question with buttons.
    Dialog,
    /// A form with fields to fill in.
    Form,
    /// The help screen.
    Help,
    /// The line in which a filter is typed.
    Filter,
    /// The accounts.
    Accounts,
    /// The timeline.
    Timeline,
}

impl Scope {
    /// Every scope with its name in the key table, in the order in which help shows them.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::List, "list"),
        (Self::Details, "details"),
        (Self::Accounts, "accounts"),
        (Self::Timeline, "timeline"),
        (Self::Menu, "menu"),
        (Self::Dialog, "dialog"),
        (Self::Form, "form"),
        (Self::Filter, "filter"),
        (Self::Help, "help"),
        (Self::Global, "global"),
    ];

    /// Whether keys type text here. Global keys that would type something do not apply then.
    #[must_use]
    pub fn takes_text(self) -> bool {
        matches!(self, Self::Form | Self::Filter)
    }

    /// The name in the key table.
    #[must_use]
    pub fn name(self) -> &'static str {
        let row = Self::ALL.iter().find(|(scope, _)| *scope == self);
        row.map_or("", |&(_, name)| name)
    }

    fn from_name(name: &str) -> Option<Self> {
        let row = Self::ALL.iter().find(|(_, known)| *known == name);
        row.map(|&(scope, _)| scope)
    }

    /// Whether a key of the global scope does something here.
    fn hears_global(self, keys: &[Key]) -> bool {
        let typed = keys.first().is_some_and(|key| key.types_text());
        self != Self::Global && !(self.takes_text() && typed)
    }
}

/// One row of the table, for one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Any of these does it; each is one key or several to be pressed after each other.
    pub keys: Vec<Vec<Key>>,
    /// What is asked for.
    pub action: UiAction,
    /// Where.
    pub scope: Scope,
    /// A sentence for help.
    pub says: String,
    /// A word or two for the hint bar; rows without one are not in it.
    pub hint: Option<String>,
    /// Where the row stands, for complaints.
    pub place: Place,
}

impl Binding {
    /// The row's first key, as it is written in the table; `None` when it is unbound.
    #[must_use]
    pub fn key_label(&self) -> Option<String> {
        self.keys.first().map(|keys| label(keys))
    }

    /// All of the row's keys, as they are written in the table.
    #[must_use]
    pub fn key_labels(&self) -> Vec<String> {
        self.keys.iter().map(|keys| label(keys)).collect()
    }
}

/// Whether two rows say what keys do the same thing in the same scope.
fn same_use(one: &Binding, other: &Binding) -> bool {
    (one.action, one.scope) == (other.action, other.scope)
}

/// How keys are written one after the other.
fn label(keys: &[Key]) -> String {
    let keys: Vec<_> = keys.iter().map(Key::to_string).collect();
    keys.join(" ")
}

/// What keys pressed one after the other come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// They ask for this.
    Action(UiAction),
    /// They are the beginning of something.
    Pending,
    /// They mean nothing here; in a text field they are text.
    Unbound,
}

/// The whole table, free of contradictions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    rows: Vec<Binding>,
}

impl Keymap {
    /// The table that certdeck comes with.
    ///
    /// # Errors
    /// Never in a released certdeck: a test reads the same table.
    pub fn embedded() -> Result<Self, KeymapError> {
        Self::load(EMBEDDED, EMBEDDED_NAME)
    }

    /// Reads a whole table from `text`; `file` is the name to complain about.
    ///
    /// # Errors
    /// [`KeymapError`] with file and line: not TOML, an unknown action, scope or key, or one key
    /// for two things.
    pub fn load(text: &str, file: &str) -> Result<Self, KeymapError> {
        Self { rows: Vec::new() }.overridden_by(text, file)
    }

    /// This table with the rows of `text` in the place of those for the same action and scope.
    /// A row that replaces one may leave out `says` and `hint`.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn overridden_by(mut self, text: &str, file: &str) -> Result<Self, KeymapError> {
        let (replacing, adding): (Vec<_>, Vec<_>) = read::rows(text, file, &self.rows)?
            .into_iter()
            .partition(|new| self.rows.iter().any(|old| same_use(old, new)));
        self.put_in_place(replacing);
        self.rows.extend(adding);
        read::refuse_contradictions(&self.rows, file)?;
        Ok(self)
    }

    /// Help keeps its order: new rows stand where those they replace stood.
    fn put_in_place(&mut self, mut replacing: Vec<Binding>) {
        let mut rows = Vec::with_capacity(self.rows.len());
        for old in self.rows.drain(..) {
            let known = |new: &Binding| same_use(&old, new);
            let was_replaced = rows.iter().any(known);
            let news: Vec<_> = replacing.extract_if(.., |new| known(new)).collect();
            if news.is_empty() && !was_replaced {
                rows.push(old);
            } else {
                rows.extend(news);
            }
        }
        self.rows = rows;
    }

    /// The action that a single key asks for in `scope`. Letting a key go asks for nothing.
    #[must_use]
    pub fn lookup(&self, scope: Scope, event: KeyEvent) -> Option<UiAction> {
        match self.resolve(scope, &[Key::from_event(event)?]) {
            Resolution::Action(action) => Some(action),
            Resolution::Pending | Resolution::Unbound => None,
        }
    }

    /// What keys pressed one after the other ask for in `scope`.
    #[must_use]
    pub fn resolve(&self, scope: Scope, pressed: &[Key]) -> Resolution {
        let mut resolution = Resolution::Unbound;
        for (keys, action) in self.reachable(scope) {
            if keys == pressed {
                return Resolution::Action(action);
            }
            if keys.starts_with(pressed) {
                resolution = Resolution::Pending;
            }
        }
        resolution
    }

    fn reachable(&self, scope: Scope) -> impl Iterator<Item = (&[Key], UiAction)> {
        let applies = move |row: &Binding, keys: &[Key]| {
            row.scope == scope || (row.scope == Scope::Global && scope.hears_global(keys))
        };
        self.rows.iter().flat_map(move |row| {
            let keys = row.keys.iter().map(Vec::as_slice);
            keys.filter(move |keys| applies(row, keys))
                .map(|keys| (keys, row.action))
        })
    }

    /// The rows of one scope in table order, without the global ones: for help and hints.
    pub fn for_scope(&self, scope: Scope) -> impl Iterator<Item = &Binding> {
        self.rows.iter().filter(move |row| row.scope == scope)
    }

    /// The first key for `action` anywhere, as it is written in the table.
    #[must_use]
    pub fn key_label(&self, action: UiAction) -> Option<String> {
        let mut rows = self.rows.iter().filter(|row| row.action == action);
        rows.find_map(Binding::key_label)
    }

    /// The first key for `action` in `scope` or, failing that, everywhere.
    #[must_use]
    pub fn key_label_in(&self, scope: Scope, action: UiAction) -> Option<String> {
        let mut reachable = self.reachable(scope).filter(|&(_, does)| does == action);
        reachable.next().map(|(keys, _)| label(keys))
    }
}

#[cfg(test)]
mod tests;
