//! What a table says of all entries of one kind whose certificates are at the same stage.
//!
//! Pure. Judged once and remembered: a million entries have some dozens of kinds.

use super::reckon::Stage;
use crate::domain::entries::{KINDS, Kind};
use crate::domain::entry::{Entry, MAIN_TRACK};
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{Lifecycle, Phase, Readiness, Who, standing};
use jiff::Timestamp;

/// What a table says of an entry.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::domain) struct Judged {
    /// The class of the state.
    pub(in crate::domain) phase: Option<Phase>,
    /// What the provider's panel shows.
    pub(in crate::domain) label: String,
    /// The states by id.
    pub(in crate::domain) ids: String,
    /// Whether it is ready for production.
    pub(in crate::domain) ready: Option<Readiness>,
    /// The track that asks for the most, among those of the kind; nothing where there is none.
    pub(super) leading: Option<usize>,
    /// Whether time has moved that track on from where it is stored.
    pub(super) turned: bool,
    /// Whether it serves.
    pub(super) serves: bool,
    /// Whether nothing but a customer's move is missing.
    pub(in crate::domain) waits_for_customer: bool,
}

impl Judged {
    /// Judges an entry of the kind.
    pub(super) fn of(inventory: &Inventory, entry: &Entry, kind: &Kind, now: Timestamp) -> Self {
        match inventory.lifecycle_of(entry) {
            Some(table) => Self {
                serves: inventory.serves(entry, now),
                ..Self::by(table, entry, kind, now)
            },
            None => Self::without_table(kind),
        }
    }

    fn by(table: &Lifecycle, entry: &Entry, kind: &Kind, now: Timestamp) -> Self {
        let stands = standing(entry, table, now);
        let leading = stands.leading(table).map(|(track, _)| track.to_owned());
        let at = |id: &String| kind.tracks.iter().position(|(track, _)| track == id);
        let leading = leading.as_ref().and_then(at);
        let turned = leading.is_some_and(|at| {
            let (id, stored) = &kind.tracks[at];
            let mut tracks = stands.tracks.iter();
            tracks.any(|(track, state)| track == id && state != stored)
        });
        Self {
            phase: stands.phase(table),
            label: stands.label(table),
            ids: stands.key(),
            ready: table.readiness(entry, now),
            leading,
            turned,
            serves: false,
            waits_for_customer: waits_for_customer(table, entry, now),
        }
    }

    fn without_table(kind: &Kind) -> Self {
        let states: Vec<&str> = kind
            .tracks
            .iter()
            .map(|(_, state)| state.as_str())
            .collect();
        let main = kind
            .tracks
            .iter()
            .position(|(track, _)| track == MAIN_TRACK);
        Self {
            phase: None,
            label: states.join(" · "),
            ids: states.join("+"),
            ready: None,
            leading: main.or((!kind.tracks.is_empty()).then_some(0)),
            turned: false,
            serves: false,
            waits_for_customer: false,
        }
    }
}

/// Whether every track that asks for something waits for a customer alone.
pub(in crate::domain) fn waits_for_customer(
    table: &Lifecycle,
    entry: &Entry,
    now: Timestamp,
) -> bool {
    let stands = standing(entry, table, now);
    let states = stands.tracks.iter();
    let mut asking = states
        .filter_map(|(_, state)| table.find(state))
        .filter(|state| state.phase == Phase::ActionNeeded);
    asking.all(|state| state.who_with(entry.order.method) == Who::Customer)
}

/// Everything that was judged, by kind and stage.
#[derive(Clone, Debug, Default)]
pub(in crate::domain) struct Memo {
    judged: Vec<Option<Judged>>,
}

/// How many stages a kind has room for.
const STAGES: u16 = 16;

/// A kind and a stage in two bytes.
pub(super) fn code(kind: u16, stage: Stage) -> u16 {
    const { assert!(Stage::COUNT == STAGES as usize && KINDS <= u16::MAX / STAGES + 1) };
    kind * STAGES + stage.number()
}

/// The kind of a code.
pub(super) fn kind(code: u16) -> usize {
    usize::from(code / STAGES)
}

impl Memo {
    /// What was judged under a code, or what `judge` says now.
    pub(super) fn judge(&mut self, code: u16, judge: impl FnOnce() -> Judged) -> &Judged {
        let at = usize::from(code);
        if self.judged.len() <= at {
            self.judged.resize(at + 1, None);
        }
        self.judged[at].get_or_insert_with(judge)
    }

    /// Takes over what another one judged and this one did not.
    pub(super) fn take_over(&mut self, other: Self) {
        let length = self.judged.len().max(other.judged.len());
        self.judged.resize(length, None);
        for (own, others) in self.judged.iter_mut().zip(other.judged) {
            *own = own.take().or(others);
        }
    }

    /// What was judged under a code.
    pub(in crate::domain) fn get(&self, code: u16) -> Option<&Judged> {
        self.judged.get(usize::from(code))?.as_ref()
    }

    /// One answer for each code that was judged.
    pub(in crate::domain) fn table<T: Clone>(
        &self,
        otherwise: T,
        answer: impl Fn(&Judged) -> T,
    ) -> Vec<T> {
        let judged = self.judged.iter();
        judged
            .map(|judged| judged.as_ref().map_or_else(|| otherwise.clone(), &answer))
            .collect()
    }
}
