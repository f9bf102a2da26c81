//! What to do in a provider's own panel, where certdeck cannot do it.
//!
//! Pure text, from the lifecycle's table where it says something, else in general. Both faces show
//! it before they offer "record: submitted".

use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;

/// What to do in the provider's own panel, and what is written down afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guidance {
    /// What it is about: `Renew, in netcup's own panel`.
    pub title: String,
    /// What to do there, step by step.
    pub steps: Vec<String>,
    /// Where the panel is.
    pub link: Option<String>,
    /// What "record: submitted" writes down.
    pub then: String,
}

/// What to do in the provider's own panel for an action or an event, by id.
#[must_use]
pub fn guidance(action: &str, entry: &Entry, inventory: &Inventory) -> Guidance {
    let lifecycle = inventory.lifecycle_of(entry);
    let provider = lifecycle.map_or(entry.account.as_str(), |table| table.provider.as_str());
    let title = lifecycle.map_or_else(|| action.to_owned(), |table| table.action_title(action));
    let link = inventory
        .accounts
        .get(&entry.account)
        .and_then(|account| account.panel.clone());
    Guidance {
        title: format!("{title}, in {provider}'s own panel"),
        steps: vec![format!(
            "In {provider}'s panel, open {}: {title}.",
            entry.name()
        )],
        link,
        then: format!("{title} is written down as submitted by you."),
    }
}
