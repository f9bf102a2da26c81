//! New certificates: the five steps to Active, errors, deactivation, renewal.

use certdeck::domain::entry::{Method, ValidationRecord};
use certdeck::domain::event::Answers;
use certdeck::domain::lifecycle::{Phase, Who};

use super::stage::Stage;

const TO_ACTIVE: [&str; 4] = ["validation-begun", "validated", "issued", "deployed"];

#[tokio::test]
async fn its_status_will_move_through_various_stages() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    assert_eq!(stage.label(&id), "Initializing");
    assert_eq!(stage.entry(&id).records, []);
    stage.play(&id, &TO_ACTIVE).await;
    assert_eq!(
        stage.passed(&id, "main").await,
        [
            "Initializing",
            "Pending Validation",
            "Pending Issuance",
            "Pending Deployment",
            "Active",
        ]
    );
    let entry = stage.entry(&id);
    assert_eq!(entry.certificates.len(), 1);
    assert_eq!(entry.records, [], "nothing is to be published any more");
}

#[tokio::test]
async fn it_changes_to_active_after_the_validation_is_completed_by_itself() {
    for seed in 1..=8 {
        let stage = Stage::seeded("cloudflare-edge", seed);
        let id = stage.order("www.example.com").await;
        for _ in 0..2_000 {
            stage.advance(30).await;
            // What a person does where the list says that something timed out.
            if stage.label(&id).starts_with("Timed Out") {
                stage.act(&id, "recheck").await.unwrap();
            }
            if stage.label(&id) == "Active" {
                break;
            }
        }
        assert_eq!(stage.label(&id), "Active", "seed {seed}");
        let passed = stage.passed(&id, "main").await;
        let at = |label: &str| passed.iter().position(|state| state == label);
        assert!(
            at("Pending Validation") < at("Pending Deployment"),
            "{passed:?}"
        );
        assert!(at("Pending Validation").is_some(), "{passed:?}");
    }
}

#[tokio::test]
async fn pending_validation_shows_the_records_and_who_must_act() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["validation-begun"]).await;
    let entry = stage.entry(&id);
    assert!(
        matches!(&entry.records[..], [ValidationRecord::Dns { record, kind, .. }]
            if record == "_acme-challenge.www.example.com" && kind == "TXT"),
        "{:?}",
        entry.records
    );
    let table = stage.table();
    let pending = table.state("pending-validation").unwrap();
    assert_eq!(
        (pending.who, pending.phase),
        (Who::You, Phase::ActionNeeded)
    );
    for method in Method::ALL {
        let says = pending.says_with(Some(method));
        assert!(
            says.contains("you or your customer may need to take additional actions"),
            "{says}"
        );
    }
}

#[tokio::test]
async fn if_you_see_any_errors_they_are_shown_with_new_records_until_it_is_validated() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["validation-begun"]).await;
    let first = stage.entry(&id);
    assert_eq!(first.validation_errors, Vec::<String>::new());
    stage.advance(5).await;
    stage.play(&id, &["validation-failed"]).await;
    let entry = stage.entry(&id);
    assert_ne!(
        entry.records, first.records,
        "a failed check makes the token void"
    );
    assert_eq!(stage.label(&id), "Pending Validation");
    assert_eq!(entry.validation_errors.len(), 1);
    assert!(!entry.validation_errors[0].contains("{name}"));
    assert_eq!(entry.records.len(), 1);
    // A person fixes the DNS and has it looked at again.
    stage.act(&id, "recheck").await.unwrap();
    stage.play(&id, &["validated"]).await;
    assert_eq!(stage.entry(&id).validation_errors, Vec::<String>::new());
}

#[tokio::test]
async fn another_method_brings_other_records() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["validation-begun"]).await;
    let with = Answers {
        method: Some(Method::File),
        ..Answers::default()
    };
    stage.act_with(&id, "change-method", with).await.unwrap();
    assert_eq!(stage.label(&id), "Pending Validation");
    let entry = stage.entry(&id);
    assert_eq!(entry.order.method, Some(Method::File));
    assert!(
        matches!(&entry.records[..], [ValidationRecord::File { url, .. }]
            if url.starts_with("http://www.example.com/.well-known/acme-challenge/")),
        "{:?}",
        entry.records
    );
}

#[tokio::test]
async fn a_validation_that_timed_out_is_restarted_and_no_other_timeout_is() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    stage
        .play(&id, &["validation-begun", "validation-timed-out"])
        .await;
    assert_eq!(stage.label(&id), "Timed Out Validation");
    stage.act(&id, "restart").await.unwrap();
    assert_eq!(stage.label(&id), "Initializing");
    assert_eq!(stage.entry(&id).records, [], "the old ones are of no use");
    stage
        .play(
            &id,
            &["validation-begun", "validated", "issuance-timed-out"],
        )
        .await;
    let reason = stage.refusal(&id, "restart");
    assert_eq!(reason, "possible while Timed Out Validation");
    stage.act(&id, "recheck").await.unwrap();
    assert_eq!(stage.label(&id), "Pending Issuance");
    stage.play(&id, &["issued", "deployment-timed-out"]).await;
    stage.act(&id, "recheck").await.unwrap();
    stage.play(&id, &["deployed"]).await;
    assert_eq!(stage.label(&id), "Active");
}

