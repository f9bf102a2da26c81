//! What came of a request that nobody answered: found out by listing what the provider holds.
//!
//! An intent without an answer that is older than the provider's patience was interrupted. What the
//! provider declares safe to repeat is repeated. Of everything else nobody knows what came: it is
//! marked so, the provider is asked what it holds (`weigh`), and exactly one match is adopted
//! (`adopt`). With none or several the mark stays, the gate refuses whatever would be sent, and a
//! person chooses (`unsettled`); also where the provider is certain that nothing arrived, which is
//! said to whoever chooses. Nothing else is ever sent a second time here. Of two processes one does
//! it: each step is a transaction that asks whether the request is still the same.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::act::Intended;
use super::command::{Done, Notice, Tone};
use super::error::{EngineError, UnknownOutcome};
use super::settle::{awaiting, happen};
use super::{Engine, Inner};
use crate::domain::entry::{Entry, EntryId, ORDER, OpenRequest};
use crate::domain::event::What;
use crate::domain::gate::Verdict;
use crate::domain::lifecycle::{ActionRow, effective_track};
use crate::domain::time;
use crate::providers::{Provider, ProviderError};

/// What is safe to repeat is not repeated for ever: after that many times a person decides.
const MOST_REPEATS: usize = 3;

/// What came of looking for a request.
pub(super) enum Found {
    /// It is settled.
    Settled(Done),
    /// Nobody knows still; what is listed, in words.
    Unknown(String),
}

impl Engine {
    /// Settles what was interrupted before its answer was written down: repeats it where that is
    /// safe, adopts what the provider lists, or marks that nobody knows what came of it.
    ///
    /// # Errors
    /// The first that could not be settled, for example because the store cannot be written.
    pub async fn settle_interrupted(&self) -> Result<(), EngineError> {
        if self.0.settings.read_only {
            return Ok(());
        }
        let mut first_trouble = Ok(());
        for (id, request) in self.aside(|inner| Ok(inner.interrupted())).await? {
            // One that cannot be settled keeps none of the others waiting.
            first_trouble = first_trouble.and(self.settle_one(&id, &request, true).await);
        }
        first_trouble
    }

