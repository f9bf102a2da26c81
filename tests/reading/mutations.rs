//! Every reader, on real input that was changed at random: no panic, and an end.
//!
//! `CERTDECK_MUTATIONS=1000000 cargo test --release --test reading mutations` changes each reader's
//! input so many times; without it each test ends after some seconds. A panic names the seed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use certdeck::domain::text::sanitise;
use certdeck::pki::bundle::{self, Found};
use certdeck::pki::expanded::Expanded;
use certdeck::pki::findings::{Case, judge_at};
use certdeck::pki::{PrivateKey, certificate, crl, csr};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::oddities;
use crate::stage::Stage;

/// What a run without a number does at most, in time.
const PATIENCE: Duration = Duration::from_secs(4);
/// And at least.
const FEWEST: usize = 200;

/// Splitmix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        // Lengths, tags and signs are where readers go wrong.
        const TELLING: [u8; 12] = [0, 1, 2, 4, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xff];
        if self.next().is_multiple_of(2) {
            TELLING[self.below(TELLING.len())]
        } else {
            u8::try_from(self.next() & 0xff).unwrap()
        }
    }

    /// The input with a few changes: other bytes, some missing, some twice, or cut off.
    fn change(&mut self, input: &[u8]) -> Vec<u8> {
        let mut changed = input.to_vec();
        for _ in 0..=self.below(6) {
            if changed.is_empty() {
                break;
            }
            let at = self.below(changed.len());
            let end = (at + 1 + self.below(40)).min(changed.len());
            match self.below(8) {
                0 => changed.truncate(at),
                1 => drop(changed.drain(at..end)),
                2 => {
                    let again = changed[at..end].to_vec();
                    changed.splice(at..at, again);
                }
                _ => changed[at] = self.byte(),
            }
        }
        changed
    }
}

/// Changes each input again and again, and reads it.
fn change_and_read(what: &str, inputs: &[Vec<u8>], read: impl Fn(&[u8])) {
    let wanted: Option<usize> = std::env::var("CERTDECK_MUTATIONS")
        .ok()
        .map(|number| number.parse().unwrap());
    let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
    let mut done = 0;
    while wanted.map_or_else(
        || done < FEWEST || begun.elapsed() < PATIENCE,
        |wanted| done < wanted,
    ) {
        let seed = done as u64;
        let changed = Random(seed).change(&inputs[done % inputs.len()]);
        let since = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| read(&changed)));
        slowest = slowest.max(since.elapsed());
        assert!(
            outcome.is_ok(),
            "{what}: seed {seed} makes it panic: {changed:02x?}"
        );
        done += 1;
    }
    println!("{what}: {done} changes, the slowest took {slowest:?}");
}

fn certificates() -> Vec<Vec<u8>> {
    let stage = Stage::new();
    let all = oddities::all(&stage).into_iter().map(|(_, bytes)| bytes);
    let read = |bytes: Vec<u8>| match bundle::read(&bytes).pop() {
        Some(Found::Certificate(certificate)) => certificate.der,
        other => panic!("no certificate, but {other:?}"),
    };
    all.map(read).collect()
}

#[test]
fn mutations_of_certificates() {
    let inputs = certificates();
    let names = ["www.example.org".to_owned()];
    let above: Vec<_> = inputs
        .iter()
        .map(|der| certificate::read(der).unwrap())
        .collect();
    change_and_read("certificate", &inputs, |changed| {
        let Ok(read) = certificate::read(changed) else {
            return;
        };
        assert_eq!(read.der, changed);
        for text in [&read.subject, &read.issuer, &read.display_name()] {
            assert!(!sanitise(text).contains('\u{1b}'));
        }
        let expanded = Expanded::of(&read);
        assert!(
            expanded
                .extensions
                .iter()
                .all(|one| one.line(0).len() <= 64)
        );
        let case = Case {
            certificate: &read,
            chain: &above[..2],
            own_roots: &above[2..4],
            imported: &[],
            names: &names,
            key: Some("00"),
            revoked: None,
        };
        let _ = judge_at(&case, Timestamp::UNIX_EPOCH);
    });
}

