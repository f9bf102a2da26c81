//! Where the servers of an entry are, and what they should serve.
//!
//! It reads entries and opens no connection. `probing` asks it for some entries at a time, so that
//! a hundred thousand of them never lie in memory at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::judge::{Family, target_of};
use crate::config::{ProbeSettings, Target, USUAL_PORT};
use crate::domain::entry::{Entry, EntryId, LinkKind};
use crate::domain::inventory::{Inventory, descendants};
use crate::domain::query::{Query, Search};
use crate::domain::rows::Rows;
use crate::engine::command::{Detour, ProbeForm, StartTls};

/// How many entries before one are looked at; nobody keeps more generations.
const GENERATIONS: usize = 32;

/// An entry and its places.
pub(super) struct Planned {
    pub(super) id: EntryId,
    pub(super) name: String,
    pub(super) family: Family,
    pub(super) targets: Vec<Target>,
    pub(super) skipped: Vec<String>,
}

/// What an entry should serve, and where: what was asked for goes before what the account says.
pub(super) fn plan(
    inventory: &Inventory,
    entry: &Entry,
    form: &ProbeForm,
    settings: &ProbeSettings,
) -> Planned {
    let starttls = form.starttls.or(settings.starttls);
    let asked = form.port.or(form.starttls.map(StartTls::usual_port));
    let settled = settings.port.or(starttls.map(StartTls::usual_port));
    let way = Way {
        port: asked.or(settled).unwrap_or(USUAL_PORT),
        starttls,
        settings,
    };
    let (targets, skipped) = way.places(entry);
    let targets = targets.into_iter().map(|target| match &form.detour {
        Some(detour) => around(&target, detour),
        None => target,
    });
    Planned {
        id: entry.id.clone(),
        name: entry.name().to_owned(),
        family: family(inventory, entry),
        targets: targets.collect(),
        skipped,
    }
}

/// How names become servers.
struct Way<'a> {
    port: u16,
    starttls: Option<StartTls>,
    settings: &'a ProbeSettings,
}

impl Way<'_> {
    /// The servers of an entry: the one that it was read from, or else each of its names; and those
    /// names that are none.
    fn places(&self, entry: &Entry) -> (Vec<Target>, Vec<String>) {
        if let Some(server) = entry.origin.as_deref().and_then(server_of) {
            return (vec![server], Vec::new());
        }
        let (mut targets, mut skipped) = (Vec::new(), Vec::new());
        let mut met = BTreeSet::new();
        for name in &entry.names {
            match self.target(name) {
                Some(target) if met.insert(target.clone()) => targets.push(target),
                Some(_) => {}
                None => skipped.push(name.clone()),
            }
        }
        (targets, skipped)
    }

    fn target(&self, name: &str) -> Option<Target> {
        let under = self.settings.under(name);
        let target = target_of(under.as_deref().unwrap_or(name), self.port)?;
        Some(Target {
            starttls: self.starttls,
            ..target
        })
    }
}

/// The server that an entry was read from; what begins with a slash is a file.
fn server_of(origin: &str) -> Option<Target> {
    let is_file = origin.starts_with('/');
    (!is_file).then(|| origin.parse().ok()).flatten()
}

/// The same asked at another place.
pub(super) fn around(target: &Target, detour: &Detour) -> Target {
    let name = target.name.clone().unwrap_or_else(|| target.host.clone());
    Target {
        host: detour.host.clone(),
        port: detour.port.unwrap_or(target.port),
        name: Some(name),
        starttls: target.starttls,
    }
}

/// The certificates of an entry, of those that came before it and of those that came after.
fn family(inventory: &Inventory, entry: &Entry) -> Family {
    let mut family = Family::default();
    family.take(entry);
    for later in descendants(entry, |id| inventory.get(id)) {
        family.take_after(&later);
    }
    for earlier in ancestors(inventory, entry) {
        family.take_before(&earlier);
    }
    family
}

