//! Stories of what has to be said for an action: filled in, judged at once, repeated in the
//! question, and never lost unasked.

use std::sync::Arc;

use certdeck::domain::action::Danger;
use certdeck::domain::entry::{Entry, EntryId, Method, ProductKind};
use certdeck::domain::lifecycle::{ActionRow, Lifecycle};
use certdeck::engine::command::{Answers, Command, Field, FieldError};
use certdeck::tui::dialog::Question;
use certdeck::tui::form::AnswerForm;
use certdeck::tui::overlay::{Input, Outcome, Overlay};

use crate::desk::{Desk, snapshots};
use crate::fixtures;

const ASKING: &str = include_str!("../fixtures/asking.toml");

fn row(action: &str) -> ActionRow {
    let table = Lifecycle::parse("asking.toml", ASKING).unwrap();
    table.rows_of(action).next().unwrap().clone()
}

fn entry() -> Entry {
    let id = EntryId::new("a5k1ng");
    let mut entry = Entry::new(id, "netcup-sandbox", "asking", "open", fixtures::now());
    entry.names = vec![
        "www.example.com".to_owned(),
        "xn--mller-kva.example".to_owned(),
    ];
    "OV multi-domain".clone_into(&mut entry.product.name);
    entry.product.kind = Some(ProductKind::MultiDomain);
    entry.product.name_limit = Some(4);
    entry.order.method = Some(Method::Dns);
    entry
}

/// The form for an action of the entry, in the sandbox.
pub(crate) fn form(action: &str) -> Overlay {
    form_of(action, Danger::Asks)
}

fn form_of(action: &str, danger: Danger) -> Overlay {
    let row = row(action);
    let own = row.confirm.clone();
    let question = Question {
        title: own.as_ref().map_or("Reissue", |own| &own.title).to_owned() + ": www.example.com",
        text: own
            .as_ref()
            .map_or("A new one comes.", |own| &own.text)
            .to_owned(),
        submit: own.as_ref().map_or("Reissue", |own| &own.submit).to_owned(),
        keep: own
            .as_ref()
            .map_or("Leave it as it is", |own| &own.keep)
            .to_owned(),
        sandbox: true,
        danger,
        name: "www.example.com".to_owned(),
    };
    let seen = Some("open".to_owned());
    let form = AnswerForm::new(question, &Arc::new(entry()), &row, seen);
    Overlay::Answers(Box::new(form))
}

/// That a sentence is on the screen, wherever its lines end.
#[track_caller]
fn reads(desk: &Desk, sentence: &str) {
    let screen = desk.screen(80, 24);
    let words = screen.replace('│', " ");
    let words: Vec<_> = words.split_whitespace().collect();
    assert!(
        words.join(" ").contains(sentence),
        "no {sentence:?} in\n{screen}"
    );
}

#[track_caller]
fn sent(outcome: Outcome) -> Answers {
    let Outcome::RunHere(Command::Act {
        entry,
        with,
        seen_state,
        ..
    }) = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(entry.as_str(), "a5k1ng");
    assert_eq!(seen_state.as_deref(), Some("open"));
    with
}

#[test]
fn new_names_are_pasted_repeated_and_sent_in_ascii() {
    let mut desk = Desk::with(form("add-domain"));
    desk.sees("Add Additional Domain Name: www.example.com");
    desk.sees("The CA verifies the new names.");
    desk.paste("shop.example.com,\nMünchen.example");
    assert!(matches!(desk.press("ctrl-s"), Outcome::Stay));
    reads(
        &desk,
        "shop.example.com, münchen.example (xn--mnchen-3ya.example)",
    );
    desk.sees("[> Leave the names as they are <]");
    let answers = sent(desk.keys("left enter"));
    assert_eq!(
        answers.new_names,
        ["shop.example.com", "xn--mnchen-3ya.example"]
    );
    desk.sees("the answer is awaited");
}

