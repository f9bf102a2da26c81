//! Stories of the dialogs and menus.

use certdeck::domain::action::Danger;
use certdeck::engine::command::Command;
use certdeck::tui::overlay::Outcome;

use crate::desk::{Desk, snapshots};
use crate::fixtures;

#[test]
fn enter_at_once_keeps_everything_as_it_is() {
    let mut desk = Desk::with(fixtures::confirm(Danger::Asks));
    desk.sees("[> Do not renew now <]");
    assert!(matches!(desk.press("enter"), Outcome::Close));
}

#[test]
fn the_other_button_runs_the_command_with_the_state_that_was_seen() {
    let mut desk = Desk::with(fixtures::confirm(Danger::Asks));
    let outcome = desk.keys("left enter");
    let Outcome::Run(Command::Act {
        action, seen_state, ..
    }) = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (action.as_str(), seen_state.as_deref()),
        ("renew", Some("issued"))
    );
}

#[test]
fn a_pasted_newline_presses_no_button() {
    for danger in [Danger::Asks, Danger::WantsTheName] {
        let mut desk = Desk::with(fixtures::confirm(danger));
        desk.press("left");
        desk.paste("\n\r\n");
        desk.paste("xn--mnchen-3ya.example\n\n");
    }
}

#[test]
fn what_cannot_be_undone_wants_the_name() {
    let mut desk = Desk::with(fixtures::confirm(Danger::WantsTheName));
    desk.write("muenchen.example");
    assert!(matches!(desk.keys("tab enter"), Outcome::Stay));
    desk.sees("Type the name first");
    desk.press("ctrl-u");
    desk.write("München.example");
    let outcome = desk.keys("enter enter");
    assert!(
        matches!(outcome, Outcome::Run(Command::Act { .. })),
        "{outcome:?}"
    );
}

#[test]
fn letters_of_the_name_are_no_commands() {
    let mut desk = Desk::with(fixtures::confirm(Danger::WantsTheName));
    desk.write("hlq?");
    desk.sees("hlq?");
    assert!(matches!(desk.press("esc"), Outcome::Close));
}

#[test]
fn an_invoice_is_opened_copied_and_paid_in_the_sandbox() {
    let entry = fixtures::entry("outstanding-invoice");
    let desk = || Desk::with(fixtures::invoice(&entry));
    desk().sees("RE-2026-1182");
    desk().sees("99.00 EUR");
    let Outcome::OpenLink { link } = desk().press("enter") else {
        panic!("no link");
    };
    assert!(link.ends_with("?a=1&b=2"));
    let outcome = desk().keys("right enter");
    assert!(matches!(outcome, Outcome::Copy { text, .. } if text == link));
    let outcome = desk().keys("right right enter");
    assert!(
        matches!(outcome, Outcome::Run(Command::Play { event, .. }) if event == "invoice-paid")
    );
}

#[test]
fn a_link_that_is_no_web_address_is_not_opened() {
    for link in [
        "file:///etc/passwd",
        "--help",
        "https://x.example/\u{1b}]",
        "",
    ] {
        let mut entry = fixtures::entry("outstanding-invoice");
        if let Some(invoice) = &mut entry.product.invoice {
            invoice.link = Some(link.to_owned());
        }
        let desk = Desk::with(fixtures::invoice(&entry));
        desk.does_not_see("Open link");
        desk.sees("Copy link");
    }
}

#[test]
fn a_paid_invoice_is_not_paid_again() {
    let mut entry = fixtures::entry("registration");
    if let Some(invoice) = &mut entry.product.invoice {
        invoice.paid_at = Some(fixtures::now());
    }
    let desk = Desk::with(fixtures::invoice(&entry));
    desk.sees("paid on 2026-11-22");
    desk.does_not_see("Pay (sandbox)");
}

#[test]
fn the_mail_to_support_holds_what_they_ask_for() {
    let mut entry = fixtures::entry("additional-information");
    entry.said = Some("Send an extract, please.\u{202e}".to_owned());
    let mut desk = Desk::with(fixtures::support(&entry));
    let Outcome::Copy { text, .. } = desk.keys("right enter") else {
        panic!("nothing copied");
    };
    for wanted in [
        "To: mail@netcup.de",
        "O-4711",
        "www.example.org, xn--mnchen-3ya.example",
        "Account: netcup-sandbox",
        "Additional information required, since 2026-11-22 12:00:00 UTC",
        "Send an extract, please.\\u{202e}",
    ] {
        assert!(text.contains(wanted), "no {wanted:?} in\n{text}");
    }
    let mut desk = Desk::with(fixtures::support(&entry));
    let Outcome::OpenLink { link } = desk.press("enter") else {
        panic!("no link");
    };
    assert!(link.starts_with("mailto:mail@netcup.de?subject=Certificate%20for%20"));
    assert!(link.contains("&body=Hello%2C%0D%0A%0D%0A"), "{link}");
    let query = link.trim_start_matches("mailto:");
    assert!(!query.contains([' ', '\n', '"', '<']), "{link}");
}

