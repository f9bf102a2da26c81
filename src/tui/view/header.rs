//! The bar at the top: how many entries need whom, the sandbox's clock, the date.

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::sheet::grouped;
use crate::domain::account::SandboxClock;
use crate::domain::lifecycle::Phase;
use crate::domain::text;
use crate::domain::time;
use crate::engine::command::Progress;
use crate::tui::look::Look;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// Draws the bar: as much as fits, the counts first.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    let width = usize::from(area.width);
    let right = right_part(model, look);
    let full = left_part(model, look, false);
    let short = left_part(model, look, true);
    // Words rather than signs for as long as the right side fits beside in its shortest version;
    // of what is under way, numbers alone would tell nothing.
    let least = match &model.progress {
        Some(progress) => text::width(&progress_words(progress)) + 1,
        None => right.last().map_or(0, Line::width),
    };
    let left = if full.width() + 2 + least <= width {
        full
    } else {
        short
    };
    let room = width.saturating_sub(left.width() + 2);
    let right = right.into_iter().find(|line| line.width() <= room);
    frame.render_widget(Paragraph::new(left).style(look.style(Role::Header)), area);
    if let Some(line) = right {
        let x = area
            .right()
            .saturating_sub(u16::try_from(line.width()).unwrap_or(area.width));
        let place = Rect {
            x,
            width: area.right() - x,
            ..area
        };
        frame.render_widget(Paragraph::new(line).alignment(Alignment::Right), place);
    }
}

fn left_part(model: &Model, look: &Look<'_>, short: bool) -> Line<'static> {
    let counts = model.list.rows.tally();
    let mut line = Line::default();
    if !short {
        line.push_span(look.span(" certdeck  ", 12, Role::Title));
    }
    if model.list.rows.is_first_page() {
        // Of what is not read yet nobody knows how much of it needs whom.
        line.push_span(look.span("loading", 7, Role::Dim));
        return line;
    }
    for phase in Phase::ALL {
        let Some(count) = counts.get(&phase) else {
            continue;
        };
        let (sign, role) = look.phase(Some(phase));
        let text = if short {
            format!(" {sign}{}", grouped(*count))
        } else {
            format!("{} {}", grouped(*count), words(phase))
        };
        if !short && line.spans.len() > 1 {
            let separator = format!(" {} ", look.symbols.separator);
            line.push_span(Span::styled(separator, look.style(Role::Dim)));
        }
        line.push_span(Span::styled(text, look.style(role)));
    }
    push_trouble(&mut line, model, look, short);
    push_condition(&mut line, model, look, short);
    line
}

/// That the store cannot be written, and that the clock looks wrong.
fn push_condition(line: &mut Line<'static>, model: &Model, look: &Look<'_>, short: bool) {
    let there = &model.inventory;
    let unwritable = there.store_trouble.is_some();
    let doubted = there.clock_doubt(model.now).is_some();
    let said = [
        (unwritable, "the store cannot be written", "store!"),
        (doubted, "the clock looks wrong", "clock!"),
    ];
    let sign = look.symbols.trouble;
    for (_, long, brief) in said.into_iter().filter(|(is_so, _, _)| *is_so) {
        let text = if short {
            format!(" {sign}{brief}")
        } else {
            format!("{sign} {long}")
        };
        if !short && line.spans.len() > 1 {
            let separator = format!(" {} ", look.symbols.separator);
            line.push_span(Span::styled(separator, look.style(Role::Dim)));
        }
        line.push_span(Span::styled(text, look.style(Role::Bad)));
    }
}

/// How many watched places cannot be read now.
fn push_trouble(line: &mut Line<'static>, model: &Model, look: &Look<'_>, short: bool) {
    let count = places_in_trouble(model);
    if count == 0 {
        return;
    }
    let sign = look.symbols.trouble;
    let text = match (short, count) {
        (true, _) => format!(" {sign}{}", grouped(count)),
        (false, 1) => format!("{sign} 1 place unreadable"),
        (false, _) => format!("{sign} {} places unreadable", grouped(count)),
    };
    if !short && line.spans.len() > 1 {
        let separator = format!(" {} ", look.symbols.separator);
        line.push_span(Span::styled(separator, look.style(Role::Dim)));
    }
    line.push_span(Span::styled(text, look.style(Role::Warn)));
}

fn places_in_trouble(model: &Model) -> usize {
    let accounts = model.inventory.accounts.values();
    let watched = accounts.filter_map(|account| account.watched.as_ref());
    watched.map(|watched| watched.trouble.len()).sum()
}

fn words(phase: Phase) -> &'static str {
    match phase {
        Phase::ActionNeeded => "need you",
        Phase::InProgress => "in progress",
        Phase::Live => "live",
        Phase::WindingDown => "winding down",
        Phase::Ended => "ended",
        Phase::Failed => "failed",
    }
}