    /// Settles one interrupted request, and tells what came of it; that nobody knows still only
    /// where it is `new`.
    pub(super) async fn settle_one(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        new: bool,
    ) -> Result<(), EngineError> {
        let found = self.reconcile(id, sent).await;
        let (id, sent) = (id.clone(), sent.clone());
        match found {
            Ok(Found::Unknown(_)) if !new => Ok(()),
            // What was settled without anybody's asking is told.
            Ok(found) => {
                self.aside(move |inner| {
                    inner.tell_found(&id, &sent, &found);
                    Ok(())
                })
                .await
            }
            // Nothing came of it, and the entry says so.
            Err(EngineError::Provider { .. } | EngineError::OutcomeUnknown(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Looks for what came of a request at once, for whoever waits for it.
    pub(super) async fn look_for(
        &self,
        id: EntryId,
        sent: OpenRequest,
        unknown: Box<UnknownOutcome>,
    ) -> Result<Done, EngineError> {
        let found = match self.reconcile(&id, &sent).await {
            Ok(Found::Settled(done)) => return Ok(done),
            Ok(Found::Unknown(found)) => found,
            Err(error @ EngineError::Provider { .. }) => return Err(error),
            Err(EngineError::OutcomeUnknown(unknown)) => unknown.found,
            Err(error) => error.to_string(),
        };
        Err(EngineError::OutcomeUnknown(Box::new(UnknownOutcome {
            found,
            ..*unknown
        })))
    }

    /// Finds out what came of a request.
    async fn reconcile(&self, id: &EntryId, sent: &OpenRequest) -> Result<Found, EngineError> {
        let (wanted, request) = (id.clone(), sent.clone());
        let (entry, provider) = self
            .aside(move |inner| inner.mark_unknown(&wanted, &request))
            .await?;
        let sought = self.0.sought(&entry, sent);
        let repeats = sought.sent.len();
        if provider.is_repeatable(&sent.action) && repeats <= MOST_REPEATS {
            return self.send_again(id, sent, false).await.map(Found::Settled);
        }
        let listing = Arc::clone(&provider).list(sought.clone()).await;
        let listing = match listing {
            Ok(listing) => listing,
            Err(error) => return Ok(Found::Unknown(not_listed(&error))),
        };
        let weighed = self
            .aside(move |inner| Ok(inner.weigh(&sought, listing)))
            .await?;
        let Some(only) = weighed.only() else {
            return Ok(Found::Unknown(weighed.words()));
        };
        let done = self.adopt_holding(id, sent, only.clone(), false).await?;
        Ok(Found::Settled(done))
    }

    /// Sends a request once more, under a new time; `risked` where a person wants it though nobody
    /// knows what came of the last one.
    pub(super) async fn send_again(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        risked: bool,
    ) -> Result<Done, EngineError> {
        let (wanted, request) = (id.clone(), sent.clone());
        let intended = self
            .aside(move |inner| inner.intend_again(&wanted, &request, risked))
            .await?;
        match intended {
            Some(intended) => self.send_action(intended).await,
            None => self.send_order(id.clone()).await,
        }
    }
}

impl Inner {
    /// The requests that nobody is working on any more and that are not marked yet.
    fn interrupted(&self) -> Vec<(EntryId, OpenRequest)> {
        let open = self.open_requests().into_iter();
        let open = open.filter(|(_, account, request)| self.is_interrupted(account, request));
        open.map(|(id, _, request)| (id, request)).collect()
    }

    /// Every request without an answer that is not on its way in this process, with its account.
    pub(super) fn open_requests(&self) -> Vec<(EntryId, String, OpenRequest)> {
        let loaded = self.store.snapshot();
        let open = loaded.entries.with_request().filter_map(|entry| {
            // What the provider has accepted was answered; carrying it out may take long.
            let request = entry.request.as_ref().filter(|open| !open.accepted)?;
            let account = entry.account.clone();
            (!self.is_in_flight(&entry.id)).then(|| (entry.id.clone(), account, request.clone()))
        });
        open.collect()
    }

    /// Whether a request was interrupted: its answer cannot come any more, or it was written down
    /// when the clock was wrong.
    pub(super) fn is_interrupted(&self, account: &str, request: &OpenRequest) -> bool {
        // Without its account nobody can be asked what came of it; the gate says so.
        let Ok(provider) = self.provider(account) else {
            return false;
        };
        let waited = request.since.duration_until(self.now());
        let may_still_come = SignedDuration::ZERO..provider.patience();
        !request.unknown_outcome && !may_still_come.contains(&waited)
    }

    /// Marks that nobody knows what came of a request, if it is still the same.
    fn mark_unknown(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
    ) -> Result<(Arc<Entry>, Arc<dyn Provider>), EngineError> {
        let entry = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = awaiting(transaction, id, sent)?;
            if entry
                .request
                .as_ref()
                .is_some_and(|open| open.unknown_outcome)
            {
                return Ok::<_, EngineError>(entry);
            }
            let action = sent.action.clone();
            let now = self.time_of(&entry.account);
            let what = [What::OutcomeUnknown { action }];
            let marked = happen(transaction, entry.as_ref().clone(), what, now);
            Ok(Arc::new(marked))
        })?;
        self.publish();
        let provider = self.provider(&entry.account)?;
        Ok((entry, provider))
    }

    /// The row by which an open request was sent: the one that allows it, were it not open, else
    /// the first that leads on from where the entry stands.
    pub(super) fn row_sent(
        &self,
        entry: &Arc<Entry>,
        action: &str,
    ) -> Result<ActionRow, EngineError> {
        let gone = || {
            EngineError::Failed(format!(
                "the table of {:?} has no row for {action:?} from where {} stands; look into its \
                 history and give the request up, or write a note",
                entry.lifecycle,
                entry.name()
            ))
        };
        let table = self.lifecycles.get(&entry.lifecycle).ok_or_else(gone)?;
        let mut free = entry.as_ref().clone();
        free.request = None;
        let inventory = self.picture();
        if let Verdict::Possible { row: Some(index) } = inventory.verdict(action, &free, self.now())
            && let Some(row) = table.actions.get(index)
        {
            return Ok(row.clone());
        }
        let now = self.time_of(&entry.account);
        let fits = |row: &&ActionRow| {
            let stands = effective_track(&free, &row.track, table, now);
            stands.is_some_and(|state| row.from.iter().any(|from| from == state.as_str()))
        };
        table.rows_of(action).find(fits).cloned().ok_or_else(gone)
    }

    /// Writes down that a request is sent again: an action with its row, or nothing for an order.
    fn intend_again(
        &self,
        id: &EntryId,
        sent: &OpenRequest,
        risked: bool,
    ) -> Result<Option<Intended>, EngineError> {
        let intended = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = awaiting(transaction, id, sent)?;
            let row = match sent.action.as_str() {
                ORDER => None,
                action => Some(self.row_sent(&entry, action)?),
            };
            let again = What::SentAgain {
                action: sent.action.clone(),
                since: self.another_time(&entry, sent),
                risked,
            };
            let now = self.time_of(&entry.account);
            let entry = happen(transaction, entry.as_ref().clone(), [again], now);
            let entry = Arc::new(entry);
            let sent = entry.request.clone();
            Ok::<_, EngineError>(
                row.zip(sent)
                    .map(|(row, sent)| Intended { entry, row, sent }),
            )
        })?;
        self.publish();
        Ok(intended)
    }

