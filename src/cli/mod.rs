//! The command line: arguments in, an exit code out; the headless commands over the same engine
//! and gate as the panel.
//!
//! May not: know a provider or the store, use colour, or open the panel anywhere but on a
//! terminal. `main` calls [`run`].

mod account;
mod act;
mod act_question;
mod act_report;
mod args;
mod ask;
mod by_hand;
mod by_hand_shapes;
mod check;
mod check_shapes;
mod config;
mod csv_list;
mod demo;
mod doctor;
mod doctor_shapes;
mod doctor_text;
mod error;
mod exit;
mod filter;
mod hand_over;
mod history;
mod import;
mod import_says;
mod keys;
mod lifecycle;
mod list;
mod note;
mod order;
mod order_by_hand;
mod output;
mod panel;
mod passphrase;
mod probe;
mod probe_shapes;
mod products;
mod progress;
mod record;
mod recordable;
mod renew;
mod sandbox;
mod session;
mod shapes;
mod shapes_of_certificates;
mod shapes_of_imports;
mod shapes_of_states;
mod show;
mod show_certificate;
mod show_state;
mod start;
mod store;
mod sync;
mod table;
mod timeline;
mod unlock;
mod unsettled;

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use act::Manner;
use args::{Arguments, Flags, Verb};
use error::CliError;
use exit::Exit;
use output::say;
use session::Session;
use start::{Places, Setup};

pub use panel::{OpenPanel, Opened, Opening};

/// Said instead of everything else, which would repeat the argument.
const KEY_IN_ARGUMENT: &str = "there is a private key among the arguments, where every program on \
     this machine can read it and the shell remembers it: nothing was done. Give the name of its \
     file (--private-key FILE), or - and standard input; and better use another key now";

/// Whether a private key was given as an argument.
fn holds_key(given: &OsStr) -> bool {
    given.to_string_lossy().contains("PRIVATE KEY-----")
}

/// Does what the arguments say, the first being the program's own name, and ends with the exit
/// code that `--help` lists. `panel` opens the other face.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>, panel: OpenPanel) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let outcome = if arguments.iter().any(|given| holds_key(given)) {
        Err(CliError::Usage(KEY_IN_ARGUMENT.to_owned()))
    } else {
        match Arguments::try_parse_from(arguments) {
            Ok(arguments) => dispatch(arguments, panel),
            Err(answer) => Err(explain(&answer)),
        }
    };
    let exit = match &outcome {
        Ok(()) => Exit::Done,
        Err(error) => {
            if !matches!(error, CliError::Told(_) | CliError::ReaderLeft) {
                say(&format!("certdeck: {error}"));
            }
            Exit::of(error)
        }
    };
    ExitCode::from(exit.code())
}

/// Prints help, version, or what is wrong with the arguments.
fn explain(answer: &clap::Error) -> CliError {
    if answer.exit_code() != 0 {
        // It quotes the arguments, which a script may have from a stranger; so it goes out
        // harmless, and without colour.
        say(answer.render().to_string().trim_end());
        return CliError::Told(Exit::Usage);
    }
    // A reader that went away is no failure here either.
    let _ = answer.print();
    CliError::Told(Exit::Done)
}

fn dispatch(arguments: Arguments, panel: OpenPanel) -> Result<(), CliError> {
    let flags = arguments.flags;
    match arguments.verb {
        None => {
            needs_terminal("the panel")?;
            wait_for(
                Builder::new_multi_thread().max_blocking_threads(ASIDE),
                open_panel(&flags, panel),
            )
        }
        Some(Verb::Demo(arguments)) => {
            needs_terminal("the demo")?;
            // It goes away after the last look at it: what is still looked at writes there.
            let folder = demo::Throwaway::make_one()?;
            wait_for(
                Builder::new_multi_thread().max_blocking_threads(ASIDE),
                demo::run(&flags, &arguments, &folder, panel),
            )
        }
        Some(Verb::Config(arguments)) => config::run(&flags, &arguments.verb),
        Some(Verb::Lifecycle(arguments)) => lifecycle::run(&flags, &arguments),
        Some(Verb::Doctor(arguments)) => doctor::run(&flags, &arguments),
        Some(Verb::Store(arguments)) => store::run(&flags, &arguments),
        // Of hundreds of handshakes each takes its share of a processor.
        Some(verb @ Verb::Probe(_)) => wait_for(
            Builder::new_multi_thread().max_blocking_threads(ASIDE),
            headless(&flags, verb),
        ),
        Some(verb) => runtime(&mut Builder::new_current_thread())?.block_on(headless(&flags, verb)),
    }
}

/// How long the program waits at its end for a look at files: on a disk that hangs it never ends.
const LAST_LOOK: Duration = Duration::from_secs(3);

