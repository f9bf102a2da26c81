//! Files full of certificates: PEM bundles with anything in them, and raw DER.
//!
//! May not: fail. Whatever the bytes are, the answer is a list of what was found, in its order; a
//! damaged block loses only itself, and a private key is seen but never copied. Linear in the size
//! of the input. Called by the file reader (`files`) and by import.

use memchr::memmem;

use super::certificate::{self, Certificate};
use super::csr::{self, CsrInfo, is_certificate_label, is_request_label};
use super::key::{PrivateKey, is_key_label};
use super::pem::{self, Block, Item};

/// One thing that lies in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A certificate.
    Certificate(Box<Certificate>),
    /// A request with a good signature.
    Csr(Box<CsrInfo>),
    /// A private key; its content is not here.
    PrivateKey {
        /// What the block calls itself.
        label: String,
    },
    /// Something that certdeck knows of but does not read here.
    Other {
        /// What it is, for people.
        label: String,
    },
    /// Something that should have been readable.
    Unreadable {
        /// What it claims to be: the block's label, or `file`.
        what: String,
        /// Line of the block's beginning, from 1.
        line: Option<usize>,
        /// What is wrong, as a clause without a full stop.
        why: String,
    },
}

impl Found {
    fn unreadable(what: &str, line: Option<usize>, why: impl Into<String>) -> Self {
        Self::Unreadable {
            what: what.to_owned(),
            line,
            why: why.into(),
        }
    }
}

/// Finds everything in the bytes of one file. Never empty: a file without anything yields one
/// [`Found::Unreadable`] that says so.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<Found> {
    if bytes.is_empty() {
        return vec![Found::unreadable("file", None, "it is empty")];
    }
    if let Some(text) = pem::decode_utf16(bytes) {
        return read_bytes(text.as_bytes());
    }
    read_bytes(bytes)
}

/// Whether a file is worth reading, judged by its bytes and its name, without parsing it: a
/// certificate's PEM label, or a name that promises a certificate, whatever is in it: one that
/// breaks its promise has to be told of.
#[must_use]
pub fn looks_like_certificate(bytes: &[u8], file_name: &str) -> bool {
    if let Some(text) = pem::decode_utf16(bytes) {
        return has_certificate_label(text.as_bytes());
    }
    let named = |extensions: &[&str]| has_extension(file_name, extensions);
    has_certificate_label(bytes)
        || named(&["der", "cer", "crt"])
        || (named(&["pem"]) && starts_like_der(bytes))
}

fn read_bytes(bytes: &[u8]) -> Vec<Found> {
    let items = pem::scan(bytes);
    if items.is_empty() {
        return read_der(bytes);
    }
    items.iter().map(read_item).collect()
}

fn read_item(item: &Item<'_>) -> Found {
    match item {
        Item::Block(block) => read_block(block),
        Item::Broken { label, line, why } => Found::unreadable(label, Some(*line), why.as_str()),
    }
}

fn read_block(block: &Block<'_>) -> Found {
    if is_key_label(block.label) {
        let label = block.label.to_owned();
        return Found::PrivateKey { label };
    }
    let read: fn(&[u8], &str) -> Result<Found, String> = if is_certificate_label(block.label) {
        read_certificate
    } else if is_request_label(block.label) {
        read_request
    } else {
        let label = block.label.to_owned();
        return Found::Other { label };
    };
    block
        .decode()
        .and_then(|der| read(&der, block.label))
        .unwrap_or_else(|why| Found::unreadable(block.label, Some(block.line), why))
}

fn read_certificate(der: &[u8], label: &str) -> Result<Found, String> {
    let (certificate, extra) = certificate::read_first(der).map_err(|error| error.to_string())?;
    // OpenSSL writes trust settings behind the certificate of a TRUSTED CERTIFICATE.
    if extra > 0 && label != "TRUSTED CERTIFICATE" {
        return Err(certificate::CertificateError::Trailing { extra }.to_string());
    }
    Ok(Found::Certificate(Box::new(certificate)))
}

