//! `certdeck account add`: one account, by flags or by questions.
//!
//! May not: judge an answer; the engine's check does, for the panel's form as well.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::super::args::AddArguments;
use super::super::ask;
use super::super::error::CliError;
use super::super::exit::Exit;
use super::super::output::{self, say};
use super::super::progress;
use super::super::session::{Session, unexpected};
use super::guide;
use super::shapes::AddedShape;
use crate::domain::account::AccountKind;
use crate::domain::text::sanitise;
use crate::engine::accounts::check_draft;
use crate::engine::command::{
    AccountAdded, AccountDraft, Command, Done, Field, FieldError, SyncReport,
};

/// Adds an account.
pub(super) async fn run(session: &Session, arguments: &AddArguments) -> Result<(), CliError> {
    if arguments.dry_run {
        let says = "--dry-run is about --discover; without it nothing is searched for";
        return Err(CliError::Usage(says.to_owned()));
    }
    let (inventory, _) = session.look();
    let mut draft = draft(arguments)?;
    let missing = missing(&draft);
    if !missing.is_empty() {
        let may_ask = ask::is_someone_there() && !arguments.yes && !arguments.json;
        if !may_ask {
            let missing = missing.join(", ");
            return Err(CliError::Usage(format!(
                "not given, and nobody can be asked here: {missing}"
            )));
        }
        guide::complete(&mut draft, &inventory)?;
    }
    let wrong = check_draft(&draft, &inventory);
    if !wrong.is_empty() {
        return Err(as_flags(wrong));
    }
    let added = add(session, draft.clone()).await?;
    let look = if arguments.no_sync {
        None
    } else {
        first_look(session, &draft).await
    };
    let exit = exit(look.as_ref());
    let report = look.and_then(Result::ok);
    if arguments.json {
        output::print_json(&AddedShape::of(&added, report.as_ref()))?;
    } else {
        output::print(&what_was_added(session, &added, report.as_ref()))?;
    }
    match exit {
        Exit::Done => Ok(()),
        exit => Err(CliError::Told(exit)),
    }
}

/// Writes the account's file, and uses it from now on.
pub(super) async fn add(session: &Session, draft: AccountDraft) -> Result<AccountAdded, CliError> {
    match session.run(Command::AddAccount(Box::new(draft))).await? {
        Done::AccountAdded(added) => Ok(added),
        other => Err(unexpected(&other)),
    }
}

/// The first look at what an account watches; nothing where it watches nothing. What cannot be
/// read is told.
pub(super) async fn first_look(
    session: &Session,
    draft: &AccountDraft,
) -> Option<Result<SyncReport, CliError>> {
    if draft.kind.trim() != AccountKind::Files.id() {
        return None;
    }
    let account = Some(draft.name.trim().to_owned());
    let report = match progress::shown(session, session.run(Command::Sync { account })).await {
        Ok(Done::Synced(mut reports)) => Ok(reports.pop().unwrap_or_default()),
        Ok(other) => Err(unexpected(&other)),
        Err(error) => Err(error),
    };
    match &report {
        Ok(report) => {
            for (place, why) in &report.trouble {
                say(&format!("certdeck: {}: {}", sanitise(place), sanitise(why)));
            }
        }
        Err(error) => say(&format!(
            "certdeck: the account is there, but the first look at it failed: {error}"
        )),
    }
    Some(report)
}

/// The account is there either way: what could not be looked at makes it some of several.
pub(super) fn exit(look: Option<&Result<SyncReport, CliError>>) -> Exit {
    match look {
        Some(Ok(report)) if report.trouble.is_empty() => Exit::Done,
        None => Exit::Done,
        Some(_) => Exit::Partly,
    }
}

/// What was added, in a line or two.
pub(super) fn what_was_added(
    session: &Session,
    added: &AccountAdded,
    look: Option<&SyncReport>,
) -> String {
    let file = added.file.display().to_string();
    let mut text = format!("{}: added, in {}.", added.name, sanitise(&file));
    if let Some(look) = look {
        text.push_str(&what_was_seen(look));
    }
    let (inventory, _) = session.look();
    let entries = inventory.entries.of_account(&added.name);
    let archived = entries.filter(|entry| entry.archived);
    text.push_str(&what_is_left(archived.count()));
    text.push('\n');
    text
}

