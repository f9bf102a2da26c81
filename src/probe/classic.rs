//! Asks an old server for its certificate the old way.
//!
//! Up to TLS 1.2 a server shows its certificate in the clear right after its greeting (RFC 5246,
//! section 7.3), so nothing needs to be encrypted to see it: one greeting that offers everything
//! from TLS 1.0 on is sent, the answer is read as far as the certificate, and that is all. May not:
//! go on with the handshake; what nobody should speak any more is not spoken here either. `look`
//! calls it where the modern handshake was refused.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use super::starttls;
use super::{Alpn, Deadline, MOST_BYTES, Shown, suites};
use crate::config::StartTls;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const CERTIFICATE: u8 = 11;

/// Warning, `user_canceled` (RFC 5246, section 7.2): how one leaves a handshake politely.
const GOODBYE: [u8; 7] = [ALERT, 3, 1, 0, 2, 1, 90];

/// Asks once; nothing where no certificate was shown this way either.
pub(super) async fn shake(
    address: SocketAddr,
    name: Option<&str>,
    before: Option<StartTls>,
    deadline: Deadline,
) -> Option<Shown> {
    let asked = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        if let Some(protocol) = before {
            starttls::begin(&mut stream, protocol, deadline)
                .await
                .ok()?;
        }
        ask(stream, name).await
    };
    timeout_at(deadline.at, asked).await.ok()?
}

async fn ask(mut stream: TcpStream, name: Option<&str>) -> Option<Shown> {
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random).ok()?;
    stream.write_all(&hello(&random, name)?).await.ok()?;
    let (mut heard, mut buffer) = (Vec::new(), vec![0; 16 * 1024]);
    while heard.len() <= MOST_BYTES {
        let count = stream.read(&mut buffer).await.ok()?;
        heard.extend_from_slice(buffer.get(..count)?);
        match certificates(&heard) {
            Reading::Shown(spoken, chain) => {
                let _ = stream.write_all(&GOODBYE).await;
                let shown = Shown {
                    chain,
                    protocol: spoken.and_then(|spoken| version(spoken.version)),
                    cipher: spoken.map(|spoken| suites::name(spoken.suite)),
                    alpn: Alpn::NotAsked,
                };
                return (!shown.chain.is_empty()).then_some(shown);
            }
            Reading::Nothing => return None,
            Reading::More if count == 0 => return None,
            Reading::More => {}
        }
    }
    None
}

/// The greeting: one record, one message. Nothing where the name is too long to be one.
fn hello(random: &[u8; 32], name: Option<&str>) -> Option<Vec<u8>> {
    let suites = suites::SUITES.iter();
    let suites: Vec<u8> = suites.flat_map(|(suite, _)| suite.to_be_bytes()).collect();
    let mut body = vec![3, 3];
    body.extend_from_slice(random);
    body.push(0);
    body.extend(short(&suites)?);
    // No compression.
    body.extend([1, 0]);
    body.extend(short(&extensions(name)?)?);
    let mut message = vec![CLIENT_HELLO, 0];
    message.extend(short(&body)?);
    // Very old servers look at this version first, so it is the oldest (RFC 5246, appendix E.1).
    let mut record = vec![HANDSHAKE, 3, 1];
    record.extend(short(&message)?);
    Some(record)
}

fn extensions(name: Option<&str>) -> Option<Vec<u8>> {
    // P-256, P-384, P-521, X25519, secp256k1, the brainpool curves, P-224 and P-192.
    const CURVES: [u8; 20] = [
        0, 23, 0, 24, 0, 25, 0, 29, 0, 22, 0, 26, 0, 27, 0, 28, 0, 21, 0, 19,
    ];
    // Hash and key: SHA-512 down to SHA-1, each with RSA, DSA and ECDSA; then PSS, Ed25519, Ed448.
    const SIGNATURES: [u8; 40] = [
        6, 1, 6, 2, 6, 3, 5, 1, 5, 2, 5, 3, 4, 1, 4, 2, 4, 3, 3, 1, 3, 2, 3, 3, 2, 1, 2, 2, 2, 3,
        8, 4, 8, 5, 8, 6, 8, 7, 8, 8,
    ];
    let mut all = Vec::new();
    if let Some(name) = name {
        let mut entry = vec![0];
        entry.extend(short(name.trim_end_matches('.').as_bytes())?);
        all.extend(extension(0, &short(&entry)?)?);
    }
    all.extend(extension(10, &short(&CURVES)?)?);
    // Points are not compressed.
    all.extend(extension(11, &[1, 0])?);
    all.extend(extension(13, &short(&SIGNATURES)?)?);
    // No renegotiation took place (RFC 5746); some servers insist on hearing it.
    all.extend(extension(0xff01, &[0])?);
    Some(all)
}

fn extension(kind: u16, content: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend(short(content)?);
    Some(bytes)
}

/// With its length before it, in two bytes.
fn short(content: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(content.len()).ok()?;
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend_from_slice(content);
    Some(bytes)
}

/// What a server's greeting chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spoken {
    version: [u8; 2],
    suite: u16,
}

impl Spoken {
    /// Of a greeting (RFC 5246, section 7.4.1.3): version, 32 random bytes, a session, the suite.
    fn of(greeting: &[u8]) -> Option<Self> {
        let version = *greeting.first_chunk()?;
        let rest = greeting.get(34..)?;
        let session = usize::from(*rest.first()?);
        let suite = rest.get(1 + session..)?.first_chunk()?;
        let suite = u16::from_be_bytes(*suite);
        Some(Self { version, suite })
    }
}