fn ancestors(inventory: &Inventory, entry: &Entry) -> Vec<Arc<Entry>> {
    let before = |entry: &Entry| {
        let links = entry.links.iter();
        let links = links.filter(|link| matches!(link.kind, LinkKind::Renews | LinkKind::Replaces));
        links.map(|link| link.entry.clone()).collect::<Vec<_>>()
    };
    let mut met = BTreeSet::from([entry.id.clone()]);
    let (mut next, mut found) = (before(entry), Vec::new());
    while let Some(id) = next.pop() {
        if found.len() < GENERATIONS
            && met.insert(id.clone())
            && let Some(earlier) = inventory.get(&id)
        {
            next.extend(before(&earlier));
            found.push(earlier);
        }
    }
    found
}

/// What the store says of a server that is asked for by this name: the entries that have it.
pub(super) struct Known {
    pub(super) family: Family,
    /// Each with the fingerprints of its certificates, those that should serve first.
    entries: Vec<(EntryId, String, BTreeSet<String>)>,
}

impl Known {
    /// The entries that have the name of a target. The rows are those of the inventory.
    pub(super) fn of(
        inventory: &Inventory,
        rows: &Rows,
        target: &Target,
        now: Timestamp,
    ) -> Option<Self> {
        let asked = target.name.as_deref().unwrap_or(&target.host);
        let mut found = named(inventory, rows, asked);
        found.retain(|entry| !entry.archived && entry.gone.is_none());
        let mut entries = Vec::new();
        let mut family = Family::default();
        for entry in found {
            let shas = entry.certificates.iter().map(|held| held.sha256.clone());
            let shas: BTreeSet<String> = shas.collect();
            let is_over = inventory.row(&entry, now).superseded;
            if is_over {
                family.take_before(&entry);
            } else {
                family.take(&entry);
            }
            let begins = entry.serving().map(|held| held.not_before);
            let told = (entry.id.clone(), entry.name().to_owned(), shas);
            entries.push((is_over || begins.is_none(), std::cmp::Reverse(begins), told));
        }
        entries.sort_by_key(|(is_over, begins, _)| (*is_over, *begins));
        let entries: Vec<_> = entries.into_iter().map(|(_, _, told)| told).collect();
        (!entries.is_empty()).then_some(Self { family, entries })
    }

    /// The entry that a certificate belongs to, or else the one that should serve.
    pub(super) fn entry(&self, sha256: Option<&str>) -> Option<(EntryId, String)> {
        let has = |(_, _, shas): &&(EntryId, String, BTreeSet<String>)| {
            sha256.is_some_and(|sha| shas.contains(sha))
        };
        let found = self.entries.iter().find(has).or(self.entries.first());
        found.map(|(id, name, _)| (id.clone(), name.clone()))
    }
}

/// The entries that protect a name, itself or with a wildcard.
fn named(inventory: &Inventory, rows: &Rows, asked: &str) -> Vec<Arc<Entry>> {
    let asked = asked.trim_end_matches('.').to_ascii_lowercase();
    let wildcard = asked.split_once('.').map(|(_, above)| format!("*.{above}"));
    let search = Search::of(inventory, rows);
    let mut met = BTreeSet::new();
    let mut found = Vec::new();
    for name in std::iter::once(asked.clone()).chain(wildcard.clone()) {
        let Ok(query) = Query::parse(&format!("san:\"{name}\"")) else {
            continue;
        };
        for number in search.find(rows, &query) {
            let entry = rows.id(number).and_then(|id| inventory.get(&id));
            let fits = |entry: &Arc<Entry>| {
                let is_it = |has: &String| *has == asked || Some(has) == wildcard.as_ref();
                entry.names.iter().any(is_it)
            };
            let new = entry.filter(|entry| fits(entry) && met.insert(entry.id.clone()));
            found.extend(new);
        }
    }
    found
}
