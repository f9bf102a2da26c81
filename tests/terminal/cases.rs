//! The cases. Each tells a short story and ends in what a person would notice.

use rustix::process::Signal;

use crate::common::pty::{Key, Panel};

/// A case and its name.
type Case = (&'static str, fn());

macro_rules! cases {
    ($($name:ident,)+) => {
        /// All cases, in the order in which they run.
        pub(crate) const ALL: &[Case] = &[$((stringify!($name), $name),)+];
    };
}

cases! {
    quitting_leaves_the_terminal_as_it_was,
    entering_switches_on_what_was_asked_for_and_nothing_else,
    ctrl_j_is_not_enter,
    a_paste_arrives_whole,
    the_mouse_reports_only_if_wanted,
    a_panic_in_main_gives_the_terminal_back_and_says_so,
    a_panic_in_a_task_ends_the_program,
    a_panic_in_a_thread_ends_the_program,
    a_panic_while_drawing_leaves_no_half_frame,
    signals_end_it_cleanly_with_their_code,
    a_closed_window_ends_it,
    a_session_leader_says_why_it_cannot_suspend,
    first_in_a_container_it_says_why_it_cannot_suspend,
    suspended_by_key_and_brought_back,
    suspended_by_a_signal_and_brought_back,
    stopped_by_force_it_claims_the_screen_again,
    sent_to_the_background_it_stays_stopped_until_in_front,
    killed_while_suspended_it_ends,
    a_child_gets_the_terminal_and_gives_it_back,
    redirected_it_explains_itself,
    a_second_guard_is_refused,
    every_frame_is_one_synchronized_update,
    the_clipboard_and_the_bell_are_reached,
    it_follows_the_window_down_to_one_cell,
}

const SIZE: (u16, u16) = (24, 80);

fn myself() -> String {
    let path = std::env::current_exe().expect("this test's own path");
    path.to_str().expect("a path in UTF-8").to_owned()
}

fn started(extra: &[&str]) -> Panel {
    let args: Vec<_> = ["--play"].iter().chain(extra).copied().collect();
    let mut panel = Panel::start_program(myself(), &args, SIZE, &[]);
    panel.wait_for("guard: ready");
    panel
}

/// The little panel as a job of a shell with job control.
fn under_a_shell() -> Panel {
    let args = ["--norc", "--noprofile", "--noediting", "-i"];
    let mut panel = Panel::start_program("bash", &args, SIZE, &[("PS1", "prompt> ")]);
    panel.wait_for("prompt>");
    panel.press(&format!("clear; '{}' --play --mouse\n", myself()));
    panel.wait_for("guard: ready");
    panel
}

/// Waits for the shell to say something, then checks that the terminal is the shell's again.
#[track_caller]
fn assert_the_shells(panel: &mut Panel, says: &str) {
    panel.wait_for(says);
    panel.assert_as_found();
}

#[track_caller]
fn quit(panel: &mut Panel) {
    panel.press("q");
    assert_eq!(panel.exit_code(), 0);
    assert!(panel.screen().contains("left with 0"));
    panel.assert_as_found();
}

fn quitting_leaves_the_terminal_as_it_was() {
    for extra in [&[][..], &["--mouse"]] {
        quit(&mut started(extra));
    }
}

fn entering_switches_on_what_was_asked_for_and_nothing_else() {
    let mut panel = started(&[]);
    let modes = panel.modes();
    assert_eq!(Vec::from_iter(modes.left_on), [1049, 2004]);
    assert_eq!(Vec::from_iter(modes.left_off), [25]);
    assert_ne!(panel.termios(), *panel.termios_before());
    quit(&mut panel);
}

fn ctrl_j_is_not_enter() {
    let mut panel = started(&[]);
    panel.press_key(Key::Ctrl('j'));
    panel.wait_for("guard: ctrl-j");
    quit(&mut panel);
}

fn a_paste_arrives_whole() {
    let mut panel = started(&[]);
    panel.paste("q\nyes\n");
    panel.wait_for("guard: pasted \"q\\nyes\\n\"");
    quit(&mut panel);
}

fn the_mouse_reports_only_if_wanted() {
    let mut panel = started(&["--mouse"]);
    assert!(panel.modes().mouse());
    panel.press("\x1b[<64;3;4M");
    panel.wait_for("guard: mouse ScrollUp");
    quit(&mut panel);
    assert!(!started(&[]).modes().mouse());
}

/// A panic by `key`: the message is on the ordinary screen and the exit code tells.
#[track_caller]
fn assert_panic(key: &str, message: &str) {
    let mut panel = started(&["--mouse"]);
    panel.press(key);
    assert_eq!(panel.exit_code(), 101, "{}", panel.screen());
    let screen = panel.screen().replace('\n', "");
    assert!(screen.contains(message), "{screen}");
    assert!(screen.contains("Your terminal is as it was"), "{screen}");
    panel.assert_as_found();
}

fn a_panic_in_main_gives_the_terminal_back_and_says_so() {
    assert_panic("p", "struck in main \\u{1b}[31m");
}

fn a_panic_in_a_task_ends_the_program() {
    assert_panic("t", "struck in a task");
}

fn a_panic_in_a_thread_ends_the_program() {
    assert_panic("h", "struck in a thread");
}

fn a_panic_while_drawing_leaves_no_half_frame() {
    assert_panic("d", "struck while drawing");
}

fn signals_end_it_cleanly_with_their_code() {
    for (signal, code) in [
        (Signal::TERM, 143),
        (Signal::HUP, 129),
        (Signal::INT, 130),
        (Signal::QUIT, 131),
    ] {
        let mut panel = started(&["--mouse"]);
        panel.signal(signal);
        assert_eq!(panel.exit_code(), code, "{signal:?}");
        panel.assert_as_found();
    }
}

fn a_closed_window_ends_it() {
    let mut panel = started(&[]);
    // Sizes make it draw, so that the harness's reader wakes and lets go of the terminal.
    panel.resize((10, 30));
    panel.hang_up();
    panel.wait_end();
}

fn a_session_leader_says_why_it_cannot_suspend() {
    let mut panel = started(&[]);
    panel.press_key(Key::Ctrl('z'));
    panel.wait_for("guard: cannot suspend: certdeck was started without a shell");
    quit(&mut panel);
}

/// In a container, groups and sessions from outside of it have the number 0.
fn first_in_a_container_it_says_why_it_cannot_suspend() {
    let contained = ["--user", "--map-root-user", "--pid", "--fork"];
    let allowed = std::process::Command::new("unshare")
        .args(contained)
        .arg("true")
        .output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        println!("   (this system allows no container of one's own: not tried)");
        return;
    }
    let myself = myself();
    let args: Vec<_> = contained.into_iter().chain([&*myself, "--play"]).collect();
    let mut panel = Panel::start_program("unshare", &args, SIZE, &[]);
    panel.wait_for("guard: ready");
    panel.press_key(Key::Ctrl('z'));
    panel.wait_for("guard: cannot suspend");
    quit(&mut panel);
}

