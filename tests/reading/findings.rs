//! What is wrong with what people import, as they hear of it.

use crate::lists::Authority;
use crate::stage::Stage;

#[test]
fn a_key_that_does_not_match_and_a_chain_in_the_wrong_order_are_told_at_once() {
    let stage = Stage::new();
    let authority = Authority::new(&stage, "ca", "House_CA");
    authority.issue("shop.example");
    authority.issue("other.example");
    let file = |name: &str| stage.read(&format!("ca/{name}"));
    stage.put(
        "wrong.pem",
        [file("shop.example.chain.pem"), file("other.example.key")].concat(),
    );
    let said = stage.certdeck(&["import", "wrong.pem"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out.contains("fault: ") && said.out.contains("It was made for another key"),
        "{said:?}"
    );
    assert!(
        said.out
            .contains("1 private key of nothing that is here, so not taken"),
        "{said:?}"
    );
    stage.put(
        "right.pem",
        [file("shop.example.key"), file("shop.example.chain.pem")].concat(),
    );
    let said = stage.json(&["import", "right.pem", "--json"]);
    let kinds: Vec<_> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        (kinds, said["keys_seen"].as_u64()),
        (vec!["unknown-root"], Some(1))
    );
}

#[test]
fn what_is_wrong_is_shown_with_what_to_do() {
    let stage = Stage::new();
    for (name, how, kinds) in [
        (
            "weak",
            "-newkey rsa:1024 -days 90",
            &["weak-key", "self-signed"][..],
        ),
        (
            "sha1",
            "-newkey rsa:2048 -sha1 -days 90",
            &["weak-signature", "self-signed"],
        ),
    ] {
        stage.openssl(&format!(
            "req -x509 {how} -nodes -keyout key.pem -subj /CN={name}.example -addext subjectAltName=DNS:{name}.example -out {name}.pem"
        ));
        let said = stage.certdeck(&["import", &format!("{name}.pem")]);
        assert_eq!(said.code, 0, "{name}: {said:?}");
        let shown = stage.json(&["show", &format!("{name}.example"), "--json"]);
        let findings = shown["findings"].as_array().unwrap();
        let found: Vec<_> = findings
            .iter()
            .map(|one| one["kind"].as_str().unwrap())
            .collect();
        assert_eq!(found, kinds, "{name}");
        let text = stage.certdeck(&["show", &format!("{name}.example")]).out;
        for finding in findings {
            for part in ["severity", "says", "advice"] {
                assert!(
                    text.contains(finding[part].as_str().unwrap()),
                    "{part} in {text}"
                );
            }
        }
    }
}

#[test]
fn a_root_that_a_person_imported_is_known_from_then_on() {
    let stage = Stage::new();
    let authority = Authority::new(&stage, "ca", "House_CA");
    authority.issue("shop.example");
    let kinds = |stage: &Stage| {
        let shown = stage.json(&["show", "shop.example", "--json"]);
        let findings = shown["findings"].as_array().unwrap().iter();
        let kinds: Vec<_> = findings.map(|one| one["kind"].to_string()).collect();
        (kinds, shown["findings"].to_string())
    };
    stage.certdeck(&["import", "ca/shop.example.chain.pem"]);
    assert_eq!(kinds(&stage).0, ["\"unknown-root\""]);
    // It stands in a chain here already, and becomes an entry of its own all the same.
    let said = stage.certdeck(&["import", "ca/ca.pem"]);
    assert!(
        said.code == 0 && said.out.contains("1 imported"),
        "{said:?}"
    );
    let (found, says) = kinds(&stage);
    assert_eq!(found, ["\"imported-root\""]);
    assert!(
        says.contains("It leads to House_CA, which you imported"),
        "{says}"
    );
    // The leaf alone leads there, too, and another CA of that name does not count.
    let other = Stage::new();
    let (real, forged) = (
        Authority::new(&other, "real", "House_CA"),
        Authority::new(&other, "forged", "House_CA"),
    );
    real.issue("shop.example");
    forged.issue("x.example");
    other.certdeck(&["import", "forged/ca.pem", "real/shop.example.pem"]);
    assert_eq!(kinds(&other).0, ["\"chain-incomplete\""]);
    other.certdeck(&["import", "real/ca.pem"]);
    assert_eq!(kinds(&other).0, ["\"imported-root\""]);
}

#[test]
fn the_sandboxs_own_root_is_known() {
    let stage = Stage::new();
    let order = [
        "order",
        "--product",
        "single-dv",
        "--name",
        "shop.example",
        "--yes",
    ];
    assert_eq!(stage.certdeck(&order).code, 0);
    for event in ["invoice-paid", "registered", "verified"] {
        stage.certdeck(&["sandbox", "play", event, "shop.example"]);
    }
    stage.certdeck(&["sandbox", "advance", "3d"]);
    let shown = stage.json(&["show", "shop.example", "--json"]);
    assert!(shown["certificate_says"]["sha256"].is_string(), "{shown}");
    assert_eq!(shown["findings"], serde_json::json!([]));
}

#[test]
fn the_systems_roots_lead_to_themselves() {
    let bundle = std::fs::read("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
    let mut known = 0;
    let mut all = 0;
    for found in certdeck::pki::bundle::read(&bundle) {
        let certdeck::pki::bundle::Found::Certificate(root) = found else {
            continue;
        };
        all += 1;
        if certdeck::pki::roots::is_public(&root) {
            known += 1;
            assert!(
                certdeck::pki::roots::public_issuer(&root).is_some(),
                "{}",
                root.subject
            );
        }
    }
    println!("{known} of the system's {all} roots are known to browsers");
    assert!(all == 0 || known > 50, "{known} of {all}");
}
