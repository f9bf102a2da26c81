//! Servers that begin in the clear: each protocol is followed into TLS, and each refusal is told.

use std::time::{Duration, Instant};

use certdeck::config::{StartTls, Target};
use certdeck::probe::look;

use crate::identity::Identity;
use crate::servers::{Manner, Server, Step, Then};
use Step::{Hear, Say};

/// Enough for a busy machine.
const AMPLE: Duration = Duration::from_secs(300);

/// A server that begins in the clear.
fn begins(server: &Server, protocol: StartTls) -> Target {
    Target {
        starttls: Some(protocol),
        ..server.target("mail.example")
    }
}

const LDAP_ASKED: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

/// How each protocol goes on in TLS, by its documents.
fn talk_of(protocol: StartTls) -> Vec<Step> {
    match protocol {
        StartTls::Smtp => vec![
            Say(b"220-mail.example ESMTP\r\n220 ready\r\n"),
            Hear(b"EHLO [127.0.0.1]\r\n"),
            Say(b"250-mail.example\r\n250-SIZE 1000\r\n250-starttls\r\n"),
            Say(b"250 8BITMIME\r\n"),
            Hear(b"STARTTLS\r\n"),
            Say(b"220 go ahead\r\n"),
        ],
        StartTls::Imap => vec![
            Say(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"),
            Hear(b"a1 STARTTLS\r\n"),
            Say(b"* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n"),
        ],
        StartTls::Pop3 => vec![
            Say(b"+OK <1.2@mail.example>\r\n"),
            Hear(b"STLS\r\n"),
            Say(b"+OK begin\r\n"),
        ],
        StartTls::Postgres => vec![Hear(b"\x00\x00\x00\x08\x04\xd2\x16\x2f"), Say(b"S")],
        StartTls::Ldap => vec![
            Hear(LDAP_ASKED),
            Say(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
        ],
    }
}

#[tokio::test]
async fn every_protocol_is_followed_into_tls() {
    let identity = Identity::chain("mail.example", 2);
    for protocol in StartTls::ALL {
        for versions in [&[&rustls::version::TLS12], &[&rustls::version::TLS13]] {
            let then = Then::Tls(identity.config_of(versions));
            let server = Server::start(Manner::Talks(talk_of(protocol), then)).await;
            let target = begins(&server, protocol);
            let seen = look(&target, AMPLE).await;
            let seen = seen.unwrap_or_else(|error| panic!("{protocol:?}: {error}"));
            assert!(seen.chain == identity.ders(), "{protocol:?}");
            assert!(seen.protocol.is_some() && seen.cipher.is_some());
        }
    }
}

/// What is said of a server that talks so.
async fn said(protocol: StartTls, steps: Vec<Step>, then: Then, patience: Duration) -> String {
    let server = Server::start(Manner::Talks(steps, then)).await;
    let target = begins(&server, protocol);
    let seen = look(&target, patience).await;
    seen.unwrap_err().to_string()
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_own_words() {
    let cases: [(StartTls, Vec<Step>, &str); 10] = [
        (
            StartTls::Smtp,
            vec![
                Say(b"220 mail.example\r\n"),
                Hear(b"EHLO"),
                Say(b"250-mail.example\r\n250 SIZE 1000\r\n"),
            ],
            "speaks SMTP and did not go on in TLS (it does not offer STARTTLS)",
        ),
        (
            StartTls::Smtp,
            vec![
                Say(b"220 mail.example\r\n"),
                Hear(b"EHLO"),
                Say(b"250 STARTTLS\r\n"),
                Hear(b"STARTTLS"),
                Say(b"454 TLS not available\r\n"),
            ],
            "(454 TLS not available)",
        ),
        (
            StartTls::Smtp,
            vec![Say(b"554 go \x1b[2Jaway\r\n")],
            "(554 go \\u{1b}[2Jaway)",
        ),
        (
            StartTls::Imap,
            vec![
                Say(b"* OK ready\r\n"),
                Hear(b"a1"),
                Say(b"a1 BAD unknown command\r\n"),
            ],
            "speaks IMAP and did not go on in TLS (BAD unknown command)",
        ),
        (
            StartTls::Imap,
            vec![Say(b"* PREAUTH ready\r\n")],
            "(* PREAUTH ready)",
        ),
        (
            StartTls::Pop3,
            vec![Say(b"+OK\r\n"), Hear(b"STLS"), Say(b"-ERR no TLS here\r\n")],
            "(-ERR no TLS here)",
        ),
        (
            StartTls::Postgres,
            vec![Hear(b"\0"), Say(b"N")],
            "speaks PostgreSQL and did not go on in TLS (it answers that it does not speak TLS)",
        ),
        (
            StartTls::Ldap,
            vec![
                Hear(b"\x30"),
                Say(b"\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x34\x04\x00\x04\x02no"),
            ],
            "(unavailable, result 52: no)",
        ),
        (
            StartTls::Imap,
            vec![Say(b"HTTP/1.1 400 Bad Request\r\n\r\n")],
            "does not speak IMAP (it began with \"HTTP/1.1 400\")",
        ),
        (
            StartTls::Postgres,
            vec![Say(b"SSH-2.0-OpenSSH_9.2\r\n")],
            "does not speak PostgreSQL (it began with \"SSH-2.0-OpenSSH_9.2\")",
        ),
    ];
    for (protocol, steps, expected) in cases {
        let said = said(protocol, steps, Then::Hang, AMPLE).await;
        assert!(said.contains(expected), "{protocol:?}: {said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
}

/// What is said in the clear that nobody asked for, in every protocol: behind the answer in the
/// same breath, a moment after it, and before the question.
fn unasked() -> Vec<(StartTls, Vec<Step>)> {
    let mut cases = Vec::new();
    for protocol in StartTls::ALL {
        let mut together = talk_of(protocol);
        let more: &[u8] = match protocol {
            StartTls::Smtp => b"220 go ahead\r\n250 INJECTED\r\n",
            StartTls::Imap => b"a1 OK begin\r\na2 OK INJECTED\r\n",
            StartTls::Pop3 => b"+OK begin\r\n+OK INJECTED\r\n",
            StartTls::Postgres => b"SINJECTED",
            StartTls::Ldap => b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00INJECTED",
        };
        together.pop();
        together.push(Say(more));
        let mut later = talk_of(protocol);
        later.extend([Hear(b"\x16"), Say(b"250 INJECTED\r\n")]);
        cases.extend([(protocol, together), (protocol, later)]);
    }
    let before: [(StartTls, &[u8]); 4] = [
        (StartTls::Smtp, b"220 a\r\n250 STARTTLS\r\n220 INJECTED\r\n"),
        (StartTls::Imap, b"* OK a\r\na1 OK INJECTED\r\n"),
        (
            StartTls::Imap,
            b"* OK a\r\n* CAPABILITY\r\na1 OK INJECTED\r\n",
        ),
        (StartTls::Pop3, b"+OK a\r\n+OK INJECTED\r\n"),
    ];
    let before = before.map(|(protocol, says)| (protocol, vec![Say(says), Hear(b"")]));
    cases.extend(before);
    cases
}

#[tokio::test]
async fn what_is_said_in_the_clear_unasked_is_neither_an_answer_nor_tls() {
    let identity = Identity::good("mail.example");
    for (protocol, steps) in unasked() {
        // What would follow is a good server: it must not be believed any more.
        let then = Then::Tls(identity.config_of(&[&rustls::version::TLS12]));
        let said = said(protocol, steps, then, AMPLE).await;
        let expected = format!(
            "on the way from {} to TLS it said in the clear",
            protocol.label()
        );
        assert!(said.contains(&expected), "{protocol:?}: {said}");
    }
}

#[tokio::test]
async fn a_directorys_answer_to_nothing_is_not_taken_for_ours() {
    // Message 0 that says yes: nobody may begin TLS because of it.
    let strange = b"\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
    let steps = vec![Hear(LDAP_ASKED), Say(strange)];
    let said_of = said(StartTls::Ldap, steps, Then::Hang, AMPLE).await;
    assert!(said_of.contains("does not speak LDAP"), "{said_of}");
    // How a directory hangs up (RFC 4511, section 4.4.1).
    let leaves = b"\x30\x0f\x02\x01\x00\x78\x0a\x0a\x01\x34\x04\x00\x04\x03bye";
    let steps = vec![Hear(LDAP_ASKED), Say(leaves)];
    let said = said(StartTls::Ldap, steps, Then::Hang, AMPLE).await;
    assert!(said.contains("(unavailable, result 52: bye)"), "{said}");
}

#[tokio::test]
async fn whoever_hangs_or_hangs_up_before_tls_is_told_so_in_time() {
    for protocol in StartTls::ALL {
        let closed = said(protocol, vec![], Then::Close, AMPLE).await;
        assert!(closed.contains("closed the connection before"), "{closed}");
        let begun = Instant::now();
        let hangs = said(protocol, vec![], Then::Hang, Duration::from_millis(600)).await;
        assert!(hangs.contains("within 0.6 s"), "{hangs}");
        assert!(begun.elapsed() < AMPLE, "{protocol:?}");
    }
}

#[tokio::test]
async fn endless_and_trickling_talk_ends_in_time_and_with_little_memory() {
    for protocol in StartTls::ALL {
        for line in [
            &b"220-more\r\n"[..],
            b"* more\r\n",
            b"no end ",
            b"\x30\x84\xff",
        ] {
            let server = Server::start(Manner::Repeats(line.to_vec())).await;
            let target = begins(&server, protocol);
            let patience = Duration::from_secs(3);
            let seen = look(&target, patience).await;
            assert!(seen.is_err(), "{protocol:?}");
        }
        let server = Server::start(Manner::Trickles(b"220-more\r\n".to_vec())).await;
        let begun = Instant::now();
        let target = begins(&server, protocol);
        let patience = Duration::from_millis(700);
        let seen = look(&target, patience).await;
        assert!(seen.is_err(), "{protocol:?}");
        assert!(begun.elapsed() < AMPLE, "{protocol:?}");
    }
}

#[tokio::test]
async fn an_old_server_is_asked_the_old_way_after_its_talk_as_well() {
    // The first connection is refused in the handshake; the second one shows its certificate in
    // the clear.
    let alert = b"\x15\x03\x01\x00\x02\x02\x46";
    let steps = [talk_of(StartTls::Smtp), vec![Hear(b"\x16"), Say(alert)]].concat();
    let said = said(StartTls::Smtp, steps, Then::Close, AMPLE).await;
    assert!(
        said.contains("refuses TLS 1.2 and 1.3 and everything older"),
        "{said}"
    );
}
