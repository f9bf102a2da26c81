//! The accounts: what there is of each and what is wrong with it; adding, finding, checking and
//! removing them.
//!
//! One dialog with pages. It stays open while its commands run and shows what came of them
//! (`Input::Answer`); it never sees the engine and knows no clock, the panel tells it what there is
//! (`Input::Accounts`). Opened by the panel.

mod answers;
mod details;
mod draw;
mod found;
mod now;
mod words;

use std::sync::Arc;

use super::confirm::{Confirm, Question};
use super::steer::{Move, line_after, steer};
use crate::domain::account::AccountKind;
use crate::domain::action::Danger;
use crate::engine::accounts::why_it_stays;
use crate::engine::command::{AccountDraft, Command};
use crate::tui::form::account::{AccountForm, AccountStep};
use crate::tui::keymap::Scope;
use crate::tui::overlay::{Input, Outcome};
use crate::tui::ui_action::UiAction;
use crate::tui::view::grouped;
use found::Found;
use now::AccountLine;
pub use now::AccountsNow;
use words::Finding;
pub(in crate::tui) use words::synced_words;

/// The dialog.
#[derive(Clone, Debug)]
pub struct Accounts {
    now: Arc<AccountsNow>,
    /// The account with the cursor, by name: it stays when others come and go.
    selected: Option<String>,
    page: Page,
    /// What came of the last command, where no page of its own says it: good or bad.
    said: Option<Result<String, String>>,
}

/// What the dialog shows.
#[derive(Clone, Debug)]
enum Page {
    /// Every account.
    List,
    /// One account, scrolled so far.
    Details(usize),
    /// What a check or a look found; nothing while it is under way.
    Report(Report),
    /// What other programs keep on this machine.
    Found(Found),
    /// A new account.
    New(Box<AccountForm>),
    /// Whether the selected account shall be removed.
    Remove(Box<Confirm>),
    /// It is being removed.
    Removing,
}

/// A check or a look, and what came of it.
#[derive(Clone, Debug)]
struct Report {
    kind: Reporting,
    account: Option<String>,
    findings: Option<Vec<Finding>>,
    top: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reporting {
    Check,
    Look,
}

impl Accounts {
    /// The dialog with the list of accounts.
    #[must_use]
    pub fn new(now: Arc<AccountsNow>) -> Self {
        let first = now.lines.first();
        Self {
            selected: first.map(|line| line.account.name.clone()),
            now,
            page: Page::List,
            said: None,
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match input {
            Input::Accounts(now) => self.renew(Arc::clone(now)),
            Input::Answer(done) => return self.answer(done),
            Input::Failed { fields, says } => return self.failed(fields, says),
            _ => return self.asked(input),
        }
        Outcome::Stay
    }

    /// Something for the form.
    fn filled_in(&mut self, step: AccountStep) -> Outcome {
        match step {
            AccountStep::Stay => Outcome::Stay,
            AccountStep::Cancel => self.back(),
            AccountStep::Add(draft) => Outcome::RunHere(Command::AddAccount(draft)),
        }
    }

    fn asked(&mut self, input: &Input) -> Outcome {
        match &mut self.page {
            Page::Remove(confirm) => {
                let outcome = confirm.handle(input);
                return self.decided(outcome);
            }
            Page::New(form) => {
                let step = form.handle(input);
                return self.filled_in(step);
            }
            _ => {}
        }
        match input {
            Input::Action(UiAction::AccountNew) => self.begin_new(),
            Input::Action(UiAction::AccountFind) => self.find(),
            Input::Action(UiAction::AccountCheck) => self.check(),
            Input::Action(UiAction::Refresh) => self.look(),
            Input::Action(UiAction::AccountRemove) => self.ask_to_remove(),
            Input::Action(UiAction::Mark) => self.mark(),
            _ => steer(input).map_or(Outcome::Stay, |step| self.go(step)),
        }
    }

    /// Other accounts, or the same ones with other numbers.
    fn renew(&mut self, now: Arc<AccountsNow>) {
        let at = self.position().unwrap_or_default();
        self.now = now;
        if let Page::New(form) = &mut self.page {
            form.renew(Arc::clone(&self.now.inventory));
        }
        if self.position().is_none() {
            // What had the cursor is gone: its neighbour has it now.
            let last = self.now.lines.len().saturating_sub(1);
            let next = self.now.lines.get(at.min(last));
            self.selected = next.map(|line| line.account.name.clone());
            if matches!(self.page, Page::Details(_) | Page::Remove(_)) {
                self.page = Page::List;
            }
        }
    }

    /// Where the cursor stands.
    fn position(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        let mut lines = self.now.lines.iter();
        lines.position(|line| &line.account.name == selected)
    }

    fn line(&self) -> Option<&AccountLine> {
        self.now.line(self.selected.as_ref()?)
    }

    fn go(&mut self, step: Move) -> Outcome {
        if step == Move::Cancel {
            return self.back();
        }
        match &mut self.page {
            Page::List if step == Move::Press => {
                if self.selected.is_some() {
                    self.page = Page::Details(0);
                    self.said = None;
                }
            }
            Page::List => {
                let at = self.position().unwrap_or_default();
                let next = line_after(at, self.now.lines.len(), step);
                let next = self.now.lines.get(next);
                self.selected = next.map(|line| line.account.name.clone());
            }
            Page::Found(_) if step == Move::Press => return self.add_marked(),
            Page::Found(found) => found.go(step),
            Page::Details(top) | Page::Report(Report { top, .. }) => {
                *top = line_after(*top, LONGEST, step);
            }
            Page::Remove(_) | Page::Removing | Page::New(_) => {}
        }
        Outcome::Stay
    }

    fn back(&mut self) -> Outcome {
        self.said = None;
        match self.page {
            Page::List | Page::Removing => return Outcome::Close,
            _ => self.page = Page::List,
        }
        Outcome::Stay
    }

    /// Whether something may be changed; where not, that is said.
    fn may_change(&mut self) -> bool {
        if self.now.read_only {
            let says = "certdeck was started read-only: accounts can be looked at and checked, but \
                        not added, looked through or removed";
            self.said = Some(Err(says.to_owned()));
        }
        !self.now.read_only
    }

    fn begin_new(&mut self) -> Outcome {
        if self.may_change() {
            let form = AccountForm::new(Arc::clone(&self.now.inventory));
            self.page = Page::New(Box::new(form));
            self.said = None;
        }
        Outcome::Stay
    }

    fn find(&mut self) -> Outcome {
        self.said = None;
        self.page = Page::Found(Found::default());
        Outcome::RunHere(Command::Discover { roots: Vec::new() })
    }

    fn report(&mut self, kind: Reporting, account: Option<String>) {
        self.said = None;
        self.page = Page::Report(Report {
            kind,
            account,
            findings: None,
            top: 0,
        });
    }

    fn check(&mut self) -> Outcome {
        let Some(name) = self.one() else {
            return Outcome::Stay;
        };
        self.report(Reporting::Check, Some(name.clone()));
        Outcome::RunHere(Command::CheckAccount { name })
    }

    fn look(&mut self) -> Outcome {
        let Some(name) = self.one() else {
            return Outcome::Stay;
        };
        let line = self.now.line(&name);
        if line.is_none_or(|line| line.account.watched.is_none()) {
            let says = format!("{name} watches nothing, so there is nothing to look at");
            self.said = Some(Err(says));
            return Outcome::Stay;
        }
        if !self.may_change() {
            return Outcome::Stay;
        }
        self.look_at(Some(name))
    }

    fn look_at(&mut self, account: Option<String>) -> Outcome {
        self.report(Reporting::Look, account.clone());
        Outcome::RunHere(Command::Sync { account })
    }

    /// The account that a key is about: the one with the cursor, on the pages that show it.
    fn one(&self) -> Option<String> {
        match &self.page {
            Page::List | Page::Details(_) | Page::Report(_) => self.selected.clone(),
            _ => None,
        }
    }

    fn ask_to_remove(&mut self) -> Outcome {
        let Some(name) = self.one() else {
            return Outcome::Stay;
        };
        if !self.may_change() {
            return Outcome::Stay;
        }
        if let Some(why) = why_it_stays(&name) {
            self.said = Some(Err(why));
            return Outcome::Stay;
        }
        let Some(line) = self.now.line(&name) else {
            return Outcome::Stay;
        };
        let question = removal(line);
        let command = Command::RemoveAccount { name };
        self.page = Page::Remove(Box::new(Confirm::new(question, command)));
        self.said = None;
        Outcome::Stay
    }

    /// What came of the question: the account is kept, or removed while the dialog waits.
    fn decided(&mut self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Close => {
                self.page = Page::List;
                Outcome::Stay
            }
            Outcome::Run(command) => {
                self.page = Page::Removing;
                Outcome::RunHere(command)
            }
            other => other,
        }
    }

