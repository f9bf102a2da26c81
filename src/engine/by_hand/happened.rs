//! Planning an event that a person saw: along a row of the table, from where the entry stands.
//!
//! Pure. Called by `plan`.

use super::fields::{event_brings, needs_certificate};
use super::material;
use super::outcome;
use super::plan::{Look, Objection, Plan, refusal, wrong};
use super::possible::target;
use super::step::{Names, Step};
use super::words::wants_certificate;
use crate::domain::entry::StateRef;
use crate::domain::event::{Cause, What};
use crate::domain::lifecycle::{Bring, Circumstances, EventRow, GONE, PREVIOUS, possible_events};
use crate::engine::command::Field;

impl Look<'_> {
    /// An event of the table, from where the entry stands.
    pub(super) fn event(&self, id: &str) -> Result<Plan, Objection> {
        let row = self.event_row(id)?;
        let title = format!("Record: {}", row.label);
        let by = Cause::Recorded {
            event: row.id.clone(),
        };
        let Some(moves) = self.moves(&row.track, &row.to, &row.also, &by) else {
            let says = "where it stood before is not known here; record what the panel shows now";
            return Err(refusal(title, self.entry, says.to_owned()));
        };
        let brings = event_brings(row, self.entry, self.lifecycle);
        self.certificate_fits(row, &brings)?;
        let answered = row.answers.clone();
        let answered = answered.map(|action| What::Answered { action });
        let step = Step {
            moves: answered.into_iter().chain(moves).collect(),
            shown: (row.to != GONE).then(|| target(self.entry, &row.track, &row.to)),
            brings,
            may_be_expired: false,
            names: Names::OfEvent(row),
            told: row
                .result
                .as_deref()
                .map(|result| outcome::told(result, self.lifecycle)),
        };
        self.moved(&step, &format!("Recorded: {}.", row.label))
    }

    /// Without its certificate, nobody would see when it ends; and what is given has its place.
    fn certificate_fits(&self, row: &EventRow, brings: &[Bring]) -> Result<(), Objection> {
        let is_given = material::has_certificate(self.with);
        let comes = brings.contains(&Bring::Certificate);
        let comes_new = row.brings.contains(&Bring::Certificate);
        let is_wanted = comes && (comes_new || self.entry.serving().is_none());
        if is_wanted && !is_given && needs_certificate(&row.to, comes_new, self.lifecycle) {
            return Err(wrong(Field::Certificate, wants_certificate(&row.label)).into());
        }
        if is_given && !comes {
            let says = format!(
                "no certificate comes with {:?}; record the event that brings it, or what the \
                 panel shows",
                row.label
            );
            return Err(wrong(Field::Certificate, says).into());
        }
        Ok(())
    }

    /// Where a row takes its track, and the tracks that go with it; nothing where it goes back to
    /// what is not known here.
    pub(super) fn moves(
        &self,
        track: &str,
        to: &str,
        also: &[String],
        by: &Cause,
    ) -> Option<Vec<What>> {
        let own = match target(self.entry, track, to) {
            StateRef::Known(to) if to == PREVIOUS => return None,
            StateRef::Known(to) if to == GONE => What::Gone,
            to => self.move_to(track, to, by),
        };
        let others = also.iter().filter_map(|id| self.lifecycle.state(id));
        let others = others.filter(|state| self.entry.tracks.contains_key(&state.track));
        let others = others.map(|state| self.move_to(&state.track, StateRef::known(&state.id), by));
        Some(std::iter::once(own).chain(others).collect())
    }

    pub(super) fn move_to(&self, track: &str, to: StateRef, by: &Cause) -> What {
        What::Moved {
            track: track.to_owned(),
            from: self.stands(track),
            to,
            by: by.clone(),
        }
    }

    /// The row of an event that the table allows now.
    fn event_row(&self, id: &str) -> Result<&EventRow, Objection> {
        let mut possible = possible_events(
            self.entry,
            self.lifecycle,
            self.now,
            Circumstances::default(),
        );
        if let Some(row) = possible.find(|row| row.id == id) {
            return Ok(row);
        }
        let mut rows = self.lifecycle.events.iter().filter(|row| row.id == id);
        let Some(row) = rows.next() else {
            let says = format!(
                "{} has no such event; {}",
                self.lifecycle.title,
                self.instead()
            );
            return Err(refusal(format!("Record: {id}"), self.entry, says));
        };
        let says = if row.is_made_by_time() {
            format!(
                "the clock decides it by the certificate's dates; if the panel shows it, record \
                 that (--shows {})",
                row.to
            )
        } else {
            let from = row.from.iter().filter_map(|id| self.lifecycle.state(id));
            let from: Vec<_> = from.map(|state| state.label.as_str()).collect();
            let stands = self.stands(&row.track);
            let now = self.lifecycle.label(&stands);
            format!(
                "it happens while {}, and this is {now} now; {}",
                from.join(" or "),
                self.instead()
            )
        };
        Err(refusal(format!("Record: {}", row.label), self.entry, says))
    }
}
