//! Watched accounts, accounts by hand, and progress, as they stand on the screen.

use std::path::PathBuf;
use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entries::Entries;
use certdeck::domain::entry::{Entry, Trouble};
use certdeck::domain::inventory::{Account, Inventory, Watched};
use certdeck::engine::command::{
    AccountAdded, AccountRemoved, Command, Done, Progress, SyncReport,
};
use certdeck::tui::message::Message;
use certdeck::tui::model::Layer;
use certdeck::tui::overlay::Overlay;
use jiff::{SignedDuration, Timestamp};

use crate::driver::{Panel, draw, settings};
use crate::fixture::{self, NOW, at, id};

fn minutes_ago(minutes: i64) -> Timestamp {
    at(NOW) - SignedDuration::from_mins(minutes)
}

fn account(name: &str, kind: AccountKind, lifecycle: &str) -> Account {
    Account {
        deploys: false,
        probes_wildcards: false,
        name: name.to_owned(),
        kind,
        lifecycles: vec![lifecycle.to_owned()],
        read_only: false,
        clock: None,
        seed: None,
        zone: None,
        panel: None,
        watched: None,
    }
}

/// The entry of a watched place, with the certificate of another one of the fixture.
fn watched_entry(inventory: &Inventory, entry: &str, name: &str, origin: &str) -> Entry {
    let mut made = (*inventory.get(&id("file-ok")).unwrap()).clone();
    made.id = id(entry);
    "edge".clone_into(&mut made.account);
    made.names = vec![name.to_owned()];
    made.origin = Some(origin.to_owned());
    made
}

/// A few entries that are watched, one of them in trouble, and one that is kept by hand.
pub(crate) fn inventory() -> Arc<Inventory> {
    let mut inventory = (*fixture::inventory()).clone();
    let mut edge = account("edge", AccountKind::Files, "files");
    edge.watched = Some(Watched {
        places: vec!["/srv/certs".to_owned(), "mail.example:993".to_owned()],
        looked: Some(minutes_ago(2)),
        trouble: vec![(
            "mail.example:993".to_owned(),
            "no answer within 10 s; look whether the server runs".to_owned(),
        )],
    });
    let mut by_hand = account("netcup-main", AccountKind::ByHand, "netcup");
    by_hand.panel = Some("https://www.customercontrolpanel.de".to_owned());
    let well = watched_entry(&inventory, "well", "shop.example", "/srv/certs/shop.pem");
    let mut lost = watched_entry(&inventory, "lost", "mail.example", "mail.example:993");
    lost.trouble = Some(Trouble {
        why: "no answer within 10 s; look whether the server runs.".to_owned(),
        since: minutes_ago(50),
        last_good: minutes_ago(190),
    });
    let mut hand = (*inventory.get(&id("invoice")).unwrap()).clone();
    hand.id = id("hand");
    "netcup-main".clone_into(&mut hand.account);
    hand.names = vec!["hand.example".to_owned()];
    for account in [edge, by_hand] {
        inventory.accounts.insert(account.name.clone(), account);
    }
    let keep = ["issued", "file-ok"].map(id);
    let kept = inventory.entries.iter();
    let mut entries: Entries = kept.filter(|entry| keep.contains(&entry.id)).collect();
    for entry in [well, lost, hand] {
        entries.insert(Arc::new(entry));
    }
    inventory.entries = entries;
    Arc::new(inventory)
}

fn open(columns: u16, rows: u16) -> Panel {
    Panel::over(inventory(), settings("dark", false), columns, rows)
}

fn progress(done: usize, total: Option<usize>) -> Message {
    Message::Progress(Some(Progress {
        what: "Reading files".to_owned(),
        done,
        total,
        since: at(NOW),
    }))
}

#[test]
fn an_entry_in_trouble_has_a_sign_and_a_word_in_the_list() {
    let panel = open(80, 24);
    panel.sees("⚠ Valid (unreadable)");
    panel.sees("⚠ 1 place unreadable");
    let mut narrow = open(24, 12);
    narrow.walk_to("lost");
    narrow.sees("⚠ mail.example");
    let ascii = Panel::over(inventory(), settings("mono", true), 80, 24);
    ascii.sees("% Valid (unreadable)");
}

#[test]
fn general_tells_the_place_its_age_and_what_is_wrong() {
    let mut panel = open(120, 40);
    panel.walk_to("well").press("1");
    panel.sees("/srv/certs/shop.pem, last read 2 min ago");
    panel.walk_to("lost");
    panel
        .sees("mail.example:993 cannot be read since 2026-11-22 11:10 UTC")
        .sees("server runs. Shown is what was read 3 h ago.");
    panel.walk_to("hand");
    panel
        .sees("you record what netcup's panel (https://www.customercontrolpanel.de)")
        .sees("netcup-main (by hand)");
    panel.walk_to("file-ok").sees("/etc/ssl/file-ok.pem");
}

#[test]
fn ages_grow_while_nobody_presses_a_key() {
    let mut panel = open(120, 40);
    panel.walk_to("well").press("1");
    let tick = panel.model.next_tick().unwrap();
    assert!(tick <= at(NOW) + SignedDuration::from_mins(1));
    panel.wait(180).sees("last read 5 min ago");
    let idle = Panel::open(120, 40);
    assert_eq!(idle.model.next_tick(), None, "nothing is watched there");
}

