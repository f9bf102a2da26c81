//! What recording something would write down, or everything that stands in the way.
//!
//! Pure: the engine plans under the store's lock and then does it; forms plan to see what is wrong.
//! May not: write, or make a key. Events move along the table, corrections from anywhere to
//! anywhere; what only time makes is never stored.

use jiff::Timestamp;

use super::brought::{brought, is_proof};
use super::facts::{Facts, stray_keys};
use super::fields::brings_of;
use super::possible::{distinct_label, recordable, target};
use super::time_made::made_by_time;
use super::words::{is_now, no_state, wants_certificate};
use super::{made_for_others, material, typed};
use crate::domain::action;
use crate::domain::entry::{Entry, StateRef};
use crate::domain::event::{self, Cause, Event, What};
use crate::domain::gate::{Reason, Verdict};
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{
    Bring, EventRow, Lifecycle, Makes, PREVIOUS, State, effective_track,
};
use crate::domain::lifecycle::{Circumstances, possible_events};
use crate::domain::time;
use crate::engine::EngineError;
use crate::engine::command::{Field, FieldError, Record, Recorded};
use crate::pki::belong::{Expected, Material};

/// What recording something writes down.
#[derive(Debug)]
pub(super) struct Plan {
    /// What happens to the entry.
    pub(super) happened: Vec<What>,
    /// The key and the certificates that have to be kept before.
    pub(super) material: Material,
    /// The successor that comes of it.
    pub(super) successor: Option<Successor>,
    /// What is so then, in sentences of ours.
    pub(super) says: String,
}

/// A successor that comes of an action.
#[derive(Debug)]
pub(super) struct Successor {
    pub(super) makes: Makes,
    pub(super) facts: Facts,
}

/// What stands in the way of a record.
#[derive(Debug)]
pub(super) enum Objection {
    /// It is not possible now.
    Refused(Box<EngineError>),
    /// Something of it is wrong.
    Fields(Vec<FieldError>),
}

impl From<Vec<FieldError>> for Objection {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Fields(errors)
    }
}

/// Plans a record of `entry`, as everything is in `inventory`; `system` is the system's time.
pub(super) fn plan(
    record: &Record,
    entry: &Entry,
    inventory: &Inventory,
    system: Timestamp,
) -> Result<Plan, Objection> {
    let local = match &record.what {
        Recorded::Described => "describe",
        _ => "record",
    };
    let Some(lifecycle) = inventory.lifecycle_of(entry) else {
        let says = format!("its lifecycle table {:?} is missing", entry.lifecycle);
        return Err(refusal("Record".to_owned(), entry, says));
    };
    let look = Look {
        record,
        entry,
        lifecycle,
        inventory,
        system,
        now: inventory.time_of(&entry.account, system),
    };
    if let Verdict::Refused(reason) = inventory.verdict(local, entry, system) {
        let title = action::spec(local).map_or(local, |spec| spec.title);
        return Err(refusal(title.to_owned(), entry, reason.to_string()));
    }
    let strays = stray_keys(&record.with);
    if !strays.is_empty() {
        return Err(strays.into());
    }
    match &record.what {
        Recorded::Event(id) => look.event(id),
        Recorded::Submitted(id) => look.submitted(id),
        Recorded::Shows { track, state } => look.shows(track, state),
        Recorded::Described => look.described(),
    }
}

pub(super) fn refusal(action: String, entry: &Entry, says: String) -> Objection {
    Objection::Refused(Box::new(EngineError::Refused {
        action,
        name: entry.name().to_owned(),
        reason: Reason::new(says),
    }))
}

fn wrong(field: Field, says: impl Into<String>) -> Vec<FieldError> {
    let says = says.into();
    vec![FieldError { field, says }]
}

/// Everything that a plan looks at.
pub(super) struct Look<'a> {
    pub(super) record: &'a Record,
    pub(super) entry: &'a Entry,
    pub(super) lifecycle: &'a Lifecycle,
    pub(super) inventory: &'a Inventory,
    pub(super) system: Timestamp,
    now: Timestamp,
}

/// A step on the way to a plan: where the track goes and why, and what comes with it.
struct Step<'a> {
    track: &'a str,
    to: StateRef,
    by: Cause,
    brings: Vec<Bring>,
    may_be_expired: bool,
}

