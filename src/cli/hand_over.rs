//! `certdeck export` and `certdeck deploy`: certificates and keys for servers.
//!
//! May not: write over a file unasked, or repeat a password.

use std::fmt::Write as _;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Serialize;

use super::args::{DeployArguments, HandOverArguments};
use super::ask::{self, Wanted};
use super::error::CliError;
use super::exit::Exit;
use super::output::{self, say};
use super::passphrase;
use super::session::{Session, unexpected};
use crate::domain::entry::EntryId;
use crate::domain::text::sanitise;
use crate::engine::EngineError;
use crate::engine::command::{Command, Deployed, Done, Export, Exported};
use crate::files::path_text;

/// How a password is given where nobody can be asked.
const HOW: &str = "--password-file FILE or --password-fd N";

/// Writes the files and says what goes where.
pub(super) async fn export(
    session: &Session,
    arguments: &HandOverArguments,
) -> Result<(), CliError> {
    let entry = session.resolve(&arguments.id)?.id.clone();
    let mut export = Export {
        entry,
        form: arguments.form,
        to: arguments.to.clone(),
        overwrite: arguments.overwrite,
        password: password(arguments)?,
        deploy: arguments.deploy,
    };
    let mut came = session.run(Command::Export(Box::new(export.clone()))).await;
    if let Err(CliError::Engine(EngineError::InTheWay(paths))) = &came {
        let says = in_the_way(paths);
        if !ask::is_someone_there() {
            return Err(CliError::Told(refuse(&says)));
        }
        ask::confirm(&says, "Write over it?", &Wanted::Yes)?;
        export.overwrite = true;
        came = session.run(Command::Export(Box::new(export))).await;
    }
    let exported = match came? {
        Done::Exported(exported) => exported,
        other => return Err(unexpected(&other)),
    };
    if !arguments.json {
        tell(&exported)?;
    }
    let deployed = match &exported.deploy {
        Some(id) => {
            let files = exported.files.iter().map(|(path, _)| path.clone());
            Some(run_deploy(session, id, files.collect()).await?)
        }
        None => None,
    };
    if arguments.json {
        return tell_json(&exported, deployed.as_ref());
    }
    deployed.map_or(Ok(()), |deployed| tell_deployed(&deployed, false))
}

fn refuse(says: &str) -> Exit {
    say(&format!(
        "certdeck: {says} Nothing was written; add --overwrite to write over it."
    ));
    Exit::Refused
}

fn in_the_way(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path_text(path)).collect();
    format!("{}: there already.", sanitise(&paths.join(", ")))
}

fn password(arguments: &HandOverArguments) -> Result<Option<SecretString>, CliError> {
    let given = passphrase::given(arguments.source())?;
    if !arguments.form.wants_password() {
        return match given {
            None => Ok(None),
            Some(_) => Err(CliError::Usage(format!(
                "{} has no password; leave it away",
                arguments.form.title()
            ))),
        };
    }
    match given {
        Some(given) => Ok(Some(given)),
        None => passphrase::ask_for_new("Password for the file: ", HOW).map(Some),
    }
}

/// `export --json`.
#[derive(Serialize)]
struct ExportedShape<'a> {
    /// The files.
    files: Vec<FileShape>,
    /// What goes where now.
    says: &'a str,
    /// How the deploy command ended, where it was to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    deploy: Option<DeployedShape<'a>>,
}

#[derive(Serialize)]
struct FileShape {
    /// Where it lies.
    path: String,
    /// What it is.
    what: &'static str,
}

fn files(exported: &Exported) -> impl Iterator<Item = FileShape> {
    exported.files.iter().map(|(path, what)| FileShape {
        path: path_text(path),
        what,
    })
}

fn tell_json(exported: &Exported, deployed: Option<&Deployed>) -> Result<(), CliError> {
    output::print_json(&ExportedShape {
        files: files(exported).collect(),
        says: &exported.says,
        deploy: deployed.map(DeployedShape::of),
    })?;
    deployed.map_or(Ok(()), judge)
}

fn tell(exported: &Exported) -> Result<(), CliError> {
    let mut text = String::new();
    for file in files(exported) {
        let _ = writeln!(text, "{}  {}", sanitise(&file.path), file.what);
    }
    text.push_str(&sanitise(&exported.says));
    text.push('\n');
    output::print(&text)
}

/// `deploy --json`.
#[derive(Serialize)]
struct DeployedShape<'a> {
    /// The entry.
    id: &'a EntryId,
    /// Whether the command ended well.
    deployed: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    /// The end of what it said.
    output: &'a str,
}

impl<'a> DeployedShape<'a> {
    fn of(deployed: &'a Deployed) -> Self {
        Self {
            id: &deployed.entry,
            deployed: deployed.failure.is_none(),
            failure: deployed.failure.as_deref(),
            output: &deployed.output,
        }
    }
}

/// Asks, and runs the account's command.
pub(super) async fn deploy(session: &Session, arguments: &DeployArguments) -> Result<(), CliError> {
    let entry = session.resolve(&arguments.id)?;
    if !arguments.yes {
        let text = format!(
            "The deploy command of the account {} gets the certificate of {}, its chain and its \
             private key.",
            sanitise(&entry.account),
            sanitise(entry.name())
        );
        ask::confirm(&text, "Run it?", &Wanted::Yes)?;
    }
    let deployed = run_deploy(session, &entry.id, Vec::new()).await?;
    tell_deployed(&deployed, arguments.json)
}

/// Runs the account's command; ctrl-c stops it.
async fn run_deploy(
    session: &Session,
    id: &EntryId,
    exported: Vec<PathBuf>,
) -> Result<Deployed, CliError> {
    let entry = id.clone();
    let running = session.run(Command::Deploy { entry, exported });
    tokio::pin!(running);
    let came = loop {
        tokio::select! {
            came = &mut running => break came?,
            stopped = tokio::signal::ctrl_c() => {
                // Without signals it is waited for; it has a time limit of its own.
                if stopped.is_err() {
                    break running.await?;
                }
                let entry = id.clone();
                // It may have ended in this very moment.
                let _ = session.engine.run(Command::CancelDeploy { entry }).await;
            }
        }
    };
    match came {
        Done::Deployed(deployed) => Ok(deployed),
        other => Err(unexpected(&other)),
    }
}

fn tell_deployed(deployed: &Deployed, json: bool) -> Result<(), CliError> {
    let Deployed {
        entry,
        failure,
        output,
    } = deployed;
    if json {
        output::print_json(&DeployedShape::of(deployed))?;
    } else {
        if !output.is_empty() {
            output::print(&format!("{}\n", sanitise(output)))?;
        }
        if failure.is_none() {
            output::print(&format!("{entry}: deployed.\n"))?;
        }
    }
    judge(deployed)
}

/// Whether it ended well; says why not.
fn judge(deployed: &Deployed) -> Result<(), CliError> {
    match &deployed.failure {
        None => Ok(()),
        Some(why) => {
            say(&format!("certdeck: deploying failed: {}", sanitise(why)));
            Err(CliError::Told(Exit::Failed))
        }
    }
}
