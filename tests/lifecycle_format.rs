//! The lifecycle format: a table that uses every feature means what it says, in the states of
//! entries, in what strings of an API mean, and in the gate.

use std::collections::BTreeMap;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Invoice, LinkKind, Method, Price, ProductKind, Role,
    StateRef, Track,
};
use certdeck::domain::gate::{AccountFacts, Context, Verdict, gate};
use certdeck::domain::lifecycle::{
    Ask, Bring, Condition, Lifecycle, PREVIOUS, Phase, Qualifier, QualifierKind, Via, Who,
    effective, effective_track,
};
use jiff::{SignedDuration, Timestamp};

const EVERY_FEATURE: &str = include_str!("fixtures/every_feature.toml");

fn every_feature() -> Lifecycle {
    match Lifecycle::parse("every_feature.toml", EVERY_FEATURE) {
        Ok(lifecycle) => lifecycle,
        Err(errors) => panic!("{errors:#?}"),
    }
}

fn now() -> Timestamp {
    "2026-11-22T14:30:00Z".parse().expect("a timestamp")
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// A certificate that began and ends so many days from now.
fn certificate(begins: i64, ends: i64) -> CertificateRecord {
    CertificateRecord {
        sha256: "5e".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=a.example".to_owned(),
        issuer: "a CA".to_owned(),
        serial: "01".to_owned(),
        not_before: now() + days(begins),
        not_after: now() + days(ends),
        key: "P-256".to_owned(),
        spki_sha256: "aa".repeat(32),
        is_ca: false,
    }
}

fn entry(state: &str) -> Entry {
    let mut entry = Entry::new(EntryId::new("e1"), "shop", "every-feature", state, now());
    let track = entry
        .tracks
        .remove("main")
        .expect("a new entry has its track");
    entry.tracks.insert("certificate".to_owned(), track);
    entry
}

fn with_activation(mut entry: Entry, state: StateRef) -> Entry {
    let track = Track {
        state,
        since: now(),
        previous: None,
    };
    entry.tracks.insert("activation".to_owned(), track);
    entry
}

fn unknown(raw: &str) -> Entry {
    let mut entry = entry("serving");
    entry
        .tracks
        .get_mut("certificate")
        .expect("its track")
        .state = StateRef::unknown(raw);
    entry
}

fn context() -> Context<'static> {
    let account = AccountFacts {
        deploys: false,
        probes_wildcards: false,
        name: "shop",
        kind: AccountKind::Sandbox,
        configured: true,
        read_only: false,
        zone_active: None,
        quota_left: Some(3),
    };
    Context {
        now: now(),
        account,
        successor: None,
        successor_live: None,
    }
}

fn reason(action: &str, entry: &Entry) -> String {
    reason_in(action, entry, &context())
}

fn reason_in(action: &str, entry: &Entry, context: &Context<'_>) -> String {
    match gate(action, entry, &every_feature(), context) {
        Verdict::Possible { .. } => "possible".to_owned(),
        Verdict::Refused(reason) => reason.to_string(),
    }
}

fn seen(kind: QualifierKind, value: &str) -> Qualifier {
    Qualifier {
        kind,
        value: value.to_owned(),
    }
}

#[test]
fn what_the_table_says_of_its_states_is_kept() {
    let table = every_feature();
    let waiting = table.state("waiting").expect("a state");
    assert_eq!(
        (waiting.label.as_str(), waiting.short.as_str()),
        ("Waiting for you", "waiting")
    );
    assert_eq!(
        (waiting.phase, waiting.progress),
        (Phase::ActionNeeded, Some(10))
    );
    assert_eq!(waiting.who_with(None), Who::You);
    assert_eq!(waiting.who_with(Some(Method::Email)), Who::Customer);
    assert_eq!(waiting.who_with(Some(Method::File)), Who::Ca);
    assert_eq!(
        waiting.says_with(Some(Method::Email)),
        "Your customer opens the mail."
    );
    assert_eq!(
        waiting.says_with(Some(Method::Dns)),
        "Publish what is shown below."
    );
    let held = table.state("held").expect("a state");
    assert_eq!(
        held.short, "held",
        "the label stands in where there is no short word"
    );
    let stuck = table.state("stuck").expect("a state");
    assert_eq!(
        stuck.dead_end.as_deref(),
        Some("No document says what follows.")
    );
    let in_order: Vec<_> = table
        .states
        .iter()
        .map(|state| state.id.as_str())
        .take(3)
        .collect();
    assert_eq!(
        in_order,
        ["waiting", "held", "checking-names"],
        "the file's own order"
    );
}

