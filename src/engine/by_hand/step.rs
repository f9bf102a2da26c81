//! A step of a plan: what moves, and everything that comes with it, read and checked.
//!
//! Pure. Events, corrections and what was submitted go through here. Called by `happened`, `shows`
//! and `submitted`.

use super::brought::{brought, is_proof, said};
use super::facts::Facts;
use super::outcome;
use super::plan::{Look, Objection, Plan, wrong};
use super::{made_for_others, material, typed};
use crate::domain::entry::StateRef;
use crate::domain::event::What;
use crate::domain::lifecycle::{Bring, EventRow};
use crate::engine::command::{Field, FieldError, Recorded};
use crate::pki::belong::{Expected, Material};

/// A step on the way to a plan: what moves, and what comes with it.
pub(super) struct Step<'a> {
    /// The moves themselves, and the request that they answer.
    pub(super) moves: Vec<What>,
    /// The state that is recorded.
    pub(super) shown: Option<StateRef>,
    pub(super) brings: Vec<Bring>,
    pub(super) may_be_expired: bool,
    pub(super) names: Names<'a>,
    /// What the row says of it, where that is certain.
    pub(super) told: Option<What>,
}

/// What decides which names the certificate has then.
#[derive(Clone, Copy)]
pub(super) enum Names<'a> {
    /// They stay.
    Stay,
    /// An event.
    OfEvent(&'a EventRow),
    /// A track and the state that the panel shows.
    OfState(&'a str, &'a str),
}

/// What a step says of the names, and of the request that it was asked with.
struct Outcome {
    names: Option<What>,
    told: Option<What>,
}

impl Look<'_> {
    /// A plan in which something moves and something comes with it.
    pub(super) fn moved(&self, step: &Step<'_>, says: &str) -> Result<Plan, Objection> {
        let (mut facts, material) =
            self.read(&step.brings, step.may_be_expired, step.shown.as_ref())?;
        let Outcome { names, told } = self.outcome(step, &material, &facts);
        if names.is_some() {
            // The names come with the request that was asked for, not as a description.
            facts.names.clone_from(&self.entry.names);
        }
        let mut happened: Vec<What> = facts
            .described(self.entry, &step.brings)
            .into_iter()
            .collect();
        happened.extend(material::csr_ready(&material, &self.entry.order));
        happened.extend(step.moves.iter().cloned());
        happened.extend(self.brought(&step.brings, &facts)?);
        happened.extend(names);
        happened.extend(material::issued(&material, self.entry));
        let result = match &told {
            Some(What::Told { says }) => format!(" {says}"),
            _ => String::new(),
        };
        happened.extend(told);
        let after = self.after(&happened);
        let says = format!(
            "{says} {}{result}{}",
            self.is_now(&after),
            material::left_out(&material)
        );
        Ok(Plan {
            happened,
            material,
            says,
            ..Plan::default()
        })
    }

    /// What the names of the certificate say of a request.
    fn outcome(&self, step: &Step<'_>, material: &Material, facts: &Facts) -> Outcome {
        let typed = self.with.names.is_some().then_some(facts.names.as_slice());
        let told = step.told.clone();
        match step.names {
            Names::Stay => Outcome { names: None, told },
            Names::OfEvent(row) => Outcome {
                names: outcome::names_of_event(row, self.entry, typed),
                told,
            },
            Names::OfState(track, to) => {
                let seen = outcome::names_seen(typed, material);
                let (entry, table, seen) = (self.entry, self.lifecycle, seen.as_deref());
                Outcome {
                    names: outcome::names_of_state(entry, track, to, table, seen),
                    told: outcome::result_of_state(entry, track, to, table, seen),
                }
            }
        }
    }

    /// Nothing moves; what is known is put right.
    pub(super) fn described(&self) -> Result<Plan, Objection> {
        let with = self.with;
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
            says: "Recorded: what is known of the order and its product.".to_owned(),
            ..Plan::default()
        })
    }

    /// What was typed and what was pasted, all of it right.
    pub(super) fn read(
        &self,
        brings: &[Bring],
        may_be_expired: bool,
        shown: Option<&StateRef>,
    ) -> Result<(Facts, Material), Vec<FieldError>> {
        let with = self.with;
        let mut problems = Vec::new();
        let facts = Facts::of(self.entry).with(with, &mut problems);
        // A correction may bring another key; along the table it stays the order's.
        let corrects = !matches!(self.record.what, Recorded::Event(_));
        let corrects_key = corrects && material::has_own_key(with);
        let order_key = self.entry.order.spki_sha256.as_deref();
        let expected = Expected {
            names: &self.names_wanted(brings, &facts),
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

    /// The names that a certificate has to protect: with those that come with it.
    fn names_wanted(&self, brings: &[Bring], facts: &Facts) -> Vec<String> {
        let comes = matches!(self.record.what, Recorded::Event(_))
            && brings.contains(&Bring::NamesAdded)
            && self.with.names.is_none();
        if comes {
            outcome::with_added(self.entry)
        } else {
            facts.names.clone()
        }
    }

    /// The key that another one cannot take the place of: where nothing moves, the certificate stays.
    fn key_that_serves(&self) -> Option<&str> {
        let serving = self.entry.serving()?;
        let stays = self.record.what == Recorded::Described;
        stays.then_some(serving.spki_sha256.as_str())
    }

    /// What comes with a move, apart from certificate, CSR and key.
    pub(super) fn brought(
        &self,
        brings: &[Bring],
        facts: &Facts,
    ) -> Result<Vec<What>, Vec<FieldError>> {
        let is_event = matches!(
            self.record.what,
            Recorded::Event(_) | Recorded::Submitted(_)
        );
        let with = self.with;
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
        happened.extend(said(brings, with.question.as_deref(), self.entry, is_event));
        Ok(happened)
    }
}
