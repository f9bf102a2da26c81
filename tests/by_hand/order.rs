//! Orders by hand: what is asked for, what is refused, and in which state one may begin.

use certdeck::domain::entry::CsrBy;
use certdeck::engine::by_hand;
use certdeck::engine::command::{Command, CsrChoice, Field, HandOrder, Particulars};
use certdeck::pki::{CertName, csr};
use secrecy::ExposeSecret as _;

use crate::desk::{Desk, certificate, key, nothing, order, secret, text};

fn with(edit: impl FnOnce(&mut HandOrder)) -> HandOrder {
    let mut order = order();
    edit(&mut order);
    order
}

#[tokio::test]
async fn each_problem_of_an_order_stands_at_its_field_and_writes_nothing() {
    let desk = Desk::new();
    let inventory = desk.engine.inventory();
    let request = csr::make(&key(), &["shop.example.org".parse::<CertName>().unwrap()]).unwrap();
    let cases: Vec<(HandOrder, Field, &str)> = vec![
        (
            with(|o| o.account = "nowhere".into()),
            Field::Account,
            "kept by hand are clients, custom, frozen",
        ),
        (
            with(|o| o.account = "sandbox".into()),
            Field::Account,
            "not kept by hand",
        ),
        (
            with(|o| o.account = "frozen".into()),
            Field::Account,
            "read-only",
        ),
        (
            with(|o| o.with.names = None),
            Field::Names,
            "at least one name",
        ),
        (
            with(|o| o.with.price = text("49")),
            Field::Price,
            "49.00 EUR",
        ),
        (
            with(|o| o.states = vec!["isued".into()]),
            Field::State,
            "did you mean \"issued\"?",
        ),
        (
            with(|o| o.states = vec!["issued".into()]),
            Field::Certificate,
            "give the certificate",
        ),
        (
            with(|o| o.csr = CsrChoice::Own(request.clone())),
            Field::Csr,
            "made for shop.example.org",
        ),
        (
            with(|o| o.with.paid_until = text("soon")),
            Field::PaidUntil,
            "2027-06-01",
        ),
    ];
    for (order, field, says) in cases {
        let found = by_hand::check_order(&order, &inventory, desk.engine.now());
        let hit = found
            .iter()
            .any(|error| error.field == field && error.says.contains(says));
        assert!(hit, "{field:?} {says}: {found:?}");
        let told = desk.order(order).await.unwrap_err().to_string();
        assert!(told.contains(says), "{told}");
    }
    assert_eq!(desk.engine.inventory().entries.len(), 0);
    assert!(std::fs::read_dir(desk.store().join("keys")).map_or(0, Iterator::count) == 0);
}

#[tokio::test]
async fn a_certificate_that_exists_already_is_taken_over_with_its_key() {
    let desk = Desk::new();
    let own = key();
    let bundle = desk.certify_key(
        &own.spki_der(),
        &["www.example.net"],
        "2026-01-02T00:00:00Z",
        "2027-06-01T00:00:00Z",
    );
    let order = with(|order| {
        order.states = vec!["issued".to_owned()];
        order.with.certificate = secret(&format!("{bundle}{}", own.to_pkcs8_pem().expose_secret()));
        order.with.paid_until = text("2027-06-30");
    });
    let (id, says) = desk.order(order).await.unwrap();
    assert!(says.contains("Certificate issued now"), "{says}");
    assert!(says.contains("made no CSR"), "{says}");
    let entry = desk.entry(&id);
    assert!(entry.order.key_held && entry.order.csr.is_none());
    assert_eq!(entry.order.key_type, None, "nobody said so");
    assert_eq!(entry.order.spki_sha256, Some(own.spki_sha256()));
    assert!(entry.product.invoice.unwrap().paid_at.is_some());
    let reveal = Command::RevealKey { entry: id };
    desk.engine.run(reveal).await.unwrap();
    let body = own.to_pkcs8_pem();
    let canary = body.expose_secret().lines().nth(1).unwrap();
    assert!(!desk.written().contains(canary));
}

#[tokio::test]
async fn an_order_whose_invoice_is_outstanding_is_not_paid_whatever_the_term_will_be() {
    let desk = Desk::new();
    let order = with(|order| order.with.paid_until = text("2027-06-30"));
    let (id, _) = desk.order(order).await.unwrap();
    let entry = desk.entry(&id);
    assert_eq!(desk.state(&id), "Outstanding invoice");
    assert_eq!(entry.product.invoice.as_ref().unwrap().paid_at, None);
    assert!(
        entry.product.paid_until.is_some(),
        "it is kept all the same"
    );
    let told = desk.history(&id).await.join("\n");
    assert!(!told.contains(" paid"), "{told}");
}