fn read_request(der: &[u8], _label: &str) -> Result<Found, String> {
    csr::read_der(der)
        .map(|info| Found::Csr(Box::new(info)))
        .map_err(|error| error.to_string())
}

/// Bytes without PEM: certificates one after the other, a request, or a container known by its
/// first bytes.
fn read_der(bytes: &[u8]) -> Vec<Found> {
    if bytes.first() == Some(&0x30) {
        let mut certificates = Vec::new();
        let mut rest = bytes;
        while let Ok((certificate, extra)) = certificate::read_first(rest) {
            certificates.push(Found::Certificate(Box::new(certificate)));
            rest = rest.get(rest.len() - extra..).unwrap_or_default();
        }
        if !certificates.is_empty() {
            if !rest.iter().all(u8::is_ascii_whitespace) {
                let why = format!("{} bytes behind the last certificate are none", rest.len());
                certificates.push(Found::unreadable("file", None, why));
            }
            return certificates;
        }
    }
    vec![read_single_der(bytes)]
}

fn read_single_der(bytes: &[u8]) -> Found {
    if let Some(label) = known_container(bytes) {
        let label = label.to_owned();
        return Found::Other { label };
    }
    if !starts_like_der(bytes) {
        return Found::unreadable(
            "file",
            None,
            "it holds neither PEM, which begins with -----BEGIN, nor DER",
        );
    }
    if let Ok(info) = csr::read_der(bytes) {
        return Found::Csr(Box::new(info));
    }
    if PrivateKey::from_der(bytes).is_ok() {
        let label = "PRIVATE KEY".to_owned();
        return Found::PrivateKey { label };
    }
    let why = match certificate::read(bytes) {
        Err(error) => error.to_string(),
        Ok(_) => "it changed while it was read".to_owned(),
    };
    Found::unreadable("file", None, why)
}

/// Containers with certificates in them that need a passphrase or another reader.
fn known_container(bytes: &[u8]) -> Option<&'static str> {
    /// PKCS#7 `signedData` (RFC 2315 section 14), which stands first in a .p7b file.
    const SIGNED_DATA: &[u8] = &[
        0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
    ];
    /// Version 3 and the data of a PFX (RFC 7292 section 4), which stand first in a .p12 file.
    const PFX_VERSION: &[u8] = &[0x02, 0x01, 0x03, 0x30];
    if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return Some("Java keystore");
    }
    if bytes.first() != Some(&0x30) {
        return None;
    }
    let header = 2 + match bytes.get(1) {
        Some(length @ 0x81..=0x84) => usize::from(length & 0x7f),
        _ => 0,
    };
    let content = bytes.get(header..)?;
    if content.starts_with(SIGNED_DATA) {
        return Some("PKCS #7 bundle");
    }
    content.starts_with(PFX_VERSION).then_some("PKCS #12 file")
}

fn has_certificate_label(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"-----BEGIN ").any(|start| {
        let label = bytes.get(start + 11..).unwrap_or_default();
        [
            &b"CERTIFICATE-----"[..],
            b"X509 CERTIFICATE-----",
            b"TRUSTED CERTIFICATE-----",
        ]
        .iter()
        .any(|known| label.starts_with(known))
    })
}

fn has_extension(file_name: &str, extensions: &[&str]) -> bool {
    file_name.rsplit_once('.').is_some_and(|(_, extension)| {
        extensions
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// A sequence whose length has two or three bytes, as every certificate's does.
fn starts_like_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x81..=0x83, ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures::self_signed;
    use crate::pki::key::KeyType;
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
                Found::PrivateKey { label } => format!("key {label}"),
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
            pem::encode("X509 CRL", b"list"),
            pem_of("two")
                .replace("BEGIN CERT", "BEGIN TRUSTED CERT")
                .replace("END CERT", "END TRUSTED CERT"),
        );
        assert_eq!(
            outline(&file),
            [
                "one",
                "key PRIVATE KEY",
                "request CN=r.example",
                "other X509 CRL",
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
}
