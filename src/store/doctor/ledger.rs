//! What is remembered while files pass by: of each entry that the journals name a digest, and
//! which keys and certificates there have to be. Never the entries themselves.
//!
//! Pure. `journals` and `snapshot` fill it, `snapshot` and `vault` compare with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::account::AccountRecord;
use crate::domain::entry::{Entry, EntryId, OpenRequest};
use crate::domain::event::{Event, What};
use crate::pki::hash::sha256;

/// What tells two values of an entry or account apart.
pub(super) type Digest = [u8; 16];
/// A SHA-256 as bytes.
pub(super) type Fingerprint = [u8; 32];

/// As long as an entry usually is (bytes).
const USUAL_LENGTH: usize = 2048;
/// How many requests are kept to be looked at.
const MOST_REQUESTS: usize = 10_000;

/// What the journals said last of an entry or account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) digest: Digest,
    /// The transaction that said so.
    pub(super) seq: u64,
    /// Whether the snapshot has it.
    pub(super) seen: bool,
}

impl Known {
    fn new(digest: Digest, seq: u64) -> Self {
        let seen = false;
        Self { digest, seq, seen }
    }
}

/// What somebody has to look at, or the engine has to judge, of one entry as it is now.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    account: String,
    lifecycle: String,
    name: String,
    request: Option<OpenRequest>,
    latest: Timestamp,
}

/// An entry with a request that has no answer yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The entry.
    pub entry: EntryId,
    /// The name that people call it by; raw.
    pub name: String,
    /// The account that it belongs to.
    pub account: String,
    /// The request.
    pub request: OpenRequest,
}

/// How many entries name the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// How many entries.
    pub count: u64,
    /// One of them.
    pub example: EntryId,
}

/// The entries as they are now, as far as others have to judge them.
#[derive(Clone, Debug, Default)]
pub struct Present {
    /// The accounts that entries belong to, by name.
    pub accounts: BTreeMap<String, Named>,
    /// The lifecycles that entries follow, by id.
    pub lifecycles: BTreeMap<String, Named>,
    /// Requests without an answer.
    pub waiting: Vec<Waiting>,
    /// How many entries there are.
    pub entries: u64,
    /// The latest time that an entry of each account shows, in the account's time.
    pub(super) latest: BTreeMap<String, Timestamp>,
}

/// Who names a key or a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Entry(EntryId),
    /// The sandbox's own certification authority.
    Account(String),
}

/// Which files there have to be, and for whom.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Certificates, and who names each.
    pub(super) certificates: HashMap<Fingerprint, Whose>,
    /// Keys, and who uses each.
    pub(super) keys: HashMap<Fingerprint, WantedKey>,
    /// Keys that a person destroyed, and nobody brought again.
    pub(super) destroyed: HashSet<Fingerprint>,
    /// What was named since the journal was opened, by lines that were not read.
    pub(super) since: HashSet<Fingerprint>,
    /// Names of files that are no fingerprint.
    pub(super) malformed: Vec<(Whose, String)>,
}

/// A private key that somebody uses.
#[derive(Clone, Debug)]
pub(super) struct WantedKey {
    pub(super) whose: Whose,
    /// Whether it has to be here.
    pub(super) held: bool,
}

/// Everything that is remembered.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Entries, as the journals say up to the snapshot.
    pub(super) entries: HashMap<EntryId, Known>,
    /// Accounts, as the journals say up to the snapshot.
    pub(super) accounts: BTreeMap<String, Known>,
    /// What the journal says of entries beyond the snapshot.
    pub(super) beyond: HashMap<EntryId, Facts>,
    /// Accounts that the journal changed beyond the snapshot.
    pub(super) accounts_beyond: BTreeSet<String>,
    /// Accounts with a clock of their own.
    clocked: BTreeSet<String>,
    pub(super) wanted: Wanted,
    pub(super) present: Present,
}

/// The digest of a value, by the JSON that certdeck writes of it today: two files that say the same
/// in other words are not different.
pub(super) fn digest<T: Serialize>(value: &T) -> Digest {
    let mut bytes = Vec::with_capacity(USUAL_LENGTH);
    // Writing to memory fails for no value that was read from JSON; an equal failure is equal.
    let _ = serde_json::to_writer(&mut bytes, value);
    let mut digest = Digest::default();
    digest.copy_from_slice(&sha256(&bytes)[..16]);
    digest
}

