//! What happens in forms and dialogs, and what their answers lead to.

use std::collections::BTreeMap;

use secrecy::SecretString;
use zeroize::Zeroize;

use super::{actions, bulk};
use crate::engine::command::{Command, CsrChoice, Offer};
use crate::tui::dialog::{Help, OrderWhere};
use crate::tui::message::Effect;
use crate::tui::model::{Layer, Model, Purpose};
use crate::tui::overlay::{Input, Outcome, Overlay};

/// Something goes into the overlay.
pub(super) fn input(model: &mut Model, input: &Input) -> Vec<Effect> {
    let Some(Layer::Overlay(overlay)) = &mut model.layer else {
        return Vec::new();
    };
    let outcome = overlay.handle(input);
    if outcome.closes() {
        model.layer = None;
        if model.behind.is_some() {
            return super::locked::closed(model);
        }
    }
    let plan = match &model.layer {
        None => model.plan.take(),
        Some(_) => None,
    };
    match (&outcome, plan) {
        (Outcome::Run(_), Some(plan)) => bulk::begin(model, plan),
        _ => follow(model, outcome),
    }
}

fn follow(model: &mut Model, outcome: Outcome) -> Vec<Effect> {
    match outcome {
        Outcome::Stay | Outcome::Close => Vec::new(),
        Outcome::Run(command) => actions::run(model, command, false),
        Outcome::RunHere(command) => run_here(model, command),
        Outcome::Copy { what, text } | Outcome::CopyHere { what, text } => {
            model.toasts.plain(model.now, format!("Copied {what}"));
            // Whatever was there before is no longer.
            model.clipboard = None;
            vec![Effect::Copy(SecretString::from(text))]
        }
        Outcome::CopyKey { entry } => actions::run(model, Command::CopyKey { entry }, false),
        Outcome::OpenLink { link } | Outcome::OpenLinkHere { link } => vec![Effect::OpenLink(link)],
        Outcome::Filter { filter } => super::list::show_filtered(model, filter),
        Outcome::ReadFile { path } => vec![Effect::ReadFile(path)],
        Outcome::Ask(next) => {
            model.layer = Some(Layer::Overlay(*next));
            Vec::new()
        }
    }
}

/// Runs what a form asks for while the form stays open. Where it is not sent at all, the form hears
/// of it, or it would wait for ever.
fn run_here(model: &mut Model, command: Command) -> Vec<Effect> {
    let effects = actions::run(model, command, true);
    if effects.is_empty() {
        let says = "it was not sent; the message below says why".to_owned();
        let fields = Vec::new();
        return input(model, &Input::Failed { fields, says });
    }
    effects
}

/// Pasted text goes where text is typed; it never presses keys.
pub(super) fn paste(model: &mut Model, text: String) -> Vec<Effect> {
    model.pressed.clear();
    match &model.layer {
        Some(Layer::Overlay(_)) => return once(model, Input::Paste(text)),
        None if model.list.typing => super::list::paste_filter(model, &text),
        _ => {}
    }
    Vec::new()
}

/// The file that a form asked for.
pub(super) fn file(model: &mut Model, answer: Result<String, String>) -> Vec<Effect> {
    once(model, Input::File(answer))
}

/// Something that may be a private key goes in, and is wiped where it came from.
fn once(model: &mut Model, mut given: Input) -> Vec<Effect> {
    let effects = input(model, &given);
    if let Input::Paste(text) | Input::File(Ok(text)) = &mut given {
        text.zeroize();
    }
    effects
}

/// Opens the order form, now that it is known what is sold.
pub(super) fn open_order(model: &mut Model, offers: BTreeMap<String, Vec<Offer>>) -> Vec<Effect> {
    if model.layer.is_some() {
        return Vec::new();
    }
    let Some(overlay) = OrderWhere::begin(&model.inventory, offers, model.now) else {
        let says = "No account takes orders here; add one with c, or write accounts/NAME.toml, see config.example.toml";
        model.toasts.plain(model.now, says);
        return Vec::new();
    };
    model.layer = Some(Layer::Overlay(overlay));
    Vec::new()
}

/// Opens help.
pub(super) fn open_help(model: &mut Model) -> Vec<Effect> {
    let help = Help::new(&model.settings.keymap, model.settings.symbols());
    model.layer = Some(Layer::Overlay(Overlay::Help(help)));
    Vec::new()
}

/// What the answer of a command is for.
pub(super) fn purpose_of(command: &Command) -> Purpose {
    match command {
        Command::RevealKey { .. } => Purpose::ShowKey,
        Command::CopyKey { .. } => Purpose::CopyKey,
        Command::Order(_) => Purpose::GoToOrder,
        Command::OrderByHand(order) => Purpose::GoToHandOrder {
            csr_here: matches!(order.csr, CsrChoice::Certdeck),
        },
        Command::Record(_) => Purpose::Recorded,
        Command::Act { .. } => Purpose::GoToSuccessor,
        Command::AddAccount(_)
        | Command::RemoveAccount { .. }
        | Command::CheckAccount { .. }
        | Command::Sync { .. }
        | Command::Discover { .. } => Purpose::OfAccounts,
        Command::Unlock { .. } => Purpose::Unlock,
        Command::Export(_) => Purpose::Exported,
        Command::Deploy { .. } => Purpose::Deployed,
        Command::Probe(_) => Purpose::Probing,
        Command::StopProbing => Purpose::Nothing,
        _ => Purpose::Tell,
    }
}
