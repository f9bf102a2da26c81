//! Filling a throw-away store for `certdeck demo`: orders in every state and files beside them,
//! as `assets/demo.toml` tells them.
//!
//! Everything goes through the engine like anybody's own orders; only the sandbox's clock is set
//! to where each step happened. Only the demo calls it.

mod hand;
mod script;
mod way;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::command::{Command, CsrChoice, Done, OrderForm};
use super::error::EngineError;
use super::settings::SANDBOX_ACCOUNT;
use super::{Engine, Inner};
use crate::domain::account::ZoneStatus;
use crate::domain::entry::{EntryId, Method};
use crate::domain::event::Answers;
use crate::domain::lifecycle::Circumstances;
use crate::domain::time;
use crate::files;
use crate::pki::ca::{IssueRequest, SandboxCa};
use crate::pki::{CertName, KeyType, PrivateKey, ValidationLevel, csr, hash, read_certificate};
use script::{CsrFrom, Script, ScriptFile, ScriptOrder, ScriptStep};

/// The account of the demo that is kept by hand; its settings are the caller's.
pub const HAND_ACCOUNT: &str = "netcup";

/// How many of the sandbox's seconds pass in one second where nothing else is said: what takes
/// five minutes at a provider takes one here, so that one can look before it moves.
pub const SPEED: u32 = 5;

/// Fills the engine's store, and two folders with certificates: `folder` with those that are
/// imported, `watched` with those that an account watches.
///
/// # Errors
/// When the store or a folder cannot be written.
pub async fn fill(engine: &Engine, folder: &Path, watched: &Path) -> Result<(), EngineError> {
    let script = Script::embedded().map_err(EngineError::Failed)?;
    let start = engine.now();
    let accounts = accounts_of(&script);
    for account in accounts.clone() {
        engine.aside(move |inner| inner.sandbox(&account)).await?;
    }
    let story = in_time(&engine.0, &script)?;
    let mut entries: Vec<Option<EntryId>> = vec![None; script.order.len()];
    for (ago, account, deed) in story {
        engine.0.put_clock_at(&account, time::earlier(start, ago));
        match deed {
            Deed::Zone(status) => drop(engine.run(Command::Zone { account, status }).await?),
            Deed::Order(at) => entries[at] = Some(place(engine, &script.order[at]).await?),
            Deed::Step(at, step) => {
                if let Some(entry) = entries[at].clone() {
                    take_step(engine, entry, step).await?;
                }
            }
        }
    }
    for account in &accounts {
        engine.0.put_clock_at(account, start);
    }
    engine.aside(Inner::keep_clocks).await?;
    let ca = SandboxCa::generate("demo files", start).map_err(failed)?;
    hand::record_all(engine, &script.hand, &ca, start).await?;
    write_all(engine, script.watched, &ca, watched, start).await?;
    let command = Command::Sync { account: None };
    engine.run(command).await?;
    write_all(engine, script.file, &ca, folder, start).await?;
    let command = Command::Import {
        paths: vec![folder.to_owned()],
        hosts: Vec::new(),
        passphrase: None,
        keys: false,
    };
    engine.run(command).await.map(drop)
}

/// Something that happened before the demo begins.
enum Deed {
    /// A zone came to stand so.
    Zone(ZoneStatus),
    /// This order of the script was placed.
    Order(usize),
    /// Something followed this order.
    Step(usize, ScriptStep),
}

/// The sandbox accounts of the demo, by name: the built-in one and those of its script. Their
/// settings are the caller's, see [`sandbox_accounts`].
fn accounts_of(script: &Script) -> Vec<String> {
    let own = script.account.iter().map(|account| account.name.clone());
    std::iter::once(SANDBOX_ACCOUNT.to_owned())
        .chain(own)
        .collect()
}

/// The sandbox accounts that the demo plays on, each with its lifecycles by id.
///
/// # Errors
/// When the embedded script cannot be read; the tests see to it that it can.
pub fn sandbox_accounts() -> Result<Vec<(String, Vec<String>)>, EngineError> {
    let script = Script::embedded().map_err(EngineError::Failed)?;
    let accounts = script.account.into_iter();
    Ok(accounts
        .map(|account| (account.name, account.lifecycles))
        .collect())
}

/// Every zone, order and everything that followed, the longest ago first.
fn in_time(
    inner: &Inner,
    script: &Script,
) -> Result<Vec<(SignedDuration, String, Deed)>, EngineError> {
    let mut all = Vec::new();
    for account in &script.account {
        if let Some(zone) = &account.zone {
            all.push((zone.ago, account.name.clone(), Deed::Zone(zone.is)));
        }
    }
    for (index, order) in script.order.iter().enumerate() {
        all.push((order.ago, order.account.clone(), Deed::Order(index)));
        for step in steps_of(inner, script, order)? {
            all.push((step.ago, order.account.clone(), Deed::Step(index, step)));
        }
    }
    all.sort_by_key(|(ago, ..)| std::cmp::Reverse(*ago));
    Ok(all)
}

