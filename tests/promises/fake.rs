//! A provider that counts what it sells and never forgets it, and whose answers get lost wherever a
//! test wants them to; and a desk from which it is asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{Entry, EntryId, Method, StateRef};
use certdeck::domain::event::What;
use certdeck::domain::lifecycle::{ActionRow, Lifecycles};
use certdeck::engine::command::{Command, CsrChoice, Done, OrderForm};
use certdeck::engine::{AccountSettings, Engine, EngineError, EngineSettings};
use certdeck::pki::KeyType;
use certdeck::providers::{
    Answer, Answering, Holding, Listed, Listing, Provider, ProviderError, Request, Sought,
};
use certdeck::store::Disk;
use jiff::{SignedDuration, Timestamp};

pub(crate) const ACCOUNT: &str = "shop";
pub(crate) const NAME: &str = "www.example.com";

/// Where a request comes to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is answered.
    #[default]
    Answered,
    /// It never arrives, and the connection breaks.
    BreaksBefore,
    /// It arrives, and the connection breaks before the answer.
    BreaksAfter,
    /// It never arrives, and nobody ever says so.
    HangsBefore,
    /// It arrives, and no answer ever comes.
    HangsAfter,
}

#[derive(Debug, Default)]
pub(crate) struct Books {
    /// What it sold, in the order in which it did.
    pub(crate) sold: Vec<Holding>,
    /// How often each action was asked of it.
    pub(crate) asked: BTreeMap<String, usize>,
    /// How often it was asked what it holds.
    pub(crate) listed: usize,
    pub(crate) way: Way,
    /// Whether it refuses to list.
    pub(crate) mute: bool,
    /// Whether it says that what it does not list never arrived.
    pub(crate) certain: bool,
    now: Option<Timestamp>,
}

/// The provider.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fake(Arc<Mutex<Books>>);

impl Fake {
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }

    pub(crate) fn goes(&self, way: Way) {
        self.books().way = way;
    }

    pub(crate) fn sold(&self) -> usize {
        self.books().sold.len()
    }

    /// Something that was bought there by somebody else's hand.
    pub(crate) fn sell(&self, names: &[String], product: &str, made: Timestamp) -> String {
        let mut books = self.books();
        let id = format!("X-{}", books.sold.len() + 1);
        books.sold.push(Holding {
            id: id.clone(),
            names: names.to_vec(),
            product: product.to_owned(),
            made,
            state: StateRef::known("outstanding-invoice"),
        });
        id
    }

    async fn take(
        self: Arc<Self>,
        action: String,
        sells: Option<Arc<Entry>>,
    ) -> Result<Answer, ProviderError> {
        let way = self.books().way;
        let broken = || ProviderError::OutcomeUnknown {
            why: "the connection broke".to_owned(),
        };
        match way {
            Way::BreaksBefore => return Err(broken()),
            Way::HangsBefore => std::future::pending().await,
            Way::Answered | Way::BreaksAfter | Way::HangsAfter => {}
        }
        *self.books().asked.entry(action.clone()).or_default() += 1;
        if let Some(entry) = sells {
            let made = self.books().now.unwrap();
            self.sell(&entry.names, &entry.product.name, made);
        }
        match way {
            Way::BreaksAfter => Err(broken()),
            Way::HangsAfter => std::future::pending().await,
            _ => Ok(accepted(&action)),
        }
    }
}

fn accepted(action: &str) -> Answer {
    let says = Some("Thank you.".to_owned());
    let accepted = What::Accepted {
        action: action.to_owned(),
        says: says.clone(),
        open: false,
    };
    Answer {
        says,
        happened: vec![accepted],
        ..Answer::default()
    }
}

impl Provider for Fake {
    fn is_repeatable(&self, action: &str) -> bool {
        action == "recheck"
    }

    fn order(self: Arc<Self>, request: Request) -> Answering {
        Box::pin(self.take("order".to_owned(), Some(request.entry)))
    }

