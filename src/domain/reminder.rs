//! Reminders for what is kept by hand: there nobody but a person says what the provider's panel
//! shows, so that what is forgotten is noticed by nobody else. And for what only a person can
//! settle: a request of which nobody knows what came.
//!
//! Pure. Rows carry the reminder, General and `check` say it.

use jiff::Timestamp;

use super::account::AccountKind;
use super::action;
use super::entry::Entry;
use super::gate::is_of_unknown_outcome;
use super::lifecycle::{Bring, Lifecycle, Phase, State, Who, standing};
use super::time;

/// What waits for you may wait a day: whoever recorded it knows.
const YOURS_AFTER_DAYS: i64 = 1;

/// Registration and verification take minutes to a day at most CAs, and a weekend may lie between:
/// after three days without a word it has moved, or it hangs.
const OTHERS_AFTER_DAYS: i64 = 3;

/// Invoices are usually due within a week or two; after one it is either paid and not recorded, or
/// forgotten.
const INVOICE_AFTER_DAYS: i64 = 7;

/// How long before the end of what is paid for the next term is to be ordered; netcup offers its
/// renewal in about the last month.
const PAID_BEFORE_DAYS: i64 = 30;

/// How the reminder of a request begins of which nobody knows what came.
pub const OUTCOME_UNKNOWN: &str = "outcome unknown";

/// How the reminder of a certificate begins that was to be deployed and is not.
pub const NOT_DEPLOYED: &str = "not deployed";

/// Something that waits for you and that nobody else notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// Since when it waits, in the account's time.
    pub since: Timestamp,
    /// What to do, as a part of a sentence; raw, since names of others stand in it.
    pub says: String,
}

/// What to remind of at `now`, the account's time; nothing for accounts that are not kept by hand.
#[must_use]
pub fn reminder(
    entry: &Entry,
    lifecycle: &Lifecycle,
    kind: AccountKind,
    now: Timestamp,
) -> Option<Reminder> {
    if kind != AccountKind::ByHand {
        return None;
    }
    if entry.gone.is_some() {
        return None;
    }
    if entry.request.as_ref().is_some_and(|open| open.accepted) {
        return carried_out(entry, lifecycle, now);
    }
    let stands = standing(entry, lifecycle, now);
    // The track that asks for the most is the one to remind of.
    let (_, state) = stands.leading(lifecycle)?;
    let state = state?;
    if matches!(state.phase, Phase::Ended | Phase::Failed) {
        return None;
    }
    let subject = Subject {
        entry,
        lifecycle,
        state,
        now,
    };
    // The most particular one is said.
    subject
        .unpaid_invoice()
        .or_else(|| subject.waits_for_you())
        .or_else(|| subject.nothing_recorded())
        .or_else(|| subject.end_of_the_term())
}

/// That nobody knows what came of a request, whatever the account: nothing can be asked until a
/// person has settled that.
#[must_use]
pub fn unknown_outcome(entry: &Entry) -> Option<Reminder> {
    let request = entry
        .request
        .as_ref()
        .filter(|_| is_of_unknown_outcome(entry))?;
    let title = action::title(&request.action);
    let sent = time::minute(request.since);
    Some(Reminder {
        since: entry.changed,
        says: format!(
            "{OUTCOME_UNKNOWN}: nobody knows what came of {title:?}, sent {sent} UTC; adopt it, send \
             it again, or say that it never arrived"
        ),
    })
}

/// That a certificate was to be deployed and is not, whatever the account.
#[must_use]
pub fn undeployed(entry: &Entry) -> Option<Reminder> {
    let undeployed = entry.undeployed.as_ref()?;
    Some(Reminder {
        since: undeployed.since,
        says: format!("{NOT_DEPLOYED}: {}", undeployed.why),
    })
}

/// What was submitted and has still to be carried out: nobody but a person sees when it is.
fn carried_out(entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> Option<Reminder> {
    let open = entry.request.as_ref()?;
    let since = open.since.max(entry.changed);
    let is_late = since.duration_until(now) > time::days(OTHERS_AFTER_DAYS);
    is_late.then(|| Reminder {
        since,
        says: format!(
            "{} was submitted on {}; look into {}'s panel whether it was carried out, and record it",
            lifecycle.action_title(&open.action),
            time::date(open.since),
            lifecycle.provider
        ),
    })
}

struct Subject<'a> {
    entry: &'a Entry,
    lifecycle: &'a Lifecycle,
    state: &'a State,
    now: Timestamp,
}

