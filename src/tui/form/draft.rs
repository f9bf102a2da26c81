//! What a person has filled in so far, and the order that it comes to.
//!
//! Plain data with the rules of which field there is when. It judges nothing: the engine's check
//! does (`engine::order`).

use std::collections::BTreeMap;

use super::mailboxes;
use super::text_input::{TextArea, TextLine};
use crate::domain::account::AccountKind;
use crate::domain::entry::{CsrBy, Method};
use crate::domain::inventory::{Account, Inventory};
use crate::engine::command::{CsrChoice, Field, Offer, OrderForm, Wishes};
use crate::pki::csr::{self, CsrInfo};
use crate::pki::subject::Part;
use crate::pki::{AltName, CertName, KeyType};

/// One thing that the focus can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Account,
    Lifecycle,
    Product,
    Names,
    KeyType,
    KeyAtRest,
    CsrBy,
    SaysMore,
    Part(Part),
    CsrFile,
    CsrText,
    TakeNames,
    Method,
    Mailbox,
    OtherMailbox,
    Review,
}

/// An account and what it sells.
#[derive(Clone, Debug)]
pub(super) struct Shop {
    pub(super) name: String,
    pub(super) kinds: Vec<Kind>,
}

/// What is sold for one lifecycle.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) title: String,
    pub(super) offers: Vec<Offer>,
}

impl Shop {
    /// The offers by lifecycle, in their order.
    fn of(account: &Account, offers: Vec<Offer>, inventory: &Inventory) -> Self {
        let usual = account.usual_lifecycle();
        let mut kinds: Vec<(String, Kind)> = Vec::new();
        for offer in offers {
            let id = offer.lifecycle.as_deref().unwrap_or(usual).to_owned();
            if let Some((_, kind)) = kinds.iter_mut().find(|(known, _)| *known == id) {
                kind.offers.push(offer);
                continue;
            }
            let table = inventory.lifecycles.get(&id);
            let title = table.map_or_else(|| id.clone(), |table| table.title.clone());
            let offers = vec![offer];
            kinds.push((id, Kind { title, offers }));
        }
        Self {
            name: account.name.clone(),
            kinds: kinds.into_iter().map(|(_, kind)| kind).collect(),
        }
    }
}

/// What was filled in.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) shops: Vec<Shop>,
    pub(super) account: usize,
    pub(super) lifecycle: usize,
    pub(super) product: usize,
    pub(super) names: TextArea,
    pub(super) key_type: usize,
    /// Whether the key of this order is encrypted whatever the configuration says.
    pub(super) at_rest: usize,
    pub(super) csr_by: usize,
    /// Whether the CSR says more of its subject than the names.
    pub(super) says_more: usize,
    /// What it says, part by part.
    parts: [TextLine; Part::ALL.len()],
    pub(super) csr_file: TextLine,
    pub(super) csr: TextArea,
    pub(super) method: usize,
    pub(super) mailbox: usize,
    pub(super) other_mailbox: TextLine,
    /// How many mailboxes were offered when the choice was made.
    mailboxes_then: usize,
    /// What the CSR's text says, read again after each change.
    pub(super) request: Option<CsrInfo>,
    /// The names that could be read, read again after each change.
    pub(super) read_names: Vec<CertName>,
}

impl Draft {
    pub(super) fn new(inventory: &Inventory, mut offers: BTreeMap<String, Vec<Offer>>) -> Self {
        let accounts = inventory.accounts.values();
        let selling = accounts
            .filter(|account| account.kind == AccountKind::Sandbox && !account.read_only)
            .filter_map(|account| {
                let offers = offers.remove(&account.name)?;
                (!offers.is_empty()).then(|| Shop::of(account, offers, inventory))
            });
        let usual_key = KeyType::ALL
            .iter()
            .position(|kind| *kind == KeyType::Rsa2048);
        Self {
            shops: selling.collect(),
            account: 0,
            lifecycle: 0,
            product: 0,
            names: TextArea::default(),
            // The one that every server and every old device understands.
            key_type: usual_key.unwrap_or_default(),
            at_rest: 0,
            csr_by: 0,
            says_more: 0,
            parts: <[TextLine; Part::ALL.len()]>::default(),
            csr_file: TextLine::default(),
            csr: TextArea::default(),
            method: 0,
            mailbox: 0,
            other_mailbox: TextLine::default(),
            mailboxes_then: 0,
            request: None,
            read_names: Vec::new(),
        }
    }

