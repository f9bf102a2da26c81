//! Everything that certdeck has: entries, accounts and lifecycles as one consistent picture.
//!
//! Pure and immutable: the engine publishes a new one after each change, the faces read it. It
//! answers what needs more than one entry: the gate's context, the list's rows, what an id means.

mod account;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;

use super::account::AccountKind;
use super::action::{self, ActionSpec, Kind, is_settling};
use super::clock_doubt::{Doubt, doubt, leap};
use super::entries::{Entries, Unreadable};
use super::entry::{CertificateRecord, Entry, EntryId, Role};
use super::gate::{AccountFacts, Context, Reason, Verdict, gate};
use super::lifecycle::{Circumstances, Lifecycle, Lifecycles, Phase, standing};
use super::row::Row;
use super::rows::Rows;

pub use account::{Account, RunningClock, Watched};

/// Why nothing is asked of a provider yet.
const STILL_LOADING: &str = "the list is still loading; ask again in a moment";

/// All entries, accounts and lifecycles at one moment.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The entries, by id.
    pub entries: Entries,
    /// The accounts, by name.
    pub accounts: BTreeMap<String, Account>,
    /// The lifecycles.
    pub lifecycles: Arc<Lifecycles>,
    /// The number of the last transaction that is in it.
    pub seq: u64,
    /// The latest time at which the store is known to have been written, by the clock of then.
    pub last_written: Option<Timestamp>,
    /// Why the store cannot be written now, in a sentence.
    pub store_trouble: Option<String>,
}

/// Why a name given by a person means no single entry.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unresolved {
    /// Nothing is called so.
    #[error("no entry has the id or name {0:?}; `certdeck list` shows what there is")]
    Nothing(String),
    /// Several are called so.
    #[error(
        "{given:?} fits several entries: {}; give one of these ids",
        list(candidates)
    )]
    Several {
        /// What was given.
        given: String,
        /// The entries that it fits.
        candidates: Vec<EntryId>,
    },
    /// It is there and cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

