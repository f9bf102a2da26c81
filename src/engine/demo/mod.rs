//! Filling a throw-away store for `certdeck demo`: orders in every state and files beside them,
//! as `assets/demo.toml` tells them.
//!
//! Everything goes through the engine like anybody's own orders; only the sandbox's clock is set
//! to where each step happened. Only the demo calls it.

mod hand;
mod script;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::command::{Command, CsrChoice, Done, OrderForm};
use super::error::EngineError;
use super::settings::SANDBOX_ACCOUNT;
use super::{Engine, Inner};
use crate::domain::entry::{EntryId, Method};
use crate::domain::event::Answers;
use crate::domain::time;
use crate::files;
use crate::pki::ca::{IssueRequest, SandboxCa};
use crate::pki::{CertName, KeyType, PrivateKey, ValidationLevel, csr, hash, read_certificate};
use script::{CsrFrom, Script, ScriptFile, ScriptOrder, ScriptStep};

/// The account of the demo that is kept by hand; its settings are the caller's.
pub const HAND_ACCOUNT: &str = "netcup";

/// Fills the engine's store, and two folders with certificates: `folder` with those that are
/// imported, `watched` with those that an account watches.
///
/// # Errors
/// When the store or a folder cannot be written.
pub async fn fill(engine: &Engine, folder: &Path, watched: &Path) -> Result<(), EngineError> {
    let script = Script::embedded().map_err(EngineError::Failed)?;
    let start = engine.now();
    engine.aside(|inner| inner.sandbox(SANDBOX_ACCOUNT)).await?;
    let mut entries: Vec<Option<EntryId>> = vec![None; script.order.len()];
    for (ago, order, step) in in_time(&script) {
        engine
            .0
            .put_clock_at(SANDBOX_ACCOUNT, time::earlier(start, ago));
        match (step, entries[order].clone()) {
            (Some(step), Some(entry)) => take_step(engine, entry, step).await?,
            _ => entries[order] = Some(place(engine, &script.order[order]).await?),
        }
    }
    engine.0.put_clock_at(SANDBOX_ACCOUNT, start);
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
    };
    engine.run(command).await.map(drop)
}

/// Every order and everything that followed, the longest ago first.
fn in_time(script: &Script) -> Vec<(SignedDuration, usize, Option<&ScriptStep>)> {
    let mut all = Vec::new();
    for (index, order) in script.order.iter().enumerate() {
        all.push((order.ago, index, None));
        all.extend(order.then.iter().map(|step| (step.ago, index, Some(step))));
    }
    all.sort_by_key(|(ago, ..)| std::cmp::Reverse(*ago));
    all
}

async fn place(engine: &Engine, order: &ScriptOrder) -> Result<EntryId, EngineError> {
    let csr = match order.csr {
        CsrFrom::Certdeck => CsrChoice::Certdeck,
        CsrFrom::Provider => CsrChoice::Provider,
        CsrFrom::Own => CsrChoice::Own(own_csr(&order.names)?),
    };
    let form = OrderForm {
        account: SANDBOX_ACCOUNT.to_owned(),
        product: order.product.clone(),
        names: order.names.clone(),
        key_type: order.key.unwrap_or(KeyType::P256),
        csr,
        method: order.method.unwrap_or(Method::Dns),
        mailbox: order.mailbox.clone(),
    };
    match engine.run(Command::Order(form)).await? {
        Done::Ordered { entry, .. } => Ok(entry),
        other => Err(EngineError::Failed(format!("an order answered {other:?}"))),
    }
}

async fn take_step(engine: &Engine, entry: EntryId, step: &ScriptStep) -> Result<(), EngineError> {
    let command = match (&step.event, &step.action) {
        (Some(event), None) => Command::Play {
            entry,
            event: event.clone(),
        },
        (None, Some(action)) => Command::Act {
            entry,
            action: action.clone(),
            with: Answers::default(),
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
        assert!(script.order.len() >= 12, "a dozen and more");
        let times: Vec<_> = in_time(&script).into_iter().map(|(ago, ..)| ago).collect();
        assert!(times.is_sorted_by(|left, right| left >= right));
        for order in &script.order {
            assert!(
                order.then.iter().all(|step| step.ago < order.ago),
                "{:?}",
                order.names
            );
        }
    }
}
