//! The one guard that owns the terminal: its modes, its output and its input.
//!
//! Whoever holds a [`Terminal`] may draw, read keys, ring, copy, step aside for a child program
//! or be suspended. When it goes, by [`Terminal::leave`], by being dropped, or because a panic
//! struck in any thread, the terminal is as it was found. Nothing else in certdeck may switch a
//! terminal mode or write to standard output while the panel is open.
//!
//! Called by the panel's runtime; by nobody else.

mod claim;
mod fault;
mod job;
mod output;

use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{Event, EventStream};
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use futures_util::StreamExt;
use ratatui::backend::CrosstermBackend;
use rustix::termios::Termios;
use thiserror::Error;

use super::signals::{Signals, Termination};
pub use fault::{FAULT_EXIT_CODE, fault, has_faulted};
use output::FrameWriter;

/// How the panel wants the terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether the terminal should report mouse buttons, wheel and drags (not bare movement).
    pub mouse: bool,
}

/// Why the terminal could not be taken, used or given back.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TerminalError {
    /// Standard input or output is a file or a pipe.
    #[error(
        "cannot open the panel: {stream} is not a terminal; run certdeck in a terminal without \
         redirecting it, or use a command such as `certdeck list`"
    )]
    NotATerminal {
        /// "standard input" or "standard output".
        stream: &'static str,
    },
    /// A second guard was asked for while the first one lives.
    #[error("cannot open the panel: it already holds this terminal; close the other panel first")]
    AlreadyHeld,
    /// The operating system refused something.
    #[error("cannot {tried} on the terminal: {source}; if it looks odd now, type `reset`")]
    Io {
        /// What was tried, as "cannot ..." continues.
        tried: &'static str,
        /// What came back.
        source: io::Error,
    },
    /// The settings were written back but read different afterwards.
    #[error(
        "cannot give the terminal back as it was found: its settings read different after they \
         were restored; type `reset`"
    )]
    NotRestored,
}

impl TerminalError {
    /// Makes the mapping function for one attempt: `.map_err(TerminalError::io("draw"))`.
    fn io<E: Into<io::Error>>(tried: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Io {
            tried,
            source: source.into(),
        }
    }
}

/// What came of asking to be suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Suspend {
    /// certdeck was stopped, has been continued and holds the terminal again; everything on the
    /// screen has to be drawn anew.
    Resumed,
    /// Nothing happened; the reason is fit for a toast.
    NotPossible(&'static str),
    /// While stopped, certdeck was told to end. The terminal is left already.
    Terminated(Termination),
}

/// The guard. Hold it for as long as the panel is open.
#[derive(Debug)]
#[must_use = "the terminal is given back as soon as the guard is dropped"]
pub struct Terminal {
    screen: ratatui::Terminal<CrosstermBackend<FrameWriter>>,
    hold: output::Hold,
    input: Option<EventStream>,
    options: TerminalOptions,
}

impl Terminal {
    /// Takes the terminal: raw mode, alternate screen, hidden cursor, bracketed paste and, if
    /// asked for, the mouse. From here on a panic in any thread gives it back first.
    ///
    /// # Errors
    /// [`TerminalError::NotATerminal`] when input or output is redirected,
    /// [`TerminalError::AlreadyHeld`] when another guard lives, [`TerminalError::Io`] when the
    /// terminal refuses a mode; in every case it is left as it was found.
    pub fn enter(options: TerminalOptions) -> Result<Self, TerminalError> {
        require_terminal(io::stdin().is_terminal(), "standard input")?;
        require_terminal(io::stdout().is_terminal(), "standard output")?;
        fault::install_hook();
        claim::take(options.mouse, None)?;
        match Self::over_claim(options) {
            Ok(guard) => Ok(guard),
            Err(error) => {
                // The first error is the one worth telling; giving back is best effort here.
                let _ = claim::release();
                Err(error)
            }
        }
    }

    fn over_claim(options: TerminalOptions) -> Result<Self, TerminalError> {
        let (writer, hold) = FrameWriter::new();
        let screen = ratatui::Terminal::new(CrosstermBackend::new(writer))
            .map_err(TerminalError::io("measure the screen"))?;
        Ok(Self {
            screen,
            hold,
            input: None,
            options,
        })
    }

    /// Gives the terminal back as it was found. Calling it again does nothing.
    ///
    /// # Errors
    /// Every step is tried whatever the others said; the first failure is returned.
    pub fn leave(&mut self) -> Result<(), TerminalError> {
        // The reader goes first: it must not eat what the next owner of the terminal is sent.
        self.input = None;
        let flushed = self.screen.backend_mut().flush();
        claim::release()?;
        flushed.map_err(TerminalError::io("finish the last frame"))
    }

    /// Draws one frame. The bytes leave in one piece, wrapped so that terminals which know
    /// synchronized updates never show half of it. Without the terminal this draws nothing.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when the terminal cannot be written to.
    pub fn draw(&mut self, view: impl FnOnce(&mut ratatui::Frame)) -> Result<(), TerminalError> {
        let holding = self.hold.begin();
        let drawn = self.draw_held(view);
        drop(holding);
        let flushed = self.screen.backend_mut().flush();
        drawn.and(flushed).map_err(TerminalError::io("draw"))
    }

    fn draw_held(&mut self, view: impl FnOnce(&mut ratatui::Frame)) -> io::Result<()> {
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        self.screen.draw(view)?;
        queue!(self.screen.backend_mut(), EndSynchronizedUpdate)
    }

