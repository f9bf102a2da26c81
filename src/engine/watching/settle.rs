//! Writing down what a look changes: certificates first, then few transactions with many entries.
//!
//! It decides nothing (`plan` does). A unit of steps is never cut in two: a successor, its link
//! and the retirement of what it renews are one transaction. Watching and importing call it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::book::{Book, UNREADABLE, VALID};
use super::find::{Find, is_file, name_of_place, names_of, product_of};
use super::plan::{Step, Unit, plan};
use super::world::World;
use crate::domain::account::AccountRecord;
use crate::domain::entries::Entries;
use crate::domain::entry::{
    CertificateRecord, Entry, EntryId, LinkKind, MAIN_TRACK, StateRef, mint,
};
use crate::domain::event::{Cause, What};
use crate::engine::Inner;
use crate::engine::command::SyncReport;
use crate::engine::error::EngineError;
use crate::engine::settle::happen;
use crate::store::{StoreError, Transaction};

/// How many units go into one transaction: few lines for many, and none too long.
const BATCH: usize = 500;

/// Who the journal names for what was seen while watching.
const WATCH: &str = "watch";

/// What is settled, and for whom.
pub(in crate::engine) struct Scene<'a> {
    /// The account.
    pub(in crate::engine) account: &'a str,
    /// What lies where.
    pub(in crate::engine) world: &'a World,
    /// The system's time of the look.
    pub(in crate::engine) at: Timestamp,
    /// When files and when servers were looked at before; nothing for an import, which is no watch.
    pub(in crate::engine) watch: Option<LookedBefore>,
}

/// When an account was looked at before.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct LookedBefore {
    pub(in crate::engine) files: Option<Timestamp>,
    pub(in crate::engine) servers: Option<Timestamp>,
}

/// What came of it.
#[derive(Default)]
pub(in crate::engine) struct Settled {
    pub(in crate::engine) report: SyncReport,
    /// The entries that hold a certificate now which nobody knew, and where it was found.
    pub(in crate::engine) taken: Vec<(EntryId, String)>,
    /// The same entries, to be found quickly.
    fresh: BTreeSet<EntryId>,
    /// Whether anything was written.
    wrote: bool,
    /// What people should hear of.
    pub(super) news: Vec<News>,
}

impl Settled {
    /// Whether nothing was written.
    pub(super) fn is_nothing(&self) -> bool {
        !self.wrote
    }
}

/// What people should hear of.
pub(super) enum News {
    /// A certificate was renewed: the new entry, its name, the end of its validity.
    Renewed(EntryId, String, Timestamp),
    /// A certificate cannot be read any more: its entry, its name, why.
    Lost(EntryId, String, String),
}

/// The names under which an account remembers when it was looked at.
const LOOKED: [&str; 2] = ["looked", "looked-servers"];

impl LookedBefore {
    /// What the store remembers, where this process does not know better.
    pub(super) fn or_recorded(self, record: Option<&AccountRecord>) -> Self {
        let recorded = |name: &str| record?.extra.get(name)?.as_str()?.parse().ok();
        Self {
            files: self.files.or_else(|| recorded(LOOKED[0])),
            servers: self.servers.or_else(|| recorded(LOOKED[1])),
        }
    }

    /// Whether it is newer by more than `age` than what the store remembers. An account of which
    /// the store remembers nothing has nothing that could be lost.
    pub(super) fn is_newer(self, record: Option<&AccountRecord>, age: SignedDuration) -> bool {
        let Some(record) = record else { return false };
        let recorded = Self::default().or_recorded(Some(record));
        let is_newer = |own: Option<Timestamp>, stored: Option<Timestamp>| match (own, stored) {
            (Some(own), Some(stored)) => stored.duration_until(own) > age,
            (own, None) => own.is_some(),
            (None, _) => false,
        };
        is_newer(self.files, recorded.files) || is_newer(self.servers, recorded.servers)
    }

    /// Writes it into an account's record.
    pub(super) fn write(self, record: &mut AccountRecord) {
        for (name, looked) in LOOKED.into_iter().zip([self.files, self.servers]) {
            if let Some(looked) = looked {
                record
                    .extra
                    .insert(name.to_owned(), looked.to_string().into());
            }
        }
    }
}

