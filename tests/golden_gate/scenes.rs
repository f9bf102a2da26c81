//! Situations in which more than the state counts: at netcup, and what holds everywhere.

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{CsrBy, Entry, OpenRequest, StateRef};
use certdeck::domain::gate::Context;

use super::fixture::{ageing, at, ended};

/// A situation in which more than the state counts.
pub(crate) struct Scene {
    pub(crate) title: &'static str,
    pub(crate) lifecycle: &'static str,
    pub(crate) state: &'static str,
    pub(crate) set: fn(&mut Entry, &mut Context<'static>),
}

/// A scene of a lifecycle.
pub(crate) const fn of(
    lifecycle: &'static str,
    title: &'static str,
    state: &'static str,
    set: fn(&mut Entry, &mut Context<'static>),
) -> Scene {
    Scene {
        title,
        lifecycle,
        state,
        set,
    }
}

const fn scene(
    title: &'static str,
    state: &'static str,
    set: fn(&mut Entry, &mut Context<'static>),
) -> Scene {
    of("netcup", title, state, set)
}

pub(crate) const NETCUP: &[Scene] = &[
    scene("20 days before expiry", "issued", |entry, _| {
        entry.certificates = vec![ageing()];
    }),
    scene(
        "10 days after expiry, stored as issued",
        "issued",
        |entry, _| {
            entry.certificates = vec![ended()];
        },
    ),
    scene(
        "20 days before expiry, a successor under way",
        "issued",
        |entry, context| {
            entry.certificates = vec![ageing()];
            context.successor = Some("kx4p2m (Registration)".to_owned());
        },
    ),
    scene(
        "far from expiry, the term paid beyond it",
        "issued",
        |entry, _| {
            entry.product.paid_until = Some(at("2028-06-01T23:59:59Z"));
        },
    ),
    scene(
        "20 days before expiry, the term paid beyond it",
        "issued",
        |entry, _| {
            entry.certificates = vec![ageing()];
            entry.product.paid_until = Some(at("2028-06-01T23:59:59Z"));
        },
    ),
    scene("issued, kept by hand", "issued", |_, context| {
        context.account.kind = AccountKind::ByHand;
    }),
    scene(
        "issued, kept by hand in a read-only account",
        "issued",
        |_, context| {
            context.account.kind = AccountKind::ByHand;
            context.account.read_only = true;
        },
    ),
    scene("expired, a successor serves", "expired", |_, context| {
        context.successor = Some("kx4p2m (Certificate issued)".to_owned());
    }),
    scene(
        "expired, in a read-only account",
        "expired",
        |_, context| {
            context.account.read_only = true;
        },
    ),
    scene(
        "expired, another request under way",
        "expired",
        |entry, _| {
            entry.request = Some(request(false));
        },
    ),
    scene(
        "expired, the outcome of a request unknown",
        "expired",
        |entry, _| {
            entry.request = Some(request(true));
        },
    ),
    scene("expired and archived", "expired", |entry, _| {
        entry.archived = true;
    }),
    scene("a state that no table knows", "issued", |entry, _| {
        let track = entry.tracks.get_mut("main").expect("netcup has one track");
        track.state = StateRef::unknown("Wird geprüft");
    }),
    scene("the CSR is your own", "issued", |entry, _| {
        entry.order.csr_by = Some(CsrBy::You);
        entry.order.key_held = false;
    }),
    scene(
        "the provider generates the CSR, not issued yet",
        "verification",
        |entry, _| {
            entry.order.csr_by = Some(CsrBy::Provider);
            entry.order.key_held = false;
        },
    ),
    scene(
        "no invoice is known yet",
        "outstanding-invoice",
        |entry, _| {
            entry.product.invoice = None;
        },
    ),
];

fn request(unknown_outcome: bool) -> OpenRequest {
    OpenRequest {
        action: "renew".to_owned(),
        since: at("2026-11-22T14:02:09Z"),
        unknown_outcome,
        accepted: false,
    }
}
