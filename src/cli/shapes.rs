//! The JSON that headless commands print: its shapes are stable, keys are only ever added.
//!
//! Pure data. Every command prints one document: an object, whose lists are named. Times are UTC
//! in RFC 3339; texts are raw, as the certificate or the provider wrote them; keys without a value
//! are left out.

use jiff::Timestamp;
use serde::Serialize;

use super::shapes_of_certificates::{CertificateShape, FindingShape, RequestShape};
use super::shapes_of_states::{ReadyShape, StateShape, TrackShape, ZoneShape};
use crate::domain::entry::{
    Authorization, CertificateRecord, Entry, EntryId, Link, Trouble, ValidationRecord,
};
use crate::domain::event::Event;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::row::{Row, UrgencyClass};
use crate::domain::{action, lifecycle};

/// `list --json`.
#[derive(Debug, Serialize)]
pub(super) struct ListShape<'a> {
    /// The entries that fit, in order.
    pub(super) entries: Vec<RowShape<'a>>,
}

/// One entry of the list.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "scripts read each of them by its key"
)]
pub(super) struct RowShape<'a> {
    /// The entry's id.
    id: &'a str,
    /// The name that it is called by.
    name: &'a str,
    /// All names, the first one included.
    names: &'a [String],
    /// The product's name.
    #[serde(skip_serializing_if = "str::is_empty")]
    product: &'a str,
    /// The account.
    account: &'a str,
    /// Whether the sandbox plays it.
    sandbox: bool,
    /// What the provider's panel shows; of several tracks, all of them: `Active · Initializing`.
    status: &'a str,
    /// Track by track; left out where there is but one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tracks: Vec<TrackShape>,
    /// `action-needed`, `in-progress`, `live`, `winding-down`, `ended` or `failed`; left out where
    /// no table knows the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    /// `broken`, `needs-you`, `moving`, `serving`, `leaving` or `never`, the most urgent first.
    urgency: &'static str,
    /// Whether somebody has to do something about it: `broken` or `needs-you`.
    needs_someone: bool,
    /// Valid from.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
    /// Valid until.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<Timestamp>,
    /// Paid for until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_until: Option<Timestamp>,
    /// The account's time, by which all this is judged.
    now: Timestamp,
    /// The action whose answer is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
    /// Whether the provider has accepted that action and has still to carry it out; left out where
    /// it has not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    request_accepted: bool,
    /// Whether it is ready for production; left out where its provider does not say what that
    /// takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<ReadyShape>,
    /// When the provider deleted it; left out where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<Timestamp>,
    /// What the provider said last, or what came of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<&'a str>,
    /// What waits for you, where it is kept by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    reminder: Option<&'a str>,
    /// Why the place that it was read from cannot be read, since when, and when it was read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<TroubleShape<'a>>,
    /// Whether a successor serves in its place.
    superseded: bool,
    /// Whether it was put away.
    archived: bool,
    /// Whether its certificate belongs to a certification authority.
    is_ca: bool,
}

impl<'a> RowShape<'a> {
    pub(super) fn of(
        row: &'a Row,
        entry: &'a Entry,
        table: Option<&Lifecycle>,
        sandbox: bool,
    ) -> Self {
        Self {
            id: row.id.as_str(),
            name: &row.name,
            names: &entry.names,
            product: &row.product,
            account: &row.account,
            sandbox,
            status: &row.state,
            tracks: TrackShape::several(entry, table, row.now),
            phase: row.phase.map(lifecycle::Phase::id),
            urgency: urgency_word(row.urgency.class),
            needs_someone: row.needs_someone(),
            not_before: row.validity.map(|(from, _)| from),
            not_after: row.validity.map(|(_, to)| to),
            paid_until: row.paid_until,
            now: row.now,
            request: row.request.as_deref(),
            request_accepted: row.accepted,
            ready: row.ready.as_ref().map(ReadyShape::of),
            gone: row.gone,
            said: row.said.as_deref(),
            reminder: row.reminder.as_deref(),
            trouble: entry.trouble.as_ref().map(TroubleShape::of),
            superseded: row.superseded,
            archived: row.archived,
            is_ca: row.is_ca,
        }
    }
}