#[test]
fn the_safe_button_is_the_default_of_the_question() {
    let mut desk = Desk::with(form("add-domain"));
    desk.write("shop.example.com");
    assert!(matches!(desk.keys("ctrl-s enter"), Outcome::Close));
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_nothing_goes_on() {
    for (typed, says) in [
        ("", "at least one name"),
        ("www.example.com", "in the certificate already"),
        ("a.example b.example c.example", "at most 4 names, not 5"),
        ("one", "has no dot"),
    ] {
        let mut desk = Desk::with(form("add-domain"));
        desk.write(typed);
        assert!(matches!(desk.press("ctrl-s"), Outcome::Stay));
        reads(&desk, says);
        desk.does_not_see("[> Leave the names as they are <]");
        desk.does_not_see("[  Add the names  ]");
    }
}

#[test]
fn esc_goes_back_from_the_question_and_then_asks_before_it_throws_anything_away() {
    let mut desk = Desk::with(form("add-domain"));
    desk.write("shop.example.com");
    desk.press("ctrl-s");
    desk.does_not_see("[  Go on  ]");
    assert!(matches!(desk.press("esc"), Outcome::Stay));
    desk.sees("shop.example.com");
    assert!(matches!(desk.press("esc"), Outcome::Stay));
    desk.sees("Throw away what you filled in?");
    desk.press("esc");
    desk.sees("shop.example.com");
    let mut untouched = Desk::with(form("add-domain"));
    assert!(matches!(untouched.press("esc"), Outcome::Close));
}

#[test]
fn the_fields_begin_with_what_the_entry_has_and_unchanged_nothing_is_sent() {
    let mut desk = Desk::with(form("reissue"));
    desk.sees("müller.example");
    desk.sees("(x) DNS record");
    desk.press("ctrl-s");
    desk.sees("The names stay as they are.");
    desk.sees("The verification stays as it is.");
    assert!(sent(desk.keys("left enter")).is_empty());
}

#[test]
fn a_mailbox_is_asked_only_by_e_mail_and_has_to_fit_the_names() {
    let mut desk = Desk::with(form("change-method"));
    desk.does_not_see("Mailbox");
    desk.press("ctrl-s");
    reads(&desk, "verified by DNS record already");
    desk.press("right");
    desk.sees("Mailbox");
    desk.press("tab");
    desk.write("admin@example.com");
    desk.press("ctrl-s");
    reads(&desk, "müller.example is not at or below");
    desk.press("back-tab");
    desk.press("right");
    desk.does_not_see("Mailbox");
    desk.press("ctrl-s");
    desk.sees("Verification: file on the web server");
    let answers = sent(desk.keys("left enter"));
    assert_eq!(
        (answers.method, answers.mailbox),
        (Some(Method::File), None)
    );
}

#[test]
fn names_that_were_emptied_are_not_taken_for_names_that_stay() {
    let mut desk = Desk::with(form("reissue"));
    for _ in 0..60 {
        desk.press("backspace");
        desk.press("delete");
    }
    desk.press("ctrl-s");
    reads(&desk, "Give at least one name");
}

#[test]
fn a_reason_may_be_left_out_and_the_name_is_wanted_all_the_same() {
    let mut desk = Desk::with(form_of("revoke", Danger::WantsTheName));
    desk.press("ctrl-s");
    desk.sees("Without a reason.");
    assert!(matches!(desk.keys("tab enter"), Outcome::Stay));
    desk.sees("Type the name first");
    desk.write("www.example.com");
    let answers = sent(desk.keys("enter enter"));
    assert!(answers.is_empty());
}

#[test]
fn what_the_provider_refuses_stands_in_the_form_with_everything_that_was_filled_in() {
    let mut desk = Desk::with(form("revoke"));
    desk.write("the key was lost");
    desk.press("ctrl-s");
    desk.sees("Reason: the key was lost");
    sent(desk.keys("left enter"));
    desk.overlay.handle(&Input::Failed {
        fields: vec![FieldError {
            field: Field::Reason,
            says: "not this one".to_owned(),
        }],
        says: "the provider refused it".to_owned(),
    });
    desk.sees("the key was lost");
    desk.sees("Not this one");
    desk.sees("The provider refused it");
}

#[test]
fn a_paste_presses_no_button_of_the_question() {
    let mut desk = Desk::with(form("add-domain"));
    desk.write("shop.example.com");
    desk.keys("ctrl-s left");
    desk.paste("\n\r\n");
    desk.sees("[> Add the names <]");
}

#[test]
fn a_page_of_names_is_no_burden() {
    let mut desk = Desk::with(form("add-domain"));
    let names: Vec<_> = (0..2_000).map(|n| format!("host{n}.example.org")).collect();
    desk.paste(&names.join("\n"));
    desk.press("ctrl-s");
    reads(&desk, "at most 4 names, not 2002");
}

#[test]
fn every_page_fits() {
    let mut desk = Desk::with(form("add-domain"));
    desk.write("shop.example.com");
    snapshots!(desk, "answers_new_names");
    desk.press("ctrl-s");
    snapshots!(desk, "answers_question");
    let desk = Desk::with(form("reissue"));
    snapshots!(desk, "answers_reissue");
    let mut desk = Desk::with(form_of("revoke", Danger::WantsTheName)).in_ascii();
    desk.write("the key was lost");
    snapshots!(desk, "answers_reason_ascii");
}
