//! The JSON of `lifecycle`: its shapes are stable, keys are only ever added.
//!
//! Pure data, by the same rules as the other shapes. Words that tables write (`action-needed`,
//! `@previous`, `zone-active`) are the same here.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::entry::{LinkKind, Method};
use crate::domain::lifecycle::{
    ActionRow, Ask, Bring, Condition, Confirm, EntryPoint, EventRow, Guard, Lifecycle, Phase,
    QualifierKind, Ready, RecordNames, Refusal, SandboxTiming, Setting, State, Support,
    TrackDefinition, Via, Who, Wire,
};

/// `lifecycle --json`.
#[derive(Debug, Serialize)]
pub(super) struct ListedShapes<'a> {
    /// Every lifecycle, by id.
    pub(super) lifecycles: Vec<ListedShape<'a>>,
}

/// One lifecycle of the list.
#[derive(Debug, Serialize)]
pub(super) struct ListedShape<'a> {
    /// Its id.
    id: &'a str,
    /// What people call it.
    title: &'a str,
    /// Who provides it.
    provider: &'a str,
    /// How many states it has.
    states: usize,
    /// The documents that it was written from.
    source: &'a str,
    /// `built in`, or the file that it was read from.
    origin: String,
}

impl<'a> ListedShape<'a> {
    pub(super) fn of(table: &'a Lifecycle, origin: String) -> Self {
        Self {
            id: &table.id,
            title: &table.title,
            provider: &table.provider,
            states: table.states.len(),
            source: &table.source,
            origin,
        }
    }
}

/// `lifecycle ID --json`: everything that the table says.
#[derive(Debug, Serialize)]
pub(super) struct TableShape<'a> {
    /// Its id.
    id: &'a str,
    /// What people call it.
    title: &'a str,
    /// Who provides it.
    provider: &'a str,
    /// The documents that it was written from.
    source: &'a str,
    /// `built in`, or the file that it was read from.
    origin: &'a str,
    /// What no document says and certdeck assumes.
    assumptions: &'a [String],
    /// Where support is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    support: Option<&'a Support>,
    /// The usual path, by state.
    order: &'a [String],
    /// Whether its entries live in a zone of the account.
    zone: bool,
    /// What the list says where nobody can tell which event led to what is seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_stated: Option<&'a str>,
    /// How the proofs are named that the sandbox asks for.
    records: &'a RecordNames,
    /// What must hold so that an entry is ready for production.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<&'a Ready>,
    /// Its tracks.
    tracks: &'a [TrackDefinition],
    /// Where an entry may begin.
    entries: Vec<EntryShape<'a>>,
    /// Its states, in the table's order.
    states: Vec<StateShape<'a>>,
    /// What can be done.
    actions: Vec<ActionRowShape<'a>>,
    /// What can happen.
    events: Vec<EventShape<'a>>,
    /// What does not exist here, and why.
    refusals: Vec<RefusalShape<'a>>,
}

impl<'a> TableShape<'a> {
    pub(super) fn of(table: &'a Lifecycle, origin: &'a str) -> Self {
        Self {
            id: &table.id,
            title: &table.title,
            provider: &table.provider,
            source: &table.source,
            origin,
            assumptions: &table.assumptions,
            support: table.support.as_ref(),
            order: &table.order,
            zone: table.zone,
            not_stated: table.not_stated.as_deref(),
            records: &table.records,
            ready: table.ready.as_ref(),
            tracks: &table.tracks,
            entries: table.entry_points.iter().map(EntryShape::of).collect(),
            states: table.states.iter().map(StateShape::of).collect(),
            actions: table
                .actions
                .iter()
                .map(|row| ActionRowShape::of(table, row))
                .collect(),
            events: table.events.iter().map(EventShape::of).collect(),
            refusals: table.refusals.iter().map(RefusalShape::of).collect(),
        }
    }
}

/// Where an entry may begin.
#[derive(Debug, Serialize)]
struct EntryShape<'a> {
    /// The state.
    state: &'a str,
    /// Its track.
    track: &'a str,
    /// Under which condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Condition>,
    /// What comes with it.
    brings: &'a [Bring],
    /// How it is ordered in the provider's own panel.
    steps: &'a [String],
    /// Why it is an assumption.
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed: Option<&'a str>,
}

