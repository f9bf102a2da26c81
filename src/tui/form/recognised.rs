//! What was recognised in pasted certificates, CSRs and keys, said at once below their fields.
//!
//! Says only what fits; what does not is the engine's check to say. Called by the forms for records
//! and for orders by hand.

use jiff::Timestamp;
use secrecy::SecretString;

use super::sheet_form::{FieldNote, SheetForm};
use crate::domain::time;
use crate::engine::command::Field;
use crate::pki::AltName;
use crate::pki::belong::{Expected, Material, Pasted, belong};
use crate::pki::certificate::Certificate;

/// What can be said of what is in the form's documents; nothing while something does not fit.
pub(super) fn notes(form: &SheetForm, expected: &Expected<'_>) -> Vec<FieldNote> {
    let texts =
        [Field::Certificate, Field::Chain, Field::Csr, Field::Key].map(|field| form.secret(field));
    if texts.iter().all(Option::is_none) {
        return Vec::new();
    }
    let [certificate, chain, csr, key] = texts.each_ref().map(Option::as_ref);
    let pasted = Pasted {
        certificate,
        chain,
        csr,
        key,
    };
    // What has expired may be recorded too; whether it fits the state is the engine's to say.
    let expected = Expected {
        may_be_expired: true,
        ..*expected
    };
    let Ok(material) = belong(pasted, &expected) else {
        return Vec::new();
    };
    said(&material, pasted, &expected)
}

fn said(material: &Material, pasted: Pasted<'_>, expected: &Expected<'_>) -> Vec<FieldNote> {
    let mut notes = Vec::new();
    let mut note = |field, says: String| {
        notes.push(FieldNote {
            field,
            says,
            good: true,
        });
    };
    if let Some(leaf) = &material.leaf {
        note(Field::Certificate, of_leaf(leaf, expected.at));
        if let Some(says) = key_of_leaf(material, expected) {
            note(Field::Certificate, says.to_owned());
        }
    }
    if !material.chain.is_empty() {
        let field = at(pasted.chain, Field::Chain);
        note(field, of_chain(&material.chain));
    }
    if let Some(csr) = &material.csr {
        let names = listed(&csr.names);
        let says = format!(
            "CSR for {names}, {}; its signature is right",
            csr.key.label()
        );
        note(at(pasted.csr, Field::Csr), says);
    }
    if let Some(key) = &material.key {
        let fits = if material.leaf.is_some() {
            "; it is the certificate's"
        } else {
            ""
        };
        let says = format!("private key, {}{fits}", key.description().label());
        note(at(pasted.key, Field::Key), says);
    }
    let left_out = material.left_out.iter().map(|name| FieldNote {
        field: Field::Certificate,
        says: format!("left out, since it does not belong to it: {name}"),
        good: false,
    });
    notes.extend(left_out);
    notes
}

/// A text of its own is spoken of at its field; what stood beside the certificate, there.
fn at(own: Option<&SecretString>, field: Field) -> Field {
    own.map_or(Field::Certificate, |_| field)
}

fn of_leaf(leaf: &Certificate, at: Timestamp) -> String {
    let names = listed(&leaf.names);
    let until = time::date(leaf.not_after);
    let end = if leaf.not_after < at {
        "it expired on"
    } else {
        "valid until"
    };
    format!("certificate of {names}, {end} {until}")
}

/// Whose key the certificate has, where there is anything that it was compared with.
fn key_of_leaf(material: &Material, expected: &Expected<'_>) -> Option<&'static str> {
    if material.key.is_some() {
        // That is said of the key.
        return None;
    }
    if expected.spki_sha256.is_some() {
        return Some("its key is the one of the order");
    }
    let csr = material.csr.as_ref();
    csr.map(|_| "its key is the one of the CSR")
}

fn of_chain(chain: &[Certificate]) -> String {
    let count = chain.len();
    let noun = if count == 1 {
        "certificate"
    } else {
        "certificates"
    };
    let issuer = chain.first().map_or("", |first| {
        let common_name = first.subject_common_name.as_deref();
        common_name.unwrap_or(&first.subject)
    });
    format!("{count} {noun} above it, the first is {issuer}")
}

/// The first name, and how many more there are.
fn listed(names: &[AltName]) -> String {
    match names {
        [] => "no name".to_owned(),
        [only] => only.text(),
        [first, others @ ..] => format!("{} +{}", first.text(), others.len()),
    }
}
