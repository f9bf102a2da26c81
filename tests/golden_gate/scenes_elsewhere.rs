//! Situations in which more than the state counts: at Huawei Cloud, Cloudflare and an ACME CA.

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{CsrBy, Entry, OpenRequest, ProductKind};

use super::fixture::{ageing, at, ended, fresh, invoice};
use super::scenes::{Scene, of};

const SSL: &str = "huawei-ssl";
const EDGE: &str = "cloudflare-edge";

/// A request that the provider has accepted and still has to carry out.
fn accepted(action: &str) -> OpenRequest {
    OpenRequest {
        action: action.to_owned(),
        since: at("2026-11-22T14:02:09Z"),
        unknown_outcome: false,
        accepted: true,
    }
}

fn paid(entry: &mut Entry, when: &str) {
    entry.product.invoice = Some(invoice(Some(when)));
}

pub(crate) const HUAWEI: &[Scene] = &[
    of(SSL, "paid 8 days ago", "pending-application", |entry, _| {
        paid(entry, "2026-11-14T00:00:00Z");
    }),
    of(SSL, "a free product", "pending-application", |entry, _| {
        entry.product.free = true;
    }),
    of(
        SSL,
        "the privacy authorization was cancelled",
        "pending-application",
        |entry, _| {
            entry.product.privacy_cancelled = true;
        },
    ),
    of(
        SSL,
        "withdrawn after it had been issued once",
        "pending-application",
        |entry, _| {
            entry.certificates = vec![fresh()];
        },
    ),
    of(
        SSL,
        "a deletion is open",
        "pending-application",
        |entry, _| {
            entry.request = Some(accepted("delete"));
        },
    ),
    of(
        SSL,
        "an unsubscription is open",
        "pending-application",
        |entry, _| {
            entry.request = Some(accepted("unsubscribe"));
        },
    ),
    of(SSL, "20 days before expiry", "issued", |entry, _| {
        entry.certificates = vec![ageing()];
    }),
    of(
        SSL,
        "20 days before expiry, renewed by Huawei Cloud itself",
        "issued",
        |entry, _| {
            entry.certificates = vec![ageing()];
            entry.product.auto_renew = true;
        },
    ),
    of(
        SSL,
        "20 days before expiry, a successor under way",
        "issued",
        |entry, context| {
            entry.certificates = vec![ageing()];
            context.successor = Some("kx4p2m (Pending application)".to_owned());
        },
    ),
    of(
        SSL,
        "ended 10 days ago, stored as issued",
        "issued",
        |entry, _| {
            entry.certificates = vec![ended()];
        },
    ),
    of(SSL, "for one name", "issued", |entry, _| {
        entry.product.kind = Some(ProductKind::Single);
    }),
    of(SSL, "a free product for one name", "issued", |entry, _| {
        entry.product.free = true;
        entry.product.kind = Some(ProductKind::Single);
    }),
    of(
        SSL,
        "for one name, of GlobalSign, issued 21 days ago",
        "issued",
        |entry, _| {
            entry.product.brand = Some("GlobalSign".to_owned());
            entry.product.kind = Some(ProductKind::Single);
        },
    ),
    of(
        SSL,
        "all names of the product taken",
        "issued",
        |entry, _| {
            entry.product.name_limit = Some(1);
        },
    ),
    of(SSL, "the CSR is your own", "issued", |entry, _| {
        entry.order.csr_by = Some(CsrBy::You);
        entry.order.key_held = false;
    }),
    of(SSL, "a deletion is open", "issued", |entry, _| {
        entry.request = Some(accepted("delete"));
    }),
    of(SSL, "kept by hand", "issued", |_, context| {
        context.account.kind = AccountKind::ByHand;
    }),
    of(
        SSL,
        "kept by hand in a read-only account",
        "verifying-addition",
        |_, context| {
            context.account.kind = AccountKind::ByHand;
            context.account.read_only = true;
        },
    ),
    of(
        SSL,
        "for two years, paid 2 days ago",
        "revoked",
        |entry, _| {
            entry.product.term_months = Some(24);
        },
    ),
    of(SSL, "paid 8 days ago", "revoked", |entry, _| {
        paid(entry, "2026-11-14T00:00:00Z");
    }),
    of(SSL, "uploaded, not bought", "expired", |entry, _| {
        entry.product.hosted = true;
    }),
    of(SSL, "deleted by Huawei Cloud", "hosted", |entry, _| {
        entry.gone = Some(at("2026-11-21T09:00:00Z"));
        entry.archived = true;
    }),
];

pub(crate) const CLOUDFLARE: &[Scene] = &[
    of(
        EDGE,
        "a replacement is on its way",
        "active",
        |_, context| {
            context.successor = Some("kx4p2m (Pending Validation)".to_owned());
        },
    ),
    of(
        EDGE,
        "the replacement serves",
        "pending-cleanup",
        |_, context| {
            context.successor = Some("kx4p2m (Active)".to_owned());
            context.successor_live = Some(true);
        },
    ),
    of(
        EDGE,
        "the replacement does not serve yet",
        "pending-cleanup",
        |_, context| {
            context.successor = Some("kx4p2m (Pending Validation)".to_owned());
            context.successor_live = Some(false);
        },
    ),
    of(EDGE, "kept by hand", "active", |_, context| {
        context.account.kind = AccountKind::ByHand;
    }),
    of(
        "cloudflare-custom",
        "ended 10 days ago, stored as active",
        "active",
        |entry, _| {
            entry.certificates = vec![ended()];
        },
    ),
    of(
        "cloudflare-staging",
        "in a read-only account",
        "staging-active",
        |_, context| {
            context.account.read_only = true;
        },
    ),
    of(
        "cloudflare-client",
        "kept by hand",
        "active",
        |_, context| {
            context.account.kind = AccountKind::ByHand;
        },
    ),
    of(
        "cloudflare-hostname",
        "without a certificate",
        "hostname-active",
        |entry, _| {
            entry.tracks.remove("certificate");
        },
    ),
];

pub(crate) const ACME: &[Scene] = &[
    of(
        "acme",
        "ended 10 days ago, stored as valid",
        "valid",
        |entry, _| {
            entry.certificates = vec![ended()];
        },
    ),
    of("acme", "a successor is on its way", "due", |_, context| {
        context.successor = Some("kx4p2m (pending)".to_owned());
    }),
    of("acme", "ordered again already", "invalid", |_, context| {
        context.successor = Some("kx4p2m (pending)".to_owned());
    }),
];
