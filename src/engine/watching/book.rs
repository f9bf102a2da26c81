//! The entries of one account, as looks need them: by certificate, by place, by their names.
//!
//! Pure. Made anew for each settlement; `plan` reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::find::{Find, names_of};
use crate::domain::entries::Entries;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::event::What;

/// The state of an entry that stands for a place where no certificate could ever be read.
pub(super) const UNREADABLE: &str = "unreadable";
/// The state of an entry whose certificate was read; the clock makes the others of it.
pub(super) const VALID: &str = "valid";

/// Of the certificates of the same names, how many before and after one are looked at: a name has a
/// renewal or two, and a file with thousands of one name must not hold up the look.
const NEAREST: usize = 256;

/// Why a watched certificate cannot be read whose account was removed.
const ACCOUNT_REMOVED: &str = "its account was removed; add it again to watch the place";

/// What is said of an entry whose account is removed: nobody looks at its place any more.
pub(in crate::engine) fn left_behind(entry: &Entry, now: Timestamp) -> Option<What> {
    let was_watched = entry.lifecycle == "files" && entry.serving().is_some();
    (was_watched && entry.trouble.is_none()).then(|| What::Lost {
        why: ACCOUNT_REMOVED.to_owned(),
        last_good: now,
    })
}

/// Whether an entry was put away with its account.
pub(super) fn was_left_behind(entry: &Entry) -> bool {
    let why = entry.trouble.as_ref().map(|trouble| trouble.why.as_str());
    entry.archived && why == Some(ACCOUNT_REMOVED)
}

/// What there is already.
#[derive(Default)]
pub(super) struct Book {
    /// The entries by the fingerprint of the certificate that serves.
    pub(super) entries: BTreeMap<String, Arc<Entry>>,
    /// The fingerprints of every certificate that needs no new entry.
    pub(super) known: BTreeSet<String>,
    /// The fingerprints of what stands above the certificates of entries.
    pub(super) above: BTreeSet<String>,
    /// The entries that stand for a place that could never be read, by that place.
    pub(super) unreadable: BTreeMap<String, Arc<Entry>>,
    /// The certificates that protect the same names, the oldest first.
    kin: BTreeMap<String, BTreeMap<(Rank, String), Relative>>,
}

/// What certificates of the same names are ordered by: their beginning, and where that is the same
/// (a CA may issue two within a second) when their entry began.
pub(super) type Rank = (Timestamp, Timestamp);

/// A certificate among those that protect the same names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relative {
    /// Its fingerprint.
    pub(super) sha256: String,
    /// Valid from.
    pub(super) not_before: Timestamp,
    /// When its entry began; the latest moment where it has none yet.
    pub(super) known_since: Timestamp,
    /// The kind of its key, without its size.
    pub(super) family: String,
    /// Where it lay, as far as an entry remembers.
    pub(super) origin: Option<String>,
}

/// The rank of a certificate that has no entry yet: the latest of those that began with it.
pub(super) fn rank_of(find: &Find) -> Rank {
    (find.leaf.not_before, Timestamp::MAX)
}

impl Relative {
    /// Its place among the certificates of the same names.
    pub(super) fn rank(&self) -> Rank {
        (self.not_before, self.known_since)
    }
}

impl Book {
    /// The book of an account. With `everywhere`, a certificate that another account has needs no
    /// entry either.
    pub(super) fn of(entries: &Entries, account: &str, everywhere: bool) -> Self {
        let mut book = Self::default();
        let entries: Box<dyn Iterator<Item = Arc<Entry>>> = if everywhere {
            Box::new(entries.iter())
        } else {
            Box::new(entries.of_account(account))
        };
        for entry in entries {
            let is_ours = entry.account == account;
            if is_ours || everywhere {
                let held = entry.certificates.iter();
                book.known.extend(held.map(|held| held.sha256.clone()));
            }
            if is_ours {
                book.enter(&entry);
            }
        }
        if everywhere {
            // Who imports a CA's certificate by itself wants to see it.
            book.above.clear();
        }
        book
    }

    fn enter(&mut self, entry: &Arc<Entry>) {
        let Some(serving) = entry.serving() else {
            let state = entry.main().map(|track| track.state.as_str());
            if let Some(origin) = entry.origin.clone().filter(|_| state == Some(UNREADABLE)) {
                self.unreadable.insert(origin, Arc::clone(entry));
            }
            return;
        };
        self.above.extend(serving.chain.iter().cloned());
        if !serving.is_ca {
            let relative = Relative {
                sha256: serving.sha256.clone(),
                not_before: serving.not_before,
                known_since: entry.created,
                family: family(&serving.key),
                origin: entry.origin.clone(),
            };
            self.relate(&entry.names, relative);
        }
        self.entries
            .insert(serving.sha256.clone(), Arc::clone(entry));
    }