impl Inner {
    /// Compares what lies where with the store, and writes down what changed; nothing where
    /// nothing did. `step` hears how many units of how many are written.
    pub(in crate::engine) fn settle(
        &self,
        scene: &Scene<'_>,
        step: &mut dyn FnMut(usize, usize),
    ) -> Result<Settled, EngineError> {
        if self.store.catch_up()? {
            // What others changed is heard of once only, so whoever hears it shows it.
            self.adopt_clocks();
            self.publish();
        }
        let loaded = self.store.snapshot();
        let mut draft = Draft::new(&loaded.entries, scene);
        let mut expected = loaded.seq + 1;
        drop(loaded);
        let mut settled = Settled::default();
        let total = draft.units.len();
        while !draft.units.is_empty() {
            step(total.saturating_sub(draft.units.len()), total);
            self.keep_found(&mut draft, scene.world)?;
            expected = self.store.transact(|transaction| {
                if transaction.seq() != expected {
                    // Another process was quicker, so what was planned may be wrong.
                    draft = Draft::new(&transaction.entries(), scene).after(&draft);
                    self.keep_found(&mut draft, scene.world)?;
                }
                // What was seen while watching nobody did.
                transaction.who(scene.watch.map_or(&self.who, |_| WATCH));
                let scribe = Scribe {
                    inner: self,
                    scene,
                    looked: looked_before(transaction, scene),
                };
                for unit in draft.next_units() {
                    for step in unit {
                        scribe.carry_out(transaction, step, &mut draft.ids, &mut settled);
                    }
                }
                scribe.remember_look(transaction);
                settled.wrote |= !transaction.is_empty();
                let unused = u64::from(!transaction.is_empty());
                Ok::<_, EngineError>(transaction.seq() + unused)
            })?;
        }
        Ok(settled)
    }

    /// The certificates of the next transaction: on the disk before anything names them.
    fn keep_found(&self, draft: &mut Draft, world: &World) -> Result<(), StoreError> {
        let mut pems: Vec<(String, String)> = Vec::new();
        for step in draft.units.iter().take(BATCH).flatten() {
            let (Step::Take { sha256, .. } | Step::Chain { sha256, .. }) = step else {
                continue;
            };
            let Some(find) = world.find(sha256) else {
                continue;
            };
            for certificate in std::iter::once(&find.leaf).chain(&find.chain) {
                if draft.kept.insert(certificate.sha256.clone()) {
                    pems.push((certificate.to_pem(), certificate.sha256.clone()));
                }
            }
        }
        self.store.put_certificates(&pems)
    }
}

fn looked_before(transaction: &Transaction, scene: &Scene<'_>) -> LookedBefore {
    let before = scene.watch.unwrap_or_default();
    before.or_recorded(transaction.account(scene.account))
}

/// What is still to be written.
struct Draft {
    units: VecDeque<Unit>,
    /// The entries by the certificate that serves, the new ones as well.
    ids: BTreeMap<String, EntryId>,
    /// The certificates that lie in the store already.
    kept: BTreeSet<String>,
}

impl Draft {
    fn new(entries: &Entries, scene: &Scene<'_>) -> Self {
        let book = Book::of(entries, scene.account, scene.watch.is_none());
        Self {
            ids: book.ids(),
            units: plan(book, scene.world).into(),
            kept: BTreeSet::new(),
        }
    }

    /// This one in place of an earlier one, whose certificates are kept already.
    fn after(self, earlier: &Self) -> Self {
        let kept = earlier.kept.clone();
        Self { kept, ..self }
    }

    fn next_units(&mut self) -> Vec<Unit> {
        let count = self.units.len().min(BATCH);
        self.units.drain(..count).collect()
    }
}

/// Carries out steps in one transaction.
struct Scribe<'a> {
    inner: &'a Inner,
    scene: &'a Scene<'a>,
    looked: LookedBefore,
}

