//! The timeline: the next twelve months as a chart, a week at a time under the cursor, and of it what
//! is due or what ends.
//!
//! It counts nothing itself (`domain::timeline` does) and draws what it is given; until that is
//! there it says so. The panel opens it.

mod draw;

use std::sync::Arc;

use super::steer::{Move, steer};
use crate::domain::timeline::{Happens, Timeline, WEEKS};
use crate::tui::keymap::Scope;
use crate::tui::overlay::{Input, Outcome};
use crate::tui::ui_action::UiAction;

/// About a month.
const FAR: usize = 4;

/// The timeline.
#[derive(Clone, Debug)]
pub struct TimelineScreen {
    /// What was counted; nothing while it is being counted.
    line: Option<Arc<Timeline>>,
    /// The filter of the list whose rows count; empty where all do.
    filter: String,
    /// The week under the cursor.
    cursor: usize,
    /// Which half of the chart the cursor is in.
    what: Happens,
    /// Whether something was asked for of which the week has nothing.
    has_nothing: bool,
}

impl TimelineScreen {
    /// The timeline of a list with this filter, before anything is counted.
    #[must_use]
    pub fn of(filter: &str) -> Self {
        Self {
            line: None,
            filter: filter.trim().to_owned(),
            cursor: 0,
            what: Happens::Due,
            has_nothing: false,
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        if let Input::Timeline(line) = input {
            self.line = Some(Arc::clone(line));
            return Outcome::Stay;
        }
        if matches!(input, Input::Action(UiAction::Timeline)) {
            return Outcome::Close;
        }
        self.has_nothing = false;
        match steer(input) {
            Some(Move::Cancel) => return Outcome::Close,
            Some(Move::Press) => return self.list_the_week(),
            Some(Move::Next) => self.go(1, true),
            Some(Move::Previous) => self.go(1, false),
            // As they are drawn: what is due above the axis, what ends below it.
            Some(Move::Up) => self.what = Happens::Due,
            Some(Move::Down) => self.what = Happens::Ends,
            Some(Move::FarDown) => self.go(FAR, true),
            Some(Move::FarUp) => self.go(FAR, false),
            Some(Move::Top) => self.cursor = 0,
            Some(Move::Bottom) => self.cursor = WEEKS - 1,
            None => {}
        }
        Outcome::Stay
    }

    fn go(&mut self, weeks: usize, forward: bool) {
        self.cursor = if forward {
            (self.cursor + weeks).min(WEEKS - 1)
        } else {
            self.cursor.saturating_sub(weeks)
        };
    }

    /// The list of what is due or ends in the week, within the filter that there was.
    fn list_the_week(&mut self) -> Outcome {
        let Some(line) = &self.line else {
            return Outcome::Stay;
        };
        let week = line.weeks.get(self.cursor);
        if week.is_none_or(|week| week.count(self.what) == 0) {
            self.has_nothing = true;
            return Outcome::Stay;
        }
        let filter = line.filter(self.cursor, self.what).unwrap_or_default();
        let filter = format!("{} {filter}", self.filter);
        Outcome::Filter {
            filter: filter.trim().to_owned(),
        }
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Timeline
    }
}
