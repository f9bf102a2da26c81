//! What each event does to an entry.

use super::*;
use crate::domain::entry::{Entry, Role};

fn entry() -> Entry {
    Entry::new(
        EntryId::new("e1"),
        "sandbox",
        "netcup",
        "verification",
        Timestamp::UNIX_EPOCH,
    )
}

fn certificate(sha256: &str) -> CertificateRecord {
    CertificateRecord {
        sha256: sha256.to_owned(),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=a.example".to_owned(),
        issuer: "sandbox".to_owned(),
        serial: "01".to_owned(),
        not_before: Timestamp::UNIX_EPOCH,
        not_after: Timestamp::UNIX_EPOCH,
        key: "P-256".to_owned(),
        spki_sha256: "aa".to_owned(),
        is_ca: false,
    }
}

fn happen(entry: &mut Entry, what: What) {
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    let event = Event {
        entry: entry.id.clone(),
        at,
        what,
    };
    apply(entry, &event);
}

#[test]
fn a_move_remembers_where_it_came_from_and_since_when() {
    let mut entry = entry();
    entry.said = Some("please answer".to_owned());
    let from = StateRef::known("verification");
    let to = StateRef::known("issued");
    let by = Cause::Event {
        event: "issued".to_owned(),
    };
    happen(
        &mut entry,
        What::Moved {
            track: "main".to_owned(),
            from,
            to,
            by,
        },
    );
    let track = entry.main().unwrap();
    assert_eq!(track.state.as_str(), "issued");
    assert_eq!(track.previous, Some(StateRef::known("verification")));
    assert_eq!(track.since.to_string(), "2026-11-22T12:00:00Z");
    assert_eq!(entry.said, None);
}

#[test]
fn a_new_certificate_makes_the_older_one_past_and_is_kept_once() {
    let mut entry = entry();
    for sha256 in ["one", "two", "two"] {
        happen(
            &mut entry,
            What::Issued {
                certificate: certificate(sha256),
            },
        );
    }
    let roles: Vec<_> = entry
        .certificates
        .iter()
        .map(|c| (c.sha256.as_str(), c.role))
        .collect();
    assert_eq!(roles, [("one", Role::Past), ("two", Role::Serving)]);
    assert_eq!(entry.serving().unwrap().sha256, "two");
}

#[test]
fn an_answer_closes_the_request_and_a_refusal_stays_on_the_row() {
    let mut entry = entry();
    let since = Timestamp::UNIX_EPOCH;
    happen(
        &mut entry,
        What::Requested {
            action: "renew".to_owned(),
            since,
            with: crate::domain::event::Answers::default(),
        },
    );
    assert!(entry.request.is_some());
    let says = "order is locked".to_owned();
    happen(
        &mut entry,
        What::Refused {
            action: "renew".to_owned(),
            says,
        },
    );
    assert_eq!(entry.request, None);
    assert_eq!(entry.said.as_deref(), Some("order is locked"));
}

#[test]
fn events_survive_the_journal() {
    let by = Cause::Action {
        action: "renew".to_owned(),
    };
    let (from, to) = (StateRef::unknown("NEW_THING"), StateRef::known("issued"));
    let what = What::Moved {
        track: "main".to_owned(),
        from,
        to,
        by,
    };
    let event = Event {
        entry: EntryId::new("e1"),
        at: Timestamp::UNIX_EPOCH,
        what,
    };
    let line = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    assert!(line.contains(r#""unknown":"NEW_THING""#), "{line}");
}