#[tokio::test]
async fn whose_csr_it_is_decides_who_has_the_key() {
    let desk = Desk::new();
    let (by_provider, _) = desk
        .order(with(|o| o.csr = CsrChoice::Provider))
        .await
        .unwrap();
    let entry = desk.entry(&by_provider);
    assert_eq!(
        (entry.order.csr_by, entry.order.key_held),
        (Some(CsrBy::Provider), false)
    );
    let own = key();
    let request = csr::make(&own, &["www.example.net".parse::<CertName>().unwrap()]).unwrap();
    let (by_me, _) = desk
        .order(with(|o| o.csr = CsrChoice::Own(request.clone())))
        .await
        .unwrap();
    let entry = desk.entry(&by_me);
    assert_eq!(
        (entry.order.csr_by, entry.order.key_held),
        (Some(CsrBy::You), false)
    );
    assert_eq!(entry.order.spki_sha256, Some(own.spki_sha256()));
    // netcup hands out the key with the certificate where it made the CSR.
    let bundle = desk.certify(&request, &["www.example.net"], "2027-06-01T00:00:00Z");
    let with = Particulars {
        certificate: secret(&bundle),
        key: secret(own.to_pkcs8_pem().expose_secret()),
        ..nothing()
    };
    desk.shows(&by_provider, "issued", with).await.unwrap();
    let entry = desk.entry(&by_provider);
    assert_eq!(
        (entry.order.csr_by, entry.order.key_held),
        (Some(CsrBy::Provider), true)
    );
    let history = desk.history(&by_provider).await;
    assert!(
        history
            .iter()
            .any(|line| line == "The private key is held here"),
        "{history:?}"
    );
}

#[tokio::test]
async fn another_key_than_the_orders_is_a_correction_and_traps_nobody() {
    let desk = Desk::new();
    let (id, _) = desk.order(order()).await.unwrap();
    let other = key();
    let (from, until) = ("2026-01-02T00:00:00Z", "2027-06-01T00:00:00Z");
    let bundle = desk.certify_key(&other.spki_der(), &["www.example.net"], from, until);
    let strict = desk
        .shows(&id, "issued", certificate(&bundle))
        .await
        .unwrap_err();
    assert!(strict.contains("made for another key"), "{strict}");
    let no_csr = Particulars {
        csr: secret(""),
        ..certificate(&bundle)
    };
    desk.shows(&id, "issued", no_csr).await.unwrap();
    let entry = desk.entry(&id);
    assert_eq!((entry.order.key_held, &entry.order.csr), (false, &None));
    assert_eq!(
        entry.order.csr_by,
        Some(CsrBy::You),
        "certdeck did not make it"
    );
    let history = desk.history(&id).await;
    assert!(
        history.iter().any(|line| line.contains("another key now")),
        "{history:?}"
    );
    let with_key = Particulars {
        key: secret(other.to_pkcs8_pem().expose_secret()),
        ..nothing()
    };
    desk.shows(&id, "issued", with_key).await.unwrap();
    assert!(desk.entry(&id).order.key_held);
}

#[tokio::test]
async fn what_is_known_fills_a_form_and_comes_back_unchanged() {
    let desk = Desk::new();
    let (id, _) = desk.order(order()).await.unwrap();
    let known = by_hand::known(&desk.entry(&id));
    assert_eq!(known.price.as_deref(), Some("49.00 EUR"));
    assert_eq!(known.mailbox.as_deref(), Some("admin@example.net"));
    let same = desk
        .record(&id, certdeck::engine::command::Recorded::Described, known)
        .await
        .unwrap_err();
    assert!(same.contains("nothing of it is different"), "{same}");
    let better = Particulars {
        names: Some(vec![
            "www.example.net".to_owned(),
            "Müller.example".to_owned(),
        ]),
        order_number: text(""),
        paid_until: text("30.06.2027"),
        ..nothing()
    };
    desk.record(&id, certdeck::engine::command::Recorded::Described, better)
        .await
        .unwrap();
    let entry = desk.entry(&id);
    assert_eq!(entry.names, ["www.example.net", "xn--mller-kva.example"]);
    assert_eq!(entry.product.order_number, None);
    assert_eq!(desk.state(&id), "Outstanding invoice");
    let told = desk.history(&id).await;
    assert!(
        told.last()
            .unwrap()
            .starts_with("Written down by hand: www.example.net"),
        "{told:?}"
    );
}
