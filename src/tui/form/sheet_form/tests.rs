//! What any form of fields does with keys, pastes, files and refusals.

use crossterm::event::KeyModifiers;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use secrecy::ExposeSecret;

use super::*;
use crate::tui::keymap::Keymap;
use crate::tui::look::Look;
use crate::tui::symbols;
use crate::tui::theme::Theme;

fn form() -> SheetForm {
    let words = FormWords {
        title: "A form".to_owned(),
        introduction: "What it is for.".to_owned(),
        submit: "Record it".to_owned(),
        waiting: "It is being written down.".to_owned(),
        ..FormWords::default()
    };
    let kinds = ["one", "two", "three"].map(str::to_owned).to_vec();
    let fields = vec![
        FormField::line(Field::Product, "Product", "its name", "Wildcard DV"),
        FormField::area(Field::Names, "Names", "one to a line", ""),
        FormField::document(Field::Certificate, "Certificate", "paste it, or a path"),
        FormField::choice(Field::Kind, "Kind", kinds, 0),
        FormField::line(Field::Mailbox, "Mailbox", "", ""),
    ];
    let mut form = SheetForm::new(words, fields);
    form.show(Field::Mailbox, false);
    form
}

/// One key through the real key table.
fn press(form: &mut SheetForm, code: KeyCode) -> FormStep {
    event(form, KeyEvent::new(code, KeyModifiers::NONE))
}

fn event(form: &mut SheetForm, key: KeyEvent) -> FormStep {
    let action = Keymap::embedded().unwrap().lookup(form.scope(), key);
    form.handle(&action.map_or(Input::Text(key), Input::Action))
}

fn submit(form: &mut SheetForm) -> FormStep {
    event(
        form,
        KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL),
    )
}

fn write(form: &mut SheetForm, text: &str) {
    for letter in text.chars() {
        press(form, KeyCode::Char(letter));
    }
}

fn paste(form: &mut SheetForm, text: &str) -> FormStep {
    form.handle(&Input::Paste(text.to_owned()))
}

fn screen(form: &SheetForm, width: u16, height: u16) -> String {
    let (theme, keymap) = (Theme::named("mono").unwrap(), Keymap::embedded().unwrap());
    let look = Look {
        theme: &theme,
        symbols: &symbols::UNICODE,
        keymap: &keymap,
    };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| form.view(frame, frame.area(), &look))
        .unwrap();
    terminal.backend().to_string()
}

fn wrong(field: Field) -> Vec<FieldError> {
    let says = "this is wrong".to_owned();
    vec![FieldError { field, says }]
}

#[test]
fn everything_that_is_filled_in_can_be_asked_for() {
    let mut form = form();
    assert_eq!(form.changed_text(Field::Product), None);
    write(&mut form, " 2");
    press(&mut form, KeyCode::Tab);
    assert_eq!(paste(&mut form, "a.example\nb.example"), FormStep::Changed);
    press(&mut form, KeyCode::Tab);
    paste(&mut form, "-----BEGIN CERTIFICATE-----\nAAAA\n");
    press(&mut form, KeyCode::Tab);
    press(&mut form, KeyCode::Left);
    press(&mut form, KeyCode::Enter);
    let changed = form.changed_text(Field::Product);
    assert_eq!(changed.as_deref(), Some("Wildcard DV 2"));
    let names = form.text(Field::Names);
    assert_eq!(names.as_deref(), Some("a.example\nb.example"));
    let document = form.secret(Field::Certificate).unwrap();
    assert!(document.expose_secret().contains("AAAA"));
    assert_eq!(form.chosen(Field::Kind), Some(2));
    assert_eq!(form.chosen_words(Field::Kind), Some("three"));
    assert_eq!(submit(&mut form), FormStep::Submit);
}

#[test]
fn a_problem_is_said_once_the_field_was_left_or_after_a_try() {
    let mut form = form();
    form.set_problems(wrong(Field::Product));
    assert!(!screen(&form, 80, 24).contains("This is wrong"));
    press(&mut form, KeyCode::Tab);
    assert!(screen(&form, 80, 24).contains("This is wrong"));

    form.set_problems(wrong(Field::Kind));
    assert!(!screen(&form, 80, 24).contains("This is wrong"));
    assert_eq!(submit(&mut form), FormStep::Stay);
    assert!(screen(&form, 80, 24).contains("This is wrong"));
    assert!(screen(&form, 80, 24).contains("▌Kind"));

    // What belongs to a field that is not there is said all the same.
    form.set_problems(wrong(Field::Mailbox));
    assert_eq!(submit(&mut form), FormStep::Stay);
    assert!(screen(&form, 80, 24).contains("This is wrong"));
}

#[test]
fn a_paste_sends_nothing_and_a_key_lands_in_no_field_that_is_drawn() {
    let mut form = form();
    paste(&mut form, "\r\n\u{13}\n");
    assert_eq!(form.scope(), Scope::Form);
    let key = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n";
    for _ in 0..2 {
        assert_eq!(paste(&mut form, key), FormStep::Stay);
        assert!(screen(&form, 80, 24).contains("private key"));
        press(&mut form, KeyCode::Tab);
    }
    assert_eq!(paste(&mut form, key), FormStep::Changed);
    let drawn = screen(&form, 80, 24);
    assert!(drawn.contains("3 lines, 60 bytes"), "{drawn}");
    assert!(!drawn.contains("canary"));
    form.set_notes(vec![FieldNote {
        field: Field::Certificate,
        says: "a private key".to_owned(),
        good: true,
    }]);
    assert!(screen(&form, 80, 24).contains("✓ a private key"));
    assert!(!format!("{form:?}").contains("canary"));
}

