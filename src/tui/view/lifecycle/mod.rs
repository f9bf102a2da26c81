//! The tab Lifecycle: the state machine drawn, where the entry stands, what it passed and when,
//! what comes next and who does it, and what can be done.
//!
//! `course` reads what was, `tree` and `plan` say what is drawn where, `drawing` puts it into
//! lines. Nothing here changes anything.

mod course;
mod drawing;
mod path;
mod plan;
mod press;
#[cfg(test)]
mod tests;
mod tree;

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::list::padded;
use super::sheet::Sheet;
use crate::domain::account::AccountKind;
use crate::domain::entry::Entry;
use crate::domain::gate::Verdict;
use crate::domain::lifecycle::{
    ActionRow, Bring, By, Condition, Edge, EventRow, Lifecycle, Mover, SandboxTiming,
    TrackDefinition, Who,
};
use crate::domain::text;
use crate::domain::time;
use crate::tui::actions_menu;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use course::Course;
pub(super) use path::path;
use plan::{Place, Plan, Scene, Step};

/// From this width on, two tracks stand side by side.
const SIDE_BY_SIDE: usize = 96;

/// Fills the page.
pub(super) fn fill<'a>(sheet: &mut Sheet<'a>, model: &'a Model, entry: &'a Entry) {
    let Some(table) = model.inventory.lifecycle_of(entry) else {
        let says = format!("The lifecycle table {:?} is not there.", entry.lifecycle);
        sheet.text(&says, Role::Warn);
        return;
    };
    head(sheet, model, entry, table);
    tracks(sheet, model, entry, table);
    possible(sheet, model, entry);
    footnotes(sheet, table);
}

/// What is drawn, what the signs mean, and what stands over all of it.
fn head(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry, table: &Lifecycle) {
    let look = sheet.look;
    let legend = legend(sheet, model, entry, table);
    let title = look.span(&table.title, sheet.width(), Role::Heading);
    let air = " ".repeat(sheet.width().saturating_sub(legend.width() + title.width()));
    let mut line = Line::from(title);
    if has_room_for(sheet, table, &legend) {
        line.push_span(Span::raw(air));
        line.extend(legend.spans);
    }
    sheet.push(line);
    if let Some(at) = entry.gone {
        let at = time::minute(at);
        let says = format!(
            "Gone at {} since {at}; kept here, and archived.",
            table.provider
        );
        sheet.text(&says, Role::Warn);
    } else if model.inventory.row(entry, model.now).superseded {
        sheet.text("A successor serves in its place.", Role::Warn);
    }
}

/// What the signs mean. Where nothing follows, nothing lies ahead.
fn legend(sheet: &Sheet<'_>, model: &Model, entry: &Entry, table: &Lifecycle) -> Line<'static> {
    let look = sheet.look;
    let standing = crate::domain::lifecycle::standing(entry, table, model.time_of(entry));
    let mut states = standing.tracks.iter().map(|(_, state)| table.find(state));
    let over = entry.gone.is_some() || states.all(|state| state.is_some_and(|s| s.terminal));
    let ahead = if over { "not reached" } else { "ahead" };
    let mut line = Line::default();
    let words = [
        (Place::Passed, "passed"),
        (Place::Here, "here"),
        (Place::Ahead, ahead),
    ];
    for (place, word) in words {
        let (sign, role) = drawing::sign(look.symbols, place);
        let gap = if line.width() == 0 { "" } else { "  " };
        line.push_span(Span::styled(format!("{gap}{sign}"), look.style(role)));
        line.push_span(Span::styled(format!(" {word}"), look.style(Role::Dim)));
    }
    line
}

/// The drawing of each track, side by side where there is room.
fn tracks(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry, table: &Lifecycle) {
    if sheet.width() >= press::WIDE {
        sheet.gap();
    }
    if let [left, right] = table.tracks.as_slice()
        && sheet.width() >= SIDE_BY_SIDE
    {
        let width = sheet.width() / 2 - 2;
        let left = one_track(sheet, width, model, entry, (table, left));
        let right = one_track(sheet, width, model, entry, (table, right));
        beside_each_other(sheet, left, right, width + 4);
        return;
    }
    for track in &table.tracks {
        for line in one_track(sheet, sheet.width(), model, entry, (table, track)) {
            sheet.push(line);
        }
        sheet.gap();
    }
    let legend = legend(sheet, model, entry, table);
    if !has_room_for(sheet, table, &legend) && legend.width() <= sheet.width() {
        sheet.push(legend);
    }
}

/// Whether the signs are explained beside the title.
fn has_room_for(sheet: &Sheet<'_>, table: &Lifecycle, legend: &Line<'_>) -> bool {
    text::width(&text::sanitise(&table.title)) + legend.width() + 2 <= sheet.width()
}

fn beside_each_other(
    sheet: &mut Sheet<'_>,
    left: Vec<Line<'static>>,
    right: Vec<Line<'static>>,
    at: usize,
) {
    let height = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    for _ in 0..height {
        let mut line = left.next().unwrap_or_default();
        let air = at.saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(air)));
        line.extend(right.next().unwrap_or_default().spans);
        sheet.push(line);
    }
}

