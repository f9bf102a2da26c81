//! A client certificate by hand: revoked and restored, also while it is still being revoked.

use crate::desk::{Desk, nothing};

#[tokio::test]
async fn a_client_certificate_is_revoked_and_reactivated() {
    let desk = Desk::new();
    let names = ["phone.example.org"];
    let with = desk.any_certificate(&names);
    let id = desk.order_in("clients", &names, &[], with).await;
    assert_eq!(desk.state(&id), "Active");
    desk.submitted(&id, "revoke", nothing()).await.unwrap();
    assert_eq!(desk.state(&id), "Pending Revocation");
    desk.submitted(&id, "reactivate", nothing()).await.unwrap();
    assert_eq!(desk.state(&id), "Pending Reactivation");
    desk.event(&id, "reactivated", nothing()).await.unwrap();
    assert_eq!(desk.state(&id), "Active");
    desk.submitted(&id, "revoke", nothing()).await.unwrap();
    desk.event(&id, "revoked", nothing()).await.unwrap();
    assert_eq!(desk.state(&id), "Revoked");
    desk.submitted(&id, "reactivate", nothing()).await.unwrap();
    let says = desk.event(&id, "reactivated", nothing()).await.unwrap();
    assert!(says.contains("It is Active now"), "{says}");
    assert!(!desk.refusal(&id, "delete").is_empty());
}
