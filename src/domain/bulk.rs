//! One action on several entries of any lifecycles: to which of them it applies, and why the
//! others are left out.
//!
//! Pure: it asks the gate for each and adds what asking for several at once forbids. The panel's
//! menu over marked entries asks here.

use jiff::Timestamp;

use super::account::AccountKind;
use super::action::{ActionSpec, CATALOGUE, Danger, Kind, PROBE};
use super::entry::{Entry, EntryId};
use super::gate::Verdict;
use super::inventory::Inventory;
use super::lifecycle::{ActionRow, Ask};

/// What the gate and asking for several at once make of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// The entries that it applies to, in the order of their ids.
    pub fits: Vec<Fit>,
    /// The others.
    pub left_out: Vec<LeftOut>,
}

/// An entry that the action applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The entry.
    pub entry: EntryId,
    /// The row of its lifecycle that makes it possible; none for a local action without one.
    pub row: Option<usize>,
}

/// An entry that the action does not apply to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The entry.
    pub entry: EntryId,
    /// Why.
    pub why: String,
}

/// The actions that a menu over these entries lists, in the catalogue's order: those that any of
/// their lifecycles speaks of, and the local ones that make sense for several at once.
#[must_use]
pub fn offered<'a>(
    ids: impl IntoIterator<Item = &'a EntryId>,
    inventory: &Inventory,
) -> Vec<&'static ActionSpec> {
    let mut tables: Vec<String> = Vec::new();
    for entry in ids.into_iter().filter_map(|id| inventory.get(id)) {
        if tables.iter().all(|known| *known != entry.lifecycle) {
            tables.push(entry.lifecycle.clone());
        }
    }
    let tables: Vec<_> = tables
        .into_iter()
        .filter_map(|id| inventory.lifecycles.get(&id))
        .collect();
    let listed = |spec: &&ActionSpec| {
        let is_mentioned = || tables.iter().any(|table| table.mentions(spec.id));
        is_for_several(spec) && (spec.kind == Kind::Local || is_mentioned())
    };
    CATALOGUE.iter().filter(listed).collect()
}

/// Whether an action can be asked for with several entries at once. What only shows something, or
/// wants to be written for one of them, is done one by one.
#[must_use]
pub fn is_for_several(spec: &ActionSpec) -> bool {
    spec.kind == Kind::Provider || matches!(spec.id, "archive" | "restore" | PROBE)
}

/// To which of these entries an action applies now, and why not to the others.
#[must_use]
pub fn judge<'a>(
    spec: &ActionSpec,
    ids: impl IntoIterator<Item = &'a EntryId>,
    inventory: &Inventory,
    system: Timestamp,
) -> Bulk {
    let mut bulk = Bulk {
        fits: Vec::new(),
        left_out: Vec::new(),
    };
    for entry in ids.into_iter().filter_map(|id| inventory.get(id)) {
        let id = entry.id.clone();
        match one(spec, &entry, inventory, system) {
            Ok(row) => bulk.fits.push(Fit { entry: id, row }),
            Err(why) => bulk.left_out.push(LeftOut { entry: id, why }),
        }
    }
    bulk
}

fn one(
    spec: &ActionSpec,
    entry: &Entry,
    inventory: &Inventory,
    system: Timestamp,
) -> Result<Option<usize>, String> {
    let row = match inventory.verdict(spec.id, entry, system) {
        Verdict::Possible { row } => row,
        Verdict::Refused(reason) => return Err(reason.to_string()),
    };
    let account = inventory.accounts.get(&entry.account);
    let by_hand = account.is_some_and(|account| account.kind == AccountKind::ByHand);
    if spec.kind == Kind::Provider && by_hand {
        return Err("kept by hand: it is done in the provider's own panel, one by one".to_owned());
    }
    match row_of(entry, row, inventory).and_then(|row| must_be_said(spec, row)) {
        Some(why) => Err(why.to_owned()),
        None => Ok(row),
    }
}

/// What nobody can say for several entries at once. A reason may be left out, and names and method
/// stay as they are.
fn must_be_said(spec: &ActionSpec, row: &ActionRow) -> Option<&'static str> {
    if row.asks.contains(&Ask::NewNames) {
        return Some("which names to add has to be said for each by itself");
    }
    (spec.id == "change-method" && row.asks.contains(&Ask::Method))
        .then_some("which method to use has to be said for each by itself")
}

fn row_of<'a>(
    entry: &Entry,
    row: Option<usize>,
    inventory: &'a Inventory,
) -> Option<&'a ActionRow> {
    inventory.lifecycle_of(entry)?.actions.get(row?)
}

impl Fit {
    /// The row that makes the action possible.
    #[must_use]
    pub fn row<'a>(&self, inventory: &'a Inventory) -> Option<&'a ActionRow> {
        row_of(&*inventory.get(&self.entry)?, self.row, inventory)
    }
}

