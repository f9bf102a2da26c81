//! Client certificates: Active, Revoked, Pending Reactivation, Pending Revocation.

use certdeck::domain::action::Danger;

use super::stage::Stage;

#[tokio::test]
async fn it_was_active_but_it_is_being_revoked_and_was_revoked_but_it_is_being_restored() {
    let stage = Stage::new("cloudflare-client");
    let id = stage.order("client.example.com").await;
    assert_eq!(stage.label(&id), "Active");
    assert_eq!(stage.entry(&id).certificates.len(), 1);
    for _ in 0..2 {
        stage.act(&id, "revoke").await.unwrap();
        assert_eq!(stage.label(&id), "Pending Revocation");
        stage
            .until("it is revoked", || stage.label(&id) == "Revoked")
            .await;
        stage.advance(60 * 24 * 50).await;
        assert_eq!(
            stage.label(&id),
            "Revoked",
            "it stays so until it is restored"
        );
        stage.act(&id, "reactivate").await.unwrap();
        assert_eq!(stage.label(&id), "Pending Reactivation");
        assert!(stage.refusal(&id, "revoke").contains("being restored"));
        stage
            .until("it is active", || stage.label(&id) == "Active")
            .await;
    }
}

#[tokio::test]
async fn what_is_being_revoked_can_be_reactivated_before_it_is_revoked() {
    let stage = Stage::new("cloudflare-client");
    let id = stage.order("client.example.com").await;
    stage.act(&id, "revoke").await.unwrap();
    stage.act(&id, "reactivate").await.unwrap();
    stage
        .until("it is active", || stage.label(&id) == "Active")
        .await;
    assert_eq!(
        stage.passed(&id, "main").await,
        [
            "Active",
            "Pending Revocation",
            "Pending Reactivation",
            "Active"
        ]
    );
}

#[tokio::test]
async fn each_state_refuses_what_it_does_not_allow_with_a_reason() {
    let stage = Stage::new("cloudflare-client");
    let id = stage.order("client.example.com").await;
    assert_eq!(stage.refusal(&id, "reactivate"), "it is active");
    assert!(stage.refusal(&id, "delete").contains("revoke it"));
    assert!(stage.refusal(&id, "renew").contains("create another one"));
    stage.act(&id, "revoke").await.unwrap();
    assert_eq!(stage.refusal(&id, "revoke"), "it is being revoked already");
    stage.play(&id, &["revoked"]).await;
    assert_eq!(stage.refusal(&id, "revoke"), "it is revoked already");
    let table = stage.table();
    let revoke = table.rows_of("revoke").next().unwrap();
    assert_eq!(revoke.danger, Some(Danger::Asks), "it can be undone");
}

/// Cloudflare names no status for it, so none is made up.
#[tokio::test]
async fn an_expired_client_certificate_keeps_the_status_that_cloudflare_shows() {
    let stage = Stage::new("cloudflare-client");
    let id = stage.order("client.example.com").await;
    stage.advance(60 * 24 * 365 * 11).await;
    let ended = stage.entry(&id).serving().unwrap().not_after;
    assert!(ended < stage.now(), "its validity is over");
    assert_eq!(stage.label(&id), "Active");
    let table = stage.table();
    assert!(
        table
            .assumptions
            .iter()
            .any(|says| says.contains("validity is over"))
    );
}