/// Why a place cannot be read any more.
#[derive(Debug, Serialize)]
pub(super) struct TroubleShape<'a> {
    /// What stands in the way and what to do.
    why: &'a str,
    /// Since when, in the system's time.
    since: Timestamp,
    /// When it was read well for the last time, in the system's time.
    last_good: Timestamp,
}

impl<'a> TroubleShape<'a> {
    fn of(trouble: &'a Trouble) -> Self {
        Self {
            why: &trouble.why,
            since: trouble.since,
            last_good: trouble.last_good,
        }
    }
}

/// The class of urgency, as scripts read it.
pub(super) fn urgency_word(class: UrgencyClass) -> &'static str {
    match class {
        UrgencyClass::Broken => "broken",
        UrgencyClass::NeedsYou => "needs-you",
        UrgencyClass::Moving => "moving",
        UrgencyClass::Serving => "serving",
        UrgencyClass::Leaving => "leaving",
        UrgencyClass::Never => "never",
    }
}

/// `show --json`: the row, and everything else that is kept.
#[derive(Debug, Serialize)]
pub(super) struct ShowShape<'a> {
    /// What `list` says.
    #[serde(flatten)]
    pub(super) row: RowShape<'a>,
    /// What the status means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) means: Option<&'a str>,
    /// Who moves next, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) who: Option<&'static str>,
    /// Where it stands, track by track, and what each state means.
    pub(super) states: Vec<StateShape<'a>>,
    /// How the account's zone stands, where the entry lives in one and that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<ZoneShape>,
    /// The lifecycle, by id.
    pub(super) lifecycle: &'a str,
    /// What was bought, as the store keeps it.
    pub(super) bought: &'a crate::domain::entry::Product,
    /// How it was ordered, as the store keeps it; never with a private key.
    pub(super) order: &'a crate::domain::entry::Order,
    /// What has to be published, answered or read for the verification.
    pub(super) records: &'a [ValidationRecord],
    /// What the CA complains of, in its own words.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) validation_errors: &'a [String],
    /// The authorizations inside an ACME order, one for each name.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) authorizations: &'a [Authorization],
    /// Names that were asked to be added and are not there yet.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) adding: &'a [String],
    /// Whether its DNS points to the account's target; left out where nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dns_points: Option<bool>,
    /// All certificates, newest last.
    pub(super) certificates: &'a [CertificateRecord],
    /// The certificate that serves, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<String>,
    /// Its chain as PEM, the issuer first.
    pub(super) chain: Vec<String>,
    /// Everything that the certificate says which serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate_says: Option<CertificateShape<'a>>,
    /// The same of its chain.
    pub(super) chain_says: Vec<CertificateShape<'a>>,
    /// What is wrong with it now, the worst first.
    pub(super) findings: Vec<FindingShape<'a>>,
    /// What its request says; left out where there is none that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_says: Option<RequestShape<'a>>,
    /// Ties to other entries.
    pub(super) links: &'a [Link],
    /// Every action, and whether it is possible now.
    pub(super) actions: Vec<ActionShape>,
    /// The file that it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<&'a str>,
    /// A person's own note.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) note: &'a str,
    /// When it came into being.
    pub(super) created: Timestamp,
    /// When it last changed.
    pub(super) changed: Timestamp,
    /// What could not be read, in sentences.
    pub(super) problems: Vec<String>,
}

/// An action, and whether it is possible now.
#[derive(Debug, Serialize)]
pub(super) struct ActionShape {
    /// Its id, for `act`.
    pub(super) id: &'static str,
    /// What menus call it.
    pub(super) title: String,
    /// Whether it is possible.
    pub(super) possible: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

impl ActionShape {
    /// Every action of the catalogue, for one entry.
    pub(super) fn all(inventory: &Inventory, entry: &Entry, system: Timestamp) -> Vec<Self> {
        let one = |spec: &'static action::ActionSpec| {
            let verdict = inventory.verdict(spec.id, entry, system);
            let title = inventory
                .lifecycle_of(entry)
                .map(|table| table.action_title(spec.id));
            Self {
                id: spec.id,
                title: title.unwrap_or_else(|| spec.title.to_owned()),
                possible: verdict.is_possible(),
                reason: verdict.reason().map(ToString::to_string),
            }
        };
        action::CATALOGUE.iter().map(one).collect()
    }
}