#[test]
fn mutations_of_requests() {
    let stage = Stage::new();
    let mut inputs = Vec::new();
    for (name, kind) in [
        ("rsa", "rsa:2048"),
        ("ec", "ec -pkeyopt ec_paramgen_curve:P-256"),
    ] {
        stage.openssl(&format!(
            "req -new -newkey {kind} -nodes -keyout {name}.key -subj /CN=x -addext subjectAltName=DNS:x.example -outform DER -out {name}.csr"
        ));
        inputs.push(stage.read(&format!("{name}.csr")));
    }
    change_and_read("request", &inputs, |changed| {
        let _ = csr::read(changed);
    });
}

#[test]
fn mutations_of_revocation_lists() {
    let stage = Stage::new();
    let list = crate::lists::by_openssl(&stage, "Test CA", &[5, 6, 0x7fff]);
    let issuer = certificate::read(&list.issuer).unwrap();
    change_and_read("revocation list", &[list.der], |changed| {
        if let Ok(read) = crl::read(changed) {
            let _ = read.find_serial(&[5]);
            let _ = read.is_signed_by(&issuer);
        }
    });
}

#[test]
fn mutations_of_private_keys() {
    let stage = Stage::new();
    let mut inputs = Vec::new();
    stage.openssl("genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.key");
    stage.openssl("genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-384 -out ec.key");
    stage.openssl("genpkey -algorithm ed25519 -out ed25519.key");
    for line in [
        "pkey -in rsa.key -outform DER -out key",
        "rsa -in rsa.key -traditional -outform DER -out key",
        "pkey -in ec.key -outform DER -out key",
        "ec -in ec.key -outform DER -out key",
        "pkey -in ed25519.key -outform DER -out key",
        "pkcs8 -topk8 -in ec.key -passout pass:x -iter 10 -outform DER -out key",
        "rsa -in rsa.key -traditional -aes128 -passout pass:x -out key",
    ] {
        stage.openssl(line);
        inputs.push(stage.read("key"));
    }
    change_and_read("private key", &inputs, |changed| {
        assert!(!bundle::read(changed).is_empty());
        let _ = PrivateKey::from_der(changed);
        if let Ok(text) = std::str::from_utf8(changed) {
            let _ = PrivateKey::from_pem(&SecretString::from(text));
        }
    });
}

#[test]
fn mutations_of_pkcs_12_files() {
    let stage = Stage::new();
    let mut inputs = Vec::new();
    stage.openssl("req -x509 -newkey rsa:2048 -nodes -keyout key -subj /CN=x -out cert.pem");
    for how in ["", "-legacy", "-nomac", "-keypbe NONE -certpbe NONE"] {
        stage.openssl(&format!(
            "pkcs12 -export -in cert.pem -inkey key -passout pass:x -iter 10 -out all.p12 {how}"
        ));
        inputs.push(stage.read("all.p12"));
    }
    let passphrase = SecretString::from("x");
    change_and_read("PKCS #12", &inputs, |changed| {
        assert!(!bundle::read_with(changed, Some(&passphrase)).is_empty());
    });
}

#[test]
fn mutations_of_bundles() {
    let stage = Stage::new();
    let list = crate::lists::by_openssl(&stage, "Test CA", &[5]);
    stage.openssl("req -x509 -newkey rsa:2048 -nodes -keyout key -subj /CN=x -out cert.pem");
    stage.openssl("crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out all.p7b");
    stage.put("list.der", &list.der);
    stage.openssl("crl -inform DER -in list.der -out list.pem");
    let mixed = [
        stage.read("cert.pem"),
        stage.read("key"),
        stage.read("list.pem"),
    ]
    .concat();
    let wide = String::from_utf8(mixed.clone()).unwrap();
    let wide = "\u{feff}".encode_utf16().chain(wide.encode_utf16());
    let wide: Vec<u8> = wide.flat_map(u16::to_le_bytes).collect();
    change_and_read("bundle", &[mixed, wide, stage.read("all.p7b")], |changed| {
        assert!(!bundle::read(changed).is_empty());
        let _ = bundle::looks_like_certificate(changed, "x.pem");
    });
}
