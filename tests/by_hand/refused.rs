//! What is refused: actions that nobody can ask for, accounts that may not be written to, entries
//! that moved meanwhile.

use certdeck::domain::entry::Entry;
use certdeck::engine::EngineError;
use certdeck::engine::command::{Command, Particulars, Record, Recorded};
use secrecy::ExposeSecret as _;

use crate::desk::{Desk, certificate, key, nothing, order, text};

async fn issued(desk: &Desk) -> Entry {
    let (id, _) = desk.order(order()).await.unwrap();
    let csr = desk.entry(&id).order.csr.unwrap();
    let bundle = desk.certify(&csr, &["www.example.net"], "2026-12-10T00:00:00Z");
    desk.shows(&id, "issued", certificate(&bundle))
        .await
        .unwrap();
    desk.entry(&id)
}

#[tokio::test]
async fn asking_the_provider_says_where_to_do_it_and_how_to_write_it_down() {
    let desk = Desk::new();
    let entry = issued(&desk).await;
    let command = Command::Act {
        entry: entry.id.clone(),
        action: "renew".to_owned(),
        with: certdeck::domain::event::Answers::default(),
        seen_state: None,
    };
    let error = desk.engine.run(command).await.unwrap_err();
    assert!(matches!(error, EngineError::ByHand { .. }), "{error:?}");
    let told = error.to_string();
    for says in [
        "Renew, in netcup's own panel (https://www.customercontrolpanel.de)",
        "Renewal button",
        &format!("certdeck record renew {}", entry.id),
    ] {
        assert!(told.contains(says), "{says}: {told}");
    }
    assert_eq!(desk.entry(&entry.id), entry);
    let refused = desk
        .record(
            &entry.id,
            Recorded::Submitted("withdraw".to_owned()),
            nothing(),
        )
        .await
        .unwrap_err();
    assert!(refused.contains("documents no withdrawal"), "{refused}");
    let local = desk
        .record(
            &entry.id,
            Recorded::Submitted("archive".to_owned()),
            nothing(),
        )
        .await
        .unwrap_err();
    assert!(local.contains("no provider is asked for it"), "{local}");
}

#[tokio::test]
async fn a_private_key_in_a_field_that_is_written_down_is_refused_and_kept_nowhere() {
    let desk = Desk::new();
    let (id, _) = desk.order(order()).await.unwrap();
    let pem = key().to_pkcs8_pem();
    let pem = pem.expose_secret();
    let body = pem.lines().nth(1).unwrap();
    let before = desk.entry(&id);
    for with in [
        Particulars {
            question: text(pem),
            ..nothing()
        },
        Particulars {
            proof: text(pem),
            ..nothing()
        },
        Particulars {
            product: text(&pem.replace('\n', "")),
            ..nothing()
        },
        Particulars {
            price: text(body),
            ..nothing()
        },
    ] {
        let refused = desk
            .record(&id, Recorded::Described, with)
            .await
            .unwrap_err();
        assert!(!refused.contains(body), "{refused}");
    }
    assert_eq!(desk.entry(&id), before);
    assert!(!desk.written().contains(body));
}

#[tokio::test]
async fn who_saw_another_state_looks_again() {
    let desk = Desk::new();
    let entry = issued(&desk).await;
    let record = Record {
        entry: entry.id.clone(),
        what: Recorded::Shows {
            track: "main".to_owned(),
            state: "cancelled".to_owned(),
        },
        with: nothing(),
        seen_state: Some("registration".to_owned()),
    };
    let error = desk
        .engine
        .run(Command::Record(Box::new(record)))
        .await
        .unwrap_err();
    assert!(matches!(error, EngineError::Moved { .. }), "{error:?}");
    assert_eq!(desk.entry(&entry.id), entry);
}

#[tokio::test]
async fn what_is_archived_or_unknown_is_refused_with_the_reason() {
    let desk = Desk::new();
    let entry = issued(&desk).await;
    let id = &entry.id;
    let no_event = desk.event(id, "isued", nothing()).await.unwrap_err();
    assert!(
        no_event.contains("no such event; what can be recorded is renew"),
        "{no_event}"
    );
    let no_state = Recorded::Shows {
        track: "main".to_owned(),
        state: "gone".to_owned(),
    };
    let no_state = desk.record(id, no_state, nothing()).await.unwrap_err();
    assert!(
        no_state.contains("no state \"gone\"; it has outstanding-invoice"),
        "{no_state}"
    );
    desk.engine
        .run(Command::Archive { entry: id.clone() })
        .await
        .unwrap();
    let archived = desk.shows(id, "cancelled", nothing()).await.unwrap_err();
    assert!(archived.contains("archived"), "{archived}");
}
