//! What a look changes: compares what lies where with the entries that there are.
//!
//! Pure: it decides and writes nothing. `settle` carries its steps out, one unit never across two
//! transactions.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::book::{Book, Relative, rank_of, was_left_behind};
use super::find::{Find, is_file, names_of};
use super::world::{Status, World};
use crate::domain::entry::{Entry, EntryId};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A certificate that nobody knew becomes an entry; perhaps the one that stood for its place
    /// while that could not be read.
    Take {
        /// Its fingerprint.
        sha256: String,
        /// The entry that stood for its place.
        instead: Option<EntryId>,
    },
    /// One certificate renews the other.
    Link {
        /// The fingerprint of the older one.
        older: String,
        /// The fingerprint of the newer one.
        newer: String,
    },
    /// The chain of a known certificate was found.
    Chain {
        /// Its fingerprint.
        sha256: String,
        /// Its entry.
        entry: EntryId,
    },
    /// A known certificate was found again, or elsewhere.
    Found {
        /// Its entry.
        entry: EntryId,
        /// Where it lies now.
        place: String,
    },
    /// A known certificate cannot be read any more.
    Lost {
        /// Its entry.
        entry: EntryId,
        /// What stands in the way and what to do.
        why: String,
    },
    /// A known certificate is gone and its successor is there.
    Retire {
        /// Its entry.
        entry: EntryId,
        /// What became of its place.
        why: String,
    },
    /// A place that never could be read becomes an entry.
    Stand {
        /// The place.
        place: String,
        /// Why it cannot be read.
        why: String,
    },
    /// Such a place cannot be read for another reason now.
    Reason {
        /// The entry that stands for it.
        entry: EntryId,
        /// Why it cannot be read.
        why: String,
    },
    /// Such a place needs no entry any more.
    PutAway {
        /// The entry that stands for it.
        entry: EntryId,
    },
}

/// Steps that belong into one transaction.
pub(super) type Unit = Vec<Step>;

/// Everything that has to be done.
pub(super) fn plan(mut book: Book, world: &World) -> Vec<Unit> {
    let mut fresh: Vec<&Find> = Vec::new();
    for find in &world.finds {
        let sha256 = &find.leaf.sha256;
        let is_above = world.above.contains(sha256) || book.above.contains(sha256);
        let only_above = find.leaf.is_ca && is_above && !world.asked.contains(sha256);
        if !only_above && !book.known.contains(sha256) {
            book.announce(find);
            fresh.push(find);
        }
    }
    let mut planner = Planner {
        fresh: fresh.iter().map(|find| find.leaf.sha256.as_str()).collect(),
        book: &book,
        world,
        units: Vec::new(),
        with: BTreeMap::new(),
        linked: BTreeSet::new(),
        used: BTreeSet::new(),
        spoken_for: BTreeSet::new(),
    };
    for (sha256, entry) in &book.entries {
        planner.learn_chain(sha256, entry);
        planner.look_after(sha256, entry);
    }
    let mut taken = BTreeSet::new();
    for find in fresh {
        planner.take(find, &taken);
        taken.insert(find.leaf.sha256.as_str());
    }
    planner.stand();
    planner.put_away();
    planner.units
}

struct Planner<'a> {
    book: &'a Book,
    world: &'a World,
    /// The certificates that become entries.
    fresh: BTreeSet<&'a str>,
    units: Vec<Unit>,
    /// What has to be done together with taking in a certificate.
    with: BTreeMap<String, Unit>,
    linked: BTreeSet<(String, String)>,
    /// Entries that stood for a place and get a certificate.
    used: BTreeSet<EntryId>,
    /// The places that entries with a certificate stand for.
    spoken_for: BTreeSet<String>,
}

