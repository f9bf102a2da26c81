//! A base in bytes and back, so that whoever has its lines need not take them apart again.
//!
//! Pure: bytes go out through one function and come back through another. The store keeps them beside
//! the lines and answers for it that both belong together; here nothing is believed that would make
//! a base point beside itself.

mod pack;
mod unpack;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::base::Place;
use super::codes::{Kind, Make};
use crate::domain::entry::LinkKind;

pub use unpack::Columns;

/// The version of all this. It has to rise whenever a base is packed otherwise, or what is read from
/// a line becomes another: what is packed by another version is not read.
pub const PACKED_VERSION: u32 = 1;

/// How many bytes an entry takes among the columns: the slim one, and where its names begin.
const SLIM: usize = 40;
/// How many a tie takes.
const TIE: usize = 10;
/// The kinds of ties, by the number that stands for them.
const LINKS: [LinkKind; 4] = [
    LinkKind::Renews,
    LinkKind::RenewedBy,
    LinkKind::Replaces,
    LinkKind::ReplacedBy,
];
/// So many of either are packed at once.
const AT_ONCE: usize = 4096;

/// What of a base is not a column: to be written down as text, and to be read first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Packed {
    /// How many entries there are.
    entries: u32,
    /// How many bytes their names take.
    names: u32,
    /// How many ties there are.
    ties: u32,
    kinds: Vec<Kind>,
    accounts: Vec<String>,
    products: Vec<String>,
    makes: Vec<Make>,
    /// The names that are not written in small letters, by number.
    written: BTreeMap<u32, Box<str>>,
    /// The ids to which ties lead and that the base has not.
    strangers: Vec<Box<str>>,
    /// Those that are held whole, by number, with the places of their lines.
    whole: BTreeMap<u32, Place>,
    far: BTreeMap<u32, Place>,
    odd_ids: bool,
}

impl Packed {
    /// How many entries there are.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries as usize
    }

    /// How many bytes the columns take.
    #[must_use]
    pub fn columns(&self) -> u64 {
        let entry = (SLIM + size_of::<u32>()) as u64;
        u64::from(self.entries) * entry + u64::from(self.names) + u64::from(self.ties) * TIE as u64
    }

    /// Where the lines of those begin that are held whole, by their numbers.
    pub fn whole(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.whole
            .iter()
            .map(|(number, place)| (*number, place.offset))
    }
}

pub(super) use unpack::take;

#[cfg(test)]
mod tests;
