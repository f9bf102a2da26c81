//! Stories of what is kept by hand: recorded, described, ordered, and done in the provider's panel.

use certdeck::domain::entry::Method;
use certdeck::engine::command::{CsrChoice, Field, FieldError, Recorded};
use certdeck::pki::KeyType;
use certdeck::tui::overlay::{Input, Outcome, Overlay};
use secrecy::ExposeSecret;

use crate::desk::{Desk, snapshots};
use crate::hands::{self, choose, go_to, ordered, papers, recorded};

#[test]
fn where_nothing_can_happen_the_cursor_is_on_what_is_so() {
    let desk = Desk::with(hands::menu(&hands::entry("issued")));
    desk.sees("▌ Certificate issued");
    let desk = Desk::with(hands::menu(&hands::entry("outstanding-invoice")));
    desk.sees("▌ record: Invoice paid");
}

#[test]
fn what_can_happen_comes_first_and_the_panels_states_below() {
    let desk = Desk::with(hands::menu(&hands::entry("outstanding-invoice")));
    let screen = desk.screen(90, 40);
    let place = |text: &str| {
        let found = screen.find(text);
        found.unwrap_or_else(|| panic!("no {text} in\n{screen}"))
    };
    assert!(place("Record · www.example.com · Outstanding invoice · by hand") < place("record: "));
    assert!(place("record: Invoice paid") < place("netcup's panel now shows:"));
    assert!(place("netcup's panel now shows:") < place("Additional information required"));
    let now = screen
        .lines()
        .find(|line| line.contains("as it is kept now"));
    assert!(now.unwrap().contains("Outstanding invoice"));
    // Only what may happen by the table is offered above the line.
    assert!(!screen.contains("record: Verified and issued"));
}

#[test]
fn a_record_without_fields_asks_one_question_whose_safe_answer_is_the_default() {
    let mut desk = hands::form(&hands::entry("registration"), "record: Cancelled");
    desk.sees("[> Not now <]");
    desk.sees("by hand");
    assert!(matches!(desk.press("enter"), Outcome::Close));
    let record = recorded(desk.keys("left enter"));
    assert_eq!(record.what, Recorded::Event("cancelled".to_owned()));
    assert_eq!(record.seen_state.as_deref(), Some("registration"));
    assert_eq!(record.entry.as_str(), "h4nd01");
}

#[test]
fn an_event_asks_for_what_comes_with_it() {
    let mut desk = hands::form(&hands::entry("outstanding-invoice"), "record: Invoice paid");
    desk.sees("Record by hand: Invoice paid · www.example.com");
    go_to(&mut desk, "Paid until");
    desk.write("2027-11-22");
    let record = recorded(desk.press("ctrl-s"));
    assert_eq!(record.what, Recorded::Event("invoice-paid".to_owned()));
    assert_eq!(record.with.paid_until.as_deref(), Some("2027-11-22"));
    desk.sees("being written down");
    desk.overlay.handle(&Input::Failed {
        fields: vec![FieldError {
            field: Field::PaidUntil,
            says: "this is not a date".to_owned(),
        }],
        says: "it cannot be written down".to_owned(),
    });
    desk.sees("It cannot be written down");
    desk.sees("2027-11-22");
}

#[test]
fn only_the_method_that_is_chosen_asks_its_questions() {
    let mut desk = hands::form(&hands::entry("registration"), "record: Registered");
    desk.does_not_see("Mailbox");
    desk.does_not_see("To publish");
    go_to(&mut desk, "Verification");
    let by_mail = format!("(x) {}", Method::Email.words());
    for _ in 0..4 {
        if desk.screen(90, 40).contains(&by_mail) {
            break;
        }
        desk.press("right");
    }
    desk.sees(" Mailbox");
    desk.does_not_see("To publish");
    go_to(&mut desk, "Mailbox");
    desk.write("hostmaster@example.com");
    let record = recorded(desk.press("ctrl-s"));
    assert_eq!(record.with.method, Some(Method::Email));
    assert_eq!(
        record.with.mailbox.as_deref(),
        Some("hostmaster@example.com")
    );
}

