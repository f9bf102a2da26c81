//! An entry of the base, packed: everything that the list asks of it but its texts.
//!
//! Pure. Texts that several entries share are called by number, names lie in one piece of memory.

use super::base::Place;
use super::moment::Moment;

/// The kind of an entry that is not packed but held whole.
pub(in crate::domain) const WHOLE: u16 = u16::MAX;

/// How many bits of the second part of a place its length takes.
const LENGTH: u32 = 24;

/// An entry in 40 bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain) struct Slim {
    /// Where its line lies: 40 bits of offset, 24 of length.
    pub(super) line: [u32; 2],
    /// What it has in common with others, or [`WHOLE`].
    pub(in crate::domain) kind: u16,
    pub(in crate::domain) account: u16,
    pub(in crate::domain) product: u16,
    pub(in crate::domain) make: u16,
    /// From when to when the certificate that serves is valid.
    pub(in crate::domain) begins: Moment,
    pub(in crate::domain) ends: Moment,
    pub(in crate::domain) paid: Moment,
    pub(in crate::domain) created: Moment,
    /// Since when each track stands where it is stored.
    pub(in crate::domain) since: [Moment; 2],
}

impl Slim {
    /// A place that is held elsewhere.
    pub(super) const FAR: [u32; 2] = [u32::MAX; 2];

    /// One that is held whole.
    pub(super) fn whole(line: [u32; 2]) -> Self {
        Self {
            line,
            kind: WHOLE,
            account: 0,
            product: 0,
            make: 0,
            begins: Moment::NONE,
            ends: Moment::NONE,
            paid: Moment::NONE,
            created: Moment::NONE,
            since: [Moment::NONE; 2],
        }
    }

    /// A place in eight bytes; nothing where it does not fit.
    pub(super) fn place(place: Place) -> Option<[u32; 2]> {
        let high = u32::try_from(place.offset >> 32).ok()?;
        let low = u32::try_from(place.offset & u64::from(u32::MAX)).ok()?;
        let fits = high < 1 << (32 - LENGTH) && place.length < 1 << LENGTH;
        let line = [low, high << LENGTH | place.length];
        (fits && line != Self::FAR).then_some(line)
    }

    /// The place that eight bytes say.
    pub(super) fn line(&self) -> Place {
        let [low, high] = self.line;
        Place {
            offset: u64::from(high >> LENGTH) << 32 | u64::from(low),
            length: high & ((1 << LENGTH) - 1),
        }
    }

    /// The same where kinds, accounts, products and makes have other numbers; held whole where one
    /// of them has none.
    pub(super) fn renamed(mut self, tables: [&Vec<Option<u16>>; 4]) -> Self {
        if self.kind == WHOLE {
            return self;
        }
        let own = [
            &mut self.kind,
            &mut self.account,
            &mut self.product,
            &mut self.make,
        ];
        let mut all = true;
        for (number, table) in own.into_iter().zip(tables) {
            let new = table.get(usize::from(*number)).copied().flatten();
            all &= new.is_some();
            *number = new.unwrap_or(0);
        }
        if !all {
            self.kind = WHOLE;
        }
        self
    }

    /// Whether a certificate is known.
    pub(in crate::domain) fn has_certificate(&self) -> bool {
        self.ends.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_no_more_than_40_bytes() {
        assert_eq!(size_of::<Slim>(), 40);
    }

    #[test]
    fn places_come_back_as_they_were_or_are_refused() {
        for (offset, length, fits) in [
            (0, 0, true),
            (7, 680, true),
            ((1 << 40) - 1, (1 << 24) - 2, true),
            (1 << 33, 5, true),
            (1 << 40, 1, false),
            (1, 1 << 24, false),
        ] {
            let place = Place { offset, length };
            let packed = Slim::place(place);
            assert_eq!(packed.is_some(), fits, "{place:?}");
            let back = packed.map(|line| Slim::whole(line).line());
            assert!(back.is_none_or(|back| back == place), "{place:?}: {back:?}");
        }
    }
}
