//! The JSON of `record` and of orders by hand: its shapes are stable, keys are only ever added.
//!
//! Pure data, by the same rules as the other shapes.

use serde::Serialize;

use crate::domain::entry::EntryId;

/// `record --json`, and `order --json` with an account kept by hand.
#[derive(Debug, Serialize)]
pub(super) struct RecordedShape {
    /// The entry.
    pub(super) id: EntryId,
    /// What is so now; no provider said it.
    pub(super) says: String,
    /// The entry that came of it and takes this one's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) successor: Option<EntryId>,
    /// The CSR that certdeck made for it, to paste into the provider's panel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) csr: Option<String>,
    /// What to do in the provider's own panel now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) steps: Vec<String>,
    /// Where that panel is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
}

/// `record --what --json`.
#[derive(Debug, Serialize)]
pub(super) struct RecordableShape<'a> {
    /// The entry.
    pub(super) id: &'a EntryId,
    /// The events that can come next.
    pub(super) events: Vec<RecordableEventShape<'a>>,
    /// The actions that can be submitted now.
    pub(super) submitted: Vec<RecordableActionShape<'a>>,
    /// Every state.
    pub(super) states: Vec<RecordableStateShape<'a>>,
    /// What the provider has still to carry out, in the words of the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) open: Option<&'a str>,
    /// Where the zone of the account can be put (`record --zone`), where its entries live in one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) zones: Vec<&'static str>,
}

/// An event that can be recorded.
#[derive(Debug, Serialize)]
pub(super) struct RecordableEventShape<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// What happened.
    pub(super) label: &'a str,
    /// The label of the state that it leads to.
    pub(super) leads_to: &'a str,
    /// The flags for what comes with it, without their dashes.
    pub(super) takes: Vec<&'static str>,
}

/// An action that can be submitted in the provider's own panel.
#[derive(Debug, Serialize)]
pub(super) struct RecordableActionShape<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// The flags for what it asks and what comes with it, without their dashes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) takes: Vec<&'static str>,
    /// What the provider calls it.
    pub(super) title: &'a str,
    /// The label of the state that it leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leads_to: Option<&'a str>,
    /// Whether a new entry comes of it.
    pub(super) makes_successor: bool,
}

/// A state that the provider's panel can show.
#[derive(Debug, Serialize)]
pub(super) struct RecordableStateShape<'a> {
    /// Its track.
    pub(super) track: &'a str,
    /// Its id.
    pub(super) id: &'a str,
    /// Its label.
    pub(super) label: &'a str,
    /// Whether the entry stands there now.
    pub(super) is_now: bool,
}
