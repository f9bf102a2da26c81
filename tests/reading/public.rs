//! A certificate below a root that browsers know, as a server presented it to everybody: the rules
//! of public CAs apply to it, and it keeps them.

use certdeck::pki::Certificate;
use certdeck::pki::bundle::{self, Found};
use certdeck::pki::findings::{Anchor, Case, anchor_of, judge_at};
use jiff::Timestamp;

use crate::stage::Stage;

const FILE: &[u8] = include_bytes!("data/public.pem");

/// The leaf and what was presented with it.
fn presented() -> (Certificate, Vec<Certificate>) {
    let found = bundle::read(FILE).into_iter().map(|one| match one {
        Found::Certificate(certificate) => *certificate,
        other => panic!("{other:?}"),
    });
    let mut all: Vec<_> = found.collect();
    let leaf = all.remove(0);
    (leaf, all)
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

fn kinds(case: &Case<'_>, at: &str) -> Vec<&'static str> {
    let at: Timestamp = at.parse().unwrap();
    let findings = judge_at(case, at);
    findings.iter().map(|one| one.kind.id()).collect()
}

/// While it was valid.
const THEN: &str = "2023-06-01T00:00:00Z";

#[test]
fn while_it_was_valid_there_was_nothing_to_say_of_it() {
    let (leaf, chain) = presented();
    let names = ["crates.io".to_owned(), "static.crates.io".to_owned()];
    let whole = Case {
        names: &names,
        ..case(&leaf, &chain)
    };
    let root = "Amazon Root CA 1".to_owned();
    assert_eq!(anchor_of(&whole), Anchor::Public { root });
    assert_eq!(kinds(&whole, THEN), [""; 0]);
    // The root itself need not be sent.
    assert_eq!(kinds(&case(&leaf, &chain[..1]), THEN), [""; 0]);
}

#[test]
fn what_is_wrong_with_how_it_is_used_is_told() {
    let (leaf, chain) = presented();
    let turned: Vec<_> = chain.iter().rev().cloned().collect();
    assert_eq!(kinds(&case(&leaf, &turned), THEN), ["chain-order"]);
    assert_eq!(kinds(&case(&leaf, &[]), THEN), ["chain-incomplete"]);
    let told = &judge_at(&case(&leaf, &[]), THEN.parse().unwrap())[0];
    assert!(told.advice.contains("http://crt."), "{told:?}");
    let names = ["crates.io".to_owned(), "docs.rs".to_owned()];
    let more = Case {
        names: &names,
        ..case(&leaf, &chain)
    };
    assert_eq!(kinds(&more, THEN), ["name-not-covered"]);
    assert_eq!(
        kinds(&case(&leaf, &chain), "2024-03-01T00:00:00Z"),
        ["expired"]
    );
}

#[test]
fn the_rules_of_public_cas_apply_to_it() {
    let (mut leaf, chain) = presented();
    // As if it had been issued under the rule of 2029, and without what has to be in it.
    let moved = jiff::SignedDuration::from_hours(24 * 365 * 7);
    leaf.not_before += moved;
    leaf.not_after += moved;
    leaf.names.clear();
    leaf.authority_key_id = None;
    assert_eq!(
        kinds(&case(&leaf, &chain[..1]), "2030-02-01T00:00:00Z"),
        [
            "lifetime-too-long",
            "missing-san",
            "missing-authority-key-id"
        ]
    );
}

#[test]
fn the_real_program_finds_that_it_is_over_and_nothing_else() {
    let stage = Stage::new();
    stage.put("public.pem", FILE);
    let said = stage.certdeck(&["import", "public.pem"]);
    assert_eq!(said.code, 0, "{said:?}");
    let shown = stage.json(&["show", "crates.io", "--json"]);
    let kinds: Vec<_> = shown["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["expired"]);
}
