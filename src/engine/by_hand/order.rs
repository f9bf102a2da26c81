//! An order that was placed in a provider's own panel: what writing it down would write, or what is
//! in its way.
//!
//! Pure. `write_order` keeps it. May not: ask a provider, or make a key.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use super::facts::{Facts, stray_keys};
use super::fields::{brings_of, needs_certificate};
use super::places::{self, Place};
use super::words::wants_certificate;
use super::{material, typed, typed_csr};
use crate::domain::account::AccountKind;
use crate::domain::entry::{CsrBy, Entry, EntryId, Order, StateRef};
use crate::domain::event::{self, Event, What};
use crate::domain::inventory::{Account, Inventory};
use crate::domain::lifecycle::{Bring, Circumstances, Lifecycle, effective_track};
use crate::engine::command::{CsrChoice, Field, FieldError, HandOrder};
use crate::engine::place::{Draft, begun};
use crate::pki::KeyType;
use crate::pki::belong::{Expected, Material};

/// What writing an order down comes to, before certdeck makes a key.
#[derive(Debug)]
pub(super) struct OrderPlan {
    lifecycle: Arc<Lifecycle>,
    facts: Facts,
    order: Order,
    /// The states that are stored, one for each track.
    states: Vec<String>,
    /// The optional tracks that it is without.
    without: Vec<String>,
    /// Whether certdeck makes key and CSR.
    pub(super) makes_key: Option<KeyType>,
    pub(super) material: Material,
    happened: Vec<What>,
    /// Whether a state is one that a payment leads on from: then nobody has paid yet, whatever the
    /// payment will be good for.
    is_unpaid: bool,
}

/// Plans an order by hand; `system` is the system's time.
pub(super) fn plan(
    order: &HandOrder,
    inventory: &Inventory,
    system: Timestamp,
) -> Result<OrderPlan, Vec<FieldError>> {
    let lifecycle = lifecycle(order, inventory)?;
    let now = inventory.time_of(&order.account, system);
    let strays = stray_keys(&order.with);
    if !strays.is_empty() {
        return Err(strays);
    }
    let mut problems = Vec::new();
    let facts = facts(order, &mut problems);
    let account = inventory.accounts.get(&order.account);
    let around = Circumstances {
        zone_active: account.and_then(Account::zone_is_active),
        ..Circumstances::default()
    };
    let places = kept(places::of(order, &lifecycle, around), &mut problems);
    let csr = kept(
        own_order(order, &facts).map_err(|error| vec![error]),
        &mut problems,
    );
    let (Some(places), Some(csr)) = (places, csr) else {
        return Err(problems);
    };
    problems.extend(missing_certificate(order, &places, &lifecycle));
    let read = pasted(order, &facts, &csr, &places, &lifecycle, now);
    let (Some(material), true) = (kept(read, &mut problems), problems.is_empty()) else {
        return Err(problems);
    };
    let makes = makes_key(order, &material, &places, &lifecycle);
    let wrong = order.wishes.problems(makes);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let is_own = matches!(order.csr, CsrChoice::Own(_));
    let plan = OrderPlan {
        happened: proof_and_question(order, &facts, &places, &lifecycle)?,
        // A key that certdeck did not make is of the kind that its certificate shows.
        order: Order {
            key_type: csr.key_type.clone().filter(|_| makes || is_own),
            ..csr
        },
        is_unpaid: places
            .iter()
            .any(|place| awaits_payment(&place.stored.id, &lifecycle)),
        states: places.iter().map(|place| place.stored.id.clone()).collect(),
        without: order.without.clone(),
        makes_key: makes.then_some(order.key_type),
        lifecycle: Arc::clone(&lifecycle),
        material,
        facts,
    };
    plan.lands(&places, order, now)?;
    Ok(plan)
}

/// What was read; what is wrong with it goes to `problems`.
fn kept<T>(read: Result<T, Vec<FieldError>>, problems: &mut Vec<FieldError>) -> Option<T> {
    read.map_err(|wrong| problems.extend(wrong)).ok()
}

fn error(field: Field, says: impl Into<String>) -> FieldError {
    let says = says.into();
    FieldError { field, says }
}

