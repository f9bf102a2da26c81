//! One TLS handshake, as far as it goes, and why it went no further.
//!
//! It drives rustls itself instead of handing it the connection, since it wants to know what came
//! over the line: a server that speaks something else is recognised by its own words. May not:
//! send anything but the handshake and its end. `look` calls it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{
    AlertDescription, CipherSuite, ClientConnection, Error, PeerIncompatible, ProtocolVersion,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::error::ProbeError;
use super::witness::Witness;
use super::{Alpn, Deadline, MOST_BYTES, Shown, greeting};
use crate::domain::text::sanitise;

/// How long a handshake may go on that has shown what there is to see: long enough to end it
/// politely on any line, and no reason to wait where the server does not.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// How long the other side's end is waited for after ours.
const FAREWELL: Duration = Duration::from_millis(250);
/// How long the rest of a first line is waited for, once it is clear that it is no TLS.
const REST_OF_LINE: Duration = Duration::from_millis(300);
/// How much of the beginning is kept to tell what is spoken.
const KEPT: usize = 256;

/// Why a handshake stopped.
enum Stop {
    /// rustls found something wrong.
    Tls(Error),
    /// The other side is gone.
    Gone,
    /// It said too much.
    TooMuch,
    /// Time is up.
    Late,
}

impl From<io::Error> for Stop {
    /// Whether it ended or was reset is a matter of chance: which of two packets came first.
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// What came over the line so far.
#[derive(Default)]
struct Heard {
    beginning: Vec<u8>,
    bytes: usize,
    /// Whether our side was closed after long silence.
    gave_up: bool,
}

impl Heard {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let room = KEPT.saturating_sub(self.beginning.len());
        self.beginning.extend(bytes.iter().take(room));
        self.bytes += bytes.len();
        if self.bytes > MOST_BYTES {
            return Err(Stop::TooMuch);
        }
        Ok(())
    }
}

/// One handshake under way.
struct Shake<'a> {
    stream: &'a mut TcpStream,
    connection: ClientConnection,
    witness: Arc<Witness>,
    heard: Heard,
    /// Whether application protocols are offered.
    offers: bool,
    deadline: Deadline,
}

/// Shakes hands and says what was shown; where `offers`, application protocols are offered.
///
/// # Errors
/// When none was shown.
pub(super) async fn shake(
    stream: &mut TcpStream,
    name: Option<&str>,
    address: SocketAddr,
    offers: bool,
    deadline: Deadline,
) -> Result<Shown, ProbeError> {
    let witness = Arc::new(Witness::default());
    let mut shake = Shake {
        connection: connection(&witness, name, address, offers)?,
        offers,
        stream,
        witness,
        heard: Heard::default(),
        deadline,
    };
    let outcome = shake.go_on().await;
    // What was shown was shown, however it ended.
    if let Some(chain) = shake.witness.shown() {
        return Ok(shake.shown(chain));
    }
    let stop = outcome
        .err()
        .unwrap_or(Stop::Tls(Error::NoCertificatesPresented));
    if !greeting::may_be_tls(&shake.heard.beginning) {
        shake.hear_the_line_out().await;
    }
    Err(shake.why(&stop, name))
}

fn connection(
    witness: &Arc<Witness>,
    name: Option<&str>,
    address: SocketAddr,
    offers: bool,
) -> Result<ClientConnection, ProbeError> {
    let failed = |error: Error| ProbeError::Failed {
        says: error.to_string(),
    };
    // An address is never sent as a name.
    let asked = match name {
        Some(name) => {
            ServerName::try_from(name.to_owned()).map_err(|_| ProbeError::NotAskable {
                name: sanitise(name).into_owned(),
            })?
        }
        None => ServerName::IpAddress(address.ip().into()),
    };
    let config = Arc::clone(witness).config(offers).map_err(failed)?;
    ClientConnection::new(Arc::new(config), asked).map_err(failed)
}

