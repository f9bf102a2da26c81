//! Which events can happen to an entry now, apart from those that time alone makes.
//!
//! Pure. The gate asks whether there is one, the sandbox which is next, the menus which to offer.

use jiff::Timestamp;

use super::{Condition, EventRow, Lifecycle, effective_track};
use crate::domain::entry::{Entry, StateRef};
use crate::domain::renewal;

/// What the conditions of events ask for beyond the entry. What is not known is no reason against
/// an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Whether the account's zone is active.
    pub zone_active: Option<bool>,
    /// Since when the zone stands as it does.
    pub zone_since: Option<Timestamp>,
    /// Whether a successor of the entry has reached a state in which it serves.
    pub successor_live: Option<bool>,
    /// Since when it does.
    pub successor_since: Option<Timestamp>,
}

/// The events that can happen to an entry at `now`, apart from those that time alone makes; none
/// to what the provider has deleted.
pub fn possible_events<'a>(
    entry: &'a Entry,
    lifecycle: &'a Lifecycle,
    now: Timestamp,
    around: Circumstances,
) -> impl Iterator<Item = &'a EventRow> {
    lifecycle.events.iter().filter(move |row| {
        entry.gone.is_none()
            && !row.is_made_by_time()
            && stands_at(row, entry, lifecycle, now)
            && row.fits_request(entry)
            && row.fits(entry)
            && row.condition_holds(around)
            && (row.when != Some(Condition::CertificateDue) || is_due(entry, now))
    })
}

fn stands_at(row: &EventRow, entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> bool {
    match effective_track(entry, &row.track, lifecycle, now) {
        Some(StateRef::Known(state)) => row.from.contains(&state),
        Some(StateRef::Unknown { .. }) | None => false,
    }
}

fn is_due(entry: &Entry, now: Timestamp) -> bool {
    due_at(entry).is_some_and(|due| due <= now)
}

/// When the certificate that serves is due for renewal.
#[must_use]
pub fn due_at(entry: &Entry) -> Option<Timestamp> {
    let held = entry.serving()?;
    Some(renewal::window_opens(held.not_before, held.not_after))
}

impl EventRow {
    /// Whether the event fits the request that is open: what answers a request can happen only
    /// while that one is being carried out, and then nothing else does.
    #[must_use]
    pub fn fits_request(&self, entry: &Entry) -> bool {
        let open = entry.request.as_ref().filter(|request| request.accepted);
        self.answers.as_deref() == open.map(|request| request.action.as_str())
    }

    /// Since when its condition holds, where that is none of the clock's and known.
    #[must_use]
    pub fn holds_since(&self, around: Circumstances) -> Option<Timestamp> {
        match self.when? {
            Condition::ZoneActive | Condition::ZoneNotActive => around.zone_since,
            Condition::SuccessorLive => around.successor_since,
            _ => None,
        }
    }

    /// Whether its condition fits what is known of the entry: where its DNS points, what the CA
    /// checks. What is not known is no reason against it.
    #[must_use]
    pub fn fits(&self, entry: &Entry) -> bool {
        let is_dv = entry.product.level.as_deref().map(|level| level == "DV");
        match self.when {
            Some(Condition::DnsElsewhere) => entry.dns_points != Some(true),
            Some(Condition::LevelDv) => is_dv != Some(false),
            Some(Condition::LevelOvEv) => is_dv != Some(true),
            _ => true,
        }
    }

    /// Whether its condition holds, as far as it is none of the clock's.
    #[must_use]
    pub fn condition_holds(&self, around: Circumstances) -> bool {
        match self.when {
            Some(Condition::ZoneActive) => around.zone_active != Some(false),
            Some(Condition::ZoneNotActive) => around.zone_active != Some(true),
            Some(Condition::SuccessorLive) => around.successor_live != Some(false),
            None
            | Some(
                Condition::NotBefore
                | Condition::NotAfter
                | Condition::RenewalWindow
                | Condition::CertificateDue
                | Condition::DnsElsewhere
                | Condition::NamesAdded
                | Condition::NamesUnchanged
                | Condition::LevelDv
                | Condition::LevelOvEv,
            ) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{entry, table};
    use super::*;
    use crate::domain::entry::OpenRequest;

    fn ids(entry: &Entry, around: Circumstances) -> Vec<String> {
        let table = table();
        let rows = possible_events(entry, &table, Timestamp::UNIX_EPOCH, around);
        rows.map(|row| row.id.clone()).collect()
    }

    fn zone(active: Option<bool>) -> Circumstances {
        Circumstances {
            zone_active: active,
            ..Circumstances::default()
        }
    }

    #[test]
    fn what_waits_for_the_zone_does_not_happen_without_it() {
        let held = entry(&["host-active", "held"]);
        assert!(ids(&held, zone(Some(false))).is_empty());
        assert_eq!(ids(&held, zone(Some(true))), ["zone-came"]);
        assert_eq!(ids(&held, zone(None)), ["zone-came"], "nobody knows");
    }

    #[test]
    fn what_the_ca_checks_decides_and_an_unknown_level_is_no_reason_against_anything() {
        let fits = |level: Option<&str>, when: Condition| {
            let mut some = entry(&["host-pending", "active"]);
            some.product.level = level.map(str::to_owned);
            let mut row = table().events[0].clone();
            row.when = Some(when);
            row.fits(&some)
        };
        for (level, dv, organization) in [
            (Some("DV"), true, false),
            (Some("OV"), false, true),
            (Some("EV"), false, true),
            (None, true, true),
        ] {
            assert_eq!(fits(level, Condition::LevelDv), dv, "{level:?}");
            assert_eq!(fits(level, Condition::LevelOvEv), organization, "{level:?}");
        }
    }

    #[test]
    fn nothing_happens_to_what_is_gone() {
        let mut gone = entry(&["host-pending", "active"]);
        assert_eq!(ids(&gone, zone(None)), ["pointed"]);
        gone.gone = Some(Timestamp::UNIX_EPOCH);
        assert!(ids(&gone, zone(None)).is_empty());
    }

    #[test]
    fn while_a_request_is_carried_out_only_its_answer_can_come() {
        let mut both = entry(&["host-pending", "active"]);
        assert_eq!(ids(&both, zone(None)), ["pointed"]);
        both.request = Some(OpenRequest {
            action: "delete".to_owned(),
            since: Timestamp::UNIX_EPOCH,
            unknown_outcome: false,
            accepted: true,
        });
        assert_eq!(ids(&both, zone(None)), ["deleted"]);
        both.request.as_mut().unwrap().action = "renew".to_owned();
        assert!(ids(&both, zone(None)).is_empty());
    }
}