impl Look<'_> {
    /// An event of the table, from where the entry stands.
    fn event(&self, id: &str) -> Result<Plan, Objection> {
        let row = self.event_row(id)?;
        let to = target(self.entry, &row.track, &row.to);
        if to.as_str() == PREVIOUS {
            let says = "where it stood before is not known here; record what the panel shows now";
            return Err(refusal(
                format!("Record: {}", row.label),
                self.entry,
                says.to_owned(),
            ));
        }
        if row.brings.contains(&Bring::Certificate) {
            self.wants_certificate(&row.label)?;
        } else if material::has_certificate(&self.record.with) {
            let says = format!(
                "no certificate comes with {:?}; record the event that brings it, or what the \
                 panel shows",
                row.label
            );
            return Err(wrong(Field::Certificate, says).into());
        }
        let by = Cause::Recorded {
            event: row.id.clone(),
        };
        let step = Step {
            track: &row.track,
            to,
            by,
            brings: row.brings.clone(),
            may_be_expired: false,
        };
        self.moved(&step, &format!("Recorded: {}.", row.label))
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

    /// What can be recorded instead.
    pub(super) fn instead(&self) -> String {
        let possible = recordable(self.entry, self.inventory, self.system);
        let events = possible.events.iter().map(|event| event.id.as_str());
        let actions = possible.submitted.iter().map(|action| action.id.as_str());
        let ids: Vec<_> = events.chain(actions).collect();
        if ids.is_empty() {
            return "record what the panel shows now (--shows STATE)".to_owned();
        }
        format!(
            "what can be recorded is {}, or what the panel shows now (--shows STATE)",
            ids.join(", ")
        )
    }

    pub(super) fn stands(&self, track: &str) -> StateRef {
        effective_track(self.entry, track, self.lifecycle, self.now)
            .unwrap_or_else(|| StateRef::unknown("not there yet"))
    }

    /// Without its certificate, nobody would see when it ends.
    fn wants_certificate(&self, what: &str) -> Result<(), Objection> {
        if material::has_certificate(&self.record.with) {
            return Ok(());
        }
        Err(wrong(Field::Certificate, wants_certificate(what)).into())
    }

    /// The panel shows a state: from anywhere to anywhere.
    fn shows(&self, track: &str, id: &str) -> Result<Plan, Objection> {
        let state = self
            .lifecycle
            .state(id)
            .filter(|state| state.track == track);
        let Some(state) = state else {
            return Err(wrong(Field::State, no_state(id, self.lifecycle)).into());
        };
        let label = distinct_label(state, self.lifecycle);
        let says = format!("Recorded: the panel shows {label}.");
        let by_time = made_by_time(state, self.lifecycle);
        let to = if by_time.is_empty() {
            state
        } else {
            self.stored_before(&by_time, track)
        };
        let brings = brings_of(&to.id, self.lifecycle);
        let step = Step {
            track,
            to: StateRef::known(&to.id),
            by: Cause::Corrected,
            brings,
            may_be_expired: !by_time.is_empty(),
        };
        if step.brings.contains(&Bring::Certificate) && self.entry.serving().is_none() {
            self.wants_certificate(&label)?;
        }
        let plan = self.moved(&step, &says)?;
        self.lands(&plan, track, state, !by_time.is_empty())?;
        if plan.happened.is_empty() {
            let says = format!("it is shown as {label} already, so there is nothing to correct");
            return Err(wrong(Field::State, says).into());
        }
        Ok(plan)
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

    /// Nothing moves; what is known is put right.
    fn described(&self) -> Result<Plan, Objection> {
        let with = &self.record.with;
        if material::has_certificate(with) || with.chain.is_some() {
            let says = "a certificate is recorded with the state that the panel shows \
                        (--shows STATE --certificate FILE)";
            return Err(wrong(Field::Certificate, says).into());
        }
        let (facts, material) = self.read(&[], false, None)?;
        let mut happened: Vec<What> = facts.described(self.entry, &[]).into_iter().collect();
        happened.extend(material::csr_ready(&material, &self.entry.order));
        happened.extend(self.brought(&[], &facts)?);
        if happened.is_empty() {
            let says = "nothing of it is different from what is known already";
            return Err(wrong(Field::Names, says).into());
        }
        Ok(Plan {
            happened,
            material,
            successor: None,
            says: "Recorded: what is known of the order and its product.".to_owned(),
        })
    }

    /// A plan in which a track moves and something comes with it.
    fn moved(&self, step: &Step<'_>, says: &str) -> Result<Plan, Objection> {
        let (facts, material) = self.read(&step.brings, step.may_be_expired, Some(&step.to))?;
        let mut happened: Vec<What> = facts
            .described(self.entry, &step.brings)
            .into_iter()
            .collect();
        happened.extend(material::csr_ready(&material, &self.entry.order));
        let from = self.stands(step.track);
        let stored = self.entry.tracks.get(step.track).map(|track| &track.state);
        let is_event = step.by != Cause::Corrected;
        if is_event || stored != Some(&step.to) {
            happened.push(What::Moved {
                track: step.track.to_owned(),
                from,
                to: step.to.clone(),
                by: step.by.clone(),
            });
        }
        happened.extend(self.brought(&step.brings, &facts)?);
        happened.extend(material::issued(&material, self.entry));
        let after = self.after(&happened);
        let says = format!(
            "{says} {}{}",
            self.is_now(&after, step.track),
            material::left_out(&material)
        );
        Ok(Plan {
            happened,
            material,
            successor: None,
            says,
        })
    }

    /// What was typed and what was pasted, all of it right.
    fn read(
        &self,
        brings: &[Bring],
        may_be_expired: bool,
        shown: Option<&StateRef>,
    ) -> Result<(Facts, Material), Vec<FieldError>> {
        let with = &self.record.with;
        let mut problems = Vec::new();
        let facts = Facts::of(self.entry).with(with, &mut problems);
        // A correction may bring another key; along the table it stays the order's.
        let corrects = !matches!(self.record.what, Recorded::Event(_));
        let corrects_key = corrects && material::has_own_key(with);
        let order_key = self.entry.order.spki_sha256.as_deref();
        let expected = Expected {
            names: &facts.names,
            spki_sha256: if corrects_key {
                self.key_that_serves()
            } else {
                order_key
            },
            at: self.now,
            may_be_expired,
        };
        let shown = shown.map(StateRef::as_str);
        let material = material::read(with, &expected, shown, self.lifecycle);
        if let Err(wrong) = self.brought(brings, &facts) {
            problems.extend(wrong);
        }
        let csr = material.as_ref().ok().and_then(|read| read.csr.as_ref());
        if let Some(says) = csr.and_then(|csr| made_for_others(csr, &facts.names)) {
            problems.extend(wrong(Field::Csr, says));
        }
        match material {
            Ok(material) if problems.is_empty() => Ok((facts, material)),
            Ok(_) => Err(problems),
            Err(wrong) => {
                problems.extend(wrong);
                Err(problems)
            }
        }
    }

    /// The key that another one cannot take the place of: where nothing moves, the certificate stays.
    fn key_that_serves(&self) -> Option<&str> {
        let serving = self.entry.serving()?;
        let stays = self.record.what == Recorded::Described;
        stays.then_some(serving.spki_sha256.as_str())
    }

    /// What comes with a move, apart from certificate, CSR and key.
    fn brought(&self, brings: &[Bring], facts: &Facts) -> Result<Vec<What>, Vec<FieldError>> {
        let is_event = matches!(self.record.what, Recorded::Event(_));
        let with = &self.record.with;
        let mut happened = brought(brings, facts, self.entry, is_event);
        if let Some(typed) = &with.proof {
            let records =
                typed::proof(typed, &facts.names).map_err(|says| wrong(Field::Proof, says))?;
            happened.retain(|what| records.is_empty() || !is_proof(what));
            let known = records.is_empty() || records == self.entry.records;
            if is_event && !records.is_empty() || !known {
                happened.push(What::ValidationAsked { records });
            }
        }
        let question = with.question.as_deref().map(str::trim).unwrap_or_default();
        let is_known = self.entry.said.as_deref() == Some(question);
        if !question.is_empty() && (is_event || !is_known) {
            let says = question.to_owned();
            happened.push(What::Asked { says });
        }
        Ok(happened)
    }

    /// The entry as it will be.
    pub(super) fn after(&self, happened: &[What]) -> Entry {
        let mut entry = self.entry.clone();
        for what in happened {
            let event = Event {
                entry: entry.id.clone(),
                at: self.now,
                what: what.clone(),
            };
            event::apply(&mut entry, &event);
        }
        entry
    }

    pub(super) fn is_now(&self, after: &Entry, track: &str) -> String {
        is_now(after, track, self.lifecycle, self.now)
    }
}
