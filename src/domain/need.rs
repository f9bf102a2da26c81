//! Why somebody must look at an entry, in words: what the urgency of its row stands for.
//!
//! Pure text. `check` prints it.

use jiff::Timestamp;
use serde::Serialize;

use super::entry::Entry;
use super::lifecycle::{Lifecycle, Phase, State, standing};
use super::renewal;
use super::row::{self, Row, UrgencyClass};
use super::time;

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It failed, and nothing serves in its place.
    Failed,
    /// It expired, and nothing serves in its place.
    Expired,
    /// You or your customer must act.
    NeedsYou,
}

impl Severity {
    /// The severity in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::NeedsYou => "needs you",
        }
    }

    /// The severity as scripts read it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::NeedsYou => "needs-you",
            other => other.words(),
        }
    }
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Since when, in the account's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What it is, in a sentence; raw, since it may quote others.
    pub says: String,
}

/// How bad it is; nothing for an entry that needs nobody.
#[must_use]
pub fn severity(row: &Row) -> Option<Severity> {
    match row.urgency.class {
        UrgencyClass::Broken if row.has_expired() => Some(Severity::Expired),
        UrgencyClass::Broken => Some(Severity::Failed),
        UrgencyClass::NeedsYou => Some(Severity::NeedsYou),
        _ => None,
    }
}

/// Everything that speaks for looking at an entry, the state first; at least one reason for each
/// row that needs someone.
#[must_use]
pub fn reasons(entry: &Entry, row: &Row, lifecycle: Option<&Lifecycle>) -> Vec<Reason> {
    let by_hand = row.reminder.as_ref().map(|says| Reason {
        since: None,
        says: says.clone(),
    });
    let mut reasons = Vec::from_iter(validity(row));
    reasons.extend(states(entry, row, lifecycle));
    let others = [
        complaints(entry, row),
        said(entry, row, lifecycle),
        by_hand,
        trouble(entry),
    ];
    reasons.extend(others.into_iter().flatten());
    reasons
}

/// That it expired, or that its renewal window is open.
fn validity(row: &Row) -> Option<Reason> {
    let (from, to) = row.validity?;
    let relative = time::relative(row.now, to);
    if row.has_expired() {
        return Some(Reason {
            since: Some(to),
            says: format!("expired since {} ({relative})", time::date(to)),
        });
    }
    let opens = renewal::window_opens(from, to);
    (row.is_due()).then(|| Reason {
        since: Some(opens),
        says: format!(
            "renewal window open since {}, expires {} (in {relative})",
            time::date(opens),
            time::date(to)
        ),
    })
}

/// What the states of the tracks ask for, where they ask for something or have failed.
fn states(entry: &Entry, row: &Row, lifecycle: Option<&Lifecycle>) -> Vec<Reason> {
    let Some(table) = lifecycle.filter(|_| row.gone.is_none()) else {
        return Vec::new();
    };
    let stands = standing(entry, table, row.now);
    let asking = stands.tracks.iter().filter_map(|(track, state)| {
        let state = table.find(state).filter(|state| asks(state))?;
        let since = row::since(entry, track, table, row.now).unwrap_or(row.since);
        Some((state, since))
    });
    let reasons = asking.map(|(state, since)| of_state(entry, row, state, since));
    reasons.collect()
}

fn asks(state: &State) -> bool {
    matches!(state.phase, Phase::ActionNeeded | Phase::Failed)
}

fn of_state(entry: &Entry, row: &Row, state: &State, since: Timestamp) -> Reason {
    let says = state
        .says_with(entry.order.method)
        .trim_end_matches('.')
        .to_owned();
    // What the certificate's dates have made was dated with them, and a reminder says since when.
    let is_dated = row.has_expired() || row.is_due() || row.reminder.is_some();
    Reason {
        since: Some(since),
        says: if is_dated {
            says
        } else {
            format!("since {}: {says}", time::date(since))
        },
    }
}

/// What the CA complains of, where it looked for the proof in vain.
fn complaints(entry: &Entry, row: &Row) -> Option<Reason> {
    let complains = !entry.validation_errors.is_empty() && row.needs_someone();
    complains.then(|| Reason {
        since: None,
        says: format!("the CA says: {}", entry.validation_errors.join("; ")),
    })
}

/// What the provider said last, where it is not over.
fn said(entry: &Entry, row: &Row, lifecycle: Option<&Lifecycle>) -> Option<Reason> {
    let said = entry.said.as_ref().filter(|_| row.needs_someone())?;
    let is_result = lifecycle.is_some_and(|table| table.is_result(said));
    let words = if is_result { "result" } else { "it was said" };
    Some(Reason {
        since: None,
        says: format!("{words}: {said}"),
    })
}

fn trouble(entry: &Entry) -> Option<Reason> {
    let trouble = entry.trouble.as_ref()?;
    let place = entry.origin.as_deref().unwrap_or("its place");
    Some(Reason {
        since: Some(trouble.since),
        says: format!(
            "{place} cannot be read since {}, read last {}: {}",
            time::minute(trouble.since),
            time::minute(trouble.last_good),
            trouble.why
        ),
    })
}
