//! What happened: the journal's events, and what each does to its entry.
//!
//! Pure: `apply` changes an entry and nothing else. The engine applies events and hands the
//! resulting entry and the events to the store as one transaction.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Invoice, Link, LinkKind, Method, OpenRequest,
    Product, Role, StateRef, Track, Trouble, ValidationRecord,
};

/// One thing that happened to one entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The entry that it happened to.
    pub entry: EntryId,
    /// When, in the account's time.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What can happen to an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// It was ordered.
    Ordered {
        /// The product's name.
        product: String,
    },
    /// It was read from a file.
    Imported {
        /// The file.
        from: String,
    },
    /// A request is about to be sent; written down before it is.
    Requested {
        /// The action.
        action: String,
        /// When it was written down, in the system's time.
        since: Timestamp,
    },
    /// The provider accepted a request.
    Accepted {
        /// The action.
        action: String,
        /// The provider's own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        says: Option<String>,
    },
    /// The provider refused a request.
    Refused {
        /// The action.
        action: String,
        /// The provider's own words.
        says: String,
    },
    /// Nobody can say what came of a request.
    OutcomeUnknown {
        /// The action.
        action: String,
    },
    /// A person did it in the provider's own panel and says so here; nobody answered.
    Submitted {
        /// The action.
        action: String,
    },
    /// A person wrote down what the provider's own panel shows of it.
    Described {
        /// The names that it protects, in ASCII.
        names: Vec<String>,
        /// What was bought.
        product: Product,
        /// How the control of the names is verified.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<Method>,
        /// The mailbox that is asked, with verification by e-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mailbox: Option<String>,
    },
    /// The place where its certificate lies or serves cannot be read any more; what was read last
    /// is kept.
    Lost {
        /// What stands in the way and what to do.
        why: String,
        /// When it was read well for the last time, in the system's time.
        last_good: Timestamp,
    },
    /// Its certificate was found (again), here.
    Found {
        /// The file or the server.
        from: String,
    },
    /// A track moved.
    Moved {
        /// The track.
        track: String,
        /// Where it stood.
        from: StateRef,
        /// Where it stands now.
        to: StateRef,
        /// What moved it.
        by: Cause,
    },
    /// A bill came.
    InvoiceSent {
        /// The bill.
        invoice: Invoice,
    },
    /// The bill was paid.
    InvoicePaid {
        /// The bill's number.
        number: String,
        /// Until when the product is paid for now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paid_until: Option<Timestamp>,
    },
    /// The CA asks for proof that the names are under control.
    ValidationAsked {
        /// What to publish or to look at.
        records: Vec<ValidationRecord>,
    },
    /// The provider or the CA asks something.
    Asked {
        /// What it asks, in its own words.
        says: String,
    },
    /// The CSR is there, and with it perhaps the private key.
    CsrReady {
        /// Who generated it.
        by: CsrBy,
        /// The CSR, as PEM; empty where only its key is known.
        csr: String,
        /// SHA-256 of its public key.
        spki_sha256: String,
        /// Whether the private key lies in this store.
        key_held: bool,
    },
    /// A certificate was issued or brought.
    Issued {
        /// The certificate.
        certificate: CertificateRecord,
    },
    /// It was tied to another entry.
    Linked {
        /// What this entry is to the other.
        link: LinkKind,
        /// The other entry.
        to: EntryId,
    },
    /// Somebody looked at the private key.
    KeyRevealed,
    /// Somebody copied the private key.
    KeyCopied,
    /// Somebody changed the note.
    Noted {
        /// The note.
        note: String,
    },
    /// Somebody put it away.
    Archived,
    /// Somebody took it back into the list.
    Restored,
}

/// What moved a track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// An action of the lifecycle, by id.
    Action {
        /// The action.
        action: String,
    },
    /// An event of the lifecycle, by id.
    Event {
        /// The event.
        event: String,
    },
    /// An event of the lifecycle, by id, that a person recorded.
    Recorded {
        /// The event.
        event: String,
    },
    /// An action of the lifecycle, by id, that a person did in the provider's own panel.
    Submitted {
        /// The action.
        action: String,
    },
    /// The provider was looked at and stood there.
    Observed,
    /// A person corrected it by hand.
    Corrected,
}

