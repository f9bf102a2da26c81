//! The netcup story, from order to issued, expired and renewed, on the engine and a real store:
//! what both faces do, without a face.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::path::Path;
use std::process::Command as Process;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{CsrBy, Entry, EntryId, LinkKind, Method, ValidationRecord};
use certdeck::domain::event::What;
use certdeck::domain::lifecycle::{Lifecycles, effective};
use certdeck::engine::command::{ClockChange, Command, CsrChoice, Done, OrderForm, Tone};
use certdeck::engine::{AccountSettings, Engine, EngineError, EngineSettings};
use certdeck::pki::{KeyType, PrivateKey, csr};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use tempfile::TempDir;

/// An engine on a store of its own, whose system clock the test turns.
struct Stage {
    folder: TempDir,
    engine: Engine,
    clock: Arc<Mutex<Timestamp>>,
}

fn settings(store: &Path, clock: &Arc<Mutex<Timestamp>>) -> EngineSettings {
    let hand = Arc::clone(clock);
    EngineSettings {
        clock: Arc::new(move || *hand.lock().unwrap()),
        ..EngineSettings::usual(store.to_owned(), Lifecycles::built_in().unwrap(), "test")
    }
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Mutex::new("2026-11-22T12:00:00Z".parse().unwrap()));
        let engine = Engine::open(settings(&folder.path().join("store"), &clock)).unwrap();
        Self {
            folder,
            engine,
            clock,
        }
    }

    async fn order(&self, edit: impl FnOnce(&mut OrderForm)) -> Result<EntryId, EngineError> {
        let mut form = OrderForm {
            account: "sandbox".to_owned(),
            product: "single-dv".to_owned(),
            names: vec!["www.example.com".to_owned()],
            key_type: KeyType::P256,
            csr: CsrChoice::Certdeck,
            method: Method::Dns,
            mailbox: None,
            wishes: certdeck::engine::command::Wishes::default(),
        };
        edit(&mut form);
        match self.engine.run(Command::Order(form)).await? {
            Done::Ordered { entry, says } => {
                assert!(says.contains("accepted"), "{says}");
                Ok(entry)
            }
            other => panic!("an order answers Ordered, not {other:?}"),
        }
    }

    async fn play(&self, entry: &EntryId, event: &str) {
        let play = Command::Play {
            entry: entry.clone(),
            event: event.to_owned(),
        };
        self.engine.run(play).await.unwrap();
    }

    async fn issue(&self, entry: &EntryId) {
        for event in ["invoice-paid", "registered", "issued"] {
            self.play(entry, event).await;
        }
    }

    async fn advance(&self, hours: i64) {
        let change = ClockChange::Advance(SignedDuration::from_hours(hours));
        self.engine
            .run(Command::Clock {
                account: None,
                change,
            })
            .await
            .unwrap();
    }

    async fn renew(&self, entry: &EntryId) -> Result<EntryId, EngineError> {
        let (entry, action) = (entry.clone(), "renew".to_owned());
        match self
            .engine
            .run(Command::Act {
                entry,
                action,
                with: certdeck::domain::event::Answers::default(),
                seen_state: None,
            })
            .await?
        {
            Done::Acted { successor, .. } => Ok(successor.expect("a renewal makes a successor")),
            other => panic!("an action answers Acted, not {other:?}"),
        }
    }

    fn entry(&self, id: &EntryId) -> Arc<Entry> {
        self.engine.inventory().get(id).unwrap()
    }

    fn label(&self, id: &EntryId) -> String {
        let inventory = self.engine.inventory();
        let entry = self.entry(id);
        let lifecycle = inventory.lifecycle_of(&entry).unwrap();
        let now = inventory.time_of("sandbox", self.engine.now());
        lifecycle
            .label(&effective(&entry, lifecycle, now))
            .to_owned()
    }

    fn openssl(&self, arguments: &[&str]) -> String {
        let output = Process::new("openssl")
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("openssl must be installed for this test");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout) + &text(&output.stderr)
    }
}

