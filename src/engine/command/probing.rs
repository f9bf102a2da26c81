//! What can be asked about what servers serve, and what comes back.
//!
//! Plain data. Both faces make it and show it; `engine::probing` answers.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;

pub use crate::config::StartTls;
use crate::config::Target;
use crate::domain::entry::EntryId;
use crate::domain::probed::{Flaw, ProbedPlace, Served};
use crate::pki::Certificate;
pub use crate::probe::Alpn;

/// What is looked at, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeForm {
    /// What.
    pub what: Probing,
    /// Another place to connect to than the names say.
    pub detour: Option<Detour>,
    /// The port at which the names of entries are looked at; where there is none, what their account
    /// says, or the usual one.
    pub port: Option<u16>,
    /// What the servers of entries begin with before TLS; where there is nothing, what their account
    /// says.
    pub starttls: Option<StartTls>,
    /// How long one look may take; the usual time where nothing is said.
    pub patience: Option<Duration>,
    /// Whether every look is told with everything that was seen: a report of that grows with the
    /// number of places.
    pub in_full: bool,
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probing {
    /// All names of these entries; what is seen is kept with them.
    Entries(Vec<EntryId>),
    /// These servers; nothing is kept.
    Hosts(Vec<Target>),
}

impl ProbeForm {
    /// All names of these entries, as usual.
    #[must_use]
    pub fn of_entries(entries: Vec<EntryId>) -> Self {
        Self::of(Probing::Entries(entries))
    }

    /// These servers, as usual, and everything that is seen.
    #[must_use]
    pub fn of_hosts(hosts: Vec<Target>) -> Self {
        Self {
            in_full: true,
            ..Self::of(Probing::Hosts(hosts))
        }
    }

    fn of(what: Probing) -> Self {
        Self {
            what,
            detour: None,
            port: None,
            starttls: None,
            patience: None,
            in_full: false,
        }
    }
}

/// Another place to connect to than a name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detour {
    /// A name or an address.
    pub host: String,
    /// The port, where it is another one, too.
    pub port: Option<u16>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeReport {
    /// How many entries were looked at as a whole.
    pub entries: usize,
    /// How many places were looked at.
    pub places: usize,
    /// At how many of them nothing was seen.
    pub silent: usize,
    /// How many entries stand how, by the worst of their places, the best first; as
    /// [`Served::ALL`].
    pub counts: [usize; Served::ALL.len()],
    /// Names at which nothing can be looked at, with their entry.
    pub skipped: Vec<(EntryId, String)>,
    /// How many names were passed over, also where they are not told one by one.
    pub passed_over: usize,
    /// Whether it was called off before everything was looked at.
    pub stopped: bool,
    /// Whether what was seen is kept with the entries.
    pub kept: bool,
    /// The entry that stands worst, in a sentence; raw.
    pub worst: Option<String>,
    /// Every look, in the order in which it was asked for, where everything is told.
    pub looks: Vec<ProbeLook>,
}

impl ProbeReport {
    /// How many entries stand so.
    #[must_use]
    pub fn count(&self, served: Served) -> usize {
        let at = Served::ALL.iter().position(|known| *known == served);
        at.and_then(|at| self.counts.get(at).copied())
            .unwrap_or_default()
    }

    /// Whether some entry serves what it should not.
    #[must_use]
    pub fn has_wrong_ones(&self) -> bool {
        self.count(Served::Old) + self.count(Served::Other) > 0
    }
}

impl ProbeLook {
    /// What was seen, in one sentence at the time `now`; raw.
    #[must_use]
    pub fn sentence(&self, now: Timestamp) -> String {
        match self.entry {
            Some(_) => self.told.sentence(now),
            None => self.told.sentence_alone(now),
        }
    }
}

/// One look at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeLook {
    /// The place, and what is kept of it.
    pub told: ProbedPlace,
    /// The entry that it is compared with: its id and its name; nothing where no entry has the
    /// name.
    pub entry: Option<(EntryId, String)>,
    /// How it compares with that.
    pub served: Option<Served>,
    /// What was seen, or why nothing was.
    pub seen: Result<Shown, String>,
}

/// What a server showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where it is.
    pub address: SocketAddr,
    /// The version of TLS that it chose, where it came to that.
    pub protocol: Option<String>,
    /// The cipher suite that it chose.
    pub cipher: Option<String>,
    /// Which application protocol it chose.
    pub alpn: Alpn,
    /// The certificates as they were presented; what cannot be read has its reason.
    pub chain: Vec<Result<Certificate, String>>,
    /// What is wrong with it, wherever it came from.
    pub flaws: Vec<Flaw>,
}
