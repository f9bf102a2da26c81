//! Handing over in the panel: passphrases that are asked for, exports, and what is on the clipboard.

use std::path::PathBuf;
use std::sync::Arc;

use certdeck::engine::command::{Command, Done, ExportForm, Exported, Field, FieldError, Lock};
use certdeck::tui::message::{Failure, Message};
use secrecy::{ExposeSecret as _, SecretString};

use super::driver::{Panel, settings};
use super::fixture;

const PASSPHRASE: &str = "canary-passphrase";

/// The engine says of the oldest open command that it needs a passphrase.
fn locked(panel: &mut Panel, lock: Lock) {
    failed(panel, "it is encrypted", Vec::new(), Some(lock));
}

fn failed(panel: &mut Panel, says: &str, fields: Vec<FieldError>, locked: Option<Lock>) {
    let (job, _) = panel.commands.remove(0);
    let failure = Failure {
        says: says.to_owned(),
        fields,
        refused_by: None,
        locked,
    };
    panel.say(Message::Finished(job, Err(failure)));
}

fn stored() -> Lock {
    Lock::Stored {
        spki_sha256: "aa".repeat(32),
    }
}

#[test]
fn a_passphrase_is_asked_for_once_and_then_the_key_is_shown() {
    let mut panel = Panel::open(100, 30);
    panel.walk_to("issued").press("K");
    locked(&mut panel, stored());
    assert!(panel.screen().contains("Private keys are encrypted here"));
    panel.type_text(PASSPHRASE);
    let screen = panel.screen();
    assert!(
        screen.contains("*****") && !screen.contains("canary"),
        "{screen}"
    );
    panel.press("enter");
    match panel.answer(Err("this passphrase does not open it")) {
        Command::Unlock { passphrase, lock } => {
            assert_eq!(passphrase.expose_secret(), PASSPHRASE);
            assert_eq!(lock, stored());
        }
        other => panic!("{other:?}"),
    }
    assert!(
        panel.screen().contains("does not open"),
        "{}",
        panel.screen()
    );
    panel.type_text("another").press("enter");
    panel.answer(Ok(Done::Unlocked));
    let key = SecretString::from("-----BEGIN PRIVATE KEY-----\nAAAA");
    let went_on = panel.answer(Ok(Done::Key(key)));
    assert!(matches!(went_on, Command::RevealKey { .. }), "{went_on:?}");
    assert!(panel.screen().contains("AAAA"), "{}", panel.screen());
    assert!(!format!("{:?}", panel.model).contains("canary"));
}

#[test]
fn a_new_passphrase_is_typed_twice_and_nothing_goes_on_without_it() {
    let mut panel = Panel::open(100, 30);
    panel.walk_to("issued").press("K");
    locked(&mut panel, Lock::New);
    panel
        .type_text("one")
        .press("enter")
        .type_text("other")
        .press("enter");
    assert!(
        panel.screen().contains("the two differ"),
        "{}",
        panel.screen()
    );
    assert!(panel.commands.is_empty());
    panel.press("esc");
    assert!(panel.model.layer.is_none() && panel.commands.is_empty());
}

#[test]
fn a_form_lies_below_the_question_and_loses_nothing() {
    let mut panel = Panel::open(100, 30);
    panel.walk_to("issued").press("e enter");
    panel.type_text("mine").press("enter");
    locked(&mut panel, stored());
    assert!(panel.screen().contains("Passphrase"), "{}", panel.screen());
    panel.press("esc");
    let screen = panel.screen();
    assert!(
        screen.contains("~/certificates/mine") && screen.contains("was not given"),
        "{screen}"
    );
    // Sent once more, asked once more, and given this time.
    panel.press("enter");
    locked(&mut panel, stored());
    panel.type_text(PASSPHRASE).press("enter");
    panel.answer(Ok(Done::Unlocked));
    assert!(matches!(&panel.commands[0].1, Command::Export(_)));
    assert!(
        panel.screen().contains("~/certificates/mine"),
        "{}",
        panel.screen()
    );
}

