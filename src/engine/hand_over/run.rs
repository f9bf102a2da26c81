//! Running a deploy command: no shell, a time limit, a bounded end of what it says.
//!
//! May not: give it anything in its arguments that was not configured, or keep a private key that it
//! prints. Only `deploy` calls it.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "the deploy command is one of the three programs that certdeck starts"
    )
)]

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::domain::text::sanitise;
use crate::engine::hold;

/// How much of what it says is looked at: the end, where errors stand.
const TAIL: usize = 16 * 1024;
/// How much of that is kept, in characters.
const KEPT: usize = 2_000;
/// How long a program may take to end once it is told to.
const GRACE: Duration = Duration::from_secs(3);
/// How long what it said is waited for once it has ended: a program that it left behind may hold
/// the line open.
const LAST_WORDS: Duration = Duration::from_millis(500);
const LEFT_OUT: &str = "[a private key was left out here]";

/// What a running command is told, or tells.
pub(super) enum Told {
    /// Stop it.
    Cancel,
    /// It has ended.
    Ended(io::Result<ExitStatus>),
}

/// A command as it shall run.
pub(super) struct Run {
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) within: Duration,
    /// Lines that must not be repeated: the key's own.
    pub(super) secret_lines: Vec<zeroize::Zeroizing<String>>,
}

/// How it ended.
pub(super) struct Came {
    pub(super) failure: Option<String>,
    pub(super) output: String,
}

/// Runs it to its end, or until it is told to stop. Blocks.
pub(super) fn run(run: &Run, teller: &Sender<Told>, told: &Receiver<Told>) -> Came {
    let program = run.command.first().map_or("", String::as_str);
    let spawned = spawn(run);
    let (child, lines) = match spawned {
        Ok(spawned) => spawned,
        Err(error) => {
            let says =
                format!("{program:?} cannot be started: {error}; see deploy in the account's file");
            return Came {
                failure: Some(says),
                output: String::new(),
            };
        }
    };
    let tail = Arc::new(Mutex::new(VecDeque::new()));
    let heard = listen(lines, Arc::clone(&tail));
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    wait_beside(child, teller.clone());
    let failure = until_end(told, group, run.within);
    // The end of the line, or nobody who waits for it.
    let _ = heard.recv_timeout(LAST_WORDS);
    let said: Vec<u8> = hold(&tail).iter().copied().collect();
    Came {
        failure,
        output: words(&said, &run.secret_lines),
    }
}

