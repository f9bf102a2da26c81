//! Everything that the panel knows: what is shown, selected, typed, asked and awaited.
//!
//! Plain data with small questions about it; it decides nothing. `update` alone changes it,
//! `view` reads it.

mod details;
mod jobs;
mod list;
mod outcomes;
mod timeline;
mod toasts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::actions_menu::ActionsMenu;
use super::bulk_menu::BulkMenu;
use super::keymap::{Key, Keymap, Scope};
use super::layout::{Focus, Screen, arrange};
use super::message::JobId;
use super::overlay::Overlay;
use super::symbols::{self, Symbols};
use super::theme::Theme;
use crate::domain::account::AccountKind;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::engine::command::{Command, Progress};
pub use details::{DetailsPane, Loaded, Tab};
pub use jobs::{Job, Jobs, Purpose};
pub(crate) use list::{ARCHIVED, ready_word};
pub use list::{Arranged, ListPane, Widest, Work};
pub use outcomes::{Came, OutcomeLine, Outcomes, Plan};
pub use timeline::{AT_ONCE, TimelineWork};
pub use toasts::{Toast, Toasts};

/// How the panel looks and behaves; fixed for as long as it is open.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the keys do.
    pub keymap: Keymap,
    /// What things look like.
    pub theme: Theme,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// Whether news rings the terminal's bell.
    pub bell: bool,
    /// After how long a private key is taken off the clipboard.
    pub clear_clipboard: SignedDuration,
    /// What is said at the start, if anything.
    pub greeting: Option<String>,
}

impl Settings {
    /// The signs to draw with.
    #[must_use]
    pub fn symbols(&self) -> &'static Symbols {
        if self.ascii {
            &symbols::ASCII
        } else {
            &symbols::UNICODE
        }
    }
}

/// What is put on the clipboard in place of a key: some terminals, tmux among them, ignore an empty
/// text.
pub(in crate::tui) const CLEARED: &str = " ";

/// What lies over the panes and has the keys.
#[derive(Debug)]
pub enum Layer {
    /// The menu of actions.
    Actions(ActionsMenu),
    /// The menu of actions over all marked entries.
    Bulk(BulkMenu),
    /// What came of one action on several entries; it lies in [`Model::outcomes`].
    Outcomes,
    /// A form or a dialog.
    Overlay(Overlay),
}

/// How many entries that are kept by hand wait for you: nobody else would say so.
pub(in crate::tui) fn kept_by_hand(inventory: &Inventory, list: &ListPane) -> Option<String> {
    if list.rows.is_first_page() {
        return None;
    }
    let is_by_hand = |account: &str| {
        let account = inventory.accounts.get(account);
        account.is_some_and(|account| account.kind == AccountKind::ByHand)
    };
    // Whoever keeps nothing by hand pays nothing for this.
    if !inventory.accounts.keys().any(|name| is_by_hand(name)) {
        return None;
    }
    let counts = list.rows.by_account().into_iter();
    let by_hand = counts.filter(|(account, _)| is_by_hand(account));
    match by_hand.map(|(_, count)| count.needs_someone).sum::<usize>() {
        0 => None,
        1 => Some("1 entry kept by hand waits for you; `needs:` shows it".to_owned()),
        count => Some(format!(
            "{count} entries kept by hand wait for you; `needs:` shows them"
        )),
    }
}

/// The panel's whole state.
#[derive(Debug)]
pub struct Model {
    /// How it looks and behaves.
    pub settings: Settings,
    /// The system's time, as of the last message that brought it.
    pub now: Timestamp,
    /// Whether what waits for you is counted and told once all of a long list is there.
    pub counts_later: bool,
    /// Columns and rows of the window.
    pub size: (u16, u16),
    /// What there is.
    pub inventory: Arc<Inventory>,
    /// The list of entries.
    pub list: ListPane,
    /// The selected entry, as it is drawn.
    shown: Option<Arc<Entry>>,
    /// The details of the selected entry.
    pub details: DetailsPane,
    /// Which pane has the keys.
    pub focus: Focus,
    /// What lies over the panes.
    pub layer: Option<Layer>,
    /// The marked entries.
    pub marks: BTreeSet<EntryId>,
    /// The form below a question for a passphrase.
    pub behind: Option<Layer>,
    /// What was handed to the engine, for as long as it may turn out to need a passphrase.
    pub(in crate::tui) asked: BTreeMap<JobId, Command>,
    /// Until when a private key is on the clipboard, in the system's time.
    pub clipboard: Option<Timestamp>,
    /// What is run when the open question is answered with yes, where it is about several entries.
    pub plan: Option<Plan>,
    /// What came of the last action on several entries, until the list of it is closed.
    pub outcomes: Option<Outcomes>,
    /// What was said lately.
    pub toasts: Toasts,
    /// What is under way.
    pub jobs: Jobs,
    /// How far something long has come.
    pub progress: Option<Progress>,
    /// The keys of a sequence that has begun.
    pub pressed: Vec<Key>,
    /// Whether the panel closes as soon as nothing costly is under way.
    pub leaving: bool,
    /// Whether something changed that the screen does not show yet.
    pub stale: bool,
}

