//! Tables of what people paste, and what is said of it.

use secrecy::{ExposeSecret as _, SecretString};

use super::*;
use crate::pki::ca::{IssueRequest, SandboxCa};
use crate::pki::{CertName, KeyType, ValidationLevel, csr};

const NOW: &str = "2026-11-22T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A CA, a key with its CSR, and what the CA made of it.
struct Desk {
    ca: SandboxCa,
    key: PrivateKey,
    csr: String,
    leaf: String,
    intermediate: String,
    root: String,
}

fn issue(ca: &SandboxCa, key: &PrivateKey, names: &[&str], from: &str, until: &str) -> Vec<String> {
    let request = IssueRequest {
        names: names.iter().map(|name| name.parse().unwrap()).collect(),
        not_before: at(from),
        not_after: at(until),
        serial: [7; 16],
        level: ValidationLevel::Dv,
        organization: None,
    };
    let issued = ca.issue(&key.spki_der(), &request).unwrap();
    let mut pems = vec![issued.leaf_pem];
    pems.extend(issued.chain_pem);
    pems
}

fn desk() -> Desk {
    let ca = SandboxCa::generate("test", at("2026-01-01T00:00:00Z")).unwrap();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let csr = csr::make(&key, &["www.example.com".parse::<CertName>().unwrap()]).unwrap();
    let made = issue(&ca, &key, &["www.example.com"], NOW, "2027-06-01T00:00:00Z");
    let [leaf, intermediate, root] = made.try_into().unwrap();
    Desk {
        ca,
        key,
        csr,
        leaf,
        intermediate,
        root,
    }
}

impl Desk {
    fn spki(&self) -> String {
        self.key.spki_sha256()
    }

    fn key_pem(&self) -> String {
        self.key.to_pkcs8_pem().expose_secret().to_owned()
    }

    fn another(&self, names: &[&str], from: &str, until: &str) -> String {
        let other = PrivateKey::generate(KeyType::P256).unwrap();
        issue(&self.ca, &other, names, from, until).remove(0)
    }
}

/// What is given: certificate, chain, CSR, key; and the order's names and public key.
#[derive(Default)]
struct Case<'a> {
    certificate: &'a str,
    chain: &'a str,
    csr: &'a str,
    key: &'a str,
    names: &'a [&'a str],
    spki: Option<&'a str>,
    may_be_expired: bool,
}

fn judge(case: &Case<'_>) -> Result<Material, Vec<Problem>> {
    let text = |text: &str| Some(SecretString::from(text)).filter(|_| !text.is_empty());
    let (certificate, chain) = (text(case.certificate), text(case.chain));
    let (csr, key) = (text(case.csr), text(case.key));
    let names: Vec<String> = case.names.iter().map(|name| (*name).to_owned()).collect();
    let expected = Expected {
        names: &names,
        spki_sha256: case.spki,
        at: at(NOW),
        may_be_expired: case.may_be_expired,
    };
    let pasted = Pasted {
        certificate: certificate.as_ref(),
        chain: chain.as_ref(),
        csr: csr.as_ref(),
        key: key.as_ref(),
    };
    belong(pasted, &expected)
}

fn refused(case: &Case<'_>, part: Part, says: &str) {
    let problems = judge(case).expect_err(says);
    let hit = problems
        .iter()
        .any(|problem| problem.part == part && problem.says.contains(says));
    assert!(hit, "{part:?} {says:?}: {problems:#?}");
}

#[test]
fn a_bundle_in_any_order_is_sorted_out() {
    let desk = desk();
    let foreign = desk.another(&["other.example"], NOW, "2027-06-01T00:00:00Z");
    let text = format!(
        "{}\nsome words\n{}{}{}{foreign}{}",
        desk.root,
        desk.key_pem(),
        desk.leaf.replace('\n', "\r\n"),
        desk.csr,
        desk.intermediate
    );
    let material = judge(&Case {
        certificate: &text,
        names: &["www.example.com"],
        ..Case::default()
    })
    .unwrap();
    assert_eq!(material.leaf.unwrap().spki_sha256, desk.spki());
    let above: Vec<_> = material
        .chain
        .iter()
        .map(Certificate::display_name)
        .collect();
    assert_eq!(
        above,
        [
            desk.ca.intermediate().display_name(),
            desk.ca.root().display_name()
        ]
    );
    assert_eq!(material.csr.unwrap().spki_sha256, desk.spki());
    assert_eq!(material.key.unwrap().spki_sha256(), desk.spki());
    assert_eq!(material.left_out, ["other.example"]);
}

