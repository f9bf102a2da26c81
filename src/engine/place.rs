//! Placing an order: key first, then the intent, then the provider, then what came of it.

use std::sync::Arc;

use jiff::Timestamp;

use super::command::{CsrChoice, Done, OrderForm, Wishes};
use super::error::EngineError;
use super::flight::Flight;
use super::order;
use super::settle::{awaiting, happen};
use super::{Engine, Inner};
use crate::domain::action;
use crate::domain::entry::{
    CsrBy, Entry, EntryId, LinkKind, Method, ORDER, OpenRequest, Order, Product, mint,
};
use crate::domain::event::{Answers, What};
use crate::domain::inventory::Unresolved;
use crate::domain::lifecycle::{Circumstances, Lifecycle};
use crate::pki::{CertName, KeyType, PrivateKey, csr};
use crate::providers::{Answer, Provider, ProviderError, Request};
use crate::store::Transaction;

/// An order that is ready to be sent: checked, with key and CSR where certdeck makes them.
pub(super) struct Draft {
    pub(super) account: String,
    pub(super) names: Vec<String>,
    pub(super) product: Product,
    pub(super) order: Order,
    /// The lifecycle that it follows.
    pub(super) lifecycle: String,
    /// Where the entry begins, by state; the lifecycle's own entry points if nothing is said.
    pub(super) begins: Vec<String>,
    /// Optional tracks that it is without.
    pub(super) without: Vec<String>,
    /// The entry that it follows.
    pub(super) follows: Option<(LinkKind, EntryId)>,
}

impl Engine {
    /// Places an order as a person filled it in.
    pub(super) async fn place(&self, form: OrderForm) -> Result<Done, EngineError> {
        let draft = self.aside(move |inner| inner.draft(&form)).await?;
        let (id, sent) = self.aside(move |inner| inner.intend(&draft)).await?;
        match self.send_order(id.clone()).await {
            Err(EngineError::OutcomeUnknown(unknown)) => self.look_for(id, sent, unknown).await,
            other => other,
        }
    }

    /// Sends an order that has been written down, and settles it.
    pub(super) async fn send_order(&self, id: EntryId) -> Result<Done, EngineError> {
        let wanted = id.clone();
        let _flight = Flight::begin(&self.0, &id);
        let (provider, request, sent) = self
            .aside(move |inner| inner.order_request(&wanted))
            .await?;
        let answer = provider.order(request).await;
        self.aside(move |inner| inner.settle_order(&id, &sent, answer))
            .await
    }
}

impl Inner {
    /// Checks an order and makes key and CSR where certdeck is to make them.
    fn draft(&self, form: &OrderForm) -> Result<Draft, EngineError> {
        let offers = self.offers(&form.account);
        let problems = order::check(form, &self.picture(), &offers);
        if !problems.is_empty() {
            return Err(EngineError::Order(problems));
        }
        let names = order::names(form).map_err(EngineError::Order)?;
        let offer = offers.iter().find(|offer| offer.id == form.product);
        let lifecycle = offer
            .and_then(|offer| offer.lifecycle.clone())
            .unwrap_or_else(|| self.lifecycle_of_account(&form.account));
        self.table(&form.account, &lifecycle)?;
        // Its clock and its CA are there before anything is written down with its time.
        self.sandbox(&form.account)?;
        let is_verified = offer.is_none_or(|offer| !offer.methods.is_empty());
        let method = is_verified.then_some(form.method);
        let mut order = Order {
            key_type: Some(form.key_type.name().to_owned()),
            method,
            mailbox: form
                .mailbox
                .clone()
                .filter(|_| method == Some(Method::Email)),
            ..Order::default()
        };
        match &form.csr {
            CsrChoice::Provider => {
                self.can_keep_keys(form.wishes.encrypt)?;
                order.csr_by = Some(CsrBy::Provider);
            }
            CsrChoice::Certdeck => {
                self.make_key_and_csr(&mut order, form.key_type, &names, &form.wishes)?;
            }
            CsrChoice::Own(pem) => take_csr(&mut order, pem)?,
        }
        Ok(Draft {
            account: form.account.clone(),
            lifecycle,
            begins: offer.map(|offer| offer.begins.clone()).unwrap_or_default(),
            without: offer.map(|offer| offer.without.clone()).unwrap_or_default(),
            names: names.iter().map(|name| name.ascii().to_owned()).collect(),
            product: offer
                .map(crate::providers::Offer::to_product)
                .unwrap_or_default(),
            order,
            follows: None,
        })
    }

