//! What is kept, exported and deployed, as others read it, and what stands in the way.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::home::{Home, NAME, mode};

#[test]
fn an_encrypted_key_opens_in_openssl_and_here_with_its_passphrase_alone() {
    let home = Home::new("");
    let id = home.issued("--encrypt-key --passphrase-file passphrase");
    let sealed = home.sealed();
    assert_eq!(
        sealed.len(),
        1,
        "the key of the order, and not the sandbox's own"
    );
    let sealed = sealed[0].display();
    let opened = home.run(&format!(
        "openssl pkey -in {sealed} -passin file:passphrase # reveal-key"
    ));
    assert_eq!(opened.code, Some(0), "{}", opened.err);

    let revealed = home.run(&format!(
        "certdeck reveal-key {id} --passphrase-fd 3 3<passphrase"
    ));
    assert_eq!(revealed.code, Some(0), "{}", revealed.err);
    assert_eq!(revealed.out, opened.out);
    let wrong = home.run(&format!(
        "certdeck reveal-key {id} --passphrase-file password"
    ));
    assert_eq!((wrong.code, wrong.out.as_str()), (Some(1), ""));
    assert!(wrong.err.contains("does not open"), "{}", wrong.err);
    let nobody = home.run(&format!("certdeck reveal-key {id}"));
    assert_eq!(nobody.code, Some(2));
    assert!(nobody.err.contains("--passphrase-file"), "{}", nobody.err);
    let history = home.fine(&format!("certdeck history {id}"));
    assert_eq!(
        history.matches("Private key revealed").count(),
        1,
        "{history}"
    );
    // What is locked is not damaged.
    let doctor = home.fine("certdeck doctor");
    assert!(
        doctor.contains("locked") && doctor.contains("Nothing is wrong"),
        "{doctor}"
    );
    home.keeps_secrets(&revealed.out);
}

