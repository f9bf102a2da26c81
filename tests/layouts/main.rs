//! The folders in which other programs keep certificates, found, watched and listed right by the
//! real certdeck: those of certbot and lego made by these programs with a CA of their own, those
//! of acme.sh, Caddy and nginx as they write them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod desk;
mod made;
mod peers;

use std::fs;
use std::path::Path;

use desk::{Desk, picture};
use made::{Made, link, put};
use peers::{Peers, copy};
use serde_json::Value;

fn texts(value: &Value) -> Vec<&str> {
    let texts = value.as_array().unwrap().iter();
    texts.map(|text| text.as_str().unwrap()).collect()
}

/// What a program keeps is found, added and listed, and after its renewal the successor is.
fn is_followed_through_a_renewal(
    peers: &Peers,
    program: &str,
    kept_in: &str,
    serving: &str,
    renew: impl Fn(&Path),
) {
    let desk = Desk::new();
    let seen = desk.path("seen");
    copy(&peers.kept(), &seen);
    let before = picture(&seen);
    let seen_text = seen.display().to_string();
    let found = desk.json(
        &[
            "account",
            "add",
            "--discover",
            &seen_text,
            "--yes",
            "--json",
        ],
        0,
    );
    let discovery = &found["found"][0];
    assert_eq!(discovery["program"], program, "{found:#}");
    let folder = Path::new(discovery["folder"].as_str().unwrap());
    assert_eq!(folder, seen.join(kept_in), "{found:#}");
    assert_eq!(
        discovery["unreadable"],
        Value::Array(Vec::new()),
        "{found:#}"
    );
    assert_eq!(found["added"][0]["name"], program, "{found:#}");
    assert_eq!(found["added"][0]["first_look"]["new"], 1, "{found:#}");

    let first = the_only_entry(&desk, &seen.join(serving), program);
    assert_eq!(picture(&seen), before, "not a byte of the folder changed");

    renew(&peers.kept());
    fs::remove_dir_all(&seen).unwrap();
    copy(&peers.kept(), &seen);
    let before = picture(&seen);
    let synced = desk.json(&["sync", program, "--json"], 0);
    assert!(synced.to_string().contains("\"renewed\":1"), "{synced:#}");
    let second = the_only_entry(&desk, &seen.join(serving), program);
    assert_ne!(first["id"], second["id"]);
    let shown = desk.json(&["show", second["id"].as_str().unwrap(), "--json"], 0);
    let links = shown["links"].to_string();
    assert!(
        links.contains("renews") && links.contains(first["id"].as_str().unwrap()),
        "{links}"
    );
    let all = desk.json(&["list", "--archived", "--json"], 0);
    assert_eq!(
        all["entries"].as_array().unwrap().len(),
        2,
        "the old one is kept: {all:#}"
    );
    assert_eq!(picture(&seen), before, "not a byte of the folder changed");

    let again = desk.json(
        &[
            "account",
            "add",
            "--discover",
            &seen_text,
            "--yes",
            "--json",
        ],
        0,
    );
    assert_eq!(again["found"][0]["watched_by"], program, "{again:#}");
    assert_eq!(again["added"], Value::Array(Vec::new()), "{again:#}");
}

/// The one entry of the list, held against the file that serves.
fn the_only_entry(desk: &Desk, serving: &Path, program: &str) -> Value {
    let list = desk.json(&["list", "--json"], 0);
    let entries = list["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{list:#}");
    let entry = entries[0].clone();
    assert_eq!(entry["account"], program);
    assert_eq!(entry["status"], "Valid", "{entry:#}");
    let mut names = texts(&entry["names"]);
    names.sort_unstable();
    assert_eq!(names, peers::NAMES, "{entry:#}");
    let until: jiff::Timestamp = entry["not_after"].as_str().unwrap().parse().unwrap();
    let left = jiff::Timestamp::now().duration_until(until).as_hours();
    assert!(
        (5 * 24..=6 * 24).contains(&left),
        "Pebble issues for six days: {entry:#}"
    );

    let shown = desk.json(&["show", entry["id"].as_str().unwrap(), "--json"], 0);
    let file = fs::read_to_string(serving).unwrap();
    let in_file: Vec<String> = blocks(&file);
    let leaf = shown["certificate"].as_str().unwrap();
    assert_eq!(blocks(leaf)[0], in_file[0], "the certificate is the file's");
    let chain: Vec<String> = texts(&shown["chain"]).concat_blocks();
    assert!(
        !chain.is_empty() && chain == in_file[1..],
        "the chain is the file's: {shown:#}"
    );
    entry
}

trait Blocks {
    fn concat_blocks(&self) -> Vec<String>;
}

impl Blocks for Vec<&str> {
    fn concat_blocks(&self) -> Vec<String> {
        self.iter().flat_map(|pem| blocks(pem)).collect()
    }
}

