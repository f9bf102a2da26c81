//! Whether an entry is ready for production, where its provider says what that takes.
//!
//! Pure. Rows, details and `show` ask here. Source of the rule: Cloudflare, Certificate statuses,
//! "SSL for `SaaS`": ready when both status fields are active and the customer's DNS points to the
//! target.

use jiff::Timestamp;

use super::{Lifecycle, effective_track};
use crate::domain::entry::Entry;

/// Whether an entry is ready for production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Everything that it takes is there.
    Yes,
    /// Something is missing.
    No(String),
    /// Everything that is known is there, but not everything is known.
    Unknown(String),
}

impl Readiness {
    /// The answer in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No(_) => "no",
            Self::Unknown(_) => "unknown",
        }
    }

    /// What is missing or not known.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Yes => None,
            Self::No(reason) | Self::Unknown(reason) => Some(reason),
        }
    }
}

impl Lifecycle {
    /// Whether the entry is ready for production; nothing where the table does not ask for it.
    #[must_use]
    pub fn readiness(&self, entry: &Entry, now: Timestamp) -> Option<Readiness> {
        let ready = self.ready.as_ref()?;
        for wanted in ready.states.iter().filter_map(|id| self.state(id)) {
            let title = self.track_title(&wanted.track).to_lowercase();
            let Some(stands) = effective_track(entry, &wanted.track, self, now) else {
                return Some(Readiness::No(format!("there is no {title}")));
            };
            if stands.as_str() != wanted.id {
                let label = self.label(&stands);
                return Some(Readiness::No(format!("{title}: {label}")));
            }
        }
        Some(match entry.dns_points {
            _ if !ready.dns => Readiness::Yes,
            Some(true) => Readiness::Yes,
            Some(false) => Readiness::No("its DNS points elsewhere".to_owned()),
            None => Readiness::Unknown("where its DNS points has not been looked up".to_owned()),
        })
    }

    /// What people call a track.
    #[must_use]
    pub fn track_title<'a>(&'a self, id: &'a str) -> &'a str {
        let known = self.tracks.iter().find(|track| track.id == id);
        known.map_or(id, |track| &track.title)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{entry, table};
    use super::*;

    #[test]
    fn ready_takes_both_states_and_the_dns() {
        let cases = [
            (&["host-active", "active"][..], Some(true), "yes"),
            (&["host-active", "active"], Some(false), "no"),
            (&["host-active", "active"], None, "unknown"),
            (&["host-pending", "active"], Some(true), "no"),
            (&["host-active", "held"], Some(true), "no"),
            (&["host-active"], Some(true), "no"),
        ];
        for (states, dns, expected) in cases {
            let mut entry = entry(states);
            entry.dns_points = dns;
            let ready = table().readiness(&entry, Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(ready.word(), expected, "{states:?} {dns:?}");
            assert_eq!(ready.reason().is_none(), expected == "yes");
        }
    }

    #[test]
    fn what_is_missing_is_said_in_the_providers_words() {
        let entry = entry(&["host-pending", "active"]);
        let ready = table().readiness(&entry, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(ready.reason(), Some("hostname activation: Pending"));
    }
}
