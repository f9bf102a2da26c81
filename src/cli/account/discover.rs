//! `certdeck account add --discover`: what other programs keep, listed before anything is added.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::super::args::AddArguments;
use super::super::ask::{self, Wanted};
use super::super::error::CliError;
use super::super::exit::Exit;
use super::super::output::{self, say};
use super::super::session::{Session, unexpected};
use super::add;
use super::shapes::{AddedShape, DiscoveriesShape};
use crate::domain::text::sanitise;
use crate::domain::time;
use crate::engine::command::{AccountDraft, Command, Discoveries, Discovery, Done};

/// How many certificates of one program are listed; the rest is counted. `--json` has them all.
const LISTED: usize = 50;

/// Looks, lists, asks, and adds.
pub(super) async fn run(
    session: &Session,
    arguments: &AddArguments,
    folders: &[PathBuf],
) -> Result<(), CliError> {
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let roots = folders.iter().map(absolute).collect();
    let found = match session.run(Command::Discover { roots }).await? {
        Done::Discovered(found) => found,
        other => return Err(unexpected(&other)),
    };
    let drafts: Vec<&AccountDraft> = found
        .found
        .iter()
        .filter(|discovery| discovery.can_be_added())
        .map(|discovery| &discovery.draft)
        .collect();
    let mut shape = DiscoveriesShape::of(&found);
    if !arguments.json {
        output::print(&listed(&found))?;
    }
    let mut exits = vec![searched(&found, folders)];
    if wanted(arguments, &drafts)? {
        for draft in drafts {
            let (added, exit) = add_one(session, draft, arguments).await?;
            exits.push(exit);
            shape.added.push(added);
        }
    }
    if arguments.json {
        output::print_json(&shape)?;
    }
    match Exit::of_several(&exits) {
        Exit::Done => Ok(()),
        // What was found is listed, and what was added is there.
        _ => Err(CliError::Told(Exit::Partly)),
    }
}

/// A folder that a person named and that cannot be searched is told by the exit code, too; the
/// usual places may well be somebody else's.
fn searched(found: &Discoveries, named: &[PathBuf]) -> Exit {
    if named.is_empty() || found.unreadable.is_empty() {
        Exit::Done
    } else {
        Exit::Partly
    }
}

/// Whether the accounts are to be added.
fn wanted(arguments: &AddArguments, drafts: &[&AccountDraft]) -> Result<bool, CliError> {
    if drafts.is_empty() || arguments.dry_run {
        return Ok(false);
    }
    if arguments.yes {
        return Ok(true);
    }
    if arguments.json || !ask::is_someone_there() {
        say("Nothing was added; the same command with --yes adds what is listed.");
        return Ok(false);
    }
    let names: Vec<&str> = drafts.iter().map(|draft| draft.name.as_str()).collect();
    let text = format!(
        "New accounts: {}. They are watched, never written to.",
        names.join(", ")
    );
    ask::confirm(&text, "Add them?", &Wanted::Yes)?;
    Ok(true)
}

async fn add_one(
    session: &Session,
    draft: &AccountDraft,
    arguments: &AddArguments,
) -> Result<(AddedShape, Exit), CliError> {
    let added = add::add(session, draft.clone()).await?;
    let look = if arguments.no_sync {
        None
    } else {
        add::first_look(session, draft).await
    };
    let exit = add::exit(look.as_ref());
    let report = look.and_then(Result::ok);
    if !arguments.json {
        output::print(&add::what_was_added(&added, report.as_ref()))?;
    }
    Ok((AddedShape::of(&added, report.as_ref()), exit))
}

fn listed(discoveries: &Discoveries) -> String {
    let mut text = String::new();
    for discovery in &discoveries.found {
        describe(discovery, &mut text);
    }
    for (place, why) in &discoveries.unreadable {
        let _ = writeln!(text, "{}: {}", sanitise(place), sanitise(why));
    }
    if discoveries.found.is_empty() {
        text.push_str(
            "Nothing of certbot, lego, acme.sh, Caddy or nginx was found. Name a folder with \
             --discover DIR, or watch one of your own with --kind files --path DIR.\n",
        );
    }
    text
}

