//! A certificate at a provider without an API, with the keyboard alone: ordered, followed through
//! its states, once recorded wrongly and corrected, issued, read, and renewed.
//!
//! The test plays netcup and the CA: it takes the CSR from the clipboard and signs it.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be made fails the test, as it should"
)]

mod common;

use std::fs;
use std::path::Path;

use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{CertName, KeyType, PrivateKey, ValidationLevel, csr};
use common::pty::{Key, Panel};
use common::steer::{answer, choose, go_to, pick, walk, write};
use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};

const NAME: &str = "www.example.com";

/// certdeck with one account that is kept by hand, and nothing in its store.
fn start(home: &Path) -> Panel {
    let accounts = home.join("accounts");
    fs::create_dir(&accounts).unwrap();
    fs::write(home.join("config.toml"), "").unwrap();
    fs::write(
        accounts.join("netcup-main.toml"),
        "kind = \"by-hand\"\nlifecycle = \"netcup\"\n",
    )
    .unwrap();
    let config = home.join("config.toml").display().to_string();
    let store = home.join("store").display().to_string();
    let home = home.display().to_string();
    let env = [
        ("HOME", home.as_str()),
        ("CERTDECK_CONFIG", &config),
        ("CERTDECK_STORE", &store),
    ];
    Panel::start(&[], (40, 120), &env)
}

/// Opens the record menu and chooses a line of it.
#[track_caller]
fn record(panel: &mut Panel, line: &str) {
    panel.press("d");
    panel.wait_for("panel now shows:");
    choose(panel, line);
    panel.wait_gone("panel now shows:");
}

/// Opens the record menu where nothing can happen, and goes up from what is kept now to the state
/// that the panel shows.
#[track_caller]
fn correct(panel: &mut Panel, state: &str) {
    panel.press("d");
    panel.wait_for("enter do it");
    walk(panel, &["▌"], state, Key::Up);
    panel.press_key(Key::Enter);
    panel.wait_gone("panel now shows:");
}

/// Sends the form, and waits until the entry stands where it should.
#[track_caller]
fn send(panel: &mut Panel, state: &str) {
    panel.press_key(Key::Ctrl('s'));
    panel.wait_gone("by hand:");
    panel.wait_for(&format!(" {state}"));
}

/// What was put on the clipboard last.
fn clipboard(panel: &mut Panel) -> String {
    panel.wait_until("something is copied", |panel| panel.copied().is_some());
    let text = BASE64.decode(panel.copied().unwrap().as_bytes()).unwrap();
    String::from_utf8(text).unwrap()
}

/// A certificate for these names, valid for twenty more days, with its chain.
fn issue(spki_der: &[u8], names: &str) -> String {
    let now = Timestamp::now();
    let days = |count: i64| now + SignedDuration::from_hours(24 * count);
    let ca = SandboxCa::generate("of the test", days(-100)).unwrap();
    let names = CertName::parse_list(names).into_iter();
    let request = IssueRequest {
        names: names.map(Result::unwrap).collect(),
        not_before: days(-60),
        not_after: days(20),
        serial: [7; 16],
        level: ValidationLevel::Dv,
        organization: None,
    };
    let issued = ca.issue(spki_der, &request).unwrap();
    format!("{}{}", issued.leaf_pem, issued.chain_pem.concat())
}

/// The order, as it stands in netcup's panel.
fn order(panel: &mut Panel) {
    panel.press("o");
    panel.wait_for("which account?");
    choose(panel, "netcup-main");
    panel.wait_for("Order by hand");
    write(panel, NAME);
    go_to(panel, "Product");
    write(panel, "Wildcard DV");
    go_to(panel, "Key and CSR");
    pick(panel, "certdeck makes them, P-256");
    go_to(panel, "Order number");
    write(panel, "O-4711");
    go_to(panel, "Invoice");
    write(panel, "RE-2026-1182");
    go_to(panel, "Price");
    write(panel, "49.00 EUR");
    panel.press_key(Key::Ctrl('s'));
    panel.wait_gone("Order by hand");
    panel.wait_for("copies the CSR");
    panel.wait_for(" Outstanding invoice");
}

