//! The pseudo-terminal harness itself, tried on programs that every system has.

mod common;

use common::pty::{Key, Modes, Panel};
use rustix::process::Signal;

const SIZE: (u16, u16) = (24, 80);

#[test]
fn what_is_typed_is_seen() {
    let mut panel = Panel::start_program("cat", &[], SIZE, &[]);
    panel.press("hello");
    panel.press_key(Key::Enter);
    panel.wait_for("hello\nhello");
    panel.press_key(Key::Ctrl('d'));
    assert_eq!(panel.exit_code(), 0);
    panel.assert_as_found();
}

#[test]
fn the_last_word_and_the_exit_code_arrive() {
    let mut panel = Panel::start_program("sh", &["-c", "seq 1 5000; echo last; exit 7"], SIZE, &[]);
    assert_eq!(panel.exit_code(), 7);
    assert!(panel.screen().contains("5000\nlast"));
}

#[test]
fn a_program_that_wrecks_the_terminal_is_found_out() {
    let script =
        "printf '\\033[?1049h\\033[?25l\\033[?1000;1006h\\033[?2004h\\033[>1u'; stty raw -echo";
    let mut panel = Panel::start_program("sh", &["-c", script], SIZE, &[]);
    assert_eq!(panel.exit_code(), 0);
    let modes = panel.modes();
    assert!(modes.alternate_screen() && modes.mouse());
    assert!(modes.bracketed_paste() && modes.cursor_hidden());
    assert_eq!(modes.keyboard_pushes, 1);
    assert_ne!(panel.termios(), *panel.termios_before());
}

#[test]
fn modes_that_are_taken_back_are_not_left_behind() {
    let bytes = b"\x1b[?1049h\x1b[?25l\x1b[31mtext\x1b[?25h\x1b[?1049l\x1b[>1u\x1b[<1u";
    assert_eq!(Modes::of(bytes), Modes::default());
}

#[test]
fn the_window_changes_its_size() {
    let script = "trap 'stty size' WINCH; echo ready; while :; do read -r line; done";
    let mut panel = Panel::start_program("bash", &["-c", script], SIZE, &[]);
    panel.wait_for("ready");
    panel.resize((10, 40));
    panel.press_key(Key::Enter);
    panel.wait_for("10 40");
}

#[test]
fn death_by_a_signal_is_told_from_an_exit() {
    let mut panel = Panel::start_program("cat", &[], SIZE, &[]);
    panel.signal(Signal::TERM);
    assert!(panel.wait_end().signal().is_some());
}

#[test]
fn a_closed_window_ends_the_program() {
    // It reads nothing, so that the end of its input cannot end it first.
    let mut panel = Panel::start_program("sleep", &["600"], SIZE, &[]);
    panel.press("x");
    panel.wait_for("x");
    panel.hang_up();
    assert!(panel.wait_end().signal().is_some());
}
