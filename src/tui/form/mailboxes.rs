//! Which mailboxes a CA may write to, to verify the control of a name.
//!
//! Pure. Called by the order form to offer them; the engine judges what was chosen.

use crate::engine::order::MAILBOXES;
use crate::pki::CertName;

/// More domains above a name are not offered; they can be typed.
const DOMAINS: usize = 2;

/// The mailboxes for the first of the typed names: the five of the Baseline Requirements
/// 3.2.2.4.4, at the name itself and at the domain above it.
pub(super) fn offered(names: &[CertName]) -> Vec<String> {
    let Some(name) = names.iter().find(|name| name.ip().is_none()) else {
        return Vec::new();
    };
    let domains = domains(name.ascii());
    let at = |domain: &str| MAILBOXES.map(|local| format!("{local}@{domain}"));
    domains.into_iter().flat_map(at).collect()
}

/// The name without wildcard and `www`, and the domain above it.
fn domains(name: &str) -> Vec<&str> {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let stripped = bare.strip_prefix("www.");
    let mut domain = stripped.filter(|rest| rest.contains('.')).unwrap_or(bare);
    let mut found = vec![domain];
    while let Some((_, above)) = domain.split_once('.') {
        if found.len() == DOMAINS || !above.contains('.') || is_shared(above) {
            break;
        }
        found.push(above);
        domain = above;
    }
    found
}

/// Whether a domain is most likely one under which anybody registers: `co.uk`, `com.au`. Without
/// the list of public suffixes this is a guess; it only decides what is offered.
fn is_shared(domain: &str) -> bool {
    domain
        .split_once('.')
        .is_some_and(|(first, country)| first.len() <= 3 && country.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_lie_at_the_name_and_above_it() {
        for (name, domains) in [
            ("example.org", vec!["example.org"]),
            ("*.example.org", vec!["example.org"]),
            ("www.example.org", vec!["example.org"]),
            ("shop.example.org", vec!["shop.example.org", "example.org"]),
            ("example.co.uk", vec!["example.co.uk"]),
            ("www.de", vec!["www.de"]),
        ] {
            assert_eq!(super::domains(name), domains, "{name}");
        }
        let names = [CertName::parse("*.münchen.example").unwrap()];
        let found = offered(&names);
        assert!(found.contains(&"hostmaster@xn--mnchen-3ya.example".to_owned()));
        assert_eq!(found.len(), 5);
    }
}
