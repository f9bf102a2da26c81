//! Certificate signing requests (PKCS#10, RFC 2986): made for a key, or read from what was pasted.
//!
//! May not: keep anything of a private key that was pasted by mistake. Called by the order form,
//! the command line, the providers and `bundle`.

use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DistinguishedName, DnType, SanType};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

use super::describe::{AltName, KeyDescription};
use super::key::{PrivateKey, is_key_label};
use super::names::CertName;
use super::pem::{self, Block, Item};
use super::subject::Subject;
use super::{certificate, dn, hash};

/// RFC 5280 appendix A.1, `ub-common-name`.
pub(super) const LONGEST_COMMON_NAME: usize = 64;

/// Baseline Requirements 6.1.5.
pub(super) const SMALLEST_RSA: u32 = 2048;

/// What a request says. Strings are not sanitised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrInfo {
    /// The request as clean PEM, without what stood around it.
    pub pem: String,
    /// The subject in the manner of RFC 4514; may be empty.
    pub subject: String,
    /// The subject's common name.
    pub common_name: Option<String>,
    /// The alternative names that are asked for; where there are none, the common name.
    pub names: Vec<AltName>,
    /// The public key's algorithm and size.
    pub key: KeyDescription,
    /// SHA-256 of the public key info, lower-case hexadecimal.
    pub spki_sha256: String,
    /// The public key info as DER, for the sandbox's CA to sign.
    pub spki_der: Vec<u8>,
    /// Why no CA would take it: a key that is too weak, a signature that does not fit it or that
    /// cannot be checked. Nothing where it was signed with its own key, which is good.
    pub doubt: Option<CsrError>,
}

/// Why there is no request, one sentence for each thing that people paste.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// No name to ask for.
    #[error("a request needs at least one name; add one, for example www.example.org")]
    NoNames,
    /// The library refused.
    #[error("making the request failed: {why}; check the names and the key")]
    Make {
        /// What the library said.
        why: String,
    },
    /// Nothing was given.
    #[error(
        "there is nothing here; paste the whole request, from -----BEGIN CERTIFICATE REQUEST----- to its END line"
    )]
    Empty,
    /// A private key instead of, or beside, a request.
    #[error(
        "this is a private key: never paste it here and never send it to anyone; certdeck has not kept it. Make a request from it with: openssl req -new -key KEY.pem"
    )]
    PrivateKey,
    /// A certificate instead of a request.
    #[error(
        "this is a certificate, not a request; paste the request that begins with -----BEGIN CERTIFICATE REQUEST-----"
    )]
    Certificate,
    /// Several requests.
    #[error("there are {count} requests here; an order has one, so paste one at a time")]
    Several {
        /// How many.
        count: usize,
    },
    /// A block whose text is damaged.
    #[error("the request that begins in line {line} cannot be read: {why}; copy it again, whole")]
    Damaged {
        /// Line of the block's beginning, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// Another kind of block.
    #[error(
        "this is a {label}, not a request; paste what begins with -----BEGIN CERTIFICATE REQUEST-----"
    )]
    OtherBlock {
        /// The label of the first block.
        label: String,
    },
    /// Neither PEM nor DER.
    #[error(
        "this is no request; expected PEM that begins with -----BEGIN CERTIFICATE REQUEST-----, or the DER of one"
    )]
    Junk,
    /// The structure is not that of a request.
    #[error(
        "this is not a readable request: {why}; make it again, for example with openssl req -new"
    )]
    Unreadable {
        /// The part at which reading stopped.
        why: String,
    },
    /// An RSA key that no CA takes any more.
    #[error(
        "the key of this request has only {bits} bits; CAs want RSA keys of at least 2048 (Baseline Requirements 6.1.5), so make a new key and a new request"
    )]
    WeakKey {
        /// Its size.
        bits: u32,
    },
    /// The signature does not fit the key in the request.
    #[error(
        "the signature of this request does not fit its own key, so it was changed or damaged after it was made; make it again"
    )]
    Signature,
    /// The signature cannot be checked.
    #[error(
        "the signature of this request cannot be checked: its algorithm ({algorithm}) is not supported; make it with SHA-256 or SHA-384 and an RSA, P-256 or P-384 key"
    )]
    SignatureAlgorithm {
        /// Name or dotted identifier.
        algorithm: String,
    },
}

