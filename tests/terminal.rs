//! The guard of the terminal in a real terminal: whatever happens, it is left as it was found.
//!
//! This binary plays both parts. Called with `--play` it is a little panel that holds the guard
//! (`terminal/program.rs`); otherwise it runs the tests (`terminal/cases.rs`), each of which
//! starts the binary again in a pseudo-terminal.

#[path = "terminal/cases.rs"]
mod cases;
mod common;
#[path = "terminal/program.rs"]
mod program;

use std::panic::catch_unwind;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|arg| arg == "--play") {
        return program::play(args.iter().any(|arg| arg == "--mouse"));
    }
    if args.iter().any(|arg| arg == "--list") {
        for (name, _) in cases::ALL {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    run_cases(&args)
}

/// Runs the cases whose name contains one of the words given, or all.
fn run_cases(args: &[String]) -> ExitCode {
    let words: Vec<_> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(*word));
    let chosen = cases::ALL.iter().filter(|(name, _)| wanted(name));
    let mut failed = Vec::new();
    for (name, case) in chosen {
        let passed = catch_unwind(case).is_ok();
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
        if !passed {
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\nfailed: {failed:?}");
    ExitCode::FAILURE
}
