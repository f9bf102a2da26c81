//! From the text of a table to a checked lifecycle, or to everything that is wrong with it.
//!
//! Pure. The set of lifecycles calls it for the embedded tables and for people's own.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::SignedDuration;
use toml::Spanned;

use super::check;
use super::error::Complaints;
use super::raw::{RawAction, RawEvent, RawLifecycle, RawReady, RawRefusal, RawTiming};
use super::{
    ActionRow, Bring, Condition, EntryPoint, EventRow, GONE, Guard, Lifecycle, LifecycleError,
    Lifecycles, Makes, PREVIOUS, Ready, Refusal, SandboxTiming, TrackDefinition,
};
use crate::domain::action;
use crate::domain::entry::MAIN_TRACK;

/// Several times as many bytes as the longest table that comes with certdeck; checking one that is
/// much longer would keep every command waiting.
const LONGEST_TABLE: usize = 256 * 1024;

impl Lifecycle {
    /// Reads and checks a table; `file` names it in the errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with file, line and key.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<LifecycleError>> {
        Self::parse_with(file, text, &Lifecycles::default())
    }

    /// Reads and checks a table whose states may be the same as those of tables that are known
    /// already; `file` names it in the errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with file, line and key.
    pub fn parse_with(
        file: &str,
        text: &str,
        known: &Lifecycles,
    ) -> Result<Self, Vec<LifecycleError>> {
        let mut complaints = Complaints::new(file, text);
        if text.len() > LONGEST_TABLE {
            let problem = format!(
                "it has {} KiB, and a table that people can check has at most {} KiB",
                text.len() / 1024,
                LONGEST_TABLE / 1024
            );
            complaints.add(&(0..0), "the file", problem);
            return Err(complaints.into_errors());
        }
        let raw: RawLifecycle = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                complaints.add_toml(&error);
                return Err(complaints.into_errors());
            }
        };
        let lifecycle = Loader::new(&raw, known, &mut complaints).build(&raw);
        // A row that is wrong makes the whole look wrong too; first things first.
        if complaints.is_empty() {
            check::check(&lifecycle, &raw, &mut complaints);
        }
        let errors = complaints.into_errors();
        if errors.is_empty() {
            Ok(lifecycle)
        } else {
            Err(errors)
        }
    }
}

/// What is known while the rows are read one after the other.
pub(super) struct Loader<'a, 'text> {
    pub(super) complaints: &'a mut Complaints<'text>,
    /// The tables that are known already.
    pub(super) known: &'a Lifecycles,
    pub(super) tracks: Vec<TrackDefinition>,
    states: BTreeSet<String>,
    /// The track of each state, by the state's id.
    track_of: BTreeMap<String, String>,
}

impl<'a, 'text> Loader<'a, 'text> {
    fn new(
        raw: &RawLifecycle,
        known: &'a Lifecycles,
        complaints: &'a mut Complaints<'text>,
    ) -> Self {
        let mut tracks = raw.track.clone();
        if tracks.is_empty() {
            let (id, title) = (MAIN_TRACK.to_owned(), "Status".to_owned());
            tracks.push(TrackDefinition {
                id,
                title,
                optional: false,
            });
        }
        let first = tracks[0].id.clone();
        let track_of = raw
            .state
            .iter()
            .map(|(id, state)| {
                // An unknown track is complained of once, where the state names it.
                let known = |id: &String| tracks.iter().any(|track| track.id == *id);
                let own = state.get_ref().track.as_ref().map(Spanned::get_ref);
                let track = own.filter(|own| known(own)).unwrap_or(&first);
                (id.clone(), track.clone())
            })
            .collect();
        let states = raw.state.keys().cloned().collect();
        Self {
            complaints,
            known,
            tracks,
            states,
            track_of,
        }
    }

    fn build(mut self, raw: &RawLifecycle) -> Lifecycle {
        check_id(&raw.id, self.complaints);
        let states = self.states(raw);
        let entry_points = self.entry_points(raw);
        let actions = raw.action.iter().map(|row| self.action(row)).collect();
        let events = raw.event.iter().map(|row| self.event(row)).collect();
        let refusals = raw.refuse.iter().map(|row| self.refusal(row)).collect();
        let order = raw
            .order
            .iter()
            .map(|state| self.state_id(state, "order"))
            .collect();
        let ready = raw.ready.as_ref().map(|ready| self.ready(ready));
        Lifecycle {
            id: raw.id.get_ref().clone(),
            title: raw.title.clone(),
            provider: raw.provider.clone(),
            source: raw.source.clone(),
            assumptions: raw.assumptions.clone(),
            support: raw.support.clone(),
            order,
            zone: raw.zone,
            not_stated: raw.not_stated.clone(),
            records: raw.records.clone(),
            ready,
            tracks: self.tracks,
            entry_points,
            states,
            actions,
            events,
            refusals,
        }
    }

