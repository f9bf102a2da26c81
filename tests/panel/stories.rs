//! What people do with the panel, told by their keys and by what they see.

use certdeck::domain::entry::StateRef;
use certdeck::engine::command::{ClockChange, Command, Done, Notice, Tone};
use certdeck::tui::message::Message;
use secrecy::SecretString;

use crate::driver::{Panel, settings};
use crate::fixture::{self, id};

#[test]
fn the_most_urgent_entry_is_first_and_the_counts_stand_above() {
    let panel = Panel::open(100, 30);
    panel.sees("need you").sees("failed").sees("sandbox");
    let selected = panel.model.list.selected.clone().unwrap();
    let row = panel
        .model
        .list
        .rows
        .iter()
        .find(|row| row.id == selected)
        .unwrap();
    assert!(row.needs_someone(), "{row:?}");
}

#[test]
fn paying_an_invoice_goes_through_its_dialog_to_the_engine() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("invoice").press("i");
    panel.sees("RE-2026-1182").sees("49.00 EUR");
    for _ in 0..6 {
        if !panel.commands.is_empty() || panel.model.layer.is_none() {
            break;
        }
        if panel.screen().contains("[> Pay") {
            panel.press("enter");
        } else {
            panel.press("right");
        }
    }
    let done = Done::Played {
        entry: id("invoice"),
        label: "Invoice paid".to_owned(),
    };
    let command = panel.answer(Ok(done));
    assert!(
        matches!(&command, Command::Play { entry, event } if entry == &id("invoice") && event == "invoice-paid"),
        "{command:?}"
    );
    panel.sees("sandbox: Invoice paid");
    panel.say(Message::Published(fixture::changed("invoice", |entry| {
        entry.tracks.get_mut("main").unwrap().state = StateRef::known("registration");
    })));
    assert_eq!(panel.model.list.selected, Some(id("invoice")));
    panel.press("1").sees("Registration");
}

#[test]
fn renewing_an_expired_one_asks_first_and_leads_to_the_successor() {
    let mut panel = Panel::open(80, 30);
    panel.walk_to("expired").press("r");
    panel
        .sees("Renew certificate")
        .sees("Order the renewal")
        .sees("Do not renew now");
    panel.press("enter");
    assert!(panel.commands.is_empty(), "the safe button is the default");
    panel.press("r left enter");
    if panel.commands.is_empty() {
        panel.press("r right enter");
    }
    let command = panel.answer(Ok(Done::Acted {
        entry: id("expired"),
        says: "The renewal was ordered; its invoice is waiting.".to_owned(),
        successor: Some(id("next")),
    }));
    let Command::Act {
        entry,
        action,
        seen_state,
        ..
    } = command
    else {
        panic!("{command:?}");
    };
    assert_eq!((entry, action.as_str()), (id("expired"), "renew"));
    assert_eq!(
        seen_state.as_deref(),
        Some("expired"),
        "the state that was on the screen"
    );
    panel.sees("The renewal was ordered");
    let mut inventory = (*fixture::inventory()).clone();
    let mut entries = inventory.entries.clone();
    let mut next = (*entries.get(&id("invoice")).unwrap()).clone();
    next.id = id("next");
    entries.insert(next.into());
    inventory.entries = entries;
    panel.say(Message::Published(inventory.into()));
    assert_eq!(panel.model.list.selected, Some(id("next")));
}

#[test]
fn what_is_not_possible_says_why_by_key_and_in_the_menu() {
    let mut panel = Panel::open(100, 30);
    panel.walk_to("issued").press("r");
    panel.sees("Renew: paid until 2027-03-22; ask netcup's support for");
    panel.wait(30).sees_not("Renew: paid until");
    panel
        .press("a")
        .sees("Write to support")
        .sees("netcup documents no withdrawal");
    panel
        .press("w")
        .sees("Withdraw application: netcup documents no withdrawal");
    assert!(panel.model.layer.is_some(), "the menu stays open");
    assert!(panel.commands.is_empty());
    panel.press("esc").sees_not("Write to support");
}