/// Makes a request for these names, signed with the key; the result is PEM.
///
/// The common name is the first DNS name that is short enough (64 characters); all names are
/// alternative names, in their order.
///
/// # Errors
/// [`CsrError::NoNames`], or [`CsrError::Make`] when the library refuses.
pub fn make(key: &PrivateKey, names: &[CertName]) -> Result<String, CsrError> {
    make_for(key, names, &Subject::default())
}

/// As [`make`], with what the request says of its subject beyond the common name.
///
/// # Errors
/// As [`make`]; a subject with problems ([`Subject::problems`]) may be refused by the library.
pub fn make_for(
    key: &PrivateKey,
    names: &[CertName],
    subject: &Subject,
) -> Result<String, CsrError> {
    if names.is_empty() {
        return Err(CsrError::NoNames);
    }
    let failed = |error: rcgen::Error| CsrError::Make {
        why: error.to_string(),
    };
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    subject.write(&mut name).map_err(failed)?;
    name_first(&mut name, names);
    subject.write_email(&mut name).map_err(failed)?;
    params.distinguished_name = name;
    params.subject_alt_names = san_types(names).map_err(failed)?;
    let request = params.serialize_request(key.pair()).map_err(failed)?;
    Ok(pem::encode("CERTIFICATE REQUEST", request.der()))
}

/// The subject for these names; the library's own default would name the library.
pub(super) fn subject_for(names: &[CertName], organization: Option<&str>) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    if let Some(organization) = organization {
        subject.push(DnType::OrganizationName, organization);
    }
    name_first(&mut subject, names);
    subject
}

/// Takes the first name that may be a common name for one.
fn name_first(subject: &mut DistinguishedName, names: &[CertName]) {
    let short = |name: &&CertName| name.ascii().len() <= LONGEST_COMMON_NAME;
    let common_name = names.iter().filter(|name| name.ip().is_none()).find(short);
    if let Some(name) = common_name {
        subject.push(DnType::CommonName, name.ascii());
    }
}

pub(super) fn san_types(names: &[CertName]) -> Result<Vec<SanType>, rcgen::Error> {
    names
        .iter()
        .map(|name| match name.ip() {
            Some(ip) => Ok(SanType::IpAddress(ip)),
            None => Ia5String::try_from(name.ascii()).map(SanType::DnsName),
        })
        .collect()
}

/// Reads the one request in the bytes, PEM (with anything around it) or DER, and checks that it
/// was signed with its own key, and that the key is one that CAs take.
///
/// # Errors
/// [`CsrError`], one for each thing that is pasted by mistake.
pub fn read(bytes: &[u8]) -> Result<CsrInfo, CsrError> {
    let mut info = look(bytes)?;
    info.doubt.take().map_or(Ok(info), Err)
}

/// Reads the one request in the bytes in order to show it: one that nobody would sign is shown, too,
/// with what is wrong with it ([`CsrInfo::doubt`]).
///
/// # Errors
/// [`CsrError`] where there is no request that can be read.
pub fn look(bytes: &[u8]) -> Result<CsrInfo, CsrError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(CsrError::Empty);
    }
    if let Some(text) = pem::decode_utf16(bytes) {
        return look(text.as_bytes());
    }
    let items = pem::scan(bytes);
    if items.is_empty() {
        return read_der_or_say_what_it_is(bytes);
    }
    let block = only_request(&items)?;
    let der = block.decode().map_err(|why| CsrError::Damaged {
        line: block.line,
        why,
    })?;
    look_at_der(&der)
}

