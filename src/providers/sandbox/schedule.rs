//! What happens next in the sandbox, and when.
//!
//! A pure function of the seed, the entry and the table: of the events that can happen in the
//! state where a track stands, the first race that is won, or else the first event that is
//! certain; so long after the state began as the table says, varied by a quarter.

use jiff::{SignedDuration, Timestamp};

use super::chance;
use crate::domain::entry::{Entry, OpenRequest};
use crate::domain::lifecycle::{
    Circumstances, Condition, EventRow, Lifecycle, SandboxTiming, Stay, due_at, stays,
};
use crate::domain::time;

/// An event and the moment at which it happens by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due<'a> {
    /// When, in sandbox time.
    pub at: Timestamp,
    /// What.
    pub event: &'a EventRow,
}

pub(super) fn next<'a>(
    seed: u64,
    entry: &Entry,
    lifecycle: &'a Lifecycle,
    around: Circumstances,
) -> Option<Due<'a>> {
    // Nothing moves while a request waits for its answer, or once the entry was put away or
    // deleted.
    let waits = |request: &OpenRequest| !request.accepted;
    let is_over = entry.archived || entry.gone.is_some();
    if is_over || entry.request.as_ref().is_some_and(waits) {
        return None;
    }
    let scene = Scene {
        seed,
        entry,
        lifecycle,
        around,
    };
    let of_tracks = entry.tracks.keys().filter_map(|id| scene.of_track(id));
    of_tracks.min_by_key(|due| due.at)
}

/// What decides what happens next.
struct Scene<'a, 'b> {
    seed: u64,
    entry: &'b Entry,
    lifecycle: &'a Lifecycle,
    around: Circumstances,
}

impl<'a> Scene<'a, '_> {
    /// What happens next to a track: where it stands, or where time takes it before anything else
    /// happens.
    fn of_track(&self, id: &str) -> Option<Due<'a>> {
        let mut late = None;
        for stay in stays(self.entry, id, self.lifecycle) {
            let Some(due) = self.in_stay(id, &stay) else {
                continue;
            };
            if stay.until.is_none_or(|until| due.at <= until) {
                let first = late.filter(|late: &Due<'_>| late.at <= due.at);
                return Some(first.unwrap_or(due));
            }
            // Time was faster. What waits for its successor goes all the same once that is there.
            if due.event.when == Some(Condition::SuccessorLive) {
                late.get_or_insert(due);
            }
        }
        late
    }

    fn in_stay(&self, id: &str, stay: &Stay<'a>) -> Option<Due<'a>> {
        let (event, timing) = self.chosen(id, stay.state)?;
        // What waits for the zone or a successor does not happen before they are so far.
        let begins = match event.when {
            Some(Condition::CertificateDue) => due_at(self.entry),
            // What is asked for does not move the track: the last change is the provider's yes, or
            // came after it.
            _ if event.answers.is_some() => Some(self.entry.changed),
            _ => event.holds_since(self.around),
        };
        let begins = begins.map_or(stay.since, |begins| begins.max(stay.since));
        let luck = self.luck(id, stay.state, event, "time");
        let at = time::later(begins, varied(timing, luck));
        Some(Due { at, event })
    }

    /// The first race that is won in a state, or else the first event that is certain.
    fn chosen(&self, id: &str, state: &str) -> Option<(&'a EventRow, SandboxTiming)> {
        let mut certain = None;
        let rows = self.lifecycle.events.iter();
        let rows = rows.filter(|row| row.track == id && row.from.iter().any(|from| from == state));
        for (row, timing) in rows.filter_map(|row| Some((row, row.sandbox?))) {
            if !self.can_happen(row) {
                continue;
            }
            match timing.chance {
                Some(chance) if self.luck(id, state, row, "race") < chance => {
                    return Some((row, timing));
                }
                Some(_) => {}
                None => _ = certain.get_or_insert((row, timing)),
            }
        }
        certain
    }

    fn can_happen(&self, row: &EventRow) -> bool {
        let entry = self.entry;
        // Without a certificate nothing is ever due.
        let is_ever_due = row.when != Some(Condition::CertificateDue) || due_at(entry).is_some();
        is_ever_due
            && row.fits_request(entry)
            && row.fits(entry)
            && row.condition_holds(self.around)
    }

    fn luck(&self, id: &str, state: &str, event: &EventRow, what: &str) -> f64 {
        let entry = self.entry;
        let since = entry
            .tracks
            .get(id)
            .map_or_else(String::new, |track| age_of(entry, track.since));
        let purpose = [entry.id.as_str(), id, state, &since, &event.id, what];
        chance::fraction(self.seed, &purpose)
    }
}