#[tokio::test]
async fn an_order_goes_from_invoice_to_issued_and_openssl_accepts_all_of_it() {
    let stage = Stage::new();
    let mut notices = stage.engine.notices();
    let id = stage.order(|_| {}).await.unwrap();
    assert_eq!(stage.label(&id), "Outstanding invoice");
    let invoice = stage.entry(&id).product.invoice.clone().unwrap();
    assert_eq!(invoice.amount.to_string(), "19.00 EUR");
    assert!(invoice.link.unwrap().contains(&invoice.number));

    stage.play(&id, "invoice-paid").await;
    assert_eq!(stage.label(&id), "Registration");
    let product = stage.entry(&id).product.clone();
    assert!(product.invoice.unwrap().paid_at.is_some());
    assert_eq!(
        product.paid_until.unwrap().to_string(),
        "2027-11-22T12:00:00Z"
    );

    stage.play(&id, "registered").await;
    assert_eq!(stage.label(&id), "Verification is performed");
    let records = stage.entry(&id).records.clone();
    assert!(
        matches!(&records[..], [ValidationRecord::Dns { record, .. }] if record.ends_with("www.example.com")),
        "{records:?}"
    );

    stage.play(&id, "issued").await;
    assert_eq!(stage.label(&id), "Certificate issued");
    assert!(
        stage.entry(&id).records.is_empty(),
        "nothing is to be published any more"
    );
    let heard: Vec<_> = std::iter::from_fn(|| notices.try_recv().ok()).collect();
    assert!(
        heard
            .iter()
            .any(|n| n.tone == Tone::Good && n.says.contains("issued")),
        "{heard:?}"
    );

    openssl_accepts(&stage, &id).await;
}

async fn openssl_accepts(stage: &Stage, id: &EntryId) {
    let entry = stage.entry(id);
    let details = stage.engine.details(id.clone()).await.unwrap();
    assert_eq!(details.problems, Vec::<String>::new());
    let write =
        |name: &str, text: &str| std::fs::write(stage.folder.path().join(name), text).unwrap();
    write("leaf.pem", &details.certificate.unwrap().to_pem());
    write("intermediate.pem", &details.chain[0].to_pem());
    write("root.pem", &details.chain[1].to_pem());
    write("request.pem", entry.order.csr.as_deref().unwrap());
    let key = stage
        .engine
        .run(Command::RevealKey { entry: id.clone() })
        .await
        .unwrap();
    let Done::Key(key) = key else {
        panic!("a key was asked for")
    };
    write("key.pem", key.expose_secret());

    stage.openssl(&["req", "-verify", "-noout", "-in", "request.pem"]);
    stage.openssl(&["pkey", "-check", "-noout", "-in", "key.pem"]);
    let of_key = stage.openssl(&["pkey", "-pubout", "-in", "key.pem"]);
    let of_leaf = stage.openssl(&["x509", "-pubkey", "-noout", "-in", "leaf.pem"]);
    assert_eq!(of_key, of_leaf, "the key belongs to the certificate");
    let at = stage
        .engine
        .inventory()
        .time_of("sandbox", stage.engine.now())
        .as_second()
        .to_string();
    let verify = [
        "verify",
        "-attime",
        &at,
        "-CAfile",
        "root.pem",
        "-untrusted",
        "intermediate.pem",
        "leaf.pem",
    ];
    assert!(stage.openssl(&verify).contains("OK"));

    let history = stage.engine.details(id.clone()).await.unwrap().history;
    assert_eq!(
        history[0].event.what,
        What::KeyRevealed,
        "asking for a key is journaled"
    );
}

#[tokio::test]
async fn the_sandbox_moves_by_itself_when_its_clock_goes_on() {
    let stage = Stage::new();
    let id = stage.order(|_| {}).await.unwrap();
    let mut seen = vec![stage.label(&id)];
    for _ in 0..400 {
        stage.advance(1).await;
        if *seen.last().unwrap() != stage.label(&id) {
            seen.push(stage.label(&id));
        }
    }
    assert!(seen.len() >= 2, "{seen:?}");
    let last = seen.last().unwrap();
    assert!(
        last == "Certificate issued" || last == "Cancelled",
        "{seen:?}"
    );
}

#[tokio::test]
async fn the_same_seed_plays_the_same_story() {
    let mut stories = Vec::new();
    for _ in 0..2 {
        let stage = Stage::new();
        for name in ["a.example.com", "b.example.com", "c.example.com"] {
            stage
                .order(|form| form.names = vec![name.to_owned()])
                .await
                .unwrap();
        }
        stage.advance(30).await;
        let history = stage.engine.history(None).await.unwrap();
        let moves = history
            .into_iter()
            .filter_map(|line| match line.event.what {
                What::Moved { to, .. } => Some((line.event.entry, line.event.at, to)),
                _ => None,
            });
        stories.push(moves.collect::<Vec<_>>());
    }
    assert!(stories[0].len() > 5, "{:?}", stories[0]);
    assert_eq!(stories[0], stories[1]);
}

