//! The blocks of a long file, taken one after the other by as many threads as there are processors.
//!
//! It reads and hands on whole lines; what they mean is for others. `snapshot` and `scan` call it.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::disk::DiskFile;
use super::reading::Reading;
use super::stretch::{BLOCK, Buffer, Stretch};

/// How much of a short file is read at once: what is read into stays in memory's highest mark.
const SHORT_BLOCK: u64 = BLOCK / 8;

/// More threads than this gain nothing: the memory becomes the bottleneck.
const MOST_THREADS: usize = 4;
/// Starting a thread costs as much as reading about so many bytes, and memory as well.
const WORTH_A_THREAD: u64 = 4 * BLOCK;

/// The blocks of a file that nobody took yet.
pub(crate) struct Blocks<'a> {
    file: &'a dyn DiskFile,
    from: u64,
    length: u64,
    /// How long each is, in bytes.
    size: u64,
    next: AtomicU64,
    reading: &'a Reading,
}

impl<'a> Blocks<'a> {
    /// Those between byte `from` of a file and its end, `length`.
    pub(crate) fn new(
        file: &'a dyn DiskFile,
        from: u64,
        length: u64,
        reading: &'a Reading,
    ) -> Self {
        Self {
            file,
            from,
            length,
            size: if is_long(length, from) {
                BLOCK
            } else {
                SHORT_BLOCK
            },
            next: AtomicU64::new(0),
            reading,
        }
    }

    /// Hands on every block with its number, on several threads where there are many. Does `before`
    /// on this thread meanwhile, before it takes part, and gives back what came of it.
    pub(crate) fn each<T>(
        &self,
        before: impl FnOnce() -> T,
        each: impl Fn(u64, Stretch<'_>) + Sync,
    ) -> io::Result<T> {
        let others = self.threads() - 1;
        thread::scope(|scope| {
            let others: Vec<_> = (0..others)
                .map(|_| scope.spawn(|| self.take(&each)))
                .collect();
            let came = before();
            let mut outcome = self.take(&each);
            for other in others {
                match other.join() {
                    Ok(taken) => outcome = outcome.and(taken),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            outcome.map(|()| came)
        })
    }

    /// Leaves the rest: nobody needs it.
    pub(crate) fn leave(&self) {
        self.next.store(self.count(), Ordering::Relaxed);
    }

    /// How many threads read: one where little is to be read.
    fn threads(&self) -> usize {
        if !is_long(self.length, self.from) {
            return 1;
        }
        let processors = thread::available_parallelism().map_or(1, usize::from);
        processors.min(MOST_THREADS)
    }

    fn count(&self) -> u64 {
        self.length.saturating_sub(self.from).div_ceil(self.size)
    }

    fn take(&self, each: &impl Fn(u64, Stretch<'_>)) -> io::Result<()> {
        let mut buffer = Buffer::default();
        loop {
            let block = self.next.fetch_add(1, Ordering::Relaxed);
            if block >= self.count() {
                return Ok(());
            }
            let start = self.from + block * self.size;
            let span = start..(start + self.size).min(self.length);
            let read = buffer.lines(self.file, span.clone(), block == 0);
            if read.is_err() {
                self.leave();
            }
            each(block, read?);
            self.reading.went_on(span.end - span.start);
        }
    }
}

/// Whether there is so much to read that several threads read it.
fn is_long(length: u64, from: u64) -> bool {
    length.saturating_sub(from) >= WORTH_A_THREAD
}
