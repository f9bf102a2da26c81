//! Provider actions on an entry: gate, intent, provider, what came of it.

use std::sync::Arc;

use super::command::{Done, Wishes};
use super::error::EngineError;
use super::flight::Flight;
use super::place::{Draft, begun_after, chance_of};
use super::settle::{Decision, awaiting, happen};
use super::{Engine, Inner, zone};
use super::{answers, downloaded};
use crate::domain::account::ZoneStatus;
use crate::domain::action::{self, Kind};
use crate::domain::entry::{CsrBy, Entry, EntryId, OpenRequest, Order, Product, Successor, mint};
use crate::domain::event::{Answers, What};
use crate::domain::lifecycle::{ActionRow, Makes, Setting};
use crate::pki::{CertName, KeyType, Subject};
use crate::providers::{Answer, Holding, Provider, ProviderError, Request};
use crate::store::Transaction;

/// The provider's answers to an action, and to the order of the successor that it makes.
pub(super) struct Came {
    pub(super) own: Answer,
    pub(super) successor: Option<Answer>,
}

/// What a person asks for, and what the person saw.
#[derive(Clone)]
struct Asked {
    action: String,
    with: Answers,
    seen: Option<String>,
}

/// What was let through and written down: the entry with its request open, and the row that allows
/// it.
#[derive(Clone)]
pub(super) struct Intended {
    pub(super) entry: Arc<Entry>,
    pub(super) row: ActionRow,
    pub(super) sent: OpenRequest,
}

impl Engine {
    /// Asks the provider for an action.
    pub(super) async fn act(
        &self,
        id: EntryId,
        action: String,
        with: Answers,
        seen: Option<String>,
    ) -> Result<Done, EngineError> {
        if action::spec(&action).is_none_or(|spec| spec.kind == Kind::Local) {
            return Err(EngineError::Usage(format!(
                "{action:?} is no action that a provider is asked for"
            )));
        }
        let asked = Asked { action, with, seen };
        let intended = self
            .aside(move |inner| inner.intend_action(&id, &asked))
            .await?;
        let (id, sent) = (intended.entry.id.clone(), intended.sent.clone());
        match self.send_action(intended).await {
            Err(EngineError::OutcomeUnknown(unknown)) => self.look_for(id, sent, unknown).await,
            other => other,
        }
    }

    /// Sends an action that has been written down, and settles it.
    pub(super) async fn send_action(&self, intended: Intended) -> Result<Done, EngineError> {
        let id = intended.entry.id.clone();
        let sent = intended.sent.clone();
        let _flight = Flight::begin(&self.0, &id);
        match self.ask(intended).await {
            Ok(came) => {
                self.aside(move |inner| inner.settle_action(&id, &sent, came))
                    .await
            }
            Err(error) => {
                let told = self
                    .aside(move |inner| inner.refused(&id, &sent, &error))
                    .await?;
                Err(told)
            }
        }
    }

    async fn ask(&self, intended: Intended) -> Result<Came, ProviderError> {
        let unsent = |error: EngineError| ProviderError::Refused {
            says: error.to_string(),
        };
        let Intended { entry, row, .. } = intended;
        let sending = entry.sending.as_deref().cloned().unwrap_or_default();
        // All is ready before anything is sent: the sandbox's CA may have to be read for it.
        let own = self.prepare(Arc::clone(&entry), sending.with);
        let (provider, request) = own.await.map_err(unsent)?;
        let successor = match sending.successor {
            None => None,
            Some(successor) => {
                let ordered = Arc::new(*successor.entry);
                let prepared = self.prepare(ordered, Answers::default()).await;
                Some(prepared.map_err(unsent)?)
            }
        };
        let own = provider.act(request, row).await?;
        let successor = match successor {
            None => None,
            Some((provider, request)) => Some(provider.order(request).await?),
        };
        Ok(Came { own, successor })
    }

    /// The provider of an entry and the request.
    pub(super) async fn prepare(
        &self,
        entry: Arc<Entry>,
        with: Answers,
    ) -> Result<(Arc<dyn Provider>, Request), EngineError> {
        self.aside(move |inner| inner.request(entry, with)).await
    }
}

