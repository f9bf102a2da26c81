//! Watched accounts: looking at files, folders and servers, and writing down what changed.
//!
//! A look brings what lies where; `world` holds it, `plan` compares it with the entries, `settle`
//! writes down what changed and nothing else. What is known between two looks is in memory only:
//! after a restart everything is read again and compared with the store.

mod book;
mod find;
mod hosts;
mod live;
mod look;
mod plan;
mod rounds;
mod settle;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::command::{Done, Notice, SyncReport, Tone};
use super::error::EngineError;
use super::import::With;
use super::settings::AccountSettings;
use super::{Engine, Inner, hold};
use crate::config::Target;
use crate::domain::inventory::Watched;
use crate::domain::time;
use crate::files::watch::Cache;

pub(super) use book::left_behind;
pub(super) use find::sort_out;
pub(super) use look::complaint;
pub(super) use settle::Scene;
use settle::{LookedBefore, News, Settled};
pub(super) use world::World;

/// How old what the store remembers of the last look may be, where nobody watches.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// More news of one kind than this are told as one.
const NEWS: usize = 3;

/// What is known of watched accounts between two looks.
#[derive(Default)]
pub(super) struct Watching {
    /// One for each account; held during a look, so that two looks at one account wait.
    memories: Mutex<BTreeMap<String, Arc<Mutex<Memory>>>>,
    /// What everybody may see; held for a moment only.
    shown: Mutex<BTreeMap<String, Shown>>,
}

/// What is known of one account's places.
#[derive(Default)]
struct Memory {
    /// What lay where at the last look, without what was read then.
    world: World,
    cache: Cache,
    /// Files that were there at the look before the last one and not at the last one.
    missing: BTreeSet<String>,
    looked: LookedBefore,
    /// The round of looks at servers that is under way, or was the last one.
    round: Round,
}

/// One round of looks at servers, whose answers are written down in portions.
#[derive(Clone, Copy, Default)]
struct Round {
    /// When it began: the time of all its portions.
    at: Option<Timestamp>,
    /// When the round before it began: what is lost in this one was read well then.
    before: Option<Timestamp>,
}

/// How watching an account goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shown {
    looked: Option<Timestamp>,
    trouble: Vec<(String, String)>,
}

impl Engine {
    /// Looks at what accounts watch, once. Whether anything could be read is in the reports.
    pub(super) async fn sync(&self, account: Option<String>) -> Result<Done, EngineError> {
        let names = self.0.watching_accounts(account.as_deref())?;
        let mut reports = Vec::new();
        for name in names {
            let report = self.sync_files(&name).await?;
            let mut report = self.sync_servers(&name, report).await?;
            report.account = name;
            reports.push(report);
        }
        self.aside(|inner| inner.keep_looks(HOUR)).await?;
        Ok(Done::Synced(reports))
    }

    pub(super) async fn import_all(
        &self,
        paths: Vec<PathBuf>,
        hosts: Vec<Target>,
        passphrase: Option<SecretString>,
        keys: bool,
    ) -> Result<Done, EngineError> {
        let with = With { passphrase, keys };
        if hosts.is_empty() {
            let import = move |inner: &Inner| inner.import(&paths, with);
            return self.aside(import).await;
        }
        self.import_servers(paths, &hosts, with).await
    }
}

impl Inner {
    /// The accounts that watch something: the one that is named, or all.
    fn watching_accounts(&self, account: Option<&str>) -> Result<Vec<String>, EngineError> {
        let accounts = self.accounts();
        let watching = accounts.values().filter(|known| !known.watch.is_empty());
        let names: Vec<String> = watching.map(|known| known.name.clone()).collect();
        let Some(wanted) = account else {
            return Ok(names);
        };
        if names.iter().any(|name| name == wanted) {
            return Ok(vec![wanted.to_owned()]);
        }
        let why = if accounts.contains_key(wanted) {
            format!("the account {wanted:?} watches nothing")
        } else {
            format!("there is no account {wanted:?}")
        };
        let there_are = if names.is_empty() {
            "no account watches anything; `certdeck account add --kind files` adds one".to_owned()
        } else {
            format!("those that watch something are {}", names.join(", "))
        };
        Err(EngineError::Usage(format!("{why}; {there_are}")))
    }

