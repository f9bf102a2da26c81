//! Which state allows what, row by row after the facts (section 4): the whole set for each state,
//! so that nothing is possible by accident.

use certdeck::domain::action::{CATALOGUE, Kind};
use certdeck::domain::gate::Verdict;
use certdeck::domain::lifecycle::Lifecycles;

use super::stage::{Stage, standing_in};

/// The provider actions that an entry in this state can take.
fn possible(stage: &Stage, lifecycle: &str, tracks: &[(&str, &str)]) -> Vec<&'static str> {
    let now = stage.engine.now();
    let entry = standing_in(lifecycle, tracks, now);
    let inventory = stage.engine.inventory();
    let provider = CATALOGUE.iter().filter(|spec| spec.kind == Kind::Provider);
    provider
        .map(|spec| spec.id)
        .filter(|id| inventory.verdict(id, &entry, now).is_possible())
        .collect()
}

/// A table of states and the actions that each allows, one line each.
fn check(lifecycle: &str, track: &str, lines: &[(&str, &str)]) {
    let stage = Stage::new("cloudflare-edge");
    let inventory = stage.engine.inventory();
    let table = inventory.lifecycles.get(lifecycle).unwrap();
    let states = table.states.iter().filter(|state| state.track == track);
    let mut named: Vec<&str> = lines.iter().map(|(state, _)| *state).collect();
    let mut known: Vec<&str> = states.map(|state| state.id.as_str()).collect();
    named.sort_unstable();
    known.sort_unstable();
    assert_eq!(named, known, "every state of {lifecycle} is listed");
    for (state, actions) in lines {
        let got = possible(&stage, lifecycle, &[(track, state)]);
        assert_eq!(got.join(" "), *actions, "{lifecycle} {state}");
    }
}

#[test]
fn edge_certificates_allow_what_the_facts_list() {
    check(
        "cloudflare-edge",
        "main",
        &[
            ("initializing", "delete"),
            ("pending-validation", "recheck change-method delete"),
            ("pending-issuance", "recheck delete"),
            ("pending-deployment", "recheck delete"),
            ("active", "replace deactivate delete"),
            ("deactivating", ""),
            ("inactive", "delete"),
            ("pending-cleanup", "replace"),
            ("pending-deletion", ""),
            ("deleted", ""),
            ("initializing-timed-out", "recheck delete"),
            (
                "validation-timed-out",
                "recheck change-method restart delete",
            ),
            ("issuance-timed-out", "recheck delete"),
            ("deployment-timed-out", "recheck delete"),
            ("deletion-timed-out", "recheck delete"),
            ("pending-expiration", "replace delete"),
            ("expired", "replace delete"),
            ("backup-issued", ""),
            ("holding-deployment", "check-zone delete"),
            ("staging-deployment", ""),
            ("staging-active", "deploy deactivate"),
        ],
    );
}

#[test]
fn custom_certificates_allow_what_the_facts_list() {
    check(
        "cloudflare-custom",
        "main",
        &[
            ("initializing", "delete"),
            ("pending", "delete"),
            ("holding-deployment", "check-zone delete"),
            ("pending-deployment", "delete"),
            ("active", "replace deactivate delete"),
            ("deactivating", ""),
            ("inactive", "stage delete"),
            ("staging-deployment", "delete"),
            ("staging-active", "deploy deactivate delete"),
            ("pending-cleanup", "replace"),
            ("pending-deletion", ""),
            ("deleted", ""),
            ("initializing-timed-out", "recheck delete"),
            ("deployment-timed-out", "recheck delete"),
            ("deletion-timed-out", "recheck delete"),
            ("pending-expiration", "replace delete"),
            ("expired", "replace delete"),
        ],
    );
}

#[test]
fn staging_certificates_allow_what_the_facts_list() {
    check(
        "cloudflare-staging",
        "main",
        &[
            ("staging-deployment", "delete"),
            ("staging-active", "deploy deactivate delete"),
            ("deactivating", ""),
            ("inactive", "stage delete"),
            ("pending-deployment", "delete"),
            ("holding-deployment", "check-zone delete"),
            ("active", "deactivate delete"),
            ("expired", "delete"),
            ("pending-deletion", ""),
            ("deleted", ""),
        ],
    );
}