#[test]
fn the_private_key_is_masked_until_asked_and_gone_when_left() {
    let mut panel = Panel::open(100, 40);
    panel.walk_to("issued").press("3");
    panel.sees("••••••").sees_not("SECRETSECRET");
    panel.press("K");
    let key = SecretString::from("-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n");
    let command = panel.answer(Ok(Done::Key(key.clone())));
    assert!(matches!(command, Command::RevealKey { .. }), "{command:?}");
    panel.sees("SECRETSECRET");
    panel.press("4 3").sees_not("SECRETSECRET");
    panel.press("K");
    panel.answer(Ok(Done::Key(key.clone())));
    panel.sees("SECRETSECRET");
    panel.press("esc j k").sees_not("SECRETSECRET");
    panel.press("K esc j");
    panel.answer(Ok(Done::Key(key)));
    panel.sees_not("SECRETSECRET");
}

#[test]
fn why_there_is_no_key_is_said_in_the_gates_words() {
    let mut panel = Panel::open(100, 40);
    panel.walk_to("cancelled").press("3");
    panel.sees("The private key is not here: you generated the CSR yourself");
}

#[test]
fn the_filter_works_while_it_is_typed() {
    let mut panel = Panel::open(100, 40);
    panel.press("/").type_text("jqa");
    panel.sees("Nothing matches");
    assert!(!panel.quit, "keys are text here");
    panel
        .press("esc / s h o p")
        .sees("shop.example.com")
        .sees_not("api.example.io");
    panel.press("enter j q");
    assert!(panel.quit, "the filter is kept and keys are keys again");
    panel.press("esc").sees("api.example.io");
}

#[test]
fn while_a_filter_is_typed_the_cursor_stands_on_the_first_that_is_found() {
    let mut panel = Panel::open(100, 40);
    panel.walk_to("successor").press("/").type_text("example");
    assert_eq!(panel.model.list.cursor, 0);
    panel.press("down").press("left");
    assert_eq!(panel.model.list.cursor, 1, "only what changes the filter");
    panel.press("enter").press("esc");
    assert!(panel.model.list.selected.is_some());
}

#[test]
fn a_linked_entry_is_one_key_away_and_so_is_the_way_back() {
    let mut panel = Panel::open(100, 50);
    panel.walk_to("old").sees("] goes there");
    panel.press("]");
    assert_eq!(panel.model.list.selected, Some(id("successor")));
    panel.sees("[ goes there");
    panel.press("]");
    panel.sees("No other entry renews or replaces renewed.example");
    panel.press("[");
    assert_eq!(panel.model.list.selected, Some(id("old")));
}

#[test]
fn a_linked_entry_is_found_where_it_was_put_away() {
    let mut panel = Panel::open(100, 50);
    panel.say(Message::Published(fixture::changed("old", |entry| {
        entry.archived = true;
    })));
    panel.walk_to("successor").press("[");
    assert_eq!(panel.model.list.selected, Some(id("old")));
}

#[test]
fn nobody_is_asked_to_publish_records_for_an_order_that_is_over() {
    let mut panel = Panel::open(100, 50);
    panel.walk_to("verify").sees("_dnsauth.example.org");
    panel.press("y").sees("_dnsauth.example.org");
    let mut panel = Panel::open(100, 50);
    panel.say(Message::Published(fixture::changed("verify", |entry| {
        let track = entry.tracks.get_mut("main").unwrap();
        track.state = StateRef::known("cancelled");
    })));
    panel.walk_to("verify").sees_not("_dnsauth.example.org");
    panel.press("2").sees_not("_dnsauth.example.org");
    panel.press("y").sees_not("_dnsauth.example.org");
}

#[test]
fn punycode_stands_beside_the_form_that_people_read() {
    let mut panel = Panel::open(100, 50);
    panel.say(Message::Published(fixture::changed("verify", |entry| {
        entry.names = vec!["*.xn--bcher-kva.example".to_owned()];
    })));
    panel
        .walk_to("verify")
        .sees("*.xn--bcher-kva.example (*.bücher.example)");
}

