//! What was found on this machine: certificates that other programs keep, and which of them shall
//! be watched from now on.
//!
//! Nothing is added without being marked. Draws and moves; the dialog runs the commands.

use std::collections::VecDeque;

use ratatui::text::{Line, Span};

use super::now::AccountsNow;
use super::words::many;
use crate::domain::time;
use crate::engine::command::{AccountDraft, Discovered, Discoveries, Discovery};
use crate::tui::dialog::steer::{Move, line_after};
use crate::tui::look::{Body, Look};
use crate::tui::theme::Role;

/// How many certificates of a place are named; of the one with the cursor more.
const NAMED: (usize, usize) = (2, 20);

/// The page; empty until the answer is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// What was found; nothing while it is being looked for.
    places: Option<Vec<Place>>,
    /// What could not be searched, with the reason.
    unreadable: Vec<(String, String)>,
    at: usize,
    /// What is still to be added.
    queue: VecDeque<usize>,
    /// What was added, by name.
    pub(super) added: Vec<String>,
}

/// One place where a program keeps certificates.
#[derive(Clone, Debug)]
struct Place {
    found: Discovery,
    marked: bool,
    /// Why it could not be added.
    refused: Option<String>,
    added: bool,
}

impl Found {
    /// What was found arrives.
    pub(super) fn arrived(&mut self, found: Discoveries) {
        let place = |found| Place {
            found,
            marked: false,
            refused: None,
            added: false,
        };
        self.places = Some(found.found.into_iter().map(place).collect());
        self.unreadable = found.unreadable;
        self.at = 0;
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.places.is_none()
    }

    /// Whether accounts are being added.
    pub(super) fn is_adding(&self) -> bool {
        !self.queue.is_empty()
    }

    fn places(&self) -> &[Place] {
        self.places.as_deref().unwrap_or_default()
    }

    pub(super) fn go(&mut self, step: Move) {
        self.at = line_after(self.at, self.places().len(), step);
    }

    /// Marks the place with the cursor, or takes the mark away; what is watched already, or holds
    /// nothing to watch, cannot be marked.
    pub(super) fn mark(&mut self) {
        let at = self.at;
        if self.is_adding() {
            return;
        }
        if let Some(place) = self.places.as_mut().and_then(|places| places.get_mut(at)) {
            place.marked = !place.marked && place.can_be_added();
            place.refused = None;
        }
    }

    /// How many are marked.
    pub(super) fn marked(&self) -> usize {
        self.places().iter().filter(|place| place.marked).count()
    }

    /// Begins to add what is marked; gives back the first.
    pub(super) fn begin(&mut self) -> Option<AccountDraft> {
        let places = self.places().iter().enumerate();
        let marked: Vec<_> = places
            .filter(|(_, place)| place.marked)
            .map(|(index, _)| index)
            .collect();
        self.queue = marked.into();
        self.next()
    }

    /// What is to be added next.
    fn next(&self) -> Option<AccountDraft> {
        let place = self.places().get(*self.queue.front()?)?;
        Some(place.found.draft.clone())
    }

    /// The first of the queue was added, or it could not be; gives back the next one.
    pub(super) fn settled(&mut self, outcome: Result<String, String>) -> Option<AccountDraft> {
        let index = self.queue.pop_front()?;
        let places = self.places.as_mut();
        if let Some(place) = places.and_then(|places| places.get_mut(index)) {
            place.marked = false;
            place.added = outcome.is_ok();
            place.refused = outcome.as_ref().err().cloned();
        }
        self.added.extend(outcome.ok());
        self.next()
    }

    /// Whether anything was refused, so that the page stays to say why.
    pub(super) fn has_refusals(&self) -> bool {
        self.places().iter().any(|place| place.refused.is_some())
    }

    /// Draws it.
    pub(super) fn body(&self, now: &AccountsNow, look: &Look<'_>, columns: usize) -> Body {
        let mut body = Body::default();
        let Some(places) = &self.places else {
            let says = format!("Looking for certificates {}", look.symbols.ellipsis);
            body.lines = look.paragraph(&says, columns, Role::PhaseInProgress);
            return body;
        };
        body.lines = look.paragraph(&introduction(places), columns, Role::Dim);
        body.gap();
        for (index, place) in places.iter().enumerate() {
            let first = body.lines.len();
            place.draw(&mut body, now, look, (columns, index == self.at));
            if index == self.at {
                // With the first one, what is said above them is in sight.
                body.focus_from(if index == 0 { 0 } else { first });
            }
        }
        for (folder, why) in &self.unreadable {
            let says = format!("{folder}: {why}");
            indented(&mut body, look, &says, columns, Role::Warn);
        }
        body
    }
}

