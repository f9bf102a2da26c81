//! A made-up story of one entry: the gate is asked, the sandbox answers, time jumps, the provider
//! is seen to stand anywhere; after every step what must always hold is looked at.

use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::action::{CATALOGUE, Kind};
use certdeck::domain::entry::{CsrBy, Entry, Method, ProductKind, StateRef};
use certdeck::domain::event::{Answers, Cause, Event, What, apply};
use certdeck::domain::gate::{AccountFacts, Context, Verdict, gate};
use certdeck::domain::lifecycle::{
    ActionRow, Ask, EventRow, GONE, Lifecycle, PREVIOUS, Setting, effective, effective_track,
    possible_events, standing,
};
use certdeck::domain::row::Row as ListRow;
use certdeck::providers::{Provider, Request};
use jiff::{SignedDuration, Timestamp};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use tokio::runtime::Runtime;

use super::explain::{Row, misfit};
use super::made::{begun, sandbox, start};

/// One thing that is tried in a made-up story.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Time passes, or is set back.
    Time(i64),
    /// Some action of the catalogue is tried.
    Act(Index, bool),
    /// Some event that can happen happens.
    Happen(Index),
    /// The provider is seen to stand somewhere, be it in a state that no table knows.
    Observe(Index, String),
    /// The circumstances change.
    Around(Around),
}

#[derive(Clone, Debug)]
pub(crate) enum Around {
    ReadOnly(bool),
    Quota(Option<u32>),
    Successor(bool),
    Zone(Option<bool>),
    Archived(bool),
    Product(Option<u8>, bool, bool, bool),
    Csr(u8, bool),
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (-4_000_000i64..20_000_000).prop_map(Step::Time),
        4 => (any::<Index>(), any::<bool>()).prop_map(|(index, accepted)| Step::Act(index, accepted)),
        4 => any::<Index>().prop_map(Step::Happen),
        1 => (any::<Index>(), ".{0,12}").prop_map(|(index, raw)| Step::Observe(index, raw)),
        2 => around().prop_map(Step::Around),
    ]
}

fn around() -> impl Strategy<Value = Around> {
    let product = (
        option::of(0u8..3),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    prop_oneof![
        any::<bool>().prop_map(Around::ReadOnly),
        option::of(0u32..3).prop_map(Around::Quota),
        any::<bool>().prop_map(Around::Successor),
        option::of(any::<bool>()).prop_map(Around::Zone),
        any::<bool>().prop_map(Around::Archived),
        product.prop_map(|(kind, free, hosted, auto)| Around::Product(kind, free, hosted, auto)),
        (0u8..3, any::<bool>()).prop_map(|(by, held)| Around::Csr(by, held)),
    ]
}

/// The world of one story.
pub(crate) struct Story {
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) entry: Entry,
    pub(crate) now: Timestamp,
    read_only: bool,
    quota: Option<u32>,
    successor: bool,
    zone: Option<bool>,
    runtime: Runtime,
    /// How many actions were carried out, and how many events happened.
    pub(crate) acted: usize,
    pub(crate) happened: usize,
}

impl Story {
    pub(crate) fn begin(lifecycle: &Arc<Lifecycle>, point: &str, without: &[String]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        Self {
            entry: begun(lifecycle, point, without),
            lifecycle: Arc::clone(lifecycle),
            now: start(),
            read_only: false,
            quota: Some(2),
            successor: false,
            zone: None,
            runtime: runtime.expect("a runtime"),
            acted: 0,
            happened: 0,
        }
    }