fn list(ids: &[EntryId]) -> String {
    const SHOWN: usize = 8;
    let mut text = ids
        .iter()
        .take(SHOWN)
        .map(EntryId::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if ids.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

impl Inventory {
    /// An entry by id.
    #[must_use]
    pub fn get(&self, id: &EntryId) -> Option<Arc<Entry>> {
        self.entries.get(id)
    }

    /// The entry that a person means: by id, by a unique prefix of it, or by an exact name.
    ///
    /// # Errors
    /// When nothing or more than one entry fits.
    pub fn resolve(&self, given: &str) -> Result<Arc<Entry>, Unresolved> {
        if let Some(entry) = self.entries.read(&EntryId::new(given))? {
            return Ok(entry);
        }
        let mut fitting: Vec<EntryId> = self.entries.named(given);
        if fitting.is_empty() && !given.is_empty() {
            fitting = self.entries.beginning_with(given).collect();
        }
        let nothing = || Unresolved::Nothing(given.to_owned());
        match fitting.as_slice() {
            [] => Err(nothing()),
            [only] => self.entries.read(only)?.ok_or_else(nothing),
            _ => Err(Unresolved::Several {
                given: given.to_owned(),
                candidates: fitting,
            }),
        }
    }

    /// The time of an account when the system's clock shows `system`.
    #[must_use]
    pub fn time_of(&self, account: &str, system: Timestamp) -> Timestamp {
        let clock = self
            .accounts
            .get(account)
            .and_then(|account| account.clock.as_ref());
        clock.map_or(system, |clock| clock.at(system))
    }

    /// Why the system's clock looks wrong when it shows `system`, judged by what was written.
    #[must_use]
    pub fn clock_doubt(&self, system: Timestamp) -> Option<Doubt> {
        doubt(system, self.last_written)
    }

    /// Whether what is due by the system's clock can be believed: it is not doubted, and has not
    /// leapt ahead further than any certificate lives.
    #[must_use]
    pub fn trusts_clock(&self, system: Timestamp) -> bool {
        self.clock_doubt(system).is_none() && leap(system, self.last_written).is_none()
    }

    /// The lifecycle that an entry follows; nothing if its table is missing.
    #[must_use]
    pub fn lifecycle_of(&self, entry: &Entry) -> Option<&Arc<Lifecycle>> {
        self.lifecycles.get(&entry.lifecycle)
    }

    /// What the gate needs to know besides the entry.
    #[must_use]
    pub fn context<'a>(&'a self, entry: &'a Entry, system: Timestamp) -> Context<'a> {
        let account = self.accounts.get(&entry.account);
        Context {
            now: self.time_of(&entry.account, system),
            account: AccountFacts {
                name: &entry.account,
                kind: account.map_or(AccountKind::Files, |account| account.kind),
                configured: account.is_some(),
                // Without its configuration nothing may be sent through an account.
                read_only: account.is_none_or(|account| account.read_only),
                zone_active: account.and_then(Account::zone_is_active),
                deploys: account.is_some_and(|account| account.deploys),
                probes_wildcards: account.is_some_and(|account| account.probes_wildcards),
                quota_left: None,
            },
            successor: self.successor_under_way(entry, system),
            successor_live: self
                .knows_what_serves(entry)
                .then(|| self.has_successor_in_service(entry, system)),
        }
    }

    /// By hand nobody but the person knows what is live.
    fn knows_what_serves(&self, entry: &Entry) -> bool {
        let account = self.accounts.get(&entry.account);
        account.is_some_and(|account| account.kind != AccountKind::ByHand)
    }

    /// The states of an entry's tracks now, for whoever asks for something on their account.
    #[must_use]
    pub fn standing_key(&self, entry: &Entry, system: Timestamp) -> Option<String> {
        let lifecycle = self.lifecycle_of(entry)?;
        let now = self.time_of(&entry.account, system);
        Some(standing(entry, lifecycle, now).key())
    }

    /// What the conditions of events ask for beyond the entry.
    #[must_use]
    pub fn circumstances(&self, entry: &Entry, system: Timestamp) -> Circumstances {
        let account = self.accounts.get(&entry.account);
        let zone = account.and_then(|account| account.zone);
        let successor_since = self.successor_in_service_since(entry, system);
        Circumstances {
            zone_active: account.and_then(Account::zone_is_active),
            zone_since: zone.map(|zone| zone.since),
            successor_live: self
                .knows_what_serves(entry)
                .then_some(successor_since.is_some()),
            successor_since,
        }
    }

    /// Whether only the first page of the entries is there yet, and the rest is being read.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.entries.is_first_page()
    }

    /// Whether an action is possible now, and if not, why not.
    #[must_use]
    pub fn verdict(&self, action: &str, entry: &Entry, system: Timestamp) -> Verdict {
        let asks = |spec: &ActionSpec| spec.kind == Kind::Provider || is_settling(spec);
        let asks_provider = action::spec(action).is_some_and(asks);
        if self.is_loading() && asks_provider {
            // What would decide it may be among what is not read yet.
            return Verdict::Refused(Reason::new(STILL_LOADING));
        }
        match self.lifecycle_of(entry) {
            Some(lifecycle) => gate(action, entry, lifecycle, &self.context(entry, system)),
            None => gate(
                action,
                entry,
                &missing(&entry.lifecycle),
                &self.context(entry, system),
            ),
        }
    }

    /// A successor that is on its way or serves, in words.
    fn successor_under_way(&self, entry: &Entry, system: Timestamp) -> Option<String> {
        let later = descendants(entry, |id| self.get(id));
        later.into_iter().find_map(|successor| {
            let id = &successor.id;
            let Some(lifecycle) = self.lifecycle_of(&successor) else {
                // Whether it is over cannot be told, so it may not be.
                return Some(format!("{id} (its lifecycle table is missing)"));
            };
            let now = self.time_of(&successor.account, system);
            let stands = standing(&successor, lifecycle, now);
            let phase = stands.phase(lifecycle);
            let over = phase.is_some_and(|phase| matches!(phase, Phase::Ended | Phase::Failed));
            let is_gone = successor.gone.is_some();
            (!over && !is_gone).then(|| format!("{id} ({})", stands.label(lifecycle)))
        })
    }

    /// Whether a successor of the entry, or a successor's successor, serves now.
    #[must_use]
    pub fn has_live_successor(&self, entry: &Entry, system: Timestamp) -> bool {
        // Nothing is read for it: the list asks this of everything that was renewed.
        let later = descendants(entry, |id| self.entries.outline(id));
        later.into_iter().any(|successor| {
            let now = self.time_of(&successor.account, system);
            self.serves(&successor, now)
        })
    }

    /// Whether an entry serves at `now`, its account's time.
    pub(super) fn serves(&self, entry: &Entry, now: Timestamp) -> bool {
        let Some(lifecycle) = self.lifecycle_of(entry) else {
            return false;
        };
        let phase = standing(entry, lifecycle, now).phase(lifecycle);
        entry.gone.is_none() && phase.is_some_and(|phase| serves(entry, phase, now))
    }

    /// Whether a successor of the entry has reached a state in which it serves. Stricter than
    /// [`Self::has_live_successor`]: one whose certificate is there but not yet deployed does not
    /// count, since nothing may be taken away for its sake.
    #[must_use]
    pub fn has_successor_in_service(&self, entry: &Entry, system: Timestamp) -> bool {
        self.successor_in_service_since(entry, system).is_some()
    }

    /// The last of these entries that follows the entry: its successor, or a successor's successor.
    #[must_use]
    pub fn follower_among<'a>(&self, entry: &Entry, others: &'a [Arc<Entry>]) -> Option<&'a Entry> {
        let later = descendants(entry, |id| self.get(id));
        let is_later = |other: &&Arc<Entry>| later.iter().any(|follower| follower.id == other.id);
        others.iter().rfind(is_later).map(AsRef::as_ref)
    }

    /// Since when a successor of the entry has been in a state in which it serves, in its account's
    /// time.
    fn successor_in_service_since(&self, entry: &Entry, system: Timestamp) -> Option<Timestamp> {
        let later = descendants(entry, |id| self.get(id));
        let serving = later.into_iter().filter_map(|successor| {
            let now = self.time_of(&successor.account, system);
            let lifecycle = self.lifecycle_of(&successor)?;
            let phase = standing(&successor, lifecycle, now).phase(lifecycle)?;
            let since = successor.tracks.values().map(|track| track.since).max();
            since.filter(|_| phase == Phase::Live && successor.gone.is_none())
        });
        serving.min()
    }

    /// The row of one entry.
    #[must_use]
    pub fn row(&self, entry: &Entry, system: Timestamp) -> Row {
        let superseded = !entry.links.is_empty() && self.has_live_successor(entry, system);
        self.row_with(entry, system, superseded)
    }

    /// The row of one entry of which it is known whether a successor serves in its place.
    pub(super) fn row_with(&self, entry: &Entry, system: Timestamp, superseded: bool) -> Row {
        let now = self.time_of(&entry.account, system);
        let lifecycle = self.lifecycle_of(entry).map(AsRef::as_ref);
        let mut row = Row {
            account_words: self.account_words(&entry.account),
            ..Row::of(entry, lifecycle, now, superseded)
        };
        let account = self.accounts.get(&entry.account);
        let remind = |(table, account): (&Lifecycle, &Account)| {
            super::reminder::reminder(entry, table, account.kind, now)
        };
        let unsettled = super::reminder::unknown_outcome(entry);
        let unsettled = unsettled.or_else(|| super::reminder::undeployed(entry));
        if let Some(reminder) = unsettled.or_else(|| lifecycle.zip(account).and_then(remind)) {
            row.remind(reminder);
        }
        row
    }

    /// An account as rows and sheets name it: everything of the sandbox says so, and what is
    /// left of an account that was removed.
    #[must_use]
    pub fn account_words(&self, name: &str) -> String {
        let Some(account) = self.accounts.get(name) else {
            return format!("{name} (not configured)");
        };
        if account.kind == AccountKind::Sandbox && !name.contains("sandbox") {
            format!("{name} (sandbox)")
        } else {
            name.to_owned()
        }
    }

    /// Whether the entries of an account live in a zone.
    #[must_use]
    pub fn has_zone(&self, account: &Account) -> bool {
        let ids = account.lifecycles.iter();
        let mut tables = ids.filter_map(|id| self.lifecycles.get(id));
        tables.any(|table| table.zone)
    }

    /// The lifecycles of an account by title: one, or how many more there are.
    #[must_use]
    pub fn lifecycle_words(&self, account: &Account) -> String {
        let usual = account.usual_lifecycle();
        let title = self
            .lifecycles
            .get(usual)
            .map_or(usual, |table| &table.title);
        match account.lifecycles.len() {
            0 | 1 => title.to_owned(),
            several => format!("{title} and {} more", several - 1),
        }
    }

    /// The rows of all entries, in the order of their ids.
    #[must_use]
    pub fn rows(&self, system: Timestamp) -> Rows {
        Rows::of(self, system)
    }

    /// Whether any sandbox clock is running, so that times on screen move.
    #[must_use]
    pub fn sandbox_is_running(&self) -> bool {
        let mut clocks = self
            .accounts
            .values()
            .filter_map(|account| account.clock.as_ref());
        clocks.any(|clock| clock.taken.is_some() && !clock.reading.paused)
    }
}

