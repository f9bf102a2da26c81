//! What stands where there is nothing to list: the ways in, or why the filter finds nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::tui::actions_menu::key_of;
use crate::tui::keymap::Scope;
use crate::tui::layout::SMALLEST;
use crate::tui::look::{Look, centred};
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

/// Said while nothing of a long list is read yet.
const LOADING: &str = "The list is loading.";

/// Nothing is listed.
pub(super) fn empty(model: &Model, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    let lines = if model.list.rows.is_first_page() {
        look.paragraph(LOADING, usize::from(area.width).min(70), Role::Title)
    } else if model.inventory.entries.is_empty() {
        ways_in(look, area.width)
    } else if model.list.is_waiting() {
        look.paragraph(
            "The list is being put in order.",
            usize::from(area.width),
            Role::Dim,
        )
    } else {
        nothing_found(model, look, area.width)
    };
    let height = u16::try_from(lines.len()).unwrap_or(area.height);
    let place = centred(area, 70, height);
    frame.render_widget(Paragraph::new(lines), place);
}

fn ways_in(look: &Look<'_>, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width).min(70);
    let key = |action| {
        look.keymap
            .key_label_in(Scope::List, action)
            .unwrap_or_default()
    };
    let mut lines = look.paragraph(
        "There is no certificate here yet. The ways in:",
        width,
        Role::Title,
    );
    let (order, accounts) = (key(UiAction::Order), key(UiAction::Accounts));
    let pressed = |action| {
        let key = look.keymap.key_label_in(Scope::Accounts, action);
        format!("{accounts} {}", key.unwrap_or_default())
    };
    let ways = [
        (
            order,
            "order from the sandbox: all is played, nothing is paid",
        ),
        (
            pressed(UiAction::AccountNew),
            "add an account: by hand (netcup), or watched files and servers",
        ),
        (
            pressed(UiAction::AccountFind),
            "find the certificates of certbot, lego, acme.sh, Caddy, nginx",
        ),
        (key(UiAction::Help), "every key"),
    ];
    for (keys, says) in ways {
        lines.extend(way(look, &keys, says, width));
    }
    let commands = [
        "certdeck import PATH   certificates from files and folders",
        "certdeck demo          look around in a filled store first",
    ];
    for command in commands {
        lines.extend(look.paragraph(command, width, Role::Text));
    }
    lines
}

/// A way in: its keys, and beside them what they lead to.
fn way(look: &Look<'_>, keys: &str, says: &str, width: usize) -> Vec<Line<'static>> {
    const KEYS: usize = 5;
    let style = look.style(Role::Text);
    let pieces = look.paragraph(says, width.saturating_sub(KEYS), Role::Text);
    let lines = pieces.into_iter().enumerate().map(|(index, piece)| {
        let keys = if index == 0 { keys } else { "" };
        let mut line = Line::from(vec![
            look.span(keys, KEYS, Role::Key),
            Span::raw(" ".repeat(KEYS.saturating_sub(keys.len()))),
        ]);
        line.extend(piece.spans.into_iter().map(|span| span.style(style)));
        line
    });
    lines.collect()
}

fn nothing_found(model: &Model, look: &Look<'_>, width: u16) -> Vec<Line<'static>> {
    let typed = model.list.filter.value();
    let key = key_of("archive", look.keymap).unwrap_or_default();
    let says = if typed.is_empty() {
        format!("Everything is archived. Type / archived to see it; {key} brings an entry back.")
    } else {
        format!("Nothing matches \u{201c}{typed}\u{201d}. Esc drops the filter.")
    };
    look.paragraph(&says, usize::from(width).min(58), Role::Dim)
}

/// One sentence where there is no room for a panel.
pub(super) fn too_small(frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    let (columns, rows) = SMALLEST;
    let says = format!("certdeck needs {columns}x{rows}; make the window larger, or press q");
    let lines = look.paragraph(&says, usize::from(area.width), Role::Text);
    frame.render_widget(Paragraph::new(lines), area);
}
