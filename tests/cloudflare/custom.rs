//! Custom certificates: Holding Deployment while the zone is Pending or Moved, and only then;
//! deployed by itself when the zone becomes active.

use certdeck::domain::account::ZoneStatus;
use certdeck::domain::entry::EntryId;
use certdeck::domain::event::What;
use jiff::Timestamp;

use super::stage::Stage;

/// When an entry came into a state, by the journal.
async fn came(stage: &Stage, id: &EntryId, where_to: &str) -> Timestamp {
    let history = stage.engine.history(Some(id.clone())).await.unwrap();
    let came = history.into_iter().find_map(|line| match line.event.what {
        What::Moved { to, .. } if to.as_str() == where_to => Some(line.event.at),
        _ => None,
    });
    came.unwrap()
}

#[tokio::test]
async fn if_your_zone_is_pending_it_may_hold_and_deploys_automatically_when_the_zone_is_active() {
    let stage = Stage::new("cloudflare-custom");
    stage.zone(ZoneStatus::Pending).await;
    let id = stage.order("www.example.com").await;
    assert_eq!(stage.label(&id), "Holding Deployment");
    stage.advance(60 * 5).await;
    assert_eq!(stage.label(&id), "Holding Deployment");
    let error = stage.try_play(&id, "zone-active").await.unwrap_err();
    assert!(error.to_string().contains("happen"), "{error}");
    // The sandbox finds the name servers right after some hours.
    stage
        .until("it is active", || stage.label(&id) == "Active")
        .await;
    assert_eq!(
        stage.passed(&id, "main").await,
        ["Holding Deployment", "Active"]
    );
    let zone = stage.engine.inventory().accounts["cf"].zone.unwrap();
    assert_eq!(zone.status, ZoneStatus::Active);
    assert!(
        came(&stage, &id, "active").await >= zone.since,
        "not before"
    );
}

#[tokio::test]
async fn if_your_zone_has_moved_it_holds_as_long_as_that_is_so() {
    let stage = Stage::new("cloudflare-custom");
    stage.zone(ZoneStatus::Moved).await;
    let id = stage.order("www.example.com").await;
    stage.advance(60 * 24 * 40).await;
    assert_eq!(stage.label(&id), "Holding Deployment");
    let before = stage.now();
    stage.zone(ZoneStatus::Active).await;
    stage.advance(30).await;
    assert_eq!(stage.label(&id), "Active");
    assert!(came(&stage, &id, "active").await >= before, "not before");
}

#[tokio::test]
async fn a_person_can_have_the_zone_checked_and_the_certificate_is_deployed() {
    let stage = Stage::new("cloudflare-custom");
    stage.zone(ZoneStatus::Moved).await;
    let id = stage.order("www.example.com").await;
    stage.act(&id, "check-zone").await.unwrap();
    let zone = stage.engine.inventory().accounts["cf"].zone.unwrap();
    assert_eq!(zone.status, ZoneStatus::Active);
    stage
        .until("it is active", || stage.label(&id) == "Active")
        .await;
    let reason = stage.refusal(&id, "check-zone");
    assert!(reason.contains("Holding Deployment"), "{reason}");
}

#[tokio::test]
async fn if_your_zone_is_already_active_you_will_not_see_this_status() {
    let mut active = 0;
    for seed in 1..=12 {
        let stage = Stage::seeded("cloudflare-custom", seed);
        let id = stage.order("www.example.com").await;
        assert_eq!(stage.label(&id), "Initializing");
        let error = stage.try_play(&id, "held").await.unwrap_err();
        assert!(error.to_string().contains("happen"), "{error}");
        for _ in 0..20 {
            stage.advance(60 * 4).await;
            if stage.label(&id).starts_with("Timed Out") {
                stage.act(&id, "recheck").await.unwrap();
            }
        }
        let passed = stage.passed(&id, "main").await;
        assert!(!passed.contains(&"Holding Deployment".to_owned()));
        active += usize::from(passed.last().unwrap() == "Active");
    }
    assert_eq!(active, 12);
}

#[tokio::test]
async fn a_zone_that_moves_holds_what_was_on_its_way_and_what_served() {
    let stage = Stage::new("cloudflare-custom");
    let on_its_way = stage.order("a.example.com").await;
    let serving = stage.order("b.example.com").await;
    stage.play(&on_its_way, &["deploying"]).await;
    stage.play(&serving, &["deploying", "deployed"]).await;
    stage.zone(ZoneStatus::Moved).await;
    let moved = stage.now();
    stage.advance(60 * 3).await;
    for id in [&on_its_way, &serving] {
        assert_eq!(stage.label(id), "Holding Deployment");
        assert!(came(&stage, id, "holding-deployment").await >= moved);
    }
    stage.zone(ZoneStatus::Active).await;
    stage.advance(60).await;
    for id in [&on_its_way, &serving] {
        assert_eq!(stage.label(id), "Active");
    }
}

#[tokio::test]
async fn a_custom_certificate_is_deactivated_staged_and_pushed_to_production_again() {
    let stage = Stage::new("cloudflare-custom");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["deploying", "deployed"]).await;
    stage.act(&id, "deactivate").await.unwrap();
    stage.play(&id, &["deactivated"]).await;
    stage.act(&id, "stage").await.unwrap();
    stage.play(&id, &["staging-deployed"]).await;
    stage.act(&id, "deploy").await.unwrap();
    stage.play(&id, &["deployed"]).await;
    assert_eq!(
        stage.passed(&id, "main").await,
        [
            "Initializing",
            "Pending Deployment",
            "Active",
            "Deactivating",
            "Inactive",
            "Staging deployment",
            "Staging active",
            "Pending Deployment",
            "Active",
        ]
    );
}

#[tokio::test]
async fn cloudflare_removes_what_has_expired_by_itself() {
    let stage = Stage::new("cloudflare-custom");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["deploying", "deployed"]).await;
    stage.advance(60 * 24 * 201).await;
    assert_eq!(stage.label(&id), "Deleted");
    let passed = stage.passed(&id, "main").await;
    assert!(passed.ends_with(&["Deleted".to_owned()]), "{passed:?}");
}

#[tokio::test]
async fn cloudflare_does_not_renew_what_was_uploaded() {
    let stage = Stage::new("cloudflare-custom");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["deploying", "deployed"]).await;
    stage.advance(60 * 24 * 198).await;
    assert_eq!(stage.label(&id), "Active");
    assert_eq!(stage.entry(&id).certificates.len(), 1);
    stage.advance(60 * 30).await;
    assert_eq!(stage.label(&id), "Expired");
    let new = stage.act(&id, "replace").await.unwrap().unwrap();
    stage.play(&new, &["deploying", "deployed"]).await;
    stage.advance(60).await;
    assert_eq!(stage.label(&id), "Deleted");
}
