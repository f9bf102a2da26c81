//! An engine with a sandbox that plays Huawei Cloud, a seed, and a clock that the test turns.

use std::sync::{Arc, Mutex};

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{Entry, EntryId, Method, ProductKind};
use certdeck::domain::event::{Answers, What};
use certdeck::domain::lifecycle::{Lifecycle, Lifecycles, effective};
use certdeck::engine::command::{ClockChange, Command, CsrChoice, Done, Offer, OrderForm};
use certdeck::engine::{AccountSettings, Engine, EngineError, EngineSettings};
use certdeck::pki::KeyType;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

pub(crate) const ACCOUNT: &str = "huawei-prod";
const START: &str = "2026-11-22T12:00:00Z";

/// The embedded table.
pub(crate) fn table() -> Arc<Lifecycle> {
    let lifecycles = Lifecycles::built_in().unwrap();
    Arc::clone(lifecycles.get("huawei-ssl").unwrap())
}

pub(crate) struct Console {
    pub(crate) engine: Engine,
    _folder: TempDir,
}

impl Console {
    pub(crate) fn new() -> Self {
        Self::with_seed(1)
    }

    pub(crate) fn with_seed(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<Mutex<Timestamp>> = Arc::new(Mutex::new(START.parse().unwrap()));
        let account = AccountSettings {
            seed: Some(seed),
            ..AccountSettings::usual(ACCOUNT, AccountKind::Sandbox, "huawei-ssl")
        };
        let lifecycles = Lifecycles::built_in().unwrap();
        let settings = EngineSettings {
            accounts: vec![account],
            clock: Arc::new(move || *clock.lock().unwrap()),
            ..EngineSettings::usual(folder.path().join("store"), lifecycles, "test")
        };
        Self {
            engine: Engine::open(settings).unwrap(),
            _folder: folder,
        }
    }

    /// Buys what fits and leaves it as the console does: waiting for the application.
    pub(crate) async fn buy(&self, kind: ProductKind, level: &str, names: &[&str]) -> EntryId {
        let offer = self.offer(|offer| {
            offer.kind == kind
                && offer.level.as_deref() == Some(level)
                && offer.price.cents > 0
                && !offer.hosted
        });
        self.place(offer, names).await
    }

    pub(crate) fn offer(&self, fits: impl Fn(&Offer) -> bool) -> Offer {
        let ours = |offer: &Offer| {
            let table = offer.lifecycle.as_deref();
            table.is_none_or(|table| table == "huawei-ssl")
        };
        let offers = self.engine.offers(ACCOUNT);
        let found = offers.into_iter().find(|offer| ours(offer) && fits(offer));
        found.expect("the sandbox sells such a product")
    }

    pub(crate) async fn place(&self, offer: Offer, names: &[&str]) -> EntryId {
        let form = OrderForm {
            account: ACCOUNT.to_owned(),
            product: offer.id,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
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

    /// A DV certificate for one name, applied for.
    pub(crate) async fn applied(&self) -> EntryId {
        let id = self
            .buy(ProductKind::Single, "DV", &["www.example.com"])
            .await;
        self.act(&id, "apply").await.unwrap();
        id
    }

    /// A DV certificate for one name, issued.
    pub(crate) async fn issued(&self) -> EntryId {
        let id = self.applied().await;
        self.play(&id, "all-verified").await;
        self.play(&id, "issued").await;
        assert_eq!(self.label(&id), "Issued");
        id
    }

    /// An issued certificate for several names, with another one being added.
    pub(crate) async fn adding(&self) -> EntryId {
        let names = ["www.example.com", "shop.example.com"];
        let id = self.buy(ProductKind::MultiDomain, "OV", &names).await;
        self.act(&id, "apply").await.unwrap();
        for event in ["domain-verified", "organization-verified", "issued"] {
            self.play(&id, event).await;
        }
        let with = Answers {
            new_names: vec!["new.example.com".to_owned()],
            ..Answers::default()
        };
        self.ask(&id, "add-domain", with).await.unwrap();
        assert_eq!(self.label(&id), "CA verifying (domain name addition)");
        id
    }

    /// Asks for an action; what the provider said.
    pub(crate) async fn act(&self, id: &EntryId, action: &str) -> Result<String, EngineError> {
        self.ask(id, action, Answers::default()).await
    }

    pub(crate) async fn ask(
        &self,
        id: &EntryId,
        action: &str,
        with: Answers,
    ) -> Result<String, EngineError> {
        let (entry, action) = (id.clone(), action.to_owned());
        let command = Command::Act {
            entry,
            action,
            with,
            seen_state: None,
        };
        match self.engine.run(command).await? {
            Done::Acted { says, .. } => Ok(says),
            other => panic!("an action answers Acted, not {other:?}"),
        }
    }

    /// Why an action is refused; it must change nothing.
    pub(crate) async fn refused(&self, id: &EntryId, action: &str) -> String {
        let before = (self.entry(id), self.engine.inventory().seq);
        let error = self.act(id, action).await.unwrap_err();
        assert!(matches!(error, EngineError::Refused { .. }), "{error}");
        assert_eq!((self.entry(id), self.engine.inventory().seq), before);
        error.to_string()
    }

    pub(crate) async fn play(&self, id: &EntryId, event: &str) {
        self.try_play(id, event).await.unwrap();
    }

    pub(crate) async fn try_play(&self, id: &EntryId, event: &str) -> Result<Done, EngineError> {
        let (entry, event) = (id.clone(), event.to_owned());
        self.engine.run(Command::Play { entry, event }).await
    }

    /// Lets the sandbox's clock run on; whatever is due happens.
    pub(crate) async fn wait(&self, hours: i64) {
        self.wait_minutes(60 * hours).await;
    }

    pub(crate) async fn wait_minutes(&self, minutes: i64) {
        let change = ClockChange::Advance(SignedDuration::from_mins(minutes));
        let account = Some(ACCOUNT.to_owned());
        let command = Command::Clock { account, change };
        self.engine.run(command).await.unwrap();
    }

    pub(crate) fn entry(&self, id: &EntryId) -> Arc<Entry> {
        self.engine.inventory().get(id).unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        let inventory = self.engine.inventory();
        inventory.time_of(ACCOUNT, self.engine.now())
    }

    pub(crate) fn label(&self, id: &EntryId) -> String {
        let (table, entry) = (table(), self.entry(id));
        let state = effective(&entry, &table, self.now());
        table.label(&state).to_owned()
    }

    /// What the row of the list says beside the state.
    pub(crate) fn said(&self, id: &EntryId) -> String {
        self.entry(id).said.clone().unwrap_or_default()
    }

    /// Every label that an entry has shown after its first, in order.
    pub(crate) async fn shown(&self, id: &EntryId) -> Vec<String> {
        let table = table();
        let mut history = self.engine.details(id.clone()).await.unwrap().history;
        history.sort_by_key(|line| line.seq);
        let moves = history
            .into_iter()
            .filter_map(|line| match line.event.what {
                What::Moved { to, .. } => Some(table.label(&to).to_owned()),
                _ => None,
            });
        moves.collect()
    }
}
