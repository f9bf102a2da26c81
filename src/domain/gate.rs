//! The gate: whether an action is possible now, and if not, why not.
//!
//! One pure function with its context. The panel, the headless commands, bulk actions, the
//! engine (again, under the store's lock) and the sandbox all ask this one.

use std::fmt;

use jiff::Timestamp;

use super::account::AccountKind;
use super::action::{self, ActionSpec, Kind, Need};
use super::entry::{Entry, StateRef};
use super::key_need;
use super::lifecycle::{
    ActionRow, Circumstances, Guard, Lifecycle, State, Via, effective_track, possible_events,
};
use super::probed;
use super::time;

/// What a decision needs and the entry does not hold.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The account's time.
    pub now: Timestamp,
    /// The account.
    pub account: AccountFacts<'a>,
    /// A successor that is on its way or serves, in words: `b.example (Registration)`.
    pub successor: Option<String>,
    /// Whether a successor has reached a state in which it serves.
    pub successor_live: Option<bool>,
}

impl Context<'_> {
    /// What the conditions of events ask for beyond the entry.
    #[must_use]
    pub fn circumstances(&self) -> Circumstances {
        Circumstances {
            zone_active: self.account.zone_active,
            successor_live: self.successor_live,
            ..Circumstances::default()
        }
    }
}

/// What the gate needs to know of an account.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about an account"
)]
#[derive(Clone, Copy, Debug)]
pub struct AccountFacts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its kind.
    pub kind: AccountKind,
    /// Whether there is such an account; the entries of one that was removed stay.
    pub configured: bool,
    /// Whether nothing may be changed through it.
    pub read_only: bool,
    /// Whether its zone is active, where it has one and that is known.
    pub zone_active: Option<bool>,
    /// Whether it says how to deploy.
    pub deploys: bool,
    /// Whether it says which name under a wildcard to look at.
    pub probes_wildcards: bool,
    /// How much may still be ordered, where that is limited and known.
    pub quota_left: Option<u32>,
}

/// The gate's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Possible, by this row of the lifecycle (none for a local action without one).
    Possible {
        /// The index of the row among the lifecycle's actions.
        row: Option<usize>,
    },
    /// Not possible.
    Refused(Reason),
}

impl Verdict {
    /// Whether the action is possible.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        matches!(self, Self::Possible { .. })
    }

    /// Why it is not.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Possible { .. } => None,
            Self::Refused(reason) => Some(reason),
        }
    }
}

/// Why an action is not possible: a sentence that a person can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// A reason in words.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Reason {}

/// Decides whether `action` is possible for `entry` now, and if not, says why.
#[must_use]
pub fn gate(action: &str, entry: &Entry, lifecycle: &Lifecycle, context: &Context<'_>) -> Verdict {
    let Some(spec) = action::spec(action) else {
        return refused(format!("there is no action called {action:?}"));
    };
    if let Some(says) = never(spec, lifecycle) {
        return refused(says);
    }
    if let Some(reason) = without_account(spec, context) {
        return refused(reason);
    }
    if let Some(reason) = unmet_need(spec, entry, lifecycle, context) {
        return refused(reason);
    }
    if spec.needs.contains(&Need::KeyOfNoUse)
        && let Some(reason) = key_need::still_needed(
            entry,
            entry.order.spki_sha256.as_deref(),
            lifecycle,
            context.now,
        )
    {
        return refused(reason);
    }
    let writes = |need: &Need| matches!(need, Need::ByHand | Need::Writable);
    if spec.needs.iter().any(writes) && context.account.read_only {
        return refused(format!("the account {} is read-only", context.account.name));
    }
    if spec.needs.contains(&Need::NextEvent)
        && let Some(reason) = at_rest(entry, lifecycle).filter(|_| !is_carried_out(entry))
    {
        return refused(reason);
    }
    if spec.kind == Kind::Local && !lifecycle.mentions(action) {
        return Verdict::Possible { row: None };
    }
    if spec.kind == Kind::Provider
        && let Some(reason) = taken(entry, lifecycle)
    {
        return refused(reason);
    }
    let verdict = by_state(spec, entry, lifecycle, context);
    match verdict {
        Verdict::Possible { row: Some(row) } if spec.kind == Kind::Provider => {
            match obstacle(&lifecycle.actions[row], lifecycle, entry, context) {
                Some(reason) => refused(reason),
                None => verdict,
            }
        }
        _ => verdict,
    }
}

/// Why what goes through an account cannot be done where there is none any more.
fn without_account(spec: &ActionSpec, context: &Context<'_>) -> Option<String> {
    let asks_for_it = |need: &Need| matches!(need, Need::Sandbox | Need::ByHand | Need::Account);
    let goes_through_it = spec.kind == Kind::Provider || spec.needs.iter().any(asks_for_it);
    let name = context.account.name;
    (goes_through_it && !context.account.configured).then(|| {
        format!(
            "there is no account {name} (any more); move accounts/removed/{name}.toml back into \
             accounts, or write accounts/{name}.toml anew, and start certdeck again"
        )
    })
}

