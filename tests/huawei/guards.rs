//! The limits of every action: what the gate answers for a certificate of this product, this age
//! and this state, with the reason.

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{CsrBy, Entry, OpenRequest, ProductKind};
use certdeck::domain::gate::{Context, Verdict, gate};

use crate::entries::{
    answer, bought, context, days, for_several, free, hosted, in_state, issued, now, of_brand,
    paid_before, with,
};
use crate::stage::table;

/// What was asked, of what, and the answer that is wanted.
type Case = (&'static str, &'static str, Entry, &'static str);

fn all_are_answered(cases: Vec<Case>) {
    assert!(cases.len() > 3);
    for (action, what, entry, wanted) in cases {
        assert_eq!(answer(action, &entry), wanted, "{action}, {what}");
    }
}

#[test]
fn revoking_and_renewing_share_no_day() {
    let last = "not possible in the last 30 days before expiry: since 2026-11-22";
    let early = "possible within 30 days of expiry: from 2026-11-23";
    all_are_answered(vec![
        ("revoke", "31 days left", issued(100, 31), ""),
        ("renew", "31 days left", issued(100, 31), early),
        ("revoke", "30 days left", issued(100, 30), last),
        ("renew", "30 days left", issued(100, 30), ""),
    ]);
    for left in 1..60 {
        let entry = issued(100, left);
        let (revoke, renew) = (answer("revoke", &entry), answer("renew", &entry));
        assert_ne!(revoke.is_empty(), renew.is_empty(), "{left} days left");
    }
}

#[test]
fn what_is_paid_for_longer_is_sent_to_a_reissue_only_where_that_is_possible() {
    let paid = |mut entry: Entry| {
        entry.product.paid_until = Some(days(300));
        entry
    };
    let one = answer("renew", &paid(issued(3, 190)));
    assert_eq!(answer("reissue", &issued(3, 190)), "");
    assert!(one.contains("; ask for a reissue"), "{one}");
    let several = paid(for_several(issued(3, 190), 3));
    assert_ne!(answer("reissue", &several), "");
    assert_eq!(
        answer("renew", &several),
        "possible within 30 days of expiry: from 2027-05-01"
    );
}

#[test]
fn revoking_has_its_limits() {
    all_are_answered(vec![
        ("revoke", "issued", issued(10, 190), ""),
        (
            "revoke",
            "a hosted one that stands as issued",
            hosted(issued(10, 190)),
            "not for a hosted certificate",
        ),
        (
            "revoke",
            "hosted",
            hosted(in_state("hosted")),
            "a hosted certificate was issued elsewhere; revoke it where it was bought",
        ),
        (
            "revoke",
            "submitted",
            in_state("verifying-revocation"),
            "a revocation has been submitted, and it cannot be withdrawn",
        ),
        (
            "revoke",
            "not issued yet",
            bought("to-be-issued"),
            "possible while Issued",
        ),
    ]);
}

#[test]
fn renewing_has_its_limits() {
    let old = || issued(180, 20);
    all_are_answered(vec![
        ("renew", "20 days left", old(), ""),
        ("renew", "free", free(old()), "not for free products"),
        (
            "renew",
            "renewed by Huawei Cloud",
            with(old(), |entry| entry.product.auto_renew = true),
            "the provider renews it by itself; switch that off first",
        ),
        (
            "renew",
            "hosted",
            hosted(in_state("hosted")),
            "a hosted certificate was issued elsewhere; renew it where it was bought, and upload the new one",
        ),
        (
            "renew",
            "expired",
            issued(210, -3),
            "an expired certificate cannot be renewed; buy a new one and apply for it",
        ),
    ]);
    let successor = Some("e2 (Pending application)".to_owned());
    let around = Context {
        successor,
        ..context(AccountKind::Sandbox)
    };
    let verdict = gate("renew", &old(), &table(), &around);
    let reason = verdict.reason().unwrap().to_string();
    assert_eq!(
        reason,
        "a successor is there already: e2 (Pending application)"
    );
}

#[test]
fn reissuing_has_its_limits() {
    let late = |date: &str| format!("it ended on {date}");
    for (brand, window) in [
        ("GlobalSign", 5),
        ("DigiCert", 25),
        ("GeoTrust", 25),
        ("CFCA", 25),
        ("TrustAsia", 25),
        ("vTrus", 25),
    ] {
        let last = answer("reissue", &of_brand(issued(window, 150), brand));
        assert_eq!(last, "", "{brand}");
        let after = answer("reissue", &of_brand(issued(window + 1, 150), brand));
        assert!(after.contains(&late("2026-11-21")), "{brand}: {after}");
    }
    let wildcard = with(issued(3, 190), |entry| {
        entry.product.kind = Some(ProductKind::Wildcard);
    });
    all_are_answered(vec![
        ("reissue", "one name", issued(3, 190), ""),
        ("reissue", "a wildcard", wildcard, ""),
        (
            "reissue",
            "several names",
            for_several(issued(3, 190), 5),
            "not for multi-domain products",
        ),
        (
            "reissue",
            "free",
            free(issued(3, 190)),
            "not for free products",
        ),
        (
            "reissue",
            "not issued",
            bought("to-be-issued"),
            "possible while Issued",
        ),
    ]);
}

#[test]
fn adding_a_name_has_its_limits() {
    all_are_answered(vec![
        (
            "add-domain",
            "room for another",
            for_several(issued(3, 190), 2),
            "",
        ),
        (
            "add-domain",
            "no room",
            for_several(issued(3, 190), 1),
            "the product has no room for another name",
        ),
        (
            "add-domain",
            "one name",
            issued(3, 190),
            "only for multi-domain products",
        ),
        (
            "add-domain",
            "one is being added",
            for_several(in_state("verifying-addition"), 5),
            "possible while Issued",
        ),
    ]);
}

#[test]
fn deleting_takes_other_states_from_paid_free_and_hosted_ones() {
    let states = [
        "pending-application",
        "issued",
        "revoked",
        "hosted",
        "expired",
    ];
    let allowed = |make: fn(Entry) -> Entry| -> Vec<&str> {
        let possible = |state: &&str| answer("delete", &make(in_state(state))).is_empty();
        states.into_iter().filter(possible).collect()
    };
    // What stands as Hosted is hosted, whatever else is known of it.
    assert_eq!(
        allowed(|entry| entry),
        ["issued", "revoked", "hosted", "expired"]
    );
    assert_eq!(allowed(free), states);
    assert_eq!(allowed(hosted), ["hosted", "expired"]);
    all_are_answered(vec![
        (
            "delete",
            "paid, not applied for",
            bought("pending-application"),
            "only for free products",
        ),
        (
            "delete",
            "being verified",
            bought("pending-domain-verification"),
            "possible while Issued, Revoked, Expired, Pending application or Hosted",
        ),
        ("delete", "free, issued", free(issued(3, 80)), ""),
        ("delete", "hosted", hosted(in_state("hosted")), ""),
    ]);
}

#[test]
fn an_issued_free_certificate_is_deleted_by_the_api_alone() {
    let table = table();
    let verdict = gate(
        "delete",
        &free(issued(3, 80)),
        &table,
        &context(AccountKind::Sandbox),
    );
    let Verdict::Possible { row: Some(row) } = verdict else {
        panic!("{verdict:?}");
    };
    let row = &table.actions[row];
    assert!(
        row.steps[0].contains("DELETE /v3/scm/certificates"),
        "{:?}",
        row.steps
    );
    assert_eq!(row.link, None, "the console does not offer it");
}

#[test]
fn unsubscribing_has_its_limits() {
    let new = || bought("pending-application");
    let revoked = || in_state("revoked");
    let late = "possible within 7 days of payment: it ended on 2026-11-21";
    let years = |entry| {
        with(entry, |entry: &mut Entry| {
            entry.product.term_months = Some(36);
        })
    };
    all_are_answered(vec![
        ("unsubscribe", "never applied, or withdrawn", new(), ""),
        ("unsubscribe", "on the last day", paid_before(new(), 7), ""),
        ("unsubscribe", "a day later", paid_before(new(), 8), late),
        (
            "unsubscribe",
            "three years, nothing issued",
            years(new()),
            "",
        ),
        ("unsubscribe", "revoked in time", revoked(), ""),
        (
            "unsubscribe",
            "revoked too late",
            paid_before(revoked(), 8),
            late,
        ),
        (
            "unsubscribe",
            "three years, the first one revoked",
            years(revoked()),
            "not for products of several years once a certificate was issued",
        ),
        (
            "unsubscribe",
            "issued before, then withdrawn",
            in_state("pending-application"),
            "only before the first certificate was issued",
        ),
        ("unsubscribe", "free", free(new()), "not for free products"),
        (
            "unsubscribe",
            "issued",
            issued(3, 190),
            "possible while Pending application or Revoked",
        ),
        (
            "unsubscribe",
            "being revoked",
            in_state("verifying-revocation"),
            "possible while Pending application or Revoked",
        ),
    ]);
}

#[test]
fn the_privacy_authorization_is_cancelled_once_and_never_while_the_ca_looks_at_it() {
    let table = table();
    let refused: Vec<_> = table
        .states
        .iter()
        .filter(|state| !answer("cancel-privacy", &in_state(&state.id)).is_empty())
        .map(|state| state.id.as_str())
        .collect();
    assert_eq!(
        refused,
        [
            "pending-domain-verification",
            "pending-organization-verification",
            "to-be-issued",
            "verifying-addition",
            "verifying-addition-withdrawal",
            "hosted",
        ],
        "the five labels under which the guide forbids it, and what was never applied for"
    );
    let again = with(issued(3, 190), |entry| {
        entry.product.privacy_cancelled = true;
    });
    let reason = answer("cancel-privacy", &again);
    assert_eq!(
        reason,
        "the privacy authorization was cancelled, and that cannot be undone"
    );
}

#[test]
fn automatic_renewal_is_switched_only_where_it_stands_otherwise() {
    let on = || with(issued(3, 190), |entry| entry.product.auto_renew = true);
    let already = "the provider renews it by itself; switch that off first";
    let never = "the provider does not renew it by itself; there is nothing to switch off";
    all_are_answered(vec![
        ("auto-renew-on", "off", issued(3, 190), ""),
        ("auto-renew-on", "on", on(), already),
        (
            "auto-renew-on",
            "free",
            free(issued(3, 80)),
            "not for free products",
        ),
        (
            "auto-renew-on",
            "not issued",
            bought("pending-application"),
            "possible while Issued",
        ),
        ("auto-renew-off", "on", on(), ""),
        ("auto-renew-off", "off", issued(3, 190), never),
    ]);
}

#[test]
fn what_is_downloaded_and_what_is_deployed() {
    let own = || {
        with(issued(3, 190), |entry| {
            entry.order.csr_by = Some(CsrBy::You);
        })
    };
    let downloads = "possible while Issued, Hosted or CA verifying (domain name addition)";
    all_are_answered(vec![
        ("download", "issued", issued(3, 190), ""),
        ("download", "a CSR of one's own", own(), ""),
        ("download", "hosted", hosted(in_state("hosted")), ""),
        (
            "download",
            "names are being added",
            in_state("verifying-addition"),
            "",
        ),
        ("download", "expired", issued(210, -3), downloads),
        ("download", "revoked", in_state("revoked"), downloads),
        ("push", "issued", issued(3, 190), ""),
        (
            "push",
            "a CSR of one's own",
            own(),
            "only where the provider generated the CSR",
        ),
        ("push", "hosted", hosted(in_state("hosted")), ""),
        (
            "push",
            "expired",
            issued(210, -3),
            "possible while Issued or Hosted",
        ),
    ]);
}

#[test]
fn what_goes_another_way_says_which() {
    for (action, state, words) in [
        (
            "change-method",
            "pending-domain-verification",
            "withdraw the application, and apply again",
        ),
        (
            "restart",
            "pending-domain-verification",
            "withdraw the application, and apply again",
        ),
        ("replace", "issued", "renew it, or ask for a reissue"),
        ("deactivate", "issued", "documents no deactivation"),
        ("contact-support", "approval-failed", "service tickets"),
        (
            "apply",
            "verifying-withdrawal",
            "apply again once the status is Pending application",
        ),
    ] {
        let reason = answer(action, &in_state(state));
        assert!(reason.contains(words), "{action}: {reason:?}");
    }
}

/// A deletion that was accepted stands before whatever else might be refused.
#[test]
fn nothing_is_asked_while_a_deletion_is_open() {
    let open = |action: &str| {
        with(issued(3, 190), |entry| {
            entry.request = Some(OpenRequest {
                action: action.to_owned(),
                since: now(),
                unknown_outcome: false,
                accepted: true,
            });
        })
    };
    let deleted = "a deletion has been submitted, and it cannot be withdrawn";
    let table = table();
    for row in &table.actions {
        assert_eq!(answer(&row.id, &open("delete")), deleted, "{}", row.id);
        let reason = answer(&row.id, &open("unsubscribe"));
        assert!(
            reason.contains("leave the certificate as it is"),
            "{reason}"
        );
    }
}
