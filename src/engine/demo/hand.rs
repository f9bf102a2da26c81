//! The demo's orders that are kept by hand: recorded as a person would, at the moment the demo
//! starts, since nobody can have recorded them before.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::script::ScriptHand;
use super::{HAND_ACCOUNT, failed, parse};
use crate::domain::entry::EntryId;
use crate::domain::time;
use crate::engine::command::{Command, CsrChoice, Done, HandOrder, Particulars, Record, Recorded};
use crate::engine::{Engine, EngineError};
use crate::pki::ca::{IssueRequest, SandboxCa};
use crate::pki::{KeyType, PrivateKey, ValidationLevel, hash};

/// Records every order of the script, and what followed.
pub(super) async fn record_all(
    engine: &Engine,
    orders: &[ScriptHand],
    ca: &SandboxCa,
    start: Timestamp,
) -> Result<(), EngineError> {
    for order in orders {
        let entry = place(engine, order).await?;
        for event in &order.then {
            let is_last = order.then.last() == Some(event);
            let with = if order.issued && is_last {
                issued(order, ca, start)?
            } else {
                Particulars {
                    paid_until: order.paid_for.map(|span| until(start, span)),
                    ..Particulars::default()
                }
            };
            let record = Record {
                entry: entry.clone(),
                what: Recorded::Event(event.clone()),
                with,
                seen_state: None,
            };
            engine.run(Command::Record(Box::new(record))).await?;
        }
    }
    Ok(())
}

async fn place(engine: &Engine, order: &ScriptHand) -> Result<EntryId, EngineError> {
    let with = Particulars {
        names: Some(order.names.clone()),
        product: Some(order.product.clone()),
        order_number: Some(order.order_number.clone()),
        invoice_number: Some(order.invoice.clone()),
        price: Some(order.price.clone()),
        ..Particulars::default()
    };
    let form = HandOrder {
        account: HAND_ACCOUNT.to_owned(),
        lifecycle: None,
        states: Vec::new(),
        without: Vec::new(),
        csr: CsrChoice::Provider,
        key_type: KeyType::P256,
        wishes: crate::engine::command::Wishes::default(),
        with,
    };
    match engine.run(Command::OrderByHand(Box::new(form))).await? {
        Done::Recorded { entry, .. } => Ok(entry),
        other => Err(EngineError::Failed(format!(
            "an order by hand answered {other:?}"
        ))),
    }
}

/// The certificate with its chain and key, as the provider's panel would show them.
fn issued(
    order: &ScriptHand,
    ca: &SandboxCa,
    start: Timestamp,
) -> Result<Particulars, EngineError> {
    let key = PrivateKey::generate(KeyType::P256).map_err(failed)?;
    let mut serial = [0; 16];
    serial.copy_from_slice(&hash::sha256(order.product.as_bytes())[..16]);
    let request = IssueRequest {
        names: parse(&order.names)?,
        not_before: time::earlier(start, SignedDuration::from_hours(2)),
        not_after: time::later(start, SignedDuration::from_hours(24 * 120)),
        serial,
        level: ValidationLevel::Ov,
        organization: None,
    };
    let issued = ca.issue(&key.spki_der(), &request).map_err(failed)?;
    Ok(Particulars {
        certificate: Some(SecretString::from(issued.leaf_pem)),
        chain: Some(SecretString::from(issued.chain_pem.concat())),
        key: Some(key.to_pkcs8_pem()),
        ..Particulars::default()
    })
}

fn until(start: Timestamp, span: SignedDuration) -> String {
    time::date(time::later(start, span))
}