#[test]
fn a_file_is_read_into_the_field_that_asked_for_it() {
    let mut form = form();
    press(&mut form, KeyCode::Tab);
    press(&mut form, KeyCode::Tab);
    write(&mut form, "~/a.pem");
    let path = "~/a.pem".to_owned();
    assert_eq!(press(&mut form, KeyCode::Enter), FormStep::Read { path });
    press(&mut form, KeyCode::Tab);
    let says = "there is no such file".to_owned();
    form.handle(&Input::File(Err(says)));
    assert!(screen(&form, 80, 24).contains("no such file"));
    press(&mut form, KeyCode::BackTab);
    press(&mut form, KeyCode::Enter);
    form.handle(&Input::File(Ok("PEM".to_owned())));
    assert!(form.secret(Field::Certificate).is_some());
    assert!(!screen(&form, 80, 24).contains("no such file"));
    // An answer that nobody waits for changes nothing.
    let late = form.handle(&Input::File(Ok(String::new())));
    assert_eq!(late, FormStep::Stay);
    assert!(form.secret(Field::Certificate).is_some());
}

#[test]
fn nothing_is_thrown_away_without_a_question() {
    let mut form = form();
    assert_eq!(press(&mut form, KeyCode::Esc), FormStep::Cancel);
    write(&mut form, "x");
    assert_eq!(press(&mut form, KeyCode::Esc), FormStep::Stay);
    assert!(screen(&form, 80, 24).contains("[> Go on filling in <]"));
    press(&mut form, KeyCode::Enter);
    assert!(screen(&form, 80, 24).contains("Wildcard DVx"));
    press(&mut form, KeyCode::Esc);
    press(&mut form, KeyCode::Left);
    assert_eq!(press(&mut form, KeyCode::Enter), FormStep::Cancel);
    // What is as it was at first needs no question.
    press(&mut form, KeyCode::Esc);
    press(&mut form, KeyCode::Backspace);
    assert_eq!(press(&mut form, KeyCode::Esc), FormStep::Cancel);
}

#[test]
fn a_refused_form_comes_back_with_everything_in_it() {
    let mut form = form();
    write(&mut form, "x");
    form.wait();
    assert!(screen(&form, 80, 24).contains("being written down"));
    assert_eq!(press(&mut form, KeyCode::Enter), FormStep::Stay);
    form.handle(&Input::Failed {
        fields: wrong(Field::Names),
        says: "it cannot be written down".to_owned(),
    });
    let drawn = screen(&form, 80, 24);
    for text in ["It cannot be written", "This is wrong", "DVx", "▌Names"] {
        assert!(drawn.contains(text), "no {text} in\n{drawn}");
    }
    // It was said once; editing takes it away.
    write(&mut form, "a.example");
    assert!(!screen(&form, 80, 24).contains("This is wrong"));
}

#[test]
fn a_hidden_field_keeps_its_text_and_has_no_focus() {
    let mut form = form();
    form.show(Field::Mailbox, true);
    press(&mut form, KeyCode::BackTab);
    press(&mut form, KeyCode::BackTab);
    write(&mut form, "hostmaster@example.org");
    form.show(Field::Mailbox, false);
    assert_eq!(form.text(Field::Mailbox), None);
    assert!(screen(&form, 80, 24).contains("[> Record it <]"));
    form.show(Field::Mailbox, true);
    assert!(form.text(Field::Mailbox).is_some());
}

#[test]
fn the_focus_is_in_sight_on_any_screen() {
    let mut form = form();
    for (width, height) in [(20, 8), (40, 12), (80, 24)] {
        for label in ["Product", "Names", "Certificate", "Kind", "[>"] {
            let drawn = screen(&form, width, height);
            assert!(drawn.contains(label), "no {label} in\n{drawn}");
            press(&mut form, KeyCode::Tab);
        }
    }
    for width in 1..=20 {
        for height in 1..=20 {
            screen(&form, width, height);
        }
    }
}

#[test]
fn a_path_that_was_only_typed_is_read_before_anything_is_sent() {
    let mut form = form();
    press(&mut form, KeyCode::Tab);
    press(&mut form, KeyCode::Tab);
    write(&mut form, "/a.pem");
    press(&mut form, KeyCode::Tab);
    let read = FormStep::Read {
        path: "/a.pem".to_owned(),
    };
    assert_eq!(submit(&mut form), read);
    assert!(screen(&form, 80, 24).contains("▌Certificate"));
    // A file that cannot be read sends nothing, then or later.
    form.handle(&Input::File(Err("there is no such file".to_owned())));
    assert!(screen(&form, 80, 24).contains("There is no such file"));
    assert_eq!(form.go_on(), FormStep::Stay);
    // One that can be read is judged, and sent if nothing is wrong with it.
    assert_eq!(submit(&mut form), read);
    let answer = Input::File(Ok("-----BEGIN CERTIFICATE-----".to_owned()));
    assert_eq!(form.handle(&answer), FormStep::Changed);
    assert_eq!(form.go_on(), FormStep::Submit);
    assert!(form.secret(Field::Certificate).is_some());
    assert_eq!(form.go_on(), FormStep::Stay);
}

#[test]
fn what_is_typed_while_a_file_is_read_holds_the_sending_back() {
    let mut form = form();
    press(&mut form, KeyCode::Tab);
    press(&mut form, KeyCode::Tab);
    write(&mut form, "/a.pem");
    assert!(matches!(submit(&mut form), FormStep::Read { .. }));
    press(&mut form, KeyCode::BackTab);
    write(&mut form, "a.example");
    form.handle(&Input::File(Ok("-----BEGIN CERTIFICATE-----".to_owned())));
    assert_eq!(form.go_on(), FormStep::Stay);
}
