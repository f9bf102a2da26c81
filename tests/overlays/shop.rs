//! Accounts that play several lifecycles: their order form, and what the sandbox's zone can do.

use std::collections::BTreeMap;
use std::sync::Arc;

use certdeck::domain::account::ZoneStatus;
use certdeck::domain::entry::{Entry, EntryId, Method};
use certdeck::domain::inventory::Inventory;
use certdeck::engine::command::{Command, OrderForm};
use certdeck::providers::sandbox;
use certdeck::tui::dialog::EventMenu;
use certdeck::tui::form::OrderFormScreen;
use certdeck::tui::overlay::{Outcome, Overlay};

use crate::desk::Desk;
use crate::fixtures;

const ACCOUNT: &str = "netcup-sandbox";

/// The sandbox plays every lifecycle that can be ordered, netcup's first.
fn inventory() -> Inventory {
    let mut inventory = fixtures::inventory();
    let tables = inventory.lifecycles.iter();
    let ids = tables.map(|table| table.id.clone());
    let mut ids: Vec<String> = ids.filter(|id| id != "files").collect();
    ids.sort_by_key(|id| id != "netcup");
    let account = inventory.accounts.get_mut(ACCOUNT).unwrap();
    account.lifecycles = ids;
    inventory
}

fn form() -> Desk {
    let inventory = inventory();
    let sold = sandbox::offers(&inventory.accounts[ACCOUNT].lifecycles);
    let offers = BTreeMap::from([(ACCOUNT.to_owned(), sold)]);
    let form = OrderFormScreen::new(Arc::new(inventory), offers);
    Desk::with(Overlay::Order(Box::new(form)))
}

/// With the lifecycle of that title chosen.
fn form_of(title: &str) -> Desk {
    let mut desk = form();
    for _ in 0..20 {
        if desk.screen(90, 60).contains(&format!("(x) {title}")) {
            return desk;
        }
        desk.press("right");
    }
    panic!("no {title:?} in\n{}", desk.screen(90, 60));
}

fn ordered(outcome: Outcome) -> OrderForm {
    let Outcome::RunHere(Command::Order(order)) = outcome else {
        panic!("{outcome:?}");
    };
    order
}

#[test]
fn products_are_asked_for_by_lifecycle() {
    let desk = form();
    desk.sees("netcup certificate");
    desk.sees("Single DV, 19.00 EUR for 12 months");
    desk.does_not_see("Advanced certificate");
    let mut desk = form_of("Cloudflare edge certificate");
    desk.sees("Advanced certificate, DV, 10.00 EUR for 1 month");
    desk.does_not_see("Single DV");
    desk.press("tab");
    desk.press("tab");
    desk.write("www.example.org");
    desk.press("ctrl-s");
    desk.sees("Initializing");
    let order = ordered(desk.keys("ctrl-s left enter"));
    assert_eq!(order.product, "cf-advanced");
}

#[test]
fn what_nobody_verifies_is_not_asked_for() {
    let mut desk = form_of("Cloudflare client certificate");
    desk.does_not_see("Verification");
    desk.press("tab");
    desk.press("tab");
    desk.write("till-1.example.org");
    desk.press("ctrl-s");
    desk.sees("Nobody verifies anything");
    assert_eq!(ordered(desk.keys("ctrl-s left enter")).product, "cf-client");
}

#[test]
fn only_the_ways_of_a_product_are_offered_and_a_chosen_one_stays() {
    let mut desk = form();
    for _ in 0..20 {
        if desk.screen(90, 60).contains("▌Verification") {
            break;
        }
        desk.press("tab");
    }
    desk.keys("right right");
    for _ in 0..20 {
        if desk.screen(90, 60).contains("▌Lifecycle") {
            break;
        }
        desk.press("back-tab");
    }
    for _ in 0..20 {
        if desk.screen(90, 60).contains("(x) ACME certificate") {
            break;
        }
        desk.press("right");
    }
    desk.does_not_see("e-mail");
    desk.keys("tab tab");
    desk.write("www.example.org");
    desk.press("ctrl-s");
    let order = ordered(desk.keys("ctrl-s left enter"));
    assert_eq!(
        (order.product.as_str(), order.method),
        ("acme-dv", Method::File)
    );
}

fn entry(lifecycle: &str, state: &str) -> Entry {
    Entry::new(
        EntryId::new("k3v9ab"),
        ACCOUNT,
        lifecycle,
        state,
        fixtures::now(),
    )
}

#[test]
fn the_zone_can_move_also_where_nothing_else_happens() {
    let menu = EventMenu::of(
        &entry("cloudflare-custom", "deleted"),
        &inventory(),
        fixtures::now(),
    );
    let mut desk = Desk::with(Overlay::Events(menu));
    desk.sees("The zone is pending");
    desk.sees("for everything of netcup-sandbox");
    desk.does_not_see("The zone becomes active");
    let outcome = desk.keys("down enter");
    let Outcome::Run(Command::Zone { account, status }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!((account.as_str(), status), (ACCOUNT, ZoneStatus::Moved));
    let menu = EventMenu::of(
        &entry("netcup", "verification"),
        &inventory(),
        fixtures::now(),
    );
    Desk::with(Overlay::Events(menu)).does_not_see("zone");
}
