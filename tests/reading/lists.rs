//! Revocation lists that are imported: believed only with their issuer's signature, and taken back
//! by later ones.

use serde_json::Value;

use crate::stage::Stage;

/// A list and the certificate of who signed it, both DER.
pub(crate) struct Made {
    pub(crate) der: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
}

/// The configuration of a CA that is nothing but a folder.
const CONFIG: &str = "[ca]\ndefault_ca = own\n[own]\ndatabase = FOLDER/index.txt\nserial = FOLDER/serial\ncrlnumber = FOLDER/crlnumber\nnew_certs_dir = FOLDER\nprivate_key = FOLDER/ca.key\ncertificate = FOLDER/ca.pem\ndefault_md = sha256\ndefault_crl_days = 7\npolicy = any\nunique_subject = no\ncrl_extensions = crl\ncopy_extensions = copy\n[any]\ncommonName = supplied\n[crl]\nauthorityKeyIdentifier = keyid\n";

/// A CA in a folder of the stage.
pub(crate) struct Authority<'a> {
    stage: &'a Stage,
    folder: String,
}

impl<'a> Authority<'a> {
    pub(crate) fn new(stage: &'a Stage, folder: &str, name: &str) -> Self {
        let own = Self {
            stage,
            folder: folder.to_owned(),
        };
        own.stage.put(&format!("{folder}/index.txt"), "");
        own.stage.put(&format!("{folder}/serial"), "1000\n");
        own.stage.put(&format!("{folder}/crlnumber"), "10\n");
        own.stage.put(
            &format!("{folder}/ca.cnf"),
            CONFIG.replace("FOLDER", folder),
        );
        // The words of a line are its arguments, and a name may have several.
        let subject = name.replace(' ', "_");
        own.stage.openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -keyout {folder}/ca.key -subj /CN={subject} -days 90 -out {folder}/ca.pem"
        ));
        own
    }

    /// Issues a certificate, kept as `NAME.pem` with its issuer behind it.
    pub(crate) fn issue(&self, name: &str) {
        let folder = &self.folder;
        self.stage.openssl(&format!(
            "req -new -newkey rsa:2048 -nodes -keyout {folder}/{name}.key -subj /CN={name} -addext subjectAltName=DNS:{name} -out {folder}/{name}.csr"
        ));
        self.stage.openssl(&format!(
            "ca -batch -config {folder}/ca.cnf -notext -days 30 -in {folder}/{name}.csr -out {folder}/{name}.pem"
        ));
        let chain = [
            self.stage.read(&format!("{folder}/{name}.pem")),
            self.stage.read(&format!("{folder}/ca.pem")),
        ];
        self.stage
            .put(&format!("{folder}/{name}.chain.pem"), chain.concat());
    }

    pub(crate) fn revoke(&self, name: &str, reason: &str) {
        let folder = &self.folder;
        self.stage.openssl(&format!(
            "ca -config {folder}/ca.cnf -revoke {folder}/{name}.pem -crl_reason {reason}"
        ));
    }

    /// Writes a list of what is revoked.
    pub(crate) fn list(&self, file: &str) {
        let folder = &self.folder;
        self.stage
            .openssl(&format!("ca -config {folder}/ca.cnf -gencrl -out {file}"));
    }
}

/// A list of these serial numbers.
pub(crate) fn by_openssl(stage: &Stage, name: &str, serials: &[u32]) -> Made {
    let authority = Authority::new(stage, "authority", name);
    let line = |serial: &u32| {
        format!("R\t491231235959Z\t261101000000Z,keyCompromise\t{serial:04X}\tunknown\t/CN=x\n")
    };
    let index: String = serials.iter().map(line).collect();
    stage.put("authority/index.txt", index);
    authority.list("list.pem");
    stage.openssl("crl -in list.pem -outform DER -out list.der");
    stage.openssl("x509 -in authority/ca.pem -outform DER -out issuer.der");
    Made {
        der: stage.read("list.der"),
        issuer: stage.read("issuer.der"),
    }
}

