//! Certificates, CSRs and keys that are recorded: whether they belong to the entry, and what is
//! written down of them.
//!
//! Pure; `pki::belong` judges. A key goes into the vault and nowhere else: nothing here quotes one.

use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::entry::{CsrBy, Entry, Order, Role};
use crate::domain::event::What;
use crate::domain::lifecycle::{Condition, Lifecycle};
use crate::engine::command::{Field, FieldError, Particulars};
use crate::pki::belong::{Expected, Material, Part, Pasted, Problem, belong};
use crate::providers::record_of;

/// Reads and checks what was pasted; `shown` is the state that it is recorded with.
pub(super) fn read(
    with: &Particulars,
    expected: &Expected<'_>,
    shown: Option<&str>,
    lifecycle: &Lifecycle,
) -> Result<Material, Vec<FieldError>> {
    let pasted = Pasted {
        certificate: with.certificate.as_ref(),
        chain: with.chain.as_ref(),
        csr: with.csr.as_ref(),
        key: with.key.as_ref(),
    };
    belong(pasted, expected).map_err(|problems| {
        let errors = problems.into_iter();
        errors
            .map(|problem| error(problem, shown, lifecycle))
            .collect()
    })
}

/// Whether a certificate was given.
pub(super) fn has_certificate(with: &Particulars) -> bool {
    let text = with.certificate.as_ref();
    text.is_some_and(|text| !text.expose_secret().trim().is_empty())
}

fn error(problem: Problem, shown: Option<&str>, lifecycle: &Lifecycle) -> FieldError {
    let field = match problem.part {
        Part::Certificate => Field::Certificate,
        Part::Chain => Field::Chain,
        Part::Csr => Field::Csr,
        Part::Key => Field::Key,
    };
    let mut says = problem.says;
    if problem.expired {
        says.push_str(&what_expires(shown, lifecycle));
    }
    FieldError { field, says }
}

/// What to record instead of a certificate that has expired.
fn what_expires(shown: Option<&str>, lifecycle: &Lifecycle) -> String {
    let mut rows = lifecycle
        .events
        .iter()
        .filter(|row| row.when == Some(Condition::NotAfter));
    let from_here = |from: &[String]| shown.is_none_or(|shown| from.iter().any(|id| id == shown));
    let expired = rows
        .find(|row| from_here(&row.from))
        .and_then(|row| lifecycle.state(&row.to));
    match expired {
        Some(state) => format!(
            ": if the panel shows {:?}, record that (--shows {}); otherwise give the certificate \
             that it shows now",
            state.label, state.id
        ),
        None => "; give the certificate that the panel shows now".to_owned(),
    }
}

/// The certificate as it is written down, if the entry does not serve it already.
pub(super) fn issued(material: &Material, entry: &Entry) -> Option<What> {
    let leaf = material.leaf.as_ref()?;
    let chain = material.chain.iter().map(|above| above.sha256.clone());
    let certificate = record_of(leaf, chain.collect(), Role::Serving);
    (entry.serving() != Some(&certificate)).then_some(What::Issued { certificate })
}

/// Whether the text says itself which key is meant: a CSR (an empty one: none is known any more) or
/// a private key, wherever it stands.
pub(super) fn has_own_key(with: &Particulars) -> bool {
    let holds_key = |text: &SecretString| text.expose_secret().contains("PRIVATE KEY-----");
    let mut texts = [&with.certificate, &with.key].into_iter().flatten();
    with.csr.is_some() || texts.any(holds_key)
}

/// CSR and key as they are written down, if something of them is new.
pub(super) fn csr_ready(material: &Material, order: &Order) -> Option<What> {
    let key = material
        .key
        .as_ref()
        .map(crate::pki::PrivateKey::spki_sha256);
    let given = material.csr.as_ref();
    let known = order.spki_sha256.clone();
    // Without a known key the certificate's own says nothing that it does not say itself.
    let leaf = material.leaf.as_ref().filter(|_| known.is_some());
    let spki_sha256 = given
        .map(|csr| csr.spki_sha256.clone())
        .or(key.clone())
        .or(leaf.map(|leaf| leaf.spki_sha256.clone()))
        .or(known)?;
    let same = order.spki_sha256.as_ref() == Some(&spki_sha256);
    let known_csr = order.csr.clone().filter(|_| same);
    let key_held = key.is_some() || (same && order.key_held);
    let csr = given
        .map(|csr| csr.pem.clone())
        .or(known_csr)
        .unwrap_or_default();
    let is_known =
        same && key_held == order.key_held && csr == order.csr.as_deref().unwrap_or_default();
    // What certdeck made is replaced by something that it did not make.
    let by = order.csr_by.filter(|by| same || *by != CsrBy::Certdeck);
    (!is_known).then(|| What::CsrReady {
        by: by.unwrap_or(CsrBy::You),
        csr,
        spki_sha256,
        key_held,
    })
}

/// What stood in the text and does not belong to it, in a sentence.
pub(super) fn left_out(material: &Material) -> String {
    if material.left_out.is_empty() {
        return String::new();
    }
    format!(
        " Left out, since it does not belong to the chain: {}.",
        material.left_out.join(", ")
    )
}
