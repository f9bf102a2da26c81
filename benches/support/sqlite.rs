//! The sqlite3 shell as a process that is told statements and says when it is done with them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// What a statement is followed by.
const MARK: &str = "it-is-done";

pub(crate) struct Sqlite {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Sqlite {
    pub(crate) fn open(database: &Path) -> Self {
        // Into a pipe it would say what it has to say at its end only.
        let mut command = Command::new("stdbuf");
        command.args(["-oL", "sqlite3", "-batch"]).arg(database);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("sqlite3 starts");
        Self {
            input: child.stdin.take().expect("its input"),
            output: BufReader::new(child.stdout.take().expect("its output")),
            child,
        }
    }

    /// How long until it was done with the statements.
    pub(crate) fn run(&mut self, statements: &str) -> Duration {
        let began = Instant::now();
        writeln!(self.input, "{statements}\n.print {MARK}").expect("it listens");
        self.input.flush().expect("it listens");
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.output.read_line(&mut line).expect("it answers");
            assert!(read > 0, "sqlite3 ended at {statements}");
            if line.trim_end() == MARK {
                return began.elapsed();
            }
        }
    }

    pub(crate) fn close(mut self) {
        drop(self.input);
        let ended = self.child.wait().expect("it ends");
        assert!(ended.success(), "sqlite3 was not well");
    }
}
