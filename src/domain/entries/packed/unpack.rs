//! A base on its way back from bytes.
//!
//! Pure. What does not fit together is no base; whoever asked reads the lines instead.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AT_ONCE, LINKS, Packed, SLIM, TIE};
use crate::domain::entries::base::{Base, Shared, Shelf};
use crate::domain::entries::milestones::Milestones;
use crate::domain::entries::moment::Moment;
use crate::domain::entries::names::Names;
use crate::domain::entries::slim::{Slim, WHOLE};
use crate::domain::entries::ties::{Tie, Ties};
use crate::domain::entry::Entry;

/// The columns of a base, not yet put together with the entries that are held whole.
pub struct Columns {
    packed: Packed,
    slims: Vec<Slim>,
    starts: Vec<u32>,
    names: Names,
    ties: Ties,
}

impl Packed {
    /// Takes the columns back in, in the order in which they were packed; `fill` fills what it is
    /// given from them. Nothing where they do not fit together.
    ///
    /// # Errors
    /// What `fill` said first.
    pub fn columns_from<E>(
        mut self,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
    ) -> Result<Option<Columns>, E> {
        let mut slims = Vec::with_capacity(self.entries as usize);
        let entries = self.entries as usize;
        take::<SLIM, E>(entries, &mut fill, |bytes| slims.push(slim(bytes)))?;
        let mut starts = Vec::with_capacity(self.entries as usize);
        take::<4, E>(entries, &mut fill, |bytes| {
            starts.push(u32::from_le_bytes(*bytes));
        })?;
        let mut text = vec![0; self.names as usize];
        fill(&mut text)?;
        let mut ties = Vec::with_capacity(self.ties as usize);
        take::<TIE, E>(self.ties as usize, &mut fill, |bytes| ties.push(tie(bytes)))?;
        let strangers = std::mem::take(&mut self.strangers);
        let written = std::mem::take(&mut self.written);
        Ok(self.checked(slims, starts, text, ties, strangers, written))
    }

    fn checked(
        self,
        slims: Vec<Slim>,
        starts: Vec<u32>,
        text: Vec<u8>,
        ties: Vec<Option<Tie>>,
        strangers: Vec<Box<str>>,
        written: BTreeMap<u32, Box<str>>,
    ) -> Option<Columns> {
        let text = String::from_utf8(text).ok()?;
        let ties = ties.into_iter().collect::<Option<_>>()?;
        let ties = Ties::checked(ties, strangers, self.entries)?;
        let begins = starts.is_sorted() && starts.last().is_none_or(|last| *last <= self.names);
        (begins && self.fit(&slims)).then(|| Columns {
            names: Names::of(text, written),
            packed: self,
            slims,
            starts,
            ties,
        })
    }

    /// Whether everything that slim entries call by number is there.
    fn fit(&self, slims: &[Slim]) -> bool {
        let mut whole = 0;
        let fit = slims.iter().all(|slim| {
            whole += usize::from(slim.kind == WHOLE);
            slim.kind == WHOLE
                || (usize::from(slim.kind) < self.kinds.len()
                    && usize::from(slim.account) < self.accounts.len()
                    && usize::from(slim.product) < self.products.len()
                    && usize::from(slim.make) < self.makes.len())
        });
        let is_whole = |number: &u32| {
            let slim = slims.get(*number as usize);
            slim.is_some_and(|slim| slim.kind == WHOLE)
        };
        fit && whole == self.whole.len() && self.whole.keys().all(is_whole)
    }
}

impl Columns {
    /// The base, read from these lines, with the entries that are held whole, by number; nothing
    /// where one of those is missing.
    #[must_use]
    pub fn base(self, whole: BTreeMap<u32, Arc<Entry>>, lines: Arc<dyn Shelf>) -> Option<Base> {
        let packed = self.packed;
        if !whole.keys().eq(packed.whole.keys()) {
            return None;
        }
        let mut base = Base {
            slims: self.slims,
            starts: self.starts,
            names: self.names,
            shared: Shared {
                kinds: packed.kinds,
                accounts: packed.accounts,
                products: packed.products,
                makes: packed.makes,
            },
            ties: self.ties,
            whole,
            far: packed.far,
            lines: Some(lines),
            odd_ids: packed.odd_ids,
            ..Base::default()
        };
        let is_itself = |(number, entry): (&u32, &Arc<Entry>)| {
            base.odd_ids || base.id_text(*number as usize) == entry.id.as_str()
        };
        if !base.whole.iter().all(is_itself) {
            return None;
        }
        base.milestones = Milestones::of(&base);
        Some(base)
    }
}

/// Hands on so many pieces of `N` bytes each.
pub(in crate::domain::entries) fn take<const N: usize, E>(
    count: usize,
    fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
    mut each: impl FnMut(&[u8; N]),
) -> Result<(), E> {
    let mut left = count;
    let mut bytes = vec![0; left.min(AT_ONCE) * N];
    while left > 0 {
        let now = left.min(AT_ONCE);
        let bytes = &mut bytes[..now * N];
        fill(bytes)?;
        let (pieces, _) = bytes.as_chunks::<N>();
        pieces.iter().for_each(&mut each);
        left -= now;
    }
    Ok(())
}

/// The number in four of the bytes.
fn number<const N: usize>(bytes: &[u8; N], at: usize) -> u32 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |four| u32::from_le_bytes(*four))
}

/// The number in two of the bytes.
fn small<const N: usize>(bytes: &[u8; N], at: usize) -> u16 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |two| u16::from_le_bytes(*two))
}

fn slim(bytes: &[u8; SLIM]) -> Slim {
    let moment = |at| Moment::unpacked(number(bytes, at));
    Slim {
        line: [number(bytes, 0), number(bytes, 4)],
        kind: small(bytes, 8),
        account: small(bytes, 10),
        product: small(bytes, 12),
        make: small(bytes, 14),
        begins: moment(16),
        ends: moment(20),
        paid: moment(24),
        created: moment(28),
        since: [moment(32), moment(36)],
    }
}

fn tie(bytes: &[u8; TIE]) -> Option<Tie> {
    Some(Tie {
        from: number(bytes, 0),
        to: number(bytes, 4),
        kind: *LINKS.get(usize::from(bytes[8]))?,
        known: bytes[9] == 1,
    })
}