impl<'a> EntryShape<'a> {
    fn of(point: &'a EntryPoint) -> Self {
        Self {
            state: &point.state,
            track: &point.track,
            when: point.when,
            brings: &point.brings,
            steps: &point.steps,
            assumed: point.assumed.as_deref(),
        }
    }
}

/// One state.
#[derive(Debug, Serialize)]
struct StateShape<'a> {
    /// Its id.
    id: &'a str,
    /// What the provider's panel shows.
    label: &'a str,
    /// The same in a word or two.
    short: &'a str,
    /// Its track.
    track: &'a str,
    /// Its class.
    phase: Phase,
    /// Who moves next.
    who: Who,
    /// Who moves next by validation method, where that differs.
    who_by: &'a BTreeMap<Method, Who>,
    /// What it means.
    says: &'a str,
    /// What it means by validation method, where that differs.
    says_by: &'a BTreeMap<Method, String>,
    /// What the provider's API calls it.
    wire: Vec<WireShape<'a>>,
    /// How far it is, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<u8>,
    /// Whether nothing follows.
    terminal: bool,
    /// Why there is no way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_end: Option<&'a str>,
    /// Why it is an assumption.
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed: Option<&'a str>,
}

impl<'a> StateShape<'a> {
    fn of(state: &'a State) -> Self {
        Self {
            id: &state.id,
            label: &state.label,
            short: &state.short,
            track: &state.track,
            phase: state.phase,
            who: state.who,
            who_by: &state.who_by,
            says: &state.says,
            says_by: &state.says_by,
            wire: state.wire.iter().map(WireShape::of).collect(),
            progress: state.progress,
            terminal: state.terminal,
            dead_end: state.dead_end.as_deref(),
            assumed: state.assumed.as_deref(),
        }
    }
}

/// A string of the provider's API.
#[derive(Debug, Serialize)]
struct WireShape<'a> {
    /// The string.
    is: &'a str,
    /// What else must be seen, as `kind:value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
}

impl<'a> WireShape<'a> {
    fn of(wire: &'a Wire) -> Self {
        Self {
            is: &wire.is,
            when: qualifier(wire),
        }
    }
}

/// What has to be seen besides a string of the API, as tables write it.
pub(super) fn qualifier(wire: &Wire) -> Option<String> {
    let when = wire.when.as_ref()?;
    let kinds = QualifierKind::ALL.iter();
    let (_, word) = kinds.into_iter().find(|(kind, _)| *kind == when.kind)?;
    Some(format!("{word}:{}", when.value))
}

/// A row that makes an action possible.
#[derive(Debug, Serialize)]
struct ActionRowShape<'a> {
    /// The action, for `act`.
    id: &'a str,
    /// What the provider calls it.
    title: String,
    /// The track that it works on.
    track: &'a str,
    /// The states that allow it.
    from: &'a [String],
    /// What else must hold.
    guards: Vec<GuardShape<'a>>,
    /// Where it leads: a state, `@previous` or `@gone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    /// Where other tracks go with it, by state.
    also: &'a [String],
    /// What comes with it.
    brings: &'a [Bring],
    /// Why nothing else can be asked for until an event answers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<&'a str>,
    /// What changes beside the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    sets: Option<Setting>,
    /// The new entry that it makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    makes: Option<MakesShape<'a>>,
    /// What a live account can do: `api`, `dashboard` or `none`.
    via: Via,
    /// Where the provider's panel offers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    /// What to do in the provider's panel.
    steps: &'a [String],
    /// The dialog before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<&'a Confirm>,
    /// The provider's words when it accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<&'a str>,
    /// What a person has to say for it.
    asks: &'a [Ask],
    /// Why it is an assumption.
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed: Option<&'a str>,
}

