//! Where the tracks of an entry stand.
//!
//! Pure. Nearly every entry has one track and none has more than a handful, so they lie side by side
//! instead of in a tree, whose smallest node has room for eleven. Everything that reads or moves an
//! entry asks it.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Track;

/// Tracks by their ids, in the order of those.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracks(Vec<(String, Track)>);

impl Tracks {
    fn place(&self, id: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.as_str().cmp(id))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one with an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Track> {
        self.place(id).ok().map(|at| &self.0[at].1)
    }

    /// The one with an id, to be changed.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Track> {
        self.place(id).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether there is one with an id.
    #[must_use]
    pub fn contains_key(&self, id: &str) -> bool {
        self.place(id).is_ok()
    }

    /// Puts one in; gives back the one that had its id.
    pub fn insert(&mut self, id: String, track: Track) -> Option<Track> {
        match self.place(&id) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, track)),
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (id, track));
                None
            }
        }
    }

    /// Takes the one with an id out.
    pub fn remove(&mut self, id: &str) -> Option<Track> {
        self.place(id).ok().map(|at| self.0.remove(at).1)
    }

    /// Takes all of them out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Each with its id.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(id, track)| (id, track))
    }

    /// Their ids.
    #[must_use]
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &String> + ExactSizeIterator {
        self.0.iter().map(|(id, _)| id)
    }

    /// Themselves.
    #[must_use]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Track> + ExactSizeIterator {
        self.0.iter().map(|(_, track)| track)
    }

    /// Themselves, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Track> {
        self.0.iter_mut().map(|(_, track)| track)
    }
}

/// Goes through tracks.
type Iter<'a> = std::iter::Map<
    std::slice::Iter<'a, (String, Track)>,
    fn(&'a (String, Track)) -> (&'a String, &'a Track),
>;

impl std::ops::Index<&str> for Tracks {
    type Output = Track;

    /// The one with an id that is known to be there.
    ///
    /// # Panics
    /// Where it is not; ask [`Tracks::get`] if that may be.
    fn index(&self, id: &str) -> &Track {
        match self.get(id) {
            Some(track) => track,
            None => panic!("there is no track {id}"),
        }
    }
}

impl<'a> IntoIterator for &'a Tracks {
    type Item = (&'a String, &'a Track);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Tracks {
    type Item = (String, Track);
    type IntoIter = std::vec::IntoIter<(String, Track)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(String, Track)> for Tracks {
    fn from_iter<I: IntoIterator<Item = (String, Track)>>(tracks: I) -> Self {
        let mut own = Self::default();
        own.extend(tracks);
        own
    }
}

impl Extend<(String, Track)> for Tracks {
    fn extend<I: IntoIterator<Item = (String, Track)>>(&mut self, tracks: I) {
        for (id, track) in tracks {
            self.insert(id, track);
        }
    }
}

impl<const COUNT: usize> From<[(String, Track); COUNT]> for Tracks {
    fn from(tracks: [(String, Track); COUNT]) -> Self {
        tracks.into_iter().collect()
    }
}

impl Serialize for Tracks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Tracks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Tracks;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map of tracks")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tracks, A::Error> {
                let mut tracks = Tracks::default();
                while let Some((id, track)) = map.next_entry()? {
                    tracks.insert(id, track);
                }
                Ok(tracks)
            }
        }
        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::entry::StateRef;

    fn track(state: u8) -> Track {
        Track {
            state: StateRef::known(state.to_string()),
            since: Timestamp::UNIX_EPOCH,
            previous: None,
        }
    }

    proptest! {
        /// Whatever is put in and taken out, it is as with a tree, and so it is written.
        #[test]
        fn they_are_a_map(steps in prop::collection::vec((0..3_u8, 0..6_u8, 0..9_u8), 0..40)) {
            let (mut tracks, mut tree) = (Tracks::default(), BTreeMap::new());
            for (step, id, state) in steps {
                let id = format!("track-{id}");
                let (own, expected) = match step {
                    0 => (tracks.remove(&id), tree.remove(&id)),
                    _ => (tracks.insert(id.clone(), track(state)), tree.insert(id.clone(), track(state))),
                };
                prop_assert_eq!(own, expected);
                prop_assert_eq!(tracks.get(&id), tree.get(&id));
                prop_assert_eq!(tracks.contains_key(&id), tree.contains_key(&id));
                prop_assert!(tracks.iter().eq(tree.iter()));
                let written = serde_json::to_string(&tracks).unwrap();
                prop_assert_eq!(&written, &serde_json::to_string(&tree).unwrap());
                prop_assert_eq!(&serde_json::from_str::<Tracks>(&written).unwrap(), &tracks);
            }
        }
    }
}
