//! What an account says about looking at the servers of its entries.
//!
//! Pure data. The engine's probing goes by it; the account's file names it.

use super::StartTls;
use super::document::Document;
use super::error::Problems;

/// The keys of it in an account's file.
pub(super) const KEYS: [&str; 3] = ["probe-port", "probe-wildcard", "probe-starttls"];

/// The longest part of a name between two dots (RFC 1035, section 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Where the servers of an account's entries are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeSettings {
    /// The port of each name, where it is not the usual one.
    pub port: Option<u16>,
    /// What stands in the place of the star of a wildcard: `www` for `www.example.com` where an
    /// entry has `*.example.com`; as punycode.
    pub wildcard: Option<String>,
    /// What the servers begin with before TLS.
    pub starttls: Option<StartTls>,
}

impl ProbeSettings {
    /// Reads the keys of an account's file.
    pub(super) fn read(document: &mut Document<'_>, problems: &mut Problems<'_>) -> Self {
        let port = document.number("probe-port", 1..=u64::from(u16::MAX), problems);
        let wildcard = "a name without dots in quotes, like \"www\"";
        let starttls = "a protocol in quotes, like \"smtp\"";
        Self {
            port: port.and_then(|port| u16::try_from(port).ok()),
            wildcard: document.parsed("probe-wildcard", wildcard, parse_label, problems),
            starttls: document.parsed("probe-starttls", starttls, str::parse, problems),
        }
    }

    /// The name to look at instead of a wildcard; nothing where nobody says one, or where it is no
    /// wildcard. A wildcard stands for one part of a name (RFC 6125, section 6.4.3).
    #[must_use]
    pub fn under(&self, wildcard: &str) -> Option<String> {
        let above = wildcard.strip_prefix("*.")?;
        let label = self.wildcard.as_ref()?;
        Some(format!("{label}.{above}"))
    }
}

fn parse_label(given: &str) -> Result<String, String> {
    let ascii = idna::domain_to_ascii(given.trim()).unwrap_or_default();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if ascii.is_empty() || ascii.len() > LONGEST_LABEL || !ascii.chars().all(fits) {
        return Err(format!(
            "{given:?} is no name that can stand in the place of a star; expected one without dots, \
             like \"www\""
        ));
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_takes_the_place_of_the_star_and_of_nothing_else() {
        let settings = ProbeSettings {
            wildcard: Some("www".to_owned()),
            ..ProbeSettings::default()
        };
        let under = |name: &str| settings.under(name);
        assert_eq!(under("*.shop.example").as_deref(), Some("www.shop.example"));
        for name in ["shop.example", "a*.shop.example", "*"] {
            assert_eq!(under(name), None, "{name}");
        }
        assert_eq!(ProbeSettings::default().under("*.shop.example"), None);
    }

    #[test]
    fn what_can_be_no_part_of_a_name_says_so() {
        assert_eq!(parse_label("Bücher").as_deref(), Ok("xn--bcher-kva"));
        for given in ["", "a.b", "*", "a b", &"a".repeat(64)] {
            assert!(parse_label(given).is_err(), "{given:?}");
        }
    }
}