#[test]
fn keys_are_encrypted_decrypted_and_given_another_passphrase_afterwards() {
    let home = Home::new("");
    let id = home.issued("");
    assert!(home.sealed().is_empty());
    let plain = home.run(&format!("certdeck reveal-key {id}")).out;
    let done = home.fine("certdeck keys encrypt --passphrase-file passphrase");
    assert!(done.contains("1 private key encrypted"), "{done}");
    assert_eq!(home.sealed().len(), 1);
    let change = "certdeck keys passphrase --new-passphrase-file password --passphrase-file";
    let wrong = home.run(&format!("{change} password"));
    assert_eq!(wrong.code, Some(1), "{}{}", wrong.out, wrong.err);
    home.fine(&format!("{change} passphrase"));
    let old = home.run(&format!(
        "certdeck reveal-key {id} --passphrase-file passphrase"
    ));
    assert_eq!(old.code, Some(1), "{}", old.err);
    let new = home.run(&format!(
        "certdeck reveal-key {id} --passphrase-file password"
    ));
    assert_eq!(new.out, plain);
    home.fine("certdeck keys decrypt --yes --passphrase-file password");
    assert!(home.sealed().is_empty());
    assert_eq!(home.run(&format!("certdeck reveal-key {id}")).out, plain);
    let names = fs::read_dir(home.path("store/keys")).unwrap();
    let left = names.map(|name| name.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = left.filter(|name| !name.contains(".pem")).collect();
    assert!(left.is_empty(), "{left:?}");
    home.keeps_secrets(&plain);
}

#[test]
fn a_passphrase_that_others_can_read_is_warned_of() {
    let home = Home::new("");
    let loose = fs::Permissions::from_mode(0o644);
    fs::set_permissions(home.path("passphrase"), loose).unwrap();
    let said = home.run("certdeck keys encrypt --passphrase-file passphrase");
    assert!(said.err.contains("chmod 600"), "{}", said.err);
}

#[test]
fn everything_that_is_exported_opens_in_openssl() {
    let home = Home::new("");
    let id = home.issued("--key rsa-2048");
    let export = |form: &str| {
        let flags = match form {
            "pkcs12" | "java" => "--password-file password",
            _ => "",
        };
        home.fine(&format!(
            "certdeck export {id} --as {form} --to out/{form}/ {flags}"
        ))
    };
    for form in [
        "leaf",
        "chain",
        "fullchain",
        "key",
        "der",
        "pkcs12",
        "nginx",
        "apache",
        "haproxy",
        "caddy",
        "java",
    ] {
        let said = export(form);
        for file in fs::read_dir(home.path(&format!("out/{form}"))).unwrap() {
            let path = file.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            assert!(said.contains(&path.display().to_string()), "{said}");
        }
        assert_eq!(mode(&home.path(&format!("out/{form}"))), 0o700);
    }
    let at = |form: &str, ending: &str| format!("out/{form}/{NAME}{ending}");
    let key_pub = "openssl pkey -pubout -in";
    let wanted = home.fine(&format!(
        "openssl x509 -pubkey -noout -in {}",
        at("leaf", ".crt")
    ));
    for file in [
        at("key", ".key"),
        at("nginx", ".key"),
        at("apache", ".key"),
        at("caddy", ".key"),
        at("haproxy", ".pem"),
    ] {
        assert_eq!(home.fine(&format!("{key_pub} {file}")), wanted, "{file}");
    }
    for file in [
        at("fullchain", ".fullchain.pem"),
        at("nginx", ".fullchain.pem"),
        at("haproxy", ".pem"),
    ] {
        // Its own issuers are among what is handed over; the root is trusted for this.
        home.fine(&format!(
            "openssl verify -no_check_time -partial_chain -CAfile {} {file}",
            at("chain", ".chain.pem")
        ));
        assert_eq!(
            home.fine(&format!("openssl x509 -pubkey -noout -in {file}")),
            wanted
        );
    }
    home.fine(&format!(
        "openssl x509 -inform der -noout -in {}",
        at("der", ".der")
    ));
    for form in ["pkcs12", "java"] {
        let file = at(form, ".p12");
        let open = format!("openssl pkcs12 -in {file} -nodes -passin file:");
        let all = home.run(&format!("{open}password # reveal-key")).out;
        assert_eq!(all.matches("BEGIN CERTIFICATE").count(), 3, "{form}");
        assert!(all.contains("BEGIN PRIVATE KEY") && all.contains(NAME));
        assert_ne!(home.run(&format!("{open}passphrase")).code, Some(0));
    }
    in_java(&home, &at("java", ".p12"));
    let history = home.fine(&format!("certdeck history {id}"));
    assert_eq!(
        history.matches("Private key exported to").count(),
        7,
        "{history}"
    );
    let key = fs::read_to_string(home.path(&at("key", ".key"))).unwrap();
    home.keeps_secrets(&key);
}

fn in_java(home: &Home, file: &str) {
    if home.run("command -v keytool").code != Some(0) {
        println!("keytool is not here, so the keystore was not opened with it");
        return;
    }
    let listed = home.fine(&format!(
        "keytool -list -keystore {file} -storepass:file password"
    ));
    assert!(
        listed.contains(NAME) && listed.contains("PrivateKeyEntry"),
        "{listed}"
    );
}

#[test]
fn every_kind_of_key_is_ordered_and_its_key_and_request_are_read_by_openssl() {
    let home = Home::new("");
    for kind in ["rsa-3072", "p-256", "p-384", "ed25519"] {
        let name = format!("{kind}.bücher.example");
        let said = home.fine(&format!(
            "certdeck order --account shop --product acme-dv --name {name} --key {kind} --yes --json"
        ));
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let id = said["id"].as_str().unwrap();
        home.fine(&format!("certdeck show {id} --csr > request"));
        let request = home.run("openssl req -verify -noout -text -in request");
        let text = request.out + &request.err;
        assert!(text.contains("verify OK"), "{kind}: {text}");
        assert!(
            text.contains(&format!("DNS:{kind}.xn--bcher-kva.example")),
            "{text}"
        );
        home.fine(&format!(
            "certdeck export {id} --as key --to {kind}.key && openssl pkey -noout -in {kind}.key"
        ));
    }
}

#[test]
fn what_is_in_the_way_stays_and_nothing_is_written_beside_it() {
    let home = Home::new("");
    let id = home.issued("");
    fs::create_dir(home.path("ssl")).unwrap();
    let key = home.path(&format!("ssl/{NAME}.key"));
    fs::write(&key, "mine").unwrap();
    let nginx = format!("certdeck export {id} --as nginx --to ssl");
    let said = home.run(&nginx);
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(said.err.contains("--overwrite"), "{}", said.err);
    assert_eq!(fs::read_to_string(&key).unwrap(), "mine");
    assert_eq!(fs::read_dir(home.path("ssl")).unwrap().count(), 1);

    fs::remove_file(&key).unwrap();
    home.write("target", "mine");
    symlink(home.path("target"), &key).unwrap();
    let said = home.run(&format!("{nginx} --overwrite"));
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("a symbolic link"), "{}", said.err);
    assert_eq!(fs::read_to_string(home.path("target")).unwrap(), "mine");

    fs::remove_file(&key).unwrap();
    fs::write(&key, "old").unwrap();
    home.fine(&format!("{nginx} --overwrite"));
    assert!(fs::read_to_string(&key).unwrap().contains("PRIVATE KEY"));
    // Where nothing can be written: a folder of the kernel's, and a file in the folder's place.
    for (to, says) in [
        ("/proc/certdeck/", "making the folder"),
        ("target/x/", "making the folder"),
    ] {
        let said = home.run(&format!("certdeck export {id} --as leaf --to {to}"));
        assert_eq!(said.code, Some(1), "{}", said.err);
        assert!(said.err.contains(says), "{}", said.err);
    }
}

