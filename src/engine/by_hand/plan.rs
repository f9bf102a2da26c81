//! What recording something would write down, or everything that stands in the way.
//!
//! Pure: the engine plans under the store's lock and then does it; forms plan to see what is wrong.
//! May not: write, or make a key. Events move along the table (`happened`), corrections from
//! anywhere to anywhere (`shows`), what was submitted by its row (`submitted`).

use jiff::Timestamp;

use super::facts::{Facts, stray_keys};
use super::possible::recordable;
use super::words::is_now;
use crate::domain::account::ZoneStatus;
use crate::domain::action;
use crate::domain::entry::{Entry, StateRef};
use crate::domain::event::{self, Event, What};
use crate::domain::gate::{Reason, Verdict};
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{Lifecycle, Makes, effective_track};
use crate::engine::EngineError;
use crate::engine::command::{Field, FieldError, Particulars, Record, Recorded};
use crate::pki::belong::Material;

/// What recording something writes down.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What happens to the entry.
    pub(super) happened: Vec<What>,
    /// The key and the certificates that have to be kept before.
    pub(super) material: Material,
    /// The successor that comes of it.
    pub(super) successor: Option<Successor>,
    /// How the zone of the account stands from then on.
    pub(super) zone: Option<ZoneStatus>,
    /// What is so then, in sentences of ours.
    pub(super) says: String,
}

/// A successor that comes of an action.
#[derive(Debug)]
pub(super) struct Successor {
    pub(super) makes: Makes,
    pub(super) facts: Facts,
}

/// What stands in the way of a record.
#[derive(Debug)]
pub(super) enum Objection {
    /// It is not possible now.
    Refused(Box<EngineError>),
    /// Something of it is wrong.
    Fields(Vec<FieldError>),
}

impl From<Vec<FieldError>> for Objection {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Fields(errors)
    }
}

/// Plans a record of `entry`, as everything is in `inventory`; `system` is the system's time.
pub(super) fn plan(
    record: &Record,
    entry: &Entry,
    inventory: &Inventory,
    system: Timestamp,
) -> Result<Plan, Objection> {
    let local = match &record.what {
        Recorded::Described => "describe",
        _ => "record",
    };
    let Some(lifecycle) = inventory.lifecycle_of(entry) else {
        let says = format!("its lifecycle table {:?} is missing", entry.lifecycle);
        return Err(refusal("Record".to_owned(), entry, says));
    };
    let look = Look {
        record,
        with: &record.with,
        entry,
        lifecycle,
        inventory,
        system,
        now: inventory.time_of(&entry.account, system),
    };
    if let Verdict::Refused(reason) = inventory.verdict(local, entry, system) {
        let title = action::spec(local).map_or(local, |spec| spec.title);
        return Err(refusal(title.to_owned(), entry, reason.to_string()));
    }
    let strays = stray_keys(&record.with);
    if !strays.is_empty() {
        return Err(strays.into());
    }
    match &record.what {
        Recorded::Event(id) => look.event(id),
        Recorded::Submitted(id) => look.submitted(id),
        Recorded::Shows { track, state } => look.shows(track, state),
        Recorded::Gone => look.gone(),
        Recorded::Closed => look.closed(),
        Recorded::Zone(status) => look.zone(*status),
        Recorded::Described => look.described(),
    }
}

pub(super) fn refusal(action: String, entry: &Entry, says: String) -> Objection {
    Objection::Refused(Box::new(EngineError::Refused {
        action,
        name: entry.name().to_owned(),
        reason: Reason::new(says),
    }))
}

pub(super) fn wrong(field: Field, says: impl Into<String>) -> Vec<FieldError> {
    let says = says.into();
    vec![FieldError { field, says }]
}

/// Everything that a plan looks at.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) record: &'a Record,
    /// What comes with it, without what was said for an action.
    pub(super) with: &'a Particulars,
    pub(super) entry: &'a Entry,
    pub(super) lifecycle: &'a Lifecycle,
    pub(super) inventory: &'a Inventory,
    pub(super) system: Timestamp,
    pub(super) now: Timestamp,
}

impl Look<'_> {
    /// What can be recorded instead.
    pub(super) fn instead(&self) -> String {
        let possible = recordable(self.entry, self.inventory, self.system);
        let events = possible.events.iter().map(|event| event.id.as_str());
        let actions = possible.submitted.iter().map(|action| action.id.as_str());
        let ids: Vec<_> = events.chain(actions).collect();
        if ids.is_empty() {
            return "record what the panel shows now (--shows STATE)".to_owned();
        }
        format!(
            "what can be recorded is {}, or what the panel shows now (--shows STATE)",
            ids.join(", ")
        )
    }

    pub(super) fn stands(&self, track: &str) -> StateRef {
        effective_track(self.entry, track, self.lifecycle, self.now)
            .unwrap_or_else(|| StateRef::unknown("not there yet"))
    }

    /// The entry as it will be.
    pub(super) fn after(&self, happened: &[What]) -> Entry {
        let mut entry = self.entry.clone();
        for what in happened {
            let event = Event {
                entry: entry.id.clone(),
                at: self.now,
                what: what.clone(),
            };
            event::apply(&mut entry, &event);
        }
        entry
    }

    pub(super) fn is_now(&self, after: &Entry) -> String {
        is_now(after, self.lifecycle, self.now)
    }
}
