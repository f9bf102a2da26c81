//! What rows need of the entries that lie packed in the base, in columns.
//!
//! Pure. Made for all of them at once, and for single ones after a change.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::bits::Bits;
use super::judged::{Judged, Memo, code};
use super::reckon::{Instant, Life, Reckoned, Stage, class, pack};
use super::tally::Tally;
use crate::domain::account::AccountKind;
use crate::domain::entries::{Base, End, Slim};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::domain::row::counts_as;

/// The columns, by number. What is held whole has zeros here.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// How urgent each is, packed.
    pub(super) urgency: Vec<u64>,
    /// Under which code each was judged.
    pub(super) judged: Vec<u16>,
    /// Where a successor serves in its place.
    pub(super) superseded: Bits,
    /// Which are held whole, because of what they are or because they changed.
    pub(super) whole: Bits,
    pub(super) memo: Memo,
    pub(super) tally: Tally,
}

/// An account of the base at one moment.
#[derive(Clone, Copy, Debug)]
struct Clock {
    now: Timestamp,
    instant: Instant,
    by_hand: bool,
    /// The first second after which a row of it may be another.
    next_turn: i64,
}

/// What makes columns.
pub(super) struct Maker<'a> {
    inventory: &'a Inventory,
    base: &'a Base,
    system: Timestamp,
    clocks: Vec<Clock>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(inventory: &'a Inventory, system: Timestamp) -> Self {
        let base = inventory.entries.base();
        let clock = |name: &String| {
            let now = inventory.time_of(name, system);
            let account = inventory.accounts.get(name);
            Clock {
                now,
                instant: Instant::of(now),
                by_hand: account.is_some_and(|account| account.kind == AccountKind::ByHand),
                next_turn: i64::MAX,
            }
        };
        Self {
            inventory,
            base,
            system,
            clocks: base.shared().accounts.iter().map(clock).collect(),
        }
    }

    /// The columns of all entries of the base, and for each account when they turn next.
    pub(super) fn columns(mut self, whole: Bits) -> (Columns, Vec<(String, i64)>) {
        let count = self.base.len();
        let mut columns = Columns {
            urgency: vec![0; count],
            judged: vec![0; count],
            superseded: Bits::all(count, false),
            whole,
            memo: Memo::default(),
            tally: Tally::default(),
        };
        self.supersede(&mut columns);
        for at in 0..count {
            self.fill(&mut columns, at);
        }
        let names = self.base.shared().accounts.iter().cloned();
        let turns = self.clocks.iter().map(|clock| clock.next_turn);
        (columns, names.zip(turns).collect())
    }

    /// Fills in one that is packed.
    pub(super) fn fill(&mut self, columns: &mut Columns, at: usize) {
        let Some(slim) = self.base.slim(at).filter(|_| !columns.whole.get(at)) else {
            return;
        };
        let clock = self.clocks[usize::from(slim.account)];
        let life = Life::of(slim);
        let stage = life.map_or(Stage::NONE, |life| life.stage(clock.instant));
        let superseded = columns.superseded.get(at);
        let kind = self.base.kind(slim);
        let judged = self.judge(&mut columns.memo, at, slim, stage, clock.now);
        let reckoned = Reckoned {
            phase: judged.phase,
            since: since(judged, slim, life, clock.instant),
            life,
            stage,
            never: superseded || kind.archived || kind.is_ca,
        };
        let mut urgency = reckoned.urgency();
        if clock.by_hand {
            urgency = self.reminded(at, superseded);
        }
        let put_away = kind.archived || superseded;
        (columns.tally).add(counts_as(
            class(urgency),
            judged.phase,
            put_away,
            kind.is_ca,
        ));
        columns.judged[at] = code(slim.kind, stage);
        columns.urgency[at] = urgency;
        let turn = life.map_or(i64::MAX, |life| life.next_turn(clock.instant));
        let next = &mut self.clocks[usize::from(slim.account)].next_turn;
        *next = turn.min(*next);
    }

    /// The urgency of what is kept by hand hangs on more than its state.
    fn reminded(&self, at: usize, superseded: bool) -> u64 {
        let outline = self.base.outline(at);
        let row = self.inventory.row_with(&outline, self.system, superseded);
        pack(row.urgency)
    }

    fn judge<'m>(
        &self,
        memo: &'m mut Memo,
        at: usize,
        slim: &Slim,
        stage: Stage,
        now: Timestamp,
    ) -> &'m Judged {
        memo.judge(code(slim.kind, stage), || {
            let outline = self.base.outline(at);
            Judged::of(self.inventory, &outline, self.base.kind(slim), now)
        })
    }

    /// Finds out in whose place a successor serves.
    fn supersede(&self, columns: &mut Columns) {
        let Columns {
            superseded,
            whole,
            memo,
            ..
        } = columns;
        for (from, ties) in self.base.tied() {
            let at = from as usize;
            if !whole.get(at) && self.is_superseded(memo, whole, at, ties) {
                superseded.set(at, true);
            }
        }
    }

    /// Whether one of the successors serves, or one of theirs.
    fn is_superseded(&self, memo: &mut Memo, whole: &Bits, at: usize, ties: Range<usize>) -> bool {
        let mut next: Vec<Arc<Entry>> = Vec::new();
        for end in self.base.successors_at(ties) {
            match end {
                End::Here(other) if !whole.get(other as usize) => {
                    if self.serves(memo, other as usize) {
                        return true;
                    }
                    if self
                        .base
                        .ties_of(other as usize)
                        .any(|(kind, _)| kind.is_successor())
                    {
                        next.push(self.base.outline(other as usize));
                    }
                }
                End::Here(other) => next.extend(self.outline(&self.base.id(other as usize))),
                End::Elsewhere(id) => next.extend(self.outline(&EntryId::new(id))),
            }
        }
        // Longer chains, and those through what changed lately, are rare: they go the long way.
        !next.is_empty() && {
            let entry = self.base.outline(at);
            self.inventory.has_live_successor(&entry, self.system)
        }
    }

    fn outline(&self, id: &EntryId) -> Option<Arc<Entry>> {
        self.inventory.entries.outline(id)
    }

    fn serves(&self, memo: &mut Memo, at: usize) -> bool {
        self.base.slim(at).is_some_and(|slim| {
            let clock = self.clocks[usize::from(slim.account)];
            let stage = Life::of(slim).map_or(Stage::NONE, |life| life.stage(clock.instant));
            self.judge(memo, at, slim, stage, clock.now).serves
        })
    }

    /// Finds out for one whether a successor serves in its place.
    pub(super) fn supersede_one(&self, columns: &mut Columns, at: usize) {
        let entry = self.base.outline(at);
        let is = !entry.links.is_empty() && self.inventory.has_live_successor(&entry, self.system);
        columns.superseded.set(at, is);
    }
}

/// Since when the track that asks for the most stands where it stands.
fn since(judged: &Judged, slim: &Slim, life: Option<Life>, now: Instant) -> i64 {
    let Some(leading) = judged.leading else {
        return slim.changed.seconds();
    };
    let stored = slim.since.get(leading).map_or(0, |since| since.seconds());
    let turned = life
        .filter(|_| judged.turned)
        .and_then(|life| life.turned(now));
    turned.unwrap_or(stored)
}
