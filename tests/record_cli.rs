//! `certdeck record` and `certdeck order` of the real program, with an account that is kept by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{KeyType, PrivateKey, ValidationLevel, csr, sealed};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

struct Home(TempDir);

fn home() -> Home {
    let home = tempfile::tempdir().unwrap();
    let accounts = home.path().join("config/certdeck/accounts");
    fs::create_dir_all(&accounts).unwrap();
    let account = "kind = \"by-hand\"\nlifecycle = \"netcup\"\n";
    fs::write(accounts.join("netcup-main.toml"), account).unwrap();
    for (name, lifecycles) in [
        ("huawei", "lifecycle = \"huawei-ssl\""),
        (
            "cf",
            "lifecycle = [\"cloudflare-hostname\", \"cloudflare-custom\"]",
        ),
    ] {
        let account = format!("kind = \"by-hand\"\n{lifecycles}\n");
        fs::write(accounts.join(format!("{name}.toml")), account).unwrap();
    }
    Home(home)
}

impl Home {
    fn run(&self, line: &str) -> Answer {
        self.with_input(line, "")
    }

    /// Runs the words of a line; what stands in a file of this home is named by its path.
    fn with_input(&self, line: &str, input: &str) -> Answer {
        let mut child = Command::new(env!("CARGO_BIN_EXE_certdeck"))
            .env_clear()
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path().join("config"))
            .env("XDG_DATA_HOME", self.0.path().join("data"))
            .current_dir(self.0.path())
            .args(line.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that is done before it read everything is no failure of the test.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Answer(child.wait_with_output().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// An order with a CSR that certdeck makes; its id and the CSR.
    fn order(&self) -> (String, String) {
        let ordered = self.run(
            "order --account netcup-main --name www.example.net --product Wildcard-LE \
             --price 49,00€ --invoice RE-1 --term 12 --json",
        );
        ordered.ends_with(0);
        let json = ordered.json();
        (text(&json["id"]), text(&json["csr"]))
    }

    fn states(&self, id: &str) -> String {
        let shown = self.run(&format!("show {id} --json"));
        shown.out()
    }
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}

struct Answer(Output);

impl Answer {
    fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.0.stdout).unwrap()
    }

    #[track_caller]
    fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(
            self.0.status.code(),
            Some(code),
            "{}{}",
            self.out(),
            self.err()
        );
        self
    }

    #[track_caller]
    fn complains(&self, code: i32, says: &str) {
        self.ends_with(code);
        assert!(self.err().contains(says), "{says}: {}", self.err());
    }

    #[track_caller]
    fn says(&self, says: &str) {
        self.ends_with(0);
        assert!(self.out().contains(says), "{says}: {}", self.out());
    }
}

/// A certificate for this key, with its chain, that lives so many more days.
fn certify(spki_der: &[u8], days: i64) -> String {
    let now = Timestamp::now();
    let begin = now - SignedDuration::from_hours(24 * 60);
    let ca = SandboxCa::generate("record", begin).unwrap();
    let wanted = IssueRequest {
        names: vec!["www.example.net".parse().unwrap()],
        not_before: begin,
        not_after: now + SignedDuration::from_hours(24 * days),
        serial: [3; 16],
        level: ValidationLevel::Dv,
        organization: None,
    };
    let issued = ca.issue(spki_der, &wanted).unwrap();
    format!("{}{}", issued.chain_pem.concat(), issued.leaf_pem)
}

fn spki_of(request: &str) -> Vec<u8> {
    csr::read(request.as_bytes()).unwrap().spki_der
}

#[test]
fn netcup_by_hand_on_the_command_line() {
    let home = home();
    let (id, request) = home.order();
    home.run(&format!("record --what {id}"))
        .says("invoice-paid           Invoice paid, leads to Registration");
    home.run(&format!("record invoice-paid {id} --paid-until 2099-12-31"))
        .says("It is Registration now; netcup moves next.");
    home.run(&format!("record registered {id} --method dns"))
        .says("It is Verification is performed now; you move next.");
    home.run(&format!("record issued {id}"))
        .complains(2, "give the certificate");
    let bundle = certify(&spki_of(&request), 200);
    let issued = format!("record issued {id} --certificate -");
    home.with_input(&issued, &certify(&spki_of(&request), -3))
        .complains(2, "record that (--shows expired)");
    let strange = PrivateKey::generate(KeyType::P256).unwrap();
    home.with_input(&issued, &certify(&strange.spki_der(), 200))
        .complains(2, "was made for another key");
    home.with_input(&issued, &bundle)
        .says("It is Certificate issued now");
    home.run(&format!("renew {id}"))
        .complains(3, "paid until 2099-12-31; ask netcup's support");
    home.run(&format!("record --shows Cancelled {id}"))
        .says("It is Cancelled now");
    home.run(&format!("record --shows issued {id}"))
        .says("It is Certificate issued now");
    home.run(&format!(
        "record --describe --order-number 4711 --name www.example.net {id}"
    ))
    .says("Recorded: what is known of the order");
    assert!(home.states(&id).contains("4711"));
    let history = home.run(&format!("history {id}")).out();
    assert!(
        history.contains("Cancelled to Certificate issued (corrected by hand)"),
        "{history}"
    );
}