#[test]
fn what_the_table_says_of_its_rows_is_kept() {
    let table = every_feature();
    let points: Vec<_> = table
        .entry_points
        .iter()
        .map(|point| (point.state.as_str(), point.track.as_str(), point.when))
        .collect();
    assert_eq!(
        points,
        [
            ("waiting", "certificate", Some(Condition::ZoneActive)),
            ("held", "certificate", Some(Condition::ZoneNotActive)),
            ("inactive", "activation", None),
        ]
    );
    assert_eq!(
        table.entry_points[0].brings,
        [Bring::Invoice, Bring::ValidationRecords]
    );
    let withdraw: Vec<_> = table.rows_of("withdraw").collect();
    assert_eq!(withdraw.len(), 3);
    assert_eq!(
        withdraw[0].asks,
        [Ask::Reason, Ask::Names, Ask::NewNames, Ask::Method]
    );
    assert_eq!(
        withdraw[0]
            .confirm
            .as_ref()
            .map(|dialog| dialog.keep.as_str()),
        Some("Keep it")
    );
    assert_eq!(withdraw[0].done.as_deref(), Some("It was taken back."));
    assert_eq!(
        table.action_title("withdraw"),
        "Take back",
        "the provider's own word"
    );
    assert_eq!(table.action_title("renew"), "Renew", "the catalogue's word");
    let renew = table.rows_of("renew").next().expect("a row");
    assert_eq!(
        renew
            .makes
            .as_ref()
            .map(|makes| (makes.state.as_str(), makes.link)),
        Some(("waiting", LinkKind::Replaces))
    );
    assert!(renew.assumed.is_some());
    let via = |action| table.rows_of(action).next().map(|row| row.via);
    assert_eq!(
        [via("renew"), via("reissue"), via("revoke")],
        [Some(Via::Api), Some(Via::Dashboard), Some(Via::None)]
    );
    let back = table
        .events_from("certificate", "leaving")
        .next()
        .expect("an event");
    assert_eq!(back.to, PREVIOUS);
    let checked = table
        .events_from("certificate", "checking-names")
        .next()
        .expect("an event");
    let timing = checked.sandbox.expect("a timing");
    assert_eq!(
        (timing.after, timing.chance),
        (SignedDuration::from_hours(26), Some(0.5))
    );
    assert!(checked.notify && checked.says.is_some());
    assert!(table.tracks[1].optional && !table.tracks[0].optional);
    let reissue = table.rows_of("reissue").next().expect("a row");
    assert_eq!(reissue.steps, ["Open the panel.", "Press Reissue."]);
    let validated = table.events.iter().find(|row| row.id == "validated");
    let validated = validated.expect("an event");
    assert_eq!(validated.steps, ["The panel shows a tick."]);
}

