//! What the quick reader answers is what `serde_json` answers, and it answers for what certdeck
//! writes.

use std::ops::Range;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::super::Thin;
use crate::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Invoice, Link, LinkKind, Method, OpenRequest, Price,
    Revocation, Role, StateRef, Track,
};
use crate::domain::probed::{Flaw, Probed, ProbedPlace, Served};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn certificate(role: Role, is_ca: bool) -> CertificateRecord {
    CertificateRecord {
        sha256: "ab".repeat(32),
        chain: vec!["cd".repeat(32)],
        role,
        subject: "CN=www.example".to_owned(),
        issuer: "CN=R12, O=Let's Encrypt".to_owned(),
        serial: "01".to_owned(),
        not_before: at("2026-10-31T23:59:59Z"),
        not_after: at("2028-02-29T01:02:03Z"),
        key: "P-256".to_owned(),
        spki_sha256: "ef".repeat(32),
        is_ca,
    }
}

/// An entry that has everything that the list asks for.
fn rich() -> Entry {
    let tracks = vec![("hostname", "hostname-active"), ("certificate", "active")];
    let id = EntryId::new("abc123");
    let mut entry = Entry::on_tracks(
        id.clone(),
        "shop",
        "cloudflare-hostname",
        tracks,
        at("2026-11-22T12:00:00Z"),
    );
    entry.names = vec!["www.example".to_owned(), "bücher.example".to_owned()];
    entry.product.name = "Single DV".to_owned();
    entry.product.term_months = Some(12);
    entry.product.paid_until = Some(at("2027-11-22T12:00:00.5Z"));
    entry.product.invoice = Some(Invoice {
        number: "R-1".to_owned(),
        amount: Price {
            cents: 1900,
            currency: "EUR".to_owned(),
        },
        link: None,
        paid_at: Some(at("2026-11-23T12:00:00Z")),
    });
    entry.order.key_type = Some("RSA 2048".to_owned());
    entry.order.csr_by = Some(CsrBy::Provider);
    entry.order.csr = Some("-----BEGIN CERTIFICATE REQUEST-----\nMII=\n".to_owned());
    entry.order.spki_sha256 = Some("ef".repeat(32));
    entry.order.key_held = true;
    entry.order.mailbox = Some("hostmaster@example".to_owned());
    entry.order.method = Some(Method::Email);
    entry.certificates = vec![
        certificate(Role::Past, false),
        certificate(Role::Serving, true),
        certificate(Role::Pending, false),
    ];
    let kinds = [
        LinkKind::Renews,
        LinkKind::RenewedBy,
        LinkKind::Replaces,
        LinkKind::ReplacedBy,
    ];
    entry.links = (kinds.into_iter())
        .map(|kind| Link {
            kind,
            entry: id.clone(),
        })
        .collect();
    entry.dns_points = Some(true);
    let place = ProbedPlace {
        place: "www.example:443".to_owned(),
        served: Served::Old,
        says: "serial 01".to_owned(),
        until: Some(at("2026-11-25T12:00:00Z")),
        flaws: vec![Flaw::SelfSigned],
    };
    let skipped = vec!["*.www.example".to_owned()];
    let probed = Probed::of(at("2026-11-22T12:00:00Z"), vec![place], skipped);
    entry.probed = Some(Box::new(probed));
    entry.note = "ask first".to_owned();
    entry.archived = true;
    entry
}

fn unusual() -> Entry {
    let mut entry = rich();
    entry.tracks.insert(
        "main".to_owned(),
        Track {
            state: StateRef::unknown("half-way"),
            since: at("2026-11-22T12:00:00Z"),
            previous: Some(StateRef::known("issued")),
        },
    );
    entry.request = Some(OpenRequest {
        action: "recheck".to_owned(),
        since: entry.created,
        unknown_outcome: false,
        accepted: true,
    });
    entry.gone = Some(entry.created);
    entry.said = Some("The CA asks for a phone call.".to_owned());
    entry
}

/// What `serde_json` reads, as the quick reader would have it.
fn slowly(line: &str) -> Option<Thin<'_>> {
    let mut thin: Thin<'_> = serde_json::from_str(line).ok()?;
    thin.is_bare = true;
    Some(thin)
}

#[test]
fn what_certdeck_writes_is_read_quickly_and_as_any_reader_does() {
    let bare = Entry::new(
        EntryId::new("b"),
        "a",
        "netcup",
        "s",
        at("2026-02-28T00:00:00Z"),
    );
    for entry in [rich(), unusual(), bare] {
        let line = serde_json::to_string(&entry).unwrap();
        let followed = format!("{line},\"crc\"");
        let (thin, rest) = Thin::written(&followed).unwrap();
        assert_eq!(rest, ",\"crc\"");
        assert_eq!(Some(&thin), slowly(&line).as_ref());
        let mut of_entry = Thin::of(&entry);
        of_entry.is_bare = true;
        assert_eq!(thin, of_entry);
    }
}

