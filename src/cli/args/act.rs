//! The grammar of `act` and its short forms `withdraw`, `renew`, `archive` and `restore`.
//!
//! May not: do anything. The list of actions in the help is the catalogue's.

use std::fmt::Write as _;

use clap::{ArgGroup, Args};

use super::keys::UnlockArguments;
use crate::domain::action::CATALOGUE;
use crate::domain::entry::Method;
use crate::engine::command::Answers;

#[derive(Debug, Args)]
#[command(after_help = actions())]
pub(in crate::cli) struct ActArguments {
    /// The action, by its id; they are listed below
    pub(in crate::cli) action: String,
    #[command(flatten)]
    pub(in crate::cli) on: IdsArguments,
    #[command(flatten)]
    pub(in crate::cli) answers: AnswerArguments,
    /// With `adopt`: the provider's id of what is adopted, where several fit
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) candidate: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) unlock: UnlockArguments,
}

/// What a person has to say for an action.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Where the action asks for it")]
pub(in crate::cli) struct AnswerArguments {
    /// A reason, for the provider
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// A name that it protects from now on, for all of them; one flag for each. As before where
    /// there is none
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// A name to add; one flag for each
    #[arg(long = "new-name", value_name = "NAME")]
    new_names: Vec<String>,
    /// How the names are verified from now on: dns, email or file
    #[arg(long, value_name = "METHOD", value_parser = super::parse_method)]
    method: Option<Method>,
    /// The mailbox for verification by e-mail
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Option<String>,
}

impl AnswerArguments {
    /// The answers as they were typed.
    pub(in crate::cli) fn answers(&self) -> Answers {
        Answers {
            reason: self.reason.clone(),
            names: self.names.clone(),
            new_names: self.new_names.clone(),
            method: self.method,
            mailbox: self.mailbox.clone(),
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct IdsArguments {
    /// The entries: ids, beginnings of them, or exact names
    #[arg(required = true, value_name = "ID")]
    pub(in crate::cli) ids: Vec<String>,
    /// Do it without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["ids", "due"])))]
pub(in crate::cli) struct RenewArguments {
    /// The entries: ids, beginnings of them, or exact names
    #[arg(value_name = "ID")]
    pub(in crate::cli) ids: Vec<String>,
    /// Everything that is due and can be renewed now
    #[arg(long)]
    pub(in crate::cli) due: bool,
    /// Renew without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) unlock: UnlockArguments,
}

/// What does an action instead, where `act` does not.
pub(in crate::cli) fn elsewhere(action: &str) -> Option<&'static str> {
    match action {
        "play-event" => Some("use `certdeck sandbox play EVENT ID`"),
        "reveal-key" => Some("use `certdeck reveal-key ID`"),
        "export" => Some("use `certdeck export ID`"),
        "run-deploy" => Some("use `certdeck deploy ID`"),
        "probe" => Some("use `certdeck probe --entry ID`"),
        "note" => Some("use `certdeck note ID TEXT`"),
        "record" => Some("use `certdeck record EVENT ID`"),
        "describe" => Some("use `certdeck record --describe ID`"),
        "copy" => Some("it is the panel's; `certdeck show ID` prints what can be copied"),
        _ => None,
    }
}

/// The actions with what each does, for the help.
fn actions() -> String {
    let mut help = "Actions (which of them an entry knows, and what they ask for, says the table \
                    of its lifecycle):\n"
        .to_owned();
    for spec in CATALOGUE {
        let does = elsewhere(spec.id).map_or_else(
            || spec.says.to_owned(),
            |instead| format!("Not with `act`: {instead}."),
        );
        let _ = writeln!(help, "  {:<15} {does}", spec.id);
    }
    help
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        act: ActArguments,
    }

    #[test]
    fn names_are_one_to_a_flag_so_that_entries_may_follow_them() {
        let line = "act add-domain --new-name a.example --new-name b.example a1 b2 --method dns";
        let act = Alone::try_parse_from(line.split(' ')).unwrap().act;
        assert_eq!(act.action, "add-domain");
        assert_eq!(act.on.ids, ["a1", "b2"]);
        let answers = act.answers.answers();
        assert_eq!(answers.new_names, ["a.example", "b.example"]);
        assert_eq!(answers.method, Some(Method::Dns));
        assert!(answers.names.is_empty() && answers.reason.is_none());
    }

    #[test]
    fn the_help_lists_every_action_of_the_catalogue() {
        let help = actions();
        for spec in CATALOGUE {
            let listed = |line: &str| line.split_whitespace().next() == Some(spec.id);
            assert!(help.lines().any(listed), "{} in\n{help}", spec.id);
        }
    }
}