/// The name of a version that was ever spoken this way.
fn version(version: [u8; 2]) -> Option<String> {
    let name = match version {
        [3, 0] => "SSL 3.0",
        [3, 1] => "TLS 1.0",
        [3, 2] => "TLS 1.1",
        [3, 3] => "TLS 1.2",
        _ => return None,
    };
    Some(name.to_owned())
}

/// What the bytes so far say.
#[derive(Debug, PartialEq, Eq)]
enum Reading {
    /// Nothing yet.
    More,
    /// These certificates, and what the server wants to speak.
    Shown(Option<Spoken>, Vec<Vec<u8>>),
    /// There will be none: an alert, the wrong message, or no TLS.
    Nothing,
}

/// Looks for the certificate message in what a server sent.
fn certificates(heard: &[u8]) -> Reading {
    let mut messages = Vec::new();
    let mut rest = heard;
    while let [kind, 3, _, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let content = after.get(..length.min(after.len())).unwrap_or_default();
        match *kind {
            HANDSHAKE => messages.extend_from_slice(content),
            // A warning, for example that the name is not known, ends nothing.
            ALERT if content.first().is_none_or(|level| *level == 1) => {}
            _ => return Reading::Nothing,
        }
        rest = after.get(length..).unwrap_or_default();
    }
    if rest.len() >= 5 {
        return Reading::Nothing;
    }
    in_messages(&messages)
}

fn in_messages(messages: &[u8]) -> Reading {
    const SERVER_HELLO: u8 = 2;
    let (mut rest, mut spoken) = (messages, None);
    while let [kind, a, b, c, after @ ..] = rest {
        let Some(content) = after.get(..long(*a, *b, *c)) else {
            break;
        };
        match *kind {
            SERVER_HELLO => spoken = Spoken::of(content),
            CERTIFICATE => {
                let shown = |chain| Reading::Shown(spoken, chain);
                return list(content).map_or(Reading::Nothing, shown);
            }
            _ => return Reading::Nothing,
        }
        rest = after.get(content.len()..).unwrap_or_default();
    }
    Reading::More
}

/// The certificates of the message (RFC 5246, section 7.4.2).
fn list(content: &[u8]) -> Option<Vec<Vec<u8>>> {
    let [a, b, c, after @ ..] = content else {
        return None;
    };
    let mut rest = after.get(..long(*a, *b, *c))?;
    let mut chain = Vec::new();
    while let [a, b, c, after @ ..] = rest {
        let length = long(*a, *b, *c);
        chain.push(after.get(..length)?.to_vec());
        rest = after.get(length..)?;
    }
    Some(chain)
}

fn long(a: u8, b: u8, c: u8) -> usize {
    usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind, 3, 1][..], &short(content).unwrap()].concat()
    }

    fn message(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind, 0][..], &short(content).unwrap()].concat()
    }

    /// A server's greeting and two certificates, as two messages.
    fn answer() -> Vec<u8> {
        let two = [0, 0, 9, 0, 0, 2, 7, 7, 0, 0, 1, 8];
        let greeting = [&[3, 1][..], &[9; 32], &[0, 0xc0, 0x14, 0]].concat();
        [message(2, &greeting), message(CERTIFICATE, &two)].concat()
    }

    #[test]
    fn certificates_are_found_however_the_records_are_cut() {
        let spoken = Spoken {
            version: [3, 1],
            suite: 0xc014,
        };
        let expected = Reading::Shown(Some(spoken), vec![vec![7, 7], vec![8]]);
        let answer = answer();
        for cut in 0..=answer.len() {
            let records = [
                record(HANDSHAKE, &answer[..cut]),
                record(HANDSHAKE, &answer[cut..]),
            ]
            .concat();
            assert_eq!(certificates(&records), expected, "cut at {cut}");
        }
        let whole = record(HANDSHAKE, &answer);
        for end in 0..whole.len() {
            assert_eq!(certificates(&whole[..end]), Reading::More, "{end} bytes");
        }
    }

    #[test]
    fn what_holds_no_certificate_is_seen_at_once() {
        let warned = [record(ALERT, &[1, 112]), record(HANDSHAKE, &answer())].concat();
        assert!(matches!(certificates(&warned), Reading::Shown(..)));
        assert_eq!(certificates(&record(ALERT, &[2, 40])), Reading::Nothing);
        assert_eq!(certificates(b"HTTP/1.1 400\r\n"), Reading::Nothing);
        let done = record(HANDSHAKE, &message(14, &[]));
        assert_eq!(certificates(&done), Reading::Nothing);
    }

    #[test]
    fn the_greeting_holds_the_name_and_is_as_long_as_it_says() {
        let hello = hello(&[5; 32], Some("old.example.")).unwrap();
        let name = hello.windows(11).any(|bytes| bytes == b"old.example");
        assert!(name && hello.len() == 5 + usize::from(u16::from_be_bytes([hello[3], hello[4]])));
        assert!(super::hello(&[5; 32], Some(&"a".repeat(70_000))).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = certificates(&bytes);
            let _ = certificates(&record(HANDSHAKE, &bytes));
        }
    }
}