#[tokio::test]
async fn if_you_deactivate_it_it_becomes_deactivating_and_then_inactive() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    assert_eq!(
        stage.refusal(&id, "deactivate"),
        "possible while Active or Staging active"
    );
    stage.play(&id, &TO_ACTIVE).await;
    stage.act(&id, "deactivate").await.unwrap();
    assert_eq!(stage.label(&id), "Deactivating");
    stage
        .until("it is inactive", || stage.label(&id) == "Inactive")
        .await;
    stage.advance(60 * 24 * 30).await;
    assert_eq!(
        stage.label(&id),
        "Inactive",
        "nothing brings it back by itself"
    );
    assert!(stage.refusal(&id, "reactivate").contains("order a new one"));
}

#[tokio::test]
async fn what_is_deleted_goes_through_pending_deletion_and_can_be_deleted_once() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &TO_ACTIVE).await;
    stage.act(&id, "delete").await.unwrap();
    assert_eq!(stage.label(&id), "Pending Deletion");
    assert_eq!(stage.refusal(&id, "delete"), "it is being deleted already");
    stage.play(&id, &["deletion-timed-out"]).await;
    stage.act(&id, "recheck").await.unwrap();
    stage.play(&id, &["deleted"]).await;
    assert_eq!(stage.label(&id), "Deleted");
    assert_eq!(stage.refusal(&id, "delete"), "it is deleted already");
}

#[tokio::test]
async fn an_order_that_is_given_up_is_deleted_with_what_was_to_be_published() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["validation-begun"]).await;
    let reason = stage.refusal(&id, "withdraw");
    assert!(
        reason.contains("delete the certificate instead"),
        "{reason}"
    );
    stage.act(&id, "delete").await.unwrap();
    assert_eq!(stage.label(&id), "Pending Deletion");
    assert_eq!(stage.entry(&id).records, []);
}

#[tokio::test]
async fn cloudflare_renews_it_by_itself_before_it_expires() {
    let mut renewed = 0;
    for seed in 1..=6 {
        let stage = Stage::seeded("cloudflare-edge", seed);
        let id = stage.order("www.example.com").await;
        stage.play(&id, &TO_ACTIVE).await;
        let first = stage.entry(&id).serving().unwrap().clone();
        for _ in 0..250 {
            stage.advance(60 * 24).await;
            if stage.label(&id).starts_with("Timed Out") {
                stage.act(&id, "recheck").await.unwrap();
            }
        }
        let passed = stage.passed(&id, "main").await;
        let entry = stage.entry(&id);
        if stage.label(&id) == "Active" {
            renewed += 1;
            assert!(entry.certificates.len() > 1, "seed {seed}: {passed:?}");
            let after = passed.iter().skip_while(|label| *label != "Active").nth(1);
            let after = after.map(String::as_str);
            assert!(
                matches!(after, Some("Pending Deployment" | "Pending Issuance")),
                "{passed:?}"
            );
            assert!(entry.serving().unwrap().not_after > first.not_after);
        } else {
            assert!(
                passed.contains(&"Pending Expiration".to_owned()),
                "{passed:?}"
            );
        }
    }
    assert!(renewed >= 4, "{renewed}");
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &TO_ACTIVE).await;
    let error = stage.try_play(&id, "renewed").await.unwrap_err();
    assert!(error.to_string().contains("cannot happen"), "{error}");
    assert!(stage.refusal(&id, "renew").contains("by itself"));
}

#[tokio::test]
async fn what_is_not_renewed_expires_and_is_ordered_anew() {
    let stage = Stage::new("cloudflare-edge");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &TO_ACTIVE).await;
    let due = stage.entry(&id).serving().unwrap().clone();
    // To the middle of the window: past its opening, well before the end.
    while certdeck::domain::lifecycle::due_at(&stage.entry(&id)).unwrap() > stage.now() {
        assert_eq!(stage.label(&id), "Active");
        stage.advance(60).await;
    }
    if stage.label(&id) == "Active" {
        stage.play(&id, &["not-renewed"]).await;
    }
    assert_eq!(stage.label(&id), "Pending Expiration");
    while stage.now() <= due.not_after {
        stage.advance(60 * 24).await;
    }
    assert_eq!(stage.label(&id), "Expired");
    let successor = stage.act(&id, "replace").await.unwrap().unwrap();
    assert_eq!(stage.label(&successor), "Initializing");
    assert_eq!(stage.label(&id), "Expired", "it stays until it is deleted");
}