    /// Makes the next [`draw`](Self::draw) paint every cell, whatever the screen shows now.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when the terminal cannot be written to.
    pub fn redraw_fully(&mut self) -> Result<(), TerminalError> {
        // ratatui's own `clear` asks the terminal where its cursor is and waits for the answer,
        // which the input reader would swallow. Clearing and forgetting the last frame is enough.
        queue!(self.screen.backend_mut(), Clear(ClearType::All))
            .map_err(TerminalError::io("clear the screen"))?;
        self.screen.swap_buffers();
        Ok(())
    }

    /// Width and height in cells, as the terminal reports them now.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when the terminal does not say.
    pub fn size(&self) -> Result<(u16, u16), TerminalError> {
        let size = self
            .screen
            .size()
            .map_err(TerminalError::io("measure the screen"))?;
        Ok((size.width, size.height))
    }

    /// Waits for the next key, paste, mouse or resize event. Dropping the future loses nothing.
    /// `None` means that there will be no more input.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when reading fails.
    pub async fn next_event(&mut self) -> Result<Option<Event>, TerminalError> {
        let input = self.input.get_or_insert_with(EventStream::new);
        let event = input.next().await.transpose();
        let event = event.map_err(TerminalError::io("read input"))?;
        if matches!(event, Some(Event::Resize(..))) {
            // A key that came together with the resize is forgotten by crossterm until another
            // one is struck, unless it is announced anew.
            claim::announce_input()?;
        }
        Ok(event)
    }

    /// Offers `text` to the clipboard by OSC 52, which reaches the clipboard at the person's own
    /// desk even over ssh. Whether the terminal accepts it cannot be learned.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when the terminal cannot be written to.
    pub fn copy_to_clipboard(&mut self, text: &str) -> Result<(), TerminalError> {
        let output = self.screen.backend_mut();
        queue!(output, CopyToClipboard::to_clipboard_from(text))
            .and_then(|()| output.flush())
            .map_err(TerminalError::io("copy"))
    }

    /// Rings the terminal's bell.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when the terminal cannot be written to.
    pub fn ring(&mut self) -> Result<(), TerminalError> {
        let output = self.screen.backend_mut();
        output
            .write_all(b"\x07")
            .and_then(|()| output.flush())
            .map_err(TerminalError::io("ring the bell"))
    }

    /// Steps aside: leaves the terminal, stops the process group, and takes the terminal again
    /// when continued in the foreground. Continued in the background it stops once more, since
    /// there is no screen to draw on.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when the terminal cannot be left or taken again.
    pub async fn suspend(&mut self, signals: &mut Signals) -> Result<Suspend, TerminalError> {
        if let Some(reason) = job::why_not_suspend() {
            return Ok(Suspend::NotPossible(reason));
        }
        self.leave()?;
        job::stop_group().await?;
        if let Some(termination) = job::until_foreground(signals).await? {
            return Ok(Suspend::Terminated(termination));
        }
        // What the shell has set now is what it wants back, so that is remembered afresh.
        self.enter_again(None)?;
        Ok(Suspend::Resumed)
    }

    /// Takes up the terminal again after somebody else stopped and continued certdeck (`kill
    /// -STOP`, then `fg`): the shell has used the terminal meanwhile. Call it on
    /// [`Signal::Resumed`](super::signals::Signal::Resumed); draw anew afterwards.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when the terminal refuses a mode.
    pub async fn reclaim(&mut self, signals: &mut Signals) -> Result<Suspend, TerminalError> {
        if let Some(termination) = job::until_foreground(signals).await? {
            return Ok(Suspend::Terminated(termination));
        }
        claim::reassert()?;
        self.redraw_fully()?;
        Ok(Suspend::Resumed)
    }

    /// Lends the terminal to a child (`$EDITOR`, `$PAGER`) for as long as `child` runs, then
    /// takes it back; draw anew afterwards. Ctrl-C and the like meanwhile are the child's.
    /// Run the child with `tokio::task::spawn_blocking`, so that background work goes on.
    /// A request to terminate waits in `signals` until the child has ended.
    ///
    /// # Errors
    /// [`TerminalError::Io`] when the terminal cannot be left or taken again; what the child
    /// answered is lost then.
    pub async fn with_child<T>(
        &mut self,
        signals: &mut Signals,
        child: impl Future<Output = T>,
    ) -> Result<T, TerminalError> {
        // A child that is killed leaves its settings behind; what counts is what was found first.
        let found = claim::found();
        self.leave()?;
        let answer = job::beside_child(signals, child).await;
        signals.forget_keyboard().await;
        claim::discard_input();
        self.enter_again(found)?;
        answer
    }

    fn enter_again(&mut self, found: Option<Termios>) -> Result<(), TerminalError> {
        settle_reader();
        claim::take(self.options.mouse, found)?;
        self.redraw_fully()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Nobody is left to tell; `leave` has tried every step.
        let _ = self.leave();
    }
}

/// Dropping an event stream leaves a wake-up behind when its thread was not waiting just then. The
/// next stream would meet it together with the first key, and crossterm then forgets that there is
/// a key until another one is struck. So it is taken up here, before raw mode is switched on,
/// which announces anew whatever has been typed.
fn settle_reader() {
    // An error would come up again where the next event is read.
    let _ = crossterm::event::poll(Duration::ZERO);
}

fn require_terminal(is_terminal: bool, stream: &'static str) -> Result<(), TerminalError> {
    if is_terminal {
        Ok(())
    } else {
        Err(TerminalError::NotATerminal { stream })
    }
}
