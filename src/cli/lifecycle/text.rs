//! A lifecycle as text, to be read beside the provider's own documentation.
//!
//! Pure. Everything fits the columns that it is given, and is made harmless, since people write
//! tables of their own.

use std::fmt::Write as _;

use crate::domain::action;
use crate::domain::entry::Method;
use crate::domain::lifecycle::{
    ActionRow, Edge, EventRow, GONE, Guard, Lifecycle, Mover, PREVIOUS, Ready, SandboxTiming,
    State, Who,
};
use crate::domain::time;
use crate::domain::wrap::wrap;

use super::BUILT_IN;
use super::shapes::qualifier;

/// How wide the names of values are.
const NAME: usize = 10;

/// The lifecycles that are known, each with where it comes from.
pub(super) fn list(listed: &[(&Lifecycle, String)], columns: usize) -> String {
    let mut page = Page::new(columns);
    let widest = listed.iter().map(|(table, _)| table.id.len()).max();
    let indent = (widest.unwrap_or(0) + 2).min(columns / 2);
    for (table, origin) in listed {
        let states = match table.states.len() {
            1 => "1 state".to_owned(),
            several => format!("{several} states"),
        };
        let title = format!("{} ({}, {states})", table.title, table.provider);
        page.hanging(&format!("{:<indent$}", table.id), indent, &title);
        page.hanging("", indent, &table.source);
        if origin != BUILT_IN {
            page.hanging("", indent, origin);
        }
    }
    page.text
}

/// One lifecycle, whole.
pub(super) fn render(table: &Lifecycle, origin: &str, columns: usize) -> String {
    let mut page = Page::new(columns);
    head(&mut page, table, origin);
    for track in &table.tracks {
        page.heading(&match table.tracks.len() {
            1 => "States".to_owned(),
            _ if track.optional => format!("States: {} (not every entry has it)", track.title),
            _ => format!("States: {}", track.title),
        });
        for state in table.states.iter().filter(|state| state.track == track.id) {
            one_state(&mut page, table, state);
        }
    }
    page.heading("What you can do");
    for row in &table.actions {
        one_action(&mut page, table, row);
    }
    page.heading("What can happen");
    for row in &table.events {
        one_event(&mut page, table, row);
    }
    refusals(&mut page, table);
    if !table.assumptions.is_empty() {
        page.heading("What no document says and certdeck assumes");
        for assumption in &table.assumptions {
            page.hanging("- ", 2, assumption);
        }
    }
    page.text
}

fn head(page: &mut Page, table: &Lifecycle, origin: &str) {
    page.hanging("", 0, &format!("{}: {}", table.id, table.title));
    page.gap();
    page.field(2, "provider", &table.provider);
    page.field(2, "source", &table.source);
    page.field(2, "table", origin);
    if let Some(support) = &table.support {
        let link = support.link.iter().map(|link| format!(", {link}"));
        page.field(
            2,
            "support",
            &(support.mail.clone() + &link.collect::<String>()),
        );
    }
    for track in &table.tracks {
        let spine = table.spine(&track.id);
        let labels: Vec<String> = spine.iter().map(|state| called(table, state)).collect();
        page.field(2, "path", &labels.join(" -> "));
    }
    for point in &table.entry_points {
        let begins = table.state(&point.state).map(|state| called(table, state));
        let mut says = begins.unwrap_or_else(|| point.state.clone());
        if let Some(when) = point.when {
            says = format!("{says} {}", when.words());
        }
        page.field(2, "begins in", &with_brought(says, &point.brings));
        page.optional(2, "assumed", point.assumed.as_deref());
    }
    if table.zone {
        page.field(2, "zone", "its entries live in a zone of the account");
    }
    if let Some(ready) = &table.ready {
        page.field(2, "ready", &ready_words(table, ready));
    }
}

/// What it takes to be ready for production.
fn ready_words(table: &Lifecycle, ready: &Ready) -> String {
    let mut says = format!("in {}", labels(table, &ready.states));
    if ready.dns {
        says.push_str(", and the name's DNS points to the target");
    }
    says
}

fn with_brought(says: String, brings: &[crate::domain::lifecycle::Bring]) -> String {
    let words: Vec<&str> = brings.iter().map(|bring| bring.words()).collect();
    if words.is_empty() {
        says
    } else {
        format!("{says}, with {}", words.join(" and "))
    }
}

/// The label, with the id where another state is called the same.
fn called(table: &Lifecycle, state: &State) -> String {
    if table.shares_its_label(state) {
        format!("{} [{}]", state.label, state.id)
    } else {
        state.label.clone()
    }
}

