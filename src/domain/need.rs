//! Why somebody must look at an entry, in words: what the urgency of its row stands for.
//!
//! Pure text. `check` prints it.

use jiff::Timestamp;
use serde::Serialize;

use super::entry::Entry;
use super::lifecycle::{Lifecycle, Phase, effective};
use super::renewal;
use super::row::{Row, UrgencyClass};
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
    [
        validity(row),
        state(entry, row, lifecycle),
        said(entry, row),
        by_hand,
        trouble(entry),
    ]
    .into_iter()
    .flatten()
    .collect()
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

/// What the state asks for, where it asks for something or has failed.
fn state(entry: &Entry, row: &Row, lifecycle: Option<&Lifecycle>) -> Option<Reason> {
    if !matches!(row.phase, Some(Phase::ActionNeeded | Phase::Failed)) {
        return None;
    }
    let table = lifecycle?;
    let state = effective(entry, table, row.now);
    let known = table.find(&state)?;
    let says = known
        .says_with(entry.order.method)
        .trim_end_matches('.')
        .to_owned();
    // What the certificate's dates have made was dated with them, and a reminder says since when.
    let is_dated = row.has_expired() || row.is_due() || row.reminder.is_some();
    Some(Reason {
        since: Some(row.since),
        says: if is_dated {
            says
        } else {
            format!("since {}: {says}", time::date(row.since))
        },
    })
}

/// What the provider said last, where it is not over.
fn said(entry: &Entry, row: &Row) -> Option<Reason> {
    let said = entry.said.as_ref().filter(|_| row.needs_someone())?;
    Some(Reason {
        since: None,
        says: format!("it was said: {said}"),
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
