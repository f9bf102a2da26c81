//! A row of the list: the little of an entry that list, filter and sorting need.
//!
//! Pure. The inventory makes rows, the faces draw and order them. Their times are whole seconds, as
//! far as a person can tell them apart and as the list keeps them for entries that lie on the disk.

use jiff::Timestamp;

use super::action;
use super::entry::{CertificateRecord, Entry, EntryId, StateRef};
use super::lifecycle::{Lifecycle, Phase, Readiness, effective_track, standing};
use super::probed::Served;
use super::reminder::{OUTCOME_UNKNOWN, Reminder};
use super::renewal;
use super::time::whole_second;
use super::urgency::Facts;
pub use super::urgency::{Urgency, UrgencyClass};

/// One line of the list.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and the list shows any of them beside the others"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The entry.
    pub id: EntryId,
    /// The name that it is called by; raw, so the faces sanitise it.
    pub name: String,
    /// How many more names it protects.
    pub more_names: usize,
    /// The product's name; raw.
    pub product: String,
    /// The account, by name.
    pub account: String,
    /// The account as it is shown: everything of the sandbox says so.
    pub account_words: String,
    /// What the provider's panel shows, track by track: `Active · Pending Validation`; raw, since
    /// a provider may say anything.
    pub state: String,
    /// The states of the tracks by id, joined by `+`: told apart also where labels are alike.
    pub state_ids: String,
    /// The class of the state; nothing where no table knows the state.
    pub phase: Option<Phase>,
    /// Since when the state of the track that asks for the most holds, in the account's time.
    pub since: Timestamp,
    /// The validity of the certificate that serves.
    pub validity: Option<(Timestamp, Timestamp)>,
    /// Until when it is paid for.
    pub paid_until: Option<Timestamp>,
    /// When it came into being.
    pub created: Timestamp,
    /// The account's time when the row was made.
    pub now: Timestamp,
    /// How soon somebody must look at it.
    pub urgency: Urgency,
    /// The action whose answer is awaited, or which the provider has accepted and still has to
    /// carry out.
    pub request: Option<String>,
    /// Whether the provider has accepted that action.
    pub accepted: bool,
    /// Whether it is ready for production, where its provider says what that takes.
    pub ready: Option<Readiness>,
    /// What its servers were last seen to serve; nothing where nobody looked.
    pub served: Option<Served>,
    /// When the provider deleted it, in the account's time.
    pub gone: Option<Timestamp>,
    /// What the provider said last, where it belongs on the row.
    pub said: Option<String>,
    /// Whether the place that it was read from cannot be read any more.
    pub trouble: bool,
    /// What waits for you and nobody else notices: where it is kept by hand, and a request of which
    /// nobody knows what came; raw.
    pub reminder: Option<String>,
    /// Whether a successor serves in its place.
    pub superseded: bool,
    /// Whether it was put away.
    pub archived: bool,
    /// Whether its certificate belongs to a certification authority.
    pub is_ca: bool,
}

impl Row {
    /// The row of an entry at `now`, its account's time.
    #[must_use]
    pub fn of(
        entry: &Entry,
        lifecycle: Option<&Lifecycle>,
        now: Timestamp,
        superseded: bool,
    ) -> Self {
        let mut stands = Stands::of(entry, lifecycle, now);
        stands.since = whole_second(stands.since);
        let serving = entry.serving();
        let validity = serving.map(|held| (held.not_before, held.not_after));
        let is_ca = serving.is_some_and(|held| held.is_ca);
        let facts = Facts {
            phase: stands.phase,
            since: stands.since,
            validity,
            trouble: entry.trouble.as_ref().map(|trouble| trouble.since),
            never: superseded || entry.archived || is_ca || entry.gone.is_some(),
            now,
        };
        Self {
            id: entry.id.clone(),
            name: entry.name().to_owned(),
            more_names: entry.names.len().saturating_sub(1),
            product: entry.product.name.clone(),
            account: entry.account.clone(),
            account_words: entry.account.clone(),
            state: stands.label,
            state_ids: stands.ids,
            phase: stands.phase,
            since: stands.since,
            validity,
            paid_until: entry.product.paid_until.map(whole_second),
            created: whole_second(entry.created),
            now,
            urgency: facts.urgency().in_whole_seconds(),
            request: entry.request.as_ref().map(|request| request.action.clone()),
            accepted: (entry.request.as_ref()).is_some_and(|request| request.accepted),
            ready: lifecycle.and_then(|table| table.readiness(entry, now)),
            served: entry.probed.as_ref().map(|probed| probed.served),
            gone: entry.gone,
            said: entry.said.clone(),
            trouble: entry.trouble.is_some(),
            reminder: None,
            superseded,
            archived: entry.archived,
            is_ca,
        }
    }

