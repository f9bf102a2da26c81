//! Chains: which certificate signed which, and whether a chain holds at a given moment.
//!
//! May not: be the judge for TLS connections. It is the simple check behind what certdeck shows;
//! it knows no name constraints, no policies and no revocation. Called by the details pane, import,
//! export and the sandbox.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::prelude::FromDer;

use super::certificate::Certificate;
use super::csr::SMALLEST_RSA;

/// Real chains have two to four certificates; a longer one is a loop or an attack.
const LONGEST_CHAIN: usize = 16;
/// How many certificates that fit by name are tried for one link: a CA has a handful that cross each
/// other, and each signature takes time that a file full of them would take for itself.
const MOST_TRIED: usize = 8;

/// Why a chain does not hold. Names are quoted with their invisible characters escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// There is no certificate.
    #[error("there is no certificate to verify; import one first")]
    Empty,
    /// A link whose names do not fit.
    #[error(
        "{subject:?} says that {issuer:?} issued it, but the next certificate is {next:?}; put the right one there"
    )]
    WrongIssuer {
        /// The certificate.
        subject: String,
        /// Its issuer's name.
        issuer: String,
        /// The next certificate's name.
        next: String,
    },
    /// A link whose signature does not fit.
    #[error(
        "{subject:?} was not signed with the key of {issuer:?}; look for the issuer's other certificates"
    )]
    Signature {
        /// The certificate.
        subject: String,
        /// The supposed signer.
        issuer: String,
    },
    /// A signature that cannot be checked.
    #[error(
        "the signature on {subject:?} ({algorithm}) cannot be checked here; use openssl verify"
    )]
    UnknownAlgorithm {
        /// The certificate.
        subject: String,
        /// Its signature algorithm.
        algorithm: String,
    },
    /// Too early.
    #[error("{subject:?} is not valid before {from}, and the moment asked for is {at}")]
    NotYetValid {
        /// The certificate.
        subject: String,
        /// Its first moment.
        from: Timestamp,
        /// The moment asked for.
        at: Timestamp,
    },
    /// Too late.
    #[error("{subject:?} was valid until {until}, and the moment asked for is {at}; renew it")]
    Expired {
        /// The certificate.
        subject: String,
        /// Its last moment.
        until: Timestamp,
        /// The moment asked for.
        at: Timestamp,
    },
    /// An issuer that may not issue.
    #[error("{subject:?} signed a certificate although it is no CA; do not trust this chain")]
    NotACa {
        /// The issuer.
        subject: String,
    },
    /// An issuer with more CAs below it than it may have.
    #[error("{subject:?} allows {allowed} CA certificates below it, and there are {found}")]
    TooDeep {
        /// The issuer.
        subject: String,
        /// Its path length.
        allowed: u32,
        /// How many there are.
        found: usize,
    },
    /// No root at the end.
    #[error(
        "the chain ends at {subject:?}, issued by {issuer:?}, which is none of the trusted roots; add the missing certificate"
    )]
    NoRoot {
        /// The last certificate.
        subject: String,
        /// Its issuer.
        issuer: String,
    },
}

/// Puts the chain of a leaf in order: the leaf first, each followed by its issuer from the pool, as
/// far as the pool reaches, with a root last where there is one. Certificates that do not belong
/// to it are left out. An issuer is recognised by its name, by the key identifiers where both sides
/// have them, and by the signature; where that algorithm is unknown, name and identifier suffice.
/// Of many that fit by name only the first few are tried.
#[must_use]
pub fn order_chain<'a>(leaf: &'a Certificate, pool: &'a [Certificate]) -> Vec<&'a Certificate> {
    let mut chain = vec![leaf];
    while let Some(last) = chain.last()
        && !last.is_self_issued
        && chain.len() < LONGEST_CHAIN
    {
        let unused =
            |candidate: &&Certificate| chain.iter().all(|taken| taken.sha256 != candidate.sha256);
        let mut likely = pool
            .iter()
            .filter(|candidate| may_be_issuer(last, candidate))
            .filter(unused)
            .take(MOST_TRIED);
        match likely.find(|candidate| has_signed(last, candidate)) {
            Some(issuer) => chain.push(issuer),
            None => break,
        }
    }
    chain
}