#[test]
fn a_certificate_is_kept_by_hand_from_its_order_to_its_renewal() {
    let home = tempfile::tempdir().unwrap();
    let mut panel = start(home.path());
    panel.wait_for("certdeck");
    order(&mut panel);

    // The CSR goes into netcup's panel.
    panel.press("y");
    panel.wait_for("Copy ·");
    choose(&mut panel, "CSR");
    panel.wait_for("Copied the CSR");
    let request = csr::read(clipboard(&mut panel).as_bytes()).unwrap();

    record(&mut panel, "record: Invoice paid");
    go_to(&mut panel, "Paid until");
    write(&mut panel, "2099-06-01");
    send(&mut panel, "Registration");

    // A wrong record is put right.
    record(&mut panel, "record: Cancelled");
    panel.wait_for("[> Not now <]");
    answer(&mut panel, "Record it");
    panel.wait_gone("Not now");
    panel.wait_for(" Cancelled");
    correct(&mut panel, "Registration");
    panel.wait_for("This is a correction");
    send(&mut panel, "Registration");

    record(&mut panel, "record: Registered");
    go_to(&mut panel, "Verification");
    pick(&mut panel, "DNS record");
    go_to(&mut panel, "To publish");
    write(&mut panel, "_dnsauth.www.example.com TXT 202611-token");
    send(&mut panel, "Verification is performed");

    record(&mut panel, "record: The CA asks for more");
    go_to(&mut panel, "Question");
    write(&mut panel, "Which company is this?");
    send(&mut panel, "Additional information required");
    record(&mut panel, "record: Information given");
    send(&mut panel, "Verification is performed");

    issued(&mut panel, &request.spki_der);
    renewed(&mut panel);

    panel.press_key(Key::Ctrl('c'));
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}

/// A certificate that belongs to somebody else is refused, the right one is taken and read.
fn issued(panel: &mut Panel, spki_der: &[u8]) {
    record(panel, "record: Verified and issued");
    let other = PrivateKey::generate(KeyType::P256).unwrap();
    panel.paste(&issue(&other.spki_der(), NAME));
    panel.wait_for("✗");
    panel.wait_for("public key");
    panel.press_key(Key::Tab);
    panel.wait_for("▌Chain");
    panel.press_key(Key::Ctrl('s'));
    // It is not sent; the field that is wrong has the focus again.
    panel.wait_for("▌Certificate");
    panel.paste(&issue(spki_der, NAME));
    panel.wait_for("✓ certificate of www.example.com");
    panel.wait_for("its key is the one of the order");
    panel.press_key(Key::Ctrl('s'));
    panel.wait_gone("by hand:");
    panel.wait_for("Certificate issued");
    panel.press("1");
    panel.wait_for("Issuer");
    panel.wait_for("of the test");
    panel.press("5");
    panel.wait_for("[History]");
    let history = panel.screen();
    assert!(
        !history.contains("Your certificate has been issued"),
        "{history}"
    );
}

/// The renewal is submitted in netcup's panel; the new order is linked to the old one.
fn renewed(panel: &mut Panel) {
    panel.press("r");
    panel.wait_for("Renew, by hand");
    panel.wait_for("[> Not yet <]");
    panel.press_key(Key::Enter);
    panel.wait_gone("Not yet");
    panel.press("r");
    panel.wait_for("[> Not yet <]");
    answer(panel, "Record: submitted");
    panel.wait_for("Record by hand: Renew submitted");
    go_to(panel, "Order number");
    write(panel, "O-5000");
    panel.press_key(Key::Ctrl('s'));
    panel.wait_gone("by hand:");
    panel.wait_for(" Outstanding invoice");
    panel.press("1");
    panel.wait_for("Renews       www.example.com");
}
