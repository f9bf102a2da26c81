//! The built-in CA of the sandbox: a root and an intermediate that sign real certificates which
//! nobody trusts, and say so in their names.
//!
//! May not: read the clock or draw serial numbers by itself (the sandbox is deterministic by its
//! seed and passes both in). The root's key is thrown away as soon as it has signed the
//! intermediate. Called by the sandbox provider only.

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber,
    SubjectPublicKeyInfo,
};
use x509_parser::time::ASN1Time;

use super::certificate::{self, Certificate};
use super::csr::{san_types, subject_for};
use super::key::{KeyError, KeyType, PrivateKey};
use super::labels::ValidationLevel;
use super::names::CertName;
use super::pem::{self, Item};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The sandbox also plays certificates that were issued long ago, so its CA is older than it is.
const AGE_DAYS: i32 = 15 * 365;
const ROOT_DAYS: i32 = 40 * 365;
const INTERMEDIATE_DAYS: i32 = 30 * 365;
/// RFC 5280 section 4.2.1.4.
const CERTIFICATE_POLICIES: &[u64] = &[2, 5, 29, 32];
/// A label longer than this would not fit a common name of 64 characters.
const LONGEST_LABEL: usize = 20;

/// The sandbox's CA.
#[derive(Debug)]
pub struct SandboxCa {
    root: Certificate,
    intermediate: Certificate,
    key: PrivateKey,
}

/// What to put into a leaf certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueRequest {
    /// The ordered names; what a request asks for beside them does not count.
    pub names: Vec<CertName>,
    /// The first second of its validity.
    pub not_before: Timestamp,
    /// The last second of its validity, which belongs to it.
    pub not_after: Timestamp,
    /// The serial number; its first bit is cleared and its second set, so that it is positive and
    /// always 16 bytes long.
    pub serial: [u8; 16],
    /// The validation level, written as a policy.
    pub level: ValidationLevel,
    /// The organisation that an OV or EV certificate names.
    pub organization: Option<String>,
}

/// An issued certificate with what is needed to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The leaf as PEM.
    pub leaf_pem: String,
    /// The intermediate and the root as PEM, in this order.
    pub chain_pem: Vec<String>,
}

/// Why the sandbox's CA cannot be made, loaded or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaError {
    /// No key.
    #[error("making the sandbox's CA failed: {0}")]
    Key(#[from] KeyError),
    /// The library refused to sign.
    #[error(
        "the sandbox's CA could not sign {what}: {why}; check the names and the key of the order"
    )]
    Sign {
        /// What was to be signed.
        what: String,
        /// What the library said.
        why: String,
    },
    /// A stored CA that cannot be read.
    #[error("the {what} of the sandbox's CA cannot be read: {why}; add a new sandbox account")]
    Stored {
        /// Root or intermediate.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// Stored parts that do not belong together.
    #[error(
        "the parts of the sandbox's CA do not belong together: {why}; add a new sandbox account"
    )]
    Mismatch {
        /// What does not fit.
        why: String,
    },
    /// A request without names.
    #[error("a certificate needs at least one name; add one to the order")]
    NoNames,
    /// A validity that the CA does not cover.
    #[error(
        "a certificate from {from} to {until} is not within the life of the sandbox's CA, {ca_from} to {ca_until}; choose other dates or add a new sandbox account"
    )]
    Validity {
        /// Begin of what was asked for.
        from: Timestamp,
        /// End of what was asked for.
        until: Timestamp,
        /// Begin of the CA.
        ca_from: Timestamp,
        /// End of the CA.
        ca_until: Timestamp,
    },
    /// A public key that cannot be put into a certificate.
    #[error("the public key of this order cannot be certified: {why}; use RSA, P-256 or P-384")]
    PublicKey {
        /// What the library said.
        why: String,
    },
    /// A moment beyond what dates can hold.
    #[error("the moment {at} is too far away for a CA; set the sandbox's clock to this century")]
    Time {
        /// The moment.
        at: Timestamp,
    },
}

