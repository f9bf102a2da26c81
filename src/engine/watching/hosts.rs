//! Looking at servers: many at once, each for itself, and handed over as the answers come.
//!
//! It decides nothing about entries. May not: block, or let a slow server hold up another. `rounds`
//! calls it and writes down what was seen.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::config::Target;
use crate::pki::certificate::{self, CertificateError};
use crate::pki::{Certificate, chain};
use crate::probe::{self, Seen};

/// How many servers are talked to at the same time, over all accounts: few enough for any router.
static AT_ONCE: Semaphore = Semaphore::const_new(32);
/// How many more may be waited for that are slow: with those above few enough for any limit of
/// open files.
static WAITED_FOR: Semaphore = Semaphore::const_new(96);
/// A server that has not answered by then is waited for aside, so that dozens of dead ones keep no
/// good one from its turn.
const SLOW: Duration = Duration::from_millis(500);

/// How long answers are gathered before they are written down together: people see them come,
/// and the journal has few lines.
const GATHERING: Duration = Duration::from_secs(1);

/// What came of looking at one server.
pub(super) struct Look {
    /// The server as [`Target`] writes it.
    pub(super) place: String,
    /// Its own certificate and those above it; or why there is none and what to do, as a clause
    /// that stays the same for as long as the reason does.
    pub(super) outcome: Result<Vec<Certificate>, String>,
}

/// Servers that are being looked at; dropping it calls off what is under way.
pub(super) struct Looks {
    under_way: JoinSet<Look>,
    /// How many there were.
    pub(super) total: usize,
}

impl Looks {
    /// Begins to look, each for at most `patience`, and where it failed once more.
    pub(super) fn begin(targets: &[Target], patience: Duration) -> Self {
        let targets: BTreeSet<&Target> = targets.iter().collect();
        let mut under_way = JoinSet::new();
        for target in targets {
            under_way.spawn(look_twice(target.clone(), patience));
        }
        let total = under_way.len();
        Self { under_way, total }
    }

    /// How many have answered or failed.
    pub(super) fn done(&self) -> usize {
        self.total.saturating_sub(self.under_way.len())
    }

    /// What came of the next few: the first that is there, and whatever else comes within a second;
    /// nothing when there are no more.
    pub(super) async fn next(&mut self) -> Option<Vec<Look>> {
        let first = self.under_way.join_next().await?;
        let mut gathered = Vec::from_iter(first.ok());
        let until = Instant::now() + GATHERING;
        while let Ok(Some(next)) = timeout_at(until, self.under_way.join_next()).await {
            gathered.extend(next.ok());
        }
        Some(gathered)
    }
}

/// A failure counts when it is there a moment later, too: servers are restarted, packets are lost.
async fn look_twice(target: Target, patience: Duration) -> Look {
    let mut seen = look_once(&target, patience).await;
    if seen.as_ref().is_err_and(probe::ProbeError::may_pass) {
        sleep(patience / 5).await;
        seen = look_once(&target, patience).await;
    }
    let outcome = match seen {
        Ok(seen) => read(&seen),
        Err(error) => Err(error.to_string()),
    };
    Look {
        place: target.to_string(),
        outcome,
    }
}

async fn look_once(target: &Target, patience: Duration) -> Result<Seen, probe::ProbeError> {
    // The time in the queue is nobody's fault, so patience begins after it.
    let turn = AT_ONCE.acquire().await;
    let mut look = pin!(probe::look(target, patience));
    if let Ok(seen) = timeout(SLOW, &mut look).await {
        return seen;
    }
    let aside = WAITED_FOR.try_acquire();
    let _kept = aside.is_err().then_some(turn);
    look.await
}

/// The server's own certificate and what stands above it.
fn read(seen: &Seen) -> Result<Vec<Certificate>, String> {
    let mut shown = seen.chain.iter();
    let own = shown.next().map(Vec::as_slice).unwrap_or_default();
    let mut own = certificate::read(own).map_err(|error| unreadable(&error))?;
    // Whatever it may sign, here it serves: those that are made by hand usually say that they are
    // a CA, and their end is as urgent as any other's.
    own.is_ca = false;
    // Servers show all sorts of things behind their own; what does not stand above it is nobody's
    // business.
    let shown: Vec<Certificate> = shown
        .filter_map(|der| certificate::read(der).ok())
        .collect();
    let ordered = chain::order_chain(&own, &shown);
    Ok(ordered.into_iter().cloned().collect())
}

fn unreadable(error: &CertificateError) -> String {
    let why = match error {
        CertificateError::Unreadable { why, .. } => why.clone(),
        CertificateError::Trailing { extra } => format!("{extra} bytes follow its end"),
    };
    format!(
        "the server shows something that cannot be read as an X.509 certificate ({why}); install its certificate again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_a_reason() {
        let seen = Seen {
            chain: vec![vec![7; 40]],
            address: "192.0.2.1:443".parse().unwrap(),
            protocol: None,
            cipher: None,
            alpn: probe::Alpn::NotAsked,
        };
        let why = read(&seen).unwrap_err();
        assert!(
            why.contains("cannot be read as an X.509 certificate"),
            "{why}"
        );
    }
}