    fn mark(&mut self) -> Outcome {
        if let Page::Found(found) = &mut self.page {
            found.mark();
            self.said = None;
        }
        Outcome::Stay
    }

    fn add_marked(&mut self) -> Outcome {
        if !self.may_change() {
            return Outcome::Stay;
        }
        let Page::Found(found) = &mut self.page else {
            return Outcome::Stay;
        };
        if found.is_waiting() || found.is_adding() {
            return Outcome::Stay;
        }
        if let Some(draft) = found.begin() {
            return add(draft);
        }
        let says = "mark first what shall be watched; nothing was added";
        self.said = Some(Err(says.to_owned()));
        Outcome::Stay
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match &self.page {
            Page::Remove(confirm) => confirm.scope(),
            Page::New(form) => form.scope(),
            _ => Scope::Accounts,
        }
    }
}

/// Pages are scrolled no further than this; drawing stops at their end.
const LONGEST: usize = 10_000;

fn add(draft: AccountDraft) -> Outcome {
    Outcome::RunHere(Command::AddAccount(Box::new(draft)))
}

/// What removing an account means.
fn removal(line: &AccountLine) -> Question {
    let name = &line.account.name;
    let entries = match line.entries {
        0 => "It has no entries.".to_owned(),
        1 => "Its entry is archived: kept with its history, but out of the list.".to_owned(),
        count => {
            format!(
                "Its {} entries are archived: kept with their history, but out of the list.",
                grouped(count)
            )
        }
    };
    let places = if line.account.watched.is_some() {
        " What it watches is not touched."
    } else {
        ""
    };
    Question {
        title: format!("Remove the account {name}"),
        text: format!(
            "{entries} Its file is moved to accounts/removed; put back, it brings the account \
             back.{places}"
        ),
        submit: "Remove".to_owned(),
        keep: "Keep the account".to_owned(),
        sandbox: line.account.kind == AccountKind::Sandbox,
        danger: Danger::Asks,
        name: name.clone(),
    }
}
