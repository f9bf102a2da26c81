//! Looks at the outside world: which certificates a TLS server shows.
//!
//! It accepts and hands over whatever is shown; whether a certificate is any good is for others to
//! say. May not: verify anything away, send more than a handshake, know the store. The engine
//! calls it.

use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;

use crate::config::Target;

/// What a TLS server showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The certificates as they were sent, DER, the server's own first; never empty.
    pub chain: Vec<Vec<u8>>,
    /// Where it was.
    pub address: SocketAddr,
}

/// Why nothing was seen; each with what to do about it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProbeError {
    /// Not looked yet.
    #[error("nothing was looked at")]
    Nothing,
}

/// Looks at a server, for at most so long altogether.
///
/// # Errors
/// When no certificate was shown.
pub async fn look(target: &Target, patience: Duration) -> Result<Seen, ProbeError> {
    let _ = (target, patience);
    std::future::ready(()).await;
    Err(ProbeError::Nothing)
}
