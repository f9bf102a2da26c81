//! Stories of the order form.

use certdeck::domain::entry::Method;
use certdeck::engine::command::{Command, CsrChoice, Field, FieldError, OrderForm};
use certdeck::pki::{KeyType, PrivateKey};
use certdeck::tui::overlay::{Input, Outcome};
use secrecy::ExposeSecret;

use crate::desk::{Desk, snapshots};
use crate::fixtures;

fn desk() -> Desk {
    Desk::with(fixtures::form())
}

fn ordered(outcome: Outcome) -> OrderForm {
    let Outcome::RunHere(Command::Order(order)) = outcome else {
        panic!("{outcome:?}");
    };
    order
}

/// From the product to the field called so; the fields between keep what they have.
fn go_to(desk: &mut Desk, label: &str) {
    let wanted = format!("▌{label}");
    for _ in 0..20 {
        if desk.screen(90, 50).contains(&wanted) {
            return;
        }
        desk.press("tab");
    }
    panic!("no {label} in\n{}", desk.screen(90, 50));
}

#[test]
fn a_plain_order_is_placed_after_its_summary() {
    let mut desk = desk();
    desk.press("tab");
    desk.write("www.example.org");
    desk.press("ctrl-s");
    desk.sees("Place this order?");
    desk.sees("19.00 EUR");
    desk.sees("Outstanding invoice");
    assert!(
        matches!(desk.press("enter"), Outcome::Stay),
        "Back has the focus"
    );
    desk.press("ctrl-s");
    let order = ordered(desk.keys("left enter"));
    assert_eq!(order.account, "netcup-sandbox");
    assert_eq!(order.product, "dv");
    assert_eq!(order.names, ["www.example.org"]);
    assert_eq!(order.csr, CsrChoice::Certdeck);
    assert_eq!(order.method, Method::Dns);
    assert_eq!(order.mailbox, None);
}

#[test]
fn every_choice_is_in_the_order() {
    let mut desk = desk();
    desk.keys("right tab");
    desk.write("*.münchen.example");
    desk.keys("tab right right right tab tab right tab right tab right");
    desk.press("ctrl-s");
    let order = ordered(desk.keys("left enter"));
    assert_eq!(order.product, "wildcard-dv");
    assert_eq!(order.names, ["*.münchen.example"]);
    assert_eq!(order.key_type, KeyType::P256);
    assert_eq!(order.csr, CsrChoice::Provider);
    assert_eq!(order.method, Method::Email);
    assert_eq!(
        order.mailbox.as_deref(),
        Some("administrator@xn--mnchen-3ya.example")
    );
}

#[test]
fn idn_and_wildcard_are_shown_as_typed_and_as_sent() {
    let mut desk = desk();
    desk.press("tab");
    desk.write("*.münchen.example");
    desk.sees("*.münchen.example is *.xn--mnchen-3ya.example");
}

#[test]
fn a_pasted_list_is_taken_whole_and_sends_nothing() {
    let mut desk = desk();
    desk.keys("right right tab");
    desk.paste("a.example.org\nb.example.org, c.example.org\r\n\n");
    desk.press("ctrl-s");
    let order = ordered(desk.keys("left enter"));
    assert_eq!(
        order.names,
        ["a.example.org", "b.example.org", "c.example.org"]
    );
}

#[test]
fn a_wrong_name_is_said_at_the_names_and_named() {
    let mut desk = desk();
    desk.press("tab");
    desk.write("good.example");
    desk.press("enter");
    desk.write("bad..example");
    desk.does_not_see("✗");
    desk.press("tab");
    desk.sees("✗");
    desk.sees("bad..example");
    desk.press("ctrl-s");
    desk.sees("Order a certificate");
    desk.sees("▌Names");
}

#[test]
fn a_hostile_name_is_drawn_harmlessly() {
    let mut desk = desk();
    desk.press("tab");
    desk.paste("a\u{1b}[31m\u{202e}.example\u{7}");
    for (width, height) in [(80, 24), (40, 12)] {
        let screen = desk.screen(width, height);
        assert!(
            !screen.contains(['\u{1b}', '\u{202e}', '\u{7}']),
            "{screen}"
        );
    }
    desk.sees("\\u{1b}");
}