#[test]
fn a_note_that_cannot_be_kept_is_not_lost() {
    let mut panel = Panel::open(100, 40);
    panel
        .walk_to("issued")
        .press("N")
        .type_text("ask Ada")
        .press("ctrl-s");
    panel.answer(Err("there is no room left on the disk"));
    panel.sees("ask Ada").sees("no room left");
    panel.press("ctrl-s");
    panel.answer(Ok(Done::Kept));
    panel.sees_not("Keep the note");
}

#[test]
fn a_short_list_leaves_its_room_to_the_details() {
    let mut panel = Panel::open(100, 40);
    let before = panel.model.screen().details.height;
    panel.press("/").type_text("gone.example");
    assert_eq!(
        panel.model.screen().details.height,
        before,
        "not while typing"
    );
    panel.press("enter");
    assert!(panel.model.screen().details.height > before + 8);
}

#[test]
fn what_is_archived_is_out_of_the_list_until_asked_for() {
    let mut panel = Panel::open(100, 40);
    panel.sees_not("archived.example");
    panel
        .press("/")
        .type_text("archived")
        .press("enter")
        .sees("archived.example");
    panel.press("A");
    let command = panel.answer(Ok(Done::Kept));
    assert!(matches!(command, Command::Restore { .. }), "{command:?}");
}

#[test]
fn a_vanished_selection_goes_to_a_neighbour_and_a_published_change_keeps_it() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("verify");
    panel.say(Message::Published(fixture::without("expired")));
    assert_eq!(panel.model.list.selected, Some(id("verify")));
    let below = panel
        .model
        .list
        .row(panel.model.list.cursor + 1)
        .unwrap()
        .id
        .clone();
    panel.say(Message::Published(fixture::without("verify")));
    assert_eq!(panel.model.list.selected, Some(below));
}

#[test]
fn late_details_for_another_entry_are_dropped() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("issued").press("1");
    let other = fixture::inventory().get(&id("wide")).unwrap().clone();
    panel.say(Message::Details(
        id("wide"),
        Ok(Box::new(fixture::details(&other))),
    ));
    assert!(panel.model.details.of(&id("issued")).is_some());
    assert!(panel.model.details.of(&id("wide")).is_none());
}

#[test]
fn an_order_that_is_under_way_holds_the_exit_and_says_so() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("expired").press("r left enter");
    if panel.commands.is_empty() {
        panel.press("r right enter");
    }
    panel.sees("waiting: Renew shop.example.com");
    panel.press("q");
    assert!(!panel.quit);
    panel.sees("Waiting for the answer");
    panel.answer(Err("netcup refused Renew: too many orders"));
    assert!(panel.quit, "the answer is there, so the panel closes");
}

#[test]
fn a_refusal_is_told_in_the_providers_words() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("expired").press("r left enter");
    if panel.commands.is_empty() {
        panel.press("r right enter");
    }
    panel.answer(Err(
        "netcup refused Renew for shop.example.com: too many orders",
    ));
    panel.sees("too many orders");
}

#[test]
fn marked_entries_are_asked_about_once_and_each_is_sent() {
    let mut panel = Panel::open(100, 40);
    panel.walk_to("expired").press("space");
    panel.walk_to("due").press("space");
    panel.walk_to("issued").press("space");
    panel.sees("3 marked");
    panel.press("r");
    panel.sees("For 2 of 3 marked entries").sees("1 left out: ");
    panel.press("left enter");
    assert_eq!(panel.commands.len(), 2);
    panel.sees("2 under way, 1 left out");
    panel.press("esc").sees("3 marked");
    panel.press("esc").sees_not("3 marked");
}

#[test]
fn the_sandbox_clock_is_stopped_and_sped_up_by_key() {
    let mut panel = Panel::open(80, 24);
    panel.press("z Z");
    let changes: Vec<_> = panel
        .commands
        .iter()
        .map(|(_, command)| command.clone())
        .collect();
    assert!(matches!(
        changes.as_slice(),
        [
            Command::Clock {
                change: ClockChange::TogglePause,
                ..
            },
            Command::Clock {
                change: ClockChange::NextSpeed,
                ..
            }
        ]
    ));
}

