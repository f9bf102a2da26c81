//! How a base is gathered: entry by entry as the lines of a snapshot are read.
//!
//! Pure. The store calls it. What many entries share is held once; what cannot be packed is held
//! whole, and where only its line is known it is read again at the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::base::Place;
use super::codes::{Codes, Kind, Make};
use super::moment::Moment;
use super::names::Names;
use super::slim::{Slim, WHOLE};
use super::thin::Thin;
use super::ties::LooseTies;
use crate::domain::entry::Entry;

/// So many bytes of names each entry has, about.
const NAMES: usize = 40;
/// The kinds that there may be: a kind and where its certificate stands go into two bytes.
pub(in crate::domain) const KINDS: u16 = 4096;
/// Where each part of the names begins is told in four bytes.
const MOST_TEXT: usize = u32::MAX as usize - 1;

/// Gathers a base, line by line. Several can be gathered side by side and put together.
#[derive(Debug)]
pub struct BaseBuilder {
    pub(super) slims: Vec<Slim>,
    /// Where the part of each begins among the names.
    pub(super) starts: Vec<u32>,
    pub(super) names: Names,
    pub(super) kinds: Codes<Kind>,
    pub(super) accounts: Codes<String>,
    pub(super) products: Codes<String>,
    pub(super) makes: Codes<Make>,
    pub(super) ties: LooseTies,
    /// Those that are not packed, by number; nothing for one that has to be read first.
    pub(super) whole: BTreeMap<u32, Option<Arc<Entry>>>,
    /// The places of those for which there is no room beside the others.
    pub(super) far: BTreeMap<u32, Place>,
    pub(super) order: Order,
    /// For putting keys together.
    key: Vec<u8>,
}

/// What is known of the ids so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// Whether each id stands behind all before it.
    pub(super) is_kept: bool,
    /// Whether some id has a newline in it, and is cut short among the names.
    pub(super) odd_ids: bool,
}

impl Default for BaseBuilder {
    fn default() -> Self {
        Self::with_room(0)
    }
}

/// The numbers of what an entry shares with others.
struct Numbers {
    kind: u16,
    account: u16,
    product: u16,
    make: u16,
}