impl Inner {
    /// Asks the gate under the lock and writes the intent down. A successor's key and CSR are made
    /// before that: nothing may name a key that is not on the disk.
    fn intend_action(&self, id: &EntryId, asked: &Asked) -> Result<Intended, EngineError> {
        let drafted = self.draft_successor(id, asked)?;
        let intended = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let (entry, row, with) = self.allowed(transaction, id, asked)?;
            let sent = OpenRequest {
                action: asked.action.clone(),
                since: self.now(),
                unknown_outcome: false,
                accepted: false,
            };
            let intent = What::Requested {
                action: sent.action.clone(),
                since: sent.since,
                with,
            };
            let now = self.time_of(&entry.account);
            let mut intended = happen(transaction, entry.as_ref().clone(), [intent], now);
            if let Some(makes) = &row.makes {
                let Some(draft) = drafted.as_ref().filter(|draft| draft.link == makes.link) else {
                    return Err(moved_meanwhile(&entry));
                };
                let sending = intended.sending.get_or_insert_default();
                sending.successor = Some(draft.clone());
                transaction.put_entry(intended.clone());
            }
            let entry = Arc::new(intended);
            Ok(Intended { entry, row, sent })
        })?;
        self.publish();
        Ok(intended)
    }

    /// What the gate lets through, with what was said for it.
    fn allowed(
        &self,
        transaction: &Transaction,
        id: &EntryId,
        asked: &Asked,
    ) -> Result<(Arc<Entry>, ActionRow, Answers), EngineError> {
        let action = asked.action.as_str();
        let decision = self.decide(transaction, id, action)?;
        self.unmoved(&decision, asked.seen.as_deref())?;
        let Decision { entry, row, .. } = decision;
        let around = self.around(transaction, &entry);
        if let Some(says) = super::by_hand::refers_to_panel(action, &entry, &around) {
            let name = entry.name().to_owned();
            return Err(EngineError::ByHand { name, says });
        }
        let Some(row) = row else {
            return Err(EngineError::Failed(format!(
                "no row of the table allows {action:?}"
            )));
        };
        let with = answers::check(&asked.with, &row, &entry)?;
        Ok((entry, row, with))
    }

    /// The successor as it will be ordered, where the action makes one: the same names and product,
    /// and a new key wherever the key is not its owner's.
    fn draft_successor(
        &self,
        id: &EntryId,
        asked: &Asked,
    ) -> Result<Option<Successor>, EngineError> {
        if !self.may_make_successor(id, &asked.action) {
            return Ok(None);
        }
        let (entry, row, _) = self
            .store
            .transact(|transaction| self.allowed(transaction, id, asked))?;
        let Some(makes) = &row.makes else {
            return Ok(None);
        };
        let draft = self.successor_of(&entry, makes)?;
        let now = self.time_of(&entry.account);
        // Minted outside of the intent: settling takes care that the id is still free.
        let new = self
            .store
            .transact(|transaction| self.begin(transaction, &draft, now))?;
        Ok(Some(Successor {
            link: makes.link,
            entry: Box::new(new),
        }))
    }

    /// Whether any row of an action makes a successor; most make none.
    fn may_make_successor(&self, id: &EntryId, action: &str) -> bool {
        let loaded = self.store.snapshot();
        let entry = loaded.entries.get(id);
        let table = entry.and_then(|entry| self.lifecycles.get(&entry.lifecycle));
        // One that another process has just made is looked at under the lock.
        table.is_none_or(|table| table.rows_of(action).any(|row| row.makes.is_some()))
    }

    /// The order of a successor, with a new key and CSR where certdeck made the last ones.
    pub(super) fn successor_of(&self, entry: &Entry, makes: &Makes) -> Result<Draft, EngineError> {
        let mut order = Order {
            csr: None,
            spki_sha256: None,
            key_held: false,
            ..entry.order.clone()
        };
        match entry.order.csr_by {
            Some(CsrBy::Certdeck) => {
                let names = parse_names(&entry.names)?;
                self.make_key_and_csr(&mut order, key_type(entry), &names, &self.wishes_of(entry))?;
            }
            // Its owner has the key, so the CSR is used again.
            Some(CsrBy::You) => {
                order.csr.clone_from(&entry.order.csr);
                order.spki_sha256.clone_from(&entry.order.spki_sha256);
            }
            Some(CsrBy::Provider) | None => {}
        }
        let product = Product {
            invoice: None,
            order_number: None,
            paid_until: None,
            ..entry.product.clone()
        };
        Ok(Draft {
            account: entry.account.clone(),
            names: entry.names.clone(),
            product,
            order,
            lifecycle: entry.lifecycle.clone(),
            begins: vec![makes.state.clone()],
            without: self.tracks_left_out(entry, makes),
            follows: Some((makes.link, entry.id.clone())),
        })
    }

    /// What was wished of the last key and CSR counts for the next ones too: what the CSR said is in
    /// it, and a key that lies here encrypted was wished so.
    fn wishes_of(&self, entry: &Entry) -> Wishes {
        let csr = entry.order.csr.as_deref().unwrap_or_default();
        let spki = entry.order.spki_sha256.as_deref().unwrap_or_default();
        Wishes {
            subject: Box::new(Subject::of_request(csr)),
            encrypt: self.is_sealed(spki),
        }
    }

    /// The optional tracks that a successor is without: those that its predecessor has not, unless
    /// it begins on them.
    fn tracks_left_out(&self, entry: &Entry, makes: &Makes) -> Vec<String> {
        let Some(lifecycle) = self.lifecycles.get(&entry.lifecycle) else {
            return Vec::new();
        };
        let begun = lifecycle.state(&makes.state).map(|state| &state.track);
        let tracks = lifecycle.tracks.iter().map(|track| &track.id);
        let left_out = tracks.filter(|id| !entry.tracks.contains_key(id) && Some(*id) != begun);
        left_out.cloned().collect()
    }

    /// Writes an answer down.
    fn settle_action(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        came: Came,
    ) -> Result<Done, EngineError> {
        let mut says = came.own.says.clone().unwrap_or_default();
        let (entry, successor) = self.settle_came(id, sent, came, None)?;
        if sent.action == downloaded::DOWNLOAD {
            says = downloaded::says(&entry);
        }
        Ok(Done::Acted {
            entry: id.clone(),
            says,
            successor,
        })
    }

    /// Writes down what came, as one transaction with the successor and the link between the two;
    /// `found` where it was found at the provider instead of being answered. Gives the entry as it
    /// was before, and the successor.
    pub(super) fn settle_came(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        came: Came,
        found: Option<&Holding>,
    ) -> Result<(Arc<Entry>, Option<EntryId>), EngineError> {
        self.keep(&came.own)?;
        if let Some(answer) = &came.successor {
            self.keep(answer)?;
        }
        let Came { own, successor } = came;
        let settled = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = awaiting(transaction, id, sent)?;
            let now = self.time_of(&entry.account);
            let mut happened = own.happened;
            let ordered = entry.sending.as_ref().and_then(|it| it.successor.clone());
            let mut deploys = Vec::new();
            if let Some(due) = self.due_to_deploy(&entry.account, &happened) {
                happened.push(due);
                deploys.push(id.clone());
            }
            let mut made = None;
            if let Some((ordered, answer)) = ordered.zip(successor) {
                let new = with_free_id(transaction, *ordered.entry);
                happened.push(What::Linked {
                    link: ordered.link.reversed(),
                    to: new.id.clone(),
                });
                let begun = begun_after(&new, Some((ordered.link, entry.id.clone())));
                let due = self.due_to_deploy(&new.account, &answer.happened);
                deploys.extend(due.is_some().then(|| new.id.clone()));
                let begun = begun.into_iter().chain(answer.happened).chain(due);
                made = Some(happen(transaction, new, begun, now));
            }
            let looked_at_zone = happened.iter().any(sets_zone_active);
            let own = happen(transaction, entry.as_ref().clone(), happened, now);
            let successor = made.as_ref().map(|made| made.id.clone());
            if let Some(holding) = found {
                self.stand_as_listed(transaction, made.unwrap_or(own), holding, now);
            }
            self.write_clock(transaction, &entry.account);
            if looked_at_zone {
                zone::write(transaction, &entry.account, ZoneStatus::Active, now);
            }
            Ok::<_, EngineError>(((entry, successor), deploys))
        })?;
        let (settled, deploys) = settled;
        self.publish();
        self.woken.notify_one();
        for entry in deploys {
            self.queue_deploy(&entry);
        }
        Ok(settled)
    }
}