/// Runs the panel to its end. What it did is written down by then; what is only looked at is let go
/// of.
fn wait_for(
    builder: &mut Builder,
    panel: impl Future<Output = Result<(), CliError>>,
) -> Result<(), CliError> {
    let runtime = runtime(builder)?;
    let outcome = runtime.block_on(panel);
    runtime.shutdown_timeout(LAST_LOOK);
    outcome
}

/// How much blocking work the panel does at once: the look around, an order's key, some details.
/// More threads would only take memory while somebody holds a key down.
const ASIDE: usize = 4;

fn needs_terminal(what: &str) -> Result<(), CliError> {
    if output::goes_to_terminal() {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "{what} needs a terminal, and the output goes elsewhere; `certdeck list` prints the list, \
         `certdeck --help` says what else there is"
    )))
}

fn runtime(builder: &mut Builder) -> Result<Runtime, CliError> {
    let built = builder.enable_all().build();
    built.map_err(|error| {
        CliError::Failed(format!(
            "starting the asynchronous runtime failed: {error}; try again"
        ))
    })
}

async fn open_panel(flags: &Flags, open: OpenPanel) -> Result<(), CliError> {
    let setup = Setup::read(flags, &Places::find(flags)?)?;
    let engine = setup.open_in_stages("panel")?;
    let opening = Opening {
        told: setup.told_at_once(),
        config: setup.config,
        demo: false,
    };
    panel::open(open, engine, opening).await
}

/// Does one headless command, and writes down where the sandbox's clocks stand, however it ended. A
/// journal that has grown too long with it is made short at last.
async fn headless(flags: &Flags, verb: Verb) -> Result<(), CliError> {
    let session = Session::open(flags, &verb)?;
    let changes = verb.may_change_things();
    let before = session.engine.inventory().seq;
    if changes {
        session.settle().await;
    }
    let outcome = carry_out(&session, verb).await;
    session.deploy_waiting().await;
    let closed = session.engine.close().await;
    session.make_journal_short(before).await;
    outcome?;
    closed?;
    // What could be read was read; but a cron job must not take it for the whole. What was asked
    // for and is done is done, though, and must not look as if it had to be asked for again.
    if session.engine.has_lost_something() && !changes {
        Err(CliError::Told(Exit::Store))
    } else {
        Ok(())
    }
}

async fn carry_out(session: &Session, verb: Verb) -> Result<(), CliError> {
    match verb {
        Verb::List(arguments) => list::run(session, &arguments),
        Verb::Show(arguments) => show::run(session, &arguments).await,
        Verb::Order(arguments) => order::run(session, &arguments).await,
        Verb::Act(arguments) => {
            let said = Manner {
                answers: arguments.answers.answers(),
                candidate: arguments.candidate.clone(),
                ..Manner::default()
            };
            act::run(session, &arguments.action, &arguments.on, said).await
        }
        Verb::Withdraw(arguments) => {
            act::run(session, "withdraw", &arguments, Manner::default()).await
        }
        Verb::Archive(arguments) => {
            act::run(session, "archive", &arguments, Manner::default()).await
        }
        Verb::Restore(arguments) => {
            act::run(session, "restore", &arguments, Manner::default()).await
        }
        Verb::Renew(arguments) => renew::run(session, &arguments).await,
        Verb::Check(arguments) => check::run(session, &arguments),
        Verb::Record(arguments) => record::run(session, &arguments).await,
        Verb::Account(arguments) => account::run(session, &arguments).await,
        Verb::Sync(arguments) => sync::run(session, &arguments).await,
        Verb::Import(arguments) => Box::pin(import::run(session, &arguments)).await,
        Verb::Probe(arguments) => probe::run(session, &arguments).await,
        Verb::Timeline(arguments) => timeline::run(session, &arguments),
        Verb::History(arguments) => history::run(session, &arguments).await,
        Verb::Products(arguments) => products::run(session, &arguments),
        Verb::Sandbox(arguments) => sandbox::run(session, arguments).await,
        Verb::Note(arguments) => note::note(session, arguments).await,
        Verb::RevealKey(arguments) => note::reveal_key(session, &arguments).await,
        Verb::Export(arguments) => Box::pin(hand_over::export(session, &arguments)).await,
        Verb::Deploy(arguments) => hand_over::deploy(session, &arguments).await,
        Verb::Keys(arguments) => keys::run(session, &arguments.verb).await,
        // These need no open store, and `dispatch` has done them.
        Verb::Demo(_) | Verb::Config(_) | Verb::Lifecycle(_) | Verb::Doctor(_) | Verb::Store(_) => {
            Ok(())
        }
    }
}
