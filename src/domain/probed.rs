//! What the servers of an entry were last seen to serve, and how that compares with the entry.
//!
//! Plain data as it is stored, and its sentences. It looks at nothing: the engine's probing fills
//! it, the list, the details and the history show it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::time;

/// How what a server serves compares with an entry; what is worst stands last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Served {
    /// The certificate of the entry.
    Same,
    /// One that came after it: its successor's, or one that is issued and said not to serve yet.
    Newer,
    /// None was seen.
    Nothing,
    /// One that neither the entry nor those around it know.
    Other,
    /// One that the entry, or the one that it renews, had before.
    Old,
}

impl Served {
    /// All of them, the best first.
    pub const ALL: [Self; 5] = [
        Self::Same,
        Self::Newer,
        Self::Nothing,
        Self::Other,
        Self::Old,
    ];

    /// The word in files and in JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Newer => "newer",
            Self::Nothing => "nothing",
            Self::Other => "other",
            Self::Old => "old",
        }
    }

    /// The word in the list.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Same => "served",
            Self::Newer => "newer one",
            Self::Nothing => "no answer",
            Self::Other => "another",
            Self::Old => "old one",
        }
    }
}

/// What was seen when the servers of an entry were last looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Probed {
    /// The worst of all places.
    pub served: Served,
    /// When, in the system's time.
    pub at: Timestamp,
    /// Place by place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<ProbedPlace>,
    /// Names at which nothing can be looked at: a wildcard is no server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
}

/// What was seen at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProbedPlace {
    /// The server, as it was asked: `HOST:PORT`, or `NAME@HOST:PORT`.
    pub place: String,
    /// How it compares.
    pub served: Served,
    /// Who is served there, in a few words, or why nothing was seen; of others, so sanitise it.
    pub says: String,
    /// The end of what is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What is wrong with it beside that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<Flaw>,
}

/// What is wrong with what is served, wherever it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// Its validity has ended.
    Expired,
    /// Its validity has not begun.
    NotYetValid,
    /// It does not hold the name that was asked for.
    WrongName,
    /// Nobody but itself vouches for it.
    SelfSigned,
    /// The server speaks nothing newer than TLS 1.1.
    OldTls,
}

impl Flaw {
    /// The word in files and in JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::WrongName => "wrong-name",
            Self::SelfSigned => "self-signed",
            Self::OldTls => "old-tls",
        }
    }

    /// What it is, as a clause.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NotYetValid => "not valid yet",
            Self::WrongName => "not for this name",
            Self::SelfSigned => "self-signed",
            Self::OldTls => "spoken in TLS that browsers refuse",
        }
    }
}

/// Whether a name of a certificate can be one of a server: no wildcard, no e-mail address, no name
/// of a person.
#[must_use]
pub fn is_server(name: &str) -> bool {
    !(name.is_empty() || name.contains(['*', '@', '/', ' ']))
}

impl Probed {
    /// What was seen at these places.
    #[must_use]
    pub fn of(at: Timestamp, places: Vec<ProbedPlace>, skipped: Vec<String>) -> Self {
        let worst = places.iter().map(|place| place.served).max();
        Self {
            served: worst.unwrap_or(Served::Nothing),
            at,
            places,
            skipped,
        }
    }