/// The Base64 of each certificate, whatever the length of its lines.
fn blocks(pem: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    for block in pem.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let block = block.split("-----END").next().unwrap();
        blocks.push(block.split_whitespace().collect());
    }
    blocks
}

#[test]
fn certbots_own_folder_is_listed_right_before_and_after_a_renewal() {
    let Some(peers) = Peers::start("certbot") else {
        return;
    };
    peers.certbot(&[
        "certonly",
        "--standalone",
        "-d",
        peers::NAMES[0],
        "-d",
        peers::NAMES[1],
    ]);
    let serving = format!("live/{}/fullchain.pem", peers::NAMES[0]);
    is_followed_through_a_renewal(&peers, "certbot", "", &serving, |_| {
        peers.certbot(&["renew", "--force-renewal"]);
    });
}

#[test]
fn legos_own_folder_is_listed_right_before_and_after_a_renewal() {
    let Some(peers) = Peers::start("lego") else {
        return;
    };
    peers.lego(&["run"]);
    let serving = format!("certificates/{}.crt", peers::NAMES[0]);
    is_followed_through_a_renewal(&peers, "lego", "certificates", &serving, |_| {
        peers.lego(&["renew", "--days", "4000", "--no-random-sleep"]);
    });
}

#[test]
fn acme_sh_caddy_and_nginx_are_found_together_and_each_certificate_once() {
    let desk = Desk::new();
    let made = Made::new();
    let disk = desk.path("disk");
    for (folder, name) in [
        ("shop.example", "shop.example"),
        ("*.b.example_ecc", "*.b.example"),
    ] {
        let folder = disk.join("home/.acme.sh").join(folder);
        put(&folder.join("fullchain.cer"), &made.chain(name));
        put(&folder.join(format!("{name}.cer")), &made.chain(name));
        put(&folder.join("ca.cer"), &made.issuer());
        put(
            &folder.join(format!("{name}.conf")),
            &format!("Le_Domain='{name}'\nLe_Alt='no'\n"),
        );
        // Who reads a key stumbles over this.
        link(&folder.join(format!("{name}.key")), "secret/nowhere");
    }
    let caddy = disk.join("caddy/certificates/acme-v02.api.letsencrypt.org-directory/c.example");
    put(&caddy.join("c.example.crt"), &made.chain("c.example"));
    put(
        &caddy.join("c.example.json"),
        "{\"sans\": [\"c.example\"], \"issuer_data\": {}}",
    );
    link(&caddy.join("c.example.key"), "secret/nowhere");
    let nginx = disk.join("nginx");
    put(
        &nginx.join("nginx.conf"),
        "http {\n  include sites-enabled/*;\n}\n",
    );
    let elsewhere = caddy.join("c.example.crt").display().to_string();
    put(
        &nginx.join("sites-enabled/shop"),
        &format!(
            "server {{\n  ssl_certificate ssl/n.pem;\n  ssl_certificate_key ssl/n.key;\n}}\n\
             server {{\n  ssl_certificate \"{elsewhere}\";\n}}\n\
             server {{\n  ssl_certificate $ssl_server_name.pem;\n}}\n"
        ),
    );
    put(&nginx.join("ssl/n.pem"), &made.chain("n.example"));
    link(&nginx.join("ssl/n.key"), "secret/nowhere");
    let before = picture(&disk);
    let disk_text = disk.display().to_string();

    let listed = desk.out(&["account", "add", "--discover", &disk_text], 0);
    for line in [
        "acme.sh  ",
        "Caddy  ",
        "nginx  ",
        "1 more that it serves is listed",
    ] {
        assert!(listed.contains(line), "{listed}");
    }
    let accounts = desk.json(&["account", "list", "--json"], 0);
    let names: Vec<&Value> = accounts["accounts"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2, "nothing is added unasked: {accounts:#}");

    let found = desk.json(
        &[
            "account",
            "add",
            "--discover",
            &disk_text,
            "--yes",
            "--json",
        ],
        0,
    );
    let told = found["found"].to_string();
    assert!(told.contains("$ssl_server_name.pem"), "{told}");
    assert!(
        !told.contains("secret") && !told.contains(".key\""),
        "{told}"
    );
    let list = desk.json(&["list", "--json"], 0);
    let mut rows: Vec<(&str, &str)> = list["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["account"].as_str().unwrap(),
                row["name"].as_str().unwrap(),
            )
        })
        .collect();
    rows.sort_unstable();
    assert_eq!(
        rows,
        [
            ("acme-sh", "*.b.example"),
            ("acme-sh", "shop.example"),
            ("caddy", "c.example"),
            ("nginx", "n.example"),
        ]
    );
    desk.out(&["account", "check", "acme-sh"], 0);
    assert_eq!(picture(&disk), before, "not a byte of the folders changed");
}