#[test]
fn files_that_are_there_are_written_over_only_after_a_yes() {
    let mut panel = Panel::open(100, 30);
    panel.walk_to("issued").press("e enter enter");
    let says = "/home/me/a.key is there already".to_owned();
    let field = Field::Overwrite;
    let fields = vec![FieldError {
        field,
        says: says.clone(),
    }];
    failed(&mut panel, &says, fields, None);
    let screen = panel.screen();
    assert!(
        screen.contains("there already") && screen.contains("Write over them"),
        "{screen}"
    );
    // The safe button has the focus.
    panel.press("enter");
    assert!(panel.commands.is_empty());
    panel.press("enter enter");
    match &panel.commands[0].1 {
        Command::Export(export) => {
            assert_eq!(export.form, ExportForm::Nginx);
            assert!(!export.overwrite, "another dialog asks anew");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_copied_key_is_taken_off_the_clipboard_and_anything_else_is_left_there() {
    let mut panel = Panel::open(100, 30);
    let copy_key = |panel: &mut Panel| {
        panel.walk_to("issued").press("y G enter left enter");
        let key = SecretString::from("-----BEGIN PRIVATE KEY-----");
        let asked = panel.answer(Ok(Done::Key(key)));
        assert!(matches!(asked, Command::CopyKey { .. }), "{asked:?}");
    };
    copy_key(&mut panel);
    assert!(panel.screen().contains("30 s"), "{}", panel.screen());
    panel.wait(29);
    assert_eq!(panel.copied.len(), 1);
    panel.wait(2);
    assert_eq!(panel.copied.last().map(String::as_str), Some(" "));
    assert!(panel.screen().contains("taken off the clipboard"));
    panel.wait(100);
    assert_eq!(panel.copied.len(), 2, "once");

    copy_key(&mut panel);
    panel.press("y enter");
    let copied = panel.copied.len();
    panel.wait(100);
    assert_eq!(
        panel.copied.len(),
        copied,
        "a name stays where somebody put it"
    );
}

#[test]
fn an_export_is_deployed_where_the_switch_says_so_and_the_account_can() {
    let mut panel = Panel::open(100, 30);
    panel
        .walk_to("issued")
        .press("e enter")
        .sees_not("deploy command");
    panel.press("esc esc");
    let mut inventory = fixture::inventory();
    let there = Arc::make_mut(&mut inventory);
    for account in there.accounts.values_mut() {
        account.deploys = true;
    }
    let mut panel = Panel::over(inventory, settings("dark", false), 100, 30);
    panel.walk_to("issued").press("e enter");
    panel.sees("[ ] then run the account's deploy command");
    panel.press("tab space").sees("[x] then run");
    panel.press("enter");
    let file = PathBuf::from("/home/me/certificates/a.key");
    let exported = Exported {
        files: vec![(file.clone(), "private key")],
        says: "Reload it.".to_owned(),
        deploy: Some(fixture::id("issued")),
    };
    match panel.answer(Ok(Done::Exported(exported))) {
        Command::Export(export) => assert!(export.deploy),
        other => panic!("{other:?}"),
    }
    match &panel.commands[0].1 {
        Command::Deploy { entry, exported } => {
            assert_eq!((entry, exported), (&fixture::id("issued"), &vec![file]));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_key_is_destroyed_once_the_name_is_typed_and_what_breaks_was_read() {
    let mut panel = Panel::open(100, 40);
    panel.walk_to("issued").press("B");
    panel.sees("its certificate needs it");
    assert!(panel.commands.is_empty());
    panel.walk_to("expired").press("B");
    panel
        .sees("Destroy private key: shop.example.com")
        .sees("can bring it back")
        .sees("Keep the key");
    panel.press("enter");
    assert!(panel.commands.is_empty(), "nobody typed the name");
    panel.type_text("shop.example.com").press("enter enter");
    let asked = panel.answer(Ok(Done::KeyDestroyed {
        entry: fixture::id("expired"),
    }));
    assert!(matches!(asked, Command::DestroyKey { .. }), "{asked:?}");
    panel.sees("The private key is destroyed");
}
