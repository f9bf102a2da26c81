//! Whether a certificate, its chain, its CSR and its private key belong together, and to the order
//! that they are given for.
//!
//! Pure: the moment is passed in. People paste these out of a provider's panel, in any order and
//! mixed; everything that does not fit is said with what it was compared with and what to do. May
//! not: keep or quote a key. The strings of certificates in the sentences are raw: draw them
//! harmlessly. Called by what is recorded by hand (`engine::by_hand`).

mod pasted;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use secrecy::SecretString;

use super::certificate::Certificate;
use super::chain::order_chain;
use super::csr::CsrInfo;
use super::describe::AltName;
use super::key::PrivateKey;

/// A certificate that begins later than this was not issued today: its dates are a mistake, or the
/// clock is.
const FAR_AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What was pasted, each text as it came; a text may hold more than its field asks for.
#[derive(Clone, Copy, Default)]
pub struct Pasted<'a> {
    /// The certificate; chain, CSR and key may stand in the same text, in any order.
    pub certificate: Option<&'a SecretString>,
    /// The certificates above it, in any order.
    pub chain: Option<&'a SecretString>,
    /// The CSR.
    pub csr: Option<&'a SecretString>,
    /// The private key.
    pub key: Option<&'a SecretString>,
}

/// What it has to belong to.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The names that the certificate has to protect, in ASCII.
    pub names: &'a [String],
    /// SHA-256 of the public key that the order is known to have, in hexadecimal.
    pub spki_sha256: Option<&'a str>,
    /// The account's time.
    pub at: Timestamp,
    /// Whether the certificate may have expired already.
    pub may_be_expired: bool,
}

/// What was found, belonging together.
#[derive(Debug, Default)]
pub struct Material {
    /// The certificate.
    pub leaf: Option<Certificate>,
    /// The certificates above it, its issuer first.
    pub chain: Vec<Certificate>,
    /// The CSR; its signature is good.
    pub csr: Option<CsrInfo>,
    /// The private key.
    pub key: Option<PrivateKey>,
    /// The names of certificates that stood in the text and do not belong to it.
    pub left_out: Vec<String>,
}

/// The field that a problem belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The certificate.
    Certificate,
    /// The chain.
    Chain,
    /// The CSR.
    Csr,
    /// The private key.
    Key,
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub part: Part,
    /// What was given, what it was compared with, and what to do.
    pub says: String,
    /// Whether it is only that the certificate is not valid any more.
    pub expired: bool,
}

impl Problem {
    fn new(part: Part, says: impl Into<String>) -> Self {
        Self {
            part,
            says: says.into(),
            expired: false,
        }
    }
}

