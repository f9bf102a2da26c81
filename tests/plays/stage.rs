//! An engine on a store of its own with one sandbox account, whose clock the test turns.

use std::collections::BTreeSet;
use std::sync::Arc;

use certdeck::domain::account::{AccountKind, ZoneStatus};
use certdeck::domain::entry::{Entry, EntryId, Method, ProductKind, StateRef};
use certdeck::domain::event::{Answers, Cause, What};
use certdeck::domain::inventory::Inventory;
use certdeck::domain::lifecycle::{Lifecycle, Lifecycles, PREVIOUS, Phase, effective_track};
use certdeck::engine::command::HistoryLine;
use certdeck::engine::command::{ClockChange, Command, CsrChoice, Done, Offer, OrderForm};
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use certdeck::pki::KeyType;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

const ACCOUNT: &str = "play";

pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) lifecycle: Arc<Lifecycle>,
    _folder: TempDir,
}

impl Stage {
    pub(crate) fn new(lifecycle: &str, seed: u64) -> Self {
        Self::at(lifecycle, seed, "2026-11-22T12:00:00Z")
    }

    /// A stage on which it is this time when everything begins.
    pub(crate) fn at(lifecycle: &str, seed: u64, now: &str) -> Self {
        Self::set(Lifecycles::built_in().unwrap(), lifecycle, seed, now)
    }

    /// A stage on which these tables are known.
    pub(crate) fn with(lifecycles: Lifecycles, lifecycle: &str, seed: u64) -> Self {
        Self::set(lifecycles, lifecycle, seed, "2026-11-22T12:00:00Z")
    }

    fn set(lifecycles: Lifecycles, lifecycle: &str, seed: u64, now: &str) -> Self {
        let folder = folder();
        let now: Timestamp = now.parse().unwrap();
        let table = Arc::clone(lifecycles.get(lifecycle).unwrap());
        let mut account = AccountSettings::usual(ACCOUNT, AccountKind::Sandbox, lifecycle);
        account.seed = Some(seed);
        let engine = Engine::open(EngineSettings {
            clock: Arc::new(move || now),
            accounts: vec![account],
            ..EngineSettings::usual(folder.path().join("store"), lifecycles, "test")
        });
        Self {
            engine: engine.unwrap(),
            lifecycle: table,
            _folder: folder,
        }
    }

    /// What the account sells of this lifecycle.
    pub(crate) fn offers(&self) -> Vec<Offer> {
        let offers = self.engine.offers(ACCOUNT);
        let own = |offer: &Offer| offer.lifecycle.as_deref() == Some(self.lifecycle.id.as_str());
        let is_named = offers.iter().any(own);
        let fits = |offer: &Offer| own(offer) || (!is_named && offer.lifecycle.is_none());
        offers.into_iter().filter(fits).collect()
    }