/// Where it serves already, nobody would see when it ends without its certificate.
fn missing_certificate(
    order: &HandOrder,
    places: &[Place<'_>],
    lifecycle: &Lifecycle,
) -> Option<FieldError> {
    if material::has_certificate(&order.with) {
        return None;
    }
    let wanting = places.iter().find(|place| {
        let comes = brings_of(&place.stored.id, lifecycle).contains(&Bring::Certificate);
        needs_certificate(&place.stored.id, comes, lifecycle)
    })?;
    let says = wants_certificate(&wanting.shown.label);
    Some(error(Field::Certificate, says))
}

/// Certificate, chain, CSR and key that were pasted, all belonging together.
fn pasted(
    order: &HandOrder,
    facts: &Facts,
    csr: &Order,
    places: &[Place<'_>],
    lifecycle: &Lifecycle,
    now: Timestamp,
) -> Result<Material, Vec<FieldError>> {
    let expected = Expected {
        names: &facts.names,
        spki_sha256: csr.spki_sha256.as_deref(),
        at: now,
        may_be_expired: places.iter().any(Place::is_by_time),
    };
    let mut with = order.with.clone();
    // The own CSR was read already, with its order.
    if matches!(order.csr, CsrChoice::Own(_)) {
        with.csr = None;
    }
    let timed = places.iter().find(|place| place.is_by_time());
    let shown = timed
        .or(places.first())
        .map(|place| place.stored.id.as_str());
    material::read(&with, &expected, shown, lifecycle)
}

/// Whether certdeck makes key and CSR. What is under way already has its CSR; a new one would belong
/// to nothing.
fn makes_key(
    order: &HandOrder,
    material: &Material,
    places: &[Place<'_>],
    lifecycle: &Lifecycle,
) -> bool {
    let begins = |place: &Place<'_>| {
        let mut points = lifecycle.entry_points.iter();
        points.any(|point| point.state == place.stored.id)
    };
    let none_given =
        material.csr.is_none() && material.key.is_none() && !material::has_certificate(&order.with);
    matches!(order.csr, CsrChoice::Certdeck) && none_given && places.iter().all(begins)
}

/// The lifecycle of the account, if it is kept by hand and may be written to.
fn lifecycle(order: &HandOrder, inventory: &Inventory) -> Result<Arc<Lifecycle>, Vec<FieldError>> {
    let wrong = |says: String| vec![error(Field::Account, says)];
    let by_hand = inventory
        .accounts
        .values()
        .filter(|account| account.kind == AccountKind::ByHand);
    let Some(account) = inventory.accounts.get(&order.account) else {
        let known: Vec<_> = by_hand.map(|account| account.name.as_str()).collect();
        let there = if known.is_empty() {
            "there is none that is kept by hand yet; add one with `certdeck account add`".to_owned()
        } else {
            format!("kept by hand are {}", known.join(", "))
        };
        return Err(wrong(format!(
            "there is no account {:?}; {there}",
            order.account
        )));
    };
    if account.kind != AccountKind::ByHand {
        return Err(wrong(format!(
            "the account {:?} is not kept by hand, so its orders are not written down here",
            order.account
        )));
    }
    if account.read_only {
        return Err(wrong(format!("the account {} is read-only", order.account)));
    }
    let id = followed(order, account)?;
    inventory.lifecycles.get(id).cloned().ok_or_else(|| {
        wrong(format!(
            "the account {:?} wants the lifecycle {id:?}, and there is no such table; \
             `certdeck config check` says why",
            order.account
        ))
    })
}

/// The lifecycle that an order follows: the one that was named, if the account has it.
fn followed<'a>(order: &HandOrder, account: &'a Account) -> Result<&'a str, Vec<FieldError>> {
    let Some(named) = order.lifecycle.as_deref() else {
        return Ok(account.usual_lifecycle());
    };
    let mut known = account.lifecycles.iter().map(String::as_str);
    known.find(|id| *id == named).ok_or_else(|| {
        let says = format!(
            "the account {:?} has no lifecycle {named:?}; it has {}",
            order.account,
            account.lifecycles.join(", ")
        );
        vec![error(Field::Lifecycle, says)]
    })
}

fn facts(order: &HandOrder, problems: &mut Vec<FieldError>) -> Facts {
    let facts = Facts::default().with(&order.with, problems);
    if order.with.names.is_none() {
        let says = "give at least one name, for example www.example.com or *.example.com";
        problems.push(error(Field::Names, says));
    }
    facts
}