    fn entry_points(&mut self, raw: &RawLifecycle) -> Vec<EntryPoint> {
        let mut points = Vec::new();
        for point in &raw.entry {
            let state = self.state_id(&point.state, "entry.state");
            let track = self.track_of(&state);
            points.push(EntryPoint {
                state,
                track,
                when: point.when,
                brings: point.brings.clone(),
                steps: self.steps(&point.steps, "entry.steps"),
                assumed: point.assumed.clone(),
            });
        }
        points
    }

    /// What readiness takes: one state of each track.
    fn ready(&mut self, raw: &RawReady) -> Ready {
        let mut tracks = BTreeSet::new();
        for state in &raw.states {
            let id = self.state_id(state, "ready.states");
            if !tracks.insert(self.track_of(&id)) {
                let problem = "expected one state of each track";
                self.complaints.add(&state.span(), "ready.states", problem);
            }
        }
        Ready {
            states: raw
                .states
                .iter()
                .map(|state| state.get_ref().clone())
                .collect(),
            dns: raw.dns,
        }
    }

    fn action(&mut self, raw: &RawAction) -> ActionRow {
        self.known_action(&raw.id, "action.id");
        let from = self.from(&raw.from, &raw.id.span(), "action.from");
        let track = self.track_of_row(&from);
        let guards = raw
            .guards
            .iter()
            .filter_map(|guard| match Guard::parse(guard.get_ref()) {
                Ok(guard) => Some(guard),
                Err(problem) => {
                    self.complaints.add(&guard.span(), "action.guards", problem);
                    None
                }
            });
        ActionRow {
            guards: guards.collect(),
            id: raw.id.get_ref().clone(),
            label: raw.label.clone(),
            to: raw
                .to
                .as_ref()
                .map(|to| self.target(to, &track, "action.to")),
            makes: raw.makes.as_ref().map(|makes| Makes {
                state: self.state_id(&makes.state, "action.makes.state"),
                link: makes.link,
            }),
            also: self.also(&raw.also, &track, "action.also"),
            brings: raw.brings.clone(),
            opens: raw.opens.clone(),
            sets: raw.sets,
            danger: raw.danger,
            track,
            from,
            via: raw.via,
            link: raw.link.clone(),
            steps: self.steps(&raw.steps, "action.steps"),
            confirm: raw.confirm.clone(),
            done: raw.done.clone(),
            asks: raw.asks.clone(),
            assumed: raw.assumed.clone(),
        }
    }

    fn event(&mut self, raw: &RawEvent) -> EventRow {
        let from = self.from(&raw.from, &raw.id.span(), "event.from");
        let track = self.track_of_row(&from);
        if raw.when.is_some_and(Condition::is_time) && raw.to.get_ref().starts_with('@') {
            let problem = "what time makes is never stored, so there is no way back; name a state";
            self.complaints.add(&raw.to.span(), "event.to", problem);
        }
        if raw.brings.contains(&Bring::ValidationErrors) == raw.errors.is_empty() {
            let problem = "`errors` and `brings = [\"validation-errors\"]` belong together";
            self.complaints.add(&raw.id.span(), "event.errors", problem);
        }
        EventRow {
            id: raw.id.get_ref().clone(),
            label: raw.label.clone(),
            to: self.target(&raw.to, &track, "event.to"),
            also: self.also(&raw.also, &track, "event.also"),
            answers: raw.answers.as_ref().map(|action| {
                self.known_action(action, "event.answers");
                action.get_ref().clone()
            }),
            result: raw.result.clone(),
            errors: raw.errors.clone(),
            track,
            from,
            when: raw.when,
            brings: raw.brings.clone(),
            steps: self.steps(&raw.steps, "event.steps"),
            says: raw.says.clone(),
            notify: raw.notify,
            sandbox: raw.sandbox.as_ref().and_then(|timing| self.timing(timing)),
            assumed: raw.assumed.clone(),
        }
    }

    /// Where other tracks go with a row: one state of each, none of them on the row's own track.
    fn also(&mut self, raw: &[Spanned<String>], track: &str, key: &str) -> Vec<String> {
        let mut tracks = BTreeSet::from([track.to_owned()]);
        let mut also = Vec::new();
        for state in raw {
            let id = self.state_id(state, key);
            let known = self.states.contains(&id);
            if known && !tracks.insert(self.track_of(&id)) {
                let problem = "expected a state of another track, and of each track one at most; \
                               the row's own track goes where `to` says";
                self.complaints.add(&state.span(), key, problem);
            }
            also.push(id);
        }
        also
    }

