//! Taking what a provider holds for what a request made: what belongs to it is fetched once more,
//! and written down as if it had been the answer.
//!
//! May not: decide what is adopted, nor send anything. `reconcile` calls it with the only thing that
//! fits, `unsettled` with what a person chose.

use std::sync::Arc;

use jiff::Timestamp;

use super::act::Came;
use super::command::Done;
use super::error::EngineError;
use super::settle::happen;
use super::{Engine, Inner};
use crate::domain::entry::{Entry, EntryId, ORDER, OpenRequest};
use crate::domain::event::{Answers, Cause, What};
use crate::domain::lifecycle::ActionRow;
use crate::providers::{Answer, Holding, Provider, ProviderError, Request};
use crate::store::Transaction;

impl Engine {
    /// Takes what the provider holds for what a request made.
    pub(super) async fn adopt_holding(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        holding: Holding,
        chosen: bool,
    ) -> Result<Done, EngineError> {
        let wanted = id.clone();
        let asked = self.aside(move |inner| inner.recollection(&wanted)).await?;
        let Recollection {
            provider,
            own,
            row,
            successor,
        } = asked;
        let not_told = |error: ProviderError| {
            EngineError::Failed(format!(
                "{} was found, but what belongs to it could not be fetched: {error}; try again",
                holding.id
            ))
        };
        let own = Arc::clone(&provider).recall(own, row, holding.clone());
        let own = own.await.map_err(not_told)?;
        let successor = match successor {
            None => None,
            Some(request) => {
                let answer = provider.recall(request, None, holding.clone()).await;
                Some(answer.map_err(not_told)?)
            }
        };
        let (id, sent) = (id.clone(), sent.clone());
        let came = Came { own, successor };
        self.aside(move |inner| inner.settle_adopted(&id, &sent, &holding, came, chosen))
            .await
    }
}

/// What a provider is asked for about something that it holds.
struct Recollection {
    provider: Arc<dyn Provider>,
    own: Request,
    row: Option<ActionRow>,
    successor: Option<Request>,
}

impl Inner {
    /// What the provider is asked about what it holds.
    fn recollection(&self, id: &EntryId) -> Result<Recollection, EngineError> {
        let loaded = self.store.snapshot();
        let entry = loaded.entries.get(id);
        let entry = entry
            .ok_or_else(|| crate::domain::inventory::Unresolved::Nothing(id.as_str().to_owned()))?;
        let action = entry.request.as_ref().map(|open| open.action.clone());
        let row = match action.as_deref() {
            None | Some(ORDER) => None,
            Some(action) => Some(self.row_sent(&entry, action)?),
        };
        let sending = entry.sending.as_deref().cloned().unwrap_or_default();
        let successor = match sending.successor {
            None => None,
            Some(successor) => {
                let ordered = Arc::new(*successor.entry);
                Some(self.request(ordered, Answers::default())?.1)
            }
        };
        let (provider, own) = self.request(entry, sending.with)?;
        Ok(Recollection {
            provider,
            own,
            row,
            successor,
        })
    }

    /// Writes down what was found, as if it had been the answer.
    fn settle_adopted(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        holding: &Holding,
        came: Came,
        chosen: bool,
    ) -> Result<Done, EngineError> {
        let Came { own, successor } = came;
        let open = own
            .happened
            .iter()
            .any(|what| matches!(what, What::Accepted { open: true, .. }));
        let adopted = What::Adopted {
            action: sent.action.clone(),
            found: holding.id.clone(),
            chosen,
            open,
        };
        let own = Answer {
            says: None,
            happened: std::iter::once(adopted)
                .chain(unsaid(own.happened))
                .collect(),
            ..own
        };
        let successor = successor.map(|answer| Answer {
            happened: unsaid(answer.happened).collect(),
            ..answer
        });
        let came = Came { own, successor };
        let (entry, successor) = self.settle_came(id, sent, came, Some(holding))?;
        let provider = self.provider_words(&entry);
        let says = format!("Found at {provider} as {}, and adopted.", holding.id);
        let entry = id.clone();
        Ok(match sent.action.as_str() {
            ORDER => Done::Ordered { entry, says },
            _ => Done::Acted {
                entry,
                says,
                successor,
            },
        })
    }

    /// What was found goes by the provider's number, and may have gone on since it was made.
    pub(super) fn stand_as_listed(
        &self,
        transaction: &mut Transaction,
        mut entry: Entry,
        holding: &Holding,
        now: Timestamp,
    ) {
        let number = &mut entry.product.order_number;
        number.get_or_insert_with(|| holding.id.clone());
        let table = self.lifecycles.get(&entry.lifecycle);
        let state = table.and_then(|table| table.state(holding.state.as_str()));
        let stands = state.and_then(|state| Some((&state.track, entry.tracks.get(&state.track)?)));
        let moved = stands
            .filter(|(_, track)| track.state != holding.state)
            .map(|(name, track)| What::Moved {
                track: name.clone(),
                from: track.state.clone(),
                to: holding.state.clone(),
                by: Cause::Observed,
            });
        happen(transaction, entry, moved, now);
    }
}

/// What happened, without words that nobody heard the provider say.
fn unsaid(happened: Vec<What>) -> impl Iterator<Item = What> {
    let is_said = |what: &What| matches!(what, What::Accepted { .. });
    happened.into_iter().filter(move |what| !is_said(what))
}
