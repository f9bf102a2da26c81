//! Why no certificate was seen, one variant for each cause, each with what to do about it.
//!
//! The sentences go on after the place that was looked at: `mail.example:25: it answers …`. What a
//! server said is in them sanitised. As long as the cause stays the same, so do they: no times, no
//! counts, or each look would be news. Made in this module, said by both faces.

use std::time::Duration;

use thiserror::Error;

use super::greeting::Spoken;
use crate::config::StartTls;

/// Why nothing was seen; each with what to do about it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProbeError {
    /// The DNS knows no such name.
    #[error(
        "the name {host} was not found ({says}); check its spelling, and that it has an address in the DNS"
    )]
    NameUnknown {
        /// The name.
        host: String,
        /// What the system said.
        says: String,
    },
    /// Nobody could be asked for the name.
    #[error(
        "the address of {host} could not be looked up ({says}); check this machine's network and its DNS server"
    )]
    LookupFailed {
        /// The name.
        host: String,
        /// What the system said.
        says: String,
    },
    /// The DNS did not answer in time.
    #[error(
        "the DNS did not say within {} where {host} is; check this machine's network and its DNS server",
        words(*patience)
    )]
    LookupSlow {
        /// The name.
        host: String,
        /// How long it was waited for.
        patience: Duration,
    },
    /// The name cannot be sent as one.
    #[error(
        "{name:?} is no name that a TLS server can be asked for; write a DNS name before the @, as in NAME@HOST:PORT"
    )]
    NotAskable {
        /// The name.
        name: String,
    },
    /// Nothing listens there.
    #[error(
        "the connection to {tried} was refused: nothing listens there; check that the server runs, and on which port"
    )]
    Refused {
        /// The addresses.
        tried: String,
    },
    /// The way there is not open.
    #[error("{tried} could not be reached ({says}); check the network between here and there")]
    Unreachable {
        /// The addresses.
        tried: String,
        /// What the system said.
        says: String,
    },
    /// Nobody answered at all.
    #[error(
        "nobody answered at {tried} within {}; the server is down, or a firewall swallows what is sent to it",
        words(*patience)
    )]
    NoAnswer {
        /// The addresses.
        tried: String,
        /// How long it was waited for.
        patience: Duration,
    },
    /// It took the connection and then said nothing.
    #[error(
        "it accepted the connection and then said nothing for {}: it hangs, or it speaks no TLS on this port; look at the server, and check the port",
        words(*patience)
    )]
    Silent {
        /// How long it was waited for.
        patience: Duration,
    },
    /// It began and did not come to an end.
    #[error(
        "it began to answer, and had shown no certificate after {}; it is overloaded or hangs: look at the server",
        words(*patience)
    )]
    Slow {
        /// How long it was waited for.
        patience: Duration,
    },
    /// It talks and talks.
    #[error(
        "it sent more than {} KiB without having shown a certificate, and was hung up on; check the port",
        super::MOST_BYTES / 1024
    )]
    TooMuch,
    /// It speaks something else.
    #[error("{}", .spoken.says(.greeting))]
    NotTls {
        /// What, as far as it can be told.
        spoken: Spoken,
        /// How it began, sanitised and cut; empty where it was no text.
        greeting: String,
    },
    /// It refused the handshake.
    #[error("{}", refusal(.alert, .name.as_deref()))]
    Alert {
        /// The alert, by its name in RFC 8446, section 6.
        alert: String,
        /// The name that it was asked for.
        name: Option<String>,
    },
    /// It speaks only what nobody should speak any more.
    #[error(
        "it speaks only versions of TLS or SSL that are too old to show their certificate here; bring the server to TLS 1.2 or 1.3"
    )]
    OldTls,
    /// It hung up.
    #[error(
        "it closed the connection before it showed a certificate; look at the server's log, and check the port{}",
        unnamed(.name.as_deref())
    )]
    Closed {
        /// The name that it was asked for.
        name: Option<String>,
    },
    /// It speaks TLS, but not so that it could be followed.
    #[error(
        "it answers in TLS, but in a way that cannot be followed ({says}); look at the server's log"
    )]
    Broken {
        /// What was wrong.
        says: String,
    },
    /// It speaks TLS without a certificate.
    #[error("it speaks TLS and shows no certificate at all; look at the server's configuration")]
    NoCertificate,
    /// It said no before TLS began.
    #[error(
        "it speaks {} and did not go on in TLS ({says}); look at the server's configuration, or use the port on which it speaks TLS from the first byte",
        .protocol.label()
    )]
    StartTlsRefused {
        /// What was spoken.
        protocol: StartTls,
        /// What it said, sanitised and cut.
        says: String,
    },
    /// It speaks another protocol than the one that was to lead to TLS.
    #[error("{}", other(*protocol, greeting))]
    StartTlsOther {
        /// What was expected.
        protocol: StartTls,
        /// How it began, sanitised and cut; empty where it was no text.
        greeting: String,
    },
    /// It said in the clear what nobody had asked for.
    #[error("{}", unasked(*protocol, greeting))]
    StartTlsUnasked {
        /// What was spoken.
        protocol: StartTls,
        /// How that began, sanitised and cut; empty where it was no text.
        greeting: String,
    },
    /// It hung up before TLS began.
    #[error(
        "it closed the connection before it went on from {} to TLS; check the port, and look at the server's log",
        .protocol.label()
    )]
    StartTlsClosed {
        /// What was spoken.
        protocol: StartTls,
    },
    /// It took too long before TLS began.
    #[error(
        "it did not come from {} to TLS within {}: it hangs, or it speaks TLS from the first byte on this port; look at the server, or ask it without STARTTLS",
        .protocol.label(),
        words(*patience)
    )]
    StartTlsSlow {
        /// What was spoken.
        protocol: StartTls,
        /// How long it was waited for.
        patience: Duration,
    },
    /// Something failed on this machine.
    #[error("it could not be looked at: {says}")]
    Failed {
        /// What.
        says: String,
    },
}

