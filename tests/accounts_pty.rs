//! Accounts in a real terminal, with the keyboard alone: by hand, watched, found on this machine,
//! and removed again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{CertName, KeyType, PrivateKey, ValidationLevel};
use common::pty::{Key, Panel, Size};
use jiff::{SignedDuration, Timestamp};

const SIZE: Size = (40, 120);

/// A home with nothing in it but an empty configuration.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("config.toml"), "").unwrap();
        Self(home)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn start(&self) -> Panel {
        let text = |path: PathBuf| path.display().to_string();
        let (home, config) = (text(self.path("")), text(self.path("config.toml")));
        let store = text(self.path("store"));
        let env = [
            ("HOME", home.as_str()),
            ("XDG_DATA_HOME", home.as_str()),
            ("CERTDECK_CONFIG", &config),
            ("CERTDECK_STORE", &store),
        ];
        Panel::start(&[], SIZE, &env)
    }
}

/// Writes a certificate for a name, valid for two more months.
fn certificate(file: &Path, name: &str) {
    let now = Timestamp::now();
    let days = |count: i64| now + SignedDuration::from_hours(24 * count);
    let ca = SandboxCa::generate("of the test", days(-100)).unwrap();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let request = IssueRequest {
        names: vec![CertName::parse(name).unwrap()],
        not_before: days(-1),
        not_after: days(60),
        serial: [9; 16],
        level: ValidationLevel::Dv,
        organization: None,
    };
    let issued = ca.issue(&key.spki_der(), &request).unwrap();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, issued.leaf_pem + &issued.chain_pem.concat()).unwrap();
}

/// Types into the field that has the focus, and waits until it is there.
#[track_caller]
fn fill(panel: &mut Panel, label: &str, text: &str) {
    panel.wait_until("the field has the focus", |now| {
        let marked = |row: &str| row.contains(&format!("▌{label}"));
        now.shown().lines().any(marked)
    });
    panel.press(text);
    panel.wait_for(text);
}

#[test]
fn accounts_are_added_watched_and_removed_by_keyboard() {
    let home = Home::new();
    certificate(&home.path("certs/shop.pem"), "shop.example");
    let mut panel = home.start();
    panel.wait_for("add an account: by hand");

    // A provider without an API.
    panel.press("c");
    panel.wait_for("enter details");
    panel.press("n");
    panel.wait_for("New account");
    panel.press_key(Key::Tab);
    fill(&mut panel, "Name", "files");
    panel.press_key(Key::Tab);
    panel.wait_for("choose another name");
    panel.press_key(Key::BackTab);
    panel.press_key(Key::Ctrl('u'));
    fill(&mut panel, "Name", "netcup-main");
    panel.press_key(Key::Ctrl('s'));
    panel.wait_for("The account netcup-main is there");
    let file = home.path("accounts/netcup-main.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"by-hand\""), "{text}");

    // A folder: its certificates appear at once, and later ones by themselves.
    panel.press("n");
    panel.wait_for("New account");
    panel.press_key(Key::Right);
    panel.wait_for("(x) watched files and servers");
    panel.press_key(Key::Tab);
    fill(&mut panel, "Name", "edge");
    panel.press_key(Key::Tab);
    let folder = home.path("certs").display().to_string();
    fill(&mut panel, "Paths", &folder);
    panel.press_key(Key::Ctrl('s'));
    panel.wait_for("Look · edge");
    panel.wait_for("shop.example");
    panel.press("q");
    panel.wait_for("enter details");
    panel.press("q");
    panel.wait_gone("enter check");
    certificate(&home.path("certs/mail.pem"), "mail.example");
    panel.wait_for("mail.example");

    // Looked at again by one key.
    panel.press("u");
    panel.wait_for("looked at");

    // Kept by default, removed only by its button.
    panel.press("c");
    panel.wait_for("▌ edge");
    panel.press("R");
    panel.wait_for("Its 2 entries are archived");
    panel.press_key(Key::Enter);
    panel.wait_gone("Remove the account");
    assert!(home.path("accounts/edge.toml").exists());
    panel.press("R");
    panel.wait_for("[> Keep the account <]");
    panel.press_key(Key::Left);
    panel.wait_for("[> Remove <]");
    panel.press_key(Key::Enter);
    panel.wait_for("The account edge is removed");
    assert!(home.path("accounts/removed/edge.toml").exists());
    assert!(
        home.path("certs/shop.pem").exists(),
        "nothing of a person's own"
    );
    panel.press("q");
    panel.wait_for("Everything is archived");

    panel.press("q");
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}

#[test]
fn what_other_programs_keep_is_found_and_watched_only_when_it_is_marked() {
    let home = Home::new();
    let kept = home.path(".acme.sh/shop.example_ecc");
    certificate(&kept.join("fullchain.cer"), "shop.example");
    fs::write(kept.join("shop.example.conf"), "Le_Domain='shop.example'\n").unwrap();
    let mut panel = home.start();
    panel.wait_for("find the certificates of");
    panel.press("c");
    panel.wait_for("enter details");
    panel.press("f");
    panel.wait_for("acme.sh");
    panel.wait_for("shop.example");
    panel.wait_for("only reads");
    panel.press_key(Key::Enter);
    panel.wait_for("nothing was added");
    assert!(
        !home.path("accounts").exists(),
        "nothing is added without a mark"
    );

    // Other programs of this machine may stand above it.
    for _ in 0..20 {
        let here = |row: &str| row.contains('▌') && row.contains("acme.sh");
        if panel.screen().lines().any(here) {
            break;
        }
        let before = panel.screen();
        panel.press("j");
        panel.wait_until("the cursor moves", |now| now.shown() != before);
    }
    panel.press(" ");
    panel.wait_for("1 marked");
    panel.press_key(Key::Enter);
    panel.wait_for("Look · acme-sh");
    panel.wait_for("1 new");
    panel.press("q");
    panel.wait_for("enter details");
    panel.press("f");
    panel.wait_for("watched already, by the account acme-sh");
    panel.press_key(Key::Ctrl('c'));
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}