fn kinds(shown: &Value) -> Vec<&str> {
    let findings = shown["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["kind"].as_str().unwrap())
        .collect()
}

#[test]
fn a_list_says_what_is_revoked_and_a_later_one_takes_it_back() {
    let stage = Stage::new();
    let authority = Authority::new(&stage, "ca", "House_CA");
    for name in ["good.example", "bad.example"] {
        authority.issue(name);
        let imported = stage.certdeck(&["import", &format!("ca/{name}.chain.pem")]);
        assert_eq!(imported.code, 0, "{imported:?}");
    }
    stage.put("before.txt", stage.read("ca/index.txt"));
    authority.revoke("bad.example", "keyCompromise");
    authority.list("one.pem");
    let said = stage.certdeck(&["import", "one.pem"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out
            .contains("by CN=House_CA, which revokes 1 certificate: bad.example ("),
        "{said:?}"
    );
    let shown = stage.json(&["show", "bad.example", "--json"]);
    assert_eq!(kinds(&shown), ["revoked", "unknown-root"]);
    let text = stage.certdeck(&["show", "bad.example"]).out;
    assert!(
        text.contains("fault           Its issuer revoked it on "),
        "{text}"
    );
    assert!(
        text.contains("(keyCompromise)") && text.contains("never use this key again"),
        "{text}"
    );
    assert_eq!(
        kinds(&stage.json(&["show", "good.example", "--json"])),
        ["unknown-root"]
    );
    let history = stage.certdeck(&["history", "bad.example"]).out;
    assert!(history.contains("Revoked since "), "{history}");
    // The same list again is no news.
    let lines = history.lines().count();
    stage.certdeck(&["import", "one.pem"]);
    assert_eq!(
        stage
            .certdeck(&["history", "bad.example"])
            .out
            .lines()
            .count(),
        lines
    );
    // A list is dated in seconds.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    stage.put("ca/index.txt", stage.read("before.txt"));
    authority.list("two.pem");
    let said = stage.certdeck(&["import", "two.pem"]);
    assert!(
        said.out.contains("1 certificate revoked no longer"),
        "{said:?}"
    );
    assert_eq!(
        kinds(&stage.json(&["show", "bad.example", "--json"])),
        ["unknown-root"]
    );
    // The older one comes too late.
    let said = stage.certdeck(&["import", "one.pem"]);
    assert!(
        said.out.contains("older than the list of ") && said.code == 0,
        "{said:?}"
    );
    assert_eq!(
        kinds(&stage.json(&["show", "bad.example", "--json"])),
        ["unknown-root"]
    );
}

#[test]
fn a_list_is_kept_for_certificates_that_come_later_and_goes_with_the_store() {
    let stage = Stage::new();
    let authority = Authority::new(&stage, "ca", "House_CA");
    for name in ["good.example", "bad.example"] {
        authority.issue(name);
    }
    authority.revoke("bad.example", "keyCompromise");
    authority.list("list.pem");
    // Who signed it is here, the certificate is not yet.
    assert_eq!(stage.certdeck(&["import", "ca/ca.pem"]).code, 0);
    let said = stage.certdeck(&["import", "list.pem"]);
    assert!(said.code == 0 && said.out.contains("; kept"), "{said:?}");
    let said = stage.json(&["import", "ca/bad.example.chain.pem", "--json"]);
    assert!(
        said["findings"].to_string().contains("\"revoked\""),
        "{said}"
    );
    stage.certdeck(&["import", "ca/good.example.chain.pem"]);
    let assert_shown = |stage: &Stage| {
        let shown = stage.json(&["show", "bad.example", "--json"]);
        assert_eq!(kinds(&shown), ["revoked", "imported-root"]);
        let shown = stage.json(&["show", "good.example", "--json"]);
        assert_eq!(kinds(&shown), ["imported-root"]);
        let text = stage.certdeck(&["show", "good.example"]).out;
        assert!(text.contains("CRL here") && text.contains("the next one due"));
        let doctor = stage.certdeck(&["doctor"]);
        assert_eq!(doctor.code, 0, "{doctor:?}");
    };
    assert_shown(&stage);
    let folder = stage.path("store/lists");
    let kept: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert_eq!(kept.len(), 1);
    let kept = kept.into_iter().next().unwrap().unwrap().path();
    let mode = std::os::unix::fs::PermissionsExt::mode(&kept.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // The archive of the store carries it.
    let said = stage.certdeck(&["store", "export", "archive", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    std::fs::rename(stage.path("store"), stage.path("before")).unwrap();
    let said = stage.certdeck(&["store", "import", "archive"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_shown(&stage);
}

#[test]
fn a_kept_list_is_believed_by_its_signature_alone_and_the_doctor_looks_at_it() {
    let stage = Stage::new();
    let (real, forged) = (
        Authority::new(&stage, "real", "House_CA"),
        Authority::new(&stage, "forged", "House_CA"),
    );
    real.issue("shop.example");
    stage.certdeck(&["import", "real/shop.example.chain.pem"]);
    real.list("real.pem");
    assert_eq!(stage.certdeck(&["import", "real.pem"]).code, 0);
    let folder = stage.path("store/lists");
    let kept = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    // Somebody puts the list of another key in its place.
    forged.issue("shop.example");
    forged.revoke("shop.example", "superseded");
    forged.list("forged.pem");
    let theirs = stage.read("forged.pem");
    std::fs::write(kept.path(), theirs).unwrap();
    let shown = stage.json(&["show", "shop.example", "--json"]);
    assert_eq!(kinds(&shown), ["unknown-root"]);
    let doctor = stage.certdeck(&["doctor", "--json"]);
    assert!(doctor.out.contains("list-wrong"), "{doctor:?}");
    // What is no list at all is named, and not written over.
    std::fs::write(kept.path(), "nonsense").unwrap();
    let doctor = stage.certdeck(&["doctor", "--json"]);
    assert!(doctor.out.contains("list-wrong"), "{doctor:?}");
    let said = stage.certdeck(&["import", "real.pem"]);
    assert!(said.out.contains("not kept: "), "{said:?}");
    assert_eq!(std::fs::read(kept.path()).unwrap(), b"nonsense");
}

#[test]
fn a_list_that_should_have_been_followed_says_so() {
    let stage = Stage::new();
    let authority = Authority::new(&stage, "ca", "House_CA");
    authority.issue("shop.example");
    stage.certdeck(&["import", "ca/shop.example.chain.pem"]);
    // Valid for a second: by the time that it is looked at, the next one is due.
    stage.openssl("ca -config ca/ca.cnf -gencrl -crlsec 1 -out old.pem");
    stage.certdeck(&["import", "old.pem"]);
    let due = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let shown = stage.json(&["show", "shop.example", "--json"]);
        if kinds(&shown).contains(&"list-overdue") {
            break;
        }
        assert!(std::time::Instant::now() < due, "{shown}");
    }
}

#[test]
fn a_list_that_its_issuer_did_not_sign_is_not_believed() {
    let stage = Stage::new();
    let (real, forged) = (
        Authority::new(&stage, "real", "House_CA"),
        Authority::new(&stage, "forged", "House_CA"),
    );
    real.issue("shop.example");
    forged.issue("shop.example");
    forged.revoke("shop.example", "superseded");
    forged.list("forged.pem");
    // Before anything of that issuer is here.
    let said = stage.certdeck(&["import", "forged.pem"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.out
            .contains("not believed: no certificate of CN=House_CA"),
        "{said:?}"
    );
    stage.certdeck(&["import", "real/shop.example.chain.pem"]);
    let said = stage.certdeck(&["import", "forged.pem"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.out
            .contains("was not made with the key of \"House_CA\""),
        "{said:?}"
    );
    assert_eq!(
        kinds(&stage.json(&["show", "shop.example", "--json"])),
        ["unknown-root"]
    );
}