    pub(crate) fn context(&self) -> Context<'static> {
        let account = AccountFacts {
            deploys: false,
            probes_wildcards: false,
            name: "shop",
            kind: AccountKind::Sandbox,
            configured: true,
            read_only: self.read_only,
            zone_active: self.zone,
            quota_left: self.quota,
        };
        Context {
            now: self.now,
            account,
            successor: self.successor.then(|| "e2 (on its way)".to_owned()),
            successor_live: Some(self.successor),
        }
    }

    pub(crate) fn verdict(&self, action: &str) -> Verdict {
        gate(action, &self.entry, &self.lifecycle, &self.context())
    }

    fn event(&mut self, what: What) {
        let event = Event {
            entry: self.entry.id.clone(),
            at: self.now,
            what,
        };
        apply(&mut self.entry, &event);
    }

    pub(crate) fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Time(seconds) => self.let_time_pass(*seconds)?,
            Step::Act(index, accepted) => {
                let mut actions: Vec<_> = CATALOGUE.iter().collect();
                // Half of the tries go to what is sent to the provider, and half of those to what
                // is possible.
                actions.retain(|spec| *accepted || spec.kind == Kind::Provider);
                if *accepted {
                    actions.sort_by_key(|spec| {
                        let sent = spec.kind == Kind::Provider;
                        !(sent && self.verdict(spec.id).is_possible())
                    });
                    let open = actions.partition_point(|spec| {
                        spec.kind == Kind::Provider && self.verdict(spec.id).is_possible()
                    });
                    if open > 0 {
                        actions.truncate(open);
                    }
                }
                self.try_action(index.get(&actions).id, *accepted)?;
            }
            Step::Happen(index) => self.let_happen(*index)?,
            Step::Observe(index, raw) => self.observe(*index, raw)?,
            Step::Around(around) => self.change_around(around),
        }
        self.look()
    }

    /// Time alone changes nothing that is stored, however it is looked at.
    fn let_time_pass(&mut self, seconds: i64) -> Result<(), TestCaseError> {
        let before = self.entry.clone();
        self.now = self
            .now
            .saturating_add(SignedDuration::from_secs(seconds))
            .expect("a span of seconds");
        self.look()?;
        prop_assert_eq!(&before, &self.entry);
        Ok(())
    }

    /// Everything that is read of an entry: none of it may panic, change it or contradict itself.
    fn look(&self) -> Result<(), TestCaseError> {
        let lifecycle = &self.lifecycle;
        let shown = effective(&self.entry, lifecycle, self.now);
        if let StateRef::Known(id) = &shown {
            prop_assert!(lifecycle.state(id).is_some(), "{id} is a state");
        }
        for track in self.entry.tracks.keys() {
            let state = effective_track(&self.entry, track, lifecycle, self.now);
            prop_assert!(state.is_some(), "{track} has a state");
            if let Some(StateRef::Known(id)) = state {
                let of = lifecycle.state(&id).map(|state| &state.track);
                prop_assert_eq!(of, Some(track), "{} is a state of its track", id);
            }
        }
        let whole = standing(&self.entry, lifecycle, self.now);
        prop_assert_eq!(whole.tracks.len(), self.entry.tracks.len());
        let row = ListRow::of(&self.entry, Some(lifecycle), self.now, false);
        prop_assert!(whole.label(lifecycle).contains(&row.state), "{}", row.state);
        if let Some(readiness) = lifecycle.readiness(&self.entry, self.now) {
            prop_assert!(["yes", "no", "unknown"].contains(&readiness.word()));
            let is_yes = readiness.word() == "yes";
            prop_assert_eq!(
                readiness.reason().is_none(),
                is_yes,
                "anything else has a reason"
            );
        }
        self.look_at_what_is_closed()
    }

    /// What is gone, or about to be, takes no more requests.
    fn look_at_what_is_closed(&self) -> Result<(), TestCaseError> {
        let open = self.entry.request.as_ref();
        if self.entry.gone.is_none() && open.is_none() {
            return Ok(());
        }
        for spec in CATALOGUE.iter().filter(|spec| spec.kind == Kind::Provider) {
            let verdict = self.verdict(spec.id);
            prop_assert!(!verdict.is_possible(), "{} on {:?}", spec.id, open);
        }
        Ok(())
    }

    /// The gate is asked; what it refuses changes nothing, what it allows goes along its row.
    fn try_action(&mut self, action: &str, accepted: bool) -> Result<(), TestCaseError> {
        let before = self.entry.clone();
        let verdict = self.verdict(action);
        prop_assert_eq!(&before, &self.entry, "asking changes nothing");
        let Verdict::Possible { row } = verdict else {
            let reason = verdict.reason().map(ToString::to_string);
            let reason = reason.unwrap_or_default();
            prop_assert!(reason.len() > 10, "a refusal has a reason: {:?}", reason);
            return Ok(());
        };
        let is_local = CATALOGUE
            .iter()
            .any(|spec| spec.id == action && spec.kind == Kind::Local);
        prop_assert!(is_local || row.is_some(), "a provider action goes by a row");
        let Some(row) = row.map(|row| self.lifecycle.actions[row].clone()) else {
            return Ok(());
        };
        prop_assert_eq!(&row.id, action);
        if is_local {
            return Ok(());
        }
        self.check_allowed(&row)?;
        let with = self.answers(&row);
        self.event(What::Requested {
            action: action.to_owned(),
            since: self.now,
            with: with.clone(),
        });
        prop_assert!(!self.verdict(action).is_possible(), "nothing is sent twice");
        if accepted {
            self.carry_out(&row, &with)
        } else {
            self.refuse(&before, action)
        }
    }

    fn refuse(&mut self, before: &Entry, action: &str) -> Result<(), TestCaseError> {
        let (action, says) = (action.to_owned(), "no".to_owned());
        self.event(What::Refused { action, says });
        prop_assert_eq!(self.entry.said.as_deref(), Some("no"));
        // What was said aside, nothing is as if nobody had asked.
        let mut same = self.entry.clone();
        (same.said, same.changed) = (before.said.clone(), before.changed);
        prop_assert_eq!(before, &same, "a refused action changes nothing");
        Ok(())
    }

    /// What a person would say, where the row asks for it.
    fn answers(&self, row: &ActionRow) -> Answers {
        let asks = |ask| row.asks.contains(&ask);
        let new = format!("n{}.example", self.entry.names.len());
        Answers {
            reason: asks(Ask::Reason).then(|| "superseded".to_owned()),
            names: self
                .entry
                .names
                .iter()
                .filter(|_| asks(Ask::Names))
                .cloned()
                .collect(),
            new_names: asks(Ask::NewNames).then_some(new).into_iter().collect(),
            method: asks(Ask::Method).then_some(Method::File),
            mailbox: None,
        }
    }

    /// The sandbox accepts it; what then happened is what the row says.
    fn carry_out(&mut self, row: &ActionRow, with: &Answers) -> Result<(), TestCaseError> {
        let before = self.entry.clone();
        let request = Request {
            entry: Arc::new(before.clone()),
            lifecycle: Arc::clone(&self.lifecycle),
            with: with.clone(),
            now: self.now,
        };
        let answer = self
            .runtime
            .block_on(sandbox().act(request, row.clone()))
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        let explained = Row {
            track: &row.track,
            to: row.to.as_deref(),
            also: &row.also,
            by: Cause::Action {
                action: row.id.clone(),
            },
            from: &row.from,
            now: self.now,
        };
        let misfit = misfit(&explained, &before, &self.lifecycle, &answer.happened);
        prop_assert_eq!(misfit, None, "{} from {:?}", &row.id, before.tracks);
        for what in answer.happened {
            self.event(what);
        }
        self.acted += 1;
        prop_assert_eq!(self.entry.request.is_some(), row.opens.is_some());
        if let Some(says) = &row.opens {
            let refused = self.verdict(&row.id);
            let reason = refused.reason().map(ToString::to_string);
            prop_assert_eq!(reason.as_ref(), Some(says), "while it is carried out");
        }
        self.check_answers(row, with)
    }

    /// What was asked for and what the row sets shows on the entry.
    fn check_answers(&self, row: &ActionRow, with: &Answers) -> Result<(), TestCaseError> {
        if with.method.is_some() {
            prop_assert_eq!(self.entry.order.method, with.method);
        }
        for name in &with.new_names {
            let product = &self.entry;
            let there = product.adding.contains(name) || product.names.contains(name);
            prop_assert!(there, "{name} was asked for");
        }
        let product = &self.entry.product;
        match row.sets {
            Some(Setting::AutoRenewOn) => prop_assert!(product.auto_renew),
            Some(Setting::AutoRenewOff) => prop_assert!(!product.auto_renew),
            Some(Setting::PrivacyCancelled) => prop_assert!(product.privacy_cancelled),
            Some(Setting::ZoneActive) | None => {}
        }
        Ok(())
    }

    /// What a person would object to, had the gate let it through.
    fn check_allowed(&self, row: &ActionRow) -> Result<(), TestCaseError> {
        let entry = &self.entry;
        prop_assert!(!self.read_only && !entry.archived && entry.request.is_none());
        prop_assert_eq!(entry.gone, None);
        let state = effective_track(entry, &row.track, &self.lifecycle, self.now);
        if let Some(StateRef::Known(id)) = &state {
            prop_assert!(row.from.contains(id), "{} from {}", row.id, id);
        }
        for guard in &row.guards {
            let objection = guard.objection(entry, &self.context());
            prop_assert_eq!(objection, None, "{:?}", guard);
        }
        Ok(())
    }

    /// Some event that can happen happens, with what it brings.
    fn let_happen(&mut self, index: Index) -> Result<(), TestCaseError> {
        let around = self.context().circumstances();
        let rows: Vec<EventRow> = possible_events(&self.entry, &self.lifecycle, self.now, around)
            .cloned()
            .collect();
        if rows.is_empty() || self.entry.archived {
            return Ok(());
        }
        self.happen(index.get(&rows))
    }

    /// An event happens; what then happened is what its row says.
    pub(crate) fn happen(&mut self, row: &EventRow) -> Result<(), TestCaseError> {
        let before = self.entry.clone();
        let answer = sandbox()
            .play(&before, &self.lifecycle, row, self.now)
            .map_err(|error| TestCaseError::fail(format!("{}: {error}", row.id)))?;
        let explained = Row {
            track: &row.track,
            to: Some(&row.to),
            also: &row.also,
            by: Cause::Event {
                event: row.id.clone(),
            },
            from: &row.from,
            now: self.now,
        };
        // An open request is answered by the event that says so, and by no other.
        let open = before.request.as_ref();
        let answers = open.filter(|open| open.accepted).map(|open| &open.action);
        prop_assert_eq!(row.answers.as_ref(), answers, "{}", &row.id);
        let misfit = misfit(&explained, &before, &self.lifecycle, &answer.happened);
        // Time alone may have taken it where the row begins; then what is stored stays behind.
        prop_assert_eq!(misfit, None, "{} from {:?}", &row.id, before.tracks);
        for what in answer.happened {
            self.event(what);
        }
        self.happened += 1;
        prop_assert_eq!(self.entry.gone.is_some(), row.to == GONE);
        let result = row.result.clone();
        if result.is_some() {
            prop_assert_eq!(&self.entry.said, &result, "the list shows what came of it");
        }
        prop_assert!(row.errors.is_empty() == self.entry.validation_errors.is_empty());
        prop_assert!(
            self.entry
                .request
                .as_ref()
                .is_none_or(|open| !open.accepted)
        );
        Ok(())
    }

    /// Polling sees only snapshots: any string may come, and it is never lost.
    fn observe(&mut self, index: Index, raw: &str) -> Result<(), TestCaseError> {
        let tracks: Vec<String> = self.entry.tracks.keys().cloned().collect();
        let track = index.get(&tracks).clone();
        let wires: Vec<String> = self
            .lifecycle
            .states
            .iter()
            .flat_map(|state| &state.wire)
            .map(|wire| wire.is.clone())
            .collect();
        let raw = if wires.is_empty() || raw.len() > 6 {
            raw.to_owned()
        } else {
            index.get(&wires).clone()
        };
        let to = self.lifecycle.resolve(&track, &raw, &[]);
        if let StateRef::Unknown { unknown } = &to {
            prop_assert_eq!(unknown, &raw, "kept word for word");
        }
        let from = self.entry.tracks[&track].state.clone();
        self.event(What::Moved {
            track: track.clone(),
            from,
            to: to.clone(),
            by: Cause::Observed,
        });
        prop_assert_eq!(&self.entry.tracks[&track].state, &to);
        Ok(())
    }

    fn change_around(&mut self, around: &Around) {
        let product = &mut self.entry.product;
        match *around {
            Around::ReadOnly(is) => self.read_only = is,
            Around::Quota(left) => self.quota = left,
            Around::Successor(is) => self.successor = is,
            Around::Zone(active) => self.zone = active,
            Around::Archived(is) => self.entry.archived = is || self.entry.gone.is_some(),
            Around::Product(kind, free, hosted, auto_renew) => {
                let kinds = [
                    ProductKind::Single,
                    ProductKind::Wildcard,
                    ProductKind::MultiDomain,
                ];
                product.kind = kind.map(|kind| kinds[usize::from(kind)]);
                (product.free, product.hosted, product.auto_renew) = (free, hosted, auto_renew);
            }
            Around::Csr(by, held) => {
                self.entry.order.csr_by = Some(CsrBy::ALL[usize::from(by)]);
                self.entry.order.key_held = held;
            }
        }
    }
}

/// A state that a row names, or nothing where it leads back or away.
pub(crate) fn named(to: &str) -> Option<&str> {
    (to != PREVIOUS && to != GONE).then_some(to)
}