#[test]
fn news_covers_little_of_what_is_being_decided() {
    let mut panel = Panel::open(80, 24);
    panel.press("?");
    let before = panel.screen();
    let says =
        "example.org: The CA could not verify the order with the data that it has. ".repeat(4);
    panel.say(Message::Notice(Notice {
        entry: None,
        tone: Tone::Warning,
        says,
    }));
    let after = panel.screen();
    let differing = before.lines().zip(after.lines()).filter(|(a, b)| a != b);
    assert!((1..=3).contains(&differing.count()), "{after}");
    panel
        .press("esc")
        .sees("with the data that it has. example.org");
}

#[test]
fn news_rings_and_shows_and_goes() {
    let mut panel = Panel::open(80, 24);
    panel.say(Message::Notice(Notice {
        entry: Some(id("verify")),
        tone: Tone::Good,
        says: "example.org: Your certificate has been issued.".to_owned(),
    }));
    panel.sees("Your certificate has been issued.");
    assert_eq!(panel.rang, 1);
    assert!(
        panel.model.next_tick().is_some(),
        "the toast has to go some time"
    );
    panel.wait(60).sees_not("Your certificate has been issued.");
    assert_eq!(
        panel.model.next_tick(),
        None,
        "nothing counts down, so nothing wakes the panel"
    );
}

#[test]
fn a_pasted_newline_confirms_nothing() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("expired").press("r left");
    panel.say(Message::Paste("\n\n\r".to_owned()));
    panel.press("right");
    panel.say(Message::Paste("\n\n\r".to_owned()));
    assert!(panel.commands.is_empty());
    panel.sees("Renew certificate");
}

#[test]
fn ten_thousand_names_are_folded_and_can_be_scrolled_to_the_last() {
    let mut panel = Panel::open(80, 24);
    panel.walk_to("wide").press("1 tab");
    let mut found = false;
    for _ in 0..4 {
        found |= panel.screen().contains("and 9,992 more");
        panel.press("page-down");
    }
    assert!(found, "{}", panel.screen());
    panel.press("x G k k k k k k k").sees("n9999.wide.example");
}

#[test]
fn read_only_changes_nothing_and_says_so() {
    let mut look = settings("dark", false);
    look.read_only = true;
    let mut panel = Panel::over(fixture::inventory(), look, 80, 24);
    panel.walk_to("issued").press("K o z");
    panel.sees("read-only");
    assert!(panel.commands.is_empty());
}

#[test]
fn an_empty_store_greets_with_the_ways_in() {
    let panel = Panel::over(fixture::empty(), settings("dark", false), 80, 24);
    panel
        .sees("certdeck import PATH")
        .sees("o    order from the sandbox")
        .sees("c n  add an account: by hand (netcup), or watched")
        .sees("c f  find the certificates of certbot");
}

#[test]
fn a_click_selects_what_it_hits() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut panel = Panel::open(80, 24);
    let inside = panel.model.screen().list_inside();
    panel.say(Message::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: inside.x + 5,
        row: inside.y + 3,
        modifiers: KeyModifiers::NONE,
    }));
    assert_eq!(panel.model.list.cursor, 3);
}

#[test]
fn a_rejected_order_comes_back_to_its_form_and_nothing_typed_is_lost() {
    let mut panel = Panel::open(80, 30);
    panel.press("o");
    panel.sees("Order a certificate");
    for _ in 0..12 {
        if panel.screen().contains("▌Names") {
            break;
        }
        panel.press("tab");
    }
    panel.type_text("*.shop.example.net").press("ctrl-s");
    for _ in 0..6 {
        if !panel.commands.is_empty() {
            break;
        }
        let ready = panel.screen().contains("[> Place");
        panel.press(if ready { "enter" } else { "right" });
    }
    let command = panel.answer(Err("netcup refused Order: too many open orders"));
    let Command::Order(form) = command else {
        panic!("{command:?}");
    };
    assert_eq!(form.names, ["*.shop.example.net"]);
    panel.sees("too many open orders").sees("shop.example.net");
    assert!(panel.model.layer.is_some());
}