impl<'a> ActionRowShape<'a> {
    fn of(table: &Lifecycle, row: &'a ActionRow) -> Self {
        let title = row.label.clone();
        Self {
            id: &row.id,
            title: title.unwrap_or_else(|| table.action_title(&row.id)),
            track: &row.track,
            from: &row.from,
            guards: row.guards.iter().map(GuardShape::of).collect(),
            to: row.to.as_deref(),
            also: &row.also,
            brings: &row.brings,
            opens: row.opens.as_deref(),
            sets: row.sets,
            makes: row.makes.as_ref().map(|makes| MakesShape {
                state: &makes.state,
                link: makes.link,
            }),
            via: row.via,
            link: row.link.as_deref(),
            steps: &row.steps,
            confirm: row.confirm.as_ref(),
            done: row.done.as_deref(),
            asks: &row.asks,
            assumed: row.assumed.as_deref(),
        }
    }
}

/// A guard.
#[derive(Debug, Serialize)]
struct GuardShape<'a> {
    /// Its name.
    is: &'static str,
    /// Its number of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    /// The days of those brands for which they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_brand: Option<&'a BTreeMap<String, i64>>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'static str>,
    /// What it asks for, in words.
    says: String,
}

impl<'a> GuardShape<'a> {
    fn of(guard: &'a Guard) -> Self {
        let by_brand = guard.days().map(crate::domain::lifecycle::Days::by_brand);
        Self {
            is: guard.id(),
            days: guard.days().map(crate::domain::lifecycle::Days::usual),
            by_brand: by_brand.filter(|brands| !brands.is_empty()),
            value: guard.value(),
            says: guard.words(),
        }
    }
}

/// The new entry that an action makes.
#[derive(Debug, Serialize)]
struct MakesShape<'a> {
    /// The state in which it begins.
    state: &'a str,
    /// What it is to this one.
    link: LinkKind,
}

/// A row that says what can happen.
#[derive(Debug, Serialize)]
struct EventShape<'a> {
    /// Its id, for `record` and `sandbox play`.
    id: &'a str,
    /// What happened, for people.
    label: &'a str,
    /// The track that it moves.
    track: &'a str,
    /// Where it can happen.
    from: &'a [String],
    /// Where it leads: a state, `@previous` or `@gone`.
    to: &'a str,
    /// Where other tracks go with it, by state.
    also: &'a [String],
    /// The action whose open request it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<&'a str>,
    /// What the list shows afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a str>,
    /// What the CA may complain of.
    errors: &'a [String],
    /// Under which condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Condition>,
    /// What comes with it.
    brings: &'a [Bring],
    /// Where the provider's panel shows it.
    steps: &'a [String],
    /// What the provider or the CA says with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<&'a str>,
    /// Whether people are told at once.
    notify: bool,
    /// When the sandbox lets it happen.
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox: Option<TimingShape>,
    /// Why it is an assumption.
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed: Option<&'a str>,
}

impl<'a> EventShape<'a> {
    fn of(row: &'a EventRow) -> Self {
        Self {
            id: &row.id,
            label: &row.label,
            track: &row.track,
            from: &row.from,
            to: &row.to,
            also: &row.also,
            answers: row.answers.as_deref(),
            result: row.result.as_deref(),
            errors: &row.errors,
            when: row.when,
            brings: &row.brings,
            steps: &row.steps,
            says: row.says.as_deref(),
            notify: row.notify,
            sandbox: row.sandbox.map(TimingShape::of),
            assumed: row.assumed.as_deref(),
        }
    }
}

/// When the sandbox lets an event happen.
#[derive(Debug, Serialize)]
struct TimingShape {
    /// So many seconds after the state began, more or less a quarter.
    after_seconds: i64,
    /// How likely it is; certain where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<f64>,
}

impl TimingShape {
    fn of(timing: SandboxTiming) -> Self {
        Self {
            after_seconds: timing.after.as_secs(),
            chance: timing.chance,
        }
    }
}

/// What does not exist here.
#[derive(Debug, Serialize)]
struct RefusalShape<'a> {
    /// The action.
    action: &'a str,
    /// The states that it speaks of; all where there are none.
    from: &'a [String],
    /// The reason.
    says: &'a str,
}

impl<'a> RefusalShape<'a> {
    fn of(refusal: &'a Refusal) -> Self {
        Self {
            action: &refusal.action,
            from: &refusal.from,
            says: &refusal.says,
        }
    }
}
