//! What an account says about deploying: a command that takes a certificate further.
//!
//! Pure. The engine runs it; the account's file names it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::account::from_home;
use super::document::Document;
use super::error::Problems;
use super::settings::parse_timeout;

/// How long a deploy command may take where nothing is said.
pub(super) const USUAL_WITHIN: Duration = Duration::from_secs(300);
/// A longer one hangs.
const LONGEST_WITHIN: Duration = Duration::from_secs(24 * 3_600);

/// The keys of it in an account's file.
pub(super) const KEYS: [&str; 4] = [
    "deploy",
    "deploy-to",
    "deploy-within",
    "deploy-after-renewal",
];

/// How the certificates of an account are deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// The folder that the files are put into, each entry's in a folder of its own and over those
    /// of the last time; a folder that passes with the command where there is none.
    pub to: Option<PathBuf>,
    /// How long the command may take.
    pub within: Duration,
    /// Whether it runs by itself when a certificate is issued.
    pub after_renewal: bool,
}

impl Deploy {
    /// The program.
    #[must_use]
    pub fn program(&self) -> &str {
        self.command.first().map_or("", String::as_str)
    }

    /// Reads the keys of an account's file; nothing where there is no command.
    pub(super) fn read(document: &mut Document<'_>, problems: &mut Problems<'_>) -> Option<Self> {
        let place = document.place("deploy");
        let command = document.texts("deploy", problems);
        if let (Some(place), Some(command)) = (place, &command)
            && command
                .first()
                .is_none_or(|program| program.trim().is_empty())
        {
            let problem = "it names no program; expected [\"PROGRAM\", \"ARGUMENT\"]".to_owned();
            problems.add(&place, "deploy", problem);
        }
        let span = "a time span in quotes, like \"5m\"";
        let others = document
            .place("deploy-to")
            .or(document.place("deploy-within"));
        let to = document.parsed("deploy-to", "a path in quotes", parse_to, problems);
        let within = document.parsed("deploy-within", span, parse_within, problems);
        let after_renewal = document.switch("deploy-after-renewal", problems);
        if command.is_none() && (to.is_some() || within.is_some() || after_renewal == Some(true)) {
            let place = others.unwrap_or(0..0);
            let problem =
                "there is no command; add deploy = [\"PROGRAM\", \"ARGUMENT\"]".to_owned();
            problems.add(&place, "deploy", problem);
        }
        Some(Self {
            command: command?,
            to,
            within: within.unwrap_or(USUAL_WITHIN),
            after_renewal: after_renewal.unwrap_or_default(),
        })
    }

    /// Says of the folder where it lies: `~` is the home folder, and what is relative starts at the
    /// folder of the account's file.
    pub(super) fn settle_path(&mut self, home: Option<&Path>, folder: &Path) {
        if let Some(to) = &mut self.to {
            *to = from_home(to, home, folder);
        }
    }
}

fn parse_to(given: &str) -> Result<PathBuf, String> {
    if given.is_empty() {
        return Err("expected the path of a folder, found nothing".to_owned());
    }
    Ok(PathBuf::from(given))
}

fn parse_within(given: &str) -> Result<Duration, String> {
    let within = parse_timeout(given)?;
    if within.is_zero() || within > LONGEST_WITHIN {
        return Err(format!(
            "{given:?} is too short or too long; expected 1s to 24h"
        ));
    }
    Ok(within)
}
