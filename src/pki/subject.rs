//! Who asks for a certificate: what a request says of its subject beyond the names.
//!
//! May not: judge whether it is true; the CA does. A CA that checks names alone (DV) leaves all of it
//! out of the certificate. Called by the order forms, the command line and `csr`.

use rcgen::string::{Ia5String, PrintableString};
use rcgen::{DistinguishedName, DnType, DnValue};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;

use super::{dn, pem};

/// `emailAddress` (RFC 2985 section 5.2.1).
const EMAIL: [u64; 7] = [1, 2, 840, 113_549, 1, 9, 1];

/// What a request says of its subject beyond the common name; empty texts say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Organization (O).
    pub organization: String,
    /// Organizational unit (OU).
    pub unit: String,
    /// Locality (L): the city.
    pub locality: String,
    /// State or province (ST).
    pub province: String,
    /// Country (C): two letters of ISO 3166-1.
    pub country: String,
    /// E-mail address.
    pub email: String,
}

/// One part of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Organization.
    Organization,
    /// Organizational unit.
    Unit,
    /// Locality.
    Locality,
    /// State or province.
    Province,
    /// Country.
    Country,
    /// E-mail address.
    Email,
}

impl Part {
    /// Every part, in the order that forms ask for them.
    pub const ALL: [Self; 6] = [
        Self::Organization,
        Self::Unit,
        Self::Locality,
        Self::Province,
        Self::Country,
        Self::Email,
    ];

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Organization => "Organization",
            Self::Unit => "Unit",
            Self::Locality => "Locality",
            Self::Province => "Province",
            Self::Country => "Country",
            Self::Email => "E-mail",
        }
    }

    /// The dotted identifier of its attribute (RFC 5280 appendix A.1, RFC 2985).
    fn dotted(self) -> &'static str {
        match self {
            Self::Organization => dn::ORGANIZATION,
            Self::Unit => dn::ORGANIZATIONAL_UNIT,
            Self::Locality => "2.5.4.7",
            Self::Province => "2.5.4.8",
            Self::Country => "2.5.4.6",
            Self::Email => "1.2.840.113549.1.9.1",
        }
    }

    /// The most characters that it may have: RFC 5280 appendix A.1, `ub-organization-name` and so on.
    fn longest(self) -> usize {
        match self {
            Self::Organization | Self::Unit => 64,
            Self::Locality | Self::Province => 128,
            Self::Country => 2,
            Self::Email => 255,
        }
    }
}

impl Subject {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Part::ALL.iter().all(|part| self.part(*part).is_empty())
    }

    /// One part, as typed, without what surrounds it.
    #[must_use]
    pub fn part(&self, part: Part) -> &str {
        let text = match part {
            Part::Organization => &self.organization,
            Part::Unit => &self.unit,
            Part::Locality => &self.locality,
            Part::Province => &self.province,
            Part::Country => &self.country,
            Part::Email => &self.email,
        };
        text.trim()
    }

    /// Says something of one part.
    pub fn set(&mut self, part: Part, text: String) {
        *match part {
            Part::Organization => &mut self.organization,
            Part::Unit => &mut self.unit,
            Part::Locality => &mut self.locality,
            Part::Province => &mut self.province,
            Part::Country => &mut self.country,
            Part::Email => &mut self.email,
        } = text;
    }

    /// What it says, in words: `Organization Example, Country DE`; empty where it says nothing.
    #[must_use]
    pub fn words(&self) -> String {
        let parts = Part::ALL.into_iter();
        let said = parts.filter(|part| !self.part(*part).is_empty());
        let said = said.map(|part| format!("{} {}", part.title(), self.part(part)));
        said.collect::<Vec<_>>().join(", ")
    }

    /// Everything that is wrong with it, part by part.
    #[must_use]
    pub fn problems(&self) -> Vec<(Part, String)> {
        let parts = Part::ALL.into_iter();
        parts
            .filter_map(|part| Some((part, objection(part, self.part(part))?)))
            .collect()
    }

    /// What a request says of its subject; nothing where it cannot be read.
    #[must_use]
    pub fn of_request(pem_text: &str) -> Self {
        let items = pem::scan(pem_text.as_bytes());
        let block = items.iter().find_map(|item| match item {
            pem::Item::Block(block) if super::csr::is_request_label(block.label) => Some(block),
            _ => None,
        });
        let der = block.and_then(|block| block.decode().ok());
        let mut subject = Self::default();
        let Some(der) = der else { return subject };
        let Ok((_, request)) = X509CertificationRequest::from_der(&der) else {
            return subject;
        };
        let name = &request.certification_request_info.subject;
        for part in Part::ALL {
            let said = dn::value_of(name, part.dotted());
            subject.set(part, said.unwrap_or_default());
        }
        // What others wrote may be against the rules; a request of ours is not made with it.
        for (part, _) in subject.problems() {
            subject.set(part, String::new());
        }
        subject
    }

    /// Writes it into a name, the widest part first, before a common name.
    pub(super) fn write(&self, name: &mut DistinguishedName) -> Result<(), rcgen::Error> {
        let country = self.part(Part::Country).to_ascii_uppercase();
        if !country.is_empty() {
            let country = PrintableString::try_from(country)?;
            name.push(DnType::CountryName, DnValue::PrintableString(country));
        }
        for (part, kind) in [
            (Part::Province, DnType::StateOrProvinceName),
            (Part::Locality, DnType::LocalityName),
            (Part::Organization, DnType::OrganizationName),
            (Part::Unit, DnType::OrganizationalUnitName),
        ] {
            if !self.part(part).is_empty() {
                name.push(kind, self.part(part));
            }
        }
        Ok(())
    }

    /// Writes what stands after a common name.
    pub(super) fn write_email(&self, name: &mut DistinguishedName) -> Result<(), rcgen::Error> {
        let email = self.part(Part::Email);
        if !email.is_empty() {
            let email = Ia5String::try_from(email)?;
            name.push(
                DnType::CustomDnType(EMAIL.to_vec()),
                DnValue::Ia5String(email),
            );
        }
        Ok(())
    }
}

