//! Effects that take their time: each runs as a task of its own and answers with a message.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "opening links and reading the one file that a person named in a form are this \
                  module's work"
    )
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::domain::account::AccountKind;
use crate::domain::entry::EntryId;
use crate::engine::command::{Command, Field, FieldError, Offer};
use crate::engine::{Engine, EngineError};
use crate::tui::message::{Effect, Failure, JobId, Message, RefusedBy};
use crate::tui::model::{Arranged, TimelineWork, Work};

/// How much of a file a form reads: a CSR is a hundredth of it.
const FILE_LIMIT: u64 = 64 * 1024;

/// Starts tasks and sends their answers to the loop.
pub(super) struct Jobs {
    engine: Engine,
    answers: mpsc::Sender<Message>,
}

impl Jobs {
    pub(super) fn new(engine: Engine, answers: mpsc::Sender<Message>) -> Self {
        Self { engine, answers }
    }

    /// Starts what takes its time; other effects are the loop's own.
    pub(super) fn start(&self, effect: Effect) {
        match effect {
            Effect::Run(id, command) => self.run(id, command),
            Effect::LoadDetails(entry) => self.load(entry),
            Effect::Arrange(work) => self.arrange(*work),
            Effect::Count(work) => self.count(*work),
            Effect::LoadOffers => self.offers(),
            Effect::ReadFile(path) => self.read(path),
            _ => {}
        }
    }

    fn run(&self, id: JobId, command: Command) {
        let engine = self.engine.clone();
        self.answer(async move {
            let outcome = engine.run(command).await;
            Message::Finished(id, outcome.map_err(failure))
        });
    }

    fn load(&self, entry: EntryId) {
        let engine = self.engine.clone();
        self.answer(async move {
            let details = engine.details(entry.clone()).await;
            let details = details.map(Box::new).map_err(|error| error.to_string());
            Message::Details(entry, details)
        });
    }

    fn arrange(&self, work: Work) {
        self.answer(async move {
            let (generation, work) = (work.generation(), work);
            let arranged = tokio::task::spawn_blocking(move || work.run()).await;
            // Only a panic keeps an answer from coming, and then the panel ends with it.
            let arranged = arranged.unwrap_or_else(|_| Arranged::nothing(generation));
            Message::Arranged(Box::new(arranged))
        });
    }

    fn count(&self, work: TimelineWork) {
        self.answer(async move {
            let counted = tokio::task::spawn_blocking(move || work.run()).await;
            match counted {
                Ok(line) => Message::Counted(Arc::new(line)),
                // Only a panic keeps an answer from coming, and then the panel ends with it.
                Err(_) => Message::NotSuspended("The timeline could not be counted".to_owned()),
            }
        });
    }

    fn offers(&self) {
        let inventory = self.engine.inventory();
        let sellers = inventory
            .accounts
            .values()
            .filter(|account| account.kind == AccountKind::Sandbox);
        let offers: BTreeMap<String, Vec<Offer>> = sellers
            .map(|account| (account.name.clone(), self.engine.offers(&account.name)))
            .collect();
        self.answer(async move { Message::Offers(offers) });
    }

    fn read(&self, path: String) {
        self.answer(async move {
            let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
            let text = read.unwrap_or_else(|_| Err("the file could not be read".to_owned()));
            Message::File(text)
        });
    }

    /// Hands a link to the program that opens links here.
    pub(super) fn open(&self, link: String) {
        self.answer(async move {
            let opened = tokio::task::spawn_blocking(move || open_with(OPENER, &link)).await;
            let says = opened.unwrap_or_else(|_| format!("{OPENER} could not be started"));
            Message::LinkOpened(says)
        });
    }

    /// Says that a link was copied, and why it was not opened.
    pub(super) fn say_copied(&self, link: &str, why: &str) {
        let says = format!("Copied {link}: {why}");
        self.answer(async move { Message::LinkCopied(says) });
    }

    /// Says why the panel was not suspended.
    pub(super) fn say_not_suspended(&self, reason: &'static str) {
        self.answer(async move { Message::NotSuspended(reason.to_owned()) });
    }

    fn answer(&self, task: impl Future<Output = Message> + Send + 'static) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let message = task.await;
            // The loop is gone only when the panel is closed; then nobody wants the answer.
            let _ = answers.send(message).await;
        });
    }
}

fn failure(error: EngineError) -> Failure {
    let says = error.to_string();
    let refused_by = match &error {
        EngineError::Refused { .. } | EngineError::Moved { .. } => Some(RefusedBy::Gate),
        EngineError::Provider { .. } => Some(RefusedBy::Provider),
        _ => None,
    };
    let locked = match &error {
        EngineError::Locked(lock) => Some(lock.clone()),
        _ => None,
    };
    let fields = match error {
        EngineError::InTheWay(_) => vec![FieldError {
            field: Field::Overwrite,
            says: says.clone(),
        }],
        EngineError::Order(fields)
        | EngineError::Answers { fields, .. }
        | EngineError::Record(fields)
        | EngineError::Account(fields) => fields,
        _ => Vec::new(),
    };
    Failure {
        says,
        fields,
        refused_by,
        locked,
    }
}

/// The program that opens links on this system.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// Starts the program beside the panel; it must not read keys or write over the screen.
fn open_with(program: &str, link: &str) -> String {
    let child = std::process::Command::new(program)
        .arg(link)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match child {
        Ok(status) if status.success() => format!("Opened {link}"),
        Ok(status) => format!("{program} could not open {link} ({status}); y copies it"),
        Err(error) => format!("{program} cannot be started ({error}); open {link} yourself"),
    }
}

/// Reads a text file that a person named, as far as a form wants to.
fn read_file(path: &str) -> Result<String, String> {
    use std::io::Read;
    let place = match path.strip_prefix("~/") {
        Some(rest) => home().map_or_else(|| PathBuf::from(path), |home| home.join(rest)),
        None => PathBuf::from(path),
    };
    let told = |error: std::io::Error| {
        format!("cannot read {path}: {error}; give the path of a file that you may read")
    };
    // A pipe or a terminal would be waited for without end.
    if !std::fs::metadata(&place).map_err(told)?.is_file() {
        return Err(format!(
            "{path} is not a file; give the path of a text file"
        ));
    }
    let file = std::fs::File::open(&place).map_err(told)?;
    // It may be a private key: no copy of it is left behind, neither here nor where it grew.
    let room = usize::try_from(FILE_LIMIT + 1).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(FILE_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(told)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(format!(
            "{path} is longer than 64 KiB, which nothing that is wanted here is; give the path of \
             another one"
        ));
    }
    String::from_utf8(std::mem::take(&mut *bytes))
        .map_err(|_| format!("{path} is not a text file; PEM is wanted here"))
}

fn home() -> Option<PathBuf> {
    directories::UserDirs::new().map(|dirs| dirs.home_dir().to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_is_said_whatever_it_is_wanted_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pem");
        let read = || read_file(path.to_str().unwrap());
        std::fs::write(&path, "PEM").unwrap();
        assert_eq!(read().as_deref(), Ok("PEM"));
        for wrong in [vec![b'a'; 70_000], vec![0xff]] {
            std::fs::write(&path, wrong).unwrap();
            let says = read().unwrap_err();
            // Certificates, chains and keys are read here, too.
            assert!(!says.contains("CSR"), "{says}");
        }
    }
}