/// How long after the entry's beginning something is: the same each time the same story is played,
/// whenever that is.
pub(super) fn age_of(entry: &Entry, at: Timestamp) -> String {
    entry.created.duration_until(at).as_secs().to_string()
}

/// The table's span, a quarter shorter to a quarter longer.
fn varied(timing: SandboxTiming, fraction: f64) -> SignedDuration {
    let factor = 0.75 + fraction / 2.0;
    let seconds = timing.after.as_secs_f64() * factor;
    SignedDuration::try_from_secs_f64(seconds).unwrap_or(timing.after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::{CertificateRecord, EntryId, Role};
    use crate::domain::lifecycle::Lifecycles;

    const END: &str = "2026-04-01T00:00:00Z";

    /// A certificate of this lifecycle that serves until [`END`].
    fn serving(lifecycle: &str, state: &str) -> Entry {
        let since = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut entry = Entry::new(EntryId::new("e1"), "shop", lifecycle, state, since);
        entry.certificates.push(CertificateRecord {
            sha256: "aa".to_owned(),
            chain: Vec::new(),
            role: Role::Serving,
            subject: String::new(),
            issuer: String::new(),
            serial: "01".to_owned(),
            not_before: since,
            not_after: END.parse().unwrap(),
            key: "P-256".to_owned(),
            spki_sha256: "bb".to_owned(),
            is_ca: false,
        });
        entry
    }

    fn next_of(entry: &Entry, zone_active: bool) -> Option<(String, Timestamp)> {
        let tables = Lifecycles::built_in().unwrap();
        let around = Circumstances {
            zone_active: Some(zone_active),
            successor_live: Some(false),
            ..Circumstances::default()
        };
        let due = next(7, entry, tables.get(&entry.lifecycle)?, around)?;
        Some((due.event.id.clone(), due.at))
    }

    #[test]
    fn what_only_time_ends_goes_on_from_where_time_took_it() {
        let end: Timestamp = END.parse().unwrap();
        let mut entry = serving("cloudflare-custom", "active");
        let (id, at) = next_of(&entry, true).unwrap();
        assert_eq!(id, "removed", "Cloudflare removes what has expired");
        let hours = end.duration_until(at).as_hours();
        assert!((18..=30).contains(&hours), "{at}");
        let (id, at) = next_of(&entry, false).unwrap();
        assert!(id == "zone-moved" && at < end, "before its end it moves");

        // What has ended already is not held for a zone any more.
        entry.tracks.get_mut("main").unwrap().since = time::later(end, time::days(1));
        assert_eq!(next_of(&entry, false).unwrap().0, "removed");
    }

    #[test]
    fn nothing_happens_to_what_the_provider_has_deleted() {
        let mut entry = serving("cloudflare-edge", "active");
        assert!(next_of(&entry, true).is_some(), "Cloudflare renews it");
        entry.gone = END.parse().ok();
        assert_eq!(next_of(&entry, true), None);
    }

    #[test]
    fn without_a_certificate_nothing_is_due() {
        let mut entry = serving("cloudflare-edge", "active");
        entry.certificates.clear();
        assert_eq!(next_of(&entry, true), None);
    }
}
