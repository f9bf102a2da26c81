//! Each finding where it belongs, and none where it does not.

use jiff::SignedDuration;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, SanType,
    string::Ia5String,
};

use super::*;
use crate::pki::certificate::read;

fn at() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

struct Made {
    params: CertificateParams,
    key: KeyPair,
}

impl Made {
    fn ca(common_name: &str) -> Self {
        Self::new(common_name, IsCa::Ca(BasicConstraints::Unconstrained))
    }

    fn leaf(name: &str) -> Self {
        let mut made = Self::new(name, IsCa::ExplicitNoCa);
        let name = Ia5String::try_from(name).unwrap();
        made.params.subject_alt_names = vec![SanType::DnsName(name)];
        made
    }

    fn new(common_name: &str, is_ca: IsCa) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.is_ca = is_ca;
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        Self { params, key }
    }

    fn by(&self, issuer: &Self) -> Certificate {
        let by = Issuer::from_params(&issuer.params, &issuer.key);
        let made = self.params.signed_by(&self.key, &by).unwrap();
        read(made.der()).unwrap()
    }

    fn by_itself(&self) -> Certificate {
        self.by(self)
    }
}

/// A leaf, its issuer, and the root above.
fn chain() -> (Certificate, Certificate, Certificate) {
    let (root, middle, leaf) = (
        Made::ca("root"),
        Made::ca("middle"),
        Made::leaf("www.example.org"),
    );
    (leaf.by(&middle), middle.by(&root), root.by_itself())
}

fn case<'a>(certificate: &'a Certificate, chain: &'a [Certificate]) -> Case<'a> {
    Case {
        certificate,
        chain,
        own_roots: &[],
        imported: &[],
        names: &[],
        key: None,
        revoked: None,
    }
}

fn kinds(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.kind.id()).collect()
}

#[test]
fn a_good_chain_to_a_known_root_has_nothing_to_say() {
    let (leaf, middle, root) = chain();
    let roots = [root.clone()];
    let names = ["www.example.org".to_owned()];
    for above in [vec![middle.clone()], vec![middle, root]] {
        let case = Case {
            own_roots: &roots,
            names: &names,
            key: Some(&leaf.spki_sha256),
            ..case(&leaf, &above)
        };
        assert_eq!(judge_at(&case, at()), []);
        let root = "root".to_owned();
        assert_eq!(anchor_of(&case), Anchor::Own { root });
    }
}

#[test]
fn a_root_that_was_imported_is_known_here_and_an_issuer_alone_is_asked_for() {
    let (leaf, middle, root) = chain();
    let imported = [root.clone(), middle.clone()];
    let beside = |above: &[Certificate], imported: &[Certificate]| {
        let case = Case {
            imported,
            ..case(&leaf, above)
        };
        let findings = judge(&case);
        let says: Vec<_> = findings.iter().map(|one| one.says.clone()).collect();
        (kinds(&findings), says.join("; "))
    };
    for above in [vec![middle.clone()], vec![middle.clone(), root.clone()]] {
        let (kinds, says) = beside(&above, &imported[..1]);
        assert_eq!(kinds, ["imported-root"]);
        assert!(says.contains("leads to root, which you imported"), "{says}");
    }
    // Servers have to send what stands between.
    let (kinds_without, says) = beside(&[], &imported);
    assert_eq!(kinds_without, ["chain-incomplete"]);
    assert!(says.contains("is not beside it"), "{says}");
    // A CA that a person brought is as good as a root.
    let (kinds_below, says) = beside(&imported[1..], &imported[1..]);
    assert_eq!(kinds_below, ["imported-root"]);
    assert!(says.contains("leads to middle"), "{says}");
    // A root leads to itself, however it came.
    let itself = Case {
        imported: &imported,
        ..case(&root, &[])
    };
    assert_eq!(judge(&itself), []);
    // Another one of the same name proves nothing.
    let stranger = [Made::ca("root").by_itself()];
    assert_eq!(beside(&imported[1..], &stranger).0, ["chain-incomplete"]);
}

