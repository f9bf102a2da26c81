//! Private keys beside what is imported: taken where they fit, left where they do not, encrypted
//! ones never plain.

use std::os::unix::fs::PermissionsExt as _;

use crate::common::pty::Panel;
use crate::stage::Stage;

const PASSPHRASE: &str = "correct horse";

/// A stage with a certificate and its key, and a key of nobody.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=shop.example -addext subjectAltName=DNS:shop.example -days 90 -out cert.pem",
    );
    stage.openssl("genpkey -algorithm ed25519 -out other.pem");
    stage.put("passphrase", format!("{PASSPHRASE}\n"));
    stage.put(
        "both.pem",
        [stage.read("cert.pem"), stage.read("key.pem")].concat(),
    );
    stage
}

/// The files of private keys in the store.
fn kept(stage: &Stage) -> Vec<std::path::PathBuf> {
    let Ok(names) = std::fs::read_dir(stage.path("store/keys")) else {
        return Vec::new();
    };
    names.map(|name| name.unwrap().path()).collect()
}

/// That the store holds the key of the certificate, for its owner alone, and hands it out.
#[track_caller]
fn assert_kept(stage: &Stage) {
    let kept = kept(stage);
    assert_eq!(kept.len(), 1, "{kept:?}");
    let mode = std::fs::metadata(&kept[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let path = kept[0].display().to_string();
    let held = stage.openssl(&format!("pkey -in {path} -passin file:passphrase -pubout"));
    let theirs = stage.openssl("x509 -in cert.pem -noout -pubkey");
    assert_eq!(held, theirs);
    let shown = stage.certdeck(&["show", "shop.example"]).out;
    assert!(shown.contains("held here"), "{shown}");
    let doctor = stage.certdeck(&["doctor"]);
    assert_eq!(doctor.code, 0, "{doctor:?}");
    let history = stage.certdeck(&["history", "shop.example"]).out;
    assert!(history.contains("Private key taken in from "), "{history}");
}

#[test]
fn the_key_in_a_bundle_is_taken_with_its_certificate() {
    let stage = stage();
    let said = stage.certdeck(&["import", "both.pem"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out.contains("private key of shop.example ("),
        "{said:?}"
    );
    assert_kept(&stage);
    // Once more there is nothing to do.
    let said = stage.json(&["import", "both.pem", "--json"]);
    assert_eq!(said["keys_taken"], serde_json::json!([]), "{said}");
    assert_eq!(said["keys_left"], serde_json::json!([]), "{said}");
    assert_kept(&stage);
}

#[test]
fn a_key_that_comes_later_or_from_another_folder_finds_its_certificate() {
    let later = stage();
    assert_eq!(later.certdeck(&["import", "cert.pem"]).code, 0);
    assert!(kept(&later).is_empty());
    let said = later.certdeck(&["import", "key.pem"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out.contains("private key of shop.example ("),
        "{said:?}"
    );
    assert_kept(&later);
    let apart = stage();
    apart.put("tls/private/shop.key", apart.read("key.pem"));
    apart.put("tls/certs/shop.crt", apart.read("cert.pem"));
    apart.put("tls/private/nobody.key", apart.read("other.pem"));
    let said = apart.certdeck(&["import", "tls"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_kept(&apart);
}

#[test]
fn a_key_of_nobody_is_left_and_named_and_so_are_all_on_request() {
    let stage = stage();
    let said = stage.certdeck(&["import", "other.pem"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err
            .contains("a private key of no certificate that is here"),
        "{said:?}"
    );
    let said = stage.certdeck(&["import", "both.pem", "--without-keys"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("1 private key in the files"), "{said:?}");
    assert!(kept(&stage).is_empty());
    let shown = stage.certdeck(&["show", "shop.example"]).out;
    assert!(shown.contains("not held here"), "{shown}");
    let said = stage.certdeck(&["import", "key.pem", "--without-keys"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(kept(&stage).is_empty());
}

#[test]
fn an_encrypted_key_stays_as_it_is_and_needs_its_passphrase() {
    let stage = stage();
    stage.openssl(
        "pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -passout file:passphrase -out sealed.pem",
    );
    stage.put(
        "both.pem",
        [stage.read("sealed.pem"), stage.read("cert.pem")].concat(),
    );
    // Without it the certificate comes in, and it is said what to do about the key.
    let said = stage.certdeck(&["import", "both.pem"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out.contains("private key left in ") && said.out.contains("--passphrase-file"),
        "{said:?}"
    );
    stage.put("wrong", "another horse\n");
    let said = stage.certdeck(&["import", "both.pem", "--passphrase-file", "wrong"]);
    assert!(said.out.contains("does not open"), "{said:?}");
    assert!(kept(&stage).is_empty());
    let said = stage.certdeck(&["import", "both.pem", "--passphrase-file", "passphrase"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_kept(&stage);
    let held = std::fs::read(&kept(&stage)[0]).unwrap();
    assert_eq!(
        String::from_utf8(held).unwrap().trim(),
        String::from_utf8(stage.read("sealed.pem")).unwrap().trim()
    );
}

#[test]
fn the_key_of_a_protected_container_is_not_laid_open() {
    let stage = stage();
    stage.openssl(
        "pkcs12 -export -in cert.pem -inkey key.pem -passout file:passphrase -out shop.p12",
    );
    let said = stage.certdeck(&["import", "shop.p12", "--passphrase-file", "passphrase"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_kept(&stage);
    let held = std::fs::read_to_string(&kept(&stage)[0]).unwrap();
    assert!(
        held.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
        "{held}"
    );
    // One that nothing protects has nothing to keep.
    let open = self::stage();
    open.openssl("pkcs12 -export -in cert.pem -inkey key.pem -passout pass: -out open.p12");
    let said = open.certdeck(&["import", "open.p12", "--passphrase-file", "passphrase"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_kept(&open);
    let held = std::fs::read_to_string(&kept(&open)[0]).unwrap();
    assert!(held.starts_with("-----BEGIN PRIVATE KEY-----"));
}

#[test]
fn a_key_that_cannot_be_taken_says_why_and_holds_nothing_up() {
    let stage = stage();
    stage.openssl("rsa -in key.pem -traditional -aes128 -passout file:passphrase -out old.pem");
    stage.put(
        "both.pem",
        [stage.read("cert.pem"), stage.read("old.pem")].concat(),
    );
    let said = stage.certdeck(&["import", "both.pem", "--passphrase-file", "passphrase"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("openssl pkcs8 -topk8"), "{said:?}");
    assert!(kept(&stage).is_empty());
    // Keys have to be encrypted here, and nobody can be asked for a passphrase.
    let strict = self::stage();
    strict.put("config.toml", "[keys]\nencrypt = true\n");
    let said = strict.certdeck(&["import", "both.pem"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out.contains("a passphrase for them is needed"),
        "{said:?}"
    );
    assert!(kept(&strict).is_empty());
}

#[test]
fn where_keys_are_encrypted_a_person_is_asked_once_and_the_key_is_encrypted() {
    let stage = stage();
    stage.put("config.toml", "[keys]\nencrypt = true\n");
    let file = stage.path("both.pem").display().to_string();
    let env = stage.env();
    let env: Vec<_> = env
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut panel = Panel::start(&["import", &file], (24, 200), &env);
    panel.wait_for("New passphrase for private keys");
    panel.press(&format!("{PASSPHRASE}\r"));
    panel.wait_for("once more");
    panel.press(&format!("{PASSPHRASE}\r"));
    panel.wait_for("private key of shop.example");
    assert_eq!(panel.exit_code(), 0);
    assert_kept(&stage);
    let held = std::fs::read_to_string(&kept(&stage)[0]).unwrap();
    assert!(
        held.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
        "{held}"
    );
}

#[test]
fn no_part_of_a_key_is_said_or_written_down_elsewhere() {
    let stage = stage();
    let said = stage.certdeck(&["import", "both.pem", "--json"]);
    let key = String::from_utf8(stage.read("key.pem")).unwrap();
    let line = key.lines().nth(3).unwrap();
    assert!(!format!("{said:?}").contains(line));
    let journal = String::from_utf8(stage.read("store/journal.jsonl")).unwrap();
    assert!(journal.contains("key-taken") && !journal.contains(line));
}
