//! A real program in a real pseudo-terminal, driven and watched as a person would.
//!
//! Nothing here sleeps: every wait is for output, for the end of the program, or for the deadline,
//! and a wait that fails shows the screen. Used by the tests of the terminal and of the panel.

#![allow(
    dead_code,
    reason = "each test file uses the part it needs; `expect` would fail in the others"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use rustix::termios::{LocalModes, tcgetattr};

/// How long anything may take before a test gives up.
const DEADLINE: Duration = Duration::from_secs(20);

/// Rows and columns.
pub(crate) type Size = (u16, u16);

/// Keys that are more than a character.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Ctrl(char),
}

impl Key {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Enter => b"\r".to_vec(),
            Self::Esc => b"\x1b".to_vec(),
            Self::Tab => b"\t".to_vec(),
            Self::BackTab => b"\x1b[Z".to_vec(),
            Self::Backspace => b"\x7f".to_vec(),
            Self::Up => b"\x1b[A".to_vec(),
            Self::Down => b"\x1b[B".to_vec(),
            Self::Right => b"\x1b[C".to_vec(),
            Self::Left => b"\x1b[D".to_vec(),
            Self::PageUp => b"\x1b[5~".to_vec(),
            Self::PageDown => b"\x1b[6~".to_vec(),
            Self::Home => b"\x1b[H".to_vec(),
            Self::End => b"\x1b[F".to_vec(),
            Self::Ctrl(letter) => vec![u8::try_from(letter).expect("an ASCII letter") & 0x1f],
        }
    }
}

/// The terminal's modes as the bytes seen so far leave them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Modes {
    /// Private modes (`CSI ? n h`) that are on and would not be in a fresh terminal.
    pub(crate) left_on: BTreeSet<u16>,
    /// Private modes that are off and would be on in a fresh terminal (25, the cursor).
    pub(crate) left_off: BTreeSet<u16>,
    /// Keyboard enhancements pushed (`CSI > n u`) and not popped.
    pub(crate) keyboard_pushes: i32,
}

impl Modes {
    /// Reads the modes out of a stream of bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut states = BTreeMap::new();
        let mut keyboard_pushes = 0;
        for sequence in control_sequences(bytes) {
            let (body, last) = sequence.split_at(sequence.len() - 1);
            match (body.chars().next(), last) {
                (Some('?'), "h" | "l") => {
                    for number in body[1..].split(';').filter_map(|text| text.parse().ok()) {
                        states.insert(number, last == "h");
                    }
                }
                (Some('>'), "u") => keyboard_pushes += 1,
                (Some('<'), "u") => keyboard_pushes -= 1,
                _ => {}
            }
        }
        let differing = |on: bool| {
            let fresh = |number: u16| [7, 25].contains(&number);
            let numbers = states
                .iter()
                .filter(move |&(&n, &is)| is == on && is != fresh(n));
            numbers.map(|(&number, _)| number).collect()
        };
        Self {
            left_on: differing(true),
            left_off: differing(false),
            keyboard_pushes,
        }
    }

    pub(crate) fn alternate_screen(&self) -> bool {
        self.left_on.contains(&1049)
    }

    pub(crate) fn mouse(&self) -> bool {
        [9, 1000, 1001, 1002, 1003]
            .iter()
            .any(|mode| self.left_on.contains(mode))
    }

    pub(crate) fn bracketed_paste(&self) -> bool {
        self.left_on.contains(&2004)
    }

    pub(crate) fn cursor_hidden(&self) -> bool {
        self.left_off.contains(&25)
    }
}

/// The bodies of all `CSI ...` sequences, from behind the bracket to the final letter.
fn control_sequences(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let ends = |character: char| ('\x40'..='\x7e').contains(&character);
    let rests = text.split("\x1b[").skip(1);
    rests
        .filter_map(|rest| rest.find(ends).map(|end| rest[..=end].to_owned()))
        .collect()
}

/// The terminal's settings, comparable and printable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Termios(String);

impl Termios {
    fn of(terminal: &OwnedFd) -> Self {
        let mut settings = tcgetattr(terminal).expect("the settings of the pseudo-terminal");
        // The kernel's own notes about its queues.
        settings.local_modes -= LocalModes::PENDIN | LocalModes::FLUSHO;
        Self(format!("{settings:?}"))
    }
}

enum Message {
    Output(Vec<u8>),
    Ended(ExitStatus),
    Closed,
}

/// A program in a pseudo-terminal.
pub(crate) struct Panel {
    // Dropped first: nothing may be typed at whoever comes after.
    writer: Option<Box<dyn Write + Send>>,
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Option<OwnedFd>,
    pid: Pid,
    messages: Receiver<Message>,
    stop_reading: Arc<AtomicBool>,
    parser: vt100::Parser,
    bytes: Vec<u8>,
    before: Termios,
    after: Option<Termios>,
    ended: Option<ExitStatus>,
    closed: bool,
}

