//! The grammar of `export` and `deploy`.
//!
//! May not: do anything. A password is never an argument or a variable: other programs read those.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::keys::{Source, UnlockArguments};
use crate::engine::command::ExportForm;

#[derive(Debug, Args)]
#[command(after_help = forms())]
pub(in crate::cli) struct HandOverArguments {
    /// The entry: its id, the beginning of it, or its exact name
    pub(in crate::cli) id: String,
    /// What, and for which server; the forms are listed below
    #[arg(long = "as", value_name = "FORM", value_parser = parse_form)]
    pub(in crate::cli) form: ExportForm,
    /// The folder to write to, made where it is missing; for a single file also its name
    #[arg(long, value_name = "DIR|FILE")]
    pub(in crate::cli) to: PathBuf,
    /// Write over files that are there
    #[arg(long)]
    pub(in crate::cli) overwrite: bool,
    /// Then run the account's deploy command; it finds the files in `CERTDECK_EXPORTED`, too
    #[arg(long)]
    pub(in crate::cli) deploy: bool,
    /// The file whose first line is the password of a PKCS#12; asked for at the terminal without it
    #[arg(long, value_name = "FILE", conflicts_with = "password_fd")]
    password_file: Option<PathBuf>,
    /// The number of an open file whose first line is that password, as in `3<FILE`
    #[arg(long, value_name = "N")]
    password_fd: Option<u32>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) unlock: UnlockArguments,
}

impl HandOverArguments {
    /// Where the password is read from.
    pub(in crate::cli) fn source(&self) -> Source<'_> {
        Source {
            file: self.password_file.as_deref(),
            descriptor: self.password_fd,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DeployArguments {
    /// The entry: its id, the beginning of it, or its exact name
    pub(in crate::cli) id: String,
    /// Do it without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) unlock: UnlockArguments,
}

fn parse_form(given: &str) -> Result<ExportForm, String> {
    let found = ExportForm::ALL.into_iter().find(|form| form.id() == given);
    found.ok_or_else(|| {
        let known = ExportForm::ALL.map(ExportForm::id).join(", ");
        format!("expected one of {known}")
    })
}

fn forms() -> String {
    let mut help = "Forms:\n".to_owned();
    for form in ExportForm::ALL {
        let (id, title, says) = (form.id(), form.title(), form.says());
        let _ = writeln!(help, "  {id:<10} {title}: {says}");
    }
    help.push_str(
        "\nFiles are for their owner alone (0600), and nothing is written over unasked. A private key \
         that\nleaves the store is written down in the history.\n",
    );
    help
}