/// The successor under its id, or under another one if that was taken meanwhile.
fn with_free_id(transaction: &Transaction, mut new: Entry) -> Entry {
    if transaction.entry(&new.id).is_some() {
        let chance = chance_of(&new.names, transaction.seq());
        new.id = mint(chance, |id| transaction.entry(id).is_some());
    }
    new
}

fn moved_meanwhile(entry: &Entry) -> EngineError {
    EngineError::Usage(format!("{} has moved meanwhile; look again", entry.name()))
}

fn sets_zone_active(what: &What) -> bool {
    matches!(what, What::Set { setting } if *setting == Setting::ZoneActive)
}

fn parse_names(names: &[String]) -> Result<Vec<CertName>, EngineError> {
    let parsed = names.iter().map(|name| CertName::parse(name));
    parsed
        .collect::<Result<_, _>>()
        .map_err(|error| EngineError::Failed(error.to_string()))
}

fn key_type(entry: &Entry) -> KeyType {
    let known = entry
        .order
        .key_type
        .as_deref()
        .and_then(|name| name.parse().ok());
    known.unwrap_or(KeyType::P256)
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;
    use super::*;
    use crate::domain::entry::{LinkKind, StateRef};

    /// An entry of another lifecycle, in one of its states.
    fn put(place: &Stage, id: &EntryId, lifecycle: &str, track: &str, state: &str) {
        place.edit(id, |entry| {
            let mut stands = entry.tracks.values().next().unwrap().clone();
            stands.state = StateRef::known(state);
            entry.lifecycle = lifecycle.to_owned();
            entry.tracks = [(track.to_owned(), stands)].into();
        });
    }

    fn asked(action: &str) -> Asked {
        Asked {
            action: action.to_owned(),
            with: Answers::default(),
            seen: None,
        }
    }

    #[tokio::test]
    async fn an_answer_that_leaves_its_request_open_counts_once() {
        let stage = Stage::new();
        let id = stage.order().await;
        put(&stage, &id, "huawei-ssl", "main", "hosted");
        let inner = &stage.engine.0;
        let intended = inner.intend_action(&id, &asked("delete")).unwrap();
        let sent = intended.sent.clone();
        let first = stage.engine.ask(intended.clone()).await.unwrap();
        let second = stage.engine.ask(intended).await.unwrap();
        inner.settle_action(&id, &sent, first).unwrap();
        let before = (stage.entry(&id), inner.store.snapshot().seq);
        assert!(before.0.request.as_ref().unwrap().accepted);

        let late = inner.settle_action(&id, &sent, second).map(drop);
        assert!(late.unwrap_err().to_string().contains("settled already"));
        let says = "interrupted".to_owned();
        let refusal = ProviderError::Refused { says };
        assert!(inner.refused(&id, &sent, &refusal).is_err());
        assert_eq!((stage.entry(&id), inner.store.snapshot().seq), before);
        stage.turn_clock(3600);
        stage.engine.settle_interrupted().await.unwrap();
        assert_eq!(stage.entry(&id), before.0, "nor was it interrupted");
    }

    #[tokio::test]
    async fn a_successor_is_without_the_tracks_that_its_predecessor_has_not() {
        let stage = Stage::new();
        let id = stage.order().await;
        put(
            &stage,
            &id,
            "cloudflare-hostname",
            "hostname",
            "hostname-active",
        );
        let entry = stage.entry(&id);
        let without = |state: &str| {
            let makes = Makes {
                state: state.to_owned(),
                link: LinkKind::Replaces,
            };
            stage.engine.0.successor_of(&entry, &makes).unwrap().without
        };
        assert_eq!(without("hostname-pending"), ["certificate"]);
        assert!(without("initializing").is_empty(), "it begins there");
    }
}