#[test]
fn an_unknown_root_a_missing_link_and_a_wrong_order_are_told_apart() {
    let (leaf, middle, root) = chain();
    let all = [middle.clone(), root.clone()];
    assert_eq!(kinds(&judge(&case(&leaf, &all))), ["unknown-root"]);
    let [finding] = &judge(&case(&leaf, &[]))[..] else {
        panic!("one finding");
    };
    assert_eq!(finding.kind, Kind::ChainIncomplete);
    assert_eq!(
        finding.says,
        "Its chain ends at www.example.org: middle, which issued that, is not here"
    );
    let turned = [root.clone(), middle.clone()];
    let found = judge(&case(&leaf, &turned));
    assert_eq!(kinds(&found), ["chain-order", "unknown-root"]);
    assert!(
        found[0].advice.contains("www.example.org, middle, root"),
        "{found:?}"
    );
    let stray = [Made::ca("stray").by_itself(), middle, root];
    let found = judge(&case(&leaf, &stray));
    assert_eq!(kinds(&found), ["unknown-root", "chain-stray"]);
}

#[test]
fn where_the_issuer_lies_is_said() {
    let (mut leaf, ..) = chain();
    leaf.aia_issuers = vec!["http://ca.example/middle.cer".to_owned()];
    let found = judge(&case(&leaf, &[]));
    assert!(
        found[0].advice.contains("http://ca.example/middle.cer"),
        "{found:?}"
    );
}

#[test]
fn what_signed_itself_is_told_unless_it_is_a_cas_root() {
    let own = Made::leaf("nas.example.org").by_itself();
    assert_eq!(kinds(&judge(&case(&own, &[]))), ["self-signed"]);
    let root = Made::ca("root").by_itself();
    assert_eq!(judge(&case(&root, &[])), []);
}

#[test]
fn an_issuer_that_may_not_issue_is_a_fault() {
    let (root, not_a_ca, leaf) = (
        Made::ca("root"),
        Made::leaf("middle.example.org"),
        Made::leaf("www.example.org"),
    );
    let above = [not_a_ca.by(&root), root.by_itself()];
    let found = judge(&case(&leaf.by(&not_a_ca), &above));
    assert_eq!(kinds(&found), ["chain-broken", "unknown-root"]);
    assert!(found[0].says.contains("middle.example.org"), "{found:?}");
}

#[test]
fn dates_are_judged_at_their_first_and_last_second() {
    let (mut leaf, mut middle, _) = chain();
    leaf.not_before = at();
    leaf.not_after = at() + SignedDuration::from_hours(24);
    let second = SignedDuration::from_secs(1);
    for (moment, expected) in [
        (leaf.not_before - second, Some("not-yet-valid")),
        (leaf.not_before, None),
        (leaf.not_after, None),
        (leaf.not_after + second, Some("expired")),
    ] {
        let found = dates(&leaf, &[], moment);
        assert_eq!(kinds(&found).first().copied(), expected, "{moment}");
    }
    middle.not_after = at();
    let found = dates(&leaf, std::slice::from_ref(&middle), at() + second);
    assert_eq!(kinds(&found), ["chain-dates"]);
    assert_eq!(found[0].says, "middle, above it, expired on 2026-11-22");
}

#[test]
fn weak_keys_are_told_by_their_size_and_kind() {
    let (leaf, ..) = chain();
    for (algorithm, bits, severity) in [
        ("RSA", 1_024, Some(Severity::Fault)),
        ("RSA", 2_047, Some(Severity::Fault)),
        ("RSA", 2_048, None),
        ("RSA", 8_192, None),
        ("RSA", 16_384, Some(Severity::Warning)),
        ("DSA", 2_048, Some(Severity::Fault)),
        ("P-192", 192, Some(Severity::Fault)),
        ("P-224", 224, Some(Severity::Fault)),
        ("P-256", 256, None),
        ("Ed25519", 256, None),
        ("Ed448", 456, None),
        ("ML-DSA-44", 0, None),
        ("1.2.3.4", 0, None),
    ] {
        let mut leaf = leaf.clone();
        leaf.key.algorithm = algorithm.to_owned();
        leaf.key.bits = bits;
        let found = keys::weak_key(&leaf).map(|finding| finding.severity);
        assert_eq!(found, severity, "{algorithm} {bits}");
    }
}

