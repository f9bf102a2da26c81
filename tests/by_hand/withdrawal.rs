//! Huawei Cloud's withdrawal, kept by hand: what the panel shows afterwards tells what came of it, and
//! the conclusion is certdeck's own.

use certdeck::domain::entry::EntryId;
use certdeck::engine::by_hand;
use certdeck::engine::command::{Field, Particulars, Recorded};

use crate::desk::{Desk, nothing};

const OLD: &str = "www.example.org";
const NEW: &str = "shop.example.org";

fn names(names: &[&str]) -> Particulars {
    Particulars {
        names: Some(names.iter().map(|&name| name.to_owned()).collect()),
        ..nothing()
    }
}

/// An application whose withdrawal was submitted.
async fn withdrawing(desk: &Desk) -> EntryId {
    let states = ["pending-domain-verification"];
    let id = desk.order_in("huawei", &[OLD], &states, nothing()).await;
    let says = desk.submitted(&id, "withdraw", nothing()).await.unwrap();
    assert!(
        says.contains("It is CA verifying (application withdrawal) now"),
        "{says}"
    );
    id
}

/// A domain name addition whose withdrawal was submitted.
async fn withdrawing_names(desk: &Desk) -> EntryId {
    let with = desk.any_certificate(&[OLD]);
    let id = desk.order_in("huawei", &[OLD], &["issued"], with).await;
    let adding = Particulars {
        new_names: Some(vec![NEW.to_owned()]),
        ..nothing()
    };
    desk.submitted(&id, "add-domain", adding).await.unwrap();
    assert_eq!(desk.entry(&id).adding, [NEW]);
    desk.submitted(&id, "withdraw", nothing()).await.unwrap();
    let label = "CA verifying (domain name addition)";
    assert_eq!(desk.state(&id), label, "the label stays");
    assert_eq!(
        desk.refusal(&id, "withdraw"),
        "a withdrawal has been submitted"
    );
    id
}

#[tokio::test]
async fn a_withdrawal_that_succeeded_says_to_apply_again() {
    let desk = Desk::new();
    let id = withdrawing(&desk).await;
    let says = desk.shows(&id, "pending-application", nothing()).await;
    let says = says.unwrap();
    assert!(says.contains("The application was withdrawn."), "{says}");
    assert!(desk.said(&id).contains("apply again"), "{}", desk.said(&id));
    assert!(desk.said(&id).contains("certdeck's conclusion"));
    // Nobody claims that the provider said so.
    let history = desk.history(&id).await.join("\n");
    assert!(!history.contains("submitted successfully"), "{history}");
    desk.submitted(&id, "apply", nothing()).await.unwrap();
    assert_eq!(desk.said(&id), "", "the next move ends the result");
}

#[tokio::test]
async fn a_withdrawal_that_lost_the_race_is_told_by_the_state_alone() {
    let desk = Desk::new();
    let id = withdrawing(&desk).await;
    desk.shows(&id, "to-be-issued", nothing()).await.unwrap();
    assert!(desk.said(&id).starts_with("The withdrawal failed"));
    let id = withdrawing(&desk).await;
    let with = desk.any_certificate(&[OLD]);
    desk.event(&id, "withdrawal-failed-issued", with)
        .await
        .unwrap();
    assert!(desk.said(&id).starts_with("The withdrawal failed"));
    assert_eq!(desk.state(&id), "Issued");
}

#[tokio::test]
async fn new_names_in_the_certificate_mean_that_the_withdrawal_of_an_addition_was_lost() {
    let desk = Desk::new();
    for by_certificate in [true, false] {
        let id = withdrawing_names(&desk).await;
        let with = if by_certificate {
            desk.any_certificate(&[OLD, NEW])
        } else {
            names(&[OLD, NEW])
        };
        desk.shows(&id, "issued", with).await.unwrap();
        assert!(
            desk.said(&id).starts_with("The withdrawal failed"),
            "{}",
            desk.said(&id)
        );
        let entry = desk.entry(&id);
        assert_eq!(entry.names, [OLD, NEW]);
        assert!(entry.adding.is_empty());
    }
}