#[test]
fn an_own_csr_is_pasted_and_its_names_are_taken() {
    let mut desk = desk();
    go_to(&mut desk, "CSR made by");
    desk.press("left");
    go_to(&mut desk, "CSR ");
    let pem = fixtures::request(&["www.example.org"]);
    desk.press("tab");
    desk.press("back-tab");
    go_to(&mut desk, "CSR  ");
    desk.paste(&format!("{pem}\n"));
    desk.sees("its signature is right");
    desk.press("tab");
    desk.sees("[> Take the name of the CSR: www.example.org <]");
    desk.press("enter");
    desk.press("ctrl-s");
    let order = ordered(desk.keys("left enter"));
    assert_eq!(order.names, ["www.example.org"]);
    assert!(
        matches!(order.csr, CsrChoice::Own(text) if text.contains("BEGIN CERTIFICATE REQUEST"))
    );
}

/// The form with the focus on the text of an own CSR.
fn at_own_csr() -> Desk {
    let mut desk = desk();
    go_to(&mut desk, "CSR made by");
    desk.press("left");
    desk.keys("tab tab");
    desk
}

#[test]
fn what_is_no_csr_is_explained_at_the_field() {
    let whole = fixtures::request(&["www.example.org"]);
    let half = &whole[..whole.len() / 2];
    let changed = whole.replacen("MI", "MJ", 1);
    for (pasted, says) in [
        ("hello", "This is no request"),
        (half, "request"),
        (changed.as_str(), "request"),
    ] {
        let mut desk = at_own_csr();
        desk.paste(pasted);
        desk.sees("✗");
        desk.sees(says);
        desk.does_not_see("its signature is right");
    }
}

#[test]
fn a_private_key_is_turned_away_and_shown_nowhere() {
    let key = PrivateKey::generate(KeyType::P256).unwrap().to_pkcs8_pem();
    let pem = key.expose_secret();
    let middle = pem.lines().nth(1).unwrap().to_owned();
    let mut pasted = at_own_csr();
    pasted.paste(pem);
    let mut from_file = at_own_csr();
    from_file.overlay.handle(&Input::File(Ok(pem.to_owned())));
    let mut as_name = desk();
    as_name.press("tab");
    as_name.paste(pem);
    for desk in [pasted, from_file, as_name] {
        desk.sees("private key");
        desk.does_not_see(&middle);
        assert!(!format!("{:?}", desk.overlay).contains(&middle));
    }
    assert!(!format!("{:?}", Input::Paste(pem.to_owned())).contains(&middle));
}

#[test]
fn a_file_is_asked_for_and_its_answer_is_said_at_the_field() {
    let mut desk = desk();
    go_to(&mut desk, "CSR made by");
    desk.keys("left tab");
    desk.write("~/request.pem");
    let Outcome::ReadFile { path } = desk.press("enter") else {
        panic!("nothing is read");
    };
    assert_eq!(path, "~/request.pem");
    let says = "cannot read ~/request.pem: there is no such file".to_owned();
    desk.overlay.handle(&Input::File(Err(says)));
    desk.sees("there is no such file");
    let pem = fixtures::request(&["www.example.org"]);
    desk.overlay.handle(&Input::File(Ok(pem)));
    desk.does_not_see("no such file");
    desk.sees("its signature is right");
}

#[test]
fn another_mailbox_is_typed_and_checked() {
    let mut desk = desk();
    desk.press("tab");
    desk.write("shop.example.org");
    go_to(&mut desk, "Verification");
    desk.keys("right tab left tab");
    desk.write("me@example.org");
    desk.press("ctrl-s");
    desk.sees("A CA writes to");
    desk.press("ctrl-u");
    desk.write("hostmaster@example.org");
    desk.press("ctrl-s");
    let order = ordered(desk.keys("left enter"));
    assert_eq!(order.mailbox.as_deref(), Some("hostmaster@example.org"));
}

#[test]
fn a_chosen_mailbox_survives_other_names() {
    let mut desk = desk();
    desk.press("tab");
    desk.write("example.org");
    go_to(&mut desk, "Verification");
    desk.keys("right tab left tab");
    desk.write("hostmaster@example.org");
    go_to(&mut desk, "Names");
    desk.press("home");
    desk.write("shop.");
    desk.press("ctrl-s");
    let order = ordered(desk.keys("left enter"));
    assert_eq!(order.names, ["shop.example.org"]);
    assert_eq!(order.mailbox.as_deref(), Some("hostmaster@example.org"));
}

