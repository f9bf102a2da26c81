//! The names a certificate is ordered for, as people type them.
//!
//! May not: look anything up. Called by the order form, the command line and the request and
//! certificate makers of this module.

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

/// RFC 1035 section 2.3.4, without the trailing dot.
const LONGEST_NAME: usize = 253;
/// RFC 1035 section 2.3.4.
const LONGEST_LABEL: usize = 63;

/// A name that a certificate can be ordered for: a DNS name, with or without a wildcard, or an IP
/// address. DNS names are lower-case ASCII inside (RFC 5890 A-labels), without a trailing dot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CertName {
    ascii: String,
    ip: Option<IpAddr>,
}

/// Why what was typed is no name for a certificate. Each message names the part that is wrong and
/// says what to do; what was typed is quoted with its invisible characters escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was typed.
    #[error("there is no name; type one, for example www.example.org")]
    Empty,
    /// A web address instead of a name.
    #[error("{input:?} is a web address; leave out {part:?} and keep only the host name")]
    WebAddress {
        /// What was typed.
        input: String,
        /// The part that does not belong to a name.
        part: String,
    },
    /// A host with a port.
    #[error("{input:?} has a port; a certificate is for every port, so leave out {part:?}")]
    Port {
        /// What was typed.
        input: String,
        /// The colon and the port.
        part: String,
    },
    /// An e-mail address.
    #[error("{input:?} is an e-mail address; keep only what stands after the @")]
    Email {
        /// What was typed.
        input: String,
    },
    /// An asterisk anywhere but as the whole first label.
    #[error(
        "{input:?} has its * in the wrong place; a wildcard is one * as the whole first label, as in *.example.org"
    )]
    Wildcard {
        /// What was typed.
        input: String,
    },
    /// A wildcard over a whole top-level domain.
    #[error(
        "{input:?} would cover a whole top-level domain, which no CA signs; name a domain of yours after the *."
    )]
    WildcardTooWide {
        /// What was typed.
        input: String,
    },
    /// A name of one label.
    #[error(
        "{input:?} has no dot; public CAs sign only full names (CA/B Baseline Requirements 7.1.4.2.1), so add the domain, as in {full}"
    )]
    SingleLabel {
        /// What was typed.
        input: String,
        /// What a full name could look like.
        full: String,
    },
    /// Two dots in a row, or one at the beginning.
    #[error(
        "{input:?} has an empty label: a dot at its beginning or two in a row; take out one dot"
    )]
    EmptyLabel {
        /// What was typed.
        input: String,
    },
    /// A label with an underscore.
    #[error(
        "the label {label:?} has an underscore; CAs may not sign host names with one (CA/B ballot SC12), so rename the host, for example with a hyphen"
    )]
    Underscore {
        /// The label.
        label: String,
    },
    /// A label that begins or ends with a hyphen.
    #[error("the label {label:?} begins or ends with a hyphen; take the hyphen away")]
    Hyphen {
        /// The label.
        label: String,
    },
    /// A label that is longer than DNS allows.
    #[error(
        "the label {label:?} has {length} characters in DNS; at most 63 are allowed, so shorten it"
    )]
    LabelTooLong {
        /// The label.
        label: String,
        /// Its length in the form that DNS uses.
        length: usize,
    },
    /// A label with a character that no host name may have, or a broken punycode label.
    #[error(
        "the label {label:?} is no part of a host name; letters, digits and hyphens are allowed, and letters of other scripts where their registry allows them"
    )]
    Label {
        /// The label.
        label: String,
    },
    /// A name that is longer than DNS allows.
    #[error("{input:?} has {length} characters in DNS; at most 253 are allowed, so shorten it")]
    TooLong {
        /// What was typed, cut.
        input: String,
        /// Its length in the form that DNS uses.
        length: usize,
    },
    /// Something like 192.0.2 or 192.0.2.300.
    #[error(
        "{input:?} looks like an IP address but is none; an IPv4 address has four numbers from 0 to 255"
    )]
    HalfAddress {
        /// What was typed.
        input: String,
    },
}

