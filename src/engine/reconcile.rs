//! What came of a request that nobody answered: found out by listing what the provider holds.
//!
//! An intent without an answer that is older than the provider's patience was interrupted. What is
//! safe to repeat is repeated. Of everything else nobody knows what came: it is marked so, the
//! provider is asked what it holds, and exactly one match is adopted. With none or several the mark
//! stays, the gate refuses whatever would be sent, and a person chooses (`unsettled`). Nothing is
//! ever sent a second time here unless that is safe or the provider says for certain that the first
//! never arrived. Of two processes one does it: each step is a transaction that asks whether the
//! request is still the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::act::{Came, Intended};
use super::command::{Done, Notice, Tone};
use super::error::{EngineError, UnknownOutcome};
use super::settle::{awaiting, happen};
use super::{Engine, Inner};
use crate::domain::entry::{Entry, EntryId, ORDER, OpenRequest, Sending};
use crate::domain::event::{Answers, Cause, What};
use crate::domain::gate::Verdict;
use crate::domain::lifecycle::{ActionRow, PREVIOUS, effective_track};
use crate::domain::time;
use crate::providers::{Answer, Holding, Listing, Provider, ProviderError, Request, Sought, Unfit};
use crate::store::Transaction;

/// What is safe to repeat is not repeated for ever: after that many times a person decides.
const MOST_REPEATS: usize = 3;

/// What came of looking for a request.
pub(super) enum Found {
    /// It is settled.
    Settled(Done),
    /// Nobody knows still; what is listed, in words.
    Unknown(String),
}

/// A holding, and why it cannot have come of the request, if it cannot.
pub(super) type Judged = (Holding, Option<Unfit>);

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
        let complete = listing.complete;
        let judged = self
            .aside(move |inner| Ok(inner.weigh(&sought, listing)))
            .await?;
        let mut fitting = judged.iter().filter(|(_, unfit)| unfit.is_none());
        match (fitting.next(), fitting.next()) {
            (Some((only, _)), None) => {
                let done = self.adopt_holding(id, sent, only.clone(), false).await?;
                Ok(Found::Settled(done))
            }
            (None, _) if complete => self.never_arrived(id, sent).await,
            _ => Ok(Found::Unknown(found_words(&judged))),
        }
    }

    /// The provider is certain that a request never arrived: an order is placed now, and of an
    /// action nothing came, so that whoever wanted it asks again.
    async fn never_arrived(&self, id: &EntryId, sent: &OpenRequest) -> Result<Found, EngineError> {
        if sent.action == ORDER {
            return self.send_again(id, sent, false).await.map(Found::Settled);
        }
        let (id, sent) = (id.clone(), sent.clone());
        let told = self
            .aside(move |inner| {
                let entry = inner.store.snapshot().entries.get(&id);
                let provider = entry.map_or_else(String::new, |entry| inner.provider_words(&entry));
                let says = format!(
                    "certdeck was interrupted before {provider} answered, so nothing happened; \
                     ask again"
                );
                inner.refused(&id, &sent, &ProviderError::Refused { says })
            })
            .await?;
        Err(told)
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

    /// What a request would have made or changed.
    pub(super) fn sought(&self, entry: &Arc<Entry>, sent: &OpenRequest) -> Sought {
        let sending = entry.sending.as_deref().cloned().unwrap_or_default();
        let Sending {
            with,
            successor,
            before,
        } = sending;
        let ordered = successor.map_or_else(|| entry.as_ref().clone(), |it| *it.entry);
        let names = if with.names.is_empty() {
            ordered.names
        } else {
            with.names
        };
        Sought {
            entry: Arc::clone(entry),
            action: sent.action.clone(),
            names,
            product: ordered.product.name,
            makes_new: sent.action == ORDER || ordered.id != entry.id,
            leads_to: self.leads_to(entry, &sent.action),
            sent: before.into_iter().chain([sent.since]).collect(),
        }
    }

    /// The states to which an action leads from where an entry stands, where they tell it.
    fn leads_to(&self, entry: &Arc<Entry>, action: &str) -> Vec<String> {
        let Ok(row) = self.row_sent(entry, action) else {
            return Vec::new();
        };
        let stands = entry.tracks.get(&row.track);
        let to = match row.to.as_deref() {
            Some(PREVIOUS) => stands.and_then(|track| track.previous.as_ref()?.as_str().into()),
            other => other,
        };
        let to = to.filter(|to| stands.is_none_or(|track| track.state.as_str() != *to));
        to.map(str::to_owned).into_iter().collect()
    }

    /// The row by which an open request was sent: the one that allows it, were it not open, else
    /// the first that leads on from where the entry stands.
    fn row_sent(&self, entry: &Arc<Entry>, action: &str) -> Result<ActionRow, EngineError> {
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

    /// What is listed, each with why it cannot have come of the request.
    pub(super) fn weigh(&self, sought: &Sought, listing: Listing) -> Vec<Judged> {
        if listing.holdings.is_empty() {
            return Vec::new();
        }
        let loaded = self.store.snapshot();
        // What changes is its own; what is new is nobody's yet.
        let others = loaded.entries.of_account(&sought.entry.account);
        let others = others.filter(|other| sought.makes_new || other.id != sought.entry.id);
        let taken: BTreeSet<String> = others
            .filter_map(|other| other.product.order_number.clone())
            .collect();
        let holdings = listing.holdings.into_iter().map(|holding| {
            let unfit = if taken.contains(&holding.id) {
                Some(Unfit::Taken)
            } else {
                sought.objection(&holding)
            };
            (holding, unfit)
        });
        holdings.collect()
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
        let stands = state.and_then(|state| entry.tracks.get_key_value(&state.track));
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

/// What happened, without words that nobody heard the provider say.
fn unsaid(happened: Vec<What>) -> impl Iterator<Item = What> {
    let is_said = |what: &What| matches!(what, What::Accepted { .. });
    happened.into_iter().filter(move |what| !is_said(what))
}

fn not_listed(error: &ProviderError) -> String {
    format!("what is there could not be listed: {error}")
}

/// What is listed, in the middle of a sentence.
pub(super) fn found_words(judged: &[Judged]) -> String {
    let fitting: Vec<&str> = judged
        .iter()
        .filter(|(_, unfit)| unfit.is_none())
        .map(|(holding, _)| holding.id.as_str())
        .collect();
    match fitting.as_slice() {
        [] => "nothing that fits is listed there".to_owned(),
        [only] => format!("{only} fits"),
        several => format!("{} of them fit: {}", several.len(), several.join(", ")),
    }
}
