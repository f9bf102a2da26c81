//! PKCS #12 files and encrypted keys: opened with the right passphrase, and clear about everything
//! else.

use crate::common::pty::Panel;
use crate::stage::Stage;

const PASSPHRASE: &str = "correct horse";

/// A stage with a protected file, and the passphrase in another.
fn stage(how: &str) -> Stage {
    let stage = Stage::new();
    stage.openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=shop.example -addext subjectAltName=DNS:shop.example -days 90 -out cert.pem",
    );
    stage.put("passphrase", format!("{PASSPHRASE}\n"));
    stage.openssl(&format!(
        "pkcs12 -export -in cert.pem -inkey key.pem -passout file:passphrase -out shop.p12 {how}"
    ));
    stage
}

#[test]
fn a_file_opens_with_its_passphrase_however_old_its_ciphers_are() {
    for how in [
        "",
        "-legacy",
        "-nomac",
        "-macalg sha512",
        "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
    ] {
        let stage = stage(how);
        let said = stage.certdeck(&["import", "shop.p12", "--passphrase-file", "passphrase"]);
        assert_eq!(said.code, 0, "{how}: {said:?}");
        assert!(said.out.contains("1 imported"), "{how}: {said:?}");
        assert!(
            said.out.contains("private key of shop.example ("),
            "{how}: {said:?}"
        );
        let shown = stage.certdeck(&["show", "shop.example", "--pem"]);
        let theirs = String::from_utf8(stage.read("cert.pem")).unwrap();
        assert_eq!(shown.out.trim(), theirs.trim(), "{how}");
    }
}

#[test]
fn without_the_right_passphrase_nothing_comes_in_and_it_is_said() {
    let stage = stage("");
    let said = stage.certdeck(&["import", "shop.p12"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err.contains("a passphrase protects it") && said.err.contains("--passphrase-file"),
        "{said:?}"
    );
    stage.put("wrong", "another horse\n");
    let said = stage.certdeck(&["import", "shop.p12", "--passphrase-file", "wrong"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err
            .contains("the passphrase does not open this PKCS #12 file"),
        "{said:?}"
    );
    assert!(!format!("{said:?}").contains("horse"), "{said:?}");
    assert_eq!(
        stage.json(&["list", "--json"])["entries"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn a_person_is_asked_for_it_without_an_echo() {
    let stage = stage("");
    let file = stage.path("shop.p12").display().to_string();
    let env = stage.env();
    let env: Vec<_> = env
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut panel = Panel::start(&["import", &file], (24, 200), &env);
    panel.wait_for("Passphrase of ");
    panel.press(&format!("{PASSPHRASE}\r"));
    panel.wait_for("1 imported");
    assert_eq!(panel.exit_code(), 0);
    assert!(!panel.screen().contains("horse"), "{}", panel.screen());
}

#[test]
fn an_encrypted_key_says_that_it_is_one() {
    let stage = stage("");
    stage.openssl("pkcs8 -topk8 -in key.pem -passout file:passphrase -out sealed.pem");
    stage.openssl("rsa -in key.pem -traditional -aes128 -passout file:passphrase -out old.pem");
    stage.openssl("pkcs8 -topk8 -in key.pem -passout file:passphrase -outform DER -out sealed.key");
    for (name, says) in [
        ("sealed.pem", "it is encrypted; give its passphrase"),
        ("old.pem", "encrypted in OpenSSL's old way"),
        ("sealed.key", "it is encrypted; give its passphrase"),
    ] {
        let said = stage.certdeck(&["import", name]);
        assert_eq!(said.code, 1, "{name}: {said:?}");
        assert!(said.err.contains(says), "{name}: {said:?}");
        let said = stage.certdeck(&["import", name, "--without-keys"]);
        assert!(
            said.err.contains("only an encrypted private key"),
            "{name}: {said:?}"
        );
    }
}