/// `act --json`, `renew --json`, `withdraw --json`, `archive --json`, `restore --json`.
#[derive(Debug, Serialize)]
pub(super) struct ResultsShape {
    /// One for each entry.
    pub(super) results: Vec<ResultShape>,
}

/// What came of an action with one entry.
#[derive(Debug, Serialize)]
pub(super) struct ResultShape {
    /// The entry.
    pub(super) id: EntryId,
    /// Its name.
    pub(super) name: String,
    /// Whether it was done.
    pub(super) done: bool,
    /// What the provider said, or why it was not done.
    pub(super) says: String,
    /// The successor that it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) successor: Option<EntryId>,
    /// The exit code that it would have had alone.
    pub(super) exit: u8,
}

/// `order --json`.
#[derive(Debug, Serialize)]
pub(super) struct OrderedShape {
    /// The new entry.
    pub(super) id: EntryId,
    /// The provider's own words.
    pub(super) says: String,
}

/// `sync --json`.
#[derive(Debug, Serialize)]
pub(super) struct SyncShape<'a> {
    /// The accounts that were looked at.
    pub(super) accounts: Vec<SyncedShape<'a>>,
}

/// What one look at an account found.
#[derive(Debug, Serialize)]
pub(super) struct SyncedShape<'a> {
    /// The account.
    pub(super) account: &'a str,
    /// How many files and servers were looked at.
    pub(super) looked: usize,
    /// Certificates that nobody knew.
    pub(super) new: usize,
    /// Of them, how many renew one that was known.
    pub(super) renewed: usize,
    /// Certificates that lie elsewhere now.
    pub(super) moved: usize,
    /// Certificates whose place cannot be read any more.
    pub(super) lost: usize,
    /// Certificates whose place can be read again.
    pub(super) found_again: usize,
    /// What cannot be read now.
    pub(super) trouble: Vec<PlaceTroubleShape<'a>>,
}

/// A file or server that cannot be read.
#[derive(Debug, Serialize)]
pub(super) struct PlaceTroubleShape<'a> {
    /// The file, folder or server.
    pub(super) place: &'a str,
    /// Why, and what to do.
    pub(super) why: &'a str,
}

/// `history --json`.
#[derive(Debug, Serialize)]
pub(super) struct HistoryShape<'a> {
    /// What happened, the newest first.
    pub(super) events: Vec<HistoryLineShape<'a>>,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
pub(super) struct HistoryLineShape<'a> {
    /// The number of its transaction.
    pub(super) seq: u64,
    /// When it was written down, in the system's time.
    pub(super) written: Timestamp,
    /// Who did it.
    pub(super) who: &'a str,
    /// What happened, in a sentence.
    pub(super) says: String,
    /// The event as the store keeps it: `entry`, `at` (the account's time), `what`.
    #[serde(flatten)]
    pub(super) event: &'a Event,
}

/// `products --json`.
#[derive(Debug, Serialize)]
pub(super) struct ProductsShape<'a> {
    /// The products.
    pub(super) products: Vec<ProductShape<'a>>,
}

