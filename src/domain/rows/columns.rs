//! What rows need of the entries that lie packed in the base, in columns.
//!
//! Pure. Made for all of them at once, and for single ones after a change.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::bits::Bits;
use super::judged::{Judged, Memo, code};
use super::reckon::{Instant, Life, Reckoned, Stage, URGENCY, class, pack};
use super::tally::Tally;
use crate::domain::account::AccountKind;
use crate::domain::entries::{Base, End, Slim};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::halves;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Phase;
use crate::domain::row::counts_as;

/// The columns, by number. What is held whole has zeros here.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// How urgent each is, packed.
    pub(super) urgency: Vec<Urgent>,
    /// Under which code each was judged.
    pub(super) judged: Vec<u16>,
    /// Where a successor serves in its place.
    pub(super) superseded: Bits,
    /// Which are held whole, because of what they are or because they changed.
    pub(super) whole: Bits,
    pub(super) memo: Memo,
    pub(super) tally: Tally,
}

/// An urgency, packed, in no more bytes than it has bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Urgent([u8; URGENCY.div_ceil(u8::BITS) as usize]);

impl Urgent {
    fn of(packed: u64) -> Self {
        let mut bytes = [0; URGENCY.div_ceil(u8::BITS) as usize];
        let length = bytes.len();
        bytes.copy_from_slice(&packed.to_le_bytes()[..length]);
        Self(bytes)
    }

    /// It as a number that orders as urgencies do.
    pub(super) fn packed(self) -> u64 {
        let mut bytes = [0; size_of::<u64>()];
        bytes[..self.0.len()].copy_from_slice(&self.0);
        u64::from_le_bytes(bytes)
    }
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

/// What is filled in of one that is packed.
struct Filled {
    urgency: u64,
    judged: u16,
    counts_as: Option<Phase>,
}

/// A stretch of the columns that is filled in by itself.
struct Part<'c> {
    /// The number of its first entry.
    first: usize,
    urgency: &'c mut [Urgent],
    judged: &'c mut [u16],
    memo: Memo,
}

/// Fewer entries than this are filled in before a thread has begun; tests have no patience for more.
const MANY: usize = if cfg!(test) { 6 } else { 1 << 16 };

/// What makes columns.
#[derive(Clone)]
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
            urgency: vec![Urgent::default(); count],
            judged: vec![0; count],
            superseded: Bits::all(count, false),
            whole,
            memo: Memo::default(),
            tally: Tally::default(),
        };
        self.supersede(&mut columns);
        self.fill_all(&mut columns);
        let names = self.base.shared().accounts.iter().cloned();
        let turns = self.clocks.iter().map(|clock| clock.next_turn);
        (columns, names.zip(turns).collect())
    }

    /// Fills in all that are packed, many of them in two halves side by side.
    fn fill_all(&mut self, columns: &mut Columns) {
        let count = self.base.len();
        let middle = if count < MANY { count } else { count / 2 };
        let memo = &mut columns.memo;
        let (urgency, later_urgency) = columns.urgency.split_at_mut(middle);
        let (judged, later_judged) = columns.judged.split_at_mut(middle);
        let part = Part {
            first: 0,
            urgency,
            judged,
            memo: std::mem::take(memo),
        };
        let later = Part {
            first: middle,
            urgency: later_urgency,
            judged: later_judged,
            memo: part.memo.clone(),
        };
        let (whole, superseded) = (&columns.whole, &columns.superseded);
        let mut other = self.clone();
        let filled = if later.urgency.is_empty() {
            (
                self.fill_part(part, whole, superseded),
                (later.memo, Tally::default()),
            )
        } else {
            halves::both(
                || self.fill_part(part, whole, superseded),
                || other.fill_part(later, whole, superseded),
            )
        };
        for (judged, tally) in [filled.0, filled.1] {
            columns.memo.take_over(judged);
            columns.tally.take_over(tally);
        }
        for (own, other) in self.clocks.iter_mut().zip(&other.clocks) {
            own.next_turn = own.next_turn.min(other.next_turn);
        }
    }

    fn fill_part(&mut self, part: Part<'_>, whole: &Bits, superseded: &Bits) -> (Memo, Tally) {
        let (mut memo, mut tally) = (part.memo, Tally::default());
        let places = part.urgency.iter_mut().zip(part.judged);
        for (at, (urgency, judged)) in (part.first..).zip(places) {
            if whole.get(at) {
                continue;
            }
            if let Some(filled) = self.filled(&mut memo, superseded.get(at), at) {
                tally.add(filled.counts_as);
                (*urgency, *judged) = (Urgent::of(filled.urgency), filled.judged);
            }
        }
        (memo, tally)
    }

    /// Fills in one that is packed.
    pub(super) fn fill(&mut self, columns: &mut Columns, at: usize) {
        if columns.whole.get(at) {
            return;
        }
        let superseded = columns.superseded.get(at);
        if let Some(filled) = self.filled(&mut columns.memo, superseded, at) {
            columns.tally.add(filled.counts_as);
            columns.judged[at] = filled.judged;
            columns.urgency[at] = Urgent::of(filled.urgency);
        }
    }

    fn filled(&mut self, memo: &mut Memo, superseded: bool, at: usize) -> Option<Filled> {
        let slim = self.base.slim(at)?;
        let clock = self.clocks[usize::from(slim.account)];
        let life = Life::of(slim);
        let stage = life.map_or(Stage::NONE, |life| life.stage(clock.instant));
        let kind = self.base.kind(slim);
        let judged = self.judge(memo, at, slim, stage, clock.now);
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
        let counts_as = counts_as(class(urgency), judged.phase, put_away, kind.is_ca);
        let turn = life.map_or(i64::MAX, |life| life.next_turn(clock.instant));
        let next = &mut self.clocks[usize::from(slim.account)].next_turn;
        *next = turn.min(*next);
        Some(Filled {
            urgency,
            judged: code(slim.kind, stage),
            counts_as,
        })
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
    // What is packed has a track.
    let leading = judged.leading.unwrap_or_default();
    let stored = slim.since.get(leading).map_or(0, |since| since.seconds());
    let turned = life
        .filter(|_| judged.turned)
        .and_then(|life| life.turned(now));
    turned.unwrap_or(stored)
}