    /// The key is on the disk before its CSR leaves this machine.
    pub(super) fn make_key_and_csr(
        &self,
        order: &mut Order,
        kind: KeyType,
        names: &[CertName],
        wishes: &Wishes,
    ) -> Result<(), EngineError> {
        let failed = |error: &dyn std::fmt::Display| EngineError::Failed(error.to_string());
        self.can_keep_keys(wishes.encrypt)?;
        let key = PrivateKey::generate(kind).map_err(|error| failed(&error))?;
        let csr = csr::make_for(&key, names, &wishes.subject).map_err(|error| failed(&error))?;
        let spki_sha256 = key.spki_sha256();
        self.keep_new_key(&key, wishes.encrypt)?;
        order.csr_by = Some(CsrBy::Certdeck);
        order.csr = Some(csr);
        order.spki_sha256 = Some(spki_sha256);
        order.key_held = true;
        Ok(())
    }

    /// Writes the order down before it is sent.
    fn intend(&self, draft: &Draft) -> Result<(EntryId, OpenRequest), EngineError> {
        let now = self.time_of(&draft.account);
        let intended = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = self.begin(transaction, draft, now)?;
            let id = entry.id.clone();
            let sent = OpenRequest {
                action: ORDER.to_owned(),
                since: self.now(),
                unknown_outcome: false,
                accepted: false,
            };
            let intent = What::Requested {
                action: sent.action.clone(),
                since: sent.since,
                with: Answers::default(),
            };
            happen(
                transaction,
                entry,
                begun(draft).into_iter().chain([intent]),
                now,
            );
            self.write_clock(transaction, &draft.account);
            Ok::<_, EngineError>((id, sent))
        })?;
        self.publish();
        Ok(intended)
    }

    /// The new entry of a draft, not yet written.
    pub(super) fn begin(
        &self,
        transaction: &Transaction,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<Entry, EngineError> {
        let (lifecycle, states) = self.beginning(draft)?;
        let seed = chance_of(&draft.names, transaction.seq());
        let id = mint(seed, |id| transaction.entry(id).is_some());
        let tracks = states.iter().filter_map(|id| lifecycle.state(id));
        let tracks = tracks.map(|state| (state.track.as_str(), state.id.as_str()));
        let mut entry = Entry::on_tracks(id, &draft.account, &lifecycle.id, tracks, now);
        entry.names.clone_from(&draft.names);
        entry.product = draft.product.clone();
        entry.order = draft.order.clone();
        Ok(entry)
    }

    /// The lifecycle of what is ordered through an account where the product names none.
    fn lifecycle_of_account(&self, account: &str) -> String {
        let accounts = self.accounts();
        let ids = accounts
            .get(account)
            .map(|account| self.lifecycles_of(account));
        ids.and_then(|ids| ids.into_iter().next())
            .unwrap_or_default()
    }

    fn beginning(&self, draft: &Draft) -> Result<(Arc<Lifecycle>, Vec<String>), EngineError> {
        let lifecycle = self.table(&draft.account, &draft.lifecycle)?;
        let around = Circumstances {
            zone_active: self.zone_is_active(&draft.account),
            ..Circumstances::default()
        };
        let states = lifecycle.beginnings(&draft.begins, &draft.without, around);
        if states.is_empty() {
            return Err(EngineError::Failed(format!(
                "{} says nowhere where it begins",
                lifecycle.title
            )));
        }
        let states = states.into_iter().map(str::to_owned).collect();
        Ok((lifecycle, states))
    }

    /// The table of a lifecycle that an account wants.
    fn table(&self, account: &str, id: &str) -> Result<Arc<Lifecycle>, EngineError> {
        self.lifecycles.get(id).cloned().ok_or_else(|| {
            EngineError::Failed(format!(
                "the account {account:?} wants the lifecycle {id:?}, and there is no such table; \
                 `certdeck config check` says why"
            ))
        })
    }

    /// What the provider needs for an order that was written down, and what was written down.
    fn order_request(
        &self,
        id: &EntryId,
    ) -> Result<(Arc<dyn Provider>, Request, OpenRequest), EngineError> {
        let loaded = self.store.snapshot();
        let entry = loaded.entries.read(id).map_err(Unresolved::from)?;
        let entry =
            entry.ok_or_else(|| EngineError::from(Unresolved::Nothing(id.as_str().to_owned())))?;
        let open = entry.request.clone();
        let Some(sent) = open.filter(|request| request.action == ORDER) else {
            return Err(EngineError::Failed(format!(
                "the order of {} was answered meanwhile; look again",
                entry.name()
            )));
        };
        let (provider, request) = self.request(entry, Answers::default())?;
        Ok((provider, request, sent))
    }

    /// The provider of an entry, and the request that carries it.
    pub(super) fn request(
        &self,
        entry: Arc<Entry>,
        with: Answers,
    ) -> Result<(Arc<dyn Provider>, Request), EngineError> {
        let provider = self.provider(&entry.account)?;
        let Some(lifecycle) = self.lifecycles.get(&entry.lifecycle).cloned() else {
            return Err(EngineError::Failed(format!(
                "there is no lifecycle {:?}",
                entry.lifecycle
            )));
        };
        let now = self.time_of(&entry.account);
        Ok((
            provider,
            Request {
                entry,
                lifecycle,
                with,
                now,
            },
        ))
    }

    fn settle_order(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        answer: Result<Answer, ProviderError>,
    ) -> Result<Done, EngineError> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Err(self.refused(id, sent, &error)?),
        };
        self.keep(&answer)?;
        let deploys = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = awaiting(transaction, id, sent)?;
            let now = self.time_of(&entry.account);
            let account = entry.account.clone();
            let due = self.due_to_deploy(&account, &answer.happened);
            let deploys = due.is_some();
            let happened = answer.happened.into_iter().chain(due);
            happen(transaction, entry.as_ref().clone(), happened, now);
            self.write_clock(transaction, &account);
            Ok::<_, EngineError>(deploys)
        })?;
        self.publish();
        self.woken.notify_one();
        if deploys {
            self.queue_deploy(id);
        }
        Ok(Done::Ordered {
            entry: id.clone(),
            says: answer.says.unwrap_or_default(),
        })
    }

    /// Writes down what a provider said instead of yes; returns what to tell people.
    pub(super) fn refused(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        error: &ProviderError,
    ) -> Result<EngineError, EngineError> {
        let action = sent.action.as_str();
        let action_id = action.to_owned();
        let what = match error {
            ProviderError::Refused { says } => What::Refused {
                action: action_id,
                says: says.clone(),
            },
            ProviderError::OutcomeUnknown { .. } => What::OutcomeUnknown { action: action_id },
        };
        let entry = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = awaiting(transaction, id, sent)?;
            let now = self.time_of(&entry.account);
            // Nothing came of an order that was refused: it is put away with what was said.
            let is_over = action == ORDER && matches!(what, What::Refused { .. });
            let happened = std::iter::once(what).chain(is_over.then_some(What::Archived));
            happen(transaction, entry.as_ref().clone(), happened, now);
            Ok::<_, EngineError>(entry)
        })?;
        self.publish();
        let says = error.to_string();
        Ok(match error {
            ProviderError::Refused { .. } => EngineError::Provider {
                provider: self.provider_words(&entry),
                action: self.title_of(&entry, action),
                name: entry.name().to_owned(),
                says,
            },
            ProviderError::OutcomeUnknown { why } => {
                EngineError::OutcomeUnknown(Box::new(self.unknown(&entry, sent, why)))
            }
        })
    }

    /// Who the provider of an entry is, in the middle of a sentence.
    pub(super) fn provider_words(&self, entry: &Entry) -> String {
        match self.lifecycles.get(&entry.lifecycle) {
            // The provider that it plays has never heard of it.
            _ if self.is_sandbox(&entry.account) => "the sandbox".to_owned(),
            Some(lifecycle) => lifecycle.provider.clone(),
            None => entry.account.clone(),
        }
    }

    /// What an action is called for an entry.
    pub(super) fn title_of(&self, entry: &Entry, action: &str) -> String {
        let lifecycle = self.lifecycles.get(&entry.lifecycle);
        match lifecycle.filter(|_| action != ORDER) {
            Some(lifecycle) => lifecycle.action_title(action),
            None => action::title(action).to_owned(),
        }
    }
}