/// Reads what was pasted and checks that it belongs together and to what is expected.
///
/// # Errors
/// Everything that does not fit; then nothing of it may be used.
pub fn belong(pasted: Pasted<'_>, expected: &Expected<'_>) -> Result<Material, Vec<Problem>> {
    let heap = pasted::read(pasted)?;
    let mut problems = Vec::new();
    let keys = keys(&heap, expected, &mut problems);
    let mut material = Material::default();
    match leaf(&heap, &keys, expected) {
        Ok(Some(leaf)) => {
            problems.extend(leaf_problems(&leaf, &heap, expected));
            climb(&leaf, &heap, &mut material, &mut problems);
            material.leaf = Some(leaf);
        }
        Ok(None) if !heap.above.is_empty() => {
            let says = "a chain is kept with its certificate; give that, too";
            problems.push(Problem::new(Part::Chain, says));
        }
        Ok(None) => {}
        Err(problem) => problems.push(problem),
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    material.csr = heap.csr;
    material.key = heap.key;
    Ok(material)
}

/// The public keys that the certificate may have: of the key, of the CSR, and of the order; and
/// where these contradict each other.
fn keys(heap: &pasted::Heap, expected: &Expected<'_>, problems: &mut Vec<Problem>) -> Vec<String> {
    let key = heap.key.as_ref().map(PrivateKey::spki_sha256);
    let csr = heap.csr.as_ref().map(|csr| csr.spki_sha256.clone());
    if let (Some(key), Some(csr)) = (&key, &csr)
        && key != csr
    {
        let says = format!(
            "the private key belongs to another CSR: its public key is {}, the CSR's is {}; give \
             the two that were made together",
            short(key),
            short(csr)
        );
        problems.push(Problem::new(heap.key_from, says));
    }
    let order = expected.spki_sha256.map(str::to_lowercase);
    if let Some(order) = &order {
        let given = [
            (&key, heap.key_from, "private key"),
            (&csr, heap.csr_from, "CSR"),
        ];
        for (given, part, what) in given {
            if let Some(given) = given
                && given != order
            {
                problems.push(Problem::new(part, not_of_the_order(what, given, order)));
            }
        }
    }
    [key, csr, order].into_iter().flatten().collect()
}

fn not_of_the_order(what: &str, given: &str, order: &str) -> String {
    format!(
        "this {what} is not this order's: its public key is {}, and the order was made with {}; \
         look whether it belongs to another order",
        short(given),
        short(order)
    )
}

/// Which certificate of the text is meant: the one with the key, else the one that is no CA's, else
/// the one with the names.
fn leaf(
    heap: &pasted::Heap,
    keys: &[String],
    expected: &Expected<'_>,
) -> Result<Option<Certificate>, Problem> {
    if heap.certificates.is_empty() {
        return Ok(None);
    }
    let newest = |found: Vec<&Certificate>| {
        found
            .into_iter()
            .max_by_key(|certificate| certificate.not_after)
            .cloned()
    };
    let all = || heap.certificates.iter();
    let fitting: Vec<_> = all()
        .filter(|certificate| keys.contains(&certificate.spki_sha256))
        .collect();
    if !fitting.is_empty() {
        return Ok(newest(fitting));
    }
    let servers: Vec<_> = all().filter(|certificate| certificate.serves()).collect();
    match servers.as_slice() {
        [] => Err(Problem::new(
            Part::Certificate,
            only_cas(&heap.certificates),
        )),
        [only] => Ok(Some((*only).clone())),
        several => {
            let named = several
                .iter()
                .copied()
                .filter(|certificate| uncovered(certificate, expected.names).is_empty());
            newest(named.collect()).map(Some).ok_or_else(|| {
                let shown = several.iter().map(|one| one.display_name());
                let shown: Vec<_> = shown.collect();
                let says = format!(
                    "there are {} certificates here, for {}, and none of them protects {}; give \
                     the one of this order",
                    shown.len(),
                    shown.join(", "),
                    expected.names.join(", ")
                );
                Problem::new(Part::Certificate, says)
            })
        }
    }
}

fn only_cas(certificates: &[Certificate]) -> String {
    let names: Vec<_> = certificates.iter().map(Certificate::display_name).collect();
    format!(
        "there are only certificates of CAs here ({}); give the one that was issued for your \
         names, these belong into its chain",
        names.join(", ")
    )
}

fn leaf_problems(leaf: &Certificate, heap: &pasted::Heap, expected: &Expected<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let compared = [
        (
            heap.key.as_ref().map(PrivateKey::spki_sha256),
            "the private key has",
        ),
        (
            heap.csr.as_ref().map(|csr| csr.spki_sha256.clone()),
            "the CSR has",
        ),
        (
            expected.spki_sha256.map(str::to_lowercase),
            "the CSR of this order has",
        ),
    ];
    let other = compared.into_iter().find_map(|(spki, whose)| {
        spki.filter(|spki| *spki != leaf.spki_sha256)
            .map(|spki| (spki, whose))
    });
    if let Some((spki, whose)) = other {
        let says = format!(
            "the certificate of {} was made for another key: its public key is {}, {whose} {}; \
             look whether it belongs to another order, or give the CSR or the key that it was made for",
            leaf.display_name(),
            short(&leaf.spki_sha256),
            short(&spki)
        );
        problems.push(Problem::new(Part::Certificate, says));
    }
    let missing = uncovered(leaf, expected.names);
    if !missing.is_empty() {
        let has: Vec<_> = names_of(leaf).iter().map(AltName::text).collect();
        let says = format!(
            "it protects {}, but not {}; look whether it belongs to another order, or put the \
             names of this entry right first",
            some_of(&has),
            missing.join(", ")
        );
        problems.push(Problem::new(Part::Certificate, says));
    }
    problems.extend(dates(leaf, expected));
    problems
}

fn dates(leaf: &Certificate, expected: &Expected<'_>) -> Option<Problem> {
    if expected.at > leaf.not_after && !expected.may_be_expired {
        let says = format!("it expired on {}", date(leaf.not_after));
        return Some(Problem {
            expired: true,
            ..Problem::new(Part::Certificate, says)
        });
    }
    let begins_in = expected.at.duration_until(leaf.not_before);
    (begins_in > FAR_AHEAD).then(|| {
        let says = format!(
            "it is valid only from {}; look at its dates, and at this machine's clock ({})",
            date(leaf.not_before),
            date(expected.at)
        );
        Problem::new(Part::Certificate, says)
    })
}

/// The chain from the leaf upwards, and what stood beside it.
fn climb(
    leaf: &Certificate,
    heap: &pasted::Heap,
    material: &mut Material,
    problems: &mut Vec<Problem>,
) {
    let mut pool: Vec<Certificate> = Vec::new();
    for certificate in heap.certificates.iter().chain(&heap.above) {
        let known = |other: &Certificate| other.sha256 == certificate.sha256;
        if certificate.sha256 != leaf.sha256 && !pool.iter().any(known) {
            pool.push(certificate.clone());
        }
    }
    let chain: Vec<Certificate> = order_chain(leaf, &pool)
        .into_iter()
        .skip(1)
        .cloned()
        .collect();
    let belongs =
        |certificate: &Certificate| chain.iter().any(|link| link.sha256 == certificate.sha256);
    let is_leaf = |certificate: &Certificate| certificate.sha256 == leaf.sha256;
    let useless = !heap
        .above
        .iter()
        .any(|above| belongs(above) || is_leaf(above));
    if !heap.above.is_empty() && useless {
        problems.push(Problem::new(Part::Chain, no_link(leaf, &heap.above)));
    }
    let left_out = pool.iter().filter(|certificate| !belongs(certificate));
    material.left_out = left_out.map(Certificate::display_name).collect();
    material.chain = chain;
}

fn no_link(leaf: &Certificate, above: &[Certificate]) -> String {
    let names: Vec<_> = above.iter().map(Certificate::display_name).collect();
    let namesake = above.iter().any(|one| one.subject_der == leaf.issuer_der);
    let why = if namesake {
        "has its name, but not the key that signed it"
    } else {
        "is not among them"
    };
    let issuer = leaf.issuer_common_name.as_ref().unwrap_or(&leaf.issuer);
    format!(
        "none of these leads on from the certificate: it was issued by {issuer}, which {why} ({}); \
         give the chain that came with it",
        names.join(", ")
    )
}

/// The names that a certificate protects; its common name where it has no other (as old ones do).
pub(super) fn names_of(leaf: &Certificate) -> Vec<AltName> {
    if !leaf.names.is_empty() {
        return leaf.names.clone();
    }
    let common_name = leaf.subject_common_name.clone();
    common_name.map(AltName::Dns).into_iter().collect()
}

/// The names that a certificate does not protect.
pub(super) fn uncovered(leaf: &Certificate, names: &[String]) -> Vec<String> {
    let has = names_of(leaf);
    let covered = |name: &&String| has.iter().any(|alt| covers(alt, name));
    names
        .iter()
        .filter(|name| !covered(name))
        .cloned()
        .collect()
}

/// Whether a name of a certificate stands for this one. A wildcard stands for one label, and for
/// itself. Source: RFC 9525, sections 6.3 and 6.5.
pub(crate) fn covers(alt: &AltName, name: &str) -> bool {
    match alt {
        AltName::Dns(dns) => {
            let dns = dns.trim_end_matches('.');
            let below = || name.split_once('.').map(|(_, parent)| parent);
            dns.eq_ignore_ascii_case(name)
                || dns.strip_prefix("*.").is_some_and(|parent| {
                    below().is_some_and(|below| below.eq_ignore_ascii_case(parent))
                })
        }
        AltName::Ip(ip) => name.parse() == Ok(*ip),
        _ => false,
    }
}

/// The beginning of a fingerprint: enough to tell two apart by eye.
pub(super) fn short(sha256: &str) -> String {
    let shown: String = sha256.chars().take(16).collect();
    format!("{shown}…")
}

/// At most a handful of names.
pub(super) fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 5;
    match names {
        [] => "no name at all".to_owned(),
        _ if names.len() <= SHOWN => names.join(", "),
        _ => format!(
            "{} and {} more",
            names[..SHOWN].join(", "),
            names.len() - SHOWN
        ),
    }
}

pub(super) fn date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}
