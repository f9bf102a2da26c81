//! The JSON of where an entry stands: its tracks, its readiness, its zone. Stable as all shapes.
//!
//! Pure data, used by `list --json`, `show --json` and `check --json`.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::account::Zone;
use crate::domain::entry::Entry;
use crate::domain::lifecycle::{Lifecycle, Phase, Readiness, standing};
use crate::domain::row;

/// One of several tracks.
#[derive(Debug, Serialize)]
pub(super) struct TrackShape {
    /// The track, by id.
    id: String,
    /// What people call the track.
    title: String,
    /// What the provider's panel shows of it.
    status: String,
    /// The state's id in the table; left out where no table knows the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// The class of the state; left out where no table knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
}

impl TrackShape {
    /// Those of an entry whose lifecycle has several; none where it has but one.
    pub(super) fn several(entry: &Entry, table: Option<&Lifecycle>, now: Timestamp) -> Vec<Self> {
        let Some(table) = table.filter(|table| table.tracks.len() > 1) else {
            return Vec::new();
        };
        let stands = standing(entry, table, now);
        let one = |(track, state): &(String, _)| {
            let known = table.find(state);
            Self {
                id: track.clone(),
                title: table.track_title(track).to_owned(),
                status: table.label(state).to_owned(),
                state: known.map(|known| known.id.clone()),
                phase: known.map(|known| known.phase.id()),
            }
        };
        stands.tracks.iter().map(one).collect()
    }
}

/// Whether an entry is ready for production.
#[derive(Debug, Serialize)]
pub(super) struct ReadyShape {
    /// `yes`, `no` or `unknown`.
    is: &'static str,
    /// What is missing or not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl ReadyShape {
    pub(super) fn of(ready: &Readiness) -> Self {
        Self {
            is: ready.word(),
            why: ready.reason().map(str::to_owned),
        }
    }
}

/// Where one track stands, and what that means.
#[derive(Debug, Serialize)]
pub(super) struct StateShape<'a> {
    /// The track, by id.
    pub(super) track: String,
    /// What people call the track.
    pub(super) title: String,
    /// The state's id; left out where no table knows the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<&'a str>,
    /// What the provider's panel shows of it.
    pub(super) status: String,
    /// The class of the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phase: Option<&'static str>,
    /// Since when, in the account's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    /// What the state means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) means: Option<&'a str>,
    /// Who moves next, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) who: Option<&'static str>,
    /// How far the provider says it is, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) progress: Option<u8>,
    /// Why this state is certdeck's assumption, where no document states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) assumed: Option<&'a str>,
}

impl<'a> StateShape<'a> {
    /// Every track of an entry, in the table's order.
    pub(super) fn all(entry: &Entry, table: Option<&'a Lifecycle>, now: Timestamp) -> Vec<Self> {
        let Some(table) = table else {
            return Vec::new();
        };
        let method = entry.order.method;
        let stands = standing(entry, table, now);
        let one = |(track, state): &(String, _)| {
            let known = table.find(state);
            Self {
                title: table.track_title(track).to_owned(),
                state: known.map(|known| known.id.as_str()),
                status: table.label(state).to_owned(),
                phase: known.map(|known| Phase::id(known.phase)),
                since: row::since(entry, track, table, now),
                means: known.map(|known| known.says_with(method)),
                who: known.map(|known| known.who_with(method).words()),
                progress: known.and_then(|known| known.progress),
                assumed: known.and_then(|known| known.assumed.as_deref()),
                track: track.clone(),
            }
        };
        stands.tracks.iter().map(one).collect()
    }
}

/// How the zone of an account stands.
#[derive(Debug, Serialize)]
pub(super) struct ZoneShape {
    /// `active`, `pending`, `moved` or `initializing`.
    status: &'static str,
    /// Since when, in the account's time.
    since: Timestamp,
}

impl ZoneShape {
    pub(super) fn of(zone: Zone) -> Self {
        Self {
            status: zone.status.id(),
            since: zone.since,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::EntryId;
    use crate::domain::lifecycle::Lifecycles;
    use crate::domain::row::Row;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_hostname_shows_both_tracks_and_whether_it_is_ready() {
        let lifecycles = Lifecycles::built_in().unwrap();
        let table = lifecycles.get("cloudflare-hostname").unwrap();
        let tracks = [
            ("hostname", "hostname-active"),
            ("certificate", "pending-validation"),
        ];
        let id = EntryId::new("a1");
        let entry = Entry::on_tracks(id, "cf", "cloudflare-hostname", tracks, AT);
        let row = Row::of(&entry, Some(table), AT, false);
        let shown = serde_json::json!({
            "tracks": TrackShape::several(&entry, Some(table), AT),
            "ready": row.ready.as_ref().map(ReadyShape::of),
        });
        insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap(), @r#"
        {
          "ready": {
            "is": "no",
            "why": "certificate: Pending Validation"
          },
          "tracks": [
            {
              "id": "hostname",
              "phase": "live",
              "state": "hostname-active",
              "status": "Active",
              "title": "Hostname activation"
            },
            {
              "id": "certificate",
              "phase": "action-needed",
              "state": "pending-validation",
              "status": "Pending Validation",
              "title": "Certificate"
            }
          ]
        }
        "#);
        assert_eq!(row.state, "Active · Pending Validation");
        let states = StateShape::all(&entry, Some(table), AT);
        assert!(states.iter().all(|state| state.means.is_some()));
    }

    #[test]
    fn what_has_one_track_keeps_its_old_shape() {
        let lifecycles = Lifecycles::built_in().unwrap();
        let table = lifecycles.get("netcup").unwrap();
        let entry = Entry::new(EntryId::new("a1"), "shop", "netcup", "issued", AT);
        assert!(TrackShape::several(&entry, Some(table), AT).is_empty());
        assert_eq!(StateShape::all(&entry, Some(table), AT).len(), 1);
    }
}