impl BaseBuilder {
    /// One with room for so many entries.
    #[must_use]
    pub fn with_room(count: usize) -> Self {
        Self {
            slims: Vec::with_capacity(count),
            starts: Vec::with_capacity(count),
            names: Names::with_room(count.saturating_mul(NAMES)),
            kinds: Codes::up_to(KINDS),
            accounts: Codes::up_to(u16::MAX),
            products: Codes::up_to(u16::MAX),
            makes: Codes::up_to(u16::MAX),
            ties: LooseTies::default(),
            whole: BTreeMap::new(),
            far: BTreeMap::new(),
            order: Order {
                is_kept: true,
                odd_ids: false,
            },
            key: Vec::new(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slims.len()
    }

    /// Whether there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slims.is_empty()
    }

    /// Adds the entry of a line. Where what is kept of it is not enough, its line is read once more
    /// at the end.
    pub fn add(&mut self, thin: &Thin<'_>, place: Place) {
        if !self.add_if_enough(thin, place) {
            self.keep_line(&thin.id, None, place);
        }
    }

    /// Adds the entry of a line; `false`, and nothing is added, where what is kept of it is not
    /// enough.
    pub fn add_if_enough(&mut self, thin: &Thin<'_>, place: Place) -> bool {
        if !thin.is_enough() {
            return false;
        }
        if !self.pack(thin, place) {
            self.keep_line(&thin.id, None, place);
        }
        true
    }

    /// Adds an entry of which the whole is held in memory, where [`Thin::is_enough`] says no.
    pub fn keep(&mut self, entry: &Arc<Entry>, place: Place) {
        self.keep_line(entry.id.as_str(), Some(Arc::clone(entry)), place);
    }

    fn keep_line(&mut self, id: &str, entry: Option<Arc<Entry>>, place: Place) {
        let number = self.next();
        let slim = Slim::whole(self.packed_place(place));
        self.note_order(id);
        self.starts.push(self.start());
        self.names.add_id(id);
        self.slims.push(slim);
        self.whole.insert(number, entry);
    }

    /// Packs an entry; whether there was room for everything of it.
    fn pack(&mut self, thin: &Thin<'_>, place: Place) -> bool {
        let number = self.next();
        let text = self.names.end()
            + thin.id.len()
            + thin
                .names
                .iter()
                .map(|name| name.0.len() * 4 + 3)
                .sum::<usize>();
        if text > MOST_TEXT {
            return false;
        }
        let Some(numbers) = self.numbers(thin) else {
            return false;
        };
        if !self.ties.add(number, thin) {
            return false;
        }
        let slim = self.slim(thin, &numbers, place);
        self.note_order(&thin.id);
        self.starts.push(self.start());
        self.names.add(number, thin);
        self.slims.push(slim);
        true
    }

    fn numbers(&mut self, thin: &Thin<'_>) -> Option<Numbers> {
        let key = &mut self.key;
        Kind::write_key(thin, key);
        let kind = self.kinds.number(key, || Kind::of(thin))?;
        Make::write_key(thin, key);
        let make = self.makes.number(key, || Make::of(thin))?;
        let account = thin.account.as_ref();
        let product = thin.product.name.as_ref();
        Some(Numbers {
            kind,
            make,
            account: (self.accounts).number(account.as_bytes(), || account.to_owned())?,
            product: (self.products).number(product.as_bytes(), || product.to_owned())?,
        })
    }

    fn slim(&mut self, thin: &Thin<'_>, numbers: &Numbers, place: Place) -> Slim {
        let moment = |time: super::thin::Time| Moment::of(time.0).unwrap_or(Moment::NONE);
        let serving = thin.serving.as_ref();
        let since = |at: usize| {
            thin.tracks
                .get(at)
                .map_or(Moment::NONE, |track| moment(track.since))
        };
        Slim {
            kind: numbers.kind,
            account: numbers.account,
            product: numbers.product,
            make: numbers.make,
            begins: serving.map_or(Moment::NONE, |held| moment(held.not_before)),
            ends: serving.map_or(Moment::NONE, |held| moment(held.not_after)),
            paid: thin.product.paid_until.map_or(Moment::NONE, moment),
            created: moment(thin.created),
            since: [since(0), since(1)],
            ..Slim::whole(self.packed_place(place))
        }
    }

    /// Looks at the id of the next one, before it is added.
    fn note_order(&mut self, id: &str) {
        let is_odd = id.contains('\n');
        self.order.odd_ids |= is_odd;
        self.order.is_kept &= !is_odd && self.last_id().is_none_or(|last| last < id);
    }

    fn last_id(&self) -> Option<&str> {
        self.starts
            .last()
            .map(|start| self.names.id(*start as usize))
    }

    fn next(&self) -> u32 {
        u32::try_from(self.slims.len()).unwrap_or(u32::MAX)
    }

    fn start(&self) -> u32 {
        u32::try_from(self.names.end()).unwrap_or(u32::MAX)
    }

    fn packed_place(&mut self, place: Place) -> [u32; 2] {
        Slim::place(place).unwrap_or_else(|| {
            self.far.insert(self.next(), place);
            Slim::FAR
        })
    }

    /// Adds everything of another one behind its own.
    pub fn append(&mut self, other: Self) {
        let first = self.next();
        let before = self.start();
        let begins = other
            .starts
            .first()
            .map(|start| other.names.id(*start as usize));
        self.order = Order {
            is_kept: self.order.is_kept
                && other.order.is_kept
                && (begins.is_none_or(|id| self.last_id().is_none_or(|last| last < id))),
            odd_ids: self.order.odd_ids | other.order.odd_ids,
        };
        let kinds = self.kinds.take_over(other.kinds);
        let accounts = self.accounts.take_over(other.accounts);
        let products = self.products.take_over(other.products);
        let makes = self.makes.take_over(other.makes);
        self.names.append(other.names, first);
        let mut whole = other.whole;
        whole.extend(
            self.ties
                .append(other.ties, first)
                .into_iter()
                .map(|at| (at - first, None)),
        );
        let tables = [&kinds, &accounts, &products, &makes];
        let starts = other.starts.into_iter();
        self.starts
            .extend(starts.map(|start| start.saturating_add(before)));
        self.slims.reserve(other.slims.len());
        for (at, slim) in (0..).zip(other.slims) {
            let slim = slim.renamed(tables);
            if slim.kind == WHOLE {
                whole.entry(at).or_insert(None);
            }
            self.slims.push(slim);
        }
        self.whole
            .extend(whole.into_iter().map(|(at, entry)| (first + at, entry)));
        self.far
            .extend(other.far.into_iter().map(|(at, place)| (first + at, place)));
    }
}
