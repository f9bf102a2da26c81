//! What to do in the provider's own panel for an action that certdeck cannot ask for, and then
//! whether it was done.
//!
//! Never pretends: its one command writes down that a person submitted it, and the button for that
//! does not have the focus at first. The link is opened or copied beside the dialog, which stays.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::record;
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::domain::text::sanitise;
use crate::engine::by_hand::{self, Guidance};
use crate::engine::command::Recorded;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look, titled};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

const WIDTH: u16 = 74;

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Press {
    Record,
    Open,
    Copy,
    NotYet,
}

impl Press {
    fn label(self) -> &'static str {
        match self {
            Self::Record => "Record: submitted",
            Self::Open => "Open the link",
            Self::Copy => "Copy the link",
            Self::NotYet => "Not yet",
        }
    }
}

/// What to do by hand, and whether it was done.
#[derive(Clone, Debug)]
pub struct ByHandDialog {
    entry: EntryId,
    name: String,
    action: String,
    /// What the provider calls the action.
    title: String,
    guidance: Guidance,
    inventory: Arc<Inventory>,
    system: Timestamp,
    buttons: Vec<Press>,
    focus: usize,
    top: usize,
}

impl ByHandDialog {
    /// What to do for an action of an entry that is kept by hand; `title` is what the provider
    /// calls it. `system` is the system's time.
    #[must_use]
    pub fn of(
        action: &str,
        title: &str,
        entry: &Entry,
        inventory: &Arc<Inventory>,
        system: Timestamp,
    ) -> Self {
        let guidance = by_hand::guidance(action, entry, inventory);
        let mut buttons = vec![Press::Record];
        if guidance.link.as_deref().is_some_and(is_web) {
            buttons.extend([Press::Open, Press::Copy]);
        }
        buttons.push(Press::NotYet);
        Self {
            entry: entry.id.clone(),
            name: entry.name().to_owned(),
            action: action.to_owned(),
            title: title.to_owned(),
            guidance,
            inventory: inventory.clone(),
            system,
            focus: buttons.len() - 1,
            buttons,
            top: 0,
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match input {
            Input::Action(UiAction::DialogOpenLink) => return self.press(Press::Open),
            Input::Action(UiAction::DialogCopyLink) => return self.press(Press::Copy),
            _ => {}
        }
        let Some(step) = steer(input) else {
            return Outcome::Stay;
        };
        match step {
            Move::Cancel => return Outcome::Close,
            Move::Press => {
                let focused = self.buttons.get(self.focus).copied();
                return self.press(focused.unwrap_or(Press::NotYet));
            }
            Move::Next => self.focus = sheet::round(self.focus, self.buttons.len(), true),
            Move::Previous => self.focus = sheet::round(self.focus, self.buttons.len(), false),
            Move::Up | Move::FarUp => self.top = self.top.saturating_sub(1),
            Move::Down | Move::FarDown => self.top = (self.top + 1).min(self.longest()),
            Move::Top => self.top = 0,
            Move::Bottom => self.top = self.longest(),
        }
        Outcome::Stay
    }

    /// As many lines as there are on a narrow terminal.
    fn longest(&self) -> usize {
        let steps = self.guidance.steps.iter();
        let lines = steps.map(|step| crate::tui::look::wrap(step, 20).len());
        lines.sum::<usize>() + crate::tui::look::wrap(&self.guidance.then, 20).len()
    }

    /// What will be written down, without the word that it was.
    fn then(&self) -> &str {
        let then = &self.guidance.then;
        then.strip_prefix("Recorded: ").unwrap_or(then)
    }

    fn press(&self, press: Press) -> Outcome {
        let link = self.guidance.link.as_deref().filter(|link| is_web(link));
        match (press, link) {
            (Press::Record, _) => {
                let what = Recorded::Submitted(self.action.clone());
                let title = format!("{} submitted", self.title);
                let says = &capitalised(self.then());
                let (inventory, system) = (&self.inventory, self.system);
                let asked = record::ask(what, &title, says, &self.entry, inventory, system);
                asked.map_or(Outcome::Close, |overlay| Outcome::Ask(Box::new(overlay)))
            }
            (Press::Open, Some(link)) => Outcome::OpenLinkHere {
                link: link.to_owned(),
            },
            (Press::Copy, Some(link)) => Outcome::CopyHere {
                what: "the link".to_owned(),
                text: sanitise(link).into_owned(),
            },
            (Press::Open | Press::Copy, None) => Outcome::Stay,
            (Press::NotYet, _) => Outcome::Close,
        }
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Dialog
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let dot = look.symbols.separator;
        let title = format!("{}, by hand {dot} {}", self.title, self.name);
        let title = titled(false, &title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| {
            let labels: Vec<_> = self.buttons.iter().map(|press| press.label()).collect();
            let buttons: Vec<_> = labels.iter().map(|label| Button::calm(label)).collect();
            Sheet {
                body: self.body(look, columns),
                foot: look.buttons(&buttons, Some(self.focus), columns),
                hints: look.hints(Scope::Dialog, columns),
            }
        });
    }

    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        let mut body = Body {
            top: self.top,
            ..Body::default()
        };
        body.lines
            .extend(look.paragraph(&self.guidance.title, columns, Role::Heading));
        let several = self.guidance.steps.len() > 1;
        for (index, step) in self.guidance.steps.iter().enumerate() {
            let number = if several {
                format!("{}. ", index + 1)
            } else {
                String::new()
            };
            let says = format!("{number}{step}");
            body.lines
                .extend(look.paragraph(&says, columns, Role::Text));
        }
        if let Some(link) = &self.guidance.link {
            body.lines.extend(look.paragraph(link, columns, Role::Link));
        }
        body.gap();
        let says = format!(
            "Then record it, and it is written down here: {}",
            self.then()
        );
        body.lines.extend(look.paragraph(&says, columns, Role::Dim));
        body
    }
}

/// The sentence with a capital letter.
fn capitalised(says: &str) -> String {
    let mut letters = says.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Only addresses of the web are handed to a program that opens whatever it gets.
fn is_web(link: &str) -> bool {
    super::invoice::is_web(link)
}
