//! A little panel that holds the guard and does on each key what a case asks for.

use std::process::{Command, ExitCode};

use certdeck::tui::signals::{Signal, Signals};
use certdeck::tui::terminal::{
    FAULT_EXIT_CODE, Suspend, Terminal, TerminalError, TerminalOptions, fault, has_faulted,
};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::widgets::{Paragraph, Wrap};

/// What a child leaves behind: no echo, no lines, and bytes nobody has read.
const RUDE_CHILD: &str = "trap 'echo interrupted' INT; \
                          stty -a | grep -qw icanon && echo child in cooked mode; \
                          until read -r line; do :; done; \
                          stty raw -echo";

/// Plays until told to end.
pub(crate) fn play(mouse: bool) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let code = match runtime.block_on(panel(mouse)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            1
        }
    };
    ExitCode::from(if has_faulted() { FAULT_EXIT_CODE } else { code })
}

struct Play {
    terminal: Terminal,
    signals: Signals,
    note: String,
    draws: u32,
}

async fn panel(mouse: bool) -> Result<u8, TerminalError> {
    let signals = Signals::listen().expect("signals");
    let mut play = Play {
        terminal: Terminal::enter(TerminalOptions { mouse })?,
        signals,
        note: "ready".to_owned(),
        draws: 0,
    };
    loop {
        play.draw()?;
        let code = tokio::select! {
            biased;
            () = fault() => Some(FAULT_EXIT_CODE),
            signal = play.signals.next() => play.on_signal(signal).await?,
            event = play.terminal.next_event() => match event? {
                Some(event) => play.on_event(event).await?,
                None => Some(1),
            },
        };
        if let Some(code) = code {
            play.terminal.leave()?;
            println!("left with {code}");
            return Ok(code);
        }
    }
}

impl Play {
    fn draw(&mut self) -> Result<(), TerminalError> {
        self.draws += 1;
        let text = format!("guard: {}\ndraws {}", self.note, self.draws);
        let paragraph = Paragraph::new(text).wrap(Wrap { trim: false });
        self.terminal
            .draw(|frame| frame.render_widget(paragraph, frame.area()))
    }

    async fn on_signal(&mut self, signal: Signal) -> Result<Option<u8>, TerminalError> {
        match signal {
            Signal::Terminate(termination) => return Ok(Some(termination.exit_code())),
            Signal::Suspend => return self.suspend().await,
            Signal::Resumed => {
                return match self.terminal.reclaim(&mut self.signals).await? {
                    Suspend::Terminated(termination) => Ok(Some(termination.exit_code())),
                    _ => Ok(None),
                };
            }
            Signal::WindowChanged => {
                let (width, height) = self.terminal.size()?;
                self.note = format!("{width} by {height}");
            }
        }
        Ok(None)
    }

    async fn suspend(&mut self) -> Result<Option<u8>, TerminalError> {
        match self.terminal.suspend(&mut self.signals).await? {
            Suspend::Resumed => "back again".clone_into(&mut self.note),
            Suspend::NotPossible(reason) => reason.clone_into(&mut self.note),
            Suspend::Terminated(termination) => return Ok(Some(termination.exit_code())),
        }
        Ok(None)
    }

    async fn on_event(&mut self, event: Event) -> Result<Option<u8>, TerminalError> {
        match event {
            Event::Key(key) => return self.on_key(key).await,
            Event::Paste(text) => self.note = format!("pasted {text:?}"),
            Event::Mouse(mouse) => self.note = format!("mouse {:?}", mouse.kind),
            _ => {}
        }
        Ok(None)
    }

    async fn on_key(&mut self, key: KeyEvent) -> Result<Option<u8>, TerminalError> {
        let KeyCode::Char(character) = key.code else {
            return Ok(None);
        };
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            if character == 'z' {
                return self.suspend().await;
            }
            self.note = format!("ctrl-{character}");
            return Ok(None);
        }
        match character {
            'q' => return Ok(Some(0)),
            'p' => panic!("struck in main \x1b[31m"),
            't' => drop(tokio::spawn(async { panic!("struck in a task") })),
            'h' => drop(std::thread::spawn(|| panic!("struck in a thread"))),
            'd' => self.terminal.draw(|_| panic!("struck while drawing"))?,
            'c' => self.terminal.copy_to_clipboard("copied text")?,
            'b' => self.terminal.ring()?,
            '2' => self.note = second_guard(),
            'e' => self.child().await?,
            other => self.note = format!("key {other}"),
        }
        Ok(None)
    }

    async fn child(&mut self) -> Result<(), TerminalError> {
        let child =
            tokio::task::spawn_blocking(|| Command::new("sh").args(["-c", RUDE_CHILD]).status());
        let ended = self.terminal.with_child(&mut self.signals, child).await?;
        let fine = ended.is_ok_and(|status| status.is_ok());
        self.note = format!("child ended, fine: {fine}");
        Ok(())
    }
}

fn second_guard() -> String {
    match Terminal::enter(TerminalOptions::default()) {
        Ok(_) => "two guards!".to_owned(),
        Err(error) => error.to_string(),
    }
}
