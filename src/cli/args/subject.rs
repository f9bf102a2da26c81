//! The grammar of what a CSR says of its subject beyond the names.
//!
//! May not: judge it; the engine does.

use clap::Args;

use crate::engine::command::Wishes;
use crate::pki::Subject;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "In a CSR that certdeck makes, and in those of its renewals")]
pub(in crate::cli) struct SubjectArguments {
    /// The organization (O); a CA that checks names alone leaves it out of the certificate
    #[arg(long, value_name = "TEXT")]
    organization: Option<String>,
    /// The organizational unit (OU)
    #[arg(long, value_name = "TEXT")]
    unit: Option<String>,
    /// The locality (L): the city
    #[arg(long, value_name = "TEXT")]
    locality: Option<String>,
    /// The state or province (ST)
    #[arg(long, value_name = "TEXT")]
    province: Option<String>,
    /// The country (C), two letters: DE
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// An e-mail address; the mailbox for verification is --mailbox
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

impl SubjectArguments {
    /// What is wished of key and CSR.
    pub(in crate::cli) fn wishes(&self, encrypt: bool) -> Wishes {
        let text = |given: &Option<String>| given.clone().unwrap_or_default();
        Wishes {
            subject: Box::new(Subject {
                organization: text(&self.organization),
                unit: text(&self.unit),
                locality: text(&self.locality),
                province: text(&self.province),
                country: text(&self.country),
                email: text(&self.email),
            }),
            encrypt,
        }
    }
}
