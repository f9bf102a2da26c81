//! The states of a table, with what they take over from states of other tables.
//!
//! Pure. `load` calls it before it reads the rows.

use toml::Spanned;

use super::load::Loader;
use super::raw::{RawLifecycle, RawState, RawWire};
use super::{Phase, Qualifier, QualifierKind, State, Who, Wire};

impl Loader<'_, '_> {
    /// The states in the order in which the file has them.
    pub(super) fn states(&mut self, raw: &RawLifecycle) -> Vec<State> {
        let mut placed: Vec<_> = raw.state.iter().collect();
        placed.sort_by_key(|(_, state)| state.span().start);
        placed
            .into_iter()
            .map(|(id, state)| self.state(id, state))
            .collect()
    }

    fn state(&mut self, id: &str, placed: &Spanned<RawState>) -> State {
        let raw = placed.get_ref();
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
        let same = raw.same_as.as_ref().and_then(|same| self.same_as(same));
        if raw.same_as.is_none() {
            self.complete(id, placed);
        }
        let wire: Option<Vec<Wire>> = raw
            .wire
            .as_ref()
            .map(|wires| wires.iter().map(|wire| self.wire(wire)).collect());
        let base = same.unwrap_or_else(|| blank(id));
        let label = raw.label.clone();
        let short = raw.short.clone();
        // Another label has another short form.
        let short = short.or_else(|| label.as_ref().map(|label| label.to_lowercase()));
        State {
            id: id.to_owned(),
            track: self.track_of(id),
            label: label.unwrap_or(base.label),
            short: short.unwrap_or(base.short),
            phase: raw
                .phase
                .as_ref()
                .map_or(base.phase, |phase| *phase.get_ref()),
            who: raw.who.unwrap_or(base.who),
            who_by: raw.who_by.clone().unwrap_or(base.who_by),
            says: raw.says.clone().unwrap_or(base.says),
            says_by: raw.says_by.clone().unwrap_or(base.says_by),
            wire: wire.unwrap_or(base.wire),
            progress: raw
                .progress
                .as_ref()
                .map(|percent| *percent.get_ref())
                .or(base.progress),
            terminal: raw.terminal.unwrap_or(base.terminal),
            dead_end: raw.dead_end.clone().or(base.dead_end),
            assumed: raw.assumed.clone().or(base.assumed),
        }
    }

    /// Complains of what a state of its own must say.
    fn complete(&mut self, id: &str, placed: &Spanned<RawState>) {
        let raw = placed.get_ref();
        let missing = [
            ("label", raw.label.is_none()),
            ("phase", raw.phase.is_none()),
            ("who", raw.who.is_none()),
            ("says", raw.says.is_none()),
        ];
        for (field, _) in missing.iter().filter(|(_, is_missing)| *is_missing) {
            let key = format!("state.{id}.{field}");
            let problem = format!("missing field `{field}`; or take it over with `same-as`");
            self.complaints.add(&placed.span(), &key, problem);
        }
    }

    /// The state of another table that this one is the same as.
    fn same_as(&mut self, same: &Spanned<String>) -> Option<State> {
        let known = self.known;
        let found = same
            .get_ref()
            .split_once('/')
            .and_then(|(table, state)| known.get(table)?.state(state));
        if found.is_none() {
            let tables: Vec<_> = known.iter().map(|table| table.id.as_str()).collect();
            let problem = format!(
                "there is no state {:?}; expected TABLE/STATE with a table that is read before \
                 this one: {}",
                same.get_ref(),
                tables.join(", ")
            );
            self.complaints.add(&same.span(), "same-as", problem);
        }
        found.cloned()
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
}

/// What a state is before anything is said of it.
fn blank(id: &str) -> State {
    State {
        id: id.to_owned(),
        label: String::new(),
        short: String::new(),
        track: String::new(),
        phase: Phase::InProgress,
        who: Who::Nobody,
        who_by: std::collections::BTreeMap::new(),
        says: String::new(),
        says_by: std::collections::BTreeMap::new(),
        wire: Vec::new(),
        progress: None,
        terminal: false,
        dead_end: None,
        assumed: None,
    }
}
