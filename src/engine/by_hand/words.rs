//! The sentences that say how things stand after something was recorded, and what is missing.
//!
//! Pure text, all of it certdeck's own: nothing here is put into a provider's mouth.

use jiff::Timestamp;

use crate::domain::entry::{Entry, Method};
use crate::domain::lifecycle::{Lifecycle, Phase, State, Who, standing};

/// `It is Registration now; netcup moves next.` Of several tracks all are said, and who moves next is
/// said of the one that asks for the most.
pub(super) fn is_now(entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> String {
    if entry.gone.is_some() {
        let provider = &lifecycle.provider;
        return format!("It is gone at {provider}; what was kept of it stays here, archived.");
    }
    let stands = standing(entry, lifecycle, now);
    let label = stands.label(lifecycle);
    let leading = stands.leading(lifecycle).and_then(|(_, state)| state);
    match leading {
        // What failed is nobody's turn by the table, and yet somebody will want to do something.
        Some(state) if state.phase == Phase::Failed && state.who == Who::Nobody => {
            format!("It is {label} now.")
        }
        Some(state) => {
            let moves = mover(state, lifecycle, entry.order.method);
            format!("It is {label} now; {moves}.")
        }
        None => format!("It is {label} now."),
    }
}

/// Who moves next, as half a sentence.
pub(super) fn mover(state: &State, lifecycle: &Lifecycle, method: Option<Method>) -> String {
    match state.who_with(method) {
        Who::You => "you move next".to_owned(),
        Who::Customer => "your customer moves next".to_owned(),
        Who::Provider => format!("{} moves next", lifecycle.provider),
        Who::Ca => "the CA moves next".to_owned(),
        Who::Nobody => "nobody has to move".to_owned(),
    }
}

/// What is missing where a certificate comes with what is recorded.
pub(super) fn wants_certificate(what: &str) -> String {
    format!(
        "{what}: give the certificate, so that its end is known; the panel shows it, and so does \
         the server that uses it (openssl s_client -showcerts -connect HOST:443)"
    )
}

/// What to say of a state that the table does not have.
pub(super) fn no_state(given: &str, lifecycle: &Lifecycle) -> String {
    let known: Vec<_> = lifecycle
        .states
        .iter()
        .map(|state| state.id.as_str())
        .collect();
    format!(
        "{} has no state {given:?}; it has {}",
        lifecycle.title,
        known.join(", ")
    )
}