#[test]
fn client_certificates_allow_what_the_facts_list() {
    check(
        "cloudflare-client",
        "main",
        &[
            ("active", "revoke"),
            ("pending-revocation", "reactivate"),
            ("revoked", "reactivate"),
            ("pending-reactivation", ""),
        ],
    );
}

#[test]
fn custom_hostnames_allow_a_refresh_and_deletion_in_every_state_that_is_not_the_end() {
    let stage = Stage::new("cloudflare-hostname");
    let on = |hostname: &str, certificate: &str| {
        let tracks = [("hostname", hostname), ("certificate", certificate)];
        possible(&stage, "cloudflare-hostname", &tracks).join(" ")
    };
    let lines = [
        ("hostname-pending", "initializing", "recheck delete"),
        ("hostname-active", "active", "deactivate delete"),
        ("hostname-active", "initializing", "recheck delete"),
        (
            "hostname-active",
            "pending-validation",
            "recheck change-method delete",
        ),
        ("hostname-active", "pending-issuance", "recheck delete"),
        (
            "hostname-active",
            "validation-timed-out",
            "change-method restart delete",
        ),
        (
            "hostname-pending",
            "validation-timed-out",
            "recheck change-method restart delete",
        ),
        ("hostname-active", "issuance-timed-out", "restart delete"),
        ("hostname-active", "expired", "restart delete"),
        ("hostname-active", "holding-deployment", "check-zone delete"),
        ("hostname-active", "inactive", "delete"),
        ("hostname-active", "pending-cleanup", "delete"),
        ("hostname-active-redeploying", "active", "deactivate delete"),
        ("hostname-moved", "active", "recheck deactivate delete"),
        (
            "hostname-blocked",
            "pending-validation",
            "recheck change-method delete",
        ),
        ("hostname-deleted", "deleted", "recheck"),
        ("hostname-pending-deletion", "pending-deletion", ""),
    ];
    for (hostname, certificate, actions) in lines {
        assert_eq!(
            on(hostname, certificate),
            actions,
            "{hostname} {certificate}"
        );
    }
}

/// Facts, section 4.5, and whatever else people may look for: each is answered with more than a
/// list of states.
#[test]
fn what_does_not_exist_is_refused_with_a_reason_of_its_own() {
    let set = Lifecycles::built_in().unwrap();
    let looked_for = [
        "withdraw",
        "renew",
        "reissue",
        "add-domain",
        "download",
        "apply",
        "auto-renew-off",
        "push",
        "open-invoice",
    ];
    let tables = ["edge", "custom", "staging", "client", "hostname"];
    for table in tables {
        let table = set.get(&format!("cloudflare-{table}")).unwrap();
        for action in looked_for {
            let refusal = table
                .refusals
                .iter()
                .find(|refusal| refusal.action == action && refusal.from.is_empty());
            let says = &refusal
                .unwrap_or_else(|| panic!("{} {action}", table.id))
                .says;
            assert!(says.len() > 25, "{} {action}: {says}", table.id);
            assert!(
                table.rows_of(action).next().is_none(),
                "{} {action}",
                table.id
            );
        }
        let revoke = table.id == "cloudflare-client" || table.mentions("revoke");
        assert!(revoke, "{}", table.id);
    }
}

#[test]
fn a_reason_names_the_track_where_both_tracks_have_a_state_of_that_label() {
    let stage = Stage::new("cloudflare-hostname");
    let now = stage.engine.now();
    let tracks = [("hostname", "hostname-active"), ("certificate", "expired")];
    let entry = standing_in("cloudflare-hostname", &tracks, now);
    let inventory = stage.engine.inventory();
    let says = |action: &str| match inventory.verdict(action, &entry, now) {
        Verdict::Refused(reason) => reason.to_string(),
        Verdict::Possible { .. } => String::new(),
    };
    assert_eq!(says("deactivate"), "possible while Active (certificate)");
    // What only one track has needs no track beside it.
    assert_eq!(
        says("change-method"),
        "possible while Pending Validation or Timed Out Validation"
    );
}