impl SandboxCa {
    /// Makes a root and an intermediate with new P-256 keys. They are valid from 15 years before
    /// `now` until 25 (root) and 15 (intermediate) years after it, so that the sandbox can play old
    /// certificates and run its clock far ahead. `label` tells several sandboxes apart.
    ///
    /// # Errors
    /// [`CaError`] when the library refuses or `now` is out of reach.
    pub fn generate(label: &str, now: Timestamp) -> Result<Self, CaError> {
        let label: String = label.chars().take(LONGEST_LABEL).collect();
        let root_key = PrivateKey::generate(KeyType::P256)?;
        let root_params = authority(&label, "root", now, ROOT_DAYS, &root_key)?;
        let root = root_params
            .self_signed(root_key.pair())
            .map_err(|error| sign_error("its root", &error))?;

        let key = PrivateKey::generate(KeyType::P256)?;
        let mut params = authority(&label, "intermediate", now, INTERMEDIATE_DAYS, &key)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.use_authority_key_identifier_extension = true;
        let intermediate = params
            .signed_by(
                key.pair(),
                &Issuer::from_params(&root_params, root_key.pair()),
            )
            .map_err(|error| sign_error("its intermediate", &error))?;
        Ok(Self {
            root: stored("root", certificate::read(root.der()))?,
            intermediate: stored("intermediate", certificate::read(intermediate.der()))?,
            key,
        })
    }

    /// Puts a stored CA together again and checks that its parts belong together.
    ///
    /// # Errors
    /// [`CaError::Stored`] and [`CaError::Mismatch`].
    pub fn from_pem(
        root_pem: &str,
        intermediate_pem: &str,
        intermediate_key: PrivateKey,
    ) -> Result<Self, CaError> {
        let root = read_pem("root", root_pem)?;
        let intermediate = read_pem("intermediate", intermediate_pem)?;
        if intermediate.spki_sha256 != intermediate_key.spki_sha256() {
            let why = "the key is not that of the intermediate".to_owned();
            return Err(CaError::Mismatch { why });
        }
        let both = [intermediate.clone()];
        super::chain::verify(&both, std::slice::from_ref(&root), intermediate.not_before).map_err(
            |error| CaError::Mismatch {
                why: error.to_string(),
            },
        )?;
        Ok(Self {
            root,
            intermediate,
            key: intermediate_key,
        })
    }

    /// The root, which signs itself.
    #[must_use]
    pub fn root(&self) -> &Certificate {
        &self.root
    }

    /// The intermediate, which signs the leaves.
    #[must_use]
    pub fn intermediate(&self) -> &Certificate {
        &self.intermediate
    }

    /// The intermediate's key; the root's no longer exists.
    #[must_use]
    pub fn intermediate_key(&self) -> &PrivateKey {
        &self.key
    }

    /// Signs a leaf for a public key (DER of its `SubjectPublicKeyInfo`, from
    /// [`PrivateKey::spki_der`] or `CsrInfo::spki_der`). Only the request's key counts: extensions
    /// that a person's own request asks for are not taken over, as real CAs do not either.
    ///
    /// # Errors
    /// [`CaError`] when there is no name, the validity is not within the CA's, or the key cannot be
    /// certified.
    pub fn issue(&self, spki_der: &[u8], request: &IssueRequest) -> Result<Issued, CaError> {
        self.check_validity(request)?;
        let public_key =
            SubjectPublicKeyInfo::from_der(spki_der).map_err(|error| CaError::PublicKey {
                why: error.to_string(),
            })?;
        let params = leaf_params(request, is_rsa(&public_key))?;
        let issuer =
            Issuer::from_ca_cert_der(&self.intermediate.der.as_slice().into(), self.key.pair())
                .map_err(|error| sign_error("a certificate", &error))?;
        let leaf = params
            .signed_by(&public_key, &issuer)
            .map_err(|error| sign_error("a certificate", &error))?;
        Ok(Issued {
            leaf_pem: pem::encode("CERTIFICATE", leaf.der()),
            chain_pem: vec![self.intermediate.to_pem(), self.root.to_pem()],
        })
    }

    fn check_validity(&self, request: &IssueRequest) -> Result<(), CaError> {
        let ca = &self.intermediate;
        let in_order = request.not_before <= request.not_after;
        if in_order && ca.is_valid_at(request.not_before) && ca.is_valid_at(request.not_after) {
            return Ok(());
        }
        Err(CaError::Validity {
            from: request.not_before,
            until: request.not_after,
            ca_from: ca.not_before,
            ca_until: ca.not_after,
        })
    }
}

