//! Many looks at once, each for itself, with a bound.
//!
//! It decides nothing about what is seen. May not: hold more than a few looks per place that is
//! free, or let slow servers keep good ones from their turn. `probing` feeds it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::config::Target;
use crate::probe::{self, ProbeError, Seen};

/// A server that has not answered by then is waited for aside, so that dozens of dead ones keep no
/// good one from its turn.
const SLOW: Duration = Duration::from_millis(500);

/// How looks are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) patience: Duration,
    /// How many servers are talked to at once; as many more may be waited for that are slow.
    pub(super) parallel: usize,
}

/// What came of one look, by the number under which it was asked for.
pub(super) type Looked = (usize, Result<Seen, ProbeError>);

/// Looks that are under way; dropping it calls them off.
pub(super) struct Crew {
    manner: Manner,
    under_way: JoinSet<Looked>,
    turns: Arc<Semaphore>,
    aside: Arc<Semaphore>,
}

impl Crew {
    pub(super) fn new(manner: Manner) -> Self {
        let parallel = manner.parallel.max(1);
        Self {
            manner: Manner { parallel, ..manner },
            under_way: JoinSet::new(),
            turns: Arc::new(Semaphore::new(parallel)),
            aside: Arc::new(Semaphore::new(parallel)),
        }
    }

    /// Whether it takes another one: so many are under way, so many are slow, and so many wait for
    /// their turn, so that it comes without a pause.
    pub(super) fn has_room(&self) -> bool {
        self.under_way.len() < self.manner.parallel.saturating_mul(3)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Begins to look.
    pub(super) fn begin(&mut self, number: usize, target: Target) {
        let (turns, aside) = (Arc::clone(&self.turns), Arc::clone(&self.aside));
        let manner = self.manner;
        self.under_way.spawn(async move {
            // The time in the queue is nobody's fault, so patience begins after it.
            let turn = turns.acquire_owned().await;
            let looked = probe::look(&target, manner.patience);
            let mut looked = pin!(looked);
            if let Ok(seen) = timeout(SLOW, &mut looked).await {
                return (number, seen);
            }
            let aside = aside.try_acquire_owned();
            let kept = aside.is_err().then_some(turn);
            let seen = looked.await;
            drop((kept, aside));
            (number, seen)
        });
    }

    /// The next that is there; nothing when there are no more, or one was lost to a fault.
    pub(super) async fn next(&mut self) -> Option<Looked> {
        self.under_way.join_next().await?.ok()
    }
}