    /// What to do in the provider's panel: sentences, each on a line of its own.
    fn steps(&mut self, raw: &[Spanned<String>], key: &str) -> Vec<String> {
        for step in raw {
            let text = step.get_ref();
            if !text.trim_end().ends_with(['.', ':']) || text.chars().any(char::is_control) {
                let problem = "a step is one sentence on one line, with its full stop";
                self.complaints.add(&step.span(), key, problem);
            }
        }
        raw.iter()
            .map(|step| step.get_ref().trim().to_owned())
            .collect()
    }

    fn timing(&mut self, raw: &RawTiming) -> Option<SandboxTiming> {
        let chance = raw.chance.as_ref().map(|chance| *chance.get_ref());
        if let Some(placed) = &raw.chance
            && !(*placed.get_ref() > 0.0 && *placed.get_ref() <= 1.0)
        {
            let problem = "a chance is more than 0 and at most 1";
            self.complaints
                .add(&placed.span(), "event.sandbox.chance", problem);
        }
        match raw.after.get_ref().parse::<SignedDuration>() {
            // Shorter ones would let a circle of events stand still in time.
            Ok(after) if after >= SignedDuration::from_secs(1) => {
                Some(SandboxTiming { after, chance })
            }
            _ => {
                let problem = format!(
                    "{:?} is no time span of a second or more; expected one like \"90s\", \"10m\" or \"26h\"",
                    raw.after.get_ref()
                );
                self.complaints
                    .add(&raw.after.span(), "event.sandbox.after", problem);
                None
            }
        }
    }

    fn refusal(&mut self, raw: &RawRefusal) -> Refusal {
        self.known_action(&raw.action, "refuse.action");
        let from = raw
            .from
            .iter()
            .map(|state| self.state_id(state, "refuse.from"))
            .collect();
        Refusal {
            action: raw.action.get_ref().clone(),
            from,
            says: raw.says.clone(),
        }
    }

    fn known_action(&mut self, id: &Spanned<String>, key: &str) {
        if action::spec(id.get_ref()).is_some() {
            return;
        }
        let known: Vec<_> = action::CATALOGUE.iter().map(|spec| spec.id).collect();
        let problem = format!(
            "no action is called {:?}; expected one of {}",
            id.get_ref(),
            known.join(", ")
        );
        self.complaints.add(&id.span(), key, problem);
    }

    /// The states of a row, which must be on one track.
    fn from(&mut self, raw: &[Spanned<String>], row: &Range<usize>, key: &str) -> Vec<String> {
        if raw.is_empty() {
            self.complaints.add(row, key, "expected at least one state");
        }
        let from: Vec<String> = raw.iter().map(|state| self.state_id(state, key)).collect();
        let tracks: BTreeSet<_> = from.iter().map(|state| self.track_of(state)).collect();
        if tracks.len() > 1 {
            self.complaints
                .add(row, key, "the states of one row must be on one track");
        }
        from
    }

    /// Where a row leads: back, or to a state of its own track.
    fn target(&mut self, raw: &Spanned<String>, track: &str, key: &str) -> String {
        if matches!(raw.get_ref().as_str(), PREVIOUS | GONE) {
            return raw.get_ref().clone();
        }
        let state = self.state_id(raw, key);
        let other = self.track_of(&state);
        if self.states.contains(&state) && other != track {
            let problem = format!(
                "{state:?} is a state of the track {other:?}; a row of {track:?} stays on its track"
            );
            self.complaints.add(&raw.span(), key, problem);
        }
        state
    }

    /// The track that a row is about: that of its states.
    fn track_of_row(&self, from: &[String]) -> String {
        let first = from.first().map_or("", String::as_str);
        self.track_of(first)
    }

    pub(super) fn state_id(&mut self, raw: &Spanned<String>, key: &str) -> String {
        if !self.states.contains(raw.get_ref()) {
            let known: Vec<_> = self.states.iter().map(String::as_str).collect();
            let problem = format!(
                "no state is called {:?}; expected one of {}",
                raw.get_ref(),
                known.join(", ")
            );
            self.complaints.add(&raw.span(), key, problem);
        }
        raw.get_ref().clone()
    }

    pub(super) fn track_of(&self, state: &str) -> String {
        self.track_of
            .get(state)
            .cloned()
            .unwrap_or_else(|| self.tracks[0].id.clone())
    }
}

fn check_id(id: &Spanned<String>, complaints: &mut Complaints<'_>) {
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if id.get_ref().is_empty() || !id.get_ref().chars().all(fits) {
        let problem = "an id is made of small letters, digits and hyphens";
        complaints.add(&id.span(), "id", problem);
    }
}