fn describe(discovery: &Discovery, text: &mut String) {
    let folder = discovery.folder.display().to_string();
    let count = match discovery.certificates.len() {
        1 => "1 certificate".to_owned(),
        count => format!("{count} certificates"),
    };
    let _ = writeln!(
        text,
        "{}  {}  {count}",
        discovery.program,
        sanitise(&folder)
    );
    for found in discovery.certificates.iter().take(LISTED) {
        let name = found.names.first().map_or("?", String::as_str);
        let more = match found.names.len() {
            0 | 1 => String::new(),
            names => format!(" +{}", names - 1),
        };
        let path = found.path.strip_prefix(&discovery.folder);
        let path = path.unwrap_or(&found.path).display().to_string();
        let until = time::date(found.not_after);
        let _ = writeln!(
            text,
            "  {}{more}  until {until}  {}",
            sanitise(name),
            sanitise(&path)
        );
    }
    if discovery.certificates.len() > LISTED {
        let more = discovery.certificates.len() - LISTED;
        let _ = writeln!(text, "  and {more} more; --json lists them all");
    }
    for note in &discovery.notes {
        let _ = writeln!(text, "  {}", sanitise(note));
    }
    for (place, why) in &discovery.unreadable {
        let _ = writeln!(
            text,
            "  cannot be read: {}: {}",
            sanitise(place),
            sanitise(why)
        );
    }
    let _ = match (&discovery.watched_by, discovery.can_be_added()) {
        (Some(account), _) => writeln!(text, "  watched already, by the account {account}"),
        (None, true) => writeln!(
            text,
            "  can be watched as the account {}",
            discovery.draft.name
        ),
        (None, false) => writeln!(text, "  nothing here is left to be watched"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::command::Discovered;

    #[test]
    fn what_was_found_is_listed_harmlessly() {
        let found = |path: &str, names: &[&str]| Discovered {
            path: PathBuf::from(path),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            not_after: "2027-02-01T00:00:00Z".parse().unwrap(),
        };
        let discovery = Discovery {
            program: "certbot",
            folder: PathBuf::from("/etc/letsencrypt"),
            draft: AccountDraft {
                name: "certbot".to_owned(),
                paths: vec!["/etc/letsencrypt/live".to_owned()],
                ..AccountDraft::default()
            },
            certificates: vec![
                found(
                    "/etc/letsencrypt/live/a/fullchain.pem",
                    &["a.example", "b.example"],
                ),
                found("/elsewhere/c.pem", &["c\u{1b}[31m.example"]),
            ],
            unreadable: vec![(
                "/etc/letsencrypt/live/d".to_owned(),
                "it is gone".to_owned(),
            )],
            watched_by: None,
            notes: Vec::new(),
        };
        let watched = Discovery {
            watched_by: Some("mine".to_owned()),
            certificates: Vec::new(),
            unreadable: Vec::new(),
            ..discovery.clone()
        };
        let text = listed(&Discoveries {
            found: vec![discovery, watched],
            unreadable: vec![("/root/.acme.sh".to_owned(), "not allowed".to_owned())],
        });
        insta::assert_snapshot!(text, @r"
        certbot  /etc/letsencrypt  2 certificates
          a.example +1  until 2027-02-01  live/a/fullchain.pem
          c\u{1b}[31m.example  until 2027-02-01  /elsewhere/c.pem
          cannot be read: /etc/letsencrypt/live/d: it is gone
          can be watched as the account certbot
        certbot  /etc/letsencrypt  0 certificates
          watched already, by the account mine
        /root/.acme.sh: not allowed
        ");
        let nothing = listed(&Discoveries::default());
        assert!(nothing.contains("--discover DIR"), "{nothing}");
    }
}