impl Subject<'_> {
    /// Since when the state holds as it was recorded.
    fn since(&self) -> Timestamp {
        let track = self.entry.tracks.get(&self.state.track);
        track.map_or(self.entry.changed, |track| track.since)
    }

    fn who(&self) -> Who {
        self.state.who_with(self.entry.order.method)
    }

    fn is_older_than(&self, at: Timestamp, days: i64) -> bool {
        at.duration_until(self.now) > time::days(days)
    }

    /// The bill of a state that its payment leads out of; elsewhere the provider has gone on, and
    /// so it was paid whatever was recorded.
    fn unpaid_invoice(&self) -> Option<Reminder> {
        let invoice = self.entry.product.invoice.as_ref()?;
        let mut events = self
            .lifecycle
            .events_from(&self.state.track, &self.state.id);
        let waits_for_it = events.any(|event| event.brings.contains(&Bring::Receipt));
        let since = self.since();
        let is_late = invoice.paid_at.is_none() && self.is_older_than(since, INVOICE_AFTER_DAYS);
        (waits_for_it && is_late).then(|| Reminder {
            since,
            says: format!(
                "invoice {} has not been recorded as paid since {}; pay it, or record that it was paid",
                invoice.number,
                time::date(since)
            ),
        })
    }

    fn waits_for_you(&self) -> Option<Reminder> {
        let since = self.since();
        let waits = self.state.phase == Phase::ActionNeeded && self.who().is_ours();
        let is_late = self.is_older_than(since, YOURS_AFTER_DAYS);
        (waits && is_late).then(|| Reminder {
            since,
            says: format!(
                "waits for {} since {}",
                self.who().words(),
                time::date(since)
            ),
        })
    }

    /// A note counts as well: whoever wrote one has looked.
    fn nothing_recorded(&self) -> Option<Reminder> {
        let since = self.entry.changed.max(self.since());
        let moves = matches!(self.who(), Who::Provider | Who::Ca);
        let is_late = self.is_older_than(since, OTHERS_AFTER_DAYS);
        (moves && is_late).then(|| Reminder {
            since,
            says: format!(
                "nothing was recorded since {}; look into {}'s panel whether it moved",
                time::date(since),
                self.lifecycle.provider
            ),
        })
    }

    fn end_of_the_term(&self) -> Option<Reminder> {
        let until = self.entry.product.paid_until?;
        let since = time::earlier(until, time::days(PAID_BEFORE_DAYS));
        (since <= self.now).then(|| Reminder {
            since,
            says: if until < self.now {
                format!("was paid until {}", time::date(until))
            } else {
                format!(
                    "paid only until {}; order the next term at {}",
                    time::date(until),
                    self.lifecycle.provider
                )
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::{EntryId, Invoice, Price};
    use crate::domain::lifecycle::Lifecycles;

    const START: &str = "2026-11-01T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn entry(state: &str) -> Entry {
        let mut entry = Entry::new(EntryId::new("a1"), "mine", "netcup", state, at(START));
        entry.product.invoice = Some(Invoice {
            number: "RE-1".to_owned(),
            amount: Price {
                cents: 1_900,
                currency: "EUR".to_owned(),
            },
            link: None,
            paid_at: None,
        });
        entry
    }

    fn said(entry: &Entry, kind: AccountKind, hours: i64) -> Option<String> {
        let lifecycles = Lifecycles::built_in().unwrap();
        let now = time::later(at(START), jiff::SignedDuration::from_hours(hours));
        let table = lifecycles.get(&entry.lifecycle).unwrap();
        reminder(entry, table, kind, now).map(|reminder| {
            assert!(reminder.since <= now, "it waits already");
            reminder.says
        })
    }

    #[test]
    fn each_state_reminds_after_its_own_time() {
        let (day, week) = (24, 24 * 7);
        let cases = [
            ("outstanding-invoice", day, None),
            (
                "outstanding-invoice",
                day + 1,
                Some("waits for you since 2026-11-01"),
            ),
            (
                "outstanding-invoice",
                week + 1,
                Some("invoice RE-1 has not been recorded as paid since 2026-11-01"),
            ),
            ("registration", 3 * day, None),
            (
                "registration",
                3 * day + 1,
                Some("nothing was recorded since 2026-11-01; look into netcup's panel"),
            ),
            ("verification", day + 1, Some("waits for you since")),
            ("verification", week + 1, Some("waits for you since")),
            ("issued", 50 * week, None),
            ("cancelled", 50 * week, None),
            ("expired", 50 * week, None),
        ];
        for (state, hours, expected) in cases {
            let entry = entry(state);
            let says = said(&entry, AccountKind::ByHand, hours);
            match (&says, expected) {
                (None, None) => {}
                (Some(says), Some(expected)) => {
                    assert!(says.starts_with(expected), "{state}: {says}");
                }
                _ => panic!("{state} after {hours} h: {says:?}, expected {expected:?}"),
            }
            for other in [AccountKind::Sandbox, AccountKind::Files] {
                assert_eq!(
                    said(&entry, other, hours),
                    None,
                    "{other:?} speaks for itself"
                );
            }
        }
    }

    #[test]
    fn whoever_recorded_or_noted_something_is_left_alone_for_a_while() {
        let mut entry = entry("registration");
        entry.changed = at("2026-11-05T12:00:00Z");
        assert_eq!(said(&entry, AccountKind::ByHand, 24 * 6), None);
        let says = said(&entry, AccountKind::ByHand, 24 * 8).unwrap();
        assert!(says.contains("2026-11-05"), "{says}");
    }

    #[test]
    fn the_end_of_what_is_paid_for_is_said_a_month_ahead_and_after_it() {
        let mut entry = entry("issued");
        entry.product.paid_until = Some(at("2027-01-01T00:00:00Z"));
        assert_eq!(said(&entry, AccountKind::ByHand, 24 * 30), None);
        let says = said(&entry, AccountKind::ByHand, 24 * 40).unwrap();
        assert_eq!(
            says,
            "paid only until 2027-01-01; order the next term at netcup"
        );
        let says = said(&entry, AccountKind::ByHand, 24 * 90).unwrap();
        assert_eq!(says, "was paid until 2027-01-01");
    }

    #[test]
    fn a_state_that_no_table_knows_reminds_of_nothing() {
        assert_eq!(said(&entry("somewhere"), AccountKind::ByHand, 9_999), None);
    }
}
