//! Accounts as the faces see them: what was configured, and how their clock, zone and watching
//! stand now.
//!
//! Pure data with its words. The engine makes them, `inventory` holds them.

use jiff::{SignedDuration, Timestamp};

use crate::domain::account::{AccountKind, SandboxClock, Zone, ZoneStatus};

/// A running clock is read again at least this often; a longer gap means that the machine slept
/// or its clock jumped, and the sandbox does not jump with it.
const LONGEST_GAP: SignedDuration = SignedDuration::from_secs(120);

/// An account as the faces see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: AccountKind,
    /// The lifecycles of what is ordered through it, by id, the usual one first.
    pub lifecycles: Vec<String>,
    /// Whether nothing may be changed through it.
    pub read_only: bool,
    /// The sandbox's clock.
    pub clock: Option<RunningClock>,
    /// What the sandbox's chances hang on.
    pub seed: Option<u64>,
    /// How its zone stands, where that is known.
    pub zone: Option<Zone>,
    /// Where the provider's own panel is, for an account by hand.
    pub panel: Option<String>,
    /// Whether it says how to deploy.
    pub deploys: bool,
    /// Whether it says which name under a wildcard to look at.
    pub probes_wildcards: bool,
    /// How watching goes, for an account that watches something.
    pub watched: Option<Watched>,
}

impl Account {
    /// The lifecycle that is meant where none is named; empty where it has none.
    #[must_use]
    pub fn usual_lifecycle(&self) -> &str {
        self.lifecycles.first().map_or("", String::as_str)
    }

    /// Its lifecycles, by id, in a word or two: the usual one, and how many more there are.
    #[must_use]
    pub fn lifecycle_words(&self) -> String {
        let usual = self.usual_lifecycle();
        match self.lifecycles.len() {
            0 | 1 => usual.to_owned(),
            several => format!("{usual} +{}", several - 1),
        }
    }

    /// How its zone stands, where that is known or, for a sandbox, usual.
    #[must_use]
    pub fn zone_status(&self) -> Option<ZoneStatus> {
        let usual = (self.kind == AccountKind::Sandbox).then_some(ZoneStatus::Active);
        self.zone.map(|zone| zone.status).or(usual)
    }

    /// How its zone stands, in words; a sandbox's is active unless something made it otherwise.
    #[must_use]
    pub fn zone_words(&self) -> String {
        let since = |zone: Zone| {
            let since = crate::domain::time::minute(zone.since);
            format!("{} since {since} UTC", zone.status.label())
        };
        let usual = || match self.zone_status() {
            Some(status) => status.label().to_owned(),
            None => "not known".to_owned(),
        };
        self.zone.map_or_else(usual, since)
    }

    /// Whether its zone is active, where that is known: a sandbox's zone is, unless something made
    /// it otherwise.
    #[must_use]
    pub fn zone_is_active(&self) -> Option<bool> {
        self.zone_status()
            .map(|status| status == ZoneStatus::Active)
    }
}

/// How watching an account goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Files, folders and servers as they were configured.
    pub places: Vec<String>,
    /// When it was looked at last, in the system's time.
    pub looked: Option<Timestamp>,
    /// What cannot be read now, each with the reason and what to do.
    pub trouble: Vec<(String, String)>,
}

/// A sandbox clock and the moment at which it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningClock {
    /// What it showed then.
    pub reading: SandboxClock,
    /// When it was read, in the system's time; nothing while it stands still.
    pub taken: Option<Timestamp>,
}

impl RunningClock {
    /// What the clock shows at `system` time.
    #[must_use]
    pub fn at(&self, system: Timestamp) -> Timestamp {
        let Some(taken) = self.taken.filter(|_| !self.reading.paused) else {
            return self.reading.at;
        };
        let passed = taken
            .duration_until(system)
            .clamp(SignedDuration::ZERO, LONGEST_GAP);
        let speed = i32::try_from(self.reading.speed).unwrap_or(i32::MAX);
        crate::domain::time::later(self.reading.at, passed.saturating_mul(speed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_clock_runs_at_its_speed_and_never_jumps() {
        let start: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let reading = SandboxClock {
            at: start,
            speed: 60,
            paused: false,
        };
        let clock = RunningClock {
            reading,
            taken: Some(start),
        };
        let after = |seconds| {
            clock.at(crate::domain::time::later(
                start,
                SignedDuration::from_secs(seconds),
            ))
        };
        assert_eq!(after(10).to_string(), "2026-11-22T12:10:00Z");
        assert_eq!(
            after(-5000),
            start,
            "a clock set back does not turn the sandbox back"
        );
        assert_eq!(
            after(1_000_000).to_string(),
            "2026-11-22T14:00:00Z",
            "a jump counts two minutes"
        );
        let paused = RunningClock {
            reading: SandboxClock {
                paused: true,
                ..reading
            },
            ..clock
        };
        assert_eq!(paused.at(Timestamp::MAX), start);
    }
}