    /// Compares a world with the store and keeps it; on an error the memory stays as it was.
    fn settle_world(
        &self,
        account: &str,
        memory: &mut Memory,
        mut world: World,
        at: Timestamp,
    ) -> Result<SyncReport, EngineError> {
        world.settle_where();
        let before = if world.covered.is_empty() {
            memory.looked.servers
        } else {
            memory.looked.files
        };
        // Servers answer in portions of one round, which have one time.
        world.first = before.is_none_or(|before| before == at);
        world.unseen = self.unseen_servers(account, &world);
        let settled = if self.may_not_write(account) {
            Settled::default()
        } else {
            let scene = Scene {
                account,
                world: &world,
                at,
                watch: Some(memory.looked_before(&world)),
            };
            self.settle(&scene, &mut |_, _| {})?
        };
        let changed = !settled.is_nothing();
        if world.covered.is_empty() {
            memory.looked.servers = Some(at);
        } else {
            memory.looked.files = Some(at);
        }
        let mut report = settled.report;
        account.clone_into(&mut report.account);
        report.trouble = world.trouble();
        self.show(account, at, &report.trouble, changed);
        self.tell_news(account, settled.news);
        memory.world = world.without_finds();
        Ok(report)
    }

    /// The servers of an account that nobody looked at yet.
    fn unseen_servers(&self, account: &str, world: &World) -> BTreeSet<String> {
        let accounts = self.accounts();
        let hosts = accounts.get(account).map(|known| &known.watch.hosts);
        let servers = hosts.into_iter().flatten().map(ToString::to_string);
        servers
            .filter(|server| !world.places.contains_key(server))
            .filter(|server| !world.failed.contains_key(server))
            .collect()
    }

    fn may_not_write(&self, account: &str) -> bool {
        let accounts = self.accounts();
        let account = accounts.get(account);
        self.settings.read_only || account.is_some_and(|account| account.read_only)
    }

    /// Removes an account while nobody looks at what it watches, and forgets what was seen: an
    /// answer that comes later finds it gone.
    pub(super) fn without_looks<T>(
        &self,
        account: &str,
        removal: impl FnOnce() -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let memory = self.memory_of(account);
        let _nobody_looks = hold(&memory);
        let removed = removal()?;
        self.forget_looks(account);
        Ok(removed)
    }

    /// Forgets what was seen of an account: one that comes back under its name is looked at for the
    /// first time. It waits for nobody; a look that is under way keeps its own memory.
    pub(super) fn forget_looks(&self, account: &str) {
        hold(&self.watching.memories).remove(account);
        hold(&self.watching.shown).remove(account);
    }

    fn memory_of(&self, account: &str) -> Arc<Mutex<Memory>> {
        let mut memories = hold(&self.watching.memories);
        Arc::clone(memories.entry(account.to_owned()).or_default())
    }

    fn watched_paths(&self, account: &str) -> Vec<String> {
        let accounts = self.accounts();
        let paths = accounts.get(account).map(|known| known.watch.paths.clone());
        let paths = paths.unwrap_or_default().into_iter();
        paths.map(|path| path.display().to_string()).collect()
    }

    /// Publishes what a look changed; nothing where it changed nothing.
    fn show(&self, account: &str, at: Timestamp, trouble: &[(String, String)], changed: bool) {
        let troubled = {
            let mut all = hold(&self.watching.shown);
            let shown = all.entry(account.to_owned()).or_default();
            shown.looked = Some(at);
            let troubled = shown.trouble != trouble;
            if troubled {
                shown.trouble = trouble.to_vec();
            }
            troubled
        };
        if changed || troubled || self.shown_look_is_old(account, at) {
            self.publish();
        }
    }

