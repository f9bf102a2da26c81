//! Private keys that get another passphrase, and private keys that are destroyed.

use std::fs;

use super::home::{Home, NAME};

#[test]
fn a_change_of_the_passphrase_that_was_cut_off_is_taken_up_again() {
    let home = Home::new("");
    let names = ["a.example", "b.example", "c.example"];
    for name in names {
        home.fine(&format!(
            "certdeck order --account shop --product acme-known --name {name} --yes --encrypt-key \
             --passphrase-file passphrase"
        ));
    }
    let before = home.sealed();
    assert_eq!(before.len(), 3);
    // The first one, as names go, has the new passphrase already, as after a crash.
    let mut first = before.clone();
    first.sort();
    let kept: Vec<_> = before.iter().map(|key| fs::read(key).unwrap()).collect();
    let change =
        "certdeck keys passphrase --passphrase-file passphrase --new-passphrase-file password";
    home.fine(change);
    for (key, old) in before.iter().zip(&kept) {
        if *key != first[0] {
            fs::write(key, old).unwrap();
        }
    }
    let done = home.fine(change);
    assert!(
        done.contains("2 private keys encrypted with the new"),
        "{done}"
    );
    assert!(done.contains("1 left as they were"), "{done}");
    for name in names {
        home.run(&format!(
            "certdeck reveal-key {name} --passphrase-file password"
        ));
        let opened = home.run(&format!(
            "certdeck reveal-key {name} --passphrase-file password"
        ));
        assert_eq!(opened.code, Some(0), "{name}: {}", opened.err);
    }
}

#[test]
fn a_key_is_destroyed_where_nothing_needs_it_and_nowhere_else() {
    let home = Home::new("");
    let id = home.issued("");
    let key = home.run(&format!("certdeck reveal-key {id}")).out;
    let keys = || fs::read_dir(home.path("store/keys")).unwrap().count();
    let all = keys();
    let needed = home.run(&format!("certdeck act destroy-key {id} --yes"));
    assert_eq!(needed.code, Some(3), "{}{}", needed.out, needed.err);
    assert!(
        needed.err.contains("its certificate needs it"),
        "{}",
        needed.err
    );
    assert_eq!(keys(), all);

    home.fine(&format!("certdeck act revoke {id} --yes"));
    home.fine("certdeck sandbox advance 1d --account shop");
    let nobody = home.run(&format!("certdeck act destroy-key {id}"));
    assert_eq!(nobody.code, Some(2), "{}{}", nobody.out, nobody.err);
    assert_eq!(keys(), all, "nobody typed the name");
    // What a crash left of it goes with it.
    let names = home.fine("ls store/keys");
    let is_its = |name: &&str| {
        let held = fs::read_to_string(home.path(&format!("store/keys/{name}"))).unwrap();
        held.trim() == key.trim()
    };
    let name = names.lines().find(is_its).unwrap();
    let left = home.path(&format!(
        "store/keys/{}.9-9.new",
        name.trim_end_matches(".pem")
    ));
    fs::write(&left, &key).unwrap();
    home.fine(&format!("certdeck act destroy-key {id} --yes"));
    assert_eq!(keys(), all - 1);
    assert!(!left.exists());
    let again = home.run(&format!("certdeck act destroy-key {id} --yes"));
    assert_eq!(again.code, Some(3));
    assert!(again.err.contains("not held here"), "{}", again.err);
    let history = home.fine(&format!("certdeck history {id}"));
    assert!(history.contains("Private key destroyed"), "{history}");
    let doctor = home.run("certdeck doctor");
    assert_eq!(doctor.code, Some(0), "{}{}", doctor.out, doctor.err);
    home.fine(&format!(
        "certdeck show {id} --pem > leaf && openssl x509 -noout -in leaf"
    ));
    let line = key.lines().nth(1).unwrap();
    let left = home.run(&format!("grep -rl '{line}' store"));
    assert_eq!(left.out, "", "it is nowhere in the store");
}

#[test]
fn a_key_that_an_order_waits_for_stays() {
    let home = Home::new("");
    home.fine(&format!(
        "certdeck order --account shop --product acme-dv --name {NAME} --yes"
    ));
    let said = home.run(&format!("certdeck act destroy-key {NAME} --yes"));
    assert_eq!(said.code, Some(3), "{}{}", said.out, said.err);
    assert!(said.err.contains("would need it"), "{}", said.err);
}
