//! What a provider holds that may have come of a request of an unknown outcome, to choose from.
//!
//! Choosing asks once more before it is adopted. `update` opens it with what the engine listed.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::about;
use super::confirm::{Confirm, Question};
use super::menu::{Item, MenuList};
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::action::Danger;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::domain::time;
use crate::engine::command::{Candidate, Candidates, Command};
use crate::tui::keymap::Scope;
use crate::tui::look::{Look, titled};
use crate::tui::overlay::{Input, Outcome, Overlay};

const WIDTH: u16 = 110;

/// What can be adopted.
#[derive(Clone, Debug)]
pub struct CandidateMenu {
    entry: EntryId,
    name: String,
    sandbox: bool,
    candidates: Vec<Candidate>,
    list: MenuList,
}

impl CandidateMenu {
    /// What can be adopted for an entry: what nobody else has, that which fits first. Nothing where
    /// there is nothing.
    #[must_use]
    pub fn of(entry: &Entry, candidates: &Candidates, inventory: &Inventory) -> Option<Self> {
        let free = candidates.list.iter().filter(|it| !it.taken).cloned();
        let mut candidates: Vec<Candidate> = free.collect();
        candidates.sort_by_key(|it| it.objection.is_some());
        if candidates.is_empty() {
            return None;
        }
        Some(Self {
            entry: entry.id.clone(),
            name: entry.name().to_owned(),
            sandbox: about::is_sandbox(entry, inventory),
            list: MenuList::new(candidates.iter().map(item).collect()),
            candidates,
        })
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match steer(input) {
            Some(Move::Cancel) => Outcome::Close,
            Some(Move::Press) => self.ask(),
            Some(step) => {
                self.list.go(step);
                Outcome::Stay
            }
            None => Outcome::Stay,
        }
    }

    fn ask(&self) -> Outcome {
        let Some(chosen) = self.candidates.get(self.list.at()) else {
            return Outcome::Close;
        };
        let against = chosen.objection.as_ref().map_or_else(String::new, |why| {
            format!(" It does not fit what was asked for: {why}.")
        });
        let question = Question {
            title: format!("Adopt {}: {}", chosen.id, self.name),
            text: format!(
                "Takes {} for what was asked for; the request is settled with it, and nothing is \
                 sent.{against}",
                chosen.id
            ),
            submit: "Adopt".to_owned(),
            keep: "Leave it as it is".to_owned(),
            sandbox: self.sandbox,
            danger: Danger::Asks,
            name: self.name.clone(),
        };
        let command = Command::Adopt {
            entry: self.entry.clone(),
            candidate: Some(chosen.id.clone()),
        };
        let confirm = Confirm::new(question, command);
        Outcome::Ask(Box::new(Overlay::Confirm(Box::new(confirm))))
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Menu
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let dot = look.symbols.separator;
        let title = format!("Adopt what arrived {dot} {}", self.name);
        let title = titled(self.sandbox, &title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| Sheet {
            body: self.list.body(look, columns),
            hints: look.hints(Scope::Menu, columns),
            ..Sheet::default()
        });
    }
}

fn item(candidate: &Candidate) -> Item {
    let product = match candidate.product.as_str() {
        "" => String::new(),
        product => format!("{product}, "),
    };
    let fits = match &candidate.objection {
        None => "it fits".to_owned(),
        Some(why) => format!("does not fit: {why}"),
    };
    Item {
        label: candidate.id.clone(),
        detail: format!(
            "{fits}; {}; {product}made {} UTC, {}",
            candidate.names.join(", "),
            time::minute(candidate.made),
            candidate.state
        ),
    }
}
