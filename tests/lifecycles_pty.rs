//! The sentences of Huawei Cloud's and Cloudflare's documents, walked with the keyboard in a real
//! terminal: withdrawals that succeed, fail, come back to what was issued or are refused; a
//! replacement that never leaves its hostname alone; a revocation that is taken back; a certificate
//! that waits for its zone.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be made fails the test, as it should"
)]

mod common;

use common::deck::Deck;
use common::pty::{Key, Panel, Size};
use common::steer::{answer, choose};

const SIZE: Size = (50, 150);
const NAME: &str = "www.example.com";

/// With this seed the CA is slower than the withdrawal of a fresh application.
const WON: u64 = 1;
/// With this seed the CA has approved the application before.
const LOST: u64 = 2;

/// The panel, with the name in sight.
fn open(deck: &Deck) -> Panel {
    let mut panel = deck.panel(SIZE);
    panel.wait_for(NAME);
    panel
}

/// Opens the menu of actions and presses the key of a line.
#[track_caller]
fn act(panel: &mut Panel, key: &str, line: &str) {
    panel.press("a");
    panel.wait_for("Actions · ");
    panel.wait_for(line);
    panel.press(key);
    panel.wait_gone("Actions · ");
}

/// Presses the button that is not the default, whatever it says.
#[track_caller]
fn go_ahead(panel: &mut Panel) {
    panel.wait_for("other button");
    let asked = panel.screen();
    panel.press_key(Key::Left);
    panel.wait_until("the other button is chosen", |now| now.shown() != asked);
    panel.press_key(Key::Enter);
    panel.wait_gone("other button");
}

/// Lets the sandbox take a step.
#[track_caller]
fn let_happen(panel: &mut Panel, event: &str) {
    panel.press("n");
    panel.wait_for("Let it happen");
    choose(panel, event);
    panel.wait_gone("Let it happen");
}

fn quit(mut panel: Panel) {
    panel.press_key(Key::Ctrl('c'));
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}

/// Asks for the withdrawal, in the words of the document.
#[track_caller]
fn withdraw(panel: &mut Panel) {
    panel.press("w");
    panel.wait_for("Cancel Application");
    panel.wait_for("the CA will stop approving");
    panel.wait_for("approved by the CA before");
    panel.wait_for("[> Keep the application");
    answer(panel, "Submit");
    panel.wait_for("Request for canceling the application submitted successfully");
}

#[test]
fn a_withdrawal_that_succeeds_and_is_applied_again() {
    let deck = Deck::new(WON);
    deck.order("huawei-dv-single", NAME);
    deck.act("apply", NAME);
    let mut panel = open(&deck);
    panel.wait_for("Pending domain name verification");
    withdraw(&mut panel);
    panel.wait_for("CA verifying (application withdrawal)");

    // Somebody else lets time pass; the panel shows what came of it, in the list.
    deck.advance("4h");
    panel.wait_for("Pending application");
    panel.wait_for("The application was withdrawn.");

    // To get it issued, it is applied for again.
    act(&mut panel, "a", "Apply for Certificate");
    panel.wait_for("The application goes to the CA");
    panel.wait_for("ctrl-s go on");
    panel.press_key(Key::Ctrl('s'));
    panel.wait_for("The names stay as they are.");
    answer(&mut panel, "Submit the application");
    panel.wait_for("Pending domain name verification");
    let_happen(&mut panel, "Domain name verified");
    panel.wait_for("To be issued");
    let_happen(&mut panel, "Issued");
    panel.wait_for("The certificate has been issued.");
    quit(panel);
}

#[test]
fn a_withdrawal_that_loses_the_race() {
    let deck = Deck::new(LOST);
    deck.order("huawei-dv-single", NAME);
    deck.act("apply", NAME);
    let mut panel = open(&deck);
    withdraw(&mut panel);
    panel.wait_for("CA verifying (application withdrawal)");
    // While it is under way, it is not sent twice.
    panel.press("w");
    panel.wait_for("a withdrawal has");
    deck.advance("1h");
    panel.wait_for("The withdrawal failed: the CA had");
    quit(panel);
}

#[test]
fn a_withdrawal_of_a_domain_addition_leads_back_to_issued() {
    let deck = Deck::new(WON);
    deck.order("huawei-ov-multi", NAME);
    deck.act("apply", NAME);
    for event in ["domain-verified", "organization-verified", "issued"] {
        deck.play(event, NAME);
    }
    let add = [
        "act",
        "add-domain",
        NAME,
        "--new-name",
        "new.example.com",
        "--yes",
    ];
    deck.run(&add);
    let mut panel = open(&deck);
    panel.wait_for("CA verifying (domain name addition)");
    withdraw(&mut panel);
    // The label stays; only the reason tells that a withdrawal is under way.
    panel.wait_for("CA verifying (domain name addition)");
    panel.press("w");
    panel.wait_for("a withdrawal has");
    let_happen(&mut panel, "Domain name addition withdrawn");
    panel.wait_for("The domain name addition was withdrawn");
    let shown = deck.run(&["show", NAME]);
    assert!(shown.contains("Issued"), "{shown}");
    assert!(!shown.contains("new.example.com"), "{shown}");
    quit(panel);
}