impl Panel {
    /// Starts the real certdeck.
    pub(crate) fn start(args: &[&str], size: Size, env: &[(&str, &str)]) -> Self {
        Self::start_program(env!("CARGO_BIN_EXE_certdeck"), args, size, env)
    }

    /// Starts any program.
    pub(crate) fn start_program(
        program: impl AsRef<OsStr>,
        args: &[&str],
        size: Size,
        env: &[(&str, &str)],
    ) -> Self {
        let pair = native_pty_system()
            .openpty(pty_size(size))
            .expect("a pseudo-terminal");
        let name = pair
            .master
            .tty_name()
            .expect("the name of the pseudo-terminal");
        let slave = open_terminal(&name);
        let before = Termios::of(&slave);
        let child = pair
            .slave
            .spawn_command(command(program.as_ref(), args, env))
            .expect("the program starts");
        drop(pair.slave);
        let pid = child
            .process_id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let (sender, messages) = channel();
        let stop_reading = Arc::new(AtomicBool::new(false));
        let reader = pair.master.try_clone_reader().expect("a reader");
        read_in_background(reader, sender.clone(), Arc::clone(&stop_reading));
        wait_in_background(child, sender);
        Self {
            writer: Some(pair.master.take_writer().expect("a writer")),
            master: Some(pair.master),
            slave: Some(slave),
            pid: pid.expect("a process id"),
            messages,
            stop_reading,
            parser: parser(size),
            bytes: Vec::new(),
            before,
            after: None,
            ended: None,
            closed: false,
        }
    }

    /// What the screen shows now.
    pub(crate) fn screen(&mut self) -> String {
        while let Ok(message) = self.messages.try_recv() {
            self.take(message);
        }
        self.parser.screen().contents()
    }

    /// What the screen showed when output was last taken in.
    pub(crate) fn shown(&self) -> String {
        self.parser.screen().contents()
    }

    /// Everything that was written so far, escapes included.
    pub(crate) fn bytes(&mut self) -> &[u8] {
        self.screen();
        &self.bytes
    }

    /// How often the bell has rung, as far as output has been taken in.
    pub(crate) fn bells(&self) -> usize {
        self.bytes.split(|&byte| byte == 0x07).count() - 1
    }

    /// Whether what is shown was drawn to its end: each frame is a synchronised update (`CSI ? 2026
    /// h` to `l`), and output comes in pieces.
    pub(crate) fn is_whole(&self) -> bool {
        let marks = self.bytes.windows(8).rev();
        let last = marks
            .into_iter()
            .find(|mark| mark.starts_with(b"\x1b[?2026"));
        last.is_some_and(|mark| mark.ends_with(b"l"))
    }

