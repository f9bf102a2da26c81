//! Whether an account can be used: everything that it needs is looked at, and nothing changed.
//!
//! May not: write, or hold anybody up longer than [`PATIENCE`] for each server.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::command::{AccountCheck, Done};
use super::super::error::EngineError;
use super::super::settings::AccountSettings;
use super::super::{Engine, Inner};
use crate::config::{Target, Watch};
use crate::domain::account::AccountKind;
use crate::domain::time;
use crate::files;
use crate::files::watch::Filter;
use crate::pki::certificate;
use crate::probe::{self, Seen};

/// How long a server may take: who waits at a terminal waits no longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many servers are looked at side by side.
const AT_ONCE: usize = 16;
/// How many unreadable files of a folder are named; the rest is counted.
const NAMED: usize = 20;

type Finding = (String, Result<String, String>);

impl Engine {
    /// Looks whether an account can be used; changes nothing.
    pub(in super::super) async fn check_account(&self, name: String) -> Result<Done, EngineError> {
        let accounts = self.0.accounts();
        let settings = accounts.get(&name).cloned();
        let settings = settings.ok_or_else(|| self.0.no_such_account(&name))?;
        let hosts = settings.watch.hosts.clone();
        let mut findings = self
            .aside(move |inner| Ok(inner.look_into(&settings)))
            .await?;
        findings.extend(look_at(hosts).await);
        Ok(Done::AccountChecked(AccountCheck { name, findings }))
    }
}

impl Inner {
    fn look_into(&self, account: &AccountSettings) -> Vec<Finding> {
        let mut findings = vec![self.file_of(account)];
        let lifecycles = self.lifecycles_of(account);
        findings.extend(lifecycles.iter().map(|id| self.table_of(id)));
        match account.kind {
            AccountKind::ByHand => findings.push(self.panel_of(account)),
            AccountKind::Sandbox => findings.push(self.sandbox_of(account)),
            AccountKind::Files => findings.extend(places(&account.watch)),
        }
        findings.push(self.entries_of(account));
        findings
    }

    fn file_of(&self, account: &AccountSettings) -> Finding {
        let says = match self.account_file(&account.name) {
            Some(file) => file.display().to_string(),
            None => "none; it is built in, with the usual settings".to_owned(),
        };
        ("file".to_owned(), Ok(says))
    }

    fn table_of(&self, id: &str) -> Finding {
        let found = self.lifecycles.get(id).map(|table| {
            let states = counted(table.states.len(), "state");
            format!("{id}: {}, {states}", table.title)
        });
        let missing = || format!("the table {id:?} is not there; `certdeck config check` says why");
        ("lifecycle".to_owned(), found.ok_or_else(missing))
    }

    fn panel_of(&self, account: &AccountSettings) -> Finding {
        let support = self.lifecycles_of(account);
        let support = support.first().and_then(|id| self.lifecycles.get(id));
        let support = support.and_then(|table| table.support.as_ref()?.link.clone());
        let link = account.panel.clone().or(support);
        let missing = || {
            let name = &account.name;
            format!("no link to it is known; write panel = \"https://…\" into {name}.toml")
        };
        ("panel".to_owned(), link.ok_or_else(missing))
    }

    fn sandbox_of(&self, account: &AccountSettings) -> Finding {
        let loaded = self.store.snapshot();
        let record = loaded.accounts.get(&account.name);
        let clock = time::minute(self.time_of(&account.name));
        let found = match record.and_then(|record| record.ca.as_ref()) {
            None => Ok("it was never used; its clock and its CA begin with the first order".into()),
            // Reading the CA again is the check: key, root and intermediate are all needed.
            Some(ca) => self
                .read_ca(&account.name, ca)
                .map(|_| format!("its clock shows {clock} UTC, its CA can sign"))
                .map_err(|error| error.to_string()),
        };
        ("sandbox".to_owned(), found)
    }

    fn entries_of(&self, account: &AccountSettings) -> Finding {
        let inventory = self.picture();
        let now = self.now();
        let entries = inventory.entries.of_account(&account.name);
        let shown: Vec<_> = entries.filter(|entry| !entry.archived).collect();
        let needy = shown
            .iter()
            .filter(|entry| inventory.row(entry, now).needs_someone());
        let needy = needy.count();
        let says = match (shown.len(), needy) {
            (0, _) => "none yet".to_owned(),
            (all, 0) => format!("{all}, none of them needs someone"),
            (all, needy) => format!("{all}, {needy} need someone"),
        };
        ("entries".to_owned(), Ok(says))
    }
}

/// Each watched file and folder: whether it can be read, and what fits and holds certificates.
fn places(watch: &Watch) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in &watch.paths {
        place(path, watch, &mut findings);
    }
    if watch.is_empty() {
        let says = "it watches nothing; `certdeck import` reads what it is given".to_owned();
        findings.push(("watched".to_owned(), Ok(says)));
    }
    findings
}

fn place(path: &Path, watch: &Watch, findings: &mut Vec<Finding>) {
    let filter = Filter::new(&watch.include, &watch.exclude);
    let survey =
        filter.and_then(|filter| files::survey(path, &filter).map_err(|error| error.to_string()));
    let survey = match survey {
        Ok(survey) => survey,
        Err(why) => return findings.push((shown(path), Err(why))),
    };
    let says = format!(
        "{}, {} with {}",
        counted(survey.fitting, "fitting file"),
        survey.holding,
        counted(survey.certificates, "certificate")
    );
    let found = if survey.certificates > 0 {
        Ok(says)
    } else if watch.include.is_empty() && watch.exclude.is_empty() {
        Err(format!("{says}; name the folder in which certificates lie"))
    } else {
        Err(format!(
            "{says}; see whether the patterns fit the files there"
        ))
    };
    findings.push((shown(path), found));
    let troubles = survey.troubles.len();
    for (path, error) in survey.troubles.into_iter().take(NAMED) {
        findings.push((shown(&path), Err(error.to_string())));
    }
    if troubles > NAMED {
        let says = format!("{} more cannot be read", troubles - NAMED);
        findings.push((shown(path), Err(says)));
    }
}

/// All servers, some side by side, in their order.
async fn look_at(hosts: Vec<Target>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for some in hosts.chunks(AT_ONCE) {
        let mut looks = JoinSet::new();
        for (index, target) in some.iter().cloned().enumerate() {
            looks.spawn(async move { (index, probe::look(&target, PATIENCE).await) });
        }
        let mut seen = looks.join_all().await;
        seen.sort_by_key(|(index, _)| *index);
        findings.extend(seen.into_iter().map(|(index, seen)| {
            let found = seen.map(|seen| what_was_shown(&seen));
            (
                some[index].to_string(),
                found.map_err(|error| error.to_string()),
            )
        }));
    }
    findings
}

fn what_was_shown(seen: &Seen) -> String {
    let Seen { chain, address, .. } = seen;
    let own = chain.first().and_then(|der| certificate::read(der).ok());
    let own = own.map_or_else(
        || "a certificate that cannot be read".to_owned(),
        |own| format!("{} until {}", own.display_name(), time::date(own.not_after)),
    );
    format!(
        "{address} shows {own}, {} in all",
        counted(chain.len(), "certificate")
    )
}

fn counted(count: usize, what: impl Display) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
