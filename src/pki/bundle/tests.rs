//! What is found in files of every kind, good and bad.

use super::*;
use crate::pki::fixtures::self_signed;
use crate::pki::key::KeyType;
use crate::pki::key::PrivateKey;
use crate::pki::{CertName, csr};
use proptest::prelude::*;
use secrecy::ExposeSecret;

fn pem_of(name: &str) -> String {
    pem::encode("CERTIFICATE", &self_signed(name, &["x.example"]))
}

/// What was found, in words short enough to compare.
fn outline(bytes: impl AsRef<[u8]>) -> Vec<String> {
    read(bytes.as_ref())
        .into_iter()
        .map(|found| match found {
            Found::Certificate(certificate) => certificate.display_name(),
            Found::Csr(info) => format!("request {}", info.subject),
            Found::Crl(list) => format!("list of {}", list.issuer),
            Found::PrivateKey(key) => format!("{} {:?}", key.form, key.spki_sha256.is_some()),
            Found::Locked { label, .. } => format!("locked {label}"),
            Found::Other { label } => format!("other {label}"),
            Found::Unreadable { what, line, .. } => format!("bad {what} {line:?}"),
        })
        .collect()
}

fn why(bytes: impl AsRef<[u8]>) -> String {
    match read(bytes.as_ref()).as_slice() {
        [Found::Unreadable { why, .. }] => why.clone(),
        other => panic!("expected one unreadable thing, found {other:?}"),
    }
}

#[test]
fn everything_in_a_mixed_file_is_found_in_its_order() {
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let secret = key.to_pkcs8_pem();
    let request = csr::make(&key, &[CertName::parse("r.example").unwrap()]).unwrap();
    let file = format!(
        "\u{feff}# a comment\r\n{}\r\nsubject: x\n{}{request}{}junk\n{}",
        pem_of("one").replace('\n', "\r\n"),
        secret.expose_secret(),
        pem::encode("DH PARAMETERS", b"list"),
        pem_of("two")
            .replace("BEGIN CERT", "BEGIN TRUSTED CERT")
            .replace("END CERT", "END TRUSTED CERT"),
    );
    assert_eq!(
        outline(&file),
        [
            "one",
            "private key (PKCS #8) true",
            "request CN=r.example",
            "other DH PARAMETERS",
            "two"
        ]
    );
    assert!(!format!("{:?}", read(file.as_bytes())).contains(secret.expose_secret()));
}

#[test]
fn a_damaged_block_loses_only_itself() {
    let (one, two, three) = (pem_of("one"), pem_of("two"), pem_of("three"));
    let lines = one.lines().count();
    let at = format!("Some({})", lines + 1);
    let cut_short = &two[..two.len() / 2];
    let not_base64 = two.replacen('M', "!", 1);
    let not_der = pem::encode("CERTIFICATE", b"not a certificate");
    let trailing = pem::encode("CERTIFICATE", &[self_signed("x", &[]), vec![0]].concat());
    let wrong_end = two.replace("END CERTIFICATE", "END X509 CRL");
    for damaged in [cut_short, &not_base64, &not_der, &trailing, &wrong_end] {
        let file = format!("{one}{damaged}\n{three}");
        assert_eq!(
            outline(&file),
            ["one", &format!("bad CERTIFICATE {at}"), "three"]
        );
    }
}

#[test]
fn der_files_are_read_one_certificate_or_several() {
    let (one, two) = (self_signed("one", &[]), self_signed("two", &[]));
    assert_eq!(outline(&one), ["one"]);
    assert_eq!(outline([&one[..], &two].concat()), ["one", "two"]);
    assert_eq!(outline([&one[..], b"\n"].concat()), ["one"]);
    assert_eq!(
        outline([&one[..], b"tail"].concat()),
        ["one", "bad file None"]
    );
    assert!(why(&one[..one.len() - 9]).contains("cannot be read"));
}

#[test]
fn text_in_utf16_is_read() {
    let pem = pem_of("wide");
    let little: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(pem.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let big: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(pem.encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    for file in [little, big] {
        assert_eq!(outline(&file), ["wide"]);
        assert!(looks_like_certificate(&file, "any"));
    }
}

#[test]
fn what_is_nothing_says_why() {
    assert_eq!(why(b""), "it is empty");
    assert!(why(b"just words").contains("neither PEM"));
    assert!(why(b"0 is a digit").contains("neither PEM"));
    assert!(why(pem::encode("CERTIFICATE", b"")).contains("nothing between"));
    assert_eq!(
        outline([0xfe, 0xed, 0xfe, 0xed, 0, 0]),
        ["other Java keystore"]
    );
}

#[test]
fn a_file_is_judged_by_its_bytes_and_its_name() {
    let pem = pem_of("x");
    let der = self_signed("x", &[]);
    for (bytes, name, expected) in [
        (pem.as_bytes(), "notes.txt", true),
        (b"-----BEGIN PRIVATE KEY-----", "key.pem", false),
        (b"-----BEGIN CERTIFICATE REQUEST-----", "x.csr", false),
        (&der, "x.CER", true),
        (&der, "x.der", true),
        (&der, "x.bin", false),
        (b"words", "x.crt", true),
        (b"", "x.crt", true),
        (b"words", "x.txt", false),
    ] {
        assert_eq!(looks_like_certificate(bytes, name), expected, "{name}");
    }
}

#[test]
fn big_junk_is_read_in_one_pass() {
    let sizes = 3_000_000;
    for unit in [
        "-",
        "-----BEGIN ",
        "-----BEGIN X-----",
        "-----BEGIN X-----\n-----END Y-----",
        "0",
        "\n",
    ] {
        let junk = unit.repeat(sizes / unit.len());
        assert!(!read(junk.as_bytes()).is_empty());
    }
    let one_line = format!("-----BEGIN CERTIFICATE-----{}", "A".repeat(sizes));
    assert_eq!(outline(&one_line), ["bad CERTIFICATE Some(1)"]);
}

proptest! {
    #[test]
    fn any_bytes_yield_something(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(!read(&bytes).is_empty());
        let der = [&[0x30, 0x82][..], &bytes].concat();
        prop_assert!(!read(&der).is_empty());
        prop_assert!(!read(pem::encode("CERTIFICATE", &bytes).as_bytes()).is_empty());
        prop_assert!(!read(pem::encode("CERTIFICATE REQUEST", &bytes).as_bytes()).is_empty());
    }

    #[test]
    fn damage_to_the_first_block_spares_the_last(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        static FILE: std::sync::LazyLock<[String; 2]> =
            std::sync::LazyLock::new(|| [pem_of("first"), pem_of("last")]);
        let mut file = FILE[0].clone().into_bytes();
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        file.push(b'\n');
        file.extend_from_slice(FILE[1].as_bytes());
        prop_assert_eq!(outline(&file).pop(), Some("last".to_owned()));
    }
}
