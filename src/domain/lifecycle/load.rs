//! From the text of a table to a checked lifecycle, or to everything that is wrong with it.
//!
//! Pure. The set of lifecycles calls it for the embedded tables and for people's own.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::SignedDuration;
use toml::Spanned;

use super::check;
use super::error::Complaints;
use super::raw::{RawAction, RawEvent, RawLifecycle, RawRefusal, RawState, RawTiming, RawWire};
use super::{
    ActionRow, Condition, EntryPoint, EventRow, Guard, Lifecycle, LifecycleError, Makes, PREVIOUS,
    Qualifier, QualifierKind, Refusal, SandboxTiming, State, TrackDefinition, Wire,
};
use crate::domain::action;
use crate::domain::entry::MAIN_TRACK;

impl Lifecycle {
    /// Reads and checks a table; `file` names it in the errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with file, line and key.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<LifecycleError>> {
        let mut complaints = Complaints::new(file, text);
        let raw: RawLifecycle = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                complaints.add_toml(&error);
                return Err(complaints.into_errors());
            }
        };
        let lifecycle = Loader::new(&raw, &mut complaints).build(&raw);
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
struct Loader<'a, 'text> {
    complaints: &'a mut Complaints<'text>,
    tracks: Vec<TrackDefinition>,
    states: BTreeSet<String>,
    /// The track of each state, by the state's id.
    track_of: std::collections::BTreeMap<String, String>,
}

impl<'a, 'text> Loader<'a, 'text> {
    fn new(raw: &RawLifecycle, complaints: &'a mut Complaints<'text>) -> Self {
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
        Lifecycle {
            id: raw.id.get_ref().clone(),
            title: raw.title.clone(),
            provider: raw.provider.clone(),
            source: raw.source.clone(),
            assumptions: raw.assumptions.clone(),
            support: raw.support.clone(),
            order,
            tracks: self.tracks,
            entry_points,
            states,
            actions,
            events,
            refusals,
        }
    }

    /// The states in the order in which the file has them.
    fn states(&mut self, raw: &RawLifecycle) -> Vec<State> {
        let mut placed: Vec<_> = raw.state.iter().collect();
        placed.sort_by_key(|(_, state)| state.span().start);
        placed
            .into_iter()
            .map(|(id, state)| self.state(id, state.get_ref()))
            .collect()
    }

    fn state(&mut self, id: &str, raw: &RawState) -> State {
        if let Some(track) = &raw.track {
            self.known_track(track);
        }
        if let Some(progress) = raw
            .progress
            .as_ref()
            .filter(|percent| *percent.get_ref() > 100)
        {
            self.complaints
                .add(&progress.span(), "progress", "a percentage is 0 to 100");
        }
        State {
            id: id.to_owned(),
            label: raw.label.clone(),
            short: raw
                .short
                .clone()
                .unwrap_or_else(|| raw.label.to_lowercase()),
            track: self.track_of(id),
            phase: *raw.phase.get_ref(),
            who: raw.who,
            who_by: raw.who_by.clone(),
            says: raw.says.clone(),
            says_by: raw.says_by.clone(),
            wire: raw.wire.iter().map(|wire| self.wire(wire)).collect(),
            progress: raw.progress.as_ref().map(|percent| *percent.get_ref()),
            terminal: raw.terminal,
            dead_end: raw.dead_end.clone(),
        }
    }

    fn known_track(&mut self, track: &Spanned<String>) {
        if self.tracks.iter().any(|known| known.id == *track.get_ref()) {
            return;
        }
        let known: Vec<_> = self.tracks.iter().map(|track| track.id.as_str()).collect();
        let problem = format!(
            "no track is called {:?}; expected one of {}",
            track.get_ref(),
            known.join(", ")
        );
        self.complaints.add(&track.span(), "track", problem);
    }

    fn wire(&mut self, raw: &RawWire) -> Wire {
        let when = raw.when.as_ref().and_then(|when| self.qualifier(when));
        Wire {
            is: raw.is.get_ref().clone(),
            when,
        }
    }

    fn qualifier(&mut self, raw: &Spanned<String>) -> Option<Qualifier> {
        let (word, value) = raw.get_ref().split_once(':').unwrap_or((raw.get_ref(), ""));
        let kind = QualifierKind::ALL.iter().find(|(_, known)| *known == word);
        match kind {
            Some((kind, _)) if !value.is_empty() => Some(Qualifier {
                kind: *kind,
                value: value.to_owned(),
            }),
            _ => {
                let known: Vec<_> = QualifierKind::ALL.iter().map(|(_, word)| *word).collect();
                let problem = format!(
                    "{:?} is no qualifier; expected one of {}, then a colon and a value",
                    raw.get_ref(),
                    known.join(", ")
                );
                self.complaints.add(&raw.span(), "when", problem);
                None
            }
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
            });
        }
        points
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
        if raw.when.is_some_and(Condition::is_time) && raw.to.get_ref() == PREVIOUS {
            let problem = "what time makes is never stored, so there is no way back; name a state";
            self.complaints.add(&raw.to.span(), "event.to", problem);
        }
        EventRow {
            id: raw.id.get_ref().clone(),
            label: raw.label.clone(),
            to: self.target(&raw.to, &track, "event.to"),
            track,
            from,
            when: raw.when,
            brings: raw.brings.clone(),
            steps: self.steps(&raw.steps, "event.steps"),
            says: raw.says.clone(),
            notify: raw.notify,
            sandbox: raw.sandbox.as_ref().and_then(|timing| self.timing(timing)),
        }
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
            Ok(after) if after > SignedDuration::ZERO => Some(SandboxTiming { after, chance }),
            _ => {
                let problem = format!(
                    "{:?} is no time span; expected one like \"90s\", \"10m\" or \"26h\"",
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
        if raw.get_ref() == PREVIOUS {
            return PREVIOUS.to_owned();
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

    fn state_id(&mut self, raw: &Spanned<String>, key: &str) -> String {
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

    fn track_of(&self, state: &str) -> String {
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
