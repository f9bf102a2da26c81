//! What else happens to a certificate at Huawei Cloud, played by the sandbox: the way to the first
//! certificate, what changes it, and how it ends.

use certdeck::domain::entry::{LinkKind, ProductKind, ValidationRecord};
use certdeck::domain::event::Answers;

use crate::stage::Console;

/// With none of the races against it.
const CALM: u64 = 1;

#[tokio::test]
async fn a_dv_certificate_skips_the_organization_and_an_ov_one_does_not() {
    let to = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect();
    let dv: Vec<String> = to(&["Pending domain name verification", "To be issued", "Issued"]);
    let ov: Vec<String> = to(&[
        "Pending domain name verification",
        "Pending organization verification",
        "To be issued",
        "Issued",
    ]);
    for (level, shown) in [("DV", dv), ("OV", ov)] {
        let console = Console::with_seed(CALM);
        let id = console
            .buy(ProductKind::Single, level, &["www.example.com"])
            .await;
        assert_eq!(console.label(&id), "Pending application");
        let paid = console.entry(&id).product.invoice.clone().unwrap();
        assert!(paid.paid_at.is_some(), "PAID is what the API calls it");
        console.wait(24).await;
        assert_eq!(console.label(&id), "Pending application", "nobody applied");
        console.act(&id, "apply").await.unwrap();
        console.wait(24 * 7).await;
        assert_eq!(console.shown(&id).await, shown);
        assert!(console.entry(&id).serving().is_some());
    }
}

#[tokio::test]
async fn the_record_to_publish_is_named_as_huawei_cloud_names_it() {
    let console = Console::new();
    let id = console.applied().await;
    let records = console.entry(&id).records.clone();
    let [ValidationRecord::Dns { record, kind, .. }] = &records[..] else {
        panic!("{records:?}");
    };
    assert_eq!(
        (record.as_str(), kind.as_str()),
        ("_dnsauth.www.example.com", "TXT")
    );
}

#[tokio::test]
async fn what_belongs_to_another_level_does_not_happen() {
    let console = Console::new();
    let id = console.applied().await;
    let error = console.try_play(&id, "domain-verified").await.unwrap_err();
    assert!(error.to_string().contains("cannot happen"), "{error}");
    let id = console
        .buy(ProductKind::Single, "OV", &["ov.example.com"])
        .await;
    console.act(&id, "apply").await.unwrap();
    assert!(console.try_play(&id, "all-verified").await.is_err());
    console.play(&id, "organization-known").await;
    assert_eq!(console.label(&id), "To be issued");
}

#[tokio::test]
async fn names_are_added_and_the_certificate_so_far_is_kept() {
    let console = Console::new();
    let id = console.adding().await;
    let before = console.entry(&id);
    assert_eq!(before.adding, ["new.example.com"]);
    assert_eq!(before.names.len(), 2, "not yet the certificate's");
    console.act(&id, "download").await.unwrap();
    console.play(&id, "names-added").await;
    let after = console.entry(&id);
    assert_eq!(console.label(&id), "Issued");
    assert_eq!(
        after.names,
        ["www.example.com", "shop.example.com", "new.example.com"]
    );
    assert_eq!(after.certificates.len(), 2);
    assert_eq!(console.said(&id), "", "nothing was asked that has a result");
}

#[tokio::test]
async fn a_reissue_brings_a_new_certificate_at_once_or_verifies_what_changed() {
    let console = Console::new();
    let id = console.issued().await;
    let first = console.entry(&id).serving().unwrap().sha256.clone();
    console.act(&id, "reissue").await.unwrap();
    assert_eq!(console.label(&id), "CA verifying (reissue)");
    console.play(&id, "reissued").await;
    let second = console.entry(&id).serving().unwrap().sha256.clone();
    assert_ne!(first, second);

    let with = Answers {
        names: vec!["web.example.com".to_owned()],
        ..Answers::default()
    };
    console.ask(&id, "reissue", with).await.unwrap();
    console.play(&id, "reissue-verifies").await;
    assert_eq!(console.label(&id), "Pending domain name verification");
    let records = console.entry(&id).records.clone();
    assert_eq!(records[0].name(), "web.example.com");
    console.play(&id, "all-verified").await;
    console.play(&id, "issued").await;
    let entry = console.entry(&id);
    assert_eq!(entry.names, ["web.example.com"]);
    assert!(entry.serving().unwrap().subject.contains("web.example.com"));
}