    /// Reminds of something, which makes it need you; never where nothing is urgent.
    pub fn remind(&mut self, reminder: Reminder) {
        let class = self.urgency.class;
        if class == UrgencyClass::Never {
            return;
        }
        let since = whole_second(reminder.since);
        if class > UrgencyClass::NeedsYou {
            self.urgency = Urgency {
                class: UrgencyClass::NeedsYou,
                at: since,
            };
        } else if class == UrgencyClass::NeedsYou {
            self.urgency.at = self.urgency.at.min(since);
        }
        self.reminder = Some(reminder.says);
    }

    /// Whether its certificate is to be renewed now: the renewal window is open or its end has
    /// passed, nothing serves in its place, and nobody put it away.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.renewal_opens().is_some_and(|opens| self.now >= opens)
    }

    /// From when on it is due for renewal; nothing for what nobody renews any more.
    #[must_use]
    pub fn renewal_opens(&self) -> Option<Timestamp> {
        let counts = !(self.archived || self.superseded || self.is_ca || self.gone.is_some());
        let (from, to) = self.validity.filter(|_| counts)?;
        Some(renewal::window_opens(from, to))
    }

    /// Whether the certificate that serves has ended.
    #[must_use]
    pub fn has_expired(&self) -> bool {
        self.validity.is_some_and(|(_, to)| to < self.now)
    }

    /// As what it is counted: by whom it needs, whatever its state is called. Nothing for what is
    /// over, put away or superseded, and where nobody knows the state and nothing else is urgent.
    #[must_use]
    pub fn counts_as(&self) -> Option<Phase> {
        let is_put_away = self.archived || self.superseded;
        counts_as(self.urgency.class, self.phase, is_put_away, self.is_ca)
    }

    /// The request that is open, in words: `withdraw sent`, or `deletion submitted` where the
    /// provider has accepted it and still has to carry it out.
    #[must_use]
    pub fn request_words(&self) -> Option<String> {
        let action = self.request.as_deref()?;
        Some(if self.accepted {
            format!("{} submitted", action::noun(action))
        } else {
            format!("{action} sent")
        })
    }

    /// That nobody knows what came of a request, without what can be done about it; raw.
    #[must_use]
    pub fn unsettled(&self) -> Option<&str> {
        let reminder = self.reminder.as_deref()?;
        let (fact, _) = reminder.split_once(';').unwrap_or((reminder, ""));
        reminder.starts_with(OUTCOME_UNKNOWN).then_some(fact)
    }

    /// Whether somebody has to do something about it.
    #[must_use]
    pub fn needs_someone(&self) -> bool {
        self.urgency.class <= UrgencyClass::NeedsYou
    }
}

/// As what something so urgent, in this phase, is counted; `is_put_away` where it was, or where
/// something serves in its place.
pub(super) fn counts_as(
    class: UrgencyClass,
    phase: Option<Phase>,
    is_put_away: bool,
    is_ca: bool,
) -> Option<Phase> {
    match class {
        _ if is_put_away => None,
        UrgencyClass::Broken => Some(Phase::Failed),
        UrgencyClass::NeedsYou => Some(Phase::ActionNeeded),
        UrgencyClass::Moving => phase.map(|_| Phase::InProgress),
        UrgencyClass::Serving => Some(Phase::Live),
        UrgencyClass::Leaving => Some(Phase::WindingDown),
        UrgencyClass::Never => phase_of_an_authority(phase.filter(|_| is_ca)?),
    }
}