fn one_state(page: &mut Page, table: &Lifecycle, state: &State) {
    page.item(&state.label, &state.id);
    let ends = if state.terminal { "; the end" } else { "" };
    let who = who_words(table, state);
    page.hanging("", 4, &format!("{}; {who}{ends}", state.phase.words()));
    page.hanging("", 4, &state.says);
    for (method, says) in &state.says_by {
        page.field(4, method_word(*method), says);
    }
    if !state.wire.is_empty() {
        let strings = state.wire.iter().map(|wire| match qualifier(wire) {
            Some(when) => format!("{} ({when})", wire.is),
            None => wire.is.clone(),
        });
        page.field(4, "API", &strings.collect::<Vec<_>>().join(", "));
    }
    if let Some(percent) = state.progress {
        page.field(4, "progress", &format!("{percent} %"));
    }
    page.optional(4, "dead end", state.dead_end.as_deref());
    page.optional(4, "assumed", state.assumed.as_deref());
}

/// Who moves next, also where the method makes a difference.
fn who_words(table: &Lifecycle, state: &State) -> String {
    let moves = |who: Who| match who {
        Who::You => "you move next".to_owned(),
        Who::Nobody => "nobody has to move".to_owned(),
        other => format!("{} moves next", somebody(table, other)),
    };
    let by_method = state
        .who_by
        .iter()
        .map(|(method, who)| format!("; by {} {}", method_word(*method), moves(*who)));
    moves(state.who) + &by_method.collect::<String>()
}

fn somebody(table: &Lifecycle, who: Who) -> &str {
    match who {
        Who::Provider => &table.provider,
        other => other.words(),
    }
}

/// The method in a word that fits before its text.
fn method_word(method: Method) -> &'static str {
    match method {
        Method::Email => "e-mail",
        Method::Dns => "DNS",
        Method::File => "file",
    }
}

fn one_action(page: &mut Page, table: &Lifecycle, row: &ActionRow) {
    let title = row.label.clone();
    let title = title.unwrap_or_else(|| table.action_title(&row.id));
    page.item(&title, &row.id);
    page.field(4, "from", &labels(table, &row.from));
    let guards: Vec<String> = row.guards.iter().map(Guard::words).collect();
    page.field(4, "if", &guards.join("; "));
    page.field(
        4,
        "asks for",
        &joined(row.asks.iter().map(|ask| ask.words())),
    );
    if let Some(to) = &row.to {
        page.field(4, "leads to", &target(table, to));
    }
    page.field(4, "and", &labels(table, &row.also));
    page.field(
        4,
        "brings",
        &joined(row.brings.iter().map(|bring| bring.words())),
    );
    page.field(4, "changes", row.sets.map_or("", |sets| sets.words()));
    if let Some(opens) = &row.opens {
        let until = "until that is answered, nothing else can be asked for";
        page.field(4, "then", &format!("{opens}; {until}"));
    }
    if let Some(makes) = &row.makes {
        let begins = table.state(&makes.state).map(|state| called(table, state));
        let begins = begins.unwrap_or_else(|| makes.state.clone());
        let link = makes.link.words();
        page.field(
            4,
            "makes",
            &format!("a new entry in {begins} that {link} this one"),
        );
    }
    let local = action::spec(&row.id).is_some_and(|spec| spec.kind == action::Kind::Local);
    if !local {
        let link = row.link.iter().map(|link| format!(": {link}"));
        page.field(
            4,
            "done by",
            &(row.via.words().to_owned() + &link.collect::<String>()),
        );
    }
    if let Some(confirm) = &row.confirm {
        let asks = format!("{}: {}", confirm.title, confirm.text);
        page.field(4, "dialog", &asks);
        page.field(
            4,
            "buttons",
            &format!("{} / {}", confirm.submit, confirm.keep),
        );
    }
    page.optional(4, "accepted", row.done.as_deref());
    steps(page, &row.steps);
    page.optional(4, "assumed", row.assumed.as_deref());
}

/// What to do in the provider's own panel, or what is seen there.
fn steps(page: &mut Page, steps: &[String]) {
    for (index, step) in steps.iter().enumerate() {
        let name = if index == 0 { "by hand" } else { "" };
        page.field(4, name, &format!("{}. {step}", index + 1));
    }
}

