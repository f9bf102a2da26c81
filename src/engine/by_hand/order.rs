//! An order that was placed in a provider's own panel: what writing it down would write, or what is
//! in its way.
//!
//! Pure but for the engine's part at the end, which makes a key where certdeck makes the CSR, and
//! writes. May not: ask a provider.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use super::facts::{Facts, stray_keys};
use super::time_made::made_by_time;
use super::words::{is_now, no_state, wants_certificate};
use super::{fields::brings_of, material, typed, typed_csr};
use crate::config::nearest;
use crate::domain::account::AccountKind;
use crate::domain::entry::{CsrBy, Entry, EntryId, MAIN_TRACK, Order, StateRef, Track};
use crate::domain::event::{self, Event, What};
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{Bring, Condition, Lifecycle, State, effective_track};
use crate::engine::command::{CsrChoice, Done, Field, FieldError, HandOrder};
use crate::engine::place::{Draft, begun};
use crate::engine::settle::happen;
use crate::engine::{EngineError, Inner};
use crate::pki::belong::{Expected, Material};
use crate::pki::{CertName, KeyType};

/// What writing an order down comes to, before certdeck makes a key.
#[derive(Debug)]
pub(super) struct OrderPlan {
    lifecycle: String,
    facts: Facts,
    order: Order,
    /// The state that is stored.
    state: String,
    /// The state's track.
    track: String,
    /// Whether certdeck makes key and CSR.
    makes_key: Option<KeyType>,
    material: Material,
    happened: Vec<What>,
    /// Whether the state is one that a payment leads on from: then nobody has paid yet, whatever
    /// the payment will be good for.
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
    let mut problems = stray_keys(&order.with);
    if !problems.is_empty() {
        return Err(problems);
    }
    let facts = facts(order, &mut problems);
    let state = state(order, &lifecycle)
        .map_err(|problem| problems.push(problem))
        .ok();
    let csr = own_order(order, &facts)
        .map_err(|problem| problems.push(problem))
        .ok();
    let (Some((shown, stored)), Some(csr)) = (state, csr) else {
        return Err(problems);
    };
    let by_time = shown.id != stored.id;
    let expected = Expected {
        names: &facts.names,
        spki_sha256: csr.spki_sha256.as_deref(),
        at: now,
        may_be_expired: by_time,
    };
    let brings = brings_of(&stored.id, &lifecycle);
    let has_certificate = material::has_certificate(&order.with);
    if brings.contains(&Bring::Certificate) && !has_certificate {
        let says = wants_certificate(&shown.label);
        problems.push(error(Field::Certificate, says));
    }
    let mut with = order.with.clone();
    // The own CSR was read already, with its order.
    let own_csr = matches!(order.csr, CsrChoice::Own(_));
    if own_csr {
        with.csr = None;
    }
    let material = match material::read(&with, &expected, Some(&stored.id), &lifecycle) {
        Ok(material) if problems.is_empty() => material,
        Ok(_) => return Err(problems),
        Err(wrong) => {
            problems.extend(wrong);
            return Err(problems);
        }
    };
    let begins = lifecycle
        .entry_points
        .iter()
        .any(|point| point.state == stored.id);
    // What is under way already has its CSR; a new one would belong to nothing.
    let none_given = material.csr.is_none() && material.key.is_none() && !has_certificate;
    let makes = matches!(order.csr, CsrChoice::Certdeck) && begins && none_given;
    let happened = proof_and_question(order, &facts)?;
    let plan = OrderPlan {
        lifecycle: lifecycle.id.clone(),
        // A key that certdeck did not make is of the kind that its certificate shows.
        order: Order {
            key_type: csr.key_type.clone().filter(|_| makes || own_csr),
            ..csr
        },
        state: stored.id.clone(),
        track: stored.track.clone(),
        makes_key: makes.then_some(order.key_type),
        material,
        happened,
        facts,
        is_unpaid: awaits_payment(&stored.id, &lifecycle),
    };
    plan.lands(shown, &lifecycle, order, now)?;
    Ok(plan)
}