impl Shake<'_> {
    /// What was shown, with what is spoken, which both sides knew before.
    fn shown(&self, chain: Vec<Vec<u8>>) -> Shown {
        let version = self.connection.protocol_version();
        let suite = self.connection.negotiated_cipher_suite();
        Shown {
            chain,
            protocol: version.map(|version| version_name(version).to_owned()),
            cipher: suite.map(|suite| suite_name(suite.suite())),
            alpn: self.chosen(),
        }
    }

    /// The application protocol that was chosen, which is known before the certificate is.
    fn chosen(&self) -> Alpn {
        match self.connection.alpn_protocol() {
            // rustls takes none that was not offered.
            Some(protocol) => Alpn::Chosen(String::from_utf8_lossy(protocol).into_owned()),
            None if self.offers => Alpn::Nothing,
            None => Alpn::NotAsked,
        }
    }

    async fn go_on(&mut self) -> Result<(), Stop> {
        let mut buffer = vec![0; 16 * 1024];
        while self.connection.is_handshaking() {
            self.send().await?;
            let count = self.hear(&mut buffer).await?;
            let heard = buffer.get(..count).unwrap_or_default();
            if heard.is_empty() {
                return Err(Stop::Gone);
            }
            self.heard.take(heard)?;
            self.digest(heard).await?;
        }
        self.connection.send_close_notify();
        self.send().await?;
        self.stream.shutdown().await?;
        // What the server still sends is taken, for a moment: closing before that would reset the
        // connection, and its log would have an error for each look.
        let hear_it_out = async { while matches!(self.stream.read(&mut buffer).await, Ok(1..)) {} };
        let _ = timeout(FAREWELL, hear_it_out).await;
        Ok(())
    }

    /// Hands rustls what came, and passes on its complaint to the other side.
    async fn digest(&mut self, mut heard: &[u8]) -> Result<(), Stop> {
        while !heard.is_empty() {
            self.connection.read_tls(&mut heard)?;
            if let Err(error) = self.connection.process_new_packets() {
                let _ = self.send().await;
                return Err(Stop::Tls(error));
            }
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut bytes)?;
        }
        // Where nobody takes it any more, what was said before that is still there to be read.
        let sent = timeout_at(self.end(), self.stream.write_all(&bytes)).await;
        sent.map_or(Err(Stop::Late), |_| Ok(()))
    }

    /// Reads what is there; nothing where the other side closed.
    async fn hear(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        let nearly = self.deadline.nearly();
        if self.heard.bytes == 0 && Instant::now() < nearly {
            if let Ok(read) = timeout_at(nearly, self.stream.read(buffer)).await {
                return Ok(read?);
            }
            // A server that waits for the rest of what it takes for a line of text is told that
            // there is none, and answers in what it speaks. One that speaks TLS had its time.
            self.heard.gave_up = true;
            self.stream.shutdown().await?;
        }
        let read = timeout_at(self.end(), self.stream.read(buffer)).await;
        Ok(read.map_err(|_| Stop::Late)??)
    }

    fn end(&self) -> Instant {
        if self.witness.has_seen() {
            self.deadline.at.min(Instant::now() + AFTERWARDS)
        } else {
            self.deadline.at
        }
    }

    /// Something other than TLS is spoken: waits a moment for the end of its first line.
    async fn hear_the_line_out(&mut self) {
        let mut buffer = [0; KEPT];
        let has_line =
            |heard: &Heard| heard.beginning.len() >= KEPT || heard.beginning.contains(&b'\n');
        let read_on = async {
            while !has_line(&self.heard) {
                match self.stream.read(&mut buffer).await {
                    Ok(count @ 1..) => {
                        let heard = buffer.get(..count).unwrap_or_default();
                        if self.heard.take(heard).is_err() {
                            return;
                        }
                    }
                    _ => return,
                }
            }
        };
        let _ = timeout(REST_OF_LINE, read_on).await;
    }

    /// The reason in words for people.
    fn why(&self, stop: &Stop, name: Option<&str>) -> ProbeError {
        let patience = self.deadline.patience;
        let bytes = self.heard.bytes;
        if !greeting::may_be_tls(&self.heard.beginning) {
            let (spoken, greeting) = greeting::recognise(&self.heard.beginning);
            return ProbeError::NotTls { spoken, greeting };
        }
        match stop {
            Stop::TooMuch => ProbeError::TooMuch,
            Stop::Gone if self.heard.gave_up && bytes == 0 => ProbeError::Silent { patience },
            Stop::Gone => ProbeError::Closed {
                name: name.map(str::to_owned),
            },
            Stop::Late if bytes == 0 => ProbeError::Silent { patience },
            Stop::Late => ProbeError::Slow { patience },
            Stop::Tls(error) => of_tls(error, name),
        }
    }
}

fn of_tls(error: &Error, name: Option<&str>) -> ProbeError {
    match error {
        Error::AlertReceived(AlertDescription::CloseNotify) => ProbeError::Closed {
            name: name.map(str::to_owned),
        },
        Error::AlertReceived(alert) => ProbeError::Alert {
            alert: alert_name(*alert),
            name: name.map(str::to_owned),
        },
        Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            ProbeError::OldTls
        }
        Error::NoCertificatesPresented => ProbeError::NoCertificate,
        other => ProbeError::Broken {
            says: sanitise(&other.to_string()).into_owned(),
        },
    }
}

/// A version as people call it.
fn version_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "TLS 1.3",
        _ => "TLS 1.2",
    }
}

/// A suite by its name in IANA's registry; rustls puts the version into those of TLS 1.3.
fn suite_name(suite: CipherSuite) -> String {
    let known = format!("{suite:?}");
    match known.strip_prefix("TLS13_") {
        Some(rest) => format!("TLS_{rest}"),
        None => known,
    }
}

/// An alert by its name in RFC 8446, section 6, or by its number.
fn alert_name(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::UnrecognisedName => "unrecognized_name".to_owned(),
        AlertDescription::Unknown(number) => number.to_string(),
        known => snake(&format!("{known:?}")),
    }
}

/// `HandshakeFailure` as `handshake_failure`, `UnknownCA` as `unknown_ca`.
fn snake(camel: &str) -> String {
    let mut text = String::new();
    let mut was_small = false;
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && was_small {
            text.push('_');
        }
        was_small = letter.is_ascii_lowercase();
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_rfc() {
        let cases = [
            (AlertDescription::HandshakeFailure, "handshake_failure"),
            (AlertDescription::UnrecognisedName, "unrecognized_name"),
            (AlertDescription::UnknownCA, "unknown_ca"),
            (AlertDescription::ProtocolVersion, "protocol_version"),
            (AlertDescription::Unknown(99), "99"),
        ];
        for (alert, name) in cases {
            assert_eq!(alert_name(alert), name);
        }
    }
}