impl ProbeError {
    /// Whether it may well be over a moment later, as when a server is just being restarted.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::LookupFailed { .. }
            | Self::LookupSlow { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::NoAnswer { .. }
            | Self::Silent { .. }
            | Self::Slow { .. }
            | Self::Closed { .. }
            | Self::StartTlsClosed { .. }
            | Self::StartTlsSlow { .. }
            | Self::Failed { .. } => true,
            Self::Alert { alert, .. } => alert == "internal_error",
            Self::NameUnknown { .. }
            | Self::NotAskable { .. }
            | Self::TooMuch
            | Self::NotTls { .. }
            | Self::OldTls
            | Self::StartTlsRefused { .. }
            | Self::StartTlsOther { .. }
            | Self::StartTlsUnasked { .. }
            | Self::Broken { .. }
            | Self::NoCertificate => false,
        }
    }

    /// Whether it insists on an application protocol that it was not offered.
    pub(super) fn wants_another_protocol(&self) -> bool {
        matches!(self, Self::Alert { alert, .. } if alert == "no_application_protocol")
    }

    /// The same where the server had agreed to go on in TLS: what it says in the clear then was not
    /// asked for.
    pub(super) fn after(self, before: Option<StartTls>) -> Self {
        match (before, self) {
            (Some(protocol), Self::NotTls { greeting, .. }) => {
                Self::StartTlsUnasked { protocol, greeting }
            }
            (_, error) => error,
        }
    }

    /// Whether a server so old that it knows none of what a modern handshake offers would answer
    /// like this.
    pub(super) fn may_be_old_age(&self) -> bool {
        match self {
            Self::Alert { alert, .. } => OLD_AGE.contains(&alert.as_str()),
            Self::OldTls | Self::Closed { .. } | Self::Broken { .. } => true,
            _ => false,
        }
    }
}

/// The alerts with which servers answer an offer of which they know nothing.
const OLD_AGE: [&str; 5] = [
    "handshake_failure",
    "protocol_version",
    "insufficient_security",
    "illegal_parameter",
    "decode_error",
];

/// A span as it stands in a sentence: `10 s`, `0.5 s`.
fn words(span: Duration) -> String {
    if span.subsec_millis() == 0 {
        format!("{} s", span.as_secs())
    } else {
        format!("{:.1} s", span.as_secs_f64())
    }
}

fn other(protocol: StartTls, greeting: &str) -> String {
    let began = match greeting {
        "" => "its answer is no text".to_owned(),
        text => format!("it began with {text:?}"),
    };
    let label = protocol.label();
    format!("it does not speak {label} ({began}); check the port, and what it is asked to speak")
}

fn unasked(protocol: StartTls, greeting: &str) -> String {
    let label = protocol.label();
    let said = match greeting {
        "" => "bytes that are no text".to_owned(),
        text => format!("{text:?}"),
    };
    format!(
        "on the way from {label} to TLS it said in the clear what nobody had asked for ({said}), and nothing that followed was believed: somebody in between may have put it there; look at the server, and at what stands between here and there"
    )
}

fn refusal(alert: &str, name: Option<&str>) -> String {
    let hint = unnamed(name);
    match (alert, name) {
        ("unrecognized_name", Some(name)) => format!(
            "it does not know the name {name} (alert {alert}); ask for another one, as NAME@HOST:PORT"
        ),
        ("internal_error", Some(name)) => format!(
            "it reports an error of its own (alert {alert}), often because it has no certificate for the name {name}; look at the server's log, or ask for another name, as NAME@HOST:PORT"
        ),
        ("protocol_version", _) => format!(
            "it refuses TLS 1.2 and 1.3 and everything older that was tried (alert {alert}); bring the server to TLS 1.2 or 1.3{hint}"
        ),
        ("handshake_failure" | "insufficient_security", _) => format!(
            "it found nothing that it could agree to in the handshake (alert {alert}); look at the versions and ciphers that the server allows{hint}"
        ),
        ("no_application_protocol", _) => format!(
            "it insists on an application protocol that is not known here (alert {alert}); check the port"
        ),
        _ => format!("it refused the handshake (alert {alert}); look at the server's log{hint}"),
    }
}

/// What may help where no name could be asked for.
fn unnamed(name: Option<&str>) -> &'static str {
    match name {
        Some(_) => "",
        None => ". It was asked without a name; if it wants one, write NAME@ADDRESS:PORT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_as_people_say_them() {
        assert_eq!(words(Duration::from_secs(10)), "10 s");
        assert_eq!(words(Duration::from_millis(400)), "0.4 s");
    }

    #[test]
    fn a_refusal_says_what_else_to_ask_for() {
        let said = |alert: &str, name: Option<&str>| {
            let (alert, name) = (alert.to_owned(), name.map(str::to_owned));
            ProbeError::Alert { alert, name }.to_string()
        };
        let unknown = said("unrecognized_name", Some("a.example"));
        assert!(
            unknown.contains("does not know the name a.example"),
            "{unknown}"
        );
        assert!(unknown.contains("NAME@HOST:PORT"), "{unknown}");
        let unnamed = said("handshake_failure", None);
        assert!(unnamed.contains("asked without a name"), "{unnamed}");
        let named = said("handshake_failure", Some("a.example"));
        assert!(!named.contains("asked without a name"), "{named}");
    }
}
