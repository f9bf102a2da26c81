//! What each event does to its entry.
//!
//! Pure: it changes the entry and nothing else. `happen` in the engine calls it, and tests do.

use jiff::Timestamp;

use super::{Cause, Event, What};
use crate::domain::entry::{
    CertificateRecord, Entry, EntryId, Link, LinkKind, ORDER, OpenRequest, Role, Sending, StateRef,
    Track, Trouble, Undeployed,
};
use crate::domain::lifecycle::Setting;

/// Applies one event to its entry.
pub fn apply(entry: &mut Entry, event: &Event) {
    // Looking at its servers changes nothing about it.
    if let What::Probed { seen } = &event.what {
        entry.probed = Some(seen.clone());
        return;
    }
    entry.changed = event.at;
    match &event.what {
        What::Requested { .. }
        | What::Accepted { .. }
        | What::Answered { .. }
        | What::Submitted { .. }
        | What::Refused { .. }
        | What::OutcomeUnknown { .. }
        | What::Adopted { .. }
        | What::SentAgain { .. }
        | What::GivenUp { .. } => ask(entry, &event.what),
        What::Moved { track, to, by, .. } => {
            move_track(entry, track, to, event.at);
            // What is seen at the provider is not gone.
            if matches!(by, Cause::Observed | Cause::Corrected) {
                entry.gone = None;
            }
        }
        What::InvoiceSent { invoice } => entry.product.invoice = Some(invoice.clone()),
        What::InvoicePaid { paid_until, .. } => pay(entry, *paid_until, event.at),
        What::ValidationAsked { records } => {
            entry.records.clone_from(records);
            entry.validation_errors.clear();
        }
        What::Asked { says } | What::Told { says } => entry.said = Some(says.clone()),
        What::ValidationFailed { errors } => entry.validation_errors.clone_from(errors),
        What::AuthorizationsSeen { authorizations } => {
            entry.authorizations.clone_from(authorizations);
        }
        What::CsrReady { .. } | What::Described { .. } => describe(entry, &event.what),
        What::Issued { certificate } => issue(entry, certificate),
        What::Revoked { revocation } => {
            not_revoked(entry, &revocation.sha256);
            entry.revocations.push(revocation.clone());
        }
        What::KeyTaken { spki_sha256, .. } => {
            let own = entry.order.spki_sha256.as_ref();
            entry.order.key_held |= own.is_none_or(|own| own == spki_sha256);
            entry.order.spki_sha256.get_or_insert(spki_sha256.clone());
        }
        What::NotRevoked { sha256, .. } => not_revoked(entry, sha256),
        What::Linked { link, to } => tie(entry, *link, to),
        What::Lost { why, last_good } => lose(entry, why, *last_good, event.at),
        What::Found { from } => {
            entry.trouble = None;
            entry.origin = Some(from.clone());
        }
        What::Noted { note } => entry.note.clone_from(note),
        What::Archived => entry.archived = true,
        What::Restored => entry.archived = false,
        What::Gone => {
            entry.gone = Some(event.at);
            entry.archived = true;
        }
        What::KeyDestroyed { spki_sha256 } => {
            let is_own = entry.order.spki_sha256.as_ref() == Some(spki_sha256);
            entry.order.key_held &= !is_own;
        }
        What::DeployDue => undeployed(entry, "it has not run yet", event.at),
        What::Deployed { failure, .. } => deployed(entry, failure.as_deref(), event.at),
        // Of these nothing is kept, or it was above.
        What::Ordered { .. }
        | What::Imported { .. }
        | What::KeyRevealed
        | What::KeyCopied
        | What::KeyExported { .. }
        | What::Probed { .. } => {}
        What::Renamed { .. }
        | What::NamesAsked { .. }
        | What::NamesAdded { .. }
        | What::NamesDropped
        | What::MethodChosen { .. }
        | What::DnsSeen { .. }
        | What::Set { .. } => change(entry, &event.what),
    }
}

/// What is known of the order itself.
fn describe(entry: &mut Entry, what: &What) {
    match what {
        What::CsrReady {
            by,
            csr,
            spki_sha256,
            key_held,
        } => {
            entry.order.csr_by = Some(*by);
            // A key may be known before its CSR is.
            entry.order.csr = Some(csr.clone()).filter(|csr| !csr.is_empty());
            entry.order.spki_sha256 = Some(spki_sha256.clone());
            entry.order.key_held = *key_held;
        }
        What::Described {
            names,
            product,
            method,
            mailbox,
        } => {
            entry.names.clone_from(names);
            entry.product = product.clone();
            entry.order.method = *method;
            entry.order.mailbox.clone_from(mailbox);
        }
        _ => {}
    }
}

/// No list names a certificate any more.
fn not_revoked(entry: &mut Entry, sha256: &str) {
    entry.revocations.retain(|known| known.sha256 != sha256);
}

/// The deploy command has ended.
fn deployed(entry: &mut Entry, failure: Option<&str>, at: Timestamp) {
    match failure {
        Some(why) => undeployed(entry, why, at),
        None => entry.undeployed = None,
    }
}