    /// What was put on the clipboard last, in Base64 (OSC 52), as far as output has been taken in.
    pub(crate) fn copied(&self) -> Option<String> {
        let written = String::from_utf8_lossy(&self.bytes);
        let (_, last) = written.rsplit_once("\x1b]52;c;")?;
        let end = last.find(['\x07', '\x1b'])?;
        Some(last[..end].to_owned())
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("the screen shows {text:?}"), |panel| {
            panel.parser.screen().contents().contains(text)
        });
    }

    /// Waits until the screen no longer shows `text`.
    #[track_caller]
    pub(crate) fn wait_gone(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} is gone from the screen"), |panel| {
            !panel.parser.screen().contents().contains(text)
        });
    }

    /// Waits until `is_so`, which is asked again after each piece of output.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        self.screen();
        while !is_so(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => self.give_up(what, "nothing more came in time"),
                Err(RecvTimeoutError::Disconnected) => self.give_up(what, "everything has ended"),
            }
        }
    }

    #[track_caller]
    fn give_up(&self, what: &str, why: &str) -> ! {
        panic!(
            "waited for this: {what}; {why} (ended: {:?})\n--- the screen ---\n{}\n---",
            self.ended,
            self.parser.screen().contents()
        );
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Output(bytes) => {
                self.parser.process(&bytes);
                self.bytes.extend(bytes);
            }
            Message::Ended(status) => {
                // Once our own handle goes, the settings are gone, but the reader sees the end.
                self.after = self.slave.take().as_ref().map(Termios::of);
                self.ended = Some(status);
            }
            Message::Closed => self.closed = true,
        }
    }

    /// Types characters.
    pub(crate) fn press(&mut self, text: &str) {
        self.write(text.as_bytes());
    }

    /// Presses a key.
    pub(crate) fn press_key(&mut self, key: Key) {
        self.write(&key.bytes());
    }

    /// Pastes, as a terminal with bracketed paste does.
    pub(crate) fn paste(&mut self, text: &str) {
        self.write(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().expect("the terminal is still there");
        writer
            .write_all(bytes)
            .and_then(|()| writer.flush())
            .expect("typing works");
    }

    /// Gives the window another size.
    pub(crate) fn resize(&mut self, size: Size) {
        self.screen();
        self.parser.set_size(non_zero(size.0), non_zero(size.1));
        let master = self.master.as_ref().expect("the terminal is still there");
        master.resize(pty_size(size)).expect("resizing works");
    }

    /// Sends a signal to the program that was started.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("the program is there");
    }

    /// Sends a signal to the job in the foreground: under a shell, what it runs.
    pub(crate) fn signal_foreground(&self, signal: Signal) {
        let group = self.foreground_group().expect("a job in the foreground");
        kill_process_group(group, signal).expect("the job is there");
    }

    /// Which process group owns the terminal.
    pub(crate) fn foreground_group(&self) -> Option<Pid> {
        Pid::from_raw(self.master.as_ref()?.process_group_leader()?)
    }

    /// Closes the terminal window under the program. It should be about to write something.
    pub(crate) fn hang_up(&mut self) {
        self.stop_reading.store(true, Ordering::SeqCst);
        self.writer = None;
        self.slave = None;
        self.master = None;
    }

    /// The settings as they were before the program started.
    pub(crate) fn termios_before(&self) -> &Termios {
        &self.before
    }

    /// The settings now, or as the program left them if it has ended.
    pub(crate) fn termios(&mut self) -> Termios {
        self.screen();
        let now = self.slave.as_ref().map(Termios::of);
        now.or_else(|| self.after.clone())
            .expect("settings of a terminal")
    }

    /// The modes as the output so far leaves them.
    pub(crate) fn modes(&mut self) -> Modes {
        Modes::of(self.bytes())
    }

    /// Waits for the program to end, and for its last word.
    #[track_caller]
    pub(crate) fn wait_end(&mut self) -> ExitStatus {
        self.wait_until("the program ends", |panel| panel.ended.is_some());
        self.wait_until("the output ends", |panel| panel.closed);
        self.ended.clone().expect("waited for it")
    }

    /// Waits for the end and returns the exit code. Being killed by a signal is no exit.
    #[track_caller]
    pub(crate) fn exit_code(&mut self) -> u32 {
        let status = self.wait_end();
        if let Some(signal) = status.signal() {
            panic!("the program was killed: {signal}\n{}", self.screen());
        }
        status.exit_code()
    }

    /// Asserts that the terminal is as it was before the program started.
    #[track_caller]
    pub(crate) fn assert_as_found(&mut self) {
        assert_eq!(
            self.modes(),
            Modes::default(),
            "modes left behind\n{}",
            self.screen()
        );
        assert_eq!(
            self.termios(),
            *self.termios_before(),
            "settings left behind"
        );
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        if self.ended.is_some() {
            return;
        }
        // A test that failed half way must not leave programs behind.
        if let Some(group) = self.foreground_group() {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = kill_process(self.pid, Signal::KILL);
    }
}

fn command(program: &OsStr, args: &[&str], env: &[(&str, &str)]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(args);
    command.env("TERM", "xterm-256color");
    for variable in ["NO_COLOR", "ENV", "BASH_ENV", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    for (name, value) in env {
        command.env(name, value);
    }
    command.cwd(std::env::current_dir().expect("a current directory"));
    command
}

/// Opens the program's side of the terminal, so that its settings can be read. Not as our own
/// controlling terminal.
fn open_terminal(name: &Path) -> OwnedFd {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    open(name, flags, Mode::empty()).expect("the pseudo-terminal opens")
}

fn read_in_background(
    mut reader: Box<dyn Read + Send>,
    sender: Sender<Message>,
    stop: Arc<AtomicBool>,
) {
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        loop {
            let count = reader.read(&mut buffer).unwrap_or(0);
            let gone = sender
                .send(Message::Output(buffer[..count].to_vec()))
                .is_err();
            if count == 0 || gone || stop.load(Ordering::SeqCst) {
                break;
            }
        }
        drop(reader);
        let _ = sender.send(Message::Closed);
    });
}

fn wait_in_background(mut child: Box<dyn Child + Send + Sync>, sender: Sender<Message>) {
    thread::spawn(move || {
        let status = child.wait().expect("waiting for the program");
        let _ = sender.send(Message::Ended(status));
    });
}

fn parser((rows, columns): Size) -> vt100::Parser {
    vt100::Parser::new(non_zero(rows), non_zero(columns), 0)
}

fn non_zero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a terminal has at least one row and one column")
}

fn pty_size((rows, cols): Size) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}
