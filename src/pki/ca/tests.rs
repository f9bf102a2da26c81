//! What the sandbox's CA signs, what it refuses, and what its certificates say.

use super::*;
use crate::pki::chain::{ChainError, order_chain, verify};
use crate::pki::describe::AltName;
use secrecy::ExposeSecret;

fn now() -> Timestamp {
    "2026-11-22T10:20:30Z".parse().unwrap()
}

fn request(names: &str) -> IssueRequest {
    IssueRequest {
        names: CertName::parse_list(names)
            .into_iter()
            .map(Result::unwrap)
            .collect(),
        not_before: now(),
        not_after: now() + DAY * 90,
        serial: [0xff; 16],
        level: ValidationLevel::Dv,
        organization: None,
    }
}

fn parse(pem: &str) -> Certificate {
    read_pem("leaf", pem).unwrap()
}

#[test]
fn a_leaf_has_exactly_what_was_asked_for() {
    let ca = SandboxCa::generate("one", now()).unwrap();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let wanted = request("*.example.org, example.org, 192.0.2.1");
    let issued = ca.issue(&key.spki_der(), &wanted).unwrap();
    let leaf = parse(&issued.leaf_pem);
    assert_eq!(leaf.subject, "CN=*.example.org");
    assert_eq!(
        leaf.issuer,
        "CN=certdeck sandbox intermediate one (not trusted),O=certdeck sandbox (not trusted)"
    );
    assert_eq!(leaf.not_before, wanted.not_before);
    assert_eq!(leaf.not_after, wanted.not_after);
    assert_eq!(
        leaf.names,
        [
            AltName::Dns("*.example.org".into()),
            AltName::Dns("example.org".into()),
            AltName::Ip("192.0.2.1".parse().unwrap())
        ]
    );
    assert_eq!(leaf.serial, format!("7f{}", ":ff".repeat(15)));
    assert_eq!(leaf.spki_sha256, key.spki_sha256());
    assert_eq!(leaf.key_usages, ["digitalSignature"]);
    assert_eq!(leaf.extended_key_usages, ["serverAuth"]);
    assert_eq!(leaf.validation_level, Some(ValidationLevel::Dv));
    assert_eq!(leaf.authority_key_id, ca.intermediate().subject_key_id);
    assert!(leaf.authority_key_id.is_some() && leaf.subject_key_id.is_some());
    assert!(!leaf.is_ca);
    assert_eq!(leaf.version, 3);
    assert_eq!(leaf.oddities, [""; 0]);
}

#[test]
fn an_rsa_key_may_also_encipher_and_an_organisation_is_named() {
    let ca = SandboxCa::generate("one", now()).unwrap();
    let key = PrivateKey::generate(KeyType::Rsa2048).unwrap();
    let mut wanted = request("example.org");
    wanted.level = ValidationLevel::Ev;
    wanted.organization = Some("Example, Inc.".to_owned());
    let leaf = parse(&ca.issue(&key.spki_der(), &wanted).unwrap().leaf_pem);
    assert_eq!(leaf.key_usages, ["digitalSignature", "keyEncipherment"]);
    assert_eq!(leaf.subject, "CN=example.org,O=Example\\, Inc.");
    assert_eq!(leaf.subject_organization.as_deref(), Some("Example, Inc."));
    assert_eq!(leaf.validation_level, Some(ValidationLevel::Ev));
    assert_eq!(leaf.key.label(), "RSA 2048");
}

#[test]
fn the_chain_holds_and_a_stranger_s_does_not() {
    let ca = SandboxCa::generate("one", now()).unwrap();
    let other = SandboxCa::generate("one", now()).unwrap();
    let key = PrivateKey::generate(KeyType::P384).unwrap();
    let issued = ca.issue(&key.spki_der(), &request("example.org")).unwrap();
    let leaf = parse(&issued.leaf_pem);
    // The stranger has the same names but other keys.
    let pool = [
        other.root().clone(),
        other.intermediate().clone(),
        ca.root().clone(),
        ca.intermediate().clone(),
    ];
    let ordered: Vec<Certificate> = order_chain(&leaf, &pool).into_iter().cloned().collect();
    assert_eq!(
        ordered,
        [leaf.clone(), ca.intermediate().clone(), ca.root().clone()]
    );
    let without_root = &ordered[..2];
    assert_eq!(verify(&ordered, &pool[2..3], now()), Ok(()));
    assert_eq!(verify(without_root, &pool[2..3], now()), Ok(()));
    let refused = |roots: &[Certificate], at| verify(without_root, roots, at).unwrap_err();
    assert!(matches!(
        refused(&pool[..1], now()),
        ChainError::NoRoot { .. }
    ));
    assert!(matches!(
        refused(&pool, now() + DAY * 91),
        ChainError::Expired { .. }
    ));
    assert!(matches!(
        refused(&pool, now() - DAY),
        ChainError::NotYetValid { .. }
    ));
    let swapped = [leaf.clone(), other.intermediate().clone()];
    assert!(matches!(
        verify(&swapped, &pool, now()),
        Err(ChainError::Signature { .. })
    ));
    let skipped = [leaf.clone(), ca.root().clone()];
    assert!(matches!(
        verify(&skipped, &pool, now()),
        Err(ChainError::WrongIssuer { .. })
    ));
    assert_eq!(verify(&[], &pool, now()), Err(ChainError::Empty));
}