impl Ledger {
    /// An entry as a transaction that the snapshot holds leaves it.
    pub(super) fn entry_within(&mut self, entry: Entry, digest: Digest, seq: u64) {
        self.entries.insert(entry.id, Known::new(digest, seq));
    }

    /// An account as a transaction that the snapshot holds leaves it.
    pub(super) fn account_within(&mut self, account: AccountRecord, digest: Digest, seq: u64) {
        self.accounts.insert(account.name, Known::new(digest, seq));
    }

    /// An entry as a transaction beyond the snapshot leaves it.
    pub(super) fn entry_beyond(&mut self, entry: &Entry) {
        self.want_of_entry(entry);
        self.beyond.insert(entry.id.clone(), Facts::of(entry));
    }

    /// An account as a transaction beyond the snapshot leaves it.
    pub(super) fn account_beyond(&mut self, account: &AccountRecord) {
        self.accounts_beyond.insert(account.name.clone());
        self.account_now(account);
    }

    /// An account as it is in the snapshot, or after it.
    pub(super) fn account_now(&mut self, account: &AccountRecord) {
        if account.clock.is_some() {
            self.clocked.insert(account.name.clone());
        }
        let Some(ca) = &account.ca else {
            return;
        };
        let whose = Whose::Account(account.name.clone());
        self.want_certificate(&ca.root, &whose);
        self.want_certificate(&ca.intermediate, &whose);
        self.want_key(&ca.key, &whose, true);
    }

    /// An entry as it is in the snapshot; one that was changed after it is counted from there.
    pub(super) fn entry_in_snapshot(&mut self, entry: &Entry) {
        self.want_of_entry(entry);
        if !self.beyond.contains_key(&entry.id) {
            let facts = Facts::of(entry);
            self.present.take(&entry.id, facts);
        }
    }

    /// Counts what was changed after the snapshot.
    pub(super) fn settle(&mut self) {
        for (id, facts) in std::mem::take(&mut self.beyond) {
            self.present.take(&id, facts);
        }
    }

    /// A key that was made for an entry has to be here for good, also after another followed it.
    pub(super) fn event(&mut self, event: &Event) {
        match &event.what {
            What::CsrReady {
                spki_sha256,
                key_held: true,
                ..
            } => {
                self.want_key(spki_sha256, &Whose::Entry(event.entry.clone()), true);
                if let Some(fingerprint) = fingerprint(spki_sha256) {
                    self.wanted.destroyed.remove(&fingerprint);
                }
            }
            What::KeyDestroyed { spki_sha256 } => self.destroyed(spki_sha256),
            _ => {}
        }
        if let What::KeyTaken { spki_sha256, .. } = &event.what {
            self.want_key(spki_sha256, &Whose::Entry(event.entry.clone()), true);
        }
    }

    /// A key that a person destroyed is wanted by nobody any more, unless it is brought again.
    fn destroyed(&mut self, spki: &str) {
        let Some(fingerprint) = fingerprint(spki) else {
            return;
        };
        if let Some(wanted) = self.wanted.keys.get_mut(&fingerprint) {
            wanted.held = false;
        }
        self.wanted.destroyed.insert(fingerprint);
    }

    /// The latest time of an entry whose account goes by the system's clock.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        let latest = self.present.latest.iter();
        let by_system = latest.filter(|(account, _)| !self.clocked.contains(*account));
        by_system.map(|(_, at)| *at).max()
    }

    fn want_of_entry(&mut self, entry: &Entry) {
        let whose = Whose::Entry(entry.id.clone());
        for record in &entry.certificates {
            for sha256 in std::iter::once(&record.sha256).chain(&record.chain) {
                self.want_certificate(sha256, &whose);
            }
            self.want_key(&record.spki_sha256, &whose, false);
        }
        if let Some(spki) = &entry.order.spki_sha256 {
            self.want_key(spki, &whose, entry.order.key_held);
        }
    }

    fn want_certificate(&mut self, sha256: &str, whose: &Whose) {
        match fingerprint(sha256) {
            Some(fingerprint) => {
                let wanted = &mut self.wanted.certificates;
                wanted.entry(fingerprint).or_insert_with(|| whose.clone());
            }
            None => self.malformed(sha256, whose),
        }
    }

    fn want_key(&mut self, spki: &str, whose: &Whose, held: bool) {
        if spki.is_empty() && !held {
            return;
        }
        let Some(fingerprint) = fingerprint(spki) else {
            return self.malformed(spki, whose);
        };
        let wanted = self.wanted.keys.entry(fingerprint);
        let wanted = wanted.or_insert_with(|| WantedKey {
            whose: whose.clone(),
            held,
        });
        if held && !wanted.held {
            wanted.held = true;
            wanted.whose = whose.clone();
        }
    }

    fn malformed(&mut self, name: &str, whose: &Whose) {
        let malformed = (whose.clone(), name.to_owned());
        if self.wanted.malformed.len() < MOST_REQUESTS
            && !self.wanted.malformed.contains(&malformed)
        {
            self.wanted.malformed.push(malformed);
        }
    }
}