    /// Reads names and CSR again, after they may have changed.
    pub(super) fn refresh(&mut self) {
        let names = CertName::parse_list(&self.names.value());
        self.read_names = names.into_iter().filter_map(Result::ok).collect();
        self.request = if self.is_own_csr() && !self.csr.is_blank() {
            csr::read(self.csr.value().as_bytes()).ok()
        } else {
            None
        };
        self.keep_mailbox();
    }

    /// Other names offer other mailboxes: who chose another one stays with it, and who chose the
    /// first part of an address keeps that part.
    fn keep_mailbox(&mut self) {
        let now = self.mailboxes().len();
        let then = std::mem::replace(&mut self.mailboxes_then, now);
        let typed = then > 0 || !self.other_mailbox.is_empty();
        if now == then || now == 0 {
            return;
        }
        self.mailbox = if self.mailbox >= then && typed {
            now
        } else {
            self.mailbox % now
        };
    }

    pub(super) fn shop(&self) -> Option<&Shop> {
        self.shops.get(self.account)
    }

    /// What is sold, by lifecycle.
    pub(super) fn kinds(&self) -> &[Kind] {
        self.shop().map_or(&[], |shop| &shop.kinds)
    }

    /// What is sold for the chosen lifecycle.
    pub(super) fn offers(&self) -> &[Offer] {
        let kind = self.kinds().get(self.lifecycle);
        kind.map_or(&[], |kind| &kind.offers)
    }

    pub(super) fn offer(&self) -> Option<&Offer> {
        self.offers().get(self.product)
    }

    pub(super) fn key(&self) -> KeyType {
        let chosen = KeyType::ALL.get(self.key_type);
        chosen.copied().unwrap_or(KeyType::Rsa2048)
    }

    pub(super) fn maker(&self) -> CsrBy {
        let chosen = CsrBy::ALL.get(self.csr_by);
        chosen.copied().unwrap_or(CsrBy::Certdeck)
    }

    /// How the product's names can be verified; nothing where nobody verifies them.
    pub(super) fn methods(&self) -> &[Method] {
        self.offer().map_or(&Method::ALL, |offer| &offer.methods)
    }

    pub(super) fn procedure(&self) -> Method {
        let known = self.methods();
        let chosen = known.get(self.method).or(known.first());
        chosen.copied().unwrap_or(Method::Dns)
    }

    fn asks_for_mailbox(&self) -> bool {
        !self.methods().is_empty() && self.procedure() == Method::Email
    }

    /// Another account or lifecycle sells other products, and these are verified in other ways; who
    /// chose a way stays with it where it is offered.
    pub(super) fn chosen_anew(&mut self, slot: Slot, before: Method) {
        if slot == Slot::Account {
            self.lifecycle = 0;
        }
        if matches!(slot, Slot::Account | Slot::Lifecycle) {
            self.product = 0;
        }
        if matches!(slot, Slot::Account | Slot::Lifecycle | Slot::Product) {
            let same = self.methods().iter().position(|known| *known == before);
            self.method = same.unwrap_or_default();
        }
    }

    pub(super) fn is_own_csr(&self) -> bool {
        self.maker() == CsrBy::You
    }

    fn is_made_here(&self) -> bool {
        self.maker() == CsrBy::Certdeck
    }

    /// What is typed for a part of the subject.
    pub(super) fn part(&self, part: Part) -> &TextLine {
        &self.parts[part as usize]
    }

    /// The same, to type into.
    pub(super) fn part_mut(&mut self, part: Part) -> &mut TextLine {
        &mut self.parts[part as usize]
    }

    /// What is wished of key and CSR; what is typed into fields that are not there any more is not.
    pub(super) fn wishes(&self) -> Wishes {
        let mut wishes = Wishes::default();
        if !self.is_made_here() {
            return wishes;
        }
        wishes.encrypt = self.at_rest > 0;
        if self.says_more > 0 {
            for part in Part::ALL {
                let typed = self.part(part).value().trim().to_owned();
                wishes.subject.set(part, typed);
            }
        }
        wishes
    }

    /// The mailboxes that are offered; one more choice follows them: another one.
    pub(super) fn mailboxes(&self) -> Vec<String> {
        mailboxes::offered(&self.read_names)
    }

    /// Whether another mailbox than the offered ones is typed.
    pub(super) fn is_other_mailbox(&self) -> bool {
        self.mailbox >= self.mailboxes().len()
    }

    fn chosen_mailbox(&self) -> Option<String> {
        if !self.asks_for_mailbox() {
            return None;
        }
        let typed = || self.other_mailbox.value().trim().to_owned();
        let offered = self.mailboxes().into_iter().nth(self.mailbox);
        Some(offered.unwrap_or_else(typed))
    }

