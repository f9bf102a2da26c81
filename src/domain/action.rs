//! The catalogue of actions: one row each, in the order in which every menu lists them.
//!
//! Pure data. A row feeds the action menu, the hint bar, the help, the headless `act` and the
//! documentation. Which state allows a provider action is the lifecycle's business, not the
//! catalogue's.

use serde::Deserialize;

/// What certdeck knows of an action, whatever the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionSpec {
    /// Its id, as lifecycle tables, the key table and `act` write it.
    pub id: &'static str,
    /// What menus call it, unless the provider has its own word.
    pub title: &'static str,
    /// Whether the provider is asked.
    pub kind: Kind,
    /// How much it can break.
    pub danger: Danger,
    /// What it cannot do without.
    pub needs: &'static [Need],
    /// What it does, in one sentence.
    pub says: &'static str,
}

/// Whether an action asks the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It sends a request; the lifecycle decides when it is possible.
    Provider,
    /// It never sends anything; a lifecycle may still say in which states it makes sense.
    Local,
}

/// How much an action can break, and so how it is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Danger {
    /// Nothing: it happens at once.
    Calm,
    /// It costs or changes something: a dialog asks first.
    Asks,
    /// It cannot be undone: the dialog wants the name typed.
    WantsTheName,
}

/// What a local action cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// An invoice.
    Invoice,
    /// A private key that is held here.
    PrivateKey,
    /// A private key that nothing needs any more.
    KeyOfNoUse,
    /// A certificate, or a private key that is held here.
    Material,
    /// A certificate.
    Certificate,
    /// An account that says how to deploy.
    DeployCommand,
    /// A name at which a server can be looked for.
    Server,
    /// An account that is played by the sandbox.
    Sandbox,
    /// An account that is kept by hand.
    ByHand,
    /// An event, other than the passing of time, that can come next.
    NextEvent,
    /// An entry that is not archived.
    NotArchived,
    /// An entry that is archived.
    Archived,
    /// A request of which nobody knows what came.
    UnknownOutcome,
    /// An account through which the provider can be asked.
    Account,
    /// An account through which something may be changed.
    Writable,
}

/// The action that takes what the provider lists for what a request of an unknown outcome made.
pub const ADOPT: &str = "adopt";
/// The action that sends a request of an unknown outcome once more.
pub const SEND_AGAIN: &str = "send-again";
/// The action that closes a request of an unknown outcome, since it never arrived.
pub const GIVE_UP: &str = "give-up";

/// The action that destroys a private key.
pub const DESTROY_KEY: &str = "destroy-key";
/// The action that looks at what servers serve.
pub const PROBE: &str = "probe";

/// Whether an action settles a request of an unknown outcome: it is nobody's concern otherwise.
#[must_use]
pub fn is_settling(spec: &ActionSpec) -> bool {
    spec.needs.contains(&Need::UnknownOutcome)
}