#[tokio::test]
async fn a_revocation_may_want_the_name_verified_and_then_the_money_goes_back() {
    let console = Console::new();
    let id = console.issued().await;
    console.act(&id, "revoke").await.unwrap();
    assert_eq!(console.label(&id), "CA verifying (revocation)");
    console.play(&id, "revocation-verifies").await;
    assert_eq!(
        console.label(&id),
        "Revocation verifying (pending domain name verification)"
    );
    assert!(!console.entry(&id).records.is_empty());
    console.play(&id, "revoked").await;
    assert_eq!(console.label(&id), "Revoked");
    console.act(&id, "unsubscribe").await.unwrap();
    let reason = console.refused(&id, "delete").await;
    assert!(
        reason.contains("leave the certificate as it is"),
        "{reason}"
    );
    console.wait(2).await;
    assert!(console.entry(&id).gone.is_some());
}

#[tokio::test]
async fn an_unsubscription_may_not_be_approved() {
    let console = Console::new();
    let id = console
        .buy(ProductKind::Single, "DV", &["www.example.com"])
        .await;
    console.act(&id, "unsubscribe").await.unwrap();
    console.play(&id, "unsubscription-failed-unapplied").await;
    assert_eq!(console.label(&id), "Pending application");
    assert_eq!(console.entry(&id).request, None);
    assert!(console.said(&id).contains("not approved"));
    assert!(console.act(&id, "apply").await.is_ok(), "all is as before");
}

#[tokio::test]
async fn a_renewal_is_a_certificate_of_its_own_that_is_applied_for() {
    let console = Console::new();
    let id = console.issued().await;
    let ends = console.entry(&id).serving().unwrap().not_after;
    let left = console.now().duration_until(ends).as_hours();
    console.wait(left - 24 * 20).await;
    console.act(&id, "renew").await.unwrap();
    let old = console.entry(&id);
    let (kind, new) = (old.links[0].kind, old.links[0].entry.clone());
    assert_eq!(kind, LinkKind::RenewedBy);
    assert_eq!(console.label(&new), "Pending application");
    assert_eq!(console.label(&id), "Issued", "it serves until it expires");
    console.act(&new, "apply").await.unwrap();
    console.play(&new, "all-verified").await;
    console.play(&new, "issued").await;
    assert_eq!(console.label(&new), "Issued");
    console.wait(24 * 40).await;
    assert_eq!(console.label(&id), "Expired");
}

#[tokio::test]
async fn what_is_switched_stays_switched() {
    let console = Console::new();
    let id = console.issued().await;
    console.act(&id, "auto-renew-on").await.unwrap();
    assert!(console.entry(&id).product.auto_renew);
    console.act(&id, "auto-renew-off").await.unwrap();
    assert!(!console.entry(&id).product.auto_renew);
    console.act(&id, "cancel-privacy").await.unwrap();
    assert!(console.entry(&id).product.privacy_cancelled);
    assert_eq!(console.label(&id), "Issued", "none of it moves the state");
}

#[tokio::test]
async fn an_application_can_fail_and_what_then_is_not_documented() {
    let console = Console::new();
    let id = console.applied().await;
    console.play(&id, "rejected").await;
    assert_eq!(console.label(&id), "Approval failed");
    assert!(console.try_play(&id, "issued").await.is_err());
    for action in ["apply", "withdraw", "delete"] {
        console.refused(&id, action).await;
    }
}
#[tokio::test]
async fn a_hosted_certificate_is_only_kept() {
    let console = Console::new();
    let offer = console.offer(|offer| offer.hosted);
    let id = console.place(offer, &["www.example.com"]).await;
    assert_eq!(console.label(&id), "Hosted");
    assert!(console.entry(&id).serving().is_some());
    assert!(console.entry(&id).product.hosted);
    for action in ["renew", "revoke", "withdraw", "apply", "cancel-privacy"] {
        console.refused(&id, action).await;
    }
    console.act(&id, "delete").await.unwrap();
    console.wait(1).await;
    assert!(console.entry(&id).gone.is_some());
}