/// Applies one event to its entry.
pub fn apply(entry: &mut Entry, event: &Event) {
    entry.changed = event.at;
    match &event.what {
        What::Requested { action, since } => {
            let request = OpenRequest {
                action: action.clone(),
                since: *since,
                unknown_outcome: false,
            };
            entry.request = Some(request);
        }
        What::Accepted { .. } => {
            entry.request = None;
            entry.said = None;
        }
        What::Refused { says, .. } => {
            entry.request = None;
            entry.said = Some(says.clone());
        }
        What::OutcomeUnknown { .. } => {
            if let Some(request) = &mut entry.request {
                request.unknown_outcome = true;
            }
        }
        What::Moved { track, to, .. } => move_track(entry, track, to, event.at),
        What::InvoiceSent { invoice } => entry.product.invoice = Some(invoice.clone()),
        What::InvoicePaid { paid_until, .. } => pay(entry, *paid_until, event.at),
        What::ValidationAsked { records } => entry.records.clone_from(records),
        What::Asked { says } => entry.said = Some(says.clone()),
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
        What::Issued { certificate } => issue(entry, certificate),
        What::Linked { link, to } => tie(entry, *link, to),
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
        What::Lost { why, last_good } => lose(entry, why, *last_good, event.at),
        What::Found { from } => {
            entry.trouble = None;
            entry.origin = Some(from.clone());
        }
        What::Noted { note } => entry.note.clone_from(note),
        What::Archived => entry.archived = true,
        What::Restored => entry.archived = false,
        What::Ordered { .. }
        | What::Imported { .. }
        | What::Submitted { .. }
        | What::KeyRevealed
        | What::KeyCopied => {}
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

fn move_track(entry: &mut Entry, name: &str, to: &StateRef, at: Timestamp) {
    // What the provider asked or refused belonged to the state that is left now.
    entry.said = None;
    if let Some(track) = entry.tracks.get_mut(name) {
        let left = std::mem::replace(&mut track.state, to.clone());
        track.previous = Some(left);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry::new(
            EntryId::new("e1"),
            "sandbox",
            "netcup",
            "verification",
            Timestamp::UNIX_EPOCH,
        )
    }

    fn certificate(sha256: &str) -> CertificateRecord {
        CertificateRecord {
            sha256: sha256.to_owned(),
            chain: Vec::new(),
            role: Role::Serving,
            subject: "CN=a.example".to_owned(),
            issuer: "sandbox".to_owned(),
            serial: "01".to_owned(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::UNIX_EPOCH,
            key: "P-256".to_owned(),
            spki_sha256: "aa".to_owned(),
            is_ca: false,
        }
    }

    fn happen(entry: &mut Entry, what: What) {
        let at = "2026-11-22T12:00:00Z".parse().unwrap();
        let event = Event {
            entry: entry.id.clone(),
            at,
            what,
        };
        apply(entry, &event);
    }

    #[test]
    fn a_move_remembers_where_it_came_from_and_since_when() {
        let mut entry = entry();
        entry.said = Some("please answer".to_owned());
        let from = StateRef::known("verification");
        let to = StateRef::known("issued");
        let by = Cause::Event {
            event: "issued".to_owned(),
        };
        happen(
            &mut entry,
            What::Moved {
                track: "main".to_owned(),
                from,
                to,
                by,
            },
        );
        let track = entry.main().unwrap();
        assert_eq!(track.state.as_str(), "issued");
        assert_eq!(track.previous, Some(StateRef::known("verification")));
        assert_eq!(track.since.to_string(), "2026-11-22T12:00:00Z");
        assert_eq!(entry.said, None);
    }

    #[test]
    fn a_new_certificate_makes_the_older_one_past_and_is_kept_once() {
        let mut entry = entry();
        for sha256 in ["one", "two", "two"] {
            happen(
                &mut entry,
                What::Issued {
                    certificate: certificate(sha256),
                },
            );
        }
        let roles: Vec<_> = entry
            .certificates
            .iter()
            .map(|c| (c.sha256.as_str(), c.role))
            .collect();
        assert_eq!(roles, [("one", Role::Past), ("two", Role::Serving)]);
        assert_eq!(entry.serving().unwrap().sha256, "two");
    }

    #[test]
    fn an_answer_closes_the_request_and_a_refusal_stays_on_the_row() {
        let mut entry = entry();
        let since = Timestamp::UNIX_EPOCH;
        happen(
            &mut entry,
            What::Requested {
                action: "renew".to_owned(),
                since,
            },
        );
        assert!(entry.request.is_some());
        let says = "order is locked".to_owned();
        happen(
            &mut entry,
            What::Refused {
                action: "renew".to_owned(),
                says,
            },
        );
        assert_eq!(entry.request, None);
        assert_eq!(entry.said.as_deref(), Some("order is locked"));
    }

    #[test]
    fn events_survive_the_journal() {
        let by = Cause::Action {
            action: "renew".to_owned(),
        };
        let (from, to) = (StateRef::unknown("NEW_THING"), StateRef::known("issued"));
        let what = What::Moved {
            track: "main".to_owned(),
            from,
            to,
            by,
        };
        let event = Event {
            entry: EntryId::new("e1"),
            at: Timestamp::UNIX_EPOCH,
            what,
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
        assert!(line.contains(r#""unknown":"NEW_THING""#), "{line}");
    }
}