/// What followed an order, worked out from where it was to come to.
fn steps_of(
    inner: &Inner,
    script: &Script,
    order: &ScriptOrder,
) -> Result<Vec<ScriptStep>, EngineError> {
    let wrong = |says: &str| failed(format!("assets/demo.toml: {}: {says}", order.product));
    let offers = inner.offers(&order.account);
    let offer = offers.iter().find(|offer| offer.id == order.product);
    let offer = offer.ok_or_else(|| wrong("nobody sells it"))?;
    let table = offer
        .lifecycle
        .as_ref()
        .and_then(|id| inner.lifecycles.get(id));
    let table = table.ok_or_else(|| wrong("its lifecycle is not there"))?;
    let mut accounts = script.account.iter();
    let zone = accounts
        .find(|account| account.name == order.account)
        .and_then(|account| account.zone.as_ref());
    let around = Circumstances {
        zone_active: Some(zone.is_none_or(|zone| zone.is == ZoneStatus::Active)),
        ..Circumstances::default()
    };
    way::steps(order, offer, table, around).map_err(|says| wrong(&says))
}

async fn place(engine: &Engine, order: &ScriptOrder) -> Result<EntryId, EngineError> {
    let csr = match order.csr {
        CsrFrom::Certdeck => CsrChoice::Certdeck,
        CsrFrom::Provider => CsrChoice::Provider,
        CsrFrom::Own => CsrChoice::Own(own_csr(&order.names)?),
    };
    let form = OrderForm {
        account: order.account.clone(),
        product: order.product.clone(),
        names: order.names.clone(),
        key_type: order.key.unwrap_or(KeyType::P256),
        csr,
        method: order.method.unwrap_or(Method::Dns),
        mailbox: order.mailbox.clone(),
        wishes: crate::engine::command::Wishes::default(),
    };
    match engine.run(Command::Order(form)).await? {
        Done::Ordered { entry, .. } => Ok(entry),
        other => Err(EngineError::Failed(format!("an order answered {other:?}"))),
    }
}

async fn take_step(engine: &Engine, entry: EntryId, step: ScriptStep) -> Result<(), EngineError> {
    let entry = if step.successor {
        let inventory = engine.inventory();
        let held = inventory.get(&entry);
        let later = held.and_then(|entry| entry.successors().last().cloned());
        later.ok_or_else(|| failed("assets/demo.toml: there is no successor"))?
    } else {
        entry
    };
    let command = match (step.event, step.action) {
        (Some(event), None) => Command::Play { entry, event },
        (None, Some(action)) => Command::Act {
            entry,
            action,
            with: Answers {
                new_names: step.new_names,
                ..Answers::default()
            },
            seen_state: None,
        },
        _ => {
            let says = "assets/demo.toml: a step is one event or one action";
            return Err(EngineError::Failed(says.to_owned()));
        }
    };
    engine.run(command).await.map(drop)
}

/// A CSR whose key nobody keeps: its owner has it, as far as the demo goes.
fn own_csr(names: &[String]) -> Result<String, EngineError> {
    let key = PrivateKey::generate(KeyType::P256).map_err(failed)?;
    csr::make(&key, &parse(names)?).map_err(failed)
}

/// Writes the certificates of the script into a folder.
async fn write_all(
    engine: &Engine,
    samples: Vec<ScriptFile>,
    ca: &SandboxCa,
    folder: &Path,
    start: Timestamp,
) -> Result<(), EngineError> {
    let mut made = Vec::new();
    for sample in samples {
        made.push((folder.join(&sample.name), contents(&sample, ca, start)?));
    }
    engine
        .aside(move |_| {
            made.iter()
                .try_for_each(|(path, bytes)| files::write_new(path, bytes).map_err(failed))
        })
        .await
}

fn contents(sample: &ScriptFile, ca: &SandboxCa, start: Timestamp) -> Result<Vec<u8>, EngineError> {
    if sample.broken {
        let cut = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUZGFtYWdlZCBieSBhIGZ1bGwg\n";
        return Ok(cut.as_bytes().to_vec());
    }
    let key = PrivateKey::generate(KeyType::P256).map_err(failed)?;
    let mut serial = [0; 16];
    serial.copy_from_slice(&hash::sha256(sample.name.as_bytes())[..16]);
    let at = |hours: i64| time::later(start, SignedDuration::from_hours(hours));
    let request = IssueRequest {
        names: parse(&sample.names)?,
        not_before: at(sample.from),
        not_after: at(sample.to),
        serial,
        level: ValidationLevel::Dv,
        organization: None,
    };
    let issued = ca.issue(&key.spki_der(), &request).map_err(failed)?;
    if !sample.name.ends_with("der") {
        return Ok((issued.leaf_pem + &issued.chain_pem.concat()).into_bytes());
    }
    Ok(read_certificate(&issued.leaf_pem).map_err(failed)?.der)
}

fn parse(names: &[String]) -> Result<Vec<CertName>, EngineError> {
    names
        .iter()
        .map(|name| CertName::parse(name).map_err(failed))
        .collect()
}

fn failed(why: impl std::fmt::Display) -> EngineError {
    EngineError::Failed(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_read_and_told_in_order() {
        let script = Script::embedded().unwrap();
        assert!(script.order.len() >= 100, "every state of every table");
        for order in &script.order {
            assert!(
                order.then.iter().all(|step| step.ago < order.ago),
                "{:?}",
                order.names
            );
        }
    }
}