#[test]
fn weak_signatures_count_except_on_roots() {
    let (leaf, middle, root) = chain();
    let weak = |certificate: &Certificate, algorithm: &str| {
        let mut weak = certificate.clone();
        weak.signature_algorithm = algorithm.to_owned();
        weak
    };
    for algorithm in ["MD5 with RSA", "SHA-1 with RSA", "SHA-1 with ECDSA"] {
        let bad = weak(&leaf, algorithm);
        let found = keys::weak_signatures(&case(&bad, &[])).unwrap();
        assert!(found.says.starts_with("It is signed with"), "{found:?}");
    }
    let above = [weak(&middle, "SHA-1 with RSA"), root.clone()];
    let found = keys::weak_signatures(&case(&leaf, &above)).unwrap();
    assert!(found.says.starts_with("middle, above it,"), "{found:?}");
    let above = [middle, weak(&root, "SHA-1 with RSA")];
    assert_eq!(keys::weak_signatures(&case(&leaf, &above)), None);
    assert_eq!(keys::weak_signatures(&case(&root, &[])), None);
}

#[test]
fn names_that_are_not_covered_are_named_unless_it_is_for_persons() {
    let (leaf, ..) = chain();
    let names = [
        "www.example.org",
        "shop.example.org",
        "Jane Doe",
        "localhost",
    ];
    let names = names.map(str::to_owned);
    let wanted = Case {
        names: &names,
        ..case(&leaf, &[])
    };
    let found = fit::names(&wanted).unwrap();
    assert_eq!(
        found.says,
        "It does not protect shop.example.org; it protects www.example.org"
    );
    let mut client = leaf.clone();
    client.extended_key_usages = vec!["clientAuth".to_owned()];
    let wanted = Case {
        certificate: &client,
        ..wanted
    };
    assert_eq!(fit::names(&wanted), None);
}

#[test]
fn another_key_and_a_revocation_are_faults() {
    let (leaf, middle, root) = chain();
    let roots = [root];
    let above = [middle];
    let case = Case {
        own_roots: &roots,
        key: Some("ab"),
        revoked: Some(Revocation {
            at: Some(at()),
            reason: Some("keyCompromise"),
            list: at(),
        }),
        ..case(&leaf, &above)
    };
    let found = judge(&case);
    assert_eq!(kinds(&found), ["revoked", "key-mismatch"]);
    assert_eq!(
        found[0].says,
        "Its issuer revoked it on 2026-11-22 (keyCompromise), says the list of 2026-11-22"
    );
    assert!(found[0].advice.contains("never use this key"), "{found:?}");
}

#[test]
fn the_rules_of_public_cas_bind_nobody_else() {
    // It has no alternative name, no usage, and lives for two thousand years.
    let leaf = Made::new("www.example.org", IsCa::ExplicitNoCa);
    let (root, bare) = (Made::ca("root"), leaf);
    let mut bare = bare.by(&root);
    bare.authority_key_id = None;
    let found = judge(&case(&bare, &[root.by_itself()]));
    assert_eq!(kinds(&found), ["unknown-root"]);
    bare.not_before = at();
    let mut broken = kinds(&public::rules(&bare));
    broken.sort_unstable();
    assert_eq!(
        broken,
        [
            "lifetime-too-long",
            "missing-authority-key-id",
            "missing-san",
            "missing-server-auth"
        ]
    );
    bare.extended_key_usages = vec!["emailProtection".to_owned()];
    bare.authority_key_id = Some("01".to_owned());
    assert_eq!(kinds(&public::rules(&bare)), ["missing-server-auth"]);
}

#[test]
fn every_sentence_fits_on_two_lines_and_ends_without_a_stop() {
    let (leaf, middle, root) = chain();
    let cases = [
        judge_at(&case(&leaf, &[]), Timestamp::MAX),
        judge_at(&case(&leaf, &[root.clone(), middle]), Timestamp::MIN),
        judge(&case(&root, &[])),
    ];
    for finding in cases.concat() {
        for text in [&finding.says, &finding.advice] {
            assert!(text.chars().count() < 160 && !text.ends_with('.'), "{text}");
        }
    }
}