#[tokio::test]
async fn a_fresh_certificate_cannot_be_renewed_and_an_expired_one_can_once() {
    let stage = Stage::new();
    let id = stage.order(|_| {}).await.unwrap();
    stage.issue(&id).await;
    let error = stage.renew(&id).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("possible within 30 days of expiry: from "),
        "{error}"
    );

    stage.advance(24 * 200).await;
    assert_eq!(stage.label(&id), "Expired");
    let stored = stage.entry(&id).main().unwrap().state.as_str().to_owned();
    assert_eq!(stored, "issued", "what time makes is never stored");

    let old_key = stage.entry(&id).order.spki_sha256.clone();
    let successor = stage.renew(&id).await.unwrap();
    assert_eq!(stage.label(&successor), "Outstanding invoice");
    let new = stage.entry(&successor);
    assert_eq!(new.names, stage.entry(&id).names);
    assert_ne!(
        new.order.spki_sha256, old_key,
        "a renewal gets a key of its own"
    );
    assert_eq!(
        (new.links[0].kind, &new.links[0].entry),
        (LinkKind::Renews, &id)
    );
    let old = stage.entry(&id);
    assert_eq!(
        (old.links[0].kind, &old.links[0].entry),
        (LinkKind::RenewedBy, &successor)
    );
    assert_eq!(stage.label(&id), "Expired", "the old one stays as it is");

    let error = stage.renew(&id).await.unwrap_err();
    assert!(
        error.to_string().contains("a successor is there already"),
        "{error}"
    );
    stage.issue(&successor).await;
    openssl_accepts(&stage, &successor).await;
}

#[tokio::test]
async fn the_provider_hands_out_the_key_only_where_it_made_it() {
    let stage = Stage::new();
    let by_provider = stage
        .order(|form| form.csr = CsrChoice::Provider)
        .await
        .unwrap();
    stage.issue(&by_provider).await;
    assert_eq!(
        stage.entry(&by_provider).order.csr_by,
        Some(CsrBy::Provider)
    );
    openssl_accepts(&stage, &by_provider).await;

    let key = PrivateKey::generate(KeyType::P384).unwrap();
    let names = ["own.example.com".parse().unwrap()];
    let request = csr::make(&key, &names).unwrap();
    let own = stage
        .order(|form| {
            form.names = vec!["own.example.com".to_owned()];
            form.csr = CsrChoice::Own(request);
        })
        .await
        .unwrap();
    stage.issue(&own).await;
    assert_eq!(
        stage.entry(&own).serving().unwrap().spki_sha256,
        key.spki_sha256()
    );
    let refused = stage
        .engine
        .run(Command::RevealKey { entry: own })
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("you generated the CSR yourself"),
        "{refused}"
    );
}

#[tokio::test]
async fn additional_information_is_asked_for_and_given() {
    let stage = Stage::new();
    let id = stage
        .order(|form| {
            form.method = Method::Email;
            form.mailbox = Some("admin@example.com".to_owned());
        })
        .await
        .unwrap();
    for event in ["invoice-paid", "registered", "more-information"] {
        stage.play(&id, event).await;
    }
    assert_eq!(stage.label(&id), "Additional information required");
    assert!(
        stage
            .entry(&id)
            .said
            .as_deref()
            .unwrap()
            .contains("commercial register")
    );
    stage.play(&id, "information-given").await;
    assert_eq!(stage.label(&id), "Verification is performed");
    assert_eq!(stage.entry(&id).said, None);
    let records = &stage.entry(&id).records;
    assert!(records[0].instruction().contains("admin@example.com"));
    stage.play(&id, "cancelled").await;
    assert_eq!(stage.label(&id), "Cancelled");
    let refused = Command::Play {
        entry: id,
        event: "issued".to_owned(),
    };
    assert!(
        stage.engine.run(refused).await.is_err(),
        "what is over stays over"
    );
}

#[tokio::test]
async fn a_refused_action_changes_nothing() {
    let stage = Stage::new();
    let id = stage.order(|_| {}).await.unwrap();
    let before = (stage.entry(&id), stage.engine.inventory().seq);
    for action in ["withdraw", "renew", "revoke", "reissue"] {
        let act = Command::Act {
            entry: id.clone(),
            action: action.to_owned(),
            with: certdeck::domain::event::Answers::default(),
            seen_state: None,
        };
        let error = stage.engine.run(act).await.unwrap_err();
        assert!(
            matches!(error, EngineError::Refused { .. }),
            "{action}: {error}"
        );
    }
    assert_eq!((stage.entry(&id), stage.engine.inventory().seq), before);
}