    /// The names that the CSR asks for, where they are not the typed ones already.
    pub(super) fn names_to_take(&self) -> Option<Vec<String>> {
        let asked = self.request.as_ref()?.names.iter();
        let asked: Vec<_> = asked
            .filter(|name| matches!(name, AltName::Dns(_) | AltName::Ip(_)))
            .map(AltName::text)
            .collect();
        let typed = self.read_names.iter().map(CertName::ascii);
        let same = typed.eq(asked.iter().map(String::as_str));
        (!same && !asked.is_empty()).then_some(asked)
    }

    /// Every slot that there is now, in the order of the form.
    pub(super) fn slots(&self) -> Vec<Slot> {
        let mut slots = vec![Slot::Account];
        if self.kinds().len() > 1 {
            slots.push(Slot::Lifecycle);
        }
        slots.extend([Slot::Product, Slot::Names]);
        if !self.is_own_csr() {
            slots.push(Slot::KeyType);
        }
        if self.is_made_here() {
            slots.push(Slot::KeyAtRest);
        }
        slots.push(Slot::CsrBy);
        if self.is_made_here() {
            slots.push(Slot::SaysMore);
            let parts = Part::ALL.iter().filter(|_| self.says_more > 0);
            slots.extend(parts.map(|part| Slot::Part(*part)));
        }
        if self.is_own_csr() {
            slots.extend([Slot::CsrFile, Slot::CsrText]);
        }
        if self.names_to_take().is_some() {
            slots.push(Slot::TakeNames);
        }
        if !self.methods().is_empty() {
            slots.push(Slot::Method);
        }
        if self.asks_for_mailbox() {
            slots.push(Slot::Mailbox);
            if self.is_other_mailbox() {
                slots.push(Slot::OtherMailbox);
            }
        }
        slots.push(Slot::Review);
        slots
    }

    /// Where what the engine says of a field is shown.
    pub(super) fn slot_of(&self, field: Field) -> Slot {
        match field {
            Field::Account => Slot::Account,
            Field::Product => Slot::Product,
            Field::Names => Slot::Names,
            Field::KeyType | Field::Csr if self.is_own_csr() => Slot::CsrText,
            Field::KeyType => Slot::KeyType,
            Field::Csr => Slot::CsrBy,
            Field::Subject(part) => Slot::Part(part),
            Field::Method | Field::Mailbox if self.methods().is_empty() => Slot::Product,
            Field::Method => Slot::Method,
            Field::Mailbox if self.procedure() != Method::Email => Slot::Method,
            Field::Mailbox if self.is_other_mailbox() => Slot::OtherMailbox,
            Field::Mailbox => Slot::Mailbox,
            // The engine speaks of no other field of an order.
            _ => Slot::Review,
        }
    }

    /// How many choices a slot has, and which one is chosen; nothing for text.
    pub(super) fn choice(&mut self, slot: Slot) -> Option<(usize, &mut usize)> {
        let (kinds, offers) = (self.kinds().len(), self.offers().len());
        let methods = self.methods().len();
        let mailboxes = self.mailboxes().len() + 1;
        match slot {
            Slot::Account => Some((self.shops.len(), &mut self.account)),
            Slot::Lifecycle => Some((kinds, &mut self.lifecycle)),
            Slot::Product => Some((offers, &mut self.product)),
            Slot::KeyType => Some((KeyType::ALL.len(), &mut self.key_type)),
            Slot::KeyAtRest => Some((2, &mut self.at_rest)),
            Slot::CsrBy => Some((CsrBy::ALL.len(), &mut self.csr_by)),
            Slot::SaysMore => Some((2, &mut self.says_more)),
            Slot::Method => Some((methods, &mut self.method)),
            Slot::Mailbox => {
                self.mailbox = self.mailbox.min(mailboxes - 1);
                Some((mailboxes, &mut self.mailbox))
            }
            _ => None,
        }
    }

    /// The order that this comes to.
    pub(super) fn order(&self) -> OrderForm {
        let csr = match self.maker() {
            CsrBy::Certdeck => CsrChoice::Certdeck,
            CsrBy::Provider => CsrChoice::Provider,
            CsrBy::You => CsrChoice::Own(self.csr.value()),
        };
        let typed = self.names.value();
        let names = typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
        OrderForm {
            account: self
                .shop()
                .map(|shop| shop.name.clone())
                .unwrap_or_default(),
            product: self
                .offer()
                .map(|offer| offer.id.clone())
                .unwrap_or_default(),
            names: names
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            key_type: self.key(),
            csr,
            method: self.procedure(),
            mailbox: self.chosen_mailbox(),
            wishes: self.wishes(),
        }
    }
}