    /// Takes a certificate that will be an entry in among those of its names.
    pub(super) fn announce(&mut self, find: &Find) {
        if find.leaf.is_ca {
            return;
        }
        let (not_before, known_since) = rank_of(find);
        let relative = Relative {
            sha256: find.leaf.sha256.clone(),
            not_before,
            known_since,
            family: family(&find.leaf.key.label()),
            origin: Some(find.place.clone()),
        };
        self.relate(&names_of(&find.leaf), relative);
    }

    fn relate(&mut self, names: &[String], relative: Relative) {
        let kin = self.kin.entry(key_of(names)).or_default();
        kin.insert((relative.rank(), relative.sha256.clone()), relative);
    }

    /// A certificate among those of its names.
    pub(super) fn relative(&self, names: &[String], rank: Rank, sha256: &str) -> Option<&Relative> {
        let kin = self.kin.get(&key_of(names))?;
        kin.get(&(rank, sha256.to_owned()))
    }

    /// The certificates of the same names that come right before this one, the newest first.
    pub(super) fn older(&self, names: &[String], than: Rank) -> impl Iterator<Item = &Relative> {
        let kin = self.kin.get(&key_of(names)).into_iter();
        kin.flat_map(move |kin| kin.range(..(than, String::new())).rev())
            .map(|(_, relative)| relative)
            .take(NEAREST)
    }

    /// The certificates of the same names that come right after this one, the oldest first.
    pub(super) fn newer(&self, names: &[String], than: Rank) -> impl Iterator<Item = &Relative> {
        // No fingerprint sorts behind this text.
        let kin = self.kin.get(&key_of(names)).into_iter();
        kin.flat_map(move |kin| kin.range((than, "~".to_owned())..))
            .map(|(_, relative)| relative)
            .take(NEAREST)
    }

    /// The ids of the entries, by the fingerprint of what serves.
    pub(super) fn ids(&self) -> BTreeMap<String, EntryId> {
        let entries = self.entries.iter();
        entries
            .map(|(sha256, entry)| (sha256.clone(), entry.id.clone()))
            .collect()
    }
}

/// What two certificates have in common that protect the same names: the names, in small letters
/// and in one order.
fn key_of(names: &[String]) -> String {
    let names: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    Vec::from_iter(names).join("\n")
}

/// The kind of a key without its size: one name often has a certificate for RSA and one for
/// elliptic curves at the same time, and neither renews the other.
fn family(key: &str) -> String {
    let kind = key.split_whitespace().next().unwrap_or_default();
    if kind.starts_with("P-") || kind == "EC" {
        "EC".to_owned()
    } else {
        kind.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_any_order_and_case() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let key = key_of(&names(&["a.example", "B.example"]));
        assert_eq!(key, key_of(&names(&["b.EXAMPLE", "a.example"])));
        assert_ne!(key, key_of(&names(&["a.example"])));
    }

    #[test]
    fn of_thousands_of_one_name_only_the_nearest_are_looked_at() {
        let mut book = Book::default();
        let names = ["www.example.com".to_owned()];
        let at = |hours| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(hours);
        for hour in 0..1_000 {
            let relative = Relative {
                sha256: format!("{hour:064x}"),
                not_before: at(hour),
                known_since: Timestamp::MAX,
                family: "EC".to_owned(),
                origin: None,
            };
            book.relate(&names, relative);
        }
        let middle = (at(500), Timestamp::MAX);
        let older: Vec<_> = book.older(&names, middle).collect();
        let newer: Vec<_> = book.newer(&names, middle).collect();
        assert_eq!((older.len(), newer.len()), (NEAREST, NEAREST));
        assert_eq!(
            (older[0].not_before, newer[0].not_before),
            (at(499), at(501))
        );
    }

    #[test]
    fn the_size_of_a_key_may_change_at_a_renewal() {
        assert_eq!(family("P-256"), family("P-384"));
        assert_eq!(family("RSA 2048"), family("RSA 4096"));
        assert_ne!(family("RSA 2048"), family("P-256"));
    }
}