#[test]
fn what_certdeck_cannot_ask_is_said_how_to_do_and_how_to_write_down() {
    let home = home();
    let (id, request) = home.order();
    let bundle = home.file("bundle.pem", &certify(&spki_of(&request), 10));
    let bundle = bundle.display();
    home.run(&format!(
        "record --shows issued {id} --certificate {bundle}"
    ))
    .ends_with(0);
    let renew = home.run(&format!("renew {id}"));
    renew.complains(3, "Renewal button");
    renew.complains(3, &format!("certdeck record renew {id}"));
    let withdraw = home.run(&format!("withdraw {id}"));
    withdraw.complains(3, "documents no withdrawal");
    let due = home.run("renew --due");
    due.complains(0, &format!("certdeck record renew {id}"));
    let json = home.run(&format!("act renew {id} --json"));
    assert_eq!(json.ends_with(3).json()["results"][0]["exit"], 3);
    let renewed = home.run(&format!("record renew {id} --json")).json();
    let successor = text(&renewed["successor"]);
    assert!(text(&renewed["csr"]).contains("BEGIN CERTIFICATE REQUEST"));
    assert!(home.states(&successor).contains(&id));
    home.run("renew --due")
        .says("Nothing is due that certdeck can renew.");
}

#[test]
fn a_key_put_right_belongs_to_the_certificate_that_serves() {
    let home = home();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let (certificate, private) = (certify(&key.spki_der(), 90), key.to_pkcs8_pem());
    home.file("cert.pem", &certificate);
    home.file("own.pem", private.expose_secret());
    let other = PrivateKey::generate(KeyType::P256).unwrap();
    home.file("other.pem", other.to_pkcs8_pem().expose_secret());
    let ordered = home.run(
        "order --account netcup-main --name www.example.net --shows issued --certificate cert.pem \
         --json",
    );
    ordered.ends_with(0);
    let id = text(&ordered.json()["id"]);
    home.run(&format!("record --describe {id} --private-key other.pem"))
        .complains(2, "not this order's");
    home.run(&format!("record --describe {id} --private-key own.pem"))
        .ends_with(0);
    home.run(&format!("show {id}"))
        .says("held here; `certdeck reveal-key` prints it");
}

#[test]
fn a_csr_put_right_is_made_for_the_names_of_its_order() {
    let home = home();
    let (id, _) = home.order();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    for (name, code) in [("www.example.org", 2), ("www.example.net", 0)] {
        let request = csr::make(&key, &[name.parse().unwrap()]).unwrap();
        home.file("own.csr", &request);
        home.run(&format!("record --describe {id} --csr own.csr"))
            .ends_with(code);
    }
}

#[test]
fn entries_of_one_name_are_told_apart_by_account_and_status() {
    let home = home();
    let (first, _) = home.order();
    let (second, _) = home.order();
    let paid = home.run(&format!("record invoice-paid {first}"));
    paid.ends_with(0);
    let answer = home.run("show www.example.net");
    for (id, state) in [(first, "Registration"), (second, "Outstanding invoice")] {
        answer.complains(2, &format!("{id} (www.example.net, netcup-main, {state})"));
    }
}

#[test]
fn a_link_is_no_file_that_is_missing() {
    let answer = home().run("import https://www.example.net:8443/shop");
    answer.complains(2, "is a link");
    answer.complains(2, ": www.example.net:8443");
}

