//! The details pane: which tab, how far scrolled, what was loaded, whether the key is revealed.

use secrecy::SecretString;

use crate::domain::entry::EntryId;
use crate::engine::command::Details;
use crate::pki::csr::CsrInfo;

/// The five tabs, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Names, status, who moves next, validity.
    #[default]
    General,
    /// Product, price, invoice, validation.
    Product,
    /// CSR, certificate, chain, private key.
    Certificate,
    /// The states drawn, and what can happen next.
    Lifecycle,
    /// What happened.
    History,
}

impl Tab {
    /// Every tab, in the order of their keys.
    pub const ALL: [Self; 5] = [
        Self::General,
        Self::Product,
        Self::Certificate,
        Self::Lifecycle,
        Self::History,
    ];

    /// The tab's name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::General => "General",
            Self::Product => "Product",
            Self::Certificate => "CSR/Certificate",
            Self::Lifecycle => "Lifecycle",
            Self::History => "History",
        }
    }
}

/// What was loaded of the selected entry.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The entry.
    pub entry: EntryId,
    /// What the engine said of it, or why it could not.
    pub details: Result<Box<Details>, String>,
    /// Its CSR, read once, since the view is drawn often.
    pub csr: Option<Result<CsrInfo, String>>,
    /// Whether the entry has changed since.
    pub outdated: bool,
}

/// The details pane.
#[derive(Debug, Default)]
pub struct DetailsPane {
    /// Which tab is shown.
    pub tab: Tab,
    /// The first line that is shown.
    pub scroll: usize,
    /// Whether what is folded is shown whole.
    pub expanded: bool,
    /// What was loaded last; look at its id before using it.
    pub loaded: Option<Loaded>,
    /// The entry whose details are being loaded.
    pub awaited: Option<EntryId>,
    /// The private key that a person asked to see; gone as soon as the entry or the tab is left.
    pub revealed: Option<(EntryId, SecretString)>,
}

impl DetailsPane {
    /// What was loaded of this entry.
    #[must_use]
    pub fn of(&self, entry: &EntryId) -> Option<&Loaded> {
        self.loaded.as_ref().filter(|loaded| &loaded.entry == entry)
    }

    /// The engine's details of this entry.
    #[must_use]
    pub fn details_of(&self, entry: &EntryId) -> Option<&Details> {
        self.of(entry)?.details.as_deref().ok()
    }

    /// The private key of this entry, if it was asked for.
    #[must_use]
    pub fn revealed_of(&self, entry: &EntryId) -> Option<&SecretString> {
        let (of, key) = self.revealed.as_ref()?;
        (of == entry).then_some(key)
    }

    /// Shows a tab from its top. The private key does not stay revealed behind it.
    pub fn show(&mut self, tab: Tab) {
        self.tab = tab;
        self.leave();
    }

    /// Forgets what belonged to the tab or the entry that is left.
    pub fn leave(&mut self) {
        self.scroll = 0;
        self.expanded = false;
        self.revealed = None;
    }
}