    /// All that is known of it without the places.
    #[must_use]
    pub fn known_as(served: Served) -> Self {
        Self {
            served,
            at: Timestamp::UNIX_EPOCH,
            places: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// The whole in one sentence, as it was when it was seen; raw.
    #[must_use]
    pub fn sentence(&self) -> String {
        let worst = |place: &&ProbedPlace| place.served == self.served;
        let mut worst_ones = self.places.iter().filter(worst);
        let Some(first) = worst_ones.next() else {
            return format!(
                "Probed: nothing to look at{}",
                skipped_words(&self.skipped, ": ")
            );
        };
        let more = match (worst_ones.count(), self.places.len()) {
            (_, 1) => String::new(),
            (more, all) => format!(" ({} of {all} places)", more + 1),
        };
        format!("Probed: {}: {}{more}", first.place, first.sentence(self.at))
    }
}

/// The names that were passed over, in a clause; nothing where there are none.
#[must_use]
pub fn skipped_words(skipped: &[String], before: &str) -> String {
    match skipped {
        [] => String::new(),
        [one] => format!("{before}{one} stands for many names, at none of which it says to look"),
        [first, rest @ ..] => format!(
            "{before}{first} and {} more stand for many names, at none of which they say to look",
            rest.len()
        ),
    }
}

impl ProbedPlace {
    /// What was seen, in one sentence at the time `now`; raw.
    #[must_use]
    pub fn sentence(&self, now: Timestamp) -> String {
        let says = &self.says;
        let begins = match self.served {
            Served::Nothing => return says.clone(),
            Served::Same => "serves this certificate".to_owned(),
            Served::Newer => format!("serves a newer one already ({says})"),
            Served::Old => format!("still serves the old one ({says})"),
            Served::Other => format!("serves another certificate ({says})"),
        };
        self.with_the_rest(begins, now)
    }
}

impl ProbedPlace {
    /// The same where there is no entry to compare it with; raw.
    #[must_use]
    pub fn sentence_alone(&self, now: Timestamp) -> String {
        if self.served == Served::Nothing {
            return self.says.clone();
        }
        let begins = format!("serves {}, which no entry here has", self.says);
        self.with_the_rest(begins, now)
    }

    fn with_the_rest(&self, begins: String, now: Timestamp) -> String {
        let ends = self.until.map(|until| ends(now, until));
        let flaws = self.flaws.iter().filter(|flaw| **flaw != Flaw::Expired);
        let flaws = flaws.map(|flaw| flaw.words().to_owned());
        let parts: Vec<String> = std::iter::once(begins).chain(ends).chain(flaws).collect();
        parts.join(", ")
    }
}

fn ends(now: Timestamp, until: Timestamp) -> String {
    if until < now {
        format!("expired {}", time::relative(now, until))
    } else {
        match time::relative(now, until).as_str() {
            "now" => "expires now".to_owned(),
            span => format!("expires in {span}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(served: Served, until: &str) -> ProbedPlace {
        ProbedPlace {
            place: "shop.example:443".to_owned(),
            served,
            says: "serial 01".to_owned(),
            until: Some(until.parse().unwrap()),
            flaws: Vec::new(),
        }
    }

    #[test]
    fn an_old_one_is_told_with_the_time_that_is_left() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let old = place(Served::Old, "2026-11-25T13:00:00Z");
        assert_eq!(
            old.sentence(now),
            "still serves the old one (serial 01), expires in 3 d"
        );
        let mut other = place(Served::Other, "2026-11-20T12:00:00Z");
        other.flaws = vec![Flaw::Expired, Flaw::WrongName];
        assert_eq!(
            other.sentence(now),
            "serves another certificate (serial 01), expired 2 d ago, not for this name"
        );
    }

    #[test]
    fn the_worst_place_stands_for_all() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let places = vec![
            place(Served::Same, "2027-01-01T00:00:00Z"),
            place(Served::Old, "2026-11-25T13:00:00Z"),
        ];
        let probed = Probed::of(now, places, Vec::new());
        assert_eq!(probed.served, Served::Old);
        let said = probed.sentence();
        assert!(said.contains("still serves the old one"), "{said}");
        assert!(said.ends_with("(1 of 2 places)"), "{said}");
        let nothing = Probed::of(now, Vec::new(), vec!["*.shop.example".to_owned()]);
        assert_eq!(nothing.served, Served::Nothing);
        assert!(nothing.sentence().contains("*.shop.example"));
    }

    #[test]
    fn words_in_files_are_the_ids() {
        for served in Served::ALL {
            let written = serde_json::to_string(&served).unwrap();
            assert_eq!(written, format!("{:?}", served.id()));
        }
        assert_eq!(
            serde_json::to_string(&Flaw::WrongName).unwrap(),
            "\"wrong-name\""
        );
    }
}
