//! The grammar of `store prune`.
//!
//! May not: do anything.

use clap::{ArgGroup, Args};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::engine::prune::Which;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP, group = ArgGroup::new("which").required(true).args(["before", "keep"]))]
pub(in crate::cli) struct PruneArguments {
    /// Remove journals that were written before this day, all of it, in UTC: 2026-01-31
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    before: Option<Timestamp>,
    /// Remove all journals but the newest so many
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Remove without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
}

const AFTER_HELP: &str = "\
What the entries are now is not touched, and neither is what happened since the last snapshot. What
happened to them before is gone for good: `certdeck history` does not show it any more, and nothing
lost later can be brought back from it. Private keys and certificates are never removed.";

impl PruneArguments {
    /// What is to be removed.
    pub(in crate::cli) fn which(&self) -> Which {
        match self.before {
            Some(before) => Which::Before(before),
            None => Which::AllBut(self.keep.unwrap_or(usize::MAX)),
        }
    }
}

fn parse_date(given: &str) -> Result<Timestamp, String> {
    let day = given.parse::<Date>().ok();
    let midnight = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let midnight = midnight.map(|midnight| midnight.timestamp());
    midnight.ok_or_else(|| "expected a day such as 2026-01-31".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let midnight: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        assert_eq!(parse_date("2026-01-31"), Ok(midnight));
        for wrong in ["", "31.01.2026", "2026-02-30", "yesterday"] {
            assert!(parse_date(wrong).is_err(), "{wrong}");
        }
    }
}
