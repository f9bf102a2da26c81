//! A custom hostname by hand: two tracks, what the customer has to publish, what the CA complains of,
//! where its DNS points; and the zone that a custom certificate waits for.

use certdeck::domain::account::ZoneStatus;
use certdeck::domain::entry::StateRef;
use certdeck::domain::lifecycle::Readiness;
use certdeck::engine::by_hand;
use certdeck::engine::command::{HandOrder, Particulars, Recorded};

use crate::desk::{Desk, certificate, key, nothing, order, text};

const NAME: &str = "shop.customer.example";

fn readiness(desk: &Desk, id: &certdeck::domain::entry::EntryId) -> Readiness {
    let inventory = desk.engine.inventory();
    let entry = inventory.get(id).unwrap();
    let table = inventory.lifecycle_of(&entry).unwrap();
    table.readiness(&entry, desk.engine.now()).unwrap()
}

#[tokio::test]
async fn both_tracks_are_recorded_until_it_is_ready() {
    let desk = Desk::new();
    let id = desk.order_in("hostnames", &[NAME], &[], nothing()).await;
    let entry = desk.entry(&id);
    assert_eq!(
        entry.tracks["hostname"].state,
        StateRef::known("hostname-pending")
    );
    assert_eq!(
        entry.tracks["certificate"].state,
        StateRef::known("initializing")
    );
    let proof = Particulars {
        proof: text("_acme-challenge.shop.customer.example TXT abc"),
        ..nothing()
    };
    desk.event(&id, "validation-begun", proof).await.unwrap();
    assert_eq!(desk.entry(&id).records.len(), 1);
    let complaint = Particulars {
        question: text("CAA record of customer.example forbids issuance by the CA"),
        ..nothing()
    };
    desk.event(&id, "validation-failed", complaint)
        .await
        .unwrap();
    let entry = desk.entry(&id);
    assert_eq!(entry.validation_errors.len(), 1);
    assert_eq!(entry.said, None, "a complaint is no question");
    let says = desk.event(&id, "validated-and-issued", nothing()).await;
    let says = says.unwrap();
    assert!(says.contains("Pending · Pending Deployment"), "{says}");
    let refused = desk.event(&id, "deployed", nothing()).await.unwrap_err();
    assert!(refused.contains("give the certificate"), "{refused}");
    let with = desk.any_certificate(&[NAME]);
    desk.event(&id, "deployed", with).await.unwrap();
    assert!(matches!(readiness(&desk, &id), Readiness::No(_)));
    desk.event(&id, "hostname-validated", nothing())
        .await
        .unwrap();
    assert_eq!(readiness(&desk, &id), Readiness::Yes);
    desk.event(&id, "hostname-turned-away", nothing())
        .await
        .unwrap();
    assert_eq!(desk.entry(&id).dns_points, Some(false));
    assert!(matches!(readiness(&desk, &id), Readiness::No(_)));
}

#[tokio::test]
async fn what_the_panel_shows_is_said_track_by_track() {
    let desk = Desk::new();
    let id = desk.order_in("hostnames", &[NAME], &[], nothing()).await;
    let says = desk.shows(&id, "hostname-active", nothing()).await.unwrap();
    assert!(
        says.starts_with("Recorded: the panel shows Active (Hostname activation)."),
        "no certificate is asked for the activation: {says}"
    );
    let inventory = desk.engine.inventory();
    let entry = inventory.get(&id).unwrap();
    let offered = by_hand::recordable(&entry, &inventory, desk.engine.now());
    let active: Vec<_> = offered
        .states
        .iter()
        .filter(|state| state.label == "Active")
        .collect();
    let titles: Vec<_> = active
        .iter()
        .filter_map(|state| state.track_title.as_deref())
        .collect();
    assert_eq!(titles, ["Hostname activation", "Certificate"]);
    assert!(active[0].is_now && !active[1].is_now);
}

#[tokio::test]
async fn deleting_it_takes_both_tracks_along_and_then_it_is_gone() {
    let desk = Desk::new();
    let id = desk.order_in("hostnames", &[NAME], &[], nothing()).await;
    desk.submitted(&id, "delete", nothing()).await.unwrap();
    let entry = desk.entry(&id);
    assert_eq!(
        entry.tracks["hostname"].state,
        StateRef::known("hostname-pending-deletion")
    );
    assert_eq!(
        entry.tracks["certificate"].state,
        StateRef::known("pending-deletion")
    );
    desk.event(&id, "hostname-gone", nothing()).await.unwrap();
    let entry = desk.entry(&id);
    assert!(entry.gone.is_some());
    assert_eq!(
        entry.tracks["certificate"].state,
        StateRef::known("deleted")
    );
}

#[tokio::test]
async fn an_order_may_be_without_the_optional_track_and_without_no_other() {
    let desk = Desk::new();
    let without = |track: &str| HandOrder {
        account: "hostnames".to_owned(),
        without: vec![track.to_owned()],
        ..order()
    };
    let (id, says) = desk.order(without("certificate")).await.unwrap();
    assert!(!desk.entry(&id).tracks.contains_key("certificate"));
    assert!(
        says.contains("It is Pending now; your customer moves next."),
        "{says}"
    );
    let refused = desk.order(without("hostname")).await.unwrap_err();
    assert!(
        refused.to_string().contains("may be without certificate"),
        "{refused}"
    );
    let twice = HandOrder {
        account: "hostnames".to_owned(),
        states: vec!["hostname-active".to_owned(), "hostname-moved".to_owned()],
        ..order()
    };
    let twice = desk.order(twice).await.unwrap_err().to_string();
    assert!(
        twice.contains("both states of Hostname activation"),
        "{twice}"
    );
}

#[tokio::test]
async fn a_certificate_waits_for_the_zone_that_a_person_knows_of() {
    let desk = Desk::new();
    let any = key().spki_der();
    let made = |desk: &Desk| {
        let until = "2027-06-01T00:00:00Z";
        certificate(&desk.certify_key(&any, &[NAME], "2026-11-01T00:00:00Z", until))
    };
    let first = desk.order_in("custom", &[NAME], &[], made(&desk)).await;
    assert_ne!(
        desk.state(&first),
        "Holding Deployment",
        "nobody knows of a zone"
    );
    let pending = Recorded::Zone(ZoneStatus::Pending);
    let says = desk
        .record(&first, pending.clone(), nothing())
        .await
        .unwrap();
    assert!(says.contains("the zone of custom is Pending"), "{says}");
    let again = desk.record(&first, pending, nothing()).await.unwrap_err();
    assert!(again.contains("already"), "{again}");
    let held = desk.order_in("custom", &[NAME], &[], made(&desk)).await;
    assert_eq!(desk.state(&held), "Holding Deployment");
    let active = Recorded::Zone(ZoneStatus::Active);
    desk.record(&held, active, nothing()).await.unwrap();
    assert_eq!(
        desk.state(&held),
        "Holding Deployment",
        "nobody saw it move"
    );
    let deployed = desk.offered(&held);
    let event = deployed.first().unwrap();
    desk.event(&held, event, nothing()).await.unwrap();
    assert_eq!(desk.state(&held), "Active");
    let names = ["netcup.example"];
    let elsewhere = desk.order_in("netcup-main", &names, &[], nothing()).await;
    let refused = Recorded::Zone(ZoneStatus::Active);
    assert!(desk.record(&elsewhere, refused, nothing()).await.is_err());
}