/// What is written down of a new entry before its intent.
pub(super) fn begun(draft: &Draft) -> Vec<What> {
    happened_before(&draft.product, &draft.order, draft.follows.clone())
}

/// The same of an entry that was drafted before, and what it is to which other one.
pub(super) fn begun_after(entry: &Entry, follows: Option<(LinkKind, EntryId)>) -> Vec<What> {
    happened_before(&entry.product, &entry.order, follows)
}

fn happened_before(
    product: &Product,
    order: &Order,
    follows: Option<(LinkKind, EntryId)>,
) -> Vec<What> {
    let mut happened = vec![What::Ordered {
        product: product.name.clone(),
    }];
    happened.extend(follows.map(|(link, to)| What::Linked { link, to }));
    let Order {
        csr_by: Some(by),
        csr: Some(csr),
        spki_sha256: Some(spki),
        ..
    } = order
    else {
        return happened;
    };
    happened.push(What::CsrReady {
        by: *by,
        csr: csr.clone(),
        spki_sha256: spki.clone(),
        key_held: order.key_held,
    });
    happened
}

/// A CSR of one's own: its key decides, and the private key stays where it is.
fn take_csr(order: &mut Order, pem: &str) -> Result<(), EngineError> {
    let read = csr::read(pem.as_bytes()).map_err(|error| EngineError::Failed(error.to_string()))?;
    order.csr_by = Some(CsrBy::You);
    order.key_type = Some(read.key.label());
    order.spki_sha256 = Some(read.spki_sha256);
    order.csr = Some(read.pem);
    Ok(())
}

