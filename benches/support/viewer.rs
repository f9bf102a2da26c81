//! csvlens in a pseudo-terminal: its first rows, its count of all of them, a key and what came of it.

use std::path::Path;
use std::time::Duration;

use super::seat::Seat;

/// What a key does is on the screen by then.
const SPAN: Duration = Duration::from_millis(300);

pub(crate) struct Viewer(pub(crate) Seat);

impl Viewer {
    pub(crate) fn start(program: &Path, file: &Path) -> Self {
        let (program, file) = (program.display(), file.display());
        Self(Seat::start(&program.to_string(), &[&file.to_string()]))
    }

    /// How long until rows were on the screen.
    pub(crate) fn first_page(&mut self) -> Duration {
        let at = self.0.until_bytes(b".example");
        at.duration_since(self.0.started)
    }

    /// How long until it said how many rows there are.
    pub(crate) fn complete(&mut self, rows: usize) -> Duration {
        let wanted = format!("/{rows}, Col ");
        let at = self
            .0
            .until_screen(|seat| seat.contents().contains(&wanted));
        at.duration_since(self.0.started)
    }

    /// Waits as long as anything that was typed takes; it writes something four times a second for
    /// ever.
    pub(crate) fn settle(&mut self) {
        self.0.last_change_in(SPAN);
    }

    /// How long after a key the screen changed for the last time.
    pub(crate) fn key(&mut self, bytes: &[u8]) -> Option<Duration> {
        let typed = self.0.write(bytes);
        let changed = self.0.last_change_in(SPAN)?;
        Some(changed.duration_since(typed))
    }

    /// Filters: how long after the last key all of the rows were found.
    pub(crate) fn filter(&mut self, text: &str) -> Duration {
        self.0.write(format!("&{text}").as_bytes());
        self.settle();
        let typed = self.0.write(b"\r");
        let said = format!("[Filter \"{text}\"");
        let at = self.0.until_screen(|seat| {
            let screen = seat.contents();
            let status = screen.rsplit_once(&said);
            status.is_some_and(|(_, status)| {
                let count = status.split(']').next().unwrap_or_default();
                count.contains('/') && !count.ends_with('+')
            })
        });
        at.duration_since(typed)
    }
}