impl Scribe<'_> {
    fn carry_out(
        &self,
        transaction: &mut Transaction,
        step: Step,
        ids: &mut BTreeMap<String, EntryId>,
        settled: &mut Settled,
    ) {
        match step {
            Step::Take { sha256, instead } => {
                if let Some(find) = self.scene.world.find(&sha256) {
                    let id = self.take(transaction, find, instead.as_ref());
                    ids.insert(sha256, id.clone());
                    settled.report.new += 1;
                    settled.fresh.insert(id.clone());
                    settled.taken.push((id, find.place.clone()));
                }
            }
            Step::Link { older, newer } => {
                if let (Some(older), Some(newer)) = (ids.get(&older), ids.get(&newer)) {
                    self.link(transaction, older, newer, settled);
                }
            }
            Step::Chain { sha256, entry } => {
                if let Some(find) = self.scene.world.find(&sha256) {
                    let certificate = find.record();
                    let from = find.place.clone();
                    let happened = [What::Issued { certificate }, What::Found { from }];
                    self.happen(transaction, &entry, happened);
                }
            }
            Step::Found { entry, place } => self.found(transaction, &entry, place, settled),
            Step::Lost { entry, why } => self.lose(transaction, &entry, why, settled),
            Step::Retire { entry, why } => self.retire(transaction, &entry, why),
            Step::Stand { place, why } => self.stand(transaction, &place, why),
            Step::Reason { entry, why } => {
                if let Some(mut entry) = held(transaction, &entry) {
                    entry.said = Some(why);
                    transaction.put_entry(entry);
                }
            }
            Step::PutAway { entry } => self.happen(transaction, &entry, [What::Archived]),
        }
    }

    fn happen(
        &self,
        transaction: &mut Transaction,
        id: &EntryId,
        happened: impl IntoIterator<Item = What>,
    ) {
        if let Some(entry) = held(transaction, id) {
            happen(transaction, entry, happened, self.scene.at);
        }
    }

    /// A certificate becomes an entry: a new one, or the one that stood for its place while that
    /// could not be read.
    fn take(
        &self,
        transaction: &mut Transaction,
        find: &Find,
        instead: Option<&EntryId>,
    ) -> EntryId {
        let stood = instead.and_then(|id| held(transaction, id));
        let mut happened = stood.as_ref().map(mended).unwrap_or_default();
        let mut entry = stood
            .unwrap_or_else(|| self.new_entry(transaction, &find.leaf.sha256, VALID, &find.place));
        entry.names = names_of(&find.leaf);
        entry.product.name = product_of(&find.leaf);
        let level = find.leaf.validation_level;
        entry.product.level = level.map(|level| level.label().to_owned());
        let spki = find.leaf.spki_sha256.clone();
        entry.order.key_held = self.inner.store.has_key(&spki);
        entry.order.spki_sha256 = Some(spki);
        let from = find.place.clone();
        let certificate = find.record();
        happened.extend([What::Imported { from }, What::Issued { certificate }]);
        let id = entry.id.clone();
        happen(transaction, entry, happened, self.scene.at);
        id
    }

    fn new_entry(&self, transaction: &Transaction, seed: &str, state: &str, from: &str) -> Entry {
        let account = self.scene.account;
        let id: EntryId = mint(crate::engine::place::seed_of(seed.as_bytes()), |id| {
            transaction.has(id)
        });
        let accounts = self.inner.accounts();
        let lifecycle = accounts
            .get(account)
            .and_then(|account| account.lifecycles.first().map(String::as_str));
        let lifecycle = lifecycle.unwrap_or("files");
        let mut entry = Entry::new(id, account, lifecycle, state, self.scene.at);
        entry.origin = Some(from.to_owned());
        entry
    }

    fn link(
        &self,
        transaction: &mut Transaction,
        older: &EntryId,
        newer: &EntryId,
        settled: &mut Settled,
    ) {
        let pairs = [
            (newer, LinkKind::Renews, older),
            (older, LinkKind::RenewedBy, newer),
        ];
        for (id, link, to) in pairs {
            let to = to.clone();
            self.happen(transaction, id, [What::Linked { link, to }]);
        }
        // Old certificates that are found beside newer ones are no news.
        if !settled.fresh.contains(older) && settled.fresh.contains(newer) {
            settled.report.renewed += 1;
            let ends = |held: &CertificateRecord| held.not_after;
            if let Some(entry) = transaction.entry(newer)
                && let Some(until) = entry.serving().map(ends)
            {
                let name = entry.name().to_owned();
                let news = News::Renewed(newer.clone(), name, until);
                settled.news.push(news);
            }
        }
    }

    fn found(
        &self,
        transaction: &mut Transaction,
        id: &EntryId,
        place: String,
        settled: &mut Settled,
    ) {
        let Some(entry) = held(transaction, id) else {
            return;
        };
        if entry.trouble.is_some() {
            settled.report.found_again += 1;
        } else {
            settled.report.moved += 1;
        }
        let restored = entry.archived.then_some(What::Restored);
        let found = What::Found { from: place };
        let happened = std::iter::once(found).chain(restored);
        happen(transaction, entry, happened, self.scene.at);
    }

    fn lose(
        &self,
        transaction: &mut Transaction,
        id: &EntryId,
        why: String,
        settled: &mut Settled,
    ) {
        let Some(entry) = held(transaction, id) else {
            return;
        };
        if entry.trouble.is_none() {
            settled.report.lost += 1;
            let name = entry.name().to_owned();
            let news = News::Lost(id.clone(), name, why.clone());
            settled.news.push(news);
        }
        let last_good = self.last_good(&entry);
        happen(
            transaction,
            entry,
            [What::Lost { why, last_good }],
            self.scene.at,
        );
    }

    fn retire(&self, transaction: &mut Transaction, id: &EntryId, why: String) {
        let Some(entry) = held(transaction, id) else {
            return;
        };
        let last_good = self.last_good(&entry);
        let happened = [What::Lost { why, last_good }, What::Archived];
        happen(transaction, entry, happened, self.scene.at);
    }

    /// When the place of an entry was read well for the last time: at the last look, if all was
    /// well then.
    fn last_good(&self, entry: &Entry) -> Timestamp {
        if let Some(trouble) = &entry.trouble {
            return trouble.last_good;
        }
        let looked = match entry.origin.as_deref() {
            Some(origin) if !is_file(origin) => self.looked.servers,
            _ => self.looked.files,
        };
        looked.unwrap_or(entry.changed)
    }

    fn stand(&self, transaction: &mut Transaction, place: &str, why: String) {
        let mut entry = self.new_entry(transaction, place, UNREADABLE, place);
        entry.names = vec![name_of_place(place)];
        entry.said = Some(why);
        let from = place.to_owned();
        happen(transaction, entry, [What::Imported { from }], self.scene.at);
    }

    /// Keeps with whatever is written when the account was looked at.
    fn remember_look(&self, transaction: &mut Transaction) {
        if self.scene.watch.is_none() || transaction.is_empty() {
            return;
        }
        let account = self.scene.account;
        let record = transaction.account(account).cloned();
        let mut record = record.unwrap_or_else(|| AccountRecord::new(account));
        let at = Some(self.scene.at);
        let looked = if self.scene.world.covered.is_empty() {
            LookedBefore {
                servers: at,
                ..self.looked
            }
        } else {
            LookedBefore {
                files: at,
                ..self.looked
            }
        };
        looked.write(&mut record);
        transaction.put_account(record);
    }
}

fn held(transaction: &Transaction, id: &EntryId) -> Option<Entry> {
    transaction.entry(id).map(|entry| entry.as_ref().clone())
}

/// What happens to the entry of a place that can be read again. One that was put away comes back:
/// it stands for a certificate now.
fn mended(entry: &Entry) -> Vec<What> {
    let moved = What::Moved {
        track: MAIN_TRACK.to_owned(),
        from: StateRef::known(UNREADABLE),
        to: StateRef::known(VALID),
        by: Cause::Observed,
    };
    let restored = entry.archived.then_some(What::Restored);
    std::iter::once(moved).chain(restored).collect()
}
