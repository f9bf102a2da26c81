//! Where frames go: a 64 KiB buffer that leaves in one piece, behind the claim's gate.
//!
//! ratatui flushes several times within a frame (cursor, cells); each flush would be a write of
//! its own and could show half a frame. While a [`Hold`] is begun, flushing waits.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::claim;

/// Frames of a 200 by 50 screen fit in this; a larger one leaves in pieces of it.
const BUFFER_BYTES: usize = 64 * 1024;

/// Standard output, but only while the terminal is claimed.
#[derive(Debug)]
struct ClaimedOutput;

impl Write for ClaimedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        claim::write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The writer that ratatui draws into.
#[derive(Debug)]
pub(super) struct FrameWriter {
    buffer: BufWriter<ClaimedOutput>,
    held: Arc<AtomicBool>,
}

/// Lets the guard hold back the flushes of its [`FrameWriter`].
#[derive(Debug)]
pub(super) struct Hold(Arc<AtomicBool>);

/// Flushes are held back until this is dropped, also when drawing panics.
#[derive(Debug)]
#[must_use]
pub(super) struct Holding(Arc<AtomicBool>);

impl FrameWriter {
    /// A writer, and the handle that holds its flushes back.
    pub(super) fn new() -> (Self, Hold) {
        let held = Arc::new(AtomicBool::new(false));
        let writer = Self {
            buffer: BufWriter::with_capacity(BUFFER_BYTES, ClaimedOutput),
            held: Arc::clone(&held),
        };
        (writer, Hold(held))
    }
}

impl Hold {
    /// Begins holding.
    pub(super) fn begin(&self) -> Holding {
        self.0.store(true, Ordering::Relaxed);
        Holding(Arc::clone(&self.0))
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Write for FrameWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held.load(Ordering::Relaxed) {
            Ok(())
        } else {
            self.buffer.flush()
        }
    }
}
