//! stdout for the answer, stderr for talk.

use std::io::{self, IsTerminal, Write};

use super::failure::Failure;

/// Writes the answer, with a line break at its end.
pub(super) fn answer(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let text = text.as_ref();
    let mut stdout = io::stdout().lock();
    let end: &[u8] = if text.ends_with(b"\n") { b"" } else { b"\n" };
    stdout
        .write_all(text)
        .and_then(|()| stdout.write_all(end))
        .and_then(|()| stdout.flush())
        .map_err(Failure::Output)
}

/// Says something to whoever watches. Where nobody can, nothing is lost.
pub(super) fn talk(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _unwatched = writeln!(stderr, "{}", text.trim_end());
}

/// Says something that is answered on the same line.
pub(super) fn prompt(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _unwatched = write!(stderr, "{text}").and_then(|()| stderr.flush());
}

/// Tells why a verb could not do its work.
pub(super) fn complain(failure: &Failure) {
    const RED: &str = "\u{1b}[1;31m";
    const CYAN: &str = "\u{1b}[1;36m";
    const PLAIN: &str = "\u{1b}[0m";
    talk(&format!("{RED}error{PLAIN}: {failure}"));
    if let Some(help) = failure.help() {
        talk(&format!("{CYAN}help{PLAIN}: {help}"));
    }
}

/// Whether a person reads stdout.
pub(super) fn is_stdout_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether a person watches stderr.
pub(super) fn is_stderr_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Writes a JSON document: as it is to a program, with line breaks to a person.
pub(super) fn json(document: &[u8]) -> Result<(), Failure> {
    let readable = || {
        let value: serde_json::Value = serde_json::from_slice(document).ok()?;
        serde_json::to_string_pretty(&value).ok()
    };
    match is_stdout_terminal().then(readable).flatten() {
        Some(readable) => answer(readable),
        None => answer(document),
    }
}

/// Whether stdout takes colours.
pub(super) fn is_stdout_styled() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}