/// The right side in its versions, the widest first: what is under way, the sandbox, the date.
fn right_part(model: &Model, look: &Look<'_>) -> Vec<Line<'static>> {
    let others = beside_progress(model, look);
    let Some(progress) = &model.progress else {
        return others;
    };
    let style = look.style(Role::PhaseInProgress);
    let said = |text: &str| Span::styled(look.fit(text, usize::from(u16::MAX)), style);
    let whole = progress_words(progress);
    let with_bar =
        bar(progress, look).map(|bar| format!("{} {bar} {}", progress.what, counted(progress)));
    let mut versions = Vec::new();
    // The bar goes first where there is no room, what else stands there next.
    for words in with_bar.iter().chain([&whole]) {
        for other in &others {
            let mut line = Line::from(vec![said(words), Span::raw("  ")]);
            line.extend(other.clone());
            versions.push(line);
        }
    }
    versions.push(Line::from(vec![said(&whole), Span::raw(" ")]));
    versions.push(Line::from(vec![said(&counted(progress)), Span::raw(" ")]));
    versions
}

/// `Reading files 3,200 of 10,000`.
fn progress_words(progress: &Progress) -> String {
    format!("{} {}", progress.what, counted(progress))
}

/// How much of it is done, where it is known how much it is.
fn bar(progress: &Progress, look: &Look<'_>) -> Option<String> {
    const CELLS: usize = 10;
    let total = progress.total.filter(|total| *total > 0)?;
    let full = progress.done.min(total).saturating_mul(CELLS) / total;
    let signs = look.symbols;
    Some(signs.bar_full.repeat(full) + &signs.bar_empty.repeat(CELLS - full))
}

fn counted(progress: &Progress) -> String {
    let done = grouped(progress.done);
    match progress.total {
        Some(total) => format!("{done} of {}", grouped(total)),
        None => done,
    }
}

/// What stands at the right while nothing long is under way.
fn beside_progress(model: &Model, look: &Look<'_>) -> Vec<Line<'static>> {
    let date = time::date(model.now);
    let mut versions = Vec::new();
    let read_only = if model.settings.read_only {
        "read-only  "
    } else {
        ""
    };
    if let Some((clock, at, seed)) = sandbox(model) {
        let sign = Span::styled("sandbox", look.style(Role::Sandbox));
        let long = format!(
            " {} {} {}  ",
            time::minute(at),
            look.symbols.separator,
            speed(&clock)
        );
        let short = format!(" {} ", speed(&clock));
        for text in [long, short] {
            let spans = [Span::raw(read_only), sign.clone(), Span::raw(text)];
            versions.push(Line::from_iter(spans));
        }
        if let Some(widest) = versions.first().cloned() {
            let mut with_date = widest.clone();
            with_date.push_span(Span::raw(format!("{date} ")));
            versions.insert(0, with_date);
            if let Some(seed) = seed {
                let mut with_seed = widest;
                with_seed.push_span(Span::raw(format!("seed {seed}  {date} ")));
                versions.insert(0, with_seed);
            }
        }
        versions.push(Line::from(sign));
    } else {
        versions.push(Line::from(format!("{read_only}{date} ")));
    }
    versions
}

/// The first sandbox's clock, what it shows now, and what that sandbox's chances hang on.
fn sandbox(model: &Model) -> Option<(SandboxClock, jiff::Timestamp, Option<u64>)> {
    let mut accounts = model.inventory.accounts.values();
    let (clock, seed) = accounts.find_map(|account| Some((account.clock?, account.seed)))?;
    Some((clock.reading, clock.at(model.now), seed))
}

/// How a sandbox's clock runs, in words.
pub(crate) fn speed(clock: &SandboxClock) -> String {
    if clock.paused {
        return "stands still".to_owned();
    }
    match clock.speed {
        1 => "in real time".to_owned(),
        60 => "1 min each second".to_owned(),
        3_600 => "1 h each second".to_owned(),
        86_400 => "1 d each second".to_owned(),
        other => format!("{other} times as fast"),
    }
}
