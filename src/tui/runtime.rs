//! The loop that drives the panel: it waits for keys, signals, answers and published changes,
//! hands them to `update` as messages, carries out the effects and draws.
//!
//! The only part of the panel that does anything. Nothing in it waits for a command: those run as
//! tasks of their own and come back as messages. Called by `main` for `certdeck` and
//! `certdeck demo`.

mod effects;
mod wake;

use std::time::Duration;

use ratatui::layout::Size;
use thiserror::Error;
use tokio::time::Instant;

use super::message::{Effect, Message};
use super::model::{CLEARED, Model, Settings};
use super::signals::{Signal, Signals, SignalsError, Termination};
use super::terminal::{
    FAULT_EXIT_CODE, Suspend, Terminal, TerminalError, TerminalOptions, fault, has_faulted,
};
use super::update::update;
use super::view::view;
use crate::engine::Engine;
use effects::Jobs;
use wake::{Sources, Wake};

/// How long after the list is there its first page is written for the next start: not while the list
/// itself is put in order.
const AFTER_THE_LIST: Duration = Duration::from_secs(2);
/// Changes in the background are drawn at most this often; keys are drawn at once.
const FRAME: Duration = Duration::from_millis(16);
/// How much that is queued is taken in before the next frame, so that a flood cannot starve it.
const BATCH: usize = 256;

/// How the panel is to be opened.
#[derive(Clone, Debug)]
pub struct PanelSettings {
    /// How it looks and behaves.
    pub look: Settings,
    /// Whether the terminal reports the mouse.
    pub mouse: bool,
    /// Whether there is a screen on which a browser can show a link: always on macOS, elsewhere
    /// where `DISPLAY` or `WAYLAND_DISPLAY` says so. Without one, links are copied.
    pub has_screen: bool,
}

/// Why the panel could not be opened, or had to be closed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PanelError {
    /// The terminal refused something.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// Signals cannot be heard.
    #[error(transparent)]
    Signals(#[from] SignalsError),
    /// What only the panel knew could not be written down at the end.
    #[error("the panel is closed, but {0}")]
    Close(String),
}

/// Opens the panel and drives it until it is closed; gives back the program's exit code: 0, or 128
/// and the number of the signal that ended it.
///
/// # Errors
/// [`PanelError`]; the terminal is as it was found then, too.
pub async fn run(engine: Engine, settings: PanelSettings) -> Result<u8, PanelError> {
    let signals = Signals::listen()?;
    let terminal = Terminal::enter(TerminalOptions {
        mouse: settings.mouse,
    })?;
    let live = tokio::spawn({
        let engine = engine.clone();
        async move {
            engine.load().await;
            let page = async {
                tokio::time::sleep(AFTER_THE_LIST).await;
                engine.keep_for_the_next_start().await;
            };
            tokio::join!(engine.live(), page);
        }
    });
    let mut model = Model::new(settings.look, engine.inventory(), engine.now());
    model.size = terminal.size()?;
    let sources = Sources::of(&engine);
    let mut panel = Panel {
        has_screen: settings.has_screen,
        jobs: Jobs::new(engine.clone(), sources.answers()),
        engine: engine.clone(),
        terminal,
        signals,
        sources,
        model,
        drawn: None,
        ended: None,
    };
    let driven = panel.drive().await;
    panel.clear_clipboard();
    // The terminal first: whatever is said afterwards has to be seen.
    let left = panel.terminal.leave();
    live.abort();
    let closed = engine.close().await;
    let code = driven?;
    left?;
    closed.map_err(|error| PanelError::Close(error.to_string()))?;
    Ok(if has_faulted() { FAULT_EXIT_CODE } else { code })
}

/// Everything that the loop holds.
struct Panel {
    engine: Engine,
    terminal: Terminal,
    signals: Signals,
    sources: Sources,
    jobs: Jobs,
    model: Model,
    has_screen: bool,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
    /// The exit code, once the end is decided.
    ended: Option<u8>,
}

impl Panel {
    async fn drive(&mut self) -> Result<u8, PanelError> {
        // Loads what the first screen shows.
        let size = self.model.size;
        self.take_in(Message::Resize(size.0, size.1)).await?;
        loop {
            if let Some(code) = self.ended {
                return Ok(code);
            }
            if self.is_due() {
                self.draw()?;
            }
            let wake = self.wait().await?;
            let at_once = wake.is_awaited();
            self.woken(wake).await?;
            self.drain().await?;
            if at_once {
                self.drawn = None;
            }
        }
    }

    /// Waits for whatever comes first.
    async fn wait(&mut self) -> Result<Wake, PanelError> {
        let pause = self.pause();
        tokio::select! {
            biased;
            () = fault() => Ok(Wake::Fault),
            signal = self.signals.next() => Ok(Wake::Signal(signal)),
            event = self.terminal.next_event() => Ok(Wake::of_event(event?)),
            wake = self.sources.next() => Ok(wake),
            () = sleep(pause) => Ok(Wake::Time),
        }
    }