    /// Whether what everybody sees says that the account was looked at longer ago than a minute,
    /// or never.
    fn shown_look_is_old(&self, account: &str, at: Timestamp) -> bool {
        const MINUTE: i64 = 60;
        let shown = self.published.borrow();
        let account = shown.accounts.get(account);
        let looked = account.and_then(|account| account.watched.as_ref()?.looked);
        looked.is_none_or(|looked| !(0..MINUTE).contains(&looked.duration_until(at).as_secs()))
    }

    fn tell_news(&self, account: &str, news: Vec<News>) {
        let (renewed, lost): (Vec<_>, Vec<_>) = news
            .into_iter()
            .partition(|news| matches!(news, News::Renewed(..)));
        for (news, what, tone) in [
            (renewed, "were renewed", Tone::Good),
            (lost, "cannot be read any more", Tone::Warning),
        ] {
            if news.len() > NEWS {
                let says = format!("{} certificates of {account} {what}", news.len());
                self.tell(Notice {
                    entry: None,
                    tone,
                    says,
                });
                continue;
            }
            for one in news {
                self.tell(one.notice(account, tone));
            }
        }
    }

    /// How watching an account goes; nothing where it watches nothing.
    pub(super) fn watched(&self, settings: &AccountSettings) -> Option<Watched> {
        let watch = &settings.watch;
        if watch.is_empty() {
            return None;
        }
        let paths = watch.paths.iter().map(|path| path.display().to_string());
        let hosts = watch.hosts.iter().map(ToString::to_string);
        let shown = hold(&self.watching.shown).get(&settings.name).cloned();
        let shown = shown.unwrap_or_default();
        Some(Watched {
            places: paths.chain(hosts).collect(),
            looked: shown.looked.or_else(|| self.looked_once(&settings.name)),
            trouble: shown.trouble,
        })
    }

    /// When an earlier certdeck looked at an account.
    fn looked_once(&self, account: &str) -> Option<Timestamp> {
        let accounts = self.store.snapshot().accounts;
        let looked = LookedBefore::default().or_recorded(accounts.get(account));
        looked.files.max(looked.servers)
    }

    /// Writes down when accounts were looked at, for the next certdeck, where what it would read
    /// is older than `age`: who looks every minute does not fill the journal with it.
    pub(super) fn keep_looks(&self, age: SignedDuration) -> Result<(), EngineError> {
        let recorded = self.store.snapshot().accounts;
        let memories = hold(&self.watching.memories).clone();
        let mut looked = Vec::new();
        for (name, memory) in memories {
            // A look that is still under way writes it down itself.
            if let Ok(memory) = memory.try_lock()
                && memory.looked.is_newer(recorded.get(&name), age)
                && !self.may_not_write(&name)
            {
                looked.push((name, memory.looked));
            }
        }
        if looked.is_empty() {
            return Ok(());
        }
        self.store.transact(|transaction| {
            transaction.who(&self.who);
            for (name, looked) in &looked {
                if let Some(mut record) = transaction.account(name).cloned() {
                    looked.write(&mut record);
                    transaction.put_account(record);
                }
            }
            Ok(())
        })
    }
}

impl Memory {
    /// When what this look is about was looked at before.
    fn looked_before(&self, world: &World) -> LookedBefore {
        if world.covered.is_empty() {
            let servers = self.round.before;
            LookedBefore {
                servers,
                ..self.looked
            }
        } else {
            self.looked
        }
    }
}

impl News {
    fn notice(self, account: &str, tone: Tone) -> Notice {
        let (entry, says) = match self {
            Self::Renewed(id, name, until) => {
                let until = time::date(until);
                (
                    id,
                    format!("{name} ({account}) was renewed: valid until {until}"),
                )
            }
            Self::Lost(id, name, why) => (
                id,
                format!("{name} ({account}) cannot be read any more: {why}"),
            ),
        };
        Notice {
            entry: Some(entry),
            tone,
            says,
        }
    }
}