fn spawn(run: &Run) -> io::Result<(Child, PipeReader)> {
    let (program, arguments) = run
        .command
        .split_first()
        .ok_or(io::ErrorKind::InvalidInput)?;
    let (lines, end) = io::pipe()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(run.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(end.try_clone()?)
        .stderr(end)
        // A group of its own, so that it is stopped with all that it started.
        .process_group(0);
    let child = command.spawn()?;
    // The command holds the other ends of the line until it is dropped.
    drop(command);
    Ok((child, lines))
}

/// Collects the end of what it says; the answer comes when there is no more.
fn listen(mut lines: PipeReader, tail: Arc<Mutex<VecDeque<u8>>>) -> Receiver<()> {
    let (silent, heard) = channel();
    std::thread::spawn(move || {
        let mut some = [0; 4096];
        loop {
            match lines.read(&mut some) {
                Ok(0) => break,
                Ok(count) => {
                    let mut tail = hold(&tail);
                    tail.extend(&some[..count]);
                    let over = tail.len().saturating_sub(TAIL);
                    tail.drain(..over);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        // Nobody waits any more where it took too long.
        let _ = silent.send(());
    });
    heard
}

fn wait_beside(mut child: Child, teller: Sender<Told>) {
    std::thread::spawn(move || {
        let ended = child.wait();
        // Nobody waits any more where it could not be stopped.
        let _ = teller.send(Told::Ended(ended));
    });
}

/// Why it failed; nothing where it did not.
fn until_end(told: &Receiver<Told>, group: Option<Pid>, within: Duration) -> Option<String> {
    match told.recv_timeout(within) {
        Ok(Told::Ended(Ok(status))) => judge(status),
        Ok(Told::Ended(Err(error))) => Some(format!("waiting for it failed: {error}")),
        Ok(Told::Cancel) => {
            stop(told, group);
            Some("it was stopped, since somebody wanted that".to_owned())
        }
        Err(RecvTimeoutError::Timeout) => {
            stop(told, group);
            Some(format!(
                "it took longer than {} s, and was stopped; see deploy-within in the account's file",
                within.as_secs()
            ))
        }
        Err(RecvTimeoutError::Disconnected) => Some("nobody knows how it ended".to_owned()),
    }
}

fn judge(status: ExitStatus) -> Option<String> {
    if status.success() {
        return None;
    }
    Some(match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with code {code}"),
        (None, Some(signal)) => format!("it was ended by signal {signal}"),
        (None, None) => "it did not end well".to_owned(),
    })
}

/// Asks it and all that it started to end, and ends what does not.
fn stop(told: &Receiver<Told>, group: Option<Pid>) {
    let Some(group) = group else { return };
    for signal in [Signal::TERM, Signal::KILL] {
        // What has ended by now needs no signal.
        let _ = kill_process_group(group, signal);
        while let Ok(word) = told.recv_timeout(GRACE) {
            if matches!(word, Told::Ended(_)) {
                return;
            }
        }
    }
}

/// The end of what it said: one line, drawable, without private keys.
fn words(said: &[u8], secret_lines: &[zeroize::Zeroizing<String>]) -> String {
    let text = String::from_utf8_lossy(said);
    let mut lines: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let ends = line.contains("-----END") && line.contains("PRIVATE KEY");
        if ends && !inside {
            // Its beginning was cut off: all that is left of it stands above.
            lines.clear();
        }
        inside |= line.contains("-----BEGIN") && line.contains("PRIVATE KEY");
        let is_secret = secret_lines
            .iter()
            .any(|secret| line.contains(secret.as_str()));
        if !inside && !ends && !is_secret {
            lines.push(sanitise(line).into_owned());
        } else if lines.last().is_none_or(|last| last != LEFT_OUT) {
            lines.push(LEFT_OUT.to_owned());
        }
        inside &= !ends;
    }
    let all = lines.join(" | ");
    let over = all.chars().count().saturating_sub(KEPT);
    if over == 0 {
        return all;
    }
    let end: String = all.chars().skip(over).collect();
    format!("… {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(script: &str, within: Duration) -> Came {
        let (teller, told) = channel();
        let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let all = Run {
            command,
            environment: vec![("CERTDECK_NAME", "a.example".to_owned())],
            within,
            secret_lines: Vec::new(),
        };
        run(&all, &teller, &told)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn how_it_ends_and_what_it_says_is_known() {
        let came = ran("echo $CERTDECK_NAME; echo bad >&2; exit 3", LONG);
        assert_eq!(came.failure.as_deref(), Some("it ended with code 3"));
        assert_eq!(came.output, "a.example | bad");
        let came = ran("printf '\\033[31mred\\n'", LONG);
        assert_eq!(came.failure, None);
        assert!(!came.output.contains('\u{1b}'), "{:?}", came.output);
        let came = ran("kill -9 $$", LONG);
        assert_eq!(came.failure.as_deref(), Some("it was ended by signal 9"));
    }

    #[test]
    fn one_that_hangs_is_stopped_with_all_that_it_started() {
        let came = ran("sleep 1000 & echo $!; wait", Duration::from_millis(300));
        assert!(came.failure.unwrap().contains("took longer"));
        let child: i32 = came.output.parse().unwrap();
        let pid = Pid::from_raw(child).unwrap();
        let gone = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            // A zombie that nobody has collected yet is gone, too.
            let state = std::fs::read_to_string(format!("/proc/{child}/stat"));
            rustix::process::test_kill_process(pid).is_err()
                || state.is_ok_and(|state| state.contains(") Z "))
        });
        assert!(gone, "{child} goes on");
    }

    #[test]
    fn one_that_somebody_cancels_is_stopped() {
        let (teller, told) = channel();
        let all = Run {
            command: ["sleep", "1000"].map(str::to_owned).to_vec(),
            environment: Vec::new(),
            within: LONG,
            secret_lines: Vec::new(),
        };
        teller.send(Told::Cancel).unwrap();
        let came = run(&all, &teller, &told);
        assert!(came.failure.unwrap().contains("somebody wanted that"));
    }

    #[test]
    fn the_end_of_a_long_speech_is_kept_and_no_more() {
        let came = ran("seq 1 100000; echo the end", LONG);
        assert!(came.output.ends_with("the end"), "{}", came.output);
        assert!(came.output.chars().count() <= KEPT + 2);
    }

    #[test]
    fn a_key_that_it_prints_is_left_out_whole_or_cut() {
        let body = "MIGHAgEAMBMGByqGSM49";
        for said in [
            format!("a\n-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\nb"),
            format!("{body}\n-----END PRIVATE KEY-----\nb"),
            format!("a\n-----BEGIN EC PRIVATE KEY-----\n{body}"),
        ] {
            let told = words(said.as_bytes(), &[]);
            assert!(!told.contains(body) && told.contains(LEFT_OUT), "{told}");
        }
        let secret = [zeroize::Zeroizing::new(body.to_owned())];
        assert_eq!(words(format!("x {body} y").as_bytes(), &secret), LEFT_OUT);
    }

    #[test]
    fn a_program_that_is_not_there_is_said() {
        let (teller, told) = channel();
        let all = Run {
            command: vec!["/nowhere/at/all".to_owned()],
            environment: Vec::new(),
            within: LONG,
            secret_lines: Vec::new(),
        };
        let failure = run(&all, &teller, &told).failure.unwrap();
        assert!(failure.contains("cannot be started"), "{failure}");
    }
}