/// Why nothing is sent and nothing is played for an entry as it lies.
fn at_rest(entry: &Entry, lifecycle: &Lifecycle) -> Option<String> {
    if entry.archived {
        return Some("the entry is archived; restore it first".to_owned());
    }
    gone(entry, lifecycle).or_else(|| open_request(entry, Some(lifecycle)))
}

/// Why nothing can be asked of the provider any more, whatever the state: it has deleted the
/// entry, or is about to.
fn taken(entry: &Entry, lifecycle: &Lifecycle) -> Option<String> {
    gone(entry, lifecycle)
        .or_else(|| open_request(entry, Some(lifecycle)).filter(|_| is_carried_out(entry)))
}

/// That the provider has deleted it.
fn gone(entry: &Entry, lifecycle: &Lifecycle) -> Option<String> {
    let since = time::date(entry.gone?);
    Some(format!(
        "it is gone at {} since {since}; what was kept of it is here",
        lifecycle.provider
    ))
}

/// Whether the provider has accepted a request and still has to carry it out.
fn is_carried_out(entry: &Entry) -> bool {
    entry
        .request
        .as_ref()
        .is_some_and(|request| request.accepted)
}

/// Whether a request is open of which nobody knows what came.
#[must_use]
pub fn is_of_unknown_outcome(entry: &Entry) -> bool {
    let open = entry.request.as_ref();
    open.is_some_and(|request| request.unknown_outcome && !request.accepted)
}

/// Why nothing can be sent for this entry while a request is open; where the provider has accepted
/// it and still has to carry it out, in the words of the table.
#[must_use]
pub fn open_request(entry: &Entry, lifecycle: Option<&Lifecycle>) -> Option<String> {
    let request = entry.request.as_ref()?;
    let title = action::title(&request.action);
    if request.accepted {
        let mut rows = lifecycle
            .into_iter()
            .flat_map(|table| table.rows_of(&request.action));
        let says = rows.find_map(|row| row.opens.clone());
        let sent = time::minute(request.since);
        return Some(says.unwrap_or_else(|| {
            format!("{title:?} was submitted at {sent} UTC; the provider has still to carry it out")
        }));
    }
    Some(if request.unknown_outcome {
        // It may stay open for days, so its date belongs to it.
        let sent = time::minute(request.since);
        format!(
            "nobody knows what came of {title:?}, sent {sent} UTC; look into the provider's own \
             panel whether it arrived, then adopt it, send it again, or say that it never arrived"
        )
    } else {
        let since = time::clock(request.since);
        format!("another request ({title}) is under way since {since} UTC")
    })
}

fn refused(reason: impl Into<String>) -> Verdict {
    Verdict::Refused(Reason::new(reason))
}

/// Why an action does not exist in this lifecycle at all, whatever the state.
fn never<'a>(spec: &ActionSpec, lifecycle: &'a Lifecycle) -> Option<&'a str> {
    if lifecycle.rows_of(spec.id).next().is_some() {
        return None;
    }
    let refusal = lifecycle
        .refusals
        .iter()
        .find(|refusal| refusal.action == spec.id && refusal.from.is_empty())?;
    Some(&refusal.says)
}

fn unmet_need(
    spec: &ActionSpec,
    entry: &Entry,
    lifecycle: &Lifecycle,
    context: &Context<'_>,
) -> Option<&'static str> {
    spec.needs.iter().find_map(|need| {
        let (met, reason) = match need {
            Need::Invoice => (
                entry.product.invoice.is_some(),
                "no invoice is known for this entry",
            ),
            Need::PrivateKey => (entry.order.key_held, key_is_elsewhere(entry)),
            Need::Material => (
                entry.order.key_held || !entry.certificates.is_empty(),
                "there is nothing to export yet: no certificate, and no private key that is held here",
            ),
            Need::Certificate => (
                !entry.certificates.is_empty(),
                "there is no certificate yet",
            ),
            Need::DeployCommand => (
                context.account.deploys,
                "its account says not how to deploy; add deploy = [\"PROGRAM\", \"ARGUMENT\"] to its file",
            ),
            Need::Server => return no_server(entry, context),
            Need::Sandbox => (
                context.account.kind == AccountKind::Sandbox,
                "only in the sandbox; elsewhere the provider or the clock moves the entry",
            ),
            Need::ByHand => (
                context.account.kind == AccountKind::ByHand,
                "only for what is kept by hand; elsewhere nobody has to write down what happens",
            ),
            Need::NextEvent => (
                something_can_happen(entry, lifecycle, context),
                "nothing happens here by itself any more; only time or an action moves it on",
            ),
            Need::NotArchived if spec.id == "archive" => {
                (!entry.archived, "it is archived already")
            }
            Need::NotArchived => (!entry.archived, "the entry is archived; restore it first"),
            Need::Archived => (entry.archived, "it is not archived"),
            Need::UnknownOutcome => (
                is_of_unknown_outcome(entry),
                "no request is open of which nobody knows what came",
            ),
            // What the account is like, and what the key is for, is asked elsewhere.
            Need::Account | Need::Writable | Need::KeyOfNoUse => (true, ""),
        };
        (!met).then_some(reason)
    })
}

