//! The grammar of `probe`.
//!
//! May not: do anything.

use clap::Args;

use crate::engine::command::StartTls;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct ProbeArguments {
    /// Servers: HOST, HOST:PORT, [IPV6]:PORT or NAME@HOST:PORT
    #[arg(required_unless_present_any = ["entries", "filter"], value_name = "HOST[:PORT]")]
    pub(in crate::cli) hosts: Vec<String>,
    /// Look at all names of this entry, and keep with it what is seen; several are possible
    #[arg(long = "entry", value_name = "ID", conflicts_with = "hosts")]
    pub(in crate::cli) entries: Vec<String>,
    /// The same for every entry that a filter finds (see `list --help`)
    #[arg(long, value_name = "FILTER", conflicts_with_all = ["hosts", "entries"])]
    pub(in crate::cli) filter: Option<String>,
    /// Ask the server for this name, whatever it is called
    #[arg(long, value_name = "NAME", conflicts_with_all = ["entries", "filter"])]
    pub(in crate::cli) sni: Option<String>,
    /// Connect to this address (ADDRESS, ADDRESS:PORT or [IPV6]:PORT), wherever the names point to
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) connect: Option<String>,
    /// Begin in the clear and go on in TLS: smtp, imap, pop3, postgres or ldap
    #[arg(long, value_name = "PROTOCOL")]
    pub(in crate::cli) starttls: Option<StartTls>,
    /// Where no port is named: this one; otherwise 443, or the usual one of the protocol
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) port: Option<u16>,
    /// How many seconds one look may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(in crate::cli) timeout: u64,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

const AFTER_HELP: &str = "Nothing is refused: expired, self-signed and wrong certificates are shown, and so are those of \
old servers.

Exit codes:
  0  every place was seen, and what it serves is right: the certificate of the entry with its name,
     or one that no entry has, with its name and within its time
  10 something served needs someone: an old or another certificate, a wrong name, a stranger that
     signed itself, or TLS that is too old
  11 something served has expired
  6  some places were seen, and at some nothing was; each is named
  1  at none anything was seen; 2 for a name that is none";
