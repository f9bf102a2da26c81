//! What the commands for accounts by hand share: reading what was typed and pasted, and saying what
//! to do in the provider's own panel.
//!
//! May not: print, or decide anything. `record`, `order`, `act` and `renew` call it.

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::args::PanelArguments;
use super::error::CliError;
use crate::domain::account::AccountKind;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::text::sanitise;
use crate::engine::by_hand::Guidance;
use crate::engine::command::Particulars;
use crate::files::{self, LARGEST};
use crate::pki::bundle::{self, Found};

/// Whether people record what happens in an account.
pub(super) fn is_by_hand(inventory: &Inventory, account: &str) -> bool {
    let account = inventory.accounts.get(account);
    account.is_some_and(|account| account.kind == AccountKind::ByHand)
}

/// Reads what the flags say and the files hold; one of them may be standard input.
pub(super) fn particulars(
    panel: &PanelArguments,
    csr: Option<&Path>,
) -> Result<Particulars, CliError> {
    let files = [
        panel.certificate.as_deref(),
        panel.chain.as_deref(),
        csr,
        panel.private_key.as_deref(),
    ];
    let from_input = files.iter().flatten().filter(|file| is_input(file));
    if from_input.count() > 1 {
        let says = "only one of --certificate, --chain, --csr and --private-key can be read from \
                    standard input; everything may stand in one text, given with --certificate -";
        return Err(CliError::Usage(says.to_owned()));
    }
    let read = |flag: &str, file: Option<&Path>| {
        file.map(|file| read(file).map_err(|why| wrong_file(flag, file, &why)))
            .transpose()
    };
    Ok(Particulars {
        level: panel.level.clone(),
        order_number: panel.order_number.clone(),
        invoice_number: panel.invoice.clone(),
        invoice_link: panel.invoice_link.clone(),
        price: panel.price.clone(),
        term: panel.term.clone(),
        paid_until: panel.paid_until.clone(),
        proof: (!panel.proof.is_empty()).then(|| panel.proof.join("\n")),
        question: panel.question.clone(),
        certificate: read("certificate", panel.certificate.as_deref())?,
        chain: read("chain", panel.chain.as_deref())?,
        csr: read("csr", csr)?,
        key: read("private-key", panel.private_key.as_deref())?,
        ..Particulars::default()
    })
}

fn is_input(file: &Path) -> bool {
    file == Path::new("-")
}

fn wrong_file(flag: &str, file: &Path, why: &str) -> CliError {
    CliError::Usage(format!("--{flag} {}: {why}", file.display()))
}

/// A text with PEM in it; certificates in DER are turned into it.
fn read(file: &Path) -> Result<SecretString, String> {
    let mut bytes = if is_input(file) {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes);
        read.map_err(|error| format!("reading standard input failed: {error}; try a file"))?;
        if bytes.len() as u64 > LARGEST {
            return Err(files::FileError::TooLarge.to_string());
        }
        bytes
    } else {
        files::read_file(file).map_err(|error| error.to_string())?
    };
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(SecretString::from(text)),
        Err(error) => from_der(&Zeroizing::new(error.into_bytes())),
    }
}

fn from_der(bytes: &[u8]) -> Result<SecretString, String> {
    let certificates = bundle::read(bytes)
        .into_iter()
        .filter_map(|found| match found {
            Found::Certificate(certificate) => Some(certificate.to_pem()),
            _ => None,
        });
    let text: String = certificates.collect();
    if text.is_empty() {
        return Err(
            "it is neither PEM text nor a certificate in DER; turn it into PEM first (openssl \
             pkcs12 -in FILE -nodes, openssl req -inform DER, openssl pkey -inform DER)"
                .to_owned(),
        );
    }
    Ok(SecretString::from(text))
}

/// The state that a person means, by its id or its label.
pub(super) fn state(given: &str, table: &Lifecycle) -> Result<(String, String), CliError> {
    let found = |state: &crate::domain::lifecycle::State| (state.track.clone(), state.id.clone());
    if let Some(state) = table.state(given) {
        return Ok(found(state));
    }
    let fits = |text: &str| text.to_lowercase() == given.trim().to_lowercase();
    let fitting: Vec<_> = table
        .states
        .iter()
        .filter(|state| fits(&state.label))
        .collect();
    let ids = |states: &[&crate::domain::lifecycle::State]| {
        states
            .iter()
            .map(|state| state.id.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match fitting.as_slice() {
        [only] => Ok(found(only)),
        [] => {
            let all: Vec<_> = table.states.iter().collect();
            let known = all
                .iter()
                .flat_map(|state| [state.id.as_str(), state.label.as_str()]);
            let meant = crate::config::nearest(given, known);
            let meant = meant.map_or_else(String::new, |meant| format!(" Did you mean {meant:?}?"));
            Err(CliError::Usage(format!(
                "--shows: {} has no state {given:?}.{meant} It has {}",
                table.title,
                ids(&all)
            )))
        }
        several => Err(CliError::Usage(format!(
            "--shows: {given:?} is the label of several states; give one of these ids: {}",
            ids(several)
        ))),
    }
}

/// What to do in the provider's own panel, line by line.
pub(super) fn lines(guidance: &Guidance) -> String {
    let mut text = sanitise(&guidance.title).into_owned();
    if let Some(link) = &guidance.link {
        let _ = write!(text, " ({})", sanitise(link));
    }
    text.push_str(":\n");
    for (number, step) in guidance.steps.iter().enumerate() {
        let _ = writeln!(text, "  {}. {}", number + 1, sanitise(step));
    }
    text
}