#[test]
fn the_panel_may_show_any_state() {
    let mut desk = hands::form(&hands::entry("verification"), "Cancelled");
    desk.sees("This is a correction");
    let record = recorded(desk.keys("left enter"));
    let what = Recorded::Shows {
        track: "main".to_owned(),
        state: "cancelled".to_owned(),
    };
    assert_eq!(record.what, what);
}

#[test]
fn what_is_pasted_as_issued_is_recognised_at_once() {
    let held = papers(hands::NAME, 80);
    let mut desk = hands::form(&hands::entry("verification"), "record: Verified and issued");
    desk.sees("▌Certificate");
    desk.paste(&format!("{}{}{}", held.leaf, held.chain, held.key));
    desk.sees("✓ certificate of www.example.com, valid until 2027-02-10");
    desk.sees("it is the certificate's");
    desk.sees("above it");
    let record = recorded(desk.press("ctrl-s"));
    assert_eq!(record.what, Recorded::Event("issued".to_owned()));
    let pasted = record.with.certificate.unwrap();
    assert!(pasted.expose_secret().contains("BEGIN CERTIFICATE"));
}

#[test]
fn a_wrong_certificate_is_refused_with_its_reason_and_nothing_is_lost() {
    let held = papers("other.example.org", 80);
    let mut desk = hands::form(&hands::entry("verification"), "record: Verified and issued");
    desk.paste(&held.leaf);
    desk.does_not_see("✓ certificate");
    desk.sees("✗");
    desk.sees("other.example.org");
    assert!(matches!(desk.press("ctrl-s"), Outcome::Stay));
    desk.sees("▌Certificate");
    // The right one takes its place, with nothing of the wrong one left.
    desk.paste(&papers(hands::NAME, 80).leaf);
    desk.does_not_see("✗");
    desk.sees("✓ certificate of www.example.com");
    recorded(desk.press("ctrl-s"));
}

#[test]
fn an_expired_certificate_is_no_issued_one() {
    let mut desk = hands::form(&hands::entry("verification"), "record: Verified and issued");
    desk.paste(&papers(hands::NAME, -2).leaf);
    desk.sees("✗");
    desk.sees("expired");
    assert!(matches!(desk.press("ctrl-s"), Outcome::Stay));
}

#[test]
fn a_correction_may_bring_another_key_than_the_orders() {
    let held = papers(hands::NAME, 80);
    let mut entry = hands::entry("verification");
    entry.order.spki_sha256 = Some("ab".repeat(32));
    let mut desk = hands::form(&entry, "record: Verified and issued");
    desk.paste(&format!("{}{}", held.leaf, held.key));
    desk.sees("✗");
    let mut desk = hands::form(&entry, "Certificate issued");
    desk.paste(&format!("{}{}", held.leaf, held.key));
    desk.does_not_see("✗");
    desk.sees("✓ certificate of www.example.com");
    recorded(desk.press("ctrl-s"));
}

#[test]
fn files_are_read_where_their_paths_are_typed() {
    let held = papers(hands::NAME, 80);
    let mut desk = hands::form(&hands::entry("verification"), "record: Verified and issued");
    desk.write("~/www.pem");
    let Outcome::ReadFile { path } = desk.press("enter") else {
        panic!("nothing is read");
    };
    assert_eq!(path, "~/www.pem");
    desk.overlay.handle(&Input::File(Ok(held.leaf)));
    desk.sees("✓ certificate of www.example.com");
    go_to(&mut desk, "Private key");
    desk.write("~/www.key");
    desk.press("enter");
    desk.overlay.handle(&Input::File(Ok(held.key.clone())));
    desk.sees("✓ private key, ");
    let record = recorded(desk.press("ctrl-s"));
    assert_eq!(record.with.key.unwrap().expose_secret(), held.key);
}

