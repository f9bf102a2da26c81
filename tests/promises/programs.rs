//! Promise 4 with the real program: two that ask the same, one that follows, one that was stopped.

use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use certdeck::store::Harm;
use rustix::process::{Pid, Signal, kill_process};

use super::home::{Home, Said};
use super::killed::copy;
use super::stock::entries;

const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn promise_04_of_two_programs_that_ask_the_same_exactly_one_does_it() {
    let home = Home::new(9);
    let old = home.due("both.example");
    let begin = home.path("begin");
    copy(&home.store(), &begin);
    for round in 0..12 {
        std::fs::remove_dir_all(home.store()).unwrap();
        copy(&begin, &home.store());
        let line = format!("renew {old} --yes");
        let both = [home.start(&line), home.start(&line)];
        let mut said = both.map(|child| Said::of(child.wait_with_output().unwrap()));
        said.sort_by_key(|said| said.code);
        let codes = said.each_ref().map(|said| said.code);
        assert_eq!(codes, [Some(0), Some(3)], "round {round}: {said:?}");
        let reason = &said[1].err;
        assert!(
            reason.contains("under way") || reason.contains("a successor is there already"),
            "round {round}: {reason}"
        );
        let all = entries(&home.look().snapshot());
        assert_eq!(all.len(), 2, "round {round}: it was ordered twice");
        assert!(
            all.values().all(|entry| entry.request.is_none()),
            "round {round}"
        );
    }
}

#[test]
fn promise_04_the_notes_of_two_programs_are_all_in_the_history() {
    let home = Home::new(10);
    let id = home
        .done("order --product acme-dv --name noted.example --yes --json")
        .member("id");
    home.done("sandbox pause");
    let reader = home.look();
    let writers: Vec<_> = ["left", "right"]
        .into_iter()
        .map(|who| {
            let lines = (0..25).map(|turn| format!("note {id} {who}-{turn}"));
            let commands: Vec<_> = lines.map(|line| home.command(&line)).collect();
            thread::spawn(move || {
                for mut command in commands {
                    let said = Said::of(command.output().unwrap());
                    assert_eq!(said.code, Some(0), "{}", said.err);
                }
            })
        })
        .collect();
    // Whoever only looks follows, and never sees something older than before.
    let mut seq = 0;
    while writers.iter().any(|writer| !writer.is_finished()) {
        reader.catch_up().unwrap();
        let seen = reader.snapshot();
        // A line of which one page is there and the next one not yet is being written now.
        let mut damage = seen.warnings.iter();
        assert!(
            seen.seq >= seq && damage.all(|damage| damage.harm == Harm::TornTail),
            "{:?}",
            seen.warnings
        );
        seq = seen.seq;
    }
    for writer in writers {
        writer.join().unwrap();
    }
    reader.catch_up().unwrap();
    assert_eq!(reader.snapshot().warnings, [], "nobody writes any more");
    let history = format!("{:?}", reader.history_all(usize::MAX).unwrap());
    for who in ["left", "right"] {
        for turn in 0..25 {
            assert!(
                history.contains(&format!("\"{who}-{turn}\"")),
                "{who} {turn}"
            );
        }
    }
}

/// A process that holds the lock of the store, and has it by now.
fn holder(home: &Home) -> Child {
    let itself = Command::new(std::env::current_exe().unwrap());
    let line = "processes::child_holds_the_lock --exact --ignored";
    let mut command = home.started_by(itself, line);
    let child = command
        .env(super::processes::STORE, home.store())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !home.store().join("held").exists() {
        assert!(begun.elapsed() < DEADLINE, "the child never got the lock");
        thread::yield_now();
    }
    child
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

#[test]
fn promise_04_a_stopped_holder_makes_others_end_with_5_and_a_dead_one_blocks_nobody() {
    let home = Home::new(12);
    home.done("order --product acme-dv --name held.example --yes");
    let mut child = holder(&home);
    kill_process(pid(&child), Signal::STOP).unwrap();
    let begun = Instant::now();
    let said = home.run("note held.example hello");
    let waited = begun.elapsed();
    assert_eq!(said.code, Some(5), "{}", said.err);
    assert!(
        said.err.contains("another process has held"),
        "{}",
        said.err
    );
    // As long as it says, and neither much less nor for ever.
    assert!(said.err.contains("for more than 10 s"), "{}", said.err);
    let stated = Duration::from_secs(10);
    assert!(waited >= stated && waited < stated * 4, "{waited:?}");
    // Reading waits for nobody.
    assert!(home.done("--read-only list").out.contains("held.example"));
    assert!(home.done("list").out.contains("held.example"));
    kill_process(pid(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    home.done("note held.example hello");
    assert!(home.done("show held.example").out.contains("hello"));
}