/// Brings the job back to the front, sees it draw and take keys, and quits it and the shell.
#[track_caller]
fn bring_back_and_quit(panel: &mut Panel, expect: &str) {
    panel.press("fg\n");
    panel.wait_for(expect);
    assert!(panel.modes().alternate_screen() && panel.modes().mouse());
    panel.press("j");
    panel.wait_for("guard: key j");
    panel.press("q");
    assert_the_shells(panel, "left with 0");
    panel.press("exit 5\n");
    assert_eq!(panel.exit_code(), 5);
}

fn suspended_by_key_and_brought_back() {
    let mut panel = under_a_shell();
    panel.press_key(Key::Ctrl('z'));
    assert_the_shells(&mut panel, "Stopped");
    bring_back_and_quit(&mut panel, "guard: back again");
}

fn suspended_by_a_signal_and_brought_back() {
    let mut panel = under_a_shell();
    panel.signal_foreground(Signal::TSTP);
    assert_the_shells(&mut panel, "Stopped");
    bring_back_and_quit(&mut panel, "guard: back again");
}

fn stopped_by_force_it_claims_the_screen_again() {
    let mut panel = under_a_shell();
    panel.signal_foreground(Signal::STOP);
    panel.wait_for("Stopped");
    // What a person's shell may do meanwhile.
    panel.press("printf '\\033[?1049l\\033[?1000l\\033[?25h'; clear; echo shell was here\n");
    panel.wait_for("shell was here\nprompt>");
    bring_back_and_quit(&mut panel, "guard: ready");
}

