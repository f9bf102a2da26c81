//! Certificate requests that no CA would take: shown with what is wrong, and refused by an order.

use crate::stage::Stage;

/// Orders with a request of one's own; what is said.
fn ordered(stage: &Stage, file: &str) -> String {
    let said = stage.certdeck(&[
        "order",
        "--product",
        "single-dv",
        "--name",
        "shop.example",
        "--csr",
        file,
        "--yes",
    ]);
    assert_ne!(said.code, 0, "{said:?}");
    let listed = stage.json(&["list", "--json"]);
    assert_eq!(listed["entries"].as_array().unwrap().len(), 0, "{listed}");
    said.err
}

#[test]
fn a_request_with_a_weak_key_is_shown_and_not_ordered_with() {
    let stage = Stage::new();
    stage.openssl(
        "req -new -newkey rsa:1024 -nodes -keyout key.pem -subj /CN=shop.example -out weak.csr",
    );
    let said = stage.certdeck(&["import", "weak.csr"]);
    assert_eq!(said.code, 1, "{said:?}");
    for part in [
        "a certificate request for shop.example (RSA 1024)",
        "fault: Its key, RSA 1024, can be broken",
        "a new request with it",
    ] {
        assert!(said.err.contains(part), "{part} in {said:?}");
    }
    let refused = ordered(&stage, "weak.csr");
    assert!(refused.contains("only 1024 bits"), "{refused}");
}

#[test]
fn a_request_that_was_changed_is_shown_and_not_ordered_with() {
    let stage = Stage::new();
    stage.openssl(
        "req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=shop.example -outform DER -out good.der",
    );
    let mut der = stage.read("good.der");
    let at = der.windows(4).position(|part| part == b"shop").unwrap();
    der[at] = b'S';
    stage.put("changed.der", &der);
    for name in ["good.der", "changed.der"] {
        let said = stage.certdeck(&["import", name]);
        assert_eq!(said.code, 1, "{said:?}");
        assert_eq!(
            said.err.contains("Its signature does not fit its own key"),
            name == "changed.der",
            "{said:?}"
        );
    }
    let said = stage.certdeck(&["import", "changed.der"]).err;
    assert!(
        said.contains("Shop.example (RSA 2048)") && said.contains("make it again"),
        "{said}"
    );
    stage.openssl("req -inform DER -in changed.der -out changed.pem");
    let refused = ordered(&stage, "changed.pem");
    assert!(refused.contains("does not fit its own key"), "{refused}");
}

#[test]
fn the_request_of_an_entry_is_part_of_what_is_shown() {
    let stage = Stage::new();
    stage.openssl(
        "req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=shop.example -addext subjectAltName=DNS:shop.example -out good.csr",
    );
    let said = stage.certdeck(&[
        "order",
        "--product",
        "single-dv",
        "--name",
        "shop.example",
        "--csr",
        "good.csr",
        "--yes",
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    let shown = stage.json(&["show", "shop.example", "--json"]);
    let request = &shown["request_says"];
    assert_eq!(request["subject"], "CN=shop.example");
    assert_eq!(request["key"]["bits"], 2048);
    assert_eq!(request["findings"], serde_json::json!([]));
    let text = stage.certdeck(&["show", "shop.example"]).out;
    assert!(text.contains("CSR key"), "{text}");
}
