//! The grammar of `record`, and of what is typed off a provider's own panel.
//!
//! May not: do anything. Key material comes from files or standard input, never from an argument:
//! everybody on the machine can read those.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::keys::UnlockArguments;
use crate::domain::account::ZoneStatus;
use crate::domain::entry::Method;

/// The ways to say what is recorded.
const USAGE: &str = "certdeck record [OPTIONS] EVENT ID
       certdeck record [OPTIONS] ACTION ID
       certdeck record [OPTIONS] --shows STATE ID
       certdeck record --gone ID
       certdeck record --closed ID
       certdeck record --zone STATUS ID
       certdeck record [OPTIONS] --describe ID
       certdeck record --what ID [--json]";

fn parse_zone(text: &str) -> Result<ZoneStatus, String> {
    let found = ZoneStatus::ALL
        .into_iter()
        .find(|status| status.id() == text);
    found.ok_or_else(|| {
        let known = ZoneStatus::ALL.map(ZoneStatus::id);
        format!("a zone is {}", known.join(", "))
    })
}

#[derive(Debug, Args)]
#[command(override_usage = USAGE)]
#[command(group(ArgGroup::new("what-is-recorded").args(["shows", "gone", "closed", "zone", "describe", "what"])))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(in crate::cli) struct RecordArguments {
    /// The event that happened, or the action that you submitted, by its id; and the entry, which
    /// stands alone with the flags that say themselves what is recorded
    #[arg(required = true, num_args = 1..=2, value_names = ["EVENT", "ID"])]
    pub(in crate::cli) words: Vec<String>,
    /// Correct it: the panel shows this state now, by its id or its label
    #[arg(long, value_name = "STATE")]
    pub(in crate::cli) shows: Option<String>,
    /// Correct it: the panel does not have it any more
    #[arg(long)]
    pub(in crate::cli) gone: bool,
    /// What was submitted, a deletion for example, is over, and nothing came of it
    #[arg(long)]
    pub(in crate::cli) closed: bool,
    /// The zone of the entry's account stands so: active, pending, moved or initializing
    #[arg(long, value_name = "STATUS", value_parser = parse_zone)]
    pub(in crate::cli) zone: Option<ZoneStatus>,
    /// Put right what is known, moving nothing
    #[arg(long)]
    pub(in crate::cli) describe: bool,
    /// List what can be recorded now
    #[arg(long)]
    pub(in crate::cli) what: bool,
    /// A name that it protects; one flag for each
    #[arg(long = "name", value_name = "NAME")]
    pub(in crate::cli) names: Vec<String>,
    /// A name to add, for an action that asks for names; one flag for each
    #[arg(long = "new-name", value_name = "NAME")]
    pub(in crate::cli) new_names: Vec<String>,
    /// The reason, for an action that asks for one
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// The product's name
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) product: Option<String>,
    /// How the names are verified: dns, email or file
    #[arg(long, value_name = "METHOD", value_parser = super::parse_method)]
    pub(in crate::cli) method: Option<Method>,
    /// The mailbox that the CA writes to
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) mailbox: Option<String>,
    /// The CSR; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) csr: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) panel: PanelArguments,
    #[command(flatten)]
    pub(in crate::cli) unlock: UnlockArguments,
}

/// What a provider's own panel shows of an order, for accounts kept by hand.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "From the provider's own panel (accounts kept by hand)")]
pub(in crate::cli) struct PanelArguments {
    /// The validation level: DV, OV or EV
    #[arg(long, value_name = "LEVEL")]
    pub(in crate::cli) level: Option<String>,
    /// The provider's number of the order; an empty text takes it away, here and below
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) order_number: Option<String>,
    /// The provider's number of the invoice
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) invoice: Option<String>,
    /// Where the invoice can be looked at
    #[arg(long, value_name = "LINK")]
    pub(in crate::cli) invoice_link: Option<String>,
    /// What one term costs: 49.00 EUR
    #[arg(long, value_name = "AMOUNT")]
    pub(in crate::cli) price: Option<String>,
    /// How long one payment lasts, in months
    #[arg(long, value_name = "MONTHS")]
    pub(in crate::cli) term: Option<String>,
    /// Until when it is paid for: 2027-06-01
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) paid_until: Option<String>,
    /// What has to be published: "NAME TXT VALUE", "URL CONTENT"; several are possible
    #[arg(long, value_name = "PROOF")]
    pub(in crate::cli) proof: Vec<String>,
    /// What the provider or the CA asks or complains of
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) question: Option<String>,
    /// The certificate; chain, CSR and key may lie in the same file; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) certificate: Option<PathBuf>,
    /// The certificates above it, in any order; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) chain: Option<PathBuf>,
    /// The private key, kept in the store; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) private_key: Option<PathBuf>,
}

impl PanelArguments {
    /// The flags that were given, for who may not give them.
    pub(in crate::cli) fn given(&self) -> Vec<&'static str> {
        let given = [
            ("--level", self.level.is_some()),
            ("--order-number", self.order_number.is_some()),
            ("--invoice", self.invoice.is_some()),
            ("--invoice-link", self.invoice_link.is_some()),
            ("--price", self.price.is_some()),
            ("--term", self.term.is_some()),
            ("--paid-until", self.paid_until.is_some()),
            ("--proof", !self.proof.is_empty()),
            ("--question", self.question.is_some()),
            ("--certificate", self.certificate.is_some()),
            ("--chain", self.chain.is_some()),
            ("--private-key", self.private_key.is_some()),
        ];
        let given = given.into_iter().filter(|(_, given)| *given);
        given.map(|(flag, _)| flag).collect()
    }
}
