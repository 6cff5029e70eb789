//! Who did what, and what came of it: a line of JSON for each call. No argument, no answer and no secret is in it.
//!
//! A line is appended to a bounded buffer that a thread of its own writes (`writer`), so no call waits for a disk. What
//! did not fit is counted, and said in a line of its own. The file is opened for each batch: it can be moved away
//! at any time, and the next batch begins a new one.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;
use tracing_subscriber::fmt::format;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

use super::writer::{Guard, Writer};
use crate::clock;

/// Where lines are written. Clones write to the same place.
#[derive(Clone)]
pub struct Audit(Writer);

/// What somebody does.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// The id of who does it.
    pub principal: &'a str,
    /// What his program calls itself.
    pub client: Option<&'a str>,
    /// The gateway that it is done with; `None` when it is done with none.
    pub gateway: Option<&'a str>,
    /// `tool`, `resource`, `prompt` or `completion`.
    pub kind: &'static str,
    /// The name of that.
    pub name: &'a str,
    /// The id of the request, as raw JSON.
    pub request_id: &'a str,
}

/// A deed that is being done. It is written down when this is dropped: as cancelled, unless it has ended.
pub struct Entry {
    audit: Audit,
    deed: String,
    started: Instant,
    outcome: &'static str,
    status: Option<u16>,
}

impl Audit {
    /// Lines go to the standard error stream, until the guard is dropped.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn to_stderr() -> io::Result<(Self, Guard)> {
        Self::to(io::stderr())
    }

    /// Lines are appended to a file, until the guard is dropped.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn to_file(path: PathBuf) -> io::Result<(Self, Guard)> {
        let file = Appended { path };
        file.open()?;
        Self::to(file)
    }

    fn to(sink: impl Write + Send + 'static) -> io::Result<(Self, Guard)> {
        let (writer, guard) = Writer::start(sink, "audit")?;
        Ok((Self(writer), guard))
    }

    /// Something begins.
    #[must_use]
    pub fn begin(&self, deed: Deed<'_>) -> Entry {
        Entry {
            audit: self.clone(),
            deed: described(deed),
            started: clock::now(),
            outcome: "cancelled",
            status: None,
        }
    }
}

impl Entry {
    /// It is over: `outcome` is `ok` or the code of an error, `status` what the API answered last.
    pub fn end(mut self, outcome: &'static str, status: Option<u16>) {
        self.outcome = outcome;
        self.status = status;
    }

    fn line(&self) -> String {
        let mut line = String::from("{\"timestamp\":\"");
        // Writing to a text cannot fail.
        let _ok = SystemTime.format_time(&mut format::Writer::new(&mut line));
        let milliseconds = (clock::now() - self.started).as_secs_f64() * 1e3;
        let (deed, outcome) = (&self.deed, self.outcome);
        let _ok = write!(line, "\",\"target\":\"toolgate::audit\",{deed},\"outcome\":\"{outcome}\"");
        if let Some(status) = self.status {
            let _ok = write!(line, ",\"status\":{status}");
        }
        let _ok = writeln!(line, ",\"duration_ms\":{milliseconds:.3}}}");
        line
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let line = self.line();
        // Never fails: what has no room is counted.
        let _ok = (&mut &self.audit.0).write_all(line.as_bytes());
    }
}

/// The members that are known when it begins.
fn described(deed: Deed<'_>) -> String {
    /// A program may call itself anything, at any length.
    const LONGEST: usize = 80;
    let text = |text: &str| Value::from(text.chars().take(LONGEST).collect::<String>());
    let mut members = format!("\"principal\":{}", Value::from(deed.principal));
    if let Some(client) = deed.client {
        let _ok = write!(members, ",\"client\":{}", text(client));
    }
    if let Some(gateway) = deed.gateway {
        let _ok = write!(members, ",\"gateway\":{}", Value::from(gateway));
    }
    let _ok = write!(members, ",\"{}\":{}", deed.kind, text(deed.name));
    if deed.request_id.len() <= LONGEST {
        let _ok = write!(members, ",\"request_id\":{}", deed.request_id);
    }
    members
}

/// A file that each batch is appended to.
struct Appended {
    path: PathBuf,
}

impl Appended {
    fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }
}

impl Write for Appended {
    fn write(&mut self, batch: &[u8]) -> io::Result<usize> {
        let written = self.open().and_then(|mut file| file.write_all(batch));
        if let Err(error) = written {
            let lines = batch.iter().filter(|byte| **byte == b'\n').count();
            let path = self.path.display();
            tracing::error!(target: "toolgate::audit", %path, lines, %error, "audit lines could not be written");
        }
        Ok(batch.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Audit")
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Entry").field(&self.deed).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deed(client: &str) -> Deed<'_> {
        Deed {
            principal: "key:ci",
            client: Some(client),
            gateway: Some("shop"),
            kind: "tool",
            name: "list",
            request_id: "7",
        }
    }

    fn lines(path: &std::path::Path) -> Vec<Value> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn each_deed_is_one_line_whatever_a_client_calls_itself() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (audit, guard) = Audit::to_file(path.clone()).unwrap();
        audit.begin(deed("x\n{\"principal\":\"key:boss\"}\u{1b}")).end("ok", Some(200));
        audit
            .begin(Deed { request_id: &format!("\"{}\"", "x".repeat(500)), ..deed(&"y".repeat(500)) })
            .end("http_error", None);
        drop(audit.begin(deed("z")));
        drop(guard);
        let [first, second, third] = &*lines(&path) else { panic!() };
        assert_eq!(
            (&first["principal"], &first["outcome"], &first["status"]),
            (&"key:ci".into(), &"ok".into(), &200.into())
        );
        assert_eq!(
            (&first["tool"], &first["gateway"], &first["request_id"]),
            (&"list".into(), &"shop".into(), &7.into())
        );
        assert!(first["timestamp"].as_str().unwrap().ends_with('Z') && first["duration_ms"].is_number());
        assert_eq!((second["client"].as_str().unwrap().len(), second.get("request_id")), (80, None));
        assert_eq!(third["outcome"], "cancelled");
    }

    #[test]
    fn a_file_that_is_moved_away_is_begun_anew_and_one_that_cannot_be_written_is_said() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, moved) = (folder.path().join("audit.jsonl"), folder.path().join("audit.1"));
        let mut file = Appended { path: path.clone() };
        file.write_all(b"{\"n\":1}\n").unwrap();
        std::fs::rename(&path, &moved).unwrap();
        file.write_all(b"{\"n\":2}\n").unwrap();
        assert_eq!((lines(&moved).len(), lines(&path).len()), (1, 1));
        assert!(Audit::to_file(folder.path().to_owned()).is_err());
    }
}