#[test]
fn strings_of_the_api_mean_states_by_where_they_were_seen() {
    use QualifierKind::{Authorization, Deploy, ListFilter, OrderType, Record, Zone};
    let table = every_feature();
    let known = StateRef::known;
    let cases: &[(&str, &str, Vec<Qualifier>, StateRef)] = &[
        (
            "certificate",
            "pending_validation",
            vec![],
            known("waiting"),
        ),
        (
            "certificate",
            "PENDING",
            vec![seen(ListFilter, "VALIDATION")],
            known("waiting"),
        ),
        (
            "certificate",
            "PENDING",
            vec![],
            StateRef::unknown("PENDING"),
        ),
        (
            "certificate",
            "HELD",
            vec![seen(Zone, "moved")],
            known("held"),
        ),
        (
            "certificate",
            "CHECKING",
            vec![seen(Record, "names")],
            known("checking-names"),
        ),
        (
            "certificate",
            "CHECKING",
            vec![seen(OrderType, "OV")],
            known("checking-organization"),
        ),
        (
            "certificate",
            "CHECKING",
            vec![],
            StateRef::unknown("CHECKING"),
        ),
        (
            "certificate",
            "CHECKING",
            vec![seen(Record, "other")],
            StateRef::unknown("CHECKING"),
        ),
        ("certificate", "active", vec![], known("serving")),
        (
            "certificate",
            "active",
            vec![seen(Deploy, "staging")],
            known("staged"),
        ),
        (
            "certificate",
            "active",
            vec![seen(Deploy, "elsewhere")],
            known("serving"),
        ),
        (
            "certificate",
            "stuck",
            vec![seen(Authorization, "invalid")],
            known("stuck"),
        ),
        ("activation", "active", vec![], known("active")),
        (
            "activation",
            "active",
            vec![seen(Deploy, "staging")],
            known("active"),
        ),
        (
            "certificate",
            "Brand_New ",
            vec![],
            StateRef::unknown("Brand_New "),
        ),
        ("certificate", "ACTIVE", vec![], StateRef::unknown("ACTIVE")),
        ("certificate", "", vec![], StateRef::unknown("")),
    ];
    for (track, raw, seen, means) in cases {
        assert_eq!(
            &table.resolve(track, raw, seen),
            means,
            "{track} {raw:?} {seen:?}"
        );
    }
}

#[test]
fn an_unknown_state_is_kept_and_shown_word_for_word() {
    let table = every_feature();
    let entry = unknown("Brand_New ");
    let stands = effective(&entry, &table, now());
    assert_eq!(stands, StateRef::unknown("Brand_New "));
    assert_eq!(table.label(&stands), "Brand_New ");
    assert!(table.find(&stands).is_none());
    let stored = serde_json::to_string(&entry).expect("an entry can be stored");
    let read: Entry = serde_json::from_str(&stored).expect("and read again");
    assert_eq!(read, entry);
    let refused = reason("renew", &entry);
    assert!(refused.contains("Made-up says \"Brand_New \""), "{refused}");
    let mut held = agreeable();
    held.tracks = entry.tracks.clone();
    for local in ["open-invoice", "copy", "note", "archive", "reveal-key"] {
        assert_eq!(reason(local, &held), "possible", "{local}");
    }
    // It goes by the string alone: a state's id is not what an API says.
    assert_ne!(reason("renew", &unknown("serving")), "possible");
}

#[test]
fn in_doubt_an_action_is_possible_only_if_every_state_that_it_may_be_allows_it() {
    let mut doubtful = unknown("CHECKING");
    doubtful.product.kind = Some(ProductKind::MultiDomain);
    assert_eq!(
        reason("withdraw", &doubtful),
        "possible",
        "both rows of both states allow it"
    );
    doubtful.product.kind = Some(ProductKind::Single);
    assert_eq!(
        reason("withdraw", &doubtful),
        "only for multi-domain products"
    );
    doubtful.product.kind = Some(ProductKind::MultiDomain);
    doubtful.certificates.push(certificate(-10, 80));
    assert_ne!(
        reason("withdraw", &doubtful),
        "possible",
        "one of the two objects"
    );
    // `active` may be serving or staged; only one of them can be revoked by this row.
    let mut active = unknown("active");
    active.product.kind = Some(ProductKind::Wildcard);
    assert_ne!(reason("revoke", &active), "possible");
}

