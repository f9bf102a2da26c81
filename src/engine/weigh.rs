//! What a provider lists, held against a request of which nobody knows what came.
//!
//! May not: change anything. `reconcile` adopts the only thing that fits, `unsettled` lets a person
//! choose.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Inner;
use crate::domain::entry::{Entry, ORDER, OpenRequest, Sending};
use crate::domain::lifecycle::PREVIOUS;
use crate::providers::{Holding, Listing, Sought, Unfit};

/// A holding, and why it cannot have come of the request, if it cannot.
pub(super) type Judged = (Holding, Option<Unfit>);

/// What is listed, each thing with what speaks against it.
pub(super) struct Weighed {
    pub(super) list: Vec<Judged>,
    /// Whether the provider says that what is not listed never arrived.
    pub(super) complete: bool,
}

impl Weighed {
    fn fitting(&self) -> impl Iterator<Item = &Holding> {
        let fits = self.list.iter().filter(|(_, unfit)| unfit.is_none());
        fits.map(|(holding, _)| holding)
    }

    /// What fits, where exactly one thing does.
    pub(super) fn only(&self) -> Option<&Holding> {
        let mut fitting = self.fitting();
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// Whether several fit, so that one of them has to be named.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.fitting().count() > 1
    }

    /// What of it fits, in the middle of a sentence.
    pub(super) fn words(&self) -> String {
        let fitting: Vec<&str> = self.fitting().map(|holding| holding.id.as_str()).collect();
        match fitting.as_slice() {
            [] if self.complete => {
                "nothing that fits is listed there, and what is not listed there never arrived"
                    .to_owned()
            }
            [] => "nothing that fits is listed there".to_owned(),
            [only] => format!("{only} fits"),
            several => format!("{} of them fit: {}", several.len(), several.join(", ")),
        }
    }

    /// What is listed, with what speaks against each.
    pub(super) fn listed_words(&self) -> String {
        const SHOWN: usize = 8;
        if self.list.is_empty() {
            return "send it again, or say that it never arrived".to_owned();
        }
        let words = self
            .list
            .iter()
            .take(SHOWN)
            .map(|(holding, unfit)| match unfit {
                Some(unfit) => format!("{} ({unfit})", holding.id),
                None => holding.id.clone(),
            });
        let words: Vec<String> = words.collect();
        format!("what is listed: {}", words.join(", "))
    }
}

impl Inner {
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

    /// What is listed, each with why it cannot have come of the request.
    pub(super) fn weigh(&self, sought: &Sought, listing: Listing) -> Weighed {
        let Listing { holdings, complete } = listing;
        if holdings.is_empty() {
            let list = Vec::new();
            return Weighed { list, complete };
        }
        let loaded = self.store.snapshot();
        // What changes is its own; what is new is nobody's yet.
        let others = loaded.entries.of_account(&sought.entry.account);
        let others = others.filter(|other| sought.makes_new || other.id != sought.entry.id);
        let taken: BTreeSet<String> = others
            .filter_map(|other| other.product.order_number.clone())
            .collect();
        let judged = holdings.into_iter().map(|holding| {
            let unfit = if taken.contains(&holding.id) {
                Some(Unfit::Taken)
            } else {
                sought.objection(&holding)
            };
            (holding, unfit)
        });
        Weighed {
            list: judged.collect(),
            complete,
        }
    }
}
