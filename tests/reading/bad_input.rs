//! Truncated, changed, gigantic, nested, empty: the real program says what it is, and loses nothing
//! else.

use std::fs::File;

use crate::fixtures::{Parts, self_signed, tlv};
use crate::stage::Stage;

/// What `certdeck import FILE` says of something bad that lies beside something good.
fn said(name: &str, content: &[u8]) -> String {
    let stage = Stage::new();
    let bad = stage.put(&format!("heap/{name}"), content);
    assert_told(&stage, &bad.display().to_string())
}

fn assert_told(stage: &Stage, bad: &str) -> String {
    let good = stage.put(
        "heap/good.der",
        self_signed("good.example", &["good.example"]),
    );
    let good = good.display().to_string();
    let said = stage.certdeck(&["import", bad, &good]);
    assert_eq!(said.code, 6, "some of several: {said:?}");
    let line = said.err.lines().find(|line| line.starts_with("certdeck: "));
    let line = line
        .unwrap_or_else(|| panic!("nothing is said: {said:?}"))
        .to_owned();
    assert!(line.contains(bad.rsplit('/').next().unwrap()), "{line}");
    let list = stage.certdeck(&["list", "--json"]).out;
    assert!(list.contains("good.example"), "{list}");
    assert!(!line.contains('\u{1b}'), "{line}");
    line
}

fn pem(der: &[u8]) -> String {
    let body = data_encoding::BASE64.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

#[test]
fn an_empty_file() {
    assert!(said("empty.pem", b"").contains("it is empty"));
}

#[test]
fn a_file_that_is_cut_off() {
    let der = self_signed("x.example", &["x.example"]);
    let line = said("cut.der", &der[..der.len() / 2]);
    assert!(
        line.contains("cannot be read as an X.509 certificate"),
        "{line}"
    );
    let pem = pem(&der);
    let line = said("cut.pem", &pem.as_bytes()[..pem.len() / 2]);
    assert!(line.contains("the text ends before its END line"), "{line}");
}

#[test]
fn a_file_that_was_changed() {
    let mut der = self_signed("x.example", &["x.example"]);
    der[5] ^= 0xff;
    let line = said("changed.pem", pem(&der).as_bytes());
    assert!(line.contains("line 1: CERTIFICATE"), "{line}");
}

#[test]
fn a_gigantic_file() {
    let stage = Stage::new();
    let path = stage.put("heap/huge.pem", "");
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(100 << 20)
        .unwrap();
    let line = assert_told(&stage, &path.display().to_string());
    assert!(line.contains("larger than 32 MiB"), "{line}");
}

#[test]
fn a_file_of_junk_as_large_as_may_be() {
    let mut junk = vec![0x5a_u8; 31 << 20];
    for (at, byte) in junk.iter_mut().enumerate() {
        *byte = u8::try_from((at * 31 + at / 255) % 251).unwrap();
    }
    let line = said("junk.crt", &junk);
    assert!(line.contains("it holds neither PEM"), "{line}");
}

#[test]
fn elements_within_elements_without_an_end() {
    let mut nested = vec![0x30, 0];
    while nested.len() < 25_000 {
        nested = tlv(0x30, &nested);
    }
    let line = said("nested.der", &nested);
    assert!(line.contains("cannot be read"), "{line}");
    // And inside of something that is a certificate: it is read, and what nobody understands is
    // only shown.
    let inner = crate::fixtures::sequence(&[&[0x06, 3, 0x2a, 3, 4], &tlv(4, &nested)]);
    let parts = Parts {
        extensions: inner,
        ..Parts::default()
    };
    let stage = Stage::new();
    stage.put("nested.der", parts.der());
    let said = stage.certdeck(&["import", "nested.der"]);
    assert_eq!(said.code, 0, "{said:?}");
    // In the names, which are looked into.
    let parts = Parts {
        extensions: crate::fixtures::extension(0x11, &nested),
        subject: crate::fixtures::name(3, &nested),
        ..Parts::default()
    };
    stage.put("names.der", parts.der());
    let said = stage.certdeck(&["import", "names.der"]);
    assert!([0, 1].contains(&said.code), "{said:?}");
}

#[test]
fn containers_in_containers() {
    let stage = Stage::new();
    stage.openssl("req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=x -out cert.pem");
    stage.openssl("pkcs12 -export -in cert.pem -inkey key.pem -passout pass:x -out one.p12");
    stage.openssl("crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out one.p7b");
    // A container where a certificate should be.
    for name in ["one.p12", "one.p7b"] {
        let line = said("inside.pem", pem(&stage.read(name)).as_bytes());
        assert!(
            line.contains("cannot be read as an X.509 certificate"),
            "{line}"
        );
    }
    let said = stage.certdeck(&["import", "one.p7b"]);
    assert_eq!(said.code, 0, "{said:?}");
}