/// Whether an entry in this phase serves now: because its state says so, or because its certificate
/// is valid while its state asks for something, as one that is due for renewal does.
fn serves(entry: &Entry, phase: Phase, now: Timestamp) -> bool {
    let is_valid = |held: &CertificateRecord| {
        held.role == Role::Serving && held.not_before <= now && now <= held.not_after
    };
    match phase {
        Phase::Live => true,
        Phase::ActionNeeded | Phase::InProgress => entry.serving().is_some_and(is_valid),
        Phase::WindingDown | Phase::Ended | Phase::Failed => false,
    }
}

/// Everything that came after an entry, each once: its successors, theirs, and so on, as far as
/// `find` knows them.
pub fn descendants(
    entry: &Entry,
    find: impl Fn(&EntryId) -> Option<Arc<Entry>>,
) -> Vec<Arc<Entry>> {
    let mut found: Vec<Arc<Entry>> = entry.successors().filter_map(&find).collect();
    if found.is_empty() {
        return found;
    }
    // The entry itself counts as seen, so that links in a circle end.
    let mut seen = BTreeSet::from([entry.id.clone()]);
    seen.extend(found.iter().map(|successor| successor.id.clone()));
    let mut next = 0;
    while let Some(successor) = found.get(next).map(Arc::clone) {
        next += 1;
        for later in successor.successors().filter_map(&find) {
            if seen.insert(later.id.clone()) {
                found.push(later);
            }
        }
    }
    found
}