fn one_event(page: &mut Page, table: &Lifecycle, row: &EventRow) {
    page.item(&row.label, &row.id);
    page.field(4, "from", &labels(table, &row.from));
    page.field(4, "leads to", &target(table, &row.to));
    page.field(4, "and", &labels(table, &row.also));
    if let Some(action) = &row.answers {
        page.field(4, "answers", &table.action_title(action));
    }
    if let Some(when) = row.when {
        page.field(4, "happens", when.words());
    }
    page.field(4, "by", &movers(table, row));
    page.field(
        4,
        "brings",
        &joined(row.brings.iter().map(|bring| bring.words())),
    );
    for error in &row.errors {
        page.field(4, "error", error);
    }
    page.optional(4, "it says", row.says.as_deref());
    page.optional(4, "result", row.result.as_deref());
    if let Some(timing) = row.sandbox {
        page.field(4, "sandbox", &timing_words(timing));
    }
    steps(page, &row.steps);
    page.optional(4, "assumed", row.assumed.as_deref());
}

/// Who brings an event about, each once.
fn movers(table: &Lifecycle, row: &EventRow) -> String {
    let from = row.from.iter().filter_map(|id| table.state(id));
    let edges = from.flat_map(|state| table.edges_from(state));
    let of_row = |edge: &Edge<'_>| edge.by == crate::domain::lifecycle::By::Event(row);
    let mut words: Vec<&str> = Vec::new();
    for mover in edges.filter(of_row).filter_map(|edge| edge.mover(None)) {
        let word = match mover {
            Mover::Time => "time alone",
            Mover::Somebody(who) => somebody(table, who),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" or ")
}

fn timing_words(timing: SandboxTiming) -> String {
    let after = time::span(timing.after);
    match timing.chance {
        Some(chance) => format!("after about {after}, in {:.0} of 100 cases", chance * 100.0),
        None => format!("after about {after}"),
    }
}

fn target(table: &Lifecycle, to: &str) -> String {
    match to {
        PREVIOUS => "back to where it was before".to_owned(),
        GONE => format!("nothing: it is gone at {}", table.provider),
        id => table
            .state(id)
            .map_or_else(|| id.to_owned(), |state| called(table, state)),
    }
}

fn labels(table: &Lifecycle, states: &[String]) -> String {
    joined(states.iter().map(|id| target(table, id)))
}

fn joined(words: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(word.as_ref());
    }
    text
}

fn refusals(page: &mut Page, table: &Lifecycle) {
    if table.refusals.is_empty() {
        return;
    }
    page.heading("What does not exist here, or not always");
    for refusal in &table.refusals {
        page.item(&table.action_title(&refusal.action), &refusal.action);
        if !refusal.from.is_empty() {
            page.field(4, "in", &labels(table, &refusal.from));
        }
        page.hanging("", 4, &refusal.says);
    }
}

/// Lines that keep to their columns.
struct Page {
    columns: usize,
    text: String,
}

impl Page {
    fn new(columns: usize) -> Self {
        let text = String::new();
        Self { columns, text }
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.gap();
        self.hanging("", 0, heading);
    }

    /// What the lines below it are about, with its id.
    fn item(&mut self, label: &str, id: &str) {
        self.hanging("", 2, &format!("{label} [{id}]"));
    }

    /// A value with its name; nothing where the value is empty.
    fn field(&mut self, indent: usize, name: &str, value: &str) {
        if !value.is_empty() {
            let before = format!("{:indent$}{name:<NAME$}", "");
            self.hanging(&before, indent + NAME, value);
        }
    }

    fn optional(&mut self, indent: usize, name: &str, value: Option<&str>) {
        self.field(indent, name, value.unwrap_or_default());
    }

    /// Text that begins behind `first` and goes on below itself.
    fn hanging(&mut self, first: &str, indent: usize, raw: &str) {
        let room = self.columns.saturating_sub(indent).max(8);
        for (index, line) in wrap(raw, room).into_iter().enumerate() {
            let before = if index == 0 { first } else { "" };
            let start = self.text.len();
            let _ = write!(self.text, "{before:<indent$}{line}");
            let kept = start + self.text[start..].trim_end().len();
            self.text.truncate(kept);
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text;

    fn fixture() -> Lifecycle {
        let text = include_str!("../../../tests/fixtures/every_feature.toml");
        Lifecycle::parse("every_feature.toml", text).unwrap()
    }

    #[test]
    fn every_feature_is_said() {
        insta::assert_snapshot!(render(&fixture(), "lifecycles/mine.toml", 80));
    }

    #[test]
    fn it_keeps_to_its_columns_whatever_a_table_says() {
        let mut table = fixture();
        "an\u{1b}[31m id of far more letters than anybody would ever want to read, or type"
            .clone_into(&mut table.states[0].id);
        table.states[0].label = "日本語".repeat(40);
        table.states[0].says = "x".repeat(300);
        for columns in [40, 60, 80, 100] {
            let page = render(&table, BUILT_IN, columns);
            for line in page.lines() {
                assert!(text::width(line) <= columns, "{columns}: {line}");
                assert!(text::is_clean(line), "{line:?}");
            }
        }
    }
}
