//! What happens in the details: tabs, scrolling, and what has to be loaded for them.

use crate::domain::entry::Link;
use crate::pki::csr;
use crate::tui::layout::Focus;
use crate::tui::message::Effect;
use crate::tui::model::{Loaded, Model, Tab};
use crate::tui::ui_action::UiAction;
use crate::tui::view::details_content;

/// An action in the details.
pub(super) fn act(model: &mut Model, action: UiAction) -> Vec<Effect> {
    let page = usize::from(model.screen().details_inside().height).max(1);
    let scroll = model.details.scroll;
    model.details.scroll = match action {
        UiAction::CursorDown => scroll.saturating_add(1),
        UiAction::CursorUp => scroll.saturating_sub(1),
        UiAction::PageDown => scroll.saturating_add(page),
        UiAction::PageUp => scroll.saturating_sub(page),
        UiAction::HalfPageDown => scroll.saturating_add((page / 2).max(1)),
        UiAction::HalfPageUp => scroll.saturating_sub((page / 2).max(1)),
        UiAction::Top => 0,
        UiAction::Bottom => usize::MAX,
        _ => scroll,
    };
    match action {
        UiAction::Back => {
            model.focus = Focus::List;
            model.details.revealed = None;
        }
        UiAction::Expand => model.details.expanded = !model.details.expanded,
        UiAction::Open => return open(model),
        _ => {}
    }
    Vec::new()
}

/// Enter follows what the entry points to: an unpaid invoice first, then a linked entry.
fn open(model: &mut Model) -> Vec<Effect> {
    let Some(entry) = model.selected() else {
        return Vec::new();
    };
    let unpaid = entry.product.invoice.as_ref();
    if unpaid.is_some_and(|invoice| invoice.paid_at.is_none()) {
        return super::actions::perform(model, "open-invoice");
    }
    let Some(link) = entry.links.last() else {
        let says = "There is no unpaid invoice and no linked entry to open here";
        model.toasts.plain(model.now, says);
        return Vec::new();
    };
    super::background::go_to(model, &link.entry);
    Vec::new()
}

/// Goes to the entry that came before or after this one; of several, to the latest.
pub(super) fn follow(model: &mut Model, action: UiAction) -> Vec<Effect> {
    let Some(entry) = model.selected() else {
        return Vec::new();
    };
    let leads = |link: &&Link| UiAction::towards(link.kind) == action;
    if let Some(link) = entry.links.iter().rev().find(leads) {
        super::background::go_to(model, &link.entry);
        return Vec::new();
    }
    let says = if action == UiAction::Predecessor {
        format!("{} renews and replaces no other entry", entry.name())
    } else {
        format!("No other entry renews or replaces {}", entry.name())
    };
    model.toasts.plain(model.now, says);
    Vec::new()
}

/// Shows a tab.
pub(super) fn show_tab(model: &mut Model, action: UiAction) -> Vec<Effect> {
    if let Some(tab) = action.tab_index().and_then(|index| Tab::ALL.get(index)) {
        model.details.show(*tab);
        if model.screen().details.area() == 0 {
            model.focus = Focus::Details;
        }
    }
    Vec::new()
}

/// Asks for the details of the selected entry, if they are on the screen and not there yet.
pub(super) fn load(model: &mut Model, effects: &mut Vec<Effect>) {
    if !model.shows_details() {
        return;
    }
    let Some(id) = model.list.selected.clone() else {
        return;
    };
    let loaded = model.details.of(&id);
    let fresh = loaded.is_some_and(|loaded| !loaded.outdated);
    if fresh || model.details.awaited.as_ref() == Some(&id) {
        return;
    }
    model.details.awaited = Some(id.clone());
    effects.push(Effect::LoadDetails(id));
}

/// Takes over details that were loaded, unless the person has gone on to another entry.
pub(super) fn arrived(model: &mut Model, mut loaded: Loaded) {
    if model.details.awaited.as_ref() == Some(&loaded.entry) {
        model.details.awaited = None;
    }
    if model.list.selected.as_ref() != Some(&loaded.entry) {
        return;
    }
    let entry = model.inventory.get(&loaded.entry);
    let pem = entry.as_ref().and_then(|entry| entry.order.csr.as_ref());
    loaded.csr = pem.map(|pem| csr::look(pem.as_bytes()).map_err(|error| error.to_string()));
    model.details.loaded = Some(loaded);
}

/// Keeps the scroll within what there is.
pub(super) fn clamp_scroll(model: &mut Model) {
    if model.details.scroll == 0 {
        return;
    }
    let inside = model.screen().details_inside();
    let lines = details_content(model, usize::from(inside.width)).height();
    let last = lines.saturating_sub(usize::from(inside.height));
    model.details.scroll = model.details.scroll.min(last);
}
