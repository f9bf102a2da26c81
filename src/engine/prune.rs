//! Removing the oldest journals of the history, once a person has agreed to what is lost.
//!
//! It may remove nothing where the history could still bring something back. The headless command
//! calls it; the panel does not.

use super::{EngineError, EngineSettings};
use crate::store::doctor::{Kind, examine};
use crate::store::{RealDisk, prune as store};

pub use crate::store::prune::{Plan, Which};

/// What would be removed, and what nobody names and stays all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The journals that would go.
    pub plan: Plan,
    /// How many private keys no entry uses.
    pub keys_unused: usize,
    /// How many certificates no entry names.
    pub certificates_unused: usize,
}

/// Looks what would be removed; changes nothing.
///
/// # Errors
/// Where the store is not whole, so that the history may be all that is left of something; else
/// what the file system said.
pub fn propose(settings: &EngineSettings, which: Which) -> Result<Proposal, EngineError> {
    let disk = RealDisk::default();
    let examination = examine(&disk, &settings.store, (settings.clock)());
    if examination.needs_history() {
        return Err(EngineError::Usage(
            "the store is not whole, and the history may be all that is left of something, so \
             nothing was removed; `certdeck doctor` says what is wrong"
                .to_owned(),
        ));
    }
    Ok(Proposal {
        plan: store::plan(&disk, &settings.store, which)?,
        keys_unused: examination.findings.of(Kind::KeyUnused),
        certificates_unused: examination.findings.of(Kind::CertificateUnused),
    })
}

/// Removes what was proposed, for good.
///
/// # Errors
/// When nothing may be changed, when another process keeps the lock, when the history changed
/// meanwhile; else what the file system said.
pub fn prune(settings: &EngineSettings, plan: &Plan) -> Result<(), EngineError> {
    let options = settings.store_options();
    let disk = RealDisk::default();
    Ok(store::prune(&disk, &settings.store, &options, plan)?)
}