fn error(field: Field, says: impl Into<String>) -> FieldError {
    let says = says.into();
    FieldError { field, says }
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
    inventory
        .lifecycles
        .get(account.usual_lifecycle())
        .cloned()
        .ok_or_else(|| {
            wrong(format!(
                "the account {:?} wants the lifecycle {:?}, and there is no such table",
                order.account,
                account.usual_lifecycle()
            ))
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

/// The state that the panel shows, and the one that is stored for it: what only time makes is never
/// stored.
fn state<'a>(
    order: &HandOrder,
    lifecycle: &'a Lifecycle,
) -> Result<(&'a State, &'a State), FieldError> {
    let usual = || {
        lifecycle
            .entry_points
            .iter()
            .find(|point| point.when != Some(Condition::ZoneNotActive))
            .and_then(|point| lifecycle.state(&point.state))
    };
    let shown = match order.state.as_deref().filter(|id| !id.trim().is_empty()) {
        None => usual(),
        Some(id) => lifecycle.state(id),
    };
    let shown = shown.ok_or_else(|| {
        let given = order.state.as_deref().unwrap_or_default();
        let known = lifecycle.states.iter().map(|state| state.id.as_str());
        let meant = nearest(given, known)
            .map(|id| format!(" (did you mean {id:?}?)"))
            .unwrap_or_default();
        error(Field::State, no_state(given, lifecycle) + &meant)
    })?;
    let before = made_by_time(shown, lifecycle);
    let on_path = |state: &&&State| lifecycle.order.contains(&state.id);
    let stored = before.iter().rfind(on_path).or_else(|| before.first());
    Ok((shown, stored.copied().unwrap_or(shown)))
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

fn proof_and_question(order: &HandOrder, facts: &Facts) -> Result<Vec<What>, Vec<FieldError>> {
    let mut happened = Vec::new();
    if let Some(typed) = &order.with.proof {
        let records =
            typed::proof(typed, &facts.names).map_err(|says| vec![error(Field::Proof, says)])?;
        if !records.is_empty() {
            happened.push(What::ValidationAsked { records });
        }
    }
    let question = order.with.question.as_deref().map(str::trim);
    if let Some(question) = question.filter(|question| !question.is_empty()) {
        let says = question.to_owned();
        happened.push(What::Asked { says });
    }
    Ok(happened)
}

fn awaits_payment(state: &str, lifecycle: &Lifecycle) -> bool {
    lifecycle.events.iter().any(|row| {
        row.brings.contains(&Bring::Receipt) && row.from.iter().any(|from| from == state)
    })
}

impl OrderPlan {
    fn draft(&self, account: &str) -> Draft {
        let mut product = self.facts.product.clone();
        product.invoice = None;
        Draft {
            account: account.to_owned(),
            names: self.facts.names.clone(),
            product,
            order: self.order.clone(),
            lifecycle: self.lifecycle.clone(),
            begins: vec![self.state.clone()],
            without: Vec::new(),
            follows: None,
        }
    }

    /// What is written down of the new entry.
    fn events(&self, draft: &Draft, entry: &Entry) -> Vec<What> {
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
        shown: &State,
        lifecycle: &Lifecycle,
        order: &HandOrder,
        now: Timestamp,
    ) -> Result<(), Vec<FieldError>> {
        let after = self.rehearsed(lifecycle, order, now);
        let stands = effective_track(&after, &self.track, lifecycle, now);
        let by_time = shown.id != self.state;
        if !by_time || stands == Some(StateRef::known(&shown.id)) {
            return Ok(());
        }
        let says = match after.serving() {
            None => format!(
                "{} follows from the certificate's dates by the clock; give the certificate",
                shown.label
            ),
            Some(serving) => format!(
                "its certificate is valid until {}, so by the clock it is not {}",
                crate::domain::time::date(serving.not_after),
                shown.label
            ),
        };
        Err(vec![error(Field::Certificate, says)])
    }

    /// The entry as it will be, under a name of its own.
    fn rehearsed(&self, lifecycle: &Lifecycle, order: &HandOrder, now: Timestamp) -> Entry {
        let id = EntryId::new("new");
        let mut entry = Entry::new(id, &order.account, &lifecycle.id, &self.state, now);
        if let Some(track) = entry.tracks.remove(MAIN_TRACK) {
            entry.tracks.insert(self.track.clone(), track);
        }
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

/// Gives an entry every track that it cannot be without, where it begins.
pub(super) fn add_tracks(entry: &mut Entry, lifecycle: &Lifecycle, now: Timestamp) {
    for track in lifecycle.tracks.iter().filter(|track| !track.optional) {
        let begins = lifecycle
            .entry_points
            .iter()
            .find(|point| point.track == track.id && point.when != Some(Condition::ZoneNotActive));
        let Some(begins) = begins.filter(|_| !entry.tracks.contains_key(&track.id)) else {
            continue;
        };
        let begun = Track {
            state: StateRef::known(&begins.state),
            since: now,
            previous: None,
        };
        entry.tracks.insert(track.id.clone(), begun);
    }
}

impl Inner {
    /// Writes down an order that was placed in the provider's own panel, or is about to be.
    pub(in crate::engine) fn order_by_hand(&self, order: &HandOrder) -> Result<Done, EngineError> {
        self.store.catch_up()?;
        let planned = plan(order, &self.picture(), self.now()).map_err(EngineError::Order)?;
        let mut draft = planned.draft(&order.account);
        self.keep_material(&planned.material)?;
        if let Some(kind) = planned.makes_key {
            let names = cert_names(&draft.names)?;
            self.make_key_and_csr(&mut draft.order, kind, &names)?;
        }
        let now = self.time_of(&order.account);
        let entry = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let entry = self.begin_by_hand(transaction, &draft, now)?;
            let id = entry.id.clone();
            let happened = planned.events(&draft, &entry);
            happen(transaction, entry, happened, now);
            let written = transaction.entry(&id).map(Arc::clone);
            written.ok_or_else(|| EngineError::Failed("the new entry is gone".to_owned()))
        })?;
        self.publish();
        Ok(Done::Recorded {
            says: self.says_of_order(&planned, order, &entry, now),
            entry: entry.id.clone(),
            successor: None,
        })
    }

    fn says_of_order(
        &self,
        planned: &OrderPlan,
        order: &HandOrder,
        entry: &Entry,
        now: Timestamp,
    ) -> String {
        let stands = self
            .lifecycles
            .get(&entry.lifecycle)
            .map(|lifecycle| is_now(entry, &planned.track, lifecycle, now))
            .unwrap_or_default();
        let csr = match (planned.makes_key, &order.csr) {
            (Some(_), _) => {
                " certdeck made its CSR, for the order form of the provider's panel; the private \
                 key stays here."
            }
            (None, CsrChoice::Certdeck) => {
                " certdeck made no CSR for it: an order that is under way has its own."
            }
            _ => "",
        };
        let left_out = material::left_out(&planned.material);
        format!(
            "Recorded: the order of {}. {stands}{csr}{left_out}",
            entry.name()
        )
    }
}

fn cert_names(names: &[String]) -> Result<Vec<CertName>, EngineError> {
    let parsed = names.iter().map(|name| CertName::parse(name));
    parsed
        .collect::<Result<_, _>>()
        .map_err(|error| EngineError::Failed(error.to_string()))
}
