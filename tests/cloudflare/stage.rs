//! An engine on a store of its own, with one sandbox account that follows a lifecycle of
//! Cloudflare, and what the tests look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use certdeck::domain::account::{AccountKind, ZoneStatus};
use certdeck::domain::entry::{Entry, EntryId, Method, StateRef};
use certdeck::domain::event::{Answers, What};
use certdeck::domain::lifecycle::{Lifecycle, Lifecycles, Readiness, standing};
use certdeck::engine::command::{ClockChange, Command, CsrChoice, Done, OrderForm};
use certdeck::engine::{AccountSettings, Engine, EngineError, EngineSettings};
use certdeck::pki::KeyType;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// The only account of these tests.
pub(crate) const ACCOUNT: &str = "cf";

/// A store, an engine on it, and the system's clock, which stands still.
pub(crate) struct Stage {
    _folder: TempDir,
    pub(crate) engine: Engine,
    lifecycle: String,
}

/// One step of the story as the journal has it.
pub(crate) struct Step {
    pub(crate) at: Timestamp,
    /// Where every track of every entry stands after it, as `entry/track`.
    pub(crate) stands: BTreeMap<(EntryId, String), String>,
}

impl Stage {
    pub(crate) fn new(lifecycle: &str) -> Self {
        Self::seeded(lifecycle, 1)
    }

    /// A stage whose chances are drawn from this seed.
    pub(crate) fn seeded(lifecycle: &str, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let account = AccountSettings {
            seed: Some(seed),
            ..AccountSettings::usual(ACCOUNT, AccountKind::Sandbox, lifecycle)
        };
        let start: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let settings = EngineSettings {
            accounts: vec![account],
            clock: Arc::new(move || start),
            ..EngineSettings::usual(
                folder.path().join("store"),
                Lifecycles::built_in().unwrap(),
                "test",
            )
        };
        Self {
            engine: Engine::open(settings).unwrap(),
            _folder: folder,
            lifecycle: lifecycle.to_owned(),
        }
    }

    /// Orders one name, and says which entry it became.
    pub(crate) async fn order(&self, name: &str) -> EntryId {
        self.order_with(name, Method::Dns).await
    }

    pub(crate) async fn order_with(&self, name: &str, method: Method) -> EntryId {
        self.order_product(&self.product(), name, method).await
    }

    pub(crate) async fn order_product(&self, id: &str, name: &str, method: Method) -> EntryId {
        let form = OrderForm {
            account: ACCOUNT.to_owned(),
            product: id.to_owned(),
            names: vec![name.to_owned()],
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

    /// A product of this lifecycle that begins where it usually does.
    fn product(&self) -> String {
        let offers = self.engine.offers(ACCOUNT);
        let usual = offers.iter().find(|offer| {
            offer.lifecycle.as_deref() == Some(&self.lifecycle)
                && offer.begins.is_empty()
                && offer.without.is_empty()
        });
        usual.expect("the sandbox sells it").id.clone()
    }

    pub(crate) async fn act(
        &self,
        id: &EntryId,
        action: &str,
    ) -> Result<Option<EntryId>, EngineError> {
        self.act_with(id, action, Answers::default()).await
    }

    pub(crate) async fn act_with(
        &self,
        id: &EntryId,
        action: &str,
        with: Answers,
    ) -> Result<Option<EntryId>, EngineError> {
        let act = Command::Act {
            entry: id.clone(),
            action: action.to_owned(),
            with,
            seen_state: None,
        };
        match self.engine.run(act).await? {
            Done::Acted { successor, .. } => Ok(successor),
            other => panic!("an action answers Acted, not {other:?}"),
        }
    }

    /// Lets these events happen, one after the other.
    pub(crate) async fn play(&self, id: &EntryId, events: &[&str]) {
        for event in events {
            self.try_play(id, event)
                .await
                .unwrap_or_else(|error| panic!("{event}: {error}"));
        }
    }

    pub(crate) async fn try_play(&self, id: &EntryId, event: &str) -> Result<(), EngineError> {
        let (entry, event) = (id.clone(), event.to_owned());
        self.engine.run(Command::Play { entry, event }).await?;
        Ok(())
    }

    /// Lets the sandbox's clock go on, and happen what happens meanwhile.
    pub(crate) async fn advance(&self, minutes: i64) {
        let change = ClockChange::Advance(SignedDuration::from_mins(minutes));
        let account = Some(ACCOUNT.to_owned());
        self.engine
            .run(Command::Clock { account, change })
            .await
            .unwrap();
    }

    /// Lets the clock go on in small steps until this holds; panics after some days of it.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        for _ in 0..600 {
            if holds() {
                return;
            }
            self.advance(15).await;
        }
        panic!("never: {what}");
    }

