//! Planning an action that was done in the provider's own panel: what moves, and what comes of it.
//!
//! Pure. The gate decides as it does where a provider can be asked. Called by `plan`.

use super::facts::Facts;
use super::plan::{Look, Objection, Plan, Successor, refusal};
use super::possible::target;
use super::words::mover;
use crate::domain::action::{self, Kind};
use crate::domain::event::Answers;
use crate::domain::event::{Cause, What};
use crate::domain::gate::Verdict;
use crate::domain::lifecycle::{ActionRow, Makes, PREVIOUS};
use crate::engine::command::FieldError;
use crate::pki::belong::Material;

impl Look<'_> {
    /// An action that was done in the provider's own panel.
    pub(super) fn submitted(&self, id: &str) -> Result<Plan, Objection> {
        let title = self.lifecycle.action_title(id);
        if action::spec(id).is_none_or(|spec| spec.kind != Kind::Provider) {
            let says = format!("no provider is asked for it; {}", self.instead());
            return Err(refusal(format!("Record: {title}"), self.entry, says));
        }
        let row = match self.inventory.verdict(id, self.entry, self.system) {
            Verdict::Possible { row } => row.and_then(|row| self.lifecycle.actions.get(row)),
            Verdict::Refused(reason) => {
                return Err(refusal(title, self.entry, reason.to_string()));
            }
        };
        let Some(row) = row else {
            let says = "no row of the table allows it".to_owned();
            return Err(refusal(title, self.entry, says));
        };
        let mut happened = vec![What::Submitted {
            action: row.id.clone(),
            open_since: None,
            with: Answers::default(),
        }];
        happened.extend(self.submitted_move(row));
        let successor = self.successor(row)?;
        let after = self.after(&happened);
        let says = match &successor {
            Some(successor) => self.says_of_successor(&title, &successor.makes),
            None => format!(
                "Recorded: {title} was submitted. {}",
                self.is_now(&after, &row.track)
            ),
        };
        Ok(Plan {
            happened,
            material: Material::default(),
            successor,
            says,
        })
    }

    fn submitted_move(&self, row: &ActionRow) -> Option<What> {
        let to = target(self.entry, &row.track, row.to.as_deref()?);
        // Back to where nobody knows: it stays, until somebody says what the panel shows.
        (to.as_str() != PREVIOUS).then(|| What::Moved {
            track: row.track.clone(),
            from: self.stands(&row.track),
            to,
            by: Cause::Submitted {
                action: row.id.clone(),
            },
        })
    }

    /// The successor: the same names, product and term; its own numbers.
    fn successor(&self, row: &ActionRow) -> Result<Option<Successor>, Vec<FieldError>> {
        let mut facts = Facts::of(self.entry);
        if row.makes.is_some() {
            facts.product.invoice = None;
            facts.product.order_number = None;
            facts.product.paid_until = None;
        }
        let mut problems = Vec::new();
        let facts = facts.with(&self.record.with, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let makes = row.makes.clone();
        Ok(makes.map(|makes| Successor { makes, facts }))
    }

    fn says_of_successor(&self, title: &str, makes: &Makes) -> String {
        let state = self.lifecycle.state(&makes.state);
        let label = state.map_or(makes.state.as_str(), |state| &state.label);
        let moves = state.map_or_else(String::new, |state| {
            format!(
                "; {}",
                mover(state, self.lifecycle, self.entry.order.method)
            )
        });
        format!("Recorded: {title} was submitted. The new entry is {label}{moves}.")
    }
}