#[test]
fn a_leaf_may_not_issue() {
    let ca = SandboxCa::generate("one", now()).unwrap();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let leaf_pem = ca
        .issue(&key.spki_der(), &request("example.org"))
        .unwrap()
        .leaf_pem;
    let leaf = parse(&leaf_pem);
    let rogue = SandboxCa {
        root: ca.root.clone(),
        intermediate: leaf.clone(),
        key,
    };
    let victim = PrivateKey::generate(KeyType::P256).unwrap();
    let below = parse(
        &rogue
            .issue(&victim.spki_der(), &request("bank.example"))
            .unwrap()
            .leaf_pem,
    );
    let chain = [below, leaf, ca.intermediate().clone()];
    let error = verify(&chain, &[ca.root().clone()], now()).unwrap_err();
    assert!(matches!(error, ChainError::NotACa { .. }), "{error}");
}

#[test]
fn a_stored_ca_goes_on_and_wrong_parts_are_noticed() {
    let ca = SandboxCa::generate("one", now()).unwrap();
    let other = SandboxCa::generate("two", now()).unwrap();
    let key = |ca: &SandboxCa| PrivateKey::from_pem(&ca.intermediate_key().to_pkcs8_pem()).unwrap();
    let (root, intermediate) = (ca.root().to_pem(), ca.intermediate().to_pem());
    let again = SandboxCa::from_pem(&root, &intermediate, key(&ca)).unwrap();
    let leaf_key = PrivateKey::generate(KeyType::P256).unwrap();
    let leaf = parse(
        &again
            .issue(&leaf_key.spki_der(), &request("example.org"))
            .unwrap()
            .leaf_pem,
    );
    assert_eq!(order_chain(&leaf, &[ca.intermediate().clone()]).len(), 2);

    let error = SandboxCa::from_pem(&root, &intermediate, key(&other)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("key is not that of the intermediate")
    );
    let error = SandboxCa::from_pem(&other.root().to_pem(), &intermediate, key(&ca)).unwrap_err();
    assert!(matches!(error, CaError::Mismatch { .. }));
    let error = SandboxCa::from_pem("junk", &intermediate, key(&ca)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("root of the sandbox's CA cannot be read")
    );
}

#[test]
fn what_cannot_be_issued_says_why() {
    let ca = SandboxCa::generate("one", now()).unwrap();
    let spki = PrivateKey::generate(KeyType::P256).unwrap().spki_der();
    let refusal = |spki: &[u8], request: &IssueRequest| ca.issue(spki, request).unwrap_err();
    let mut late = request("example.org");
    late.not_after = now() + DAY * (365 * 16);
    assert!(matches!(refusal(&spki, &late), CaError::Validity { .. }));
    let mut reversed = request("example.org");
    reversed.not_after = now() - DAY;
    assert!(matches!(
        refusal(&spki, &reversed),
        CaError::Validity { .. }
    ));
    assert_eq!(refusal(&spki, &request("")), CaError::NoNames);
    assert!(matches!(
        refusal(b"junk", &request("example.org")),
        CaError::PublicKey { .. }
    ));
    assert!(matches!(
        SandboxCa::generate("x", Timestamp::MAX),
        Err(CaError::Time { .. })
    ));
}

#[test]
fn its_names_say_that_nobody_trusts_it_and_its_debug_form_keeps_the_key() {
    let ca = SandboxCa::generate("a label that is much too long for a common name", now()).unwrap();
    for certificate in [ca.root(), ca.intermediate()] {
        let name = certificate.subject_common_name.clone().unwrap();
        assert!(name.starts_with("certdeck sandbox ") && name.ends_with("(not trusted)"));
        assert!(name.chars().count() <= 64, "{name}");
        assert!(certificate.is_ca);
    }
    let pem = ca.intermediate_key().to_pkcs8_pem();
    let secret = pem.expose_secret().lines().nth(1).unwrap();
    assert!(!format!("{ca:?}").contains(secret));
    assert!(format!("{ca:?}").contains("[redacted]"));
}
