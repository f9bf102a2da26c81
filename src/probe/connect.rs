//! Finds where a server is, and connects to it.
//!
//! May not: block the runtime's threads, which the panel's own work needs; a DNS that hangs holds
//! up nothing but its own look. `look` calls it.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout_at};

use super::Deadline;
use super::error::ProbeError;
use crate::config::Target;
use crate::domain::text::sanitise;

/// How many names may be looked up at once. The system's look-up cannot be called off: each one
/// that hangs keeps a thread until the system itself gives up.
static LOOKUPS: Semaphore = Semaphore::const_new(32);

/// How long an address may keep the next one waiting (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// How many addresses of one name are tried; names with more exist only to annoy.
const MOST_ADDRESSES: usize = 8;

/// Connects to the first address of the target that accepts.
///
/// # Errors
/// Where the name has no address, or none of them accepts in time.
pub(super) async fn connect(
    target: &Target,
    deadline: Deadline,
) -> Result<(TcpStream, SocketAddr), ProbeError> {
    let found = timeout_at(deadline.at, addresses(&target.host, target.port)).await;
    let addresses = found.map_err(|_| ProbeError::LookupSlow {
        host: target.host.clone(),
        patience: deadline.patience,
    })??;
    let connected = timeout_at(deadline.at, first_of(&addresses)).await;
    connected.unwrap_or_else(|_| {
        Err(ProbeError::NoAnswer {
            tried: list(&addresses),
            patience: deadline.patience,
        })
    })
}

/// The addresses of a host, in the order in which the system wants them tried.
async fn addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>, ProbeError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let failed = |says: String| ProbeError::Failed { says };
    let permit = LOOKUPS.acquire().await;
    let permit = permit.map_err(|error| failed(error.to_string()))?;
    let (tell, told) = oneshot::channel();
    let asked = host.to_owned();
    // A thread of its own, since a look-up that hangs would take one of the few that everybody's
    // blocking work shares.
    let thread = std::thread::Builder::new()
        .name("name-lookup".to_owned())
        .spawn(move || {
            let answer = (asked.as_str(), port).to_socket_addrs();
            drop(permit);
            let _ = tell.send(answer.map(Iterator::collect::<Vec<_>>));
        });
    thread.map_err(|error| failed(format!("no thread could be started ({error})")))?;
    let answer = told.await;
    let answer = answer.map_err(|_| failed("the look-up of its name stopped".to_owned()))?;
    let mut addresses = answer.map_err(|error| unknown(host, &error))?;
    addresses.dedup();
    addresses.truncate(MOST_ADDRESSES);
    if addresses.is_empty() {
        let none = io::Error::other("it has no address");
        return Err(unknown(host, &none));
    }
    Ok(addresses)
}

/// Why a name has no address. The system tells "there is none" from "nobody could say" in words
/// alone.
fn unknown(host: &str, error: &io::Error) -> ProbeError {
    let text = error.to_string();
    let says = text
        .rsplit_once(": ")
        .map_or(text.as_str(), |(_, says)| says);
    let says = sanitise(says).into_owned();
    let host = host.to_owned();
    if says.contains("emporary") || says.contains("on-recoverable") {
        ProbeError::LookupFailed { host, says }
    } else {
        ProbeError::NameUnknown { host, says }
    }
}

/// Tries the addresses, each a little after the one before, and takes the first that accepts.
async fn first_of(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), ProbeError> {
    let mut attempts = JoinSet::new();
    let (failed, waiting) = tokio::sync::watch::channel(0_usize);
    let failed = Arc::new(failed);
    for (number, address) in addresses.iter().copied().enumerate() {
        let (failed, mut waiting) = (Arc::clone(&failed), waiting.clone());
        attempts.spawn(async move {
            // The next one need not wait for an address that has failed already.
            let its_turn = waiting.wait_for(|failed| *failed >= number);
            let waited = HEAD_START * u32::try_from(number).unwrap_or(u32::MAX);
            tokio::select! {
                _ = its_turn => {}
                () = sleep(waited) => {}
            }
            let outcome = TcpStream::connect(address).await;
            if outcome.is_err() {
                failed.send_modify(|failed| *failed += 1);
            }
            outcome
                .map(|stream| (stream, address))
                .map_err(|error| (address, error))
        });
    }
    let mut errors = Vec::new();
    while let Some(attempt) = attempts.join_next().await {
        match attempt {
            Ok(Ok(connected)) => return Ok(connected),
            Ok(Err(error)) => errors.push(error),
            Err(stopped) => {
                let says = format!("a task stopped unexpectedly: {stopped}");
                return Err(ProbeError::Failed { says });
            }
        }
    }
    Err(why_not(addresses, &errors))
}

/// Of several reasons the one that says most: a refusal comes from the server itself.
fn why_not(addresses: &[SocketAddr], errors: &[(SocketAddr, io::Error)]) -> ProbeError {
    let tried = list(addresses);
    if errors
        .iter()
        .any(|(_, error)| error.kind() == io::ErrorKind::ConnectionRefused)
    {
        return ProbeError::Refused { tried };
    }
    let says = errors.first().map_or_else(
        || "nothing was tried".to_owned(),
        |(_, error)| sanitise(&error.to_string()).into_owned(),
    );
    ProbeError::Unreachable { tried, says }
}

fn list(addresses: &[SocketAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_such_name_is_told_from_nobody_could_say() {
        let said = |text: &str| unknown("a.example", &io::Error::other(text)).to_string();
        let none = said("failed to lookup address information: Name or service not known");
        assert!(none.contains("the name a.example was not found"), "{none}");
        assert!(none.contains("(Name or service not known)"), "{none}");
        let down =
            said("failed to lookup address information: Temporary failure in name resolution");
        assert!(down.contains("check this machine's network"), "{down}");
    }

    #[test]
    fn a_refusal_says_more_than_no_route() {
        let address: SocketAddr = "192.0.2.1:443".parse().unwrap();
        let error = |kind| (address, io::Error::from(kind));
        let both = [
            error(io::ErrorKind::NetworkUnreachable),
            error(io::ErrorKind::ConnectionRefused),
        ];
        assert!(matches!(
            why_not(&[address], &both),
            ProbeError::Refused { .. }
        ));
        let one = why_not(&[address], &both[..1]).to_string();
        assert!(one.contains("192.0.2.1:443 could not be reached"), "{one}");
    }

    #[tokio::test]
    async fn another_address_is_tried_where_one_refuses() {
        let open = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = (open.local_addr().unwrap(), open);
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shut = closed.local_addr().unwrap();
        drop(closed);
        let (_, reached) = first_of(&[shut, open.0]).await.unwrap();
        assert_eq!(reached, open.0);
        let refused = first_of(&[shut]).await.unwrap_err();
        assert!(
            refused.to_string().contains("nothing listens there"),
            "{refused}"
        );
    }
}
