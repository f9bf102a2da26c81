//! Looking at servers that others wrote: openssl's, with keys and versions of every kind.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use certdeck::config::Target;
use certdeck::pki::certificate;
use certdeck::probe::{Seen, look};

const AMPLE: Duration = Duration::from_secs(20);

fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    output.stdout
}

/// Whether there is a peer to look at; says so where there is none.
fn is_there() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok();
    if !there {
        println!("skipped: openssl is not installed");
    }
    there
}

/// `openssl s_server`; ends when it is dropped.
struct Peer {
    child: Child,
    port: u16,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    /// Serves `NAME.pem` with `NAME.key`.
    fn start(folder: &Path, name: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert"])
            .args([format!("{name}.pem"), "-key".into(), format!("{name}.key")])
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.strip_prefix("ACCEPT ")?.rsplit_once(':')?;
            port.parse().ok()
        });
        let port = port.unwrap();
        Self { child, port }
    }

    fn target(&self) -> Target {
        format!("peer.example@127.0.0.1:{}", self.port)
            .parse()
            .unwrap()
    }
}

/// A key and a certificate of its own, signed with it.
fn make(folder: &Path, name: &str, key: &[&str]) -> PathBuf {
    let file = format!("{name}.key");
    openssl(folder, &[&["genpkey", "-out", &file], key].concat());
    let request = ["req", "-new", "-subj", "/CN=peer.example", "-key", &file];
    let certificate = format!("{name}.pem");
    openssl(
        folder,
        &[
            &request[..],
            &["-x509", "-days", "90", "-out", &certificate],
        ]
        .concat(),
    );
    folder.join(certificate)
}

async fn is_seen(folder: &Path, name: &str, arguments: &[&str]) -> Seen {
    let peer = Peer::start(folder, name, arguments);
    let seen = look(&peer.target(), AMPLE).await;
    let seen = seen.unwrap_or_else(|error| panic!("{name} {arguments:?}: {error}"));
    let der = ["x509", "-outform", "DER", "-in", &format!("{name}.pem")];
    assert!(
        seen.chain == [openssl(folder, &der)],
        "{name} {arguments:?}"
    );
    certificate::read(&seen.chain[0]).unwrap();
    seen
}

#[tokio::test]
async fn keys_of_every_kind_are_seen() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let curve = |name: &'static str| ["-algorithm", "EC", "-pkeyopt", name];
    let keys: [(&str, &[&str]); 6] = [
        ("p384", &curve("ec_paramgen_curve:P-384")),
        ("p521", &curve("ec_paramgen_curve:P-521")),
        // No TLS library of today would have it.
        ("k256", &curve("ec_paramgen_curve:secp256k1")),
        (
            "rsa4096",
            &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
        ),
        ("ed25519", &["-algorithm", "ED25519"]),
        ("ed448", &["-algorithm", "ED448"]),
    ];
    for (name, key) in keys {
        make(folder, name, key);
        if name != "k256" {
            is_seen(folder, name, &["-tls1_3"]).await;
        }
        is_seen(folder, name, &["-tls1_2"]).await;
    }
}

#[tokio::test]
async fn a_certificate_of_the_first_version_is_seen() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, "first", &["-algorithm", "RSA"]);
    let request = [
        "req",
        "-new",
        "-subj",
        "/CN=peer.example",
        "-key",
        "first.key",
        "-out",
        "csr",
    ];
    openssl(folder, &request);
    let sign = [
        "x509",
        "-req",
        "-in",
        "csr",
        "-signkey",
        "first.key",
        "-out",
        "first.pem",
    ];
    openssl(folder, &sign);
    let text = openssl(folder, &["x509", "-noout", "-text", "-in", "first.pem"]);
    assert!(String::from_utf8_lossy(&text).contains("Version: 1"));
    is_seen(folder, "first", &[]).await;
}

#[tokio::test]
async fn old_versions_and_old_ciphers_are_seen_as_well() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, "old", &["-algorithm", "RSA"]);
    let weak = ["-cipher", "ALL:@SECLEVEL=0"];
    for (version, spoken) in [("-tls1", "TLS 1.0"), ("-tls1_1", "TLS 1.1")] {
        let seen = is_seen(folder, "old", &[&weak[..], &[version]].concat()).await;
        assert_eq!(seen.protocol.as_deref(), Some(spoken));
        assert!(seen.cipher.unwrap().starts_with("TLS_"), "{version}");
    }
    for (cipher, name) in [
        ("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"),
        (
            "DHE-RSA-AES128-SHA256",
            "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
        ),
        (
            "ECDHE-RSA-AES256-SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
        ),
        (
            "ECDHE-RSA-AES256-GCM-SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        ),
    ] {
        let seen = is_seen(folder, "old", &["-tls1_2", "-cipher", cipher]).await;
        assert_eq!(seen.protocol.as_deref(), Some("TLS 1.2"));
        assert_eq!(seen.cipher.as_deref(), Some(name));
    }
    let newest = is_seen(folder, "old", &["-tls1_3"]).await;
    assert_eq!(newest.protocol.as_deref(), Some("TLS 1.3"));
    let names = [
        "TLS_AES_256_GCM_SHA384",
        "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256",
    ];
    assert!(
        names.contains(&newest.cipher.as_deref().unwrap()),
        "{newest:?}"
    );
}

#[tokio::test]
async fn a_server_that_knows_other_names_only_says_so() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "named", &["-algorithm", "ED25519"]);
    let strict = [
        "-servername",
        "other.example",
        "-servername_fatal",
        "-cert2",
        "named.pem",
        "-key2",
        "named.key",
    ];
    let peer = Peer::start(folder.path(), "named", &strict);
    let error = look(&peer.target(), AMPLE).await.unwrap_err().to_string();
    assert!(
        error.contains("does not know the name peer.example"),
        "{error}"
    );
    let target: Target = format!("other.example@127.0.0.1:{}", peer.port)
        .parse()
        .unwrap();
    look(&target, AMPLE).await.unwrap();
}
