//! `certdeck doctor`: what is wrong with the store, how badly, and what to do; mending what can be
//! mended without loss.
//!
//! Works on stores that no other command would open. May not: change anything without `--fix`.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::args::{DoctorArguments, Flags};
use super::doctor_shapes::DoctorShape;
use super::doctor_text;
use super::error::CliError;
use super::exit::Exit;
use super::output::{self, Output, say};
use super::start::{Places, Setup, environment, store_folder};
use crate::config::{Config, Partial};
use crate::domain::lifecycle::Lifecycles;
use crate::engine::EngineSettings;
use crate::engine::doctor::{Doctor, Examination, Level, Mended, Seen};

/// Who acts, for the journal.
const WHO: &str = "doctor";

/// An examination that is over sooner needs no word about how far it is.
const SHORT: Duration = Duration::from_secs(1);
/// How often it is said how far it has come.
const STEP: Duration = Duration::from_millis(200);

/// Examines the store, mends it where that is asked for, and says what is wrong.
pub(super) fn run(flags: &Flags, arguments: &DoctorArguments) -> Result<(), CliError> {
    let doctor = set_up(flags)?;
    if arguments.fix && doctor.settings.read_only {
        return Err(CliError::Usage(
            "--read-only says to change nothing, and --fix to mend; leave one of them away"
                .to_owned(),
        ));
    }
    let mut examination = examine(&doctor);
    let mut mended = Vec::new();
    if arguments.fix {
        // What could not be mended is said, and what is left of it is found again.
        let (done, whole) = doctor.mend(&examination);
        mended = done;
        if let Err(error) = whole {
            say(&format!("certdeck: not everything was mended: {error}"));
        }
        examination = examine(&doctor);
    }
    tell(&doctor, arguments, &examination, &mended)?;
    match exit(&examination) {
        Exit::Done => Ok(()),
        other => Err(CliError::Told(other)),
    }
}

/// Examines the store, and says how far that has come where somebody watches and it takes long.
fn examine(doctor: &Doctor) -> Examination {
    let seen = Arc::new(Seen::default());
    if !io::stderr().is_terminal() {
        return doctor.examine(&seen);
    }
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let watched = &seen;
        scope.spawn(move || {
            let mut told = false;
            let mut wait = SHORT;
            while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = STEP;
                let percent = watched.percent().unwrap_or(0);
                write(&format!("\rReading the store: {percent} %\u{1b}[K"));
                told = true;
            }
            if told {
                write("\r\u{1b}[K");
            }
        });
        let examination = doctor.examine(&seen);
        drop(done);
        examination
    })
}

/// Whoever watched may have gone away; nobody is told then.
fn write(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}

fn tell(
    doctor: &Doctor,
    arguments: &DoctorArguments,
    examination: &Examination,
    mended: &[Mended],
) -> Result<(), CliError> {
    let store = doctor.settings.store.display().to_string();
    if arguments.json {
        let exit = exit(examination).code();
        return output::print_json(&DoctorShape::of(&store, exit, examination, mended));
    }
    let columns = Output::look(true).text_columns();
    output::print(&doctor_text::render(&store, examination, mended, columns))
}

/// The worst that was found; a note is nothing bad.
fn exit(examination: &Examination) -> Exit {
    match examination.findings.worst() {
        None | Some(Level::Note) => Exit::Done,
        Some(Level::Look) => Exit::NeedsSomeone,
        Some(Level::Broken) => Exit::Broken,
        Some(Level::Unusable) => Exit::Store,
    }
}

/// Everything that is configured; or, where that is wrong, at least where the store is.
fn set_up(flags: &Flags) -> Result<Doctor, CliError> {
    let places = Places::find(flags)?;
    let config = Some(places.config.clone());
    let (settings, wrong) = match Setup::read(flags, &places) {
        Ok(setup) => {
            let wrong = setup.told();
            (setup.settings(WHO), wrong)
        }
        Err(error) => {
            let wrong = error.to_string().lines().map(str::to_owned).collect();
            (without_configuration(flags, &places)?, wrong)
        }
    };
    Ok(Doctor {
        settings,
        config,
        wrong,
    })
}

fn without_configuration(flags: &Flags, places: &Places) -> Result<EngineSettings, CliError> {
    let environment = environment().map_err(CliError::Config)?;
    let config = Config::merge(&flags.layer(), &environment, &Partial::default());
    let store = store_folder(&config)?;
    Ok(EngineSettings {
        read_only: config.read_only,
        lock_timeout: config.lock_timeout,
        accounts_folder: Some(places.accounts.clone()),
        ..EngineSettings::usual(store, Lifecycles::default(), WHO)
    })
}
