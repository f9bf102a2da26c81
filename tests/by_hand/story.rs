//! netcup by hand, from the order to the renewed certificate, with its mistakes.

use certdeck::domain::entry::{CsrBy, LinkKind};
use certdeck::engine::by_hand;
use certdeck::engine::command::{Particulars, Recorded};

use crate::desk::{Desk, certificate, key, nothing, order, text};

#[tokio::test]
async fn netcup_by_hand_from_the_order_to_the_renewal() {
    let desk = Desk::new();
    let (id, says) = desk.order(order()).await.unwrap();
    assert!(
        says.contains("It is Outstanding invoice now; you move next."),
        "{says}"
    );
    let ordered = desk.entry(&id);
    assert_eq!(
        ordered.product.price.as_ref().unwrap().to_string(),
        "49.00 EUR"
    );
    assert_eq!(
        ordered.product.invoice.as_ref().unwrap().number,
        "RE-2026-1182"
    );
    assert_eq!(
        (ordered.order.csr_by, ordered.order.key_held),
        (Some(CsrBy::Certdeck), true)
    );
    let csr = ordered.order.csr.clone().unwrap();

    let paid = Particulars {
        paid_until: text("2027-11-30"),
        ..nothing()
    };
    let says = desk.event(&id, "invoice-paid", paid).await.unwrap();
    assert_eq!(
        says,
        "Recorded: Invoice paid. It is Registration now; netcup moves next."
    );
    let entry = desk.entry(&id);
    assert!(entry.product.invoice.unwrap().paid_at.is_some());
    assert_eq!(
        entry.product.paid_until.unwrap().to_string(),
        "2027-11-30T23:59:59Z"
    );

    desk.event(&id, "registered", nothing()).await.unwrap();
    let told = desk.entry(&id).records[0].instruction();
    assert!(told.contains("admin@example.net"), "{told}");
    let asked = Particulars {
        question: text("Please send an extract from the register."),
        ..nothing()
    };
    desk.event(&id, "more-information", asked).await.unwrap();
    assert_eq!(desk.state(&id), "Additional information required");
    assert!(desk.entry(&id).said.unwrap().contains("register"));
    desk.event(&id, "information-given", nothing())
        .await
        .unwrap();
    assert_eq!(desk.entry(&id).said, None);

    wrong_certificates(&desk, &id, &csr).await;

    let bundle = desk.certify(&csr, &["www.example.net"], "2027-06-01T00:00:00Z");
    let says = desk
        .event(&id, "issued", certificate(&bundle))
        .await
        .unwrap();
    assert!(
        says.contains("It is Certificate issued now; nobody has to move."),
        "{says}"
    );
    let entry = desk.entry(&id);
    let held = entry.serving().unwrap();
    assert_eq!((entry.certificates.len(), held.chain.len()), (1, 2));
    assert_eq!(Some(&held.spki_sha256), entry.order.spki_sha256.as_ref());
    let details = desk.engine.details(id.clone()).await.unwrap();
    assert_eq!((details.chain.len(), details.problems.len()), (2, 0));

    a_wrong_record_is_corrected(&desk, &id).await;
    renewed(&desk, &id).await;
    nothing_claims_that_the_provider_spoke(&desk, &id).await;
}

/// Each is refused with its reason and changes nothing.
async fn wrong_certificates(desk: &Desk, id: &certdeck::domain::entry::EntryId, csr: &str) {
    let strange = key();
    let names = ["www.example.net"];
    let (from, until) = ("2026-01-02T00:00:00Z", "2027-06-01T00:00:00Z");
    let cases = [
        (
            desk.certify_key(&strange.spki_der(), &names, from, until),
            "was made for another key",
        ),
        (
            desk.certify(csr, &["shop.example.net"], until),
            "but not www.example.net",
        ),
        (
            desk.certify(csr, &names, "2026-11-19T00:00:00Z"),
            "expired on 2026-11-19: if the panel shows \"Expired\", record that (--shows expired)",
        ),
        (csr.to_owned(), "this is a CSR"),
        (String::new(), "give the certificate"),
    ];
    let before = desk.entry(id);
    for (pem, says) in cases {
        let refused = desk
            .event(id, "issued", certificate(&pem))
            .await
            .unwrap_err();
        assert!(refused.contains(says), "{says}: {refused}");
        assert_eq!(desk.entry(id), before, "{says}");
    }
}

async fn a_wrong_record_is_corrected(desk: &Desk, id: &certdeck::domain::entry::EntryId) {
    let says = desk.shows(id, "cancelled", nothing()).await.unwrap();
    assert!(
        says.starts_with("Recorded: the panel shows Cancelled."),
        "{says}"
    );
    assert_eq!(desk.state(id), "Cancelled");
    desk.shows(id, "issued", nothing()).await.unwrap();
    assert_eq!(desk.state(id), "Certificate issued");
    let again = desk.shows(id, "issued", nothing()).await.unwrap_err();
    assert!(again.contains("already"), "{again}");
    let history = desk.history(id).await;
    assert_eq!(
        history.last().unwrap(),
        "Cancelled to Certificate issued (corrected by hand)"
    );
}