    /// How long until something has to be done by time alone; for ever where nothing has.
    fn pause(&self) -> Option<Duration> {
        if self.model.stale {
            let since = self.drawn.map_or(FRAME, |drawn| drawn.elapsed());
            return Some(FRAME.saturating_sub(since));
        }
        let at = self.model.next_tick()?;
        let wait = self.engine.now().duration_until(at);
        Some(wait.try_into().unwrap_or(Duration::ZERO))
    }

    async fn woken(&mut self, wake: Wake) -> Result<(), PanelError> {
        match wake {
            Wake::Message(message) => self.take_in(message).await,
            Wake::Signal(signal) => self.signalled(signal).await,
            Wake::Time => {
                let now = self.engine.now();
                if self.model.next_tick().is_some_and(|at| at <= now) {
                    return self.take_in(Message::Tick(now)).await;
                }
                Ok(())
            }
            Wake::Fault => {
                self.ended = Some(FAULT_EXIT_CODE);
                Ok(())
            }
            // Nobody can type any more: the terminal is gone.
            Wake::InputEnded => {
                self.ended = Some(Termination::HangUp.exit_code());
                Ok(())
            }
            Wake::Nothing => Ok(()),
        }
    }

    /// Takes in what is queued already, so that ten keys cost one frame and not ten.
    async fn drain(&mut self) -> Result<(), PanelError> {
        for _ in 0..BATCH {
            if self.ended.is_some() {
                return Ok(());
            }
            let wake = tokio::select! {
                biased;
                event = self.terminal.next_event() => Wake::of_event(event?),
                wake = self.sources.next() => wake,
                () = std::future::ready(()) => return Ok(()),
            };
            if wake.is_awaited() {
                self.drawn = None;
            }
            self.woken(wake).await?;
        }
        Ok(())
    }

    async fn take_in(&mut self, message: Message) -> Result<(), PanelError> {
        let now = self.engine.now();
        let mut effects = update(&mut self.model, Message::Clock(now));
        effects.extend(update(&mut self.model, message));
        for effect in effects {
            self.carry_out(effect).await?;
        }
        Ok(())
    }

    async fn carry_out(&mut self, effect: Effect) -> Result<(), PanelError> {
        match effect {
            Effect::Quit => self.ended = Some(self.ended.unwrap_or(0)),
            Effect::Redraw => {
                self.terminal.redraw_fully()?;
                self.model.stale = true;
            }
            Effect::Bell => self.terminal.ring()?,
            Effect::Suspend => self.suspend().await?,
            Effect::Copy(text) => {
                use secrecy::ExposeSecret;
                self.terminal.copy_to_clipboard(text.expose_secret())?;
            }
            Effect::OpenLink(link) => self.open_link(link)?,
            other => self.jobs.start(other),
        }
        Ok(())
    }

    /// No private key stays on the clipboard of a panel that is closed.
    fn clear_clipboard(&mut self) {
        if self.model.clipboard.take().is_some() {
            // A terminal that is gone has no clipboard to clear.
            let _ = self.terminal.copy_to_clipboard(CLEARED);
        }
    }

    /// Opens a link where there is a browser, and copies it elsewhere.
    fn open_link(&mut self, link: String) -> Result<(), PanelError> {
        if self.has_screen {
            self.jobs.open(link);
            return Ok(());
        }
        self.terminal.copy_to_clipboard(&link)?;
        self.jobs.say_copied(&link, "there is no browser here");
        Ok(())
    }

    async fn suspend(&mut self) -> Result<(), PanelError> {
        let outcome = self.terminal.suspend(&mut self.signals).await?;
        self.back(outcome);
        Ok(())
    }

    fn back(&mut self, outcome: Suspend) {
        match outcome {
            Suspend::Resumed => {}
            Suspend::NotPossible(reason) => self.jobs.say_not_suspended(reason),
            Suspend::Terminated(termination) => self.ended = Some(termination.exit_code()),
        }
        self.resized();
    }

    async fn signalled(&mut self, signal: Signal) -> Result<(), PanelError> {
        match signal {
            Signal::Terminate(termination) => self.ended = Some(termination.exit_code()),
            Signal::Suspend => self.suspend().await?,
            Signal::Resumed => {
                let outcome = self.terminal.reclaim(&mut self.signals).await?;
                self.back(outcome);
            }
            Signal::WindowChanged => self.resized(),
        }
        Ok(())
    }

    /// The window may have another size now.
    fn resized(&mut self) {
        self.model.stale = true;
        self.drawn = None;
        if let Ok((columns, rows)) = self.terminal.size() {
            self.sources.say(Message::Resize(columns, rows));
        }
    }

    fn is_due(&self) -> bool {
        self.model.stale && self.drawn.is_none_or(|drawn| drawn.elapsed() >= FRAME)
    }

    fn draw(&mut self) -> Result<(), PanelError> {
        let model = &self.model;
        let mut size = Size::default();
        self.terminal.draw(|frame| {
            size = frame.area().as_size();
            view(model, frame);
        })?;
        self.drawn = Some(Instant::now());
        if (size.width, size.height) != model.size {
            // The window was faster than its message.
            self.sources.say(Message::Resize(size.width, size.height));
        }
        self.model.stale = false;
        Ok(())
    }
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}
