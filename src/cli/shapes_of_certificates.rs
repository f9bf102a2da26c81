//! What `show --json` prints of a certificate and of what is wrong with it.
//!
//! Pure data, under the rules of `shapes`: keys are only ever added, texts are raw.

use jiff::Timestamp;
use serde::Serialize;

use crate::pki::csr::CsrInfo;
use crate::pki::expanded::Expanded;
use crate::pki::findings::Finding;
use crate::pki::{AltName, Certificate, ValidationLevel};

/// Something that is wrong with a certificate, or worth knowing.
#[derive(Debug, Serialize)]
pub(super) struct FindingShape<'a> {
    /// Which, for scripts: `expired`, `weak-key`, `name-not-covered`, …
    kind: &'static str,
    /// How bad it is: `fault`, `warning` or `note`.
    severity: &'static str,
    /// What it is.
    says: &'a str,
    /// What to do.
    advice: &'a str,
}

impl<'a> FindingShape<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        Self {
            kind: finding.kind.id(),
            severity: finding.severity.word(),
            says: &finding.says,
            advice: &finding.advice,
        }
    }
}

/// Everything that a certificate says. Digests, serial number and identifiers are lower-case
/// hexadecimal.
#[derive(Debug, Serialize)]
pub(super) struct CertificateShape<'a> {
    /// 1, 2 or 3.
    version: u32,
    /// The serial number's bytes as they stand, with colons.
    serial: &'a str,
    /// The subject in the manner of RFC 4514; may be empty.
    subject: &'a str,
    /// The issuer in the manner of RFC 4514.
    issuer: &'a str,
    /// The first second in which it is valid.
    not_before: Timestamp,
    /// The last second in which it is valid.
    not_after: Timestamp,
    /// The alternative names in their order.
    names: Vec<NameShape>,
    /// The public key.
    key: KeyShape<'a>,
    /// The name of the signature algorithm, or its dotted identifier.
    signature_algorithm: &'a str,
    /// Whether it may issue others.
    is_ca: bool,
    /// Whether subject and issuer are the same.
    self_issued: bool,
    /// How many CA certificates may follow below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_length: Option<u32>,
    /// By their names in RFC 5280 section 4.2.1.3.
    key_usages: &'a [&'static str],
    /// By name, unknown ones as dotted identifiers.
    extended_key_usages: &'a [String],
    /// The policies as dotted identifiers.
    policies: &'a [String],
    /// `DV`, `OV`, `IV` or `EV`, where a policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_level: Option<&'static str>,
    /// Where OCSP answers.
    ocsp: &'a [String],
    /// Where the issuer's certificate lies.
    issuers_at: &'a [String],
    /// Where revocation lists lie.
    crls_at: &'a [String],
    /// The issuer's key identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority_key_id: Option<&'a str>,
    /// The subject's key identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_key_id: Option<&'a str>,
    /// SHA-256 of the whole certificate.
    sha256: &'a str,
    /// SHA-1 of the whole certificate.
    sha1: &'a str,
    /// SHA-256 of the public key info.
    key_sha256: &'a str,
    /// The same in Base64, as pins are written (RFC 7469).
    key_pin: String,
    /// The promises of logs to make it public.
    timestamps: Vec<TimestampShape<'a>>,
    /// Every extension in its order.
    extensions: Vec<ExtensionShape<'a>>,
    /// What is odd about it, in sentences.
    oddities: &'a [String],
}

/// What a certificate request says, also one that no CA would take.
#[derive(Debug, Serialize)]
pub(super) struct RequestShape<'a> {
    /// The subject in the manner of RFC 4514; may be empty.
    subject: &'a str,
    /// The names that it asks for.
    names: Vec<NameShape>,
    /// The public key.
    key: KeyShape<'a>,
    /// SHA-256 of the public key info.
    key_sha256: &'a str,
    /// What is wrong with it, the worst first.
    findings: Vec<FindingShape<'a>>,
}