/// What becomes of a request.
fn ask(entry: &mut Entry, what: &What) {
    match what {
        What::Requested {
            action,
            since,
            with,
        } => {
            open(entry, action, *since);
            entry.sending = (!with.is_empty()).then(|| {
                let with = with.clone();
                Box::new(Sending {
                    with,
                    ..Sending::default()
                })
            });
        }
        What::Accepted { open, .. } => {
            entry.said = None;
            settle(entry, *open);
        }
        What::Answered { .. } | What::GivenUp { .. } => close(entry),
        What::Adopted {
            action,
            found,
            open,
            ..
        } => {
            entry.said = None;
            settle(entry, *open);
            // What was ordered goes by the provider's number from now on.
            if action == ORDER {
                let number = &mut entry.product.order_number;
                number.get_or_insert_with(|| found.clone());
            }
        }
        What::SentAgain { since, .. } => send_again(entry, *since),
        What::Submitted {
            action,
            open_since: Some(since),
            ..
        } => {
            open(entry, action, *since);
            settle(entry, true);
        }
        What::Refused { says, .. } => {
            close(entry);
            entry.said = Some(says.clone());
        }
        What::OutcomeUnknown { .. } => {
            if let Some(request) = &mut entry.request {
                request.unknown_outcome = true;
            }
        }
        _ => {}
    }
}

/// What changes about an order without its state.
fn change(entry: &mut Entry, what: &What) {
    match what {
        What::Renamed { names } => entry.names.clone_from(names),
        What::NamesAsked { names } => entry.adding.clone_from(names),
        What::NamesAdded { names } => {
            entry.names.clone_from(names);
            entry.adding.clear();
        }
        What::NamesDropped => entry.adding.clear(),
        What::MethodChosen { method, mailbox } => {
            entry.order.method = Some(*method);
            entry.order.mailbox.clone_from(mailbox);
        }
        What::DnsSeen { points } => entry.dns_points = Some(*points),
        What::Set { setting } => set(entry, *setting),
        _ => {}
    }
}

fn set(entry: &mut Entry, setting: Setting) {
    match setting {
        Setting::AutoRenewOn => entry.product.auto_renew = true,
        Setting::AutoRenewOff => entry.product.auto_renew = false,
        Setting::PrivacyCancelled => entry.product.privacy_cancelled = true,
        // The zone is the account's.
        Setting::ZoneActive => {}
    }
}

fn open(entry: &mut Entry, action: &str, since: Timestamp) {
    entry.request = Some(OpenRequest {
        action: action.to_owned(),
        since,
        unknown_outcome: false,
        accepted: false,
    });
}

/// The request is over, whatever came of it.
fn close(entry: &mut Entry) {
    entry.request = None;
    entry.sending = None;
}

/// The same request under another time; of the one before nobody learned what came of it.
fn send_again(entry: &mut Entry, since: Timestamp) {
    let Some(request) = &mut entry.request else {
        return;
    };
    let before = std::mem::replace(&mut request.since, since);
    request.unknown_outcome = false;
    entry.sending.get_or_insert_default().before.push(before);
}

/// An answered request is over, unless the provider still has to carry it out.
fn settle(entry: &mut Entry, stays_open: bool) {
    entry.sending = None;
    entry.request = entry.request.take().filter(|_| stays_open);
    if let Some(request) = &mut entry.request {
        request.accepted = true;
        request.unknown_outcome = false;
    }
}

fn tie(entry: &mut Entry, kind: LinkKind, to: &EntryId) {
    let link = Link {
        kind,
        entry: to.clone(),
    };
    if !entry.links.contains(&link) {
        entry.links.push(link);
    }
}

/// Another reason for the same trouble does not begin it anew.
fn lose(entry: &mut Entry, why: &str, last_good: Timestamp, at: Timestamp) {
    let since = entry.trouble.take().map_or(at, |known| known.since);
    entry.trouble = Some(Trouble {
        why: why.to_owned(),
        since,
        last_good,
    });
}

/// Another reason does not begin it anew.
fn undeployed(entry: &mut Entry, why: &str, at: Timestamp) {
    let since = entry.undeployed.take().map_or(at, |known| known.since);
    entry.undeployed = Some(Undeployed {
        since,
        why: why.to_owned(),
    });
}

fn move_track(entry: &mut Entry, name: &str, to: &StateRef, at: Timestamp) {
    // What the provider asked or refused belonged to the state that is left now.
    entry.said = None;
    entry.validation_errors.clear();
    if let Some(track) = entry.tracks.get_mut(name) {
        let left = std::mem::replace(&mut track.state, to.clone());
        // What begins anew where it stood still knows where it came from.
        if left != *to {
            track.previous = Some(left);
        }
        track.since = at;
    } else {
        let track = Track {
            state: to.clone(),
            since: at,
            previous: None,
        };
        entry.tracks.insert(name.to_owned(), track);
    }
}

fn pay(entry: &mut Entry, paid_until: Option<Timestamp>, at: Timestamp) {
    if let Some(invoice) = &mut entry.product.invoice {
        invoice.paid_at = Some(at);
    }
    if paid_until.is_some() {
        entry.product.paid_until = paid_until;
    }
}

fn issue(entry: &mut Entry, certificate: &CertificateRecord) {
    if certificate.role == Role::Serving {
        for older in &mut entry.certificates {
            older.role = Role::Past;
        }
    }
    // Proof is not asked for any more.
    entry.records.clear();
    entry
        .certificates
        .retain(|held| held.sha256 != certificate.sha256);
    entry.certificates.push(certificate.clone());
}