/// What is wrong with one part.
fn objection(part: Part, text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if text.chars().any(char::is_control) {
        return Some("it has a control character in it; type it as one line of text".to_owned());
    }
    match part {
        Part::Country if text.eq_ignore_ascii_case("uk") => {
            Some("the country code of the United Kingdom is GB".to_owned())
        }
        Part::Country if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_alphabetic()) => Some(
            format!("{text:?} is no country code; it has two letters, for example DE"),
        ),
        Part::Email if !text.is_ascii() || !is_address(text) => Some(format!(
            "{text:?} is no e-mail address as a request takes it, for example tls@example.org"
        )),
        _ if text.chars().count() > part.longest() => Some(format!(
            "it has {} characters, and a request takes {} at most",
            text.chars().count(),
            part.longest()
        )),
        _ => None,
    }
}

fn is_address(text: &str) -> bool {
    let Some((who, at)) = text.rsplit_once('@') else {
        return false;
    };
    !who.is_empty() && at.contains('.') && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::super::{CertName, KeyType, PrivateKey, csr};
    use super::*;

    fn whole() -> Subject {
        Subject {
            organization: "Bäckerei Müller & Söhne, Inc.".to_owned(),
            unit: "IT".to_owned(),
            locality: " Köln ".to_owned(),
            province: "NRW".to_owned(),
            country: "de".to_owned(),
            email: "tls@example.org".to_owned(),
        }
    }

    fn names() -> [CertName; 1] {
        ["www.example.org".parse().unwrap()]
    }

    #[test]
    fn what_is_said_is_read_back_and_kept_once_more() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let request = csr::make_for(&key, &names(), &whole()).unwrap();
        let read = csr::read(request.as_bytes()).unwrap();
        assert_eq!(
            read.subject,
            "emailAddress=tls@example.org,CN=www.example.org,OU=IT,\
             O=Bäckerei Müller & Söhne\\, Inc.,L=Köln,ST=NRW,C=DE"
        );
        let kept = Subject::of_request(&request);
        assert_eq!(
            (kept.country.as_str(), kept.locality.as_str()),
            ("DE", "Köln")
        );
        let again = csr::make_for(&key, &names(), &kept).unwrap();
        assert_eq!(Subject::of_request(&again), kept);
    }

    #[test]
    fn a_request_without_a_subject_or_no_request_says_nothing() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let bare = csr::make(&key, &names()).unwrap();
        for text in [bare.as_str(), "", "hello", &bare[..bare.len() / 2]] {
            assert!(Subject::of_request(text).is_empty());
        }
    }

    #[test]
    fn each_problem_stands_at_its_part() {
        assert_eq!(whole().problems(), []);
        for (part, text, says) in [
            (Part::Country, "DEU", "two letters"),
            (Part::Country, "D1", "two letters"),
            (Part::Country, "ÄÄ", "two letters"),
            (Part::Country, "UK", "GB"),
            (Part::Email, "tls", "e-mail address"),
            (Part::Email, "tls@müller.example", "e-mail address"),
            (Part::Email, "a b@example.org", "e-mail address"),
            (Part::Unit, "a\u{1b}[31m", "control character"),
            (Part::Organization, &"o".repeat(65), "64 at most"),
        ] {
            let mut subject = whole();
            subject.set(part, text.to_owned());
            let found = subject.problems();
            assert_eq!(found.len(), 1, "{part:?} {text:?}: {found:?}");
            assert!(found[0].0 == part && found[0].1.contains(says), "{found:?}");
        }
    }
}
