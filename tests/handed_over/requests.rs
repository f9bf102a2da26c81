//! What a CSR says of its subject, and that renewals say the same and keep their keys alike.

use super::home::{Home, NAME};

const SUBJECT: &str = "--organization 'Bäckerei & Söhne' --unit IT --locality Köln --province NRW \
                       --country de --email tls@example.org";

/// The subject of an entry's CSR, as openssl reads it.
fn subject(home: &Home, id: &str) -> String {
    home.fine(&format!("certdeck show {id} --csr > request"));
    let read =
        home.run("openssl req -verify -noout -subject -nameopt utf8,sep_comma_plus -in request");
    assert!(
        read.err.contains("verify OK") || read.out.contains("verify OK"),
        "{}",
        read.err
    );
    read.out.trim().to_owned()
}

/// The id of the only entry that is not `other`.
fn another(home: &Home, other: &str) -> String {
    let list = home.fine("certdeck list --json --archived");
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let ids = list["entries"].as_array().unwrap().iter();
    let mut ids = ids.map(|entry| entry["id"].as_str().unwrap().to_owned());
    ids.find(|id| id != other).unwrap()
}

#[test]
fn openssl_reads_the_whole_subject_and_a_renewal_says_the_same() {
    let home = Home::new("");
    let id = home.issued(SUBJECT);
    let all = format!(
        "C=DE,ST=NRW,L=Köln,O=Bäckerei & Söhne,OU=IT,CN={NAME},emailAddress=tls@example.org"
    );
    let said = subject(&home, &id);
    assert!(said.ends_with(&all), "{said}");
    home.fine(&format!("certdeck renew {id} --yes"));
    let next = another(&home, &id);
    let again = subject(&home, &next);
    assert_eq!(again, said);
}

#[test]
fn a_subject_that_no_ca_would_read_is_refused_at_its_option() {
    let home = Home::new("");
    let order = format!("certdeck order --account shop --product acme-known --name {NAME} --yes");
    for (wrong, says) in [
        (
            "--country Germany",
            "country: \"Germany\" is no country code; it has two letters",
        ),
        ("--email nobody", "email:"),
        (
            "--organization \"$(printf 'a\\033[31m')\"",
            "organization: it has a control character",
        ),
        (
            "--organization X --csr provider",
            "organization: only a CSR that certdeck makes",
        ),
    ] {
        let said = home.run(&format!("{order} {wrong}"));
        assert_eq!(said.code, Some(2), "{wrong}: {}{}", said.out, said.err);
        assert!(said.err.contains(says), "{wrong}: {}", said.err);
        assert!(!said.err.contains('\u{1b}'), "{}", said.err);
    }
    let keys = std::fs::read_dir(home.path("store/keys"));
    assert!(
        keys.is_err() || keys.is_ok_and(|keys| keys.count() == 0),
        "no key was made"
    );
}

#[test]
fn an_order_by_hand_says_it_too() {
    let home = Home::new("");
    home.write(
        "accounts/panel.toml",
        "kind = \"by-hand\"\nlifecycle = \"netcup\"\n",
    );
    let said = home.fine(&format!(
        "certdeck order --account panel --product 'OV' --name {NAME} --country de --organization X \
         --json"
    ));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let read = subject(&home, said["id"].as_str().unwrap());
    assert!(read.ends_with(&format!("C=DE,O=X,CN={NAME}")), "{read}");
}

#[test]
fn the_key_of_a_renewal_lies_encrypted_where_the_last_one_did() {
    let home = Home::new("");
    let id = home.issued("--encrypt-key --passphrase-file passphrase");
    let nobody = home.run(&format!("certdeck renew {id} --yes"));
    assert_eq!(nobody.code, Some(2), "{}{}", nobody.out, nobody.err);
    assert!(
        nobody.err.contains("--passphrase-file FILE"),
        "{}",
        nobody.err
    );
    home.fine(&format!(
        "certdeck renew {id} --yes --passphrase-file passphrase"
    ));
    assert_eq!(home.sealed().len(), 2, "the old key and the new one");
}