/// Why there is no server to look at, if there is none.
fn no_server(entry: &Entry, context: &Context<'_>) -> Option<&'static str> {
    let was_read_from_one = entry
        .origin
        .as_ref()
        .is_some_and(|origin| !origin.starts_with('/'));
    let is_wildcard = |name: &String| name.starts_with("*.");
    let has_wildcard = entry.names.iter().any(is_wildcard);
    if was_read_from_one
        || entry.names.iter().any(|name| probed::is_server(name))
        || (has_wildcard && context.account.probes_wildcards)
    {
        None
    } else if has_wildcard {
        Some(
            "a wildcard says no name to look at; probe-wildcard = \"www\" in its account's file \
             says one for all of them",
        )
    } else if entry.names.is_empty() {
        Some("it has no name to look at")
    } else {
        Some("none of its names is one of a server")
    }
}

/// Whether an event other than the passing of time leads on from where the entry stands, or
/// whether the zone can move, which changes what is possible.
fn something_can_happen(entry: &Entry, lifecycle: &Lifecycle, context: &Context<'_>) -> bool {
    let mut events = possible_events(entry, lifecycle, context.now, context.circumstances());
    lifecycle.zone || events.next().is_some()
}

fn key_is_elsewhere(entry: &Entry) -> &'static str {
    use super::entry::CsrBy;
    match entry.order.csr_by {
        Some(CsrBy::You) => "the private key is not here: you generated the CSR yourself",
        Some(CsrBy::Provider) if entry.certificates.is_empty() => {
            "the private key is not here yet: the provider generates it with the CSR"
        }
        _ => "the private key is not held here",
    }
}

/// What the tracks' states say about the action.
fn by_state(
    spec: &ActionSpec,
    entry: &Entry,
    lifecycle: &Lifecycle,
    context: &Context<'_>,
) -> Verdict {
    let mut first_refusal = None;
    for track in tracks_of(spec, lifecycle) {
        let Some(state) = effective_track(entry, &track, lifecycle, context.now) else {
            continue;
        };
        let verdict = match &state {
            StateRef::Known(id) => in_state(spec, id, &track, entry, lifecycle, context),
            // Nothing is sent, so nothing can be sent by mistake.
            StateRef::Unknown { .. } if spec.kind == Kind::Local => {
                return Verdict::Possible { row: None };
            }
            StateRef::Unknown { unknown } => {
                in_unknown(spec, unknown, &track, entry, lifecycle, context)
            }
        };
        if verdict.is_possible() {
            return verdict;
        }
        first_refusal.get_or_insert(verdict);
    }
    first_refusal.unwrap_or_else(|| Verdict::Refused(elsewhere(spec, lifecycle)))
}

/// The tracks that the action's rows work on; every track where the table only refuses it.
fn tracks_of(spec: &ActionSpec, lifecycle: &Lifecycle) -> Vec<String> {
    let mut tracks: Vec<String> = Vec::new();
    for row in lifecycle.rows_of(spec.id) {
        if !tracks.contains(&row.track) {
            tracks.push(row.track.clone());
        }
    }
    if tracks.is_empty() {
        tracks.extend(lifecycle.tracks.iter().map(|track| track.id.clone()));
    }
    tracks
}

/// First the rows that the state allows, then what the table says about this state, then where
/// the action is possible instead, then why it does not exist.
fn in_state(
    spec: &ActionSpec,
    state: &str,
    track: &str,
    entry: &Entry,
    lifecycle: &Lifecycle,
    context: &Context<'_>,
) -> Verdict {
    let mut first_objection = None;
    for (index, row) in lifecycle.actions.iter().enumerate() {
        let fits = row.id == spec.id && row.track == track;
        if !fits || !row.from.iter().any(|from| from == state) {
            continue;
        }
        let objection = row
            .guards
            .iter()
            .find_map(|guard| Some((guard, guard.objection(entry, context)?)));
        let Some((guard, says)) = objection else {
            return Verdict::Possible { row: Some(index) };
        };
        first_objection.get_or_insert_with(|| {
            let too_early = spec.id == "renew" && matches!(guard, Guard::WithinDaysOfExpiry(_));
            let reissue = too_early.then(|| reissue_instead(state, entry, lifecycle, context));
            match reissue.flatten() {
                Some(reissue) => format!("{reissue} (renewing is {says})"),
                None => says,
            }
        });
    }
    match first_objection {
        Some(objection) => refused(objection),
        None => Verdict::Refused(not_from(spec, state, lifecycle)),
    }
}

