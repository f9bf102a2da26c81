//! Looking at servers: many at once, each for itself, and handed over as the answers come.
//!
//! It decides nothing about entries: what was seen becomes looks, and `settle_looks` writes down
//! what changed. May not: block, or let a slow server hold up another. Watching, `sync` and
//! importing call it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout_at};

use super::Look;
use crate::config::Target;
use crate::engine::command::{Notice, SyncReport, Tone};
use crate::engine::error::EngineError;
use crate::engine::settings::AccountSettings;
use crate::engine::{Engine, Inner};
use crate::pki::Certificate;
use crate::pki::certificate::{self, CertificateError};
use crate::probe::{self, Seen};

/// How many servers are looked at at the same time, over all accounts: enough that dozens of dead
/// ones are over in a few patiences, few enough for any router and any limit of open files.
static AT_ONCE: Semaphore = Semaphore::const_new(32);

/// How long answers are gathered before they are written down together: people see them come,
/// and the journal has few lines.
const GATHERING: Duration = Duration::from_secs(1);

/// How often it is looked whether accounts came, went or changed.
const LOOK_AROUND: Duration = Duration::from_millis(500);

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
    let _turn = AT_ONCE.acquire().await;
    probe::look(target, patience).await
}

/// The server's own certificate and what stands above it.
fn read(seen: &Seen) -> Result<Vec<Certificate>, String> {
    let mut shown = seen.chain.iter();
    let own = shown.next().map(Vec::as_slice).unwrap_or_default();
    let own = certificate::read(own).map_err(|error| unreadable(&error))?;
    // Servers show all sorts of things behind their own; only CAs can stand above it, and nothing
    // of it is an entry. A CA that serves as a certificate stands for itself.
    let above = shown.filter_map(|der| certificate::read(der).ok());
    let above = above.filter(|above| above.is_ca && !own.is_ca && above.sha256 != own.sha256);
    let above: Vec<Certificate> = above.collect();
    Ok(std::iter::once(own).chain(above).collect())
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

impl Engine {
    /// Looks at all servers of an account once and writes down what was seen as it comes; `step`
    /// hears how many of how many are done. Nothing where the account watches no servers, or is
    /// not there any more.
    pub(super) async fn look_at_servers(
        &self,
        account: &str,
        mut step: impl FnMut(usize, usize),
    ) -> Result<Option<SyncReport>, EngineError> {
        let settings = self.0.accounts().get(account).cloned();
        let Some(settings) = settings.filter(|settings| !settings.watch.hosts.is_empty()) else {
            return Ok(None);
        };
        let mut looks = Looks::begin(&settings.watch.hosts, self.0.settings.patience);
        let mut whole = SyncReport {
            account: account.to_owned(),
            ..SyncReport::default()
        };
        step(0, looks.total);
        while let Some(gathered) = looks.next().await {
            step(looks.done(), looks.total);
            let settings = settings.clone();
            let report = self.aside(move |inner| inner.settle_servers(&settings, gathered));
            add(&mut whole, report.await?);
        }
        Ok(Some(whole))
    }

    /// Looks at the servers of all watched accounts, each account when its time has come; ends
    /// only when it is dropped.
    pub(in crate::engine) async fn live_servers(&self) {
        let mut rounds: BTreeMap<String, Round> = BTreeMap::new();
        loop {
            let accounts = self.0.accounts();
            // An account that is gone or watches something else now gets no late answers.
            rounds.retain(|name, round| accounts.get(name) == Some(&round.settings));
            for (name, settings) in accounts.iter() {
                if !settings.watch.hosts.is_empty() && !rounds.contains_key(name) {
                    rounds.insert(name.clone(), Round::begin(self, settings));
                }
            }
            sleep(LOOK_AROUND).await;
        }
    }

    async fn live_servers_of(&self, settings: AccountSettings) {
        let mut told = None;
        loop {
            let looked = self.look_at_servers(&settings.name, |_, _| {}).await;
            let trouble = looked.err().map(|error| error.to_string());
            if let Some(trouble) = trouble.clone().filter(|_| trouble != told) {
                let name = &settings.name;
                self.0.tell(Notice {
                    entry: None,
                    tone: Tone::Bad,
                    says: format!("what the servers of {name} show could not be kept: {trouble}"),
                });
            }
            told = trouble;
            sleep(jittered(settings.watch.every)).await;
        }
    }
}

impl Inner {
    /// Writes down what some servers showed, unless their account is gone by now.
    fn settle_servers(
        &self,
        settings: &AccountSettings,
        looks: Vec<Look>,
    ) -> Result<SyncReport, EngineError> {
        if self.accounts().get(&settings.name) != Some(settings) {
            return Ok(SyncReport::default());
        }
        self.settle_looks(&settings.name, looks, false, self.now())
    }
}

/// One account whose servers are looked at again and again; ends when it is dropped.
struct Round {
    settings: AccountSettings,
    task: JoinHandle<()>,
}

impl Round {
    fn begin(engine: &Engine, settings: &AccountSettings) -> Self {
        let (engine, own) = (engine.clone(), settings.clone());
        let task = tokio::spawn(async move { engine.live_servers_of(own).await });
        let settings = settings.clone();
        Self { settings, task }
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A tenth more or less, so that many machines and many accounts do not all come at once.
fn jittered(every: Duration) -> Duration {
    let chance = RandomState::new().build_hasher().finish() % 200;
    let thousandths = 900 + u32::try_from(chance).unwrap_or(100);
    every.saturating_mul(thousandths) / 1000
}

fn add(whole: &mut SyncReport, part: SyncReport) {
    whole.looked += part.looked;
    whole.new += part.new;
    whole.renewed += part.renewed;
    whole.moved += part.moved;
    whole.lost += part.lost;
    whole.found_again += part.found_again;
    // Each part says everything that is wrong with the account by then.
    whole.trouble = part.trouble;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_never_far_from_what_was_asked_for() {
        for _ in 0..1000 {
            let wait = jittered(Duration::from_secs(300));
            assert!((270..331).contains(&wait.as_secs()), "{wait:?}");
        }
        assert!(jittered(Duration::MAX) > Duration::from_secs(1));
    }

    #[test]
    fn what_is_no_certificate_is_a_reason() {
        let seen = Seen {
            chain: vec![vec![7; 40]],
            address: "192.0.2.1:443".parse().unwrap(),
        };
        let why = read(&seen).unwrap_err();
        assert!(
            why.contains("cannot be read as an X.509 certificate"),
            "{why}"
        );
    }
}