impl Bulk {
    /// How many entries there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.fits.len() + self.left_out.len()
    }

    /// Why entries are left out, with how many are for that reason; the most frequent first.
    #[must_use]
    pub fn reasons(&self) -> Vec<(usize, &str)> {
        let mut groups: Vec<(usize, &str)> = Vec::new();
        for left in &self.left_out {
            match groups.iter_mut().find(|(_, why)| *why == left.why) {
                Some((count, _)) => *count += 1,
                None => groups.push((1, &left.why)),
            }
        }
        groups.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        groups
    }

    /// How much it can break: as much as it can for any of them.
    #[must_use]
    pub fn danger(&self, spec: &ActionSpec, inventory: &Inventory) -> Danger {
        let danger = |fit: &Fit| {
            fit.row(inventory)
                .map_or(spec.danger, |row| row.danger(spec))
        };
        self.fits.iter().map(danger).max().unwrap_or(spec.danger)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::domain::action;
    use crate::domain::entry::OpenRequest;
    use crate::domain::inventory::Account;
    use crate::domain::lifecycle::Lifecycles;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn account(name: &str, kind: AccountKind) -> (String, Account) {
        let account = Account {
            deploys: false,
            probes_wildcards: false,
            name: name.to_owned(),
            kind,
            lifecycles: vec!["netcup".to_owned()],
            read_only: false,
            clock: None,
            seed: None,
            zone: None,
            panel: None,
            watched: None,
        };
        (name.to_owned(), account)
    }

    fn entry(id: &str, account: &str, lifecycle: &str, state: &str) -> Entry {
        let mut entry = Entry::new(EntryId::new(id), account, lifecycle, state, START);
        entry.names = vec![format!("{id}.example")];
        entry
    }

    fn inventory(entries: Vec<Entry>) -> Inventory {
        let entries = entries.into_iter().map(Arc::new);
        Inventory {
            last_written: None,
            store_trouble: None,
            entries: entries.collect(),
            accounts: BTreeMap::from([
                account("play", AccountKind::Sandbox),
                account("hand", AccountKind::ByHand),
            ]),
            lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
            seq: 1,
        }
    }

    fn judged(id: &str, inventory: &Inventory) -> Bulk {
        let spec = action::spec(id).unwrap();
        judge(
            spec,
            &inventory.entries.ids().collect::<Vec<_>>(),
            inventory,
            START,
        )
    }

    fn names(ids: &[&str]) -> Vec<EntryId> {
        ids.iter().map(|id| EntryId::new(*id)).collect()
    }

    fn mixed() -> Inventory {
        let mut asked = entry("b2", "play", "huawei-ssl", "pending-domain-verification");
        asked.request = Some(OpenRequest {
            action: "withdraw".to_owned(),
            since: START,
            unknown_outcome: false,
            accepted: false,
        });
        inventory(vec![
            entry("a1", "play", "huawei-ssl", "pending-domain-verification"),
            asked,
            entry("c3", "hand", "huawei-ssl", "pending-domain-verification"),
            entry("d4", "play", "netcup", "issued"),
            entry("e5", "play", "netcup", "verification"),
        ])
    }

    #[test]
    fn an_action_applies_to_those_that_the_gate_lets_through_and_the_others_say_why() {
        let inventory = mixed();
        let bulk = judged("withdraw", &inventory);
        let fits: Vec<_> = bulk.fits.iter().map(|fit| fit.entry.clone()).collect();
        assert_eq!((fits, bulk.count()), (names(&["a1"]), 5));
        let reasons = bulk.reasons();
        assert_eq!(
            reasons[0].0, 2,
            "both of netcup for one reason: {reasons:?}"
        );
        assert!(reasons[0].1.contains("netcup"), "{reasons:?}");
        let says: Vec<_> = reasons.iter().map(|(_, why)| *why).collect();
        assert!(says.iter().any(|why| why.contains("under way")), "{says:?}");
        assert!(
            says.iter().any(|why| why.contains("kept by hand")),
            "{says:?}"
        );
    }

    #[test]
    fn the_menu_lists_what_any_of_the_lifecycles_speaks_of_in_the_catalogues_order() {
        let inventory = mixed();
        let ids = |of: &[&str]| -> Vec<&str> {
            let of = names(of);
            offered(&of, &inventory)
                .iter()
                .map(|spec| spec.id)
                .collect()
        };
        let (one, all) = (ids(&["d4"]), ids(&["a1", "d4"]));
        let place = |id: &&str| CATALOGUE.iter().position(|spec| spec.id == *id);
        for listed in [&one, &all] {
            assert!(listed.is_sorted_by_key(place), "{listed:?}");
            assert!(listed.contains(&"archive") && !listed.contains(&"note"));
        }
        assert!(all.contains(&"apply") && one.iter().all(|id| all.contains(id)));
        assert!(
            !all.contains(&"recheck")
                || inventory
                    .lifecycles
                    .get("huawei-ssl")
                    .unwrap()
                    .mentions("recheck")
        );
    }

    #[test]
    fn what_has_to_be_said_for_each_is_left_out_with_that_reason() {
        let inventory = mixed();
        let spec = action::spec("withdraw").unwrap();
        let table = inventory.lifecycles.get("huawei-ssl").unwrap();
        let mut row = table.rows_of("withdraw").next().unwrap().clone();
        for (asks, said) in [
            (vec![], false),
            (vec![Ask::Reason, Ask::Names, Ask::Method], false),
            (vec![Ask::NewNames], true),
        ] {
            row.asks = asks;
            assert_eq!(must_be_said(spec, &row).is_some(), said, "{:?}", row.asks);
        }
        row.asks = vec![Ask::Method];
        let change = action::spec("change-method").unwrap();
        assert!(must_be_said(change, &row).is_some());
    }

    #[test]
    fn it_is_as_dangerous_as_for_the_one_for_which_it_is_most() {
        let inventory = mixed();
        let bulk = judged("archive", &inventory);
        assert_eq!(bulk.fits.len(), 5);
        let spec = action::spec("archive").unwrap();
        assert_eq!(bulk.danger(spec, &inventory), spec.danger);
        let nothing = Bulk {
            fits: Vec::new(),
            left_out: Vec::new(),
        };
        let revoke = action::spec("revoke").unwrap();
        assert_eq!(nothing.danger(revoke, &inventory), Danger::WantsTheName);
    }
}