    fn act(self: Arc<Self>, _request: Request, row: ActionRow) -> Answering {
        // What makes a successor is paid with the order of it.
        if row.makes.is_some() {
            return Box::pin(std::future::ready(Ok(accepted(&row.id))));
        }
        Box::pin(self.take(row.id, None))
    }

    fn list(self: Arc<Self>, _sought: Sought) -> Listed {
        let mut books = self.books();
        books.listed += 1;
        let listing = if books.mute {
            Err(ProviderError::Refused {
                says: "come back later".to_owned(),
            })
        } else {
            Ok(Listing {
                holdings: books.sold.clone(),
                complete: books.certain,
            })
        };
        Box::pin(std::future::ready(listing))
    }

    fn recall(
        self: Arc<Self>,
        _request: Request,
        row: Option<ActionRow>,
        _holding: Holding,
    ) -> Answering {
        let action = row.map_or_else(|| "order".to_owned(), |row| row.id);
        Box::pin(std::future::ready(Ok(accepted(&action))))
    }
}

/// One store, one provider, one clock; as many engines on it as a test wants.
pub(crate) struct Desk {
    pub(crate) fake: Fake,
    pub(crate) clock: Arc<Mutex<Timestamp>>,
    pub(crate) store: PathBuf,
    pub(crate) disk: Option<Arc<dyn Disk>>,
    _folder: Option<tempfile::TempDir>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        Self {
            store,
            _folder: Some(folder),
            ..Self::on(Path::new("/store"), None)
        }
    }

    /// On a disk in memory.
    pub(crate) fn on(store: &Path, disk: Option<Arc<dyn Disk>>) -> Self {
        let start: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let made = Self {
            fake: Fake::default(),
            clock: Arc::new(Mutex::new(start)),
            store: store.to_owned(),
            disk,
            _folder: None,
        };
        made.fake.books().now = Some(start);
        made
    }

    pub(crate) fn turn_clock(&self, seconds: i64) {
        let mut now = self.clock.lock().unwrap();
        *now += SignedDuration::from_secs(seconds);
        self.fake.books().now = Some(*now);
    }

    /// Another process, as it were.
    pub(crate) fn open(&self) -> Engine {
        let clock = Arc::clone(&self.clock);
        let fake = self.fake.clone();
        Engine::open(EngineSettings {
            clock: Arc::new(move || *clock.lock().unwrap()),
            accounts: vec![AccountSettings::usual(
                ACCOUNT,
                AccountKind::Sandbox,
                "netcup",
            )],
            providers: Some(Arc::new(move |account: &str| {
                let fake: Arc<dyn Provider> = Arc::new(fake.clone());
                (account == ACCOUNT).then_some(fake)
            })),
            disk: self.disk.clone(),
            ..EngineSettings::usual(self.store.clone(), Lifecycles::built_in().unwrap(), "test")
        })
        .unwrap()
    }
}

pub(crate) fn form() -> OrderForm {
    OrderForm {
        account: ACCOUNT.to_owned(),
        product: "single-dv".to_owned(),
        names: vec![NAME.to_owned()],
        key_type: KeyType::P256,
        csr: CsrChoice::Certdeck,
        method: Method::Dns,
        mailbox: None,
        wishes: certdeck::engine::command::Wishes::default(),
    }
}

pub(crate) async fn order(engine: &Engine) -> Result<EntryId, EngineError> {
    match engine.run(Command::Order(form())).await? {
        Done::Ordered { entry, .. } => Ok(entry),
        other => panic!("an order answers Ordered, not {other:?}"),
    }
}

/// The only entry that there is.
pub(crate) fn only(engine: &Engine) -> Arc<Entry> {
    let inventory = engine.inventory();
    assert_eq!(inventory.entries.len(), 1);
    inventory.entries.iter().next().unwrap()
}