/// Verifies a chain, the leaf first, against the roots at a moment: names, signatures, validity,
/// CA flags and path lengths. The root itself may be in the chain or not.
///
/// # Errors
/// [`ChainError`], the first thing that is wrong, from the leaf upwards.
pub fn verify(
    chain: &[Certificate],
    roots: &[Certificate],
    at: Timestamp,
) -> Result<(), ChainError> {
    for certificate in chain {
        check_validity(certificate, at)?;
    }
    for (depth, pair) in chain.windows(2).enumerate() {
        if let [child, issuer] = pair {
            check_link(child, issuer, depth)?;
        }
    }
    let last = chain.last().ok_or(ChainError::Empty)?;
    if roots.iter().any(|root| root.sha256 == last.sha256) {
        return Ok(());
    }
    let Some(root) = roots.iter().find(|root| is_issuer(last, root)) else {
        return Err(ChainError::NoRoot {
            subject: last.display_name(),
            issuer: last.issuer.clone(),
        });
    };
    check_validity(root, at)?;
    check_link(last, root, chain.len() - 1)
}

/// The first link of a chain, the leaf first, whose upper end may not issue the lower one, or did
/// not; dates and roots are nobody's business here.
///
/// # Errors
/// [`ChainError`], from the leaf upwards.
pub(super) fn check_links(chain: &[&Certificate]) -> Result<(), ChainError> {
    for (depth, pair) in chain.windows(2).enumerate() {
        if let [child, issuer] = pair {
            check_link(child, issuer, depth)?;
        }
    }
    Ok(())
}

/// Whether one of these issued a certificate, by name, key identifiers and signature.
pub(super) fn issuer_among<'a>(
    child: &Certificate,
    candidates: &'a [Certificate],
) -> Option<&'a Certificate> {
    candidates
        .iter()
        .find(|candidate| is_issuer(child, candidate))
}

/// Whether a certificate, a request or a key belongs to this public key
/// ([`Certificate::spki_sha256`]).
#[must_use]
pub fn matches(certificate: &Certificate, spki_sha256: &str) -> bool {
    certificate.spki_sha256.eq_ignore_ascii_case(spki_sha256)
}

fn is_issuer(child: &Certificate, candidate: &Certificate) -> bool {
    may_be_issuer(child, candidate) && has_signed(child, candidate)
}

/// Whether the names fit, and the key identifiers where both sides have them.
fn may_be_issuer(child: &Certificate, candidate: &Certificate) -> bool {
    let ids = (&child.authority_key_id, &candidate.subject_key_id);
    let ids_fit = !matches!(ids, (Some(wanted), Some(has)) if wanted != has);
    child.issuer_der == candidate.subject_der && ids_fit
}

fn has_signed(child: &Certificate, candidate: &Certificate) -> bool {
    !matches!(
        check_signature(child, candidate),
        Err(ChainError::Signature { .. })
    )
}

fn check_validity(certificate: &Certificate, at: Timestamp) -> Result<(), ChainError> {
    let subject = || certificate.display_name();
    if at < certificate.not_before {
        return Err(ChainError::NotYetValid {
            subject: subject(),
            from: certificate.not_before,
            at,
        });
    }
    if at > certificate.not_after {
        return Err(ChainError::Expired {
            subject: subject(),
            until: certificate.not_after,
            at,
        });
    }
    Ok(())
}

/// `depth` is the number of CA certificates between the issuer and the leaf.
fn check_link(child: &Certificate, issuer: &Certificate, depth: usize) -> Result<(), ChainError> {
    if child.issuer_der != issuer.subject_der {
        return Err(ChainError::WrongIssuer {
            subject: child.display_name(),
            issuer: child.issuer.clone(),
            next: issuer.subject.clone(),
        });
    }
    let may_sign = issuer.key_usages.is_empty() || issuer.key_usages.contains(&"keyCertSign");
    if !issuer.is_ca || !may_sign {
        return Err(ChainError::NotACa {
            subject: issuer.display_name(),
        });
    }
    if let Some(allowed) = issuer.path_len
        && u32::try_from(depth).map_or(true, |depth| depth > allowed)
    {
        return Err(ChainError::TooDeep {
            subject: issuer.display_name(),
            allowed,
            found: depth,
        });
    }
    check_signature(child, issuer)
}

