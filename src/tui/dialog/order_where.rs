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
    places: Vec<Place>,
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
        let places: Vec<_> = takes_orders.flat_map(places).collect();
        let mut hands = places.iter().filter(|place| place.lifecycle.is_some());
        match (hands.next(), places.len()) {
            (_, 0) => None,
            // Several sandboxes are a question of the form itself.
            (None, _) => Some(order_form(inventory, offers)),
            (Some(only), 1) => only.by_hand_form(inventory, system),
            _ => Some(Overlay::OrderWhere(Self {
                list: MenuList::new(places.iter().map(|place| place.item(inventory)).collect()),
                inventory: inventory.clone(),
                system,
                offers,
                places,
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
        let chosen = self.places.get(self.list.at()).and_then(|place| {
            if place.lifecycle.is_some() {
                return place.by_hand_form(&self.inventory, self.system);
            }
            let name = &place.account.name;
            let sold = self.offers.get(name)?.clone();
            let only = BTreeMap::from([(name.clone(), sold)]);
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

/// Where an order can be placed: an account, and by hand one of its lifecycles.
#[derive(Clone, Debug)]
struct Place {
    account: Account,
    /// Nothing where the form itself asks what is ordered.
    lifecycle: Option<String>,
}

fn places(account: &Account) -> Vec<Place> {
    let place = |lifecycle| Place {
        account: account.clone(),
        lifecycle,
    };
    if account.kind != AccountKind::ByHand {
        return vec![place(None)];
    }
    let lifecycles = account.lifecycles.iter().cloned();
    lifecycles.map(|id| place(Some(id))).collect()
}

impl Place {
    fn by_hand_form(&self, inventory: &Arc<Inventory>, system: Timestamp) -> Option<Overlay> {
        let (account, lifecycle) = (&self.account.name, self.lifecycle.as_deref());
        let form = HandOrderForm::of(account, lifecycle, inventory, system)?;
        Some(Overlay::HandOrder(Box::new(form)))
    }

    fn item(&self, inventory: &Inventory) -> Item {
        let detail = match &self.lifecycle {
            Some(id) => {
                let table = inventory.lifecycles.get(id);
                let title = table.map_or(id.as_str(), |table| &table.title);
                format!("by hand; {title}")
            }
            None => format!("sandbox; {}", inventory.lifecycle_words(&self.account)),
        };
        Item {
            label: self.account.name.clone(),
            detail,
        }
    }
}