fn introduction(places: &[Place]) -> String {
    if places.is_empty() {
        return "Nothing was found in the usual places of certbot, lego, acme.sh, Caddy and nginx. \
                Other folders can be watched as well: add an account for them."
            .to_owned();
    }
    "certdeck only reads there: it changes no file and reads no private key. What is marked is \
     watched from now on; nothing else is added."
        .to_owned()
}

impl Place {
    fn can_be_added(&self) -> bool {
        !self.added && self.found.can_be_added()
    }

    fn draw(
        &self,
        body: &mut Body,
        now: &AccountsNow,
        look: &Look<'_>,
        (columns, chosen): (usize, bool),
    ) {
        body.push(self.title(look, columns, chosen));
        if let Some(account) = &self.found.watched_by {
            let says = format!("    watched already, by the account {account}");
            body.push(look.line(&says, columns, Role::Good));
        }
        let most = if chosen { NAMED.1 } else { NAMED.0 };
        for held in self.found.certificates.iter().take(most) {
            body.push(certificate(held, now, look, columns));
        }
        let more = self.found.certificates.len().saturating_sub(most);
        if more > 0 {
            let says = format!("    {} and {more} more", look.symbols.ellipsis);
            body.push(look.line(&says, columns, Role::Dim));
        }
        for (path, why) in self.found.unreadable.iter().take(most) {
            indented(body, look, &format!("{path}: {why}"), columns, Role::Warn);
        }
        let unread = self.found.unreadable.len().saturating_sub(most);
        if unread > 0 {
            let says = format!(
                "    {} and {unread} more that cannot be read",
                look.symbols.ellipsis
            );
            body.push(look.line(&says, columns, Role::Warn));
        }
        for note in &self.found.notes {
            let lines = look.paragraph(note, columns.saturating_sub(4), Role::Dim);
            body.lines.extend(lines.into_iter().map(|mut line| {
                line.spans.insert(0, Span::raw("    "));
                line
            }));
        }
        if let Some(why) = &self.refused {
            indented(body, look, &format!("not added: {why}"), columns, Role::Bad);
        }
    }

    fn title(&self, look: &Look<'_>, columns: usize, chosen: bool) -> Line<'static> {
        let sign = if chosen { look.symbols.selected } else { " " };
        let check = match (self.added, self.marked) {
            (true, _) => "added",
            (_, true) => "[x]",
            _ if self.can_be_added() => "[ ]",
            _ => " - ",
        };
        let count = many(self.found.certificates.len(), "certificate", "certificates");
        let dot = look.symbols.separator;
        let says = format!(
            "{sign} {check} {} {dot} {} {dot} {count}",
            self.found.program,
            self.found.folder.display(),
        );
        // Only what can be added gets a name.
        let name = if self.can_be_added() {
            format!(" {} {}", look.symbols.arrow, self.found.draft.name)
        } else {
            String::new()
        };
        let says = format!("{says}{name}");
        let role = if chosen { Role::Selection } else { Role::Text };
        look.line(&says, columns, role)
    }
}

fn certificate(
    held: &Discovered,
    now: &AccountsNow,
    look: &Look<'_>,
    columns: usize,
) -> Line<'static> {
    let path = held.path.to_string_lossy();
    let name = held.names.first().map_or(&*path, String::as_str);
    let more = match held.names.len().saturating_sub(1) {
        0 => String::new(),
        count => format!(" +{count}"),
    };
    let expired = held.not_after < now.at;
    let until = if expired { "expired" } else { "until" };
    let (sign, role) = if expired {
        (look.symbols.failed, Role::Bad)
    } else {
        (look.symbols.live, Role::Text)
    };
    let end = format!(
        " {until} {} ({})",
        time::date(held.not_after),
        time::relative(now.at, held.not_after)
    );
    // The end is worth more than the end of a long name.
    let room = columns.saturating_sub(6 + more.len() + end.len()).max(8);
    let name = look.fit(name, room);
    let mut line = Line::from(Span::styled(format!("    {sign} "), look.style(role)));
    let rest = columns.saturating_sub(6);
    line.push_span(look.span(&format!("{name}{more}{end}"), rest, role));
    line
}

/// A sentence over as many lines as it needs, with a sign before it.
fn indented(body: &mut Body, look: &Look<'_>, says: &str, columns: usize, role: Role) {
    let sign = match role {
        Role::Warn => look.symbols.trouble,
        _ => look.symbols.failed,
    };
    let lines = look.paragraph(says, columns.saturating_sub(6), role);
    for (index, mut line) in lines.into_iter().enumerate() {
        let before = if index == 0 { sign } else { " " };
        let style = look.style(role);
        line.spans
            .insert(0, Span::styled(format!("    {before} "), style));
        body.push(line);
    }
}
