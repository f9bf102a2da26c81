//! Provider actions on an entry: gate, intent, provider, what came of it.

use std::sync::Arc;

use super::command::Done;
use super::error::EngineError;
use super::place::{Draft, begun};
use super::settle::{Decision, awaiting, happen};
use super::{Engine, Inner, zone};
use super::{answers, downloaded};
use crate::domain::account::ZoneStatus;
use crate::domain::action::{self, Kind};
use crate::domain::entry::{CsrBy, Entry, EntryId, OpenRequest, Order, Product};
use crate::domain::event::{Answers, What};
use crate::domain::lifecycle::{ActionRow, Makes, Setting};
use crate::pki::{CertName, KeyType};
use crate::providers::{Answer, Provider, ProviderError, Request};

/// The provider's answers to an action, and to the order of the successor that it makes.
struct Came {
    own: Answer,
    successor: Option<(Entry, Draft, Answer)>,
}

/// What a person asks for, and what the person saw.
struct Asked {
    action: String,
    with: Answers,
    seen: Option<String>,
}

/// What was let through and written down: the entry, the row that allows it, what a person said
/// for it, and the request.
type Intended = (Arc<Entry>, ActionRow, Answers, OpenRequest);

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
        let wanted = id.clone();
        let asked = Asked { action, with, seen };
        let (entry, row, with, sent) = self
            .aside(move |inner| inner.intend_action(&wanted, asked))
            .await?;
        match self.ask(&entry, &row, with).await {
            Ok(answers) => {
                self.aside(move |inner| inner.settle_action(&id, &sent, answers))
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

    async fn ask(
        &self,
        entry: &Arc<Entry>,
        row: &ActionRow,
        with: Answers,
    ) -> Result<Came, ProviderError> {
        let unsent = |error: EngineError| ProviderError::Refused {
            says: error.to_string(),
        };
        let (provider, request) = self
            .prepare(Arc::clone(entry), with)
            .await
            .map_err(unsent)?;
        let own = provider.act(request, row.clone()).await?;
        let Some(makes) = row.makes.clone() else {
            return Ok(Came {
                own,
                successor: None,
            });
        };
        let predecessor = Arc::clone(entry);
        let (successor, draft) = self
            .aside(move |inner| inner.draft_successor(&predecessor, &makes))
            .await
            .map_err(unsent)?;
        let ordered = Arc::new(successor.clone());
        let (provider, request) = self
            .prepare(ordered, Answers::default())
            .await
            .map_err(unsent)?;
        let answer = provider.order(request).await?;
        Ok(Came {
            own,
            successor: Some((successor, draft, answer)),
        })
    }

    /// The provider of an entry and the request: the sandbox's CA may have to be read for it.
    async fn prepare(
        &self,
        entry: Arc<Entry>,
        with: Answers,
    ) -> Result<(Arc<dyn Provider>, Request), EngineError> {
        self.aside(move |inner| inner.request(entry, with)).await
    }
}

impl Inner {
    /// Asks the gate under the lock and writes the intent down.
    fn intend_action(&self, id: &EntryId, asked: Asked) -> Result<Intended, EngineError> {
        let Asked { action, with, seen } = asked;
        let action = action.as_str();
        let result = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let decision = self.decide(transaction, id, action)?;
            self.unmoved(&decision, seen.as_deref())?;
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
            let with = answers::check(&with, &row, &entry)?;
            let sent = OpenRequest {
                action: action.to_owned(),
                since: self.now(),
                unknown_outcome: false,
                accepted: false,
            };
            let intent = What::Requested {
                action: sent.action.clone(),
                since: sent.since,
                with: with.clone(),
            };
            let now = self.time_of(&entry.account);
            happen(transaction, entry.as_ref().clone(), [intent], now);
            Ok((entry, row, with, sent))
        })?;
        self.publish();
        Ok(result)
    }

    /// The successor as it will be ordered: the same names and product, and a new key wherever
    /// the key is not its owner's; and the entry that it becomes.
    fn draft_successor(
        &self,
        entry: &Arc<Entry>,
        makes: &Makes,
    ) -> Result<(Entry, Draft), EngineError> {
        let draft = self.successor_of(entry, makes)?;
        let now = self.time_of(&entry.account);
        // Minted outside of a transaction: settling takes care that the id is still free.
        let successor = self
            .store
            .transact(|transaction| self.begin(transaction, &draft, now))?;
        Ok((successor, draft))
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
                self.make_key_and_csr(&mut order, key_type(entry), &names)?;
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

    /// The optional tracks that a successor is without: those that its predecessor has not, unless
    /// it begins on them.
    fn tracks_left_out(&self, entry: &Entry, makes: &Makes) -> Vec<String> {
        let Some(lifecycle) = self.lifecycles.get(&entry.lifecycle) else {
            return Vec::new();
        };
        let begun = lifecycle.state(&makes.state).map(|state| &state.track);
        let tracks = lifecycle.tracks.iter().map(|track| &track.id);
        let left_out = tracks.filter(|id| !entry.tracks.contains_key(*id) && Some(*id) != begun);
        left_out.cloned().collect()
    }

    /// The answer, the successor and the link between the two are one transaction.
    fn settle_action(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        answers: Came,
    ) -> Result<Done, EngineError> {
        self.keep(&answers.own)?;
        if let Some((_, _, answer)) = &answers.successor {
            self.keep(answer)?;
        }
        let Came { own, successor } = answers;
        let mut says = own.says.clone().unwrap_or_default();
        let made = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = awaiting(transaction, id, sent)?;
            let now = self.time_of(&entry.account);
            let mut happened = own.happened;
            let mut made = None;
            if let Some((new, draft, answer)) = successor {
                let new = self.with_free_id(transaction, new, &draft, now)?;
                let link = draft.follows.as_ref().map(|(link, _)| link.reversed());
                happened.extend(link.map(|link| What::Linked {
                    link,
                    to: new.id.clone(),
                }));
                made = Some(new.id.clone());
                happen(
                    transaction,
                    new,
                    begun(&draft).into_iter().chain(answer.happened),
                    now,
                );
            }
            let looked_at_zone = happened.iter().any(sets_zone_active);
            happen(transaction, entry.as_ref().clone(), happened, now);
            if sent.action == downloaded::DOWNLOAD {
                says = downloaded::says(&entry);
            }
            self.write_clock(transaction, &entry.account);
            if looked_at_zone {
                zone::write(transaction, &entry.account, ZoneStatus::Active, now);
            }
            Ok::<_, EngineError>(made)
        })?;
        self.publish();
        self.woken.notify_one();
        Ok(Done::Acted {
            entry: id.clone(),
            says,
            successor: made,
        })
    }

    /// The successor under its id, or under another one if that was taken meanwhile.
    fn with_free_id(
        &self,
        transaction: &crate::store::Transaction,
        new: Entry,
        draft: &Draft,
        now: jiff::Timestamp,
    ) -> Result<Entry, EngineError> {
        if transaction.entry(&new.id).is_none() {
            return Ok(new);
        }
        self.begin(transaction, draft, now)
    }
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
            let mut stands = entry.tracks.pop_first().unwrap().1;
            stands.state = StateRef::known(state);
            entry.lifecycle = lifecycle.to_owned();
            entry.tracks.insert(track.to_owned(), stands);
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
        let (entry, row, with, sent) = inner.intend_action(&id, asked("delete")).unwrap();
        let first = stage.engine.ask(&entry, &row, with.clone()).await.unwrap();
        let second = stage.engine.ask(&entry, &row, with).await.unwrap();
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
