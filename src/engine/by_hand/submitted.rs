//! Planning an action that was done in the provider's own panel: what moves, and what comes of it.
//!
//! Pure. The gate decides as it does where a provider can be asked. Called by `plan`.

use super::facts::Facts;
use super::plan::{Look, Objection, Plan, Successor, refusal};
use super::step::{Names, Step};
use super::words::mover;
use crate::domain::action::{self, Kind};
use crate::domain::event::{Answers, Cause, What};
use crate::domain::gate::Verdict;
use crate::domain::lifecycle::{ActionRow, Ask, Makes, Setting};
use crate::engine::answers;
use crate::engine::command::{FieldError, Particulars};

impl Look<'_> {
    /// An action that was done in the provider's own panel.
    pub(super) fn submitted(&self, id: &str) -> Result<Plan, Objection> {
        let title = self.lifecycle.action_title(id);
        let row = self.submitted_row(id, &title)?;
        let answers = self.answers(row)?;
        let with = without_answers(self.with, row);
        let asked = self.after(&answers.changes(self.entry));
        let look = Look {
            with: &with,
            entry: &asked,
            ..*self
        };
        let mut moves = vec![What::Submitted {
            action: row.id.clone(),
            open_since: row.opens.is_some().then_some(self.system),
            with: answers.clone(),
        }];
        moves.extend(answers.changes(self.entry));
        // How a zone stands afterwards is for the panel to show.
        let set = row.sets.filter(|setting| *setting != Setting::ZoneActive);
        moves.extend(set.map(|setting| What::Set { setting }));
        moves.extend(self.submitted_moves(row));
        let (successor, brings) = match row.makes {
            Some(_) => (look.successor(row)?, Vec::new()),
            None => (None, row.brings.clone()),
        };
        let described = Particulars::default();
        let step_look = match row.makes {
            // What was typed belongs to the new entry.
            Some(_) => Look {
                with: &described,
                ..look
            },
            None => look,
        };
        let step = Step {
            moves,
            shown: None,
            brings,
            may_be_expired: false,
            names: Names::Stay,
            told: None,
        };
        let submitted = format!("Recorded: {title} was submitted{}.", opened(row));
        let mut plan = step_look.moved(&step, &submitted)?;
        if let Some(successor) = &successor {
            plan.says = self.says_of_successor(&title, &successor.makes);
        }
        plan.successor = successor;
        Ok(plan)
    }

    /// The row that allows an action now.
    fn submitted_row(&self, id: &str, title: &str) -> Result<&ActionRow, Objection> {
        if action::spec(id).is_none_or(|spec| spec.kind != Kind::Provider) {
            let says = format!("no provider is asked for it; {}", self.instead());
            return Err(refusal(format!("Record: {title}"), self.entry, says));
        }
        let row = match self.inventory.verdict(id, self.entry, self.system) {
            Verdict::Possible { row } => row.and_then(|row| self.lifecycle.actions.get(row)),
            Verdict::Refused(reason) => {
                return Err(refusal(title.to_owned(), self.entry, reason.to_string()));
            }
        };
        row.ok_or_else(|| {
            let says = "no row of the table allows it".to_owned();
            refusal(title.to_owned(), self.entry, says)
        })
    }

    /// What a person said for the action, checked as where a provider is asked.
    fn answers(&self, row: &ActionRow) -> Result<Answers, Vec<FieldError>> {
        let with = self.with;
        let asks = |ask| row.asks.contains(&ask);
        // With a new order and with proof that is asked for these are facts of their own.
        let names_count = asks(Ask::Names) || row.makes.is_none();
        let method_counts = asks(Ask::Method) || (row.makes.is_none() && row.brings.is_empty());
        let given = Answers {
            reason: with.reason.clone(),
            names: with
                .names
                .clone()
                .filter(|_| names_count)
                .unwrap_or_default(),
            new_names: with.new_names.clone().unwrap_or_default(),
            method: with.method.filter(|_| method_counts),
            mailbox: with.mailbox.clone().filter(|_| method_counts),
        };
        let (answers, problems) = answers::judge(&given, row, self.entry);
        if problems.is_empty() {
            Ok(answers)
        } else {
            Err(problems)
        }
    }

    /// The moves of a row. Back to where nobody knows: it stays, until somebody says what the panel
    /// shows.
    fn submitted_moves(&self, row: &ActionRow) -> Vec<What> {
        let by = Cause::Submitted {
            action: row.id.clone(),
        };
        let to = row.to.as_deref();
        let moves = to.and_then(|to| self.moves(&row.track, to, &row.also, &by));
        moves.unwrap_or_default()
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
        let facts = facts.with(self.with, &mut problems);
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

/// What stays open, in the words of the table.
fn opened(row: &ActionRow) -> String {
    let opens = row.opens.as_ref();
    opens.map_or_else(String::new, |opens| format!("; {opens}"))
}

/// What was typed, without what was said for the action itself.
fn without_answers(with: &Particulars, row: &ActionRow) -> Particulars {
    let mut with = with.clone();
    with.reason = None;
    with.new_names = None;
    if row.asks.contains(&Ask::Names) {
        with.names = None;
    }
    if row.asks.contains(&Ask::Method) {
        with.method = None;
        with.mailbox = None;
    }
    with
}
