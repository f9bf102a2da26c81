//! Deploying: the files that the account's command takes further, its environment, and what came of
//! it in the history and on the row.
//!
//! May not: hold up anything else, or run for one entry twice at once. A certificate that is to be
//! deployed is marked in the transaction that brings it, and stays marked until a command has ended
//! well, so that nothing is forgotten over a crash.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret as _;
use tokio::sync::{Notify, oneshot};
use zeroize::Zeroizing;

use super::run::{Came, Run, Told, run};
use super::{Material, layout, put_error, refused};
use crate::config::Deploy;
use crate::domain::entry::{Entry, EntryId, Role};
use crate::domain::event::What;
use crate::domain::text::sanitise;
use crate::engine::command::{Deployed, Done, Notice, Tone};
use crate::engine::settle::{entry_in, happen};
use crate::engine::{Engine, EngineError, Inner, hold};
use crate::files::{self, NewFile, PassingFolder};
use crate::pki::Certificate;

pub(super) const DEPLOY: &str = "run-deploy";

/// What is being deployed, and what waits for it.
#[derive(Default)]
pub(in crate::engine) struct Deploys {
    running: Mutex<BTreeMap<EntryId, Sender<Told>>>,
    waiting: Mutex<VecDeque<EntryId>>,
    woken: Notify,
}

/// Everything that a command needs, and the folder that passes with it.
struct Prepared {
    entry: Arc<Entry>,
    program: String,
    run: Run,
    _passing: Option<PassingFolder>,
}

impl Engine {
    /// Runs the account's deploy command for an entry; it hears of files that were exported for it.
    pub(in crate::engine) async fn deploy(
        &self,
        id: EntryId,
        exported: Vec<PathBuf>,
    ) -> Result<Done, EngineError> {
        let wanted = id.clone();
        let (teller, told) = channel();
        let running = Running::begin(&self.0, &id, teller.clone())?;
        let prepared = self
            .aside(move |inner| inner.prepare_deploy(&wanted, &exported))
            .await;
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                let told = self.aside(move |inner| inner.not_prepared(&id, error));
                return Err(told.await?);
            }
        };
        let (entry, program) = (Arc::clone(&prepared.entry), prepared.program.clone());
        let came = beside(prepared, teller, told).await?;
        drop(running);
        self.aside(move |inner| inner.settle_deploy(&entry, program, came))
            .await
    }

    /// Deploys what was issued meanwhile, where the account says so, one after the other. What came
    /// of it is told as news.
    pub async fn deploy_waiting(&self) {
        loop {
            let next = hold(&self.0.deploys.waiting).pop_front();
            let Some(id) = next else { return };
            let (tone, says) = match self.deploy(id.clone(), Vec::new()).await {
                Ok(Done::Deployed(Deployed { failure: None, .. })) => continue,
                Ok(Done::Deployed(deployed)) => {
                    let why = deployed.failure.unwrap_or_default();
                    (Tone::Bad, format!("deploying failed: {why}"))
                }
                Ok(_) => continue,
                Err(error) => (Tone::Bad, error.to_string()),
            };
            let name = self.inventory().get(&id);
            let name = name.map_or_else(|| id.to_string(), |entry| entry.name().to_owned());
            let says = format!("{name}: {says}");
            let entry = Some(id);
            self.0.tell(Notice { entry, tone, says });
        }
    }

    /// Deploys whatever is issued from now on; never ends.
    pub(in crate::engine) async fn keep_deploying(&self) {
        loop {
            self.deploy_waiting().await;
            self.0.deploys.woken.notified().await;
        }
    }
}

/// Runs it on a thread of its own: it may take as long as it may.
async fn beside(
    prepared: Prepared,
    teller: Sender<Told>,
    told: std::sync::mpsc::Receiver<Told>,
) -> Result<Came, EngineError> {
    let (done, came) = oneshot::channel();
    std::thread::spawn(move || {
        let came = run(&prepared.run, &teller, &told);
        drop(prepared);
        // Nobody waits any more where the program ends.
        let _ = done.send(came);
    });
    let lost =
        |_| EngineError::Failed("the deploy command's thread stopped unexpectedly".to_owned());
    came.await.map_err(lost)
}