impl Planner<'_> {
    /// What became of the certificate of one entry.
    fn look_after(&mut self, sha256: &str, entry: &Entry) {
        let Some(origin) = entry.origin.as_deref() else {
            return;
        };
        let status = self.world.status(origin, sha256);
        let elsewhere = self.world.best_place(sha256);
        // Where a person put it away, its comings and goings are of no interest.
        // A panel that has not heard yet that the account is gone brings nothing back.
        let is_left = was_left_behind(entry) && !self.world.first;
        let is_away = is_left || (entry.archived && entry.trouble.is_none());
        let is_where_it_was = matches!(status, Status::Unknown | Status::Holds);
        if is_away || is_where_it_was || elsewhere.is_none() {
            self.spoken_for.insert(origin.to_owned());
        }
        let step = match (&status, elsewhere) {
            (Status::Unknown, _) => return,
            (_, _) if is_left => return,
            (Status::Holds, _) if entry.trouble.is_none() => return,
            (Status::Holds, _) => found(entry, origin),
            (_, _) if is_away => return,
            (_, Some(place)) => found(entry, place),
            (_, None) if entry.archived => return,
            (Status::Failed(why), None) => {
                return self.lose(entry, why.clone());
            }
            (_, None) if self.may_be_served(origin) => return,
            (_, None) => return self.miss(sha256, entry, origin, &status),
        };
        self.units.push(vec![step]);
    }

    fn learn_chain(&mut self, sha256: &str, entry: &Entry) {
        let knows = entry.serving().is_some_and(|held| !held.chain.is_empty());
        let shows = self.world.find(sha256);
        if !knows && shows.is_some_and(|find| !find.chain.is_empty()) {
            let (sha256, entry) = (sha256.to_owned(), entry.id.clone());
            self.units.push(vec![Step::Chain { sha256, entry }]);
        }
    }

    fn lose(&mut self, entry: &Entry, why: String) {
        let told = entry.trouble.as_ref().map(|trouble| trouble.why.as_str());
        if told != Some(&why) {
            let entry = entry.id.clone();
            self.units.push(vec![Step::Lost { entry, why }]);
        }
    }

    /// A certificate that lies nowhere any more: retired where its successor is there, else lost.
    fn miss(&mut self, sha256: &str, entry: &Entry, origin: &str, status: &Status) {
        let Some(successor) = self.successor_of(sha256, entry) else {
            let why = self.why_gone(entry, origin, status);
            return self.lose(entry, why);
        };
        let place = self.world.best_place(&successor).unwrap_or(origin);
        let why = if place == origin {
            "the certificate that renews it is there now".to_owned()
        } else {
            format!("it is gone, and the certificate that renews it is in {place} now")
        };
        let mut unit = Unit::new();
        if entry.successors().next().is_none() {
            unit.extend(self.link(sha256, &successor));
        }
        unit.push(Step::Retire {
            entry: entry.id.clone(),
            why,
        });
        if self.fresh.contains(successor.as_str()) {
            self.with.entry(successor).or_default().extend(unit);
        } else {
            self.units.push(unit);
        }
    }

    /// The oldest certificate that renews this one and lies somewhere.
    fn successor_of(&self, sha256: &str, entry: &Entry) -> Option<String> {
        let rank = (entry.serving()?.not_before, entry.created);
        let own = self.book.relative(&entry.names, rank, sha256)?;
        let mut newer = self.book.newer(&entry.names, own.rank());
        let there = |newer: &&Relative| {
            self.renews(own, newer) && !self.world.lies(&newer.sha256).is_empty()
        };
        newer.find(there).map(|newer| newer.sha256.clone())
    }

    fn why_gone(&self, entry: &Entry, origin: &str, status: &Status) -> String {
        let there = match status {
            Status::HoldsOther(held) => held.first(),
            _ => None,
        };
        let names = there.and_then(|sha256| {
            let known = self.book.entries.get(sha256);
            let known = known.map(|entry| entry.name().to_owned());
            let read = || names_of(&self.world.find(sha256)?.leaf).into_iter().next();
            known.or_else(read)
        });
        // The same name again would read as if nothing had changed.
        let a = match &names {
            Some(name) if name == entry.name() => "another",
            _ => "a",
        };
        let now = match (status, names) {
            (Status::Gone, _) => "the file is not there any more".to_owned(),
            (_, Some(name)) if is_file(origin) => {
                format!("the file holds {a} certificate for {name} now")
            }
            (_, Some(name)) => format!("the server shows {a} certificate for {name} now"),
            (_, None) if is_file(origin) => "the file holds no certificate any more".to_owned(),
            (_, None) => "the server shows no certificate any more".to_owned(),
        };
        format!("{now}; bring it back, or archive this entry if nobody needs it")
    }

    /// Whether a certificate that a server showed may be shown by another one still.
    fn may_be_served(&self, origin: &str) -> bool {
        !is_file(origin) && !self.world.unseen.is_empty()
    }

    /// Whether one certificate was made to renew another of the same names.
    fn renews(&self, older: &Relative, newer: &Relative) -> bool {
        let in_its_place = || {
            let held = older
                .origin
                .as_ref()
                .and_then(|place| self.world.places.get(place));
            held.is_some_and(|held| held.contains(&newer.sha256))
        };
        match older.not_before.cmp(&newer.not_before) {
            Ordering::Less => older.family == newer.family || in_its_place(),
            // Issued within a second: only what took the other's place came after it.
            Ordering::Equal => older.rank() < newer.rank() && in_its_place(),
            Ordering::Greater => false,
        }
    }

    /// Takes in a certificate and ties it to the next older and the next newer one.
    fn take(&mut self, find: &Find, taken: &BTreeSet<&str>) {
        let sha256 = &find.leaf.sha256;
        let stood = self.book.unreadable.get(&find.place);
        let instead = stood
            .map(|entry| entry.id.clone())
            .filter(|id| self.used.insert(id.clone()));
        let mut unit = vec![Step::Take {
            sha256: sha256.clone(),
            instead,
        }];
        if !find.leaf.is_ca {
            // What is still to be taken in ties itself.
            let there = |other: &&str| !self.fresh.contains(*other) || taken.contains(*other);
            let (older, newer) = self.neighbours(find);
            let older = older.filter(|older| there(&older.as_str()));
            let newer = newer.filter(|newer| there(&newer.as_str()));
            unit.extend(older.and_then(|older| self.link(&older, sha256)));
            unit.extend(newer.and_then(|newer| self.link(sha256, &newer)));
        }
        unit.extend(self.with.remove(sha256).unwrap_or_default());
        self.units.push(unit);
    }

    /// The newest certificate that this one renews, and the oldest one that renews it.
    fn neighbours(&self, find: &Find) -> (Option<String>, Option<String>) {
        let names = names_of(&find.leaf);
        let (sha256, rank) = (&find.leaf.sha256, rank_of(find));
        let Some(own) = self.book.relative(&names, rank, sha256) else {
            return (None, None);
        };
        let mut older = self.book.older(&names, own.rank());
        let older = older.find(|older| self.renews(older, own) && !self.still_served(older));
        let mut newer = self.book.newer(&names, own.rank());
        let newer = newer.find(|newer| self.renews(own, newer) && !self.still_served(own));
        let sha256 = |relative: &Relative| relative.sha256.clone();
        (older.map(sha256), newer.map(sha256))
    }

    /// Whether a server shows a certificate, or may: then it is not superseded by a newer one
    /// that lies elsewhere, and has to be renewed there.
    fn still_served(&self, relative: &Relative) -> bool {
        let by_origin = || {
            let origin = relative.origin.as_deref();
            let server = origin.filter(|origin| !is_file(origin))?;
            let status = self.world.status(server, &relative.sha256);
            let is_over = matches!(status, Status::HoldsOther(_) | Status::Gone);
            Some(!is_over || self.may_be_served(server))
        };
        self.world.is_served(&relative.sha256) || by_origin() == Some(true)
    }

    fn link(&mut self, older: &str, newer: &str) -> Option<Step> {
        let pair = (older.to_owned(), newer.to_owned());
        self.linked.insert(pair.clone()).then_some(Step::Link {
            older: pair.0,
            newer: pair.1,
        })
    }

    /// Entries for places that never could be read.
    fn stand(&mut self) {
        for (place, failure) in self
            .world
            .failed
            .iter()
            .filter(|(_, failure)| failure.stands)
        {
            if self.spoken_for.contains(place) {
                continue;
            }
            let (place, why) = (place.clone(), failure.why.clone());
            let step = match self.book.unreadable.get(&place) {
                None => Step::Stand { place, why },
                Some(entry) if entry.archived || entry.said.as_ref() == Some(&why) => continue,
                Some(entry) => Step::Reason {
                    entry: entry.id.clone(),
                    why,
                },
            };
            self.units.push(vec![step]);
        }
    }

    /// Entries for places that can be read by now, or that are gone.
    fn put_away(&mut self) {
        for (place, entry) in &self.book.unreadable {
            let is_needed = entry.archived || self.used.contains(&entry.id);
            if !is_needed && self.world.is_over(place) {
                let entry = entry.id.clone();
                self.units.push(vec![Step::PutAway { entry }]);
            }
        }
    }
}

fn found(entry: &Entry, place: &str) -> Step {
    Step::Found {
        entry: entry.id.clone(),
        place: place.to_owned(),
    }
}

#[cfg(test)]
mod tests;