#[test]
fn what_is_not_there_is_not_exported_and_says_why() {
    let home = Home::new("");
    home.fine(&format!(
        "certdeck order --account shop --product acme-dv --name {NAME} --yes"
    ));
    let said = home.run(&format!("certdeck export {NAME} --as nginx --to out"));
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(
        said.err.contains("there is no certificate yet"),
        "{}",
        said.err
    );
    let said = home.run(&format!("certdeck deploy {NAME} --yes"));
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(!home.path("out").exists());
    home.fine(&format!("certdeck export {NAME} --as key --to out/"));
}

#[test]
fn a_key_that_is_not_the_certificates_is_never_handed_over() {
    let home = Home::new("");
    let id = home.issued("");
    home.fine("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.pem");
    home.fine("for key in store/keys/*.pem; do cat other.pem > $key; done");
    let said = home.run(&format!("certdeck export {id} --as nginx --to out"));
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("another key is there"), "{}", said.err);
    assert!(!home.path("out").exists());
}

const SCRIPT: &str = "#!/bin/sh
env | grep ^CERTDECK_ > seen
cat \"$CERTDECK_KEY\"
openssl x509 -noout -in \"$CERTDECK_CERTIFICATE\" || exit 7
[ -e fails ] && exit 3
echo all is well
";

#[test]
fn a_deploy_command_gets_the_files_and_its_failure_stays_until_it_succeeds() {
    let home = Home::new("deploy = [\"/bin/sh\", \"deploy.sh\"]\ndeploy-after-renewal = true");
    home.write("deploy.sh", SCRIPT);
    home.write("fails", "");
    let id = home.issued("");
    let seen = fs::read_to_string(home.path("seen")).unwrap();
    for name in ["CERTIFICATE", "CHAIN", "FULLCHAIN", "KEY"] {
        let line = seen
            .lines()
            .find(|line| line.starts_with(&format!("CERTDECK_{name}=")));
        let path = line.and_then(|line| line.split_once('=')).unwrap().1;
        assert!(!Path::new(path).exists(), "{path} stays behind");
    }
    assert!(seen.contains(&format!("CERTDECK_NAME={NAME}")), "{seen}");
    let check = home.run("certdeck check");
    assert_eq!(check.code, Some(10), "{}", check.out);
    assert!(
        check.out.contains("not deployed: it ended with code 3"),
        "{}",
        check.out
    );
    let again = home.run(&format!("certdeck deploy {id} --yes"));
    assert_eq!(again.code, Some(1));
    fs::remove_file(home.path("fails")).unwrap();
    let done = home.fine(&format!("certdeck deploy {id} --yes"));
    assert!(
        done.contains("all is well") && done.contains("deployed."),
        "{done}"
    );
    assert_eq!(home.run("certdeck check").code, Some(0));
    let history = home.fine(&format!("certdeck history {id} --json"));
    assert!(
        history.contains("a private key was left out here"),
        "{history}"
    );
    let key = home.run(&format!("certdeck reveal-key {id}")).out;
    home.keeps_secrets(&key);
}

#[test]
fn a_deploy_folder_keeps_the_files_and_a_command_that_hangs_is_stopped() {
    let home = Home::new(
        "deploy = [\"/bin/sh\", \"-c\", \"[ -e hangs ] && sleep 1000; true\"]\n\
         deploy-to = \"live\"\ndeploy-within = \"1s\"",
    );
    let id = home.issued("");
    home.write("hangs", "");
    let said = home.run(&format!("certdeck deploy {id} --yes"));
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("took longer than 1 s"), "{}", said.err);
    fs::remove_file(home.path("hangs")).unwrap();
    home.fine(&format!("certdeck deploy {id} --yes"));
    let live = home.path(&format!("accounts/live/{NAME}"));
    for name in ["cert.pem", "chain.pem", "fullchain.pem", "privkey.pem"] {
        assert_eq!(mode(&live.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_key_that_is_locked_is_said_and_opens_the_deployment() {
    let home = Home::new("deploy = [\"true\"]");
    let id = home.issued("--encrypt-key --passphrase-file passphrase");
    let nobody = home.run(&format!("certdeck deploy {id} --yes"));
    assert_eq!(nobody.code, Some(2), "{}", nobody.err);
    home.fine(&format!(
        "certdeck deploy {id} --yes --passphrase-file passphrase"
    ));
}