/// Every action, in the order that menus keep.
pub const CATALOGUE: &[ActionSpec] = &[
    ActionSpec {
        id: "open-invoice",
        title: "Open invoice",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[Need::Invoice],
        says: "Shows the invoice with its number, amount and link, and opens the link.",
    },
    ActionSpec {
        id: "contact-support",
        title: "Write to support",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[],
        says: "Prepares a mail to the provider's support with all that it will ask for.",
    },
    ActionSpec {
        id: "apply",
        title: "Apply for the certificate",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Sends the application to the CA; the verification of the names begins.",
    },
    ActionSpec {
        id: "withdraw",
        title: "Withdraw application",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Asks the provider to stop the application before the CA decides.",
    },
    ActionSpec {
        id: "recheck",
        title: "Check validation now",
        kind: Kind::Provider,
        danger: Danger::Calm,
        needs: &[],
        says: "Asks the provider to look for the published records at once.",
    },
    ActionSpec {
        id: "change-method",
        title: "Change validation method",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Asks for another proof; what was published for the last one does not count any more.",
    },
    ActionSpec {
        id: "restart",
        title: "Restart validation",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Begins a validation that ran out of time anew, with new records.",
    },
    ActionSpec {
        id: "check-zone",
        title: "Check the zone again",
        kind: Kind::Provider,
        danger: Danger::Calm,
        needs: &[],
        says: "Asks the provider to look at the zone's name servers at once.",
    },
    ActionSpec {
        id: "renew",
        title: "Renew",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Orders a successor with the same names and product, linked to this entry.",
    },
    ActionSpec {
        id: "reissue",
        title: "Reissue",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Asks for a new certificate within the paid term.",
    },
    ActionSpec {
        id: "replace",
        title: "Replace",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Puts a new certificate in the place of this one, which stays until the new one serves.",
    },
    ActionSpec {
        id: "add-domain",
        title: "Add domain name",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Asks for a new certificate that protects more names, within the paid term.",
    },
    ActionSpec {
        id: "deploy",
        title: "Deploy to production",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Takes the certificate from staging to where everybody meets it.",
    },
    ActionSpec {
        id: "stage",
        title: "Push to staging",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Takes the certificate to the staging environment, for tests.",
    },
    ActionSpec {
        id: "deactivate",
        title: "Deactivate",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Takes the certificate out of service; it is kept.",
    },
    ActionSpec {
        id: "reactivate",
        title: "Reactivate",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Makes a revoked certificate valid again.",
    },
    ActionSpec {
        id: "auto-renew-on",
        title: "Switch automatic renewal on",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "From then on the provider renews it by itself, and bills it.",
    },
    ActionSpec {
        id: "auto-renew-off",
        title: "Switch automatic renewal off",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "From then on somebody has to renew it.",
    },
    ActionSpec {
        id: "download",
        title: "Download",
        kind: Kind::Provider,
        danger: Danger::Calm,
        needs: &[],
        says: "Fetches the certificate, and the private key where the provider made it.",
    },
    ActionSpec {
        id: "push",
        title: "Deploy to a cloud product",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Hands the certificate to another product of the provider.",
    },
    ActionSpec {
        id: "revoke",
        title: "Revoke",
        kind: Kind::Provider,
        danger: Danger::WantsTheName,
        needs: &[],
        says: "Declares the certificate invalid before its time, for good.",
    },
    ActionSpec {
        id: "cancel-privacy",
        title: "Cancel privacy authorization",
        kind: Kind::Provider,
        danger: Danger::WantsTheName,
        needs: &[],
        says: "Forbids the provider to go on using the applicant's data, for good.",
    },
    ActionSpec {
        id: "unsubscribe",
        title: "Unsubscribe",
        kind: Kind::Provider,
        danger: Danger::Asks,
        needs: &[],
        says: "Gives the product back and asks for the money; the order is gone then.",
    },
    ActionSpec {
        id: "delete",
        title: "Delete",
        kind: Kind::Provider,
        danger: Danger::WantsTheName,
        needs: &[],
        says: "Deletes it at the provider, for good; it is not revoked by that.",
    },
    ActionSpec {
        id: ADOPT,
        title: "Adopt what arrived",
        kind: Kind::Local,
        danger: Danger::Asks,
        needs: &[Need::UnknownOutcome, Need::Account],
        says: "Lists what the provider holds and takes one of it for what was asked for.",
    },
    ActionSpec {
        id: SEND_AGAIN,
        title: "Send again",
        kind: Kind::Local,
        danger: Danger::WantsTheName,
        needs: &[Need::UnknownOutcome, Need::Account, Need::Writable],
        says: "Sends the same request once more; if the first one arrived, it may be bought twice.",
    },
    ActionSpec {
        id: GIVE_UP,
        title: "It never arrived",
        kind: Kind::Local,
        danger: Danger::Asks,
        needs: &[Need::UnknownOutcome],
        says: "Closes a request of an unknown outcome: you have looked, and it never arrived.",
    },
    ActionSpec {
        id: "play-event",
        title: "Sandbox: let it happen",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[Need::Sandbox, Need::NextEvent],
        says: "Lets the sandbox's provider or CA take the next step now.",
    },
    ActionSpec {
        id: "record",
        title: "Record",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[Need::ByHand, Need::NotArchived],
        says: "By hand: writes down what happened, or what the provider's panel shows now.",
    },
    ActionSpec {
        id: "describe",
        title: "Order and product",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[Need::ByHand, Need::NotArchived],
        says: "By hand: names, product, order and invoice number, price, paid until.",
    },
    ActionSpec {
        id: "reveal-key",
        title: "Reveal private key",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[Need::PrivateKey],
        says: "Shows the private key until the pane is left; the history remembers it.",
    },
    ActionSpec {
        id: "copy",
        title: "Copy",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[],
        says: "Copies a name, fingerprint, record, CSR, certificate or key to the clipboard.",
    },
    ActionSpec {
        id: "export",
        title: "Export",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[Need::Material],
        says: "Writes certificate, chain and key into files, as a server wants them.",
    },
    ActionSpec {
        id: "run-deploy",
        title: "Run deploy command",
        kind: Kind::Local,
        danger: Danger::Asks,
        needs: &[Need::Certificate, Need::DeployCommand],
        says: "Runs the account's deploy command with the certificate, its chain and its key.",
    },
    ActionSpec {
        id: PROBE,
        title: "Probe",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[Need::Server],
        says: "Looks at what the servers of its names really serve, and compares that with it.",
    },
    ActionSpec {
        id: DESTROY_KEY,
        title: "Destroy private key",
        kind: Kind::Local,
        danger: Danger::WantsTheName,
        needs: &[Need::PrivateKey, Need::KeyOfNoUse],
        says: "Deletes the private key from this machine, for good; the history remembers it.",
    },
    ActionSpec {
        id: "note",
        title: "Note",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[],
        says: "Keeps a line of your own with the entry.",
    },
    ActionSpec {
        id: "archive",
        title: "Archive",
        kind: Kind::Local,
        danger: Danger::Asks,
        needs: &[Need::NotArchived],
        says: "Puts the entry away: kept with everything it has, out of the list.",
    },
    ActionSpec {
        id: "restore",
        title: "Restore",
        kind: Kind::Local,
        danger: Danger::Calm,
        needs: &[Need::Archived],
        says: "Takes an archived entry back into the list.",
    },
];

/// The row of an action.
#[must_use]
pub fn spec(id: &str) -> Option<&'static ActionSpec> {
    CATALOGUE.iter().find(|spec| spec.id == id)
}

/// What people call an action, whatever the provider; its id where the catalogue has no row of it.
/// An order is no action of an entry: it makes one.
#[must_use]
pub fn title(id: &str) -> &str {
    match id {
        super::entry::ORDER => "Order",
        id => spec(id).map_or(id, |spec| spec.title),
    }
}

/// What people call the request for an action, in the middle of a sentence: `deletion`.
#[must_use]
pub fn noun(id: &str) -> &str {
    match id {
        "delete" => "deletion",
        "revoke" => "revocation",
        "withdraw" => "withdrawal",
        "renew" => "renewal",
        "replace" => "replacement",
        "deactivate" => "deactivation",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_every_row_is_described() {
        let ids: BTreeSet<_> = CATALOGUE.iter().map(|spec| spec.id).collect();
        assert_eq!(ids.len(), CATALOGUE.len());
        for spec in CATALOGUE {
            assert!(
                spec.says.ends_with('.') && spec.says.len() > 20,
                "{}",
                spec.id
            );
            assert_eq!(super::spec(spec.id), Some(spec));
        }
    }
}
