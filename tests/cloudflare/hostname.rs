//! Custom hostnames: two status fields side by side, ready for production when both are active and
//! the customer's DNS points to the target.

use certdeck::domain::entry::{Method, ValidationRecord};
use certdeck::domain::lifecycle::{Readiness, Who};
use jiff::Timestamp;

use super::stage::{Stage, standing_in, state_of};

const CERTIFICATE: [&str; 4] = ["validation-begun", "validated", "issued", "deployed"];

/// Where the tracks stand, whether the DNS points here, whether it is ready, and why not.
type Case<'a> = (&'a [(&'a str, &'a str)], Option<bool>, &'a str, &'a str);

fn owns(record: &ValidationRecord) -> bool {
    matches!(record, ValidationRecord::Dns { record, .. }
        if record == "_cf-custom-hostname.shop.example.com")
}

#[tokio::test]
async fn it_returns_separate_status_fields_for_activation_and_certificate() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    assert_eq!(stage.label(&id), "Pending · Initializing");
    stage.play(&id, &["hostname-validated"]).await;
    assert_eq!(stage.label(&id), "Active · Initializing");
    stage.play(&id, &CERTIFICATE).await;
    assert_eq!(stage.label(&id), "Active · Active");
    assert_eq!(
        stage.passed(&id, "certificate").await,
        [
            "Initializing",
            "Pending Validation",
            "Pending Issuance",
            "Pending Deployment",
            "Active",
        ]
    );
    assert_eq!(stage.passed(&id, "hostname").await, ["Pending", "Active"]);
}

#[tokio::test]
async fn treat_it_as_ready_when_both_are_active_and_the_dns_points_to_your_target() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    let reason = |wanted: &str| match stage.readiness(&id) {
        Readiness::No(reason) => assert!(reason.contains(wanted), "{reason} / {wanted}"),
        other => panic!("{other:?}"),
    };
    reason("Pending");
    stage.play(&id, &["hostname-pre-validated"]).await;
    reason("Initializing");
    stage.play(&id, &CERTIFICATE).await;
    reason("DNS points elsewhere");
    stage.play(&id, &["hostname-pointed"]).await;
    assert_eq!(stage.readiness(&id), Readiness::Yes);
    let error = stage.try_play(&id, "hostname-pointed").await.unwrap_err();
    assert!(
        error.to_string().contains("happen"),
        "once is enough: {error}"
    );
    stage.play(&id, &["hostname-turned-away"]).await;
    reason("Moved");
}

#[tokio::test]
async fn a_hostname_without_a_certificate_has_one_status_and_is_never_ready() {
    let stage = Stage::new("cloudflare-hostname");
    let (product, name) = ("cf-hostname-only", "shop.example.com");
    let id = stage.order_product(product, name, Method::Dns).await;
    assert_eq!(stage.label(&id), "Pending");
    stage.play(&id, &["hostname-validated"]).await;
    assert_eq!(stage.label(&id), "Active");
    let ready = stage.readiness(&id);
    assert_eq!(ready, Readiness::No("there is no certificate".to_owned()));
    stage.act(&id, "delete").await.unwrap();
    stage.play(&id, &["hostname-gone"]).await;
    assert!(stage.entry(&id).gone.is_some());
}

#[test]
fn ready_is_yes_no_or_unknown_for_each_reason() {
    let stage = Stage::new("cloudflare-hostname");
    let table = stage.table();
    let at: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let both = [("hostname", "hostname-active"), ("certificate", "active")];
    let cases: [Case<'_>; 8] = [
        (&both, Some(true), "yes", ""),
        (&both, Some(false), "no", "DNS points elsewhere"),
        (&both, None, "unknown", "has not been looked up"),
        (&both[..1], Some(true), "no", "no certificate"),
        (
            &[("hostname", "hostname-pending"), both[1]],
            Some(true),
            "no",
            "Pending",
        ),
        (
            &[("hostname", "hostname-active-redeploying"), both[1]],
            Some(true),
            "no",
            "Active re-deploying",
        ),
        (
            &[both[0], ("certificate", "pending-deployment")],
            None,
            "no",
            "Pending Deployment",
        ),
        (
            &[both[0], ("certificate", "staging-active")],
            Some(true),
            "no",
            "Staging active",
        ),
    ];
    for (tracks, points, word, why) in cases {
        let mut entry = standing_in("cloudflare-hostname", tracks, at);
        entry.dns_points = points;
        let ready = table.readiness(&entry, at).unwrap();
        assert_eq!(ready.word(), word, "{tracks:?}");
        assert!(
            ready.reason().unwrap_or_default().contains(why),
            "{ready:?}"
        );
    }
}

#[tokio::test]
async fn both_proofs_are_shown_and_that_of_ownership_stays_until_the_name_is_active() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    assert!(matches!(&stage.entry(&id).records[..], [record] if owns(record)));
    stage.play(&id, &["validation-begun"]).await;
    let entry = stage.entry(&id);
    assert_eq!(entry.records.len(), 2, "{:?}", entry.records);
    assert!(entry.records.iter().any(owns));
    stage.play(&id, &CERTIFICATE[1..]).await;
    let entry = stage.entry(&id);
    assert_eq!(stage.label(&id), "Pending · Active");
    assert!(
        matches!(&entry.records[..], [record] if owns(record)),
        "{:?}",
        entry.records
    );
}

#[tokio::test]
async fn once_the_name_is_active_the_certificate_clears_all_records() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    stage.play(&id, &["hostname-validated"]).await;
    stage.play(&id, &CERTIFICATE).await;
    assert_eq!(stage.entry(&id).records, []);
}

