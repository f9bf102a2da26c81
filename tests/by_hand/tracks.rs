//! A table with two tracks: each is recorded by itself.

use certdeck::domain::entry::StateRef;
use certdeck::engine::by_hand;
use certdeck::engine::command::{HandOrder, Recorded};

use crate::desk::{Desk, certificate, key, nothing, order};

#[tokio::test]
async fn each_track_is_recorded_by_itself() {
    let desk = Desk::new();
    let (id, _) = desk
        .order(HandOrder {
            account: "made-up".to_owned(),
            without: vec!["activation".to_owned()],
            ..order()
        })
        .await
        .unwrap();
    assert!(
        !desk.entry(&id).tracks.contains_key("activation"),
        "an optional track"
    );
    desk.shows(&id, "inactive", nothing()).await.unwrap();
    assert_eq!(
        desk.entry(&id).tracks["activation"].state,
        StateRef::known("inactive")
    );
    let says = desk.event(&id, "pointed", nothing()).await.unwrap();
    assert!(
        says.starts_with("Recorded: The name points here. It is Waiting for you · Active now;"),
        "{says}"
    );
    assert_eq!(
        desk.entry(&id).tracks["activation"].state,
        StateRef::known("active")
    );
    assert_eq!(
        desk.entry(&id).tracks["certificate"].state,
        StateRef::known("waiting")
    );
    desk.event(&id, "validated", nothing()).await.unwrap();
    assert_eq!(
        desk.entry(&id).tracks["certificate"].state,
        StateRef::known("checking-names")
    );
    let wrong_track = Recorded::Shows {
        track: "activation".to_owned(),
        state: "serving".to_owned(),
    };
    assert!(desk.record(&id, wrong_track, nothing()).await.is_err());
}

#[tokio::test]
async fn a_request_that_was_turned_down_goes_back_to_where_it_was() {
    let desk = Desk::new();
    let (id, _) = desk
        .order(HandOrder {
            account: "made-up".to_owned(),
            ..order()
        })
        .await
        .unwrap();
    desk.event(&id, "validated", nothing()).await.unwrap();
    desk.shows(&id, "leaving", nothing()).await.unwrap();
    let inventory = desk.engine.inventory();
    let entry = inventory.get(&id).unwrap();
    let offered = by_hand::recordable(&entry, &inventory, desk.engine.now());
    let back = offered
        .events
        .iter()
        .find(|event| event.id == "withdrawal-refused");
    assert_eq!(back.unwrap().leads_to, "Checking");
    desk.event(&id, "withdrawal-refused", nothing())
        .await
        .unwrap();
    assert_eq!(desk.state(&id), "Checking");
}

#[tokio::test]
async fn states_that_share_a_label_are_told_apart() {
    let desk = Desk::new();
    let (id, _) = desk
        .order(HandOrder {
            account: "made-up".to_owned(),
            ..order()
        })
        .await
        .unwrap();
    let inventory = desk.engine.inventory();
    let entry = inventory.get(&id).unwrap();
    let offered = by_hand::recordable(&entry, &inventory, desk.engine.now());
    let mut labels: Vec<_> = offered.states.iter().map(|state| &state.label).collect();
    labels.sort();
    let all = labels.len();
    labels.dedup();
    assert_eq!(labels.len(), all, "{labels:?}");
    // A certificate that begins tomorrow is shown by its dates, and may be recorded.
    let csr = entry.order.csr.clone().unwrap();
    let read = certdeck::pki::csr::read(csr.as_bytes()).unwrap();
    let (from, until) = ("2026-11-23T00:00:00Z", "2027-06-01T00:00:00Z");
    let bundle = desk.certify_key(&read.spki_der, &["www.example.net"], from, until);
    desk.shows(&id, "serving", certificate(&bundle))
        .await
        .unwrap();
    let strange = desk.certify_key(&key().spki_der(), &["www.example.net"], from, until);
    assert!(
        desk.shows(&id, "staged", certificate(&strange))
            .await
            .is_err()
    );
}