    /// Now, or a little later: two requests for an entry never have the same time, so that no
    /// answer is taken for that of another.
    fn another_time(&self, entry: &Entry, sent: &OpenRequest) -> Timestamp {
        let before = entry.sending.iter().flat_map(|sending| &sending.before);
        let last = before.chain([&sent.since]).max().copied();
        let now = self.now();
        match last.filter(|last| *last >= now) {
            Some(last) => time::later(last, SignedDuration::from_millis(1)),
            None => now,
        }
    }

    /// Tells what came of a request that nobody was waiting for any more.
    fn tell_found(&self, id: &EntryId, sent: &OpenRequest, found: &Found) {
        let Some(entry) = self.store.snapshot().entries.get(id) else {
            return;
        };
        let title = self.title_of(&entry, &sent.action);
        let (tone, says) = match found {
            Found::Settled(Done::Ordered { says, .. } | Done::Acted { says, .. }) => {
                (Tone::Plain, format!("{}: {title}: {says}", entry.name()))
            }
            Found::Settled(_) => return,
            Found::Unknown(found) => {
                let unknown = self.unknown(&entry, sent, "it was interrupted");
                let found = found.clone();
                (
                    Tone::Warning,
                    UnknownOutcome { found, ..unknown }.to_string(),
                )
            }
        };
        let entry = Some(entry.id.clone());
        self.tell(Notice { entry, tone, says });
    }

    /// What is to be said of a request of which nobody knows what came.
    pub(super) fn unknown(&self, entry: &Entry, sent: &OpenRequest, why: &str) -> UnknownOutcome {
        UnknownOutcome {
            id: entry.id.clone(),
            provider: self.provider_words(entry),
            action: self.title_of(entry, &sent.action),
            name: entry.name().to_owned(),
            why: why.to_owned(),
            found: "nobody has looked yet what is there".to_owned(),
        }
    }
}

fn not_listed(error: &ProviderError) -> String {
    format!("what is there could not be listed: {error}")
}
