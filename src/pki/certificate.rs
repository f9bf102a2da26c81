//! One certificate, read as well as it can be, however odd it is.
//!
//! May not: judge, verify or refuse what can be read. Called by everything that shows, stores,
//! imports or compares certificates. All strings are as the certificate has them: sanitise them
//! before drawing.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use super::describe::{AltName, KeyDescription};
use super::extensions::Extensions;
use super::labels::ValidationLevel;
use super::{dn, hash, labels, pem};

/// What a certificate says (RFC 5280). Digests and key identifiers are lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate itself; everything else is read from it.
    pub der: Vec<u8>,
    /// SHA-256 of the DER: the fingerprint by which certdeck recognises a certificate.
    pub sha256: String,
    /// SHA-1 of the DER, as older tools and providers print it.
    pub sha1: String,
    /// SHA-256 of the subject's public key info, equal for the key and the request it belongs to.
    pub spki_sha256: String,
    /// The serial number's bytes as they stand, in hexadecimal with colons.
    pub serial: String,
    /// 1, 2 or 3; other numbers occur in broken certificates.
    pub version: u32,
    /// The subject in the manner of RFC 4514; empty when the certificate has none.
    pub subject: String,
    /// The issuer in the manner of RFC 4514.
    pub issuer: String,
    /// The subject's most specific common name.
    pub subject_common_name: Option<String>,
    /// The subject's organisation, or its unit where there is no organisation.
    pub subject_organization: Option<String>,
    /// The issuer's common name.
    pub issuer_common_name: Option<String>,
    /// The issuer's organisation.
    pub issuer_organization: Option<String>,
    /// The first second in which it is valid.
    pub not_before: Timestamp,
    /// The last second in which it is valid (RFC 5280 section 4.1.2.5: both ends belong to it).
    /// The customary 99991231235959Z for "never" becomes the last moment that a timestamp holds.
    pub not_after: Timestamp,
    /// The subject alternative names in their order.
    pub names: Vec<AltName>,
    /// The public key.
    pub key: KeyDescription,
    /// The name of the signature algorithm, or its dotted identifier.
    pub signature_algorithm: String,
    /// Whether the basic constraints make it a CA; a self-issued certificate of version 1, which
    /// has none, counts as one, as old roots do.
    pub is_ca: bool,
    /// How many CA certificates may follow below it.
    pub path_len: Option<u32>,
    /// The key usages by their names in RFC 5280 section 4.2.1.3.
    pub key_usages: Vec<&'static str>,
    /// The extended key usages by name, unknown ones as dotted identifiers.
    pub extended_key_usages: Vec<String>,
    /// The policies as dotted identifiers.
    pub policies: Vec<String>,
    /// The validation level that the policies name.
    pub validation_level: Option<ValidationLevel>,
    /// Where OCSP answers.
    pub aia_ocsp: Vec<String>,
    /// Where the issuer's certificate lies.
    pub aia_issuers: Vec<String>,
    /// Where the revocation lists lie.
    pub crl_points: Vec<String>,
    /// The issuer's key identifier.
    pub authority_key_id: Option<String>,
    /// The subject's key identifier.
    pub subject_key_id: Option<String>,
    /// Subject and issuer are the same name. Nothing is said about the signature.
    pub is_self_issued: bool,
    /// The encoded subject, for comparing with an issuer byte by byte.
    pub subject_der: Vec<u8>,
    /// The encoded issuer.
    pub issuer_der: Vec<u8>,
    /// What is odd about it, in sentences: doubled or unreadable extensions, a negative serial, …
    pub oddities: Vec<String>,
}

/// Why bytes are no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The structure is not that of a certificate.
    #[error(
        "these {length} bytes cannot be read as an X.509 certificate: {why}; export the certificate again, as PEM or DER"
    )]
    Unreadable {
        /// How many bytes there are.
        length: usize,
        /// The part at which reading stopped.
        why: String,
    },
    /// Something follows the certificate.
    #[error(
        "{extra} bytes follow the end of the certificate; a DER file holds one certificate and nothing else"
    )]
    Trailing {
        /// How many.
        extra: usize,
    },
}

/// Reads one certificate from DER.
///
/// # Errors
/// [`CertificateError`] when it is none, or when more bytes follow.
pub fn read(der: &[u8]) -> Result<Certificate, CertificateError> {
    let (certificate, extra) = read_first(der)?;
    match extra {
        0 => Ok(certificate),
        extra => Err(CertificateError::Trailing { extra }),
    }
}

