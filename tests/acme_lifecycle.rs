//! The lifecycle of an ACME certificate against RFC 8555: its words, its transitions, and the
//! stories that it allows and forbids, played by the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::collections::BTreeSet;
use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{Entry, EntryId, LinkKind, Method, StateRef, ValidationRecord};
use certdeck::domain::event::Answers;
use certdeck::domain::lifecycle::{
    Lifecycle, Lifecycles, Phase, Qualifier, QualifierKind, effective,
};
use certdeck::engine::command::{ClockChange, Command, CsrChoice, Done, OrderForm};
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use certdeck::pki::KeyType;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

const ACCOUNT: &str = "ca";

fn table() -> Arc<Lifecycle> {
    Arc::clone(Lifecycles::built_in().unwrap().get("acme").unwrap())
}

// --- the words ----------------------------------------------------------------------------------

#[test]
fn an_orders_labels_are_the_words_of_rfc_8555() {
    let table = table();
    let label = |id: &str| table.state(id).unwrap().label.clone();
    for word in ["pending", "ready", "processing", "valid", "invalid"] {
        assert_eq!(label(word), word);
    }
    assert_eq!(label("validating"), "pending", "the order's word stays");
    assert_eq!(label("withdrawn"), "invalid, withdrawn by you");
    for word in ["due", "expired", "revoked"] {
        assert_eq!(label(word), word);
        let assumed = table.state(word).unwrap().assumed.as_ref();
        assert!(assumed.is_some(), "RFC 8555 has no status {word:?} here");
    }
}

#[test]
fn every_status_of_an_order_means_one_state() {
    let table = table();
    let inside = |value: &str| {
        [Qualifier {
            kind: QualifierKind::Authorization,
            value: value.to_owned(),
        }]
    };
    let cases: [(&str, &str, &str); 11] = [
        ("pending", "pending", "pending"),
        ("pending", "processing", "validating"),
        ("ready", "valid", "ready"),
        ("processing", "valid", "processing"),
        ("valid", "valid", "valid"),
        ("invalid", "invalid", "invalid"),
        ("invalid", "expired", "invalid"),
        ("invalid", "revoked", "invalid"),
        ("invalid", "deactivated", "withdrawn"),
        ("deactivated", "deactivated", "withdrawn"),
        ("deactivated", "", "withdrawn"),
    ];
    for (status, authorization, state) in cases {
        let means = table.resolve("main", status, &inside(authorization));
        assert_eq!(means, StateRef::known(state), "{status} {authorization}");
    }
    for stranger in ["expired", "revoked", "Valid", ""] {
        let means = table.resolve("main", stranger, &[]);
        assert_eq!(means, StateRef::unknown(stranger), "never guessed");
    }
}

/// Section 7.1.6: pending, ready, processing, valid, with invalid from each but the last.
#[test]
fn an_order_moves_as_rfc_8555_draws_it_and_not_otherwise() {
    let table = table();
    let rfc = BTreeSet::from([
        ("pending", "ready"),
        ("pending", "invalid"),
        ("ready", "processing"),
        ("ready", "invalid"),
        ("processing", "valid"),
        ("processing", "invalid"),
    ]);
    // What the table tells apart is one status of the order each.
    let status = |state: &str| match state {
        "pending" | "validating" => "pending",
        "invalid" | "withdrawn" => "invalid",
        "ready" => "ready",
        "processing" => "processing",
        _ => "valid",
    };
    let events = table.events.iter().map(|row| (&row.from, row.to.as_str()));
    let actions = table.actions.iter();
    let actions = actions.filter_map(|row| Some((&row.from, row.to.as_deref()?)));
    let mut drawn = BTreeSet::new();
    for (from, to) in events.chain(actions) {
        let steps = from.iter().map(|from| (status(from), status(to)));
        drawn.extend(steps.filter(|(from, to)| from != to));
    }
    assert_eq!(drawn, rfc);
}

#[test]
fn nothing_leads_out_of_what_rfc_8555_calls_final() {
    let table = table();
    for state in [
        "invalid",
        "withdrawn",
        "expired",
        "revoked",
        "revoked-by-ca",
    ] {
        assert!(table.state(state).unwrap().terminal, "{state}");
        assert_eq!(table.events_from("main", state).count(), 0, "{state}");
        let leaves = |row: &&certdeck::domain::lifecycle::ActionRow| {
            row.to.is_some() && row.from.iter().any(|from| from == state)
        };
        assert_eq!(table.actions.iter().filter(leaves).count(), 0, "{state}");
    }
}

