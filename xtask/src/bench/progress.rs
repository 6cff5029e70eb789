//! What is being measured right now: one line that is written over and over on a terminal, plain lines elsewhere.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::time::Instant;

/// Says on stderr what is being measured.
pub struct Progress {
    begin: Instant,
    rewrites: bool,
    /// What was said last.
    said: RefCell<String>,
}

impl Progress {
    /// Begins now.
    pub fn new() -> Self {
        let rewrites = std::io::stderr().is_terminal();
        Self { begin: Instant::now(), rewrites, said: RefCell::default() }
    }

    /// This is measured now: `who` of `what`. Without a terminal it is only told when `what` is something new.
    pub fn tell(&self, what: &str, who: &str) {
        let seconds = self.begin.elapsed().as_secs();
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let mut stderr = std::io::stderr().lock();
        // Whether anybody reads it is no matter of the measurement.
        if self.rewrites {
            write!(stderr, "\r\x1b[2K{minutes}:{seconds:02}  {what}: {who}").ok();
            stderr.flush().ok();
        } else if self.said.replace(what.to_owned()) != what {
            writeln!(stderr, "{minutes}:{seconds:02}  {what}").ok();
        }
    }

    /// Makes room for what is printed next.
    pub fn clear(&self) {
        if self.rewrites {
            eprint!("\r\x1b[2K");
        }
    }
}