fn sign_error(what: &str, error: &rcgen::Error) -> CaError {
    CaError::Sign {
        what: what.to_owned(),
        why: error.to_string(),
    }
}

fn stored(
    what: &'static str,
    read: Result<Certificate, certificate::CertificateError>,
) -> Result<Certificate, CaError> {
    read.map_err(|error| CaError::Stored {
        what,
        why: error.to_string(),
    })
}

fn read_pem(what: &'static str, text: &str) -> Result<Certificate, CaError> {
    let items = pem::scan(text.as_bytes());
    let der = match items.as_slice() {
        [Item::Block(block)] => block.decode(),
        _ => Err("expected one PEM block".to_owned()),
    };
    let der = der.map_err(|why| CaError::Stored { what, why })?;
    stored(what, certificate::read(&der))
}

/// What root and intermediate have in common.
fn authority(
    label: &str,
    role: &str,
    now: Timestamp,
    days: i32,
    key: &PrivateKey,
) -> Result<CertificateParams, CaError> {
    let out_of_reach = |_| CaError::Time { at: now };
    let begin = now.checked_sub(DAY * AGE_DAYS).map_err(out_of_reach)?;
    let end = begin.checked_add(DAY * days).map_err(out_of_reach)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "certdeck sandbox (not trusted)");
    params.distinguished_name.push(
        DnType::CommonName,
        format!("certdeck sandbox {role} {label} (not trusted)"),
    );
    set_validity(&mut params, begin, end)?;
    params.serial_number = Some(serial_of_key(key.pair()));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn leaf_params(request: &IssueRequest, rsa: bool) -> Result<CertificateParams, CaError> {
    if request.names.is_empty() {
        return Err(CaError::NoNames);
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = subject_for(&request.names, request.organization.as_deref());
    params.subject_alt_names =
        san_types(&request.names).map_err(|error| sign_error("a certificate", &error))?;
    set_validity(&mut params, request.not_before, request.not_after)?;
    params.serial_number = Some(positive_serial(request.serial));
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if rsa {
        params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
    }
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.custom_extensions = vec![CustomExtension::from_oid_content(
        CERTIFICATE_POLICIES,
        policies_der(request.level),
    )];
    Ok(params)
}

fn is_rsa(key: &SubjectPublicKeyInfo) -> bool {
    [
        &rcgen::PKCS_RSA_SHA256,
        &rcgen::PKCS_RSA_SHA384,
        &rcgen::PKCS_RSA_SHA512,
    ]
    .into_iter()
    .any(|rsa| key.algorithm() == rsa)
}

/// The certificate maker wants another crate's dates; the parser, which has the same ones, makes
/// them. Fractions of a second are cut off: certificates have none.
fn set_validity(
    params: &mut CertificateParams,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), CaError> {
    let date =
        |at: Timestamp| ASN1Time::from_timestamp(at.as_second()).map_err(|_| CaError::Time { at });
    params.not_before = date(from)?.to_datetime();
    params.not_after = date(until)?.to_datetime();
    Ok(())
}

/// RFC 5280 section 4.1.2.2: positive and at most 20 bytes.
fn positive_serial(mut bytes: [u8; 16]) -> SerialNumber {
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    SerialNumber::from_slice(&bytes)
}

/// CA certificates have a new key each, so its digest is as good as a random number.
fn serial_of_key(key: &KeyPair) -> SerialNumber {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.der_bytes());
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    positive_serial(bytes)
}

/// `SEQUENCE { SEQUENCE { OBJECT IDENTIFIER } }` (RFC 5280 section 4.2.1.4); the identifiers of
/// validation levels are so short that each length fits one byte.
fn policies_der(level: ValidationLevel) -> Vec<u8> {
    let wrap = |tag: u8, content: &[u8]| {
        let mut der = vec![tag, u8::try_from(content.len()).unwrap_or(0)];
        der.extend_from_slice(content);
        der
    };
    wrap(0x30, &wrap(0x30, &wrap(0x06, level.policy())))
}

#[cfg(test)]
mod tests;
