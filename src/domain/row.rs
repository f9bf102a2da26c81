//! A row of the list: the little of an entry that list, filter and sorting need.
//!
//! Pure. The inventory makes rows, the faces draw and order them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::entry::{Entry, EntryId};
use super::lifecycle::{Lifecycle, Phase, effective};
use super::renewal;

/// One line of the list.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and the list shows any of them beside the others"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The entry.
    pub id: EntryId,
    /// The name that it is called by; raw, so the faces sanitise it.
    pub name: String,
    /// How many more names it protects.
    pub more_names: usize,
    /// The product's name; raw.
    pub product: String,
    /// The account, by name.
    pub account: String,
    /// The account as it is shown: everything of the sandbox says so.
    pub account_words: String,
    /// What the provider's panel shows; raw, since a provider may say anything.
    pub state: String,
    /// The class of the state; nothing where no table knows the state.
    pub phase: Option<Phase>,
    /// The validity of the certificate that serves.
    pub validity: Option<(Timestamp, Timestamp)>,
    /// The account's time when the row was made.
    pub now: Timestamp,
    /// How soon somebody must look at it.
    pub urgency: Urgency,
    /// The action whose answer is awaited.
    pub request: Option<String>,
    /// What the provider said last, where it belongs on the row.
    pub said: Option<String>,
    /// Whether the place that it was read from cannot be read any more.
    pub trouble: bool,
    /// Whether a successor serves in its place.
    pub superseded: bool,
    /// Whether it was put away.
    pub archived: bool,
    /// Whether its certificate belongs to a certification authority.
    pub is_ca: bool,
}

/// How soon somebody must look at an entry: first the class, then the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Urgency {
    /// The class.
    pub class: UrgencyClass,
    /// What the class orders by: since when somebody waits, or until when there is time.
    pub at: Timestamp,
}

/// The classes of urgency, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UrgencyClass {
    /// Failed or expired, and nothing serves in its place.
    Broken,
    /// You or your customer must act, or the renewal window is open.
    NeedsYou,
    /// The provider or the CA is at it, or nobody knows the state.
    Moving,
    /// It serves.
    Serving,
    /// It is on its way out.
    Leaving,
    /// Nothing will ever be urgent here: over, superseded, archived, or a CA's own.
    Never,
}

impl Row {
    /// The row of an entry at `now`, its account's time.
    #[must_use]
    pub fn of(
        entry: &Entry,
        lifecycle: Option<&Lifecycle>,
        now: Timestamp,
        superseded: bool,
    ) -> Self {
        let (state, phase) = state_and_phase(entry, lifecycle, now);
        let serving = entry.serving();
        let validity = serving.map(|held| (held.not_before, held.not_after));
        let is_ca = serving.is_some_and(|held| held.is_ca);
        let never = superseded || entry.archived || is_ca;
        Self {
            id: entry.id.clone(),
            name: entry.name().to_owned(),
            more_names: entry.names.len().saturating_sub(1),
            product: entry.product.name.clone(),
            account: entry.account.clone(),
            account_words: entry.account.clone(),
            state,
            phase,
            validity,
            now,
            urgency: urgency(entry, phase, validity, now, never),
            request: entry.request.as_ref().map(|request| request.action.clone()),
            said: entry.said.clone(),
            trouble: entry.trouble.is_some(),
            superseded,
            archived: entry.archived,
            is_ca,
        }
    }

    /// Whether somebody has to do something about it.
    #[must_use]
    pub fn needs_someone(&self) -> bool {
        self.urgency.class <= UrgencyClass::NeedsYou
    }
}

/// The labels of all tracks, and the phase of the first.
fn state_and_phase(
    entry: &Entry,
    lifecycle: Option<&Lifecycle>,
    now: Timestamp,
) -> (String, Option<Phase>) {
    let Some(lifecycle) = lifecycle else {
        let stored = entry.main().map(|track| track.state.as_str().to_owned());
        return (stored.unwrap_or_default(), None);
    };
    let state = effective(entry, lifecycle, now);
    let phase = lifecycle.find(&state).map(|state| state.phase);
    (lifecycle.label(&state).to_owned(), phase)
}

fn urgency(
    entry: &Entry,
    phase: Option<Phase>,
    validity: Option<(Timestamp, Timestamp)>,
    now: Timestamp,
    never: bool,
) -> Urgency {
    let since = entry.main().map_or(entry.changed, |track| track.since);
    let ends = validity.map_or(Timestamp::MAX, |(_, not_after)| not_after);
    let window = validity.map_or(Timestamp::MAX, |(from, to)| renewal::window_opens(from, to));
    let (class, at) = match phase {
        _ if never => (UrgencyClass::Never, ends),
        Some(Phase::Failed) => (UrgencyClass::Broken, ends.min(now)),
        Some(Phase::ActionNeeded) => (UrgencyClass::NeedsYou, since.min(window)),
        Some(Phase::Live) if window <= now => (UrgencyClass::NeedsYou, window),
        Some(Phase::Live) => (UrgencyClass::Serving, window),
        Some(Phase::InProgress) | None => (UrgencyClass::Moving, since),
        Some(Phase::WindingDown) => (UrgencyClass::Leaving, ends),
        Some(Phase::Ended) => (UrgencyClass::Never, ends),
    };
    Urgency { class, at }
}

/// How many rows there are of each phase, archived and superseded ones left out.
#[must_use]
pub fn count_phases(rows: &[Row]) -> BTreeMap<Phase, usize> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.archived && !row.superseded) {
        if let Some(phase) = row.phase {
            *counts.entry(phase).or_insert(0) += 1;
        }
    }
    counts
}
