//! `certdeck account check`: whether accounts can be used.

use super::super::error::CliError;
use super::super::exit::Exit;
use super::super::output;
use super::super::session::{Session, unexpected};
use super::super::table::Sheet;
use super::shapes::{CheckShape, ChecksShape};
use crate::engine::command::{AccountCheck, Command, Done};

/// What every account has; that it is well says nothing about what cannot be reached.
const ALWAYS: [&str; 3] = ["file", "lifecycle", "entries"];

/// Checks one account or all.
pub(super) async fn run(session: &Session, name: Option<&str>, json: bool) -> Result<(), CliError> {
    let (inventory, _) = session.look();
    let names: Vec<String> = match name {
        Some(name) => vec![name.to_owned()],
        None => inventory.accounts.keys().cloned().collect(),
    };
    let mut checks = Vec::new();
    for name in names {
        match session.run(Command::CheckAccount { name }).await? {
            Done::AccountChecked(check) => checks.push(check),
            other => return Err(unexpected(&other)),
        }
    }
    if json {
        let accounts = checks.iter().map(CheckShape::of).collect();
        output::print_json(&ChecksShape { accounts })?;
    } else {
        output::print(&sheet(&checks))?;
    }
    let exits: Vec<Exit> = checks.iter().map(exit).collect();
    match Exit::of_several(&exits) {
        Exit::Done => Ok(()),
        exit => Err(CliError::Told(exit)),
    }
}

/// One account is well, partly well, or of no use.
fn exit(check: &AccountCheck) -> Exit {
    let counts = |what: &str, fine: bool| !fine || !ALWAYS.contains(&what);
    let judged = check
        .findings
        .iter()
        .map(|(what, found)| (what, found.is_ok()));
    let judged: Vec<bool> = judged
        .filter(|(what, fine)| counts(what, *fine))
        .map(|(_, fine)| fine)
        .collect();
    match (judged.contains(&true), judged.contains(&false)) {
        (_, false) => Exit::Done,
        (true, true) => Exit::Partly,
        (false, true) => Exit::Failed,
    }
}

fn sheet(checks: &[AccountCheck]) -> String {
    let mut sheet = Sheet::default();
    for check in checks {
        sheet.heading(&check.name);
        for (what, found) in &check.findings {
            let (mark, says) = match found {
                Ok(says) => ("ok", says),
                Err(says) => ("WRONG", says),
            };
            sheet.line(&format!("{mark:<5}  {what}: {says}"));
        }
    }
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(findings: &[(&str, bool)]) -> AccountCheck {
        let one = |(what, fine): &(&str, bool)| {
            let says = format!("about {what}");
            ((*what).to_owned(), if *fine { Ok(says) } else { Err(says) })
        };
        AccountCheck {
            name: "mine".to_owned(),
            findings: findings.iter().map(one).collect(),
        }
    }

    #[test]
    fn the_exit_says_whether_all_some_or_nothing_can_be_used() {
        for (findings, expected) in [
            (&[("file", true), ("/a", true)][..], Exit::Done),
            (
                &[("file", true), ("/a", true), ("/b", false)][..],
                Exit::Partly,
            ),
            (&[("file", true), ("/a", false)][..], Exit::Failed),
            (&[("lifecycle", false), ("sandbox", true)][..], Exit::Partly),
        ] {
            assert_eq!(exit(&check(findings)), expected, "{findings:?}");
        }
    }

    #[test]
    fn each_finding_has_its_line_and_its_word() {
        let text = sheet(&[check(&[("file", true), ("/a", false)])]);
        assert_eq!(
            text,
            "mine\n  ok     file: about file\n  WRONG  /a: about /a\n"
        );
    }
}