#[tokio::test]
async fn a_decision_on_an_old_view_is_asked_again() {
    let stage = Stage::new();
    let id = stage.order(|_| {}).await.unwrap();
    stage.issue(&id).await;
    stage.advance(24 * 200).await;
    let seen_state = Some("issued".to_owned());
    let act = Command::Act {
        entry: id,
        action: "renew".to_owned(),
        with: certdeck::domain::event::Answers::default(),
        seen_state,
    };
    let error = stage.engine.run(act).await.unwrap_err();
    assert!(matches!(error, EngineError::Moved { .. }), "{error}");
}

#[tokio::test]
async fn everything_is_there_again_after_a_new_start() {
    let stage = Stage::new();
    let id = stage.order(|_| {}).await.unwrap();
    stage.issue(&id).await;
    stage
        .engine
        .run(Command::Note {
            entry: id.clone(),
            note: " for the shop ".to_owned(),
        })
        .await
        .unwrap();
    let before = stage.entry(&id);
    let sandbox_time = stage
        .engine
        .inventory()
        .time_of("sandbox", stage.engine.now());
    *stage.clock.lock().unwrap() = "2027-06-01T00:00:00Z".parse().unwrap();
    let again = Engine::open(settings(&stage.folder.path().join("store"), &stage.clock)).unwrap();
    assert_eq!(again.inventory().get(&id).unwrap(), before);
    assert_eq!(before.note, "for the shop");
    let now = again.inventory().time_of("sandbox", again.now());
    assert_eq!(
        now, sandbox_time,
        "the sandbox stands still while certdeck is closed"
    );
}

#[tokio::test]
async fn an_interrupted_request_waits_for_a_person_after_the_next_start() {
    let stage = Stage::new();
    let id = stage.order(|_| {}).await.unwrap();
    // As if the program had died between the intent and the answer.
    let store = certdeck::store::Store::open(
        &stage.folder.path().join("store"),
        certdeck::store::OpenOptions::default(),
    )
    .unwrap();
    let since: Timestamp = "2026-11-22T11:59:00Z".parse().unwrap();
    let result: Result<(), certdeck::store::StoreError> = store.transact(|transaction| {
        let mut entry = transaction.entry(&id).unwrap().as_ref().clone();
        let action = "renew".to_owned();
        let request = certdeck::domain::entry::OpenRequest {
            action,
            since,
            unknown_outcome: false,
            accepted: false,
        };
        entry.request = Some(request);
        transaction.put_entry(entry);
        Ok(())
    });
    result.unwrap();
    let again = Engine::open(settings(&stage.folder.path().join("store"), &stage.clock)).unwrap();
    again.settle_interrupted().await.unwrap();
    let entry = again.inventory().get(&id).unwrap();
    assert!(entry.request.as_ref().unwrap().unknown_outcome);
    assert_eq!(entry.said, None, "nobody heard the provider say anything");
    let row = again.inventory().row(&entry, again.now());
    assert!(row.reminder.unwrap().starts_with("outcome unknown"));
    again
        .run(Command::GiveUp { entry: id.clone() })
        .await
        .unwrap();
    let entry = again.inventory().get(&id).unwrap();
    assert_eq!((entry.request.as_ref(), entry.archived), (None, false));
}

#[tokio::test]
async fn wrong_orders_and_unknown_accounts_are_explained() {
    let stage = Stage::new();
    let error = stage
        .order(|form| form.names = vec!["-bad-.example".to_owned()])
        .await
        .unwrap_err();
    assert!(
        matches!(&error, EngineError::Order(problems) if problems.len() == 1),
        "{error}"
    );
    assert_eq!(
        stage.engine.inventory().entries.len(),
        0,
        "nothing was written"
    );

    let clock = Arc::clone(&stage.clock);
    let mut wrong = settings(&stage.folder.path().join("other"), &clock);
    wrong.accounts = vec![AccountSettings::usual(
        "x",
        AccountKind::Sandbox,
        "no-such-table",
    )];
    // Its table may be wrong today and right tomorrow: everything else goes on without it.
    let engine = Engine::open(wrong).unwrap();
    let order = OrderForm {
        account: "x".to_owned(),
        product: "single-dv".to_owned(),
        names: vec!["www.example.com".to_owned()],
        key_type: KeyType::P256,
        csr: CsrChoice::Certdeck,
        method: Method::Dns,
        mailbox: None,
        wishes: certdeck::engine::command::Wishes::default(),
    };
    let error = engine.run(Command::Order(order)).await.unwrap_err();
    assert!(error.to_string().contains("no-such-table"), "{error}");
    assert_eq!(engine.inventory().entries.len(), 0, "nothing was written");
}

