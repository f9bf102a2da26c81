//! The questions of `certdeck account add`, one at a time, each answer checked at once.
//!
//! Only what no flag has answered is asked. May not: judge an answer; the engine's check does.

use super::super::ask;
use super::super::error::CliError;
use super::super::output::say;
use crate::domain::account::AccountKind;
use crate::domain::inventory::Inventory;
use crate::engine::accounts::{check_draft, free_name};
use crate::engine::command::{AccountDraft, Field};

/// Asks for everything that is not answered yet.
pub(super) fn complete(draft: &mut AccountDraft, inventory: &Inventory) -> Result<(), CliError> {
    if draft.kind.is_empty() {
        say(
            "by-hand  a provider without an API, like netcup: you write down what its panel shows\n\
             files    files, folders and servers that are watched\n\
             sandbox  a provider that plays everything here",
        );
        draft.kind = one(
            "What is it?",
            Some("by-hand"),
            draft,
            inventory,
            Field::Kind,
        )?;
    }
    let is = |kind: AccountKind| draft.kind.trim() == kind.id();
    let (by_hand, files) = (is(AccountKind::ByHand), is(AccountKind::Files));
    if !files && draft.lifecycles.is_empty() {
        let question = "Which lifecycle do its entries follow?";
        let answer = one(question, Some("netcup"), draft, inventory, Field::Lifecycle)?;
        draft.lifecycles = vec![answer];
    }
    if draft.name.is_empty() {
        let usual = usual_name(draft, inventory);
        let question = "What is it called?";
        draft.name = one(question, Some(&usual), draft, inventory, Field::Account)?;
    }
    if by_hand && draft.panel.is_none() {
        let link = panel_of(draft, inventory);
        let question = "Where is the provider's panel?";
        let answer = one(question, link.as_deref(), draft, inventory, Field::Panel)?;
        draft.panel = Some(answer).filter(|answer| !answer.is_empty());
    }
    if files {
        ask_what_is_watched(draft, inventory)?;
    }
    Ok(())
}

fn ask_what_is_watched(draft: &mut AccountDraft, inventory: &Inventory) -> Result<(), CliError> {
    while draft.paths.is_empty() && draft.hosts.is_empty() {
        let question = "A file or folder to watch (empty: none, or no more)";
        draft.paths = several(question, draft, inventory, Field::Paths)?;
        let question =
            "A server to watch: HOST, HOST:PORT or NAME@HOST:PORT (empty: none, or no more)";
        draft.hosts = several(question, draft, inventory, Field::Hosts)?;
        if draft.paths.is_empty() && draft.hosts.is_empty() {
            say("  name at least one file, folder or server");
        }
    }
    if draft.include.is_empty() && !draft.paths.is_empty() {
        let question =
            "A pattern of the files in folders, like *.pem (empty: every certificate, or no more)";
        draft.include = several(question, draft, inventory, Field::Include)?;
    }
    Ok(())
}

fn one(
    question: &str,
    usual: Option<&str>,
    draft: &AccountDraft,
    inventory: &Inventory,
    field: Field,
) -> Result<String, CliError> {
    ask::line(question, usual, |answer| {
        judge(answer, draft, inventory, field).map(|()| answer.to_owned())
    })
}

/// Asks the same again until nothing is answered.
fn several(
    question: &str,
    draft: &AccountDraft,
    inventory: &Inventory,
    field: Field,
) -> Result<Vec<String>, CliError> {
    let mut answers = Vec::new();
    loop {
        let answer = one(question, None, draft, inventory, field)?;
        if answer.is_empty() {
            return Ok(answers);
        }
        answers.push(answer);
    }
}

/// What the engine says of this one answer.
fn judge(
    answer: &str,
    draft: &AccountDraft,
    inventory: &Inventory,
    field: Field,
) -> Result<(), String> {
    let mut tried = draft.clone();
    let answer = answer.to_owned();
    match field {
        Field::Account => tried.name = answer,
        Field::Kind => tried.kind = answer,
        Field::Lifecycle => tried.lifecycles = vec![answer],
        Field::Panel => tried.panel = Some(answer),
        // An empty line ends such a list.
        _ if answer.is_empty() => return Ok(()),
        Field::Paths => tried.paths = vec![answer],
        Field::Hosts => tried.hosts = vec![answer],
        _ => tried.include = vec![answer],
    }
    let mut wrong = check_draft(&tried, inventory).into_iter();
    let wrong = wrong.find(|wrong| wrong.field == field);
    wrong.map_or(Ok(()), |wrong| Err(wrong.says))
}

fn usual_name(draft: &AccountDraft, inventory: &Inventory) -> String {
    let wish = match draft.kind.trim() {
        "files" => "watched",
        "sandbox" => "sandbox",
        _ => draft.lifecycles.first().map_or("by-hand", String::as_str),
    };
    free_name(wish, |name| {
        let mut known = inventory.accounts.keys();
        known.any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// The panel that the lifecycle knows of.
fn panel_of(draft: &AccountDraft, inventory: &Inventory) -> Option<String> {
    let lifecycle = inventory.lifecycles.get(draft.lifecycles.first()?)?;
    lifecycle.support.as_ref()?.link.clone()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::lifecycle::Lifecycles;

    #[test]
    fn each_answer_is_judged_by_itself() {
        let inventory = Inventory {
            lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
            ..Inventory::default()
        };
        let draft = AccountDraft {
            kind: "files".to_owned(),
            ..AccountDraft::default()
        };
        let judge = |answer, field| judge(answer, &draft, &inventory, field);
        for (answer, field, fine) in [
            ("mine", Field::Account, true),
            ("my own", Field::Account, false),
            ("cloud", Field::Kind, false),
            ("/etc/ssl", Field::Paths, true),
            ("certs", Field::Paths, false),
            ("", Field::Paths, true),
            ("a.example:0", Field::Hosts, false),
            ("[a", Field::Include, false),
        ] {
            assert_eq!(judge(answer, field).is_ok(), fine, "{answer:?}");
        }
        let mut by_hand = draft.clone();
        by_hand.kind = "by-hand".to_owned();
        by_hand.lifecycles = vec!["netcup".to_owned()];
        assert_eq!(usual_name(&by_hand, &inventory), "netcup");
        let link = panel_of(&by_hand, &inventory);
        assert_eq!(link.as_deref(), Some("https://www.customercontrolpanel.de"));
    }
}
