//! What certdeck makes, judged by OpenSSL: keys, requests, certificates and chains.
//!
//! These tests need the `openssl` command and fail, rather than skip, without it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use certdeck::domain::text;
use certdeck::pki::bundle::{self, Found};
use certdeck::pki::ca::{IssueRequest, Issued, SandboxCa};
use certdeck::pki::{AltName, CertName, KeyType, PrivateKey, ValidationLevel, csr};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

/// A folder for one test and the `openssl` command in it.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder for the test"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("the test's folder can be written");
        path
    }

    /// Runs openssl with the words of the line as its arguments.
    fn run(&self, line: &str) -> Output {
        Command::new("openssl")
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("the openssl command runs; install it (apt-get install openssl, brew install openssl)")
    }

    /// Runs openssl, which has to succeed, and returns what it said on both streams.
    fn openssl(&self, line: &str) -> String {
        let output = self.run(line);
        let said = said_by(&output);
        assert!(output.status.success(), "openssl {line}: {said}");
        said
    }
}

fn said_by(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn read_secret(path: &Path) -> SecretString {
    SecretString::from(std::fs::read_to_string(path).expect("openssl wrote the key"))
}

fn names(typed: &str) -> Vec<CertName> {
    CertName::parse_list(typed)
        .into_iter()
        .map(|name| name.expect("a good name"))
        .collect()
}

fn now() -> Timestamp {
    "2026-11-22T10:20:30Z".parse().expect("a moment")
}

fn request(typed: &str) -> IssueRequest {
    IssueRequest {
        names: names(typed),
        not_before: now(),
        not_after: now() + SignedDuration::from_hours(24 * 90),
        serial: [7; 16],
        level: ValidationLevel::Dv,
        organization: None,
    }
}

const NAMES: &str = "*.münchen.example www.example.org 192.0.2.1 2001:db8::1";

#[test]
fn every_kind_of_key_with_its_request_and_certificate_is_accepted() {
    let ca = SandboxCa::generate("test", now()).expect("a CA");
    for kind in KeyType::ALL {
        let bench = Bench::new();
        let key = PrivateKey::generate(kind).expect("a key");
        bench.put("key.pem", key.to_pkcs8_pem().expose_secret());
        assert!(
            bench
                .openssl("pkey -check -noout -in key.pem")
                .contains("Key is valid")
        );

        let csr = csr::make(&key, &names(NAMES)).expect("a request");
        bench.put("csr.pem", &csr);
        let said = bench.openssl("req -verify -noout -text -in csr.pem");
        assert!(said.contains("verify OK"), "{kind}: {said}");
        for part in [
            "CN = *.xn--mnchen-3ya.example",
            "DNS:*.xn--mnchen-3ya.example, DNS:www.example.org, IP Address:192.0.2.1",
            "IP Address:2001:DB8:0:0:0:0:0:1",
        ] {
            assert!(said.contains(part), "{kind}: {part} is not in {said}");
        }

        let info = csr::read(csr.as_bytes()).expect("its own request");
        let issued = ca
            .issue(&info.spki_der, &request(NAMES))
            .expect("a certificate");
        check_certificate(&bench, &issued, kind);
        check_chain(&bench, &ca, &issued);
    }
}

fn check_certificate(bench: &Bench, issued: &Issued, kind: KeyType) {
    bench.put("leaf.pem", &issued.leaf_pem);
    let said = bench.openssl("x509 -noout -text -in leaf.pem");
    let bits = match kind {
        KeyType::Rsa2048 => "(2048 bit)",
        KeyType::Rsa3072 => "(3072 bit)",
        KeyType::Rsa4096 => "(4096 bit)",
        KeyType::P256 => "(256 bit)",
        KeyType::P384 => "(384 bit)",
        KeyType::Ed25519 => "ED25519",
    };
    for part in [
        bits,
        "Version: 3",
        "47:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07",
        "Not Before: Nov 22 10:20:30 2026 GMT",
        "Not After : Feb 20 10:20:30 2027 GMT",
        "CA:FALSE",
        "TLS Web Server Authentication",
        "2.23.140.1.2.1",
        "Digital Signature",
        "X509v3 Subject Key Identifier",
        "X509v3 Authority Key Identifier",
    ] {
        assert!(said.contains(part), "{kind}: {part} is not in {said}");
    }
    let enciphers = said.contains("Key Encipherment");
    assert_eq!(enciphers, kind.name().starts_with("rsa"), "{kind}");
    // The public key is the same wherever openssl takes it from.
    let of_key = bench.openssl("pkey -pubout -in key.pem");
    let of_certificate = bench.openssl("x509 -pubkey -noout -in leaf.pem");
    assert!(of_key.starts_with("-----BEGIN PUBLIC KEY-----"));
    assert_eq!(of_key, of_certificate, "{kind}");
}

fn check_chain(bench: &Bench, ca: &SandboxCa, issued: &Issued) {
    bench.put("intermediate.pem", &issued.chain_pem[0]);
    bench.put("root.pem", ca.root().to_pem());
    let verify = |at: Timestamp| {
        let seconds = at.as_second().to_string();
        bench.run(&format!(
            "verify -x509_strict -purpose sslserver -attime {seconds} \
             -CAfile root.pem -untrusted intermediate.pem leaf.pem"
        ))
    };
    // OpenSSL counts the last second as expired already, RFC 5280 section 4.1.2.5 does not.
    let last = request(NAMES).not_after - SignedDuration::from_secs(1);
    for at in [request(NAMES).not_before, last] {
        let output = verify(at);
        assert!(output.status.success(), "{}", said_by(&output));
    }
    let after = verify(request(NAMES).not_after + SignedDuration::from_secs(1));
    assert!(said_by(&after).contains("expired"), "{}", said_by(&after));
}

#[test]
fn keys_of_every_form_that_openssl_writes_are_read() {
    let bench = Bench::new();
    let make: [&str; 6] = [
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa-pkcs8.pem",
        "rsa -traditional -in rsa-pkcs8.pem -out rsa-pkcs1.pem",
        "ecparam -name prime256v1 -genkey -out ec-sec1.pem",
        "pkey -in ec-sec1.pem -out ec-pkcs8.pem",
        "ecparam -name secp384r1 -genkey -noout -out p384-sec1.pem",
        "genpkey -algorithm ED25519 -out ed25519.pem",
    ];
    for line in make {
        bench.openssl(line);
    }
    for (file, label, kind) in [
        ("rsa-pkcs8.pem", "RSA 2048", Some(KeyType::Rsa2048)),
        ("rsa-pkcs1.pem", "RSA 2048", Some(KeyType::Rsa2048)),
        ("ec-sec1.pem", "P-256", Some(KeyType::P256)),
        ("ec-pkcs8.pem", "P-256", Some(KeyType::P256)),
        ("p384-sec1.pem", "P-384", Some(KeyType::P384)),
        ("ed25519.pem", "Ed25519", Some(KeyType::Ed25519)),
    ] {
        let key = PrivateKey::from_pem(&read_secret(&bench.path(file)))
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(key.description().label(), label, "{file}");
        assert_eq!(key.key_type(), kind, "{file}");
        bench.put("again.pem", key.to_pkcs8_pem().expose_secret());
        let public = |name: &str| bench.openssl(&format!("pkey -pubout -in {name}"));
        assert_eq!(public("again.pem"), public(file), "{file}");
        assert!(
            key.to_pkcs8_pem()
                .expose_secret()
                .starts_with("-----BEGIN PRIVATE KEY-----")
        );
    }
}

#[test]
fn encrypted_keys_are_told_how_to_be_decrypted() {
    let bench = Bench::new();
    bench.openssl("genpkey -algorithm RSA -out plain.pem");
    bench.openssl("pkey -in plain.pem -aes256 -passout pass:x -out pkcs8.pem");
    bench.openssl("rsa -traditional -aes256 -passout pass:x -in plain.pem -out pkcs1.pem");
    for file in ["pkcs8.pem", "pkcs1.pem"] {
        let error =
            PrivateKey::from_pem(&read_secret(&bench.path(file))).expect_err("it is encrypted");
        assert!(
            error.to_string().contains("openssl pkey"),
            "{file}: {error}"
        );
    }
}

#[test]
fn a_person_s_own_request_with_odd_wishes_is_certified_without_them() {
    let bench = Bench::new();
    bench.put(
        "odd.cnf",
        "[req]\ndistinguished_name=dn\nreq_extensions=ext\nattributes=attr\nprompt=no\n\
         [dn]\nC=DE\nO=Example, Inc.\nOU=a\nCN=wrong.example\n\
         [attr]\nchallengePassword=secret\nunstructuredName=An odd one\n\
         [ext]\nsubjectAltName=DNS:wrong.example,email:me@example.org,URI:https://example.org/,otherName:1.2.3.4;UTF8:x,dirName:dn\n\
         basicConstraints=critical,CA:TRUE\ntlsfeature=status_request\n1.2.3.4.5=ASN1:UTF8String:odd\n\
         extendedKeyUsage=codeSigning,1.2.3.4\n",
    );
    bench.openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -config odd.cnf -out csr.pem");
    let info = csr::read(&std::fs::read(bench.path("csr.pem")).expect("a request"))
        .expect("a good request");
    assert_eq!(info.subject, "CN=wrong.example,OU=a,O=Example\\, Inc.,C=DE");
    assert_eq!(info.names.len(), 5, "{:?}", info.names);

    let ca = SandboxCa::generate("test", now()).expect("a CA");
    let issued = ca
        .issue(&info.spki_der, &request("right.example"))
        .expect("a certificate");
    bench.put("leaf.pem", &issued.leaf_pem);
    let said = bench.openssl("x509 -noout -text -in leaf.pem");
    assert!(said.contains("DNS:right.example") && said.contains("CA:FALSE"));
    for unwanted in ["wrong.example", "1.2.3.4", "CA:TRUE", "Code Signing"] {
        assert!(!said.contains(unwanted), "{unwanted} is in {said}");
    }
}

#[test]
fn a_certificate_without_a_common_name_holds_too() {
    let ca = SandboxCa::generate("test", now()).expect("a CA");
    let long = format!("{}.example.org", "a".repeat(60));
    for (typed, san) in [
        ("192.0.2.1", "IP Address:192.0.2.1"),
        (long.as_str(), "DNS:aaaa"),
    ] {
        let bench = Bench::new();
        let key = PrivateKey::generate(KeyType::P256).expect("a key");
        let issued = ca
            .issue(&key.spki_der(), &request(typed))
            .expect("a certificate");
        bench.put("leaf.pem", &issued.leaf_pem);
        let said = bench.openssl("x509 -noout -text -in leaf.pem");
        assert!(
            said.contains("X509v3 Subject Alternative Name: critical"),
            "{said}"
        );
        assert!(said.contains(san), "{said}");
        check_chain(&bench, &ca, &issued);
    }
}

#[test]
fn weak_and_unknown_keys_in_requests_are_told_apart_from_damage() {
    let bench = Bench::new();
    bench.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.pem");
    bench.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out large.pem");
    bench.openssl("genpkey -algorithm ED25519 -out ed.pem");
    for file in ["weak", "large", "ed"] {
        bench.openssl(&format!(
            "req -new -key {file}.pem -subj /CN={file}.example -out {file}.csr"
        ));
    }
    let read = |name: &str| csr::read(&std::fs::read(bench.path(name)).expect("a request"));
    let refusal = |name: &str| read(name).expect_err("no CA takes it").to_string();
    assert!(refusal("weak.csr").contains("only 1024 bits"));
    assert!(
        refusal("large.csr").contains("SHA-256 with ECDSA"),
        "{}",
        refusal("large.csr")
    );
    assert_eq!(
        read("ed.csr").expect("a good request").key.label(),
        "Ed25519"
    );
}

#[test]
fn digests_names_and_serials_agree_with_openssl() {
    let bench = Bench::new();
    let ca = SandboxCa::generate("test", now()).expect("a CA");
    bench.put("root.pem", ca.root().to_pem());
    let fingerprint = |digest: &str| {
        let said = bench.openssl(&format!("x509 -noout -fingerprint {digest} -in root.pem"));
        let value = said.trim().rsplit('=').next().unwrap_or_default();
        value.replace(':', "").to_lowercase()
    };
    assert_eq!(ca.root().sha256, fingerprint("-sha256"));
    assert_eq!(ca.root().sha1, fingerprint("-sha1"));
    let said = bench.openssl("x509 -noout -serial -subject -nameopt RFC2253 -in root.pem");
    let serial = ca.root().serial.replace(':', "").to_uppercase();
    assert!(said.contains(&format!("serial={serial}")), "{said}");
    assert!(
        said.contains(&format!("subject={}", ca.root().subject)),
        "{said}"
    );
}

#[test]
fn odd_certificates_that_openssl_makes_are_read() {
    let bench = Bench::new();
    bench.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem");
    bench.put(
        "v1.cnf",
        "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=Old Root\n",
    );
    bench.put("none.cnf", "[req]\ndistinguished_name=dn\n[dn]\n");
    bench.openssl("req -new -key key.pem -config v1.cnf -out v1.csr");
    bench.openssl("x509 -req -in v1.csr -signkey key.pem -sha1 -days 1 -out v1.pem");
    bench.openssl("req -x509 -new -key key.pem -config none.cnf -subj / -set_serial -5 -days 1 -out empty.pem");
    bench.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out k1.pem");
    bench.openssl("req -x509 -new -key k1.pem -sha512 -subj /CN=curve -days 1 -out k1-cert.pem");
    bench.openssl("genpkey -algorithm ED448 -out ed448.pem");
    bench.openssl("req -x509 -new -key ed448.pem -subj /CN=448 -days 1 -out ed448-cert.pem");
    let read = |name: &str| match bundle::read(
        &std::fs::read(bench.path(name)).expect("openssl wrote it"),
    )
    .pop()
    {
        Some(Found::Certificate(certificate)) => *certificate,
        other => panic!("{name}: {other:?}"),
    };

    let old = read("v1.pem");
    assert_eq!((old.version, old.display_name().as_str()), (1, "Old Root"));
    assert_eq!(old.signature_algorithm, "SHA-1 with RSA");
    assert_eq!(old.key.label(), "RSA 1024");
    assert!(old.is_self_issued && old.is_ca);

    let empty = read("empty.pem");
    assert_eq!((empty.subject.as_str(), empty.serial.as_str()), ("", "fb"));
    assert_eq!(empty.display_name(), "serial fb");
    assert!(!empty.is_self_issued);
    assert!(
        empty.oddities.iter().any(|said| said.contains("negative")),
        "{:?}",
        empty.oddities
    );

    assert_eq!(read("k1-cert.pem").key.label(), "secp256k1");
    assert_eq!(read("ed448-cert.pem").key.label(), "Ed448");
    assert_eq!(read("ed448-cert.pem").signature_algorithm, "Ed448");
}

#[test]
fn every_extension_that_is_shown_is_read() {
    let bench = Bench::new();
    bench.put(
        "all.cnf",
        "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n\
         [dn]\nC=DE\nO=Example\nCN=all.example\n\
         [ext]\nbasicConstraints=critical,CA:TRUE,pathlen:1\nkeyUsage=critical,keyCertSign,cRLSign,decipherOnly\n\
         extendedKeyUsage=serverAuth,OCSPSigning,1.2.3.4\ncertificatePolicies=1.2.3.4,2.23.140.1.2.2\n\
         authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/ca.crt\n\
         crlDistributionPoints=URI:http://crl.example/one.crl,URI:ldap://crl.example/two\n\
         subjectKeyIdentifier=0A0B0C\nauthorityKeyIdentifier=keyid:always\n\
         subjectAltName=DNS:all.example,IP:2001:db8::1,email:me@all.example,URI:https://all.example/\n",
    );
    bench.openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -config all.cnf -days 1 -out cert.pem",
    );
    let bytes = std::fs::read(bench.path("cert.pem")).expect("openssl wrote it");
    let Some(Found::Certificate(read)) = bundle::read(&bytes).pop() else {
        panic!("no certificate in {bytes:?}");
    };
    assert_eq!((read.is_ca, read.path_len), (true, Some(1)));
    assert_eq!(read.key_usages, ["keyCertSign", "cRLSign", "decipherOnly"]);
    assert_eq!(
        read.extended_key_usages,
        ["serverAuth", "OCSPSigning", "1.2.3.4"]
    );
    assert_eq!(read.policies, ["1.2.3.4", "2.23.140.1.2.2"]);
    assert_eq!(read.validation_level, Some(ValidationLevel::Ov));
    assert_eq!(read.aia_ocsp, ["http://ocsp.example/"]);
    assert_eq!(read.aia_issuers, ["http://ca.example/ca.crt"]);
    assert_eq!(
        read.crl_points,
        ["http://crl.example/one.crl", "ldap://crl.example/two"]
    );
    assert_eq!(read.subject_key_id.as_deref(), Some("0a0b0c"));
    assert_eq!(read.authority_key_id.as_deref(), Some("0a0b0c"));
    assert_eq!(
        read.names,
        [
            AltName::Dns("all.example".to_owned()),
            AltName::Ip("2001:db8::1".parse().expect("an address")),
            AltName::Email("me@all.example".to_owned()),
            AltName::Uri("https://all.example/".to_owned()),
        ]
    );
    assert_eq!(read.subject, "CN=all.example,O=Example,C=DE");
    assert_eq!(read.issuer_organization.as_deref(), Some("Example"));
    assert!(
        read.is_self_issued && read.oddities.is_empty(),
        "{:?}",
        read.oddities
    );
}