/// A lifecycle without states, for an entry whose table is not there: its state is shown
/// verbatim and no provider action is possible.
fn missing(id: &str) -> Lifecycle {
    Lifecycle {
        id: id.to_owned(),
        title: format!("the missing lifecycle table {id:?}"),
        provider: id.to_owned(),
        ..Lifecycle::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(ids: &[(&str, &str)]) -> Inventory {
        let entries = ids.iter().map(|(id, name)| {
            let id = EntryId::new(*id);
            let mut entry = Entry::new(id, "sandbox", "netcup", "issued", Timestamp::UNIX_EPOCH);
            entry.names = vec![(*name).to_owned()];
            Arc::new(entry)
        });
        Inventory {
            entries: entries.collect(),
            ..Inventory::default()
        }
    }

    #[test]
    fn an_entry_is_named_by_id_by_a_unique_prefix_or_by_an_exact_name() {
        let inventory = inventory(&[
            ("abc123", "a.example"),
            ("abd456", "b.example"),
            ("xyz789", "b.example"),
        ]);
        let id = |given: &str| inventory.resolve(given).map(|entry| entry.id.to_string());
        assert_eq!(id("abc123").unwrap(), "abc123");
        assert_eq!(id("abc").unwrap(), "abc123");
        assert_eq!(id("A.example").unwrap(), "abc123");
        assert_eq!(id("x").unwrap(), "xyz789");
        assert_eq!(id("nope"), Err(Unresolved::Nothing("nope".to_owned())));
        assert!(id("").is_err());
        let several = id("ab").unwrap_err().to_string();
        assert!(several.contains("abc123, abd456"), "{several}");
        assert!(matches!(id("b.example"), Err(Unresolved::Several { .. })));
    }

    #[test]
    fn the_successor_of_an_expired_successor_serves_in_the_place_of_both() {
        let mut inventory = inventory(&[("one", "a"), ("two", "a"), ("three", "a")]);
        inventory.lifecycles = Arc::new(Lifecycles::built_in().unwrap());
        let entries = &mut inventory.entries;
        for (old, new) in [("one", "two"), ("two", "three"), ("three", "one")] {
            let mut held = entries.get(&EntryId::new(old)).unwrap();
            let entry = Arc::make_mut(&mut held);
            entry.links.push(crate::domain::entry::Link {
                kind: crate::domain::entry::LinkKind::RenewedBy,
                entry: EntryId::new(new),
            });
            let state = if old == "three" {
                "issued"
            } else {
                "cancelled"
            };
            entry.tracks.get_mut("main").unwrap().state =
                crate::domain::entry::StateRef::known(state);
            entries.insert(held);
        }
        let now = Timestamp::UNIX_EPOCH;
        let one = &inventory.get(&EntryId::new("one")).unwrap();
        assert!(inventory.row(one, now).superseded);
        let successor = inventory.context(one, now).successor;
        assert_eq!(successor.as_deref(), Some("three (Certificate issued)"));
        let three = &inventory.get(&EntryId::new("three")).unwrap();
        assert!(!inventory.has_live_successor(three, now), "never its own");
    }

    #[test]
    fn a_successor_that_its_provider_deleted_serves_for_nobody() {
        let mut inventory = inventory(&[("one", "a"), ("two", "a")]);
        inventory.lifecycles = Arc::new(Lifecycles::built_in().unwrap());
        let (one, two) = (EntryId::new("one"), EntryId::new("two"));
        let entries = &mut inventory.entries;
        let mut old = entries.get(&one).unwrap();
        Arc::make_mut(&mut old)
            .links
            .push(crate::domain::entry::Link {
                kind: crate::domain::entry::LinkKind::RenewedBy,
                entry: two.clone(),
            });
        entries.insert(old);
        let now = Timestamp::UNIX_EPOCH;
        let serves = |inventory: &Inventory| {
            let old = &inventory.get(&one).unwrap();
            let by_row = inventory.row(old, now).superseded;
            (by_row, inventory.has_successor_in_service(old, now))
        };
        assert_eq!(serves(&inventory), (true, true));
        let entries = &mut inventory.entries;
        let mut deleted = entries.get(&two).unwrap();
        Arc::make_mut(&mut deleted).gone = Some(now);
        entries.insert(deleted);
        assert_eq!(serves(&inventory), (false, false));
    }

    #[test]
    fn a_successor_without_a_table_may_be_under_way() {
        let mut inventory = inventory(&[("one", "a"), ("two", "a")]);
        let one = inventory.get(&EntryId::new("one")).unwrap();
        let mut one = one.as_ref().clone();
        one.links.push(crate::domain::entry::Link {
            kind: crate::domain::entry::LinkKind::RenewedBy,
            entry: EntryId::new("two"),
        });
        inventory.lifecycles = Arc::default();
        let successor = inventory.context(&one, Timestamp::UNIX_EPOCH).successor;
        assert!(successor.unwrap().contains("missing"));
    }
}
