//! Entry ids: short, stable, easy to type and to read aloud.
//!
//! Pure: the caller brings what makes an id unlike the others. The engine mints them under the
//! store's lock.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Letters and digits that nobody confuses (no `i`, `l`, `o`, `u`), after Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many characters an id has: a million entries leave a thousand free ids for each.
const LENGTH: usize = 6;

/// The short, stable id of an entry, unique in its store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(String);

impl EntryId {
    /// An id that is already known, from the store or a command line.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first id that `seed` leads to and that is not `taken`.
///
/// The same seed and the same taken ids give the same id, so that a demo looks the same each time.
pub fn mint(seed: u64, taken: impl Fn(&EntryId) -> bool) -> EntryId {
    let mut state = seed;
    loop {
        state = scramble(state);
        let id = spell(state);
        if !taken(&id) {
            return id;
        }
    }
}

/// One step of splitmix64, the public-domain generator by Sebastiano Vigna: every input leads to
/// its own output, so a loop over it meets new ids.
fn scramble(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn spell(mut value: u64) -> EntryId {
    let mut id = String::with_capacity(LENGTH);
    for position in 0..LENGTH {
        // A letter first, so that no id looks like a number or an option.
        let (base, offset) = if position == 0 { (22, 10) } else { (32, 0) };
        let digit = usize::try_from(value % base).unwrap_or_default();
        id.push(char::from(ALPHABET[digit + offset]));
        value /= base;
    }
    EntryId(id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_short_and_unlike_each_other() {
        let mut taken = BTreeSet::new();
        for seed in 0..5_000 {
            let id = mint(seed % 50, |id| taken.contains(id));
            assert_eq!(id.as_str().len(), LENGTH);
            assert!(id.as_str().starts_with(|first: char| first.is_ascii_lowercase()));
            assert!(taken.insert(id), "minted twice");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_id() {
        assert_eq!(mint(7, |_| false), mint(7, |_| false));
        assert_ne!(mint(7, |_| false), mint(8, |_| false));
    }
}
