//! What happened, as a sentence for people.
//!
//! Pure text; both faces draw it, and make harmless what it quotes of others.

use super::action;
use super::entry::{StateRef, ValidationRecord};
use super::event::{Cause, What};
use super::lifecycle::{Lifecycle, Setting};
use super::time;

/// What happened, in one sentence. The words of others in it are raw: draw them harmlessly.
#[must_use]
pub fn sentence(what: &What, table: Option<&Lifecycle>) -> String {
    match what {
        What::Ordered { product } if product.is_empty() => "Ordered".to_owned(),
        What::Ordered { product } => format!("Ordered: {product}"),
        What::Imported { from } => format!("Imported from {from}"),
        What::Requested { action, .. } => format!("{}: asked for", title(action, table)),
        What::Accepted { action, says, .. } => {
            let says = says.as_deref().unwrap_or("accepted");
            format!("{}: {says}", title(action, table))
        }
        What::Refused { action, says } => format!("{}: refused: {says}", title(action, table)),
        What::OutcomeUnknown { action } => {
            format!("{}: nobody can say what came of it", title(action, table))
        }
        What::Adopted { .. } | What::SentAgain { .. } | What::GivenUp { .. } => {
            after_unknown(what, table)
        }
        What::Moved { from, to, by, .. } => {
            format!(
                "{} to {} ({})",
                label(from, table),
                label(to, table),
                cause(by, table)
            )
        }
        What::InvoiceSent { invoice } => {
            format!("Invoice {} over {}", invoice.number, invoice.amount)
        }
        What::InvoicePaid { number, paid_until } => {
            let until = paid_until
                .map_or_else(String::new, |at| format!("; paid until {}", time::date(at)));
            let number = if number.is_empty() {
                String::new()
            } else {
                format!("{number} ")
            };
            format!("Invoice {number}paid{until}")
        }
        What::ValidationAsked { records } if records.is_empty() => {
            "Nothing is to be published any more".to_owned()
        }
        What::ValidationAsked { records } => {
            let names: Vec<_> = records.iter().map(ValidationRecord::name).collect();
            format!("Proof asked for: {}", names.join(", "))
        }
        What::Asked { says } => format!("Asked: {says}"),
        What::CsrReady { csr, key_held, .. } if csr.is_empty() => match key_held {
            true => "The private key is held here".to_owned(),
            false => "It has another key now, which is not held here".to_owned(),
        },
        What::CsrReady { by, key_held, .. } => {
            let key = if *key_held {
                "; the private key is held here"
            } else {
                ""
            };
            format!("CSR made by {}{key}", by.words())
        }
        What::Issued { certificate } => {
            format!(
                "Certificate {} until {}",
                certificate.serial,
                time::date(certificate.not_after)
            )
        }
        other => by_hand(other),
    }
}

/// What people wrote down, and what was seen of a watched place.
fn by_hand(what: &What) -> String {
    match what {
        What::Submitted { action, .. } => {
            let title = title(action, None);
            format!("{title}: submitted in the provider's panel, recorded by hand")
        }
        What::Described { names, product, .. } => {
            let number = product.order_number.as_ref();
            let number = number.map(|number| format!("order {number}"));
            let name = Some(product.name.clone()).filter(|name| !name.is_empty());
            let product: Vec<_> = name.into_iter().chain(number).collect();
            let mut parts = vec![names.join(", "), product.join(", ")];
            parts.retain(|part| !part.is_empty());
            format!("Written down by hand: {}", parts.join("; "))
        }
        What::Lost { why, last_good } => {
            format!("Lost, last read {} UTC: {why}", time::minute(*last_good))
        }
        What::Found { from } => format!("Found in {from}"),
        What::Revoked { revocation } => {
            let since = revocation.at.map(|at| format!(" since {}", time::date(at)));
            let why = revocation.reason.as_ref();
            let why = why.map(|reason| format!(" ({reason})"));
            format!(
                "Revoked{}{}, says its issuer's list of {}",
                since.unwrap_or_default(),
                why.unwrap_or_default(),
                time::date(revocation.list)
            )
        }
        What::NotRevoked { list, .. } => format!(
            "Revoked no longer, says its issuer's list of {}",
            time::date(*list)
        ),
        other => of_order(other),
    }
}