#[tokio::test]
async fn unchanged_names_mean_that_the_addition_was_withdrawn() {
    let desk = Desk::new();
    let id = withdrawing_names(&desk).await;
    desk.shows(&id, "issued", names(&[OLD])).await.unwrap();
    assert!(
        desk.said(&id)
            .starts_with("The domain name addition was withdrawn"),
        "{}",
        desk.said(&id)
    );
    let entry = desk.entry(&id);
    assert_eq!(entry.names, [OLD]);
    assert!(entry.adding.is_empty());
}

#[tokio::test]
async fn without_the_names_the_outcome_is_not_stated_until_somebody_gives_them() {
    let desk = Desk::new();
    let id = withdrawing_names(&desk).await;
    let inventory = desk.engine.inventory();
    let what = Recorded::Shows {
        track: "main".to_owned(),
        state: "issued".to_owned(),
    };
    let entry = inventory.get(&id).unwrap();
    let asked = by_hand::fields(&what, &entry, inventory.lifecycle_of(&entry).unwrap());
    assert_eq!(asked[0], Field::Names, "{asked:?}");
    desk.shows(&id, "issued", nothing()).await.unwrap();
    assert_eq!(desk.said(&id), "outcome not stated by Huawei Cloud");
    assert_eq!(desk.entry(&id).adding, [NEW], "nobody knows");
    desk.shows(&id, "issued", names(&[OLD, NEW])).await.unwrap();
    assert!(
        desk.said(&id).starts_with("The withdrawal failed"),
        "{}",
        desk.said(&id)
    );
    assert_eq!(desk.entry(&id).names, [OLD, NEW]);
}

#[tokio::test]
async fn recorded_events_carry_the_names_with_them() {
    let desk = Desk::new();
    let id = withdrawing_names(&desk).await;
    let old = desk.any_certificate(&[OLD]);
    let lost = "addition-withdrawal-failed";
    let refused = desk.event(&id, lost, old).await.unwrap_err();
    assert!(refused.contains(NEW), "the new name is missing: {refused}");
    let new = desk.any_certificate(&[OLD, NEW]);
    desk.event(&id, lost, new).await.unwrap();
    assert_eq!(desk.entry(&id).names, [OLD, NEW]);
    let id = withdrawing_names(&desk).await;
    desk.event(&id, "addition-withdrawn", nothing())
        .await
        .unwrap();
    assert!(
        desk.said(&id)
            .starts_with("The domain name addition was withdrawn")
    );
    assert!(desk.entry(&id).adding.is_empty());
}

#[tokio::test]
async fn what_an_action_asks_is_asked_by_hand_too() {
    let desk = Desk::new();
    let with = desk.any_certificate(&[OLD]);
    let id = desk.order_in("huawei", &[OLD], &["issued"], with).await;
    let missing = desk.submitted(&id, "add-domain", nothing()).await;
    assert!(missing.unwrap_err().contains("new-name"));
    let unasked = Particulars {
        reason: Some("why".to_owned()),
        new_names: Some(vec![NEW.to_owned()]),
        ..nothing()
    };
    let unasked = desk.submitted(&id, "add-domain", unasked).await;
    assert!(unasked.unwrap_err().contains("reason"));
    let reason = Particulars {
        reason: Some("key lost".to_owned()),
        ..nothing()
    };
    desk.submitted(&id, "revoke", reason).await.unwrap();
    assert_eq!(desk.state(&id), "CA verifying (revocation)");
    assert!(desk.written().contains("key lost"), "it is in the journal");
    assert_eq!(
        desk.refusal(&id, "withdraw"),
        "a submitted deletion or revocation cannot be withdrawn"
    );
}
