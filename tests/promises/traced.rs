//! Promises 1 and 2 with the real program, watched and killed at its system calls by `strace`.
//!
//! Where there is no `strace`, or it may not trace, these tests say so and end: `crash` shows the
//! same on a disk of its own, and `killed` with a program that is met by chance.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::audit;
use super::home::Home;
use super::killed::{COMPACTS, copy};
use super::stock::entries;

/// What changes a disk.
const CALLS: [&str; 7] = [
    "pwrite64",
    "fdatasync",
    "fsync",
    "rename",
    "renameat2",
    "unlink",
    "mkdir",
];

fn strace(rules: &[&str], program: &Path) -> Command {
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq"])
        .args(rules)
        .arg("--")
        .arg(program);
    command
}

/// Whether programs can be traced here; says so where they cannot.
fn can_trace() -> bool {
    let tried = strace(&["-o", "/dev/null"], Path::new("true")).output();
    let can = tried.is_ok_and(|output| output.status.success());
    if !can {
        println!("skipped: strace is not installed or may not trace, so no call was killed at");
    }
    can
}

/// Kills a command at each of its calls in turn, each time on a fresh copy of the store; `check`
/// judges what is left.
fn kill_everywhere(home: &Home, program: &Path, line: &str, check: impl Fn(&str)) -> usize {
    let begin = home.path("begin");
    copy(&home.store(), &begin);
    let mut killed = 0;
    for call in CALLS {
        // Calls are counted for each thread, and work may move from one to another: so one that
        // comes through is tried a second time before this call is done with.
        let (mut count, mut through) = (1, 0);
        while through < 2 {
            fs::remove_dir_all(home.store()).unwrap();
            copy(&begin, &home.store());
            let rule = format!("inject={call}:signal=SIGKILL:when={count}");
            let trace = format!("trace={call}");
            let tracer = strace(&["-o", "/dev/null", "-e", &trace, "-e", &rule], program);
            let said = home.started_by(tracer, line).output().unwrap();
            if said.status.code() == Some(0) {
                through += 1;
                continue;
            }
            killed += 1;
            check(&format!("{line}, killed at {call} {count}"));
            count += 1;
        }
    }
    fs::remove_dir_all(&begin).unwrap();
    killed
}

#[test]
fn promise_02_a_program_killed_at_each_of_its_calls_leaves_the_old_or_the_new() {
    if !can_trace() {
        return;
    }
    let certdeck = Path::new(env!("CARGO_BIN_EXE_certdeck"));
    let home = Home::new(3);
    let old = home.due("traced.example");
    let before = entries(&home.look().snapshot());
    let unharmed = |context: &str| {
        let store = home.look();
        audit::sound(&store, context);
        let now = entries(&store.snapshot());
        assert_eq!(
            now[&old].certificates, before[&old].certificates,
            "{context}"
        );
        // Whatever was left is gone on with.
        home.done(&format!("note {old} {}", context.len()));
        audit::sound(&home.look(), context);
        assert_eq!(home.look().snapshot().warnings, [], "{context}");
    };
    let renew = format!("renew {old} --yes");
    let order = "order --product acme-dv --name other.example --yes";
    let mut killed = kill_everywhere(&home, certdeck, &renew, unharmed);
    assert!(killed >= 3, "a renewal has more calls than {killed}");
    killed += kill_everywhere(&home, certdeck, order, unharmed);
    let itself = std::env::current_exe().unwrap();
    killed += kill_everywhere(&home, &itself, COMPACTS, unharmed);
    println!("killed {killed} times");
    assert!(killed >= 15, "{killed}");
}

#[test]
fn promise_01_a_private_key_is_on_disk_before_its_csr_leaves() {
    if !can_trace() {
        return;
    }
    let certdeck = Path::new(env!("CARGO_BIN_EXE_certdeck"));
    let home = Home::new(4);
    home.due("first.example");
    let log = home.path("calls");
    let rules = ["-y", "-s", "100000", "-o", log.to_str().unwrap(), "-e"];
    let trace = format!("trace={}", CALLS.join(","));
    let rules: Vec<_> = rules.into_iter().chain([trace.as_str()]).collect();
    let order = "order --product acme-dv --name traced.example --yes --json";
    let said = home
        .started_by(strace(&rules, certdeck), order)
        .output()
        .unwrap();
    assert!(said.status.success());
    let calls = fs::read_to_string(&log).unwrap();
    let find = |what: &[&str]| {
        let is_it = |line: &&str| what.iter().all(|part| line.contains(part));
        let found = calls.lines().position(|line| is_it(&line));
        found.unwrap_or_else(|| panic!("{what:?}: {calls}"))
    };
    // The provider is asked after the intent is in the journal, and the intent is the first line
    // that holds the request.
    let steps = [
        find(&["pwrite64", "/keys/", ".new"]),
        find(&["fdatasync", "/keys/", ".new"]),
        find(&["renameat2", "/keys/", ".pem"]),
        find(&["fsync", "/store/keys>"]),
        find(&["pwrite64", "journal.jsonl", "CERTIFICATE REQUEST"]),
    ];
    assert!(steps.is_sorted(), "{steps:?}: {calls}");
}