#[tokio::test]
async fn your_customer_may_need_to_take_additional_actions() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    stage.play(&id, &["hostname-check-failed"]).await;
    assert_eq!(
        stage.entry(&id).validation_errors,
        ["custom hostname does not CNAME to this zone."]
    );
    stage
        .play(&id, &["validation-begun", "validation-failed"])
        .await;
    assert_eq!(stage.entry(&id).validation_errors.len(), 1);
    let table = stage.table();
    for state in ["hostname-pending", "hostname-moved", "pending-validation"] {
        assert_eq!(table.state(state).unwrap().who, Who::Customer, "{state}");
    }
    let says = &table.state("pending-validation").unwrap().says;
    assert!(says.contains("you or your customer may need to take additional actions"));
}

#[tokio::test]
async fn it_moves_by_itself_to_both_active_and_ready() {
    let (mut ready, mut unlucky) = (0, 0);
    for seed in 1..=10 {
        let stage = Stage::seeded("cloudflare-hostname", seed);
        let id = stage.order("shop.example.com").await;
        for _ in 0..60 {
            stage.advance(60).await;
        }
        match stage.readiness(&id) {
            Readiness::Yes => ready += 1,
            _ => unlucky += 1,
        }
    }
    assert!(ready >= 6, "{ready} ready, {unlucky} not");
}

#[tokio::test]
async fn moved_for_more_than_seven_days_is_deleted_and_a_refresh_sets_it_back_to_pending() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    stage.play(&id, &["hostname-validated"]).await;
    stage.play(&id, &CERTIFICATE).await;
    stage.play(&id, &["hostname-turned-away"]).await;
    stage.advance(60 * 24 * 4).await;
    assert_eq!(stage.label(&id), "Moved · Active");
    stage.act(&id, "recheck").await.unwrap();
    assert_eq!(
        stage.label(&id),
        "Pending · Active",
        "the certificate stays"
    );
    stage
        .play(&id, &["hostname-validated", "hostname-turned-away"])
        .await;
    stage.advance(60 * 24 * 10).await;
    let entry = stage.entry(&id);
    assert_eq!(state_of(&entry, "hostname"), "hostname-deleted");
    assert_ne!(
        state_of(&entry, "certificate"),
        "active",
        "it went with its name"
    );
    stage.act(&id, "recheck").await.unwrap();
    assert_eq!(stage.label(&id), "Pending · Initializing");
    assert!(stage.entry(&id).records.iter().any(owns));
}

#[tokio::test]
async fn a_blocked_name_is_released_by_people_and_then_refreshed() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    stage.play(&id, &["hostname-blocked"]).await;
    stage.advance(60 * 24).await;
    assert!(
        stage.label(&id).starts_with("Blocked · "),
        "{}",
        stage.label(&id)
    );
    let table = stage.table();
    let support = table.support.as_ref().unwrap();
    assert_eq!(support.mail, "abusereply@cloudflare.com");
    let inventory = stage.engine.inventory();
    let verdict = inventory.verdict("contact-support", &stage.entry(&id), stage.engine.now());
    assert!(verdict.is_possible(), "{verdict:?}");
    stage.act(&id, "recheck").await.unwrap();
    assert!(
        stage.label(&id).starts_with("Pending · "),
        "{}",
        stage.label(&id)
    );
}

#[tokio::test]
async fn a_certificate_that_timed_out_is_restarted_while_its_name_waits_on() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    stage
        .play(&id, &["validation-begun", "validation-timed-out"])
        .await;
    assert_eq!(stage.label(&id), "Pending · Timed Out Validation");
    stage.act(&id, "restart").await.unwrap();
    assert_eq!(stage.label(&id), "Pending · Initializing");
}

#[tokio::test]
async fn deleting_takes_name_and_certificate_for_good() {
    let stage = Stage::new("cloudflare-hostname");
    let id = stage.order("shop.example.com").await;
    stage.play(&id, &CERTIFICATE).await;
    assert!(
        stage
            .refusal(&id, "revoke")
            .contains("deleting the hostname")
    );
    stage.act(&id, "delete").await.unwrap();
    assert_eq!(stage.label(&id), "Pending Deletion · Pending Deletion");
    assert_eq!(stage.refusal(&id, "delete"), "it is being deleted already");
    assert!(stage.refusal(&id, "recheck").contains("for good"));
    stage.advance(60 * 24 * 2).await;
    let entry = stage.entry(&id);
    assert!(entry.gone.is_some() && entry.archived, "kept, and put away");
    assert_eq!(entry.records, [], "nothing is to be published for it");
}

#[test]
fn what_is_not_documented_is_shown_as_the_api_writes_it_and_is_harmless() {
    let stage = Stage::new("cloudflare-hostname");
    let table = stage.table();
    let raw = [
        "pending_blocked",
        "pending_migration",
        "pending_provisioned",
        "provisioned",
        "test_pending",
        "test_active",
        "test_active_apex",
        "test_blocked",
        "test_failed",
    ];
    for word in raw {
        let id = format!("hostname-{}", word.replace('_', "-"));
        let shown = table.state(&id).unwrap();
        assert_eq!(shown.label, word);
        assert!(shown.assumed.as_deref().unwrap().contains(word));
        let entry = standing_in(
            "cloudflare-hostname",
            &[("hostname", &id)],
            stage.engine.now(),
        );
        let inventory = stage.engine.inventory();
        let possible: Vec<&str> = certdeck::domain::action::CATALOGUE
            .iter()
            .filter(|spec| spec.kind == certdeck::domain::action::Kind::Provider)
            .map(|spec| spec.id)
            .filter(|id| {
                let verdict = inventory.verdict(id, &entry, stage.engine.now());
                verdict.is_possible()
            })
            .collect();
        assert_eq!(possible, ["recheck", "delete"], "{word}");
    }
}
