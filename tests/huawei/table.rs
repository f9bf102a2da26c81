//! The table itself: its labels and states, what the API calls them, and what is marked as an
//! assumption.

use std::collections::BTreeSet;

use certdeck::domain::action::CATALOGUE;
use certdeck::domain::entry::{MAIN_TRACK, StateRef};
use certdeck::domain::lifecycle::{Lifecycle, Phase, Qualifier, QualifierKind, Via};

use crate::stage::table;

/// Every state of the console's list with its label and progress, in the guide's order, and
/// after the eighth the one that shares its label.
const STATES: [(&str, &str, Option<u8>); 15] = [
    ("pending-application", "Pending application", Some(0)),
    (
        "pending-domain-verification",
        "Pending domain name verification",
        Some(40),
    ),
    (
        "pending-organization-verification",
        "Pending organization verification",
        Some(70),
    ),
    ("to-be-issued", "To be issued", Some(90)),
    ("issued", "Issued", Some(100)),
    ("approval-failed", "Approval failed", None),
    ("verifying-reissue", "CA verifying (reissue)", None),
    (
        "verifying-addition",
        "CA verifying (domain name addition)",
        None,
    ),
    (
        "verifying-addition-withdrawal",
        "CA verifying (domain name addition)",
        None,
    ),
    (
        "verifying-withdrawal",
        "CA verifying (application withdrawal)",
        None,
    ),
    ("verifying-revocation", "CA verifying (revocation)", None),
    ("revoked", "Revoked", None),
    ("hosted", "Hosted", None),
    ("expired", "Expired", None),
    (
        "revocation-domain-verification",
        "Revocation verifying (pending domain name verification)",
        None,
    ),
];

#[test]
fn fourteen_labels_and_fifteen_states() {
    let table = table();
    let states: Vec<_> = table
        .states
        .iter()
        .map(|state| (state.id.as_str(), state.label.as_str(), state.progress))
        .collect();
    assert_eq!(states, STATES);
    let labels: BTreeSet<_> = states.iter().map(|(_, label, _)| label).collect();
    assert_eq!(labels.len(), 14);
}

/// What a string of the API comes to under qualifiers.
fn comes_to(table: &Lifecycle, raw: &str, filter: Option<&str>) -> StateRef {
    let seen = filter.map(|value| Qualifier {
        kind: QualifierKind::ListFilter,
        value: value.to_owned(),
    });
    table.resolve(MAIN_TRACK, raw, seen.as_slice())
}

#[test]
fn every_string_of_the_api_comes_to_its_state() {
    let cases = [
        ("PAID", None, "pending-application"),
        ("CHECKING", None, "pending-domain-verification"),
        ("CHECKING", Some("CHECKING"), "pending-domain-verification"),
        ("CHECKING_DOMAIN", None, "pending-domain-verification"),
        ("CHECKING_ORG", None, "pending-organization-verification"),
        (
            "CHECKING",
            Some("CHECKING_ORG"),
            "pending-organization-verification",
        ),
        ("ISSUING", None, "to-be-issued"),
        ("CHECKING", Some("ISSUING"), "to-be-issued"),
        ("ISSUED", None, "issued"),
        ("UNPASSED", None, "approval-failed"),
        ("SUPPLEMENTCHECKING", None, "verifying-addition"),
        ("CANCELSUPPLEMENTING", None, "verifying-addition-withdrawal"),
        ("CANCELCHECKING", None, "verifying-withdrawal"),
        ("REVOKING", None, "verifying-revocation"),
        ("REVOKED", None, "revoked"),
        ("UPLOAD", None, "hosted"),
        ("EXPIRED", None, "expired"),
    ];
    let table = table();
    for (raw, filter, state) in cases {
        assert_eq!(
            comes_to(&table, raw, filter),
            StateRef::known(state),
            "{raw} {filter:?}"
        );
    }
    let mapped: BTreeSet<_> = cases.iter().map(|(raw, ..)| *raw).collect();
    let in_table: BTreeSet<_> = table
        .states
        .iter()
        .flat_map(|state| &state.wire)
        .map(|wire| wire.is.as_str())
        .collect();
    assert_eq!(mapped, in_table, "and the table knows no other");
}

#[test]
fn what_no_state_stands_for_is_kept_word_for_word() {
    let table = table();
    // The last three: withdrawal of a revocation (its own spelling), a filter, and news.
    for raw in ["CANCLEREVOKING", "ALL", "SOMETHING_NEW"] {
        assert_eq!(comes_to(&table, raw, None), StateRef::unknown(raw));
    }
    let without: Vec<_> = table
        .states
        .iter()
        .filter(|state| state.wire.is_empty())
        .map(|state| state.id.as_str())
        .collect();
    assert_eq!(
        without,
        ["verifying-reissue", "revocation-domain-verification"],
        "no document names a string for these"
    );
}

