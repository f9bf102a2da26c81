//! How what a server serves compares with what the store has.
//!
//! Pure. `probing` calls it with what was seen; whether a certificate is any good beyond its dates
//! and its name is for the findings of `pki` to say.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::config::Target;
use crate::domain::entry::{Entry, Role};
use crate::domain::probed::{Flaw, ProbedPlace, Served, is_server};
use crate::engine::command::Shown;
use crate::pki::Certificate;
use crate::pki::belong::covers;
use crate::pki::certificate;
use crate::probe::Seen;

/// The certificates of an entry and of those around it, by fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Family {
    pub(super) current: BTreeSet<String>,
    pub(super) after: BTreeSet<String>,
    pub(super) before: BTreeSet<String>,
}

impl Family {
    /// Takes in an entry whose certificate should serve.
    pub(super) fn take(&mut self, entry: &Entry) {
        let serving = entry.serving().map(|held| &held.sha256);
        for held in &entry.certificates {
            let place = match held.role {
                _ if Some(&held.sha256) == serving => &mut self.current,
                Role::Pending => &mut self.after,
                Role::Serving | Role::Past => &mut self.before,
            };
            place.insert(held.sha256.clone());
        }
    }

    /// Takes in one that came before it.
    pub(super) fn take_before(&mut self, entry: &Entry) {
        let all = entry.certificates.iter().map(|held| held.sha256.clone());
        self.before.extend(all);
    }

    /// Takes in one that came after it.
    pub(super) fn take_after(&mut self, entry: &Entry) {
        let all = entry.certificates.iter().map(|held| held.sha256.clone());
        self.after.extend(all);
    }

    /// How a certificate compares with them.
    pub(super) fn compare(&self, sha256: &str) -> Served {
        if self.current.contains(sha256) {
            Served::Same
        } else if self.after.contains(sha256) {
            Served::Newer
        } else if self.before.contains(sha256) {
            Served::Old
        } else {
            Served::Other
        }
    }
}

/// What was seen, read.
pub(super) fn read(seen: &Seen, target: &Target, now: Timestamp) -> Shown {
    let chain = seen.chain.iter().map(|der| {
        let read = certificate::read(der);
        read.map_err(|error| error.to_string())
    });
    let chain: Vec<Result<Certificate, String>> = chain.collect();
    let own = chain.first().and_then(|own| own.as_ref().ok());
    let mut flaws = own.map_or_else(Vec::new, |own| flaws(own, target, now));
    let is_old = |protocol: &str| !matches!(protocol, "TLS 1.2" | "TLS 1.3");
    if seen.protocol.as_deref().is_some_and(is_old) {
        flaws.push(Flaw::OldTls);
    }
    Shown {
        address: seen.address,
        protocol: seen.protocol.clone(),
        cipher: seen.cipher.clone(),
        alpn: seen.alpn.clone(),
        chain,
        flaws,
    }
}

/// What is wrong with a certificate wherever it came from.
fn flaws(own: &Certificate, target: &Target, now: Timestamp) -> Vec<Flaw> {
    let asked = target.name.as_deref().unwrap_or(&target.host);
    let asked = asked.trim_end_matches('.');
    let all = [
        (Flaw::Expired, own.not_after < now),
        (Flaw::NotYetValid, now < own.not_before),
        (Flaw::WrongName, !holds(own, asked)),
        (Flaw::SelfSigned, own.is_self_issued),
    ];
    let found = all.into_iter().filter(|(_, is)| *is);
    found.map(|(flaw, _)| flaw).collect()
}

/// Whether a certificate holds a name or an address. A common name alone counts for nothing any
/// more (RFC 9525, section 6.3).
fn holds(own: &Certificate, asked: &str) -> bool {
    // A wildcard is not asked for, and what stands for itself in `covers` is no server either.
    own.names.iter().any(|alt| covers(alt, asked))
}

/// What is kept of a look at a place.
pub(super) fn place(
    target: &Target,
    seen: &Result<Shown, String>,
    served: Option<Served>,
) -> ProbedPlace {
    let place = target.to_string();
    match seen {
        Err(why) => ProbedPlace {
            place,
            served: Served::Nothing,
            says: why.clone(),
            until: None,
            flaws: Vec::new(),
        },
        Ok(shown) => {
            let own = shown.chain.first();
            let own = own.and_then(|own| own.as_ref().ok());
            ProbedPlace {
                place,
                served: served.unwrap_or(Served::Other),
                says: own.map_or_else(|| "which cannot be read".to_owned(), brief),
                until: own.map(|own| own.not_after),
                flaws: shown.flaws.clone(),
            }
        }
    }
}

/// A certificate in a few words.
fn brief(own: &Certificate) -> String {
    let issuer = own
        .issuer_common_name
        .as_ref()
        .or(own.issuer_organization.as_ref());
    let issuer = issuer.map_or_else(String::new, |issuer| format!(" by {}", cut(issuer, NAME)));
    let name = cut(&own.display_name(), NAME);
    format!("{name}{issuer}, serial {}", cut(&own.serial, SERIAL))
}

/// The beginning of a text: who serves it may make it as long as a handshake bears, and it is kept
/// with every look.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How much of a name is kept: the most that one in the DNS has is 253 letters, few have 60.
const NAME: usize = 80;

/// How much of a serial number tells two certificates apart by eye: six bytes with colons.
const SERIAL: usize = 17;

/// A name that is asked for as it stands on its own; nothing for one that is no server: a wildcard,
/// an e-mail address, a name of a person.
pub(super) fn target_of(name: &str, port: u16) -> Option<Target> {
    if let Ok(address) = name.parse::<IpAddr>() {
        let host = address.to_string();
        return Some(Target {
            host,
            port,
            name: None,
            starttls: None,
        });
    }
    if !is_server(name) {
        return None;
    }
    let target = Target::parse_with(name, Some(port)).ok()?;
    (target.port == port && target.name.is_none()).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_should_serve_goes_before_what_comes_and_what_was() {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let family = Family {
            current: set(&["b"]),
            after: set(&["c", "b"]),
            before: set(&["a", "b", "c"]),
        };
        let told = ["b", "c", "a", "x"].map(|sha| family.compare(sha));
        assert_eq!(
            told,
            [Served::Same, Served::Newer, Served::Old, Served::Other]
        );
    }

    #[test]
    fn what_is_kept_of_a_name_is_short_however_long_it_is() {
        assert_eq!(cut("shop.example", NAME), "shop.example");
        // Marks that take no column of their own, as many as a handshake bears.
        let long = cut(&"a\u{301}".repeat(30_000), NAME);
        assert_eq!(long.chars().count(), NAME + 1);
    }

    #[test]
    fn only_what_can_be_a_server_is_asked() {
        let asked = |name: &str| target_of(name, 443).map(|target| target.to_string());
        assert_eq!(asked("shop.example").as_deref(), Some("shop.example:443"));
        assert_eq!(asked("2001:db8::1").as_deref(), Some("[2001:db8::1]:443"));
        assert_eq!(asked("192.0.2.7").as_deref(), Some("192.0.2.7:443"));
        for name in ["*.shop.example", "a@shop.example", "A B", "", "a:25"] {
            assert_eq!(asked(name), None, "{name}");
        }
    }
}