fn what_was_seen(look: &SyncReport) -> String {
    let mut text = match look.new {
        0 if look.found_again > 0 => String::new(),
        0 => " No new certificate was found.".to_owned(),
        1 => " 1 certificate is in the list now.".to_owned(),
        new => format!(" {new} certificates are in the list now."),
    };
    // What was archived with an account of this name comes back when it is seen again.
    match look.found_again {
        0 => {}
        1 => text.push_str(" 1 certificate of before is in the list again."),
        again => {
            let _ = write!(
                text,
                " {again} certificates of before are in the list again."
            );
        }
    }
    if !look.trouble.is_empty() {
        let _ = write!(text, " {} cannot be read.", look.trouble.len());
    }
    text
}

/// What was archived and is not seen again stays so, also when an account of that name comes back;
/// who wonders where its certificates are has to be told.
fn what_is_left(archived: usize) -> String {
    let (entries, them) = match archived {
        0 => return String::new(),
        1 => (
            "1 entry of an earlier account of this name is".to_owned(),
            "it",
        ),
        several => (
            format!("{several} entries of an earlier account of this name are"),
            "them",
        ),
    };
    format!(
        " {entries} archived: `certdeck list --archived` shows {them}, `certdeck restore ID` \
         brings {them} back."
    )
}

fn draft(arguments: &AddArguments) -> Result<AccountDraft, CliError> {
    let paths: Result<Vec<String>, CliError> = arguments.paths.iter().map(path).collect();
    Ok(AccountDraft {
        name: arguments.name.clone().unwrap_or_default(),
        kind: arguments.kind.clone().unwrap_or_default(),
        lifecycles: arguments.lifecycles.clone(),
        panel: arguments.panel.clone(),
        paths: paths?,
        include: arguments.include.clone(),
        exclude: arguments.exclude.clone(),
        hosts: arguments.hosts.clone(),
        every: arguments.every.clone(),
        read_only: arguments.read_only,
    })
}

/// A path of the command line starts where the command was given; the account has to mean the same
/// from anywhere.
fn path(path: &PathBuf) -> Result<String, CliError> {
    let settled = if path.starts_with("~") {
        path.clone()
    } else {
        std::path::absolute(path).unwrap_or_else(|_| path.clone())
    };
    settled.to_str().map(str::to_owned).ok_or_else(|| {
        CliError::Usage(format!(
            "--path: {:?} is no valid UTF-8, which no account's file can hold; rename it, or \
             watch the folder above it",
            path.display().to_string()
        ))
    })
}

/// What cannot be done without, as the command line names it.
fn missing(draft: &AccountDraft) -> Vec<&'static str> {
    let watches_nothing = draft.paths.is_empty() && draft.hosts.is_empty();
    let needed = [
        (draft.name.is_empty(), "NAME"),
        (draft.kind.is_empty(), "--kind (by-hand, files or sandbox)"),
        (
            draft.kind == AccountKind::Files.id() && watches_nothing,
            "--path or --host",
        ),
    ];
    needed
        .into_iter()
        .filter_map(|(is_missing, flag)| is_missing.then_some(flag))
        .collect()
}

/// What is wrong, with the flags that say it better.
fn as_flags(wrong: Vec<FieldError>) -> CliError {
    let named = wrong.into_iter().map(|wrong| match wrong.field {
        Field::Account => wrong.says,
        field => format!("--{}: {}", field.id(), wrong.says),
    });
    let named: Vec<String> = named.collect();
    CliError::Usage(format!("the account cannot be added: {}", named.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_by_its_flag() {
        let mut draft = AccountDraft::default();
        assert_eq!(
            missing(&draft),
            ["NAME", "--kind (by-hand, files or sandbox)"]
        );
        draft.name = "mine".to_owned();
        draft.kind = "files".to_owned();
        assert_eq!(missing(&draft), ["--path or --host"]);
        draft.hosts = vec!["a.example".to_owned()];
        assert_eq!(missing(&draft), [] as [&str; 0]);
    }

    #[test]
    fn paths_mean_the_same_from_anywhere() {
        assert_eq!(path(&PathBuf::from("~/certs")).unwrap(), "~/certs");
        assert_eq!(path(&PathBuf::from("/etc/ssl")).unwrap(), "/etc/ssl");
        assert!(path(&PathBuf::from("certs")).unwrap().starts_with('/'));
    }

    #[test]
    fn an_account_that_is_there_and_cannot_be_read_is_some_of_several() {
        let report = |trouble: &[(&str, &str)]| {
            let trouble = trouble
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            Ok(SyncReport {
                trouble: trouble.collect(),
                ..SyncReport::default()
            })
        };
        assert_eq!(exit(None), Exit::Done);
        assert_eq!(exit(Some(&report(&[]))), Exit::Done);
        assert_eq!(exit(Some(&report(&[("/a", "gone")]))), Exit::Partly);
    }
}
