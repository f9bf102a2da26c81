//! The JSON of `probe`: its shape is stable, keys are only ever added.
//!
//! Pure data, by the same rules as the other shapes.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::probed::Served;
use crate::engine::command::{ProbeLook, ProbeReport, Shown};
use crate::pki::{AltName, Certificate};

/// `probe --json`.
#[derive(Debug, Serialize)]
pub(super) struct ProbeShape<'a> {
    /// The exit code.
    exit: u8,
    /// How many entries were looked at.
    entries: usize,
    /// How many places were looked at.
    places: usize,
    /// At how many of them nothing was seen.
    silent: usize,
    /// Whether what was seen is kept with the entries.
    kept: bool,
    /// Every place.
    looks: Vec<LookShape<'a>>,
    /// Names at which nothing can be looked at, since they stand for many.
    skipped: Vec<SkippedShape<'a>>,
}

#[derive(Debug, Serialize)]
struct LookShape<'a> {
    /// As it was asked: `HOST:PORT` or `NAME@HOST:PORT`.
    place: &'a str,
    /// The entry that it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<&'a str>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    /// `same`, `newer`, `nothing`, `other` or `old`; left out where no entry has the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    served: Option<&'static str>,
    /// The whole in a sentence.
    says: String,
    /// Why nothing was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// What was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<SeenShape<'a>>,
}

#[derive(Debug, Serialize)]
struct SeenShape<'a> {
    /// Where it is.
    address: String,
    /// The version of TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<&'a str>,
    /// The cipher suite, by its name in IANA's registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher: Option<&'a str>,
    /// The application protocol that it chose, `none` where it chose none of those that were
    /// offered; left out where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    alpn: Option<&'a str>,
    /// `expired`, `not-yet-valid`, `wrong-name`, `self-signed`, `old-tls`.
    flaws: Vec<&'static str>,
    /// The certificates as they were presented, the server's own first.
    chain: Vec<PresentedShape<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum PresentedShape<'a> {
    /// One that can be read.
    Certificate {
        subject: &'a str,
        issuer: &'a str,
        serial: &'a str,
        names: Vec<String>,
        not_before: Timestamp,
        not_after: Timestamp,
        key: String,
        sha256: &'a str,
        spki_sha256: &'a str,
    },
    /// One that cannot, and why.
    Unreadable { error: &'a str },
}

#[derive(Debug, Serialize)]
struct SkippedShape<'a> {
    entry: &'a str,
    name: &'a str,
}

impl<'a> ProbeShape<'a> {
    pub(super) fn of(report: &'a ProbeReport, exit: u8, now: Timestamp) -> Self {
        let skipped = report.skipped.iter();
        Self {
            exit,
            entries: report.entries,
            places: report.places,
            silent: report.silent,
            kept: report.kept,
            looks: report
                .looks
                .iter()
                .map(|look| LookShape::of(look, now))
                .collect(),
            skipped: skipped
                .map(|(entry, name)| SkippedShape {
                    entry: entry.as_str(),
                    name,
                })
                .collect(),
        }
    }
}

impl<'a> LookShape<'a> {
    fn of(look: &'a ProbeLook, now: Timestamp) -> Self {
        let entry = look.entry.as_ref();
        Self {
            place: &look.told.place,
            entry: entry.map(|(id, _)| id.as_str()),
            name: entry.map(|(_, name)| name.as_str()),
            served: look.served.map(Served::id),
            says: look.sentence(now),
            error: look.seen.as_ref().err().map(String::as_str),
            seen: look.seen.as_ref().ok().map(SeenShape::of),
        }
    }
}

impl<'a> SeenShape<'a> {
    fn of(shown: &'a Shown) -> Self {
        Self {
            address: shown.address.to_string(),
            protocol: shown.protocol.as_deref(),
            cipher: shown.cipher.as_deref(),
            alpn: shown.alpn.words(),
            flaws: shown.flaws.iter().map(|flaw| flaw.id()).collect(),
            chain: shown.chain.iter().map(PresentedShape::of).collect(),
        }
    }
}

impl<'a> PresentedShape<'a> {
    fn of(presented: &'a Result<Certificate, String>) -> Self {
        match presented {
            Ok(certificate) => Self::Certificate {
                subject: &certificate.subject,
                issuer: &certificate.issuer,
                serial: &certificate.serial,
                names: certificate.names.iter().map(AltName::text).collect(),
                not_before: certificate.not_before,
                not_after: certificate.not_after,
                key: certificate.key.label(),
                sha256: &certificate.sha256,
                spki_sha256: &certificate.spki_sha256,
            },
            Err(error) => Self::Unreadable { error },
        }
    }
}
