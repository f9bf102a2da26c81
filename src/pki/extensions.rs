//! The extensions of a certificate, gathered leniently: the first of a kind counts, a doubled or
//! unreadable one is reported and nothing is refused.
//!
//! May not: judge. Called by `certificate` and, for its alternative names, by `csr`.

use data_encoding::HEXLOWER;
use x509_parser::extensions::{
    AuthorityInfoAccess, CRLDistributionPoints, DistributionPointName, ExtendedKeyUsage,
    GeneralName, KeyUsage, ParsedExtension, X509Extension,
};

use super::describe::AltName;
use super::labels;

/// RFC 5280 section 4.2.2.1: what an access description leads to.
const ACCESS_OCSP: &str = "1.3.6.1.5.5.7.48.1";
const ACCESS_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// What the extensions say, without order.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) names: Vec<AltName>,
    pub(super) is_ca: bool,
    pub(super) path_len: Option<u32>,
    pub(super) key_usages: Vec<&'static str>,
    pub(super) extended_key_usages: Vec<String>,
    pub(super) policies: Vec<String>,
    pub(super) aia_ocsp: Vec<String>,
    pub(super) aia_issuers: Vec<String>,
    pub(super) crl_points: Vec<String>,
    pub(super) authority_key_id: Option<String>,
    pub(super) subject_key_id: Option<String>,
    pub(super) oddities: Vec<String>,
}

impl Extensions {
    pub(super) fn of(extensions: &[X509Extension<'_>]) -> Self {
        let mut gathered = Self::default();
        let mut seen = std::collections::HashSet::new();
        for extension in extensions {
            let oid = labels::dotted(&extension.oid);
            if seen.insert(extension.oid.as_bytes()) {
                gathered.take(extension, &oid);
            } else {
                let said =
                    format!("The extension {oid} stands in it more than once; the first counts.");
                gathered.oddities.push(said);
            }
        }
        gathered
    }

    fn take(&mut self, extension: &X509Extension<'_>, oid: &str) {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => {
                self.names = names.general_names.iter().map(AltName::of).collect();
            }
            ParsedExtension::BasicConstraints(constraints) => {
                self.is_ca = constraints.ca;
                self.path_len = constraints.path_len_constraint;
            }
            ParsedExtension::KeyUsage(usage) => self.key_usages = key_usages(*usage),
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended_key_usages = extended_key_usages(usage);
            }
            ParsedExtension::CertificatePolicies(policies) => {
                let dotted = |policy: &x509_parser::extensions::PolicyInformation<'_>| {
                    labels::dotted(&policy.policy_id)
                };
                self.policies = policies.iter().map(dotted).collect();
            }
            ParsedExtension::AuthorityInfoAccess(access) => self.take_access(access),
            ParsedExtension::CRLDistributionPoints(points) => self.crl_points = crl_points(points),
            ParsedExtension::AuthorityKeyIdentifier(key) => {
                self.authority_key_id = key.key_identifier.as_ref().map(|id| HEXLOWER.encode(id.0));
            }
            ParsedExtension::SubjectKeyIdentifier(key) => {
                self.subject_key_id = Some(HEXLOWER.encode(key.0));
            }
            ParsedExtension::ParseError { .. } => self
                .oddities
                .push(format!("The extension {oid} cannot be read.")),
            _ => {}
        }
    }

    fn take_access(&mut self, access: &AuthorityInfoAccess<'_>) {
        for description in access.iter() {
            let GeneralName::URI(uri) = &description.access_location else {
                continue;
            };
            match labels::dotted(&description.access_method).as_str() {
                ACCESS_OCSP => self.aia_ocsp.push((*uri).to_owned()),
                ACCESS_ISSUERS => self.aia_issuers.push((*uri).to_owned()),
                _ => {}
            }
        }
    }
}

fn key_usages(usage: KeyUsage) -> Vec<&'static str> {
    labels::KEY_USAGES
        .iter()
        .enumerate()
        .filter(|(bit, _)| usage.flags >> bit & 1 == 1)
        .map(|(_, name)| *name)
        .collect()
}

fn extended_key_usages(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "any"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let other = usage
        .other
        .iter()
        .map(|oid| labels::extended_key_usage(&labels::dotted(oid)));
    known
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, name)| name.to_owned())
        .chain(other)
        .collect()
}

fn crl_points(points: &CRLDistributionPoints<'_>) -> Vec<String> {
    points
        .iter()
        .filter_map(|point| match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => Some(names),
            _ => None,
        })
        .flatten()
        .filter_map(|name| match name {
            GeneralName::URI(uri) => Some((*uri).to_owned()),
            _ => None,
        })
        .collect()
}
