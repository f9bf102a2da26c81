//! While a panel is open: requests whose answers never came, those of other processes that died
//! included, are settled; and what is marked unknown is looked for again from time to time, since
//! most providers list what they accepted only after a while.
//!
//! `live` keeps it going.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Engine, Inner};
use crate::domain::entry::{EntryId, OpenRequest};

/// How often open requests are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// How long it takes until what is marked unknown is looked for again.
const AGAIN: Duration = Duration::from_secs(300);

impl Engine {
    /// Settles what was interrupted, again and again; ends only when it is dropped.
    pub(super) async fn keep_settling(&self) {
        let mut looked: BTreeMap<EntryId, Instant> = BTreeMap::new();
        loop {
            tokio::time::sleep(LOOK).await;
            let lost = self.0.lost();
            looked.retain(|id, _| lost.iter().any(|(lost, _)| lost == id));
            for (id, request) in lost {
                if looked.get(&id).is_some_and(|at| at.elapsed() < AGAIN) {
                    continue;
                }
                let is_first = looked.insert(id.clone(), Instant::now()).is_none();
                // What was marked before was told then, and its row says it.
                let is_new = is_first && !request.unknown_outcome;
                let settled = self.settle_one(&id, &request, is_new).await;
                self.0
                    .heard_of(&format!("what was asked for {id}"), settled);
            }
        }
    }
}

impl Inner {
    /// The requests that were interrupted, or of which nobody knows what came.
    fn lost(&self) -> Vec<(EntryId, OpenRequest)> {
        // Of a list that is still being read nothing is decided.
        if self.settings.read_only || self.store.snapshot().entries.is_first_page() {
            return Vec::new();
        }
        let is_lost = |account: &str, open: &OpenRequest| {
            open.unknown_outcome || self.is_interrupted(account, open)
        };
        let open = self.open_requests().into_iter();
        let lost = open.filter(|(_, account, request)| is_lost(account, request));
        lost.map(|(id, _, request)| (id, request)).collect()
    }
}
