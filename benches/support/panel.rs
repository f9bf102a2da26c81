//! certdeck's panel in a pseudo-terminal: its first page, its complete list, a key and its frame.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::Written;
use super::seat::Seat;

/// The program, as this bench was built with it.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_certdeck");
/// What ends each frame: the end of a synchronized update.
const FRAME_END: &[u8] = b"\x1b[?2026l";
/// Where the list's title is.
const TITLE: u16 = 1;
/// How many of the first rows are compared.
const COMPARED: usize = 20;
/// So many letters of a name are in sight at least, and tell it from others.
const DISTINCT: usize = 20;

pub(crate) struct Panel(pub(crate) Seat);

/// A key, and the frames that came of it.
pub(crate) struct Answered {
    /// Until the first frame: what was typed is shown, the rows may still be on their way.
    pub(crate) first: Duration,
    /// Until the frame with the rows as they were asked for.
    pub(crate) done: Duration,
}

impl Panel {
    pub(crate) fn start(store: &Path) -> Self {
        let store = store.display().to_string();
        Self(Seat::start(PROGRAM, &["--store", &store]))
    }

    fn title(&self) -> String {
        title_of(&self.0)
    }

    /// How long until a frame with entries was on the screen. Every name that the benches make holds `.example`.
    pub(crate) fn first_page(&mut self) -> Duration {
        let began = self.0.started;
        let at = self
            .0
            .until_frame(FRAME_END, |seat, _| seat.contents().contains(".example"));
        at.duration_since(began)
    }

    /// How long until the screen showed that all of the entries are in the list, in order.
    pub(crate) fn complete(&mut self, written: Written) -> Duration {
        let began = self.0.started;
        let shown = grouped(written.in_sight);
        let wanted = if written.in_sight < written.all {
            format!("/{shown} of {} · by urgency", grouped(written.all))
        } else {
            format!("/{shown} · by urgency")
        };
        let is_complete = |seat: &Seat| {
            let title = title_of(seat);
            title.contains(&wanted) && !waits(&title)
        };
        if is_complete(&self.0) {
            // It was on the first page already.
            return self.0.last.duration_since(began);
        }
        let at = self.0.until_frame(FRAME_END, |seat, _| is_complete(seat));
        at.duration_since(began)
    }

    /// Types a key that changes the title of the list to something that holds `wanted`, and waits
    /// until nothing of it is under way any more.
    pub(crate) fn key(&mut self, bytes: &[u8], wanted: &str) -> Answered {
        let before = self.title();
        let typed = self.0.write(bytes);
        let mut first = None;
        let done = self.0.until_frame(FRAME_END, |seat, at| {
            let title = title_of(seat);
            if title == before || !title.contains(wanted) {
                return false;
            }
            first.get_or_insert(at);
            !waits(&title)
        });
        Answered {
            first: first.unwrap_or(done).duration_since(typed),
            done: done.duration_since(typed),
        }
    }

    /// Fails unless the rows in sight are, in order, those that the command line lists first.
    pub(crate) fn check_order(&self, expected: &[String]) {
        let screen = self.0.contents();
        let mut lines: Vec<&str> = screen.lines().collect();
        // Long names are cut in the list.
        let is_next = |name: &&String| {
            let begins: String = name.chars().take(DISTINCT).collect();
            let at = lines.iter().position(|line| line.contains(&begins));
            // What stands before it is behind us.
            at.map(|at| lines.drain(..=at).count()).is_some()
        };
        // Between the two, some of a million certificates end, which changes how urgent they are.
        let found = expected.iter().filter(is_next).count();
        assert!(
            found * 4 >= expected.len() * 3,
            "only {found} of {expected:?} are first in the list:\n{screen}"
        );
    }
}

fn title_of(seat: &Seat) -> String {
    seat.line(TITLE)
}

/// Whether the title says that rows are missing, or not yet as they were asked for.
fn waits(title: &str) -> bool {
    let order = title.split(" · by ").nth(1).unwrap_or_default();
    let order = order.split('─').next().unwrap_or_default();
    title.contains("loading") || order.contains('…')
}

/// The names of the first entries by this order, as the command line lists them.
pub(crate) fn first_names(store: &Path, order: &str) -> Vec<String> {
    let mut command = Command::new(PROGRAM);
    command.arg("--store").arg(store);
    command.args(["list", "--json", "--sort", order]);
    let listed = command.args(["--limit", &COMPARED.to_string()]).output();
    let listed = listed.expect("certdeck lists");
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let rows = listed.as_array().or_else(|| listed["entries"].as_array());
    let names = rows.expect("rows").iter().map(|row| {
        let name = row["name"].as_str().or_else(|| row["names"][0].as_str());
        name.expect("a name").to_owned()
    });
    names.collect()
}

/// A number as the panel writes it: 1,000,000.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}
