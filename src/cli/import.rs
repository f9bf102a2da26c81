//! `certdeck import`: certificates from files, folders and servers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::args::ImportArguments;
use super::ask::is_someone_there;
use super::error::CliError;
use super::exit::Exit;
use super::import_says;
use super::output::{self, say};
use super::progress;
use super::session::{Session, unexpected};
use super::shapes_of_imports::{ImportShape, ImportedShape, UnreadableShape};
use super::{passphrase, unlock};
use crate::config::Target;
use crate::domain::text::sanitise;
use crate::engine::command::{Command, Done, ImportReport, ListReport};
use crate::files;

/// Imports and says what came of it.
pub(super) async fn run(session: &Session, arguments: &ImportArguments) -> Result<(), CliError> {
    if let Some(says) = arguments.paths.iter().find_map(|given| link(given)) {
        return Err(CliError::Usage(says));
    }
    let (paths, hosts) = sort_out(&arguments.paths);
    let passphrase = passphrase::to_open(&arguments.passphrase, None)?;
    let was_given = passphrase.is_some();
    let ask = Ask {
        session,
        arguments,
        passphrase,
    };
    let mut report = ask.once(paths, hosts).await?;
    let all_is_open = report.locked.is_empty() && report.locked_keys.is_empty();
    if !(was_given || all_is_open) {
        report = with_passphrase(session, arguments, report).await?;
    }
    if let Some((lock, files)) = report.needs.take().filter(|_| is_someone_there()) {
        unlock::unlock(&session.engine, None, lock).await?;
        report = ask.keys_again(report, files).await?;
    }
    if arguments.json {
        output::print_json(&shape(&report))?;
    } else {
        for (file, why) in &report.unreadable {
            say(&format!("certdeck: {}: {}", sanitise(file), sanitise(why)));
        }
        output::print(&summary(&report))?;
        output::print(&import_says::beside(&report, !arguments.without_keys))?;
    }
    match exit(&report) {
        Exit::Done => Ok(()),
        exit => Err(CliError::Told(exit)),
    }
}

/// How this command imports.
struct Ask<'a> {
    session: &'a Session,
    arguments: &'a ImportArguments,
    passphrase: Option<SecretString>,
}

impl Ask<'_> {
    async fn once(
        &self,
        paths: Vec<PathBuf>,
        hosts: Vec<Target>,
    ) -> Result<ImportReport, CliError> {
        let command = Command::Import {
            paths,
            hosts,
            passphrase: self.passphrase.clone(),
            keys: !self.arguments.without_keys,
        };
        match progress::shown(self.session, self.session.run(command)).await? {
            Done::Imported(report) => Ok(*report),
            other => Err(unexpected(&other)),
        }
    }

    /// Reads the files once more whose keys could not be taken, for these keys alone.
    async fn keys_again(
        &self,
        mut report: ImportReport,
        files: Vec<String>,
    ) -> Result<ImportReport, CliError> {
        let files: BTreeSet<String> = files.into_iter().collect();
        report.keys_left.retain(|(file, _)| !files.contains(file));
        report.unreadable.retain(|(file, _)| !files.contains(file));
        let paths = files.into_iter().map(PathBuf::from).collect();
        let later = self.once(paths, Vec::new()).await?;
        report.extend_keys(later);
        Ok(report)
    }
}

/// Asks a person for the passphrase of files that are protected, and reads them again with it.
async fn with_passphrase(
    session: &Session,
    arguments: &ImportArguments,
    mut report: ImportReport,
) -> Result<ImportReport, CliError> {
    let protected: BTreeSet<&String> = report.locked.iter().chain(&report.locked_keys).collect();
    let question = match protected.first() {
        Some(only) if protected.len() == 1 => format!("Passphrase of {}: ", sanitise(only)),
        _ => format!("Passphrase of {} files: ", protected.len()),
    };
    let passphrase = passphrase::to_open(&arguments.passphrase, Some(&question))?;
    if passphrase.is_none() {
        return Ok(report);
    }
    let ask = Ask {
        session,
        arguments,
        passphrase,
    };
    let locked = std::mem::take(&mut report.locked);
    if !locked.is_empty() {
        report.unreadable.retain(|(file, _)| !locked.contains(file));
        let paths = locked.into_iter().map(PathBuf::from).collect();
        let later = ask.once(paths, Vec::new()).await?;
        report.extend(later);
    }
    let files = std::mem::take(&mut report.locked_keys);
    if files.is_empty() {
        return Ok(report);
    }
    ask.keys_again(report, files).await
}