/// The lines of one track, with its title where there are several.
fn one_track(
    sheet: &Sheet<'_>,
    width: usize,
    model: &Model,
    entry: &Entry,
    (table, track): (&Lifecycle, &TrackDefinition),
) -> Vec<Line<'static>> {
    let (look, now) = (sheet.look, model.time_of(entry));
    let mut lines = Vec::new();
    if table.tracks.len() > 1 {
        lines.push(look.line(&track.title, width, Role::Heading));
    }
    let details = model.details.details_of(&entry.id);
    let history = details.map(|details| details.history.as_slice());
    let Some(course) = Course::of(entry, table, &track.id, history, now) else {
        lines.push(look.line("This entry has none.", width, Role::Dim));
        return lines;
    };
    let words = Words {
        model,
        entry,
        table,
        course: &course,
        now,
    };
    let scene = Scene {
        table,
        track: &track.id,
        course: &course,
        step: &|edge, from_here| words.step(edge, from_here),
        everything: sheet.is_expanded(),
    };
    let plan = Plan::of(&scene);
    lines.extend(drawing::lines(&plan, look, width, now));
    if plan.left_out > 0 {
        let states = if plan.left_out == 1 {
            "state"
        } else {
            "states"
        };
        let says = format!("… and {} more {states}; x draws all", plan.left_out);
        lines.extend(look.paragraph(&says, width, Role::Dim));
    }
    lines
}

/// Puts steps into words.
struct Words<'a> {
    model: &'a Model,
    entry: &'a Entry,
    table: &'a Lifecycle,
    course: &'a Course,
    now: Timestamp,
}

