//! Looks at the outside world: which certificates a TLS server shows.
//!
//! It accepts and hands over whatever is shown; whether a certificate is any good is for others to
//! say. May not: verify anything away, send more than a handshake, know the store. The engine
//! calls it.

mod classic;
mod connect;
mod error;
mod greeting;
mod handshake;
mod starttls;
mod suites;
mod witness;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::config::Target;

pub use error::ProbeError;
pub use greeting::Spoken;

/// How long a look may take altogether: name, connection and handshake. Three seconds are the
/// usual wait before a lost first packet is sent again and answered; what takes three times as
/// long is not a server that people can use.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The most that is read of one server. A handshake with a hundred certificates takes half of it;
/// TLS itself ends at 64 KiB for all certificates together as rustls reads it.
const MOST_BYTES: usize = 128 * 1024;

/// Which application protocol a server chose in the handshake (ALPN, RFC 7301).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Alpn {
    /// It was not asked: behind STARTTLS the protocol is known, and old TLS knows of none.
    #[default]
    NotAsked,
    /// None of [`OFFERED`].
    Nothing,
    /// This one of them.
    Chosen(String),
}

impl Alpn {
    /// The protocol that was chosen, or `none`; nothing where nobody asked.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::NotAsked => None,
            Self::Nothing => Some("none"),
            Self::Chosen(protocol) => Some(protocol),
        }
    }
}

/// The application protocols that are offered, the most wanted first: what browsers offer (IANA's
/// registry of ALPN protocol IDs).
pub const OFFERED: [&str; 2] = ["h2", "http/1.1"];

/// What a TLS server showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The certificates as they were sent, DER, the server's own first; never empty.
    pub chain: Vec<Vec<u8>>,
    /// Where it was.
    pub address: SocketAddr,
    /// The version that it chose, for example `TLS 1.3`; nothing where it did not come to that.
    pub protocol: Option<String>,
    /// The cipher suite that it chose, by its name in IANA's registry.
    pub cipher: Option<String>,
    /// Which application protocol it chose.
    pub alpn: Alpn,
}

/// What came of one handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    chain: Vec<Vec<u8>>,
    protocol: Option<String>,
    cipher: Option<String>,
    alpn: Alpn,
}

/// The end of patience.
#[derive(Clone, Copy, Debug)]
struct Deadline {
    patience: Duration,
    at: Instant,
}

impl Deadline {
    fn after(patience: Duration) -> Self {
        Self {
            patience,
            at: Instant::now() + patience,
        }
    }

    /// When four fifths of the patience are used up.
    fn nearly(&self) -> Instant {
        self.at.checked_sub(self.patience / 5).unwrap_or(self.at)
    }
}

/// Looks at a server, for at most so long altogether; one that begins in the clear is asked to go on
/// in TLS.
///
/// What is shown counts as seen from the moment in which it is shown: a handshake that fails later,
/// say because the server wants a certificate in return, takes nothing away from it. Nothing is
/// verified, neither names nor dates nor signatures, and nothing is sent after the handshake.
///
/// # Errors
/// When no certificate was shown: why not, and what to do about it.
pub async fn look(target: &Target, patience: Duration) -> Result<Seen, ProbeError> {
    let before = target.starttls;
    let deadline = Deadline::after(patience);
    let name = target.server_name();
    let (mut stream, address) = connect::connect(target, deadline).await?;
    if let Some(protocol) = before {
        starttls::begin(&mut stream, protocol, deadline).await?;
    }
    let offers = before.is_none();
    let shown = handshake::shake(&mut stream, name, address, offers, deadline).await;
    drop(stream);
    let shown = match shown {
        Ok(shown) => shown,
        Err(error) if offers && error.wants_another_protocol() => {
            let shown = without_offer(address, name, deadline).await;
            shown.ok_or(error)?
        }
        Err(error) if error.may_be_old_age() => {
            let shown = classic::shake(address, name, before, deadline).await;
            shown.ok_or(error)?
        }
        Err(error) => return Err(error.after(before)),
    };
    Ok(Seen {
        chain: shown.chain,
        address,
        protocol: shown.protocol,
        cipher: shown.cipher,
        alpn: shown.alpn,
    })
}

/// Once more, without an application protocol: a server that speaks another one than was offered may
/// refuse those who offer, and takes those who do not.
async fn without_offer(
    address: SocketAddr,
    name: Option<&str>,
    deadline: Deadline,
) -> Option<Shown> {
    let connecting = timeout_at(deadline.at, TcpStream::connect(address)).await;
    let mut stream = connecting.ok()?.ok()?;
    let shown = handshake::shake(&mut stream, name, address, false, deadline).await;
    shown.ok().map(|shown| Shown {
        alpn: Alpn::Nothing,
        ..shown
    })
}