/// A CA's own certificate is never urgent, but it does serve.
fn phase_of_an_authority(phase: Phase) -> Option<Phase> {
    match phase {
        Phase::Live | Phase::ActionNeeded => Some(Phase::Live),
        Phase::InProgress => Some(Phase::InProgress),
        Phase::WindingDown => Some(Phase::WindingDown),
        Phase::Ended | Phase::Failed => None,
    }
}

/// Where an entry stands, all of its tracks together.
struct Stands {
    label: String,
    ids: String,
    phase: Option<Phase>,
    since: Timestamp,
}

impl Stands {
    fn of(entry: &Entry, lifecycle: Option<&Lifecycle>, now: Timestamp) -> Self {
        let Some(lifecycle) = lifecycle else {
            return Self::without_table(entry);
        };
        let stands = standing(entry, lifecycle, now);
        let leading = stands.leading(lifecycle).map(|(track, _)| track);
        let since = leading.and_then(|leading| {
            let (track, state) = stands.tracks.iter().find(|(id, _)| id == leading)?;
            since_in(entry, track, state, now)
        });
        // What the provider has deleted is over, wherever it stood.
        let phase = match entry.gone {
            Some(_) => Some(Phase::Ended),
            None => stands.phase(lifecycle),
        };
        Self {
            label: stands.label(lifecycle),
            ids: stands.key(),
            phase,
            since: entry.gone.or(since).unwrap_or(entry.changed),
        }
    }

    /// Word for word what is stored; nobody knows what it means.
    fn without_table(entry: &Entry) -> Self {
        let states: Vec<&str> = (entry.tracks.values())
            .map(|track| track.state.as_str())
            .collect();
        Self {
            label: states.join(" · "),
            ids: states.join("+"),
            phase: None,
            since: entry
                .main()
                .or_else(|| entry.tracks.values().next())
                .map_or(entry.changed, |track| track.since),
        }
    }
}

/// Since when a track stands where it stands at `now`. What time alone made began when the
/// certificate turned, not when it was stored. Nothing where the entry has no such track.
#[must_use]
pub fn since(
    entry: &Entry,
    track: &str,
    lifecycle: &Lifecycle,
    now: Timestamp,
) -> Option<Timestamp> {
    let state = effective_track(entry, track, lifecycle, now)?;
    since_in(entry, track, &state, now)
}

/// The same where it is known in which state the track stands.
fn since_in(entry: &Entry, track: &str, state: &StateRef, now: Timestamp) -> Option<Timestamp> {
    let stored = entry.tracks.get(track)?;
    let turned = entry.serving().filter(|_| *state != stored.state);
    let turned = turned.and_then(|held| turn_before(held, now));
    Some(turned.unwrap_or(stored.since))
}

