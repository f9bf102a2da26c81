//! Planning what a provider's panel shows: corrections from anywhere to anywhere, that it is gone,
//! that a request is over, how the zone stands.
//!
//! Pure. What only time makes is never stored. Called by `plan`.

use super::fields::{brings_of, needs_certificate, shown_with};
use super::material;
use super::plan::{Look, Objection, Plan, wrong};
use super::possible::distinct_label;
use super::step::{Names, Step};
use super::time_made::made_by_time;
use super::words::{no_state, wants_certificate};
use crate::domain::account::ZoneStatus;
use crate::domain::entry::StateRef;
use crate::domain::event::{Cause, What};
use crate::domain::lifecycle::{Bring, State, effective_track};
use crate::domain::time;
use crate::engine::command::{Field, FieldError};

impl Look<'_> {
    /// The panel shows a state: from anywhere to anywhere.
    pub(super) fn shows(&self, track: &str, id: &str) -> Result<Plan, Objection> {
        let state = self
            .lifecycle
            .state(id)
            .filter(|state| state.track == track);
        let Some(state) = state else {
            return Err(wrong(Field::State, no_state(id, self.lifecycle)).into());
        };
        let label = self.shown_label(state);
        let says = format!("Recorded: the panel shows {label}.");
        let by_time = made_by_time(state, self.lifecycle);
        let to = if by_time.is_empty() {
            state
        } else {
            self.stored_before(&by_time, track)
        };
        let brings = shown_with(&to.id, self.lifecycle);
        let comes_new = brings_of(&to.id, self.lifecycle).contains(&Bring::Certificate);
        let has_none = self.entry.serving().is_none() && !material::has_certificate(self.with);
        if has_none && needs_certificate(&to.id, comes_new, self.lifecycle) {
            return Err(wrong(Field::Certificate, wants_certificate(&label)).into());
        }
        let step = Step {
            moves: self.corrections(track, to),
            shown: Some(StateRef::known(&to.id)),
            brings,
            may_be_expired: !by_time.is_empty(),
            names: Names::OfState(track, &to.id),
            told: None,
        };
        let plan = self.moved(&step, &says)?;
        self.lands(&plan, track, state, !by_time.is_empty())?;
        if plan.happened.is_empty() {
            let says = format!("it is shown as {label} already, so there is nothing to correct");
            return Err(wrong(Field::State, says).into());
        }
        Ok(plan)
    }

    /// The label of a state, with its track where the lifecycle has several.
    fn shown_label(&self, state: &State) -> String {
        let label = distinct_label(state, self.lifecycle);
        if self.lifecycle.tracks.len() < 2 {
            return label;
        }
        format!("{label} ({})", self.lifecycle.track_title(&state.track))
    }

    /// The correction itself; nothing where it stands there. What is seen in the panel is not gone,
    /// and a request that leads there was carried out.
    fn corrections(&self, track: &str, to: &State) -> Vec<What> {
        let to_state = StateRef::known(&to.id);
        let stored = self.entry.tracks.get(track).map(|track| &track.state);
        if stored == Some(&to_state) && self.entry.gone.is_none() {
            return Vec::new();
        }
        let open = self.entry.request.as_ref();
        let open = open.map(|request| request.action.as_str());
        let stands = stored.map(StateRef::as_str).unwrap_or_default();
        let mut events = self.lifecycle.events_from(track, stands);
        let is_answered =
            open.is_some() && events.any(|row| row.to == to.id && row.answers.as_deref() == open);
        let answered = open.filter(|_| is_answered).map(|action| What::Answered {
            action: action.to_owned(),
        });
        let moved = self.move_to(track, to_state, &Cause::Corrected);
        answered.into_iter().chain([moved]).collect()
    }

    /// The panel does not have it any more.
    pub(super) fn gone(&self) -> Result<Plan, Objection> {
        if self.entry.gone.is_some() {
            let says = "it is written down as gone already";
            return Err(wrong(Field::State, says).into());
        }
        let open = self.entry.request.as_ref();
        let answered = open.map(|request| What::Answered {
            action: request.action.clone(),
        });
        let happened: Vec<What> = answered.into_iter().chain([What::Gone]).collect();
        let says = format!("Recorded. {}", self.is_now(&self.after(&happened)));
        Ok(Plan {
            happened,
            says,
            ..Plan::default()
        })
    }

    /// The request that the provider had still to carry out is over.
    pub(super) fn closed(&self) -> Result<Plan, Objection> {
        let open = self.entry.request.as_ref();
        let Some(request) = open.filter(|request| request.accepted) else {
            let says = "no request is open that the provider has still to carry out";
            return Err(wrong(Field::State, says).into());
        };
        let title = self.lifecycle.action_title(&request.action);
        let happened = vec![What::Answered {
            action: request.action.clone(),
        }];
        let stands = self.is_now(&self.after(&happened));
        Ok(Plan {
            happened,
            says: format!("Recorded: {title} is not open any more. {stands}"),
            ..Plan::default()
        })
    }

    /// The zone of the account stands so; no entry moves by that.
    pub(super) fn zone(&self, status: ZoneStatus) -> Result<Plan, Objection> {
        let account = &self.entry.account;
        if !self.lifecycle.zone {
            let says = format!("a {} lives in no zone", self.lifecycle.title);
            return Err(wrong(Field::State, says).into());
        }
        let known = self.inventory.accounts.get(account);
        let known = known.and_then(|account| account.zone);
        if known.is_some_and(|zone| zone.status == status) {
            let says = format!(
                "the zone of {account} is known as {} already",
                status.label()
            );
            return Err(wrong(Field::State, says).into());
        }
        Ok(Plan {
            zone: Some(status),
            says: format!(
                "Recorded: the zone of {account} is {} now, for everything in it. {} stays where it \
                 is until you record what the panel shows.",
                status.label(),
                self.entry.name()
            ),
            ..Plan::default()
        })
    }

    /// The state that is stored where time leads on from it to what the panel shows.
    fn stored_before<'a>(&'a self, before: &[&'a State], track: &str) -> &'a State {
        let stored = self
            .entry
            .tracks
            .get(track)
            .map(|track| track.state.as_str());
        let is_stored = |state: &&&State| Some(state.id.as_str()) == stored;
        let on_path = |state: &&&State| self.lifecycle.order.contains(&state.id);
        before
            .iter()
            .find(is_stored)
            .or_else(|| before.iter().rfind(on_path))
            .unwrap_or(&before[0])
    }

    /// The entry then shows what the panel shows: the certificate's dates have a say in it.
    fn lands(
        &self,
        plan: &Plan,
        track: &str,
        state: &State,
        by_time: bool,
    ) -> Result<(), Vec<FieldError>> {
        let after = self.after(&plan.happened);
        let stands = effective_track(&after, track, self.lifecycle, self.now);
        if stands == Some(StateRef::known(&state.id)) {
            return Ok(());
        }
        let shown = stands.map_or_else(String::new, |stands| {
            self.lifecycle.label(&stands).to_owned()
        });
        let Some(serving) = after.serving() else {
            return Err(wrong(
                Field::Certificate,
                format!(
                    "{} follows from a certificate's dates by the clock, so it is not set by hand; \
                     give the certificate that the panel shows",
                    state.label
                ),
            ));
        };
        let dates = format!(
            "its certificate is valid from {} until {}",
            time::date(serving.not_before),
            time::date(serving.not_after)
        );
        if by_time || self.now > serving.not_after {
            let says = format!(
                "{dates}, so by the clock it is {shown}, not {}; give the certificate that the \
                 panel shows now",
                state.label
            );
            return Err(wrong(Field::Certificate, says));
        }
        Ok(())
    }
}