#[test]
fn what_is_assumed_is_marked() {
    let table = table();
    let assumed: Vec<_> = table
        .states
        .iter()
        .filter(|state| state.assumed.is_some())
        .map(|state| state.id.as_str())
        .collect();
    assert_eq!(
        assumed,
        [
            "approval-failed",
            "verifying-reissue",
            "verifying-revocation",
            "revocation-domain-verification",
        ],
        "the labels that are translations"
    );
    let dead_ends: Vec<_> = table
        .states
        .iter()
        .filter(|state| state.dead_end.is_some())
        .map(|state| state.id.as_str())
        .collect();
    assert_eq!(dead_ends, ["approval-failed"]);
    for words in ["CHECKING", "translated", "25 days"] {
        let said = table.assumptions.iter().any(|text| text.contains(words));
        assert!(said, "{words}: {:?}", table.assumptions);
    }
}

#[test]
fn the_dialog_and_the_confirmation_of_a_withdrawal_are_the_documents_own() {
    let table = table();
    let rows: Vec<_> = table.rows_of("withdraw").collect();
    assert_eq!(rows.len(), 2, "an application, and an addition");
    for row in rows {
        let dialog = row.confirm.as_ref().unwrap();
        assert_eq!(dialog.title, "Cancel Application");
        assert_eq!(dialog.submit, "Submit");
        assert_eq!(dialog.keep, "Keep the application", "never a bare Cancel");
        for words in [
            "the CA will stop approving",
            "Exercise caution",
            "may have been approved by the CA before",
            "the withdrawal will fail",
            "given in the certificate list",
        ] {
            assert!(dialog.text.contains(words), "{words}: {}", dialog.text);
        }
        assert_eq!(
            row.done.as_deref(),
            Some("Request for canceling the application submitted successfully")
        );
        assert_eq!(row.label.as_deref(), Some("Withdraw Application"));
        assert!(row.steps.iter().any(|step| step.contains("click Submit")));
    }
}

/// API v3 withdraws, applies, deletes, unsubscribes, exports and pushes, and nothing else.
#[test]
fn what_the_api_cannot_do_is_left_to_the_console() {
    let table = table();
    let by_api: BTreeSet<_> = table
        .actions
        .iter()
        .filter(|row| row.via == Via::Api)
        .map(|row| row.id.as_str())
        .collect();
    let expected = [
        "apply",
        "delete",
        "download",
        "push",
        "unsubscribe",
        "withdraw",
    ];
    assert_eq!(by_api, expected.into());
    for row in table.actions.iter().filter(|row| row.via != Via::Api) {
        assert_eq!(row.via, Via::Dashboard, "{}", row.id);
        let link = row.link.as_deref().unwrap_or_default();
        assert!(
            link.starts_with("https://console.huaweicloud.com"),
            "{}",
            row.id
        );
    }
}

#[test]
fn whoever_keeps_it_by_hand_is_told_where_to_click() {
    let table = table();
    let untold: Vec<_> = table
        .actions
        .iter()
        .filter(|row| row.steps.is_empty())
        .map(|row| row.id.as_str())
        .chain(
            table
                .events
                .iter()
                .filter(|row| row.steps.is_empty() && !row.is_made_by_time())
                .map(|row| row.id.as_str()),
        )
        .collect();
    assert_eq!(untold, Vec::<&str>::new());
    assert!(
        table
            .entry_points
            .iter()
            .all(|point| !point.steps.is_empty())
    );
}

#[test]
fn every_action_that_asks_first_says_what_will_happen() {
    let table = table();
    assert!(table.actions.len() > 15);
    for row in &table.actions {
        let calm = ["download", "recheck"].contains(&row.id.as_str());
        assert_eq!(row.confirm.is_none(), calm, "{}", row.id);
        let Some(dialog) = &row.confirm else {
            continue;
        };
        assert!(dialog.text.len() > 80, "{}: {}", row.id, dialog.text);
        let buttons = [dialog.submit.as_str(), dialog.keep.as_str()];
        assert!(
            buttons
                .iter()
                .all(|label| !label.contains("Cancel") || row.id == "cancel-privacy"),
            "{buttons:?}"
        );
    }
}

/// Whatever the catalogue can ask a provider for is possible somewhere here, or is refused with a
/// reason of Huawei Cloud's own; only the zone, which there is none of, is left to the general sentence.
#[test]
fn every_action_that_people_look_for_has_a_row_or_a_reason() {
    use certdeck::domain::action::Kind;
    let table = table();
    let silent: Vec<_> = CATALOGUE
        .iter()
        .filter(|spec| spec.kind == Kind::Provider && !table.mentions(spec.id))
        .map(|spec| spec.id)
        .collect();
    assert_eq!(silent, ["check-zone"]);
}

#[test]
fn where_a_person_has_to_act_the_state_says_so() {
    let table = table();
    let asks: Vec<_> = table
        .states
        .iter()
        .filter(|state| state.phase == Phase::ActionNeeded)
        .map(|state| state.id.as_str())
        .collect();
    assert_eq!(
        asks,
        [
            "pending-application",
            "pending-domain-verification",
            "pending-organization-verification",
            "verifying-addition",
            "revocation-domain-verification",
        ]
    );
}