/// `true` for the two labels under which requests are written (RFC 7468 section 7).
pub(super) fn is_request_label(label: &str) -> bool {
    matches!(label, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST")
}

/// `true` for the labels under which certificates are written (RFC 7468 section 5, OpenSSL).
pub(super) fn is_certificate_label(label: &str) -> bool {
    matches!(
        label,
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"
    )
}

fn only_request<'a, 'b>(items: &'b [Item<'a>]) -> Result<&'b Block<'a>, CsrError> {
    let label_of = |item: &Item<'a>| match item {
        Item::Block(block) => block.label,
        Item::Broken { label, .. } => label,
    };
    // Before anything else: whoever pastes a key has to hear of it, whatever stands beside it.
    if items.iter().any(|item| is_key_label(label_of(item))) {
        return Err(CsrError::PrivateKey);
    }
    let requests: Vec<&Item<'a>> = items
        .iter()
        .filter(|item| is_request_label(label_of(item)))
        .collect();
    match requests.as_slice() {
        [Item::Block(block)] => Ok(block),
        [Item::Broken { line, why, .. }] => Err(CsrError::Damaged {
            line: *line,
            why: why.clone(),
        }),
        [] if items
            .iter()
            .any(|item| is_certificate_label(label_of(item))) =>
        {
            Err(CsrError::Certificate)
        }
        [] => Err(CsrError::OtherBlock {
            label: items.first().map_or("", label_of).to_owned(),
        }),
        several => Err(CsrError::Several {
            count: several.len(),
        }),
    }
}

/// For bytes without PEM blocks: DER, or something that deserves its own sentence.
fn read_der_or_say_what_it_is(bytes: &[u8]) -> Result<CsrInfo, CsrError> {
    if bytes.first() != Some(&0x30) {
        return Err(CsrError::Junk);
    }
    match look_at_der(bytes) {
        Err(CsrError::Unreadable { why }) => {
            if certificate::read(bytes).is_ok() {
                Err(CsrError::Certificate)
            } else if PrivateKey::from_der(bytes).is_ok() {
                Err(CsrError::PrivateKey)
            } else {
                Err(CsrError::Unreadable { why })
            }
        }
        other => other,
    }
}

/// Reads the DER of one request, and looks whether anybody would sign it.
pub(super) fn look_at_der(der: &[u8]) -> Result<CsrInfo, CsrError> {
    let (rest, request) =
        X509CertificationRequest::from_der(der).map_err(|error| CsrError::Unreadable {
            why: super::describe_parse_error(&error),
        })?;
    if !rest.is_empty() {
        let why = format!("{} bytes follow its end", rest.len());
        return Err(CsrError::Unreadable { why });
    }
    let mut info = describe(&request, der);
    info.doubt = doubt(&request, &info.key);
    Ok(info)
}

/// Why nobody would sign a request, if so.
fn doubt(request: &X509CertificationRequest<'_>, key: &KeyDescription) -> Option<CsrError> {
    use x509_parser::error::X509Error;
    // The library refuses the signatures of such keys; that must not look like damage.
    if key.algorithm == "RSA" && key.bits < SMALLEST_RSA {
        return Some(CsrError::WeakKey { bits: key.bits });
    }
    let error = request.verify_signature().err()?;
    Some(match error {
        X509Error::SignatureUnsupportedAlgorithm => CsrError::SignatureAlgorithm {
            algorithm: super::labels::signature_algorithm(&super::labels::dotted(
                &request.signature_algorithm.algorithm,
            )),
        },
        _ => CsrError::Signature,
    })
}

fn describe(request: &X509CertificationRequest<'_>, der: &[u8]) -> CsrInfo {
    let info = &request.certification_request_info;
    let common_name = dn::value_of(&info.subject, dn::COMMON_NAME);
    let mut names = requested_names(request);
    if names.is_empty() {
        names.extend(common_name.clone().map(AltName::Dns));
    }
    CsrInfo {
        pem: pem::encode("CERTIFICATE REQUEST", der),
        subject: dn::to_text(&info.subject),
        common_name,
        names,
        key: KeyDescription::of(&info.subject_pki),
        spki_sha256: hash::sha256_hex(info.subject_pki.raw),
        spki_der: info.subject_pki.raw.to_vec(),
        doubt: None,
    }
}

