//! What `openssl x509` says of names, dates, serial number, key and fingerprints is what
//! `show --json` says, for the system's roots and for every oddity.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::Value;

use crate::oddities;
use crate::stage::Stage;

/// Where systems keep all roots in one file.
const ROOTS: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

#[test]
fn of_every_certificate_openssl_says_the_same() {
    let stage = Stage::new();
    for (name, bytes) in oddities::all(&stage) {
        stage.put(&format!("heap/{name}"), bytes);
    }
    let roots = system_roots();
    for (number, pem) in roots.iter().enumerate() {
        stage.put(&format!("heap/root-{number:03}.pem"), pem);
    }
    println!("{} roots of the system", roots.len());
    let report = stage.json(&["import", "heap", "--json"]);
    assert_eq!(report["unreadable"], Value::Array(Vec::new()));
    let imported = report["imported"].as_array().unwrap();
    assert!(imported.len() > 40 + roots.len(), "{}", imported.len());
    let (mut wrong, mut refused) = (Vec::new(), Vec::new());
    for one in imported {
        if !openssl_reads(&stage, one["file"].as_str().unwrap()) {
            refused.push(one["file"].to_string());
            continue;
        }
        let (id, file) = (one["id"].as_str().unwrap(), one["file"].as_str().unwrap());
        let shown = stage.json(&["show", id, "--json"]);
        let differences = differences(&stage, Path::new(file), &shown["certificate_says"]);
        wrong.extend(
            differences
                .into_iter()
                .map(|what| format!("{file}: {what}")),
        );
    }
    println!("openssl cannot read {refused:?}");
    assert!(refused.len() < 4, "{refused:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether openssl takes it for a certificate; it is stricter about strings.
fn openssl_reads(stage: &Stage, file: &str) -> bool {
    let form = form(file);
    let mut command = std::process::Command::new("openssl");
    let arguments = ["x509", "-noout", "-in", file, "-inform", form];
    let said = command.args(arguments).env("HOME", stage.path("")).output();
    said.unwrap().status.success()
}

fn form(file: &str) -> &'static str {
    if file.ends_with("der") { "DER" } else { "PEM" }
}

/// Each certificate of the system's own bundle; none where there is none.
fn system_roots() -> Vec<String> {
    const END: &str = "-----END CERTIFICATE-----\n";
    let bundle = ROOTS
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok());
    let bundle = bundle.unwrap_or_default();
    let blocks = bundle.split_inclusive(END);
    blocks
        .filter(|block| block.ends_with(END))
        .map(str::to_owned)
        .collect()
}

fn differences(stage: &Stage, file: &Path, shown: &Value) -> Vec<String> {
    let file = file.display();
    let form = form(&file.to_string());
    let x509 =
        |options: &str| stage.openssl(&format!("x509 -in {file} -inform {form} -noout {options}"));
    let mut differences = Vec::new();
    let mut compare = |what: &str, openssl: String, certdeck: String| {
        if openssl != certdeck {
            differences.push(format!(
                "{what}: openssl {openssl:?}, certdeck {certdeck:?}"
            ));
        }
    };
    let facts = x509(
        "-subject -issuer -serial -dates -dateopt iso_8601 -nameopt RFC2253,-esc_msb,-esc_ctrl,-dump_unknown",
    );
    let facts: BTreeMap<&str, &str> = facts
        .lines()
        .filter_map(|line| line.split_once('='))
        .collect();
    for part in ["subject", "issuer"] {
        compare(part, name(facts[part]), name(text(shown, part)));
    }
    compare(
        "serial",
        facts["serial"].to_lowercase(),
        serial(text(shown, "serial")),
    );
    for (ours, theirs) in [("not_before", "notBefore"), ("not_after", "notAfter")] {
        let date: Timestamp = facts[theirs]
            .replace(' ', "T")
            .parse()
            .unwrap_or(Timestamp::MAX);
        compare(ours, date.to_string(), date_of(text(shown, ours)));
    }
    for digest in ["sha1", "sha256"] {
        let said = x509(&format!("-fingerprint -{digest}"));
        let digits = said.trim().rsplit('=').next().unwrap_or_default();
        compare(
            digest,
            digits.replace(':', "").to_lowercase(),
            text(shown, digest).to_owned(),
        );
    }
    let details = x509("-text -certopt no_sigdump -nameopt utf8");
    compare("key", key_by_openssl(&details), key(&shown["key"]));
    compare(
        "names",
        names_by_openssl(&details).join(" "),
        names(&shown["names"]).join(" "),
    );
    compare("CA", ca_by_openssl(&details), ca(shown));
    differences
}

fn text<'a>(shown: &'a Value, key: &str) -> &'a str {
    shown[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {shown}"))
}

