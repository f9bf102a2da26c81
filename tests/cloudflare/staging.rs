//! Staging certificates and their own set of statuses.

use certdeck::domain::account::ZoneStatus;
use certdeck::domain::lifecycle::{Phase, Via};

use super::stage::Stage;

#[tokio::test]
async fn staging_deployment_is_similar_to_pending_deployment_and_staging_active_to_active() {
    let stage = Stage::new("cloudflare-staging");
    let id = stage.order("www.example.com").await;
    assert_eq!(stage.label(&id), "Staging deployment");
    stage
        .until("it is staged", || stage.label(&id) == "Staging active")
        .await;
    let table = stage.table();
    let phase = |state: &str| table.state(state).unwrap().phase;
    assert_eq!(phase("staging-deployment"), phase("pending-deployment"));
    assert_eq!(phase("staging-active"), phase("active"));
    assert_eq!(phase("staging-active"), Phase::Live);
}

#[tokio::test]
async fn deactivating_is_in_the_process_of_becoming_inactive_and_you_can_deploy_it_if_needed() {
    let stage = Stage::new("cloudflare-staging");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["staging-deployed"]).await;
    stage.act(&id, "deactivate").await.unwrap();
    assert_eq!(stage.label(&id), "Deactivating");
    stage
        .until("it is inactive", || stage.label(&id) == "Inactive")
        .await;
    let says = &stage.table().state("inactive").unwrap().says.clone();
    assert!(says.contains("not at the edge, but you can deploy it if needed"));
    let reason = stage.refusal(&id, "deploy");
    assert!(reason.contains("push it to staging first"), "{reason}");
    stage.act(&id, "stage").await.unwrap();
    assert_eq!(stage.label(&id), "Staging deployment");
    stage.play(&id, &["staging-deployed"]).await;
    stage.act(&id, "deploy").await.unwrap();
    assert_eq!(stage.label(&id), "Pending Deployment");
    stage
        .until("it is active", || stage.label(&id) == "Active")
        .await;
}

#[tokio::test]
async fn pushed_to_production_in_a_zone_that_is_not_active_it_is_held() {
    let stage = Stage::new("cloudflare-staging");
    let id = stage.order("www.example.com").await;
    stage.play(&id, &["staging-deployed"]).await;
    stage.zone(ZoneStatus::Moved).await;
    stage.act(&id, "deploy").await.unwrap();
    stage.advance(60 * 24).await;
    assert_eq!(stage.label(&id), "Holding Deployment");
    stage.act(&id, "check-zone").await.unwrap();
    stage.advance(60).await;
    assert_eq!(stage.label(&id), "Active");
}

#[test]
fn what_the_api_cannot_do_is_the_dashboards_with_its_link() {
    let stage = Stage::new("cloudflare-staging");
    let tables = ["edge", "custom", "staging", "hostname"];
    let mut rows = 0;
    for table in tables {
        let inventory = stage.engine.inventory();
        let table = inventory.lifecycles.get(&format!("cloudflare-{table}"));
        for row in &table.unwrap().actions {
            if ["deactivate", "stage", "deploy"].contains(&row.id.as_str()) {
                assert_eq!(row.via, Via::Dashboard, "{}", row.id);
                let link = row.link.as_deref().unwrap();
                assert!(link.starts_with("https://dash.cloudflare.com/"), "{link}");
                assert!(!row.steps.is_empty(), "{}", row.id);
                rows += 1;
            }
        }
    }
    assert!(rows >= 9, "{rows}");
}