#[test]
fn what_is_mistyped_is_guessed_and_what_is_possible_is_listed() {
    let home = home();
    let (id, _) = home.order();
    for (line, code, says) in [
        (
            format!("record invoicepaid {id}"),
            2,
            "Did you mean \"invoice-paid\"?",
        ),
        (
            format!("record issued {id}"),
            3,
            "what can be recorded is invoice-paid, cancelled",
        ),
        (
            format!("record renew {id}"),
            3,
            "possible while Certificate issued or Expired",
        ),
        (
            format!("record --shows expire {id}"),
            2,
            "Did you mean \"expired\"?",
        ),
        (format!("record {id}"), 2, "record --what"),
        (
            format!("record invoice-paid --shows issued {id}"),
            2,
            "both say",
        ),
        (
            format!("record --shows issued --describe {id}"),
            2,
            "cannot be used with",
        ),
        (
            format!("record --describe {id} --price 49"),
            2,
            "price: \"49\" is no price",
        ),
        (
            format!("record --describe {id} --certificate /no/such.pem"),
            2,
            "--certificate /no/such.pem",
        ),
        (
            format!("record invoice-paid {id} --certificate - --chain -"),
            2,
            "only one of",
        ),
        (format!("act record {id}"), 2, "certdeck record EVENT ID"),
        (
            "order --account sandbox --name a.example --price 3".to_owned(),
            2,
            "--price is for accounts",
        ),
    ] {
        home.run(&line).complains(code, says);
    }
    let listed = home.run(&format!("record --what {id} --json")).json();
    assert_eq!(listed["events"][0]["id"], "invoice-paid");
    assert_eq!(listed["events"][0]["takes"][0], "paid-until");
    assert_eq!(listed["states"].as_array().unwrap().len(), 7);
    assert!(
        home.states(&id).contains("Outstanding invoice"),
        "nothing moved"
    );
}

#[test]
fn an_order_can_be_taken_over_where_it_stands_with_its_key() {
    let home = home();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let pem = key.to_pkcs8_pem();
    let all = format!("{}{}", certify(&key.spki_der(), 100), pem.expose_secret());
    let order = "order --account netcup-main --name www.example.net --shows issued";
    home.run(order)
        .complains(2, "certificate: Certificate issued: give the certificate");
    let taken = home.with_input(&format!("{order} --certificate - --json"), &all);
    let id = text(&taken.ends_with(0).json()["id"]);
    let revealed = home.run(&format!("reveal-key {id}"));
    assert_eq!(revealed.ends_with(0).out(), pem.expose_secret());
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGb\n-----END ENCRYPTED PRIVATE KEY-----\n";
    home.with_input(
        &format!("record --shows issued {id} --private-key -"),
        encrypted,
    )
    .complains(2, "cannot be read");
    let passphrase = SecretString::from("correct horse".to_owned());
    let sealed = sealed::seal(&key, &passphrase).unwrap();
    let line = format!("record --shows issued {id} --private-key -");
    home.with_input(&line, sealed.expose_secret())
        .complains(2, "--passphrase-file");
    fs::write(home.0.path().join("passphrase"), "correct horse\n").unwrap();
    home.with_input(
        &format!("{line} --passphrase-file passphrase"),
        sealed.expose_secret(),
    )
    .complains(2, "there is nothing to correct");
}

#[test]
fn what_came_of_a_withdrawal_is_concluded_on_the_command_line() {
    let home = home();
    let ordered = home.run(
        "order --account huawei --name www.example.net --csr provider \
         --shows pending-domain-verification --json",
    );
    ordered.ends_with(0);
    let id = text(&ordered.json()["id"]);
    home.run(&format!("record withdraw {id} --reason why"))
        .complains(2, "reason: \"withdraw\" does not ask for it");
    home.run(&format!("record withdraw {id}"))
        .says("CA verifying (application withdrawal)");
    home.run(&format!("record --shows pending-application {id}"))
        .says("The application was withdrawn.");
    home.run("list").says("withdrawn");
    home.run(&format!("act apply {id}"))
        .complains(3, &format!("certdeck record apply {id}"));
}

#[test]
fn tracks_zone_and_what_is_gone_are_recorded_on_the_command_line() {
    let home = home();
    let hostname = "order --account cf --name shop.example.net --csr provider --json";
    let ordered = home.run(&format!("{hostname} --without certificate"));
    ordered.ends_with(0);
    let id = text(&ordered.json()["id"]);
    let what = home.run(&format!("record --what {id}"));
    what.says("Hostname activation:");
    what.says(&format!("certdeck record --gone {id}"));
    what.says("The zone of cf (active, pending, moved, initializing)");
    home.run(&format!("record --shows hostname-active {id}"))
        .says("the panel shows Active (Hostname activation)");
    home.run(&format!("record --zone nowhere {id}"))
        .complains(2, "a zone is active, pending");
    home.run(&format!("record --zone pending {id}"))
        .says("the zone of cf is Pending");
    home.run(&format!("record --zone pending {id}"))
        .complains(2, "already");
    home.run("order --account cf --name a.example.net --lifecycle netcup")
        .complains(2, "has no lifecycle \"netcup\"; it has cloudflare-hostname");
    home.run("order --account cf --name a.example.net --lifecycle cloudflare-custom")
        .says("Holding Deployment");
    home.run(&format!("record --closed {id}"))
        .complains(2, "no request is open");
    home.run(&format!("record --gone {id}"))
        .says("It is gone at Cloudflare");
}