#[test]
fn hostile_names_are_harmless_once_they_are_sanitised() {
    let bench = Bench::new();
    let hostile = "evil\u{1b}[2J\u{7}\u{202e}\u{200b}\u{9b}x";
    bench.put(
        "evil.cnf",
        format!(
            "[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\nstring_mask=utf8only\n[dn]\nCN={hostile}\n"
        ),
    );
    bench.openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -config evil.cnf -days 1 -out cert.pem",
    );
    let bytes = std::fs::read(bench.path("cert.pem")).expect("openssl wrote it");
    let Some(Found::Certificate(read)) = bundle::read(&bytes).pop() else {
        panic!("no certificate");
    };
    assert_eq!(read.display_name(), hostile);
    for raw in [read.display_name(), read.subject, read.issuer] {
        let shown = text::sanitise(&raw);
        assert!(
            shown.ends_with("evil\\u{1b}[2J\\u{7}\\u{202e}\\u{200b}\\u{9b}x"),
            "{shown}"
        );
    }
}

#[test]
fn containers_are_recognised_and_left_alone() {
    let bench = Bench::new();
    bench.openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=x -days 1 -out cert.pem",
    );
    bench.openssl("pkcs12 -export -in cert.pem -inkey key.pem -passout pass:x -out all.p12");
    bench.openssl("crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out all.p7b");
    bench.openssl("pkey -in key.pem -outform DER -out key.der");
    bench.openssl("x509 -in cert.pem -trustout -addtrust serverAuth -out trusted.pem");
    let read =
        |name: &str| bundle::read(&std::fs::read(bench.path(name)).expect("openssl wrote it"));
    assert!(matches!(read("all.p12").as_slice(), [Found::Locked { .. }]));
    assert!(matches!(
        read("all.p7b").as_slice(),
        [Found::Certificate(_), ..]
    ));
    assert!(matches!(
        read("key.der").as_slice(),
        [Found::PrivateKey(key)] if key.spki_sha256.is_some()
    ));
    assert!(matches!(
        read("trusted.pem").as_slice(),
        [Found::Certificate(_)]
    ));
    let combined = format!(
        "{}{}",
        std::fs::read_to_string(bench.path("key.pem")).expect("a key"),
        std::fs::read_to_string(bench.path("cert.pem")).expect("a certificate")
    );
    assert!(matches!(
        bundle::read(combined.as_bytes()).as_slice(),
        [Found::PrivateKey(_), Found::Certificate(_)]
    ));
}