/// What an id is drawn from: the names and the transaction, so that a demo always has the same.
pub(super) fn chance_of(names: &[String], seq: u64) -> u64 {
    seed_of(names.join("\n").as_bytes()) ^ seq.rotate_left(32)
}

/// A number that hangs on these bytes.
pub(super) fn seed_of(bytes: &[u8]) -> u64 {
    let hash = crate::pki::hash::sha256(bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::super::stage::{Stage, form};
    use super::*;

    #[tokio::test]
    async fn an_answer_that_comes_after_its_request_was_settled_changes_nothing() {
        let stage = Stage::new();
        let inner = &stage.engine.0;
        let draft = inner.draft(&form()).unwrap();
        let (id, _) = inner.intend(&draft).unwrap();
        let (provider, request, sent) = inner.order_request(&id).unwrap();
        let answer = provider.order(request).await;
        inner.settle_order(&id, &sent, answer.clone()).unwrap();
        let before = (stage.entry(&id), inner.store.snapshot().seq);

        let late = inner.settle_order(&id, &sent, answer).unwrap_err();
        assert!(late.to_string().contains("settled already"), "{late}");
        let says = "interrupted".to_owned();
        let refusal = ProviderError::Refused { says };
        assert!(inner.refused(&id, &sent, &refusal).is_err());
        assert_eq!((stage.entry(&id), inner.store.snapshot().seq), before);
        assert!(inner.order_request(&id).is_err(), "nor is it sent again");
    }
}