/// Names of attributes are written alike but for their case; what is no text is written in full by
/// openssl, with its tag, and by certdeck without.
fn name(given: &str) -> String {
    let shown = given.replace("street=", "STREET=");
    // Which of several attributes of one part comes first means nothing (RFC 4514 section 2.2).
    let sorted = |part: &str| {
        let mut attributes: Vec<&str> = part.split('+').collect();
        attributes.sort_unstable();
        attributes.join("+")
    };
    let shown = if shown.contains('\\') {
        shown
    } else {
        let parts: Vec<String> = shown.split(',').map(sorted).collect();
        parts.join(",")
    };
    // A byte that is no UTF-8 is escaped by both, each in its own way.
    shown
        .replace("\\\\xe9", "?")
        .replace('\u{e9}', "?")
        .replace("\\E9", "?")
}

/// The number as openssl writes it: without leading zeros, in whole bytes, with its sign.
fn serial(bytes: &str) -> String {
    let bytes = HEXLOWER.decode(bytes.replace(':', "").as_bytes()).unwrap();
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let mut bytes = bytes;
    if negative {
        // Two's complement.
        let mut carry = true;
        for byte in bytes.iter_mut().rev() {
            let (sum, over) = (!*byte).overflowing_add(u8::from(carry));
            (*byte, carry) = (sum, over && carry);
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = HEXLOWER.encode(&bytes[zeros.min(bytes.len() - 1)..]);
    if negative {
        format!("-{digits}")
    } else {
        digits
    }
}

/// The last moment that a timestamp can hold stands for every later one.
fn date_of(shown: &str) -> String {
    let shown: Timestamp = shown.parse().unwrap();
    if shown >= Timestamp::MAX - jiff::SignedDuration::from_hours(48) {
        return Timestamp::MAX.to_string();
    }
    shown.to_string()
}

fn after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(label))?;
    Some(line.trim())
}

/// Algorithm and bits, as far as openssl knows them.
fn key_by_openssl(text: &str) -> String {
    let algorithm = after(text, "Public Key Algorithm:").unwrap_or_default();
    let curve = after(text, "NIST CURVE:").or_else(|| after(text, "ASN1 OID:"));
    let bits = after(text, "Public-Key: (").and_then(|rest| rest.split(' ').next());
    let (name, bits) = match (algorithm, curve, bits) {
        ("rsaEncryption", _, Some(bits)) => ("RSA", bits),
        ("rsassaPss", _, Some(bits)) => ("RSA-PSS", bits),
        ("ED25519", ..) => ("Ed25519", "256"),
        ("ED448", ..) => ("Ed448", "456"),
        (_, Some("brainpoolP384r1"), Some(bits)) => ("brainpoolP384r1", bits),
        (_, Some("prime192v1"), Some(bits)) => ("P-192", bits),
        (_, Some(curve), Some(bits)) => (curve, bits),
        // The point of the plain one is not on its curve, which openssl looks at.
        ("id-ecPublicKey", ..) => ("P-256", "256"),
        (other, ..) => (other, "0"),
    };
    format!("{name} {bits}")
}

fn key(shown: &Value) -> String {
    format!("{} {}", shown["algorithm"].as_str().unwrap(), shown["bits"])
}

/// The alternative names of the kinds that both write alike.
fn names_by_openssl(text: &str) -> Vec<String> {
    let mut lines = text.lines();
    let is_heading = |line: &&str| line.contains("X509v3 Subject Alternative Name");
    if lines.by_ref().find(is_heading).is_none() {
        return Vec::new();
    }
    let line = lines.next().unwrap_or_default().trim();
    let names = line.split(", ").filter_map(|name| {
        let (kind, name) = name.split_once(':')?;
        Some(match kind {
            "DNS" => format!("dns={name}"),
            "IP Address" => format!("ip={}", name.parse::<IpAddr>().ok()?),
            "email" => format!("email={name}"),
            "URI" => format!("uri={name}"),
            _ => return None,
        })
    });
    names.collect()
}

fn names(shown: &Value) -> Vec<String> {
    let names = shown.as_array().unwrap().iter();
    let known = names.filter(|name| name["kind"] != "other");
    known
        .map(|name| {
            format!(
                "{}={}",
                name["kind"].as_str().unwrap(),
                name["name"].as_str().unwrap()
            )
        })
        .collect()
}

fn ca_by_openssl(text: &str) -> String {
    // A self-signed one of version 1 says nothing and counts as a CA's, as old roots do.
    let is_first = after(text, "Version:").is_some_and(|version| version.starts_with('1'));
    // The bytes of an identifier may begin with CA, too.
    let is_told = |line: &&str| line.starts_with("CA:TRUE") || line.starts_with("CA:FALSE");
    let line = text.lines().map(str::trim).find(is_told);
    match line {
        Some(line) => line.to_lowercase().replace(' ', ""),
        None if is_first => "ca:true".to_owned(),
        None => "ca:false".to_owned(),
    }
}

fn ca(shown: &Value) -> String {
    let depth = shown["path_length"].as_u64();
    let depth = depth.map_or_else(String::new, |depth| format!(",pathlen:{depth}"));
    format!("ca:{}{depth}", shown["is_ca"])
}
