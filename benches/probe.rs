//! Probing many TLS servers in one go, and the same servers one after the other with
//! `openssl s_client`, in turn in one run.
//!
//! `cargo bench --bench probe [-- COUNT]`. The servers are this process, on loopback; they take
//! their share of the processors from both. A ratio below 1 means that certdeck took less.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, KeyPair};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;

/// How often each is run.
const ROUNDS: usize = 3;
/// Of so many servers the loop is measured; it takes each the same time.
const LOOPED: usize = 200;
const NAME: &str = "shop.example";

fn main() {
    let count = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let count: usize = count.unwrap_or(1_000);
    room_for(count);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let entered = runtime.enter();
    let ports = serve(count);
    drop(entered);
    let looped = &ports[..LOOPED.min(count)];
    let (mut probes, mut loops) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        probes.push(probe(&ports));
        loops.push(s_client(looped));
    }
    let ours = tell(
        &format!("certdeck probe, {count} servers at once"),
        count,
        &mut probes,
    );
    let what = format!("openssl s_client, {} one after the other", looped.len());
    let theirs = tell(&what, looped.len(), &mut loops);
    println!("ratio of the times for one server: {:.3}", ours / theirs);
}

/// Prints the median with the least and the most; gives the seconds for one server.
fn tell(what: &str, count: usize, times: &mut [Duration]) -> f64 {
    times.sort();
    let seconds = |at: usize| times[at].as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let count = count as f64;
    let median = seconds(times.len() / 2);
    println!(
        "{what}: {median:.2} s ({:.2} to {:.2}), {:.0} a second",
        seconds(0),
        seconds(times.len() - 1),
        count / median
    );
    median / count
}

/// Lets this process and its children have so many sockets.
fn room_for(count: usize) {
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::try_from(count * 2 + 1_000).ok();
    let current = match limit.maximum {
        Some(most) => wanted.map(|wanted| wanted.min(most)),
        None => wanted,
    };
    let limit = Rlimit { current, ..limit };
    setrlimit(Resource::Nofile, limit).expect("the limit of open files");
}

/// Starts so many servers, each on a port of its own.
fn serve(count: usize) -> Vec<u16> {
    let key = KeyPair::generate().expect("a key");
    let made = CertificateParams::new(vec![NAME.to_owned()]).expect("a name");
    let made = made.self_signed(&key).expect("a certificate");
    let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], der)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let mut ports = Vec::new();
    for _ in 0..count {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        ports.push(listener.local_addr().expect("its address").port());
        listener.set_nonblocking(true).expect("a socket");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        tokio::spawn(attend(listener, acceptor.clone()));
    }
    ports
}

async fn attend(listener: tokio::net::TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.shutdown().await;
            }
        });
    }
}

/// The whole program, from exec to its end, with its answer checked.
fn probe(ports: &[u16]) -> Duration {
    let home = tempfile::tempdir().expect("a temporary folder");
    let hosts = ports.iter().map(|port| format!("{NAME}@127.0.0.1:{port}"));
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_certdeck"))
        .env_clear()
        .env("HOME", home.path())
        .args(["probe", "--json"])
        .args(hosts)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    let took = begun.elapsed();
    let text = String::from_utf8(output.stdout).expect("JSON");
    let seen = text.matches("\"protocol\": \"TLS 1.3\"").count();
    assert_eq!(seen, ports.len(), "every server is seen");
    took
}

/// What people type in a loop, one process for each server.
fn s_client(ports: &[u16]) -> Duration {
    let begun = Instant::now();
    for port in ports {
        let place = format!("127.0.0.1:{port}");
        let output = Command::new("openssl")
            .args(["s_client", "-servername", NAME, "-connect", &place])
            .stdin(Stdio::null())
            .output()
            .expect("openssl is installed");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("BEGIN CERTIFICATE"), "{text}");
    }
    begun.elapsed()
}
