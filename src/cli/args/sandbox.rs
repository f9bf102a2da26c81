//! The grammar of `sandbox`.
//!
//! May not: do anything.

use clap::{Args, Subcommand};

use crate::config::parse_span;
use crate::domain::account::ZoneStatus;

#[derive(Debug, Args)]
pub(in crate::cli) struct SandboxArguments {
    /// The sandbox account; every one where there is none
    #[arg(long, global = true, value_name = "NAME")]
    pub(in crate::cli) account: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(subcommand)]
    pub(in crate::cli) verb: Option<SandboxVerb>,
}

impl SandboxArguments {
    /// Whether it may change something.
    pub(in crate::cli) fn may_change_things(&self) -> bool {
        !matches!(self.verb, None | Some(SandboxVerb::Clock { .. }))
    }
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SandboxVerb {
    /// Show what the clocks show, the seeds and the zones
    Clock {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let the clocks stand still
    Pause,
    /// Let the clocks run
    Resume,
    /// So many sandbox seconds in one second
    Speed {
        /// Sandbox seconds
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        seconds: u32,
    },
    /// Move the clocks forward, and let happen what happens in that time
    Advance {
        /// The span: 90s, 10m, 26h, 3d
        #[arg(value_parser = parse_span)]
        span: jiff::SignedDuration,
    },
    /// Say how the zone of an account stands from now on: active, pending, moved
    Zone {
        /// The zone's status
        #[arg(value_parser = parse_zone)]
        status: ZoneStatus,
    },
    /// Let an event happen now
    Play {
        /// The event, by its id: invoice-paid, issued, …
        event: String,
        /// The entry
        id: String,
    },
}

fn parse_zone(given: &str) -> Result<ZoneStatus, String> {
    let status = ZoneStatus::ALL
        .into_iter()
        .find(|status| status.id() == given);
    status.ok_or_else(|| {
        let known = ZoneStatus::ALL.map(ZoneStatus::id).join(", ");
        format!("expected one of {known}")
    })
}
