//! The grammar of `doctor`.
//!
//! May not: do anything.

use std::fmt::Write as _;

use clap::Args;

use crate::cli::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(in crate::cli) struct DoctorArguments {
    /// Mend what can be mended without losing anything; nothing is deleted
    #[arg(long)]
    pub(in crate::cli) fix: bool,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// The shape of `--json`, in short.
const JSON_HELP: &str = "
With --json: {exit, store, looked_at: {files, lines, transactions, events, entries, keys,
certificates}, counts: {unusable, broken, look, note, fixable}, mended: [{file, says}], findings:
[{level, kind, file, line, entry, transactions: [first, last], says, advice, fixable}], left_off:
[{level, kind, count}]}. What does not apply to a finding is left out; of many alike the first
hundred are listed, and left_off says how many more there are. Keys and kinds are only ever added.
";

/// What is looked at, and what monitoring goes by.
fn after_help() -> String {
    let mut help = "It reads the whole store without changing anything: checksums and numbers of \
                    every line, the history against what is there now, keys and certificates, \
                    permissions, leftovers of crashes, requests without an answer, the clock.\n\n\
                    Exit codes:\n"
        .to_owned();
    for (exit, says) in [
        (Exit::Done, "nothing is wrong; notes do not count"),
        (
            Exit::NeedsSomeone,
            "something is to be looked at, and nothing is lost",
        ),
        (Exit::Broken, "something is broken"),
        (
            Exit::Store,
            "the store cannot be used: there is none, or a newer certdeck wrote it",
        ),
    ] {
        let _ = writeln!(help, "  {:<2} {says}", exit.code());
    }
    help + JSON_HELP
}
