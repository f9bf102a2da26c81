//! The program: hands its arguments to the command line, and its exit code to the shell.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

use std::process::ExitCode;

#[cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "the arguments come in here, and clap reads them"
    )
)]
fn main() -> ExitCode {
    certdeck::cli::run(std::env::args_os(), certdeck::panel::open)
}