#[test]
fn several_rows_of_one_action_allow_it_if_any_does() {
    let mut checking = entry("checking-names");
    checking.product.kind = Some(ProductKind::Single);
    assert_eq!(
        reason("withdraw", &checking),
        "possible",
        "by the first row"
    );
    checking.product.kind = Some(ProductKind::MultiDomain);
    assert_eq!(
        reason("withdraw", &checking),
        "possible",
        "by the second row"
    );
    checking.certificates.push(certificate(-1, 80));
    assert_eq!(
        reason("withdraw", &checking),
        "not for multi-domain products",
        "the first objection of all rows"
    );
    assert_eq!(
        reason("withdraw", &entry("leaving")),
        "it has been taken back already"
    );
    assert_eq!(
        reason("withdraw", &entry("serving")),
        "possible while Checking or Waiting for you",
        "two states with one label are named once"
    );
}

#[test]
fn each_track_stands_for_itself() {
    let table = every_feature();
    let both = with_activation(entry("serving"), StateRef::known("inactive"));
    assert_eq!(
        effective(&both, &table, now()),
        StateRef::known("serving"),
        "the first track that the table names"
    );
    assert_eq!(
        effective_track(&both, "activation", &table, now()),
        Some(StateRef::known("inactive"))
    );
    assert_eq!(reason("contact-support", &both), "possible");
    let pointed = with_activation(entry("serving"), StateRef::known("active"));
    assert_eq!(
        reason("contact-support", &pointed),
        "possible while Inactive"
    );
    let alone = entry("serving");
    assert_eq!(
        effective_track(&alone, "activation", &table, now()),
        None,
        "it is optional"
    );
    assert_eq!(reason("contact-support", &alone), "possible while Inactive");
    // An unknown activation says nothing about the certificate.
    let mut odd = with_activation(entry("waiting"), StateRef::unknown("odd"));
    assert_eq!(reason("withdraw", &odd), "possible");
    odd.certificates.push(certificate(-100, -1));
    assert_eq!(
        effective_track(&odd, "activation", &table, now()),
        Some(StateRef::unknown("odd"))
    );
}

#[test]
fn time_moves_a_state_while_it_is_read() {
    let table = every_feature();
    let stands = |begins, ends| {
        let mut entry = entry("serving");
        entry.certificates.push(certificate(begins, ends));
        effective(&entry, &table, now()).as_str().to_owned()
    };
    assert_eq!(stands(1, 90), "young");
    assert_eq!(stands(-30, 60), "serving");
    assert_eq!(stands(-90, 0), "serving", "the last second counts");
    assert_eq!(stands(-90, -1), "old");
}

/// A serving certificate that every guard of `renew` and `reissue` lets through.
fn agreeable() -> Entry {
    let mut entry = entry("serving");
    entry.certificates.push(certificate(-5, 85));
    entry.order.csr_by = Some(CsrBy::Certdeck);
    entry.order.key_held = true;
    entry.product.invoice = Some(Invoice {
        number: "1".to_owned(),
        amount: Price {
            cents: 1,
            currency: "EUR".to_owned(),
        },
        link: None,
        paid_at: Some(now() - days(6)),
    });
    entry
}