#[test]
fn esc_asks_before_it_throws_anything_away() {
    let mut empty = desk();
    assert!(matches!(empty.press("esc"), Outcome::Close));
    let mut desk = desk();
    desk.press("tab");
    desk.write("www.example.org");
    assert!(matches!(desk.press("esc"), Outcome::Stay));
    desk.sees("[> Go on filling in <]");
    desk.press("enter");
    desk.sees("www.example.org");
    desk.press("esc");
    assert!(matches!(desk.keys("left enter"), Outcome::Close));
}

#[test]
fn a_refused_order_comes_back_with_everything_in_it() {
    let mut desk = desk();
    desk.press("tab");
    desk.write("www.example.org");
    desk.press("ctrl-s");
    ordered(desk.keys("left enter"));
    desk.sees("The order is being placed");
    desk.overlay.handle(&Input::Failed {
        fields: vec![FieldError {
            field: Field::Names,
            says: "this name is on the CA's list of names that it refuses".to_owned(),
        }],
        says: "the order cannot be placed".to_owned(),
    });
    desk.sees("the order cannot be placed");
    desk.sees("www.example.org");
    desk.sees("names that it refuses");
}

#[test]
fn without_an_account_the_form_says_what_to_do() {
    use certdeck::tui::form::OrderFormScreen;
    use certdeck::tui::overlay::Overlay;
    let form = OrderFormScreen::new(std::sync::Arc::default(), std::collections::BTreeMap::new());
    let mut desk = Desk::with(Overlay::Order(Box::new(form)));
    desk.sees("There is no sandbox account that takes orders");
    desk.press("ctrl-s");
    desk.does_not_see("Place this order?");
}

#[test]
fn the_form_looks_right() {
    let mut desk = desk();
    snapshots!(desk, "form_empty");
    desk.keys("right right tab");
    desk.paste("*.münchen.example\nwww.example.org\nwrong_name.example\n");
    snapshots!(desk, "form_names");
    desk.keys("backspace backspace");
    for _ in 0.."wrong_name.example".len() {
        desk.press("backspace");
    }
    go_to(&mut desk, "Verification");
    desk.keys("right tab");
    snapshots!(desk, "form_mailbox");
    desk.press("ctrl-s");
    desk.sees("✗");
    go_to(&mut desk, "Verification");
    desk.press("left");
    desk.press("ctrl-s");
    snapshots!(desk, "form_summary");
    desk.keys("esc esc");
    snapshots!(desk, "form_leaving");
    let mut desk = at_own_csr();
    desk.paste("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    snapshots!(desk, "form_wrong_csr");
}

#[test]
fn a_key_of_its_own_passphrase_and_a_subject_are_in_the_order() {
    let mut desk = desk();
    desk.press("tab");
    desk.write("www.example.org");
    go_to(&mut desk, "Key at rest");
    desk.press("right");
    go_to(&mut desk, "CSR says");
    desk.does_not_see("Organization");
    desk.press("right");
    go_to(&mut desk, "Organization");
    desk.write("Example GmbH");
    go_to(&mut desk, "Country");
    desk.write("Germany");
    desk.press("ctrl-s");
    desk.sees("is no country code");
    desk.keys("backspace backspace backspace backspace backspace backspace backspace");
    desk.write("de");
    desk.press("ctrl-s");
    desk.sees("here, encrypted.");
    desk.sees("Example GmbH, Country de");
    let order = ordered(desk.keys("left enter"));
    assert!(order.wishes.encrypt);
    assert_eq!(order.wishes.subject.organization, "Example GmbH");
    assert_eq!(order.wishes.subject.country, "de");
}

#[test]
fn what_is_wished_of_a_key_that_is_made_elsewhere_is_not_asked_for() {
    let mut desk = desk();
    desk.press("tab");
    desk.write("www.example.org");
    go_to(&mut desk, "Key at rest");
    desk.press("right");
    go_to(&mut desk, "CSR made by");
    desk.press("right");
    desk.does_not_see("Key at rest");
    desk.does_not_see("CSR says");
    desk.press("ctrl-s");
    let order = ordered(desk.keys("left enter"));
    assert!(!order.wishes.encrypt && order.wishes.subject.is_empty());
}
