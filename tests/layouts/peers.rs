//! certbot and lego themselves, with Pebble as their CA, all on this machine alone.
//!
//! Where they are not installed, a test says so and ends; with `CERTDECK_REQUIRE_PEERS` set, it
//! fails instead, so that CI cannot pass by passing over.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, thread};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// What the certificates are for, in the order of their letters.
pub(crate) const NAMES: [&str; 2] = ["shop.example.com", "www.shop.example.com"];

/// A running Pebble and a folder for what its client keeps.
pub(crate) struct Peers {
    folder: TempDir,
    pebble: Child,
    port: u16,
    /// Where clients answer challenges; Pebble is told to be content with anything.
    http: u16,
}

impl Drop for Peers {
    fn drop(&mut self) {
        let _ = self.pebble.kill();
        let _ = self.pebble.wait();
    }
}

impl Peers {
    /// Starts Pebble for a client; nothing where one of the two is not installed.
    pub(crate) fn start(client: &str) -> Option<Self> {
        let missing = [client, "pebble"]
            .into_iter()
            .find(|name| !is_installed(name));
        if let Some(missing) = missing {
            let says = format!("{missing} is not installed, so its layout was not tried");
            assert!(env::var_os("CERTDECK_REQUIRE_PEERS").is_none(), "{says}");
            println!("skipped: {says}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let [port, management, http, tls] = free_ports();
        server_certificate(folder.path());
        let config = serde_json::json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": folder.path().join("server.pem"),
            "privateKey": folder.path().join("server.key"),
            "httpPort": http,
            "tlsPort": tls,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": 518_400,
        }});
        let config_file = folder.path().join("pebble.json");
        fs::write(&config_file, config.to_string()).unwrap();
        let mut pebble = Command::new("pebble")
            .arg("-config")
            .arg(&config_file)
            .env("PEBBLE_VA_ALWAYS_VALID", "1")
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_WFE_NONCEREJECT", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until_it_listens(&mut pebble);
        fs::create_dir(folder.path().join("kept")).unwrap();
        Some(Self {
            folder,
            pebble,
            port,
            http,
        })
    }

    /// Where the client keeps its certificates.
    pub(crate) fn kept(&self) -> PathBuf {
        self.folder.path().join("kept")
    }

    pub(crate) fn certbot(&self, arguments: &[&str]) {
        let aside = |name: &str| self.folder.path().join(name);
        let mut command = self.client("certbot");
        command
            .args(arguments)
            .args(["-n", "--agree-tos", "-m", "me@example.com"]);
        command.args(["--http-01-port", &self.http.to_string()]);
        // What a new certificate takes its address from; a renewal remembers it.
        if arguments[0] == "certonly" {
            command.args(["--server", &self.server()]);
        } else {
            command.arg("--no-random-sleep-on-renew");
        }
        command.arg("--config-dir").arg(self.kept());
        command.arg("--work-dir").arg(aside("work"));
        command.arg("--logs-dir").arg(aside("logs"));
        succeeds(&mut command);
    }

    pub(crate) fn lego(&self, arguments: &[&str]) {
        let mut command = self.client("lego");
        command.args(["--accept-tos", "--email", "me@example.com", "--http"]);
        command.args(["--server", &self.server()]);
        command.args(["--http.port", &format!(":{}", self.http)]);
        for name in NAMES {
            command.args(["--domains", name]);
        }
        command.arg("--path").arg(self.kept()).args(arguments);
        succeeds(&mut command);
    }

    fn server(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// A client that trusts this Pebble, and asks nobody else.
    fn client(&self, program: &str) -> Command {
        let ca = self.folder.path().join("ca.pem");
        let mut command = Command::new(program);
        for proxy in [
            "http_proxy",
            "https_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
        ] {
            command.env_remove(proxy);
        }
        command
            .env("LEGO_CA_CERTIFICATES", &ca)
            .env("REQUESTS_CA_BUNDLE", &ca)
            .stdin(Stdio::null());
        command
    }
}

/// A copy of a folder with its links, modes and times, as a person would make one.
pub(crate) fn copy(from: &Path, to: &Path) {
    succeeds(Command::new("cp").arg("-a").arg(from).arg(to));
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{out}\n{err}");
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Ports that nobody listens on, different ones since all are held until all are known.
fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// A CA, and the certificate that Pebble shows its clients.
fn server_certificate(folder: &Path) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    // A CA and what it signs must not be called the same, or it seems to have signed itself.
    let name = "a CA for one test";
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let ca = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::from_params(&authority, &authority_key);
    let mut server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().unwrap();
    let certificate = server.signed_by(&key, &issuer).unwrap();
    fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

/// Reads what Pebble says until it is ready, and lets the rest go by so that it never waits.
fn wait_until_it_listens(pebble: &mut Child) {
    let mut lines = BufReader::new(pebble.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    loop {
        let Some(Ok(line)) = lines.next() else {
            panic!("Pebble ended before it listened:\n{}", said.join("\n"));
        };
        let is_ready = line.contains("ACME directory available");
        said.push(line);
        if is_ready {
            break;
        }
    }
    thread::spawn(move || lines.for_each(drop));
}
