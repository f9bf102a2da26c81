//! Where a certificate is ordered: which account, where there are several kinds of them.
//!
//! Leads to the order form of the sandbox, or to the form for an order by hand. Opened by the
//! panel, which also knows what is sold.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::menu::{Item, MenuList};
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::account::AccountKind;
use crate::domain::inventory::{Account, Inventory};
use crate::engine::command::Offer;
use crate::tui::form::{HandOrderForm, OrderFormScreen};
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome, Overlay};

const WIDTH: u16 = 70;

/// Which account a certificate is ordered from.
#[derive(Clone, Debug)]
pub struct OrderWhere {
    inventory: Arc<Inventory>,
    system: Timestamp,
    offers: BTreeMap<String, Vec<Offer>>,
    accounts: Vec<Account>,
    list: MenuList,
}

impl OrderWhere {
    /// What `o` opens: the one form that there is, or the question which; `None` where no account
    /// takes orders. `offers` holds what each account sells, `system` is the system's time.
    #[must_use]
    pub fn begin(
        inventory: &Arc<Inventory>,
        offers: BTreeMap<String, Vec<Offer>>,
        system: Timestamp,
    ) -> Option<Overlay> {
        let all = inventory.accounts.values().filter(|a| !a.read_only);
        let takes_orders = all.filter(|account| match account.kind {
            AccountKind::ByHand => true,
            _ => offers.get(&account.name).is_some_and(|o| !o.is_empty()),
        });
        let accounts: Vec<_> = takes_orders.cloned().collect();
        let by_hand = |account: &&Account| account.kind == AccountKind::ByHand;
        let hands: Vec<_> = accounts.iter().filter(by_hand).collect();
        match (hands.as_slice(), accounts.len()) {
            (_, 0) => None,
            // Several sandboxes are a question of the form itself.
            ([], _) => Some(order_form(inventory, offers)),
            ([only], 1) => by_hand_form(&only.name, inventory, system),
            _ => Some(Overlay::OrderWhere(Self {
                list: MenuList::new(accounts.iter().map(|a| item(a, inventory)).collect()),
                inventory: inventory.clone(),
                system,
                offers,
                accounts,
            })),
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match steer(input) {
            Some(Move::Cancel) => Outcome::Close,
            Some(Move::Press) => self.choose(),
            Some(step) => {
                self.list.go(step);
                Outcome::Stay
            }
            None => Outcome::Stay,
        }
    }

    fn choose(&self) -> Outcome {
        let chosen = self.accounts.get(self.list.at()).and_then(|account| {
            if account.kind == AccountKind::ByHand {
                return by_hand_form(&account.name, &self.inventory, self.system);
            }
            let sold = self.offers.get(&account.name)?.clone();
            let only = BTreeMap::from([(account.name.clone(), sold)]);
            Some(order_form(&self.inventory, only))
        });
        chosen.map_or(Outcome::Close, |form| Outcome::Ask(Box::new(form)))
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Menu
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        sheet::draw(
            frame,
            area,
            look,
            "Order: which account?",
            WIDTH,
            |columns| Sheet {
                body: self.list.body(look, columns),
                hints: look.hints(Scope::Menu, columns),
                ..Sheet::default()
            },
        );
    }
}

fn order_form(inventory: &Arc<Inventory>, offers: BTreeMap<String, Vec<Offer>>) -> Overlay {
    Overlay::Order(Box::new(OrderFormScreen::new(inventory.clone(), offers)))
}

fn by_hand_form(account: &str, inventory: &Arc<Inventory>, system: Timestamp) -> Option<Overlay> {
    let form = HandOrderForm::of(account, inventory, system)?;
    Some(Overlay::HandOrder(Box::new(form)))
}

fn item(account: &Account, inventory: &Inventory) -> Item {
    let what = inventory.lifecycle_words(account);
    let detail = match account.kind {
        AccountKind::ByHand => format!("by hand; {what}"),
        _ => format!("sandbox; {what}"),
    };
    Item {
        label: account.name.clone(),
        detail,
    }
}