/// A product of an account.
#[derive(Debug, Serialize)]
pub(super) struct ProductShape<'a> {
    /// The account.
    pub(super) account: &'a str,
    /// The product's id, for `order`.
    pub(super) id: &'a str,
    /// What people call it.
    pub(super) name: &'a str,
    /// The lifecycle that its orders follow, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lifecycle: Option<&'a str>,
    /// `DV`, `OV` or `EV`; left out where nobody is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<&'a str>,
    /// The brand of the certification authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) brand: Option<&'a str>,
    /// How many names it may protect, where that is limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name_limit: Option<u32>,
    /// How control can be verified: `dns`, `email`, `file`; empty where it is not.
    pub(super) methods: &'a [crate::domain::entry::Method],
    /// `single`, `wildcard` or `multi-domain`.
    pub(super) kind: crate::domain::entry::ProductKind,
    /// What one term costs, in hundredths, and the currency.
    pub(super) price: &'a crate::domain::entry::Price,
    /// How long one payment lasts; left out where nothing is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) term_months: Option<u32>,
}

/// `sandbox clock --json`.
#[derive(Debug, Serialize)]
pub(super) struct ClocksShape<'a> {
    /// The clocks.
    pub(super) clocks: Vec<ClockShape<'a>>,
}

/// A sandbox account's clock.
#[derive(Debug, Serialize)]
pub(super) struct ClockShape<'a> {
    /// The account.
    pub(super) account: &'a str,
    /// What it shows.
    pub(super) at: Timestamp,
    /// How many sandbox seconds pass in one second.
    pub(super) speed: u32,
    /// Whether it stands still.
    pub(super) paused: bool,
    /// What the sandbox's chances hang on; left out before its first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    /// How its zone stands; left out where its entries live in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<&'static str>,
}

/// `config path --json`.
#[derive(Debug, Serialize)]
pub(super) struct PathsShape {
    /// The configuration file.
    pub(super) config: String,
    /// Whether it exists.
    pub(super) config_exists: bool,
    /// The folder of the accounts.
    pub(super) accounts: String,
    /// The folder of people's own lifecycles.
    pub(super) lifecycles: String,
    /// The folder of the store.
    pub(super) store: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_keys_that_scripts_read() {
        let at = Timestamp::UNIX_EPOCH;
        let mut entry = Entry::new(EntryId::new("a1"), "sandbox", "netcup", "registration", at);
        entry.names = vec!["a.example".to_owned(), "b.example".to_owned()];
        entry.trouble = Some(Trouble {
            why: "it is gone".to_owned(),
            since: at,
            last_good: at,
        });
        let lifecycles = lifecycle::Lifecycles::built_in().unwrap();
        let row = Row::of(
            &entry,
            lifecycles.get("netcup").map(AsRef::as_ref),
            at,
            false,
        );
        let shape = ListShape {
            entries: vec![RowShape::of(&row, &entry, None, true)],
        };
        insta::assert_snapshot!(serde_json::to_string_pretty(&shape).unwrap(), @r#"
        {
          "entries": [
            {
              "id": "a1",
              "name": "a.example",
              "names": [
                "a.example",
                "b.example"
              ],
              "account": "sandbox",
              "sandbox": true,
              "status": "Registration",
              "phase": "in-progress",
              "urgency": "needs-you",
              "needs_someone": true,
              "now": "1970-01-01T00:00:00Z",
              "trouble": {
                "why": "it is gone",
                "since": "1970-01-01T00:00:00Z",
                "last_good": "1970-01-01T00:00:00Z"
              },
              "superseded": false,
              "archived": false,
              "is_ca": false
            }
          ]
        }
        "#);
    }

    #[test]
    fn every_action_is_listed_with_its_reason() {
        let at = Timestamp::UNIX_EPOCH;
        let entry = Entry::new(EntryId::new("a1"), "files", "files", "valid", at);
        let inventory = Inventory {
            lifecycles: std::sync::Arc::new(lifecycle::Lifecycles::built_in().unwrap()),
            ..Inventory::default()
        };
        let actions = ActionShape::all(&inventory, &entry, at);
        assert_eq!(actions.len(), action::CATALOGUE.len());
        for action in &actions {
            assert_eq!(action.possible, action.reason.is_none(), "{}", action.id);
        }
        let renew = actions.iter().find(|action| action.id == "renew").unwrap();
        assert_eq!(
            renew.reason.as_deref(),
            Some(
                "a file cannot be renewed here; renew it where it was ordered, then import the new one"
            )
        );
    }
}
