//! Texts that many entries share, each held once and called by a number of two bytes.
//!
//! Pure. `builder` gives the numbers, `base` keeps what they stand for.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::thin::Thin;
use crate::domain::entry::{Method, Role, StateRef};
use crate::domain::probed::Served;

/// Values by number, and the numbers by what tells the values apart.
#[derive(Debug)]
pub(super) struct Codes<T> {
    numbers: HashMap<Box<[u8]>, u16, RandomState>,
    values: Vec<T>,
    most: u16,
}

impl<T> Codes<T> {
    /// None yet, and never more than `most`.
    pub(super) fn up_to(most: u16) -> Self {
        Self {
            numbers: HashMap::default(),
            values: Vec::new(),
            most,
        }
    }

    /// The number of what `key` stands for, made where it is new; nothing where there are too many.
    pub(super) fn number(&mut self, key: &[u8], make: impl FnOnce() -> T) -> Option<u16> {
        if let Some(number) = self.numbers.get(key) {
            return Some(*number);
        }
        let number = u16::try_from(self.values.len()).ok()?;
        if number >= self.most {
            return None;
        }
        self.numbers.insert(key.into(), number);
        self.values.push(make());
        Some(number)
    }

    /// Takes over the values of another one; gives its numbers as they are here, nothing where
    /// there are too many.
    pub(super) fn take_over(&mut self, other: Self) -> Vec<Option<u16>> {
        let mut keys: Vec<_> = other.numbers.into_iter().collect();
        keys.sort_unstable_by_key(|(_, number)| *number);
        let both = keys.into_iter().zip(other.values);
        both.map(|((key, _), value)| self.number(&key, || value))
            .collect()
    }

    /// The values alone, by number.
    pub(super) fn into_values(self) -> Vec<T> {
        self.values
    }
}

/// What many entries have in common: the lifecycle, where each track stands, and everything else
/// that a table asks an entry for.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all of them may hold"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::domain) struct Kind {
    /// The lifecycle, by id.
    pub(in crate::domain) lifecycle: String,
    /// The tracks, by id, in order, and where each stands.
    pub(in crate::domain) tracks: Vec<(String, StateRef)>,
    /// How the names are verified.
    pub(in crate::domain) method: Option<Method>,
    /// Whether the DNS points to the account's target.
    pub(in crate::domain) dns_points: Option<bool>,
    /// What its servers were last seen to serve.
    pub(in crate::domain) served: Option<Served>,
    /// Whether the certificate belongs to a certification authority.
    pub(in crate::domain) is_ca: bool,
    /// Whether the certificate is the one that serves.
    pub(in crate::domain) serving: bool,
    /// Whether it was put away.
    pub(in crate::domain) archived: bool,
    /// Whether there is a note.
    pub(in crate::domain) has_note: bool,
}

impl Kind {
    /// What an entry has in common with others.
    pub(super) fn of(thin: &Thin<'_>) -> Self {
        let tracks = thin.tracks.iter().map(|track| {
            let state = if track.known {
                StateRef::known(track.state.as_ref())
            } else {
                StateRef::unknown(track.state.as_ref())
            };
            (track.id.as_ref().to_owned(), state)
        });
        let serving = thin.serving.as_ref();
        Self {
            lifecycle: thin.lifecycle.as_ref().to_owned(),
            tracks: tracks.collect(),
            method: thin.order.method,
            dns_points: thin.dns_points,
            served: thin.probed.map(|probed| probed.served),
            is_ca: serving.is_some_and(|held| held.is_ca),
            serving: serving.is_some_and(|held| held.role == Role::Serving),
            archived: thin.archived,
            has_note: !thin.note.is_empty(),
        }
    }

    /// What tells it apart from every other one, without making it.
    pub(super) fn write_key(thin: &Thin<'_>, key: &mut Vec<u8>) {
        let serving = thin.serving.as_ref();
        let method = thin.order.method.map_or(0, |method| 1 + method as u8);
        let dns = thin.dns_points.map_or(0, |points| 1 + u8::from(points));
        let flags = [
            serving.is_some_and(|held| held.is_ca),
            serving.is_some_and(|held| held.role == Role::Serving),
            thin.archived,
            !thin.note.is_empty(),
        ];
        key.clear();
        let served = thin.probed.map_or(0, |probed| 1 + probed.served as u8);
        key.extend([method, dns, served]);
        key.extend(flags.map(u8::from));
        key.extend(thin.lifecycle.as_bytes());
        for track in &thin.tracks {
            key.push(0);
            key.extend(track.id.as_bytes());
            key.push(if track.known { 1 } else { 2 });
            key.extend(track.state.as_bytes());
        }
    }
}

/// Who made a certificate's key, and who its certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::domain) struct Make {
    /// The issuer of the certificate; empty without one.
    pub(in crate::domain) issuer: String,
    /// The kind of its key, or of the one that was ordered; empty where nobody knows.
    pub(in crate::domain) key: String,
}

impl Make {
    /// Of an entry; what was ordered counts where there is no certificate yet.
    pub(super) fn of(thin: &Thin<'_>) -> Self {
        let (issuer, key) = Self::texts(thin);
        Self {
            issuer: issuer.to_owned(),
            key: key.to_owned(),
        }
    }

    /// What tells it apart from every other one, without making it.
    pub(super) fn write_key(thin: &Thin<'_>, bytes: &mut Vec<u8>) {
        let (issuer, key) = Self::texts(thin);
        bytes.clear();
        // The kind of a key has no control characters; what is held whole has.
        bytes.extend(key.as_bytes());
        bytes.push(0);
        bytes.extend(issuer.as_bytes());
    }

    fn texts<'t>(thin: &'t Thin<'_>) -> (&'t str, &'t str) {
        let ordered = thin.order.key_type.as_ref().map_or("", |key| &key.0);
        match &thin.serving {
            Some(held) => (&held.issuer, &held.key),
            None => ("", ordered),
        }
    }
}