    pub(crate) fn inventory(&self) -> Arc<Inventory> {
        self.engine.inventory()
    }

    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        self.inventory().entries.iter().collect()
    }

    pub(crate) fn entry(&self, id: &EntryId) -> Arc<Entry> {
        self.inventory().get(id).unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inventory().time_of(ACCOUNT, self.engine.now())
    }

    pub(crate) async fn order(&self, offer: &Offer, number: usize) -> EntryId {
        let name = format!("h{number}.example.com");
        let names = match offer.kind {
            ProductKind::Single => vec![name],
            ProductKind::Wildcard => vec![format!("*.{name}")],
            ProductKind::MultiDomain => vec![name.clone(), format!("www.{name}")],
        };
        // A wildcard is never proven by a file; some products are proven in one way alone.
        let wants_file = offer.kind != ProductKind::Wildcard && number.is_multiple_of(3);
        let takes = |method| offer.methods.is_empty() || offer.methods.contains(&method);
        let method = if (wants_file && takes(Method::File)) || !takes(Method::Dns) {
            Method::File
        } else {
            Method::Dns
        };
        let form = OrderForm {
            account: ACCOUNT.to_owned(),
            product: offer.id.clone(),
            names,
            key_type: KeyType::P256,
            csr: CsrChoice::Certdeck,
            method,
            mailbox: None,
            wishes: certdeck::engine::command::Wishes::default(),
        };
        match self.engine.run(Command::Order(form)).await.unwrap() {
            Done::Ordered { entry, .. } => entry,
            other => panic!("an order answers Ordered, not {other:?}"),
        }
    }

    pub(crate) async fn set_zone(&self, status: ZoneStatus) {
        let account = ACCOUNT.to_owned();
        let zone = Command::Zone { account, status };
        self.engine.run(zone).await.unwrap();
    }

    pub(crate) async fn advance(&self, span: SignedDuration) {
        let (account, change) = (Some(ACCOUNT.to_owned()), ClockChange::Advance(span));
        let clock = Command::Clock { account, change };
        self.engine.run(clock).await.unwrap();
    }

    /// Asks for an action that the gate allows; the sandbox must accept it.
    pub(crate) async fn act(&self, id: &EntryId, action: &str, with: Answers) {
        let act = Command::Act {
            entry: id.clone(),
            action: action.to_owned(),
            with,
            seen_state: None,
        };
        let acted = self.engine.run(act).await;
        assert!(acted.is_ok(), "{action} was possible, and then: {acted:?}");
    }

    pub(crate) async fn play(&self, id: &EntryId, event: &str) {
        let (entry, event) = (id.clone(), event.to_owned());
        self.engine
            .run(Command::Play { entry, event })
            .await
            .unwrap();
    }

    /// Where an entry stands now, track by track, what time makes included.
    pub(crate) fn stands(&self, entry: &Entry) -> Vec<String> {
        let now = self.now();
        let tracks = entry.tracks.keys();
        let states = tracks.filter_map(|track| effective_track(entry, track, &self.lifecycle, now));
        states.map(|state| state.as_str().to_owned()).collect()
    }

    /// Whether an entry has come to an end: it is gone, or nothing follows on any of its tracks
    /// unless somebody wants it to.
    pub(crate) fn is_over(&self, entry: &Entry) -> bool {
        entry.gone.is_some() || self.stands(entry).iter().all(|id| self.is_end(id))
    }

    fn is_end(&self, id: &str) -> bool {
        let Some(state) = self.lifecycle.state(id) else {
            return false;
        };
        let over = matches!(state.phase, Phase::Ended | Phase::Failed);
        let mut events = self.lifecycle.events_from(&state.track, id);
        let left = over && !events.any(|row| row.sandbox.is_some() && row.answers.is_none());
        state.terminal || state.dead_end.is_some() || left
    }

    pub(crate) async fn history(&self) -> Vec<HistoryLine> {
        self.engine.history(None).await.unwrap()
    }

    /// Every state that entries were in, and every event that happened, as the history has them.
    pub(crate) async fn met(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut states, mut events) = (BTreeSet::new(), BTreeSet::new());
        for line in self.history().await {
            let What::Moved { from, to, by, .. } = &line.event.what else {
                continue;
            };
            states.extend([from, to].map(|state| state.as_str().to_owned()));
            if let Cause::Event { event } = by {
                events.insert(event.clone());
            }
            assert!(
                self.explains(from, to, by),
                "no row explains {:?}",
                line.event
            );
        }
        (states, events)
    }

    /// Whether one row of the table leads from here to there for this cause, be it by taking
    /// another track along. Time may have taken the track further than what is stored.
    fn explains(&self, from: &StateRef, to: &StateRef, by: &Cause) -> bool {
        let stood = self.with_time(from.as_str());
        let leads = |rows_from: &[String], target: Option<&str>, also: &[String]| {
            let own = rows_from.iter().any(|row| stood.contains(row.as_str()));
            let there = target == Some(PREVIOUS) || target == Some(to.as_str());
            (own && there) || also.iter().any(|id| id == to.as_str())
        };
        match by {
            Cause::Action { action } => self
                .lifecycle
                .rows_of(action)
                .any(|row| leads(&row.from, row.to.as_deref(), &row.also)),
            Cause::Event { event } => {
                let mut rows = self.lifecycle.events.iter().filter(|row| row.id == *event);
                rows.any(|row| leads(&row.from, Some(&row.to), &row.also))
            }
            _ => false,
        }
    }

    /// A state, and all that time alone makes of it.
    fn with_time<'a>(&'a self, state: &'a str) -> BTreeSet<&'a str> {
        let mut met = BTreeSet::new();
        let mut todo = vec![state];
        while let Some(state) = todo.pop() {
            if met.insert(state) {
                let rows = self.lifecycle.events.iter();
                let made = rows.filter(|row| row.is_made_by_time());
                let here = made.filter(|row| row.from.iter().any(|from| from == state));
                todo.extend(here.map(|row| row.to.as_str()));
            }
        }
        met
    }
}

/// A folder in memory where there is one: thousands of changes wait for no disk.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}
