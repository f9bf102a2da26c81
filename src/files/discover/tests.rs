//! Layouts as programs make them, recognised.

use std::fs;

use super::*;
use crate::pki::ca::SandboxCa;

struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, name: &str, to: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, path).unwrap();
    }

    fn search(&self) -> Search {
        search(&[self.0.path().to_owned()], false)
    }

    /// The one layout that is there, with its files below the disk.
    fn only(&self) -> (Layout, Vec<String>) {
        let mut search = self.search();
        assert_eq!(search.layouts.len(), 1, "{search:#?}");
        let layout = search.layouts.remove(0);
        let below = |path: &PathBuf| {
            let path = path.strip_prefix(self.0.path()).unwrap();
            path.display().to_string()
        };
        let files = layout.files.iter().map(below).collect();
        (layout, files)
    }
}

fn pem() -> String {
    let ca = SandboxCa::generate("test", jiff::Timestamp::UNIX_EPOCH).unwrap();
    ca.root().to_pem()
}

#[test]
fn certbot_is_known_by_its_live_folder_whatever_it_lies_in() {
    let disk = Disk::new();
    disk.put("x/y/archive/a.example/fullchain1.pem", &pem());
    disk.link(
        "x/y/live/a.example/fullchain.pem",
        "../../archive/a.example/fullchain1.pem",
    );
    disk.link(
        "x/y/live/b.example/fullchain.pem",
        "../../archive/b.example/fullchain1.pem",
    );
    disk.put(
        "x/y/live/README",
        "This directory contains your keys and certificates.",
    );
    disk.put("x/y/renewal/c.example.conf", "version = 2.1.0");
    let (layout, files) = disk.only();
    assert_eq!(layout.program, Program::Certbot);
    assert_eq!(layout.paths, [disk.path("x/y/live")]);
    assert_eq!(layout.include, ["fullchain.pem"]);
    assert_eq!(files, ["x/y/live/a.example/fullchain.pem"]);
    let told: Vec<&str> = layout
        .unreadable
        .iter()
        .map(|(_, why)| why.as_str())
        .collect();
    assert!(told[0].contains("leads to nothing"), "{told:?}");
    assert!(
        told[1].contains("live/c.example, which is not there"),
        "{told:?}"
    );
}

#[test]
fn lego_is_known_by_its_records_of_either_version() {
    for record in [
        "{\"domain\": \"a.example\", \"certUrl\": \"x\"}",
        "{\"domains\": [\"a.example\"]}",
    ] {
        let disk = Disk::new();
        for name in ["a.example.crt", "a.example.issuer.crt", "_.b.example.crt"] {
            disk.put(&format!("certificates/{name}"), &pem());
        }
        disk.put("certificates/a.example.json", record);
        disk.put("certificates/c.example.json", record);
        disk.put("certificates/a.example.key", "not looked at");
        disk.put("accounts/server/me/account.json", "{\"email\": \"me\"}");
        let (layout, files) = disk.only();
        assert_eq!(layout.program, Program::Lego);
        assert_eq!(
            files,
            ["certificates/_.b.example.crt", "certificates/a.example.crt"]
        );
        assert_eq!(layout.exclude, ["*.issuer.crt"]);
        assert!(
            layout.unreadable[0].0.ends_with("c.example.crt"),
            "{layout:?}"
        );
    }
}

#[test]
fn acme_sh_is_known_by_its_confs_for_both_kinds_of_keys() {
    let disk = Disk::new();
    for (folder, name) in [
        ("a.example", "a.example"),
        ("*.b.example_ecc", "*.b.example"),
    ] {
        disk.put(
            &format!("{folder}/{name}.conf"),
            "Le_Domain='x'\nLe_Alt='no'\n",
        );
        disk.put(&format!("{folder}/fullchain.cer"), &pem());
        disk.put(&format!("{folder}/{name}.key"), "not looked at");
    }
    disk.put(
        "pending.example_ecc/pending.example.conf",
        "Le_Domain='pending.example'\n",
    );
    disk.put("ca/letsencrypt/ca.conf", "CA_KEY_HASH='x'\n");
    let (layout, files) = disk.only();
    assert_eq!(layout.program, Program::AcmeSh);
    assert_eq!(layout.folder, disk.0.path());
    assert_eq!(
        files,
        ["*.b.example_ecc/fullchain.cer", "a.example/fullchain.cer"]
    );
    assert!(
        layout.unreadable[0].1.contains("nothing was issued yet"),
        "{layout:?}"
    );
    // One of them alone, named itself: nothing beside it is touched.
    let one = search(&[disk.path("a.example")], false);
    assert_eq!(one.layouts[0].folder, disk.path("a.example"));
    assert_eq!(one.layouts[0].files.len(), 1);
}

