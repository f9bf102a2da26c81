//! Examining and mending a store, also one that the engine would not open.
//!
//! The store's own doctor looks at files; here is added what only configuration and lifecycles can
//! say. Nothing is changed but by [`Doctor::mend`]. The headless command calls it; the panel does not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Engine, EngineError, EngineSettings};
use crate::domain::action;
use crate::domain::entry::EntryId;
use crate::domain::time;
use crate::store::doctor::{self as store, Watched};
use crate::store::{Disk, RealDisk};

pub use crate::store::doctor::{
    Examination, Finding, Findings, Kind, Level, Looked, Mended, Named, Seen, Waiting,
};

/// An intent whose answer is not there after this is not simply on its way.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(10);
/// What a provider has accepted and not carried out after this is worth a look.
const CARRIED_OUT_BY_THEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What an examination goes by.
#[derive(Clone, Debug)]
pub struct Doctor {
    /// Where the store is, and what is configured.
    pub settings: EngineSettings,
    /// The configuration file; nothing where there is none.
    pub config: Option<PathBuf>,
    /// What is wrong with the configuration, in sentences; accounts and lifecycles are not judged
    /// then.
    pub wrong: Vec<String>,
}

impl Doctor {
    /// Examines the store, without changing anything and without holding its lock; tells meanwhile how
    /// much of it is read.
    #[must_use]
    pub fn examine(&self, seen: &Arc<Seen>) -> Examination {
        let disk = Watched::new(RealDisk::default(), &self.settings.store, seen);
        let now = (self.settings.clock)();
        let mut examination = store::examine(&disk, &self.settings.store, now);
        for finding in self.judge(&examination, now) {
            examination.push(finding);
        }
        for finding in self.look_at_configuration(&disk) {
            examination.push(finding);
        }
        examination
    }

    /// Mends what can be mended without losing anything, under the store's lock. Gives what was
    /// mended, also where something stood in the way of the rest.
    ///
    /// # Errors
    /// When nothing may be changed, when another process keeps the lock, or what the file system
    /// said.
    pub fn mend(&self, examination: &Examination) -> (Vec<Mended>, Result<(), EngineError>) {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk::default());
        let options = self.settings.store_options();
        let store = &self.settings.store;
        let (mut mended, done) = store::mend(&disk, store, &options, examination);
        let done = done.map_err(EngineError::from).and_then(|()| {
            let copies = [Kind::FirstPage, Kind::Packed];
            let copies = copies.map(|kind| examination.findings.has(kind));
            self.make_copies_anew(copies, &mut mended)
        });
        (mended, done)
    }

    /// Writes the first page and what is packed anew, each where that is asked for and needed: what
    /// is in them only who reads the whole store knows.
    fn make_copies_anew(
        &self,
        [first_page, packed]: [bool; 2],
        mended: &mut Vec<Mended>,
    ) -> Result<(), EngineError> {
        if !first_page && !packed {
            return Ok(());
        }
        let engine = Engine::open(self.settings.clone())?;
        if first_page && engine.0.keep_first_page()? {
            mended.push(Mended::first_page());
        }
        if packed && engine.0.keep_packed()? {
            mended.push(Mended::packed());
        }
        Ok(())
    }

    /// What only accounts and lifecycles can say of what is there.
    fn judge(&self, examination: &Examination, now: Timestamp) -> Vec<Finding> {
        let present = &examination.present;
        let waiting = present.waiting.iter();
        let mut found: Vec<_> = waiting.filter_map(|one| judge_waiting(one, now)).collect();
        if !self.wrong.is_empty() {
            return found;
        }
        let accounts = self.settings.accounts_by_name();
        for (name, named) in &present.accounts {
            if !accounts.contains_key(name) {
                found.push(account_missing(name, named));
            }
        }
        for (id, named) in &present.lifecycles {
            if self.settings.lifecycles.get(id).is_none() {
                found.push(lifecycle_missing(id, named));
            }
        }
        found
    }

    /// What is wrong with the configuration's files, and which of them others may read.
    fn look_at_configuration(&self, disk: &dyn Disk) -> Vec<Finding> {
        let mut found: Vec<_> = self
            .wrong
            .iter()
            .map(|wrong| misconfigured(wrong))
            .collect();
        let folder = self.settings.accounts_folder.as_deref();
        let names = folder.map(|folder| disk.names(folder).unwrap_or_default());
        let mut names = names.unwrap_or_default();
        names.retain(|name| is_account_file(name));
        names.sort();
        let accounts = names.iter().filter_map(|name| Some(folder?.join(name)));
        let files: Vec<_> = self.config.clone().into_iter().chain(accounts).collect();
        found.extend(
            files
                .iter()
                .filter_map(|path| readable_by_others(disk, path)),
        );
        found
    }
}

fn is_account_file(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some_and(|ending| ending == "toml") && !name.starts_with('.')
}