impl Model {
    /// The panel before its first message.
    #[must_use]
    pub fn new(settings: Settings, inventory: Arc<Inventory>, now: Timestamp) -> Self {
        let mut list = ListPane::default();
        list.refill(&inventory, now);
        let mut toasts = Toasts::default();
        if let Some(greeting) = &settings.greeting {
            toasts.plain(now, greeting.clone());
        }
        if let Some(says) = kept_by_hand(&inventory, &list) {
            toasts.plain(now, says);
        }
        let shown = (list.selected.as_ref()).and_then(|id| inventory.get(id));
        let counts_later = list.rows.is_first_page();
        Self {
            settings,
            now,
            counts_later,
            size: (0, 0),
            inventory,
            list,
            shown,
            details: DetailsPane::default(),
            focus: Focus::List,
            layer: None,
            marks: BTreeSet::new(),
            behind: None,
            asked: BTreeMap::new(),
            clipboard: None,
            plan: None,
            outcomes: None,
            toasts,
            jobs: Jobs::default(),
            progress: None,
            pressed: Vec::new(),
            leaving: false,
            stale: true,
        }
    }

    /// The selected entry.
    #[must_use]
    pub fn selected(&self) -> Option<Arc<Entry>> {
        let id = self.list.selected.as_ref()?;
        match self.shown() {
            Some(shown) if shown.id == *id => Some(Arc::clone(shown)),
            _ => self.inventory.get(id),
        }
    }

    /// The selected entry as it is drawn: what a view may look at, since reading is not for it.
    #[must_use]
    pub fn shown(&self) -> Option<&Arc<Entry>> {
        self.shown.as_ref()
    }

    /// Takes over what there is now.
    pub(in crate::tui) fn take_over(&mut self, inventory: Arc<Inventory>) {
        self.inventory = inventory;
        self.shown = None;
    }

    /// Reads the selected entry for the next frame, where another one is selected than before or
    /// what there is has changed.
    pub(in crate::tui) fn look_at_selected(&mut self) {
        let id = self.list.selected.as_ref();
        let is_same = self.shown.as_ref().map(|shown| &shown.id) == id;
        if !is_same {
            self.shown = id.and_then(|id| self.inventory.get(id));
        }
    }

    /// Whether an action is possible for the selected entry now.
    #[must_use]
    pub fn selected_allows(&self, action: &str) -> bool {
        let verdict = |entry: &Entry| self.inventory.verdict(action, entry, self.now);
        self.selected()
            .is_some_and(|entry| verdict(&entry).is_possible())
    }

    /// The time of an entry's account.
    #[must_use]
    pub fn time_of(&self, entry: &Entry) -> Timestamp {
        self.inventory.time_of(&entry.account, self.now)
    }

    /// Where the parts of the screen stand.
    #[must_use]
    pub fn screen(&self) -> Screen {
        let (width, height) = self.size;
        arrange(Rect::new(0, 0, width, height), self.focus, self.list_rows())
    }

    /// How many rows the list has to show; while a filter is typed the panes stay as they are.
    #[must_use]
    pub fn list_rows(&self) -> usize {
        if self.list.typing || self.list.visible.is_empty() {
            return self.list.rows.len().max(10);
        }
        // What was said stands on a line of its own; a full screen of rows is enough to know.
        let said = (0..self.list.visible.len().min(100)).filter(|at| self.list.has_remark(*at));
        self.list.visible.len() + said.count()
    }

    /// Whether details are on the screen, so that they have to be loaded.
    #[must_use]
    pub fn shows_details(&self) -> bool {
        self.screen().details.area() > 0
    }

    /// Which part of the screen has the keys.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match &self.layer {
            Some(Layer::Actions(_) | Layer::Bulk(_) | Layer::Outcomes) => Scope::Menu,
            Some(Layer::Overlay(overlay)) => overlay.scope(),
            None if self.list.typing => Scope::Filter,
            None => match self.focus {
                Focus::List => Scope::List,
                Focus::Details => Scope::Details,
            },
        }
    }

    /// Whether any account watches files or servers.
    #[must_use]
    pub fn watches_something(&self) -> bool {
        let mut accounts = self.inventory.accounts.values();
        accounts.any(|account| account.watched.is_some())
    }

    /// When the screen changes next by time alone: at this system time, if at all.
    #[must_use]
    pub fn next_tick(&self) -> Option<Timestamp> {
        let clock = self
            .inventory
            .sandbox_is_running()
            .then(|| crate::domain::time::later(self.now, jiff::SignedDuration::from_secs(1)));
        // How long ago something was read is told in minutes.
        let ages = self
            .watches_something()
            .then(|| crate::domain::time::later(self.now, jiff::SignedDuration::from_mins(1)));
        [clock, ages, self.toasts.next_expiry(), self.clipboard]
            .into_iter()
            .flatten()
            .min()
    }
}