/// That an entry is being deployed, until this is dropped.
struct Running {
    inner: Arc<Inner>,
    id: EntryId,
}

impl Running {
    fn begin(inner: &Arc<Inner>, id: &EntryId, teller: Sender<Told>) -> Result<Self, EngineError> {
        let mut running = hold(&inner.deploys.running);
        if running.contains_key(id) {
            let says = format!("{id} is being deployed already; wait until that has ended");
            return Err(EngineError::Usage(says));
        }
        running.insert(id.clone(), teller);
        drop(running);
        Ok(Self {
            inner: Arc::clone(inner),
            id: id.clone(),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        hold(&self.inner.deploys.running).remove(&self.id);
    }
}

impl Inner {
    /// What to write down beside a certificate that was issued, where the account deploys by itself.
    pub(in crate::engine) fn due_to_deploy(
        &self,
        account: &str,
        happened: &[What],
    ) -> Option<What> {
        let serves = |what: &What| matches!(what, What::Issued { certificate } if certificate.role == Role::Serving);
        let accounts = self.accounts();
        let deploy = accounts.get(account)?.deploy.as_ref()?;
        (deploy.after_renewal && happened.iter().any(serves)).then_some(What::DeployDue)
    }

    /// Lets an entry be deployed that was marked for it.
    pub(in crate::engine) fn queue_deploy(&self, id: &EntryId) {
        hold(&self.deploys.waiting).push_back(id.clone());
        self.deploys.woken.notify_one();
    }

    /// Stops the deploy command of an entry.
    pub(in crate::engine) fn cancel_deploy(&self, id: &EntryId) -> Result<Done, EngineError> {
        let running = hold(&self.deploys.running);
        let teller = running.get(id);
        if teller.is_some_and(|teller| teller.send(Told::Cancel).is_ok()) {
            return Ok(Done::Kept);
        }
        let says = format!("nothing is being deployed for {id} here");
        Err(EngineError::Usage(says))
    }

    fn prepare_deploy(&self, id: &EntryId, exported: &[PathBuf]) -> Result<Prepared, EngineError> {
        let entry = self.may(id, DEPLOY)?;
        self.may_write_down(id, DEPLOY)?;
        let accounts = self.accounts();
        let deploy = accounts.get(&entry.account);
        let deploy = deploy.and_then(|account| account.deploy.clone());
        let Some(deploy) = deploy else {
            return Err(refused(
                &entry,
                DEPLOY,
                "its account names no command".to_owned(),
            ));
        };
        let material = self.material(&entry, true, true)?;
        if material.key.is_some() {
            let to = format!("the deploy command {}", deploy.program());
            self.note_key(&entry, DEPLOY, to)?;
        }
        let (folder, passing) = place(&deploy, &material)?;
        let (files, mut environment) = handed(&folder, &material)?;
        files::put_all(&files, true).map_err(put_error)?;
        environment.extend(facts(&entry, &folder));
        environment.extend(exported_words(exported));
        Ok(Prepared {
            program: deploy.program().to_owned(),
            run: Run {
                within: deploy.within,
                command: deploy.command,
                environment,
                secret_lines: secret_lines(&material),
            },
            entry,
            _passing: passing,
        })
    }

    /// What went wrong before the command ran belongs on the row, unless a person is asked for
    /// something or it is not possible at all.
    fn not_prepared(&self, id: &EntryId, error: EngineError) -> Result<EngineError, EngineError> {
        let marked = self.store.snapshot().entries.get(id);
        let is_marked = marked
            .as_ref()
            .is_some_and(|entry| entry.undeployed.is_some());
        let belongs = match &error {
            EngineError::Failed(_) | EngineError::Store(_) => true,
            EngineError::Locked(_) => is_marked,
            _ => false,
        };
        if let Some(entry) = marked.filter(|_| belongs) {
            let came = Came {
                failure: Some(error.to_string()),
                output: String::new(),
            };
            let accounts = self.accounts();
            let deploy = accounts.get(&entry.account);
            let deploy = deploy.and_then(|account| account.deploy.as_ref());
            let program = deploy.map_or("", Deploy::program).to_owned();
            self.settle_deploy(&entry, program, came)?;
        }
        Ok(error)
    }

    fn settle_deploy(
        &self,
        entry: &Arc<Entry>,
        program: String,
        came: Came,
    ) -> Result<Done, EngineError> {
        let Came { failure, output } = came;
        self.store.transact(|transaction| {
            transaction.who(&self.who);
            let now = self.time_of(&entry.account);
            let current = entry_in(transaction, &entry.id)?;
            let mut happened = vec![What::Deployed {
                program,
                failure: failure.clone(),
                output: output.clone(),
            }];
            // Another certificate came while this one was deployed.
            let newer = current.serving().map(|held| &held.sha256)
                != entry.serving().map(|held| &held.sha256);
            if newer && current.undeployed.is_some() && failure.is_none() {
                happened.push(What::DeployDue);
            }
            happen(transaction, current.as_ref().clone(), happened, now);
            Ok::<_, EngineError>(())
        })?;
        self.publish();
        Ok(Done::Deployed(Deployed {
            entry: entry.id.clone(),
            failure,
            output,
        }))
    }
}

/// The folder that the files go into.
fn place(
    deploy: &Deploy,
    material: &Material,
) -> Result<(PathBuf, Option<PassingFolder>), EngineError> {
    if let Some(to) = &deploy.to {
        return Ok((to.join(&material.name), None));
    }
    let passing = PassingFolder::make().map_err(put_error)?;
    Ok((passing.path().to_owned(), Some(passing)))
}

/// Variables of the command's environment.
type Variables = Vec<(&'static str, String)>;

/// The files of a deployment by the names that certbot gives them, and the variables that say where
/// they are; the key first.
fn handed(folder: &Path, material: &Material) -> Result<(Vec<NewFile>, Variables), EngineError> {
    let text = |text: String| Zeroizing::new(text.into_bytes());
    let leaf = material.leaf.as_ref();
    let leaf = leaf.ok_or_else(|| EngineError::Failed("there is no certificate yet".to_owned()))?;
    let chain: String = material.chain.iter().map(Certificate::to_pem).collect();
    let key = material.key.as_ref().map(|key| {
        let pem = key.to_pkcs8_pem();
        Zeroizing::new(pem.expose_secret().as_bytes().to_vec())
    });
    let all = [
        ("CERTDECK_KEY", "privkey.pem", key),
        (
            "CERTDECK_CERTIFICATE",
            "cert.pem",
            Some(text(leaf.to_pem())),
        ),
        (
            "CERTDECK_CHAIN",
            "chain.pem",
            (!chain.is_empty()).then(|| text(chain.clone())),
        ),
        (
            "CERTDECK_FULLCHAIN",
            "fullchain.pem",
            Some(text(
                layout::for_server(material).map_err(EngineError::Failed)?,
            )),
        ),
    ];
    let (mut files, mut environment) = (Vec::new(), Vec::new());
    for (variable, name, bytes) in all {
        let Some(bytes) = bytes else { continue };
        let path = folder.join(name);
        environment.push((variable, path.display().to_string()));
        files.push(NewFile { path, bytes });
    }
    Ok((files, environment))
}

/// What the command may want to know beside the files.
fn facts(entry: &Entry, folder: &Path) -> Variables {
    let names: Vec<_> = entry.names.iter().map(|name| sanitise(name)).collect();
    vec![
        ("CERTDECK_ENTRY", entry.id.to_string()),
        ("CERTDECK_NAME", sanitise(entry.name()).into_owned()),
        ("CERTDECK_NAMES", names.join(" ")),
        ("CERTDECK_ACCOUNT", entry.account.clone()),
        ("CERTDECK_FOLDER", folder.display().to_string()),
    ]
}

/// The files that were exported, a line each, where some were.
fn exported_words(exported: &[PathBuf]) -> Option<(&'static str, String)> {
    let lines: Vec<_> = exported
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    (!lines.is_empty()).then(|| ("CERTDECK_EXPORTED", lines.join("\n")))
}

/// The lines of the key, for who repeats what the command says.
fn secret_lines(material: &Material) -> Vec<Zeroizing<String>> {
    let Some(key) = &material.key else {
        return Vec::new();
    };
    let pem = key.to_pkcs8_pem();
    let lines = pem.expose_secret().lines();
    let lines = lines.filter(|line| !line.starts_with("-----"));
    lines.map(|line| Zeroizing::new(line.to_owned())).collect()
}
