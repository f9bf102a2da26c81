//! Rounds of looks at servers: again and again while the panel is open, once for `sync`, and once
//! for an import; what was seen is written down as it comes.
//!
//! May not: write down what an account that is gone by now would have liked to know. `live`,
//! `sync` and `import` call it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::hosts::{Look, Looks};
use super::{Memory, Round, World, hold, sort_out};
use crate::config::Target;
use crate::domain::account::AccountKind;
use crate::engine::command::{Done, ImportReport, Notice, Progress, SyncReport, Tone};
use crate::engine::error::EngineError;
use crate::engine::import::With;
use crate::engine::settings::AccountSettings;
use crate::engine::{Engine, Inner};

/// How often it is looked whether accounts came, went or changed.
const LOOK_AROUND: Duration = Duration::from_millis(500);

impl Engine {
    /// Looks at the servers of all watched accounts, each account when its time has come; ends
    /// only when it is dropped.
    pub(in crate::engine) async fn watch_servers(&self) {
        let mut watchers: BTreeMap<String, Watcher> = BTreeMap::new();
        loop {
            let accounts = self.0.accounts();
            // An account that is gone or watches something else now gets no late answers.
            watchers.retain(|name, watcher| accounts.get(name) == Some(&watcher.settings));
            for (name, settings) in accounts.iter().filter(|(_, known)| has_servers(known)) {
                let begin = || Watcher::begin(self, settings);
                watchers.entry(name.clone()).or_insert_with(begin);
            }
            sleep(LOOK_AROUND).await;
        }
    }