impl CertName {
    /// Reads one name as a person types it: white space around it, capitals, a trailing dot,
    /// letters of any script and brackets around an IPv6 address are all understood.
    ///
    /// # Errors
    /// [`NameError`], which names the label and says what to do.
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        let input = typed.trim();
        if input.is_empty() {
            return Err(NameError::Empty);
        }
        if let Some(ip) = parse_address(input) {
            return Ok(Self::from_ip(ip));
        }
        refuse_what_is_no_name(input)?;
        let (wildcard, host) = split_wildcard(input)?;
        let host = host_to_ascii(input, host)?;
        refuse_what_no_ca_signs(input, wildcard, &host)?;
        let ascii = if wildcard { format!("*.{host}") } else { host };
        if ascii.len() > LONGEST_NAME {
            return Err(NameError::TooLong {
                input: input.chars().take(LONGEST_LABEL).collect(),
                length: ascii.len(),
            });
        }
        Ok(Self { ascii, ip: None })
    }

    /// Reads a list: names separated by white space, commas or semicolons, in their order, each
    /// name once. What is no name is an error in its place.
    #[must_use]
    pub fn parse_list(typed: &str) -> Vec<Result<Self, NameError>> {
        let mut seen = HashSet::new();
        typed
            .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|part| !part.is_empty())
            .map(Self::parse)
            .filter(|parsed| match parsed {
                Ok(name) => seen.insert(name.ascii.clone()),
                Err(_) => true,
            })
            .collect()
    }

    /// The name of an address.
    #[must_use]
    pub fn from_ip(ip: IpAddr) -> Self {
        Self {
            ascii: ip.to_string(),
            ip: Some(ip),
        }
    }

    /// The form that DNS, requests and certificates use: `xn--…` for other scripts.
    #[must_use]
    pub fn ascii(&self) -> &str {
        &self.ascii
    }

    /// The form for people: letters of every script. Sanitise it before drawing, as everything.
    #[must_use]
    pub fn display(&self) -> String {
        if !self.ascii.contains("xn--") {
            return self.ascii.clone();
        }
        let (host, prefix) = match self.ascii.strip_prefix("*.") {
            Some(host) => (host, "*."),
            None => (self.ascii.as_str(), ""),
        };
        match idna::domain_to_unicode(host) {
            (unicode, Ok(())) => format!("{prefix}{unicode}"),
            (_, Err(_)) => self.ascii.clone(),
        }
    }

    /// The address, if the name is one.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    /// `true` for `*.example.org`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.ascii.starts_with("*.")
    }
}

impl fmt::Display for CertName {
    /// The ASCII form, which is the one to compare and to store.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ascii)
    }
}

impl FromStr for CertName {
    type Err = NameError;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        Self::parse(typed)
    }
}

impl TryFrom<String> for CertName {
    type Error = NameError;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        Self::parse(&stored)
    }
}

impl From<CertName> for String {
    fn from(name: CertName) -> Self {
        name.ascii
    }
}

fn parse_address(input: &str) -> Option<IpAddr> {
    let bare = input
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(input);
    bare.parse().ok()
}

/// Tells apart the things that people paste by mistake, so that each gets its own sentence.
fn refuse_what_is_no_name(input: &str) -> Result<(), NameError> {
    let owned = input.to_owned();
    if let Some((scheme, _)) = input.split_once("://") {
        let part = format!("{scheme}://");
        return Err(NameError::WebAddress { input: owned, part });
    }
    if let Some(slash) = input.find(['/', '?', '#']) {
        let part = input.get(slash..).unwrap_or_default().to_owned();
        return Err(NameError::WebAddress { input: owned, part });
    }
    if input.contains('@') {
        return Err(NameError::Email { input: owned });
    }
    if let Some(colon) = input.rfind(':') {
        let part = input.get(colon..).unwrap_or_default().to_owned();
        return Err(NameError::Port { input: owned, part });
    }
    Ok(())
}

fn split_wildcard(input: &str) -> Result<(bool, &str), NameError> {
    let (wildcard, host) = match input.strip_prefix("*.") {
        Some(host) => (true, host),
        None => (false, input),
    };
    if host.contains('*') {
        let input = input.to_owned();
        return Err(NameError::Wildcard { input });
    }
    Ok((wildcard, host))
}

/// UTS 46 separates labels at these dots.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

fn host_to_ascii(input: &str, host: &str) -> Result<String, NameError> {
    let host = host.strip_suffix(DOTS).unwrap_or(host);
    host.split(DOTS)
        .map(|label| label_to_ascii(input, label))
        .collect::<Result<Vec<_>, _>>()
        .map(|labels| labels.join("."))
}

fn label_to_ascii(input: &str, label: &str) -> Result<String, NameError> {
    let owned = || label.to_owned();
    if label.is_empty() {
        let input = input.to_owned();
        return Err(NameError::EmptyLabel { input });
    }
    if label.contains('_') {
        return Err(NameError::Underscore { label: owned() });
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(NameError::Hyphen { label: owned() });
    }
    let ascii = Uts46::new()
        .to_ascii(
            label.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Ignore,
        )
        .map_err(|_| NameError::Label { label: owned() })?;
    // A character that UTS 46 maps to nothing, or to a dot, would leave no label or two.
    if ascii.is_empty() || ascii.contains('.') {
        return Err(NameError::Label { label: owned() });
    }
    if ascii.len() > LONGEST_LABEL {
        return Err(NameError::LabelTooLong {
            label: owned(),
            length: ascii.len(),
        });
    }
    Ok(ascii.into_owned())
}