#[test]
fn a_private_key_is_drawn_nowhere() {
    let held = papers(hands::NAME, 80);
    let secret: Vec<&str> = held
        .key
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    for label in ["Certificate", "Chain", "CSR", "Private key"] {
        let mut desk = hands::form(&hands::entry("verification"), "record: Verified and issued");
        go_to(&mut desk, label);
        desk.paste(&held.key);
        for line in &secret {
            desk.does_not_see(line);
            assert!(!format!("{:?}", desk.overlay).contains(line));
        }
        desk.sees("bytes");
    }
}

#[test]
fn describing_sends_only_what_was_changed() {
    let mut desk = Desk::with(hands::describing(&hands::entry("issued")));
    desk.sees("Order and product, by hand · www.example.com");
    desk.sees("O-4711");
    go_to(&mut desk, "Order number");
    desk.press("ctrl-u");
    go_to(&mut desk, "Paid until");
    desk.write("2027-11-22");
    let record = recorded(desk.press("ctrl-s"));
    assert_eq!(record.what, Recorded::Described);
    assert_eq!(record.with.order_number.as_deref(), Some(""));
    assert_eq!(record.with.paid_until.as_deref(), Some("2027-11-22"));
    assert_eq!(record.with.names, None);
    assert_eq!(record.with.product, None);
    assert_eq!(record.with.level, None);
}

#[test]
fn an_action_by_hand_says_what_to_do_and_pretends_nothing() {
    let mut desk = Desk::with(hands::guidance(&hands::due()));
    desk.sees("Renew, by hand · www.example.com");
    desk.sees("https://www.customercontrolpanel.de");
    desk.sees("[> Not yet <]");
    let Outcome::CopyHere { text, .. } = desk.press("y") else {
        panic!("nothing is copied");
    };
    assert_eq!(text, "https://www.customercontrolpanel.de");
    let Outcome::OpenLinkHere { link } = desk.press("o") else {
        panic!("nothing is opened");
    };
    assert_eq!(link, text);
    // The dialog is still there, and its default does nothing.
    assert!(matches!(desk.press("enter"), Outcome::Close));
    desk.keys("left left left");
    desk.sees("[> Record: submitted <]");
    let Outcome::Ask(next) = desk.press("enter") else {
        panic!("nothing is asked");
    };
    desk.overlay = *next;
    go_to(&mut desk, "Order number");
    desk.write("O-5000");
    let record = recorded(desk.press("ctrl-s"));
    assert_eq!(record.what, Recorded::Submitted("renew".to_owned()));
    assert_eq!(record.with.order_number.as_deref(), Some("O-5000"));
    assert_eq!(record.with.invoice_number, None, "that is the old order's");
}

#[test]
fn an_order_is_asked_for_its_account_where_there_are_both_kinds() {
    let mut desk = Desk::with(hands::order_where());
    desk.sees("by hand");
    desk.sees("sandbox");
    choose(&mut desk, "netcup-main");
    assert!(matches!(desk.overlay, Overlay::HandOrder(_)));
    let mut desk = Desk::with(hands::order_where());
    choose(&mut desk, "netcup-sandbox");
    assert!(matches!(desk.overlay, Overlay::Order(_)));
}

#[test]
fn an_order_by_hand_is_written_down_as_it_is_filled_in() {
    let mut desk = Desk::with(hands::order());
    desk.sees("Order by hand · netcup-main");
    desk.write("*.example.com");
    desk.press("enter");
    desk.write("example.com");
    go_to(&mut desk, "Product");
    desk.write("Wildcard DV");
    go_to(&mut desk, "Invoice");
    desk.write("RE-1");
    go_to(&mut desk, "Price");
    desk.write("49,00 EUR");
    let order = ordered(desk.press("ctrl-s"));
    assert_eq!(order.account, "netcup-main");
    assert!(order.states.is_empty() && order.without.is_empty());
    assert_eq!(order.csr, CsrChoice::Certdeck);
    assert_eq!(order.key_type, KeyType::Rsa2048);
    let names = order.with.names.unwrap();
    assert_eq!(names, ["*.example.com", "example.com"]);
    assert_eq!(order.with.product.as_deref(), Some("Wildcard DV"));
    assert_eq!(order.with.price.as_deref(), Some("49,00 EUR"));
    assert_eq!(order.with.term, None);
}

