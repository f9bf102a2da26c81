//! A base on its way into bytes.
//!
//! Pure. Nothing is held twice: the bytes leave in pieces.

use super::{AT_ONCE, LINKS, Packed, SLIM, TIE};
use crate::domain::entries::base::{Base, short};
use crate::domain::entries::slim::Slim;
use crate::domain::entries::ties::Tie;

impl Base {
    /// What of it is not a column.
    #[must_use]
    pub fn packed(&self) -> Packed {
        let shared = self.shared();
        let whole = self.whole.keys();
        Packed {
            entries: short(self.len()),
            names: short(self.names.end()),
            ties: short(self.ties.all().len()),
            kinds: shared.kinds.clone(),
            accounts: shared.accounts.clone(),
            products: shared.products.clone(),
            makes: shared.makes.clone(),
            written: self.names.written().clone(),
            strangers: self.ties.strangers().to_vec(),
            whole: whole
                .map(|number| (*number, self.place(*number as usize)))
                .collect(),
            far: self.far.clone(),
            odd_ids: self.odd_ids,
        }
    }

    /// Hands out the columns, piece by piece.
    ///
    /// # Errors
    /// What `put` said first.
    pub fn pack<E>(&self, mut put: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut bytes = Vec::with_capacity(AT_ONCE * SLIM);
        for slims in self.slims.chunks(AT_ONCE) {
            bytes.clear();
            for slim in slims {
                pack_slim(slim, &mut bytes);
            }
            put(&bytes)?;
        }
        put_numbers(&self.starts, &mut put)?;
        put(self.names.text().as_bytes())?;
        for ties in self.ties.all().chunks(AT_ONCE) {
            bytes.clear();
            for tie in ties {
                pack_tie(*tie, &mut bytes);
            }
            put(&bytes)?;
        }
        Ok(())
    }

    /// Hands out the names' order, piece by piece; reckons it where nobody has asked for it yet.
    ///
    /// # Errors
    /// What `put` said first.
    pub fn pack_ranks<E>(&self, mut put: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let ranks = self.ranks();
        put_numbers(ranks.places(), &mut put)?;
        let same: Vec<u8> = ranks.same().iter().flat_map(|s| s.to_le_bytes()).collect();
        put(&same)
    }
}

fn put_numbers<E>(numbers: &[u32], put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut bytes = Vec::with_capacity(AT_ONCE * size_of::<u32>());
    for numbers in numbers.chunks(AT_ONCE) {
        bytes.clear();
        for number in numbers {
            bytes.extend(number.to_le_bytes());
        }
        put(&bytes)?;
    }
    Ok(())
}

fn pack_slim(slim: &Slim, bytes: &mut Vec<u8>) {
    for number in slim.line {
        bytes.extend(number.to_le_bytes());
    }
    for number in [slim.kind, slim.account, slim.product, slim.make] {
        bytes.extend(number.to_le_bytes());
    }
    let [first, second] = slim.since;
    for moment in [
        slim.begins,
        slim.ends,
        slim.paid,
        slim.created,
        first,
        second,
    ] {
        bytes.extend(moment.packed().to_le_bytes());
    }
}

fn pack_tie(tie: Tie, bytes: &mut Vec<u8>) {
    let before = bytes.len();
    bytes.extend(tie.from.to_le_bytes());
    bytes.extend(tie.to.to_le_bytes());
    let kind = LINKS.iter().position(|kind| *kind == tie.kind);
    let kind = kind.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX);
    bytes.extend([kind, u8::from(tie.known)]);
    debug_assert_eq!(bytes.len() - before, TIE);
}