#[test]
fn caddy_is_known_by_its_folders_and_taken_for_nothing_else() {
    let disk = Disk::new();
    for (issuer, name) in [("acme-v02", "a.example"), ("local", "wildcard_.b.example")] {
        let stem = format!("caddy/certificates/{issuer}/{name}/{name}");
        disk.put(&format!("{stem}.crt"), &pem());
        disk.put(
            &format!("{stem}.json"),
            "{\"sans\": [\"a.example\"], \"issuer_data\": {}}",
        );
        disk.put(&format!("{stem}.key"), "not looked at");
    }
    disk.put("caddy/pki/authorities/local/root.crt", &pem());
    let (layout, files) = disk.only();
    assert_eq!(layout.program, Program::Caddy);
    assert_eq!(layout.folder, disk.path("caddy/certificates"));
    assert_eq!(files.len(), 2, "{files:?}");
    let one = search(&[disk.path("caddy/certificates/local")], false);
    assert_eq!(one.layouts[0].folder, disk.path("caddy/certificates/local"));
    assert_eq!(one.layouts[0].files.len(), 1);
}

#[test]
fn nginx_is_followed_through_its_includes_and_says_where_it_cannot_be() {
    let disk = Disk::new();
    disk.put(
        "etc/nginx.conf",
        "http {\n  include sites/*.conf;\n  include gone.conf;\n  include nginx.conf;\n}\n",
    );
    disk.put("etc/sites/a.conf", "server {\n  ssl_certificate ssl/a.pem; # relative to nginx.conf\n  ssl_certificate_key ssl/a.key;\n}\n");
    let b = disk.path("elsewhere/b c.pem").display().to_string();
    disk.put(
        "etc/sites/b.conf",
        &format!("server {{ ssl_certificate \"{b}\"; ssl_certificate ssl/a.pem; }}\n"),
    );
    disk.put(
        "etc/sites/c.conf",
        "server {\n  ssl_certificate $ssl_server_name.pem;\n  ssl_certificate ssl/gone.pem;\n}\n",
    );
    disk.put("etc/sites/ignored.txt", "ssl_certificate ssl/never.pem;");
    disk.put("etc/ssl/a.pem", &pem());
    disk.put("elsewhere/b c.pem", &pem());
    let (layout, files) = disk.only();
    assert_eq!(layout.program, Program::Nginx);
    assert_eq!(files, ["etc/ssl/a.pem", "elsewhere/b c.pem"]);
    assert_eq!(layout.paths, layout.files);
    assert_eq!(layout.include, [] as [&str; 0]);
    let told: Vec<String> = layout
        .unreadable
        .iter()
        .map(|(place, why)| format!("{}: {why}", place.rsplit('/').next().unwrap()))
        .collect();
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(
        told[0].starts_with("c.conf:2: \"$ssl_server_name.pem\" holds a variable"),
        "{told:?}"
    );
    assert!(told[1].starts_with("c.conf:3: it names ") && told[1].contains("ssl/gone.pem"));
    assert!(
        told[2].starts_with("nginx.conf:3: it includes "),
        "{told:?}"
    );
}

#[test]
fn nginx_files_that_include_one_another_without_end_are_given_up() {
    let disk = Disk::new();
    disk.put("etc/nginx.conf", "include 1.conf;\n");
    for number in 1..3_000 {
        let text = format!("include {}.conf;\n", number + 1);
        disk.put(&format!("etc/{number}.conf"), &text);
    }
    let (layout, _) = disk.only();
    let [(place, why)] = layout.unreadable.as_slice() else {
        panic!("{:#?}", layout.unreadable);
    };
    assert!(place.ends_with("32.conf:1"), "{place}");
    assert!(why.contains("include one another"), "{why}");
}

#[test]
fn a_search_ends_and_names_what_it_could_not_look_into() {
    let disk = Disk::new();
    disk.put("a/b/note.txt", "nothing");
    disk.put("a/cert.json", "[1]");
    disk.link("a/loop", "..");
    assert_eq!(disk.search(), Search::default());
    let gone = disk.path("gone");
    let search = |only_there| search(std::slice::from_ref(&gone), only_there);
    assert_eq!(search(true), Search::default());
    assert!(search(false).unreadable[0].1.contains("No such file"));
}

#[test]
fn the_certificate_of_a_file_is_the_one_that_is_no_cas() {
    let disk = Disk::new();
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let ca = SandboxCa::generate("test", now).unwrap();
    let key = crate::pki::PrivateKey::generate(crate::pki::KeyType::P256).unwrap();
    let request = crate::pki::ca::IssueRequest {
        names: vec!["a.example".parse().unwrap()],
        not_before: now,
        not_after: now + jiff::SignedDuration::from_hours(24),
        serial: [1; 16],
        level: crate::pki::ValidationLevel::Dv,
        organization: None,
    };
    let issued = ca.issue(&key.spki_der(), &request).unwrap();
    disk.put(
        "reversed.pem",
        &(issued.chain_pem.concat() + &issued.leaf_pem),
    );
    disk.put("note.pem", "a note");
    let certificate = certificate_in(&disk.path("reversed.pem")).unwrap();
    assert_eq!(certificate.display_name(), "a.example");
    assert!(certificate_in(&disk.path("note.pem")).is_err());
    assert!(
        certificate_in(&disk.path("gone.pem"))
            .unwrap_err()
            .contains("No such file")
    );
}