    pub(crate) async fn zone(&self, status: ZoneStatus) {
        let account = ACCOUNT.to_owned();
        let done = self.engine.run(Command::Zone { account, status }).await;
        assert!(matches!(done.unwrap(), Done::Zone { .. }));
    }

    pub(crate) fn now(&self) -> Timestamp {
        let inventory = self.engine.inventory();
        inventory.time_of(ACCOUNT, self.engine.now())
    }

    pub(crate) fn entry(&self, id: &EntryId) -> Arc<Entry> {
        self.engine.inventory().get(id).unwrap()
    }

    pub(crate) fn table(&self) -> Arc<Lifecycle> {
        let inventory = self.engine.inventory();
        Arc::clone(inventory.lifecycles.get(&self.lifecycle).unwrap())
    }

    /// What the list shows, all tracks in one.
    pub(crate) fn label(&self, id: &EntryId) -> String {
        let table = self.table();
        standing(&self.entry(id), &table, self.now()).label(&table)
    }

    pub(crate) fn readiness(&self, id: &EntryId) -> Readiness {
        self.table().readiness(&self.entry(id), self.now()).unwrap()
    }

    /// Why an action is not possible now; panics where it is.
    pub(crate) fn refusal(&self, id: &EntryId, action: &str) -> String {
        let verdict = self
            .engine
            .inventory()
            .verdict(action, &self.entry(id), self.engine.now());
        let reason = verdict.reason();
        reason
            .unwrap_or_else(|| panic!("{action} is possible"))
            .to_string()
    }

    /// Every state that a track of an entry has been in, by label, in order.
    pub(crate) async fn passed(&self, id: &EntryId, track: &str) -> Vec<String> {
        let table = self.table();
        let mut labels = Vec::new();
        let history = self.engine.history(Some(id.clone())).await.unwrap();
        for line in history.into_iter().rev() {
            let What::Moved {
                track: on,
                from,
                to,
                ..
            } = line.event.what
            else {
                continue;
            };
            if on != track {
                continue;
            }
            if labels.is_empty() {
                labels.push(table.label(&from).to_owned());
            }
            labels.push(table.label(&to).to_owned());
        }
        labels
    }

    /// The whole story, move by move: what stood where after each.
    pub(crate) async fn story(&self) -> Vec<Step> {
        let mut stands = BTreeMap::new();
        let mut steps = Vec::new();
        let history = self.engine.history(None).await.unwrap();
        for line in history.into_iter().rev() {
            let (entry, at) = (line.event.entry, line.event.at);
            match line.event.what {
                What::Moved { track, to, .. } => {
                    stands.insert((entry, track), to.as_str().to_owned());
                }
                What::Ordered { .. } => {
                    stands.insert((entry, "main".to_owned()), "ordered".to_owned());
                }
                _ => continue,
            }
            steps.push(Step {
                at,
                stands: stands.clone(),
            });
        }
        steps
    }
}

impl Step {
    /// Where the only track of an entry stands; nothing before there was one.
    pub(crate) fn of(&self, id: &EntryId) -> Option<&str> {
        let key = (id.clone(), "main".to_owned());
        self.stands.get(&key).map(String::as_str)
    }
}

/// An entry of a lifecycle that stands in these states, track by track.
pub(crate) fn standing_in(lifecycle: &str, tracks: &[(&str, &str)], at: Timestamp) -> Entry {
    let id = EntryId::new("x00000");
    let mut entry = Entry::on_tracks(id, ACCOUNT, lifecycle, tracks.iter().copied(), at);
    entry.names = vec!["www.example.com".to_owned()];
    entry
}

/// Where a track of an entry stands, by id.
pub(crate) fn state_of<'a>(entry: &'a Entry, track: &str) -> &'a str {
    match &entry.tracks[track].state {
        StateRef::Known(id) => id,
        StateRef::Unknown { unknown } => panic!("{unknown:?} is unknown"),
    }
}
