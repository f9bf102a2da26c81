//! `certdeck timeline`: the next twelve months, week by week, and what shorter lives will bring.
//!
//! May not: count anything itself, or read an entry; `domain::timeline` counts rows.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Serialize;

use super::args::TimelineArguments;
use super::error::CliError;
use super::filter;
use super::output;
use super::session::Session;
use super::table::Table;
use crate::domain::query::Search;
use crate::domain::timeline::{Timeline, Week};

/// `timeline --json`: its shape is stable, keys are only ever added.
#[derive(Debug, Serialize)]
struct TimelineShape {
    /// How many certificates count: those that serve and that nothing has replaced.
    certificates: usize,
    /// How many of them have ended.
    expired: usize,
    /// How many of them are due already and have not ended.
    due_already: usize,
    /// How many end after the last week.
    later: usize,
    /// The weeks, this one first.
    weeks: Vec<WeekShape>,
    /// What the rules on the longest life make of the number of renewals, the one of now first.
    renewals: Vec<RenewalsShape>,
}

#[derive(Debug, Serialize)]
struct WeekShape {
    /// Its first day.
    monday: Date,
    /// How many renewals are due from then on.
    due: usize,
    /// How many certificates end.
    ends: usize,
}

#[derive(Debug, Serialize)]
struct RenewalsShape {
    /// From when on the rule holds.
    from: Date,
    /// The longest life of what is issued then, in days.
    days: i64,
    /// How many renewals in a year.
    a_year: usize,
}

/// Says what ends and what is due.
pub(super) fn run(session: &Session, arguments: &TimelineArguments) -> Result<(), CliError> {
    let query = filter::read(&arguments.filter)?;
    let (inventory, system) = session.look();
    let rows = inventory.rows(system);
    let chosen = (!arguments.filter.is_empty()).then(|| {
        let found = Search::of(&inventory, &rows).find(&rows, &query);
        let numbers = found.into_iter().filter_map(|at| u32::try_from(at).ok());
        numbers.collect::<Vec<u32>>()
    });
    let line = Timeline::of(&rows, chosen.as_deref());
    if arguments.json {
        return output::print_json(&shape(&line));
    }
    session.output.table(&weeks(&line))?;
    output::print(&summary(&line))
}

/// The weeks in which something happens.
fn weeks(line: &Timeline) -> Table {
    let mut table = Table::new(&["week of", "due", "end"]);
    let busy = |week: &&Week| week.due + week.ends > 0;
    for week in line.weeks.iter().filter(busy) {
        let texts = [
            week.monday.to_string(),
            week.due.to_string(),
            week.ends.to_string(),
        ];
        table.push(texts.iter().map(String::as_str));
    }
    table
}

fn summary(line: &Timeline) -> String {
    let mut text = format!(
        "\n{} certificates: {} expired, {} due already, {} end after that year\n",
        line.certificates, line.expired, line.overdue, line.later
    );
    for (at, renewals) in line.renewals.iter().enumerate() {
        let when = if at == 0 { "now, since" } else { "from" };
        let (from, days) = (renewals.rule.from, renewals.rule.days);
        let _ = writeln!(
            text,
            "{when} {from} on, at most {days} days: {} renewals a year",
            renewals.in_a_year
        );
    }
    text.push_str("(if each is publicly trusted, and renewed as soon as it is due)\n");
    text
}

fn shape(line: &Timeline) -> TimelineShape {
    let weeks = line.weeks.iter().map(|week| WeekShape {
        monday: week.monday,
        due: week.due,
        ends: week.ends,
    });
    let renewals = line.renewals.iter().map(|renewals| RenewalsShape {
        from: renewals.rule.from,
        days: renewals.rule.days,
        a_year: renewals.in_a_year,
    });
    TimelineShape {
        certificates: line.certificates,
        expired: line.expired,
        due_already: line.overdue,
        later: line.later,
        weeks: weeks.collect(),
        renewals: renewals.collect(),
    }
}
