//! What people do with what they keep by hand, in the whole panel.

use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::inventory::{Account, Inventory};
use certdeck::engine::command::{Command, Done, Record, Recorded};
use certdeck::tui::message::Message;
use certdeck::tui::model::Settings;

use crate::driver::{Panel, settings};
use crate::fixture::{self, id};

/// The fixture, in which these entries of the sandbox are kept by hand.
fn inventory(by_hand: &[&str]) -> Arc<Inventory> {
    let mut inventory = fixture::inventory().as_ref().clone();
    let mut account: Account = inventory.accounts["sandbox"].clone();
    "netcup-main".clone_into(&mut account.name);
    account.kind = AccountKind::ByHand;
    account.clock = None;
    inventory.accounts.insert(account.name.clone(), account);
    let entries = &mut inventory.entries;
    for entry in by_hand {
        let mut entry = entries.get(&id(entry)).unwrap();
        "netcup-main".clone_into(&mut Arc::make_mut(&mut entry).account);
        entries.insert(entry);
    }
    Arc::new(inventory)
}

fn open(by_hand: &[&str]) -> Panel {
    Panel::over(inventory(by_hand), settings("dark", false), 100, 40)
}

fn record(command: Command) -> Record {
    let Command::Record(record) = command else {
        panic!("{command:?}");
    };
    *record
}

fn recorded(entry: &str, says: &str) -> Done {
    Done::Recorded {
        entry: id(entry),
        says: says.to_owned(),
        successor: None,
    }
}

#[test]
fn the_next_event_is_recorded_where_nobody_else_makes_it_happen() {
    for keys in ["n", "d", "a n", "a d"] {
        let mut panel = open(&["invoice"]);
        panel.walk_to("invoice").press(keys);
        panel.sees("record: Invoice paid");
        panel.sees("netcup's panel now shows:");
        panel.press("enter").sees("Record by hand: Invoice paid");
        panel.type_text("2027-11-22").press("ctrl-s");
        let says = "Recorded: Invoice paid. It is Registration now; netcup moves next.";
        let record = record(panel.answer(Ok(recorded("invoice", says))));
        assert_eq!(record.what, Recorded::Event("invoice-paid".to_owned()));
        assert_eq!(record.seen_state.as_deref(), Some("outstanding-invoice"));
        panel.sees("Recorded: Invoice paid");
        assert!(panel.model.layer.is_none(), "{}", panel.screen());
    }
    // In the sandbox it is the sandbox that lets it happen.
    let mut panel = open(&[]);
    panel.walk_to("invoice").press("n").sees("Let it happen");
    panel.press("esc d").sees("only for what is kept by hand");
}

#[test]
fn the_sandboxes_line_in_the_menu_stays_refused() {
    let mut panel = open(&["invoice"]);
    panel.walk_to("invoice").press("a");
    panel.sees("by hand");
    for _ in 0..60 {
        if panel.screen().contains("▌ n  Sandbox") {
            break;
        }
        panel.press("j");
    }
    panel.press("enter").sees("only in the sandbox");
    assert!(!panel.screen().contains("record: Invoice paid"));
}

#[test]
fn a_refused_record_leaves_the_form_as_it_was() {
    let mut panel = open(&["invoice"]);
    panel.walk_to("invoice").press("d enter");
    panel.type_text("2027-11-22").press("ctrl-s");
    panel.sees("being written down");
    panel.answer(Err("the disk is full"));
    panel.sees("The disk is full").sees("2027-11-22");
}

#[test]
fn an_action_by_hand_is_never_sent() {
    let mut panel = open(&["expired"]);
    panel.walk_to("expired").press("r");
    panel.sees("Renew, by hand").sees("[> Not yet <]");
    assert!(!panel.screen().contains("Order the renewal"));
    panel.press("o").sees("Renew, by hand");
    assert_eq!(panel.links.len(), 1, "{:?}", panel.links);
    panel.press("enter");
    assert!(panel.model.layer.is_none() && panel.commands.is_empty());
}

#[test]
fn several_at_once_leave_out_what_is_kept_by_hand() {
    let mut panel = open(&["expired"]);
    panel.walk_to("expired").press("space");
    panel.walk_to("due").press("space");
    panel.press("r");
    panel.sees("1 left out: kept by hand:");
    panel.press("left enter");
    let sent: Vec<_> = panel.commands.iter().map(|(_, command)| command).collect();
    assert!(
        matches!(sent.as_slice(), [Command::Act { entry, .. }] if *entry == id("due")),
        "{sent:?}"
    );
}

#[test]
fn after_an_order_its_csr_is_one_key_away() {
    let mut panel = open(&[]);
    panel.press("o").sees("which account?");
    panel.press("enter").sees("Order by hand");
    panel.type_text("new.example.com").press("ctrl-s");
    let says = "Recorded: the order of new.example.com.";
    let command = panel.answer(Ok(recorded("invoice", says)));
    assert!(matches!(command, Command::OrderByHand(_)), "{command:?}");
    panel.sees("y copies the CSR");
    assert!(panel.model.layer.is_none());
    assert_eq!(panel.model.list.selected, Some(id("invoice")));
    // The copy menu of such an order begins with its CSR.
    panel.say(Message::Published(inventory(&["invoice"])));
    panel.press("y").sees("▌ CSR");
    panel.press("enter");
    assert!(panel.copied[0].contains("CERTIFICATE REQUEST"));
}

#[test]
fn nothing_is_written_down_read_only() {
    let mut panel = Panel::over(
        inventory(&["invoice"]),
        Settings {
            read_only: true,
            ..settings("dark", false)
        },
        100,
        40,
    );
    panel.walk_to("invoice").press("d enter");
    panel.type_text("2027-11-22").press("ctrl-s");
    assert!(panel.commands.is_empty());
    panel.sees("read-only").sees("2027-11-22");
}