#[test]
fn what_was_revoked_is_read_the_same_whoever_reads_it() {
    let mut entry = rich();
    let of = |sha256: &str, at_its_time: Option<Timestamp>, reason: Option<&str>| Revocation {
        sha256: sha256.repeat(32),
        at: at_its_time,
        reason: reason.map(str::to_owned),
        list: at("2026-11-21T06:00:00Z"),
    };
    entry.revocations = vec![
        of(
            "ab",
            Some(at("2026-11-20T12:00:00Z")),
            Some("keyCompromise"),
        ),
        of("cd", None, None),
    ];
    let line = serde_json::to_string(&entry).unwrap();
    let mut of_entry = Thin::of(&entry);
    of_entry.is_bare = true;
    assert_eq!(slowly(&line).as_ref(), Some(&of_entry));
    // The quick reader leaves it to others, or says the same.
    if let Some((thin, rest)) = Thin::written(&line) {
        assert_eq!((thin, rest), (of_entry, ""));
    }
    let again: Entry = serde_json::from_str(&line).unwrap();
    assert_eq!(again, entry);
    let without = Entry {
        revocations: Vec::new(),
        ..again
    };
    let without = serde_json::to_string(&without).unwrap();
    assert_eq!(slowly(&without), slowly(&line), "a row says nothing of it");
}

#[test]
fn what_is_written_otherwise_is_left_to_other_readers() {
    let line = serde_json::to_string(&rich()).unwrap();
    assert!(Thin::written(&line).is_some());
    for (from, to) in [
        ("\"names\":", "\"names\": "),
        ("www.example", "www\\u002eexample"),
        ("\"archived\":true", "\"archived\":true,\"archived\":true"),
        ("\"archived\":true", "\"archived\":null"),
        ("\"note\":", "\"other\":1,\"note\":"),
        ("\"note\":", "\"origin\":1e3,\"note\":"),
        ("\"note\":", "\"origin\":007,\"note\":"),
        ("\"note\":", "\"origin\":[1,],\"note\":"),
        ("\"note\":", "\"origin\":\"\\u0041\",\"note\":"),
        ("\"role\":\"past\"", "\"role\":\"paste\""),
        ("\"since\":", "\"after\":"),
        ("\"created\":\"2026", "\"created\":\"x026"),
    ] {
        let other = line.replacen(from, to, 1);
        assert_ne!(other, line, "{from}");
        assert_eq!(Thin::written(&other), None, "{to}");
    }
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let deep = line.replacen("\"note\":", &format!("\"origin\":{deep},\"note\":"), 1);
    assert_eq!(Thin::written(&deep), None);
    assert!(slowly(&deep).is_some());
}

/// Where each value of a line lies, with those inside of it.
fn values(line: &str, from: usize, all: &mut Vec<Range<usize>>) -> usize {
    let bytes = line.as_bytes();
    let mut at = from;
    match bytes[at] {
        b'"' => at = string_end(bytes, at),
        open @ (b'{' | b'[') => {
            at += 1;
            while !matches!(bytes[at], b'}' | b']') {
                if open == b'{' {
                    at = string_end(bytes, at) + 1;
                }
                at = values(line, at, all);
                at += usize::from(bytes[at] == b',');
            }
            at += 1;
        }
        _ => {
            let rest = bytes[at..].iter();
            at += rest.take_while(|byte| !b",]}".contains(byte)).count();
        }
    }
    all.push(from..at);
    at
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while bytes[at] != b'"' {
        at += 1 + usize::from(bytes[at] == b'\\');
    }
    at + 1
}

fn odd() -> impl Strategy<Value = Value> {
    select(vec![
        json!(null),
        json!(true),
        json!(7),
        json!(-7),
        json!(1.5),
        json!(12_345_678_901_234_567_890_u64),
        json!(""),
        json!("serving"),
        json!("same"),
        json!("renewed-by"),
        json!("a\tb\"c\\d"),
        json!("2028-02-29T23:59:59Z"),
        json!("2027-02-29T23:59:59Z"),
        json!("2027-04-30T23:59:59.25+02:00"),
        json!([]),
        json!(["x", null]),
        json!({}),
        json!({ "unknown": "what they said" }),
        json!({ "unknown": "what they said", "more": 1 }),
        json!({ "state": "s", "since": "2026-11-22T12:00:00Z" }),
    ])
}

/// A line of an entry, some of whose values are others.
fn line() -> impl Strategy<Value = String> {
    let edits = proptest::collection::vec((any::<Index>(), odd()), 0..3);
    (any::<bool>(), edits).prop_map(|(usual, edits)| {
        let entry = if usual { rich() } else { unusual() };
        let mut line = serde_json::to_string(&entry).unwrap();
        for (place, other) in edits {
            let mut all = Vec::new();
            values(&line, 0, &mut all);
            line.replace_range(place.get(&all).clone(), &other.to_string());
        }
        line
    })
}

proptest! {
    #[test]
    fn where_it_answers_it_answers_as_any_reader(
        line in line(),
        edits in proptest::collection::vec(
            (any::<Index>(), select(b"\"{}[]:,0a1tnu\\- ".to_vec()), 0..3_u8), 0..3),
    ) {
        let mut bytes = line.into_bytes();
        for (place, byte, how) in edits {
            if bytes.is_empty() { break }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        let line = String::from_utf8_lossy(&bytes);
        if let Some((thin, rest)) = Thin::written(&line) {
            let read = &line[..line.len() - rest.len()];
            prop_assert_eq!(Some(thin), slowly(read), "{}", read);
        }
    }
}