/// A change, and what the gate says then.
type Case = (fn(&mut Entry, &mut Context<'static>), &'static str);

fn check_cases(action: &str, start: &Entry, cases: &[Case]) {
    let mut answers = BTreeMap::new();
    for (index, (change, says)) in cases.iter().enumerate() {
        let (mut entry, mut context) = (start.clone(), context());
        change(&mut entry, &mut context);
        let answer = reason_in(action, &entry, &context);
        assert_eq!(&answer, says, "{action}, case {index}");
        answers.insert(answer, index);
    }
    assert!(answers.len() > 1, "the cases differ");
}

#[test]
fn the_guards_of_renewing_each_give_their_own_reason() {
    let mut due = agreeable();
    due.certificates = vec![certificate(-60, 30)];
    check_cases(
        "renew",
        &due,
        &[
            (|_, _| {}, "possible"),
            (
                |entry, _| entry.certificates = vec![certificate(-60, 31)],
                "possible within 30 days of expiry: from 2026-11-23",
            ),
            (
                |entry, _| {
                    entry.certificates = vec![certificate(-60, 31)];
                    entry.product.brand = Some("Slow".to_owned());
                },
                "possible",
            ),
            (
                |entry, _| {
                    entry.certificates = vec![certificate(-10, 31)];
                    entry.product.paid_until = Some(now() + days(32));
                },
                "paid until 2026-12-24; ask for a reissue (renewing is possible within 30 days of \
                 expiry: from 2026-11-23)",
            ),
            (
                // Issued too long ago for a reissue: nobody is sent to one.
                |entry, _| {
                    entry.certificates = vec![certificate(-60, 31)];
                    entry.product.paid_until = Some(now() + days(32));
                },
                "possible within 30 days of expiry: from 2026-11-23",
            ),
            (
                |entry, _| {
                    entry.certificates = vec![certificate(-60, 31)];
                    entry.product.paid_until = Some(now() + days(30));
                },
                "possible within 30 days of expiry: from 2026-11-23",
            ),
            (
                |entry, _| entry.certificates.clear(),
                "no certificate has been issued yet",
            ),
            (
                |_, context| context.successor = Some("e2 (Waiting for you)".to_owned()),
                "a successor is there already: e2 (Waiting for you)",
            ),
            (
                |entry, _| entry.product.free = true,
                "not for free products",
            ),
            (
                |entry, _| entry.product.hosted = true,
                "not for a hosted certificate",
            ),
            (
                |entry, _| entry.product.auto_renew = true,
                "the provider renews it by itself; switch that off first",
            ),
            (
                |_, context| context.account.quota_left = Some(0),
                "the account's quota is used up",
            ),
            (
                |_, context| context.account.quota_left = None,
                "the account's quota is not known yet; refresh first",
            ),
            (
                |_, context| context.account.read_only = true,
                "the account shop is read-only",
            ),
            (
                |entry, _| entry.archived = true,
                "the entry is archived; restore it first",
            ),
        ],
    );
}

#[test]
fn the_guards_of_reissuing_each_give_their_own_reason() {
    check_cases(
        "reissue",
        &agreeable(),
        &[
            (|_, _| {}, "possible"),
            (
                |entry, _| entry.certificates = vec![certificate(-5, 30)],
                "not possible in the last 30 days before expiry: since 2026-11-22",
            ),
            (
                |entry, _| entry.certificates = vec![certificate(-26, 64)],
                "possible within 25 days of issue: it ended on 2026-11-21",
            ),
            (
                |entry, _| entry.certificates = vec![certificate(0, 90)],
                "possible 1 days after issue: from 2026-11-23",
            ),
            (
                |entry, _| entry.product.invoice = None,
                "the invoice has not been paid yet",
            ),
            (
                |entry, _| {
                    if let Some(invoice) = &mut entry.product.invoice {
                        invoice.paid_at = Some(now() - days(8));
                    }
                },
                "possible within 7 days of payment: it ended on 2026-11-21",
            ),
            (
                |entry, _| entry.order.csr_by = Some(CsrBy::Provider),
                "only where certdeck generated the CSR",
            ),
            (
                |entry, _| entry.order.key_held = false,
                "the private key is not held here",
            ),
        ],
    );
}

#[test]
fn the_guards_of_the_product_each_give_their_own_reason() {
    let mut start = agreeable();
    start.product.free = true;
    start.product.hosted = true;
    start.product.kind = Some(ProductKind::Single);
    check_cases(
        "revoke",
        &start,
        &[
            (|_, _| {}, "possible"),
            (
                |entry, _| entry.product.free = false,
                "only for free products",
            ),
            (
                |entry, _| entry.product.hosted = false,
                "only for a hosted certificate",
            ),
            (
                |entry, _| entry.product.kind = Some(ProductKind::Wildcard),
                "only for single-domain products",
            ),
            (
                |entry, _| entry.product.kind = None,
                "only for single-domain products",
            ),
        ],
    );
}

#[test]
fn an_action_that_nobody_has_heard_of_is_refused() {
    assert_eq!(
        reason("dance", &agreeable()),
        "there is no action called \"dance\""
    );
}