/// Reads the certificate at the beginning of the bytes; also says how many bytes follow it.
pub(super) fn read_first(der: &[u8]) -> Result<(Certificate, usize), CertificateError> {
    let (rest, parsed) =
        X509Certificate::from_der(der).map_err(|error| CertificateError::Unreadable {
            length: der.len(),
            why: super::describe_parse_error(&error),
        })?;
    Ok((Certificate::of(&parsed), rest.len()))
}

impl Certificate {
    /// The certificate as PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }

    /// Whether it was made for a server rather than for issuing others. What signed itself and
    /// protects names serves, whatever it may sign: those that people make by hand usually say
    /// that they are a CA (`openssl req -x509` does), and a CA's own certificate protects no names.
    #[must_use]
    pub fn serves(&self) -> bool {
        let protects = |name: &AltName| matches!(name, AltName::Dns(_) | AltName::Ip(_));
        !self.is_ca || (self.is_self_issued && self.names.iter().any(protects))
    }

    /// The best short name: the common name, else the first alternative name, else the
    /// organisation, else the serial number.
    #[must_use]
    pub fn display_name(&self) -> String {
        self.subject_common_name
            .clone()
            .or_else(|| self.names.first().map(AltName::text))
            .or_else(|| self.subject_organization.clone())
            .unwrap_or_else(|| format!("serial {}", self.serial))
    }

    /// The serial number's bytes as they stand.
    #[must_use]
    pub fn serial_bytes(&self) -> Vec<u8> {
        let bytes = self.serial.split(':');
        let bytes = bytes.filter_map(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.collect()
    }

    /// Whether the moment lies within the validity, both ends included.
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.not_before <= at && at <= self.not_after
    }

    fn of(parsed: &X509Certificate<'_>) -> Self {
        let (subject, issuer) = (parsed.subject(), parsed.issuer());
        let extensions = Extensions::of(parsed.extensions());
        let is_self_issued = subject.as_raw() == issuer.as_raw() && subject.iter_rdn().count() > 0;
        let version = parsed.version().0.saturating_add(1);
        let mut oddities = extensions.oddities;
        oddities.extend(oddities_of(parsed));
        Self {
            der: parsed.as_raw().to_vec(),
            sha256: hash::sha256_hex(parsed.as_raw()),
            sha1: hash::sha1_hex(parsed.as_raw()),
            spki_sha256: hash::sha256_hex(parsed.public_key().raw),
            serial: serial(parsed.raw_serial()),
            version,
            subject: dn::to_text(subject),
            issuer: dn::to_text(issuer),
            subject_common_name: dn::value_of(subject, dn::COMMON_NAME),
            subject_organization: dn::value_of(subject, dn::ORGANIZATION)
                .or_else(|| dn::value_of(subject, dn::ORGANIZATIONAL_UNIT)),
            issuer_common_name: dn::value_of(issuer, dn::COMMON_NAME),
            issuer_organization: dn::value_of(issuer, dn::ORGANIZATION),
            not_before: moment(parsed.validity().not_before),
            not_after: moment(parsed.validity().not_after),
            names: extensions.names,
            key: KeyDescription::of(parsed.public_key()),
            signature_algorithm: labels::signature_algorithm(&labels::dotted(
                &parsed.signature_algorithm.algorithm,
            )),
            is_ca: extensions.is_ca || (version == 1 && is_self_issued),
            path_len: extensions.path_len,
            key_usages: extensions.key_usages,
            extended_key_usages: extensions.extended_key_usages,
            validation_level: extensions
                .policies
                .iter()
                .find_map(|policy| ValidationLevel::of_policy(policy)),
            policies: extensions.policies,
            aia_ocsp: extensions.aia_ocsp,
            aia_issuers: extensions.aia_issuers,
            crl_points: extensions.crl_points,
            authority_key_id: extensions.authority_key_id,
            subject_key_id: extensions.subject_key_id,
            is_self_issued,
            subject_der: subject.as_raw().to_vec(),
            issuer_der: issuer.as_raw().to_vec(),
            oddities,
        }
    }
}