/// What changed about the order without its state.
fn of_order(what: &What) -> String {
    match what {
        What::Told { says } => says.clone(),
        What::Answered { action } => format!("{}: carried out", title(action, None)),
        What::ValidationFailed { errors } => format!("Validation failed: {}", errors.join("; ")),
        What::AuthorizationsSeen { authorizations } => {
            let all = authorizations
                .iter()
                .map(|one| format!("{} {}", one.name, one.status));
            format!("Authorizations: {}", all.collect::<Vec<_>>().join(", "))
        }
        What::Renamed { names } => format!("Names: {}", names.join(", ")),
        What::NamesAsked { names } => format!("To be added: {}", names.join(", ")),
        What::NamesAdded { names } => format!("Names are now: {}", names.join(", ")),
        What::NamesDropped => "No names were added".to_owned(),
        What::MethodChosen { method, .. } => format!("Validation by {}", method.words()),
        What::DnsSeen { points: true } => "Its DNS points to the target".to_owned(),
        What::DnsSeen { points: false } => "Its DNS points elsewhere".to_owned(),
        What::Set { setting } => match setting {
            Setting::AutoRenewOn => "Automatic renewal is on".to_owned(),
            Setting::AutoRenewOff => "Automatic renewal is off".to_owned(),
            Setting::PrivacyCancelled => "The privacy authorization was cancelled".to_owned(),
            Setting::ZoneActive => "The zone was looked at again and is active".to_owned(),
        },
        What::Gone => "Gone at the provider; what is here is kept".to_owned(),
        other => aside(other),
    }
}

/// What became of a request after nobody knew what came of it.
fn after_unknown(what: &What, table: Option<&Lifecycle>) -> String {
    match what {
        What::Adopted {
            action,
            found,
            chosen,
            ..
        } => {
            let how = if *chosen { ", as somebody chose" } else { "" };
            let title = title(action, table);
            format!("{title}: adopted: found at the provider as {found}{how}")
        }
        What::SentAgain { action, risked, .. } => {
            let why = if *risked {
                "though nobody knew what came of it"
            } else {
                "since repeating it is safe"
            };
            format!("{}: sent again, {why}", title(action, table))
        }
        What::GivenUp { action } => {
            format!("{}: it never arrived, somebody says", title(action, table))
        }
        _ => String::new(),
    }
}

/// What people did with the entry, not what became of it.
fn aside(what: &What) -> String {
    match what {
        What::Linked { link, to } => format!("Linked: {} {to}", link.words()),
        What::Probed { seen } => seen.sentence(),
        What::KeyRevealed => "Private key revealed".to_owned(),
        What::KeyCopied => "Private key copied".to_owned(),
        What::KeyTaken { from, .. } => format!("Private key taken in from {from}"),
        What::KeyExported { to } => format!("Private key exported to {to}"),
        What::KeyDestroyed { .. } => "Private key destroyed".to_owned(),
        What::DeployDue => "To be deployed".to_owned(),
        What::Deployed {
            program,
            failure,
            output,
        } => deployed(program, failure.as_deref(), output),
        What::Noted { note } if note.is_empty() => "Note taken away".to_owned(),
        What::Noted { note } => format!("Note: {note}"),
        What::Archived => "Archived".to_owned(),
        What::Restored => "Taken back into the list".to_owned(),
        _ => String::new(),
    }
}

fn deployed(program: &str, failure: Option<&str>, output: &str) -> String {
    let came = match failure {
        None => format!("Deployed with {program}"),
        Some(why) => format!("Deploying with {program} failed: {why}"),
    };
    if output.is_empty() {
        return came;
    }
    format!("{came}; it said: {output}")
}

fn title(id: &str, table: Option<&Lifecycle>) -> String {
    // An order is no action of an entry: it makes one.
    let id = if id == "order" { "Order" } else { id };
    let shared = || action::spec(id).map_or(id, |spec| spec.title).to_owned();
    table.map_or_else(shared, |table| table.action_title(id))
}

fn label<'a>(state: &'a StateRef, table: Option<&'a Lifecycle>) -> &'a str {
    table.map_or(state.as_str(), |table| table.label(state))
}

fn cause(by: &Cause, table: Option<&Lifecycle>) -> String {
    match by {
        Cause::Action { action } => title(action, table),
        Cause::Event { event } => event_label(event, table),
        Cause::Recorded { event } => {
            format!("{}, recorded by hand", event_label(event, table))
        }
        Cause::Submitted { action } => {
            format!("{}, submitted by hand", title(action, table))
        }
        Cause::Observed => "seen at the provider".to_owned(),
        Cause::Corrected => "corrected by hand".to_owned(),
    }
}

fn event_label(event: &str, table: Option<&Lifecycle>) -> String {
    let row = table.and_then(|table| table.events.iter().find(|row| row.id == event));
    row.map_or_else(|| event.to_owned(), |row| row.label.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lifecycle::Lifecycles;

    #[test]
    fn moves_are_said_in_the_words_of_the_lifecycle() {
        let lifecycles = Lifecycles::built_in().unwrap();
        let what = What::Moved {
            track: "main".to_owned(),
            from: StateRef::known("outstanding-invoice"),
            to: StateRef::known("registration"),
            by: Cause::Event {
                event: "invoice-paid".to_owned(),
            },
        };
        let netcup = lifecycles.get("netcup").map(AsRef::as_ref);
        assert_eq!(
            sentence(&what, netcup),
            "Outstanding invoice to Registration (Invoice paid)"
        );
        assert_eq!(
            sentence(&what, None),
            "outstanding-invoice to registration (invoice-paid)"
        );
    }
}
