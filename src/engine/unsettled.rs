//! What a person chooses for a request of which nobody knows what came: adopt what the provider
//! holds, send it again, or give it up.
//!
//! The gate is asked under the lock before each; what is listed is listed anew. `Engine::run`
//! calls it.

use std::sync::Arc;

use super::command::{Candidate, Candidates, Done};
use super::error::EngineError;
use super::settle::happen;
use super::weigh::{Judged, Weighed};
use super::{Engine, Inner};
use crate::domain::action::{ADOPT, GIVE_UP, SEND_AGAIN};
use crate::domain::entry::{Entry, EntryId, ORDER, OpenRequest};
use crate::domain::event::What;
use crate::providers::{Holding, Provider, Sought, Unfit};

impl Engine {
    /// What the provider holds that may have come of an entry's request.
    pub(super) async fn candidates(&self, id: EntryId) -> Result<Done, EngineError> {
        let (weighed, _) = self.weighed(&id).await?;
        let list = weighed.list.into_iter().map(|(holding, unfit)| Candidate {
            id: holding.id,
            names: holding.names,
            product: holding.product,
            made: holding.made,
            state: holding.state.as_str().to_owned(),
            objection: unfit.map(|unfit| unfit.to_string()),
            taken: unfit == Some(Unfit::Taken),
        });
        Ok(Done::Candidates(Candidates {
            entry: id,
            list: list.collect(),
        }))
    }

    /// Adopts the holding that a person named, or the only one that fits.
    pub(super) async fn adopt(
        &self,
        id: EntryId,
        candidate: Option<String>,
    ) -> Result<Done, EngineError> {
        let (weighed, sent) = self.weighed(&id).await?;
        let holding = match &candidate {
            Some(wanted) => named(&weighed, wanted)?,
            None => only_one(&weighed)?,
        };
        self.adopt_holding(&id, &sent, holding.clone(), true).await
    }

    /// Sends a request again though nobody knows what came of the last one.
    pub(super) async fn risk_again(&self, id: EntryId) -> Result<Done, EngineError> {
        let wanted = id.clone();
        let (_, sent) = self
            .aside(move |inner| inner.unsettled(&wanted, SEND_AGAIN))
            .await?;
        match self.send_again(&id, &sent, true).await {
            Err(EngineError::OutcomeUnknown(unknown)) => {
                let sent = self.aside({
                    let id = id.clone();
                    move |inner| inner.unsettled(&id, SEND_AGAIN)
                });
                let (_, sent) = sent.await?;
                self.look_for(id, sent, unknown).await
            }
            other => other,
        }
    }

    async fn weighed(&self, id: &EntryId) -> Result<(Weighed, OpenRequest), EngineError> {
        let wanted = id.clone();
        let (entry, sent) = self
            .aside(move |inner| inner.unsettled(&wanted, ADOPT))
            .await?;
        let (provider, sought) = self.ask_for(&entry, &sent)?;
        let listing = provider.list(sought.clone()).await;
        let listing = listing.map_err(|error| {
            EngineError::Failed(format!(
                "what {} holds could not be listed: {error}; try again later",
                self.0.provider_words(&entry)
            ))
        })?;
        let weighed = self
            .aside(move |inner| Ok(inner.weigh(&sought, listing)))
            .await?;
        Ok((weighed, sent))
    }

    fn ask_for(
        &self,
        entry: &Arc<Entry>,
        sent: &OpenRequest,
    ) -> Result<(Arc<dyn Provider>, Sought), EngineError> {
        let provider = self.0.provider(&entry.account)?;
        Ok((provider, self.0.sought(entry, sent)))
    }
}

impl Inner {
    /// The entry and its request, if the gate lets this be done about it.
    fn unsettled(
        &self,
        id: &EntryId,
        action: &str,
    ) -> Result<(Arc<Entry>, OpenRequest), EngineError> {
        self.store.catch_up()?;
        self.may_write_down(id, action)?;
        let entry = self.store.transact(|transaction| {
            let decision = self.decide(transaction, id, action)?;
            Ok::<_, EngineError>(decision.entry)
        })?;
        match entry.request.clone() {
            Some(sent) => Ok((entry, sent)),
            None => Err(EngineError::Failed(format!(
                "no request is open for {}; look again",
                entry.name()
            ))),
        }
    }

    /// Writes down that a request never arrived, as a person says.
    pub(super) fn give_up_request(&self, id: &EntryId) -> Result<Done, EngineError> {
        self.may_write_down(id, GIVE_UP)?;
        let says = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = self.decide(transaction, id, GIVE_UP)?.entry;
            let action = entry.request.as_ref().map(|open| open.action.clone());
            let action = action.unwrap_or_default();
            let title = self.title_of(&entry, &action);
            // Of an order that never arrived nothing is left but what was written down of it.
            let is_order = action == ORDER;
            let happened = std::iter::once(What::GivenUp { action });
            let happened = happened.chain(is_order.then_some(What::Archived));
            let now = self.time_of(&entry.account);
            happen(transaction, entry.as_ref().clone(), happened, now);
            Ok::<_, EngineError>(if is_order {
                format!("{title}: it never arrived, as you say; the entry is archived.")
            } else {
                format!("{title}: it never arrived, as you say; it can be asked for again.")
            })
        })?;
        self.publish();
        self.woken.notify_one();
        Ok(Done::Acted {
            entry: id.clone(),
            says,
            successor: None,
        })
    }
}

fn named<'a>(weighed: &'a Weighed, wanted: &str) -> Result<&'a Holding, EngineError> {
    let is_wanted = |judged: &&Judged| judged.0.id == wanted;
    match weighed.list.iter().find(is_wanted) {
        Some((_, Some(Unfit::Taken))) => Err(EngineError::Usage(format!(
            "{wanted:?} is another entry's already; nothing was adopted"
        ))),
        Some((holding, _)) => Ok(holding),
        None => Err(EngineError::Usage(format!(
            "nothing is listed there as {wanted:?}; {}",
            weighed.listed_words()
        ))),
    }
}

fn only_one(weighed: &Weighed) -> Result<&Holding, EngineError> {
    weighed.only().ok_or_else(|| {
        let words = weighed.words();
        EngineError::Usage(if weighed.is_ambiguous() {
            format!("{words}; name the one that is meant with --candidate")
        } else {
            format!(
                "{words}, so nothing was adopted; {}",
                weighed.listed_words()
            )
        })
    })
}