    /// Looks at the servers of one account again and again.
    async fn watch_servers_of(&self, settings: AccountSettings) {
        let mut told = None;
        loop {
            let looked = self.look_at_servers(&settings, |_, _| {}).await;
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

    /// Looks once at the servers of an account, and adds what came of it to a report.
    pub(super) async fn sync_servers(
        &self,
        account: &str,
        mut report: SyncReport,
    ) -> Result<SyncReport, EngineError> {
        let settings = self.0.accounts().get(account).cloned();
        let Some(settings) = settings.filter(has_servers) else {
            return Ok(report);
        };
        let tell = self.0.server_progress();
        let looked = self.look_at_servers(&settings, tell).await;
        self.0.progress.send_replace(None);
        add(&mut report, looked?);
        Ok(report)
    }

    /// One round; `step` hears how many of how many servers are done.
    async fn look_at_servers(
        &self,
        settings: &AccountSettings,
        step: impl Fn(usize, usize),
    ) -> Result<SyncReport, EngineError> {
        let at = self.now();
        let mut looks = Looks::begin(&settings.watch.hosts, self.0.settings.patience);
        let mut whole = SyncReport::default();
        step(0, looks.total);
        while let Some(gathered) = looks.next().await {
            step(looks.done(), looks.total);
            let settings = settings.clone();
            let settle = move |inner: &Inner| inner.settle_servers(&settings, gathered, at);
            add(&mut whole, self.aside(settle).await?);
        }
        Ok(whole)
    }

    /// Imports files and folders, and what servers show now.
    pub(super) async fn import_servers(
        &self,
        paths: Vec<PathBuf>,
        hosts: &[Target],
        with: With,
    ) -> Result<Done, EngineError> {
        self.0.may_import()?;
        let mut report = ImportReport::default();
        if !paths.is_empty() {
            let import = move |inner: &Inner| inner.import(&paths, with);
            match self.aside(import).await? {
                Done::Imported(files) => report = *files,
                other => return Ok(other),
            }
        }
        let mut looks = Looks::begin(hosts, self.0.settings.patience);
        let tell = self.0.server_progress();
        tell(0, looks.total);
        while let Some(gathered) = looks.next().await {
            tell(looks.done(), looks.total);
            let part = self.aside(|inner| inner.import_looks(gathered)).await;
            match part {
                Ok(part) => report.extend(part),
                Err(error) => {
                    self.0.progress.send_replace(None);
                    return Err(error);
                }
            }
        }
        self.0.progress.send_replace(None);
        Ok(Done::Imported(Box::new(report)))
    }
}

impl Inner {
    /// Writes down what some servers showed in the round that began `at`, unless their account is
    /// gone or watches something else by now. Blocks.
    fn settle_servers(
        &self,
        settings: &AccountSettings,
        looks: Vec<Look>,
        at: Timestamp,
    ) -> Result<SyncReport, EngineError> {
        let account = &settings.name;
        let memory = self.memory_of(account);
        let mut memory = hold(&memory);
        // Asked now, since an account is removed while nobody holds this.
        if self.accounts().get(account) != Some(settings) {
            return Ok(SyncReport::default());
        }
        self.enter_round(&mut memory, account, at);
        let looked = looks.len();
        let watched = settings.watch.hosts.iter().map(ToString::to_string);
        let mut world = memory.world.clone();
        world.keep_servers(&watched.collect::<BTreeSet<String>>());
        for look in looks {
            see(&mut world, look, true);
        }
        let mut report = self.settle_world(account, &mut memory, world, at)?;
        report.looked = looked;
        Ok(report)
    }

    /// Remembers when the round before this one was, at the first portion of a round.
    fn enter_round(&self, memory: &mut Memory, account: &str, at: Timestamp) {
        if memory.round.at != Some(at) {
            let accounts = self.store.snapshot().accounts;
            let looked = memory.looked.or_recorded(accounts.get(account));
            memory.round = Round {
                at: Some(at),
                before: looked.servers,
            };
        }
    }

    /// Writes down what some servers showed, as an import. Blocks.
    fn import_looks(&self, looks: Vec<Look>) -> Result<ImportReport, EngineError> {
        let mut report = ImportReport::default();
        let mut world = World::default();
        for look in looks {
            match &look.outcome {
                // A server that did not answer once is no entry: nobody asked to watch it.
                Err(why) => report.unreadable.push((look.place, why.clone())),
                Ok(certificates) => {
                    report.chained += certificates.len().saturating_sub(1);
                    report.duplicates += see(&mut world, look, false);
                }
            }
        }
        self.settle_import(&mut world, &mut report, &mut |_, _| {})?;
        self.publish();
        Ok(report)
    }

    /// Tells how far a round has come.
    fn server_progress(&self) -> impl Fn(usize, usize) + Send + use<> {
        let progress = self.progress.clone();
        let since = self.now();
        move |done, total| {
            progress.send_replace(Some(Progress {
                what: "Looking at servers".to_owned(),
                done,
                total: Some(total),
                since,
            }));
        }
    }
}

/// Takes one look into the world; says how many of its certificates were found elsewhere as well.
fn see(world: &mut World, look: Look, stands: bool) -> usize {
    match look.outcome {
        Ok(certificates) => {
            let sorted = sort_out(certificates, &look.place);
            world.above.extend(sorted.above.iter().cloned());
            world.hold(&look.place, sorted)
        }
        Err(why) => {
            world.fail(&look.place, why, stands);
            0
        }
    }
}

fn has_servers(settings: &AccountSettings) -> bool {
    settings.kind == AccountKind::Files && !settings.watch.hosts.is_empty()
}

/// One account whose servers are looked at again and again; ends when it is dropped.
struct Watcher {
    settings: AccountSettings,
    task: JoinHandle<()>,
}

impl Watcher {
    fn begin(engine: &Engine, settings: &AccountSettings) -> Self {
        let (engine, own) = (engine.clone(), settings.clone());
        let task = tokio::spawn(async move { engine.watch_servers_of(own).await });
        let settings = settings.clone();
        Self { settings, task }
    }
}

impl Drop for Watcher {
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
    use crate::engine::stage::Stage;

    #[test]
    fn a_wait_is_never_far_from_what_was_asked_for() {
        for _ in 0..1000 {
            let wait = jittered(Duration::from_secs(300));
            assert!((270..331).contains(&wait.as_secs()), "{wait:?}");
        }
        assert!(jittered(Duration::MAX) > Duration::from_secs(1));
    }

    #[test]
    fn late_answers_for_an_account_that_is_gone_are_dropped() {
        let stage = Stage::new();
        let inner = &stage.engine.0;
        let mut gone = AccountSettings::usual("gone", AccountKind::Files, "files");
        gone.watch.hosts = vec!["shop.example".parse().unwrap()];
        let late = Look {
            place: "shop.example:443".to_owned(),
            outcome: Err("it hangs".to_owned()),
        };
        let before = inner.store.snapshot().entries.len();
        let report = inner
            .settle_servers(&gone, vec![late], inner.now())
            .unwrap();
        assert_eq!(report, SyncReport::default());
        assert_eq!(inner.store.snapshot().entries.len(), before);
    }

    #[test]
    fn an_account_that_is_removed_is_forgotten_with_its_trouble() {
        let stage = Stage::new();
        let inner = &stage.engine.0;
        let settings = inner.accounts()["files"].clone();
        let look = Look {
            place: "shop.example:443".to_owned(),
            outcome: Err("it hangs".to_owned()),
        };
        let report = inner.settle_servers(&settings, vec![look], inner.now());
        assert_eq!(report.unwrap().looked, 1);
        assert!(hold(&inner.watching.shown).contains_key("files"));
        inner.without_looks("files", || Ok(())).unwrap();
        assert!(!hold(&inner.watching.shown).contains_key("files"));
        assert!(!hold(&inner.watching.memories).contains_key("files"));
    }
}
