//! `certdeck sandbox`, and ordering where an account plays several lifecycles: the real program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), "store = \"store\"\n").unwrap();
        fs::create_dir(folder.path().join("accounts")).unwrap();
        Self(folder)
    }

    fn account(self, name: &str, text: &str) -> Self {
        let file = self.0.path().join("accounts").join(format!("{name}.toml"));
        fs::write(file, text).unwrap();
        self
    }

    /// What is printed, having ended with that code.
    fn run(&self, line: &str, code: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_certdeck"));
        command.args(line.split_whitespace()).env_clear();
        command.env("HOME", self.0.path());
        command.env("CERTDECK_CONFIG", self.0.path().join("config.toml"));
        let output = command.output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}\n{out}\n{err}");
        if code == 0 { out } else { err }
    }

    fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.run(line, 0)).unwrap()
    }

    fn order(&self, rest: &str) -> String {
        let ordered = self.json(&format!("order --yes --json {rest}"));
        ordered["id"].as_str().unwrap().to_owned()
    }

    fn status(&self, id: &str) -> String {
        let shown = self.json(&format!("show {id} --json"));
        shown["status"].as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn the_built_in_sandbox_plays_every_lifecycle() {
    let desk = Desk::new();
    let products = desk.json("products --json");
    let products = products["products"].as_array().unwrap();
    let of = |lifecycle: &str| {
        let mut all = products.iter();
        all.any(|product| product["lifecycle"] == lifecycle && product["account"] == "sandbox")
    };
    for lifecycle in ["netcup", "huawei-ssl", "cloudflare-hostname", "acme"] {
        assert!(of(lifecycle), "{lifecycle}: {products:#?}");
    }
    assert!(!of("files"));
    let accounts = desk.json("account list --json");
    let sandbox = &accounts["accounts"][1];
    assert_eq!(
        (&sandbox["name"], &sandbox["lifecycle"]),
        (&"sandbox".into(), &"netcup".into())
    );
    assert!(sandbox["lifecycles"].as_array().unwrap().len() >= 8);
    let id = desk.order("--name www.example.com --product huawei-ov-single");
    assert_eq!(desk.status(&id), "Pending application");
}

#[test]
fn a_custom_certificate_is_held_while_the_zone_is_pending_and_deployed_when_it_becomes_active() {
    let text =
        "kind = \"sandbox\"\nseed = 7\nlifecycle = [\"cloudflare-edge\", \"cloudflare-custom\"]\n";
    let desk = Desk::new().account("cf", text);
    let told = desk.run("sandbox zone pending", 2);
    assert!(
        told.contains("cf, sandbox; name one with --account"),
        "{told}"
    );
    let told = desk.run("sandbox zone pending --account cf", 0);
    assert_eq!(told, "cf: its zone is Pending (sandbox)\n");
    let id = desk.order("--account cf --name www.example.com --product cf-custom");
    assert_eq!(desk.status(&id), "Holding Deployment");
    let clocks = desk.json("sandbox --json --account cf");
    let clock = &clocks["clocks"][0];
    assert_eq!(
        (&clock["seed"], &clock["zone"]),
        (&7.into(), &"pending".into())
    );
    desk.run("sandbox zone active --account cf", 0);
    desk.run("sandbox advance 20m", 0);
    assert_eq!(desk.status(&id), "Active");
    let told = desk.run("sandbox", 0);
    assert!(told.contains("SEED") && told.contains("active"), "{told}");
}

#[test]
fn what_nobody_verifies_takes_no_method_and_a_limit_is_kept() {
    let desk = Desk::new();
    let told = desk.run(
        "order --yes --name a.example --product cf-client --method dns",
        2,
    );
    assert!(told.contains("leave --method away"), "{told}");
    let told = desk.run(
        "order --yes --product huawei-ov-multi --name a.example --name b.example --name c.example \
         --name d.example --name e.example --name f.example",
        2,
    );
    assert!(told.contains("at most 5 names, not 6"), "{told}");
    let told = desk.run(
        "order --yes --product acme-dv --name a.example --method email",
        2,
    );
    assert!(
        told.contains("by DNS record or file on the web server only"),
        "{told}"
    );
}

#[test]
fn accounts_of_several_lifecycles_are_added_and_what_is_wrong_is_said() {
    let desk = Desk::new();
    desk.run(
        "account add cf --kind sandbox --lifecycle cloudflare-edge --lifecycle cloudflare-custom --yes",
        0,
    );
    let text = fs::read_to_string(desk.0.path().join("accounts/cf.toml")).unwrap();
    assert!(
        text.contains("\"cloudflare-edge\",\n  \"cloudflare-custom\""),
        "{text}"
    );
    let told = desk.run("account list", 0);
    assert!(told.contains("cloudflare-edge +1"), "{told}");
    let desk = desk.account(
        "twice",
        "kind = \"by-hand\"\nlifecycle = [\"netcup\", \"netcup\"]\n",
    );
    let told = desk.run("list", 2);
    assert!(
        told.contains("accounts/twice.toml:2: lifecycle: the same is there twice"),
        "{told}"
    );
    let desk = desk.account("twice", "kind = \"by-hand\"\nlifecycle = []\n");
    assert!(desk.run("list", 2).contains("name at least one"));
    let desk = desk.account(
        "twice",
        "kind = \"by-hand\"\nlifecycle = [\"netcup\", \"acne\"]\n",
    );
    assert!(desk.run("list", 2).contains("Did you mean \"acme\"?"));
}