fn oddities_of(parsed: &X509Certificate<'_>) -> Vec<String> {
    let mut oddities = Vec::new();
    match parsed.raw_serial() {
        [] => oddities.push("The serial number is empty.".to_owned()),
        [first, ..] if first & 0x80 != 0 => {
            oddities.push("The serial number is negative (RFC 5280 section 4.1.2.2).".to_owned());
        }
        _ => {}
    }
    if parsed.validity().not_after < parsed.validity().not_before {
        oddities.push("It ends before it begins.".to_owned());
    }
    if parsed.version().0 != 2 && !parsed.extensions().is_empty() {
        oddities.push("It has extensions, which only version 3 may have.".to_owned());
    }
    if parsed.signature_algorithm.algorithm != parsed.tbs_certificate.signature.algorithm {
        oddities.push("It names two different signature algorithms.".to_owned());
    }
    oddities
}

fn serial(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| HEXLOWER.encode(&[*byte])).collect();
    pairs.join(":")
}

/// Dates beyond what a timestamp can hold become its first or last moment.
pub(super) fn moment(time: ASN1Time) -> Timestamp {
    let seconds = time.timestamp();
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures::{Parts, extension, name, self_signed, sequence, tlv};
    use proptest::prelude::*;

    fn certificate(parts: &Parts) -> Certificate {
        read(&parts.der()).unwrap()
    }

    fn with_extensions(extensions: &[Vec<u8>]) -> Certificate {
        certificate(&Parts {
            extensions: extensions.concat(),
            ..Parts::default()
        })
    }

    #[test]
    fn an_ordinary_certificate_is_read_whole() {
        let read = certificate(&Parts::default());
        assert_eq!((read.version, read.serial.as_str()), (3, "05"));
        assert_eq!(
            (read.subject.as_str(), read.issuer.as_str()),
            ("CN=subject", "CN=issuer")
        );
        assert_eq!(read.not_before, "2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(read.not_after, "2027-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(read.key.label(), "P-256");
        assert_eq!(read.signature_algorithm, "SHA-256 with ECDSA");
        assert!(!read.is_self_issued && !read.is_ca && read.oddities.is_empty());
        assert!(read.is_valid_at(read.not_before) && read.is_valid_at(read.not_after));
        assert!(!read.is_valid_at(Timestamp::MAX));
    }

    #[test]
    fn hostile_names_come_through_unchanged() {
        let hostile = "\u{1b}[2J\u{7}evil\u{202e}\u{200b}\n\u{9b}x";
        let read = read(&self_signed(hostile, &["ok.example"])).unwrap();
        assert_eq!(read.display_name(), hostile);
        assert_eq!(read.subject, format!("CN={hostile}"));
    }

    #[test]
    fn ten_thousand_names_are_read() {
        let names: Vec<String> = (0..10_000)
            .map(|n| format!("host-{n}.example.org"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let read = read(&self_signed("many", &names)).unwrap();
        assert_eq!(read.names.len(), 10_000);
        assert_eq!(read.names[9_999].text(), "host-9999.example.org");
    }

    #[test]
    fn strings_of_every_kind_are_shown_and_nothing_is_lost() {
        for (value, shown) in [
            (tlv(0x0c, "Größe".as_bytes()), "CN=Größe"),
            (tlv(0x0c, b"caf\xe9"), "CN=caf\\\\xe9"),
            (tlv(0x13, b"star*"), "CN=star*"),
            (tlv(0x14, b"caf\xe9"), "CN=café"),
            (tlv(0x1e, &[0, b'B', 0, b'M', 0, b'P']), "CN=BMP"),
            (tlv(0x1c, &[0, 0, 0, b'U']), "CN=U"),
            (tlv(0x04, b"oct"), "CN=#6f6374"),
            (tlv(0x0c, b"a,b"), "CN=a\\,b"),
        ] {
            let subject = name(3, &value);
            let parts = Parts {
                subject,
                ..Parts::default()
            };
            assert_eq!(certificate(&parts).subject, shown);
        }
    }

    #[test]
    fn the_best_name_there_is_is_shown() {
        let with_subject = |subject: Vec<u8>, extensions: Vec<u8>| {
            let parts = Parts {
                subject,
                extensions,
                ..Parts::default()
            };
            certificate(&parts).display_name()
        };
        let names = extension(0x11, &sequence(&[&tlv(0x82, b"san.example")]));
        let organization = name(10, &tlv(0x0c, b"Example"));
        assert_eq!(with_subject(sequence(&[]), names.clone()), "san.example");
        assert_eq!(
            with_subject(name(3, &tlv(0x0c, b"  ")), names),
            "san.example"
        );
        assert_eq!(with_subject(organization, Vec::new()), "Example");
        assert_eq!(with_subject(sequence(&[]), Vec::new()), "serial 05");
    }

    #[test]
    fn dates_at_the_ends_of_time_are_read() {
        let parts = Parts {
            not_before: tlv(0x17, b"500101000000Z"),
            not_after: tlv(0x18, b"99991231235959Z"),
            ..Parts::default()
        };
        let read = certificate(&parts);
        assert_eq!(read.not_before, "1950-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(read.not_after, Timestamp::MAX);
    }

    #[test]
    fn what_is_odd_is_read_and_said() {
        let basic = extension(0x13, &sequence(&[&[1, 1, 0xff]]));
        let broken = extension(0x0f, b"broken");
        let said = |read: &Certificate, what: &str| {
            assert!(
                read.oddities.iter().any(|said| said.contains(what)),
                "{:?}",
                read.oddities
            );
        };
        let doubled = with_extensions(&[basic.clone(), extension(0x13, &sequence(&[]))]);
        said(&doubled, "2.5.29.19 stands in it more than once");
        assert!(doubled.is_ca, "the first counts");
        said(&with_extensions(&[broken]), "2.5.29.15 cannot be read");
        said(
            &certificate(&Parts {
                serial: vec![2, 1, 0xfb],
                ..Parts::default()
            }),
            "negative",
        );
        said(
            &certificate(&Parts {
                not_after: tlv(0x17, b"200101000000Z"),
                ..Parts::default()
            }),
            "ends before it begins",
        );
        let first = Parts {
            version: Vec::new(),
            extensions: basic,
            ..Parts::default()
        };
        said(&certificate(&first), "only version 3");
    }

    #[test]
    fn unknown_algorithms_are_shown_by_their_numbers() {
        let unknown = sequence(&[&[0x06, 3, 0x2a, 3, 4]]);
        let parts = Parts {
            algorithm: unknown.clone(),
            spki: sequence(&[&unknown, &[0x03, 2, 0, 1]]),
            ..Parts::default()
        };
        let read = certificate(&parts);
        assert_eq!(read.signature_algorithm, "1.2.3.4");
        assert_eq!((read.key.label().as_str(), read.key.bits), ("1.2.3.4", 0));
    }

    #[test]
    fn alternative_names_of_every_kind_are_kept() {
        let names = sequence(&[
            &tlv(0x82, b"\xff.example"),
            &tlv(0x87, &[192, 0, 2, 1]),
            &tlv(0x87, &[1, 2, 3]),
            &tlv(0x88, &[]),
            &tlv(0x89, b"?"),
        ]);
        let shown: Vec<String> = with_extensions(&[extension(0x11, &names)])
            .names
            .iter()
            .map(AltName::text)
            .collect();
        assert_eq!(
            shown,
            [
                "\\xff.example",
                "192.0.2.1",
                "IP address of the wrong length 010203",
                "registered id oid:",
                "unreadable name of kind 9 3f",
            ]
        );
    }

    #[test]
    fn what_is_no_certificate_says_so() {
        let der = Parts::default().der();
        let half = read(&der[..der.len() / 2]).unwrap_err().to_string();
        assert!(half.contains("cannot be read"), "{half}");
        let longer = [&der[..], b"xx"].concat();
        assert_eq!(
            read(&longer).unwrap_err(),
            CertificateError::Trailing { extra: 2 }
        );
        assert!(read(b"").is_err());
    }

    proptest! {
        #[test]
        fn any_damage_is_survived(
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
        ) {
            let mut der = Parts {
                extensions: [
                    extension(0x11, &sequence(&[&tlv(0x82, b"a.example"), &tlv(0x88, &[0x2a, 3])])),
                    extension(0x13, &sequence(&[&[1, 1, 0xff]])),
                    extension(0x20, &sequence(&[&sequence(&[&[0x06, 3, 0x2a, 3, 4]])])),
                    extension(0x0f, &[3, 2, 5, 0xa0]),
                ]
                .concat(),
                ..Parts::default()
            }
            .der();
            for (at, byte) in damage {
                let at = at.index(der.len());
                der[at] = byte;
            }
            if let Ok(read) = read(&der) {
                prop_assert_eq!(read.der, der);
            }
        }
    }
}
