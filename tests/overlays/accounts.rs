//! Stories of the dialog of the accounts.

use certdeck::engine::command::{AccountRemoved, Command, Done, Field, FieldError};
use certdeck::tui::dialog::Accounts;
use certdeck::tui::overlay::{Input, Outcome, Overlay};

use crate::accounts_fixtures::{self as fixtures, on_page};
use crate::desk::{Desk, snapshots};

fn open() -> Desk {
    Desk::with(fixtures::accounts())
}

fn answer(desk: &mut Desk, done: Done) -> Outcome {
    desk.overlay.handle(&Input::Answer(done))
}

fn failed(desk: &mut Desk, says: &str) -> Outcome {
    desk.overlay.handle(&Input::Failed {
        fields: Vec::new(),
        says: says.to_owned(),
    })
}

/// The account that a command adds.
fn draft_of(outcome: Outcome) -> certdeck::engine::command::AccountDraft {
    match outcome {
        Outcome::RunHere(Command::AddAccount(draft)) => *draft,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_list_tells_kind_entries_and_trouble_in_words() {
    let desk = open();
    desk.sees("by hand");
    desk.sees("2 min ago");
    desk.sees("not yet");
    desk.sees("⚠ 1 unreadable");
    let screen = desk.screen(80, 24);
    let edge = screen.lines().find(|line| line.contains("edge")).unwrap();
    assert!(
        edge.contains(" 11 ") && edge.contains(" 2 "),
        "archived ones do not count: {edge}"
    );
}

#[test]
fn the_details_name_each_place_and_what_to_do_about_its_trouble() {
    let mut desk = open();
    assert!(matches!(desk.keys("enter"), Outcome::Stay));
    desk.sees("Account · edge");
    desk.sees("accounts/edge.toml");
    desk.sees("/etc/letsencrypt/live");
    desk.sees("right to read it, or leave it out");
    desk.does_not_see("\u{1b}");
    desk.press("esc");
    desk.sees("netcup-main");
    assert!(matches!(desk.press("esc"), Outcome::Close));
}

#[test]
fn a_check_is_waited_for_and_shown_in_the_dialog() {
    let mut desk = open();
    let outcome = desk.press("c");
    assert!(
        matches!(&outcome, Outcome::RunHere(Command::CheckAccount { name }) if name == "edge"),
        "{outcome:?}"
    );
    desk.sees("Checking");
    assert!(desk.overlay.wants(&fixtures::checked("edge")));
    answer(&mut desk, fixtures::checked("edge"));
    desk.sees("✓ /etc/letsencrypt/live: 14 files");
    desk.sees("✗ /srv/certs: permission denied");
    let mut desk = open();
    desk.press("c");
    failed(&mut desk, "the account \"edge\" is gone");
    desk.sees("✗ the account \"edge\" is gone");
    desk.does_not_see("Checking");
}

#[test]
fn an_answer_that_comes_after_its_page_was_left_is_still_told() {
    let mut desk = open();
    desk.press("c");
    desk.press("esc");
    answer(&mut desk, fixtures::checked("edge"));
    desk.sees("edge: 1 thing is wrong");
    desk.sees("netcup-main");
}

#[test]
fn only_what_watches_something_is_looked_at() {
    let mut desk = open();
    let outcome = desk.press("u");
    assert!(
        matches!(&outcome, Outcome::RunHere(Command::Sync { account: Some(name) }) if name == "edge"),
        "{outcome:?}"
    );
    answer(&mut desk, fixtures::synced("edge"));
    desk.sees("edge: 14 looked at, 9 new, 1 cannot be read");
    desk.sees("✗ /srv/certs/broken.pem: permission denied");
    let mut desk = open();
    assert!(matches!(desk.keys("j j u"), Outcome::Stay));
    desk.sees("netcup-main watches nothing");
}

#[test]
fn an_account_is_removed_only_by_its_button_and_kept_by_default() {
    let mut desk = open();
    desk.press("R");
    desk.sees("Its 11 entries are archived");
    desk.sees("accounts/removed");
    desk.sees("[> Keep the account <]");
    assert!(matches!(desk.press("enter"), Outcome::Stay));
    desk.sees("netcup-main");
    let outcome = desk.keys("R left enter");
    assert!(
        matches!(&outcome, Outcome::RunHere(Command::RemoveAccount { name }) if name == "edge"),
        "{outcome:?}"
    );
    desk.sees("Removing the account");
    let removed = AccountRemoved {
        name: "edge".to_owned(),
        archived: 11,
        file: None,
    };
    answer(&mut desk, Done::AccountRemoved(removed));
    desk.sees("The account edge is removed");
    let mut inventory = fixtures::inventory();
    inventory.accounts.remove("edge");
    desk.overlay
        .handle(&Input::Accounts(fixtures::now_of(inventory, false)));
    let screen = desk.screen(80, 24);
    assert!(
        screen.contains("▌ files"),
        "the neighbour has the cursor:\n{screen}"
    );
}

#[test]
fn what_cannot_be_removed_says_why() {
    let mut desk = open();
    desk.keys("R left enter");
    failed(&mut desk, "its file cannot be moved");
    desk.sees("✗ its file cannot be moved");
    desk.sees("netcup-main");
}

#[test]
fn what_is_built_in_says_that_it_stays_instead_of_asking() {
    let mut desk = open();
    assert!(matches!(desk.keys("j R"), Outcome::Stay));
    desk.sees("is built in and always there");
    desk.does_not_see("Keep the account");
    desk.does_not_see("accounts/removed");
}

#[test]
fn a_new_account_is_asked_only_what_its_kind_needs() {
    let mut desk = open();
    desk.press("n");
    desk.sees("by hand");
    desk.sees("Lifecycle");
    desk.sees("Panel");
    desk.does_not_see("Servers");
    desk.press("right");
    desk.sees("Paths");
    desk.sees("Servers");
    desk.does_not_see("Lifecycle");
    desk.press("right");
    desk.sees("Lifecycle");
    desk.does_not_see("Paths");
    desk.does_not_see("Panel");
}

#[test]
fn a_by_hand_account_is_added_by_keyboard() {
    let mut desk = open();
    desk.keys("n tab");
    desk.write("netcup-shop");
    let draft = draft_of(desk.press("ctrl-s"));
    assert_eq!(
        (draft.name.as_str(), draft.kind.as_str()),
        ("netcup-shop", "by-hand")
    );
    assert_eq!(draft.lifecycles, ["netcup"]);
    assert_eq!((draft.panel, draft.every), (None, None));
    desk.sees("being added");
    assert!(matches!(
        answer(&mut desk, fixtures::added("netcup-shop")),
        Outcome::Stay
    ));
    desk.sees("The account netcup-shop is there.");
}

#[test]
fn a_watched_account_is_looked_at_as_soon_as_it_is_there() {
    let mut desk = open();
    desk.keys("n right tab");
    desk.write("edge2");
    desk.press("tab");
    desk.paste("/srv/my certs\n/etc/ssl\n");
    desk.press("tab");
    desk.write("*.crt, *.pem");
    desk.keys("tab tab");
    desk.paste("shop.example:8443\nmail.example");
    let draft = draft_of(desk.press("ctrl-s"));
    assert_eq!(draft.kind, "files");
    assert_eq!(draft.paths, ["/srv/my certs", "/etc/ssl"]);
    assert_eq!(draft.include, ["*.crt", "*.pem"]);
    assert_eq!(draft.hosts, ["shop.example:8443", "mail.example"]);
    assert_eq!((draft.lifecycles, draft.panel), (Vec::new(), None));
    let outcome = answer(&mut desk, fixtures::added("edge2"));
    assert!(
        matches!(&outcome, Outcome::RunHere(Command::Sync { account: Some(name) }) if name == "edge2"),
        "{outcome:?}"
    );
    desk.sees("Look · edge2");
    answer(&mut desk, fixtures::synced("edge2"));
    desk.sees("9 new");
}

#[test]
fn a_refused_account_keeps_what_was_filled_in_and_says_what_is_wrong() {
    let mut desk = open();
    desk.keys("n tab");
    desk.write("netcup-shop");
    draft_of(desk.press("ctrl-s"));
    desk.overlay.handle(&Input::Failed {
        fields: vec![FieldError {
            field: Field::Account,
            says: "there is a file of this name already".to_owned(),
        }],
        says: "the account cannot be added".to_owned(),
    });
    desk.sees("netcup-shop");
    desk.sees("There is a file of this name already");
    desk.press("esc");
    desk.sees("Throw away what you filled in?");
}

#[test]
fn an_answer_for_a_form_that_was_left_disturbs_no_other() {
    let mut desk = open();
    desk.keys("n tab");
    desk.write("first");
    draft_of(desk.press("ctrl-s"));
    desk.keys("esc n tab");
    desk.write("second");
    answer(&mut desk, fixtures::added("first"));
    desk.sees("second");
    failed(&mut desk, "something else went wrong");
    desk.sees("second");
    desk.does_not_see("something else");
    assert_eq!(draft_of(desk.press("ctrl-s")).name, "second");
}

#[test]
fn a_pasted_newline_adds_nothing() {
    let mut desk = open();
    desk.keys("n tab");
    desk.paste("netcup-shop\n\n");
    desk.sees("netcup-shop");
    let mut desk = on_page("f", Some(fixtures::discovered()));
    desk.keys("j space");
    desk.paste("\n\n");
    desk.sees("1 marked");
}

#[test]
fn what_was_found_is_listed_before_anything_is_added() {
    let mut desk = open();
    let outcome = desk.press("f");
    assert!(
        matches!(&outcome, Outcome::RunHere(Command::Discover { roots }) if roots.is_empty()),
        "{outcome:?}"
    );
    desk.sees("Looking for certificates");
    answer(&mut desk, fixtures::discovered());
    desk.sees("only reads");
    desk.sees("watched already, by the account edge");
    desk.sees("shop.example +1 until 2027-01-14");
    desk.sees("expired");
    desk.sees("/root/.acme.sh: permission denied");
    assert!(matches!(desk.press("enter"), Outcome::Stay));
    desk.sees("nothing was added");
}

#[test]
fn only_what_is_marked_is_added_one_after_the_other() {
    let mut desk = on_page("f", Some(fixtures::discovered()));
    // What is watched already cannot be marked.
    desk.keys("space j space j space");
    desk.sees("2 marked");
    let first = draft_of(desk.press("enter"));
    assert_eq!(first.name, "lego");
    let second = draft_of(answer(&mut desk, fixtures::added("lego")));
    assert_eq!(second.name, "acme-sh");
    let outcome = answer(&mut desk, fixtures::added("acme-sh"));
    assert!(
        matches!(outcome, Outcome::RunHere(Command::Sync { account: None })),
        "{outcome:?}"
    );
    answer(&mut desk, fixtures::synced("lego"));
    desk.sees("9 new");
}

#[test]
fn what_cannot_be_added_keeps_none_of_the_others_out_and_says_why() {
    let mut desk = on_page("f", Some(fixtures::discovered()));
    desk.keys("j space j space");
    assert_eq!(draft_of(desk.press("enter")).name, "lego");
    let second = draft_of(failed(&mut desk, "the folder accounts cannot be written"));
    assert_eq!(second.name, "acme-sh");
    let outcome = answer(&mut desk, fixtures::added("acme-sh"));
    assert!(
        matches!(&outcome, Outcome::RunHere(Command::Sync { account: Some(name) }) if name == "acme-sh"),
        "{outcome:?}"
    );
    desk.sees("not added: the folder accounts cannot be written");
}

#[test]
fn where_nothing_may_be_changed_accounts_are_only_looked_at() {
    let now = fixtures::now_of(fixtures::inventory(), true);
    let mut desk = Desk::with(Overlay::Accounts(Box::new(Accounts::new(now))));
    for key in ["n", "R", "u"] {
        assert!(matches!(desk.press(key), Outcome::Stay), "{key}");
        desk.sees("started read-only");
        desk.sees("netcup-main");
    }
    assert!(matches!(
        desk.press("c"),
        Outcome::RunHere(Command::CheckAccount { .. })
    ));
}

#[test]
fn a_thousand_accounts_are_scrolled_through() {
    let mut inventory = fixtures::inventory();
    let template = inventory.accounts["edge"].clone();
    for number in 0..1_000 {
        let mut account = template.clone();
        account.name = format!("watched-{number:04}");
        inventory.accounts.insert(account.name.clone(), account);
    }
    let now = fixtures::now_of(inventory, false);
    let mut desk = Desk::with(Overlay::Accounts(Box::new(Accounts::new(now))));
    desk.press("G");
    desk.sees("▌ watched-0999");
    desk.press("k");
    desk.sees("▌ watched-0998");
    desk.press("g");
    desk.sees("▌ edge");
}

#[test]
fn every_page_looks_right() {
    snapshots!(open(), "accounts");
    snapshots!(on_page("enter", None), "account");
    snapshots!(
        on_page("c", Some(fixtures::checked("edge"))),
        "account_checked"
    );
    snapshots!(on_page("f", Some(fixtures::discovered())), "accounts_found");
    snapshots!(on_page("n", None), "account_new_by_hand");
    snapshots!(on_page("n right", None), "account_new_watched");
    snapshots!(on_page("R", None), "account_remove");
    for (name, page) in [
        ("accounts", open()),
        ("account", on_page("enter", None)),
        ("accounts_found", on_page("f", Some(fixtures::discovered()))),
    ] {
        insta::assert_snapshot!(format!("{name}_200x50"), page.screen(200, 50));
        insta::assert_snapshot!(format!("{name}_mono"), page.in_ascii().screen(80, 24));
    }
}