#[test]
fn an_order_that_is_issued_already_takes_its_certificate() {
    let held = papers(hands::NAME, 80);
    let mut desk = Desk::with(hands::order());
    desk.write(hands::NAME);
    desk.does_not_see("Private key");
    go_to(&mut desk, "Key and CSR");
    desk.press("left");
    desk.sees("me: I have a CSR");
    desk.press("left");
    go_to(&mut desk, "Panel shows");
    for _ in 0..20 {
        if desk.screen(90, 70).contains("(x) Certificate issued") {
            break;
        }
        desk.press("right");
    }
    go_to(&mut desk, "Certificate");
    desk.paste(&held.leaf);
    go_to(&mut desk, "Private key");
    desk.paste(&held.key);
    desk.sees("✓ private key");
    let order = ordered(desk.press("ctrl-s"));
    assert_eq!(order.states, ["issued"]);
    assert_eq!(order.csr, CsrChoice::Provider);
    assert!(order.with.certificate.is_some() && order.with.key.is_some());
}

/// The four looks that a screen is kept in.
macro_rules! looks {
    ($desk:expr, $name:literal) => {
        snapshots!($desk, $name);
        insta::assert_snapshot!(
            concat!($name, "_200x50"),
            crate::desk::steady(&$desk.screen(200, 50))
        );
        let plain = $desk.in_ascii();
        insta::assert_snapshot!(
            concat!($name, "_ascii"),
            crate::desk::steady(&plain.screen(80, 24))
        );
    };
}

#[test]
fn no_event_of_the_menu_is_cut() {
    let screen = Desk::with(hands::menu(&hands::hostname())).screen(80, 50);
    let menu: Vec<&str> = screen
        .lines()
        .filter(|line| line.contains(" to: "))
        .collect();
    assert!(menu.len() > 3, "{screen}");
    for line in menu {
        let label = line.split(" to: ").next().unwrap_or_default();
        assert!(!label.contains('…'), "{screen}");
    }
}

#[test]
fn the_menu_and_the_questions_look_right() {
    let desk = Desk::with(hands::menu(&hands::entry("outstanding-invoice")));
    looks!(desk, "record_menu");
    let desk = Desk::with(hands::menu(&hands::due()));
    looks!(desk, "record_menu_due");
    let desk = hands::form(&hands::entry("registration"), "record: Cancelled");
    looks!(desk, "record_question");
    let desk = Desk::with(hands::guidance(&hands::due()));
    looks!(desk, "by_hand");
    let desk = Desk::with(hands::order_where());
    looks!(desk, "order_where");
    looks!(
        Desk::with(hands::menu(&hands::hostname())),
        "record_menu_tracks"
    );
    let mut desk = Desk::with(hands::menu(&hands::hostname()));
    desk.press("right");
    desk.press("right");
    looks!(desk, "record_menu_second_track");
    let desk = Desk::with(hands::menu(&hands::deleting()));
    looks!(desk, "record_menu_open");
}

#[test]
fn the_forms_look_right() {
    let issued = || hands::form(&hands::entry("verification"), "record: Verified and issued");
    looks!(issued(), "record_issued_empty");
    let held = papers(hands::NAME, 80);
    let mut desk = issued();
    desk.paste(&held.leaf);
    desk.press("tab");
    desk.paste(&held.chain);
    go_to(&mut desk, "Private key");
    desk.paste(&held.key);
    looks!(desk, "record_issued_recognised");
    let mut desk = issued();
    desk.paste(&papers("other.example.org", 80).leaf);
    desk.press("ctrl-s");
    looks!(desk, "record_issued_refused");
    let desk = Desk::with(hands::describing(&hands::entry("issued")));
    looks!(desk, "describe");
    looks!(Desk::with(hands::order()), "order_by_hand");
}
