//! The whole program in a pseudo-terminal, from outside: how long until it shows something, how
//! long a key takes to become a frame, what it writes when nobody touches it, what memory it uses.
//!
//! `cargo bench --bench whole [-- COUNT…]`; each figure over several processes, after one that is
//! not counted and leaves everything warm. The time of a key is from before it is typed to the
//! arrival of the last byte of its frame. Of what is done beside the loop, as a filter or a sort of
//! a very long list, two times are told: until what was typed is shown, and until the rows are as
//! they were asked for.

mod support;

use std::path::Path;
use std::time::Duration;

use support::Written;
use support::panel::{Panel, first_names};
use support::table::{Table, Unit};

const PROCESSES: usize = 7;
const KEYS: usize = 25;
const IDLE: Duration = Duration::from_secs(3);
/// The orders, as `s` goes through them from the first one.
const ORDERS: [&str; 6] = ["expiry", "name", "status", "account", "product", "urgency"];

fn main() {
    let counts = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let mut counts: Vec<u64> = counts.collect();
    if counts.is_empty() {
        counts.push(1_000);
    }
    for count in counts {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = folder.path().join("store");
        let written = support::write_store(&store, count).expect("the store is filled");
        let expected = Expected::of(&store, written);
        measure(&store, &expected, &mut Table::default());
        let mut table = Table::default();
        for _ in 0..PROCESSES {
            measure(&store, &expected, &mut table);
        }
        table.print(&format!(
            "{} entries, 200x50, {PROCESSES} processes, warm",
            written.all
        ));
    }
}

/// What has to be on the screen.
struct Expected {
    written: Written,
    /// The first names by each order.
    first: Vec<Vec<String>>,
}

impl Expected {
    fn of(store: &Path, written: Written) -> Self {
        Self {
            written,
            first: ORDERS.map(|order| first_names(store, order)).into(),
        }
    }
}

fn measure(store: &Path, expected: &Expected, table: &mut Table) {
    let mut panel = Panel::start(store);
    table.take(
        "exec to first page",
        Unit::Millis,
        millis(panel.first_page()),
    );
    let complete = panel.complete(expected.written);
    table.take("exec to complete list", Unit::Millis, millis(complete));
    panel.check_order(&expected.first[ORDERS.len() - 1]);
    table.take("memory, list complete", Unit::MiB, panel.0.peak_mib());
    panel.0.settle();
    for number in 0..KEYS {
        // Down, and up again before the end of a short list: a key that moves nothing draws nothing.
        let page: &[u8] = if number < KEYS / 2 {
            b"\x1b[6~"
        } else {
            b"\x1b[5~"
        };
        key(&mut panel, table, "cursor", b"j", "");
        key(&mut panel, table, "page", page, "");
    }
    key(&mut panel, table, "bottom", b"G", "");
    filter(&mut panel, table);
    panel.0.settle();
    let idle = u32::try_from(panel.0.bytes_in(IDLE)).map_or(f64::NAN, f64::from);
    table.take("written in 3 s idle", Unit::Bytes, idle);
    // Puts the filter away.
    panel.key(b"\x1b", "");
    sorts(&mut panel, table, expected);
    table.take("memory, at the end", Unit::MiB, panel.0.peak_mib());
    panel.0.leave(b"q");
}

/// Types a filter letter by letter, deletes it the same way, and leaves it there at last.
fn filter(panel: &mut Panel, table: &mut Table) {
    panel.0.write(b"/");
    panel.0.settle();
    for letter in ["s", "h", "o"] {
        key(panel, table, "filter letter", letter.as_bytes(), "");
    }
    for _ in 0..3 {
        key(panel, table, "filter backspace", b"\x7f", "");
    }
    for letter in ["s", "h", "o", "p"] {
        panel.key(letter.as_bytes(), "");
    }
    panel.0.write(b"\r");
}

fn sorts(panel: &mut Panel, table: &mut Table, expected: &Expected) {
    // It may be there already, and draws nothing then.
    panel.0.write(b"g");
    panel.0.settle();
    for (order, first) in ORDERS.iter().zip(&expected.first) {
        let label = format!("sort by {order}");
        key(panel, table, &label, b"s", &format!("by {order}"));
        // The cursor stays on its entry: back to the first row.
        panel.0.settle();
        panel.0.write(b"g");
        panel.0.settle();
        panel.check_order(first);
    }
}

fn key(panel: &mut Panel, table: &mut Table, label: &str, bytes: &[u8], wanted: &str) {
    let answered = panel.key(bytes, wanted);
    let label = format!("key to frame, {label}");
    table.take(&label, Unit::Millis, millis(answered.done));
    let label = format!("{label}: shown");
    table.take(&label, Unit::Millis, millis(answered.first));
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
