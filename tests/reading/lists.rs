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
    stage.certdeck(&["import", "one.pem"]);
    assert_eq!(
        kinds(&stage.json(&["show", "bad.example", "--json"])),
        ["revoked", "unknown-root"]
    );
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
