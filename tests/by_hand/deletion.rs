//! What was submitted and stays open, and what is gone at the provider, by hand.

use certdeck::domain::entry::EntryId;
use certdeck::engine::by_hand;
use certdeck::engine::command::{Command, Recorded};

use crate::desk::{Desk, nothing};

const NAME: &str = "www.example.org";

/// An issued certificate whose deletion was submitted.
async fn deleting(desk: &Desk) -> EntryId {
    let with = desk.any_certificate(&[NAME]);
    let id = desk.order_in("huawei", &[NAME], &["issued"], with).await;
    let says = desk.submitted(&id, "delete", nothing()).await.unwrap();
    assert!(says.contains("it cannot be withdrawn"), "{says}");
    id
}

#[tokio::test]
async fn while_a_deletion_is_open_only_its_end_can_come() {
    let desk = Desk::new();
    let id = deleting(&desk).await;
    assert_eq!(desk.offered(&id), ["deleted"]);
    assert!(
        desk.refusal(&id, "revoke")
            .contains("deletion has been submitted")
    );
    let refused = desk.submitted(&id, "revoke", nothing()).await.unwrap_err();
    assert!(refused.contains("deletion has been submitted"), "{refused}");
    let inventory = desk.engine.inventory();
    let offered = by_hand::recordable(&inventory.get(&id).unwrap(), &inventory, desk.engine.now());
    assert!(
        offered
            .open
            .unwrap()
            .contains("deletion has been submitted")
    );
    let says = desk.event(&id, "deleted", nothing()).await.unwrap();
    assert!(says.contains("It is gone at Huawei Cloud"), "{says}");
    let entry = desk.entry(&id);
    assert!(entry.gone.is_some() && entry.archived && entry.request.is_none());
    assert!(entry.serving().is_some(), "what is here is kept");
}

#[tokio::test]
async fn somebody_is_reminded_to_look_whether_it_was_carried_out() {
    let desk = Desk::new();
    let id = deleting(&desk).await;
    let reminder = |desk: &Desk| {
        let inventory = desk.engine.inventory();
        let row = inventory.row(&inventory.get(&id).unwrap(), desk.engine.now());
        row.reminder
    };
    assert_eq!(reminder(&desk), None);
    desk.turn_clock(4);
    let says = reminder(&desk).unwrap();
    assert_eq!(
        says,
        "Delete was submitted on 2026-11-22; look into Huawei Cloud's panel whether it was \
         carried out, and record it"
    );
}

#[tokio::test]
async fn a_deletion_that_came_to_nothing_can_be_closed() {
    let desk = Desk::new();
    let id = deleting(&desk).await;
    let says = desk.record(&id, Recorded::Closed, nothing()).await.unwrap();
    assert!(
        says.contains("Delete is not open any more. It is Issued"),
        "{says}"
    );
    assert!(desk.entry(&id).request.is_none());
    let again = desk.record(&id, Recorded::Closed, nothing()).await;
    assert!(again.unwrap_err().contains("no request is open"));
}

#[tokio::test]
async fn what_is_gone_is_put_away_and_what_is_seen_again_is_not_gone() {
    let desk = Desk::new();
    let with = desk.any_certificate(&[NAME]);
    let id = desk.order_in("huawei", &[NAME], &["issued"], with).await;
    let says = desk.record(&id, Recorded::Gone, nothing()).await.unwrap();
    assert!(says.contains("archived"), "{says}");
    assert!(desk.entry(&id).archived);
    desk.engine
        .run(Command::Restore { entry: id.clone() })
        .await
        .unwrap();
    assert!(desk.refusal(&id, "revoke").contains("gone at Huawei Cloud"));
    desk.shows(&id, "issued", nothing()).await.unwrap();
    assert_eq!(desk.entry(&id).gone, None);
    assert_eq!(desk.state(&id), "Issued");
}

#[tokio::test]
async fn an_unsubscription_that_was_not_approved_says_so_on_the_row() {
    let desk = Desk::new();
    let id = desk.order_in("huawei", &[NAME], &[], nothing()).await;
    desk.submitted(&id, "unsubscribe", nothing()).await.unwrap();
    let event = "unsubscription-failed-unapplied";
    assert_eq!(desk.offered(&id), ["unsubscribed", event]);
    desk.event(&id, event, nothing()).await.unwrap();
    assert!(desk.entry(&id).request.is_none());
    assert!(
        desk.said(&id)
            .starts_with("The unsubscription was not approved")
    );
}