impl<'a> RequestShape<'a> {
    pub(super) fn of(request: &'a CsrInfo, findings: &'a [Finding]) -> Self {
        Self {
            subject: &request.subject,
            names: request.names.iter().map(NameShape::of).collect(),
            key: KeyShape {
                algorithm: &request.key.algorithm,
                bits: request.key.bits,
            },
            key_sha256: &request.spki_sha256,
            findings: findings.iter().map(FindingShape::of).collect(),
        }
    }
}

/// An alternative name.
#[derive(Debug, Serialize)]
struct NameShape {
    /// `dns`, `ip`, `email`, `uri` or `other`.
    kind: &'static str,
    /// The name; of other kinds with their kind in front.
    name: String,
}

/// A public key.
#[derive(Debug, Serialize)]
struct KeyShape<'a> {
    /// `RSA`, `P-256`, `Ed25519`, …, or a dotted identifier.
    algorithm: &'a str,
    /// Its size in bits; 0 where it is not known.
    bits: u32,
}

/// A log's promise (RFC 6962).
#[derive(Debug, Serialize)]
struct TimestampShape<'a> {
    /// The log's id in Base64.
    log: &'a str,
    /// When it promised.
    at: Timestamp,
}

/// An extension.
#[derive(Debug, Serialize)]
struct ExtensionShape<'a> {
    /// Its dotted identifier.
    oid: &'a str,
    /// Its name, where it has one here.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    /// Whether who does not understand it must refuse the certificate.
    critical: bool,
    /// Its value in hexadecimal.
    value: String,
}

impl<'a> CertificateShape<'a> {
    pub(super) fn of(certificate: &'a Certificate, expanded: &'a Expanded) -> Self {
        Self {
            version: certificate.version,
            serial: &certificate.serial,
            subject: &certificate.subject,
            issuer: &certificate.issuer,
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            names: certificate.names.iter().map(NameShape::of).collect(),
            key: KeyShape {
                algorithm: &certificate.key.algorithm,
                bits: certificate.key.bits,
            },
            signature_algorithm: &certificate.signature_algorithm,
            is_ca: certificate.is_ca,
            self_issued: certificate.is_self_issued,
            path_length: certificate.path_len,
            key_usages: &certificate.key_usages,
            extended_key_usages: &certificate.extended_key_usages,
            policies: &certificate.policies,
            validation_level: certificate.validation_level.map(ValidationLevel::label),
            ocsp: &certificate.aia_ocsp,
            issuers_at: &certificate.aia_issuers,
            crls_at: &certificate.crl_points,
            authority_key_id: certificate.authority_key_id.as_deref(),
            subject_key_id: certificate.subject_key_id.as_deref(),
            sha256: &certificate.sha256,
            sha1: &certificate.sha1,
            key_sha256: &certificate.spki_sha256,
            key_pin: certificate.spki_pin(),
            timestamps: expanded.timestamps.iter().map(timestamp).collect(),
            extensions: expanded.extensions.iter().map(extension).collect(),
            oddities: &certificate.oddities,
        }
    }
}

impl NameShape {
    fn of(name: &AltName) -> Self {
        let kind = match name {
            AltName::Dns(_) => "dns",
            AltName::Ip(_) => "ip",
            AltName::Email(_) => "email",
            AltName::Uri(_) => "uri",
            AltName::Other(_) => "other",
        };
        let name = name.text();
        Self { kind, name }
    }
}

fn timestamp(one: &crate::pki::expanded::SignedTimestamp) -> TimestampShape<'_> {
    TimestampShape {
        log: &one.log,
        at: one.at,
    }
}

fn extension(one: &crate::pki::expanded::Extension) -> ExtensionShape<'_> {
    ExtensionShape {
        oid: &one.oid,
        name: one.name,
        critical: one.critical,
        value: one.hexadecimal(),
    }
}