impl Facts {
    fn of(entry: &Entry) -> Self {
        Self {
            account: entry.account.clone(),
            lifecycle: entry.lifecycle.clone(),
            name: entry.name().to_owned(),
            request: entry.request.clone(),
            latest: entry.created.max(entry.changed),
        }
    }
}

impl Present {
    fn take(&mut self, id: &EntryId, facts: Facts) {
        self.entries += 1;
        let latest = self.latest.entry(facts.account.clone());
        let latest = latest.or_insert(facts.latest);
        *latest = facts.latest.max(*latest);
        count(&mut self.accounts, &facts.account, id);
        count(&mut self.lifecycles, &facts.lifecycle, id);
        let waiting = facts.request.filter(|_| self.waiting.len() < MOST_REQUESTS);
        self.waiting.extend(waiting.map(|request| Waiting {
            entry: id.clone(),
            name: facts.name,
            account: facts.account,
            request,
        }));
    }
}

/// Counts one more entry that names something.
fn count(all: &mut BTreeMap<String, Named>, name: &str, id: &EntryId) {
    if let Some(known) = all.get_mut(name) {
        known.count += 1;
        return;
    }
    let first = Named {
        count: 1,
        example: id.clone(),
    };
    all.insert(name.to_owned(), first);
}

/// A SHA-256 in lower-case hexadecimal as bytes.
pub(super) fn fingerprint(hexadecimal: &str) -> Option<Fingerprint> {
    let bytes = HEXLOWER.decode(hexadecimal.as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// A fingerprint as files are named by it.
pub(super) fn hexadecimal(fingerprint: &Fingerprint) -> String {
    HEXLOWER.encode(fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, spki: &str, held: bool) -> Entry {
        let at = Timestamp::UNIX_EPOCH;
        let mut entry = Entry::new(EntryId::new(id), "mine", "netcup", "issued", at);
        entry.order.spki_sha256 = Some(spki.to_owned());
        entry.order.key_held = held;
        entry
    }

    #[test]
    fn a_key_is_wanted_by_whoever_says_that_it_is_held() {
        let spki = "ab".repeat(32);
        let mut ledger = Ledger::default();
        ledger.entry_in_snapshot(&entry("a1", &spki, false));
        ledger.entry_in_snapshot(&entry("b2", &spki, true));
        let wanted = &ledger.wanted.keys[&fingerprint(&spki).unwrap()];
        assert!(wanted.held);
        assert_eq!(wanted.whose, Whose::Entry(EntryId::new("b2")));
        ledger.entry_in_snapshot(&entry("c3", "no fingerprint", false));
        assert_eq!(ledger.wanted.malformed.len(), 1);
        ledger.entry_in_snapshot(&entry("d4", "", false));
        assert_eq!(ledger.wanted.malformed.len(), 1, "nothing is named");
    }

    #[test]
    fn what_came_after_the_snapshot_counts_once() {
        let mut ledger = Ledger::default();
        let mut later = entry("a1", "", false);
        later.account = "other".to_owned();
        ledger.entry_beyond(&later);
        ledger.entry_in_snapshot(&entry("a1", "", false));
        ledger.entry_in_snapshot(&entry("b2", "", false));
        ledger.settle();
        assert_eq!(ledger.present.entries, 2);
        assert_eq!(ledger.present.accounts["other"].count, 1);
        assert_eq!(ledger.present.accounts["mine"].count, 1);
    }

    #[test]
    fn two_values_have_two_digests() {
        let (one, mut two) = (entry("a1", "", false), entry("a1", "", false));
        assert_eq!(digest(&one), digest(&two));
        two.note.push('x');
        assert_ne!(digest(&one), digest(&two));
    }
}
