//! Servers on loopback, good ones and broken ones, as many as a test wants.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use certdeck::config::Target;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// What a server does with a connection.
#[derive(Clone)]
pub(crate) enum Manner {
    /// Speaks TLS.
    Tls(Arc<ServerConfig>),
    /// Speaks TLS after a while.
    SlowTls(Duration, Arc<ServerConfig>),
    /// Accepts and does nothing more.
    Hangs,
    /// Begins a handshake and does nothing more.
    HangsInTheMiddle,
    /// Closes at once.
    Closes,
    /// Closes once it was greeted.
    ClosesOnHello,
    /// Says this and closes once it was answered.
    Says(&'static [u8]),
    /// Says this after the greeting, and keeps the connection open.
    Answers(Vec<u8>),
    /// Says this after the greeting, and closes.
    AnswersAndCloses(Vec<u8>),
    /// Waits for the end of a line like a simple web server, and complains in HTML.
    WaitsForALine,
    /// Talks in the clear first, and then speaks TLS, hangs up, or hangs.
    Talks(Vec<Step>, Then),
    /// Sends these bytes again and again.
    Repeats(Vec<u8>),
    /// The same, one byte at a time with a pause between.
    Trickles(Vec<u8>),
}

/// One step of a talk in the clear.
#[derive(Clone)]
pub(crate) enum Step {
    /// Says this.
    Say(&'static [u8]),
    /// Hears something that begins so; hangs up where it does not.
    Hear(&'static [u8]),
}

/// What follows a talk in the clear.
#[derive(Clone)]
pub(crate) enum Then {
    Tls(Arc<ServerConfig>),
    Close,
    Hang,
}

impl Manner {
    /// Refuses the handshake with this alert (RFC 8446, section 6).
    pub(crate) fn alert(number: u8) -> Self {
        Self::Answers(vec![21, 3, 3, 0, 2, 2, number])
    }
}

/// A server; it ends when it is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    manner: Arc<Mutex<Manner>>,
    task: AbortHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start(manner: Manner) -> Self {
        Self::start_at(0, manner).await
    }

    /// On a port of one's choice, say of one that went down before.
    pub(crate) async fn start_at(port: u16, manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let manner = Arc::new(Mutex::new(manner));
        let serving = serve(listener, Arc::clone(&manner));
        let task = tokio::spawn(serving).abort_handle();
        Self { port, manner, task }
    }

    /// From the next connection on.
    pub(crate) fn becomes(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// As a target, asked for by `name`.
    pub(crate) fn target(&self, name: &str) -> Target {
        format!("{name}@127.0.0.1:{}", self.port).parse().unwrap()
    }

    /// As a target, asked for without a name.
    pub(crate) fn nameless(&self) -> Target {
        format!("127.0.0.1:{}", self.port).parse().unwrap()
    }
}

async fn serve(listener: TcpListener, manner: Arc<Mutex<Manner>>) {
    let mut held = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        while held.try_join_next().is_some() {}
        let manner = manner.lock().unwrap().clone();
        held.spawn(attend(stream, manner));
    }
}

async fn attend(mut stream: TcpStream, manner: Manner) {
    // Whoever looks may hang up at any time; that is no failure of the server's.
    let _ = match manner {
        Manner::Tls(config) => speak_tls(stream, config).await,
        Manner::SlowTls(wait, config) => {
            tokio::time::sleep(wait).await;
            speak_tls(stream, config).await
        }
        Manner::Hangs => hold(&mut stream).await,
        Manner::HangsInTheMiddle => {
            // A greeting of ninety bytes that ends after six.
            answer(&mut stream, &[22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3]).await
        }
        Manner::Closes => Ok(()),
        Manner::ClosesOnHello => stream.read(&mut [0; 4096]).await.map(drop),
        Manner::Says(text) => {
            let _ = stream.write_all(text).await;
            stream.read(&mut [0; 4096]).await.map(drop)
        }
        Manner::Answers(bytes) => answer(&mut stream, &bytes).await,
        Manner::AnswersAndCloses(bytes) => {
            let _ = stream.read(&mut [0; 4096]).await;
            stream.write_all(&bytes).await
        }
        Manner::WaitsForALine => complain_in_html(&mut stream).await,
        Manner::Talks(steps, then) => talk(stream, &steps, then).await,
        Manner::Repeats(bytes) => loop {
            if let Err(gone) = stream.write_all(&bytes).await {
                break Err(gone);
            }
        },
        Manner::Trickles(bytes) => trickle(&mut stream, &bytes).await,
    };
}

async fn speak_tls(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut stream = TlsAcceptor::from(config).accept(stream).await?;
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await?;
    assert!(heard.is_empty(), "a look sends nothing after the handshake");
    stream.shutdown().await
}

async fn talk(mut stream: TcpStream, steps: &[Step], then: Then) -> std::io::Result<()> {
    for step in steps {
        match step {
            Step::Say(bytes) => stream.write_all(bytes).await?,
            Step::Hear(expected) => {
                let mut heard = vec![0; 4096];
                let count = stream.read(&mut heard).await?;
                if !heard[..count].starts_with(expected) {
                    return Ok(());
                }
            }
        }
    }
    match then {
        Then::Tls(config) => speak_tls(stream, config).await,
        Then::Close => stream.shutdown().await,
        Then::Hang => hold(&mut stream).await,
    }
}

async fn hold(stream: &mut TcpStream) -> std::io::Result<()> {
    let _ = stream;
    std::future::pending().await
}

async fn answer(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let _greeting = stream.read(&mut [0; 4096]).await?;
    stream.write_all(bytes).await?;
    hold(stream).await
}

async fn complain_in_html(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut line = Vec::new();
    // The end of what is sent ends a line as well. A greeting that happens to hold a line break is
    // read on, so that the test never depends on chance.
    stream.read_to_end(&mut line).await?;
    let page = b"<!DOCTYPE HTML>\n<html lang=\"en\"><title>Error response</title></html>\n";
    stream.write_all(page).await
}

async fn trickle(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    for byte in bytes.iter().cycle() {
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