/// Which arguments are files and folders, and which are servers: what is there is a path.
fn sort_out(given: &[PathBuf]) -> (Vec<PathBuf>, Vec<Target>) {
    let mut paths = Vec::new();
    let mut hosts = Vec::new();
    for given in given {
        match server_of(given).filter(|_| !files::watch::is_there(given)) {
            Some(target) => hosts.push(target),
            // The entry remembers its file, which must be found again from any other folder.
            None => paths.push(std::path::absolute(given).unwrap_or_else(|_| given.clone())),
        }
    }
    (paths, hosts)
}

/// What to give instead of a link: it is neither a file nor a server.
fn link(given: &Path) -> Option<String> {
    let text = given.to_str().filter(|text| text.contains("://"))?;
    let is_file = files::watch::is_there(given);
    text.parse::<Target>().err().filter(|_| !is_file)
}

/// The server that an argument names, with its port or a name to ask for: a bare word is more
/// likely a file that is missing.
fn server_of(given: &Path) -> Option<Target> {
    let text = given.to_str()?;
    let target = text.parse().ok()?;
    text.contains([':', '@']).then_some(target)
}

/// Where something could not be read: "some of several" if anything else came in, else a failure.
fn exit(report: &ImportReport) -> Exit {
    let is_good = |list: &ListReport| list.doubt.is_none();
    let came_in = !report.imported.is_empty()
        || !report.keys_taken.is_empty()
        || report.duplicates > 0
        || report.lists.iter().any(is_good);
    let all_good = report.unreadable.is_empty() && report.lists.iter().all(is_good);
    match (all_good, came_in) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Partly,
        (false, false) => Exit::Failed,
    }
}

fn summary(report: &ImportReport) -> String {
    let mut text = String::new();
    for (id, file) in &report.imported {
        let _ = writeln!(text, "{id}  {}", sanitise(file));
    }
    let _ = writeln!(
        text,
        "{} imported, {} there already, {} chain certificates kept beside them, {} unreadable, {} without a certificate",
        report.imported.len(),
        report.duplicates,
        report.chained,
        report.unreadable.len(),
        report.passed_over
    );
    text
}

fn shape(report: &ImportReport) -> ImportShape<'_> {
    let imported = report
        .imported
        .iter()
        .map(|(id, file)| ImportedShape { id, file });
    let unreadable = report
        .unreadable
        .iter()
        .map(|(file, why)| UnreadableShape { file, why });
    ImportShape {
        imported: imported.collect(),
        unreadable: unreadable.collect(),
        duplicates: report.duplicates,
        chained: report.chained,
        passed_over: report.passed_over,
        keys_seen: report.keys_seen,
        keys_taken: import_says::keys_taken(report),
        keys_left: import_says::keys_left(report),
        keys_of_nobody: report.keys_of_nobody,
        findings: import_says::findings(report),
        more_findings: report.findings.more,
        lists: import_says::lists(report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::EntryId;

    fn report(imported: usize, unreadable: usize) -> ImportReport {
        let one = |number: usize| (EntryId::new(format!("e{number}")), "a.pem".to_owned());
        let bad = |_| ("bad.pem".to_owned(), "it is cut off".to_owned());
        ImportReport {
            imported: (0..imported).map(one).collect(),
            unreadable: (0..unreadable).map(bad).collect(),
            ..ImportReport::default()
        }
    }

    #[test]
    fn the_exit_says_whether_all_some_or_nothing_came_in() {
        assert_eq!(exit(&report(2, 0)), Exit::Done);
        assert_eq!(exit(&report(0, 0)), Exit::Done);
        assert_eq!(exit(&report(2, 1)), Exit::Partly);
        assert_eq!(exit(&report(0, 1)), Exit::Failed);
    }

    #[test]
    fn what_is_there_is_a_path_and_a_server_has_a_port_or_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("a.example:443");
        std::fs::write(&there, "").unwrap();
        let given = [
            there.clone(),
            "missing.pem".into(),
            "a.example:8443".into(),
            "shop.example@192.0.2.7".into(),
            "./b.example:443".into(),
        ];
        let (paths, hosts) = sort_out(&given);
        let hosts: Vec<_> = hosts.iter().map(ToString::to_string).collect();
        assert_eq!(hosts, ["a.example:8443", "shop.example@192.0.2.7:443"]);
        assert_eq!(paths.len(), 3);
        assert_eq!(paths[0], there);
        assert!(paths[1].is_absolute() && paths[1].ends_with("missing.pem"));
    }

    #[test]
    fn the_summary_counts_everything() {
        assert_eq!(
            summary(&report(1, 1)),
            "e0  a.pem\n1 imported, 0 there already, 0 chain certificates kept beside them, \
             1 unreadable, 0 without a certificate\n"
        );
    }
}
