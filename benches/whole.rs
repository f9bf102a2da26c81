//! The whole program in a pseudo-terminal, from outside: how long until it shows something, how
//! long a key takes to become a frame, what it writes when nobody touches it, what memory it uses.
//!
//! `cargo bench --bench whole [-- COUNT…]`; medians over several processes. The time of a key is
//! from before it is typed to the arrival of the last byte of its frame.

mod support;

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

const PROCESSES: usize = 7;
const KEYS: usize = 25;
const IDLE: Duration = Duration::from_secs(3);
const LONGEST: Duration = Duration::from_secs(20);
/// What ends each frame: the end of a synchronized update.
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// One process and what came out of it.
struct Seat {
    writer: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    pid: u32,
    started: Instant,
    /// What a terminal shows of all that came.
    screen: vt100::Parser,
    /// When the last of it came.
    last: Instant,
    // Kept open for as long as the process lives.
    _master: Box<dyn MasterPty + Send>,
}

#[derive(Default)]
struct Figures {
    first_page: Vec<Duration>,
    complete: Vec<Duration>,
    cursor: Vec<Duration>,
    page: Vec<Duration>,
    bottom: Vec<Duration>,
    filter: Vec<Duration>,
    idle_bytes: Vec<usize>,
    peak_kib: Vec<u64>,
}

fn main() {
    let counts: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let counts = if counts.is_empty() {
        vec![1_000]
    } else {
        counts
    };
    for count in counts {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = folder.path().join("store");
        support::write_store(&store, count).expect("the store is filled");
        let mut figures = Figures::default();
        for _ in 0..PROCESSES {
            measure(&store, &mut figures);
        }
        print(count, &mut figures);
    }
}

fn measure(store: &std::path::Path, figures: &mut Figures) {
    let mut seat = Seat::start(store);
    let first = seat.until(b".example");
    figures.first_page.push(first.duration_since(seat.started));
    let complete = seat.until_complete();
    figures.complete.push(complete.duration_since(seat.started));
    seat.settle();
    for _ in 0..KEYS {
        figures.cursor.push(seat.key(b"j"));
        figures.page.push(seat.key(b"\x1b[6~"));
    }
    figures.bottom.push(seat.key(b"G"));
    seat.key(b"/");
    for letter in [b"s", b"h", b"o"] {
        figures.filter.push(seat.key(letter));
    }
    seat.key(b"\r");
    seat.settle();
    figures.idle_bytes.push(seat.bytes_in(IDLE));
    figures.peak_kib.push(seat.peak_kib());
    seat.write(b"q");
    seat.drain();
}

impl Seat {
    fn start(store: &std::path::Path) -> Self {
        let size = PtySize {
            rows: 50,
            cols: 200,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_certdeck"));
        command.args(["--store", &store.display().to_string()]);
        command.env("TERM", "xterm-256color");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender
                    .send((Instant::now(), buffer[..count].to_vec()))
                    .is_err()
                {
                    break;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("certdeck starts");
        Self {
            writer: pair.master.take_writer().expect("a writer"),
            output,
            pid: child.process_id().expect("a process id"),
            started,
            screen: vt100::Parser::new(non_zero(50), non_zero(200), 0),
            last: started,
            _master: pair.master,
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.writer
            .write_all(bytes)
            .and_then(|()| self.writer.flush())
            .expect("typing");
    }

    /// When `wanted` had arrived.
    fn until(&mut self, wanted: &[u8]) -> Instant {
        let mut seen = Vec::new();
        loop {
            let (at, bytes) = self.next(LONGEST).expect("output in time");
            seen.extend(bytes);
            if seen.windows(wanted.len()).any(|window| window == wanted) {
                return at;
            }
        }
    }

    /// The next that comes, which the screen shows then.
    fn next(&mut self, patience: Duration) -> Option<(Instant, Vec<u8>)> {
        let (at, bytes) = self.output.recv_timeout(patience).ok()?;
        self.screen.process(&bytes);
        self.last = at;
        Some((at, bytes))
    }

    /// When the screen showed that all entries are in the list, in order.
    fn until_complete(&mut self) -> Instant {
        loop {
            let text = self.screen.screen().contents();
            let title = text.lines().nth(1).unwrap_or_default();
            // Meanwhile the title says that it is loading, or that what is shown is not yet in order.
            let waits = title.contains("loading") || title.contains('…');
            if title.contains(" · by ") && !waits {
                return self.last;
            }
            let more = self.next(LONGEST);
            assert!(more.is_some(), "still not complete: {title}");
        }
    }

    /// Types a key and waits for the end of its frame.
    fn key(&mut self, bytes: &[u8]) -> Duration {
        let typed = Instant::now();
        self.write(bytes);
        self.until(FRAME_END).duration_since(typed)
    }

    /// Waits until nothing has come for a while.
    fn settle(&mut self) {
        while self.next(Duration::from_millis(400)).is_some() {}
    }

    fn bytes_in(&mut self, span: Duration) -> usize {
        let deadline = Instant::now() + span;
        let mut count = 0;
        loop {
            match self
                .output
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok((_, bytes)) => count += bytes.len(),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return count,
            }
        }
    }

    fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok())
            .unwrap_or_default()
    }

    fn drain(&mut self) {
        while self.output.recv_timeout(Duration::from_secs(5)).is_ok() {}
    }
}

fn non_zero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("it is not zero")
}

fn median<T: Ord + Copy>(values: &mut [T]) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

fn print(count: u64, figures: &mut Figures) {
    let millis = |values: &mut Vec<Duration>| median(values).as_secs_f64() * 1_000.0;
    println!("{count} entries, 200x50, medians over {PROCESSES} processes");
    println!(
        "  exec to first page     {:8.2} ms",
        millis(&mut figures.first_page)
    );
    println!(
        "  exec to complete list  {:8.2} ms",
        millis(&mut figures.complete)
    );
    println!(
        "  key to frame, cursor   {:8.2} ms",
        millis(&mut figures.cursor)
    );
    println!(
        "  key to frame, page     {:8.2} ms",
        millis(&mut figures.page)
    );
    println!(
        "  key to frame, bottom   {:8.2} ms",
        millis(&mut figures.bottom)
    );
    println!(
        "  key to frame, filter   {:8.2} ms",
        millis(&mut figures.filter)
    );
    println!(
        "  bytes in {} s idle      {:8}",
        IDLE.as_secs(),
        median(&mut figures.idle_bytes)
    );
    println!(
        "  peak memory            {:8.1} MiB",
        median_mib(&mut figures.peak_kib)
    );
}

fn median_mib(values: &mut [u64]) -> f64 {
    u32::try_from(median(values)).map_or(f64::NAN, f64::from) / 1024.0
}