#[test]
fn each_alone_is_well() {
    let desk = desk();
    let spki = desk.spki();
    let names: &[&str] = &["www.example.com"];
    let certificate = judge(&Case {
        certificate: &desk.leaf,
        chain: &format!("{}{}", desk.root, desk.intermediate),
        names,
        spki: Some(&spki),
        ..Case::default()
    });
    assert_eq!(certificate.unwrap().chain.len(), 2);
    let csr = judge(&Case {
        csr: &desk.csr,
        ..Case::default()
    });
    assert_eq!(csr.unwrap().csr.unwrap().spki_sha256, spki);
    let key = judge(&Case {
        key: &desk.key_pem(),
        spki: Some(&spki),
        ..Case::default()
    });
    assert!(key.unwrap().key.is_some());
    let nothing = judge(&Case {
        certificate: " \n",
        spki: Some(&spki),
        ..Case::default()
    });
    assert!(nothing.unwrap().leaf.is_none());
}

#[test]
fn what_does_not_belong_is_named_with_what_it_was_compared_with() {
    let desk = desk();
    let spki = desk.spki();
    let other = PrivateKey::generate(KeyType::P256).unwrap();
    let other_pem = other.to_pkcs8_pem().expose_secret().to_owned();
    let theirs = desk.another(&["www.example.com"], NOW, "2027-06-01T00:00:00Z");
    let usual = || Case {
        certificate: &desk.leaf,
        names: &["www.example.com"],
        spki: Some(&spki),
        ..Case::default()
    };
    let certificate = Part::Certificate;
    let of_other_key = Case {
        certificate: &theirs,
        ..usual()
    };
    refused(&of_other_key, certificate, "made for another key");
    refused(&of_other_key, certificate, &spki[..16]);
    let with_other_key = Case {
        key: &other_pem,
        spki: None,
        ..usual()
    };
    refused(&with_other_key, certificate, "the private key has");
    let strange_key = Case {
        certificate: "",
        key: &other_pem,
        ..usual()
    };
    refused(&strange_key, Part::Key, "not this order's");
    let pair = Case {
        certificate: "",
        csr: &desk.csr,
        key: &other_pem,
        spki: None,
        ..Case::default()
    };
    refused(&pair, Part::Key, "another CSR");
    let names = Case {
        names: &["www.example.com", "shop.example.com"],
        ..usual()
    };
    refused(&names, certificate, "but not shop.example.com");
    let chain = Case {
        chain: &theirs,
        ..usual()
    };
    refused(&chain, Part::Chain, "none of these leads on");
    let namesake = SandboxCa::generate("test", at("2026-01-01T00:00:00Z")).unwrap();
    let namesake = namesake.intermediate().to_pem();
    let chain = Case {
        chain: &namesake,
        ..usual()
    };
    refused(&chain, Part::Chain, "not the key that signed it");
    let alone = Case {
        chain: &desk.intermediate,
        ..Case::default()
    };
    refused(&alone, Part::Chain, "with its certificate");
}

#[test]
fn what_is_no_certificate_is_recognised() {
    let desk = desk();
    let damaged = desk.leaf.replacen('M', "!", 1);
    let key = desk.key_pem();
    let both = format!(
        "{}{}",
        desk.another(&["a.example"], NOW, "2027-06-01T00:00:00Z"),
        { desk.another(&["b.example"], NOW, "2027-06-01T00:00:00Z") }
    );
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGb\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (text, says) in [
        (key.as_str(), "this is a private key, not a certificate"),
        (&desk.csr, "this is a CSR (CN=www.example.com)"),
        (&desk.intermediate, "only certificates of CAs"),
        (&damaged, "begins in line 1 cannot be read"),
        ("hello", "no certificate"),
        (encrypted, "openssl pkey"),
        (&both, "none of them protects www.example.com"),
        (
            "-----BEGIN PKCS7-----\nMIGb\n-----END PKCS7-----\n",
            "openssl pkcs7",
        ),
    ] {
        let case = Case {
            certificate: text,
            names: &["www.example.com"],
            ..Case::default()
        };
        refused(&case, Part::Certificate, says);
    }
    let case = Case {
        key: encrypted,
        ..Case::default()
    };
    refused(&case, Part::Key, "openssl pkey -in");
    let case = Case {
        csr: &key,
        ..Case::default()
    };
    refused(&case, Part::Csr, "private key");
    let unsigned = desk.csr.replace("MI", "MJ");
    let case = Case {
        csr: &unsigned,
        ..Case::default()
    };
    assert!(judge(&case).is_err());
}