async fn renewed(desk: &Desk, id: &certdeck::domain::entry::EntryId) {
    let renew = || Recorded::Submitted("renew".to_owned());
    let early = desk.record(id, renew(), nothing()).await.unwrap_err();
    assert!(
        early.contains("paid until 2027-11-30; ask netcup's support for a reissue"),
        "{early}"
    );
    desk.turn_clock(170);
    let bill = Particulars {
        invoice_number: text("RE-2027-0001"),
        ..nothing()
    };
    let (says, made) = desk.recorded(id, renew(), bill).await.unwrap();
    assert!(
        says.contains("The new entry is Outstanding invoice; you move next."),
        "{says}"
    );
    let (old, new) = (desk.entry(id), desk.entry(&made.clone().unwrap()));
    assert_eq!(
        (old.links[0].kind, &old.links[0].entry),
        (LinkKind::RenewedBy, &new.id)
    );
    assert_eq!(
        (new.links[0].kind, &new.links[0].entry),
        (LinkKind::Renews, &old.id)
    );
    assert_eq!(
        (&new.names, &new.product.name),
        (&old.names, &old.product.name)
    );
    assert_eq!(
        (new.product.term_months, new.product.order_number),
        (Some(12), None)
    );
    assert_eq!(new.product.paid_until, None);
    assert_eq!(new.product.invoice.unwrap().number, "RE-2027-0001");
    assert!(new.order.key_held && new.order.spki_sha256 != old.order.spki_sha256);
    let again = desk.record(id, renew(), nothing()).await.unwrap_err();
    assert!(again.contains("a successor is there already"), "{again}");
}

async fn nothing_claims_that_the_provider_spoke(
    desk: &Desk,
    id: &certdeck::domain::entry::EntryId,
) {
    let history = desk.history(id).await;
    let all = history.join("\n");
    for line in [
        "Ordered: Wildcard-LE",
        "Outstanding invoice to Registration (Invoice paid, recorded by hand)",
        "Asked: Please send an extract from the register.",
        "Verification is performed to Certificate issued (Verified and issued, recorded by hand)",
        "Renew: submitted in the provider's panel, recorded by hand",
    ] {
        assert!(history.iter().any(|told| told == line), "{line}\n{all}");
    }
    // What the table has the provider say belongs to the provider.
    let inventory = desk.engine.inventory();
    let table = inventory.lifecycles.get("netcup").unwrap();
    let words = table.events.iter().filter_map(|row| row.says.as_ref());
    let words = words.chain(table.actions.iter().filter_map(|row| row.done.as_ref()));
    let words: Vec<&String> = words.collect();
    assert!(words.len() > 3);
    let written = desk.written();
    for said in words {
        assert!(!all.contains(said) && !written.contains(said), "{said}");
    }
}

#[tokio::test]
async fn expired_is_never_stored_and_never_traps_anyone() {
    let desk = Desk::new();
    let (id, _) = desk.order(order()).await.unwrap();
    let csr = desk.entry(&id).order.csr.unwrap();
    let refused = desk.event(&id, "expired", nothing()).await.unwrap_err();
    assert!(refused.contains("the clock decides"), "{refused}");
    let refused = desk.shows(&id, "expired", nothing()).await.unwrap_err();
    assert!(refused.contains("give the certificate"), "{refused}");
    let young = desk.certify(&csr, &["www.example.net"], "2027-06-01T00:00:00Z");
    let refused = desk
        .shows(&id, "expired", certificate(&young))
        .await
        .unwrap_err();
    assert!(
        refused.contains("until 2027-06-01, so by the clock it is Certificate issued"),
        "{refused}"
    );
    let old = desk.certify(&csr, &["www.example.net"], "2026-11-19T00:00:00Z");
    let says = desk.shows(&id, "expired", certificate(&old)).await.unwrap();
    assert!(says.contains("It is Expired now"), "{says}");
    assert_eq!(desk.entry(&id).main().unwrap().state.as_str(), "issued");
    let stale = desk.shows(&id, "issued", nothing()).await.unwrap_err();
    assert!(stale.contains("so by the clock it is Expired"), "{stale}");
    let (_, made) = desk
        .recorded(&id, Recorded::Submitted("renew".to_owned()), nothing())
        .await
        .unwrap();
    assert!(made.is_some());
}

#[tokio::test]
async fn what_can_be_recorded_is_offered_legal_events_first() {
    let desk = Desk::new();
    let (id, _) = desk.order(order()).await.unwrap();
    let inventory = desk.engine.inventory();
    let entry = inventory.get(&id).unwrap();
    let offered = by_hand::recordable(&entry, &inventory, desk.engine.now());
    let events: Vec<_> = offered
        .events
        .iter()
        .map(|event| (event.id.as_str(), event.leads_to.as_str()))
        .collect();
    assert_eq!(
        events,
        [("invoice-paid", "Registration"), ("cancelled", "Cancelled")]
    );
    assert_eq!(offered.submitted, []);
    assert_eq!(offered.states.len(), 7);
    let now: Vec<_> = offered.states.iter().filter(|state| state.is_now).collect();
    assert_eq!((now.len(), now[0].id.as_str()), (1, "outstanding-invoice"));
    let not_now = desk.event(&id, "issued", nothing()).await.unwrap_err();
    assert!(
        not_now.contains("it happens while Verification is performed")
            && not_now.contains("what can be recorded is invoice-paid, cancelled"),
        "{not_now}"
    );
}
