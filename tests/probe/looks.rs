//! One look at each kind of server: what is shown is seen, and what is not shown has its reason.

use std::sync::Arc;
use std::time::{Duration, Instant};

use certdeck::config::Target;
use certdeck::probe::{Alpn, ProbeError, look};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;

use crate::identity::{Identity, config_by_name};
use crate::servers::{Manner, Server};

/// Enough for a busy machine.
const AMPLE: Duration = Duration::from_secs(20);
/// For servers that use it up.
const SHORT: Duration = Duration::from_millis(800);

async fn shown(target: &Target) -> Vec<Vec<u8>> {
    let seen = look(target, AMPLE).await;
    seen.unwrap_or_else(|error| panic!("{target}: {error}"))
        .chain
}

async fn shown_by(manner: Manner) -> Vec<Vec<u8>> {
    let server = Server::start(manner).await;
    shown(&server.target("shop.example")).await
}

/// What is said of a server, and how long it took to find out.
async fn said_of(manner: Manner, patience: Duration) -> (String, Duration) {
    let server = Server::start(manner).await;
    let begun = Instant::now();
    let error = look(&server.target("shop.example"), patience).await;
    (error.unwrap_err().to_string(), begun.elapsed())
}

#[tokio::test]
async fn whatever_certificate_is_shown_is_seen() {
    let identities = [
        ("good", Identity::good("shop.example")),
        ("expired", Identity::self_signed(&["shop.example"], -90, -1)),
        (
            "not yet valid",
            Identity::self_signed(&["shop.example"], 5, 95),
        ),
        ("another name", Identity::good("other.example")),
        ("no name", Identity::self_signed(&[], -1, 1)),
        ("a chain", Identity::chain("shop.example", 3)),
        ("a hundred", Identity::chain("shop.example", 100)),
        (
            "no certificate",
            Identity::showing(vec![CertificateDer::from(vec![7; 400])]),
        ),
    ];
    for (what, identity) in &identities {
        for versions in [&[&rustls::version::TLS12], &[&rustls::version::TLS13]] {
            let seen = shown_by(Manner::Tls(identity.config_of(versions))).await;
            assert!(seen == identity.ders(), "{what}, {versions:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_in_return_has_shown_its_own() {
    let identity = Identity::good("shop.example");
    for versions in [&[&rustls::version::TLS12], &[&rustls::version::TLS13]] {
        let config = identity.config_for_known_clients(versions);
        assert!(shown_by(Manner::Tls(config)).await == identity.ders());
    }
}

#[tokio::test]
async fn the_application_protocol_is_offered_and_told() {
    let identity = Identity::good("shop.example");
    for versions in [&[&rustls::version::TLS12], &[&rustls::version::TLS13]] {
        for (speaks, chosen) in [
            (&[][..], Alpn::Nothing),
            (&["h2", "http/1.1"], Alpn::Chosen("h2".to_owned())),
            (&["http/1.1"], Alpn::Chosen("http/1.1".to_owned())),
            // It refuses whoever offers something else, and is asked again without an offer.
            (&["postgresql"], Alpn::Nothing),
        ] {
            let mut config = ServerConfig::clone(&identity.config_of(versions));
            config.alpn_protocols = speaks.iter().map(|word| word.as_bytes().to_vec()).collect();
            let server = Server::start(Manner::Tls(Arc::new(config))).await;
            let seen = look(&server.target("shop.example"), AMPLE).await.unwrap();
            assert_eq!(seen.alpn, chosen, "{speaks:?}");
            assert!(seen.chain == identity.ders(), "{speaks:?}");
        }
    }
}

#[tokio::test]
async fn each_name_is_answered_with_its_own_certificate() {
    let (first, second) = (Identity::good("a.example"), Identity::good("b.example"));
    let config = config_by_name(&[("a.example", &first), ("b.example", &second)]);
    let server = Server::start(Manner::Tls(config)).await;
    assert!(shown(&server.target("a.example")).await == first.ders());
    assert!(shown(&server.target("b.example")).await == second.ders());
    for target in [server.target("c.example"), server.nameless()] {
        let error = look(&target, AMPLE).await.unwrap_err().to_string();
        assert!(error.contains("refused the handshake"), "{target}: {error}");
    }
    let nameless = look(&server.nameless(), AMPLE).await.unwrap_err();
    let nameless = nameless.to_string();
    assert!(nameless.contains("write NAME@ADDRESS:PORT"), "{nameless}");
}

#[tokio::test]
async fn what_speaks_something_else_is_recognised() {
    let cases: [(&'static [u8], &str); 7] = [
        (
            b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
            "plain HTTP, not TLS (with \"HTTP/1.1 400\"): is it the right port",
        ),
        (b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", "in SSH, not TLS"),
        (
            b"220 mail.example ESMTP\r\n",
            "plain SMTP, not TLS (with \"220 mail.example\"); write smtp:// before the server, or `certdeck probe --starttls smtp`, to have it go on in TLS, or use its TLS port, usually 465",
        ),
        (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", "usually 993"),
        (b"+OK ready\r\n", "usually 995"),
        (
            b"what is it\x1b[2J?\r\n",
            "speaks no TLS (with \"what is\")",
        ),
        (b"hi", "speaks no TLS"),
    ];
    for (greeting, expected) in cases {
        let (said, took) = said_of(Manner::Says(greeting), AMPLE).await;
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
        assert!(took < AMPLE / 2, "{said} took {took:?}");
    }
}

#[tokio::test]
async fn a_web_server_that_waits_for_a_line_is_recognised_in_the_end() {
    let (said, took) = said_of(Manner::WaitsForALine, Duration::from_secs(2)).await;
    assert!(said.contains("plain HTTP"), "{said}");
    assert!(took < AMPLE / 2, "{took:?}");
}

#[tokio::test]
async fn what_hangs_is_given_up_in_time() {
    let cases = [
        (
            Manner::Hangs,
            "accepted the connection and then said nothing for 0.8 s",
        ),
        (
            Manner::HangsInTheMiddle,
            "began to answer, and had shown no certificate after 0.8 s",
        ),
        (
            Manner::Trickles(vec![22, 3, 3, 0x40, 0, 2, 0, 0x3f]),
            "began to answer",
        ),
        (Manner::Trickles(b"x".to_vec()), "speaks no TLS"),
    ];
    for (manner, expected) in cases {
        let (said, took) = said_of(manner, SHORT).await;
        assert!(said.contains(expected), "{said}");
        assert!(took < AMPLE / 2, "{said} took {took:?}");
    }
}

#[tokio::test]
async fn what_breaks_off_or_never_stops_says_so() {
    let cases = [
        (
            Manner::Closes,
            "closed the connection before it showed a certificate",
        ),
        (
            Manner::ClosesOnHello,
            "closed the connection before it showed a certificate",
        ),
        (
            Manner::Answers(vec![0xfa; 900]),
            "speaks no TLS (in bytes that are no text)",
        ),
        (Manner::Repeats(vec![0xfa; 900]), "speaks no TLS"),
        // One record after the other that promises a greeting and holds nothing.
        (
            Manner::Repeats(vec![22, 3, 3, 0, 1, 2]),
            "in a way that cannot be followed",
        ),
        (
            Manner::Answers(vec![22, 3, 3, 0, 4, 14, 0, 0, 0]),
            "in a way that cannot be followed",
        ),
    ];
    for (manner, expected) in cases {
        let (said, took) = said_of(manner, AMPLE).await;
        assert!(said.contains(expected), "{said}");
        assert!(took < AMPLE / 2, "{said} took {took:?}");
    }
}

#[tokio::test]
async fn an_alert_is_said_with_what_else_to_try() {
    let cases = [
        (
            112,
            "does not know the name shop.example (alert unrecognized_name); ask for another one, as NAME@HOST:PORT",
        ),
        (40, "found nothing that it could agree to"),
        (70, "bring the server to TLS 1.2 or 1.3"),
        (80, "has no certificate for the name shop.example"),
        (120, "insists on an application protocol"),
        (49, "refused the handshake (alert access_denied)"),
        (99, "refused the handshake (alert 99)"),
    ];
    for (alert, expected) in cases {
        let (said, _) = said_of(Manner::alert(alert), AMPLE).await;
        assert!(said.contains(expected), "{alert}: {said}");
    }
}

#[tokio::test]
async fn where_nobody_is_the_connection_says_so() {
    let gone = Server::start(Manner::Hangs).await;
    let target = gone.nameless();
    drop(gone);
    let refused = loop {
        // The server ends a moment after it was dropped.
        match look(&target, AMPLE / 4).await.unwrap_err() {
            ProbeError::Refused { tried } => break ProbeError::Refused { tried },
            _ => tokio::task::yield_now().await,
        }
    };
    let refused = refused.to_string();
    assert!(refused.contains("nothing listens there"), "{refused}");
    assert!(refused.contains("127.0.0.1"), "{refused}");
}

/// A queue that is full swallows what comes, as many firewalls do.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn where_nobody_answers_it_is_given_up_in_time() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(SHORT, tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(stream);
        assert!(waiting.len() < 100, "the queue is never full");
    }
    let begun = Instant::now();
    let error = look(&address.to_string().parse().unwrap(), SHORT).await;
    let said = error.unwrap_err().to_string();
    assert!(
        said.contains(&format!("nobody answered at {address} within 0.8 s")),
        "{said}"
    );
    assert!(begun.elapsed() < AMPLE / 2);
}

#[tokio::test]
async fn whatever_comes_is_answered_with_a_reason() {
    // The same odd bytes each time: a generator that everybody can read (Knuth's MMIX).
    let mut state = 20_261_122_u64;
    let mut chance = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u8::try_from(state >> 56).unwrap()
    };
    for round in 0..120_u8 {
        let length = usize::from(chance()) + 1;
        let mut bytes: Vec<u8> = (0..length).map(|_| chance()).collect();
        // Half of it begins like a record, half of that like a greeting of the server's.
        let record = [22, 3, 3, 0, chance(), 2 + round % 2 * 9, 0, 0, chance()];
        if round % 2 == 0 {
            bytes.splice(0..bytes.len().min(5 + usize::from(round % 4) * 2), record);
        }
        let server = Server::start(Manner::AnswersAndCloses(bytes)).await;
        let begun = Instant::now();
        let error = look(&server.target("shop.example"), AMPLE)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("it "), "{error}");
        assert!(begun.elapsed() < AMPLE / 4, "round {round}: {error}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_is_said() {
    // Reserved for exactly this (RFC 2606, section 2); without a network nobody can be asked.
    let target: Target = "no-such-host.invalid".parse().unwrap();
    let error = look(&target, AMPLE).await.unwrap_err();
    let said = error.to_string();
    let is_one = matches!(
        error,
        ProbeError::NameUnknown { .. }
            | ProbeError::LookupFailed { .. }
            | ProbeError::LookupSlow { .. }
    );
    assert!(is_one && said.contains("no-such-host.invalid"), "{said}");
    let target: Target = format!("{}@127.0.0.1:1", "a".repeat(64)).parse().unwrap();
    let server = Server::start(Manner::Hangs).await;
    let target = Target {
        port: server.port,
        ..target
    };
    let said = look(&target, AMPLE).await.unwrap_err().to_string();
    assert!(
        said.contains("is no name that a TLS server can be asked for"),
        "{said}"
    );
}

#[tokio::test]
async fn a_server_that_takes_its_time_is_waited_for() {
    let identity = Identity::good("shop.example");
    let slow = Manner::SlowTls(Duration::from_millis(400), identity.config());
    assert!(shown_by(slow).await == identity.ders());
}