#[test]
fn nothing_of_a_key_is_ever_quoted() {
    let desk = desk();
    let key = desk.key_pem();
    let body = key.lines().nth(1).unwrap();
    for (certificate, csr) in [(key.as_str(), ""), ("", key.as_str())] {
        let case = Case {
            certificate,
            csr,
            ..Case::default()
        };
        let told = format!("{:?}", judge(&case));
        assert!(
            !told.contains(body) && !told.contains(&body[..12]),
            "{told}"
        );
    }
}

#[test]
fn dates_are_looked_at() {
    let desk = desk();
    let names: &[&str] = &["www.example.com"];
    let old = desk.another(names, "2025-01-01T00:00:00Z", "2026-11-19T00:00:00Z");
    let case = Case {
        certificate: &old,
        names,
        ..Case::default()
    };
    refused(&case, Part::Certificate, "expired on 2026-11-19");
    assert!(judge(&case).unwrap_err()[0].expired);
    let known = Case {
        may_be_expired: true,
        ..case
    };
    assert!(judge(&known).unwrap().leaf.is_some());
    let far = desk.another(names, "2035-01-01T00:00:00Z", "2036-01-01T00:00:00Z");
    let case = Case {
        certificate: &far,
        names,
        ..Case::default()
    };
    refused(&case, Part::Certificate, "only from 2035-01-01");
    let soon = desk.another(names, "2026-11-25T00:00:00Z", "2027-06-01T00:00:00Z");
    let case = Case {
        certificate: &soon,
        names,
        ..Case::default()
    };
    assert!(judge(&case).is_ok());
}

#[test]
fn wildcards_stand_for_one_label_and_for_themselves() {
    let dns = |name: &str| AltName::Dns(name.to_owned());
    for (alt, name, fits) in [
        (dns("*.example.com"), "www.example.com", true),
        (dns("*.Example.com"), "*.example.com", true),
        (dns("*.example.com"), "example.com", false),
        (dns("*.example.com"), "a.b.example.com", false),
        (dns("www.example.com"), "*.example.com", false),
        (dns("xn--mller-kva.example"), "xn--mller-kva.example", true),
        (AltName::Ip("192.0.2.1".parse().unwrap()), "192.0.2.1", true),
        (
            AltName::Ip("2001:db8::1".parse().unwrap()),
            "2001:db8::2",
            false,
        ),
        (
            AltName::Email("a@example.com".to_owned()),
            "example.com",
            false,
        ),
    ] {
        assert_eq!(covers(&alt, name), fits, "{alt:?} {name}");
    }
}

#[test]
fn of_two_certificates_with_the_key_the_newest_is_meant() {
    let desk = desk();
    let spki = desk.spki();
    let newer = issue(
        &desk.ca,
        &desk.key,
        &["www.example.com"],
        NOW,
        "2027-08-01T00:00:00Z",
    )
    .remove(0);
    let text = format!("{}{newer}", desk.leaf);
    let material = judge(&Case {
        certificate: &text,
        names: &["www.example.com"],
        spki: Some(&spki),
        ..Case::default()
    })
    .unwrap();
    assert_eq!(material.leaf.unwrap().not_after, at("2027-08-01T00:00:00Z"));
    assert_eq!(material.left_out, ["www.example.com"]);
}

#[test]
fn one_that_signed_itself_is_judged_by_its_key_whatever_it_says_it_may_sign() {
    let desk = desk();
    let mut params = rcgen::CertificateParams::new(vec!["www.example.com".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let own = rcgen::KeyPair::generate().unwrap();
    let made_by_hand = params.self_signed(&own).unwrap().pem();
    let spki = desk.spki();
    let case = Case {
        certificate: &made_by_hand,
        names: &["www.example.com"],
        spki: Some(&spki),
        ..Case::default()
    };
    refused(&case, Part::Certificate, "was made for another key");
}
