//! A program in a pseudo-terminal of 200 by 50, from outside: what it is told, what came when, what
//! a terminal shows of it.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longer than this nothing may take.
const LONGEST: Duration = Duration::from_secs(60);
const COLUMNS: u16 = 200;
const LINES: u16 = 50;

type Writer = Arc<Mutex<Box<dyn Write + Send>>>;

/// One process and what came out of it.
pub(crate) struct Seat {
    writer: Writer,
    output: Receiver<(Instant, Vec<u8>)>,
    pid: u32,
    /// From before it was started.
    pub(crate) started: Instant,
    screen: vt100::Parser,
    /// When the last of what the screen shows came.
    pub(crate) last: Instant,
    // Kept open for as long as the process lives.
    _master: Box<dyn MasterPty + Send>,
}

impl Seat {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Self {
        let size = PtySize {
            rows: LINES,
            cols: COLUMNS,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let writer: Writer = Arc::new(Mutex::new(writer));
        let terminal = Arc::clone(&writer);
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let came = (Instant::now(), buffer[..count].to_vec());
                answer(&came.1, &terminal);
                if sender.send(came).is_err() {
                    break;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("it starts");
        Self {
            writer,
            output,
            pid: child.process_id().expect("a process id"),
            started,
            screen: vt100::Parser::new(non_zero(LINES), non_zero(COLUMNS), 0),
            last: started,
            _master: pair.master,
        }
    }

    /// Types something; gives when that began.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Instant {
        let typed = Instant::now();
        say(&self.writer, bytes);
        typed
    }

    /// A line of what the terminal shows, from 0.
    pub(crate) fn line(&self, number: u16) -> String {
        let mut lines = self.screen.screen().rows(0, COLUMNS);
        lines.nth(usize::from(number)).unwrap_or_default()
    }

    /// All that the terminal shows.
    pub(crate) fn contents(&self) -> String {
        self.screen.screen().contents()
    }

    /// The next that comes. The screen shows it later: what draws it takes time on the processors
    /// that the program needs.
    fn next(&mut self, patience: Duration) -> Option<(Instant, Vec<u8>)> {
        let came = self.output.recv_timeout(patience).ok()?;
        self.last = came.0;
        Some(came)
    }

    /// The next that comes, before `deadline`.
    fn must_come(&mut self, deadline: Instant) -> (Instant, Vec<u8>) {
        let left = deadline.saturating_duration_since(Instant::now());
        let came = if left.is_zero() {
            None
        } else {
            self.next(left)
        };
        let Some(came) = came else {
            panic!("it never came; the screen:\n{}", self.contents());
        };
        came
    }

    /// When these bytes had come.
    pub(crate) fn until_bytes(&mut self, wanted: &[u8]) -> Instant {
        let (mut seen, deadline) = (Vec::new(), Instant::now() + LONGEST);
        loop {
            let (at, bytes) = self.must_come(deadline);
            let from = seen.len();
            seen.extend(bytes);
            if find(&seen, from, wanted) {
                self.screen.process(&seen);
                return at;
            }
        }
    }

    /// When the frame had come with which `holds` is true of the screen; each ends with `end`.
    pub(crate) fn until_frame(
        &mut self,
        end: &[u8],
        mut holds: impl FnMut(&Self, Instant) -> bool,
    ) -> Instant {
        let (mut seen, deadline) = (Vec::new(), Instant::now() + LONGEST);
        loop {
            let (at, bytes) = self.must_come(deadline);
            let from = seen.len();
            seen.extend(bytes);
            if !find(&seen, from, end) {
                continue;
            }
            self.screen.process(&seen);
            seen.clear();
            if holds(self, at) {
                return at;
            }
        }
    }

    /// When the screen was such that `holds`, of a program that does not say where a frame ends.
    pub(crate) fn until_screen(&mut self, holds: impl Fn(&Self) -> bool) -> Instant {
        let deadline = Instant::now() + LONGEST;
        loop {
            if holds(self) {
                return self.last;
            }
            let (_, bytes) = self.must_come(deadline);
            self.screen.process(&bytes);
        }
    }

    /// When the screen changed for the last time within `span`; nothing if it stayed the same.
    pub(crate) fn last_change_in(&mut self, span: Duration) -> Option<Instant> {
        let deadline = Instant::now() + span;
        let mut came = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.next(left) {
                Some(next) => came.push(next),
                None => break,
            }
        }
        let mut shown = self.screen.screen().contents_formatted();
        let mut changed = None;
        for (at, bytes) in came {
            self.screen.process(&bytes);
            let now = self.screen.screen().contents_formatted();
            if now != shown {
                (shown, changed) = (now, Some(at));
            }
        }
        changed
    }

    /// Waits until nothing has come for a while.
    pub(crate) fn settle(&mut self) {
        while let Some((_, bytes)) = self.next(Duration::from_millis(400)) {
            self.screen.process(&bytes);
        }
    }

    pub(crate) fn bytes_in(&mut self, span: Duration) -> usize {
        let deadline = Instant::now() + span;
        let mut count = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok((_, bytes)) => {
                    self.screen.process(&bytes);
                    count += bytes.len();
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return count,
            }
        }
    }

    /// The most memory that was resident so far, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: Option<u32> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        kib.map_or(f64::NAN, f64::from) / 1024.0
    }

    /// Types what makes it leave, and waits until it did.
    pub(crate) fn leave(mut self, with: &[u8]) {
        self.write(with);
        let deadline = Instant::now() + LONGEST;
        while self.output.recv_timeout(Duration::from_secs(5)).is_ok() {
            assert!(Instant::now() < deadline, "it does not leave");
        }
    }
}

/// Answers what programs ask a terminal at their start, as a real one does; one that nobody answers
/// waits for a second.
fn answer(came: &[u8], terminal: &Writer) {
    let answers: [(&[u8], &[u8]); 3] = [
        (b"\x1b]10;?", b"\x1b]10;rgb:d0d0/d0d0/d0d0\x07"),
        (b"\x1b]11;?", b"\x1b]11;rgb:1010/1010/1010\x07"),
        (b"\x1b[c", b"\x1b[?62;22c"),
    ];
    for (question, answer) in answers {
        if find(came, 0, question) {
            say(terminal, answer);
        }
    }
}

fn say(writer: &Writer, bytes: &[u8]) {
    let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
    let written = writer.write_all(bytes);
    written.and_then(|()| writer.flush()).expect("typing");
}

/// Whether `wanted` is in what came, at least the last of it at or after `from`.
fn find(seen: &[u8], from: usize, wanted: &[u8]) -> bool {
    let from = from.saturating_sub(wanted.len());
    seen[from..]
        .windows(wanted.len())
        .any(|window| window == wanted)
}

fn non_zero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("it is not zero")
}
