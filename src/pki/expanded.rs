//! Everything in a certificate that is worth a look only when somebody asks for all of it: every
//! extension, the signed certificate timestamps, the pin of its key.
//!
//! Made from a [`Certificate`] when its details are opened, never while many are read. May not:
//! judge. All strings are as the certificate has them: sanitise them before drawing. Called by the
//! details of an entry.

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;

use super::certificate::Certificate;
use super::labels;

/// What a certificate holds beyond its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// Every extension, in its order.
    pub extensions: Vec<Extension>,
    /// The promises of logs to make it public (RFC 6962).
    pub timestamps: Vec<SignedTimestamp>,
    /// Length of its signature in bytes.
    pub signature_length: usize,
}

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its dotted identifier.
    pub oid: String,
    /// Its name, where it has one here.
    pub name: Option<&'static str>,
    /// Whether who does not understand it must refuse the certificate.
    pub critical: bool,
    /// Its value, as it stands there.
    pub value: Vec<u8>,
}

impl Extension {
    /// The name, or else the identifier.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.unwrap_or(&self.oid)
    }

    /// Its value in hexadecimal.
    #[must_use]
    pub fn hexadecimal(&self) -> String {
        HEXLOWER.encode(&self.value)
    }

    /// How many lines of hexadecimal its value takes.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.value.len().div_ceil(BYTES_OF_A_LINE)
    }

    /// One of these lines.
    #[must_use]
    pub fn line(&self, index: usize) -> String {
        let from = index.saturating_mul(BYTES_OF_A_LINE);
        let to = from.saturating_add(BYTES_OF_A_LINE).min(self.value.len());
        HEXLOWER.encode(self.value.get(from..to).unwrap_or_default())
    }
}

/// Twice as many digits, which the narrowest page has room for.
const BYTES_OF_A_LINE: usize = 16;

/// A log's promise to make the certificate public (RFC 6962 section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTimestamp {
    /// SHA-256 of the log's key in Base64, as lists of logs write it.
    pub log: String,
    /// When the log promised it.
    pub at: Timestamp,
}

impl Expanded {
    /// Reads all of it; what cannot be read is left out, and said among the oddities of the
    /// certificate.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        let Ok((_, parsed)) = X509Certificate::from_der(&certificate.der) else {
            return Self::default();
        };
        let timestamps = |extension: &X509Extension<'_>| match extension.parsed_extension() {
            ParsedExtension::SCT(timestamps) => timestamps
                .iter()
                .map(|one| SignedTimestamp {
                    log: BASE64.encode(one.id.key_id),
                    at: milliseconds(one.timestamp),
                })
                .collect(),
            _ => Vec::new(),
        };
        Self {
            extensions: parsed.extensions().iter().map(extension).collect(),
            timestamps: parsed.extensions().iter().flat_map(timestamps).collect(),
            signature_length: parsed.signature_value.data.len(),
        }
    }
}

impl Certificate {
    /// The pin of its key as RFC 7469 writes it: SHA-256 of the public key info, in Base64.
    #[must_use]
    pub fn spki_pin(&self) -> String {
        let digest = HEXLOWER.decode(self.spki_sha256.as_bytes());
        digest.map_or_else(|_| String::new(), |digest| BASE64.encode(&digest))
    }
}

fn extension(extension: &X509Extension<'_>) -> Extension {
    let oid = labels::dotted(&extension.oid);
    Extension {
        name: labels::extension(&oid),
        oid,
        critical: extension.critical,
        value: extension.value.to_vec(),
    }
}

fn milliseconds(since_1970: u64) -> Timestamp {
    let milliseconds = i64::try_from(since_1970).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::read;
    use crate::pki::fixtures::{Parts, extension, sequence, tlv};

    #[test]
    fn every_extension_is_there_with_its_name_or_its_number() {
        let unknown = sequence(&[
            &[0x06, 3, 0x2a, 3, 4],
            &[1, 1, 0xff],
            &tlv(0x04, &[0xab; 30]),
        ]);
        let known = extension(0x13, &sequence(&[&[1, 1, 0xff]]));
        let certificate = read(
            &Parts {
                extensions: [known, unknown].concat(),
                ..Parts::default()
            }
            .der(),
        )
        .unwrap();
        let expanded = Expanded::of(&certificate);
        let [known, unknown] = expanded.extensions.as_slice() else {
            panic!("two extensions: {expanded:?}");
        };
        assert_eq!(
            (known.label(), known.critical),
            ("Basic constraints", false)
        );
        assert_eq!((unknown.label(), unknown.critical), ("1.2.3.4", true));
        assert_eq!(unknown.lines(), 2);
        assert_eq!(unknown.line(1), "ab".repeat(14));
        assert_eq!(unknown.line(9), "");
    }

    #[test]
    fn promises_of_logs_are_read_with_log_and_time() {
        // One of version 1, by the log 11…11, at the first second of 2026, without extensions,
        // signed with nothing.
        let at: u64 = 1_767_225_600_000;
        let one = [
            &[0][..],
            &[0x11; 32],
            &at.to_be_bytes(),
            &[0, 0],
            &[4, 3, 0, 0],
        ]
        .concat();
        let one = [&u16::try_from(one.len()).unwrap().to_be_bytes()[..], &one].concat();
        let list = [&u16::try_from(one.len()).unwrap().to_be_bytes()[..], &one].concat();
        let oid = [0x06, 10, 0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];
        let extension = sequence(&[&oid, &tlv(0x04, &tlv(0x04, &list))]);
        let certificate = read(
            &Parts {
                extensions: extension,
                ..Parts::default()
            }
            .der(),
        )
        .unwrap();
        assert_eq!(
            Expanded::of(&certificate).timestamps,
            [SignedTimestamp {
                log: BASE64.encode(&[0x11; 32]),
                at: "2026-01-01T00:00:00Z".parse().unwrap(),
            }]
        );
    }

    #[test]
    fn the_pin_is_the_fingerprint_of_the_key_in_base64() {
        let certificate = read(&Parts::default().der()).unwrap();
        let pin = BASE64.decode(certificate.spki_pin().as_bytes()).unwrap();
        assert_eq!(HEXLOWER.encode(&pin), certificate.spki_sha256);
    }
}