/// How the order was made: whose CSR it has.
fn own_order(order: &HandOrder, facts: &Facts) -> Result<Order, FieldError> {
    let mut made = Order {
        method: facts.method,
        mailbox: facts.mailbox.clone(),
        ..Order::default()
    };
    match &order.csr {
        CsrChoice::Certdeck => made.key_type = Some(order.key_type.name().to_owned()),
        CsrChoice::Provider => made.csr_by = Some(CsrBy::Provider),
        CsrChoice::Own(pem) => {
            made = typed_csr(&SecretString::from(pem.as_str()), &facts.names, &made)?;
        }
    }
    Ok(made)
}

/// What has to be published, and what the provider or the CA asks or complains of.
fn proof_and_question(
    order: &HandOrder,
    facts: &Facts,
    places: &[Place<'_>],
    lifecycle: &Lifecycle,
) -> Result<Vec<What>, Vec<FieldError>> {
    let mut happened = Vec::new();
    if let Some(typed) = &order.with.proof {
        let records =
            typed::proof(typed, &facts.names).map_err(|says| vec![error(Field::Proof, says)])?;
        if !records.is_empty() {
            happened.push(What::ValidationAsked { records });
        }
    }
    let brings = places.iter();
    let brings = brings.flat_map(|place| brings_of(&place.stored.id, lifecycle));
    let brings: Vec<Bring> = brings.collect();
    let nothing = Entry::new(EntryId::new("new"), "", "", "", Timestamp::UNIX_EPOCH);
    let text = order.with.question.as_deref();
    happened.extend(super::brought::said(&brings, text, &nothing, true));
    Ok(happened)
}

fn awaits_payment(state: &str, lifecycle: &Lifecycle) -> bool {
    lifecycle.events.iter().any(|row| {
        row.brings.contains(&Bring::Receipt) && row.from.iter().any(|from| from == state)
    })
}

impl OrderPlan {
    pub(super) fn draft(&self, account: &str) -> Draft {
        let mut product = self.facts.product.clone();
        product.invoice = None;
        Draft {
            account: account.to_owned(),
            names: self.facts.names.clone(),
            product,
            order: self.order.clone(),
            lifecycle: self.lifecycle.id.clone(),
            begins: self.states.clone(),
            without: self.without.clone(),
            follows: None,
        }
    }

    /// What is written down of the new entry.
    pub(super) fn events(&self, draft: &Draft, entry: &Entry) -> Vec<What> {
        let mut happened = begun(draft);
        let mut facts = self.facts.clone();
        let invoice = facts.product.invoice.take();
        let paid_until = facts.product.paid_until;
        happened.push(facts.into_event());
        if let Some(invoice) = invoice {
            let number = invoice.number.clone();
            happened.push(What::InvoiceSent { invoice });
            let paid_until = paid_until.filter(|_| !self.is_unpaid);
            happened.extend(paid_until.map(|until| What::InvoicePaid {
                number,
                paid_until: Some(until),
            }));
        }
        happened.extend(self.happened.iter().cloned());
        happened.extend(material::csr_ready(&self.material, &draft.order));
        happened.extend(material::issued(&self.material, entry));
        happened
    }

    /// The entry then shows what the panel shows.
    fn lands(
        &self,
        places: &[Place<'_>],
        order: &HandOrder,
        now: Timestamp,
    ) -> Result<(), Vec<FieldError>> {
        let after = self.rehearsed(order, now);
        for place in places.iter().filter(|place| place.is_by_time()) {
            let stands = effective_track(&after, &place.stored.track, &self.lifecycle, now);
            if stands == Some(StateRef::known(&place.shown.id)) {
                continue;
            }
            let label = &place.shown.label;
            let says = match after.serving() {
                None => format!(
                    "{label} follows from the certificate's dates by the clock; give the certificate"
                ),
                Some(serving) => format!(
                    "its certificate is valid until {}, so by the clock it is not {label}",
                    crate::domain::time::date(serving.not_after),
                ),
            };
            return Err(vec![error(Field::Certificate, says)]);
        }
        Ok(())
    }

    /// The entry as it will be, under a name of its own.
    fn rehearsed(&self, order: &HandOrder, now: Timestamp) -> Entry {
        let id = EntryId::new("new");
        let states = self.states.iter().filter_map(|id| self.lifecycle.state(id));
        let tracks = states.map(|state| (state.track.as_str(), state.id.as_str()));
        let mut entry = Entry::on_tracks(id, &order.account, &self.lifecycle.id, tracks, now);
        let happened = self.events(&self.draft(&order.account), &entry);
        for what in happened {
            let entry_id = entry.id.clone();
            let event = Event {
                entry: entry_id,
                at: now,
                what,
            };
            event::apply(&mut entry, &event);
        }
        entry
    }
}