// --- the stories --------------------------------------------------------------------------------

struct Stage {
    engine: Engine,
    _folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let mut account = AccountSettings::usual(ACCOUNT, AccountKind::Sandbox, "acme");
        account.seed = Some(7);
        let engine = Engine::open(EngineSettings {
            clock: Arc::new(move || now),
            accounts: vec![account],
            ..EngineSettings::usual(
                folder.path().join("store"),
                Lifecycles::built_in().unwrap(),
                "test",
            )
        });
        Self {
            engine: engine.unwrap(),
            _folder: folder,
        }
    }

    async fn order(&self) -> EntryId {
        let offers = self.engine.offers(ACCOUNT);
        // The order's beginning is the table's usual one, and both challenges are offered.
        let usual = |offer: &&certdeck::engine::command::Offer| {
            let methods = [Method::Dns, Method::File];
            offer.lifecycle.as_deref() == Some("acme")
                && offer.begins.is_empty()
                && methods.iter().all(|method| offer.methods.contains(method))
        };
        let product = offers.iter().find(usual).expect("a product of the CA");
        let form = OrderForm {
            account: ACCOUNT.to_owned(),
            product: product.id.clone(),
            names: vec!["www.example.com".to_owned()],
            key_type: KeyType::P256,
            csr: CsrChoice::Certdeck,
            method: Method::Dns,
            mailbox: None,
            wishes: certdeck::engine::command::Wishes::default(),
        };
        match self.engine.run(Command::Order(form)).await.unwrap() {
            Done::Ordered { entry, .. } => entry,
            other => panic!("an order answers Ordered, not {other:?}"),
        }
    }

    async fn act_with(
        &self,
        id: &EntryId,
        action: &str,
        with: Answers,
    ) -> Result<(String, Option<EntryId>), String> {
        let act = Command::Act {
            entry: id.clone(),
            action: action.to_owned(),
            with,
            seen_state: None,
        };
        match self.engine.run(act).await {
            Ok(Done::Acted {
                says, successor, ..
            }) => Ok((says, successor)),
            Ok(other) => panic!("an action answers Acted, not {other:?}"),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn act(&self, id: &EntryId, action: &str) -> String {
        let acted = self.act_with(id, action, Answers::default()).await;
        acted.unwrap().0
    }

    async fn refusal(&self, id: &EntryId, action: &str) -> String {
        let before = self.engine.inventory();
        let acted = self.act_with(id, action, Answers::default()).await;
        assert_eq!(before.entries, self.engine.inventory().entries);
        acted.unwrap_err()
    }

    async fn play(&self, id: &EntryId, events: &[&str]) {
        for event in events {
            let play = Command::Play {
                entry: id.clone(),
                event: (*event).to_owned(),
            };
            self.engine.run(play).await.unwrap();
        }
    }

    async fn advance(&self, hours: i64) {
        let change = ClockChange::Advance(SignedDuration::from_hours(hours));
        let account = Some(ACCOUNT.to_owned());
        let clock = Command::Clock { account, change };
        self.engine.run(clock).await.unwrap();
    }

    async fn issued(&self) -> EntryId {
        let id = self.order().await;
        let way = ["responded", "authorizations-valid", "finalized", "issued"];
        self.play(&id, &way).await;
        id
    }

    fn entry(&self, id: &EntryId) -> Arc<Entry> {
        self.engine.inventory().get(id).unwrap()
    }

    fn state(&self, id: &EntryId) -> String {
        let inventory = self.engine.inventory();
        let entry = self.entry(id);
        let lifecycle = inventory.lifecycle_of(&entry).unwrap();
        let now = inventory.time_of(ACCOUNT, self.engine.now());
        effective(&entry, lifecycle, now).as_str().to_owned()
    }

    /// The status of the one authorization inside, and of its challenge.
    fn inside(&self, id: &EntryId) -> (String, String) {
        match &self.entry(id).authorizations[..] {
            [only] => (only.status.clone(), only.challenge_status.clone()),
            other => panic!("one name, one authorization: {other:?}"),
        }
    }
}

fn pair(authorization: &str, challenge: &str) -> (String, String) {
    (authorization.to_owned(), challenge.to_owned())
}

#[tokio::test]
async fn an_order_is_proven_finalized_and_issued_and_shows_its_authorizations() {
    let stage = Stage::new();
    let id = stage.order().await;
    assert_eq!(stage.state(&id), "pending");
    assert_eq!(stage.inside(&id), pair("pending", "pending"));
    let records = stage.entry(&id).records.clone();
    assert!(
        matches!(&records[..], [ValidationRecord::Dns { record, .. }] if record == "_acme-challenge.www.example.com"),
        "{records:?}"
    );

    assert_eq!(
        stage.act(&id, "recheck").await,
        "The challenges are processing."
    );
    assert_eq!(stage.state(&id), "validating");
    assert_eq!(stage.inside(&id), pair("pending", "processing"));

    stage.play(&id, &["authorizations-valid"]).await;
    assert_eq!(stage.state(&id), "ready");
    assert_eq!(stage.inside(&id), pair("valid", "valid"));
    let refused = stage.refusal(&id, "recheck").await;
    assert!(refused.contains("proven already"), "{refused}");

    assert_eq!(stage.act(&id, "apply").await, "The order is processing.");
    assert_eq!(stage.state(&id), "processing");
    stage.play(&id, &["issued"]).await;
    assert_eq!(stage.state(&id), "valid");
    let entry = stage.entry(&id);
    assert_eq!(
        entry.serving().map(|held| &held.spki_sha256),
        entry.order.spki_sha256.as_ref()
    );
    assert!(
        entry.records.is_empty(),
        "nothing is to be published any more"
    );
}

#[tokio::test]
async fn names_that_were_proven_before_make_the_order_ready_at_once() {
    let stage = Stage::new();
    let id = stage.order().await;
    stage.play(&id, &["authorizations-reused"]).await;
    assert_eq!(stage.state(&id), "ready");
    assert_eq!(stage.inside(&id), pair("valid", "valid"));
}

/// Section 8.2: a client may ask again while the CA still tries, and the state does not change.
#[tokio::test]
async fn a_challenge_is_retried_while_the_ca_still_tries_and_never_after() {
    let stage = Stage::new();
    let id = stage.order().await;
    stage.play(&id, &["responded", "attempt-failed"]).await;
    assert_eq!(stage.state(&id), "validating");
    let errors = stage.entry(&id).validation_errors.clone();
    assert!(
        matches!(&errors[..], [error] if error.starts_with("urn:ietf:params:acme:error:") && error.contains("www.example.com")),
        "{errors:?}"
    );
    stage.act(&id, "recheck").await;
    assert_eq!(stage.state(&id), "validating");

    stage.play(&id, &["challenge-failed"]).await;
    assert_eq!(stage.state(&id), "invalid");
    assert_eq!(stage.inside(&id), pair("invalid", "invalid"));
    let entry = stage.entry(&id);
    assert!(entry.said.as_ref().unwrap().contains("order again"));
    assert_eq!(entry.validation_errors.len(), 1, "the cause stays in sight");
    let refused = stage.refusal(&id, "recheck").await;
    assert!(refused.contains("not looked at again"), "{refused}");

    let (says, again) = stage
        .act_with(&id, "replace", Answers::default())
        .await
        .unwrap();
    assert_eq!(says, "The new order is pending.");
    let again = again.expect("a new order");
    assert_eq!(stage.state(&again), "pending");
    let links = stage.entry(&again).links.clone();
    assert!(
        links
            .iter()
            .any(|link| link.kind == LinkKind::Replaces && link.entry == id)
    );
}

#[tokio::test]
async fn another_challenge_is_chosen_before_the_first_is_responded_to() {
    let stage = Stage::new();
    let id = stage.order().await;
    let file = || Answers {
        method: Some(Method::File),
        ..Answers::default()
    };
    stage.act_with(&id, "change-method", file()).await.unwrap();
    assert_eq!(stage.state(&id), "pending");
    let records = stage.entry(&id).records.clone();
    assert!(
        matches!(&records[..], [ValidationRecord::File { url, .. }] if url.starts_with("http://www.example.com/.well-known/acme-challenge/")),
        "the records are those of the new challenge: {records:?}"
    );
    stage.act(&id, "recheck").await;
    let refused = stage.act_with(&id, "change-method", file()).await;
    assert!(refused.unwrap_err().contains("already looking"));
}

/// Section 7.5.2 is all the withdrawal that ACME has; 7.1.6 makes the order invalid with it.
#[tokio::test]
async fn a_withdrawal_deactivates_the_authorizations_and_the_order_is_invalid() {
    for way in [
        &[][..],
        &["responded"],
        &["responded", "authorizations-valid"],
    ] {
        let stage = Stage::new();
        let id = stage.order().await;
        stage.play(&id, way).await;
        stage.act(&id, "withdraw").await;
        assert_eq!(stage.state(&id), "withdrawn", "after {way:?}");
        assert_eq!(stage.inside(&id).0, "deactivated");
        let label = table().state("withdrawn").unwrap().label.clone();
        assert!(label.contains("invalid") && label.contains("withdrawn by you"));
        assert!(
            stage
                .refusal(&id, "withdraw")
                .await
                .contains("order is over")
        );
    }
}

#[tokio::test]
async fn once_the_csr_is_sent_nothing_stops_the_ca() {
    let stage = Stage::new();
    let id = stage.order().await;
    let way = ["responded", "authorizations-valid", "finalized"];
    stage.play(&id, &way).await;
    let refused = stage.refusal(&id, "withdraw").await;
    assert!(refused.contains("no way to stop it"), "{refused}");
    assert_eq!(stage.state(&id), "processing");
}

#[tokio::test]
async fn time_makes_it_due_and_expired_and_a_renewal_is_a_new_order() {
    let stage = Stage::new();
    let id = stage.issued().await;
    let held = stage.entry(&id).serving().unwrap().clone();
    let life = held.not_before.duration_until(held.not_after).as_hours();
    stage.advance(life * 7 / 10).await;
    assert_eq!(stage.state(&id), "due");
    assert_eq!(table().state("due").unwrap().phase, Phase::ActionNeeded);
    assert_eq!(
        stage.entry(&id).main().unwrap().state.as_str(),
        "valid",
        "never stored"
    );

    let (_, successor) = stage
        .act_with(&id, "renew", Answers::default())
        .await
        .unwrap();
    let successor = successor.expect("a successor");
    assert_eq!(stage.state(&successor), "pending");
    let refused = stage.refusal(&id, "renew").await;
    assert!(
        refused.contains("a successor is there already"),
        "{refused}"
    );
    let new_key = stage.entry(&successor).order.spki_sha256.clone();
    assert_ne!(
        new_key,
        stage.entry(&id).order.spki_sha256,
        "with a key of its own"
    );

    stage.advance(life).await;
    assert_eq!(stage.state(&id), "expired");
    let refused = stage.refusal(&id, "revoke").await;
    assert!(refused.contains("validity is over"), "{refused}");
}

/// Section 7.6.
#[tokio::test]
async fn a_revocation_is_for_good_and_the_certificate_can_be_renewed_after_it() {
    let stage = Stage::new();
    let id = stage.issued().await;
    let why = Answers {
        reason: Some("keyCompromise".to_owned()),
        ..Answers::default()
    };
    stage.act_with(&id, "revoke", why).await.unwrap();
    assert_eq!(stage.state(&id), "revoked");
    let refused = stage.refusal(&id, "revoke").await;
    assert!(refused.contains("alreadyRevoked"), "{refused}");
    stage.advance(24 * 400).await;
    assert_eq!(stage.state(&id), "revoked", "time changes nothing about it");
    let renewed = stage.act_with(&id, "renew", Answers::default()).await;
    assert!(renewed.unwrap().1.is_some());
}

#[tokio::test]
async fn a_revocation_by_the_ca_is_an_alarm_and_your_own_is_not() {
    let stage = Stage::new();
    let id = stage.issued().await;
    stage.play(&id, &["revoked-by-ca"]).await;
    let lifecycle = table();
    let alarm = lifecycle.state(&stage.state(&id)).unwrap();
    assert_eq!(
        (alarm.label.as_str(), alarm.phase),
        ("revoked", Phase::Failed)
    );
    assert!(
        stage
            .entry(&id)
            .said
            .as_ref()
            .unwrap()
            .contains("renew it now")
    );
    let own = lifecycle.state("revoked").unwrap();
    assert_eq!(own.phase, Phase::Ended);
}