fn sent_to_the_background_it_stays_stopped_until_in_front() {
    let mut panel = under_a_shell();
    panel.press_key(Key::Ctrl('z'));
    assert_the_shells(&mut panel, "Stopped");
    panel.press(
        "clear; bg; while [ -n \"$(jobs -r)\" ]; do :; done; echo state $(jobs -s | wc -l)\n",
    );
    assert_the_shells(&mut panel, "state 1");
    bring_back_and_quit(&mut panel, "guard: back again");
}

fn killed_while_suspended_it_ends() {
    let mut panel = under_a_shell();
    panel.press_key(Key::Ctrl('z'));
    assert_the_shells(&mut panel, "Stopped");
    let until_reaped = "while kill -0 $p 2> /dev/null; do :; done; wait $p; echo code $?";
    panel.press(&format!("clear; p=$(jobs -p); kill %1; {until_reaped}\n"));
    assert_the_shells(&mut panel, "code 143\nprompt>");
    panel.press("exit 0\n");
    assert_eq!(panel.exit_code(), 0);
}

fn a_child_gets_the_terminal_and_gives_it_back() {
    let mut panel = under_a_shell();
    panel.press("e");
    panel.wait_for("child in cooked mode");
    assert!(!panel.modes().alternate_screen() && !panel.modes().mouse());
    panel.press_key(Key::Ctrl('c'));
    panel.wait_for("interrupted");
    panel.press("a line\n");
    panel.wait_for("guard: child ended, fine: true");
    // Ctrl-C was the child's; the panel lives, in raw mode.
    panel.press("j");
    panel.wait_for("guard: key j");
    panel.press("q");
    assert_the_shells(&mut panel, "left with 0");
}

fn redirected_it_explains_itself() {
    for (redirection, stream) in [("< /dev/null", "input"), ("| cat", "output")] {
        let script = format!("'{}' --play {redirection}", myself());
        let mut panel = Panel::start_program("sh", &["-c", &script], SIZE, &[]);
        panel.exit_code();
        let screen = panel.screen().replace('\n', "");
        assert!(
            screen.contains(&format!("standard {stream} is not a terminal")),
            "{screen}"
        );
        panel.assert_as_found();
    }
}

fn a_second_guard_is_refused() {
    let mut panel = started(&[]);
    panel.press("2");
    panel.wait_for("already holds this terminal");
    quit(&mut panel);
}

fn every_frame_is_one_synchronized_update() {
    let mut panel = started(&[]);
    for key in ["j", "k", "l"] {
        panel.press(key);
        panel.wait_for(&format!("guard: key {key}"));
    }
    quit(&mut panel);
    let bytes = String::from_utf8_lossy(panel.bytes()).into_owned();
    let frames = bytes.matches("\x1b[?2026h").count();
    assert!(frames >= 4, "{frames} frames");
    for frame in bytes.split("\x1b[?2026h").skip(1) {
        assert!(frame.contains("\x1b[?2026l"), "{frame:?}");
    }
}

fn the_clipboard_and_the_bell_are_reached() {
    let mut panel = started(&[]);
    panel.press("cb");
    panel.wait_until("the bell rings", |panel| panel.bells() > 0);
    quit(&mut panel);
    // "copied text" in base64.
    let bytes = String::from_utf8_lossy(panel.bytes()).into_owned();
    assert!(bytes.contains("\x1b]52;c;Y29waWVkIHRleHQ="), "{bytes:?}");
}

fn it_follows_the_window_down_to_one_cell() {
    let mut panel = started(&[]);
    panel.resize((10, 40));
    panel.wait_for("guard: 40 by 10");
    panel.resize((1, 1));
    panel.wait_gone("guard");
    panel.resize((24, 80));
    panel.wait_for("guard: 80 by 24");
    quit(&mut panel);
}