#[test]
fn what_is_copied_is_harmless_and_the_key_asks_first() {
    let mut desk = Desk::with(fixtures::copy(&fixtures::rich_entry()));
    let Outcome::Copy { text, .. } = desk.press("enter") else {
        panic!("nothing copied");
    };
    assert_eq!(text, "www.example.org\nxn--mnchen-3ya.example");
    desk.sees("TXT record, value");
    desk.does_not_see("\u{1b}");
    desk.keys("G enter");
    desk.sees("The private key leaves certdeck");
    assert!(
        matches!(desk.press("enter"), Outcome::Stay),
        "the safe button"
    );
    let outcome = desk.keys("enter left enter");
    assert!(matches!(outcome, Outcome::CopyKey { .. }), "{outcome:?}");
}

#[test]
fn a_key_that_is_not_here_is_not_offered() {
    let mut entry = fixtures::rich_entry();
    entry.order.key_held = false;
    Desk::with(fixtures::copy(&entry)).does_not_see("Private key");
}

#[test]
fn a_note_is_kept_as_one_line_and_only_when_asked() {
    let mut desk = Desk::with(fixtures::note(&fixtures::entry("issued")));
    desk.paste("ask Ada\nbefore renewing\n");
    desk.sees("ask Ada before renewing");
    let outcome = desk.press("enter");
    assert!(
        matches!(&outcome, Outcome::RunHere(Command::Note { note, .. }) if note == "ask Ada before renewing"),
        "{outcome:?}"
    );
}

#[test]
fn the_sandbox_lets_happen_what_the_state_allows() {
    let mut desk = Desk::with(fixtures::events(&fixtures::entry("verification")));
    desk.sees("The CA asks for more");
    desk.sees("Certificate issued");
    let outcome = desk.keys("j enter");
    assert!(matches!(outcome, Outcome::Run(Command::Play { event, .. }) if event == "issued"));
    let mut desk = Desk::with(fixtures::events(&fixtures::entry("cancelled")));
    desk.sees("only time or you can do something");
    assert!(matches!(desk.press("enter"), Outcome::Close));
}

#[test]
fn help_is_searched() {
    let mut desk = Desk::with(fixtures::help());
    desk.press("/");
    desk.write("invoice");
    desk.sees("Open the invoice");
    desk.does_not_see("Close certdeck");
    desk.press("enter");
    desk.press("esc");
    desk.sees("Next entry");
    assert!(matches!(desk.press("esc"), Outcome::Close));
}

#[test]
fn help_reaches_its_end_and_the_signs() {
    let mut desk = Desk::with(fixtures::help());
    desk.press("G");
    desk.sees("expired ones, too");
}

#[test]
fn every_dialog_looks_right() {
    snapshots!(Desk::with(fixtures::confirm(Danger::Asks)), "confirm");
    snapshots!(
        Desk::with(fixtures::confirm(Danger::WantsTheName)),
        "confirm_by_name"
    );
    snapshots!(
        Desk::with(fixtures::invoice(&fixtures::entry("outstanding-invoice"))),
        "invoice"
    );
    snapshots!(
        Desk::with(fixtures::support(&fixtures::entry(
            "additional-information"
        ))),
        "support"
    );
    snapshots!(Desk::with(fixtures::copy(&fixtures::rich_entry())), "copy");
    snapshots!(
        Desk::with(fixtures::note(&fixtures::entry("issued"))),
        "note"
    );
    snapshots!(
        Desk::with(fixtures::events(&fixtures::entry("verification"))),
        "events"
    );
    snapshots!(Desk::with(fixtures::help()), "help");
}

#[test]
fn dialogs_speak_ascii_where_they_must() {
    for (name, overlay) in fixtures::all() {
        let screen = Desk::with(overlay).in_ascii().screen(80, 40);
        assert!(screen.is_ascii(), "{name}:\n{screen}");
    }
}
