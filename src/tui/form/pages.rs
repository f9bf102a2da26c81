//! What follows the fields: the summary before the order, the wait for it, and the question before
//! everything is thrown away. The safe button has the focus on each of them.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::OrderFormScreen;
use super::summary;
use crate::engine::command::Command;
use crate::tui::dialog::sheet::{self, Sheet};
use crate::tui::dialog::steer::{Move, line_after, steer};
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look, titled};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;

const WIDTH: u16 = 76;
/// No summary is longer.
const LONGEST: usize = 200;
/// The safe button of each page stands at the right, as in every question.
const SAFE: usize = 1;

/// Which page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Fields,
    Summary { focus: usize, top: usize },
    Placing,
    Leaving { focus: usize },
}

impl Page {
    pub(super) fn summary() -> Self {
        Self::Summary {
            focus: SAFE,
            top: 0,
        }
    }

    pub(super) fn leaving() -> Self {
        Self::Leaving { focus: SAFE }
    }
}

impl OrderFormScreen {
    pub(super) fn handle_page(&mut self, input: &Input) -> Outcome {
        let Some(step) = steer(input) else {
            return Outcome::Stay;
        };
        match self.page {
            Page::Summary { focus, top } => return self.on_summary(focus, top, step),
            Page::Leaving { focus } => return self.on_leaving(focus, step),
            // The order goes on by itself; only the view of it is closed.
            Page::Placing if step == Move::Cancel => return Outcome::Close,
            Page::Placing | Page::Fields => {}
        }
        Outcome::Stay
    }

    fn on_summary(&mut self, focus: usize, top: usize, step: Move) -> Outcome {
        self.page = match step {
            Move::Press if focus == SAFE => Page::Fields,
            Move::Press => {
                self.page = Page::Placing;
                return Outcome::RunHere(Command::Order(self.draft.order()));
            }
            Move::Cancel => Page::Fields,
            Move::Next | Move::Previous => Page::Summary {
                focus: sheet::round(focus, 2, true),
                top,
            },
            _ => Page::Summary {
                focus,
                top: line_after(top, LONGEST.min(self.summary_lines()), step),
            },
        };
        Outcome::Stay
    }

    /// As many lines as the summary has on a narrow terminal.
    fn summary_lines(&self) -> usize {
        let sections = summary::sections(&self.draft, &self.inventory);
        let lines = sections
            .iter()
            .map(|(_, text)| 1 + crate::tui::look::wrap(text, 30).len());
        lines.sum()
    }

    fn on_leaving(&mut self, focus: usize, step: Move) -> Outcome {
        match step {
            Move::Press if focus != SAFE => return Outcome::Close,
            Move::Press | Move::Cancel => self.page = Page::Fields,
            Move::Next | Move::Previous => {
                self.page = Page::Leaving {
                    focus: sheet::round(focus, 2, true),
                };
            }
            _ => {}
        }
        Outcome::Stay
    }

    pub(super) fn view_page(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = match self.page {
            Page::Summary { .. } => "Place this order?",
            Page::Leaving { .. } => "Throw the order away?",
            Page::Placing | Page::Fields => "Order",
        };
        let title = titled(true, title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| Sheet {
            hints: look.hints(Scope::Dialog, columns),
            ..self.page_sheet(look, columns)
        });
    }

    fn page_sheet(&self, look: &Look<'_>, columns: usize) -> Sheet {
        let says = |text: &str| Body {
            lines: look.paragraph(text, columns, Role::Text),
            ..Body::default()
        };
        let buttons = |labels: [&str; 2], focus| {
            look.buttons(&labels.map(Button::calm), Some(focus), columns)
        };
        match self.page {
            Page::Summary { focus, top } => Sheet {
                body: summary::body(&self.draft, &self.inventory, look, columns, top),
                foot: buttons(["Place the order", "Back"], focus),
                ..Sheet::default()
            },
            Page::Leaving { focus } => Sheet {
                body: says("What you filled in is not kept."),
                foot: buttons(["Throw it away", "Go on filling in"], focus),
                ..Sheet::default()
            },
            Page::Placing | Page::Fields => Sheet {
                body: says(
                    "The order is being placed. Making an RSA key can take a few seconds; you may \
                     close this, the order goes on.",
                ),
                ..Sheet::default()
            },
        }
    }
}