fn refuse_what_no_ca_signs(input: &str, wildcard: bool, host: &str) -> Result<(), NameError> {
    let input = input.to_owned();
    let last = host.rsplit('.').next().unwrap_or(host);
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NameError::HalfAddress { input });
    }
    match (host.contains('.'), wildcard) {
        (true, _) => Ok(()),
        (false, true) => Err(NameError::WildcardTooWide { input }),
        (false, false) => Err(NameError::SingleLabel {
            input,
            full: format!("{host}.example.org"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ascii(typed: &str) -> String {
        CertName::parse(typed).unwrap().ascii
    }

    fn refusal(typed: &str) -> String {
        CertName::parse(typed).unwrap_err().to_string()
    }

    #[test]
    fn what_people_type_is_understood() {
        for (typed, expected) in [
            ("example.org", "example.org"),
            ("  WWW.Example.ORG. ", "www.example.org"),
            ("*.example.org", "*.example.org"),
            ("münchen.example", "xn--mnchen-3ya.example"),
            ("*.例え.jp", "*.xn--r8jz45g.jp"),
            ("例え。jp", "xn--r8jz45g.jp"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
            ("r3---sn-abc.example.org", "r3---sn-abc.example.org"),
            ("1.example.org", "1.example.org"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:DB8::0001", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
        ] {
            assert_eq!(ascii(typed), expected, "{typed}");
        }
    }

    #[test]
    fn every_mistake_is_named_with_what_to_do() {
        let long_label = format!("{}.example.org", "a".repeat(64));
        let long_name = format!("{}org", "abcdefghi.".repeat(26));
        for (typed, said) in [
            ("", "type one"),
            ("https://example.org/", "leave out \"https://\""),
            ("example.org/path", "leave out \"/path\""),
            ("example.org:443", "leave out \":443\""),
            ("me@example.org", "after the @"),
            ("www.*.example.org", "whole first label"),
            ("w*.example.org", "whole first label"),
            ("*", "whole first label"),
            ("*.org", "top-level domain"),
            ("localhost", "localhost.example.org"),
            (".example.org", "take out one dot"),
            ("www..example.org", "take out one dot"),
            ("my_host.example.org", "\"my_host\" has an underscore"),
            ("-a.example.org", "\"-a\" begins or ends"),
            (&long_label, "64 characters in DNS"),
            (&long_name, "at most 253"),
            ("ex ample.org", "\"ex ample\" is no part"),
            ("xn--a.example.org", "\"xn--a\" is no part"),
            ("192.0.2", "four numbers"),
            ("192.0.2.300", "four numbers"),
            ("evil\u{202e}.example.org", "\"evil\\u{202e}\" is no part"),
        ] {
            assert!(refusal(typed).contains(said), "{typed}: {}", refusal(typed));
        }
    }

    #[test]
    fn people_see_their_own_script() {
        let name = CertName::parse("*.MÜNCHEN.example").unwrap();
        assert_eq!(name.display(), "*.münchen.example");
        assert_eq!(name.to_string(), "*.xn--mnchen-3ya.example");
        assert!(name.is_wildcard());
        assert_eq!(name.ip(), None);
    }

    #[test]
    fn a_list_keeps_its_order_loses_doubles_and_keeps_mistakes_in_place() {
        let list =
            CertName::parse_list("a.example, B.example\nA.EXAMPLE.;bad_.example\t192.0.2.1,");
        let shown: Vec<String> = list
            .iter()
            .map(|item| {
                item.as_ref()
                    .map_or_else(ToString::to_string, ToString::to_string)
            })
            .collect();
        assert_eq!(shown[..2], ["a.example", "b.example"]);
        assert!(shown[2].contains("bad_"));
        assert_eq!(shown[3], "192.0.2.1");
        assert_eq!(shown.len(), 4);
    }

    #[test]
    fn a_stored_name_is_checked_when_it_is_read() {
        let name = CertName::parse("*.example.org").unwrap();
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(json, "\"*.example.org\"");
        assert_eq!(serde_json::from_str::<CertName>(&json).unwrap(), name);
        assert!(serde_json::from_str::<CertName>("\"a b\"").is_err());
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_a_name_that_parses_to_itself(typed in "\\PC{0,30}|[a-z0-9.*-]{1,30}") {
            if let Ok(name) = CertName::parse(&typed) {
                prop_assert!(name.ascii().is_ascii() && name.ascii().len() <= LONGEST_NAME);
                prop_assert_eq!(CertName::parse(name.ascii()).unwrap(), name.clone());
                prop_assert!(!name.display().is_empty());
            }
        }

        #[test]
        fn no_message_carries_a_control_character(typed in any::<String>()) {
            if let Err(error) = CertName::parse(&typed) {
                prop_assert!(!error.to_string().chars().any(char::is_control));
            }
        }
    }
}
