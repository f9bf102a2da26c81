//! The last word on terminals that know nothing but ASCII.
//!
//! The signs have stand-ins already; what is left are sentences with a dash or a dot, and names in
//! other scripts.

use ratatui::buffer::Buffer;

/// Puts an ASCII stand-in in every cell that has something else.
pub(super) fn enforce(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let stand_in = stand_in(cell.symbol());
            cell.set_symbol(stand_in);
        }
    }
}

fn stand_in(symbol: &str) -> &'static str {
    match symbol {
        "…" => "~",
        "–" | "—" | "─" => "-",
        "·" | "│" => "|",
        "→" => ">",
        "’" | "‘" => "'",
        "“" | "”" => "\"",
        "├" | "┤" => "+",
        "×" => "x",
        _ => "?",
    }
}
