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

use tokio::time::Instant;

use crate::config::Target;

pub use error::ProbeError;
pub use greeting::Spoken;
pub use starttls::StartTls;

/// How long a look may take altogether: name, connection and handshake. Three seconds are the
/// usual wait before a lost first packet is sent again and answered; what takes three times as
/// long is not a server that people can use.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The most that is read of one server. A handshake with a hundred certificates takes half of it;
/// TLS itself ends at 64 KiB for all certificates together as rustls reads it.
const MOST_BYTES: usize = 128 * 1024;

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
}

/// What came of one handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    chain: Vec<Vec<u8>>,
    protocol: Option<String>,
    cipher: Option<String>,
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

/// Looks at a server that speaks TLS from the first byte, for at most so long altogether.
///
/// What is shown counts as seen from the moment in which it is shown: a handshake that fails later,
/// say because the server wants a certificate in return, takes nothing away from it. Nothing is
/// verified, neither names nor dates nor signatures, and nothing is sent after the handshake.
///
/// # Errors
/// When no certificate was shown: why not, and what to do about it.
pub async fn look(target: &Target, patience: Duration) -> Result<Seen, ProbeError> {
    look_after(target, None, patience).await
}

/// The same at a server that perhaps has to be asked to go on in TLS.
///
/// # Errors
/// When no certificate was shown: why not, and what to do about it.
pub async fn look_after(
    target: &Target,
    before: Option<StartTls>,
    patience: Duration,
) -> Result<Seen, ProbeError> {
    let deadline = Deadline::after(patience);
    let name = target.server_name();
    let (mut stream, address) = connect::connect(target, deadline).await?;
    if let Some(protocol) = before {
        starttls::begin(&mut stream, protocol, deadline).await?;
    }
    let shown = handshake::shake(&mut stream, name, address, deadline).await;
    drop(stream);
    let shown = match shown {
        Ok(shown) => shown,
        Err(error) if error.may_be_old_age() => {
            let shown = classic::shake(address, name, before, deadline).await;
            shown.ok_or(error)?
        }
        Err(error) => return Err(error),
    };
    Ok(Seen {
        chain: shown.chain,
        address,
        protocol: shown.protocol,
        cipher: shown.cipher,
    })
}