#[test]
fn progress_stands_above_and_goes_when_it_is_over() {
    let mut panel = open(100, 24);
    panel.say(progress(3_200, Some(10_000)));
    panel.sees("Reading files 3,200 of 10,000");
    panel.say(progress(12, None));
    panel.sees("Reading files 12 ").sees_not("10,000");
    panel.say(Message::Progress(None));
    panel.sees_not("Reading files");
    let mut narrow = open(40, 12);
    narrow.say(progress(3_200, Some(10_000)));
    narrow.sees("3,200 of 10,000");
}

#[test]
fn looking_again_is_one_key_and_says_what_it_found() {
    let mut panel = open(100, 30);
    panel.walk_to("well").press("u");
    let report = SyncReport {
        account: "edge".to_owned(),
        looked: 2,
        renewed: 1,
        ..SyncReport::default()
    };
    let command = panel.answer(Ok(Done::Synced(vec![report])));
    assert!(
        matches!(&command, Command::Sync { account: Some(name) } if name == "edge"),
        "{command:?}"
    );
    panel.sees("edge: 2 looked at, 1 renewed");
    panel.walk_to("hand").press("u").sees("kept by hand");
    panel.walk_to("file-ok").press("u").sees("imported once");
    panel.walk_to("issued").press("u").sees("always up to date");
    let mut gone = (*inventory()).clone();
    gone.accounts.remove("edge");
    panel.say(Message::Published(Arc::new(gone)));
    panel.walk_to("well").press("u").sees("not configured");
    assert!(panel.commands.is_empty());
}

#[test]
fn an_added_account_is_told_with_its_file_and_the_dialog_stays() {
    let mut panel = open(100, 30);
    panel
        .press("c n tab")
        .type_text("netcup-shop")
        .press("ctrl-s");
    panel.sees("being added");
    let added = AccountAdded {
        name: "netcup-shop".to_owned(),
        file: PathBuf::from("/home/ada/accounts/netcup-shop.toml"),
    };
    let command = panel.answer(Ok(Done::AccountAdded(added)));
    assert!(matches!(command, Command::AddAccount(_)), "{command:?}");
    panel.sees("/home/ada/accounts/netcup-shop.toml");
    panel.sees("The account netcup-shop is there.");
    assert!(matches!(
        panel.model.layer,
        Some(Layer::Overlay(Overlay::Accounts(_)))
    ));
    let mut changed = (*inventory()).clone();
    let shop = account("netcup-shop", AccountKind::ByHand, "netcup");
    changed.accounts.insert(shop.name.clone(), shop);
    panel.say(Message::Published(Arc::new(changed)));
    panel.sees("▌ netcup-shop");
    panel.press("esc").sees_not("netcup-shop  ");
}

#[test]
fn a_removal_is_asked_for_and_told() {
    let mut panel = open(100, 30);
    panel.press("c R left enter");
    let removed = AccountRemoved {
        name: "edge".to_owned(),
        archived: 2,
        file: Some(PathBuf::from("/home/ada/accounts/removed/edge.toml")),
    };
    let command = panel.answer(Ok(Done::AccountRemoved(removed)));
    assert!(
        matches!(command, Command::RemoveAccount { .. }),
        "{command:?}"
    );
    panel.sees("its 2 entries are archived");
    panel.sees("accounts/removed/edge.toml");
}

#[test]
fn what_fails_after_the_dialog_was_closed_is_told_all_the_same() {
    let mut panel = open(100, 30);
    panel.press("c f esc esc");
    assert!(panel.model.layer.is_none());
    panel.answer(Err("the folder /etc cannot be read"));
    panel.sees("the folder /etc cannot be read");
}

#[test]
fn where_nothing_may_be_changed_a_check_is_possible() {
    let mut look = settings("dark", false);
    look.read_only = true;
    let mut panel = Panel::over(inventory(), look, 100, 30);
    panel.press("c c");
    let (_, command) = &panel.commands[0];
    assert!(
        matches!(command, Command::CheckAccount { .. }),
        "{command:?}"
    );
}

#[test]
fn every_screen_of_the_watched_looks_right_and_fits_any_window() {
    for (name, entry, keys) in [
        ("watched-list", "", ""),
        ("watched-general-lost", "lost", "enter 1"),
        ("watched-general-well", "well", "enter 1"),
        ("watched-general-by-hand", "hand", "enter 1"),
        ("watched-accounts", "", "c"),
    ] {
        for (theme, columns, rows) in [
            ("dark", 80, 24),
            ("dark", 200, 50),
            ("dark", 40, 12),
            ("mono", 80, 24),
        ] {
            let look = settings(theme, theme == "mono");
            let mut panel = Panel::over(inventory(), look, columns, rows);
            // What is said at the start has been read.
            panel.press("esc").say(progress(3_200, Some(10_000)));
            if !entry.is_empty() {
                panel.walk_to(entry);
            }
            if !keys.is_empty() {
                panel.press(keys);
            }
            let screen = panel.screen();
            assert!(theme != "mono" || screen.is_ascii(), "{name}:\n{screen}");
            let name = format!("{name}-{theme}-{columns}x{rows}");
            crate::screens::keep(&name, &screen);
        }
    }
}

#[test]
fn no_window_is_too_small_for_what_is_watched() {
    for keys in ["", "enter 1", "c", "c enter", "c n", "c f", "c R"] {
        let mut panel = open(80, 24);
        panel.walk_to("lost");
        panel.say(progress(3_200, Some(10_000)));
        if !keys.is_empty() {
            panel.press(keys);
        }
        for columns in 0..=20 {
            for rows in 0..=20 {
                draw(&panel.model, columns, rows);
            }
        }
    }
}