/// The last of a certificate's turns that lies behind: its end, its renewal window, its beginning.
#[must_use]
pub fn turn_before(held: &CertificateRecord, now: Timestamp) -> Option<Timestamp> {
    let opens = renewal::window_opens(held.not_before, held.not_after);
    let turns = [held.not_after, opens, held.not_before];
    turns.into_iter().find(|turn| *turn <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Phase::{ActionNeeded, Failed, InProgress, Live, WindingDown};
    use UrgencyClass::{Broken, Leaving, Moving, NeedsYou, Never, Serving};

    fn row(class: UrgencyClass, phase: Option<Phase>) -> Row {
        let now = Timestamp::UNIX_EPOCH;
        Row {
            id: EntryId::new("a1"),
            name: "www.example.com".to_owned(),
            more_names: 0,
            product: String::new(),
            account: "shop".to_owned(),
            account_words: "shop".to_owned(),
            state: "Certificate issued".to_owned(),
            state_ids: "issued".to_owned(),
            phase,
            since: now,
            validity: None,
            paid_until: None,
            created: now,
            now,
            urgency: Urgency { class, at: now },
            request: None,
            accepted: false,
            ready: None,
            served: None,
            gone: None,
            said: None,
            trouble: false,
            reminder: None,
            superseded: false,
            archived: false,
            is_ca: false,
        }
    }

    #[test]
    fn a_row_counts_by_whom_it_needs_rather_than_by_its_state() {
        let cases = [
            (Broken, Some(Live), Some(Failed)),
            (NeedsYou, Some(Live), Some(ActionNeeded)),
            (NeedsYou, Some(InProgress), Some(ActionNeeded)),
            (NeedsYou, None, Some(ActionNeeded)),
            (Moving, Some(InProgress), Some(InProgress)),
            (Moving, None, None),
            (Serving, Some(Live), Some(Live)),
            (Leaving, Some(WindingDown), Some(WindingDown)),
            (Never, Some(Phase::Ended), None),
        ];
        for (class, phase, expected) in cases {
            let row = row(class, phase);
            assert_eq!(row.counts_as(), expected, "{class:?} {phase:?}");
            let is_counted = matches!(expected, Some(Failed | ActionNeeded));
            assert_eq!(row.needs_someone(), is_counted, "as check: {class:?}");
        }
    }

    #[test]
    fn a_certificate_of_a_ca_serves_and_never_needs_anyone() {
        let cases = [
            (Live, Some(Live)),
            (ActionNeeded, Some(Live)),
            (InProgress, Some(InProgress)),
            (Failed, None),
        ];
        for (phase, expected) in cases {
            let authority = Row {
                is_ca: true,
                ..row(Never, Some(phase))
            };
            assert_eq!(authority.counts_as(), expected, "{phase:?}");
        }
    }

    #[test]
    fn a_row_stands_where_the_track_stands_that_asks_for_the_most() {
        use crate::domain::lifecycle::Lifecycles;
        let at = |hour: i64| Timestamp::from_second(hour * 3_600).unwrap();
        let lifecycles = Lifecycles::built_in().unwrap();
        let table = lifecycles.get("cloudflare-hostname").unwrap();
        let row = |hostname: &str, certificate: &str, gone: bool| {
            let tracks = [("hostname", hostname), ("certificate", certificate)];
            let tracks = tracks.into_iter().filter(|(_, state)| !state.is_empty());
            let id = EntryId::new("a1");
            let mut entry = Entry::on_tracks(id, "cf", "cloudflare-hostname", tracks, at(1));
            if let Some(track) = entry.tracks.get_mut("certificate") {
                track.since = at(5);
            }
            entry.gone = gone.then(|| at(8));
            Row::of(&entry, Some(table), at(9), false)
        };
        let cases = [
            (
                "hostname-active",
                "pending-validation",
                Some(ActionNeeded),
                5,
            ),
            ("hostname-pending", "active", Some(ActionNeeded), 1),
            ("hostname-active", "active", Some(Live), 1),
            ("hostname-active", "pending-deployment", Some(InProgress), 5),
            ("hostname-active", "", Some(Live), 1),
            ("hostname-active", "no such state", None, 1),
            ("hostname-pending", "no such state", Some(ActionNeeded), 1),
        ];
        for (hostname, certificate, phase, since) in cases {
            let row = row(hostname, certificate, false);
            let stands = (row.phase, row.since);
            assert_eq!(stands, (phase, at(since)), "{hostname} {certificate}");
        }
        let both = row("hostname-active", "pending-issuance", false);
        assert_eq!(both.state, "Active · Pending Issuance");
        assert_eq!(both.state_ids, "hostname-active+pending-issuance");
        let gone = row("hostname-pending", "pending-validation", true);
        assert_eq!((gone.phase, gone.since), (Some(Phase::Ended), at(8)));
        assert_eq!(gone.urgency.class, Never, "whatever it waited for");
    }

    #[test]
    fn an_open_request_is_sent_or_submitted() {
        let request = |action: &str, accepted| {
            let row = Row {
                request: Some(action.to_owned()),
                accepted,
                ..row(Moving, Some(InProgress))
            };
            row.request_words().unwrap_or_default()
        };
        assert_eq!(request("withdraw", false), "withdraw sent");
        assert_eq!(request("delete", true), "deletion submitted");
        assert_eq!(request("revoke", true), "revocation submitted");
        assert_eq!(request("push", true), "push submitted");
        assert_eq!(row(Moving, None).request_words(), None);
    }

    #[test]
    fn what_was_put_away_or_renewed_is_not_counted() {
        let archived = Row {
            archived: true,
            ..row(Never, Some(Live))
        };
        let superseded = Row {
            superseded: true,
            ..row(Never, Some(Failed))
        };
        assert_eq!((archived.counts_as(), superseded.counts_as()), (None, None));
    }
}
