//! Every string of the API, as the facts list them (section 3), and the label that it is shown
//! under.

use certdeck::domain::entry::StateRef;
use certdeck::domain::lifecycle::{Lifecycle, Lifecycles, Qualifier, QualifierKind};

/// `certificate_packs[].status` and `custom_hostnames[].ssl.status`, all 21.
const PACK: [(&str, &str); 21] = [
    ("initializing", "Initializing"),
    ("pending_validation", "Pending Validation"),
    ("deleted", "Deleted"),
    ("pending_issuance", "Pending Issuance"),
    ("pending_deployment", "Pending Deployment"),
    ("pending_deletion", "Pending Deletion"),
    ("pending_expiration", "Pending Expiration"),
    ("expired", "Expired"),
    ("active", "Active"),
    ("initializing_timed_out", "Timed Out Initializing"),
    ("validation_timed_out", "Timed Out Validation"),
    ("issuance_timed_out", "Timed Out Issuance"),
    ("deployment_timed_out", "Timed Out Deployment"),
    ("deletion_timed_out", "Timed Out Deletion"),
    ("pending_cleanup", "Pending Cleanup"),
    ("staging_deployment", "Staging deployment"),
    ("staging_active", "Staging active"),
    ("deactivating", "Deactivating"),
    ("inactive", "Inactive"),
    ("backup_issued", "Backup Issued"),
    ("holding_deployment", "Holding Deployment"),
];

/// `custom_hostnames[].status`, all 16.
const HOSTNAME: [(&str, &str); 16] = [
    ("active", "Active"),
    ("pending", "Pending"),
    ("active_redeploying", "Active re-deploying"),
    ("moved", "Moved"),
    ("pending_deletion", "Pending Deletion"),
    ("deleted", "Deleted"),
    ("pending_blocked", "pending_blocked"),
    ("pending_migration", "pending_migration"),
    ("pending_provisioned", "pending_provisioned"),
    ("test_pending", "test_pending"),
    ("test_active", "test_active"),
    ("test_active_apex", "test_active_apex"),
    ("test_blocked", "test_blocked"),
    ("test_failed", "test_failed"),
    ("provisioned", "provisioned"),
    ("blocked", "Blocked"),
];

fn shown(table: &Lifecycle, track: &str, raw: &str, seen: &[Qualifier]) -> String {
    let state = table.resolve(track, raw, seen);
    assert!(matches!(state, StateRef::Known(_)), "{} {raw}", table.id);
    table.label(&state).to_owned()
}

fn table(id: &str) -> Lifecycle {
    let set = Lifecycles::built_in().unwrap();
    set.get(id).unwrap().as_ref().clone()
}

#[test]
fn all_statuses_of_a_certificate_pack_have_their_state() {
    let edge = table("cloudflare-edge");
    for (raw, label) in PACK {
        assert_eq!(shown(&edge, "main", raw, &[]), label);
    }
    assert_eq!(edge.states.len(), PACK.len(), "and there is no other state");
    assert_eq!(
        shown(&edge, "main", "authorizing", &[]),
        "Pending Validation"
    );
    assert_eq!(shown(&edge, "main", "issuing", &[]), "Pending Issuance");
}

#[test]
fn both_status_fields_of_a_custom_hostname_have_their_states() {
    let hostname = table("cloudflare-hostname");
    for (raw, label) in HOSTNAME {
        assert_eq!(shown(&hostname, "hostname", raw, &[]), label);
    }
    for (raw, label) in PACK {
        assert_eq!(shown(&hostname, "certificate", raw, &[]), label);
    }
    assert_eq!(hostname.states.len(), HOSTNAME.len() + PACK.len());
    assert_eq!(
        shown(&hostname, "certificate", "timed_out", &[]),
        "Timed Out Validation"
    );
}

#[test]
fn a_custom_certificate_is_told_from_a_staged_one_by_where_it_was_listed() {
    let staged = [Qualifier {
        kind: QualifierKind::Deploy,
        value: "staging".to_owned(),
    }];
    let produced = [Qualifier {
        kind: QualifierKind::Deploy,
        value: "production".to_owned(),
    }];
    for id in ["cloudflare-custom", "cloudflare-staging"] {
        let table = table(id);
        assert_eq!(shown(&table, "main", "active", &[]), "Active");
        assert_eq!(shown(&table, "main", "active", &produced), "Active");
        assert_eq!(shown(&table, "main", "active", &staged), "Staging active");
        assert_eq!(
            shown(&table, "main", "staging_active", &[]),
            "Staging active"
        );
        assert_eq!(
            shown(&table, "main", "holding_deployment", &[]),
            "Holding Deployment"
        );
    }
    // custom_certificates[].status, all five.
    let custom = table("cloudflare-custom");
    let five = [
        ("active", "Active"),
        ("expired", "Expired"),
        ("deleted", "Deleted"),
        ("pending", "Pending"),
        ("initializing", "Initializing"),
    ];
    for (raw, label) in five {
        assert_eq!(shown(&custom, "main", raw, &[]), label);
    }
}

#[test]
fn all_statuses_of_a_client_certificate_have_their_state() {
    let client = table("cloudflare-client");
    let four = [
        ("active", "Active"),
        ("pending_reactivation", "Pending Reactivation"),
        ("pending_revocation", "Pending Revocation"),
        ("revoked", "Revoked"),
    ];
    for (raw, label) in four {
        assert_eq!(shown(&client, "main", raw, &[]), label);
    }
    assert_eq!(client.states.len(), 4);
}

#[test]
fn what_no_document_places_is_kept_word_for_word() {
    for (id, track) in [
        ("cloudflare-edge", "main"),
        ("cloudflare-custom", "main"),
        ("cloudflare-client", "main"),
        ("cloudflare-hostname", "certificate"),
        ("cloudflare-hostname", "hostname"),
    ] {
        let table = table(id);
        for raw in ["timing_out", "", "holding_validation", "caa_error"] {
            let state = table.resolve(track, raw, &[]);
            assert_eq!(state, StateRef::unknown(raw), "{id}");
            assert_eq!(table.label(&state), raw);
        }
    }
}

/// The page about statuses names these, in this spelling.
#[test]
fn every_status_of_the_page_is_there_under_its_name() {
    let named: [(&str, &[&str]); 4] = [
        (
            "cloudflare-edge",
            &[
                "Initializing",
                "Pending Validation",
                "Pending Issuance",
                "Pending Deployment",
                "Active",
                "Deactivating",
                "Inactive",
                "Pending Cleanup",
            ],
        ),
        ("cloudflare-custom", &["Holding Deployment", "Active"]),
        (
            "cloudflare-staging",
            &[
                "Staging deployment",
                "Staging active",
                "Deactivating",
                "Inactive",
            ],
        ),
        (
            "cloudflare-client",
            &[
                "Active",
                "Revoked",
                "Pending Reactivation",
                "Pending Revocation",
            ],
        ),
    ];
    for (id, labels) in named {
        let table = table(id);
        for label in labels {
            let state = table.states.iter().find(|state| state.label == *label);
            let state = state.unwrap_or_else(|| panic!("{id} has no {label:?}"));
            assert_eq!(state.assumed, None, "{id} {label} is documented");
        }
    }
}