fn title(id: &str) -> String {
    // An order is no action of an entry: it makes one.
    match action::spec(id) {
        Some(spec) => spec.title.to_owned(),
        None if id == "order" => "the order".to_owned(),
        None => id.to_owned(),
    }
}

/// A request without an answer, once it waits for longer than is usual.
fn judge_waiting(waiting: &Waiting, now: Timestamp) -> Option<Finding> {
    let request = &waiting.request;
    let title = format!("{} for {}", title(&request.action), waiting.name);
    let since = time::minute(request.since);
    let age = request.since.duration_until(now);
    let about = |level, kind, says| Finding::new(level, kind, "", says).entry(&waiting.entry);
    if request.unknown_outcome {
        let says = format!("{title} was sent at {since} UTC, and nobody can say what came of it");
        return Some(about(Level::Look, Kind::OutcomeUnknown, says).advice(format!(
            "see in the provider's own panel whether it arrived; `certdeck act adopt {id}` then \
             takes what did, `certdeck act send-again {id}` sends it once more, and `certdeck act \
             give-up {id}` says that it never arrived",
            id = waiting.entry
        )));
    }
    if request.accepted {
        let says = format!(
            "{title} was accepted at {since} UTC, and the provider has not carried it out since"
        );
        let long = age > CARRIED_OUT_BY_THEN;
        return long.then(|| {
            about(Level::Note, Kind::RequestOpen, says).advice("ask the provider's support")
        });
    }
    let says =
        format!("{title} was written down at {since} UTC to be asked for, and no answer came");
    (age > ON_ITS_WAY).then(|| {
        about(Level::Look, Kind::RequestOpen, says).advice(
            "open the panel, or change anything with certdeck: it settles first what was \
             interrupted",
        )
    })
}

fn count(named: &Named) -> (String, &EntryId) {
    let words = match named.count {
        1 => "one entry".to_owned(),
        count => format!("{count} entries"),
    };
    (words, &named.example)
}

fn account_missing(name: &str, named: &Named) -> Finding {
    let (entries, example) = count(named);
    let says = format!(
        "account {name} is not configured, and {entries} belong to it, such as {example}: nothing \
         can be asked for there"
    );
    Finding::new(Level::Note, Kind::AccountMissing, "", says).advice(format!(
        "`certdeck account add {name}` brings it back; what is kept stays readable without"
    ))
}

fn lifecycle_missing(id: &str, named: &Named) -> Finding {
    let (entries, example) = count(named);
    let says = format!(
        "there is no lifecycle table {id}, and {entries} follow it, such as {example}: what they \
         can do cannot be said"
    );
    Finding::new(Level::Note, Kind::LifecycleMissing, "", says).advice(
        "put its file back into the folder lifecycles beside the configuration; `certdeck config \
         check` says whether it is right",
    )
}

fn misconfigured(wrong: &str) -> Finding {
    Finding::new(Level::Look, Kind::Configuration, "", wrong)
        .advice("mend it; `certdeck config check` says whether it is right")
}

fn readable_by_others(disk: &dyn Disk, path: &Path) -> Option<Finding> {
    let look = disk.look(path).ok().flatten()?;
    if !look.is_loose() || look.kind != crate::store::Kind::File {
        return None;
    }
    let says = format!(
        "others may look at it or change it (its mode is {:04o}), and it may hold secrets",
        look.mode & 0o7777
    );
    let shown = path.display().to_string();
    let found = Finding::new(Level::Note, Kind::Configuration, &shown, says);
    Some(found.advice(format!("`chmod 600 {shown}` makes it yours alone")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::OpenRequest;

    fn waiting(unknown_outcome: bool, accepted: bool) -> Waiting {
        Waiting {
            entry: EntryId::new("a1"),
            name: "shop.example.com".to_owned(),
            account: "mine".to_owned(),
            request: OpenRequest {
                action: "renew".to_owned(),
                since: "2026-11-22T12:00:00Z".parse().unwrap(),
                unknown_outcome,
                accepted,
            },
        }
    }

    #[test]
    fn a_request_is_found_once_it_waits_for_longer_than_is_usual() {
        let cases = [
            (waiting(true, false), "12:00:01", Some(Kind::OutcomeUnknown)),
            (waiting(false, false), "12:09:00", None),
            (waiting(false, false), "12:11:00", Some(Kind::RequestOpen)),
            (waiting(false, true), "23:00:00", None),
        ];
        for (waiting, clock, expected) in cases {
            let now = format!("2026-11-22T{clock}Z").parse().unwrap();
            let found = judge_waiting(&waiting, now);
            assert_eq!(found.as_ref().map(|found| found.kind), expected, "{clock}");
        }
        let later = "2026-12-30T12:00:00Z".parse().unwrap();
        let found = judge_waiting(&waiting(false, true), later).unwrap();
        assert_eq!((found.level, found.kind), (Level::Note, Kind::RequestOpen));
        assert!(
            found
                .says
                .starts_with("Renew for shop.example.com was accepted"),
            "{}",
            found.says
        );
    }
}