fn check_signature(child: &Certificate, issuer: &Certificate) -> Result<(), ChainError> {
    let wrong = || ChainError::Signature {
        subject: child.display_name(),
        issuer: issuer.display_name(),
    };
    let unknown = || ChainError::UnknownAlgorithm {
        subject: child.display_name(),
        algorithm: child.signature_algorithm.clone(),
    };
    // The library checks no signature of a small RSA key, which old roots have.
    let too_weak = issuer.key.algorithm == "RSA" && issuer.key.bits < SMALLEST_RSA;
    // Both were read from this very DER, so they parse again.
    let (_, parsed_child) = X509Certificate::from_der(&child.der).map_err(|_| wrong())?;
    let (_, parsed_issuer) = X509Certificate::from_der(&issuer.der).map_err(|_| wrong())?;
    parsed_child
        .verify_signature(Some(parsed_issuer.public_key()))
        .map_err(|error| match error {
            X509Error::SignatureUnsupportedAlgorithm => unknown(),
            _ if too_weak => unknown(),
            _ => wrong(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::read;
    use crate::pki::fixtures::{Parts, name, self_signed, tlv};
    use rcgen::{
        BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    };

    fn at() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    /// A CA's parameters; rcgen's default validity lasts from 1975 to 4096.
    fn authority(common_name: &str, constraints: BasicConstraints) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.is_ca = IsCa::Ca(constraints);
        params
    }

    fn sign(
        params: &CertificateParams,
        key: &KeyPair,
        by: &CertificateParams,
        by_key: &KeyPair,
    ) -> Certificate {
        let made = params
            .signed_by(key, &Issuer::from_params(by, by_key))
            .unwrap();
        read(made.der()).unwrap()
    }

    #[test]
    fn a_path_that_is_too_long_is_refused() {
        let keys: Vec<KeyPair> = (0..4).map(|_| KeyPair::generate().unwrap()).collect();
        let root = authority("root", BasicConstraints::Constrained(1));
        let middle = authority("middle", BasicConstraints::Unconstrained);
        let low = authority("low", BasicConstraints::Unconstrained);
        let mut leaf = authority("leaf", BasicConstraints::Unconstrained);
        leaf.is_ca = IsCa::ExplicitNoCa;
        let chain = [
            sign(&leaf, &keys[3], &low, &keys[2]),
            sign(&low, &keys[2], &middle, &keys[1]),
            sign(&middle, &keys[1], &root, &keys[0]),
            sign(&root, &keys[0], &root, &keys[0]),
        ];
        let roots = &chain[3..];
        let too_deep = ChainError::TooDeep {
            subject: "root".to_owned(),
            allowed: 1,
            found: 2,
        };
        assert_eq!(verify(&chain, roots, at()), Err(too_deep.clone()));
        assert_eq!(verify(&chain[..3], roots, at()), Err(too_deep));
        assert_eq!(verify(&chain[1..], roots, at()), Ok(()));
        let shuffled = [chain[3].clone(), chain[1].clone(), chain[2].clone()];
        let ordered = order_chain(&chain[0], &shuffled);
        let shown: Vec<String> = ordered.iter().map(|c| c.display_name()).collect();
        assert_eq!(shown, ["leaf", "low", "middle", "root"]);
        assert_eq!(
            order_chain(&chain[0], &shuffled[..1]).len(),
            1,
            "no link, no chain"
        );
    }

    #[test]
    fn two_that_claim_to_have_issued_each_other_end_the_search() {
        let keys = [KeyPair::generate().unwrap(), KeyPair::generate().unwrap()];
        let one = authority("one", BasicConstraints::Unconstrained);
        let two = authority("two", BasicConstraints::Unconstrained);
        let pool = [
            sign(&one, &keys[0], &two, &keys[1]),
            sign(&two, &keys[1], &one, &keys[0]),
        ];
        assert_eq!(order_chain(&pool[0], &pool).len(), 2);
        assert!(matches!(
            verify(&pool, &[], at()),
            Err(ChainError::NoRoot { .. })
        ));
    }

    #[test]
    fn a_signature_of_nonsense_is_no_link() {
        let issuer = read(&self_signed("issuer", &[])).unwrap();
        let child = Parts {
            issuer: name(3, &tlv(0x0c, b"issuer")),
            ..Parts::default()
        };
        let child = read(&child.der()).unwrap();
        assert_eq!(child.issuer_der, issuer.subject_der);
        assert_eq!(order_chain(&child, std::slice::from_ref(&issuer)).len(), 1);
    }

    #[test]
    fn of_many_that_fit_by_name_only_the_first_few_are_tried() {
        let key = || KeyPair::generate().unwrap();
        let (own, above) = (key(), key());
        let issuer = authority("issuer", BasicConstraints::Unconstrained);
        let leaf = sign(
            &authority("leaf", BasicConstraints::Unconstrained),
            &own,
            &issuer,
            &above,
        );
        let real = sign(&issuer, &above, &issuer, &above);
        let decoy = || {
            let key = key();
            sign(&issuer, &key, &issuer, &key)
        };
        let mut pool: Vec<Certificate> = (1..MOST_TRIED).map(|_| decoy()).collect();
        pool.push(real);
        assert_eq!(order_chain(&leaf, &pool).len(), 2);
        pool.insert(0, decoy());
        // Otherwise a file full of them would be tried for hours.
        assert_eq!(order_chain(&leaf, &pool).len(), 1);
    }

    #[test]
    fn belonging_together_is_a_matter_of_the_key() {
        let certificate = read(&self_signed("x", &[])).unwrap();
        assert!(matches(
            &certificate,
            &certificate.spki_sha256.to_uppercase()
        ));
        assert!(!matches(&certificate, &certificate.sha256));
    }
}