#[tokio::test]
async fn what_another_process_does_to_a_clock_is_taken_over_and_no_clock_goes_back() {
    let stage = Stage::new();
    stage.order(|_| {}).await.unwrap();
    let other = Engine::open(settings(&stage.folder.path().join("store"), &stage.clock)).unwrap();
    stage.advance(5).await;
    let pause = Command::Clock {
        account: None,
        change: ClockChange::Pause,
    };
    other.run(pause).await.unwrap();
    let live = {
        let engine = stage.engine.clone();
        tokio::spawn(async move { engine.live().await })
    };
    let mut changes = stage.engine.watch();
    let clock = |engine: &Engine| {
        engine.inventory().accounts["sandbox"]
            .clock
            .unwrap()
            .reading
    };
    let paused = tokio::time::timeout(Duration::from_secs(20), async {
        while !clock(&stage.engine).paused {
            changes.changed().await.unwrap();
        }
    });
    paused
        .await
        .expect("the pause of the other process is seen");
    live.abort();
    assert_eq!(clock(&stage.engine).at.to_string(), "2026-11-22T17:00:00Z");
}

#[tokio::test]
async fn a_certificate_near_its_end_is_renewed_while_it_serves_whoever_made_its_key() {
    let stage = Stage::new();
    let own_key = PrivateKey::generate(KeyType::P256).unwrap();
    let request = csr::make(&own_key, &["www.example.com".parse().unwrap()]).unwrap();
    for choice in [CsrChoice::Provider, CsrChoice::Own(request)] {
        let is_own = matches!(choice, CsrChoice::Own(_));
        let id = stage.order(|form| form.csr = choice).await.unwrap();
        stage.issue(&id).await;
        let ends = stage.entry(&id).serving().unwrap().not_after;
        let now = stage
            .engine
            .inventory()
            .time_of("sandbox", stage.engine.now());
        stage
            .advance(now.duration_until(ends).as_hours() - 24 * 20)
            .await;
        assert_eq!(stage.label(&id), "Certificate issued");
        let successor = stage.renew(&id).await.unwrap();
        stage.issue(&successor).await;
        let (old, new) = (stage.entry(&id), stage.entry(&successor));
        let same_key = old.order.spki_sha256 == new.order.spki_sha256;
        assert_eq!(same_key, is_own, "only one's own CSR is used again");
        assert_eq!(new.order.key_held, !is_own);
        assert_eq!(
            stage.label(&id),
            "Certificate issued",
            "the old one serves until it expires"
        );
        let inventory = stage.engine.inventory();
        assert!(inventory.has_live_successor(&old, stage.engine.now()));
    }
}

#[tokio::test]
async fn the_notice_command_hears_of_an_issued_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Mutex::new("2026-11-22T12:00:00Z".parse().unwrap()));
    let heard = folder.path().join("heard");
    let mut settings = settings(&folder.path().join("store"), &clock);
    let script = format!(
        "echo \"$CERTDECK_NOTICE_TONE $CERTDECK_NOTICE\" >> {}",
        heard.display()
    );
    settings.notice_command = ["sh", "-c", &script].map(str::to_owned).to_vec();
    let engine = Engine::open(settings).unwrap();
    let stage = Stage {
        folder,
        engine,
        clock,
    };
    let id = stage.order(|_| {}).await.unwrap();
    stage.issue(&id).await;
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        let text = std::fs::read_to_string(&heard).unwrap_or_default();
        if text.contains("good www.example.com: Your certificate has been issued.") {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "heard only {text:?}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_key_file_that_is_not_the_key_is_not_handed_out() {
    let stage = Stage::new();
    let id = stage.order(|_| {}).await.unwrap();
    let spki = stage.entry(&id).order.spki_sha256.clone().unwrap();
    let file = stage
        .folder
        .path()
        .join("store/keys")
        .join(format!("{spki}.pem"));
    let other = PrivateKey::generate(KeyType::P256).unwrap();
    for content in [
        "garbage".to_owned(),
        other.to_pkcs8_pem().expose_secret().to_owned(),
    ] {
        std::fs::write(&file, content).unwrap();
        let error = stage
            .engine
            .run(Command::RevealKey { entry: id.clone() })
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains(&spki),
            "the file is named: {error}"
        );
    }
}

#[test]
fn a_pasted_text_never_shows_in_debug_output() {
    let pasted = CsrChoice::Own("-----BEGIN PRIVATE KEY----- canary".to_owned());
    assert_eq!(format!("{pasted:?}"), "Own(..)");
}
