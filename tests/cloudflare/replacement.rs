//! Certificate replacement: the old one is Pending Cleanup and is removed only after the new one
//! is issued and active, so that TLS never breaks. Looked at after every single move.

use certdeck::domain::entry::{EntryId, LinkKind};

use super::stage::{Stage, Step};

const TO_ACTIVE: [&str; 4] = ["validation-begun", "validated", "issued", "deployed"];

/// An edge certificate that serves.
async fn active(stage: &Stage) -> EntryId {
    let id = stage.order("www.example.com").await;
    stage.play(&id, &TO_ACTIVE).await;
    assert_eq!(stage.label(&id), "Active");
    id
}

/// What must hold after every move from the replacement on; says how many moves there were.
fn tls_never_breaks(story: &[Step], old: &EntryId, new: &[EntryId]) -> usize {
    let begun = story
        .iter()
        .position(|step| step.of(old) == Some("pending-cleanup"))
        .expect("the old one was Pending Cleanup");
    let mut live_since = None;
    for step in &story[begun..] {
        let old_serves = matches!(step.of(old), Some("active" | "pending-cleanup"));
        let new_serves = new.iter().any(|id| step.of(id) == Some("active"));
        if new_serves && live_since.is_none() {
            live_since = Some(step.at);
        }
        assert!(old_serves || new_serves, "nothing serves at {}", step.at);
        if step.of(old) == Some("deleted") {
            let since = live_since.expect("the new one was active before the old one went");
            assert!(step.at >= since, "by its date it went too early");
        }
    }
    story.len() - begun
}

#[tokio::test]
async fn old_certificates_are_not_deleted_until_the_replacement_has_been_issued() {
    let stage = Stage::new("cloudflare-edge");
    let old = active(&stage).await;
    let new = stage.act(&old, "replace").await.unwrap().unwrap();
    assert_eq!(stage.label(&old), "Pending Cleanup");
    assert_eq!(stage.label(&new), "Initializing");
    let links = stage.entry(&new).links.clone();
    assert_eq!((links[0].kind, &links[0].entry), (LinkKind::Replaces, &old));
    for event in TO_ACTIVE {
        let error = stage.try_play(&old, "cleaned-up").await.unwrap_err();
        assert!(error.to_string().contains("happen"), "{error}");
        assert!(stage.refusal(&old, "delete").contains("by itself"));
        stage.play(&new, &[event]).await;
    }
    assert_eq!(stage.label(&new), "Active");
    stage
        .until("the old one is deleted", || stage.label(&old) == "Deleted")
        .await;
    let moves = tls_never_breaks(&stage.story().await, &old, &[new]);
    assert!(moves >= 6, "{moves}");
}

#[tokio::test]
async fn the_old_one_stays_when_the_validation_of_its_replacement_times_out() {
    let stage = Stage::new("cloudflare-edge");
    let old = active(&stage).await;
    let new = stage.act(&old, "replace").await.unwrap().unwrap();
    stage
        .play(&new, &["validation-begun", "validation-timed-out"])
        .await;
    stage.advance(60 * 24 * 20).await;
    assert_eq!(stage.label(&new), "Timed Out Validation");
    assert_eq!(stage.label(&old), "Pending Cleanup");
    let reason = stage.refusal(&old, "replace");
    assert!(reason.contains("a successor is there already"), "{reason}");
    stage.act(&new, "restart").await.unwrap();
    stage.play(&new, &TO_ACTIVE).await;
    stage
        .until("the old one is deleted", || stage.label(&old) == "Deleted")
        .await;
    assert!(tls_never_breaks(&stage.story().await, &old, &[new]) >= 8);
}

#[tokio::test]
async fn the_old_one_stays_when_its_replacement_is_given_up_and_another_one_takes_its_place() {
    let stage = Stage::new("cloudflare-edge");
    let old = active(&stage).await;
    let first = stage.act(&old, "replace").await.unwrap().unwrap();
    stage.act(&first, "delete").await.unwrap();
    stage
        .until("the first is deleted", || stage.label(&first) == "Deleted")
        .await;
    stage.advance(60 * 24 * 5).await;
    assert_eq!(stage.label(&old), "Pending Cleanup");
    let second = stage.act(&old, "replace").await.unwrap().unwrap();
    assert_eq!(stage.label(&old), "Pending Cleanup");
    stage.play(&second, &TO_ACTIVE).await;
    stage
        .until("the old one is deleted", || stage.label(&old) == "Deleted")
        .await;
    assert!(tls_never_breaks(&stage.story().await, &old, &[first, second]) >= 8);
}

#[tokio::test]
async fn a_replacement_that_is_deactivated_before_the_cleanup_keeps_the_old_one() {
    let stage = Stage::new("cloudflare-edge");
    let old = active(&stage).await;
    let new = stage.act(&old, "replace").await.unwrap().unwrap();
    stage.play(&new, &TO_ACTIVE).await;
    stage.act(&new, "deactivate").await.unwrap();
    stage.advance(60 * 24 * 5).await;
    assert_eq!(stage.label(&new), "Inactive");
    assert_eq!(stage.label(&old), "Pending Cleanup");
}

/// The sandbox's own clock, its own luck, and a person who sees to what timed out.
#[tokio::test]
async fn tls_will_not_break_whatever_the_sandbox_plays() {
    let (mut finished, mut delayed, mut moves) = (0, 0, 0);
    for seed in 1..=16 {
        let stage = Stage::seeded("cloudflare-edge", seed);
        let old = active(&stage).await;
        let new = stage.act(&old, "replace").await.unwrap().unwrap();
        // Long leaps, so that many moves fall into one.
        for _ in 0..30 {
            stage.advance(60 * 9).await;
            if stage.label(&new).starts_with("Timed Out") {
                delayed += 1;
                assert_eq!(stage.label(&old), "Pending Cleanup", "seed {seed}");
                stage.act(&new, "recheck").await.unwrap();
            }
        }
        finished += usize::from(stage.label(&old) == "Deleted");
        moves += tls_never_breaks(&stage.story().await, &old, &[new]);
    }
    assert!(finished >= 12, "{finished} of 16 came to their end");
    assert!(delayed >= 1, "no replacement timed out");
    assert!(moves > 80, "{moves}");
}

#[tokio::test]
async fn a_custom_certificate_is_replaced_without_a_gap_too() {
    for seed in 1..=6 {
        let stage = Stage::seeded("cloudflare-custom", seed);
        let old = stage.order("www.example.com").await;
        stage.play(&old, &["deploying", "deployed"]).await;
        let new = stage.act(&old, "replace").await.unwrap().unwrap();
        assert_ne!(new, old, "the new one has an id of its own");
        assert_eq!(stage.label(&old), "Pending Cleanup");
        for _ in 0..40 {
            stage.advance(60 * 6).await;
            if stage.label(&new).starts_with("Timed Out") {
                stage.act(&new, "recheck").await.unwrap();
            }
        }
        assert_eq!(stage.label(&old), "Deleted", "seed {seed}");
        assert!(tls_never_breaks(&stage.story().await, &old, &[new]) >= 3);
    }
}