fn requested_names(request: &X509CertificationRequest<'_>) -> Vec<AltName> {
    request
        .requested_extensions()
        .into_iter()
        .flatten()
        .find_map(|extension| match extension {
            ParsedExtension::SubjectAlternativeName(names) => Some(names),
            _ => None,
        })
        .map(|names| names.general_names.iter().map(AltName::of).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::key::KeyType;
    use secrecy::ExposeSecret;

    fn names(typed: &str) -> Vec<CertName> {
        CertName::parse_list(typed)
            .into_iter()
            .map(Result::unwrap)
            .collect()
    }

    fn key() -> PrivateKey {
        PrivateKey::generate(KeyType::P256).unwrap()
    }

    fn request() -> String {
        make(&key(), &names("www.example.org")).unwrap()
    }

    fn refusal(bytes: impl AsRef<[u8]>) -> String {
        read(bytes.as_ref()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_made_is_read_back() {
        let key = key();
        let wanted = names("*.münchen.example, www.example.org 192.0.2.1 2001:db8::1");
        let info = read(make(&key, &wanted).unwrap().as_bytes()).unwrap();
        let asked: Vec<String> = info.names.iter().map(AltName::text).collect();
        let expected: Vec<&str> = wanted.iter().map(CertName::ascii).collect();
        assert_eq!(asked, expected);
        assert_eq!(info.subject, "CN=*.xn--mnchen-3ya.example");
        assert_eq!(info.key.label(), "P-256");
        assert_eq!(info.spki_sha256, key.spki_sha256());
        assert_eq!(info.spki_der, key.spki_der());
    }

    #[test]
    fn an_address_or_a_long_name_is_no_common_name() {
        let long = format!("{}.example.org", "a".repeat(60));
        let subject = |typed: &str| {
            let request = make(&key(), &names(typed)).unwrap();
            read(request.as_bytes()).unwrap().subject
        };
        assert_eq!(subject("192.0.2.1"), "");
        assert_eq!(subject(&long), "");
        assert_eq!(
            subject(&format!("{long} short.example")),
            "CN=short.example"
        );
    }

    #[test]
    fn pem_with_words_around_it_and_der_are_both_read() {
        let pem = request();
        let windows = format!(
            "\u{feff}Here it is:\r\n{}\r\nBye",
            pem.replace('\n', "\r\n")
        );
        let info = read(windows.as_bytes()).unwrap();
        assert_eq!(info.pem, pem);
        let items = pem::scan(pem.as_bytes());
        let der = only_request(&items).unwrap().decode().unwrap();
        assert_eq!(read(&der).unwrap(), info);
    }

    #[test]
    fn every_mistake_has_its_sentence() {
        let key = key();
        let key_pem = key.to_pkcs8_pem();
        let good = request();
        let half = &good[..good.len() / 2];
        assert!(refusal("  \n").contains("nothing here"));
        assert!(refusal("hello").contains("no request"));
        assert!(refusal(key_pem.expose_secret()).contains("never paste it"));
        assert!(refusal(format!("{good}{}", key_pem.expose_secret())).contains("never paste it"));
        assert!(refusal(key.pair().serialized_der()).contains("never paste it"));
        assert!(refusal(pem::encode("CERTIFICATE", b"x")).contains("is a certificate"));
        assert!(refusal(pem::encode("PKCS7", b"x")).contains("is a PKCS7"));
        assert!(refusal(format!("{good}{good}")).contains("2 requests"));
        assert!(refusal(half).contains("line 1"));
        assert!(refusal(pem::encode("CERTIFICATE REQUEST", b"junk")).contains("not a readable"));
        assert!(refusal([0x30, 3, 1, 2, 3]).contains("not a readable"));
    }

    #[test]
    fn a_request_that_was_changed_is_refused() {
        let pem = request();
        let items = pem::scan(pem.as_bytes());
        let mut der = only_request(&items).unwrap().decode().unwrap().to_vec();
        let at = memchr::memmem::find(&der, b"www.example.org").unwrap();
        der[at] = b'e';
        assert_eq!(read(&der).unwrap_err(), CsrError::Signature);
        // To look at it is another matter.
        let info = look(&der).unwrap();
        assert_eq!(info.doubt, Some(CsrError::Signature));
        assert_eq!(info.subject, "CN=eww.example.org");
    }

    #[test]
    fn a_request_without_names_is_not_made() {
        assert_eq!(make(&key(), &[]).unwrap_err(), CsrError::NoNames);
    }
}