/// Inside a term that is paid for longer than the certificate lives, nobody has to buy it again:
/// what is too early to renew is reissued. Nobody is sent to a reissue that is refused, too.
fn reissue_instead(
    state: &str,
    entry: &Entry,
    lifecycle: &Lifecycle,
    context: &Context<'_>,
) -> Option<String> {
    let paid_until = entry.product.paid_until?;
    if paid_until <= entry.serving()?.not_after {
        return None;
    }
    let passes = |row: &ActionRow| {
        let mut guards = row.guards.iter();
        row.from.iter().any(|from| from == state)
            && guards.all(|guard| guard.objection(entry, context).is_none())
    };
    let whom = if lifecycle.rows_of("reissue").next().is_none() {
        format!("ask {}'s support for a reissue", lifecycle.provider)
    } else if lifecycle.rows_of("reissue").any(passes) {
        "ask for a reissue".to_owned()
    } else {
        return None;
    };
    Some(format!("paid until {}; {whom}", time::date(paid_until)))
}

fn not_from(spec: &ActionSpec, state: &str, lifecycle: &Lifecycle) -> Reason {
    let here = lifecycle
        .refusals
        .iter()
        .find(|refusal| refusal.action == spec.id && refusal.from.iter().any(|from| from == state));
    here.map_or_else(
        || elsewhere(spec, lifecycle),
        |refusal| Reason::new(&refusal.says),
    )
}

/// Where the action is possible, or why it does not exist in this lifecycle.
fn elsewhere(spec: &ActionSpec, lifecycle: &Lifecycle) -> Reason {
    let mut labels: Vec<String> = Vec::new();
    for from in lifecycle.rows_of(spec.id).flat_map(|row| &row.from) {
        let state = lifecycle.state(from);
        let label = state.map_or_else(|| from.clone(), |state| told_apart(state, lifecycle));
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    if !labels.is_empty() {
        return Reason::new(format!("possible while {}", or_list(&labels)));
    }
    Reason::new(never(spec, lifecycle).map_or_else(
        || format!("{} offers no such action", lifecycle.title),
        str::to_owned,
    ))
}

/// The label of a state, with its track where another track has a state of the same label: a
/// custom hostname may be Active while its certificate is not.
fn told_apart(state: &State, lifecycle: &Lifecycle) -> String {
    let mut others = lifecycle.states.iter();
    let ambiguous = others.any(|other| other.track != state.track && other.label == state.label);
    if !ambiguous {
        return state.label.clone();
    }
    let track = lifecycle.track_title(&state.track).to_lowercase();
    format!("{} ({track})", state.label)
}

/// `A`, `A or B`, `A, B or C`.
fn or_list(labels: &[String]) -> String {
    match labels {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}

/// A state that no table knows, or that cannot be told from another: possible only where every
/// state that the string may stand for allows it.
fn in_unknown(
    spec: &ActionSpec,
    raw: &str,
    track: &str,
    entry: &Entry,
    lifecycle: &Lifecycle,
    context: &Context<'_>,
) -> Verdict {
    let candidates: Vec<&State> = lifecycle
        .candidates(raw)
        .filter(|state| state.track == track)
        .collect();
    if candidates.is_empty() {
        return refused(format!(
            "{} says {raw:?}, a state that certdeck does not know; refresh, or look at its panel",
            lifecycle.provider
        ));
    }
    let mut possible = None;
    for state in candidates {
        let verdict = in_state(spec, &state.id, track, entry, lifecycle, context);
        if !verdict.is_possible() {
            return verdict;
        }
        possible.get_or_insert(verdict);
    }
    possible.unwrap_or_else(|| Verdict::Refused(elsewhere(spec, lifecycle)))
}

/// What stands in the way of a provider action that the state allows.
fn obstacle(
    row: &ActionRow,
    lifecycle: &Lifecycle,
    entry: &Entry,
    context: &Context<'_>,
) -> Option<String> {
    if let Some(reason) = at_rest(entry, lifecycle) {
        return Some(reason);
    }
    if context.account.read_only {
        return Some(format!("the account {} is read-only", context.account.name));
    }
    if !context.account.kind.is_remote() {
        return None;
    }
    match row.via {
        Via::Api => None,
        Via::Dashboard => Some(match &row.link {
            Some(link) => format!("only in {}'s own panel: {link}", lifecycle.provider),
            None => format!("only in {}'s own panel", lifecycle.provider),
        }),
        Via::None => Some(format!("{} offers no way to do it", lifecycle.provider)),
    }
}