impl Words<'_> {
    fn step(&self, edge: &Edge<'_>, from_here: bool) -> Step {
        let mut step = Step {
            label: edge.label(self.table),
            says: self.mover(edge).into_iter().collect(),
            ..Step::default()
        };
        match edge.by {
            By::Action(row) if from_here => self.action(row, &mut step),
            By::Event(row) => self.event(row, from_here, &mut step),
            By::Action(_) => {}
        }
        step
    }

    /// Who takes a step. That somebody has to move next does not say that nothing else is in it:
    /// the CA verifies what you publish. So an event that waits for you is up to you.
    fn mover(&self, edge: &Edge<'_>) -> Option<String> {
        let waits = matches!(edge.by, By::Event(row) if !row.brings.contains(&Bring::Receipt));
        Some(match edge.mover(self.entry.order.method)? {
            Mover::Time => "by time alone".to_owned(),
            Mover::Somebody(Who::Provider) => format!("by {}", self.table.provider),
            Mover::Somebody(who) if waits && who.is_ours() => format!("up to {}", who.words()),
            Mover::Somebody(who) => format!("by {}", who.words()),
        })
    }

    /// An action from where the entry stands: with its key if it is possible.
    fn action(&self, row: &ActionRow, step: &mut Step) {
        let allowed = self.allows(&row.id);
        step.open = allowed.is_some_and(|allowed| std::ptr::eq(allowed, row));
        if step.open {
            step.key = actions_menu::key_of(&row.id, &self.model.settings.keymap);
        } else {
            step.says.push("not now".to_owned());
        }
    }

    /// The row by which an action is possible now.
    fn allows(&self, action: &str) -> Option<&ActionRow> {
        let inventory = &self.model.inventory;
        let verdict = inventory.verdict(action, self.entry, self.model.now);
        let Verdict::Possible { row: Some(row) } = verdict else {
            return None;
        };
        self.table.actions.get(row)
    }

    /// What is known of an event besides what happens and who does it.
    fn event(&self, row: &EventRow, from_here: bool, step: &mut Step) {
        if let Some(action) = &row.answers {
            if from_here && self.allows(action).is_some() {
                step.key = actions_menu::key_of(action, &self.model.settings.keymap);
            }
            let title = self.table.action_title(action);
            step.says.push(format!("after you asked: {title}"));
        }
        match row.when {
            Some(when) if when.is_time() => step.says.extend(self.date(row, from_here)),
            // These tell two events apart where only what follows is seen; their labels do it here.
            None | Some(Condition::NamesAdded | Condition::NamesUnchanged) => {}
            Some(Condition::LevelDv | Condition::LevelOvEv) if self.is_of_level(row) => {}
            Some(when) => step.says.push(when.words().to_owned()),
        }
        if !from_here {
            return;
        }
        let around = self
            .model
            .inventory
            .circumstances(self.entry, self.model.now);
        step.open =
            row.fits_request(self.entry) && row.fits(self.entry) && row.condition_holds(around);
        let played = self.is_sandbox() && step.open && !self.entry.archived;
        if let (true, Some(timing), Some(since)) = (played, row.sandbox, self.course.since) {
            let since = row
                .holds_since(around)
                .map_or(since, |held| since.max(held));
            step.says.push(self.due(timing, since));
        }
    }

    /// Whether the level of the product is known and the one that an event speaks of.
    fn is_of_level(&self, row: &EventRow) -> bool {
        self.entry.product.level.is_some() && row.fits(self.entry)
    }

    /// When time alone makes it happen.
    fn date(&self, row: &EventRow, from_here: bool) -> Option<String> {
        let at = course::time_of(row.when?, self.entry)?;
        let still_to_come = from_here || at > self.now;
        still_to_come.then(|| format!("on {}", time::date(at)))
    }

    fn is_sandbox(&self) -> bool {
        let account = self.model.inventory.accounts.get(&self.entry.account);
        account.is_some_and(|account| account.kind == AccountKind::Sandbox)
    }

    /// About when the sandbox lets it happen.
    fn due(&self, timing: SandboxTiming, since: Timestamp) -> String {
        let at = time::later(since, timing.after);
        let span = time::span(self.now.duration_until(at));
        let soon = at <= self.now || span == "now";
        match (timing.chance, soon) {
            (Some(_), true) => "perhaps".to_owned(),
            (Some(_), false) => format!("perhaps in about {span}"),
            (None, true) => "any moment".to_owned(),
            (None, false) => format!("in about {span}"),
        }
    }
}

fn possible(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    sheet.heading("What you can do");
    let keymap = &model.settings.keymap;
    let lines = actions_menu::lines(entry, &model.inventory, keymap, model.now);
    let lines: Vec<_> = lines.iter().filter(|line| line.reason.is_none()).collect();
    // A key of the menu alone is two presses: `a c`.
    let keys = lines.iter().filter_map(|line| line.key.as_deref());
    let keys = 1 + keys.map(text::width).max().unwrap_or_default().max(2);
    for line in lines {
        let key = line.key.as_deref().unwrap_or(" ");
        let room = sheet.width().saturating_sub(keys);
        let spans = vec![
            sheet.look.span(&padded(key, keys), keys, Role::Key),
            sheet.look.span(&line.title, room, Role::Text),
        ];
        sheet.push(Line::from(spans));
    }
    let key = keymap
        .key_label(crate::tui::ui_action::UiAction::Actions)
        .unwrap_or_default();
    sheet.text(
        &format!("{key} lists every action, and why not where not."),
        Role::Dim,
    );
}

fn footnotes(sheet: &mut Sheet<'_>, table: &Lifecycle) {
    if !table.assumptions.is_empty() {
        sheet.heading("What no document says and certdeck assumes");
    }
    for assumption in &table.assumptions {
        sheet.text(assumption, Role::Dim);
    }
    sheet.gap();
    sheet.text(&format!("Source: {}", table.source), Role::Dim);
}