#[test]
fn a_withdrawal_that_the_gate_refuses_says_why() {
    let deck = Deck::new(WON);
    deck.order("huawei-dv-single", NAME);
    deck.act("apply", NAME);
    for event in ["all-verified", "issued"] {
        deck.play(event, NAME);
    }
    let mut panel = open(&deck);
    panel.wait_for("Issued");
    panel.press("w");
    panel.wait_for("Withdraw Application: possible while");
    // A submitted revocation cannot be withdrawn, nor can a deletion.
    deck.run(&["act", "revoke", NAME, "--yes"]);
    panel.wait_for("CA verifying (revocation)");
    panel.press("w");
    panel.wait_for("a submitted deletion or");
    deck.play("revoked", NAME);
    panel.wait_for("Revoked");
    deck.run(&["act", "delete", NAME, "--yes"]);
    panel.wait_for("deletion submitted");
    panel.press("w");
    panel.wait_for("Withdraw Application: a deletion has");
    quit(panel);
}

/// Each entry of the name, by what the command line lists: its state.
fn statuses(deck: &Deck) -> Vec<String> {
    let list = deck.run(&["list", "--json", NAME]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let entries = list["entries"].as_array().unwrap();
    let status = |entry: &serde_json::Value| entry["status"].as_str().unwrap().to_owned();
    entries.iter().map(status).collect()
}

/// Whether some certificate of the name serves; Cloudflare keeps the old one until then.
#[track_caller]
fn one_serves(deck: &Deck) {
    let now = statuses(deck);
    let serves = |status: &String| status == "Active" || status == "Pending Cleanup";
    assert!(now.iter().any(serves), "{now:?}");
    let old_is_gone = now.contains(&"Deleted".to_owned());
    assert!(
        !old_is_gone || now.contains(&"Active".to_owned()),
        "{now:?}"
    );
}

#[test]
fn a_replacement_never_leaves_the_hostname_without_an_active_certificate() {
    let deck = Deck::new(1);
    deck.order("cf-advanced", NAME);
    for event in ["validation-begun", "validated", "issued", "deployed"] {
        deck.play(event, NAME);
    }
    let mut panel = open(&deck);
    panel.wait_for("Active");
    act(&mut panel, "s", "Replace");
    go_ahead(&mut panel);
    panel.wait_for("Pending Cleanup");
    panel.wait_for("Initializing");
    for _ in 0..40 {
        one_serves(&deck);
        if statuses(&deck).contains(&"Deleted".to_owned()) {
            break;
        }
        deck.advance("10m");
    }
    assert!(statuses(&deck).contains(&"Deleted".to_owned()));
    panel.wait_for("Deleted");
    quit(panel);
}

#[test]
fn a_client_certificate_is_revoked_and_reactivated() {
    let deck = Deck::new(1);
    deck.order("cf-client", NAME);
    let mut panel = open(&deck);
    panel.wait_for("Active");
    act(&mut panel, "v", "Revoke");
    go_ahead(&mut panel);
    panel.wait_for("Pending Revocation");
    deck.advance("24h");
    panel.wait_for("Revoked");
    act(&mut panel, "b", "Reactivate");
    go_ahead(&mut panel);
    panel.wait_for("Pending Reactivation");
    deck.advance("24h");
    panel.wait_for("Active");
    let history = deck.run(&["history", NAME]);
    for state in ["Pending Revocation", "Revoked", "Pending Reactivation"] {
        assert!(history.contains(state), "{history}");
    }
    quit(panel);
}

#[test]
fn a_custom_certificate_is_held_and_deployed_when_its_zone_becomes_active() {
    let deck = Deck::new(1);
    deck.order("cf-custom", "other.example.com");
    deck.run(&["sandbox", "zone", "pending"]);
    deck.run(&["order", "--product", "cf-custom", "--name", NAME, "--yes"]);
    let mut panel = deck.panel(SIZE);
    panel.wait_for("Holding Deployment");
    // However long it takes: without the zone nothing is deployed. (Pending by itself ends after
    // some hours; a zone that has moved stays so.)
    deck.run(&["sandbox", "zone", "moved"]);
    deck.advance("240h");
    assert_eq!(statuses(&deck), ["Holding Deployment"]);
    deck.run(&["sandbox", "zone", "active"]);
    deck.advance("1h");
    panel.wait_gone("Holding Deployment");
    assert_eq!(statuses(&deck), ["Active"]);
    quit(panel);
}
