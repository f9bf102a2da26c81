//! The JSON of `check`: its shape is stable, keys are only ever added.
//!
//! Pure data, by the same rules as the other shapes.

use jiff::Timestamp;
use serde::Serialize;

use super::shapes_of_states::ReadyShape;
use crate::domain::lifecycle::Phase;
use crate::domain::need::{Reason, Severity};
use crate::domain::row::Row;

/// `check --json`.
#[derive(Debug, Serialize)]
pub(super) struct CheckShape<'a> {
    /// The exit code: 0 nothing, 10 needs someone, 11 failed or expired, 5 the store is damaged.
    pub(super) exit: u8,
    /// How many there are of each severity.
    pub(super) counts: CountsShape,
    /// What needs someone, the most urgent first.
    pub(super) needs: Vec<NeedShape<'a>>,
}

/// How many entries need someone.
#[derive(Debug, Serialize)]
pub(super) struct CountsShape {
    /// How many were looked at.
    pub(super) checked: usize,
    /// How many failed.
    pub(super) failed: usize,
    /// How many expired.
    pub(super) expired: usize,
    /// How many need you or your customer.
    pub(super) needs_you: usize,
}

/// An entry that needs someone.
#[derive(Debug, Serialize)]
pub(super) struct NeedShape<'a> {
    /// `failed`, `expired` or `needs-you`.
    severity: &'static str,
    /// The entry's id.
    id: &'a str,
    /// The name that it is called by.
    name: &'a str,
    /// The account.
    account: &'a str,
    /// Whether the sandbox plays it.
    sandbox: bool,
    /// What the provider's panel shows.
    status: &'a str,
    /// The class of the status; left out where no table knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    /// Since when it needs someone, in its account's time.
    since: Timestamp,
    /// Until when its certificate is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<Timestamp>,
    /// Whether it is ready for production; left out where its provider does not say what that
    /// takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<ReadyShape>,
    /// Why, each with its own beginning where it has one.
    reasons: &'a [Reason],
}

impl<'a> NeedShape<'a> {
    pub(super) fn of(
        row: &'a Row,
        sandbox: bool,
        severity: Severity,
        reasons: &'a [Reason],
    ) -> Self {
        Self {
            severity: severity.id(),
            id: row.id.as_str(),
            name: &row.name,
            account: &row.account,
            sandbox,
            status: &row.state,
            phase: row.phase.map(Phase::id),
            since: row.urgency.at,
            not_after: row.validity.map(|(_, to)| to),
            ready: row.ready.as_ref().map(ReadyShape::of),
            reasons,
        }
    }
}
